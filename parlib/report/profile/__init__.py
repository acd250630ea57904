"""The profile of one unit, section by section. Page one stands alone: what a chairman or a minister reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property

from parlib.analysis.checks import Finding
from parlib.analysis.profile import Profile, index_tables
from parlib.report import blocks, datasets, mergers, prose
from parlib.report.certainty import without
from parlib.report.charts.trends import change_bridge
from parlib.report.profile import charts, page, tables
from parlib.report.views import View, YearReport

_NOTHING = blocks.Sequel(())
#: Makes a part of a section; ``None`` where nothing of it is known.
_Maker = Callable[[View, Profile], blocks.Block | Iterable[blocks.Block] | None]


class Report(YearReport):
    """The profile of ``unit``."""

    @cached_property
    def profile(self) -> Profile:
        """All that is known of the unit. Raises ``ParameterError`` where no unit is named."""
        return self.year.profile(self.unit)

    def check(self) -> tuple[Finding, ...]:
        """The comparisons that the numbers passed. Raises ``ChecksFailed``: then nothing may be printed."""
        return self.year.checks(whole=False)

    def title(self) -> blocks.Title:
        """The head: whose profile it is, of which index and year, and the marks of the data."""
        view, name = self.view, self.view.full_name(self.profile.unit)
        return blocks.Title(
            text=blocks.capital(name),
            subtitle=view.say("Unit profile: {index}, {year}", index=view.wording.say(view.measure.full_name)),
            lines=(view.decision,) if view.decision and not view.marks else (),
            marks=view.marks,
            contents=False,
        )

    def one_page(self) -> blocks.Sequel:
        """Page one: key figures, where the unit stands, what moved it, the three cheapest ways up."""
        view, profile = self.view, self.profile
        if not _anything(profile):
            return blocks.sequel(page.nothing_known(view, profile))
        return _compact(
            view,
            page.tiles(view, profile),
            without(view, view.results.errors_without) if profile.position.tier is not None else None,
            page.lead(view, profile),
            charts.place_strip(view, profile),
            page.strong_and_weak(view, profile),
            page.across_a_break(view, profile),
            page.others_before(view, profile),
            page.moved(view, profile),
            page.ways(view, profile),
        )

    def change(self) -> blocks.Sequel:
        """The bridge from the index of the year before to this one, area by area; empty where these are not known."""
        view, profile = self.view, self.profile
        parts = profile.parts
        if parts.empty or not parts["contribution"].notna().all() or not (parts["kind"] != "remainder").any():
            return _NOTHING
        return _compact(
            view,
            blocks.Heading(view.say("Change on {before}"), 1, "change"),
            page.from_then_to_now(view, profile),
            change_bridge(view, parts, view.focus),
            view.note("What is not explained by the parts comes from rounding or from parts that are not known.")
            if (parts["kind"] == "remainder").any()
            else None,
        )

    def areas(self) -> blocks.Sequel:
        """The unit by area against nation, region, best and its own past; by component where no area is known."""
        view, profile = self.view, self.profile
        dots = charts.area_dots(view, profile)
        table = tables.areas_table(view, profile) or tables.components_table(view, profile)
        peers = tables.peers_table(view, profile) if dots is None else None  # the strip of page one shows them too
        if dots is None and table is None and peers is None:
            return _NOTHING
        return _compact(
            view,
            blocks.Heading(view.say("Against the others"), 1, "areas"),
            page.areas(view, profile),
            dots,
            table,
            peers,
        )

    def alike(self) -> blocks.Sequel:
        """The units most like this one, and what those that stand higher do better; empty where too little is known."""
        title, known = self.view.say("The {units} most like this one"), not self.profile.alike.units.empty
        tiles = [charts.alike_tiles] if self.view.results.system else []
        return self._section("alike", title, known, page.alike, tables.alike_table, *tiles, page.done_better)

    def losses(self) -> blocks.Sequel:
        """Where the unit lost points, and the council's reason; empty without a round."""
        title, known = self.view.say("Where points were lost"), not self.profile.losses.leaves.empty
        makers = (page.losses, charts.loss_bars, tables.losses_table, page.hidden)
        return self._section("losses", title, known, *makers)

    def claims(self) -> blocks.Sequel:
        """What the unit claimed against what the council granted; empty without a round."""
        title, known = self.view.say("Self-assessment and appraisal"), not self.profile.losses.claims.empty
        return self._section("claims", title, known, page.claims, charts.claim_dots)

    def survey(self) -> blocks.Sequel:
        """What the respondents said of the unit, against the mean of all; empty without a survey."""
        surveyed = self.profile.losses.survey
        known = not surveyed.empty and bool(surveyed["index"].notna().any())
        return self._section("survey", self.view.say("Sociological survey"), known, charts.survey_dots)

    def ways(self) -> blocks.Sequel:
        """The ways up in a table, to work on: page one says them in words."""
        title, known = self.view.say("Ways up, step by step"), not self.profile.ladder.steps.empty
        return self._section("ways", title, known, _target, tables.ways_table, formats=blocks.TO_FILL_IN)

    def history(self) -> blocks.Sequel:
        """Index and rank over the years, with the breaks; empty where only one year is known."""
        years = self.profile.history
        known = not years.empty and (years["value"].notna() | years["rank"].notna()).sum() > 1
        drawn = _first(charts.history_lines, tables.history_table)
        return self._section("history", self.view.say("Over the years"), known, drawn)

    def before_mergers(self) -> blocks.Sequel:
        """The old units that the unit was made of, year by year; empty where nothing of them is known."""
        return _compact(self.view, mergers.profile_parts(self.view, self.year))

    def related(self) -> blocks.Sequel:
        """The unit in other indices, with a note where they disagree; empty where there are none."""
        drawn = _first(charts.related_ranks, tables.related_table)
        title, known = self.view.say("Related indices"), bool(self.profile.related)
        return self._section("related", title, known, drawn, page.disagreements)

    def tasks(self) -> blocks.Sequel:
        """A table to fill in, so not in PDF and HTML: what to do, who, by when, how it will be measured; empty where
        nothing leads to one."""
        table = tables.tasks_table(self.view, self.profile)
        if table is None:
            return _NOTHING
        head = blocks.Heading(self.view.say("Tasks"), 1, "tasks", formats=blocks.TO_FILL_IN)
        return _compact(self.view, head, _tasks_note(self.view), table)

    def _section(
        self, anchor: str, title: str, known: bool, *makers: _Maker, formats: tuple[str, ...] = ()
    ) -> blocks.Sequel:
        """What the ``makers`` make of the profile under its heading; empty where nothing is ``known``."""
        if not known:
            return _NOTHING
        made = [make(self.view, self.profile) for make in makers]
        return _compact(self.view, blocks.Heading(title, 1, anchor, formats=formats), *made)

    def grounds(self) -> blocks.Sequel:
        """What the numbers rest on, in few lines."""
        view, profile = self.view, self.profile
        has_parts = len(profile.components) or profile.areas["index"].iloc[1:].notna().any()
        return _compact(
            view,
            page.unknown(view, profile) if _anything(profile) else None,
            prose.partial(view) if view.results.stage == "published" else None,
            prose.rounding(view) if has_parts else None,
            page.hidden(view, profile) if profile.losses.leaves.empty else None,
        )

    def datasets(self) -> blocks.Sequel:
        """The data behind the profile, to check against and to give away."""
        year, result = self.year, self.profile
        two, others = (year.results, year.previous), [*year.years, *year.related, *year.before_mergers]
        cells = datasets.of_profile(result)
        return datasets.behind(self.view, index_tables(result, *two, whole=others), [*two, *others], method_cells=cells)


