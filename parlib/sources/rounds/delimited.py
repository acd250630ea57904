"""Delimited text as officials save it: which encoding, which separator, which cells; all that is wrong, with its row.

A row is counted as a spreadsheet counts it: the first line is row 1, and a cell with a line break is one row still.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from parlib.errors import DataError, Problem

SEPARATORS = (";", ",", "\t")

_SIGNATURES = (  # the first bytes of files that are not UTF-8 text, longest first
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"PK\x03\x04", "Excel (.xlsx)"),
    (b"\xd0\xcf\x11\xe0", "Excel 97-2003 (.xls)"),
    (b"%PDF", "PDF"),
)
_SAVE_AS = "hãy lưu lại ở dạng 'CSV UTF-8'"
# Vietnamese in UTF-8 that was read as Windows-1252 and saved again: "Hà Nội" became "HÃ  Ná»™i".
_GARBLED = re.compile("áº|á»|Ã[\u00a0-¿€-™]|Ä[\u0090-\u0091‘ƒ©¨]|Æ[°¡]")
_BLANKS = " \t\r\n\u00a0\u200b\u2060\ufeff"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True)
class Delimited:
    """The cells of a file: ``rows`` of equal length with their row numbers, the head (title) rows included."""

    rows: list[list[str]]
    numbers: list[int]
    problems: list[Problem]
    separator: str


def read_delimited(path: Path, separator: str = "") -> Delimited:
    """The cells of ``path`` in NFC. Raises ``DataError`` where nothing can be read; what is wrong with single rows
    is collected in ``problems``. Without ``separator`` the one that the head uses most is taken."""
    text = _decoded(path)
    separator = separator or _separator(text)
    rows, numbers, problems = _records(text, separator, path.name)
    for number, row in zip(numbers, rows, strict=True):
        for column, cell in enumerate(row, start=1):
            problem = _cell_problem(cell)
            if problem:
                problems.append(problem.at(file=path.name, row=number, column=column_letter(column), value=cell))
    return Delimited(rows, numbers, problems, separator)


def column_letter(place: int) -> str:
    """The letter over the column at ``place`` (1 = A), as spreadsheets write it."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(Problem(vi="không có tệp này", en="no such file", file=str(path))) from None
    if not content.strip():
        raise DataError(Problem(vi="tệp rỗng", en="the file is empty", file=path.name))
    for signature, what in _SIGNATURES:
        if content.startswith(signature):
            raise DataError(_not_utf8(what, path))
    if content[:400].count(0) > len(content[:400]) // 4:
        raise DataError(_not_utf8("UTF-16", path))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(_badly_encoded(content, error.start, path)) from None
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _not_utf8(what: str, path: Path) -> Problem:
    return Problem(
        vi=f"tệp là {what}, không phải văn bản UTF-8; {_SAVE_AS}",
        en=f"the file is {what}, not text in UTF-8; save it as 'CSV UTF-8'",
        file=path.name,
    )


def _badly_encoded(content: bytes, start: int, path: Path) -> Problem:
    """Name the first row that is not UTF-8, what stands there, and the likely encoding."""
    line_start = content.rfind(b"\n", 0, start) + 1
    line = content[line_start:].split(b"\n", 1)[0][:80]
    shown, guess = line.decode("latin-1"), "Windows-1252"
    try:
        shown = unicodedata.normalize("NFC", line.decode("cp1258"))
        guess = "Windows-1258" if any(byte in content for byte in b"\xcc\xd2\xde\xec\xf2") else guess
    except UnicodeDecodeError:
        guess = "không rõ / unknown"
    return Problem(
        vi=f"tệp không ở mã UTF-8 (có thể là {guess}); {_SAVE_AS}",
        en=f"the file is not in UTF-8 (perhaps {guess}); save it as 'CSV UTF-8'",
        file=path.name,
        row=content.count(b"\n", 0, start) + 1,
        value=shown.strip(),
    )


def _separator(text: str) -> str:
    """The separator that stands most often outside quotes in the first twenty lines."""
    outside = re.sub(r'"[^"]*"', "", "\n".join(text.splitlines()[:20]))
    return max(SEPARATORS, key=outside.count)


def _records(text: str, separator: str, file: str) -> tuple[list[list[str]], list[int], list[Problem]]:
    rows: list[list[str]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                rows.append([cell.strip(_BLANKS) for cell in row])
                numbers.append(number)
    except csv.Error as error:
        cut = "unexpected end" in str(error)
        problems.append(
            Problem(
                vi="dấu nháy kép mở ra mà không đóng: tệp bị cắt ngang?" if cut else "dấu nháy kép đặt sai chỗ",
                en="a quote is opened and never closed: is the file cut off?" if cut else "a quote stands wrongly",
                file=file,
                row=number + 1,
            )
        )
    return rows, numbers, problems


def ragged(table: Delimited, head: int, file: str) -> list[Problem]:
    """The rows after the head (the row at place ``head``) that have too few or too many cells; cells that are merely
    blank at the end do not count. Rows with too few cells are filled up, so that the rest can be checked."""
    width = len(table.rows[head])
    problems = []
    for number, row in zip(table.numbers[head + 1 :], table.rows[head + 1 :], strict=True):
        used = len(row)
        while used > width and not row[used - 1]:
            used -= 1
        if used != width:
            problems.append(
                Problem(
                    vi=f"dòng có {used} ô, dòng tiêu đề có {width} ô"
                    + ("; dòng bị cắt?" if used < width else "; có dấu phân cách trong ô không đặt trong nháy kép?"),
                    en=f"the row has {used} cells, the head has {width}",
                    file=file,
                    row=number,
                    value=table.separator.join(row)[:80],
                )
            )
        row[:] = (row + [""] * width)[:width]
    return problems


def _cell_problem(cell: str) -> Problem | None:
    if _CONTROLS.search(cell):
        return Problem(vi="ô chứa ký tự điều khiển", en="the cell holds a control character")
    if _GARBLED.search(cell):
        return Problem(
            vi=f"chữ Việt bị hỏng do mở sai bảng mã; mở lại tệp gốc và {_SAVE_AS[4:]}",
            en="Vietnamese letters were garbled by a wrong encoding; save the original again as 'CSV UTF-8'",
        )
    if cell.startswith("=") or re.match(r"[=+\-@].*\|.*!", cell):
        return Problem(
            vi="ô chứa công thức; hãy ghi giá trị, không ghi công thức",
            en="the cell holds a formula; write its value instead",
        )
    return None
