"""The respondents' answers of a round: taken in, opened with the names of units understood, and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from parlib import places
from parlib.errors import DataError, ParameterError, Problem
from parlib.scoring import units as framework_units
from parlib.sources.rounds import ledger
from parlib.sources.rounds.opening import SURVEY, Round, open_plan, refuse_final, survey_files
from parlib.words import Message

if TYPE_CHECKING:
    from parlib.sources.survey import Quality, Survey
    from parlib.sources.survey.engine import Table

SATISFACTION = "sipas"  # the index, and the questionnaire, that a round may ask the citizens itself
#: Checks that are told by what is hidden (few answers), or that only an analyst can weigh.
_UNTOLD = ("few_answers", "lonely_stratum", "missing_stratum", "shared_cluster")


def open_answers(path: Path, units: Sequence[str], level: str, system: str) -> Survey:
    """The answers of a round in ``path``; units that are written by name are those of the round that bear it."""
    from parlib.sources.survey import Survey, open_survey

    survey = open_survey(path)
    named = _meant(survey.table, frozenset(units), level, system)
    if not named:
        return survey
    column = survey.table["unit"]
    renamed = survey.table.mutate(unit=column.substitute(named, else_=column))
    return Survey(renamed, survey.name, survey.connection)


def answers(round_: Round) -> Survey | None:
    """The survey of a round; ``None`` where it has none."""
    path = round_.survey_path
    if path is None:
        return None
    return open_answers(path, tuple(round_.book.units), round_.plan.level, round_.plan.system)


def _meant(table: Table, units: frozenset[str], level: str, system: str) -> dict[str, str]:
    from parlib.sources.survey.engine import fetch

    if not table["unit"].type().is_string():
        return {}
    found: dict[str, str] = {}
    for text in fetch(table.select("unit").distinct())["unit"].dropna():
        if text in units or not text.strip():
            continue
        try:
            key = framework_units.find(text, level, system).key
        except ParameterError:
            continue  # the checks name it: an unknown unit
        if key in units:
            found[text] = key
    return found


def survey_problems(round_: Round) -> tuple[Problem, ...]:
    """What is wrong with the survey of a round: files that nobody reads, columns that do not belong there, units and
    questions without one answer that counts, and what the checks of the answers found (how often, and one case)."""
    found = _of_answers(round_)
    return (*_stray(round_.path), *(found[0] if found else ()))


def checks_that_found(round_: Round) -> tuple[str, ...]:
    """The checks of the answers that found something."""
    found = _of_answers(round_)
    return found[1] if found else ()


def _stray(folder: Path) -> list[Problem]:
    others = sorted(path.name for path in folder.glob("survey*.*") if path.name != SURVEY and path.is_file())
    return [
        save_as_csv(name)
        if Path(name).suffix.lower() in EXCEL
        else Problem(
            "this file is not read; to take it in: parlib round survey {folder_name} {file}",
            file=name,
            folder_name=folder.name,
        )
        for name in others
    ]


def _of_answers(round_: Round) -> tuple[tuple[Problem, ...], tuple[str, ...]] | None:
    path = round_.survey_path
    if path is None:
        return None
    state = tuple((part.name, part.stat().st_mtime_ns) for part in survey_files(path))
    plan, weights = round_.plan, tuple(round_.plan.survey.weights.items())
    return _checked(path, state, plan.scheme, weights, tuple(round_.book.units), plan.level, plan.system)


@lru_cache(maxsize=4)
def _checked(
    path: Path,
    _state: object,
    scheme_id: str,
    weights: tuple[tuple[str, float], ...],
    units: tuple[str, ...],
    level: str,
    system: str,
) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    from parlib.scoring.scheme import load_scheme
    from parlib.sources.survey import quality, questionnaire, questions, tabulate

    asked = questions(load_scheme(scheme_id), dict(weights) or None)
    survey = open_answers(path, units, level, system)
    table = tabulate(survey, [*asked, *questionnaire(SATISFACTION)], units=units)
    counts = table.units[table.units["item"].isin({question.item for question in asked})]
    silent = counts.groupby("unit", sort=False)["n"].sum()
    unasked = counts.groupby("item", sort=False)["n"].sum()
    lost = [
        Problem("no answer counts for {what}", column=column, value=key, what=what)
        for column, sums, what in (("unit", silent, Message("this unit")), ("item", unasked, Message("this item")))
        for key in sums.index[sums.to_numpy() == 0]
    ]
    found = quality(table)
    checks = [check for check, count in found.summary[["check", "found"]].itertuples(index=False) if count]
    told = tuple(check for check in checks if check not in _UNTOLD)
    return (*_unknown_columns(path), *lost, *(_said(found, check) for check in told)), told


def _unknown_columns(path: Path) -> list[Problem]:
    import pyarrow.parquet as pq

    from parlib.sources.survey.layout import COLUMNS, named

    names = dict.fromkeys(name for part in survey_files(path) for name in pq.read_schema(part).names)
    return [
        Problem(
            "the column is not used; parlib score takes it out of the file (it may say who a respondent is)",
            file=path.name,
            column=name,
        )
        for name in names
        if named(name, {}) not in COLUMNS
    ]


def _said(found: Quality, check: str) -> Problem:
    """How often a check found something, with its first case (never a respondent's number)."""
    from parlib.sources.survey.quality_words import CHECKS

    count = int(found.summary.set_index("check")["found"][check])
    first = found.findings[found.findings["check"] == check].iloc[0]
    place = ", ".join(str(first[name]) for name in ("unit", "group", "item") if first[name])
    value = str(first["value"]) if check in ("unknown_unit", "unknown_item", "not_asked") else place
    of = CHECKS[check]
    return Problem("{what}: {count} cases", column=of.column, value=value or None, what=of.title, count=count)


# --- what is stored: the columns of the layout, nothing that may say who a respondent is ------

EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True)
class Stored:
    """What was stored: ``rows`` answers; ``unused`` columns that were not, with their file."""

    rows: int
    unused: tuple[Problem, ...]


