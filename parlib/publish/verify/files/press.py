"""A press kit read back: what each card says, its captions, the note as PDF and Word, against the blocks of the report.

A number on a card is one that the report prints; who stands beside it stands beside it in the report; and what the card
calls it - the index, the year, the level, the mean - is what its cell says. The letters of the pictures are outlines
and are not read: title and description of each picture are.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlib.publish.document import Document
from parlib.publish.press import Card, Facts, cards
from parlib.publish.press.card import Picture
from parlib.publish.press.note import note
from parlib.publish.verify.blocks import Gate
from parlib.publish.verify.files import word
from parlib.publish.verify.files.pieces import Finding, Place, finding, of_document, plain, said, tight
from parlib.report.blocks import Figure, Number, Paragraph, Ref, Table, Tiles
from parlib.report.wording import Parts

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

_DIGIT = re.compile(r"\d")
_SIZE = (1080, 1350)
_RAISED = str.maketrans("abcd", "ᵃᵇᶜᵈ")
#: The columns of the cells that the labels of large numbers speak of.
_LABELS = {"mean": "mean", "spread": "range", "above_mean": "n_above_mean"}
#: The checks of words that hold for a line of a card; a number of another year may be told of anywhere on it.
_CLAIMS = ("directions", "extremes", "all", "parts_of_wholes", "row_names", "years", "units_of_measure")
#: What other indices are called, whatever the language.
_OTHERS = {"par": ("par index", "cchc", "cải cách hành chính"), "sipas": ("sipas",), "papi": ("papi",)}
_OTHERS |= {"pci": ("pci",), "dti": ("dti",), "grdp": ("grdp",)}


def inspect(shown: Shown, path: Path, name: str) -> list[Finding]:
    """The differences between the press kit ``path`` and the blocks of its report."""
    facts = Facts.of(shown)
    made = cards(facts)
    text = note(facts)
    with zipfile.ZipFile(path) as kit:
        files = {entry: kit.read(entry) for entry in kit.namelist()}
    wanted = [f"cards/{n:02d}-{one.name}.{end}" for n, one in enumerate(made, 1) for end in ("png", "svg")]
    wanted += ["note.pdf", "note.docx", "README.txt"]
    findings = [finding(name, Place("file", section=entry), entry, "") for entry in wanted if entry not in files]
    findings += [finding(name, Place("file", section=entry), "", entry) for entry in files if entry not in wanted]
    known, gate = _Known.of(shown.document), Gate.of(shown.document, facts.words.wording)
    for n, one in enumerate(made, 1):
        findings += _labels(one, n, facts, known, name)
        findings += claims(one, gate, name)
        findings += _pictures(one, n, files, name)
    for parts in _note_lines(text):
        findings += _line(parts, said(parts), facts, known, name, Place("file", section="note"))
    if not [entry for entry in wanted if entry not in files]:
        findings += _readme(files["README.txt"].decode("utf-8-sig"), made, facts, f"{name}/README.txt")
        findings += word.inspect(text, io.BytesIO(files["note.docx"]), f"{name}/note.docx")
        findings += _note_pdf(files["note.pdf"], text, f"{name}/note.pdf")
    return findings


def _printed(parts: Iterable[str | Number]) -> str:
    return plain("".join(part if isinstance(part, str) else part.text + part.mark.translate(_RAISED) for part in parts))


# --- what a card calls a number -------------------------------------------------------------------


class _Known:
    """The numbers that a report prints, and what stands beside each of them."""

    def __init__(self) -> None:
        self.rows: dict[tuple[Any, ...], list[set[str]]] = {}
        self.loose: set[tuple[Any, ...]] = set()  # those in sentences and key figures
        self.names: set[str] = set()  # what rows are called

    @classmethod
    def of(cls, document: Document) -> _Known:
        """The numbers of a document."""
        found = cls()
        for item in document.items:
            match item.block:
                case Table() as table:
                    for row in table.rows:
                        beside = {cell for cell in row.values() if isinstance(cell, str) and cell}
                        beside |= {column.title for column in table.columns}
                        found.names |= {c for c in row.values() if isinstance(c, str) and len(c) > 2}
                        for cell in row.values():
                            if isinstance(cell, Number):
                                found.rows.setdefault(_key(cell), []).append(beside)
                case Paragraph() as paragraph:
                    found.loose |= {_key(part) for part in paragraph.parts if isinstance(part, Number)}
                case Tiles() as tiles:
                    for tile in tiles.tiles:
                        found.loose |= {_key(p) for p in (tile.number, *tile.detail) if isinstance(p, Number)}
        return found


def _key(number: Number) -> tuple[Any, ...]:
    return number.value, number.text, number.refs, number.made


def claims(one: Card, gate: Gate, name: str) -> Iterator[Finding]:
    """What the lines of a card claim that its numbers do not: directions, extremes, all, parts of wholes, names,
    years."""
    around = " ".join((said(one.headline), *map(said, one.notes), one.source))
    for parts in (one.headline, *one.notes, *one.lines):
        for wrong in gate.block(Paragraph(tuple(parts)), around)[1]:
            if wrong.check in _CLAIMS:
                yield Finding(name, wrong.subject, said=wrong.said)


def _labels(one: Card, n: int, facts: Facts, known: _Known, name: str) -> Iterator[Finding]:
    """Every number of a card is the report's, beside what it stands beside there, and called what it is."""
    place = Place("card", n)
    whole = " ".join((said(one.headline), said(p for parts in one.notes for p in parts), one.source))
    yield from _line(one.headline, whole, facts, known, name, place)
    titles = {facts.words.text(label): column for label, column in _LABELS.items()}
    for parts in one.lines:
        yield from _line(parts, f"{whole} {said(parts)}", facts, known, name, place)
        number = next((part for part in parts if isinstance(part, Number)), None)
        column = titles.get(str(parts[0])) if parts else None
        if (
            column
            and number is not None
            and (not number.refs or number.refs[0].column not in (column, "index", "points"))
        ):
            yield finding(name, place, f"{parts[0]} ({column})", f"{number.text} ({_cell(number)})")
    if isinstance(one.content, Picture):
        figures = [item.block for item in facts.document.items if isinstance(item.block, Figure)]
        if not any(
            figure.png_bytes == one.content.png and figure.alternative == one.content.alternative for figure in figures
        ):
            yield finding(name, place, "", one.content.alternative)


