"""Findings of a year by hand: which areas, criteria and units an assessment names, and when it must be silent."""

import pandas as pd
import pytest

from parlib.analysis.checks import findings

UNITS = [f"bo-{name}" for name in "abcdefghijkl"]  # twelve
EMPTY = pd.DataFrame()


def change_of(values):
    return pd.DataFrame({"unit": list(values), "change": list(values.values())})


def test_areas_are_ordered_by_their_means_and_name_who_leads(make_results):
    ones = {unit: 80.0 + n for n, unit in enumerate(UNITS)}  # mean 85.5
    twos = dict.fromkeys(UNITS, 90.0)
    result = findings(make_results(ones, areas={"1": ones, "2": twos}), EMPTY, EMPTY, EMPTY, EMPTY)
    assert result.areas[["node", "mean", "n"]].to_numpy().tolist() == [
        ["2", 90.0, 12],
        ["1", 85.5, 12],
    ]
    assert result.lagging["unit"].tolist() == UNITS[:5]  # all share one value in area 2: nobody lags there
    assert set(result.lagging["area"]) == {"1"}


def test_an_area_that_is_not_known_of_all_is_left_out(make_results):
    values = {unit: 80.0 + n for n, unit in enumerate(UNITS)}
    some = {**values, UNITS[3]: None}
    result = findings(make_results(values, areas={"1": some}), EMPTY, EMPTY, EMPTY, EMPTY)
    assert result.areas.empty
    assert result.lagging.empty


def test_units_that_tie_at_the_border_are_all_named(make_results):
    values = dict(zip(UNITS, [70, 71, 72, 73, 74, 74, 74, 80, 81, 82, 83, 84], strict=True))
    result = findings(make_results(values, areas={"1": values}), EMPTY, EMPTY, EMPTY, EMPTY)
    assert result.lagging["unit"].tolist() == UNITS[:7]
    many = dict(zip(UNITS, [70.0] * 11 + [80.0], strict=True))  # eleven share the last place: more than twice five
    assert findings(make_results(many, areas={"1": many}), EMPTY, EMPTY, EMPTY, EMPTY).lagging.empty


def test_rises_and_falls_follow_the_sign_and_say_whether_all_are_known(make_results):
    results = make_results(dict.fromkeys(UNITS, 80.0))
    changes = {unit: n - 2.0 for n, unit in enumerate(UNITS)}  # -2, -1, 0, 1, ... 9
    result = findings(results, change_of(changes), EMPTY, EMPTY, EMPTY)
    assert result.whole_change
    assert result.risen["unit"].tolist() == [UNITS[11], UNITS[10], UNITS[9], UNITS[8], UNITS[7]]
    assert result.fallen["change"].tolist() == [-2.0, -1.0]
    partly = findings(results, change_of({**changes, UNITS[0]: None}), EMPTY, EMPTY, EMPTY)
    assert not partly.whole_change
    assert partly.fallen["change"].tolist() == [-1.0]


def test_criteria_claims_and_answers(make_results):
    results = make_results(dict.fromkeys(UNITS, 80.0), areas={"1": {}, "2": {}})
    leaves = pd.DataFrame(
        {
            "node": ["1.1", "1.2", "1.3", "2.1"],
            "mean_index": [99.0, 60.0, 70.0, 95.0],
            "n_losing": [1, 9, 8, 2],
            "n": [12, 12, 12, 12],
        }
    )
    claims = pd.DataFrame({"unit": UNITS[:3], "over": [1.0, 3.0, 0.0], "over_claiming": [2.0, 5.0, 0.0]})
    shares = pd.DataFrame(
        {
            "group": ["g", "h", "g", "h"],
            "group_name": ["G", "H", "G", "H"],
            "code": ["1.1", "1.1", "1.2", "1.2"],
            "name": "n",
            "share": [0.9, 0.5, None, 0.7],
        }
    )
    result = findings(results, EMPTY, leaves, claims, shares)
    assert result.reached["node"].tolist() == ["1.1", "2.1"]
    assert result.weakest["node"].tolist() == ["1.2", "1.3", "2.1", "1.1"]
    assert result.in_area[["area", "node"]].to_numpy().tolist() == [["1", "1.2"], ["1", "1.3"], ["2", "2.1"]]
    assert result.over["unit"].tolist() == [UNITS[1], UNITS[0]]
    assert result.answers["share"].tolist() == pytest.approx([50.0, 70.0, 90.0])


def test_of_all_that_tie_at_the_end_of_a_list_all_are_named_or_none(make_results):
    results = make_results(dict.fromkeys(UNITS, 80.0))
    six = {unit: 3.0 if n < 6 else -1.0 for n, unit in enumerate(UNITS)}  # six share the largest rise
    result = findings(results, change_of(six), EMPTY, EMPTY, EMPTY)
    assert result.risen["unit"].tolist() == UNITS[:6]
    many = {unit: 9.0 if n == 0 else 3.0 for n, unit in enumerate(UNITS)}  # eleven share the second
    result = findings(results, change_of(many), EMPTY, EMPTY, EMPTY)
    assert result.risen["unit"].tolist() == UNITS[:1]
