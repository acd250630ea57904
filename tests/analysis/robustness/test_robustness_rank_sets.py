"""Rank confidence sets: against a published example, by hand, and by simulation."""

import numpy as np
import pytest
from scipy.stats import norm, studentized_range

from parlib.analysis.robustness import (
    errors_from_change,
    pairwise_factor,
    pairwise_intervals,
    rank_confidence_sets,
    tiers,
)
from parlib.errors import DataError, ParameterError

# Mathematics scores of PISA 2018 in the OECD with standard errors (OECD): the worked example of the authors' vignette
# "Inference for Ranks" (csranks 1.2.2).
PISA = {
    "Australia": (491.3600252, 1.939833031), "Austria": (498.9423138, 2.970998694),
    "Belgium": (508.0703063, 2.262662011), "Canada": (512.0169429, 2.357475749), "Chile": (417.4065563, 2.41588757),
    "Colombia": (390.9322732, 2.989559274), "Czech Republic": (499.4676508, 2.460661531),
    "Denmark": (509.3983746, 1.735002337), "Estonia": (523.4145802, 1.743602224), "Finland": (507.3013618, 1.967920411),
    "France": (495.4075794, 2.320214487), "Germany": (500.0437805, 2.647083096), "Greece": (451.3703438, 3.091228197),
    "Hungary": (481.0826364, 2.319596741), "Iceland": (495.1873762, 1.953082603), "Ireland": (499.632894, 2.198621128),
    "Israel": (463.0345488, 3.498563228), "Italy": (486.5898573, 2.780045867), "Japan": (526.9732502, 2.471475318),
    "Korea": (525.933002, 3.121394315), "Latvia": (496.1263306, 1.962766789), "Lithuania": (481.1911884, 1.953282039),
    "Luxembourg": (483.421485, 1.097632409), "Mexico": (408.8014734, 2.493225544),
    "Netherlands": (519.2309824, 2.632277885), "New Zealand": (494.489676, 1.705942856),
    "Norway": (500.9637885, 2.219044878), "Poland": (515.6478747, 2.602085176), "Portugal": (492.4874062, 2.684570081),
    "Slovak Republic": (486.1648542, 2.555595707), "Slovenia": (508.8975441, 1.363877596),
    "Spain": (481.3926126, 1.462417763), "Sweden": (502.3877022, 2.654250935),
    "Switzerland": (515.3147131, 2.908003898), "Turkey": (453.5077774, 2.260406789),
    "United Kingdom": (501.7698992, 2.564428111), "United States": (478.2447174, 3.235444099),
}  # fmt: skip
COUNTRIES = list(PISA)
SCORES, ERRORS = np.array(list(PISA.values())).T
TOP_FIVE_90 = {
    "Belgium", "Canada", "Denmark", "Estonia", "Finland", "Japan", "Korea", "Netherlands", "Poland", "Slovenia",
    "Switzerland",
}  # fmt: skip


def pisa(**options):
    return rank_confidence_sets(SCORES, ERRORS, units=COUNTRIES, **{"n_draws": 5000, **options})


def test_the_five_best_of_pisa_as_published():
    assert set(pisa(coverage=0.95).tau_best(5)) == TOP_FIVE_90 | {"Sweden"}
    assert set(pisa(coverage=0.90).tau_best(5)) == TOP_FIVE_90


def test_the_last_three_of_pisa_stand_apart_as_published():
    table = pisa().table.set_index("unit")
    assert table.loc[["Chile", "Mexico", "Colombia"], "rank_low"].min() == 35
    assert table.drop(["Chile", "Mexico", "Colombia"])["rank_high"].max() == 34
    assert set(pisa().tau_worst(3)) == {"Chile", "Mexico", "Colombia"}


def test_the_marginal_set_of_the_united_kingdom_as_published():
    # Printed: rank 13, set from 8 (7 in the text) to 23, from 1,000 draws.
    row = pisa(kind="marginal").table.set_index("unit").loc["United Kingdom"]
    assert row["rank"] == 13
    assert row["rank_low"] in (7, 8)
    assert row["rank_high"] in (22, 23, 24)


