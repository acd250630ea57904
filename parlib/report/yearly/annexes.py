"""The annexes of the yearly report: long tables under one heading, numbered as far as they have data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from parlib.report import tables
from parlib.report.blocks import Block, Figure, Heading, Note, Sequel, Table, sequel
from parlib.report.charts.mergers import merger_ranges
from parlib.report.rounds import tables as round_tables
from parlib.report.views import View
from parlib.report.yearly import annex_tables
from parlib.report.yearly.impact import unit_tables
from parlib.report.yearly.mergers import mergers_table
from parlib.report.yearly.satisfaction import sipas_table
from parlib.scoring.units import merged_year


@dataclass(frozen=True)
class Annex:
    """One annex: ``anchor``, ``title`` and what it shows."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


def annexes(view: View, *parts: Annex | None) -> Sequel:
    """The annexes that show a table or a figure, numbered in order; empty where none does."""
    shown = [part for part in parts if part and any(isinstance(block, Table | Figure) for block in part.blocks)]
    if not shown:
        return Sequel(())
    found: list[Block] = [Heading(view.say("Annexes"), 1, "annexes", new_page=True)]
    for n, part in enumerate(shown, 1):
        title = view.say("Annex {n}. {title}", n=n, title=part.title)
        found += [Heading(title, 2, f"annex-{part.anchor}"), *part.blocks]
    return sequel(*found)


def _annex(anchor: str, title: str, *blocks: Block | Iterable[Block] | None) -> Annex:
    flat = sequel(*blocks).blocks
    return Annex(anchor, title, tuple(b for b in flat if not (isinstance(b, Note) and b.role == "missing")))


def units_by_area(view: View, ranking: pd.DataFrame) -> Annex | None:
    """Every unit on every area, and its ranks in the areas."""
    if not view.has("areas"):
        return None
    return _annex(
        "areas",
        view.say("Units by {area}", area=view.area),
        tables.units_by_area_table(view, ranking),
        tables.area_ranks_table(view, ranking),
    )


def units_by_criterion(view: View) -> Annex:
    """Every unit on every criterion, a table for each area; for results that know their criteria."""
    return _annex(
        "criteria", view.say("Units by criterion"), *(annex_tables.criteria_table(view, a) for a in view.nodes("area"))
    )


def measured(view: View, points: pd.DataFrame) -> Annex:
    """Value, target and points of every unit on the measured criteria."""
    return _annex("measured", view.say("Value, target and points of the measured criteria"), *unit_tables(view, points))


def rank_history(view: View, series: pd.DataFrame) -> Annex:
    """The ranks of the units over the years. ``series`` is the frame of ``analysis.series``."""
    return _annex("history", view.say("Ranks over the years"), annex_tables.history_table(view, series))


def claims(view: View, claims: pd.DataFrame) -> Annex:
    """What every unit claimed and was granted."""
    table = round_tables.claims_table(view, claims) if len(claims) else None
    return _annex("claims", view.say("Self-assessment and appraisal by unit"), table)


def survey(view: View, shares: pd.DataFrame, citizens: pd.DataFrame) -> Annex:
    """Every item of the survey by group with the number of answers, and the satisfaction of the citizens by unit."""
    table = round_tables.survey_table(view, shares) if len(shares) else None
    return _annex("survey", view.say("Survey results by item and group"), table, sipas_table(view, citizens))


def exempt(view: View, rows: pd.DataFrame, effect: pd.DataFrame) -> Annex:
    """Which criteria do not apply to whom, and what maximum remains."""
    return _annex(
        "exempt",
        view.say("Criteria that do not apply"),
        annex_tables.exempt_matrix(view, rows, effect),
        annex_tables.exempt_table(view, rows),
    )


def mergers(view: View, spread: pd.DataFrame, rule: str) -> Annex | None:
    """The units of the mergers of 2025 with what their index would be by ``rule``, a sentence that says so."""
    if spread.empty:
        return None
    table = mergers_table(view, spread, rule)
    if table is None:
        return None
    chart = merger_ranges(view, spread, rule)
    return _annex(
        "mergers",
        view.say(
            "The index carried over to the units after the mergers of {merged}",
            merged=merged_year(view.results.level),
        ),
        Note(rule, role="assumption"),
        chart if isinstance(chart, Figure) else None,
        table,
    )


def restated(view: View, conflicts: pd.DataFrame, explanations: pd.DataFrame) -> Annex:
    """Numbers that sources give differently, and published numbers that do not fit with the reason."""
    return _annex(
        "restated",
        view.say("Restated and conflicting published numbers"),
        tables.conflicts_table(view, conflicts),
        annex_tables.explanations_table(view, explanations),
    )


def code_book(view: View, book: pd.DataFrame) -> Annex:
    """Every node of the set of criteria with its maximum, component and rule in words."""
    return _annex("codes", view.say("Code book of the set of criteria"), annex_tables.code_book_table(view, book))
