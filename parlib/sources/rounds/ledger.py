"""``answers.csv``, the ledger: one row for each thing that somebody stated or decided, in the order of entry.

Rows are only ever added; a correction is a later row. ``imports.csv`` beside it records every import before its rows
are written: who, when, from which file (with its hash), which rows, and the hash of the ledger after it; when the rows
are on the disk, the record is marked done. A record that is not done and whose rows never came (the process was killed
in between) is void. A ledger that does not have the hash of its last record was changed by other means (edited, or
put back to an older copy), and is refused until somebody answers for the change.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from parlib.errors import DataError, Problem
from parlib.sources.rounds.rulebook import Origin, Rulebook
from parlib.sources.rounds.store import csv_lines, read_texts, write_text
from parlib.sources.rounds.texts import FIELDS, VIET_NAM, as_texts, times
from parlib.sources.rounds.validation import read_rows
from parlib.words import Message

ANSWERS = "answers.csv"
IMPORTS = "imports.csv"
COLUMNS = (*FIELDS, "source")
IMPORT_COLUMNS = (
    "at",
    "by",
    "source",
    "sha256",
    "first_row",
    "last_row",
    "unchanged",
    "ledger_sha256",
    "reason",
    "done",
)
DONE = "yes"
LEDGER_COLUMNS = ("row", *COLUMNS, "earned")


def read_ledger(path: Path, book: Rulebook) -> tuple[pd.DataFrame, str]:
    """The ledger in ``path`` with its columns typed, every row checked; and the hash of the file.

    ``row`` counts the rows from 1; ``at`` is in Viet Nam's time; ``points`` are those given directly and ``earned``
    those that the row gives (by the rule or directly), NaN where it gives none.
    """
    texts = read_texts(path, COLUMNS, optional=("source",))
    checked = as_texts(texts.frame).assign(source_row=np.arange(2, len(texts.frame) + 2))
    rows, problems = read_rows(checked, book, Origin(path.name))
    problems += order_problems(rows, checked, Origin(path.name))
    if problems:
        raise DataError(sorted(problems, key=lambda problem: problem.row or 0))
    rows["row"] = np.arange(1, len(rows) + 1)
    rows["source"] = texts.frame["source"]
    rows["at"] = rows["at"].dt.tz_convert(VIET_NAM)
    return rows[list(LEDGER_COLUMNS)], texts.sha256


def order_problems(
    rows: pd.DataFrame, texts: pd.DataFrame, origin: Origin, earlier: pd.DataFrame | None = None
) -> list[Problem]:
    """Rows dated before the row that they correct: which of the two holds would be a guess.

    ``earlier`` are texts of the ledger that ``rows`` are to be added to.
    """
    keys = ["unit", "code", "stage"]
    told = rows[[*keys, "at"]].assign(place=np.arange(len(rows)))
    if earlier is not None and len(earlier):
        mine = earlier[keys].merge(rows[keys].drop_duplicates(), on=keys, how="left", indicator=True)
        concerned = earlier[(mine["_merge"] == "both").to_numpy()]
        before = concerned[keys].assign(at=times(concerned["at"]), place=-1)
        told = pd.concat([before, told], ignore_index=True)
    latest = told.groupby(keys, sort=False)["at"].cummax()
    late = told[(told["at"] < latest) & (told["place"] >= 0)]
    return [
        origin.problem(
            texts,
            int(place),
            "at",
            Message(
                "earlier than the row that it corrects ({isoformat})",
                {"isoformat": moment.tz_convert(VIET_NAM).isoformat()},
            ),
        )
        for place, moment in zip(late["place"], latest[late.index], strict=True)
    ]


# --- the record of imports --------------------------------------------------------------------


def read_imports(path: Path, n_rows: int) -> pd.DataFrame:
    """The imports of a ledger of ``n_rows`` rows: those that were killed before their rows came are left out."""
    if not path.is_file():
        texts = pd.DataFrame(columns=list(IMPORT_COLUMNS), dtype="str")
    else:
        texts = read_texts(path, IMPORT_COLUMNS).frame
    for name in ("first_row", "last_row", "unchanged"):
        texts[name] = pd.to_numeric(texts[name], errors="coerce").fillna(0).astype("int64")
    return texts[(texts["last_row"] <= n_rows) | (texts["done"] == DONE)].reset_index(drop=True)


def write_imports(path: Path, imports: pd.DataFrame) -> None:
    """Write the record of imports, whole."""
    write_text(path, csv_lines(imports, IMPORT_COLUMNS, header=True))


def standing(imports: pd.DataFrame) -> pd.DataFrame:
    """The imports whose rows are still there: not those after which somebody accepted a shorter ledger."""
    accepted = imports["last_row"].astype("float64").where(imports["first_row"] == 0)  # such a record has no first row
    limit = accepted[::-1].cummin().ffill()[::-1]
    return imports[~(imports["last_row"] > limit)]


def untouched(imports: pd.DataFrame, sha256: str) -> bool:
    """Whether the ledger with this hash is as the last import left it."""
    return imports.empty or imports["ledger_sha256"].iloc[-1] == sha256


def refuse_touched(file: str = ANSWERS) -> DataError:
    """The error for a ledger that was changed by other means."""
    return DataError(
        Problem(
            "the file was changed outside parlib since the last import; restore a copy, or answer for"
            " the change with 'parlib round accept' and a reason",
            file=file,
        )
    )