def _line(parts: Parts, around: str, facts: Facts, known: _Known, name: str, place: Place) -> Iterator[Finding]:
    """The numbers of one line; ``around`` is all that is said near it."""
    line = said(parts)
    for number in (part for part in parts if isinstance(part, Number)):
        rows, loose = known.rows.get(_key(number), []), _key(number) in known.loose
        if not rows and not loose:
            yield finding(name, place, "", f"{number.text} ({_cell(number)})")
        elif rows and not loose and not _is_total(number) and any(one in line for one in known.names):
            beside = {text for row in rows for text in row}
            if not any(text in line for text in beside):
                yield finding(name, place, "; ".join(sorted(rows[0])), line)
        for ref in number.refs:
            wrong = _other_than_said(ref, number, around, facts)
            if wrong:
                yield finding(name, place, wrong, f"{number.text} ({_cell(number)})")
                break


def _is_total(number: Number) -> bool:
    """Whether a number says of how many units another is a part: it stands beside every name."""
    return any(ref.column in ("n_units", "ranked", "expected") for ref in number.refs)


def _other_than_said(ref: Ref, number: Number, around: str, facts: Facts) -> str:
    """What the card speaks of, where a number is of another index, level or year; else ""."""
    words, text = facts.words, around.lower()
    if ref.index_name != words.index_name and not any(
        w in text for w in _OTHERS.get(ref.index_name, (ref.index_name,))
    ):
        return words.index
    if ref.level and ref.level != words.level:
        return words.units
    years = {one.year for one in number.refs}
    if words.year not in years and str(ref.year) not in text:
        return str(words.year)
    return ""


def _cell(number: Number) -> str:
    if not number.refs:
        return "–"
    ref = number.refs[0]
    return " ".join(filter(None, (ref.index_name, str(ref.year), ref.level, ref.unit, ref.node, ref.column)))


# --- pictures and texts ---------------------------------------------------------------------------


def _pictures(one: Card, n: int, files: Mapping[str, bytes], name: str) -> Iterator[Finding]:
    """The pictures of a card are whole, and what is said of the drawing is what the card says."""
    from lxml import etree
    from PIL import Image

    stem = f"cards/{n:02d}-{one.name}"
    if f"{stem}.png" in files:
        try:
            with Image.open(io.BytesIO(files[f"{stem}.png"])) as picture:
                picture.load()
                size = picture.size
        except (OSError, ValueError, SyntaxError):
            size = (0, 0)
        if size != _SIZE:
            yield finding(f"{name}/{stem}.png", Place("card", n), str(_SIZE), str(size))
    if f"{stem}.svg" in files:
        root = etree.fromstring(files[f"{stem}.svg"])
        found = [plain(root.findtext(f"{{http://www.w3.org/2000/svg}}{part}") or "") for part in ("title", "desc")]
        if found[0] != _printed(one.headline):
            yield finding(f"{name}/{stem}.svg", Place("card", n), _printed(one.headline), found[0])
        yield from _tells(found[1], one, f"{name}/{stem}.svg", Place("card", n, "alternative"))


