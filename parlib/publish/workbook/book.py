"""A workbook being written: its looks, its sheets with their names, what stands on every sheet, and its tables."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from parlib.publish.document import Cell, Document, Item, column_cells, decimals_of, is_unknown, text_of, value_of
from parlib.report.blocks import UNKNOWN as UNKNOWN_SIGN
from parlib.report.blocks import Column, Number, Table
from parlib.report.palette import INK
from parlib.sources.excel import BAD, FAINT, FONT, GREY, LINE, NAVY, is_dangerous, new_workbook, put_text
from parlib.tables import column_letter
from parlib.words import Message, fold, texts

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet


# --- words ----------------------------------------------------------------------------------------
# What a workbook says by itself, beside what the report shows: in the language of the report.

WORDS: Mapping[str, Message] = {
    "front": Message("Overview"),
    "data": Message("Data"),
    "notes": Message("Notes"),
    "contents": Message("Contents"),
    "codebook": Message("What the columns hold"),
    "back": Message("← Overview"),
    "about": Message(
        "The Excel workbook of the report: every table, and the data of every figure, nothing computed again."
    ),
    "way": Message(
        "Data for pivot tables: sheet “{data}”. What stands where, how to read it and sources: sheet “{notes}”."
    ),
    "key_figures": Message("Key figures"),
    "remarks": Message("Notes of the report"),
    "reading": Message("How to read"),
    "sheet": Message("Sheet"),
    "content": Message("Content"),
    "rows": Message("Rows"),
    "kind": Message("Kind"),
    "table": Message("Table"),
    "figure": Message("Figure"),
    "chart_and_data": Message("Chart and data"),
    "data_only": Message("Data of a figure"),
    "read_exact": Message(
        "Number cells hold the unrounded value (to nine decimals) and show it as the report prints it."
    ),
    "read_unknown": Message("An empty grey cell: not known. It is not zero, and Excel does not add it."),
    "read_range": Message("Text such as “from–to”: the number is known only to lie between two bounds."),
    "read_mark": Message("A narrow column “†” holds the note letter of the cell to its left: see below the table."),
    "read_total": Message(
        "A total row is a formula where it is exactly the sum or mean of the rows above; else a number."
    ),
    "read_chart": Message(
        "Charts are drawn by Excel from the data on the same sheet: they can be edited and used again."
    ),
    "source": Message("Source"),
    "page": Message("Page"),
    "helper": Message("Helper data of the chart"),
    "scheme_nodes": Message("Areas, criteria and their maxima"),
    "columns_of": Message("The columns of every table"),
    "printed": Message("Printed here: the first rows alone. The sheet in the workbook has all."),
    "data_of": Message("Every unit, component and year: points, maximum, index and rank"),
    "data_columns": Message("The columns of the open data that goes with the report"),
    "column": Message("Column"),
    "group": Message("Group"),
    "meaning": Message("Meaning"),
    "unit": Message("Unit"),
    "format": Message("Format"),
    "made": Message("How it is made"),
    "from": Message("Taken from"),
    "key": Message("Key"),
    "dataset": Message("Data set"),
    "code": Message("Code"),
    "name": Message("Name"),
    "maximum": Message("Maximum"),
}

FORMATS: Mapping[str, Message] = {
    "text": Message("text"),
    "number": Message("number, {n} decimals"),
    "integer": Message("whole number"),
    "rank": Message("rank"),
    "change": Message("up (+) or down (−), {n} decimals"),
    "percent": Message("percent, {n} decimals"),
}


FONT_OF_CHARTS = "Times New Roman"  # as the cells
DEFAULT_WIDTH = 9.0  # characters: a column that nobody set
LONGEST_NAME = 31  # Excel's limit of a sheet's name
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_HEAD_LIMIT = 255  # Excel's limit of a page header or footer
_WIDE = 92  # characters: wider sheets print in landscape
_WIDEST = 340  # characters: what is wider prints in parts side by side, each with the first columns
_SMALL, _FEW = 0.42, 0.25  # scale: smaller letters are hard to read; part of a page that is no page more
_NO_MUCH_HIGHER = 1.2  # than its chart: a figure stays on the page of it
_UPRIGHT, _TURNED = (640, 940), (950, 620)  # px within the margins of A4; columns are wider in some programs by 7 %

HEAD = {
    "bold": True,
    "text_wrap": True,
    "valign": "vcenter",
    "align": "center",
    "bg_color": NAVY,
    "font_color": "#FFFFFF",
    "border": 1,
    "border_color": "#FFFFFF",
}
CELL = {"font_size": 10, "valign": "top", "border": 1, "border_color": LINE}
TEXT = {**CELL, "text_wrap": True, "align": "left", "indent": 1}
UNKNOWN = {**CELL, "bg_color": GREY}
SMALL = {"font_size": 9, "font_color": FAINT, "text_wrap": True, "valign": "top"}
CAPTION = {"font_size": 13, "bold": True, "font_color": NAVY, "text_wrap": True, "valign": "vcenter"}
MARK = {"font_size": 10, "bold": True, "font_color": BAD, "text_wrap": True, "valign": "vcenter"}
LINK = {"font_size": 10, "font_color": "#1F6394", "underline": 1}


Look = Mapping[str, object]  # the properties of a format, as xlsxwriter takes them
Area = tuple[int, int, int, int]  # of cells: the first row and column, the last row and column


class Written(NamedTuple):
    """What was written: the row after it, the last column that it covers, the first and the last row of its heads."""

    row: int
    across: int
    heads: tuple[int, int]


@dataclass(frozen=True)
class Spot:
    """A place to go to: the file and its sheet, the row from 0."""

    file: str
    sheet: str
    row: int = 0


class Book:
    """The workbook of a document. Names of sheets are unique whatever their case; looks are made once each."""

    def __init__(self, path: Path, document: Document, stem: str) -> None:
        self.file, self.document = path.name, document
        self.words = texts(WORDS, document.language)
        self.marks = document.title.marks
        self.book = new_workbook(path, document.title.text, stem)
        self._looks: dict[tuple[tuple[str, object], ...], Format] = {}
        self._names = {"history"}  # a name that Excel keeps for itself
        self.front = self.sheet(self.words["front"])
        self._names |= {self.words[key].lower() for key in ("data", "notes")}

    def table_name(self, kind: str, number: int) -> str:
        """The name of the Excel Table that holds a table or the data of a figure, in plain letters."""
        return f"{fold(self.document.words[kind]).title().replace(' ', '')}_{number}"

    def look(self, properties: Look, **more: object) -> Format:
        """The format with these properties."""
        asked = (*properties.items(), *more.items())
        if asked not in self._looks:
            wanted = {"font_name": FONT, "font_color": INK, "font_size": 11, **properties, **more}
            key = tuple(sorted(wanted.items()))
            if key not in self._looks:
                self._looks[key] = self.book.add_format(wanted)
            self._looks[asked] = self._looks[key]
        return self._looks[asked]

    def sheet(self, wanted: str) -> Worksheet:
        """A new sheet with a name as near to ``wanted`` as Excel allows, not used before."""
        text = re.sub(r"\s+", " ", _FORBIDDEN.sub(" ", wanted)).strip(" '") or "Sheet"
        name, n = text[:LONGEST_NAME].strip(), 2
        while name.lower() in self._names:
            tail = f" {n}"
            name, n = text[: LONGEST_NAME - len(tail)].strip() + tail, n + 1
        return self.kept(name)

    def kept(self, name: str, kind: type[Worksheet] | None = None) -> Worksheet:
        """A new sheet with a name that is kept for it."""
        self._names.add(name.lower())
        return self.book.add_worksheet(name, kind)

    def as_table(self, sheet: Worksheet, area: Area, name: str, heads: Sequence[str], *, filtered: bool = True) -> None:
        """Make an area of cells, its heads the first row, an Excel Table: it can be filtered and named in formulas."""
        if area[2] > area[0]:
            columns = [{"header": head, "header_format": self.look(HEAD)} for head in heads]
            options = {"name": name, "columns": columns, "style": None, "autofilter": filtered}
            sheet.add_table(*area, options)

    def link(self, sheet: Worksheet, row: int, spot: Spot) -> None:
        """Write the name of a sheet, of this file or one beside it, into the first column: a click goes to the spot."""
        there = "'{}'!A{}".format(spot.sheet.replace("'", "''"), spot.row + 1)
        address = f"internal:{there}" if spot.file == self.file else f"external:{spot.file}#{there}"
        sheet.write_url(row, 0, address, self.look({**CELL, **LINK}), spot.sheet)

    def put(self, sheet: Worksheet, row: int, column: int, text: str, properties: Look, **more: object) -> None:
        """Write text that stays text."""
        quoted = self.look(properties, **more, quote_prefix=True) if is_dangerous(text) else None
        put_text(sheet, row, column, text, self.look(properties, **more), quoted)

    def line(self, sheet: Worksheet, row: int, last: int, text: str, properties: Look, widths: Iterable[float]) -> int:
        """A line of text across the columns 0 to ``last``, as high as it needs. Returns the next row."""
        if last > 0:
            sheet.merge_range(row, 0, row, last, "", self.look(properties))
        self.put(sheet, row, 0, text, properties)
        size = float(str(properties.get("font_size", 11)))
        per_line = max(sum(widths) * 10.5 / size * (0.9 if properties.get("bold") else 1.0), 10)
        lines = sum(-(-max(len(part), 1) // int(per_line)) for part in text.split("\n"))
        sheet.set_row(row, lines * size * 1.36 + 2)
        return row + 1

    def head(self, sheet: Worksheet, top: int, caption: str, widths: list[float]) -> int:
        """What stands over every table and figure: the way back, the caption, the marks. Returns the next row."""
        link, last = self.look(LINK), len(widths) - 1
        sheet.write_url(top, 0, f"internal:'{self.words['front']}'!A1", link, self.words["back"])
        row = self.line(sheet, top + 1, last, caption, CAPTION, widths)
        for mark in self.marks:
            row = self.line(sheet, row, last, mark, MARK, widths)
        return row

    def page(
        self,
        sheet: Worksheet,
        widths: list[float],
        heads: tuple[int, int] | None = None,
        said: str = "",
        lead: int = 0,
    ) -> None:
        """Set a sheet for printing on A4, as wide as the page; ``heads`` are the rows repeated on every page, ``said``
        is what stands at its head behind the marks, ``lead`` the last column repeated where it prints in parts."""
        if sum(widths) > _WIDE:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        across = math.ceil(sum(widths) / _WIDEST)
        sheet.fit_to_pages(across, 0)
        if across > 1:
            sheet.repeat_columns(0, lead)
        sheet.hide_gridlines(2)
        if heads:
            sheet.repeat_rows(*heads)
        if text := " ".join([*self.marks, said]).strip():
            sheet.set_header("&C&8&KB42318" + _fitting(text, _HEAD_LIMIT - 30))
        title = _fitting(self.document.title.text, _HEAD_LIMIT - 60)
        sheet.set_footer(f"&L&8 {title}&R&8 {self.words['page']} &P/&N")

    def close(self) -> None:
        """Write the file."""
        self.book.close()


def onto_pages(sheet: Worksheet, tops: Sequence[int], across: int) -> None:
    """Set a sheet whose tables and figures begin in the rows ``tops`` (the last: where all end) on A4 at a scale of its
    own, and begin a page where one would cut a chart, or a table that fits on one: programs pass over the breaks of a
    sheet that is fitted to its page."""
    height = list(accumulate(map(sheet._size_row, range(tops[-1])), initial=0))
    width = sum(map(sheet._size_col, range(across + 1)))
    parts, tallest = list[tuple[int, int, int]](), 1
    for top, below in pairwise(tops):
        ends = [height[row] + chart.height for row, _, chart, *_ in sheet.charts if top <= row < below]
        end = height[bisect_left(height, max(ends, default=height[below]))]  # of the row
        if height[below] - height[top] < _NO_MUCH_HIGHER * (end - height[top]):
            end = height[below]
        parts.append((top, end, height[below]))
        tallest = max(tallest, end - height[top] if ends else 0)
    scale, high = _turned(sheet, width, height[-1], tallest, _SMALL)
    little_higher = [
        below - height[top] for top, _, below in parts if 1 < (below - height[top]) * scale / high < 1 + _FEW
    ]
    scale = min([scale, *(high / part for part in little_higher)])  # few rows more than a page holds are no page more
    sheet.set_print_scale(int(scale * 100))
    room, page, breaks = high / scale, 0.0, list[int]()
    for top, end, below in parts:
        if end > page + room and height[top] > page:
            breaks.append(top)
            page = height[top]
        while below > page + room:
            breaks.append(bisect_right(height, page + room) - 1)
            page = height[breaks[-1]]
    sheet.set_h_pagebreaks(breaks if len(parts) > 1 else [])


def turn(sheet: Worksheet, rows: int, across: int) -> None:
    """Turn the page of a sheet that is fitted to it, or set it upright: the way that needs fewer pages; what prints in
    parts side by side stays turned. A last page of few rows is none: the letters are a little smaller."""
    width, height = sum(map(sheet._size_col, range(across + 1))), sum(map(sheet._size_row, range(rows)))
    if sheet.fit_width == 1:
        scale, high = _turned(sheet, width, height, least=_SMALL)
    else:
        scale, high = min(1.0, sheet.fit_width * _TURNED[0] / width), _TURNED[1]
    pages = height * scale / high
    if pages > 1 and math.ceil(pages - _FEW) < math.ceil(pages):
        sheet.fit_to_pages(sheet.fit_width, math.ceil(pages - _FEW))


def _turned(sheet: Worksheet, width: float, height: float, tallest: float = 1.0, least: float = 0) -> tuple[float, int]:
    """Upright or turned, whichever takes fewer pages, or else larger letters; its scale, if it can be no smaller than
    ``least``, and how high a page is, px."""
    ways = [(min(1.0, wide / width, high / tallest), high) for wide, high in (_UPRIGHT, _TURNED)]
    few = _FEW if least else 0.0
    scale, high = max(ways, key=lambda way: (min(way[0], least), -math.ceil(height * way[0] / way[1] - few), way[0]))
    (sheet.set_portrait if high == _UPRIGHT[1] else sheet.set_landscape)()
    return scale, high


def with_room(widths: list[float], wanted: float = 70.0) -> list[float]:
    """The widths of columns, with empty ones after them so that a caption has room."""
    return widths + [DEFAULT_WIDTH] * max(0, math.ceil((wanted - sum(widths)) / DEFAULT_WIDTH))


def text_lines(text: str, width: float) -> int:
    """On how many lines ``text`` stands, a little indented, in a cell ``width`` characters wide."""
    return sum(-(-max(len(part), 1) // max(int((width - 1) * 1.18), 1)) for part in text.split("\n"))


def line_height(lines: int) -> float:
    """The height of a row of so many lines, in points: not every program finds it out by itself."""
    return 13.6 * lines + 2


def _cut(text: str, most: int) -> str:
    """``text`` of at most ``most`` characters, cut between words where it can be."""
    if len(text) <= most:
        return text
    cut = text[: most - 1].rpartition(" ")[0] if " " in text[6 : most - 1] else text[: most - 1]
    return cut.rstrip(" ,;-'") + "…"


def _fitting(text: str, most: int) -> str:
    """``text`` for a page header, where & begins a code."""
    return _cut(text, most - text.count("&")).replace("&", "&&")


# --- totals ---------------------------------------------------------------------------------------
# Total rows as formulas: only where the formula gives the number that the report prints.

_SAME = 1e-8  # cells hold nine decimals: the sum of a hundred may be this far from the sum of what was rounded


def total_rows(table: Table) -> list[int]:
    """The places of the total rows."""
    return [place for place, style in enumerate(table.row_styles) if style == "total"]


def formula(table: Table, cells: Sequence[Cell], place: int) -> tuple[str, int] | None:
    """How the number in a total row follows from the rows above: "SUM" or "AVERAGE", and the first of these rows.

    The rows are those since the last total, or all rows above where there is no other total. ``None`` where neither
    gives the number, or any of them is not known. A share of a total is no sum or mean of the shares, even where it
    happens to equal one, and only a mean may be an average.
    """
    made = getattr(cells[place], "made", "")
    total = value_of(cells[place])
    first = max((other + 1 for other in total_rows(table) if other < place), default=0)
    values = [value_of(cell) for cell in cells[first:place]]
    if total is None or made == "share" or len(values) < 2 or any(value is None for value in values):
        return None
    summed = math.fsum(value for value in values if value is not None)
    if abs(summed - total) <= _SAME:
        return "SUM", first
    if made.startswith("mean") and abs(summed / len(values) - total) <= _SAME:
        return "AVERAGE", first
    return None


# --- names of columns -----------------------------------------------------------------------------
# One row of heads, each with a name of its own: what a filter, a pivot table and a formula need.

_LONG_GROUP = 40  # letters: a longer group stands in a row of its own above the heads, and its first word in each


@dataclass(frozen=True)
class Head:
    """A column on the sheet of a table: its name there, and whether it holds the marks of the numbers before it."""

    column: Column
    name: str
    marks: bool = False


def heads(table: Table) -> list[Head]:
    """The columns of a table on its sheet: what stands above, the title and the unit make the name of each."""
    results: list[Head] = []
    for column in table.columns:
        group = column.group if len(column.group) <= _LONG_GROUP else column.group.split()[0]
        title = f"{group}: {column.title}" if group else column.title or column.key
        results.append(Head(column, f"{title} ({column.unit})" if column.unit else title))
        if any(isinstance(cell, Number) and cell.mark for cell in column_cells(table, column)):
            results.append(Head(column, "†", True))
    return [
        Head(head.column, name, head.marks)
        for head, name in zip(results, unique([h.name for h in results]), strict=True)
    ]


def has_groups(table: Table) -> bool:
    """Whether the groups of columns stand in a row of their own above the heads."""
    return any(len(column.group) > _LONG_GROUP for column in table.columns)


def unique(names: Sequence[str]) -> list[str]:
    """Names, those that others have before them with a number."""
    results: list[str] = []
    for name in names:
        taken, n, wanted = {one.lower() for one in results}, 2, name
        while name.lower() in taken:
            name, n = f"{wanted} {n}", n + 1
        results.append(name)
    return results


# --- tables of a report ---------------------------------------------------------------------------
# A table on its sheet: one row of heads that stay, real numbers, marks beside them, notes and source below.

_WIDEST_COLUMN, _NARROWEST = 58.0, 8.0
_STYLES: dict[str, Look] = {
    "total": {"bold": True, "top": 2, "bg_color": "#F1F5FA"},
    "muted": {"font_color": "#6B7680"},
    "highlight": {"bg_color": "#FFF3CD"},
}


@dataclass(frozen=True)
class Place:
    """A column of a table on its sheet: where it stands, its name there, how wide, and the name of the column of marks
    that follows it."""

    column: Column
    at: int
    name: str
    width: float
    marks: str = ""


def number_format(kind: str, decimals: int) -> str:
    """The number format of Excel for a column of a kind."""
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    if kind == "rank":
        return "0"
    return f"+{digits};-{digits};{digits}" if kind == "change" else digits


def table_widths(table: Table) -> list[float]:
    """How wide the columns of a table want to be, in characters; those of marks among them."""
    return [width for place in _places(table) for width in ([place.width, 3.5] if place.marks else [place.width])]


def write_table(
    book: Book, sheet: Worksheet, top: int, item: Item, room: list[float], *, alone: bool, front: bool = False
) -> Written:
    """Write the table of ``item`` from the row ``top`` of a sheet whose columns are as wide as ``room`` says. Where it
    stands ``alone`` on it, its heads stay in sight; on the ``front`` way back and marks stand further up."""
    table = item.block
    assert isinstance(table, Table)
    places = [replace(place, width=room[place.at]) for place in _places(table)]
    caption = book.document.caption(item)
    if front:
        row = book.line(sheet, top, len(room) - 1, caption, CAPTION, room)
    else:
        row = book.head(sheet, top, caption, room)
    first_head = row
    row = _heads(book, sheet, places, row, groups=has_groups(table))
    if alone and table.columns:
        sheet.freeze_panes(row, _frozen(places))
    tail = [place for place in total_rows(table) if place == len(table.rows) - 1]
    if places:
        area = (row - 1, 0, row - 1 + len(table.rows) - len(tail), places[-1].at + bool(places[-1].marks))
        names = [name for place in places for name in (place.name, place.marks) if name]
        filtered = table.sortable and len(table.rows) > 1
        book.as_table(sheet, area, book.table_name(Table.kind, item.number), names, filtered=filtered)
    for place in places:
        _column(book, sheet, table, place, row)
    _heights(sheet, table, places, row)
    written = first_head, row - 1
    row += len(table.rows) + 1
    for text in (*table.notes, table.source):
        sentence = book.words["read_unknown"] if text.startswith(UNKNOWN_SIGN) else text
        if sentence:
            row = book.line(sheet, row, len(room) - 1, sentence, SMALL, room)
    return Written(row, len(room) - 1, written)


def _places(table: Table) -> list[Place]:
    results: list[Place] = []
    for at, head in enumerate(heads(table)):
        if head.marks:
            results[-1] = replace(results[-1], marks=head.name)
        else:
            width = _width(head.name, column_cells(table, head.column))
            results.append(Place(head.column, at, head.name, width))
    return results


def _width(head: str, cells: list[Cell]) -> float:
    """Wide enough for the cells, up to where text is wrapped, and for the words of the head."""
    texts = [cell.text if isinstance(cell, Number) else str(cell or "") for cell in cells]
    longest = max((len(text) for text in texts), default=0) * 1.02
    word = max((len(part) for part in head.split()), default=0) * 1.15
    wanted = min(len(head), max(word, 13.0))
    return min(_WIDEST_COLUMN, max(_NARROWEST, longest + 3, word + 3, wanted + 3))


def _frozen(places: list[Place]) -> int:
    """How many columns stay in sight: up to the first that names the rows, where that is not too wide."""
    for place in places[:3]:
        if place.column.format == "text":
            return place.at + 1 if sum(p.width for p in places[: places.index(place) + 1]) < 55 else 0
    return 0


def _heads(book: Book, sheet: Worksheet, places: list[Place], row: int, *, groups: bool) -> int:
    """The names of the columns, under their groups where these have a row of their own. Returns the first row of
    data."""
    if groups:
        high = 1
        for group, run in groupby(places, key=lambda place: place.column.group):
            members = list(run)
            first, last = members[0].at, members[-1].at + bool(members[-1].marks)
            if last > first:
                sheet.merge_range(row, first, row, last, "", book.look(HEAD))
            book.put(sheet, row, first, group, HEAD)
            high = max(high, -(-len(group) // int(sum(member.width for member in members) * 0.85)))
        sheet.set_row(row, 15.5 * high + 2)
        row += 1
    lines = 1
    for place in places:
        book.put(sheet, row, place.at, place.name, HEAD)
        lines = max(lines, head_lines(place.name, place.width))
        if place.marks:
            book.put(sheet, row, place.at + 1, place.marks, HEAD)
    sheet.set_row(row, 15.5 * lines + 4)
    return row + 1


def head_lines(text: str, width: float) -> int:
    """On how many lines a bold head stands in a column ``width`` characters wide, word by word."""
    lines, here = 1, 0.0
    for word in text.split():
        wide = len(word) * 1.15 + 1
        lines, here = (lines + 1, wide) if here and here + wide > width - 2 else (lines, here + wide)
    return lines


def _column(book: Book, sheet: Worksheet, table: Table, place: Place, first: int) -> None:
    """The cells of a column, with its marks beside them."""
    cells = column_cells(table, place.column)
    for n, cell in enumerate(cells):
        style = _STYLES.get(table.row_styles[n] if n < len(table.row_styles) else "", {})
        _cell(book, sheet, first, n, place, cells, table, style)
        if place.marks:
            mark = cell.mark if isinstance(cell, Number) else ""
            book.put(sheet, first + n, place.at + 1, mark, CELL, **style)


def _cell(
    book: Book,
    sheet: Worksheet,
    first: int,
    n: int,
    place: Place,
    cells: list[Cell],
    table: Table,
    style: Look,
) -> None:
    cell, row, column = cells[n], first + n, place.column
    value = value_of(cell)
    if value is not None and isinstance(cell, Number):
        centred = {"align": "center"} if column.format == "rank" else {}
        kind = "change" if cell.text.startswith("+") else column.format  # a statistic that is a change among others
        whole = cell.text.partition("/")[2]  # "1/2": the cell holds the 1 and shows of how many
        shown = f'0"/{whole}"' if whole else number_format(kind, decimals_of(cell, column.decimals))
        look = book.look(CELL, **style, **centred, num_format=shown)
        made = formula(table, cells, n) if style.get("top") else None
        if made:
            letter = column_letter(place.at + 1)
            text = f"={made[0]}({letter}{first + made[1] + 1}:{letter}{row})"
            sheet.write_formula(row, place.at, text, look, value)
        else:
            sheet.write_number(row, place.at, value, look)
    elif is_unknown(cell, column):
        sheet.write_blank(row, place.at, None, book.look(UNKNOWN, **{**style, "bg_color": UNKNOWN["bg_color"]}))
    else:
        aligned = {} if column.format == "text" else {"align": "center" if column.format == "rank" else "right"}
        book.put(sheet, row, place.at, text_of(cell), TEXT, **style, **aligned)


def _heights(sheet: Worksheet, table: Table, places: list[Place], first: int) -> None:
    """Rows as high as their wrapped text needs: not every program finds that out by itself."""
    texts = [place for place in places if place.column.format == "text"]
    for n, row in enumerate(table.rows):
        lines = max((text_lines(text_of(row.get(place.column.key)), place.width) for place in texts), default=1)
        if lines > 1:
            sheet.set_row(first + n, line_height(lines))
