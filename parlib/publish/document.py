"""An executed notebook as a document: its blocks in order, tables and figures numbered, every anchor once.

HTML, PDF, Word, Excel, press kit and open data are all written from it; none of them computes anything again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from parlib import places
from parlib.report import blocks
from parlib.report.columns import words_of_columns
from parlib.tables import rounded
from parlib.words import FIRST, Message, fold, texts

if TYPE_CHECKING:
    from nbformat import NotebookNode

WORDS: Mapping[str, Message] = {
    "table": Message("Table"),
    "figure": Message("Figure"),
    "contents": Message("Contents"),
    "tables": Message("List of tables"),
    "figures": Message("List of figures"),
    "find": Message("Find a unit"),
    "formats": Message("Other formats"),
    "skip": Message("Skip to content"),
    "issuer": Message("Department of Administrative Reform, Ministry of Home Affairs"),
    "made": Message("Made with parlib from the executed notebook kept beside this file."),
}


@dataclass(frozen=True)
class Item:
    """A block at its place: ``anchor`` is unique in the document, ``number`` is that of a table or figure, from 1."""

    block: blocks.Block
    anchor: str = ""
    number: int = 0


@dataclass(frozen=True)
class Document:
    """What a report shows, in order.

    ``title``     its head (the first one shown). ``language``  "vi" or "en".
    ``items``     all other blocks, sequels taken apart.
    ``datasets``  the data behind it.
    """

    language: str
    title: blocks.Title
    items: tuple[Item, ...]
    datasets: tuple[blocks.Dataset, ...] = ()

    @property
    def words(self) -> dict[str, str]:
        """The words of a document in its language."""
        return texts(WORDS, self.language)

    @property
    def full_title(self) -> str:
        """The title with the marks that travel with it: simulated, an illustrative set of criteria. One that names a
        unit and no year says what is told of it."""
        told = () if any(map(str.isdigit, self.title.text)) else (self.title.subtitle,)
        return " – ".join(filter(None, (self.title.text, *told, *self.title.marks)))

    def caption(self, item: Item) -> str:
        """The caption of a table or figure with its number: "Bảng 3. Xếp hạng"; that of a figure begins with what it
        shows."""
        block = item.block
        assert isinstance(block, blocks.Table | blocks.Figure)
        title = block.title if isinstance(block, blocks.Figure) else block.caption
        return f"{self.words[block.kind]} {item.number}. {title}"


@dataclass(frozen=True)
class Properties:
    """What a file says of itself, in any format: ``author`` is the body that issues it, ``year`` that of its data."""

    title: str
    author: str = ""
    subject: str = ""
    keywords: tuple[str, ...] = ()
    language: str = FIRST
    year: int = 0


def roman(n: int) -> str:
    """A number from 1 to 39 in Roman numerals.

    >>> roman(4), roman(19)
    ('IV', 'XIX')
    """
    return "X" * (n // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[n % 10]


#: How sections are numbered, by the level of their heading.
SECTIONS: tuple[Callable[[int], str], ...] = (
    lambda n: f"{roman(n)}.",
    lambda n: f"{n}.",
    lambda n: f"{chr(ord('a') + n - 1)})",
)


class Numbering:
    """Goes along the blocks of a document and gives each its number and its anchor. ``marks`` are those of its title: a
    table or figure that is shown alone tells them, in a document they stand on the title and in the head of each page.
    """

    def __init__(self, marks: tuple[str, ...] = ()) -> None:
        self.marks = marks
        self.counts = {blocks.Table.kind: 0, blocks.Figure.kind: 0}
        self._anchors = {"main"}
        self._sections = [0] * len(SECTIONS)

    def placed(self, block: blocks.Block) -> Item:
        """``block`` with its number and anchor."""
        if isinstance(block, blocks.Table | blocks.Figure):
            self.counts[block.kind] += 1
            number = self.counts[block.kind]
            block = replace(block, notes=tuple(note for note in block.notes if note not in self.marks))
            return Item(block, unique(f"{block.kind}-{block.name or number}", self._anchors), number)
        if isinstance(block, blocks.Heading):
            anchor = unique(block.anchor or fold(block.text).replace(" ", "-") or "muc", self._anchors)
            return Item(replace(block, number=self._of_section(block)), anchor)
        return Item(block)

    def _of_section(self, heading: blocks.Heading) -> str:
        """The number of a section, as Decree 30 on documents has it: I, then 1, then a; "" of one that gets none and
        of one that no numbered section is above."""
        self._sections[heading.level :] = [0] * (len(SECTIONS) - heading.level)
        if not heading.numbered or not all(self._sections[: heading.level - 1]):
            return ""
        self._sections[heading.level - 1] += 1
        return SECTIONS[heading.level - 1](self._sections[heading.level - 1])


def unique(wanted: str, taken: set[str], sign: str = "-") -> str:
    """``wanted``, or it with a number behind ``sign`` where it is ``taken`` already; from now on it is."""
    free, n = wanted, 2
    while free in taken:
        free, n = f"{wanted}{sign}{n}", n + 1
    taken.add(free)
    return free


def shown_blocks(notebook: NotebookNode) -> Iterator[blocks.Block]:
    """The blocks that the cells showed, in order, sequels taken apart."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if blocks.MIME in output.get("data", {}):
                yield from flat(blocks.from_data(output["data"][blocks.MIME]))


