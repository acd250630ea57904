"""The command line as its users meet it: what it prints, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest

from parlib import cli
from parlib.publish import batch as batch_room


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["parlib", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    return call


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_of_ministries_2023_is_the_published_one(run: Run) -> None:
    stated = run("table", "--year", "2023", "--level", "ministry", "--to", "csv")
    assert (stated.code, stated.err) == (0, "")
    whole = [row for row in _rows(stated.out) if row["node"] == ""]
    assert len(whole) == 19
    # data/published/par_index.csv: Bộ Tư pháp 89.95 first, Bộ Công Thương 78.03 last of 17
    first, last = whole[0], whole[16]
    assert (first["unit"], first["index"], first["rank"], first["band"]) == ("bo-tu-phap", "89.95", "1", "B")
    assert (last["unit"], last["index"], last["rank"], last["band"]) == ("bo-cong-thuong", "78.03", "17", "C")
    assert [row["rank"] for row in whole[:17]] == [str(n) for n in range(1, 18)]
    # assessed, not ranked
    assert {row["unit"] for row in whole[17:]} == {"thanh-tra-chinh-phu", "uy-ban-dan-toc"}
    assert {(row["index"], row["rank"], row["ranked"]) for row in whole[17:]} == {("", "", "False")}
    # the two parts of Bộ Tư pháp: 61.86 of 68.5 and 28.10 of 31.5
    parts = {row["node"]: row["points"] for row in _rows(stated.out) if row["unit"] == "bo-tu-phap" and row["node"]}
    assert {key: parts[key] for key in ("component:appraisal", "component:survey")} == {
        "component:appraisal": "61.86",
        "component:survey": "28.1",
    }


def test_ranks_are_never_counted_among_known_units_only(run: Run) -> None:
    # Ninh Bình 2020: one of the provinces with an index that year; printed ranks are out of 63
    whole = [row for row in _rows(run("table", "--year", "2020").out) if row["node"] == ""]
    assert len(whole) == 63
    ranks = [int(row["rank"]) for row in whole if row["rank"]]
    assert len(ranks) == 20  # as many rows of 2020 in par_index.csv have a rank
    assert ranks == sorted(ranks)
    assert max(ranks) > 17


def test_the_statistics_are_words_and_values(run: Run) -> None:
    stated = run("stats", "--year", "2023", "--level", "ministry", "--to", "csv")
    assert stated.out.splitlines()[0] == "statistic,value,what"
    assert "mean,84.38,Trung bình" in stated.out
    values = {row["statistic"]: row["value"] for row in _rows(stated.out)}
    # from the 17 published values: 84.38 mean, 89.95 - 78.03 = 11.92, three below 80
    assert {
        key: values[key] for key in ("mean", "max", "min", "range", "n_units", "n_ge_80", "n_lt_80", "n_80_90")
    } == {
        "mean": "84.38",
        "max": "89.95",
        "min": "78.03",
        "range": "11.92",
        "n_units": "17",
        "n_ge_80": "14",
        "n_lt_80": "3",
        "n_80_90": "14",
    }
    assert values["first_minus_second"] == "0.06"  # 89.95 - 89.89
    assert (values["n_rose"], values["n_fell"]) == ("10", "7")  # printed, though three ministries of 2022 are known


def test_a_year_without_results_has_a_table_of_nothing_but_heads(run: Run) -> None:
    assert run("table", "--year", "2024", "--level", "ministry").out.splitlines()[1:] == []
    stated = run("stats", "--year", "2024", "--level", "ministry")
    values = {row["statistic"]: row["value"] for row in _rows(stated.out)}
    assert {values[word] for word in ("mean", "max", "n_units", "n_ge_80", "n_rose")} == {""}


def test_tables_are_written_for_excel(run: Run, tmp_path: Path) -> None:
    assert run("table", "--year", "2023", "--level", "ministry", "--out", "bang.csv").code == 0
    assert (tmp_path / "bang.csv").read_bytes().startswith(b"\xef\xbb\xbfyear;level;unit")
    table = pd.read_csv(tmp_path / "bang.csv", sep=";", decimal=",")  # as Excel under Vietnamese settings reads it
    assert table.loc[table["node"].isna(), "index"].max() == 89.95
    assert run("table", "--year", "2023", "--level", "ministry", "--language", "en", "--out", "table.csv").code == 0
    assert b",89.95," in (tmp_path / "table.csv").read_bytes()
    stated = run("table", "--year", "2023", "--level", "ministry", "--to", "xlsx", "--out", "bang.csv")
    assert stated.code == 2 and "--to xlsx" in stated.err

    stated = run("table", "--year", "2023", "--level", "ministry", "--out", "bang.xlsx")
    assert (stated.code, stated.out) == (0, "")
    sheet = openpyxl.load_workbook(tmp_path / "bang.xlsx").active
    assert sheet is not None
    head, first = [list(row) for row in sheet.iter_rows(max_row=2, values_only=True)]
    row = dict(zip(head, first, strict=True))
    read = [row[head] for head in ("Tên", "Tỷ lệ so với điểm tối đa (%)", "Hạng", "Xếp hạng (x)", "Căn cứ")]
    assert read == ["Bộ Tư pháp", 89.95, 1, "x", "Đã công bố"]
    assert sheet.freeze_panes == "A2"
    cells = {cell for cells in sheet.iter_rows(values_only=True) for cell in cells}
    assert "bo-tu-phap" not in cells and "component:survey" not in cells
    for command in (
        ("table", "--year", "2023", "--system", "34", "--merge", "mean"),
        ("table", "--year", "2024", "--index", "papi"),
        ("stats", "--year", "2023", "--level", "ministry"),
    ):
        assert run(*command, "--out", "bang.xlsx").code == 0
        sheet = openpyxl.load_workbook(tmp_path / "bang.xlsx").active
        heads = [cell.value for cell in sheet[1]]
        assert not [head for head in heads if re.fullmatch("[a-z_]+", head)]  # no column by its key
        cells = {cell for cells in sheet.iter_rows(values_only=True) for cell in cells}
        assert not cells & {"ha-giang", "ha-giang;tuyen-quang", "province", "mean"}
        assert 84.38 in cells or "Hà Giang, Tuyên Quang" in cells or "Quảng Ninh" in cells


def test_names_come_in_english_too(run: Run) -> None:
    names = {row["name"] for row in _rows(run("table", "--year", "2023", "--language", "en").out)}
    assert "Ha Noi" in names


def test_the_list_tells_how_much_is_known(run: Run) -> None:
    stated = run("list", "--index", "par")
    assert "par · bộ (ministry)" in stated.out
    assert "  2023  17/17\n" in stated.out
    assert "  2023  20/63\n" in stated.out
    assert "  2024  0/?\n" in stated.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "--year", "1999"], ["1999", "2012-2024", "2012"]),
        (["report", "--year", "2023", "--level", "minstry"], ["minstry", "gần giống: ministry"]),
        (["report", "--year", "2023", "--unit", "Hà Nọii"], ["Hà Nọii", "gần giống: Hà Nội, Hà Nam"]),
        (["report", "--year", "2023", "--index", "papy"], ["gần giống: papi"]),
        (["report", "--year", "2023", "--round", "2023-x"], ["2023-x"]),
        (["report", "--year", "2023", "--to", "htlm"], ["gần giống: html"]),
        (["report", "--year", "2023", "--notebook", "nope"], ["'nope'"]),
        (["report", "--year", "1999", "--language", "en"], ["no results of PAR INDEX", "nearest: 2012"]),
        (["report", "--yaer", "2023"], ["--yaer", "--year"]),
        (["report", "--year", "abc"], ["--year"]),
        (["report"], ["--year"]),
        (["batch"], ["--years"]),
        (["batch", "2023/minstry"], ["gần giống: ministry"]),
        (["batch", "--years", "2023-2020"], ["2023-2020"]),
        (["batch", "--years", "2023", "--levels", "provine"], ["gần giống: province"]),
        (["table", "--year", "2023", "--to", "xslx"], ["gần giống: xlsx"]),
        (["table", "--year", "2023", "--to", "xlsx"], ["--out"]),
        (["table", "--year", "1999", "--out", "a.csv"], ["1999"]),
        (["stats", "--year", "2023", "--level", "x"], ["province", "ministry"]),
        (["list", "--index", "papy"], ["gần giống: papi"]),
        (["tabel"], ["tabel"]),
    ],
)
def test_what_is_wrong_is_one_line_exit_code_2_and_nothing_written(
    run: Run, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    report = ["--output-dir", "out"] if arguments[0] in ("report", "batch") and len(arguments) > 1 else []
    stated = run(*arguments, *report)
    assert stated.code == 2
    assert stated.out == ""
    assert len(stated.err.strip().splitlines()) == 1
    assert all(word in stated.err for word in words), stated.err
    assert list(tmp_path.iterdir()) == []


def test_the_terminal_chooses_english(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "parlib.cli", "table", "--year", "1999"]
    stated = subprocess.run(command, env={"PARLIB_LANGUAGE": "en"}, cwd=tmp_path, capture_output=True, text=True)
    assert stated.returncode == 2
    assert "no results of PAR INDEX for this year" in stated.stderr


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys, parlib.cli; print(sorted({'pandas', 'numpy', 'papermill', 'rich', 'pydantic'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_years_that_were_not_surveyed_keep_no_other_year_back(run: Run, tmp_path: Path) -> None:
    there, none = batch_room.years_there([2015, 2016, 2017], ["province"], "sipas")
    assert (there, none) == ([2015, 2017], [2016])
    stated = run("batch", "--years", "2016", "--index", "sipas", "--output-dir", str(tmp_path))
    assert stated.code == 2 and "2015" in stated.err


def test_a_unit_that_a_year_does_not_list_is_refused_before_anything_starts(run: Run, tmp_path: Path) -> None:
    # SIPAS 2015 was a pilot of ten provinces
    command = (
        "report",
        "--year",
        "2015",
        "--index",
        "sipas",
        "--notebook",
        "unit_profile",
        "--output-dir",
        str(tmp_path),
    )
    stated = run(*command, "--unit", "bac-ninh")
    assert stated.code == 2 and "kết quả năm 2015 không có đơn vị này" in stated.err
    assert list(tmp_path.iterdir()) == []
