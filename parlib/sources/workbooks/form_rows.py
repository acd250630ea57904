"""The main sheet of a form: one row a node, with what people fill in and what Excel computes from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from parlib.scoring import units as framework_units
from parlib.scoring.rules import Target, describe, exact_values
from parlib.scoring.scheme import Node
from parlib.sources.excel import Looks, page, put_text
from parlib.sources.workbooks import form_formulas as formulas
from parlib.sources.workbooks.form_content import (
    NOTHING,
    Said,
    Standing,
    Words,
    answer_cells,
    answer_of,
    answer_words,
    decision_of,
    effective_points,
)
from parlib.sources.workbooks.form_formulas import ListRange
from parlib.sources.workbooks.form_layout import (
    ACCEPT,
    ADJUST,
    FIRST_ROW,
    HEAD_ROW,
    KEEP,
    MAIN,
    NOT_APPLICABLE,
    WHOLE_ROW,
    Column,
    FormKind,
    Line,
    asked,
    form_lines,
    not_asked_words,
)
from parlib.sources.workbooks.form_limits import answer_look, expected_words, limits
from parlib.tables import column_letter

if TYPE_CHECKING:
    from xlsxwriter import Workbook

    from parlib.sources.rounds import Round

_LINE = 13.2  # height of a line of text, in points


@dataclass(frozen=True)
class Sheet:
    """What the rows of a form are written with."""

    book: Workbook
    looks: Looks
    round: Round
    unit: str
    kind: FormKind
    columns: tuple[Column, ...]
    ranges: Mapping[str, ListRange]

    @property
    def policy(self) -> str:
        """What becomes of leaves that do not apply."""
        return self.round.scheme.not_applicable

    def place(self, key: str) -> int:
        """The number of a column, counted from 0; -1 where the form has none."""
        return next((n for n, column in enumerate(self.columns) if column.key == key), -1)

    def cell(self, key: str, row: int) -> str:
        """The name of a cell: "E12"."""
        return f"{column_letter(self.place(key) + 1)}{row}"

    def cells(self, row: int) -> dict[str, str]:
        """The names of all cells of a row, by column."""
        return {column.key: self.cell(column.key, row) for column in self.columns}


def write_main(sheet: Sheet, standing: Standing, title: str) -> None:
    """Write the main sheet."""
    work = sheet.book.add_worksheet(MAIN)
    _Rows(sheet, standing, work).write(title)


class _Rows:
    """Writes the rows of one form."""

    def __init__(self, sheet: Sheet, standing: Standing, work: Any) -> None:
        self.sheet, self.work, self.looks = sheet, work, sheet.looks
        self.own: Words = standing.stage(sheet.unit, "self")
        self.judged: Words = standing.stage(sheet.unit, "appraisal") if sheet.kind != "self" else {}
        self.filled: Words = standing.filled(sheet.unit, sheet.kind)
        self.claims: Words = standing.claims(sheet.unit) if sheet.kind == "conclusion" else {}
        self.points: dict[int, float | None] = {}  # what the computed columns show, so that viewers without a
        self.applies: dict[int, float] = {}  # calculator (a phone's preview) show it too

    def write(self, title: str) -> None:
        sheet, work = self.sheet, self.work
        lines = form_lines(sheet.round.scheme)
        self._set_up(title, lines[-1].row)
        for line in reversed(lines):  # the sums come after what they add
            if line.node is not None and line.node.is_leaf:
                self._leaf(line)
            else:
                self._sum(line)
        self._colours(lines[-1].row)
        work.protect("", {"format_rows": True, "format_columns": True, "autofilter": True})

    # --- the sheet ----------------------------------------------------------------------------

    def _set_up(self, title: str, last: int) -> None:
        sheet, work, looks = self.sheet, self.work, self.looks
        plan, scheme = sheet.round.plan, sheet.round.scheme
        unit = framework_units.get(sheet.unit, plan.level, plan.system).full_name_vi
        page(work, landscape=True, footer=f"{unit} — {title}")
        marks = [words for words in (_simulated(sheet.round), _illustrative(sheet.round)) if words]
        if marks:
            work.set_header(f"&C&8{'; '.join(marks)}")
        work.set_row(0, 24)
        put_text(work, 0, 0, title, looks["title"])
        put_text(work, 1, 0, f"{unit} — Bộ tiêu chí theo {scheme.decision}", looks["subtitle"])
        hint = "Chỉ nhập vào ô màu vàng. Điểm được tính ngay khi nhập; số thập phân dùng dấu phẩy."
        put_text(work, 2, 0, " ".join([hint, *(f"{mark}." for mark in marks)]), looks["mark" if marks else "remark"])
        for place, column in enumerate(sheet.columns):
            work.set_column(place, place, column.width)
            put_text(work, HEAD_ROW - 1, place, column.heading, looks["head"])
        work.set_row(HEAD_ROW - 1, 54)
        work.freeze_panes(WHOLE_ROW, 2)
        work.repeat_rows(HEAD_ROW - 1)
        work.print_area(0, 0, last - 1, len(sheet.columns) - 2)  # without the column of checks
        work.set_zoom(90)

    def _colours(self, last: int) -> None:
        """The word of each check in its colour."""
        check = self.sheet.place("check")
        book = self.sheet.book
        looks = (
            ((formulas.COMPLETE,), {"font_color": "#1B7F4B", "bold": True}),
            ((formulas.BLANK, formulas.NO_DECISION, NOT_APPLICABLE, ""), {"font_color": "#6B7680"}),
        )
        first, corner = FIRST_ROW - 1, self.sheet.cell("check", FIRST_ROW)
        for words, properties in looks:
            test = ",".join(f'{corner}="{word}"' for word in words)
            rule = {"type": "formula", "criteria": f"=OR({test})", "format": book.add_format(properties)}
            self.work.conditional_format(first, check, last - 1, check, {**rule, "stop_if_true": True})
        alarm = book.add_format({"font_color": "#B42318", "bold": True, "bg_color": "#FDECEA"})
        rule = {"type": "formula", "criteria": f'={corner}<>""', "format": alarm}
        self.work.conditional_format(first, check, last - 1, check, rule)
        points = self.sheet.place("points")
        wrong = {"type": "cell", "criteria": "==", "value": f'"{formulas.WRONG}"', "format": alarm}
        self.work.conditional_format(first, points, last - 1, points, wrong)

    # --- rows ---------------------------------------------------------------------------------

    def _sum(self, line: Line) -> None:
        sheet, work, looks, row = self.sheet, self.work, self.looks, line.row
        node, look = line.node, line.look
        texts = {
            "code": node.code if node else "",
            "name": (node.name if node else "Tổng điểm").upper()
            if look in ("whole", "area")
            else (node.name if node else ""),
        }
        for place, column in enumerate(sheet.columns):
            put_text(work, row - 1, place, texts.get(column.key, ""), looks[look])
        maximum = node.maximum if node else sheet.round.scheme.maximum
        if maximum is not None:
            work.write_number(row - 1, sheet.place("maximum"), maximum, looks[f"{look}_points"])
        known = [value for child in line.children if (value := self.points.get(child)) is not None]
        self.points[row] = float(exact_values(sum(known))) if known else None
        self.applies[row] = float(exact_values(sum(self.applies.get(child, 0.0) for child in line.children)))
        below = [sheet.cell("points", child) for child in line.children]
        self._formula(row, "points", formulas.total(below), self.points[row], f"{look}_points")
        if sheet.place("applies") >= 0:
            below = [sheet.cell("applies", child) for child in line.children]
            self._formula(row, "applies", formulas.sum_of(below), self.applies[row], f"{look}_points")
        for key in ("self_points", "council_points"):
            if sheet.place(key) >= 0:
                below = [sheet.cell(key, child) for child in line.children]
                self._formula(row, key, formulas.total(below), self._printed_total(line, key), f"{look}_points")
        width = sheet.columns[sheet.place("name")].width
        work.set_row(row - 1, max(18.0, _lines(texts["name"], width * (0.72 if look == "area" else 0.92)) * _LINE + 5))

    def _printed_total(self, line: Line, key: str) -> float | None:
        words = self.own if key == "self_points" else self.judged
        code = line.node.code + "." if line.node else ""
        found = [
            points
            for leaf in self.sheet.round.scheme.leaves
            if leaf.code.startswith(code)
            and asked(leaf)
            and (points := effective_points(words.get(leaf.code, NOTHING), leaf, self.sheet.policy)) is not None
        ]
        return float(exact_values(sum(found))) if found else None

    def _formula(self, row: int, key: str, formula: str, value: float | str | None, look: str) -> None:
        shown = "" if value is None else value
        self.work.write_formula(row - 1, self.sheet.place(key), formula, self.looks[look], shown)

    def _leaf(self, line: Line) -> None:
        node, row, sheet = line.node, line.row, self.sheet
        assert node is not None
        own, judged = self.own.get(node.code, NOTHING), self.judged.get(node.code, NOTHING)
        texts = {
            "code": node.code,
            "name": node.name,
            "rule": describe(node.rule, node.maximum) if node.rule else "",
            "wanted": node.evidence,
            **self._printed(node, own, judged),
        }
        closed = not asked(node) or own.planned
        for place, column in enumerate(sheet.columns):
            look = "grey" if closed and place > 3 else "code"
            put_text(self.work, row - 1, place, texts.get(column.key, ""), self.looks[look], self.looks[f"q_{look}"])
        if node.maximum is not None:
            self.work.write_number(row - 1, sheet.place("maximum"), node.maximum, self.looks["points"])
        for key, said in (("self_points", own), ("council_points", judged)):
            points = effective_points(said, node, sheet.policy)
            if sheet.place(key) >= 0 and points is not None and asked(node):
                self.work.write_number(row - 1, sheet.place(key), points, self.looks["points"])
        if closed:
            self._closed(line, own)
        else:
            self._open(line, own, judged)
        widths = {column.key: column.width for column in sheet.columns}
        height = max((_lines(text, widths[key]) for key, text in texts.items() if key in widths), default=1)
        self.work.set_row(row - 1, max(18.0, height * _LINE + 5))

    def _printed(self, node: Node, own: Said, judged: Said) -> dict[str, str]:
        """The columns that show what was said before."""
        claim = self.claims.get(node.code, NOTHING)
        return {
            "self_answer": answer_words(node, own),
            "self_evidence": own.evidence,
            "self_remark": own.remark,
            "council_answer": answer_words(node, judged),
            "council_remark": judged.remark,
            "claim_answer": answer_words(node, claim),
            "claim_remark": claim.remark,
            "claim_evidence": claim.evidence,
        }

    def _closed(self, line: Line, own: Said) -> None:
        """A leaf that nobody fills in here: it is surveyed, or the plan exempts the unit."""
        node, sheet = line.node, self.sheet
        assert node is not None
        words = f"{NOT_APPLICABLE} theo kế hoạch: {own.remark}" if own.planned else not_asked_words(node)
        if not asked(node):
            words = not_asked_words(node)
        put_text(self.work, line.row - 1, sheet.place("answer"), words, self.looks["grey"])
        if own.planned and asked(node):
            points, most = formulas.spared(sheet.policy, node)
            self.points[line.row] = None if points == '""' else float(points)
            self.applies[line.row] = float(most)
            if self.points[line.row] is not None:
                self.work.write_number(line.row - 1, sheet.place("points"), float(points), self.looks["grey_points"])
            if sheet.place("applies") >= 0:
                self.work.write_number(line.row - 1, sheet.place("applies"), float(most), self.looks["grey_points"])

    # --- the open cells of a leaf -------------------------------------------------------------

    def _open(self, line: Line, own: Said, judged: Said) -> None:
        node, row, sheet = line.node, line.row, self.sheet
        assert node is not None
        said = self.filled.get(node.code, NOTHING)
        decision = decision_of(sheet.kind, said, own if sheet.kind == "appraisal" else judged)
        show = sheet.kind in ("self", "appeal") or decision == ADJUST
        answer, target = answer_cells(node, answer_of(node, said.answer)) if show else (None, None)
        self._input(line, "answer", answer, answer_look(node))
        if isinstance(node.rule, Target):
            self._input(line, "target", target, "in_number")
        else:
            self.work.write_blank(row - 1, sheet.place("target"), None, self.looks["grey"])
        self._input(line, "not_applicable", NOT_APPLICABLE if said.not_applicable else "", "in_choice")
        self._input(line, "decision", decision, "in_choice")
        given = said.points if show and not math.isnan(said.points) else None
        self._input(line, "given", given, "in_points")
        self._input(line, "evidence", said.evidence, "in_code")
        self._input(line, "remark", said.remark, "in_code")
        for key, rule in limits(node, sheet.kind, sheet.ranges.get(node.code)).items():
            if (place := sheet.place(key)) >= 0:
                self.work.data_validation(row - 1, place, row - 1, place, rule)
        self._computed(line, said, decision, own if sheet.kind == "appraisal" else judged)

    def _input(self, line: Line, key: str, value: str | float | None, look: str) -> None:
        place = self.sheet.place(key)
        if place < 0:
            return
        if isinstance(value, float):
            self.work.write_number(line.row - 1, place, value, self.looks[look])
        else:
            put_text(self.work, line.row - 1, place, value or "", self.looks[look], self.looks[f"q_{look}"])

    def _computed(self, line: Line, said: Said, decision: str, standing: Said) -> None:
        node, row, sheet = line.node, line.row, self.sheet
        assert node is not None
        if sheet.kind == "self":
            made = self._own_computed(node, row, said)
        elif sheet.kind == "appeal":
            made = self._claim_computed(node, row, said)
        else:
            made = self._council_computed(node, row, said, decision, standing)
        self.points[row], self.applies[row] = made.shown_points, made.shown_maximum
        self._formula(row, "points", made.points, made.shown_points, "earned")
        if made.maximum:
            self._formula(row, "applies", made.maximum, made.shown_maximum, "points")
        self._formula(row, "check", made.check, made.shown_word, "check")

    def _own_computed(self, node: Node, row: int, said: Said) -> _Computed:
        cell, policy = self.sheet.cells(row), self.sheet.policy
        return _Computed(
            formulas.self_points(node, cell, self.sheet.ranges.get(node.code), policy),
            formulas.self_applies(node, cell, policy),
            formulas.self_check(node, cell, expected_words(node)),
            effective_points(said, node, policy),
            _maximum(node, policy, said.not_applicable),
            _self_word(said),
        )

    def _claim_computed(self, node: Node, row: int, said: Said) -> _Computed:
        cell = self.sheet.cells(row)
        return _Computed(
            formulas.claim_points(node, cell, self.sheet.ranges.get(node.code)),
            "",
            formulas.claim_check(cell, expected_words(node)),
            effective_points(said, node, self.sheet.policy),
            _maximum(node, self.sheet.policy, False),
            formulas.COMPLETE if said.remark else "",
        )

    def _council_computed(self, node: Node, row: int, said: Said, decision: str, standing: Said) -> _Computed:
        cell, policy = self.sheet.cells(row), self.sheet.policy
        first = self.sheet.kind == "appraisal"
        accept, stands = (ACCEPT, "self_points") if first else (KEEP, "council_points")
        silence = formulas.NO_DECISION if first or node.code in self.claims else ""
        gone = standing.not_applicable
        table = self.sheet.ranges.get(node.code)
        points = effective_points(said if decision else standing, node, policy) if decision or not first else None
        reasonless = not said.remark and decision != ACCEPT
        word = formulas.NO_REASON if reasonless else formulas.COMPLETE
        return _Computed(
            formulas.council_points(node, cell, table, policy, cell[stands], gone, not first),
            formulas.council_applies(node, cell, policy, gone),
            formulas.council_check(cell, expected_words(node), standing.stated, accept, silence),
            points,
            _maximum(node, policy, said.not_applicable or (gone and decision != ADJUST)),
            word if decision else silence,
        )


class _Computed(NamedTuple):
    """The formulas of a row and what they show when the form is sent out."""

    points: str
    maximum: str
    check: str
    shown_points: float | None
    shown_maximum: float
    shown_word: str


def _maximum(node: Node, policy: str, spared: bool) -> float:
    """The maximum of a leaf that counts."""
    return float(formulas.spared(policy, node)[1]) if spared else node.maximum or 0.0


def _self_word(said: Said) -> str:
    if said.not_applicable:
        return NOT_APPLICABLE
    if not said.answer:
        return formulas.BLANK
    return formulas.COMPLETE if said.evidence else formulas.NO_EVIDENCE


def _simulated(round_: Round) -> str:
    return "SỐ LIỆU MÔ PHỎNG" if round_.plan.simulated else ""


def _illustrative(round_: Round) -> str:
    return "BỘ TIÊU CHÍ MINH HỌA" if round_.scheme.status == "illustrative" else ""


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of the table's font, counted on the safe side."""
    return sum(max(1, math.ceil(len(part) / (width * 1.24))) for part in text.split("\n"))
