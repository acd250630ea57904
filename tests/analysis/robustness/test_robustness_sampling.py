"""Survey error carried to the index."""

import warnings

import numpy as np
import pandas as pd
import pytest

from parlib.analysis.robustness import carry_errors, cluster_totals, from_arrays, rank_confidence_sets, survey_error
from parlib.errors import DataError, ParameterError

# 8 points by appraisal and 2 by a survey item: an error of the share counts 20 percentage points of the index.
ONE = from_arrays([[6.0, 1.0], [8.0, 2.0]], {"a": 8, "q": 2}, units=["x", "y"])


def answers(unit, item, shares, **more):
    return pd.DataFrame({"unit": unit, "item": item, "share": shares, **more})


def error_of(tree, totals, items, unit="x", **options):
    return survey_error(tree, totals, items, **options).table.set_index("unit").loc[unit, "standard_error"]


def test_a_simple_random_sample_by_hand():
    # Shares 1, 1/2, 0, 1/2: mean 1/2, sum of squares 1/2, s2 = 1/6, variance of the mean 1/24; times 20.
    totals = cluster_totals(answers("x", "Q", [1, 0.5, 0, 0.5]))
    assert error_of(ONE, totals, {"Q": "q"}) == pytest.approx(20 / np.sqrt(24))


def test_strata_and_clusters_by_hand():
    # Stratum A: clusters with sums 2 of 2 and 1 of 2; stratum B: 0 of 2 and 1 of 2. Share 4/8. Linearised totals
    # (sum - n/2) / 8: 1/8, 0 and -1/8, 0. Variance: 2 x (1/8)^2 / 2 = 1/64 for each stratum, 1/32 together; times 20.
    table = answers("x", "Q", [1, 1, 1, 0, 0, 0, 1, 0], stratum=[*"AAAABBBB"], cluster=[1, 1, 2, 2, 1, 1, 2, 2])
    result = survey_error(ONE, cluster_totals(table), {"Q": "q"}).table.set_index("unit")
    assert result.loc["x", "standard_error"] == pytest.approx(20 / np.sqrt(32))
    assert result.loc["x", ["n_clusters", "n_strata", "n_lonely"]].tolist() == [4, 2, 0]
    assert result.loc["x", "index"] == 70
    assert np.isnan(result.loc["y", "standard_error"])  # nobody was asked there: unknown, not zero
    assert set(result["source"]) == {"sampling"}


def test_groups_count_as_they_are_told_to():
    # Leaders count 0.7 and staff 0.3, both with shares 1 and 0: variance 1/2 / 2 = 1/4 each.
    table = answers("x", "Q", [1, 0, 1, 0], group=[*"LLSS"], stratum=[*"LLSS"])
    totals = cluster_totals(table)
    expected = 20 * np.sqrt((0.49 + 0.09) / 4)
    assert error_of(ONE, totals, {"Q": "q"}, group_weights={"L": 0.7, "S": 0.3}) == pytest.approx(expected)
    with pytest.raises(ParameterError, match="no such group of respondents"):
        survey_error(ONE, totals, {"Q": "q"}, group_weights={"L": 0.7})


def test_groups_count_the_same_unless_they_are_pooled():
    # Leaders: 1 and 0; staff: 1, 1/2, 0, 1/2; one stratum. Half each, linearised: +-1/2 x 1/2 / 2 = +-1/8 and
    # +-1/2 x 1/2 / 4 = +-1/16, 0, 0: the sum of squares x 6/5. All six together: s2 = 1/5, variance 1/30.
    totals = cluster_totals(answers("x", "Q", [1, 0, 1, 0.5, 0, 0.5], group=[*"LLSSSS"]))
    halves = 20 * np.sqrt(6 / 5 * (2 / 64 + 2 / 256))
    assert error_of(ONE, totals, {"Q": "q"}) == pytest.approx(halves)
    assert error_of(ONE, totals, {"Q": "q"}, group_weights={"L": 2.0, "S": 2.0}) == pytest.approx(halves)
    assert error_of(ONE, totals, {"Q": "q"}, pooled=True) == pytest.approx(20 / np.sqrt(30))


def test_a_group_that_did_not_answer_an_item_leaves_its_weight_to_the_others():
    totals = cluster_totals(answers("x", "Q", [1, 0], group=["L", "L"]))
    assert error_of(ONE, totals, {"Q": "q"}, group_weights={"L": 0.2, "S": 0.8}) == pytest.approx(20 * 0.5)


