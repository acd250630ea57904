"""Forms as workbooks: protected, with drop-downs, limits and live points; one for each unit of a round.

The main sheet has one row a node: what is printed, what people fill in, and what Excel computes from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from parlib import places
from parlib.errors import ParameterError, Problem
from parlib.numerals import number
from parlib.scoring import units as framework_units
from parlib.scoring.answers import expected
from parlib.scoring.rules import Choice, Target, describe, exact_values
from parlib.scoring.scheme import Node
from parlib.sources.excel import Looks, new_workbook, page, put_text
from parlib.sources.rounds.opening import Round
from parlib.sources.workbooks import form_cover
from parlib.sources.workbooks import form_formulas as formulas
from parlib.sources.workbooks.form_content import (
    NOTHING,
    Said,
    Standing,
    answer_cells,
    answer_of,
    answer_words,
    decision_of,
    effective_points,
    scheme_hash,
)
from parlib.sources.workbooks.form_formulas import ListRange
from parlib.sources.workbooks.form_layout import (
    ACCEPT,
    ADJUST,
    COVER,
    FIRST_ROW,
    HEAD_ROW,
    IDENTITY,
    LISTS,
    MAIN,
    NOT_APPLICABLE,
    VERSION,
    WHOLE_ROW,
    Column,
    Form,
    Line,
    asked,
    form_lines,
    form_of,
    not_asked_words,
)
from parlib.words import near

if TYPE_CHECKING:
    from xlsxwriter import Workbook

_LINE = 13.2  # height of a line of text, in points
_FIXED = 12  # rows at the top of the hidden sheet: the lists that all leaves share
_LONGEST = 255  # characters that Excel allows in a message

Rows = dict[str, list[tuple[str | float, float]]]  # by leaf: what drop-downs and formulas look into


def form_name(round_id: str, unit: str, stage: str) -> str:
    """The file name of a form."""
    return f"{round_id}.{unit}.{stage}.xlsx"


def write_form(round_: Round, unit: str, path: Path, stage: str = "self") -> Path:
    """Write the form of a unit: stage "self", "appraisal", "appeal" or "conclusion".

    What the ledger holds already is filled in. ``unit`` is a key or a name; ``path`` a file, or a folder.
    """
    form, key = form_of(stage), _unit_key(round_, unit)
    target = path / form_name(round_.plan.id, key, stage) if path.is_dir() or path.suffix == "" else path
    _Issue(round_, form, Standing(round_)).write(key, target)
    return target


def write_forms(
    round_: Round,
    folder: Path,
    stage: str = "self",
    units: Sequence[str] | None = None,
    on_each: Callable[[Path], None] | None = None,
) -> list[Path]:
    """Write the forms of all units of a round (or of those named) into ``folder``, in official order."""
    issue = _Issue(round_, form_of(stage), Standing(round_))
    keys = list(round_.book.units) if units is None else [_unit_key(round_, unit) for unit in units]
    written = []
    for key in keys:
        path = folder / form_name(round_.plan.id, key, stage)
        issue.write(key, path)
        written.append(path)
        if on_each is not None:
            on_each(path)
    return written


def _unit_key(round_: Round, unit: str) -> str:
    if unit in round_.book.units:
        return unit
    plan = round_.plan
    found = plan.find(unit)
    if found.key not in round_.book.units:
        known = list(round_.book.units)
        raise ParameterError(
            Problem("the unit is not in the round {plan_id}{near}", value=unit, near=near(unit, known), plan_id=plan.id)
        )
    return found.key


@dataclass(frozen=True)
class _Issue:
    """The forms of one kind of one round: what they share is looked up once."""

    round: Round
    form: Form
    standing: Standing

    @cached_property
    def scheme_hash(self) -> str:
        return scheme_hash(self.round.scheme)

    @cached_property
    def lists(self) -> Rows:
        """The tables of the leaves that have one."""
        return {leaf.code: rows for leaf in self.round.scheme.leaves if (rows := formulas.list_rows(leaf))}

    @cached_property
    def ranges(self) -> dict[str, ListRange]:
        """Where these tables stand on the hidden sheet."""
        found, row = {}, _FIXED + 1
        for code, rows in self.lists.items():
            found[code] = ListRange(row, row + len(rows) - 1)
            row += len(rows)
        return found

    def write(self, unit: str, path: Path) -> None:
        """Write the form of one unit: all of it, or nothing."""
        plan, form = self.round.plan, self.form
        name = framework_units.get(unit, plan.level, plan.system).full_name_vi
        heads = form.heads(plan.year, name, self.round.scheme)
        with places.whole_file(path) as draft:
            book = new_workbook(draft, heads[0], name)
            looks = Looks(book)
            form_cover.write_cover(book, looks, self.round, unit, form)
            form_cover.write_guide(book, looks, self.round, form)
            _Main(self, book, looks, unit).write(name, heads)
            self._write_lists(book, looks)
            self._write_identity(book, looks, unit)
            book.get_worksheet_by_name(COVER).activate()
            book.close()

    def _write_lists(self, book: Workbook, looks: Looks) -> None:
        """The tables that drop-downs and formulas look into."""
        sheet = book.add_worksheet(LISTS)
        sheet.set_column(0, 0, 80)
        for row, word in enumerate((NOT_APPLICABLE, *self.form.decisions)):
            put_text(sheet, row, 0, word, looks["text"])
        row = _FIXED
        for code, rows in self.lists.items():
            for level, points in rows:
                if isinstance(level, str):
                    put_text(sheet, row, 0, level, looks["code"], looks["q_code"])
                else:
                    sheet.write_number(row, 0, level, looks["number"])
                sheet.write_number(row, 1, points, looks["number"])
                put_text(sheet, row, 2, code, looks["code"])
                row += 1
        sheet.protect()
        sheet.hide()

    def _write_identity(self, book: Workbook, looks: Looks, unit: str) -> None:
        """Which form this is, so that it cannot be read into another round, scheme, unit or stage."""
        plan = self.round.plan
        content = {
            "version": VERSION,
            "kind": self.form.kind,
            "round": plan.id,
            "year": str(plan.year),
            "level": plan.level,
            "scheme": self.round.scheme.id,
            "scheme_sha256": self.scheme_hash,
            "unit": unit,
            "ledger_rows": str(len(self.round.ledger)),
        }
        sheet = book.add_worksheet(IDENTITY)
        for row, cells in enumerate(content.items()):
            for place, text in enumerate(cells):
                put_text(sheet, row, place, text, looks["code"])
        sheet.protect()
        sheet.very_hidden()


# --- the main sheet ---------------------------------------------------------------------------


class _Computed(NamedTuple):
    """The formulas of a row and what they show when the form is sent out."""

    points: str
    maximum: str
    check: str
    shown_points: float | None
    shown_maximum: float
    shown_word: str


class _Main:
    """Writes the main sheet of one form."""

    def __init__(self, issue: _Issue, book: Workbook, looks: Looks, unit: str) -> None:
        self.round, self.form, self.ranges = issue.round, issue.form, issue.ranges
        self.book, self.looks, self.sheet = book, looks, book.add_worksheet(MAIN)
        self.policy = self.round.scheme.not_applicable  # what becomes of leaves that do not apply
        self.shown = issue.standing.shown(unit, self.form)
        self.filled = issue.standing.filled(unit, self.form.kind)
        self.points: dict[int, float | None] = {}  # what the computed columns show, so that viewers without a
        self.applies: dict[int, float] = {}  # calculator (a phone's preview) show it too

    def write(self, unit_name: str, heads: tuple[str, str]) -> None:
        lines = form_lines(self.round.scheme)
        self._set_up(unit_name, heads, lines[-1].row)
        for line in reversed(lines):  # the sums come after what they add
            if line.node is not None and line.node.is_leaf:
                self._leaf(line.row, line.node)
            else:
                self._sum(line)
        self._colours(lines[-1].row)
        self.sheet.protect("", {"format_rows": True, "format_columns": True, "autofilter": True})

    def _set_up(self, unit_name: str, heads: tuple[str, str], last: int) -> None:
        sheet, looks = self.sheet, self.looks
        page(sheet, landscape=True, footer=f"{unit_name} — {heads[0]}")
        marks = [words.partition(":")[0] for words in form_cover.marks(self.round)]
        if marks:
            sheet.set_header(f"&C&8{'; '.join(marks)}")
        hint = "Chỉ nhập vào ô màu vàng. Điểm được tính ngay khi nhập; số thập phân dùng dấu phẩy."
        hint = " ".join([hint, *(f"{mark}." for mark in marks)])
        sheet.set_row(0, 24)
        for row, (text, look) in enumerate(zip((*heads, hint), ("title", "subtitle", "remark"), strict=True)):
            put_text(sheet, row, 0, text, looks["mark" if row == 2 and marks else look])
        for place, column in enumerate(self.form.columns):
            sheet.set_column(place, place, column.width)
            put_text(sheet, HEAD_ROW - 1, place, column.heading, looks["head"])
        sheet.set_row(HEAD_ROW - 1, 54)
        sheet.freeze_panes(WHOLE_ROW, 2)
        sheet.repeat_rows(HEAD_ROW - 1)
        sheet.print_area(0, 0, last - 1, len(self.form.columns) - 2)  # without the column of checks
        sheet.set_zoom(90)

    def _colours(self, last: int) -> None:
        """The word of each check in its colour, and points that cannot be."""
        corner = self.form.cell("check", FIRST_ROW)
        alarm = self.book.add_format({"font_color": "#B42318", "bold": True, "bg_color": "#FDECEA"})
        calm = (formulas.BLANK, formulas.NO_DECISION, NOT_APPLICABLE, "")
        for words, properties in (
            ((formulas.COMPLETE,), {"font_color": "#1B7F4B", "bold": True}),
            (calm, {"font_color": "#6B7680"}),
        ):
            test = ",".join(f'{corner}="{word}"' for word in words)
            rule = {"type": "formula", "criteria": f"=OR({test})", "format": self.book.add_format(properties)}
            self._colour("check", last, {**rule, "stop_if_true": True})
        self._colour("check", last, {"type": "formula", "criteria": f'={corner}<>""', "format": alarm})
        wrong = f'"{formulas.WRONG}"'
        self._colour("points", last, {"type": "cell", "criteria": "==", "value": wrong, "format": alarm})

    def _colour(self, key: str, last: int, rule: dict[str, object]) -> None:
        place = self.form.places[key] - 1
        self.sheet.conditional_format(FIRST_ROW - 1, place, last - 1, place, rule)

    # --- one cell -----------------------------------------------------------------------------

    def _put(self, row: int, key: str, value: str | float | None, look: str) -> None:
        """A number or a text into the cell of a column, where the form has it; ``None`` leaves the cell as it is."""
        place = self.form.places.get(key, 0) - 1
        if place < 0 or value is None:
            return
        if isinstance(value, str):
            put_text(self.sheet, row - 1, place, value, self.looks[look], self.looks[f"q_{look}"])
        else:
            self.sheet.write_number(row - 1, place, value, self.looks[look])

    def _formula(self, row: int, key: str, formula: str, value: float | str | None, look: str) -> None:
        shown = "" if value is None else value
        self.sheet.write_formula(row - 1, self.form.places[key] - 1, formula, self.looks[look], shown)

    # --- rows of sums -------------------------------------------------------------------------

    def _sum(self, line: Line) -> None:
        node, look, row = line.node, line.look, line.row
        name = node.name if node else "Tổng điểm"
        texts = {"code": node.code if node else "", "name": name.upper() if look in ("whole", "area") else name}
        for place, column in enumerate(self.form.columns):
            put_text(self.sheet, row - 1, place, texts.get(column.key, ""), self.looks[look])
        self._put(row, "maximum", node.maximum if node else self.round.scheme.maximum, f"{look}_points")
        known = [value for child in line.children if (value := self.points.get(child)) is not None]
        self.points[row] = float(exact_values(sum(known))) if known else None
        self.applies[row] = float(exact_values(sum(self.applies.get(child, 0.0) for child in line.children)))
        sums = {"points": self.points[row], "applies": self.applies[row]}
        sums |= {f"{whose}_points": self._printed_total(line, whose) for whose in ("self", "council")}
        for key, value in sums.items():
            if key in self.form.places:
                total = formulas.sum_of if key == "applies" else formulas.total
                below = [self.form.cell(key, child) for child in line.children]
                self._formula(row, key, total(below), value, f"{look}_points")
        width = self.form.columns[self.form.places["name"] - 1].width * (0.72 if look == "area" else 0.92)
        self.sheet.set_row(row - 1, max(18.0, _lines(texts["name"], width) * _LINE + 5))

    def _printed_total(self, line: Line, whose: str) -> float | None:
        words = self.shown.get(whose, {})
        code = line.node.code + "." if line.node else ""
        found = [
            points
            for leaf in self.round.scheme.leaves
            if leaf.code.startswith(code)
            and asked(leaf)
            and (points := effective_points(words.get(leaf.code, NOTHING), leaf, self.policy)) is not None
        ]
        return float(exact_values(sum(found))) if found else None

    # --- rows of leaves -----------------------------------------------------------------------

    def _leaf(self, row: int, node: Node) -> None:
        own = self.shown["self"].get(node.code, NOTHING)
        texts = {
            "code": node.code,
            "name": node.name,
            "rule": describe(node.rule, node.maximum) if node.rule else "",
            "wanted": node.evidence,
            **{column.key: self._said(node, column) for column in self.form.columns if all(column.says)},
        }
        closed = not asked(node) or own.planned
        for place, column in enumerate(self.form.columns):
            self._put(row, column.key, texts.get(column.key, ""), "grey" if closed and place > 3 else "code")
        self._put(row, "maximum", node.maximum, "points")
        for whose, words in self.shown.items() if asked(node) else ():
            points = effective_points(words.get(node.code, NOTHING), node, self.policy)
            self._put(row, f"{whose}_points", points, "points")
        if closed:
            self._closed(row, node, own)
        else:
            self._open(row, node)
        height = max(_lines(texts[column.key], column.width) for column in self.form.columns if column.key in texts)
        self.sheet.set_row(row - 1, max(18.0, height * _LINE + 5))

    def _said(self, node: Node, column: Column) -> str:
        """What a column shows that was said before; its points are written as numbers."""
        whose, what = column.says
        said = self.shown[whose].get(node.code, NOTHING)
        if what == "answer":
            return answer_words(node, said)
        return {"evidence": said.evidence, "remark": said.remark}.get(what, "")

    def _closed(self, row: int, node: Node, own: Said) -> None:
        """A leaf that nobody fills in here: it is surveyed, or the plan exempts the unit."""
        if not asked(node):
            self._put(row, "answer", not_asked_words(node), "grey")
            return
        self._put(row, "answer", f"{NOT_APPLICABLE} theo kế hoạch: {own.remark}", "grey")
        points, most = formulas.spared(self.policy, node)
        self.points[row] = None if points == '""' else float(points)
        self.applies[row] = float(most)
        self._put(row, "points", self.points[row], "grey_points")
        self._put(row, "applies", self.applies[row], "grey_points")

    def _open(self, row: int, node: Node) -> None:
        """A leaf that people fill in: what they entered before, the limits of its cells, and its formulas."""
        form, said = self.form, self.filled.get(node.code, NOTHING)
        standing = self.shown[form.before].get(node.code, NOTHING) if form.before else NOTHING
        decision = decision_of(form, said, standing)
        show = form.by_unit or decision == ADJUST
        answer, target = answer_cells(node, answer_of(node, said.answer)) if show else (None, None)
        entered: dict[str, str | float | None] = {
            "answer": answer,
            "target": target,
            "not_applicable": NOT_APPLICABLE if said.not_applicable else "",
            "decision": decision,
            "given": said.points if show and not math.isnan(said.points) else None,
            "evidence": said.evidence,
            "remark": said.remark,
        }
        limits = _limits(node, form, self.ranges.get(node.code))
        for column in form.columns:
            if column.typed:
                value, look = entered[column.key], column.look or _answer_look(node)
                closed = column.key == "target" and not isinstance(node.rule, Target)
                self._put(row, column.key, "" if value is None else value, "grey" if closed else look)
            if column.key in limits:
                place = form.places[column.key] - 1
                self.sheet.data_validation(row - 1, place, row - 1, place, limits[column.key])
        self._compute(row, node, said, decision, standing)

    def _compute(self, row: int, node: Node, said: Said, decision: str, standing: Said) -> None:
        cell = {key: self.form.cell(key, row) for key in self.form.places}
        if self.form.kind == "self":
            made = self._own_computed(node, cell, said)
        elif self.form.kind == "appeal":
            made = self._claim_computed(node, cell, said)
        else:
            made = self._council_computed(node, cell, said, decision, standing)
        self.points[row], self.applies[row] = made.shown_points, made.shown_maximum
        self._formula(row, "points", made.points, made.shown_points, "earned")
        if made.maximum:
            self._formula(row, "applies", made.maximum, made.shown_maximum, "points")
        self._formula(row, "check", made.check, made.shown_word, "check")

    def _own_computed(self, node: Node, cell: dict[str, str], said: Said) -> _Computed:
        word = formulas.COMPLETE if said.evidence else formulas.NO_EVIDENCE
        return _Computed(
            formulas.self_points(node, cell, self.ranges.get(node.code), self.policy),
            formulas.self_applies(node, cell, self.policy),
            formulas.self_check(node, cell, _expected_words(node)),
            effective_points(said, node, self.policy),
            self._maximum(node, said.not_applicable),
            NOT_APPLICABLE if said.not_applicable else word if said.answer else formulas.BLANK,
        )

    def _claim_computed(self, node: Node, cell: dict[str, str], said: Said) -> _Computed:
        return _Computed(
            formulas.claim_points(node, cell, self.ranges.get(node.code)),
            "",
            formulas.claim_check(cell, _expected_words(node)),
            effective_points(said, node, self.policy),
            self._maximum(node, False),
            formulas.COMPLETE if said.remark else "",
        )

    def _council_computed(
        self, node: Node, cell: dict[str, str], said: Said, decision: str, standing: Said
    ) -> _Computed:
        form, policy, gone = self.form, self.policy, standing.not_applicable
        first = form.before == "self"  # silence decides nothing then; on explanations it keeps what stands
        silence = formulas.NO_DECISION if first or node.code in self.shown["claim"] else ""
        table, stands = self.ranges.get(node.code), cell[f"{form.before}_points"]
        points = effective_points(said if decision else standing, node, policy) if decision or not first else None
        word = formulas.COMPLETE if said.remark or decision == ACCEPT else formulas.NO_REASON
        return _Computed(
            formulas.council_points(node, cell, table, policy, stands, gone, not first),
            formulas.council_applies(node, cell, policy, gone),
            formulas.council_check(cell, _expected_words(node), standing.stated, form.accept, silence),
            points,
            self._maximum(node, said.not_applicable or (gone and decision != ADJUST)),
            word if decision else silence,
        )

    def _maximum(self, node: Node, spared: bool) -> float:
        """The maximum of a leaf that counts."""
        return float(formulas.spared(self.policy, node)[1]) if spared else node.maximum or 0.0


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of the table's font, counted on the safe side."""
    return sum(max(1, math.ceil(len(part) / (width * 1.24))) for part in text.split("\n"))