def test_the_bar_of_equal_errors_is_that_of_the_studentised_range():
    # The largest of all |differences| / (s sqrt 2) of n equal normal values is the studentised range / sqrt 2 (Tukey).
    sets = rank_confidence_sets(np.zeros(10), np.ones(10), n_draws=100_000, seed=1)
    assert sets.critical[0] == pytest.approx(studentized_range.ppf(0.95, 10, np.inf) / np.sqrt(2), abs=0.015)
    assert len(sets.critical) == 1
    assert (sets.table["rank_low"] == 1).all()
    assert (sets.table["rank_high"] == 10).all()


def test_two_units_are_told_apart_as_by_a_z_test():
    # The bar is 1.96; the error of the difference is sqrt 2.
    for difference, apart in ((2.70, False), (2.85, True)):
        table = rank_confidence_sets([difference, 0], [1, 1], n_draws=100_000).table
        assert table["rank_high"].tolist() == ([1, 2] if apart else [2, 2])
        assert table["rank_low"].tolist() == ([1, 2] if apart else [1, 1])


def test_stepping_down_lowers_the_bar_and_never_widens_a_set():
    values = np.concatenate([np.zeros(6), 3.05 + np.zeros(6), 50 + np.arange(4)])
    one = rank_confidence_sets(values, np.full(16, 0.6), step_down=False)
    steps = rank_confidence_sets(values, np.full(16, 0.6))
    assert len(one.critical) == 1
    assert steps.critical[1] < one.critical[0]
    assert (steps.table["rank_low"] >= one.table["rank_low"]).all()
    assert (steps.table["rank_high"] <= one.table["rank_high"]).all()


def test_a_marginal_set_lies_within_the_simultaneous_one():
    together, alone = pisa().table, pisa(kind="marginal").table
    assert (alone["rank_low"] >= together["rank_low"]).all()
    assert (alone["rank_high"] <= together["rank_high"]).all()
    assert (alone["rank_low"] <= alone["rank"]).all()
    assert (alone["rank"] <= alone["rank_high"]).all()


@pytest.mark.parametrize(
    "truth",
    [
        pytest.param(np.zeros(8), marks=pytest.mark.long),
        np.array([0, 0, 0, 1, 1, 4, 4, 9.0]),
        pytest.param(np.array([0, 0.5, 1, 1, 2, 3, 3, 5.0]), marks=pytest.mark.long),
    ],
    ids=["all tied", "tied groups", "close"],
)
def test_simultaneous_sets_cover_the_whole_true_ranking(truth):
    # Ranks of tied units run from 1 + better to n - worse; a set must hold them all, and so must the tau-best.
    random = np.random.default_rng(11)
    better = (truth[None, :] > truth[:, None]).sum(axis=1)
    worse = (truth[None, :] < truth[:, None]).sum(axis=1)
    errors = np.linspace(0.3, 0.6, len(truth))
    names = np.array([f"u{i + 1}" for i in range(len(truth))])
    n, covered, best_covered = 300, 0, 0
    for run in range(n):
        sets = rank_confidence_sets(
            truth + errors * random.standard_normal(len(truth)), errors, coverage=0.9, n_draws=200, seed=run
        )
        low, high = sets.table["rank_low"].to_numpy(int), sets.table["rank_high"].to_numpy(int)
        covered += bool((low <= 1 + better).all() and (high >= len(truth) - worse).all())
        best_covered += set(names[better < 3]) <= set(sets.tau_best(3)) and set(names[worse < 2]) <= set(
            sets.tau_worst(2)
        )
    allowance = 2.33 * np.sqrt(0.9 * 0.1 / n)  # one in a hundred runs of chance below nominal
    assert covered / n >= 0.9 - allowance
    assert best_covered >= covered


