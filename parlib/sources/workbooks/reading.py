"""Workbooks that come from outside: opened, their tables read cell by cell, and what hangs on cells announced.

What is not a plain .xlsx is named for what it is, and never run. What a cell cannot be is said in words, at its place.
Notes, pictures, files, strike-through, sheets of others can be kept neither in a ledger nor in a set of criteria: each
is announced with its cell, so that nothing that somebody meant to send is lost in silence.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import ParseError

from parlib.errors import DataError, Problem
from parlib.tables import column_letter, encoding_problem
from parlib.words import Bilingual, Message, Words, fold

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")


@dataclass(frozen=True)
class Row:
    """A row of a table: its number on the sheet and the value of each column, by key; empty cells are left out.

    ``raw`` has texts with their outer blanks.
    """

    number: int
    cells: dict[str, object]
    raw: dict[str, str] = field(default_factory=dict)


@dataclass
class Table:
    """The rows of a table, the heading of each column, and what is wrong with the table as a whole."""

    file: str
    sheet: str
    headings: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, problem: Problem, row: Row | None = None, column: str = "") -> Problem:
        """``problem`` at its place: file, sheet, row, column and the value found there."""
        value = row.cells.get(column) if row is not None else None
        located = problem.at(file=self.file, sheet=self.sheet, column=self.headings.get(column, column))
        if row is not None:
            located = located.at(row=row.number, node=located.node or str(row.cells.get("code", "")))
        return located.at(value=value if located.value is None else located.value)

    def note(self, problem: Problem, row: Row | None = None, column: str = "") -> None:
        """Note ``problem`` at its place."""
        self.problems.append(self.problem(problem, row, column))

    def bad(self, message: Words, row: Row | None = None, column: str = "", value: object = None) -> None:
        """Note what is wrong with the cell of ``column`` in ``row``."""
        self.note(Problem(message, value=value), row, column)


def plain_value(value: object) -> object:
    """A cell's value: text in NFC with its escapes undone, without outer blanks; ``None`` when nothing is left."""
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", unescaped(value)).replace("\r\n", "\n").strip(" \t\r\n\u00a0\u200b\ufeff")
        return text or None
    return value


def unescaped(text: str) -> str:
    """``text`` with the control characters that the file format escapes ("_x000D_" is a carriage return).

    Other escapes are undone by openpyxl, so that what looks like one here was typed.
    """
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def forbidden(cell: Cell) -> Problem | None:
    """Why the content of a cell cannot be taken as it stands: a formula, an error, a day or a time."""
    value = cell.value
    if cell.data_type == "f":
        shown = value if isinstance(value, str) else getattr(value, "text", None) or str(value)
        return Problem("the cell holds a formula; enter its value", value=shown)
    if cell.data_type == "e":
        return Problem("the cell holds the error {value}; enter it again", value=value)
    if isinstance(value, (datetime, date, time, timedelta)):
        return Problem(
            "Excel turned it into a day or a time; format the cell as number or text and type it again",
            value=value.isoformat() if not isinstance(value, timedelta) else str(value),
        )
    if isinstance(value, bool):
        return Problem("the cell holds TRUE or FALSE", value=value)
    return None


def shown_as_percent(cell: Cell) -> bool:
    """Whether a cell holds a number that Excel shows a hundred times larger: 0.5 as 50%."""
    pattern = re.sub(r'"[^"]*"|\\.', "", cell.number_format or "")
    return isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool) and "%" in pattern


def percent_problem(cell: Cell) -> Problem | None:
    """Why a number cannot be taken that is shown as a percentage where no percentage is asked for, or no one knows."""
    if not shown_as_percent(cell):
        return None
    shown = f"{round(float(cell.value) * 100, 9):g}"
    return Problem(
        "the cell is formatted as a percentage (it shows {shown}%); format it as a number and type it again",
        value=cell.value,
        shown=Bilingual(shown.replace(".", ","), shown),
    )


