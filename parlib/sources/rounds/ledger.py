"""``answers.csv``, the ledger: one row for each thing that somebody stated or decided, in the order of entry.

Rows are only ever added; a correction is a later row. ``imports.csv`` beside it records every import before its rows
are written: who, when, from which file (with its hash), which rows, and the hash of the ledger after it; when the rows
are on the disk, the record is marked done. A record that is not done and whose rows never came (the process was killed
in between) is void. A ledger that does not have the hash of its last record was changed by other means (edited, or
put back to an older copy), and is refused until somebody answers for the change.

Tables only grow: one writer at a time, and after a crash at any moment all that was confirmed is there. Rows are added
to a copy, the copy is written through to the disk and takes the name of the table. A process killed on the way leaves
the old table and a draft, which the next writer sweeps away.
"""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from parlib import places
from parlib.errors import DataError, Problem
from parlib.sources.rounds.plan import Origin, Rulebook
from parlib.sources.rounds.texts import FIELDS, VIET_NAM, as_texts, times
from parlib.sources.rounds.validation import read_rows
from parlib.tables import read_delimited
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


# --- tables on disk that only grow ------------------------------------------------------------------


LOCK = ".lock"
PATIENCE = 120.0  # seconds that a writer waits for another


@contextmanager
def locked(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """The only writer of ``folder`` while the block runs; a lock is freed when its process ends, however it ends."""
    lock = FileLock(folder / LOCK, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise DataError(
            Problem(
                "someone else is writing to this round; waited {patience:.0f} seconds, try again later",
                file=str(folder),
                patience=patience,
            )
        ) from None
    try:
        _sweep(folder)
        yield
    finally:
        lock.release()


def _sweep(folder: Path) -> None:
    """Remove what killed writers left; only called by the one writer, so no draft here can be alive."""
    for name in ("answers", "imports", "questions", "external", "round"):
        for draft in folder.glob(f".{name}-*"):
            draft.unlink(missing_ok=True)


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    try:
        with places.whole_file(path) as draft:
            yield draft
    except PermissionError:  # Windows refuses to replace a file that a program holds open
        raise DataError(
            Problem(
                "cannot be written: the file is open elsewhere (Excel?), or the folder is read-only", file=path.name
            )
        ) from None


def write_text(path: Path, text: str) -> None:
    """``text`` as the whole of ``path``, on the disk when this returns."""
    with _whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")
    places.sync_folder(path.parent)


def add_lines(path: Path, lines: str) -> str:
    """``lines`` after what ``path`` holds, on the disk when this returns; gives the SHA-256 of the whole."""
    with _whole_file(path) as draft:
        if path.exists():
            shutil.copyfile(path, draft)
        with draft.open("r+b") as file:
            end = file.seek(0, io.SEEK_END)
            if end:
                file.seek(end - 1)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write(lines.encode())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    places.sync_folder(path.parent)
    return digest


def sha256_after(path: Path, lines: str) -> str:
    """The SHA-256 that ``path`` will have once ``lines`` are added."""
    digest = hashlib.sha256()
    if path.exists():
        content = path.read_bytes()
        digest.update(content)
        if content and not content.endswith(b"\n"):
            digest.update(b"\n")
    digest.update(lines.encode())
    return digest.hexdigest()


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def csv_lines(frame: pd.DataFrame, columns: Sequence[str], header: bool) -> str:
    """The rows of a frame of texts as CSV lines."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if header:
        writer.writerow(columns)
    writer.writerows(frame[list(columns)].itertuples(index=False))
    return buffer.getvalue()


@dataclass(frozen=True)
class Texts:
    """A table on disk as texts, with the hash of the file that they were read from."""

    frame: pd.DataFrame
    sha256: str


def read_texts(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> Texts:
    """The cells of one of our own tables, all as text. Raises ``DataError`` naming file, row and column."""
    import pyarrow as arrow
    from pyarrow import csv

    if not path.is_file():
        raise DataError(Problem("no such file", file=str(path)))
    content = path.read_bytes()
    as_text = dict.fromkeys(columns, arrow.string())
    try:
        table = csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(use_threads=False),  # a process that was forked has no threads to lend
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(column_types=as_text, strings_can_be_null=False),
        )
    except arrow.ArrowInvalid as error:
        raise DataError(_why_unreadable(path, str(error))) from None
    missing = [name for name in columns if name not in table.column_names and name not in optional]
    unknown = [name for name in table.column_names if name not in columns]
    if missing or unknown:
        raise DataError(
            [Problem("this column is missing", file=path.name, column=name) for name in missing]
            + [Problem("unknown column", file=path.name, column=n) for n in unknown]
        )
    frame = table.to_pandas().astype("str").reindex(columns=list(columns), fill_value="")
    return Texts(frame, hashlib.sha256(content).hexdigest())


def _why_unreadable(path: Path, reason: str) -> list[Problem]:
    """The rows that keep a table from being read."""
    table = read_delimited(path, ",")  # raises with the place where the text is not UTF-8
    width = len(table.rows[0]) if table.rows else 0
    problems = [
        Problem(
            "the row has {n_row} cells, expected {width}; is it cut off?",
            file=path.name,
            row=number,
            value=",".join(row)[:80],
            n_row=len(row),
            width=width,
        )
        for number, row in zip(table.numbers, table.rows, strict=True)
        if len(row) != width
    ]
    found = [*table.problems, *problems]
    return found or [Problem("cannot be read: {reason}", file=path.name, reason=reason)]