def test_marginal_sets_cover_each_rank():
    truth = np.array([0, 0, 1, 2, 2, 4.0])
    better = (truth[None, :] > truth[:, None]).sum(axis=1)
    worse = (truth[None, :] < truth[:, None]).sum(axis=1)
    random = np.random.default_rng(12)
    hits = np.zeros(6)
    for run in range(200):
        table = rank_confidence_sets(
            truth + 0.7 * random.standard_normal(6),
            np.full(6, 0.7),
            coverage=0.9,
            kind="marginal",
            n_draws=300,
            seed=run,
        ).table
        hits += (table["rank_low"].to_numpy(int) <= 1 + better) & (table["rank_high"].to_numpy(int) >= 6 - worse)
    assert hits.min() / 200 >= 0.9 - 2.33 * np.sqrt(0.09 / 200)


def test_covariance_and_replicates_say_the_same_as_errors():
    by_errors = pisa(n_draws=20_000).table
    by_covariance = pisa(n_draws=20_000, seed=5).table
    assert by_errors.equals(rank_confidence_sets(SCORES, ERRORS, units=COUNTRIES, n_draws=20_000).table)
    covariance = rank_confidence_sets(SCORES, covariance=np.diag(ERRORS**2), units=COUNTRIES, n_draws=20_000).table
    random = np.random.default_rng(6)
    replicates = SCORES + ERRORS * random.standard_normal((20_000, len(SCORES)))
    resampled = rank_confidence_sets(SCORES, replicates=replicates, units=COUNTRIES).table
    for other in (by_covariance, covariance, resampled):
        assert (other["rank_low"] - by_errors["rank_low"]).abs().max() <= 1
        assert (other["rank_high"] - by_errors["rank_high"]).abs().max() <= 1
    np.testing.assert_allclose(resampled["standard_error"], ERRORS, rtol=0.03)


def test_errors_that_go_together_tell_units_apart_sooner():
    # A common error of all units does not touch their order: the differences have variance 2 x 0.1.
    covariance = np.full((5, 5), 4.0) + 0.1 * np.eye(5)
    values = np.arange(5) * 3.0
    assert (rank_confidence_sets(values, covariance=covariance).table["rank_low"] == [5, 4, 3, 2, 1]).all()
    assert (rank_confidence_sets(values, np.sqrt(np.diag(covariance))).table["rank_low"] != [5, 4, 3, 2, 1]).any()


def test_values_without_any_error_are_ranked_as_they_stand():
    table = rank_confidence_sets([0.1 + 0.2, 0.3, 5, 4], [0, 0, 0, 0]).table
    assert table["rank_low"].tolist() == [3, 3, 1, 2]
    assert table["rank_high"].tolist() == [4, 4, 1, 2]


def test_unknown_units_have_no_set_and_an_unknown_error_tells_nobody_apart():
    sets = rank_confidence_sets([90, np.nan, 80, 10, 85], [0.1, 0.1, 0.1, np.nan, 0.1])
    assert (sets.n_unknown, sets.n_errorless) == (1, 1)
    table = sets.table.set_index("unit")
    assert table.loc["u2", ["rank", "rank_low", "rank_high"]].isna().all()
    assert table.loc["u4", ["rank_low", "rank_high"]].tolist() == [1, 4]
    assert table.loc["u1", ["rank_low", "rank_high"]].tolist() == [1, 2]
    assert table.loc["u3", ["rank_low", "rank_high"]].tolist() == [3, 4]
    assert set(table["source"]) == {"sampling"}
    assert sets.better.index.tolist() == ["u1", "u3", "u4", "u5"]


def test_the_same_seed_gives_the_same_bytes_and_draws_come_on_request():
    first, again = pisa(seed=3, draws=True), pisa(seed=3, draws=True)
    assert first.draws.tobytes() == again.draws.tobytes()
    assert first.table.equals(again.table)
    assert first.critical == again.critical
    assert first.draws.shape == (5000, 37)
    assert pisa(seed=3).draws is None
    assert pisa(seed=4, draws=True).draws.tobytes() != first.draws.tobytes()


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="exactly one"):
        rank_confidence_sets([1, 2])
    with pytest.raises(ValueError, match="never negative"):
        rank_confidence_sets([1, 2], [1, -1])
    with pytest.raises(ValueError, match="semidefinite"):
        rank_confidence_sets([1, 2], covariance=[[1, 2], [2, 1]])
    with pytest.raises(ParameterError, match="coverage"):
        rank_confidence_sets([1, 2], [1, 1], coverage=1.0)
    with pytest.raises(DataError, match="there are 1"):
        rank_confidence_sets([1, np.nan], [1, 1])


