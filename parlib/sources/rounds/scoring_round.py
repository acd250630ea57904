"""A round scored: a scorecard for each stage, the results that reports take, and where each point comes from."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib import places
from parlib.framework.rules import External, Survey, describe
from parlib.framework.scheme import bands_of, breaks, load_scheme
from parlib.results import Results
from parlib.scoring import Scorecard, score
from parlib.sources.rounds.external import values_at
from parlib.sources.rounds.opening import Round, open_round
from parlib.sources.rounds.stages import STAGES, check_stage, effective_rows, moment, state


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
        external=external,
        units=list(round_.book.units),
        ranked=[str(unit) for unit in listed.loc[listed["ranked"], "unit"]],
    )


@dataclass(frozen=True)
class Surveyed:
    """What the survey of a round gives: shares of items, and the standard errors of points, units x nodes (NaN where a
    node has no surveyed part or its error is not known)."""

    shares: pd.DataFrame
    node_errors: npt.NDArray[np.float64]


def surveyed(round_: Round) -> Surveyed | None:
    """The round's survey, or ``None`` where it has none; tabulated once for the same file."""
    path = round_.survey_path
    if path is None:
        return None
    weights = tuple(round_.plan.survey.weights.items())
    return _tabulated(path, path.stat().st_mtime_ns, round_.plan.scheme, weights, tuple(round_.book.units))


def survey_shares(round_: Round) -> pd.DataFrame | None:
    """The shares of the round's survey: ``unit``, ``item``, ``share``, ``standard_error``; ``None`` without one."""
    found = surveyed(round_)
    return None if found is None else found.shares


MOST_KEPT = 20  # tables of surveys on disk; each is a fifth of a megabyte


@lru_cache(maxsize=4)
def _tabulated(
    path: Path, _changed: int, scheme_id: str, weights: tuple[tuple[str, float], ...], units: tuple[str, ...]
) -> Surveyed:
    from parlib.sources.survey import node_points, open_survey, questions, tabulate

    scheme = load_scheme(scheme_id)
    kept = places.cache() / f"survey-{_made_from(path, scheme_id, weights, units)}.npz"
    if (found := _kept(kept)) is not None:
        return found
    asked = questions(scheme, dict(weights) or None)
    table = tabulate(open_survey(path), asked, units=units)
    errors = node_points(table, asked).set_index(["unit", "node"])["standard_error"].unstack()  # noqa: PD010 (unique)
    errors = errors.reindex(index=list(units), columns=list(scheme.node_codes))
    found = Surveyed(table.handover(), errors.to_numpy(dtype="float64"))
    _keep(found, kept)
    return found


def _made_from(survey: Path, *said: object) -> str:
    """A hash of everything that the tables of a survey follow from: answers, scheme, weights, units, and the code."""
    code = sorted((Path(__file__).resolve().parent.parent / "survey").glob("*.py"))
    schemes = sorted((places.data() / "schemes").glob("*.yaml"))
    whole = hashlib.sha256(repr((said, version("parlib"))).encode())
    for path in (survey, *schemes, *code, Path(__file__)):
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:32]


def _kept(path: Path) -> Surveyed | None:
    """The tables as they were kept; ``None`` where they were not, or cannot be read: they are made again then."""
    try:
        with np.load(path, allow_pickle=False) as held:
            texts = {name: pd.array(held[name].tolist(), dtype="str") for name in ("unit", "item")}
            shares = pd.DataFrame({**texts, "share": held["share"], "standard_error": held["standard_error"]})
            return Surveyed(shares, held["node_errors"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def _keep(found: Surveyed, path: Path) -> None:
    """Keep the tables for the next report on the same survey; where nothing can be written, nothing is lost."""
    texts = {name: found.shares[name].to_numpy(dtype="U") for name in ("unit", "item")}
    numbers = {name: found.shares[name].to_numpy(dtype="float64") for name in ("share", "standard_error")}
    with contextlib.suppress(OSError), places.whole_file(path) as draft, draft.open("wb") as file:
        np.savez(file, **texts, **numbers, node_errors=found.node_errors)  # type: ignore[arg-type]
    with contextlib.suppress(OSError):
        newest = sorted(path.parent.glob("survey-*.npz"), key=lambda kept: kept.stat().st_mtime_ns, reverse=True)
        for old in newest[MOST_KEPT:]:
            old.unlink()


def index_table(round_: Round, card: Scorecard) -> pd.DataFrame:
    """The index table of a scorecard of the round, with standard errors that know that the same people answered
    several items.

    Where a surveyed leaf of a unit does not apply, or has points that were written down, the errors of its leaves are
    taken as independent.
    """
    table, found = card.index_table(), surveyed(round_)
    if found is None:
        return table
    leaves = np.array([isinstance(leaf.rule, Survey) for leaf in round_.scheme.leaves])
    touched = (effective_rows(round_, "final") >= 0) | ~card.applicable
    plain = ~(touched & leaves).any(axis=1)
    errors = 100 * found.node_errors / card.node_points()[1]
    known = plain[:, None] & np.isfinite(errors)
    own = table["standard_error"].to_numpy().reshape(errors.shape)
    return table.assign(standard_error=np.where(known, errors, own).ravel())


def results(round_: Round | str, stage: str = "final", at: datetime | date | str | None = None) -> Results:
    """The round as the results of its year, which analyses, charts and reports take."""
    opened = open_round(round_) if isinstance(round_, str) else round_
    card, plan, scheme = scorecard(opened, stage, at), opened.plan, opened.scheme
    return Results(
        index_name=scheme.index_name,
        year=plan.year,
        level=plan.level,
        table=index_table(opened, card),
        units=plan.unit_frame(),
        nodes=scheme.node_frame(),
        bands=dict(scheme.bands) or bands_of(plan.year, plan.level),
        marks=opened.marks,
        decision=scheme.decision,
        stage=stage,
        break_before=scheme.index_name == "par" and plan.year in breaks(plan.level),
        system=plan.system,
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
    words = [describe(leaf.rule, leaf.maximum) if leaf.rule else "" for leaf in book.leaves]
    return pd.DataFrame(
        {
            "unit": np.repeat(book.units.to_numpy(dtype=object), n_leaves),
            "code": np.tile(book.codes.to_numpy(dtype=object), n_units),
            "answer": rows["answer"],
            "points": card.points.ravel(),
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
    kinds = np.array([_measured(leaf.rule) for leaf in book.leaves], dtype=object)
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


def _measured(rule: object) -> str:
    return "survey" if isinstance(rule, Survey) else "external" if isinstance(rule, External) else ""
