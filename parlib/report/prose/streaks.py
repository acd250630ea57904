"""Years in a row: at the head, in the best group, rising."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Paragraph
from parlib.report.views import View
from parlib.report.wording import Parts, message
from parlib.tables import records

MOST = 5  # how many units are named

_SENTENCES = {
    "top": message("In the first five places for years in a row: {list}."),
    "band": message("In the best group for years in a row: {list}."),
    "rising": message("Rising for years in a row: {list}."),
}
_KNOWN = {
    "top": message("Among the known, in the first five places for years in a row: {list}."),
    "band": message("Among the known, in the best group for years in a row: {list}."),
    "rising": message("Among the known, rising for years in a row: {list}."),
}


def streaks(view: View, runs: pd.DataFrame) -> tuple[Paragraph, ...]:
    """The longest runs of years, as far as they are known. ``runs`` is the frame of ``mobility.runs``."""
    told = []
    for condition, sentence in _SENTENCES.items():
        rows = runs[runs["condition"] == condition]
        if condition == "rising" and len(rows):  # of many that rose twice none stands out
            rows = rows[rows["years"] >= max(3, int(rows["years"].iloc[min(MOST, len(rows) - 1)]) + (len(rows) > MOST))]
        if len(rows):
            rows = _longest(rows)
            listed = view.wording.join(_run(view, condition, row) for row in records(rows))
            parts = view.phrase(sentence if rows["all_known"].all() else _KNOWN[condition], list=listed)
            if rows["break_mark"].any():
                parts += (
                    " ",
                    view.say("*: the set of criteria or the bounds of the groups changed within these years."),
                )
            told.append(Paragraph(parts, "item"))
    return tuple(told)


def _longest(rows: pd.DataFrame) -> pd.DataFrame:
    """The longest runs: all that are as long as the last of them, unless these are too many."""
    last = int(rows["years"].iloc[min(MOST, len(rows)) - 1])
    chosen, longer = rows[rows["years"] >= last], rows[rows["years"] > last]
    return chosen if len(chosen) <= 2 * MOST or longer.empty else longer


def _run(view: View, condition: str, row: object) -> Parts:
    unit, years = str(row.unit), int(row.years)  # type: ignore[attr-defined]
    column = "" if condition == "rising" else "rank" if condition == "top" else "band"
    refs = tuple(view.ref(unit, column=column, year=view.results.year - back) for back in range(years))
    n = view.wording.count(years, *refs)
    star = ("*",) if row.break_mark else ()  # type: ignore[attr-defined]
    if row.at_least:  # type: ignore[attr-defined]
        return (*view.phrase("{unit} (at least {n} years)", unit=view.unit(unit), n=n), *star)
    since = int(row.since)  # type: ignore[attr-defined]
    return (*view.phrase("{unit} ({n} years, since {start})", unit=view.unit(unit), n=n, start=since), *star)
