"""The tables of a profile. Cells that are there to be filled in are empty texts, never "not known"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from parlib.analysis.profile import Profile
from parlib.report.blocks import Column, Parts, Ref, Table, is_known, message, plain
from parlib.report.profile.page import answer, in_vietnamese, likeness, measures, points, there
from parlib.report.tables.declared import (
    Cell,
    Col,
    Row,
    cell_of,
    finished,
    in_focus,
    of_focus,
    of_node,
    points_of_node,
    table,
    year_before,
)
from parlib.report.views import View
from parlib.scoring import units
from parlib.tables import Record, records

MOST_TASKS = 6
MOST_LOSSES = 6


# --- by area, by part, among peers ----------------------------------------------------------------


def _in_region(view: View, row: Record) -> Ref:
    system = view.results.system
    return view.ref(f"region:{units.region_of(view.focus, system) if system else ''}", str(row.node))


def _best(view: View, row: Record) -> Ref:
    return view.ref(row.best_unit or "*", str(row.node))


def _holders(view: View, row: Record) -> Cell:
    return view.holders(row.best_units, view.ref(node=str(row.node)), best=True, short=True)


AREAS = (
    Col("area", message("Whole and {areas}"), "coded", "node"),
    Col("index", message("This unit"), optional=True),
    Col("points", kind="number", column="points", optional=True),
    Col("rank", optional=True),
    Col("mean", made="mean", at=of_node, optional=True),
    Col("gap", message("Against the mean"), "change", less=of_node, optional=True),
    Col("region_mean", message("Region"), "value", made="mean", at=_in_region, optional=True),
    Col("best", made="maximum", at=_best, optional=True),
    Col("previous", year_before, at=cell_of("{focus}", "{row.node}", before=True), optional=True),
    Col("holder", message("Best is"), of=_holders, optional=True),
)


def areas_table(view: View, profile: Profile) -> Table | None:
    """The unit by area: value, rank, means, best, its own past. Columns of which nothing is known are left out; points
    stand beside the value where those of some area are known and its maximum is not."""
    areas = profile.areas
    if areas.iloc[1:][["index", "points", "rank"]].isna().all(axis=None):
        return None
    if (areas["index"].notna() | areas["points"].isna()).all():
        areas = areas.assign(points=np.nan)
    rows = areas[areas[["index", "points", "rank", "mean", "best"]].notna().any(axis=1)]
    caption = view.say("{unit} by {area} against the others, {index} {year}", unit=view.named(view.focus))
    first = rows.index[0]
    return table(
        view,
        "areas",
        caption,
        rows.assign(style=["total" if place == first else "" for place in rows.index]),
        AREAS,
        at=of_focus,
        style=lambda _, row: str(row.style),
    )


def _of(column: str) -> tuple[Col, ...]:
    """A part of the unit against the mean and the best of all, in points or in percent of what applies."""
    beside = "_index" if column == "index" else ""

    all_of = cell_of(node="{row.node}", column=column)

    def mean(view: View, row: Record) -> Cell | None:
        value = getattr(row, f"mean{beside}")
        if not is_known(value) or not is_known(getattr(row, column)):
            return None
        return view.wording.number(float(value), 2, all_of(view, row), made="mean")

    kind = "percent" if beside else "points"
    return (
        *([Col("index", message("This unit"), "percent", column="index", optional=True)] if beside else []),
        Col("mean", kind=kind, of=mean, optional=True),
        Col(
            "gap",
            message("Against the mean"),
            "signed" if beside else "gain",
            f"gap{beside}",
            "difference",
            column,
            all_of,
            optional=True,
        ),
        Col("best", message("Highest"), kind, f"best{beside}", "maximum", at=all_of, optional=True),
    )


def components_table(view: View, profile: Profile) -> Table | None:
    """The parts of the index in points, against the mean and the best; in percent of what applies to each unit where
    the maxima of the units differ. ``None`` where none is known."""
    parts = profile.components
    if parts.empty:
        return None
    apart = any(len(view.maxima_of(str(node))) for node in parts["node"])
    most = message("Maximum that applies") if apart else message("Maximum")
    columns = (
        Col("part", message("Part"), "part", "node"),
        Col("points", message("This unit"), "points", column="points", gap=True),
        Col("maximum", most, "points", column="maximum", optional=True),
        *_of("index" if apart else "points"),
    )
    caption = view.say("Parts of the index of {unit}, {index} {year}", unit=view.named(view.focus))
    return table(view, "components", caption, parts, columns, at=of_focus)


def _less_own(view: View, row: Record) -> Cell | None:
    """What a peer has more than the unit; empty for the unit itself."""
    if row.is_own or not is_known(row.difference):
        return ""
    return view.change(-float(row.difference), view.ref(str(row.unit)), view.ref(view.focus))


PEERS = (
    Col("rank"),
    Col("unit"),
    Col("index", gap=True),
    Col("difference", message("Against this unit"), "change", _less_own),
)


def peers_table(view: View, profile: Profile) -> Table | None:
    """The unit among those nearest to it, where the value of every ranked unit is known."""
    rows = profile.position.peers
    if rows.empty or view.results.n_known != view.results.n_ranked:
        return None
    caption = view.say("The {units} nearest to {unit}, {index} {year}", unit=view.named(view.focus))
    return table(view, "peers", caption, rows, PEERS, style=in_focus)


def alike_table(view: View, profile: Profile) -> Table:
    """The units most like this one: how near they are, and where they stand."""
    result = profile.alike
    names = ["unit", "index", "rank"]
    rows = result.units.merge(profile.position.ranking[names], on="unit", how="left", validate="one_to_one")
    own = profile.position.row["index"]

    def number(what: str, decimals: int) -> Callable[[View, Record], Cell]:
        return lambda view, row: likeness(view, profile, what, getattr(row, what), str(row.unit), decimals)

    columns = (
        Col("place", message("Likeness"), "rank", number("place", 0)),
        Col("unit"),
        Col("index", gap=True),
        Col("rank"),
        Col("difference", message("Against this unit"), "change", _less_own),
        Col("distance", message("Distance by likeness"), "number", number("distance", 2)),
    )
    how = view.say(
        "The smaller the distance, the more alike: the mean of the distances by {measures} (Gower).",
        measures=measures(view, profile),
    )
    caption = view.say("The {units} most like {unit}, {index} {year}", unit=view.named(view.focus))
    rows = rows.assign(is_own=False, difference=own - rows["index"])
    return table(view, "alike", caption, rows, columns, notes=(how,))


# --- points lost, and ways up ---------------------------------------------------------------------


def _reason(view: View, leaf: Record) -> str:
    """The council's remark with its stage, or what else the points came from."""
    stages = {"appraisal": view.say("appraisal"), "conclusion": view.say("explanation")}
    if leaf.reason:
        quoted, stage = f"“{leaf.reason}”{in_vietnamese(view)}", stages.get(str(leaf.stage), "")
        return f"{quoted} ({stage})" if stage else quoted
    if not is_known(leaf.claimed):
        return view.say("measured by survey or by another index")
    if float(leaf.claimed) <= float(leaf.points) + 1e-9:
        if leaf.answer_label and float(leaf.claimed) >= float(leaf.points) - 1e-9:
            return view.say("reported by the unit itself: “{answer}”", answer=str(leaf.answer_label)) + in_vietnamese(
                view
            )
        return view.say("the unit did not claim the points taken away")
    return view.say("no reason is on record")


