"""The titles of figures: what they say can be worked out by hand from what is published."""

import re

import pytest

from parlib.analysis import series
from parlib.report.blocks import Number, Wording, plain
from parlib.report.findings import finding, since_before
from parlib.report.style import rank_ticks
from parlib.report.views import View
from parlib.years import open_results, open_years


def view_of(index_name, language="vi"):
    year, level = (2023, "ministry") if index_name == "par" else (2024, "province")
    return View(open_results(year, level, index_name), Wording(language))


def ranked(view):
    return view.values().loc[view.results.ranked_units]


def test_the_ranking_says_how_many_reach_the_bound_and_how_far_the_ends_are_apart():
    # ministries 2023: Justice 89.95, Industry and Trade 78.03; three of 17 under 80
    view = view_of("par")
    values = ranked(view)
    said = finding(view, "ranking", {"unit": list(values.index), "value": list(values)})
    assert plain(said).startswith("14/17 bộ, cơ quan ngang bộ đạt từ 80% trở lên")
    assert [part.text for part in said if isinstance(part, Number)] == ["14", "17", "11,92"]


def test_nothing_is_said_where_a_value_is_missing_or_no_rule_is_kept():
    view = view_of("par")
    values = ranked(view).iloc[:-1]
    assert finding(view, "ranking", {"unit": list(values.index), "value": list(values)}) == ()
    assert finding(view, "distribution", {"unit": list(values.index), "value": list(values)}) == ()
    assert finding(view, "no-such-figure", {"value": [1.0]}) == ()


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("vi", r"59 \D*hai năm tăng 0,88 điểm \D*2023, mức tăng lớn nhất"),
        ("en", r"59 \D*up 0\.88 points \D*2023, the largest"),
    ],
)
def test_a_change_of_the_mean_is_that_of_the_units_of_both_years(language, wanted):
    # PAPI 2024: 61 provinces in each year, 59 in both; the two means differ by 1.01 for they are of other provinces
    view = view_of("papi", language)
    yearly = series.yearly(open_years(view.results), "points")
    assert yearly["change"].iloc[-1] == pytest.approx(0.884676, abs=1e-6)
    assert yearly["n_both"].iloc[-1] == 59
    assert re.search(wanted, plain(since_before(view, yearly)))


def test_of_printed_means_the_change_is_their_difference_and_of_another_scale_there_is_none():
    # ministries: 84.05 in 2022 and 84.38 in 2023 as published, another set of criteria until 2021
    yearly = series.yearly(open_years(view_of("par").results)).set_index("year")
    assert round(yearly["change"][2023], 2) == 0.33
    assert yearly["change"].isna()[2022]


def test_the_spread_is_told_on_the_scale_of_the_year_alone():
    view = view_of("papi")
    drawn = {"year": [2019, 2020, 2021, 2022, 2023, 2024], "sd": [1.54, 1.79, 2.14, 1.94, 1.88, 1.81]}
    said = finding(view, "spread", drawn)
    assert "giảm" in plain(said)
    assert [(part.text, part.refs[0].year) for part in said if isinstance(part, Number)] == [
        ("2,14", 2021),
        ("1,81", 2024),
    ]


@pytest.mark.parametrize(
    ("n", "ticks"), [(5, [1, 2, 3, 4, 5]), (17, [1, 5, 10, 15, 17]), (63, [1, 10, 20, 30, 40, 50, 63])]
)
def test_a_scale_of_ranks_names_its_ends_and_round_ranks(n, ticks):
    assert rank_ticks(n) == ticks
