"""The tree of points, from a scorecard, from results and from plain arrays."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from parlib.analysis.robustness import Method, from_arrays, method_index, point_tree
from parlib.analysis.robustness.draws import competition_ranks
from parlib.analysis.robustness.tree import counted_points
from parlib.errors import DataError, ParameterError
from parlib.scoring.results import Results
from parlib.scoring.scheme import load_scheme
from parlib.scoring.scorecard import Scorecard
from parlib.scoring.units import units


def card_of(
    scheme_id: str, year: int, keys: tuple[str, ...], seed: int, *, some_do_not_apply: bool = True
) -> Scorecard:
    scheme = load_scheme(scheme_id)
    random = np.random.default_rng(seed)
    maximum = np.nan_to_num(scheme.leaf_maxima, nan=2.0)
    points = np.round(random.random((len(keys), len(maximum))) * maximum * 4) / 4
    applicable = np.ones(points.shape, dtype=bool)
    if some_do_not_apply:
        applicable[0, 4] = applicable[1, 7] = applicable[1, 40] = False
    error = random.random(points.shape) / 50
    return Scorecard(scheme, year, scheme.level, keys, points, applicable, error)


PROVINCES = tuple(unit.key for unit in units("province", "63"))


@pytest.mark.parametrize("policy", ["rescale", "full", "zero"])
def test_the_official_method_is_the_index_of_the_scorecard(policy):
    card = replace(card_of("876-province", 2023, PROVINCES, 1), policy=policy)
    tree = point_tree(card)
    assert tree.policy == policy
    assert tree.level_names == ("area", "criterion", "subcriterion")
    np.testing.assert_allclose(method_index(card), card.node_index()[:, 0], atol=1e-9)
    points, maxima = counted_points(tree)
    np.testing.assert_allclose(100 * points.sum(axis=1) / maxima.sum(axis=1), card.node_index()[:, 0], atol=1e-9)
    assert np.array_equal(competition_ranks(method_index(card)), competition_ranks(card.node_index()[:, 0]))


def test_errors_of_leaves_are_carried_over_from_results_in_points():
    card = card_of("876-province", 2023, PROVINCES, 3, some_do_not_apply=False)
    listed = pd.DataFrame({"unit": list(card.units), "ranked": True})
    table, nodes = card.index_table(), card.scheme.node_frame()
    tree = point_tree(Results("par", 2023, "province", table, listed, nodes, stage=table["stage"].iloc[0]))
    there = [[leaf.code for leaf in card.scheme.leaves].index(tree.nodes[leaf]) for leaf in tree.leaves]
    np.testing.assert_allclose(tree.standard_error, card.standard_error[:, there], atol=1e-9)


@pytest.mark.parametrize("policy", ["rescale", "full", "zero"])
def test_another_policy_is_the_index_of_the_scorecard_under_it(policy):
    card = card_of("876-province", 2023, PROVINCES, 2)
    expected = replace(card, policy=policy).node_index()[:, 0]
    np.testing.assert_allclose(method_index(card, Method(not_applicable=policy)), expected, atol=1e-9)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_cut_tree_has_the_same_index(depth):
    card = card_of("876-province", 2023, PROVINCES, 3)
    np.testing.assert_allclose(method_index(point_tree(card, depth=depth)), method_index(card), atol=1e-9)
    again = point_tree(point_tree(card), depth=depth)
    assert again.nodes == point_tree(card, depth=depth).nodes
    np.testing.assert_allclose(again.points, point_tree(card, depth=depth).points, atol=1e-12)
    assert len(point_tree(card, depth=1).leaves) == 8


def test_components_as_leaves_have_the_same_index():
    card = card_of("876-province", 2023, PROVINCES, 4)
    tree = point_tree(card, by="component")
    assert tree.nodes == ("component:appraisal", "component:leaders", "component:sipas", "component:impact")
    np.testing.assert_allclose(method_index(tree), method_index(card), atol=1e-9)


def test_leaves_without_a_maximum_are_taken_together_and_absent_ones_make_nothing_unknown():
    card = card_of("papi-2018", 2023, PROVINCES, 5, some_do_not_apply=False)
    card.points[:, [leaf.code == "5.2" for leaf in card.scheme.leaves]] = np.nan  # no values from 2021 on
    tree = point_tree(card)
    assert "5" in [tree.nodes[leaf] for leaf in tree.leaves]
    assert "8" in [tree.nodes[leaf] for leaf in tree.leaves]
    assert len(tree.leaves) == 24  # 29 less the 4 and 3 of dimensions 5 and 8, and these two themselves
    np.testing.assert_allclose(method_index(card), card.node_index()[:, 0], atol=1e-9)


def test_units_assessed_and_not_ranked_stay_out_of_the_ranking():
    keys = tuple(unit.key for unit in units("ministry") if unit.key in ("bo-noi-vu", "bo-y-te", "thanh-tra-chinh-phu"))
    tree = point_tree(card_of("876-ministry", 2023, keys, 6))
    assert len(keys) == 3
    assert [tree.units[number] for number in tree.rankable] == [key for key in keys if key != "thanh-tra-chinh-phu"]


def test_unknown_points_make_the_unit_unknown_and_nobody_else():
    tree = from_arrays([[1, np.nan], [1, 1], [0.5, 1]], [1, 1])
    assert tree.known.tolist() == [False, True, True]
    assert np.isnan(method_index(tree)[0])
    assert method_index(tree)[1:].tolist() == [100, 75]


def test_unknown_points_of_a_criterion_that_does_not_apply_do_not_matter():
    tree = from_arrays([[1, np.nan], [1, 1]], [1, 1], applicable=[[1, 0], [1, 1]])
    assert method_index(tree).tolist() == [100, 100]


def test_too_few_known_units_is_an_error_for_people():
    with pytest.raises(DataError, match="there are 1 of 2"):
        from_arrays([[1, np.nan], [1, 1]], [1, 1]).need_standing()


def test_levels_below_the_third_are_numbered():
    parents = {"1.1.1.1": "1.1.1", "1.1.1": "1.1", "1.1": "1", "2": ""}
    tree = from_arrays([[1.0, 1], [0, 1]], {"1.1.1.1": 1, "2": 1}, parents=parents)
    assert tree.level_names == ("area", "criterion", "subcriterion", "level4")


def test_an_unknown_name_is_an_error_with_near_matches():
    with pytest.raises(ParameterError, match="near matches: arithmetic"):
        Method(aggregation="aritmetic")
    with pytest.raises(ParameterError, match="no such division"):
        point_tree(from_arrays([[1.0]], [1]), by="components")


def test_every_leaf_weight_is_its_share_of_the_maximum(province_tree):
    assert province_tree.weights.sum() == pytest.approx(1)
    assert province_tree.maximum[province_tree.parents < 0].sum() == pytest.approx(100)
    assert [len(level.nodes) for level in province_tree.levels] == [8, 37, 88]
