"""A card before it is drawn: a finding in words, what it shows, and what must stand below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from parlib.report.blocks import Number
from parlib.report.wording import Parts

_RAISED = str.maketrans("abcd", "ᵃᵇᶜᵈ")


def plain(parts: Iterable[str | Number]) -> str:
    """Parts as text; the letter that says what a number rests on stands raised behind it."""
    return "".join(part if isinstance(part, str) else part.text + part.mark.translate(_RAISED) for part in parts)


@dataclass(frozen=True)
class Line:
    """One line of a card: who or what, and its number.

    ``lead``    before the name: a rank
    ``detail``  small letters below it
    ``value``   the length of its bar, in the unit of the number; ``None``: no bar
    ``strong``  whether it is picked out
    """

    label: str
    number: Parts
    lead: Parts = ()
    detail: Parts = ()
    value: float | None = None
    strong: bool = False

    @property
    def parts(self) -> Parts:
        """What the line says: "1. Bộ A: 89,95% (…)"."""
        lead = (*self.lead, ". ") if self.lead else ()
        detail = (" (", *self.detail, ")") if self.detail else ()
        return (*lead, self.label, ": ", *self.number, *detail)


@dataclass(frozen=True)
class Lines:
    """Lines, drawn as bars one under another, as large numbers (the first the largest), or as a table in columns.

    ``longest`` is the value of a bar that fills the width; 0: the largest of the bars does.
    """

    drawn: Literal["bars", "figures", "table"]
    lines: tuple[Line, ...]
    longest: float = 0.0


@dataclass(frozen=True)
class Picture:
    """A figure of the report as it is, never cut."""

    png: bytes
    alternative: str


@dataclass(frozen=True)
class Card:
    """A card. ``name`` names its files; ``headline`` is the finding; ``notes`` stand below the picture."""

    name: str
    headline: Parts
    content: Lines | Picture
    notes: tuple[Parts, ...] = field(default=())
    source: str = ""

    @property
    def lines(self) -> tuple[Parts, ...]:
        """What its content says, line by line; nothing where it is a picture."""
        return tuple(line.parts for line in self.content.lines) if isinstance(self.content, Lines) else ()

    def numbers(self) -> Iterator[Number]:
        """Every number that the card prints."""
        for parts in (self.headline, *self.notes, *self.lines):
            yield from (part for part in parts if isinstance(part, Number))

    @property
    def alternative(self) -> str:
        """What the card says, for those who cannot see it."""
        if isinstance(self.content, Picture):
            shown = self.content.alternative
        else:
            shown = "; ".join(filter(None, (plain(line).strip() for line in self.lines))) + "."
        return " ".join([plain(self.headline) + ".", shown, *map(plain, self.notes)]).replace("..", ".")
