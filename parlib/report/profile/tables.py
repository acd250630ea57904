"""The tables of a profile. Cells that are there to be filled in are empty texts, never "not known"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from parlib.analysis.profile import Profile
from parlib.report.blocks import Column, Number, Table
from parlib.report.profile.ways import answer, points
from parlib.report.tables.declared import Row, finished
from parlib.report.views import View
from parlib.report.wording import is_known, plain
from parlib.scoring.results import Record, records

MOST_TASKS = 6


def areas_table(view: View, profile: Profile) -> Table | None:
    """The unit by area: value, rank, means, best, its own past. Columns of which nothing is known are left out; points
    stand beside the value where those of some area are known and its maximum is not."""
    areas = profile.areas
    if areas.iloc[1:][["index", "points", "rank"]].isna().all(axis=None):
        return None
    if (areas["index"].notna() | areas["points"].isna()).all():
        areas = areas.assign(points=np.nan)
    decimals, unit = view.measure.decimals, view.unit_of_value
    heads = {
        "index": (view.say("This unit"), "number", unit, decimals),
        "points": (view.say("Points"), "number", "", 2),
        "rank": (view.say("Rank"), "rank", "", 0),
        "mean": (view.say("Mean"), "number", unit, decimals),
        "gap": (view.say("Against the mean"), "change", view.unit_of_change, decimals),
        "region_mean": (view.say("Region"), "number", unit, decimals),
        "best": (view.say("Best"), "number", unit, decimals),
        "previous": (str(view.results.year - 1), "number", unit, decimals),
    }
    known = [name for name in heads if areas["mean" if name == "gap" else name].notna().any()]
    rows: list[Row] = []
    for row in records(areas[areas[["index", "points", "rank", "mean", "best"]].notna().any(axis=1)]):
        rows.append(_area_cells(view, row))
    columns = [
        Column("area", view.say("Whole and {areas}", areas=view.areas)),
        *(Column(name, *heads[name]) for name in known),
    ]
    if areas["best_unit"].astype(bool).any():
        columns.append(Column("holder", view.say("Best is")))
    caption = view.say("{unit} by {area} against the others, {index} {year}", unit=view.unit(view.focus),
                       area=view.area)  # fmt: skip
    return finished(view, "areas", caption, columns, rows, styles=["total", *[""] * (len(rows) - 1)])


def _area_cells(view: View, row: Record) -> Row:
    node = str(row.node)
    region = f"region:{view.results.system and _region(view)}"
    cells: Row = {"area": view.say("Whole index") if not node else f"{node}. {view.node_name(node)}"}
    if is_known(row.index):
        cells["index"] = view.value(view.focus, row.index, node)
    if is_known(row.points):
        cells["points"] = points(view, row.points, node)
    if is_known(row.rank):
        cells["rank"] = view.wording.number(float(row.rank), 0, view.ref(view.focus, node, "rank"), made="rank")
    if is_known(row.mean):
        cells["mean"] = view.number(row.mean, view.ref(node=node), node=node, made="mean")
    if is_known(row.index) and is_known(row.mean):
        own = view.ref(view.focus, node)
        cells["gap"] = view.change(row.gap, own, view.ref(node=node), node=node)
    if is_known(row.region_mean):
        cells["region_mean"] = view.number(row.region_mean, view.ref(region, node), node=node, made="mean")
    if is_known(row.best):
        cells["best"] = view.number(row.best, view.ref(row.best_unit or "*", node), node=node, made="maximum")
    if is_known(row.previous):
        cells["previous"] = view.number(row.previous, view.ref(view.focus, node, year=view.results.year - 1), node=node)
    cells["holder"] = view.holders(row.best_units, view.ref(node=node), best=True, short=True)
    return cells


def _region(view: View) -> str:
    from parlib.scoring import units

    return units.region_of(view.focus, view.results.system)


def components_table(view: View, profile: Profile) -> Table | None:
    """The parts of the index in points, against the mean and the best; in percent of what applies to each unit where
    the maxima of the units differ. ``None`` where none is known."""
    parts = profile.components
    if parts.empty:
        return None
    apart = any(len(view.maxima_of(str(node))) for node in parts["node"])
    rows: list[Row] = []
    for row in records(parts):
        node = str(row.node)
        cells: Row = {"part": view.part_name(node), "points": points(view, row.points, node)}
        if is_known(row.maximum):
            cells["maximum"] = view.wording.number(row.maximum, 2, view.ref(view.focus, node, "maximum"))
        rows.append(cells | _against(view, row, "index" if apart else "points"))
    unit = "%" if apart else view.say("points")
    reached = view.unit_of_change if apart else unit
    heads = {
        "points": (view.say("This unit"), "number", view.say("points")),
        "maximum": (view.say("Maximum that applies") if apart else view.say("Maximum"), "number", view.say("points")),
        "index": (view.say("This unit"), "number", unit),
        "mean": (view.say("Mean"), "number", unit),
        "gap": (view.say("Against the mean"), "change", reached),
        "best": (view.say("Highest"), "number", unit),
    }
    known = [name for name in heads if any(name in row for row in rows)]
    columns = [Column("part", view.say("Part")), *(Column(name, *heads[name]) for name in known)]
    caption = view.say("Parts of the index of {unit}, {index} {year}", unit=view.unit(view.focus))
    return finished(view, "components", caption, columns, rows)


def _against(view: View, row: Record, column: str) -> Row:
    """A part of the unit against the mean and the best of all, in points or in percent of what applies."""
    node, number = str(row.node), view.wording.number
    own, all_of = view.ref(view.focus, node, column), view.ref(node=node, column=column)
    name = "_index" if column == "index" else ""
    value, mean, best = (float(getattr(row, key)) for key in (column, f"mean{name}", f"best{name}"))
    cells: Row = {"index": number(value, 2, own)} if name and is_known(value) else {}
    if is_known(mean) and is_known(value):
        cells["mean"] = number(mean, 2, all_of, made="mean")
        cells["gap"] = number(value - mean, 2, own, all_of, made="difference", signed=True)
    if is_known(best):
        cells["best"] = number(best, 2, all_of, made="maximum")
    return cells


def peers_table(view: View, profile: Profile) -> Table | None:
    """The unit among those nearest to it, where the value of every ranked unit is known."""
    rows = profile.standing.peers
    if rows.empty or view.results.n_known != view.results.n_ranked:
        return None
    cells: list[Row] = []
    styles = []
    for row in records(rows):
        unit = str(row.unit)
        found: Row = {"unit": view.unit(unit), "index": view.value(unit, row.index), "difference": ""}
        if is_known(row.rank):
            found["rank"] = view.rank(unit, row.rank)
        if not row.is_own and is_known(row.difference):
            found["difference"] = view.change(-float(row.difference), view.ref(unit), view.ref(view.focus))
        cells.append(found)
        styles.append(view.row_style(unit))
    columns = [
        Column("rank", view.say("Rank"), "rank", decimals=0),
        Column("unit", view.say("Unit")),
        Column("index", view.index, "number", view.unit_of_value, view.measure.decimals),
        Column("difference", view.say("Against this unit"), "change", view.unit_of_change, view.measure.decimals),
    ]
    caption = view.say("The {units} nearest to {unit}, {index} {year}", unit=view.unit(view.focus))
    return finished(view, "peers", caption, columns, cells, styles=styles)


def losses_table(view: View, profile: Profile, most: int) -> Table | None:
    """The criteria that cost the unit most: points, share of its own losses, mean of all, and the council's reason."""
    rows: list[Row] = []
    found = profile.losses.leaves
    for leaf in records(found.head(most)):
        node = str(leaf.node)
        ref = view.ref(view.focus, node, "points")
        row: Row = {
            "code": node,
            "name": view.node_name(node),
            "maximum": view.wording.number(leaf.maximum, 2, view.ref(view.focus, node, "maximum")),
            "points": points(view, leaf.points, node),
            "lost": view.wording.number(leaf.lost, 2, ref, made="lost"),
            "reason": _reason(view, leaf),
        }
        if is_known(leaf.share):
            row["share"] = view.wording.number(100 * leaf.share, 1, ref, made="share")
        if is_known(leaf.mean_lost):
            row["mean"] = view.wording.number(leaf.mean_lost, 2, view.ref(node=node, column="points"), made="mean_lost")
        rows.append(row)
    if not rows:
        return None
    columns = [
        Column("code", view.say("Code")),
        Column("name", view.say("Criterion")),
        Column("maximum", view.say("Max."), "number"),
        Column("points", view.say("Points"), "number"),
        Column("lost", view.say("Lost"), "number"),
        Column("share", view.say("Of own losses"), "number", "%", 1),
        Column("mean", view.say("Mean lost"), "number"),
        Column("reason", view.say("Council's reason")),
    ]
    caption = view.say("Points lost by {unit} and the council's reason, {index} {year}", unit=view.unit(view.focus))
    shown, rest = len(rows), len(found) - len(rows)
    notes: tuple[str, ...] = ()
    if rest > 0:
        lost = float(found["lost"].iloc[shown:].sum())
        notes = (
            view.say(
                "The other {n} criteria cost {lost} points together.",
                n=view.wording.count(rest, view.ref(view.focus, "*", "leaves_rest")),
                lost=points(view, lost, "*", made="sum"),
            ),
        )
    return finished(view, "losses", caption, columns, rows, notes=notes)


