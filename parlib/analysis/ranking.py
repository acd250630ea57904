"""Ranks, groups and gaps of the units of one year: printed or computed, and bounds where only they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, isfinite, nan

import numpy as np
import pandas as pd
from pandas.arrays import BooleanArray

from parlib.analysis.bounds import BOTTOM, TOP, Counts, Threshold, at
from parlib.analysis.settling import Column, Level, Settling, Statistic, difference, rows_of
from parlib.analysis.statistics import statistics, statistics_table
from parlib.results import INDEX_COLUMNS, WHOLE, Results
from parlib.scoring import competition_ranks, exact

__all__ = ["Coverage", "bands", "coverage", "index_tables", "rank", "statistics", "statistics_table", "with_ranks"]

_AREA_KINDS = ("area", "criterion", "subcriterion")


def rank(results: Results, node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
    """One row for every unit of ``results.units``, in official order.

    ``unit``, ``ranked``, ``index`` (of ``column``), ``rank`` (missing = not known, or not ranked), ``rank_min``,
    ``rank_max``, ``rank_basis``, ``basis`` of the index, ``index_min``, ``index_max`` (what it can be), ``band`` (""
    = not known), ``gap_above`` and ``gap_below`` (to the next better and the next worse rank), ``gap_to_first``,
    ``above_mean`` (missing = not known). Ranks are computed only where the value of every ranked unit is known;
    where it is not, the known ranks and values still bound the others, and a rank whose bounds meet is "derived".
    ``value`` is the whole or the node as its publisher prints it (``Results.scale``: PAPI in points, not in percent of
    the maximum as ``index``). ``attrs`` say what the frame is of: see ``Results.about``.
    """
    key = ("rank", node, column)
    if key not in results.memo:
        results.memo[key] = _ranked(results, node, column)
    return results.memo[key].copy()


def _ranked(results: Results, node: str, column: Column) -> pd.DataFrame:
    level = Level(results, node, column)
    figures = Settling(level).settle({})
    settled = level.complete and not level.ranks["rank_min"].isna().any()
    counts = None if settled else level.counts({word: figure.value for word, figure in figures.items()})
    known = zip(level.ranks.index, *(level.ranks[name] for name in ("rank_min", "rank_max", "rank_basis")), strict=True)
    held = {str(unit): (float(least), float(most), str(basis)) for unit, least, most, basis in known}
    rows = [_row(level, counts, unit, held.get(unit) if is_ranked else None) for unit, is_ranked in _listed(results)]
    frame = pd.DataFrame(rows, columns=["unit", "ranked", "rank_min", "rank_max", "rank_basis", "low", "high"])
    frame["index"] = level.values.reindex(frame["unit"]).to_numpy()
    frame["rank"] = frame["rank_min"].where(frame["rank_min"] == frame["rank_max"])
    frame["basis"] = _basis(results, node, frame)
    frame["band"] = [_band(results, *span) if node == WHOLE and column == "index" else "" for span in _spans(frame)]
    frame["index_min"] = [low[0] if isfinite(low[0]) else np.nan for low in frame["low"]]
    frame["index_max"] = [high[0] if isfinite(high[0]) else np.nan for high in frame["high"]]
    frame["above_mean"] = _above_mean(figures, frame)
    whole = dict.fromkeys(("rank", "rank_min", "rank_max"), "Int64")
    frame = frame.assign(**_gaps(level, counts, frame)).astype({"unit": "str", "ranked": "bool", **whole})
    columns = ["unit", "ranked", "index", "rank", "rank_min", "rank_max", "rank_basis", "basis"]
    columns += ["index_min", "index_max", "band", "gap_above", "gap_below", "gap_to_first", "above_mean", "value"]
    frame["value"] = Level(results, node, results.scale.column).values.reindex(frame["unit"]).to_numpy()
    frame = frame[columns]
    frame.attrs = results.about(node)
    return frame


def _listed(results: Results) -> list[tuple[str, bool]]:
    return [(str(unit), bool(ranked)) for unit, ranked in results.units[["unit", "ranked"]].itertuples(index=False)]


def _row(level: Level, counts: Counts | None, unit: str, held: tuple[float, float, str] | None) -> tuple[object, ...]:
    """Rank bounds and the span of the value of one unit, from what is known of it (``held``; none where it is not
    ranked) and of all others."""
    low, high = level.span(unit)
    if held is None:
        return unit, False, np.nan, np.nan, "", low, high
    rank_min, rank_max, basis = held
    known = isfinite(rank_min)
    best, worst = (int(rank_min), int(rank_max)) if known else (1, level.n_units or 0)
    if counts is not None and (known or (low, high) != (BOTTOM, TOP)):
        bounded = counts.ranks(low, high)
        if best != worst:
            best, worst = max(best, bounded[0]), min(worst, bounded[1])
        low, high = max(low, counts.place(worst)[0]), min(high, counts.place(best)[1])
        known = known or (best, worst) != (1, level.n_units)
    if not known:
        return unit, True, np.nan, np.nan, "", low, high
    printed = str(basis) if (best, worst) == (rank_min, rank_max) else "derived"
    return unit, True, best, worst, printed or "derived", low, high


def _spans(frame: pd.DataFrame) -> list[tuple[Threshold, Threshold]]:
    return list(zip(frame["low"], frame["high"], strict=True))


def _basis(results: Results, node: str, frame: pd.DataFrame) -> list[str]:
    """What each value rests on: as its source says, else computed."""
    bases = results.bases[results.bases["node"] == node].set_index("unit")["basis"]
    return [
        str(bases.get(unit, "computed" if isfinite(value) else ""))
        for unit, value in zip(frame["unit"], frame["index"], strict=True)
    ]


def _band(results: Results, low: Threshold, high: Threshold) -> str:
    """The group that a value surely lies in."""
    ceiling = inf
    for name, bound in results.bands.items():
        if low >= at(bound) and high <= at(ceiling):
            return str(name)
        ceiling = bound
    return ""


def _above_mean(figures: Mapping[str, Statistic], frame: pd.DataFrame) -> BooleanArray:
    """Whether each value is above the mean, by their number (they hold the first places) or by the mean itself."""
    number, mean = figures.get("n_above_mean"), figures.get("mean")
    ends = zip(frame["rank_min"], frame["rank_max"], _spans(frame), strict=True)
    sides = [_above(number, best, worst, mean, *span) for best, worst, span in ends]
    return pd.array(sides, dtype="boolean")


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
    return False if high <= (float(exact(mean.value - off)), 1) else None


def _gaps(level: Level, counts: Counts | None, frame: pd.DataFrame) -> dict[str, list[float]]:
    """The distances to the next better rank, the next worse one and the first, where both values are settled."""
    gaps: dict[str, list[float]] = {"gap_above": [], "gap_below": [], "gap_to_first": []}
    size = frame.loc[frame["ranked"], "rank"].value_counts()

    def value_at(position: int) -> float:
        if level.complete:
            return level.falling[position - 1] if 1 <= position <= len(level.falling) else nan
        inside = counts is not None and 1 <= position <= counts.n_units
        value = counts.value_at(position) if counts is not None and inside else None
        return nan if value is None else value

    for unit, place in zip(frame["unit"], frame["rank"], strict=True):
        own = float(level.exact_values.get(unit, nan))
        above = below = first = nan
        if isfinite(place) and isfinite(own):
            follower = int(place) + int(size[place])
            above, first, below = value_at(int(place) - 1), value_at(1), value_at(follower)
            if below == own and follower not in size.index:
                below = nan  # the follower may share the rank: a unit of which the rank is not known
        gaps["gap_above"].append(difference(above, own))
        gaps["gap_below"].append(difference(own, below))
        gaps["gap_to_first"].append(difference(first, own))
    return gaps


# --- groups and coverage ------------------------------------------------------------------------


def bands(results: Results) -> pd.DataFrame:
    """The number of units in each group: ``band``, ``lower`` (its bound), ``n`` (missing = not settled), ``n_min``,
    ``n_max``, ``basis`` ("computed" from the units, "deduced" where printed figures are needed, "" = not settled)."""
    level = Level(results)
    figures = {word: figure.value for word, figure in Settling(level).settle({}).items()}
    knowledge = [("computed", level.counts()), ("deduced", level.counts(figures))]
    rows: list[tuple[object, ...]] = []
    ceiling = TOP
    for name, bound in results.bands.items():
        least, most, basis = 0, level.n_units, ""
        for label, counts in knowledge:
            if counts is not None and not basis:
                least, most = counts.between(at(bound), ceiling)
                basis = label if least == most else ""
        rows.append((name, bound, least if basis else None, least, most, basis))
        ceiling = at(bound)
    frame = pd.DataFrame(rows, columns=["band", "lower", "n", "n_min", "n_max", "basis"])
    types = {"band": "str", "lower": "float64", "n": "Int64", "n_min": "Int64", "n_max": "Int64", "basis": "str"}
    return frame.astype(types)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much is known: "n_known of n_expected units".

    ``n_expected`` are the ranked units, and those not ranked only because a value is missing; ``None`` where nothing
    says how many there are. ``n_ranks`` counts known ranks, ``n_ranges`` units of which only bounds of the index or
    the rank are known, ``n_apart`` units assessed apart and not ranked.
    """

    n_known: int
    n_ranks: int
    n_ranges: int
    n_expected: int | None
    n_ranked: int | None
    n_apart: int

    @property
    def complete(self) -> bool:
        """Whether the index of every expected unit is known."""
        return self.n_known == self.n_expected


