"""Excel files: the pen that they are written with (looks, pages, text that stays text), and the reader of those that
come from outside.

One palette, one font, every cell format made once a workbook (``Looks``); workbooks whose bytes depend on their content
alone (``new_workbook``).

A cell whose text begins with ``=``, ``+``, ``-`` or ``@`` (or with a tab or a line break before it) is run as a formula
when a spreadsheet reads it from CSV, and when somebody edits the cell. Officials write such text in good faith ("- Đã
hoàn thành 3 nhiệm vụ"), so it is kept, not refused:

- in a workbook, ``put_text`` writes a text cell that is marked as text (Excel's quote prefix): nothing is lost;
- anywhere else (CSV, pandas' own Excel writer) ``safe_text`` puts an apostrophe before it; ``plain_text`` takes it off.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, TypeVar, overload
from urllib.parse import unquote
from xml.etree import ElementTree

from parlib import places
from parlib.errors import DataError, Problem
from parlib.tables import column_letter, encoding_problem, written
from parlib.words import FIRST, Message, Words, fold

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl import Workbook as OpenedBook
    from openpyxl.cell.cell import Cell
    from openpyxl.packaging.relationship import Relationship
    from openpyxl.worksheet.worksheet import Worksheet as OpenedSheet
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FONT = "Times New Roman"  # the font of Vietnamese official papers; its metric twin (Liberation, Tinos) elsewhere
INK = "#1F2933"
NAVY = "#1F3A5F"
AREA = "#DCE6F2"
CRITERION = "#F1F5FA"
INPUT = "#FFF9DB"
GREY = "#EDEFF1"
FAINT = "#6B7680"
LINE = "#B8C2CC"
GOOD = "#1B7F4B"
BAD = "#B42318"

POINTS = "0.00##"
NUMBER = "#,##0.######"

_BASE: Mapping[str, object] = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "vcenter"}
_CELL: Mapping[str, object] = {
    **_BASE,
    "font_size": 10,
    "border": 1,
    "border_color": LINE,
    "text_wrap": True,
    "valign": "top",
}
_LINE: Mapping[str, object] = {**_CELL, "text_wrap": False}
_OPEN: Mapping[str, object] = {"locked": False, "bg_color": INPUT}
_POINTS: Mapping[str, object] = {"num_format": POINTS, "align": "center"}
_DARK: Mapping[str, object] = {**_CELL, "bold": True, "bg_color": NAVY, "font_color": "#FFFFFF", "valign": "vcenter"}

#: Every look by name. "q_" before a text look is the same with the quote prefix (see ``put_text``).
LOOKS: Mapping[str, Mapping[str, object]] = {
    "title": {**_BASE, "font_size": 16, "bold": True, "font_color": NAVY},
    "subtitle": {**_BASE, "font_size": 12, "font_color": FAINT},
    "agency": {**_BASE, "font_size": 11, "bold": True},
    "plain": {**_BASE, "text_wrap": True, "valign": "top"},
    "warning": {**_BASE, "bold": True, "font_color": BAD},
    "mark": {**_BASE, "font_size": 10, "bold": True, "font_color": BAD},
    "motto": {**_BASE, "bold": True, "align": "center"},
    "hint": {**_BASE, "italic": True, "font_color": FAINT, "align": "center"},
    "remark": {**_BASE, "font_size": 10, "italic": True, "font_color": FAINT},
    "label": {**_BASE, "font_color": FAINT, "valign": "top"},
    "strong": {**_BASE, "bold": True, "text_wrap": True, "valign": "top"},
    "section": {**_BASE, "font_size": 12, "bold": True, "font_color": NAVY, "bottom": 1, "bottom_color": NAVY},
    "note": {**_BASE, "font_size": 10, "italic": True, "font_color": FAINT, "text_wrap": True, "valign": "top"},
    "alert": {**_BASE, "font_size": 10, "bold": True, "font_color": BAD, "text_wrap": True, "valign": "top"},
    "entry": {**_CELL, **_OPEN, "font_size": 11, "num_format": "@"},
    "head": {**_DARK, "border_color": "#FFFFFF", "align": "center"},
    "text": _CELL,
    "line": _LINE,
    "line_whole": {**_LINE, "num_format": "0", "align": "right"},
    "line_decimals": {**_LINE, "num_format": "0.00", "align": "right"},
    "code": {**_CELL, "num_format": "@"},
    "number": {**_CELL, "num_format": NUMBER, "align": "right"},
    "points": {**_CELL, **_POINTS},
    "earned": {**_CELL, **_POINTS, "bold": True},
    "grey": {**_CELL, "bg_color": GREY, "font_color": FAINT},
    "grey_points": {**_CELL, **_POINTS, "bg_color": GREY, "font_color": FAINT},
    "check": {**_CELL, "font_size": 9, "font_color": FAINT},
    "in_text": {**_CELL, **_OPEN},
    "in_code": {**_CELL, **_OPEN, "num_format": "@"},
    "in_choice": {**_CELL, **_OPEN, "num_format": "@"},
    "in_number": {**_CELL, **_OPEN, "num_format": NUMBER, "align": "right"},
    "in_points": {**_CELL, **_OPEN, **_POINTS},
    "in_percent": {**_CELL, **_OPEN, "num_format": '#,##0.######"%"', "align": "right"},
    "confirm": {**_CELL, "bold": True, "font_color": BAD, "bg_color": "#FDE2DD", "locked": False},
    "whole": _DARK,
    "whole_points": {**_DARK, **_POINTS},
    "area": {**_CELL, "bold": True, "bg_color": AREA, "num_format": "@"},
    "area_points": {**_CELL, **_POINTS, "bold": True, "bg_color": AREA},
    "criterion": {**_CELL, "bold": True, "bg_color": CRITERION, "num_format": "@"},
    "criterion_points": {**_CELL, **_POINTS, "bold": True, "bg_color": CRITERION},
}


class Looks:
    """The formats of one workbook, made when first asked for."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def __getitem__(self, name: str) -> Format:
        if name not in self._made:
            bare = name.removeprefix("q_").partition("+")
            properties = dict(LOOKS[bare[0]])
            if bare[1]:
                properties["indent"] = int(bare[2])
            if name.startswith("q_"):
                properties["quote_prefix"] = True
            self._made[name] = self._book.add_format(properties)
        return self._made[name]


