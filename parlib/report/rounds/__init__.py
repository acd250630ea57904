"""The sections that a report on a round adds to those of published results. Each is empty without a round."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from parlib.report.blocks import Note, Paragraph, Sequel
from parlib.report.charts.diagnosis import item_scatter, pareto_bars
from parlib.report.rounds import charts, loss_tables, tables
from parlib.report.sections import section
from parlib.report.views import View

_NOTHING = Sequel(())


def how_it_was_run(
    view: View, steps: pd.DataFrame, returns: pd.DataFrame, forms: pd.DataFrame, questions: pd.DataFrame
) -> Sequel:
    """Timetable, returned forms, survey sizes, questions and replies."""
    if returns.empty:
        return _NOTHING
    return section(
        view.say("How the round was run"),
        "round",
        _returns(view, returns),
        tables.timetable(view, steps),
        tables.forms_table(view, forms),
        tables.questions_table(view, questions),
        new_page=True,  # the result before it is a page of its own
    )


def _returns(view: View, returns: pd.DataFrame) -> Iterable[Paragraph]:
    whole = int((returns["answered"] >= returns["expected"]).sum())
    late = [str(unit) for unit in returns.loc[returns["late"], "unit"]]
    count = view.wording.count
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


def losses(
    view: View,
    nodes: pd.DataFrame,
    leaves: pd.DataFrame,
    items: pd.DataFrame,
    divisions: pd.DataFrame | None = None,
    grid: pd.DataFrame | None = None,
) -> Sequel:
    """Where the units lost most points, by area, component, ground and criterion; which criteria tell them apart.

    ``divisions`` and ``grid`` are the frames of ``loss_divisions`` and ``loss_grid``.
    """
    if nodes.empty:
        return _NOTHING
    return section(
        view.say("Where points were lost"),
        "losses",
        loss_tables.told(view, divisions),
        loss_tables.ground_bars(view, grid) if grid is not None and len(grid) else None,
        loss_tables.divisions_table(view, divisions),
        pareto_bars(view, leaves),
        tables.losses_table(view, nodes),
        item_scatter(view, items),
    )


def claims(view: View, claims: pd.DataFrame, appeals: pd.DataFrame, gaps: pd.DataFrame | None = None) -> Sequel:
    """Self-assessment against appraisal, and what explaining changed; the table of all units stands in an annex.

    ``gaps`` is the frame of ``gap_means``.
    """
    if claims.empty:
        return _NOTHING
    over, claimed = float(claims["over"].sum()), float(claims["claimed"].sum())
    ref = view.ref(node="*", column="points")
    said = None
    if claimed > 0:
        said = Paragraph(
            view.phrase(
                "Of the points that units gave themselves, {share}% were not granted; on average {mean} points a unit.",
                share=view.wording.number(100 * over / claimed, 2, ref, made="share"),
                mean=view.wording.number(
                    over / len(claims), 2, view.ref(node="*", column="points"), made="mean_not_granted"
                ),
            )
        )
    return section(
        view.say("Self-assessment and appraisal"),
        "claims",
        said,
        charts.claims_dots(view, claims),
        tables.gaps_table(view, gaps) if gaps is not None else None,
        tables.appeals_table(view, appeals),
    )


def survey(
    view: View, shares: pd.DataFrame, satisfaction: pd.DataFrame, assumptions: tuple[tuple[str, str], ...]
) -> Sequel:
    """The survey of officials by group, and of citizens by factor, with intervals; what they rest on.

    The table of all items stands in an annex.
    """
    if shares.empty:
        return _NOTHING
    place = 0 if view.wording.language == "vi" else 1
    notes = [Note(texts[place], role="assumption") for texts in assumptions]
    return section(
        view.say("Sociological survey"),
        "survey",
        charts.survey_dots(view, shares),
        tables.satisfaction_table(view, satisfaction),
        notes,
    )
