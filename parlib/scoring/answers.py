"""Answers as people write them: read to numbers that rules work on, checked, written back."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from numbers import Real

import numpy as np

from parlib.errors import Problem
from parlib.numerals import as_number, number, written
from parlib.scoring.rules import DECIMALS, Array, Choice, Kind, Target
from parlib.words import Message, fold, near

Answer = str | float | tuple[float, float]  # the id of an option; a number; a result and its target

_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?\Z", re.ASCII)  # as the ledger holds numbers
_FORMULA = ("=", "@", "+=", "-=")
_SPARED = ("", "x", "n a", "na", "khong", "khong ap dung", "khong co")  # typed where nothing applies, folded: "-" is ""


def is_unknown(cell: object) -> bool:
    """Whether a cell holds no answer: nothing, blanks, or a missing value."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return True
    try:
        return bool(cell != cell)  # NaN and NaT differ from themselves
    except TypeError:  # pandas' NA has no truth value
        return True


def parse_answer(rule: Kind, cell: object, maximum: float | None = None) -> Answer | Problem | None:
    """The answer that a cell holds, ``None`` when it holds none, or the ``Problem`` with it."""
    if is_unknown(cell):
        return None
    if isinstance(cell, str) and cell.strip().startswith(_FORMULA):
        return Problem("formulas are refused; enter a value", value=cell)
    if isinstance(rule, Choice):
        return _option(rule, cell)
    if isinstance(rule, Target):
        return _ratio(rule, cell)
    value = _number(cell, percent=rule.percent)
    if isinstance(value, Problem):
        places = {"what": value.message, "expected": expected(rule, maximum)}
        if isinstance(cell, str) and fold(cell) in _SPARED:
            return value.at(Message("{what}; expected {expected}; what does not apply has a column of its own", places))
        return value.at(Message("{what}; expected {expected}", places))
    if not bool(fits(rule, np.array([value]), maximum)[0]):
        return _off_range(rule, cell, maximum)
    return value


# --- numbers ----------------------------------------------------------------------------------


def _number(cell: object, percent: bool) -> float | Problem:
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, str | Real | Decimal):
        return Problem("not a number", value=cell)
    if not isinstance(cell, str):
        value = float(cell)
        return value if math.isfinite(value) else Problem("not a number", value=cell)
    return as_number(cell, ",", percent=percent)


def expected(rule: Kind, maximum: float | None) -> Message:
    """What numbers the rule expects: "một số từ 0 đến 100"."""
    low, high, whole, _ = rule.limits(maximum)
    word = Message("a whole number") if whole else Message("a number")
    if low is None:
        return word
    if high is None:
        return Message("{word} not below 0", {"word": word})
    return Message("{word} from {low} to {high}", {"word": word, "low": written(low), "high": written(high)})


def _off_range(rule: Kind, cell: object, maximum: float | None) -> Problem:
    return Problem("out of range; expected {expected}", value=cell, expected=expected(rule, maximum))


def fits(rule: Kind, values: Array, maximum: float | None = None) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which encoded answers the rule allows; an unknown one is allowed."""
    low, high, whole, slack = rule.limits(maximum)
    allowed = np.isfinite(values)
    allowed &= values >= (-np.inf if low is None else low)
    allowed &= values <= (np.inf if high is None else high + slack)
    if whole:
        allowed &= values == np.floor(values)
    return allowed | np.isnan(values)


# --- options and targets ----------------------------------------------------------------------


def _option(rule: Choice, cell: object) -> str | Problem:
    text = cell.strip() if isinstance(cell, str) else str(cell)
    if text in rule.options:
        return text
    for key, label in rule.label.items():
        if label == text:
            return key
    named = [key for key, label in rule.label.items() if fold(text) in (fold(key), fold(label))]
    if len(named) == 1:
        return named[0]
    listed = "; ".join(f"{label} ({key})" for key, label in rule.label.items())
    message = Message("no such option; the options are: {listed}{near}")
    return Problem(message.filled(near=near(text, rule.label.values()), listed=listed), value=cell)


def _ratio(rule: Target, cell: object) -> tuple[float, float] | Problem:
    parts = cell if isinstance(cell, tuple | list) else str(cell).split("/") if isinstance(cell, str) else (cell,)
    if len(parts) != 2:
        fault_message = Message("expected result/target, such as 105/100 ({input} / {target_input})")
        return Problem(fault_message.filled(input=rule.input, target_input=rule.target_input), value=cell)
    result, target = (_number(part, percent=False) for part in parts)
    if isinstance(result, Problem):
        return result.at(message=Message("the result: {what}", {"what": result.message}), value=cell)
    if isinstance(target, Problem):
        return target.at(message=Message("the target: {what}", {"what": target.message}), value=cell, about="target")
    if not target > 0:
        return Problem("the target must be above 0", value=cell, about="target")
    return result, target


# --- the ledger -------------------------------------------------------------------------------


def encode(rule: Kind, answer: Answer | None) -> float:
    """A parsed answer as the number that ``rule.points`` takes; unknown is NaN."""
    if answer is None:
        return math.nan
    if isinstance(rule, Choice):
        return float(list(rule.options).index(str(answer)))
    if isinstance(answer, tuple):
        return round(answer[0] / answer[1], DECIMALS)
    return float(answer)


def answer_text(answer: Answer | None) -> str:
    """A parsed answer as the ledger keeps it; unknown is the empty text."""
    if answer is None:
        return ""
    if isinstance(answer, tuple):
        return "/".join(number(part, "en") for part in answer)
    return answer if isinstance(answer, str) else number(float(answer), "en")


def _stored(rule: Kind, cell: object) -> float | None:
    """The encoded answer of a cell that is as the ledger keeps it ("late", "1.234", "1.234/1000"), or ``None``."""
    if isinstance(rule, Choice):
        return encode(rule, cell) if isinstance(cell, str) and cell in rule.options else None
    if isinstance(cell, float):
        return None if isinstance(rule, Target) else cell
    parts = cell.split("/") if isinstance(cell, str) else []
    if not all(_PLAIN.match(part) for part in parts):
        return None
    match [float(part) for part in parts]:
        case [value] if not isinstance(rule, Target):
            return value
        case [result, target] if isinstance(rule, Target) and target > 0:
            return encode(rule, (result, target))
    return None


def read_answers(rule: Kind, cells: Iterable[object], maximum: float | None = None) -> tuple[Array, dict[int, Problem]]:
    """A column of answers as encoded numbers, and the problems by place in the column (NaN there).

    Numbers as the ledger keeps them are read as stored; any other text as ``parse_answer`` reads it.
    """
    listed = list(cells)
    values = np.full(len(listed), np.nan)
    problems: dict[int, Problem] = {}
    for place, cell in enumerate(listed):
        if (stored := _stored(rule, cell)) is not None:
            values[place] = stored
        else:
            answer = parse_answer(rule, cell, maximum)
            if isinstance(answer, Problem):
                problems[place] = answer
            else:
                values[place] = encode(rule, answer)
    for wrong in np.flatnonzero(~fits(rule, values, maximum)).tolist():
        problems[wrong] = _off_range(rule, listed[wrong], maximum)
        values[wrong] = np.nan
    return values, dict(sorted(problems.items()))
