"""Whether a returned form still is the form that was sent out: its heads, rows, printed cells and formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parlib.numerals import written
from parlib.scoring.scheme import Node
from parlib.sources.rounds.opening import Round
from parlib.sources.workbooks.form_layout import HEAD_ROW, WHOLE_ROW, Form, Line, asked, form_lines
from parlib.sources.workbooks.reading import Sheet, hidden_columns, plain_value, rows_of
from parlib.tables import column_letter
from parlib.words import Message, near

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass
class Structure(Sheet):
    """The main sheet of a form and its rows where they were found."""

    form: Form
    lines: dict[str, Line]  # what was expected, by code
    exempt: frozenset[str]  # leaves that do not apply to the unit by decision of the plan
    rows: dict[str, int] = field(default_factory=dict)  # where each code stands
    last: int = WHOLE_ROW  # the last row of the table
    readable: bool = True  # whether the columns are where they should be

    @property
    def ledger_headings(self) -> dict[str, str]:
        """What the form calls the fields of the ledger."""
        given = {"points": self.headings["given"]} if "given" in self.headings else {}
        fields = ("code", "answer", "not_applicable", "evidence", "remark", "decision")
        return {key: self.headings[key] for key in fields if key in self.headings} | given

    def is_open(self, code: str) -> bool:
        """Whether the row of this leaf is filled in by people."""
        node = self.lines[code].node
        return node is not None and asked(node) and code not in self.exempt

    def cell(self, code: str, key: str) -> Cell:
        """The cell of a column in the row of a leaf."""
        found: Cell = self.sheet.cell(self.rows[code], self.form.places[key])
        return found

    def content(self, row: int, column: str) -> object:
        if column not in self.form.places:
            return None
        found = self.sheet.cell(row, self.form.places[column]).value
        return "" if found is None else found


def check_structure(sheet: Worksheet, file: str, form: Form, round_: Round, unit: str) -> Structure:
    """Check the shape of a returned form."""
    lines = {line.node.code: line for line in form_lines(round_.scheme) if line.node is not None}
    book = round_.book
    exempt = frozenset(book.codes[book.exempt[book.units.get_loc(unit)]])
    structure = Structure(file, sheet, form.headings, form, lines, exempt)
    for row, words in enumerate(form.heads(round_.plan, unit, round_.scheme), 1):
        title = Message("the title should be “{words}”: another unit's form, or a changed one", {"words": words})
        _is_as_printed(structure, row, 1, words, title)
    for place, column in enumerate(form.columns, 1):
        named = {"heading": form.says(column.heading)}
        moved = Message("the head should be “{heading}”: a column was inserted, deleted, moved or renamed", named)
        structure.readable &= _is_as_printed(structure, HEAD_ROW, place, named["heading"], moved)
    if structure.readable:
        _rows(structure)
        _merged(structure)
        for code, row in structure.rows.items():
            _printed(structure, code, row)
        _formulas(structure)
        _hidden(structure)
    return structure


def _is_as_printed(structure: Structure, row: int, place: int, words: str, wrong: Message) -> bool:
    found = plain_value(structure.sheet.cell(row, place).value)
    if found != words:
        structure.refuse(wrong, row, column_letter(place), value=found or "")
    return found == words


def _merged(structure: Structure) -> None:
    for area in structure.sheet.merged_cells.ranges:
        if area.max_row >= HEAD_ROW and area.min_row <= structure.last:
            value = plain_value(structure.sheet.cell(area.min_row, area.min_col).value)
            words = Message("merged cells {coord}; unmerge them and fill in each", {"coord": area.coord})
            structure.refuse(words, area.min_row, column_letter(area.min_col), value="" if value is None else value)


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
        _beyond(structure, (cell for cell in values if cell.column > width))
        values = [cell for cell in values if cell.column <= width]
        code = structure.sheet.cell(row, 1).value
        if not values or (row == WHOLE_ROW and code in (None, "")):
            continue
        text = plain_value(str(code)) if isinstance(code, (str, int)) else None
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
    before = WHOLE_ROW
    for row in sorted(filled):
        n = row - before - 1
        if n > 0:
            many = Message("{n} blank rows were inserted; delete them", {"n": n})
            words = many if n > 1 else Message("an inserted blank row; delete it")
            structure.refuse(words, before + 1, "code", value="")
        before = max(row, WHOLE_ROW)


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
    found = sorted(structure.rows, key=lambda code: structure.rows[code])
    chains: list[list[str]] = []  # for each code the longest ordered part that ends with it

    def longest(chains: Iterable[list[str]]) -> list[str]:
        return max(chains, key=lambda chain: (len(chain), -order[chain[-1]]), default=[])

    for code in found:
        chains.append([*longest(chain for chain in chains if order[chain[-1]] < order[code]), code])
    kept = set(longest(chains))
    for code in found:
        if code not in kept:
            words = Message("the row was moved; it belongs in row {the_row}", {"the_row": structure.lines[code].row})
            structure.refuse(words, structure.rows[code], "code", node=code, value=code)


# --- what is printed and computed -------------------------------------------------------------


def _printed(structure: Structure, code: str, row: int) -> None:
    """Name, maximum and rule of a row as they were printed."""
    line = structure.lines[code]
    texts = {key: words for key, words in structure.form.printed(line).items() if key in structure.form.places}
    for key, words in texts.items():
        if key != "code" and (plain_value(structure.cell(code, key).value) or "") != (plain_value(words) or ""):
            structure.refuse("a printed cell was changed; it was “{words}”", row, key, node=code, words=words)
    was = line.node.maximum if line.node else None
    found = structure.cell(code, "maximum").value
    is_near = isinstance(found, (int, float)) and was is not None and abs(found - was) < 1e-9
    if found != was and not is_near:
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


def _computed(form: Form, node: Node) -> list[str]:
    """The columns that hold formulas in the row of a node; those of checks, and sums of what was printed."""
    keys = ("points", "applies", "check") if node.is_leaf else ("points", "applies", "self_points", "council_points")
    return [key for key in keys if key in form.places]


def _hidden(structure: Structure) -> None:
    """Hidden rows and columns are read, and named."""
    for code, row in structure.rows.items():
        if structure.sheet.row_dimensions[row].hidden:
            structure.warn("a hidden row; it is read", row, "code", node=code, value=code)
    for letter in hidden_columns(structure.sheet):
        head = plain_value(structure.sheet[f"{letter}{HEAD_ROW}"].value) or ""
        structure.warn("a hidden column; it is read", HEAD_ROW, letter, value=head)
