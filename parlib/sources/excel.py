"""The pen that Excel files are written with: looks, pages, and text that stays text.

One palette, one font, every cell format made once a workbook (``Looks``); workbooks whose bytes depend on their content
alone (``new_workbook``).

A cell whose text begins with ``=``, ``+``, ``-`` or ``@`` (or with a tab or a line break before it) is run as a formula
when a spreadsheet reads it from CSV, and when somebody edits the cell. Officials write such text in good faith ("- Đã
hoàn thành 3 nhiệm vụ"), so it is kept, not refused:

- in a workbook, ``put_text`` writes a text cell that is marked as text (Excel's quote prefix): nothing is lost;
- anywhere else (CSV, pandas' own Excel writer) ``safe_text`` puts an apostrophe before it; ``plain_text`` takes it off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar, overload

from parlib.words import FIRST, Message

if TYPE_CHECKING:
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
    "head": {
        **_CELL,
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": NAVY,
        "border_color": "#FFFFFF",
        "align": "center",
        "valign": "vcenter",
    },
    "text": _CELL,
    "line": _LINE,
    "line_whole": {**_LINE, "num_format": "0", "align": "right"},
    "line_decimals": {**_LINE, "num_format": "0.00", "align": "right"},
    "code": {**_CELL, "num_format": "@"},
    "number": {**_CELL, "num_format": NUMBER, "align": "right"},
    "points": {**_CELL, "num_format": POINTS, "align": "center"},
    "earned": {**_CELL, "num_format": POINTS, "align": "center", "bold": True},
    "grey": {**_CELL, "bg_color": GREY, "font_color": FAINT},
    "grey_points": {**_CELL, "bg_color": GREY, "font_color": FAINT, "num_format": POINTS, "align": "center"},
    "check": {**_CELL, "font_size": 9, "font_color": FAINT},
    "in_text": {**_CELL, **_OPEN},
    "in_code": {**_CELL, **_OPEN, "num_format": "@"},
    "in_choice": {**_CELL, **_OPEN, "num_format": "@"},
    "in_number": {**_CELL, **_OPEN, "num_format": NUMBER, "align": "right"},
    "in_points": {**_CELL, **_OPEN, "num_format": POINTS, "align": "center"},
    "in_percent": {**_CELL, **_OPEN, "num_format": '#,##0.######"%"', "align": "right"},
    "whole": {**_CELL, "bold": True, "bg_color": NAVY, "font_color": "#FFFFFF", "valign": "vcenter"},
    "whole_points": {
        **_CELL,
        "bold": True,
        "bg_color": NAVY,
        "font_color": "#FFFFFF",
        "valign": "vcenter",
        "num_format": POINTS,
        "align": "center",
    },
    "area": {**_CELL, "bold": True, "bg_color": AREA, "num_format": "@"},
    "area_points": {**_CELL, "bold": True, "bg_color": AREA, "num_format": POINTS, "align": "center"},
    "criterion": {**_CELL, "bold": True, "bg_color": CRITERION, "num_format": "@"},
    "criterion_points": {**_CELL, "bold": True, "bg_color": CRITERION, "num_format": POINTS, "align": "center"},
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
    }
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"title": title, "subject": subject, "author": "parlib", "created": datetime(2000, 1, 1)})
    book.set_calc_mode("auto")
    return book


def page(sheet: Worksheet, *, landscape: bool, footer: str, language: str = FIRST) -> None:
    """Set a sheet for printing on A4, as wide as the page, with page numbers."""
    if landscape:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    safe = footer.replace("&", "&&")[:180]
    numbers = Message("Page {page}/{pages}", {"page": "&P", "pages": "&N"}).text(language)
    sheet.set_footer(f"&L&8 {safe}&R&8 {numbers}")
    sheet.hide_gridlines(2)


# --- text that stays text ---------------------------------------------------------------------

LONGEST_CELL = 32_767  # Excel's limit of characters in a cell
CUT = " … " + Message("[cut off]").text()

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
    return clean if len(clean) <= LONGEST_CELL else clean[: LONGEST_CELL - len(CUT)] + CUT


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


# --- a sheet --------------------------------------------------------------------------------------


class CellFormula(NamedTuple):
    """A formula, and what its cell shows until a spreadsheet works it out."""

    text: str
    shown: str | float | None = None


Content = str | float | CellFormula | None


class Pen:
    """Writes one sheet. Rows and columns are counted from 1, as people read them; a cell is a text (which stays text),
    a number, a formula or ``None`` (blank), in one of the ``LOOKS``."""

    def __init__(self, book: Workbook, looks: Looks, name: str, widths: Iterable[float] = ()) -> None:
        self.sheet, self.looks = book.add_worksheet(name), looks
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

    def line(self, *cells: tuple[int, Content, str] | tuple[int, Content, str, int], height: float = 0) -> None:
        """Write the next row: of each cell its column, content and look, and the column that it reaches to."""
        self.row += 1
        for cell in cells:
            self.put(self.row, *cell)
        if height:
            self.sheet.set_row(self.row - 1, height)
