"""Years in a row: at the head, in the best group, rising."""

from __future__ import annotations

import pandas as pd

from parlib.presentation.blocks import Paragraph
from parlib.presentation.views import View, records
from parlib.presentation.wording import Parts, message

MOST = 5  # how many units are named

_SENTENCES = {
    "top": message("In the first five places for years in a row: {list}."),
    "band": message("In the best group for years in a row: {list}."),
    "rising": message("Rising for years in a row: {list}."),
}


def streaks(view: View, runs: pd.DataFrame) -> tuple[Paragraph, ...]:
    """The longest runs of years, as far as they are known. ``runs`` is the frame of ``analysis.runs``."""
    told = []
    for condition, sentence in _SENTENCES.items():
        rows = runs[runs["condition"] == condition]
        if condition == "rising" and len(rows):  # of many that rose twice none stands out
            rows = rows[rows["years"] >= max(3, int(rows["years"].iloc[min(MOST, len(rows) - 1)]) + (len(rows) > MOST))]
        if len(rows):
            listed = view.wording.join(_run(view, condition, row) for row in records(rows.head(MOST)))
            told.append(Paragraph(view.phrase(sentence, list=listed), "item"))
    return tuple(told)


def _run(view: View, condition: str, row: object) -> Parts:
    unit, years = str(row.unit), int(row.years)  # type: ignore[attr-defined]
    column = "" if condition == "rising" else "rank" if condition == "top" else "band"
    refs = tuple(view.ref(unit, column=column, year=view.results.year - back) for back in range(years))
    n = view.wording.count(years, *refs)
    if row.at_least:  # type: ignore[attr-defined]
        return view.phrase("{unit} (at least {n} years)", unit=view.unit(unit), n=n)
    since = int(row.since)  # type: ignore[attr-defined]
    return view.phrase("{unit} ({n} years, since {start})", unit=view.unit(unit), n=n, start=since)
