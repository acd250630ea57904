"""Each area of a year's results by itself: who stands where in it, what moved, and what its parts reached."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib.analysis.pairing import compares, known_changes
from parlib.analysis.statistics import of_group, statistics
from parlib.scoring.printed import Level
from parlib.scoring.results import Results, breaks_between
from parlib.scoring.rules import exact_values as exact

__all__ = ["AreaFacts", "by_area"]

_EMPTY = pd.DataFrame()
_STANDING = ("unit", "ranked", "index", "rank", "rank_basis", "basis", "change", "break_mark")
_ENDS = ("worst", "best")
_PARTS = (
    "node", "n_known", "mean", "change", "best_unit", "best_units", "best",
    "worst_unit", "worst_units", "worst", "n_full",
)  # fmt: skip


@dataclass(frozen=True)
class AreaFacts:
    """One area in frames; all are empty where nothing of it is known.

    ``node``  the area. ``known``  whether anything of it is: a value, a rank or a printed figure. ``complete``  whether
    the value of every ranked unit is.
    ``units``  one row for every unit, in official order: ``unit``, ``ranked``, ``index``, ``rank`` (printed, or
    computed where every value is known; missing = not known), ``rank_basis``, ``basis`` of the index, ``change`` on
    the year before (NaN = not known), ``break_mark`` (the scale changed in between).
    ``statistics``  as ``analysis.statistics`` of the area.
    ``parts``  one row for every criterion below it of which anything is known: ``node``, ``n_known`` (ranked units),
    and in points ``mean``, ``change`` of the mean, ``best``, ``worst`` (NaN unless every ranked unit is known) with
    who holds them (as ``extremes`` says), ``n_full`` (units at the maximum; missing where that is not known).
    """

    node: str
    known: bool = False
    complete: bool = False
    units: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    statistics: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    parts: pd.DataFrame = field(default_factory=lambda: _EMPTY)


def by_area(results: Results, previous: Results | None = None) -> tuple[AreaFacts, ...]:
    """The facts of every area, in order. ``previous`` are the results of the year before: changes need them."""
    results.check_after(previous)
    parts = _all_parts(results, previous)
    areas = results.nodes.loc[results.nodes["kind"] == "area", "node"]
    return tuple(_facts(results, previous, str(node), parts[parts["parent"] == node]) for node in areas)


def _facts(results: Results, previous: Results | None, node: str, parts: pd.DataFrame) -> AreaFacts:
    level = Level(results, node)
    ranks = level.ranks
    printed = not results.printed_statistics.empty and (results.printed_statistics["node"] == node).any()
    if not (level.values.notna().any() or ranks["rank_min"].notna().any() or printed):
        return AreaFacts(node)
    before = Level(previous, node) if previous is not None and compares(previous, results) else None
    return AreaFacts(
        node,
        known=True,
        complete=level.complete,
        units=_units(level, before),
        statistics=statistics(results, previous, node=node),
        parts=parts[list(_PARTS)].reset_index(drop=True),
    )


def _units(level: Level, before: Level | None) -> pd.DataFrame:
    results = level.results
    units = pd.Index([str(unit) for unit in results.units["unit"]])
    ranks = level.ranks.reindex(units)
    exactly = ranks["rank_min"].where(ranks["rank_min"] == ranks["rank_max"]).astype("float64")
    bases = results.bases[results.bases["node"] == level.node].set_index("unit")["basis"]
    change = pd.Series(np.nan, index=units)
    broken = False
    if before is not None:
        change, broken = known_changes(level, before).reindex(units), breaks_between(before.results, results)
    frame = pd.DataFrame(
        {
            "unit": units,
            "ranked": results.units["ranked"].astype(bool).to_numpy(),
            "index": level.values.reindex(units).to_numpy(float),
            "rank": exactly.astype("Int64").array,
            "rank_basis": ranks["rank_basis"].fillna("").astype(str).to_numpy(),
            "basis": bases.reindex(units).fillna("").astype(str).to_numpy(),
            "change": change.to_numpy(float),
            "break_mark": broken,
        }
    )
    return frame[list(_STANDING)]


def _points(results: Results, nodes: list[str]) -> pd.DataFrame:
    """The points of the ranked units (rows) in ``nodes`` (columns), NaN = not known; empty where none is."""
    table = results.table
    rows = table[(table["stage"] == results.stage) & table["node"].isin(nodes) & table["points"].notna()]
    wide = rows.pivot_table(index="unit", columns="node", values="points")
    return wide.reindex(index=results.ranked_units, columns=nodes)


def _all_parts(results: Results, previous: Results | None) -> pd.DataFrame:
    """What the criteria reached, in points, with the area that each belongs to as ``parent``."""
    nodes = results.nodes[results.nodes["kind"] == "criterion"]
    keys = [str(node) for node in nodes["node"]]
    now = _points(results, keys)
    comparable = previous is not None and compares(previous, results)
    then = _points(previous, keys) if previous is not None and comparable else pd.DataFrame(columns=keys)
    whole = results.n_ranked == len(results.ranked_units)
    like = previous is not None and set(previous.ranked_units) == set(results.ranked_units)
    rows = []
    for node, parent, maximum in zip(keys, nodes["parent"], nodes["maximum"].astype(float), strict=True):
        values = pd.Series(exact(now[node]), index=now.index)
        if values.notna().any():
            before = then[node] if like and len(then) and then[node].notna().all() else None
            rows.append({"parent": parent, **_part(node, values, before, maximum, whole)})
    frame = pd.DataFrame(rows, columns=["parent", *_PARTS])
    return frame.astype({"n_full": "Int64"})


def _part(node: str, values: pd.Series, before: pd.Series | None, maximum: float, whole: bool) -> dict[str, object]:
    full = int((values >= maximum).sum()) if whole and values.notna().all() and np.isfinite(maximum) else pd.NA
    figures = of_group(values if whole else values.iloc[:0], before, *_ENDS)
    return {"node": node, "n_known": int(values.notna().sum()), **figures, "n_full": full}
