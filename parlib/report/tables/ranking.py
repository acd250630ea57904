"""The ranking of a year, the parts of the units where they are not known of all, and the statistics of the year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from parlib.analysis.robustness.audit import Tiers
from parlib.data_tables import base_year, breaks, since_base
from parlib.report.blocks import Note, Number, Table, is_known, message
from parlib.report.tables.declared import (
    INDEX,
    Cell,
    Col,
    Row,
    cell_of,
    in_focus,
    node_before,
    of_node,
    table,
    unit_before,
)
from parlib.report.views import View, basis_name, counted_in, part_node, statistic, statistic_name
from parlib.scoring.results import WHOLE
from parlib.tables import Record, records


def _rank(view: View, row: Record) -> Cell | None:
    """The rank of a unit, or the bounds of it that were published."""
    if is_known(row.rank):
        return view.rank(row.unit, row.rank, view.footnote(row.rank_basis))
    if row.unit in view.printed_ranks and (is_known(row.rank_min) or is_known(row.rank_max)):
        return view.wording.range(_float(row.rank_min), _float(row.rank_max), view.ref(row.unit, column="rank"))
    return None


def _index(view: View, row: Record) -> Cell | None:
    """The index of a unit, or the bounds of it that are known."""
    if is_known(row.index):
        return view.value(row.unit, row.index, mark=view.footnote(row.basis))
    if is_known(row.low) or is_known(row.high):
        low, high = view.scaled(row.low), view.scaled(row.high)
        return view.wording.range(low, high, view.ref(row.unit), decimals=view.decimals)
    return None


def _against(view: View) -> str:
    return view.say("Against {before}")


FIRST = (
    Col("rank", of=_rank),
    Col("unit"),
    Col("index", of=_index),
    Col("band", of=lambda _, row: str(row.band) if row.band else None, optional=True),
)
AGAINST = (
    Col("previous", lambda view: view.index, at=unit_before, group=_against, optional=True),
    Col("change", less=unit_before, group=_against, optional=True),
    Col("previous_rank", message("Rank"), at=unit_before, group=_against, optional=True),
    Col("places", less=unit_before, group=_against, optional=True),
)


def ranking_table(
    view: View,
    ranking: pd.DataFrame,
    change: pd.DataFrame | None = None,
    parts: pd.DataFrame | None = None,
    tiers: Tiers | None = None,
) -> Table | Note:
    """Every ranked unit: rank, index, band and tier; index and rank of the year before and the change; points by
    component.

    ``ranking``, ``change`` and ``parts`` are the frames of these names of the analysis; columns of which nothing is
    known are left out, and the components where they are not known of all units. ``tiers`` are those of
    ``audit.printed_tiers`` (``by_unit``, ``between``): units that survey error cannot part; empty where no error was
    measured. Units stand in order of rank; those of which nothing is known at the end, in official order.
    """
    rows = in_order(view, ranking[ranking["ranked"].astype(bool)])
    if not (rows["index"].notna() | rows["rank"].notna() | rows["rank_min"].notna() | rows["low"].notna()).any():
        return view.missing("No rank and no value of the {index} of {year} is known for any of the ranked {units}.")
    points = _points(parts) if parts is not None and parts_complete(view, parts) else pd.DataFrame()
    then = [column.key for column in AGAINST]
    before = change if change is not None and len(change) else pd.DataFrame(columns=["unit", *then])
    return table(
        view,
        "ranking",
        view.say("Ranking by the {index}, {year}"),
        rows.merge(before[["unit", *then]], on="unit", how="left"),
        (*FIRST, *_tier_column(tiers), *_part_columns(view, points), *AGAINST),
        notes=(*_reading(view, points), *sets_differ(view, change), *_on_tiers(view, tiers)),
        style=lambda view, row: view.row_style(row.unit, "" if _rank(view, row) or _index(view, row) else "muted"),
        bases=["basis", "rank_basis"],
        always=[column.key for column in (*FIRST, *_tier_column(tiers))],
    )


def _tier_column(tiers: Tiers | None) -> tuple[Col, ...]:
    if tiers is None or not (tiers.by_unit or tiers.between):
        return ()

    def tier(view: View, row: Record) -> Cell | None:
        if row.unit in tiers.between:
            low, high = tiers.between[row.unit]
            return view.wording.range(float(low), float(high), view.ref(row.unit, column="between"))
        if row.unit not in tiers.by_unit:
            return None
        return view.wording.number(tiers.by_unit[row.unit], 0, view.ref(row.unit), made="tier")

    return (Col("tier", message("Tier"), "count", tier),)


def _on_tiers(view: View, tiers: Tiers | None) -> tuple[str, ...]:
    """What the tiers mean, and which error is in none of them."""
    if tiers is None or not (tiers.by_unit or tiers.between):
        return ()
    sentence = view.say("Tier: units of one tier cannot be told apart by their index, given the error of the survey.")
    lacking = view.without_errors(tiers.without)
    return (sentence, lacking) if lacking else (sentence,)


def in_order(view: View, ranking: pd.DataFrame) -> pd.DataFrame:
    """Rows of a ranking by rank, then by index, then as listed; with the bounds ``low`` and ``high`` of the index."""
    bounds = view.results.bounds.set_index("unit").reindex(ranking["unit"])
    rows = ranking.assign(low=bounds["index_min"].to_numpy(float), high=bounds["index_max"].to_numpy(float))
    place = rows["rank"].astype("Float64").fillna(rows["rank_min"].astype("Float64")).to_numpy(float, na_value=np.inf)
    value = -rows["index"].fillna(rows["low"]).fillna(-np.inf).to_numpy(float)
    return rows.iloc[np.lexsort((np.arange(len(rows)), value, place))]


def _float(value: object) -> float | None:
    return float(value) if is_known(value) else None


def sets_differ(view: View, change: pd.DataFrame | pd.Series | None) -> tuple[str, ...]:
    """Among whom places are moved where the units ranked differ from those of the year before, and who came and went;
    empty where all stayed.

    ``change`` is the frame of ``change``, or a row of it, whose ``attrs`` say it.
    """
    both = "" if change is None else str(change.attrs.get("both", ""))
    if change is None or not both:
        return ()
    if both == "?":
        return (view.say("Which {units} are ranked in both years is not known: places moved are not counted."),)
    nobody = view.say("none")
    stated = view.say(
        "Places are moved among the {n} {units} ranked in both years, by their ranks among these.", n=both
    )
    came, went = ([key for key in str(change.attrs.get(word, "")).split(";") if key] for word in ("came", "went"))
    if not came and not went:
        return (stated,)
    names = view.say(
        "Ranked in {year} only: {came}; in {before} only: {went}.",
        came=view.unit_list(came) if came else nobody,
        went=view.unit_list(went) if went else nobody,
    )
    return (f"{stated} {names}",)


def places(view: View, unit: str, moved: object) -> Number:
    """How many places a unit moved up (positive) or down."""
    refs = (view.ref(unit, column="rank"), view.ref(unit, column="rank", year=view.results.year - 1))
    return view.wording.number(_float(moved), 0, *refs, made="difference", signed=True)


def _points(parts: pd.DataFrame | None) -> pd.DataFrame:
    """Points by unit and component, without components and units of which nothing is known."""
    if parts is None or parts.empty:
        return pd.DataFrame()
    order = list(dict.fromkeys(parts["component"]))
    table = parts.pivot(index="unit", columns="component", values="points").reindex(columns=order)  # noqa: PD010
    return table.dropna(axis=0, how="all").dropna(axis=1, how="all")


def parts_complete(view: View, parts: pd.DataFrame) -> bool:
    """Whether all components of all ranked units are known."""
    points = _points(parts)
    return not points.empty and len(points.reindex(view.results.ranked_units).dropna()) == view.results.n_ranked


def _part_columns(view: View, points: pd.DataFrame) -> list[Col]:
    """The points of the components, and the maximum that applies where units differ in it."""
    group = view.say("Of which (points)")
    columns = [_part_column(points[part], part, group) for part in map(str, points.columns)]
    if columns and len(view.maxima_that_apply):
        maxima = view.maxima_that_apply.reindex(points.index)
        columns.append(replace(_part_column(maxima, "maximum", group), head=message("Maximum that applies"), group=""))
    return columns


def _part_column(values: pd.Series, part: str, group: str) -> Col:
    def cell(view: View, row: Record) -> Cell | None:
        value = values.get(row.unit)
        if not is_known(value):
            return None
        of_whole = part == "maximum"
        ref = view.ref(row.unit, WHOLE if of_whole else part_node(part), "maximum" if of_whole else "points")
        return view.wording.number(float(value), view.decimals, ref)

    return Col(part, lambda view: view.part_name(part), "printed", cell, group=lambda _: group)


def on_parts(view: View) -> tuple[str, ...]:
    """Why printed parts do not add up to the printed index where criteria do not apply; of rounding a report tells
    once."""
    if not len(view.maxima_that_apply):
        return ()
    return (
        view.say(
            "Criteria that do not apply to a unit leave its maximum: its index is its points in percent of the maximum "
            "that applies to it, not the sum of its parts."
        ),
    )


def _reading(view: View, points: pd.DataFrame) -> tuple[str, ...]:
    """What a reader must know of this table: how much of it is known, and why parts may not add up."""
    n, of = view.coverage
    partial: tuple[str, ...] = ()
    if n.value != of.value and view.results.n_known == view.results.n_ranked:
        partial = (view.say("Values known for {known}/{all} {units}; the others are not ranked.", known=n, all=of),)
    elif n.value != of.value:
        partial = (view.say("Values known for {known}/{all} {units}; ranks as published.", known=n, all=of),)
    if points.empty:
        return partial
    return (*partial, *on_parts(view))


def parts_table(view: View, parts: pd.DataFrame, ranking: pd.DataFrame) -> Table | Note:
    """The points of each component for every unit of which any is known, in order of rank."""
    points = _points(parts)
    if points.empty:
        return view.missing("No parts of the {index} of {year} are known.")
    rows = in_order(view, ranking[ranking["unit"].isin(points.index)])
    columns = (Col("unit"), *_part_columns(view, points), Col("index", basis="basis"))
    caption = view.say("Parts of the {index}, {year}")
    return table(view, "parts", caption, rows, columns, notes=on_parts(view), style=in_focus, bases=["basis"])


def _statistic_name(view: View, row: Record) -> str:
    return statistic_name(view, str(row.statistic), str(row.basis))


def _statistic_value(view: View, row: Record) -> Cell:
    return statistic(view, str(row.statistic), row.value, str(row.basis))


def _statistic_unit(view: View, row: Record) -> str:
    return view.unit(row.unit) if isinstance(row.unit, str) and row.unit else ""


def _statistic_basis(view: View, row: Record) -> str:
    """How a statistic was come by; that its source printed "more than", where it did."""
    printed = view.results.printed_statistics
    notes = printed.loc[printed["statistic"] == row.statistic, "note"] if "note" in printed else pd.Series(dtype="str")
    if row.basis == "printed" and notes.str.contains("more than").any():
        return view.say("as published: over this number")
    return basis_name(view, str(row.basis))


STATISTICS = (
    Col("statistic", message("Statistic"), of=_statistic_name),
    Col("value", kind="number", of=_statistic_value, decimals=INDEX),
    Col("counted", message("Unit of measure"), of=lambda view, row: counted_in(view, str(row.statistic))),
    Col("unit", of=_statistic_unit, optional=True),
    Col("basis", message("How known"), of=_statistic_basis),
)


def statistics_table(view: View, statistics: pd.DataFrame) -> Table | Note:
    """The statistics that are known, with the unit concerned and how each number was come by.

    ``statistics`` is the frame of ``statistics`` (statistic, value, unit, basis, source_ids).
    """
    rows = [row for row in records(statistics[statistics["value"].notna()]) if _statistic_name(view, row)]
    if not rows:
        return view.missing("No statistic of the {index} of {year} is known.")
    notes = _since_base(view) if any(row.statistic == since_base() for row in rows) else ()
    return table(view, "statistics", view.say("Statistics of the {index}, {year}"), rows, STATISTICS, notes=notes)


def _since_base(view: View) -> tuple[str, ...]:
    """The break mark of the change on the base year, where the set of criteria changed since."""
    broken = breaks(view.results.level, view.results.index_name)
    if not any(base_year() < year <= view.results.year for year in broken):
        return ()
    return (
        view.say(
            "Change of the mean on {start}: the set of criteria changed in between, so it is not like for like.",
            start=base_year(),
        ),
    )


# --- trends ---------------------------------------------------------------------------------------
# An index over the years in numbers, and what its last change was made of.


def yearly_table(view: View, yearly: pd.DataFrame, mobility: pd.DataFrame) -> Table | Note:
    """Level, spread and moves of every year. Frames as ``yearly`` and ``mobility`` give them.

    Rows of years that began a new scale are marked: what is above them does not compare.
    """
    if yearly.empty:
        return view.missing("Too little is known of the years up to {year} to draw a line.")
    moved = mobility.set_index("year") if len(mobility) else pd.DataFrame(columns=_MOVES)
    rows = yearly.join(moved[_MOVES].add_prefix("moved_"), on="year")
    notes = []
    if yearly["break_mark"].any():
        notes.append(view.say("*: the scale changed; values from here on do not compare with those above."))
    result = table(
        view,
        "years",
        view.say("The {index} year by year, {first}–{year}", first=int(yearly["year"].iloc[0])),
        rows,
        YEARS,
        at=cell_of(year="year"),
        notes=notes,
        bases=["mean_basis", "minimum_basis", "maximum_basis"],
        always=("year", "known", "mean"),
    )
    if any(column.key in ("places", "spearman") for column in result.columns):
        moves = view.say("Places moved and correlation: over the units ranked in both years.")
        result = replace(result, notes=(*result.notes[: len(notes)], moves, *result.notes[len(notes) :]))
    return result


def _of_all(name: str, head: str) -> Col:
    """The mean or an extreme of a year, or what was printed of it."""

    def cell(view: View, row: Record) -> Number:
        basis = getattr(row, f"{name}_basis")
        made = "printed" if basis == "printed" else name
        ref = view.ref(column=_PRINTED[name] if made == "printed" else "", year=int(row.year))
        mark = view.footnote(basis)
        return view.wording.number(getattr(row, name), view.decimals, ref, made=made, mark=mark)

    return Col(name, head, "value", cell)


def _of_moves(name: str, head: str, made: str, decimals: int) -> Col:
    """What is told of the moves since the year before. Moves among a part of the units are seldom those of all: only
    complete pairs of years are told."""

    def cell(view: View, row: Record) -> Number:
        refs = [view.ref(year=int(row.year))]
        if is_known(row.moved_n):
            refs.append(view.ref(year=int(row.moved_previous_year)))
        whole = is_known(row.moved_n_units) and row.moved_n == row.moved_n_units and _nearly_all(row)
        value = getattr(row, f"moved_{name}") if whole else None
        return view.wording.number(value, decimals, *refs, made=made)

    return Col({"mean_places": "places"}.get(name, name), head, "number", cell, decimals=decimals)


def _nearly_all(row: Record) -> bool:
    """Whether the units ranked in both years are almost all of those ranked in this one."""
    return bool(is_known(row.n_units) and row.moved_n >= 0.9 * row.n_units)


#: The published statistics that stand for mean and extremes of a year.
_PRINTED = {"mean": "mean", "minimum": "min", "maximum": "max"}


_MOVES = ["n", "n_units", "previous_year", "mean_places", "spearman"]
YEARS = (
    Col("year", kind="text", of=lambda _, row: f"{row.year} *" if row.break_mark else str(row.year)),
    Col("known", message("Known"), "count", "n_known", column="known", gap=True),
    _of_all("mean", message("Mean")),
    _of_all("minimum", message("Lowest")),
    _of_all("maximum", message("Highest")),
    Col("sd", made="standard deviation", unit=lambda view: view.unit_of_change, gap=True),
    _of_moves("mean_places", message("Mean places moved"), "mean_places", 1),
    _of_moves("spearman", message("Rank correlation with the year before"), "correlation", 2),
)


def contributions_table(view: View, parts: pd.DataFrame) -> Table | None:
    """What the change of the mean is made of, by part. ``parts`` is the frame of ``change_of_mean_by_part``."""
    if parts.empty or parts["contribution"].isna().all():
        return None
    refs = view.ref(column="total"), view.ref(year=view.results.year - 1)
    total: Row = {
        "part": view.say("Whole change"),
        **dict.fromkeys(("performance", "reweighting"), ""),
        "contribution": view.wording.number(parts["total"].iloc[0], 2, *refs, made="contribution", signed=True),
    }
    caption = view.say("What the change of the mean from {before} to {year} is made of, {index}")
    return table(view, "contributions", caption, parts, CONTRIBUTIONS, at=of_node, total=total)


def _part(view: View, row: Record) -> str:
    node = str(row.node)
    if row.kind == "remainder":
        return view.say("not explained by the parts")
    return view.part_name(node) if node.startswith(part_node("")) else view.node_name(node)


def _contribution(name: str, head: str) -> Col:
    return Col(name, head, "signed", made="contribution", column=name, less=node_before, gap=True)


CONTRIBUTIONS = (
    Col("part", message("Part"), of=_part),
    _contribution("performance", message("Better or worse results")),
    _contribution("reweighting", message("Other weights")),
    _contribution("contribution", message("Contribution")),
)
