"""A returned form as rows of the ledger: everything wrong with it is named at once, and nothing of it is taken then.

What officials really do is read: numbers typed as text ("95,5", "95%"), labels with stray blanks, another Unicode form
or case, hidden rows. What could mean two things, or shows that the form is not the one that was sent out, is refused.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pandas as pd

from parlib.errors import DataError, Problem
from parlib.scoring.rules import Answer, Choice, Target, answer_text, encode, parse_answer
from parlib.scoring.scheme import Node
from parlib.sources import excel
from parlib.sources.heads import called
from parlib.sources.rounds.ledger import NO_EVIDENCE, NO_REASON, likely_slip
from parlib.sources.rounds.opening import Round
from parlib.sources.rounds.plan import PARTS
from parlib.sources.rounds.wording import stage_words
from parlib.sources.workbooks import form_layout as layout
from parlib.sources.workbooks import last_year
from parlib.sources.workbooks.scheme_book import number_of
from parlib.tables import column_letter, encoding_problem, number, written
from parlib.words import FIRST, Message, as_day, fold, languages, near

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.hyperlink import Hyperlink
    from openpyxl.worksheet.worksheet import Worksheet


# --- form structure -------------------------------------------------------------------------------
# Whether a returned form still is the form that was sent out: its heads, rows, printed cells and formulas.


@dataclass
class Structure(excel.Sheet):
    """The main sheet of a form and its rows where they were found."""

    form: layout.Form
    lines: dict[str, layout.Line]  # what was expected, by code
    exempt: frozenset[str]  # leaves that do not apply to the unit by decision of the plan
    rows: dict[str, int] = field(default_factory=dict)  # where each code stands
    last: int = layout.WHOLE_ROW  # the last row of the table
    readable: bool = True  # whether the columns are where they should be

    @property
    def ledger_headings(self) -> dict[str, str]:
        """What the form calls the fields of the ledger."""
        given = {"points": self.headings["given"]} if "given" in self.headings else {}
        fields = ("code", "answer", *PARTS, "not_applicable", "evidence", "remark", "decision")
        return {key: self.headings[key] for key in fields if key in self.headings} | given | {"by": "--by"}

    def is_open(self, code: str) -> bool:
        """Whether the row of this leaf is filled in by people."""
        node = self.lines[code].node
        return node is not None and layout.asked(node) and code not in self.exempt

    def cell(self, code: str, key: str) -> Cell:
        """The cell of a column in the row of a leaf."""
        result: Cell = self.sheet.cell(self.rows[code], self.form.places[key])
        return result

    def content(self, row: int, column: str) -> object:
        if column not in self.form.places:
            return None
        result = self.sheet.cell(row, self.form.places[column]).value
        return "" if result is None else result


def check_structure(sheet: Worksheet, file: str, form: layout.Form, round_: Round, unit: str) -> Structure:
    """Check the shape of a returned form."""
    lines = {line.node.code: line for line in layout.form_lines(round_.scheme) if line.node is not None}
    book = round_.book
    exempt = frozenset(book.codes[book.exempt[book.units.get_loc(unit)]])
    structure = Structure(file, sheet, form.headings, form, lines, exempt)
    for row, words in enumerate(form.heads(round_.plan, unit, round_.scheme), 1):
        title = Message("the title should be “{words}”: another unit's form, or a changed one", {"words": words})
        _is_as_printed(structure, row, 1, words, title)
    for place, column in enumerate(form.columns, 1):
        named = {"heading": form.says(column.heading)}
        moved = Message("the head should be “{heading}”: a column was inserted, deleted, moved or renamed", named)
        structure.readable &= _is_as_printed(structure, layout.HEAD_ROW, place, named["heading"], moved)
    if structure.readable:
        _rows(structure)
        _merged(structure)
        for code, row in structure.rows.items():
            _printed(structure, code, row)
        _formulas(structure)
        _hidden(structure)
    return structure


def _is_as_printed(structure: Structure, row: int, place: int, words: str, wrong: Message) -> bool:
    result = excel.plain_value(structure.sheet.cell(row, place).value)
    if result != words:
        structure.refuse(wrong, row, column_letter(place), value=result or "")
    return result == words


def _merged(structure: Structure) -> None:
    for area in structure.sheet.merged_cells.ranges:
        if area.max_row >= layout.HEAD_ROW and area.min_row <= structure.last:
            value = excel.plain_value(structure.sheet.cell(area.min_row, area.min_col).value)
            words = Message("merged cells {coord}; unmerge them and fill in each", {"coord": area.coord})
            structure.refuse(words, area.min_row, column_letter(area.min_col), value="" if value is None else value)


# --- rows -------------------------------------------------------------------------------------


def _rows(structure: Structure) -> None:
    """Find the row of each code; rows inserted, deleted, doubled, moved or of an unknown code are problems. What
    stands below the last code is a note or a signature: it is pointed at, and not read."""
    width = len(structure.form.columns)
    below: list[tuple[int, object, list[Cell]]] = []
    filled: set[int] = set()
    for cells in excel.rows_of(structure.sheet, layout.WHOLE_ROW):
        row = cells[0].row
        values = [cell for cell in cells if excel.plain_value(cell.value) is not None]
        _beyond(structure, (cell for cell in values if cell.column > width))
        values = [cell for cell in values if cell.column <= width]
        code = structure.sheet.cell(row, 1).value
        if not values or (row == layout.WHOLE_ROW and code in (None, "")):
            continue
        text = excel.plain_value(str(code)) if isinstance(code, (str, int)) else None
        if text not in structure.lines:
            below.append((row, code, values))
            continue
        _found(structure, str(text), row)
        for stray in below:
            _stray(structure, *stray)
        filled |= {row, *(row for row, *_ in below)}
        below, structure.last = [], row
    for row, code, values in below:
        if isinstance(code, (int, float)) or re.fullmatch(r"[0-9]+(\.[0-9]+)*\.?", str(code or "").strip()):
            _stray(structure, row, code, values)
        else:
            _beyond(structure, values)
    _blank_rows(structure, filled)
    for code, line in structure.lines.items():
        if code not in structure.rows:
            name = line.node.name if line.node else ""
            structure.refuse("the row of {code} was deleted", line.row, "code", node=code, value=name, code=code)
    _moved(structure)
    structure.readable = bool(structure.rows)


def _blank_rows(structure: Structure, filled: set[int]) -> None:
    """The blank rows between the rows of the table: all that follow one another are one problem."""
    before = layout.WHOLE_ROW
    for row in sorted(filled):
        n = row - before - 1
        if n > 0:
            many = Message("{n} blank rows were inserted; delete them", {"n": n})
            words = many if n > 1 else Message("an inserted blank row; delete it")
            structure.refuse(words, before + 1, "code", value="")
        before = max(row, layout.WHOLE_ROW)


def _found(structure: Structure, code: str, row: int) -> None:
    if code in structure.rows:
        named = {"code": code, "rows": structure.rows[code]}
        words = Message("the code {code} has two rows: {rows} and this one", named)
        structure.refuse(words, row, "code", node=code, value=code)
    else:
        structure.rows[code] = row


def _stray(structure: Structure, row: int, code: object, cells: Sequence[Cell]) -> None:
    if code in (None, ""):
        words = Message("a row without a code: inserted, or its code was deleted")
        structure.refuse(words, row, "code", value=str(cells[0].value))
        return
    shown = code if isinstance(code, (str, int, float)) else str(code)
    named = {"near": near(str(shown), structure.lines)}
    words = Message("no such code in the scheme{near}: changed, or a row was inserted", named)
    structure.refuse(words, row, "code", value=shown)


def _beyond(structure: Structure, cells: Iterable[Cell]) -> None:
    """Point at cells beside or below the table."""
    for cell in cells:
        letter = column_letter(cell.column)
        structure.warn("a cell outside the table is not read", cell.row, letter, value=str(cell.value))


def _moved(structure: Structure) -> None:
    """Codes that do not stand in the order of the form: those outside its longest ordered part were moved."""
    order = {code: place for place, code in enumerate(structure.lines)}
    results = sorted(structure.rows, key=lambda code: structure.rows[code])
    if all(order[one] < order[other] for one, other in pairwise(results)):
        return
    chains: list[list[str]] = []  # for each code the longest ordered part that ends with it

    def longest(chains: Iterable[list[str]]) -> list[str]:
        return max(chains, key=lambda chain: (len(chain), -order[chain[-1]]), default=[])

    for code in results:
        chains.append([*longest(chain for chain in chains if order[chain[-1]] < order[code]), code])
    kept = set(longest(chains))
    for code in results:
        if code not in kept:
            words = Message("the row was moved; it belongs in row {the_row}", {"the_row": structure.lines[code].row})
            structure.refuse(words, structure.rows[code], "code", node=code, value=code)


# --- what is printed and computed -------------------------------------------------------------


def _printed(structure: Structure, code: str, row: int) -> None:
    """Name, maximum and rule of a row as they were printed."""
    line = structure.lines[code]
    texts = {key: words for key, words in structure.form.printed(line).items() if key in structure.form.places}
    for key, words in texts.items():
        if key != "code" and (excel.plain_value(structure.cell(code, key).value) or "") != (
            excel.plain_value(words) or ""
        ):
            structure.refuse("a printed cell was changed; it was “{words}”", row, key, node=code, words=words)
    was = line.node.maximum if line.node else None
    result = structure.cell(code, "maximum").value
    is_near = isinstance(result, (int, float)) and was is not None and abs(result - was) < 1e-9
    if result != was and not is_near:
        shown = Message("empty") if was is None else written(was)
        structure.refuse("the maximum was changed; it was {words}", row, "maximum", node=code, words=shown)


def _formulas(structure: Structure) -> None:
    """Computed cells that no longer compute: in the rows of leaves that are filled in, and the sums."""
    for code, row in structure.rows.items():
        node = structure.lines[code].node
        assert node is not None
        for key in _computed(structure.form, node) if not node.is_leaf or structure.is_open(code) else ():
            if structure.cell(code, key).data_type != "f":
                words = Message("the formula was deleted or replaced by a value; use the form as it was sent")
                structure.refuse(words, row, key, node=code)


def _computed(form: layout.Form, node: Node) -> list[str]:
    """The columns that hold formulas in the row of a node; those of checks, and sums of what was printed."""
    keys = ("points", "applies", "check") if node.is_leaf else ("points", "applies", "self_points", "council_points")
    return [key for key in keys if key in form.places]


def _hidden(structure: Structure) -> None:
    """Hidden rows and columns are read, and named."""
    for code, row in structure.rows.items():
        if structure.sheet.row_dimensions[row].hidden:
            structure.warn("a hidden row; it is read", row, "code", node=code, value=code)
    for letter in excel.hidden_columns(structure.sheet):
        head = excel.plain_value(structure.sheet[f"{letter}{layout.HEAD_ROW}"].value) or ""
        structure.warn("a hidden column; it is read", layout.HEAD_ROW, letter, value=head)


ROW_COLUMNS: tuple[str, ...] = ("unit", "code", "stage", "answer", "points", "not_applicable", "evidence", "remark")
ROW_COLUMNS += (*PARTS, "by", "at", "source_row", "sheet")

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
    kind: layout.FormKind
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


def examine_form(path: Path, round_: Round, by: str = "", recorded: layout.Recorded | None = None) -> ReturnedForm:
    """Read a returned form of a round. ``by`` is who answers for a decision of the council.

    Raises ``DataError`` with every problem, each with file, sheet, row, column and value. ``recorded`` saves looking up
    the ledger again where many forms of one round are read.
    """
    path = Path(path)
    book = excel.open_workbook(path)
    identity = _identity(book, path.name, round_)
    form, unit = layout.form_of(*(identity[key] for key in ("kind", "language", "version"))), identity["unit"]
    main = excel.sheet_named(book, form.says(layout.MAIN))
    if main is None:
        there, missing = ", ".join(book.sheetnames), form.says(layout.MAIN)
        raise DataError("no sheet “{sheet}”; there are: {value}", file=path.name, sheet=missing, value=there)
    structure = check_structure(main, path.name, form, round_, unit)
    _named_on_cover(book, structure, form.unit_name(round_.plan, unit))
    own = [form.says(name) for name in (*layout.SHEETS, last_year.SHEET)]
    linked = [(main.title, form.places[column.key]) for column in form.columns if column.typed]
    shown = excel.shown_numbers(path, main.title, form.places["points"])
    reader = _Reader(structure, round_, unit, recorded or layout.Recorded(round_), shown)
    rows = reader.read(by)
    if structure.problems:
        raise DataError(sorted(dict.fromkeys(structure.problems), key=lambda problem: problem.row or 0))
    if identity["ledger_rows"] != str(round_.last_row):
        reader.note_newer(int(identity["ledger_rows"]), by)
    return ReturnedForm(
        path,
        round_.plan.id,
        unit,
        form.kind,
        pd.DataFrame(rows, columns=list(ROW_COLUMNS)),
        tuple(reader.missing),
        (*structure.warnings, *excel.attached(path, book, own, linked)),
        structure.ledger_headings,
        _contact(book, form),
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )


# --- which form it is -------------------------------------------------------------------------


def _identity(book: Workbook, file: str, round_: Round) -> dict[str, str]:
    """What the hidden sheet says, in whatever language it is; ``DataError`` where that is no form of the round."""
    result = (excel.sheet_named(book, layout.IDENTITY.text(language)) for language in languages())
    sheet = next((sheet for sheet in result if sheet is not None), None)
    if sheet is None:
        words = Message("not a form that was issued (its identity sheet is missing); fill in the file that was sent")
        there = ", ".join(book.sheetnames)
        raise DataError(words, file=file, sheet=layout.IDENTITY.text(), value=there)
    content = {
        str(key.value): str(excel.plain_value(value.value) or "")
        for key, value in sheet.iter_rows(max_row=60, max_col=2)
    }
    identity = {key: content.get(key, "") for key in layout.IDENTITY_KEYS}
    identity["language"] = identity["language"] or FIRST
    problems = [
        Problem(words, file=file, sheet=sheet.title, row=row, column=f"B – {key}", value=identity[key])
        for key, words in _not_of(round_, identity)
        for row in (layout.IDENTITY_KEYS.index(key) + 1,)
    ]
    DataError.raise_for(problems)
    return identity


def _not_of(round_: Round, identity: Mapping[str, str]) -> Iterator[tuple[str, Message]]:
    """Where the form is not one of this round."""
    plan, scheme = round_.plan, round_.scheme
    if identity["version"] not in map(str, range(1, int(layout.VERSION) + 1)):
        yield "version", Message("another version; this is {version}", {"version": layout.VERSION})
    if identity["kind"] not in layout.FORM_KINDS:
        named = {"kinds": stage_words(layout.FORM_KINDS)}
        yield "kind", Message("the kind of form is not known; the kinds are {kinds}", named)
    if identity["round"] != plan.id:
        yield "round", Message("a form of another round; this is {plan_id}", {"plan_id": plan.id})
    elif identity["scheme"] != scheme.id:
        yield "scheme", Message("another scheme; this is {scheme_id}", {"scheme_id": scheme.id})
    elif identity["scheme_sha256"] != layout.scheme_hash(scheme):
        words = Message("the scheme {scheme_id} has changed since the form was issued; issue it again")
        yield "scheme_sha256", words.filled(scheme_id=scheme.id)
    if identity["unit"] not in round_.book.units:
        yield "unit", Message("the unit is not in the round {plan_id}", {"plan_id": plan.id})
    if not identity["ledger_rows"].isdecimal():
        yield "ledger_rows", Message("the identity of the form was changed")
    if identity["language"] not in languages():
        yield "language", Message("no such language; there are: {listed}", {"listed": layout.listed_languages()})


def _named_on_cover(book: Workbook, structure: Structure, unit: str) -> None:
    """Refuse a form whose cover, which is signed, names another unit than the one it was issued to."""
    sheet = excel.sheet_named(book, structure.form.says(layout.COVER))
    label = structure.form.says(layout.UNIT)
    for cells in sheet.iter_rows(max_row=60, max_col=3) if sheet is not None else ():
        if str(cells[0].value) == label and (named := str(excel.plain_value(cells[2].value) or "")) != unit:
            words = Message("the cover should name “{unit}”: another unit's form, or a changed one", {"unit": unit})
            at = {"sheet": structure.form.says(layout.COVER), "row": cells[2].row, "column": "C"}
            structure.problems.append(Problem(words, file=structure.file, value=named, **at))


def _contact(book: Workbook, form: layout.Form) -> dict[str, str]:
    """Who filled the form in."""
    sheet = excel.sheet_named(book, form.says(layout.COVER))
    labels = {form.says(label): key for key, label in layout.COVER_ENTRIES.items()}
    contact: dict[str, str] = {}
    for cells in sheet.iter_rows(max_row=60, max_col=3) if sheet is not None else ():
        key = labels.get(str(cells[0].value))
        value = excel.plain_value(cells[2].value)
        if key and value is not None and cells[2].data_type != "f":
            contact[key] = str(value)
    return contact


# --- the cells that people fill in --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Filled:
    """What is filled in for one leaf. ``typed``: the answer was typed as Excel understands it, so its points count."""

    node: Node
    row: int
    blank: bool
    answer: Answer | None
    typed: bool
    exempted: bool
    decision: Message | None
    given: float | None
    parts: dict[str, float]
    evidence: str
    remark: str

    def entry(self, **other: object) -> Entry:
        """The row of the ledger, where it says nothing ``other``."""
        points = math.nan if self.given is None else self.given
        own = {"answer": answer_text(self.answer), "points": points, "not_applicable": self.exempted}
        return {**own, **self.parts, "evidence": self.evidence, "remark": self.remark, **other}


class _Reader:
    """Reads the rows of one form. ``missing`` are the leaves still open; what is wrong is noted in the structure."""

    def __init__(
        self, structure: Structure, round_: Round, unit: str, recorded: layout.Recorded, shown: Mapping[int, float]
    ) -> None:
        self.structure, self.form, self.round, self.unit = structure, structure.form, round_, unit
        self.shown = shown  # the points that the form showed when it was saved, by row
        self.entries = recorded.shown(unit, self.form)
        self.earlier = recorded.filled(unit, self.form.kind)
        self.missing: list[str] = []

    def read(self, by: str) -> list[Entry]:
        """The rows for the ledger. What is wrong is in ``problems``."""
        if not self.structure.readable:
            return []
        who = self.unit if self.form.by_unit else by.strip() or layout.COUNCIL.text()
        entry = {"self": self._own_row, "appeal": self._claim_row}.get(self.form.kind, self._council_row)
        place = {"unit": self.unit, "stage": self.form.kind, "by": who, "at": "", "sheet": self.form.says(layout.MAIN)}
        rows: list[Entry] = []
        for node in self.round.scheme.nodes:
            if node.code not in self.structure.rows:
                continue
            if not self.structure.is_open(node.code):
                self.closed(node)
                continue
            filled = self.filled(node)
            row = entry(filled) if filled is not None else None
            if filled is not None and row is not None:
                rows.append({**place, **row, "code": node.code, "source_row": filled.row})
        return rows

    def note_newer(self, known: int, by: str) -> None:
        """Warn that the ledger holds rows of the unit that came after the form was issued; between appraisers, who each
        fill a copy of it, the word of the others is no news."""
        ledger, appraisers = self.round.ledger, {fold(each.name) for each in self.round.plan.appraisers}
        newer = ledger[(ledger["row"] > known) & (ledger["unit"] == self.unit)]
        if self.form.kind == "appraisal" and fold(by) in appraisers:
            others = (newer["stage"] == "appraisal") & newer["by"].map(fold).isin(appraisers - {fold(by)})
            newer = newer[~others]
        if n := len(newer):
            words = Message("the ledger has {n} rows of the unit that came after the form was issued", {"n": n})
            self.structure.warnings.append(Problem(words, file=self.structure.file))

    def refuse(self, wrong: excel.Wrong, node: Node, key: str, value: object = "", **places: object) -> None:
        """Note a problem with a cell of a leaf."""
        row = self.structure.rows[node.code]
        self.structure.refuse(wrong, row, key, node=node.code, value=value, **places)

    def warn(self, wrong: excel.Wrong, node: Node, key: str, value: object = "", **places: object) -> None:
        """Note something to look at."""
        self.structure.warn(wrong, self.structure.rows[node.code], key, node=node.code, value=value, **places)

    # --- the cells of a leaf ------------------------------------------------------------------

    def closed(self, node: Node) -> None:
        """A leaf that takes no entries: whatever stands there was typed."""
        level, language = self.round.plan.level, self.form.language
        printed = "" if layout.asked(node) else layout.not_asked_words(node, level, language)
        exempt = self.form.says(layout.NOT_APPLICABLE)
        for column in self.form.columns:
            value = excel.plain_value(self.structure.cell(node.code, column.key).value) if column.typed else None
            ours = column.key == "answer" and (value == printed or (not printed and str(value).startswith(exempt)))
            if value is not None and not ours:
                self.refuse("nothing is entered for this criterion; remove it", node, column.key, value)

    def filled(self, node: Node) -> _Filled | None:
        """What is filled in for a leaf; ``None`` where a cell is wrong."""
        before = len(self.structure.problems)
        values = {column.key: self._value(node, column) for column in self.form.columns if column.typed}
        if len(self.structure.problems) > before:
            return None
        target = values["target"]
        answer, typed = self._answer(node, values["answer"], target)
        exempted = self._word(node, "not_applicable", values.get("not_applicable"), (layout.NOT_APPLICABLE,))
        decision = self._word(node, "decision", values.get("decision"), self.form.decisions)
        given = self._given(node, values.get("given"))
        parts = self._parts(node, values)
        if len(self.structure.problems) > before:
            return None
        blank, texts = values["answer"] is None and target is None, [self._text(values.get(k)) for k in _TEXTS]
        row, exempt = self.structure.rows[node.code], exempted is not None
        return _Filled(node, row, blank, answer, typed, exempt, decision, given, parts, *texts)

    def _value(self, node: Node, column: layout.Column) -> object:
        """The plain value of a cell; ``None`` when it is blank or wrong."""
        cell = self.structure.cell(node.code, column.key)
        problem, value = excel.forbidden(cell, percent=column.use != "number"), excel.plain_value(cell.value)
        if column.use == "text":
            if isinstance(cell.value, date) and cell.data_type != "f":
                problem, value = None, _day(cell.value)
            if problem is None and isinstance(value, str):
                problem, value = _text_flaw(value)
        if problem is not None:
            self.refuse(problem, node, column.key)
            return None
        return self._linked(node, column, value, cell.hyperlink) if excel.leads_elsewhere(cell) else value

    def _linked(self, node: Node, column: layout.Column, value: object, link: Hyperlink) -> object:
        """The text of a cell with the address that its link leads to; elsewhere than in texts a link is pointed at."""
        target = unquote(link.target or "") + (f"#{link.location}" if link.target and link.location else "")
        if column.use != "text" or not target:
            self.warn(excel.UNREAD_LINK, node, column.key, target or link.location)
            return value
        if not re.match(r"(https?|ftp|mailto):", target):
            words = Message("the link leads to a file on the sender's machine and opens nowhere else")
            self.warn(words, node, column.key, target)
        text = self._text(value)
        problem, joined = _text_flaw(f"{text} ({target})" if text else target)
        if problem is not None:
            self.refuse(problem, node, column.key)
        return joined

    def _answer(self, node: Node, value: object, target: object) -> tuple[Answer | None, bool]:
        """The answer, and whether it was typed as Excel understands it; none where it is blank or wrong."""
        rule = node.rule
        assert rule is not None
        if value is None and target is None:
            return None, False
        if target is not None and not isinstance(rule, Target):
            self.refuse("it has no target; remove it", node, "target", target)
            return None, False
        if isinstance(rule, Target) and (value is None or target is None):
            key, words = ("answer", rule.input) if value is None else ("target", rule.target_input)
            self.refuse("missing: {words}", node, key, words=words)
            return None, False
        cell, typed = (value, True) if isinstance(rule, Choice) else self._percent(node, value)
        if cell is None:
            return None, False
        answer = parse_answer(rule, (cell, target) if isinstance(rule, Target) else cell, node.maximum)
        is_none = isinstance(value, str) and fold(value).strip(" -–.") in called("answers")["no_result"]
        if isinstance(answer, Problem) and is_none:
            column = self.form.headings.get("not_applicable", self.form.headings["remark"])
            no_result = Message(
                "no result: leave the cell empty where there are no figures yet, enter 0 where it is none; where the "
                "criterion does not apply, say so in the column “{column}”"
            )
            self.refuse(no_result.filled(column=column), node, "answer", value)
            return None, False
        if isinstance(answer, Problem):  # of a result and its target: which of the two is meant?
            key = "target" if answer.about == "target" else "answer"
            self.refuse(answer.at(value=target if key == "target" else value), node, key)
            return None, False
        if isinstance(rule, Choice):
            return answer, value == rule.label[str(answer)]
        return answer, typed and not isinstance(value, str) and not isinstance(target, str)

    def _percent(self, node: Node, value: object) -> tuple[object, bool]:
        """A number as it is meant, and whether Excel meant it so: 0.95 shown as 95% is 95 where percent is asked for,
        and nothing (``None``, with a problem) where it is not."""
        if not isinstance(value, (int, float)) or not excel.shown_as_percent(self.structure.cell(node.code, "answer")):
            return value, True
        percent = round(float(value) * 100, 9)
        named = {"what": written(percent)}
        if node.rule is None or not node.rule.percent:
            words = Message("the cell shows a percentage ({what}%), which is not asked for", named)
            self.refuse(words, node, "answer", value)
            return None, False
        words = Message(
            "the cell is formatted as a percentage: read as {what}%; the points shown in Excel are not right", named
        )
        self.warn(words, node, "answer", value)
        return percent, False

    def _word(self, node: Node, key: str, value: object, allowed: tuple[Message, ...]) -> Message | None:
        """One of the words of a drop-down; ``None`` where there is none."""
        if value is None:
            return None
        result = next((word for word in allowed if fold(self.form.says(word)) == fold(str(value))), None)
        if result is None:
            self.refuse("one of {listed}, or empty", node, key, value, listed=self._listed(allowed))
        return result

    def _listed(self, words: tuple[Message, ...]) -> str:
        return ", ".join(f"“{self.form.says(word)}”" for word in words)

    def _given(self, node: Node, value: object) -> float | None:
        """Points that the council sets itself."""
        if value is None:
            return None
        points = number_of(value, self.form.language)
        if isinstance(points, Problem):
            self.refuse(points.at(value=value), node, "given")
            return None
        if not 0 <= points <= (math.inf if node.maximum is None else node.maximum + _TOLERANCE):
            most = written(node.maximum or 0)
            self.refuse("points must be from 0 to {words}", node, "given", value, words=most)
            return None
        return float(points)

    def _parts(self, node: Node, values: Mapping[str, object]) -> dict[str, float]:
        """What is entered of the numerator and the denominator of a share; whether they give it, the ledger says."""
        parts: dict[str, float] = {}
        for key in PARTS:
            if (value := values.get(key)) is not None:
                read = number_of(value, self.form.language)
                if isinstance(read, Problem):
                    self.refuse(read.at(value=value), node, key)
                else:
                    parts[key] = float(read)
        return parts

    def _text(self, value: object) -> str:
        """Text from a cell; a number as people write it."""
        if isinstance(value, (int, float)):
            return number(float(value), self.form.language)
        return "" if value is None else str(value)

    # --- what the cells say together ----------------------------------------------------------

    def _agrees(self, filled: _Filled) -> None:
        """The points that the form showed are those that the answer earns."""
        node = filled.node
        assert node.rule is not None
        shown = self.shown.get(filled.row)
        if not filled.typed or shown is None:
            return
        maximum = math.nan if node.maximum is None else node.maximum
        earned = float(node.rule.points([encode(node.rule, filled.answer)], maximum)[0])
        if abs(shown - earned) > _SHOWN_TOLERANCE:
            named = {"was": written(shown), "due": written(earned)}
            words = Message("the form shows {was} points, the answer earns {due}: a changed or stale formula", named)
            self.refuse(words, node, "points", shown)

    # --- the self-assessment ------------------------------------------------------------------

    def _own_row(self, filled: _Filled) -> Entry | None:
        node = filled.node
        if filled.exempted and not filled.blank:
            word = self.form.says(layout.NOT_APPLICABLE)
            both = Message(
                "with “{not_applicable}” no answer is entered; remove one of the two", {"not_applicable": word}
            )
            self.refuse(both, node, "not_applicable", word)
            return None
        if filled.blank and not filled.exempted and not filled.parts:
            self._still_open(filled)
            return None
        if filled.exempted and not filled.remark:
            self.warn(NO_REASON, node, "remark")
        if not filled.exempted and not filled.evidence:
            self.warn(NO_EVIDENCE, node, "evidence")
        self._look_twice(filled)
        self._agrees(filled)
        return filled.entry()

    def _still_open(self, filled: _Filled) -> None:
        """A leaf left blank: not known, never 0; what the ledger holds stays."""
        node = filled.node
        earlier = self.entries["self"].get(node.code, layout.NOTHING)
        if earlier.stated:
            held = layout.answer_words(node, earlier, self.form.language)
            self.warn("blank; the earlier answer stays ({held})", node, "answer", held=held)
            return
        self.missing.append(node.code)
        if filled.evidence or filled.remark:
            words = Message("evidence or an explanation without an answer; the row is not taken")
            self.warn(words, node, "evidence" if filled.evidence else "remark", filled.evidence or filled.remark)

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
        current = self.entries[self.form.before].get(node.code, layout.NOTHING)
        if decision is None:
            self._undecided(filled)
            return None
        if not self._decided(filled, decision, current):
            return None
        if decision == self.form.accept:
            same = {key: getattr(current, key) for key in ("answer", "points", *PARTS, "not_applicable")}
            return filled.entry(**same, evidence="")
        if filled.given is None and decision == layout.ADJUST:
            self._look_twice(filled)
            self._agrees(filled)
        return filled.entry(not_applicable=decision == layout.NOT_APPLICABLE, evidence="")

    def _undecided(self, filled: _Filled) -> None:
        node = filled.node
        if not filled.blank or filled.given is not None or filled.remark:
            self.refuse("no decision is chosen: {words}", node, "decision", words=self._listed(self.form.decisions))
        elif self.form.kind == "appraisal" and not self.earlier.get(node.code, layout.NOTHING).stated:
            self.missing.append(node.code)

    def _decided(self, filled: _Filled, decision: Message, current: layout.Said) -> bool:
        """Whether the cells of a decision go together."""
        node, word = filled.node, self.form.says(decision)
        filled_in = not filled.blank or filled.given is not None
        if decision != layout.ADJUST and filled_in:
            key = "answer" if not filled.blank else "given"
            value = self.structure.cell(node.code, key).value
            self.refuse("“{decision}” leaves this cell empty", node, key, value, decision=word)
        elif decision == layout.ADJUST and not filled_in:
            self.refuse("an adjustment needs an answer or points", node, "answer")
        elif not filled.remark and decision != layout.ACCEPT:
            self.refuse("“{decision}” needs a reason", node, "remark", decision=word)
        else:
            return decision != self.form.accept or self._stands(node, current, word)
        return False

    def _stands(self, node: Node, current: layout.Said, accept: str) -> bool:
        """Whether there is something to accept or keep, and it is what the council saw."""
        if not current.stated:
            self.refuse("there is nothing to accept ({accept})", node, "decision", accept, accept=accept)
            return False
        key = f"{self.form.before}_answer"
        seen = excel.plain_value(self.structure.cell(node.code, key).value) or ""
        now = excel.plain_value(layout.answer_words(node, current, self.form.language)) or ""
        if seen != now:
            words = Message(
                "the ledger now says “{now}”: it changed after the form was issued, or the printed cell was changed"
            )
            self.refuse(words.filled(now=now), node, key, seen)
        return seen == now

    # --- the explanation ----------------------------------------------------------------------

    def _claim_row(self, filled: _Filled) -> Entry | None:
        """A unit's explanation. It decides nothing."""
        node = filled.node
        if filled.decision != layout.EXPLAIN:
            if not filled.blank or filled.remark or filled.evidence:
                chosen = self.form.says(filled.decision) if filled.decision else ""
                words = Message("something is entered; choose “{explain}”, or remove it")
                self.refuse(words.filled(explain=self.form.says(layout.EXPLAIN)), node, "decision", chosen)
            return None
        if not filled.remark:
            self.refuse("the explanation is missing", node, "remark")
            return None
        self._look_twice(filled)
        self._agrees(filled)
        earlier, text = self.earlier.get(node.code, layout.NOTHING), answer_text(filled.answer)
        # The council's decision may stand between: said again, the explanation would be new to the ledger.
        same = (earlier.answer, earlier.evidence, earlier.remark) == (text, filled.evidence, filled.remark)
        same &= filled.parts == {key: part for key in PARTS if not math.isnan(part := getattr(earlier, key))}
        return None if same else filled.entry()


_TEXTS = ("evidence", "remark")


def _day(day: date) -> str:
    """A day in a column of words, as it is written in Viet Nam."""
    return as_day(day, isinstance(day, datetime) and bool(day.hour or day.minute))


def _text_flaw(text: str) -> tuple[Problem | None, str]:
    """What is wrong with a text, and the text with the line breaks of Word as ours."""
    clean = re.sub(r"[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    if clean.startswith("="):
        return Problem("text that begins with “=” may be a formula; remove the sign", value=text), clean
    if _CONTROLS.search(clean):
        return Problem("holds a control character; type it again", value=repr(text)), clean
    return encoding_problem(clean), clean
