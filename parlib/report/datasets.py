"""The data that a report rests on, as datasets: what verification works its numbers out from, and open data is made of.

``index``    the index tables of the years behind the report, as published or scored.
``units``    the units of these tables: names in both languages, region.
``printed``  what was published or decided beside the tables: statistics, means of regions, changes, ranks, maxima.
``round``    what a round adds: forms, returns, survey shares, points self-assessed and granted, values measured.
``methods``  results of random or optimising methods: rank intervals, tiers, ranks under other weights, ways up.

The last three have one form: a row is one number, named by the same words as the ``Ref`` of a printed number that rests
on it (index, year, level, unit, node, ``what``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import repeat

import numpy as np
import pandas as pd

from parlib.analysis.diagnosis import Overview
from parlib.analysis.mobility import CriteriaChange
from parlib.analysis.profile import Profile
from parlib.analysis.robustness.audit import MethodAudit, Neighbours, SamplingAudit
from parlib.analysis.series import Trend
from parlib.data_tables import system_of
from parlib.report.blocks import Dataset, Sequel, is_known, message, sequel
from parlib.report.columns import described
from parlib.report.views import View
from parlib.scoring import units
from parlib.scoring.results import WHOLE, Results
from parlib.sources.published.pages import Satisfaction
from parlib.sources.rounds.reporting import RoundFacts
from parlib.tables import records

#: The columns of the datasets, as the registry has them.
INDEX_COLUMNS = (
    *("index_name", "year", "level", "unit", "name", "node", "node_name", "points", "maximum", "index"),
    *("standard_error", "stage", "ranked", "rank", "band", "basis", "marks", "decision"),
)
_UNITS = ("unit", "level", "name_vi", "name_en", "short_vi", "short_en", "region", "group")
_CELLS = ("index_name", "year", "level", "unit", "node", "what", "value")  # one number a row
#: In these a row may be of no single unit.
_ANY_UNIT = message("Key of the unit; empty or *: the level as a whole; region: a region; group: a group")


Views = Mapping[tuple[str, str], View]  # of each level and system of units


def index_data(view: View, tables: pd.DataFrame, views: Views | None = None) -> Dataset:
    """The index tables behind a report as a dataset. ``tables`` is the frame of ``index_tables``; ``views`` names the
    units and nodes of each level and system, where these are several."""
    named = views or {}
    parts = tables.groupby(_sides(tables), sort=False)
    frame = pd.concat([_named(named.get(side, view), rows) for side, rows in parts] or [_named(view, tables)])
    if view.simulated:
        frame = frame.assign(marks=[";".join(dict.fromkeys([*filter(None, m.split(";")), "simulated"]))
                                    for m in frame["marks"]])  # fmt: skip
    numbers = ["points", "maximum", "index", "standard_error"]
    frame[numbers] = frame[numbers].round(9)
    return _dataset(view, "index", frame[list(INDEX_COLUMNS)])


def _sides(tables: pd.DataFrame) -> pd.Series:
    """The level and the system of units that each row of index tables is of."""
    sides = list(zip(tables["level"].astype(str), tables["year"].astype(int), strict=True))
    systems = {(level, year): system_of(year, level) for level, year in set(sides)}
    return pd.Series([(side[0], systems[side]) for side in sides], tables.index, "object")


def _named(view: View, tables: pd.DataFrame) -> pd.DataFrame:
    """Index tables of the level of a view, with the names of units and nodes."""
    names = {unit: view.unit(str(unit)) for unit in tables["unit"].unique()}
    known = set(view.results.nodes["node"])
    node_names = {node: view.node_name(str(node)) for node in tables["node"].unique() if node in known}
    return tables.assign(name=tables["unit"].map(names), node_name=tables["node"].map(node_names).fillna(""))


_TITLES = {
    "index": message("Index table of {index}, {year} and earlier years"),
    "units": message("Units of the {index}"),
    "printed": message("Numbers published beside the index tables of the {index}, {year}"),
    "round": message("Numbers of the round of {year}"),
    "methods": message("Results of random methods, {index} {year}"),
}
_CITY = "thành phố trực thuộc Trung ương"
Cell = tuple[str, str, str, float]  # unit, node, what, value


def behind(
    view: View,
    tables: pd.DataFrame,
    years: Iterable[Results | None] = (),
    *,
    round_cells: Iterable[Cell] = (),
    method_cells: Iterable[Cell] = (),
    printed_cells: Iterable[tuple[Results, Cell]] = (),
) -> Sequel:
    """All datasets of a report. ``tables`` as ``index_data``; ``years`` are the results that these tables are of.

    ``round_cells`` and ``method_cells`` are numbers of the results of the view: unit, node, what, value;
    ``printed_cells`` more of what was published, each with the results that it belongs to.
    """
    opened = list({(one.index_name, one.year, one.level): one for one in years if one is not None}.values())
    own = view.results
    about = own.index_name, own.year, own.level  # comes first: by that verification knows it
    opened = sorted(opened or [own], key=lambda one: (one.index_name, one.year, one.level) != about)
    views = {(own.level, own.system): view}
    for one in opened:  # the same index at another level, or on the units before the mergers, where there is one
        if one.index_name == own.index_name:
            views.setdefault((one.level, one.system), replace(view, results=one, focus=""))
    beside = [(one, cell) for one in opened for cell in published(one)] + list(printed_cells)
    of_view = {"round": round_cells, "methods": method_cells}
    return sequel(
        index_data(view, tables, views),
        _units_data(view, tables, views),
        _cells_data(view, "printed", beside),
        *(_cells_data(view, name, [(own, cell) for cell in cells]) for name, cells in of_view.items()),
    )


def _units_data(view: View, tables: pd.DataFrame, views: Views) -> Dataset:
    """A unit that stands on two systems is named as it is on that of the report."""
    sides, order = _sides(tables), list(views)
    rows: dict[tuple[str, str], tuple[str, ...]] = {}
    for side in sorted(dict.fromkeys(sides), key=lambda side: order.index(side) if side in order else 0):
        of, level = views.get(side, view), side[0]
        for unit in tables.loc[[one == side for one in sides], "unit"].astype(str).unique():
            rows.setdefault((unit, level), (unit, level, *_names(of, unit), *_home(unit, of.results)))
    return _dataset(view, "units", pd.DataFrame(list(rows.values()), columns=list(_UNITS)))


def _home(unit: str, results: Results) -> tuple[str, str]:
    """Region and group of a province, empty for a ministry."""
    system = results.system
    if not system:
        return "", ""
    kind = units.get(unit, system=system, year=results.year).kind
    return units.region_of(unit, system), "cities" if kind == _CITY else "others"


def _names(view: View, unit: str) -> list[str]:
    system = view.results.system
    return [units.name(unit, lang, short=short, system=system) for short in (False, True) for lang in ("vi", "en")]


def published(results: Results) -> Iterator[Cell]:
    """What was published or decided beside an index table: unit, node, what, value."""
    for row in records(results.printed_statistics):
        yield "", str(row.node), str(row.statistic), float(row.value)
    regions = results.printed_regions.assign(region="region:" + results.printed_regions["region"].astype("str"))
    yield from melted(regions, {"mean": None, "change": None}, "region")
    yield from melted(results.printed_changes, {"change": None}, "unit")
    yield from melted(results.node_ranks, {"rank": None}, "unit", "node")
    yield from melted(results.bounds, {"index_min": None, "index_max": None}, "unit")
    if results.ranks is not None:
        yield from melted(results.ranks, {"rank": None, "rank_min": None, "rank_max": None}, "unit")
    yield from melted(results.nodes, {"maximum": None}, "*", "node")
    for band, lower in results.bands.items():
        yield "*", WHOLE, f"bound:{band}", float(lower)
    yield "*", WHOLE, "assessed", float(len(results.units))
    yield "*", WHOLE, "ranked", _number(results.n_ranked)
    bases = results.bases
    lacking = set(bases.loc[(bases["node"] == WHOLE) & (bases["basis"] == "incomplete"), "unit"])
    yield "*", WHOLE, "expected", _number(results.n_ranked) + len(lacking - set(results.ranked_units))


def _number(value: object) -> float:
    return float(value) if is_known(value) else float("nan")


def _cells_data(view: View, name: str, cells: Iterable[tuple[Results, Cell]]) -> Dataset | None:
    rows = [(of.index_name, of.year, of.level, *cell) for of, cell in cells if np.isfinite(cell[3])]
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=list(_CELLS)).drop_duplicates(ignore_index=True)
    frame["value"] = frame["value"].round(9)
    return _dataset(view, name, frame, unit=_ANY_UNIT)


def _dataset(view: View, name: str, frame: pd.DataFrame, **meanings: str) -> Dataset:
    """A frame as a dataset, its columns described as in the registry, but for ``meanings`` of its own."""
    columns = described(view.wording, frame.columns, **meanings)
    return Dataset.of(name, view.say(_TITLES[name]), columns, frame.to_csv(index=False, lineterminator="\n"))


def melted(
    frame: pd.DataFrame, columns: Mapping[str, str | None], unit: str = "*", node: str = WHOLE
) -> Iterator[Cell]:
    """The cells of a frame: ``columns`` maps its columns to what they are. ``unit`` and ``node`` name the columns that
    hold unit and node, or are these themselves where there is no such column."""
    names: list[Iterable[object]] = [
        frame[name] if name in frame else repeat(name, len(frame)) for name in (unit, node)
    ]
    for of, at, *values in zip(*names, *(frame[column] for column in columns), strict=True) if len(frame) else ():
        for (column, what), value in zip(columns.items(), values, strict=True):
            if is_known(value):
                yield str(of), str(at), what or column, float(value)


# --- numbers of a report beside its index tables --------------------------------------------------


def of_sources(
    view: View, change: CriteriaChange, satisfaction: Satisfaction, bands: pd.DataFrame, regions: pd.DataFrame
) -> Iterator[tuple[Results, Cell]]:
    """What was published of other things: the sets of criteria, SIPAS, the bounds of counts of groups.

    ``change`` is a ``CriteriaChange``, ``satisfaction`` as ``published.satisfaction`` gives it, ``bands`` and
    ``regions`` are the frames of these names of the analysis.
    """
    for row in records(regions):
        for also in re.findall(r"\d+\.\d+", str(row.conflict)):
            yield view.results, (f"region:{row.region}", WHOLE, "also_published", float(also))
    results = view.results
    counted = {"maximum": "maximum", "n_criteria": "n_criteria", "n_subcriteria": "n_subcriteria"}
    if len(change.parts):
        parts = change.parts.assign(unit="*")
        for cell in melted(parts, counted, "unit", "node"):
            yield results, cell
        before = replace(results, year=change.last)
        for cell in melted(parts, {f"{name}_before": name for name in counted}, "unit", "node"):
            yield before, cell
    sipas = replace(results, index_name="sipas")
    for row in records(satisfaction.statistics):
        yield sipas, ("", WHOLE, str(row.statistic), float(row.value))
    for row in records(satisfaction.means):
        yield replace(sipas, year=int(row.year)), ("", WHOLE, "mean", float(row.mean))
    for cell in melted(satisfaction.units, {"value": "index", "rank": "rank"}, "unit"):
        yield sipas, cell
    for cell in of_bands(bands):
        yield results, cell


def of_bands(bands: pd.DataFrame) -> Iterator[Cell]:
    """The bounds of how many units each group has. ``bands`` is the frame of that name of the analysis."""
    for row in records(bands):
        for end in ("min", "max"):
            n = row.n if is_known(row.n) else getattr(row, f"n_{end}")
            yield "*", WHOLE, f"band:{row.band}_{end}", _number(n)


def of_round(facts: RoundFacts, overview: Overview, checks: pd.DataFrame) -> Iterator[Cell]:
    """What a round adds. ``facts`` are ``RoundFacts``, ``overview`` that of the diagnosis, ``checks`` the summary."""
    yield from melted(checks.assign(node="check:" + checks["check"].astype("str")),
                      dict.fromkeys(("compared", "held", "explained")), "*", "node")  # fmt: skip
    yield from of_survey(facts)
    yield from _of_returns(facts.returns)
    yield from _of_claims(overview)
    for row in records(overview.appeals):
        yield str(row.unit), str(row.code), f"outcome:{row.outcome or 'none'}", float(row.regained)
    for row in records(overview.divisions):
        node = {"area": str(row.key), "component": f"component:{row.key}"}.get(row.division, f"ground:{row.key}")
        yield "*", node, "n_leaves", float(row.n_leaves)
        if row.division == "ground":
            yield "*", node, "maximum", float(row.maximum)
            yield "*", node, "mean_lost", float(row.mean_lost)
            yield "*", node, "share", 100 * float(row.lost_share)
            yield "*", node, "share_of_all", 100 * float(row.share)
    for row in records(overview.exempt):
        yield str(row.unit), str(row.code), "not_applicable", 1.0
    measured = overview.measured
    yield from melted(measured, {"value": "value", "target": "target", "ratio": "ratio"}, "unit", "code")
    yield from melted(overview.measures, {"full_from": "rule"}, "*", "code")
    yield from of_items(overview)
    for area, grounds in overview.grid.iterrows():
        yield from (
            ("*", str(area), f"lost:{ground}", float(lost)) for ground, lost in grounds.items() if is_known(lost)
        )


def of_items(overview: Overview) -> Iterator[Cell]:
    """How well each criterion of a round tells the units apart."""
    yield from melted(overview.items, {"discrimination": "discrimination"}, "*", "node")


def of_survey(facts: RoundFacts) -> Iterator[Cell]:
    """What is known of the survey of a round: forms, and the answers to each question."""
    groups = facts.forms.assign(unit="group:" + facts.forms["group"]) if len(facts.forms) else facts.forms
    yield from melted(groups, {"n": "forms", "planned": "planned"}, "unit")
    for frame, node in ((facts.shares, "code"), (facts.satisfaction, "item")):
        for row in records(frame):
            unit, code = f"group:{getattr(row, 'group', 'citizens')}", str(getattr(row, node))
            yield unit, code, "answers", float(row.n)
            for name, what in (("share", "share"), ("lower", "low"), ("upper", "high")):
                yield unit, code, what, 100 * float(getattr(row, name))
    sipas = {"n": "sipas_n", "value": "sipas", "share": "sipas_survey", "lower": "sipas_low", "upper": "sipas_high"}
    yield from melted(facts.citizens, sipas, "unit")


def _of_returns(returns: pd.DataFrame) -> Iterator[Cell]:
    names = ("expected", "answered", "late", "adjusted", "appraised", "explained")
    yield from melted(returns, {name: f"returns:{name}" for name in names}, "unit")


def _of_claims(overview: Overview) -> Iterator[Cell]:
    """Points self-assessed and granted, on what a unit answers itself (node "*") and by area."""
    own = {"claimed": "claimed", "granted": "granted", "over": "claimed_not_granted", "n_over": "lowered"}
    for unit, _, what, value in melted(overview.claims, own, "unit"):
        yield unit, "*", what, value
    yield from melted(overview.gap, {"claimed": "self_points", "granted": "granted_points"}, "unit", "node")


def of_methods(
    view: View, sampling: SamplingAudit, method: MethodAudit, pairs: Neighbours | None = None
) -> Iterator[Cell]:
    """Results of random methods: intervals of ranks by survey error ("sets", "alone") and under other weights
    ("weights"), ranks with a part left out, tiers, what would follow from errors that are supposed. The frames are
    those of the audits."""
    for name, frame in (("sets", sampling.simultaneous), ("alone", sampling.marginal), ("weights", method.ranks)):
        yield from melted(frame, {"rank_low": f"{name}_min", "rank_high": f"{name}_max"}, "unit")
    for row in records(sampling.simultaneous) if "low_open" in sampling.simultaneous else ():
        if row.low_open or row.high_open:  # other draws may move an end
            yield str(row.unit), WHOLE, "sets_open", 1.0
    for end in ("low", "high"):
        scaled = sampling.intervals.assign(**{end: [view.scaled(x) for x in sampling.intervals[end]]}) if len(
            sampling.intervals) else sampling.intervals  # fmt: skip
        yield from melted(scaled, {end: f"compare_{end}"}, "unit")
    for unit, shares in method.acceptability.iterrows():
        yield from ((str(unit), WHOLE, f"at_rank:{rank}", float(share)) for rank, share in shares.items() if share)
    yield from melted(
        method.weights, {"nominal": "nominal_weight", "covariance_share": "share_of_variance"}, "*", "node"
    )
    effects = method.sensitivity
    if len(effects):
        effects = effects[effects["output"] == ""].assign(node="factor:" + effects["factor"].astype("str"))
        orders = ("first_order", "first_low", "first_high", "total", "total_low", "total_high")
        yield from melted(effects, {order: order for order in orders}, "*", "node")
    yield from melted(method.removals, {"rank": "rank_without"}, "unit", "node")
    yield from melted(sampling.tiers, {"tier": "tier", "tier_low": "between_min", "tier_high": "between_max"}, "unit")
    yield from _of_supposed(view, sampling)
    yield "*", WHOLE, "n_draws", float(method.n_draws)
    if len(method.ranks):
        yield "*", WHOLE, "level", 100 * float(method.ranks["coverage"].iloc[0])
        yield "*", WHOLE, "factor_low", 1 - method.spread
        yield "*", WHOLE, "factor_high", 1 + method.spread
        for unit, often in method.acceptability.max(axis=1).items():
            yield str(unit), WHOLE, "one_rank", float(often)
    if pairs is not None:
        yield "*", WHOLE, "pairs_level", 100 * (1 - float(pairs.level))
        yield "*", WHOLE, "pairs_alike", float(pairs.n_alike)


def _of_supposed(view: View, sampling: SamplingAudit) -> Iterator[Cell]:
    """The error that is supposed where none was published, what chance leaves open of it, what would follow."""
    for what, name in (("assumed_error", "error"), ("assumed_low", "error_low"), ("assumed_high", "error_high")):
        yield "*", WHOLE, what, view.scaled(getattr(sampling, name))
    yield "*", WHOLE, "holds_from", view.scaled(sampling.holds_from)
    for number, case in enumerate(records(sampling.cases), 1):
        results = {
            "error": view.scaled(case.error),
            "alike": case.n_alike,
            "places": case.places,
            "tiers": case.n_tiers,
        }
        for what, value in results.items():
            yield "*", WHOLE, f"case_{number}_{what}", value


def of_trend(trend: Trend) -> Iterator[Cell]:
    """What the last change of the mean is made of. ``trend`` is a ``Trend``."""
    parts = trend.mean_parts
    if len(parts):
        yield "*", WHOLE, "total", _number(parts["total"].iloc[0])
        parts = parts[parts["contribution"].notna()].assign(unit="*")
        yield from melted(parts, dict.fromkeys(("performance", "reweighting", "contribution")), "unit", "node")


def of_profile(profile: Profile) -> Iterator[Cell]:
    """What the profile of a unit adds to the index tables: ``profile`` is a ``Profile``."""
    unit, where, result = profile.unit, profile.position, profile.losses
    for what, value in (("tier", where.tier), ("sets_min", where.rank_low), ("sets_max", where.rank_high)):
        yield unit, WHOLE, what, _number(value)
    for what in ("rank_min", "rank_max"):
        yield unit, WHOLE, what, _number(where.row[what])
    yield from melted(profile.parts, {"contribution": "contribution"}, unit, "node")
    for name in ("own", "others"):
        yield unit, WHOLE, f"rank_{name}", _number(profile.moves.get(name))
    yield from melted(result.leaves, {"mean_lost": "mean_lost"}, "*", "node")
    yield from melted(result.survey, {"half": "half", "mean": "mean"}, unit, "node")
    for row in records(result.claims):
        for what, name in (("claimed", "claimed"), ("appraised", "appraised"), ("granted", "granted"),
                           ("answered", "n"), ("lowered", "n_over")):  # fmt: skip
            if hasattr(row, name):
                yield unit, str(row.node) or "*", what, float(getattr(row, name))
    yield unit, "*", "share", _number(result.over_claiming)
    yield "*", "*", "mean_share", _number(result.mean_over_claiming)
    yield from _of_ways(unit, profile)


def _of_ways(unit: str, profile: Profile) -> Iterator[Cell]:
    """The ways up and what they lead to."""
    ladder = profile.ladder
    yield "*", WHOLE, "most_steps", float(ladder.most)
    yield unit, WHOLE, "target_index", float(ladder.bound)
    if ladder.rank:
        yield unit, WHOLE, "target_rank", float(ladder.rank)
        yield unit, WHOLE, "target_places", _number(profile.position.row["rank"]) - ladder.rank
    for number, way in enumerate(ladder.ways, start=1):
        yield unit, WHOLE, f"way_{number}:index", float(way.index)
        yield unit, f"way:{number}", "sum", float(way.gain)
        if way.rank:
            yield unit, WHOLE, f"way_{number}:rank", float(way.rank)
    for step in records(ladder.steps):
        for what, name in (("before", "before_value"), ("after", "after_value"), ("of", "target"), ("gain", "gain")):
            yield unit, str(step.code), f"way_{step.way}:{what}", float(getattr(step, name))
        yield "*", str(step.code), f"way_{step.way}:reached", float(step.reached)
