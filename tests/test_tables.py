"""The one reader of tables: every damage is an error with its file, row, column and value; all of them at once."""

from __future__ import annotations

import math
from datetime import date

import pytest

from parlib.errors import DataError, Problem
from parlib.tables import LISTED, Column, Layout, limited, read_delimited, read_table

LAYOUT = Layout(
    columns=(
        Column("year", "year", low=2000, high=2100, required=True),
        Column("unit", required=True, heads=("Đơn vị",)),
        Column("index", "number", low=0, high=100),
        Column("rank", "whole", low=1),
        Column("day", "date"),
        Column("basis", words=("published", "derived"), optional=True),
        Column("source_ids", many=";", pattern="S[0-9]+", optional=True),
    ),
    key=("year", "unit"),
)
HEAD = "year,unit,index,rank,day,basis,source_ids\n"
GOOD = HEAD + "2023,Hà Nội,91.43,3,2024-04-17,published,S1;S2\n2023,Hà Giang,,,,,\n"


def file_of(tmp_path, content):
    path = tmp_path / "bảng.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems_of(tmp_path, content, layout=LAYOUT):
    with pytest.raises(DataError) as refused:
        read_table(file_of(tmp_path, content), layout).checked()
    return list(refused.value.problems)


def test_values_have_the_types_of_their_columns(tmp_path):
    table = read_table(file_of(tmp_path, GOOD), LAYOUT).checked()
    first, second = table.rows()
    assert first == {
        "year": 2023,
        "unit": "Hà Nội",
        "index": 91.43,
        "rank": 3,
        "day": date(2024, 4, 17),
        "basis": "published",
        "source_ids": "S1;S2",
    }
    assert math.isnan(second["index"])
    assert second["rank"] is None
    assert table.numbers == [2, 3]
    assert dict(table.frame().dtypes.astype(str)) == {
        "year": "int64",
        "unit": "str",
        "index": "float64",
        "rank": "float64",
        "day": "datetime64[s]",
        "basis": "str",
        "source_ids": "str",
    }


@pytest.mark.parametrize(
    "written",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        "sep=;\n" + GOOD.replace(";", "|").replace(",", ";").replace("|", ","),
        "BẢNG CHỈ SỐ NĂM 2023,,,,,,\n,,,,,,\n" + GOOD,
        GOOD.replace("unit,", '"Đơn\nvị",'),
        GOOD.replace("unit,", "ĐƠN VỊ,"),
        HEAD.replace("unit", "unit,") + GOOD.removeprefix(HEAD).replace("Hà Nội", "Hà Nội,").replace("Giang", "Giang,"),
        "rank,unit,index,year,day\n3,Hà Nội,91.43,2023,2024-04-17\n,Hà Giang,,2023,\n",
    ],
    ids=["BOM", "CRLF", "sep=;", "title", "break in a head", "capitals", "blank column", "other order"],
)
def test_one_table_in_the_forms_that_officials_save(tmp_path, written):
    if "sep=" in written:  # a list inside a cell has the sign of the file: it is not looked at here
        written = written.replace("S1,S2", "S1").replace("S1;S2", "S1")
    table = read_table(file_of(tmp_path, written), LAYOUT).checked()
    assert next((row["unit"], row["index"], row["rank"]) for row in table.rows()) == ("Hà Nội", 91.43, 3)
    assert len(table) == 2


