"""Numbers as people write them, read and written.

One grammar of numbers serves every door: digits 0-9, a decimal comma or dot, what may mean two things is refused.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal

from parlib.errors import Problem
from parlib.words import Digits, Message, Name

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
    result = _NUMBER.fullmatch(text)
    if result is None or (result[5] and not exponent):
        return _no_number(written, text)
    sign, whole, mark, part, power = result.groups(default="")
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
    hint: Message | str = ""
    if shortened(text):
        hint = Message(
            ": a shortened number (E), which may have lost digits; format the column as number or text and save"
        )
    elif text.startswith(_DASHES):
        hint = Message(": a minus is '-'")
    elif _THOUSANDS.fullmatch(text):
        mark = text[re.search(r"[.,]", text).start()]  # type: ignore[union-attr]
        plain = Digits(text.replace(mark, "").replace(",", "."))
        hint = Message(": it has thousands separators '{mark}'; write {plain}", {"mark": mark, "plain": plain})
    elif _SEVERAL_MARKS.fullmatch(text):
        hint = Message(": it has several points or commas; use one decimal mark and no thousands separators")
    return Problem("cannot be read as a number{hint}", value=written, hint=hint)


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
        faults = []
        for mark, (row, written) in self.first.items():
            if self.declared and mark != self.declared:
                faults.append(
                    Problem("the declared mark is '{declared}'", row=row, value=written, declared=self.declared)
                )
        for mark, (row, written) in self.unclear.items():
            numeral = read_numeral(written)
            if not self.declared and mark not in self.sure and isinstance(numeral, Numeral):
                faults.append(two_meanings(written, numeral).at(row=row))
        return faults


# --- written --------------------------------------------------------------------------------------


_WIDE = Context(prec=400)  # any float64 in full


def rounded(value: float, decimals: int) -> Decimal:
    """``value`` rounded half up, from the number as points are compared: exact to nine decimals (2.675 gives 2.68)."""
    number = round(float(value), 9)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} cannot be printed")
    result = Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)
    return result if result else abs(result)  # there is no minus zero


def number(x: float | Decimal, language: str) -> str:
    """``x`` in the fewest digits, with the decimal sign of the language."""
    return written(x).text(language)


def written(x: float | Decimal) -> Digits:
    """``number`` in every language, for messages."""
    text = f"{Decimal(repr(float(x) + 0.0)) if isinstance(x, float) else Decimal(x):f}"  # -0.0 is 0
    return Digits(text.rstrip("0").rstrip(".") if "." in text else text)


def shown(value: object) -> Name:
    """A value in a message: numbers as people write them, a list with commas between."""

    def text(value: object, language: str) -> str:
        if isinstance(value, list | tuple):
            return ", ".join(text(one, language) for one in value)
        return number(value, language) if isinstance(value, int | float | Decimal) else str(value)

    return Name(text(value, "vi"), text(value, "en"))
