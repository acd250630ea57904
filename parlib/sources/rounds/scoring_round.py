"""A round scored: a scorecard for each stage, the results that reports take, and where each point comes from."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.scoring.decisions import bands_of, breaks
from parlib.scoring.results import Results
from parlib.scoring.rules import describe
from parlib.scoring.scorecard import Scorecard, score
from parlib.sources.rounds import thin
from parlib.sources.rounds.external import values_at
from parlib.sources.rounds.opening import Round, open_round
from parlib.sources.rounds.stages import STAGES, check_stage, effective_rows, moment, state
from parlib.sources.rounds.survey_errors import index_errors, survey_shares, with_errors


def scorecards(round_: Round, at: datetime | date | str | None = None) -> dict[str, Scorecard]:
    """The scorecard of the round at each stage ("self", "appraisal", "final"), as it stood ``at`` a time."""
    return {stage: scorecard(round_, stage, at) for stage in STAGES}


def scorecard(round_: Round, stage: str = "final", at: datetime | date | str | None = None) -> Scorecard:
    """The scorecard of the round at one stage."""
    listed = round_.plan.unit_frame()
    external = values_at(round_.external, None if at is None else moment(at).to_pydatetime())
    return score(
        round_.scheme,
        state(round_, stage, at),
        year=round_.plan.year,
        stage=check_stage(stage),
        survey=survey_shares(round_),
        external=with_errors(round_, external),
        units=list(round_.book.units),
        ranked=[str(unit) for unit in listed.loc[listed["ranked"], "unit"]],
    )


def index_table(round_: Round, card: Scorecard) -> pd.DataFrame:
    """The index table of a scorecard of the round, with standard errors that know that the same people answered
    several items, and that other indices have errors of their own (``survey_errors``)."""
    return _shown(round_, card, index_errors(round_, card).errors)


def _shown(round_: Round, card: Scorecard, errors: npt.NDArray[np.float64]) -> pd.DataFrame:
    """The index table as it may be read by others: surveyed points of too few answers, and what would give them away,
    are not known there (see ``thin.hidden``)."""
    table = card.index_table().assign(standard_error=errors.ravel())
    kept = ~pd.Series(thin.hidden(round_, card).ravel(), index=table.index)
    return table.assign(**{name: table[name].where(kept) for name in ("points", "index", "standard_error")})


def results(round_: Round | str, stage: str = "final", at: datetime | date | str | None = None) -> Results:
    """The round as the results of its year, which analyses, charts and reports take."""
    opened = open_round(round_) if isinstance(round_, str) else round_
    card, plan, scheme = scorecard(opened, stage, at), opened.plan, opened.scheme
    found = index_errors(opened, card)
    return Results(
        index_name=scheme.index_name,
        year=plan.year,
        level=plan.level,
        table=_shown(opened, card, found.errors),
        units=plan.unit_frame(),
        nodes=scheme.node_frame(),
        bands=dict(scheme.bands) or bands_of(plan.year, plan.level),
        marks=opened.marks,
        decision=scheme.decision,
        stage=stage,
        break_before=scheme.index_name == "par" and plan.year in breaks(plan.level),
        system=plan.system,
        degrees_of_freedom=found.freedom,
        errors_without=found.without,
    )


def trace_table(round_: Round, stage: str = "final", card: Scorecard | None = None) -> pd.DataFrame:
    """Where each point comes from, a row for each unit and leaf: ``unit``, ``code``, ``answer``, ``points``,
    ``maximum``, ``origin``, ``rule`` (in words), ``row`` (in the ledger; 0 = none), ``row_stage``, ``evidence``,
    ``remark``, ``by``, ``at``, ``source``.

    ``origin`` is "rule" (points computed from the answer), "decided" (points written down by those who may),
    "survey", "external", "plan" (does not apply by the plan), "not_applicable", or "" where nothing is known.
    """
    card = card or scorecard(round_, stage)
    book, ledger = round_.book, round_.ledger
    held = effective_rows(round_, stage)
    n_units, n_leaves = held.shape
    place = held.ravel()
    known = place >= 0
    columns = ["answer", "points", "row", "stage", "evidence", "remark", "by", "at", "source"]
    rows = ledger[columns].reindex(np.where(known, place, -1)).reset_index(drop=True)
    texts = [name for name in columns if name not in ("points", "row", "at")]
    rows[texts] = rows[texts].astype("str").where(pd.Series(known), "")
    leaves = [card.nodes.index(code) for code in card.leaves]
    words = [describe(leaf.rule, leaf.maximum) if leaf.rule else "" for leaf in book.leaves]
    return pd.DataFrame(
        {
            "unit": np.repeat(book.units.to_numpy(dtype=object), n_leaves),
            "code": np.tile(book.codes.to_numpy(dtype=object), n_units),
            "answer": rows["answer"],
            "points": np.where(thin.hidden(round_, card)[:, leaves], np.nan, card.points).ravel(),
            "maximum": np.tile(book.maxima, n_units),
            "origin": _origins(round_, card, held, rows["points"].notna().to_numpy()),
            "rule": np.tile(np.array(words, dtype=object), n_units),
            "row": rows["row"].fillna(0).astype("int64"),
            "row_stage": rows["stage"],
            **{name: rows[name] for name in ("evidence", "remark", "by", "at", "source")},
        }
    ).astype(dict.fromkeys(("unit", "code", "origin", "rule"), "str"))


def _origins(round_: Round, card: Scorecard, held: np.ndarray, stated: np.ndarray) -> np.ndarray:
    """The origin of each point, units x leaves in one row."""
    book = round_.book
    rules = [leaf.rule for leaf in book.leaves]
    kinds = np.array(["" if rule is None or rule.answered else rule.kind for rule in rules], dtype=object)
    measured = np.tile(kinds, len(book.units))
    points, place = card.points.ravel(), held.ravel()
    origin = np.full(len(place), "", dtype=object)
    known = np.isfinite(points)
    origin[known & (measured != "")] = measured[known & (measured != "")]
    origin[known & (place >= 0)] = "rule"
    origin[known & (place >= 0) & stated] = "decided"
    origin[~card.applicable.ravel()] = "not_applicable"
    origin[book.exempt.ravel()] = "plan"
    return origin
