"""Forms as workbooks: protected, with drop-downs, limits and live points; one for each unit of a round.

The main sheet has one row a node: what is printed, what people fill in, and what Excel computes from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from parlib import places
from parlib.errors import ParameterError, Problem
from parlib.numerals import written
from parlib.scoring.rules import Choice, Target, exact_values
from parlib.scoring.scheme import Node
from parlib.sources.excel import BAD, FAINT, GOOD, CellFormula, Content, Looks, Pen, new_workbook, page
from parlib.sources.rounds.opening import Round
from parlib.sources.workbooks import form_cover
from parlib.sources.workbooks import form_formulas as formulas
from parlib.sources.workbooks import form_layout as layout
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
from parlib.sources.workbooks.form_formulas import expected_words
from parlib.sources.workbooks.form_layout import Column, Form, Line, asked, form_lines, form_of
from parlib.words import FIRST, Message, Words, in_language, near

if TYPE_CHECKING:
    from xlsxwriter import Workbook

_LINE = 13.2  # height of a line of text, in points
_FIXED = 12  # rows at the top of the hidden sheet: the lists that all leaves share
_LONGEST = 255  # characters that Excel allows in a message

Cells = dict[str, tuple[Content, str]]  # of a row: content and look, by the key of the column
Limits = dict[str, object]  # the data validation of a cell, as xlsxwriter takes it


def form_name(round_id: str, unit: str, stage: str) -> str:
    """The file name of a form."""
    return f"{round_id}.{unit}.{stage}.xlsx"


def write_form(round_: Round, unit: str, path: Path, stage: str = "self", language: str = FIRST) -> Path:
    """Write the form of a unit in ``language``: stage "self", "appraisal", "appeal" or "conclusion".

    What the ledger holds already is filled in. ``unit`` is a key or a name; ``path`` a file, or a folder.
    """
    form, key = form_of(stage, language), _unit_key(round_, unit)
    target = path / form_name(round_.plan.id, key, stage) if path.is_dir() or path.suffix == "" else path
    _Issue(round_, form, Standing(round_)).write(key, target)
    return target


def write_forms(
    round_: Round,
    folder: Path,
    stage: str = "self",
    units: Sequence[str] | None = None,
    on_each: Callable[[Path], None] | None = None,
    language: str = FIRST,
) -> list[Path]:
    """Write the forms of all units of a round (or of those named) into ``folder``, in official order."""
    issue = _Issue(round_, form_of(stage, language), Standing(round_))
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
    known, plan = list(round_.book.units), round_.plan
    key = unit if unit in known else plan.find(unit).key
    if key not in known:
        raise ParameterError(
            Problem("the unit is not in the round {plan_id}{near}", value=unit, near=near(unit, known), plan_id=plan.id)
        )
    return key


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
    def lists(self) -> dict[str, formulas.Rows]:
        """The tables of the leaves that have one: what drop-downs and formulas look into."""
        return {leaf.code: rows for leaf in self.round.scheme.leaves if (rows := formulas.list_rows(leaf))}

    @cached_property
    def ranges(self) -> dict[str, formulas.ListRange]:
        """Where these tables stand on the hidden sheet."""
        found, row = {}, _FIXED + 1
        for code, rows in self.lists.items():
            found[code] = formulas.ListRange(self.form.says(layout.LISTS), row, row + len(rows) - 1)
            row += len(rows)
        return found

    def write(self, unit: str, path: Path) -> None:
        """Write the form of one unit: all of it, or nothing."""
        form, plan = self.form, self.round.plan
        with places.whole_file(path) as draft:
            book = new_workbook(draft, form.titled(plan.year), form.unit_name(plan, unit))
            looks = Looks(book)
            form_cover.write_cover(book, looks, self.round, unit, form)
            form_cover.write_guide(book, looks, self.round, form)
            _Main(self, book, looks, unit).write()
            self._write_lists(book, looks)
            self._write_identity(book, looks, unit)
            book.get_worksheet_by_name(form.says(layout.COVER)).activate()
            book.close()

    def _write_lists(self, book: Workbook, looks: Looks) -> None:
        """The tables that drop-downs and formulas look into."""
        pen = Pen(book, looks, self.form.says(layout.LISTS), (80,))
        for word in (layout.NOT_APPLICABLE, *self.form.decisions):
            pen.line((1, self.form.says(word), "text"))
        pen.row = _FIXED
        for code, rows in self.lists.items():
            for level, points in rows:
                pen.line(
                    (1, level, "code" if isinstance(level, str) else "number"), (2, points, "number"), (3, code, "code")
                )
        pen.sheet.protect()
        pen.sheet.hide()

    def _write_identity(self, book: Workbook, looks: Looks, unit: str) -> None:
        """Which form this is, so that it cannot be read into another round, scheme, unit or stage."""
        plan, scheme = self.round.plan, self.round.scheme
        which = (layout.VERSION, self.form.kind, plan.id, str(plan.year), plan.level, scheme.id, self.scheme_hash, unit)
        told = (*which, str(len(self.round.ledger)), self.form.language)
        pen = Pen(book, looks, self.form.says(layout.IDENTITY))
        for key, text in zip(layout.IDENTITY_KEYS, told, strict=True):
            pen.line((1, key, "code"), (2, text, "code"))
        pen.sheet.protect()
        pen.sheet.very_hidden()


# --- the main sheet ---------------------------------------------------------------------------


class _Main:
    """Writes the main sheet of one form."""

    def __init__(self, issue: _Issue, book: Workbook, looks: Looks, unit: str) -> None:
        self.round, self.form, self.ranges, self.unit = issue.round, issue.form, issue.ranges, unit
        self.book, self.lines = book, form_lines(self.round.scheme)
        self.pen = Pen(book, looks, self.form.says(layout.MAIN), (column.width for column in self.form.columns))
        self.policy = self.round.scheme.not_applicable  # what becomes of leaves that do not apply
        self.shown = issue.standing.shown(unit, self.form)
        self.filled = issue.standing.filled(unit, self.form.kind)
        # What the computed columns show, by row, so that viewers without a calculator (a phone's preview) show it too.
        self.sums: dict[str, dict[int, float]] = {"points": {}, "applies": {}}

    def write(self) -> None:
        self._set_up()
        for line in reversed(self.lines):  # the sums come after what they add
            if line.node is not None and line.node.is_leaf:
                self._leaf(line, line.node)
            else:
                self._sum(line)
        self._colours()
        self.pen.sheet.protect("", {**form_cover.OPEN_LAYOUT, "autofilter": True})

    def _set_up(self) -> None:
        form, pen, plan = self.form, self.pen, self.round.plan
        title, subtitle = form.heads(plan, self.unit, self.round.scheme)
        page(pen.sheet, landscape=True, footer=f"{form.unit_name(plan, self.unit)} — {title}", language=form.language)
        marks = [form.says(words).partition(":")[0] for words in form_cover.marks(self.round)]
        if marks:
            pen.sheet.set_header(f"&C&8{'; '.join(marks)}")
        hint = form.says(
            Message("Fill in the yellow cells only. Points are worked out as you type; decimals have a decimal point.")
        )
        pen.line((1, title, "title"), height=24)
        pen.line((1, subtitle, "subtitle"))
        pen.line((1, " ".join([hint, *(f"{mark}." for mark in marks)]), "mark" if marks else "remark"))
        pen.line(*((place, form.says(c.heading), "head") for place, c in enumerate(form.columns, 1)), height=54)
        pen.sheet.freeze_panes(layout.WHOLE_ROW, 2)
        pen.sheet.repeat_rows(layout.HEAD_ROW - 1)
        pen.sheet.print_area(0, 0, self.lines[-1].row - 1, len(form.columns) - 2)  # without the column of checks
        pen.sheet.set_zoom(90)

    def _colours(self) -> None:
        """The word of each check in its colour, and points that cannot be."""
        corner = self.form.cell("check", layout.FIRST_ROW)
        alarm = self.book.add_format({"font_color": BAD, "bold": True, "bg_color": "#FDECEA"})
        calm = (formulas.BLANK, formulas.NO_DECISION, layout.NOT_APPLICABLE, None)
        for words, properties in (
            ((formulas.COMPLETE,), {"font_color": GOOD, "bold": True}),
            (calm, {"font_color": FAINT}),
        ):
            test = ",".join(f'{corner}="{self.form.says(word) if word else ""}"' for word in words)
            rule = {"type": "formula", "criteria": f"=OR({test})", "format": self.book.add_format(properties)}
            self._colour("check", {**rule, "stop_if_true": True})
        self._colour("check", {"type": "formula", "criteria": f'={corner}<>""', "format": alarm})
        wrong = f'"{self.form.says(formulas.WRONG)}"'
        self._colour("points", {"type": "cell", "criteria": "==", "value": wrong, "format": alarm})

    def _colour(self, key: str, rule: dict[str, object]) -> None:
        place, last = self.form.places[key] - 1, self.lines[-1].row - 1
        self.pen.sheet.conditional_format(layout.FIRST_ROW - 1, place, last, place, rule)

    def _put(self, row: int, cells: Cells, heights: Mapping[str, float]) -> None:
        """Write a row: its cells, as high as the texts in columns of these widths."""
        for key, place in self.form.places.items():
            self.pen.put(row, place, *cells[key])
        texts = ((cells[key][0], width) for key, width in heights.items())
        lines = max(_lines(text, width) if isinstance(text, str) else 1 for text, width in texts)
        self.pen.sheet.set_row(row - 1, max(18.0, lines * _LINE + 5))

    # --- rows of sums -------------------------------------------------------------------------

    def _sum(self, line: Line) -> None:
        form, look, numbers, row = self.form, line.look, f"{line.look}_points", line.row
        texts = form.printed(line)
        cells: Cells = {key: (texts.get(key, "") if key in ("code", "name") else "", look) for key in form.places}
        maximum = line.node.maximum if line.node else self.round.scheme.maximum
        if maximum is not None:
            cells["maximum"] = (maximum, numbers)
        for key, values in self.sums.items():
            known = [values[child] for child in line.children if child in values]
            if known or key == "applies":
                values[row] = float(exact_values(sum(known)))
        sums = {key: values.get(row) for key, values in self.sums.items()}
        sums |= {f"{whose}_points": self._printed_total(line, whose) for whose in ("self", "council")}
        for key, value in sums.items():
            if key in form.places:
                total = formulas.sum_of if key == "applies" else formulas.total
                below = [form.cell(key, child) for child in line.children]
                cells[key] = (CellFormula(total(below), value), numbers)
        width = form.columns[form.places["name"] - 1].width * (0.72 if look == "area" else 0.92)
        self._put(row, cells, {"name": width})

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

    def _leaf(self, line: Line, node: Node) -> None:
        form, row = self.form, line.row
        texts = form.printed(line) | {c.key: self._said(node, c) for c in form.columns if all(c.says)}
        own = self.shown["self"].get(node.code, NOTHING)
        closed = not asked(node) or own.planned
        cells: Cells = {
            key: (texts.get(key, ""), "grey" if closed and place > len(layout.NODE_COLUMNS) else "code")
            for key, place in form.places.items()
        }
        if node.maximum is not None:
            cells["maximum"] = (node.maximum, "points")
        for whose, words in self.shown.items() if asked(node) else ():
            points = effective_points(words.get(node.code, NOTHING), node, self.policy)
            if points is not None:
                cells[f"{whose}_points"] = (points, "points")
        cells |= self._closed(row, node, own) if closed else self._open(row, node)
        self._put(row, cells, {c.key: c.width for c in form.columns if c.key in texts})

    def _said(self, node: Node, column: Column) -> str:
        """What a column shows that was said before; its points are written as numbers."""
        whose, what = column.says
        said = self.shown[whose].get(node.code, NOTHING)
        if what == "answer":
            return answer_words(node, said, self.form.language)
        return {"evidence": said.evidence, "remark": said.remark}.get(what, "")

    def _closed(self, row: int, node: Node, own: Said) -> Cells:
        """A leaf that nobody fills in here: it is surveyed, or the plan exempts the unit."""
        if not asked(node):
            return {"answer": (layout.not_asked_words(node, self.form.language), "grey")}
        by_plan = Message("Not applicable by the plan: {reason}", {"reason": own.remark})
        cells: Cells = {"answer": (self.form.says(by_plan), "grey")}
        points, most = formulas.spared(self.policy, node)
        if points != '""':
            self.sums["points"][row] = float(points)
        self.sums["applies"][row] = float(most)
        return cells | {key: (values[row], "grey_points") for key, values in self.sums.items() if row in values}

    def _open(self, row: int, node: Node) -> Cells:
        """A leaf that people fill in: what they entered before, the limits of its cells, and its formulas."""
        form, said = self.form, self.filled.get(node.code, NOTHING)
        standing = self.shown[form.before].get(node.code, NOTHING) if form.before else NOTHING
        decision = decision_of(form, said, standing)
        show = form.by_unit or decision == layout.ADJUST
        answer, target = answer_cells(node, answer_of(node, said.answer)) if show else (None, None)
        entered: dict[str, Content] = {
            "answer": answer,
            "target": target,
            "not_applicable": form.says(layout.NOT_APPLICABLE) if said.not_applicable else None,
            "decision": form.says(decision) if decision else None,
            "given": said.points if show and not math.isnan(said.points) else None,
            "evidence": said.evidence,
            "remark": said.remark,
        }
        table = self.ranges.get(node.code)
        limits, cells = _limits(node, form, table), Cells()
        for column in form.columns:
            if column.typed:
                closed = column.key == "target" and not isinstance(node.rule, Target)
                cells[column.key] = (entered[column.key], "grey" if closed else column.look or _answer_look(node))
            if column.key in limits:
                place = form.places[column.key] - 1
                self.pen.sheet.data_validation(row - 1, place, row - 1, place, limits[column.key])
        leaf = formulas.LeafRow(form, node, row, table, self.policy)
        explained = node.code in self.shown.get("claim", {})
        made = leaf.computed(said, decision, standing, explained)
        for key, look in (("points", "earned"), ("applies", "points"), ("check", "check")):
            if key in made:
                cells[key] = (made[key], look)
                if key in self.sums and isinstance(shown := made[key].shown, float):
                    self.sums[key][row] = shown
        return cells


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of the table's font, counted on the safe side."""
    return sum(max(1, math.ceil(len(part) / (width * 1.24))) for part in text.split("\n"))


