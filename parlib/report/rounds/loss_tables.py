"""Points lost divided over areas, components and grounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from parlib.report import style
from parlib.report.blocks import Figure, Paragraph, Ref, Table
from parlib.report.charts.columns import figure
from parlib.report.style import MUTED, PARTS, SIZE, SMALL
from parlib.report.tables.declared import Cell, Col, table
from parlib.report.views import End, View, ends
from parlib.report.wording import Content, Parts, message
from parlib.scoring.results import Record

_HEAD, _FOOT, _PITCH, _LEFT = 6.0, 10.0, 8.4, 70.0

#: On what grounds points are given, in words.
GROUNDS = {
    "documents": message("documents and actions"),
    "results": message("results of work"),
    "survey": message("sociological survey"),
    "external": message("another index"),
}


def told(view: View, divisions: pd.DataFrame | None) -> Paragraph | None:
    """The area with the largest share of the points lost, and the one that lost most of its own points."""
    if divisions is None or divisions.empty:
        return None
    areas = divisions[divisions["division"] == "area"]
    if len(areas) < 2 or areas["share"].isna().any():
        return None
    largest, _ = ends(areas["key"], areas["share"])
    weakest, _ = ends(areas["key"], areas["lost_share"])
    lost = float(areas["mean_lost"].sum())
    number = view.wording.number

    def ref(end: End) -> Ref:
        return view.ref(node=end.keys[0], column="points")

    def named(end: End) -> Parts:
        refs = (view.ref(node=key, column="points") for key in end.keys)
        return view.shared((_area(view, key) for key in end.keys), *refs, noun=view.areas)

    contents: dict[str, Content] = {
        "lost": number(lost, 2, view.ref(column="points"), made="mean_lost"),
        "share": number(100 * largest.value, 2, ref(largest), view.ref(column="points"), made="share"),
        "area": named(largest),
        "part": number(100 * weakest.value, 2, ref(weakest), made="share"),
    }
    if largest.keys == weakest.keys:
        return Paragraph(
            view.phrase(
                "On average {lost} points were lost. The largest share, {share}%, was lost in {area}, which also lost "
                "most of its own points, {part}%.",
                **contents,
            )
        )
    return Paragraph(
        view.phrase(
            "On average {lost} points were lost. The largest share, {share}%, was lost in {area}; {weakest} lost "
            "most of its own points, {part}%.",
            weakest=named(weakest),
            **contents,
        )
    )


def _area(view: View, node: str) -> str:
    return f"{node}. {view.node_name(node)}"


def _division(view: View, row: Record) -> Ref:
    node = {"area": str(row.key), "component": f"component:{row.key}"}.get(str(row.division), f"ground:{row.key}")
    return view.ref(node=node, column="points")


def _all_points(view: View, _: Record) -> Ref:
    return view.ref(column="points")


def _most(view: View) -> str:
    return view.say("Mean maximum that applies") if len(view.maxima_that_apply) else view.say("Maximum")


def _named(view: View, row: Record) -> str:
    return _name(view, str(row.division), str(row.key))


DIVISIONS = (
    Col("name", message("Part"), of=_named),
    Col("n", message("Scored criteria"), of="n_leaves", column="n_leaves"),
    Col("maximum", _most, "points", made="mean", column="maximum", gap=True),
    Col("lost", of="mean_lost", made="mean_lost", gap=True),
    Col("part", message("Share of its maximum lost"), "percent", "lost_share", "share", factor=100, gap=True),
    Col("share", message("Share of all points lost"), made="share", factor=100, less=_all_points, gap=True),
)
_HEADS = {"area": message("By {area}"), "component": message("By component"), "ground": message("By ground")}


def _under_heading(column: Col) -> Callable[[View, Record], Cell | None]:
    def cell(view: View, row: Record) -> Cell | None:
        if not row.heading:
            return column.cell(view, row, _division)
        return view.say(_HEADS[str(row.division)]) if column.key == "name" else ""

    return cell


HEADED = tuple(replace(column, of=_under_heading(column)) for column in DIVISIONS)


def divisions_table(view: View, divisions: pd.DataFrame | None) -> Table | None:
    """The points lost by area, by component and by ground; each division adds up to all points lost."""
    if divisions is None or divisions.empty:
        return None
    first = ~divisions["division"].duplicated()
    heads = divisions[first].assign(heading=True)
    rows = pd.concat([heads, divisions.assign(heading=False)]).sort_index(kind="stable")
    caption = view.say("Points lost by {area}, component and ground, {year}")
    return table(
        view,
        "loss_divisions",
        caption,
        rows,
        HEADED,
        at=_division,
        style=lambda _, row: "total" if row.heading else "",
        sortable=False,  # sorting would tear the divisions apart
    )


def _name(view: View, division: str, key: str) -> str:
    if division == "area":
        return _area(view, key)
    return view.part_name(key) if division == "component" else view.say(GROUNDS[key])


def ground_bars(view: View, grid: pd.DataFrame) -> Figure:
    """Mean points lost in each area, by the ground that the points are given on. ``grid`` is that of ``loss_grid``."""
    areas, grounds = [str(area) for area in grid.index], [str(ground) for ground in grid.columns]
    names = [_area(view, area) for area in areas]
    labels = [style.wrapped(name, _LEFT - 3, SMALL) for name in names]
    totals = grid.sum(axis=1).to_numpy(float)
    with style.sheet(_HEAD + _PITCH * len(areas) + _FOOT) as sheet:
        axes = sheet.axes(_LEFT, 12, _HEAD, _FOOT)
        y, left = np.arange(len(areas), dtype=float), np.zeros(len(areas))
        axes.set(xlim=(0, float(totals.max()) * 1.02 or 1.0), ylim=(len(areas) - 0.5, -0.5))
        axes.grid(axis="x")
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        for ground, (colour, hatch) in zip(grounds, PARTS, strict=False):
            values = grid[ground].fillna(0.0).to_numpy(float)
            style.bars(axes, y, values, left, colour=colour, height=0.62, hatch=hatch, edge=MUTED)
            left = left + values
        heights = _HEAD + _PITCH * (y + 0.5)
        sheet.write(0.6, heights, labels, size=SMALL)
        sheet.write(sheet.width - 0.6, heights, [view.wording.format(x, 2) for x in totals], align="right", size=SIZE)
        sheet.write(sheet.width - 0.6, 2.4, view.say("points"), align="right", size=SMALL, colour=MUTED)
        words = [view.say(GROUNDS[ground]) for ground in grounds]
        patches = [(word, *look) for word, look in zip(words, PARTS, strict=False)]
        sheet.key(0.6, sheet.height - 2.4, patches)
        most, _ = view.ends_of(names, totals, view.areas)
        return figure(
            sheet,
            view,
            name="loss-grounds",
            chart="stacked",
            caption=view.say("Mean points lost by {area} and by the ground of the points, {year}", area=view.area),
            alternative=view.say(
                "Bars of mean points lost. Most were lost in {area}: {points}.",
                area=most.named,
                points=view.wording.format(totals[most.place], 2),
            ),
            data={
                "node": areas,
                "name": names,
                **{ground: [None if np.isnan(x) else float(x) for x in grid[ground]] for ground in grounds},
            },
        )
