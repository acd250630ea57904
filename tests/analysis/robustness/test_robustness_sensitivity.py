"""Sobol indices against their formulas and against SALib."""

import warnings

import numpy as np
import pytest

from parlib.analysis.robustness import Choice, Continuous, factors_of, from_arrays, index_sensitivity, sobol_indices
from parlib.errors import DataError, ParameterError

FIVE = ("weights:area", "weights:criterion", "weights:subcriterion", "aggregation", "not_applicable")
ANGLES = {name: Continuous(-np.pi, np.pi) for name in ("x1", "x2", "x3")}


def ishigami(inputs):
    return np.sin(inputs["x1"]) + 7 * np.sin(inputs["x2"]) ** 2 + 0.1 * inputs["x3"] ** 4 * np.sin(inputs["x1"])


def salib_analysis(outputs, factors):
    """SALib's own estimates from the same runs, in the order that it wants them: A, AB of each factor, B."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import sobol
    stacked = np.stack([outputs["A"], *[outputs[f"AB:{name}"] for name in factors], outputs["B"]], axis=1).ravel()
    problem = {"num_vars": len(factors), "names": list(factors), "bounds": [[0, 1]] * len(factors)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sobol.analyze(problem, stacked, calc_second_order=False, num_resamples=10, seed=1)


def test_ishigami_against_its_formula():
    # Var = 1/2 + 7^2/8 + 0.1 pi^4/5 + 0.1^2 pi^8/18; V1 = (1 + 0.1 pi^4/5)^2 / 2; V2 = 7^2/8;
    # V13 = 0.1^2 pi^8 (1/18 - 1/50).
    total = 0.5 + 49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18
    first = np.array([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0]) / total
    shared = 0.01 * np.pi**8 * (1 / 18 - 1 / 50) / total
    table = sobol_indices(ishigami, ANGLES, base=8192).table
    np.testing.assert_allclose(table["first_order"], first, atol=0.01)
    np.testing.assert_allclose(table["total"], first + np.array([shared, 0, shared]), atol=0.01)
    assert (table["first_low"] <= first).all()
    assert (table["first_high"] >= first).all()
    assert table["variance"].to_numpy() == pytest.approx(total, rel=0.01)
    assert table["changed"].all()


def test_ishigami_against_salib_on_the_same_runs():
    result = sobol_indices(ishigami, ANGLES, base=4096, draws=True, resamples=0)
    theirs = salib_analysis(result.outputs, ANGLES)
    np.testing.assert_allclose(result.table["first_order"], theirs["S1"], atol=2e-3)
    np.testing.assert_allclose(result.table["total"], theirs["ST"], atol=2e-3)
    assert result.n_runs == 4096 * 5


def test_a_par_index_against_salib_on_the_same_runs(province_tree):
    result = index_sensitivity(province_tree, FIVE, base=1024, draws=True, resamples=0)
    theirs = salib_analysis(result.outputs, FIVE)
    np.testing.assert_allclose(result.table["first_order"], theirs["S1"], atol=3e-3)
    np.testing.assert_allclose(result.table["total"], theirs["ST"], atol=3e-3)


def test_a_par_index_against_salib_on_runs_of_its_own():
    # A model that SALib can run itself: three criteria, two uncertain weights, the index of one unit.
    def model(inputs):
        weights = np.stack([inputs["first"], inputs["second"], np.full_like(inputs["first"], 1.0)])
        return weights.T @ np.array([90.0, 40.0, 70.0]) / weights.sum(axis=0)

    factors = {"first": Continuous(0.5, 1.5), "second": Continuous(0.2, 2.0)}
    table = sobol_indices(model, factors, base=4096).table
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sample

        problem = {"num_vars": 2, "names": ["first", "second"], "bounds": [[0.5, 1.5], [0.2, 2.0]]}
        points = sample.sample(problem, 4096, calc_second_order=False, seed=2)
        theirs = analysis.analyze(
            problem, model({"first": points[:, 0], "second": points[:, 1]}), calc_second_order=False, seed=2
        )
    np.testing.assert_allclose(table["first_order"], theirs["S1"], atol=0.01)
    np.testing.assert_allclose(table["total"], theirs["ST"], atol=0.01)


def test_a_group_of_inputs_counts_as_one_factor():
    # y = sum of a group of three + 2 x one: variances 3/12 and 4/12.
    factors = {"group": Continuous(size=3), "one": Continuous()}
    table = sobol_indices(lambda x: x["group"].sum(axis=0) + 2 * x["one"], factors, base=2048).table
    np.testing.assert_allclose(table["first_order"], [3 / 7, 4 / 7], atol=0.01)
    np.testing.assert_allclose(table["total"], [3 / 7, 4 / 7], atol=0.01)


def test_a_choice_takes_its_options_with_equal_chance():
    # Options 0, 1, 2: variance 2/3; the other factor on 0 to 1 adds 1/12.
    factors = {"option": Choice(("a", "b", "c")), "x": Continuous()}
    table = sobol_indices(lambda x: x["option"] + x["x"], factors, base=4096).table
    np.testing.assert_allclose(table["first_order"], [8 / 9, 1 / 9], atol=0.01)
    assert table["mean"].to_numpy() == pytest.approx(1.5, abs=0.01)


def test_a_factor_that_changed_nothing_is_said_to():
    result = sobol_indices(lambda x: x["x1"], ANGLES, base=256)
    assert result.without_effect == ("x2", "x3")
    still = result.table.set_index("factor").loc["x2"]
    assert (still["first_order"], still["total"], still["largest_effect"]) == (0, 0, 0)


def test_an_output_that_never_varies_has_no_indices():
    result = sobol_indices(lambda x: 5 + 0 * x["x1"], ANGLES, base=64)
    assert result.table[["first_order", "total", "first_low", "total_high"]].isna().all(axis=None)
    assert result.without_effect == ("x1", "x2", "x3")
    assert (result.table["mean"] == 5).all()


def test_where_everything_applies_the_policy_has_no_effect(province_tree):
    tree = from_arrays(province_tree.points, province_tree.leaf_maximum.tolist())
    assert index_sensitivity(tree, ["weights:area", "not_applicable"], base=128).without_effect == ("not_applicable",)
    assert index_sensitivity(province_tree, FIVE, base=128).without_effect == ()


def test_unknown_factors_options_and_units_are_errors(province_tree):
    with pytest.raises(ParameterError, match=r"no such factor.*near matches: aggregation"):
        index_sensitivity(province_tree, ["agregation", "weights:area"])
    with pytest.raises(ParameterError, match="no such factor"):
        index_sensitivity(province_tree, ["weights:item"])
    with pytest.raises(ParameterError, match="no such aggregation"):
        index_sensitivity(province_tree, options={"aggregation": ["harmonic"]})
    with pytest.raises(ParameterError, match="no such factor"):
        index_sensitivity(province_tree, options={"weights": ["a"]})
    with pytest.raises(ParameterError, match="no such unit"):
        index_sensitivity(province_tree, output="rank", units=["nowhere"])
    with pytest.raises(ParameterError, match="power of two"):
        index_sensitivity(province_tree, base=1000)
    with pytest.raises(ParameterError, match="at least one factor"):
        sobol_indices(ishigami, {})
    with pytest.raises(ValueError, match="not finite"):
        sobol_indices(lambda x: x["x1"] * np.nan, ANGLES, base=64)
    with pytest.raises(DataError, match="at least 2 units"):
        index_sensitivity(from_arrays([[1.0]], [1]))


def test_all_factors_by_name(province_tree):
    assert tuple(factors_of(province_tree)) == (*FIVE, "normalisation")
    assert tuple(factors_of(province_tree, {"area": 0.1})) == ("weights:area", *FIVE[3:], "normalisation")
    assert factors_of(province_tree)["weights:subcriterion"] == Continuous(0.75, 1.25, 88)


def test_ranks_of_single_units(province_tree):
    units = list(province_tree.units[:3])
    result = index_sensitivity(province_tree, FIVE, output="rank", units=units, base=128, draws=True)
    assert result.table["output"].unique().tolist() == units
    assert len(result.table) == 15
    assert result.outputs["A"].shape == (128, 3)
    assert set(np.unique(result.outputs["A"])) <= set(range(1, 64))
    assert (
        index_sensitivity(province_tree, FIVE, output="index", units=units, base=64).table["mean"].between(0, 100).all()
    )


def test_intervals_narrow_with_more_points_and_hold_the_estimate():
    few, many = (sobol_indices(ishigami, ANGLES, base=base).table for base in (256, 8192))
    assert ((many["total_high"] - many["total_low"]) < (few["total_high"] - few["total_low"]) / 3).all()
    for table in (few, many):
        assert ((table["first_low"] <= table["first_order"]) & (table["first_order"] <= table["first_high"])).all()
        assert ((table["total_low"] <= table["total"]) & (table["total"] <= table["total_high"])).all()


def test_the_same_seed_gives_the_same_bytes(province_tree):
    first, again, other = (index_sensitivity(province_tree, FIVE, base=128, seed=s, draws=True) for s in (1, 1, 2))
    assert first.table.equals(again.table)
    assert all(first.outputs[name].tobytes() == again.outputs[name].tobytes() for name in first.outputs)
    assert all(first.inputs[name].tobytes() == again.inputs[name].tobytes() for name in first.inputs)
    assert first.outputs["A"].tobytes() != other.outputs["A"].tobytes()
    assert index_sensitivity(province_tree, FIVE, base=64).inputs is None


def test_two_base_points_are_the_fewest():
    assert sobol_indices(lambda x: x["x1"], ANGLES, base=2, resamples=0).n_runs == 2 * (3 + 2)
    with pytest.raises(ParameterError, match="power of two"):
        sobol_indices(lambda x: x["x1"], ANGLES, base=1)
