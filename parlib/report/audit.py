"""The robustness report: each section opens with its answer, and keeps chance and method apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import pandas as pd

from parlib.analysis.robustness.audit import MethodAudit, SamplingAudit
from parlib.analysis.statistics import index_tables
from parlib.report import blocks, certainty, datasets, prose
from parlib.report.charts import robustness
from parlib.report.charts.areas import item_scatter
from parlib.report.front import issued
from parlib.report.views import View, YearReport
from parlib.tables import records


class Report(YearReport):
    """How sure the ranking of a year is."""

    @property
    def _sampling(self) -> SamplingAudit:
        return self.year.sampling(from_few=True)

    @property
    def _method(self) -> MethodAudit:
        return self.year.method(sensitivity=True)

    def title(self) -> blocks.Title:
        """The head of the report."""
        view = self.view
        head = prose.title(view)
        text = view.say("{title}: how sure is the ranking?", title=head.text)
        return replace(head, text=text, subtitle=issued(view, view.say("Robustness report")), contents=False)

    def overview(self) -> blocks.Sequel:
        """The answers in one number each; where nothing can be worked out, that alone."""
        view = self.view
        if not self._sections:
            return blocks.sequel(
                view.missing(
                    "How sure the ranks of {year} are cannot be said: neither the errors of a survey nor the points of "
                    "the {areas} are known."
                )
            )
        tiles = tuple(self._tiles())
        return blocks.sequel(
            blocks.Heading(view.say("Result in brief"), 1, "result"),
            blocks.Tiles(tiles, view.say("How sure the ranks are, {index} {year}"), "certainty")
            if len(tiles) > 1
            else None,
            prose.partial(view),
            view.note(
                "A range that survey error leaves holds the truth with a known probability; a range that the choices "
                "of method leave has none. They are never put into one."
            )
            if "sampling" in self._sections and len(self._sections) > 1
            else None,
            prose.rounding(view),
        )

    def _tiles(self) -> Iterator[blocks.Tile]:
        """What each section comes to, in one number."""
        view, method = self.view, self._method
        if "sampling" in self._sections and (pairs := self._pairs) is not None:
            of = view.wording.count(pairs[1], view.ref(column="pairs"))
            detail = view.phrase("of {n} pairs", n=of)
            if self._sampling.basis == "assumed":
                detail = view.phrase("of {n} pairs, with an assumed error", n=of)
            yield blocks.Tile(view.say("Neighbours not told apart"), certainty.pairs_alike(view, pairs[0]), "", detail)
        if "weights" in self._sections:
            detail = view.phrase("{units} in {level}% of the draws", level=certainty.draws_level(view, method))
            yield blocks.Tile(
                view.say("One rank whatever the weights"), certainty.sure_whatever_weights(view, method), "", detail
            )
        if "removal" in self._sections:
            detail = view.phrase("{units}, whichever {area} is left out")
            yield blocks.Tile(
                view.say("Same rank without an {area}"), certainty.unmoved(view, method.removals), "", detail
            )
        if "method" in self._sections and (first := _first_choice(method.sensitivity)) is not None:
            name = robustness.factor_name(view, first["factor"])
            yield blocks.Tile(view.say("Choice that moves most"), _share(view, first, "total"), "", (name,))

    @property
    def _pairs(self) -> tuple[int, int] | None:
        """How many pairs of neighbours cannot be told apart, and how many there are."""
        audit = self._sampling
        if audit.basis == "assumed":
            case = next(row for row in records(audit.cases) if row.error == audit.error)
            return int(case.n_alike), int(case.n_pairs)
        pairs = self.year.neighbours(from_few=True)
        return None if pairs is None else (pairs.n_alike, pairs.n_pairs)

    def sampling(self) -> blocks.Sequel:
        """If other people had been asked: confidence sets for ranks, intervals for pairs, tiers."""
        return self._sections.get("sampling", blocks.sequel())

    def weights(self) -> blocks.Sequel:
        """If the weights were different: rank intervals."""
        return self._sections.get("weights", blocks.sequel())

    def removal(self) -> blocks.Sequel:
        """If one part did not count: ranks without each area, and what each removal moves."""
        return self._sections.get("removal", blocks.sequel())

    def method(self) -> blocks.Sequel:
        """If the method were another: which choice moves the ranking; weights as set and in effect; and of a round, how
        its criteria tell the units apart."""
        return self._sections.get("method", blocks.sequel())

    def grounds(self) -> blocks.Sequel:
        """In the formats of annexes the ranks of every unit with the three answers side by side, its interval and how
        often it takes each rank."""
        view, method, sampling = self.view, self._method, self._sampling
        lacking = view.without_errors(sampling.without)
        table = certainty.rank_doubt_table(
            view, sampling.simultaneous, method.ranks, method.removals, (lacking,) if lacking else ()
        )
        figures = (
            robustness.caterpillar(view, sampling.intervals, sampling.basis == "assumed", sampling.without),
            robustness.acceptability(view, method.ranks, method.acceptability),
        )
        every_unit = [block for block in (table, *figures) if not isinstance(block, blocks.Note)]
        head = blocks.Heading(view.say("Ranks and how sure they are"), 1, "ranks", numbered=False,
                       formats=blocks.ANNEXES[self.extent])  # fmt: skip
        return blocks.sequel((head, *every_unit) if every_unit else None)

    def datasets(self) -> blocks.Sequel:
        """The data behind the report, to check against and to give away."""
        two, pairs = (self.year.results, self.year.previous), self.year.neighbours(from_few=True)
        cells = datasets.of_methods(self.view, self._sampling, self._method, pairs)
        items = datasets.of_items(self.year.overview())
        return datasets.behind(self.view, index_tables(*two), two, round_cells=items, method_cells=cells)

    # --- the sections, each as far as it can be worked out ---------------------------------------

    @cached_property
    def _sections(self) -> dict[str, blocks.Sequel]:
        """The sections by anchor, those alone in which a figure or a table stands."""
        sections = {"sampling": self._of_sampling(), "weights": self._of_weights(),
                    "removal": self._of_removal(), "method": self._of_method()}  # fmt: skip
        return {
            name: some
            for name, some in sections.items()
            if any(isinstance(block, blocks.Figure | blocks.Table) for block in some)
        }

    def _of_sampling(self) -> blocks.Sequel:
        view, audit = self.view, self._sampling
        assumed = audit.basis == "assumed"
        lacking = view.without_errors(audit.without)
        return blocks.section(
            view.say("If other people had been asked"),
            "sampling",
            _lead(
                certainty.supposed(view, audit) or certainty.by_chance(view, audit, self.year.neighbours(from_few=True))
            ),
            certainty.assumption(view, audit),
            certainty.error_cases_table(view, audit.cases),
            certainty.without(view, audit.without),
            robustness.rank_sets(view, audit.simultaneous, audit.marginal, assumed, audit.without),
            None if assumed else certainty.tiers_table(view, audit.tiers, (lacking,) if lacking else ()),
        )

    def _of_weights(self) -> blocks.Sequel:
        view, audit = self.view, self._method
        return blocks.section(
            view.say("If the weights were different"),
            "weights",
            _lead(certainty.by_weights(view, audit)),
            _draws(view, audit.n_draws),
            robustness.rank_intervals(view, audit.ranks),
        )

    def _of_removal(self) -> blocks.Sequel:
        view, audit = self.view, self._method
        return blocks.section(
            view.say("If one {area} did not count"),
            "removal",
            _lead(certainty.without_a_part(view, audit.removals)),
            robustness.removal_ranges(view, audit.removals),
            certainty.removal_table(view, audit.effects),
        )

    def _of_method(self) -> blocks.Sequel:
        view, audit = self.view, self._method
        items = self.year.overview().items
        return blocks.section(
            view.say("If the method were another"),
            "method",
            _lead(_choices(view, audit.sensitivity)),
            robustness.sobol_bars(view, audit.sensitivity),
            robustness.weights_dumbbells(view, audit.weights),
            item_scatter(view, items) if len(items) else None,
        )


def _lead(answer: blocks.Paragraph | None) -> blocks.Paragraph | None:
    """What a section opens with."""
    return replace(answer, role="lead") if answer is not None else None


def _first_choice(sensitivity: pd.DataFrame) -> pd.Series | None:
    """The choice of method with the largest part in how far places move."""
    rows = (
        sensitivity[(sensitivity["output"] == "") & sensitivity["total"].notna()] if len(sensitivity) else sensitivity
    )
    return None if rows.empty else rows.sort_values("total", ascending=False, kind="stable").iloc[0]


def _share(view: View, choice: pd.Series, column: str) -> blocks.Number:
    """What a choice of method has of the variance of the places moved: alone ("first_order") or in all ("total")."""
    ref = view.ref(node=f"factor:{choice['factor']}", column=column)
    return view.wording.number(float(choice[column]), 2, ref, made="interval")


def _choices(view: View, sensitivity: pd.DataFrame) -> blocks.Paragraph | None:
    """The choice of method with the largest part in how far places move, alone and with the others."""
    first = _first_choice(sensitivity)
    if first is None:
        return None
    return view.sentence(
        "With all choices varied together, {name} accounts for {alone} of the variance of the places moved by "
        "itself, and for {total} with its interactions (of a whole of one).",
        name=robustness.factor_name(view, first["factor"]),
        alone=_share(view, first, "first_order"),
        total=_share(view, first, "total"),
    )


def _draws(view: View, n_draws: int) -> blocks.Note | None:
    if not n_draws:
        return None
    return view.note(
        "Assumption: weights at every level are drawn evenly and independently, {n} times; no draw is truer than "
        "another.",
        role="assumption",
        n=view.wording.format(n_draws, 0),
    )
