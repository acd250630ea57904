"""A new column is one line: it appears in the report, its Excel, code book and open data by itself; a number that
nothing works out a second time is refused."""

import csv
import importlib
import io
import pkgutil

import openpyxl
import pandas as pd
import pytest

from parlib import report
from parlib.analysis import statistics as figures
from parlib.analysis.statistics import index_tables
from parlib.publish import open_data, workbook
from parlib.publish.document import Document, Item
from parlib.publish.sheets import index_sheet, statistics_sheet
from parlib.publish.verify import arithmetic
from parlib.publish.verify import blocks as gate
from parlib.publish.verify.data import Data
from parlib.report import columns, datasets, views
from parlib.report.blocks import Dataset, Title, Wording
from parlib.report.columns import KINDS, WAYS, Entry
from parlib.report.tables import ranking as ranking_tables
from parlib.report.tables import ranking_table
from parlib.report.tables.declared import Col
from parlib.report.views import View
from parlib.scoring import ranking
from parlib.years import open_results
from tests.publish import handmade

HEAD, MEANING = "Cột mới để thử", "Whether the unit is ranked"  # a sentence that the catalogue has already


@pytest.fixture(scope="module")
def view():
    return View(open_results(2023, "ministry"), Wording("vi"))


@pytest.fixture(scope="module")
def data(view):
    tables = index_tables(view.results)
    result = datasets.behind(view, tables, [view.results])
    return tuple(block for block in result if isinstance(block, Dataset))


def declared(monkeypatch, column):
    """The line that adds a column to the ranking."""
    monkeypatch.setattr(ranking_tables, "FIRST", (*ranking_tables.FIRST, column))


def texts(sheet):
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_a_column_of_a_table_is_one_line(view, data, monkeypatch, tmp_path):
    """The points of each unit, which the table does not have: found in the block, the book and the open data."""
    monkeypatch.setitem(columns.COLUMNS, "toy", Entry("points", head=lambda _: HEAD))
    points = view.results.values("", "points")

    def of(view, row):
        return view.wording.number(points[row.unit], 2, view.ref(row.unit, column="points"))

    declared(monkeypatch, Col("toy", of=of))
    block = ranking_table(view, ranking.rank(view.results))
    column = next(column for column in block.columns if column.key == "toy")
    assert (column.title, column.format, column.unit, column.decimals) == (HEAD, "number", "điểm", 2)
    assert block.rows[0]["toy"].value == points["bo-tu-phap"]  # the first of 2023
    shown = handmade.shown(Title("Thử"), block, *data)
    workbook.write(shown, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    holding = [sheet.title for sheet in book if f"{HEAD} (điểm)" in texts(sheet)]
    assert holding == ["Tổng quan", "Ghi chú"]  # the ranking and the code book
    file = next(file for file in open_data.data_files(shown.document) if file.path == "tables/ranking.csv")
    assert next(field for field in file.fields if field.name == "toy").title == HEAD
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert float(rows[0]["toy"]) == pytest.approx(points["bo-tu-phap"], abs=1e-9)
    _, findings = gate.inspect(Document("vi", Title("Thử"), (Item(block),), data), Wording("vi"))
    assert findings == ()


def test_a_column_of_a_dataset_is_one_line(view, monkeypatch):
    monkeypatch.setitem(columns.COLUMNS, "toy", Entry("count", meaning=MEANING))
    monkeypatch.setattr(datasets, "INDEX_COLUMNS", (*datasets.INDEX_COLUMNS, "toy"))
    dataset = datasets.index_data(view, index_tables(view.results).assign(toy=7))
    assert dataset.columns[-1] == ("toy", "integer", view.say(MEANING))
    shown = handmade.shown(Title("Thử"), dataset)
    file = next(file for file in open_data.data_files(shown.document) if file.name == "index")
    assert (file.fields[-1].name, file.fields[-1].type) == ("toy", "integer")
    assert next(csv.DictReader(io.StringIO(file.text)))["toy"] == "7"


def test_a_number_that_nothing_works_out_again_is_refused(view, data, monkeypatch):
    """A column whose numbers are made in a way of its own, and one that misstates the cell it came from."""

    def wrong(view, row):
        return view.wording.number(row.index + 1, 2, view.ref(row.unit))

    for check, column in (
        ("unknown_numbers", Col("toy", lambda _: HEAD, "number", "index", made="toy")),
        ("bound_numbers", Col("toy", lambda _: HEAD, "number", wrong)),
    ):
        with monkeypatch.context() as patch:
            declared(patch, column)
            block = ranking_table(view, ranking.rank(view.results))
        _, findings = gate.inspect(Document("vi", Title("Thử"), (Item(block),), data), Wording("vi"))
        assert [finding.check for finding in findings] == [check] * 17  # of every ministry


def all_declared():
    """Every column that a module of the report declares, with its place."""
    for module in pkgutil.walk_packages(report.__path__, "parlib.report."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, tuple) and value and all(isinstance(column, Col) for column in value):
                yield from ((f"{module.name}.{name}: {column.key}", column) for column in value)


def test_every_way_that_a_column_declares_is_worked_out_a_second_time():
    result = dict(all_declared())
    assert len(result) > 100
    ways = {place: column.made or column.printed.made for place, column in result.items() if not callable(column.made)}
    assert {place: made for place, made in ways.items() if made not in arithmetic.WAYS} == {}


def test_every_way_has_its_words_and_is_worked_out_a_second_time():
    assert set(WAYS) == set(arithmetic.WAYS)


@pytest.mark.parametrize(("index", "level", "year"), [("papi", "province", 2024), ("par", "ministry", 2023)])
def test_the_sheets_of_the_command_line_have_the_columns_of_the_registry(index, level, year):
    results = open_results(year, level, index)
    for sheet in (index_sheet(results), statistics_sheet(year, level, index)):
        assert set(sheet.columns) <= set(columns.COLUMNS)
        floats = {name for name in sheet.columns if pd.api.types.is_float_dtype(sheet[name].dtype)}
        assert {columns.COLUMNS[name].type for name in floats} <= {"number"}


def test_every_column_of_the_registry_has_a_kind():
    assert {name for name, entry in columns.COLUMNS.items() if entry.kind not in KINDS} == set()


@pytest.mark.parametrize(("index", "level", "year"), [("papi", "province", 2024), ("par", "ministry", 2023)])
def test_every_statistic_is_worked_out_a_second_time(index, level, year):
    """Each statistic that a year's values give, by the arithmetic of verification alone."""
    results, before = open_results(year, level, index), open_results(year - 1, level, index)
    view = View(results, Wording("vi"))
    result = datasets.behind(view, index_tables(results, before), [results, before])
    document = Document("vi", Title("Thử"), (), tuple(block for block in result if isinstance(block, Dataset)))
    given = Data.of(document)
    statistics = figures.statistics(results, before)
    computed = statistics[(statistics["basis"] == "computed") & statistics["value"].notna()]
    assert len(computed) > 5
    for row in computed.itertuples():
        if views.statistic_name(view, row.statistic, row.basis):
            number = views.statistic(view, row.statistic, row.value, row.basis)
            assert arithmetic.value(given, number) == pytest.approx(number.value, abs=1e-9), row.statistic