OPEN_LAYOUT = {"format_rows": True, "format_columns": True}  # what people may change on a protected sheet
CREATED = datetime(2000, 1, 1)  # of every workbook, for its bytes depend on its content alone


def new_workbook(path: Path, title: str, subject: str) -> Workbook:
    """A workbook to be written to ``path``, whose bytes depend on its content alone.

    Strings are written as text whatever they begin with, so that nothing from outside becomes a formula or a link.
    """
    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": FONT, "font_size": 11},
        "in_memory": True,  # its parts in no files of their own: a hundred of them take longer than their content
    }
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"title": title, "subject": subject, "author": "parlib", "created": CREATED})
    book.set_calc_mode("auto")
    return book


def page(sheet: Worksheet, *, landscape: bool, footer: str, language: str = FIRST) -> None:
    """Set a sheet for printing on A4, as wide as the page, with page numbers."""
    (sheet.set_landscape if landscape else sheet.set_portrait)()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    safe = footer.replace("&", "&&")[:180]
    numbers = Message("Page {page}/{pages}", {"page": "&P", "pages": "&N"}).text(language)
    sheet.set_footer(f"&L&8 {safe}&R&8 {numbers}")
    sheet.hide_gridlines(2)


# --- text that stays text ---------------------------------------------------------------------

LONGEST_CELL, _WIDEST = 32_767, 60  # letters: Excel's limit of a cell, ours of a column of a table

_STARTERS = "=+-@＝＋－＠−﹢﹣﹦﹫"  # with their full-width, small and minus-sign forms
# What a spreadsheet may skip before the first sign: blanks, tabs, line breaks, invisible signs, a byte order mark.
_DANGEROUS = re.compile(rf"^[\s\u00a0\u200b-\u200f\u2060\ufeff]*[{re.escape(_STARTERS)}]|^[\t\r\n]")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML cannot hold these

