"""A unit among its peers: of its region, the central cities, merged units, those nearest to it, or a chosen list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib import data_tables
from parlib.analysis.comparison import ends_by_rank
from parlib.analysis.mergers import merges
from parlib.analysis.statistics import compares, difference, not_a_unit, of_group
from parlib.errors import ParameterError, named
from parlib.scoring import units
from parlib.scoring.ranking import Column, Level, rank
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.words import Message

#: "merged": units made by a merger, or before it those that were to be merged; "partners": the parts of one new unit.
RULES = ("region", "central_cities", "merged", "partners", "nearest", "chosen")

CENTRAL_CITY = "thành phố trực thuộc Trung ương"


def peers(
    results: Results,
    unit: str,
    rule: str,
    *,
    k: int = 5,
    chosen: Iterable[str] = (),
    node: str = WHOLE,
    column: Column = "index",
) -> list[str]:
    """The keys of the peers of ``unit`` among the units of ``results``, itself left out, in official order.

    ``rule``: one of ``RULES``. "nearest" gives the ``k`` units whose values are nearest (and those as near as the
    last), which needs the unit's own value; "chosen" the units listed. A rule to whose group the unit does not belong
    is refused: choose the units by name then.
    """
    named(rule, RULES, Message("rule for peers"))
    keys = [str(key) for key in results.units["unit"]]
    own = _own_key(results, unit)
    if rule == "nearest":
        return _nearest(results, own, k, node, column)
    if rule == "chosen":
        matches = list(dict.fromkeys(_own_key(results, other) for other in chosen))
        if not [key for key in matches if key != own]:
            raise ParameterError("the list of peers is empty")
        return [key for key in keys if key in matches and key != own]
    group = _group(results, own, rule, keys)
    if own not in group:
        raise ParameterError(
            "the unit is not of the group {rule}; choose its peers by name (chosen)", value=own, rule=rule
        )
    return [key for key in group if key != own]


def _own_key(results: Results, unit: str) -> str:
    """The key of a unit of ``results`` given by key, name or code."""
    if unit in set(results.units["unit"]):
        return unit
    key = units.find(unit, results.level, results.system).key
    if key not in set(results.units["unit"]):
        raise ParameterError(not_a_unit(results, unit))
    return key


def _group(results: Results, own: str, rule: str, keys: list[str]) -> list[str]:
    matches = {key: units.get(key, results.level, results.system, results.year) for key in keys}
    if rule == "region":
        return [key for key in keys if matches[key].region and matches[key].region == matches[own].region]
    if rule == "central_cities":
        return [key for key in keys if matches[key].kind == CENTRAL_CITY]
    moves = merges(results.level)
    merged = moves[moves["change"] == "merged"]
    if rule == "partners":
        new = set(merged.loc[merged["old"] == own, "new"])
        return [key for key in keys if key in set(merged.loc[merged["new"].isin(new), "old"])]
    systems = list(data_tables.systems(results.level))
    sides = dict(zip((systems[0], systems[-1]), ("old", "new"), strict=True)) if results.system else {}
    wanted = set(merged[sides[results.system]]) if results.system in sides else {*merged["old"], *merged["new"]}
    return [key for key in keys if key in wanted]


def _nearest(results: Results, own: str, k: int, node: str, column: Column) -> list[str]:
    if k < 1:
        raise ParameterError("at least one peer is needed", value=k)
    values = Level(results, node, column).exact_values.dropna()
    if own not in values.index:
        raise ParameterError("the value of the unit is not known, so nothing is nearest to it", value=own)
    distance = (values - values[own]).abs().drop(own)
    distance = pd.Series(exact(distance.to_numpy()), index=distance.index)
    reach = distance.nsmallest(k).max() if len(distance) else np.nan
    return [str(key) for key in distance.index[distance <= reach]]


# --- the unit among them --------------------------------------------------------------------------


def among_peers(
    results: Results, unit: str, keys: Iterable[str], node: str = WHOLE, column: Column = "index"
) -> pd.DataFrame:
    """The unit and its peers (``keys``), the best first, those without a rank last.

    ``unit``, ``is_own``, ``index``, ``rank``, ``rank_basis``, ``difference`` (the unit's value less the peer's),
    ``place``, ``place_min``, ``place_max`` (among these units; from the bounds of the ranks where a rank is not known,
    and missing for units that are not ranked), ``n_peers`` (with the unit itself) and ``n_known`` of them.
    """
    own = _own_key(results, unit)
    wanted = {own, *(_own_key(results, key) for key in keys)}
    ranks = rank(results, node, column)
    bounds = _place_bounds(ranks, Level(results, node, column), wanted)
    frame = ranks[ranks["unit"].isin(wanted)].reset_index(drop=True)
    low, high = (bounds[end].reindex(frame["unit"]).to_numpy() for end in ("low", "high"))
    values = dict(zip(frame["unit"], frame["index"], strict=True))
    table = frame[["unit", "index", "rank", "rank_basis"]].assign(
        is_own=frame["unit"] == own,
        difference=[difference(values[own], value) for value in frame["index"]],
        place_min=pd.Series(low).astype("Int64"),
        place_max=pd.Series(high).astype("Int64"),
        n_peers=len(frame),
        n_known=int(frame["index"].notna().sum()),
    )
    table["place"] = table["place_min"].where(table["place_min"] == table["place_max"])
    order = table.assign(rank_min=frame["rank_min"], at=np.arange(len(table)))
    order = order.sort_values(["rank", "rank_min", "at"], na_position="last")
    columns = ["unit", "is_own", "index", "rank", "rank_basis", "difference", "place", "place_min", "place_max"]
    return order[[*columns, "n_peers", "n_known"]].reset_index(drop=True)


def _place_bounds(ranks: pd.DataFrame, level: Level, wanted: set[str]) -> pd.DataFrame:
    """The best and the worst place of each of the ``wanted`` units among them, by unit; NaN where it is not ranked.

    Unit by unit, another is surely better, or maybe: by values where both are known, else by the bounds of the ranks.
    A rank also says how many of all units are better, and those known to be better outside leave the fewer inside.
    """
    frame = ranks[ranks["ranked"]]
    best = frame["rank_min"].astype("float64").fillna(1.0).to_numpy()
    worst = frame["rank_max"].astype("float64").fillna(float(level.n_units or np.inf)).to_numpy()
    value = level.exact_values.reindex(frame["unit"]).to_numpy(dtype=np.float64)
    open_rank = frame["rank"].isna().to_numpy()
    by_value = np.isfinite(value[None, :] + value[:, None]) & (open_rank[None, :] | open_rank[:, None])
    higher = value[None, :] > value[:, None]
    surely = np.where(by_value, higher, worst[None, :] < best[:, None])
    maybe = np.where(by_value, higher, best[None, :] < worst[:, None])
    np.fill_diagonal(maybe, False)
    inside = frame["unit"].isin(wanted).to_numpy()
    unlisted = (level.n_units or np.inf) - len(frame)
    low = np.maximum(surely[:, inside].sum(axis=1), best - 1 - maybe[:, ~inside].sum(axis=1) - unlisted)
    high = np.minimum(maybe[:, inside].sum(axis=1), worst - 1 - surely[:, ~inside].sum(axis=1))
    return pd.DataFrame({"low": 1 + low, "high": 1 + high}, index=frame["unit"])


def peers_by_node(
    results: Results, unit: str, keys: Iterable[str], nodes: Iterable[str] = (), column: Column = "index"
) -> pd.DataFrame:
    """The unit against its peers on the whole and on every area, or on ``nodes``.

    ``node``, ``index`` (the unit's), ``peer_mean``, ``peer_best``, ``peer_worst``, ``best_peer`` ("" where
    several share it), ``difference`` (index - peer_mean), ``place`` (among unit and peers), ``n_peers``
    (with the unit) and ``n_known``. Figures of the peers, and the place, are known only where the value of every one
    of them is.
    """
    own = _own_key(results, unit)
    others = [key for key in dict.fromkeys(_own_key(results, key) for key in keys) if key != own]
    kinds = results.nodes["kind"].isin(["whole", "area"])
    wanted = list(nodes) or [str(node) for node in results.nodes.loc[kinds, "node"]]
    rows = []
    for node in wanted:
        level = Level(results, node, column)
        values = level.values.reindex([own, *others])
        values = values.mask(values.index.isin(list(level.ranges)))
        mine, theirs = float(values[own]), values[others]
        figures = of_group(theirs)
        place = 1 + int((theirs > mine).sum()) if len(theirs) and values.notna().all() else pd.NA
        ends = (figures[name] for name in ("mean", "maximum", "minimum", "maximum_unit"))
        gap = difference(mine, float(exact(theirs.mean(skipna=False))))
        rows.append((node, mine, *ends, gap, place, len(values), int(values.notna().sum())))
    names = ["node", "index", "peer_mean", "peer_best", "peer_worst", "best_peer", "difference", "place"]
    frame = pd.DataFrame(rows, columns=[*names, "n_peers", "n_known"])
    return frame.astype({"node": "str", "best_peer": "str", "place": "Int64"})


# --- units that are alike ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Alike:
    """The units most like one, nearest first.

    ``units``     ``unit``, ``distance`` (0 alike, 1 as far apart as any), ``place`` (from 1, shared by equals).
    ``measures``  what they are alike by, of "home", "previous", "areas". ``n``  how many units were compared with it.
    """

    units: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["unit", "distance", "place"]))
    measures: tuple[str, ...] = ()
    n: int = 0


def alike(results: Results, previous: Results | None, unit: str, k: int = 5) -> Alike:
    """The ``k`` ranked units most like ``unit`` (with those as near as the last), by Gower's distance: the mean of the
    distances by each measure, a number as the difference over the range, a class as 0 or 1.

    "home": region, and whether it is a central city (a half each; of provinces alone). "previous": the index of the
    year before. "areas": how far each area lies from the unit's own whole, the mean over the areas. A measure counts
    where it is known of the unit itself, and units of which one is not known are not compared; without "previous" and
    "areas", or where fewer than half of the units can be compared, nobody is called alike.

    Source: J. C. Gower, A general coefficient of similarity and some of its properties, Biometrics 27 (1971), 857-871.
    """
    results.check_after(previous)
    measures = _measured(results, previous, unit)
    keys = [key for key in results.ranked_units if all(frame.loc[key].notna().all() for frame in measures.values())]
    n = len(set(keys) - {unit})
    if unit not in keys or not {"previous", "areas"} & set(measures) or not n or not results.mostly_known(n + 1):
        return Alike()
    distance = pd.Series(0.0, index=keys)
    for frame in measures.values():
        some = frame.loc[keys].astype(float)
        span = (some.max() - some.min()).replace(0.0, np.nan)
        distance += ((some - some.loc[unit]).abs() / span).fillna(0.0).mean(axis=1)
    distance = pd.Series(exact((distance / len(measures)).to_numpy()), index=keys).drop(unit)
    near = distance[distance <= distance.nsmallest(k).max()].sort_values(kind="stable")
    frame = pd.DataFrame({"unit": near.index, "distance": near.to_numpy()})
    return Alike(frame.assign(place=near.rank(method="min").astype(int).to_numpy()), tuple(measures), n)


def _measured(results: Results, previous: Results | None, unit: str) -> dict[str, pd.DataFrame]:
    """The measures that are known of a unit, each with a row for every ranked unit; classes are 0 where they are its
    own, and else 1."""
    keys, found = results.ranked_units, {}
    if results.system and unit in keys:
        own = units.get(unit, results.level, results.system, results.year)
        of = [units.get(key, results.level, results.system, results.year) for key in keys]
        homes = [(one.region != own.region, (one.kind == CENTRAL_CITY) != (own.kind == CENTRAL_CITY)) for one in of]
        found["home"] = pd.DataFrame(homes, index=keys, dtype=float)
    if previous is not None:
        found["previous"] = Level(previous).exact_values.reindex(keys).to_frame()
    nodes = [str(node) for node in results.nodes.loc[results.nodes["kind"] == "area", "node"]]
    whole, areas = Level(results).exact_values, {node: Level(results, node).exact_values for node in nodes}
    found["areas"] = pd.DataFrame({node: (values - whole).reindex(keys) for node, values in areas.items()}, index=keys)
    return {name: frame for name, frame in found.items()
            if unit in frame.index and frame.shape[1] and frame.loc[unit].notna().all()}  # fmt: skip


# --- the central cities against the others --------------------------------------------------------


def cities(results: Results, previous: Results | None = None) -> pd.DataFrame:
    """The central cities and the other provinces, a row each; empty for ministries.

    ``group`` ("cities", "others"), ``n``, ``n_known``, ``mean``, ``change`` of the mean on the year before,
    ``minimum``, ``maximum`` and who holds them (as ``extremes`` says). Each is given only where
    the value of every province of the group is known exactly, the change only where it was so a year earlier too; the
    ends also where the first or the last rank of all settles them.
    """
    results.check_after(previous)
    columns = ["group", "n", "n_known", *of_group(pd.Series(dtype="float64"))]
    if not results.system or results.n_ranked != len(results.ranked_units):
        return pd.DataFrame(columns=columns)
    level = Level(results)
    listed = [str(key) for key in results.units["unit"] if key in results.incomplete or key in set(level.ranked)]
    kinds = {key: units.get(key, results.level, results.system, results.year).kind for key in listed}
    inside = {key: kind == CENTRAL_CITY for key, kind in kinds.items()}
    before = Level(previous) if previous is not None and compares(previous, results) else None
    rows = []
    for group, central in (("cities", True), ("others", False)):
        keys = [key for key in listed if inside[key] is central]
        row: dict[str, object] = {"group": group, "n": len(keys)}
        row["n_known"] = int(level.values.reindex(keys).notna().sum())
        values = level.exact_values.reindex(keys)
        row |= of_group(values, before.exact_values.reindex(keys) if before is not None else None)
        if len(values) and values.isna().any():
            row |= ends_by_rank(results, keys)
        rows.append(row)
    return pd.DataFrame(rows, columns=columns)
