"""Comparison with the year before, of regions, areas and parts: only what is known, with its basis and its breaks."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import isnan

import pandas as pd
import pytest

from parlib.analysis import comparison, peers
from parlib.analysis.comparison import Changes
from parlib.analysis.mobility import mobility
from parlib.analysis.statistics import statistics
from parlib.scoring.results import Results
from parlib.sources import published


@cache
def opened(year: int, level: str, index_name: str = "par") -> Results:
    return published.results(index_name, year, level)


# --- the year before ------------------------------------------------------------------------------


def test_changes_are_exact_and_places_are_positive_upwards(make_results):
    before = make_results({"a": 80.1, "b": 80.3, "c": 70.0}, year=2022)
    now = make_results({"a": 80.4, "b": 80.3, "c": 69.9})
    frame = comparison.change(now, before).set_index("unit")
    assert frame["change"].tolist() == [0.3, 0.0, -0.1]  # without binary noise
    assert frame["places"].tolist() == [1, -1, 0]
    assert set(frame["basis"]) == {"computed"}
    counts = comparison.change_counts(frame.reset_index(), now)
    assert counts == Changes(up=1, down=1, same=1, unknown=0, n_known=3, n_units=3, basis="computed")


def test_a_printed_change_stands_in_where_the_year_before_is_not_known(make_results):
    before = make_results({"a": 80.0, "b": None}, year=2022)
    now = make_results({"a": 81.0, "b": 90.0, "c": None}, changes={"b": 2.5})
    frame = comparison.change(now, before).set_index("unit")
    assert frame["change"].tolist()[:2] == [1.0, 2.5]
    assert isnan(frame.loc["c", "change"])
    assert frame["basis"].tolist() == ["computed", "published", ""]
    assert isnan(frame.loc["b", "previous"])
    assert not comparison.change(now, None)["break_mark"].any()


def test_a_change_on_a_derived_value_is_derived_whichever_year_it_stands_in(make_results):
    values = {"a": 81.0, "b": 82.0, "c": 83.0}
    before, now = make_results(values, year=2022), make_results(values)
    derived = [
        pd.DataFrame([(unit, node, "derived", "")], columns=list(now.bases))
        for unit, node in (("a", ""), ("b", ""), ("c", "1"))
    ]
    now = replace(now, bases=pd.concat([derived[0], derived[2]]))  # of c only an area
    frame = comparison.change(now, replace(before, bases=derived[1])).set_index("unit")
    assert frame["basis"].to_dict() == {"a": "derived", "b": "derived", "c": "computed"}


def test_a_rounded_value_gives_no_change():
    # 2018 Bộ Tư pháp is printed as 87, which is 86.5 to 87.5
    frame = comparison.change(opened(2019, "ministry"), opened(2018, "ministry")).set_index("unit")
    assert isnan(frame.loc["bo-tu-phap", "change"])
    assert frame.loc["bo-tu-phap", ["previous_rank", "rank"]].tolist() == [3, 3]
    assert frame.loc["ngan-hang-nha-nuoc-viet-nam", "change"] == 4.83  # 95.40 - 90.57
    assert frame["break_mark"].all()


def test_known_changes_of_provinces_2023():
    frame = comparison.change(opened(2023, "province"), opened(2022, "province")).set_index("unit")
    assert frame.loc["ha-noi", ["change", "places", "basis"]].tolist() == [1.85, 0, "computed"]
    # the index of 2022 was itself derived from the printed change: the printed one is given
    assert frame.loc["hue", ["change", "places", "basis"]].tolist() == [1.82, 2, "published"]
    assert frame.loc["da-nang", "places"] == -7
    assert not frame["break_mark"].any()
    counts = comparison.change_counts(frame.reset_index(), opened(2023, "province"))
    assert counts == Changes(up=57, down=6, same=0, unknown=0, n_known=11, n_units=63, basis="printed")


def test_printed_rises_and_falls_that_do_not_add_up_leave_a_unit_unknown():
    # 53 rose, 9 fell of 63 provinces in 2024
    frame = comparison.change(opened(2024, "province"), opened(2023, "province"))
    counts = comparison.change_counts(frame, opened(2024, "province"))
    assert (counts.up, counts.down, counts.same, counts.unknown) == (53, 9, 0, 1)
    assert counts.basis == "printed"
    assert frame["break_mark"].all()  # 892/QĐ-BNV


def test_one_printed_count_leaves_the_others_to_the_known_units():
    # 16 of 17 ministries rose in 2019; what became of the last is not known
    frame = comparison.change(opened(2019, "ministry"), opened(2018, "ministry"))
    counts = comparison.change_counts(frame, opened(2019, "ministry"))
    assert (counts.up, counts.down, counts.same, counts.unknown, counts.n_units) == (16, 0, 0, 1, 17)


def test_without_print_the_known_units_are_counted_and_the_others_are_unknown():
    frame = comparison.change(opened(2024, "province", "papi"), opened(2023, "province", "papi"))
    counts = comparison.change_counts(frame, opened(2024, "province", "papi"))
    # 61 complete in 2024; Quảng Ninh and Bình Dương had no total in 2023
    assert (counts.n_units, counts.n_known, counts.unknown, counts.basis) == (61, 59, 2, "known")
    totals = pd.read_csv(published.par.places.data() / "external/papi_totals.csv").pivot(  # noqa: PD010
        index="key", columns="year", values="total"
    )
    moved = (totals[2024] - totals[2023]).dropna()
    assert (counts.up, counts.down) == ((moved > 0).sum(), (moved < 0).sum())


def test_across_a_break_other_indices_have_no_change_but_show_both_values():
    frame = comparison.change(opened(2021, "province", "papi"), opened(2020, "province", "papi"))
    assert frame["change"].isna().all()
    assert frame["break_mark"].all()
    assert frame["previous"].notna().all()
    empty = comparison.change_counts(frame, opened(2021, "province", "papi"))
    assert (empty.up, empty.unknown, empty.basis) == (0, 60, "")


def test_years_further_apart_carry_every_break_between():
    frame = comparison.change(opened(2023, "province", "papi"), opened(2019, "province", "papi"))
    assert frame["break_mark"].all()  # 2021
    same_series = comparison.change(opened(2023, "province", "papi"), opened(2021, "province", "papi"))
    assert not same_series["break_mark"].any()
    assert same_series["change"].notna().sum() > 50


def test_nothing_known_compares_to_nothing():
    frame = comparison.change(opened(2024, "ministry"), opened(2023, "ministry"))
    assert frame.empty
    assert comparison.change_counts(frame, opened(2024, "ministry")) == Changes(0, 0, 0, 0, 0, None, "")


# --- regions --------------------------------------------------------------------------------------


def test_printed_region_means_with_changes_and_conflicts():
    frame = comparison.regions(opened(2024, "province"), opened(2023, "province")).set_index("region")
    assert frame["n"].sum() == 63
    north = frame.loc["dong-bang-song-hong"]
    assert (north["mean"], north["change"], north["basis"], north["change_basis"]) == (
        90.17,
        1.85,
        "printed",
        "printed",
    )
    mekong = frame.loc["dong-bang-song-cuu-long"]
    assert (mekong["change"], mekong["change_basis"]) == (1.95, "deduced")  # 87.37 - 85.42
    # a change worked out from a mean of which another was printed too carries that conflict on
    now = opened(2024, "province")
    unsaid = replace(now, printed_regions=now.printed_regions.assign(change=float("nan")))
    deduced = comparison.regions(unsaid, opened(2023, "province")).set_index("region").loc["dong-nam-bo"]
    assert deduced[["change_basis", "conflict"]].tolist() == ["deduced", "87.45 (S072)"]
    earlier = comparison.regions(opened(2023, "province"), opened(2022, "province")).set_index("region")
    assert earlier.loc["dong-nam-bo", "conflict"] == "87.45 (S072)"
    assert isnan(earlier.loc["tay-nguyen", "change"])  # not printed for 2022
    assert frame["minimum"].isna().all()  # the provinces of no region are all known


def test_region_means_are_computed_only_where_every_province_is_known():
    frame = comparison.regions(opened(2024, "province", "papi")).set_index("region")
    values = opened(2024, "province", "papi").values()
    assert frame.loc["tay-nguyen", "basis"] == "computed"
    highlands = values[["kon-tum", "gia-lai", "dak-lak", "dak-nong", "lam-dong"]]
    assert frame.loc["tay-nguyen", "mean"] == pytest.approx(highlands.mean(), abs=1e-8)
    assert frame.loc["tay-nguyen", "minimum"] == pytest.approx(highlands.min(), abs=1e-8)
    ends = frame.loc["tay-nguyen", ["minimum_unit", "minimum_units", "maximum_unit", "maximum_units"]].tolist()
    assert ends == ["kon-tum", "kon-tum", "dak-lak", "dak-lak"]  # 40.31 and 43.01, the others between
    red_river = frame.loc["dong-bang-song-hong"]  # Vĩnh Phúc has no total
    assert (red_river["n"], red_river["n_known"], red_river["basis"]) == (11, 10, "")
    assert isnan(red_river["mean"])


def test_ministries_have_no_regions():
    assert comparison.regions(opened(2023, "ministry")).empty


# --- areas and parts ------------------------------------------------------------------------------


def test_the_best_of_a_few_known_units_is_not_the_best():
    frame = comparison.best_and_worst(opened(2023, "province")).set_index("node")
    assert frame.loc["", ["best_unit", "worst_unit", "settled"]].tolist() == ["quang-ninh", "an-giang", True]
    # area 3: two provinces have a value and ranks 34 and 62; neither is the best
    assert frame.loc["3", ["best_unit", "worst_unit", "settled"]].tolist() == ["", "", False]
    assert frame.loc["7", "best_unit"] == "bac-giang"  # printed rank 1, its value was not seen
    assert isnan(frame.loc["7", "best"])
    assert not frame.loc["7", "settled"]


def test_complete_areas_name_best_and_worst_with_ties(make_results):
    areas = {"1": {"a": 50.0, "b": 70.0, "c": 70.0}, "2": {"a": 50.0, "b": None, "c": 40.0}}
    results = make_results({"a": 90.0, "b": 80.0, "c": 85.0}, areas=areas)
    frame = comparison.best_and_worst(results).set_index("node")
    assert frame.loc["1", ["best_unit", "best", "best_shared", "worst_unit", "worst"]].tolist() == ["b", 70, 2, "a", 50]
    assert frame.loc["1", ["mean", "mean_basis", "settled"]].tolist() == [
        pytest.approx(190 / 3),
        "computed",
        True,
    ]
    assert frame.loc["2", ["n_known", "best_unit", "worst_unit", "settled"]].tolist() == [2, "", "", False]


def test_a_printed_mean_of_an_area_is_given_as_such():
    frame = comparison.best_and_worst(opened(2017, "ministry")).set_index("node")
    assert frame.loc["3", ["mean", "mean_basis"]].tolist() == [76.3, "printed"]
    assert frame.loc["3", ["worst_unit", "worst"]].tolist() == ["bo-y-te", 49.78]
    assert frame.loc["2", "worst_unit"] == "bo-y-te"


def test_dimensions_of_papi_2024():
    frame = comparison.best_and_worst(opened(2024, "province", "papi")).set_index("node")
    totals = pd.read_csv(published.par.places.data() / "external/papi_totals.csv")
    totals = totals[(totals["year"] == 2024) & totals["total"].notna()].set_index("key")
    for dimension in range(1, 9):
        row = frame.loc[str(dimension)]
        assert row["settled"]
        assert row["best_unit"] == totals[f"dim{dimension}"].idxmax()
        assert row["worst_unit"] == totals[f"dim{dimension}"].idxmin()


def test_parts_of_ministries_add_up_to_the_printed_index():
    frame = comparison.parts(opened(2023, "ministry"))
    assert list(frame.columns) == ["unit", "component", "points", "maximum"]
    assert list(frame["component"].unique()) == ["appraisal", "survey"]
    assert list(frame["unit"].drop_duplicates()) == opened(2023, "ministry").ranked_units
    sums = frame.groupby("unit")["points"].sum()
    assert (sums - opened(2023, "ministry").values()[sums.index]).abs().max() < 0.011  # rounded one by one
    # of 2024 one part of one province was printed: impact of Khánh Hòa, 5.09 of 6.5
    assert comparison.parts(opened(2024, "province")).to_dict("records") == [
        {"unit": "khanh-hoa", "component": "impact", "points": 5.09, "maximum": 6.5}
    ]


def test_parts_without_a_printed_maximum_have_none():
    frame = comparison.parts(opened(2018, "province")).set_index(["unit", "component"])
    assert frame.loc[("lang-son", "sipas"), "points"] == 9.15
    assert isnan(frame.loc[("lang-son", "sipas"), "maximum"])
    assert ("hoa-binh", "appraisal") not in frame.index


def test_means_of_parts_are_of_all_ranked_units_or_none(make_results):
    results = make_results({"a": 80.0, "b": 70.0, "x": None}, apart=("x",))
    rows = [("a", "own", 30.0, 40.0), ("b", "own", 33.0, 38.0), ("x", "own", 1.0, 40.0)]
    frame = pd.DataFrame(rows, columns=["unit", "component", "points", "maximum"])
    # (30 + 33) / 2 = 31.5 of (40 + 38) / 2 = 39, which is not the same for both; x is not ranked
    assert comparison.part_means(frame, results).values.tolist() == [["own", 31.5, 39.0, True]]
    assert comparison.part_means(frame[frame["unit"] != "b"], results).empty


# --- places, among the units ranked in both years ---------------------------------------------------


def test_places_are_those_among_the_units_ranked_in_both_years(make_results):
    before = make_results({"gone": 90, "a": 80, "b": 70, "c": 60}, year=2022)
    now = make_results({"a": 65, "new": 70, "b": 72, "c": 60}, year=2023)
    frame = comparison.change(now, before).set_index("unit")
    # a, b, c were 1st, 2nd, 3rd of the three (2nd, 3rd, 4th of four) and are 2nd, 1st, 3rd (3rd, 1st, 4th of four)
    assert frame["places"].dropna().to_dict() == {"a": -1, "b": 1, "c": 0}
    assert frame.loc[["a", "b", "c"], "previous_rank"].tolist() == [2, 3, 4]  # ranks stay as they were given
    assert (frame.attrs["both"], frame.attrs["came"], frame.attrs["went"]) == ("3", "new", "gone")
    without = make_results(
        {"a": 65, "b": 72, "c": 60}, year=2023
    )  # of a, b and c one rose, one fell in rank, one stayed
    counts = statistics(without, before).set_index("statistic")["value"]
    assert (counts["n_rank_up"], counts["n_rank_down"]) == (1, 1)
    assert mobility([before, now]).iloc[0][["mean_places", "largest_rise", "n_same"]].tolist() == [2 / 3, 1, 1]


def test_places_of_papi_2024_are_those_among_59_provinces():
    now, before = (opened(year, "province", "papi") for year in (2024, 2023))
    frame = comparison.change(now, before).set_index("unit")
    both = frame.index[frame["previous_rank"].notna() & frame["rank"].notna()]
    assert len(both) == 59
    by_hand = {}
    for unit in both:
        ahead = [sum(frame.loc[both, name] < frame.loc[unit, name]) for name in ("previous_rank", "rank")]
        by_hand[unit] = ahead[0] - ahead[1]
    assert frame.loc[both, "places"].to_dict() == by_hand
    # by ranks among different 61 provinces these were 0, 0, -1 and -1
    assert [by_hand[unit] for unit in ("bac-kan", "thanh-hoa", "gia-lai", "ben-tre")] == [1, 2, 0, 0]


def test_a_rank_stays_where_the_one_that_is_ranked_no_more_was_the_last():
    frame = comparison.change(opened(2018, "ministry"), opened(2017, "ministry"))
    # Ủy ban Dân tộc was 19th of 19 in 2017 and is not ranked in 2018: who was 18th is 18th of the 18 of both years
    assert frame.attrs["went"] == "uy-ban-dan-toc"
    places = frame.set_index("unit")["places"].dropna()
    assert places[["bo-y-te", "bo-tu-phap", "bo-cong-thuong", "bo-thong-tin-va-truyen-thong"]].tolist() == [
        1,
        1,
        0,
        -14,
    ]


def test_places_are_not_known_where_it_is_not_known_who_is_ranked_in_both_years():
    # 18 ministries were ranked in 2018 and 17 in 2019; of these 8 are known, and so who left is not
    frame = comparison.change(opened(2019, "ministry"), opened(2018, "ministry"))
    assert frame["previous_rank"].notna().any()
    assert frame["places"].isna().all()
    assert frame.attrs["both"] == "?"


def test_the_first_and_the_last_rank_of_all_settle_the_ends_of_their_group():
    # provinces 2023: Quảng Ninh is 1st of 63 with 92.18 (Hải Phòng 2nd), An Giang 63rd with 81.32; neither is a central
    # city, so they are the best and the worst of the other provinces, of which not all are known
    others = peers.cities(opened(2023, "province")).set_index("group").loc["others"]
    assert others["n_known"] < others["n"]
    assert others[["maximum", "maximum_unit"]].tolist() == [92.18, "quang-ninh"]
    assert others[["minimum", "minimum_unit"]].tolist() == [81.32, "an-giang"]
    assert isnan(others["mean"])
    regions = comparison.regions(opened(2023, "province")).set_index("region")
    assert regions.loc["dong-bang-song-hong", "maximum_unit"] == "quang-ninh"
    assert regions.loc["dong-bang-song-cuu-long", "minimum_unit"] == "an-giang"
    assert isnan(regions.loc["tay-nguyen", "maximum"])


def test_a_first_place_that_others_may_share_settles_no_best(make_results):
    results = make_results({"a": 90.0, "b": None, "c": None})
    ranks = pd.DataFrame(
        {"unit": ["a"], "rank": [1], "rank_min": [1], "rank_max": [1], "rank_basis": ["published"], "basis": [""]}
    )
    # no second rank is known: b may be first too
    assert comparison.ends_by_rank(replace(results, ranks=ranks), ["a", "b", "c"]) == {}
