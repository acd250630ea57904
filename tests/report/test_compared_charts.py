"""Figures of comparison and of ways up: what they draw is what the frames say; one line where there is nothing."""

import numpy as np
import pandas as pd
import pytest

from parlib import places
from parlib.analysis import comparison, diagnosis, links, mergers, peers
from parlib.report.blocks import Figure, Note
from parlib.report.charts import compared, ways_up
from parlib.report.views import View
from parlib.report.wording import Wording
from parlib.sources import published, rounds
from parlib.sources.simulation import simulate


@pytest.fixture(scope="module")
def dti():
    now, before = (published.results("dti", year, "province") for year in (2024, 2023))
    return now, before, View(now, Wording("vi"))


def test_places_are_drawn_with_their_two_causes(dti):
    now, before, view = dti
    moves = comparison.change_of_rank(now, before)
    figure = compared.rank_change_bars(view, moves)
    assert isinstance(figure, Figure)
    drawn = pd.DataFrame(figure.data).set_index("unit")
    assert len(drawn) == 63
    assert np.allclose(drawn[["own", "others"]].sum(axis=1), drawn["places"])
    assert drawn["places"].is_monotonic_decreasing


def test_regions_peers_and_mergers_are_drawn(dti):
    now, before, view = dti
    regional = comparison.region_contributions(comparison.contributions(now, before), "63")
    figure = compared.region_contribution_bars(view, regional)
    assert isinstance(figure, Figure)
    assert len(figure.data["region"]) == 6
    among = peers.among_peers(now, "ha-noi", peers.peers(now, "ha-noi", "central_cities"))
    figure = compared.peer_dots(view, among)
    assert isinstance(figure, Figure)
    assert "ha-noi" in figure.data["unit"]
    rule = mergers.wording("mean", "vi", "province", None)
    figure = compared.merger_ranges(view, mergers.spread(now), rule)
    assert isinstance(figure, Figure)
    assert len(figure.data["unit"]) == 23  # 23 of the 34 were merged
    assert (np.array(figure.data["worst"]) <= np.array(figure.data["mean"])).all()
    assert rule in figure.notes


def test_links_are_drawn_with_their_intervals(dti):
    now, _, view = dti
    others = [
        published.results(name, year, "province") for name, year in (("papi", 2024), ("pci", 2022), ("par", 2023))
    ]
    frame = links.links(now, others)
    figure = compared.link_intervals(view, frame)
    assert isinstance(figure, Figure)
    low, middle, high = (np.array(figure.data[name]) for name in ("low", "coefficient", "high"))
    assert ((low < middle) & (middle < high)).all()
    assert "PAPI" in figure.data["name"][0]


def test_ways_up_and_distances_are_drawn(tmp_path):
    with places.rounds_at(tmp_path):
        simulate(2023, "ministry", seed=2)
        opened = rounds.open_round("2023-ministry")
        results, card = rounds.results(opened), rounds.scorecard(opened)
        answers = rounds.state(opened)
    view = View(results, Wording("en"))
    ways = diagnosis.ladder(card, answers, "bo-y-te", 12)
    assert ways
    assert all(way.rank <= 12 for way in ways)
    figure = ways_up.ladder_bars(view, "bo-y-te", ways)
    assert isinstance(figure, Figure)
    assert figure.data["gain"] == [rung.gain for way in ways for rung in way.rungs]
    assert any("SIMULATED" in note for note in figure.notes)
    distances = diagnosis.gaps(results.values().loc[results.ranked_units], bands=results.bands)
    figure = ways_up.gap_bars(view, distances)
    assert isinstance(figure, Figure)
    assert len(figure.data["unit"]) == 16  # of 17: the first lacks nothing
    assert figure.data["to_next_rank"][0] == pytest.approx(0.06, abs=2e-4)  # 89.95 - 89.89


def test_one_line_where_there_is_nothing():
    results = published.results("par", 2023, "province")
    view = View(results, Wording("vi"))
    before = published.results("par", 2022, "province")
    moves = comparison.change_of_rank(results, before)
    assert isinstance(compared.rank_change_bars(view, moves), Note)
    empty = pd.DataFrame()
    for draw in (
        compared.region_contribution_bars,
        compared.peer_dots,
        compared.link_intervals,
        compared.merger_ranges,
    ):
        assert isinstance(draw(view, empty), Note)
    assert isinstance(ways_up.gap_bars(view, empty), Note)
    assert isinstance(ways_up.ladder_bars(view, "ha-noi", ()), Note)
