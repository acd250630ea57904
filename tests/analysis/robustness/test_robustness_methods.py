"""The index under other methods."""

import numpy as np
import pytest
from scipy.stats import gmean, zscore

from parlib.analysis.robustness import Method, compare_methods, from_arrays, method_index
from parlib.analysis.robustness.draws import competition_ranks


def test_geometric_mean_of_areas_weighted_by_their_maximum():
    # Two areas of 60 and 40 points, each arithmetic inside.
    points = np.array([[30.0, 15, 40], [30, 30, 0.5], [15, 15, 20]])
    areas = np.array([[45 / 60, 1.0], [1.0, 0.5 / 40], [0.5, 0.5]])
    tree = from_arrays(points, {"1.1": 30, "1.2": 30, "2": 40}, parents={"1.1": "1", "1.2": "1"})
    expected = 100 * gmean(areas, axis=1, weights=[0.6, 0.4])
    np.testing.assert_allclose(method_index(tree, Method("geometric")), expected, rtol=1e-12)


def test_geometric_mean_leaves_out_an_area_that_does_not_apply():
    tree = from_arrays([[4.0, 0, 1], [4, 5, 1]], [8, 5, 2], applicable=[[1, 0, 1], [1, 1, 1]])
    first, second = method_index(tree, Method("geometric"))
    assert first == pytest.approx(50)  # both areas that apply stand at one half
    assert second == pytest.approx(100 * (0.5**8 * 1.0**5 * 0.5**2) ** (1 / 15))


def test_an_area_at_zero_makes_the_geometric_index_zero():
    tree = from_arrays([[10.0, 0], [5, 5]], [10, 10])
    assert method_index(tree, Method("geometric")) == pytest.approx([0, 50])


def test_range_puts_the_worst_at_zero_and_the_best_at_one():
    tree = from_arrays([[1.0, 3], [2, 3], [3, 3]], [4, 4])
    # First criterion: 0, 1/2, 1. Second: all equal, so it keeps 3/4.
    assert method_index(tree, Method(normalisation="range")) == pytest.approx([37.5, 62.5, 87.5])


def test_rank_normalisation_halves_ties():
    tree = from_arrays([[1.0], [1], [3]], [4])
    # The first two are ahead of nobody and tie with each other: half of one in two others; the third is ahead of both.
    assert method_index(tree, Method(normalisation="rank")) == pytest.approx([25, 25, 100])


def test_standard_scores_rank_as_plain_standard_scores():
    random = np.random.default_rng(3)
    points, maximum = random.random((20, 5)), random.integers(1, 9, 5).astype(float)
    plain = zscore(points, ddof=1, axis=0) @ maximum
    index = method_index(from_arrays(points * maximum, maximum), Method(normalisation="standard"))
    assert np.array_equal(competition_ranks(index), competition_ranks(plain))
    assert index.min() >= 0
    assert index.max() <= 100


def test_comparison_says_which_method_changed_nothing(province_tree):
    table = compare_methods(province_tree)
    assert set(table["source"]) == {"method"}
    official = table[table["method"] == "official"]
    assert (official["places"] == 0).all()
    assert not official["changed"].any()
    assert len(table) == 63 * 7  # the official one, one other mean, two other policies, three other normalisations
    everything_applies = from_arrays(province_tree.points, province_tree.leaf_maximum.tolist())
    by_method = compare_methods(everything_applies).groupby("method")["changed"].first()
    assert not by_method["not_applicable:full"]
    assert by_method["normalisation:rank"]
    assert np.array_equal(
        table.loc[table["method"] == "not_applicable:full", "rank"].astype(float),
        competition_ranks(method_index(province_tree, Method(not_applicable="full"))),
    )


def test_equal_rows_tie_under_every_method(province_tree):
    points = np.repeat(province_tree.points[:21], 3, axis=0)
    tree = from_arrays(points, province_tree.leaf_maximum.tolist())
    for method in (Method("geometric", normalisation="standard"), Method(normalisation="range"), Method("geometric")):
        ranks = competition_ranks(method_index(tree, method)).reshape(21, 3)
        assert (ranks == ranks[:, :1]).all()


def test_a_criterion_is_normalised_over_the_units_to_which_it_applies():
    # The first applies to three units alone: 2, 3 and 4 of 4 are 0, 1/2 and 1. The second: 0, 1/3, 2/3 and 1.
    points, applies = [[2.0, 1], [3, 2], [4, 3], [0, 4]], [[1, 1], [1, 1], [1, 1], [0, 1]]
    index = method_index(from_arrays(points, [4, 4], applicable=applies), Method(normalisation="range"))
    assert index == pytest.approx([0, 100 * 5 / 12, 100 * 5 / 6, 100])