@pytest.mark.parametrize(
    ("content", "row", "value"),
    [
        (b"", None, "tệp rỗng"),
        (b"\n \n", None, "tệp rỗng"),
        (GOOD.encode("utf-16"), None, "UTF-16"),
        (GOOD.encode("utf-16-le"), None, "UTF-16"),
        (b"PK\x03\x04....", None, "Excel"),
        (b"%PDF-1.7", None, "PDF"),
        (GOOD.encode() + bytes(4096), 4, "NUL"),
        (GOOD.replace("Hà", "H?").encode("utf-8").replace(b"?", b"\xe0"), 2, "UTF-8"),
        (GOOD[: len(HEAD) + 20].encode(), 2, "dòng bị cắt"),
        ((HEAD + '2023,"Hà Nội,1,1,,,').encode(), 2, "nháy kép"),
        (HEAD.replace("index", "").encode() + b"2023,a,91.43,1,,,\n", 2, "không có tiêu đề"),
        (b"year,unit,rank,day,chi so\n2023,a,1,,91\n", 1, "không nhận ra cột này"),
        (b"year,unit,index,rank\n2023,a,91,1\n", 1, "thiếu cột này"),
        (b"year,unit,unit,index,rank,day\n2023,a,a,91,1,\n", 1, "hai cột cùng là 'unit'"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_its_place(tmp_path, content, row, value):
    problems = problems_of(tmp_path, content)
    results = [problem for problem in problems if value in problem.vi]
    assert results, [problem.vi for problem in problems]
    assert results[0].file == "bảng.csv"
    assert results[0].row == row


@pytest.mark.parametrize(
    ("column", "cell", "stated"),
    [
        ("index", '"91,43"', "không phải là số"),
        ("index", "chín", "không phải là số"),
        ("index", "٩١", "không phải là số"),  # Arabic digits: Python's float reads them
        ("index", "1_0", "không phải là số"),
        ("index", "nan", "không phải là số"),
        ("index", "1e1", "không phải là số"),
        ("index", "914.3", "phải từ 0 đến 100"),
        ("index", "-1", "phải từ 0 đến 100"),
        ("rank", "1.5", "phải là số nguyên"),
        ("rank", "0", "phải từ 1 trở lên"),
        ("year", "20233", "phải từ 2000 đến 2100"),
        ("year", "", "không được để trống"),
        ("day", "17/04/2024", "không phải là ngày"),
        ("day", "2024-02-30", "không phải là ngày"),
        ("basis", "publised", "gần giống: published"),
        ("source_ids", "S1;X", "không đúng dạng"),
        ("unit", "=1+1", "công thức"),
    ],
)
def test_a_cell_that_its_column_may_not_hold(tmp_path, column, cell, stated):
    cells = dict.fromkeys(HEAD.strip().split(","), "") | {"year": "2022", "unit": "a"} | {column: cell}
    (problem,) = problems_of(tmp_path, GOOD + ",".join(cells.values()) + "\n")
    assert stated in problem.vi
    assert problem.row == 4
    assert problem.value == cell.strip('"') or problem.value == cell


def test_a_row_given_twice_names_the_other(tmp_path):
    (problem,) = problems_of(tmp_path, GOOD + "2023,Hà Nội,90,4,,,\n")
    assert (problem.row, problem.value, problem.vi) == (4, "2023, Hà Nội", "ghi hai lần, đã có ở dòng 2")


def test_all_that_is_wrong_is_told_at_once_and_many_alike_are_counted(tmp_path):
    rows = "".join(f'2023,u{n},"{n},5",x,,,\n' for n in range(50))
    problems = problems_of(tmp_path, HEAD + rows)
    assert len(problems) == 2 * LISTED
    assert sum("(và 30 dòng nữa như vậy)" in problem.vi for problem in problems) == 2


def test_few_problems_stay_as_they_are():
    one = Problem("wrong", column="a")
    assert limited([one]) == [one]


def test_unknown_columns_may_be_kept_and_are_named(tmp_path):
    layout = Layout(LAYOUT.columns, unknown="keep")
    table = read_table(file_of(tmp_path, "year,unit,index,rank,day,Ghi chú\n2023,a,1,1,,x\n"), layout)
    assert table.unknown == {"Ghi chú": ["x"]}


def test_the_grammar_of_numbers_is_the_callers(tmp_path):
    path = file_of(tmp_path, 'year;unit;index;rank;day\n2023;a;"91,43";1;\n')
    table = read_table(path, LAYOUT, numbers=lambda text: float(text.replace(",", ".")))
    assert table.values["index"] == [91.43]


def test_signs_that_look_like_formulas_inside_words_are_no_formulas(tmp_path):
    path = file_of(tmp_path, "a,b\n- Quyết định 12,+2.19\n")
    assert read_delimited(path).problems == []
