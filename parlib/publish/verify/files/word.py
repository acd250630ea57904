"""A Word file read back from its XML: paragraphs, tables, pictures with what is said of them, heads and feet of pages.

What an editor's template adds (a motto, the name of an office) is taken from the template: it may stand there too.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from parlib.publish.document import Document
from parlib.publish.verify.files.pieces import (
    DIGIT,
    Finding,
    Piece,
    Place,
    compare,
    content_id,
    finding,
    headings,
    of_document,
    plain,
)
from parlib.report.blocks import Figure, Table

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SVG = "{http://schemas.microsoft.com/office/drawing/2016/SVG/main}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTINUED = re.compile(r"^(\S+ \d+) \([^()]+\)(\. .*)$")
_BREAKS = {f"{_W}{name}" for name in ("tab", "br", "p")}
_WORDS = ("title", "heading", "paragraph", "below", "caption")  # which Word has as paragraphs alike


def inspect(shown: Shown, path: Path, name: str) -> list[Finding]:
    """The differences between the Word file ``path`` and the blocks of its report."""
    return inspect_document(shown.document, path, name)


def inspect_document(document: Document, path: Path | BytesIO, name: str) -> list[Finding]:
    """The differences between the Word file ``path`` and a document."""
    with zipfile.ZipFile(path) as package:
        results, contents, outside = _read(package)
        title = _title(package)
    expected = [_as_word(piece) for piece in _merged(of_document(_as_laid(document, results)))]
    start = next((n for n, piece in enumerate(results) if piece == expected[0]), len(results))
    head, results = (results[:start], results[start:]) if start < len(results) else ([], results)
    own, value = _template_texts(), {piece.texts for piece in expected if piece.kind == "text"}
    results = [one for one in results if one.kind != "text" or one.texts in value or one.texts[0] not in own]
    findings = compare(expected, results, name)
    titled = [plain(document.caption(item)) for item in document.items if isinstance(item.block, Table | Figure)]
    listed = {*headings(document), *titled, *(document.words[name] for name in ("contents", "tables", "figures"))}
    findings += [finding(name, Place("heading"), "", text) for text in contents if text not in listed]
    known = own | {plain(text) for text in (document.title.text, document.title.subtitle, *document.title.marks)}
    for text in (*(text for piece in head for text in piece.texts), *outside):
        if DIGIT.search(text) and not _made_of(text, known):
            findings.append(finding(name, Place("title"), "", text))
    if plain(document.full_title)[:255] != title and title:
        findings.append(finding(name, Place("title"), document.full_title, title))
    return findings


def _as_laid(document: Document, found: Sequence[Piece]) -> Document:
    """The document with a table before the figure that it follows where the file has it so: pages are filled that
    way."""
    places = {piece.texts[0]: n for n, piece in reversed(list(enumerate(found))) if piece.kind == "text"}
    items = list(document.items)
    for n, (one, other) in enumerate(pairwise(items)):
        if isinstance(one.block, Figure) and isinstance(other.block, Table):
            figure, table = (places.get(plain(document.caption(item)), -1) for item in (one, other))
            if 0 <= table < figure:
                items[n], items[n + 1] = other, one
    return replace(document, items=tuple(items))


def _made_of(text: str, known: Collection[str]) -> bool:
    """Whether all digits of a text are those of known texts in it."""
    for one in sorted(filter(None, known), key=len, reverse=True):
        text = text.replace(one, " ")
    return not DIGIT.search(text)


def _as_word(piece: Piece) -> Piece:
    """A piece as Word has it: words alike, nothing of HTML's values."""
    texts = tuple(map(plain, piece.texts))
    if piece.kind == "tile":
        texts = (texts[0], texts[1].replace(" ", ""), *texts[2:])
    beside = piece.beside if piece.kind in ("picture", "head") else ()
    return Piece("text" if piece.kind in _WORDS else piece.kind, texts, beside, piece.place)


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The notes and the source of one table or figure as one paragraph."""
    for kind, some in groupby(pieces, lambda piece: piece.kind):
        own = list(some)
        yield from own if kind != "below" else [replace(own[0], texts=(" ".join(one.texts[0] for one in own),))]


# --- the file -------------------------------------------------------------------------------------


def _read(package: zipfile.ZipFile) -> tuple[list[Piece], list[str], list[str]]:
    """What a package has: its pieces, the lines of its contents, and what stands in the heads and feet of pages, in
    footnotes and comments."""
    pictures = {
        relation.get("Id", ""): content_id(package.read(f"word/{relation.get('Target')}"))
        for relation in ElementTree.fromstring(package.read("word/_rels/document.xml.rels"))
        if relation.get("Type", "").endswith("/image") and relation.get("TargetMode") != "External"
    }
    body = ElementTree.fromstring(package.read("word/document.xml")).find(f"{_W}body")
    assert body is not None
    results: list[Piece] = []
    for element in body:  # the contents (sdt) are a field that Word makes anew from the headings
        if element.tag == f"{_W}p":
            results += _paragraph(element, pictures)
        elif element.tag == f"{_W}tbl":
            results += _table(element)
    contents = [text for part in body.iter(f"{_W}sdt") for line in part.iter(f"{_W}p") if (text := _text(line))]
    return list(_joined(results)), contents, list(_paragraphs(package, r"header|footer|footnotes|endnotes|comments"))


def _paragraphs(package: zipfile.ZipFile, parts: str) -> Iterator[str]:
    for name in package.namelist():
        if re.fullmatch(rf"word/(?:{parts})\d*\.xml", name):
            lines = ElementTree.fromstring(package.read(name)).iter(f"{_W}p")
            yield from filter(None, map(_text, lines))


def _title(package: zipfile.ZipFile) -> str:
    if "docProps/core.xml" not in package.namelist():
        return ""
    return plain(ElementTree.fromstring(package.read("docProps/core.xml")).findtext(f".//{_DC}title") or "")


def _template_texts() -> set[str]:
    """The paragraphs that the house's template has of its own."""
    from parlib.publish.word import template

    with zipfile.ZipFile(template.path()) as package:
        results = set(_paragraphs(package, "document|header|footer"))
    return {text for text in results if "{{" not in text and "{%" not in text}


