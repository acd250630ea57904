"""Internal consistency and effective weights."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from parlib.analysis.robustness import alphas, cronbach_alpha, effective_weights, from_arrays, parent_correlations
from parlib.analysis.robustness.audit import correlation, correlation_ratio


def test_alpha_of_a_published_example():
    # Bland and Altman, Cronbach's alpha, BMJ 1997;314:572: the mini-HAQ, 10 items, 249 people; the variances of the
    # items sum to 11.16, the variance of the score is 77.44: 10/9 x (1 - 11.16/77.44) = 0.95.
    k, variances, total = 10, 11.16, 77.44
    shared = (total - variances) / (k * (k - 1))  # the covariance of any two items that gives these sums
    covariance = np.full((k, k), shared) + np.eye(k) * (variances / k - shared)
    draws = np.random.default_rng(1).standard_normal((249, k))
    draws -= draws.mean(axis=0)
    draws = draws @ np.linalg.inv(np.linalg.cholesky(np.cov(draws, rowvar=False))).T @ np.linalg.cholesky(covariance).T
    assert draws.var(axis=0, ddof=1).sum() == pytest.approx(11.16)
    assert round(cronbach_alpha(draws), 2) == 0.95
    assert cronbach_alpha(draws) == pytest.approx(10 / 9 * (1 - 11.16 / 77.44))


def test_alpha_by_hand():
    # Items (4,3,5,2), (5,4,5,3), (4,3,5,2): variances 5/3, 11/12, 5/3; totals 13, 10, 15, 7: variance 12.25.
    # 3/2 x (1 - 4.25/12.25) = 48/49.
    assert cronbach_alpha([[4, 5, 4], [3, 4, 3], [5, 5, 5], [2, 3, 2]]) == pytest.approx(48 / 49)


def test_alpha_of_copies_is_one_and_of_nothing_unknown():
    item = np.array([1.0, 2, 4, 7])
    assert cronbach_alpha(np.stack([item, item, item], axis=1)) == pytest.approx(1)
    assert np.isnan(cronbach_alpha(item[:, None]))
    assert np.isnan(cronbach_alpha(np.ones((5, 3))))
    # An unknown item leaves its unit out.
    assert cronbach_alpha([[1, 1], [2, 2], [4, 4], [9, np.nan]]) == pytest.approx(1)


@pytest.fixture(scope="module")
def tree():
    """30 units; two areas of three criteria each, of which one does not vary; one unit is unknown."""
    random = np.random.default_rng(8)
    common = random.normal(0, 1, (30, 1))
    points = np.clip(2 + common + random.normal(0, 1, (30, 6)), 0, 5)
    points[:, 5] = 3
    points[7, 2] = np.nan
    codes = ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3"]
    return from_arrays(points, dict.fromkeys(codes, 5.0), parents={code: code[0] for code in codes})


def test_correlations_with_parent_and_rest_agree_with_scipy(tree):
    table = parent_correlations(tree).set_index("node")
    points = np.delete(tree.points, 7, axis=0)
    area = points[:, :3].sum(axis=1)
    assert table.loc["1.1", "correlation"] == pytest.approx(pearsonr(points[:, 0], area).statistic)
    assert table.loc["1.1", "rest_correlation"] == pytest.approx(pearsonr(points[:, 0], area - points[:, 0]).statistic)
    total = points.sum(axis=1)
    assert table.loc["1", "correlation"] == pytest.approx(pearsonr(area, total).statistic)
    assert table.loc["1.1", "alpha_without"] == pytest.approx(cronbach_alpha(tree.points[:, 1:3]))
    assert table.loc["2.1", "n"] == 30
    assert table.loc["1.1", "n"] == 29
    assert table.loc["2.3", "correlation"] != table.loc["2.3", "correlation"]  # does not vary: unknown
    assert table.loc["2.3", ["deviation", "ceiling", "floor"]].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    assert table.loc["1.1", "deviation"] == pytest.approx(20 * points[:, 0].std(ddof=1), rel=0.1)
    assert table.index.tolist() == ["1", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "2.3"]


def test_alphas_of_all_parents(tree):
    table = alphas(tree).set_index("node")
    assert table.index.tolist() == ["", "1", "2"]
    assert table.loc["2", "alpha"] == pytest.approx(cronbach_alpha(tree.points[:, 3:]))
    known = np.delete(tree.points[:, :3], 7, axis=0)
    mean = np.corrcoef(known, rowvar=False)[np.triu_indices(3, 1)].mean()
    assert table.loc["1", "mean_correlation"] == pytest.approx(mean)
    assert table.loc["1", "alpha_standardised"] == pytest.approx(3 * mean / (1 + 2 * mean))
    assert table.loc["1", "n"] == 29


def test_effective_weights_by_hand():
    # Area 1 counts 60 points but is the same for all; area 2 alone makes the index.
    table = effective_weights(from_arrays([[30.0, 1], [30, 5], [30, 22], [30, 40], [30, 9]], [60, 40]))
    assert table["nominal"].tolist() == [0.6, 0.4]
    assert table["covariance_share"].tolist() == pytest.approx([0, 1])
    assert table["linear"].tolist()[1] == pytest.approx(1)
    assert table["main_effect"].tolist()[1] == pytest.approx(1)
    assert np.isnan(table["linear"][0])


@pytest.mark.parametrize("level", ["area", "criterion", "subcriterion", "leaf"])
def test_shares_of_the_variance_sum_to_one_where_the_level_is_whole(province_tree, level):
    table = effective_weights(province_tree, level)
    if level in ("area", "leaf"):
        assert table["covariance_share"].sum() == pytest.approx(1)
        assert table["nominal"].sum() == pytest.approx(1)
    assert table["main_effect"].dropna().between(0, 1).all()
    assert table["main_effect_share"].sum() == pytest.approx(1)
    assert len(table) == {"area": 8, "criterion": 37, "subcriterion": 88, "leaf": 95}[level]


def test_correlation_agrees_with_scipy_and_leaves_out_what_is_unknown():
    x, y = np.random.default_rng(4).normal(size=(2, 50))
    assert correlation(x, y) == pytest.approx(pearsonr(x, y).statistic)
    assert correlation(np.append(x, np.nan), np.append(y, 3)) == pytest.approx(pearsonr(x, y).statistic)
    assert np.isnan(correlation(x, np.ones(50)))
    assert np.isnan(correlation(np.array([np.nan]), np.array([1.0])))


def test_the_correlation_ratio_sees_what_a_straight_line_misses():
    x = np.linspace(-2, 2, 61)
    assert correlation(x, x**2) == pytest.approx(0, abs=1e-12)
    assert correlation_ratio(x, x**2) > 0.9
    assert correlation_ratio(x, 3 * x + 1) == pytest.approx(1, abs=1e-6)
    noise = np.random.default_rng(0).normal(size=(100, 61))
    assert np.mean([correlation_ratio(x, row) for row in noise]) < 0.06


def test_who_has_all_points_and_who_has_none_is_counted():
    # of the first criterion two of four reach 2 of 2 points and one none; of the second one and one
    table = parent_correlations(from_arrays([[2.0, 1], [2, 2], [0, 1], [1, 0]], {"a": 2, "b": 2})).set_index("node")
    assert table.loc["a", ["ceiling", "floor"]].tolist() == [0.5, 0.25]
    assert table.loc["b", ["ceiling", "floor"]].tolist() == [0.25, 0.25]


def test_one_criterion_that_varies_makes_no_mean_correlation():
    # 2/1 x (1 - 7/3 / 7/3) = 0: nothing goes together
    row = alphas(from_arrays([[1.0, 3], [2, 3], [4, 3]], [5, 5])).iloc[0]
    assert (row["n_items"], row["n"], row["alpha"]) == (2, 3, 0)
    assert np.isnan(row["mean_correlation"])
    assert np.isnan(row["alpha_standardised"])


def test_what_does_not_apply_leaves_the_index_that_weights_are_set_against():
    # every unit reaches the same share of all that applies to it, so each area tells the whole index
    maxima, shares = {"1.1": 10, "1.2": 10, "2.1": 20}, np.array([0.2, 0.5, 0.7, 0.9])
    applies = np.ones((4, 3))
    applies[1, 0] = 0
    points = shares[:, None] * np.array(list(maxima.values())) * applies
    tree = from_arrays(points, maxima, parents={"1.1": "1", "1.2": "1", "2.1": "2"}, applicable=applies)
    assert effective_weights(tree)["linear"].tolist() == pytest.approx([1, 1])
