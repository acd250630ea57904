"""Damaged files of published numbers: each is an error with its file (row, column, value), in whatever year it is."""

from __future__ import annotations

import shutil

import pytest

from parlib import places
from parlib.errors import DataError
from parlib.sources.published import files
from parlib.sources.published.layouts import LAYOUTS

NAMES = sorted(
    f"{folder}/{name}"
    for folder in ("published", "external")
    for name in LAYOUTS
    if (places.data() / folder / name).is_file()
)
NUMBER = {
    "par_index.csv": "index",
    "par_area_index.csv": "index",
    "par_components.csv": "total",
    "par_regions.csv": "mean",
    "par_changes.csv": "change",
    "papi_totals.csv": "total",
    "grdp.csv": "pop_thousand",
}

DAMAGES = {
    "empty": lambda content: b"",
    "cut inside a row": lambda content: content[: content[: len(content) * 2 // 3].rfind(b"\n") + 6],
    "NUL at the end": lambda content: content + bytes(4096),
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "semicolons": lambda content: content.replace(b",", b";"),
    "a head renamed": lambda content: content.replace(b"year", b"nam", 1),
    "a row twice": lambda content: content + content.splitlines(keepends=True)[1],
}


@pytest.fixture
def damaged(tmp_path, monkeypatch):
    def make(name, damage):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(places.data() / name, target)
        target.write_bytes(damage(target.read_bytes()))
        monkeypatch.setenv("PARLIB_DATA", str(tmp_path))
        return target

    return make


def problems_of(name):
    with pytest.raises(DataError) as refused:
        files.years_of(name)
    assert all(name.rpartition("/")[2] in problem.file for problem in refused.value.problems)
    return refused.value.problems


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_read_without_a_problem(name):
    assert files._groups(name)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_an_error_that_names_it(damaged, name, damage):
    damaged(name, DAMAGES[damage])
    assert problems_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_an_error_that_names_it(damaged, name):
    damaged(name, lambda content: content).unlink()
    assert problems_of(name)[0].vi == "không có tệp này"


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
