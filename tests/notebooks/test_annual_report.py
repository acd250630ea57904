"""The yearly report, rendered for real: whole, self-contained, and with the published numbers in it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from pypdf import PdfReader

from parlib.publish import document, formats, pdf
from parlib.publish.render import Rendered
from parlib.report.blocks import MIME, Block, Dataset, Figure, Heading, Note, Paragraph, Table, Tiles

pytestmark = pytest.mark.report

DATA = Path(__file__).resolve().parents[2] / "data"
REPORTS = ("ministry", "ministry-en", "province", "empty", "papi", "unit")
Outcomes = Callable[[str], Rendered]


class _Text(HTMLParser):
    """The text of a page outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


@pytest.fixture
def outcomes(whole_report: Outcomes) -> Outcomes:
    return whole_report


LONG = ("ministry-en", "unit")  # reports that other quick tests do not need


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.long] * (name in LONG)) for name in REPORTS])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _html(outcomes: Outcomes, name: str) -> str:
    return outcomes(name).files["html"].read_text("utf-8")


def _text(outcomes: Outcomes, name: str) -> str:
    return " ".join("".join(_Text(_html(outcomes, name)).parts).split())


def _notebook(outcomes: Outcomes, name: str) -> nbformat.NotebookNode:
    return nbformat.read(outcomes(name).files["ipynb"], as_version=4)


def _published(year: int, level: str) -> list[dict[str, str]]:
    with (DATA / "published" / "par_index.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if (row["year"], row["level"]) == (str(year), level)]


def test_it_runs_without_a_warning(outcomes: Outcomes, name: str) -> None:
    assert json.loads(outcomes(name).files["json"].read_text("utf-8"))["warnings"] == []


def test_it_needs_no_other_file_and_no_network(outcomes: Outcomes, name: str) -> None:
    html = _html(outcomes, name)
    loads = re.findall(r"<(?:img|script|link|iframe|source|object|embed)\b[^>]*?\b(?:src|href|data)=\"([^\"]*)", html)
    assert all(load.startswith("data:") for load in loads)
    assert not re.search(r"@import|url\(\s*['\"]?http", html)


def test_it_shows_no_code_and_no_machinery(outcomes: Outcomes, name: str) -> None:
    text = _text(outcomes, name)
    for word in ("import ", "results =", "Traceback", "Warning", "nan", "NaN", "None", "<NA>", "np.", "/home", "/tmp"):
        assert not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text), word


def test_captions_are_numbered_in_order_and_contents_lead_to_headings(outcomes: Outcomes, name: str) -> None:
    html, text = _html(outcomes, name), _text(outcomes, name)
    shown = list(document.shown_blocks(document.in_format(_notebook(outcomes, name), "html")))
    language = "en" if name.endswith("-en") else "vi"
    for word, kind in ((document.WORDS["table"], Table), (document.WORDS["figure"], Figure)):
        titles = [getattr(block, "title", block.caption) for block in shown if isinstance(block, kind)]
        for n, title in enumerate(titles, 1):
            assert f"{word.text(language)} {n}. {' '.join(title.split())}" in text
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'<a [^>]*href="#([^"]+)"', html)
    assert len(targets) >= 3
    assert set(targets) <= set(ids)


def test_every_picture_says_what_it_shows(outcomes: Outcomes, name: str) -> None:
    pictures = re.findall(r"<(?:img|svg)\b[^>]*>", _html(outcomes, name))
    assert bool(pictures) == (name != "empty")
    for picture in pictures:
        alternative = re.search(r'\b(?:alt|aria-label)="([^"]*)"', picture)
        assert alternative
        assert len(alternative.group(1)) > 20


