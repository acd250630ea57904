"""Files of published numbers: a cell that cannot be is an error with its file, row, column and value, in any year."""

from __future__ import annotations

import pytest

from parlib import places
from parlib.data_tables import unasked
from parlib.errors import DataError
from parlib.layouts import LAYOUTS
from parlib.sources.published import par

NAMES = [
    name
    for name, layout in LAYOUTS.items()
    if name.startswith(("published/", "external/"))
    and {"year"} < {column.name for column in layout.columns}
    and any(column.kind == "number" for column in layout.columns)
]
NUMBER = {
    "par_index.csv": "index",
    "par_area_index.csv": "index",
    "par_components.csv": "total",
    "par_regions.csv": "mean",
    "par_changes.csv": "change",
    "papi_totals.csv": "total",
    "grdp.csv": "pop_thousand",
}


@pytest.fixture
def damaged(own_data):
    def make(name, damage):
        target = own_data / name
        target.write_bytes(damage(target.read_bytes()))
        return target

    return make


def problems_of(name):
    with unasked(), pytest.raises(DataError) as refused:
        par.years_of(name)
    assert all(problem.file == name for problem in refused.value.problems)
    return refused.value.problems


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_read_without_a_problem(name):
    assert par.years_of(name, "province" if "level" in (places.data() / name).read_text("utf-8")[:99] else "")


def test_a_head_that_was_renamed_is_named(damaged):
    damaged("published/sipas.csv", lambda content: content.replace(b"value", b"gia_tri", 1))
    assert [(problem.column, problem.row) for problem in problems_of("published/sipas.csv")] == [
        ("value", 1),
        ("gia_tri", 1),
    ]


@pytest.mark.few(15)
@pytest.mark.parametrize("cell", ["chín mươi", '"89,95"', "1e3", "899999999999"])
@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_cannot_be_names_its_row_column_and_value(damaged, name, cell):
    column = NUMBER.get(name.rpartition("/")[2], "value")

    def spoil(content):
        first, *lines = content.decode().splitlines()
        place = first.split(",").index(column)
        for number in range(len(lines) - 1, -1, -1):
            cells = lines[number].split(",")
            if '"' not in lines[number] and cells[place]:
                cells[place] = cell
                lines[number] = ",".join(cells)
                return "\n".join([first, *lines, ""]).encode()
        raise AssertionError(name)

    damaged(name, spoil)
    (problem,) = problems_of(name)
    assert (problem.column, problem.value) == (column, cell.strip('"'))
    assert problem.row is not None


def test_a_value_ten_times_too_large_in_another_year_is_refused(damaged):
    # ministries of 2022: 89.76 became 897.6, and the report of 2023 told of a fall by 808.42 points
    target = damaged("published/par_index.csv", lambda content: content.replace(b",89.76,", b",897.6,", 1))
    assert b",897.6," in target.read_bytes()
    problems = problems_of("published/par_index.csv")
    assert [(problem.column, problem.value) for problem in problems] == [("index", "897.6")]


@pytest.mark.parametrize(
    ("name", "row", "column", "named"),
    [
        # a unit of the 34 in a year of the 63; a ministry of 2025 in 2023; a province among the ministries
        ("published/sipas.csv", "2023,an-giang-2025,90,,,,published,,S001,", "key", "an-giang-2025"),
        (
            "published/par_index.csv",
            "2023,ministry,bo-noi-vu-2025,90,,,,,,,,published,,S001,",
            "key",
            "bo-noi-vu-2025",
        ),
        ("published/par_index.csv", "2023,ministry,ha-noi,90,,,,,,,,published,,S001,", "key", "ha-noi"),
        ("published/par_index.csv", "2025,province,ha-giang,90,,,,,,,,published,,S001,", "key", "ha-giang"),
        ("published/sipas.csv", "2023,ha-noi,90,,,,published,,S001;S999,", "source_ids", "S999"),
        ("published/par_regions.csv", "2024,province,bac-trung-bo,90,,S001,", "region", "bac-trung-bo"),
        (
            "units/provinces.csv",
            "la-xa,63,97,Lạ Xa,La Xa,Tỉnh Lạ Xa,tỉnh,tay-nguyen,,2025-06-30,ha-noi-2025,",
            "successor_keys",
            "ha-noi-2025",
        ),
        ("units/aliases.csv", "HN,Hà Nộ", "name_vi", "Hà Nộ"),
        ("geo/tiles.csv", "34,ha-giang,1,1", "key", "ha-giang"),
    ],
)
def test_what_is_not_known_in_that_year_or_system_is_named(damaged, name, row, column, named):
    from parlib import data_tables

    damaged(name, lambda content: content + f"{row}\n".encode())
    with unasked(), pytest.raises(DataError) as refused:
        data_tables.table(name)
    (problem,) = [problem for problem in refused.value.problems if f"'{named}'" in problem.vi]
    assert problem.column == column
    assert problem.row == len((places.data() / name).read_text("utf-8").splitlines())


def test_a_province_without_its_merger_is_named(own_data):
    from parlib.scoring import units

    with (own_data / "units" / "provinces.csv").open("a", encoding="utf-8") as file:
        file.write("la-xa,63,97,Lạ Xa,La Xa,Tỉnh Lạ Xa,tỉnh,tay-nguyen,,2025-06-30,,\n")
    with unasked(), pytest.raises(DataError, match="the unit ended"):
        units.units("province")
