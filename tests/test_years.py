"""A year that is asked: every answer is that of the room below, with names, marks and the printed scale beside it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import parlib
from parlib import opened, places, years
from parlib.analysis import comparison, links, mergers, peers, series
from parlib.analysis import statistics as figures
from parlib.analysis.robustness import audit
from parlib.analysis.statistics import with_ranks
from parlib.errors import ParameterError
from parlib.scoring import ranking
from parlib.sources import published, rounds
from parlib.years import NAMES, Year, year


@pytest.fixture(scope="module")
def ministries():
    return year(2023, "ministry")


@pytest.fixture(scope="module")
def papi():
    return year(2024, "province", "papi")


def same(frame, expected):
    """Whether an answer is a frame of the room below, but for the names beside its keys."""
    added = [name for name in NAMES.values() if name in frame and name not in expected]
    pd.testing.assert_frame_equal(frame.drop(columns=added), expected)


# --- published values -----------------------------------------------------------------------------


def test_the_published_first_of_the_ministries_of_2023(ministries):
    first = ministries.rank().query("rank == 1").iloc[0]
    assert (first["unit"], first["name"], first["value"]) == ("bo-tu-phap", "Bộ Tư pháp", 89.95)
    statistics = ministries.statistics().set_index("statistic")
    assert statistics["value"]["max"] == 89.95
    assert statistics["name"]["max"] == "Bộ Tư pháp"
    assert ministries.rank().attrs["known"] == "17/17"


def test_papi_is_told_in_points_as_its_publisher_prints_it(papi):
    first = papi.rank().query("rank == 1").iloc[0]
    assert (first["name"], round(first["value"], 2)) == ("Quảng Ninh", 47.82)
    assert papi.rank().attrs["unit_of_value"] == "points"
    statistics = papi.statistics().set_index("statistic")["value"]
    assert round(statistics["max"], 2) == 47.82
    assert round(papi.history("Quảng Ninh").set_index("year")["value"][2024], 2) == 47.82
    assert round(papi.compare("Quảng Ninh", "Hà Nội")["value"].iloc[0], 2) == 47.82
    assert papi.regions().attrs["unit_of_value"] == "percent"


def test_the_year_in_english():
    frame = year(2023, "ministry", language="en").rank()
    assert frame.set_index("unit")["name"]["bo-tu-phap"] == "Ministry of Justice"


def test_a_break_of_the_scale_is_said():
    assert year(2018, "province", "papi").change().attrs["break"] == "1"
    assert year(2018, "province", "papi").rank().attrs["break"] == "1"
    assert year(2024, "province", "papi").rank().attrs["break"] == ""


# --- every answer is that of the room below -------------------------------------------------------

ASKED = {
    "rank": (lambda y: y.rank("1"), lambda y: ranking.rank(y.results, "1")),
    "table": (lambda y: y.table(), lambda y: with_ranks(y.results)),
    "bands": (lambda y: y.bands(), lambda y: figures.bands(y.results)),
    "statistics": (
        lambda y: y.statistics(column="index"),
        lambda y: figures.statistics(y.results, y.previous, y.first),
    ),
    "extremes": (lambda y: y.extremes(), lambda y: comparison.best_and_worst(y.results)),
    "parts": (lambda y: y.parts(), lambda y: comparison.parts(y.results)),
    "regions": (lambda y: y.regions(), lambda y: comparison.regions(y.results, y.previous)),
    "cities": (lambda y: y.cities(), lambda y: peers.cities(y.results, y.previous)),
    "change": (lambda y: y.change(), lambda y: comparison.change(y.results, y.previous)),
    "places": (lambda y: y.places(), lambda y: comparison.change_of_rank(y.results, y.previous)),
    "series": (lambda y: y.series(), lambda y: series.series(years.open_years(y.results), column="points")),
    "links": (lambda y: y.links(), lambda y: links.links(y.results, years.open_related(y.results))),
    "beside": (
        lambda y: y.beside("Hà Nội", "central_cities"),
        lambda y: peers.peers_by_node(y.results, "ha-noi", peers.peers(y.results, "ha-noi", "central_cities")),
    ),
    "new_units": (lambda y: y.new_units(), lambda y: mergers.recent_spread(y.results)),
    "conflicts": (lambda y: y.conflicts(), lambda y: published.source_conflicts(y.results)),
    "trend": (
        lambda y: y.trend().yearly,
        lambda y: series.trend(years.open_years(y.results), "points").yearly,
    ),
    "sampling": (
        lambda y: y.sampling(from_few=True).simultaneous,
        lambda y: audit.audit_sampling(y.results, y.previous).simultaneous,
    ),
}


@pytest.mark.few(7)
@pytest.mark.parametrize("name", ASKED)
def test_an_answer_is_that_of_the_room_below(name, papi):
    ask, expected = ASKED[name]
    same(ask(papi), expected(papi))


def test_an_answer_is_worked_out_once_and_is_everybodys_own(ministries):
    frame = ministries.rank()
    frame["index"] = np.nan
    assert ministries.rank()["index"].notna().sum() == 17
    assert ministries.areas() is ministries.areas()


def test_merged_is_a_year_on_the_new_units(papi):
    merged = papi.merged("mean")
    same(merged.rank(), ranking.rank(mergers.merge(papi.results, "mean", totals=published.TOTALS)))
    assert len(merged.rank()) == 34
    assert merged.previous is not None
    assert "derived" in merged.rank().attrs["marks"]
    assert merged.unit("Huế") == "hue"
    with pytest.raises(ParameterError, match="no such rule of merging"):
        papi.merged("sum")


def test_two_units_are_told_apart_or_not(papi):
    # Quảng Ninh leads by 0.6 percent of the maximum, Kiên Giang is 9.9 behind: far more than chance, which makes 2.7
    near, far = papi.apart("Quảng Ninh", "Tây Ninh"), papi.apart("Quảng Ninh", "Kiên Giang")
    assert (near.apart, far.apart, near.basis) == (False, True, "assumed")
    assert far.difference == pytest.approx(100 / 80 * (47.82125 - 39.91217), abs=1e-4)
    assert (
        "phân biệt được: chênh lệch 7,91 điểm; với độ tin cậy 95%, riêng sai số chọn mẫu gây ra nhiều nhất"
        in far._repr_html_()
        and "giả định" in far.told
    )


def test_what_is_asked_wrongly_or_has_no_answer_is_told_in_words(papi):
    provinces = year(2023, "tỉnh")
    none = provinces.crossings("Hải Phòng")  # second in both years, behind the same one
    assert none.empty and "cũng không bị đơn vị nào vượt" in none._repr_html_()
    assert "không có cuộc điều tra nào" in provinces.by_tier()._repr_html_()
    told = provinces.history("Thanh Hóa").told  # known in 2012 and 2021
    assert "2012–2023" in told and "có số liệu 2/12" in told
    with pytest.raises(ParameterError, match=r"losses\(unit\)"):
        papi.losses()
    with pytest.raises(ParameterError, match="value, change, band"):
        parlib.chart.map(papi, "4")
    with pytest.raises(ParameterError, match="2 Institutional reform"):
        provinces.rank("Cải cách")


# --- names ----------------------------------------------------------------------------------------


def test_units_and_nodes_are_taken_by_key_or_name(ministries, papi):
    assert {ministries.unit(name) for name in ("bo-tu-phap", "bo tu phap", "Bộ Tư pháp", "Ministry of Justice")} == {
        "bo-tu-phap"
    }
    name = papi.results.nodes.set_index("node")["name"]["1"]
    assert {papi.node(text) for text in ("1", name, name.upper())} == {"1"}
    assert papi.node("") == ""


@pytest.mark.parametrize(
    ("ask", "stated"),
    [
        (lambda y: y.unit("bo tu phat"), "no such ministry; near matches: "),
        (lambda y: y.unit("Hà Nội"), "no such ministry"),
        (lambda y: y.history("bo-tu-phat"), "near matches: "),
        (lambda y: y.node("1.99"), "no such node in the results of 2023"),
        (lambda y: y.compare("Bộ Y tế"), "at least two units"),
        (lambda y: y.losses("Bộ Y tế"), "of a round only"),
        (lambda y: y.ways("Bộ Y tế"), "of a round only"),
        (lambda y: y.what_if("Bộ Y tế", "1", points=1.0), "no points of the unit are known here"),
        (lambda y: y.what_if("Bộ Y tế", "1"), "another answer or other points"),
        (lambda y: y.links(), "at least one other index"),
    ],
)
def test_what_cannot_be_answered_is_refused(ask, stated, ministries):
    with pytest.raises(ParameterError, match=stated):
        ask(ministries)


def test_a_unit_that_the_year_does_not_list_is_refused(ministries):
    with pytest.raises(ParameterError, match="do not list this unit"):
        ministries.unit("Bộ Quốc phòng")


def test_what_does_not_compare_is_refused(ministries, papi):
    made_up = replace(parlib.open_results(2022, "ministry"), marks=("simulated",))
    with pytest.raises(ParameterError, match="simulated results"):
        Year(ministries.results, made_up)
    with pytest.raises(ParameterError, match="two systems of provinces"):
        Year(papi.merged().results, papi.previous)
    with pytest.raises(ParameterError, match="no such index"):
        year(2023, "ministry", "pari")


# --- a round --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_a_round(shared_rounds):
    with places.rounds_at(shared_rounds):
        yield year(2023, "ministry", round="2023-ministry")


def test_a_round_is_asked_for_losses_ways_and_what_if(of_a_round):
    of = of_a_round
    lost = of.losses("Bộ Y tế").leaves
    assert (lost["lost"] > 0).all()
    code = str(lost["node"].iloc[0])
    after = of.what_if("Bộ Y tế", code, points=float(lost["maximum"].iloc[0])).set_index("unit")
    gained = after["new_index"]["bo-y-te"] - after["index"]["bo-y-te"]
    assert gained > 0
    assert after["name"]["bo-y-te"] == "Bộ Y tế"
    rank = int(of.rank().set_index("unit")["rank"]["bo-y-te"])
    way = of.ways("Bộ Y tế", rank=rank - 1)
    assert (way.kind, way.rank) == ("places", rank - 1)
    assert all(step.rank <= rank - 1 for step in way.ways)
    assert of.rank().attrs["marks"] == "illustrative_scheme;simulated"
    assert of.previous is None


def test_an_answer_is_worked_out_once_however_it_is_asked_for() -> None:
    papi = parlib.year(2024, "province", "papi")
    assert papi.sampling() is papi.sampling(False) is papi.sampling(from_few=False)
    assert papi.apart("Hà Nội", "Huế") is papi.apart(b="Huế", a="Hà Nội")


def test_every_round_that_a_report_rests_on_is_named(tmp_path):
    """Of a simulated 2026 the year before, and the rounds on the units before the mergers; of 2024 the year before."""
    with places.rounds_at(tmp_path):
        for number in (2022, 2023, 2024, 2025, 2026):
            plan = {"id": str(number), "year": number, "level": "province", "scheme": "876-province"}
            rounds.create_round(rounds.make_plan(**plan, units=("ha-noi",), simulated=True))
        assert opened.rounds_beside("2026") == ("2025", "2022", "2023", "2024")
        assert opened.rounds_beside("2025") == ("2024", "2022", "2023")
        assert opened.rounds_beside("2024") == ("2023",)
        assert opened.rounds_beside("") == ()
