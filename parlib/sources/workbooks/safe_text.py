"""Text from outside in a spreadsheet: it stays text, and never becomes a formula.

A cell whose text begins with ``=``, ``+``, ``-`` or ``@`` (or with a tab or a line break before it) is run as a formula
when a spreadsheet reads it from CSV, and when somebody edits the cell. Officials write such text in good faith ("- Đã
hoàn thành 3 nhiệm vụ"), so it is kept, not refused:

- in a workbook, ``put_text`` writes a text cell that is marked as text (Excel's quote prefix): nothing is lost;
- anywhere else (CSV, pandas' own Excel writer) ``safe_text`` puts an apostrophe before it; ``plain_text`` takes it off.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST_CELL = 32_767  # Excel's limit of characters in a cell
CUT = " … [đã cắt bớt]"

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
def safe_text(value: Any) -> Any:
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
