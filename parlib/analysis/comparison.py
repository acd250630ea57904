"""Comparison of a year's results: with the year before, across regions, areas and parts; only what is known.

Every split adds up: the parts of a frame, its remainder included, sum to the change that they explain.
Formulas: docs/comparison.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import numpy as np
import pandas as pd

from parlib.analysis.statistics import (
    Both,
    Floats,
    compares,
    difference,
    known_changes,
    known_ranks,
    node_cells,
    not_a_node,
    not_a_unit,
    of_group,
    statistics,
)
from parlib.errors import ParameterError, Problem, named
from parlib.scoring import units
from parlib.scoring.ranking import Column, Level, Settling, Statistic, rank
from parlib.scoring.results import WHOLE, Results, breaks_between
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks
from parlib.tables import Record, records
from parlib.words import Message, fold

_TINY = 1e-8  # indices are computed to 9 decimals

# --- the year before ------------------------------------------------------------------------------


def change(results: Results, previous: Results | None, node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
    """One row for every unit of ``results.units``, in official order.

    ``unit``, ``index``, ``previous``, ``change``, ``rank``, ``previous_rank`` (each among the units ranked in its
    year), ``places`` (moved up: positive, among the units ranked in both years; missing where these are not known),
    ``basis`` of the change ("computed" from two printed or computed values, "derived" where one of them is itself
    derived, "published" where only the change was printed), ``break_mark`` (the scale changed in between). A change is
    not known where a value is known to a range only, nor, outside the PAR INDEX, across a break: there the publisher
    says that values do not compare. Without results of the year before nothing of it is known.

    ``value``, ``previous_value`` and ``value_change`` are the same as they are printed (``Results.scale``). ``attrs``
    are those of ``Results.about``, with ``known`` counting the changes ("9/63"), ``previous_year``, ``break`` ("1"
    where the scale changed in between, else ""), ``both`` ("59": how many are ranked in both years, where that is not
    all of them; "?" where it is not known; else ""), and ``came`` and ``went``: the units ranked in this year only and
    in the year before only (keys, ";" between them; none where a year does not list all that are ranked).

    >>> change(bo.results, bo.previous)"""
    if previous is None:
        frame = _without_previous(rank(results, node, column))
    else:
        frame = _changed(results, previous, node, column)
    frame["value"] = rank(results, node, column)["value"].to_numpy()
    before = None if previous is None else Level(previous, node, previous.scale.column).values
    frame["previous_value"] = np.nan if before is None else before.reindex(frame["unit"]).to_numpy(dtype=np.float64)
    differences = exact((frame["value"] - frame["previous_value"]).to_numpy(dtype=np.float64))
    in_percent = column == results.scale.column == "index"
    frame["value_change"] = frame["change"] if in_percent else np.where(frame["change"].isna(), np.nan, differences)
    n = int(frame.loc[frame["unit"].isin(results.ranked_units), "change"].notna().sum())
    frame.attrs = {**results.about(node), "known": f"{n}/{results.n_expected or '?'}"}
    frame.attrs["previous_year"] = "" if previous is None else str(previous.year)
    frame.attrs["break"] = "1" if bool(frame["break_mark"].any()) else ""
    both = None if previous is None else Both.of(results, previous)
    frame.attrs["both"] = "" if both is None or both.same else str(len(both.units)) if both.settled else "?"
    alone = both.alone if both is not None and all(both.whole) else ((), ())
    frame.attrs["came"], frame.attrs["went"] = (";".join(units_of) for units_of in alone)
    return frame


def _changed(results: Results, previous: Results, node: str, column: Column) -> pd.DataFrame:
    results.check_after(previous)
    now, then = Level(results, node, column), Level(previous, node, column)
    broken = breaks_between(previous, results)
    values = now.values
    before = then.values.reindex(values.index)
    changes = known_changes(now, then).reindex(values.index)
    if not compares(previous, results):
        changes[:] = np.nan
    ranks = [known_ranks(of, node, column) for of in (results, previous)]
    places = Both.of(results, previous).ranks(*ranks)
    both = now.exact_values.reindex(values.index).notna() & then.exact_values.reindex(values.index).notna()
    frame = pd.DataFrame({"unit": values.index, "index": values.to_numpy(), "previous": before.to_numpy()})
    frame["change"] = changes.to_numpy()
    frame["rank"], frame["previous_rank"] = (one.reindex(values.index).to_numpy() for one in ranks)
    frame["places"] = (places[1] - places[0]).reindex(values.index).to_numpy()
    frame["basis"] = np.where(changes.isna(), "", np.where(both, "computed", "published"))
    frame["break_mark"] = broken
    frame = _with_derived(frame, now, then)
    whole = dict.fromkeys(("rank", "previous_rank", "places"), "Int64")
    return frame.astype({"unit": "str", "basis": "str", "break_mark": "bool", **whole})


def _without_previous(ranks: pd.DataFrame) -> pd.DataFrame:
    frame = ranks[["unit", "index", "rank"]].assign(basis="", break_mark=False)
    for name in ("previous", "change"):
        frame[name] = np.nan
    for name in ("previous_rank", "places"):
        frame[name] = pd.Series(pd.NA, frame.index, dtype="Int64")
    columns = ["unit", "index", "previous", "change", "rank", "previous_rank", "places", "basis", "break_mark"]
    return frame[columns].astype({"basis": "str", "break_mark": "bool"})


def _with_derived(frame: pd.DataFrame, now: Level, then: Level) -> pd.DataFrame:
    """Changes between a derived value and another, where no change was printed: known to the range of that value."""
    rests = [{row.unit: row.basis for row in records(of.results.bases) if row.node == of.node} for of in (now, then)]
    derived = frame["unit"].map(lambda unit: "derived" in (rests[0].get(unit), rests[1].get(unit))).astype(bool)
    frame.loc[derived & (frame["basis"] == "computed"), "basis"] = "derived"
    return frame


@dataclass(frozen=True, slots=True)
class Changes:
    """How many units rose, fell or stayed, and how many are ``unknown``: the four add up to ``n_units``.

    ``n_known`` is the number of units whose own change is known. ``basis``: "computed" where that is all of them;
    "printed" where a printed number of rises or falls is used, and what it leaves open is unknown; "known" where the
    known units alone are counted; "" where there are none. ``n_units`` is ``None`` where nothing says how many there
    are.
    """

    up: int
    down: int
    same: int
    unknown: int
    n_known: int
    n_units: int | None
    basis: str


def change_counts(frame: pd.DataFrame, results: Results) -> Changes:
    """Counts of a ``change`` frame over the ranked units: from the units where all are known, else as printed."""
    ranked = set(results.ranked_units)
    known = frame.loc[frame["unit"].isin(ranked), "change"].dropna()
    up, down, same = int((known > 0).sum()), int((known < 0).sum()), int((known == 0).sum())
    number = results.n_ranked
    basis = "known" if len(known) else ""
    if number == len(known):
        basis = "computed" if number else ""
    else:
        printed = Level(results).printed
        places = {word: int(printed[word].value) for word in ("n_rose", "n_fell") if word in printed}
        up, down = places.get("n_rose", up), places.get("n_fell", down)
        basis = "printed" if places else basis
    unknown = 0 if number is None else number - up - down - same
    return Changes(up, down, same, unknown, len(known), number, basis)


# --- regions --------------------------------------------------------------------------------------


def regions(results: Results, previous: Results | None = None) -> pd.DataFrame:
    """One row for every region, in official order; empty for ministries.

    ``region``, ``n`` (provinces), ``n_known``, ``mean``, ``change`` (on the year before), ``minimum``, ``maximum``,
    ``minimum_unit`` and ``maximum_unit`` (the one province that holds it; "" where several do or it is not known),
    ``basis`` and ``change_basis`` ("computed", "printed", "deduced" from two printed means, "" = not known),
    ``conflict`` (what else was printed), ``source_ids``. A mean, a minimum and a maximum are computed only where the
    index of every ranked province of the region is known exactly; else the province ranked first of all is the best of
    its region, the one ranked last the worst.

    >>> regions(tinh.results)"""
    results.check_after(previous)
    rows = _regions_of(results)
    earlier = {} if previous is None else {str(row["region"]): row for row in _regions_of(previous)}
    comparable = previous is None or compares(previous, results)
    for row in rows:
        before = earlier.get(str(row["region"]))
        if isfinite(row["change"]):
            row["change_basis"] = "printed"
        elif before is not None and comparable and isfinite(row["mean"]) and isfinite(before["mean"]):
            row["change"] = difference(row["mean"], before["mean"])
            alone = {row["basis"], before["basis"]} == {"computed"}
            row["change_basis"] = "computed" if alone else "deduced"
            row["conflict"] = row["conflict"] or before["conflict"]
    columns = ["region", "n", "n_known", "mean", "change", "minimum", "maximum", "basis", "change_basis"]
    texts_of = ("minimum_unit", "minimum_units", "maximum_unit", "maximum_units", "conflict", "source_ids")
    frame = pd.DataFrame(rows, columns=[*columns, *texts_of])
    texts = dict.fromkeys(("region", "basis", "change_basis", *texts_of), "str")
    return frame.astype({"n": "int64", "n_known": "int64", "mean": "float64", "change": "float64", **texts})


def _regions_of(results: Results) -> list[dict[str, Any]]:
    if not results.system:
        return []
    level = Level(results)
    listed = [unit for unit in results.units["unit"] if unit in results.incomplete or unit in set(level.ranked)]
    settled = level.n_units == len(level.ranked)
    printed = {row.region: row for row in records(results.printed_regions)}
    rows = []
    for region in units.regions(results.system):
        inside = [unit for unit in listed if units.region_of(unit, results.system) == region.slug]
        values = level.exact_values.reindex(inside)
        row = _printed_region(printed.get(region.slug))
        if settled and inside and values.notna().all():
            row |= {**of_group(values), "basis": "computed", "conflict": "", "source_ids": ""}
        else:
            row |= ends_by_rank(results, inside)
        n_known = int(level.values.reindex(inside).notna().sum())
        rows.append({"region": region.slug, "n": len(inside), "n_known": n_known, "change_basis": "", **row})
    return rows


def ends_by_rank(results: Results, keys: Sequence[str]) -> dict[str, object]:
    """``minimum`` and ``maximum`` of some units and who holds them, as far as known ranks settle them: the one unit
    ranked first of all is the best of its group, the one ranked last the worst."""
    known = rank(results).set_index("unit")
    known = known[known["ranked"] & known["rank"].notna() & known["index"].notna()]
    ranked, number = known["rank"].astype("int64"), results.n_ranked or 0
    values = known["index"].astype("float64")
    matches: dict[str, object] = {}
    for name, place, alone in (("maximum", 1, bool((ranked == 2).any())), ("minimum", number, True)):
        there = [str(unit) for unit in ranked.index[ranked == place] if unit in set(keys)]
        if len(there) == 1 and alone and int((ranked == place).sum()) == 1:
            matches |= {name: float(values[there[0]]), f"{name}_unit": there[0], f"{name}_units": there[0]}
    return matches


def _printed_region(row: Record | None) -> dict[str, Any]:
    """What was printed of a region; a producer without conflicts gives no such column."""
    sentence = of_group(pd.Series(dtype="float64")) | {"basis": "", "conflict": "", "source_ids": ""}
    if row is not None:
        sentence |= {"mean": float(row.mean), "change": float(row.change), "source_ids": str(row.source_ids)}
        sentence |= {"basis": "printed", "conflict": str(getattr(row, "conflict", ""))}
    return sentence


# --- areas and parts ------------------------------------------------------------------------------


def best_and_worst(results: Results) -> pd.DataFrame:
    """The best and the worst unit of the whole index and of every area, where they are settled.

    ``node``, ``n_known``, ``best_unit``, ``best``, ``worst_unit``, ``worst``, ``mean``, ``mean_basis``, ``settled``
    (both units are). A unit is named only where every value is known, or its printed rank or a printed statistic says
    so: the best of a few known units is not the best. ``best_units`` and ``worst_units`` (keys, ";" between) are all
    that tie there, as far as known, in official order, ``best_unit`` and ``worst_unit`` the first of them;
    ``best_shared`` and ``worst_shared`` count them.
    """
    nodes = results.nodes.loc[results.nodes["kind"].isin(["whole", "area"]), "node"]
    rows = [_ends(Level(results, str(node))) for node in nodes]
    columns = ["node", "n_known", "best_unit", "best", "worst_unit", "worst", "mean", "mean_basis", "settled"]
    return pd.DataFrame(rows, columns=[*columns, "best_shared", "worst_shared", "best_units", "worst_units"]).astype(
        {"settled": "bool"}
    )


def _ends(level: Level) -> dict[str, object]:
    figures = Settling(level).settle({})
    mean = figures.get("mean")
    ends = {
        name: _holders(level, position, figures.get(word))
        for name, word, position in (("best", "max", 1), ("worst", "min", level.n_units))
    }
    row: dict[str, object] = {"node": level.node, "n_known": int(level.values.reindex(level.ranked).notna().sum())}
    for name, word in (("best", "max"), ("worst", "min")):
        holders, figure = ends[name], figures.get(word)
        own = level.exact_values.get(holders[0], np.nan) if holders else np.nan
        row |= {
            f"{name}_unit": holders[0] if holders else "",
            name: figure.value if figure is not None else own,
            f"{name}_shared": len(holders),
            f"{name}_units": ";".join(holders),
        }
    row |= {"mean": mean.value if mean else np.nan, "mean_basis": mean.basis if mean else ""}
    return row | {"settled": bool(ends["best"]) and bool(ends["worst"])}


def _holders(level: Level, position: int | None, figure: Statistic | None) -> list[str]:
    """The units that hold the first or the last place, as far as known."""
    if position is None:
        return []
    if level.complete:
        values = level.exact_values
        return [str(unit) for unit in values.index[values == (values.max() if position == 1 else values.min())]]
    exactly = level.ranks["rank_min"].where(level.ranks["rank_min"] == level.ranks["rank_max"])
    holders = [str(unit) for unit in exactly.index[exactly == position]]
    named = [figure.unit] if figure is not None and figure.unit in level.ranked else []
    return holders or named


def parts(results: Results) -> pd.DataFrame:
    """The components of every unit that has any: ``unit``, ``component``, ``points``, ``maximum`` (NaN = not seen)."""
    order: Mapping[str, int] = {
        node: place for place, node in enumerate(results.nodes.loc[results.nodes["kind"] == "component", "node"])
    }
    table = results.table[(results.table["stage"] == results.stage) & results.table["node"].isin(list(order))]
    table = table[table["points"].notna()]
    places = {unit: place for place, unit in enumerate(results.units["unit"])}
    table = table.iloc[np.lexsort([table["node"].map(order).to_numpy(), table["unit"].map(places).to_numpy()])]
    frame = table[["unit", "node", "points", "maximum"]].rename(columns={"node": "component"})
    return frame.assign(component=frame["component"].str.removeprefix("component:")).reset_index(drop=True)


def part_means(frame: pd.DataFrame, results: Results) -> pd.DataFrame:
    """The mean of each component over the ranked units, from a ``parts`` frame: ``component``, ``points`` and
    ``maximum`` (means), ``differs`` (the maximum is not the same for all: of some a criterion does not apply). Empty
    where the points of one ranked unit are not known in one of them.
    """
    ranked = frame[frame["unit"].isin(results.ranked_units) & frame["points"].notna()]
    groups = ranked.groupby("component", sort=False)
    if (groups.size() != results.n_ranked).any():
        groups = ranked.iloc[:0].groupby("component", sort=False)
    most = groups["maximum"]
    means = groups[["points", "maximum"]].mean()
    return means.assign(differs=most.max() - most.min() > _TINY).reset_index()


# --- where a change comes from --------------------------------------------------------------------


By = Literal["tree", "component"]


def change_parts(
    results: Results,
    previous: Results,
    *,
    by: By = "tree",
    within: str = WHOLE,
    column: Column = "index",
    mapping: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The change of every unit, split over the children of ``within`` (``by`` "tree": of the whole, its areas) or over
    the components.

    ``unit``, ``node``, ``kind`` ("part", "entering", "leaving", "remainder"), ``index``, ``previous``, ``share`` and
    ``previous_share`` (of the maximum, in percent), ``performance`` (the node did better or worse, at the mean of both
    shares), ``reweighting`` (its share grew or shrank while it lay above or below the whole), ``contribution`` (both
    together), ``total`` (the change of ``within``), ``break_mark``.

    With ``column`` "index" all are percentage points of ``within``, with "points" points. For every unit whose total
    is known, the contributions add up to it: what no part accounts for (parts that are not known, printed values that
    were rounded one by one) stands in a row of its own, "remainder". Where no maximum changed, reweighting is 0 and a
    contribution is the change of points over the maximum.

    Nodes are matched by code; where the scale changed in between, by code and name, or by ``mapping`` (code now to
    code before). A node of one year only enters or leaves: nothing of it is performance. Where values of the two
    years do not compare (see ``change``) nothing is known.
    """
    results.check_after(previous)
    named(by, ("tree", "component"), Message("division"))
    pairs = _matched(results, previous, by, within, mapping)
    keys = [str(unit) for unit in results.units["unit"]]
    total = _total(results, previous, within, column, keys)
    broken = breaks_between(previous, results)
    now = _Side.of(results, keys, [pair[0] for pair in pairs], within)
    then = _Side.of(previous, keys, [pair[1] for pair in pairs], within)
    performance, reweighting = _split(now, then, column, broken)
    if not compares(previous, results):
        performance[:], reweighting[:] = np.nan, np.nan
    contribution = performance + reweighting
    kinds = ["entering" if not old else "leaving" if not new else "part" for new, old in pairs]
    n_units, n_nodes = contribution.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.array(keys, dtype=object), n_nodes),
            "node": [new or old for new, old in pairs] * n_units,
            "kind": kinds * n_units,
            "index": now.index.ravel(),
            "previous": then.index.ravel(),
            "share": 100 * now.share.ravel(),
            "previous_share": 100 * then.share.ravel(),
            "performance": performance.ravel(),
            "reweighting": reweighting.ravel(),
            "contribution": contribution.ravel(),
            "total": np.repeat(total, n_nodes),
        }
    )
    frame = _with_remainders(frame, keys, total, contribution)
    numbers = frame.columns[3:]
    frame[numbers] = exact(frame[numbers].to_numpy())
    return frame.assign(break_mark=broken).astype({"unit": "str", "node": "str", "kind": "str", "break_mark": "bool"})


