"""``external.csv``: values of other indices that the scheme counts (SIPAS, an index of service ...).

``standard_error`` is the sampling error of a value, on the scale of the value; empty where it is not known.

A correction is a later row, dated: of several values of one unit and index, the one with the latest ``at`` counts, and
two without a date are refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

from parlib.errors import DataError, Problem
from parlib.numerals import as_number, written
from parlib.scoring.rules import External
from parlib.sources.rounds import ledger
from parlib.sources.rounds.intake import ORDINAL
from parlib.sources.rounds.plan import Rulebook
from parlib.sources.rounds.texts import VIET_NAM, cell_text, now, parse_time, read_numbers, times
from parlib.tables import Column, Layout, head_row, limited, read_delimited, table_of, torn
from parlib.words import Message, Words, fold, near

EXTERNAL = "external.csv"
COLUMNS = ("unit", "index", "value", "standard_error", "source", "by", "at")
_OPTIONAL = ("standard_error", "source", "by", "at")
_NUMBERS = ("value", "standard_error")
_LAYOUT = Layout(  # heads by which columns are recognised, as people write them
    (
        Column("unit", heads=("đơn vị", "mã đơn vị", "tên đơn vị", "tỉnh", "tỉnh, thành phố", "bộ", "bộ, ngành")),
        Column("index", heads=("chỉ số", "mã chỉ số")),
        Column("value", heads=("giá trị", "điểm")),
        Column("standard_error", optional=True, heads=("sai số chuẩn", "sai số")),
        Column("source", optional=True, heads=("nguồn", "nguồn số liệu")),
        Column("by", optional=True, heads=("người nhập",)),
        Column("at", optional=True, heads=("thời điểm", "ngày")),
        Column("ordinal", optional=True, heads=ORDINAL),
    )
)


def read_external(folder: Path, book: Rulebook) -> pd.DataFrame:
    """Every value given, in order: ``unit``, ``index``, ``value``, ``standard_error`` (NaN = not known), ``source``,
    ``by``, ``at`` (NaT = not dated)."""
    texts = _texts(folder)
    problems = check_external(texts.assign(file=EXTERNAL, source_row=range(2, len(texts) + 2)), book)
    if problems:
        raise DataError(problems)
    table = texts.assign(**{name: _numbers(texts[name]) for name in _NUMBERS})
    table["at"] = times(table["at"]).dt.tz_convert(VIET_NAM)
    return table


def _texts(folder: Path) -> pd.DataFrame:
    """The cells of the table as written; no rows where there is none."""
    path = folder / EXTERNAL
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS), dtype="str")
    return ledger.read_texts(path, COLUMNS, optional=_OPTIONAL).frame


def check_external(texts: pd.DataFrame, book: Rulebook) -> list[Problem]:
    """Everything that is wrong with values as written, each with its ``file``, ``source_row`` and the cell."""
    full = _full(book)
    strangers = book.resolved(texts["unit"])[1]
    found: list[Problem] = []
    seen: dict[tuple[str, str], str] = {}
    for line in _lines(texts):
        unit, index, at = (line[name] for name in ("unit", "index", "at"))

        def wrong(column: str, message: Words, line: Mapping[str, str] = line) -> None:
            found.append(_located(line, column, message))

        if unit in strangers:
            wrong("unit", strangers[unit].message)
        if index not in full:
            wrong(
                "index",
                Message(
                    "the scheme has no such index; it has {full}{near}",
                    {"near": near(index, full), "full": ", ".join(full)},
                ),
            )
        if flaw := _value_flaw(line["value"], full.get(index, math.inf)):
            wrong("value", flaw.message)
        error = as_number(line["standard_error"], ".") if line["standard_error"] else 0.0
        if isinstance(error, Problem) or error < 0:
            wrong("standard_error", Message("a standard error is a number, never negative"))
        if at and parse_time(at) is None:
            wrong("at", Message("not a date and time"))
        if (unit, index) in seen and (at == seen[unit, index] or not at or not seen[unit, index]):
            wrong("unit", Message("the index {index} of this unit is given twice for the same time", {"index": index}))
        seen[unit, index] = at
    return found


def _full(book: Rulebook) -> dict[str, float]:
    """The value of each index of the scheme that earns all points."""
    return {leaf.rule.index: leaf.rule.full_at for leaf in book.leaves if isinstance(leaf.rule, External)}


def _lines(texts: pd.DataFrame) -> list[dict[str, str]]:
    """The rows of a table of texts; their place in the file as text too."""
    return [dict(zip(texts.columns, cells, strict=True)) for cells in texts.astype("str").itertuples(index=False)]


def _located(line: Mapping[str, str], column: str, message: Words) -> Problem:
    return Problem(message, file=line["file"], row=int(line["source_row"]), column=column, value=line[column])


def _value_flaw(text: str, full_at: float) -> Problem | None:
    """Why a value cannot be that of an index: no number, off its scale, or a fraction where percent is asked for."""
    value, top = as_number(text, "."), _scale(full_at)
    if isinstance(value, Problem):
        return value
    if not 0 <= value <= top:
        return Problem("must be from 0 to {top:g}", top=top)
    if top == 100 and 0 < value <= 1:
        return Problem(
            "the index is on a scale of 100: is {read} a fraction? Write {meant} for {meant}%",
            read=written(value),
            meant=written(round(value * 100, 9)),
        )
    return None


def unlikely(texts: pd.DataFrame, book: Rulebook) -> list[Problem]:
    """Values that are allowed, and often a slip: below a tenth of the scale of their index."""
    full = _full(book)
    found = []
    for line in _lines(texts):
        value, top = as_number(line["value"], "."), _scale(full.get(line["index"], math.inf))
        if isinstance(value, float) and top > 1 and math.isfinite(top) and 0 < value <= top / 10:
            found.append(
                _located(
                    line, "value", Message("unusually low on a scale of {top:g}; is it on another scale?", {"top": top})
                )
            )
    return found


def _scale(full_at: float) -> float:
    """The end of the scale that an index is likely on: 1, 10 or 100, to catch 0.9 for 90 and the reverse of it."""
    return next((end for end in (1.0, 10.0, 100.0) if full_at <= end), math.inf)


def read_external_csv(path: Path, decimal: str = "") -> pd.DataFrame:
    """Values in a CSV file from outside: columns ``unit``, ``index``, ``value``, ``standard_error``, ``source``.

    Their usual Vietnamese heads are known, titles may stand above them. A decimal comma or point is read, and "82,5%";
    ``decimal`` ("comma" or "point") says which where the file alone does not settle it. The rows are checked against
    the round when they are added; ``attrs`` of the frame holds its heads and cells as written, for what is wrong then.
    """
    cells = read_delimited(path)
    table = table_of(cells, _LAYOUT, path.name)
    top = head_row(cells, set(_LAYOUT.spellings))
    places = {name: cells.rows[top].index(head) for name, head in table.heads.items()}
    rows = pd.DataFrame(table.texts, dtype="str").drop(columns="ordinal").assign(source_row=table.numbers)
    rows["index"] = rows["index"].map(_index_key)
    rows, unclear = read_numbers(rows, decimal, table.heads, path.name, _NUMBERS)
    rows["value"] = rows["value"].str.removesuffix("%").str.rstrip()
    after = [place for name, place in places.items() if name in ("standard_error", "source", "by")]
    halves = torn(cells, top, [places["value"]], after, path.name)
    problems = [*table.problems, *unclear, *halves]
    if problems:
        raise DataError(limited(problems))
    rows = rows.assign(file=path.name)
    rows.attrs = {"written": _Written(table.heads, dict(zip(table.numbers, table.records(), strict=True)))}
    return rows


def _index_key(text: str) -> str:
    """The key of an index, however it is written: "SIPAS" is "sipas"."""
    return fold(text).replace(" ", "_")


def values_at(table: pd.DataFrame, at: datetime | None = None) -> pd.DataFrame:
    """The value of each unit and index that counts (at a time): ``unit``, ``index``, ``value``, ``standard_error``."""
    known = table if at is None else table[table["at"].isna() | (table["at"] <= pd.Timestamp(at))]
    latest = known.sort_values("at", kind="stable", na_position="first")
    counting = latest.drop_duplicates(["unit", "index"], keep="last")
    return counting[["unit", "index", "value", "standard_error"]].reset_index(drop=True)


def add_external(
    folder: Path, book: Rulebook, rows: pd.DataFrame, by: str, at: str, decimal: str = ""
) -> tuple[int, int, list[Problem]]:
    """Add values; gives how many, how many were as they are already, and what is to be looked at. The caller holds the
    lock. ``decimal`` ("comma", "point") says how numbers in texts are written where they alone do not show it.
    """
    came_from: _Written = rows.attrs.get("written", _Written())
    rows, unclear = read_numbers(rows.reset_index(drop=True), decimal, {}, "", _NUMBERS)
    texts = pd.DataFrame(
        {name: rows[name].map(cell_text) if name in rows else "" for name in COLUMNS}, index=rows.index
    )
    texts["source_row"] = rows["source_row"].to_numpy() if "source_row" in rows else range(1, len(rows) + 1)
    texts["file"] = rows["file"].to_numpy() if "file" in rows else ""
    texts["by"] = texts["by"].where(texts["by"] != "", by)
    texts["at"] = texts["at"].where(texts["at"] != "", at)
    keys = book.resolved(texts["unit"])[0]
    texts["unit"] = texts["unit"].map(lambda text: keys.get(text, text)).astype("str")
    held = read_external(folder, book)
    problems = [*unclear, *check_external(texts, book), *_untimely(texts, held, book)]
    if problems:
        raise DataError(_as_in_file(problems, came_from))
    compared = texts.merge(values_at(held), on=["unit", "index"], how="left", suffixes=("", "_was"))
    same = pd.Series(True, index=compared.index)
    for name in _NUMBERS:
        now_told, was = _numbers(compared[name]), compared[f"{name}_was"]
        same &= (now_told == was) | (now_told.isna() & was.isna())
    fresh = texts[~same.to_numpy()]
    if len(fresh):
        _add(folder, fresh)
    return len(fresh), len(texts) - len(fresh), _as_in_file(unlikely(fresh, book), came_from)


@dataclass(frozen=True)
class _Written:
    """The heads and cells of the file that values came from, as written: by column; by row and column."""

    heads: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[int | None, Mapping[str, str]] = field(default_factory=dict)


def _as_in_file(problems: list[Problem], written: _Written) -> list[Problem]:
    """Problems with the heads and the cells of the file that the values came from, where they came from one."""
    return [
        problem.at(
            column=written.heads.get(problem.column, problem.column),
            value=written.cells.get(problem.row, {}).get(problem.column, problem.value),
        )
        for problem in problems
    ]


def _numbers(texts: pd.Series) -> pd.Series:
    """Numbers in the ledger's spelling, by the grammar that checked them; NaN for an empty cell."""
    return texts.map(lambda text: as_number(text, ".") if text else math.nan).astype("float64")


