"""A PDF read back through its tags: what a screen reader is told is what is compared, and its letters are those shown.

Lines are broken where the page ends them, so texts are compared without blanks. Numbers of pages, the running head and
the contents are the only things that stand there beside the blocks.
"""

from __future__ import annotations

import ctypes
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from parlib.publish.document import Document
from parlib.publish.page import TEMPLATES
from parlib.publish.verify.files.pieces import (
    Finding,
    Piece,
    Place,
    compare,
    content_id,
    finding,
    of_document,
    plain,
    tight,
)
from parlib.report.blocks import Figure, Heading

_MOST_PARTS = 5  # that a text is cut into
_TEXT, _IMAGE = 1, 3  # kinds of objects of a page
_ENTRY = re.compile(r"[.…]*\d+[.…]*")  # behind a line of the contents: dots and the number of a page
_DIGIT = re.compile(r"\d")
_HYPHENS = re.compile("(?<=\\w)[-\u2010]|[\x02\u00ad\ufffe]")


def inspect(
    document: Document, path: Path, name: str, *, titled: bool = True, foreign: Sequence[str] = ()
) -> list[Finding]:
    """The differences between the PDF ``path`` and the blocks of its report."""
    pages, title = _read(path)
    expected = [_as_pdf(piece) for piece in of_document(document) if piece.kind != "tiles"]
    expected = expected if titled else [piece for piece in expected if piece.place != Place("title")]
    pictures = {place.number: picture for place, picture in _pictures(document)}
    for page in pages:
        for at, piece in enumerate(page.pieces):
            if piece.kind == "picture" and piece.beside not in pictures.values():
                page.pieces[at] = Piece("picture", piece.texts, ("",))
    known = {(piece.kind, piece.texts) for piece in expected}
    found = list(_across_pages(pages, known))
    contents = (_tight(document.words["contents"]),)
    found = [piece for piece in found if piece.texts != contents or contents in {k[1] for k in known}]
    beside = _tight("".join(_bare_texts(foreign)))
    found = [piece for piece in found if piece.kind != "text" or piece in expected or piece.texts[0] not in beside]
    findings = compare([_with_picture(piece, pictures) for piece in expected], found, name)
    findings += _listed(document, pages, name)
    findings += _margins(document, pages, name)
    if titled and title and title != plain(document.title.text):
        findings.append(finding(name, Place("title"), document.title.text, title))
    return findings


def _bare_texts(foreign: Sequence[str]) -> Iterator[str]:
    """Texts that are no blocks, without the signs of Markdown and HTML."""
    yield from (re.sub(r"<[^>]*>|[*_`#]+", "", text) for text in foreign)


def _as_pdf(piece: Piece) -> Piece:
    if piece.kind in ("row", "head"):  # an empty cell has no letters and so no tag
        filled = [n for n, text in enumerate(piece.texts) if text.strip()]
        place = piece.place
        if place is not None and place.columns:
            place = replace(place, columns=tuple(place.columns[n] for n in filled))
        return Piece(piece.kind, tuple(_tight(piece.texts[n]) for n in filled), (), place)
    if piece.kind == "picture":
        return Piece(piece.kind, tuple(map(tight, piece.texts)), (), piece.place)
    return Piece("text", (_tight("".join(piece.texts)),), (), piece.place)


def _tight(text: str) -> str:
    """``text`` without blanks, and without the hyphens of words: a line may end there."""
    return _HYPHENS.sub("", tight(text))


def _pictures(document: Document) -> Iterator[tuple[Place, tuple[str]]]:
    for item in document.items:
        if isinstance(item.block, Figure):
            yield Place("figure", item.number), (_packed(item.block.png_bytes),)


def _with_picture(piece: Piece, pictures: dict[int, tuple[str]]) -> Piece:
    if piece.kind != "picture" or piece.place is None:
        return piece
    return Piece(piece.kind, piece.texts, pictures[piece.place.number], piece.place)


def _packed(png: bytes) -> str:
    """A name of the rows of a PNG of few colours, which a PDF takes as they are; "" of any other."""
    at, rows, is_plain = 8, b"", False
    while at + 8 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        is_plain = is_plain or (kind == b"IHDR" and content[8:10] == b"\x08\x03" and content[12] == 0)
        rows += content if kind == b"IDAT" else b""
        at += length + 12
    return content_id(rows) if is_plain else ""


