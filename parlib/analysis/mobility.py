"""Do the places change hands: rank mobility, moves between quarters or groups, years in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib import data_tables
from parlib.analysis.comparison import change
from parlib.analysis.links import LEAST_PAIRS, spearman
from parlib.analysis.statistics import Both, compares, in_years, known_changes, known_ranks
from parlib.errors import ParameterError, named
from parlib.scoring import scheme
from parlib.scoring.ranking import Column, Level, rank
from parlib.scoring.results import WHOLE, Results, breaks_between
from parlib.tables import records
from parlib.words import Message

QUARTERS = ("1", "2", "3", "4")
CONDITIONS = ("top", "band", "above_mean", "rising", "falling")


def quarters(results: Results, node: str = WHOLE, column: Column = "index") -> pd.Series:
    """The quarter ("1" best to "4") that each unit's rank lies in, by unit; "" where the rank is not known.

    Of the first quarter are those below fewer than a quarter of all, as on maps: quarter = 1 + the whole part of
    4 x (rank - 1) / number ranked. Tied units are never parted.
    """
    return _quarters(known_ranks(results, node, column), results.n_ranked or 0)


def _quarters(ranks: pd.Series, number: int) -> pd.Series:
    results = [_quarter(place, number) for place in ranks]
    return pd.Series(results, index=ranks.index.astype("object"), name="quarter", dtype="str")


def _quarter(place: float, number: int) -> str:
    return str(1 + int(4 * (place - 1) // number)) if np.isfinite(place) and number else ""


def mobility(of: Iterable[Results], node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
    """How much the ranking moved from each listed year to the next.

    ``year``, ``previous_year``, ``n`` (units whose rank is known in both), ``n_units`` (ranked in both),
    ``mean_places`` and ``median_places`` (absolute changes), ``largest_rise``, ``largest_fall`` (places), ``n_up``,
    ``n_down``, ``n_same``, ``quarter_changed`` (part of the n units that changed their quarter), ``spearman`` (rank
    correlation of the n units, by their ranks; missing below 4), ``complete`` (every rank is known), ``break_mark``.

    Where a year is not complete the figures speak of the n units alone, which are seldom like the others.
    """
    ordered = in_years(of, least=2)
    ranks = [known_ranks(results, node, column) for results in ordered]
    pairs = zip(pairwise(ordered), pairwise(ranks), strict=True)
    return pd.DataFrame([_moved(*years, *places) for years, places in pairs])


def _moved(previous: Results, results: Results, then: pd.Series, now: pd.Series) -> dict[str, object]:
    both = Both.of(results, previous)
    shared = list(both.units)
    pairs = pd.DataFrame({"then": then.reindex(shared), "now": now.reindex(shared)}).dropna()
    after, before = both.ranks(now, then)  # places are moved among the units ranked in both
    moves = (before - after).dropna()
    sides = (("then", previous), ("now", results))
    known = [_quarters(pairs[name], of.n_ranked or 0) for name, of in sides]
    n = len(pairs)
    return {
        "year": results.year,
        "previous_year": previous.year,
        "n": n,
        "n_units": len(shared),
        "mean_places": float(moves.abs().mean()),
        "median_places": float(moves.abs().median()),
        "largest_rise": float(moves.max()) if moves.max() > 0 else np.nan,
        "largest_fall": float(moves.min()) if moves.min() < 0 else np.nan,
        "n_up": int((moves > 0).sum()),
        "n_down": int((moves < 0).sum()),
        "n_same": int((moves == 0).sum()),
        "quarter_changed": float((known[0] != known[1]).mean()) if n else np.nan,
        "spearman": spearman(pairs["then"].to_numpy(), pairs["now"].to_numpy()) if n >= LEAST_PAIRS else np.nan,
        "complete": n == len(shared) and {len(shared)} == {results.n_ranked, previous.n_ranked},
        "break_mark": breaks_between(previous, results),
    }


def transitions(
    results: Results, previous: Results, by: str = "quarter", node: str = WHOLE, column: Column = "index"
) -> pd.DataFrame:
    """Where the units of each quarter (``by`` "quarter") or group ("band") of the year before are now.

    ``before``, ``now``, ``n`` (units), ``n_before`` (known in both years), ``share`` (n / n_before, NaN without any),
    ``break_mark``: a row for every pair, best first, empty ones included. ``n_unknown`` (the same in every row) counts
    the units ranked in both years whose quarter or group is not known in both. Groups are those of each year.
    """
    named(by, ("quarter", "band"), Message("grouping"))
    results.check_after(previous)
    if by == "band" and (node != WHOLE or column != "index"):
        raise ParameterError("only the whole index has groups", value=node)
    shared = [unit for unit in results.ranked_units if unit in set(previous.ranked_units)]
    if by == "quarter":
        sides = [quarters(of, node, column).reindex(shared) for of in (previous, results)]
        names: list[tuple[str, ...]] = [QUARTERS, QUARTERS]
    else:
        sides = [rank(of).set_index("unit")["band"].reindex(shared) for of in (previous, results)]
        names = [tuple(str(band) for band in of.bands) for of in (previous, results)]
    known = (sides[0] != "") & (sides[1] != "")
    counts = pd.DataFrame({"before": sides[0][known], "now": sides[1][known]}).value_counts()
    rows = []
    for before in names[0]:
        total = int((sides[0][known] == before).sum())
        for now in names[1]:
            n = int(counts.get((before, now), 0))
            rows.append((before, now, n, total, n / total if total else np.nan))
    frame = pd.DataFrame(rows, columns=["before", "now", "n", "n_before", "share"])
    return frame.assign(n_unknown=int((~known).sum()), break_mark=breaks_between(previous, results))


# --- years in a row -------------------------------------------------------------------------------

States = npt.NDArray[np.float64]  # 1 yes, 0 no, NaN not known


def streaks(
    of: Iterable[Results],
    condition: str = "top",
    *,
    n: int = 10,
    bands: Sequence[str] = (),
    node: str = WHOLE,
    column: Column = "index",
) -> pd.DataFrame:
    """How many years in a row each unit met a condition.

    ``condition``: "top" (rank 1 to ``n``), "band" (in one of ``bands``; the best one where none are given),
    "above_mean", "rising", "falling" (against the year before).

    ``unit``, ``current`` (years in a row up to the last year; missing where that year is not known), ``current_from``,
    ``at_least`` (the year before the current streak is not known, or none is: it may be longer), ``longest``,
    ``longest_from``, ``longest_to``, ``n_met``, ``n_years`` (years known) and ``n_unknown``. A year that is not known,
    or not listed, ends a streak. Units in the order of the last year.
    """
    named(condition, CONDITIONS, Message("condition"))
    ordered = in_years(of)
    keys = list(dict.fromkeys(str(unit) for results in reversed(ordered) for unit in results.units["unit"]))
    states = _states(ordered, keys, condition, n, bands, node, column)
    years = list(states)
    table = np.column_stack([states[year].reindex(keys).to_numpy(dtype=np.float64) for year in years])
    frame = pd.DataFrame([_streak(row, years) for row in table])
    frame.insert(0, "unit", pd.Series(keys, dtype="str"))
    whole = ("current", "current_from", "longest", "longest_from", "longest_to")
    return frame.astype(dict.fromkeys(whole, "Int64"))


def _states(
    ordered: list[Results],
    keys: list[str],
    condition: str,
    n: int,
    bands: Sequence[str],
    node: str,
    column: Column,
) -> dict[int, pd.Series]:
    """Whether each unit met the condition in each year from the first to the last; all NaN in years not listed."""
    met: Callable[[Results], pd.Series]
    met = {
        "top": partial(in_top, n=n, node=node, column=column),
        "band": partial(in_band, bands=bands),
        "above_mean": partial(_above_mean, node=node, column=column),
    }.get(condition, partial(_moving, condition=condition, ordered=ordered, node=node, column=column))
    by_year = {results.year: results for results in ordered}
    first = ordered[0].year + (condition in ("rising", "falling") and len(ordered) > 1)
    nothing = pd.Series(np.nan, index=keys)
    return {year: met(by_year[year]) if year in by_year else nothing for year in range(first, ordered[-1].year + 1)}


def in_top(results: Results, n: int, node: str = WHOLE, column: Column = "index") -> pd.Series:
    """Also from bounds of a rank: one between 3 and 8 is among the first ten."""
    frame = rank(results, node, column).set_index("unit")
    best, worst = (frame[name].astype("float64") for name in ("rank_min", "rank_max"))
    return pd.Series(np.where(worst <= n, 1.0, np.where(best > n, 0.0, np.nan)), index=frame.index)


def in_band(results: Results, bands: Sequence[str] = ()) -> pd.Series:
    """Whether each unit is in one of the groups (the best where none is given): 1, 0, or NaN where its group is not
    settled by what was printed of it and of all."""
    names = [str(band) for band in results.bands]
    wanted = tuple(bands) or tuple(names[:1])
    for band in wanted:
        if names:
            named(band, names, Message("group (in {year})", {"year": results.year}))
    result = rank(results).set_index("unit")["band"]
    return result.isin(wanted).astype("float64").mask(result == "")


def _above_mean(results: Results, node: str, column: Column) -> pd.Series:
    return rank(results, node, column).set_index("unit")["above_mean"].astype("float64")


def _moving(results: Results, condition: str, ordered: list[Results], node: str, column: Column) -> pd.Series:
    """Whether the value rose, or fell, on the year before; not known where that year is not listed."""
    before = next((one for one in ordered if one.year == results.year - 1), None)
    changes = change(results, before, node, column).set_index("unit")["change"]
    moves = changes > 0 if condition == "rising" else changes < 0
    return moves.astype("float64").mask(changes.isna())


@dataclass(frozen=True, slots=True)
class _Streak:
    """The columns of ``streaks`` of one unit."""

    current: int | None
    current_from: int | None
    at_least: bool
    longest: int | None
    longest_from: int | None
    longest_to: int | None
    n_met: int
    n_years: int
    n_unknown: int


def _streak(row: States, years: list[int]) -> _Streak:
    """The streaks of one unit: yes, no or unknown in every year."""
    runs: list[tuple[int, int]] = []  # places of the first and the last year
    for place in np.flatnonzero(row == 1).tolist():
        first = runs.pop()[0] if runs and runs[-1][1] == place - 1 else place
        runs.append((first, place))
    longest = max(runs, key=lambda run: (run[1] - run[0], run[1]), default=None)  # the later of two as long
    current = runs[-1] if runs and runs[-1][1] == len(row) - 1 else None
    unknown = not len(row) or bool(np.isnan(row[-1]))
    return _Streak(
        current=None if unknown else current[1] - current[0] + 1 if current else 0,
        current_from=years[current[0]] if current else None,
        at_least=current is not None and (current[0] == 0 or bool(np.isnan(row[current[0] - 1]))),
        longest=longest[1] - longest[0] + 1 if longest else None if np.isnan(row).all() else 0,
        longest_from=years[longest[0]] if longest else None,
        longest_to=years[longest[1]] if longest else None,
        n_met=int((row == 1).sum()),
        n_years=int(np.isfinite(row).sum()),
        n_unknown=int(np.isnan(row).sum()),
    )


# --- runs up to a year ----------------------------------------------------------------------------


def runs(back: Iterable[Results], n: int = 5) -> pd.DataFrame:
    """The years in a row of every unit that met a condition in the last two years at least.

    ``back`` are the results of a year, then those of each year before, the latest first; they are read only as far as
    some run goes on. ``condition``: "top" (rank 1 to ``n``), "band" (in the best group), "rising" (above the value of
    the year before, on one scale); ``unit``; ``years``; ``since`` (the first of them); ``at_least`` (what was before is
    not known: the run may be longer), ``break_mark`` (the scale, or for "band" the bounds of the groups, changed
    within it), ``all_known`` (whether it is known of every ranked unit if it meets the condition in the latest year).
    A year in which a unit's rank or value is not known ends its run. Sorted by
    condition, the longest first.
    """
    years = iter(back)
    newer = latest = next(years)
    matches = {"top": [in_top(latest, n)], "band": [_in_best_band(latest)], "rising": []}
    changed: dict[str, set[int]] = {name: set() for name in matches}  # first years of a new scale
    for results in _in_a_row(years, latest):
        if breaks_between(results, newer):
            changed["top"].add(newer.year)
        if breaks_between(results, newer) or dict(results.bands) != dict(newer.bands):
            changed["band"].add(newer.year)
        matches["rising"].append(_rising(results, newer))
        matches["top"].append(in_top(results, n))
        matches["band"].append(_in_best_band(results))
        newer = results
        if not any(bool((_table(states) == 1).all(axis=1).any()) for states in matches.values()):
            break
    rows = []
    for name, states in matches.items():
        table = _table(states[::-1]).reindex(latest.units["unit"].astype("str"))
        all_known = not states or bool(states[0].reindex(latest.ranked_units).notna().all())
        of_years = list(range(latest.year - len(states) + 1, latest.year + 1))
        streaks = [(unit, _streak(row, of_years)) for unit, row in zip(table.index, table.to_numpy(), strict=True)]
        for unit, streak in sorted(streaks, key=lambda item: -(item[1].current or 0)):
            since = streak.current_from
            if since is not None and since < latest.year:
                broken = any(since < year for year in changed[name])
                rows.append((name, unit, streak.current, since, streak.at_least, broken, all_known))
    return pd.DataFrame(rows, columns=["condition", "unit", "years", "since", "at_least", "break_mark", "all_known"])


def _table(states: list[pd.Series]) -> pd.DataFrame:
    """Units x years."""
    return pd.DataFrame(dict(enumerate(states)), dtype="float64")


def _in_a_row(years: Iterator[Results], latest: Results) -> Iterator[Results]:
    """The years as long as none is left out."""
    for place, results in enumerate(years, 1):
        latest.check_after(results)
        if results.year != latest.year - place:
            return
        yield results


def _in_best_band(results: Results) -> pd.Series:
    ranked = results.ranked_units
    return in_band(results).reindex(ranked) if results.bands else pd.Series(np.nan, index=ranked)


def _rising(results: Results, newer: Results) -> pd.Series:
    """Whether the value of each unit rose from ``results`` to ``newer``."""
    level = Level(newer)
    if not compares(results, newer) or breaks_between(results, newer):
        return pd.Series(np.nan, index=level.ranked)
    changes = known_changes(level, Level(results))
    return (changes > 0).astype("float64").mask(changes.isna())


# --- criteria change ------------------------------------------------------------------------------
# What a year's set of criteria has, and what the set before it had: maxima and numbers of criteria by part.

COLUMNS = ("maximum", "n_criteria", "n_subcriteria")
Facts = Mapping[str, tuple[float, float, float, str, str]]  # maximum, criteria, sub-criteria, name, English name
_UNKNOWN = (np.nan, np.nan, np.nan, "", "")


@dataclass(frozen=True)
class CriteriaChange:
    """The set of criteria of a year beside the one before it.

    ``since``     the first year of this set of criteria (0: not known), ``last`` the last year of the one before.
    ``decision``, ``before``  their decisions ("" where not known). ``inferred``  whether either is known to hold for
                  its year by inference only.
    ``parts``     ``node`` ("" the whole, an area, "component:..."), ``kind``, ``name``, ``name_en``, ``name_before``,
                  and ``maximum``, ``n_criteria``, ``n_subcriteria`` and the same of the set before (``..._before``);
                  ``maximum_change`` (now less before); NaN = not known. Empty where there is nothing to compare with.
    """

    since: int = 0
    last: int = 0
    decision: str = ""
    before: str = ""
    inferred: bool = False
    parts: pd.DataFrame = field(default_factory=pd.DataFrame)


def criteria_change(results: Results) -> CriteriaChange:
    """The set of criteria of ``results`` beside the one that its last change replaced.

    The sets of the PAR INDEX are those of data/schemes, as far as they were seen; a round takes its own scheme. PAPI
    takes its two trees. Other indices have no set of criteria.
    """
    if results.index_name not in ("par", "papi"):
        return CriteriaChange()
    changed = [year for year in data_tables.breaks(results.level, results.index_name) if year <= results.year]
    if results.break_before:  # of a round: the first year of its set, whether the data name it or not
        changed.append(results.year)
    if not changed:
        return CriteriaChange(decision=results.decision)
    since = max(changed)
    now = _own(results)
    if results.index_name == "papi":
        then = _of_tree(since - 1)
        before, inferred = "", False
    else:
        then = _of_year(since - 1, results.level)
        before = data_tables.decision_of(since - 1, results.level)
        bases = [data_tables.decision_basis(year, results.level) for year in (results.year, since - 1)]
        inferred = "inferred" in bases
    parts = _side_by_side(results, now, then)
    return CriteriaChange(since, since - 1, results.decision, before, inferred, parts)


def _own(results: Results) -> Facts:
    """What is known of the set of the results: their maxima; numbers from their own tree or else as published."""
    nodes = results.nodes
    kinds = set(nodes["kind"])
    published = _of_year(results.year, results.level) if results.index_name == "par" else _of_tree(results.year)
    facts = {}
    for row in records(nodes[nodes["kind"].isin(["whole", "area", "component"])]):
        node, seen = str(row.node), published.get(str(row.node), _UNKNOWN)
        counts = (np.nan, np.nan) if row.kind == "component" else (seen[1], seen[2])
        if "criterion" in kinds and row.kind != "component" and results.index_name == "par":
            counts = _counted(nodes, node)
        facts[node] = (float(row.maximum), *counts, str(row.name), str(row.name_en or row.name))
    return facts


def _counted(nodes: pd.DataFrame, node: str) -> tuple[float, float]:
    inside = nodes if node == WHOLE else nodes[nodes["node"].str.startswith(f"{node}.")]
    return float((inside["kind"] == "criterion").sum()), float((inside["kind"] == "subcriterion").sum())


def _of_year(year: int, level: str) -> Facts:
    """The set of the PAR INDEX of a year as far as published."""
    facts: dict[str, tuple[float, float, float, str, str]] = {}
    facts[WHOLE] = (*data_tables.total_of(year, level), "", "")
    areas = data_tables.areas_of(year, level)
    for row in records(areas):
        maximum = float(row.maximum) if row.scope == "total" else np.nan  # that of a part is not the area's
        counts = float(row.n_criteria), float(row.n_subcriteria)
        facts[str(row.node)] = (maximum, *counts, str(row.name), "")
    components = data_tables.components_of(year, level)
    for row in records(components[components["kind"] == "part"]):
        facts[f"component:{row.component}"] = (float(row.maximum), np.nan, np.nan, str(row.name), "")
    return facts


def _of_tree(year: int) -> Facts:
    """The tree of PAPI in a year, without the leaves that had no values then."""
    tree = scheme.scheme_for(year, "province", "papi")
    if tree is None:
        return {}
    gone = tree.absent_in(year)
    counted = [node for node in tree.nodes if node.kind == "criterion" and node.code not in gone]
    facts: dict[str, tuple[float, float, float, str, str]] = {
        WHOLE: (tree.maximum, float(len(counted)), np.nan, "", "")
    }
    for area in tree.tree:
        n = float(sum(node.parent == area.code for node in counted))
        facts[area.code] = (float(area.maximum or np.nan), n, np.nan, area.name, area.name_en)
    return facts


def _side_by_side(results: Results, now: Facts, then: Facts) -> pd.DataFrame:
    """Both sets by part, in the order of the results; empty where nothing of the set before is known."""
    if not any(np.isfinite(facts[:3]).any() for facts in then.values()):
        return pd.DataFrame()
    kinds = dict(zip(results.nodes["node"], results.nodes["kind"], strict=True))
    order = [*now, *(node for node in then if node not in now)]
    rows = []
    for node in order:
        own, other = now.get(node, _UNKNOWN), then.get(node, _UNKNOWN)
        kind = str(kinds.get(node, "component" if node.startswith("component:") else "area"))
        names = (own[3] or other[3], own[4] or own[3] or other[4] or other[3], other[3])
        rows.append((node, kind, *names, *own[:3], *other[:3]))
    columns = ["node", "kind", "name", "name_en", "name_before", *COLUMNS, *(f"{name}_before" for name in COLUMNS)]
    frame = pd.DataFrame(rows, columns=columns).astype({"node": "str", "kind": "str"})
    return frame.assign(maximum_change=frame["maximum"].astype(float) - frame["maximum_before"].astype(float))