T = TypeVar("T")


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet could take ``text`` for a formula."""
    return _DANGEROUS.match(text) is not None


def clean_text(text: str) -> str:
    """``text`` as a cell can hold it: NFC, without control characters, at most as long as a cell."""
    clean = _FORBIDDEN.sub("", unicodedata.normalize("NFC", text)).replace("\r\n", "\n").replace("\r", "\n")
    end = " … " + Message("[cut off]").text() if len(clean) > LONGEST_CELL else ""
    return clean[: LONGEST_CELL - len(end)] + end


@overload
def safe_text(value: str) -> str: ...
@overload
def safe_text(value: T) -> T: ...
def safe_text(value: object) -> object:
    """``value`` for a cell of CSV or of a workbook written by others; only text is changed."""
    if not isinstance(value, str):
        return value
    clean = clean_text(value)  # first: what a control character hid must not come to the front unseen
    # An apostrophe that is already there is doubled where it would be mistaken for ours.
    if is_dangerous(clean) or (clean.startswith("'") and is_dangerous(clean.lstrip("'"))):
        return clean_text("'" + clean)
    return clean


def plain_text(value: str) -> str:
    """The text that ``safe_text`` was given: without the apostrophe that it put there."""
    return value[1:] if value.startswith("'") and is_dangerous(value.lstrip("'")) else value


def put_text(sheet: Worksheet, row: int, column: int, text: str, look: Format, quoted: Format | None = None) -> None:
    """Write ``text`` into a cell as text, whatever it begins with.

    ``quoted`` is the same look with the quote prefix, for text that would become a formula on its next edit.
    """
    clean = clean_text(text)
    if clean == "":
        sheet.write_blank(row, column, None, look)
    else:
        sheet.write_string(row, column, clean, quoted if quoted is not None and is_dangerous(clean) else look)


def write_frame(sheet: pd.DataFrame, path: Path, title: str, told: str = "") -> None:
    """Write a frame as a workbook of one sheet; ``told`` stands below it."""
    write_frames({title: sheet}, path, title, told)


def write_frames(sheets: Mapping[str, pd.DataFrame], path: Path, title: str, told: str = "") -> None:
    """Write frames as a workbook, a sheet each by its name, whole or not at all; ``told`` stands below each."""
    with places.whole_file(path) as draft, new_workbook(draft, title, title) as book:
        for name, frame in sheets.items():
            _put_frame(book, book.add_worksheet(name[:31]), frame, told)


def _put_frame(book: Workbook, page: Worksheet, frame: pd.DataFrame, told: str) -> None:
    import pandas as pd

    head = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "vcenter"})
    plain, quoted = (book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": of}) for of in (False, True))
    lines = [1] * (len(frame) + 1)  # of the text in each row
    two = book.add_format({"num_format": "0.00"})
    for j, (column, values) in enumerate(frame.items()):
        is_float = pd.api.types.is_float_dtype(values.dtype)
        put_text(page, 0, j, str(column), head)
        for i, value in enumerate(values, 1):
            if pd.isna(value) or value == "":
                continue
            if pd.api.types.is_bool(value):
                page.write_boolean(i, j, bool(value))
            elif is_float or pd.api.types.is_integer(value):
                page.write_number(i, j, round(float(value), 9) + 0.0, two if is_float else None)
            else:
                put_text(page, i, j, str(value), plain, quoted)  # a cell that begins with = is no formula
                lines[i] = max(lines[i], sum(1 + len(line) // _WIDEST for line in str(value).split("\n")))
        head_width = max(len(str(column)) / 2, *map(len, f"{column} ".split(" ")))  # a head takes two lines
        widest = max([head_width + 2, *(len(str(value)) for value in values if not is_float)])
        lines[0] = max(lines[0], 1 + (len(str(column)) > widest))
        page.set_column(j, j, min(_WIDEST, widest + 2))
    for i, n in enumerate(lines):
        if n > 1:
            page.set_row(i, min(15 * n, 409))  # Excel's highest
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    if told:
        put_text(page, len(frame) + 2, 0, told, book.add_format({"italic": True}))


# --- a sheet --------------------------------------------------------------------------------------


class CellFormula(NamedTuple):
    """A formula, and what its cell shows until a spreadsheet works it out."""

    text: str
    shown: str | float | None = None


Content = str | float | CellFormula | None


class Pen:
    """Writes one sheet. Rows and columns are counted from 1, as people read them; a cell is a text (which stays text),
    a number, a formula or ``None`` (blank), in one of the ``LOOKS``."""

    def __init__(
        self, book: Workbook, looks: Looks, name: str, widths: Iterable[float] = (), kind: type[Worksheet] | None = None
    ) -> None:
        self.sheet, self.looks = book.add_worksheet(name, kind), looks
        self.row = 0  # the last one written by ``line``
        for place, width in enumerate(widths):
            self.sheet.set_column(place, place, width)

    def put(self, row: int, column: int, content: Content, look: str, to: int = 0) -> None:
        """Write a cell, or one that is merged with those up to the column ``to``."""
        at, made = (row - 1, column - 1), self.looks[look]
        if to:
            self.sheet.merge_range(*at, row - 1, to - 1, "", made)
        if isinstance(content, CellFormula):
            self.sheet.write_formula(*at, content.text, made, "" if content.shown is None else content.shown)
        elif isinstance(content, str):
            put_text(self.sheet, *at, content, self.looks[f"q_{look}"] if is_dangerous(clean_text(content)) else made)
        elif content is None:
            self.sheet.write_blank(*at, None, made)
        else:
            self.sheet.write_number(*at, content, made)

    def table(
        self, heads: Sequence[str], columns: Sequence[Sequence[str | float | None]], looks: Sequence[str]
    ) -> None:
        """Write a table at the end of a ``LongSheet``: its heads, and its ``columns`` each in one look."""
        self.line(*((place, head, "head") for place, head in enumerate(heads, 1)))
        cells = zip(columns, looks, strict=True)
        self.sheet.put_table(self.row, [(column, self.looks[look], self.looks[f"q_{look}"]) for column, look in cells])
        self.row += max(map(len, columns), default=0)

    def line(self, *cells: tuple[int, Content, str] | tuple[int, Content, str, int], height: float = 0) -> None:
        """Write the next row: of each cell its column, content and look, and the column that it reaches to."""
        self.row += 1
        for cell in cells:
            self.put(self.row, *cell)
        if height:
            self.sheet.set_row(self.row - 1, height)


# --- workbooks that come from outside: opened, read cell by cell, what hangs on cells announced ---
# Workbooks that come from outside: opened, their tables read cell by cell, and what hangs on cells announced.
#
# What is not a plain .xlsx is named for what it is, and never run. What a cell cannot be is said in words, at its
# place.
# Notes, pictures, files, strike-through, sheets of others can be kept neither in a ledger nor in a set of criteria:
# each
# is announced with its cell, so that nothing that somebody meant to send is lost in silence.

_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")

Wrong = str | Words | Problem  # what is wrong: the identifier of a message, its words, or all of it


# --- a sheet that is read ---------------------------------------------------------------------


@dataclass
class Sheet:
    """A sheet that is read: what its columns are called, by key, and what is wrong with it: ``problems`` forbid taking
    it, ``warnings`` do not."""

    file: str
    sheet: Worksheet
    headings: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list, kw_only=True)
    warnings: list[Problem] = field(default_factory=list, kw_only=True)

    def content(self, row: int, column: str) -> object:
        """What a problem quotes of the cell of a column; ``None``: nothing."""
        return None

    def node(self, row: int) -> str:
        """The code of the criterion in a row."""
        return ""

    def refuse(self, wrong: Wrong, row: int | None = None, column: str = "", node: str = "", **of: object) -> None:
        """Note what is wrong: with a cell, which is quoted where there is no other ``value``; see ``placed``."""
        self.problems.append(self.placed(wrong, row, column, node, **of))

    def warn(self, wrong: Wrong, row: int | None = None, column: str = "", node: str = "", **of: object) -> None:
        """Note something to look at; see ``placed``."""
        self.warnings.append(self.placed(wrong, row, column, node, **of))

    def placed(
        self, wrong: Wrong, row: int | None = None, column: str = "", node: str = "", value: object = None, **of: object
    ) -> Problem:
        """A problem at its place: file, sheet, row, column, ``node`` and the ``value`` found there; ``of`` are
        those of its message."""
        message = Message(wrong, of) if isinstance(wrong, str) else wrong
        problem = message if isinstance(message, Problem) else Problem(message, value=value)
        if row is not None:
            result = problem.value if problem.value is not None else self.content(row, column)
            problem = problem.at(row=row, node=problem.node or node or self.node(row), value=result)
        return problem.at(file=self.file, sheet=self.sheet.title, column=self.headings.get(column, column))


@dataclass(frozen=True)
class Row:
    """A row of a table: its number on the sheet and the value of each column, by key; empty cells are left out.

    ``raw`` has texts with their outer blanks.
    """

    number: int
    cells: dict[str, object] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)


@dataclass
class Table(Sheet):
    """A sheet with one table."""

    rows: dict[int, Row] = field(default_factory=dict)

    def content(self, row: int, column: str) -> object:
        return self.rows[row].cells.get(column) if row in self.rows else None

    def node(self, row: int) -> str:
        return str(self.rows[row].cells.get("code", "")) if row in self.rows else ""


def plain_value(value: object) -> object:
    """A cell's value: text in NFC with its escapes undone, without outer blanks; ``None`` when nothing is left."""
    return (_normal(value).strip(" \t\r\n\u00a0\u200b\ufeff") or None) if isinstance(value, str) else value