def test_items_of_the_same_people_add_up_as_errors_not_as_squares():
    tree = from_arrays([[1.0, 1.0], [2, 2]], {"q": 2, "r": 2}, units=["x", "y"])
    people = pd.concat([answers("x", item, [1, 0.5, 0, 0.5], cluster=[1, 2, 3, 4]) for item in ("Q", "R")])
    single = 50 / np.sqrt(24)  # of one item: 2 of 4 points
    joint = error_of(tree, cluster_totals(people), {"Q": "q", "R": "r"})
    assert joint == pytest.approx(2 * single)  # the two items go together entirely
    points = np.array([[2 / np.sqrt(24)] * 2, [0, 0]])  # the same errors, leaf by leaf, in points
    leaves = from_arrays(tree.points, {"q": 2, "r": 2}, standard_error=points)
    assert carry_errors(leaves)["standard_error"][0] == pytest.approx(np.sqrt(2) * single)  # too small
    assert carry_errors(leaves, 1.0)["standard_error"][0] == pytest.approx(joint)
    known = pd.DataFrame({"unit": "u1", "node": ["", "q", "r"], "standard_error": [4 / np.sqrt(24), 0.1, 0.1]})
    assert carry_errors(leaves, survey=known)["standard_error"][0] == pytest.approx(joint)


def random_survey(seed=0):
    random = np.random.default_rng(seed)
    rows = []
    for unit in ("x", "y"):
        for stratum in "ABC":
            for cluster in range(8):
                level = random.normal(0, 0.12)
                for _ in range(int(random.integers(3, 9))):
                    base = float(np.clip(0.6 + level + random.normal(0, 0.2), 0, 1))
                    weight = float(random.uniform(0.5, 3))
                    for item in ("Q", "R"):
                        share = float(np.clip(base + random.normal(0, 0.1), 0, 1))
                        rows.append((unit, stratum, cluster, item, share, weight))
    return pd.DataFrame(rows, columns=["unit", "stratum", "cluster", "item", "share", "weight"])


PAIR = from_arrays([[3.0, 1, 0.5], [4, 1, 0.5]], {"a": 5, "q": 2, "r": 1}, units=["x", "y"])
ITEMS = {"Q": "q", "R": "r"}


