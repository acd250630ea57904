"""The yearly report: its sections in the order of its pages, each asked of a year and given as one block.

A section of which nothing is known is its heading and one line that says so; one that has no sense for the index is
empty. What only a round knows is empty for published results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from parlib.analysis.checks import Finding
from parlib.analysis.statistics import AreaFacts, index_tables
from parlib.report import (
    annexes,
    assessment,
    certainty,
    charts,
    datasets,
    front,
    mergers,
    prose,
    rounds,
    satisfaction,
    scope,
    tables,
)
from parlib.report.blocks import (
    ANNEXES,
    Block,
    Figure,
    Heading,
    Note,
    Number,
    Paragraph,
    Part,
    Parts,
    Sequel,
    Table,
    Title,
    direction,
    is_known,
    message,
    section,
    sequel,
)
from parlib.report.charts.areas import pareto_bars
from parlib.report.charts.ranking import Sure
from parlib.report.maps import country
from parlib.report.tables.areas import best_known_first, criteria_table, ends_table, known_table, parts_of_area_table
from parlib.report.views import View, YearReport, known_statistic
from parlib.scoring.results import WHOLE
from parlib.sources import published
from parlib.tables import Record, records

_NOTHING = Sequel(())
#: Where the pages read are listed, by the annexes that were asked for.
_LISTED = {
    "none": message("Every source is listed, with its address, in the open data of this report."),
    "short": message("Every source is listed, with its address, in the annex of the Excel workbook."),
    "full": message("Every source is listed, with its address, in the annex of this report."),
}


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
        return front.title(self.view, self.year)

    def result(self) -> Sequel:
        """The result on page one, for who reads only that."""
        return front.result(self.view, self.year)

    def how_it_was_run(self) -> Sequel:
        """How the round was run: timetable, returned forms, survey sizes; questions and replies stand in an annex."""
        view, facts = self.view, self.year.facts
        if facts.returns.empty:
            return _NOTHING
        return section(
            view.say("How the round was run"),
            "round",
            self._returns(facts.returns),
            rounds.timetable(view, facts.steps),
            rounds.forms_table(view, facts.forms),
        )

    def _returns(self, returns: pd.DataFrame) -> Iterator[Paragraph]:
        view, count = self.view, self.view.wording.count
        whole = int((returns["answered"] >= returns["expected"]).sum())
        late = [str(unit) for unit in returns.loc[returns["late"], "unit"]]
        yield view.item(
            "{whole} of {all} {units} returned a complete self-assessment; {late:none} came after the time limit.",
            whole=count(whole, view.ref(column="returned")),
            all=count(len(returns), view.ref(column="asked")),
            late=count(len(late), view.ref(column="late")),
        )
        if late:
            yield view.item("Late: {list}.", list=view.unit_list(late))
        yield view.item(
            "The council changed the points of {adjusted} of {appraised} appraised answers; units explained "
            "themselves on {explained}.",
            adjusted=count(int(returns["adjusted"].sum()), view.ref(column="adjusted")),
            appraised=count(int(returns["appraised"].sum()), view.ref(column="appraised")),
            explained=count(int(returns["explained"].sum()), view.ref(column="explained")),
        )

    def scope(self) -> Sequel:
        """Who was assessed, by which set of criteria, and what changed in it."""
        return scope.scope(self.view, self.year.criteria_change())

    def unit_in_focus(self) -> Sequel:
        """What is known of the unit in focus; empty where there is none."""
        view = self.view
        if not view.focus:
            return _NOTHING
        sentence = prose.unit(view, self.year.rank(), self.year.change())
        return sequel(Heading(view.unit(view.focus), 1, "unit"), sentence)

    def ranking(self) -> Sequel:
        """Who stands where: figure and table."""
        view, ranks, change = self.view, self.year.rank(), self.year.change()
        parts = self.year.parts() if view.has("parts") else None
        return section(
            view.say("Ranking"),
            "ranking",
            charts.ranking_bars(view, ranks, change, self._statistics, self._sure) if self._most_are_known else None,
            tables.ranking_table(view, ranks, change, parts, self.year.tiers()),
            prose.incomplete(view),
            prose.streaks(view, self.year.runs()),
        )

    def parts(self) -> Sequel:
        """What the index is made of; empty for an index that is not a sum of components."""
        view, parts, ranks = self.view, self.year.parts(), self.year.rank()
        if not view.has("parts"):
            return _NOTHING
        if not tables.parts_complete(view, parts):
            return _NOTHING  # what is known of a few stands in an annex
        title = view.say("Parts of the index")
        return section(title, "parts", prose.parts(view, parts), charts.parts_stacked(view, parts, ranks))

    def change(self) -> Sequel:
        """What moved since the year before, unit by unit in the ranking; one line where these results rule out that
        anything is set against it."""
        view, change = self.view, self.year.change()
        title = view.say("Change on {before}")
        if view.not_compared and not change["change"].notna().any():
            return _NOTHING if view.is_simulated else section(title, "change", Note(view.not_compared, role="missing"))
        told = prose.movers(view, change, self.year.statistics(column="index"))
        drawn = charts.change_bars(view, change)
        left_out = told and (isinstance(drawn, Note) or view.has_many)
        return section(title, "change", told, None if left_out else drawn)

    def before_mergers(self) -> Sequel:
        """The units since the mergers beside those that they were made of; empty where there are no results of them."""
        return mergers.beside_parts(self.view, self.year)

    @property
    def _sure(self) -> Sure:
        return Sure(self.year.sampling(), self.year.tiers())

    @property
    def _most_are_known(self) -> bool:
        """Whether the index is known of half of the ranked units or more: from then on it is drawn."""
        return 2 * self.view.results.n_known >= (self.view.results.n_ranked or 0)

    # --- regions and areas ---------------------------------------------------------------------

    def regions(self) -> Sequel:
        """The provinces on the map, their regions, the central cities and the others; empty for ministries."""
        view, regions = self.view, self.year.regions()
        if not view.region_names:
            return _NOTHING
        title = view.say("Regions")
        result = section(
            title,
            "regions",
            prose.regions(view, regions),
            tables.regions_table(view, regions),
            charts.region_strips(view, regions) if self._most_are_known else None,
            tables.cities_table(view, self.year.cities()),
            country(view, self.year.rank(), self.year.change()),  # the tallest last: what breaks fills the page before
        )
        if len(result.blocks) > 1:  # more than the heading
            return result
        return section(title, "regions", view.missing("Nothing is known of the regions in {year}."))

    def areas(self) -> Sequel:
        """The areas of the index; empty for one without areas. The tables of all units by area stand in an annex."""
        view, areas = self.view, self.year.extremes()
        if not view.has("areas"):
            return _NOTHING
        title = view.say("Results by {area}")
        if not self._areas_are_known:
            few = self._area_pages().blocks or [view.missing("No value of any {area} is known for {year}.")]
            return section(title, "areas", prose.areas(view, areas), few)
        return section(
            title,
            "areas",
            prose.areas(view, areas),
            charts.area_ranges(view, areas),
            tables.areas_table(view, areas),
            charts.area_heat_map(view, self.year.rank()),
        )

    @property
    def _areas_are_known(self) -> bool:
        """Whether at least half of the areas are known of at least half of the ranked units, or their mean is."""
        areas = self.year.extremes()
        areas = areas[areas["node"] != WHOLE]
        of = self.view.results.n_ranked or 0
        known = [
            is_known(row.mean) or 2 * self.view.results.values(str(row.node)).notna().sum() >= of > 0
            for row in records(areas)
        ]
        return bool(known) and 2 * sum(known) >= len(known)

    def area_pages(self) -> Sequel:
        """A page for each area of which enough is known; what is known of few stands in the section before."""
        return self._area_pages() if self._areas_are_known else _NOTHING

    def _area_pages(self) -> Sequel:
        return area_pages(self.view, self.year.areas(), self.year.overview().nodes)

    def apart(self) -> Sequel:
        """Bodies that are assessed and not ranked."""
        return scope.apart(self.view)

    # --- the survey, and what the round shows --------------------------------------------------

    def survey(self) -> Sequel:
        """The survey of officials by group, with intervals; the items stand in an annex."""
        view, facts = self.view, self.year.facts
        if facts.shares.empty:
            return _NOTHING
        return section(
            view.say("Sociological survey"),
            "survey",
            rounds.survey_dots(view, facts.shares),
            Note(" ".join(facts.assumptions), role="assumption") if facts.assumptions else None,
        )

    def satisfaction(self) -> Sequel:
        """SIPAS beside the index: of the round's own citizens, or as published."""
        facts = self.year.facts
        return satisfaction.satisfaction(self.view, facts.citizens, facts.satisfaction, self.year.satisfaction())

    def impact(self) -> Sequel:
        """How the units did where points follow from a measured value."""
        return rounds.impact(self.view, self.year.overview().measures)

    def claims(self) -> Sequel:
        """Self-assessment against appraisal, and what explaining changed; the table of all units stands in an annex."""
        view, result = self.view, self.year.overview()
        if result.claims.empty:
            return _NOTHING
        return section(
            view.say("Self-assessment and appraisal"),
            "claims",
            self._not_granted(result.claims),
            rounds.claims_dots(view, result.claims),
            rounds.gaps_table(view, result.gaps, result.struck),
            rounds.appeals_table(view, result.appeals),
        )

    def _not_granted(self, claims: pd.DataFrame) -> Paragraph | None:
        view, over, claimed = self.view, float(claims["over"].sum()), float(claims["claimed"].sum())
        if not claimed > 0:
            return None
        ref, number = view.ref(node="*", column="points"), view.wording.number
        return view.sentence(
            "Of the points that units gave themselves, {share}% were not granted; on average {mean} points a unit.",
            share=number(100 * over / claimed, 2, ref, made="share"),
            mean=number(over / len(claims), 2, ref, made="mean_not_granted"),
        )

    def losses(self) -> Sequel:
        """Where the units lost most points, by area, component, ground and criterion."""
        view, result = self.view, self.year.overview()
        if result.nodes.empty:
            return _NOTHING
        return section(
            view.say("Where points were lost"),
            "losses",
            rounds.losses_text(view, result.divisions),
            rounds.ground_bars(view, result.grid) if len(result.grid) else None,
            rounds.divisions_table(view, result.divisions),
            pareto_bars(view, result.leaves),
        )

    # --- how sure it is, and what follows ------------------------------------------------------

    def certainty(self) -> Sequel:
        """How sure the ranks are: chance in the survey and choices of method, told apart."""
        return certainty.certainty(self.view, self.year.sampling(), self.year.method(), self.year.neighbours())

    def assessment(self) -> Sequel:
        """A draft of achievements, limits, causes and recommendations."""
        return assessment.assessment(self.view, self._statistics, self.year.findings())

    def annexes(self) -> Sequel:
        """Long tables under one heading, numbered in order; ``extent`` says in which formats."""
        view = self.view
        results: list[Block] = []
        for anchor, title, blocks in self._annexes():
            flat = [b for b in sequel(*blocks).blocks if not (isinstance(b, Note) and b.role == "missing")]
            if any(isinstance(block, Table | Figure) or getattr(block, "role", "") == "warning" for block in flat):
                n = 1 + sum(isinstance(block, Heading) for block in results)
                title = view.say("Annex {n}. {title}", n=n, title=title)
                results += [Heading(title, 2, f"annex-{anchor}", numbered=False), *flat]
        if not results:
            return _NOTHING
        heading = Heading(view.say("Annexes"), 1, "annexes", numbered=False, formats=ANNEXES[self.extent])
        return sequel(heading, results)

    def _annexes(self) -> Iterator[tuple[str, str, list[Block | Iterable[Block] | None]]]:
        """Every annex in order: anchor, title, blocks."""
        view, facts, result = self.view, self.year.facts, self.year.overview()
        yield "statistics", view.say("Statistics of the year"), [tables.statistics_table(view, self._statistics)]
        if view.has_many:
            drawn = charts.change_bars(view, self.year.change())
            yield "changes", view.say("Change of every unit"), [drawn if isinstance(drawn, Figure) else None]
        parts, ranks = self.year.parts(), self.year.rank()
        if view.has("parts") and not tables.parts_complete(view, parts):
            yield "parts", view.say("Parts of the index"), [tables.parts_table(view, parts, ranks)]
        if view.has("areas"):
            title = view.say("Units by {area}")
            yield (
                "areas",
                title,
                [
                    None if self._areas_are_known else tables.areas_table(view, self.year.extremes()),
                    tables.units_by_area_table(view, ranks),
                    tables.area_ranks_table(view, ranks),
                ],
            )
        of_areas = [annexes.criteria_table(view, area) for area in view.nodes("area")]
        yield "criteria", view.say("Units by criterion"), [*of_areas]
        every = [criteria_table(view, area, result.nodes) for area in view.nodes("area") if len(result.nodes)]
        most = rounds.losses_table(view, result.nodes) if len(result.nodes) else None
        yield "all-criteria", view.say("Means and points lost by criterion"), [*every, most]
        title = view.say("Value, target and points of the measured criteria")
        yield "measured", title, [rounds.unit_tables(view, result.measured)]
        claims = rounds.claims_table(view, result.claims) if len(result.claims) else None
        yield "claims", view.say("Self-assessment and appraisal by unit"), [claims]
        asked = rounds.questions_table(view, facts.questions)
        yield "questions", view.say("Questions and proposals of units"), [asked]
        history = annexes.history_table(view, self.year.series(column="index"))
        yield "history", view.say("Ranks over the years"), [history]
        items = rounds.survey_table(view, facts.shares) if len(facts.shares) else None
        yield (
            "survey",
            view.say("Survey results by item and group"),
            [items, satisfaction.sipas_table(view, facts.citizens)],
        )
        yield (
            "satisfaction",
            view.say("Satisfaction with public services (SIPAS)"),
            [*satisfaction.annex(view, self.year.satisfaction())],
        )
        exempt = (
            annexes.exempt_matrix(view, result.exempt, result.effect),
            annexes.exempt_table(view, result.exempt),
        )
        yield "exempt", view.say("Criteria that do not apply"), [*exempt]
        yield from self._new_units()
        conflicts = tables.conflicts_table(view, self.year.conflicts())
        explained = annexes.explanations_table(view, published.check_explanations(view.wording.language))
        yield "restated", view.say("Restated and conflicting published numbers"), [conflicts, explained]
        title = view.say("Code book of the set of criteria")
        yield "codes", title, [annexes.code_book_table(view, facts.code_book)]
        grounds = [tables.assumptions_table(view), tables.sources_table(view, self.year.sources())]
        yield "sources", view.say("Grounds and sources"), [*grounds]

    def _new_units(self) -> Iterator[tuple[str, str, list[Block | Iterable[Block] | None]]]:
        """The units of the mergers with what their index would be by a rule, a sentence that says so."""
        view, spread = self.view, self.year.new_units()
        if spread.empty:
            return
        blocks = mergers.of_spread(view, spread)
        if blocks:
            merged = mergers.since(view)
            title = view.say("The index carried over to the units after the mergers of {merged}", merged=merged)
            yield "mergers", title, blocks

    # --- what it rests on ----------------------------------------------------------------------

    def grounds(self) -> Sequel:
        """What the numbers rest on: rounding, where sources disagree and why, where the pages read are listed."""
        view = self.view
        return section(
            view.say("Grounds and sources"),
            "grounds",
            prose.rounding(view),
            self._explained(),
            None if self.year.sources().empty else Paragraph((view.say(_LISTED[self.extent]),)),
            passed(view, self.year.checks_summary()),
        )

    def _explained(self) -> Note | None:
        """Where numbers of the sources disagree, and the reviewed reason."""
        reasons = [match.explanation for match in self.year.checks() if match.explanation]
        if not reasons:
            return None
        text = self.view.say("Where the sources disagree, and why: {list}.", list=". ".join(reasons))
        return Note(text, role="warning")

    def datasets(self) -> Sequel:
        """The data behind the report, to check against and to give away."""
        view, year = self.view, self.year
        two = (year.results, year.previous)
        whole = (year.first, *year.years, year.set_beside)
        others = [of for of in whole if of is not None]  # of these the whole index is compared
        return datasets.behind(
            view,
            index_tables(*two, whole=others),
            [*two, *others],
            printed_cells=datasets.of_sources(
                view, year.criteria_change(), year.satisfaction(), year.bands(), year.regions()
            ),
            round_cells=datasets.of_round(year.facts, year.overview(), year.checks_summary()),
            method_cells=datasets.of_methods(view, year.sampling(), year.method(), year.neighbours()),
        )


