"""Points lost divided over areas, components and grounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from parlib.report import style
from parlib.report.blocks import Column, Figure, Paragraph, Ref, Table
from parlib.report.charts.columns import figure
from parlib.report.style import MUTED, PARTS, SIZE, SMALL
from parlib.report.tables.declared import Row, finished
from parlib.report.views import End, View, ends
from parlib.report.wording import Content, Parts, message
from parlib.scoring.results import records

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


def divisions_table(view: View, divisions: pd.DataFrame | None) -> Table | None:
    """The points lost by area, by component and by ground; each division adds up to all points lost."""
    if divisions is None or divisions.empty:
        return None
    heads = {
        "area": view.say("By {area}", area=view.area),
        "component": view.say("By component"),
        "ground": view.say("By ground"),
    }
    rows: list[Row] = []
    styles = []
    number = view.wording.number
    last = ""
    for row in records(divisions):
        if row.division != last:
            last = str(row.division)
            rows.append({"name": heads[last], **dict.fromkeys(("n", "maximum", "lost", "part", "share"), "")})
            styles.append("total")
        node = {"area": str(row.key), "component": f"component:{row.key}"}.get(last, "")
        ref = view.ref(node=node or f"ground:{row.key}", column="points")
        rows.append(
            {
                "name": _name(view, last, str(row.key)),
                "n": view.wording.count(int(row.n_leaves), replace(ref, column="n_leaves")),
                "maximum": number(
                    float(row.maximum), 2, replace(ref, column=ref.column.replace("points", "maximum")), made="mean"
                ),
                "lost": number(float(row.mean_lost), 2, ref, made="mean_lost"),
                "part": number(100 * float(row.lost_share), 2, ref, made="share"),
                "share": number(100 * float(row.share), 2, ref, view.ref(column="points"), made="share"),
            }
        )
        styles.append("")
    columns = [
        Column("name", view.say("Part")),
        Column("n", view.say("Scored criteria"), "integer", decimals=0),
        Column("maximum", _most(view), "number", view.say("points")),
        Column("lost", view.say("Mean points lost"), "number", view.say("points")),
        Column("part", view.say("Share of its maximum lost"), "number", "%"),
        Column("share", view.say("Share of all points lost"), "number", "%"),
    ]
    caption = view.say("Points lost by {area}, component and ground, {year}", area=view.area)
    table = finished(view, "loss_divisions", caption, columns, rows, styles=styles)
    return _unsorted(table)


def _most(view: View) -> str:
    return view.say("Mean maximum that applies") if len(view.maxima_that_apply) else view.say("Maximum")


def _unsorted(table: Table) -> Table:
    """A table in groups: sorting it would tear them apart."""
    return replace(table, sortable=False)


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
