"""The kinds of rule by which an answer earns points: each is one class that says everything about itself.

A kind is a pydantic model, entered in ``KINDS`` by ``kind_of_rule``: its fields and how people see them (``Part``), its
points, its words, what answers it allows, the next better ones, and the outcomes it can have. Every other room asks
the class: the workbook of a scheme, forms, simulation, diagnosis. Only its Excel formula stands elsewhere
(``parlib.sources.workbooks.form_formulas``). An answer is a number, but for kinds of ``Choice`` (the id of an option)
and of ``Target`` (a result and its target).

A rule works on *encoded* answers, floats in which NaN means unknown: the number answered; for ``choice`` the place of
the option in its list (0 = best); for ``target`` the ratio of result to target. ``points`` turns an array of them into
points, rounded to 9 decimals so that sums of points are equal whatever their order. Thresholds belong to what they
open ("từ 85%"), and answers are compared with them after rounding to 9 decimals, so no noise of arithmetic misses one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, PlainValidator, SerializeAsAny, Strict

from parlib.errors import Problem
from parlib.numerals import number, written
from parlib.words import Bilingual, Message, Words

Array = npt.NDArray[np.float64]
Ground = Literal["documents", "results", "survey", "external"]  # papers looked at, results counted, people asked, ...

DECIMALS = 9  # points and answers are compared after rounding to so many decimals
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")


def exact_values(values: npt.ArrayLike) -> Array:
    """``values`` rounded to 9 decimals: what is equal on paper is equal here (0.1 + 0.2 and 0.3)."""
    return np.asarray(np.round(np.asarray(values, dtype=np.float64), DECIMALS), dtype=np.float64)


def exact(x: float) -> Decimal:
    """``x`` as the decimal that was written: 0.1 is 0.1."""
    return Decimal(repr(float(x))).normalize()


def points_words(x: float, language: str) -> str:
    """ "0,75 điểm", "0.75 points"."""
    said = Message("{n} point", {"n": written(x)}) if x == 1 else Message("{n} points", {"n": written(x)})
    return said.text(language)


# --- the fields of rules ------------------------------------------------------------------------------------------


class Part(NamedTuple):
    """How people see a field of a rule: its column in the workbook of a scheme, that column's heading and width, and a
    word of help. ``is_code``: what it holds is a code, not words."""

    column: str
    heading: Words
    width: float = 12
    help: Words = Bilingual("", "")
    is_code: bool = False


INPUT = Part("input", Message("figure to enter"), 34, Message("the figure that the unit must enter"))
TARGET_INPUT = Part("target_input", Message("figure to compare with (target)"), 26)
UNIT = Part("unit", Message("unit of measure"), 9, Message("for example %"))
LINES = Part(
    "scale", Message("scale of points (a level a line)"), 52, Message("for example: 85 → 0.75 or: In time → 0.5")
)
FULL_AT = Part("full_at", Message("maximum from"), 10)
ZERO_BELOW = Part("zero_below", Message("0 points below"), 10)
PER = Part("per", Message("points a case"), 10)
ITEM = Part("item", Message("survey question"), 12, Message("the code of a question of the survey"), True)
RESPONDENTS = Part("respondents", Message("respondents"), 22, Message("codes of groups, with commas between"), True)
INDEX = Part("index", Message("code of the index"), 14, Message("for example sipas"), True)
#: The parts in the order of their columns; those that other kinds bring follow.
PARTS = (INPUT, TARGET_INPUT, UNIT, LINES, FULL_AT, ZERO_BELOW, PER, ITEM, RESPONDENTS, INDEX)

Text = Annotated[str, Strict()]
Number = Annotated[float, Strict()]
Texts = tuple[Text, ...]
Ladder = tuple[tuple[Number, Number], ...]  # thresholds and their points, the highest first
Options = dict[Text, Number]  # ids of options and their points, the best first
Labels = dict[Text, Text]  # of options
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

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str

    name: ClassVar[Words]
    in_form: ClassVar[Words]  # what is entered, as the guide of a form says it
    in_scheme: ClassVar[Words]  # how it is written in the workbook of a scheme, as the guide there says it
    ground: ClassVar[Ground] = "results"  # on what points are given
    answered: ClassVar[bool] = True  # whether the unit itself answers (not a survey, not another index)
    needs_maximum: ClassVar[bool] = True
    doubts: ClassVar[tuple[Words, ...]] = (  # why a simulated council gives fewer points
        Message("the figures of the monitoring system are lower than those reported (simulated)"),
    )

    @classmethod
    def parts(cls) -> dict[str, Part]:
        """The fields of the kind as people see them."""
        found = {}
        for key, field in cls.model_fields.items():
            own = next((item for item in field.metadata if isinstance(item, Part)), None)
            found[key] = own or Part(key, Bilingual(key, key))
        return {key: part for key, part in found.items() if key != "kind"}

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

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        """The answers that a unit could give next instead of ``value``, nearest first."""
        return []

    def outcomes(self, maximum: float) -> list[Outcome]:
        """What the rule can give, from the fewest points to the most: simulation draws answers from it."""
        raise NotImplementedError(f"a unit does not answer the rule {self}")

    def full_from(self) -> float:
        """The value from which all points are given; NaN where the rule does not say."""
        return float("nan")

    def words(self, maximum: float | None, language: str) -> str:
        """The rule as a sentence."""
        raise NotImplementedError

    def source(self) -> Words:
        """Where the value of a rule comes from that the unit does not answer."""
        return self.name

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        """What is wrong with the rule, each ``about`` a field. ``strict``: hold it to the conventions of our own
        illustrative schemes too."""
        yield from ()

    def best(self, maximum: Decimal) -> Decimal:
        """The most points that the rule can give."""
        return maximum


KINDS: dict[str, type[Kind]] = {}  # every kind of rule, by its name in a scheme


def kind_of_rule(cls: type[Kind]) -> type[Kind]:
    """Enter a kind in ``KINDS``: a decorator."""
    (name,) = cls.model_fields["kind"].annotation.__args__  # type: ignore[union-attr]
    KINDS[name] = cls
    return cls


def rule_from(content: Mapping[str, Any] | Kind) -> Kind:
    """The rule that the plain content of a scheme means. ``ValidationError`` where its form is wrong."""
    return content if isinstance(content, Kind) else KINDS[content["kind"]].model_validate(content)


Rule = Annotated[SerializeAsAny[Kind], PlainValidator(rule_from)]


def describe(rule: Kind, maximum: float | None, language: str = "vi") -> str:
    """The rule in words: "Tỷ lệ hoàn thành kế hoạch: đạt 100%: 1 điểm; từ 85% đến dưới 100%: 0,75 điểm; ..."

    Inputs and options are named as the scheme names them, in Vietnamese, in every language.
    """
    return rule.words(maximum, language)


# --- ladders of thresholds ----------------------------------------------------------------------------------------


def subject(text: str) -> str:
    """The name of an input as the beginning of a sentence, without its unit in brackets."""
    bare = re.sub(r"\s*\(%\)\s*$", "", text)
    return bare[:1].upper() + bare[1:]


def ladder_flaws(ladder: Ladder, what: Words) -> Iterator[Problem]:
    """What is wrong with a ladder that people call ``what``."""
    if not ladder:
        yield Problem("{what} must not be empty", about="scale", what=what)
        return
    for (high, more), (low, less) in pairwise(ladder):
        if not high > low:
            a, b = written(high), written(low)
            yield Problem(
                "{what}: thresholds must fall ({number}, {number2})", about="scale", what=what, number=a, number2=b
            )
        if not more > less:
            a, b = written(more), written(less)
            yield Problem(
                "{what}: points must fall ({number}, {number2})", about="scale", what=what, number=a, number2=b
            )
    if not (ladder[-1][0] > 0 and ladder[-1][1] > 0):
        yield Problem("{what}: lowest threshold and points must be above 0", about="scale", what=what)


def climb(ladder: Ladder, answers: Array) -> Array:
    """The points of the highest threshold reached; 0 below the lowest."""
    rising = ladder[::-1]
    thresholds = np.round([threshold for threshold, _ in rising], DECIMALS)
    earned = np.array([0.0, *(points for _, points in rising)])
    return np.asarray(earned[np.searchsorted(thresholds, answers, side="right")], dtype=np.float64)


def ladder_words(ladder: Ladder, unit: str, language: str, capped: bool = True) -> str:
    """The ladder as text, from the best step down to 0 points. ``capped``: nothing can be more than 100%."""
    sign = "" if not unit else unit if unit == "%" else f" {unit}"
    parts: list[str] = []
    above = ""
    for threshold, points in ladder:
        low, got = f"{number(threshold, language)}{sign}", points_words(points, language)
        if not above and capped and unit == "%" and threshold == 100:
            said = Message("100%: {got}", {"got": got})
        elif not above:
            said = Message("{low} or more: {got}", {"low": low, "got": got})
        else:
            said = Message("{low} to under {above}: {got}", {"low": low, "above": above, "got": got})
        parts.append(said.text(language))
        above = low
    parts.append(Message("under {above}: {got}", {"above": above, "got": points_words(0, language)}).text(language))
    return "; ".join(parts)


# --- the kinds ----------------------------------------------------------------------------------------------------


@kind_of_rule
class Choice(Kind):
    """One of several options, listed from best to worst; each gives its points."""

    kind: Literal["choice"]
    options: Annotated[Options, LINES]
    label: Annotated[Labels, LINES]

    name = Message("choice")
    in_form = Message("choose one of the options listed; each has its own points.")
    in_scheme = Message(
        "one option a line, the best first: “In time → 0.5”. The id in square brackets is set by the program; you need"
        " not type it."
    )
    ground = "documents"
    doubts = (
        Message("the evidence does not show all that is required (simulated)"),
        Message("the document was issued after the time limit (simulated)"),
    )

    def earned(self, answers: Array, maximum: float) -> Array:
        return np.array(list(self.options.values()), dtype=np.float64)[answers.astype(np.intp)]

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, len(self.options) - 1.0, whole=True)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        return [float(place) for place in range(int(value) - 1, -1, -1)]

    def outcomes(self, maximum: float) -> list[Outcome]:
        places = range(len(self.options) - 1, -1, -1)
        return [Outcome(float(self.points(place, maximum)), place, place) for place in places]

    def words(self, maximum: float | None, language: str) -> str:
        return "; ".join(f"{self.label[key]}: {points_words(points, language)}" for key, points in self.options.items())

    def best(self, maximum: Decimal) -> Decimal:
        return max((exact(points) for points in self.options.values()), default=maximum)

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        points = list(self.options.values())
        if len(points) < 2:
            yield Problem("choice needs two or more options", about="scale")
            return
        for key in self.options:
            if not IDENTIFIER.match(key):
                yield Problem("option id {key!r} is not a plain identifier", about="scale", key=key)
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

    @property
    def ladder(self) -> Ladder:
        """The thresholds and their points, the highest first."""
        raise NotImplementedError

    def earned(self, answers: Array, maximum: float) -> Array:
        return climb(self.ladder, answers)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        return [threshold for threshold, _ in reversed(self.ladder) if threshold > value]

    def best(self, maximum: Decimal) -> Decimal:
        return exact(self.ladder[0][1]) if self.ladder else maximum

    def _outcomes(self, top: float, digits: int) -> list[Outcome]:
        """The levels, the lowest from somewhat under the first threshold, the best up to ``top``."""
        bounds = [threshold for threshold, _ in reversed(self.ladder)]
        edges = [bounds[0] * 0.8, *bounds, max(top, bounds[-1])]
        found = []
        for low, high in pairwise(edges):
            inside = high - 10**-digits if high in bounds else high
            found.append(Outcome(float(self.points(low, 0.0)), low, max(low, inside), digits))
        return found


@kind_of_rule
class Steps(_Ladder):
    """Thresholds of a figure."""

    kind: Literal["steps"]
    input: Annotated[Text, INPUT]
    unit: Annotated[Text, UNIT]
    steps: Annotated[Ladder, LINES]

    name = Message("steps")
    in_form = Message("enter the figure; the threshold that it reaches gives the points, exactly at it is reached.")
    in_scheme = Message("one threshold a line, falling: “100 → 1”, “85 → 0.75”; below the last: 0 points.")

    @property
    def ladder(self) -> Ladder:
        return self.steps

    def outcomes(self, maximum: float) -> list[Outcome]:
        return self._outcomes(100.0 if self.percent else self.steps[0][0] * 1.15, 2)

    def full_from(self) -> float:
        return float(self.steps[0][0])

    def words(self, maximum: float | None, language: str) -> str:
        return f"{subject(self.input)}: {ladder_words(self.steps, self.unit, language)}"

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        yield from ladder_flaws(self.steps, Message("the steps"))
        if self.percent and any(threshold > 100 for threshold, _ in self.steps):
            yield Problem("a threshold lies above 100%", about="scale")


@kind_of_rule
class Proportional(Kind):
    """Points in proportion to the answer: all of them from ``full_at``, none below ``zero_below``, and
    maximum x answer / full_at between (so they jump at ``zero_below``, as "dưới 70%: 0 điểm" does)."""

    kind: Literal["proportional"]
    input: Annotated[Text, INPUT]
    unit: Annotated[Text, UNIT]
    full_at: Annotated[Number, FULL_AT]
    zero_below: Annotated[Number, ZERO_BELOW]

    name = Message("proportional")
    in_form = Message("enter the figure; points are in proportion to it, 0 below the lowest.")
    in_scheme = Message("points = maximum × result / “maximum from”; below “0 points below”: 0 points.")
    doubts = (*Kind.doubts, Message("the share is worked out again with the denominator of the guide (simulated)"))

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

    def full_from(self) -> float:
        return float(self.full_at)

    def words(self, maximum: float | None, language: str) -> str:
        sign = self.unit if self.unit == "%" else f" {self.unit}"
        full, zero = (f"{number(x, language)}{sign}" for x in (self.full_at, self.zero_below))
        most = points_words(maximum or 0, language)
        named = {"most": written(maximum or 0), "at": written(self.full_at), "full": full, "zero": zero}
        at_top = Message("100%: {got}", {"got": most})
        top = at_top if full == "100%" else Message("{low} or more: {got}", {"low": full, "got": most})
        if self.zero_below:
            between = Message("{zero} to under {full}: points = {most} × result / {at}", named)
            low = [Message("under {above}: {got}", {"above": zero, "got": points_words(0, language)})]
        else:
            between, low = Message("under {full}: points = {most} × result / {at}", named), []
        return f"{subject(self.input)}: {'; '.join(part.text(language) for part in (top, between, *low))}"

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        if not 0 <= self.zero_below < self.full_at:
            yield Problem(
                "need 0 <= zero_below < full_at, got {zero_below:g} and {full_at:g}",
                about="full_at", zero_below=self.zero_below, full_at=self.full_at,
            )  # fmt: skip
        elif self.percent and self.full_at > 100:
            yield Problem("full_at lies above 100%", about="full_at")


class _Count(Kind):
    """A count of cases, each worth ``per`` points."""

    input: Annotated[Text, INPUT]
    per: Annotated[Number, PER]

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, None, whole=True)

    def _enough(self, maximum: float) -> int:
        """The count from which nothing changes any more."""
        return int(-(-exact(maximum) // exact(self.per)))

    def outcomes(self, maximum: float) -> list[Outcome]:
        counts = range(self._enough(maximum) + 1)
        found = [Outcome(float(self.points(count, maximum)), count, count) for count in counts]
        return sorted(found, key=lambda outcome: outcome.points)

    def _named(self, maximum: float | None, language: str) -> dict[str, object]:
        """What a case is worth (``each``), all at most, and the count from which nothing changes, for the words."""
        each, most = points_words(self.per, language), points_words(maximum or 0, language)
        return {"input": subject(self.input), "each": each, "most": most, "end": self._enough(maximum or 0)}

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        if not 0 < exact(self.per) <= maximum:
            yield Problem("need 0 < per <= max, got {number}", about="per", number=written(self.per))
        elif strict and maximum % exact(self.per):
            each, most = written(self.per), written(maximum)
            yield Problem(
                "max {number} is not a whole number of steps of {number2}", about="scale", number=most, number2=each
            )


@kind_of_rule
class Deduction(_Count):
    """Starts from the maximum and loses ``per`` points a case, never below 0."""

    kind: Literal["deduction"]

    name = Message("deduction")
    in_form = Message("enter the number of cases (0 where there is none); each takes off points.")
    in_scheme = Message("begins with the maximum; each case takes off “points a case”, not below 0.")
    doubts = (Message("the inspection found further breaches (simulated)"),)

    def earned(self, answers: Array, maximum: float) -> Array:
        return np.maximum(maximum - self.per * answers, 0.0)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        return [float(count) for count in range(min(int(value), self._enough(maximum)) - 1, -1, -1)]

    def words(self, maximum: float | None, language: str) -> str:
        named = self._named(maximum, language)
        said = Message("{input}: none: {most}; each one takes off {each}; {end} or more: 0 points", named)
        return said.text(language)


@kind_of_rule
class Tally(_Count):
    """Earns ``per`` points a case, up to the maximum."""

    kind: Literal["tally"]

    name = Message("tally")
    in_form = Message("enter the number of cases (0 where there is none); each adds points.")
    in_scheme = Message("each case adds “points a case”, not above the maximum.")
    doubts = (Message("some items are not counted for lack of evidence (simulated)"),)

    def earned(self, answers: Array, maximum: float) -> Array:
        return np.minimum(self.per * answers, maximum)

    def better(self, value: float, maximum: float, stride: float) -> list[float]:
        return [float(count) for count in range(int(value) + 1, self._enough(maximum) + 1)]

    def words(self, maximum: float | None, language: str) -> str:
        named = self._named(maximum, language)
        return Message("{input}: {each} for each one, at most {most} ({end} or more)", named).text(language)


@kind_of_rule
class Target(_Ladder):
    """The ratio of a result to its target against tiers; an answer is written "result/target", such as "105/100"."""

    kind: Literal["target"]
    input: Annotated[Text, INPUT]
    target_input: Annotated[Text, TARGET_INPUT]
    tiers: Annotated[Ladder, LINES]

    name = Message("target")
    in_form = Message("enter the result and the target; points follow the ratio of result to target.")
    in_scheme = Message("the ratio of result to target by thresholds: “1 → 1.5” (target reached), “0.9 → 1”.")
    doubts = (Message("compared with the official statistics (simulated)"),)

    @property
    def ladder(self) -> Ladder:
        return self.tiers

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(None, None)  # a result may be negative (growth); its target must be above 0: see answers.py

    def outcomes(self, maximum: float) -> list[Outcome]:
        return self._outcomes(self.tiers[0][0] * 1.15, 3)

    def full_from(self) -> float:
        return round(100 * float(self.tiers[0][0]), 9)

    def words(self, maximum: float | None, language: str) -> str:
        tiers = tuple((float(exact(ratio) * 100), points) for ratio, points in self.tiers)
        ladder = ladder_words(tiers, "%", language, capped=False)
        named = {"input": subject(self.input), "target": self.target_input, "ladder": ladder}
        return Message("{input} against {target}: {ladder}", named).text(language)

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        yield from ladder_flaws(self.tiers, Message("the tiers"))
        if any(not Decimal("0.1") <= exact(ratio) <= 2 for ratio, _ in self.tiers):
            yield Problem("tiers are ratios of result to target, between 0.1 and 2", about="scale")


@kind_of_rule
class Survey(Kind):
    """Points in proportion to the mean share (0-1) that the respondents' answers to one item earn on its scale."""

    kind: Literal["survey"]
    item: Annotated[Text, ITEM]
    respondents: Annotated[Texts, RESPONDENTS]
    scale: Annotated[Scale, LINES]

    name = Message("survey")
    in_form = Message("nothing to enter; taken from the sociological survey.")
    in_scheme = Message("the share that each answer earns: “5 → 1”, “4 → 0.8”; with the question and the respondents.")
    ground = "survey"
    answered = False

    def earned(self, answers: Array, maximum: float) -> Array:
        return maximum * answers

    def slope(self, values: Array, maximum: float) -> Array:
        return np.full_like(values, maximum)

    def limits(self, maximum: float | None = None) -> Limits:
        return Limits(0.0, 1.0)

    def source(self) -> Words:
        return Message("sociological survey")

    def words(self, maximum: float | None, language: str) -> str:
        scale = "; ".join(f"{answer}: {number(exact(share) * 100, language)}%" for answer, share in self.scale.items())
        named = {"item": self.item, "most": written(maximum or 0), "scale": scale}
        return Message("Survey item {item}: points = {most} × mean share (answer {scale})", named).text(language)

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        if not self.item.strip():
            yield Problem("survey item is missing", about="item")
        elif strict and self.item != "Q" + code.replace(".", "_"):
            yield Problem("survey item {item!r} does not follow the code", about="item", item=self.item)
        named = self.respondents
        if not named or len(set(named)) != len(named) or not all(IDENTIFIER.match(group) for group in named):
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
    index: Annotated[Text, INDEX]
    full_at: Annotated[Number, FULL_AT]

    name = Message("external")
    in_form = Message("nothing to enter; taken from an index that another office publishes.")
    in_scheme = Message("points = maximum × value / “maximum from”; with the code of the index, for example sipas.")
    ground = "external"
    answered = False

    def earned(self, answers: Array, maximum: float) -> Array:
        return maximum * np.minimum(answers / self.full_at, 1.0)

    def slope(self, values: Array, maximum: float) -> Array:
        return np.where(values < self.full_at, maximum / self.full_at, 0.0)

    def full_from(self) -> float:
        return float(self.full_at)

    def source(self) -> Words:
        return Message("index {index}", {"index": self.index})

    def words(self, maximum: float | None, language: str) -> str:
        named = {"index": self.index, "most": written(maximum or 0), "full": written(self.full_at)}
        named["all"] = points_words(maximum or 0, language)
        return Message("Index {index}: points = {most} × value / {full}, at most {all}", named).text(language)

    def flaws(self, maximum: Decimal, code: str, strict: bool) -> Iterator[Problem]:
        if not IDENTIFIER.match(self.index):
            yield Problem("index must be a plain identifier", about="index", index=self.index)
        if not self.full_at > 0:
            yield Problem("full_at must be above 0", about="full_at")


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
