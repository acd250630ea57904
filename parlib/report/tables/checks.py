"""What was checked before the report was built, and the disagreements that it prints with an explanation."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from parlib.analysis.checks import Finding
from parlib.report.blocks import Note, Ref, Table
from parlib.report.tables.declared import Col, table
from parlib.report.views import View
from parlib.report.wording import message
from parlib.scoring.results import Record

#: What each check compares, in words.
CHECKS = {
    "points_within_maxima": message("Points lie within their maxima"),
    "parts_total": message("Parts add up to the total"),
    "areas_total": message("Areas add up to the total"),
    "rises_and_falls": message("Rises, falls and unchanged units add up to all"),
    "band_counts": message("Counts of the groups add up to all"),
    "region_means": message("Region means give the national mean"),
    "previous_values": message("Values of the year before are those published then"),
    "changes": message("Changes are differences of the values shown"),
    "competition_ranks": message("Ranks follow the values, equal values share a rank"),
    "legal_list": message("The units are those assessed that year"),
    "languages_agree": message("Both languages print the same numbers"),
    "no_respondents": message("No respondents and no small groups are shown"),
}


#: The same, where the index is points in percent of the maximum that applies: points add up to points, not to it.
_OF_POINTS = {
    "parts_total": message(
        "Points of the parts add up to all points; the index is these over the maximum that applies"
    ),
    "areas_total": message(
        "Points of the areas add up to all points; the index is these over the maximum that applies"
    ),
}


def _of_check(view: View, row: Record) -> Ref:
    return view.ref(node=f"check:{row.check}")


TABLE = (
    Col("check", message("Check"), of=lambda view, row: _compared(view, str(row.check))),
    Col("compared", message("Compared"), "count", column="compared"),
    Col("held", message("Agree"), "count", column="held"),
    Col("explained", message("Disagree, explained"), "count", column="explained"),
)


def checks_table(view: View, summary: pd.DataFrame) -> Table | Note:
    """The checks that the numbers of the report passed. ``summary``: check, compared, held, explained, failed."""
    if summary.empty:
        return view.missing("The data of {year} leaves nothing to compare.")
    return table(view, "checks", view.say("Checks of the numbers of {year}"), summary, TABLE, at=_of_check)


def _compared(view: View, check: str) -> str:
    """What a check compares, and by which rule where criteria do not apply to some units."""
    if check in _OF_POINTS and len(view.maxima_that_apply):
        return view.wording.say(_OF_POINTS[check])
    return view.wording.say(CHECKS[check]) if check in CHECKS else check


def disagreements(findings: Iterable[Finding]) -> list[Note]:
    """A line for each disagreement that is explained: the explanation, which the report prints."""
    return [Note(f"{finding.explanation}.", role="warning") for finding in findings if finding.explanation]
