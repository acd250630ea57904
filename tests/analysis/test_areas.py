"""Each area by itself, the central cities, years in a row and tiers: by hand and against the published files."""

import csv
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from parlib import places, years
from parlib.analysis import mobility, peers, statistics
from parlib.analysis.robustness.audit import Tiers, printed_tiers

FOUR = {"bo-y-te": 80.0, "bo-noi-vu": 90.0, "bo-tu-phap": 80.0, "bo-tai-chinh": 70.0}


def by_unit(frame, column):
    return dict(zip(frame["unit"], frame[column], strict=True))


def test_an_area_that_is_known_has_ranks_mean_and_changes(make_results):
    now = make_results(FOUR, areas={"1": FOUR})
    then = make_results(FOUR, areas={"1": {**FOUR, "bo-y-te": 75.0, "bo-noi-vu": 92.0}}, year=2022)
    (fact,) = statistics.by_area(now, then)
    assert (fact.node, fact.known, fact.complete) == ("1", True, True)
    assert by_unit(fact.units, "rank") == {"bo-noi-vu": 1, "bo-y-te": 2, "bo-tu-phap": 2, "bo-tai-chinh": 4}
    assert by_unit(fact.units, "change") == {"bo-y-te": 5.0, "bo-noi-vu": -2.0, "bo-tu-phap": 0, "bo-tai-chinh": 0}
    sentence = dict(zip(fact.statistics["statistic"], fact.statistics["value"], strict=True))
    assert sentence["mean"] == 80.0  # (80 + 90 + 80 + 70) / 4
    assert sentence["mean_change"] == pytest.approx(80.0 - 79.25)  # (75 + 92 + 80 + 70) / 4 a year earlier
    assert sentence["n_above_mean"] == 1


def test_nothing_is_ranked_among_the_few_that_are_known(make_results):
    results = make_results(FOUR, areas={"1": {"bo-y-te": 80.0, "bo-noi-vu": 90.0}, "2": {}})
    first, second = statistics.by_area(results)
    assert (first.known, first.complete) == (True, False)
    assert first.units["rank"].isna().all()
    settled = first.statistics.loc[first.statistics["value"].notna(), "statistic"]
    assert not {"mean", "max", "min", "n_above_mean"} & set(settled)
    assert not second.known
    assert second.units.empty


