"""The widths of a table's columns on paper, from its texts, before anything is laid out.

A page maker that sets every cell twice to find the widths takes half of its time for that, and cannot say beforehand
that a table needs smaller letters or a page on its side. Widths of letters are those of Tinos (and Times New Roman).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

MM_OF_POINT = 25.4 / 72
HEAD_LINES = 4  # what the head of a narrow column may take
#: In times the size of letters:
SHORT_HEAD = 6.0  # a head that is no longer stays on one line where there is room
LONGEST_WORD = 12.0  # what is longer is an address, and may be broken anywhere
NAME = 12.0  # a text of a cell that is no longer, such as a name, stays on one line
CELL_LINES = 4  # how many lines a longer one may take before its column asks for more room ...
COMFORT = 15.0  # ... which is at most so much

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
class Layout:
    """How a table is set: the style it takes ("" is the usual one) and the share of the width of every column."""

    style: str
    shares: tuple[float, ...]


@dataclass(frozen=True)
class _Setting:
    """A way to set a table: letters in points, the width of the page and the padding of a cell in mm."""

    style: str
    size: float
    width: float
    padding: float


#: From the usual one to the last resort; ``template/paper.css`` sets the same sizes.
SETTINGS = (
    _Setting("", 9.5, 175, 3.0),
    _Setting("small", 8, 175, 2.0),
    _Setting("wide", 9, 267, 2.4),
    _Setting("wide small", 7, 267, 1.6),
)


@cache
def _advance(letter: str, bold: bool) -> int:
    """The width of a letter in hundredths of the letters' size; one with accents is as wide as one without."""
    advances, others = (_BOLD_ADVANCES, _BOLD_OTHERS) if bold else (_ADVANCES, _OTHERS)
    if letter in others:
        return others[letter]
    code = ord(unicodedata.normalize("NFD", letter)[0])
    return advances[code - 32] if 32 <= code < 127 else 60


def text_width(text: str, bold: bool = False) -> float:
    """The width of ``text`` in times the size of its letters."""
    return sum(_advance(letter, bold) for letter in text) / 100


def layout(cells: Iterable[Cell], n_columns: int) -> Layout:
    """How a table of ``n_columns`` columns is set: in the first way that holds its texts without squeezing them."""
    least, want, most = _needs(cells, n_columns)
    for setting in SETTINGS:
        letter = setting.size * MM_OF_POINT
        # 2 % more than measured: kerning and rounding must never break a number that just fits
        needed, ideal = ([letter * width * 1.02 + setting.padding for width in widths] for widths in (want, most))
        if sum(needed) <= setting.width:
            return Layout(setting.style, _shares(needed, ideal, setting.width))
    # No page is wide enough for comfort: the longest words decide, and where even they do not fit they are broken.
    needed = [letter * width * 1.02 + setting.padding for width in least]
    ideal = [letter * width * 1.02 + setting.padding for width in want]
    return Layout(setting.style, _shares(needed, ideal, setting.width))


def _needs(cells: Iterable[Cell], n_columns: int) -> tuple[list[float], list[float], list[float]]:
    """Of every column: the width of its longest word, one that is comfortable, and one that no text is broken in."""
    least, want, most = ([0.0] * n_columns for _ in range(3))
    spanning = []
    for cell in cells:
        whole = text_width(cell.text, cell.is_bold)
        words = [text_width(word, cell.is_bold) for word in cell.text.split()]
        word = whole if cell.is_whole else min(LONGEST_WORD, max(words, default=0.0))
        if cell.is_head:
            enough = max(word, 1.2 * whole / HEAD_LINES)
            if whole > SHORT_HEAD:  # three lines of a head cost less than a second one of every row
                whole = max(word, SHORT_HEAD, 0.4 * whole + 1)
        else:
            enough = max(word, min(whole, max(NAME, min(COMFORT, 1.2 * whole / CELL_LINES))))
        if cell.span > 1:
            spanning.append((cell, word, enough, whole))
            continue
        j = cell.column
        least[j], want[j], most[j] = max(least[j], word), max(want[j], enough), max(most[j], whole)
    for cell, *asked in spanning:  # what a head over several columns asks beyond them is shared by them
        for widths, width in zip((least, want, most), asked, strict=True):
            places = range(cell.column, min(cell.column + cell.span, n_columns))
            lacking = width - sum(widths[j] for j in places)
            for j in places:
                widths[j] += max(0.0, lacking) / len(places)
    return least, want, most


def _shares(needed: Sequence[float], ideal: Sequence[float], width: float) -> tuple[float, ...]:
    """Every column gets what it needs; what is left goes where texts are broken, then to all in proportion."""
    lacking = [max(0.0, most - least) for least, most in zip(needed, ideal, strict=True)]
    given, left = list(needed), max(0.0, width - sum(needed))
    by_lack = sorted(range(len(needed)), key=lambda j: lacking[j])
    for n, j in enumerate(by_lack):  # who lacks little gets all of it, who lacks much an equal part of what is left
        more = min(lacking[j], left / (len(by_lack) - n))
        given[j], left = given[j] + more, left - more
    return tuple(wide / sum(given) for wide in given)