def coverage(results: Results) -> Coverage:
    """How many units have an index and a rank, out of how many."""
    level = Level(results)
    apart = set(results.units["unit"]) - set(level.ranked)
    incomplete = apart & level.incomplete
    known = level.values.reindex(level.ranked).notna()
    ranked = (level.ranks["rank_min"] == level.ranks["rank_max"]).to_numpy()
    ranges = {unit for unit in level.sightings if not known[unit]} - set(level.ranks.index[ranked])
    number = level.n_units
    return Coverage(
        n_known=int(known.sum()),
        n_ranks=int(ranked.sum()),
        n_ranges=len(ranges),
        n_expected=None if number is None else number + len(incomplete),
        n_ranked=number,
        n_apart=len(apart - incomplete),
    )


# --- the index table with its ranks -------------------------------------------------------------


def with_ranks(results: Results) -> pd.DataFrame:
    """The index table with ``rank`` and ``band``, for people: units in order of rank, then those without one.

    Every unit has its row of the whole index, empty where nothing is known. Parts of the index have the printed rank,
    or a computed one where every ranked unit has its value; only the whole index has a group.
    """
    ranked = rank(results)
    table = results.table[results.table["stage"] == results.stage]
    missing = ranked.loc[~ranked["unit"].isin(table.loc[table["node"] == WHOLE, "unit"]), "unit"]
    if len(missing):
        keys = {"year": results.year, "level": results.level, "node": WHOLE, "stage": results.stage}
        empty = pd.DataFrame({"unit": missing, **keys}).reindex(columns=list(INDEX_COLUMNS))
        table = pd.concat([table, empty.astype(dict(table.dtypes))], ignore_index=True)
    order = ranked.assign(place=np.arange(len(ranked))).sort_values(["rank", "place"], na_position="last")
    by_unit = {unit: place for place, unit in enumerate(order["unit"])}
    by_node = {node: place for place, node in enumerate(results.nodes["node"])}
    places = table["unit"].map(by_unit), table["node"].map(by_node)
    table = table.iloc[np.lexsort([place.fillna(len(table)).to_numpy() for place in reversed(places)])]
    ranks = _part_ranks(results)
    ranks |= {(row.unit, WHOLE): int(row.rank) for row in rows_of(ranked) if row.rank is not pd.NA}
    groups = dict(zip(ranked["unit"], ranked["band"], strict=True))
    keys_of: list[tuple[str, str]] = list(zip(table["unit"], table["node"], strict=True))
    bands_of = [groups.get(unit, "") if node == WHOLE else "" for unit, node in keys_of]
    return table.assign(
        rank=pd.Series([ranks.get(key) for key in keys_of], index=table.index, dtype="Int64"),
        band=pd.Series(bands_of, index=table.index, dtype="str"),
    ).reset_index(drop=True)


