"""The gate finds every kind of slip in a finished report, and none where there is none."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from parlib.analysis.statistics import index_tables
from parlib.publish.document import Document, Item
from parlib.publish.verify import blocks as gate
from parlib.report import datasets
from parlib.report.blocks import (
    Block,
    Column,
    Dataset,
    Number,
    Paragraph,
    Ref,
    Table,
    Tile,
    Tiles,
    Title,
    Wording,
)
from parlib.report.views import View
from parlib.years import open_other_year, open_results


@pytest.fixture(scope="module")
def view() -> View:
    return View(open_results(2023, "ministry"), Wording("vi"))


@pytest.fixture(scope="module")
def data(view: View) -> tuple[Dataset, ...]:
    years = view.results, open_other_year(view.results, 2022)
    result = datasets.behind(view, index_tables(*years), years)
    return tuple(block for block in result if isinstance(block, Dataset))


def document(data: tuple[Dataset, ...], *blocks: Block, language: str = "vi") -> Document:
    return Document(language, Title("Thử"), tuple(Item(block) for block in blocks), data)


def everything(data: tuple[Dataset, ...], *blocks: Block, **more: Any) -> list[str]:
    _, findings = gate.inspect(document(data, *blocks), Wording("vi"), **more)
    return [finding.check for finding in findings]


def checks(data: tuple[Dataset, ...], *blocks: Block, **more: Any) -> list[str]:
    return [check for check in everything(data, *blocks, **more) if check != "unknown_numbers"]


def say(*parts: str | Number) -> Paragraph:
    return Paragraph(parts)


def test_the_dataset_holds_the_table_as_published(view: View, data: tuple[Dataset, ...]) -> None:
    frame = pd.read_csv(io.StringIO(data[0].text), keep_default_na=False, na_values={"rank": [""], "index": [""]})
    whole = frame[(frame["node"] == "") & (frame["year"] == 2023)].set_index("unit")
    assert len(whole) == len(view.results.units)
    assert whole.loc["bo-tu-phap", ["index", "rank", "name"]].tolist() == [89.95, 1, "Bộ Tư pháp"]
    assert set(frame["year"]) == {2022, 2023}
    assert [name for name, _, _ in data[0].columns] == list(frame.columns)


def test_right_numbers_pass_and_are_worked_out_again(view: View, data: tuple[Dataset, ...]) -> None:
    index = view.value("bo-tu-phap", 89.95)
    rank = view.rank("bo-tu-phap", 1)
    values = view.results.values().loc[view.results.ranked_units]
    mean = view.number(values.mean(), view.ref(), made="mean")
    apart = view.wording.number(
        float(np.ptp(values)), 2, view.ref(column="range"), made="statistic"
    )  # the largest less the smallest of the 17
    passed, findings = gate.inspect(document(data, say("a ", index, rank, mean, apart)), Wording("vi"))
    assert findings == ()
    assert (passed.numbers, passed.recomputed) == (4, 4)


def test_criteria_that_share_an_extreme_are_counted_where_they_do(view: View, data: tuple[Dataset, ...]) -> None:
    """Of 1.1 and 1.2 three ministries reach all points, of 1.3 four."""
    frame = pd.read_csv(io.StringIO(data[0].text), keep_default_na=False, dtype=str)
    whole = frame[(frame["node"] == "") & (frame["year"] == "2023")]
    for code, n_full in (("1.1", 3), ("1.2", 3), ("1.3", 4)):
        points = ["1" if place < n_full else "0" for place in range(len(whole))]
        frame = pd.concat([frame, whole.assign(node=code, points=points, maximum="1", rank="")])
    first = data[0]
    own = (Dataset.of(first.name, first.title, first.columns, frame.to_csv(index=False)), *data[1:])

    def told(*codes: str) -> list[str]:
        refs = [view.ref(node=code, column="full") for code in codes]
        return everything(own, say("ít nhất: ", _number(float(len(codes)), str(len(codes)), *refs, made="count")))

    assert told("1.1", "1.2") == [] and told("1.1", "1.3") == told("1.1", "1.2", "1.3") == ["unknown_numbers"]


def test_a_title_bears_every_mark_of_the_results(view: View, data: tuple[Dataset, ...]) -> None:
    results = replace(view.results, marks=(*view.results.marks, "simulated"))
    marked = replace(view, results=results)
    behind = datasets.behind(marked, index_tables(results), (results,))
    own = tuple(block for block in behind if isinstance(block, Dataset))
    assert "title_marks" in everything(own, say("a "))
    shown = document(own, say("a "))
    shown = replace(shown, title=replace(shown.title, marks=marked.marks))
    assert gate.inspect(shown, Wording("vi"))[1] == ()
    assert everything(data, say("a ")) == []


def _number(value: float, text: str, *refs: Ref, made: str = "value") -> Number:
    return Number(value, text, refs, made)


SLIPS: dict[str, tuple[str, Callable[[View], Block]]] = {
    "another number in the text": ("printed_text", lambda v: say(_number(89.95, "89,59", v.ref("bo-tu-phap")))),
    "rounded down": ("printed_text", lambda v: say(_number(2.675, "2,67"))),
    "the wrong decimal sign": ("printed_text", lambda v: say(_number(89.95, "89.95", v.ref("bo-tu-phap")))),
    "another unit's value": ("bound_numbers", lambda v: say(_number(89.85, "89,85", v.ref("bo-tu-phap")))),
    "a wrong rank": ("bound_numbers", lambda v: say(v.rank("bo-tu-phap", 2))),
    "the mean of other units": ("bound_numbers", lambda v: say(v.number(89.0, v.ref(), made="mean"))),
    "a wrong cell of a table": (
        "bound_numbers",
        lambda v: Table((Column("a", "A", "number"),), ({"a": v.value("bo-tu-phap", 80.0)},), "Bảng"),
    ),
    "a wrong key figure": ("bound_numbers", lambda v: Tiles((Tile("A", v.value("bo-tu-phap", 80.0)),), "Tóm tắt")),
    "points lost that are points reached": (
        "bound_numbers",
        lambda v: say(v.wording.number(61.86, 2, v.ref("bo-tu-phap", "component:appraisal", "points"), made="lost")),
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_found_and_named(view: View, data: tuple[Dataset, ...], slip: str) -> None:
    check, make = SLIPS[slip]
    assert checks(data, make(view)) == [check]


def test_points_lost_are_maximum_less_points(view: View, data: tuple[Dataset, ...]) -> None:
    # of 68.5 points of appraisal the Ministry of Justice has 61.86
    lost = view.wording.number(68.5 - 61.86, 2, view.ref("bo-tu-phap", "component:appraisal", "points"), made="lost")
    assert checks(data, say(lost)) == []


def test_up_is_not_down(view: View, data: tuple[Dataset, ...]) -> None:
    then = open_other_year(view.results, 2022)
    assert then is not None
    unit = next(u for u in view.results.ranked_units if np.isfinite(then.values().get(u, np.nan)))
    change = view.results.values()[unit] - then.values()[unit]
    moved = view.wording.moved(view.change_of(unit, change, 2022), "điểm %", year=2022)
    assert checks(data, say("Chỉ số ", *moved)) == []
    words = {"tăng": "giảm", "giảm": "tăng"}
    turned = tuple(
        part.replace(old, new) if isinstance(part, str) and part.startswith(old) else part
        for part in moved
        for old, new in list(words.items())[: 1 if change > 0 else 2][-1:]
    )
    assert turned != moved
    assert checks(data, say("Chỉ số ", *turned)) == ["directions"]


def test_the_other_language_has_the_same_numbers_in_the_same_order(view: View, data: tuple[Dataset, ...]) -> None:
    one, two = view.value("bo-tu-phap", 89.95), view.rank("bo-tu-phap", 1)
    other = document(data, say("The ", one, " is ", two), language="en")
    assert checks(data, say("Số ", one, " là ", two), other=other) == []
    assert checks(data, say("Số ", two, " là ", one), other=other) == ["languages_agree"]
    assert checks(data, say("Số ", one), other=other) == ["languages_agree"]
    assert checks(data, say("Số ", one, two), say("thêm ", one), other=other) == ["languages_agree"]


@pytest.mark.parametrize(
    ("form", "fits"),
    [
        ("Thứ nhất: {first}, {best}; cuối: {last}, {worst}.", True),
        ("Thứ nhất: {last}, {worst}; cuối: {first}, {best}.", False),
        ("Thứ nhất: {first}; cuối: {last}, {worst}.", False),
        ("Thứ 1: {first}, {best}; cuối: {last}, {worst}.", False),
    ],
)
def test_a_template_keeps_the_places_of_its_original(form: str, fits: bool) -> None:
    assert gate.keeps_places(form, "First: {first}, {best}; last: {last}, {worst}.") == fits


def test_what_cannot_be_worked_out_again_is_found_not_passed(view: View, data: tuple[Dataset, ...]) -> None:
    far = dataclasses.replace(view.ref("bo-tu-phap"), year=1999)
    new = view.ref("bo-tu-phap", column="a column that nobody knows")
    for number in (_number(1.0, "1", far), _number(1.0, "1", made="a new way"), _number(1.0, "1", new, made="count")):
        assert "unknown_numbers" in everything(data, say("a ", number))
    assert everything(data, say("a ", Number(None, "…"))) == []
