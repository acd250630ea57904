"""What people write in an answer cell, read as the answer of a rule or refused with the reason.

An answer is kept in the ledger as plain text (``answer_text``): the id of an option; a number with a decimal point
("85.5"); for a target "result/target" ("105/100"). People may also write the label of an option, a decimal comma or
"95%". ``parse_answer`` reads one cell as people write it, and refuses what could mean two things ("1.234");
``read_answers`` reads a column of the ledger, where "1.234" is the number as stored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from numbers import Real

import numpy as np

from parlib.errors import Problem
from parlib.framework.ladders import DECIMALS, Array, number
from parlib.framework.numerals import as_number
from parlib.framework.rule_kinds import Choice, Given, Kind, Target
from parlib.framework.spelling import fold, nearest_text

Answer = str | float | tuple[float, float]  # the id of an option; a number; a result and its target

_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?\Z", re.ASCII)  # as the ledger holds numbers
_FORMULA = ("=", "@", "+=", "-=")
_DAYS = (36526, 73050)  # the numbers that Excel keeps for days of 2000-2099
_SPARED = ("", "x", "n a", "na", "khong", "khong ap dung", "khong co")  # typed where nothing applies, folded: "-" is ""
_OVER = 1e-4  # published maxima of given points are printed with four decimals (3.3333 for 10/3)


def is_unknown(cell: object) -> bool:
    """Whether a cell holds no answer: nothing, blanks, or a missing value."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return True
    return cell != cell  # NaN, NaT and NA differ from themselves or are neither


def parse_answer(rule: Kind, cell: object, maximum: float | None = None) -> Answer | Problem | None:
    """The answer that a cell holds, ``None`` when it holds none, or the ``Problem`` with it."""
    if _missing(cell):
        return None
    if isinstance(cell, str) and cell.strip().startswith(_FORMULA):
        return Problem(
            vi="không nhận công thức; hãy nhập giá trị", en="formulas are refused; enter a value", value=cell
        )
    if isinstance(rule, Choice):
        return _option(rule, cell)
    if isinstance(rule, Target):
        return _ratio(rule, cell)
    value = _number(cell, percent=getattr(rule, "unit", "") == "%")
    if isinstance(value, Problem):
        return _with_expected(value, rule, maximum)
    if not bool(fits(rule, np.array([value]), maximum)[0]):
        return _off_range(rule, cell, maximum)
    return value


def _missing(cell: object) -> bool:
    try:
        return bool(is_unknown(cell))
    except TypeError:  # pandas' NA has no truth value
        return True


# --- numbers ----------------------------------------------------------------------------------


def _number(cell: object, percent: bool) -> float | Problem:
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, str | Real | Decimal):
        return Problem(vi="không phải là số", en="not a number", value=cell)
    if not isinstance(cell, str):
        value = float(cell)
        return value if math.isfinite(value) else Problem(vi="không phải là số", en="not a number", value=cell)
    return as_number(cell, ",", percent=percent)


def expected(rule: Kind, maximum: float | None, language: str) -> str:
    """What numbers the rule expects: "một số từ 0 đến 100"."""
    low, high, whole = rule.limits(maximum)
    word = {
        ("vi", True): "một số nguyên",
        ("vi", False): "một số",
        ("en", True): "a whole number",
        ("en", False): "a number",
    }[language, whole]
    if low is not None and high is not None:
        between = ("từ", "đến") if language == "vi" else ("from", "to")
        return f"{word} {between[0]} {number(low, language)} {between[1]} {number(high, language)}"
    if low is not None:
        return f"{word} không âm" if language == "vi" else f"{word} not below 0"
    return word


def _with_expected(problem: Problem, rule: Kind, maximum: float | None) -> Problem:
    spared = isinstance(problem.value, str) and fold(problem.value) in _SPARED
    return problem.at(
        vi=f"{problem.vi}; cần {expected(rule, maximum, 'vi')}"
        + ("; không áp dụng thì ghi ở cột riêng" if spared else ""),
        en=f"{problem.en}; expected {expected(rule, maximum, 'en')}"
        + ("; what does not apply has a column of its own" if spared else ""),
    )


def _off_range(rule: Kind, cell: object, maximum: float | None) -> Problem:
    return Problem(
        vi=f"ngoài khoảng cho phép; cần {expected(rule, maximum, 'vi')}",
        en=f"out of range; expected {expected(rule, maximum, 'en')}",
        value=cell,
    )


