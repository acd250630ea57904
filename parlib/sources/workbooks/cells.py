"""The cells of a table on a sheet, each with its place; what a cell cannot be is said in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from parlib.errors import Problem
from parlib.tables import column_letter, encoding_problem
from parlib.words import Bilingual, Message, Words, fold

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")


@dataclass(frozen=True)
class Row:
    """A row of a table: its number on the sheet and the value of each column, by key; empty cells are left out.

    ``raw`` has texts with their outer blanks.
    """

    number: int
    cells: dict[str, object]
    raw: dict[str, str] = field(default_factory=dict)


@dataclass
class Table:
    """The rows of a table, the heading of each column, and what is wrong with the table as a whole."""

    file: str
    sheet: str
    headings: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, problem: Problem, row: Row | None = None, column: str = "") -> Problem:
        """``problem`` at its place: file, sheet, row, column and the value found there."""
        value = row.cells.get(column) if row is not None else None
        located = problem.at(file=self.file, sheet=self.sheet, column=self.headings.get(column, column))
        if row is not None:
            located = located.at(row=row.number, node=located.node or str(row.cells.get("code", "")))
        return located.at(value=value if located.value is None else located.value)

    def note(self, problem: Problem, row: Row | None = None, column: str = "") -> None:
        """Note ``problem`` at its place."""
        self.problems.append(self.problem(problem, row, column))

    def bad(self, message: Words, row: Row | None = None, column: str = "", value: object = None) -> None:
        """Note what is wrong with the cell of ``column`` in ``row``."""
        self.note(Problem(message, value=value), row, column)


def plain_value(value: object) -> object:
    """A cell's value: text in NFC with its escapes undone, without outer blanks; ``None`` when nothing is left."""
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", unescaped(value)).replace("\r\n", "\n").strip(" \t\r\n\u00a0\u200b\ufeff")
        return text or None
    return value


def unescaped(text: str) -> str:
    """``text`` with the control characters that the file format escapes ("_x000D_" is a carriage return).

    Other escapes are undone by openpyxl, so that what looks like one here was typed.
    """
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def forbidden(cell: Cell) -> Problem | None:
    """Why the content of a cell cannot be taken as it stands: a formula, an error, a day or a time."""
    value = cell.value
    if cell.data_type == "f":
        shown = value if isinstance(value, str) else getattr(value, "text", None) or str(value)
        return Problem("the cell holds a formula; enter its value", value=shown)
    if cell.data_type == "e":
        return Problem("the cell holds the error {value}; enter it again", value=value)
    if isinstance(value, (datetime, date, time, timedelta)):
        return Problem(
            "Excel turned it into a day or a time; format the cell as number or text and type it again",
            value=value.isoformat() if not isinstance(value, timedelta) else str(value),
        )
    if isinstance(value, bool):
        return Problem("the cell holds TRUE or FALSE", value=value)
    return None


def shown_as_percent(cell: Cell) -> bool:
    """Whether a cell holds a number that Excel shows a hundred times larger: 0.5 as 50%."""
    pattern = re.sub(r'"[^"]*"|\\.', "", cell.number_format or "")
    return isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool) and "%" in pattern


def percent_problem(cell: Cell) -> Problem | None:
    """Why a number cannot be taken that is shown as a percentage where no percentage is asked for, or no one knows."""
    if not shown_as_percent(cell):
        return None
    shown = f"{round(float(cell.value) * 100, 9):g}"
    return Problem(
        "the cell is formatted as a percentage (it shows {shown}%); format it as a number and type it again",
        value=cell.value,
        shown=Bilingual(shown.replace(".", ","), shown),
    )


