"""Hides small groups in what leaves the workbook, so that nobody's answer can be read or worked out from totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from parlib.sources.survey.questions import Assumption
from parlib.sources.survey.tabulate import Tabulation

MINIMUM = 5  # answers that a shown group has at least
_KEYS = ("unit", "group", "item", "answer", "node", "code", "year", "level")
_GROUP_TOTALS = (("unit", "item"),)


def suppress(
    frame: pd.DataFrame,
    minimum: int = MINIMUM,
    totals: Sequence[Sequence[str]] = _GROUP_TOTALS,
) -> pd.DataFrame:
    """``frame`` (unit, group, item, n, ...) with small groups hidden, and a column ``suppressed`` that says why.

    A group of 1 to ``minimum`` - 1 answers is hidden ("primary"). Where a total over it is shown, its numbers would
    follow by subtraction: so in each of ``totals`` (the columns that a published total is over; each unit and item by
    default) further groups are hidden ("complementary"), the smallest first, until at least two are hidden and they
    hold ``minimum`` answers between them. Hidden: every number but the keys. Groups without any answer say nothing of
    anybody and stay. A frame with several rows for a group (a distribution over answers) is hidden group by group.
    """
    keys = [name for name in ("unit", "group", "item") if name in frame]
    sizes = frame.groupby(keys, sort=False, dropna=False)["n"].sum().reset_index()
    reasons = _reasons(sizes, minimum, [[name for name in total if name in keys] for total in totals])
    return _hidden(frame, sizes[keys].assign(suppressed=reasons))


def _hidden(frame: pd.DataFrame, reasons: pd.DataFrame) -> pd.DataFrame:
    """``frame`` without the numbers of the cells that ``reasons`` (keys, suppressed) hides."""
    keys = [name for name in reasons if name != "suppressed"]
    marked = frame.merge(reasons, on=keys, how="left", sort=False)
    hidden = (marked["suppressed"] != "").to_numpy()
    for name in frame.columns:
        if name in _KEYS or not pd.api.types.is_numeric_dtype(frame[name]):
            continue
        if pd.api.types.is_integer_dtype(frame[name]):
            marked[name] = marked[name].astype("Int64").mask(hidden)
        else:
            marked[name] = marked[name].mask(hidden)
    return marked


def suppressed(tabulation: Tabulation, minimum: int = MINIMUM) -> Tabulation:
    """A tabulation that may leave the workbook: small groups hidden in its groups, distribution and units."""
    note = Assumption(
        f"Số liệu của nhóm có dưới {minimum} câu trả lời không được công bố; một số nhóm khác cũng được ẩn để không "
        "suy ra được từ số tổng.",
        f"Groups of fewer than {minimum} answers are not shown; some other groups are hidden too, so that they cannot "
        "be worked out from totals.",
    )
    return replace(
        tabulation,
        groups=suppress(tabulation.groups, minimum),
        distribution=suppress(tabulation.distribution, minimum),
        units=_hidden(tabulation.units, _small_units(tabulation, minimum)),
        assumptions=(*tabulation.assumptions, note),
        sample=None,
    )


def _small_units(tabulation: Tabulation, minimum: int) -> pd.DataFrame:
    """The units and items of too few answers: under the minimum, or one single answer of each group."""
    sizes = tabulation.units[["unit", "item", "n"]]
    answering = tabulation.groups[tabulation.groups["n"] > 0].groupby(["unit", "item"], as_index=False)["group"].count()
    groups = sizes.merge(answering, on=["unit", "item"], how="left", sort=False)["group"].fillna(0)
    small = (sizes["n"] > 0) & ((sizes["n"] < minimum) | ((groups > 1) & (sizes["n"] <= groups)))
    return sizes[["unit", "item"]].assign(suppressed=np.where(small, "primary", ""))


def _reasons(sizes: pd.DataFrame, minimum: int, totals: Sequence[Sequence[str]]) -> np.ndarray:
    n = sizes["n"].fillna(0).to_numpy()
    reasons = np.where((n > 0) & (n < minimum), "primary", "").astype(object)
    # the smallest group that has answers is hidden first; equal ones in the order of their keys
    order = np.lexsort(
        (*[sizes[name].astype("str").to_numpy() for name in ("item", "group", "unit") if name in sizes], n)
    )
    margins = [sizes.groupby(list(total), sort=False).indices.values() for total in totals if total]
    changed = True
    while changed:  # a group hidden for one total can leave another total with a single hidden group
        changed = False
        for members in (cells for margin in margins for cells in margin):
            inside = np.zeros(len(n), dtype=bool)
            inside[members] = n[members] > 0
            changed |= _cover(reasons, n, inside, order, minimum)
    return reasons


def _cover(reasons: np.ndarray, n: np.ndarray, inside: np.ndarray, order: np.ndarray, minimum: int) -> bool:
    """Hides more of the cells ``inside`` one total until no hidden one can be worked out; whether it hid any."""
    hidden = inside & (reasons != "")
    if not hidden.any():
        return False
    changed = False
    for cell in order[inside[order] & (reasons[order] == "")]:
        # groups of one each, known not to be empty, would follow from their number
        if hidden.sum() > 1 and n[hidden].sum() >= max(minimum, hidden.sum() + 1):
            break
        reasons[cell], hidden[cell], changed = "complementary", True, True
    return changed
