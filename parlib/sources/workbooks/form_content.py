"""What a form shows of the ledger: what the unit stated, what the council decided, what was explained."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from parlib.errors import Problem
from parlib.numerals import number
from parlib.scoring.answers import Answer, parse_answer
from parlib.scoring.rules import Choice
from parlib.scoring.scheme import Node, Scheme
from parlib.sources.rounds.opening import Round
from parlib.sources.rounds.stages import effective_rows
from parlib.sources.workbooks.form_layout import ADJUST, EXPLAIN, NOT_APPLICABLE, Form, FormKind
from parlib.words import Message


@dataclass(frozen=True, slots=True)
class Said:
    """A row of the ledger, or the plan's word that a leaf does not apply (``planned``)."""

    answer: str = ""
    points: float = math.nan
    not_applicable: bool = False
    evidence: str = ""
    remark: str = ""
    by: str = ""
    earned: float = math.nan
    planned: bool = False

    @property
    def stated(self) -> bool:
        """Whether it holds a value."""
        return self.answer != "" or not math.isnan(self.points) or self.not_applicable

    def same_value(self, other: Said) -> bool:
        """Whether both say the same of the leaf."""
        points = (self.points, other.points)
        same = points[0] == points[1] or all(math.isnan(value) for value in points)
        return same and self.answer == other.answer and self.not_applicable == other.not_applicable


NOTHING = Said()
Words = Mapping[str, Said]  # by the code of the leaf


class Standing:
    """What the ledger of a round says, unit by unit. Looked up once for all forms of a round."""

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._held = {stage: effective_rows(round_, stage) for stage in ("self", "appraisal")}
        ledger = round_.ledger
        self._lines: list[Any] = list(ledger.itertuples(index=False))
        stated = (ledger["answer"] != "") | ledger["points"].notna() | ledger["not_applicable"]
        self._last = {
            stage: _last(ledger[(ledger["stage"] == stage) & (stated | (stage != "conclusion"))])
            for stage in ("appraisal", "appeal", "conclusion")
        }

    def holds(self, unit: str, stage: str) -> Words:
        """What holds for a unit at the stage "self" or "appraisal"."""
        book = self._round.book
        at = book.units.get_loc(unit)
        words: dict[str, Said] = {}
        reasons = self._reasons(unit)
        for code, row, exempt in zip(book.codes, self._held[stage][at], book.exempt[at], strict=True):
            if exempt:
                words[code] = Said(not_applicable=True, planned=True, remark=reasons.get(code, ""))
            elif row >= 0:
                words[code] = self._said(int(row))
        return words

    def filled(self, unit: str, kind: FormKind) -> Words:
        """What the ledger holds of what a form asks for: of the council and of explanations, the rows themselves."""
        if kind == "self":
            return self.holds(unit, "self")
        return {code: self._said(row) for code, row in self._last[kind].get(unit, {}).items()}

    def shown(self, unit: str, form: Form) -> dict[str, Words]:
        """What the printed columns of a form show, by the word that their keys begin with: "self", "council", "claim".

        That of the unit itself is there for every form: it says what the plan exempts.
        """
        words: dict[str, Words] = {"self": self.holds(unit, "self")}
        if "council_answer" in form.places:
            words["council"] = self.holds(unit, "appraisal")
        if "claim_answer" in form.places:
            words["claim"] = self.filled(unit, "appeal")
        return words

    def _reasons(self, unit: str) -> dict[str, str]:
        exempt = self._round.plan.exempt()
        mine = exempt[exempt["unit"] == unit]
        return dict(zip(mine["code"], mine["reason"], strict=True))

    def _said(self, row: int) -> Said:
        line = self._lines[row]
        texts = (str(line.evidence), str(line.remark), str(line.by))
        return Said(str(line.answer), float(line.points), bool(line.not_applicable), *texts, float(line.earned))


def _last(rows: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The place of the last row of each unit and code."""
    places: dict[str, dict[str, int]] = {}
    for place, unit, code in zip(np.asarray(rows.index).tolist(), rows["unit"], rows["code"], strict=True):
        places.setdefault(str(unit), {})[str(code)] = int(place)
    return places


# --- answers as cells -------------------------------------------------------------------------


def answer_of(node: Node, text: str) -> Answer | None:
    """The answer that the ledger's text means; ``None`` where there is none."""
    if text == "" or node.rule is None:
        return None
    typed = text if isinstance(node.rule, Choice) else text.replace(".", ",")  # the mark that cannot be mistaken
    answer = parse_answer(node.rule, typed, node.maximum)
    return None if isinstance(answer, Problem) else answer


def answer_cells(node: Node, answer: Answer | None) -> tuple[str | float | None, float | None]:
    """An answer as the cells of a form hold it: the label or number, and the target."""
    if answer is None:
        return None, None
    if isinstance(answer, tuple):
        return answer
    if isinstance(node.rule, Choice):
        return node.rule.label[str(answer)], None
    return float(answer), None


def answer_words(node: Node, said: Said, language: str) -> str:
    """What was said as people read it."""
    if said.not_applicable:
        return NOT_APPLICABLE.text(language)
    answer = answer_of(node, said.answer)
    if answer is None:
        if math.isnan(said.points):
            return ""
        return Message("{points} points (set)", {"points": number(said.points, language)}).text(language)
    if isinstance(answer, tuple):
        return " / ".join(number(part, language) for part in answer)
    if isinstance(node.rule, Choice):
        return node.rule.label[str(answer)]
    unit = getattr(node.rule, "unit", "")
    return number(float(answer), language) + (unit if unit == "%" else f" {unit}" if unit else "")


def effective_points(said: Said, node: Node, policy: str) -> float | None:
    """The points that something said gives; ``None`` where it gives none."""
    if said.not_applicable:
        return {"rescale": None, "full": node.maximum, "zero": 0.0}[policy]
    return None if math.isnan(said.earned) else said.earned


def decision_of(form: Form, said: Said, standing: Said) -> Message | None:
    """The word in the column of decisions that gives the row ``said`` where ``standing`` held before."""
    if form.kind == "appeal":
        return EXPLAIN if said.stated or said.remark or said.evidence else None
    if not said.stated:
        return None
    if said.same_value(standing):
        return form.accept
    return NOT_APPLICABLE if said.not_applicable else ADJUST


def scheme_hash(scheme: Scheme) -> str:
    """The SHA-256 of what a scheme says, however its file is laid out."""
    content = json.dumps(scheme.document(), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
