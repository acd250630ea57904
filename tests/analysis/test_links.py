"""Links between indices: coefficients against scipy, intervals against the formulas, honest about missing pairs."""

from __future__ import annotations

from functools import cache
from math import atanh, isnan, sqrt, tanh

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from parlib.analysis.links import bootstrap_draws, discordant, fisher_interval, kendall, link, links, pairs, spearman
from parlib.errors import ParameterError
from parlib.scoring.results import Results
from parlib.sources import published


@cache
def opened(index_name: str, year: int) -> Results:
    return published.results(index_name, year, "province")


columns = st.integers(4, 20).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 6), min_size=n, max_size=n) for _ in "xy"))
)


@settings(max_examples=60)
@given(columns)
def test_coefficients_are_those_of_scipy_with_ties(both):
    x, y = (np.array(side, dtype=float) for side in both)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert isnan(spearman(x, y))
        assert isnan(kendall(x, y))
        return
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    assert kendall(x, y) == pytest.approx(stats.kendalltau(x, y).statistic)


def test_a_link_by_hand(make_results):
    # ranks 1 2 3 4 5 against 2 1 3 5 4: d = 1 1 0 1 1, rho = 1 - 6 x 4 / (5 x 24) = 0.8
    one = make_results(dict(zip("abcde", (90, 80, 70, 60, 50), strict=True)))
    other = make_results(dict(zip("abcde", (8, 9, 7, 1, 2), strict=True)))
    row = link(one, other).iloc[0]
    assert row["coefficient"] == pytest.approx(0.8)
    assert row[["n", "n_units", "complete", "reason"]].tolist() == [5, 5, True, ""]
    error = sqrt((1 + 0.8**2 / 2) / (5 - 3))  # Bonett and Wright
    assert row["z_error"] == pytest.approx(error)
    reach = 1.959963984540054 * error
    assert [row["low"], row["high"]] == pytest.approx([tanh(atanh(0.8) - reach), tanh(atanh(0.8) + reach)])
    tau = link(one, other, "kendall").iloc[0]  # 8 pairs agree, 2 do not, of 10
    assert tau["coefficient"] == pytest.approx(0.6)
    assert tau["z_error"] == pytest.approx(sqrt(0.437 / (5 - 4)))  # Fieller, Hartley and Pearson


def test_only_pairs_known_on_both_sides_count_and_few_give_no_figure(make_results):
    one = make_results({"a": 90, "b": 80, "c": 70, "d": None, "e": 50})
    other = make_results({"a": 9, "b": 8, "c": None, "d": 6, "e": 5})
    frame = pairs(one, other)
    assert frame["unit"].tolist() == ["a", "b", "e"]
    assert frame["rank_among"].tolist() == [1, 2, 3]  # among these three only
    row = link(one, other).iloc[0]
    assert row[["n", "n_units", "complete", "reason"]].tolist() == [3, 5, False, "too_few_pairs"]
    assert isnan(row["coefficient"])
    assert np.isnan(bootstrap_draws(one, other, draws=5)).all()


def test_four_pairs_a_constant_and_a_perfect_order(make_results):
    one = make_results(dict(zip("abcd", (90, 80, 70, 60), strict=True)))
    mixed = make_results(dict(zip("abcd", (9, 7, 8, 6), strict=True)))
    four = link(one, mixed, "kendall").iloc[0]
    assert four["coefficient"] == pytest.approx(4 / 6)
    assert four["reason"] == "too_few_pairs"  # for an interval
    flat = link(one, make_results(dict.fromkeys("abcd", 5))).iloc[0]
    assert flat["reason"] == "constant"
    perfect = link(one, one).iloc[0]
    assert perfect[["coefficient", "reason"]].tolist() == [1, "perfect"]
    assert isnan(perfect["low"])


def test_printed_ranks_give_more_pairs_and_rank_in_the_same_direction():
    par = opened("par", 2023)
    by_value, by_rank = (link(par, opened("papi", 2023), on=on).iloc[0] for on in ("index", "rank"))
    assert by_value["n"] < by_rank["n"] < 63
    assert by_value["n_units"] == 63
    assert not by_rank["complete"]
    own = pairs(par, par, on="rank")
    assert own["rank_among"].is_monotonic_increasing == own["value"].is_monotonic_increasing
    assert link(opened("papi", 2023), opened("papi", 2023), on="rank").iloc[0]["coefficient"] == 1


