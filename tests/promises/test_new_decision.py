"""A new decision (set of criteria) is one file: written as YAML, or taken from Excel."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from parlib.scoring.scheme import load_scheme
from tests.promises.conftest import TypeIn

SCHEMES = Path(__file__).parents[1] / "situations" / "schemes"
ID, YEAR = "123-ministry", 2026
ROUND = f"{YEAR}-ministry"
OF_YEAR = ("--year", YEAR, "--level", "ministry")


@pytest.fixture
def decision(tmp_path: Path) -> Path:
    """The file of a decision of a year of which nothing else is known."""
    text = (SCHEMES / "nine-kinds.yaml").read_text(encoding="utf-8")
    text = text.replace("nine-kinds", ID).replace("01/QĐ-UBND", "123/QĐ-BNV").replace("[2023]", f"[{YEAR}]")
    text = text.replace("level: province", "level: ministry")
    text = text.replace("{kind: given}", "{kind: deduction, input: số lỗi, per: 1}")  # nobody answers the former
    path = tmp_path / f"{ID}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def taken_in(decision: Path, own_data: Path, type_in: TypeIn) -> None:
    """The change itself: the file lies with the others, and is on the list of what there is."""
    (own_data / "schemes" / decision.name).write_bytes(decision.read_bytes())
    code, _, err = type_in("data", "check")
    assert code == 1 and decision.name in err
    code, out, err = type_in("scheme", "check", ID)  # the tree is looked at, and that it is not listed yet is said
    assert code == 1 and "đúng (10 tiêu chí chấm điểm)" in out and "chưa có trong danh mục" in err
    assert type_in("data", "accept")[0] == 0


def test_a_decision_is_checked_and_goes_through_excel(
    decision: Path, own_data: Path, type_in: TypeIn, tmp_path: Path
) -> None:
    assert type_in("scheme", "check", decision)[1] == f"{ID}: đúng (10 tiêu chí chấm điểm)\n"
    book = tmp_path / "123.xlsx"
    assert type_in("scheme", "export", decision, "--out", book)[0] == 0
    assert type_in("scheme", "check", book)[0] == 0
    assert type_in("scheme", "import", book)[0] == 0
    assert load_scheme(ID).document() == load_scheme(decision).document()
    assert f"{ID}: 123/QĐ-BNV, bộ (ministry), {YEAR}, 10 tiêu chí" in type_in("scheme", "list")[1]
    assert type_in("data", "check")[0] == 0  # what parlib wrote itself is on the list

    decision.write_text(decision.read_text(encoding="utf-8").replace("max: 60}", "max: 59}"), encoding="utf-8")
    code, _, err = type_in("scheme", "check", decision)
    assert code != 0 and "appraisal" in err


@pytest.mark.usefixtures("taken_in")
def test_a_round_of_a_new_decision_is_made_answered_and_scored(type_in: TypeIn, tmp_path: Path) -> None:
    code, _, err = type_in("round", "new", *OF_YEAR)
    assert code != 0 and "--units" in err  # no list of the units of that year is known
    assert type_in("round", "new", *OF_YEAR, "--units", "Bộ Y tế, Bộ Nội vụ", "--id", "that")[0] == 0
    assert type_in("form", "--round", "that", "--unit", "Bộ Y tế", "--out", tmp_path)[0] == 0
    answers = tmp_path / "answers.csv"
    answers.write_text("Đơn vị;Mã;Kết quả\nBộ Y tế;1.2;85\nBộ Y tế;1.4;2\n", encoding="utf-8-sig")
    assert type_in("round", "import", "that", answers, "--stage", "self")[0] == 0
    assert "85% = 8,5 điểm" in type_in("round", "trace", "that", "Bộ Y tế", "1.2")[1]  # 10 x 85 / 100
    assert type_in("score", "that", "--out", tmp_path / "scores")[0] == 0


@pytest.mark.heavy
@pytest.mark.usefixtures("taken_in")
def test_a_new_decision_is_simulated_and_reported(type_in: TypeIn, tmp_path: Path) -> None:
    assert "MÔ PHỎNG" in type_in("simulate", *OF_YEAR)[1]
    table = rows_of(type_in("table", *OF_YEAR, "--round", ROUND)[1])
    points = {(row["unit"], row["node"]): float(row["points"] or "nan") for row in table}
    units = {unit for unit, node in points if not node}
    assert units
    for unit in units:
        assert points[unit, ""] == pytest.approx(points[unit, "1"] + points[unit, "2"], nan_ok=True)
    code, _, err = type_in("report", *OF_YEAR, "--round", ROUND, "--output-dir", tmp_path / "out")
    assert code == 0, err
    (page,) = (tmp_path / "out").rglob("*.vi.html")
    assert "123/QĐ-BNV" in page.read_text(encoding="utf-8")
