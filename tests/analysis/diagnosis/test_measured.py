"""Measured criteria, and those that do not apply: values, targets and points of a card worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from parlib.analysis import diagnosis
from parlib.scoring.scheme import parse_scheme
from parlib.scoring.scorecard import score

TARGET = {"kind": "target", "input": "thu (tỷ đồng)", "target_input": "dự toán", "tiers": [[1, 2], [0.5, 1]]}
INDEX = {"kind": "external", "index": "sipas", "full_at": 100}


@pytest.fixture(scope="module")
def card():
    leaves = [
        {"code": "1.1", "name": "N", "name_en": "E", "max": 2, "component": "c", "rule": TARGET},
        {"code": "1.2", "name": "N2", "name_en": "E2", "max": 8, "component": "c", "rule": INDEX},
    ]
    scheme = parse_scheme(
        {
            "id": "toy", "decision": "toy", "level": "province", "years": [2023], "status": "official", "note": "toy",
            "bands": {"A": 0}, "components": {"c": {"name": "C", "name_en": "C", "max": 10}},
            "tree": [{"code": "1", "name": "A", "name_en": "A", "max": 10, "children": leaves}],
        }
    )  # fmt: skip
    answers = pd.DataFrame(
        [("ha-noi", "1.1", "110/100", False), ("hue", "1.1", "60/100", False), ("da-nang", "1.1", "", True)],
        columns=["unit", "code", "answer", "not_applicable"],
    )
    external = pd.DataFrame([("ha-noi", "sipas", 80.0), ("hue", "sipas", 100.0)], columns=["unit", "index", "value"])
    return score(scheme, answers, year=2023, external=external, units=["ha-noi", "hue", "da-nang"])


@pytest.fixture(scope="module")
def measured():
    rows = [
        ("ha-noi", "1.1", "target", 110.0, 100.0, 100.0),
        ("hue", "1.1", "target", 60.0, 100.0, 100.0),
        ("da-nang", "1.1", "target", np.nan, np.nan, 100.0),
        ("ha-noi", "1.2", "external", 80.0, np.nan, 100.0),
        ("hue", "1.2", "external", 100.0, np.nan, 100.0),
        ("da-nang", "1.2", "external", np.nan, np.nan, 100.0),
    ]
    return pd.DataFrame(rows, columns=["unit", "code", "kind", "value", "target", "full_from"])


def test_values_stand_beside_the_points_they_gave(card, measured):
    points = diagnosis.measured_points(card, measured).set_index(["unit", "code"])
    assert ("da-nang", "1.1") not in points.index  # does not apply
    assert points.loc[("ha-noi", "1.1"), ["ratio", "points"]].tolist() == [110.0, 2.0]
    assert points.loc[("hue", "1.1"), ["ratio", "points"]].tolist() == [60.0, 1.0]
    assert points.loc[("ha-noi", "1.2"), "points"] == 6.4
    assert np.isnan(points.loc[("da-nang", "1.2"), "points"])


def test_the_summary_counts_units_at_all_some_and_no_points(card, measured):
    summary = diagnosis.measured_summary(diagnosis.measured_points(card, measured)).set_index("code")
    assert summary.loc["1.1", ["n", "n_full", "n_part", "n_none"]].tolist() == [2, 1, 1, 0]
    assert summary.loc["1.2", ["n", "n_full", "n_part", "n_none"]].tolist() == [2, 1, 1, 0]
    assert summary.loc["1.1", "median"] == 85.0  # between 110 and 60 percent of the target
    assert summary.loc["1.2", "mean_points"] == pytest.approx(7.2)
    assert summary.loc["1.2", "n_values"] == 2


def test_what_does_not_apply_is_listed_with_its_maximum(card):
    rows = diagnosis.not_applicable(card)
    assert rows.to_numpy().tolist() == [["da-nang", "1.1", 2.0]]


def test_nothing_measured_gives_nothing(card):
    empty = pd.DataFrame()
    assert diagnosis.measured_points(card, empty).empty
    assert diagnosis.measured_summary(empty).empty
