"""The areas of an index: best and worst unit in each, and every unit in every area."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Column, Note, Table
from parlib.report.tables.finish import Row, finished
from parlib.report.tables.ranking import capital, in_order
from parlib.report.views import View
from parlib.report.wording import is_known
from parlib.scoring.results import WHOLE, records


def areas_table(view: View, areas: pd.DataFrame) -> Table | Note:
    """Best and worst known unit and the mean in each area.

    ``areas`` is the frame of ``best_and_worst``; areas of which nothing is known are left out. A unit is named only
    where it is settled that it is the best or the worst.
    """
    rows = areas[areas["node"] != WHOLE]
    rows = rows[(rows["n_known"] > 0) | rows[["mean", "best", "worst"]].notna().any(axis=1)]
    if rows.empty:
        return view.missing("No value of any {area} is known for {year}.", area=view.area)
    unit, decimals = view.unit_of_value, view.measure.decimals
    best, worst = view.say("Highest"), view.say("Lowest")
    columns = [
        Column("area", capital(view.area)),
        Column("n", view.say("Units known"), "integer", decimals=0),
        Column("mean", view.say("Mean"), "number", unit, decimals),
        Column("best_unit", view.say("Unit"), group=best),
        Column("best", view.say("Value"), "number", unit, decimals, best),
        Column("worst_unit", view.say("Unit"), group=worst),
        Column("worst", view.say("Value"), "number", unit, decimals, worst),
    ]
    cells = []
    for row in records(rows):
        node = str(row.node)
        found: Row = {
            "area": view.node_name(node),
            "n": view.wording.count(int(row.n_known), view.ref(node=node, column="known")),
        }
        if is_known(row.mean):
            made = "printed" if row.mean_basis == "printed" else "mean"
            mean = view.number(row.mean, view.ref(node=node), node=node, made=made, mark=view.footnote(row.mean_basis))
            found["mean"] = mean
        ends = (
            ("best", row.best, row.best_unit, row.best_units),
            ("worst", row.worst, row.worst_unit, row.worst_units),
        )
        for what, value, key, keys in ends:
            if keys:
                found[f"{what}_unit"] = view.holders(keys, view.ref(node=node), best=what == "best")
            if is_known(value):
                found[what] = view.value(key or "", value, node)
        cells.append(found)
    settled = bool(rows["settled"].astype(bool).all())
    rule = view.say("A unit is named only where the known data settles that it is the highest or the lowest.")
    notes = () if settled else (rule,)
    caption = view.say("Highest, lowest and mean by {area}, {year}", area=view.area)
    return finished(view, "areas", caption, columns, cells, notes=notes, bases=list(rows["mean_basis"]))


def units_by_area_table(view: View, ranking: pd.DataFrame) -> Table | Note:
    """Every unit of which at least one area is known, in order of rank, with its value in each area."""
    areas = [area for area in view.nodes("area") if view.values(area).notna().any()]
    values = {area: view.values(area) for area in areas}
    rows = in_order(view, ranking)
    rows = rows[[any(is_known(values[area][unit]) for area in areas) for unit in rows["unit"]]]
    if rows.empty:
        return view.missing("No value of any {area} is known for {year}.", area=view.area)
    columns = [
        Column("rank", view.say("Rank"), "rank", decimals=0),
        Column("unit", view.say("Unit")),
        *(Column(area, view.node_name(area), "number", "", view.measure.decimals) for area in areas),
        Column("index", view.index, "number", "", view.measure.decimals),
    ]
    cells = []
    for row in records(rows):
        found: Row = {"unit": view.unit(row.unit)}
        if is_known(row.rank):
            found["rank"] = view.rank(row.unit, row.rank, view.footnote(row.rank_basis))
        for area in areas:
            if is_known(values[area][row.unit]):
                ref = view.ref(row.unit, area)
                found[area] = view.wording.number(values[area][row.unit], view.measure.decimals, ref)
        if is_known(row.index):
            found["index"] = view.value(row.unit, row.index, mark=view.footnote(row.basis))
        cells.append(found)
    caption = view.say(
        "{units} by {area} of the {index}, {year} ({unit})",
        units=capital(view.units),
        area=view.area,
        unit=view.unit_of_value,
    )
    bases = [*rows["basis"], *rows["rank_basis"]]
    styles = [view.row_style(unit) for unit in rows["unit"]]
    return finished(view, "units-by-area", caption, columns, cells, styles=styles, bases=bases)


def area_ranks_table(view: View, ranking: pd.DataFrame) -> Table | None:
    """The published ranks of units in the areas; ``None`` where none was published."""
    ranks = view.results.node_ranks
    areas = [area for area in view.nodes("area") if (ranks["node"] == area).any()]
    if not areas:
        return None
    found = ranks.set_index(["unit", "node"])["rank"]
    rows = in_order(view, ranking[ranking["unit"].isin(ranks["unit"])])
    columns = [
        Column("unit", view.say("Unit")),
        *(Column(area, view.node_name(area), "rank", "", 0) for area in areas),
        Column("rank", view.index, "rank", "", 0),
    ]
    cells = []
    for row in records(rows):
        cell: Row = {"unit": view.unit(row.unit)}
        for area in areas:
            if (row.unit, area) in found.index:
                number, ref = float(found[row.unit, area]), view.ref(row.unit, area, "rank")
                cell[area] = view.wording.number(number, 0, ref, made="rank")
        if is_known(row.rank):
            cell["rank"] = view.rank(row.unit, row.rank, view.footnote(row.rank_basis))
        cells.append(cell)
    caption = view.say("Published ranks by {area}, {year}", area=view.area)
    styles = [view.row_style(unit) for unit in rows["unit"]]
    return finished(view, "area-ranks", caption, columns, cells, styles=styles, bases=list(rows["rank_basis"]))
