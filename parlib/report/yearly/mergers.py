"""The mergers of 2025: what the index of the new units would be by a named rule, beside that of their parts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from parlib.report.blocks import Column, Table
from parlib.report.tables.declared import Row, finished
from parlib.report.views import View
from parlib.report.wording import Parts, is_known, plain
from parlib.scoring import units
from parlib.scoring.results import records


def mergers_table(view: View, spread: pd.DataFrame, rule: str) -> Table | None:
    """The merged units with their old parts; the values by the rule (``mean``), of the best and the worst part.

    ``spread`` is the frame of ``mergers.spread``. Units that were not merged, and those of which no part is known, are
    left out; ``None`` where none is left.
    """
    rows = [row for row in records(spread) if row.change != "unchanged" and row.n_known]
    if not rows:
        return None
    cells: list[Row] = []
    for row in sorted(rows, key=lambda row: -row.mean if is_known(row.mean) else float("inf")):
        olds = str(row.parts).split(";")
        refs = tuple(view.ref(old) for old in olds)
        cell: Row = {"unit": _new_name(view, str(row.unit)), "parts": plain(_parts(view, olds))}
        cell["mean"] = view.number(row.mean, *refs, made="mean_of_parts")
        if len(olds) > 1:
            cell["worst"] = view.number(row.worst, *refs, made="minimum")
            cell["best"] = view.number(row.best, *refs, made="maximum")
            cell["spread"] = view.number(row.spread, *refs, made="distance")
        else:
            cell |= dict.fromkeys(("worst", "best", "spread"), "–")
        cells.append(cell)
    unit, decimals = view.unit_of_value, view.measure.decimals
    columns = [
        Column("unit", view.say("New unit")),
        Column("parts", view.say("Old units and their {index}")),
        Column("mean", view.say("Value by the rule"), "number", unit, decimals),
        Column("worst", view.say("Lowest part"), "number", unit, decimals),
        Column("best", view.say("Highest part"), "number", unit, decimals),
        Column("spread", view.say("Apart"), "number", view.unit_of_change, decimals),
    ]
    notes = (rule, view.say("A value of which a part is not known is not known."))
    return finished(view, "mergers", view.say("New units by the {index} of their parts, {year}"), columns, cells,
                    notes=notes)  # fmt: skip


def _new_name(view: View, key: str) -> str:
    return units.name(key, view.wording.language)


def _parts(view: View, olds: list[str]) -> Parts:
    """The old units, each with its value where it is known."""
    values: Any = view.results.values()
    items: list[Any] = []
    for old in olds:
        known = old in values.index and is_known(values[old])
        if known:
            value = view.value(old, float(values[old]))
            items.append(view.phrase("{name} ({mean})", name=view.unit(old), mean=(value,)))
        else:
            items.append((view.unit(old),))
    return view.wording.join(items)
