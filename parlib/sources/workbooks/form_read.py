"""A returned form as rows of the ledger: everything wrong with it is named at once, and nothing of it is taken then.

What officials really do is read: numbers typed as text ("95,5", "95%"), labels with stray blanks, another Unicode form
or case, hidden rows. What could mean two things, or shows that the form is not the one that was sent out, is refused.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pandas as pd

from parlib.errors import DataError, Problem
from parlib.numerals import number
from parlib.scoring.answers import Answer, answer_text, encode, parse_answer
from parlib.scoring.rules import Choice, Target
from parlib.scoring.scheme import Node
from parlib.sources.rounds.opening import Round
from parlib.sources.rounds.validation import NO_EVIDENCE, NO_REASON, likely_slip
from parlib.sources.workbooks.form_content import NOTHING, Said, Standing, answer_words, scheme_hash
from parlib.sources.workbooks.form_layout import (
    ACCEPT,
    ADJUST,
    COUNCIL,
    COVER,
    COVER_ENTRIES,
    EXPLAIN,
    FORM_KINDS,
    GUIDE,
    IDENTITY,
    IDENTITY_KEYS,
    LISTS,
    MAIN,
    NOT_APPLICABLE,
    VERSION,
    Column,
    FormKind,
    asked,
    form_of,
    not_asked_words,
)
from parlib.sources.workbooks.form_structure import Structure, Wrong, check_structure
from parlib.sources.workbooks.reading import (
    UNREAD_LINK,
    attached,
    forbidden,
    leads_elsewhere,
    open_workbook,
    plain_value,
    sheet_named,
    shown_as_percent,
    shown_values,
)
from parlib.sources.workbooks.rule_cells import number_of
from parlib.tables import encoding_problem
from parlib.words import Bilingual, Message, fold

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.hyperlink import Hyperlink

ROW_COLUMNS = (
    "unit",
    "code",
    "stage",
    "answer",
    "points",
    "not_applicable",
    "evidence",
    "remark",
    "by",
    "at",
    "source_row",
    "sheet",
)


_OWN = (COVER, GUIDE, MAIN, LISTS, IDENTITY)  # the sheets of a form
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_TOLERANCE = 1e-9
_SHOWN_TOLERANCE = 1.5e-9  # between the points that Excel shows and ours: both are rounded to 9 decimals

Entry = dict[str, object]


@dataclass(frozen=True)
class ReturnedForm:
    """What a returned form says.

    ``rows``      rows for ``rounds.append``; empty where nothing is filled in.
    ``missing``   codes that are still open: without an answer (self), without a decision (appraisal).
    ``warnings``  what is taken as it stands but should be looked at.
    ``headings``  what the form calls the fields of the ledger, for the words of problems.
    ``contact``   who filled it in, from the cover: ``person``, ``position``, ``phone``, ``mail``.
    """

    path: Path
    round_id: str
    unit: str
    kind: FormKind
    rows: pd.DataFrame
    missing: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    headings: dict[str, str] = field(default_factory=dict)
    contact: dict[str, str] = field(default_factory=dict)
    sha256: str = ""

    @property
    def status(self) -> str:
        """ "complete" or "incomplete": an incomplete form is taken as far as it goes."""
        return "incomplete" if self.missing else "complete"


def read_form(path: Path, round_: Round, by: str = "") -> pd.DataFrame:
    """The rows of the ledger in a returned form, for ``rounds.append``; ``DataError`` lists all that is wrong."""
    return examine_form(path, round_, by).rows


def examine_form(path: Path, round_: Round, by: str = "", standing: Standing | None = None) -> ReturnedForm:
    """Read a returned form of a round. ``by`` is who answers for a decision of the council.

    Raises ``DataError`` with every problem, each with file, sheet, row, column and value. ``standing`` saves looking up
    the ledger again where many forms of one round are read.
    """
    path = Path(path)
    book = open_workbook(path)
    identity = _identity(book, path.name)
    problems = list(_wrong_identity(identity, round_, path.name))
    main = sheet_named(book, MAIN)
    if problems or main is None:
        raise DataError(problems or _no_sheet(book, path.name, MAIN))
    form, unit = form_of(identity["kind"]), identity["unit"]
    structure = check_structure(main, path.name, form, round_, unit)
    linked = [(main.title, form.places[column.key]) for column in form.columns if column.typed]
    shown = shown_values(path, main.title, form.places["points"], structure.last)
    reader = _Reader(structure, round_, unit, standing or Standing(round_), shown)
    rows = reader.read(by)
    if structure.problems:
        raise DataError(sorted(dict.fromkeys(structure.problems), key=lambda problem: problem.row or 0))
    if identity["ledger_rows"] != str(len(round_.ledger)):
        reader.note_newer(int(identity["ledger_rows"] or 0))
    return ReturnedForm(
        path,
        round_.plan.id,
        unit,
        form.kind,
        pd.DataFrame(rows, columns=list(ROW_COLUMNS)),
        tuple(reader.missing),
        (*structure.warnings, *attached(path, book, _OWN, linked)),
        structure.headings,
        _contact(book),
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )


# --- which form it is -------------------------------------------------------------------------


def _identity(book: Workbook, file: str) -> dict[str, str]:
    """The hidden sheet that says which form this is."""
    sheet = sheet_named(book, IDENTITY)
    if sheet is None:
        raise DataError(
            Problem(
                "not a form that was issued (its identity sheet is missing); fill in the file that was sent",
                file=file,
                sheet=IDENTITY,
                value=", ".join(book.sheetnames),
            )
        )
    content = {
        str(key.value): str(plain_value(value.value) or "") for key, value in sheet.iter_rows(max_row=60, max_col=2)
    }
    return {key: content.get(key, "") for key in IDENTITY_KEYS}


def _wrong_identity(identity: dict[str, str], round_: Round, file: str) -> list[Problem]:
    """Where the form is not one of this round."""
    plan, scheme = round_.plan, round_.scheme
    found: list[Problem] = []

    def refuse(message: str, key: str, **places: str) -> None:
        row, column = IDENTITY_KEYS.index(key) + 1, f"B – {key}"
        problem = Problem(Message(message, places), file=file, sheet=IDENTITY, row=row, column=column)
        found.append(problem.at(value=identity[key]))

    if identity["version"] != VERSION:
        refuse("another version; this is {version}", "version", version=VERSION)
    if identity["kind"] not in FORM_KINDS:
        refuse("the kind of form is not known; the kinds are {kinds}", "kind", kinds=", ".join(FORM_KINDS))
    if identity["round"] != plan.id:
        refuse("a form of another round; this is {plan_id}", "round", plan_id=plan.id)
    elif identity["scheme"] != scheme.id:
        refuse("another scheme; this is {scheme_id}", "scheme", scheme_id=scheme.id)
    elif identity["scheme_sha256"] != scheme_hash(scheme):
        refuse(
            "the scheme {scheme_id} has changed since the form was issued; issue it again",
            "scheme_sha256",
            scheme_id=scheme.id,
        )
    if identity["unit"] not in round_.book.units:
        refuse("the unit is not in the round {plan_id}", "unit", plan_id=plan.id)
    if not identity["ledger_rows"].isdecimal():
        refuse("the identity of the form was changed", "ledger_rows")
    return found


def _no_sheet(book: Workbook, file: str, name: str) -> Problem:
    there = ", ".join(book.sheetnames)
    return Problem("no sheet “{sheet}”; there are: {value}", file=file, sheet=name, value=there)


def _contact(book: Workbook) -> dict[str, str]:
    """Who filled the form in."""
    sheet = sheet_named(book, COVER)
    labels = {label: key for key, label in COVER_ENTRIES}
    contact: dict[str, str] = {}
    for cells in sheet.iter_rows(max_row=60, max_col=3) if sheet is not None else ():
        key = labels.get(str(cells[0].value))
        value = plain_value(cells[2].value)
        if key and value is not None and cells[2].data_type != "f":
            contact[key] = str(value)
    return contact


# --- the cells that people fill in --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Filled:
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


class _Reader:
    """Reads the rows of one form. ``missing`` are the leaves still open; what is wrong is noted in the structure."""

    def __init__(
        self, structure: Structure, round_: Round, unit: str, standing: Standing, shown: Mapping[int, object]
    ) -> None:
        self.structure, self.form, self.round, self.unit = structure, structure.form, round_, unit
        self.shown = shown  # the points that the form showed when it was saved, by row
        self.said = standing.shown(unit, self.form)
        self.earlier = standing.filled(unit, self.form.kind)
        self.missing: list[str] = []

    def read(self, by: str) -> list[Entry]:
        """The rows for the ledger. What is wrong is in ``problems``."""
        if not self.structure.readable:
            return []
        who = self.unit if self.form.by_unit else by.strip() or COUNCIL
        entry = {"self": self._own_row, "appeal": self._claim_row}.get(self.form.kind, self._council_row)
        rows: list[Entry] = []
        for leaf in self.round.scheme.leaves:
            if leaf.code not in self.structure.rows:
                continue
            if not self.structure.is_open(leaf.code):
                self.closed(leaf)
                continue
            filled = self.filled(leaf)
            row = entry(filled) if filled is not None else None
            if filled is not None and row is not None:
                place = {"unit": self.unit, "code": leaf.code, "stage": self.form.kind, "by": who, "at": ""}
                rows.append({**place, **row, "source_row": filled.row, "sheet": MAIN})
        return rows

    def note_newer(self, known: int) -> None:
        """Warn that the ledger holds rows of the unit that came after the form was issued."""
        ledger = self.round.ledger
        n = int(((ledger["row"] > known) & (ledger["unit"] == self.unit)).sum())
        if n:
            self.structure.warnings.append(
                Problem(
                    "the ledger has {n} rows of the unit that came after the form was issued",
                    file=self.structure.file,
                    n=n,
                )
            )

    def refuse(self, message: Wrong, node: Node, key: str, value: object = "", **places: object) -> None:
        """Note a problem with a cell of a leaf."""
        self.structure.refuse(message, self.structure.rows[node.code], key, node.code, value=value, **places)

    def warn(self, message: Wrong, node: Node, key: str, value: object = "", **places: object) -> None:
        """Note something to look at."""
        self.structure.warn(message, self.structure.rows[node.code], key, node.code, value=value, **places)

    # --- the cells of a leaf ------------------------------------------------------------------

    def closed(self, node: Node) -> None:
        """A leaf that takes no entries: whatever stands there was typed."""
        printed = not_asked_words(node) if not asked(node) else ""
        for column in self.form.columns:
            value = plain_value(self.structure.cell(node.code, column.key).value) if column.typed else None
            ours = column.key == "answer" and (
                value == printed or (not printed and str(value).startswith(NOT_APPLICABLE))
            )
            if value is not None and not ours:
                self.refuse("nothing is entered for this criterion; remove it", node, column.key, value)

    def filled(self, node: Node) -> _Filled | None:
        """What is filled in for a leaf; ``None`` where a cell is wrong."""
        before = len(self.structure.problems)
        values = {column.key: self._value(node, column) for column in self.form.columns if column.typed}
        if len(self.structure.problems) > before:
            return None
        answer, target = values["answer"], values["target"]
        read = self._answer(node, answer, target)
        spared = self._word(node, "not_applicable", values.get("not_applicable"), (NOT_APPLICABLE,))
        decision = self._word(node, "decision", values.get("decision"), self.form.decisions)
        given = self._given(node, values.get("given"))
        if len(self.structure.problems) > before:
            return None
        texts = (_shown(values.get("evidence")), _shown(values.get("remark")))
        row, blank = self.structure.rows[node.code], answer is None and target is None
        return _Filled(node, row, read.answer, blank, bool(spared), decision, given, *texts, read.typed)

    def _value(self, node: Node, column: Column) -> object:
        """The plain value of a cell; ``None`` when it is blank or wrong."""
        cell = self.structure.cell(node.code, column.key)
        problem, value = forbidden(cell, percent=column.use != "number"), plain_value(cell.value)
        if column.use == "text":
            if isinstance(cell.value, date) and cell.data_type != "f":
                problem, value = None, _day(cell.value)
            if problem is None and isinstance(value, str):
                problem, value = _text_flaw(value)
        if problem is not None:
            self.refuse(problem, node, column.key)
            return None
        return self._linked(node, column, value, cell.hyperlink) if leads_elsewhere(cell) else value

    def _linked(self, node: Node, column: Column, value: object, link: Hyperlink) -> object:
        """The text of a cell with the address that its link leads to; elsewhere than in texts a link is pointed at."""
        target = unquote(link.target or "") + (f"#{link.location}" if link.target and link.location else "")
        if column.use != "text" or not target:
            self.warn(UNREAD_LINK, node, column.key, target or link.location)
            return value
        if not re.match(r"(https?|ftp|mailto):", target):
            self.warn(
                "the link leads to a file on the sender's machine and opens nowhere else", node, column.key, target
            )
        text = _shown(value)
        problem, joined = _text_flaw(f"{text} ({target})" if text else target)
        if problem is not None:
            self.refuse(problem, node, column.key)
        return joined

    def _answer(self, node: Node, value: object, target: object) -> _Read:
        rule = node.rule
        assert rule is not None
        if target is not None and not isinstance(rule, Target):
            self.refuse("it has no target; remove it", node, "target", target)
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

    def _ratio(self, node: Node, rule: Target, value: object, target: object) -> _Read:
        if value is None or target is None:
            key, words = ("answer", rule.input) if value is None else ("target", rule.target_input)
            self.refuse("missing: {words}", node, key, words=words)
            return _UNFIT
        cell, plain = self._percent(node, value)
        if cell is None:
            return _UNFIT
        read = self._parsed(node, (cell, target), (value, target))
        return _Read(read.answer, plain and not isinstance(value, str) and not isinstance(target, str), read.fit)

    def _parsed(self, node: Node, cell: object, found: object) -> _Read:
        assert node.rule is not None
        answer = parse_answer(node.rule, cell, node.maximum)
        if isinstance(answer, Problem):
            key = "answer"
            if isinstance(found, tuple):  # a result and its target: which of the two is meant?
                key = "target" if answer.about == "target" else "answer"
                found = found[key == "target"]
            self.refuse(answer.at(value=found), node, key)
            return _UNFIT
        return _Read(answer)

    def _percent(self, node: Node, value: object) -> tuple[object, bool]:
        """A number as it is meant, and whether Excel meant it so: 0.95 shown as 95% is 95 where percent is asked for,
        and nothing (``None``, with a problem) where it is not."""
        if not isinstance(value, (int, float)) or not shown_as_percent(self.structure.cell(node.code, "answer")):
            return value, True
        percent = round(float(value) * 100, 9)
        vi, en = number(percent, "vi"), number(percent, "en")
        if node.rule is None or not node.rule.percent:
            self.refuse(
                "the cell shows a percentage ({what}%), which is not asked for",
                node,
                "answer",
                value,
                what=Bilingual(vi, en),
            )
            return None, False
        self.warn(
            "the cell is formatted as a percentage: read as {what}%; the points shown in Excel are not right",
            node,
            "answer",
            value,
            what=Bilingual(vi, en),
        )
        return percent, False

    def _word(self, node: Node, key: str, value: object, allowed: tuple[str, ...]) -> str:
        """One of the words of a drop-down; "" where there is none."""
        if value is None:
            return ""
        found = next((word for word in allowed if fold(word) == fold(str(value))), "")
        if not found:
            listed = ", ".join(f"“{word}”" for word in allowed)
            self.refuse("one of {listed}, or empty", node, key, value, listed=listed)
        return found

    def _given(self, node: Node, value: object) -> float | None:
        """Points that the council sets itself."""
        if value is None:
            return None
        points = number_of(value)
        if isinstance(points, Problem):
            self.refuse(points.at(value=value), node, "given")
            return None
        most = math.inf if node.maximum is None else node.maximum
        if not 0 <= points <= most + _TOLERANCE:
            words = number(most, "vi")
            self.refuse(
                "points must be from 0 to {words}", node, "given", value, words=Bilingual(f"{words}", f"{most:g}")
            )
        return float(points)

    # --- what the cells say together ----------------------------------------------------------

    def _agrees(self, filled: _Filled) -> None:
        """The points that the form showed are those that the answer earns."""
        node = filled.node
        assert node.rule is not None
        shown = self.shown.get(filled.row)
        if not filled.typed or not isinstance(shown, (int, float)) or isinstance(shown, bool):
            return
        maximum = math.nan if node.maximum is None else node.maximum
        earned = float(node.rule.points([encode(node.rule, filled.answer)], maximum)[0])
        if abs(float(shown) - earned) > _SHOWN_TOLERANCE:
            was, due = number(float(shown), "vi"), number(earned, "vi")
            self.refuse(
                "the form shows {was} points, the answer earns {due}: a changed or stale formula",
                node,
                "points",
                shown,
                was=Bilingual(f"{was}", f"{shown:g}"),
                due=Bilingual(f"{due}", f"{earned:g}"),
            )

    # --- the self-assessment ------------------------------------------------------------------

    def _own_row(self, filled: _Filled) -> Entry | None:
        node = filled.node
        if filled.spared and not filled.blank:
            self.refuse(
                "with “{not_applicable}” no answer is entered; remove one of the two",
                node,
                "not_applicable",
                NOT_APPLICABLE,
                not_applicable=NOT_APPLICABLE,
            )
            return None
        if filled.blank and not filled.spared:
            self._still_open(filled)
            return None
        if filled.spared and not filled.remark:
            self.warn(NO_REASON, node, "remark")
        if not filled.spared and not filled.evidence:
            self.warn(NO_EVIDENCE, node, "evidence")
        self._look_twice(filled)
        self._agrees(filled)
        return _entry(filled.text, None, filled.spared, filled.evidence, filled.remark)

    def _still_open(self, filled: _Filled) -> None:
        """A leaf left blank: not known, never 0; what the ledger holds stays."""
        node = filled.node
        earlier = self.said["self"].get(node.code, NOTHING)
        if earlier.stated:
            held = answer_words(node, earlier)
            self.warn("blank; the earlier answer stays ({held})", node, "answer", held=held)
            return
        self.missing.append(node.code)
        if filled.evidence or filled.remark:
            self.warn(
                "evidence or an explanation without an answer; the row is not taken",
                node,
                "evidence" if filled.evidence else "remark",
                filled.evidence or filled.remark,
            )

    def _look_twice(self, filled: _Filled) -> None:
        """Answers that are allowed, and often a slip."""
        node, answer = filled.node, filled.answer
        assert node.rule is not None
        if slip := likely_slip(node.rule, answer, node.maximum):
            self.warn(slip.message, node, "answer", answer)

    # --- the council --------------------------------------------------------------------------

    def _council_row(self, filled: _Filled) -> Entry | None:
        """A decision of the council, at the appraisal or on an explanation."""
        node, decision = filled.node, filled.decision
        accept, standing = self.form.accept, self.said[self.form.before].get(node.code, NOTHING)
        if decision == "":
            self._undecided(filled)
        elif self._decided(filled, standing, accept):
            if decision == accept:
                points = None if math.isnan(standing.points) else standing.points
                return _entry(standing.answer, points, standing.not_applicable, "", filled.remark)
            if filled.given is None and decision == ADJUST:
                self._look_twice(filled)
                self._agrees(filled)
            return _entry(filled.text, filled.given, decision == NOT_APPLICABLE, "", filled.remark)
        return None

    def _undecided(self, filled: _Filled) -> None:
        node = filled.node
        if not filled.blank or filled.given is not None or filled.remark:
            words = ", ".join(f"“{word}”" for word in self.form.decisions)
            self.refuse("no decision is chosen: {words}", node, "decision", words=words)
        elif self.form.kind == "appraisal" and not self.earlier.get(node.code, NOTHING).stated:
            self.missing.append(node.code)

    def _decided(self, filled: _Filled, standing: Said, accept: str) -> bool:
        """Whether the cells of a decision go together."""
        node, decision = filled.node, filled.decision
        filled_in = not filled.blank or filled.given is not None
        if decision != ADJUST and filled_in:
            key = "answer" if not filled.blank else "given"
            value = self.structure.cell(node.code, key).value
            self.refuse("“{decision}” leaves this cell empty", node, key, value, decision=decision)
        elif decision == ADJUST and not filled_in:
            self.refuse("an adjustment needs an answer or points", node, "answer")
        elif not filled.remark and decision != ACCEPT:
            self.refuse("“{decision}” needs a reason", node, "remark", decision=decision)
        else:
            return decision != accept or self._stands(node, standing, accept)
        return False

    def _stands(self, node: Node, standing: Said, accept: str) -> bool:
        """Whether there is something to accept or keep, and it is what the council saw."""
        key = f"{self.form.before}_answer"
        if not standing.stated:
            self.refuse("there is nothing to accept ({accept})", node, "decision", accept, accept=accept)
            return False
        seen = plain_value(self.structure.cell(node.code, key).value) or ""
        now = plain_value(answer_words(node, standing)) or ""
        if seen != now:
            self.refuse(
                "the ledger now says “{now}”: it changed after the form was issued, or the printed cell was changed",
                node,
                key,
                seen,
                now=now,
            )
        return seen == now

    # --- the explanation ----------------------------------------------------------------------

    def _claim_row(self, filled: _Filled) -> Entry | None:
        """A unit's explanation. It decides nothing."""
        node = filled.node
        if filled.decision != EXPLAIN:
            if not filled.blank or filled.remark or filled.evidence:
                self.refuse(
                    "something is entered; choose “{explain}”, or remove it",
                    node,
                    "decision",
                    filled.decision,
                    explain=EXPLAIN,
                )
            return None
        if not filled.remark:
            self.refuse("the explanation is missing", node, "remark")
            return None
        self._look_twice(filled)
        self._agrees(filled)
        entry = _entry(filled.text, None, False, filled.evidence, filled.remark)
        earlier = self.earlier.get(node.code, NOTHING)
        # The council's decision may stand between: said again, the explanation would be new to the ledger.
        same = (earlier.answer, earlier.evidence, earlier.remark) == (filled.text, filled.evidence, filled.remark)
        return None if same else entry


def _day(day: date) -> str:
    """A day in a column of words, as it is written in Viet Nam."""
    clock = isinstance(day, datetime) and (day.hour or day.minute)
    return f"{day:%d/%m/%Y %H:%M}" if clock else f"{day:%d/%m/%Y}"


def _shown(value: object) -> str:
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


def _entry(answer: str, points: float | None, spared: bool, evidence: str, remark: str) -> Entry:
    return {
        "answer": answer,
        "points": math.nan if points is None else points,
        "not_applicable": spared,
        "evidence": evidence,
        "remark": remark,
    }
