"""Bodies that are assessed and not ranked: their own results, apart from the ranking."""

from __future__ import annotations

from parlib.report.blocks import Column, Sequel, Table, section
from parlib.report.tables.declared import Row, finished
from parlib.report.views import View
from parlib.report.wording import is_known


def apart(view: View) -> Sequel:
    """The results of the units that are assessed but not ranked; empty where there are none."""
    units = view.results.units
    keys = [str(key) for key in units.loc[~units["ranked"].astype(bool), "unit"] if str(key) not in view.incomplete]
    table = apart_table(view, keys) if keys else None
    if table is None:
        return Sequel(())
    return section(view.say("Bodies assessed and not ranked"), "apart", table)


def apart_table(view: View, keys: list[str]) -> Table | None:
    """Index of the whole and of each area of units outside the ranking; ``None`` where nothing of them is known."""
    whole = view.values()
    areas = [area for area in view.nodes("area") if view.values(area).reindex(keys).notna().any()]
    if not whole.reindex(keys).notna().any() and not areas:
        return None
    results = view.results
    marks = results.bases[results.bases["node"] == ""].set_index("unit")["basis"]
    rows: list[Row] = []
    for key in keys:
        row: Row = {"unit": view.unit(key)}
        index = results.values().get(key)
        if is_known(index):
            row["index"] = view.value(key, index, mark=view.footnote(marks.get(key, "")))
        for area in areas:
            row[area] = view.value(key, results.values(area).get(key), area)
        rows.append(row)
    columns = [
        Column("unit", view.say("Unit")),
        Column("index", view.index, "number", view.unit_of_value, view.measure.decimals),
        *(
            Column(area, f"{area}. {view.node_name(area)}", "number", view.unit_of_value, view.measure.decimals)
            for area in areas
        ),
    ]
    notes = (view.say("These bodies differ in their functions: their values are not compared with the ranked ones."),)
    caption = view.say("Results of the bodies assessed and not ranked, {year}")
    bases = [marks.get(key, "") for key in keys]
    return finished(view, "apart", caption, columns, rows, notes=notes, bases=bases)
