"""Which sheets a report's workbook has, what stands on each, and what goes into a second workbook beside it.

The first sheet has the ranking and its chart, the second the data, the last one the notes. Between them a table, or a
figure with data, has a sheet of its own while there is room. Where there is not, what stands under the heading of the
annexes goes into a workbook of its own, and neighbours with few rows share a sheet, first of all those of one section.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parlib.publish.document import Document, Item
from parlib.publish.workbook.charts import has_chart
from parlib.publish.workbook.flat import index_data
from parlib.report.blocks import Block, Figure, Heading, Table
from parlib.words import Message

MOST_SHEETS = 12  # of a workbook, with its first sheet, its data and its notes
ANNEXES = "annexes"  # the anchor of the heading that annexes stand under
_APART = 60  # rows: how much rather neighbours of one section share a sheet than those of two
_OF_A_CHART = 22  # rows that a chart covers
_RANKINGS = ("ranking", "rank-doubt")  # names of what stands on the first sheet, where a report has it
#: Sections whose tables stand among the notes: what the report rests on.
_NOTES = frozenset(("grounds", "checks", "annex-sources", "annex-restated"))
_LONGEST = 28  # letters of a section in the name of a sheet: two more may be a number
_UNFIT = re.compile(r"[^\w -]")  # what a formula or Excel dislikes in the name of a sheet

#: How sheets call the sections whose headings are too long for them, by the anchors of these.
SHORT: Mapping[str, Message] = {
    "scope": Message("Scope"),
    "apart": Message("Not ranked"),
    "losses": Message("Points lost"),
    "sampling": Message("Sampling error"),
    "weights": Message("Weights"),
    "method": Message("Methods"),
    "spread": Message("Spread"),
    "change": Message("Rises and falls"),
    "impact": Message("Results measured"),
    "sipas": Message("SIPAS"),
    "judgements": Message("Appraisal and survey"),
    "bridge": Message("What made the change"),
    "mobility": Message("Moves between groups"),
    "removal": Message("Parts left out"),
    "up": Message("Largest gaps"),
    "ways": Message("Ways to improve"),
    "moved": Message("What made the change"),
    "ranks": Message("Ranks"),
    "alike": Message("Units most alike"),
    "annex-statistics": Message("Statistics"),
    "annex-changes": Message("Rises and falls"),
    "annex-parts": Message("Units by component"),
    "annex-areas": Message("Units by area"),
    "annex-criteria": Message("Units by criterion"),
    "annex-all-criteria": Message("Means by criterion"),
    "annex-history": Message("Ranks by year"),
    "annex-measured": Message("Criteria measured"),
    "annex-claims": Message("Self-assessment"),
    "annex-survey": Message("Survey by group"),
    "annex-exempt": Message("Criteria not applied"),
    "annex-satisfaction": Message("SIPAS"),
    "annex-mergers": Message("Units since the mergers"),
    "annex-codes": Message("List of criteria"),
}


@dataclass(frozen=True)
class Planned:
    """A sheet: what stands on it one below another, the names of their sections, and how many rows that is."""

    items: tuple[Item, ...]
    sections: tuple[str, ...]
    rows: int

    @property
    def name(self) -> str:
        """What it is called: its section, or the first and the last of several."""
        name = " - ".join(dict.fromkeys((self.sections[0], self.sections[-1])))
        return name if len(name) <= _LONGEST else self.sections[0]

    def with_next(self, other: Planned) -> Planned:
        """This sheet and the next one on one."""
        sections = tuple(dict.fromkeys((*self.sections, *other.sections)))
        return Planned((*self.items, *other.items), sections, self.rows + other.rows)


@dataclass(frozen=True)
class Plan:
    """What stands on the first sheet, on those between data and notes, among the notes, and on those of the annex."""

    front: tuple[Item, ...]
    sheets: tuple[Planned, ...]
    notes: tuple[Item, ...]
    annex: tuple[Planned, ...]

    @property
    def books(self) -> list[list[Item]]:
        """What has its place in the workbook, and in its annex where there is one; in the order of their sheets."""
        between, annex = ([item for sheet in sheets for item in sheet.items] for sheets in (self.sheets, self.annex))
        return [[*self.front, *between, *self.notes], *([annex] if annex else [])]


def rows_of(block: Block) -> int:
    """How many rows of data a block has; 0 where it has no place in a workbook."""
    if isinstance(block, Table):
        return len(block.rows)
    return max(map(len, block.data.values()), default=0) if isinstance(block, Figure) else 0


def plan(document: Document, most: int = MOST_SHEETS) -> Plan:
    """What stands where in the workbook of a report, of at most so many sheets, and in the annex that it needs."""
    main: list[Planned] = []
    annex: list[Planned] = []
    notes: list[Item] = []
    heading, shown = Heading(""), main
    for item in document.items:
        block = item.block
        if isinstance(block, Heading):
            shown = annex if block.anchor == ANNEXES else shown
            heading = block if block.level == 1 or shown is annex else heading
        elif heading.anchor in _NOTES and isinstance(block, Table):
            notes.append(item)
        elif isinstance(block, Table) or rows_of(block) or (isinstance(block, Figure) and block.is_picture):
            high = max(_OF_A_CHART * isinstance(block, Figure), rows_of(block))
            shown.append(Planned((item,), (_named(document, heading, item),), high))
    front = _front([item for sheet in main for item in sheet.items])
    main = [sheet for sheet in main if all(sheet.items[0] is not item for item in front)]
    room = most - 2 - (index_data(document) is not None)
    if len(main) + len(annex) <= room or not annex:
        return Plan(front, _sharing([*main, *annex], room), tuple(notes), ())
    return Plan(front, _sharing(main, room), tuple(notes), _sharing(annex, most - 1))


def _front(items: Sequence[Item]) -> tuple[Item, ...]:
    """The table and the chart of the first sheet: the ranking, or the first that there are."""
    tables = [item for item in items if isinstance(item.block, Table)]
    charts = [item for item in items if isinstance(item.block, Figure) and has_chart(item.block)]
    chosen = (
        next((item for item in kind if getattr(item.block, "name", "") in _RANKINGS), kind[0] if kind else None)
        for kind in (tables, charts)
    )
    return tuple(item for item in chosen if item is not None)


def _named(document: Document, heading: Heading, item: Item) -> str:
    """How a sheet calls the section of an item."""
    if heading.anchor in SHORT:
        return SHORT[heading.anchor].text(document.language)
    text = " ".join(_UNFIT.sub(" ", heading.text).split()) or f"{document.words[item.block.kind]} {item.number}"
    return text if len(text) <= _LONGEST else text[: _LONGEST + 1].rpartition(" ")[0] or text[:_LONGEST]


def _sharing(sheets: list[Planned], most: int) -> tuple[Planned, ...]:
    """At most so many sheets: the two neighbours with the fewest rows become one, again and again."""
    while len(sheets) > most:
        rows = [a.rows + b.rows + _APART * (a.sections[-1:] != b.sections[:1]) for a, b in pairwise(sheets)]
        at = rows.index(min(rows))
        sheets = [*sheets[:at], sheets[at].with_next(sheets[at + 1]), *sheets[at + 2 :]]
    return tuple(sheets)
