"""What a unit was found to have reached a year ago, on a sheet of its form: to look at beside what it answers now."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parlib.errors import ParlibError
from parlib.scoring.scheme import Node, Scheme
from parlib.sources import rounds
from parlib.sources.excel import OPEN_LAYOUT, Looks, Pen, page
from parlib.sources.rounds.opening import Round
from parlib.sources.rounds.surveyed import shown
from parlib.sources.workbooks.form_layout import Form, Said, answer_words
from parlib.tables import records
from parlib.words import Message, Name, fold

if TYPE_CHECKING:
    from xlsxwriter import Workbook

SHEET = Message("Last year")


@dataclass(frozen=True)
class LastYear:
    """The results of the round of the year before (``final``: it is locked), by unit and by the code of today: the leaf
    of then, what was answered, and the points (NaN: not known, or not shown). Criteria that changed are left out; so
    are provinces that were merged, whose keys are others."""

    year: int
    final: bool
    results: Mapping[str, Mapping[str, tuple[Node, Said, float]]]

    def write(self, book: Workbook, looks: Looks, form: Form, scheme: Scheme, unit: str) -> None:
        """Write the sheet of a unit; none where the unit was not there, or every criterion is another one."""
        mine = self.results.get(unit, {})
        if not mine:
            return
        title = Message("Final results of {year}, where the criterion is the same", {"year": self.year})
        if not self.final:
            title = Message("Results of {year} as they stand, not final, where the criterion is the same",
                            {"year": self.year})  # fmt: skip
        note = Message(
            "Name, maximum and rule are those of this year; criteria that changed are not listed. Nothing is filled in "
            "here."
        )
        pen = Pen(book, looks, form.says(SHEET), (8, 60, 40, 12, 12))
        page(pen.sheet, landscape=True, footer=form.says(title), language=form.language)
        pen.line((1, form.says(title), "title"), height=24)
        pen.line((1, form.says(note), "remark"))
        heads = (Message("Code"), Message("Criterion"), Message("Answer"), Message("Points"), Message("Maximum"))
        pen.line(*((place, form.says(head), "head") for place, head in enumerate(heads, 1)), height=30)
        for leaf in scheme.leaves:
            if leaf.code in mine:
                old, said, points = mine[leaf.code]
                pen.line(
                    (1, leaf.code, "code"),
                    (2, form.says(Name(leaf.name, leaf.name_en)), "text"),
                    (3, answer_words(old, said, form.language), "text"),
                    (4, None if math.isnan(points) else points, "points"),
                    (5, leaf.maximum, "points"),
                )
        pen.sheet.freeze_panes(3, 2)
        pen.sheet.protect("", OPEN_LAYOUT)


def last_year(round_: Round) -> LastYear | None:
    """What the round of the year before found; ``None`` where there is none, or several. A real round never shows what
    was simulated."""
    before = _round_before(round_)
    if before is None:
        return None
    same = dict(_same(before.scheme, round_.scheme))
    card = shown(before, rounds.scorecard(before))
    points = {
        (unit, code): float(card.points[row, place])
        for row, unit in enumerate(card.units)
        for place, code in enumerate(card.leaves)
    }
    held = {
        (row.unit, row.code): Said(row.answer, row.points, row.not_applicable) for row in records(rounds.state(before))
    }
    results: dict[str, dict[str, tuple[Node, Said, float]]] = {}
    for unit in card.units:
        for code, old in same.items():
            said, earned = held.get((unit, old.code), Said()), points[unit, old.code]
            if said.stated or not math.isnan(earned):
                results.setdefault(unit, {})[code] = (old, said, earned)
    return LastYear(before.plan.year, before.plan.final, results)


def _round_before(round_: Round) -> Round | None:
    found = []
    readable, _ = rounds.plans()
    for round_id, plan in readable.items():
        is_before = (plan.level, plan.year) == (round_.plan.level, round_.plan.year - 1)
        if is_before and plan.simulated == round_.plan.simulated:
            with suppress(ParlibError):  # a round that cannot be read has nothing to show
                found.append(rounds.open_for_reading(round_id))
    locked = [each for each in found if each.plan.final]
    one = locked if len(found) > 1 else found
    return one[0] if len(one) == 1 else None


def _same(old: Scheme, new: Scheme) -> Iterator[tuple[str, Node]]:
    """The leaves of ``new`` that ``old`` has with the same name, maximum and rule, under whatever code; where one of
    the two has several such, under the same."""

    def by_content(scheme: Scheme) -> dict[tuple[object, ...], list[Node]]:
        leaves: dict[tuple[object, ...], list[Node]] = {}
        for leaf in scheme.leaves:
            rule = leaf.rule.model_dump_json() if leaf.rule else ""
            leaves.setdefault((fold(leaf.name), leaf.maximum, rule), []).append(leaf)
        return leaves

    before = by_content(old)
    for content, leaves in by_content(new).items():
        twins = before.get(content, [])
        for leaf in leaves:
            found = twins if len(twins) == len(leaves) == 1 else [twin for twin in twins if twin.code == leaf.code]
            if found:
                yield leaf.code, found[0]
