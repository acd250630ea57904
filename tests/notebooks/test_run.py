"""The notebooks run cell by cell without a warning, and every cell that shows something shows a block or a table."""

import nbformat
import pandas as pd
import pytest

from parlib.report.blocks import MIME, Block
from tests.notebooks.in_process import run


def test_start_here_answers_its_questions():
    shown, _ = run("start_here")
    assert all(isinstance(value, Block | pd.DataFrame | dict) for value in shown)
    sections = [value for value in shown if isinstance(value, Block) and value.kind == "sequel"]
    assert [sum(block.kind == "figure" for block in section.blocks) for section in sections] == [1, 3, 2]


@pytest.mark.parametrize("name", ["ministry", "empty"])
def test_every_cell_of_the_annual_report_that_shows_something_shows_a_block(name, whole_report):
    notebook = nbformat.read(whole_report(name).files["ipynb"], as_version=4)
    shown = [output.data for cell in notebook.cells for output in cell.get("outputs", ())]
    assert len(shown) > 5
    assert all(MIME in data for data in shown)
    assert shown[0][MIME]["kind"] == "title"


@pytest.mark.parametrize(
    "parameters",
    [
        {"level": "province", "language": "en", "unit": "hai-phong"},
        {"year": 2024, "level": "province", "index_name": "papi", "simulated": True},
    ],
    ids=["english, one unit", "papi"],
)
@pytest.mark.long
def test_the_annual_report_shows_blocks(parameters):
    shown, _ = run("annual_report", **parameters)
    assert all(isinstance(value, Block) for value in shown)
    assert shown[0].kind == "title"
    assert bool(shown[0].marks) == parameters.get("simulated", False)
