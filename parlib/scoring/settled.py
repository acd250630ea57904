"""What printed values, ranks, counts and bands settle about values that were not printed: bounds, and what follows.

Bounds are exact: a graph of difference constraints between thresholds, closed by shortest paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isnan, nan

import numpy as np
import numpy.typing as npt

from parlib.data_tables import count_words, indices, since_base
from parlib.numerals import rounded
from parlib.scoring.printed import BOTTOM, TOP, Level, Statistic, Threshold, above, at
from parlib.scoring.rules import exact_values as exact

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]

# --- bounds -------------------------------------------------------------------------------------


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
    reach: Floats  # reach[i, j]: at most so much is C(i) - C(j)

    @classmethod
    def of(cls, level: Level) -> Counts:
        """The numbers themselves, from the values of a level of which every one is known."""
        values = np.sort(level.exact_values.to_numpy())
        thresholds = sorted({BOTTOM, TOP, *map(at, level.cuts), *map(at, values), *map(above, values)})
        bounds, just_above = np.array(thresholds).T
        below = np.where(just_above, np.searchsorted(values, bounds, "right"), np.searchsorted(values, bounds))
        return cls(len(values), thresholds, np.subtract.outer(below, below).T.astype(np.float64))

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
    def _above(self) -> tuple[Floats, Floats]:
        """The least and the largest number of units from each threshold on; both fall."""
        return -self.reach[-1, :], self.reach[:, -1]

    @cached_property
    def _ends(self) -> tuple[Ints, Ints]:
        """For each place from the best on: the last threshold surely reached, the first one surely not."""
        least, most = self._above
        position = np.arange(1, self.n_units + 1)[:, None]
        return (least >= position).sum(axis=1) - 1, (most >= position).sum(axis=1)

    def place(self, position: int) -> tuple[Threshold, Threshold]:
        """The tightest [low, high) that holds the value at a place counted from the best."""
        low, high = (ends[position - 1] for ends in self._ends)
        return self.thresholds[low], self.thresholds[high]

    @cached_property
    def values(self) -> list[float]:
        """The value at each place, the best first; NaN where it is not settled."""
        ends = (self.place(position) for position in range(1, self.n_units + 1))
        return [low[0] if high == above(low[0]) else nan for low, high in ends]

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
    limits = [Count(BOTTOM, TOP, n_units, n_units), *counts, *_limits_of_ranks(n_units, units)]
    thresholds = sorted({*cuts, *(end for limit in limits for end in (limit.low, limit.high))})
    place = {threshold: number for number, threshold in enumerate(thresholds)}
    size = len(thresholds)
    low = np.array([place[unit.low] for unit in units], dtype=np.intp)
    high = np.array([place[unit.high] for unit in units], dtype=np.intp)

    reach = np.full((size, size), float(n_units))
    reach[np.tril_indices(size)] = 0.0  # counts never grow with the threshold
    steps = np.arange(size)
    inside = (steps[:, None] <= low).astype(float) @ (steps[:, None] >= high).astype(float).T
    np.minimum(reach.T, np.where(steps[:, None] < steps, -inside, reach.T), out=reach.T)
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


def counts_of(
    level: Level, figures: Mapping[str, Statistic] | None = None, more: Iterable[Threshold] = ()
) -> Counts | None:
    """Bounds on the number of units in any range, from the units and from ``figures`` of the level.

    ``figures`` are printed or deduced statistics by their words, with ``second`` for the value of the second
    place. ``None`` where the number of units is not known, or where what is known contradicts itself.
    """
    if not level.n_units:
        return None
    known = {word: float(exact(figure.value)) for word, figure in (figures or {}).items()}
    limits = [
        Count(at(low), at(high), int(known[word]), int(known[word]))
        for word, (low, high) in count_words().items()
        if word in known
    ]
    for word, position in _positions(level.n_units).items():
        if word in known:
            limits.append(Count(at(known[word]), TOP, position, level.n_units))
            limits.append(Count(above(known[word]), TOP, 0, position - 1))
    seen = []
    for unit, least, most in level.ranks[["rank_min", "rank_max"]].itertuples(name=None):
        span = level.span(unit)
        if not isnan(least):
            seen.append(Sighting(*span, int(least), int(most)))
        elif span != (BOTTOM, TOP):
            seen.append(Sighting(*span))
    counts = close(level.n_units, seen, limits, [*map(at, level.cuts), *more])
    return counts if counts.consistent else None


def _positions(n_units: int) -> dict[str, int]:
    """The places whose values have a word, of those that there are."""
    return {word: place for word, place in (("max", 1), ("second", 2), ("min", n_units)) if place <= n_units}


# --- figures ------------------------------------------------------------------------------------

# Printed differences are differences of printed values: each triple is difference = minuend - subtrahend.
_DIFFERENCES = (
    ("range", "max", "min"),
    ("max_minus_mean", "max", "mean"),
    ("first_minus_second", "max", "second"),
    ("mean_change", "mean", "mean of the year before"),
)


@dataclass(eq=False)
class Settling:
    """The figures of one level, settled one after another: from the units, from print, from what follows from both."""

    level: Level
    figures: dict[str, Statistic] = field(default_factory=dict)

    def settle(self, outside: Mapping[str, Statistic] | None = None) -> dict[str, Statistic]:
        """All that can be settled of the single year; ``outside`` holds means of other years."""
        self.figures |= outside or {}
        if self.level.complete:
            values = self.level.exact_values.to_numpy()
            mean = float(exact(values.mean()))
            self._take("mean", mean, "computed")
            self._take("n_above_mean", int((values > mean).sum()), "computed")
            self._take_counts(Counts.of(self.level), "computed")
        else:
            self._take_counts(counts_of(self.level), "computed")
        for word, statistic in self.level.printed.items():
            self.figures.setdefault(word, statistic)
        n_settled = 0
        while n_settled < len(self.figures):  # a difference may give a value, the value a count, and so on
            n_settled = len(self.figures)
            self._take_differences()
            if not self.level.complete:
                known = dict(self.figures)
                self._take_counts(counts_of(self.level, known), "deduced")
                self._take_above_mean(known)
        return self.figures

    def mean(self) -> Statistic | None:
        """The mean alone, by the shortest way."""
        if not self.level.complete and "mean" in self.level.printed:
            return self.level.printed["mean"]
        return self.settle().get("mean")

    def _take(self, word: str, value: float, basis: str, unit: str = "", source_ids: str = "") -> None:
        self.figures.setdefault(word, Statistic(float(exact(value)), unit, basis, source_ids))

    def _take_counts(self, counts: Counts | None, basis: str) -> None:
        """Numbers of units by score, and the values of the first, second and last place, where bounds meet."""
        if counts is None:
            return
        results, printed = self.level.results, self.level.printed.get("n_units")
        self._take("n_units", counts.n_units, printed.basis if printed else "computed")
        if indices().get(results.index_name, {}).get("grouped") and self.level.column == "index":
            for word, bounds in count_words().items():
                least, most = counts.between(*map(at, bounds))
                if least == most:
                    self._take(word, least, basis)
        for word, position in _positions(counts.n_units).items():
            value = counts.values[position - 1]
            if not isnan(value) and word not in self.figures:
                unit = self._unit_at(position, value)
                rests = results.bases[(results.bases["unit"] == unit) & (results.bases["node"] == self.level.node)]
                self._take(word, value, basis, unit, ";".join(rests["source_ids"].astype("str")[:1]))

    def _unit_at(self, position: int, value: float) -> str:
        """The one unit that is known to hold a place; "" where several do, or may."""
        holds = self.level.values.reindex(self.level.ranked) == value
        if not self.level.complete:
            holds &= self.level.exact_ranks == position
        held = holds.index[holds]
        return str(held[0]) if len(held) == 1 else ""

    def _take_differences(self) -> None:
        for word, minuend, subtrahend in (*_DIFFERENCES, (since_base(), "mean", "mean of the base year")):
            known = {name: self.figures[name] for name in (word, minuend, subtrahend) if name in self.figures}
            if len(known) != 2:
                continue
            computed = {one.basis for one in known.values()} == {"computed"}
            # print takes differences of printed values, so a computed mean meets a printed one at two decimals
            value = {name: one.value if computed else float(rounded(one.value, 2)) for name, one in known.items()}
            if word not in known:
                match, result = word, value[minuend] - value[subtrahend]
            elif minuend not in known:
                match, result = minuend, value[subtrahend] + value[word]
            else:
                match, result = subtrahend, value[minuend] - value[word]
            sources = dict.fromkeys(part for one in known.values() for part in one.source_ids.split(";") if part)
            self._take(match, result, "computed" if computed else "deduced", source_ids=";".join(sources))

    def _take_above_mean(self, known: Mapping[str, Statistic]) -> None:
        """Units above a mean known to two decimals: those within half of the last decimal may be on either side."""
        if "mean" not in self.figures or "n_above_mean" in self.figures:
            return
        mean = self.figures["mean"].value
        surely, maybe = above(float(exact(mean + 0.005))), at(float(exact(mean - 0.005)))
        counts = counts_of(self.level, known, (surely, maybe))
        if counts is not None and counts.between(surely)[0] == counts.between(maybe)[1]:
            self._take("n_above_mean", counts.between(surely)[0], "deduced")
