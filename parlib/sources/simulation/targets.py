"""Which index each unit of a simulated round is to reach: the published one where it is known.

The other units are placed between the known ones so that their order agrees with every printed rank, the best and the
last unit stand at the printed range and the mean of all ranked units is the printed mean, where these are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from parlib.scoring.results import WHOLE, Results

#: Used where nothing is published of a year: assumptions of the simulation, named in its note.
ASSUMED_MEAN, ASSUMED_BEST, ASSUMED_LAST = 86.0, 92.0, 79.0
_GAP = 0.02  # between neighbours, so that a rank does not rest on rounding


@dataclass(frozen=True)
class Targets:
    """``index`` by unit, and what of it is published: ``known`` units, and the mean and range where printed."""

    index: pd.Series
    known: frozenset[str]
    mean: float | None
    best: float | None
    last: float | None


def targets(published: Results | None, units: pd.DataFrame, rng: np.random.Generator) -> Targets:
    """The index that each unit of ``units`` (``unit``, ``ranked``) is to reach; units not ranked get one as well."""
    ranked = list(units.loc[units["ranked"].astype(bool), "unit"])
    known = _known_values(published, ranked)
    mean, best, last = (_printed(published, word) for word in ("mean", "max", "min"))
    places = _places(published, ranked, known, rng)
    values = _fill(places, known, mean, best, last, rng)
    index = pd.Series(values, index=pd.Index(places, name="unit"), name="index")
    apart = [unit for unit in units["unit"] if unit not in set(ranked)]
    middle = float(index.mean()) if len(index) else ASSUMED_MEAN
    others = pd.Series({unit: round(float(rng.uniform(middle - 6, middle)), 2) for unit in apart}, dtype="float64")
    index = pd.concat([index, others]).reindex(pd.Index(units["unit"], name="unit"))
    return Targets(index, frozenset(known), mean, best, last)


def _known_values(published: Results | None, ranked: list[str]) -> dict[str, float]:
    if published is None:
        return {}
    values = published.values(WHOLE).dropna()
    return {str(unit): float(value) for unit, value in values.items() if unit in set(ranked)}


def _printed(published: Results | None, word: str) -> float | None:
    if published is None:
        return None
    frame = published.printed_statistics
    rows = frame[(frame["statistic"] == word) & (frame["node"].fillna("") == WHOLE)]["value"].dropna()
    return float(rows.iloc[0]) if len(rows) else None


def _places(
    published: Results | None, ranked: list[str], known: dict[str, float], rng: np.random.Generator
) -> list[str]:
    """The units from the first place to the last: printed ranks kept, known values in their order, others by lot."""
    n = len(ranked)
    seats: dict[int, str] = {}
    if published is not None and published.ranks is not None:
        frame = published.ranks.dropna(subset=["rank"])
        for unit, rank in zip(frame["unit"].astype(str), frame["rank"].astype(int), strict=True):
            if unit in set(ranked):
                place = int(rank) - 1
                while place in seats and place < n - 1:  # equal ranks sit side by side
                    place += 1
                seats[place] = unit
    seated = set(seats.values())
    for unit in sorted(set(known) - seated, key=lambda u: -known[u]):  # a value without a rank: where it fits
        place = _fitting_place(known[unit], seats, known, n)
        seats[place] = unit
    free = [unit for unit in ranked if unit not in set(seats.values())]
    drawn = iter([free[i] for i in rng.permutation(len(free))])
    return [seats[place] if place in seats else next(drawn) for place in range(n)]


def _fitting_place(value: float, seats: dict[int, str], known: dict[str, float], n: int) -> int:
    above = [place for place, unit in seats.items() if known.get(unit, -np.inf) >= value]
    below = [place for place, unit in seats.items() if known.get(unit, np.inf) < value]
    low, high = max(above, default=-1), min(below, default=n)
    open_seats = [place for place in range(n) if place not in seats]
    inside = [place for place in open_seats if low < place < high]
    return (inside or open_seats)[len(inside or open_seats) // 2]


def _fill(
    places: list[str],
    known: dict[str, float],
    mean: float | None,
    best: float | None,
    last: float | None,
    rng: np.random.Generator,
) -> np.ndarray:
    """Falling values along the places through the known ones, bent so that their mean is the printed one."""
    n = len(places)
    anchors = {place: known[unit] for place, unit in enumerate(places) if unit in known}
    if n:
        first, final = _ends(anchors, n, mean, best, last)
        anchors.setdefault(0, first)
        anchors.setdefault(n - 1, final)
    steps = rng.dirichlet(np.full(n, 3.0)) if n else np.zeros(0)
    fixed = sorted(anchors)
    free = [place for place in range(n) if place not in anchors]
    goal = mean if mean is not None else (ASSUMED_MEAN if not known and best is None and last is None else None)

    def bent(power: float) -> np.ndarray:
        values = np.empty(n)
        for first, second in pairwise(fixed):
            way = np.concatenate([[0.0], np.cumsum(steps[first + 1 : second + 1])])
            way = way / way[-1]
            high, low = anchors[first], anchors[second]
            values[first : second + 1] = high - (high - low) * way**power
        for place in fixed:
            values[place] = anchors[place]
        return values

    if n == 1:
        return np.array([anchors[0]])
    values = bent(1.0)
    if goal is not None and free:
        low, high = -4.0, 4.0  # of log2 of the power: a larger power keeps values high for longer
        for _ in range(60):
            middle = (low + high) / 2
            if bent(2.0**middle).mean() < goal:
                low = middle
            else:
                high = middle
        values = bent(2.0 ** ((low + high) / 2))
    return _apart(np.round(values, 4), set(fixed))


def _ends(
    anchors: dict[int, float], n: int, mean: float | None, best: float | None, last: float | None
) -> tuple[float, float]:
    """The values of the first and the last place: printed, or carried on from the known ones."""
    if not anchors:
        first = best if best is not None else ASSUMED_BEST
        return first, last if last is not None else min(ASSUMED_LAST, first)
    top, bottom = min(anchors), max(anchors)
    if bottom > top:
        slope = (anchors[top] - anchors[bottom]) / (bottom - top)
    else:  # one value: the mean stands about half-way down
        slope = abs(anchors[top] - (mean if mean is not None else anchors[top] - 5)) / max(n / 2, 1)
    first = best if best is not None else min(anchors[top] + slope * top, 99.0)
    final = last if last is not None else max(anchors[bottom] - slope * (n - 1 - bottom), 1.0)
    return max(first, anchors[top]), min(final, anchors[bottom])


def _apart(values: np.ndarray, fixed: set[int]) -> np.ndarray:
    """Free neighbours moved a little where they would stand equal, never past a fixed one."""
    for place in range(1, len(values) - 1):
        if place in fixed or values[place] < values[place - 1]:
            continue
        room = values[place - 1] - values[place + 1]
        values[place] = values[place - 1] - min(_GAP, room / 2) if room > 0 else values[place - 1]
    return values
