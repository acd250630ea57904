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

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from parlib.errors import DataError, Problem
from parlib.sources.excel import plain_text
from parlib.sources.rounds import ledger
from parlib.sources.rounds.plan import pydantic_problems, read_mapping
from parlib.sources.rounds.texts import FIELDS, NUMBERS, STAGES, read_numbers
from parlib.tables import Delimited, head_row, headless, ragged, read_delimited, torn
from parlib.words import Joined, Message, fold, near

_VALUES = ("answer", "points", "not_applicable", "evidence", "remark")

_HEADS = {  # usual heads of columns, folded
    "unit": "unit|don vi|ma don vi|ten don vi|khoa don vi|tinh|tinh thanh pho|dia phuong|bo|bo nganh|co quan",
    "code": "code|ma|ma tieu chi|ma tc|tieu chi|tieu chi thanh phan|node|criterion",
    "stage": "stage|giai doan|buoc|khau",
    "answer": "answer|tra loi|cau tra loi|ket qua|gia tri|ket qua thuc hien",
    "points": "points|diem|so diem|diem so",
    "not_applicable": "not applicable|khong ap dung|kad",
    "evidence": "evidence|tai lieu kiem chung|tlkc|minh chung|kiem chung",
    "remark": "remark|ghi chu|ly do|nhan xet|y kien|giai trinh|ly do dieu chinh",
    "by": "by|nguoi nhap|nguoi ghi|nguoi cham|nguoi thuc hien",
    "at": "at|thoi diem|ngay|ngay nhap|ngay gio|thoi gian",
}
ORDINAL = ("stt", "tt", "so thu tu", "so tt")  # running numbers: the one column that says nothing
_FIELD_OF = {head: field for field, heads in _HEADS.items() for head in heads.split("|")}

_STAGE_WORDS = {
    "self": "self|tu danh gia|tu cham|tu cham diem|tdg|self assessment",
    "appraisal": "appraisal|tham dinh|hoi dong tham dinh",
    "appeal": "appeal|giai trinh|de nghi",
    "conclusion": "conclusion|ket luan|sau giai trinh|ket luan sau giai trinh|phuc tra",
}
_STAGE_OF = {word: stage for stage, words in _STAGE_WORDS.items() for word in words.split("|")}


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


def read_column_mapping(path: Path) -> ColumnMapping:
    """The mapping in a YAML file, or a ``DataError`` with all that is wrong in it."""
    content = read_mapping(path)
    for name in ("columns", "constants"):  # a day is written without quotes
        if isinstance(written := content.get(name), dict):
            content[name] = {str(key): str(value) for key, value in written.items()}
    try:
        mapping = ColumnMapping.model_validate(content)
    except ValidationError as error:
        raise DataError(list(pydantic_problems(error, ColumnMapping, path.name))) from None
    problems = [
        Problem(
            "no such field{near}; the fields are {fields}",
            file=path.name,
            column=f"columns.{theirs}",
            value=target,
            near=near(target, FIELDS),
            fields=", ".join(FIELDS),
        )
        for theirs, target in mapping.columns.items()
        if not _is_target(target)
    ]
    if problems:
        raise DataError(problems)
    return mapping


def _is_target(target: str) -> bool:
    stage, _, field = target.rpartition(".")
    return field in FIELDS if not stage else stage in STAGES and field in (*_VALUES, "by", "at")


def read_answers(path: Path, mapping: ColumnMapping | None = None, *, stage: str = "", by: str = "") -> Incoming:
    """The answers in a CSV file. ``stage`` and ``by`` hold for rows that do not say it themselves.

    What is wrong with the form of the file stands in ``problems`` of the result, and is told with what is wrong with
    its content when it is added to a round. Raises ``DataError`` where it cannot be read at all.
    """
    mapping = mapping or ColumnMapping()
    table = read_delimited(path, mapping.separator)
    head = head_row(table, {fold(head) for head in mapping.columns} or set(_FIELD_OF))
    fields, problems = _fields(table, head, mapping, stage, path.name)
    problems = [*table.problems, *problems, *ragged(table, head, path.name), *_torn(table, head, fields, path.name)]
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
    settled, unclear = read_numbers(rows, mapping.decimal, headings, path.name)
    settled.attrs = {"cells": _written(rows, settled, headings)}
    return Incoming(settled, path.name, ledger.sha256(path), headings, (*problems, *unclear))


