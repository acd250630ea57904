"""Answers from outside as ledger rows: a CSV file, or the export of another system with a mapping of its columns.

Nothing is guessed. Columns are known by their usual Vietnamese and English heads; anything else needs a mapping
(YAML)::

    columns:                      # their head: our field; "stage.field" where one row holds several stages
      Mã đơn vị: unit
      Mã TC: code
      Kết quả tự chấm: self.answer
      Điểm thẩm định: appraisal.points
      Lý do điều chỉnh: appraisal.remark
    constants: {by: Sở Nội vụ, at: 2024-01-15}
    values: {stage: {TĐG: self}}  # their word: ours
    ignore: [STT, Ghi chú nội bộ] # columns that are left out
    decimal: comma                # how numbers are written, where the file alone does not settle it
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from parlib import places, tables
from parlib.errors import DataError, Problem
from parlib.scoring.rules import External
from parlib.sources.excel import plain_text
from parlib.sources.heads import called, index_words, meant
from parlib.sources.office import cells_of
from parlib.sources.rounds import ledger
from parlib.sources.rounds import plan as plans
from parlib.words import Joined, Message, Words, fold, near

_VALUES = ("answer", "points", "not_applicable", "evidence", "remark", *plans.PARTS)


class ColumnMapping(BaseModel):
    """How the export of another system is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, str] = {}
    constants: dict[Literal["unit", "stage", "by", "at", "evidence", "remark"], str] = {}
    values: dict[str, dict[str, str]] = {}
    ignore: tuple[str, ...] = ()
    decimal: Literal["comma", "point", ""] = ""
    separator: Literal[";", ",", "\t", ""] = ""


@dataclass(frozen=True)
class Incoming:
    """Rows read from outside, not yet checked against the round: texts, one row for each answer, with their place.

    ``headings`` says what each field is called in the file, so that problems name the column that people see.
    ``problems`` are those with the form of the file: rows with any are not added. ``rows.attrs["cells"]`` holds what
    stands in the file where a number is spelt otherwise in ``rows``.
    """

    rows: pd.DataFrame
    source: str
    sha256: str
    headings: dict[str, str]
    problems: tuple[Problem, ...] = ()


#: What programs leave beside the files of people: Excel and LibreOffice while one is open, Mac and Windows in folders.
_LEFT_BESIDE = re.compile(r"~\$.*|\.~lock\..*#|\._.*|\.DS_Store|Thumbs\.db|desktop\.ini", re.IGNORECASE)
WORKBOOKS = (".xlsx", ".xls", ".ods")
ANSWERS = (*WORKBOOKS, ".csv", ".txt", ".tsv")


def is_left_beside(name: str) -> bool:
    """Whether a program left a file of this name beside those of people."""
    return _LEFT_BESIDE.fullmatch(name) is not None


def chosen_files(named: Iterable[Path], endings: Sequence[str] = ANSWERS) -> tuple[list[Path], list[Problem]]:
    """The files that people mean, in order, each once, and what of it is left out.

    Folders and patterns (``*.xlsx``, which no shell of Windows expands) give their files with one of ``endings``.
    """
    found: dict[Path, None] = {}
    left: list[Problem] = []
    empty: list[Problem] = []
    allowed = ", ".join(endings)
    for path in named:
        is_pattern = any(sign in path.name for sign in "*?") and not path.exists()
        inside = path.glob("*") if path.is_dir() else path.parent.glob(path.name) if is_pattern else (path,)
        files = [file for file in sorted(inside) if not (file.is_dir() and file != path)]
        own = [file for file in files if not is_left_beside(file.name)]
        chosen = [file for file in own if file == path or file.suffix.lower() in endings]
        left += [
            Problem("left out: a program left it beside a file that is open", file=f.name)
            for f in files
            if f not in own
        ]
        left += [
            Problem("left out: it does not end in {allowed}", file=file.name, allowed=allowed)
            for file in own
            if file not in chosen
        ]
        if not chosen:
            empty.append(Problem("no file that ends in {allowed} is there", value=str(path), allowed=allowed))
        found |= dict.fromkeys(chosen)
    DataError.raise_for(empty)
    return list(found), left