@pytest.mark.parametrize("name", ["ministry", "province"])
def test_the_sources_of_every_printed_value_and_rank_are_listed(outcomes: Outcomes, name: str) -> None:
    """par_index.csv names the sources of the row that each number of a unit's whole index, of any year, came from."""
    report = document.document(_notebook(outcomes, name), "vi")
    tables = [item.block for item in report.items if isinstance(item.block, Table) and item.block.name == "sources"]
    listed = {str(row["source_id"]) for table in tables for row in table.rows}
    refs = {
        ref
        for item in report.items
        for number in document.numbers(item.block)
        for ref in number.refs
        if number.text != "…"
    }
    seen = 0
    for year in range(2012, 2024):
        sources = {row["key"]: row["source_ids"].split(";") for row in _published(year, name)}
        for ref in refs:
            if (ref.index_name, ref.year, ref.node) == ("par", year, "") and ref.unit in sources:
                seen += 1
                assert set(sources[ref.unit]) <= listed, ref
    assert seen > 100


def test_all_17_ministries_have_their_published_index_and_rank(outcomes: Outcomes) -> None:
    shown = document.shown_blocks(_notebook(outcomes, "ministry"))
    ranking = next(block for block in shown if isinstance(block, Table) and block.name == "ranking")
    printed = {tuple(cell if isinstance(cell, str) else cell.text for cell in row.values()) for row in ranking.rows}
    text = _text(outcomes, "ministry")
    ranked = [row for row in _published(2023, "ministry") if row["rank"]]
    assert len(ranked) == 17
    for row in ranked:
        index, *parts = (
            f"{float(row[key]):.2f}".replace(".", ",") for key in ("index", "appraisal_points", "survey_points")
        )
        assert any({row["rank"], index, *parts} <= set(cells) for cells in printed), row
        assert index in text
    for apart in ("Thanh tra Chính phủ", "Ủy ban Dân tộc"):
        assert apart in text


def test_provinces_are_counted_as_far_as_they_are_known(outcomes: Outcomes) -> None:
    text = _text(outcomes, "province")
    assert "20/63" in text
    assert "92,18" in text  # Quảng Ninh, first of 63
    shown = document.shown_blocks(_notebook(outcomes, "province"))
    ranking = next(block for block in shown if isinstance(block, Table) and block.name == "ranking")
    # 30 provinces with a rank or a value stand in the table once, the other 33 in the line below it
    assert len(ranking.rows) == 30
    (lacking,) = (note for note in ranking.notes if note.startswith("Chưa có số liệu: "))
    assert len(re.split(r", | và ", lacking)) == 33


@pytest.mark.long
def test_english_says_the_same_numbers_with_a_dot(outcomes: Outcomes) -> None:
    text = _text(outcomes, "ministry-en")
    for row in _published(2023, "ministry"):
        if row["rank"]:
            assert f"{float(row['index']):.2f}" in text
    assert '<html lang="en">' in _html(outcomes, "ministry-en")
    assert "Ministry of Justice" in text


def test_a_year_without_results_is_short_and_says_so(outcomes: Outcomes) -> None:
    shown = list(document.shown_blocks(_notebook(outcomes, "empty")))
    assert not any(isinstance(block, Figure) for block in shown)
    assert any(isinstance(block, Note) and block.role == "missing" for block in shown)


def test_papi_ranks_the_provinces_with_a_total(outcomes: Outcomes) -> None:
    with (DATA / "external" / "papi_totals.csv").open(encoding="utf-8") as file:
        totals = [float(row["total"]) for row in csv.DictReader(file) if row["year"] == "2024" and row["total"]]
    text = _text(outcomes, "papi")
    assert f"{len(totals)}/63" in text
    for value in (max(totals), min(totals)):
        assert f"{value:.2f}".replace(".", ",") in text


def test_the_result_comes_first_and_the_stamp_of_the_checks_at_the_end(outcomes: Outcomes) -> None:
    for name in ("ministry", "province", "papi"):
        shown = list(document.shown_blocks(_notebook(outcomes, name)))
        headings = [block for block in shown if isinstance(block, Heading)]
        assert headings[0].anchor == "result"
        page = shown[shown.index(headings[0]) : shown.index(headings[1])]
        assert any(isinstance(block, Tiles) and len(block.tiles) >= 3 for block in page)
        (stamp,) = (block for block in shown if isinstance(block, Note) and block.role == "passed")
        assert stamp not in page
        (counted,) = (block.text for block in shown if isinstance(block, Dataset) and block.name == "round")
        rows = csv.DictReader(counted.splitlines())
        compared = sum(int(float(row["value"])) for row in rows if row["what"] == "compared")
        assert f"{compared} phép so sánh" in stamp.text


