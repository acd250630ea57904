"""The kinds of rule by which an answer earns points, each one class that says everything about itself; and answers as
people write them.

A kind is a pydantic model, entered in ``KINDS`` by ``kind_of_rule``: its fields, its points, its words, what answers it
allows, the next better ones, and the outcomes it can have. Every other room asks the class: the workbook of a scheme,
forms, simulation, diagnosis. Only its Excel formula stands elsewhere (``parlib.sources.workbooks.form_layout``). An
answer is a number, but for kinds of ``Choice`` (the id of an option) and of ``Target`` (a result and its target).

A rule works on *encoded* answers, floats in which NaN means unknown: the number answered; for ``choice`` the place of
the option in its list (0 = best); for ``target`` the ratio of result to target. ``points`` turns an array of them into
points, rounded to 9 decimals so that sums of points are equal whatever their order. Thresholds belong to what they
open ("từ 85%"), and answers are compared with them after rounding to 9 decimals, so no noise of arithmetic misses one.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from numbers import Real
from typing import Annotated, ClassVar, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    SerializeAsAny,
    Strict,
    ValidationInfo,
)

from parlib.errors import Problem
from parlib.tables import as_number, number, written
from parlib.words import Message, Name, Words, fold

Array = npt.NDArray[np.float64]
Ground = Literal["documents", "results", "survey", "external"]  # papers looked at, results counted, people asked, ...

DECIMALS = 9  # points and answers are compared after rounding to so many decimals
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")
POINT, POINTS = Message("{n} point"), Message("{n} points")


def exact_values(values: npt.ArrayLike) -> Array:
    """``values`` rounded to 9 decimals: what is equal on paper is equal here (0.1 + 0.2 and 0.3)."""
    return np.asarray(np.round(np.asarray(values, dtype=np.float64), DECIMALS), dtype=np.float64)


def exact(x: float) -> Decimal:
    """``x`` as the decimal that was written: 0.1 is 0.1."""
    return Decimal(repr(float(x))).normalize()


def points_words(x: float) -> Message:
    """ "0,75 điểm", "0.75 points"."""
    return (POINT if x == 1 else POINTS).filled(n=written(x))


# --- the fields of rules ------------------------------------------------------------------------------------------


class Part(NamedTuple):
    """How people see a field of a rule: its column in the workbook of a scheme, that column's heading and width, and a
    word of help. A kind says it of a field that no other kind has: ``Annotated[Number, Part("goal", ...)]``."""

    column: str
    heading: Words
    width: float = 12
    help: Words = Name("", "")


class Flaw(ValueError):
    """What is wrong with a field, in words, where a model reads it; ``{what}`` is the name of the field."""

    def __init__(self, *messages: Message) -> None:
        super().__init__(*(message.id for message in messages))
        self.messages = messages


def _clean(text: str, info: ValidationInfo) -> str:
    """A text for people is filled in, in NFC, one line (but for a note), without blanks or signs that nobody sees."""
    strays = info.field_name != "note" and (text != text.strip() or "  " in text or "\n" in text)
    unseen = any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn") and sign != "\n" for sign in text)
    wrong = {
        Message("{what} is missing or not text"): not text.strip(),
        Message("{what} is not in Unicode NFC"): text != unicodedata.normalize("NFC", text),
        Message("{what} has stray blanks or line breaks"): bool(text.strip()) and strays,
        Message("{what} holds a control or unassigned character"): unseen,
    }
    if any(wrong.values()):
        raise Flaw(*(message for message, match in wrong.items() if match))
    return text


Text = Annotated[str, Strict(), AfterValidator(_clean)]
Code = Annotated[str, Strict(), Field(pattern="^[a-z][a-z0-9_]*$")]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
Texts = tuple[Code, ...]
Ladder = tuple[tuple[Number, Number], ...]  # thresholds and their points, the highest first
Options = dict[Code, Number]  # ids of options and their points, the best first
Labels = dict[str, Text]  # of options
Scale = dict[Annotated[int, Strict()], Number]  # answers to a question and their shares


class Limits(NamedTuple):
    """What numbers an answer may be: from ``low`` to ``high`` (``None`` = no bound; ``slack`` above is let through),
    ``whole`` numbers only or not."""

    low: float | None = 0.0
    high: float | None = None
    whole: bool = False
    slack: float = 0.0


class Outcome(NamedTuple):
    """One result that a rule can have: its points, and the encoded answers that give it, from ``low`` to ``high``, with
    ``digits`` after the decimal mark (0: the answer ``low`` alone). ``smooth``: points rise in proportion to it, from
    ``low`` to ``high``, which gives ``points``."""

    points: float
    low: float
    high: float
    digits: int = 0
    smooth: bool = False


class Kind(BaseModel):
    """What all kinds share: a new one says the words below and overrides what differs.

    >>> rule_from({"kind": "tally", "input": "số sáng kiến", "per": 0.5}).points([0, 1, 5], 1.5).tolist()
    [0.0, 0.5, 1.5]
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    kind: str

    name: ClassVar[Words]
    in_form: ClassVar[Words]  # what is entered, as the guide of a form says it
    in_scheme: ClassVar[Words]  # how it is written in the workbook of a scheme, as the guide there says it
    ground: ClassVar[Ground] = "results"  # on what points are given
    answered: ClassVar[bool] = True  # whether the unit itself answers (not a survey, not another index)
    source: ClassVar[Message]  # where a value comes from that the unit does not answer; fields are its places
    needs_maximum: ClassVar[bool] = True

    @property
    def percent(self) -> bool:
        """Whether a percentage is asked for."""
        return getattr(self, "unit", "") == "%"

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
        return Limits(0.0, 100.0 if self.percent else None)

    def levels(self, maximum: float) -> Iterable[float]:
        """The answers at which points change, of rules that have such."""
        return ()

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        """The answers that a unit could give next instead of ``value``, nearest first."""
        known = self.points(value, maximum)
        more = [level for level in self.levels(maximum) if self.points(level, maximum) > known]
        return sorted(more, key=lambda level: abs(level - value))

    def outcomes(self, maximum: float) -> list[Outcome]:
        """What the rule can give, from the fewest points to the most: simulation draws answers from it."""
        results = [Outcome(float(self.points(level, maximum)), level, level) for level in self.levels(maximum)]
        return sorted(results, key=lambda outcome: outcome.points)

    def full_from(self) -> float:
        """The value from which all points are given; NaN where the rule does not say."""
        return float(getattr(self, "full_at", np.nan))

    def words(self, maximum: float | None, language: str) -> str:
        """The rule in words: "Tỷ lệ hoàn thành kế hoạch: đạt 100%: 1 điểm; từ 85% đến dưới 100%: 0,75 điểm; ..."

        Inputs and options are named as the scheme names them, in Vietnamese, in every language.
        """
        raise NotImplementedError

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        """What is wrong with the rule, each ``about`` a field. ``strict``: hold it to the conventions of our own
        illustrative schemes too."""
        yield from ()

    def best(self, maximum: Decimal) -> Decimal:
        """The most points that the rule can give."""
        levels = list(self.levels(float(maximum)))
        return exact(np.max(self.points(levels, float(maximum)))) if levels else maximum


