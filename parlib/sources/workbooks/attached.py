"""What hangs on the cells of a workbook and is no value: notes, pictures, files, strike-through, sheets of others.

None of it can be kept in a ledger or in a set of criteria. It is announced with its cell, so that nothing that somebody
meant to send is lost in silence.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree

from parlib.errors import Problem
from parlib.sources.workbooks.cells import plain_value, rows_of
from parlib.sources.workbooks.opening import loaded
from parlib.tables import column_letter
from parlib.words import Bilingual, Message, Words

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

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