def fits(rule: Kind, values: Array, maximum: float | None = None) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which encoded answers the rule allows; an unknown one is allowed."""
    low, high, whole = rule.limits(maximum)
    allowed = np.isnan(values) | np.isfinite(values)
    if low is not None:
        allowed &= ~(values < low)
    if high is not None:
        allowed &= ~(values > high + (_OVER if isinstance(rule, Given) else 0.0))
    if whole:
        allowed &= np.isnan(values) | (values == np.floor(values))
    return allowed


NO_EVIDENCE = ("có kết quả nhưng thiếu tài liệu kiểm chứng", "an answer without evidence")
NO_REASON = ("không áp dụng nhưng chưa nêu căn cứ", "does not apply, but no reason is given")


def likely_slip(rule: Kind, answer: Answer | Problem | None, maximum: float | None) -> Problem | None:
    """What should be looked at in an answer that is allowed: a fraction where percent is asked for, and a count that is
    the number that Excel keeps for a day."""
    if not isinstance(answer, float):
        return None
    if getattr(rule, "unit", "") == "%" and 0 < answer < 1:
        read, meant = number(answer, "vi"), number(round(answer * 100, 7), "vi")
        return Problem(
            vi=f"đọc là {read}%; nếu là {meant}% hãy sửa lại",
            en=f"read as {answer:g}%; mend it if it should be {answer * 100:g}%",
            value=answer,
        )
    if rule.limits(maximum).whole and _DAYS[0] <= answer <= _DAYS[1]:
        return Problem(
            vi="số lớn bất thường, có thể là ngày tháng bị đổi thành số",
            en="an unusual count: it may be a day turned into a number",
            value=answer,
        )
    return None


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
    labels = list(rule.label.values())
    listed = "; ".join(f"{label} ({key})" for key, label in rule.label.items())
    return Problem(
        vi=f"không có phương án này; các phương án: {listed}{nearest_text(text, labels, 'vi')}",
        en=f"no such option; the options are: {listed}{nearest_text(text, labels, 'en')}",
        value=cell,
    )


def _ratio(rule: Target, cell: object) -> tuple[float, float] | Problem:
    parts = cell if isinstance(cell, tuple | list) else str(cell).split("/") if isinstance(cell, str) else (cell,)
    if len(parts) != 2:
        return Problem(
            vi=f"cần kết quả/mục tiêu, như 105/100 ({rule.input} / {rule.target_input})",
            en=f"expected result/target, such as 105/100 ({rule.input} / {rule.target_input})",
            value=cell,
        )
    result, target = (_number(part, percent=False) for part in parts)
    if isinstance(result, Problem):
        return result.at(vi=f"kết quả {result.vi}", en=f"the result: {result.en}", value=cell)
    if isinstance(target, Problem):
        return target.at(vi=f"mục tiêu {target.vi}", en=f"the target: {target.en}", value=cell)
    if not target > 0:
        return Problem(vi="mục tiêu phải lớn hơn 0", en="the target must be above 0", value=cell)
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


def _stored_ratio(cell: object) -> tuple[float, float] | None:
    """A result and its target as the ledger keeps them ("1.234/1000"), or ``None`` for any other text."""
    parts = cell.split("/") if isinstance(cell, str) else []
    if len(parts) != 2 or not all(_PLAIN.match(part) for part in parts):
        return None
    result, target = map(float, parts)
    return (result, target) if target > 0 else None


def read_answers(rule: Kind, cells: Iterable[object], maximum: float | None = None) -> tuple[Array, dict[int, Problem]]:
    """A column of answers as encoded numbers, and the problems by place in the column (NaN there).

    Numbers as the ledger keeps them are read as stored; any other text as ``parse_answer`` reads it.
    """
    listed = list(cells)
    values = np.full(len(listed), np.nan)
    problems: dict[int, Problem] = {}
    places = {key: float(place) for place, key in enumerate(rule.options)} if isinstance(rule, Choice) else {}
    plain = not isinstance(rule, Choice | Target)
    for place, cell in enumerate(listed):
        if plain and isinstance(cell, float):
            values[place] = cell
        elif plain and isinstance(cell, str) and _PLAIN.match(cell):
            values[place] = float(cell)
        elif isinstance(cell, str) and cell in places:
            values[place] = places[cell]
        elif isinstance(rule, Target) and (ratio := _stored_ratio(cell)) is not None:
            values[place] = encode(rule, ratio)
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