def _normal(text: str) -> str:
    """``text`` in NFC with the control characters that the file format escapes ("_x000D_" is a carriage return). Other
    escapes are undone by openpyxl, so that what looks like one here was typed."""
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n")


def forbidden(cell: Cell, percent: bool = True) -> Problem | None:
    """Why the content of a cell cannot be taken as it stands: a formula, an error, a day or a time; and, unless
    ``percent`` may be, a number shown as a percentage where none is asked for, or no one knows."""
    value = cell.value
    if cell.data_type == "f":
        shown = value if isinstance(value, str) else getattr(value, "text", None) or str(value)
        return Problem("the cell holds a formula; enter its value", value=shown)
    if cell.data_type == "e":
        return Problem("the cell holds the error {value}; enter it again", value=value)
    if isinstance(value, (datetime, date, time, timedelta)):
        return Problem(
            "Excel turned it into a day or a time; format the cell as number or text and type it again",
            value=value if isinstance(value, date) else str(value),
        )
    if isinstance(value, bool):
        return Problem("the cell holds TRUE or FALSE", value=value)
    if percent or not shown_as_percent(cell):
        return None
    return Problem(
        "the cell is formatted as a percentage (it shows {shown}%); format it as a number and type it again",
        value=value,
        shown=written(round(float(value) * 100, 9)),
    )


def shown_as_percent(cell: Cell) -> bool:
    """Whether a cell holds a number that Excel shows a hundred times larger: 0.5 as 50%."""
    pattern = re.sub(r'"[^"]*"|\\.', "", cell.number_format or "")
    return isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool) and "%" in pattern


