"""What survey tools export, read: one small reader for each kind of file, and out of each the same batches of texts.

A row is a form (wide) or an answer (long), a column a question or what a tool says of the form. Cells are texts as a
person would type them: whole numbers without ".0", days as 2023-12-31, nothing where nothing was answered. What a code
is called in the file itself (.sav, .dta) is put in its place, so that a scale turned round is seen as what it says.
"""

from __future__ import annotations

import contextlib
import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from parlib.errors import DataError, Problem
from parlib.sources.survey.reading import Reading, composed, encoding_of, key, text_batches
from parlib.tables import HEAD_WITHIN, SEPARATORS, WITHOUT_HEAD, column_letter, opening_of

ROWS = 100_000  # read at once where a file is not read by bytes
_LARGEST = 1 << 30  # bytes of a JSON file, which is read whole


@dataclass(frozen=True)
class Batch:
    """Some rows of a file: all columns as text ("" where empty), and their numbers as a spreadsheet counts."""

    table: pa.Table
    numbers: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Export:
    """A file of a survey tool. ``labels``: what a column is called at length; ``notes``: what of the file is not read;
    ``batches``: its rows, read anew at each call."""

    file: str
    heads: tuple[str, ...]
    batches: Callable[[], Iterator[Batch]]
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()


def open_export(path: Path, known: frozenset[str] = frozenset()) -> Export:
    """The file of a survey tool. ``known``: heads in small letters by which the row of heads is told; without any it is
    the first of the widest rows. Raises ``DataError`` where it cannot be read as a table, or two heads are the same."""
    if not path.is_file():
        raise DataError("there is no such file", file=str(path))
    reader = FORMATS.get(path.suffix.lower())
    if reader is None:
        allowed = ", ".join(FORMATS)
        raise DataError(
            "only files that end in {allowed} can be read", file=path.name, value=path.suffix, allowed=allowed
        )
    export = reader(path, known)
    twice = [head for head, n in Counter(map(spelled, filter(None, export.heads))).items() if n > 1]
    DataError.raise_for(Problem("two columns have the same head", file=path.name, column=head) for head in twice)
    return export


def spelled(text: str) -> str:
    """A head or a label as it is compared: case and blanks do not count, tones do; 5.0 is 5."""
    return " ".join(key(text).casefold().split())


# --- CSV: KoboToolbox (;), ODK, SurveyCTO, Google Forms, and what Excel made of them ----------


def _csv(path: Path, known: frozenset[str]) -> Export:
    encoding = encoding_of(path)
    try:
        separator, first = _begun(path, encoding)
        known = known or frozenset(map(spelled, first[_head(first, known)])) - {""}
        opening = opening_of(path, lambda text: spelled(text) in known, encoding, [separator])
    except UnicodeDecodeError:
        raise DataError('the file is not UTF-8; in Excel save it as "CSV UTF-8"', file=path.name) from None
    heads = [composed(head) for head in opening.heads]

    def batches() -> Iterator[Batch]:
        reading = Reading(path.name, heads, opening.row, opening.lines)
        try:
            for batch in text_batches(path, encoding, opening.separator, reading):
                table = pa.Table.from_batches([batch]).rename_columns(list(map(str, range(len(heads)))))
                yield from _headed(table, reading.numbers_of(len(batch)), heads, path.name)
        except pa.ArrowInvalid as error:
            raise DataError("the file cannot be read: {reason}", file=path.name, reason=error) from error
        DataError.raise_for(reading.problems())

    return Export(path.name, tuple(filter(None, heads)), batches)


def _begun(path: Path, encoding: str) -> tuple[str, list[list[str]]]:
    """The separator of a file and its first rows: the sign that cuts most of them into the same number of cells (a
    question may hold commas)."""
    best: tuple[tuple[int, int], str, list[list[str]]] = (-1, 0), ";", [[]]
    for sign in (*SEPARATORS, "|"):
        with path.open(encoding=encoding, newline="") as file, contextlib.suppress(csv.Error):
            rows = [row for row in islice(csv.reader(file, delimiter=sign), HEAD_WITHIN) if row]
            widths = Counter(len(row) for row in rows if len(row) > 1)
            width, n = max(widths.items(), key=lambda one: one[1], default=(0, 0))
            best = max(best, ((n, width), sign, rows or [[]]), key=lambda one: one[0])
    return best[1:]


