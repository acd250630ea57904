"""What comparisons share: known ranks, values of nodes, names that are checked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import Problem
from parlib.scoring.ranking import rank
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.settled import Column, Level
from parlib.words import near

Floats = npt.NDArray[np.float64]


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
    if level.complete:  # nothing is to be bounded: the short way
        ranks = level.ranks
        if not ranks["rank_min"].isna().any():
            exactly = ranks["rank_min"].where(ranks["rank_min"] == ranks["rank_max"]).astype("float64")
            return exactly.reindex([str(unit) for unit in results.units["unit"]])
    return rank(results, node, column).set_index("unit")["rank"].astype("float64")


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
