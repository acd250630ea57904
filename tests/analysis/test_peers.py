"""Peers by rule, the place among them from ranks, values or bounds, and the comparison by area."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from parlib.analysis.mergers import merge
from parlib.analysis.peers import alike, among_peers, cities, peers, peers_by_node
from parlib.errors import ParameterError
from parlib.scoring.results import Results
from parlib.sources import published


@cache
def opened(index_name: str, year: int, level: str = "province") -> Results:
    return published.results(index_name, year, level)


def test_rules_name_the_peers():
    papi = opened("papi", 2024)
    assert peers(papi, "ha-noi", "central_cities") == ["hai-phong", "da-nang", "ho-chi-minh", "can-tho"]
    # data/units/regions.csv: the five provinces of the Central Highlands
    assert peers(papi, "kon-tum", "region") == ["gia-lai", "dak-lak", "dak-nong", "lam-dong"]
    assert peers(papi, "lao-cai", "partners") == ["yen-bai"]  # Lào Cai (new) = Lào Cai + Yên Bái
    assert len(peers(papi, "lao-cai", "merged")) == 51  # 52 of the 63 were merged
    assert peers(papi, "Hà Nội", "chosen", chosen=["Cần Thơ", "da-nang", "ha-noi"]) == ["da-nang", "can-tho"]
    new = merge(opened("dti", 2024))
    assert len(peers(new, "lao-cai-2025", "merged")) == 22  # 23 of the 34 came of mergers
    ministries = opened("par", 2023, "ministry")
    assert peers(ministries, "bo-noi-vu", "partners") == ["bo-lao-dong-thuong-binh-va-xa-hoi"]


def test_a_rule_that_does_not_fit_is_refused():
    papi = opened("papi", 2024)
    for rule, unit in (("central_cities", "lao-cai"), ("merged", "ha-noi"), ("partners", "hue"), ("near", "hue")):
        with pytest.raises(ParameterError):
            peers(papi, unit, rule)
    with pytest.raises(ParameterError):
        peers(papi, "ha-noi", "chosen", chosen=["ha-noi"])
    with pytest.raises(ParameterError):
        peers(papi, "vinh-phuc", "nearest")  # no total in 2024
    with pytest.raises(ParameterError):
        peers(papi, "ha-noi", "nearest", k=0)
    with pytest.raises(ParameterError):
        peers(opened("par", 2023, "ministry"), "bo-y-te", "region")


def test_the_nearest_with_those_as_near_as_the_last(make_results):
    results = make_results({"own": 70, "a": 71, "b": 68, "c": 72, "d": 90, "e": None})
    assert peers(results, "own", "nearest", k=1) == ["a"]
    assert peers(results, "own", "nearest", k=2) == ["a", "b", "c"]  # b and c are two points off


def test_places_among_peers_by_hand(make_results):
    results = make_results({"a": 90, "b": 80, "own": 80, "d": 60, "e": 50})
    frame = among_peers(results, "own", ["b", "d", "e"])
    assert frame["unit"].tolist() == ["b", "own", "d", "e"]
    assert frame["place"].tolist() == [1, 1, 3, 4]  # b and own tie
    assert frame["rank"].tolist() == [2, 2, 4, 5]
    assert frame["difference"].tolist() == [0, 0, 20, 30]
    assert frame["is_own"].tolist() == [False, True, False, False]
    assert set(frame["n_peers"]) == {4}


def test_places_where_ranks_are_known_in_part(make_results):
    # nine units; own is 3rd of all, x 1st, y 8th; nothing is known of z: two are better than own, x is one of them
    results = make_results(
        {"x": 90, "own": 80, "y": 40, "z": None, **dict.fromkeys("abcde")}, ranks={"x": 1, "own": 3, "y": 8}
    )
    frame = among_peers(results, "own", ["x", "y", "z"]).set_index("unit")
    assert frame.loc["own", ["place_min", "place_max"]].tolist() == [2, 3]  # z may be the 2nd of all
    assert pd.isna(frame.loc["own", "place"])
    assert frame.loc["x", "place"] == 1
    # y is 8th of nine: one unit at most is not better
    assert frame.loc["y", ["place_min", "place_max"]].tolist() == [3, 4]
    with_a = make_results(
        {"x": 90, "own": 80, "y": 40, "z": None, "a": 85, **dict.fromkeys("bcde")},
        ranks={"x": 1, "a": 2, "own": 3, "y": 8},
    )
    # both better units are known: z is not one of them
    assert among_peers(with_a, "own", ["x", "y", "z"]).set_index("unit").loc["own", "place"] == 2


def test_equal_values_share_a_place_where_no_rank_is_known(make_results):
    frame = among_peers(make_results({"a": 80, "own": 80, "z": None, "d": 60}), "own", ["a", "d"]).set_index("unit")
    assert frame["rank"].isna().all()  # z may be anywhere
    assert frame["place"].to_dict() == {"a": 1, "own": 1, "d": 3}


def test_units_apart_have_no_place():
    results = opened("par", 2023, "ministry")
    frame = among_peers(results, "bo-tu-phap", ["uy-ban-dan-toc", "bo-y-te"]).set_index("unit")
    assert frame.loc["bo-tu-phap", "place"] == 1
    assert frame.loc["bo-y-te", "place"] == 2
    assert pd.isna(frame.loc["uy-ban-dan-toc", "place_min"])
    with pytest.raises(ParameterError):
        among_peers(results, "bo-quoc-phong", ["bo-y-te"])  # never assessed


def test_by_node_against_the_mean_and_the_best(make_results):
    results = make_results(
        {"own": 70, "a": 80, "b": 60}, areas={"1": {"own": 50, "a": 60, "b": 60}, "2": {"own": 50, "a": None, "b": 40}}
    )
    frame = peers_by_node(results, "own", ["a", "b"]).set_index("node")
    assert frame.loc["", ["index", "peer_mean", "peer_best", "peer_worst", "difference", "place"]].tolist() == [
        *(70, 70, 80, 60, 0, 2)
    ]
    assert frame.loc["1", ["best_peer", "difference", "place"]].tolist() == ["", -10, 3]  # a and b share it
    assert np.isnan(frame.loc["2", "peer_mean"])  # one peer is not known
    assert frame.loc["2", ["n_peers", "n_known"]].tolist() == [3, 2]
    assert pd.isna(frame.loc["2", "place"])


def test_ha_noi_2024_among_the_central_cities():
    papi = opened("papi", 2024)
    frame = among_peers(papi, "ha-noi", peers(papi, "ha-noi", "central_cities"), column="points")
    # totals of 2024: Hà Nội 43.77472, Đà Nẵng 43.21206, the others below
    assert frame["unit"].tolist()[:2] == ["ha-noi", "da-nang"]
    assert frame["place"].tolist() == [1, 2, 3, 4, 5]
    by_node = peers_by_node(papi, "ha-noi", peers(papi, "ha-noi", "central_cities")).set_index("node")
    assert by_node.loc["1", "place"] == 1
    assert by_node.loc["7", "place"] == 5  # environment: the last of the five


def test_the_cities_and_the_others_are_all_that_were_assessed():
    frame = cities(opened("papi", 2024)).set_index("group")
    assert frame["n"].to_dict() == {"cities": 5, "others": 58}
    assert frame["n_known"].sum() == 61  # two provinces have no total of 2024


def test_gower_s_distance_is_the_mean_of_differences_over_ranges():
    """Of the ministries 2023 no area is known, and 2022 of too few: nobody is called alike. Of PAPI 2024 by hand."""
    ministries = opened("par", 2023, "ministry")
    assert alike(ministries, opened("par", 2022, "ministry"), "bo-y-te").units.empty
    papi, before = opened("papi", 2024), opened("papi", 2023)
    near = alike(papi, before, "lai-chau", k=3)
    assert near.measures == ("home", "previous", "areas")
    first = str(near.units["unit"].iloc[0])
    known = [key for key in papi.ranked_units if np.isfinite(before.values()[key])]
    areas = [str(node) for node in papi.nodes.loc[papi.nodes["kind"] == "area", "node"]]
    parts = [np.mean([0, 0])]  # Lạng Sơn lies in the same region and is no central city either
    for frames in ([before.values()], [papi.values(node) - papi.values() for node in areas]):
        spans = [(values[known].max() - values[known].min()) for values in frames]
        parts.append(np.mean([abs(v["lai-chau"] - v[first]) / span for v, span in zip(frames, spans, strict=True)]))
    assert first == "lang-son"
    assert near.units["distance"].iloc[0] == pytest.approx(np.mean(parts))
    assert near.units["place"].tolist() == [1, 2, 3]
    assert near.n == len(known) - 1


def test_a_measure_counts_where_it_is_known_of_the_unit_itself():
    papi = opened("papi", 2024)
    assert alike(papi, None, "lai-chau").measures == ("home", "areas")
    assert alike(papi, opened("papi", 2023), "quang-ninh").measures == ("home", "areas")  # not ranked in 2023
    assert alike(papi, None, "vinh-phuc").units.empty  # no total of 2024
