"""What units send back, as files: forms and lists of answers read together, looked at before they are entered, entered.

Nothing is written before all of it was checked; a preview goes the way of the import, up to the writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from parlib import places
from parlib.errors import DataError, ParlibError, Problem
from parlib.scoring.rules import is_unknown
from parlib.sources import rounds
from parlib.sources.office import as_xlsx
from parlib.sources.workbooks.form_layout import Recorded
from parlib.sources.workbooks.form_read import examine_form
from parlib.tables import limited
from parlib.words import Message, Words

LISTS = (".csv", ".txt", ".tsv")


@dataclass(frozen=True)
class Returned:
    """What files hold: ``batches`` of rows of the ``paths`` that could be read, ``problems`` of the others, and
    ``notes``: what is taken as it stands but should be looked at."""

    paths: tuple[Path, ...]
    batches: tuple[rounds.Batch, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Words, ...]


@dataclass(frozen=True)
class Preview:
    """What an import would do. ``rows`` would be entered (``rounds.new_rows``), ``receipts`` are those of the files
    that are sound, ``problems`` is all that is wrong, ``notes`` what should be looked at."""

    rows: pd.DataFrame
    receipts: tuple[rounds.Receipt, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Words, ...]


def read_returned(
    paths: Sequence[Path], round_: rounds.Round, by: str, stage: str = "", columns: rounds.ColumnMapping | None = None
) -> Returned:
    """The answers in forms (Excel) and lists (CSV), which name their stage themselves or are of ``stage``."""
    batches: list[rounds.Batch] = []
    problems: list[Problem] = []
    notes: list[Words] = []
    recorded = Recorded(round_)
    for path in paths:
        try:
            if path.suffix.lower() in LISTS:
                batches.append(rounds.batch_of(rounds.read_answers(path, columns, stage=stage), by))
            else:
                batches.append(_form(path, round_, recorded, by, stage, notes))
        except ParlibError as error:
            problems += [problem.at(file=problem.file or path.name) for problem in error.problems]
    apart = limited(_disagreements(batches))
    named = {problem.file for problem in apart}
    sound = tuple(batch for batch in batches if batch.source not in named)
    return Returned(tuple(paths), sound, (*problems, *apart), tuple(notes))


def _disagreements(batches: Sequence[rounds.Batch]) -> Iterator[Problem]:
    """Where two forms of one unit say different things: whichever was read last would win in silence."""
    held: dict[tuple[str, ...], tuple[str, rounds.Batch, dict[str, object]]] = {}
    for batch in (batch for batch in batches if batch.looked_at):
        for row in batch.rows.to_dict("records"):
            for column in ("answer", "points", "not_applicable", "evidence", "remark"):
                cell = "" if is_unknown(row[column]) else str(row[column])
                said = {"file": batch.source, "sheet": row["sheet"], "row": row["source_row"], "node": row["code"]}
                said |= {"column": batch.headings.get(column, column), "value": cell}
                key = *(str(row[name]) for name in ("unit", "stage", "by", "code")), column
                first, of, then = held.setdefault(key, (cell, batch, said))
                if first != cell:
                    for place, other in ((then, batch), (said, of)):
                        words = Message("the form {other} of the same unit says otherwise; leave one of them in")
                        yield Problem(words.filled(other=other.source), **place)


def _form(
    path: Path, round_: rounds.Round, recorded: Recorded, by: str, stage: str, notes: list[Words]
) -> rounds.Batch:
    """The answers in a returned form; what should be looked at goes into ``notes``."""
    with as_xlsx(path) as plain:
        try:
            form = examine_form(plain, round_, by, recorded)
        except DataError as error:
            raise DataError(problem.at(file=path.name) for problem in error.problems) from None
    if stage and rounds.stage_named(stage) != form.kind:
        raise DataError(
            "this is a form of the stage {kind}, not {value}; leave out --stage or give the right form",
            file=path.name,
            value=stage,
            kind=rounds.WORDS[form.kind],
        )
    notes += limited(form.warnings)
    if form.missing:
        n, codes = len(form.missing), ", ".join(form.missing[:8]) + (", ..." if len(form.missing) > 8 else "")
        notes.append(Message("{file}: {n} criteria open ({codes})", {"file": path.name, "n": n, "codes": codes}))
    return rounds.Batch(form.rows, path.name, by, places.sha256(path), form.headings, looked_at=True)


def preview(round_: rounds.Round, read: Returned, again: bool = False) -> Preview:
    """What an import of what was read would enter, and everything that is wrong with it. Nothing is written."""
    receipts, rows = rounds.try_all(round_.plan.id, read.batches, again=again)
    sound = tuple(receipt for receipt in receipts if not receipt.refused)
    problems = (*read.problems, *(problem for receipt in receipts for problem in receipt.refused))
    notes = (*read.notes, *(warning for receipt in sound for warning in limited(receipt.warnings)))
    return Preview(rounds.new_rows(round_, rows), sound, problems, notes)


def enter(
    round_: rounds.Round,
    read: Returned,
    *,
    again: bool = False,
    keep_good: bool = False,
    received: date | None = None,
) -> tuple[list[rounds.Receipt], list[Problem]]:
    """Enter what was read: all of all files, or nothing and a ``DataError`` with every problem; with ``keep_good`` the
    files that are sound. ``received`` is the day on which they came in (today). Gives their receipts, and what is wrong
    with the others. What was taken is kept as it came."""
    if read.problems and not keep_good:
        raise DataError([*read.problems, *(problem for batch in read.batches for problem in batch.problems)])
    receipts = rounds.append_all(round_.plan.id, read.batches, again=again, keep_good=keep_good, received=received)
    taken = {receipt.source for receipt in receipts if receipt.added}
    rounds.keep_received(round_, [path for path in read.paths if path.name in taken])
    refused = [problem for receipt in receipts for problem in receipt.refused]
    return [receipt for receipt in receipts if not receipt.refused], [*read.problems, *refused]
