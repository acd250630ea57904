"""What a round allows in its ledger: units, leaves, maxima, what does not apply; and where a wrong cell stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import ParlibError, Problem
from parlib.scoring.rules import Given
from parlib.scoring.scheme import Node, Scheme
from parlib.sources.rounds.plan import RoundPlan
from parlib.words import Words

if TYPE_CHECKING:
    Keys = pd.Index[str]


def _index(keys: list[str]) -> Keys:
    return pd.Index(keys, dtype="str")


def places(known: Keys, keys: pd.Series) -> npt.NDArray[np.intp]:
    """The place of each key among the ``known`` ones; -1 for a stranger."""
    return np.asarray(known.get_indexer(pd.Index(keys)), dtype=np.intp)


@dataclass(frozen=True)
class Rulebook:
    """What a round allows: its units, its leaves with their maxima, what does not apply by decision of the plan."""

    plan: RoundPlan
    scheme: Scheme

    @cached_property
    def units(self) -> Keys:
        """Keys of the units of the round, in official order."""
        return _index(list(self.plan.unit_frame()["unit"]))

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        """The leaves of the scheme, in order."""
        return self.scheme.leaves

    @cached_property
    def codes(self) -> Keys:
        """Codes of the leaves."""
        return _index([leaf.code for leaf in self.leaves])

    @cached_property
    def answered(self) -> npt.NDArray[np.bool_]:
        """Which leaves the units answer themselves (not a survey, not another index)."""
        return np.array([leaf.rule is not None and leaf.rule.answered for leaf in self.leaves])

    @cached_property
    def given(self) -> npt.NDArray[np.bool_]:
        """Which leaves take points as they are, without a rule."""
        return np.array([isinstance(leaf.rule, Given) for leaf in self.leaves])

    @cached_property
    def maxima(self) -> npt.NDArray[np.float64]:
        """Maxima of the leaves; NaN where none was seen."""
        return np.array([math.nan if leaf.maximum is None else leaf.maximum for leaf in self.leaves])

    @cached_property
    def exempt(self) -> npt.NDArray[np.bool_]:
        """Units x leaves that do not apply by decision of the plan."""
        mask = np.zeros((len(self.units), len(self.codes)), dtype=bool)
        listed = self.plan.exempt()
        mask[places(self.units, listed["unit"]), places(self.codes, listed["code"])] = True
        return mask

    def resolved(self, texts: pd.Series) -> tuple[dict[str, str], dict[str, Problem]]:
        """The key that each spelling of a unit means, and the problems with those that mean none of the round."""
        keys: dict[str, str] = {}
        problems: dict[str, Problem] = {}
        plan = self.plan
        for text in pd.unique(texts):
            if text in self.units:
                keys[text] = text
                continue
            if not text:
                problems[text] = Problem("the unit is missing", value="")
                continue
            try:
                unit = plan.find(text)
            except ParlibError as error:
                problems[text] = error.problems[0]
                continue
            keys[text] = unit.key
            if unit.key not in self.units:
                problems[text] = Problem(
                    "the unit {key} is not in the round {plan_id}", value=text, key=unit.key, plan_id=plan.id
                )
        return keys, problems


@dataclass(frozen=True)
class Origin:
    """Where rows come from, for the words of a problem: the file, and what its columns are called."""

    file: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str, stage: str) -> str:
        """What the file calls a field."""
        return self.headings.get(f"{stage}.{name}") or self.headings.get(name, name)

    def problem(self, texts: pd.DataFrame, place: int, column: str, message: Words, value: object = ...) -> Problem:
        """A problem with the cell of ``column`` in the row at ``place``."""
        row = texts.loc[[place]].to_dict("records")[0]
        return Problem(
            message,
            file=self.file,
            sheet=str(row["sheet"]),
            row=int(row["source_row"]),
            column=self.column(column, str(row["stage"])),
            node=str(row["code"]),
            value=row[column] if value is ... else value,
        )
