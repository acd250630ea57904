"""The yearly report: its sections in the order of its pages, each asked of a year and given as one block.

A section of which nothing is known is its heading and one line that says so; one that has no sense for the index is
empty. What only a round knows is empty for published results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from parlib.analysis import mergers
from parlib.analysis.checks import Finding
from parlib.analysis.index_tables import index_tables
from parlib.report import charts, datasets, prose, tables, yearly
from parlib.report import result as first_page
from parlib.report.area_pages import area_pages
from parlib.report.atlas import country
from parlib.report.blocks import Block, Figure, Heading, Note, Paragraph, Sequel, Table, Title, section, sequel
from parlib.report.charts.diagnosis import item_scatter, pareto_bars
from parlib.report.charts.mergers import merger_ranges
from parlib.report.rounds import charts as round_charts
from parlib.report.rounds import loss_tables
from parlib.report.rounds import tables as round_tables
from parlib.report.statistic_words import known_statistic
from parlib.report.year_report import YearReport
from parlib.report.yearly import annex_tables
from parlib.report.yearly.impact import unit_tables
from parlib.report.yearly.mergers import mergers_table
from parlib.report.yearly.satisfaction import sipas_table
from parlib.scoring.units import merged_year
from parlib.sources import published

_NOTHING = Sequel(())


class Report(YearReport):
    """The yearly report on the results of a level.

    >>> Report(parlib.year(2023, "ministry")).ranking()  # doctest: +SKIP
    """

    def check(self) -> tuple[Finding, ...]:
        """The comparisons that the numbers passed. Raises ``ChecksFailed``: then nothing may be printed."""
        return self.year.checks()

    @property
    def _statistics(self) -> pd.DataFrame:
        """In percent of the maximum: the view prints them on the scale of the index."""
        return self.year.statistics(column="index")

    # --- the result ----------------------------------------------------------------------------

    def title(self) -> Title:
        """The head of the report."""
        return prose.title(self.view)

    def result(self) -> Sequel:
        """The result on one page, for who reads only that."""
        return first_page.result(self.view, self.year, self.year.checks_summary())

    def how_it_was_run(self) -> Sequel:
        """How the round was run: timetable, returned forms, survey sizes, questions and replies."""
        view, facts = self.view, self.year.facts
        if facts.returns.empty:
            return _NOTHING
        return section(
            view.say("How the round was run"),
            "round",
            self._returns(facts.returns),
            round_tables.timetable(view, facts.steps),
            round_tables.forms_table(view, facts.forms),
            round_tables.questions_table(view, facts.questions),
            new_page=True,  # the result before it is a page of its own
        )

    def _returns(self, returns: pd.DataFrame) -> Iterator[Paragraph]:
        view, count = self.view, self.view.wording.count
        whole = int((returns["answered"] >= returns["expected"]).sum())
        late = [str(unit) for unit in returns.loc[returns["late"], "unit"]]
        yield Paragraph(
            view.phrase(
                "{whole} of {all} {units} returned a complete self-assessment; {late} came after the time limit.",
                whole=count(whole, view.ref(column="returned")),
                all=count(len(returns), view.ref(column="asked")),
                late=count(len(late), view.ref(column="late")),
            ),
            role="item",
        )
        if late:
            yield Paragraph(view.phrase("Late: {list}.", list=view.unit_list(late)), role="item")
        yield Paragraph(
            view.phrase(
                "The council changed the points of {adjusted} of {appraised} appraised answers; units explained "
                "themselves on {explained}.",
                adjusted=count(int(returns["adjusted"].sum()), view.ref(column="adjusted")),
                appraised=count(int(returns["appraised"].sum()), view.ref(column="appraised")),
                explained=count(int(returns["explained"].sum()), view.ref(column="explained")),
            ),
            role="item",
        )

    def scope(self) -> Sequel:
        """Who was assessed, by which set of criteria, and what changed in it."""
        return yearly.scope(self.view, self.year.criteria_change())

    def overall(self) -> Sequel:
        """The whole index: groups, rises and falls, first and last, years in a row, what is known; the statistics."""
        view, statistics, ranks = self.view, self._statistics, self.year.rank()
        known = tables.statistics_table(view, statistics)
        return sequel(
            Heading(view.say("Overall result"), 1, "overall", new_page=True),
            prose.headline(view, statistics, ranks),
            prose.above_mean(view, statistics),
            prose.bands(view, self.year.bands()),
            prose.change_counts(view, self.year.change_counts()),
            prose.leaders(view, ranks),
            prose.streaks(view, self.year.runs()),
            prose.unranked(view, ranks),
            prose.marks(view),
            prose.partial(view),
            prose.scale_break(view),
            charts.histogram(view, ranks, known_statistic(view, statistics, "mean")),
            known if isinstance(known, Table) else None,
        )

    def unit_in_focus(self) -> Sequel:
        """What is known of the unit in focus; empty where there is none."""
        view = self.view
        if not view.focus:
            return _NOTHING
        told = prose.unit(view, self.year.rank(), self.year.change())
        return sequel(Heading(view.unit(view.focus), 1, "unit"), told)

    def ranking(self) -> Sequel:
        """Who stands where: figure and table."""
        view, ranks, change = self.view, self.year.rank(), self.year.change()
        parts = self.year.parts() if view.has("parts") else None
        return section(
            view.say("Ranking"),
            "ranking",
            charts.ranking_bars(view, ranks, change, self._statistics),
            tables.ranking_table(view, ranks, change, parts, self.year.tiers()),
        )

    def bands(self) -> Sequel:
        """The groups of the year; empty for an index that has none."""
        view = self.view
        if not view.has("groups"):
            return _NOTHING
        return section(view.say("Groups"), "groups", tables.bands_table(view, self.year.bands(), self.year.rank()))

    def parts(self) -> Sequel:
        """What the index is made of; empty for an index that is not a sum of components."""
        view, parts, ranks = self.view, self.year.parts(), self.year.rank()
        if not view.has("parts"):
            return _NOTHING
        return section(
            view.say("Parts of the index"),
            "parts",
            prose.parts(view, parts),
            charts.parts_stacked(view, parts, ranks),
            None if tables.parts_complete(view, parts) else tables.parts_table(view, parts, ranks),
        )

    def change(self) -> Sequel:
        """What moved since the year before; one line where these results rule out that anything is set against it."""
        view, change = self.view, self.year.change()
        title = view.say("Change on {before}", before=view.results.year - 1)
        if view.not_compared and not change["change"].notna().any():
            return section(title, "change", Note(view.not_compared, role="missing"))
        return section(
            title,
            "change",
            prose.scale_break(view),
            prose.movers(view, change),
            charts.change_bars(view, change),
            tables.change_table(view, change),
        )

    # --- regions and areas ---------------------------------------------------------------------

    def regions(self) -> Sequel:
        """The provinces on the map, their regions, the central cities and the others; empty for ministries."""
        view, regions = self.view, self.year.regions()
        if not view.region_names:
            return _NOTHING
        drawn = country(view, self.year.rank(), self.year.change())
        return section(
            view.say("Regions"),
            "regions",
            prose.regions(view, regions),
            drawn,
            charts.region_strips(view, regions),
            tables.regions_table(view, regions),
            tables.cities_table(view, self.year.cities()),
            new_page=bool(drawn),  # a map with its words fills a page
        )

    def areas(self) -> Sequel:
        """The areas of the index; empty for one without areas. The tables of all units by area stand in an annex."""
        view, areas = self.view, self.year.extremes()
        if not view.has("areas"):
            return _NOTHING
        return section(
            view.say("Results by {area}", area=view.area),
            "areas",
            prose.areas(view, areas),
            charts.area_ranges(view, areas),
            tables.areas_table(view, areas),
            charts.area_heat_map(view, self.year.rank()),
        )

    def area_pages(self) -> Sequel:
        """A page for each area of which enough is known."""
        return area_pages(self.view, self.year.areas(), self.year.extremes(), self.year.overview().nodes)

    def apart(self) -> Sequel:
        """Bodies that are assessed and not ranked."""
        return yearly.apart(self.view)

    # --- the survey, and what the round shows --------------------------------------------------

    def survey(self) -> Sequel:
        """The survey of officials by group, and of citizens by factor, with intervals; the items stand in an annex."""
        view, facts = self.view, self.year.facts
        if facts.shares.empty:
            return _NOTHING
        return section(
            view.say("Sociological survey"),
            "survey",
            round_charts.survey_dots(view, facts.shares),
            round_tables.satisfaction_table(view, facts.satisfaction),
            [Note(text, role="assumption") for text in facts.assumptions],
        )

    def satisfaction(self) -> Sequel:
        """SIPAS beside the index: of the round's own citizens, or as published."""
        return yearly.satisfaction(self.view, self.year.facts.citizens, self.year.satisfaction())

    def impact(self) -> Sequel:
        """How the units did where points follow from a measured value."""
        return yearly.impact(self.view, self.year.overview().measures)

    def claims(self) -> Sequel:
        """Self-assessment against appraisal, and what explaining changed; the table of all units stands in an annex."""
        view, found = self.view, self.year.overview()
        if found.claims.empty:
            return _NOTHING
        return section(
            view.say("Self-assessment and appraisal"),
            "claims",
            self._not_granted(found.claims),
            round_charts.claims_dots(view, found.claims),
            round_tables.gaps_table(view, found.gaps),
            round_tables.appeals_table(view, found.appeals),
        )

    def _not_granted(self, claims: pd.DataFrame) -> Paragraph | None:
        view, over, claimed = self.view, float(claims["over"].sum()), float(claims["claimed"].sum())
        if not claimed > 0:
            return None
        ref, number = view.ref(node="*", column="points"), view.wording.number
        return Paragraph(
            view.phrase(
                "Of the points that units gave themselves, {share}% were not granted; on average {mean} points a unit.",
                share=number(100 * over / claimed, 2, ref, made="share"),
                mean=number(over / len(claims), 2, ref, made="mean_not_granted"),
            )
        )

    def losses(self) -> Sequel:
        """Where the units lost most points, by area, component, ground and criterion; which criteria tell them
        apart."""
        view, found = self.view, self.year.overview()
        if found.nodes.empty:
            return _NOTHING
        return section(
            view.say("Where points were lost"),
            "losses",
            loss_tables.told(view, found.divisions),
            loss_tables.ground_bars(view, found.grid) if len(found.grid) else None,
            loss_tables.divisions_table(view, found.divisions),
            pareto_bars(view, found.leaves),
            round_tables.losses_table(view, found.nodes),
            item_scatter(view, found.items),
        )

    # --- how sure it is, and what follows ------------------------------------------------------

    def certainty(self) -> Sequel:
        """How sure the ranks are: chance in the survey and choices of method, told apart."""
        return yearly.certainty(self.view, self.year.sampling(), self.year.method(), self.year.neighbours())

    def assessment(self) -> Sequel:
        """A draft of achievements, limits, causes and recommendations."""
        return yearly.assessment(self.view, self._statistics, self.year.findings())

    def annexes(self) -> Sequel:
        """Long tables under one heading; those that show a table or a figure, numbered in order."""
        view = self.view
        found: list[Block] = []
        for anchor, title, blocks in self._annexes():
            flat = [b for b in sequel(*blocks).blocks if not (isinstance(b, Note) and b.role == "missing")]
            if any(isinstance(block, Table | Figure) for block in flat):
                n = 1 + sum(isinstance(block, Heading) for block in found)
                title = view.say("Annex {n}. {title}", n=n, title=title)
                found += [Heading(title, 2, f"annex-{anchor}"), *flat]
        if not found:
            return _NOTHING
        return sequel(Heading(view.say("Annexes"), 1, "annexes", new_page=True), found)

    def _annexes(self) -> Iterator[tuple[str, str, list[Block | Iterable[Block] | None]]]:
        """Every annex in order: anchor, title, blocks."""
        view, facts, found = self.view, self.year.facts, self.year.overview()
        if view.has("areas"):
            title = view.say("Units by {area}", area=view.area)
            ranks = self.year.rank()
            yield "areas", title, [tables.units_by_area_table(view, ranks), tables.area_ranks_table(view, ranks)]
        of_areas = [annex_tables.criteria_table(view, area) for area in view.nodes("area")]
        yield "criteria", view.say("Units by criterion"), [*of_areas]
        title = view.say("Value, target and points of the measured criteria")
        yield "measured", title, [unit_tables(view, found.measured)]
        claims = round_tables.claims_table(view, found.claims) if len(found.claims) else None
        yield "claims", view.say("Self-assessment and appraisal by unit"), [claims]
        history = annex_tables.history_table(view, self.year.series(column="index"))
        yield "history", view.say("Ranks over the years"), [history]
        items = round_tables.survey_table(view, facts.shares) if len(facts.shares) else None
        yield "survey", view.say("Survey results by item and group"), [items, sipas_table(view, facts.citizens)]
        exempt = (
            annex_tables.exempt_matrix(view, found.exempt, found.effect),
            annex_tables.exempt_table(view, found.exempt),
        )
        yield "exempt", view.say("Criteria that do not apply"), [*exempt]
        yield from self._new_units()
        conflicts = tables.conflicts_table(view, self.year.conflicts())
        explained = annex_tables.explanations_table(view, published.check_explanations(view.wording.language))
        yield "restated", view.say("Restated and conflicting published numbers"), [conflicts, explained]
        title = view.say("Code book of the set of criteria")
        yield "codes", title, [annex_tables.code_book_table(view, facts.code_book)]

    def _new_units(self) -> Iterator[tuple[str, str, list[Block | Iterable[Block] | None]]]:
        """The units of the mergers with what their index would be by a rule, a sentence that says so."""
        view, spread = self.view, self.year.new_units()
        if spread.empty:
            return
        rule = mergers.wording("mean", view.wording.language, view.results.level)
        table = mergers_table(view, spread, rule)
        if table is None:
            return
        chart = merger_ranges(view, spread, rule)
        merged = merged_year(view.results.level)
        title = view.say("The index carried over to the units after the mergers of {merged}", merged=merged)
        yield "mergers", title, [Note(rule, role="assumption"), chart if isinstance(chart, Figure) else None, table]

    # --- what it rests on ----------------------------------------------------------------------

    def checks(self) -> Sequel:
        """The checks that the numbers passed before the report was built, and the disagreements that are explained."""
        view = self.view
        return section(
            view.say("Checks"),
            "checks",
            tables.disagreements(self.year.checks()),
            tables.checks_table(view, self.year.checks_summary()),
        )

    def grounds(self) -> Sequel:
        """What the numbers rest on: rounding, set of criteria, how much is known, the pages read."""
        view, ranks = self.view, self.year.rank()
        return section(
            view.say("Grounds and sources"),
            "grounds",
            prose.rounding(view),
            tables.assumptions_table(view),
            tables.coverage_table(view, ranks) if len(ranks) else None,
            tables.sources_table(view, self.year.sources()),
        )

    def datasets(self) -> Sequel:
        """The data behind the report, to check against and to give away."""
        view, year = self.view, self.year
        three = (year.results, year.previous, year.first)
        return datasets.behind(
            view,
            index_tables(*three, whole=year.years),
            [*three, *year.years],
            printed_cells=datasets.of_sources(
                view, year.criteria_change(), year.satisfaction(), year.bands(), year.regions()
            ),
            round_cells=datasets.of_round(year.facts, year.overview(), year.checks_summary()),
            method_cells=datasets.of_methods(view, year.sampling(), year.method(), year.neighbours()),
        )
