"""The first and the last units of the index or of an area, side by side; and the few that are known, where few are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from parlib.report.blocks import Column, Table
from parlib.report.tables.finish import Row, finished
from parlib.report.tables.ranking import in_order
from parlib.report.views import View
from parlib.report.wording import is_known
from parlib.scoring.results import WHOLE, records

FIRST, LAST = "first", "last"


def ends_table(view: View, standing: pd.DataFrame, node: str = WHOLE, most: int = 5) -> Table | None:
    """The first and the last ``most`` units with rank and value; ``None`` where no such rank is known.

    ``standing`` has ``unit``, ``ranked``, ``index``, ``rank``, ``basis`` and ``rank_basis``. Ranks are those published,
    or computed from all values: of a year that is partly known only the units that surely stand there are listed.
    """
    total = view.results.n_ranked
    if standing.empty or total is None or total < 4:
        return None
    known = standing[standing["ranked"].astype(bool) & standing["rank"].notna()]
    number = min(most, total // 2)
    rows = known.iloc[np.argsort(known["rank"].to_numpy(float), kind="stable")] if node else in_order(view, known)
    first, last = rows[rows["rank"] <= number], rows[rows["rank"] > total - number]
    if first.empty and last.empty:
        return None
    sides = {FIRST: (view.say("Highest"), first), LAST: (view.say("Lowest"), last)}
    columns, listed = [], []
    for side, (head, some) in sides.items():
        if some.empty:
            continue
        columns += [
            Column(f"{side}_rank", view.say("Rank"), "rank", decimals=0, group=head),
            Column(f"{side}_unit", view.say("Unit"), group=head),
            Column(f"{side}_value", view.say("Value"), "number", view.unit_of_value, view.measure.decimals, head),
        ]
        listed.append([_cells(view, row, side, node) for row in records(some)])
    longest = max(len(cells) for cells in listed)
    blank = {column.key: "" for column in columns}
    cells: list[Row] = [dict(blank) for _ in range(longest)]
    for some_cells in listed:
        for place, found in enumerate(some_cells):
            keys = [key for key in cells[place] if key.startswith(next(iter(found)).partition("_")[0])]
            cells[place] = {key: value for key, value in cells[place].items() if key not in keys} | found
    subject = view.node_name(node) if node else view.index
    whole = len(first) >= number and len(last) >= number
    notes = () if whole else (view.say("Only units are listed of which it is known that they stand there."),)
    table = finished(
        view,
        f"ends_{node}" if node else "ends",
        view.say("Highest and lowest: {subject}, {year}", subject=subject),
        columns,
        cells,
        notes=notes,
        bases=[*first["basis"], *last["basis"], *first["rank_basis"], *last["rank_basis"]],
    )
    return replace(table, sortable=False)


def _cells(view: View, row: Any, side: str, node: str) -> Row:
    unit = str(row.unit)
    ref = view.ref(unit, node, "rank")
    rank = view.wording.number(float(row.rank), 0, ref, made="rank", mark=view.footnote(row.rank_basis))
    cells: Row = {f"{side}_rank": rank, f"{side}_unit": view.unit(unit)}
    if is_known(row.index):
        cells[f"{side}_value"] = view.value(unit, row.index, node, view.footnote(row.basis))
    return cells


def known_table(view: View, standing: pd.DataFrame, node: str) -> Table | None:
    """The units of which a value or a rank in an area is known, where not all are; ``None`` where none is."""
    if standing.empty:
        return None
    rows = standing[standing["index"].notna() | standing["rank"].notna()]
    if rows.empty:
        return None
    rows = best_known_first(rows)
    columns = [
        Column("unit", view.say("Unit")),
        Column("rank", view.say("Rank"), "rank", decimals=0),
        Column("value", view.say("Value"), "number", view.unit_of_value, view.measure.decimals),
        Column("change", view.say("Change"), "change", view.unit_of_change, view.measure.decimals),
    ]
    sparse = {"rank": "rank", "value": "index", "change": "change"}
    columns = [c for c in columns if c.key == "unit" or rows[sparse[c.key]].notna().any()]
    before = view.results.year - 1
    cells: list[Row] = []
    for row in records(rows):
        unit = str(row.unit)
        found: Row = {"unit": view.unit(unit)}
        if is_known(row.rank):
            found["rank"] = view.wording.number(float(row.rank), 0, view.ref(unit, node, "rank"), made="rank")
        if is_known(row.index):
            found["value"] = view.value(unit, row.index, node, view.footnote(row.basis))
        if is_known(row.change):
            found["change"] = view.change_of(unit, row.change, before, node)
        cells.append(found)
    caption = view.say("{subject}: the units that are known, {year}", subject=view.node_name(node))
    return finished(view, f"known_{node}", caption, columns, cells, bases=list(rows["basis"]))


def best_known_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by rank, those without one after the others by value."""
    value = -rows["index"].fillna(-np.inf).to_numpy(float)
    place = rows["rank"].astype("Float64").to_numpy(float, na_value=np.inf)
    return rows.iloc[np.lexsort((value, place))]
