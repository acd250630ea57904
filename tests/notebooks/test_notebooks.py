"""The rules that every notebook keeps: no outputs, no logic, one parameters cell of one form."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest

from parlib.publish.parameters import ReportParameters, declared
from parlib.publish.render import execute

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
TEMPLATES = [path for path in NOTEBOOKS if '"parameters"' in path.read_text("utf-8")]


def _named(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


@_named(NOTEBOOKS)
def test_a_notebook_keeps_no_outputs_and_no_trace_of_a_run(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert not set(notebook.metadata) - {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert cell.source.strip(), "an empty cell"
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@_named(NOTEBOOKS)
def test_a_cell_asks_and_shows_and_nothing_else(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            logic = re.search(r"^\s*(def|class|for|while|if|try|with|lambda)\b", cell.source, re.MULTILINE)
            assert not logic, cell.source


@_named(TEMPLATES)
def test_parameters_are_those_of_reports_each_with_its_meaning(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    result = declared(notebook, path.name)
    assert set(result) <= set(ReportParameters.model_fields)
    ReportParameters(**result)  # the defaults make a report
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ()))
    for line in cell.source.splitlines():
        assert re.fullmatch(r"\w+: (int|str|bool) = (\d+|\"[^\"]*\"|True|False)  # \S.*", line), line


@pytest.mark.report
@_named([path for path in NOTEBOOKS if path not in TEMPLATES])
def test_a_notebook_for_exploring_runs_through_as_it_is(
    path: Path, shared_rounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLIB_ROUNDS", str(shared_rounds))  # the last part of start_here asks for one to be simulated
    executed = execute(Path(shutil.copy(path, tmp_path)), {})  # what its cells save lies there
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ())]
    shows = {"text/html", "application/vnd.jupyter.widget-view+json"}
    assert any(shows & set(output.get("data", {})) for output in outputs)
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
