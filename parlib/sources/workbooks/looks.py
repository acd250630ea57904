"""How our workbooks look: one palette, one font, every cell format made once a workbook."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
WARN = "#9A6700"

POINTS = "0.00##"
NUMBER = "#,##0.######"

_BASE: dict[str, Any] = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "vcenter"}
_CELL: dict[str, Any] = {
    **_BASE,
    "font_size": 10,
    "border": 1,
    "border_color": LINE,
    "text_wrap": True,
    "valign": "top",
}
_OPEN: dict[str, Any] = {"locked": False, "bg_color": INPUT}

#: Every look by name. "q_" before a text look is the same with the quote prefix (see safe_text.py).
LOOKS: dict[str, dict[str, Any]] = {
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


def page(sheet: Worksheet, *, landscape: bool, footer: str) -> None:
    """Set a sheet for printing on A4, as wide as the page, with page numbers."""
    if landscape:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    safe = footer.replace("&", "&&")[:180]
    sheet.set_footer(f"&L&8 {safe}&R&8 Trang &P/&N")
    sheet.hide_gridlines(2)
