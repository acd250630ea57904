"""The four forms of a round, each one table of columns: what they print, what people fill in, what Excel computes.

``self``        the unit states its results, with evidence (tự đánh giá);
``appraisal``   the council accepts or adjusts each of them (thẩm định);
``appeal``      the unit explains where it disagrees (giải trình);
``conclusion``  the council decides on the explanations (kết luận sau giải trình).

Writing (``form_write``), checking (``form_structure``) and reading (``form_read``) all go by these tables. A form is in
one language, which it names on its hidden sheet: its words are messages here, and texts on the form.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from parlib import data_tables
from parlib.errors import ParameterError, Problem
from parlib.scoring import rules
from parlib.scoring import units as scoring_units
from parlib.scoring.scheme import Node, Scheme
from parlib.sources.excel import CellFormula
from parlib.sources.rounds.ledger import share_text, shown_answer
from parlib.sources.rounds.opening import Round, effective_rows
from parlib.sources.rounds.plan import RoundPlan
from parlib.sources.rounds.wording import stage_words
from parlib.tables import column_letter, number
from parlib.words import FIRST, Message, Name, Words, fold, languages, near

FormKind = Literal["self", "appraisal", "appeal", "conclusion"]
FORM_KINDS: tuple[FormKind, ...] = get_args(FormKind)
VERSION = "2"  # of the layout: a form of a later version is refused

COVER, GUIDE, MAIN, LISTS, IDENTITY = SHEETS = (
    Message("Cover"),
    Message("Guide"),
    Message("Scoring form"),
    Message("Lists"),
    Message("Identity"),
)

NOT_APPLICABLE = Message("Not applicable")
ACCEPT, ADJUST = Message("Accept"), Message("Adjust")
AGREE, EXPLAIN = Message("Agree"), Message("Explain")
KEEP = Message("Keep")
COUNCIL = Message("Appraisal council")

HEAD_ROW = 4  # counted from 1: a title, the unit, a hint, the heads
WHOLE_ROW = HEAD_ROW + 1
FIRST_ROW = WHOLE_ROW + 1

# --- columns ----------------------------------------------------------------------------------

Use = Literal["printed", "answer", "number", "word", "text", "computed"]


class Column(NamedTuple):
    """A column of a form.

    ``use``   "printed"; "computed", by a live formula; or typed by people, and read as an "answer" to the rule, a
              "number", a "word" of a drop-down or a "text".
    ``look``  of its open cells; that of an answer is as its rule asks.

    ``since`` the version of the layout that brought it: forms that were sent out before have it not.

    ``says``  whose word it shows ("self", "council", "claim": the explanation), and what of it: the "answer", "points",
              "evidence" or "remark".
    """

    key: str
    heading: Message
    width: float
    use: Use = "printed"
    look: str = ""
    says: tuple[str, str] = ("", "")
    since: int = 1

    @property
    def typed(self) -> bool:
        """Whether people fill it in."""
        return self.use not in ("printed", "computed")


def _answer(heading: Message, width: float, target_width: float = 9.5) -> tuple[Column, Column]:
    target = Column("target", Message("Target"), target_width, "number", "in_number")
    return Column("answer", heading, width, "answer"), target


def _text(key: str, heading: Message, width: float) -> Column:
    return Column(key, heading, width, "text", "in_code")


def _word(key: str, heading: Message, width: float) -> Column:
    return Column(key, heading, width, "word", "in_choice")


def _said(whose: str, what: str, heading: Message, width: float) -> Column:
    return Column(f"{whose}_{what}", heading, width, says=(whose, what))


def _points(heading: Message) -> Column:
    return Column("points", heading, 8.5, "computed")


NODE_COLUMNS = (
    Column("code", Message("Code"), 6.5),
    Column("name", Message("Area / Criterion / Sub-criterion"), 33),
    Column("maximum", Message("Maximum"), 7.5),
    Column("rule", Message("How points are given"), 38),
)
_GIVEN = Column("given", Message("Points set (where not by the rule)"), 10, "number", "in_points")
#: What stands behind an answer in percent.
_PARTS = (
    Column("numerator", Message("Numerator"), 9, "number", "in_number", since=2),
    Column("denominator", Message("Denominator"), 9, "number", "in_number", since=2),
)
_APPLIES = Column("applies", Message("Maximum that applies"), 8.5, "computed")
_CHECK = Column("check", Message("Check"), 19, "computed")
_OWN_ANSWER, _OWN_POINTS = Message("Self-assessment"), Message("Own points")
_COUNCIL_ANSWER, _COUNCIL_POINTS = Message("Appraised answer"), Message("Appraised points")
_REASON, _MORE_EVIDENCE = Message("Reason"), Message("Further evidence")


# --- forms ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """One of the four forms, in one language. Its rows have its kind as their stage in the ledger, and as the step of
    the plan.

    ``by_unit``    the unit fills it in; the council the others.
    ``decisions``  what may be chosen in the column "decision".
    ``before``     whose word the council decides on ("self", "council"), and ``accept``: the decision that leaves it.
    ``undecided``  what the cover says of rows that wait; ``None`` where none has to be filled in.
    """

    kind: FormKind
    title: Message
    columns: tuple[Column, ...]
    by_unit: bool
    decisions: tuple[Message, ...] = ()
    before: Literal["self", "council", ""] = ""
    accept: Message | None = None
    undecided: Message | None = None
    language: str = FIRST

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The number of each column, counted from 1."""
        return {column.key: place for place, column in enumerate(self.columns, 1)}

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """What problems call each column: "E – Kết quả"."""
        return {column.key: f"{self.letter(column.key)} – {self.says(column.heading)}" for column in self.columns}

    def says(self, words: Words) -> str:
        """Words in the language of the form."""
        return words.text(self.language)

    def letter(self, key: str) -> str:
        """The letter of a column."""
        return column_letter(self.places[key])

    def cell(self, key: str, row: int) -> str:
        """The name of a cell: "E12"."""
        return f"{self.letter(key)}{row}"

    def subject(self, year: int) -> Message:
        """ "Chỉ số cải cách hành chính năm 2023"."""
        return Message("PAR INDEX of {year}", {"year": year})

    def titled(self, year: int) -> str:
        """ "Phiếu tự đánh giá, chấm điểm Chỉ số cải cách hành chính năm 2023"."""
        return self.says(Message("{form}: {subject}", {"form": self.title, "subject": self.subject(year)}))

    def unit_name(self, plan: RoundPlan, unit: str) -> str:
        """The full name of a unit."""
        result = scoring_units.get(unit, plan.level, plan.system, plan.year)
        return self.says(Name(result.full_name_vi, result.name_en))

    def heads(self, plan: RoundPlan, unit: str, scheme: Scheme) -> tuple[str, str]:
        """The first two lines of the main sheet, by which a form is known."""
        named = {"unit": self.unit_name(plan, unit), "decision": scheme.decision}
        return self.titled(plan.year), self.says(Message("{unit} — Set of criteria of {decision}", named))

    def printed(self, line: Line) -> dict[str, str]:
        """The texts in the row of a node, by column."""
        node = line.node
        if node is None:
            return {"code": "", "name": self.says(Message("Total points")).upper()}
        name = self.says(Name(node.name, node.name_en))
        rule = node.rule.words(node.maximum, self.language) if node.rule else ""
        texts = {"code": node.code, "name": name.upper() if line.look == "area" else name, "rule": rule}
        return {**texts, "wanted": node.evidence} if node.is_leaf else texts


