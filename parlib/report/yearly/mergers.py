"""The mergers of 2025: what the index of the new units would be by a named rule, beside that of their parts."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Table
from parlib.report.tables.declared import Cell, Col, table
from parlib.report.views import View
from parlib.report.wording import Content, Parts, is_known, message, plain
from parlib.scoring import units
from parlib.scoring.results import Record


def mergers_table(view: View, spread: pd.DataFrame, rule: str) -> Table | None:
    """The merged units with their old parts; the values by the rule (``mean``), of the best and the worst part.

    ``spread`` is the frame of ``mergers.spread``. Units that were not merged, and those of which no part is known, are
    left out; ``None`` where none is left.
    """
    rows = spread[(spread["change"] != "unchanged") & (spread["n_known"] > 0)]
    if rows.empty:
        return None
    notes = (rule, view.say("A value of which a part is not known is not known."))
    caption = view.say("New units by the {index} of their parts, {year}")
    rows = rows.sort_values("mean", ascending=False, kind="stable")
    return table(view, "mergers", caption, rows, MERGERS, notes=notes)


def _olds(row: Record) -> list[str]:
    return str(row.parts).split(";")


def _of_parts(key: str, head: str, made: str) -> Col:
    """A number of the old units; a dash where a unit was not made of several."""

    def cell(view: View, row: Record) -> Cell:
        olds = _olds(row)
        if key != "mean" and len(olds) < 2:
            return "–"
        return view.number(getattr(row, key), *map(view.ref, olds), made=made)

    unit = (lambda view: view.unit_of_change) if key == "spread" else None
    return Col(key, head, "value", cell, unit=unit)


MERGERS = (
    Col("unit", message("New unit"), "text", lambda view, row: units.name(str(row.unit), view.wording.language)),
    Col("parts", message("Old units and their {index}"), of=lambda view, row: plain(_parts(view, _olds(row)))),
    _of_parts("mean", message("Value by the rule"), "mean_of_parts"),
    _of_parts("worst", message("Lowest part"), "minimum"),
    _of_parts("best", message("Highest part"), "maximum"),
    _of_parts("spread", message("Apart"), "distance"),
)


def _parts(view: View, olds: list[str]) -> Parts:
    """The old units, each with its value where it is known."""
    values = view.results.values()
    items: list[Content] = []
    for old in olds:
        value = values.get(old)
        if is_known(value):
            items.append(view.phrase("{name} ({mean})", name=view.unit(old), mean=view.value(old, value)))
        else:
            items.append(view.unit(old))
    return view.wording.join(items)
