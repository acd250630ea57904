"""What if: among the units that are ranked, by answers, points or gains that cannot be mistaken for each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parlib import places, years
from parlib.analysis import diagnosis
from parlib.analysis import ladder as ladders
from parlib.errors import ParameterError
from parlib.scoring.ranking import rank
from parlib.scoring.scorecard import Scorecard
from parlib.sources import rounds


@pytest.fixture(scope="module")
def made(shared_rounds: Path) -> tuple[Scorecard, dict[str, int]]:
    """The final card of a simulated round of 19 agencies, two of them not ranked, and its official ranks."""
    with places.rounds_at(shared_rounds):
        card = rounds.scorecard(rounds.open_round("2023-ministry"))
        official = rank(years.open_results(2023, "ministry", round_id="2023-ministry")).dropna(subset=["rank"])
    return card, {str(unit): int(place) for unit, place in zip(official["unit"], official["rank"], strict=True)}


@pytest.mark.long
def test_ranks_are_the_official_ones(made):
    card, official = made
    assert len(card.units) == 19 and set(card.ranked_units) == set(official) and len(official) == 17
    table = ladders.what_if(card).set_index("unit")
    assert table["rank"].to_dict() == table["new_rank"].to_dict() == official


def test_a_card_without_a_round_asks_the_list_of_the_year(made):
    card, official = made
    assert set(replace(card, ranked=None).ranked_units) == set(official)


def test_means_are_over_the_ranked_units(made):
    card, official = made
    ranked = [unit for unit in card.units if unit in official]
    assert diagnosis.pareto(card).equals(diagnosis.pareto(card, ranked))
    assert diagnosis.items(card).equals(diagnosis.items(card, ranked))
    assert not diagnosis.pareto(card).equals(diagnosis.pareto(card, card.units))


def test_a_gain_is_asked_for_as_a_gain(made):
    card, _ = made
    unit = card.ranked_units[0]
    row = card.units.index(unit)
    code, place = next(
        (code, place)
        for place, code in enumerate(card.leaves)
        if card.applicable[row, place] and card.points[row, place] + 0.25 <= (card.scheme.leaves[place].maximum or 0)
    )
    has = float(card.points[row, place])
    maximum = float(card.node_points()[1][row, 0])
    for asked in ({"gain": {(unit, code): 0.25}}, {"points": {(unit, code): has + 0.25}}):
        own = ladders.what_if(card, **asked).set_index("unit").loc[unit]
        assert own["new_index"] - own["index"] == pytest.approx(25 / maximum)
        assert own["places"] >= 0


def test_a_sign_is_no_answer_and_points_stay_within_the_maximum(made):
    card, _ = made
    unit = card.ranked_units[0]
    codes = [code for place, code in enumerate(card.leaves) if card.applicable[card.units.index(unit), place]][:3]
    for asked, words in (
        ({"changes": {(unit, codes[0]): "+1"}}, "gain="),
        ({"changes": {(unit, codes[0]): " -1"}}, "gain="),
        ({"points": {(unit, codes[0]): 99.0}}, "points are from 0 to"),
        ({"points": {(unit, codes[0]): float("nan")}}, "points are from 0 to"),
        ({"gain": {(unit, codes[0]): -99.0}}, "points are from 0 to"),
        ({"points": {(unit, codes[0]): 0.0}, "gain": {(unit, codes[0]): 0.0}}, "given twice"),
        ({"gain": {("nowhere", codes[0]): 0.0}}, "no such unit"),
    ):
        with pytest.raises(ParameterError, match=words):
            ladders.what_if(card, **asked)
