"""Measured criteria: value, target and points of each unit, and how many units reached all points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from parlib.report import style
from parlib.report.blocks import Figure, Paragraph, Ref, Sequel, Table, section
from parlib.report.charts.columns import figure
from parlib.report.style import INK, MUTED, ORDERED, SMALL
from parlib.report.tables.declared import Cell, Col, in_focus, table
from parlib.report.views import End, View, ends
from parlib.report.wording import message
from parlib.scoring.results import Record, records

_HEAD, _FOOT, _PITCH, _LEFT = 4.0, 10.0, 9.0, 78.0
PER_TABLE = 3  # criteria side by side: with value, target and points these are nine columns


def impact(view: View, summary: pd.DataFrame) -> Sequel:
    """How the units did where points follow from a measured value. ``summary`` is the frame of ``measured_summary``.

    Empty without a round, or where its scheme has no such criterion. The values of each unit stand in an annex.
    """
    if summary.empty:
        return Sequel(())
    return section(
        view.say("Measured results, targets and impact"),
        "impact",
        _told(view, summary),
        full_bars(view, summary),
        summary_table(view, summary),
    )


def _told(view: View, summary: pd.DataFrame) -> Paragraph | None:
    """The criterion with the most units at all points, and the one with the fewest."""
    known = summary[summary["kind"] != "external"]
    known = known[known["n"] > 0].assign(share=lambda frame: frame["n_full"] / frame["n"])
    if len(known) < 2:
        return None
    best, worst = ends(known["code"], known["share"])
    if best.value == worst.value:
        return None

    def named(end: End) -> Any:
        refs = (view.ref(node=code, column="points") for code in end.keys)
        return view.shared((f"{code} {view.node_name(code)}" for code in end.keys), *refs, noun=view.say("criteria"))

    def of(end: End) -> Any:
        row = known[known["code"].astype("str") == end.keys[0]].iloc[0]
        ref = view.ref(node=str(row["code"]), column="points")
        count = view.wording.count
        return view.share(
            count(int(row["n_full"]), replace(ref, column="full")), count(int(row["n"]), replace(ref, column="applies"))
        )

    return Paragraph(
        view.phrase(
            "All points were reached by most units on {best} ({high} {units}), by fewest on {worst} ({low} {units}).",
            best=named(best),
            high=of(best),
            worst=named(worst),
            low=of(worst),
        )
    )


def full_bars(view: View, summary: pd.DataFrame) -> Figure:
    """How many units reached all, some or none of the points of each measured criterion."""
    labels = [
        style.wrapped(f"{row.code} {view.node_name(str(row.code))}", _LEFT - 3, SMALL) for row in records(summary)
    ]
    parts = [summary[name].to_numpy(float) for name in ("n_full", "n_part", "n_none")]
    words = [view.say("all points"), view.say("some points"), view.say("no points")]
    colours = [ORDERED[0], ORDERED[2], "#ffffff"]
    with style.sheet(_HEAD + _PITCH * len(summary) + _FOOT) as sheet:
        axes = sheet.axes(_LEFT, 4, _HEAD, _FOOT)
        y, left = np.arange(len(summary), dtype=float), np.zeros(len(summary))
        axes.set(xlim=(0, max(float(sum(parts).max()), 1.0)), ylim=(len(summary) - 0.5, -0.5))  # type: ignore[union-attr]
        axes.tick_params(bottom=False, labelbottom=False)
        axes.spines["bottom"].set_visible(False)
        for values, colour in zip(parts, colours, strict=True):
            style.bars(axes, y, values, left, colour=colour, height=0.6, edge=MUTED)
            shown = values > 0
            texts = [view.wording.format(value, 0) for value in values[shown]]
            ink = style.readable_on(colour)
            sheet.write((left + values / 2)[shown], y[shown], texts, axes, align="center", size=SMALL, colour=ink)
            left = left + values
        sheet.write(0.6, _HEAD + _PITCH * (y + 0.5), labels, size=SMALL, colour=INK)
        sheet.key(_LEFT, sheet.height - 4, zip(words, colours, ("", "", ""), strict=True))
        most, _ = view.ends_of([str(code) for code in summary["code"]], parts[0], view.say("criteria"))
        return figure(
            sheet,
            view,
            name="impact",
            chart="stacked",
            caption=view.say("Units by points reached on measured criteria, {year}"),
            alternative=view.say(
                "Bars of units by points reached. Most units reached all points on {code}: {n}.",
                code=most.named,
                n=int(parts[0][most.place]),
            ),
            data={
                "code": list(summary["code"]),
                "name": [view.node_name(str(code)) for code in summary["code"]],
                **{name: summary[name].tolist() for name in ("n_full", "n_part", "n_none")},
            },
        )


GROUP = message("Units with")
_KINDS = {
    "external": message("another index"),
    "target": message("percent of the target"),
    "result": message("result"),
}
SUMMARY = (
    Col("code"),
    Col("name", message("Criterion"), "node", "code"),
    Col("kind", message("Measured as"), of=lambda view, row: view.say(_KINDS[str(row.kind)])),
    Col("full_from", message("All points from"), "number", made="rule", column="rule"),
    Col("median", message("Median of the units"), "number", made="median", column="value", gap=True),
    Col("points", message("Mean points"), "number", "mean_points", "mean", gap=True),
    Col("maximum", message("Maximum"), "number", column="maximum", gap=True),
    Col("n_full", message("all points"), "count", column="full", group=GROUP),
    Col("n_part", message("some points"), "count", column="partly", group=GROUP),
    Col("n_none", message("no points"), "count", column="none", group=GROUP),
)


def _of_code(view: View, row: Record) -> Ref:
    return view.ref(node=str(row.code), column="points")


def summary_table(view: View, summary: pd.DataFrame) -> Table:
    """Each measured criterion: what gives all points, the middle unit, and how many reached all, some or none."""
    caption = view.say("Criteria whose points follow from a measured value, {year}")
    return table(view, "impact", caption, summary, SUMMARY, at=_of_code)


def unit_tables(view: View, points: pd.DataFrame) -> Iterator[Table]:
    """Value, target and points of every unit on every measured criterion, a few criteria a table."""
    codes = list(dict.fromkeys(points["code"])) if len(points) else []
    n_tables = -(-len(codes) // PER_TABLE)
    for some in np.array_split(np.array(codes, dtype=object), n_tables) if n_tables else ():
        yield _unit_table(view, points, [str(code) for code in some])


def _unit_table(view: View, points: pd.DataFrame, codes: Sequence[str]) -> Table:
    some = points[points["code"].isin(codes)]
    columns = [Col("unit")]
    for code in codes:
        of = some[some["code"] == code].set_index("unit")
        shown = ("value", "target", "points") if (of["kind"] == "target").any() else ("value", "points")
        columns += [_measured(code, name, of[name].astype(float)) for name in shown]
    units = view.results.units
    return table(
        view,
        f"impact_{codes[0]}",
        view.say("Value, target and points by unit: criteria {list}, {year}", list=", ".join(codes)),
        units.loc[units["unit"].isin(some["unit"]), ["unit"]],
        columns,
        style=in_focus,
    )


_HEADS = {"value": message("Value"), "target": message("Target"), "points": message("Points")}


def _measured(code: str, name: str, values: pd.Series) -> Col:
    """What was measured of the units; a dash where the criterion does not apply."""

    def cell(view: View, row: Record) -> Cell:
        if row.unit not in values.index:
            return "–"
        return view.wording.number(values[row.unit], 2, view.ref(str(row.unit), code, name))

    return Col(f"{code}_{name}", _HEADS[name], "number", cell, group=lambda view: f"{code} {view.node_name(code)}")
