"""Extremes are those of all who share them; what is known of too few makes no headline."""

import pandas as pd

from parlib import years
from parlib.analysis import comparison, mobility
from parlib.report import charts, prose
from parlib.report.blocks import Note, Wording
from parlib.report.views import View, ends


def test_all_that_tie_at_either_end_are_given():
    top, bottom = ends(["a", "b", "c", "d"], [0.3, 0.1 + 0.2, float("nan"), 0.1])  # 0.1 + 0.2 ties with 0.3
    assert (top.value, top.keys) == (0.3, ("a", "b"))
    assert (bottom.value, bottom.keys) == (0.1, ("d",))


def test_more_than_three_that_share_an_extreme_are_counted():
    results = years.open_results(2023, "ministry", "par")
    view = View(results, Wording())
    keys = results.ranked_units
    assert "".join(str(getattr(part, "text", part)) for part in view.shared_units(keys[:4])).startswith("4 ")
    assert view.shared_units(keys[:2]) == view.wording.join([view.unit(keys[0]), view.unit(keys[1])])


def test_a_change_known_for_fewer_than_half_is_told_with_of_how_many_and_not_drawn():
    # Provinces 2023: of 63, few have a value in both years; Quảng Nam's rise is not the largest of all.
    results = years.open_results(2023, "province", "par")
    moved = comparison.change(results, years.open_other_year(results, 2022))
    view = View(results, Wording())
    n = int(moved["change"].notna().sum())
    assert 0 < 2 * n < 63
    (sentence,) = [block.plain_text() for block in prose.movers(view, moved, pd.DataFrame())]
    assert f"{n}/63" in sentence
    assert isinstance(charts.change_bars(view, moved), Note)


def test_the_largest_changes_that_were_printed_are_told_where_few_are_known():
    """The press card named Bộ Ngoại giao, the report said that nothing could be said of 12 of 17 ministries."""
    told = {}
    for year, level in ((2023, "ministry"), (2024, "province")):
        of = years.year(year, level)
        sentences = prose.movers(View(of.results, Wording()), of.change(), of.statistics(column="index"))
        told[year] = [block.plain_text() for block in sentences]
    assert told[2023][:2] == [
        "Tăng nhiều nhất: Bộ Ngoại giao, tăng 5,83 điểm % so với năm 2022.",
        "Giảm nhiều nhất: Bộ Kế hoạch và Đầu tư, giảm 5,31 điểm % so với năm 2022.",
    ]
    assert told[2024][:2] == [
        "Tăng nhiều nhất: tỉnh Bình Thuận, tăng 6,39 điểm % so với năm 2023.",
        "Đơn vị giảm nhiều nhất: giảm 2,94 điểm % so với năm 2023 (nguồn số liệu không nêu tên).",
    ]
    assert [len(sentences) for sentences in told.values()] == [3, 3]  # and of how many units the change is known


def test_years_in_the_best_group_follow_from_the_groups_that_print_settles():
    # Thái Nguyên is in group A of 2023 and 2024; so are Quảng Ninh (every year from 2018), Hà Nội and Bà Rịa - Vũng
    # Tàu. Hải Phòng was in group B in 2019: exactly five years. The best group began at 80 in 2018, at 90 since.
    results = years.open_results(2024, "province", "par")
    frame = mobility.runs(reversed(years.open_years(results)))
    best = frame[frame["condition"] == "band"].set_index("unit")
    assert best["years"].to_dict() == {
        "quang-ninh": 7, "hai-phong": 5, "ha-noi": 2, "thai-nguyen": 2, "ba-ria-vung-tau": 2,
    }  # fmt: skip
    assert best.loc["quang-ninh", "break_mark"]
    assert not best.loc["hai-phong", "at_least"]
    assert not best["all_known"].any()
