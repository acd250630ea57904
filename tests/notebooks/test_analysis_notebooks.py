"""The notebooks on robustness and on many years, rendered as readers get them: run through, quiet, complete."""

import nbformat
import pytest

from parlib.publish import document
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import render
from parlib.report.blocks import Figure, Heading, Note, Table, Title

pytestmark = pytest.mark.report

SECTIONS = {
    "robustness_audit": ["result", "sampling", "weights", "removal", "method", "ranks"],
    "trend_report": ["level", "ranks", "bridge", "mobility", "spread", "grounds"],
}
FIGURES = {
    "robustness_audit": {
        "rank-sets",
        "caterpillar",
        "rank-weights",
        "acceptability",
        "weights",
        "rank-removal",
        "sobol",
    },
    "trend_report": {"years", "rank-history", "bridge", "mobility", "spread"},
}
TABLES = {
    "robustness_audit": {"rank-doubt", "error-cases", "removal"},
    "trend_report": {"years", "contributions"},
}


def rendered(notebook, folder, **parameters):
    made = render(ReportParameters(output_dir=str(folder), **parameters), notebook)
    executed = nbformat.read(made.files["ipynb"], as_version=4)
    for cell in executed.cells:
        for output in cell.get("outputs", ()):
            assert output.output_type in ("display_data", "execute_result"), output
    return made, list(document.shown_blocks(executed))


@pytest.mark.parametrize(
    ("notebook", "language"),
    [
        ("robustness_audit", "vi"),
        pytest.param("robustness_audit", "en", marks=pytest.mark.long),
        ("trend_report", "vi"),
    ],
)
def test_a_report_on_papi_is_quiet_and_complete(notebook, language, tmp_path):
    made, blocks = rendered(notebook, tmp_path, year=2024, index_name="papi", language=language)
    assert made.warnings == ()
    assert made.files["html"].name.startswith("PAPI-2024_")
    assert isinstance(blocks[0], Title)
    assert "2024: " in blocks[0].text  # the list of reports tells it from the yearly report
    assert [block.anchor for block in blocks if isinstance(block, Heading)] == SECTIONS[notebook]
    figures = [block for block in blocks if isinstance(block, Figure)]
    assert {figure.name for figure in figures} == FIGURES[notebook]
    assert all(figure.caption and figure.alternative and figure.source for figure in figures)
    assert {block.name for block in blocks if isinstance(block, Table)} == TABLES[notebook]
    assert not [block for block in blocks if isinstance(block, Note) and block.role == "missing"]
    html = made.files["html"].read_text("utf-8")
    executed = nbformat.read(made.files["ipynb"], as_version=4)
    on_page = [b for b in document.shown_blocks(document.in_format(executed, "html")) if isinstance(b, Figure)]
    assert html.count("<figure") == len(on_page) >= 5  # those of every unit are annexes


@pytest.mark.parametrize("notebook", ["robustness_audit", pytest.param("trend_report", marks=pytest.mark.long)])
def test_a_year_known_in_part_says_what_is_not_known(notebook, tmp_path):
    made, blocks = rendered(notebook, tmp_path, year=2023, level="province")
    assert made.warnings == ()
    known = {"robustness_audit": [], "trend_report": ["level", "ranks", "grounds"]}
    assert [block.anchor for block in blocks if isinstance(block, Heading)] == known[notebook]
    assert [block for block in blocks if isinstance(block, Note) and block.role == "missing"]
    assert not {block.name for block in blocks if isinstance(block, Figure)} - {"years", "rank-history"}
