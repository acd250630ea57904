"""The decimal mark of a table that declares none: "0,5" and "0.5" are both read, a table that mixes them is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from parlib.errors import Problem
from parlib.scoring.answers import MARKS, Numeral, read_numeral, shortened, two_meanings
from parlib.words import Message

COLUMNS = ("answer", "points")


def settle(
    rows: pd.DataFrame, declared: str, headings: Mapping[str, str], file: str, columns: tuple[str, ...] = COLUMNS
) -> tuple[pd.DataFrame, list[Problem]]:
    """``rows`` with the numbers in the texts of ``columns`` written with a point, and those that mean two things.

    ``declared`` is "comma", "point", or "" where the table itself must show it. Numbers that a program put there as
    numbers stay as they are. A row is named by its ``source_row`` where it has one, else by its place.
    """
    present = [name for name in columns if name in rows]
    texts = {name: rows[name][[isinstance(cell, str) for cell in rows[name]]] for name in present}
    marks = Counter[str]()
    for column in texts.values():
        for cell, n in column.value_counts().items():
            for numeral in _numerals(str(cell)):
                if isinstance(numeral, Numeral) and numeral.mark:
                    marks[numeral.mark] += int(n)
    mark = MARKS.get(declared) or (max(".,", key=lambda sign: marks[sign]) if marks else ".")
    problems = []
    settled = rows.copy()
    stages = rows["stage"].astype("str").tolist() if "stage" in rows else [""] * len(rows)
    numbers = rows["source_row"].tolist() if "source_row" in rows else list(range(1, len(rows) + 1))
    for name, column in texts.items():
        verdicts = {cell: _verdict(cell, mark, bool(declared)) for cell in column.unique()}
        spelt = {cell: _with_point(cell) for cell in verdicts}
        cells = rows[name].tolist()
        for place, cell in enumerate(cells):
            problem = verdicts.get(cell) if isinstance(cell, str) else None
            if problem is not None:
                heading = headings.get(f"{stages[place]}.{name}") or headings.get(name, name)
                problems.append(problem.at(file=file, row=int(numbers[place]), column=heading, value=cell))
        if len(column):
            settled[name] = [spelt[cell] if isinstance(cell, str) else cell for cell in cells]
    return settled, problems


def _numerals(cell: str) -> list[Numeral | Problem]:
    """The numbers in a cell: one, or two where a result stands against a target ("105/100"); none in a text."""
    parts = [part.strip() for part in cell.split("/")]
    if len(parts) > 2 or not all(any(sign.isdecimal() for sign in part) for part in parts):
        return []
    if any(sign.isalpha() for sign in cell) and not any(map(shortened, parts)):
        return []
    return [read_numeral(part, percent=True) for part in parts]


def _verdict(cell: str, mark: str, declared: bool) -> Problem | None:
    """What is unclear about the numbers in a cell; ``None`` when nothing is."""
    for numeral in _numerals(cell):
        if isinstance(numeral, Problem):
            return numeral
        if numeral.mark and numeral.mark != mark:
            return Problem(
                "decimal marks are mixed: other numbers have '{mark}', this one has '{other}'",
                mark=mark,
                other=numeral.mark,
            )
        if numeral.unclear and not declared:
            problem = two_meanings(cell, numeral)
            return problem.at(
                message=Message(
                    "{what}, or declare the decimal mark of the file (--decimal)", {"what": problem.message}
                )
            )
    return None


def _with_point(cell: str) -> str:
    numerals = _numerals(cell)
    if not numerals or any(isinstance(numeral, Problem) for numeral in numerals):
        return cell
    percent = "%" if cell.rstrip().endswith("%") and len(numerals) == 1 else ""
    return "/".join(numeral.text for numeral in numerals if isinstance(numeral, Numeral)) + percent