_WAIT = Message("{n} criteria have no decision yet.")
FORMS: Mapping[str, Form] = {
    form.kind: form
    for form in (
        Form(
            "self",
            Message("Self-assessment form"),
            (
                *NODE_COLUMNS,
                *_answer(Message("Answer"), 19, 10),
                *_PARTS,
                _word("not_applicable", NOT_APPLICABLE, 11),
                _points(_OWN_POINTS),
                _APPLIES,
                Column("wanted", Message("Evidence that is needed"), 23),
                _text("evidence", Message("Evidence sent (number, sign, date, address)"), 26),
                _text("remark", Message("Explanation, notes"), 22),
                _CHECK,
            ),
            by_unit=True,
            undecided=Message("{n} criteria are not filled in yet."),
        ),
        Form(
            "appraisal",
            Message("Appraisal form"),
            (
                *NODE_COLUMNS,
                _said("self", "answer", _OWN_ANSWER, 18),
                _said("self", "points", _OWN_POINTS, 8),
                _said("self", "evidence", Message("Evidence that the unit sent"), 22),
                _said("self", "remark", Message("Explanation of the unit"), 18),
                _word("decision", Message("Decision of the appraisal"), 12),
                *_answer(Message("Appraised answer (when adjusted)"), 18),
                _GIVEN,
                _text("remark", _REASON, 24),
                _points(_COUNCIL_POINTS),
                _APPLIES,
                _CHECK,
            ),
            by_unit=False,
            decisions=(ACCEPT, ADJUST, NOT_APPLICABLE),
            before="self",
            accept=ACCEPT,
            undecided=_WAIT,
        ),
        Form(
            "appeal",
            Message("Form of explanations of the appraisal"),
            (
                *NODE_COLUMNS,
                _said("self", "answer", _OWN_ANSWER, 17),
                _said("self", "points", _OWN_POINTS, 8),
                _said("council", "answer", _COUNCIL_ANSWER, 17),
                _said("council", "points", _COUNCIL_POINTS, 8),
                _said("council", "remark", Message("Reason of the council"), 24),
                _word("decision", Message("Opinion of the unit"), 11),
                *_answer(Message("Answer proposed"), 17),
                *_PARTS,
                _text("remark", Message("Explanation (column of a form)"), 30),
                _text("evidence", _MORE_EVIDENCE, 24),
                _points(Message("Points proposed")),
                _CHECK,
            ),
            by_unit=True,
            decisions=(AGREE, EXPLAIN),
        ),
        Form(
            "conclusion",
            Message("Form of conclusions after explanations"),
            (
                *NODE_COLUMNS,
                _said("council", "answer", _COUNCIL_ANSWER, 16),
                _said("council", "points", _COUNCIL_POINTS, 8),
                _said("claim", "answer", Message("Answer that the unit proposes"), 16),
                _said("claim", "remark", Message("Explanation of the unit in full"), 26),
                _said("claim", "evidence", _MORE_EVIDENCE, 20),
                _word("decision", Message("Conclusion"), 12),
                *_answer(Message("Concluded answer (when adjusted)"), 17),
                _GIVEN,
                _text("remark", _REASON, 26),
                _points(Message("Points after explanations")),
                _APPLIES,
                _CHECK,
            ),
            by_unit=False,
            decisions=(KEEP, ADJUST, NOT_APPLICABLE),
            before="council",
            accept=KEEP,
            undecided=_WAIT,
        ),
    )
}

