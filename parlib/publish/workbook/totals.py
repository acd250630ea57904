"""Total rows as formulas: only where the formula gives the number that the report prints."""

from __future__ import annotations

import math
from collections.abc import Sequence

from parlib.publish.cells import Cell, value_of
from parlib.report.blocks import Table

_SAME = 1e-8  # cells hold nine decimals: the sum of a hundred may be this far from the sum of what was rounded


def total_rows(table: Table) -> list[int]:
    """The places of the total rows."""
    return [place for place, style in enumerate(table.row_styles) if style == "total"]


def formula(table: Table, cells: Sequence[Cell], place: int) -> tuple[str, int] | None:
    """How the number in a total row follows from the rows above: "SUM" or "AVERAGE", and the first of these rows.

    The rows are those since the last total, or all rows above where there is no other total. ``None`` where neither
    gives the number, or any of them is not known. A share of a total is no sum or mean of the shares, even where it
    happens to equal one, and only a mean may be an average.
    """
    made = getattr(cells[place], "made", "")
    total = value_of(cells[place])
    first = max((other + 1 for other in total_rows(table) if other < place), default=0)
    values = [value_of(cell) for cell in cells[first:place]]
    if total is None or made == "share" or len(values) < 2 or any(value is None for value in values):
        return None
    summed = math.fsum(value for value in values if value is not None)
    if abs(summed - total) <= _SAME:
        return "SUM", first
    if made.startswith("mean") and abs(summed / len(values) - total) <= _SAME:
        return "AVERAGE", first
    return None