def doubtful_cells(sheet: Worksheet, table: Table) -> Iterator[Problem]:
    """What is read of a table and should be looked at: hidden rows and columns, texts in an old encoding."""
    for row in table.rows:
        for key, value in row.cells.items():
            if isinstance(value, str) and (old := encoding_problem(value)):
                yield table.problem(old, row, key)
        if sheet.row_dimensions[row.number].hidden:
            yield table.problem(Problem("a hidden row; it is read"), row)
    for dimension in sheet.column_dimensions.values():
        for column in range(dimension.min, dimension.max + 1) if dimension.hidden and dimension.min else ():
            yield Problem(
                "a hidden column; it is read", file=table.file, sheet=table.sheet, column=column_letter(column)
            )


def rows_of(sheet: Worksheet, first: int = 1, last: int | None = None, blank: bool = False) -> Iterator[list[Cell]]:
    """The cells of each row that has any, from row ``first`` to ``last``; ``blank``: also those that hold no value.

    What a sheet spans does not matter: one stray cell in its last row or column costs no more than any other.
    """
    rows: dict[int, list[Cell]] = {}
    for (row, _), cell in sorted(sheet._cells.items()):
        if row >= first and (last is None or row <= last) and (blank or cell.value is not None):
            rows.setdefault(row, []).append(cell)
    yield from rows.values()


def read_table(sheet: Worksheet, file: str, columns: Sequence[tuple[str, str]], needed: Sequence[str]) -> Table:
    """The table on ``sheet`` whose head row names ``columns`` (key and heading), in any order.

    Blank rows are skipped. Formulas, errors, days, merged cells, unknown and missing columns are noted as problems.
    """
    table = Table(file, sheet.title, dict(columns))
    head, places = _head(sheet, columns)
    lacking = [table.headings[key] for key in needed if key not in places.values()]
    if lacking:
        listed, known = ", ".join(f"“{name}”" for name in lacking), ", ".join(table.headings.values())
        table.bad(Message("columns missing: {listed}; the columns are {known}", {"listed": listed, "known": known}))
        return table
    for merged in sheet.merged_cells.ranges:
        if merged.max_row >= head:
            table.problems.append(
                Problem(
                    "merged cells; unmerge them and fill each cell",
                    file=file,
                    sheet=sheet.title,
                    row=merged.min_row,
                    column=str(merged.coord),
                )
            )
    for cells in rows_of(sheet, head + 1):
        row = _row(table, cells, places)
        if row is not None:
            table.rows.append(row)
    return table


def _head(sheet: Worksheet, columns: Sequence[tuple[str, str]]) -> tuple[int, dict[int, str]]:
    """The number of the head row (the one of the first twenty that names most columns) and what each column holds."""
    known = {fold(name): key for key, heading in columns for name in (heading, key)}
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


def _row(table: Table, cells: Sequence[Cell], places: dict[int, str]) -> Row | None:
    if all(plain_value(cell.value) is None for cell in cells):
        return None
    row = Row(cells[0].row, {})
    for cell in cells:
        if cell.value is None:
            continue
        key = places.get(cell.column)
        if key is None and plain_value(cell.value) is None:
            continue
        if key is None:
            table.problems.append(
                Problem(
                    "a cell outside the columns of the table; remove it or move it",
                    file=table.file,
                    sheet=table.sheet,
                    row=row.number,
                    column=column_letter(cell.column),
                    value=cell.value,
                )
            )
            continue
        value = plain_value(cell.value)
        problem = forbidden(cell) or percent_problem(cell)
        if problem is not None:
            table.note(problem, row, key)
        else:
            if value is not None:
                row.cells[key] = value
            if isinstance(cell.value, str):
                row.raw[key] = unicodedata.normalize("NFC", unescaped(cell.value)).replace("\r\n", "\n")
    return row


# --- opening a workbook -----------------------------------------------------------------------

_LARGEST = 200_000_000  # bytes of a workbook once unpacked: far above any form, far below a machine's memory
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of .xls, and of workbooks with a password


def open_workbook(path: Path) -> Workbook:
    """The workbook in ``path``, with the formulas in its cells.

    ``DataError`` says what the file is instead: missing, truncated, .xls, .xlsb, .ods, CSV, with a password or macros.
    """
    problem = _refusal(path)
    if problem is not None:
        raise DataError(problem.at(file=path.name))
    try:
        return loaded(path)
    except _BROKEN as error:
        raise DataError(
            Problem(
                "the workbook is corrupt and cannot be opened ({error_name}); save it again in Excel",
                file=path.name,
                error_name=type(error).__name__,
            )
        ) from None


