"""The words by which claims are read, and the words of direction in the sentences that the catalogue has.

A language keeps them beside its catalogue, in ``locale/<language>/reading.yaml``: classes of words that go up (1) and
down (-1), a word and its opposite in the same place; what numbers are counted in; patterns. ``said`` tells which of
them a text says, the nearest to its end or to its beginning. A language without the file has no such words: nothing
that a text claims with them is read there, and ``is_read`` says so.

Every text of a report is a template with its places filled. Of a word that has an opposite, ``Phrases`` looks for the
longest piece of a template around it: where the opposite would stand in a longer one, it is what belongs there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain
from typing import TypedDict

from parlib import words as catalogues
from parlib.analysis.checks import Finding
from parlib.data_tables import read_yaml
from parlib.publish.verify.reading import gapped, name_of, texts, wrong
from parlib.report.blocks import NONE, Block
from parlib.words import SOURCE, Message

FILE = "reading.yaml"
#: The classes of words of which one may stand where its opposite belongs.
CLASSES = ("ways", "sides", "of_the_mean", "ends", "own_ends", "sizes")
#: Classes whose words a template must say alike in its language and in English.
_ALIKE = ("ways", "highest", "higher")


# --- what a language has --------------------------------------------------------------------------


class Kept(TypedDict):
    """The file of a language."""

    classes: dict[str, tuple[list[str], list[str]]]
    units: dict[str, list[str]]
    patterns: dict[str, str]


@cache
def _kept(language: str) -> Kept:
    """What the file of a language has; nothing where there is none."""
    path = catalogues.FOLDER / language / FILE
    result: Kept = read_yaml(path) if path.exists() else {"classes": {}, "units": {}, "patterns": {}}
    return result


def is_read(language: str) -> bool:
    """Whether verification has the words to read what texts claim in a language."""
    return bool(_kept(language)["classes"])


@cache
def pattern(language: str, name: str, otherwise: str = r"(?!)") -> re.Pattern[str]:
    """A pattern of a language; of one without words ``otherwise``, which is found nowhere."""
    return re.compile(_kept(language)["patterns"].get(name, otherwise))


def counted_in(language: str) -> Mapping[str, str]:
    """What numbers are counted in, by the words of it: points, percent, places, percentage points."""
    return {word: kind for kind, some in _kept(language)["units"].items() for word in some}


@cache
def _measure(language: str) -> re.Pattern[str]:
    return re.compile(rf"\s?({_any(counted_in(language))})(?![\w%])")


def measured(language: str, after: str) -> str:
    """What a number is counted in by the words after it; "" where they do not say."""
    result = _measure(language).match(after)
    return counted_in(language)[result[1]] if result else ""


@cache
def words(language: str, of: str) -> Mapping[str, int]:
    """The words of a class, each with the way it goes."""
    pair = _kept(language)["classes"].get(of, ([], []))
    return {word: way for way, some in zip((1, -1), pair, strict=True) for word in some}


# --- which way a text goes ------------------------------------------------------------------------


def _any(some: Iterable[str]) -> str:
    """Finds one of some words; of two that begin alike the longer one."""
    return "|".join(sorted(map(re.escape, some), key=len, reverse=True)) or "(?!)"


@cache
def _pattern(language: str, of: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any(words(language, of))})(?!\w)", re.IGNORECASE)


def _ways(of: str, language: str, text: str) -> Iterator[tuple[int, int]]:
    """The words of a class in a text: where each ends, which way it goes."""
    for match in _pattern(language, of).finditer(text):
        yield match.end(), words(language, of)[match[0].lower()]


def sign(of: str, language: str, text: str, *, first: bool = False) -> int:
    """Which way the last word of a class in a text goes, or the ``first``; 0 where there is none."""
    ways = [way for _, way in _ways(of, language, pattern(language, "both").sub(" ", text))]
    return ways[0 if first else -1] if ways else 0


def ends_with(of: str, language: str, text: str) -> int:
    """Which way the word that a text ends with goes; 0 where it ends otherwise."""
    text = text.rstrip()
    return next((way for end, way in _ways(of, language, text) if end == len(text)), 0)


@cache
def opposites(language: str) -> Mapping[str, str]:
    """The opposite of each word that has one."""
    results: dict[str, str] = {}
    for of in (*CLASSES, "measures", "order"):
        up, down = ([word for word, way in words(language, of).items() if way == one] for one in (1, -1))
        for word, other in chain.from_iterable(((a, b), (b, a)) for a, b in zip(up, down, strict=False)):
            results.setdefault(word, other)
    return results


@cache
def twice(language: str) -> re.Pattern[str]:
    """The same word where its opposite belongs: "highest and highest"."""
    some = _any({word for of in CLASSES for word in words(language, of)})
    return re.compile(rf"(?<!\w)({some})(?:{pattern(language, 'and').pattern})\1(?!\w)", re.IGNORECASE)


def same_direction(form: str, english: str, language: str = "vi") -> bool:
    """Whether a template says up and down, highest and lowest as its English does, where both say so."""
    for of in _ALIKE:
        one, other = ({way for _, way in _ways(of, *of_one)} for of_one in ((language, form), (SOURCE, english)))
        if one and other and one != other:
            return False
    return True


# --- the sentences of the catalogue ---------------------------------------------------------------

#: By word: what stands before it and after it, and how much that is (letters twice signs); the longest first.
Pieces = Mapping[str, tuple[tuple[int, str, str], ...]]
#: Before a word of direction: what is counted ("10 bộ tăng"), which ``claims`` holds against the count.
_COUNTED = re.compile(r"\0 (?:\w+ ){0,3}$")
_COUNT = re.compile(r"\{(\w+):((?:[^{}]|\{\w+\})*)\}")  # a place with the noun that it counts
_PLACE = re.compile(r"\{\w*\}")


@cache
def _opposed(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any(opposites(language))})(?!\w)")


def _as_counted(place: re.Match[str]) -> str:
    return f"{{{place[1]}}}" if place[2] == NONE else f"{{{place[1]}}} {place[2]}"


def _pieces(some: Iterable[str], language: str) -> Pieces:
    """What stands around each word of direction in ``some`` texts, where something is counted and where it is none."""
    results: dict[str, set[tuple[int, str, str]]] = {}
    none = catalogues.messages(language).get("no {noun}", ("no {noun}",))[-1]

    def as_none(place: re.Match[str]) -> str:
        return f"{{{place[1]}}}" if place[2] == NONE else none.replace("{noun}", place[2])

    said = {_COUNT.sub(how, text).lower() for text in some for how in (_as_counted, as_none)}
    for piece in (piece for text in said for piece in _PLACE.split(text)):
        for word in _opposed(language).finditer(piece):
            lead, rest = piece[: word.start()], piece[word.end() :]
            letters = sum(2 if sign.isalnum() else not sign.isspace() for sign in lead + rest)
            results.setdefault(word[0], set()).add((letters, lead, rest))
    return {word: tuple(sorted(around, reverse=True)) for word, around in results.items()}


@cache
def _of_catalogue(language: str) -> Pieces:
    return _pieces(chain.from_iterable(catalogues.messages(language).values()), language)


@cache
def template(language: str, msgid: str) -> re.Pattern[str]:
    """A message of the catalogue as a pattern, with a group for each of its places."""
    whole = _COUNT.sub(r"{\1}", catalogues.messages(language)[msgid][-1].rstrip())  # of none there is no digit
    pieces = re.split(r"(\{\w+\})", whole)
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
        for kind, parts in texts(block):
            text = gapped(parts)
            if kind == "source" or (kind == "cell" and (" " not in text or name_of(block) == "sources")):
                continue  # titles are not ours
            for word in self._wrong(text):
                message = Message("the template has the opposite of {word!r} there", {"word": word})
                yield wrong("directions", f"{name_of(block)}: {text[:90]}", message)

    def _wrong(self, text: str) -> tuple[str, ...]:
        if text not in self._seen:
            sentence = _opposed(self.language).finditer(text.lower())
            loose = [one for one in sentence if not _COUNTED.search(text, 0, one.start())]
            self._seen[text] = tuple(one[0] for one in loose if self._belongs_not(one))
        return self._seen[text]

    def _belongs_not(self, one: re.Match[str]) -> bool:
        """Whether the opposite of a word stands in a longer piece of a template there than the word itself."""
        least = self._longest(one, one[0], 0) + 1  # one sign more says nothing
        return self._longest(one, opposites(self.language)[one[0]], least) > least

    def _longest(self, at: re.Match[str], word: str, least: int) -> int:
        """How much around a place is one piece of a template with ``word`` there, if more than ``least``."""
        text, result = at.string, least
        for pieces in (_of_catalogue(self.language), self.of_data):
            for letters, lead, rest in pieces.get(word, ()):
                if letters <= result:
                    break
                if text.endswith(lead, 0, at.start()) and text.startswith(rest, at.end()):
                    result = letters
                    break
        return result
