"""Forms as workbooks: protected, with drop-downs, limits and live points; one for each unit of a round.

The main sheet has one row a node: what is printed, what people fill in, and what Excel computes from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from parlib import data_tables, places
from parlib.errors import ParameterError
from parlib.scoring.rules import Choice, Target, exact_values
from parlib.scoring.scheme import Node
from parlib.sources.excel import BAD, FAINT, GOOD, OPEN_LAYOUT, CellFormula, Content, Looks, Pen, new_workbook, page
from parlib.sources.rounds.opening import Round
from parlib.sources.rounds.plan import PARTS
from parlib.sources.workbooks import form_layout as layout
from parlib.sources.workbooks.last_year import LastYear, last_year
from parlib.tables import written
from parlib.words import FIRST, Message, Name, Words, as_day, in_language

if TYPE_CHECKING:
    from xlsxwriter import Workbook


# --- form cover -----------------------------------------------------------------------------------
# The cover of a form (who, what, until when, the points so far) and its guidance sheet.

_WIDTHS = (5, 20, 28, 12, 12, 12, 12)  # of the cover: its left half are the first three columns


def marks_of(round_: Round) -> list[Message]:
    """What the form rests on and must say."""
    results = [Message("SIMULATED DATA: this round holds no real data.")] if round_.plan.simulated else []
    if round_.scheme.status == "illustrative":
        results.append(Message("ILLUSTRATIVE SET OF CRITERIA: it is not yet the official annex of the decision."))
    return results


# --- the cover --------------------------------------------------------------------------------


class _Cover:
    """The cover of one form."""

    def __init__(self, pen: Pen, round_: Round, unit: str, form: layout.Form) -> None:
        self.pen, self.round, self.form, self.says = pen, round_, form, form.says
        self.key, self.unit = unit, form.unit_name(round_.plan, unit)

    def write(self) -> None:
        year = self.round.plan.year
        page(self.pen.sheet, landscape=False, footer=self.form.titled(year), language=self.form.language)
        office = self.unit if self.form.by_unit else self.says(layout.organiser(self.round.plan.level))
        self._halves(office.upper(), self.says(Message("SOCIALIST REPUBLIC OF VIET NAM")), "motto")
        self._halves("", self.says(Message("Independence - Freedom - Happiness")), "motto")
        self.pen.row += 1
        self.pen.line((1, self.says(self.form.title).upper(), "title"), height=26)
        self.pen.line((1, self.says(self.form.subject(year)), "subtitle"))
        for mark in marks_of(self.round):
            self.pen.line((1, self.says(mark), "warning"))
        self._facts()
        self._section(Message("Filled in by") if self.form.by_unit else layout.COUNCIL)
        for label in layout.COVER_ENTRIES.values():
            self.pen.line((1, self.says(label), "label"), (3, "", "entry", len(_WIDTHS)))
        if "applies" in self.form.places:  # an explanation proposes points of single criteria: they add up to nothing
            self._areas()
        self.pen.row += 1
        head = Message("HEAD OF THE OFFICE") if self.form.by_unit else Message("CHAIR OF THE APPRAISAL COUNCIL")
        self._halves(self.says(Message("FILLED IN BY")), self.says(head), "motto")
        self._halves(self.says(Message("(Signature, full name)")), self.says(Message("(Signature, seal)")), "hint")
        self.pen.sheet.protect("", OPEN_LAYOUT)

    def _halves(self, left: str, right: str, look: str) -> None:
        """Words in the middle of the left and the right half of the page."""
        self.pen.line(*([(1, left, look, 3)] if left else []), (4, right, look, len(_WIDTHS)))

    def _section(self, heading: Words) -> None:
        self.pen.row += 1
        self.pen.line(
            *((place, self.says(heading) if place == 1 else None, "section") for place in range(1, 8)), height=20
        )

    def _facts(self) -> None:
        plan, scheme = self.round.plan, self.round.scheme
        step = plan.step(self.form.kind)
        until = step.end if step else None
        # who gives forms out and publishes takes them in; the step of a form is done by those who fill it in
        names = [of.who(self.form.language) for key in ("preparation", "results") if (of := plan.step(key))]
        own = data_tables.issuer(plan.level)
        ministry = Message("Department of Administrative Reform, Ministry of Home Affairs")
        asked = int((self.round.book.answered & ~self.round.book.exempt[self.round.book.units.get_loc(self.key)]).sum())
        criteria = Message(
            "{decision} — {own} criteria that the unit answers, of {n} scored",
            {"decision": scheme.decision, "own": asked, "n": len(scheme.leaves)},
        )
        self._section(Message("Round of assessment"))
        for label, content in (
            (layout.UNIT, self.unit),
            (
                Message("Round of assessment"),
                plan.title or Message("Year {year} ({id})", {"year": plan.year, "id": plan.id}),
            ),
            (Message("Set of criteria"), criteria),
            (Message("To be done by"), _day(until)),
            (Message("Sent to, contact"), next(filter(None, names), own if own.vi else ministry)),
        ):
            text = content if isinstance(content, str) else self.says(content)
            self.pen.line((1, self.says(label), "label"), (3, text, "agency"))

    def _areas(self) -> None:
        """The points so far, area by area, from the main sheet."""
        form, pen, main = self.form, self.pen, f"'{self.says(layout.MAIN)}'!"
        self._section(Message("Points so far (kept up to date)"))
        area, maximum, applies = Message("Area"), Message("Maximum"), Message("Maximum that applies")
        heads = (maximum, applies, Message("Points"), Message("Percent (%)"))
        right = ((place, self.says(head), "head") for place, head in enumerate(heads, 4))
        pen.line((1, "", "head"), (2, self.says(area), "head", 3), *right, height=30)
        whole, *rest = layout.form_lines(self.round.scheme)
        for line in [*(line for line in rest if line.look == "area"), whole]:
            node, row = line.node, pen.row + 1
            look, numbers = ("whole", "whole_points") if node is None else ("text", "points")
            name = self.says(Message("In all") if node is None else Name(node.name, node.name_en))
            cells = [main + form.cell(key, line.row) for key in _SHOWN]
            shown = (CellFormula(f'=IF({cell}="","",{cell})') for cell in cells)
            share = f'=IF(OR(F{row}="",E{row}="",E{row}=0),"",ROUND(100*F{row}/E{row},2))'
            pen.line(
                (1, node.code if node else "", look),
                (2, name, look, 3),
                *((place, cell, numbers) for place, cell in enumerate((*shown, CellFormula(share)), 4)),
                height=30 if node and len(name) > 54 else 16,
            )
        checks = f"{main}{form.cell('check', layout.FIRST_ROW)}:{form.cell('check', rest[-1].row)}"
        blank = self.says(layout.BLANK if form.kind == "self" else layout.NO_DECISION)
        if form.undecided is not None:
            counted = form.undecided.filled(n=f'"&COUNTIF({checks},"{blank}")&"')
            pen.line((1, CellFormula(f'="{self.says(counted)}"'), "agency"))
        note = Message(
            "Surveys and other indices are worked out by: {organiser}; “Maximum that applies” is without them.",
            {"organiser": layout.organiser(self.round.plan.level)},
        )
        pen.line((1, self.says(note), "remark"))


_SHOWN = ("maximum", "applies", "points")  # columns of the main sheet that the cover shows


def _day(day: date | None) -> Message | str:
    return as_day(day) if day else Message("(as the office that runs the assessment announces)")


# --- the guidance -----------------------------------------------------------------------------

_ADJUSTED = Message(
    "When adjusting: enter the right answer, from which points are worked out; set points only where the rule cannot."
)
_STEPS: dict[layout.FormKind, tuple[Message, ...]] = {
    "self": (
        Message("Say on the sheet “Cover” who fills the form in, then fill in “Scoring form”: its yellow cells only."),
        Message("Column “Answer”: enter the figure or choose the option; “How points are given” says which."),
        Message("Criteria with a target: the result in the column “Answer”, the target that was set in “Target”."),
        Message("Shares that are counted: the number reached in “Numerator”, the number in all in “Denominator”."),
        Message(
            "A criterion that does not apply to the unit: choose “{not_applicable}”, leave the answer empty, give the"
            " ground in “Explanation”.",
            {"not_applicable": layout.NOT_APPLICABLE},
        ),
        Message("Name the evidence sent for each criterion: number, sign, date of issue, or address."),
        Message("“Check” says what is complete or missing. Save as .xlsx, keep the file's name, and send it back."),
    ),
    "appraisal": (
        Message("Compare the self-assessment with the evidence of the unit on the sheet “Scoring form”."),
        Message("Column “Decision of the appraisal”: choose “Accept”, “Adjust” or “Not applicable”."),
        _ADJUSTED,
        Message("Whatever is adjusted, set or does not apply needs a reason."),
        Message("Criteria without a decision are not appraised: their points are unknown, not those of the unit."),
    ),
    "appeal": (
        Message("Compare own and appraised points and the reasons of the council on the sheet “Scoring form”."),
        Message("Column “Opinion of the unit”: empty or “Agree” where it agrees; “Explain” to ask for another look."),
        Message("To explain: the explanation, further evidence, and the answer proposed, if any."),
        Message("An explanation changes no points: the council concludes on each."),
    ),
    "conclusion": (
        Message("Look at the explanations and further evidence of the unit on the sheet “Scoring form”."),
        Message(
            "Column “Conclusion”: “Keep” the appraised points, “Adjust” or “Not applicable”; empty: not looked at."
        ),
        _ADJUSTED,
        Message("Each conclusion needs a reason. The points after the conclusion are final."),
    ),
}
_CARE = (
    Message("Decimals have a decimal point: 95.5. Percentages are numbers without a sign: 95.5 (not 95.5% or 0.955)."),
    Message("No signs between thousands: 12500 (not 12,500). No formulas in yellow cells."),
    Message("Do not insert, delete, sort, merge or hide rows or rename sheets: a changed form is not taken."),
    Message("A form may be sent incomplete: a blank criterion is not known, not 0 points; send the rest later."),
    Message("The form is for the unit and round on its cover alone."),
)
_COLOURS = (
    ("in_code", Message("Yellow cell"), Message("enter figures, choose options, name evidence and explain")),
    ("code", Message("White cell"), Message("printed or worked out; cannot be changed")),
    ("grey", Message("Grey cell"), Message("not filled in: a survey, another index, or not applicable by the plan")),
)


def write_guide(book: Workbook, looks: Looks, round_: Round, form: layout.Form) -> None:
    """Write the guidance sheet (hướng dẫn chấm điểm)."""
    says, titled = form.says, form.titled(round_.plan.year)
    pen = Pen(book, looks, says(layout.GUIDE), (4, 24, 74))
    page(pen.sheet, landscape=False, footer=f"{says(layout.GUIDE)} — {titled}", language=form.language)

    def section(heading: Message) -> None:
        pen.row += 1
        pen.line((1, says(heading), "section"), (2, None, "section"), (3, None, "section"), height=20)

    pen.line((1, says(Message("Guide to scoring")), "title"), height=26)
    pen.line((1, titled, "subtitle"))
    for heading, steps in ((Message("Steps"), _STEPS[form.kind]), (Message("Mind when filling in"), _CARE)):
        section(heading)
        for n, text in enumerate(map(says, steps), 1):
            height = 15.5 * max(1, -(-len(text) // 118)) + 2
            pen.line((1, f"{n}.", "label"), (2, text, "plain", 3), height=height)
    section(Message("Colours of the cells"))
    for look, name, words in _COLOURS:
        pen.line((2, says(name), look), (3, says(words), "plain"))
    section(Message("How points are given, with examples of this set of criteria"))
    for kind, example in _examples(round_, form):
        lines = sum(-(-max(len(part), 1) // 92) for part in example.split("\n"))
        pen.line((2, kind, "strong"), (3, example, "plain"), height=15.5 * max(1, lines) + 3)
    if form.decisions and form.by_unit:
        pen.line((2, says(Message("No explanation means agreement with the appraised points.")), "remark"))
    pen.sheet.protect("", OPEN_LAYOUT)


def _examples(round_: Round, form: layout.Form) -> Iterator[tuple[str, str]]:
    """Each kind of rule in the scheme, with its first leaf as the example."""
    seen: set[str] = set()
    for leaf in round_.scheme.leaves:
        if leaf.rule is not None and leaf.rule.kind not in seen:
            seen.add(leaf.rule.kind)
            note = form.says(leaf.rule.in_form)
            rule = leaf.rule.words(leaf.maximum, form.language)
            named = {"code": leaf.code, "name": Name(leaf.name, leaf.name_en), "rule": rule}
            example = form.says(Message("For example {code} {name}. {rule}.", named))
            yield form.says(leaf.rule.name), f"{note[:1].upper()}{note[1:]}\n{example}"


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
    form, key = layout.form_of(stage, language), _unit_key(round_, unit)
    target = path / form_name(round_.plan.id, key, stage) if path.is_dir() or path.suffix == "" else path
    _Issue(round_, form, layout.Recorded(round_)).write(key, target)
    return target


def write_forms(
    round_: Round,
    folder: Path,
    stage: str = "self",
    units: Sequence[str] | None = None,
    language: str = FIRST,
    *,
    force: bool = True,
) -> list[Path]:
    """Write the forms of all units of a round (or of those named) into ``folder``, all of them or none; gives them in
    official order. What else stands in the folder stays; forms that are there are replaced by ``force`` alone."""
    issue = _Issue(round_, layout.form_of(stage, language), layout.Recorded(round_))
    keys = list(round_.book.units) if units is None else [_unit_key(round_, unit) for unit in units]
    names = [form_name(round_.plan.id, key, stage) for key in keys]
    if not force and (n := sum((folder / name).exists() for name in names)):
        raise ParameterError(
            "{n} of these forms are in the folder, and somebody may have filled them in; name another, or add --force",
            value=str(folder),
            n=n,
        )
    if len(keys) == 1:
        issue.write(keys[0], folder / names[0])
    else:
        with places.alone(folder), places.whole_folder(folder, keep=True) as draft:
            for key, name in zip(keys, names, strict=True):
                issue.write(key, draft / name)
    return [folder / name for name in names]


def _unit_key(round_: Round, unit: str) -> str:
    known, plan = list(round_.book.units), round_.plan
    key = unit if unit in known else plan.find(unit).key
    if key not in known:
        raise ParameterError(plan.not_in_it(unit, key))
    return key


@dataclass(frozen=True)
class _Issue:
    """The forms of one kind of one round: what they share is looked up once."""

    round: Round
    form: layout.Form
    recorded: layout.Recorded

    @cached_property
    def scheme_hash(self) -> str:
        return layout.scheme_hash(self.round.scheme)

    @cached_property
    def before(self) -> LastYear | None:
        """What the year before found, for the form of the self-assessment."""
        return last_year(self.round) if self.form.kind == "self" else None

    @cached_property
    def lists(self) -> dict[str, layout.Rows]:
        """The tables of the leaves that have one: what drop-downs and formulas look into."""
        return {leaf.code: rows for leaf in self.round.scheme.leaves if (rows := layout.list_rows(leaf))}

    @cached_property
    def ranges(self) -> dict[str, layout.ListRange]:
        """Where these tables stand on the hidden sheet."""
        result, row = {}, _FIXED + 1
        for code, rows in self.lists.items():
            result[code] = layout.ListRange(self.form.says(layout.LISTS), row, row + len(rows) - 1)
            row += len(rows)
        return result

    def write(self, unit: str, path: Path) -> None:
        """Write the form of one unit: all of it, or nothing."""
        form, plan = self.form, self.round.plan
        with places.whole_file(path) as draft:
            book = new_workbook(draft, form.titled(plan.year), form.unit_name(plan, unit))
            looks = Looks(book)
            _Cover(Pen(book, looks, form.says(layout.COVER), _WIDTHS), self.round, unit, form).write()
            write_guide(book, looks, self.round, form)
            _Main(self, book, looks, unit).write()
            if self.before is not None:
                self.before.write(book, looks, form, self.round.scheme, unit)
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
        sentence = (*which, str(self.round.last_row), self.form.language)
        pen = Pen(book, looks, self.form.says(layout.IDENTITY))
        for key, text in zip(layout.IDENTITY_KEYS, sentence, strict=True):
            pen.line((1, key, "code"), (2, text, "code"))
        pen.sheet.protect()
        pen.sheet.very_hidden()


# --- the main sheet ---------------------------------------------------------------------------


class _Main:
    """Writes the main sheet of one form."""

    def __init__(self, issue: _Issue, book: Workbook, looks: Looks, unit: str) -> None:
        self.round, self.form, self.ranges, self.unit = issue.round, issue.form, issue.ranges, unit
        self.book, self.lines = book, layout.form_lines(self.round.scheme)
        self.pen = Pen(book, looks, self.form.says(layout.MAIN), (column.width for column in self.form.columns))
        self.policy = self.round.scheme.not_applicable  # what becomes of leaves that do not apply
        self.shown = issue.recorded.shown(unit, self.form)
        self.filled = issue.recorded.filled(unit, self.form.kind)
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
        self.pen.sheet.protect("", {**OPEN_LAYOUT, "autofilter": True})

    def _set_up(self) -> None:
        form, pen, plan = self.form, self.pen, self.round.plan
        title, subtitle = form.heads(plan, self.unit, self.round.scheme)
        page(pen.sheet, landscape=True, footer=f"{form.unit_name(plan, self.unit)} — {title}", language=form.language)
        marks = [form.says(words).partition(":")[0] for words in marks_of(self.round)]
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
        calm = (layout.BLANK, layout.NO_DECISION, layout.NOT_APPLICABLE, None)
        for words, properties in (
            ((layout.COMPLETE,), {"font_color": GOOD, "bold": True}),
            (calm, {"font_color": FAINT}),
        ):
            test = ",".join(f'{corner}="{self.form.says(word) if word else ""}"' for word in words)
            rule = {"type": "formula", "criteria": f"=OR({test})", "format": self.book.add_format(properties)}
            self._colour("check", {**rule, "stop_if_true": True})
        self._colour("check", {"type": "formula", "criteria": f'={corner}<>""', "format": alarm})
        wrong = f'"{self.form.says(layout.WRONG)}"'
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

    def _sum(self, line: layout.Line) -> None:
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
                total = layout.sum_of if key == "applies" else layout.total
                below = [form.cell(key, child) for child in line.children]
                cells[key] = (CellFormula(total(below), value), numbers)
        width = form.columns[form.places["name"] - 1].width * (0.72 if look == "area" else 0.92)
        self._put(row, cells, {"name": width})

    def _printed_total(self, line: layout.Line, whose: str) -> float | None:
        words = self.shown.get(whose, {})
        code = line.node.code + "." if line.node else ""
        results = [
            points
            for leaf in self.round.scheme.leaves
            if leaf.code.startswith(code)
            and layout.asked(leaf)
            and (points := layout.effective_points(words.get(leaf.code, layout.NOTHING), leaf, self.policy)) is not None
        ]
        return float(exact_values(sum(results))) if results else None

    # --- rows of leaves -----------------------------------------------------------------------

    def _leaf(self, line: layout.Line, node: Node) -> None:
        form, row = self.form, line.row
        texts = form.printed(line) | {c.key: self._said(node, c) for c in form.columns if all(c.says)}
        own = self.shown["self"].get(node.code, layout.NOTHING)
        closed = not layout.asked(node) or own.planned
        cells: Cells = {
            key: (texts.get(key, ""), "grey" if closed and place > len(layout.NODE_COLUMNS) else "code")
            for key, place in form.places.items()
        }
        if node.maximum is not None:
            cells["maximum"] = (node.maximum, "points")
        for whose, words in self.shown.items() if layout.asked(node) else ():
            points = layout.effective_points(words.get(node.code, layout.NOTHING), node, self.policy)
            if points is not None:
                cells[f"{whose}_points"] = (points, "points")
        cells |= self._closed(row, node, own) if closed else self._open(row, node)
        self._put(row, cells, {c.key: c.width for c in form.columns if c.key in texts})

    def _said(self, node: Node, column: layout.Column) -> str:
        """What a column shows that was said before; its points are written as numbers."""
        whose, what = column.says
        stated = self.shown[whose].get(node.code, layout.NOTHING)
        if what == "answer":
            return layout.answer_words(node, stated, self.form.language)
        return {"evidence": stated.evidence, "remark": stated.remark}.get(what, "")

    def _closed(self, row: int, node: Node, own: layout.Said) -> Cells:
        """A leaf that nobody fills in here: it is surveyed, or the plan exempts the unit."""
        if not layout.asked(node):
            return {"answer": (layout.not_asked_words(node, self.round.plan.level, self.form.language), "grey")}
        by_plan = Message("Not applicable by the plan: {reason}", {"reason": own.remark})
        cells: Cells = {"answer": (self.form.says(by_plan), "grey")}
        points, most = layout.exempted(self.policy, node)
        if points != '""':
            self.sums["points"][row] = float(points)
        self.sums["applies"][row] = float(most)
        return cells | {key: (values[row], "grey_points") for key, values in self.sums.items() if row in values}

    def _open(self, row: int, node: Node) -> Cells:
        """A leaf that people fill in: what they entered before, the limits of its cells, and its layout."""
        form, stated = self.form, self.filled.get(node.code, layout.NOTHING)
        current = self.shown[form.before].get(node.code, layout.NOTHING) if form.before else layout.NOTHING
        decision = layout.decision_of(form, stated, current)
        show = form.by_unit or decision == layout.ADJUST
        answer, target = layout.answer_cells(node, layout.answer_of(node, stated.answer)) if show else (None, None)
        entered: dict[str, Content] = {
            "answer": answer,
            "target": target,
            **{key: _known(getattr(stated, key)) for key in PARTS},
            "not_applicable": form.says(layout.NOT_APPLICABLE) if stated.not_applicable else None,
            "decision": form.says(decision) if decision else None,
            "given": _known(stated.points) if show else None,
            "evidence": stated.evidence,
            "remark": stated.remark,
        }
        percent = node.rule is not None and node.rule.percent
        table = self.ranges.get(node.code)
        limits, cells = _limits(node, form, table), Cells()
        for column in form.columns:
            if column.typed:
                needs = {"target": isinstance(node.rule, Target), **dict.fromkeys(PARTS, percent)}
                closed = not needs.get(column.key, True)
                cells[column.key] = (entered[column.key], "grey" if closed else column.look or _answer_look(node))
            if column.key in limits:
                place = form.places[column.key] - 1
                self.pen.sheet.data_validation(row - 1, place, row - 1, place, limits[column.key])
        leaf = layout.LeafRow(form, node, row, table, self.policy)
        explained = node.code in self.shown.get("claim", {})
        made = leaf.computed(stated, decision, current, explained)
        for key, look in (("points", "earned"), ("applies", "points"), ("check", "check")):
            if key in made:
                cells[key] = (made[key], look)
                if key in self.sums and isinstance(shown := made[key].shown, float):
                    self.sums[key][row] = shown
        return cells


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of the table's font, counted on the safe side."""
    return sum(max(1, math.ceil(len(part) / (width * 1.24))) for part in text.split("\n"))


