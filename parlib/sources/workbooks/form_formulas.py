"""The live formulas of a form: the points of each rule kind, totals, and a word on what is still missing.

They give what ``parlib.framework`` gives: answers are rounded to 9 decimals before they meet a threshold, and points
are rounded to 9 decimals. Options and thresholds stand in tables on a hidden sheet, so that a formula has the same few
signs for two options or two hundred (Excel refuses formulas beyond 8,192 characters and 64 nested functions), labels
are compared letter by letter (``MATCH`` would take * and ? for wildcards), and a drop-down may be longer than the 255
characters that Excel allows for a list written into the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from parlib.numerals import number
from parlib.scoring.rules import DECIMALS, Choice, Deduction, Kind, Proportional, Steps, Tally, Target
from parlib.scoring.scheme import Node
from parlib.sources.workbooks.form_layout import ACCEPT, ADJUST, AGREE, EXPLAIN, LISTS, NOT_APPLICABLE

WRONG = "Sai"  # shown in the place of points where the answer cannot be one
BLANK, COMPLETE, NO_EVIDENCE = "Chưa nhập", "Đủ", "Thiếu tài liệu kiểm chứng"
CLEAR_ANSWER = "Không áp dụng: hãy xóa kết quả"
NO_REASON, NO_DECISION = "Thiếu lý do", "Chưa có ý kiến"
SMALL_PERCENT = "Dưới 1%: xem lại (nhập 95,5, không nhập 0,955)"

_ARGUMENTS = 200  # cells in one SUM: Excel takes 255


@dataclass(frozen=True, slots=True)
class ListRange:
    """Where the table of a leaf stands on the hidden sheet: its first and last row, counted from 1."""

    first: int
    last: int

    def cells(self, column: str) -> str:
        """The range of a column as a formula names it."""
        return f"'{LISTS}'!${column}${self.first}:${column}${self.last}"


def plain(value: float) -> str:
    """A number inside a formula: never an exponent."""
    return number(Decimal(repr(float(value))), "en")


# --- points -----------------------------------------------------------------------------------


class Cells(NamedTuple):
    """What the formula of a kind works on, as signs of a formula: the ``answer`` as it stands in its cell and rounded
    (``x``; for a target the rounded ratio), the maximum (``most``), and the ``table`` of a kind that has one."""

    answer: str
    x: str
    most: str
    table: ListRange | None

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
    return f'IF(SUMPRODUCT(--{hit})=1,SUMPRODUCT({hit}*{cells.column("B")}),"{WRONG}")'


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


def points(node: Node, answer: str, target: str, table: ListRange | None) -> str:
    """The points of an answer that is not blank (without "="): a number, or the text ``WRONG``.

    ``answer`` and ``target`` are the cells (or expressions) that hold them.
    """
    rule = node.rule
    assert rule is not None
    x = f"ROUND({answer}/{target},{DECIMALS})" if isinstance(rule, Target) else f"ROUND({answer},{DECIMALS})"
    earned = FORMULAS[rule.kind].earned(rule, Cells(answer, x, plain(node.maximum or 0), table))
    if isinstance(rule, Choice):
        return earned
    if isinstance(rule, Target):
        earned = f'IF(ISNUMBER({target}),IF({target}>0,{earned},"{WRONG}"),"{WRONG}")'
        return f'IF(ISNUMBER({answer}),{earned},"{WRONG}")'
    return f'IF(ISNUMBER({answer}),IF({_fits(rule, node.maximum, answer)},{earned},"{WRONG}"),"{WRONG}")'


def _fits(rule: Kind, maximum: float | None, answer: str) -> str:
    low, high, whole, slack = rule.limits(maximum)
    tests = [f"{answer}>={plain(low)}"] if low is not None else []
    tests += [f"{answer}<={plain(round(high + slack, DECIMALS))}"] if high is not None else []
    tests += [f"{answer}=INT({answer})"] if whole else []
    return f"AND({','.join(tests)})" if tests else "TRUE"


def is_blank(node: Node, answer: str, target: str) -> str:
    """Whether nothing, or only half of a target, is filled in."""
    return f'OR({answer}="",{target}="")' if isinstance(node.rule, Target) else f'{answer}=""'


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


def self_points(node: Node, cell: dict[str, str], table: ListRange | None, policy: str) -> str:
    """The points of the unit's own answer."""
    answer, target = cell["answer"], cell["target"]
    counted = points(node, answer, target, table)
    return (
        f'=IF({cell["not_applicable"]}<>"",{spared(policy, node)[0]},IF({is_blank(node, answer, target)},"",{counted}))'
    )


