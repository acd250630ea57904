"""The frames of one unit: against hand-made means, the published figures, and re-scoring."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from parlib import places, years
from parlib.analysis import ladder as ladders
from parlib.analysis.profile import APART, index_tables, profile, ways_up
from parlib.errors import ParameterError
from parlib.scoring import ranking
from parlib.sources import rounds
from parlib.sources.rounds import reporting

ROUND = "2023-ministry"


@pytest.fixture(scope="module")
def made(shared_rounds):
    """A simulated round of ministries: results, facts, and the profile of a unit by its key."""
    with places.rounds_at(shared_rounds):
        results, facts = rounds.results(ROUND), reporting.scored(ROUND)
        yield results, facts, lambda unit: profile(results, unit, cards=facts.cards, decisions=facts.decisions)


def test_no_unit_and_an_unknown_one_are_refused_in_both_languages(made):
    with pytest.raises(ParameterError) as raised:
        made[2]("")
    assert "ví dụ bo-y-te" in raised.value.text("vi")  # no option: not every command that asks has the same
    assert "such as bo-y-te" in raised.value.text("en")
    with pytest.raises(ParameterError, match="bo-y-te"):
        made[2]("bo-y-t")


def test_the_published_ministry_of_justice_of_2023_is_first_with_89_95():
    results = years.open_results(2023, "ministry")
    result = profile(results, "bo-tu-phap", years.open_before(results), years=years.open_years(results))
    assert (float(result.position.row["index"]), int(result.position.row["rank"])) == (89.95, 1)
    assert result.position.row["band"] == "B"
    assert result.position.tier is None  # no survey error was published
    assert not result.position.ranks_open
    assert float(result.components["points"].sum()) == pytest.approx(89.95, abs=0.011)  # 57.96 + 31.99, rounded apart
    assert list(result.history["rank"].tail(3)) == [1, 2, 1]
    assert result.ladder.kind == ""
    assert not result.has_round


def test_the_published_points_and_ranks_of_areas_stand_without_a_maximum():
    """Quảng Nam 2023 as the province printed it: areas 1, 5, 6 and 7 in points, for no maximum of them was printed."""
    results = years.open_results(2023, "province")
    areas = profile(results, "quang-nam", years.open_before(results)).areas.set_index("node")
    assert areas.loc[["1", "5", "6", "7"], "points"].tolist() == [9.44, 11.75, 10.5, 11.59]
    assert areas.loc[["1", "5", "6", "7"], "index"].isna().all()
    assert areas.loc[["", "1", "2", "3", "4", "5", "6", "7"], "rank"].tolist() == [56, 15, 28, 62, 11, 58, 27, 22]


def test_means_of_areas_are_those_of_the_ranked_units(made):
    results, _, of = made
    areas = of("bo-y-te").areas.set_index("node")
    for node in ("", "1", "7"):
        values = results.values(node).loc[results.ranked_units]
        assert areas["mean"][node] == pytest.approx(values.mean(), abs=1e-8)
        assert areas["best"][node] == pytest.approx(values.max(), abs=1e-8)
        assert areas["gap"][node] == pytest.approx(values["bo-y-te"] - values.mean(), abs=1e-8)
        assert areas["behind"][node] == pytest.approx(values["bo-y-te"] - values.max(), abs=1e-8)
        assert areas["rank"][node] == 1 + (values > values["bo-y-te"]).sum()


def test_lost_points_and_their_shares_add_up(made):
    result = made[2]("bo-y-te")
    assert result.losses.leaves["lost"].sum() == pytest.approx(result.losses.total, abs=1e-6)
    assert result.losses.leaves["share"].sum() == pytest.approx(1, abs=1e-6)
    results, facts, _ = made
    card = facts.cards["final"]
    first = result.losses.leaves.iloc[0]
    place, rows = card.leaves.index(first["node"]), [card.units.index(unit) for unit in results.ranked_units]
    lost = (float(card.scheme.leaves[place].maximum) - card.points[rows, place])[card.applicable[rows, place]]
    assert first["mean_lost"] == pytest.approx(np.nanmean(lost))
    # the stage that decided and the label of the answer are those of the unit's own row in the ledger
    own = facts.decisions[facts.decisions["unit"] == "bo-y-te"].set_index("code")
    assert result.losses.leaves["stage"].tolist() == [
        own["stage"].get(node, "") for node in result.losses.leaves["node"]
    ]
    whole = result.losses.claims.iloc[0]
    assert result.losses.claims["claimed"].iloc[1:].sum() == pytest.approx(whole["claimed"], abs=1e-6)


@pytest.mark.parametrize("unit", ["bo-y-te", "bo-xay-dung"])
def test_ways_up_give_what_re_scoring_gives_and_reach_their_target(made, unit):
    results, facts, of = made
    ladder = of(unit).ladder
    assert ladder.ways
    for number, way in enumerate(ladder.ways, start=1):
        steps = ladder.steps[ladder.steps["way"] == number]
        changes = {(unit, step.code): step.after for step in steps.itertuples()}
        again = ladders.what_if(facts.cards["final"], changes).set_index("unit")
        assert way.index == pytest.approx(again["new_index"][unit], abs=1e-9)
        assert way.rank == again["new_rank"][unit]
        assert way.rank <= ladder.rank if ladder.kind == "places" else way.index >= ladder.bound
    counted = ladder.steps.iloc[0]
    card = facts.cards["final"]
    others = [card.units.index(other) for other in results.ranked_units if other != unit]  # 16 of 17, not of 19
    points = card.points[others, card.leaves.index(counted["code"])]
    assert counted["reached"] == (points >= counted["points"] - 1e-9).sum()
    assert counted["others"] == np.isfinite(points).sum()


@pytest.mark.parametrize(("n", "places_up"), [(30, {1, 2, 3}), (31, {1, 3, 5})])
def test_without_groups_a_way_leads_a_few_places_up(made, n, places_up):
    results, facts, _ = made
    printed = pd.DataFrame({"statistic": ["n_units"], "value": [float(n)], "node": [""]})
    plain = replace(results, bands={}, printed_statistics=printed)  # as if among n units, of any group
    rows = ranking.rank(results).set_index("unit", drop=False)
    found = {}
    for unit in results.ranked_units:
        up = ways_up(plain, facts.cards, facts.decisions, rows.loc[unit], n=1)
        if up.kind == "places" and rows.loc[unit, "rank"] > max(places_up):
            found[unit] = rows.loc[unit, "rank"] - up.rank
    assert set(found.values()) <= places_up
    assert max(found.values()) == max(places_up)


@pytest.mark.parametrize("unit", ["thanh-tra-chinh-phu", "uy-ban-dan-toc"])
def test_a_unit_that_is_not_ranked_has_ways_without_a_rank(made, unit):
    result = made[2](unit)
    assert not result.position.ranked
    assert result.ladder.kind in ("band", "index")
    assert {way.rank for way in result.ladder.ways} == {0}
    assert all(way.index >= result.ladder.bound for way in result.ladder.ways)


def test_the_first_has_no_rank_above_it(made):
    results, _, of = made
    first = results.values().loc[results.ranked_units].idxmax()
    assert of(first).ladder.kind in ("first", "band")


def test_simulated_results_are_not_set_against_published_ones(made):
    assert years.open_before(made[0], ROUND) is None


def test_related_ranks_are_far_apart_beyond_a_quarter_of_the_field():
    results = years.open_results(2024, "province", "papi")
    result = profile(results, "ha-noi", others=years.open_related(results))
    own = int(result.position.row["rank"]) / results.n_ranked
    ranks = {other.results.index_name: other for other in result.related}
    assert ranks["dti"].apart == (abs(own - ranks["dti"].rank / ranks["dti"].n) > APART)
    assert ranks["dti"].apart  # 29 of 61 against 4 of 63
    assert not ranks["pci"].apart or abs(own - ranks["pci"].rank / ranks["pci"].n) > APART


def test_a_province_without_a_total_is_in_its_region_but_not_ranked():
    results = years.open_results(2024, "province", "papi")
    result = profile(results, "tien-giang", years.open_before(results), column="points")
    assert not result.position.ranked
    assert not result.position.known
    assert result.position.in_region.empty
    assert result.change["previous"] == pytest.approx(49.613275)


def test_an_area_that_was_called_otherwise_has_no_value_of_the_year_before():
    results, before = (years.open_results(year, "province", "papi") for year in (2024, 2023))
    renamed = before.nodes.assign(
        name=[
            f"{name} (cũ)" if node in ("", "1") else name
            for node, name in zip(before.nodes["node"], before.nodes["name"], strict=True)
        ]
    )
    areas = profile(results, "ha-noi", replace(before, nodes=renamed)).areas.set_index("node")
    assert np.isnan(areas.loc["1", "previous"])
    assert areas.loc[["", "2"], "previous"].notna().all()  # the index keeps its name in other words


def test_a_profile_gives_away_criteria_of_its_unit_alone():
    results = years.open_results(2024, "province", "papi")
    table = index_tables(profile(results, "ha-noi"), results)
    others = set(table.loc[table["unit"] != "ha-noi", "node"])
    assert {node for node in others if "." in node} == set()
    assert {"", "1", "8"} <= others
    assert "1.1" in set(table.loc[table["unit"] == "ha-noi", "node"])


def test_parts_of_a_papi_change_add_up_to_it():
    results = years.open_results(2024, "province", "papi")
    result = profile(results, "ha-noi", years.open_before(results), column="points")
    assert result.parts["contribution"].sum() == pytest.approx(result.parts["total"].iloc[0], abs=1e-6)
    moves = result.moves
    assert moves["own"] + moves["others"] == moves["places"]


def test_the_interval_of_a_surveyed_criterion_is_that_of_student(made):
    results, facts, of = made
    result = of("bo-y-te").losses.survey.set_index("node")
    card = rounds.scorecard(rounds.open_round(ROUND))
    row, places_ = card.units.index("bo-y-te"), [card.leaves.index(leaf) for leaf in result.index]
    freedom = card.degrees_of_freedom[row, places_]
    maxima = np.array([float(card.scheme.leaves[place].maximum) for place in places_])
    error = 100 * card.standard_error[row, places_] / maxima
    assert result["half"].to_numpy() == pytest.approx(t.ppf(0.975, freedom) * error, rel=1e-9, nan_ok=True)
    assert (result["half"] > 1.96 * error).any()
    # the smallest sample that says anything of its error, two clusters, has one degree of freedom: t is 12.706
    small = replace(
        facts.cards["final"],
        standard_error=np.full(card.points.shape, 0.001),
        degrees_of_freedom=np.ones(card.points.shape),
    )
    cards = {**facts.cards, "final": small}
    half = profile(results, "bo-y-te", cards=cards, decisions=facts.decisions).losses.survey["half"]
    assert half.to_numpy() == pytest.approx(12.7062047 * 0.1 / maxima, rel=1e-6)


def test_ways_up_share_no_criterion(shared_rounds):
    """Each way does without the criteria of the others: three that differ in one step alone are one way."""
    with places.rounds_at(shared_rounds):
        year = years.year(2023, "ministry", round="2023-ministry")
        for unit in ("bo-y-te", "bo-cong-thuong"):
            codes = [offer.code for way in year.ways(unit).ways for offer in way.offers]
            assert codes
            assert len(codes) == len(set(codes))
