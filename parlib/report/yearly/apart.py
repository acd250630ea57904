"""Bodies that are assessed and not ranked: their own results, apart from the ranking."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Ref, Sequel, Table, section
from parlib.report.tables.declared import Col, table
from parlib.report.views import View
from parlib.scoring.results import WHOLE, Record


def apart(view: View) -> Sequel:
    """The results of the units that are assessed but not ranked; empty where there are none."""
    units = view.results.units
    keys = [str(key) for key in units.loc[~units["ranked"].astype(bool), "unit"] if str(key) not in view.incomplete]
    found = apart_table(view, keys) if keys else None
    if found is None:
        return Sequel(())
    return section(view.say("Bodies assessed and not ranked"), "apart", found)


def apart_table(view: View, keys: list[str]) -> Table | None:
    """Index of the whole and of each area of units outside the ranking; ``None`` where nothing of them is known."""
    whole = view.values()
    areas = [area for area in view.nodes("area") if view.values(area).reindex(keys).notna().any()]
    if not whole.reindex(keys).notna().any() and not areas:
        return None
    basis = view.results.bases[view.results.bases["node"] == WHOLE].set_index("unit")["basis"]
    rows = pd.DataFrame({"unit": keys, "basis": basis.reindex(keys).fillna("").to_numpy()})
    for place, node in enumerate([WHOLE, *areas]):
        rows[f"node_{place}"] = view.results.values(node).reindex(keys).to_numpy()
    columns = (
        Col("unit"),
        Col("index", of="node_0", basis="basis"),
        *(_in_area(area, f"node_{place}") for place, area in enumerate(areas, 1)),
    )
    notes = (view.say("These bodies differ in their functions: their values are not compared with the ranked ones."),)
    caption = view.say("Results of the bodies assessed and not ranked, {year}")
    return table(view, "apart", caption, rows, columns, notes=notes, bases=["basis"])


def _in_area(area: str, column: str) -> Col:
    def at(view: View, row: Record) -> Ref:
        return view.ref(str(row.unit), area)

    return Col(area, lambda view: f"{area}. {view.node_name(area)}", "value", column, at=at, gap=True)
