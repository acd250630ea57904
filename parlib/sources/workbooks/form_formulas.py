"""The live formulas of a form: the points of each rule kind, totals, and a word on what is still missing.

They give what ``parlib.framework`` gives: answers are rounded to 9 decimals before they meet a threshold, and points
are rounded to 9 decimals. Options and thresholds stand in tables on a hidden sheet, so that a formula has the same few
signs for two options or two hundred (Excel refuses formulas beyond 8,192 characters and 64 nested functions), labels
are compared letter by letter (``MATCH`` would take * and ? for wildcards), and a drop-down may be longer than the 255
characters that Excel allows for a list written into the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from parlib.numerals import number
from parlib.scoring.answers import expected
from parlib.scoring.rules import DECIMALS, Choice, Deduction, Kind, Proportional, Steps, Tally, Target
from parlib.scoring.scheme import Node
from parlib.sources.excel import CellFormula
from parlib.sources.workbooks.form_content import Said, effective_points
from parlib.sources.workbooks.form_layout import ACCEPT, ADJUST, AGREE, EXPLAIN, NOT_APPLICABLE, Form
from parlib.words import Message

WRONG = Message("Wrong")  # shown in the place of points where the answer cannot be one
BLANK, COMPLETE, NO_EVIDENCE = Message("Not filled in"), Message("Complete"), Message("No evidence")
CLEAR_ANSWER = Message("Not applicable: clear the answer")
NO_REASON, NO_DECISION, NO_EXPLANATION = Message("No reason"), Message("No decision yet"), Message("No explanation")
SMALL_PERCENT = Message("Under 1%: check it (type 95.5, not 0.955)")

_ARGUMENTS = 200  # cells in one SUM: Excel takes 255


@dataclass(frozen=True, slots=True)
class ListRange:
    """Where the table of a leaf stands on the hidden ``sheet``: its first and last row, counted from 1."""

    sheet: str
    first: int
    last: int

    def cells(self, column: str) -> str:
        """The range of a column as a formula names it."""
        return f"'{self.sheet}'!${column}${self.first}:${column}${self.last}"


def plain(value: float) -> str:
    """A number inside a formula: never an exponent."""
    return number(float(value), "en")


# --- points -----------------------------------------------------------------------------------


class Cells(NamedTuple):
    """What the formula of a kind works on, as signs of a formula: the ``answer`` as it stands in its cell and rounded
    (``x``; for a target the rounded ratio), the maximum (``most``), the ``table`` of a kind that has one, and what
    stands for points that cannot be (``wrong``)."""

    answer: str
    x: str
    most: str
    table: ListRange | None
    wrong: str

    def column(self, name: str) -> str:
        """A column of the table: "A" labels or thresholds in rising order, "B" points."""
        assert self.table is not None
        return self.table.cells(name)


Rows = list[tuple[str | float, float]]


class Formula(NamedTuple):
    """The formula of a kind of rule: the points of an answer that it allows, and the rows of its table."""

    earned: Callable[[Any, Cells], str]
    rows: Callable[[Any], Rows] = lambda _: []


def _options(rule: Choice) -> Rows:
    return [(rule.label[key], points) for key, points in rule.options.items()]


def _chosen(_: Choice, cells: Cells) -> str:
    hit = f"EXACT({cells.column('A')},TRIM({cells.answer}))"
    return f"IF(SUMPRODUCT(--{hit})=1,SUMPRODUCT({hit}*{cells.column('B')}),{cells.wrong})"


def _rising(rule: Steps | Target) -> Rows:
    return [(round(threshold, DECIMALS), points) for threshold, points in reversed(rule.ladder)]


def _climbed(rule: Steps | Target, cells: Cells) -> str:
    lowest = plain(round(rule.ladder[-1][0], DECIMALS))
    return f"IF({cells.x}<{lowest},0,LOOKUP({cells.x},{cells.column('A')},{cells.column('B')}))"


def _proportional(rule: Proportional, cells: Cells) -> str:
    share = f"ROUND({cells.most}*MIN({cells.x}/{plain(rule.full_at)},1),{DECIMALS})"
    return f"IF({cells.x}<{plain(round(rule.zero_below, DECIMALS))},0,{share})"


def _deducted(rule: Deduction, cells: Cells) -> str:
    return f"ROUND(MAX({cells.most}-{plain(rule.per)}*{cells.x},0),{DECIMALS})"


def _counted(rule: Tally, cells: Cells) -> str:
    return f"ROUND(MIN({plain(rule.per)}*{cells.x},{cells.most}),{DECIMALS})"


#: The formula of every kind of rule that a unit answers.
FORMULAS: dict[str, Formula] = {
    "choice": Formula(_chosen, _options),
    "steps": Formula(_climbed, _rising),
    "proportional": Formula(_proportional),
    "deduction": Formula(_deducted),
    "tally": Formula(_counted),
    "target": Formula(_climbed, _rising),
    "given": Formula(lambda _, cells: cells.x),
}


def list_rows(node: Node) -> Rows:
    """The table of a leaf: labels and points of options, or thresholds in rising order and points."""
    return FORMULAS[node.rule.kind].rows(node.rule) if node.rule is not None and node.rule.answered else []


def spared(policy: str, node: Node) -> tuple[str, str]:
    """The points and the maximum of a leaf that does not apply, as formulas show them."""
    most = plain(node.maximum or 0)
    return {"rescale": ('""', "0"), "full": (most, most), "zero": ("0", most)}[policy]


def total(cells: Sequence[str]) -> str:
    """The sum of cells, blank while none of them holds a number."""
    return f'=IF({_over("COUNT", cells)}=0,"",ROUND({_over("SUM", cells)},{DECIMALS}))'


def sum_of(cells: Sequence[str]) -> str:
    """The sum of cells."""
    return f"=ROUND({_over('SUM', cells)},{DECIMALS})"


def _over(name: str, cells: Sequence[str]) -> str:
    groups = (",".join(cells[n : n + _ARGUMENTS]) for n in range(0, len(cells), _ARGUMENTS))
    return "+".join(f"{name}({group})" for group in groups)


# --- the cells of a leaf, by form -------------------------------------------------------------


def expected_words(node: Node) -> Message:
    """What stands beside an answer that cannot be one: "Cần một số từ 0 đến 100"."""
    if isinstance(node.rule, Choice):
        return Message("Choose again from the list")
    if isinstance(node.rule, Target):
        return Message("A number is needed; the target must be above 0")
    assert node.rule is not None
    return Message("What is needed: {expected}", {"expected": expected(node.rule, node.maximum)})


@dataclass(frozen=True)
class LeafRow:
    """The row of a leaf that people fill in: its computed cells, by column, with what they show when the form is sent
    out. ``policy``: what becomes of leaves that do not apply."""

    form: Form
    node: Node
    row: int
    table: ListRange | None
    policy: str

    def computed(self, said: Said, decision: Message | None, standing: Said, explained: bool) -> dict[str, CellFormula]:
        """The cells where ``said`` was filled in (by ``decision``) on what was ``standing``, ``explained`` or not."""
        if self.form.kind == "self":
            return self._own(said)
        return self._claim(said) if self.form.kind == "appeal" else self._council(said, decision, standing, explained)

    # --- the parts of formulas --------------------------------------------------------------------

    @cached_property
    def cell(self) -> Mapping[str, str]:
        """The names of its cells."""
        return {key: self.form.cell(key, self.row) for key in self.form.places}

    @cached_property
    def most(self) -> str:
        return plain(self.node.maximum or 0)

    @cached_property
    def blank(self) -> str:
        """Whether nothing, or only half of a target, is filled in."""
        answer, target = self.cell["answer"], self.cell["target"]
        return f'OR({answer}="",{target}="")' if isinstance(self.node.rule, Target) else f'{answer}=""'

    def text(self, words: Message | None) -> str:
        """Words as a text in a formula."""
        said = self.form.says(words) if words else ""
        return '"' + said.replace('"', '""')[:240] + '"'

    def earned(self) -> str:
        """The points of an answer that is not blank: a number, or the text ``WRONG``."""
        rule, wrong = self.node.rule, self.text(WRONG)
        assert rule is not None
        answer, target = self.cell["answer"], self.cell["target"]
        x = f"ROUND({answer}/{target},{DECIMALS})" if isinstance(rule, Target) else f"ROUND({answer},{DECIMALS})"
        earned = FORMULAS[rule.kind].earned(rule, Cells(answer, x, self.most, self.table, wrong))
        if isinstance(rule, Choice):
            return earned
        if isinstance(rule, Target):
            earned = f"IF(ISNUMBER({target}),IF({target}>0,{earned},{wrong}),{wrong})"
        else:
            earned = f"IF({_fits(rule, self.node.maximum, answer)},{earned},{wrong})"
        return f"IF(ISNUMBER({answer}),{earned},{wrong})"

    def counts(self, spare: bool) -> float:
        """The maximum that counts."""
        return float(spared(self.policy, self.node)[1]) if spare else self.node.maximum or 0.0

    # --- the forms --------------------------------------------------------------------------------

    def _own(self, said: Said) -> dict[str, CellFormula]:
        cell, (points, most) = self.cell, spared(self.policy, self.node)
        away, answer, target = f'{cell["not_applicable"]}<>""', cell["answer"], cell["target"]
        nothing = f'AND({answer}="",{target}="")' if isinstance(self.node.rule, Target) else f'{answer}=""'
        spare = f"IF({nothing},{self.text(NOT_APPLICABLE)},{self.text(CLEAR_ANSWER)})"
        done = f'IF({cell["evidence"]}="",{self.text(NO_EVIDENCE)},{self.text(COMPLETE)})'
        if self.node.rule is not None and self.node.rule.percent:
            done = f"IF(AND({answer}>0,{answer}<1),{self.text(SMALL_PERCENT)},{done})"
        checked = f"IF(ISNUMBER({cell['points']}),{done},{self.text(expected_words(self.node))})"
        word = BLANK if not said.answer else COMPLETE if said.evidence else NO_EVIDENCE
        word = NOT_APPLICABLE if said.not_applicable else word
        return {
            "points": CellFormula(
                f'=IF({away},{points},IF({self.blank},"",{self.earned()}))',
                effective_points(said, self.node, self.policy),
            ),
            "applies": CellFormula(f"=IF({away},{most},{self.most})", self.counts(said.not_applicable)),
            "check": CellFormula(
                f"=IF({away},{spare},IF({nothing},{self.text(BLANK)},{checked}))", self.form.says(word)
            ),
        }

    def _claim(self, said: Said) -> dict[str, CellFormula]:
        """What a unit asks for when it explains."""
        cell, decision = self.cell, self.cell["decision"]
        wrong, complete = self.text(WRONG), self.text(COMPLETE)
        fit = f"IF({cell['points']}={wrong},{self.text(expected_words(self.node))},{complete})"
        missing, choose = self.text(NO_EXPLANATION), self.text(Message("Choose “{word}”", {"word": EXPLAIN}))
        explained = f'IF({cell["remark"]}="",{missing},{fit})'
        silent = f'IF(AND({cell["remark"]}="",{cell["answer"]}=""),"",{choose})'
        agreed = f'IF(OR({decision}="",{decision}={self.text(AGREE)}),{silent},{wrong})'
        return {
            "points": CellFormula(
                f'=IF({self.blank},"",{self.earned()})', effective_points(said, self.node, self.policy)
            ),
            "check": CellFormula(
                f"=IF({decision}={self.text(EXPLAIN)},{explained},{agreed})",
                self.form.says(COMPLETE) if said.remark else "",
            ),
        }

    def _council(self, said: Said, decision: Message | None, standing: Said, explained: bool) -> dict[str, CellFormula]:
        """What the council decides: the points that stand where it accepts or keeps them."""
        form, cell, gone = self.form, self.cell, standing.not_applicable
        chosen, given, reason, points = (cell[key] for key in ("decision", "given", "remark", "points"))
        first = form.before == "self"  # silence decides nothing then; on explanations it keeps what stands
        silence = NO_DECISION if first or explained else None
        wrong, adjust, away = self.text(WRONG), self.text(ADJUST), self.text(NOT_APPLICABLE)
        stands, (no_points, left) = cell[f"{form.before}_points"], spared(self.policy, self.node)
        stays = no_points if gone else f'IF({stands}="","",{stands})'
        fits = f"IF(AND({given}>=0,{given}<={self.most}),{given},{wrong})"
        worked_out = f'IF({self.blank},"",{self.earned()})'
        adjusted = f'IF({given}<>"",IF(ISNUMBER({given}),{fits},{wrong}),{worked_out})'
        silent = '""' if first else stays
        # What did not apply before: accepted or undecided it still does not.
        applies = f"IF({chosen}={adjust},{self.most},{left})" if gone else f"IF({chosen}={away},{left},{self.most})"
        needs = f'IF({reason}="",{self.text(NO_REASON)},{self.text(COMPLETE)})'
        agreed = self.text(COMPLETE) if form.accept == ACCEPT else needs
        known = f"IF(ISNUMBER({points}),{needs},{self.text(expected_words(self.node))})"
        known = f'IF({points}="",{self.text(BLANK)},{known})'
        accepted = f"IF({chosen}={self.text(form.accept)},{agreed},{wrong})"
        check = f"IF({chosen}={adjust},{known},IF({chosen}={away},{needs},{accepted}))"
        if not standing.stated:
            nothing = self.text(Message("The unit did not assess itself"))
            check = f"IF({chosen}={self.text(form.accept)},{nothing},{check})"
        word = COMPLETE if said.remark or decision == ACCEPT else NO_REASON
        shown = effective_points(said if decision else standing, self.node, self.policy)
        left_out = said.not_applicable or (gone and decision != ADJUST)
        return {
            "points": CellFormula(
                f'=IF({chosen}="",{silent},IF({chosen}={away},{no_points},IF({chosen}={adjust},{adjusted},{stays})))',
                shown if decision or not first else None,
            ),
            "applies": CellFormula(f"={applies}", self.counts(left_out)),
            "check": CellFormula(
                f'=IF({chosen}="",{self.text(silence)},{check})',
                form.says(word) if decision else form.says(silence) if silence else "",
            ),
        }


def _fits(rule: Kind, maximum: float | None, answer: str) -> str:
    low, high, whole, slack = rule.limits(maximum)
    tests = [f"{answer}>={plain(low)}"] if low is not None else []
    tests += [f"{answer}<={plain(round(high + slack, DECIMALS))}"] if high is not None else []
    tests += [f"{answer}=INT({answer})"] if whole else []
    return f"AND({','.join(tests)})" if tests else "TRUE"
