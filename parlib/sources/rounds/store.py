"""Tables on disk that only grow: one writer at a time, and after a crash at any moment all that was confirmed is there.

Rows are added to a copy, the copy is written through to the disk and takes the name of the table. A process killed on
the way leaves the old table and a draft, which the next writer sweeps away.
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

import pandas as pd
from filelock import FileLock, Timeout

from parlib import places
from parlib.errors import DataError, Problem
from parlib.tables import read_delimited

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