# --- what the open cells let people enter -----------------------------------------------------


def _answer_look(node: Node) -> str:
    """The look of the cell that takes the answer."""
    if isinstance(node.rule, Choice):
        return "in_choice"
    return "in_percent" if node.rule is not None and node.rule.percent else "in_number"


def _limits(node: Node, form: layout.Form, table: layout.ListRange | None) -> dict[str, Limits]:
    """What each input column of a leaf takes, with the words shown when it is entered and when it is refused."""
    most = node.maximum or 0
    points: Limits = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": most}
    choose = Message("Choose “{word}” or leave it empty.", {"word": layout.NOT_APPLICABLE})
    results = {
        "answer": _answer_limits(node, form, table),
        "not_applicable": _list(form, "$A$1:$A$1", choose),
        "given": points | _words(form, Message("Points from 0 to {most}.", {"most": written(most)})),
    }
    if form.decisions:
        listed = ", ".join(map(form.says, form.decisions))
        last = 1 + len(form.decisions)
        results["decision"] = _list(form, f"$A$2:$A${last}", Message("Choose one of: {listed}.", {"listed": listed}))
    if isinstance(node.rule, Target):
        named = {"target": node.rule.target_input}
        above: Limits = {"validate": "decimal", "criteria": ">", "value": 0}
        refusal = Message("The target ({target}) must be a number above 0.", named)
        results["target"] = above | _words(form, refusal, Message("Enter the target: {target}.", named))
    if node.rule is not None and node.rule.percent:
        counted = Message("Number from which the percentage is worked out; empty where it is not counted.")
        for key, sign in (("numerator", ">="), ("denominator", ">")):
            refusal = Message("A number is needed; the denominator must be above 0.")
            results[key] = {"validate": "decimal", "criteria": sign, "value": 0} | _words(form, refusal, counted)
    return results


def _answer_limits(node: Node, form: layout.Form, table: layout.ListRange | None) -> Limits:
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
    wanted, words = (
        str(getattr(rule, "input", form.says(Message("points")))),
        f"{form.says(layout.expected_words(node))}.",
    )
    return bounds | _words(form, words, f"{wanted[:1].upper()}{wanted[1:]}. {words}")


def _list(form: layout.Form, cells: str, refusal: Message) -> Limits:
    return {"validate": "list", "source": f"='{form.says(layout.LISTS)}'!{cells}"} | _words(form, refusal)


def _words(form: layout.Form, refusal: Words | str, prompt: Words | str = "") -> Limits:
    places = {"error_title": Message("Value not allowed"), "error_message": refusal}
    if prompt:
        places = {"input_title": Message("How to enter it"), "input_message": prompt} | places
    return {key: str(in_language(words, form.language))[:_LONGEST] for key, words in places.items()}