def _reason(view: View, leaf: Record) -> str:
    """The council's remark with its stage, or what else the points came from."""
    stages = {"appraisal": view.say("appraisal"), "conclusion": view.say("explanation")}
    if leaf.reason:
        stage = stages.get(str(leaf.stage), "")
        return f"{leaf.reason} ({stage})" if stage else str(leaf.reason)
    if not is_known(leaf.claimed):
        return view.say("measured by survey or by another index")
    if float(leaf.claimed) <= float(leaf.points) + 1e-9:
        return view.say("granted as the unit assessed itself")
    return view.say("no reason is on record")


def ways_table(view: View, profile: Profile) -> Table | None:
    """Every step of the ways up: criterion, answer now and then, points gained; a line with the result of each way."""
    steps = profile.ladder.steps
    if steps.empty:
        return None
    rows: list[Row] = []
    styles = []
    for number, way in enumerate(profile.ladder.ways, start=1):
        for step in records(steps[steps["way"] == number]):
            rows.append(_step_cells(view, number, step))
            styles.append("")
        whole = view.say("Whole index; rank then {rank}", rank=way.rank) if way.rank else view.say("Whole index")
        rows.append(
            {
                "way": str(number),
                "criterion": whole,
                "before": view.value(view.focus, profile.standing.row["index"]),
                "after": view.number(way.index, view.ref(view.focus, column=f"way_{number}:index"), made="what_if"),
                "gain": points(view, way.gain, f"way:{number}", made="sum", signed=True),
                "there": "",
            }
        )
        styles.append("total")
    columns = [
        Column("way", view.say("Way")),
        Column("criterion", view.say("Criterion")),
        Column("before", view.say("Answer now")),
        Column("after", view.say("Answer aimed at")),
        Column("gain", view.say("Points"), "change"),
        Column("there", view.say("Others already there"), "integer", decimals=0),
    ]
    caption = view.say("The cheapest ways up of {unit}, {index} {year}", unit=view.unit(view.focus))
    return finished(view, "ways", caption, columns, rows, styles=styles)