UNIT = Message("Unit assessed")  # of the cover
#: The entries of the cover: key, label. The reader looks for the labels.
COVER_ENTRIES: Mapping[str, Message] = {
    "person": Message("Filled in by"),
    "position": Message("Position"),
    "phone": Message("Telephone"),
    "mail": Message("E-mail"),
}
#: What the hidden sheet says; a form that names no language is from before there were others than Vietnamese.
IDENTITY_KEYS: tuple[str, ...] = ("version", "kind", "round", "year", "level", "scheme", "scheme_sha256", "unit")
IDENTITY_KEYS += ("ledger_rows", "language")


def form_of(kind: str, language: str = FIRST, version: str = VERSION) -> Form:
    """The form of a kind in a language, as it was in a version; or a ``ParameterError`` naming those that exist."""
    if kind not in FORMS:
        listed = stage_words(FORM_KINDS)
        raise ParameterError(
            "the form is one of {form_kinds}{near}", value=kind, near=near(kind, FORMS), form_kinds=listed
        )
    if language not in languages():
        raise ParameterError("no such language; there are: {listed}", value=language, listed=listed_languages())
    columns = tuple(column for column in FORMS[kind].columns if column.since <= int(version))
    return replace(FORMS[kind], columns=columns, language=language)


def listed_languages() -> str:
    """The languages that there are, for messages."""
    return ", ".join(languages())


# --- rows -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a form: its number on the sheet, its node (``None`` for the total), and the rows it is the sum of."""

    row: int
    node: Node | None
    children: tuple[int, ...] = ()

    @property
    def look(self) -> str:
        """The look of the row: "whole", "area", "criterion" or "" for a leaf."""
        if self.node is None:
            return "whole"
        return "" if self.node.is_leaf else ("area", "criterion")[self.node.depth - 1]


