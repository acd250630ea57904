"""The yearly report on a simulated round of ministries: its second half against the ledger, in both languages."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from parlib import places
from parlib.publish.document import flat, numbers, shown_blocks
from parlib.publish.render import Rendered
from parlib.report.blocks import Block, Dataset, Figure, Heading, Note, Paragraph, Table, Title, Wording
from parlib.report.views import View
from parlib.scoring.results import Results
from parlib.scoring.scheme import load_scheme
from parlib.years import open_results
from tests.notebooks.in_process import run

pytestmark = [pytest.mark.report, pytest.mark.long]

ROUND = "2023-ministry"


@pytest.fixture(scope="module")
def shown(whole_report: Callable[[str], Rendered]) -> list[Block]:
    """What the report shows, in order."""
    notebook = nbformat.read(whole_report("round").files["ipynb"], as_version=4)
    return list(shown_blocks(notebook))


@pytest.fixture(scope="module")
def results(shared_rounds: Path) -> Iterator[Results]:
    """The results of the round, as the report opens them."""
    with places.rounds_at(shared_rounds):
        yield open_results(2023, "ministry", round_id=ROUND)


@pytest.fixture(scope="module")
def english(shared_rounds: Path) -> list[Block]:
    with places.rounds_at(shared_rounds):
        cells, _ = run("annual_report", round_id=ROUND, language="en")
    return [block for cell in cells for block in flat(cell)]


def table(blocks: list[Block], name: str) -> Table:
    return next(block for block in blocks if isinstance(block, Table) and block.name == name)


def ledger(folder: Path) -> list[dict[str, str]]:
    with (folder / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_section_stands_in_its_place(shown: list[Block]) -> None:
    anchors = [block.anchor for block in shown if isinstance(block, Heading) and block.level == 1]
    wanted = [
        *("round", "ranking", "scope", "areas", "apart", "survey", "impact", "claims"),
        *("losses", "certainty", "assessment", "grounds", "annexes"),
    ]
    assert [anchor for anchor in anchors if anchor in wanted] == wanted
    # nothing is lacking but the year before, which a simulated year is not set against
    lacking = [block.text for block in shown if isinstance(block, Note) and block.role == "missing"]
    assert all("mô phỏng" in text for text in lacking)


@pytest.mark.long
def test_both_languages_print_the_same_numbers_in_order(shown: list[Block], english: list[Block]) -> None:
    vi, en = ([n for block in blocks for n in numbers(block)] for blocks in (shown, english))
    assert len(vi) > 2500
    assert [number.value for number in vi] == [number.value for number in en]


def test_every_table_and_figure_says_that_it_is_simulated(shown: list[Block]) -> None:
    drawn = [block for block in shown if isinstance(block, Table | Figure)]
    own = [block for block in drawn if block.name not in ("sources", "conflicts")]
    assert len(own) > 20
    assert [block.name for block in own if not any("MÔ PHỎNG" in note for note in block.notes)] == []


def test_every_number_of_a_draft_is_bound_to_a_cell(shown: list[Block]) -> None:
    drafts = [block for block in shown if isinstance(block, Paragraph) and block.role == "draft"]
    assert len(drafts) > 12
    assert all(number.refs for block in drafts for number in numbers(block))


def test_the_matrix_of_criteria_that_do_not_apply_is_that_of_the_ledger(
    shown: list[Block], results: Results, shared_rounds: Path
) -> None:
    latest: dict[tuple[str, str], dict[str, str]] = {}
    for row in ledger(shared_rounds / ROUND):  # the last word on each criterion: a later stage or a later row
        if row["answer"] or row["points"] or row["not_applicable"]:
            latest[row["unit"], row["code"]] = row
    wanted = {key for key, row in latest.items() if row["not_applicable"]}
    assert wanted
    matches = set()
    view = View(results, Wording("vi"))
    keys = {view.unit(unit, short=True): unit for unit in results.units["unit"]}
    scheme = load_scheme("876-ministry")
    for row in table(shown, "exempt").rows:
        unit = keys[str(row["unit"])]
        codes = {key for key, cell in row.items() if cell == "×"}
        matches |= {(unit, code) for code in codes}
        assert row["n"].value == len(codes)  # type: ignore[union-attr]
        remaining = 100 - sum(float(scheme.node(code).maximum or 0) for code in codes)
        assert row["maximum"].value == pytest.approx(remaining)  # type: ignore[union-attr]
    assert matches == wanted


def test_values_and_targets_are_those_that_were_answered(
    shown: list[Block], results: Results, shared_rounds: Path
) -> None:
    rows = [row for row in ledger(shared_rounds / ROUND) if row["code"] == "2.8" and "/" in row["answer"]]
    last = {row["unit"]: row["answer"].split("/") for row in rows}  # stages follow each other in the ledger
    places = {row["unit"]: row for row in table(shown, "impact_2.8").rows}
    assert len(last) >= 15
    view = View(results, Wording("vi"))
    for unit, (value, target) in last.items():
        row = places[view.unit(unit)]
        assert row["2.8_value"].value == float(value)  # type: ignore[union-attr]
        assert row["2.8_target"].value == float(target)  # type: ignore[union-attr]
        ratio = float(value) / float(target)
        points = 1.5 if ratio >= 1 else 1 if ratio >= 0.75 else 0.5 if ratio >= 0.5 else 0  # the rule of 2.8
        assert row["2.8_points"].value == points  # type: ignore[union-attr]


def test_unranked_bodies_have_their_results_and_no_rank(shown: list[Block], results: Results) -> None:
    apart = table(shown, "apart")  # a column a body
    assert [column.title for column in apart.columns[1:]] == ["Thanh tra Chính phủ", "Ủy ban Dân tộc"]
    values = results.values()
    whole = apart.rows[0]["thanh-tra-chinh-phu"]
    assert whole.value == pytest.approx(values["thanh-tra-chinh-phu"])  # type: ignore[union-attr]
    ranked = {row["unit"] for row in table(shown, "ranking").rows}
    assert not ranked & {"Thanh tra Chính phủ", "Ủy ban Dân tộc"}


def test_units_by_criterion_add_up_to_their_areas(shown: list[Block]) -> None:
    for area in "1234567":
        rows = table(shown, f"points_{area}").rows
        assert len(rows) >= 17
        for row in rows:
            points = {key: cell for key, cell in row.items() if "." in key and "maximum" not in key}
            parts = [cell.value for cell in points.values() if not isinstance(cell, str)]
            assert sum(parts) == pytest.approx(row[area].value)  # type: ignore[union-attr]


def test_the_code_book_has_every_node_with_its_rule(shown: list[Block]) -> None:
    rows = table(shown, "code_book").rows
    scheme = load_scheme("876-ministry")
    assert [row["code"] for row in rows] == [node.code for node in scheme.nodes]
    assert all(row["rule"] for row, node in zip(rows, scheme.nodes, strict=True) if node.is_leaf)


@pytest.mark.long
def test_the_code_book_is_english_in_english(english: list[Block]) -> None:
    assert "points" in str(table(english, "code_book").rows[2]["rule"])


def test_blocks_are_what_documents_can_take(shown: list[Block]) -> None:
    kinds = {type(block) for block in shown} - {Title, Dataset}
    assert kinds >= {Heading, Paragraph, Table, Figure, Note}