# --- pages ----------------------------------------------------------------------------------------


@dataclass
class _Page:
    """What one page says: its pieces, the lines of contents, and what stands outside of all tags."""

    number: int
    pieces: list[Piece] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    margin: list[str] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    images: dict[int, str] = field(default_factory=dict)


def _read(path: Path) -> tuple[list[_Page], str]:
    """The pages of a PDF, and its title."""
    import pypdfium2
    import pypdfium2.raw as api

    document = pypdfium2.PdfDocument(path)
    try:
        found = [_page(document[n], n + 1, api) for n in range(len(document))]
        title = plain(document.get_metadata_value("Title") or "")
    finally:
        document.close()
    return found, title


def _page(page: Any, number: int, api: Any) -> _Page:
    found = _Page(number)
    text_page = page.get_textpage()
    _objects(page, text_page, found, api)
    used: set[int] = set()
    tree = api.FPDF_StructTree_GetForPage(page)
    try:
        reader = _Tags(found, used, api)
        for n in range(api.FPDF_StructTree_CountChildren(tree)):
            reader.walk(api.FPDF_StructTree_GetChildAtIndex(tree, n))
    finally:
        api.FPDF_StructTree_Close(tree)
        text_page.close()
        page.close()
    found.margin = [text for mark, text in found.texts.items() if mark not in used and text.strip()]
    return found


def _objects(page: Any, text_page: Any, found: _Page, api: Any) -> None:
    """The letters and images of a page, by the number of their tag."""
    for n in range(api.FPDFPage_CountObjects(page)):
        one = api.FPDFPage_GetObject(page, n)
        kind = api.FPDFPageObj_GetType(one)
        if kind == _TEXT:
            mark = api.FPDFPageObj_GetMarkedContentID(one)
            found.texts[mark] = found.texts.get(mark, "") + _letters(one, text_page, api)
        elif kind == _IMAGE:
            mark = api.FPDFPageObj_GetMarkedContentID(one)
            length = api.FPDFImageObj_GetImageDataRaw(one, None, 0)
            room = ctypes.create_string_buffer(length)
            api.FPDFImageObj_GetImageDataRaw(one, room, length)
            found.images[mark] = content_id(room.raw[:length])


