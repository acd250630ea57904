"""The workbooks of real reports, recalculated by LibreOffice: no error, the sums agree, and every number is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import openpyxl
import pytest

from parlib.publish import formats
from parlib.publish.document import Document
from parlib.publish.formats import Shown
from parlib.publish.render import Rendered
from parlib.publish.workbook import charts
from parlib.publish.workbook.figures import has_chart
from parlib.report.blocks import Figure, Number, Table

from .test_workbook import same_numbers

pytestmark = [
    pytest.mark.office,
    pytest.mark.report,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]

REPORTS = ("ministry", "papi", "round")


@dataclass(frozen=True)
class Made:
    """A report: what it shows, its workbook, and the workbook as LibreOffice saved it."""

    document: Document
    written: Path
    recalculated: Path


@pytest.fixture(scope="module")
def made(whole_report: Callable[[str], Rendered], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    folder = tmp_path_factory.mktemp("office")
    documents = {}
    for name in REPORTS:
        rendered = whole_report(name)
        shown = Shown(rendered.parameters, nbformat.read(rendered.files["ipynb"], as_version=4), name)
        formats.write("xlsx", shown, folder / f"{name}.xlsx")
        documents[name] = shown.document
    office = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx"]
    files = [str(folder / f"{name}.xlsx") for name in REPORTS]
    subprocess.run([*office, "--outdir", str(folder / "out"), *files], check=True, capture_output=True, timeout=240)
    return {
        name: Made(document, folder / f"{name}.xlsx", folder / "out" / f"{name}.xlsx")
        for name, document in documents.items()
    }


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest, made: dict[str, Made]) -> Made:
    return made[request.param]


def test_no_cell_is_an_error(report: Made) -> None:
    book = openpyxl.load_workbook(report.recalculated, data_only=True)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert len(cells) > 1000
    assert not [cell.coordinate for cell in cells if cell.data_type == "e" or str(cell.value).startswith("#")]


def test_every_number_is_that_of_the_report(report: Made) -> None:
    numbers = sum(
        isinstance(cell, Number) and cell.value is not None
        for item in report.document.items
        if isinstance(item.block, Table)
        for row in item.block.rows
        for cell in row.values()
    )
    for path in (report.written, report.recalculated):
        assert same_numbers(openpyxl.load_workbook(path, data_only=True), report.document) == numbers
    assert numbers > 100


def test_the_total_of_the_survey_is_a_sum_that_recalculates(made: dict[str, Made]) -> None:
    """Totals of the simulated round that are sums are formulas, and LibreOffice comes to the numbers of the blocks."""
    report = made["round"]
    tables = [item.block for item in report.document.items if isinstance(item.block, Table)]
    forms = next(table for table in tables if table.name == "forms")
    in_total_rows = [
        cell.value
        for table in tables
        for row, style in zip(table.rows, table.row_styles, strict=False)
        for cell in row.values()
        if style == "total" and isinstance(cell, Number)
    ]
    book = openpyxl.load_workbook(report.written)
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert {cell.value[:5] for cell in formulas} <= {"=SUM(", "=AVER"}
    calculated = openpyxl.load_workbook(report.recalculated, data_only=True)
    found = [calculated[cell.parent.title][cell.coordinate].value for cell in formulas]
    assert all(any(value == pytest.approx(number, abs=1e-8) for number in in_total_rows) for value in found)
    sheet = next(name for name in book.sheetnames if "phiếu" in name)
    total = [cell.value for cell in forms.rows[-1].values() if isinstance(cell, Number) and cell.made != "share"]
    sums = [value for cell, value in zip(formulas, found, strict=True) if cell.parent.title == sheet]
    assert len(total) == 2  # planned and answered
    assert sums == total


def test_the_parts_of_the_ministries_add_up_to_their_index(made: dict[str, Made]) -> None:
    """Published to two decimals of 100 points: appraisal and survey miss the index by at most 0,01."""
    book = openpyxl.load_workbook(made["ministry"].recalculated, data_only=True)
    sheet = next(book[name] for name in book.sheetnames if re.match(r"Bảng \d+ Xếp hạng", name))
    rows = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    assert len(rows) == 17
    assert all(abs(row[2] - row[4] - row[5]) < 0.010001 for row in rows)


def test_the_figures_are_native_charts(report: Made) -> None:
    drawn = [item.block for item in report.document.items if isinstance(item.block, Figure) and has_chart(item.block)]
    for path in (report.written, report.recalculated):
        with zipfile.ZipFile(path) as archive:
            xml = [archive.read(name).decode() for name in archive.namelist() if re.match(r"xl/charts/chart\d+", name)]
        assert len(xml) == len(drawn) > 2
    assert {figure.chart for figure in drawn} <= charts.CHARTS.keys()


def test_simulated_numbers_are_marked_on_every_sheet(made: dict[str, Made]) -> None:
    book: Any = openpyxl.load_workbook(made["round"].written)
    for sheet in book:
        assert any("MÔ PHỎNG" in str(sheet.cell(row, 1).value) for row in range(1, 8)), sheet.title
        assert "MÔ PHỎNG" in sheet.oddHeader.center.text