def change_of_mean_by_part(parts: pd.DataFrame, results: Results, previous: Results) -> pd.DataFrame:
    """The contribution of each node to the change of the mean, over the units that are ranked in both years.

    ``node``, ``kind``, ``n``, ``n_known``, ``performance``, ``reweighting``, ``contribution``, ``total``: means over
    the units of a ``change_parts`` frame. ``total`` is the mean of the units' totals. A mean is known only where every
    one of its units is; what the known ones leave of the total stands in the row "remainder".
    """
    both = set(results.ranked_units) & set(previous.ranked_units)
    rows = parts[parts["unit"].isin(both)]
    totals = rows.drop_duplicates("unit")["total"]
    total = float(exact(totals.mean(skipna=False))) if len(totals) else np.nan
    matches = []
    for (node, kind), group in rows[rows["kind"] != "remainder"].groupby(["node", "kind"], sort=False):
        means = group[["performance", "reweighting", "contribution"]].mean(skipna=False)
        n_known = int(group["contribution"].notna().sum())
        matches.append((node, kind, len(both), n_known, *exact(means.to_numpy(dtype=np.float64)), total))
    names = ["node", "kind", "n", "n_known", "performance", "reweighting", "contribution", "total"]
    frame = pd.DataFrame(matches, columns=names)
    rest = float(exact(total - frame["contribution"].sum()))
    if np.isfinite(rest) and (frame["contribution"].isna().any() or abs(rest) > _TINY):
        row = ("", "remainder", len(both), int(totals.notna().sum()), np.nan, np.nan, rest, total)
        frame = pd.concat([frame, pd.DataFrame([row], columns=names)], ignore_index=True)
    return frame