def _head(rows: Sequence[Sequence[str]], known: frozenset[str]) -> int:
    """Which of the first rows has the heads: that with most of the ``known`` ones; without any the first that fills as
    many cells as a table does (a title fills one or two)."""
    score = [sum(bool(cell) and (not known or spelled(cell) in known) for cell in row) for row in rows] or [0]
    enough = max(score) if known else max(score) * 0.6
    return next(place for place, n in enumerate(score) if n >= enough)


# --- Excel: KoboToolbox, Microsoft Forms, Google Sheets ----------------------------------------


def _xlsx(path: Path, known: frozenset[str]) -> Export:
    from parlib.sources.excel import streamed

    with streamed(path) as book:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        name, others = sheets[0].title, [sheet.title for sheet in sheets[1:] if (sheet.max_row or 0) > 1]
        first = [[_text(cell) for cell in row] for row in sheets[0].iter_rows(max_row=HEAD_WITHIN, values_only=True)]
    row = _head(first, known)
    heads = first[row] if first else []
    while heads and not heads[-1]:
        heads.pop()
    if not heads:
        raise DataError("the sheet is empty", file=path.name, sheet=name)

    def batches() -> Iterator[Batch]:
        with streamed(path) as book:
            numbered = enumerate(book[name].iter_rows(min_row=row + 2, values_only=True), start=row + 2)
            filled = ((number, cells) for number, cells in numbered if any(cell is not None for cell in cells))
            yield from _of_rows(filled, heads, path.name)

    notes = tuple(Problem("this sheet is not read", file=path.name, sheet=other) for other in others)
    return Export(path.name, tuple(filter(None, heads)), batches, notes=notes)


# --- JSON: of the servers of KoboToolbox (results) and ODK Central (value) --------------------


def _json(path: Path, _: frozenset[str]) -> Export:
    if path.stat().st_size > _LARGEST:
        raise DataError("the file is too large to be read as JSON; export it as CSV", file=path.name)
    try:
        content = json.loads(path.read_bytes().decode(encoding_of(path)))
    except ValueError as error:
        raise DataError("the file is not JSON: {reason}", file=path.name, reason=error) from None
    if isinstance(content, dict):
        content = next((content[name] for name in ("results", "value", "data") if name in content), None)
    if not isinstance(content, list) or not all(isinstance(form, dict) for form in content):
        raise DataError("the file holds no list of forms (results, value)", file=path.name)
    forms = [dict(_flat(form)) for form in content]
    heads = list(dict.fromkeys(head for form in forms for head in form))

    def batches() -> Iterator[Batch]:
        yield from _of_rows(
            ((n, [form.get(head) for head in heads]) for n, form in enumerate(forms, 1)), heads, path.name
        )

    return Export(path.name, tuple(heads), batches)