def _step_cells(view: View, number: int, step: Record) -> Row:
    node = str(step.code)
    before, after = (_one(answer(view, step, side)) for side in ("before", "after"))
    there = Number(
        float(step.reached),
        f"{step.reached}/{step.others}",
        (view.ref(node=node, column=f"way_{number}:reached"),),
        "out_of",
    )
    return {
        "way": str(number),
        "criterion": f"{node} {view.node_name(node)}",
        "before": before,
        "after": after,
        "gain": points(view, step.gain, node, made="gain", signed=True, column=f"way_{number}:gain"),
        "there": there,
    }


def _one(parts: tuple[Any, ...]) -> Any:
    """The only part of an answer, or its parts as text."""
    parts = tuple(part for part in parts if part)
    return parts[0] if len(parts) == 1 else plain(parts)


def history_table(view: View, profile: Profile) -> Table | None:
    """Index and rank of every year of which either is known, the last first."""
    rows = profile.history
    rows = rows[rows["value"].notna() | rows["rank"].notna()].sort_values("year", ascending=False)
    if len(rows) < 2:
        return None
    cells: list[Row] = []
    for row in records(rows):
        year = int(row.year)
        found: Row = {"year": f"{year}*" if row.break_mark else str(year)}
        if is_known(row.value):
            value = float(row.value)
            found["value"] = view.wording.number(value, view.measure.decimals, view.ref(view.focus, year=year))
        if is_known(row.rank):
            found["rank"] = view.rank(view.focus, row.rank, year=year)
        if is_known(row.n_ranked):
            found["n"] = view.wording.count(float(row.n_ranked), view.ref(column="ranked", year=year))
        cells.append(found)
    columns = [
        Column("year", view.say("Year")),
        Column("value", view.index, "number", view.unit_of_value, view.measure.decimals),
        Column("rank", view.say("Rank"), "rank", decimals=0),
        Column("n", view.say("Of"), "integer", decimals=0),
    ]
    breaks = view.say("*: the scale changed; values from here on do not compare with those before.")
    caption = view.say("{unit} over the years, {index}", unit=view.unit(view.focus))
    return finished(view, "history", caption, columns, cells, notes=(breaks,) if rows["break_mark"].any() else ())


