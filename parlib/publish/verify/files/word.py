"""A Word file read back from its XML: paragraphs, tables, pictures with what is said of them, heads and feet of pages.

What an editor's template adds (a motto, the name of an office) is taken from the template: it may stand there too.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from parlib.publish.document import Document
from parlib.publish.verify.files.pieces import (
    Finding,
    Piece,
    Place,
    compare,
    content_id,
    finding,
    of_document,
    plain,
)
from parlib.report.blocks import Heading

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DIGIT = re.compile(r"\d")
_CONTINUED = re.compile(r"^(\S+ \d+) \([^()]+\)(\. .*)$")


def inspect(document: Document, path: Path | BytesIO, name: str) -> list[Finding]:
    """The differences between the Word file ``path`` and the blocks of its report."""
    with zipfile.ZipFile(path) as package:
        body = _Body.of(package)
        found = list(_joined(_pieces(body)))
        listed = [text for part in body.root.iter(f"{_W}sdt") for line in part.iter(f"{_W}p") if (text := _text(line))]
        outside = list(_outside(package))
        title = _title(package)
    expected = [_as_word(piece) for piece in _merged(of_document(document))]
    own = _template_texts()
    first = next((n for n, piece in enumerate(found) if piece == expected[0]), None)
    if first is None:
        head, found = [], found
    else:
        head, found = found[:first], found[first:]
    heads = {piece.texts for piece in expected if piece.kind == "text"}
    added = [piece for piece in found if piece.kind == "text" and piece.texts not in heads and piece.texts[0] in own]
    found = [piece for piece in found if piece not in added]
    findings = compare(expected, found, name)
    for text in listed:
        if text not in {*headings(document), document.words["contents"]}:
            findings.append(finding(name, Place("heading"), "", text))
    known = own | {plain(text) for text in (document.title.text, document.title.subtitle, *document.title.marks)}
    for text in (*(text for piece in head for text in piece.texts), *outside):
        if _DIGIT.search(text) and not _made_of(text, known):
            findings.append(finding(name, Place("title"), "", text))
    if plain(document.title.text)[:255] != title and title:
        findings.append(finding(name, Place("title"), document.title.text, title))
    return findings


def _made_of(text: str, known: set[str]) -> bool:
    """Whether all digits of a text are those of known texts in it."""
    for one in sorted(known, key=len, reverse=True):
        text = text.replace(one, " ") if one else text
    return not _DIGIT.search(text)


def _as_word(piece: Piece) -> Piece:
    """A piece as Word has it: words alike, nothing of HTML's values."""
    kind = "text" if piece.kind in ("title", "heading", "paragraph", "below", "caption") else piece.kind
    texts = tuple(map(plain, piece.texts))
    if piece.kind == "tile":
        texts = (texts[0], texts[1].replace(" ", ""), *texts[2:])
    return Piece(kind, texts, piece.beside if piece.kind in ("picture", "head") else (), piece.place)


