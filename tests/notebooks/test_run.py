"""The notebooks run cell by cell without a warning, and every cell that shows something shows a block or a table."""

import ast

import nbformat
import pandas as pd
import pytest

from parlib import places
from parlib.report.blocks import Block


def run(stem, **parameters):
    """What the code cells of a notebook show, in order."""
    names, shown = {}, []
    for cell in nbformat.read(places.notebooks() / f"{stem}.ipynb", as_version=4).cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), names)
        if "parameters" in cell.metadata.get("tags", ()):
            names.update(parameters)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), cell.id, "eval"), names))
    return shown


def test_start_here_answers_its_questions():
    shown = run("start_here")
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
    shown = run("annual_report", **parameters)
    assert all(isinstance(value, Block) for value in shown)
    assert shown[0].kind == "title"
    assert bool(shown[0].marks) == parameters.get("simulated", False)
