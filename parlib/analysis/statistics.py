"""What the figures of a year are: means, extremes, counts, and their changes on the year before.

Each is worked out where every ranked unit is known, else as printed or deduced; what nothing settles stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from itertools import pairwise
from math import isfinite, nan

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.data_tables import count_words, since_base
from parlib.errors import ParameterError, Problem
from parlib.scoring.ranking import TOP, Column, Level, Settling, Statistic, at, counts_of, rank
from parlib.scoring.results import INDEX_COLUMNS, WHOLE, Results, breaks_between
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks
from parlib.scoring.units import near_units, units
from parlib.tables import records, rounded
from parlib.words import near

# --- two results side by side ---------------------------------------------------------------------
# Two results side by side: who is ranked in both, ranks and changes that are known, values of nodes.

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
    listed = set(results.units["unit"])
    guess = near_units(unit, (one for one in units(results.level, results.system) if one.key in listed))
    return Problem("the results of {year} do not list this unit{near}", value=unit, near=guess, year=results.year)


def known_ranks(results: Results, node: str = WHOLE, column: Column = "index") -> pd.Series:
    """The rank of every unit of ``results`` as ``rank`` has it, by unit; NaN = not known, or not ranked."""
    key = ("known ranks", node, column)
    if key not in results.memo:
        level = Level(results, node, column)
        if level.complete and not level.ranks["rank_min"].isna().any():  # nothing is to be bounded: the short way
            ranks = level.exact_ranks.reindex(pd.Index(results.units["unit"].astype("str"), name="unit"))
        else:
            ranks = rank(results, node, column).set_index("unit")["rank"].astype("float64")
        results.memo[key] = ranks.to_frame("rank")
    return results.memo[key]["rank"].copy()


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

    >>> statistics(bo.results, bo.previous)"""
    since = base if base is not None and base.year < results.year else None
    results.check_after(previous, since)
    level = Level(results, node, column)
    before, first = (
        Level(other, node, column) if other is not None and compares(other, results) else None
        for other in (previous, since)
    )
    means: dict[str, Statistic | None] = {}
    if before is not None and not _other_units(level, before):
        means["mean of the year before"] = Settling(before).around_mean().get("mean")
    if first is not None:
        means["mean of the base year"] = Settling(first).around_mean().get("mean")
    result = Settling(level).settle({word: mean for word, mean in means.items() if mean is not None})
    result = _assessed(level) | result
    if before is not None:
        result |= _changes(level, before, result)
    unsettled = Statistic(nan)
    rows = [(word, *astuple(result.get(word, unsettled))) for word in dict.fromkeys((*words(), *level.printed))]
    frame = pd.DataFrame(rows, columns=["statistic", "value", "unit", "basis", "source_ids"])
    frame = frame.astype({"value": "float64"} | dict.fromkeys(("statistic", "unit", "basis", "source_ids"), "str"))
    frame.attrs = results.about(node) | ({"unit_of_value": "percent"} if column == "index" else {})
    return frame


def statistics_table(results: Results, previous: Results | None = None, base: Results | None = None) -> pd.DataFrame:
    """``statistic`` and ``value`` as text, as printed: two decimals, half up; counts whole; "" = not settled.

    Statistics are on the scale of their index (``Results.scale``): those of PAPI and DTI are points, not percent.
    """
    scale = results.scale
    frame = statistics(results, previous, base, column=scale.column)
    counted = frame["statistic"].str.startswith(("n_", "survey_", "sample"))
    texts = [
        str(rounded(value, 0 if whole else scale.decimals)) if isfinite(value) else ""
        for value, whole in zip(frame["value"], counted, strict=True)
    ]
    return pd.DataFrame({"statistic": frame["statistic"], "value": pd.Series(texts, dtype="str")})


def extremes(values: pd.Series, low: str = "minimum", high: str = "maximum") -> dict[str, object]:
    """The lowest and the highest of some units' values, all known, with who holds them: for ``low`` and ``high`` each
    the value (NaN of none), ``..._unit`` the one unit ("" where several share it) and ``..._units`` all of them (keys,
    ";" between), in the order of ``values``."""
    results: dict[str, object] = {}
    for name, value in ((low, float(values.min())), (high, float(values.max()))):
        holders = [str(unit) for unit in values.index[values == value]]
        results |= {
            name: value,
            f"{name}_unit": holders[0] if len(holders) == 1 else "",
            f"{name}_units": ";".join(holders),
        }
    return results


def of_group(
    values: pd.Series, before: pd.Series | None = None, low: str = "minimum", high: str = "maximum"
) -> dict[str, object]:
    """Of some units' values: ``mean``, ``change`` of it on ``before`` (the same units a year earlier), ``extremes``.

    Each is known only where every value is: else NaN, and "" for who holds it.
    """
    known = len(values) > 0 and bool(values.notna().all())
    compared = known and before is not None and bool(before.notna().all())
    return {
        "mean": float(exact(values.mean())) if known else nan,
        "change": difference(values.mean(), before.mean()) if compared and before is not None else nan,
        **extremes(values if known else values.iloc[:0], low, high),
    }


def _other_units(level: Level, before: Level) -> bool:
    """Whether the means are of other units only because some have no value: then they do not compare."""
    return bool(level.results.incomplete | before.results.incomplete) and set(level.ranked) != set(before.ranked)