def _tells(text: str, one: Card, file: str, place: Place, more: Sequence[str] = ()) -> Iterator[Finding]:
    """``text`` says all that the card says, in its order, and has no number of its own."""
    rest, at = plain(text), 0
    pieces = [_printed(one.headline).rstrip(".")]
    if isinstance(one.content, Picture):
        pieces.append(plain(one.content.alternative).rstrip("."))
    else:
        pieces += [_printed(parts).rstrip(".") for parts in one.lines]
    pieces += [_printed(parts).rstrip(".") for parts in one.notes]
    left = []
    for piece in (*map(plain, more), *filter(None, pieces)):
        start = rest.find(piece, at)
        if start < 0:
            yield finding(file, place, piece, rest[at:])
            return
        left.append(rest[at:start])
        at = start + len(piece)
    beside = " ".join((*left, rest[at:]))
    if _DIGIT.search(beside):
        yield finding(file, place, "", beside)


def _readme(text: str, made: Sequence[Card], facts: Facts, file: str) -> Iterator[Finding]:
    """The head of the read-me, and for each card its caption and its alternative text."""
    words = facts.words
    blocks = re.split(r"\r?\n(?=\[\d+\] )", text)
    head = {plain(line) for line in blocks[0].splitlines() if line.strip()}
    wanted = {plain(facts.title.text), *map(plain, facts.marks), f"{words.text('pictures')}: {len(made)}"}
    if facts.is_partial:
        wanted.add(plain(facts.partial_note))
    for line in sorted(wanted - head):
        yield finding(file, Place("title"), line, "")
    for line in sorted(head - wanted):
        if _DIGIT.search(line):
            yield finding(file, Place("title"), "", line)
    if len(blocks) - 1 != len(made):
        yield finding(file, None, str(len(made)), str(len(blocks) - 1))
        return
    for n, (block, one) in enumerate(zip(blocks[1:], made, strict=True), 1):
        lines = [plain(line) for line in block.splitlines() if line.strip()]
        name = f"[{n:02d}] cards/{n:02d}-{one.name}.png, .svg"
        caption = " ".join(
            (
                *facts.marks,
                _printed(one.headline).rstrip("."),
                *([facts.partial_note] if facts.is_partial else []),
                one.source,
            )
        )
        for given, expected in zip(lines, (name, f"{words.text('caption')}: {caption}"), strict=False):
            if tight(given).replace(".", "") != tight(expected).replace(".", ""):
                yield finding(file, Place("card", n), plain(expected), given)
        for line in lines[2:3]:
            yield from _tells(line, one, file, Place("card", n, "alternative"), facts.marks)
        if len(lines) != 3:
            yield finding(file, Place("card", n), "", " ".join(lines[3:]) or " ".join(lines))


def _note_lines(text: Document) -> Iterator[Parts]:
    """The lines of the note that may hold numbers of the report."""
    for item in text.items:
        if isinstance(item.block, Paragraph):
            yield item.block.parts
        elif isinstance(item.block, Table):
            for row in item.block.rows:
                yield tuple(row[column.key] for column in item.block.columns)


def _note_pdf(content: bytes, text: Document, file: str) -> Iterator[Finding]:
    """The note as PDF says all of it in order, and nothing with a number beside it."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        given = "".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    finally:
        document.close()
    rest, at = _loose(given), 0
    left = []
    for piece in of_document(text):
        for one in map(_loose, piece.texts):
            start = rest.find(one, at)
            if start < 0:
                yield finding(file, piece.place, " ".join(piece.texts), rest[at : at + len(one) + 20])
                return
            left.append(rest[at:start])
            at = start + len(one)
    beside = " ".join((*left, rest[at:])).lower()
    for mark in text.title.marks:
        beside = beside.replace(_loose(mark), " ").replace(_loose(mark.partition(":")[0]), " ")
    if _DIGIT.search(beside):
        yield finding(file, None, "", beside)


def _loose(text: str) -> str:
    """``text`` without blanks and hyphens, whatever the case: capitals are a matter of style."""
    return re.sub("[-\\x02\\u00ad\\ufffe\\u2022•]", "", tight(text)).lower()