def _add(folder: Path, rows: pd.DataFrame) -> None:
    """``rows`` after those of the table; one of other columns (an older one) is written anew with all of them."""
    path = folder / EXTERNAL
    head = ",".join(COLUMNS)
    if not path.exists() or path.read_text(encoding="utf-8-sig").split("\n", 1)[0].rstrip("\r") == head:
        ledger.add_lines(path, ledger.csv_lines(rows, COLUMNS, header=not path.exists()))
    else:
        ledger.write_text(path, ledger.csv_lines(pd.concat([_texts(folder), rows]), COLUMNS, header=True))


def _untimely(texts: pd.DataFrame, held: pd.DataFrame, book: Rulebook) -> list[Problem]:
    """Values dated in the future, and corrections dated before the value that they correct: these would never hold."""
    limit = pd.Timestamp(now()) + pd.Timedelta(days=1)  # clocks of two offices differ, not by days
    latest = held.groupby(["unit", "index"])["at"].max()
    found = []
    for line in _lines(texts):
        moment = parse_time(line["at"])
        before = latest.get((line["unit"], line["index"]), pd.NaT)
        if moment is None:
            continue
        if pd.Timestamp(moment) > limit and not book.plan.simulated:
            found.append(_located(line, "at", Message("the time lies in the future")))
        elif pd.notna(before) and pd.Timestamp(moment) < before:
            when = before.isoformat()
            found.append(
                _located(
                    line,
                    "at",
                    Message("earlier than the value that holds ({when}): it would never hold", {"when": when}),
                )
            )
    return found
