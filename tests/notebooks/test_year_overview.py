"""The notebook of a year at a glance, as readers get it: both levels, four pages, nothing ranked across levels."""

import nbformat
import pytest

import parlib
from parlib.errors import ParameterError
from parlib.publish import document
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import render
from parlib.report import overview
from parlib.report.blocks import Dataset, Figure, Heading, Number, Paragraph, Table, Title

pytestmark = [pytest.mark.report, pytest.mark.long]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("overview")
    return render(ReportParameters(year=2023, output_dir=str(folder)), "year_overview", ("html", "pdf"))


def test_it_sets_both_levels_side_by_side(made):
    """Values printed in both annual reports of 2023: 92.18 of Quảng Ninh and 89.95 of the Ministry of Justice."""
    blocks = list(document.shown_blocks(nbformat.read(made.files["ipynb"], as_version=4)))
    assert made.warnings == ()
    assert isinstance(blocks[0], Title)
    assert isinstance(blocks[1], Paragraph)
    led = [part for part in blocks[1].parts if isinstance(part, Number)]
    assert {(n.refs[0].level, n.text) for n in led} >= {("province", "92,18"), ("ministry", "89,95")}
    assert [b.anchor for b in blocks if isinstance(b, Heading)] == ["history", "judgements", "areas", "grounds"]
    assert {b.name for b in blocks if isinstance(b, Figure)} == {"levels", "level-means", "inside-outside-ministry"}
    assert {b.name for b in blocks if isinstance(b, Table)} == {"ends", "level-years", "level-areas"}
    index = next(block for block in blocks if isinstance(block, Dataset) and block.name == "index").text
    assert ",2023,province," in index and ",2023,ministry," in index


def test_the_names_of_areas_are_those_of_each_level(made):
    """Area 7 is of the "chính quyền" of provinces and of the "Chính phủ" of ministries."""
    blocks = document.shown_blocks(nbformat.read(made.files["ipynb"], as_version=4))
    table = next(block for block in blocks if isinstance(block, Table) and block.name == "level-areas")
    row = next(row for row in table.rows if row["code"] == "7")
    assert "chính quyền" in row["province:name"] and "Chính phủ" in row["ministry:name"]


def test_it_has_four_pages(made):
    from pypdf import PdfReader

    assert len(PdfReader(made.files["pdf"]).pages) <= 4


def test_an_index_of_one_level_is_refused():
    with pytest.raises(ParameterError, match="one level only"):
        _ = overview.Report(parlib.year(2024, "province", "papi", language="en")).years


def test_a_level_of_which_no_value_is_known_has_no_strip():
    """Of the ministries no value of 2024 is published."""
    drawn = next(block for block in overview.Report(parlib.year(2024)).result() if isinstance(block, Figure))
    assert set(drawn.data["level"]) == {"province"}
