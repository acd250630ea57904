"""Robustness: weights, removals, rank confidence sets, sensitivity."""

import numpy as np

from parlib.analysis.robustness import index_sensitivity, rank_confidence_sets, vary_weights
from parlib.analysis.robustness.methods import removed_ranks

FIVE = ("weights:area", "weights:criterion", "weights:subcriterion", "aggregation", "not_applicable")


def test_weight_draws(measure, tree):
    def study():
        result = vary_weights(tree, n_draws=10_000)
        return result, result.acceptability

    result, acceptability = measure(
        "10,000 weight draws, ranks, acceptability, intervals, 63 x 95", 0.05, study, megabytes=100
    )
    np.testing.assert_allclose(acceptability.sum(axis=1), 1)
    assert result.table["rank_low"].notna().all()


def test_leave_one_out(measure, tree):
    leaves = tree.levels[2].nodes  # the 88 sub-criteria
    _, ranks = measure("leave one of 88 out, all ranks", 5e-3, lambda: removed_ranks(tree, leaves), rounds=50)
    assert ranks.shape == (88, 63)


def test_rank_confidence_sets(measure):
    random = np.random.default_rng(0)
    values, errors = random.normal(80, 3, 63), random.uniform(0.4, 0.9, 63)
    work = "simultaneous rank confidence sets, 63 units, R = 1,000"
    sets = measure(work, 0.05, lambda: rank_confidence_sets(values, errors, n_draws=1000))
    assert len(sets.critical) > 1  # it stepped down


def test_variance_based_sensitivity(measure, tree):
    import scipy.stats  # noqa: F401 - its import is not part of the work

    work = "variance-based sensitivity, 57,344 runs, 500 resamples"
    result = measure(work, 0.5, lambda: index_sensitivity(tree, FIVE, base=8192, resamples=500), rounds=7)
    assert result.n_runs == 57_344
