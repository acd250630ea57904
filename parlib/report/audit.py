"""The robustness report: each section says which question it answers, and keeps chance and method apart."""

from __future__ import annotations

from dataclasses import replace

from parlib.analysis.robustness.audit import MethodAudit, SamplingAudit
from parlib.analysis.statistics import index_tables
from parlib.report import datasets, prose
from parlib.report.blocks import Block, Figure, Heading, Note, Paragraph, Sequel, Table, Title, section, sequel
from parlib.report.certainty import (
    assumption,
    error_cases_table,
    rank_doubt_table,
    removal_table,
    supposed,
    tiers_table,
    weight_factors,
    without,
)
from parlib.report.charts import robustness
from parlib.report.views import View, YearReport


class Report(YearReport):
    """How sure the ranking of a year is."""

    @property
    def _sampling(self) -> SamplingAudit:
        return self.year.sampling(from_few=True)

    @property
    def _method(self) -> MethodAudit:
        return self.year.method(sensitivity=True)

    def title(self) -> Title:
        """The head of the report."""
        view = self.view
        head = prose.title(view)
        text = view.say("{title}: how sure is the ranking?", title=head.text)
        return replace(head, text=text, subtitle=view.say("Robustness report"))

    def overview(self) -> Sequel:
        """What the report answers, and the ranks of every unit with the three answers side by side."""
        view, method, sampling = self.view, self._method, self._sampling
        lacking = view.without_errors(sampling.without)
        table = rank_doubt_table(
            view, sampling.simultaneous, method.ranks, method.removals, (lacking,) if lacking else ()
        )
        return sequel(
            Heading(view.say("What this report answers"), 1, "questions"),
            prose.marks(view),
            prose.partial(view),
            _item(view.say("If other people had been asked: which ranks could a unit truly have?")),
            _item(view.say("If the weights were somewhat different: which ranks would a unit take, and how often?")),
            _item(view.say("If one {area} did not count: where would a unit then stand?", area=view.area)),
            _item(view.say("If the method were another: which choice would move the ranking most?")),
            Note(
                view.say(
                    "The first is about chance, the others about choices. A range of chance has a probability of "
                    "holding the truth; a range of choices has none. They are never put into one range."
                ),
                role="method",
            ),
            table,
        )

    def sampling(self) -> Sequel:
        """If other people had been asked: confidence sets for ranks, intervals for pairs, tiers."""
        view, audit = self.view, self._sampling
        assumed = audit.basis == "assumed"
        lacking = view.without_errors(audit.without)
        return _answered(
            view.say("If other people had been asked"),
            "sampling",
            _answers(view.say("If other people had been asked, each unit's rank could lie within its bar.")),
            supposed(view, audit),
            assumption(view, audit),
            error_cases_table(view, audit.cases),
            without(view, audit.without),
            robustness.rank_sets(view, audit.simultaneous, audit.marginal, assumed, audit.without),
            robustness.caterpillar(view, audit.intervals, assumed, audit.without),
            None if assumed else tiers_table(view, audit.tiers, (lacking,) if lacking else ()),
        )

    def weights(self) -> Sequel:
        """If the weights were different: rank intervals, how often each rank is taken, weights in effect."""
        view, audit = self.view, self._method
        low, high = weight_factors(view, audit)
        return _answered(
            view.say("If the weights were different"),
            "weights",
            Paragraph(
                view.phrase(
                    "If every weight were multiplied by a factor between {low} and {high}, and all scaled back to "
                    "their sum, the unit would take the ranks shown.",
                    low=low,
                    high=high,
                ),
                role="lead",
            ),
            _draws(view, audit.n_draws),
            robustness.rank_intervals(view, audit.ranks),
            robustness.acceptability(view, audit.ranks, audit.acceptability),
            robustness.weights_dumbbells(view, audit.weights),
        )

    def removal(self) -> Sequel:
        """If one part did not count: ranks without each area, and what each removal moves."""
        view, audit = self.view, self._method
        return _answered(
            view.say("If one {area} did not count", area=view.area),
            "removal",
            _answers(view.say("If one {area} were left out, the rank would lie within the bar.", area=view.area)),
            robustness.removal_ranges(view, audit.removals),
            removal_table(view, audit.effects),
        )

    def method(self) -> Sequel:
        """If the method were another: which choice moves the ranking."""
        view, audit = self.view, self._method
        return _answered(
            view.say("If the method were another"),
            "method",
            _answers(
                view.say("If all choices of method were varied together, each would account for the share shown.")
            ),
            robustness.sobol_bars(view, audit.sensitivity),
        )

    def grounds(self) -> Sequel:
        """What the numbers rest on."""
        view = self.view
        return section(view.say("Grounds and sources"), "grounds", prose.rounding(view), _decision(view))

    def datasets(self) -> Sequel:
        """The data behind the report, to check against and to give away."""
        two, pairs = (self.year.results, self.year.previous), self.year.neighbours(from_few=True)
        cells = datasets.of_methods(self.view, self._sampling, self._method, pairs)
        return datasets.behind(self.view, index_tables(*two), two, method_cells=cells)


def _answered(title: str, anchor: str, answer: Paragraph, *blocks: Block | None) -> Sequel:
    """A section that begins with its ``answer``, where a figure or table of it shows one: what is not known has no bar
    to lie in."""
    shown = any(isinstance(block, Figure | Table) for block in blocks)
    return section(title, anchor, answer if shown else None, *blocks)


def _answers(text: str) -> Paragraph:
    return Paragraph((text,), role="lead")


def _item(text: str) -> Paragraph:
    return Paragraph((text,), role="item")


def _draws(view: View, n_draws: int) -> Note | None:
    if not n_draws:
        return None
    return Note(
        view.say(
            "Assumption: weights at every level are drawn evenly and independently, {n} times; no draw is truer than "
            "another.",
            n=view.wording.format(n_draws, 0),
        ),
        role="assumption",
    )


def _decision(view: View) -> Paragraph | None:
    return Paragraph((view.decision,)) if view.decision else None
