"""A returned form as rows of the ledger: everything wrong with it is named at once, and nothing of it is taken then.

What officials really do is read: numbers typed as text ("95,5", "95%"), labels with stray blanks, another Unicode form
or case, hidden rows. What could mean two things, or shows that the form is not the one that was sent out, is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from parlib.errors import DataError, Problem
from parlib.scoring import units as framework_units
from parlib.sources.workbooks.attached import attached
from parlib.sources.workbooks.cells import plain_value
from parlib.sources.workbooks.form_cells import INPUTS
from parlib.sources.workbooks.form_content import Standing, scheme_hash
from parlib.sources.workbooks.form_layout import (
    COVER,
    COVER_ENTRIES,
    FORM_KINDS,
    GUIDE,
    IDENTITY,
    IDENTITY_KEYS,
    LISTS,
    MAIN,
    TITLES,
    VERSION,
    FormKind,
    check_kind,
)
from parlib.sources.workbooks.form_structure import check_structure
from parlib.sources.workbooks.form_values import FormValues
from parlib.sources.workbooks.opening import open_workbook, sheet_named, shown_values
from parlib.words import Bilingual, Message

if TYPE_CHECKING:
    from parlib.sources.rounds import Round

ROW_COLUMNS = (
    "unit",
    "code",
    "stage",
    "answer",
    "points",
    "not_applicable",
    "evidence",
    "remark",
    "by",
    "at",
    "source_row",
    "sheet",
)


_OWN = (COVER, GUIDE, MAIN, LISTS, IDENTITY)  # the sheets of a form


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
    kind: FormKind
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


def examine_form(path: Path, round_: Round, by: str = "", standing: Standing | None = None) -> ReturnedForm:
    """Read a returned form of a round. ``by`` is who answers for a decision of the council.

    Raises ``DataError`` with every problem, each with file, sheet, row, column and value. ``standing`` saves looking up
    the ledger again where many forms of one round are read.
    """
    path = Path(path)
    book = open_workbook(path)
    identity = _identity(book, path.name)
    problems = list(_wrong_identity(identity, round_, path.name))
    main = sheet_named(book, MAIN)
    if problems or main is None:
        raise DataError(problems or _no_sheet(book, path.name, MAIN))
    kind, unit = check_kind(identity["kind"]), identity["unit"]
    structure = check_structure(main, path.name, kind, round_, unit, _title_lines(round_, unit))
    linked = [(main.title, structure.places[key]) for key in INPUTS if key in structure.places]
    shown = shown_values(path, main.title, structure.places["points"], structure.last)
    reader = FormValues(structure, round_, unit, standing or Standing(round_), shown)
    rows = reader.read(by)
    problems = [*structure.problems, *reader.problems]
    if problems:
        raise DataError(sorted(dict.fromkeys(problems), key=lambda problem: problem.row or 0))
    if identity["ledger_rows"] != str(len(round_.ledger)):
        reader.note_newer(int(identity["ledger_rows"] or 0))
    return ReturnedForm(
        path,
        round_.plan.id,
        unit,
        kind,
        pd.DataFrame(rows, columns=list(ROW_COLUMNS)),
        tuple(reader.missing),
        (*structure.warnings, *reader.warnings, *attached(path, book, _OWN, linked)),
        structure.headings,
        _contact(book),
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )


# --- which form it is -------------------------------------------------------------------------


def _identity(book: Any, file: str) -> dict[str, str]:
    """The hidden sheet that says which form this is."""
    sheet = sheet_named(book, IDENTITY)
    if sheet is None:
        raise DataError(
            Problem(
                "not a form that was issued (its identity sheet is missing); fill in the file that was sent",
                file=file,
                sheet=IDENTITY,
                value=", ".join(book.sheetnames),
            )
        )
    content = {
        str(key.value): str(plain_value(value.value) or "") for key, value in sheet.iter_rows(max_row=60, max_col=2)
    }
    return {key: content.get(key, "") for key in IDENTITY_KEYS}


def _wrong_identity(identity: dict[str, str], round_: Round, file: str) -> list[Problem]:
    """Where the form is not one of this round."""
    plan, scheme = round_.plan, round_.scheme
    found: list[Problem] = []

    def bad(key: str, message: Message | Bilingual) -> None:
        row = IDENTITY_KEYS.index(key) + 1
        found.append(Problem(message, file=file, sheet=IDENTITY, row=row, column=f"B – {key}", value=identity[key]))

    if identity["version"] != VERSION:
        bad("version", Message("another version; this is {version}", {"version": VERSION}))
    if identity["kind"] not in FORM_KINDS:
        kinds = ", ".join(FORM_KINDS)
        bad("kind", Message("the kind of form is not known; the kinds are {kinds}", {"kinds": kinds}))
    if identity["round"] != plan.id:
        bad("round", Message("a form of another round; this is {plan_id}", {"plan_id": plan.id}))
    elif identity["scheme"] != scheme.id:
        bad("scheme", Message("another scheme; this is {scheme_id}", {"scheme_id": scheme.id}))
    elif identity["scheme_sha256"] != scheme_hash(scheme):
        bad(
            "scheme_sha256",
            Message(
                "the scheme {scheme_id} has changed since the form was issued; issue it again", {"scheme_id": scheme.id}
            ),
        )
    if identity["unit"] not in round_.book.units:
        bad("unit", Message("the unit is not in the round {plan_id}", {"plan_id": plan.id}))
    if not identity["ledger_rows"].isdecimal():
        bad("ledger_rows", Message("the identity of the form was changed"))
    return found


def _title_lines(round_: Round, unit: str) -> dict[str, tuple[str, ...]]:
    """What the first two lines of each kind of form say."""
    plan = round_.plan
    name = framework_units.get(unit, plan.level, plan.system).full_name_vi
    return {
        kind: (f"{words} năm {plan.year}", f"{name} — Bộ tiêu chí theo {round_.scheme.decision}")
        for kind, words in TITLES.items()
    }


def _no_sheet(book: Any, file: str, name: str) -> Problem:
    there = ", ".join(book.sheetnames)
    return Problem("no sheet “{sheet}”; there are: {value}", file=file, sheet=name, value=there)


def _contact(book: Any) -> dict[str, str]:
    """Who filled the form in."""
    sheet = sheet_named(book, COVER)
    labels = {label: key for key, label in COVER_ENTRIES}
    contact: dict[str, str] = {}
    for cells in sheet.iter_rows(max_row=60, max_col=3) if sheet is not None else ():
        key = labels.get(str(cells[0].value))
        value = plain_value(cells[2].value)
        if key and value is not None and cells[2].data_type != "f":
            contact[key] = str(value)
    return contact