@dataclass(frozen=True, eq=False)
class _Side:
    """One year: index, points and maximum of the nodes (units x nodes) and of the node they are within (units x 1)."""

    index: Floats
    points: Floats
    maximum: Floats
    whole_index: Floats
    whole_maximum: Floats

    @property
    def share(self) -> Floats:
        """The part of each node in the maximum."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.whole_maximum > 0, self.maximum / self.whole_maximum, np.nan)

    @classmethod
    def of(cls, results: Results, keys: list[str], nodes: list[str], within: str) -> _Side:
        """``nodes`` with "" where the year has no such node: it has the maximum 0 then."""
        index, points, maximum = node_cells(results, keys, nodes)
        gone = np.array([node == "" for node in nodes], dtype=bool)
        index[:, gone], points[:, gone], maximum[:, gone] = np.nan, 0.0, 0.0
        whole_index, _, whole_maximum = node_cells(results, keys, [within])
        return cls(index, points, maximum, whole_index, whole_maximum)


def _split(now: _Side, then: _Side, column: Column, broken: bool) -> tuple[Floats, Floats]:
    """Performance and reweighting of every node: the product of share and index, split at the mean of both years."""
    new, old = now.index, then.index
    # A node that has no points to reach in one year has no index there: nothing of its contribution is performance.
    new, old = np.where(now.maximum == 0, old, new), np.where(then.maximum == 0, new, old)
    if column == "points":
        weights, base = (now.maximum / 100, then.maximum / 100), np.zeros_like(now.whole_index)
    else:
        # Shares sum to 1 in both years, so what grows is measured against the whole at the expense of which it grows.
        weights, base = (now.share, then.share), (now.whole_index + then.whole_index) / 2
    performance = (weights[0] + weights[1]) / 2 * (new - old)
    reweighting = np.where(weights[0] == weights[1], 0.0, ((new + old) / 2 - base) * (weights[0] - weights[1]))
    nowhere = (now.maximum == 0) & (then.maximum == 0)
    performance[nowhere], reweighting[nowhere] = 0.0, 0.0
    if not broken:
        # A node whose maximum was never printed keeps it as long as the scale does.
        unstated = np.isnan(now.maximum) & np.isnan(then.maximum) & (now.whole_maximum == then.whole_maximum)
        unit = np.ones_like(now.whole_maximum) if column == "points" else 100 / now.whole_maximum
        performance = np.where(unstated, unit * (now.points - then.points), performance)
        reweighting = np.where(unstated & ~np.isnan(performance), 0.0, reweighting)
    return performance, reweighting


def _total(results: Results, previous: Results, within: str, column: Column, keys: list[str]) -> Floats:
    """The change of ``within`` as ``change`` has it; of units that are not ranked, from the values of both years."""
    total = change(results, previous, within, column).set_index("unit")["change"].reindex(keys)
    if compares(previous, results):
        now, then = Level(results, within, column), Level(previous, within, column)
        own = (now.values - then.values.reindex(now.values.index)).reindex(keys)
        total = total.fillna(own[~own.index.isin([*now.ranges, *then.ranges])])
    return np.asarray(exact(total.to_numpy(dtype=np.float64)))


def _with_remainders(frame: pd.DataFrame, keys: list[str], total: Floats, contribution: Floats) -> pd.DataFrame:
    """``frame`` with a row for every unit whose known contributions do not make up its change."""
    rest = total - np.where(np.isnan(contribution), 0.0, contribution).sum(axis=1)
    needed = np.isfinite(rest) & (np.isnan(contribution).any(axis=1) | (np.abs(rest) > _TINY))
    if not needed.any():
        return frame
    rows = pd.DataFrame(
        {
            "unit": np.array(keys, dtype=object)[needed],
            "node": "",
            "kind": "remainder",
            "contribution": rest[needed],
            "total": total[needed],
        }
    ).reindex(columns=frame.columns)
    numbers = dict.fromkeys(frame.columns[3:], "float64")
    both = pd.concat([frame, rows.astype(numbers)], ignore_index=True)
    places = {unit: place for place, unit in enumerate(keys)}
    return both.sort_values("unit", key=lambda units: units.map(places), kind="stable").reset_index(drop=True)


def _matched(
    results: Results, previous: Results, by: By, within: str, mapping: Mapping[str, str] | None
) -> list[tuple[str, str]]:
    """Pairs of a code now and its code before, in the order of this year's nodes; "" where a year has none."""
    now, then = _children(results, by, within), _children(previous, by, (mapping or {}).get(within, within))
    if mapping is not None:
        _check_mapping(mapping, results, previous)
        matched = {new: old for new, old in mapping.items() if new in now and old in then}
    elif breaks_between(previous, results):
        matched = {code: code for code, name in now.items() if fold(then.get(code, "")) == fold(name)}
    else:
        matched = {code: code for code in now if code in then}
    pairs = [(code, matched.get(code, "")) for code in now]
    return pairs + [("", code) for code in then if code not in set(matched.values())]


