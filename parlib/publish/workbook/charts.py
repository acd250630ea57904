"""Native charts of Excel for the kinds of figures, drawn from cells.

Every chart reads the cells of the figure's sheet; what a chart needs in another form (bars that float, one column a
region) stands in helper cells to its right. Charts use only what Excel, LibreOffice and others all draw: bars, columns,
lines, dots, error bars.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from PIL import Image

from parlib import data_tables
from parlib.errors import ParlibError
from parlib.publish.document import Document, Item, Value, column_titles, figure_columns
from parlib.publish.workbook.book import (
    CAPTION,
    CELL,
    FONT_OF_CHARTS,
    HEAD,
    SMALL,
    TEXT,
    UNKNOWN,
    Book,
    Written,
    line_height,
    text_lines,
    unique,
)
from parlib.report.blocks import Figure, Table
from parlib.report.columns import words_of_columns
from parlib.report.palette import ACCENT, DOWN, INK, MUTED, ORDERED, PALE, PARTS, SCALE, UP
from parlib.scoring import units
from parlib.words import FIRST, Name

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet


# --- canvas ---------------------------------------------------------------------------------------
# Where a native chart is drawn: a figure's sheet, its cells by key, and helper cells to the right of the chart.

Options = dict[str, object]  # of a series, an axis or a legend, as xlsxwriter takes them
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


def group_name(slug: str, language: str) -> str:
    """The name of a region of the provinces, before or since the mergers, or of a level of units."""
    if slug in data_tables.levels():
        level = data_tables.levels()[slug]
        return Name(level["name_vi"], level["name_en"]).text(language)
    for system in data_tables.systems():
        for region in units.regions(system):
            if region.slug == slug:
                return region.name_vi if language == FIRST else region.name_en
    return slug


def told_columns(document: Document, data: Mapping[str, Sequence[object]]) -> dict[str, list[Value]]:
    """The data of a figure as people read them: rows that have names without their keys, regions and levels by name."""
    columns = figure_columns(document, data)
    keys = [key for key in (("unit", "factor", "group") if "item" in data else ("unit", "factor")) if "name" in data]
    told = {key: values for key, values in columns.items() if key not in keys}
    for key in ("region", "level"):
        if key in told:
            told[key] = [
                group_name(value, document.language) if isinstance(value, str) else value for value in told[key]
            ]
    return told


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
    left: int = 0  # the first column of the data: left of the chart, or far to the right of it
    room: int = 0  # the columns of the sheet that charts may begin in
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
        return self._range(self.left + list(self.columns).index(key), start, self.n if stop is None else stop)

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
        return max(self.room, self.at, self.left + len(self.columns)) + _CHART_COLUMNS + 1

    def known(self, key: str) -> list[float | None]:
        """The numbers of a column; none of one that is not there."""
        return numbers(self.columns.get(key, ()))

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
        result = re.search(r"\(([^()]*)\)$", self.figure.caption)
        if result:
            return result[1]
        name = self.figure.name
        tables = [item.block for item in self.book.document.items if isinstance(item.block, Table)]
        for table in tables:
            if table.name == name:
                return next((column.unit for column in table.columns if column.key in ("index", "value")), "")
        return ""

    def axis(self, title: str, grid: bool = False, **more: object) -> dict[str, object]:
        """The settings of an axis with a title; ``grid``: with lines across the chart."""
        lines: Options = {"major_gridlines": {"visible": True, "line": {"color": PALE}}} if grid else {}
        step = more.get("major_unit")
        if step and "num_format" not in more:  # LibreOffice adds steps up to 1.1E-16 for zero
            lines["num_format"] = f"#,##0.{'0' * max(0, -math.floor(math.log10(float(str(step)))))}".rstrip(".")
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
        self.chart.set_legend(_LEGEND)
        self.chart.show_blanks_as("gap")
        return self.chart

    def finish(self, row: int) -> int:
        """Put chart and helper cells on the sheet. Returns the last column that the chart covers."""
        if self.chart is None:
            return self.at
        self.chart.set_size({"width": self.width, "height": self.height})
        described = {"description": self.figure.alternative, "object_position": 3}
        top = row if self.left else self.first  # not over heads that every page repeats
        self.sheet.insert_chart(top, self.at, self.chart, described)
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
        self.bottom = top + math.ceil(self.height / 20) + 1
        return self.at + math.ceil(self.width / _CELL)


Ends = dict[str, float]  # of an axis: min, max, major_unit
Numbers = Sequence[float | None]

_LEGEND: Options = {"position": "bottom", "font": {"name": FONT_OF_CHARTS, "size": 9}}
_LETTERS = {"name": FONT_OF_CHARTS, "size": 8}
_VALUES = {"value": True, "num_format": "#,##0.00", "font": _LETTERS}  # the number at the end of a bar
_SIGNED = {**_VALUES, "num_format": "+0.00;-0.00;0.00"}
_HIDDEN = {"fill": {"none": True}, "border": {"none": True}}
_THIN = {"color": INK, "width": 0.5}
_RING = {"type": "circle", "size": 5, "fill": {"color": "#ffffff"}, "border": {"color": ACCENT}}
_SPANS = {"type": "custom", "end_style": 1, "line": {"color": MUTED, "width": 1.5}}
_OWN: Options = {
    "marker": {"type": "diamond", "size": 10, "border": {"color": INK}, "fill": {"color": ACCENT}},
    "line": {"none": True},
}
_END = {"type": "long_dash", "size": 9, "border": {"color": MUTED}, "fill": {"color": MUTED}}
_DASHES = ("solid", "dash", "round_dot", "long_dash", "dash_dot", "long_dash_dot")
_STROKES = (ORDERED[0], ACCENT, ORDERED[1], MUTED, DOWN, INK)  # of the lines over years

_PLAIN, _LONG_NAME = 17, 40  # px a bar; letters of a name that has one line
_TURNED = 8  # so many names side by side have no room to lie
_FLAT = 0  # degrees: lying, where LibreOffice would rather have names stand aslant
_HALF_A_DOT = 0.007  # of the axis
_PATTERNS = {"////": "wide_upward_diagonal", "....": "dotted_grid"}
_MARKERS = ("circle", "square", "triangle", "diamond", "x", "plus")
_SHADES = (ORDERED[0], DOWN, ORDERED[1], MUTED, ORDERED[2], ACCENT)  # LibreOffice draws no edges: none is white


@dataclass(frozen=True)
class Kind:
    """A kind of figure: the columns it ``needs`` (each of them, or one of several separated by |, or two joined by +),
    how it is drawn, and of how many columns any number must be known."""

    needs: tuple[str, ...]
    draw: Callable[[Canvas], None]
    numbers: int = 1

    def fits(self, data: Mapping[str, Sequence[Value]]) -> bool:
        """Whether these data can be drawn."""
        there = all(any(set(option.split("+")) <= data.keys() for option in need.split("|")) for need in self.needs)
        return there and len(drawable(data)) >= self.numbers


def _fill(colour: str, hatch: str = "") -> Options:
    if not hatch:
        return {"fill": {"color": colour}}
    pattern = _PATTERNS.get(hatch, "wide_upward_diagonal")
    return {"pattern": {"pattern": pattern, "fg_color": MUTED, "bg_color": colour}}


def _drawn(canvas: Canvas) -> Chart:
    assert canvas.chart is not None
    return canvas.chart


def _series(canvas: Canvas, values: Cells, names: Cells, **more: object) -> None:
    _drawn(canvas).add_series({"name": canvas.head_of(values), "categories": names, "values": values, **more})


def _across(canvas: Canvas, value_title: str, ends: Ends, *, key: bool = False) -> None:
    """Axes of horizontal bars between ``ends``, the first row on top and every name in sight; with a ``key`` or
    without."""
    chart = _drawn(canvas)
    chart.set_y_axis(canvas.axis("", reverse=True, interval_unit=1, crossing="max", label_position="low"))
    chart.set_x_axis(canvas.axis(value_title, grid=True, **ends))
    if not key:
        chart.set_legend({"none": True})


def _bars(canvas: Canvas) -> None:
    """Bars from zero, by sign or by group; a few kinds of bars have more to say."""
    if {"mean_lost", "cumulative"} <= set(canvas.columns):
        return _pareto(canvas)
    chosen = [key for key in ("total", "first_order") if key in canvas.columns]
    chosen = chosen or [key for key in ("value", "lost", *canvas.numeric()) if key in canvas.columns][:1]
    if chosen == ["value"] and _near(canvas.known("value")).get("min", 0) > 0:
        return _dotted(canvas, chosen[0])  # bars from zero would all look alike
    return _in_rows(canvas, chosen, [ORDERED[place * 2] for place in range(len(chosen))], _VALUES) if chosen else None


def _dotted(canvas: Canvas, key: str) -> None:
    """A dot a row, its number beside it. A dot is an error bar, short and thick, at the end of a bar that is not
    filled: no program has rows of dots with names at their side."""
    canvas.size(680, 150 + _PLAIN * canvas.n)
    canvas.new("bar")
    ends = _near(canvas.known(key))
    half = (ends["max"] - ends["min"]) * _HALF_A_DOT
    dot = {"type": "fixed", "value": half, "end_style": 0, "line": {"color": ACCENT, "width": 6}}
    labels = {**_VALUES, "position": "outside_end", "num_format": '"  "#,##0.00'}
    names = canvas.cells(canvas.category())
    _series(canvas, canvas.cells(key), names, gap=35, data_labels=labels, y_error_bars=dot, **_HIDDEN)
    _across(canvas, canvas.with_unit(canvas.titles[key]), ends)


def _change(canvas: Canvas) -> None:
    _in_rows(canvas, ["change"], [UP], _SIGNED)


def _in_rows(canvas: Canvas, keys: Sequence[str], colours: Sequence[str], labels: Options) -> None:
    """Bars of one column or several, the number at the end of each."""
    canvas.size(680, 150 + _PLAIN * _rows(canvas) * len(keys))
    canvas.new("bar")
    points = _points(canvas, keys[0]) if len(keys) == 1 else None
    for key, colour in zip(keys, colours, strict=True):
        more = {"points": points} if points else {}
        names = canvas.cells(canvas.category())
        _series(canvas, canvas.cells(key), names, gap=35, data_labels=labels, **_fill(colour), **more)
    ends = _near((value for key in keys for value in canvas.known(key)), zero=True)
    _across(canvas, canvas.with_unit(canvas.titles[keys[0]]), ends, key=len(keys) > 1)


def _rows(canvas: Canvas) -> int:
    """How many lines names beside bars need: where one has two, all get two, or programs leave every other name out."""
    longest = max(len(str(name)) for name in canvas.columns[canvas.category()])
    return canvas.n * (1 + (longest > _LONG_NAME))


def _points(canvas: Canvas, key: str) -> list[Options] | None:
    """A colour a bar: by group where there are groups, by sign where values fall on both sides of zero."""
    bands = [str(band or "") for band in canvas.columns.get("band", [])]
    names = sorted(set(bands) - {""})
    if names:
        return [_fill(ORDERED[_group(band, names)]) for band in bands]
    falls = [value is not None and value < 0 for value in canvas.known(key)]
    return [_fill(DOWN if falling else UP) for falling in falls] if any(falls) else None


def _group(band: str, names: Sequence[str]) -> int:
    """The place of a group among ``ORDERED``: by its letter, else by its place among the ``names`` there are."""
    if not band:
        return 1
    place = ord(band) - ord("A") if len(band) == 1 and "A" <= band <= "Z" else names.index(band)
    return min(place, 3)


def _pareto(canvas: Canvas) -> None:
    """Columns of points lost with the line of their cumulative share on a second axis; codes name the columns."""
    canvas.size(max(620, 200 + 30 * canvas.n), 430)
    chart, code = canvas.new("column"), canvas.category("node", "code")
    names, shares = canvas.cells(code), canvas.cells("cumulative")
    _series(canvas, canvas.cells("mean_lost"), names, gap=30, **_fill(ORDERED[1]))
    line = canvas.book.book.add_chart({"type": "line"})
    look = {"y2_axis": True, "line": {"color": ACCENT, "width": 1.75}, "marker": _RING}
    line.add_series({"name": canvas.head_of(shares), "categories": names, "values": shares, **look})
    chart.combine(line)
    chart.set_x_axis(canvas.axis(canvas.titles[code], num_format="@", text_axis=True))
    chart.set_y_axis(canvas.axis(canvas.with_unit(canvas.titles["mean_lost"]), grid=True))
    line.set_y2_axis(canvas.axis(canvas.titles["cumulative"], min=0, max=100))


def _stacked(canvas: Canvas) -> None:
    canvas.size(720, 170 + _PLAIN * _rows(canvas))
    canvas.new("bar", "stacked")
    parts = canvas.numeric()
    for place, key in enumerate(parts):
        look = {"border": {**_THIN, "color": MUTED}, **_fill(*PARTS[place % len(PARTS)])}
        _series(canvas, canvas.cells(key), canvas.cells(canvas.category()), gap=35, **look)
    wholes = [sum(value or 0.0 for value in row) for row in zip(*map(canvas.known, parts), strict=True)]
    _across(canvas, canvas.unit, _near(wholes, zero=True), key=True)


def _size_upright(canvas: Canvas) -> None:
    """As wide as its names, and higher where they stand upright below the dots."""
    letters = [len(str(name)) for name in canvas.columns[canvas.category()]]
    turned = len(letters) > _TURNED
    width = 150 + 17 * canvas.n if turned else _across_words(canvas)
    canvas.size(max(560, width), 460 + (5 * max(letters) if turned else 0))


def _across_words(canvas: Canvas) -> int:
    """So many px across that no word of a name below the chart is broken."""
    words = (word for name in canvas.columns[canvas.category()] for word in str(name).split())
    return 110 + canvas.n * (8 + 6 * max(map(len, words), default=0))


def _upright(
    canvas: Canvas, value_title: str, shown: Iterable[Value], names: int, *, several: bool = False, ranks: bool = False
) -> None:
    """Axes of dots over so many ``names``, for the values ``shown``; ranks have the first on top."""
    chart = _drawn(canvas)
    below = "high" if ranks else "low"  # with the first rank on top, the high end is below
    turned = {**_LETTERS, "rotation": -90 if names > _TURNED else _FLAT, "color": INK}
    chart.set_x_axis(canvas.axis("", num_font=turned, interval_unit=1, label_position=below, text_axis=True))
    more: Mapping[str, object] = _of_ranks(shown) if ranks else _near(shown)
    chart.set_y_axis(canvas.axis(value_title, grid=True, **more))
    if not several:
        chart.set_legend({"none": True})


def _near(values: Iterable[Value], *, zero: bool = False) -> Ends:
    """An axis from near the lowest value to near the highest, in round steps; from ``zero`` where bars need it. Both
    ends are said: programs differ in what they choose."""
    known = [value for value in numbers(values) if value is not None]
    if not known:
        return {}
    low, high = (min(*known, 0.0), max(*known, 0.0)) if zero else (min(known), max(known))
    spread = high - low or abs(high) / 10 or 1.0
    step = _step(spread / 7)
    first = low if (zero and low == 0) or 0 <= low < spread / 2 else low - spread / 20
    last = high if zero and high == 0 else high + spread / 20
    ends = max(math.floor(first / step), 0) if low >= 0 else math.floor(first / step), math.ceil(last / step)
    return {"min": round(ends[0] * step, 9), "max": round(ends[1] * step, 9), "major_unit": round(step, 9)}


def _step(wanted: float) -> float:
    """The round number next above ``wanted``: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(by * power for by in (1, 2, 5, 10) if by * power >= wanted * 0.999)


