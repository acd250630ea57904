"""The statistics of a year, in words."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Column, Note, Table
from parlib.report.statistic_words import basis_name, counted_in, statistic, statistic_name
from parlib.report.tables.finish import Row, finished
from parlib.report.views import View
from parlib.scoring.decisions import breaks
from parlib.scoring.results import base_year, records, since_base


def statistics_table(view: View, statistics: pd.DataFrame) -> Table | Note:
    """The statistics that are known, with the unit concerned and how each number was come by.

    ``statistics`` is the frame of ``statistics`` (statistic, value, unit, basis, source_ids).
    """
    rows = statistics[statistics["value"].notna()]
    told = [(row, name) for row in records(rows) if (name := statistic_name(view, str(row.statistic), str(row.basis)))]
    if not told:
        return view.missing("No statistic of the {index} of {year} is known.")
    columns = [
        Column("statistic", view.say("Statistic")),
        Column("value", view.say("Value"), "number", decimals=view.measure.decimals),
        Column("counted", view.say("Unit of measure")),
        Column("unit", view.say("Unit")),
        Column("basis", view.say("How known")),
    ]
    cells: list[Row] = []
    for row, name in told:
        found: Row = {
            "statistic": name,
            "value": statistic(view, str(row.statistic), row.value, str(row.basis)),
            "counted": counted_in(view, str(row.statistic)),
            "unit": view.unit(row.unit) if isinstance(row.unit, str) and row.unit else "",
            "basis": _basis(view, str(row.statistic), str(row.basis)),
        }
        cells.append(found)
    if not any(row["unit"] for row in cells):
        columns = [column for column in columns if column.key != "unit"]
    notes = _since_base(view) if any(str(row.statistic) == since_base() for row, _ in told) else ()
    caption = view.say("Statistics of the {index}, {year}")
    return finished(view, "statistics", caption, columns, cells, notes=notes)


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


def _basis(view: View, word: str, basis: str) -> str:
    """How a statistic was come by; that its source printed "more than", where it did."""
    printed = view.results.printed_statistics
    notes = printed.loc[printed["statistic"] == word, "note"] if "note" in printed else pd.Series(dtype="str")
    if basis == "printed" and notes.str.contains("more than").any():
        return view.say("as published: over this number")
    return basis_name(view, basis)