def test_papi_and_dti_2023_against_scipy():
    row = link(opened("papi", 2023), opened("dti", 2023)).iloc[0]
    x, y = (opened(name, 2023).values() for name in ("papi", "dti"))
    both = x.notna() & y.notna()
    assert row["n"] == both.sum() == 61
    assert row["coefficient"] == pytest.approx(stats.spearmanr(x[both], y[both]).statistic)
    table = links(opened("papi", 2022), [opened("pci", 2022), opened("grdp", 2022), opened("dti", 2022)])
    assert table["other_name"].tolist() == ["pci", "grdp", "dti"]
    assert "secondary" in table.loc[1, "marks"]
    with pytest.raises(ParameterError):
        links(opened("papi", 2022), [])
    with pytest.raises(ParameterError):
        link(opened("papi", 2022), opened("pci", 2022), "pearson")
    with pytest.raises(ParameterError):
        link(opened("papi", 2022), published.results("par", 2022, "ministry"))


def test_the_bootstrap_is_that_of_resampled_pairs_and_its_seed_decides():
    papi, dti = opened("papi", 2023), opened("dti", 2023)
    draws = bootstrap_draws(papi, dti, draws=300, seed=7)
    assert draws.tobytes() == bootstrap_draws(papi, dti, draws=300, seed=7).tobytes()
    table = pairs(papi, dti)[["value", "other"]].to_numpy()
    counts = np.random.default_rng(7).multinomial(61, np.full(61, 1 / 61), size=300)
    for method in ("spearman", "kendall"):
        result = bootstrap_draws(papi, dti, method, draws=300, seed=7)
        for draw in (0, 100, 299):
            sample = np.repeat(table, counts[draw], axis=0)
            sentence = stats.spearmanr if method == "spearman" else stats.kendalltau
            assert result[draw] == pytest.approx(sentence(*sample.T).statistic)
    row = link(papi, dti, interval="bootstrap", draws=300, seed=7).iloc[0]
    assert [row["low"], row["high"]] == pytest.approx(np.quantile(draws, [0.025, 0.975]).tolist())
    two = link(papi, dti, interval="bootstrap", draws=2, seed=7).iloc[0]  # the fewest that have percentiles
    assert two["low"] < two["high"]
    assert isnan(link(papi, dti, interval="bootstrap", draws=1, seed=7).iloc[0]["low"])


def test_intervals_of_bonett_and_wright_cover_as_often_as_they_say():
    # bivariate normal, r = 0.5: Spearman's is 6/pi asin(r/2) = 0.4826; 400 samples of 60
    truth, rng = 6 / np.pi * np.arcsin(0.25), np.random.default_rng(1)
    covered = 0
    for _ in range(400):
        x, y = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=60).T
        _, low, high = fisher_interval(spearman(x, y), 60, "spearman", 0.95)
        covered += low <= truth <= high
    assert 0.92 <= covered / 400 <= 0.98


def test_the_error_of_kendalls_z_is_that_of_its_formula():
    assert fisher_interval(0.5, 8, "kendall", 0.95)[0] == pytest.approx(sqrt(0.437 / (8 - 4)))


def test_discordant_units_come_with_ties(make_results):
    one = make_results(dict(zip("abcde", (90, 80, 70, 60, 50), strict=True)))
    other = make_results(dict(zip("abcde", (50, 60, 70, 80, 90), strict=True)))
    frame = discordant(one, other, 1)
    assert frame["unit"].tolist() == ["a", "e"]  # four places each: neither is left out
    assert frame["difference"].tolist() == [4, -4]  # a stands better in the first
    assert discordant(one, one, 3).empty
    assert discordant(one, other, 9)["unit"].tolist() == ["a", "e", "b", "d"]  # c agrees
    up, down = (make_results({f"u{place}": sign * place for place in range(14)}) for sign in (1, -1))
    assert len(discordant(up, down)) == 10  # ten without a number: seven pairs of two that stand equally far apart


def test_correlations_are_over_the_pairs_known_on_both_sides():
    # known pairs (1, 0), (2, 1), (4, 3): one order; with the unknown ranked it would be 0.524
    assert spearman([1, 2, np.nan, 4], [0, 1, 2, 3]) == kendall([1, 2, np.nan, 4], [0, 1, 2, 3]) == 1.0
    assert isnan(spearman([np.nan, np.nan], [1, 2]))