def read_column_mapping(path: Path) -> ColumnMapping:
    """The mapping in a YAML file, or a ``DataError`` with all that is wrong in it."""
    content = plans.read_mapping(path)
    for name in ("columns", "constants"):  # a day is written without quotes
        if isinstance(stated := content.get(name), dict):
            content[name] = {str(key): str(value) for key, value in stated.items()}
    try:
        mapping = ColumnMapping.model_validate(content)
    except ValidationError as error:
        raise DataError(list(plans.pydantic_problems(error, ColumnMapping, path.name))) from None
    problems = [
        Problem(
            "no such field{near}; the fields are {fields}",
            file=path.name,
            column=f"columns.{theirs}",
            value=target,
            near=near(target, plans.FIELDS),
            fields=", ".join(plans.FIELDS),
        )
        for theirs, target in mapping.columns.items()
        if not _is_target(target)
    ]
    DataError.raise_for(problems)
    return mapping


def _is_target(target: str) -> bool:
    stage, _, field = target.rpartition(".")
    return field in plans.FIELDS if not stage else stage in plans.STAGES and field in (*_VALUES, "by", "at")


def read_answers(path: Path, mapping: ColumnMapping | None = None, *, stage: str = "", by: str = "") -> Incoming:
    """The answers in a CSV file. ``stage`` and ``by`` hold for rows that do not say it themselves.

    What is wrong with the form of the file stands in ``problems`` of the result, and is told with what is wrong with
    its content when it is added to a round. Raises ``DataError`` where it cannot be read at all.
    """
    mapping = mapping or ColumnMapping()
    table = tables.read_delimited(path, mapping.separator)
    head = tables.head_row(table, {fold(head) for head in mapping.columns} or set(meant("ledger")))
    fields, problems = _fields(table, head, mapping, stage, path.name)
    problems = [
        *table.problems,
        *problems,
        *tables.ragged(table, head, path.name),
        *_torn(table, head, fields, path.name),
    ]
    problems = [problem.at(row=problem.row or table.numbers[head]) for problem in problems]
    if not len(table.rows[head + 1 :]):
        problems.append(Problem("the file has no rows", file=path.name))
    if not fields:
        raise DataError(problems)
    cells = [[plain_text(cell) for cell in row] for row in table.rows[head + 1 :]]  # our own CSV guards some texts
    body = pd.DataFrame(cells, columns=range(len(table.rows[head])), dtype="str")
    body["source_row"] = table.numbers[head + 1 :]
    headings = {target: table.rows[head][place] for target, place in fields.items()}
    rows = _by_stage(body, fields, mapping)
    rows = _constants(rows, mapping, stage, by)
    settled, unclear = plans.read_numbers(rows, mapping.decimal, headings, path.name)
    settled.attrs = {"cells": _written(rows, settled, headings)}
    return Incoming(settled, path.name, places.sha256(path), headings, (*problems, *unclear))


def _written(rows: pd.DataFrame, settled: pd.DataFrame, headings: dict[str, str]) -> dict[tuple[int, str], str]:
    """The numbers that were written otherwise than a ledger does ("0,5"), by row and head of the file."""
    results = {}
    for name in plans.NUMBERS:
        changed = rows[rows[name] != settled[name]]
        for row, stage, text in zip(changed["source_row"], changed["stage"], changed[name], strict=True):
            results[int(row), headings.get(f"{stage}.{name}") or headings.get(name, name)] = str(text)
    return results


