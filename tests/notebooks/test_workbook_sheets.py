"""No report has more sheets in a workbook than people look through, of whatever kind it is."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest

from parlib import places
from parlib.publish.document import Document, Numbering, flat
from parlib.publish.workbook.book import MOST_SHEETS, plan
from parlib.report.blocks import Block, Dataset, Figure, Table, Title
from parlib.sources.simulation import simulate

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


def blocks(notebook: str, **parameters: Any) -> list[Block]:
    """What a notebook shows, in order."""
    names: dict[str, Any] = {}
    shown: list[Block] = []
    for cell in nbformat.read(places.notebooks() / f"{notebook}.ipynb", as_version=4).cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), names)
        if "parameters" in cell.metadata.get("tags", ()):
            names.update(parameters)
        if last is not None:
            assert isinstance(last, ast.Expr)
            shown += flat(eval(compile(ast.Expression(last.value), cell.id, "eval"), names))
    return shown


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
        shown = [block for block in blocks(**given) if not isinstance(block, Title | Dataset)]
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