KINDS: dict[str, type[Kind]] = {}  # every kind of rule, by its name in a scheme


def kind_of_rule(cls: type[Kind]) -> type[Kind]:
    """Enter a kind in ``KINDS``: a decorator."""
    KINDS[get_args(cls.model_fields["kind"].annotation)[0]] = cls
    return cls


def unknown_kind(kind: object) -> Message:
    """What is said where a rule should be and is none."""
    unknown = Message("rule is missing or of unknown kind {kind!r}; the kinds are {listing}")
    return unknown.filled(kind=kind, listing=", ".join(KINDS))


def rule_from(content: object) -> Kind:
    """The rule that the plain content of a scheme means. ``ValueError`` (of pydantic, or ``Flaw``) where it is none."""
    if isinstance(content, Kind):
        return content
    kind = content.get("kind") if isinstance(content, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise Flaw(unknown_kind(kind))
    return KINDS[kind].model_validate(content)


Rule = Annotated[Kind | None, PlainValidator(rule_from), SerializeAsAny()]


# --- ladders of thresholds ----------------------------------------------------------------------------------------


def subject(text: str) -> str:
    """The name of an input as the beginning of a sentence, without its unit in brackets."""
    bare = re.sub(r"\s*\(%\)\s*$", "", text)
    return bare[:1].upper() + bare[1:]


def ladder_words(steps: Iterable[tuple[float, Words]], unit: str, language: str, capped: bool = True) -> str:
    """Thresholds and what is given from each on as text, from the best down to 0 points below the last, or to what is
    given from 0 on. ``capped``: nothing can be more than 100%."""
    parts: list[str] = []
    above = ""
    for threshold, got in (*steps, (0.0, points_words(0))):
        low = f"{number(threshold, language)}{unit if unit == '%' else f' {unit}'}" if threshold else ""
        named = {"low": low, "above": above, "got": got}
        if not above:
            message = Message("100%: {got}") if capped and low == "100%" else Message("{low} or more: {got}")
        else:
            message = Message("{low} to under {above}: {got}") if low else Message("under {above}: {got}")
        parts.append(message.filled(**named).text(language))
        above = low
        if not low:
            break
    return "; ".join(parts)


# --- the kinds ----------------------------------------------------------------------------------------------------


@kind_of_rule
class Choice(Kind):
    """One of several options, listed from best to worst; each gives its points."""

    kind: Literal["choice"]
    options: Options
    label: Labels

    name = Message("choice")
    in_form = Message("choose one of the options listed; each has its own points.")
    in_scheme = Message(
        "one option a line, the best first: “In time → 0.5”. The id in square brackets is set by the program; you need"
        " not type it."
    )
    ground = "documents"

    def earned(self, answers: Array, maximum: float) -> Array:
        return np.array(list(self.options.values()), dtype=np.float64)[answers.astype(np.intp)]

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, len(self.options) - 1.0, whole=True)

    def levels(self, maximum: float) -> Iterable[float]:
        return range(len(self.options))

    def words(self, maximum: float | None, language: str) -> str:
        given = {self.label[key]: points_words(points).text(language) for key, points in self.options.items()}
        return "; ".join(f"{label}: {points}" for label, points in given.items())

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        points = list(self.options.values())
        if len(points) < 2:
            yield Problem("choice needs two or more options", about="scale")
            return
        if list(self.label) != list(self.options):
            yield Problem("labels must name the same options in the same order", about="scale")
        elif len(set(self.label.values())) != len(self.label):
            yield Problem("two options share one label", about="scale")
        if any(a <= b for a, b in pairwise(points)):
            yield Problem("options must be listed from best to worst", about="scale")
        if min(points) < 0 or (strict and min(points) != 0):
            yield Problem("the worst option must give 0", about="scale")


