"""How many units can lie in any range of values, and what value any place can have, from whatever is known.

Let C(t) be the number of ranked units at or above a value t. All that is known of partial results limits a difference
of two such counts:

* a unit whose value lies in [a, b): C(a) - C(b) is at least 1, for n such units at least n;
* its rank r (or a range of ranks): at least r units are at or above a, fewer than r at or above b;
* a printed count of the units between two bounds: the difference itself; a printed maximum, minimum or number of units
  likewise.

Limits on differences are distances in a graph, and the shortest ways give the tightest limits that follow from all of
them together (a system of difference constraints: Cormen et al., Introduction to Algorithms). A figure is settled when
its lower and upper limit meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
import numpy.typing as npt

#: Where counting begins: (value, 0) at the value itself, (value, 1) just above it.
Threshold = tuple[float, int]
BOTTOM: Threshold = (-inf, 0)
TOP: Threshold = (inf, 0)


def at(value: float) -> Threshold:
    """The units at or above ``value`` are counted from here."""
    return value, 0


def above(value: float) -> Threshold:
    """The units above ``value`` are counted from here."""
    return value, 1


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known of one ranked unit: its value lies in [low, high), its rank between two bounds.

    Ranks are competition ranks of unrounded values, so that equal printed values may have different ranks.
    """

    low: Threshold = BOTTOM
    high: Threshold = TOP
    rank_min: int = 1
    rank_max: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """The number of units from ``low`` to below ``high`` is between two bounds."""

    low: Threshold
    high: Threshold
    least: int
    most: int


@dataclass(frozen=True, eq=False)
class Counts:
    """The tightest bounds on the number of units in any range between ``thresholds``."""

    n_units: int
    thresholds: Sequence[Threshold]
    reach: npt.NDArray[np.float64]  # reach[i, j]: at most so much is C(i) - C(j)

    @property
    def consistent(self) -> bool:
        """Whether all that is known can be true together."""
        return bool((np.diagonal(self.reach) >= 0).all())

    @cached_property
    def _place(self) -> dict[Threshold, int]:
        return {threshold: place for place, threshold in enumerate(self.thresholds)}

    def between(self, low: Threshold, high: Threshold = TOP) -> tuple[int, int]:
        """The least and the largest possible number of units from ``low`` to below ``high``."""
        first, last = self._place[low], self._place[high]
        return int(-self.reach[last, first]), int(self.reach[first, last])

    @cached_property
    def _above(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The least and the largest number of units from each threshold on."""
        return -self.reach[-1, :], self.reach[:, -1]

    def place(self, position: int) -> tuple[Threshold, Threshold]:
        """The tightest [low, high) that holds the value at a place counted from the best."""
        least, most = self._above
        low = int(np.flatnonzero(least >= position)[-1])  # the count is never below n_units at the bottom
        high = int(np.flatnonzero(most < position)[0])
        return self.thresholds[low], self.thresholds[high]

    def value_at(self, position: int) -> float | None:
        """The value at a place where it is settled, else ``None``."""
        low, high = self.place(position)
        return low[0] if (low[0], 1) == high else None

    def ranks(self, low: Threshold, high: Threshold) -> tuple[int, int]:
        """The best and the worst rank that a unit with a value in [low, high) can have."""
        least, most = self._above
        return int(least[self._place[high]]) + 1, max(int(most[self._place[low]]), 1)


def close(
    n_units: int, units: Sequence[Sighting], counts: Sequence[Count] = (), cuts: Iterable[Threshold] = ()
) -> Counts:
    """The tightest bounds that follow from what is known of single units and from known ``counts``.

    ``cuts`` are thresholds that ranges will begin or end at.
    """
    found = {BOTTOM, TOP, *cuts}
    found |= {end for unit in units for end in (unit.low, unit.high)}
    found |= {end for count in counts for end in (count.low, count.high)}
    thresholds = sorted(found)
    place = {threshold: number for number, threshold in enumerate(thresholds)}
    size = len(thresholds)
    low = np.array([place[unit.low] for unit in units], dtype=np.intp)
    high = np.array([place[unit.high] for unit in units], dtype=np.intp)

    reach = np.full((size, size), float(n_units))
    reach[np.tril_indices(size)] = 0.0  # counts never grow with the threshold
    steps = np.arange(size)
    inside = (steps[:, None] <= low).astype(float) @ (steps[:, None] >= high).astype(float).T
    np.minimum(reach.T, np.where(steps[:, None] < steps, -inside, reach.T), out=reach.T)
    limits = [Count(BOTTOM, TOP, n_units, n_units), *counts, *_limits_of_ranks(n_units, units)]
    for limit in limits:
        first, end = place[limit.low], place[limit.high]
        reach[first, end] = min(reach[first, end], limit.most)
        reach[end, first] = min(reach[end, first], -limit.least)
    for middle in range(size):
        np.minimum(reach, reach[:, middle, None] + reach[middle], out=reach)
    return Counts(n_units, thresholds, reach)


def _limits_of_ranks(n_units: int, units: Sequence[Sighting]) -> list[Count]:
    """A unit of rank r is outranked by r - 1 units; with those that share its rank, more than r are at its value."""
    limits = []
    sharing: dict[int, list[Threshold]] = {}
    for unit in units:
        worst = n_units if unit.rank_max is None else unit.rank_max
        limits.append(Count(unit.low, TOP, unit.rank_min, n_units))
        limits.append(Count(unit.high, TOP, 0, worst - 1))
        if unit.rank_min == unit.rank_max:
            sharing.setdefault(unit.rank_min, []).append(unit.low)
    limits += [Count(min(lows), TOP, rank + len(lows) - 1, n_units) for rank, lows in sharing.items()]
    return limits