def test_linearisation_agrees_with_an_independent_implementation():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from samplics.estimation import TaylorEstimator
        from samplics.utils.types import PopParam
    people = random_survey()
    unit = people[(people["unit"] == "x") & (people["item"] == "Q")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = TaylorEstimator(param=PopParam.mean)
        estimator.estimate(
            y=unit["share"].to_numpy(),
            samp_weight=unit["weight"].to_numpy(),
            stratum=unit["stratum"].to_numpy(),
            psu=unit["cluster"].to_numpy(),
        )
    only = from_arrays([[3.0, 1], [4, 1]], {"a": 5, "q": 2}, units=["x", "y"])
    result = error_of(only, cluster_totals(people), {"Q": "q"})
    assert result == pytest.approx(100 * 2 / 7 * float(estimator.stderror), rel=1e-9)


def test_linearisation_agrees_with_the_tabulated_survey():
    from parlib.sources.survey import Question, node_points, open_survey, tabulate

    random = np.random.default_rng(3)
    rows = [
        (
            f"{unit}{person}",
            unit,
            group,
            item,
            f"{group}{person % 2}",
            f"c{person % 7}",
            int(random.integers(1, 6)),
            weight,
        )
        for unit in "xy"
        for person in range(60)
        for group in [("L", "S")[person % 2]]
        for weight in [float(random.uniform(0.5, 2))]
        for item in ("Q", "R")
        if (item, group) != ("R", "S")  # staff are not asked the second item
    ]
    names = ["respondent", "unit", "group", "item", "stratum", "cluster", "answer", "weight"]
    survey = pd.DataFrame(rows, columns=names)
    scale, parts = {5: 1.0, 4: 0.8, 3: 0.5, 2: 0.2, 1: 0.0}, {"L": 0.7, "S": 0.3}
    asked = [
        Question("Q", scale, ("L", "S"), parts, code="q", maximum=2.0),
        Question("R", scale, ("L",), {"L": 0.7}, code="r", maximum=1.0),
    ]
    theirs = node_points(tabulate(open_survey(survey), asked, units=["x", "y"]), asked)
    totals = cluster_totals(survey.assign(share=survey["answer"].map(scale)))
    result = survey_error(PAIR, totals, ITEMS, group_weights=parts).table["standard_error"]
    expected = theirs[theirs["node"] == ""]["standard_error"].to_numpy() * 100 / 8
    np.testing.assert_allclose(result, expected, rtol=1e-9)
    np.testing.assert_allclose(carry_errors(PAIR, survey=theirs)["standard_error"], expected, rtol=1e-9)


def test_the_bootstrap_agrees_with_the_linearisation():
    totals = cluster_totals(random_survey())
    exact = survey_error(PAIR, totals, ITEMS).table["standard_error"]
    drawn = survey_error(PAIR, totals, ITEMS, method="bootstrap", n_replicates=6000, seed=2)
    np.testing.assert_allclose(drawn.table["standard_error"], exact, rtol=0.05)
    np.testing.assert_allclose(drawn.replicates.mean(axis=0), drawn.table["index"], atol=0.15)
    sets = rank_confidence_sets(drawn.table["index"], replicates=drawn.replicates, units=drawn.table["unit"].tolist())
    assert sets.table["standard_error"].to_numpy() == pytest.approx(drawn.table["standard_error"].to_numpy())


def test_a_lonely_cluster_adds_its_distance_in_both_methods():
    # Stratum B has one cluster. Sums 2 of 2, 0 of 2 | 1 of 4: share 3/8; z = (2 - 0.75)/8, -0.75/8 | (1 - 1.5)/8.
    table = answers("x", "Q", [1, 1, 0, 0, 1, 0, 0, 0], stratum=[*"AAAABBBB"], cluster=[1, 1, 2, 2, 1, 1, 1, 1])
    z = np.array([1.25, -0.75, -0.5]) / 8
    expected = 20 * np.sqrt(2 * z[:2].var(ddof=1) + z[2] ** 2)
    result = survey_error(ONE, cluster_totals(table), {"Q": "q"}).table
    assert result["standard_error"][0] == pytest.approx(expected)
    assert result["n_lonely"][0] == 1
    drawn = error_of(ONE, cluster_totals(table), {"Q": "q"}, method="bootstrap", n_replicates=4000)
    # With two clusters the bootstrap takes one of them twice: the ratio is then far from linear, so 20% is close.
    assert drawn == pytest.approx(expected, rel=0.2)


def test_a_replicate_that_draws_no_answer_of_an_item_keeps_its_estimate():
    # R is answered in one of two clusters, wholly: half of the replicates take the other cluster twice
    table = pd.concat(
        [answers("x", "Q", [1, 0.5, 1, 0], cluster=[1, 1, 2, 2]), answers("x", "R", [1, 1], cluster=[1, 1])]
    )
    drawn = survey_error(PAIR, cluster_totals(table), ITEMS, method="bootstrap", n_replicates=200, seed=3).replicates
    # Q: 0.75 and 0.5 by cluster, of 2 of 8 points; R stays at 1
    assert set(np.round(np.unique(drawn[:, 0] - drawn[:, 0].min()), 6)) <= {0.0, 3.125, 6.25}


def test_one_cluster_says_nothing():
    totals = cluster_totals(answers("x", "Q", [1, 0.5], cluster=[1, 1]))
    assert np.isnan(error_of(ONE, totals, {"Q": "q"}))
    assert np.isnan(survey_error(ONE, totals, {"Q": "q"}, method="bootstrap").replicates).all()


def test_errors_of_leaves_outside_the_survey_are_added():
    tree = from_arrays(ONE.points, {"a": 8, "q": 2}, units=["x", "y"], standard_error=[[0.3, 9], [0.3, 9]])
    totals = cluster_totals(answers("x", "Q", [1, 0.5, 0, 0.5]))
    assert error_of(tree, totals, {"Q": "q"}) == pytest.approx(np.hypot(20 / np.sqrt(24), 3))


def test_a_survey_item_that_does_not_apply_adds_no_error():
    tree = from_arrays(ONE.points, {"a": 8, "q": 2}, units=["x", "y"], applicable=[[1, 0], [1, 1]])
    totals = cluster_totals(answers("y", "Q", [1, 0.5, 0, 0.5]))
    table = survey_error(tree, totals, {"Q": "q"}).table
    assert table["standard_error"][0] == 0
    assert table["standard_error"][1] > 0


def test_the_same_seed_gives_the_same_bytes():
    totals = cluster_totals(random_survey())
    draws = [survey_error(PAIR, totals, ITEMS, method="bootstrap", seed=seed).replicates for seed in (1, 1, 2)]
    assert draws[0].tobytes() == draws[1].tobytes() != draws[2].tobytes()


def test_wrong_inputs_are_named():
    totals = cluster_totals(answers("x", "Q", [1, 0.5]))
    with pytest.raises(ParameterError, match="no such criterion"):
        survey_error(ONE, totals, {"Q": "9.9"})
    with pytest.raises(DataError, match="columns missing: weight"):
        survey_error(ONE, totals.drop(columns="weight"), {"Q": "q"})
    with pytest.raises(ParameterError, match="near matches: linearised"):
        survey_error(ONE, totals, {"Q": "q"}, method="linearized")
    with pytest.raises(ValueError, match="from 0 to 1"):
        carry_errors(ONE, 1.5)