def test_annexes_and_drafts_stand_where_they_are_asked_for(outcomes: Outcomes) -> None:
    """Long tables in Excel and the open data, what is for an editor in Word alone; the rest in every format."""
    for kind, annexes, drafts in (
        ("html", False, False),
        ("pdf", False, False),
        ("docx", False, True),
        ("xlsx", True, False),
    ):
        shown = list(document.shown_blocks(document.in_format(_notebook(outcomes, "ministry"), kind)))
        anchors = [block.anchor for block in shown if isinstance(block, Heading)]
        assert ("annexes" in anchors, "assessment" in anchors) == (annexes, drafts)
        assert any(isinstance(block, Table) and block.name == "sources" for block in shown) == annexes
        assert any(isinstance(block, Paragraph) and block.role == "draft" for block in shown) == drafts
        assert {"result", "ranking", "grounds"} <= set(anchors)


def test_provinces_have_maps_with_credit_and_both_archipelagos_and_ministries_none(
    outcomes: Outcomes,
) -> None:
    for name, maps in (("province", ["map_bands_tiles"]), ("papi", ["map_quarters", "map_change_tiles"])):
        shown = document.shown_blocks(_notebook(outcomes, name))
        drawn = [block for block in shown if isinstance(block, Figure) and block.chart == "map"]
        assert [figure.name for figure in drawn] == maps
        for figure in drawn:
            credited = any("NXB Tài nguyên - Môi trường và Bản đồ Việt Nam" in note for note in figure.notes)
            assert credited != figure.name.endswith("_tiles")  # tiles draw no boundaries that anybody made
            assert len(figure.data["unit"]) == 63
    assert not [b for b in document.shown_blocks(_notebook(outcomes, "ministry")) if getattr(b, "chart", "") == "map"]


def test_every_dimension_of_papi_has_its_page(outcomes: Outcomes) -> None:
    shown = document.shown_blocks(_notebook(outcomes, "papi"))
    pages = [block.anchor for block in shown if isinstance(block, Heading) and block.anchor.startswith("area-")]
    assert pages == [f"area-{n}" for n in range(1, 9)]


def test_vietnamese_and_english_print_the_same_numbers_in_the_same_order(outcomes: Outcomes) -> None:
    vi, en = (
        [
            number.value
            for block in document.shown_blocks(_notebook(outcomes, name))
            for number in document.numbers(block)
        ]
        for name in ("ministry", "ministry-en")
    )
    assert vi == en
    assert len(vi) > 200


@pytest.mark.parametrize("name", ["ministry", pytest.param("ministry-en", marks=pytest.mark.long)])
def test_title_contents_and_result_stand_on_one_sheet_of_paper(outcomes: Outcomes, name: str) -> None:
    pytest.importorskip("weasyprint", exc_type=OSError)
    notebook, about = _notebook(outcomes, name), outcomes(name).parameters
    shown = formats.Shown(about, notebook).in_format("pdf")
    at = [place for place, item in enumerate(shown.document.items) if isinstance(item.block, Heading)][1]
    blocks = [item.block for item in shown.document.items[:at]]
    first = v4.new_notebook(cells=[_showing(block) for block in (shown.document.title, *blocks)])
    written = io.BytesIO(pdf.pdf(formats.Shown(about, first).html))
    assert len(PdfReader(written).pages) == 1


def _showing(block: Block) -> nbformat.NotebookNode:
    data = {"text/html": block.to_html(), MIME: block.to_data()}
    return v4.new_code_cell(outputs=[v4.new_output("display_data", data=data)])
