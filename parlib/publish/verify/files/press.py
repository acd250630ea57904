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
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from parlib.publish.document import Document, numbers
from parlib.publish.press import Card, Facts, drawn
from parlib.publish.press.kinds import Country
from parlib.publish.press.note import note
from parlib.publish.verify import reading
from parlib.publish.verify.blocks import Gate
from parlib.publish.verify.files import word
from parlib.publish.verify.files.pieces import DIGIT, Finding, Place, finding, of_document, plain, text_of, tight
from parlib.report.blocks import Figure, Number, Paragraph, Parts, Ref, Table

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

Key = tuple[float | None, str, tuple[Ref, ...], str]  # what is printed, and what it is
_RAISED = str.maketrans("abcd", "ᵃᵇᶜᵈ")  # the letters of notes
_SVG = "{http://www.w3.org/2000/svg}"
#: The files of a kit beside the cards.
_TEXTS = ("note.pdf", "note.docx", "README.txt", "alternative-texts.txt")
#: The columns of the cells that the labels of large numbers speak of.
_LABELS = {"mean": "mean", "spread": "range", "moved": "rose"}
#: Counts that say of how many units another number is a part: they stand beside every name.
_TOTALS = ("n_units", "ranked", "expected")
#: The checks of words that hold for a line of a card; a number of another year may be told of anywhere on it.
_CLAIMS = ("directions", "extremes", "all", "parts_of_wholes", "row_names", "years", "units_of_measure")


def inspect(shown: Shown, path: Path, name: str) -> list[Finding]:
    """The differences between the press kit ``path`` and the blocks of its report."""
    with zipfile.ZipFile(path) as kit:
        files = {entry: kit.read(entry) for entry in kit.namelist()}
    return list(_Kit(Facts.of(shown), files, name).findings())


def claims(one: Card, gate: Gate, name: str) -> Iterator[Finding]:
    """What the lines of a card claim that its numbers do not: directions, extremes, all, parts of wholes, names,
    years."""
    around = " ".join((text_of(one.headline), *map(text_of, one.notes), one.source))
    for parts in (one.headline, *one.notes, *one.lines):
        for wrong in gate.block(Paragraph(tuple(parts)), around)[1]:
            if wrong.check in _CLAIMS:
                yield Finding(name, wrong.subject, message=wrong.message)


def _key(number: Number) -> Key:
    return number.value, number.text, number.refs, number.made


def _printed(parts: Parts) -> str:
    return plain("".join(part if isinstance(part, str) else part.text + part.mark.translate(_RAISED) for part in parts))


