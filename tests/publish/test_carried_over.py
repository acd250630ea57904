"""The table on the units after the mergers: what the command prints, with its rule, parts and spread, and refuses."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from parlib import cli
from parlib.errors import ParameterError
from parlib.publish import sheets
from parlib.sources import published

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run ``parlib table`` in an empty folder: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["parlib", "table", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        sentence = capsys.readouterr()
        return int(ended.value.code or 0), sentence.out, sentence.err

    return call


def rows_of(text: str) -> dict[str, dict[str, str]]:
    return {row["unit"]: row for row in csv.DictReader(io.StringIO(text)) if row["node"] == ""}


def test_dti_2024_on_34_provinces(run: Run) -> None:
    code, out, err = run("--index", "dti", "--year", "2024", "--system", "34", "--merge", "mean", "--to", "csv")
    assert code == 0
    assert "trung bình cộng đơn giản" in err
    assert "không phải kết quả chính thức" in err
    rows = rows_of(out)
    assert len(rows) == 34
    assert [row["rank"] for row in rows.values()] == [str(n) for n in range(1, 35)]  # no two are equal
    # data/external/dti.csv: Hải Phòng 0.8253, Hải Dương 0.7461
    merged = rows["hai-phong-2025"]
    assert (merged["name"], merged["index"], merged["rank"]) == ("Hải Phòng", "78.57", "3")
    assert (merged["basis"], merged["merge"], merged["parts"]) == ("derived", "mean", "hai-duong;hai-phong")
    assert (merged["spread"], merged["note"]) == ("7.92", err.strip())
    # not merged: printed as published
    assert (rows["ha-noi"]["basis"], rows["ha-noi"]["merge"], rows["ha-noi"]["note"]) == ("published", "", "")


@pytest.mark.parametrize(("rule", "value"), [("best", "82.53"), ("worst", "74.61"), ("weighted", "78.708582334")])
def test_other_rules(run: Run, rule: str, value: str) -> None:
    # people of 2022, thousands: Hải Phòng 2088.0, Hải Dương 1946.8: (2088 x 82.53 + 1946.8 x 74.61) / 4034.8
    code, out, err = run("--index", "dti", "--year", "2024", "--system", "34", "--merge", rule, "--language", "en")
    assert code == 0
    assert rows_of(out)["hai-phong-2025"]["index"] == value
    assert ("(2022)" in err) == (rule == "weighted")
    assert "not an official result" in err


def test_unknown_parts_are_listed_and_leave_no_ranks(run: Run) -> None:
    _, out, _ = run("--index", "papi", "--year", "2024", "--system", "34", "--merge", "mean")
    rows = rows_of(out)
    assert len(rows) == 34
    assert {row["rank"] for row in rows.values()} == {""}
    assert (rows["dong-thap-2025"]["index"], rows["dong-thap-2025"]["unknown_parts"]) == ("", "tien-giang")


def test_ministries_merge_without_a_system(run: Run) -> None:
    _, out, err = run("--year", "2023", "--level", "ministry", "--merge", "mean")
    assert rows_of(out)["bo-noi-vu-2025"]["index"] == "86.425"
    assert "các bộ, cơ quan ngang bộ cũ" in err


def test_excel_carries_the_note(run: Run) -> None:
    path = Path("grdp.xlsx")
    code, out, _ = run("--index", "grdp", "--year", "2022", "--system", "34", "--merge", "weighted", "--out", str(path))
    assert (code, out) == (0, "")
    page = openpyxl.load_workbook(path).active
    assert page is not None
    head = [cell.value for cell in page[1]]
    assert "Ghi chú" in head
    notes = {page.cell(row, head.index("Ghi chú") + 1).value for row in range(2, page.max_row + 1)} - {None}
    assert len(notes) == 1
    assert "theo trọng số dân số năm 2022" in notes.pop()


def test_the_old_table_is_as_it_was(run: Run) -> None:
    plain = run("--index", "dti", "--year", "2024")
    assert plain == run("--index", "dti", "--year", "2024", "--system", "63")
    assert len(rows_of(plain[1])) == 63


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--index", "dti", "--year", "2024", "--system", "34"], "--merge mean|weighted|best|worst"),
        (["--index", "dti", "--year", "2024", "--merge", "mean"], "--merge cần --system 34"),
        (["--index", "dti", "--year", "2024", "--system", "63", "--merge", "mean"], "--merge cần --system 34"),
        (["--index", "dti", "--year", "2024", "--system", "34", "--merge", "mena"], "gần giống: mean"),
        (["--index", "dti", "--year", "2024", "--system", "65"], "có: 63, 34"),
        (["--year", "2023", "--level", "ministry", "--system", "34"], "cấp bộ không có --system"),
        (["--year", "2023", "--level", "ministry", "--merge", "weighted"], "không có dân số"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_line(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_results_of_2025_are_on_34_provinces_already() -> None:
    sheets.check_carried_over(2025, "province", "34", "")
    for system, rule in (("34", "mean"), ("63", "")):
        with pytest.raises(ParameterError):
            sheets.check_carried_over(2025, "province", system, rule)


def test_the_population_is_that_of_the_nearest_year() -> None:
    weights, year = published.population(2024)
    assert (year, len(weights.dropna())) == (2022, 63)
    assert published.population(2019)[1] == 2019
    assert published.population(2012)[1] == 2016
