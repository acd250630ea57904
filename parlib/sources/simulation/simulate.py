"""Write a simulated round to disk: through the same doors as a real one, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from parlib import places
from parlib.data_tables import base_year, check_level
from parlib.errors import ParameterError, Problem
from parlib.scoring.results import Results
from parlib.sources import published, rounds
from parlib.sources.rounds.texts import VIET_NAM
from parlib.sources.simulation.recipe import SATISFACTION, SimulatedRound, cook
from parlib.words import Message

_BY = "mo-phong"


@dataclass(frozen=True)
class Simulated:
    """What was written: the round's id and folder, and how large it is."""

    round_id: str
    folder: Path
    n_units: int
    n_answers: int
    n_respondents: int
    n_known: int


def round_id_of(year: int, level: str) -> str:
    """The id that the round of a year and level has, simulated or real."""
    return f"{year}-{level}"


def simulate(year: int, level: str, seed: int = 1, *, round_id: str = "", force: bool = False) -> Simulated:
    """Write the simulated round of ``year`` and ``level`` to the folder of rounds.

    The same seed gives the same files, byte for byte. ``round_id`` is "<year>-<level>" unless given. A simulated round
    of that id is replaced only with ``force``, and only when the new one is complete; a round that is not simulated is
    never replaced. Raises ``ParameterError`` on an unknown level or year, or when the round is there already.
    """
    check_level(level)
    if not base_year() <= year <= 2100:
        raise ParameterError(Problem("the PAR INDEX exists since {first}", value=year, first=base_year()))
    if seed < 0:
        raise ParameterError(Problem("a seed is 0 or more", value=seed))
    target = places.rounds() / (round_id or round_id_of(year, level))
    if (target / "round.yaml").exists() and not rounds.read_plan(target / "round.yaml").simulated:
        raise ParameterError(
            Problem("this round is not simulated and is not replaced; give another id with --id", value=target.name)
        )
    if target.exists() and not force:
        raise ParameterError(Problem("this simulated round exists; add --force to make it again", value=target.name))
    known, satisfaction = (_results(name, year, level) for name in ("par", SATISFACTION[0]))
    made = cook(year, level, seed, known, satisfaction, target.name)
    places.rounds().mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".simulation-", dir=places.rounds()))
    try:
        with places.rounds_at(draft):
            _write(made)
        if target.exists():
            target.replace(draft / "old")
        (draft / target.name).replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Simulated(
        target.name,
        target,
        len(made.targets.index),
        len(made.survey),
        int(made.survey["respondent"].nunique()),
        len(made.targets.known),
    )


def _results(index_name: str, year: int, level: str) -> Results | None:
    """The published results, or ``None`` where none are known of that year."""
    try:
        return published.results(index_name, year, level)
    except ParameterError:
        return None


def _day(step: rounds.Step) -> datetime:
    """When a step begins."""
    assert step.start is not None
    return datetime.combine(step.start, datetime.min.time(), VIET_NAM)


def _write(made: SimulatedRound) -> None:
    plan = made.plan
    begun, results = (_day(plan.steps[place]) for place in (0, -1))
    folder = rounds.create_round(plan, by=_BY, at=begun)
    for stage in ("self", "appraisal", "conclusion"):
        rows = made.answers[made.answers["stage"] == stage]
        if len(rows):
            last = max(datetime.fromisoformat(at) for at in rows["at"])
            rounds.append(
                plan.id,
                rows,
                source=Message("simulated: {stage}", {"stage": stage}).text(),
                by=_BY,
                at=last,
                decimal="point",
            )
    rounds.append_external(plan.id, made.external, by=_BY, at=results - timedelta(days=20))
    for row in made.questions.itertuples(index=False):
        asked = datetime.fromisoformat(str(row.asked_at))
        key = rounds.ask(plan.id, str(row.unit), str(row.question), by=str(row.unit), code=str(row.code), at=asked)
        if row.reply:
            when = datetime.fromisoformat(str(row.replied_at))
            rounds.reply(plan.id, key, str(row.reply), by=str(row.by), at=when)
    _write_survey(made.survey, folder / "survey.parquet")


def _write_survey(survey: pd.DataFrame, path: Path) -> None:
    """The answers as Parquet: keys as dictionaries, answers as small integers, unknown ones empty."""
    import pyarrow as arrow
    from pyarrow import parquet

    words = ("respondent", "unit", "group", "item", "stratum", "cluster")
    table = arrow.table(
        {
            **{name: arrow.array(survey[name].to_numpy(object), arrow.string()).dictionary_encode() for name in words},
            "answer": arrow.array(survey["answer"].to_numpy(float), arrow.float32(), from_pandas=True).cast(
                arrow.int8()
            ),
            "weight": arrow.array(survey["weight"].to_numpy(float)),
            "date": arrow.array(survey["date"].dt.date.to_numpy(object), arrow.date32()),
            "duration": arrow.array(survey["duration"].to_numpy(float), arrow.float32()),
        }
    )
    with places.whole_file(path) as draft:
        parquet.write_table(table, draft, compression="zstd")