def loaded(path: Path, **how: bool) -> Workbook:
    """The workbook as openpyxl reads it (``how``: its settings). What it cannot keep of a file it says in English
    warnings: shapes are announced by ``attached``, the rest concerns writers only."""
    import openpyxl

    with path.open("rb") as file, warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
        return openpyxl.load_workbook(file, keep_links=False, **how)


def shown_values(path: Path, sheet: str, column: int, last: int) -> dict[int, object]:
    """What the cells of a column showed when the workbook was last saved, by row up to ``last``; ``sheet`` is its
    exact name."""
    import openpyxl

    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, data_only=True, read_only=True, keep_links=False)
        cells = book[sheet].iter_rows(max_row=last, min_col=column, max_col=column)
        return {cell.row: cell.value for (cell,) in cells if cell.value is not None}


# What openpyxl lets through when the XML inside is not what it should be.
_BROKEN = (
    OSError,
    ParseError,
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    RuntimeError,
)


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
    if b"\x00" not in start or start.startswith((b"\xff\xfe", b"\xfe\xff")):
        is_html = b"<html" in start.lower() or b"<table" in start.lower()
        kind, english = ("HTML", "HTML") if is_html else ("văn bản/CSV", "text or CSV")
        return Problem(
            "not a workbook but a renamed {kind} file; use the .xlsx form that was sent", kind=Bilingual(kind, english)
        )
    return Problem("not an Excel workbook (.xlsx)")


def _archive_refusal(archive: zipfile.ZipFile) -> Problem | None:
    names = {name.lower() for name in archive.namelist()}
    if sum(item.file_size for item in archive.infolist()) > _LARGEST:
        return Problem("the file is too large once unpacked")
    if any(item.flag_bits & 0x1 for item in archive.infolist()):
        return Problem("the archive has a password")
    if "xl/workbook.bin" in names:
        return Problem("a binary workbook (.xlsb); save it as .xlsx")
    if "xl/vbaproject.bin" in names:
        return Problem("the workbook has macros (.xlsm); save it as .xlsx")
    if "xl/workbook.xml" not in names:
        kind = _kind_of_archive(archive, names)
        return Problem("not an Excel workbook (.xlsx) but {kind}", kind=kind)
    broken = _broken_part(archive)
    if broken:
        return Problem("the file is corrupt (part {broken} fails its checksum); send the original again", broken=broken)
    if b"purl.oclc.org/ooxml" in archive.read("xl/workbook.xml"):
        return Problem("a “Strict Open XML Spreadsheet”; open it in Excel and save it as Excel Workbook (.xlsx)")
    return None


def _broken_part(archive: zipfile.ZipFile) -> str:
    """The first part whose content is not what was packed; "" where all are sound."""
    for name in archive.namelist():
        try:
            with archive.open(name) as part:
                while part.read(1 << 20):
                    pass
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            return name
    return ""