def test_equal_errors_need_139_standard_errors():
    assert pairwise_factor(np.full(63, 0.7)) == pytest.approx(1.959964 / np.sqrt(2), abs=1e-5)
    table = pairwise_intervals([80, 82.78, np.nan], [1.0, 1.0, 1.0])
    assert table["low"][1] - table["high"][0] == pytest.approx(2.78 - 2 * 1.385904, abs=1e-5)
    assert np.isnan(table["low"][2])
    assert set(table["source"]) == {"sampling"}


def test_unequal_errors_hold_the_level_on_the_average_over_pairs():
    errors = np.random.default_rng(1).uniform(0.2, 3, 40)
    factor = pairwise_factor(errors, 0.1)
    first, second = np.triu_indices(40, 1)
    level = 2 * norm.sf(factor * (errors[first] + errors[second]) / np.hypot(errors[first], errors[second]))
    assert level.mean() == pytest.approx(0.1, abs=1e-9)
    assert pairwise_factor([1e-9, 1.0]) == pytest.approx(1.959964, abs=1e-4)


def test_tiers_hold_units_that_cannot_be_told_apart():
    sets = pisa()
    table = tiers(sets).set_index("unit")
    assert table.loc[["Japan", "Korea", "Estonia"], "tier"].tolist() == [1, 1, 1]
    assert table.loc["Colombia", "tier"] == table["tier"].max()
    assert table.loc["Colombia", "tier"] > table.loc["Chile", "tier"] > table.loc["Greece", "tier"]
    for _, inside in table.groupby("tier"):
        assert not sets.better.loc[inside.index, inside.index].any(axis=None)
        assert inside["rank"].max() - inside["rank"].min() < len(inside)  # tiers follow the ranking
    for tier in range(1, int(table["tier"].max())):
        above, below = table[table["tier"] == tier], table[table["tier"] == tier + 1]
        assert sets.better.loc[above.index, below.sort_values("rank").index[0]].any()


def test_equal_values_share_a_tier_and_unknown_units_have_none():
    table = tiers(rank_confidence_sets([9, 5, 5, np.nan, 1], [0.1, 0.1, 4, 0.1, 0.1]))
    assert table["tier"].isna().tolist() == [False, False, False, True, False]
    assert table["tier"][1] == table["tier"][2] == 2
    with pytest.raises(ValueError, match="simultaneous"):
        tiers(pisa(kind="marginal"))


def test_an_error_read_from_the_spread_of_changes():
    # Changes 0, 1, 2, 3, 100: median 2, absolute deviations 2, 1, 0, 1, 98 with median 1: 1.4826 / sqrt 2.
    assert errors_from_change([1, 2, 3], [1, 3, 5]) == pytest.approx(1.482602218505602 / np.sqrt(2))  # three are enough
    assert errors_from_change([1, 2, 3, 4, 5, np.nan], [1, 3, 5, 7, 105, 1]) == pytest.approx(
        1.482602 / np.sqrt(2), abs=1e-6
    )
    with pytest.raises(DataError, match="both years"):
        errors_from_change([1, np.nan, 2, 3], [np.nan, 1, 2, 3])


