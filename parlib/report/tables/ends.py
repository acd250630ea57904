"""The first and the last units of the index or of an area, side by side; and the few that are known, where few are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from parlib.report.blocks import Ref, Table
from parlib.report.columns import COLUMNS
from parlib.report.tables.declared import HIGHEST, LOWEST, Cell, Col, table
from parlib.report.tables.ranking import in_order
from parlib.report.views import View
from parlib.scoring.results import WHOLE, Record

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
    sides = [(side, head, some) for side, head, some in ((FIRST, HIGHEST, first), (LAST, LOWEST, last)) if len(some)]
    whole = len(first) >= number and len(last) >= number
    notes = () if whole else (view.say("Only units are listed of which it is known that they stand there."),)
    return table(
        view,
        f"ends_{node}" if node else "ends",
        view.say("Highest and lowest: {subject}, {year}", subject=view.node_name(node) if node else view.index),
        pd.concat([some.reset_index(drop=True).add_prefix(f"{side}_") for side, _, some in sides], axis=1),
        [column for side, head, _ in sides for column in _side(side, head, node)],
        notes=notes,
        bases=[f"{side}_{basis}" for basis in ("basis", "rank_basis") for side, _, _ in sides],
        sortable=False,
    )


def _side(side: str, head: str, node: str) -> Iterator[Col]:
    """Rank, name and value of the units at one end; empty cells below the last of them."""

    def at(view: View, row: Record) -> Ref:
        return view.ref(str(getattr(row, f"{side}_unit")), node)

    columns = (
        Col("rank", of=f"{side}_rank", basis=f"{side}_rank_basis"),
        Col("unit", of=f"{side}_unit"),
        Col("value", of=f"{side}_index", basis=f"{side}_basis"),
    )
    for column in columns:

        def cell(view: View, row: Record, column: Col = column) -> Cell | None:
            return column.cell(view, row, at) if isinstance(getattr(row, f"{side}_unit"), str) else ""

        entry = COLUMNS[column.key]
        yield Col(f"{side}_{column.key}", entry.head or entry.words, entry.kind, cell, group=head)


def known_table(view: View, standing: pd.DataFrame, node: str) -> Table | None:
    """The units of which a value or a rank in an area is known, where not all are; ``None`` where none is."""
    if standing.empty:
        return None
    rows = standing[standing["index"].notna() | standing["rank"].notna()]
    if rows.empty:
        return None
    caption = view.say("{subject}: the units that are known, {year}", subject=view.node_name(node))
    columns = (
        Col("unit"),
        Col("rank", optional=True),
        Col("value", of="index", basis="basis", optional=True),
        Col("change", less=lambda view, row: view.ref(str(row.unit), node, year=view.results.year - 1), optional=True),
    )

    def at(view: View, row: Record) -> Ref:
        return view.ref(str(row.unit), node)

    return table(view, f"known_{node}", caption, best_known_first(rows), columns, at=at, bases=["basis"])


def best_known_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by rank, those without one after the others by value."""
    value = -rows["index"].fillna(-np.inf).to_numpy(float)
    place = rows["rank"].astype("Float64").to_numpy(float, na_value=np.inf)
    return rows.iloc[np.lexsort((value, place))]