class _Ladder(Kind):
    """Thresholds with points: the highest threshold reached counts, its bound included; below the lowest 0."""

    called: ClassVar[Words]
    ladder_field: ClassVar[str]  # the field that holds them
    digits: ClassVar[int]  # after the decimal mark, in simulated answers

    @property
    def ladder(self) -> Ladder:
        """The thresholds and their points, the highest first."""
        result: Ladder = getattr(self, self.ladder_field)
        return result

    def earned(self, answers: Array, maximum: float) -> Array:
        rising = self.ladder[::-1]
        points = np.array([0.0, *(points for _, points in rising)])
        thresholds = np.round([threshold for threshold, _ in rising], DECIMALS)
        return np.asarray(points[np.searchsorted(thresholds, answers, side="right")], dtype=np.float64)

    def levels(self, maximum: float) -> Iterable[float]:
        return [threshold for threshold, _ in reversed(self.ladder)]

    def outcomes(self, maximum: float) -> list[Outcome]:
        """The levels, the lowest from somewhat under the first threshold."""
        bounds = list(self.levels(maximum))
        top = 100.0 if self.percent else bounds[-1] * 1.15
        results = []
        for low, high in pairwise([bounds[0] * 0.8, *bounds, max(top, bounds[-1])]):
            inside = high - 10**-self.digits if high in bounds else high
            results.append(Outcome(float(self.points(low, 0.0)), low, max(low, inside), self.digits))
        return results

    def full_from(self) -> float:
        return float(self.ladder[0][0])

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        named = {"what": self.called}
        if not self.ladder:
            yield Problem(Message("{what} must not be empty", named), about="scale")
            return
        thresholds = Message("{what}: thresholds must fall ({number}, {number2})", named)
        points = Message("{what}: points must fall ({number}, {number2})", named)
        for value, falling in zip((thresholds, points), zip(*self.ladder, strict=True), strict=True):
            for high, low in pairwise(falling):
                if not high > low:
                    yield Problem(value.filled(number=written(high), number2=written(low)), about="scale")
        if min(self.ladder[-1]) <= 0:
            yield Problem(Message("{what}: lowest threshold and points must be above 0", named), about="scale")


