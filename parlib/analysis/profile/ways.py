"""The cheapest ways up of one unit, and the target they lead to; or, without the scores of a round, where it is furthest
behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib.analysis.diagnosis import Way, ladder, ways_to_index
from parlib.analysis.settling import difference
from parlib.results import Results
from parlib.scoring import Scorecard

MOST_STEPS = (3, 5)  # criteria in a way: a few, and where these do not do, some more
PLACES = {True: (3, 2, 1), False: (5, 3, 1)}  # places to go up: of few units, and of many
FEW = 30
NEAR = 2.0  # percentage points: a group that begins no further above is the target


@dataclass(frozen=True)
class Ladder:
    """``kind`` of the target: "band" (the group ``band``, from the index ``bound``), "places" (the rank ``rank``),
    "first" (the unit stands first: nothing is above it), "unreached" (no set of steps reaches a target), "" (there are
    no answers to better, or the unit's points are not all known).

    ``ways``   cheapest first. ``most``  the most criteria that a way may have.
    ``steps``  one row for each step: ``way`` (from 1), ``code``, ``before`` (the answer as the ledger has it),
               ``after``, ``points``, ``gain``, ``cost``.
    """

    kind: str = ""
    band: str = ""
    bound: float = float("nan")
    rank: int = 0
    ways: tuple[Way, ...] = ()
    most: int = MOST_STEPS[0]
    steps: pd.DataFrame = field(default_factory=pd.DataFrame)


def ways_up(
    results: Results, cards: Mapping[str, Scorecard], decisions: pd.DataFrame, row: pd.Series, n: int = 3
) -> Ladder:
    """The ``n`` cheapest ways up of the unit of the ranking row ``row``.

    The target is the next better group where it begins at most ``NEAR`` percentage points above (for a unit that is
    not ranked: wherever it begins), else a few places up; where no set of steps reaches one target the next is tried.
    """
    unit = str(row["unit"])
    if not cards or unit not in cards["final"].units or not np.isfinite(row["index"]):
        return Ladder()
    card, ranked = cards["final"], results.ranked_units
    answers = decisions[~decisions["decided"].astype(bool)][["unit", "code", "answer"]]
    targets = list(_targets(results, row))
    if not targets:
        return Ladder(kind="first")
    for most in MOST_STEPS:
        for target in targets:
            if target["kind"] == "band":
                ways = ways_to_index(card, answers, unit, target["bound"], ranked=ranked, most=most, ways=n)
            else:
                ways = ladder(card, answers, unit, target["rank"], ranked=ranked, most=most, ways=n)
            if ways:
                return Ladder(**target, ways=ways, most=most, steps=_steps(answers, unit, ways))
    return Ladder(kind="unreached", most=MOST_STEPS[-1])


def _targets(results: Results, row: pd.Series) -> list[dict[str, object]]:
    """What to aim at, the first choice first."""
    index, found = float(row["index"]), []
    above = [(bound, band) for band, bound in results.bands.items() if bound > index]
    if above:
        bound, band = min(above)
        group = {"kind": "band", "band": str(band), "bound": float(bound)}
        if not row["ranked"] or difference(bound, index) <= NEAR:
            found.append(group)
    if row["ranked"] and pd.notna(row["rank"]) and int(row["rank"]) > 1:
        place = int(row["rank"])
        for up in PLACES[(results.n_ranked or 0) <= FEW]:
            target = {"kind": "places", "rank": max(1, place - up)}
            if target not in found:
                found.append(target)
    return found


def _steps(answers: pd.DataFrame, unit: str, ways: tuple[Way, ...]) -> pd.DataFrame:
    own = answers[answers["unit"] == unit].set_index("code")["answer"]
    rows = [
        (number, rung.code, str(own[rung.code]), rung.answer, rung.points, rung.gain, rung.cost)
        for number, way in enumerate(ways, start=1)
        for rung in way.rungs
    ]
    return pd.DataFrame(rows, columns=["way", "code", "before", "after", "points", "gain", "cost"])
