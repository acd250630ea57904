"""The survey answers of a round as they are stored: the columns of the layout and no others.

What else a file holds (a name, a telephone number) may say who a respondent is. It is named and not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from parlib import places
from parlib.errors import DataError, Problem
from parlib.sources.rounds import store
from parlib.sources.rounds.opening import SURVEY, Round, open_plan, refuse_final, survey_files

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
    with store.locked(folder):
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
            with store.locked(round_.path):
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
