"""What printed values, ranks, counts and bands settle about values that were not printed: bounds, and what follows.

Bounds are exact: a graph of difference constraints between thresholds, closed by shortest paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from math import inf, isfinite
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.data_tables import indices, table
from parlib.scoring.results import WHOLE, Results, records, since_base
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks

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


Column = Literal["index", "points"]


def count_words() -> dict[str, tuple[float, float]]:
    """The words for numbers of units by score: from the first bound (included) to the second (not included)."""
    frame = table("published/score_ranges.csv").frame()
    ends = zip(frame["low"].fillna(-inf), frame["high"].fillna(inf), strict=True)
    return dict(zip(frame["statistic"], ends, strict=True))


def difference(minuend: float, subtrahend: float) -> float:
    """The difference of two numbers, free of binary noise: 89.95 - 89.89 is 0.06."""
    return float(exact(minuend - subtrahend))


def extremes(values: pd.Series, low: str = "minimum", high: str = "maximum") -> dict[str, object]:
    """The lowest and the highest of some units' values, all known, with who holds them: for ``low`` and ``high`` each
    the value (NaN of none), ``..._unit`` the one unit ("" where several share it) and ``..._units`` all of them (keys,
    ";" between), in the order of ``values``."""
    found: dict[str, object] = {}
    for name, value in ((low, float(values.min())), (high, float(values.max()))):
        holders = [str(unit) for unit in values.index[values == value]]
        found |= {
            name: value,
            f"{name}_unit": holders[0] if len(holders) == 1 else "",
            f"{name}_units": ";".join(holders),
        }
    return found


def half_up(value: float) -> float:
    """A number as it is printed: two decimals, half up."""
    return float(Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _finite(values: Iterable[float]) -> set[float]:
    return {value for value in values if isfinite(value)}


@dataclass(frozen=True)
class Both:
    """The units that are ranked in two years, as far as what is listed says so.

    ``units`` are listed as ranked in both, in the order of the later year; ``alone`` in the later and in the earlier
    one only. ``whole``: whether each year lists all that it ranks. ``same``: nothing says that the sets differ.
    """

    units: tuple[str, ...]
    alone: tuple[tuple[str, ...], tuple[str, ...]]
    whole: tuple[bool, bool]
    same: bool

    @classmethod
    def of(cls, results: Results, previous: Results) -> Both:
        """Of a year and an earlier one."""
        now, then = results.ranked_units, previous.ranked_units
        here, there = set(now), set(then)
        alone = tuple(unit for unit in now if unit not in there), tuple(unit for unit in then if unit not in here)
        whole = len(here) == results.n_ranked, len(there) == previous.n_ranked
        strangers = (whole[1] and alone[0]) or (whole[0] and alone[1])
        same = results.n_ranked == previous.n_ranked and not strangers
        return cls(tuple(unit for unit in now if unit in there), alone, whole, same)

    @property
    def settled(self) -> bool:
        """Whether it is known who is ranked in both: both years list all, or one does and the other lists these too."""
        return all(self.whole) or any(whole and not alone for whole, alone in zip(self.whole, self.alone, strict=True))

    def ranks(self, now: pd.Series, then: pd.Series) -> tuple[pd.Series, pd.Series]:
        """The ranks of ``units`` among the units ranked in both years, from their ranks in each (by unit, NaN = not
        known). Ranks in one and the same set stay; where the sets differ each is one more than the units ranked in both
        that are ahead of it, or the rank less the others ahead: NaN where a rank that this needs is not known."""
        if self.same:
            units = list(self.units)
            return now.reindex(units), then.reindex(units)
        first, second = (self._among(side, ranks) for side, ranks in enumerate((now, then)))
        return first, second

    def _among(self, side: int, ranks: pd.Series) -> pd.Series:
        own, others = ranks.reindex(list(self.units)), ranks.reindex(list(self.alone[side]))
        if self.settled and own.notna().all():
            return pd.Series(competition_ranks(-own.to_numpy(np.float64)), index=own.index)
        if not self.settled or not self.whole[side] or others.isna().any():
            return pd.Series(np.nan, index=own.index)
        ahead = (others.to_numpy()[None, :] < own.to_numpy()[:, None]).sum(axis=1)
        return pd.Series(own.to_numpy(np.float64) - ahead, index=own.index)


@dataclass(frozen=True, eq=False)
class Level:
    """One node of one year's results, seen as the set of the ranked units.

    ``column`` is what is compared: the index, or the points of an index that is read in points.
    """

    results: Results
    node: str = WHOLE
    column: Column = "index"

    # --- the units ----------------------------------------------------------------------------

    @cached_property
    def values(self) -> pd.Series:
        """The values of all listed units as printed or computed, NaN = not known."""
        values = self.results.values(self.node, self.column)
        return pd.Series(exact(values.to_numpy()), index=values.index)

    @cached_property
    def ranked(self) -> list[str]:
        """The ranked units that are listed."""
        return self.results.ranked_units

    @cached_property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Units of which only a range of the index is known, or whose index is good to no more than a range."""
        if self.node != WHOLE or self.column != "index":
            return {}
        frame = self.results.bounds
        return {row.unit: (float(row.index_min), float(row.index_max)) for row in records(frame)}

    @cached_property
    def exact_values(self) -> pd.Series:
        """The values of the ranked units that are known to the last printed decimal, NaN = others."""
        values = self.values.reindex(self.ranked)
        return values.mask(values.index.isin(list(self.ranges)))

    @cached_property
    def n_units(self) -> int | None:
        """How many units are ranked, ``None`` where nothing says so."""
        return self.results.n_ranked

    @cached_property
    def complete(self) -> bool:
        """Whether the value of every ranked unit is known exactly."""
        return self.n_units == len(self.ranked) and not self.exact_values.isna().any()

    @cached_property
    def falling(self) -> list[float]:
        """The exact values, the largest first."""
        return sorted((float(value) for value in self.exact_values.dropna()), reverse=True)

    @cached_property
    def incomplete(self) -> set[str]:
        """Units that are not ranked only because a value is missing."""
        bases = self.results.bases
        marked = bases.loc[(bases["basis"] == "incomplete") & (bases["node"] == WHOLE), "unit"]
        return set(marked) - set(self.ranked)

    @cached_property
    def ranks(self) -> pd.DataFrame:
        """``rank_min``, ``rank_max`` and ``rank_basis`` of the ranked units; NaN and "" where nothing is known.

        Printed ranks where there are any. Else they are computed, and only where every ranked unit has its value.
        """
        empty = pd.DataFrame({"rank_min": np.nan, "rank_max": np.nan, "rank_basis": ""}, index=pd.Index(self.ranked))
        printed = self._printed_ranks()
        if printed is not None:
            both = printed.reindex(empty.index)
            return both.assign(rank_basis=both["rank_basis"].fillna(""))
        if self.complete and self.ranked:
            ranks = competition_ranks(self.exact_values.to_numpy())
            return empty.assign(rank_min=ranks, rank_max=ranks, rank_basis="computed")
        return empty

    def _printed_ranks(self) -> pd.DataFrame | None:
        if self.node == WHOLE:
            if self.results.ranks is None:
                return None
            frame = self.results.ranks.set_index("unit")
            numbers = frame[["rank_min", "rank_max"]].astype("float64")
            lone = frame["rank"].astype("float64")  # a producer may give the rank alone
            ends = {name: numbers[name].fillna(lone) for name in numbers}
            return pd.DataFrame({**ends, "rank_basis": frame["rank_basis"].astype("object")})
        frame = self.results.node_ranks
        frame = frame[frame["node"] == self.node].set_index("unit")
        if not len(frame):
            return None
        rank = frame["rank"].astype("float64")
        return pd.DataFrame({"rank_min": rank, "rank_max": rank, "rank_basis": "published"}, dtype="object")

    @cached_property
    def sightings(self) -> dict[str, Sighting]:
        """What is known of each ranked unit of which anything is known."""
        seen = {}
        for unit, rank_min, rank_max in self.ranks[["rank_min", "rank_max"]].itertuples(name=None):
            low, high = self.span(unit)
            ranked = not np.isnan(float(rank_min))
            if ranked or (low, high) != (BOTTOM, TOP):
                seen[unit] = Sighting(low, high, *((int(rank_min), int(rank_max)) if ranked else (1, None)))
        return seen

    def span(self, unit: str) -> tuple[Threshold, Threshold]:
        """The [low, high) that the value of a unit is known to lie in, from what is known of this unit."""
        if unit in self.ranges:
            low, high = self.ranges[unit]
            # the upper bound of a group of scores is the lower bound of the next; that of another range may be reached
            return at(low), at(high) if high in self.cuts else above(high)
        value = self.values.get(unit, np.nan)
        return (BOTTOM, TOP) if np.isnan(value) else (at(value), above(value))

    @cached_property
    def cuts(self) -> set[float]:
        """Where groups of scores begin."""
        bounds = set(self.results.bands.values())
        return _finite(bounds.union(*count_words().values()))

    # --- what was printed of the level --------------------------------------------------------

    @cached_property
    def printed(self) -> dict[str, Statistic]:
        """The printed statistics of this node by their words; a number that only follows from print is deduced."""
        frame = self.results.printed_statistics
        if self.column != "index":
            return {}
        rows = frame[frame["node"] == self.node]
        return {
            str(row.statistic): Statistic(
                float(row.value), str(row.unit or ""), "deduced" if row.derived else "printed", str(row.source_ids)
            )
            for row in records(rows)
        }

    def counts(self, figures: Mapping[str, float] | None = None, more: Iterable[Threshold] = ()) -> Counts | None:
        """Bounds on the number of units in any range, from the units and from ``figures`` of the level.

        ``figures`` are printed or deduced statistics by their words, with ``second`` for the value of the second
        place. ``None`` where the number of units is not known, or where what is known contradicts itself.
        """
        if not self.n_units:
            return None
        figures = figures or {}
        limits = [_range(word, int(figures[word])) for word in count_words() if word in figures]
        for word, position in {**_PLACES, "min": self.n_units}.items():
            if word in figures and position <= self.n_units:
                value = float(exact(figures[word]))
                limits.append(Count(at(value), TOP, position, self.n_units))
                limits.append(Count(above(value), TOP, 0, position - 1))
        cuts = [*(at(cut) for cut in self.cuts), *more]
        counts = close(self.n_units, list(self.sightings.values()), limits, cuts)
        return counts if counts.consistent else None


