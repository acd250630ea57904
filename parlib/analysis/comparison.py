"""Comparison of a year's results: with the year before, across regions, areas and parts; only what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import numpy as np
import pandas as pd

from parlib.analysis.pairing import known_ranks
from parlib.scoring import units
from parlib.scoring.ranking import breaks_between, compares, known_changes, rank
from parlib.scoring.results import WHOLE, Results, records
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.settled import Both, Column, Level, Settling, Statistic, difference, extremes

__all__ = ["Changes", "best_and_worst", "change", "change_counts", "parts", "regions"]


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
    where the scale changed in between, else ""), ``both`` ("59": how many are ranked in both years, where that is
    not all of them; "?" where it is not known; else ""), and ``came`` and ``went``: the units ranked in this year only
    and in the year before only (keys, ";" between them; none where a year does not list all that are ranked).
    """
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
        told = {word: int(printed[word].value) for word in ("n_rose", "n_fell") if word in printed}
        up, down = told.get("n_rose", up), told.get("n_fell", down)
        basis = "printed" if told else basis
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
    """
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
    if not results.system or results.level != "province":
        return []
    level = Level(results)
    listed = [unit for unit in results.units["unit"] if unit in level.incomplete or unit in set(level.ranked)]
    settled = level.n_units == len(level.ranked)
    printed = {row.region: row for row in records(results.printed_regions)}
    rows = []
    for region in units.regions(results.system):
        inside = [unit for unit in listed if units.region_of(unit, results.system) == region.slug]
        values = level.exact_values.reindex(inside)
        row = _printed_region(printed.get(region.slug))
        if settled and inside and values.notna().all():
            row |= {"mean": float(exact(values.mean())), "change": nan, "basis": "computed"}
            row |= {"conflict": "", "source_ids": "", **extremes(values)}
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
    found: dict[str, object] = {}
    for name, place, alone in (("maximum", 1, bool((ranked == 2).any())), ("minimum", number, True)):
        there = [str(unit) for unit in ranked.index[ranked == place] if unit in set(keys)]
        if len(there) == 1 and alone and int((ranked == place).sum()) == 1:
            found |= {name: float(values[there[0]]), f"{name}_unit": there[0], f"{name}_units": there[0]}
    return found


def _printed_region(row: Any) -> dict[str, Any]:
    """What was printed of a region; a producer without conflicts gives no such column."""
    told: dict[str, Any] = {"mean": nan, "change": nan, **extremes(pd.Series(dtype="float64"))}
    told |= {"basis": "", "conflict": "", "source_ids": ""}
    if row is not None:
        told |= {"mean": float(row.mean), "change": float(row.change), "source_ids": str(row.source_ids)}
        told |= {"basis": "printed", "conflict": str(getattr(row, "conflict", ""))}
    return told


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
