"""What units and regions add to the change of the mean: adds up, with units that enter and leave, and with weights."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.analysis.comparison import contributions, region_contributions
from parlib.errors import ParameterError
from parlib.scoring.results import Results, index_table
from parlib.sources import published


@cache
def opened(index_name: str, year: int) -> Results:
    return published.results(index_name, year, "province")


def test_each_unit_adds_its_share_of_its_change(make_results):
    before = make_results({"a": 80, "b": 70}, year=2022)
    now = make_results({"a": 83, "b": 69}, year=2023)
    frame = contributions(now, before)
    assert frame["contribution"].tolist() == [1.5, -0.5]
    assert set(frame["mean_change"]) == {1.0}


def test_units_that_enter_and_leave_stand_apart(make_results):
    # means: 2022 of a, old = 75; 2023 of a, new = 85: +10. a: +2 (alone in both years).
    # new 88 against a 82, half weight: +3. old 70 against a 80, half weight: it pulled down by 5, gone: +5.
    before = make_results({"a": 80, "old": 70}, year=2022)
    now = make_results({"a": 82, "new": 88}, year=2023)
    frame = contributions(now, before).set_index("unit")
    assert frame["kind"].to_dict() == {"a": "unit", "new": "entering", "old": "leaving"}
    assert frame["contribution"].to_dict() == {"a": 2.0, "new": 3.0, "old": 5.0}
    assert set(frame["mean_change"]) == {10.0}


def test_weights_make_a_weighted_mean(make_results):
    before = make_results({"a": 80, "b": 70}, year=2022)
    now = make_results({"a": 84, "b": 69}, year=2023)
    frame = contributions(now, before, weights=pd.Series({"a": 1.0, "b": 3.0}))
    assert frame["contribution"].tolist() == [1.0, -0.75]  # 4 x 1/4, -1 x 3/4
    assert frame["mean_change"].tolist() == [0.25, 0.25]
    for unknown in ({"a": 1.0}, {"a": 1.0, "b": 0.0}):  # nobody lives in a province without people: not known
        assert contributions(now, before, weights=pd.Series(unknown))["contribution"].isna().all()


def test_where_the_change_of_the_mean_is_printed_the_rest_is_one_row(make_results):
    # three units, one change known: +3 / 3; the mean rose by 2 in print: the others add 1
    before = make_results({"a": 80, "b": None, "c": None}, year=2022)
    now = make_results({"a": 83, "b": None, "c": None}, year=2023, printed={"mean_change": 2.0})
    frame = contributions(now, before)
    assert frame["kind"].tolist() == ["unit", "unit", "unit", "remainder"]
    assert frame["contribution"].tolist()[0] == 1.0
    assert frame["contribution"].tolist()[3] == 1.0
    assert frame["contribution"].isna().sum() == 2


def test_results_of_two_systems_are_refused():
    from dataclasses import replace

    with pytest.raises(ParameterError, match="two systems"):
        contributions(replace(opened("papi", 2024), system="34"), opened("papi", 2023))


number = st.one_of(st.none(), st.integers(0, 1000).map(lambda n: n / 10))


@settings(max_examples=20)
@given(st.lists(st.tuples(number, number, st.integers(1, 9)), min_size=2, max_size=8), st.booleans())
def test_contributions_always_add_up_to_the_change_of_the_mean(units, weighted):
    def year(of: int, place: int) -> Results:
        kept = [(f"u{i}", unit[place]) for i, unit in enumerate(units) if unit[place] is not None]
        rows = [(of, "ministry", key, "", value, "published") for key, value in kept]
        table = pd.DataFrame(rows, columns=["year", "level", "unit", "node", "index", "stage"])
        listed = pd.DataFrame({"unit": [key for key, _ in kept], "ranked": [True] * len(kept)})
        columns = ["node", "name", "name_en", "maximum", "parent", "kind"]
        nodes = pd.DataFrame([("", "", "", 100.0, None, "whole")], columns=columns)
        return Results("par", of, "ministry", index_table(table), listed, nodes)

    before, now = year(2022, 0), year(2023, 1)
    weights = pd.Series({f"u{i}": float(unit[2]) for i, unit in enumerate(units)}) if weighted else None
    if not any(unit[0] is not None and unit[1] is not None for unit in units):
        return  # no unit in common: there is no mean to measure the others against
    frame = contributions(now, before, weights=weights)
    assert "remainder" not in set(frame["kind"])

    def mean(place: int) -> float:
        known = [(unit[place], unit[2] if weighted else 1) for unit in units if unit[place] is not None]
        return float(np.average([value for value, _ in known], weights=[weight for _, weight in known]))

    assert frame["contribution"].sum() == pytest.approx(mean(1) - mean(0), abs=1e-7)
    assert frame["mean_change"].iloc[0] == pytest.approx(mean(1) - mean(0), abs=1e-7)


def test_papi_2024_by_unit_and_region():
    now, before = opened("papi", 2024), opened("papi", 2023)
    frame = contributions(now, before, column="points")
    totals = [results.values(column="points").loc[results.ranked_units].mean() for results in (before, now)]
    assert frame["contribution"].sum() == pytest.approx(totals[1] - totals[0], abs=1e-7)
    assert frame["kind"].value_counts().to_dict() == {"unit": 59, "entering": 2, "leaving": 2}
    regions = region_contributions(frame, "63")
    assert regions["n"].sum() == 59
    assert regions[["entering", "leaving"]].to_numpy().sum() == 4
    assert regions["contribution"].sum() == pytest.approx(totals[1] - totals[0], abs=1e-7)
    # the South East alone: five provinces of both years and Bình Dương, which enters
    east = regions.set_index("region").loc["dong-nam-bo"]
    inside = frame[frame["region"] == "dong-nam-bo"]
    assert east["contribution"] == pytest.approx(inside["contribution"].sum(), abs=1e-8)
    changes = inside.loc[inside["kind"] == "unit", "change"]
    assert east["mean_change_inside"] == pytest.approx(changes.mean(), abs=1e-7)


def test_par_2024_knows_a_few_units_and_leaves_the_rest():
    frame = contributions(opened("par", 2024), opened("par", 2023))
    known = frame[frame["contribution"].notna() & (frame["kind"] == "unit")].set_index("unit")
    assert known.loc["hai-phong", "contribution"] == pytest.approx(4.30 / 63, abs=1e-8)  # 91.87 -> 96.17
    assert frame["break_mark"].all()
    regions = region_contributions(frame, "63")
    assert regions.loc[regions["kind"] == "region", "contribution"].isna().all()
