"""Answers as people write them: read to numbers that rules work on, checked, written back; the next better ones.

One grammar of numbers serves every door: digits 0-9, a decimal comma or dot, what may mean two things is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Real

import numpy as np

from parlib.errors import Problem
from parlib.scoring.rules import DECIMALS, Array, Choice, Kind, Target, number
from parlib.words import Bilingual, Message, fold, near

MARKS = {"comma": ",", "point": "."}  # what a decimal mark is called where it is declared

_BLANK = "[ \t\u00a0\u2009\u202f]"
_MINUS = "\u2212"
_NUMBER = re.compile(r"([-+]?)(\d+)(?:([.,])(\d+))?([eE][-+]?\d+)?", re.ASCII)
_BLANKS_BETWEEN_THOUSANDS = re.compile(rf"([-+]?[1-9]\d{{0,2}})((?:{_BLANK}\d{{3}})+)((?:[.,]\d+)?)", re.ASCII)
_SEVERAL_MARKS = re.compile(r"[-+]?\d[\d.,]*[.,][\d.,]*[.,][\d.,]*", re.ASCII)
_SHORTENED = re.compile(r"[-+]?\d+(?:[.,]\d+)?[eE][-+]?\d+", re.ASCII)
_DASHES = tuple("\u2010\u2011\u2012\u2013\u2014\u2015")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it was written: its ``text`` with a decimal point, the decimal ``mark`` that it uses ("" = none), and
    whether the mark may be one of thousands instead."""

    text: str
    mark: str = ""
    unclear: bool = False

    @property
    def value(self) -> float:
        """The number, its mark taken as a decimal mark."""
        return float(self.text)


def read_numeral(written: str, *, percent: bool = False, exponent: bool = False) -> Numeral | Problem:
    """The number in a text, or why there is none. ``percent``: a sign of percent may follow; ``exponent``: 1e-5 is one,
    as programs write small numbers."""
    text = written.strip().replace(_MINUS, "-")
    if percent and text.endswith("%"):
        text = text[:-1].rstrip()
    if blanks := _BLANKS_BETWEEN_THOUSANDS.fullmatch(text):
        text = blanks[1] + re.sub(_BLANK, "", blanks[2]) + blanks[3]
        spaced = True
    else:
        spaced = False
    found = _NUMBER.fullmatch(text)
    if found is None or (found[5] and not exponent):
        return _no_number(written, text)
    sign, whole, mark, part, power = found.groups(default="")
    unclear = bool(mark) and not spaced and not power and len(part) == 3 and len(whole) <= 3 and whole[0] != "0"
    return Numeral(f"{sign}{whole}{'.' if mark else ''}{part}{power}", mark, unclear)


def as_number(written: str, declared: str = "", *, percent: bool = False) -> float | Problem:
    """The number in a text that stands alone. ``declared`` is the decimal mark ("," or ".") that is asked for where the
    text was written: with it "1,234" is one and a bit, and "1.234" still may mean two things."""
    numeral = read_numeral(written, percent=percent)
    if isinstance(numeral, Problem):
        return numeral
    if numeral.unclear and numeral.mark != declared:
        return two_meanings(written, numeral)
    return numeral.value


def two_meanings(written: str, numeral: Numeral) -> Problem:
    """Why a number that may have a mark of thousands is refused, and what to write instead."""
    whole, part = numeral.text.split(".")
    return Problem(
        "may mean {whole}{part} or {whole}.{part}: '{other}' may be a decimal mark or a thousands"
        " separator; write {whole}{part} or {whole}.{part}0",
        value=written,
        whole=whole,
        part=part,
        other=numeral.mark,
    )


def shortened(written: str) -> bool:
    """Whether a text is a number as Excel shortens long ones: "8,40123E+11" shows six digits of twelve."""
    return bool(_SHORTENED.fullmatch(written.strip()))