def related_table(view: View, profile: Profile) -> Table | None:
    """The unit in each related index: value, rank, and whether its rank is far from the one here."""
    rows: list[Row] = []
    for other in profile.related:
        theirs = replace(view, results=other.results)
        row: Row = {
            "index": f"{theirs.index} {other.results.year}",
            "unit": theirs.unit_of_value,
            "apart": "" if other.apart is None else view.say("far apart") if other.apart else view.say("near"),
        }
        if is_known(other.value):
            row["value"] = theirs.value(view.focus, other.value)
        if is_known(other.rank):
            row["rank"] = theirs.rank(view.focus, other.rank)
        if is_known(other.n):
            row["n"] = theirs.n_ranked
        rows.append(row)
    if not rows:
        return None
    columns = [
        Column("index", view.say("Index")),
        Column("value", view.say("Value"), "number"),
        Column("unit", view.say("Counted in")),
        Column("rank", view.say("Rank"), "rank", decimals=0),
        Column("n", view.say("Of"), "integer", decimals=0),
        Column("apart", view.say("Against the rank here")),
    ]
    caption = view.say("{unit} in related indices", unit=view.unit(view.focus))
    sources = [replace(view, results=other.results).source for other in profile.related]
    return finished(view, "related", caption, columns, rows, source=" ".join(dict.fromkeys(sources)))


def tasks_table(view: View, profile: Profile) -> Table | None:
    """Criteria to work on, with the points to gain; who, by when and the indicator are left to the unit."""
    gains: dict[str, float] = {}
    if not profile.ladder.steps.empty:
        best = profile.ladder.steps.groupby("code", sort=False)["gain"].max()
        gains = {str(code): float(gain) for code, gain in best.items()}
    for node, lost in zip(*_answered(profile.losses.leaves), strict=True):
        if len(gains) < MOST_TASKS:
            gains.setdefault(node, lost)
    if not gains:
        return None
    rows: list[Row] = [
        {
            "criterion": f"{node} {view.node_name(node)}",
            "gain": points(view, float(gain), str(node), made="gain", column="task_gain"),
            **dict.fromkeys(("who", "when", "indicator"), ""),
        }
        for node, gain in gains.items()
    ]
    columns = [
        Column("criterion", view.say("Criterion")),
        Column("gain", view.say("Points to gain"), "number"),
        Column("who", view.say("Who")),
        Column("when", view.say("By when")),
        Column("indicator", view.say("Indicator")),
    ]
    caption = view.say("Tasks of {unit}, to be filled in", unit=view.unit(view.focus))
    return replace(finished(view, "tasks", caption, columns, rows), sortable=False)


def _answered(leaves: pd.DataFrame) -> tuple[list[str], list[float]]:
    """The criteria that the unit answers itself, largest loss first, and what was lost on them."""
    if leaves.empty:
        return [], []
    own = leaves[leaves["claimed"].notna()]
    return [str(node) for node in own["node"]], own["lost"].astype(float).tolist()
