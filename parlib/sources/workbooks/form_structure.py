"""Whether a returned form still is the form that was sent out: its heads, rows, printed cells and formulas."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parlib.errors import Problem
from parlib.numerals import written
from parlib.scoring import units as framework_units
from parlib.scoring.rules import describe
from parlib.scoring.scheme import Node
from parlib.sources.rounds.opening import Round
from parlib.sources.workbooks.form_layout import HEAD_ROW, WHOLE_ROW, Form, Line, asked, form_lines
from parlib.sources.workbooks.reading import plain_value, rows_of
from parlib.tables import column_letter
from parlib.words import Bilingual, Message, Words, near

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

Wrong = str | Words | Problem


@dataclass
class Structure:
    """The rows of a form where they were found, and what is wrong with it: ``problems`` forbid taking it, ``warnings``
    do not."""

    sheet: Worksheet
    file: str
    form: Form
    lines: dict[str, Line]  # what was expected, by code
    exempt: frozenset[str]  # leaves that do not apply to the unit by decision of the plan
    rows: dict[str, int] = field(default_factory=dict)  # where each code stands
    last: int = WHOLE_ROW  # the last row of the table
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    readable: bool = True  # whether the columns are where they should be

    @property
    def headings(self) -> dict[str, str]:
        """What the form calls the fields of the ledger."""
        names = self.form.headings
        given = {"points": names["given"]} if "given" in names else {}
        fields = ("code", "answer", "not_applicable", "evidence", "remark", "decision")
        return {key: names[key] for key in fields if key in names} | given

    def is_open(self, code: str) -> bool:
        """Whether the row of this leaf is filled in by people."""
        node = self.lines[code].node
        return node is not None and asked(node) and code not in self.exempt

    def cell(self, code: str, key: str) -> Cell:
        """The cell of a column in the row of a leaf."""
        found: Cell = self.sheet.cell(self.rows[code], self.form.places[key])
        return found

    def refuse(
        self, message: Wrong, row: int, key: str = "", node: str = "", *, value: object = None, **places: object
    ) -> None:
        """Note a problem with the cell of a column in a row, which is quoted where there is no other ``value``."""
        self.problems.append(self._problem(message, row, key, node, value, places))

    def warn(
        self, message: Wrong, row: int, key: str = "", node: str = "", *, value: object = None, **places: object
    ) -> None:
        """Note something to look at."""
        self.warnings.append(self._problem(message, row, key, node, value, places))

    def _problem(
        self, message: Wrong, row: int, key: str, node: str, value: object, places: Mapping[str, object]
    ) -> Problem:
        message = Message(message, places) if isinstance(message, str) else message
        problem = message if isinstance(message, Problem) else Problem(message, value=value)
        if problem.value is None and key in self.form.places:
            found = self.sheet.cell(row, self.form.places[key]).value
            problem = problem.at(value="" if found is None else found)
        column = self.form.headings.get(key, key)
        return problem.at(file=self.file, sheet=self.sheet.title, row=row, column=column, node=node)


def check_structure(sheet: Worksheet, file: str, form: Form, round_: Round, unit: str) -> Structure:
    """Check the shape of a returned form."""
    lines = {line.node.code: line for line in form_lines(round_.scheme) if line.node is not None}
    book, plan = round_.book, round_.plan
    exempt = frozenset(book.codes[book.exempt[book.units.get_loc(unit)]])
    structure = Structure(sheet, file, form, lines, exempt)
    name = framework_units.get(unit, plan.level, plan.system).full_name_vi
    _titles(structure, form.heads(plan.year, name, round_.scheme))
    _heads(structure)
    if structure.readable:
        _rows(structure)
        _merged(structure)
        for code in structure.lines:
            _printed(structure, code)
        _formulas(structure)
        _hidden(structure)
    return structure


def _titles(structure: Structure, expected: tuple[str, ...]) -> None:
    for row, words in enumerate(expected, 1):
        found = plain_value(structure.sheet.cell(row, 1).value)
        if found != words:
            structure.refuse(
                "the title should be “{words}”: another unit's form, or a changed one",
                row,
                "A",
                value=found or "",
                words=words,
            )


def _heads(structure: Structure) -> None:
    for place, column in enumerate(structure.form.columns, 1):
        found = plain_value(structure.sheet.cell(HEAD_ROW, place).value)
        if found != column.heading:
            structure.readable = False
            structure.refuse(
                "the head should be “{heading}”: a column was inserted, deleted, moved or renamed",
                HEAD_ROW,
                column_letter(place),
                value=found or "",
                heading=column.heading,
            )


def _merged(structure: Structure) -> None:
    for area in structure.sheet.merged_cells.ranges:
        if area.max_row >= HEAD_ROW and area.min_row <= structure.last:
            value = plain_value(structure.sheet.cell(area.min_row, area.min_col).value)
            structure.refuse(
                "merged cells {coord}; unmerge them and fill in each",
                area.min_row,
                column_letter(area.min_col),
                value="" if value is None else value,
                coord=area.coord,
            )


# --- rows -------------------------------------------------------------------------------------


def _rows(structure: Structure) -> None:
    """Find the row of each code; rows inserted, deleted, doubled, moved or of an unknown code are problems. What
    stands below the last code is a note or a signature: it is pointed at, and not read."""
    width = len(structure.form.columns)
    below: list[tuple[int, object, list[Cell]]] = []
    filled: set[int] = set()
    for cells in rows_of(structure.sheet, WHOLE_ROW):
        row = cells[0].row
        values = [cell for cell in cells if plain_value(cell.value) is not None]
        _beyond(structure, [cell for cell in values if cell.column > width])
        values = [cell for cell in values if cell.column <= width]
        code = structure.sheet.cell(row, 1).value
        if not values or (row == WHOLE_ROW and code in (None, "")):
            continue
        text = plain_value(str(code)) if isinstance(code, (str, int)) else None
        if text not in structure.lines:
            below.append((row, code, values))
            continue
        _found(structure, str(text), row)
        filled.add(row)
        for stray in below:
            _stray(structure, *stray)
        filled |= {row for row, *_ in below}
        below, structure.last = [], row
    for row, code, values in below:
        if _like_a_code(code):
            _stray(structure, row, code, values)
        else:
            _beyond(structure, values)
    _blank_rows(structure, filled)
    for code, line in structure.lines.items():
        if code not in structure.rows:
            name = line.node.name if line.node else ""
            structure.refuse("the row of {code} was deleted", line.row, "code", code, value=name, code=code)
    _moved(structure)
    structure.readable = bool(structure.rows)


def _like_a_code(code: object) -> bool:
    return isinstance(code, (int, float)) or bool(re.fullmatch(r"[0-9]+(\.[0-9]+)*\.?", str(code or "").strip()))


def _blank_rows(structure: Structure, filled: set[int]) -> None:
    """The blank rows between the rows of the table: all that follow one another are one problem."""
    before = WHOLE_ROW
    for row in sorted(filled):
        if (n := row - before - 1) > 0:
            vi = f"{n} dòng trống được chèn thêm; hãy xóa" if n > 1 else "dòng trống được chèn thêm; hãy xóa dòng này"
            en = f"{n} blank rows were inserted; delete them" if n > 1 else "an inserted blank row; delete it"
            structure.refuse(Bilingual(vi, en), before + 1, "code", value="")
        before = max(row, WHOLE_ROW)


def _found(structure: Structure, code: str, row: int) -> None:
    if code in structure.rows:
        structure.refuse(
            "the code {code} has two rows: {rows} and this one",
            row,
            "code",
            code,
            value=code,
            code=code,
            rows=structure.rows[code],
        )
    else:
        structure.rows[code] = row


def _stray(structure: Structure, row: int, code: object, cells: Sequence[Cell]) -> None:
    if code in (None, ""):
        structure.refuse(
            "a row without a code: inserted, or its code was deleted", row, "code", value=str(cells[0].value)
        )
        return
    shown = code if isinstance(code, (str, int, float)) else str(code)
    structure.refuse(
        "no such code in the scheme{near}: changed, or a row was inserted",
        row,
        "code",
        value=shown,
        near=near(str(shown), structure.lines),
    )


def _beyond(structure: Structure, cells: Iterable[Cell]) -> None:
    """Point at cells beside or below the table."""
    for cell in cells:
        structure.warn(
            "a cell outside the table is not read", cell.row, column_letter(cell.column), value=str(cell.value)
        )


def _moved(structure: Structure) -> None:
    """Codes that do not stand in the order of the form: those outside its longest ordered part were moved."""
    order = {code: place for place, code in enumerate(structure.lines)}
    found = sorted(structure.rows, key=lambda code: structure.rows[code])
    tails: list[int] = []
    ends: list[str] = []
    before: dict[str, str | None] = {}
    for code in found:
        at = bisect_left(tails, order[code])
        before[code] = ends[at - 1] if at else None
        tails[at : at + 1] = [order[code]]
        ends[at : at + 1] = [code]
    kept: set[str] = set()
    step: str | None = ends[-1] if ends else None
    while step is not None:
        kept.add(step)
        step = before[step]
    for code in found:
        if code not in kept:
            structure.refuse(
                "the row was moved; it belongs in row {the_row}",
                structure.rows[code],
                "code",
                code,
                value=code,
                the_row=structure.lines[code].row,
            )


# --- what is printed and computed -------------------------------------------------------------


def _printed(structure: Structure, code: str) -> None:
    """Name, maximum and rule of a row as they were printed."""
    line = structure.lines[code]
    node = line.node
    if node is None or code not in structure.rows:
        return
    name = node.name.upper() if line.look == "area" else node.name
    texts = {"name": name, "rule": describe(node.rule, node.maximum) if node.rule else ""}
    if "wanted" in structure.form.places and node.is_leaf:
        texts["wanted"] = node.evidence
    row = structure.rows[code]
    for key, words in texts.items():
        found = structure.cell(code, key).value
        if (plain_value(found) or "") != (plain_value(words) or ""):
            structure.refuse("a printed cell was changed; it was “{words}”", row, key, code, words=words)
    most = structure.cell(code, "maximum").value
    if most != node.maximum and not _equal(most, node.maximum):
        shown = Bilingual("trống", "empty") if node.maximum is None else written(node.maximum)
        structure.refuse("the maximum was changed; it was {words}", row, "maximum", code, words=shown)


def _equal(found: object, expected: float | None) -> bool:
    return isinstance(found, (int, float)) and expected is not None and abs(found - expected) < 1e-9


def _formulas(structure: Structure) -> None:
    """Computed cells that no longer compute: in the rows of leaves that are filled in, and the sums."""
    for code, row in structure.rows.items():
        node = structure.lines[code].node
        assert node is not None
        for key in _computed(structure.form, node) if not node.is_leaf or structure.is_open(code) else ():
            if structure.cell(code, key).data_type != "f":
                structure.refuse(
                    "the formula was deleted or replaced by a value; use the form as it was sent", row, key, code
                )


def _computed(form: Form, node: Node) -> list[str]:
    """The columns that hold formulas in the row of a node; those of checks, and sums of what was printed."""
    keys = ("points", "applies", "check") if node.is_leaf else ("points", "applies", "self_points", "council_points")
    return [key for key in keys if key in form.places]


def _hidden(structure: Structure) -> None:
    """Hidden rows and columns are read, and named."""
    for code, row in structure.rows.items():
        if structure.sheet.row_dimensions[row].hidden:
            structure.warn("a hidden row; it is read", row, "code", code, value=code)
    for letter, dimension in structure.sheet.column_dimensions.items():
        if dimension.hidden:
            head = plain_value(structure.sheet[f"{letter}{HEAD_ROW}"].value) or ""
            structure.warn("a hidden column; it is read", HEAD_ROW, letter, value=head)
