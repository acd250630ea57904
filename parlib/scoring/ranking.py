"""Ranks, bands and gaps of a year, worked out or printed; only what the known data settle is given.

What printed values, ranks, counts and bands settle about values that were not printed is exact: a graph of difference
constraints between thresholds, closed by shortest paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, isfinite, isnan, nan
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.data_tables import count_words, indices, since_base
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks
from parlib.tables import records, rounded

# --- what is listed and printed of one node -------------------------------------------------------
# What is listed and printed of one node of a year's results: values, ranges, ranks, statistics of the ranked units.

#: Where counting begins: (value, 0) at the value itself, (value, 1) just above it.
Threshold = tuple[float, int]
BOTTOM: Threshold = (-inf, 0)
TOP: Threshold = (inf, 0)

Column = Literal["index", "points"]


def at(value: float) -> Threshold:
    """The units at or above ``value`` are counted from here."""
    return value, 0


def above(value: float) -> Threshold:
    """The units above ``value`` are counted from here."""
    return value, 1


@dataclass(frozen=True, slots=True)
class Statistic:
    """A settled figure: ``basis`` is computed (from the units alone), printed, or deduced (from print and units)."""

    value: float
    unit: str = ""
    basis: str = ""
    source_ids: str = ""


@dataclass(frozen=True, eq=False)
class Level:
    """One node of one year's results, seen as the set of the ranked units.

    ``column`` is what is compared: the index, or the points of an index that is read in points.
    """

    results: Results
    node: str = WHOLE
    column: Column = "index"

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
        return {row.unit: (float(row.index_min), float(row.index_max)) for row in records(self.results.bounds)}

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
    def ranks(self) -> pd.DataFrame:
        """``rank_min``, ``rank_max`` and ``rank_basis`` of the ranked units; NaN and "" where nothing is known.

        Printed ranks where there are any. Else they are computed, and only where every ranked unit has its value.
        """
        nodes = self.results.node_ranks
        printed = self.results.ranks if self.node == WHOLE else nodes[nodes["node"] == self.node]
        if printed is not None and (self.node == WHOLE or len(printed)):
            frame = printed.set_index("unit")
            lone = frame["rank"].astype("float64")  # of a node, and from some producers, there is the rank alone
            ends = [frame.get(end, lone).astype("float64").fillna(lone) for end in ("rank_min", "rank_max")]
            basis = frame.get("rank_basis", pd.Series("published", frame.index)).astype("object")
            known = pd.DataFrame({"rank_min": ends[0], "rank_max": ends[1], "rank_basis": basis})
            return known.reindex(self.ranked).fillna({"rank_basis": ""})
        ranks = competition_ranks(self.exact_values) if self.complete else np.nan
        frame = pd.DataFrame({"rank_min": ranks, "rank_max": ranks}, index=pd.Index(self.ranked))
        return frame.assign(rank_basis="computed" if self.complete else "")

    @cached_property
    def exact_ranks(self) -> pd.Series:
        """The ranks of the ranked units, NaN = not known exactly."""
        least = self.ranks["rank_min"]
        return least.where(least == self.ranks["rank_max"]).astype("float64")

    def span(self, unit: str) -> tuple[Threshold, Threshold]:
        """The [low, high) that the value of a unit is known to lie in, from what is known of this unit."""
        if unit in self.ranges:
            low, high = self.ranges[unit]
            # the upper bound of a group of scores is the lower bound of the next; that of another range may be reached
            return at(low), at(high) if high in self.cuts else above(high)
        value = self.values.get(unit, np.nan)
        return (BOTTOM, TOP) if np.isnan(value) else (at(value), above(value))

    @cached_property
    def sightings(self) -> list[Sighting]:
        """What is known of each ranked unit of which anything is: where its value lies, its ranks."""
        known = self.ranks[["rank_min", "rank_max"]].itertuples(name=None)
        ends = [(self.span(unit), () if isnan(least) else (int(least), int(most))) for unit, least, most in known]
        return [Sighting(*span, *ranks) for span, ranks in ends if ranks or span != (BOTTOM, TOP)]

    @cached_property
    def cuts(self) -> set[float]:
        """Where groups of scores begin."""
        bounds = set(self.results.bands.values()).union(*count_words().values())
        return {bound for bound in bounds if isfinite(bound)}

    @cached_property
    def printed(self) -> dict[str, Statistic]:
        """The printed statistics of this node by their words; a number that only follows from print is deduced."""
        frame = self.results.printed_statistics
        rows = records(frame[frame["node"] == self.node]) if self.column == "index" else ()
        return {
            str(row.statistic): Statistic(
                float(row.value), str(row.unit or ""), "deduced" if row.derived else "printed", str(row.source_ids)
            )
            for row in rows
        }


# --- what printed values settle about those that were not printed ---------------------------------
# What printed values, ranks, counts and bands settle about values that were not printed: bounds, and what follows.
#
# Bounds are exact: a graph of difference constraints between thresholds, closed by shortest paths.

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
    counts = close(level.n_units, level.sightings, limits, [*map(at, level.cuts), *more])
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
            self.around_mean()
        count = Counts.of if self.level.complete else counts_of
        self._take_counts(count(self.level), "computed")
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

    def around_mean(self) -> dict[str, Statistic]:
        """``mean`` and ``n_above_mean`` alone, by the shortest way; with all others where not every value is known."""
        if not self.level.complete:
            return self.settle()
        values = self.level.exact_values.to_numpy()
        mean = float(exact(values.mean()))
        self._take("mean", mean, "computed")
        self._take("n_above_mean", int((values > mean).sum()), "computed")
        return self.figures

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
        is_there = self.level.values.reindex(self.level.ranked).to_numpy() == value
        holds = is_there & (self.level.complete | (self.level.exact_ranks.to_numpy() == position))
        return self.level.ranked[int(holds.argmax())] if holds.sum() == 1 else ""

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


def rank(results: Results, node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
    """One row for every unit of ``results.units``, in official order.

    ``unit``, ``ranked``, ``index`` (of ``column``), ``rank`` (missing = not known, or not ranked), ``rank_min``,
    ``rank_max``, ``rank_basis``, ``basis`` of the index, ``index_min``, ``index_max`` (what it can be), ``band`` ("" =
    not known), ``gap_above`` and ``gap_below`` (to the next better and the next worse rank), ``gap_to_first``,
    ``above_mean`` (missing = not known). Ranks are computed only where the value of every ranked unit is known; where
    it is not, the known ranks and values still bound the others, and a rank whose bounds meet is "derived". ``value``
    is the whole or the node as its publisher prints it (``Results.scale``: PAPI in points, not in percent of the
    maximum as ``index``). ``attrs`` say what the frame is of: see ``Results.about``.

    >>> rank(bo.results)"""
    key = ("rank", node, column)
    if key not in results.memo:
        results.memo[key] = _ranked(results, node, column)
    return results.memo[key].copy()


def _ranked(results: Results, node: str, column: Column) -> pd.DataFrame:
    level = Level(results, node, column)
    figures = Settling(level).around_mean()
    settled = level.complete and not level.ranks["rank_min"].isna().any()
    counts = None if settled else counts_of(level, figures)
    held = {str(unit): (float(least), float(most), str(basis)) for unit, least, most, basis in level.ranks.itertuples()}
    rows = [_row(level, counts, str(unit), held.get(str(unit))) for unit in results.units["unit"]]
    frame = pd.DataFrame(rows, columns=["unit", "ranked", "rank_min", "rank_max", "rank_basis", "low", "high"])
    frame["index"] = level.values.reindex(frame["unit"]).to_numpy()
    frame["value"] = Level(results, node, results.scale.column).values.reindex(frame["unit"]).to_numpy()
    frame["rank"] = frame["rank_min"].where(frame["rank_min"] == frame["rank_max"])
    frame["basis"] = basis_of(results, node, frame["unit"], frame["index"])
    spans = list(zip(frame["low"], frame["high"], strict=True))
    frame["band"] = [_band(results, *span) if node == WHOLE and column == "index" else "" for span in spans]
    for place, end in enumerate(("index_min", "index_max")):
        frame[end] = [span[place][0] if isfinite(span[place][0]) else nan for span in spans]
    number, mean = figures.get("n_above_mean"), figures.get("mean")
    ends = zip(frame["rank_min"], frame["rank_max"], spans, strict=True)
    frame["above_mean"] = pd.array([_above(number, best, worst, mean, *span) for best, worst, span in ends], "boolean")
    frame[list(_GAPS)] = _gaps(level, counts, frame)
    columns = ["unit", "ranked", "index", "rank", "rank_min", "rank_max", "rank_basis", "basis"]
    columns += ["index_min", "index_max", "band", *_GAPS, "above_mean", "value"]
    whole = dict.fromkeys(("rank", "rank_min", "rank_max"), "Int64")
    frame = frame[columns].astype({"unit": "str", "ranked": "bool", **whole})
    frame.attrs = results.about(node)
    return frame


def basis_of(results: Results, node: str, units: Iterable[str], values: Iterable[float]) -> list[str]:
    """What the values of ``units`` rest on: as their source says, else "computed"; "" where nothing is known."""
    bases = results.bases[results.bases["node"] == node].set_index("unit")["basis"]
    known = {unit: "computed" if isfinite(value) else "" for unit, value in zip(units, values, strict=True)}
    return [str(bases.get(unit, basis)) for unit, basis in known.items()]


def _row(level: Level, counts: Counts | None, unit: str, held: tuple[float, float, str] | None) -> tuple[object, ...]:
    """Rank bounds and the span of the value of one unit, from what is known of it (``held``; none where it is not
    ranked) and of all others."""
    low, high = level.span(unit)
    if held is None:
        return unit, False, nan, nan, "", low, high
    rank_min, rank_max, basis = held
    known, best, worst = isfinite(rank_min), rank_min, rank_max
    if counts is not None and (known or (low, high) != (BOTTOM, TOP)):
        best, worst = (int(rank_min), int(rank_max)) if known else (1, counts.n_units)
        bounded = counts.ranks(low, high)
        if best != worst:
            best, worst = max(best, bounded[0]), min(worst, bounded[1])
        low, high = max(low, counts.place(worst)[0]), min(high, counts.place(best)[1])
        known = known or (best, worst) != (1, counts.n_units)
    if not known:
        return unit, True, nan, nan, "", low, high
    printed = basis if (best, worst) == (rank_min, rank_max) else ""
    return unit, True, best, worst, printed or "derived", low, high


def _band(results: Results, low: Threshold, high: Threshold) -> str:
    """The group that a value surely lies in."""
    ceiling = TOP
    for name, bound in results.bands.items():
        if low >= at(bound) and high <= ceiling:
            return str(name)
        ceiling = at(bound)
    return ""


def _above(
    number: Statistic | None, best: float, worst: float, mean: Statistic | None, low: Threshold, high: Threshold
) -> bool | None:
    if number is not None and worst <= number.value:
        return True
    if number is not None and best > number.value:
        return False
    if mean is None:
        return None
    off = 0.0 if mean.basis == "computed" else 0.005  # a printed mean is good to half of its last decimal
    if low > at(float(exact(mean.value + off))):
        return True
    return False if high <= above(float(exact(mean.value - off))) else None


_GAPS = ("gap_above", "gap_below", "gap_to_first")


def _gaps(level: Level, counts: Counts | None, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """The distances to the next better rank, the next worse one and the first, where both values are settled."""
    size = frame.loc[frame["ranked"], "rank"].value_counts()
    settled = Counts.of(level) if level.complete else counts
    values = dict(enumerate(settled.values, start=1)) if settled else {}
    gaps = np.full((len(frame), len(_GAPS)), nan)
    for row, (unit, place) in enumerate(zip(frame["unit"], frame["rank"], strict=True)):
        own = float(level.exact_values.get(unit, nan))
        if isfinite(place) and isfinite(own):
            follower = int(place) + int(size[place])
            below = values.get(follower, nan)
            if below == own and follower not in size.index:
                below = nan  # the follower may share the rank: a unit of which the rank is not known
            gaps[row] = values.get(int(place) - 1, nan) - own, own - below, values.get(1, nan) - own
    return np.asarray(exact(gaps))
