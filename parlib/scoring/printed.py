"""What is listed and printed of one node of a year's results: values, ranges, ranks, statistics of the ranked units."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite
from typing import Literal

import numpy as np
import pandas as pd

from parlib.data_tables import count_words
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks
from parlib.tables import records

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