def form_lines(scheme: Scheme) -> tuple[Line, ...]:
    """The rows of a form: the total, then every node in the order of the scheme."""
    rows = {node.code: FIRST_ROW + place for place, node in enumerate(scheme.nodes)}
    below: dict[str, list[int]] = {}
    for node in scheme.nodes:
        below.setdefault(node.parent, []).append(rows[node.code])
    return (
        Line(WHOLE_ROW, None, tuple(below[""])),
        *(Line(rows[node.code], node, tuple(below.get(node.code, ()))) for node in scheme.nodes),
    )


def asked(node: Node) -> bool:
    """Whether the unit answers this leaf itself."""
    return node.rule is not None and node.rule.answered


def organiser(level: str) -> Words:
    """Who assesses the units of a level and works out what they do not answer."""
    own = data_tables.issuer(level)
    return own if own.vi else Message("Ministry of Home Affairs")


def not_asked_words(node: Node, level: str, language: str = FIRST) -> str:
    """What stands in the place of an answer where the unit gives none."""
    if node.rule is None or node.rule.answered:
        return ""
    source = node.rule.source.filled(**node.rule.model_dump()).text(language)
    named = {"source": f"{source[:1].upper()}{source[1:]}", "organiser": organiser(level)}
    return Message("{source} – worked out by: {organiser}", named).text(language)


# --- form content ---------------------------------------------------------------------------------
# What a form shows of the ledger: what the unit stated, what the council decided, what was explained.


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
    numerator: float = math.nan
    denominator: float = math.nan
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
FormWords = Mapping[str, Said]  # by the code of the leaf


class Recorded:
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
        self._keep_apart(ledger[ledger["stage"] == "appraisal"])

    def _keep_apart(self, appraised: pd.DataFrame) -> None:
        """Where several appraise a criterion, each decides without the others' word: until all of them have decided, or
        the council has, a form shows none of it."""
        appraisers = self._round.plan.appraisers
        if len(appraisers) < 2:
            return
        decided: dict[tuple[str, str], set[str]] = {}
        for unit, code, by in zip(appraised["unit"], appraised["code"], appraised["by"], strict=True):
            decided.setdefault((unit, code), set()).add(fold(by))
        for (unit, code), by in decided.items():
            assigned = {fold(each.name) for each in appraisers if each.has(unit, code)}
            if assigned - by and by <= assigned:
                self._last["appraisal"].get(unit, {}).pop(code, None)

    def holds(self, unit: str, stage: str) -> FormWords:
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

    def filled(self, unit: str, kind: FormKind) -> FormWords:
        """What the ledger holds of what a form asks for: of the council and of explanations, the rows themselves."""
        if kind == "self":
            return self.holds(unit, "self")
        return {code: self._said(row) for code, row in self._last[kind].get(unit, {}).items()}

    def shown(self, unit: str, form: Form) -> dict[str, FormWords]:
        """What the printed columns of a form show, by the word that their keys begin with: "self", "council", "claim".

        That of the unit itself is there for every form: it says what the plan exempts.
        """
        words: dict[str, FormWords] = {"self": self.holds(unit, "self")}
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
        numbers = (float(line.earned), float(line.numerator), float(line.denominator))
        return Said(str(line.answer), float(line.points), bool(line.not_applicable), *texts, *numbers)


