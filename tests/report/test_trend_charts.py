"""Figures and tables of the report on many years: they draw what the frames say, and break where the scale does."""

import re
from functools import cache

import pandas as pd
import pytest

from parlib.analysis import series
from parlib.report.blocks import Figure, Note, Wording
from parlib.report.charts import trends
from parlib.report.tables.ranking import contributions_table, yearly_table
from parlib.report.views import View
from parlib.years import open_results, open_years

EMPTY = pd.DataFrame()


@cache
def papi():
    return series.trend(open_years(open_results(2024, "province", "papi")), "points")


@cache
def par():
    return series.trend(open_years(open_results(2024, "province", "par")))


def view_of(index_name, language="vi", **more):
    return View(open_results(2024, "province", index_name), Wording(language), **more)


def finished(figure):
    assert isinstance(figure, Figure)
    assert figure.svg.startswith("<svg")
    assert figure.caption
    assert figure.alternative
    assert figure.source
    assert "2024" in figure.caption
    return figure


def column(figure, name):
    return dict(zip(figure.data["year"], figure.data[name], strict=True))


@pytest.mark.few(1)
def test_lines_draw_the_yearly_frame_and_name_the_spans_that_compare(language):
    figure = finished(trends.yearly_lines(view_of("papi", language), papi().yearly))
    yearly = papi().yearly.set_index("year")
    for name in ("mean", "minimum", "maximum"):
        assert column(figure, name) == yearly[name].to_dict()
    # the questionnaire of PAPI was changed in 2018, 2019 and 2021: 6 dimensions, then 8, then others within them
    assert any("2011–2017, 2018, 2019–2020, 2021–2024" in note for note in figure.notes)


def test_a_telephone_names_every_second_of_fourteen_years():
    figure = finished(trends.yearly_lines(view_of("papi"), papi().yearly))
    named = [[int(year) for year in re.findall(r">(20\d\d)</text>", svg)] for svg in (figure.svg, figure.narrow)]
    assert named == [list(range(2011, 2025)), list(range(2012, 2025, 2))]


def test_a_unit_in_focus_has_a_line_of_its_own():
    figure = finished(trends.yearly_lines(view_of("papi", focus="quang-ninh"), papi().yearly, papi().series))
    own = papi().series.query("unit == 'quang-ninh'").set_index("year")["value"]
    drawn = column(figure, "focus")
    assert drawn[2017] == own[2017]
    assert drawn[2021] is None  # not published that year


@pytest.mark.long
def test_years_known_in_part_show_only_what_was_published_or_follows(language):
    figure = finished(trends.yearly_lines(view_of("par", language), par().yearly))
    means = column(figure, "mean")
    assert means[2024] == 88.37  # printed
    assert (means[2023], means[2017]) == (86.98, None)  # printed; 5 of 63 known: the mean of a few is not the mean
    assert any("2023 (20/63)" in note for note in figure.notes)
    assert par().yearly["sd"].isna().all()
    assert isinstance(trends.spread_line(view_of("par", language), par().yearly), Note)


def test_the_spread_is_drawn_as_given(language):
    figure = finished(trends.spread_line(view_of("papi", language), papi().yearly))
    assert column(figure, "sd") == papi().yearly.set_index("year")["sd"].to_dict()


def test_rank_history_is_of_those_who_lead_now_or_of_those_asked_for():
    ranks = papi().series.dropna(subset=["rank"]).set_index(["unit", "year"])["rank"]
    figure = finished(trends.rank_history(view_of("papi", focus="ha-noi"), papi().series))
    shown = [name for name in figure.data if name not in ("year", "break")]
    assert [ranks[unit, 2024] for unit in shown[:-1]] == list(range(1, trends.MOST_LINES + 1))
    assert shown[-1] == "ha-noi"
    figure = finished(trends.rank_history(view_of("papi"), papi().series, ["ha-noi", "da-nang"]))
    assert set(figure.data) == {"year", "ha-noi", "da-nang", "break"}
    assert column(figure, "ha-noi")[2024] == ranks["ha-noi", 2024]


@pytest.mark.long
@pytest.mark.parametrize("unit", ["", "ha-noi"])
def test_the_bridge_ends_at_the_whole_change(unit, language):
    parts = papi().parts if unit else papi().mean_parts
    figure = finished(trends.change_bridge(view_of("papi", language), parts, unit))
    *contributions, total = figure.data["contribution"]
    assert sum(contributions) == pytest.approx(total)
    if unit:
        own = papi().series.query("unit == @unit").set_index("year")["value"]
        assert total == pytest.approx(own[2024] - own[2023])


@pytest.mark.few(1)
def test_the_matrix_counts_every_unit_once(language):
    figure = finished(trends.mobility_matrix(view_of("papi", language), papi().transitions))
    assert figure.data["n"] == papi().transitions["n"].tolist()
    assert sum(figure.data["n"]) == 59  # in both years: 61 less 2 that 2023 lacks
    # of PAR 9 of 63 provinces have a known rank in both years: the moves of a few are not shown as those of all
    assert isinstance(trends.mobility_matrix(view_of("par", language), par().transitions), Note)


def test_tables_hold_the_frames_and_mark_the_breaks(language):
    view = view_of("papi", language)
    table = yearly_table(view, papi().yearly, papi().mobility)
    assert [row["year"] for row in table.rows if row["year"].endswith("*")] == ["2018 *", "2019 *", "2021 *"]
    assert [row["mean"].value for row in table.rows] == papi().yearly["mean"].tolist()
    table = contributions_table(view, papi().mean_parts)
    *parts, whole = (row["contribution"].value for row in table.rows)
    assert sum(parts) == pytest.approx(whole)
    printed = yearly_table(view_of("par", language), par().yearly, par().mobility)
    assert {row["mean"].made for row in printed.rows if row["mean"].value is not None} <= {"printed", "mean"}
    assert not {"places", "spearman", "sd"} & {column.key for column in printed.columns}  # known of fewer than half


def test_one_line_where_nothing_is_known(language):
    view = view_of("papi", language)
    for block in (
        trends.yearly_lines(view, EMPTY),
        trends.yearly_lines(view, papi().yearly.tail(1)),
        trends.spread_line(view, EMPTY),
        trends.rank_history(view, papi().series.iloc[:0]),
        trends.change_bridge(view, EMPTY),
        trends.mobility_matrix(view, EMPTY),
        yearly_table(view, EMPTY, EMPTY),
    ):
        assert isinstance(block, Note)
        assert block.role == "missing"
    assert contributions_table(view, EMPTY) is None