def _fields(
    table: tables.Delimited, top: int, mapping: ColumnMapping, stage: str, file: str
) -> tuple[dict[str, int], list[Problem]]:
    """The place of the column of each field ("unit", or "self.points"), and what is wrong with the heads."""
    heads = table.rows[top]
    named = {fold(theirs): target for theirs, target in mapping.columns.items()}
    ignored = {fold(head) for head in mapping.ignore}
    fields: dict[str, int] = {}
    problems: list[Problem] = []
    strangers: list[str] = []
    for place, head in enumerate(heads):
        target = named.get(fold(head)) or ("" if named else meant("ledger").get(fold(head), ""))
        if not head:
            problems += tables.headless(table, top, place, file)
        if not head or fold(head) in ignored or (fold(head) in tables.ORDINAL and not target):
            continue
        if not target:
            strangers.append(head)
        elif target in fields:
            problems.append(
                Problem(
                    "two columns are both '{target}': '{heads}' and '{column}'",
                    file=file,
                    column=head,
                    target=target,
                    heads=heads[fields[target]],
                )
            )
        else:
            fields[target] = place
    problems += [_unknown_column(head, file) for head in strangers[: tables.LISTED]]
    if more := strangers[tables.LISTED :]:
        problems.append(Problem("{n} more columns are not known", file=file, column=more[0], n=len(more)))
    missing = _missing(fields, mapping, stage)
    if missing:
        problems.append(
            Problem(
                "columns missing: {columns}",
                file=file,
                value=table.separator.join(heads)[:200],
                columns=Joined(_MISSING[name] for name in missing),
            )
        )
    absent = [theirs for theirs in mapping.columns if fold(theirs) not in {fold(head) for head in heads}]
    problems += [
        Problem("the file lacks this column of the mapping{near}", file=file, column=theirs, near=near(theirs, heads))
        for theirs in absent
    ]
    return ({} if missing else fields), problems


def _torn(table: tables.Delimited, head: int, fields: dict[str, int], file: str) -> list[Problem]:
    """Answers and points cut in two at a decimal comma, the half of which would be evidence or a remark."""

    def columns(*names: str) -> list[int]:
        return [place for target, place in fields.items() if target.rpartition(".")[2] in names]

    return tables.torn(table, head, columns(*plans.NUMBERS), columns("evidence", "remark", "by"), file)


def _missing(fields: dict[str, int], mapping: ColumnMapping, stage: str) -> list[str]:
    staged = any("." in target for target in fields)
    missing = [name for name in ("unit", "code") if name not in fields and name not in mapping.constants]
    if not staged and "stage" not in fields and not stage and "stage" not in mapping.constants:
        missing.append("stage")
    if not any(target.rpartition(".")[2] in ("answer", "points", "not_applicable") for target in fields):
        missing.append("answer")
    return missing


_MISSING = {
    "unit": Message("unit (unit)"),
    "code": Message("code of the criterion (code)"),
    "stage": Message("stage (stage)"),
    "answer": Message("answer or points (answer)"),
}


def _unknown_column(head: str, file: str) -> Problem:
    return Problem(
        "this column is not known{near}; remove it, or name it in a mapping",
        file=file,
        column=head,
        near=near(head, meant("ledger")),
    )


def _by_stage(body: pd.DataFrame, fields: dict[str, int], mapping: ColumnMapping) -> pd.DataFrame:
    """One row for each answer: a row that holds several stages becomes several; blank ones fall away."""
    shared = {target: place for target, place in fields.items() if "." not in target}
    parts = []
    for stage in sorted({target.partition(".")[0] for target in fields if "." in target}, key=plans.STAGES.index) or [
        ""
    ]:
        own = {target.partition(".")[2]: place for target, place in fields.items() if target.startswith(f"{stage}.")}
        part = pd.DataFrame({name: body[place] for name, place in {**shared, **own}.items()})
        part["source_row"] = body["source_row"]
        if stage:
            part["stage"] = stage
        parts.append(part)
    rows = pd.concat(parts, ignore_index=True).reindex(columns=[*plans.FIELDS, "source_row"])
    rows = rows.astype(dict.fromkeys(plans.FIELDS, "str")).fillna("")
    for name, words in mapping.values.items():
        if name in rows:
            translated = {fold(theirs): ours for theirs, ours in words.items()}
            rows[name] = rows[name].map(lambda cell, known=translated: known.get(fold(cell), cell))
    rows["stage"] = rows["stage"].map(stage_named)
    return rows[(rows[list(_VALUES)] != "").any(axis=1)]


def stage_named(word: str) -> str:
    """The stage of the ledger that a word of people means; the word itself where it is none."""
    return meant("stages").get(fold(word), word)