def _letters(one: Any, text_page: Any, api: Any) -> str:
    room = (ctypes.c_ushort * 256)()
    length = api.FPDFTextObj_GetText(one, text_page, room, 512)
    if length > 512:
        room = (ctypes.c_ushort * (length // 2))()
        api.FPDFTextObj_GetText(one, text_page, room, length)
    return bytes(room)[: max(length - 2, 0)].decode("utf-16-le", "replace")


class _Tags:
    """Walks along the tags of a page and makes pieces of them."""

    def __init__(self, page: _Page, used: set[int], api: Any) -> None:
        self.page, self.used, self.api = page, used, api

    def walk(self, element: Any, in_head: bool = False) -> None:
        """Add what ``element`` says to the page."""
        kind = self._string(self.api.FPDF_StructElement_GetType, element)
        pieces = self.page.pieces
        if kind in ("P", "H1", "H2", "H3", "H4", "H5", "H6", "Caption", "LBody"):
            if text := self._text(element):
                pieces.append(Piece("text", (text,)))
        elif kind == "TR":
            texts = tuple(text for cell in self._children(element) if (text := self._text(cell)))
            pieces.append(Piece("head" if in_head else "row", texts))
        elif kind == "Figure":
            said = self._string(self.api.FPDF_StructElement_GetAltText, element)
            marks = self._marks(element)
            self.used.update(marks)
            content = next((self.page.images[mark] for mark in marks if mark in self.page.images), "")
            pieces.append(Piece("picture", (tight(said),), (content,)))
        elif kind == "Lbl":
            self._text(element)  # the dot before a point of a list
        elif kind == "L" and self._is_contents(element):
            self._contents(element)
        else:
            loose = _tight(self._own(element))
            if loose:
                pieces.append(Piece("text", (loose,)))
            for child in self._children(element):
                self.walk(child, in_head or kind == "THead")

    def _is_contents(self, element: Any) -> bool:
        while element is not None:
            kind = self._string(self.api.FPDF_StructElement_GetType, element)
            if kind == "Link":
                return True
            if kind not in ("L", "LI", "LBody"):
                return False
            element = next(self._children(element), None)
        return False

    def _contents(self, element: Any) -> None:
        for child in self._children(element):
            if self._string(self.api.FPDF_StructElement_GetType, child) == "Link":
                self.page.listed.append(self._text(child))
            else:
                self._contents(child)

    def _text(self, element: Any) -> str:
        """All letters under ``element``, in order."""
        return _tight("".join(self._letters(element)))

    def _letters(self, element: Any) -> Iterator[str]:
        yield self._own(element)
        for child in self._children(element):
            yield from self._letters(child)

    def _own(self, element: Any) -> str:
        """The letters that hang on ``element`` itself."""
        marks = self._marks(element)
        self.used.update(marks)
        return "".join(self.page.texts.get(mark, "") for mark in marks)

    def _marks(self, element: Any) -> list[int]:
        count = self.api.FPDF_StructElement_GetMarkedContentIdCount(element)
        found = (self.api.FPDF_StructElement_GetMarkedContentIdAtIndex(element, n) for n in range(max(count, 0)))
        return [mark for mark in found if mark >= 0]

    def _children(self, element: Any) -> Iterator[Any]:
        for n in range(self.api.FPDF_StructElement_CountChildren(element)):
            child = self.api.FPDF_StructElement_GetChildAtIndex(element, n)
            if child:
                yield child

    def _string(self, read: Any, element: Any) -> str:
        length = read(element, None, 0)
        if not length:
            return ""
        room = ctypes.create_string_buffer(length)
        read(element, room, length)
        return room.raw[:length].decode("utf-16-le", "replace").rstrip("\0")


# --- what pages do to a text ----------------------------------------------------------------------


def _across_pages(pages: Sequence[_Page], known: set[tuple[str, tuple[str, ...]]]) -> Iterator[Piece]:
    """The pieces of all pages; one that was cut, at the end of a page or of a line, is put together again."""
    found = list(_without_repeated_heads(piece for page in pages for piece in page.pieces))
    added = _added()
    at = 0
    while at < len(found):
        piece, taken = found[at], 1
        texts = piece.texts
        if (piece.kind, texts) not in known and piece.kind in ("text", "row"):
            lead = next((lead for lead in added if texts and texts[0].startswith(lead)), "")
            texts = (texts[0].removeprefix(lead), *texts[1:])
            piece = Piece(piece.kind, texts)
            for n, more in enumerate(found[at + 1 : at + _MOST_PARTS], 2):
                if more.kind != piece.kind or len(more.texts) != len(texts):
                    break
                texts = tuple(a + b for a, b in zip(texts, more.texts, strict=True))
                if (piece.kind, texts) in known:
                    piece, taken = Piece(piece.kind, texts), n
                    break
        yield piece
        at += taken


def _without_repeated_heads(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The heads of a table's columns once, though every page that it goes on to has them again."""
    heads: list[Piece] = []
    in_rows = False
    for piece in pieces:
        if piece.kind == "head":
            if in_rows and piece in heads:
                continue
            heads.append(piece)
        else:
            heads = heads if piece.kind == "row" else []
            in_rows = piece.kind == "row"
        yield piece


@cache
def _added() -> tuple[str, ...]:
    """What the style sheet writes before a text: "draft"."""
    css = (TEMPLATES / "template" / "report.css").read_text("utf-8")
    return tuple(tight(text) for text in re.findall(r'::before\s*{[^}]*content:\s*"([^"]+)"', css))


def _listed(document: Document, pages: Sequence[_Page], name: str) -> Iterator[Finding]:
    """The lines of the contents are headings, each with the number of the page that it stands on."""
    headings = {_tight(item.block.text) for item in document.items if isinstance(item.block, Heading)}
    for line in (line for page in pages for line in page.listed):
        if not any(line.startswith(text) and _ENTRY.fullmatch(line, len(text)) for text in headings):
            yield finding(name, Place("heading"), "", line)


def _margins(document: Document, pages: Sequence[_Page], name: str) -> Iterator[Finding]:
    """What stands in the margins: the title, the marks, the number of the page."""
    known = tight("".join((document.title.text, *document.title.marks)))
    for page in pages:
        allowed = {f"{page.number}/{len(pages)}"}
        for text in map(tight, page.margin):
            if _DIGIT.search(text) and text not in allowed and text not in known:
                yield finding(name, Place("title"), " ".join(allowed), text)