def _children(results: Results, by: By, within: str) -> dict[str, str]:
    """The nodes that a whole is made of, with their names."""
    nodes = results.nodes
    if within not in set(nodes["node"]):
        raise ParameterError(not_a_node(results, within))
    is_component = nodes["kind"] == "component"
    if by == "component":
        if within != WHOLE:
            raise ParameterError("only the whole splits into components")
        chosen = nodes[is_component]
    else:
        chosen = nodes[~is_component & (nodes["parent"] == within) & (nodes["node"] != WHOLE)]
    return {str(node): str(name) for node, name in zip(chosen["node"], chosen["name"], strict=True)}


def _check_mapping(mapping: Mapping[str, str], results: Results, previous: Results) -> None:
    """Raise every code of ``mapping`` that its year does not have, and every code before that is meant twice."""
    problems = []
    for side, codes in ((results, list(mapping)), (previous, list(mapping.values()))):
        listed = set(side.nodes["node"])
        problems += [not_a_node(side, code) for code in codes if code not in listed]
    old = list(mapping.values())
    problems += [
        Problem("two nodes map to one before", value=code) for code in dict.fromkeys(old) if old.count(code) > 1
    ]
    ParameterError.raise_for(problems)


# --- what units and regions add to the change of the mean -----------------------------------------


