"""Opening a workbook that came from outside: what is not a plain .xlsx is named for what it is, and never run."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from parlib.errors import DataError, Problem
from parlib.words import Bilingual

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

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