# --- what the open cells let people enter -----------------------------------------------------


def _limits(node: Node, form: Form, table: ListRange | None) -> dict[str, dict[str, object]]:
    """The data validation of each input column of a leaf, as xlsxwriter takes it."""
    most = number(node.maximum or 0, "vi")
    points = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": node.maximum or 0}
    found = {
        "answer": _answer_limits(node, table),
        "not_applicable": _list("$A$1:$A$1", f"Chọn “{NOT_APPLICABLE}” hoặc để trống."),
        "given": {**points, **_refusal(f"Điểm từ 0 đến {most}.")},
    }
    if form.decisions:
        words = f"Chọn một trong: {', '.join(form.decisions)}."
        found["decision"] = _list(f"$A$2:$A${1 + len(form.decisions)}", words)
    if isinstance(node.rule, Target):
        above = {"validate": "decimal", "criteria": ">", "value": 0}
        words = f"Mục tiêu ({node.rule.target_input}) phải là số lớn hơn 0."
        found["target"] = {**above, **_prompt(f"Nhập mục tiêu: {node.rule.target_input}."), **_refusal(words)}
    return found


def _answer_look(node: Node) -> str:
    """The look of the cell that takes the answer."""
    if isinstance(node.rule, Choice):
        return "in_choice"
    return "in_percent" if node.rule is not None and node.rule.percent else "in_number"