def _assessed(level: Level) -> dict[str, Statistic]:
    """The number assessed, where the list is known to hold all: of a system, of a round, or with unranked units."""
    results = level.results
    listed_all = level.n_units == len(level.ranked)
    others = len(results.units) > len(level.ranked)
    if listed_all and (results.system or results.ranks is None or others):
        return {"n_assessed": Statistic(float(len(results.units)), basis="computed")}
    return {}


# --- changes on the year before -----------------------------------------------------------------


def _changes(level: Level, before: Level, result: Mapping[str, Statistic]) -> dict[str, Statistic]:
    """Statistics of the changes: computed where every ranked unit has one, else what the known ones still settle."""
    changes = known_changes(level, before)
    if level.n_units != len(level.ranked) or changes.isna().any():
        return _sign_counts(changes, level.n_units, result)
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


def _signs(changes: pd.Series) -> dict[str, int]:
    return {"n_rose": int((changes > 0).sum()), "n_fell": int((changes < 0).sum())}


def _sign_counts(changes: pd.Series, n_units: int | None, result: Mapping[str, Statistic]) -> dict[str, Statistic]:
    """Numbers of rises and falls that a printed one of them and the known changes settle."""
    known = _signs(changes)
    settled: dict[str, Statistic] = {}
    for word, other in (("n_rose", "n_fell"), ("n_fell", "n_rose")):
        if word in result or other not in result or n_units is None:
            continue
        most = n_units - int(result[other].value) - int((changes == 0).sum())
        if most == known[word]:
            settled[word] = Statistic(float(most), basis="deduced", source_ids=result[other].source_ids)
    return settled


def _rank_moves(level: Level, before: Level) -> dict[str, Statistic]:
    """How many units rose and fell in rank, among those ranked in both years."""
    now, then = Both.of(level.results, before.results).ranks(level.exact_ranks, before.exact_ranks)
    moves = then - now
    if moves.isna().any() or not len(moves):
        return {}
    counts = {"n_rank_up": int(np.sum(moves > 0)), "n_rank_down": int(np.sum(moves < 0))}
    return {word: Statistic(float(number), basis="computed") for word, number in counts.items()}


def bands(results: Results) -> pd.DataFrame:
    """The number of units in each group: ``band``, ``lower`` (its bound), ``n`` (missing = not settled), ``n_min``,
    ``n_max``, ``basis`` ("computed" from the units, "deduced" where printed figures are needed, "" = not settled)."""
    level = Level(results)
    knowledge = [("computed", counts_of(level)), ("deduced", counts_of(level, Settling(level).settle()))]
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


# --- index tables ---------------------------------------------------------------------------------
# The index table with ranks and bands, for people, and of several years one below the other.


def with_ranks(results: Results, *, parts: bool = True) -> pd.DataFrame:
    """The index table with ``rank`` and ``band``, for people: units in order of rank, then those without one.

    Every unit has its row of the whole index, empty where nothing is known. Parts of the index have the printed rank,
    or a computed one where every ranked unit has its value; only the whole index has a group. Without ``parts`` the
    whole index is all there is.
    """
    ranked = rank(results) if results.bands else known_ranks(results).astype("Int64").reset_index()
    table = results.table[results.table["stage"] == results.stage]
    table = table if parts else table[table["node"] == WHOLE]
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
    ranks = _part_ranks(results) if parts else {}
    ranks |= {(row.unit, WHOLE): int(row.rank) for row in records(ranked) if row.rank is not pd.NA}
    groups = dict(zip(ranked["unit"], ranked["band"], strict=True)) if results.bands else {}
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
            tables.append(_told(results, parts=False))
    return pd.concat(tables, ignore_index=True)


def _told(results: Results, *, parts: bool = True) -> pd.DataFrame:
    table = with_ranks(results, parts=parts)
    ranked = set(results.ranked_units)
    rests = {(row.unit, row.node): str(row.basis) for row in records(results.bases)}
    computed = np.where(table["index"].fillna(table["points"]).notna(), "computed", "")
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
    matches: dict[tuple[str, str], int] = {(row.unit, row.node): int(row.rank) for row in records(printed)}
    stated, keys = set(printed["node"]), results.ranked_units
    parts = results.nodes.loc[results.nodes["kind"].isin(["area", "criterion", "subcriterion"]), "node"]
    nodes = [str(node) for node in parts if node not in stated]
    if results.n_ranked != len(keys) or not nodes or not keys:
        return matches
    table = results.table[(results.table["stage"] == results.stage) & results.table["node"].isin(nodes)]
    by_unit = table.set_index(["node", "unit"]).reindex(pd.MultiIndex.from_product([nodes, keys]))
    columns = (by_unit[name].to_numpy().reshape(len(nodes), len(keys)) for name in ("index", "points", "maximum"))
    index, points, maximum = columns
    without = (np.isnan(index) & np.isnan(maximum)).all(axis=1, keepdims=True)  # a maximum: points alone
    values = np.where(without, points, index)  # where it applies not to all, a maximum is 0 and an index unknown
    for node, values_of, ranks in zip(nodes, values, competition_ranks(values), strict=True):
        if not np.isnan(values_of).any():
            matches |= {(unit, node): int(place) for unit, place in zip(keys, ranks, strict=True)}
    return matches


# --- the facts of an area in frames ---------------------------------------------------------------
# Each area of a year's results by itself: who stands where in it, what moved, and what its parts reached.

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
