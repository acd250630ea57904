"""What the numbers rest on: the sources, and the assumptions."""

from __future__ import annotations

import re

import pandas as pd

from parlib.report.blocks import Note, Table
from parlib.report.tables.declared import Col, table
from parlib.report.tables.ranking import capital
from parlib.report.views import View
from parlib.report.wording import MINUS, message
from parlib.tables import Record


def assumptions_table(view: View) -> Table:
    """The decision behind the year, the marks of the results, and how many numbers rest on what."""
    rows: list[tuple[str, str]] = []

    def say(what: str, text: str) -> None:
        rows.append((what, text))

    kind = view.say("Set of criteria") if view.results.index_name == "par" else view.say("Method")
    say(kind, view.results.decision or view.say("not known"))
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
    frame = pd.DataFrame(rows, columns=["what", "text"])
    columns = (Col("what", message("Ground"), "text"), Col("text", message("Meaning")))
    return table(view, "grounds", view.say("What the numbers of {year} rest on"), frame, columns)


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


def _page(_: View, row: Record) -> str:
    about = ", ".join(filter(None, (str(row.evidence), str(row.date))))
    page = f"{row.title} ({about})" if about else str(row.title)
    return (f"{page}: {row.used_for}. {row.url}" if row.used_for else f"{page}. {row.url}").rstrip()


SOURCES = (Col("source_id", message("Code")), Col("page", message("Page and what it is used for"), of=_page))


def sources_table(view: View, sources: pd.DataFrame) -> Table | Note:
    """The pages that the numbers were read on, a row each: ``source_id``, ``title``, ``evidence``, ``date``,
    ``used_for``, ``url``. All but the code is one cell, which the address ends: in columns of their own long titles
    and addresses would take five lines of paper for two."""
    if sources.empty:
        return view.missing("No page is recorded for the numbers of {year}.")
    caption = view.say("Pages the numbers were read on")
    return table(view, "sources", caption, sources.fillna(""), SOURCES, source="")


CONFLICTS = (
    Col("what", message("Figure"), of=lambda view, row: capital(_conflict(view, row.unit, row.what))),
    Col("kept", message("Kept"), of=lambda view, row: _said(view, row.kept)),
    Col("other", message("Also published"), of=lambda view, row: _said(view, row.other)),
    Col("other_source_ids", message("Where"), of=lambda _, row: row.other_source_ids.replace(";", ", ")),
)


def conflicts_table(view: View, conflicts: pd.DataFrame) -> Table | None:
    """Where sources disagree: what was kept and what was also printed. ``None`` where they agree.

    ``conflicts`` has ``unit``, ``what``, ``kept``, ``kept_source_ids``, ``other``, ``other_source_ids``.
    """
    if conflicts.empty:
        return None
    caption = view.say("Numbers on which sources disagree, {year}")
    return table(view, "conflicts", caption, conflicts.fillna("").astype(str), CONFLICTS, source="")


def _conflict(view: View, unit: str, what: str) -> str:
    """What a disagreement is about, in words."""
    head, _, region = what.rpartition(" ")
    if head == "mean of the region":
        return view.say("mean of {region}", region=view.region_names.get(region, region))
    number = re.search(r"\d+(?:\.\d+)?", what)
    key = what.replace(number[0], "{number}") if number else what
    value = {"number": view.decimal_sign(number[0])} if number else {}
    words = view.wording.say(_WHAT[key], **value) if key in _WHAT else what
    return f"{view.unit(unit)}: {words}" if unit else words


def _said(view: View, text: str) -> str:
    """What a source says, as it is noted in the data: numbers and a few words, which are translated one by one."""
    words = "|".join(rf"\b{word}\b" for word in sorted(_NOTED, key=len, reverse=True))
    told = re.sub(words, lambda found: view.wording.say(_NOTED[found[0]]), text)
    return view.decimal_sign(re.sub(r"(?<!\w)-(?=\d)", MINUS, told))


_NOTED = {
    "none": message("no value"),
    "up": message("up"),
    "down": message("down"),
    "to": message("to"),
    "and": message("and"),
    "last": message("last"),
    "group": message("group"),
    "provinces": message("provinces"),
    "band": message("band"),
    "less": message("less"),
    "percent": message("percent"),
    "parts add to": message("parts add to"),
    "total": message("total"),
    "sum": message("sum"),
    "maximum": message("maximum"),
    "nearly": message("nearly"),
    "sum of the areas": message("sum of the areas"),
    "sums of the seven areas": message("sums of the areas"),
    "read as ranks": message("read as ranks"),
    "printed as points": message("printed as points"),
    "not among the first six": message("not among the first six"),
    "is the top of the range of policy satisfaction": message("is the top of the range of policy satisfaction"),
}

_WHAT = {
    "index": message("index"),
    "rank": message("rank"),
    "value": message("value"),
    "last places": message("last places"),
    "last place": message("last place"),
    "second place": message("second place"),
    "third place": message("third place"),
    "appraised points": message("appraised points"),
    "change": message("change of the index"),
    "change of the index": message("change of the index"),
    "change of the mean": message("change of the mean"),
    "rises and falls of the index": message("rises and falls of the index"),
    "sum of the eight areas": message("sum of the areas"),
    "ranks of Lâm Đồng, Gia Lai, Đắk Nông, Kon Tum": message("ranks of Lâm Đồng, Gia Lai, Đắk Nông, Kon Tum"),
    "change of the national mean since {number}": message("change of the national mean since {number}"),
    "number of provinces over {number}": message("number of provinces over {number}"),
    "year of the minimum {number}": message("year of the minimum {number}"),
}
