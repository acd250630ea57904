"""The result of a year in sentences: the mean, the first and the last, the groups."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Paragraph
from parlib.report.prose.head import coverage
from parlib.report.statistic_words import is_calculated, known_statistic
from parlib.report.views import View
from parlib.report.wording import Parts, is_known, paragraph
from parlib.tables import records


def headline(view: View, statistics: pd.DataFrame, ranking: pd.DataFrame) -> Paragraph:
    """The result in one paragraph: the mean and its change, the first and the last, how far apart they are."""
    return paragraph(
        _mean(view, statistics), _first_and_last(view, ranking), _apart(view, statistics), coverage(view), role="lead"
    )


def _mean(view: View, statistics: pd.DataFrame) -> Parts | None:
    mean = known_statistic(view, statistics, "mean")
    if mean is None:
        return None
    amount = view.amount(mean)
    if is_calculated(mean):
        amount = view.phrase("{amount} (derived from published numbers)", amount=amount)
    contents = {"mean": amount}
    change = known_statistic(view, statistics, "mean_change")
    if change is None:
        return view.phrase("The mean {index} of the {units} in {year} is {mean}.", **contents)
    moved = view.wording.moved(change, view.unit_of_change, year=view.results.year - 1)
    return view.phrase("The mean {index} of the {units} in {year} is {mean}, {moved}.", moved=moved, **contents)


def _first_and_last(view: View, ranking: pd.DataFrame) -> Parts | None:
    """Who is first and who is last, where the ranks say so."""
    rows = ranking[ranking["ranked"].astype(bool) & ranking["rank"].notna() & ranking["index"].notna()]
    n = view.results.n_ranked
    first, last = rows[rows["rank"] == 1], rows[rows["rank"] == n] if n else rows.iloc[:0]
    if first.empty:
        return None
    leaders = view.unit_list(list(first["unit"]))
    best = view.amount(view.value(first["unit"].iloc[0], first["index"].iloc[0]))
    if last.empty or n == 1:
        return view.phrase("First place: {first}, {best}.", first=leaders, best=best)
    worst = view.amount(view.value(last["unit"].iloc[0], last["index"].iloc[0]))
    final = view.unit_list(list(last["unit"]))
    return view.phrase(
        "First place: {first}, {best}; last place: {last}, {worst}.", first=leaders, best=best, last=final, worst=worst
    )


def _apart(view: View, statistics: pd.DataFrame) -> Parts | None:
    gap = known_statistic(view, statistics, "range")
    if gap is None:
        return None
    size = view.difference(gap)
    return view.phrase("The distance between highest and lowest is {gap}.", gap=size)


def bands(view: View, bands: pd.DataFrame) -> Paragraph | None:
    """How many units each group has, or between which bounds their number lies."""
    known = bands[bands[["n", "n_min", "n_max"]].notna().any(axis=1)] if not bands.empty else bands
    if known.empty:
        return None
    items = []
    for row in records(known):
        ref = view.ref(column=f"band:{row.band}")
        low, high = (float(end) if is_known(end) else None for end in (row.n_min, row.n_max))
        n = view.wording.range(low, high, ref)
        if is_known(row.n):
            n = view.wording.count(float(row.n), ref, made="printed" if row.basis == "printed" else "count")
        bounds = view.bounds(str(row.band))
        items.append(view.phrase("group {band} ({bounds}): {n}", band=str(row.band), bounds=bounds, n=n))
    listed = view.wording.join(items)
    if len(known) == len(bands) and known["n"].notna().all():
        return Paragraph(view.phrase("By group of the {index}: {list}.", list=listed), "item")
    return Paragraph(view.phrase("By group of the {index}, as far as settled: {list}.", list=listed), "item")