def _flat(form: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """The questions of a form, each with the groups that it stands in: group/question."""
    for name, content in form.items():
        if isinstance(content, dict):
            yield from _flat(content, f"{above}{name}/")
        elif isinstance(content, list) and not any(isinstance(part, dict | list) for part in content):
            yield above + name, " ".join(_text(part) for part in content)
        else:  # a table within the form: nothing that one answer could be
            yield above + name, "" if isinstance(content, list) else content


# --- Stata, SPSS, Parquet ---------------------------------------------------------------------


def _statistics(path: Path, _: frozenset[str]) -> Export:
    """A .dta or .sav file: codes by their labels, missing values (of the system, of the user, .a to .z) empty."""
    import pyreadstat

    read = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    try:
        of = read(str(path), metadataonly=True)[1]
    except (pyreadstat.ReadstatError, ValueError, OSError) as error:
        raise DataError("the file cannot be read: {reason}", file=path.name, reason=error) from error
    heads = [composed(name) for name in of.column_names]
    called = [
        {_text(code): composed(label) for code, label in of.variable_value_labels.get(name, {}).items()}
        for name in of.column_names
    ]

    def batches() -> Iterator[Batch]:
        start = 1
        for frame, _ in pyreadstat.read_file_in_chunks(read, str(path), chunksize=ROWS):
            cells = [
                [codes.get(text, text) for text in map(_text, frame[name].astype(object))]
                for name, codes in zip(of.column_names, called, strict=True)
            ]
            table = pa.Table.from_arrays(
                [pa.array(texts, pa.string()) for texts in cells], list(map(str, range(len(heads))))
            )
            yield from _headed(table, np.arange(start, start + len(frame)), heads, path.name)
            start += len(frame)

    labels = {head: composed(text) for head, text in zip(heads, of.column_labels, strict=True) if text}
    return Export(path.name, tuple(heads), batches, labels)


def _parquet(path: Path, _: frozenset[str]) -> Export:
    try:
        heads = [composed(name) for name in pq.read_schema(path).names]
    except (pa.ArrowInvalid, OSError) as error:
        reason = str(error)[:200]
        raise DataError("the Parquet file cannot be read (damaged or cut)", file=path.name, value=reason) from error

    def batches() -> Iterator[Batch]:
        start = 1
        for batch in pq.ParquetFile(path).iter_batches(ROWS):
            columns = [pa.array(map(_text, column.to_pylist()), pa.string()) for column in batch.columns]
            table = pa.Table.from_arrays(columns, list(map(str, range(len(heads)))))
            yield from _headed(table, np.arange(start, start + len(batch)), heads, path.name)
            start += len(batch)

    return Export(path.name, tuple(heads), batches)


#: Which reader a file has, by its ending. Each takes the path and the heads that are known.
FORMATS: Mapping[str, Callable[[Path, frozenset[str]], Export]] = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), _csv),
    **dict.fromkeys((".xlsx", ".xlsm"), _xlsx),
    ".json": _json,
    **dict.fromkeys((".dta", ".sav"), _statistics),
    **dict.fromkeys((".parquet", ".pq"), _parquet),
}


# --- cells ------------------------------------------------------------------------------------


def _text(cell: object) -> str:
    """A cell as a person would type it."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, bool | np.bool_):
        return "1" if cell else "0"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds") if cell.time() else cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float | np.floating):
        text = str(int(cell)) if float(cell).is_integer() else repr(float(cell))
        _, point, decimals = text.rpartition(".")
        return f"{text}0" if point and len(decimals) == 3 else text  # no "1.234"
    return key(str(cell))


def _of_rows(rows: Iterable[tuple[int, Sequence[object]]], heads: Sequence[str], file: str) -> Iterator[Batch]:
    """Batches of rows that come one by one, each with its number; cells beyond the heads stand under blank ones."""
    rows = iter(rows)
    while some := list(islice(rows, ROWS)):
        width = max(len(heads), *(len(cells) for _, cells in some))
        texts = [[_text(cell) for cell in cells] + [""] * (width - len(cells)) for _, cells in some]
        columns = [pa.array(column, pa.string()) for column in zip(*texts, strict=True)]
        table = pa.Table.from_arrays(columns, list(map(str, range(width))))
        yield from _headed(table, np.array([number for number, _ in some]), heads, file)


def _headed(table: pa.Table, numbers: npt.NDArray[np.int64], heads: Sequence[str], file: str) -> Iterator[Batch]:
    """The columns that have a head, under it; values under a blank one are refused, not dropped."""
    kept = [place for place, head in enumerate(heads) if head]
    for place in sorted(set(range(table.num_columns)) - set(kept)):
        for row, text in enumerate(table.column(place).to_pylist()):
            if text and composed(text):
                at = {"row": int(numbers[row]), "column": column_letter(place + 1), "value": text}
                raise DataError(WITHOUT_HEAD.at(file=file, **at))
    if len(table):
        yield Batch(table.select(kept).rename_columns([heads[place] for place in kept]), numbers)