_POINTS = cell_of("{focus}", "{row.node}", "points")
LOSSES = (
    Col("code", of="node"),
    Col("name", message("Criterion"), "node", "node"),
    Col("lost", message("Lost"), "number", made="lost", gap=True),
    Col("mean", message("Mean lost"), "number", "mean_lost", "mean_lost", at=points_of_node),
    Col("reason", message("Council's reason"), of=_reason),
)


def losses_table(view: View, profile: Profile, most: int = MOST_LOSSES) -> Table | None:
    """The criteria that cost the unit most: points lost, mean of all, and the council's reason. What was reached of the
    maximum the figure above it shows."""
    leaves = profile.losses.leaves
    if leaves.empty:
        return None
    notes: tuple[str, ...] = ()
    if len(leaves) > most:
        lost = float(leaves["lost"].iloc[most:].sum())
        notes = (
            view.say(
                "The other {n} criteria cost {lost} points together.",
                n=view.wording.count(len(leaves) - most, view.ref(view.focus, "*", "leaves_rest")),
                lost=points(view, lost, "*", made="sum"),
            ),
        )
    caption = view.say("Points lost by {unit} and the council's reason, {index} {year}", unit=view.named(view.focus))
    return table(view, "losses", caption, leaves.head(most), LOSSES, at=_POINTS, notes=notes)


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
                "before": view.value(view.focus, profile.position.row["index"]),
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
    caption = view.say("The cheapest ways up of {unit}, {index} {year}", unit=view.named(view.focus))
    return finished(view, "ways", caption, columns, rows, styles=styles)