def _written(rows: pd.DataFrame, settled: pd.DataFrame, headings: dict[str, str]) -> dict[tuple[int, str], str]:
    """The numbers that were written otherwise than a ledger does ("0,5"), by row and head of the file."""
    found = {}
    for name in NUMBERS:
        changed = rows[rows[name] != settled[name]]
        for row, stage, text in zip(changed["source_row"], changed["stage"], changed[name], strict=True):
            found[int(row), headings.get(f"{stage}.{name}") or headings.get(name, name)] = str(text)
    return found


def _fields(
    table: Delimited, top: int, mapping: ColumnMapping, stage: str, file: str
) -> tuple[dict[str, int], list[Problem]]:
    """The place of the column of each field ("unit", or "self.points"), and what is wrong with the heads."""
    heads = table.rows[top]
    named = {fold(theirs): target for theirs, target in mapping.columns.items()}
    ignored = {fold(head) for head in mapping.ignore}
    fields: dict[str, int] = {}
    problems: list[Problem] = []
    for place, head in enumerate(heads):
        target = named.get(fold(head)) or ("" if named else _FIELD_OF.get(fold(head), ""))
        if not head:
            problems += headless(table, top, place, file)
        if not head or fold(head) in ignored or (fold(head) in ORDINAL and not target):
            continue
        if not target:
            problems.append(_unknown_column(head, file))
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


def _torn(table: Delimited, head: int, fields: dict[str, int], file: str) -> list[Problem]:
    """Answers and points cut in two at a decimal comma, the half of which would be evidence or a remark."""

    def columns(*names: str) -> list[int]:
        return [place for target, place in fields.items() if target.rpartition(".")[2] in names]

    return torn(table, head, columns("answer", "points"), columns("evidence", "remark", "by"), file)


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
        near=near(head, _FIELD_OF),
    )


def _by_stage(body: pd.DataFrame, fields: dict[str, int], mapping: ColumnMapping) -> pd.DataFrame:
    """One row for each answer: a row that holds several stages becomes several; blank ones fall away."""
    shared = {target: place for target, place in fields.items() if "." not in target}
    parts = []
    for stage in sorted({target.partition(".")[0] for target in fields if "." in target}, key=STAGES.index) or [""]:
        own = {target.partition(".")[2]: place for target, place in fields.items() if target.startswith(f"{stage}.")}
        part = pd.DataFrame({name: body[place] for name, place in {**shared, **own}.items()})
        part["source_row"] = body["source_row"]
        if stage:
            part["stage"] = stage
        parts.append(part)
    rows = pd.concat(parts, ignore_index=True).reindex(columns=[*FIELDS, "source_row"])
    rows = rows.astype(dict.fromkeys(FIELDS, "str")).fillna("")
    for name, words in mapping.values.items():
        if name in rows:
            translated = {fold(theirs): ours for theirs, ours in words.items()}
            rows[name] = rows[name].map(lambda cell, known=translated: known.get(fold(cell), cell))
    rows["stage"] = rows["stage"].map(stage_named)
    return rows[(rows[list(_VALUES)] != "").any(axis=1)]


def stage_named(word: str) -> str:
    """The stage of the ledger that a word of people means; the word itself where it is none."""
    return _STAGE_OF.get(fold(word), word)


def _constants(rows: pd.DataFrame, mapping: ColumnMapping, stage: str, by: str) -> pd.DataFrame:
    for name, value in {"stage": stage, "by": by, **mapping.constants}.items():
        if value:
            rows[name] = rows[name].where(rows[name] != "", str(value))
    return rows.sort_values("source_row", kind="stable").reset_index(drop=True)
