"""The cheapest ways up of one unit, and the target they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from parlib.analysis.diagnosis import Rung, Way, ladder, ways_to_index
from parlib.scoring.results import Results
from parlib.scoring.rules import Choice
from parlib.scoring.scorecard import Scorecard
from parlib.scoring.settled import difference

MOST_STEPS = (2, 3, 5)  # criteria in a way: few, and where these do not do, some more
PLACES = {True: (3, 2, 1), False: (5, 3, 1)}  # places to go up: of few units, and of many
FEW = 30
MORE = 1.0  # percentage points: the target of a unit without a rank whose next group is out of reach
NEAR = 2.0  # percentage points: a group that begins no further above is the target


@dataclass(frozen=True)
class Ladder:
    """``kind`` of the target: "band" (the group ``band``, from the index ``bound``), "index" (the index ``bound``),
    "places" (the rank ``rank``),
    "first" (the unit stands first: nothing is above it), "unreached" (no set of steps reaches a target), "" (there are
    no answers to better, or the unit's points are not all known).

    ``ways``   cheapest first. ``most``  the most criteria that a way may have.
    ``steps``  one row for each step: ``way`` (from 1), ``code``, ``before`` and ``after`` (the answers as the ledger
               has them), ``points``, ``gain``, ``cost``, ``reached`` (other ranked units that have these
               points already) of ``others``; in words: ``before_label``, ``after_label`` (of options, ""
               for numbers), ``before_value``, ``after_value`` (NaN for options), ``target`` (what a result is counted
               against; NaN where there is none), ``counted_in`` ("%" or "").
    """

    kind: str = ""
    band: str = ""
    bound: float = float("nan")
    rank: int = 0
    ways: tuple[Way, ...] = ()
    most: int = MOST_STEPS[0]
    steps: pd.DataFrame = field(default_factory=pd.DataFrame)


def ways_up(
    results: Results,
    cards: Mapping[str, Scorecard],
    decisions: pd.DataFrame,
    row: pd.Series,
    n: int = 3,
    rank: int = 0,
) -> Ladder:
    """The ``n`` cheapest ways up of the unit of the ranking row ``row``, to ``rank`` where it is given.

    Else the target is the next better group where it begins at most ``NEAR`` percentage points above (for a unit that
    is not ranked: wherever it begins, and else ``MORE``), else a few places up; where no set of steps reaches one
    target the next is tried.
    """
    unit = str(row["unit"])
    if not cards or unit not in cards["final"].units or not np.isfinite(row["index"]):
        return Ladder()
    card = cards["final"]
    answers = decisions[~decisions["decided"].astype(bool)][["unit", "code", "answer"]]
    targets = [Ladder("places", rank=rank)] if rank else _targets(results, row)
    if not targets:
        return Ladder(kind="first")
    for most in MOST_STEPS:
        for target in targets:
            if target.kind in ("band", "index"):
                ways = ways_to_index(card, answers, unit, target.bound, most=most, ways=n)
            else:
                ways = ladder(card, answers, unit, target.rank, most=most, ways=n)
            if ways:
                return replace(target, ways=ways, most=most, steps=_steps(card, answers, unit, ways))
    return Ladder(kind="unreached", most=MOST_STEPS[-1])


def _targets(results: Results, row: pd.Series) -> list[Ladder]:
    """What to aim at, the first choice first."""
    index = float(row["index"])
    found: list[Ladder] = []
    above = [(float(bound), str(band)) for band, bound in results.bands.items() if bound > index]
    if above:
        bound, band = min(above)
        if not row["ranked"] or difference(bound, index) <= NEAR:
            found.append(Ladder("band", band, bound))
    if not row["ranked"]:
        found.append(Ladder("index", bound=min(index + MORE, 100.0)))
    if row["ranked"] and pd.notna(row["rank"]) and int(row["rank"]) > 1:
        place = int(row["rank"])
        ranks = dict.fromkeys(max(1, place - up) for up in PLACES[(results.n_ranked or 0) <= FEW])
        found += [Ladder("places", rank=rank) for rank in ranks]
    return found


def _steps(card: Scorecard, answers: pd.DataFrame, unit: str, ways: tuple[Way, ...]) -> pd.DataFrame:
    own = answers[answers["unit"] == unit].set_index("code")["answer"]
    rows = []
    for number, way in enumerate(ways, start=1):
        for rung in way.rungs:
            before = str(own[rung.code])
            there = _there(card, unit, rung)
            words = _words(card, rung.code, before, rung.answer)
            rows.append((number, rung.code, before, rung.answer, rung.points, rung.gain, rung.cost, *there, *words))
    names = ["way", "code", "before", "after", "points", "gain", "cost", "reached", "others"]
    names += ["before_label", "after_label"]
    return pd.DataFrame(rows, columns=[*names, "before_value", "after_value", "target", "counted_in"])


def _there(card: Scorecard, unit: str, rung: Rung) -> tuple[int, int]:
    """How many of the other ranked units have the points of a step already, and of how many they are known."""
    others = [at for at, key in enumerate(card.units) if key != unit and key in card.ranked_units]
    points = card.points[others, card.leaves.index(rung.code)]
    points = points[np.isfinite(points)]
    return int((points >= rung.points - 1e-9).sum()), len(points)


def _words(card: Scorecard, code: str, before: str, after: str) -> tuple[str, str, float, float, float, str]:
    """Two answers as people read them: labels of options, else numbers with what they are counted in."""
    rule = card.scheme.node(code).rule
    if isinstance(rule, Choice):
        return rule.label[before], rule.label[after], np.nan, np.nan, np.nan, ""
    (then, _), (now, target) = (_result(text) for text in (before, after))
    return "", "", then, now, target, "%" if getattr(rule, "unit", "") == "%" else ""


def _result(answer: str) -> tuple[float, float]:
    """The number of an answer, and its target where it has one: "105/100"."""
    number, _, target = answer.partition("/")
    return float(number), float(target) if target else np.nan