def flat(block: blocks.Block) -> Iterator[blocks.Block]:
    """A block, or those of a sequel one after another."""
    if isinstance(block, blocks.Sequel):
        for part in block:
            yield from flat(part)
    else:
        yield block


def flat_data(data: blocks.Plain) -> Iterator[blocks.Plain]:
    """The data of a block, or those of a sequel one after another."""
    if data.get("kind") == blocks.Sequel.kind:
        for part in data["blocks"]:
            yield from flat_data(part)
    else:
        yield data


def in_format(notebook: NotebookNode, kind: str) -> NotebookNode:
    """The executed notebook as the format ``kind`` shows it: without the sections that stand in other formats alone.
    The notebook itself where there are none."""
    hidden, lost = 0, False  # the level of the heading whose section is left out

    def is_shown(block: blocks.Plain) -> bool:
        nonlocal hidden, lost
        level, formats = block.get("level", 1), block.get("formats")
        if block.get("kind") == blocks.Heading.kind and (not hidden or level <= hidden):
            hidden = level if formats and kind not in formats else 0
        left_out = hidden > 0 and block.get("kind") not in (blocks.Title.kind, blocks.Dataset.kind)
        lost = lost or left_out
        return not left_out

    from nbformat import NotebookNode

    cells = []
    for cell in notebook.cells:
        outputs = []
        for output in cell.get("outputs", ()):
            if blocks.MIME in output.get("data", {}):
                kept = [block for block in flat_data(output["data"][blocks.MIME]) if is_shown(block)]
                output = NotebookNode({**output, "data": {blocks.MIME: {"kind": blocks.Sequel.kind, "blocks": kept}}})
            outputs.append(output)
        cells.append(NotebookNode({**cell, "outputs": outputs}) if "outputs" in cell else cell)
    return NotebookNode({**notebook, "cells": cells}) if lost else notebook


def document(notebook: NotebookNode, language: str, title: str = "") -> Document:
    """The document of an executed notebook. ``title`` stands in where no cell showed one."""
    shown = list(shown_blocks(notebook))
    heads = [block for block in shown if isinstance(block, blocks.Title)]
    head = heads[0] if heads else blocks.Title(title)
    numbering = Numbering(head.marks)
    return Document(
        language,
        head,
        tuple(numbering.placed(block) for block in shown if not isinstance(block, blocks.Title | blocks.Dataset)),
        tuple(block for block in shown if isinstance(block, blocks.Dataset)),
    )


