"""The sentences of the reports: frames in, paragraphs out, every number bound to the cells it came from.

A sentence is left out, never guessed, where a number in it is not known.
"""

from parlib.report.prose.breakdown import areas, parts, regions
from parlib.report.prose.head import coverage, known, marks, partial, rounding, scale_break, title, unranked
from parlib.report.prose.movement import change_counts, movers, unit
from parlib.report.prose.streaks import streaks
from parlib.report.prose.whole import bands, headline

__all__ = [
    "areas",
    "bands",
    "change_counts",
    "coverage",
    "headline",
    "known",
    "marks",
    "movers",
    "partial",
    "parts",
    "regions",
    "rounding",
    "scale_break",
    "streaks",
    "title",
    "unit",
    "unranked",
]
