"""Cells as the ledger writes them: text in NFC, plain numbers, times with a zone; and what people's words mean."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pandas as pd

from parlib.errors import Problem
from parlib.numerals import MARKS, Numeral, number, read_numeral, shortened, two_meanings
from parlib.scoring.answers import answer_text, is_unknown
from parlib.words import Message, fold, usual_letters

VIET_NAM = timezone(timedelta(hours=7))
FIELDS = ("unit", "code", "stage", "answer", "points", "not_applicable", "evidence", "remark", "by", "at")
STAGES = ("self", "appraisal", "appeal", "conclusion")
DECIDING = ("appraisal", "conclusion")  # what the council decides; a unit states and asks at the others

_TRUE = {"true", "1", "x", "co", "yes", "khong ap dung"}
_FALSE = {"", "false", "0", "khong", "no"}
_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ T](.+))?", re.ASCII)


def cell_text(value: object) -> str:
    """A cell of a frame as the ledger writes it."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, bool | np.bool_):
        return "true" if value else ""
    if value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return answer_text((float(value[0]), float(value[1])))
    if is_unknown(value):
        return ""
    if isinstance(value, int | float | np.number):
        return number(float(value), "en")
    return str(value)


def as_texts(rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` with every field of the ledger as text (missing ones empty), and ``source_row`` and ``sheet``."""
    texts = pd.DataFrame(index=pd.RangeIndex(len(rows)))
    for name in FIELDS:
        column = rows[name] if name in rows else pd.Series("", index=rows.index)
        codes, different = pd.factorize(column.astype("object"))  # each text is looked at once
        spelt = np.array([*map(cell_text, different), ""], dtype=object)  # the last one is for what is missing: -1
        texts[name] = pd.array(spelt[codes], dtype="str")
    default = pd.Series(np.arange(1, len(rows) + 1), index=rows.index)
    texts["source_row"] = rows.get("source_row", default).to_numpy()
    texts["sheet"] = rows["sheet"].astype("str").to_numpy() if "sheet" in rows else ""
    texts["code"] = texts["code"].map(usual_letters).str.removesuffix(".")
    return texts


def now() -> datetime:
    """This moment in Viet Nam's time, to the millisecond."""
    moment = datetime.now(VIET_NAM)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def parse_time(text: str) -> datetime | None:
    """A time as people and programs write it; Viet Nam's zone where none is named. ``None`` when it is none."""
    found = _DAY_FIRST.fullmatch(text.strip())
    if found:
        day, month, year, clock = found.groups()
        text = f"{year}-{int(month):02}-{int(day):02}" + (f"T{clock.strip()}" if clock else "")
    if not text.isascii():
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=VIET_NAM)


def times(texts: pd.Series) -> pd.Series:
    """A column of times; NaT where there is none."""
    moments = {text: parse_time(text) for text in pd.unique(texts)}
    column = pd.Series([moments[text] for text in texts], index=texts.index, dtype="object")
    return pd.to_datetime(column, utc=True).astype("datetime64[us, UTC]")


def flag(text: str) -> bool | None:
    """Yes or no as people write it; ``None`` for anything else."""
    word = fold(text)
    return True if word in _TRUE else False if word in _FALSE else None


# --- numbers: "0,5" and "0.5" are both read, a table that mixes them is refused ---------------

NUMBERS = ("answer", "points")


def read_numbers(
    rows: pd.DataFrame, declared: str, headings: Mapping[str, str], file: str, columns: tuple[str, ...] = NUMBERS
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
    read = rows.copy()
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
            read[name] = [spelt[cell] if isinstance(cell, str) else cell for cell in cells]
    return read, problems


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