def passed(view: View, checks: pd.DataFrame) -> Note | None:
    """The stamp of the checks: how many comparisons the numbers went through, and what was explained. ``checks`` is the
    ``summary`` of the checks: check, compared, held, explained, failed."""
    if checks.empty or int(checks["failed"].sum()):
        return None
    count, ref = view.wording.count, view.ref(column="checks")
    compared = count(int(checks["compared"].sum()), ref)
    kinds, explained = count(len(checks), ref), count(int(checks["explained"].sum()), ref)
    if not explained.value:
        text = view.say(
            "The numbers of this report went through {n} comparisons of {k} kinds of checks; all agree.",
            n=compared,
            k=kinds,
        )
    else:
        text = view.say(
            "The numbers of this report went through {n} comparisons of {k} kinds of checks; {e} disagreements "
            "of the sources are explained.",
            n=compared,
            k=kinds,
            e=explained,
        )
    return Note(text, role="passed")


MOVERS = 3  # how many rises and falls are named
WEAKEST = 3  # how many criteria
FEW = 6  # up to so many known units are told in a sentence


def area_pages(view: View, facts: Iterable[AreaFacts], nodes: pd.DataFrame) -> Sequel:
    """A page for each area; empty for an index without areas.

    ``facts`` are those of ``analysis.statistics.by_area``, ``areas`` the frame of ``best_and_worst``, ``nodes`` that of
    ``diagnosis.overview`` (empty without a round).
    """
    if not view.has("areas"):
        return Sequel(())
    pages: list[Sequel] = []
    unknown: list[str] = []
    for fact in facts:
        area = str(fact.node)
        page = _page(view, fact, nodes) if fact.known else ()
        if not page:
            unknown.append(area)
            continue
        if not fact.complete and all(isinstance(block, Paragraph) for block in page):
            pages.append(sequel(_line(f"{area}. {view.node_name(area)}: ", page)))
            continue
        pages.append(sequel(Heading(f"{area}. {view.node_name(area)}", 2, f"area-{area}", numbered=False), page))
    if not pages:
        return Sequel(())
    return sequel(pages, _unknown(view, unknown))


