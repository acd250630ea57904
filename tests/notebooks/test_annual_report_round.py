"""The yearly report on a simulated round of ministries: its second half against the ledger, in both languages."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parlib import places
from parlib.publish.document import flat, numbers
from parlib.report.blocks import Block, Dataset, Figure, Heading, Note, Paragraph, Table, Title
from parlib.scoring.scheme import load_scheme
from tests.notebooks.in_process import run

pytestmark = pytest.mark.report

ROUND = "2023-ministry"


def blocks(**parameters: Any) -> tuple[list[Block], dict[str, Any]]:
    """What the report shows, in order, and the names of its notebook."""
    cells, names = run("annual_report", **parameters)
    return [block for cell in cells for block in flat(cell)], names


@pytest.fixture(scope="module")
def reports(shared_rounds: Path) -> Iterator[dict[str, Any]]:
    with places.rounds_at(shared_rounds):
        yield {"folder": shared_rounds / ROUND, "vi": blocks(round_id=ROUND, language="vi")}


@pytest.fixture(scope="module")
def english(shared_rounds: Path) -> Iterator[list[Block]]:
    with places.rounds_at(shared_rounds):
        yield blocks(round_id=ROUND, language="en")[0]


def table(blocks: list[Block], name: str) -> Table:
    return next(block for block in blocks if isinstance(block, Table) and block.name == name)


def ledger(folder: Path) -> list[dict[str, str]]:
    with (folder / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_section_stands_in_its_place(reports: dict[str, Any]) -> None:
    anchors = [block.anchor for block in reports["vi"][0] if isinstance(block, Heading) and block.level == 1]
    wanted = [
        *("round", "scope", "overall", "ranking", "areas", "apart", "survey", "impact", "claims"),
        *("losses", "certainty", "assessment", "annexes", "grounds"),
    ]
    assert [anchor for anchor in anchors if anchor in wanted] == wanted
    # nothing is lacking but the year before, which a simulated year is not set against
    lacking = [block.text for block in reports["vi"][0] if isinstance(block, Note) and block.role == "missing"]
    assert all("mô phỏng không so với kết quả đã công bố" in text for text in lacking)


@pytest.mark.long
def test_both_languages_print_the_same_numbers_in_order(reports: dict[str, Any], english: list[Block]) -> None:
    vi, en = ([n for block in shown for n in numbers(block)] for shown in (reports["vi"][0], english))
    assert len(vi) > 2500
    assert [number.value for number in vi] == [number.value for number in en]


def test_every_table_and_figure_says_that_it_is_simulated(reports: dict[str, Any]) -> None:
    drawn = [block for block in reports["vi"][0] if isinstance(block, Table | Figure)]
    own = [block for block in drawn if block.name not in ("sources", "conflicts")]
    assert len(own) > 20
    assert [block.name for block in own if not any("MÔ PHỎNG" in note for note in block.notes)] == []


def test_every_number_of_a_draft_is_bound_to_a_cell(reports: dict[str, Any]) -> None:
    drafts = [block for block in reports["vi"][0] if isinstance(block, Paragraph) and block.role == "draft"]
    assert len(drafts) > 12
    assert all(number.refs for block in drafts for number in numbers(block))


def test_the_matrix_of_criteria_that_do_not_apply_is_that_of_the_ledger(reports: dict[str, Any]) -> None:
    blocks, names = reports["vi"]
    latest: dict[tuple[str, str], dict[str, str]] = {}
    for row in ledger(reports["folder"]):  # the last word on each criterion: a later stage or a later row
        if row["answer"] or row["points"] or row["not_applicable"]:
            latest[row["unit"], row["code"]] = row
    wanted = {key for key, row in latest.items() if row["not_applicable"]}
    assert wanted
    found = set()
    view = names["report"].view
    keys = {view.unit(unit, short=True): unit for unit in view.results.units["unit"]}
    scheme = load_scheme("876-ministry")
    for row in table(blocks, "exempt").rows:
        unit = keys[str(row["unit"])]
        codes = {key for key, cell in row.items() if cell == "×"}
        found |= {(unit, code) for code in codes}
        assert row["n"].value == len(codes)  # type: ignore[union-attr]
        remaining = 100 - sum(float(scheme.node(code).maximum or 0) for code in codes)
        assert row["maximum"].value == pytest.approx(remaining)  # type: ignore[union-attr]
    assert found == wanted


def test_values_and_targets_are_those_that_were_answered(reports: dict[str, Any]) -> None:
    blocks, names = reports["vi"]
    rows = [row for row in ledger(reports["folder"]) if row["code"] == "2.8" and "/" in row["answer"]]
    last = {row["unit"]: row["answer"].split("/") for row in rows}  # stages follow each other in the ledger
    shown = {row["unit"]: row for row in table(blocks, "impact_2.8").rows}
    assert len(last) >= 15
    for unit, (value, target) in last.items():
        row = shown[names["report"].view.unit(unit)]
        assert row["2.8_value"].value == float(value)  # type: ignore[union-attr]
        assert row["2.8_target"].value == float(target)  # type: ignore[union-attr]
        ratio = float(value) / float(target)
        points = 1.5 if ratio >= 1 else 1 if ratio >= 0.75 else 0.5 if ratio >= 0.5 else 0  # the rule of 2.8
        assert row["2.8_points"].value == points  # type: ignore[union-attr]


def test_unranked_bodies_have_their_results_and_no_rank(reports: dict[str, Any]) -> None:
    blocks, names = reports["vi"]
    rows = table(blocks, "apart").rows
    assert [row["unit"] for row in rows] == ["Thanh tra Chính phủ", "Ủy ban Dân tộc"]
    values = names["of_year"].results.values()
    assert rows[0]["index"].value == pytest.approx(values["thanh-tra-chinh-phu"])  # type: ignore[union-attr]
    ranked = {row["unit"] for row in table(blocks, "ranking").rows}
    assert not ranked & {"Thanh tra Chính phủ", "Ủy ban Dân tộc"}


def test_units_by_criterion_add_up_to_their_areas(reports: dict[str, Any]) -> None:
    for area in "1234567":
        rows = table(reports["vi"][0], f"points_{area}").rows
        assert len(rows) >= 17
        for row in rows:
            shown = {key: cell for key, cell in row.items() if "." in key and "maximum" not in key}
            parts = [cell.value for cell in shown.values() if not isinstance(cell, str)]
            assert sum(parts) == pytest.approx(row[area].value)  # type: ignore[union-attr]


def test_the_code_book_has_every_node_with_its_rule(reports: dict[str, Any]) -> None:
    rows = table(reports["vi"][0], "code_book").rows
    scheme = load_scheme("876-ministry")
    assert [row["code"] for row in rows] == [node.code for node in scheme.nodes]
    assert all(row["rule"] for row, node in zip(rows, scheme.nodes, strict=True) if node.is_leaf)


@pytest.mark.long
def test_the_code_book_is_english_in_english(english: list[Block]) -> None:
    assert "points" in str(table(english, "code_book").rows[2]["rule"])


def test_blocks_are_what_documents_can_take(reports: dict[str, Any]) -> None:
    kinds = {type(block) for block in reports["vi"][0]} - {Title, Dataset}
    assert kinds >= {Heading, Paragraph, Table, Figure, Note}