def rows_of(sheet: OpenedSheet, first: int = 1, last: int | None = None, blank: bool = False) -> Iterator[list[Cell]]:
    """The cells of each row that has any, from row ``first`` to ``last``; ``blank``: also those that hold no value.

    What a sheet spans does not matter: one stray cell in its last row or column costs no more than any other.
    """
    rows: dict[int, list[Cell]] = {}
    for (row, _), cell in sorted(sheet._cells.items()):
        if row >= first and (last is None or row <= last) and (blank or cell.value is not None):
            rows.setdefault(row, []).append(cell)
    yield from rows.values()


def hidden_columns(sheet: OpenedSheet) -> Iterator[str]:
    """The letters of the hidden columns among those that hold something."""
    for dimension in sheet.column_dimensions.values():
        last = min(dimension.max or 0, sheet.max_column)
        for column in range(dimension.min, last + 1) if dimension.hidden and dimension.min else ():
            yield column_letter(column)


def read_table(sheet: OpenedSheet, file: str, headings: Mapping[str, str], needed: Sequence[str]) -> Table:
    """The table on ``sheet`` whose head row names the columns of ``headings`` (or their keys), in any order.

    Blank rows are skipped. Formulas, errors, days, merged cells, unknown and missing columns are noted as problems;
    hidden rows and columns, texts in an old encoding as warnings.
    """
    table = Table(file, sheet, headings)
    head, places = _head(sheet, headings)
    if lacking := [headings[key] for key in needed if key not in places.values()]:
        listed, known = ", ".join(f"“{name}”" for name in lacking), ", ".join(headings.values())
        table.refuse("columns missing: {listed}; the columns are {known}", listed=listed, known=known)
        return table
    for merged in sheet.merged_cells.ranges:
        if merged.max_row >= head:
            table.refuse("merged cells; unmerge them and fill each cell", merged.min_row, str(merged.coord))
    for cells in rows_of(sheet, head + 1):
        _read_row(table, cells, places)
    for row in table.rows.values():
        for key, value in row.cells.items():
            if isinstance(value, str) and (old := encoding_problem(value)):
                table.warn(old, row.number, key)
        if sheet.row_dimensions[row.number].hidden:
            table.warn("a hidden row; it is read", row.number)
    for letter in hidden_columns(sheet):
        table.warn("a hidden column; it is read", column=letter)
    return table


def _head(sheet: OpenedSheet, headings: Mapping[str, str]) -> tuple[int, dict[int, str]]:
    """The number of the head row (the one of the first twenty that names most columns) and what each column holds."""
    known = {fold(name): key for key, heading in headings.items() for name in (heading, key)}
    best: tuple[int, dict[int, str]] = (1, {})
    for cells in rows_of(sheet, last=20):
        places: dict[int, str] = {}
        for cell in cells:
            key = known.get(fold(str(cell.value))) if isinstance(cell.value, str) else None
            if key and key not in places.values():
                places[cell.column] = key
        if len(places) > len(best[1]):
            best = (cells[0].row, places)
    return best


def _read_row(table: Table, cells: Sequence[Cell], places: Mapping[int, str]) -> None:
    filled = [cell for cell in cells if plain_value(cell.value) is not None]
    if not filled:
        return
    row = table.rows[cells[0].row] = Row(cells[0].row)
    for cell in cells:
        key, value = places.get(cell.column), plain_value(cell.value)
        if key is None:
            if value is not None:
                outside = Problem("a cell outside the columns of the table; remove it or move it", value=cell.value)
                table.refuse(outside, row.number, column_letter(cell.column))
        elif problem := forbidden(cell, percent=False):
            table.refuse(problem, row.number, key)
        else:
            if value is not None:
                row.cells[key] = value
            if isinstance(cell.value, str):
                row.raw[key] = _normal(cell.value)


# --- opening a workbook -----------------------------------------------------------------------

_LARGEST = 200_000_000  # bytes of a workbook once unpacked: far above any form, far below a machine's memory
_LONGEST_TEXT = 7 * LONGEST_CELL  # bytes of a text in XML and of what is before it; one letter is at most &quot;
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of .xls, and of workbooks with a password


def open_workbook(path: Path) -> OpenedBook:
    """The workbook in ``path``, with the formulas in its cells.

    ``DataError`` says what the file is instead: missing, truncated, .xls, .xlsb, .ods, CSV, with a password or macros.
    """
    refuse_other(path)
    try:
        return loaded(path)
    except _BROKEN as error:
        raise DataError(_corrupt(error).at(file=path.name)) from None


def _corrupt(error: Exception) -> Problem:
    named = {"error_name": type(error).__name__}
    return Problem(
        Message("the workbook is corrupt and cannot be opened ({error_name}); save it again in Excel", named)
    )