def _line(name: str, page: Iterable[Block]) -> Paragraph:
    """What is known of an area in one point of a list: a few sentences need no heading of their own."""
    parts: list[Part] = [name]
    for block in page:
        if isinstance(block, Paragraph):
            parts += [*([" "] if len(parts) > 1 else []), *block.parts]
    return Paragraph(tuple(parts), role="item")


def _page(view: View, fact: AreaFacts, nodes: pd.DataFrame) -> tuple[Block, ...]:
    area, current = str(fact.node), fact.units
    if not fact.complete:
        return sequel(few := _few(view, fact), _known(view, current, area, said=few is not None)).blocks
    mean = known_statistic(view, fact.statistics, "mean", area)
    strip = charts.strip(view, current, mean, area)
    own = nodes[nodes["node"].str.startswith(f"{area}.")] if not nodes.empty else nodes
    return sequel(
        strip if isinstance(strip, Figure) else None,
        _moved_mean(view, fact, mean),
        _scored(view, area, nodes),
        _achieved(view, area, own),
        _movers(view, fact),
        ends_table(view, current, area),
        criteria_table(view, area, nodes, whole=False) if len(own) else parts_of_area_table(view, area, fact.parts),
    ).blocks


def _moved_mean(view: View, fact: AreaFacts, mean: Number | None) -> Paragraph | None:
    """The mean of an area with its change on the year before, where that is known."""
    change = known_statistic(view, fact.statistics, "mean_change", str(fact.node))
    if mean is None or change is None:
        return None
    moved = view.wording.moved(change, view.unit_of_change, year=view.results.year - 1)
    told = view.phrase("Mean of the {area}: {mean}, {moved}.", mean=view.amount(mean), moved=moved)
    return Paragraph(told, role="item")


