"""Robustness on what was really published."""

import numpy as np
import pytest

from parlib.analysis.robustness import (
    errors_from_change,
    index_sensitivity,
    leave_out,
    method_index,
    point_tree,
    rank_confidence_sets,
    removal_effects,
    vary_weights,
)
from parlib.errors import DataError
from parlib.scoring.scorecard import competition_ranks
from parlib.sources.published import results


@pytest.fixture(scope="module")
def papi():
    return {year: results("papi", year, "province") for year in (2023, 2024)}


@pytest.mark.parametrize("year", [2023, 2024])
def test_the_tree_of_papi_gives_its_totals(papi, year):
    tree = point_tree(papi[year])
    assert len(tree.leaves) == 24  # 22 sub-dimensions with a maximum, and dimensions 5 and 8 whole
    assert len(tree.units) == 63
    assert len(tree.rankable) == 61  # two provinces are not complete in either year
    np.testing.assert_allclose(method_index(tree), papi[year].values(), atol=1e-9)


def test_weights_of_papi_keep_the_unknown_apart(papi):
    study = vary_weights(papi[2024], n_draws=1000)
    assert study.n_unknown == 2
    table = study.table.set_index("unit")
    assert table.loc[["vinh-phuc", "tien-giang"], ["index", "rank", "rank_low"]].isna().all(axis=None)
    assert np.array_equal(
        table["rank"].astype(float).to_numpy(), competition_ranks(papi[2024].values()), equal_nan=True
    )
    np.testing.assert_allclose(study.acceptability.sum(axis=1), 1)


def test_removing_a_dimension_of_papi_leaves_seven(papi):
    removed = leave_out(papi[2024], "area")
    total, without = papi[2024].values(column="points"), papi[2024].values("3", "points")
    result = removed[removed["node"] == "3"].set_index("unit")["index"]
    np.testing.assert_allclose(result, 100 * (total - without) / 70, atol=1e-9)
    assert removal_effects(removed)["n_ranked"].tolist() == [61] * 8


def test_every_criterion_of_papi_applies_so_the_policy_changes_nothing(papi):
    assert index_sensitivity(papi[2024], base=64).without_effect == ("not_applicable",)


def test_rank_sets_of_papi_from_an_assumed_error(papi):
    error = errors_from_change(papi[2023].values(), papi[2024].values())
    assert 0.5 < error < 1.5
    values = papi[2024].values()
    sets = rank_confidence_sets(values, np.full(63, error), units=list(values.index))
    assert sets.n_unknown == 2
    assert "quang-ninh" in sets.tau_best(1)
    assert len(sets.tau_best(10)) > 10


def test_the_published_parts_of_the_ministries_of_2023():
    tree = point_tree(results("par", 2023, "ministry"), by="component")
    assert len(tree.rankable) == 17
    printed = results("par", 2023, "ministry").values()
    result = method_index(tree)[tree.rankable]
    np.testing.assert_allclose(result, printed[[tree.units[n] for n in tree.rankable]], atol=0.0115)


def test_maxima_that_are_not_known_are_an_error_for_people():
    with pytest.raises(DataError, match="maximum is not known"):
        point_tree(results("par", 2023, "ministry"))