def refuse_other(path: Path) -> None:
    """Raise ``DataError`` where a file is no plain .xlsx, saying what it is."""
    if problem := _refusal(path):
        raise DataError(problem.at(file=path.name))


def loaded(path: Path, **how: bool) -> OpenedBook:
    """The workbook as openpyxl reads it (``how``: its settings). What it cannot keep of a file it says in English
    warnings: shapes are announced by ``attached``, the rest concerns writers only."""
    import openpyxl

    with path.open("rb") as file, warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
        return openpyxl.load_workbook(file, keep_links=False, **how)


@contextmanager
def streamed(path: Path) -> Iterator[OpenedBook]:
    """The workbook in ``path`` with what its cells show, to be read row by row: a long one in little memory."""
    import openpyxl

    refuse_other(path)
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
        try:
            yield openpyxl.load_workbook(file, data_only=True, read_only=True, keep_links=False)
        except _BROKEN as error:
            raise DataError(_corrupt(error).at(file=path.name)) from None


def shown_numbers(path: Path, sheet: str, column: int) -> dict[int, float]:
    """The numbers that the cells of a column showed when the workbook was last saved, by row; ``sheet`` is its exact
    name. openpyxl gives either the formulas or what they showed, and would read the whole workbook again."""
    letter, numbers = column_letter(column), {}
    with zipfile.ZipFile(path) as archive, archive.open(_parts(archive)[sheet]) as part:
        for _, cell in ElementTree.iterparse(part):
            name = str(cell.get("r", "")) if cell.tag.endswith("}c") else ""
            is_number = name.rstrip("0123456789") == letter and cell.get("t", "n") == "n"
            if is_number and (shown := cell.findtext("{*}v")):
                numbers[int(name.removeprefix(letter))] = float(shown)
            if cell.tag.endswith("}row"):
                cell.clear()
    return numbers


# What openpyxl lets through when the XML inside is not what it should be.
_BROKEN: tuple[type[Exception], ...] = (OSError, EOFError, LookupError, ValueError, TypeError, AttributeError)
_BROKEN += (RuntimeError, ElementTree.ParseError, zipfile.BadZipFile)


