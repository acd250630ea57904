"""Leaving out a criterion is the same as scoring the others anew."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlib.analysis.robustness import from_arrays, leave_out, method_index, removal_effects
from parlib.analysis.robustness.methods import removed_index, removed_ranks
from parlib.errors import ParameterError
from parlib.scoring.scorecard import competition_ranks


@st.composite
def tables(draw):
    """Quarter points of 2 to 6 units on 2 to 6 leaves in two areas, some of them not applicable, under any policy."""
    n_units, n_leaves = draw(st.integers(2, 6)), draw(st.integers(2, 6))
    maximum = np.array(draw(st.lists(st.integers(1, 12), min_size=n_leaves, max_size=n_leaves))) / 4
    share = np.array(draw(st.lists(st.integers(0, 12), min_size=n_units * n_leaves, max_size=n_units * n_leaves)))
    points = np.minimum(share.reshape(n_units, n_leaves) / 4, maximum)
    applies = np.array(draw(st.lists(st.integers(0, 9), min_size=n_units * n_leaves, max_size=n_units * n_leaves))) > 0
    applies = applies.reshape(n_units, n_leaves).astype(float)
    applies[:, :2] = 1.0  # so that something is left to score
    policy = draw(st.sampled_from(["rescale", "full", "zero"]))
    return points, maximum, applies, policy


def from_table(points, maximum, applies, policy):
    codes = [f"{1 + place % 2}.{place}" for place in range(len(maximum))]
    parents = {code: code[0] for code in codes}
    return from_arrays(
        points, dict(zip(codes, maximum, strict=True)), parents=parents, applicable=applies, policy=policy
    )


@given(tables())
def test_leaving_out_a_leaf_equals_scoring_without_it(table):
    points, maximum, applies, policy = table
    tree = from_table(points, maximum, applies, policy)
    result, ranks = removed_ranks(tree)
    for leaf in range(len(maximum)):
        kept = np.arange(len(maximum)) != leaf
        left = from_table(points[:, kept], maximum[kept], applies[:, kept], policy)
        anew = method_index(left)
        np.testing.assert_allclose(result[leaf], anew, atol=1e-9)
        assert np.array_equal(ranks[leaf], competition_ranks(anew), equal_nan=True)


@pytest.mark.parametrize("what", ["area", "criterion", "subcriterion", "all"])
def test_leaving_out_any_node_equals_scoring_without_its_leaves(province_tree, what):
    removed = leave_out(province_tree, what)
    for node in removed["node"].unique()[::7]:
        below = province_tree.below[province_tree.nodes.index(node)] > 0
        applying = province_tree.applicable[:, ~below] * province_tree.leaf_maximum[~below]
        points = np.where(applying > 0, province_tree.points[:, ~below], 0)
        rows = removed[removed["node"] == node]
        np.testing.assert_allclose(rows["index"], 100 * points.sum(axis=1) / applying.sum(axis=1), atol=1e-9)
        assert np.array_equal(rows["rank"].astype(float), competition_ranks(rows["index"]))


def test_whatever_is_left_out_equal_points_tie():
    # Two units with the same points elsewhere: without the leaf on which they differ they tie, in whatever order
    # the quarter points are added.
    random = np.random.default_rng(0)
    maximum = random.integers(1, 9, 40) / 4
    points = np.round(random.random(40) * maximum * 4) / 4
    table = np.stack([np.where(np.arange(40) == leaf, 0, points) for leaf in range(40)])
    index, ranks = removed_ranks(from_arrays(np.vstack([points, table]), maximum.tolist()))
    for leaf in range(40):
        assert ranks[leaf, 0] == ranks[leaf, leaf + 1]
    assert index.shape == (40, 41)


def test_nothing_left_is_unknown():
    tree = from_arrays([[1.0, 0], [1, 1]], [1, 1], applicable=[[1, 0], [1, 1]])
    assert np.array_equal(removed_index(tree), [[np.nan, 100], [100, 100]], equal_nan=True)


def test_the_table_counts_places_up_as_positive():
    # Totals 3, 2, 1. Without the first criterion: 0, 2, 1, so the first falls two places and the others rise one.
    tree = from_arrays([[3.0, 0], [0, 2], [0, 1]], [4, 4], units=["a", "b", "c"])
    removed = leave_out(tree)
    first = removed[removed["node"] == "1"]
    assert first["rank"].tolist() == [3, 1, 2]
    assert first["rank_before"].tolist() == [1, 2, 3]
    assert first["places"].tolist() == [-2, 1, 1]
    assert first["change"].tolist() == [0 - 37.5, 50 - 25, 25 - 12.5]
    assert set(removed["source"]) == {"method"}
    effects = removal_effects(removed).set_index("node")
    assert effects.loc["1", ["n_ranked", "n_moved", "largest_shift", "units_up", "units_down"]].tolist() == [
        3, 3, 2, ("b", "c"), ("a",),
    ]  # fmt: skip
    assert effects.loc["1", "mean_shift"] == pytest.approx(4 / 3)
    # Without the second criterion the last two tie at the second place: one of them rises.
    assert effects.loc["2", ["n_moved", "units_up", "units_down", "changed"]].tolist() == [1, ("c",), (), True]


def test_a_criterion_that_all_meet_in_full_changes_nothing():
    effects = removal_effects(leave_out(from_arrays([[1.0, 3], [1, 2]], [1, 4]))).set_index("node")
    assert not effects.loc["1", "changed"]
    assert effects.loc["1", ["units_up", "units_down"]].tolist() == [(), ()]


def test_unknown_units_stay_in_the_table_unranked():
    removed = leave_out(from_arrays([[np.nan, 3], [1, 2], [0, 2]], [1, 4]))
    unknown = removed[removed["unit"] == "u1"]
    assert len(unknown) == 2
    assert unknown[["index", "rank", "places"]].isna().all(axis=None)
    assert removal_effects(removed)["n_ranked"].tolist() == [2, 2]


def test_single_nodes_by_code_and_unknown_codes(province_tree):
    assert leave_out(province_tree, ["1.1", "8"])["node"].unique().tolist() == ["1.1", "8"]
    with pytest.raises(ParameterError, match=r"no such node.*near matches"):
        leave_out(province_tree, ["1.1", "8.11.1"])
    with pytest.raises(ParameterError, match="near matches: area"):
        leave_out(province_tree, "areas")


def test_what_is_left_out_leaves_the_maximum_or_its_parent_keeps_its_weight():
    # Area A has the criteria A.1 and A.2 of 2 points each, area B the one criterion B.1 of 6; all in all 10.
    points, maximum = [[2.0, 0, 3], [1, 1, 3], [0, 2, 6]], {"A.1": 2, "A.2": 2, "B.1": 6}
    tree = from_arrays(points, maximum, parents={"A.1": "A", "A.2": "A", "B.1": "B"})
    leaves = leave_out(tree).pivot(index="node", columns="unit", values="index")
    assert leaves.loc["A.1"].tolist() == [100 * 3 / 8, 100 * 4 / 8, 100 * 8 / 8]
    kept = leave_out(tree, parent_keeps=True).pivot(index="node", columns="unit", values="index")
    # without A.1, A.2 counts for 4: (0 x 4/2 + 3) / 10, (1 x 4/2 + 3) / 10, (2 x 4/2 + 6) / 10
    assert kept.loc["A.1"].tolist() == [30, 50, 100]
    assert kept.loc["A.2"].tolist() == [70, 50, 60]  # (2 x 2 + 3) / 10, (1 x 2 + 3) / 10, (0 + 6) / 10
    # nothing of B is left without B.1: the whole keeps its weight, as if it left the maximum
    assert kept.loc["B.1"].tolist() == leaves.loc["B.1"].tolist() == [50, 50, 50]
    areas = leave_out(tree, "area", parent_keeps=True)
    assert areas["index"].tolist() == leave_out(tree, "area")["index"].tolist()
    assert leave_out(tree, ["A.1"], parent_keeps=True)["rank"].tolist() == [3, 2, 1]


def test_where_a_sibling_does_not_apply_the_weight_is_that_of_what_applies():
    # A.2 does not apply to the second unit, so A counts 2 there, all of it A.1: without A.1 the whole keeps its weight.
    tree = from_arrays(
        [[2.0, 1, 3], [1, 0, 3]], {"A.1": 2, "A.2": 2, "B.1": 6}, parents={"A.1": "A", "A.2": "A", "B.1": "B"},
        applicable=[[1, 1, 1], [1, 0, 1]],
    )  # fmt: skip
    result = leave_out(tree, ["A.1"], parent_keeps=True)["index"].tolist()
    assert result == [100 * (1 * 4 / 2 + 3) / 10, 100 * 3 / 6]
