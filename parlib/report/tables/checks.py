"""What was checked before the report was built, and the disagreements that it prints with an explanation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pandas as pd

from parlib.report.blocks import Column, Note, Table
from parlib.report.tables.finish import Row, finished
from parlib.report.views import View
from parlib.report.wording import message
from parlib.scoring.results import records

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


class Disagreement(Protocol):
    """What this module needs of a finding of ``analysis.checks``."""

    @property
    def explanation(self) -> str:
        """Why the numbers disagree; "" where they agree."""

    def text(self, language: str) -> str:
        """The finding in words."""


def checks_table(view: View, summary: pd.DataFrame) -> Table | Note:
    """The checks that the numbers of the report passed. ``summary``: check, compared, held, explained, failed."""
    if summary.empty:
        return view.missing("The data of {year} leaves nothing to compare.")
    rows: list[Row] = [
        {
            "check": _compared(view, str(row.check)),
            "compared": view.wording.count(int(row.compared), view.ref(node=f"check:{row.check}", column="compared")),
            "held": view.wording.count(int(row.held), view.ref(node=f"check:{row.check}", column="held")),
            "explained": view.wording.count(
                int(row.explained), view.ref(node=f"check:{row.check}", column="explained")
            ),
        }
        for row in records(summary)
    ]
    columns = [
        Column("check", view.say("Check")),
        Column("compared", view.say("Compared"), "integer", decimals=0),
        Column("held", view.say("Agree"), "integer", decimals=0),
        Column("explained", view.say("Disagree, explained"), "integer", decimals=0),
    ]
    return finished(view, "checks", view.say("Checks of the numbers of {year}"), columns, rows)


def _compared(view: View, check: str) -> str:
    """What a check compares, and by which rule where criteria do not apply to some units."""
    if check in _OF_POINTS and len(view.maxima_that_apply):
        return view.wording.say(_OF_POINTS[check])
    return view.wording.say(CHECKS[check]) if check in CHECKS else check


def disagreements(findings: Iterable[Disagreement]) -> list[Note]:
    """A line for each disagreement that is explained: the explanation, which the report prints."""
    return [Note(f"{finding.explanation}.", role="warning") for finding in findings if finding.explanation]
