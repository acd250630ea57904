"""The sections of the yearly report: prose, figures and tables of one subject under one heading.

Each takes a ``View`` and the frames of the analysis and gives one block. A section of which nothing is known is its
heading and one line that says so; a section that has no sense for the index is empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from parlib.report import charts, prose, tables
from parlib.report.atlas import country
from parlib.report.blocks import Block, Figure, Heading, Note, Sequel, Table, sequel
from parlib.report.statistic_words import known_statistic
from parlib.report.views import View


def overall(
    view: View,
    statistics: pd.DataFrame,
    ranking: pd.DataFrame,
    bands: pd.DataFrame,
    counts: Any = None,
    runs: pd.DataFrame | None = None,
) -> Sequel:
    """The whole index: groups, rises and falls, first and last, years in a row, what is known; spread, statistics.

    ``runs`` is the frame of ``mobility.runs``.
    """
    mean = known_statistic(view, statistics, "mean")
    return sequel(
        Heading(view.say("Overall result"), 1, "overall", new_page=True),
        prose.headline(view, statistics, ranking),
        prose.above_mean(view, statistics),
        prose.bands(view, bands),
        prose.change_counts(view, counts) if counts is not None else None,
        prose.leaders(view, ranking),
        prose.streaks(view, runs) if runs is not None else None,
        prose.unranked(view, ranking),
        prose.marks(view),
        prose.partial(view),
        prose.scale_break(view),
        charts.histogram(view, ranking, mean),
        _known(tables.statistics_table(view, statistics)),
    )


def unit(view: View, ranking: pd.DataFrame, change: pd.DataFrame) -> Sequel:
    """What is known of the unit in focus; empty where there is none."""
    if not view.focus:
        return Sequel(())
    return sequel(Heading(view.unit(view.focus), 1, "unit"), prose.unit(view, ranking, change))


def ranking(
    view: View,
    ranking: pd.DataFrame,
    change: pd.DataFrame,
    parts: pd.DataFrame,
    statistics: pd.DataFrame,
    tiers: Any = None,
) -> Sequel:
    """Who stands where: figure and table. ``tiers`` are those of ``audit.printed_tiers``."""
    return section(
        view.say("Ranking"),
        "ranking",
        charts.ranking_bars(view, ranking, change, statistics),
        tables.ranking_table(view, ranking, change, parts if view.has("parts") else None, tiers),
    )


def bands(view: View, bands: pd.DataFrame, ranking: pd.DataFrame) -> Sequel:
    """The groups of the year; empty for an index that has none."""
    if not view.has("groups"):
        return Sequel(())
    return section(view.say("Groups"), "groups", tables.bands_table(view, bands, ranking))


def parts(view: View, parts: pd.DataFrame, ranking: pd.DataFrame) -> Sequel:
    """What the index is made of; empty for an index that is not a sum of components."""
    if not view.has("parts"):
        return Sequel(())
    return section(
        view.say("Parts of the index"),
        "parts",
        prose.parts(view, parts),
        charts.parts_stacked(view, parts, ranking),
        None if tables.parts_complete(view, parts) else tables.parts_table(view, parts, ranking),
    )


def change(view: View, change: pd.DataFrame) -> Sequel:
    """What moved since the year before; one line where these results rule it out that anything is set against it."""
    if view.not_compared and not change["change"].notna().any():
        missing = Note(view.not_compared, role="missing")
        return section(view.say("Change on {before}", before=view.results.year - 1), "change", missing)
    return section(
        view.say("Change on {before}", before=view.results.year - 1),
        "change",
        prose.scale_break(view),
        prose.movers(view, change),
        charts.change_bars(view, change),
        tables.change_table(view, change),
    )


def regions(
    view: View,
    regions: pd.DataFrame,
    ranking: pd.DataFrame | None = None,
    change: pd.DataFrame | None = None,
    cities: pd.DataFrame | None = None,
) -> Sequel:
    """The provinces on the map, their regions, the central cities and the others; empty for ministries.

    Frames as ``regions``, ``rank``, ``change`` and ``cities`` give them.
    """
    if not view.region_names:
        return Sequel(())
    drawn = country(view, ranking, change) if ranking is not None else []
    return section(
        view.say("Regions"),
        "regions",
        prose.regions(view, regions),
        drawn,
        charts.region_strips(view, regions),
        tables.regions_table(view, regions),
        tables.cities_table(view, cities) if cities is not None else None,
        new_page=bool(drawn),  # a map with its words fills a page
    )


def areas(view: View, areas: pd.DataFrame, ranking: pd.DataFrame) -> Sequel:
    """The areas of the index; empty for an index without areas. The tables of all units by area stand in an annex."""
    if not view.has("areas"):
        return Sequel(())
    return section(
        view.say("Results by {area}", area=view.area),
        "areas",
        prose.areas(view, areas),
        charts.area_ranges(view, areas),
        tables.areas_table(view, areas),
        charts.area_heat_map(view, ranking),
    )


def grounds(
    view: View, ranking: pd.DataFrame, conflicts: pd.DataFrame | None = None, sources: pd.DataFrame | None = None
) -> Sequel:
    """What the numbers rest on: rounding, set of criteria, how much is known, where sources disagree, pages read."""
    return section(
        view.say("Grounds and sources"),
        "grounds",
        prose.rounding(view),
        tables.assumptions_table(view),
        tables.coverage_table(view, ranking) if len(ranking) else None,
        tables.conflicts_table(view, conflicts) if conflicts is not None else None,
        tables.sources_table(view, sources) if sources is not None else None,
    )


def checks(view: View, summary: pd.DataFrame, findings: Any) -> Sequel:
    """The checks that the numbers passed before the report was built, and the disagreements that are explained."""
    return section(
        view.say("Checks"),
        "checks",
        tables.disagreements(findings),
        tables.checks_table(view, summary),
    )


def section(title: str, anchor: str, *blocks: Block | Iterable[Block] | None, new_page: bool = False) -> Sequel:
    """Blocks under a heading. What is missing is said only where nothing is there: in one line, the last."""
    flat = sequel(*blocks).blocks
    missing = [block for block in flat if isinstance(block, Note) and block.role == "missing"]
    found = [block for block in flat if block not in missing]
    if missing and not any(isinstance(block, Figure | Table) for block in found):
        found = [*(block for block in found if not isinstance(block, Note)), missing[-1]]
    return sequel(Heading(title, 1, anchor, new_page), found)


def _known(block: Table | Note) -> Table | None:
    return block if isinstance(block, Table) else None