@kind_of_rule
class Steps(_Ladder):
    """Thresholds of a figure."""

    kind: Literal["steps"]
    input: Text
    unit: Text
    steps: Ladder

    name = Message("steps")
    in_form = Message("enter the figure; the threshold that it reaches gives the points, exactly at it is reached.")
    in_scheme = Message("one threshold a line, falling: “100 → 1”, “85 → 0.75”; below the last: 0 points.")
    called = Message("the steps")
    ladder_field = "steps"
    digits = 2

    def words(self, maximum: float | None, language: str) -> str:
        steps = [(threshold, points_words(points)) for threshold, points in self.steps]
        return f"{subject(self.input)}: {ladder_words(steps, self.unit, language)}"

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        yield from super().flaws(maximum, code, strict)
        if self.percent and any(threshold > 100 for threshold, _ in self.steps):
            yield Problem("a threshold lies above 100%", about="scale")


@kind_of_rule
class Proportional(Kind):
    """Points in proportion to the answer: all of them from ``full_at``, none below ``zero_below``, and
    maximum x answer / full_at between (so they jump at ``zero_below``, as "dưới 70%: 0 điểm" does)."""

    kind: Literal["proportional"]
    input: Text
    unit: Text
    full_at: Number
    zero_below: Number

    name = Message("proportional")
    in_form = Message("enter the figure; points are in proportion to it, 0 below the lowest.")
    in_scheme = Message("points = maximum × result / “maximum from”; below “0 points below”: 0 points.")

    def earned(self, answers: Array, maximum: float) -> Array:
        share = np.minimum(answers / self.full_at, 1.0)
        return np.where(answers < round(self.zero_below, DECIMALS), 0.0, maximum * share)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        first = max(self.zero_below, stride * (np.floor(value / stride) + 1))
        return [float(x) for x in np.round(np.arange(first, self.full_at, stride), DECIMALS)] + [self.full_at]

    def outcomes(self, maximum: float) -> list[Outcome]:
        below = max(0.0, self.zero_below * 0.8)
        lowest = Outcome(0.0, below, max(below, self.zero_below - 0.01), 2)
        upper = Outcome(maximum, self.zero_below, self.full_at, 2, smooth=True)
        return [lowest, upper] if self.zero_below > 0 else [upper]

    def words(self, maximum: float | None, language: str) -> str:
        between = Message("points = {most} × result / {at}")
        between = between.filled(most=written(maximum or 0), at=written(self.full_at))
        steps = [(self.full_at, points_words(maximum or 0)), (self.zero_below, between)]
        return f"{subject(self.input)}: {ladder_words(steps, self.unit, language)}"

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        if not 0 <= self.zero_below < self.full_at:
            need = Message("need 0 <= zero_below < full_at, got {zero_below:g} and {full_at:g}")
            yield Problem(need.filled(zero_below=self.zero_below, full_at=self.full_at), about="full_at")
        elif self.percent and self.full_at > 100:
            yield Problem("full_at lies above 100%", about="full_at")


class _Count(Kind):
    """A count of cases, each worth ``per`` points."""

    input: Text
    per: Positive

    sentence: ClassVar[Message]  # with what a case is worth, all at most, the count from which nothing changes

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, None, whole=True)

    def _enough(self, maximum: float) -> int:
        return math.ceil(exact(maximum) / exact(self.per))

    def levels(self, maximum: float) -> Iterable[float]:
        return range(self._enough(maximum) + 1)

    def words(self, maximum: float | None, language: str) -> str:
        most = maximum or 0
        named = {"each": points_words(self.per), "most": points_words(most), "end": self._enough(most)}
        return self.sentence.filled(input=subject(self.input), **named).text(language)

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        each, most = written(self.per), written(maximum)
        if exact(self.per) > maximum:
            yield Problem("need 0 < per <= max, got {number}", about="per", number=each)
        elif strict and maximum % exact(self.per):
            odd = Message("max {number} is not a whole number of steps of {number2}", {"number": most, "number2": each})
            yield Problem(odd, about="scale")