@dataclass(frozen=True)
class _Kit:
    """The files of a kit beside what they are made from."""

    facts: Facts
    files: Mapping[str, bytes]
    name: str

    def findings(self) -> Iterator[Finding]:
        """Every difference."""
        kit, text, draft = drawn(self.facts, rendered=False), note(self.facts), note(self.facts, draft=True)
        made = [one for one, _ in kit]
        stems = {
            f"cards/{n:02d}-{one.name}-{shape.name}": (n, one, (shape.width, shape.height))
            for n, (one, shapes) in enumerate(kit, 1)
            for shape in shapes
        }
        wanted = [*(f"{stem}.{end}" for stem in stems for end in ("png", "svg")), *_TEXTS]
        missing = [entry for entry in wanted if entry not in self.files]
        for entry, is_wanted in (*((one, True) for one in missing), *((one, False) for one in self.files)):
            if is_wanted or entry not in wanted:
                expected, result = (entry, "") if is_wanted else ("", entry)
                yield finding(self.name, Place("file", section=entry), expected, result)
        gate = Gate.of(self.facts.document, self.facts.words.wording)
        for n, one in enumerate(made, 1):
            yield from self._labels(one, Place("card", n))
            yield from claims(one, gate, self.name)
        for stem, (n, one, size) in stems.items():
            yield from self._pictures(one, stem, n, size)
        for parts in _note_lines(text):
            yield from self._line(parts, text_of(parts), Place("file", section="note"))
        if not missing:
            for name in ("README.txt", "alternative-texts.txt"):
                yield from self._texts(self.files[name].decode("utf-8-sig"), made, name)
            yield from word.inspect_document(draft, io.BytesIO(self.files["note.docx"]), f"{self.name}/note.docx")
            yield from _note_pdf(self.files["note.pdf"], text, f"{self.name}/note.pdf")

    # --- what a card calls a number

    @cached_property
    def _rows(self) -> Mapping[Key, list[set[str]]]:
        """The numbers of tables, with what stands beside each of them."""
        results: dict[Key, list[set[str]]] = {}
        for table in (block for block in self.facts.blocks if isinstance(block, Table)):
            titles = {column.title for column in table.columns}
            for row in table.rows:
                beside = titles | {cell for cell in row.values() if isinstance(cell, str) and cell}
                for cell in (cell for cell in row.values() if isinstance(cell, Number)):
                    results.setdefault(_key(cell), []).append(beside)
        return results

    @cached_property
    def _names(self) -> set[str]:
        """What rows are called."""
        tables = (block for block in self.facts.blocks if isinstance(block, Table))
        cells = (cell for table in tables for row in table.rows for cell in row.values())
        return {cell for cell in cells if isinstance(cell, str) and len(cell) > 2}

    @cached_property
    def _loose(self) -> set[Key]:
        """The numbers in sentences, key figures and titles of figures."""
        loose = (block for block in self.facts.blocks if not isinstance(block, Table))
        return {_key(number) for block in loose for number in numbers(block)}

    def _labels(self, one: Card, place: Place) -> Iterator[Finding]:
        """Every number of a card is the report's, beside what it stands beside there, and called what it is."""
        whole = " ".join((text_of(one.headline), text_of(p for parts in one.notes for p in parts), one.source))
        yield from self._line(one.headline, whole, place)
        titles = {self.facts.words.text(label): column for label, column in _LABELS.items()}
        for parts in one.lines:
            yield from self._line(parts, f"{whole} {text_of(parts)}", place)
            number = next((part for part in parts if isinstance(part, Number)), None)
            column = titles.get(str(parts[0])) if parts else None
            held = {ref.column for ref in number.refs[:1]} if number is not None else set()
            if column and number is not None and not held & {column, "index", "points"}:
                yield finding(self.name, place, f"{parts[0]} ({column})", f"{number.text} ({_cell(number)})")
        if isinstance(content := one.content, Country):
            figures = (block for block in self.facts.blocks if isinstance(block, Figure))
            if not any(_is_drawn_from(content, figure) for figure in figures):
                yield finding(self.name, place, "", content.alternative)

    def _line(self, parts: Parts, around: str, place: Place) -> Iterator[Finding]:
        """The numbers of one line; ``around`` is all that is said near it."""
        line = text_of(parts)
        for number in (part for part in parts if isinstance(part, Number)):
            rows, loose = self._rows.get(_key(number), []), _key(number) in self._loose
            is_total = any(ref.column in _TOTALS for ref in number.refs)
            if not rows and not loose:
                yield finding(self.name, place, "", f"{number.text} ({_cell(number)})")
            beside = loose or is_total or any(text in line for row in rows for text in row)
            if rows and not beside and any(one in line for one in self._names):
                yield finding(self.name, place, "; ".join(sorted(rows[0])), line)
            others = (self._other_than_claimed(ref, number, around) for ref in number.refs)
            if wrong := next(filter(None, others), ""):
                yield finding(self.name, place, wrong, f"{number.text} ({_cell(number)})")

    def _other_than_claimed(self, ref: Ref, number: Number, around: str) -> str:
        """What the card speaks of, where a number is of another index, level or year; else ""."""
        words = self.facts.words
        if ref.index_name != words.index_name and not reading.calls(around, ref.index_name):
            return words.index
        called = reading.levels_called(around, words.wording.language)
        if ref.level and ref.level != words.level and ref.level not in called:
            return words.units
        years = {one.year for one in number.refs}
        return str(words.year) if words.year not in years and str(ref.year) not in around else ""

    # --- pictures and texts

    def _pictures(self, one: Card, stem: str, n: int, wanted: tuple[int, int]) -> Iterator[Finding]:
        """The pictures of a card are whole, and what is said of the drawing is what the card says."""
        from PIL import Image

        if (png := self.files.get(f"{stem}.png")) is not None:
            try:
                with Image.open(io.BytesIO(png)) as picture:
                    picture.load()
                    size = picture.size
            except (OSError, ValueError, SyntaxError):
                size = (0, 0)
            if size != wanted:
                yield finding(f"{self.name}/{stem}.png", Place("card", n), str(wanted), str(size))
        if (svg := self.files.get(f"{stem}.svg")) is not None:
            root, file = ElementTree.fromstring(svg), f"{self.name}/{stem}.svg"
            title, sentence = (plain(root.findtext(f"{_SVG}{part}") or "") for part in ("title", "desc"))
            if title != _printed(one.headline):
                yield finding(file, Place("card", n), _printed(one.headline), title)
            yield from _tells(sentence, one, file, Place("card", n, "alternative"))

    def _texts(self, text: str, made: Sequence[Card], name: str) -> Iterator[Finding]:
        """The head of a list of the cards, and for each card its caption, or what it says for those who cannot see."""
        facts, words, file = self.facts, self.facts.words, f"{self.name}/{name}"
        is_readme = name == "README.txt"
        top, *blocks = re.split(r"\r?\n(?=\[\d+\] )", text)
        partly = [facts.partial_note] if facts.is_partial else []
        head, wanted = set(_lines(top)), {plain(facts.title.text), *map(plain, (*facts.marks, *partly))}
        wanted |= {f"{words.text('pictures')}: {len(made)}"} if is_readme else set()
        yield from (finding(file, Place("title"), line, "") for line in sorted(wanted - head))
        yield from (finding(file, Place("title"), "", line) for line in sorted(head - wanted) if DIGIT.search(line))
        if len(blocks) != len(made):
            yield finding(file, None, str(len(made)), str(len(blocks)))
            return
        for n, (block, one) in enumerate(zip(blocks, made, strict=True), 1):
            caption = " ".join((*facts.marks, _printed(one.headline).rstrip("."), *partly, one.source))
            expected = [f"[{n:02d}] cards/{n:02d}-{one.name}"]
            expected += [f"{words.text('caption')}: {caption}"] if is_readme else []
            lines = list(_lines(block))
            for given, right in zip(lines, expected, strict=False):
                if tight(given).replace(".", "") != tight(right).replace(".", ""):
                    yield finding(file, Place("card", n), plain(right), given)
            if not is_readme and len(lines) > 1:
                yield from _tells(lines[1], one, file, Place("card", n, "alternative"), facts.marks)
            if len(lines) != 2:
                yield finding(file, Place("card", n), "", " ".join(lines[2:]) or " ".join(lines))


