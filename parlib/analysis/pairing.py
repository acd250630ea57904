"""Two results side by side: who is ranked in both, ranks and changes that are known, values of nodes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import ParameterError, Problem
from parlib.scoring.printed import Column, Level
from parlib.scoring.ranking import rank
from parlib.scoring.results import WHOLE, Results, breaks_between
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks
from parlib.words import near

Floats = npt.NDArray[np.float64]


def in_years(of: Iterable[Results], least: int = 1) -> list[Results]:
    """Results of one series in the order of their years. ``ParameterError`` where fewer than ``least``, two a year, or
    any that do not compare with each other (see ``Results.check_after``).

    A series need not have every year: what lies between two listed years is not known.
    """
    ordered = sorted(of, key=lambda results: results.year)
    if len(ordered) < least:
        problem = Problem("results of at least {least} years are needed", least=least)
        raise ParameterError(problem.at(value=len(ordered)))
    for before, results in pairwise(ordered):
        results.check_after(before)
    return ordered


def compares(previous: Results, results: Results) -> bool:
    """Whether values of the two years may be subtracted: the Ministry does so with its index whatever its scale, the
    publishers of the other indices only inside one series."""
    return results.index_name == "par" or not breaks_between(previous, results)


def difference(minuend: float, subtrahend: float) -> float:
    """The difference of two numbers, free of binary noise: 89.95 - 89.89 is 0.06."""
    return float(exact(minuend - subtrahend))


def not_a_node(results: Results, code: str) -> Problem:
    """What is said of a code that the results do not have."""
    guess = near(code, [str(node) for node in results.nodes["node"]])
    return Problem("no such node in the results of {year}{near}", value=code, near=guess, year=results.year)


def not_a_unit(results: Results, unit: str) -> Problem:
    """What is said of a unit that the results do not list."""
    guess = near(unit, [str(key) for key in results.units["unit"]])
    return Problem("the results of {year} do not list this unit{near}", value=unit, near=guess, year=results.year)


def known_ranks(results: Results, node: str = WHOLE, column: Column = "index") -> pd.Series:
    """The rank of every unit of ``results`` as ``rank`` has it, by unit; NaN = not known, or not ranked."""
    level = Level(results, node, column)
    if level.complete and not level.ranks["rank_min"].isna().any():  # nothing is to be bounded: the short way
        return level.exact_ranks.reindex([str(unit) for unit in results.units["unit"]])
    return rank(results, node, column).set_index("unit")["rank"].astype("float64")


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


def known_changes(level: Level, before: Level) -> pd.Series:
    """The change of each listed ranked unit from exact values of both years, else as printed; NaN = not known.

    A unit that was not ranked the year before changed in an area all the same, where that was known of it.
    """
    now, then = level.exact_values, before.exact_values if level.node == WHOLE else before.values
    changes = pd.Series(exact((now - then.reindex(now.index)).to_numpy()), index=now.index)
    if level.node == WHOLE and level.column == "index" and before.results.year == level.results.year - 1:
        printed = level.results.printed_changes.set_index("unit")["change"].astype("float64")
        changes = changes.fillna(printed.reindex(now.index))
    return changes


def node_cells(results: Results, keys: list[str], nodes: list[str]) -> tuple[Floats, Floats, Floats]:
    """Index, points and maximum, units x nodes; each is worked out from the other two where it is not given."""
    rows = results.table[(results.table["stage"] == results.stage) & results.table["node"].isin(nodes)]
    wide = rows.set_index(["unit", "node"])
    cells = pd.MultiIndex.from_product([keys, nodes])
    shape = (len(keys), len(nodes))
    index, points, maximum = (
        wide[name].reindex(cells).to_numpy(np.float64).reshape(shape) for name in ("index", "points", "maximum")
    )
    stated = results.nodes.set_index("node")["maximum"].astype("float64").reindex(nodes).to_numpy()
    maximum = np.where(np.isnan(maximum), stated, maximum)
    points = np.where(np.isnan(points), index * maximum / 100, points)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(np.isnan(index) & (maximum > 0), 100 * points / maximum, index)
    return index, points, maximum
