"""Ranks of many rows at once, and what is counted from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import rankdata

from parlib.analysis.robustness import from_arrays, vary_weights
from parlib.analysis.robustness.draws import beats, competition_ranks, product, rank_quantiles, sort_rows
from parlib.scoring import scorecard as scoring

QUARTERS = st.integers(-40, 400).map(lambda n: n / 4)


@given(hnp.arrays(float, st.tuples(st.integers(1, 8), st.integers(1, 9)), elements=QUARTERS))
def test_ranks_agree_with_scipy_and_with_scoring(values):
    expected = rankdata(-values, method="min", axis=1)
    assert np.array_equal(competition_ranks(values), expected)
    assert np.array_equal(competition_ranks(values), scoring.competition_ranks(values))


@given(hnp.arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=QUARTERS | st.just(float("nan"))))
def test_unknown_values_have_no_rank_and_take_none(values):
    assert np.array_equal(competition_ranks(values), scoring.competition_ranks(values), equal_nan=True)
    ordered = sort_rows(values)
    assert ordered.counts().sum() == np.isfinite(values).sum()
    assert np.array_equal(ordered.ranks() == 0, np.isnan(values))


def test_sums_in_another_order_tie():
    assert competition_ranks([0.1 + 0.2, 0.3, 0.2]).tolist() == [1, 1, 3]


def test_values_that_differ_at_the_ninth_decimal_do_not_tie():
    assert competition_ranks([50.000000001, 50.000000002, 50.0000000004, 50.0]).tolist() == [2, 1, 3, 3]


def test_values_too_large_for_the_packed_numbers_are_refused_not_mangled():
    with pytest.raises(ValueError, match="cannot be ranked"):
        competition_ranks([1e12, 1.0])


@pytest.mark.parametrize("n", [255, 256, 257])
def test_more_units_than_a_byte_can_number(n):
    values = np.random.default_rng(5).permutation(n).astype(float)
    assert np.array_equal(competition_ranks(values), n - values)
    study = vary_weights(from_arrays(values[:, None], [n]), n_draws=2)  # one criterion: every draw is the same
    assert np.array_equal(study.ranks, np.tile(n - values, (2, 1)))


def test_beats_counts_ties_for_nobody():
    ranks = np.array([[1, 2, 3], [1, 1, 3], [2, 1, 3], [1, 2, 2]], dtype=np.uint8)
    # 1 before 2 in rows 1 and 4; 2 before 1 in row 3; tied in row 2. 1 before 3 always; 2 before 3 in three rows.
    assert beats(ranks).tolist() == [[0, 0.5, 1], [0.25, 0, 0.75], [0, 0, 0]]


def test_rank_quantiles_leave_no_more_than_their_tail():
    # 100 draws: rank 1 five times, 2 ninety times, 3 five times: a 90% interval may leave 5 draws on either side.
    low, high = rank_quantiles(np.array([[5, 90, 5], [6, 89, 5], [0, 0, 100]]), 0.9)
    assert low.tolist() == [2, 1, 3]
    assert high.tolist() == [2, 2, 3]
    low, high = rank_quantiles(np.array([[5, 90, 5], [60, 890, 50]]), 0.9)  # of 1,000 draws: 50 on either side
    assert (low.tolist(), high.tolist()) == ([2, 1], [2, 2])
    low, high = rank_quantiles(np.array([[5_000, 90_000, 5_000]]), 0.9)  # 0.05 x 100,000 is 4999.999999999999 in floats
    assert (low.tolist(), high.tolist()) == ([2], [2])


@pytest.mark.parametrize("shape", [(3, 4, 5), (900, 40, 60), (40, 90, 800), (100, 5000, 12), (1, 7, 1)])
def test_products_in_pieces_are_products(shape):
    rows, inner, columns = shape
    random = np.random.default_rng(1)
    left, right = random.random((rows, inner)), random.random((inner, columns))
    np.testing.assert_allclose(product(left, right), left @ right, rtol=1e-12)
