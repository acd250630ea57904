"""The cover of a form (who, what, until when, the points so far) and its guidance sheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from parlib.sources.excel import CellFormula, Looks, Pen, page
from parlib.sources.rounds.opening import Round
from parlib.sources.workbooks import form_formulas as formulas
from parlib.sources.workbooks import form_layout as layout
from parlib.sources.workbooks.form_layout import Form, FormKind, form_lines
from parlib.words import Bilingual, Message, Words

if TYPE_CHECKING:
    from xlsxwriter import Workbook

_WIDTHS = (5, 20, 28, 12, 12, 12, 12)  # of the cover: its left half are the first three columns
OPEN_LAYOUT = {"format_rows": True, "format_columns": True}  # what people may change on a protected sheet


def marks(round_: Round) -> list[Message]:
    """What the form rests on and must say."""
    found = [Message("SIMULATED DATA: this round holds no real data.")] if round_.plan.simulated else []
    if round_.scheme.status == "illustrative":
        found.append(Message("ILLUSTRATIVE SET OF CRITERIA: it is not yet the official annex of the decision."))
    return found


# --- the cover --------------------------------------------------------------------------------


def write_cover(book: Workbook, looks: Looks, round_: Round, unit: str, form: Form) -> None:
    """Write the cover."""
    _Cover(Pen(book, looks, form.says(layout.COVER), _WIDTHS), round_, unit, form).write()


class _Cover:
    """The cover of one form."""

    def __init__(self, pen: Pen, round_: Round, unit: str, form: Form) -> None:
        self.pen, self.round, self.form, self.says = pen, round_, form, form.says
        self.unit = form.unit_name(round_.plan, unit)

    def write(self) -> None:
        year = self.round.plan.year
        page(self.pen.sheet, landscape=False, footer=self.form.titled(year), language=self.form.language)
        office = self.unit if self.form.by_unit else self.says(Message("Ministry of Home Affairs"))
        self._halves(office.upper(), self.says(Message("SOCIALIST REPUBLIC OF VIET NAM")), "motto")
        self._halves("", self.says(Message("Independence - Freedom - Happiness")), "motto")
        self.pen.row += 1
        self.pen.line((1, self.says(self.form.title).upper(), "title"), height=26)
        self.pen.line((1, self.says(self.form.subject(year)), "subtitle"))
        for mark in marks(self.round):
            self.pen.line((1, self.says(mark), "warning"))
        self._facts()
        self._section(Message("Filled in by") if self.form.by_unit else layout.COUNCIL)
        for label in layout.COVER_ENTRIES.values():
            self.pen.line((1, self.says(label), "label"), (3, "", "entry", len(_WIDTHS)))
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
        ministry = Message("Department of Administrative Reform, Ministry of Home Affairs")
        criteria = Message("{decision} — {n} scored criteria", {"decision": scheme.decision, "n": len(scheme.leaves)})
        self._section(Message("Round of assessment"))
        for label, content in (
            (Message("Unit assessed"), self.unit),
            (
                Message("Round of assessment"),
                plan.title or Message("Year {year} ({id})", {"year": plan.year, "id": plan.id}),
            ),
            (Message("Set of criteria"), criteria),
            (Message("To be done by"), _day(until)),
            (Message("Sent to, contact"), (step.responsible if step else "") or ministry),
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
        whole, *rest = form_lines(self.round.scheme)
        for line in [*(line for line in rest if line.look == "area"), whole]:
            node, row = line.node, pen.row + 1
            look, numbers = ("whole", "whole_points") if node is None else ("text", "points")
            name = self.says(Message("In all") if node is None else Bilingual(node.name, node.name_en))
            cells = [main + form.cell(key if key in form.places else "maximum", line.row) for key in _SHOWN]
            shown = (CellFormula(f'=IF({cell}="","",{cell})') for cell in cells)
            share = f'=IF(OR(F{row}="",E{row}="",E{row}=0),"",ROUND(100*F{row}/E{row},2))'
            pen.line(
                (1, node.code if node else "", look),
                (2, name, look, 3),
                *((place, cell, numbers) for place, cell in enumerate((*shown, CellFormula(share)), 4)),
                height=30 if node and len(name) > 54 else 16,
            )
        checks = f"{main}{form.cell('check', layout.FIRST_ROW)}:{form.cell('check', rest[-1].row)}"
        blank = self.says(formulas.BLANK if form.kind == "self" else formulas.NO_DECISION)
        if form.undecided is not None:
            counted = form.undecided.filled(n=f'"&COUNTIF({checks},"{blank}")&"')
            pen.line((1, CellFormula(f'="{self.says(counted)}"'), "agency"))
        note = Message(
            "Surveys and other indices are worked out by the Ministry; “Maximum that applies” is without them."
        )
        pen.line((1, self.says(note), "remark"))


_SHOWN = ("maximum", "applies", "points")  # columns of the main sheet that the cover shows


def _day(day: date | None) -> Message | str:
    return f"{day:%d/%m/%Y}" if day else Message("(as the Ministry of Home Affairs announces)")


# --- the guidance -----------------------------------------------------------------------------

_ADJUSTED = Message(
    "When adjusting: enter the right answer, from which points are worked out; set points only where the rule cannot."
)
_STEPS: dict[FormKind, tuple[Message, ...]] = {
    "self": (
        Message("Say on the sheet “Cover” who fills the form in, then fill in “Scoring form”: its yellow cells only."),
        Message("Column “Answer”: enter the figure or choose the option; “How points are given” says which."),
        Message("Criteria with a target: the result in the column “Answer”, the target that was set in “Target”."),
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


def write_guide(book: Workbook, looks: Looks, round_: Round, form: Form) -> None:
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


def _examples(round_: Round, form: Form) -> Iterator[tuple[str, str]]:
    """Each kind of rule in the scheme, with its first leaf as the example."""
    seen: set[str] = set()
    for leaf in round_.scheme.leaves:
        if leaf.rule is not None and leaf.rule.kind not in seen:
            seen.add(leaf.rule.kind)
            note = form.says(leaf.rule.in_form)
            rule = leaf.rule.words(leaf.maximum, form.language)
            named = {"code": leaf.code, "name": Bilingual(leaf.name, leaf.name_en), "rule": rule}
            example = form.says(Message("For example {code} {name}. {rule}.", named))
            yield form.says(leaf.rule.name), f"{note[:1].upper()}{note[1:]}\n{example}"