def index_tables(*of: Results | None, whole: Iterable[Results] = ()) -> pd.DataFrame:
    """The index tables of several years, one below the other, each year once: the columns of ``with_ranks`` and
    ``index_name``, ``ranked``, ``basis`` (what the value of the node rests on) and ``marks`` of the year (";" between
    them). ``None`` stands for a year of which there is nothing; of ``whole`` only the whole index is there."""
    years = {(results.index_name, results.year, results.level): results for results in of if results is not None}
    tables = [_told(results) for results in years.values()]
    for results in whole:
        if (results.index_name, results.year, results.level) not in years:
            table = _told(results)
            tables.append(table[table["node"] == WHOLE])
    return pd.concat(tables, ignore_index=True)


def _told(results: Results) -> pd.DataFrame:
    table = with_ranks(results)
    ranked = set(results.ranked_units)
    rests = {(row.unit, row.node): str(row.basis) for row in rows_of(results.bases)}
    computed = ["computed" if isfinite(value) else "" for value in table["index"].fillna(table["points"])]
    keys = zip(table["unit"], table["node"], strict=True)
    return table.assign(
        index_name=results.index_name,
        ranked=[unit in ranked for unit in table["unit"]],
        basis=[rests.get(key, usual) for key, usual in zip(keys, computed, strict=True)],
        marks=";".join(results.marks),
    )


def _part_ranks(results: Results) -> dict[tuple[str, str], int]:
    """Ranks by unit and node of areas and what is below them: printed, or computed where the column is whole."""
    printed = results.node_ranks
    found: dict[tuple[str, str], int] = {(row.unit, row.node): int(row.rank) for row in rows_of(printed)}
    said, keys = set(printed["node"]), results.ranked_units
    parts = results.nodes.loc[results.nodes["kind"].isin(_AREA_KINDS), "node"]
    nodes = [str(node) for node in parts if node not in said]
    if results.n_ranked != len(keys) or not nodes or not keys:
        return found
    table = results.table[(results.table["stage"] == results.stage) & results.table["node"].isin(nodes)]
    by_unit = table.set_index(["node", "unit"]).reindex(pd.MultiIndex.from_product([nodes, keys]))
    index, points = (by_unit[name].to_numpy().reshape(len(nodes), len(keys)) for name in ("index", "points"))
    values = np.where(np.isnan(index).any(axis=1, keepdims=True), points, index)  # without a maximum: points alone
    for node, values_of, ranks in zip(nodes, values, competition_ranks(values), strict=True):
        if not np.isnan(values_of).any():
            found |= {(unit, node): int(place) for unit, place in zip(keys, ranks, strict=True)}
    return found