def _step_cells(view: View, number: int, step: Record) -> Row:
    node = str(step.code)
    before, after = (_one(answer(view, step, side)) for side in ("before", "after"))
    return {
        "way": str(number),
        "criterion": f"{node} {view.node_name(node)}",
        "before": before,
        "after": after,
        "gain": points(view, step.gain, node, made="gain", signed=True, column=f"way_{number}:gain"),
        "there": there(view, step),
    }


def _one(parts: Parts) -> Cell:
    """The only part of an answer, or its parts as text."""
    parts = tuple(part for part in parts if part)
    return parts[0] if len(parts) == 1 else plain(parts)


# --- over the years, elsewhere, to be done --------------------------------------------------------


HISTORY = (
    Col("year", kind="text", of=lambda _, row: f"{row.year}*" if row.break_mark else str(row.year)),
    Col("value", lambda view: view.index, "printed", unit=lambda view: view.unit_of_value),
    Col("rank"),
    Col("n", message("Of"), of="n_ranked", at=cell_of(column="ranked", year="year")),
)


def history_table(view: View, profile: Profile) -> Table | None:
    """Index and rank of every year of which either is known, the last first."""
    rows = profile.history
    scales = rows["break_mark"].astype(bool).cumsum()
    rows = rows[rows["value"].notna() | rows["rank"].notna()]
    if len(rows) < 2:
        return None
    marks = scales[rows.index].diff().fillna(0) > 0  # of years left out the change of scale is not
    rows = rows.assign(break_mark=marks).sort_values("year", ascending=False)
    breaks = view.say("*: the scale changed; values from here on do not compare with those before.")
    caption = view.say("{unit} over the years, {index}", unit=view.named(view.focus))
    notes = (breaks,) if rows["break_mark"].any() else ()
    return table(view, "history", caption, rows, HISTORY, at=cell_of("{focus}", year="year"), notes=notes)


def _there(make: Callable[[View, Record], Cell | None]) -> Callable[[View, Record], Cell | None]:
    """A cell that is made as the other index is printed."""
    return lambda view, other: make(replace(view, results=other.results), other)


def _near(view: View, other: Record) -> str:
    return "" if other.apart is None else view.say("far apart") if other.apart else view.say("near")


RELATED = (
    Col("index", message("Index"), "text", _there(lambda theirs, other: f"{theirs.index} {other.results.year}")),
    Col(
        "value",
        kind="number",
        of=_there(lambda theirs, o: theirs.value(theirs.focus, o.value) if is_known(o.value) else None),
    ),
    Col("unit", message("Counted in"), "text", _there(lambda theirs, _: theirs.unit_of_value)),
    Col("rank", of=_there(lambda theirs, o: theirs.rank(theirs.focus, o.rank) if is_known(o.rank) else None)),
    Col("n", message("Of"), of=_there(lambda theirs, other: theirs.n_ranked if is_known(other.n) else None)),
    Col("apart", message("Against the rank here"), of=_near),
)


def related_table(view: View, profile: Profile) -> Table | None:
    """The unit in each related index: value, rank, and whether its rank is far from the one here."""
    if not profile.related:
        return None
    caption = view.say("{unit} in related indices", unit=view.named(view.focus))
    sources = view.sources(replace(view, results=other.results).source for other in profile.related)
    return table(view, "related", caption, profile.related, RELATED, source=sources)


TASKS = (
    Col("criterion", message("Criterion"), of=lambda view, row: f"{row.node} {view.node_name(str(row.node))}"),
    Col("gain", message("Points to gain"), "number", made="gain"),
    Col("who", message("Who"), of=lambda *_: ""),
    Col("when", message("By when"), of=lambda *_: ""),
    Col("indicator", message("Indicator"), of=lambda *_: ""),
)


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
    rows = pd.DataFrame(gains.items(), columns=["node", "gain"])
    caption = view.say("Tasks of {unit}, to be filled in", unit=view.named(view.focus))
    return table(view, "tasks", caption, rows, TASKS, at=cell_of("{focus}", "{row.node}", "task_gain"), sortable=False)


def _answered(leaves: pd.DataFrame) -> tuple[list[str], list[float]]:
    """The criteria that the unit answers itself, largest loss first, and what was lost on them."""
    if leaves.empty:
        return [], []
    own = leaves[leaves["claimed"].notna()]
    return [str(node) for node in own["node"]], own["lost"].astype(float).tolist()
