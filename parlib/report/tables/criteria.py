"""The criteria of an area: what the units reached, what they lost, and how many reached everything."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from parlib.report.blocks import Column, Table
from parlib.report.tables.finish import Row, finished
from parlib.report.views import View
from parlib.report.wording import is_known
from parlib.scoring.results import records


def criteria_table(view: View, area: str, nodes: pd.DataFrame) -> Table:
    """The criteria of an area and what is below them: maximum, mean, points lost, units with all points, units that
    lost any. ``nodes`` is the frame of ``diagnosis.overview``."""
    inside = nodes[nodes["node"].str.startswith(f"{area}.")]
    order = {node: place for place, node in enumerate(view.results.nodes["node"])}
    inside = inside.sort_values("node", key=lambda column: column.map(order), kind="stable")
    maxima = view.results.nodes.set_index("node")["maximum"]
    number = view.wording.number
    rows: list[Row] = []
    styles = []
    for node in records(inside):
        key = str(node.node)
        ref = view.ref(node=key, column="points")
        rows.append(
            {
                "name": f"{key}. {view.node_name(key)}",
                "maximum": number(float(maxima[key]), 2, view.ref(node=key, column="maximum")),
                "index": number(float(node.mean_index), 2, view.ref(node=key, column="index"), made="mean"),
                "lost": number(float(node.mean_lost), 2, ref, made="mean_lost"),
                "full": view.wording.count(int(node.n_full), replace(ref, column="full")),
                "losing": view.wording.count(int(node.n_losing), replace(ref, column="losing")),
            }
        )
        styles.append("highlight" if node.kind == "criterion" and _has_parts(inside, key) else "")
    columns = [
        Column("name", view.say("Criterion")),
        Column("maximum", view.say("Maximum"), "number", view.say("points")),
        Column("index", view.say("Mean of the index"), "number", "%"),
        Column("lost", view.say("Mean points lost"), "number", view.say("points")),
        Column("full", view.say("Units with all points"), "integer", decimals=0),
        Column("losing", view.say("Units that lost points"), "integer", decimals=0),
    ]
    caption = view.say("Criteria of {area}, {year}", area=view.node_name(area))
    of_what_applies = view.say(
        "Maxima are those of the set of criteria; the mean index and points lost are of what applies to each unit."
    )
    notes = (of_what_applies,) if len(view.maxima_of(area)) else ()
    return finished(view, f"criteria_{area}", caption, columns, rows, styles=styles, notes=notes)


def _has_parts(nodes: pd.DataFrame, key: str) -> bool:
    return bool(nodes["node"].str.startswith(f"{key}.").any())


def parts_of_area_table(view: View, area: str, parts: pd.DataFrame) -> Table | None:
    """The parts of an area in points: mean, its change, highest and lowest unit; ``None`` where nothing is known.

    ``parts`` is the frame ``parts`` of ``areas.by_area``.
    """
    rows = parts[parts["mean"].notna()] if not parts.empty else parts
    if rows.empty:
        return None
    decimals, before = view.measure.decimals, view.results.year - 1
    highest, lowest = view.say("Highest"), view.say("Lowest")
    points = view.say("points")
    columns = [
        Column("name", view.say("Part")),
        Column("mean", view.say("Mean"), "number", points, decimals),
        Column("change", view.say("Change"), "change", points, decimals),
        Column("best_unit", view.say("Unit"), group=highest),
        Column("best", view.say("Value"), "number", points, decimals, highest),
        Column("worst_unit", view.say("Unit"), group=lowest),
        Column("worst", view.say("Value"), "number", points, decimals, lowest),
    ]
    if rows["change"].isna().all():
        columns = [column for column in columns if column.key != "change"]
    cells: list[Row] = []
    for row in records(rows):
        key = str(row.node)
        ref = view.ref(node=key, column="points")
        found: Row = {
            "name": f"{key}. {view.node_name(key)}",
            "mean": view.wording.number(row.mean, decimals, ref, made="mean"),
        }
        if is_known(row.change):
            then = view.ref(node=key, column="points", year=before)
            found["change"] = view.wording.number(row.change, decimals, ref, then, made="difference", signed=True)
        for end, made in (("best", "maximum"), ("worst", "minimum")):
            unit, units, value = (getattr(row, name) for name in (f"{end}_unit", f"{end}_units", end))
            found[f"{end}_unit"] = view.holders(units, ref, best=end == "best", short=True)
            own = view.ref(unit, key, "points") if unit else ref
            found[end] = view.wording.number(value, decimals, own, made="value" if unit else made)
        cells.append(found)
    caption = view.say("Parts of {area}, {year}", area=view.node_name(area))
    return finished(view, f"criteria_{area}", caption, columns, cells)