def test_parts_of_papi_are_means_of_the_published_columns():
    results = years.open_results(2024, "province", "papi")
    with (places.data() / "external" / "papi.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] == "2024"]
    facts = {fact.node: fact for fact in statistics.by_area(results, years.open_other_year(results, 2023))}
    assert list(facts) == list("12345678")
    part = facts["4"].parts.set_index("node").loc["4.1"]
    ranked = set(results.ranked_units)
    column = {row["key"]: float(row["value"]) for row in rows if row["code"] == "4.1" and row["key"] in ranked}
    assert part["n_known"] == len(column) == 61
    assert part["mean"] == pytest.approx(np.mean(list(column.values())))
    assert part["best_unit"] == max(column, key=column.__getitem__)
    assert part["worst_unit"] == min(column, key=column.__getitem__)


def test_a_province_without_a_total_the_year_before_fell_in_an_area_all_the_same():
    """PAPI 2022 has no total of Bắc Giang; area 7 is printed of it in both years, and nobody fell further."""
    now = years.open_results(2023, "province", "papi")
    fact = next(one for one in statistics.by_area(now, years.open_before(now)) if one.node == "7")
    with (places.data() / "external" / "papi_totals.csv").open(encoding="utf-8") as file:
        printed = {(row["key"], row["year"]): row["dim7"] for row in csv.DictReader(file)}
    fell = float(printed["bac-giang", "2023"]) - float(printed["bac-giang", "2022"])
    assert fell == pytest.approx(3.3046 - 4.2021)
    in_percent = pytest.approx(10 * fell, abs=0.002)  # of 10 points; the totals of areas are printed to four decimals
    assert by_unit(fact.units, "change")["bac-giang"] == in_percent
    sentence = dict(zip(fact.statistics["statistic"], fact.statistics["value"], strict=True))
    assert sentence["largest_fall"] == in_percent
    assert sentence["n_rose"] + sentence["n_fell"] == 61


def test_the_central_cities_of_2023_have_the_mean_of_their_five_published_values():
    results = years.open_results(2023, "province")
    frame = peers.cities(results, years.open_other_year(results, 2022)).set_index("group")
    cities = frame.loc["cities"]
    # Hải Phòng, Hà Nội, Đà Nẵng, TP. Hồ Chí Minh, Cần Thơ: par_index.csv
    assert cities["mean"] == pytest.approx((91.87 + 91.43 + 88.68 + 86.97 + 86.15) / 5)
    assert (cities["maximum_unit"], cities["minimum_unit"]) == ("hai-phong", "can-tho")
    assert (frame.loc["others", "n"], frame.loc["others", "n_known"]) == (
        58,
        15,
    )  # 20 are known, five are cities
    assert np.isnan(frame.loc["others", "mean"])


def test_ministries_have_no_central_cities():
    assert peers.cities(years.open_results(2023, "ministry")).empty


def test_years_in_a_row_end_where_a_year_is_missed_or_not_known(make_results):
    def year(number, **values):
        return make_results(values, year=number, bands={"A": 90.0, "B": 0.0})

    back = [
        year(2016, a=95.0, b=91.0, c=70.0),
        year(2015, a=94.0, b=92.0, c=75.0),
        year(2014, a=93.0, b=60.0, c=None),
        year(2012, a=92.0, b=95.0, c=60.0),  # 2013 is missing: nothing goes past it
    ]
    result = mobility.runs(back, n=1).set_index(["condition", "unit"])
    top = result.loc[("top", "a")]
    assert (top["years"], top["since"], bool(top["at_least"])) == (2, 2015, True)  # 2014 has no ranks: one is unknown
    band = result.loc[("band", "a")]
    assert (band["years"], bool(band["at_least"])) == (3, True)
    assert tuple(result.loc[("band", "b"), ["years", "at_least"]]) == (2, False)  # 60 in 2014
    rising = result.loc[("rising", "a")]
    assert (rising["years"], rising["since"]) == (2, 2015)  # 2016 over 2015 over 2014
    assert ("rising", "b") not in result.index
    assert not any(unit == "c" for _, unit in result.index)


def test_a_rise_over_a_change_of_the_criteria_does_not_count(make_results):
    back = [make_results({"a": 80.0 + number - 2021, "b": 60.0}, year=number) for number in (2023, 2022, 2021)]
    rising = mobility.runs(back)
    assert "rising" not in set(rising["condition"])  # 876/QĐ-BNV holds from 2022: only 2023 over 2022 is like for like


def test_the_ministry_of_finance_was_in_the_first_five_for_eleven_years():
    results = years.open_results(2023, "ministry")
    with (places.data() / "published" / "par_index.csv").open(encoding="utf-8") as file:
        ranks = {
            int(row["year"]): int(row["rank"])
            for row in csv.DictReader(file)
            if (row["level"], row["key"]) == ("ministry", "bo-tai-chinh")
        }
    assert ranks[2012] == 8
    assert all(ranks[year] <= 5 for year in range(2013, 2024))
    result = mobility.runs(reversed(years.open_years(results))).set_index(["condition", "unit"])
    run = result.loc[("top", "bo-tai-chinh")]
    assert (run["years"], run["since"], bool(run["at_least"])) == (11, 2013, False)


def test_years_are_opened_only_as_far_as_some_run_goes_on(make_results):
    opened = []

    def back():
        for number in (2023, 2022, 2021, 2020):
            opened.append(number)
            leader = "ab"[number % 2]  # another one every year
            values = {"a": 80.0, "b": 80.0, "c": 60.0} | {leader: 81.0 - (2023 - number) * 5}
            yield make_results(values, year=number, bands={})

    mobility.runs(back(), n=1)
    assert opened[:2] == [2023, 2022]
    assert 2020 not in opened


def test_tiers_are_printed_for_measured_errors_only():
    whole = {"dtype": "Int64"}
    frame = pd.DataFrame({
        "unit": ["a", "b", "c", "d"],
        "tier": pd.array([1, 2, None, 2], **whole),
        "tier_low": pd.array([1, 2, None, 1], **whole),  # d is in the first tier by other draws
        "tier_high": pd.array([1, 2, None, 2], **whole),
    })  # fmt: skip
    own, assumed = (SimpleNamespace(tiers=frame, basis=basis, without=()) for basis in ("survey", "assumed"))
    assert printed_tiers(own) == Tiers({"a": 1, "b": 2}, {"d": (1, 2)})
    assert printed_tiers(assumed) == Tiers()  # an assumption parts no ranks
    assert printed_tiers(SimpleNamespace(tiers=pd.DataFrame(), basis="", without=())) == Tiers()