def _kind_of_archive(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "word/document.xml" in names:
        return "Word (.docx)"
    if "mimetype" in names and b"opendocument" in archive.read("mimetype"):
        return "OpenDocument (.ods)"
    return "zip"


def sheet_named(workbook: Workbook, name: str) -> Worksheet | None:
    """The sheet called ``name``, whatever its blanks, case and Unicode form; ``None`` when there is none."""
    from parlib.words import fold

    return next((sheet for sheet in workbook.worksheets if fold(sheet.title) == fold(name)), None)


# --- what hangs on cells and is no value ------------------------------------------------------

_THREAD = "[Threaded comment]"  # Excel writes a thread of comments as one note too, under words of its own
_DRAWN = {  # elements of a drawing, and what they are
    "pic": ("hình ảnh đặt trên ô", "a picture over the cell"),
    "sp": ("hộp chữ hoặc hình vẽ đặt trên ô", "a text box or shape over the cell"),
    "cxnSp": ("hình vẽ đặt trên ô", "a shape over the cell"),
    "grpSp": ("nhóm hình vẽ đặt trên ô", "a group of shapes over the cell"),
    "graphicFrame": ("biểu đồ hoặc sơ đồ đặt trên ô", "a chart or diagram over the cell"),
    "contentPart": ("nét vẽ tay đặt trên ô", "ink over the cell"),
}
UNREAD_LINK = Bilingual("liên kết gắn với ô không được đọc", "the link on the cell is not read")
_FILE = ("tệp nhúng trên trang tính", "a file embedded in the sheet")


def attached(
    path: Path, book: Workbook, own: Collection[str], linked: Collection[tuple[str, int]] = ()
) -> list[Problem]:
    """A warning for everything that hangs on a cell of the sheets named in ``own``, and for each other sheet that is
    not empty. ``book`` is the workbook as ``open_workbook`` read it from ``path``; links in the columns ``linked``
    (sheet, number) are the reader's own business."""
    parts = _parts(path)
    rich = _struck_in_part(path, parts)
    found: list[Problem] = []
    for sheet in book.worksheets:
        drawn = list(_drawings(path, parts.get(sheet.title, "")))
        if sheet.title not in own:
            found += _foreign(sheet, drawn)
            continue
        links = _links(sheet, {column for title, column in linked if title == sheet.title})
        noted = [*links, *_notes(sheet), *_struck(sheet, rich.get(sheet.title, frozenset())), *drawn]
        found += [problem.at(sheet=sheet.title) for problem in noted]
    return [problem.at(file=path.name) for problem in found]


def _at(row: int, column: int, message: Words, value: object = None) -> Problem:
    return Problem(message, row=row, column=column_letter(column), value=value)


# --- sheets, notes, strike-through --------------------------------------------------------------


def _foreign(sheet: Worksheet, drawn: list[Problem]) -> Iterator[Problem]:
    """A sheet that was not sent out: a copy filled in instead of the original, or an annex."""
    first = next((cell for cells in rows_of(sheet) for cell in cells if plain_value(cell.value) is not None), None)
    if first is None and not drawn:
        return
    vi = "trang tính này không phải của tệp đã phát hành, không được đọc; số liệu ở đây phải nhập vào đúng trang"
    en = "this sheet is not one that was sent out and is not read; what it says belongs on the sheet that was sent"
    place = _at(first.row, first.column, Bilingual(vi, en), str(first.value)[:80]) if first is not None else drawn[0]
    yield Problem(Bilingual(vi, en), sheet=sheet.title, row=place.row, column=place.column, value=place.value)


def leads_elsewhere(cell: Cell) -> bool:
    """Whether a cell has a link to something that its text does not say already."""
    link = cell.hyperlink
    target = (link.target or link.location or "") if link is not None else ""
    return bool(target) and unquote(target).removeprefix("mailto:").rstrip("/") not in str(cell.value)


def _links(sheet: Worksheet, besides: Collection[int]) -> Iterator[Problem]:
    for cells in rows_of(sheet):
        for cell in cells:
            if cell.column not in besides and leads_elsewhere(cell):
                yield _at(cell.row, cell.column, UNREAD_LINK, cell.hyperlink.target or cell.hyperlink.location)


def _notes(sheet: Worksheet) -> Iterator[Problem]:
    for cells in rows_of(sheet, blank=True):
        for cell in cells:
            if cell.comment is None:
                continue
            text = str(cell.comment.text or "")
            if text.startswith(_THREAD):
                text = text.partition(":\n")[2] or text
            yield _at(
                cell.row,
                cell.column,
                Message("a comment on the cell is not read; copy it into the column of remarks if it is needed"),
                " ".join(text.split()),
            )


def _struck(sheet: Worksheet, rich: Collection[str]) -> Iterator[Problem]:
    for cells in rows_of(sheet):
        for cell in cells:
            if plain_value(cell.value) is not None and (cell.font.strike or cell.coordinate in rich):
                yield _at(
                    cell.row,
                    cell.column,
                    Message(
                        "the content of the cell is struck out and is read all the same; delete it if it no "
                        "longer holds"
                    ),
                    cell.value if cell.data_type != "f" else str(cell.value),
                )


def _struck_in_part(path: Path, parts: dict[str, str]) -> dict[str, set[str]]:
    """The cells of each sheet of whose text a part is struck out. The texts are read again only where one is."""
    with zipfile.ZipFile(path) as archive:
        texts = {"xl/sharedStrings.xml", *parts.values()} & set(archive.namelist())
        if not any(b"<strike" in archive.read(name) for name in texts):
            return {}
    from openpyxl.cell.rich_text import CellRichText, TextBlock

    def is_struck(value: object) -> bool:
        runs = value if isinstance(value, CellRichText) else ()
        return any(isinstance(run, TextBlock) and run.font is not None and run.font.strike for run in runs)

    book = loaded(path, rich_text=True)
    return {
        sheet.title: {cell.coordinate for cells in rows_of(sheet) for cell in cells if is_struck(cell.value)}
        for sheet in book.worksheets
    }


# --- what is drawn over cells -------------------------------------------------------------------


def _parts(path: Path) -> dict[str, str]:
    """The part of the package that holds each sheet, by the sheet's name."""
    with zipfile.ZipFile(path) as archive:
        targets = {identity: target for identity, _, target in _related(archive, "xl/workbook.xml")}
        return {
            str(element.get("name")): targets[identity]
            for element in _elements(archive, "xl/workbook.xml")
            if _name(element) == "sheet" and (identity := _relation(element)) in targets
        }


def _drawings(path: Path, part: str) -> Iterator[Problem]:
    """Pictures, text boxes, shapes and embedded files of the sheet in ``part``, each with the cell below its corner."""
    with zipfile.ZipFile(path) as archive:
        related = list(_related(archive, part)) if part in archive.namelist() else []
        for _, kind, target in related:
            if kind == "drawing" and target in archive.namelist():
                for anchor in ElementTree.fromstring(archive.read(target)):
                    yield from _drawn(anchor)
        files = sum(kind in ("oleObject", "package") for _, kind, _ in related)
        if files:
            yield from _embedded(archive, part, files)


def _drawn(anchor: ElementTree.Element) -> Iterator[Problem]:
    """One anchor of a drawing. What stands for an embedded file is left to ``_embedded``."""
    if any(_name(element) == "ext" and "compatExt" in {_name(e) for e in element} for element in anchor.iter()):
        return
    row, column = _corner(anchor)
    kinds = [_name(element) for element in anchor.iter() if _name(element) in _DRAWN]
    if kinds:
        vi, en = _DRAWN[kinds[0]]
        text = " ".join(element.text for element in anchor.iter() if _name(element) == "t" and element.text)
        yield _at(row, column, Message("{what}: it is not read", {"what": Bilingual(vi, en)}), text or None)


def _embedded(archive: zipfile.ZipFile, part: str, files: int) -> Iterator[Problem]:
    vi, en = _FILE
    seen: set[str] = set()
    for element in _elements(archive, part):
        anchor = (
            next((e for e in element.iter() if _name(e) == "from"), None) if _name(element) == "oleObject" else None
        )
        if anchor is not None and str(element.get("shapeId")) not in seen:
            seen.add(str(element.get("shapeId")))
            row, column = _corner(element)
            yield _at(
                row, column, Message("{what}: it is not read", {"what": Bilingual(vi, en)}), element.get("progId")
            )
    if not seen:  # written without an anchor: the sheet is all that is known
        yield Problem("{files} x {what}: not read", what=Bilingual(vi, en), files=files)


def _corner(anchor: ElementTree.Element) -> tuple[int, int]:
    """The row and column of the cell under the upper left corner of an anchor, counted from 1; A1 where it floats."""
    start = next((element for element in anchor.iter() if _name(element) == "from"), None)
    places = {_name(element): int(element.text or 0) for element in start} if start is not None else {}
    return places.get("row", 0) + 1, places.get("col", 0) + 1


# --- the package --------------------------------------------------------------------------------


def _related(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    """The parts that ``part`` refers to inside the package: identity, kind, name."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.namelist():
        return
    for element in ElementTree.fromstring(archive.read(relations)):
        if element.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, str(element.get("Target")))).lstrip("/")
            yield str(element.get("Id")), str(element.get("Type")).rpartition("/")[2], target


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[ElementTree.Element]:
    with archive.open(part) as content:
        yield from (element for _, element in ElementTree.iterparse(content))


def _relation(element: ElementTree.Element) -> str:
    return next((value for key, value in element.attrib.items() if key.endswith("}id")), "")


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