def _few(view: View, fact: AreaFacts) -> Paragraph | None:
    """What is printed of an area of which not all values are known: its mean, the units above it."""
    area = str(fact.node)
    mean = known_statistic(view, fact.statistics, "mean", area)
    if mean is None:
        return None
    parts: Parts = view.phrase("Mean of the {area}: {mean}.", mean=view.amount(mean))
    above = known_statistic(view, fact.statistics, "n_above_mean", area)
    if above is not None:
        parts = (*parts, " ", *view.phrase("Units above the mean: {n}.", n=above))
    return Paragraph(parts)


def _known(view: View, current: pd.DataFrame, area: str, *, said: bool) -> Block | None:
    """The units that are known: a sentence for a handful, a table for more. ``said``: something stands before them."""
    rows = current[current["index"].notna() | current["rank"].notna()]
    if len(rows) > FEW:
        return known_table(view, current, area)
    if rows.empty:
        return None
    listed = view.wording.join(_one(view, row, area) for row in records(best_known_first(rows)))
    return Paragraph(view.phrase("Known: {list}.", list=listed) if said else (*listed, "."))


def _one(view: View, row: Record, area: str) -> Parts:
    """A unit with what is known of it in an area: value, rank, change."""
    unit = str(row.unit)
    sentences: list[Parts] = []
    if is_known(row.index):
        sentences.append(view.amount(view.value(unit, row.index, area, view.footnote(row.basis))))
    if is_known(row.rank):
        sentences.append(view.wording.rank(view.wording.number(row.rank, 0, view.ref(unit, area, "rank"), made="rank")))
    if is_known(row.change):
        before = view.results.year - 1
        change = view.change_of(unit, row.change, before, area)
        sentences.append(view.wording.moved(change, view.unit_of_change, year=before))
    parts: list[Part] = [f"{view.unit(unit)} ("]
    for place, some in enumerate(sentences):
        parts += [", "] if place else []
        parts += some
    return (*parts, ")")