def _refusal(path: Path) -> Problem | None:
    """Why ``path`` is not opened; ``None`` when it looks like a plain .xlsx."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return Problem("no such file, or it cannot be read")
    if not start:
        return Problem("the file is empty")
    if start.startswith(_OLE2):
        return _old_container(path)
    if not start.startswith(b"PK"):
        return _text_file(start)
    try:
        with zipfile.ZipFile(path) as archive:
            return _archive_refusal(archive)
    except (zipfile.BadZipFile, OSError, ValueError):
        return Problem("the file is truncated or corrupt; send the original again")


def _old_container(path: Path) -> Problem:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        return Problem("the workbook needs a password to open; remove it and send it again")
    return Problem("an Excel 97-2003 workbook (.xls); save it as .xlsx")


def _text_file(start: bytes) -> Problem:
    if b"\x00" not in start or start.startswith((b"\xff\xfe", b"\xfe\xff", b"%PDF")):
        is_html = b"<html" in start.lower() or b"<table" in start.lower()
        kind = "PDF" if start.startswith(b"%PDF") else "HTML" if is_html else Message("text or CSV")
        return Problem("not a workbook but a renamed {kind} file; use the .xlsx form that was sent", kind=kind)
    return Problem("not an Excel workbook (.xlsx)")


def _archive_refusal(archive: zipfile.ZipFile) -> Problem | None:
    if problem := _unsound(archive):
        return problem
    names = {name.lower() for name in archive.namelist()}
    if "xl/workbook.bin" in names:
        return Problem("a binary workbook (.xlsb); save it as .xlsx")
    if "xl/vbaproject.bin" in names:
        return Problem("the workbook has macros (.xlsm); save it as .xlsx")
    if "xl/workbook.xml" not in names:
        kind = _kind_of_archive(archive, names)
        return Problem("not an Excel workbook (.xlsx) but {kind}", kind=kind)
    if b"purl.oclc.org/ooxml" in archive.read("xl/workbook.xml"):
        return Problem("a “Strict Open XML Spreadsheet”; open it in Excel and save it as Excel Workbook (.xlsx)")
    return None


def _unsound(archive: zipfile.ZipFile) -> Problem | None:
    """Why no part of ``archive`` may be read: it would take all memory, or is not what was packed."""
    if sum(item.file_size for item in archive.infolist()) > _LARGEST:
        return Problem("the file is too large once unpacked")
    if any(item.flag_bits & 0x1 for item in archive.infolist()):
        return Problem("the archive has a password")
    for name in archive.namelist():
        try:
            with archive.open(name) as part:
                longest = _longest_text(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            return Problem("the file is corrupt (part {part} fails its checksum); send the original again", part=name)
        if longest > _LONGEST_TEXT and name.startswith(("xl/", "word/")) and name.endswith(".xml"):
            return Problem(
                "a text of {n} bytes in part {part}; a cell of Excel holds {most} letters at most: shorten it",
                n=longest,
                part=name,
                most=LONGEST_CELL,
            )
    return None


def _longest_text(part: IO[bytes]) -> int:
    """The bytes of the longest stretch of a part in which no element of XML begins."""
    longest = open_ = 0
    while chunk := part.read(1 << 20):
        first, *others = map(len, chunk.split(b"<"))
        open_ += first
        longest = max(longest, open_, *others)
        open_ = others[-1] if others else open_
    return longest


def check_word(path: Path) -> None:
    """Raise ``DataError`` where a Word file is damaged or would take all memory. (No archive: its reader says so.)"""
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        if problem := _unsound(archive):
            raise DataError(problem.at(file=path.name))


def word_refusal(path: Path, error: Exception) -> Problem:
    """Why a Word file that cannot be opened is refused, and how it is saved so that it can be."""
    with contextlib.suppress(zipfile.BadZipFile, KeyError, OSError), zipfile.ZipFile(path) as archive:
        if b"purl.oclc.org/ooxml" in archive.read("_rels/.rels") + archive.read("word/document.xml"):
            return Problem(
                "a “Strict Open XML Document”; open it in Word and save it as Word Document (.docx)", file=path.name
            )
    words = Message("not a Word document that can be opened ({error_name}); save it again as .docx")
    return Problem(words.filled(error_name=type(error).__name__), file=path.name)


def _kind_of_archive(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "word/document.xml" in names:
        return "Word (.docx)"
    if "mimetype" in names and b"opendocument" in archive.read("mimetype"):
        return "OpenDocument (.ods)"
    return "zip"


def sheet_named(workbook: OpenedBook, name: str) -> OpenedSheet | None:
    """The sheet called ``name``, whatever its blanks, case and Unicode form; ``None`` when there is none."""
    return next((sheet for sheet in workbook.worksheets if fold(sheet.title) == fold(name)), None)


# --- what hangs on cells and is no value ------------------------------------------------------

_THREAD = "[Threaded comment]"  # Excel writes a thread of comments as one note too, under words of its own
_DRAWN = {  # elements of a drawing, and what they are
    "pic": Message("a picture over the cell"),
    "sp": Message("a text box or shape over the cell"),
    "cxnSp": Message("a shape over the cell"),
    "grpSp": Message("a group of shapes over the cell"),
    "graphicFrame": Message("a chart or diagram over the cell"),
    "contentPart": Message("ink over the cell"),
}
_FILE = Message("a file embedded in the sheet")
_NOT_READ = Message("{what}: it is not read")
UNREAD_LINK = Message("the link on the cell is not read")


def attached(
    path: Path, book: OpenedBook, own: Collection[str], linked: Collection[tuple[str, int]] = ()
) -> list[Problem]:
    """A warning for everything that hangs on a cell of the sheets named in ``own``, and for each other sheet that is
    not empty. ``book`` is the workbook as ``open_workbook`` read it from ``path``; links in the columns ``linked``
    (sheet, number) are the reader's own business."""
    problems: list[Problem] = []
    with zipfile.ZipFile(path) as archive:
        parts = _parts(archive)
        rich = _struck_in_part(path, archive, parts)
        for sheet in book.worksheets:
            name = sheet.title
            noted = list(_drawings(archive, parts.get(name, "")))
            if name in own:
                besides = {column for title, column in linked if title == name}
                noted = [*_on_cells(sheet, besides, rich.get(name, set())), *noted]
            else:
                noted = _foreign(sheet, noted)
            problems += [problem.at(file=path.name, sheet=name) for problem in noted]
    return problems


def _at(row: int, column: int, message: Words, value: object = None) -> Problem:
    return Problem(message, row=row, column=column_letter(column), value=value)


def _foreign(sheet: OpenedSheet, drawn: list[Problem]) -> list[Problem]:
    """A sheet that was not sent out: a copy filled in instead of the original, or an annex."""
    words = Message(
        "this sheet is not one that was sent out and is not read; what it says belongs on the sheet that was sent"
    )
    first = next((cell for cells in rows_of(sheet) for cell in cells if plain_value(cell.value) is not None), None)
    if first is not None:
        return [_at(first.row, first.column, words, str(first.value)[:80])]
    return [problem.at(message=words) for problem in drawn[:1]]


def leads_elsewhere(cell: Cell) -> bool:
    """Whether a cell has a link to something that its text does not say already."""
    link = cell.hyperlink
    target = (link.target or link.location or "") if link is not None else ""
    return bool(target) and unquote(target).removeprefix("mailto:").rstrip("/") not in str(cell.value)


