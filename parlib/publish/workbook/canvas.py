"""Where a native chart is drawn: a figure's sheet, its cells by key, and helper cells to the right of the chart."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parlib import data_tables
from parlib.publish.cells import Value
from parlib.publish.document import Item
from parlib.publish.workbook.book import FONT_OF_CHARTS, SMALL, Book
from parlib.report.blocks import Figure, Table
from parlib.report.columns import words_of_columns
from parlib.report.palette import INK, MUTED, PALE
from parlib.scoring import units
from parlib.words import FIRST

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

Cells = list[str | int]  # a range as series take it: sheet, first row, column, last row, column
_CELL = 64  # px: a column that nobody set
#: Columns that say what a row is, or go with another column: no bars are drawn of them.
_BESIDE = frozenset(
    (
        *("rank", "name", "unit", "node", "code", "year", "region", "band", "previous_rank", "previous", "item"),
        *("group", "remark", "n", "factor", "way", "class", "label", "index", "cumulative", "share_at_rank", "over"),
        "places",
    )
)


def numbers(values: Iterable[Value]) -> list[float | None]:
    """Values as a chart takes them: ``None`` where one is no number."""
    return [value if isinstance(value, int | float) and not isinstance(value, bool) else None for value in values]


def drawable(columns: Mapping[str, Sequence[Value]]) -> list[str]:
    """The columns of numbers that a chart may show: those of which any value is known, in order."""
    return [
        key
        for key, values in columns.items()
        if key not in _BESIDE and any(value is not None and value == value for value in numbers(values))
    ]


def region_name(slug: str, language: str) -> str:
    """The name of a region of the provinces, before or since the mergers."""
    for system in data_tables.systems():
        for region in units.regions(system):
            if region.slug == slug:
                return region.name_vi if language == FIRST else region.name_en
    return slug


@dataclass
class Canvas:
    """Where a chart is drawn: the figure's sheet, its cells by key, and helper cells to the right of the chart."""

    book: Book
    sheet: Worksheet
    item: Item
    columns: Mapping[str, Sequence[Value]]
    titles: Mapping[str, str]
    first: int
    at: int  # the column that the chart begins in
    chart: Chart | None = None
    width: int = 640
    height: int = 420
    bottom: int = 0
    helpers: list[tuple[str, Sequence[Value]]] = field(default_factory=list)

    @property
    def figure(self) -> Figure:
        """The figure that is drawn."""
        assert isinstance(self.item.block, Figure)
        return self.item.block

    @property
    def n(self) -> int:
        """How many rows of data there are."""
        return max(len(values) for values in self.columns.values())

    def size(self, width: int, height: int) -> None:
        """Set the size of the chart in px, before any helper cells are asked for."""
        self.width, self.height = width, height

    def cells(self, key: str, start: int = 0, stop: int | None = None) -> Cells:
        """The cells of a column of data, as series take them."""
        return self._range(list(self.columns).index(key), start, self.n if stop is None else stop)

    def helper(self, title: str, values: Sequence[Value]) -> Cells:
        """Put ``values`` into helper cells, and give these."""
        self.helpers.append((title, values))
        return self._range(self._helpers_at + len(self.helpers) - 1, 0, len(values))

    def head_of(self, cells: Cells) -> Cells:
        """The head over a column of cells: the name of its series."""
        return [self.sheet.name, self.first - 1, cells[2]]

    def _range(self, column: int, start: int, stop: int) -> Cells:
        return [self.sheet.name, self.first + start, column, self.first + max(stop, start + 1) - 1, column]

    @property
    def _helpers_at(self) -> int:
        return self.at + math.ceil(self.width / _CELL) + 2

    def known(self, key: str) -> list[float | None]:
        """The numbers of a column."""
        return numbers(self.columns[key])

    def numeric(self) -> list[str]:
        """The columns of numbers that a chart may show, in order."""
        return drawable(self.columns)

    def category(self, *wanted: str) -> str:
        """The column that names the rows."""
        return next((key for key in (*wanted, "name", "unit", "node", "year") if key in self.columns), "")

    def word(self, key: str) -> str:
        """What a column of this key is called."""
        return words_of_columns(self.book.document.language).get(key, key)

    @property
    def unit(self) -> str:
        """What the values are counted in: as the caption ends, or as the table of the same name has it."""
        found = re.search(r"\(([^()]*)\)$", self.figure.caption)
        if found:
            return found[1]
        name = self.figure.name
        tables = [item.block for item in self.book.document.items if isinstance(item.block, Table)]
        for table in tables:
            if table.name == name:
                return next((column.unit for column in table.columns if column.key in ("index", "value")), "")
        return ""

    def axis(self, title: str, grid: bool = False, **more: object) -> dict[str, object]:
        """The settings of an axis with a title; ``grid``: with lines across the chart."""
        lines = {"major_gridlines": {"visible": True, "line": {"color": PALE}}} if grid else {}
        return {
            **lines,
            "name": title,
            "name_font": {"name": FONT_OF_CHARTS, "size": 9, "bold": False, "color": INK},
            "num_font": {"name": FONT_OF_CHARTS, "size": 8, "color": INK},
            "line": {"color": MUTED, "width": 0.5},
            **more,
        }

    def with_unit(self, title: str) -> str:
        """A title with the unit of the values."""
        return f"{title} ({self.unit})" if self.unit else title

    def new(self, kind: str, subtype: str = "") -> Chart:
        """A blank chart with its title; what is simulated or illustrative says so in it."""
        options = {"type": kind, "subtype": subtype} if subtype else {"type": kind}
        self.chart = self.book.book.add_chart(options)
        title = "\n".join((self.book.document.caption(self.item), *self.book.marks))
        font = {"name": FONT_OF_CHARTS, "size": 11, "bold": True, "color": "#1F3A5F"}
        self.chart.set_title({"name": title, "name_font": font, "overlay": False})
        self.chart.set_legend({"position": "bottom", "font": {"name": FONT_OF_CHARTS, "size": 9}})
        self.chart.show_blanks_as("gap")
        return self.chart

    def finish(self, row: int) -> int:
        """Put chart and helper cells on the sheet. Returns the last column that the chart covers."""
        if self.chart is None:
            return self.at
        self.chart.set_size({"width": self.width, "height": self.height})
        described = {"description": self.figure.alternative, "object_position": 3}
        self.sheet.insert_chart(row, self.at, self.chart, described)
        if self.helpers:
            self.book.put(
                self.sheet, row - 1, self._helpers_at, self.book.words["helper"], SMALL, italic=True, text_wrap=False
            )
        for place, (title, values) in enumerate(self.helpers, self._helpers_at):
            self.book.put(self.sheet, row, place, title, SMALL)
            for at, value in enumerate(values, self.first):
                if isinstance(value, str):
                    self.book.put(self.sheet, at, place, value, SMALL, text_wrap=False)
                elif value is not None:
                    self.sheet.write_number(at, place, value, self.book.look(SMALL, num_format="#,##0.00"))
        self.bottom = row + math.ceil(self.height / 20) + 1
        return self.at + math.ceil(self.width / _CELL)
