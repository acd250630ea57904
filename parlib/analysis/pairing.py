"""What comparisons share: the units of a series, known ranks, values of nodes, choices that are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import ParameterError, Problem
from parlib.scoring.ranking import rank
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.settled import Column, Level
from parlib.scoring.units import region_of
from parlib.words import Bilingual, near

__all__ = [
    "Floats",
    "Units",
    "aligned",
    "check_choice",
    "known_ranks",
    "node_cells",
    "region_slug",
    "units_of",
]

Floats = npt.NDArray[np.float64]

#: Unit keys in some order.
Units = list[str]


def units_of(ordered: Sequence[Results]) -> Units:
    """All units of a series: those of the last year in official order, then those that only earlier years list."""
    return list(dict.fromkeys(str(unit) for results in reversed(ordered) for unit in results.units["unit"]))


def region_slug(results: Results) -> Callable[[str], str]:
    """What gives the region of a unit of ``results``; "" for a level without regions."""
    if not results.system:
        return lambda _: ""
    return lambda unit: region_of(unit, results.system)


def check_choice(value: str, allowed: Iterable[str], vi: str, en: str) -> None:
    """Raise ``ParameterError`` unless ``value`` is one of ``allowed``; ``vi`` and ``en`` say what is chosen."""
    names = list(allowed)
    if value not in names:
        listed = ", ".join(names)
        raise ParameterError(
            Problem(
                "no such {what}; there are: {listed}{near}",
                value=value,
                what=Bilingual(vi, en),
                near=near(value, names),
                listed=listed,
            )
        )


def aligned(values: pd.Series | None, keys: Units) -> pd.Series:
    """``values`` by unit for ``keys``; 1 for each where none are given."""
    if values is None:
        return pd.Series(1.0, index=keys)
    return values.astype("float64").reindex(keys)


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
