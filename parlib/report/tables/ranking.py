"""The ranking, its bands and parts, and how much of it is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from parlib.report.blocks import Column, Note, Number, Table
from parlib.report.tables.finish import Row, finished
from parlib.report.views import View, part_node
from parlib.report.wording import is_known
from parlib.scoring.results import records


def ranking_table(
    view: View,
    ranking: pd.DataFrame,
    change: pd.DataFrame | None = None,
    parts: pd.DataFrame | None = None,
    tiers: Any = None,
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
    before = _by_unit(change, "change", "previous", "previous_rank")
    points = _points(parts) if parts is not None and parts_complete(view, parts) else pd.DataFrame()
    columns = [
        Column("rank", view.say("Rank"), "rank", decimals=0),
        Column("unit", view.say("Unit")),
        Column("index", view.index, "number", view.unit_of_value, view.measure.decimals),
    ]
    if rows["band"].astype(bool).any():
        columns.append(Column("band", view.say("Group")))
    if tiers is not None and (tiers.by_unit or tiers.between):
        columns.append(Column("tier", view.say("Tier"), "integer", decimals=0))
    columns += _part_columns(view, points) + _change_columns(view, before)
    cells, styles = [], []
    for row in records(rows):
        cells.append(
            {
                **_known_so_far(view, row),
                **_tier(view, row.unit, tiers),
                **_part_cells(view, row.unit, points),
                **_change_cells(view, row, before),
            }
        )
        styles.append(view.row_style(row.unit, "" if {"index", "rank"} & cells[-1].keys() else "muted"))
    return finished(
        view,
        "ranking",
        view.say("Ranking by the {index}, {year}"),
        columns,
        cells,
        notes=(*_reading(view, points), *sets_differ(view, change), *_on_tiers(view, tiers)),
        styles=styles,
        bases=[*rows["basis"], *rows["rank_basis"]],
    )


def _tier(view: View, unit: str, tiers: Any) -> Row:
    if tiers is None:
        return {}
    if unit in tiers.between:
        low, high = tiers.between[unit]
        return {"tier": view.wording.range(float(low), float(high), view.ref(unit, column="between"))}
    if unit not in tiers.by_unit:
        return {}
    return {"tier": view.wording.number(tiers.by_unit[unit], 0, view.ref(unit), made="tier")}


def _on_tiers(view: View, tiers: Any) -> tuple[str, ...]:
    """What the tiers mean, and which error is in none of them."""
    if tiers is None or not (tiers.by_unit or tiers.between):
        return ()
    told = view.say("Tier: units of one tier cannot be told apart by their index, given the error of the survey.")
    lacking = view.without_errors(tiers.without)
    return (told, lacking) if lacking else (told,)


def in_order(view: View, ranking: pd.DataFrame) -> pd.DataFrame:
    """Rows of a ranking by rank, then by index, then as listed; with the bounds ``low`` and ``high`` of the index."""
    bounds = view.results.bounds.set_index("unit").reindex(ranking["unit"])
    rows = ranking.assign(low=bounds["index_min"].to_numpy(float), high=bounds["index_max"].to_numpy(float))
    place = rows["rank"].astype("Float64").fillna(rows["rank_min"].astype("Float64")).to_numpy(float, na_value=np.inf)
    value = -rows["index"].fillna(rows["low"]).fillna(-np.inf).to_numpy(float)
    return rows.iloc[np.lexsort((np.arange(len(rows)), value, place))]


def _known_so_far(view: View, row: Any) -> Row:
    """What is known of a unit: its rank or the bounds of its rank, its index or the bounds of its index, its band."""
    cells: Row = {"unit": view.unit(row.unit)}
    rank_ref = view.ref(row.unit, column="rank")
    if is_known(row.rank):
        cells["rank"] = view.rank(row.unit, row.rank, view.footnote(row.rank_basis))
    elif row.unit in view.printed_ranks and (is_known(row.rank_min) or is_known(row.rank_max)):
        cells["rank"] = view.wording.range(_float(row.rank_min), _float(row.rank_max), rank_ref)
    if is_known(row.index):
        cells["index"] = view.value(row.unit, row.index, mark=view.footnote(row.basis))
    elif is_known(row.low) or is_known(row.high):
        low, high = view.scaled(row.low), view.scaled(row.high)
        cells["index"] = view.wording.range(low, high, view.ref(row.unit), decimals=view.measure.decimals)
    if row.band:
        cells["band"] = str(row.band)
    return cells


def _float(value: Any) -> float | None:
    return float(value) if is_known(value) else None


def _by_unit(frame: pd.DataFrame | None, *columns: str) -> pd.DataFrame:
    """The frame by unit, empty when nothing is known in any of ``columns``."""
    if frame is None or frame.empty or not frame[list(columns)].notna().any(axis=None):
        return pd.DataFrame()
    return frame.set_index("unit")


def _change_columns(view: View, before: pd.DataFrame) -> list[Column]:
    if before.empty:
        return []
    group = view.say("Against {before}", before=view.results.year - 1)
    decimals, columns = view.measure.decimals, []
    if before["previous"].notna().any():
        columns.append(Column("previous", view.index, "number", view.unit_of_value, decimals, group))
    if before["change"].notna().any():
        columns.append(Column("change", view.say("Change"), "change", view.unit_of_change, decimals, group))
    if before["previous_rank"].notna().any():
        columns.append(Column("previous_rank", view.say("Rank"), "rank", "", 0, group))
    if before["places"].notna().any():
        columns.append(Column("places", view.say("Places"), "change", "", 0, group))
    return columns


def _change_cells(view: View, row: Any, before: pd.DataFrame) -> Row:
    if before.empty or row.unit not in before.index:
        return {}
    then, year = before.loc[row.unit], view.results.year - 1
    cells: Row = {}
    if is_known(then["previous"]):
        cells["previous"] = view.number(then["previous"], view.ref(row.unit, year=year))
    if is_known(then["change"]):
        cells["change"] = view.change_of(row.unit, then["change"], year)
    if is_known(then["previous_rank"]):
        cells["previous_rank"] = view.rank(row.unit, then["previous_rank"], year=year)
    if is_known(then["places"]):
        cells["places"] = places(view, row.unit, then["places"])
    return cells


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
    before, nobody = view.results.year - 1, view.say("none")
    said = view.say("Places are moved among the {n} {units} ranked in both years, by their ranks among these.", n=both)
    came, went = ([key for key in str(change.attrs.get(word, "")).split(";") if key] for word in ("came", "went"))
    if not came and not went:
        return (said,)
    names = view.say(
        "Ranked in {year} only: {came}; in {before} only: {went}.",
        before=before,
        came=view.unit_list(came) if came else nobody,
        went=view.unit_list(went) if went else nobody,
    )
    return (f"{said} {names}",)


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


def _part_columns(view: View, points: pd.DataFrame) -> list[Column]:
    group = view.say("Of which (points)")
    columns = [
        Column(str(part), view.part_name(str(part)), "number", "", view.measure.decimals, group)
        for part in points.columns
    ]
    if columns and len(view.maxima_that_apply):
        columns.append(Column("maximum", view.say("Maximum that applies"), "number", "", view.measure.decimals, group))
    return columns


def _part_cells(view: View, unit: str, points: pd.DataFrame) -> Row:
    if unit not in points.index:
        return {}
    cells: Row = {}
    for part in points.columns:
        value = points[part][unit]
        if is_known(value):
            ref = view.ref(unit, part_node(str(part)), "points")
            cells[str(part)] = view.wording.number(float(value), view.measure.decimals, ref)
    if unit in view.maxima_that_apply.index:
        most = float(view.maxima_that_apply[unit])
        cells["maximum"] = view.wording.number(most, view.measure.decimals, view.ref(unit, column="maximum"))
    return cells


def on_parts(view: View) -> str:
    """Why printed parts may not add up to the printed index: of what applies to a unit, or by rounding."""
    if len(view.maxima_that_apply):
        return view.say(
            "Criteria that do not apply to a unit leave its maximum: its index is its points in percent of the maximum "
            "that applies to it, not the sum of its parts."
        )
    return view.say("Printed parts may miss a printed total by one unit of the last decimal, because of rounding.")


def _reading(view: View, points: pd.DataFrame) -> tuple[str, ...]:
    """What a reader must know of this table: how much of it is known, and that parts are rounded one by one."""
    n, of = view.coverage
    partial: tuple[str, ...] = ()
    if n.value != of.value and view.results.n_known == view.results.n_ranked:
        partial = (view.say("Values known for {known}/{all} {units}; the others are not ranked.", known=n, all=of),)
    elif n.value != of.value:
        partial = (view.say("Values known for {known}/{all} {units}; ranks as published.", known=n, all=of),)
    if points.empty:
        return partial
    return (*partial, on_parts(view))


def bands_table(view: View, bands: pd.DataFrame, ranking: pd.DataFrame | None = None) -> Table | Note:
    """The number of units in each band, with the units known to be in it.

    ``bands`` is the frame of ``bands`` (band, lower, n, n_min, n_max, basis).
    """
    if bands.empty or not bands[["n", "n_min", "n_max"]].notna().any(axis=None):
        return view.missing("The groups of {year} are not known.")
    columns = [
        Column("band", view.say("Group")),
        Column("n", view.say("Number of units"), "integer", decimals=0),
        Column("units", view.say("Units known to be in the group")),
    ]
    rows = []
    for row in records(bands):
        cells: Row = {"band": f"{row.band}: {view.bounds(str(row.band))}"}
        ref = view.ref(column=f"band:{row.band}")
        if is_known(row.n):
            made = "printed" if row.basis == "printed" else "count"
            cells["n"] = view.wording.count(float(row.n), ref, made=made)
        elif is_known(row.n_min) or is_known(row.n_max):
            cells["n"] = view.wording.range(_float(row.n_min), _float(row.n_max), ref)
        cells["units"] = _members(view, ranking, str(row.band))
        rows.append(cells)
    bases = list(bands["basis"])
    return finished(view, "bands", view.say("Groups by the {index}, {year}"), columns, rows, bases=bases)


def _members(view: View, ranking: pd.DataFrame | None, band: str) -> str:
    if ranking is None:
        return ""
    rows = in_order(view, ranking[ranking["ranked"].astype(bool) & (ranking["band"] == band)])
    return ", ".join(view.unit(unit, short=True) for unit in rows["unit"])


def parts_table(view: View, parts: pd.DataFrame, ranking: pd.DataFrame) -> Table | Note:
    """The points of each component for every unit of which any is known, in order of rank."""
    points = _points(parts)
    if points.empty:
        return view.missing("No parts of the {index} of {year} are known.")
    rows = in_order(view, ranking[ranking["unit"].isin(points.index)])
    columns = [
        Column("unit", view.say("Unit")),
        *_part_columns(view, points),
        Column("index", view.index, "number", view.unit_of_value, view.measure.decimals),
    ]
    cells = [
        {"unit": view.unit(row.unit), **_part_cells(view, row.unit, points), **_index_cell(view, row)}
        for row in records(rows)
    ]
    caption = view.say("Parts of the {index}, {year}")
    notes = (on_parts(view),)
    styles = [view.row_style(unit) for unit in rows["unit"]]
    return finished(view, "parts", caption, columns, cells, notes=notes, styles=styles, bases=list(rows["basis"]))


def _index_cell(view: View, row: Any) -> Row:
    return {"index": view.value(row.unit, row.index, mark=view.footnote(row.basis))} if is_known(row.index) else {}


def coverage_table(view: View, ranking: pd.DataFrame) -> Table:
    """How much of the year is known: units assessed, ranked, with an index, with a rank, with neither."""
    ranked = ranking["ranked"].astype(bool)
    with_index, with_rank = ranking["index"].notna(), ranking["rank"].notna()
    bounded = ranking["rank_min"].notna() | ranking["unit"].isin(view.results.bounds["unit"])
    counts = (
        (view.say("Assessed"), "assessed", pd.Series(True, ranking.index)),
        (view.say("Assessed and ranked"), "listed", ranked),
        (view.say("Assessed, not ranked"), "not_ranked", ~ranked),
        (view.say("Ranked, value known"), "known", ranked & with_index),
        (view.say("Ranked, only the rank known"), "rank_only", ranked & ~with_index & with_rank),
        (view.say("Ranked, only bounds known"), "bounds_only", ranked & ~with_index & ~with_rank & bounded),
        (view.say("Ranked, nothing known"), "nothing", ranked & ~with_index & ~with_rank & ~bounded),
    )
    rows: list[Row] = [
        {"what": what, "n": view.wording.count(int(which.sum()), view.ref(column=column))}
        for what, column, which in counts
    ]
    columns = [Column("what", capital(view.units)), Column("n", view.say("Number"), "integer", decimals=0)]
    return finished(view, "coverage", view.say("What is known of {year}"), columns, rows)


def capital(text: str) -> str:
    """``text`` with its first letter in upper case."""
    return text[:1].upper() + text[1:]
