"""Survey answers typed or exported as CSV, turned into Parquet: any separator, byte-order mark, decimal comma, NFD."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from parlib.errors import DataError, Problem
from parlib.numerals import Marks, Numeral, read_numeral
from parlib.sources.survey.layout import COLUMNS, missing_columns, named
from parlib.tables import WITHOUT_HEAD, Opening, column_letter, kind_of, not_utf8, opening_of
from parlib.words import Message, usual_letters

BLOCK = 16 << 20  # bytes turned at once: a file of any size passes through the same memory
LISTED = 20  # problems shown for one column; the rest is counted
_SEPARATORS = (";", "\t", ",", "|")
#: A whole number that a program kept as a decimal; "1.000" may be one thousand.
DECIMAL = r"^(-?[0-9]+)\.(?:0{1,2}|0{4,})$"
_WHOLE = re.compile(DECIMAL)
_NUMBER = re.compile(r"(-?)0*([0-9 ]*[0-9])(?:[.,]([0-9]+))?")
_LOST = re.compile(r"-?[0-9](?:[.,][0-9]+)?E[-+][0-9]+", re.IGNORECASE)  # a key that a program shortened
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))


def composed(text: str) -> str:
    """``text`` in NFC, without invisible letters and blanks around it."""
    return unicodedata.normalize("NFC", text).translate(_INVISIBLE).strip()


def key(text: str) -> str:
    """``text`` as a key: composed, and a whole number that a program kept as a decimal ("1.0") without its zeros."""
    return _WHOLE.sub(r"\1", composed(text))


def readings(text: str) -> set[str]:
    """What a key may stand for: two keys that share a reading look like one that was written in two ways. Case, kinds
    of D and of digits, blanks, and zeros around a number do not count; "1.000" is 1 or 1000."""
    usual = "".join(str(unicodedata.decimal(sign, sign)) for sign in usual_letters(composed(text)))
    plain = " ".join(usual.casefold().split())
    found = _NUMBER.fullmatch(plain)
    if not found:
        return {plain}
    sign, whole, part = found[1], found[2].replace(" ", ""), found[3] or ""
    read = {f"{sign}{whole}.{part}" if part.strip("0") else f"{sign}{whole}"}
    return read | {f"{sign}{whole}{part}"} if len(part) == 3 and len(whole) <= 3 else read


def to_parquet(path: Path, target: Path, renames: Mapping[str, str]) -> None:
    """Writes the answers of the CSV file ``path`` to the Parquet file ``target``.

    Raises ``DataError`` with every row that cannot be read (the first of each column, and how many more).
    """
    encoding = _encoding(path)
    try:
        opening = _opening(path, encoding, renames)
        names = [named(composed(head), renames) for head in opening.heads]
        missing = list(missing_columns(names, path.name))
        if missing:
            raise DataError(missing)
        reading = _Reading(path.name, names, opening.row, opening.lines)
        with pq.ParquetWriter(target, reading.schema) as writer:
            for batch in _batches(path, encoding, opening.separator, reading):
                writer.write_table(reading.typed(batch.to_pandas()))
    except (UnicodeDecodeError, pa.ArrowInvalid) as error:
        if isinstance(error, pa.ArrowInvalid) and "UTF8" not in str(error):
            raise
        row = re.search(r"Row #(\d+)", str(error))
        raise DataError(
            Problem(
                'the file is not UTF-8; in Excel save it as "CSV UTF-8"',
                file=path.name,
                row=int(row.group(1)) if row else None,
            )
        ) from error
    problems = list(reading.problems())
    if problems:
        raise DataError(problems)


def heads(path: Path) -> list[str]:
    """The heads of the columns of a CSV file."""
    return [composed(head) for head in _opening(path, _encoding(path), {}).heads]


def _opening(path: Path, encoding: str, renames: Mapping[str, str]) -> Opening:
    return opening_of(path, lambda head: named(composed(head), renames) in COLUMNS, encoding, _SEPARATORS)


def _batches(path: Path, encoding: str, separator: str, reading: _Reading) -> Iterator[pa.RecordBatch]:
    """The rows under the head, a block at a time, all as text; ragged rows are noted and left out."""
    try:
        batches = pa_csv.open_csv(
            path,
            read_options=pa_csv.ReadOptions(
                column_names=reading.places,
                skip_rows=reading.lines,
                encoding=encoding,
                use_threads=False,
                block_size=BLOCK,
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=separator,
                invalid_row_handler=reading.ragged,
                ignore_empty_lines=False,
                newlines_in_values=True,  # a cell with a line break may stand at the end of a block
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(reading.places, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "too short" in str(error):  # a head without rows: an empty survey, which the checks report
            return
        raise
    yield from batches


def _encoding(path: Path) -> str:
    """The encoding of a file; ``DataError`` where its first bytes are those of no text, or of text that is unmarked."""
    with path.open("rb") as file:
        start = file.read(400)
    kind = kind_of(start)
    if kind == "UTF-16" and start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if kind:
        raise DataError(not_utf8(kind, path.name))
    return "utf-8-sig"


@dataclass
class _Reading:
    """What has been read of one file: its columns, how far it is, and what was wrong with it so far. ``head`` is the
    row of the heads as a spreadsheet counts, ``lines`` the lines of text down to them."""

    file: str
    names: list[str]
    head: int
    lines: int
    read: int = 0
    skipped: list[int] = field(default_factory=list)
    seen: dict[tuple[str, str], list[tuple[int, str]]] = field(default_factory=dict)  # by column and what is wrong
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=dict)
    unheaded: list[Problem] = field(default_factory=list)

    @property
    def places(self) -> list[str]:
        """A name for each column of the file that no other has, whatever its head says."""
        return [f"{place} {name}" for place, name in enumerate(self.names)]

    @property
    def schema(self) -> pa.Schema:
        types = {"text": pa.string(), "number": pa.float64(), "date": pa.date32()}
        return pa.schema([(name, types[COLUMNS[name].kind]) for name in COLUMNS if name in self.names])

    def ragged(self, row: pa_csv.InvalidRow) -> str:
        self.skipped.append(row.number - self.lines)  # counted from 1 below the head
        self._note("", [row.number - self.lines + self.head], [row.text[:80]])
        return "skip"

    def typed(self, chunk: pd.DataFrame) -> pa.Table:
        # rows of the file: ragged rows took a number too
        order = np.arange(self.read, self.read + len(chunk))
        before = np.array(self.skipped, dtype=np.int64) - 1 - np.arange(len(self.skipped))
        chunk.index = pd.Index(order + self.head + 1 + np.searchsorted(before, order, side="right"))
        self.read += len(chunk)
        self._headless(chunk)
        chunk.columns = pd.Index(self.names)
        chunk = chunk[(chunk != "").any(axis=1)]
        arrays: list[pa.Array] = []
        for name in self.schema.names:
            texts = chunk[name].astype(object)
            texts = texts.map({text: composed(text) for text in texts.unique()})
            convert = {"text": self._texts, "number": self._numbers, "date": self._dates}[COLUMNS[name].kind]
            arrays.append(convert(name, texts))
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _headless(self, chunk: pd.DataFrame) -> None:
        """Values under a blank head: such a column is not dropped in silence."""
        for place, name in enumerate(self.names):
            if not name and not self.unheaded:
                texts = chunk.iloc[:, place]
                used = texts.index[texts.str.strip() != ""]
                if len(used):
                    at = {"row": int(used[0]), "column": column_letter(place + 1), "value": texts[used[0]]}
                    self.unheaded = [WITHOUT_HEAD.at(file=self.file, **at)]

    def _texts(self, name: str, texts: pd.Series[str]) -> pa.Array:
        lost = texts.map({text: bool(_LOST.fullmatch(text)) for text in texts.unique()}).astype(bool)
        self._note(name, list(texts.index[lost]), list(texts[lost]), "shortened")
        texts = texts.map({text: _WHOLE.sub(r"\1", text) for text in texts.unique()})
        empty = texts == ""
        if COLUMNS[name].required:
            self._note(name, list(texts.index[empty]), list(texts[empty]))
        return pa.array(texts.mask(empty, None), pa.string())

    def _numbers(self, name: str, texts: pd.Series[str]) -> pa.Array:
        unique = [text for text in texts.unique() if text]
        read = {text: numeral for text in unique if isinstance(numeral := read_numeral(text, exponent=True), Numeral)}
        good = {text: numeral.value for text, numeral in read.items()}
        marks = self.marks.setdefault(name, Marks())
        for text, numeral in read.items():
            if numeral.mark:
                marks.note(numeral, int(texts.index[texts == text][0]), text)
        bad = (texts != "") & ~texts.isin(good)
        self._note(name, list(texts.index[bad]), list(texts[bad]))
        return pa.array(texts.map(good).astype("float64").to_numpy(), pa.float64(), from_pandas=True)

    def _dates(self, name: str, texts: pd.Series[str]) -> pa.Array:
        unique = pd.Series([text for text in texts.unique() if text], dtype=object)
        days = pd.Series(pd.NaT, index=unique.index, dtype="datetime64[s]")
        for form in _DATES:
            days = days.fillna(pd.to_datetime(unique, format=form, errors="coerce").astype("datetime64[s]"))
        read = dict(zip(unique, days, strict=True))
        values = texts.map(read).astype("datetime64[s]")
        bad = (texts != "") & values.isna()
        self._note(name, list(texts.index[bad]), list(texts[bad]))
        return pa.array(values.to_numpy().astype("datetime64[D]"), pa.date32(), from_pandas=True)

    def _note(self, name: str, rows: Sequence[int], values: Sequence[str], what: str = "") -> None:
        fault = name, what or (COLUMNS[name].kind if name else "")
        kept = self.seen.setdefault(fault, [])
        room = max(LISTED - len(kept), 0)
        kept += [(int(row), str(value)) for row, value in zip(rows[:room], values[:room], strict=True)]
        self.counts[fault] = self.counts.get(fault, 0) + len(rows)

    def problems(self) -> Iterator[Problem]:
        yield from self.unheaded
        for (name, what), kept in self.seen.items():
            for row, value in kept:
                yield Problem(_WORDS[what], file=self.file, row=row, column=name, value=value or None)
            more = self.counts[name, what] - len(kept)
            if more:
                yield Problem("{more} more rows like this", file=self.file, column=name, more=more)
        for name in sorted(self.marks):
            yield from (problem.at(file=self.file, column=name) for problem in self.marks[name].problems())


_WORDS = {
    "": Message(
        "the row has not as many cells as the head (a separator too many, a cut file, an open quotation mark?)"
    ),
    "shortened": Message(
        "a shortened number (E), which lost digits; format the column as number or text and save it again"
    ),
    "text": Message("a required cell is empty"),
    "number": Message("not a number; a number is needed, or an empty cell where there is none"),
    "date": Message("not a date; write 2023-12-31 or 31/12/2023"),
}