def contributions(
    results: Results,
    previous: Results,
    *,
    node: str = WHOLE,
    column: Column = "index",
    weights: pd.Series | None = None,
) -> pd.DataFrame:
    """What each unit adds to the change of the mean over the ranked units.

    ``unit``, ``region`` ("" for ministries), ``kind``, ``weight`` (its part in the mean; of "leaving" units that of
    the year before), ``value``, ``previous``, ``change``, ``contribution``, ``mean_change`` (the total) and
    ``break_mark``.

    ``kind``: "unit" is ranked in both years and adds its weight times its change; "entering" is ranked this year only
    and adds its weight times its distance from this year's mean of the units of both years; "leaving" was ranked the
    year before only and takes away likewise. These add up to the change of the mean. Where some changes are not known
    but the change of the mean is (printed, or deduced from print), the row "remainder" holds what the others add.
    ``weights`` by unit (population) make it a weighted mean; they are the same in both years.
    """
    results.check_after(previous)
    now, then = Level(results, node, column), Level(previous, node, column)
    rows = _Rows.of(now, then, weights)
    total = _mean_change(now, then, rows, weights)
    frame = pd.concat([rows.both(), rows.entering(), rows.leaving()], ignore_index=True)
    if not compares(previous, results) or not rows.settled:
        frame["contribution"] = np.nan
    if np.isfinite(total):
        rest = total - frame["contribution"].sum()
        if frame["contribution"].isna().any() or abs(rest) > _TINY:
            remainder = pd.DataFrame({"unit": [""], "kind": ["remainder"], "contribution": [rest]})
            frame = pd.concat([frame, remainder.reindex(columns=frame.columns).astype(dict(frame.dtypes))])
    numbers = ["weight", "value", "previous", "change", "contribution"]
    frame[numbers] = exact(frame[numbers].to_numpy(dtype=np.float64))
    frame = frame.reset_index(drop=True).assign(
        region=[units.region_of(unit, results.system) if unit and results.system else "" for unit in frame["unit"]],
        mean_change=total,
        break_mark=breaks_between(previous, results),
    )
    columns = ["unit", "region", "kind", *numbers, "mean_change", "break_mark"]
    return frame[columns].astype({"unit": "str", "region": "str", "kind": "str", "break_mark": "bool"})


