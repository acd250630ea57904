"""The report on many years: level, ranks, the parts of the last change, who moved, how far apart the units are."""

from __future__ import annotations

from dataclasses import replace

from parlib.analysis.statistics import index_tables
from parlib.report import datasets, prose
from parlib.report.blocks import Paragraph, Sequel, Title, section
from parlib.report.charts import trends
from parlib.report.tables.ranking import contributions_table, yearly_table
from parlib.report.views import YearReport


class Report(YearReport):
    """How the result of a year came about, over all published years."""

    def title(self) -> Title:
        """The head of the report."""
        head = prose.title(self.view)
        text = self.view.say("{title}: how did it come to this?", title=head.text)
        return replace(head, text=text, subtitle=self.view.say("Trend report"))

    def level(self) -> Sequel:
        """Mean, lowest and highest over the years."""
        view, trend = self.view, self.year.trend()
        return section(
            view.say("Level over the years"),
            "level",
            prose.marks(view),
            _question(view.say("If only years on one scale are compared: did the level rise?")),
            trends.yearly_lines(view, trend.yearly, trend.series),
            yearly_table(view, trend.yearly, trend.mobility),
        )

    def ranks(self) -> Sequel:
        """The ranks of those that lead now, and of the unit in focus, over the years."""
        view = self.view
        return section(
            view.say("Ranks over the years"),
            "ranks",
            _question(
                view.say("If the ranks of all years are put side by side: where did those come from who lead now?")
            ),
            trends.rank_history(view, self.year.trend().series),
        )

    def change(self) -> Sequel:
        """What the last change was made of, for the mean and for the unit in focus."""
        view, trend = self.view, self.year.trend()
        focus = trends.change_bridge(view, trend.parts, view.focus) if view.focus else None
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
            trends.change_bridge(view, trend.mean_parts),
            contributions_table(view, trend.mean_parts),
            focus,
        )

    def mobility(self) -> Sequel:
        """Who changed places since the year before."""
        view = self.view
        return section(
            view.say("Who changed places"),
            "mobility",
            _question(view.say("If the ranking is cut into quarters: how many left theirs?")),
            trends.mobility_matrix(view, self.year.trend().transitions),
        )

    def spread(self) -> Sequel:
        """Do the units draw together?"""
        view = self.view
        return section(
            view.say("Do the units draw together?"),
            "spread",
            _question(view.say("If the standard deviation falls on one scale, the units draw together.")),
            trends.spread_line(view, self.year.trend().yearly),
        )

    def grounds(self) -> Sequel:
        """What the numbers rest on."""
        view = self.view
        return section(view.say("Grounds and sources"), "grounds", prose.rounding(view), prose.partial(view))

    def datasets(self) -> Sequel:
        """The data behind the report, to check against and to give away."""
        years = self.year.years
        cells = datasets.of_trend(self.year.trend())
        return datasets.behind(self.view, index_tables(*years), years, method_cells=cells)


def _question(text: str) -> Paragraph:
    return Paragraph((text,), role="lead")
