"""Numbers, dates and sentences in Vietnamese and English.

A sentence is a template of the gettext catalogues with named places; what goes into the places are names and
``Number``s, so every number of the prose stays bound to the cells it came from. Templates hold no digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from string import Formatter
from typing import Literal, TypeGuard

from parlib import words
from parlib.data_tables import levels
from parlib.numerals import rounded
from parlib.report.blocks import Number, Paragraph, Ref
from parlib.words import FIRST, SOURCE

Part = str | Number
Parts = tuple[Part, ...]
#: What may stand in a place of a template. A whole number of Python is a label, such as a year, never grouped.
Content = str | int | Number | Iterable[Part]
Role = Literal["body", "lead", "item"]

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "…"  # the sign of Viet Nam's statistical tables for a number that exists but is not known
TO = "\N{EN DASH}"


def message(msgid: str) -> str:
    """``msgid`` as it is: marks a sentence for the catalogues where it is not yet said."""
    return msgid


def direction(change: float) -> int:
    """1 up, -1 down, 0 unchanged: the sign of a change as points are compared."""
    exact = round(float(change), 9)
    return (exact > 0) - (exact < 0)


def is_known(value: object) -> TypeGuard[float]:
    """Whether ``value`` is a number that is known: neither ``None`` nor NaN nor pandas' NA."""
    if isinstance(value, int | float):
        return value == value
    return hasattr(value, "item") and is_known(value.item())


@cache
def _places(template: str) -> tuple[tuple[str, str], ...]:
    """A template as pairs of literal text and the name of the place after it ("" at the end)."""
    return tuple((text, name or "") for text, name, _, _ in Formatter().parse(template))


