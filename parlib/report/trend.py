"""The sections of the report on many years: level, ranks, the parts of the last change, who moved, how far apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from parlib.report import prose
from parlib.report.blocks import Paragraph, Sequel, Title
from parlib.report.charts import moves, trends
from parlib.report.charts.trends import value_column
from parlib.report.sections import section
from parlib.report.tables.trends import contributions_table, yearly_table
from parlib.report.views import View

__all__ = ["change", "grounds", "level", "mobility", "ranks", "spread", "title", "value_column"]


def title(view: View) -> Title:
    """The head of the report."""
    head = prose.title(view)
    text = view.say("{title}: how did it come to this?", title=head.text)
    return replace(head, text=text, subtitle=view.say("Trend report"))


def level(view: View, trend: Any) -> Sequel:
    """Mean, lowest and highest over the years. ``trend`` is the ``Trend`` of the analysis."""
    return section(
        view.say("Level over the years"),
        "level",
        prose.marks(view),
        _question(view.say("If only years on one scale are compared: did the level rise?")),
        trends.yearly_lines(view, trend.yearly, trend.series),
        yearly_table(view, trend.yearly, trend.mobility),
    )


def ranks(view: View, trend: Any) -> Sequel:
    """The ranks of those that lead now, and of the unit in focus, over the years."""
    return section(
        view.say("Ranks over the years"),
        "ranks",
        _question(view.say("If the ranks of all years are put side by side: where did those come from who lead now?")),
        trends.rank_history(view, trend.series),
    )


def change(view: View, trend: Any) -> Sequel:
    """What the last change was made of, for the mean and for the unit in focus."""
    focus = moves.change_bridge(view, trend.parts, view.focus) if view.focus else None
    return section(
        view.say("What the last change was made of"),
        "bridge",
        _question(
            view.say(
                "If the change since {before} is split by part: what raised it, what lowered it?",
                before=view.results.year - 1,
            )
        ),
        prose.scale_break(view),
        moves.change_bridge(view, trend.mean_parts),
        contributions_table(view, trend.mean_parts),
        focus,
    )


def mobility(view: View, trend: Any) -> Sequel:
    """Who changed places since the year before."""
    return section(
        view.say("Who changed places"),
        "mobility",
        _question(view.say("If the ranking is cut into quarters: how many left theirs?")),
        moves.mobility_matrix(view, trend.transitions),
    )


def spread(view: View, trend: Any) -> Sequel:
    """Do the units draw together?"""
    return section(
        view.say("Do the units draw together?"),
        "spread",
        _question(view.say("If the standard deviation falls on one scale, the units draw together.")),
        trends.spread_line(view, trend.yearly),
    )


def grounds(view: View) -> Sequel:
    """What the numbers rest on."""
    return section(view.say("Grounds and sources"), "grounds", prose.rounding(view), prose.partial(view))


def _question(text: str) -> Paragraph:
    return Paragraph((text,), role="lead")
