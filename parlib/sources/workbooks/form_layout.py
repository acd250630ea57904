"""The four forms of a round, each one table of columns: what they print, what people fill in, what Excel computes.

``self``        the unit states its results, with evidence (tự đánh giá);
``appraisal``   the council accepts or adjusts each of them (thẩm định);
``appeal``      the unit explains where it disagrees (giải trình);
``conclusion``  the council decides on the explanations (kết luận sau giải trình).

Writing (``form_write``), checking (``form_structure``) and reading (``form_read``) all go by these tables. A form is in
one language, which it names on its hidden sheet: its words are messages here, and texts on the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from parlib.errors import ParameterError, Problem
from parlib.scoring import units as framework_units
from parlib.scoring.scheme import Node, Scheme
from parlib.sources.rounds.plan import RoundPlan
from parlib.tables import column_letter
from parlib.words import FIRST, Bilingual, Message, Words, languages, near

FormKind = Literal["self", "appraisal", "appeal", "conclusion"]
FORM_KINDS: tuple[FormKind, ...] = get_args(FormKind)
VERSION = "1"  # of the layout: a form of another version is refused

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

    ``says``  whose word it shows ("self", "council", "claim": the explanation), and what of it: the "answer", "points",
              "evidence" or "remark".
    """

    key: str
    heading: Message
    width: float
    use: Use = "printed"
    look: str = ""
    says: tuple[str, str] = ("", "")

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
        found = framework_units.get(unit, plan.level, plan.system)
        return self.says(Bilingual(found.full_name_vi, found.name_en))

    def heads(self, plan: RoundPlan, unit: str, scheme: Scheme) -> tuple[str, str]:
        """The first two lines of the main sheet, by which a form is known."""
        named = {"unit": self.unit_name(plan, unit), "decision": scheme.decision}
        return self.titled(plan.year), self.says(Message("{unit} — Set of criteria of {decision}", named))

    def printed(self, line: Line) -> dict[str, str]:
        """The texts in the row of a node, by column."""
        node = line.node
        if node is None:
            return {"code": "", "name": self.says(Message("Total points")).upper()}
        name = self.says(Bilingual(node.name, node.name_en))
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
                _text("remark", Message("Explanation"), 30),
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


def form_of(kind: str, language: str = FIRST) -> Form:
    """The form of a kind in a language, or a ``ParameterError`` naming those that exist."""
    if kind not in FORMS:
        listed = ", ".join(FORM_KINDS)
        raise ParameterError(
            Problem("the form is one of {form_kinds}{near}", value=kind, near=near(kind, FORMS), form_kinds=listed)
        )
    if language not in languages():
        raise ParameterError(
            Problem("no such language; there are: {listed}", value=language, listed=listed_languages())
        )
    return replace(FORMS[kind], language=language)


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


def not_asked_words(node: Node, language: str = FIRST) -> str:
    """What stands in the place of an answer where the unit gives none."""
    if node.rule is None or node.rule.answered:
        return ""
    source = node.rule.source.filled(**node.rule.model_dump()).text(language)
    named = {"source": f"{source[:1].upper()}{source[1:]}"}
    return Message("{source} – worked out by the Ministry of Home Affairs", named).text(language)
