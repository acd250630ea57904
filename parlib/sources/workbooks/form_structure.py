"""Whether a returned form still is the form that was sent out: its heads, rows, printed cells and formulas."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from parlib.errors import Problem
from parlib.scoring.rules import describe, written
from parlib.sources.workbooks.cells import plain_value, rows_of
from parlib.sources.workbooks.form_layout import (
    COLUMNS,
    HEAD_ROW,
    WHOLE_ROW,
    FormKind,
    Line,
    asked,
    form_lines,
)
from parlib.tables import column_letter
from parlib.words import Bilingual, Message, near

if TYPE_CHECKING:
    from parlib.sources.rounds import Round

_TOTALS = (
    "self_points",
    "council_points",
)  # of earlier stages: sums in the rows of criteria, numbers in those of leaves


@dataclass
class Structure:
    """The rows of a form where they were found, and what is wrong with its shape."""

    sheet: Any
    file: str
    kind: FormKind
    lines: dict[str, Line]  # what was expected, by code
    exempt: frozenset[str]  # leaves that do not apply to the unit by decision of the plan
    rows: dict[str, int] = field(default_factory=dict)  # where each code stands
    last: int = WHOLE_ROW  # the last row of the table
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    readable: bool = True  # whether the columns are where they should be

    def __post_init__(self) -> None:
        self.places = {column.key: place for place, column in enumerate(COLUMNS[self.kind], 1)}
        self.names = {c.key: f"{column_letter(p)} – {c.heading}" for p, c in enumerate(COLUMNS[self.kind], 1)}

    @property
    def headings(self) -> dict[str, str]:
        """What the form calls the fields of the ledger."""
        given = {"points": self.names["given"]} if "given" in self.names else {}
        fields = ("code", "answer", "not_applicable", "evidence", "remark", "decision")
        return {key: self.names[key] for key in fields if key in self.names} | given

    def is_open(self, code: str) -> bool:
        """Whether the row of this leaf is filled in by people."""
        node = self.lines[code].node
        return node is not None and asked(node) and code not in self.exempt

    def cell(self, code: str, key: str) -> Any:
        """The cell of a column in the row of a leaf."""
        return self.sheet.cell(self.rows[code], self.places[key])

    def located(self, problem: Problem, row: int, key: str = "", node: str = "", value: object = None) -> Problem:
        """``problem`` with its place."""
        place = {"file": self.file, "sheet": self.sheet.title, "row": row, "column": self.names.get(key, key)}
        return problem.at(**place, node=node, value=problem.value if value is None else value)

    def bad(self, message: Message | Bilingual, row: int, key: str = "", node: str = "", value: object = None) -> None:
        """Note a problem."""
        self.problems.append(self.located(Problem(message), row, key, node, value))

    def warn(self, message: Message | Bilingual, row: int, key: str = "", node: str = "", value: object = None) -> None:
        """Note something to look at."""
        self.warnings.append(self.located(Problem(message), row, key, node, value))


def check_structure(
    sheet: Any, file: str, kind: FormKind, round_: Round, unit: str, titles: Mapping[str, tuple[str, ...]]
) -> Structure:
    """Check the shape of a returned form."""
    lines = {line.node.code: line for line in form_lines(round_.scheme) if line.node is not None}
    book = round_.book
    exempt = frozenset(book.codes[book.exempt[book.units.get_loc(unit)]])
    structure = Structure(sheet, file, kind, lines, exempt)
    _titles(structure, titles[kind])
    _heads(structure)
    if structure.readable:
        _rows(structure)
        _merged(structure)
        _printed(structure)
        _formulas(structure)
        _hidden(structure)
    return structure


def _titles(structure: Structure, expected: tuple[str, ...]) -> None:
    for row, words in enumerate(expected, 1):
        found = plain_value(structure.sheet.cell(row, 1).value)
        if found != words:
            structure.bad(
                Message("the title should be “{words}”: another unit's form, or a changed one", {"words": words}),
                row,
                "A",
                value=found or "",
            )


def _heads(structure: Structure) -> None:
    for column in COLUMNS[structure.kind]:
        place = structure.places[column.key]
        found = plain_value(structure.sheet.cell(HEAD_ROW, place).value)
        if found != column.heading:
            structure.readable = False
            structure.bad(
                Message(
                    "the head should be “{heading}”: a column was inserted, deleted, moved or renamed",
                    {"heading": column.heading},
                ),
                HEAD_ROW,
                column_letter(place),
                value=found or "",
            )


def _merged(structure: Structure) -> None:
    for area in structure.sheet.merged_cells.ranges:
        if area.max_row >= HEAD_ROW and area.min_row <= structure.last:
            value = plain_value(structure.sheet.cell(area.min_row, area.min_col).value)
            structure.bad(
                Message("merged cells {coord}; unmerge them and fill in each", {"coord": area.coord}),
                area.min_row,
                column_letter(area.min_col),
                value="" if value is None else value,
            )


# --- rows -------------------------------------------------------------------------------------


def _rows(structure: Structure) -> None:
    """Find the row of each code; rows inserted, deleted, doubled, moved or of an unknown code are problems. What
    stands below the last code is a note or a signature: it is pointed at, and not read."""
    width = len(structure.places)
    below: list[Any] = []
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
            structure.bad(Message("the row of {code} was deleted", {"code": code}), line.row, "code", code, name)
    _moved(structure)
    structure.readable = bool(structure.rows)


def _like_a_code(code: object) -> bool:
    return isinstance(code, (int, float)) or bool(re.fullmatch(r"[0-9]+(\.[0-9]+)*\.?", str(code or "").strip()))


def _blank_rows(structure: Structure, filled: set[int]) -> None:
    """The blank rows between the rows of the table: all that follow one another are one problem."""
    before = WHOLE_ROW
    for row in sorted(filled):
        if (n := row - before - 1) > 0:
            structure.bad(
                Bilingual(
                    f"{n} dòng trống được chèn thêm; hãy xóa"
                    if n > 1
                    else "dòng trống được chèn thêm; hãy xóa dòng này",
                    f"{n} blank rows were inserted; delete them" if n > 1 else "an inserted blank row; delete it",
                ),
                before + 1,
                "code",
                value="",
            )
        before = max(row, WHOLE_ROW)


def _found(structure: Structure, code: str, row: int) -> None:
    if code in structure.rows:
        structure.bad(
            Message("the code {code} has two rows: {rows} and this one", {"code": code, "rows": structure.rows[code]}),
            row,
            "code",
            code,
            code,
        )
    else:
        structure.rows[code] = row


def _stray(structure: Structure, row: int, code: object, cells: Sequence[Any]) -> None:
    if code in (None, ""):
        structure.bad(
            Message("a row without a code: inserted, or its code was deleted"), row, "code", value=str(cells[0].value)
        )
        return
    shown = code if isinstance(code, (str, int, float)) else str(code)
    known = list(structure.lines)
    structure.bad(
        Message("no such code in the scheme{near}: changed, or a row was inserted", {"near": near(str(shown), known)}),
        row,
        "code",
        value=shown,
    )


def _beyond(structure: Structure, cells: Iterable[Any]) -> None:
    """Point at cells beside or below the table."""
    for cell in cells:
        structure.warn(
            Message("a cell outside the table is not read"), cell.row, column_letter(cell.column), value=str(cell.value)
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
            structure.bad(
                Message("the row was moved; it belongs in row {the_row}", {"the_row": structure.lines[code].row}),
                structure.rows[code],
                "code",
                code,
                code,
            )


# --- what is printed and computed -------------------------------------------------------------


def _printed(structure: Structure) -> None:
    """Names, maxima and rules as they were printed."""
    for code, line in structure.lines.items():
        node = line.node
        if node is None or code not in structure.rows:
            continue
        name = node.name.upper() if line.look == "area" else node.name
        texts = {"name": name, "rule": describe(node.rule, node.maximum) if node.rule else ""}
        if "wanted" in structure.places and node.is_leaf:
            texts["wanted"] = node.evidence
        row = structure.rows[code]
        for key, words in texts.items():
            found = structure.cell(code, key).value
            if (plain_value(found) or "") != (plain_value(words) or ""):
                structure.bad(
                    Message("a printed cell was changed; it was “{words}”", {"words": words}),
                    row,
                    key,
                    code,
                    "" if found is None else found,
                )
        most = structure.cell(code, "maximum").value
        if most != node.maximum and not _equal(most, node.maximum):
            most_of = node.maximum
            shown = Bilingual("trống", "empty") if most_of is None else written(most_of)
            structure.bad(
                Message("the maximum was changed; it was {words}", {"words": shown}),
                row,
                "maximum",
                code,
                "" if most is None else most,
            )


def _equal(found: object, expected: float | None) -> bool:
    return isinstance(found, (int, float)) and expected is not None and abs(found - expected) < 1e-9


def _formulas(structure: Structure) -> None:
    """Computed cells that no longer compute."""
    for code, row in structure.rows.items():
        node = structure.lines[code].node
        assert node is not None
        computed = ("points", "applies", "check") if node.is_leaf else ("points", "applies", *_TOTALS)
        for key in computed if not node.is_leaf or structure.is_open(code) else ():
            if key not in structure.places or structure.cell(code, key).data_type == "f":
                continue
            value = structure.cell(code, key).value
            structure.bad(
                Message("the formula was deleted or replaced by a value; use the form as it was sent"),
                row,
                key,
                code,
                "" if value is None else value,
            )


def _hidden(structure: Structure) -> None:
    """Hidden rows and columns are read, and named."""
    for code, row in structure.rows.items():
        if structure.sheet.row_dimensions[row].hidden:
            structure.warn(Message("a hidden row; it is read"), row, "code", code, code)
    for letter, dimension in structure.sheet.column_dimensions.items():
        if dimension.hidden:
            structure.warn(
                Message("a hidden column; it is read"),
                HEAD_ROW,
                letter,
                value=plain_value(structure.sheet[f"{letter}{HEAD_ROW}"].value) or "",
            )
