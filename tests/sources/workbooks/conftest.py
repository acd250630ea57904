"""A round of its own for each test that asks, and forms filled in as officials do."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from parlib.scoring.rules import Choice, Target
from parlib.scoring.scheme import Node
from parlib.sources import rounds, workbooks
from parlib.sources.workbooks.form_layout import FORMS, SHEETS, asked, form_lines

_, _, MAIN, _, _ = (name.text() for name in SHEETS)

ROUND = "2023-province"
EXEMPT = "3.1.2"  # does not apply to Hà Nội by decision of the plan


def new_round() -> rounds.Round:
    """A round of 2023 on an empty ledger, in the folder of rounds of the moment."""
    step = rounds.Step(key="self", start=date(2023, 12, 1), end=date(2024, 1, 15), responsible="UBND các tỉnh")
    last = rounds.Step(key="results", responsible="Vụ CCHC")
    exempt = rounds.Exemption(unit="ha-noi", code=EXEMPT, reason="không thuộc diện rà soát")
    rounds.create_round(
        rounds.RoundPlan(
            id=ROUND, year=2023, level="province", scheme="876-province", steps=(step, last), not_applicable=(exempt,)
        )
    )
    return rounds.open_round(ROUND)


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> rounds.Round:
    """A round of 2023 on an empty ledger, for tests that only read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARLIB_ROUNDS", str(tmp_path_factory.mktemp("rounds")))
        return new_round()


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> rounds.Round:
    """A round of the test's own, to append to."""
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))
    return new_round()


class Form:
    """A form in openpyxl's hands: cells by code and column."""

    def __init__(self, path: Path, kind: str, round_: rounds.Round) -> None:
        self.path, self.kind = path, kind
        self.book = openpyxl.load_workbook(path)
        self.sheet = self.book[MAIN]
        self.rows = {line.node.code: line.row for line in form_lines(round_.scheme) if line.node is not None}
        self.places = FORMS[kind].places
        self.leaves = [leaf for leaf in round_.scheme.leaves if asked(leaf)]

    def cell(self, code: str, key: str) -> Any:
        return self.sheet.cell(self.rows[code], self.places[key])

    def put(self, code: str, key: str, value: Any) -> None:
        """Type a value into a cell."""
        self.cell(code, key).value = value

    def save(self, path: Path | None = None) -> Path:
        target = path or self.path
        self.book.save(target)
        return target


def middling(node: Node) -> tuple[Any, Any]:
    """An answer and a target that any rule takes."""
    if isinstance(node.rule, Choice):
        return list(node.rule.label.values())[1], None
    if isinstance(node.rule, Target):
        return 95, 100
    assert node.rule is not None
    return (2, None) if node.rule.limits(node.maximum).whole else (85.5, None)


def fill(form: Form) -> Form:
    """Every answer of the unit, with evidence."""
    for leaf in form.leaves:
        if leaf.code != EXEMPT:
            answer, target = middling(leaf)
            form.put(leaf.code, "answer", answer)
            form.put(leaf.code, "evidence", "- QĐ số 12/QĐ-UBND ngày 05/01/2023")
            if target is not None:
                form.put(leaf.code, "target", target)
    return form


@pytest.fixture(scope="session")
def blank_path(opened: rounds.Round, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The self-assessment form of Hà Nội as it is sent out."""
    return workbooks.write_form(opened, "ha-noi", tmp_path_factory.mktemp("forms") / "phiếu.xlsx")


@pytest.fixture(scope="session")
def filled_path(opened: rounds.Round, blank_path: Path) -> Path:
    """The same, filled in by the unit."""
    return fill(Form(blank_path, "self", opened)).save(blank_path.with_name("đã điền.xlsx"))


@pytest.fixture
def filled(opened: rounds.Round, filled_path: Path, tmp_path: Path) -> Form:
    """A filled form to spoil; ``save()`` writes it into the test's folder."""
    form = Form(filled_path, "self", opened)
    form.path = tmp_path / "trả lại.xlsx"
    return form
