"""Figures and tables of the robustness report: they draw what the frames say, and say so where nothing is known."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from parlib.analysis.robustness import audit as robustness
from parlib.analysis.robustness import leave_out
from parlib.report import trend
from parlib.report.audit import Report
from parlib.report.blocks import Figure, Note, Table, Wording
from parlib.report.certainty import rank_doubt_table, removal_table, tiers_table
from parlib.report.charts import robustness as charts
from parlib.report.views import View
from parlib.years import open_other_year, open_results, year

EMPTY = pd.DataFrame()


@cache
def papi(year=2024):
    return open_results(year, "province", "papi")


@cache
def chance():
    return robustness.audit_sampling(papi(), open_other_year(papi(), 2023))


@cache
def choices():
    return robustness.audit_method(papi(), n_draws=400, base=64)


@pytest.fixture
def view(language):
    return View(papi(), Wording(language))


def by_unit(figure, column):
    return dict(zip(figure.data["unit"], figure.data[column], strict=True))


def finished(figure):
    assert isinstance(figure, Figure)
    assert figure.svg.startswith("<svg")
    assert figure.caption
    assert figure.alternative
    assert figure.source
    assert "2024" in figure.caption
    return figure


@pytest.mark.few(1)
def test_rank_sets_are_drawn_as_given(view):
    result = chance()
    figure = finished(charts.rank_sets(view, result.simultaneous, result.marginal, assumed=True))
    known = result.simultaneous.dropna(subset=["rank"]).set_index("unit")
    assert by_unit(figure, "low_1") == known["rank_low"].astype(float).to_dict()
    assert by_unit(figure, "high_1") == known["rank_high"].astype(float).to_dict()
    alone = result.marginal.dropna(subset=["rank"]).set_index("unit")
    assert by_unit(figure, "low_2") == alone["rank_low"].astype(float).to_dict()
    assert figure.data["rank"] == sorted(figure.data["rank"])
    assert any(note.startswith(("Assumption", "Giả định")) for note in figure.notes)
    # without an assumption to tell of, only who has an end of the range that other draws may move
    opened = result.simultaneous.loc[result.simultaneous[["low_open", "high_open"]].any(axis=1), "unit"]
    (note,) = charts.rank_sets(view, result.simultaneous).notes
    assert view.unit_list(list(opened), short=True) in note


@pytest.mark.few(1)
def test_rank_intervals_and_acceptability_are_drawn_as_given(view):
    result = choices()
    ranks = result.ranks.dropna(subset=["rank"]).set_index("unit")
    figure = finished(charts.rank_intervals(view, result.ranks))
    assert by_unit(figure, "low_1") == ranks["rank_low"].astype(float).to_dict()
    figure = finished(charts.acceptability(view, result.ranks, result.acceptability))
    for unit, share in by_unit(figure, "share_at_rank").items():
        assert share == result.acceptability.loc[unit].iloc[int(ranks.loc[unit, "rank"]) - 1]
    places = len(result.acceptability.columns)
    sums = np.sum([figure.data[str(place + 1)] for place in range(places)], axis=0)
    np.testing.assert_allclose(sums, 1)


def test_ranges_of_removals_are_the_least_and_the_greatest_rank(view):
    removals = leave_out(papi(), "area")
    figure = finished(charts.removal_ranges(view, removals))
    first = removals["unit"].iloc[0]
    ranks = removals.loc[removals["unit"] == first, "rank"]
    assert by_unit(figure, "low_1")[first] == ranks.min()
    assert by_unit(figure, "high_1")[first] == ranks.max()


def test_the_caterpillar_is_in_the_points_that_are_published(view):
    result = chance()
    figure = finished(charts.caterpillar(view, result.intervals, assumed=True))
    # PAPI adds 8 dimensions of 10 points: a percent of the maximum is 0.8 points
    expected = result.intervals.set_index("unit")["estimate"] * 0.8
    for unit, value in by_unit(figure, "value").items():
        assert value == pytest.approx(expected[unit])
    assert len(figure.notes) == 2


def test_sobol_bars_and_weights_are_drawn_as_given(view):
    result = choices()
    figure = finished(charts.sobol_bars(view, result.sensitivity))
    totals = result.sensitivity.set_index("factor")["total"]
    assert dict(zip(figure.data["factor"], figure.data["total"], strict=True)) == totals.to_dict()
    assert figure.data["total"] == sorted(figure.data["total"], reverse=True)
    # every criterion of PAPI applies to every province, so the rule for others changes nothing
    idle = charts.factor_name(view, "not_applicable")
    assert any(idle in note for note in figure.notes)
    figure = finished(charts.weights_dumbbells(view, result.weights))
    assert figure.data["nominal"] == pytest.approx([12.5] * 8)
    assert sum(figure.data["share"]) == pytest.approx(100)


@pytest.mark.few(1)
def test_tables_keep_chance_and_choice_in_columns_of_their_own(view):
    table = rank_doubt_table(view, chance().simultaneous, choices().ranks, choices().removals)
    assert isinstance(table, Table)
    groups = {column.key: column.group for column in table.columns}
    assert groups["sets"] != groups["weights"] == groups["removal"]
    assert len(table.rows) == papi().n_ranked
    row = chance().simultaneous.set_index("unit").loc["quang-ninh"]
    first = table.rows[0]
    assert first["sets"].text == f"{row['rank_low']}–{row['rank_high']}"
    assert len(removal_table(view, choices().effects).rows) == 8
    tiers = tiers_table(view, chance().tiers)
    assert sum(row["n"].value for row in tiers.rows) == papi().n_ranked


def test_one_line_where_nothing_is_known(view):
    for block in (
        charts.rank_sets(view, EMPTY),
        charts.rank_intervals(view, EMPTY),
        charts.removal_ranges(view, EMPTY),
        charts.caterpillar(view, EMPTY),
        charts.acceptability(view, EMPTY, EMPTY),
        charts.sobol_bars(view, EMPTY),
        charts.weights_dumbbells(view, EMPTY),
        rank_doubt_table(view, EMPTY, EMPTY, EMPTY),
    ):
        assert isinstance(block, Note)
        assert block.role == "missing"
    assert removal_table(view, EMPTY) is None
    assert tiers_table(view, EMPTY) is None


def test_nothing_is_audited_where_not_every_unit_is_known():
    results = open_results(2023, "province", "par")  # 18 of 63 are known
    assert robustness.audit_method(results).ranks.empty
    assert robustness.audit_sampling(results).basis == ""


def test_an_error_is_assumed_only_from_a_year_on_the_same_scale():
    assert chance().basis == "assumed"
    # 2021 began a new questionnaire: its changes on 2020 bound no error
    assert robustness.audit_sampling(papi(2021), papi(2020)).basis == ""
    assert robustness.audit_sampling(papi(2024)).basis == ""


def test_simulated_results_are_marked_on_every_figure_and_table():
    report = Report(year(2024, "province", "papi"), simulated=True)
    match = report.weights(), report.sampling(), report.removal()
    shown = [block for section in match for block in section if isinstance(block, Figure | Table)]
    assert len(shown) == 5  # those of every unit, with the table of all ranks, are annexes
    assert all(report.view.marks[0] in block.notes for block in shown)


@pytest.mark.long
def test_where_nothing_can_be_worked_out_one_sentence_says_so():
    """Provinces 2023: parts and errors are not known. Ministries 2024: no value is."""
    for report in (Report(year(2023, "province")), trend.Report(year(2024, "ministry"))):
        cells = [getattr(report, name)() for name in vars(type(report)) if name in _SECTIONS]
        blocks = [block for cell in cells for block in cell]
        assert [(type(block), block.role) for block in blocks] == [(Note, "missing")]


_SECTIONS = {"overview", "sampling", "weights", "removal", "method", "level", "ranks", "change", "mobility", "spread",
             "grounds"}  # fmt: skip
