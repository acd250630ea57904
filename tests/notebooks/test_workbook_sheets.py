"""No report has more sheets in a workbook than people look through, of whatever kind it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from parlib import places
from parlib.publish.document import Document, Numbering, flat
from parlib.publish.workbook.book import MOST_SHEETS, plan
from parlib.report.blocks import Dataset, Figure, Table, Title
from parlib.sources.simulation import simulate
from tests.notebooks.in_process import run

pytestmark = pytest.mark.report

REPORTS: tuple[dict[str, Any], ...] = (
    {"notebook": "annual_report", "year": 2023, "level": "ministry"},
    {"notebook": "annual_report", "year": 2023, "level": "province"},
    {"notebook": "annual_report", "year": 2024, "level": "province", "index_name": "papi"},
    {"notebook": "annual_report", "year": 2023, "level": "province", "index_name": "sipas"},
    {"notebook": "annual_report", "year": 2008, "level": "province", "index_name": "pci"},
    {"notebook": "trend_report", "year": 2024, "level": "province", "index_name": "papi"},
    {"notebook": "robustness_audit", "year": 2024, "level": "province", "index_name": "papi"},
    {"notebook": "unit_profile", "year": 2024, "level": "province", "index_name": "papi", "unit": "ha-noi"},
    {"notebook": "annual_report", "year": 2023, "level": "ministry", "round_id": "2023-ministry"},
    {"notebook": "annual_report", "year": 2023, "level": "province", "round_id": "2023-province"},
    {"notebook": "robustness_audit", "year": 2023, "level": "ministry", "round_id": "2023-ministry"},
    {"notebook": "unit_profile", "year": 2023, "level": "province", "round_id": "2023-province", "unit": "ha-giang"},
)
_QUICK = (0, 8)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(given, id="-".join(map(str, given.values())), marks=[] if n in _QUICK else pytest.mark.heavy)
        for n, given in enumerate(REPORTS)
    ],
)
def test_no_workbook_has_too_many_sheets(given: dict[str, Any], tmp_path: Path) -> None:
    with places.rounds_at(tmp_path):
        if "round_id" in given:
            simulate(given["year"], given["level"], seed=1)
        cells, _ = run(given["notebook"], **{name: value for name, value in given.items() if name != "notebook"})
        shown = [block for cell in cells for block in flat(cell) if not isinstance(block, Title | Dataset)]
    document = Document("vi", Title("T"), tuple(map(Numbering().placed, shown)))
    books = plan(document)
    assert all(len(sheets) + (2, 1)[n] <= MOST_SHEETS for n, sheets in enumerate(books))
    placed = [item.anchor for sheets in books for sheet in sheets for item in sheet.items]
    wanted = [
        item.anchor
        for item in document.items
        if isinstance(item.block, Table) or (isinstance(item.block, Figure) and any(item.block.data.values()))
    ]
    assert placed == wanted
