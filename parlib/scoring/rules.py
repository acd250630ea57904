"""The nine kinds of rule by which an answer earns points: one model and one pure vectorised function each.

A rule works on *encoded* answers, floats in which NaN means unknown: the number answered; for ``choice`` the place of
the option in its list (0 = best); for ``target`` the ratio of result to target. ``points`` turns an array of them into
points, rounded to 9 decimals so that sums of points are equal whatever their order. Thresholds belong to what they
open ("từ 85%"), and answers are compared with them after rounding to 9 decimals, so no noise of arithmetic misses one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, Strict, TypeAdapter

from parlib.words import Bilingual, Message

Array = npt.NDArray[np.float64]
Number = Annotated[float, Strict()]
Ladder = tuple[tuple[Number, Number], ...]
Flaw = tuple[str, Message]  # the column of the rule that it is about, and what is wrong

DECIMALS = 9  # points and answers are compared after rounding to so many decimals


def exact_values(values: npt.ArrayLike) -> Array:
    """``values`` rounded to 9 decimals: what is equal on paper is equal here (0.1 + 0.2 and 0.3)."""
    return np.asarray(np.round(np.asarray(values, dtype=np.float64), DECIMALS), dtype=np.float64)


def exact(x: float) -> Decimal:
    """``x`` as the decimal that was written: 0.1 is 0.1."""
    return Decimal(repr(float(x))).normalize()


def number(x: float | Decimal, language: str) -> str:
    """``x`` in the fewest digits, with the decimal comma in Vietnamese."""
    text = f"{Decimal(repr(float(x) + 0.0)) if isinstance(x, float) else Decimal(x):f}"  # -0.0 is 0
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if language == "vi" else text


def written(x: float | Decimal) -> Bilingual:
    """``number`` in both languages, for the messages of errors."""
    return Bilingual(number(x, "vi"), number(x, "en"))


def points_words(x: float, language: str) -> str:
    """ "0,75 điểm", "0.75 points"."""
    if language == "vi":
        return f"{number(x, 'vi')} điểm"
    return f"{number(x, 'en')} point{'' if x == 1 else 's'}"


def subject(text: str) -> str:
    """The name of an input as the beginning of a sentence, without its unit in brackets."""
    bare = re.sub(r"\s*\(%\)\s*$", "", text)
    return bare[:1].upper() + bare[1:]


def ladder_flaws(ladder: Ladder, vi: str, en: str) -> Iterator[Flaw]:
    """What is wrong with a ladder that people call ``vi`` and ``en``."""
    if not ladder:
        yield "scale", Message("{what} must not be empty", {"what": Bilingual(vi, en)})
        return
    for (high, more), (low, less) in pairwise(ladder):
        if not high > low:
            yield (
                "scale",
                Message(
                    "{what}: thresholds must fall ({number}, {number2})",
                    {
                        "what": Bilingual(vi, en),
                        "number": written(high),
                        "number2": written(low),
                    },
                ),
            )
        if not more > less:
            yield (
                "scale",
                Message(
                    "{what}: points must fall ({number}, {number2})",
                    {
                        "what": Bilingual(vi, en),
                        "number": written(more),
                        "number2": written(less),
                    },
                ),
            )
    if not (ladder[-1][0] > 0 and ladder[-1][1] > 0):
        yield "scale", Message("{what}: lowest threshold and points must be above 0", {"what": Bilingual(vi, en)})


def climb(ladder: Ladder, answers: Array) -> Array:
    """The points of the highest threshold reached; 0 below the lowest."""
    rising = ladder[::-1]
    thresholds = np.round([threshold for threshold, _ in rising], DECIMALS)
    earned = np.array([0.0, *(points for _, points in rising)])
    return np.asarray(earned[np.searchsorted(thresholds, answers, side="right")], dtype=np.float64)


def ladder_words(ladder: Ladder, unit: str, language: str, capped: bool = True) -> str:
    """The ladder as text, from the best step down to 0 points. ``capped``: nothing can be more than 100%."""
    sign = "" if not unit else unit if unit == "%" else f" {unit}"
    parts, above = [], None
    for threshold, points in ladder:
        low, got = f"{number(threshold, language)}{sign}", points_words(points, language)
        if above is None and capped and unit == "%" and threshold == 100:
            parts.append(f"đạt 100%: {got}" if language == "vi" else f"100%: {got}")
        elif above is None:
            parts.append(f"từ {low} trở lên: {got}" if language == "vi" else f"{low} or more: {got}")
        else:
            parts.append(f"từ {low} đến dưới {above}: {got}" if language == "vi" else f"{low} to under {above}: {got}")
        above = low
    parts.append(f"dưới {above}: {points_words(0, language)}" if language == "vi" else f"under {above}: 0 points")
    return "; ".join(parts)


Text = Annotated[str, Strict()]
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")


class Limits(NamedTuple):
    """What numbers an answer may be: from ``low`` to ``high`` (``None`` = no bound), ``whole`` numbers only or not."""

    low: float | None = 0.0
    high: float | None = None
    whole: bool = False


class Kind(BaseModel):
    """What all kinds share. ``answered`` says whether the unit itself answers (not a survey, not another index)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    answered: ClassVar[bool] = True

    def points(self, values: npt.ArrayLike, maximum: float) -> Array:
        """The points of encoded answers; unknown stays unknown."""
        answers = np.round(np.asarray(values, dtype=np.float64), DECIMALS)
        earned = np.round(self.earned(np.nan_to_num(answers, nan=0.0), maximum), DECIMALS)
        return np.where(np.isnan(answers), np.nan, earned)

    def earned(self, answers: Array, maximum: float) -> Array:
        """The points of known, rounded, encoded answers: the rule itself."""
        raise NotImplementedError

    def slope(self, values: Array, maximum: float) -> Array:
        """Points per unit of a measured value, by which its standard error becomes one of points."""
        return np.zeros_like(values)

    def limits(self, maximum: float | None = None) -> Limits:
        """The numbers that an answer may be."""
        return Limits()

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        """The answers that a unit could give next instead of ``value``, nearest first."""
        return []

    def words(self, maximum: float | None, language: str) -> str:
        """The rule as a sentence."""
        raise NotImplementedError

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Flaw]:
        """What is wrong with the rule. ``strict``: hold it to the conventions of our own illustrative schemes too."""
        yield from ()

    def best(self, maximum: Decimal) -> Decimal:
        """The most points that the rule can give."""
        return maximum


