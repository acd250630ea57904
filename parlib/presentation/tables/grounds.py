"""What the numbers rest on: the sources, and the assumptions."""

from __future__ import annotations

import pandas as pd

from parlib.presentation.blocks import Column, Note, Table
from parlib.presentation.tables.finish import Row, finished
from parlib.presentation.views import View, records
from parlib.presentation.wording import message


def assumptions_table(view: View) -> Table:
    """The decision behind the year, the marks of the results, and how many numbers rest on what."""
    rows: list[Row] = []

    def say(what: str, text: str) -> None:
        rows.append({"what": what, "text": text})

    say(view.say("Set of criteria"), view.results.decision or view.say("not known"))
    if view.results.break_before:
        before = view.results.year - 1
        say(
            view.say("Comparison with {before}", before=before),
            view.say("not on the same scale: read changes with care"),
        )
    for mark in view.marks:
        say(view.say("Mark"), mark)
    for basis, n in _bases(view).items():
        say(view.wording.say(BASES[basis]), view.say("{n} values", n=view.wording.count(n)))
    say(view.say("Rounding"), view.say("half up, from values not rounded before; ranks are made before rounding"))
    columns = [Column("what", view.say("Ground")), Column("text", view.say("Meaning"))]
    caption = view.say("What the numbers of {year} rest on")
    return finished(view, "grounds", caption, columns, rows)


def _bases(view: View) -> dict[str, int]:
    """How many values of units and nodes rest on each basis, in the order of ``BASES``."""
    counts = view.results.bases["basis"].value_counts()
    return {basis: int(counts[basis]) for basis in BASES if basis in counts.index}


#: What a number rests on, in words.
BASES = {
    "published": message("Published"),
    "printed": message("Published"),
    "computed": message("Computed from published parts"),
    "derived": message("Derived by arithmetic from published numbers"),
    "rounded": message("Published as a rounded number"),
    "secondary": message("From a third-party data set"),
}


def sources_table(view: View, sources: pd.DataFrame) -> Table | Note:
    """The pages that the numbers were read on: ``source_id``, ``title``, ``date``, ``evidence``, ``url``."""
    if sources.empty:
        return view.missing("No page is recorded for the numbers of {year}.")
    columns = [
        Column("source_id", view.say("Code")),
        Column("title", view.say("Page")),
        Column("date", view.say("Date")),
        Column("evidence", view.say("Kind of source")),
        Column("url", view.say("Address")),
    ]
    rows: list[Row] = []
    for row in records(sources.fillna("").astype(str)):
        evidence = view.wording.say(_EVIDENCE[row.evidence]) if row.evidence in _EVIDENCE else str(row.evidence)
        found: Row = {"source_id": row.source_id, "title": row.title, "date": row.date, "url": row.url}
        rows.append({**found, "evidence": evidence})
    return finished(view, "sources", view.say("Pages the numbers were read on"), columns, rows, source="")


_EVIDENCE = {
    "official_site": message("site of a state body"),
    "legal_portal": message("legal portal"),
    "law_as_quoted": message("legal text as quoted"),
    "press": message("press"),
    "copy": message("copy of a press text"),
    "dataset": message("third-party data set"),
}