def numbers(block: blocks.Block) -> Iterator[blocks.Number]:
    """Every number that a block prints, in reading order; those of a table row by row."""
    content: list[object] = []
    if isinstance(block, blocks.Paragraph):
        content = list(block.parts)
    elif isinstance(block, blocks.Table):
        content = [row.get(column.key) for row in block.rows for column in block.columns]
    elif isinstance(block, blocks.Tiles):
        content = [part for tile in block.tiles for part in (tile.number, *tile.detail)]
    elif isinstance(block, blocks.Figure):
        content = list(block.finding)
    yield from (part for part in content if isinstance(part, blocks.Number))


# --- cells ----------------------------------------------------------------------------------------
# The cells of tables as numbers for others to reckon with: exact, with their decimals, and with what they rest on.
#
# The workbook and the open data are both written from these, so that a cell of one is the cell of the other.

Cell = str | blocks.Number | None
Value = float | str | bool | None  # of the data of a figure

#: Marks that make a number anything but official, by the key that file names and rows carry.
_LOUD = {"simulated": "simulated", "illustrative_scheme": "illustrative"}
MOST_DECIMALS = 9


def exact(value: float) -> float:
    """``value`` as points are compared: to nine decimals, without a minus zero."""
    return round(float(value), MOST_DECIMALS) + 0.0


def plain_number(value: float) -> str:
    """``value`` to nine decimals with a decimal dot, as short as it goes and never with an exponent."""
    return np.format_float_positional(exact(value), trim="-")


def value_of(cell: Cell) -> float | None:
    """The number in a cell; ``None`` for text, a range and what is not known."""
    return exact(cell.value) if isinstance(cell, blocks.Number) and cell.value is not None else None


def text_of(cell: Cell) -> str:
    """What a cell says where it is no number: text, or a range; "" for what is not known."""
    if isinstance(cell, blocks.Number):
        return "" if cell.value is not None or cell.text == blocks.UNKNOWN else cell.text
    return "" if cell is None or cell == blocks.UNKNOWN else cell


def is_unknown(cell: Cell, column: blocks.Column) -> bool:
    """Whether the number that belongs into a cell is not known. Empty text is no gap."""
    if isinstance(cell, blocks.Number):
        return cell.value is None and not text_of(cell)
    return cell == blocks.UNKNOWN or (cell is None and column.format != "text")


def decimals_of(number: blocks.Number, default: int) -> int:
    """With how many decimals ``number`` is printed; ``default`` where its text does not tell."""
    return default if number.value is None else _decimals(abs(number.value), number.text, default)


@lru_cache(maxsize=20_000)
def _decimals(value: float, text: str, default: int) -> int:
    digits = re.sub(r"\D", "", text)
    tried: tuple[int, ...] = (default, *range(MOST_DECIMALS + 1))
    for decimals in tried:
        if re.sub(r"\D", "", f"{rounded(value, decimals):f}") == digits:
            return decimals
    return default


def is_whole(cells: Sequence[Cell]) -> bool:
    """Whether every number in a column of cells is a whole one."""
    values = [value for cell in cells if (value := value_of(cell)) is not None]
    return bool(values) and all(value.is_integer() for value in values)


def refs_of(row: dict[str, str | blocks.Number]) -> Iterator[blocks.Ref]:
    """The cells of index tables that the numbers of a row came from."""
    for cell in row.values():
        if isinstance(cell, blocks.Number):
            yield from cell.refs


def column_cells(table: blocks.Table, column: blocks.Column) -> list[Cell]:
    """The cells of a column, top to bottom."""
    return [row.get(column.key) for row in table.rows]


def loud_marks(document: Document) -> tuple[str, ...]:
    """What a document rests on that makes its numbers anything but official: "simulated", "illustrative".

    A mark of its title that is none of these stands for itself.
    """
    say = blocks.Wording(document.language).say
    keys = {say(sentence): mark for mark, sentence in blocks.MARKS.items()}
    return tuple(_LOUD.get(keys.get(mark, ""), mark) for mark in document.title.marks)


