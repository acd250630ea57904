"""Ranks, bands, gaps and statistics of a year, worked out or printed; only what the known data settle is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import inf, isfinite, nan

import numpy as np
import pandas as pd
from pandas.arrays import BooleanArray

from parlib.scoring.decisions import breaks
from parlib.scoring.results import INDEX_COLUMNS, WHOLE, Results, records, since_base
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks
from parlib.scoring.settled import (
    BOTTOM,
    TOP,
    Both,
    Column,
    Counts,
    Level,
    Settling,
    Statistic,
    Threshold,
    at,
    count_words,
    difference,
)


def words() -> tuple[str, ...]:
    """The words of the statistics, in the order in which they are listed."""
    return (
        *("mean", "max", "min", "range", "n_units", "n_assessed", "n_above_mean", *count_words()),
        *("mean_change", since_base(), "n_rose", "n_fell", "n_rank_up", "n_rank_down", "n_rise_ge_10"),
        *("largest_rise", "smallest_rise", "largest_fall", "smallest_fall"),
        *("first_minus_second", "max_minus_mean", "lowest_group_bound"),
        *("survey_total", "survey_citizens", "survey_officials"),
    )


def statistics(
    results: Results,
    previous: Results | None = None,
    base: Results | None = None,
    *,
    node: str = WHOLE,
    column: Column = "index",
) -> pd.DataFrame:
    """``statistic``, ``value`` (unrounded, NaN = not settled), ``unit`` (the one concerned), ``basis``, ``source_ids``.

    ``basis``: "computed" from the units, "printed", "deduced" from both, "" where nothing settles it. ``previous`` are
    the results of the year before, ``base`` those of the base year: changes need them. All ``words`` are listed, then
    other words printed for the year. ``node`` may be an area; ``column`` "points" compares points instead.
    """
    results.check_after(previous)
    level = Level(results, node, column)
    since = base if base is not None and base.year < results.year else None
    results.check_after(since)
    if since is not None and not compares(since, results):
        since = None
    earlier = {"mean of the year before": previous, "mean of the base year": since}
    outside = {
        word: mean for word, other in earlier.items() if other is not None and (mean := _mean(other, node, column))
    }
    comparable = previous is None or compares(previous, results)
    if not comparable or (previous is not None and _other_units(level, Level(previous, node, column))):
        outside.pop("mean of the year before", None)
    found = Settling(level).settle(outside)
    found |= _assessed(level) if "n_assessed" not in found else {}
    if previous is not None and comparable:
        found = {**found, **_changes(level, Level(previous, node, column), found)}
    rows = [(word, found.get(word)) for word in dict.fromkeys((*words(), *level.printed))]
    frame = pd.DataFrame(
        {
            "statistic": pd.Series([word for word, _ in rows], dtype="str"),
            "value": [one.value if one else nan for _, one in rows],
            "unit": pd.Series([one.unit if one else "" for _, one in rows], dtype="str"),
            "basis": pd.Series([one.basis if one else "" for _, one in rows], dtype="str"),
            "source_ids": pd.Series([one.source_ids if one else "" for _, one in rows], dtype="str"),
        }
    )
    frame.attrs = results.about(node) | ({"unit_of_value": "percent"} if column == "index" else {})
    return frame


def statistics_table(results: Results, previous: Results | None = None, base: Results | None = None) -> pd.DataFrame:
    """``statistic`` and ``value`` as text, as printed: two decimals, half up; counts whole; "" = not settled.

    Statistics are on the scale of their index (``Results.scale``): those of PAPI and DTI are points, not percent.
    """
    scale = results.scale
    frame = statistics(results, previous, base, column=scale.column)
    texts = [_text(word, value, scale.decimals) for word, value in zip(frame["statistic"], frame["value"], strict=True)]
    return pd.DataFrame({"statistic": frame["statistic"], "value": pd.Series(texts, dtype="str")})


def _text(word: str, value: float, decimals: int) -> str:
    if not isfinite(value):
        return ""
    step = Decimal("1") if word.startswith(("n_", "survey_", "sample")) else Decimal(1).scaleb(-decimals)
    return str(Decimal(repr(value)).quantize(step, ROUND_HALF_UP))


def mean_of(results: Results, node: str = WHOLE, column: Column = "index") -> Statistic | None:
    """The mean over the ranked units where the year itself settles it, else ``None``."""
    return _mean(results, node, column)


def _mean(results: Results, node: str, column: Column) -> Statistic | None:
    return Settling(Level(results, node, column)).mean()


def breaks_between(previous: Results, results: Results) -> bool:
    """Whether the scale of the index changed after the year of ``previous``, up to that of ``results``."""
    known = breaks(results.level, results.index_name)
    after_last = results.break_before and previous.year < results.year
    return after_last or any(previous.year < year <= results.year for year in known)


def compares(previous: Results, results: Results) -> bool:
    """Whether values of the two years may be subtracted: the Ministry does so with its index whatever its scale, the
    publishers of the other indices only inside one series."""
    return results.index_name == "par" or not breaks_between(previous, results)


def _other_units(level: Level, before: Level) -> bool:
    """Whether the means are of other units only because some have no value: then they do not compare."""
    return bool(level.incomplete | before.incomplete) and set(level.ranked) != set(before.ranked)


def _assessed(level: Level) -> dict[str, Statistic]:
    """The number assessed, where the list is known to hold all: of a system, of a round, or with unranked units."""
    results = level.results
    listed_all = level.n_units == len(level.ranked)
    others = len(results.units) > len(level.ranked)
    if listed_all and (results.system or results.ranks is None or others):
        return {"n_assessed": Statistic(float(len(results.units)), basis="computed")}
    return {}


# --- changes on the year before -----------------------------------------------------------------


def _changes(level: Level, before: Level, found: Mapping[str, Statistic]) -> dict[str, Statistic]:
    """Statistics of the changes: computed where every ranked unit has one, else what the known ones still settle."""
    changes = known_changes(level, before)
    if level.n_units != len(level.ranked) or changes.isna().any():
        return _sign_counts(changes, level.n_units, found)
    more = {word: Statistic(float(number), basis="computed") for word, number in _signs(changes).items()}
    more["n_rise_ge_10"] = Statistic(float((changes >= 10).sum()), basis="computed")
    rises, falls = changes[changes > 0], changes[changes < 0]
    for word, some, last in (
        ("largest_rise", rises, rises.max()),
        ("smallest_rise", rises, rises.min()),
        ("largest_fall", falls, falls.min()),
        ("smallest_fall", falls, falls.max()),
    ):
        units = list(some.index[some == last])
        if units:
            more[word] = Statistic(float(last), units[0] if len(units) == 1 else "", "computed")
    return more | _rank_moves(level, before)


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


def _signs(changes: pd.Series) -> dict[str, int]:
    return {"n_rose": int((changes > 0).sum()), "n_fell": int((changes < 0).sum())}


def _sign_counts(changes: pd.Series, n_units: int | None, found: Mapping[str, Statistic]) -> dict[str, Statistic]:
    """Numbers of rises and falls that a printed one of them and the known changes settle."""
    known = _signs(changes)
    settled: dict[str, Statistic] = {}
    for word, other in (("n_rose", "n_fell"), ("n_fell", "n_rose")):
        if word in found or other not in found or n_units is None:
            continue
        most = n_units - int(found[other].value) - int((changes == 0).sum())
        if most == known[word]:
            settled[word] = Statistic(float(most), basis="deduced", source_ids=found[other].source_ids)
    return settled


def _rank_moves(level: Level, before: Level) -> dict[str, Statistic]:
    """How many units rose and fell in rank, among those ranked in both years."""
    sides = (level.ranks, before.ranks)
    exactly = [side["rank_min"].where(side["rank_min"] == side["rank_max"]).astype("float64") for side in sides]
    now, then = Both.of(level.results, before.results).ranks(*exactly)
    moves = then - now
    if moves.isna().any() or not len(moves):
        return {}
    counts = {"n_rank_up": int(np.sum(moves > 0)), "n_rank_down": int(np.sum(moves < 0))}
    return {word: Statistic(float(number), basis="computed") for word, number in counts.items()}


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
    ranks |= {(row.unit, WHOLE): int(row.rank) for row in records(ranked) if row.rank is not pd.NA}
    groups = dict(zip(ranked["unit"], ranked["band"], strict=True))
    keys_of: list[tuple[str, str]] = list(zip(table["unit"], table["node"], strict=True))
    bands_of = [groups.get(unit, "") if node == WHOLE else "" for unit, node in keys_of]
    return table.assign(
        rank=pd.Series([ranks.get(key) for key in keys_of], index=table.index, dtype="Int64"),
        band=pd.Series(bands_of, index=table.index, dtype="str"),
    ).reset_index(drop=True)


def index_tables(*of: Results | None, whole: Iterable[Results] = ()) -> pd.DataFrame:
    """The index tables of several years, one below the other, each year once: the columns of ``with_ranks``,
    ``index_name``, ``ranked``, ``basis`` (what the value of the node rests on), and of the year ``marks`` (";" between
    them) and ``decision`` ("" = not known). ``None`` stands for a year of which there is nothing; of ``whole`` only the
    whole index is there."""
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
    rests = {(row.unit, row.node): str(row.basis) for row in records(results.bases)}
    computed = ["computed" if isfinite(value) else "" for value in table["index"].fillna(table["points"])]
    keys = zip(table["unit"], table["node"], strict=True)
    return table.assign(
        index_name=results.index_name,
        ranked=[unit in ranked for unit in table["unit"]],
        basis=[rests.get(key, usual) for key, usual in zip(keys, computed, strict=True)],
        marks=";".join(results.marks),
        decision=results.decision,
    )


def _part_ranks(results: Results) -> dict[tuple[str, str], int]:
    """Ranks by unit and node of areas and what is below them: printed, or computed where the column is whole."""
    printed = results.node_ranks
    found: dict[tuple[str, str], int] = {(row.unit, row.node): int(row.rank) for row in records(printed)}
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
