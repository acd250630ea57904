"""The criteria of an area: what the units reached, what they lost, and how many reached everything."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Ref, Table
from parlib.report.tables.declared import INDEX, Col, ends, points_of_node, table
from parlib.report.views import View
from parlib.report.wording import message
from parlib.scoring.results import Record

CRITERIA = (
    Col("name", message("Criterion"), "coded", "node"),
    Col("maximum", message("Maximum"), "points", column="maximum", gap=True),
    Col("index", message("Mean of the index"), "percent", "mean_index", "mean", "index", gap=True),
    Col("lost", of="mean_lost", made="mean_lost", gap=True),
    Col("full", of="n_full", column="full"),
    Col("losing", of="n_losing", column="losing"),
)


def criteria_table(view: View, area: str, nodes: pd.DataFrame) -> Table:
    """The criteria of an area and what is below them: maximum, mean, points lost, units with all points, units that
    lost any. ``nodes`` is the frame of ``diagnosis.overview``."""
    inside = nodes[nodes["node"].str.startswith(f"{area}.")]
    order = {node: place for place, node in enumerate(view.results.nodes["node"])}
    inside = inside.assign(
        maximum=inside["node"].map(view.results.nodes.set_index("node")["maximum"]),
        has_parts=[bool(inside["node"].str.startswith(f"{node}.").any()) for node in inside["node"]],
    )
    of_what_applies = view.say(
        "Maxima are those of the set of criteria; the mean index and points lost are of what applies to each unit."
    )
    return table(
        view,
        f"criteria_{area}",
        view.say("Criteria of {area}, {year}", area=view.node_name(area)),
        inside.sort_values("node", key=lambda column: column.map(order), kind="stable"),
        CRITERIA,
        at=points_of_node,
        notes=(of_what_applies,) if len(view.maxima_of(area)) else (),
        style=lambda _, row: "highlight" if row.kind == "criterion" and row.has_parts else "",
    )


def _before(view: View, row: Record) -> Ref:
    return view.ref(node=str(row.node), column="points", year=view.results.year - 1)


PARTS = (
    Col("name", message("Part"), "coded", "node"),
    Col("mean", kind="points", made="mean", decimals=INDEX),
    Col("change", kind="gain", made="difference", less=_before, decimals=INDEX, optional=True),
    *ends(points_of_node, ("best", "worst"), "points", short=True),
)


def parts_of_area_table(view: View, area: str, parts: pd.DataFrame) -> Table | None:
    """The parts of an area in points: mean, its change, highest and lowest unit; ``None`` where nothing is known.

    ``parts`` is the frame ``parts`` of ``areas.by_area``.
    """
    rows = parts[parts["mean"].notna()] if not parts.empty else parts
    if rows.empty:
        return None
    caption = view.say("Parts of {area}, {year}", area=view.node_name(area))
    return table(view, f"criteria_{area}", caption, rows, PARTS, at=points_of_node)