def _constants(rows: pd.DataFrame, mapping: ColumnMapping, stage: str, by: str) -> pd.DataFrame:
    for name, value in {"stage": stage, "by": by, **mapping.constants}.items():
        if value:
            rows[name] = rows[name].where(rows[name] != "", str(value))
    return rows.sort_values("source_row", kind="stable").reset_index(drop=True)


# --- external -------------------------------------------------------------------------------------
# ``external.csv``: values of other indices that the scheme counts (SIPAS, an index of service ...).
#
# ``standard_error`` is the sampling error of a value, on the scale of the value; empty where it is not known.
#
# A correction is a later row, dated: of several values of one unit and index, the one with the latest ``at`` counts,
# and
# two without a date are refused.

EXTERNAL = "external.csv"
COLUMNS = ("unit", "index", "value", "standard_error", "source", "by", "at", "typed_by")
_OPTIONAL = ("standard_error", "source", "by", "at", "typed_by")
_NUMBERS = ("value", "standard_error")


def _layout() -> tables.Layout:
    """The columns of a table of values, with the heads by which they are recognised."""
    known = [tables.Column(name, heads=words, optional=name in _OPTIONAL) for name, words in called("external").items()]
    return tables.Layout((*known, tables.Column("ordinal", optional=True, heads=tables.ORDINAL)))


def read_external(folder: Path, book: plans.Rulebook) -> pd.DataFrame:
    """Every value given, in order: ``unit``, ``index``, ``value``, ``standard_error`` (NaN = not known), ``source``,
    ``by``, ``at`` (NaT = not dated), ``typed_by`` (the account)."""
    texts = _texts(folder)
    problems = check_external(texts.assign(file=EXTERNAL, source_row=range(2, len(texts) + 2)), book)
    DataError.raise_for(problems)
    table = texts.assign(**{name: _numbers(texts[name]) for name in _NUMBERS})
    table["at"] = plans.times(table["at"]).dt.tz_convert(plans.VIET_NAM)
    return table


def _texts(folder: Path) -> pd.DataFrame:
    """The cells of the table as written; no rows where there is none."""
    return ledger.read_texts(folder / EXTERNAL, COLUMNS, optional=_OPTIONAL, absent=True).frame


def check_external(texts: pd.DataFrame, book: plans.Rulebook) -> list[Problem]:
    """Everything that is wrong with values as written, each with its ``file``, ``source_row`` and the cell."""
    full = _full(book)
    strangers = book.resolved(texts["unit"])[1]
    problems: list[Problem] = []
    seen: dict[tuple[str, str], str] = {}
    for line in _lines(texts):
        unit, index, at = (line[name] for name in ("unit", "index", "at"))

        def wrong(column: str, message: Words, line: Mapping[str, str] = line) -> None:
            problems.append(_located(line, column, message))

        if unit in strangers:
            wrong("unit", strangers[unit].message)
        if index not in full:
            known = {"near": near(index, full), "full": index_words(full)}
            wrong("index", Message("the scheme has no such index; it has {full}{near}", known))
        if flaw := _value_flaw(line["value"], full.get(index, math.inf)):
            wrong("value", flaw.message)
        error = tables.as_number(line["standard_error"], ".") if line["standard_error"] else 0.0
        if isinstance(error, Problem) or error < 0:
            wrong("standard_error", Message("a standard error is a number, never negative"))
        if at and plans.parse_time(at) is None:
            wrong("at", Message("not a date and time"))
        if (unit, index) in seen and (at == seen[unit, index] or not at or not seen[unit, index]):
            wrong("unit", Message("the index {index} of this unit is given twice for the same time", {"index": index}))
        seen[unit, index] = at
    return problems


def _full(book: plans.Rulebook) -> dict[str, float]:
    """The value of each index of the scheme that earns all points."""
    return {leaf.rule.index: leaf.rule.full_at for leaf in book.leaves if isinstance(leaf.rule, External)}


def _lines(texts: pd.DataFrame) -> list[dict[str, str]]:
    """The rows of a table of texts; their place in the file as text too."""
    return [dict(zip(texts.columns, cells, strict=True)) for cells in texts.astype("str").itertuples(index=False)]


def _located(line: Mapping[str, str], column: str, message: Words) -> Problem:
    return Problem(message, file=line["file"], row=int(line["source_row"]), column=column, value=line[column])