def _last(rows: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The place of the last row of each unit and code."""
    places: dict[str, dict[str, int]] = {}
    for place, unit, code in zip(np.asarray(rows.index).tolist(), rows["unit"], rows["code"], strict=True):
        places.setdefault(str(unit), {})[str(code)] = int(place)
    return places


# --- answers as cells -------------------------------------------------------------------------


def answer_of(node: Node, text: str) -> rules.Answer | None:
    """The answer that the ledger's text means; ``None`` where there is none."""
    if text == "" or node.rule is None:
        return None
    typed = text if isinstance(node.rule, rules.Choice) else text.replace(".", ",")  # the mark that cannot be mistaken
    answer = rules.parse_answer(node.rule, typed, node.maximum)
    return None if isinstance(answer, Problem) else answer


def answer_cells(node: Node, answer: rules.Answer | None) -> tuple[str | float | None, float | None]:
    """An answer as the cells of a form hold it: the label or number, and the target."""
    if answer is None:
        return None, None
    if isinstance(answer, tuple):
        return answer
    if isinstance(node.rule, rules.Choice):
        return node.rule.label[str(answer)], None
    return float(answer), None


def answer_words(node: Node, stated: Said, language: str) -> str:
    """What was said as people read it."""
    if stated.not_applicable:
        return NOT_APPLICABLE.text(language)
    if answer_of(node, stated.answer) is None:
        if math.isnan(stated.points):
            return ""
        return Message("{points} points (set)", {"points": number(stated.points, language)}).text(language)
    behind = share_text(stated.numerator, stated.denominator, language)
    return shown_answer(node.rule, stated.answer, language) + behind


def effective_points(stated: Said, node: Node, policy: str) -> float | None:
    """The points that something said gives; ``None`` where it gives none."""
    if stated.not_applicable:
        return {"rescale": None, "full": node.maximum, "zero": 0.0}[policy]
    return None if math.isnan(stated.earned) else stated.earned


def decision_of(form: Form, text: Said, current: Said) -> Message | None:
    """The word in the column of decisions that gives the row ``said`` where ``standing`` held before."""
    if form.kind == "appeal":
        return EXPLAIN if text.stated or text.remark or text.evidence else None
    if not text.stated:
        return None
    if text.same_value(current):
        return form.accept
    return NOT_APPLICABLE if text.not_applicable else ADJUST


def scheme_hash(scheme: Scheme) -> str:
    """The SHA-256 of what a scheme says, however its file is laid out."""
    content = json.dumps(scheme.document(), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


# --- form formulas --------------------------------------------------------------------------------
# The live formulas of a form: the points of each rule kind, totals, and a word on what is still missing.
#
# They give what ``parlib.framework`` gives: answers are rounded to 9 decimals before they meet a threshold, and points
# are rounded to 9 decimals. Options and thresholds stand in tables on a hidden sheet, so that a formula has the same
# few
# signs for two options or two hundred (Excel refuses formulas beyond 8,192 characters and 64 nested functions), labels
# are compared letter by letter (``MATCH`` would take * and ? for wildcards), and a drop-down may be longer than the 255
# characters that Excel allows for a list written into the cell.

WRONG = Message("Wrong")  # shown in the place of points where the answer cannot be one
BLANK, COMPLETE, NO_EVIDENCE = Message("Not filled in"), Message("Complete"), Message("No evidence")
CLEAR_ANSWER = Message("Not applicable: clear the answer")
NO_REASON, NO_DECISION, NO_EXPLANATION = Message("No reason"), Message("No decision yet"), Message("No explanation")
UNLIKE = Message("Numerator and denominator give another share")
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


def _options(rule: rules.Choice) -> Rows:
    return [(rule.label[key], points) for key, points in rule.options.items()]


def _chosen(_: rules.Choice, cells: Cells) -> str:
    hit = f"EXACT({cells.column('A')},TRIM({cells.answer}))"
    return f"IF(SUMPRODUCT(--{hit})=1,SUMPRODUCT({hit}*{cells.column('B')}),{cells.wrong})"


def _rising(rule: rules.Steps | rules.Target) -> Rows:
    return [(round(threshold, rules.DECIMALS), points) for threshold, points in reversed(rule.ladder)]


def _climbed(rule: rules.Steps | rules.Target, cells: Cells) -> str:
    lowest = plain(round(rule.ladder[-1][0], rules.DECIMALS))
    return f"IF({cells.x}<{lowest},0,LOOKUP({cells.x},{cells.column('A')},{cells.column('B')}))"


def _proportional(rule: rules.Proportional, cells: Cells) -> str:
    share = f"ROUND({cells.most}*MIN({cells.x}/{plain(rule.full_at)},1),{rules.DECIMALS})"
    return f"IF({cells.x}<{plain(round(rule.zero_below, rules.DECIMALS))},0,{share})"


def _deducted(rule: rules.Deduction, cells: Cells) -> str:
    return f"ROUND(MAX({cells.most}-{plain(rule.per)}*{cells.x},0),{rules.DECIMALS})"


def _counted(rule: rules.Tally, cells: Cells) -> str:
    return f"ROUND(MIN({plain(rule.per)}*{cells.x},{cells.most}),{rules.DECIMALS})"


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


def exempted(policy: str, node: Node) -> tuple[str, str]:
    """The points and the maximum of a leaf that does not apply, as formulas show them."""
    most = plain(node.maximum or 0)
    return {"rescale": ('""', "0"), "full": (most, most), "zero": ("0", most)}[policy]


def total(cells: Sequence[str]) -> str:
    """The sum of cells, blank while none of them holds a number."""
    return f'=IF({_over("COUNT", cells)}=0,"",ROUND({_over("SUM", cells)},{rules.DECIMALS}))'


def sum_of(cells: Sequence[str]) -> str:
    """The sum of cells."""
    return f"=ROUND({_over('SUM', cells)},{rules.DECIMALS})"


def _over(name: str, cells: Sequence[str]) -> str:
    groups = (",".join(cells[n : n + _ARGUMENTS]) for n in range(0, len(cells), _ARGUMENTS))
    return "+".join(f"{name}({group})" for group in groups)


# --- the cells of a leaf, by form -------------------------------------------------------------


def expected_words(node: Node) -> Message:
    """What stands beside an answer that cannot be one: "Cần một số từ 0 đến 100"."""
    if isinstance(node.rule, rules.Choice):
        return Message("Choose again from the list")
    if isinstance(node.rule, rules.Target):
        return Message("A number is needed; the target must be above 0")
    assert node.rule is not None
    return Message("What is needed: {expected}", {"expected": rules.expected(node.rule, node.maximum)})


@dataclass(frozen=True)
class LeafRow:
    """The row of a leaf that people fill in: its computed cells, by column, with what they show when the form is sent
    out. ``policy``: what becomes of leaves that do not apply."""

    form: Form
    node: Node
    row: int
    table: ListRange | None
    policy: str

    def computed(
        self, stated: Said, decision: Message | None, current: Said, explained: bool
    ) -> dict[str, CellFormula]:
        """The cells where ``said`` was filled in (by ``decision``) on what was ``standing``, ``explained`` or not."""
        if self.form.kind == "self":
            return self._own(stated)
        return (
            self._claim(stated) if self.form.kind == "appeal" else self._council(stated, decision, current, explained)
        )

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
        return f'OR({answer}="",{target}="")' if isinstance(self.node.rule, rules.Target) else f'{answer}=""'

    def text(self, words: Message | None) -> str:
        """Words as a text in a formula."""
        stated = self.form.says(words) if words else ""
        return '"' + stated.replace('"', '""')[:240] + '"'

    def earned(self) -> str:
        """The points of an answer that is not blank: a number, or the text ``WRONG``."""
        rule, wrong = self.node.rule, self.text(WRONG)
        assert rule is not None
        answer, target = self.cell["answer"], self.cell["target"]
        x = (
            f"ROUND({answer}/{target},{rules.DECIMALS})"
            if isinstance(rule, rules.Target)
            else f"ROUND({answer},{rules.DECIMALS})"
        )
        earned = FORMULAS[rule.kind].earned(rule, Cells(answer, x, self.most, self.table, wrong))
        if isinstance(rule, rules.Choice):
            return earned
        if isinstance(rule, rules.Target):
            earned = f"IF(ISNUMBER({target}),IF({target}>0,{earned},{wrong}),{wrong})"
        else:
            earned = f"IF({_fits(rule, self.node.maximum, answer)},{earned},{wrong})"
        return f"IF(ISNUMBER({answer}),{earned},{wrong})"

    def shared(self, done: str) -> str:
        """The word of the check that a numerator and a denominator give the answer; ``done`` where they do, or none is
        entered."""
        if "numerator" not in self.cell:
            return done
        above, below, wrong = self.cell["numerator"], self.cell["denominator"], self.text(UNLIKE)
        fits = f"IF(ABS({self.cell['answer']}-100*{above}/{below})<=0.005000001,{done},{wrong})"
        known = f"IF(AND(ISNUMBER({above}),ISNUMBER({below})),IF({below}>0,{fits},{wrong}),{wrong})"
        return f'IF(AND({above}="",{below}=""),{done},{known})'

    def counts(self, spare: bool) -> float:
        """The maximum that counts."""
        return float(exempted(self.policy, self.node)[1]) if spare else self.node.maximum or 0.0

    # --- the forms --------------------------------------------------------------------------------

    def _own(self, stated: Said) -> dict[str, CellFormula]:
        cell, (points, most) = self.cell, exempted(self.policy, self.node)
        away, answer, target = f'{cell["not_applicable"]}<>""', cell["answer"], cell["target"]
        nothing = f'AND({answer}="",{target}="")' if isinstance(self.node.rule, rules.Target) else f'{answer}=""'
        spare = f"IF({nothing},{self.text(NOT_APPLICABLE)},{self.text(CLEAR_ANSWER)})"
        done = f'IF({cell["evidence"]}="",{self.text(NO_EVIDENCE)},{self.text(COMPLETE)})'
        if self.node.rule is not None and self.node.rule.percent:
            done = self.shared(f"IF(AND({answer}>0,{answer}<1),{self.text(SMALL_PERCENT)},{done})")
        checked = f"IF(ISNUMBER({cell['points']}),{done},{self.text(expected_words(self.node))})"
        word = BLANK if not stated.answer else COMPLETE if stated.evidence else NO_EVIDENCE
        word = NOT_APPLICABLE if stated.not_applicable else word
        return {
            "points": CellFormula(
                f'=IF({away},{points},IF({self.blank},"",{self.earned()}))',
                effective_points(stated, self.node, self.policy),
            ),
            "applies": CellFormula(f"=IF({away},{most},{self.most})", self.counts(stated.not_applicable)),
            "check": CellFormula(
                f"=IF({away},{spare},IF({nothing},{self.text(BLANK)},{checked}))", self.form.says(word)
            ),
        }

    def _claim(self, stated: Said) -> dict[str, CellFormula]:
        """What a unit asks for when it explains."""
        cell, decision = self.cell, self.cell["decision"]
        wrong, complete = self.text(WRONG), self.text(COMPLETE)
        complete = self.shared(complete) if self.node.rule is not None and self.node.rule.percent else complete
        fit = f"IF({cell['points']}={wrong},{self.text(expected_words(self.node))},{complete})"
        missing, choose = self.text(NO_EXPLANATION), self.text(Message("Choose “{word}”", {"word": EXPLAIN}))
        explained = f'IF({cell["remark"]}="",{missing},{fit})'
        silent = f'IF(AND({cell["remark"]}="",{cell["answer"]}=""),"",{choose})'
        agreed = f'IF(OR({decision}="",{decision}={self.text(AGREE)}),{silent},{wrong})'
        return {
            "points": CellFormula(
                f'=IF({self.blank},"",{self.earned()})', effective_points(stated, self.node, self.policy)
            ),
            "check": CellFormula(
                f"=IF({decision}={self.text(EXPLAIN)},{explained},{agreed})",
                self.form.says(COMPLETE) if stated.remark else "",
            ),
        }

    def _council(self, value: Said, decision: Message | None, current: Said, explained: bool) -> dict[str, CellFormula]:
        """What the council decides: the points that stand where it accepts or keeps them."""
        form, cell, gone = self.form, self.cell, current.not_applicable
        chosen, given, reason, points = (cell[key] for key in ("decision", "given", "remark", "points"))
        first = form.before == "self"  # silence decides nothing then; on explanations it keeps what stands
        silence = NO_DECISION if first or explained else None
        wrong, adjust, away = self.text(WRONG), self.text(ADJUST), self.text(NOT_APPLICABLE)
        stands, (no_points, left) = cell[f"{form.before}_points"], exempted(self.policy, self.node)
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
        if not current.stated:
            nothing = self.text(Message("The unit did not assess itself"))
            check = f"IF({chosen}={self.text(form.accept)},{nothing},{check})"
        word = COMPLETE if value.remark or decision == ACCEPT else NO_REASON
        shown = effective_points(value if decision else current, self.node, self.policy)
        left_out = value.not_applicable or (gone and decision != ADJUST)
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


def _fits(rule: rules.Kind, maximum: float | None, answer: str) -> str:
    low, high, whole, slack = rule.limits(maximum)
    tests = [f"{answer}>={plain(low)}"] if low is not None else []
    tests += [f"{answer}<={plain(round(high + slack, rules.DECIMALS))}"] if high is not None else []
    tests += [f"{answer}=INT({answer})"] if whole else []
    return f"AND({','.join(tests)})" if tests else "TRUE"
