"""Places that change hands, moves between quarters and groups, years in a row: by hand, with what is not known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from parlib.analysis.comparison import change
from parlib.analysis.mobility import mobility, quarters, streaks, transitions
from parlib.errors import ParameterError
from parlib.scoring.results import Results
from parlib.sources import published


@cache
def papi(year: int) -> Results:
    return published.results("papi", year, "province")


def test_mobility_by_hand(make_results):
    # ranks a1 b2 c3 d4 -> d1 b2 a3 c4: places a -2, b 0, c -1, d +3; quarters of four: a, c and d changed
    before = make_results({"a": 90, "b": 80, "c": 70, "d": 60}, year=2022)
    now = make_results({"a": 70, "b": 80, "c": 65, "d": 90}, year=2023)
    row = mobility([now, before]).iloc[0]
    assert row[["year", "previous_year", "n", "n_units"]].tolist() == [2023, 2022, 4, 4]
    assert row[["mean_places", "median_places", "largest_rise", "largest_fall"]].tolist() == [1.5, 1.5, 3, -2]
    assert row[["n_up", "n_down", "n_same"]].tolist() == [1, 2, 1]
    assert row["quarter_changed"] == 0.75
    assert row["spearman"] == pytest.approx(1 - 6 * (4 + 0 + 1 + 9) / (4 * 15))
    assert row["complete"]


def test_mobility_of_papi_2024():
    row = mobility([papi(2023), papi(2024)]).iloc[0]
    frame = change(papi(2024), papi(2023)).dropna(subset=["places"])
    moves = frame["places"].astype(float)
    assert row["n"] == len(frame) == 59
    assert row["mean_places"] == pytest.approx(moves.abs().mean())
    assert row[["n_up", "n_down", "n_same"]].tolist() == [(moves > 0).sum(), (moves < 0).sum(), (moves == 0).sum()]
    sentence = stats.spearmanr(frame["rank"].astype(float), frame["previous_rank"].astype(float)).statistic
    assert row["spearman"] == pytest.approx(sentence)
    assert not row["complete"]  # two provinces are ranked in one year only, on either side
    assert not row["break_mark"]
    with pytest.raises(ParameterError):
        mobility([papi(2024)])


def test_mobility_of_what_was_printed_speaks_of_the_known_alone():
    frame = mobility([published.results("par", year, "province") for year in (2022, 2023)])
    assert frame.loc[0, "n"] < frame.loc[0, "n_units"] == 63
    assert not frame.loc[0, "complete"]


def test_quarters_of_61_units_are_those_of_the_map():
    """15 of 61 stand above the 16th, fewer than a quarter: the trend report had Bắc Giang in the second, the map in the
    first."""
    of = quarters(papi(2024))
    assert of["bac-giang"] == "1"
    assert of[of != ""].value_counts().sort_index().tolist() == [16, 15, 15, 15]


def test_quarters_and_transitions_by_hand(make_results):
    before = make_results({"a": 90, "b": 80, "c": 70, "d": 60, "e": 50, "f": 40, "g": 30, "h": None}, year=2022)
    assert set(quarters(before)) == {""}  # h is not known, so no rank is
    full = make_results({"a": 90, "b": 80, "c": 70, "d": 60, "e": 60, "f": 40, "g": 30, "h": 20}, year=2022)
    assert quarters(full).tolist() == ["1", "1", "2", "2", "2", "3", "4", "4"]  # d and e share the 4th place of 8
    now = make_results({"a": 90, "b": 20, "c": 80, "d": 60, "e": 50, "f": 40, "g": 30, "h": 35}, year=2023)
    frame = transitions(now, full).set_index(["before", "now"])
    # now: a1 c2 d3 e4 f5 h6 g7 b8
    assert frame.loc[("1", "1"), ["n", "n_before", "share"]].tolist() == [1, 2, 0.5]
    assert frame.loc[("1", "4"), "n"] == 1
    assert frame.loc[("2", "1"), "n"] == 1
    assert frame.loc[("2", "2"), "n"] == 2
    assert frame.loc[("4", "3"), "n"] == 1
    assert frame["n"].sum() == 8
    assert len(frame) == 16
    assert frame.groupby("before")["share"].sum().tolist() == pytest.approx([1, 1, 1, 1])
    assert set(frame["n_unknown"]) == {0}


def test_transitions_between_groups(make_results):
    before = make_results({"a": 92, "b": 85, "c": None}, year=2022)
    now = make_results({"a": 88, "b": 91, "c": 60}, year=2023)
    frame = transitions(now, before, by="band").set_index(["before", "now"])
    assert frame.loc[("A", "B"), "n"] == 1
    assert frame.loc[("B", "A"), "n"] == 1
    assert np.isnan(frame.loc[("C", "C"), "share"])
    assert set(frame["n_unknown"]) == {1}
    with pytest.raises(ParameterError):
        transitions(now, before, by="band", node="1")
    with pytest.raises(ParameterError):
        transitions(now, before, by="colour")


def row_of(frame: pd.DataFrame, unit: str) -> list[object]:
    row = frame.set_index("unit").loc[unit]
    names = ["current", "current_from", "at_least", "longest", "longest_from", "longest_to", "n_met"]
    return [None if pd.isna(row[name]) else row[name] for name in names]


def test_streaks_by_hand(make_results):
    of = [
        make_results({"a": 90, "b": 80, "c": 70}, year=2020),
        make_results({"a": 90, "b": 80, "c": 70}, year=2021),
        make_results({"a": 70, "b": 80, "c": 90}, year=2022),
        make_results({"a": 90, "b": 80, "c": 70}, year=2023),
    ]
    frame = streaks(of, "top", n=1)
    # a was first in 2020, 2021 and 2023; what was before 2020 is not known, but its current streak began in 2023
    assert row_of(frame, "a") == [1, 2023, False, 2, 2020, 2021, 3]
    assert row_of(frame, "b") == [0, None, False, 0, None, None, 0]
    both = streaks(of, "top", n=2)
    assert row_of(both, "b") == [4, 2020, True, 4, 2020, 2023, 4]  # as far back as the series goes
    rising = streaks(of, "rising")
    assert row_of(rising, "a") == [1, 2023, False, 1, 2023, 2023, 1]
    assert rising.set_index("unit").loc["a", "n_years"] == 3  # 2021 to 2023
    assert row_of(streaks(of, "falling"), "c") == [1, 2023, False, 1, 2023, 2023, 1]
    alone = streaks(of[:1], "rising").set_index("unit")  # one year has none before it
    assert alone.loc["a", ["n_years", "n_unknown"]].tolist() == [0, 1]
    assert row_of(streaks(of, "above_mean"), "a")[0] == 1
    assert row_of(streaks(of, "band"), "a")[6] == 3  # 90 and more: the best group
    assert row_of(streaks(of, "band", bands=["A", "B"]), "b")[0] == 4


def test_years_that_are_not_known_end_a_streak_and_are_counted(make_results):
    known = {"a": 90, "b": 80}
    of = [make_results(known, year=year) for year in (2019, 2021, 2022)]  # 2020 is not listed
    frame = streaks(of, "top", n=1)
    assert row_of(frame, "a") == [2, 2021, True, 2, 2021, 2022, 3]
    assert frame.set_index("unit").loc["a", ["n_years", "n_unknown"]].tolist() == [3, 1]
    last = streaks([*of, make_results({"a": None, "b": 80}, year=2023)], "top", n=1)
    assert row_of(last, "a")[0] is None  # nobody knows
    bounded = make_results({"a": None, "b": None, "c": None}, ranks={"a": (1, 2)}, year=2023)
    assert row_of(streaks([bounded], "top", n=2), "a")[0] == 1  # first or second: among the first two
    with pytest.raises(ParameterError):
        streaks(of, "winning")
    with pytest.raises(ParameterError):
        streaks(of, "band", bands=["Z"])


def test_streaks_of_papi_by_hand():
    # Hà Tĩnh: 7th, 16th, 5th, 7th, 8th, 7th, 6th in 2018 to 2024
    of = [papi(year) for year in range(2018, 2025)]
    assert row_of(streaks(of, "top", n=10), "ha-tinh")[:2] == [5, 2020]
    rising = streaks(of[-2:], "rising").set_index("unit")
    changes = change(papi(2024), papi(2023)).set_index("unit")["change"]
    assert set(rising.index[rising["current"] == 1]) == set(changes.index[changes > 0])
    assert set(rising.index[rising["current"].isna()]) == set(changes.index[changes.isna()])