def _of_ranks(values: Iterable[Value]) -> Options:
    """An axis of ranks, the first on top."""
    last = max((value for value in numbers(values) if value is not None), default=1)
    step = max(_step(max(last, 1) / 6), 1)
    return {"reverse": True, "min": 1, "max": math.ceil(last) + 1, "major_unit": step, "num_format": "0"}


def _dot(place: int) -> Options:
    look = {"type": _MARKERS[place % len(_MARKERS)], "size": 6, "border": {"color": INK}}
    return {"marker": {**look, "fill": {"color": _SHADES[place % len(_SHADES)]}}, "line": {"none": True}}


def _spans(canvas: Canvas, values: Numbers, low: Numbers, high: Numbers) -> Options:
    """Error bars from ``low`` to ``high`` around ``values``, out of helper cells."""
    from xlsxwriter.utility import xl_range_formula

    ends = []
    for title, more, less in ((canvas.word("high"), high, values), (canvas.word("low"), values, low)):
        pairs = zip(more, less, strict=True)
        lengths = [None if a is None or b is None else max(float(a) - float(b), 0.0) for a, b in pairs]
        ends.append(str(xl_range_formula(*canvas.helper(title, lengths))))
    return {"y_error_bars": {**_SPANS, "plus_values": ends[0], "minus_values": ends[1]}}