def _scored(view: View, area: str, nodes: pd.DataFrame) -> Paragraph | None:
    """What was lost in an area on average, and on which criteria most."""
    if nodes.empty or area not in set(nodes["node"]):
        return None
    row = nodes[nodes["node"] == area].iloc[0]
    number = view.wording.number
    worst = _last_level(nodes, area).sort_values("mean_lost", ascending=False, kind="stable").head(WEAKEST)
    worst = worst[worst["mean_lost"] > 0]
    lost = number(float(row["mean_lost"]), 2, view.ref(node=area, column="points"), made="mean_lost")
    if worst.empty:
        return view.item("On average {lost} points were lost.", lost=lost)
    names: list[Parts] = [
        (
            f"{node} {view.node_name(str(node))} (",
            number(float(mean), 2, view.ref(node=str(node), column="points"), made="mean_lost"),
            ")",
        )
        for node, mean in zip(worst["node"], worst["mean_lost"], strict=True)
    ]
    return view.item("On average {lost} points were lost, most on: {list}.", lost=lost, list=view.wording.join(names))


def _last_level(nodes: pd.DataFrame, area: str) -> pd.DataFrame:
    """The scored criteria of an area: those with nothing below them."""
    inner = {node.rsplit(".", 1)[0] for node in nodes["node"] if node.count(".") > 1}
    return nodes[nodes["node"].str.startswith(f"{area}.") & ~nodes["node"].isin(inner)]