def _expected_words(node: Node) -> str:
    """ "Cần một số từ 0 đến 100"."""
    if isinstance(node.rule, Choice):
        return "Chọn lại trong danh sách"
    if isinstance(node.rule, Target):
        return "Cần số; mục tiêu phải lớn hơn 0"
    assert node.rule is not None
    return f"Cần {expected(node.rule, node.maximum).text()}"


def _answer_limits(node: Node, table: ListRange | None) -> dict[str, object]:
    rule = node.rule
    assert rule is not None
    if isinstance(rule, Choice):
        assert table is not None
        refusal = _refusal("Hãy chọn một phương án trong danh sách thả xuống.")
        source = {"validate": "list", "source": f"={table.cells('A')}"}
        return {**source, **_prompt("Chọn một phương án trong danh sách."), **refusal}
    low, high, whole, _ = rule.limits(node.maximum)
    bounds: dict[str, object] = {"validate": "integer" if whole else "decimal"}
    if low is None or high is None:
        bounds |= {"criteria": ">=", "value": -1e15 if low is None else low}
    else:
        bounds |= {"criteria": "between", "minimum": low, "maximum": high}
    words = f"{_expected_words(node)}."
    wanted = str(getattr(rule, "input", "điểm"))
    return {**bounds, **_prompt(f"{wanted[:1].upper()}{wanted[1:]}. {words}"), **_refusal(words)}


def _list(cells: str, words: str) -> dict[str, object]:
    return {"validate": "list", "source": f"='{LISTS}'!{cells}", **_refusal(words)}


def _prompt(words: str) -> dict[str, str]:
    return {"input_title": "Cách nhập", "input_message": words[:_LONGEST]}


def _refusal(words: str) -> dict[str, str]:
    return {"error_title": "Giá trị không hợp lệ", "error_message": words[:_LONGEST]}