#: The columns that hold the ends of intervals; of two intervals the wider.
_PAIRS = (("low", "high"), ("lowest", "highest"), ("worst", "best"), ("low_2", "high_2"), ("low_1", "high_1"))


def _intervals(canvas: Canvas) -> None:
    """A dot with its interval over every name; of two intervals the wider is drawn."""
    middle = next(key for key in ("value", "coefficient", "mean", "rank") if key in canvas.columns)
    low_key, high_key = next(pair for pair in _PAIRS if set(pair) <= canvas.columns.keys())
    low, high = canvas.known(low_key), canvas.known(high_key)
    _size_upright(canvas)
    canvas.new("line")
    values = canvas.known(middle)
    bars = _spans(canvas, values, *((high, low) if _crossed(low, high) else (low, high)))
    names = canvas.cells(canvas.category())
    _series(canvas, canvas.cells(middle), names, **_dot(0), **bars)
    for key, ends in ((low_key, low), (high_key, high)):  # of a row without a middle the ends are all there is
        alone = [end if value is None else None for end, value in zip(ends, values, strict=True)]
        if any(end is not None for end in alone):
            _series(canvas, canvas.helper(canvas.titles[key], alone), names, line={"none": True}, marker=_END)
    title = canvas.titles[middle] if middle == "rank" else canvas.with_unit(canvas.titles[middle])
    _upright(canvas, title, [*values, *low, *high], canvas.n, ranks=middle == "rank")


