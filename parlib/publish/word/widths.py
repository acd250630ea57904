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
_HEAD = 1.8  # mm for each point of its letters: a head no wider would rather be wider than have a third line
_SHORT = 1.4  # the same: a head no wider stays on one line


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


def lines(text: str, room: float, size: float) -> int:
    """How many lines of ``room`` mm ``text`` takes at ``size`` points."""
    space, taken, here = width(" ", size), 1, 0.0
    for word in text.split(" "):
        wide = width(word, size)
        if here and here + space + wide > room:
            taken, here = taken + 1, wide
        else:
            here += wide + (space if here else 0)
        if here > room:  # a word longer than a line is broken
            taken, here = taken + int(here // room), here % room
    return taken


@lru_cache(maxsize=5_000)
def narrowest(text: str, size: float, most: int) -> float:
    """The least width in mm at which ``text`` takes at most ``most`` lines, none of its words broken."""
    words = text.replace("-", "- ").split(" ")
    least = longest_word(text, size)
    rooms = {width(" ".join(words[i:j]), size) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    return next((room for room in sorted(rooms) if room >= least and lines(text, room + 0.01, size) <= most), least)


@dataclass(frozen=True)
class Column:
    """What a column of a table holds: its head, its cells, and whether they are numbers, which stay on one line."""

    head: str
    cells: Sequence[str]
    is_number: bool


def fitted(columns: Sequence[Column], room: float, size: float) -> list[float] | None:
    """The widths in mm that the columns get in ``room`` at ``size`` points; ``None`` where they do not fit.

    Every column gets what it needs at least: its longest word or number, and a head of at most six lines. What is
    left goes first to narrow heads of more than two lines, then to cells that take several lines, then to all.
    """
    needs, heads, wishes = zip(*(_wanted(column, size) for column in columns), strict=True)
    if sum(needs) > room:
        return None
    widths = _fed(_fed(needs, heads, room), wishes, room)
    total = sum(widths)
    return [one * room / total for one in widths]


def _fed(widths: Sequence[float], wishes: Sequence[float], room: float) -> list[float]:
    """``widths`` with what is left of ``room`` given to those that wish for more: to great hunger more than to small,
    but not in proportion, and to none more than it wishes."""
    grown, left = list(widths), room - sum(widths)
    hungry = {place: wish - one for place, (one, wish) in enumerate(zip(widths, wishes, strict=True)) if wish > one}
    while hungry and left > 0.01:
        whole = sum(hunger**0.25 for hunger in hungry.values())
        shares = {place: left * hunger**0.25 / whole for place, hunger in hungry.items()}
        full = {place: hunger for place, hunger in hungry.items() if hunger <= shares[place]}
        for place, share in (full or shares).items():
            grown[place] += share
            left -= share
        hungry = {place: hunger for place, hunger in hungry.items() if place not in full} if full else {}
    return grown


def _wanted(column: Column, size: float) -> tuple[float, float, float]:
    """What a column needs, what its head would like, and what its cells would like, in mm."""
    texts = set(column.cells)
    whole = max((width(text, size) for text in texts), default=0.0)
    least = whole
    if not column.is_number:
        word = max((longest_word(text, size) for text in texts), default=0.0)
        least = min(whole, max(min(word, 2 * _WORDY), _WORDY))  # what is longer, an address say, is broken anywhere
    need = max(least, narrowest(column.head, size, _HEAD_LINES) * BOLD) + PADDING
    head = width(column.head, size) * BOLD
    if head > _SHORT * size:
        head = min(narrowest(column.head, size, 2) * BOLD, _HEAD * size)
    head = max(need, head + PADDING)
    return need, head, max(head, whole + PADDING)
