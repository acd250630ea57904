"""The columns of a survey file, and what may stand in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parlib.errors import Problem
from parlib.words import Message, fold

if TYPE_CHECKING:
    from ibis.expr.datatypes import DataType


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind ("text", "number" or "date"), whether a file must have it, and what it holds."""

    kind: str
    required: bool
    meaning: Message


#: One row of the file is one answer of one respondent to one item.
COLUMNS: Mapping[str, Column] = {
    "respondent": Column("text", True, Message("the respondent, unique within the unit")),
    "unit": Column("text", True, Message("key of the unit assessed")),
    "group": Column("text", True, Message("respondent group")),
    "item": Column("text", True, Message("key of the item")),
    "answer": Column("number", True, Message("code of the answer (1..n)")),
    "stratum": Column("text", False, Message("sampling stratum within the unit")),
    "cluster": Column("text", False, Message("primary sampling unit within the stratum")),
    "weight": Column("number", False, Message("sampling weight, above 0")),
    "date": Column("date", False, Message("day of the answer")),
    "duration": Column("number", False, Message("time taken for the form, in seconds")),
}


def named(name: str, renames: Mapping[str, str]) -> str:
    """The name that a column of a file has in the layout: by ``renames`` (in any spelling), else itself in small
    letters."""
    spelled = {fold(head): column for head, column in renames.items()}
    return renames.get(name, spelled.get(fold(name), name.strip().lower()))


def missing_columns(names: Iterable[str], file: str) -> Iterator[Problem]:
    """A problem for each required column that is not among ``names``, and for each column given twice."""
    found = list(names)
    for name, column in COLUMNS.items():
        if column.required and name not in found:
            yield Problem(
                'the column "{column}" ({what}) is missing; the file has: {found}',
                file=file,
                column=name,
                what=column.meaning,
                found=", ".join(found),
            )
        if found.count(name) > 1:
            yield Problem("the column is given twice", file=file, column=name)


def wrong_types(schema: Mapping[str, DataType], file: str) -> Iterator[Problem]:
    """A problem for each column whose type (an Ibis data type) cannot hold what the layout asks for."""
    for name, kind in schema.items():
        if name not in COLUMNS or kind.is_null() or _fits(COLUMNS[name].kind, kind):
            continue
        if name in ("respondent", "stratum", "cluster") and kind.is_floating():
            continue  # numbers with gaps: pandas keeps whole numbers with gaps as decimals
        yield Problem(
            "the type of the column cannot be used; {what} is needed",
            file=file,
            column=name,
            value=str(kind),
            what=_ALLOWED[COLUMNS[name].kind],
        )


_ALLOWED = {
    "text": Message("text or a whole number"),
    "number": Message("a number in each cell"),
    "date": Message("a date or a timestamp"),
}


def _fits(needed: str, kind: DataType) -> bool:
    if needed == "text":
        return bool(kind.is_string() or kind.is_integer())
    if needed == "number":
        return bool(kind.is_numeric() and not kind.is_boolean())
    return bool(kind.is_date() or kind.is_timestamp())
