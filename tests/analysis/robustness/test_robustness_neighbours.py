"""Neighbours in a ranking that chance could have put the other way round, and when no error may be assumed."""

import numpy as np
import pandas as pd
import pytest

from parlib.analysis.robustness import WeightRange, pairwise_intervals, vary_weights
from parlib.analysis.robustness.audit import audit_complete, audit_method, neighbours
from parlib.sources.published import results


def test_a_pair_is_told_apart_by_its_difference_alone():
    # 90 - 89 = 1 against 1.96 x sqrt 2 = 2.77: alike; 89 - 80 = 9: apart; equal values are never apart.
    result = neighbours(pairwise_intervals([80.0, 90.0, 89.0, 80.0], np.ones(4)))
    assert (result.n_pairs, result.n_alike, result.level) == (3, 2, 0.05)


def test_units_without_a_value_or_an_error_make_no_pair():
    assert neighbours(pairwise_intervals([80.0, np.nan], np.ones(2))) is None
    result = neighbours(pairwise_intervals([80.0, np.nan, 70.0], np.ones(3)))
    assert (result.n_pairs, result.n_alike) == (1, 0)


@pytest.mark.parametrize(("year", "basis"), [(2023, ""), (2022, "")])
def test_no_error_is_assumed_from_a_few_changes(year, basis):
    # Of the ministries of the year before only a few values were published.
    before, now = (results("par", of, "ministry") for of in (year - 1, year))
    assert before.n_known < before.n_ranked
    assert audit_complete(now, before).basis == basis


def test_the_sensitivity_can_be_left_out_and_weights_are_varied_by_a_quarter():
    papi = results("papi", 2024, "province")
    audit = audit_method(papi, n_draws=100, base=0)
    assert audit.sensitivity.empty
    pd.testing.assert_frame_equal(audit.ranks, vary_weights(papi, WeightRange(0.25), n_draws=100).table)
    pd.testing.assert_frame_equal(audit.ranks, vary_weights(papi, n_draws=100).table)
