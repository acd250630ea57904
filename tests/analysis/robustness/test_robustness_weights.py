"""Monte Carlo over weights, against cases that can be worked out on paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.analysis.robustness import Method, WeightDirichlet, WeightRange, from_arrays, vary_weights
from parlib.analysis.robustness.draws import competition_ranks
from parlib.errors import DataError, ParameterError

# Two criteria of equal weight w and 1 - w: the first unit is best on one, the second on the other, the third has 0.6 of
# both. The third is first where w lies between 0.4 and 0.6, the first where w > 0.6, the second where w < 0.4.
CROSSED = from_arrays([[1.0, 0], [0, 1], [0.6, 0.6]], [1, 1], units=["a", "b", "c"])


def test_flat_dirichlet_against_its_integral():
    # Two weights of a flat Dirichlet: w is even on 0 to 1, so c is first with probability 0.2, a and b with 0.4 each;
    # c is never last.
    study = vary_weights(CROSSED, WeightDirichlet(), n_draws=20_000, seed=3)
    np.testing.assert_allclose(study.acceptability[1], [0.4, 0.4, 0.2], atol=0.012)
    np.testing.assert_allclose(study.acceptability[2], [0.1, 0.1, 0.8], atol=0.012)
    np.testing.assert_allclose(study.acceptability[3], [0.5, 0.5, 0.0], atol=0.012)
    np.testing.assert_allclose(study.beats.loc["a", ["b", "c"]], [0.5, 0.4], atol=0.012)
    np.testing.assert_allclose(study.top(2)[["a", "b", "c"]], [0.5, 0.5, 1.0], atol=0.012)
    assert study.top(0).tolist() == [0, 0, 0]
    table = study.table.set_index("unit")
    assert table.loc["a", "index_mean"] == pytest.approx(50, abs=0.8)
    assert table.loc["a", ["index_low", "index_high"]].tolist() == pytest.approx([5, 95], abs=1)
    assert table.loc["c", ["index_low", "index_high"]].tolist() == pytest.approx([60, 60])


def test_range_against_its_integral():
    # w = u / (u + v) with u, v even on 0.75 to 1.25. w > 0.6 where u > 1.5 v: the integral of (1.25 - 1.5 v) over v
    # from 0.75 to 5/6 is 0.0052083, over the area 0.25 of the square: 0.0208333.
    study = vary_weights(CROSSED, WeightRange(0.25), n_draws=40_000, seed=4)
    np.testing.assert_allclose(study.acceptability[1], [0.0208333, 0.0208333, 0.9583333], atol=0.0025)


def test_a_concentrated_dirichlet_has_the_stated_mean_and_variance():
    tree = from_arrays([[1.0, 2, 7], [0, 0, 1]], [1, 2, 7])
    study = vary_weights(tree, WeightDirichlet(19), n_draws=40_000, seed=5, draws=True)
    share = np.array([0.1, 0.2, 0.7])
    np.testing.assert_allclose(study.inputs.mean(axis=1), share, atol=0.002)
    np.testing.assert_allclose(study.inputs.var(axis=1), share * (1 - share) / 20, rtol=0.05)


def test_levels_are_varied_within_their_parent(province_tree):
    study = vary_weights(province_tree, WeightRange({"subcriterion": 0.5}), n_draws=300, draws=True)
    for criterion in province_tree.levels[1].nodes:
        inside = study.inputs[province_tree.below[criterion] > 0].sum(axis=0)
        np.testing.assert_allclose(inside, province_tree.maximum[criterion] / 100, rtol=1e-12)
    study = vary_weights(province_tree, WeightRange({"area": 0.3}), n_draws=300, draws=True)
    ratio = study.inputs / province_tree.weights[:, None]
    for area in province_tree.levels[0].nodes:
        inside = ratio[province_tree.below[area] > 0]
        np.testing.assert_allclose(inside, np.broadcast_to(inside[0], inside.shape), rtol=1e-12)
    np.testing.assert_allclose(study.inputs.sum(axis=0), 1, rtol=1e-12)
    assert ratio.min() > 0.7 / 1.3
    assert ratio.max() < 1.3 / 0.7


def test_without_variation_every_draw_is_the_official_ranking(province_tree):
    study = vary_weights(province_tree, WeightRange(0), n_draws=60)
    assert (study.ranks == study.table["rank"].to_numpy(dtype=int)).all()
    assert (study.table["rank_low"] == study.table["rank_high"]).all()


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.booleans())
def test_rows_of_the_acceptability_sum_to_one_whatever_ties(seed, dirichlet):
    random = np.random.default_rng(seed)
    points = np.round(random.random((6, 4)) * 4) / 4  # of five values: many ties
    points[3] = points[0]
    study = vary_weights(
        from_arrays(points, [1, 1, 1, 1]), WeightDirichlet() if dirichlet else WeightRange(), n_draws=200, seed=seed
    )
    np.testing.assert_allclose(study.acceptability.sum(axis=1), 1, rtol=1e-12)
    assert (study.ranks[:, 0] == study.ranks[:, 3]).all()  # equal points never split
    assert study.beats.loc["u1", "u4"] == 0
    table = study.acceptability_table()
    assert table.groupby("unit")["acceptability"].sum().to_numpy() == pytest.approx(1)
    assert (table["acceptability"] > 0).all()


def test_equal_points_never_split_in_ten_thousand_draws(province_tree):
    copies = np.vstack([province_tree.points[:30], province_tree.points[:30][::-1]])
    tree = from_arrays(copies, province_tree.leaf_maximum.tolist())
    for method in (Method(), Method("geometric")):
        ranks = vary_weights(tree, method=method, seed=9).ranks
        assert (ranks[:, :30] == ranks[:, 30:][:, ::-1]).all()


def test_the_same_seed_gives_the_same_bytes(province_tree):
    first = vary_weights(province_tree, n_draws=1200, seed=7, draws=True)
    again = vary_weights(province_tree, n_draws=1200, seed=7, draws=True)
    other = vary_weights(province_tree, n_draws=1200, seed=8, draws=True)
    for name in ("ranks", "index", "inputs", "counts"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    assert first.table.equals(again.table)
    assert first.inputs.tobytes() != other.inputs.tobytes()
    assert first.inputs.shape == (95, 1200)
    assert first.index.shape == (1200, 63)
    assert first.input_names[0] == "1.1.1"


def test_the_draws_are_only_kept_on_request(province_tree):
    study = vary_weights(province_tree, n_draws=100)
    assert study.inputs is None
    assert study.index is None


def test_kept_draws_rescored_one_by_one_give_the_ranks(province_tree):
    study = vary_weights(province_tree, WeightRange({"area": 0.5, "subcriterion": 0.2}), n_draws=80, draws=True)
    shares = province_tree.shares * province_tree.applicable
    for draw in range(0, 80, 9):
        weights = study.inputs[:, draw]
        index = 100 * (shares * weights).sum(axis=1) / (province_tree.applicable * weights).sum(axis=1)
        np.testing.assert_allclose(study.index[draw], index, rtol=1e-12)
        assert np.array_equal(study.ranks[draw], competition_ranks(index))


def test_unknown_units_are_left_out_and_counted():
    tree = from_arrays([[1.0, 0], [np.nan, 1], [0.6, 0.6], [0, 0]], [1, 1], ranked=[True, True, True, False])
    study = vary_weights(tree, n_draws=50)
    assert study.n_unknown == 1  # the last is known, and not ranked
    assert study.unit_keys == ("u1", "u3")
    assert study.acceptability.shape == (2, 2)
    assert study.table["rank"].isna().tolist() == [False, True, False, True]
    assert study.table["index_low"].isna().tolist() == [False, True, False, True]
    assert set(study.table["source"]) == {"method"}


def test_wrong_arguments_are_named():
    with pytest.raises(ParameterError, match="no such level of criteria; there are: area"):
        vary_weights(CROSSED, WeightRange({"criterion": 0.1}))
    with pytest.raises(ParameterError, match="from 0 to below 1"):
        vary_weights(CROSSED, WeightRange(1.0))
    with pytest.raises(ParameterError, match="0 or more"):
        vary_weights(CROSSED, WeightDirichlet(-1))
    with pytest.raises(ParameterError, match="coverage"):
        vary_weights(CROSSED, coverage=95)
    with pytest.raises(DataError, match="at least 2 units"):
        vary_weights(from_arrays([[np.nan], [1.0]], [1]))


def test_units_with_equal_areas_tie_in_every_draw_of_area_weights(shape_of_876):
    # The points of each area stand on other leaves, but come to the same sum: only weights below can part the units.
    maxima, parents = shape_of_876
    random = np.random.default_rng(2)
    points = np.zeros((40, len(maxima)))
    codes = list(maxima)
    for area in "12345678":
        inside = [place for place, code in enumerate(codes) if code.startswith(area)]
        for unit in range(40):
            for place in random.permutation(inside)[:7]:
                points[unit, place] = 0.1
    tree = from_arrays(points, maxima, parents=parents)
    assert (vary_weights(tree, WeightRange({"area": 0.5}), n_draws=3000).ranks == 1).all()
    assert (vary_weights(tree, WeightDirichlet({"area": 0}), n_draws=3000).ranks == 1).all()
    assert not (vary_weights(tree, WeightRange({"criterion": 0.5}), n_draws=300).ranks == 1).all()


# Two areas of 4 and 6 points; criteria of 1 and 3 in the first, of 2 and 4 in the second.
TWO_LEVELS = from_arrays(
    [[1.0, 3, 2, 4], [0, 1, 1, 1]],
    {"1.1": 1, "1.2": 3, "2.1": 2, "2.2": 4},
    parents={"1.1": "1", "1.2": "1", "2.1": "2", "2.2": "2"},
)
AREAS, SHARES = np.array([0.4, 0.4, 0.6, 0.6]), np.array([1 / 4, 3 / 4, 1 / 3, 2 / 3])  # of the whole, of the area


def test_a_level_that_is_named_is_varied_and_the_others_stay():
    # Dirichlet: a share s of its parent has the mean s and the variance s (1 - s) / (concentration + 1).
    below = vary_weights(TWO_LEVELS, WeightDirichlet({"criterion": 9}), n_draws=40_000, seed=1, draws=True).inputs
    np.testing.assert_allclose(below[:2].sum(axis=0), 0.4, rtol=1e-12)
    np.testing.assert_allclose(below.mean(axis=1), AREAS * SHARES, atol=0.002)
    np.testing.assert_allclose(below.var(axis=1), AREAS**2 * SHARES * (1 - SHARES) / 10, rtol=0.05)
    above = vary_weights(TWO_LEVELS, WeightDirichlet({"area": 4}), n_draws=40_000, seed=1, draws=True).inputs
    np.testing.assert_allclose(above[0] / above[1], 1 / 3, rtol=1e-9)
    np.testing.assert_allclose(above[2] / above[3], 1 / 2, rtol=1e-9)
    np.testing.assert_allclose(above.var(axis=1), SHARES**2 * AREAS * (1 - AREAS) / 5, rtol=0.05)


def test_the_levels_are_varied_one_below_the_other():
    # A weight is the product of two independent shares a and b: its variance is E a^2 E b^2 - (E a E b)^2.
    both = vary_weights(TWO_LEVELS, WeightDirichlet({"area": 4, "criterion": 9}), n_draws=60_000, seed=2, draws=True)
    squares = (AREAS**2 + AREAS * (1 - AREAS) / 5) * (SHARES**2 + SHARES * (1 - SHARES) / 10)
    np.testing.assert_allclose(both.inputs.sum(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(both.inputs.mean(axis=1), AREAS * SHARES, atol=0.003)
    np.testing.assert_allclose(both.inputs.var(axis=1), squares - (AREAS * SHARES) ** 2, rtol=0.05)
    # A range: each share within its parent between the extremes of both factors, which are reached.
    ranged = vary_weights(TWO_LEVELS, WeightRange({"area": 0.2, "criterion": 0.5}), n_draws=60_000, draws=True).inputs
    first = ranged[:2].sum(axis=0)
    inside = ranged[0] / first
    assert (first.min(), first.max()) == pytest.approx((0.32 / (0.32 + 0.72), 0.48 / (0.48 + 0.48)), abs=0.002)
    assert (inside.min(), inside.max()) == pytest.approx((0.5 / (0.5 + 4.5), 1.5 / (1.5 + 1.5)), abs=0.003)


def test_levels_that_are_varied_by_a_quarter_are_varied():
    # Equal in the area, not in its criteria: they tie as long as those keep their weights, and else not.
    tree = from_arrays([[2.0, 0, 1], [0, 2, 1]], {"1.1": 2, "1.2": 2, "2": 2}, parents={"1.1": "1", "1.2": "1"})
    assert (vary_weights(tree, WeightRange({"area": 0.25}), n_draws=50).ranks == 1).all()
    ranks = vary_weights(tree, WeightRange(0.25), n_draws=50).ranks
    assert (ranks.max(axis=1) == 2).all()
