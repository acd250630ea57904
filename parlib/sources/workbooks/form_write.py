"""Forms as workbooks: protected, with drop-downs, limits and live points; one for each unit of a round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parlib import places
from parlib.errors import ParameterError, Problem
from parlib.scoring import units as framework_units
from parlib.sources.excel import Looks, new_workbook, put_text
from parlib.sources.workbooks import form_cover, form_formulas
from parlib.sources.workbooks.form_content import Standing, scheme_hash
from parlib.sources.workbooks.form_formulas import ListRange
from parlib.sources.workbooks.form_layout import (
    COLUMNS,
    COVER,
    DECISIONS,
    FORM_KINDS,
    IDENTITY,
    LISTS,
    NOT_APPLICABLE,
    VERSION,
    check_kind,
)
from parlib.sources.workbooks.form_rows import Sheet, write_main
from parlib.words import near

if TYPE_CHECKING:
    from xlsxwriter import Workbook

    from parlib.sources.rounds import Round

__all__ = ["FORM_KINDS", "form_name", "write_form", "write_forms"]


def form_name(round_id: str, unit: str, stage: str) -> str:
    """The file name of a form."""
    return f"{round_id}.{unit}.{stage}.xlsx"


def write_form(round_: Round, unit: str, path: Path, stage: str = "self") -> Path:
    """Write the form of a unit: stage "self", "appraisal", "appeal" or "conclusion".

    What the ledger holds already is filled in. ``unit`` is a key or a name; ``path`` a file, or a folder.
    """
    kind = check_kind(stage)
    key = _unit_key(round_, unit)
    target = path / form_name(round_.plan.id, key, kind) if path.is_dir() or path.suffix == "" else path
    _Writer(round_).write(key, target, kind)
    return target


def write_forms(
    round_: Round,
    folder: Path,
    stage: str = "self",
    units: Sequence[str] | None = None,
    on_each: Callable[[Path], None] | None = None,
) -> list[Path]:
    """Write the forms of all units of a round (or of those named) into ``folder``, in official order."""
    kind = check_kind(stage)
    keys = list(round_.book.units) if units is None else [_unit_key(round_, unit) for unit in units]
    writer = _Writer(round_)
    written = []
    for key in keys:
        path = folder / form_name(round_.plan.id, key, kind)
        writer.write(key, path, kind)
        written.append(path)
        if on_each is not None:
            on_each(path)
    return written


def _unit_key(round_: Round, unit: str) -> str:
    if unit in round_.book.units:
        return unit
    plan = round_.plan
    found = framework_units.find(unit, plan.level, plan.system, plan.year if plan.level == "ministry" else None)
    if found.key not in round_.book.units:
        known = list(round_.book.units)
        raise ParameterError(
            Problem("the unit is not in the round {plan_id}{near}", value=unit, near=near(unit, known), plan_id=plan.id)
        )
    return found.key


class _Writer:
    """Writes the forms of one round: what they share is looked up once."""

    def __init__(self, round_: Round) -> None:
        self.round = round_
        self.standing = Standing(round_)
        self.scheme_hash = scheme_hash(round_.scheme)

    def write(self, unit: str, path: Path, kind: str) -> None:
        form = check_kind(kind)
        plan = self.round.plan
        name = framework_units.get(unit, plan.level, plan.system).full_name_vi
        title = form_cover.title(self.round, form)
        with places.whole_file(path) as draft:
            book = new_workbook(draft, title, name)
            looks = Looks(book)
            form_cover.write_cover(book, looks, self.round, unit, form)
            form_cover.write_guide(book, looks, self.round, form)
            tables = {leaf.code: rows for leaf in self.round.scheme.leaves if (rows := form_formulas.list_rows(leaf))}
            ranges = dict(_ranges(tables))
            sheet = Sheet(book, looks, self.round, unit, form, COLUMNS[form], ranges)
            write_main(sheet, self.standing, title)
            _write_lists(book, looks, tables, form)
            self._write_identity(book, looks, unit, form)
            book.get_worksheet_by_name(COVER).activate()
            book.close()

    def _write_identity(self, book: Workbook, looks: Looks, unit: str, kind: str) -> None:
        """Which form this is, so that it cannot be read into another round, scheme, unit or stage."""
        plan = self.round.plan
        content = {
            "version": VERSION,
            "kind": kind,
            "round": plan.id,
            "year": str(plan.year),
            "level": plan.level,
            "scheme": self.round.scheme.id,
            "scheme_sha256": self.scheme_hash,
            "unit": unit,
            "ledger_rows": str(len(self.round.ledger)),
        }
        sheet = book.add_worksheet(IDENTITY)
        for row, (key, value) in enumerate(content.items()):
            put_text(sheet, row, 0, key, looks["code"])
            put_text(sheet, row, 1, value, looks["code"])
        sheet.protect()
        sheet.very_hidden()


# --- the hidden lists -------------------------------------------------------------------------

_FIXED = 12  # rows at the top of the hidden sheet: the lists that all leaves share


def _ranges(tables: dict[str, list[tuple[str | float, float]]]) -> Iterator[tuple[str, ListRange]]:
    row = _FIXED + 1
    for code, rows in tables.items():
        yield code, ListRange(row, row + len(rows) - 1)
        row += len(rows)


def _write_lists(book: Workbook, looks: Looks, tables: dict[str, list[tuple[str | float, float]]], kind: str) -> None:
    """The tables that drop-downs and formulas look into."""
    sheet = book.add_worksheet(LISTS)
    sheet.set_column(0, 0, 80)
    put_text(sheet, 0, 0, NOT_APPLICABLE, looks["text"])
    for row, word in enumerate(DECISIONS[kind], 1):
        put_text(sheet, row, 0, word, looks["text"])
    row = _FIXED
    for code, rows in tables.items():
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