def _achieved(view: View, area: str, nodes: pd.DataFrame) -> tuple[Paragraph, ...]:
    """How many criteria every unit reached in full, how many nobody did, and which most did."""
    if nodes.empty:
        return ()
    scored = _last_level(nodes, area)
    count, ref = view.wording.count, view.ref(node=area, column="points")
    everybody = scored[scored["n_full"] == scored["n"]]
    nobody = scored[scored["n_full"] == 0]
    k = count(len(scored), replace(ref, column="criteria"))
    n = count(len(everybody), replace(ref, column="criteria_full"))
    if not len(nobody):
        sentence = view.phrase("Of {k} scored criteria, {n:none} had full points in every unit.", k=k, n=n)
    else:
        sentence = view.phrase(
            "Of {k} scored criteria, {n:none} had full points in every unit, and {none:none} in no unit.",
            k=k,
            n=n,
            none=count(len(nobody), replace(ref, column="criteria_none")),
        )
    return (Paragraph(sentence, role="item"),)


def _movers(view: View, fact: AreaFacts) -> tuple[Paragraph, ...]:
    """The largest rises and falls on the year before, among the units known in both."""
    area, current = str(fact.node), fact.units
    known = current[current["ranked"].astype(bool) & current["change"].notna()]
    if len(known) < 2:
        return ()
    sentences = []
    falling = known.sort_values("change", ascending=False, kind="stable")
    rises = falling[[direction(change) > 0 for change in falling["change"]]].head(MOVERS)
    falls = falling[[direction(change) < 0 for change in falling["change"]]].tail(MOVERS).iloc[::-1]
    if len(rises):
        listed = _moved(view, rises, area)
        sentences.append(view.item("Largest rises: {list}.", list=listed))
    if len(falls):
        listed = _moved(view, falls, area)
        sentences.append(view.item("Largest falls: {list}.", list=listed))
    return tuple(sentences)


def _moved(view: View, rows: pd.DataFrame, area: str) -> Parts:
    before = view.results.year - 1
    items: list[Parts] = [
        (f"{view.unit(unit)} (", *view.difference(view.change_of(unit, change, before, area)), ")")
        for unit, change in zip(rows["unit"].astype(str), rows["change"], strict=True)
    ]
    return view.wording.join(items)


def _unknown(view: View, areas: list[str]) -> Note | None:
    if not areas:
        return None
    names = ", ".join(view.node_name(area) for area in areas)
    return view.missing("Nothing is known for {year} of: {list}.", list=names)
