"""Which sheets a report's workbook has, and what goes into a second one beside it.

A table, or a figure with data, has a sheet of its own while there is room. Where there is not, what stands under the
heading of the annexes goes into a workbook of its own, and neighbours with few rows share a sheet, first of all those
of one section.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from parlib.publish.document import Document, Item
from parlib.report.blocks import Block, Figure, Heading, Table

MOST_SHEETS = 12  # of a workbook, its contents and code book among them
ANNEXES = "annexes"  # the anchor of the heading that annexes stand under
_APART = 60  # rows: how much rather neighbours of one section share a sheet than those of two
_OF_A_CHART = 22  # rows that a chart covers


@dataclass(frozen=True)
class Planned:
    """A sheet: what stands on it one below another, the headings of their sections, and the last heading before it."""

    items: tuple[Item, ...]
    sections: tuple[str, ...]
    heading: str
    rows: int

    @property
    def caption(self) -> str:
        """The caption of the first block on it."""
        block = self.items[0].block
        return block.caption if isinstance(block, Table | Figure) else ""

    def with_next(self, other: Planned) -> Planned:
        """This sheet and the next one on one."""
        sections = tuple(dict.fromkeys((*self.sections, *other.sections)))
        return Planned((*self.items, *other.items), sections, self.heading, self.rows + other.rows)


def rows_of(block: Block) -> int:
    """How many rows of data a block has; 0 where it has no place in a workbook."""
    if isinstance(block, Table):
        return len(block.rows)
    return max(map(len, block.data.values()), default=0) if isinstance(block, Figure) else 0


def plan(document: Document, most: int = MOST_SHEETS) -> list[list[Planned]]:
    """The sheets of the workbook, and those of its annex where ``most`` of them have no room for all; in the order of
    the document."""
    main: list[Planned] = []
    annex: list[Planned] = []
    section = heading = ""
    shown = main
    for item in document.items:
        block = item.block
        if isinstance(block, Heading):
            heading = block.text
            shown = annex if block.anchor == ANNEXES else shown
            section = heading if block.level == 1 or shown is annex else section
        elif isinstance(block, Table) or rows_of(block):
            high = max(_OF_A_CHART * isinstance(block, Figure), rows_of(block))
            shown.append(Planned((item,), (section,), heading, high))
    room = most - 2
    if len(main) + len(annex) <= room or not annex:
        return [_sharing([*main, *annex], room)]
    return [_sharing(main, room), _sharing(annex, most - 1)]


def _sharing(sheets: list[Planned], most: int) -> list[Planned]:
    """At most so many sheets: the two neighbours with the fewest rows become one, again and again."""
    while len(sheets) > most:
        rows = [a.rows + b.rows + _APART * (a.sections[-1:] != b.sections[:1]) for a, b in pairwise(sheets)]
        at = rows.index(min(rows))
        sheets = [*sheets[:at], sheets[at].with_next(sheets[at + 1]), *sheets[at + 2 :]]
    return sheets
