"""The areas of an index: best and worst unit in each, and every unit in every area."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Note, Table
from parlib.report.tables.declared import Cell, Col, ends, in_focus, of_node, table
from parlib.report.tables.ranking import capital, in_order
from parlib.report.views import View
from parlib.report.wording import is_known, message
from parlib.scoring.results import WHOLE, Record

AREAS = (
    Col("area", lambda view: capital(view.area), "node", "node"),
    Col("n", message("Units known"), of="n_known", column="known"),
    Col("mean", made="mean", basis="mean_basis"),
    *ends(of_node, ("best", "worst"), optional=False),
)


def areas_table(view: View, areas: pd.DataFrame) -> Table | Note:
    """Best and worst known unit and the mean in each area.

    ``areas`` is the frame of ``best_and_worst``; areas of which nothing is known are left out. A unit is named only
    where it is settled that it is the best or the worst.
    """
    rows = areas[areas["node"] != WHOLE]
    rows = rows[(rows["n_known"] > 0) | rows[["mean", "best", "worst"]].notna().any(axis=1)]
    if rows.empty:
        return view.missing("No value of any {area} is known for {year}.")
    rule = view.say("A unit is named only where the known data settles that it is the highest or the lowest.")
    notes = () if rows["settled"].astype(bool).all() else (rule,)
    caption = view.say("Highest, lowest and mean by {area}, {year}")
    return table(view, "areas", caption, rows, AREAS, at=of_node, notes=notes, bases=["mean_basis"])


def _in_area(view: View, area: str) -> Col:
    """The value of the units in an area."""
    values = view.values(area)

    def cell(_: View, row: Record) -> Cell | None:
        found = values[row.unit]
        return view.wording.number(found, view.measure.decimals, view.ref(row.unit, area)) if is_known(found) else None

    return Col(area, lambda view: view.node_name(area), "printed", cell)


def units_by_area_table(view: View, ranking: pd.DataFrame) -> Table | Note:
    """Every unit of which at least one area is known, in order of rank, with its value in each area."""
    areas = [area for area in view.nodes("area") if view.values(area).notna().any()]
    known = pd.DataFrame({area: view.values(area).notna() for area in areas}).any(axis=1)
    rows = in_order(view, ranking)
    rows = rows[rows["unit"].map(known).fillna(False).astype(bool)] if areas else rows.iloc[:0]
    if rows.empty:
        return view.missing("No value of any {area} is known for {year}.")
    columns = (
        Col("rank", basis="rank_basis"),
        Col("unit"),
        *(_in_area(view, area) for area in areas),
        Col("index", unit="", basis="basis"),
    )
    caption = view.say(
        "{units} by {area} of the {index}, {year} ({unit})", units=capital(view.units), unit=view.unit_of_value
    )
    bases = ["basis", "rank_basis"]
    return table(view, "units-by-area", caption, rows, columns, style=in_focus, bases=bases)


def area_ranks_table(view: View, ranking: pd.DataFrame) -> Table | None:
    """The published ranks of units in the areas; ``None`` where none was published."""
    ranks = view.results.node_ranks
    areas = [area for area in view.nodes("area") if (ranks["node"] == area).any()]
    if not areas:
        return None
    found = ranks.set_index(["unit", "node"])["rank"]

    def in_area(area: str) -> Col:
        def cell(view: View, row: Record) -> Cell | None:
            if (row.unit, area) not in found.index:
                return None
            return view.wording.number(float(found[row.unit, area]), 0, view.ref(row.unit, area, "rank"), made="rank")

        return Col(area, lambda view: view.node_name(area), "rank", cell)

    columns = (
        Col("unit"),
        *map(in_area, areas),
        Col("rank", lambda view: view.index, basis="rank_basis"),
    )
    rows = in_order(view, ranking[ranking["unit"].isin(ranks["unit"])])
    caption = view.say("Published ranks by {area}, {year}")
    return table(view, "area-ranks", caption, rows, columns, style=in_focus, bases=["rank_basis"])
