"""The cells that people fill in for one leaf of a form, read as values; or what is wrong with them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from parlib.errors import Problem
from parlib.scoring.answers import Answer, answer_text, parse_answer
from parlib.scoring.rules import Choice, Target, number
from parlib.scoring.scheme import Node
from parlib.sources.workbooks.attached import UNREAD_LINK, leads_elsewhere
from parlib.sources.workbooks.cells import forbidden, percent_problem, plain_value, shown_as_percent
from parlib.sources.workbooks.form_layout import DECISIONS, NOT_APPLICABLE, asked, not_asked_words
from parlib.sources.workbooks.form_structure import Structure
from parlib.sources.workbooks.rule_columns import number_of
from parlib.tables import encoding_problem
from parlib.words import Bilingual, Message, fold

TOLERANCE = 1e-9
INPUTS = ("answer", "target", "not_applicable", "decision", "given", "evidence", "remark")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Filled:
    """What is filled in for one leaf. ``typed``: the answer was typed as Excel understands it, so its points count."""

    node: Node
    row: int
    answer: Answer | None
    blank: bool
    spared: bool
    decision: str
    given: float | None
    evidence: str
    remark: str
    typed: bool

    @property
    def text(self) -> str:
        """The answer as the ledger keeps it."""
        return answer_text(self.answer)


@dataclass(frozen=True, slots=True)
class _Read:
    """The answer of a leaf. ``fit`` is false where a problem was noted."""

    answer: Answer | None = None
    typed: bool = False
    fit: bool = True


_UNFIT = _Read(fit=False)


class FormCells:
    """Reads the open cells of the leaves of one form. ``problems`` forbid taking it, ``warnings`` do not."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def bad(self, node: Node, key: str, message: Message | Bilingual, value: object = "") -> None:
        """Note a problem with a cell of a leaf."""
        self.problems.append(self._at(Problem(message), node, key, value))

    def warn(self, node: Node, key: str, message: Message | Bilingual, value: object = "") -> None:
        """Note something to look at."""
        self.warnings.append(self._at(Problem(message), node, key, value))

    def _at(self, problem: Problem, node: Node, key: str, value: object) -> Problem:
        return self.structure.located(problem, self.structure.rows[node.code], key, node.code, value)

    def closed(self, node: Node) -> None:
        """A leaf that takes no entries: whatever stands there was typed."""
        printed = not_asked_words(node) if not asked(node) else ""
        for key in INPUTS:
            if key not in self.structure.places:
                continue
            value = plain_value(self.structure.cell(node.code, key).value)
            ours = key == "answer" and (value == printed or (not printed and str(value).startswith(NOT_APPLICABLE)))
            if value is not None and not ours:
                self.bad(node, key, Message("nothing is entered for this criterion; remove it"), value)

    def filled(self, node: Node) -> Filled | None:
        """What is filled in for a leaf; ``None`` where a cell is wrong."""
        values: dict[str, Any] = {}
        before = len(self.problems)
        for key in INPUTS:
            values[key] = self._value(node, key)
        if len(self.problems) > before:
            return None
        read = self._answer(node, values["answer"], values["target"])
        spared = self._word(node, "not_applicable", values["not_applicable"], (NOT_APPLICABLE,))
        decision = self._word(node, "decision", values["decision"], DECISIONS[self.structure.kind])
        given = self._given(node, values["given"])
        if len(self.problems) > before or not read.fit:
            return None
        blank = values["answer"] is None and values["target"] is None
        texts = (_shown(values["evidence"]), _shown(values["remark"]))
        row = self.structure.rows[node.code]
        return Filled(node, row, read.answer, blank, bool(spared), decision, given, *texts, read.typed)

    # --- one cell -----------------------------------------------------------------------------

    def _value(self, node: Node, key: str) -> Any:
        """The plain value of a cell; ``None`` when it is blank, wrong, or the form has no such column."""
        if key not in self.structure.places:
            return None
        cell = self.structure.cell(node.code, key)
        words = key in ("evidence", "remark")
        problem, value = forbidden(cell), plain_value(cell.value)
        if problem is None and key in ("target", "given"):
            problem = percent_problem(cell)
        if words and isinstance(cell.value, date) and cell.data_type != "f":
            problem, value = None, _day(cell.value)
        if problem is None and words and isinstance(value, str):
            problem, value = _text_flaw(value)
        if problem is not None:
            self.problems.append(self._at(problem, node, key, problem.value))
            return None
        return self._linked(node, key, value, cell.hyperlink) if leads_elsewhere(cell) else value

    def _linked(self, node: Node, key: str, value: Any, link: Any) -> Any:
        """The text of a cell with the address that its link leads to; elsewhere than in texts a link is pointed at."""
        target = unquote(link.target or "") + (f"#{link.location}" if link.target and link.location else "")
        text = _shown(value)
        if key not in ("evidence", "remark") or not target:
            where = target or link.location
            self.warn(node, key, UNREAD_LINK, where)
            return value
        if not re.match(r"(https?|ftp|mailto):", target):
            self.warn(
                node, key, Message("the link leads to a file on the sender's machine and opens nowhere else"), target
            )
        problem, joined = _text_flaw(f"{text} ({target})" if text else target)
        if problem is not None:
            self.problems.append(self._at(problem, node, key, problem.value))
        return joined

    def _answer(self, node: Node, value: Any, target: Any) -> _Read:
        rule = node.rule
        assert rule is not None
        if target is not None and not isinstance(rule, Target):
            self.bad(node, "target", Message("it has no target; remove it"), target)
            return _UNFIT
        if value is None and target is None:
            return _Read()
        if isinstance(rule, Target):
            return self._ratio(node, rule, value, target)
        if isinstance(rule, Choice):
            read = self._parsed(node, value, value)
            exactly = isinstance(value, str) and read.fit and value == rule.label[str(read.answer)]
            return _Read(read.answer, exactly, read.fit)
        cell, plain = self._percent(node, value)
        read = self._parsed(node, cell, value)
        return _Read(read.answer, plain and not isinstance(value, str), read.fit and cell is not None)

    def _ratio(self, node: Node, rule: Target, value: Any, target: Any) -> _Read:
        if value is None or target is None:
            key, words = ("answer", rule.input) if value is None else ("target", rule.target_input)
            self.bad(node, key, Message("missing: {words}", {"words": words}))
            return _UNFIT
        cell, plain = self._percent(node, value)
        if cell is None:
            return _UNFIT
        read = self._parsed(node, (cell, target), (value, target))
        return _Read(read.answer, plain and not isinstance(value, str) and not isinstance(target, str), read.fit)

    def _parsed(self, node: Node, cell: Any, found: object) -> _Read:
        assert node.rule is not None
        answer = parse_answer(node.rule, cell, node.maximum)
        if isinstance(answer, Problem):
            key = "answer"
            if isinstance(found, tuple):  # a result and its target: which of the two is meant?
                key = "target" if answer.vi.startswith("mục tiêu") else "answer"
                found = found[key == "target"]
            self.problems.append(self._at(answer, node, key, found))
            return _UNFIT
        return _Read(answer)

    def _percent(self, node: Node, value: Any) -> tuple[Any, bool]:
        """A number as it is meant, and whether Excel meant it so: 0.95 shown as 95% is 95 where percent is asked for,
        and nothing (``None``, with a problem) where it is not."""
        if not isinstance(value, (int, float)) or not shown_as_percent(self.structure.cell(node.code, "answer")):
            return value, True
        percent = round(float(value) * 100, 9)
        vi, en = number(percent, "vi"), number(percent, "en")
        if getattr(node.rule, "unit", "") != "%":
            self.bad(
                node,
                "answer",
                Message("the cell shows a percentage ({what}%), which is not asked for", {"what": Bilingual(vi, en)}),
                value,
            )
            return None, False
        self.warn(
            node,
            "answer",
            Message(
                "the cell is formatted as a percentage: read as {what}%; the points shown in Excel are not right",
                {"what": Bilingual(vi, en)},
            ),
            value,
        )
        return percent, False

    def _word(self, node: Node, key: str, value: Any, allowed: tuple[str, ...]) -> str:
        """One of the words of a drop-down; "" where there is none."""
        if value is None:
            return ""
        found = next((word for word in allowed if fold(word) == fold(str(value))), "")
        if not found:
            listed = ", ".join(f"“{word}”" for word in allowed)
            self.bad(node, key, Message("one of {listed}, or empty", {"listed": listed}), value)
        return found

    def _given(self, node: Node, value: Any) -> float | None:
        """Points that the council sets itself."""
        if value is None:
            return None
        points = number_of(value)
        if isinstance(points, Problem):
            self.problems.append(self._at(points, node, "given", value))
            return None
        most = math.inf if node.maximum is None else node.maximum
        if not 0 <= points <= most + TOLERANCE:
            words = number(most, "vi")
            self.bad(
                node,
                "given",
                Message("points must be from 0 to {words}", {"words": Bilingual(f"{words}", f"{most:g}")}),
                value,
            )
        return float(points)


def _day(day: date) -> str:
    """A day in a column of words, as it is written in Viet Nam."""
    clock = isinstance(day, datetime) and (day.hour or day.minute)
    return f"{day:%d/%m/%Y %H:%M}" if clock else f"{day:%d/%m/%Y}"


def _shown(value: Any) -> str:
    """Text from a cell; a number as people write it."""
    if value is None:
        return ""
    return number(float(value), "vi") if isinstance(value, (int, float)) else str(value)


def _text_flaw(text: str) -> tuple[Problem | None, str]:
    """What is wrong with a text, and the text with the line breaks of Word as ours."""
    clean = re.sub(r"[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    if clean.startswith("="):
        return Problem("text that begins with “=” may be a formula; remove the sign", value=text), clean
    if _CONTROLS.search(clean):
        return Problem("holds a control character; type it again", value=repr(text)), clean
    return encoding_problem(clean), clean