def column_titles(document: Document) -> dict[str, str]:
    """The titles of the columns of all tables by their keys, the first of each."""
    results: dict[str, str] = {}
    for item in document.items:
        if isinstance(item.block, blocks.Table):
            for column in item.block.columns:
                results.setdefault(column.key, column.title)
    return results


def plain_value(value: object) -> Value:
    """A value of a figure's data as a cell holds it: number, text, or ``None`` for what is not known."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return None if value != value else (value if isinstance(value, int) else exact(value))
    return str(value)


def figure_columns(document: Document, data: Mapping[str, Sequence[object]]) -> dict[str, list[Value]]:
    """The data of a figure as columns of one length: names first, keys last, between them as tables have them."""
    # lower bounds before upper ones, areas as listed
    titles = [*words_of_columns("vi"), *column_titles(document).values()]
    order = {title: place for place, title in reversed(list(enumerate(titles)))}
    first = ("rank", "name", "node", "code", "year")
    last = ("unit", "region", "group", "item", "factor")  # keys: for joining, not for reading
    given = list(data)

    def place(key: str) -> tuple[int, int, int]:
        if key in first:
            return 0, first.index(key), 0
        if key in last and not ("name" not in data and key == "unit"):
            return 3, last.index(key), 0
        return (2, int(key), 0) if key.isdigit() else (1, order.get(key, len(titles)), given.index(key))

    longest = max((len(values) for values in data.values()), default=0)
    return {
        key: [plain_value(value) for value in data[key]] + [None] * (longest - len(data[key]))
        for key in sorted(given, key=place)
    }


# --- column widths --------------------------------------------------------------------------------
# How wide texts are on paper and how wide the columns of a table become, for PDF and Word, from the letters alone.
#
# A page maker that sets every cell twice to find the widths takes half of its time for that, and cannot say beforehand
# that a table needs smaller letters or a page on its side. Widths of letters are those of Tinos and Times New Roman,
# which are as wide: on any machine the same. Lengths are in times the size of the letters ("em") or in mm, as said.

MM_OF_POINT = 25.4 / 72
#: In times the size of letters:
SHORT_HEAD = 6.0  # a head that is no longer stays on one line where there is room
LONGEST_WORD = 12.0  # what is longer is an address, and may be broken anywhere
CELL_LINES = 4  # how many lines a long text of a cell may take before its column asks for more room

_UNKNOWN_WIDTH = 60


@dataclass(frozen=True)
class CellText:
    """A cell of a table: its text, the column it begins in, how many it spans."""

    text: str
    column: int
    span: int = 1
    is_head: bool = False
    is_bold: bool = False
    is_whole: bool = False  # never broken over lines


@dataclass(frozen=True)
class Setting:
    """A way to set a table: letters in points, the width of the page and the padding of a cell in mm."""

    style: str
    size: float
    width: float
    padding: float


@dataclass(frozen=True)
class Taste:
    """What is comfortable: ``head_lines`` of the head of a narrow column; a text of a cell that is no longer than
    ``name`` em stays on one line, a longer one asks for up to ``comfort`` em."""

    head_lines: int = 4
    name: float = 12.0
    comfort: float = 15.0


@dataclass(frozen=True)
class Needs:
    """What the columns of a table ask for, in em: their longest words, comfort, and that no text is broken."""

    least: tuple[float, ...]
    comfort: tuple[float, ...]
    most: tuple[float, ...]


@cache
def _widths(bold: bool) -> Mapping[str, int]:
    """The widths of letters of Times in hundredths of their size: an "r" in bold is a third wider, a digit is not."""
    from fontTools.ttLib import TTFont

    with TTFont(places.font("Tinos-Bold" if bold else "Tinos-Regular"), lazy=True) as font:
        em, advances = font["head"].unitsPerEm, font["hmtx"].metrics
        return {chr(code): round(100 * advances[name][0] / em) for code, name in font.getBestCmap().items()}


@lru_cache(maxsize=20_000)
def text_width(text: str, bold: bool = False) -> float:
    """The width of ``text`` in em: every letter has its own, for "ứ" is wider than "u" by its horn."""
    widths = _widths(bold)
    return sum(widths.get(letter, _UNKNOWN_WIDTH) for letter in unicodedata.normalize("NFC", text)) / 100


def lines(text: str, room: float, size: float) -> int:
    """How many lines of ``room`` mm ``text`` takes at ``size`` points."""
    room /= size * MM_OF_POINT
    space, taken, here = text_width(" "), 1, 0.0
    for word in text.split(" "):
        wide = text_width(word)
        if here and here + space + wide > room:
            taken, here = taken + 1, wide
        else:
            here += wide + (space if here else 0)
        if here > room:  # a word longer than a line is broken
            taken, here = taken + int(here // room), here % room
    return taken


_BREAKS = re.compile(r"\s+(?!%)")  # no line ends before a sign of percent


def needs(cells: Iterable[CellText], n_columns: int, taste: Taste = Taste()) -> Needs:
    """What each of ``n_columns`` columns asks for."""
    least, comfort, most = ([0.0] * n_columns for _ in range(3))
    spanning = []
    for cell in cells:
        whole = text_width(cell.text, cell.is_bold)
        words = [text_width(word, cell.is_bold) for word in _BREAKS.split(cell.text.strip())]
        word = whole if cell.is_whole else min(LONGEST_WORD, max(words, default=0.0))
        if cell.is_head:
            enough = max(word, 1.2 * whole / taste.head_lines)
            if whole > SHORT_HEAD:  # three lines of a head cost less than a second one of every row
                whole = max(word, SHORT_HEAD, 0.4 * whole + 1)
        else:
            enough = max(word, min(whole, max(taste.name, min(taste.comfort, 1.2 * whole / CELL_LINES))))
        if cell.span > 1:
            spanning.append((cell, word, enough, whole))
            continue
        j = cell.column
        least[j], comfort[j], most[j] = max(least[j], word), max(comfort[j], enough), max(most[j], whole)
    for cell, *asked in spanning:  # what a head over several columns asks beyond them is shared by them
        for widths, width in zip((least, comfort, most), asked, strict=True):
            places = range(cell.column, min(cell.column + cell.span, n_columns))
            lacking = width - sum(widths[j] for j in places)
            for j in places:
                widths[j] += max(0.0, lacking) / len(places)
    return Needs(tuple(least), tuple(comfort), tuple(most))


def fitted(asked: Needs, setting: Setting) -> tuple[float, ...] | None:
    """The widths in mm of columns that fill the page, as each asks for in comfort; ``None`` where they do not fit."""
    needed, ideal = _in_mm(asked.comfort, setting), _in_mm(asked.most, setting)
    return _shared(needed, ideal, setting.width) if sum(needed) <= setting.width else None


def squeezed(asked: Needs, setting: Setting) -> tuple[float, ...]:
    """The widths in mm where no page is wide enough for comfort: the longest words decide, and where even they do not
    fit they are broken."""
    return _shared(_in_mm(asked.least, setting), _in_mm(asked.comfort, setting), setting.width)


def _in_mm(widths: Sequence[float], setting: Setting) -> list[float]:
    """Widths of columns; 2 % more than measured: kerning and rounding must never break a number that just fits."""
    return [setting.size * MM_OF_POINT * width * 1.02 + setting.padding for width in widths]


def _shared(needed: Sequence[float], ideal: Sequence[float], width: float) -> tuple[float, ...]:
    """Every column gets what it needs; what is left goes where texts are broken, then to all in proportion."""
    lacking = [max(0.0, most - least) for least, most in zip(needed, ideal, strict=True)]
    given, left = list(needed), max(0.0, width - sum(needed))
    by_lack = sorted(range(len(needed)), key=lambda j: lacking[j])
    for n, j in enumerate(by_lack):  # who lacks little gets all of it, who lacks much an equal part of what is left
        more = min(lacking[j], left / (len(by_lack) - n))
        given[j], left = given[j] + more, left - more
    return tuple(width * wide / sum(given) for wide in given)
