"""The notebooks run cell by cell without a warning, and every cell that shows something shows a block or a table."""

import pandas as pd
import pytest

from parlib.report.blocks import Block
from tests.notebooks.in_process import run


def test_start_here_answers_its_questions():
    shown, _ = run("start_here")
    assert all(isinstance(value, Block | pd.DataFrame | dict) for value in shown)
    sections = [value for value in shown if isinstance(value, Block) and value.kind == "sequel"]
    assert [sum(block.kind == "figure" for block in section.blocks) for section in sections] == [1, 3, 2]


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        pytest.param({"level": "province", "language": "en", "unit": "hai-phong"}, marks=pytest.mark.long),
        {"year": 2024, "level": "ministry"},
        pytest.param(
            {"year": 2024, "level": "province", "index_name": "papi", "simulated": True}, marks=pytest.mark.long
        ),
    ],
    ids=["as it stands", "english, one unit", "nothing known", "papi"],
)
def test_the_annual_report_shows_blocks(parameters):
    shown, _ = run("annual_report", **parameters)
    assert all(isinstance(value, Block) for value in shown)
    assert shown[0].kind == "title"
    assert bool(shown[0].marks) == parameters.get("simulated", False)
