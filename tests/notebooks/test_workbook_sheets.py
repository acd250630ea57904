"""No report has more sheets in a workbook than people look through, of whatever kind it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from parlib import places
from parlib.publish import document
from parlib.publish.render import Rendered
from parlib.publish.workbook.plan import MOST_SHEETS, plan
from parlib.report.blocks import Block, Dataset, Figure, Table, Title
from parlib.sources.simulation import simulate
from tests.notebooks.in_process import run

pytestmark = pytest.mark.report

#: Whole reports that all tests share (conftest).
SHARED = ("ministry", "round", "papi", "profile", "audit")
REPORTS: tuple[dict[str, Any], ...] = (
    {"notebook": "annual_report", "year": 2023, "level": "province"},
    {"notebook": "annual_report", "year": 2023, "level": "province", "index_name": "sipas"},
    {"notebook": "annual_report", "year": 2008, "level": "province", "index_name": "pci"},
    {"notebook": "trend_report", "year": 2024, "level": "province", "index_name": "papi"},
    {"notebook": "unit_profile", "year": 2024, "level": "province", "index_name": "papi", "unit": "ha-noi"},
    {"notebook": "annual_report", "year": 2023, "level": "province", "round_id": "2023-province"},
    {"notebook": "robustness_audit", "year": 2023, "level": "ministry", "round_id": "2023-ministry"},
    {"notebook": "unit_profile", "year": 2023, "level": "province", "round_id": "2023-province", "unit": "ha-giang"},
)


@pytest.mark.few(2)
@pytest.mark.parametrize("name", SHARED)
def test_no_workbook_of_a_shared_report_has_too_many_sheets(name: str, whole_report: Callable[[str], Rendered]) -> None:
    shown = document.shown_blocks(nbformat.read(whole_report(name).files["ipynb"], as_version=4))
    few_sheets_hold_all([block for block in shown if not isinstance(block, Title | Dataset)])


@pytest.mark.heavy
@pytest.mark.parametrize("given", REPORTS, ids=lambda given: "-".join(map(str, given.values())))
def test_no_workbook_has_too_many_sheets(given: dict[str, Any], tmp_path: Path) -> None:
    with places.rounds_at(tmp_path):
        if "round_id" in given:
            simulate(given["year"], given["level"], seed=1)
        cells, _ = run(given["notebook"], **{name: value for name, value in given.items() if name != "notebook"})
        few_sheets_hold_all(
            [block for cell in cells for block in document.flat(cell) if not isinstance(block, Title | Dataset)]
        )


def few_sheets_hold_all(shown: list[Block]) -> None:
    whole = document.Document("vi", Title("T"), tuple(map(document.Numbering().placed, shown)))
    planned = plan(whole)
    assert len(planned.sheets) + 2 <= MOST_SHEETS  # the first sheet and the notes; no data are handed over here
    assert len(planned.annex) + 1 <= MOST_SHEETS
    placed = [item.anchor for book in planned.books for item in book]
    wanted = [
        item.anchor
        for item in whole.items
        if isinstance(item.block, Table) or (isinstance(item.block, Figure) and any(item.block.data.values()))
    ]
    assert len(placed) == len(wanted) and set(placed) == set(wanted)
    names = [sheet.name for sheets in (planned.sheets, planned.annex) for sheet in sheets]
    assert all(0 < len(name) <= 28 and "…" not in name for name in names)
