"""A page read back: its text as a browser would show it, and the values that its numbers carry."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

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
from parlib.words import Message

_HEADINGS = ("h2", "h3", "h4")
_ADDRESS = re.compile(r"data:image/[a-z]+;base64,(.*)", re.DOTALL)
_DIGIT = re.compile(r"\d")


def inspect(
    document: Document, path: Path, name: str, *, titled: bool = True, foreign: Sequence[str] = ()
) -> list[Finding]:
    """The differences between the page ``path`` and the blocks of its report.

    ``foreign`` are texts that cells showed beside blocks: they may stand there too.
    """
    from lxml.html import fromstring

    root = fromstring(path.read_bytes())
    main = root.find(".//main")
    heads = root.find_class("head")
    if main is None or not heads:
        return [Finding(name, said=Message("not the page of a report"))]
    expected = [_as_html(piece) for piece in of_document(document) if titled or piece.kind != "title"]
    known = Foreign(words_of(foreign), frozenset(text for piece in expected for text in piece.texts))
    found = [piece for child in (heads[0], *main) for piece in _pieces(child, known)]
    findings = compare(expected, found, name)
    findings += _around(root, document, titled, name)
    return findings


class Foreign(NamedTuple):
    """What cells showed beside blocks: its words. What a block says (``own``) is the block's, whatever its words."""

    words: set[str]
    own: frozenset[str]


def words_of(foreign: Sequence[str]) -> set[str]:
    """The words of texts that are no blocks, without the signs of Markdown and HTML."""
    bare = [re.sub(r"[*_`#]+", "", html.unescape(re.sub(r"<[^>]*>", by, text))) for text in foreign for by in ("", " ")]
    return {word for text in bare for word in plain(text).split()}


def _as_html(piece: Piece) -> Piece:
    beside = piece.beside
    if piece.kind in ("row", "tile", "paragraph"):
        beside = tuple(_float(value) for value in beside)
    return Piece(piece.kind, tuple(map(plain, piece.texts)), beside, piece.place)


def _float(text: str) -> str:
    return repr(float(text)) if text else ""


def _text(element: Any) -> str:
    return plain("".join(element.itertext()))


def _pieces(element: Any, known: Foreign) -> Iterator[Piece]:
    tag, names = element.tag, (element.get("class") or "").split()
    if not isinstance(tag, str):
        return
    if tag in _HEADINGS:
        yield Piece("heading", (_text(element),))
    elif "parlib-title" in names:
        yield from (Piece("title", (text,)) for child in element if (text := _text(child)))
    elif "parlib-scroll" in names:
        yield from _table(element)
    elif tag == "ul" and "parlib-tiles" in names:
        yield Piece("tiles", (plain(element.get("aria-label") or ""),))
        yield from map(_tile, element)
    elif tag == "ul" and "parlib-list" in names:
        yield from (Piece("paragraph", (_text(item),), _values(item)) for item in element)
    elif tag == "figure":
        yield from _figure(element)
    elif "parlib-below" in names:
        yield from (Piece("below", (_text(line),)) for line in element)
    elif tag == "p" and not (_is_known(element, known)):
        yield Piece("paragraph", (_text(element),), _values(element))
    elif tag == "div" and not _is_known(element, known):
        yield from (piece for child in element for piece in _pieces(child, known))
        if loose := plain("".join([element.text or "", *(child.tail or "" for child in element)])):
            yield Piece("paragraph", (loose,))
    elif not _is_known(element, known) and _DIGIT.search(_text(element)):
        yield Piece("paragraph", (_text(element),))
    if element.tail and element.tail.strip():
        yield Piece("paragraph", (plain(element.tail),))


def _is_known(element: Any, known: Foreign) -> bool:
    """Whether all that an element says was shown by a cell beside its blocks."""
    text = _text(element)
    return bool(text) and text not in known.own and bool(known.words) and set(text.split()) <= known.words


def _values(element: Any) -> tuple[str, ...]:
    return tuple(_float(data.get("value", "")) for data in element.iter("data"))


def _tile(item: Any) -> Piece:
    spans = {(span.get("class") or ""): _text(span) for span in item if span.tag == "span"}
    texts = tuple(spans.get(f"parlib-tile-{name}", "") for name in ("label", "number", "detail"))
    more = plain("".join(child.tail or "" for child in item))
    return Piece("tile", (*texts, more) if more else texts, _values(item))


def _table(region: Any) -> Iterator[Piece]:
    table = region.find("table")
    caption = _text(table.find("caption"))
    yield Piece("caption", (caption,))
    if plain(region.get("aria-label") or "") != caption:
        yield Piece("caption", (plain(region.get("aria-label") or ""),))
    for row in table.find("thead"):
        yield Piece("head", tuple(map(_text, row)), tuple(cell.get("colspan", "1") for cell in row))
    for body in table.findall("tbody"):
        for row in body:
            texts = tuple(_text(cell) for cell in row)
            yield Piece("row", texts, tuple(_float(cell.get("data-sort", "")) for cell in row))


def _figure(element: Any) -> Iterator[Piece]:
    for child in element:
        if child.tag == "img":
            address = _ADDRESS.match(child.get("src") or "")
            content = content_id(base64.b64decode(address[1])) if address else ""
            yield Piece("picture", (plain(child.get("alt") or ""),), (content,))
        elif child.tag == "figcaption":
            yield Piece("caption", (_text(child),))
        else:
            yield from (Piece("below", (_text(line),)) for line in child)


def _around(root: Any, document: Document, titled: bool, name: str) -> Iterator[Finding]:
    """What stands around the blocks: the title of the window, the contents, the key figures' names, the footer."""
    title = plain(root.findtext(".//title") or "")
    if titled and title != plain(document.title.text):
        yield finding(name, Place("title"), document.title.text, title)
    shown = [block.text for item in document.items if isinstance(block := item.block, Heading)]
    listed = {plain(text) for text in shown}
    for link in (link for nav in root.iter("nav") for link in nav.iter("a")):
        if _text(link) not in listed:
            yield finding(name, Place("heading"), "", _text(link))
    for footer in root.iter("footer"):
        if _text(footer) != plain(document.words["made"]):
            yield finding(name, Place("paragraph"), document.words["made"], _text(footer))