def _value_flaw(text: str, full_at: float) -> Problem | None:
    """Why a value cannot be that of an index: no number, off its scale, or a fraction where percent is asked for."""
    value, top = tables.as_number(text, "."), _scale(full_at)
    if isinstance(value, Problem):
        return value
    if not 0 <= value <= top:
        return Problem("must be from 0 to {top:g}", top=top)
    if top == 100 and 0 < value <= 1:
        return Problem(
            "the index is on a scale of 100: is {read} a fraction? Write {meant} for {meant}%",
            read=tables.written(value),
            meant=tables.written(round(value * 100, 9)),
        )
    return None


def unlikely(texts: pd.DataFrame, book: plans.Rulebook) -> Iterator[Problem]:
    """Values that are allowed, and often a slip: below a tenth of the scale of their index."""
    full = _full(book)
    for line in _lines(texts):
        value, top = tables.as_number(line["value"], "."), _scale(full.get(line["index"], math.inf))
        if isinstance(value, float) and top > 1 and math.isfinite(top) and 0 < value <= top / 10:
            low = Message("unusually low on a scale of {top:g}; is it on another scale?", {"top": top})
            yield _located(line, "value", low)


def _scale(full_at: float) -> float:
    """The end of the scale that an index is likely on: 1, 10 or 100, to catch 0.9 for 90 and the reverse of it."""
    return next((end for end in (1.0, 10.0, 100.0) if full_at <= end), math.inf)


def read_external_csv(path: Path, decimal: str = "", sheet: str = "") -> pd.DataFrame:
    """Values in a CSV file or a workbook from outside: columns ``unit``, ``index``, ``value``, ``standard_error``,
    ``source``.

    Their usual Vietnamese heads are known, titles may stand above them. A decimal comma or point is read, and "82,5%";
    ``decimal`` ("comma" or "point") says which where the file alone does not settle it. The rows are checked against
    the round when they are added; ``attrs`` of the frame holds its heads and cells as written, and what is wrong with
    single cells of the file, to be told together with what is wrong then.
    """
    is_book = path.suffix.lower() in WORKBOOKS
    cells = cells_of(path, sheet, as_typed=True) if is_book else tables.read_delimited(path)
    layout = _layout()
    table, top = tables.table_of(cells, layout, path.name), tables.head_row(cells, set(layout.spellings))
    places = {name: cells.rows[top].index(head) for name, head in table.heads.items()}
    rows = pd.DataFrame(table.texts, dtype="str").drop(columns="ordinal").assign(source_row=table.numbers)
    rows["index"] = rows["index"].map(lambda text: fold(text).replace(" ", "_"))  # "SIPAS" is "sipas"
    if is_book:  # the workbook that was given out, filled in as far as values are known
        rows = rows[(rows[["value", "standard_error", "source"]] != "").any(axis=1)].reset_index(drop=True)
    rows, unclear = plans.read_numbers(rows, decimal, table.heads, path.name, _NUMBERS)
    rows["value"] = rows["value"].str.removesuffix("%").str.rstrip()
    after = [place for name, place in places.items() if name in ("standard_error", "source", "by")]
    halves = tables.torn(cells, top, [places["value"]], after, path.name)
    problems = (*table.problems, *unclear, *halves)
    # half of a number is a number: it goes no further than this, whatever becomes of ``attrs``
    DataError.raise_for(tables.limited(problem for problem in problems if halves or problem.row is None))
    rows = rows.assign(file=path.name)
    rows.attrs = {"written": _Written(table.heads, dict(zip(table.numbers, table.records(), strict=True)), problems)}
    return rows


def values_at(table: pd.DataFrame, at: datetime | None = None) -> pd.DataFrame:
    """The value of each unit and index that counts (at a time): ``unit``, ``index``, ``value``, ``standard_error``."""
    known = table if at is None else table[table["at"].isna() | (table["at"] <= pd.Timestamp(at))]
    latest = known.sort_values("at", kind="stable", na_position="first")
    counting = latest.drop_duplicates(["unit", "index"], keep="last")
    return counting[["unit", "index", "value", "standard_error"]].reset_index(drop=True)