def _crossed(low: Numbers, high: Numbers) -> bool:
    pairs = [(a, b) for a, b in zip(low, high, strict=True) if a is not None and b is not None]
    return bool(pairs) and all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def _dots(canvas: Canvas) -> None:
    """Dots over names, one series a column; answers by item and group with their intervals."""
    if {"item", "share", "lower", "upper"} <= set(canvas.columns):
        return _survey(canvas)
    own = [key for key in ("index",) if any(value is not None for value in canvas.known(key))]
    keys = [*own, *canvas.numeric()][:4]
    _size_upright(canvas)
    canvas.new("line")
    for place, key in enumerate(keys):
        _series(canvas, canvas.cells(key), canvas.cells(canvas.category()), **_dot(place))
    title = canvas.with_unit(canvas.titles[keys[0]]) if len(keys) == 1 else canvas.unit
    shown = [value for key in keys for value in canvas.columns[key]]
    return _upright(canvas, title, shown, canvas.n, several=len(keys) > 1)


def _survey(canvas: Canvas) -> None:
    columns = canvas.columns
    items, groups = list(dict.fromkeys(columns["item"])), list(dict.fromkeys(columns["name"]))
    at = {(item, group): n for n, (item, group) in enumerate(zip(columns["item"], columns["name"], strict=True))}
    codes = [columns["code"][columns["item"].index(item)] for item in items] if "code" in columns else items
    canvas.size(max(620, 160 + 30 * len(items)), 460)
    canvas.new("line")
    names = canvas.helper(canvas.word("code"), [str(code) for code in codes])
    shown: list[float | None] = []
    for place, group in enumerate(groups):
        rows = [at.get((item, group)) for item in items]
        percent = {
            key: [None if v is None else 100 * v for v in canvas.known(key)] for key in ("share", "lower", "upper")
        }
        share, low, high = ([None if row is None else values[row] for row in rows] for values in percent.values())
        _series(canvas, canvas.helper(str(group), share), names, **_dot(place), **_spans(canvas, share, low, high))
        shown += [*share, *low, *high]
    _upright(canvas, f"{canvas.titles['share']} (%)", shown, len(items), several=True)