@kind_of_rule
class Deduction(_Count):
    """Starts from the maximum and loses ``per`` points a case, never below 0."""

    kind: Literal["deduction"]

    name = Message("deduction")
    in_form = Message("enter the number of cases (0 where there is none); each takes off points.")
    in_scheme = Message("begins with the maximum; each case takes off “points a case”, not below 0.")
    sentence = Message("{input}: none: {most}; each one takes off {each}; {end} or more: 0 points")

    def earned(self, answers: Array, maximum: float) -> Array:
        return np.maximum(maximum - self.per * answers, 0.0)


@kind_of_rule
class Tally(_Count):
    """Earns ``per`` points a case, up to the maximum."""

    kind: Literal["tally"]

    name = Message("tally")
    in_form = Message("enter the number of cases (0 where there is none); each adds points.")
    in_scheme = Message("each case adds “points a case”, not above the maximum.")
    sentence = Message("{input}: {each} for each one, at most {most} ({end} or more)")

    def earned(self, answers: Array, maximum: float) -> Array:
        return np.minimum(self.per * answers, maximum)


@kind_of_rule
class Target(_Ladder):
    """The ratio of a result to its target against tiers; an answer is written "result/target", such as "105/100"."""

    kind: Literal["target"]
    input: Text
    target_input: Text
    tiers: Ladder

    name = Message("target")
    in_form = Message("enter the result and the target; points follow the ratio of result to target.")
    in_scheme = Message("the ratio of result to target by thresholds: “1 → 1.5” (target reached), “0.9 → 1”.")
    called = Message("the tiers")
    ladder_field = "tiers"
    digits = 3

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(None, None)  # a result may be negative (growth); its target must be above 0: see answers.py

    def full_from(self) -> float:
        return round(100 * float(self.tiers[0][0]), 9)

    def words(self, maximum: float | None, language: str) -> str:
        tiers = [(float(exact(ratio) * 100), points_words(points)) for ratio, points in self.tiers]
        named = {"input": subject(self.input), "target": self.target_input}
        named["ladder"] = ladder_words(tiers, "%", language, capped=False)
        return Message("{input} against {target}: {ladder}", named).text(language)

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        yield from super().flaws(maximum, code, strict)
        if any(not 0.1 <= ratio <= 2 for ratio, _ in self.tiers):
            yield Problem("tiers are ratios of result to target, between 0.1 and 2", about="scale")


@kind_of_rule
class Survey(Kind):
    """Points in proportion to the mean share (0-1) that the respondents' answers to one item earn on its scale."""

    kind: Literal["survey"]
    item: Text
    respondents: Texts
    scale: Scale

    name = Message("survey")
    in_form = Message("nothing to enter; taken from the sociological survey.")
    in_scheme = Message("the share that each answer earns: “5 → 1”, “4 → 0.8”; with the question and the respondents.")
    ground = "survey"
    answered = False
    source = Message("sociological survey")

    def earned(self, answers: Array, maximum: float) -> Array:
        return maximum * answers

    def slope(self, values: Array, maximum: float) -> Array:
        return np.full_like(values, maximum)

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, 1.0)

    def words(self, maximum: float | None, language: str) -> str:
        scale = "; ".join(f"{answer}: {number(exact(share) * 100, language)}%" for answer, share in self.scale.items())
        named = {"item": self.item, "most": written(maximum or 0), "scale": scale}
        return Message("Survey item {item}: points = {most} × mean share (answer {scale})", named).text(language)

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        if strict and self.item != "Q" + code.replace(".", "_"):
            yield Problem("survey item {item!r} does not follow the code", about="item", item=self.item)
        if not self.respondents or len(set(self.respondents)) != len(self.respondents):
            yield Problem("respondents must be a list of different codes", about="respondents")
        n = len(self.scale)
        if n < 2 or set(self.scale) != set(range(1, n + 1)):
            yield Problem("scale must give a share for each answer from 1 to n", about="scale")
            return
        shares = [self.scale[answer] for answer in range(n, 0, -1)]
        if any(a <= b for a, b in pairwise(shares)) or shares[0] != 1 or shares[-1] < 0:
            yield Problem("scale must fall from 1 (best answer) to 0 or more", about="scale")


