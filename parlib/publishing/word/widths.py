"""How wide text is, and how wide the columns of a table become: from the letters alone, on any machine the same.

The widths are those of Times New Roman (and of Tinos, which is as wide); a letter with marks is as wide as without.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

#: Width of the signs from space to ~, in thousandths of the size.
_ASCII = (
    "250 333 408 500 500 833 778 180 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 500 500 500 278 278"
    " 564 564 564 444 921 722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 667 556 611 722 722 944"
    " 722 722 611 333 278 333 469 500 333 444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389"
    " 278 500 500 722 500 500 444 480 200 480 541"
)
_WIDTHS = dict(zip(map(chr, range(0x20, 0x7F)), map(int, _ASCII.split()), strict=True))
_WIDTHS |= {"đ": 500, "Đ": 722, "ơ": 520, "ư": 590, "Ơ": 740, "Ư": 800, "…": 1000, "−": 564, "–": 500, "±": 564}
_OTHER = 700  # any other sign: rather too wide than clipped

BOLD = 1.09  # bold letters are so much wider
MM = 25.4 / 72 / 1000  # of a thousandth of a point
PADDING = 2.7  # mm left and right in a cell, and a little to spare
_WORDY = 32.0  # mm that a column of sentences wants at least
_HEAD_LINES = 6  # a head of more lines is read by nobody


@lru_cache(maxsize=20_000)
def width(text: str, size: float) -> float:
    """The width in mm of ``text`` on one line at ``size`` points."""
    total = 0
    for sign in text:
        if sign not in _WIDTHS:
            base = unicodedata.normalize("NFD", sign)[0]
            _WIDTHS[sign] = _WIDTHS.get(base, _OTHER)
        total += _WIDTHS[sign]
    return total * size * MM


def longest_word(text: str, size: float) -> float:
    """The width in mm of the longest piece of ``text`` that is not broken between lines."""
    return max((width(word, size) for word in text.replace("-", "- ").split(" ")), default=0.0)


@dataclass(frozen=True)
class Column:
    """What a column of a table holds: its head, its cells, and whether they are numbers, which stay on one line."""

    head: str
    cells: Sequence[str]
    is_number: bool


def fitted(columns: Sequence[Column], room: float, size: float) -> list[float] | None:
    """The widths in mm that the columns get in ``room`` at ``size`` points; ``None`` where they do not fit.

    Every column gets what it needs at least: its longest word or number, and a head of at most six lines. What is
    left goes to columns whose cells would take more lines, then to all.
    """
    needs, wishes = zip(*(_wanted(column, size) for column in columns), strict=True)
    if sum(needs) > room:
        return None
    left, widths = room - sum(needs), list(needs)
    hungry = {place: wish - need for place, (need, wish) in enumerate(zip(needs, wishes, strict=True)) if wish > need}
    while hungry and left > 0.01:
        whole = sum(hunger**0.5 for hunger in hungry.values())
        shares = {place: left * hunger**0.5 / whole for place, hunger in hungry.items()}
        full = {place: hunger for place, hunger in hungry.items() if hunger <= shares[place]}
        for place, share in (full or shares).items():
            widths[place] += share
            left -= share
        hungry = {place: hunger for place, hunger in hungry.items() if place not in full} if full else {}
    total = sum(widths)
    return [one * room / total for one in widths]


def _wanted(column: Column, size: float) -> tuple[float, float]:
    """What a column needs and what it would like, in mm."""
    texts = set(column.cells)
    whole = max((width(text, size) for text in texts), default=0.0)
    head = max(longest_word(column.head, size), width(column.head, size) / _HEAD_LINES) * BOLD
    pleasant = max(longest_word(column.head, size), width(column.head, size) / 2) * BOLD
    if column.is_number:
        return max(whole, head) + PADDING, max(whole, pleasant) + PADDING
    word = max((longest_word(text, size) for text in texts), default=0.0)
    least = min(whole, max(min(word, 2 * _WORDY), _WORDY))  # what is longer, an address say, is broken anywhere
    return max(least, head) + PADDING, max(whole, pleasant) + PADDING