def _range(word: str, number: int) -> Count:
    low, high = (at(bound) for bound in count_words()[word])
    return Count(low, high, number, number)


@dataclass(frozen=True, slots=True)
class Statistic:
    """A settled figure: ``basis`` is computed (from the units alone), printed, or deduced (from print and units)."""

    value: float
    unit: str = ""
    basis: str = ""
    source_ids: str = ""


# Printed differences are differences of printed values: each triple is difference = minuend - subtrahend.
_DIFFERENCES = (
    ("range", "max", "min"),
    ("max_minus_mean", "max", "mean"),
    ("first_minus_second", "max", "second"),
    ("mean_change", "mean", "mean of the year before"),
)


_PLACES = {"max": 1, "second": 2}


@dataclass(eq=False)
class Settling:
    """The figures of one level, settled one after another: from the units, from print, from what follows from both."""

    level: Level
    figures: dict[str, Statistic] = field(default_factory=dict)

    def settle(self, outside: Mapping[str, Statistic]) -> dict[str, Statistic]:
        """All that can be settled of the single year; ``outside`` holds means of other years."""
        self.figures |= dict(outside)
        if self.level.complete:
            self._take_complete()
        else:
            self._take_counts(self.level.counts(), "computed")
        for word, statistic in self.level.printed.items():
            self.figures.setdefault(word, statistic)
        if self.level.complete:
            self._take_differences()
            return self.figures
        n_settled = 0
        while n_settled < len(self.figures):  # a difference may give a value, the value a count, and so on
            n_settled = len(self.figures)
            self._take_differences()
            values = {word: statistic.value for word, statistic in self.figures.items()}
            self._take_counts(self.level.counts(values), "deduced")
            self._take_above_mean(values)
        return self.figures

    def mean(self) -> Statistic | None:
        """The mean alone, by the shortest way."""
        if not self.level.complete and "mean" in self.level.printed:
            return self.level.printed["mean"]
        return self.settle({}).get("mean")

    def _take(self, word: str, value: float, basis: str, unit: str = "", source_ids: str = "") -> None:
        self.figures.setdefault(word, Statistic(float(exact(value)), unit, basis, source_ids))

    def _take_complete(self) -> None:
        """All figures straight from the values: every one of them is known."""
        values = self.level.exact_values
        falling = np.array(self.level.falling)
        self._take("n_units", len(values), self._number_basis)
        if not len(values):
            return
        mean = float(exact(falling.mean()))
        self._take("mean", mean, "computed")
        self._take("n_above_mean", int((falling > mean).sum()), "computed")
        if self._grouped:
            for word, (low, high) in count_words().items():
                self._take(word, int(((falling >= low) & (falling < high)).sum()), "computed")
        for word, position in _PLACES.items():
            if position <= len(falling):
                self._take_place(word, position, float(falling[position - 1]), "computed")
        self._take_place("min", len(falling), float(falling[-1]), "computed")

    def _take_counts(self, counts: Counts | None, basis: str) -> None:
        """Numbers of units by score, and the values of the first, second and last place, where bounds meet."""
        if counts is None:
            return
        self._take("n_units", counts.n_units, self._number_basis)
        if self._grouped:
            for word, bounds in count_words().items():
                least, most = counts.between(*(at(bound) for bound in bounds))
                if least == most:
                    self._take(word, least, basis)
        for word, position in {**_PLACES, "min": counts.n_units}.items():
            value = counts.value_at(position) if position <= counts.n_units else None
            if value is not None and word not in self.figures:
                self._take_place(word, position, value, basis)

    def _take_place(self, word: str, position: int, value: float, basis: str) -> None:
        unit = self._unit_at(position, value)
        self._take(word, value, basis, unit, self._sources(unit))

    @property
    def _grouped(self) -> bool:
        listed = indices().get(self.level.results.index_name, {})
        return bool(listed.get("grouped")) and self.level.column == "index"

    @property
    def _number_basis(self) -> str:
        printed = self.level.printed.get("n_units")
        return printed.basis if printed else "computed"

    def _unit_at(self, position: int, value: float) -> str:
        """The one unit that is known to hold a place; "" where several do, or may."""
        values, ranks = self.level.values.reindex(self.level.ranked), self.level.ranks
        holds = values == value
        if not self.level.complete:
            holds &= (ranks["rank_min"] == position) & (ranks["rank_max"] == position)
        held = list(values.index[holds])
        return str(held[0]) if len(held) == 1 else ""

    def _sources(self, unit: str) -> str:
        bases = self.level.results.bases
        rows = bases[(bases["unit"] == unit) & (bases["node"] == self.level.node)]
        return str(rows["source_ids"].iloc[0]) if len(rows) else ""

    def _take_differences(self) -> None:
        for word, minuend, subtrahend in (*_DIFFERENCES, (since_base(), "mean", "mean of the base year")):
            known = {name: self.figures[name] for name in (word, minuend, subtrahend) if name in self.figures}
            if len(known) != 2:
                continue
            computed = {one.basis for one in known.values()} == {"computed"}
            # print takes differences of printed values, so a computed mean meets a printed one at two decimals
            value = {name: one.value if computed else half_up(one.value) for name, one in known.items()}
            if word not in known:
                found, result = word, difference(value[minuend], value[subtrahend])
            elif minuend not in known:
                found, result = minuend, float(exact(value[subtrahend] + value[word]))
            else:
                found, result = subtrahend, difference(value[minuend], value[word])
            sources = dict.fromkeys(part for one in known.values() for part in one.source_ids.split(";") if part)
            self._take(found, result, "computed" if computed else "deduced", source_ids=";".join(sources))

    def _take_above_mean(self, values: Mapping[str, float]) -> None:
        """Units above a mean known to two decimals: those within half of the last decimal may be on either side."""
        if "mean" not in self.figures or "n_above_mean" in self.figures:
            return
        mean = self.figures["mean"].value
        surely, maybe = above(float(exact(mean + 0.005))), at(float(exact(mean - 0.005)))
        counts = self.level.counts(values, (surely, maybe))
        if counts is not None and counts.between(surely)[0] == counts.between(maybe)[1]:
            self._take("n_above_mean", counts.between(surely)[0], "deduced")