def _on_cells(sheet: OpenedSheet, besides: Collection[int], rich: Collection[str]) -> list[Problem]:
    """Links, notes, and what is struck out, wholly or (``rich``: the names of the cells) in part."""
    links, notes, struck = [], [], []
    for cell in (cell for cells in rows_of(sheet, blank=True) for cell in cells):
        at = (cell.row, cell.column)
        if cell.value is not None and cell.column not in besides and leads_elsewhere(cell):
            links.append(_at(*at, UNREAD_LINK, cell.hyperlink.target or cell.hyperlink.location))
        if cell.comment is not None:
            text = str(cell.comment.text or "")
            text = (text.partition(":\n")[2] or text) if text.startswith(_THREAD) else text
            words = Message("a comment on the cell is not read; copy it into the column of remarks if it is needed")
            notes.append(_at(*at, words, " ".join(text.split())))
        if plain_value(cell.value) is not None and (cell.font.strike or cell.coordinate in rich):
            words = Message(
                "the content of the cell is struck out and is read all the same; delete it if it no longer holds"
            )
            struck.append(_at(*at, words, cell.value if cell.data_type != "f" else str(cell.value)))
    return [*links, *notes, *struck]


def _struck_in_part(path: Path, archive: zipfile.ZipFile, parts: Mapping[str, str]) -> dict[str, set[str]]:
    """The cells of each sheet of whose text a part is struck out. The texts are read again only where one is."""
    texts = {"xl/sharedStrings.xml", *parts.values()} & set(archive.namelist())
    if not any(b"<strike" in archive.read(name) for name in texts):
        return {}
    from openpyxl.cell.rich_text import CellRichText, TextBlock

    def is_struck(value: object) -> bool:
        runs = value if isinstance(value, CellRichText) else ()
        return any(isinstance(run, TextBlock) and run.font is not None and run.font.strike for run in runs)

    return {
        sheet.title: {cell.coordinate for cells in rows_of(sheet) for cell in cells if is_struck(cell.value)}
        for sheet in loaded(path, rich_text=True).worksheets
    }


# --- what is drawn over cells -------------------------------------------------------------------


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of the package that holds each sheet, by the sheet's name."""
    targets = {relation.Id: relation.target for relation in _related(archive, "xl/workbook.xml")}
    results = {}
    for sheet in _tree(archive, "xl/workbook.xml").iterfind(".//{*}sheet"):
        identity = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        if identity in targets:
            results[str(sheet.get("name"))] = targets[identity]
    return results


def _drawings(archive: zipfile.ZipFile, part: str) -> Iterator[Problem]:
    """Pictures, text boxes, shapes and embedded files of the sheet in ``part``, each with the cell below its corner."""
    related = _related(archive, part) if part in archive.namelist() else []
    kinds = [str(relation.Type).rpartition("/")[2] for relation in related]
    for kind, relation in zip(kinds, related, strict=True):
        if kind == "drawing" and relation.target in archive.namelist():
            for anchor in _tree(archive, relation.target):
                yield from _drawn(anchor)
    if files := kinds.count("oleObject") + kinds.count("package"):
        yield from _embedded(archive, part, files)


def _drawn(anchor: ElementTree.Element) -> Iterator[Problem]:
    """One anchor of a drawing. What stands for an embedded file is left to ``_embedded``."""
    if any(extension.find("{*}compatExt") is not None for extension in anchor.iterfind(".//{*}ext")):
        return
    names = (str(element.tag).rpartition("}")[2] for element in anchor.iter())
    kind = next((name for name in names if name in _DRAWN), None)
    if kind:
        text = " ".join(element.text for element in anchor.iterfind(".//{*}t") if element.text)
        yield _at(*_corner(anchor), _NOT_READ.filled(what=_DRAWN[kind]), text or None)


def _embedded(archive: zipfile.ZipFile, part: str, files: int) -> Iterator[Problem]:
    seen: set[str] = set()
    for element in _tree(archive, part).iterfind(".//{*}oleObject"):
        shape = str(element.get("shapeId"))
        if shape not in seen and element.find(".//{*}from") is not None:
            seen.add(shape)
            yield _at(*_corner(element), _NOT_READ.filled(what=_FILE), element.get("progId"))
    if not seen:  # written without an anchor: the sheet is all that is known
        yield Problem("{files} x {what}: not read", what=_FILE, files=files)


def _corner(anchor: ElementTree.Element) -> tuple[int, int]:
    """The row and column of the cell under the upper left corner of an anchor, counted from 1; A1 where it floats."""
    row, column = (anchor.findtext(f".//{{*}}from/{{*}}{name}") or 0 for name in ("row", "col"))
    return int(row) + 1, int(column) + 1


def _related(archive: zipfile.ZipFile, part: str) -> list[Relationship]:
    """The parts that ``part`` refers to inside the package."""
    from openpyxl.packaging.relationship import get_dependents, get_rels_path

    name = get_rels_path(part)
    result = get_dependents(archive, name) if name in archive.namelist() else ()
    return [relation for relation in result if relation.TargetMode != "External"]


def _tree(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(part))