class Choice(Kind):
    """One of several options, listed from best to worst; each gives its points."""

    kind: Literal["choice"]
    options: dict[Text, Number]
    label: dict[Text, Text]

    def earned(self, answers: Array, maximum: float) -> Array:
        return np.array(list(self.options.values()), dtype=np.float64)[answers.astype(np.intp)]

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, len(self.options) - 1.0, whole=True)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        return [float(place) for place in range(int(value) - 1, -1, -1)]

    def words(self, maximum: float | None, language: str) -> str:
        return "; ".join(f"{self.label[key]}: {points_words(points, language)}" for key, points in self.options.items())

    def best(self, maximum: Decimal) -> Decimal:
        return max((exact(points) for points in self.options.values()), default=maximum)

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Flaw]:
        points = list(self.options.values())
        if len(points) < 2:
            yield "scale", Message("choice needs two or more options")
            return
        for key in self.options:
            if not IDENTIFIER.match(key):
                yield "scale", Message("option id {key!r} is not a plain identifier", {"key": key})
        if list(self.label) != list(self.options):
            yield "scale", Message("labels must name the same options in the same order")
        elif len(set(self.label.values())) != len(self.label):
            yield "scale", Message("two options share one label")
        if any(a <= b for a, b in pairwise(points)):
            yield "scale", Message("options must be listed from best to worst")
        if min(points) < 0 or (strict and min(points) != 0):
            yield "scale", Message("the worst option must give 0")


class Steps(Kind):
    """Thresholds with points: the highest threshold reached counts, its bound included; below the lowest 0."""

    kind: Literal["steps"]
    input: Text
    unit: Text
    steps: Ladder

    def earned(self, answers: Array, maximum: float) -> Array:
        return climb(self.steps, answers)

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, 100.0 if self.unit == "%" else None)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        return [threshold for threshold, _ in reversed(self.steps) if threshold > value]

    def words(self, maximum: float | None, language: str) -> str:
        return f"{subject(self.input)}: {ladder_words(self.steps, self.unit, language)}"

    def best(self, maximum: Decimal) -> Decimal:
        return exact(self.steps[0][1]) if self.steps else maximum

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Flaw]:
        yield from ladder_flaws(self.steps, "thang điểm", "steps")
        if self.unit == "%" and any(threshold > 100 for threshold, _ in self.steps):
            yield "scale", Message("a threshold lies above 100%")