@dataclass(frozen=True)
class Wording:
    """How numbers and sentences are written.

    ``decimal``  the decimal sign of Vietnamese numbers, "comma" or "dot"; English numbers always have the dot.
    ``strict``   differences of percentages are percentage points ("điểm %"); house wording writes "%".
    """

    language: str = FIRST
    decimal: Literal["comma", "dot"] = "comma"
    strict: bool = True

    def __post_init__(self) -> None:
        for field, allowed in (("language", words.languages()), ("decimal", ("comma", "dot"))):
            if getattr(self, field) not in allowed:
                raise ValueError(f"{field} is one of {allowed}, not {getattr(self, field)!r}")

    # Numbers

    @property
    def signs(self) -> tuple[str, str]:
        """The signs that group thousands and that begin the decimals."""
        return words.number_signs(self.language if self.decimal == "comma" else SOURCE)

    def format(self, value: float | None, decimals: int = 2, signed: bool = False) -> str:
        """``value`` as it is printed: half up, digits in groups of three, a real minus sign, "…" where unknown."""
        if not is_known(value):
            return UNKNOWN
        number = rounded(value, decimals)
        text = f"{abs(number):,f}"
        thousands, decimal = self.signs
        text = text.translate({ord(","): thousands, ord("."): decimal})
        if number < 0:
            return MINUS + text
        return f"+{text}" if signed and number > 0 else text

    def number(
        self,
        value: float | None,
        decimals: int = 2,
        *refs: Ref,
        made: str = "value",
        mark: str = "",
        signed: bool = False,
    ) -> Number:
        """``value`` with its printed form and the cells it came from."""
        known = float(value) if is_known(value) else None
        return Number(known, self.format(known, decimals, signed), refs, made, mark)

    def count(self, value: float | None, *refs: Ref, made: str = "count") -> Number:
        """A number of things: no decimals."""
        return self.number(value, 0, *refs, made=made)

    def range(
        self, low: float | None, high: float | None, *refs: Ref, decimals: int = 0, made: str = "range"
    ) -> Number:
        """What is known only to lie between two bounds."""
        if is_known(low) and low == high:
            return self.number(low, decimals, *refs, made=made)
        return Number(None, f"{self.format(low, decimals)}{TO}{self.format(high, decimals)}", refs, made)

    def rank(self, number: Number) -> Parts:
        """A rank in prose: "thứ 3", "3rd"."""
        if self.language != SOURCE or number.value is None:
            return self.phrase("ordinal {number}", number=number)
        last_two, last = int(number.value) % 100, int(number.value) % 10
        suffix = "th" if 11 <= last_two <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
        return (number, suffix)

    def percent(self, number: Number) -> Parts:
        """A percentage in prose: "89,95%"."""
        return (number, "%")

    @property
    def difference_unit(self) -> str:
        """What a difference of percentages is counted in."""
        return self.say("percentage points") if self.strict else "%"

    def date(self, day: date) -> str:
        """A day as it is written in prose: "ngày 17 tháng 4 năm 2024", "17 April 2024"."""
        return self.say("{day} {month} {year}", day=day.day, month=self._month(day.month), year=day.year)

    def _month(self, month: int) -> str:
        return str(month) if self.language == FIRST else self.say(_MONTHS[month - 1])

    # Units

    def units(self, level: str) -> str:
        """What the units of a level are called, many of them: "provinces"."""
        return self._of_level(level, "plural_en", "name_vi")

    def all_units(self, level: str) -> str:
        """What all units of a level are called, as in titles: "the provinces and centrally-run cities"."""
        return self._of_level(level, "all_en", "all_vi")

    def _of_level(self, level: str, english: str, vietnamese: str) -> str:
        """By the catalogue, or where it lacks the English words of a level, in those of ``units/levels.csv``."""
        of = levels()[level]
        known = words.messages(self.language).get(of[english])
        return known[0] if known else of[vietnamese if self.language == FIRST else english]

    def units_of(self, level: str, n: Number) -> str:
        """What ``n`` units of a level are called."""
        of = levels()[level]
        one, many = of["name_en"], of["plural_en"]
        if one in words.messages(self.language):
            return self.say_many(one, many, n)
        return of["name_vi"] if self.language == FIRST else one if n.value == 1 else many

    # Sentences

    def template(self, msgid: str, plural: str = "", n: float | None = None) -> str:
        """The template of a message in this language. Raises ``KeyError`` where the catalogue lacks it."""
        forms = words.messages(self.language)[msgid]
        return forms[-1] if plural and n != 1 else forms[0]

    def phrase(self, msgid: str, **contents: Content) -> Parts:
        """A message with its places filled, as a part of a sentence."""
        return _fill(self.template(msgid), contents)

    def phrase_many(self, singular: str, plural: str, n: Number, **contents: Content) -> Parts:
        """A message that depends on the number ``n``, which is also the content of the place ``{n}``."""
        return _fill(self.template(singular, plural, n.value), {"n": n, **contents})

    def say(self, msgid: str, **contents: Content) -> str:
        """A message as plain text."""
        return plain(self.phrase(msgid, **contents))

    def say_many(self, singular: str, plural: str, n: Number, **contents: Content) -> str:
        """A message that depends on the number ``n``, as plain text."""
        return plain(self.phrase_many(singular, plural, n, **contents))

    def sentence(self, msgid: str, **contents: Content) -> Paragraph:
        """A message as a paragraph."""
        return Paragraph(self.phrase(msgid, **contents))

    def sentence_many(self, singular: str, plural: str, n: Number, **contents: Content) -> Paragraph:
        """A message that depends on the number ``n``, as a paragraph."""
        return Paragraph(self.phrase_many(singular, plural, n, **contents))

    def join(self, items: Iterable[Content]) -> Parts:
        """A list in prose: "A, B và C"."""
        contents = [_parts(item) for item in items]
        if len(contents) < 2:
            return contents[0] if contents else ()
        joined: list[Part] = []
        for content in contents[:-1]:
            joined += [*content, ", "]
        return self.phrase("{items} and {last}", items=joined[:-1], last=contents[-1])

    def moved(self, change: Number, unit: str = "", **since: Content) -> Parts:
        """A change in words that follow its sign: "tăng 0,45 điểm % so với năm 2022", "không thay đổi so với ..."."""
        if change.value is None:
            raise ValueError("a change that is not known cannot be told")
        way = direction(change.value)
        if way == 0:
            return self.phrase("unchanged from {year}", **since)
        decimals = len(change.text.partition(self.signs[1])[2])
        smallest = 10.0**-decimals
        if not rounded(change.value, decimals):
            size = self.phrase("less than {number}", number=self.number(smallest, decimals, *change.refs, made="bound"))
        else:
            size = (self.number(abs(change.value), decimals, *change.refs, made=change.made),)
        if unit:
            size = (*size, unit if unit == "%" else f" {unit}")
        if way > 0:
            return self.phrase("up {size} on {year}", size=size, **since)
        return self.phrase("down {size} on {year}", size=size, **since)


def paragraph(*sentences: Paragraph | Parts | None, role: Role = "body") -> Paragraph:
    """One paragraph out of several sentences; ``None`` is left out."""
    parts: list[Part] = []
    for sentence in sentences:
        if sentence:
            parts += [" "] if parts else []
            parts += sentence.parts if isinstance(sentence, Paragraph) else sentence
    return Paragraph(_merged(parts), role)


def plain(parts: Iterable[Part]) -> str:
    """Parts as plain text."""
    return "".join(part.text if isinstance(part, Number) else part for part in parts)


def _fill(template: str, contents: dict[str, Content]) -> Parts:
    parts: list[Part] = []
    used = set()
    for text, name in _places(template):
        parts.append(text)
        if name:
            used.add(name)
            parts += _parts(contents[name])
    unused = contents.keys() - used - {"n"}
    if unused:
        raise ValueError(f"no place for {sorted(unused)} in {template!r}")
    return _merged(parts)


def _parts(content: Content) -> Parts:
    if isinstance(content, Number | str):
        return (content,)
    return (str(content),) if isinstance(content, int) else tuple(content)


def _merged(parts: Iterable[Part]) -> Parts:
    """Parts with neighbouring texts made one and empty ones gone."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part:
            merged.append(part)
    return tuple(merged)


_MONTHS = (
    message("January"),
    message("February"),
    message("March"),
    message("April"),
    message("May"),
    message("June"),
    message("July"),
    message("August"),
    message("September"),
    message("October"),
    message("November"),
    message("December"),
)
