"""Survey answers typed or exported as CSV, turned into Parquet: any separator, byte-order mark, decimal comma, NFD."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from parlib.errors import DataError, Problem
from parlib.sources.survey.layout import COLUMNS, missing_columns, named

CHUNK = 250_000  # rows turned at once: a file of any size passes through the same memory
LISTED = 20  # problems shown for one column; the rest is counted
_SEPARATORS = (";", "\t", ",", "|")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))


def composed(text: str) -> str:
    """``text`` in NFC, without invisible letters and blanks around it."""
    return unicodedata.normalize("NFC", text).translate(_INVISIBLE).strip()


def to_parquet(path: Path, target: Path, renames: Mapping[str, str]) -> None:
    """Writes the answers of the CSV file ``path`` to the Parquet file ``target``.

    Raises ``DataError`` with every row that cannot be read (the first of each column, and how many more).
    """
    encoding = _encoding(path)
    try:
        names, separator = _header(path, encoding, renames)
        reading = _Reading(path.name, names)
        chunks = pd.read_csv(
            path,
            sep=separator,
            header=None,
            skiprows=1,
            names=list(range(len(names))),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            na_filter=True,
            skip_blank_lines=False,
            encoding=encoding,
            chunksize=CHUNK,
        )
        with chunks, pq.ParquetWriter(target, reading.schema) as writer:
            for chunk in chunks:
                writer.write_table(reading.typed(chunk))
    except UnicodeDecodeError as error:
        raise DataError(
            Problem(
                "tệp không phải mã UTF-8; trong Excel hãy lưu lại dạng «CSV UTF-8»",
                'the file is not UTF-8; in Excel save it as "CSV UTF-8"',
                file=path.name,
                value=error.object[error.start : error.start + 1],
            )
        ) from error
    except pd.errors.EmptyDataError:
        pass  # a head without rows: an empty survey, which the checks report
    except pd.errors.ParserError as error:
        raise DataError(_ragged(path, str(error))) from error
    problems = list(reading.problems())
    if problems:
        raise DataError(problems)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(2)
    return "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _header(path: Path, encoding: str, renames: Mapping[str, str]) -> tuple[list[str], str]:
    """The names of the columns and the separator: the one that makes most known names out of the first line."""
    with path.open(encoding=encoding, newline="") as file:
        line = file.readline().rstrip("\r\n")
    cut = {
        separator: [named(composed(cell.strip().strip('"')), renames) for cell in line.split(separator)]
        for separator in _SEPARATORS
    }
    separator = max(cut, key=lambda one: sum(name in COLUMNS for name in cut[one]))
    names = cut[separator]
    problems = list(missing_columns(names, path.name))
    if problems:
        raise DataError(problems)
    return names, separator


def _ragged(path: Path, message: str) -> Problem:
    line = re.search(r"line (\d+)", message)
    return Problem(
        "dòng có nhiều ô hơn dòng tiêu đề, hoặc dấu nháy kép không đóng",
        "the row has more cells than the head, or a quotation mark is left open",
        file=path.name,
        row=int(line.group(1)) if line else None,
    )


@dataclass
class _Reading:
    """What has been read of one file: the columns in use, and what was wrong with them so far."""

    file: str
    names: list[str]
    seen: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    marks: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    @property
    def schema(self) -> pa.Schema:
        types = {"text": pa.string(), "number": pa.float64(), "date": pa.date32()}
        return pa.schema([(name, types[COLUMNS[name].kind]) for name in COLUMNS if name in self.names])

    def typed(self, chunk: pd.DataFrame) -> pa.Table:
        chunk.columns = pd.Index(self.names)
        chunk = chunk[(chunk.fillna("") != "").any(axis=1)]
        short = chunk.isna().any(axis=1)
        self._note("", chunk.index[short], chunk.loc[short].iloc[:, 0])
        arrays: list[Any] = []
        for name in self.schema.names:
            texts = chunk[name].fillna("")
            texts = texts.map({text: composed(text) for text in texts.unique()}).astype(object)
            convert = {"text": self._texts, "number": self._numbers, "date": self._dates}[COLUMNS[name].kind]
            arrays.append(convert(name, texts))
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _texts(self, name: str, texts: pd.Series[Any]) -> Any:
        empty = texts == ""
        if COLUMNS[name].required:
            self._note(name, texts.index[empty], texts[empty])
        return pa.array(texts.mask(empty, None), pa.string())

    def _numbers(self, name: str, texts: pd.Series[Any]) -> Any:
        unique = [text for text in texts.unique() if text]
        good = {text: float(text.replace(",", ".")) for text in unique if _NUMBER.fullmatch(text)}
        for mark in ",.":
            first = next((text for text in good if mark in text), None)
            if first is not None and (name, mark) not in self.marks:
                self.marks[name, mark] = (int(texts.index[texts == first][0]) + 2, first)
        bad = (texts != "") & ~texts.isin(good)
        self._note(name, texts.index[bad], texts[bad])
        return pa.array(texts.map(good).astype("float64").to_numpy(), pa.float64(), from_pandas=True)

    def _dates(self, name: str, texts: pd.Series[Any]) -> Any:
        unique = pd.Series([text for text in texts.unique() if text], dtype=object)
        days = pd.Series(pd.NaT, index=unique.index, dtype="datetime64[s]")
        for form in _DATES:
            days = days.fillna(pd.to_datetime(unique, format=form, errors="coerce").astype("datetime64[s]"))
        read = dict(zip(unique, days, strict=True))
        values = texts.map(read).astype("datetime64[s]")
        bad = (texts != "") & values.isna()
        self._note(name, texts.index[bad], texts[bad])
        return pa.array(values.to_numpy().astype("datetime64[D]"), pa.date32(), from_pandas=True)

    def _note(self, name: str, rows: pd.Index[Any], values: pd.Series[Any]) -> None:
        if not len(rows):
            return
        kept = self.seen.setdefault(name, [])
        room = LISTED - len(kept)
        # the head is row 1 of the file, so the first row of data is row 2
        kept += [
            (int(row) + 2, str(value)) for row, value in zip(rows[: max(room, 0)], values[: max(room, 0)], strict=True)
        ]
        self.counts[name] = self.counts.get(name, 0) + len(rows)

    def problems(self) -> Iterator[Problem]:
        for name, kept in self.seen.items():
            vi, en = _WORDS[COLUMNS[name].kind if name else ""]
            for row, value in kept:
                yield Problem(vi, en, file=self.file, row=row, column=name, value=value or None)
            more = self.counts[name] - len(kept)
            if more:
                yield Problem(
                    f"còn {more} dòng nữa như vậy", f"{more} more rows like this", file=self.file, column=name
                )
        for name in np.unique([name for name, _ in self.marks]):
            if (name, ",") in self.marks and (name, ".") in self.marks:
                comma, dot = self.marks[name, ","], self.marks[name, "."]
                yield Problem(
                    f"cột dùng lẫn dấu phẩy (dòng {comma[0]}: {comma[1]}) và dấu chấm (dòng {dot[0]}: {dot[1]})",
                    f"decimal comma (row {comma[0]}: {comma[1]}) and dot (row {dot[0]}: {dot[1]}) are mixed",
                    file=self.file,
                    column=str(name),
                )


_WORDS = {
    "": ("dòng thiếu ô so với dòng tiêu đề (tệp bị cắt cụt?)", "the row has fewer cells than the head (a cut file?)"),
    "text": ("ô bắt buộc bị bỏ trống", "a required cell is empty"),
    "number": (
        "không phải là số; cần mã số, để trống nếu không có",
        "not a number; a number is needed, or an empty cell where there is none",
    ),
    "date": ("không phải ngày; cần dạng 2023-12-31 hoặc 31/12/2023", "not a date; write 2023-12-31 or 31/12/2023"),
}
