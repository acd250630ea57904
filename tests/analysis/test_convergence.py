"""Spread and growth of the units: by hand, against scipy, on PAPI."""

from __future__ import annotations

from functools import cache
from math import log

import numpy as np
import pytest
from scipy import stats

from parlib.analysis.series import beta_convergence, growth, spread
from parlib.errors import ParameterError
from parlib.scoring.results import Results
from parlib.sources import published


@cache
def papi(year: int) -> Results:
    return published.results("papi", year, "province")


def test_spread_by_hand(make_results):
    # 60, 70, 80: mean 70, variance (100 + 0 + 100) / 3, quartiles 65 and 75
    frame = spread([make_results({"a": 60, "b": 70, "c": 80})])
    row = frame.iloc[0]
    assert row[["n", "n_known", "n_units", "mean", "minimum", "maximum", "range", "quartile_range"]].tolist() == [
        *(3, 3, 3, 70, 60, 80, 20, 10)
    ]
    assert row["sd"] == pytest.approx((200 / 3) ** 0.5)
    assert row["coefficient"] == pytest.approx(100 * (200 / 3) ** 0.5 / 70)


def test_the_spread_of_a_few_is_not_said_unless_they_are_asked_for(make_results):
    before = make_results({"a": 60, "b": 70, "c": None}, year=2022)
    now = make_results({"a": 62, "b": 70, "c": 90}, year=2023)
    frame = spread([before, now])
    assert frame["n"].tolist() == [0, 3]
    assert np.isnan(frame.loc[0, "sd"])
    balanced = spread([before, now], balanced=True)
    assert balanced["n"].tolist() == [2, 2]
    assert balanced["range"].tolist() == [10, 8]
    assert balanced["n_units"].tolist() == [3, 3]


def test_spread_of_papi_marks_its_breaks_and_equals_numpy():
    frame = spread([papi(year) for year in (2020, 2021, 2024)], column="points").set_index("year")
    assert frame["break_mark"].to_dict() == {2020: False, 2021: True, 2024: False}
    values = papi(2024).values(column="points").dropna().to_numpy()
    assert frame.loc[2024, "n"] == len(values) == 61
    assert frame.loc[2024, "sd"] == pytest.approx(np.std(values))
    assert frame.loc[2024, "coefficient"] == pytest.approx(100 * stats.variation(values))
    assert frame.loc[2024, "quartile_range"] == pytest.approx(stats.iqr(values))


def test_growth_by_hand(make_results):
    first, last = make_results({"a": 50, "b": 80}, year=2020), make_results({"a": 60, "b": 84}, year=2022)
    plain = growth(first, last, form="difference").set_index("unit")
    assert plain.loc["a", ["initial", "growth"]].tolist() == [50, 5]
    logged = growth(first, last).set_index("unit")
    assert logged.loc["b", "initial"] == pytest.approx(log(80))
    assert logged.loc["b", "growth"] == pytest.approx(log(84 / 80) / 2)
    with pytest.raises(ParameterError):
        growth(first, last, form="square")
    with pytest.raises(ParameterError):
        growth(make_results({"a": 0}, year=2020), last)


@pytest.mark.parametrize("form", ["log", "difference"])
def test_beta_is_the_regression_of_scipy(form):
    row = beta_convergence(papi(2021), papi(2024), form=form).iloc[0]
    points = growth(papi(2021), papi(2024), form=form)
    assert row["n"] == len(points) == 58
    line = stats.linregress(points["initial"], points["growth"])
    names = ("slope", "intercept", "p_value", "standard_error")
    sentence = (line.slope, line.intercept, line.pvalue, line.stderr)
    assert [row[name] for name in names] == pytest.approx(list(sentence))
    assert row["r_squared"] == pytest.approx(line.rvalue**2)
    reach = stats.t.ppf(0.975, 56) * line.stderr
    assert [row["low"], row["high"]] == pytest.approx([line.slope - reach, line.slope + reach])


def test_the_robust_error_is_that_of_the_sandwich():
    # HC3 written out in matrices: (X'X)^-1 X' diag(e^2 / (1 - h)^2) X (X'X)^-1
    points = growth(papi(2021), papi(2024))
    x = np.column_stack([np.ones(len(points)), points["initial"]])
    inverse = np.linalg.inv(x.T @ x)
    residual = points["growth"].to_numpy() - x @ (inverse @ x.T @ points["growth"].to_numpy())
    weight = (residual / (1 - np.einsum("ij,jk,ik->i", x, inverse, x))) ** 2
    sandwich = inverse @ (x.T * weight) @ x @ inverse
    row = beta_convergence(papi(2021), papi(2024)).iloc[0]
    assert row["robust_error"] == pytest.approx(sandwich[1, 1] ** 0.5, rel=1e-6)


def test_speed_and_half_life_of_a_gap_that_halves_every_year(make_results):
    # each unit's distance in logarithms from log 80 halves yearly: slope of one year -0.5, speed log 2, half-life 1
    starts = {"a": 40.0, "b": 50.0, "c": 64.0, "d": 78.0}
    ends = {unit: float(np.exp(log(80) + 0.5 * (log(value) - log(80)))) for unit, value in starts.items()}
    row = beta_convergence(make_results(starts, year=2022), make_results(ends, year=2023)).iloc[0]
    assert row["slope"] == pytest.approx(-0.5)
    assert row["speed"] == pytest.approx(log(2))
    assert row["half_life"] == pytest.approx(1)
    # the same in two years: half the growth a year, half the speed, twice the time
    slow = beta_convergence(make_results(starts, year=2022), make_results(ends, year=2024)).iloc[0]
    assert [slow["slope"], slow["speed"], slow["half_life"]] == pytest.approx([-0.25, log(2) / 2, 2])


def test_beta_says_why_there_is_none(make_results):
    three = {"a": 50, "b": 60, "c": 70}
    few = beta_convergence(make_results(three, year=2022), make_results(three, year=2023)).iloc[0]
    assert few[["n", "reason"]].tolist() == [3, "too_few_units"]
    flat = dict.fromkeys("abcd", 70)
    assert beta_convergence(make_results(flat, year=2022), make_results(flat)).iloc[0]["reason"] == "constant"
    across = beta_convergence(papi(2020), papi(2024)).iloc[0]
    assert across[["n", "reason", "break_mark"]].tolist() == [0, "not_comparable", True]
    assert np.isnan(across["slope"])
    apart = {"a": 50, "b": 60, "c": 70, "d": 90}
    wider = {"a": 45, "b": 60, "c": 75, "d": 100}
    row = beta_convergence(make_results(apart, year=2022), make_results(wider, year=2023)).iloc[0]
    assert row["slope"] > 0
    assert np.isnan(row["half_life"])  # they draw apart
