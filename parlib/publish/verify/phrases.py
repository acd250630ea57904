"""Words of direction in the sentences that the catalogue has: where the opposite word is what a template says, it was
changed on its way.

Every text of a report is a template with its places filled. Of a word that has an opposite, the longest piece of a
template around it is looked for; if the opposite word would stand in a longer one, it is the word that belongs there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from parlib import words as catalogues
from parlib.analysis.checks import Finding
from parlib.publish.verify import reading, vocabulary
from parlib.report.blocks import Block, Figure, Heading, Note, Paragraph, Table, Tiles
from parlib.words import Message

#: By word: what stands before it and after it, and how much that is (letters twice signs); the longest first.
Pieces = Mapping[str, tuple[tuple[int, str, str], ...]]
#: Before a word of direction: what is counted ("10 bộ tăng"), which ``claims`` holds against the count.
_COUNTED = re.compile(r"\0 (?:\w+ ){0,2}$")
_PLACE = re.compile(r"\{\w*\}")


@cache
def _words(language: str) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, vocabulary.opposites(language)), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")


def _pieces(texts: Iterable[str], language: str) -> Pieces:
    found: dict[str, set[tuple[int, str, str]]] = {}
    for text in texts:
        for piece in _PLACE.split(text.lower()):
            for word in _words(language).finditer(piece):
                lead, rest = piece[: word.start()], piece[word.end() :]
                letters = sum(2 if sign.isalnum() else not sign.isspace() for sign in lead + rest)
                found.setdefault(word[0], set()).add((letters, lead, rest))
    return {word: tuple(sorted(some, reverse=True)) for word, some in found.items()}


@cache
def _of_catalogue(language: str) -> Pieces:
    return _pieces((form for forms in catalogues.messages(language).values() for form in forms), language)


@cache
def template(language: str, msgid: str) -> re.Pattern[str]:
    """A message of the catalogue as a pattern, with a group for each of its places."""
    forms = catalogues.messages(language)[msgid]
    pieces = re.split(r"(\{\w+\})", forms[-1].rstrip())
    last = "" if pieces[-1] else "$"  # a place at the end takes all that is left
    named = (f"(?P<{one[1:-1]}>.+?)" if one.startswith("{") else re.escape(one) for one in pieces)
    return re.compile("".join(named) + last)


@dataclass(frozen=True)
class Phrases:
    """What a document says in words of its own language; ``names`` are texts of the data, which have such words too."""

    language: str
    names: tuple[str, ...]
    _seen: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def of_data(self) -> Pieces:
        """The names as pieces, each by itself."""
        return _pieces(self.names, self.language)

    def inspect(self, block: Block) -> Iterator[Finding]:
        """Words in a block whose opposites belong there."""
        for text in _texts(block):
            for word in self._wrong(text):
                yield Finding(
                    "directions",
                    False,
                    f"{getattr(block, 'name', '') or block.kind}: {text[:90]}",
                    (),
                    Message("the template has the opposite of {word!r} there", {"word": word}),
                )

    def _wrong(self, text: str) -> tuple[str, ...]:
        if text not in self._seen:
            told = _words(self.language).finditer(text.lower())
            loose = [one for one in told if not _COUNTED.search(text, 0, one.start())]
            self._seen[text] = tuple(one[0] for one in loose if self._belongs_not(one))
        return self._seen[text]

    def _belongs_not(self, one: re.Match[str]) -> bool:
        """Whether the opposite of a word stands in a longer piece of a template there than the word itself."""
        least = self._longest(one, one[0], 0) + 1  # one sign more says nothing
        return self._longest(one, vocabulary.opposites(self.language)[one[0]], least) > least

    def _longest(self, at: re.Match[str], word: str, least: int) -> int:
        """How much around a place is one piece of a template with ``word`` there, if more than ``least``."""
        text, found = at.string, least
        for pieces in (_of_catalogue(self.language), self.of_data):
            for letters, lead, rest in pieces.get(word, ()):
                if letters <= found:
                    break
                if text.endswith(lead, 0, at.start()) and text.startswith(rest, at.end()):
                    found = letters
                    break
        return found


def _texts(block: Block) -> Iterator[str]:
    """What a block says, each text by itself; a number is a gap."""
    yield from getattr(block, "notes", ())
    if isinstance(block, Heading | Note):
        yield block.text
    elif isinstance(block, Paragraph):
        yield reading.gapped(block.parts)
    elif isinstance(block, Figure):
        yield from (block.caption, block.alternative)
    elif isinstance(block, Tiles):
        for tile in block.tiles:
            yield tile.label
            yield reading.gapped((f"{tile.unit} ", *tile.detail))
    elif isinstance(block, Table):
        yield block.caption
        for column in block.columns:
            yield from (column.title, column.group, column.unit)
        for row in block.rows if block.name != "sources" else ():  # titles are not ours
            yield from (cell for cell in row.values() if isinstance(cell, str) and " " in cell)