def region_contributions(frame: pd.DataFrame, system: str) -> pd.DataFrame:
    """What each region adds to the change of the mean: the sums of a ``contributions`` frame.

    ``region``, ``kind`` ("region", "remainder"), ``n`` (units ranked in both years), ``n_known`` of them, ``entering``
    and ``leaving`` (numbers of units), ``mean_change_inside`` (of the region's own units of both years, weighted as in
    the frame), ``contribution``. A sum is known only where every one of its terms is; the known ones add up with the
    remainder to the change of the mean.
    """
    rows: list[tuple[object, ...]] = []
    for region in units.regions(system):
        inside = frame[frame["region"] == region.slug]
        own = inside[inside["kind"] == "unit"]
        weight, added = own["weight"].sum(), own["contribution"].sum(skipna=False)
        entering, leaving = (int((inside["kind"] == kind).sum()) for kind in ("entering", "leaving"))
        mean_inside = added / weight * frame.loc[frame["kind"] == "unit", "weight"].sum() if weight else np.nan
        rows.append(
            (
                *(region.slug, "region", len(own), int(own["contribution"].notna().sum()), entering, leaving),
                *(mean_inside, inside["contribution"].sum(skipna=False) if len(inside) else 0.0),
            )
        )
    names = ["region", "kind", "n", "n_known", "entering", "leaving", "mean_change_inside", "contribution"]
    table = pd.DataFrame(rows, columns=names)
    total = frame["mean_change"].iloc[0] if len(frame) else np.nan
    rest = total - table["contribution"].sum()
    if np.isfinite(rest) and (table["contribution"].isna().any() or abs(rest) > _TINY):
        table.loc[len(table)] = ["", "remainder", 0, 0, 0, 0, np.nan, rest]
    numbers = ["mean_change_inside", "contribution"]
    table[numbers] = exact(table[numbers].to_numpy(dtype=np.float64))
    return table.astype({"region": "str", "kind": "str", "n": "int64", "n_known": "int64"})