def _strips(canvas: Canvas) -> None:
    """The units of every region or level as dots over its name: a helper column for the first of each, the second, ...;
    where there are no regions a dot for every unit along one line."""
    by = next((key for key in ("region", "level") if any(canvas.columns.get(key, ()))), "")
    if not by:
        return _strip(canvas)
    values: dict[str, list[float | None]] = {}
    for name, value in zip(canvas.columns[by], canvas.known("value"), strict=True):
        values.setdefault(str(name), []).append(value)
    canvas.size(700, 440)
    canvas.new("line")
    names = canvas.helper(canvas.titles[by], list(values))
    for place in range(max(map(len, values.values()))):
        dots = [one[place] if place < len(one) else None for one in values.values()]
        _series(canvas, canvas.helper(str(place + 1), dots), names, **_dot(0))
    return _upright(canvas, canvas.with_unit(canvas.titles["value"]), canvas.columns["value"], len(values))


def _strip(canvas: Canvas) -> None:
    """Every unit as a dot along the values, those that would lie on one another one above another."""
    values = canvas.known("value")
    ends = _near(values)
    near, last = (ends["max"] - ends["min"]) / 60, dict[int, float]()
    order = sorted((value, n) for n, value in enumerate(values) if value is not None)
    at = dict[int, int]()
    for value, n in order:
        at[n] = next((place for place in range(len(last)) if value - last[place] > near), len(last))
        last[at[n]] = value
    heights: list[Value] = [float(at[n] + 1) if n in at else None for n in range(len(values))]
    canvas.size(680, 190 + 14 * len(last))
    chart, marked = canvas.new("scatter"), [bool(mark) for mark in canvas.columns.get("focus", [""] * canvas.n)]
    looks = (canvas.book.words["helper"], False, _dot(0)), (canvas.word("focus"), True, _OWN)
    for title, side, look in looks:
        dots = [height if mark == side else None for height, mark in zip(heights, marked, strict=True)]
        if any(dots):
            _series(canvas, canvas.helper(title, dots), canvas.cells("value"), **look)
    chart.set_x_axis(canvas.axis(canvas.with_unit(canvas.titles["value"]), grid=True, **ends))
    chart.set_y_axis({"min": 0, "max": len(last) + 1, "visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({**_LEGEND, "delete_series": [0]} if any(marked) else {"none": True})


def _lines(canvas: Canvas) -> None:
    """Lines over years, broken where the scale changed; ranks have the first on top."""
    keys = ["rank"] if "rank" in canvas.columns else canvas.numeric()[:6]
    ranks = keys == ["rank"] or "rank" in canvas.figure.name
    canvas.size(700, 420)
    chart, names = canvas.new("line"), canvas.cells("year")
    drawn = [_pieces(canvas, key) for key in keys]
    for pieces, colour, dashes, sign in zip(drawn, _STROKES, _DASHES, _MARKERS, strict=False):
        look = {"color": colour, "width": 1.75, "dash_type": dashes}
        marker = {"type": sign, "size": 5, "fill": {"color": colour}, "border": {"color": colour}}
        for piece in pieces:
            _series(canvas, piece, names, line=look, marker=marker)
    shown = [value for key in keys for value in canvas.columns[key]]
    title = canvas.word("rank") if ranks else canvas.unit
    _upright(canvas, title, shown, canvas.n, several=len(keys) > 1, ranks=ranks)
    chart.set_x_axis(canvas.axis(canvas.titles["year"], num_format="0", label_position="high" if ranks else "low"))
    again = [place for place in range(sum(map(len, drawn))) if place % 2] if len(drawn[0]) > 1 else []
    if again and len(keys) > 1:
        chart.set_legend({**_LEGEND, "delete_series": again})


def _pieces(canvas: Canvas, key: str) -> list[Cells]:
    """The cells of a line: of one with breaks, or years that are left out, every other piece in one column and those
    between in another, so that no program joins two of them."""
    years = canvas.known("year")
    gaps = [False, *(a is not None and b is not None and b - a > 1 for a, b in pairwise(years))]
    breaks = [bool(mark) or gap for mark, gap in zip(canvas.columns.get("break", gaps), gaps, strict=True)]
    if not any(breaks[1:]):
        return [canvas.cells(key)]
    sides = [n % 2 for n in accumulate(breaks)]
    values, title = canvas.columns[key], canvas.titles[key]
    return [
        canvas.helper(title, [value if side == own else None for value, own in zip(values, sides, strict=True)])
        for side in (0, 1)
    ]


def _scatter(canvas: Canvas) -> None:
    """Dots of two columns; one series for every remark, in the order of the rows."""
    x, y = canvas.numeric()[:2]
    canvas.size(720, 460)
    chart = canvas.new("scatter")
    remarks = canvas.columns.get("remark", [""] * canvas.n)
    groups = list(dict.fromkeys(remarks))
    for place, remark in enumerate(groups):
        chosen = [n for n in range(canvas.n) if remarks[n] == remark]
        title = canvas.word(str(remark) or "none")
        xs = canvas.helper(f"x: {title}", [canvas.columns[x][n] for n in chosen])
        _series(canvas, canvas.helper(title, [canvas.columns[y][n] for n in chosen]), xs, **_dot(place))
    chart.set_x_axis(canvas.axis(canvas.titles[x], grid=True, label_position="low", **_near(canvas.columns[x])))
    chart.set_y_axis(canvas.axis(canvas.titles[y], grid=True, label_position="low", **_near(canvas.columns[y])))
    if len(groups) == 1:
        chart.set_legend({"none": True})


def _bridge(canvas: Canvas) -> None:
    """Columns that float from where the last one ended to where they end; the last row is the whole from zero."""
    values = [value for value in canvas.known("contribution") if value is not None]
    if len(values) < canvas.n:
        return  # nothing floats on what is not known
    starts = [*list(accumulate(values[:-1], initial=0.0))[:-1], 0.0]
    canvas.size(max(560, _across_words(canvas)), 460)
    chart = canvas.new("column", "stacked")
    names = canvas.cells(canvas.category())
    # Above and below zero are stacked apart: each piece has a hidden part up to where it begins.
    for side in (1, -1):
        spans = [sorted((max(side * s, 0.0), max(side * (s + v), 0.0))) for s, v in zip(starts, values, strict=True)]
        hidden = canvas.helper(canvas.word("start"), [side * low for low, _ in spans])
        _series(canvas, hidden, names, gap=40, **_HIDDEN)
        for rose, key, colour, hatch in ((True, "rose", UP, ""), (False, "fell", DOWN, "////")):
            pairs = zip(spans, values, strict=True)
            part = [side * (high - low) if (v >= 0) == rose else 0.0 for (low, high), v in pairs]
            _series(canvas, canvas.helper(canvas.word(key), part), names, border=_THIN, **_fill(colour, hatch))
    flat = {**_LETTERS, "rotation": _FLAT, "color": INK}
    chart.set_x_axis(canvas.axis("", num_font=flat, label_position="low", interval_unit=1, text_axis=True))
    chart.set_y_axis(canvas.axis(canvas.with_unit(canvas.titles["contribution"]), grid=True))
    chart.set_legend({**_LEGEND, "delete_series": [0, 3, 4, 5]})


def shade(canvas: Canvas) -> None:
    """A heat map is its cells: their colours go from the lowest to the highest value, of each column by itself where
    these are different things; columns called by numbers are one."""
    keys = [key for key in canvas.numeric() if key != "share_at_rank"]
    places = [canvas.left + list(canvas.columns).index(key) for key in keys]
    spans = [(min(places), max(places))] if all(key.isdigit() for key in keys) and keys else [(at, at) for at in places]
    colours = {"min_color": SCALE[0], "mid_color": SCALE[1], "max_color": SCALE[2]}
    for first, last in spans:
        area = (canvas.first, first, canvas.first + canvas.n - 1, last)
        canvas.sheet.conditional_format(*area, {"type": "3_color_scale", **colours})


CHARTS: Mapping[str, Kind] = {
    "bars": Kind(("name|unit|node",), _bars),
    "change": Kind(("name|unit", "change"), _change),
    "stacked": Kind(("name|unit",), _stacked),
    "stacked_bars": Kind(("name|unit",), _stacked),
    "ranges": Kind(("name", "lowest", "mean", "highest"), _intervals),
    "intervals": Kind(("name", "value|coefficient|mean|rank", "|".join(map("+".join, _PAIRS))), _intervals),
    "dots": Kind(("name|unit",), _dots),
    "dumbbells": Kind(("name",), _dots),
    "strips": Kind(("name|unit", "value"), _strips),
    "strip": Kind(("name|unit", "value"), _strip),
    "lines": Kind(("year",), _lines),
    "scatter": Kind(("name|node",), _scatter, numbers=2),
    "bridge": Kind(("name", "contribution"), _bridge),
}


# --- figures --------------------------------------------------------------------------------------
# One sheet for the data of a figure, with the chart that Excel draws from these cells beside them.

_WIDEST, _NARROWEST, _OF_A_DIGIT = 46.0, 9.0, 6.5
_CHART_COLUMNS = 21  # that the widest chart covers


def has_chart(figure: Figure) -> bool:
    """Whether the workbook draws a chart of ``figure``: its kind is known and so is what that kind needs."""
    chart = CHARTS.get(figure.chart)
    return chart is not None and chart.fits(figure.data)


def figure_widths(book: Book, item: Item) -> list[float]:
    """How wide the columns of a figure's data want to be, in characters."""
    assert isinstance(item.block, Figure)
    columns = told_columns(book.document, item.block.data)
    if item.block.is_picture:
        return [_WIDEST]
    return [_width(title, columns[key]) for key, title in field_titles(book.document, columns).items()]


def write_figure(
    book: Book, sheet: Worksheet, top: int, item: Item, room: list[float], *, alone: bool, beside: int = 0
) -> Written:
    """Write the data of the figure of ``item`` from the row ``top`` of a sheet whose columns are as wide as ``room``
    says, and its chart where there is one of its kind. Where it stands ``alone`` on it, its heads stay in sight.
    ``beside``: on the first sheet, the column that the chart begins in; its data stand far to the right of it."""
    figure = item.block
    assert isinstance(figure, Figure)
    columns, caption = told_columns(book.document, figure.data), book.document.caption(item)
    titles, left = field_titles(book.document, columns), beside + _CHART_COLUMNS if beside else 0
    if beside:
        book.put(sheet, top, left, caption, CAPTION, text_wrap=False)
        for at, width in enumerate(figure_widths(book, item), left):
            sheet.set_column(at, at, width)
    row = top + 1 if beside else book.head(sheet, top, caption, room)
    if figure.is_picture:
        return _write_picture(book, sheet, row, figure, room)
    first, n = row + 1, max(len(values) for values in columns.values())
    area = (row, left, row + n, left + len(columns) - 1)
    book.as_table(sheet, area, book.table_name(Figure.kind, item.number), list(titles.values()))
    for at, title in enumerate(titles.values(), left):
        book.put(sheet, row, at, title, HEAD)
    for at, values in enumerate(columns.values(), left):
        _column(book, sheet, first, at, values)
    if not beside:
        sheet.set_row(row, 34)
        _heights(sheet, first, columns, room)
    if alone:
        sheet.freeze_panes(first, 0)
    canvas = Canvas(book, sheet, item, columns, titles, first, beside or len(columns) + 1, left, len(room))
    last_column = _draw(canvas, figure, row, len(columns))
    foot, across = max(0 if beside else first + n, canvas.bottom) + 1, len(room) - 1  # texts may run on under the chart
    for text in (*figure.notes, figure.source):
        if text:
            if beside:
                book.put(sheet, first + n, left, text, SMALL, text_wrap=False)
                n += 1
            else:
                foot = book.line(sheet, foot, across, text, SMALL, room)
    return Written(foot, max(last_column, across), (row, row))


def _write_picture(book: Book, sheet: Worksheet, row: int, figure: Figure, room: list[float]) -> Written:
    """The picture of a figure that has no data, as large as it is on paper, and its notes."""
    picture, stream = Image.open(io.BytesIO(figure.png_bytes)), io.BytesIO()
    wide = figure.width_mm / 25.4 * 96
    high, dots = wide * picture.height / picture.width, picture.width / wide * 96
    picture.save(stream, format="PNG", dpi=(dots, dots))
    sheet.insert_image(
        row, 0, f"{figure.kind}.png", {"image_data": stream, "description": figure.alternative, "object_position": 3}
    )
    foot, across = row + math.ceil(high / 20) + 1, math.ceil(wide / _CELL)
    for text in filter(None, (*figure.notes, figure.source)):
        foot = book.line(sheet, foot, len(room) - 1, text, SMALL, room)
    return Written(foot, max(across, len(room) - 1), (row, row))


def _heights(sheet: Worksheet, first: int, columns: Mapping[str, Sequence[Value]], widths: Sequence[float]) -> None:
    """Rows as high as their wrapped text needs."""
    for place, values in enumerate(zip(*columns.values(), strict=True)):
        cells = zip(values, widths, strict=False)
        lines = max((text_lines(value, width) for value, width in cells if isinstance(value, str)), default=1)
        if lines > 1:
            sheet.set_row(first + place, line_height(lines))


def _draw(canvas: Canvas, figure: Figure, row: int, last: int) -> int:
    """The chart, or the colours of a heat map. Returns the last column that it covers."""
    if figure.chart == "heatmap":
        shade(canvas)
        return last
    if not has_chart(figure):
        return last
    CHARTS[figure.chart].draw(canvas)
    return canvas.finish(row)


def field_titles(document: Document, keys: Iterable[str]) -> dict[str, str]:
    """What the columns of a figure's data are called, each by a name of its own."""
    keys = list(keys)
    return dict(zip(keys, unique([_field_title(document, key) for key in keys]), strict=True))


def _field_title(document: Document, key: str) -> str:
    """In our words, as a table calls it, or the name of a unit."""
    known = words_of_columns(document.language).get(key) or column_titles(document).get(key)
    if known or " " in key:
        return known or key
    if key in data_tables.levels():
        return group_name(key, document.language)
    try:
        return units.name(key, document.language)
    except ParlibError:
        return key


def _width(title: str, values: list[Value]) -> float:
    if title.isdigit():  # of a heat map, which has many of them
        return _OF_A_DIGIT
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    word = max((len(part) for part in title.split()), default=0)
    return min(_WIDEST, max(_NARROWEST, longest + 2.0, word + 3.5, len(title) / 2 + 4))


def figure_format(values: list[Value]) -> str:
    """The number format of a column of a figure's data."""
    numbers = [abs(value) for value in values if isinstance(value, int | float)]
    if all(float(number).is_integer() for number in numbers):
        return "0"
    return "0.000" if max(numbers) <= 1 else "#,##0.00"


def _column(book: Book, sheet: Worksheet, first: int, at: int, values: list[Value]) -> None:
    look = book.look(CELL, num_format=figure_format(values))
    numeric = any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    for row, value in enumerate(values, first):
        if isinstance(value, bool):
            sheet.write_boolean(row, at, value, book.look(CELL))
        elif isinstance(value, int | float):
            sheet.write_number(row, at, value, look)
        elif value is None and numeric:
            sheet.write_blank(row, at, None, book.look(UNKNOWN))
        else:
            book.put(sheet, row, at, value or "", TEXT)
