"""How an answer earns points: the union of the rule kinds, their words, and the next better answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

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
    "Choice",
    "Deduction",
    "External",
    "Given",
    "Kind",
    "Limits",
    "Proportional",
    "Rule",
    "Steps",
    "Survey",
    "Tally",
    "Target",
]

Rule = Annotated[
    Choice | Steps | Proportional | Deduction | Tally | Target | Survey | External | Given,
    Field(discriminator="kind"),
]
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
KINDS = ("choice", "steps", "proportional", "deduction", "tally", "target", "survey", "external", "given")
