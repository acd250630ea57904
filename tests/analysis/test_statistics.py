"""Statistics of a year: computed, printed or deduced, and empty where the known data does not settle one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import isnan

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.analysis.statistics import index_tables, of_group, statistics, statistics_table, words
from parlib.scoring.results import Results
from parlib.sources import published


@cache
def opened(year: int, level: str, index_name: str = "par") -> Results:
    return published.results(index_name, year, level)


def by_word(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index("statistic")


# --- complete tables ------------------------------------------------------------------------------


def test_ministries_2023_are_computed_from_the_17_printed_values():
    result = by_word(statistics(opened(2023, "ministry"), opened(2022, "ministry"), opened(2012, "ministry")))
    # sum of the 17 printed values: 1434.43; 1434.43 / 17 = 84.378235...
    expected = {
        "mean": 1434.43 / 17,
        "max": 89.95,
        "min": 78.03,
        "range": 11.92,
        "n_units": 17,
        "n_assessed": 19,
        "n_above_mean": 10,
        "n_ge_90": 0,
        "n_80_90": 14,
        "n_70_80": 3,
        "n_lt_70": 0,
        "n_ge_80": 14,
        "n_lt_80": 3,
        "n_lt_60": 0,
        "first_minus_second": 0.06,
        "max_minus_mean": 89.95 - 1434.43 / 17,
    }
    for word, value in expected.items():
        assert result.loc[word, "value"] == pytest.approx(value, abs=1e-8), word
        assert result.loc[word, "basis"] == "computed", word
    assert result.loc["max", "unit"] == "bo-tu-phap"
    assert result.loc["max", "source_ids"] == "S086"
    # of 2022 five values are known: what is told of changes of the level is what was printed
    printed = {"mean_change": 0.33, "n_rose": 10, "n_fell": 7, "largest_rise": 5.83, "largest_fall": -5.31}
    for word, value in printed.items():
        assert result.loc[word, ["value", "basis"]].tolist() == [value, "printed"], word
    for word in ("n_rank_up", "n_rank_down", "n_rise_ge_10"):
        assert isnan(result.loc[word, "value"]), word
        assert result.loc[word, "basis"] == "", word


def test_as_printed_numbers_have_two_decimals_half_up_and_counts_none():
    texts = statistics_table(opened(2023, "ministry")).set_index("statistic")["value"]
    assert texts[["mean", "max_minus_mean", "first_minus_second", "n_80_90", "n_rose"]].tolist() == [
        "84.38",
        "5.57",
        "0.06",
        "14",
        "10",  # printed
    ]


def test_half_a_cent_is_rounded_up(make_results):
    # (80.00 + 80.01) / 2 = 80.005, printed 80.01; to even it would be 80.00
    texts = statistics_table(make_results({"a": 80.0, "b": 80.01})).set_index("statistic")["value"]
    assert texts["mean"] == "80.01"


def test_changes_are_computed_where_every_unit_has_one(make_results):
    before = make_results({"a": 80.0, "b": 70.0, "c": 60.0, "d": 75.0}, year=2022)
    now = make_results({"a": 79.0, "b": 80.0, "c": 60.0, "d": 75.5})
    result = by_word(statistics(now, before))["value"]
    assert result[["n_rose", "n_fell", "n_rise_ge_10"]].tolist() == [2, 1, 1]
    assert result[["largest_rise", "smallest_rise", "largest_fall", "smallest_fall"]].tolist() == [10, 0.5, -1, -1]
    # ranks before: a 1, d 2, b 3, c 4; now: b 1, a 2, d 3, c 4
    assert result[["n_rank_up", "n_rank_down"]].tolist() == [1, 2]
    assert result["mean_change"] == 73.625 - 71.25
    units = by_word(statistics(now, before))["unit"]
    assert units[["largest_rise", "largest_fall", "max", "min"]].tolist() == ["b", "a", "b", "c"]


def test_no_rise_leaves_the_largest_rise_empty(make_results):
    result = by_word(statistics(make_results({"a": 70.0}), make_results({"a": 80.0}, year=2022)))
    assert result.loc["n_rose", "value"] == 0
    assert isnan(result.loc["largest_rise", "value"])


def test_a_value_has_the_source_of_the_unit_that_holds_it(make_results):
    rests = [(unit, node, "published", f"{unit}{node}") for node in ("", "1") for unit in "abc"]
    bases = pd.DataFrame(rests, columns=["unit", "node", "basis", "source_ids"])
    found = by_word(statistics(make_results({"a": 60.0, "b": 80.0, "c": 70.0}, bases=bases)))["source_ids"]
    assert found[["max", "min", "mean"]].tolist() == ["b", "a", ""]


def test_several_units_at_the_top_name_none(make_results):
    result = by_word(statistics(make_results({"a": 80.0, "b": 80.0, "c": 70.0})))
    assert result.loc["max", ["value", "unit"]].tolist() == [80, ""]
    assert result.loc["first_minus_second", "value"] == 0


def test_units_apart_do_not_count(make_results):
    result = by_word(statistics(make_results({"a": 80.0, "b": 70.0, "x": 10.0}, apart=("x",))))["value"]
    assert result[["n_units", "n_assessed", "mean", "min"]].tolist() == [2, 3, 75, 70]


# --- partial tables -------------------------------------------------------------------------------


def test_the_first_and_the_last_rank_settle_maximum_minimum_and_range():
    # rank 1 has 89.06 and rank 63 has 69.53, the range is not printed: 19.53
    result = by_word(statistics(opened(2018, "province")))
    assert result.loc["max", ["value", "unit", "basis"]].tolist() == [89.06, "quang-ninh", "computed"]
    assert result.loc["min", ["value", "unit", "basis"]].tolist() == [69.53, "phu-yen", "computed"]
    assert result.loc["range", ["value", "basis"]].tolist() == [19.53, "computed"]
    # printed: 9 at 80 or above, 36 from 75 to 80, 15 from 70 to 75, 3 below 70: 63
    assert result.loc["n_75_80", ["value", "basis"]].tolist() == [36, "printed"]
    assert result.loc["n_70_80", ["value", "basis"]].tolist() == [51, "deduced"]
    assert result.loc["n_ge_90", ["value", "basis"]].tolist() == [0, "computed"]
    assert result.loc["n_ge_80", ["value", "basis"]].tolist() == [9, "printed"]
    assert result.loc["max_minus_mean", ["value", "basis"]].tolist() == [12.14, "deduced"]


def test_a_mean_follows_from_its_printed_distance_to_the_maximum():
    # 2013: maximum 87.02 (rank 1), 9.46 above the mean, which is printed as 77.56 as well
    year = opened(2013, "province")
    words = year.printed_statistics
    result = by_word(statistics(replace(year, printed_statistics=words[words["statistic"] != "mean"])))
    assert result.loc["mean", ["value", "basis"]].tolist() == [77.56, "deduced"]
    assert result.loc["range", "value"] == 28.11  # 87.02 - 58.91


def test_a_minimum_follows_from_the_printed_range():
    # 2020: 95.88 - 12.64 = 83.24, so none of the 17 ministries is below 80
    result = by_word(statistics(opened(2020, "ministry")))
    assert result.loc["min", ["value", "unit", "basis"]].tolist() == [83.24, "", "deduced"]
    assert result.loc["n_ge_80", "value"] == 17
    assert result.loc["n_lt_80", "value"] == 0


def test_changes_of_the_mean_follow_from_the_means_of_both_years():
    # 86.07 in 2021; 2020 was 12.18 and 2021 10.69 above 2012: -1.49
    result = by_word(statistics(opened(2021, "ministry"), opened(2020, "ministry"), opened(2012, "ministry")))
    assert result.loc["mean_change", ["value", "basis"]].tolist() == [-1.49, "deduced"]
    assert result.loc["mean_change_vs_2012", ["value", "basis"]].tolist() == [10.69, "printed"]


def test_a_computed_mean_meets_a_printed_one_at_two_decimals():
    # 84.378... is printed 84.38; less 75.38 of 2012: 9.00
    result = by_word(statistics(opened(2023, "ministry"), None, opened(2012, "ministry")))
    assert result.loc["mean_change_vs_2012", ["value", "basis"]].tolist() == [9.0, "deduced"]


def test_2012_is_not_compared_with_itself():
    result = by_word(statistics(opened(2012, "ministry"), None, opened(2012, "ministry")))
    assert isnan(result.loc["mean_change_vs_2012", "value"])


def test_what_nothing_settles_stays_empty():
    result = by_word(statistics(opened(2014, "province"), opened(2013, "province")))
    # rank 63 is known, its index is not; of the others only three ranks are known
    for word in ("mean", "min", "range", "n_ge_90", "n_80_90", "n_above_mean", "n_rose"):
        assert isnan(result.loc[word, "value"]), word
        assert result.loc[word, ["basis", "unit", "source_ids"]].tolist() == ["", "", ""]
    empty = statistics(opened(2024, "ministry"), opened(2023, "ministry"), opened(2012, "ministry"))
    known = set(empty.loc[empty["value"].notna(), "statistic"])
    assert known == {"survey_citizens", "survey_officials", "survey_total"}  # printed for the country


def test_every_year_lists_all_words_in_one_order():
    for year in (2012, 2016, 2023, 2024):
        for level in ("province", "ministry"):
            assert tuple(statistics(opened(year, level))["statistic"])[: len(words())] == words()
    printed = pd.read_csv(published.par.places.data() / "published/par_statistics.csv")["statistic"]
    assert set(printed) <= set(words())  # the rest are words of the README of the data


def test_statistics_of_an_area_are_those_printed_for_it():
    result = by_word(statistics(opened(2017, "ministry"), node="3"))
    assert result.loc["mean", ["value", "basis"]].tolist() == [76.3, "printed"]
    assert result.loc["n_above_mean", "value"] == 9
    assert result.loc["min", ["value", "unit"]].tolist() == [49.78, "bo-y-te"]  # rank 19 of 19


def test_other_indices_have_no_groups_and_their_own_printed_words():
    papi = by_word(statistics(opened(2024, "province", "papi"), opened(2023, "province", "papi")))
    assert isnan(papi.loc["n_ge_80", "value"])
    assert papi.loc["n_units", "value"] == 61
    assert isnan(papi.loc["mean_change", "value"])  # other provinces are complete: the means do not compare
    points = by_word(statistics(opened(2024, "province", "papi"), column="points"))
    totals = pd.read_csv(published.par.places.data() / "external/papi_totals.csv")
    totals = totals.loc[totals["year"] == 2024, "total"].dropna()
    assert points.loc["mean", "value"] == pytest.approx(totals.mean(), abs=1e-4)
    assert points.loc["max", "value"] == pytest.approx(totals.max(), abs=1e-4)
    sipas = by_word(statistics(opened(2021, "province", "sipas")))
    assert sipas.loc["n_ge_90", ["value", "basis"]].tolist() == [8, "printed"]
    assert by_word(statistics(opened(2023, "province", "sipas"))).loc["mean_access", "value"] == 83


def test_the_number_above_a_printed_mean_is_known_only_where_every_unit_has_its_side(make_results):
    of = {"a": 95.0, "b": 85.0, "c": 70.0, "d": None}
    settled = make_results(of, ranks={"a": 1, "b": 2, "c": 3, "d": 4}, printed={"mean": 80.0})
    assert by_word(statistics(settled)).loc["n_above_mean", ["value", "basis"]].tolist() == [2, "deduced"]
    for unsettled in ({**of, "c": None}, {**of, "b": 80.0}):  # two of which nothing is known; one at the mean
        found = by_word(statistics(make_results(unsettled, ranks={"a": 1}, printed={"mean": 80.0})))
        assert isnan(found.loc["n_above_mean", "value"])


def test_no_change_across_a_break_of_another_index():
    result = by_word(statistics(opened(2018, "province", "papi"), opened(2017, "province", "papi")))
    for word in ("mean_change", "n_rose", "n_fell", "n_rank_up", "largest_rise"):
        assert isnan(result.loc[word, "value"]), word


def test_one_printed_count_and_the_known_changes_may_settle_the_other(make_results):
    before = make_results({"a": 80.0, "b": 80.0, "c": None, "d": None}, year=2022)
    now = make_results({"a": 79.0, "b": 80.0, "c": None, "d": None}, printed={"n_rose": 2})
    # one fell, one stayed, two rose: none is left
    result = by_word(statistics(now, before))
    assert result.loc["n_fell", ["value", "basis"]].tolist() == [1, "deduced"]
    unsettled = make_results({"a": 79.0, "b": None, "c": None, "d": None}, printed={"n_rose": 2})
    assert isnan(by_word(statistics(unsettled, before)).loc["n_fell", "value"])


def test_contradictory_print_is_repeated_but_nothing_follows_from_it(make_results):
    results = make_results({"a": 90.0, "b": None, "c": None}, ranks={"a": 1}, printed={"n_ge_80": 2, "n_lt_80": 2})
    result = by_word(statistics(results))
    assert result.loc["n_ge_80", ["value", "basis"]].tolist() == [2, "printed"]
    assert isnan(result.loc["n_70_80", "value"])


# --- properties -----------------------------------------------------------------------------------

_HIDABLE = ["mean", "max", "min", "n_ge_90", "n_80_90", "n_lt_70", "n_ge_80", "range", "first_minus_second"]


@settings(max_examples=20)
@given(st.data())
def test_settled_statistics_of_a_table_with_hidden_units_are_the_true_ones(make_results, data: st.DataObject):
    n = data.draw(st.integers(2, 8))
    values = [data.draw(st.integers(6000, 9999)) / 100 for _ in range(n)]
    units = [f"u{place}" for place in range(n)]
    complete = make_results(dict(zip(units, values, strict=True)))
    true = by_word(statistics(complete))["value"]
    ranks = {unit: 1 + sum(other > value for other in values) for unit, value in zip(units, values, strict=True)}
    printed = {word: float(true[word]) for word in _HIDABLE if data.draw(st.booleans())}
    if "mean" in printed:
        printed["mean"] = float(statistics_table(complete).set_index("statistic")["value"]["mean"])
    bounds = {}
    for unit, value in zip(units, values, strict=True):
        if data.draw(st.integers(0, 4)) == 0:
            bounds[unit] = (float(value // 10 * 10), float(value // 10 * 10 + 10))  # its group of ten
    partial = make_results(
        {
            unit: value if unit not in bounds and data.draw(st.booleans()) else None
            for unit, value in zip(units, values, strict=True)
        },
        ranks={unit: rank for unit, rank in ranks.items() if data.draw(st.booleans())},
        bounds=bounds,
        printed=printed,
    )
    result = by_word(statistics(partial))
    for word in result.index[result["basis"] != ""]:
        # a mean known to two decimals is good to half of the last
        slack = 0.0051 if word in ("mean", "max_minus_mean") else 1e-9
        assert abs(result.loc[word, "value"] - true[word]) <= slack, word


def test_indices_printed_as_points_have_their_statistics_in_points():
    # 47.82125 is the total of Quảng Ninh, the first of 2024, in external/papi.csv
    papi = statistics_table(opened(2024, "province", "papi")).set_index("statistic")["value"]
    assert papi["max"] == "47.82"
    dti = statistics_table(opened(2024, "province", "dti")).set_index("statistic")["value"]
    assert dti["max"] == "0.8373"
    assert dti["n_units"] == "63"


def test_figures_of_a_group_are_known_only_where_all_of_it_is():
    values = pd.Series({"a": 80.0, "b": 70.5, "c": 80.0})
    # (80 + 70.5 + 80) / 3 = 76.833333333 to nine decimals; a year earlier (79 + 70 + 80) / 3 = 76.333333333
    result = of_group(values, pd.Series({"a": 79.0, "b": 70.0, "c": 80.0}))
    assert (result["mean"], result["change"]) == (76.833333333, 0.5)
    assert [result[name] for name in ("minimum", "minimum_unit", "maximum", "maximum_unit", "maximum_units")] == [
        *(70.5, "b", 80.0, "", "a;c")
    ]
    assert isnan(of_group(values, pd.Series({"a": 79.0, "b": None, "c": 80.0}))["change"])
    unknown = of_group(values.mask(values < 80))
    assert isnan(unknown["mean"]) and isnan(unknown["maximum"]) and unknown["maximum_units"] == ""


def test_who_is_above_a_printed_mean_is_not_counted_where_one_may_be_either(make_results):
    # a is above 80 and b below; c makes the mean of the three 80: it is 80, to half of the last decimal, or not
    either = by_word(statistics(make_results({"a": 90.0, "b": 70.0, "c": None}, printed={"mean": 80.0})))
    assert isnan(either.loc["n_above_mean", "value"])


# --- the tables of several years ------------------------------------------------------------------


def test_each_year_stands_once_and_of_the_others_only_the_whole():
    now, then, first = opened(2023, "ministry"), opened(2022, "ministry"), opened(2012, "ministry")
    table = index_tables(now, None, then, now, whole=[then, first])
    assert not table.duplicated(["year", "unit", "node"]).any()
    assert table.index.equals(pd.RangeIndex(len(table)))
    wholes = table[table["node"] == ""].groupby("year")["index"].count()
    assert wholes.to_dict() == {of.year: int(of.values("", "index").notna().sum()) for of in (now, then, first)}
    assert set(table.loc[table["year"] == 2012, "node"]) == {""}
    assert {"", "component:appraisal"} <= set(table.loc[table["year"] == 2023, "node"])
