"""The profile of one unit, section by section. Page one stands alone: what a chairman or a minister reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from parlib.analysis.checks import Finding
from parlib.analysis.profile import Profile, index_tables
from parlib.report import datasets, prose
from parlib.report.blocks import (
    TO_FILL_IN,
    Block,
    Figure,
    Heading,
    Note,
    Paragraph,
    Sequel,
    Table,
    Title,
    capital,
    is_known,
    sequel,
)
from parlib.report.certainty import without
from parlib.report.charts.trends import change_bridge
from parlib.report.profile import charts, page, tables
from parlib.report.profile.page import target
from parlib.report.views import View, YearReport

_NOTHING = Sequel(())
MOST_LOSSES, MOST_BARS = 6, 6


class Report(YearReport):
    """The profile of ``unit``."""

    @cached_property
    def profile(self) -> Profile:
        """All that is known of the unit. Raises ``ParameterError`` where no unit is named."""
        return self.year.profile(self.unit)

    def check(self) -> tuple[Finding, ...]:
        """The comparisons that the numbers passed. Raises ``ChecksFailed``: then nothing may be printed."""
        return self.year.checks(whole=False)

    def title(self) -> Title:
        """The head: whose profile it is, of which index and year, and the marks of the data."""
        view, name = self.view, self.view.named(self.profile.unit)
        return Title(
            text=capital(name),
            subtitle=view.say("Unit profile: {index}, {year}", index=view.wording.say(view.measure.full_name)),
            lines=(view.decision,) if view.decision and not view.marks else (),
            marks=view.marks,
            contents=False,
        )

    def one_page(self) -> Sequel:
        """Page one: key figures, where the unit stands, what moved it, the three cheapest ways up."""
        view, profile = self.view, self.profile
        if not _anything(profile):
            return sequel(page.nothing_known(view, profile))
        return _compact(
            page.tiles(view, profile),
            without(view, view.results.errors_without) if profile.position.tier is not None else None,
            page.lead(view, profile),
            charts.place_strip(view, profile),
            page.strong_and_weak(view, profile),
            page.across_a_break(view, profile),
            page.others_before(view, profile),
            page.moved(view, profile),
            page.ways(view, profile),
            page.unknown(view, profile),
        )

    def change(self) -> Sequel:
        """The bridge from the index of the year before to this one, area by area; empty where these are not known."""
        view, profile = self.view, self.profile
        parts = profile.parts
        if parts.empty or not parts["contribution"].notna().all() or not (parts["kind"] != "remainder").any():
            return _NOTHING
        return _compact(
            Heading(view.say("Change on {before}", before=view.results.year - 1), 1, "change"),
            page.from_then_to_now(view, profile),
            change_bridge(view, parts, view.focus),
            Note(view.say("What is not explained by the parts comes from rounding or from parts that are not known."))
            if (parts["kind"] == "remainder").any()
            else None,
        )

    def areas(self) -> Sequel:
        """The unit by area against nation, region, best and its own past; by component where no area is known."""
        view, profile = self.view, self.profile
        dots = charts.area_dots(view, profile)
        table = tables.areas_table(view, profile) or tables.components_table(view, profile)
        peers = tables.peers_table(view, profile) if dots is None else None  # the strip of page one shows them too
        if dots is None and table is None and peers is None:
            return _NOTHING
        return _compact(
            Heading(view.say("Against the others"), 1, "areas"),
            page.areas(view, profile),
            dots,
            replace(table, notes=(*table.notes, prose.rounding(view).text)) if table is not None else None,
            peers,
        )

    def alike(self) -> Sequel:
        """The units most like this one, and what those that stand higher do better; empty where too little is known."""
        view, profile = self.view, self.profile
        if profile.alike.units.empty:
            return _NOTHING
        return _compact(
            Heading(view.say("The {units} most like this one"), 1, "alike"),
            page.alike(view, profile),
            tables.alike_table(view, profile),
            page.done_better(view, profile),
            charts.alike_tiles(view, profile) if view.results.system else None,
        )

    def losses(self) -> Sequel:
        """Where the unit lost points, and the council's reason; empty without a round."""
        view, profile = self.view, self.profile
        if profile.losses.leaves.empty:
            return _NOTHING
        return _compact(
            Heading(view.say("Where points were lost"), 1, "losses"),
            page.losses(view, profile),
            charts.loss_bars(view, profile, MOST_BARS),
            tables.losses_table(view, profile, MOST_LOSSES),
            page.hidden(view, profile),
        )

    def claims(self) -> Sequel:
        """What the unit claimed against what the council granted; empty without a round."""
        view, profile = self.view, self.profile
        if profile.losses.claims.empty:
            return _NOTHING
        return _compact(
            Heading(view.say("Self-assessment and appraisal"), 1, "claims"),
            page.claims(view, profile),
            charts.claim_dots(view, profile),
        )

    def survey(self) -> Sequel:
        """What the respondents said of the unit, against the mean of all; empty without a survey."""
        view, profile = self.view, self.profile
        known = profile.losses.survey
        if known.empty or known["index"].isna().all():
            return _NOTHING
        return _compact(Heading(view.say("Sociological survey"), 1, "survey"), charts.survey_dots(view, profile))

    def ways(self) -> Sequel:
        """The ways up in a table, to work on: page one says them in words."""
        view, profile = self.view, self.profile
        if profile.ladder.steps.empty:
            return _NOTHING
        return _compact(
            Heading(view.say("Ways up, step by step"), 1, "ways", formats=TO_FILL_IN),
            Paragraph(target(view, profile)),
            tables.ways_table(view, profile),
        )

    def history(self) -> Sequel:
        """Index and rank over the years, with the breaks; empty where only one year is known."""
        view, profile = self.view, self.profile
        known = profile.history
        if known.empty or (known["value"].notna() | known["rank"].notna()).sum() < 2:
            return _NOTHING
        return _compact(
            Heading(view.say("Over the years"), 1, "history"),
            charts.history_lines(view, profile) or tables.history_table(view, profile),
        )

    def related(self) -> Sequel:
        """The unit in other indices, with a note where they disagree; empty where there are none."""
        view, profile = self.view, self.profile
        if not profile.related:
            return _NOTHING
        return _compact(
            Heading(view.say("Related indices"), 1, "related"),
            charts.related_ranks(view, profile) or tables.related_table(view, profile),
            page.disagreements(view, profile),
        )

    def tasks(self) -> Sequel:
        """A table to fill in, so not in PDF and HTML: what to do, who, by when, how it will be measured; empty where
        nothing leads to one."""
        view, profile = self.view, self.profile
        table = tables.tasks_table(view, profile)
        if table is None:
            return _NOTHING
        return _compact(Heading(view.say("Tasks"), 1, "tasks", formats=TO_FILL_IN), _tasks_note(view), table)

    def grounds(self) -> Sequel:
        """What the numbers rest on, in few lines."""
        view, profile = self.view, self.profile
        is_said = any(isinstance(block, Table) for block in self.areas())
        return _compact(
            prose.partial(view) if view.results.stage == "published" else None,
            None if is_said else prose.rounding(view),
            page.hidden(view, profile) if profile.losses.leaves.empty else None,
        )

    def datasets(self) -> Sequel:
        """The data behind the profile, to check against and to give away."""
        year, result = self.year, self.profile
        two, others = (year.results, year.previous), [*year.years, *year.related]
        cells = datasets.of_profile(result)
        return datasets.behind(self.view, index_tables(result, *two, whole=others), [*two, *others], method_cells=cells)


def _anything(profile: Profile) -> bool:
    row = profile.position.row
    return bool(is_known(row["index"]) or is_known(row["rank"]) or is_known(row["rank_min"]))


def _tasks_note(view: View) -> Paragraph:
    return Paragraph(
        view.phrase(
            "To be filled in by the unit: who does it, by when, and how it will be seen. The list begins with the "
            "steps of the cheapest ways up, then come the largest losses."
        ),
        role="draft",
    )


def _compact(*blocks: Block | Iterable[Block] | None) -> Sequel:
    """Blocks with the source and the notes of each figure and table on one line: a profile has few pages."""
    results = []
    for block in sequel(*blocks):
        if isinstance(block, Figure | Table):
            block = replace(block, notes=(" ".join([block.source, *block.notes]),), source="")
        results.append(block)
    return Sequel(tuple(results))
