"""Every number that a chart draws is one of its own unit, criterion or year."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from parlib.analysis.statistics import index_tables
from parlib.publish.document import Document, Item, flat
from parlib.publish.verify import figures
from parlib.publish.verify.data import Data
from parlib.report import datasets
from parlib.report.blocks import Dataset, Figure, Title, Wording
from parlib.report.views import View
from parlib.years import open_before, open_results

# Ministries 2023 as published: Tư pháp 89,95 (61,86 + 28,10; 2022: 90,63, rank 2), Y tế 79,80, rank 15 of 17.
UNITS = ["bo-tu-phap", "bo-tai-chinh", "bo-y-te"]
RANKING: dict[str, list[Any]] = {
    "unit": UNITS,
    "name": ["Bộ Tư pháp", "Bộ Tài chính", "Bộ Y tế"],
    "rank": [1, 3, 15],
    "value": [89.95, 89.18, 79.80],
    "previous": [90.63, 89.76, None],
    "previous_rank": [2, 3, None],
    "change": [-0.68, -0.58, None],
    "appraisal": [61.86, None, None],
    "survey": [28.10, None, None],
}
YEARS: dict[str, list[Any]] = {"year": [2022, 2023], "mean": [84.05, 84.38], "maximum": [91.77, 89.95]}


@cache
def behind() -> tuple[Dataset, ...]:
    results = open_results(2023, "ministry")
    previous = open_before(results, "")
    view = View(results, Wording("vi"))
    shown = datasets.behind(view, index_tables(results, previous), [results, previous])
    return tuple(block for block in flat(shown) if isinstance(block, Dataset))


def found(data: dict[str, list[Any]], name: str = "ranking") -> list[str]:
    chart = Figure("", "Hình", "", name=name, data=data)
    document = Document("vi", Title("Báo cáo"), (Item(chart),), behind())
    return [finding.subject for finding in figures.inspect(chart, Data.of(document))[2]]


def test_what_the_datasets_hold_passes() -> None:
    assert found(RANKING) == []
    mean = sum(v for v in open_results(2023, "ministry").values() if v == v) / 17
    assert found({"year": [2023], "mean": [mean], "maximum": [89.95], "minimum": [78.03]}, "years") == []


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("value", [89.18, 89.95, 79.80]),
        ("value", [89.95, 89.18, 78.90]),
        ("value", [90.63, 89.18, 79.80]),
        ("rank", [1, 2, 15]),
        ("previous", [89.95, 89.76, None]),
        ("previous_rank", [1, 3, None]),
        ("change", [0.68, -0.58, None]),
        ("change", [-0.58, -0.68, None]),
        ("appraisal", [28.10, None, None]),
        ("survey", [28.01, None, None]),
    ],
    ids=["two units swapped", "digits swapped", "the value of the year before", "a rank off by one",
         "the value of this year as that of the year before", "a rank of the year before off by one", "a sign turned",
         "changes of two units swapped", "one part in the place of the other", "a part changed"],
)  # fmt: skip
def test_a_slip_is_found(column: str, cells: list[Any]) -> None:
    assert found({**RANKING, column: cells})


def test_a_number_that_nothing_accounts_for_is_found() -> None:
    assert found({"year": [2023], "mean": [86.98]}, "years") == ["years: 2023, mean"]
    assert found({"unit": ["bo-y-te"], "name": ["Bộ Y tế"], "share_at_rank": [0.5], "rank": [15]}, "acceptability")


def test_a_chart_of_an_early_year_is_held_against_that_year() -> None:
    # PCI 2010, beside which the report hands over 2012 too; classes of ten points, counted from the published values
    results, later = open_results(2010, "province", "pci"), open_results(2012, "province", "pci")
    view = View(results, Wording("vi"))
    shown = datasets.behind(view, index_tables(results, later), [results, later])
    data = tuple(block for block in flat(shown) if isinstance(block, Dataset))
    values = results.values(column="points").dropna()
    edges = [40.0, 50.0, 60.0]
    n = [int(((values >= edge) & (values < edge + 10)).sum()) for edge in edges]

    def strange(counted: list[int]) -> list[str]:
        chart = Figure("", "Hình", "", name="histogram", data={"from": edges, "n": counted})
        document = Document("vi", Title("Báo cáo"), (Item(chart),), data)
        return [finding.subject for finding in figures.inspect(chart, Data.of(document))[2]]

    assert sum(n) + int((values >= 70).sum()) == 63
    assert strange(n) == []
    assert strange([n[0], n[1] + 1, n[2] - 1])


def test_a_report_of_many_years_is_about_its_own() -> None:
    # a trend hands over the earliest year first
    results, before = open_results(2023, "ministry"), open_results(2022, "ministry")
    shown = datasets.behind(View(results, Wording("vi")), index_tables(before, results), [before, results])
    data = tuple(block for block in flat(shown) if isinstance(block, Dataset))
    assert Data.of(Document("vi", Title("Báo cáo"), (), data)).own == ("par", 2023, "ministry")
