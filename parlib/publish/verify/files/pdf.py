"""A PDF read back through its tags: what a screen reader is told is what is compared, and its letters are those shown.

Lines are broken where the page ends them, so texts are compared without blanks. Numbers of pages, the running head and
the contents are the only things that stand there beside the blocks.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import pypdfium2
import pypdfium2.raw as api

from parlib.publish.document import Document
from parlib.publish.page import TEMPLATES
from parlib.publish.verify.files.pieces import (
    DIGIT,
    Finding,
    Piece,
    Place,
    compare,
    finding,
    headings,
    is_titled,
    of_document,
    plain,
    tight,
)
from parlib.report.blocks import Figure

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

Tag = ctypes.c_void_p  # an element of the tree of tags
_MOST_PARTS = 16  # that a text is cut into: a source line of eight lines, a word at the end of a page
_TEXT = 1  # kind of the objects of a page that are letters
_SAID = ("P", "H1", "H2", "H3", "H4", "H5", "H6", "Caption", "LBody")  # tags of texts
_ENTRY = re.compile(r"[.…]*\d+[.…]*")  # behind a line of the contents: dots and the number of a page
_HYPHENS = re.compile("(?<=\\w)[-\u2010]|[\x02\u00ad\ufffe]")


def inspect(shown: Shown, path: Path, name: str) -> list[Finding]:
    """The differences between the PDF ``path`` and the blocks of its report."""
    document, titled = shown.document, is_titled(shown.own.notebook)
    pages, title = _read(path)
    pictures = {item.number: _drawn(item.block) for item in document.items if isinstance(item.block, Figure)}
    expected = [_as_pdf(piece, pictures) for piece in of_document(document) if piece.kind != "tiles"]
    expected = expected if titled else [piece for piece in expected if piece.place != Place("title")]
    known = {(piece.kind, piece.texts) for piece in expected}
    texts, contents = {piece.texts for piece in expected}, (_tight(document.words["contents"]),)
    results = [piece for piece in _across_pages(pages, known)
             if piece.texts != contents or contents in texts]  # fmt: skip
    findings = [*compare(expected, results, name), *_listed(document, pages, name), *_margins(document, pages, name)]
    if titled and title and title != plain(document.full_title):
        findings.append(finding(name, Place("title"), document.full_title, title))
    return findings


def _as_pdf(piece: Piece, pictures: dict[int, str]) -> Piece:
    place = piece.place
    if piece.kind in ("row", "head"):  # an empty cell has no letters and so no tag
        filled = [n for n, text in enumerate(piece.texts) if text.strip()]
        if place is not None and place.columns:
            place = replace(place, columns=tuple(place.columns[n] for n in filled))
        return Piece(piece.kind, tuple(_tight(piece.texts[n]) for n in filled), (), place)
    if piece.kind == "picture":
        return Piece(piece.kind, tuple(map(tight, piece.texts)), (pictures[place.number],) if place else (), place)
    return Piece("text", (_tight("".join(piece.texts)),), (), place)


def _tight(text: str) -> str:
    """``text`` without blanks, and without the hyphens of words: a line may end there."""
    return _HYPHENS.sub("", tight(text))


def _drawn(figure: Figure) -> str:
    """All that a drawing says, in the order in which it says it."""
    return _tight("".join(fromstring(figure.svg).itertext())) if figure.svg else ""


# --- pages ----------------------------------------------------------------------------------------


@dataclass
class _Page:
    """What one page says: its pieces, the lines of contents, and what stands outside of all tags."""

    number: int
    pieces: list[Piece] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    margin: list[str] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def read(self, page: pypdfium2.PdfPage) -> None:
        """Read the letters and images of a page, and walk along its tags."""
        text_page, tree = page.get_textpage(), api.FPDF_StructTree_GetForPage(page)
        for n in range(api.FPDFPage_CountObjects(page)):
            one = api.FPDFPage_GetObject(page, n)
            kind, mark = api.FPDFPageObj_GetType(one), api.FPDFPageObj_GetMarkedContentID(one)
            if kind == _TEXT:
                self.texts[mark] = self.texts.get(mark, "") + _letters(one, text_page)
        try:
            for n in range(api.FPDF_StructTree_CountChildren(tree)):
                self._walk(api.FPDF_StructTree_GetChildAtIndex(tree, n))
        finally:
            api.FPDF_StructTree_Close(tree)
            text_page.close()
            page.close()
        self.margin = [text for mark, text in self.texts.items() if mark not in self.used and text.strip()]

    def _walk(self, element: Tag, in_head: bool = False) -> None:
        """Add what ``element`` says to the page."""
        kind = _kind(element)
        if kind in _SAID:
            self._add(self._text(element))
        elif kind == "TR":
            texts = tuple(text for cell in _children(element) if (text := self._text(cell)))
            self.pieces.append(Piece("head" if in_head else "row", texts))
        elif kind == "Figure":
            stated = _string(api.FPDF_StructElement_GetAltText, element)
            self.pieces.append(Piece("picture", (tight(stated),), (_tight(self._own(element)),)))
        elif kind == "Lbl":
            self._text(element)  # the dot before a point of a list
        elif kind == "L" and _is_contents(element):
            self._contents(element)
        else:
            self._add(_tight(self._own(element)))
            for child in _children(element):
                self._walk(child, in_head or kind == "THead")

    def _add(self, text: str) -> None:
        if text:
            self.pieces.append(Piece("text", (text,)))

    def _contents(self, element: Tag) -> None:
        for child in _children(element):
            if _kind(child) == "Link":
                self.listed.append(self._text(child))
            else:
                self._contents(child)

    def _text(self, element: Tag) -> str:
        """All letters under ``element``, in order."""
        return _tight("".join(self._letters(element)))

    def _letters(self, element: Tag) -> Iterator[str]:
        yield self._own(element)
        for child in _children(element):
            yield from self._letters(child)

    def _own(self, element: Tag) -> str:
        """The letters that hang on ``element`` itself."""
        return "".join(self.texts.get(mark, "") for mark in self._marks(element))

    def _marks(self, element: Tag) -> list[int]:
        count = api.FPDF_StructElement_GetMarkedContentIdCount(element)
        result = (api.FPDF_StructElement_GetMarkedContentIdAtIndex(element, n) for n in range(max(count, 0)))
        marks = [mark for mark in result if mark >= 0]
        self.used.update(marks)
        return marks


def _read(path: Path) -> tuple[list[_Page], str]:
    """The pages of a PDF, and its title."""
    document = pypdfium2.PdfDocument(path)
    try:
        pages = [_Page(n + 1) for n in range(len(document))]
        for page in pages:
            page.read(document[page.number - 1])
        return pages, plain(document.get_metadata_value("Title") or "")
    finally:
        document.close()


def _letters(one: Tag, text_page: pypdfium2.PdfTextPage) -> str:
    room = (ctypes.c_ushort * 256)()
    length = api.FPDFTextObj_GetText(one, text_page, room, 512)
    if length > 512:
        room = (ctypes.c_ushort * (length // 2))()
        api.FPDFTextObj_GetText(one, text_page, room, length)
    return bytes(room)[: max(length - 2, 0)].decode("utf-16-le", "replace")


def _children(element: Tag) -> Iterator[Tag]:
    for n in range(api.FPDF_StructElement_CountChildren(element)):
        child = api.FPDF_StructElement_GetChildAtIndex(element, n)
        if child:
            yield child


def _string(read: Callable[..., int], element: Tag) -> str:
    length = read(element, None, 0)
    room = ctypes.create_string_buffer(length)
    read(element, room, length)
    return room.raw[:length].decode("utf-16-le", "replace").rstrip("\0")


def _kind(element: Tag) -> str:
    return _string(api.FPDF_StructElement_GetType, element)


def _is_contents(element: Tag | None) -> bool:
    """Whether a list is one of links: the first of its leaves is."""
    kind = ""
    while element is not None and (kind := _kind(element)) in ("L", "LI", "LBody"):
        element = next(_children(element), None)
    return element is not None and kind == "Link"


# --- what pages do to a text ----------------------------------------------------------------------


def _across_pages(pages: Sequence[_Page], known: set[tuple[str, tuple[str, ...]]]) -> Iterator[Piece]:
    """The pieces of all pages; one that was cut, at the end of a page or of a line, is put together again."""
    results = list(_without_repeated_heads(piece for page in pages for piece in page.pieces))
    added = _added()
    at = 0
    while at < len(results):
        piece, taken = results[at], 1
        texts = piece.texts
        if (piece.kind, texts) not in known and piece.kind in ("text", "row"):
            lead = next((lead for lead in added if texts and texts[0].startswith(lead)), "")
            texts = (texts[0].removeprefix(lead), *texts[1:])
            piece = Piece(piece.kind, texts)
            for n, more in enumerate(results[at + 1 : at + _MOST_PARTS], 2):
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
    names = set(map(_tight, headings(document)))
    for line in (line for page in pages for line in page.listed):
        if not any(line.startswith(text) and _ENTRY.fullmatch(line, len(text)) for text in names):
            yield finding(name, Place("heading"), "", line)


def _margins(document: Document, pages: Sequence[_Page], name: str) -> Iterator[Finding]:
    """What stands in the margins: the title, the marks, the number of the page."""
    known = tight("".join((document.title.text, *document.title.marks)))
    for page in pages:
        allowed = {f"{page.number}/{len(pages)}"}
        for text in map(tight, page.margin):
            if DIGIT.search(text) and text not in allowed and text not in known:
                yield finding(name, Place("title"), " ".join(allowed), text)
