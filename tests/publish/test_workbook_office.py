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

from parlib.publish import formats, verify
from parlib.publish.document import Document
from parlib.publish.formats import Shown
from parlib.publish.render import Rendered
from parlib.publish.workbook import charts
from parlib.publish.workbook.charts import has_chart
from parlib.report.blocks import Figure, Number, Table

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

    shown: Shown
    written: list[Path]  # the workbook, and its annex where there is one
    recalculated: list[Path]

    @property
    def document(self) -> Document:
        return self.shown.document


@pytest.fixture(scope="module")
def made(whole_report: Callable[[str], Rendered], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    folder = tmp_path_factory.mktemp("office")
    reports: dict[str, tuple[Shown, list[Path]]] = {}
    for name in REPORTS:
        rendered = whole_report(name)
        shown = Shown(rendered.parameters, nbformat.read(rendered.files["ipynb"], as_version=4), name)
        reports[name] = shown, formats.write("xlsx", shown, folder / f"{name}.xlsx")
    office = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx"]
    files = [str(path) for _, paths in reports.values() for path in paths]
    subprocess.run([*office, "--outdir", str(folder / "out"), *files], check=True, capture_output=True, timeout=240)
    return {
        name: Made(shown, paths, [folder / "out" / path.name for path in paths])
        for name, (shown, paths) in reports.items()
    }


@pytest.fixture(params=REPORTS)
def report(request: pytest.FixtureRequest, made: dict[str, Made]) -> Made:
    return made[request.param]


def test_no_cell_is_an_error(report: Made) -> None:
    books = [openpyxl.load_workbook(path, data_only=True) for path in report.recalculated]
    cells = [cell for book in books for sheet in book for row in sheet.iter_rows() for cell in row]
    assert len(cells) > 1000
    assert not [cell.coordinate for cell in cells if cell.data_type == "e" or str(cell.value).startswith("#")]


def test_every_number_is_that_of_the_report(report: Made) -> None:
    """The reader of finished workbooks finds nothing to say of one that LibreOffice has worked out and saved."""
    # LibreOffice keeps no number format that shows a plus, and writes the colour of a head anew
    of_office = r"phải là «\+([^»]+)», trong tệp là «\1»|trong tệp là «&K[0-9a-f]{6}"
    for workbook in (report.written[0], report.recalculated[0]):
        results = [finding.text("vi") for finding in verify.read_back(report.shown, {"xlsx": workbook})]
        assert [text for text in results if workbook in report.written or not re.search(of_office, text)] == []


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
    results = []
    for written, recalculated in zip(report.written, report.recalculated, strict=True):
        calculated = openpyxl.load_workbook(recalculated, data_only=True)
        for cell in (c for sheet in openpyxl.load_workbook(written) for row in sheet.iter_rows() for c in row):
            if cell.data_type == "f":
                assert str(cell.value)[:5] in ("=SUM(", "=AVER")
                results.append(calculated[cell.parent.title][cell.coordinate].value)
    assert all(any(value == pytest.approx(number, abs=1e-8) for number in in_total_rows) for value in results)
    total = [cell.value for cell in forms.rows[-1].values() if isinstance(cell, Number) and cell.made != "share"]
    assert len(total) == 2  # planned and answered
    assert set(total) <= set(results)


def test_the_parts_of_the_ministries_add_up_to_their_index(made: dict[str, Made]) -> None:
    """Published to two decimals of 100 points: appraisal and survey miss the index by at most 0,01."""
    book = openpyxl.load_workbook(made["ministry"].recalculated[0], data_only=True)
    rows = [row for row in book["Tổng quan"].iter_rows(values_only=True) if isinstance(row[0], int)]
    assert len(rows) == 17
    assert all(abs(row[2] - row[4] - row[5]) < 0.010001 for row in rows)


def test_the_figures_are_native_charts(report: Made) -> None:
    drawn = [item.block for item in report.document.items if isinstance(item.block, Figure) and has_chart(item.block)]
    for paths in (report.written, report.recalculated):
        names = [name for path in paths for name in zipfile.ZipFile(path).namelist()]
        assert len([name for name in names if re.match(r"xl/charts/chart\d+", name)]) == len(drawn) > 2
    assert {figure.chart for figure in drawn} <= charts.CHARTS.keys()


def test_simulated_numbers_are_marked_on_every_sheet(made: dict[str, Made]) -> None:
    sheets: list[Any] = [sheet for path in made["round"].written for sheet in openpyxl.load_workbook(path)]
    for sheet in sheets:
        at = 13 if sheet.title == "Dữ liệu" else 1  # of data, every row says it
        assert any("MÔ PHỎNG" in str(sheet.cell(row, at).value) for row in range(1, 8)), sheet.title
        assert "MÔ PHỎNG" in sheet.oddHeader.center.text