# --- what the open cells let people enter -----------------------------------------------------


def _answer_look(node: Node) -> str:
    """The look of the cell that takes the answer."""
    if isinstance(node.rule, Choice):
        return "in_choice"
    return "in_percent" if node.rule is not None and node.rule.percent else "in_number"


def _limits(node: Node, form: Form, table: formulas.ListRange | None) -> dict[str, Limits]:
    """What each input column of a leaf takes, with the words shown when it is entered and when it is refused."""
    most = node.maximum or 0
    points: Limits = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": most}
    choose = Message("Choose “{word}” or leave it empty.", {"word": layout.NOT_APPLICABLE})
    found = {
        "answer": _answer_limits(node, form, table),
        "not_applicable": _list(form, "$A$1:$A$1", choose),
        "given": points | _words(form, Message("Points from 0 to {most}.", {"most": written(most)})),
    }
    if form.decisions:
        listed = ", ".join(map(form.says, form.decisions))
        last = 1 + len(form.decisions)
        found["decision"] = _list(form, f"$A$2:$A${last}", Message("Choose one of: {listed}.", {"listed": listed}))
    if isinstance(node.rule, Target):
        named = {"target": node.rule.target_input}
        above: Limits = {"validate": "decimal", "criteria": ">", "value": 0}
        refusal = Message("The target ({target}) must be a number above 0.", named)
        found["target"] = above | _words(form, refusal, Message("Enter the target: {target}.", named))
    return found


