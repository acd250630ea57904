"""Change on the year before, unit by unit."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Column, Note, Table
from parlib.report.tables.finish import Row, finished
from parlib.report.tables.ranking import places, sets_differ
from parlib.report.views import View
from parlib.report.wording import is_known
from parlib.scoring.results import records


def change_table(view: View, change: pd.DataFrame) -> Table | Note:
    """Index and rank then and now of every unit of which a change of either is known, largest rise first.

    ``change`` is the frame of ``change`` (unit, index, previous, change, rank, previous_rank, places, ...).
    """
    year, before = view.results.year, view.results.year - 1
    rows = change[change["change"].notna() | change["places"].notna()] if not change.empty else change
    if rows.empty:
        return view.missing("No change of the {index} from {before} to {year} is known.", before=before)
    order = rows["change"].astype(float).sort_values(ascending=False, na_position="last", kind="stable").index
    rows = rows.loc[order]
    unit, decimals, index, rank = view.unit_of_value, view.measure.decimals, view.index, view.say("Rank")
    columns = [
        Column("unit", view.say("Unit")),
        Column("previous", str(before), "number", unit, decimals, index),
        Column("index", str(year), "number", unit, decimals, index),
        Column("change", view.say("Change"), "change", view.unit_of_change, decimals, index),
        Column("previous_rank", str(before), "rank", "", 0, rank),
        Column("rank", str(year), "rank", "", 0, rank),
    ]
    if rows["places"].notna().any():
        columns.append(Column("places", view.say("Places"), "change", "", 0, rank))
    cells = []
    for row in records(rows):
        found: Row = {"unit": view.unit(row.unit)}
        if is_known(row.previous):
            found["previous"] = view.number(row.previous, view.ref(row.unit, year=before))
        if is_known(row.index):
            found["index"] = view.value(row.unit, row.index)
        if is_known(row.change):
            found["change"] = view.change_of(row.unit, row.change, before)
        if is_known(row.previous_rank):
            found["previous_rank"] = view.rank(row.unit, row.previous_rank, year=before)
        if is_known(row.rank):
            found["rank"] = view.rank(row.unit, row.rank)
        if is_known(row.places):
            found["places"] = places(view, row.unit, row.places)
        cells.append(found)
    scale = view.say(
        "The set of criteria changed between {before} and {year}: the change is not like for like.", before=before
    )
    caption = view.say("Change of the {index} and of the rank from {before} to {year}", before=before)
    notes = (*((scale,) if rows["break_mark"].any() else ()), *sets_differ(view, change))
    styles = [view.row_style(unit) for unit in rows["unit"]]
    return finished(view, "change", caption, columns, cells, notes=notes, styles=styles, bases=list(rows["basis"]))