@pytest.mark.parametrize("estimated", [False, True])
def test_the_bar_is_the_quantile_of_all_largest_differences_worked_out_one_by_one(estimated):
    random = np.random.default_rng(4)
    values, errors = random.normal(80, 1, 12), random.uniform(0.1, 2, 12)
    freedom = np.full(12, 6.0) if estimated else None
    sets = rank_confidence_sets(values, errors, degrees_of_freedom=freedom, n_draws=400, seed=3, draws=True)
    squares = np.tile(errors**2, (400, 1))
    if estimated:
        squares *= np.random.default_rng((3, 1)).chisquare(6, size=(400, 12)) / 6
    gaps = sets.draws[:, :, None] - sets.draws[:, None, :]
    largest = (gaps / np.sqrt(squares[:, :, None] + squares[:, None, :])).max(axis=(1, 2))
    assert sets.critical[0] == pytest.approx(np.sort(largest)[int(np.ceil(0.95 * 401)) - 1], rel=1e-12)


def stepped_down(values, errors, draws, coverage, asked, shift=0.0):
    """The bar of each step and what is rejected, from all differences of all draws (Romano and Wolf 2005): the bar is
    the largest studentised difference of the hypotheses still open, at its place among the draws."""
    spread = np.hypot.outer(errors, errors)
    statistic = np.subtract.outer(values, values) / spread
    gaps = (draws[:, :, None] - draws[:, None, :]) / spread
    n = len(draws)
    place = int(np.ceil(coverage * (n + 1))) + round(shift * np.sqrt(n * coverage * (1 - coverage)))
    still, bars, rejected = asked.copy(), [], np.zeros_like(asked)
    while still.any():
        bars.append(np.sort(np.where(still, gaps, -np.inf).max(axis=(1, 2)))[min(place, n) - 1])
        result = still & (statistic > bars[-1])
        rejected |= result
        still &= ~result
        if not result.any():
            break
    return bars, rejected


def twelve():
    random = np.random.default_rng(9)
    return random.normal(80, 1.5, 12), random.uniform(0.2, 0.9, 12), ~np.eye(12, dtype=bool)


def test_every_step_is_that_of_all_differences_worked_out_one_by_one():
    values, errors, all_pairs = twelve()
    sets = rank_confidence_sets(values, errors, coverage=0.9, n_draws=300, seed=2, draws=True, bounds=True)
    bars, rejected = stepped_down(values, errors, sets.draws, 0.9, all_pairs)
    assert len(bars) > 2
    assert sets.critical == pytest.approx(tuple(bars), rel=1e-12)
    assert (sets.better.to_numpy() == rejected).all()
    assert sets.table["rank_low"].tolist() == (1 + rejected.sum(axis=0)).tolist()
    assert sets.table["rank_high"].tolist() == (12 - rejected.sum(axis=1)).tolist()
    ends = []
    for match, shift in zip(sets.bounds, (2.6 * np.sqrt(2), -2.6 * np.sqrt(2)), strict=True):
        ends.append(stepped_down(values, errors, sets.draws, 0.9, all_pairs, shift)[1])
        assert (match.to_numpy() == ends[-1]).all()
    opened = ends[0] != ends[1]
    assert opened.any()  # the case is one in which other draws can say something else
    assert sets.table["low_open"].tolist() == opened.any(axis=0).tolist()
    assert sets.table["high_open"].tolist() == opened.any(axis=1).tolist()


def test_a_marginal_set_steps_down_over_the_differences_of_its_unit_alone():
    values, errors, all_pairs = twelve()
    sets = rank_confidence_sets(values, errors, coverage=0.9, kind="marginal", n_draws=300, seed=2, draws=True)
    for unit in range(12):
        own = np.zeros((12, 12), dtype=bool)
        own[unit] = own[:, unit] = True
        _, rejected = stepped_down(values, errors, sets.draws, 0.9, own & all_pairs)
        row = sets.table.iloc[unit]
        assert (row["n_better"], row["n_worse"]) == (rejected[:, unit].sum(), rejected[unit].sum())
        assert (row["rank_low"], row["rank_high"]) == (1 + row["n_better"], 12 - row["n_worse"])


def test_a_unit_by_itself_has_the_interval_of_equal_errors():
    assert pairwise_factor([2.0]) == pytest.approx(1.959964 / 2**0.5)
