"""How an answer earns points: the union of the rule kinds, their words, and the next better answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field, TypeAdapter

from parlib.framework.answers import Answer, answer_text, encode, fits, parse_answer, read_answers
from parlib.framework.ladders import DECIMALS
from parlib.framework.rule_kinds import (
    Choice,
    Deduction,
    External,
    Given,
    Kind,
    Limits,
    Proportional,
    Steps,
    Survey,
    Tally,
    Target,
)

__all__ = [
    "KINDS",
    "RULE",
    "Answer",
    "Choice",
    "Deduction",
    "External",
    "Given",
    "Kind",
    "Limits",
    "Proportional",
    "Rule",
    "Step",
    "Steps",
    "Survey",
    "Tally",
    "Target",
    "answer_text",
    "describe",
    "encode",
    "fits",
    "next_steps",
    "parse_answer",
    "read_answers",
]

Rule = Annotated[
    Choice | Steps | Proportional | Deduction | Tally | Target | Survey | External | Given,
    Field(discriminator="kind"),
]
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
KINDS = ("choice", "steps", "proportional", "deduction", "tally", "target", "survey", "external", "given")

STRIDE = 5.0  # the steps offered to a proportional rule, in the unit of its input (percentage points mostly)


@dataclass(frozen=True, slots=True)
class Step:
    """A better answer within reach: as the ledger would keep it, its points, and how many more these are."""

    answer: str
    points: float
    gain: float


def describe(rule: Kind, maximum: float | None, language: str = "vi") -> str:
    """The rule in words: "Tỷ lệ hoàn thành kế hoạch: đạt 100%: 1 điểm; từ 85% đến dưới 100%: 0,75 điểm; ..."

    Inputs and options are named as the scheme names them, in Vietnamese, in both languages.
    """
    return rule.words(maximum, language)


def next_steps(rule: Kind, answer: Answer | None, maximum: float, stride: float = STRIDE) -> tuple[Step, ...]:
    """The better answers that a unit could give instead of ``answer``, each that earns more points, nearest first.

    ``answer`` is as ``parse_answer`` returns it (a number, an option's id, result and target). A choice offers its
    better options, steps and target their higher thresholds (a target keeps its target), counts each case less or
    more, a proportional rule every ``stride`` up to ``full_at``. Nothing is offered where the answer is unknown, or
    where it is not the unit's own (survey, external, given).
    """
    if answer is None or not rule.answered or isinstance(rule, Given):
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