@dataclass(frozen=True, eq=False)
class _Rows:
    """The units of both years, of this year only and of the year before only, with their values and weights."""

    new: pd.Series
    old: pd.Series
    changes: pd.Series
    weights: pd.Series
    listed: bool
    settled: bool

    @classmethod
    def of(cls, now: Level, then: Level, weights: pd.Series | None) -> _Rows:
        new, old = now.exact_values, then.exact_values
        keys = list(dict.fromkeys([*new.index, *old.index]))
        given = pd.Series(1.0, index=keys) if weights is None else weights.astype("float64").reindex(keys)
        weight = given.where(given > 0)  # a weight of nothing is not known
        # A mean over units that are not all listed has no known weights.
        listed = now.n_units == len(now.ranked) and then.n_units == len(then.ranked)
        settled = listed and bool(weight.notna().all())
        return cls(new, old, known_changes(now, then), weight, listed, settled)

    @property
    def shared(self) -> list[str]:
        return [unit for unit in self.new.index if unit in self.old.index]

    def both(self) -> pd.DataFrame:
        keys = self.shared
        weight = self.weights[keys] / self.weights[keys].sum(skipna=False) if keys else self.weights[keys]
        changes = self.changes.reindex(keys)
        return self._frame(keys, "unit", weight, weight * changes).assign(change=changes.to_numpy())

    def entering(self) -> pd.DataFrame:
        return self._apart(self.new, "entering", 1.0)

    def leaving(self) -> pd.DataFrame:
        return self._apart(self.old, "leaving", -1.0)

    def mean(self, values: pd.Series) -> float:
        """The weighted mean; NaN where a value or a weight is not known."""
        weight = self.weights[values.index]
        return float((values * weight).sum(skipna=False) / weight.sum(skipna=False)) if len(values) else np.nan

    def _apart(self, values: pd.Series, kind: str, sign: float) -> pd.DataFrame:
        keys = [unit for unit in values.index if unit not in set(self.shared)]
        weight = self.weights[keys] / self.weights[values.index].sum(skipna=False)
        return self._frame(keys, kind, weight, sign * weight * (values[keys] - self.mean(values[self.shared])))

    def _frame(self, keys: list[str], kind: str, weight: pd.Series, added: pd.Series) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "unit": np.array(keys, dtype=object),
                "kind": np.array([kind] * len(keys), dtype=object),
                "weight": weight.to_numpy(dtype=np.float64),
                "value": self.new.reindex(keys).to_numpy(dtype=np.float64),
                "previous": self.old.reindex(keys).to_numpy(dtype=np.float64),
                "change": np.full(len(keys), np.nan),
                "contribution": added.to_numpy(dtype=np.float64),
            }
        )


def _mean_change(now: Level, then: Level, rows: _Rows, weights: pd.Series | None) -> float:
    """The change of the mean: from all units, else as printed or deduced; NaN where nothing settles it."""
    if not compares(then.results, now.results) or not rows.listed:
        return np.nan
    if now.complete and then.complete:
        return float(exact(rows.mean(rows.new) - rows.mean(rows.old)))
    if weights is not None or set(rows.new.index) != set(rows.old.index):
        return np.nan
    result = statistics(now.results, then.results, node=now.node, column=now.column).set_index("statistic")["value"]
    return float(result["mean_change"])


# --- changes of rank ------------------------------------------------------------------------------