def self_check(node: Node, cell: dict[str, str], expected: str) -> str:
    """A word on a row of the self-assessment."""
    blank = f'AND({cell["answer"]}="",{cell["target"]}="")' if isinstance(node.rule, Target) else f'{cell["answer"]}=""'
    spare = f'IF({blank},"{NOT_APPLICABLE}","{CLEAR_ANSWER}")'
    done = f'IF({cell["evidence"]}="","{NO_EVIDENCE}","{COMPLETE}")'
    if node.rule is not None and node.rule.percent:
        done = f'IF(AND({cell["answer"]}>0,{cell["answer"]}<1),"{SMALL_PERCENT}",{done})'
    return (
        f'=IF({cell["not_applicable"]}<>"",{spare},IF({blank},"{BLANK}",IF(ISNUMBER({cell["points"]}),{done},'
        f'"{_quoted(expected)}")))'
    )


def self_applies(node: Node, cell: dict[str, str], policy: str) -> str:
    """The maximum that counts for the unit."""
    return f'=IF({cell["not_applicable"]}<>"",{spared(policy, node)[1]},{plain(node.maximum or 0)})'


def council_points(
    node: Node,
    cell: dict[str, str],
    table: ListRange | None,
    policy: str,
    standing: str,
    standing_spared: bool,
    silence_keeps: bool,
) -> str:
    """The points that the council decides: those that stand (``standing``) where it accepts or keeps them.

    ``silence_keeps``: whether they stand without a decision too, as they do where nothing was explained.
    """
    decision, answer, target, given = (cell[key] for key in ("decision", "answer", "target", "given"))
    adjusted = (
        f'IF({given}<>"",IF(ISNUMBER({given}),IF(AND({given}>=0,{given}<={plain(node.maximum or 0)}),{given},'
        f'"{WRONG}"),"{WRONG}"),IF({is_blank(node, answer, target)},"",{points(node, answer, target, table)}))'
    )
    stays = spared(policy, node)[0] if standing_spared else f'IF({standing}="","",{standing})'
    silent = stays if silence_keeps else '""'
    return (
        f'=IF({decision}="",{silent},'
        f'IF({decision}="{NOT_APPLICABLE}",{spared(policy, node)[0]},'
        f'IF({decision}="{ADJUST}",{adjusted},{stays})))'
    )


def council_applies(node: Node, cell: dict[str, str], policy: str, standing_spared: bool) -> str:
    """The maximum that counts after the council's decision."""
    most, left = plain(node.maximum or 0), spared(policy, node)[1]
    if standing_spared:  # accepted or undecided: it does not apply
        return f'=IF({cell["decision"]}="{ADJUST}",{most},{left})'
    return f'=IF({cell["decision"]}="{NOT_APPLICABLE}",{left},{most})'


def council_check(cell: dict[str, str], expected: str, standing: bool, accept: str, silence: str) -> str:
    """A word on a row of the council. ``standing``: whether there is an answer that it could accept or keep;
    ``silence``: the word where nothing is decided."""
    decision, reason = cell["decision"], cell["remark"]
    given_up = "" if standing else f'IF({decision}="{accept}","Đơn vị chưa tự đánh giá",'
    needs = f'IF({reason}="","{NO_REASON}","{COMPLETE}")'
    plain_yes = f'"{COMPLETE}"' if accept == ACCEPT else needs
    adjusted = f'IF({cell["points"]}="","{BLANK}",IF(ISNUMBER({cell["points"]}),{needs},"{_quoted(expected)}"))'
    inner = (
        f'IF({decision}="{ADJUST}",{adjusted},IF({decision}="{NOT_APPLICABLE}",{needs},'
        f'IF({decision}="{accept}",{plain_yes},"{WRONG}")))'
    )
    return f'=IF({decision}="","{silence}",{given_up}{inner}{")" if given_up else ""})'


def claim_points(node: Node, cell: dict[str, str], table: ListRange | None) -> str:
    """The points that a unit asks for when it explains."""
    answer, target = cell["answer"], cell["target"]
    return f'=IF({is_blank(node, answer, target)},"",{points(node, answer, target, table)})'


def claim_check(cell: dict[str, str], expected: str) -> str:
    """A word on a row of the explanation."""
    decision, remark = cell["decision"], cell["remark"]
    explained = (
        f'IF({remark}="","Thiếu nội dung giải trình",IF({cell["points"]}="{WRONG}","{_quoted(expected)}","{COMPLETE}"))'
    )
    silent = f'IF(AND({remark}="",{cell["answer"]}=""),"","Chọn “{EXPLAIN}”")'
    return f'=IF({decision}="{EXPLAIN}",{explained},IF(OR({decision}="",{decision}="{AGREE}"),{silent},"{WRONG}"))'


def _quoted(text: str) -> str:
    return text.replace('"', '""')[:240]
