"""The result of a year in sentences: the mean, the first and the last, the groups."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Paragraph
from parlib.report.prose.head import coverage
from parlib.report.statistic_words import is_calculated, known_statistic
from parlib.report.tables.ranking import in_order
from parlib.report.views import View
from parlib.report.wording import Parts, is_known, paragraph
from parlib.scoring.results import records

LEADING = 5  # how many units are named at the head and at the end of a ranking


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


def above_mean(view: View, statistics: pd.DataFrame) -> Paragraph | None:
    """How many units are above the mean."""
    n, of = known_statistic(view, statistics, "n_above_mean"), known_statistic(view, statistics, "n_units")
    if n is None or of is None:
        return None
    share = view.share(n, of)
    return Paragraph(view.phrase("Above the mean: {share} {units}.", share=share), "item")


def leaders(view: View, ranking: pd.DataFrame, n: int = LEADING) -> tuple[Paragraph, ...]:
    """The first and the last ``n`` units with rank and index, as far as they are known."""
    rows = in_order(view, ranking[ranking["ranked"].astype(bool) & ranking["rank"].notna()])
    total = view.results.n_ranked
    if rows.empty or total is None:
        return ()
    first = rows[rows["rank"] <= n]
    last = rows[(rows["rank"] > max(total - n, n))]
    told = []
    if not first.empty:
        told.append(Paragraph(view.phrase("At the head: {list}.", list=_places(view, first)), "item"))
    if not last.empty:
        told.append(Paragraph(view.phrase("At the end: {list}.", list=_places(view, last)), "item"))
    return tuple(told)


def _places(view: View, rows: pd.DataFrame) -> Parts:
    items = []
    for row in records(rows):
        rank = view.wording.rank(view.rank(str(row.unit), row.rank))
        if is_known(row.index):
            value = view.amount(view.value(str(row.unit), row.index))
            items.append(view.phrase("{unit} ({rank}, {value})", unit=view.unit(str(row.unit)), rank=rank, value=value))
        else:
            items.append(view.phrase("{unit} ({rank})", unit=view.unit(str(row.unit)), rank=rank))
    return view.wording.join(items)


def bands(view: View, bands: pd.DataFrame) -> Paragraph | None:
    """How many units each group has, where that is settled."""
    known = bands[bands["n"].notna()] if not bands.empty else bands
    if known.empty:
        return None
    items = []
    for row in records(known):
        made = "printed" if row.basis == "printed" else "count"
        n = view.wording.count(float(row.n), view.ref(column=f"band:{row.band}"), made=made)
        bounds = view.bounds(str(row.band))
        items.append(view.phrase("group {band} ({bounds}): {n}", band=str(row.band), bounds=bounds, n=n))
    complete = len(known) == len(bands)
    listed = view.wording.join(items)
    if complete:
        return Paragraph(view.phrase("By group of the {index}: {list}.", list=listed), "item")
    return Paragraph(view.phrase("By group of the {index}, as far as settled: {list}.", list=listed), "item")