def _is_drawn_from(content: Country, figure: Figure) -> bool:
    """Whether a map says of each province what a figure of the report says, and tells it in its words."""
    rows = zip(*(figure.data.get(key, ()) for key in ("unit", "class", "label")), strict=False)
    ranks: dict[str, list[int]] = {}
    of = {}
    for unit, words, label in rows:
        if words and str(label).isdecimal():
            of[unit] = words
            ranks.setdefault(words, []).append(int(label))
    best = tuple(sorted(ranks, key=lambda words: min(ranks[words])))
    return (content.of, content.classes, content.alternative) == (of, best, figure.alternative)


def _cell(number: Number) -> str:
    if not number.refs:
        return "–"
    ref = number.refs[0]
    return " ".join(filter(None, (ref.index_name, str(ref.year), ref.level, ref.unit, ref.node, ref.column)))


def _lines(text: str) -> Iterator[str]:
    yield from (plain(line) for line in text.splitlines() if line.strip())


def _in_turn(rest: str, pieces: Iterable[str]) -> tuple[str, int, str | None]:
    """What is left of a text without the pieces that it must say in their order; or how far it does (a place), and the
    first piece that is lacking."""
    at, left = 0, []
    for piece in pieces:
        start = rest.find(piece, at)
        if start < 0:
            return "", at, piece
        left.append(rest[at:start])
        at = start + len(piece)
    return " ".join((*left, rest[at:])), at, None


def _tells(text: str, one: Card, file: str, place: Place, more: Sequence[str] = ()) -> Iterator[Finding]:
    """``text`` says all that the card says, in its order, and has no number of its own."""
    content = [one.content.alternative] if isinstance(one.content, Country) else list(map(_printed, one.lines))
    pieces = [plain(piece).rstrip(".") for piece in (_printed(one.headline), *content, *map(_printed, one.notes))]
    beside, at, lacking = _in_turn(plain(text), (*map(plain, more), *filter(None, pieces)))
    if lacking is not None:
        yield finding(file, place, lacking, plain(text)[at:])
    elif DIGIT.search(beside):
        yield finding(file, place, "", beside)


def _note_lines(text: Document) -> Iterator[Parts]:
    """The lines of the note that may hold numbers of the report."""
    for item in text.items:
        if isinstance(item.block, Paragraph):
            yield item.block.parts
        elif isinstance(item.block, Table):
            yield from (tuple(row[column.key] for column in item.block.columns) for row in item.block.rows)


def _note_pdf(content: bytes, text: Document, file: str) -> Iterator[Finding]:
    """The note as PDF says all of it in order, and nothing with a number beside it."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        given = _loose("".join(document[n].get_textpage().get_text_range() for n in range(len(document))))
    finally:
        document.close()
    pieces = [(piece, text) for piece in of_document(text) for text in piece.texts]
    beside, at, lacking = _in_turn(given, (_loose(text) for _, text in pieces))
    if lacking is not None:
        piece = next(piece for piece, text in pieces if _loose(text) == lacking)
        yield finding(file, piece.place, " ".join(piece.texts), given[at : at + len(lacking) + 20])
        return
    for mark in text.title.marks:
        beside = beside.replace(_loose(mark), " ").replace(_loose(mark.partition(":")[0]), " ")
    if DIGIT.search(beside):
        yield finding(file, None, "", beside)


def _loose(text: str) -> str:
    """``text`` without blanks and hyphens, whatever the case: capitals are a matter of style."""
    return re.sub("[-\\x02\\u00ad\\ufffe\\u2022•]", "", tight(text)).lower()