class Proportional(Kind):
    """Points in proportion to the answer: all of them from ``full_at``, none below ``zero_below``, and
    maximum x answer / full_at between (so they jump at ``zero_below``, as "dưới 70%: 0 điểm" does)."""

    kind: Literal["proportional"]
    input: Text
    unit: Text
    full_at: Number
    zero_below: Number

    def earned(self, answers: Array, maximum: float) -> Array:
        share = np.minimum(answers / self.full_at, 1.0)
        return np.where(answers < round(self.zero_below, DECIMALS), 0.0, maximum * share)

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, 100.0 if self.unit == "%" else None)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        first = max(self.zero_below, stride * (np.floor(value / stride) + 1))
        return [float(x) for x in np.round(np.arange(first, self.full_at, stride), DECIMALS)] + [self.full_at]

    def words(self, maximum: float | None, language: str) -> str:
        sign = self.unit if self.unit == "%" else f" {self.unit}"
        most, full = number(maximum or 0, language), f"{number(self.full_at, language)}{sign}"
        zero, at = f"{number(self.zero_below, language)}{sign}", number(self.full_at, language)
        if language == "vi":
            top = "đạt 100%" if full == "100%" else f"từ {full} trở lên"
            between = f"dưới {full}" if not self.zero_below else f"từ {zero} đến dưới {full}"
            low = f"; dưới {zero}: 0 điểm" if self.zero_below else ""
            formula = f"điểm = {most} × kết quả / {at}"
        else:
            top = "100%" if full == "100%" else f"{full} or more"
            between = f"under {full}" if not self.zero_below else f"{zero} to under {full}"
            low = f"; under {zero}: 0 points" if self.zero_below else ""
            formula = f"points = {most} × result / {at}"
        return f"{subject(self.input)}: {top}: {points_words(maximum or 0, language)}; {between}: {formula}{low}"

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Flaw]:
        if not 0 <= self.zero_below < self.full_at:
            yield (
                "full_at",
                Message(
                    "need 0 <= zero_below < full_at, got {zero_below:g} and {full_at:g}",
                    {"zero_below": self.zero_below, "full_at": self.full_at},
                ),
            )
        elif self.unit == "%" and self.full_at > 100:
            yield "full_at", Message("full_at lies above 100%")


class _Count(Kind):
    """A count of cases, each worth ``per`` points."""

    input: Text
    per: Number

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, None, whole=True)

    def _enough(self, maximum: float) -> int:
        """The count from which nothing changes any more."""
        return int(-(-exact(maximum) // exact(self.per)))

    def _worth(self, maximum: float, language: str) -> tuple[str, str, int]:
        """In words what a case is worth and what all are at most, and the count from which nothing changes."""
        return points_words(self.per, language), points_words(maximum, language), self._enough(maximum)

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Flaw]:
        if not 0 < exact(self.per) <= maximum:
            yield (
                "per",
                Message(
                    "need 0 < per <= max, got {number}",
                    {"number": written(self.per)},
                ),
            )
        elif strict and maximum % exact(self.per):
            yield (
                "scale",
                Message(
                    "max {number} is not a whole number of steps of {number2}",
                    {
                        "number": written(maximum),
                        "number2": written(self.per),
                    },
                ),
            )


class Deduction(_Count):
    """Starts from the maximum and loses ``per`` points a case, never below 0."""

    kind: Literal["deduction"]

    def earned(self, answers: Array, maximum: float) -> Array:
        return np.maximum(maximum - self.per * answers, 0.0)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        return [float(count) for count in range(min(int(value), self._enough(maximum)) - 1, -1, -1)]

    def words(self, maximum: float | None, language: str) -> str:
        each, most, end = self._worth(maximum or 0, language)
        if language == "vi":
            return f"{subject(self.input)}: không có: {most}; mỗi trường hợp trừ {each}; từ {end} trở lên: 0 điểm"
        return f"{subject(self.input)}: none: {most}; each one takes off {each}; {end} or more: 0 points"


class Tally(_Count):
    """Earns ``per`` points a case, up to the maximum."""

    kind: Literal["tally"]

    def earned(self, answers: Array, maximum: float) -> Array:
        return np.minimum(self.per * answers, maximum)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        return [float(count) for count in range(int(value) + 1, self._enough(maximum) + 1)]

    def words(self, maximum: float | None, language: str) -> str:
        each, most, end = self._worth(maximum or 0, language)
        if language == "vi":
            return f"{subject(self.input)}: mỗi trường hợp được {each}, tối đa {most} (từ {end} trở lên)"
        return f"{subject(self.input)}: {each} for each one, at most {most} ({end} or more)"


class Target(Kind):
    """The ratio of a result to its target against tiers; an answer is written "result/target", such as "105/100"."""

    kind: Literal["target"]
    input: Text
    target_input: Text
    tiers: Ladder

    def earned(self, answers: Array, maximum: float) -> Array:
        return climb(self.tiers, answers)

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(None, None)  # a result may be negative (growth); its target must be above 0: see answers.py

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        return [ratio for ratio, _ in reversed(self.tiers) if ratio > value]

    def words(self, maximum: float | None, language: str) -> str:
        tiers = tuple((float(exact(ratio) * 100), points) for ratio, points in self.tiers)
        ladder = ladder_words(tiers, "%", language, capped=False)
        against = "so với" if language == "vi" else "against"
        return f"{subject(self.input)} {against} {self.target_input}: {ladder}"

    def best(self, maximum: Decimal) -> Decimal:
        return exact(self.tiers[0][1]) if self.tiers else maximum

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Flaw]:
        yield from ladder_flaws(self.tiers, "các mức", "tiers")
        if any(not Decimal("0.1") <= exact(ratio) <= 2 for ratio, _ in self.tiers):
            yield "scale", Message("tiers are ratios of result to target, between 0.1 and 2")