def _no_number(written: str, text: str) -> Problem:
    if any(sign.isdecimal() and not sign.isascii() for sign in text):
        return Problem("cannot be read as a number: the digits are 0-9, not those of another script", value=written)
    hint_vi = hint_en = ""
    if shortened(text):
        hint_vi = ": số bị viết tắt (E), có thể đã mất chữ số; hãy định dạng cột là Number hoặc Text rồi lưu lại"
        hint_en = ": a shortened number (E), which may have lost digits; format the column as number or text and save"
    elif text.startswith(_DASHES):
        hint_vi, hint_en = ": dấu trừ phải là '-'", ": a minus is '-'"
    elif _THOUSANDS.fullmatch(text):
        mark = text[re.search(r"[.,]", text).start()]  # type: ignore[union-attr]
        plain = text.replace(mark, "")
        hint_vi = f": có dấu phân cách hàng nghìn '{mark}'; hãy ghi {plain.replace('.', ',')}"
        hint_en = f": it has thousands separators '{mark}'; write {plain.replace(',', '.')}"
    elif _SEVERAL_MARKS.fullmatch(text):
        hint_vi = ": có nhiều dấu chấm, dấu phẩy; chỉ dùng một dấu thập phân, không dùng dấu phân cách hàng nghìn"
        hint_en = ": it has several points or commas; use one decimal mark and no thousands separators"
    return Problem("cannot be read as a number{hint}", value=written, hint=Bilingual(hint_vi, hint_en))


@dataclass
class Marks:
    """The decimal marks that a file or a column uses, as its numbers pass by: where each stood first, and the
    first number that may mean two things."""

    declared: str = ""  # "," or "."; "" where the file must show it
    first: dict[str, tuple[int, str]] = field(default_factory=dict)  # of each mark: row and text
    sure: set[str] = field(default_factory=set)  # marks that stood where they cannot be of thousands
    unclear: dict[str, tuple[int, str]] = field(default_factory=dict)

    def note(self, numeral: Numeral, row: int, written: str) -> None:
        """A number of the file."""
        if numeral.mark:
            self.first.setdefault(numeral.mark, (row, written))
            if numeral.unclear:
                self.unclear.setdefault(numeral.mark, (row, written))
            else:
                self.sure.add(numeral.mark)

    def problems(self) -> list[Problem]:
        """What the numbers together leave unclear, each with its row: marks that are mixed, or not the declared one;
        "1.234" where no other number shows that the point is a decimal mark."""
        if len(self.first) == 2:
            (comma, one), (point, other) = self.first[","], self.first["."]
            return [
                Problem(
                    "decimal comma (row {comma}: {one}) and dot (row {point}: {other}) are mixed",
                    comma=comma,
                    one=one,
                    point=point,
                    other=other,
                )
            ]
        found = []
        for mark, (row, written) in self.first.items():
            if self.declared and mark != self.declared:
                found.append(
                    Problem("the declared mark is '{declared}'", row=row, value=written, declared=self.declared)
                )
        for mark, (row, written) in self.unclear.items():
            numeral = read_numeral(written)
            if not self.declared and mark not in self.sure and isinstance(numeral, Numeral):
                found.append(two_meanings(written, numeral).at(row=row))
        return found


Answer = str | float | tuple[float, float]  # the id of an option; a number; a result and its target

_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?\Z", re.ASCII)  # as the ledger holds numbers
_FORMULA = ("=", "@", "+=", "-=")
_DAYS = (36526, 73050)  # the numbers that Excel keeps for days of 2000-2099
_SPARED = ("", "x", "n a", "na", "khong", "khong ap dung", "khong co")  # typed where nothing applies, folded: "-" is ""


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
        return Problem("formulas are refused; enter a value", value=cell)
    if isinstance(rule, Choice):
        return _option(rule, cell)
    if isinstance(rule, Target):
        return _ratio(rule, cell)
    value = _number(cell, percent=rule.percent)
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
        return Problem("not a number", value=cell)
    if not isinstance(cell, str):
        value = float(cell)
        return value if math.isfinite(value) else Problem("not a number", value=cell)
    return as_number(cell, ",", percent=percent)


def expected(rule: Kind, maximum: float | None, language: str) -> str:
    """What numbers the rule expects: "một số từ 0 đến 100"."""
    low, high, whole, _ = rule.limits(maximum)
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
        message=Bilingual(
            f"{problem.vi}; cần {expected(rule, maximum, 'vi')}"
            + ("; không áp dụng thì ghi ở cột riêng" if spared else ""),
            f"{problem.en}; expected {expected(rule, maximum, 'en')}"
            + ("; what does not apply has a column of its own" if spared else ""),
        )
    )


