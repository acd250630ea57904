"""The alternative texts of figures name all that share an extreme, or their number."""

import re

import numpy as np
import pandas as pd
import pytest

from parlib import years
from parlib.analysis import comparison
from parlib.analysis.statistics import by_area
from parlib.report.blocks import Note, Wording
from parlib.report.charts import areas, robustness
from parlib.report.charts.areas import item_scatter
from parlib.report.tables import areas_table
from parlib.report.tables.areas import parts_of_area_table
from parlib.report.views import View
from parlib.scoring import ranking
from parlib.scoring.units import units as ministries

FOUR = ["Bộ Công Thương", "Bộ Giáo dục và Đào tạo", "Bộ Giao thông vận tải", "Bộ Khoa học và Công nghệ"]


@pytest.fixture(scope="module")
def view():
    return View(years.open_results(2023, "ministry", "par"), Wording(language="vi"))


@pytest.fixture(scope="module")
def keys(view):
    named = {view.unit(key): key for key in view.results.ranked_units}
    return [named[name] for name in FOUR]


def told(block):
    assert not isinstance(block, Note), block.text
    return block.alternative


def ranks(keys, low, high):
    frame = pd.DataFrame({"unit": keys, "rank": [1, 2, 3, 4], "rank_low": low, "rank_high": high, "coverage": 0.9})
    return frame.astype({"rank": "Int64", "rank_low": "Int64", "rank_high": "Int64"})


def test_units_with_ranges_as_wide_are_named_each_with_its_own(view, keys):
    text = told(robustness.rank_intervals(view, ranks(keys, [1, 1, 2, 4], [2, 3, 4, 4])))
    assert re.search(r"Bộ Giáo dục và Đào tạo \(\D*1\D*3\)\D*Bộ Giao thông vận tải \(\D*2\D*4\)", text)
    assert re.search(r"Bộ Khoa học và Công nghệ \(\D*4\D*4\)", text)


def test_of_more_than_three_ranges_as_wide_the_number_is_given(view, keys):
    text = told(robustness.rank_intervals(view, ranks(keys, [1, 2, 3, 4], [1, 2, 3, 4])))
    assert re.search(r": 4 bộ\D*\(\D*0 bậc\)", text)


def test_units_that_keep_their_rank_as_often_are_named(view, keys):
    shares = pd.DataFrame(np.diag([1.0, 1.0, 0.5, 0.5]) + np.diag([0, 0, 0.5], 1) + np.diag([0, 0, 0.5], -1), keys)
    text = told(robustness.acceptability(view, ranks(keys, [1, 2, 3, 3], [1, 2, 4, 4]), shares))
    assert "Bộ Công Thương và Bộ Giáo dục và Đào tạo" in text
    assert "Bộ Giao thông vận tải và Bộ Khoa học và Công nghệ" in text


def test_first_and_last_of_the_intervals_are_all_that_have_the_value(view, keys):
    values = np.array([90.0, 90.0, 80.0, 80.0])
    frame = pd.DataFrame({"unit": keys, "estimate": values, "low": values - 1, "high": values + 1, "level": 0.05})
    text = told(robustness.caterpillar(view, frame.assign(rank=[1, 1, 3, 3])))
    assert "Bộ Công Thương và Bộ Giáo dục và Đào tạo" in text
    assert "Bộ Giao thông vận tải và Bộ Khoa học và Công nghệ" in text


def test_areas_with_the_same_share_in_the_variance_are_named(view):
    nodes = view.nodes("area")[:3]
    frame = pd.DataFrame({"node": nodes, "nominal": 0.3, "covariance_share": [0.4, 0.4, 0.2]})
    text = told(robustness.weights_dumbbells(view, frame))
    assert f"{view.node_name(nodes[0])} và {view.node_name(nodes[1])}, 40,0%" in text


def test_items_that_go_as_badly_with_the_rest_are_named(view):
    nodes = ["1", "2", "3"]
    frame = pd.DataFrame({"node": nodes, "difficulty": [0.5, 0.6, 0.7], "discrimination": [0.1, 0.1, 0.4],
                          "remark": ["weak", "weak", ""]})  # fmt: skip
    assert "1 và 2, 0,10" in told(item_scatter(view, frame))


def test_means_by_area_are_compared_over_the_units_known_in_all_of_them(make_results):
    # Area 1 is known of one unit more, which is far below the others: its mean over all known would be the lower one.
    units = [unit.key for unit in ministries("ministry")][:8]

    def said(n_whole):
        known = dict.fromkeys(units[1 : n_whole + 1], 90.0)
        both = {"1": known | {units[0]: 0.0}, "2": dict.fromkeys(known, 80.0)}
        result = View(make_results(dict.fromkeys(units, 85.0), areas=both), Wording(language="vi"))
        return told(areas.area_heat_map(result, ranking.rank(result.results))), result

    text, result = said(7)
    first, second = result.node_name("1"), result.node_name("2")
    assert "7/8" in text
    assert f"cao nhất ở {first}, thấp nhất ở {second}" in text
    few, _ = said(3)  # fewer than half
    assert "cao nhất" not in few


def test_all_that_hold_the_best_value_of_an_area_stand_in_the_table(make_results):
    areas = {"1": {"bo-y-te": 50.0, "bo-noi-vu": 70.0, "bo-tai-chinh": 70.0}}
    results = make_results({"bo-y-te": 90.0, "bo-noi-vu": 80.0, "bo-tai-chinh": 85.0}, areas=areas)
    result = View(results, Wording(language="vi"))
    (row,) = areas_table(result, comparison.best_and_worst(results)).rows
    assert row["best_unit"] == "Bộ Nội vụ và Bộ Tài chính"
    assert row["worst_unit"] == "Bộ Y tế"


def test_an_end_that_several_provinces_share_is_an_extreme_of_all():
    """PAPI 2019, 8.3: 15 provinces share the lowest value, which is nobody's own: their number stands for names."""
    results = years.open_results(2019, "province", "papi")
    lowest = results.values("8.3", "points")
    assert (lowest == lowest.min()).sum() == 15
    parts = next(one.parts for one in by_area(results) if one.node == "8")
    row = parts_of_area_table(View(results, Wording(language="vi")), "8", parts).rows[2]
    assert (row["worst"].made, row["worst"].refs[0].unit, row["worst"].text) == ("minimum", "*", "0,33")
    assert (row["worst_unit"].text, row["worst_unit"].value) == ("15 tỉnh, thành phố", None)
    assert row["best_unit"] == "Tiền Giang"
    assert (row["best"].made, row["best"].refs[0].unit) == ("value", "tien-giang")
