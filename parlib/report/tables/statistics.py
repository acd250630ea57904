"""The statistics of a year, in words."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Note, Table
from parlib.report.statistic_words import basis_name, counted_in, statistic, statistic_name
from parlib.report.tables.declared import INDEX, Cell, Col, table
from parlib.report.views import View
from parlib.report.wording import message
from parlib.scoring.decisions import breaks
from parlib.scoring.results import Record, base_year, records, since_base


def _name(view: View, row: Record) -> str:
    return statistic_name(view, str(row.statistic), str(row.basis))


def _value(view: View, row: Record) -> Cell:
    return statistic(view, str(row.statistic), row.value, str(row.basis))


def _unit(view: View, row: Record) -> str:
    return view.unit(row.unit) if isinstance(row.unit, str) and row.unit else ""


def _basis(view: View, row: Record) -> str:
    """How a statistic was come by; that its source printed "more than", where it did."""
    printed = view.results.printed_statistics
    notes = printed.loc[printed["statistic"] == row.statistic, "note"] if "note" in printed else pd.Series(dtype="str")
    if row.basis == "printed" and notes.str.contains("more than").any():
        return view.say("as published: over this number")
    return basis_name(view, str(row.basis))


STATISTICS = (
    Col("statistic", message("Statistic"), of=_name),
    Col("value", kind="number", of=_value, decimals=INDEX),
    Col("counted", message("Unit of measure"), of=lambda view, row: counted_in(view, str(row.statistic))),
    Col("unit", of=_unit, optional=True),
    Col("basis", message("How known"), of=_basis),
)


def statistics_table(view: View, statistics: pd.DataFrame) -> Table | Note:
    """The statistics that are known, with the unit concerned and how each number was come by.

    ``statistics`` is the frame of ``statistics`` (statistic, value, unit, basis, source_ids).
    """
    rows = [row for row in records(statistics[statistics["value"].notna()]) if _name(view, row)]
    if not rows:
        return view.missing("No statistic of the {index} of {year} is known.")
    notes = _since_base(view) if any(row.statistic == since_base() for row in rows) else ()
    return table(view, "statistics", view.say("Statistics of the {index}, {year}"), rows, STATISTICS, notes=notes)


def _since_base(view: View) -> tuple[str, ...]:
    """The break mark of the change on the base year, where the set of criteria changed since."""
    broken = breaks(view.results.level, view.results.index_name)
    if not any(base_year() < year <= view.results.year for year in broken):
        return ()
    return (
        view.say(
            "Change of the mean on {start}: the set of criteria changed in between, so it is not like for like.",
            start=base_year(),
        ),
    )