def _answer_limits(node: Node, form: Form, table: formulas.ListRange | None) -> Limits:
    rule = node.rule
    assert rule is not None
    if isinstance(rule, Choice):
        assert table is not None
        source: Limits = {"validate": "list", "source": f"={table.cells('A')}"}
        prompt = Message("Choose an option from the list.")
        return source | _words(form, Message("Choose an option from the list below the cell."), prompt)
    low, high, whole, _ = rule.limits(node.maximum)
    bounds: Limits = {"validate": "integer" if whole else "decimal"}
    if low is None or high is None:
        bounds |= {"criteria": ">=", "value": -1e15 if low is None else low}
    else:
        bounds |= {"criteria": "between", "minimum": low, "maximum": high}
    wanted, words = str(getattr(rule, "input", form.says(Message("points")))), f"{form.says(expected_words(node))}."
    return bounds | _words(form, words, f"{wanted[:1].upper()}{wanted[1:]}. {words}")


def _list(form: Form, cells: str, refusal: Message) -> Limits:
    return {"validate": "list", "source": f"='{form.says(layout.LISTS)}'!{cells}"} | _words(form, refusal)


def _words(form: Form, refusal: Words | str, prompt: Words | str = "") -> Limits:
    told = {"error_title": Message("Value not allowed"), "error_message": refusal}
    if prompt:
        told = {"input_title": Message("How to enter it"), "input_message": prompt} | told
    return {key: str(in_language(words, form.language))[:_LONGEST] for key, words in told.items()}
