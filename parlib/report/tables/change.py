"""Change on the year before, unit by unit."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Note, Table
from parlib.report.tables.declared import Col, in_focus, table, this_year, unit_before, year_before
from parlib.report.tables.ranking import sets_differ
from parlib.report.views import View
from parlib.report.wording import message

RANK = message("Rank")
CHANGE = (
    Col("unit"),
    Col("previous", year_before, at=unit_before, group=lambda view: view.index),
    Col("index", this_year, group=lambda view: view.index),
    Col("change", less=unit_before, group=lambda view: view.index),
    Col("previous_rank", year_before, at=unit_before, group=RANK),
    Col("rank", this_year, group=RANK),
    Col("places", less=unit_before, group=RANK, optional=True),
)


def change_table(view: View, change: pd.DataFrame) -> Table | Note:
    """Index and rank then and now of every unit of which a change of either is known, largest rise first.

    ``change`` is the frame of ``change`` (unit, index, previous, change, rank, previous_rank, places, ...).
    """
    rows = change[change["change"].notna() | change["places"].notna()] if not change.empty else change
    if rows.empty:
        return view.missing("No change of the {index} from {before} to {year} is known.")
    order = rows["change"].astype(float).sort_values(ascending=False, na_position="last", kind="stable").index
    scale = view.say("The set of criteria changed between {before} and {year}: the change is not like for like.")
    return table(
        view,
        "change",
        view.say("Change of the {index} and of the rank from {before} to {year}"),
        rows.loc[order],
        CHANGE,
        notes=(*((scale,) if rows["break_mark"].any() else ()), *sets_differ(view, change)),
        style=in_focus,
        bases=["basis"],
    )