def doubtful_cells(sheet: Worksheet, table: Table) -> Iterator[Problem]:
    """What is read of a table and should be looked at: hidden rows and columns, texts in an old encoding."""
    for row in table.rows:
        for key, value in row.cells.items():
            if isinstance(value, str) and (old := encoding_problem(value)):
                yield table.problem(old, row, key)
        if sheet.row_dimensions[row.number].hidden:
            yield table.problem(Problem("a hidden row; it is read"), row)
    for dimension in sheet.column_dimensions.values():
        for column in range(dimension.min, dimension.max + 1) if dimension.hidden and dimension.min else ():
            yield Problem(
                "a hidden column; it is read", file=table.file, sheet=table.sheet, column=column_letter(column)
            )


def rows_of(sheet: Worksheet, first: int = 1, last: int | None = None, blank: bool = False) -> Iterator[list[Cell]]:
    """The cells of each row that has any, from row ``first`` to ``last``; ``blank``: also those that hold no value.

    What a sheet spans does not matter: one stray cell in its last row or column costs no more than any other.
    """
    rows: dict[int, list[Cell]] = {}
    for (row, _), cell in sorted(sheet._cells.items()):
        if row >= first and (last is None or row <= last) and (blank or cell.value is not None):
            rows.setdefault(row, []).append(cell)
    yield from rows.values()


def read_table(sheet: Worksheet, file: str, columns: Sequence[tuple[str, str]], needed: Sequence[str]) -> Table:
    """The table on ``sheet`` whose head row names ``columns`` (key and heading), in any order.

    Blank rows are skipped. Formulas, errors, days, merged cells, unknown and missing columns are noted as problems.
    """
    table = Table(file, sheet.title, dict(columns))
    head, places = _head(sheet, columns)
    lacking = [table.headings[key] for key in needed if key not in places.values()]
    if lacking:
        listed, known = ", ".join(f"“{name}”" for name in lacking), ", ".join(table.headings.values())
        table.bad(Message("columns missing: {listed}; the columns are {known}", {"listed": listed, "known": known}))
        return table
    for merged in sheet.merged_cells.ranges:
        if merged.max_row >= head:
            table.problems.append(
                Problem(
                    "merged cells; unmerge them and fill each cell",
                    file=file,
                    sheet=sheet.title,
                    row=merged.min_row,
                    column=str(merged.coord),
                )
            )
    for cells in rows_of(sheet, head + 1):
        row = _row(table, cells, places)
        if row is not None:
            table.rows.append(row)
    return table


def _head(sheet: Worksheet, columns: Sequence[tuple[str, str]]) -> tuple[int, dict[int, str]]:
    """The number of the head row (the one of the first twenty that names most columns) and what each column holds."""
    known = {fold(name): key for key, heading in columns for name in (heading, key)}
    best: tuple[int, dict[int, str]] = (1, {})
    for cells in rows_of(sheet, last=20):
        places: dict[int, str] = {}
        for cell in cells:
            key = known.get(fold(str(cell.value))) if isinstance(cell.value, str) else None
            if key and key not in places.values():
                places[cell.column] = key
        if len(places) > len(best[1]):
            best = (cells[0].row, places)
    return best


def _row(table: Table, cells: Sequence[Cell], places: dict[int, str]) -> Row | None:
    if all(plain_value(cell.value) is None for cell in cells):
        return None
    row = Row(cells[0].row, {})
    for cell in cells:
        if cell.value is None:
            continue
        key = places.get(cell.column)
        if key is None and plain_value(cell.value) is None:
            continue
        if key is None:
            table.problems.append(
                Problem(
                    "a cell outside the columns of the table; remove it or move it",
                    file=table.file,
                    sheet=table.sheet,
                    row=row.number,
                    column=column_letter(cell.column),
                    value=cell.value,
                )
            )
            continue
        value = plain_value(cell.value)
        problem = forbidden(cell) or percent_problem(cell)
        if problem is not None:
            table.note(problem, row, key)
        else:
            if value is not None:
                row.cells[key] = value
            if isinstance(cell.value, str):
                row.raw[key] = unicodedata.normalize("NFC", unescaped(cell.value)).replace("\r\n", "\n")
    return row
