"""Where a unit stands: among all, in its region, among its peers, with its tier; in other indices, and over the years.

Whatever is not settled by what is known stays unknown: no rank is computed among the known units alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib import words
from parlib.analysis.peers import CENTRAL_CITY, among_peers, peers
from parlib.analysis.robustness.audit import audit_sampling
from parlib.analysis.series import series
from parlib.scoring import units
from parlib.scoring.ranking import rank
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.settled import Column, Level

#: Two ranks differ when they are further apart than this part of the field.
APART = 0.25
NEAREST = 4


@dataclass(frozen=True)
class Standing:
    """Where a unit stands. ``NaN`` or ``None`` is not known.

    ``row``      the unit's row of ``ranking``.
    ``ranking``  the frame of ``rank`` for all units.
    ``region``   slug; "" for ministries. ``region_units``: the keys in it, the unit itself included.
    ``in_region``, ``in_cities``  as ``among_peers``; empty where the unit has no such group.
    ``peers``    as ``among_peers`` with the units nearest to it; empty where its value is not known.
    ``tier``, ``n_tiers``, ``rank_low``, ``rank_high``  from the survey's own errors (at 95 percent);
    ``ranks_open``: other draws could give another end.
    """

    row: pd.Series
    ranking: pd.DataFrame
    region: str = ""
    region_units: tuple[str, ...] = ()
    in_region: pd.DataFrame = field(default_factory=pd.DataFrame)
    in_cities: pd.DataFrame = field(default_factory=pd.DataFrame)
    peers: pd.DataFrame = field(default_factory=pd.DataFrame)
    tier: int | None = None
    n_tiers: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    ranks_open: bool | int = False

    @property
    def ranked(self) -> bool:
        """Whether the unit takes part in the ranking of the year."""
        return bool(self.row["ranked"])

    @property
    def known(self) -> bool:
        """Whether the value of the unit is known exactly."""
        return bool(np.isfinite(self.row["index"]))


def standing(results: Results, unit: str) -> Standing:
    """Where ``unit`` stands in ``results``."""
    ranking = rank(results)
    row = ranking[ranking["unit"] == unit].iloc[0]
    found = {} if not row["ranked"] else _groups(results, unit)
    return Standing(row=row, ranking=ranking, **found, **_chance(results, unit))  # type: ignore[arg-type]


def _groups(results: Results, unit: str) -> dict[str, object]:
    found: dict[str, object] = {}
    if results.system:
        own = units.get(unit, results.level, results.system)
        others = peers(results, unit, "region")
        found |= {"region": own.region, "region_units": (unit, *others)}
        if others:
            found["in_region"] = among_peers(results, unit, others)
        if own.kind == CENTRAL_CITY:
            found["in_cities"] = among_peers(results, unit, peers(results, unit, "central_cities"))
    if unit in Level(results).exact_values.dropna().index:
        found["peers"] = among_peers(results, unit, peers(results, unit, "nearest", k=NEAREST))
    return found


def _chance(results: Results, unit: str) -> dict[str, int]:
    """The tier and the ranks that the survey leaves open, from its own errors only."""
    audit = audit_sampling(results)
    if audit.basis != "survey" or unit not in set(audit.tiers["unit"]):
        return {}
    tiers = audit.tiers.set_index("unit")
    own = tiers["tier"].where(tiers["tier_low"] == tiers["tier_high"])  # between two tiers: none for sure
    sets = audit.simultaneous.set_index("unit").loc[unit]
    found = {
        "tier": own[unit],
        "n_tiers": tiers["tier"].max(),
        "rank_low": sets["rank_low"],
        "rank_high": sets["rank_high"],
        "ranks_open": sets["low_open"] or sets["high_open"],
    }
    return {name: int(value) for name, value in found.items() if pd.notna(value)}


# --- areas ----------------------------------------------------------------------------------------


def areas(results: Results, previous: Results | None, unit: str, region_units: Iterable[str] = ()) -> pd.DataFrame:
    """The unit by area, the whole first: ``node``, ``index``, ``rank``, ``mean``, ``region_mean``, ``best``,
    ``best_unit`` (the first in official order of those that tie), ``best_units`` (all of them, ";" between),
    ``region_best``, ``points`` (the unit's own, known also where no maximum was printed), ``gap`` (``index`` less
    ``mean``), ``behind`` (``index`` less ``best``), ``previous``. Ranks are those printed, else worked out where all
    are known.

    Means and bests are of the ranked units and known only where the value of every one of them is. ``previous`` is
    the unit's own value of the year before, where the scale did not change and the code and the name are the same.
    """
    results.check_after(previous)
    kinds = results.nodes["kind"].isin(["whole", "area"])
    inside = list(region_units)
    rows = [_area(results, unit, str(node), inside) for node in results.nodes.loc[kinds, "node"]]
    names = ["node", "index", "rank", "mean", "region_mean", "best", "best_unit", "best_units", "region_best", "points"]
    frame = pd.DataFrame(rows, columns=names).astype(
        {"node": "str", "best_unit": "str", "best_units": "str", "rank": "Int64"}
    )
    return frame.assign(
        gap=frame["index"] - frame["mean"],
        behind=frame["index"] - frame["best"],
        previous=[_before(results, previous, unit, str(node)) for node in frame["node"]],
    )


def _area(results: Results, unit: str, node: str, inside: list[str]) -> tuple[object, ...]:
    level = Level(results, node)
    own, points = (float(values.get(unit, np.nan)) for values in (level.values, results.values(node, "points")))
    mean = best = np.nan
    place: object = pd.NA
    holders: list[str] = []
    if level.complete:
        values = level.exact_values
        mean, best = float(exact(values.mean())), float(values.max())
        holders = [str(key) for key in values.index[values == best]]
        place = 1 + int((values > values[unit]).sum()) if unit in values.index else pd.NA
    printed = results.ranks if node == WHOLE else results.node_ranks[results.node_ranks["node"] == node]
    if printed is not None:
        for row in printed[printed["unit"] == unit].itertuples():
            place = row.rank
    theirs = level.exact_values.reindex(inside)
    settled = bool(len(theirs)) and bool(theirs.notna().all())
    region_mean = float(exact(theirs.mean())) if settled else np.nan
    first, region_best = (holders or [""])[0], float(theirs.max()) if settled else np.nan
    return node, own, place, mean, region_mean, best, first, ";".join(holders), region_best, points


def _before(results: Results, previous: Results | None, unit: str, node: str) -> float:
    if previous is None or results.break_before or node not in set(previous.nodes["node"]):
        return float("nan")
    names = [dict(zip(of.nodes["node"], of.nodes["name"], strict=True))[node] for of in (results, previous)]
    if node != WHOLE and words.fold(str(names[0])) != words.fold(str(names[1])):
        return float("nan")
    return float(previous.values(node).get(unit, np.nan))


def components(results: Results, unit: str) -> pd.DataFrame:
    """The components of the index of which the unit's points are known: ``node``, ``points``, ``maximum`` (NaN = not
    printed), ``mean``, ``best`` (points of the ranked units; known only where all are), and in percent of what applies
    to each unit ``index``, ``mean_index``, ``best_index``; ``gap`` and ``gap_index`` are the unit's less the mean."""
    rows = []
    for node in results.nodes.loc[results.nodes["kind"] == "component", "node"].astype(str):
        of = {column: results.values(node, column) for column in ("points", "maximum", "index")}
        row: dict[str, object] = {"node": node} | {column: float(of[column].get(unit, np.nan)) for column in of}
        for column, name in (("points", ""), ("index", "_index")):
            theirs = of[column].reindex(results.ranked_units)
            whole = bool(len(theirs)) and bool(theirs.notna().all()) and results.n_ranked == len(theirs)
            row[f"mean{name}"] = float(exact(theirs.mean())) if whole else np.nan
            row[f"best{name}"] = float(theirs.max()) if whole else np.nan
        if np.isfinite(of["points"].get(unit, np.nan)):
            rows.append(row)
    columns = ["node", "points", "maximum", "mean", "best", "index", "mean_index", "best_index"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(gap=frame["points"] - frame["mean"], gap_index=frame["index"] - frame["mean_index"])


# --- other indices, other years -------------------------------------------------------------------


@dataclass(frozen=True)
class Related:
    """The same unit in another index: ``n`` units are ranked there; ``apart`` says that the two ranks lie further
    apart than ``APART`` of their fields (``None``: one of them is not known)."""

    results: Results
    value: float
    rank: int | None
    n: int | None
    apart: bool | None


def related(results: Results, own: pd.Series, others: Iterable[Results]) -> tuple[Related, ...]:
    """The unit of the row ``own`` of the ranking of ``results`` in each of ``others`` of which its value or its rank
    is known. Raises ``ParameterError`` where one of them does not compare with ``results``."""
    found = []
    n_ranked = results.n_ranked
    for other in others:
        results.check_beside(other)
        table = rank(other)
        rows = table[table["unit"] == own["unit"]]
        if rows.empty or (pd.isna(rows["index"].iloc[0]) and pd.isna(rows["rank"].iloc[0])):
            continue
        row, n = rows.iloc[0], other.n_ranked
        place = None if pd.isna(row["rank"]) else int(row["rank"])
        apart = None
        if place is not None and n and n_ranked and pd.notna(own["rank"]):
            apart = bool(abs(int(own["rank"]) / n_ranked - place / n) > APART)
        found.append(Related(other, float(row["index"]), place, n, apart))
    return tuple(found)


def history(years: Iterable[Results], unit: str, column: Column = "index") -> pd.DataFrame:
    """The unit over the years: the rows of ``series`` that are its own."""
    frame = series(years, column=column)
    return frame[frame["unit"] == unit].reset_index(drop=True)
