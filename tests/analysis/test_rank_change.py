"""A change of rank by own change and others': adds up to the places; by hand, on random tables, on PAPI 2024."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.analysis.comparison import change, change_of_rank, crossings
from parlib.errors import ParameterError
from parlib.scoring.results import Results
from parlib.sources import published


@cache
def opened(year: int) -> Results:
    return published.results("papi", year, "province")


def test_own_change_and_that_of_the_others_by_hand(make_results):
    before = make_results({"a": 80, "b": 70, "c": 60}, year=2022)
    now = make_results({"a": 65, "b": 72, "c": 75}, year=2023)
    frame = change_of_rank(now, before).set_index("unit")
    # c: 3rd to 1st. Its new 75 among the old 80, 70: 2nd; its old 60 among the new 65, 72: 3rd.
    # own: ((3 - 2) + (3 - 1)) / 2 = 1.5; others: ((3 - 3) + (2 - 1)) / 2 = 0.5
    assert frame.loc["c", ["previous_rank", "rank", "places", "own", "others"]].tolist() == [3, 1, 2, 1.5, 0.5]
    assert frame.loc["c", ["rank_if_own", "rank_if_others"]].tolist() == [2, 3]
    # b stays 2nd: its 72 among 80, 60 is 2nd, its 70 among 65, 75 is 2nd
    assert frame.loc["b", ["places", "own", "others"]].tolist() == [0, 0, 0]


def test_a_unit_that_stands_still_is_moved_by_the_others_alone(make_results):
    before = make_results({"a": 80, "b": 70, "c": 60}, year=2022)
    now = make_results({"a": 80, "b": 85, "c": 60}, year=2023)
    frame = change_of_rank(now, before).set_index("unit")
    assert frame.loc["a", ["places", "own", "others"]].tolist() == [-1, 0, -1]
    assert frame.loc["b", ["places", "own", "others"]].tolist() == [1, 1, 0]


def test_units_of_one_year_only_move_nobody(make_results):
    before = make_results({"a": 80, "b": 70}, year=2022)
    now = make_results({"new": 90, "a": 80, "b": 70}, year=2023)
    frame = change_of_rank(now, before).set_index("unit")
    # b was the second of a and b, and is: that it is the third of three now, new units did
    assert frame.loc["b", ["previous_rank", "rank", "places", "own", "others"]].tolist() == [2, 3, 0, 0, 0]
    assert frame.loc["new", "rank"] == 1
    assert frame.loc["new", ["places", "own"]].isna().all()


def test_nothing_is_said_where_a_value_is_not_known_or_the_years_do_not_compare(make_results):
    before = make_results({"a": 80, "b": None}, year=2022)
    now = make_results({"a": 80, "b": 70}, year=2023)
    assert change_of_rank(now, before)["own"].isna().all()
    across = change_of_rank(opened(2021), opened(2020))
    assert across["own"].isna().all()
    assert across["break_mark"].all()
    with pytest.raises(ParameterError):
        change_of_rank(before, now)


values = st.lists(st.integers(0, 12), min_size=6, max_size=6)


@settings(max_examples=10)
@given(values, values, st.sets(st.integers(0, 5), max_size=2), st.sets(st.integers(0, 5), max_size=2))
def test_the_parts_always_add_up_to_the_places(old, new, gone_before, gone_now):
    from parlib.scoring.results import index_table

    def year(number: int, of: list[int], gone: set[int]) -> Results:
        import pandas as pd

        kept = [place for place in range(6) if place not in gone]
        rows = [(number, "ministry", f"u{place}", "", of[place] / 10, "published") for place in kept]
        table = pd.DataFrame(rows, columns=["year", "level", "unit", "node", "index", "stage"])
        units = pd.DataFrame({"unit": [f"u{place}" for place in kept], "ranked": True})
        nodes = pd.DataFrame(
            [("", "", "", 100.0, None, "whole")], columns=["node", "name", "name_en", "maximum", "parent", "kind"]
        )
        return Results("par", number, "ministry", index_table(table), units, nodes)

    before, now = year(2022, old, gone_before), year(2023, new, gone_now)
    frame = change_of_rank(now, before)
    known = frame["places"].notna()
    added = frame["own"] + frame["others"]
    assert added[known].tolist() == frame["places"][known].astype("float64").tolist()
    places = change(now, before).set_index("unit")["places"]
    assert frame.set_index("unit")["places"].dropna().to_dict() == places.dropna().to_dict()
    for unit in frame["unit"][known].head(2):  # crossings add up to the places among the units of both years
        row = frame.set_index("unit").loc[unit]
        assert crossings(now, before, unit)["places"].sum() == row["places"]


def test_crossings_by_hand(make_results):
    before = make_results({"own": 70, "a": 80, "b": 70, "c": 60, "d": 75, "e": 60, "f": 72, "g": 70}, year=2022)
    now = make_results({"own": 75, "a": 74, "b": 76, "c": 75, "d": 78, "e": 77, "f": 75, "g": 71}, year=2023)
    frame = crossings(now, before, "own").set_index("unit")
    # own less the other, before and now: a -10, 1; b 0, -1; c 10, 0; e 10, -2; f -2, 0; g 0, 4; d stays ahead
    relations = {"g": "pulled_ahead", "a": "passed", "c": "caught_up_by", "f": "caught_up", "b": "fell_behind"}
    assert frame["relation"].to_dict() == {**relations, "e": "passed_by"}
    assert frame["places"].to_dict() == {"g": 0, "a": 1, "c": 0, "f": 1, "b": -1, "e": -1}
    assert frame.loc["a", ["previous_difference", "difference"]].tolist() == [-10, 1]
    with pytest.raises(ParameterError):
        crossings(now, before, "nobody")


def test_papi_2024_against_2023():
    frame = change_of_rank(opened(2024), opened(2023)).set_index("unit")
    # Hà Nội: 15th of 61 to 29th of 61; its own index fell by 0.19 of 80 points while the mean rose by about 0.9. Of
    # the provinces ranked in 2024 only, Quảng Ninh (1st) and Bình Dương (9th) are ahead of it: 27th of the 59 of both
    row = frame.loc["ha-noi"]
    assert row[["previous_rank", "rank", "places"]].tolist() == [15, 29, -12]
    assert row["others"] < row["own"] < 0
    known = frame["places"].notna()
    assert int(known.sum()) == 59
    assert np.abs(frame["own"] + frame["others"] - frame["places"].astype(float)).max() == 0
    # ranked in one year only: Quảng Ninh and Bình Dương have no total of 2023, Vĩnh Phúc and Tiền Giang none of 2024
    assert set(frame.index[frame["previous_rank"].isna()]) == {"quang-ninh", "binh-duong"}
    assert set(frame.index[frame["rank"].isna()]) == {"vinh-phuc", "tien-giang"}
