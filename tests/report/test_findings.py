"""The titles of figures: what they say can be worked out by hand from what is published."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from parlib.analysis import series
from parlib.report import annual
from parlib.report.blocks import Figure, Number, Wording, plain
from parlib.report.findings import finding, parts_apart, since_before
from parlib.report.style import rank_ticks
from parlib.report.views import View
from parlib.years import open_results, open_years, year


def view_of(index_name, language="vi"):
    of, level = (2023, "ministry") if index_name == "par" else (2024, "province")
    return View(open_results(of, level, index_name), Wording(language))


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


def test_a_unit_is_set_against_the_mean_of_all_that_are_ranked():
    # 17 ministries, mean 84.38 (1434.43 / 17 as published); Justice 89.95
    view = replace(view_of("par"), focus="bo-tu-phap")
    values = ranked(view)
    drawn = {"unit": list(values.index), "value": list(values), "region": [False] * 17}
    assert plain(finding(view, "place", drawn)) == "Bộ Tư pháp cao hơn mức trung bình chung 5,57 điểm %"
    assert finding(view, "place", {key: column[1:] for key, column in drawn.items()}) == ()  # one of 17 is lacking
    low = replace(view, focus="bo-cong-thuong")  # 78.03
    assert "thấp hơn mức trung bình chung 6,35" in plain(finding(low, "place", drawn))


def test_the_ranks_of_a_unit_are_told_on_the_scale_of_the_year_alone():
    view = replace(view_of("papi"), focus="lai-chau")
    drawn = {"year": [2020, 2021, 2023, 2024], "rank": [55, 30, 18, 31], "value": [1.0] * 4, "break": [False] * 4}
    assert plain(finding(view, "history", drawn)) == "Từ thứ 30 năm 2021 xuống thứ 31 năm 2024"  # a break before 2021
    assert finding(view, "history", {key: column[:3] for key, column in drawn.items()}) == ()  # 2024 is not known


def test_of_areas_the_best_and_the_worst_against_the_mean_are_told_where_they_lie_on_both_sides():
    view = replace(view_of("papi"), focus="lai-chau")
    nodes = [str(node) for node in view.nodes("area")[:3]]
    drawn = {"node": nodes, "name": nodes, "index": [5.2, 4.0, 6.0], "mean": [5.0, 4.5, 6.0]}
    said = finding(view, "areas", drawn)
    assert [part.text for part in said if isinstance(part, Number)] == ["+0,20", "−0,50"]
    above = finding(view, "areas", drawn | {"mean": [5.0, 3.5, 5.9]})  # none is below: 4.0 - 3.5 is the most
    assert [part.text for part in above if isinstance(part, Number)] == ["+0,50"]
    below = finding(view, "areas", drawn | {"mean": [5.3, 4.5, 6.2]})  # none is above: 4.0 - 4.5 is the most
    assert [part.text for part in below if isinstance(part, Number)] == ["−0,50"]


def test_what_was_lost_claimed_and_granted_is_told_of_the_unit_or_of_the_one_with_most():
    view = replace(view_of("par"), focus="bo-tu-phap")
    lost = {"node": ["1", "2"], "lost": [0.5, 1.25], "mean": [1.0, 1.0]}
    assert plain(finding(view, "losses", lost)).endswith("1,25 điểm")
    assert finding(view, "losses", lost | {"lost": [1.0, 1.0]}) == ()  # two share it
    own = {"node": ["1", "2"], "claimed": [8.0, 4.5], "granted": [7.5, 4.0]}
    assert plain(finding(view, "claims", own)) == "Tự đánh giá 12,50 điểm, được công nhận 11,50 điểm"
    units = {"unit": ["bo-y-te", "bo-tu-phap"], "claimed": [9.0, 9.0], "granted": [8.0, 8.9], "over": [1.0, 0.1]}
    assert plain(finding(view, "claims", units)).startswith("Không được công nhận nhiều điểm nhất: Bộ Y tế, 1,00")


def test_criteria_merged_units_and_satisfaction_are_told_by_their_ends_where_one_holds_them():
    view = view_of("par")
    mean_lost = {"node": ["1", "2"], "mean_lost": [0.5, 1.25]}
    assert plain(finding(view, "losses", mean_lost)) == "Bị trừ nhiều nhất: cải cách thể chế, bình quân 1,25 điểm"
    assert finding(view, "losses", {**mean_lost, "mean_lost": [1.25, 1.25]}) == ()
    values = dict.fromkeys(view.results.ranked_units, 80.0) | {"bo-y-te": 91.5, "bo-tu-phap": 70.25}
    drawn = {"unit": list(values), "value": list(values.values())}
    assert plain(finding(view, "sipas", drawn)) == "Cao nhất: Bộ Y tế, 91,50%; thấp nhất: Bộ Tư pháp, 70,25%"
    assert finding(view, "sipas", {key: column[1:] for key, column in drawn.items()}) == ()  # not all of them
    spread = pd.DataFrame({"unit": ["bo-tai-chinh", "bo-noi-vu"], "spread": [9.11, 2.0],
                           "parts": ["bo-tai-chinh;bo-ke-hoach-va-dau-tu", "bo-noi-vu"]})  # fmt: skip
    assert plain(parts_apart(view, spread)) == "Các đơn vị cũ của Bộ Tài chính chênh lệch nhau nhiều nhất: 9,11 điểm %"
    assert parts_apart(view, spread.assign(spread=2.0)) == ()


def test_a_region_of_which_a_province_is_unknown_is_called_neither_highest_nor_lowest():
    """PAPI 2024 lacks Vĩnh Phúc and Tiền Giang: of the regions of these no mean is known, so no end of six is."""
    report = annual.Report(year(2024, "province", "papi"))
    drawn = {block.name: block for block in report.regions() if isinstance(block, Figure)}
    assert drawn["regions"].finding == ()
    # of the 16 with 44.69 points or more Bắc Trung Bộ và duyên hải miền Trung has Bình Thuận, Ninh Thuận, Hà Tĩnh,
    # Thừa Thiên Huế, Thanh Hóa and Quảng Trị
    assert plain(drawn["map_quarters"].finding).startswith("6 trong số 16 tỉnh, thành phố")
    assert [part.text for part in drawn["map_change_tiles"].finding if isinstance(part, Number)][:3] == [
        "59",
        "43",
        "16",
    ]


def test_an_english_sentence_gives_ministries_their_article():
    view = view_of("par", "en")
    assert view.unit_list(["bo-tu-phap"]) == "the Ministry of Justice"
    assert view.unit_list(["bo-tu-phap", "bo-y-te"]) == "the Ministry of Justice and the Ministry of Health"
    assert view_of("papi", "en").unit_list(["quang-ninh"]) == "Quang Ninh"
    best = {"unit": ["bo-tu-phap", "bo-y-te"], "over": [2.0, 1.0]}
    assert plain(finding(view, "claims", best)).startswith("Most points not granted: the Ministry of Justice")
