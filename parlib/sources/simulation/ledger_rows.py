"""The ledger of a simulated round: what units claimed, what the council found, who explained and with what result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from parlib.scoring.scheme import Node
from parlib.sources.simulation.answers import Draft, as_text, improve, target_sizes, worsen
from parlib.words import Message

_ACCEPTED = Message("The unit explained and added documents; the council agreed (simulated)")
_REFUSED = Message("The unit explained; the council left the appraisal as it was (simulated)")
_EXEMPT = Message("The unit has no task of this criterion (simulated)")
_LOWER = Message("the figures of the monitoring system are lower than those reported (simulated)")
#: Why the council gives fewer points, by kind of rule; ``_LOWER`` with all others.
_DOUBTS: Mapping[str, tuple[Message, ...]] = {
    "choice": (
        Message("the evidence does not show all that is required (simulated)"),
        Message("the document was issued after the time limit (simulated)"),
    ),
    "proportional": (
        _LOWER,
        Message("the share is worked out again with the denominator of the guide (simulated)"),
    ),
    "deduction": (Message("the inspection found further breaches (simulated)"),),
    "tally": (Message("some items are not counted for lack of evidence (simulated)"),),
    "target": (Message("compared with the official statistics (simulated)"),),
}
COUNCIL = "hoi-dong-tham-dinh"


@dataclass(frozen=True)
class Calendar:
    """The first and last moment of each stage of a round."""

    self_stage: tuple[datetime, datetime]
    appraisal: tuple[datetime, datetime]
    appeal: tuple[datetime, datetime]

    def moment(self, stage: str, rng: np.random.Generator, late: bool = False) -> str:
        """A moment within a stage, in whole minutes; ``late``: some days after its end."""
        first, last = {"self": self.self_stage, "appraisal": self.appraisal, "appeal": self.appeal}[stage]
        minutes = int((last - first).total_seconds() // 60)
        at = first + timedelta(minutes=int(rng.integers(minutes)))
        if late:
            at = last + timedelta(minutes=int(rng.integers(60, 6 * 24 * 60)))
        return at.isoformat()


def unit_rows(
    unit: str,
    drafts: Sequence[Draft],
    exempt: Sequence[Node],
    calendar: Calendar,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """All ledger rows of one unit, in the order in which they were made.

    The final answers are those of ``drafts``. A unit claims more than it is given in some of its leaves (how many is
    its own optimism); where it explained with success, the appraisal before had been lower.
    """
    leaves = [leaf for draft in drafts for leaf in draft.leaves]
    values = np.concatenate([draft.value for draft in drafts])
    sizes = target_sizes(leaves, rng)
    optimism = float(rng.beta(3, 8))
    at = {
        stage: calendar.moment(stage, rng, late=stage == "self" and rng.random() < 0.05)
        for stage in ("self", "appraisal", "appeal")
    }
    rows: list[dict[str, object]] = []
    appeals: list[dict[str, object]] = []
    claims: list[dict[str, object]] = []
    for place, (leaf, value) in enumerate(zip(leaves, values, strict=True)):
        final = as_text(leaf, float(value), sizes)
        claim_value = float(value)
        if rng.random() < optimism:
            claim_value = improve(leaf, claim_value, 1 + int(rng.random() < 0.15), rng)
        claim = as_text(leaf, claim_value, sizes)
        claims.append(_row(unit, leaf.code, "self", claim, at["self"], unit, _evidence(leaf, unit, place)))
        appraised, reason = final, ""
        if claim != final:
            options = _DOUBTS.get(leaf.rule.kind if leaf.rule else "", (_LOWER,))
            reason = options[int(rng.integers(len(options)))].text()
            if rng.random() < 0.25:
                accepted = rng.random() < 0.4
                lower = as_text(leaf, worsen(leaf, float(value), rng), sizes) if accepted else final
                appraised = lower
                remark = (_ACCEPTED if accepted else _REFUSED).text()
                appeals.append(_row(unit, leaf.code, "conclusion", final, at["appeal"], COUNCIL, "", remark))
        rows.append(_row(unit, leaf.code, "appraisal", appraised, at["appraisal"], COUNCIL, "", reason))
    for leaf in exempt:
        claims.append(_row(unit, leaf.code, "self", "", at["self"], unit, "", _EXEMPT.text(), exempt=True))
        rows.append(_row(unit, leaf.code, "appraisal", "", at["appraisal"], COUNCIL, "", _EXEMPT.text(), exempt=True))
    return pd.DataFrame([*claims, *rows, *appeals])


def _evidence(leaf: Node, unit: str, place: int) -> str:
    paper = leaf.evidence or Message("Report on the self-assessment")
    return Message("{paper} (simulated, no. {n}/{unit})", {"paper": paper, "n": place + 1, "unit": unit}).text()


def _row(
    unit: str,
    code: str,
    stage: str,
    answer: str,
    at: str,
    by: str,
    evidence: str,
    remark: str = "",
    exempt: bool = False,
) -> dict[str, object]:
    return {
        "unit": unit,
        "code": code,
        "stage": stage,
        "answer": answer,
        "points": np.nan,
        "not_applicable": exempt,
        "evidence": evidence,
        "remark": remark,
        "by": by,
        "at": at,
    }


def split(
    points: float,
    maxima: Mapping[str, float],
    known: Mapping[str, float],
    drawn: Mapping[str, float],
    rest: str,
    limits: tuple[float, float] = (0.30, 0.985),
) -> dict[str, float]:
    """The points that each component is to give, so that they add to ``points``.

    ``known`` components (published) stay; the others take ``drawn`` and the component ``rest`` what is left. Where that
    would leave ``rest`` outside ``limits`` of its maximum, the drawn components give way in proportion to their room.
    """
    wanted = {key: known.get(key, drawn.get(key, 0.0)) for key in maxima if key != rest}
    if rest in known and not set(known) >= set(wanted):
        free = [key for key in wanted if key not in known]
        left = points - known[rest] - sum(wanted[key] for key in known if key in wanted)
        scale = left / sum(wanted[key] for key in free)
        wanted.update({key: wanted[key] * scale for key in free})
    low, high = limits[0] * maxima[rest], limits[1] * maxima[rest]
    over = points - sum(wanted.values()) - high
    under = low - (points - sum(wanted.values()))
    free = [key for key in wanted if key not in known and key not in ("sipas",)]
    if over > 0 and free:
        room = {key: limits[1] * maxima[key] - wanted[key] for key in free}
        wanted.update({key: wanted[key] + over * room[key] / sum(room.values()) for key in free})
    if under > 0 and free:
        room = {key: wanted[key] for key in free}
        wanted.update({key: wanted[key] - under * room[key] / sum(room.values()) for key in free})
    return {**wanted, rest: points - sum(wanted.values())}