def _text(element: Element) -> str:
    """What an element shows: letters, tabs and line breaks; nothing of what a tracked change took away."""
    shown = (part.text or "" if part.tag == f"{_W}t" else " " for part in element.iter()
             if part.tag == f"{_W}t" or part.tag in _BREAKS)  # fmt: skip
    return plain("".join(shown))


def _value(element: Element, path: str) -> str | None:
    """The value of a property; ``None`` without it, "" where it has none."""
    result = element.find("/".join(f"{_W}{step}" for step in path.split("/")))
    return None if result is None else result.get(f"{_W}val", "")


def _paragraph(element: Element, pictures: dict[str, str]) -> Iterator[Piece]:
    for drawing in (one for one in element.iter() if one.tag in (f"{_WP}inline", f"{_WP}anchor")):
        sentence, blip = drawing.find(f"{_WP}docPr"), next(drawing.iter(f"{_A}blip"), None)
        drawn = next(drawing.iter(f"{_SVG}svgBlip"), None)
        held = tuple(pictures.get(one.get(f"{_R}embed", ""), "") if one is not None else "" for one in (blip, drawn))
        yield Piece("picture", (plain(sentence.get("descr", "")) if sentence is not None else "",), held)
    if text := _text(element):
        yield Piece("text", (text,))


def _table(element: Element) -> Iterator[Piece]:
    rows = element.findall(f"{_W}tr")
    if rows and _value(rows[0], "trPr/tblHeader") is None:
        yield Piece("tiles", (plain(_value(element, "tblPr/tblCaption") or ""),))
        yield from (tile for row in rows for cell in row.findall(f"{_W}tc") if (tile := _tile(cell)))
        return
    for row in rows:
        cells = row.findall(f"{_W}tc")
        if _value(row, "trPr/tblHeader") is None:
            yield Piece("row", tuple(map(_text, cells)))
        else:
            cells = [cell for cell in cells if _value(cell, "tcPr/vMerge") not in ("", "continue") or _text(cell)]
            spans = tuple(_value(cell, "tcPr/gridSpan") or "1" for cell in cells)
            yield Piece("head", tuple(map(_text, cells)), spans)


def _tile(cell: Element) -> Piece | None:
    lines = [text for line in cell.findall(f"{_W}p") if (text := _text(line))]
    if not lines:
        return None
    label, number, *detail = (*lines, "") if len(lines) == 1 else lines
    return Piece("tile", (label, number.replace(" ", ""), " ".join(detail)))


# --- tables that were cut -------------------------------------------------------------------------


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Tables that were cut for want of room, whole again: the columns of a continued part go behind the first ones."""
    table: list[Piece] = []  # the rows of the last table
    part: list[Piece] | None = None  # the rows of a continued part, as they come
    for piece in pieces:
        if part is not None and piece.kind in ("head", "row"):
            part.append(piece)
            continue
        if part is not None:
            table = _side_by_side(table, part)
        part = [] if piece.kind == "text" and _CONTINUED.match(piece.texts[0]) else None
        if part is None and piece.kind == "text":
            yield from (*table, piece)
            table = []
        elif part is None:
            table.append(piece)
    yield from table if part is None else _side_by_side(table, part)


def _side_by_side(first: Sequence[Piece], part: Sequence[Piece]) -> list[Piece]:
    if len(first) != len(part):
        return [*first, *part]
    heads = next(((a.texts, b.texts) for a, b in zip(first, part, strict=True) if a.kind == "head"), ((), ()))
    lead = next((n for n, (a, b) in enumerate(zip(*heads, strict=False)) if a != b), min(map(len, heads)))
    results = []
    for a, b in zip(first, part, strict=True):
        own = lead if a.kind == "row" or a is first[0] else 0  # the lower row of two heads has not the first columns
        if a.texts[:own] != b.texts[:own]:
            return [*first, *part]
        results.append(Piece(a.kind, (*a.texts, *b.texts[own:]), (*a.beside, *b.beside[own:])))
    return results