def _off_range(rule: Kind, cell: object, maximum: float | None) -> Problem:
    return Problem(
        "out of range; expected {expected}",
        value=cell,
        expected=Bilingual(expected(rule, maximum, "vi"), expected(rule, maximum, "en")),
    )


def fits(rule: Kind, values: Array, maximum: float | None = None) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which encoded answers the rule allows; an unknown one is allowed."""
    low, high, whole, slack = rule.limits(maximum)
    allowed = np.isnan(values) | np.isfinite(values)
    if low is not None:
        allowed &= ~(values < low)
    if high is not None:
        allowed &= ~(values > high + slack)
    if whole:
        allowed &= np.isnan(values) | (values == np.floor(values))
    return allowed


NO_EVIDENCE = Bilingual("có kết quả nhưng thiếu tài liệu kiểm chứng", "an answer without evidence")
NO_REASON = Bilingual("không áp dụng nhưng chưa nêu căn cứ", "does not apply, but no reason is given")


def likely_slip(rule: Kind, answer: Answer | Problem | None, maximum: float | None) -> Problem | None:
    """What should be looked at in an answer that is allowed: a fraction where percent is asked for, and a count that is
    the number that Excel keeps for a day."""
    if not isinstance(answer, float):
        return None
    if rule.percent and 0 < answer < 1:
        read, meant = number(answer, "vi"), number(round(answer * 100, 7), "vi")
        return Problem(
            "read as {read}%; mend it if it should be {meant}%",
            value=answer,
            read=Bilingual(f"{read}", f"{answer:g}"),
            meant=Bilingual(f"{meant}", f"{answer * 100:g}"),
        )
    if rule.limits(maximum).whole and _DAYS[0] <= answer <= _DAYS[1]:
        return Problem("an unusual count: it may be a day turned into a number", value=answer)
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
        "no such option; the options are: {listed}{near}", value=cell, near=near(text, labels), listed=listed
    )


def _ratio(rule: Target, cell: object) -> tuple[float, float] | Problem:
    parts = cell if isinstance(cell, tuple | list) else str(cell).split("/") if isinstance(cell, str) else (cell,)
    if len(parts) != 2:
        return Problem(
            "expected result/target, such as 105/100 ({input} / {target_input})",
            value=cell,
            input=rule.input,
            target_input=rule.target_input,
        )
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


STRIDE = 5.0  # the steps offered to a proportional rule, in the unit of its input (percentage points mostly)


@dataclass(frozen=True, slots=True)
class Step:
    """A better answer within reach: as the ledger would keep it, its points, and how many more these are."""

    answer: str
    points: float
    gain: float


def next_steps(rule: Kind, answer: Answer | None, maximum: float, stride: float = STRIDE) -> tuple[Step, ...]:
    """The better answers that a unit could give instead of ``answer``, each that earns more points, nearest first.

    ``answer`` is as ``parse_answer`` returns it (a number, an option's id, result and target). A choice offers its
    better options, steps and target their higher thresholds (a target keeps its target), counts each case less or
    more, a proportional rule every ``stride`` up to ``full_at``. Nothing is offered where the answer is unknown, or
    where it is not the unit's own (survey, external, given).
    """
    if answer is None or not rule.answered:
        return ()
    value = encode(rule, answer)
    known = float(rule.points([value], maximum)[0])
    steps: list[Step] = []
    for better in rule.better(value, maximum, stride):
        points = float(rule.points([better], maximum)[0])
        gain = float(np.round(points - known, DECIMALS))
        if gain > (steps[-1].gain if steps else 0.0):
            steps.append(Step(_answer(rule, answer, better), points, gain))
    return tuple(steps)


def _answer(rule: Kind, answer: Answer, better: float) -> str:
    if isinstance(rule, Choice):
        return list(rule.options)[int(better)]
    if isinstance(answer, tuple):
        result = float(np.ceil(better * answer[1] * 1e6 - 1e-3) / 1e6)
        return answer_text((result, answer[1]))
    return answer_text(better)