@kind_of_rule
class External(Kind):
    """Points in proportion to another index, all of them from ``full_at``."""

    kind: Literal["external"]
    index: Code
    full_at: Positive

    name = Message("external")
    in_form = Message("nothing to enter; taken from an index that another office publishes.")
    in_scheme = Message("points = maximum × value / “maximum from”; with the code of the index, for example sipas.")
    ground = "external"
    answered = False
    source = Message("index {index}")

    def earned(self, answers: Array, maximum: float) -> Array:
        return maximum * np.minimum(answers / self.full_at, 1.0)

    def slope(self, values: Array, maximum: float) -> Array:
        return np.where(values < self.full_at, maximum / self.full_at, 0.0)

    def words(self, maximum: float | None, language: str) -> str:
        named = {"index": self.index, "most": written(maximum or 0), "full": written(self.full_at)}
        message = Message("Index {index}: points = {most} × value / {full}, at most {all}", named)
        return message.filled(all=points_words(maximum or 0)).text(language)


@kind_of_rule
class Given(Kind):
    """The points are taken as published."""

    kind: Literal["given"]

    name = Message("given")
    in_form = Message("enter the points published.")
    in_scheme = Message("the points published are taken; they are not worked out again.")
    ground = "documents"
    needs_maximum = False

    def earned(self, answers: Array, maximum: float) -> Array:
        return answers

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, maximum, slack=1e-4)  # published maxima have four decimals (3.3333 for 10/3)

    def words(self, maximum: float | None, language: str) -> str:
        return Message("Taken as published").text(language)


# --- answers as people write them: read, checked, written back ------------------------------------
# Answers as people write them: read to numbers that rules work on, checked, written back.

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


_MOST = 1e15  # a spreadsheet keeps fifteen digits
_LEAST = 5e-10  # points are compared after rounding to nine decimals: what a spreadsheet works out may miss by less


def fits(rule: Kind, values: Array, maximum: float | None = None) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which encoded answers the rule allows; an unknown one is allowed."""
    low, high, whole, slack = rule.limits(maximum)
    allowed = np.abs(values) < _MOST
    allowed &= values >= (-np.inf if low is None else low - _LEAST)
    allowed &= values <= (np.inf if high is None else high + max(slack, _LEAST))
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
    return Problem("no such option; the options are: {listed}", listed="; ".join(rule.label.values()), value=cell)


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


def _stored(rule: Kind) -> Callable[[object], float | None]:
    """What gives the encoded answer of a cell that is as the ledger keeps it ("late", "1.234", "1.234/1000"), and
    ``None`` of any other."""
    if isinstance(rule, Choice):
        codes = {option: float(place) for place, option in enumerate(rule.options)}
        return lambda cell: codes.get(cell) if isinstance(cell, str) else None
    n_parts = 2 if isinstance(rule, Target) else 1

    def read(cell: object) -> float | None:
        if isinstance(cell, float):
            return cell if n_parts == 1 else None
        parts = cell.split("/") if isinstance(cell, str) else []
        if len(parts) != n_parts or not all(map(_PLAIN.match, parts)):
            return None
        value, target = float(parts[0]), float(parts[-1])
        return value if n_parts == 1 else encode(rule, (value, target)) if target > 0 else None

    return read


def read_answers(rule: Kind, cells: Iterable[object], maximum: float | None = None) -> tuple[Array, dict[int, Problem]]:
    """A column of answers as encoded numbers, and the problems by place in the column (NaN there).

    Numbers as the ledger keeps them are read as stored; any other text as ``parse_answer`` reads it.
    """
    listed, stored = list(cells), _stored(rule)
    values = np.full(len(listed), np.nan)
    problems: dict[int, Problem] = {}
    for place, cell in enumerate(listed):
        if (value := stored(cell)) is not None:
            values[place] = value
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
