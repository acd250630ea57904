"""The notebooks run cell by cell without a warning, and every cell that shows something shows a block or a table."""

import matplotlib as mpl
import nbformat
import pandas as pd
import pytest

from parlib import places
from parlib.report.blocks import MIME, Block
from tests.notebooks.in_process import run
from tests.test_questions import BLOCKS


@pytest.mark.long
def test_start_here_answers_its_questions(shared_rounds, tmp_path, monkeypatch):
    """In a folder of its own, as the copy in workbench/ does: what it saves stands beside it."""
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")
    with places.rounds_at(shared_rounds), mpl.rc_context():
        shown, names = run("start_here")
    kinds = [value.kind for value in shown if isinstance(value, Block)]
    assert kinds == ["figure"] * 6 and sum(isinstance(value, pd.DataFrame) for value in shown) == 18
    assert {path.name for path in tmp_path.iterdir()} == {"xep-hang.png", "xep-hang.svg", "papi-2024.xlsx"}
    assert names["ky"].results.simulated


def test_start_here_asks_the_25_questions_in_ten_parts():
    """Whose answers ``tests/test_questions.py`` checks."""
    cells = nbformat.read(places.notebooks() / "start_here.ipynb", as_version=4).cells
    heads = [cell.source for cell in cells if cell.cell_type == "markdown" and cell.source.startswith("## ")]
    assert [int(head[3:].partition(".")[0]) for head in heads] == list(range(1, 11))
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    asked = [line for number in range(1, 26) for line in BLOCKS[number] if line]
    assert [line for line in asked if line not in code] == []
    assert max(len(cell.source.split("\n")) for cell in cells if cell.cell_type == "code") <= 4


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