class Survey(Kind):
    """Points in proportion to the mean share (0-1) that the respondents' answers to one item earn on its scale."""

    kind: Literal["survey"]
    item: Text
    respondents: tuple[Text, ...]
    scale: dict[Annotated[int, Strict()], Number]
    answered: ClassVar[bool] = False

    def earned(self, answers: Array, maximum: float) -> Array:
        return maximum * answers

    def slope(self, values: Array, maximum: float) -> Array:
        return np.full_like(values, maximum)

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, 1.0)

    def words(self, maximum: float | None, language: str) -> str:
        scale = "; ".join(f"{answer}: {number(exact(share) * 100, language)}%" for answer, share in self.scale.items())
        most = number(maximum or 0, language)
        if language == "vi":
            return f"Điều tra xã hội học, câu {self.item}: điểm = {most} × mức đạt trung bình (trả lời {scale})"
        return f"Survey item {self.item}: points = {most} × mean share (answer {scale})"

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Flaw]:
        if not self.item.strip():
            yield "item", Message("survey item is missing")
        elif strict and self.item != "Q" + code.replace(".", "_"):
            yield "item", Message("survey item {item!r} does not follow the code", {"item": self.item})
        named = self.respondents
        if not named or len(set(named)) != len(named) or not all(IDENTIFIER.match(group) for group in named):
            yield "respondents", Message("respondents must be a list of different codes")
        n = len(self.scale)
        if n < 2 or set(self.scale) != set(range(1, n + 1)):
            yield "scale", Message("scale must give a share for each answer from 1 to n")
            return
        shares = [self.scale[answer] for answer in range(n, 0, -1)]
        if any(a <= b for a, b in pairwise(shares)) or shares[0] != 1 or shares[-1] < 0:
            yield "scale", Message("scale must fall from 1 (best answer) to 0 or more")


class External(Kind):
    """Points in proportion to another index, all of them from ``full_at``."""

    kind: Literal["external"]
    index: Text
    full_at: Number
    answered: ClassVar[bool] = False

    def earned(self, answers: Array, maximum: float) -> Array:
        return maximum * np.minimum(answers / self.full_at, 1.0)

    def slope(self, values: Array, maximum: float) -> Array:
        return np.where(values < self.full_at, maximum / self.full_at, 0.0)

    def words(self, maximum: float | None, language: str) -> str:
        most, full = number(maximum or 0, language), number(self.full_at, language)
        if language == "vi":
            return f"Chỉ số {self.index}: điểm = {most} × giá trị / {full}, tối đa {points_words(maximum or 0, 'vi')}"
        return f"Index {self.index}: points = {most} × value / {full}, at most {points_words(maximum or 0, 'en')}"

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Flaw]:
        if not IDENTIFIER.match(self.index):
            yield "index", Message("index must be a plain identifier", {"index": self.index})
        if not self.full_at > 0:
            yield "full_at", Message("full_at must be above 0")


class Given(Kind):
    """The points are taken as published."""

    kind: Literal["given"]

    def earned(self, answers: Array, maximum: float) -> Array:
        return answers

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, maximum)

    def words(self, maximum: float | None, language: str) -> str:
        return "Lấy theo giá trị công bố" if language == "vi" else "Taken as published"


Rule = Annotated[
    Choice | Steps | Proportional | Deduction | Tally | Target | Survey | External | Given,
    Field(discriminator="kind"),
]
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
KINDS = ("choice", "steps", "proportional", "deduction", "tally", "target", "survey", "external", "given")


def describe(rule: Kind, maximum: float | None, language: str = "vi") -> str:
    """The rule in words: "Tỷ lệ hoàn thành kế hoạch: đạt 100%: 1 điểm; từ 85% đến dưới 100%: 0,75 điểm; ..."

    Inputs and options are named as the scheme names them, in Vietnamese, in both languages.
    """
    return rule.words(maximum, language)
