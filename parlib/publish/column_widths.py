"""How wide texts are on paper and how wide the columns of a table become, for PDF and Word, from the letters alone.

A page maker that sets every cell twice to find the widths takes half of its time for that, and cannot say beforehand
that a table needs smaller letters or a page on its side. Widths of letters are those of Tinos and Times New Roman,
which are as wide: on any machine the same. Lengths are in times the size of the letters ("em") or in mm, as said.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

MM_OF_POINT = 25.4 / 72
#: In times the size of letters:
SHORT_HEAD = 6.0  # a head that is no longer stays on one line where there is room
LONGEST_WORD = 12.0  # what is longer is an address, and may be broken anywhere
CELL_LINES = 4  # how many lines a long text of a cell may take before its column asks for more room

#: Hundredths of the letters' size from the space to the tilde.
_ADVANCES = (
    *(25, 33, 41, 50, 50, 83, 78, 18, 33, 33, 50, 56, 25, 33, 25, 28, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 28, 28),
    *(56, 56, 56, 44, 92, 72, 67, 67, 72, 61, 56, 72, 72, 33, 39, 72, 61, 89, 72, 72, 56, 72, 67, 56, 61, 72, 72, 94),
    *(72, 72, 61, 33, 28, 33, 47, 50, 33, 44, 50, 44, 50, 44, 33, 50, 50, 28, 28, 50, 28, 78, 50, 50, 50, 50, 33, 39),
    *(28, 50, 50, 72, 50, 50, 44, 48, 20, 48, 54),
)
_OTHERS = {"đ": 50, "Đ": 72, "ư": 54, "Ư": 78, "ơ": 53, "−": 56, "–": 50, "…": 100, "—": 100, "\u00a0": 25}
#: The same of bold letters: an "r" is a third wider, a digit is not.
_BOLD_ADVANCES = (
    *(25, 33, 56, 50, 50, 100, 83, 28, 33, 33, 50, 57, 25, 33, 25, 28, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 33, 33),
    *(57, 57, 57, 50, 93, 72, 67, 72, 72, 67, 61, 78, 78, 39, 50, 78, 67, 94, 72, 78, 61, 78, 72, 56, 67, 72, 72, 100),
    *(72, 72, 67, 33, 28, 33, 58, 50, 33, 50, 56, 44, 56, 44, 33, 50, 56, 28, 33, 56, 28, 83, 56, 50, 56, 56, 44, 39),
    *(33, 56, 50, 72, 50, 50, 44, 39, 22, 39, 52),
)
_BOLD_OTHERS = {"đ": 56, "Đ": 72, "ư": 60, "Ư": 80, "ơ": 55, "−": 57, "–": 50, "…": 100, "—": 100, "\u00a0": 25}


@dataclass(frozen=True)
class Cell:
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
def _advance(letter: str, bold: bool) -> int:
    """The width of a letter in hundredths of the letters' size; one with accents is as wide as one without."""
    advances, others = (_BOLD_ADVANCES, _BOLD_OTHERS) if bold else (_ADVANCES, _OTHERS)
    if letter in others:
        return others[letter]
    code = ord(unicodedata.normalize("NFD", letter)[0])
    return advances[code - 32] if 32 <= code < 127 else 60


@lru_cache(maxsize=20_000)
def text_width(text: str, bold: bool = False) -> float:
    """The width of ``text`` in em."""
    return sum(_advance(letter, bold) for letter in text) / 100


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


def needs(cells: Iterable[Cell], n_columns: int, taste: Taste = Taste()) -> Needs:
    """What each of ``n_columns`` columns asks for."""
    least, comfort, most = ([0.0] * n_columns for _ in range(3))
    spanning = []
    for cell in cells:
        whole = text_width(cell.text, cell.is_bold)
        words = [text_width(word, cell.is_bold) for word in cell.text.split()]
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
