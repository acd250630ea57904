"""A card before it is drawn: a finding in words, what it shows, and what must stand below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from parlib.report.blocks import Number
from parlib.report.wording import Parts

_RAISED = str.maketrans("abcd", "ᵃᵇᶜᵈ")


def plain(parts: Iterable[str | Number]) -> str:
    """Parts as text; the letter that says what a number rests on stands raised behind it."""
    return "".join(part if isinstance(part, str) else part.text + part.mark.translate(_RAISED) for part in parts)


@dataclass(frozen=True)
class Bar:
    """One bar: who, the number printed at its end, and what stands in small letters under the name.

    ``low`` and ``high`` draw a range in place of a bar from nought; ``value`` is what is drawn (``None``: no bar).
    """

    label: str
    number: Parts
    value: float | None = None
    lead: Parts = ()  # before the name: a rank
    detail: Parts = ()
    low: float | None = None
    high: float | None = None
    strong: bool = False


@dataclass(frozen=True)
class Bars:
    """Bars one under another, from nought or on both sides of it. ``longest`` fills the width (0: the largest does)."""

    bars: tuple[Bar, ...]
    longest: float = 0.0
    titles: tuple[tuple[int, str], ...] = ()  # a small title before the bar of this number


@dataclass(frozen=True)
class Figure:
    """A large number: what it is, the number with its unit, a line below."""

    label: str
    number: Parts
    detail: Parts = ()


@dataclass(frozen=True)
class Figures:
    """Large numbers: the first largest of all."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Group:
    """A group of units: its name and bounds, how many, and the units known to be in it."""

    name: str
    n: Number
    members: str = ""


@dataclass(frozen=True)
class Groups:
    """Groups from the best on."""

    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Entry:
    """A line of a table of all units."""

    rank: str | Number
    name: str
    value: str | Number
    strong: bool = False


@dataclass(frozen=True)
class Roster:
    """All units in columns."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Dots:
    """Every unit as a dot on one scale, the mean as a line; ``named`` are the lowest and highest."""

    values: tuple[Number, ...]
    lowest: tuple[str, Parts]
    highest: tuple[str, Parts]
    mean: tuple[str, Parts] | None = None
    mean_value: float | None = None


@dataclass(frozen=True)
class Picture:
    """A figure of the report as it is, never cut."""

    png: bytes
    alternative: str


@dataclass(frozen=True)
class Sentences:
    """Findings in words."""

    sentences: tuple[Parts, ...]


Content = Bars | Figures | Groups | Roster | Dots | Picture | Sentences


@dataclass(frozen=True)
class Card:
    """A card. ``name`` names its files; ``headline`` is the finding; ``notes`` stand below the picture."""

    name: str
    headline: Parts
    content: Content
    notes: tuple[Parts, ...] = field(default=())
    source: str = ""

    def numbers(self) -> Iterator[Number]:
        """Every number that the card prints."""
        for parts in (self.headline, *self.notes, *_texts(self.content)):
            yield from (part for part in parts if isinstance(part, Number))

    @property
    def alternative(self) -> str:
        """What the card says, for those who cannot see it."""
        lines = [plain(self.headline) + "."]
        if isinstance(self.content, Picture):
            lines.append(self.content.alternative)
        else:
            lines.append("; ".join(filter(None, (plain(line).strip() for line in lines_of(self.content)))) + ".")
        return " ".join([*lines, *map(plain, self.notes)]).replace("..", ".")


def lines_of(content: Content) -> Iterator[Parts]:
    """What a content says, a line for each of its parts."""
    match content:
        case Bars(bars):
            for bar in bars:
                yield (*_spaced(bar.lead, ". "), bar.label, ": ", *bar.number, *_bracketed(bar.detail))
        case Figures(figures):
            for figure in figures:
                yield (figure.label, ": ", *figure.number, *_bracketed(figure.detail))
        case Groups(groups):
            for group in groups:
                yield (group.name, ": ", group.n, f" ({group.members})" if group.members else "")
        case Roster(entries):
            for entry in entries:
                yield (entry.rank, ". " if entry.rank else "", entry.name, ": ", entry.value)
        case Dots(_, lowest, highest, mean):
            for name, number in (highest, *([mean] if mean else []), lowest):
                yield (name, ": ", *number)
        case Sentences(sentences):
            yield from sentences


def _texts(content: Content) -> Iterator[Parts]:
    """All that a content prints; of dots, those that are only drawn too."""
    yield from lines_of(content)
    if isinstance(content, Dots):
        yield content.values


def _spaced(parts: Parts, after: str) -> Parts:
    return (*parts, after) if parts else ()


def _bracketed(parts: Parts) -> Parts:
    return (" (", *parts, ")") if parts else ()
