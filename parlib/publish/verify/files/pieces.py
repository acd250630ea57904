"""What a report must say, piece by piece, and what a file says: set side by side, and every difference named.

A piece is what stands together: a heading, a paragraph, a row of a table, an alternative text. The pieces that a file
must have follow from the blocks alone, with nothing of the writers' code; the readers make the same of what they read.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby, zip_longest

from nbformat import NotebookNode

from parlib.publish.document import Document, Item, exact
from parlib.report import blocks
from parlib.report.markup import UNKNOWN
from parlib.words import FIRST, Message, Words, in_language

_WORDS = {
    "title": Message("head of the report"),
    "heading": Message("heading"),
    "paragraph": Message("paragraph"),
    "note": Message("note"),
    "table": Message("Table {number}"),
    "figure": Message("Figure {number}"),
    "tiles": Message("key figures"),
    "row": Message("row {n}"),
    "head": Message("heads of the columns"),
    "caption": Message("caption"),
    "below": Message("notes, source"),
    "alternative": Message("alternative text"),
    "picture": Message("picture"),
    "tile": Message("tile {n}"),
    "sheet": Message("sheet “{section}”"),
    "card": Message("card {number}"),
    "column": Message("column “{column}”"),
    "in": Message("section “{section}”"),
    "expected": Message("expected “{expected}”, found “{found}”"),
    "missing": Message("“{expected}” is missing"),
    "more": Message("“{found}” is there, which the report does not say"),
}
_LONGEST = 160  # letters of a text that is quoted
DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Place(Words):
    """Where a piece stands: the kind of its block, its number, the part of it, the n-th; under which heading."""

    kind: str
    number: int = 0
    part: str = ""
    n: int = 0
    section: str = ""
    columns: tuple[str, ...] = ()
    column: str = ""  # of a row, the one meant

    def text(self, language: str = FIRST) -> str:
        """The place in words."""
        places = {"number": self.number, "section": self.section, "n": self.n, "column": self.column}
        names = [self.section] if self.kind == "file" else []
        named = [self.kind, self.part, "column" if self.column else ""]
        named += ["in"] if self.section and self.kind not in ("sheet", "file") else []
        names += [_WORDS[name].filled(**places).text(language) for name in named if name in _WORDS]
        return ", ".join(names)


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands together: its kind, its texts (several for a row), and what a machine reads beside each of them."""

    kind: str
    texts: tuple[str, ...]
    beside: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Finding(Words):
    """A difference between a file and the blocks that it was made from: where, what was expected and what is there."""

    file: str
    where: Words | str = ""
    expected: str = ""
    found: str = ""
    message: Words | None = None  # what is wrong, where it is not just another text
    check: str = "files"

    def text(self, language: str = FIRST) -> str:
        """The difference in words, its place first."""
        kind = "expected" if self.expected and self.found else "missing" if self.expected else "more"
        stated = self.message or _WORDS[kind].filled(expected=_quoted(self.expected), found=_quoted(self.found))
        where = str(in_language(self.where, language))
        return ": ".join(filter(None, (self.file, where, stated.text(language))))


def finding(file: str, place: Place | None, expected: str, result: str, column: int | None = None) -> Finding:
    """A difference at ``place``; of a row also in which column."""
    if place and column is not None and column < len(place.columns):
        place = replace(place, column=place.columns[column])
    return Finding(file, place or "", expected, result)