def change_of_rank(results: Results, previous: Results, node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
    """The places that every unit won or lost, split into what its own change did and what that of the others did.

    ``unit``, ``previous_rank``, ``rank`` (each among the units ranked in its year), ``places`` (moved up: positive,
    among the units ranked in both years), ``own``, ``others``, ``rank_if_own`` (its new value among the old values of
    the others), ``rank_if_others`` (its old value among their new ones), ``break_mark``. ``own + others = places``.

    ``own`` is the mean of what its change does when it moves first and when it moves last, ``others`` likewise, so
    halves occur. The ranks are computed, so everything is missing unless the value of every unit that is ranked in
    either year is known, and where values of the two years do not compare.
    """
    results.check_after(previous)
    now, then = Level(results, node, column), Level(previous, node, column)
    frame = pd.DataFrame({"unit": [str(unit) for unit in results.units["unit"]]})
    split = _rank_split(now, then) if now.complete and then.complete and compares(previous, results) else None
    names = ("previous_rank", "rank", "places", "own", "others", "rank_if_own", "rank_if_others")
    for name in names:
        frame[name] = np.nan if split is None else frame["unit"].map(split[name]).astype("float64")
    whole = dict.fromkeys(("previous_rank", "rank", "places", "rank_if_own", "rank_if_others"), "Int64")
    return frame.assign(break_mark=breaks_between(previous, results)).astype({"unit": "str", **whole})


def _rank_split(now: Level, then: Level) -> pd.DataFrame:
    """The columns of ``change_of_rank`` for the units that are ranked in both years, and their ranks in one."""
    new, old = now.exact_values, then.exact_values
    ranks = [pd.Series(competition_ranks(values.to_numpy()), index=values.index) for values in (old, new)]
    both = [unit for unit in new.index if unit in set(old.index)]
    x0, x1 = old.loc[both].to_numpy(), new.loc[both].to_numpy()
    first, last = _places_among(x0, x0), _places_among(x1, x1)
    if_own, if_others = _places_among(x1, x0), _places_among(x0, x1)
    split = pd.DataFrame(
        {
            "previous_rank": ranks[0].loc[both],
            "rank": ranks[1].loc[both],
            "own": ((first - if_own) + (if_others - last)) / 2,
            "others": ((first - if_others) + (if_own - last)) / 2,
            "rank_if_own": if_own,
            "rank_if_others": if_others,
        },
        index=pd.Index(both, dtype="object"),
    )
    split["places"] = first - last
    one_year = pd.DataFrame({"previous_rank": ranks[0].drop(both), "rank": ranks[1].drop(both)})
    return pd.concat([split, one_year.reindex(columns=split.columns)]) if len(one_year) else split


def _places_among(values: Floats, others: Floats) -> Floats:
    """The place of each value when all other units have the values in ``others``: 1 + the number above it."""
    above = others[None, :] > values[:, None]
    np.fill_diagonal(above, False)
    return np.asarray(1.0 + above.sum(axis=1))


def crossings(
    results: Results, previous: Results, unit: str, node: str = WHOLE, column: Column = "index"
) -> pd.DataFrame:
    """Whom a unit passed and who passed it, among the units ranked in both years with a known value.

    ``unit`` (the other), ``relation`` ("passed", "caught_up" with it, "pulled_ahead" of a tie, "passed_by",
    "caught_up_by", "fell_behind" from a tie), ``places`` (+1, 0, -1 for the rank of ``unit``), ``previous_difference``
    and ``difference`` (own value less the other's), in the order of the differences. The places add up to those won
    among these units.
    """
    results.check_after(previous)
    now, then = (Level(of, node, column).exact_values for of in (results, previous))
    if unit not in set(results.units["unit"]):
        raise ParameterError(not_a_unit(results, unit))
    both = now.dropna().index.intersection(then.dropna().index)
    columns = ["unit", "relation", "places", "previous_difference", "difference"]
    if unit not in both or not compares(previous, results):
        return _crossing_types(pd.DataFrame(columns=columns))
    after, before = exact(now[unit] - now[both].to_numpy()), exact(then[unit] - then[both].to_numpy())
    frame = pd.DataFrame({"unit": both, "previous_difference": before, "difference": after})
    signs = list(zip(np.sign(before), np.sign(after), strict=True))
    frame["relation"] = [_RELATIONS.get(pair, ("", 0))[0] for pair in signs]
    frame["places"] = [_RELATIONS.get(pair, ("", 0))[1] for pair in signs]
    frame = frame[frame["relation"] != ""].sort_values("difference", ascending=False, kind="stable")
    return _crossing_types(frame[columns].reset_index(drop=True))


#: The signs of the difference before and after, what it is called and the places it is worth.
_RELATIONS: Mapping[tuple[float, float], tuple[str, int]] = {
    (-1, 1): ("passed", 1),
    (-1, 0): ("caught_up", 1),
    (0, 1): ("pulled_ahead", 0),
    (1, -1): ("passed_by", -1),
    (0, -1): ("fell_behind", -1),
    (1, 0): ("caught_up_by", 0),
}


def _crossing_types(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {"previous_difference": "float64", "difference": "float64"}
    return frame.astype({"unit": "str", "relation": "str", "places": "int64", **numbers})