def add_external(
    folder: Path, book: plans.Rulebook, rows: pd.DataFrame, by: str, at: str, decimal: str = ""
) -> tuple[int, int, list[Problem]]:
    """Add values; gives how many, how many were as they are already, and what is to be looked at. The caller holds the
    lock. ``decimal`` ("comma", "point") says how numbers in texts are written where they alone do not show it.
    """
    came_from: _Written = rows.attrs.get("written", _Written())
    rows, unclear = plans.read_numbers(rows.reset_index(drop=True), decimal, {}, "", _NUMBERS)
    texts = pd.DataFrame(
        {name: rows[name].map(plans.cell_text) if name in rows else "" for name in COLUMNS}, index=rows.index
    )
    texts["source_row"] = rows["source_row"].to_numpy() if "source_row" in rows else range(1, len(rows) + 1)
    texts["file"] = rows["file"].to_numpy() if "file" in rows else ""
    texts["by"] = texts["by"].where(texts["by"] != "", by)
    texts["at"] = texts["at"].where(texts["at"] != "", at)
    keys = book.resolved(texts["unit"])[0]
    texts["unit"] = texts["unit"].map(lambda text: keys.get(text, text)).astype("str")
    held = read_external(folder, book)
    own = _as_in_file([*unclear, *check_external(texts, book), *_untimely(texts, held, book)], came_from)
    rows_told = {problem.row for problem in came_from.problems if problem.sheet}  # such a cell was read as empty
    told = {(problem.row, problem.column) for problem in came_from.problems}
    own = [p for p in own if (p.row, p.column) not in told and (p.value or p.row not in rows_told)]
    problems = [*came_from.problems, *own]
    DataError.raise_for(tables.limited(problems))
    compared = texts.merge(values_at(held), on=["unit", "index"], how="left", suffixes=("", "_was"))
    same = pd.Series(True, index=compared.index)
    for name in _NUMBERS:
        now_told, was = _numbers(compared[name]), compared[f"{name}_was"]
        same &= (now_told == was) | (now_told.isna() & was.isna())
    fresh = texts[~same.to_numpy()]
    if len(fresh):
        ledger.add_typed(folder / EXTERNAL, fresh, COLUMNS, _OPTIONAL)
    return len(fresh), len(texts) - len(fresh), _as_in_file(unlikely(fresh, book), came_from)


@dataclass(frozen=True)
class _Written:
    """The heads and cells of the file that values came from, as written: by column; by row and column; and what is
    wrong with single cells."""

    heads: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[int | None, Mapping[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def _as_in_file(problems: Iterable[Problem], came_from: _Written) -> list[Problem]:
    """Problems with the heads and the cells of the file that the values came from, where they came from one."""
    return [
        problem.at(
            column=came_from.heads.get(problem.column, problem.column),
            value=came_from.cells.get(problem.row, {}).get(problem.column, problem.value),
        )
        for problem in problems
    ]


def _numbers(texts: pd.Series) -> pd.Series:
    """Numbers in the ledger's spelling, by the grammar that checked them; NaN for an empty cell."""
    return texts.map(lambda text: tables.as_number(text, ".") if text else math.nan).astype("float64")


def _untimely(texts: pd.DataFrame, held: pd.DataFrame, book: plans.Rulebook) -> Iterator[Problem]:
    """Values dated in the future, and corrections dated before the value that they correct: these would never hold."""
    limit = pd.Timestamp(plans.now()) + pd.Timedelta(days=1)  # clocks of two offices differ, not by days
    latest = held.groupby(["unit", "index"])["at"].max()
    for line in _lines(texts):
        moment = plans.parse_time(line["at"])
        before = latest.get((line["unit"], line["index"]), pd.NaT)
        if moment is None:
            continue
        if pd.Timestamp(moment) > limit and not book.plan.simulated:
            yield _located(line, "at", Message("the time lies in the future"))
        elif pd.notna(before) and pd.Timestamp(moment) < before:
            when = {"when": before.isoformat()}
            yield _located(line, "at", Message("earlier than the value that holds ({when}): it would never hold", when))
