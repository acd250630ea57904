"""A page read back: its text as a browser would show it, and the values that its numbers carry."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from parlib.publish.document import Document
from parlib.publish.verify.files import pieces
from parlib.report.blocks import Figure
from parlib.words import Message

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from parlib.publish.formats import Shown

_ADDRESS = re.compile(r"data:image/[a-z]+;base64,(.*)", re.DOTALL)


def inspect(shown: Shown, path: Path, name: str) -> list[pieces.Finding]:
    """The differences between the page ``path`` and the blocks of its report."""
    from lxml.html import HTMLParser, parse

    root: Element = parse(str(path), HTMLParser(encoding="utf-8", remove_comments=True)).getroot()
    main, titled = root.find(".//main"), pieces.is_titled(shown.own.notebook)
    head = next((one for one in root.iter() if "head" in _classes(one)), None)
    if main is None or head is None:
        return [pieces.Finding(name, message=Message("not the page of a report"))]
    drawn = {item.number: _drawn(item.block) for item in shown.document.items if isinstance(item.block, Figure)}
    expected = [
        _as_html(piece, drawn) for piece in pieces.of_document(shown.document) if titled or piece.kind != "title"
    ]
    results = [piece for child in (head, *main) for piece in _pieces(child)]
    return [*pieces.compare(expected, results, name), *_around(root, shown.document, titled, name)]


def _as_html(piece: pieces.Piece, drawn: Mapping[int, tuple[str, ...]]) -> pieces.Piece:
    valued = piece.kind in ("row", "tile", "paragraph")
    beside = tuple(map(pieces.number, piece.beside)) if valued else piece.beside
    if piece.kind == "picture" and piece.place is not None:
        beside = drawn[piece.place.number]
    return pieces.Piece(piece.kind, tuple(map(pieces.plain, piece.texts)), beside, piece.place)


def _classes(element: Element) -> list[str]:
    return (element.get("class") or "").split()


def _text(element: Element | None) -> str:
    return "" if element is None else pieces.plain("".join(element.itertext()))


def _values(element: Element) -> tuple[str, ...]:
    return tuple(pieces.number(data.get("value", "")) for data in element.iter("data"))


def _pieces(element: Element) -> Iterator[pieces.Piece]:
    tag, names, text = element.tag, _classes(element), _text(element)
    if tag in ("h2", "h3", "h4"):
        yield pieces.Piece("heading", (text,))
    elif "parlib-title" in names:
        yield from (pieces.Piece("title", (line,)) for child in element if (line := _text(child)))
    elif "parlib-scroll" in names:
        yield from _table(element)
    elif tag == "ul" and "parlib-tiles" in names:
        yield pieces.Piece("tiles", (pieces.plain(element.get("aria-label") or ""),))
        yield from map(_tile, element)
    elif tag == "ul" and "parlib-list" in names:
        yield from (pieces.Piece("paragraph", (_text(item),), _values(item)) for item in element)
    elif tag == "figure":
        yield from _figure(element)
    elif "parlib-below" in names:
        yield from (pieces.Piece("below", (_text(line),)) for line in element)
    elif tag == "div":
        yield from (piece for child in element for piece in _pieces(child))
        if loose := pieces.plain("".join([element.text or "", *(child.tail or "" for child in element)])):
            yield pieces.Piece("paragraph", (loose,))
    elif tag == "p" or pieces.DIGIT.search(text):
        yield pieces.Piece("paragraph", (text,), _values(element) if tag == "p" else ())
    if element.tail and element.tail.strip():
        yield pieces.Piece("paragraph", (pieces.plain(element.tail),))


def _tile(item: Element) -> pieces.Piece:
    spans = {(span.get("class") or ""): _text(span) for span in item if span.tag == "span"}
    texts = tuple(spans.get(f"parlib-tile-{name}", "") for name in ("label", "number", "detail"))
    more = pieces.plain("".join(child.tail or "" for child in item))
    return pieces.Piece("tile", (*texts, more) if more else texts, _values(item))


def _table(region: Element) -> Iterator[pieces.Piece]:
    for label in dict.fromkeys((_text(region.find("table/caption")), pieces.plain(region.get("aria-label") or ""))):
        yield pieces.Piece("caption", (label,))
    for row in region.findall("table/thead/*"):
        yield pieces.Piece("head", tuple(map(_text, row)), tuple(cell.get("colspan", "1") for cell in row))
    for row in region.findall("table/tbody/*"):
        yield pieces.Piece(
            "row", tuple(map(_text, row)), tuple(pieces.number(cell.get("data-sort", "")) for cell in row)
        )


def _figure(element: Element) -> Iterator[pieces.Piece]:
    pictures = [child for child in element if child.tag in ("img", "svg")]
    if pictures:
        told = dict.fromkeys(pieces.plain(one.get("alt") or one.get("aria-label") or "") for one in pictures)
        yield pieces.Piece("picture", tuple(told), _contents(pictures))
    for child in element:
        if child.tag == "figcaption":
            yield pieces.Piece("caption", (_text(child),))
        elif child not in pictures:
            yield from (pieces.Piece("below", (_text(line),)) for line in child)


def _contents(pictures: Iterable[Element]) -> tuple[str, ...]:
    """What pictures hold: those of pixels their bytes, drawings all their lines and letters, as they are read back."""
    from lxml.etree import tostring

    results = []
    for one in pictures:
        address = _ADDRESS.match(one.get("src") or "")
        drawing = tostring(one, with_tail=False) if one.tag == "svg" else b""
        results.append(pieces.content_id(base64.b64decode(address[1]) if address else drawing))
    return tuple(results)


def _drawn(figure: Figure) -> tuple[str, ...]:
    """What a figure's pictures are to hold."""
    from lxml.html import HTMLParser, fromstring

    parsed = fromstring(figure.to_html(), parser=HTMLParser(encoding="utf-8"))
    return _contents(child for child in parsed if child.tag in ("img", "svg"))


def _around(root: Element, document: Document, titled: bool, name: str) -> Iterator[pieces.Finding]:
    """What stands around the blocks: the title of the window, the contents, the key figures' names, the footer."""
    title = pieces.plain(root.findtext(".//title") or "")
    if titled and title != pieces.plain(document.full_title):
        yield pieces.finding(name, pieces.Place("title"), document.full_title, title)
    # the contents have a class, links to other formats none
    for text in (_text(link) for link in root.findall(".//nav[@class]//a")):
        if text not in pieces.headings(document):
            yield pieces.finding(name, pieces.Place("heading"), "", text)
    for text in map(_text, root.iter("footer")):
        if text != pieces.plain(document.words["made"]):
            yield pieces.finding(name, pieces.Place("paragraph"), document.words["made"], text)
