"""``external.csv``: values of other indices that the scheme counts (SIPAS, an index of service ...).

A correction is a later row, dated: of several values of one unit and index, the one with the latest ``at`` counts, and
two without a date are refused.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from pathlib import Path

import pandas as pd

from parlib.errors import DataError, Problem
from parlib.framework.rules import External
from parlib.framework.spelling import nearest_text
from parlib.sources.rounds import store
from parlib.sources.rounds.rulebook import Rulebook
from parlib.sources.rounds.texts import VIET_NAM, cell_text, parse_time, times

EXTERNAL = "external.csv"
COLUMNS = ("unit", "index", "value", "source", "by", "at")


def read_external(folder: Path, book: Rulebook) -> pd.DataFrame:
    """Every value told, in order: ``unit``, ``index``, ``value``, ``source``, ``by``, ``at`` (NaT = not dated)."""
    path = folder / EXTERNAL
    if not path.is_file():
        texts = pd.DataFrame(columns=list(COLUMNS), dtype="str")
    else:
        texts = store.read_texts(path, COLUMNS, optional=("source", "by", "at")).frame
    problems = check_external(texts, book)
    if problems:
        raise DataError(problem.at(file=EXTERNAL) for problem in problems)
    table = texts.assign(value=pd.to_numeric(texts["value"]).astype("float64"))
    table["at"] = times(table["at"]).dt.tz_convert(VIET_NAM)
    return table


def check_external(texts: pd.DataFrame, book: Rulebook) -> list[Problem]:
    """Everything that is wrong with values as written; rows are counted from 2, below the head."""
    full = {leaf.rule.index: leaf.rule.full_at for leaf in book.leaves if isinstance(leaf.rule, External)}
    found: list[Problem] = []
    seen: dict[tuple[str, str], str] = {}
    for row, line in enumerate(texts.to_dict("records"), start=2):
        unit, index, value, at = (line[name] for name in ("unit", "index", "value", "at"))
        if unit not in book.units:
            found.append(_flaw(row, "unit", unit, "không có đơn vị này", "no such unit", list(book.units)))
        if index not in full:
            found.append(
                _flaw(
                    row, "index", index, "bộ tiêu chí không dùng chỉ số này", "the scheme has no such index", list(full)
                )
            )
        if not re.fullmatch(r"[-+]?\d+(\.\d+)?", value):
            found.append(_flaw(row, "value", value, "không đọc được thành số (dấu thập phân là '.')", "not a number"))
        elif index in full and not 0 <= float(value) <= _scale(full[index]):
            most = f"{_scale(full[index]):g}"
            found.append(_flaw(row, "value", value, f"phải từ 0 đến {most}", f"must be from 0 to {most}"))
        if at and parse_time(at) is None:
            found.append(_flaw(row, "at", at, "không phải là ngày giờ", "not a date and time"))
        if (unit, index) in seen and not (at and seen[unit, index]):
            found.append(
                _flaw(
                    row,
                    "unit",
                    unit,
                    f"chỉ số {index} của đơn vị ghi hai lần mà không có thời điểm (at)",
                    f"the index {index} of the unit is given twice without a time (at)",
                )
            )
        seen[unit, index] = at
    return found


def _scale(full_at: float) -> float:
    """The end of the scale that an index is likely on: 1, 10 or 100, to catch 0.9 for 90 and the reverse of it."""
    return next((end for end in (1.0, 10.0, 100.0) if full_at <= end), math.inf)


def _flaw(row: int, column: str, value: str, vi: str, en: str, near: list[str] | None = None) -> Problem:
    hints = [nearest_text(value, near, language) if near else "" for language in ("vi", "en")]
    return Problem(vi=vi + hints[0], en=en + hints[1], row=row, column=column, value=value)


def values_at(table: pd.DataFrame, at: datetime | None = None) -> pd.DataFrame:
    """The value of each unit and index that counts (at a time): ``unit``, ``index``, ``value``."""
    known = table if at is None else table[table["at"].isna() | (table["at"] <= pd.Timestamp(at))]
    latest = known.sort_values("at", kind="stable", na_position="first")
    return latest.drop_duplicates(["unit", "index"], keep="last")[["unit", "index", "value"]].reset_index(drop=True)


def add_external(folder: Path, book: Rulebook, rows: pd.DataFrame, by: str, at: str) -> int:
    """Add values; gives how many. The caller holds the lock. Values that are as they were are not written again."""
    texts = pd.DataFrame({name: rows.get(name, pd.Series("", index=rows.index)).map(cell_text) for name in COLUMNS})
    texts["by"] = texts["by"].where(texts["by"] != "", by)
    texts["at"] = texts["at"].where(texts["at"] != "", at)
    problems = check_external(texts.reset_index(drop=True), book)
    if problems:
        raise DataError(problems)
    known = values_at(read_external(folder, book)).rename(columns={"value": "known"})
    compared = texts.merge(known, on=["unit", "index"], how="left")
    fresh = texts[(compared["known"] != compared["value"].astype("float64")).to_numpy()]
    path = folder / EXTERNAL
    if len(fresh):
        store.add_lines(path, store.csv_lines(fresh, COLUMNS, header=not path.exists()))
    return len(fresh)