def _anything(profile: Profile) -> bool:
    row = profile.position.row
    return bool(blocks.is_known(row["index"]) or blocks.is_known(row["rank"]) or blocks.is_known(row["rank_min"]))


def _tasks_note(view: View) -> blocks.Paragraph:
    text = view.phrase(
        "To be filled in by the unit: who does it, by when, and how it will be seen. The list begins with the "
        "steps of the cheapest ways up, then come the largest losses."
    )
    return blocks.Paragraph(text, role="draft")


def _target(view: View, profile: Profile) -> blocks.Paragraph:
    return blocks.Paragraph(page.target(view, profile))


def _first(*makers: _Maker) -> _Maker:
    """What the first of the ``makers`` makes that makes something."""
    return lambda view, profile: next((block for make in makers if (block := make(view, profile))), None)


def _compact(view: View, *given: blocks.Block | Iterable[blocks.Block] | None) -> blocks.Sequel:
    """Blocks with the source and the notes of each figure and table on one line: a profile has few pages."""
    results = []
    for block in blocks.sequel(*given):
        if isinstance(block, blocks.Figure | blocks.Table):
            own = [note for note in block.notes if note not in view.marks]
            block = replace(block, notes=(" ".join([block.source, *own]), *view.marks), source="")
        results.append(block)
    return blocks.Sequel(tuple(results))