def _merged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The notes and the source of one table or figure as one paragraph."""
    waiting: Piece | None = None
    for piece in pieces:
        if piece.kind == "below" and waiting is not None:
            waiting = replace(waiting, texts=(f"{waiting.texts[0]} {piece.texts[0]}",))
            continue
        if waiting is not None:
            yield waiting
        waiting = piece if piece.kind == "below" else None
        if waiting is None:
            yield piece
    if waiting is not None:
        yield waiting


class _Body:
    """The text of a package with its pictures."""

    def __init__(self, root: Any, pictures: dict[str, str]) -> None:
        self.root, self.pictures = root, pictures

    @classmethod
    def of(cls, package: zipfile.ZipFile) -> _Body:
        """The body of the opened file."""
        from lxml import etree

        relations = etree.fromstring(package.read("word/_rels/document.xml.rels"))
        pictures = {
            relation.get("Id"): content_id(package.read(f"word/{relation.get('Target')}"))
            for relation in relations
            if relation.get("Type").endswith("/image") and relation.get("TargetMode") != "External"
        }
        return cls(etree.fromstring(package.read("word/document.xml")).find(f"{_W}body"), pictures)


def _pieces(body: _Body) -> Iterator[Piece]:
    for element in body.root:
        if element.tag == f"{_W}p":
            yield from _paragraph(element, body)
        elif element.tag == f"{_W}tbl":
            yield from _table(element)
        elif element.tag == f"{_W}sdt":
            continue  # the contents: a field that Word makes anew from the headings


def _paragraph(element: Any, body: _Body) -> Iterator[Piece]:
    for drawing in element.iter(f"{_WP}inline", f"{_WP}anchor"):
        said = drawing.find(f"{_WP}docPr")
        blip = next(drawing.iter(f"{_A}blip"), None)
        content = body.pictures.get(blip.get(f"{_R}embed"), "") if blip is not None else ""
        yield Piece("picture", (plain(said.get("descr") or "" if said is not None else ""),), (content,))
    if text := _text(element):
        yield Piece("text", (text,))


def _text(element: Any) -> str:
    """What an element shows: letters, tabs and line breaks; nothing of what a tracked change took away."""
    found = []
    for part in element.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}p"):
        if part.tag == f"{_W}t":
            found.append(part.text or "")
        else:
            found.append(" ")
    return plain("".join(found))


def _table(element: Any) -> Iterator[Piece]:
    rows = element.findall(f"{_W}tr")
    caption = element.find(f"{_W}tblPr/{_W}tblCaption")
    if rows and rows[0].find(f"{_W}trPr/{_W}tblHeader") is None:
        yield Piece("tiles", (plain(caption.get(f"{_W}val") if caption is not None else ""),))
        yield from (tile for row in rows for cell in row.findall(f"{_W}tc") if (tile := _tile(cell)))
        return
    for row in rows:
        is_head = row.find(f"{_W}trPr/{_W}tblHeader") is not None
        cells = row.findall(f"{_W}tc")
        if is_head:
            cells = [cell for cell in cells if not _goes_on(cell)]
            spans = tuple(_span(cell) for cell in cells)
            yield Piece("head", tuple(map(_text, cells)), spans)
        else:
            yield Piece("row", tuple(map(_text, cells)))


def _goes_on(cell: Any) -> bool:
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    return merge is not None and merge.get(f"{_W}val") in (None, "continue") and not _text(cell)


def _span(cell: Any) -> str:
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    return str(span.get(f"{_W}val")) if span is not None else "1"


def _tile(cell: Any) -> Piece | None:
    lines = [text for line in cell.findall(f"{_W}p") if (text := _text(line))]
    if not lines:
        return None
    label, number, *detail = (*lines, "") if len(lines) == 1 else lines
    return Piece("tile", (label, number.replace(" ", ""), " ".join(detail)))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Tables that were cut for want of room, whole again: the columns of a continued part go behind the first ones."""
    done: list[Piece] = []
    start = 0  # of the rows of the last table in ``done``
    part: list[Piece] | None = None  # the rows of a continued part, as they come
    for piece in pieces:
        if part is not None and piece.kind in ("head", "row"):
            part.append(piece)
            continue
        if part is not None:
            done[start:] = _side_by_side(done[start:], part)
            part = None
        if piece.kind == "text" and _CONTINUED.match(piece.texts[0]):
            part = []
            continue
        if piece.kind == "text":
            start = len(done) + 1
        done.append(piece)
    if part is not None:
        done[start:] = _side_by_side(done[start:], part)
    yield from done


def _side_by_side(first: Sequence[Piece], part: Sequence[Piece]) -> list[Piece]:
    if len(first) != len(part):
        return [*first, *part]
    heads = next(((a.texts, b.texts) for a, b in zip(first, part, strict=True) if a.kind == "head"), ((), ()))
    lead = next((n for n, (a, b) in enumerate(zip(*heads, strict=False)) if a != b), min(map(len, heads)))
    found = []
    for a, b in zip(first, part, strict=True):
        own = (
            lead if a.kind == "row" or a is first[0] else 0
        )  # the lower row of two heads has none of the first columns
        if a.texts[:own] != b.texts[:own]:
            return [*first, *part]
        found.append(Piece(a.kind, (*a.texts, *b.texts[own:]), (*a.beside, *b.beside[own:])))
    return found


def _outside(package: zipfile.ZipFile) -> Iterator[str]:
    """The heads and feet of pages, footnotes and comments."""
    from lxml import etree

    for name in package.namelist():
        if re.fullmatch(r"word/(header|footer|footnotes|endnotes|comments)\d*\.xml", name):
            for paragraph in etree.fromstring(package.read(name)).iter(f"{_W}p"):
                if text := _text(paragraph):
                    yield text


def _title(package: zipfile.ZipFile) -> str:
    from lxml import etree

    if "docProps/core.xml" not in package.namelist():
        return ""
    core = etree.fromstring(package.read("docProps/core.xml"))
    return plain(next((e.text or "" for e in core.iter("{http://purl.org/dc/elements/1.1/}title")), ""))


def _template_texts() -> set[str]:
    """The paragraphs that the house's template has of its own."""
    from lxml import etree

    from parlib.publish.word import template

    found: set[str] = set()
    with zipfile.ZipFile(template.path()) as package:
        for name in package.namelist():
            if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", name):
                root = etree.fromstring(package.read(name))
                found.update(_text(paragraph) for paragraph in root.iter(f"{_W}p"))
    return {text for text in found if text and "{{" not in text and "{%" not in text}


def headings(document: Document) -> list[str]:
    """The headings of a document, in order."""
    return [plain(item.block.text) for item in document.items if isinstance(item.block, Heading)]