def store_survey(round_id: str, files: Sequence[Path]) -> Stored:
    """Store the answers in ``files`` (Parquet or CSV; all of them together) as the survey of a round, in place of what
    it had. Raises ``DataError`` with all that is wrong, and where the round is final; nothing is changed then."""
    from parlib.sources.survey import open_survey

    plan, folder = open_plan(round_id)
    refuse_final(plan)
    sheets = [path for path in files if path.suffix.lower() in EXCEL]
    if sheets:
        raise DataError(save_as_csv(path.name) for path in sheets)
    survey = open_survey(list(files))
    _ = survey.counts  # what scoring would refuse is refused here
    unused = tuple(_not_used(path.name, name) for path in files for name in _unused(path))
    with ledger.locked(folder):
        target = folder / SURVEY
        if target.is_dir():
            raise DataError(
                Problem("the round has a folder {survey}; move it away first", file=str(target), survey=SURVEY)
            )
        with places.whole_file(target) as draft:
            survey.table.to_parquet(draft)
        return Stored(pq.ParquetFile(target).metadata.num_rows, unused)


def drop_unused(round_: Round) -> tuple[Problem, ...]:
    """Rewrite the survey files of a round without the columns that are not of the layout, if there are any; names
    these. A file that cannot be written stays, and ``survey_problems`` names its columns."""
    path = round_.survey_path
    if path is None:
        return ()
    dropped: list[Problem] = []
    for part in survey_files(path):
        unused = _unused(part)
        if not unused:
            continue
        try:
            with ledger.locked(round_.path):
                _rewrite(part, unused)
        except OSError:
            continue
        dropped += [_not_used(part.name, name) for name in unused]
    return tuple(dropped)


def save_as_csv(name: str) -> Problem:
    """What to do with a survey in a workbook."""
    return Problem(
        'the answers of a survey are not read from a workbook; in Excel save it as "CSV UTF-8", '
        "then: parlib round survey ROUND {Path_stem}.csv",
        file=name,
        Path_stem=Path(name).stem,
    )


def _unused(path: Path) -> list[str]:
    """The columns of a file that are not of the layout."""
    from parlib.sources.survey.csv_answers import heads
    from parlib.sources.survey.layout import COLUMNS, named

    if path.is_dir():
        return sorted({name for part in survey_files(path) for name in _unused(part)})
    names = heads(path) if path.suffix.lower() in (".csv", ".tsv", ".txt") else pq.read_schema(path).names
    return [name for name in names if name and named(name, {}) not in COLUMNS]


def _rewrite(path: Path, unused: Sequence[str]) -> None:
    source = pq.ParquetFile(path)
    kept = [name for name in source.schema_arrow.names if name not in unused]
    schema = source.schema_arrow
    for name in unused:
        schema = schema.remove(schema.get_field_index(name))
    with places.whole_file(path) as draft, pq.ParquetWriter(draft, schema.remove_metadata()) as writer:
        for batch in source.iter_batches(columns=kept):
            writer.write_batch(batch.replace_schema_metadata(None))


def _not_used(file: str, name: str) -> Problem:
    return Problem("the column is not used and is not kept with the round", file=file, column=name)