def _quoted(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


# --- texts ----------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 15)  # names and numbers stand in every format, and in most of them many times
def plain(text: str) -> str:
    """``text`` as it is compared: composed letters, single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def tight(text: str) -> str:
    """``text`` without any blanks: for files that break lines where they like."""
    return "".join(unicodedata.normalize("NFC", text).split())


def printed(cell: str | blocks.Number | None) -> str:
    """What a cell prints, with the letter of its note behind it; the sign for what is not known where it is empty."""
    if cell is None:
        return UNKNOWN
    return cell if isinstance(cell, str) else cell.text + cell.mark


def text_of(parts: Iterable[str | blocks.Number]) -> str:
    """Text and numbers in turn, as one text."""
    return "".join(printed(part) for part in parts)


def head_of(column: blocks.Column) -> str:
    """The head over a column."""
    return f"{column.title} ({column.unit})" if column.unit else column.title


def content_id(content: bytes) -> str:
    """A short name of the content of a picture: two are the same picture where it is equal."""
    return hashlib.sha256(content).hexdigest()[:16]


def number(text: str) -> str:
    """A number that a machine reads, in one spelling; "" where there is none."""
    return repr(float(text)) if text else ""


def spelled(value: object) -> str:
    """A value of a figure's data as text: numbers to nine decimals, "" for what is not known."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(exact(value))
    return "" if value is None else str(value)


def value_of_part(part: str | blocks.Number | None) -> str:
    """The value behind a number as HTML carries it; "" for text and what is not known."""
    return repr(part.value) if isinstance(part, blocks.Number) and part.value is not None else ""


# --- what the blocks say --------------------------------------------------------------------------


def headings(document: Document) -> list[str]:
    """The headings of a document, in order."""
    return [plain(item.block.plain_text()) for item in document.items if isinstance(item.block, blocks.Heading)]


def is_titled(notebook: NotebookNode) -> bool:
    """Whether a cell showed the head of the report; a page without one has a name for its window only."""
    waiting = [
        output["data"].get(blocks.MIME)
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "data" in output
    ]
    for block in filter(None, waiting):
        if block["kind"] == blocks.Title.kind:
            return True
        waiting += block.get("blocks", ())
    return False


def of_document(document: Document) -> Iterator[Piece]:
    """The pieces of a document in reading order, its head first."""
    head = document.title
    for text in (head.text, head.subtitle, *head.marks, *head.lines):
        if text:
            yield Piece("title", (text,), place=Place("title"))
    section = ""
    for item in document.items:
        if isinstance(item.block, blocks.Heading):
            section = item.block.plain_text()
        yield from _of_item(document, item, section)


def _of_item(document: Document, item: Item, section: str) -> Iterator[Piece]:
    block: blocks.Block = item.block
    match block:
        case blocks.Heading():
            yield Piece("heading", (block.plain_text(),), place=Place("heading"))
        case blocks.Paragraph():
            values = tuple(v for part in block.parts if (v := value_of_part(part)))
            yield Piece("paragraph", (text_of(block.parts),), values, Place("paragraph", section=section))
        case blocks.Note():
            yield Piece("paragraph", (block.text,), place=Place("note", section=section))
        case blocks.Tiles():
            yield Piece("tiles", (block.caption,), place=Place("tiles", section=section))
            yield from (_of_tile(tile, n, section) for n, tile in enumerate(block.tiles, 1))
        case blocks.Table():
            yield from _of_table(document, item, block)
        case blocks.Figure():
            place = Place("figure", item.number, "alternative")
            held = (content_id(block.png_bytes), content_id(block.svg.encode()) if block.svg else "")
            yield Piece("picture", (block.alternative,), held, place)
            yield Piece("caption", (document.caption(item),), place=Place("figure", item.number, "caption"))
            yield from _below(block, Place("figure", item.number, "below"))


def _of_tile(tile: blocks.Tile, n: int, section: str) -> Piece:
    texts = (tile.label, printed(tile.number) + tile.unit, text_of(tile.detail))
    values = tuple(v for part in (tile.number, *tile.detail) if (v := value_of_part(part)))
    return Piece("tile", texts, values, Place("tiles", part="tile", n=n, section=section))


def _of_table(document: Document, item: Item, table: blocks.Table) -> Iterator[Piece]:
    number = item.number
    yield Piece("caption", (document.caption(item),), place=Place("table", number, "caption"))
    for texts, spans in heads(table.columns):
        yield Piece("head", texts, spans, Place("table", number, "head"))
    titles = tuple(head_of(column) for column in table.columns)
    for n, row in enumerate(table.rows, 1):
        cells = [row.get(column.key) for column in table.columns]
        texts = tuple(printed(cell) for cell in cells)
        values = tuple(value_of_part(cell) for cell in cells)
        yield Piece("row", texts, values, Place("table", number, "row", n, columns=titles))
    yield from _below(table, Place("table", number, "below"))


def heads(columns: Sequence[blocks.Column]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The rows of heads over a table: the texts, and over how many columns each stands."""
    if not any(column.group for column in columns):
        return [(tuple(map(head_of, columns)), tuple("1" for _ in columns))]
    upper: list[tuple[str, str]] = []
    lower: list[tuple[str, str]] = []
    for group, members in groupby(columns, lambda column: column.group):
        own = list(members)
        if group:
            upper.append((group, str(len(own))))
            lower += [(head_of(column), "1") for column in own]
        else:
            upper += [(head_of(column), "1") for column in own]
    return [(tuple(t for t, _ in line), tuple(s for _, s in line)) for line in (upper, lower)]


def _below(block: blocks.Table | blocks.Figure, place: Place) -> Iterator[Piece]:
    for text in (*block.notes, block.source):
        if text:
            yield Piece("below", (text,), place=place)


# --- side by side ---------------------------------------------------------------------------------


def compare(expected: Sequence[Piece], results: Sequence[Piece], file: str) -> list[Finding]:
    """Every difference between the pieces that a file must have and those that it has, in order."""
    start = 0
    while start < min(len(expected), len(results)) and expected[start] == results[start]:
        start += 1
    end = 0
    while end < min(len(expected), len(results)) - start and expected[-1 - end] == results[-1 - end]:
        end += 1
    wanted, given = expected[start : len(expected) - end], results[start : len(results) - end]
    if not wanted and not given:
        return []
    before = expected[start - 1].place if start else None
    findings: list[Finding] = []
    for _, a, b, c, d in SequenceMatcher(None, wanted, given, autojunk=False).get_opcodes():
        if wanted[a:b] == given[c:d]:
            continue
        if a:
            before = wanted[a - 1].place
        for one, other in _paired(wanted[a:b], given[c:d]):
            findings += _differences(one, other, before, file)
    return findings


def _paired(wanted: Sequence[Piece], given: Sequence[Piece]) -> Iterator[tuple[Piece | None, Piece | None]]:
    """Pieces of one kind with each other, as long as both have some."""
    kinds = dict.fromkeys(piece.kind for piece in (*wanted, *given))
    for kind in kinds:
        yield from zip_longest(*([piece for piece in side if piece.kind == kind] for side in (wanted, given)))


def _differences(one: Piece | None, other: Piece | None, before: Place | None, file: str) -> Iterator[Finding]:
    if one is None or other is None:
        whole = " | ".join(filter(None, (one or other).texts))  # type: ignore[union-attr]
        place = one.place if one else before
        yield finding(file, place, whole if one else "", whole if other else "")
        return
    differing = [n for n, pair in enumerate(zip_longest(one.texts, other.texts)) if pair[0] != pair[1]]
    if len(one.texts) != len(other.texts):
        yield finding(file, one.place, " | ".join(one.texts), " | ".join(other.texts))
        return
    for n in differing:
        yield finding(file, one.place, one.texts[n] or "(–)", other.texts[n] or "(–)", n)
    if not differing:
        for n, (a, b) in enumerate(zip_longest(one.beside, other.beside, fillvalue="")):
            if a != b:
                yield finding(file, one.place, a or "(–)", b or "(–)", n)
