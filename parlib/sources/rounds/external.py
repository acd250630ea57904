"""``external.csv``: values of other indices that the scheme counts (SIPAS, an index of service ...).

``standard_error`` is the sampling error of a value, on the scale of the value; empty where it is not known.

A correction is a later row, dated: of several values of one unit and index, the one with the latest ``at`` counts, and
two without a date are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from parlib.errors import DataError, Problem
from parlib.framework.rules import External
from parlib.framework.spelling import fold, nearest_text
from parlib.sources.rounds import store
from parlib.sources.rounds.rulebook import Rulebook
from parlib.sources.rounds.texts import VIET_NAM, cell_text, parse_time, times
from parlib.tables import ragged, read_delimited

EXTERNAL = "external.csv"
COLUMNS = ("unit", "index", "value", "standard_error", "source", "by", "at")
_OPTIONAL = ("standard_error", "source", "by", "at")
_NUMBER = r"[-+]?\d+(\.\d+)?"
_HEADS = {
    **{name: name for name in COLUMNS},
    **dict.fromkeys(("don vi", "ma don vi", "tinh", "bo"), "unit"),
    **dict.fromkeys(("chi so", "ma chi so"), "index"),
    **dict.fromkeys(("gia tri", "diem"), "value"),
    **dict.fromkeys(("sai so chuan", "sai so"), "standard_error"),
    **dict.fromkeys(("nguon", "nguon so lieu"), "source"),
}


def read_external(folder: Path, book: Rulebook) -> pd.DataFrame:
    """Every value given, in order: ``unit``, ``index``, ``value``, ``standard_error`` (NaN = not known), ``source``,
    ``by``, ``at`` (NaT = not dated)."""
    texts = _texts(folder)
    problems = check_external(texts.assign(file=EXTERNAL, source_row=range(2, len(texts) + 2)), book)
    if problems:
        raise DataError(problems)
    numbers = {name: pd.to_numeric(texts[name]).astype("float64") for name in ("value", "standard_error")}
    table = texts.assign(**numbers)
    table["at"] = times(table["at"]).dt.tz_convert(VIET_NAM)
    return table


def _texts(folder: Path) -> pd.DataFrame:
    """The cells of the table as written; no rows where there is none."""
    path = folder / EXTERNAL
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS), dtype="str")
    return store.read_texts(path, COLUMNS, optional=_OPTIONAL).frame


def check_external(texts: pd.DataFrame, book: Rulebook) -> list[Problem]:
    """Everything that is wrong with values as written, each with its ``file``, ``source_row`` and the cell."""
    full = {leaf.rule.index: leaf.rule.full_at for leaf in book.leaves if isinstance(leaf.rule, External)}
    strangers = book.resolved(texts["unit"])[1]
    found: list[Problem] = []
    seen: dict[tuple[str, str], str] = {}
    for line in texts.to_dict("records"):
        unit, index, value, at = (line[name] for name in ("unit", "index", "value", "at"))

        def wrong(column: str, vi: str, en: str, line: dict[Hashable, Any] = line) -> None:
            place = {"file": line["file"], "row": line["source_row"], "column": column, "value": line[column]}
            found.append(Problem(vi=vi, en=en).at(**place))

        if unit in strangers:
            wrong("unit", strangers[unit].vi, strangers[unit].en)
        if index not in full:
            near = [nearest_text(index, full, language) for language in ("vi", "en")]
            wrong(
                "index",
                f"bộ tiêu chí không dùng chỉ số này; các chỉ số: {', '.join(full)}{near[0]}",
                f"the scheme has no such index; it has {', '.join(full)}{near[1]}",
            )
        if not re.fullmatch(_NUMBER, value):
            wrong("value", "không đọc được thành số", "cannot be read as a number")
        elif index in full and not 0 <= float(value) <= _scale(full[index]):
            most = f"{_scale(full[index]):g}"
            wrong("value", f"phải từ 0 đến {most}", f"must be from 0 to {most}")
        error = line["standard_error"]
        if error and (not re.fullmatch(_NUMBER, error) or float(error) < 0):
            wrong("standard_error", "sai số chuẩn là số không âm", "a standard error is a number, never negative")
        if at and parse_time(at) is None:
            wrong("at", "không phải là ngày giờ", "not a date and time")
        if (unit, index) in seen and (at == seen[unit, index] or not at or not seen[unit, index]):
            wrong(
                "unit",
                f"chỉ số {index} của đơn vị này ghi hai lần mà không khác thời điểm",
                f"the index {index} of this unit is given twice for the same time",
            )
        seen[unit, index] = at
    return found


def _scale(full_at: float) -> float:
    """The end of the scale that an index is likely on: 1, 10 or 100, to catch 0.9 for 90 and the reverse of it."""
    return next((end for end in (1.0, 10.0, 100.0) if full_at <= end), math.inf)


def read_external_csv(path: Path) -> pd.DataFrame:
    """Values in a CSV file from outside: columns ``unit``, ``index``, ``value``, ``standard_error``, ``source``.

    Their usual Vietnamese heads are known. The rows are checked when they are added. A decimal comma is read as one.
    """
    table = read_delimited(path)
    heads = [_HEADS.get(fold(head), "") for head in table.rows[0]]
    problems = [*table.problems, *ragged(table, 0, path.name)]
    problems += [
        Problem(
            vi="không nhận ra cột này", en="this column is not known", file=path.name, row=table.numbers[0], column=head
        )
        for head, known in zip(table.rows[0], heads, strict=True)
        if head and not known
    ]
    problems += [
        Problem(vi="thiếu cột này", en="this column is missing", file=path.name, column=name)
        for name in ("unit", "index", "value")
        if heads.count(name) != 1
    ]
    if problems:
        raise DataError(problems)
    rows = pd.DataFrame(table.rows[1:], columns=heads, dtype="str")[[name for name in heads if name]]
    for name in {"value", "standard_error"} & set(rows):
        rows[name] = rows[name].str.replace(",", ".", regex=False)
    return rows.assign(source_row=table.numbers[1:], file=path.name)


def values_at(table: pd.DataFrame, at: datetime | None = None) -> pd.DataFrame:
    """The value of each unit and index that counts (at a time): ``unit``, ``index``, ``value``, ``standard_error``."""
    known = table if at is None else table[table["at"].isna() | (table["at"] <= pd.Timestamp(at))]
    latest = known.sort_values("at", kind="stable", na_position="first")
    counting = latest.drop_duplicates(["unit", "index"], keep="last")
    return counting[["unit", "index", "value", "standard_error"]].reset_index(drop=True)


def add_external(folder: Path, book: Rulebook, rows: pd.DataFrame, by: str, at: str) -> int:
    """Add values; gives how many. The caller holds the lock. Values that are as they were are not written again."""
    texts = pd.DataFrame(
        {name: rows[name].map(cell_text) if name in rows else "" for name in COLUMNS}, index=rows.index
    ).reset_index(drop=True)
    texts["source_row"] = rows["source_row"].to_numpy() if "source_row" in rows else range(1, len(rows) + 1)
    texts["file"] = rows["file"].to_numpy() if "file" in rows else ""
    texts["by"] = texts["by"].where(texts["by"] != "", by)
    texts["at"] = texts["at"].where(texts["at"] != "", at)
    keys = book.resolved(texts["unit"])[0]
    texts["unit"] = texts["unit"].map(lambda text: keys.get(text, text)).astype("str")
    problems = check_external(texts, book)
    if problems:
        raise DataError(problems)
    compared = texts.merge(
        values_at(read_external(folder, book)), on=["unit", "index"], how="left", suffixes=("", "_was")
    )
    same = pd.Series(True, index=compared.index)
    for name in ("value", "standard_error"):
        number = pd.to_numeric(compared[name])
        same &= (number == compared[f"{name}_was"]) | (number.isna() & compared[f"{name}_was"].isna())
    fresh = texts[~same.to_numpy()]
    if len(fresh):
        _add(folder, fresh)
    return len(fresh)


def _add(folder: Path, rows: pd.DataFrame) -> None:
    """``rows`` after those of the table; one of other columns (an older one) is written anew with all of them."""
    path = folder / EXTERNAL
    head = ",".join(COLUMNS)
    if not path.exists() or path.read_text(encoding="utf-8-sig").split("\n", 1)[0].rstrip("\r") == head:
        store.add_lines(path, store.csv_lines(rows, COLUMNS, header=not path.exists()))
    else:
        store.write_text(path, store.csv_lines(pd.concat([_texts(folder), rows]), COLUMNS, header=True))
