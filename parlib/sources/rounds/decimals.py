"""The decimal mark of a file that declares none: "0,5" and "0.5" are both read, a file that mixes them is refused."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd

from parlib.errors import Problem

_MARKS = {"comma": ",", "point": "."}
_NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*")
_PLAIN = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?\d+([.,])\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # 1.234: one thousand and more, or one and a bit?
COLUMNS = ("answer", "points")


def settle(
    rows: pd.DataFrame, declared: str, headings: dict[str, str], file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """``rows`` with the numbers of ``answer`` and ``points`` written with a point, and those that mean two things.

    ``declared`` is "comma", "point", or "" where the file itself must show it.
    """
    marks = Counter(
        match[1]
        for column in COLUMNS
        for cell, n in rows[column].value_counts().items()
        for number in _numbers(str(cell))
        if (match := _DECIMAL.fullmatch(number))
        for _ in range(int(n))
    )
    mark = _MARKS.get(declared) or (max(".,", key=lambda sign: marks[sign]) if marks else ".")
    problems = []
    settled = rows.copy()
    for column in COLUMNS:
        verdict = {cell: _verdict(cell, mark, bool(declared)) for cell in rows[column].unique()}
        for place, cell in rows.loc[rows[column].map(lambda cell, v=verdict: v[cell] is not None), column].items():
            stage = rows.loc[place, "stage"]
            problem = verdict[cell]
            assert problem is not None
            problems.append(
                problem.at(
                    file=file,
                    row=int(rows.loc[place, "source_row"]),
                    column=headings.get(f"{stage}.{column}") or headings.get(column, column),
                    value=cell,
                )
            )
        settled[column] = rows[column].map(_with_point)
    return settled, problems


def _numbers(cell: str) -> list[str]:
    """The numbers in a cell: one, or two where a result stands against a target ("105/100")."""
    parts = [part.strip().removesuffix("%").strip() for part in cell.split("/")]
    return parts if len(parts) <= 2 and all(_NUMBER.fullmatch(part) for part in parts) else []


def _verdict(cell: str, mark: str, declared: bool) -> Problem | None:
    """What is unclear about the numbers in a cell; ``None`` when nothing is."""
    for number in _numbers(cell):
        if _PLAIN.fullmatch(number):
            continue
        match = _DECIMAL.fullmatch(number)
        if match is None:
            return Problem(
                vi="số có nhiều dấu chấm, dấu phẩy; bỏ dấu phân cách hàng nghìn",
                en="the number has several points or commas; leave out the thousands separators",
            )
        if match[1] != mark:
            return Problem(
                vi=f"tệp dùng lẫn dấu thập phân: số khác viết dấu '{mark}', số này viết dấu '{match[1]}'",
                en=f"decimal marks are mixed: other numbers have '{mark}', this one has '{match[1]}'",
            )
        if _THOUSANDS.fullmatch(number) and not declared:
            return Problem(
                vi=f"không rõ '{match[1]}' là dấu thập phân hay dấu hàng nghìn; "
                "bỏ dấu hàng nghìn, hoặc khai báo dấu thập phân của tệp (--decimal)",
                en=f"'{match[1]}' may be a decimal mark or a thousands separator; "
                "leave the latter out, or declare the decimal mark of the file (--decimal)",
            )
    return None


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if _numbers(cell) else cell
