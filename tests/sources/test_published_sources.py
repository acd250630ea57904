"""The pages that a report lists: those that a number of it was read on, and no others."""

import csv
from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest

from parlib import places
from parlib.analysis.mobility import runs
from parlib.analysis.series import series
from parlib.sources.published import par, source_pages
from parlib.years import open_before, open_results, open_years

CITING = (
    *(f"published/par_{name}" for name in ("index", "area_index", "changes", "statistics", "regions", "components")),
    *("published/conflicts", "schemes/areas", "schemes/components", "schemes/bands"),
)


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(places.data() / name)


def cited(of: Callable[[dict[str, str]], bool]) -> set[str]:
    """The sources in the rows of the published tables (without a level: of provinces) and sets of criteria."""
    results = set()
    for name in CITING:
        with (places.data() / f"{name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if of({"level": "province", **row}):
                    lists = [text for column, text in row.items() if column.endswith("source_ids")]
                    results |= {part for text in lists for part in text.split(";") if part}
    return results


@cache
def pages_of(year: int, level: str) -> frozenset[str]:
    results = open_results(year, level)
    previous = open_before(results)
    years = open_years(results, previous)
    return frozenset(source_pages(results, "vi", previous, years, series(years), runs(reversed(years)))["source_id"])


@pytest.mark.long
@pytest.mark.parametrize("level", ["province", "ministry"])
@pytest.mark.parametrize("year", range(2012, 2025))
def test_every_source_that_is_cited_is_listed_and_only_those(year: int, level: str):
    if year not in par.years("par", level):
        return
    listed, other = pages_of(year, level), {"province": "ministry", "ministry": "province"}[level]
    assert cited(lambda row: row.get("year") == str(year) and row["level"] in (level, "national")) <= listed
    # what stands in no row but those of the other level is not listed
    assert not listed & (cited(lambda row: row["level"] == other) - cited(lambda row: row["level"] != other)
                         - sipas_sources())  # fmt: skip
    # nor are later years
    later = cited(lambda row: row.get("year", "0") > str(year)) - cited(lambda row: row.get("year", "0") <= str(year))
    assert not listed & (later - sipas_sources())


def sipas_sources() -> set[str]:
    results = set()
    for name in ("sipas", "sipas_statistics"):
        for row in read(f"published/{name}.csv")["source_ids"]:
            results |= set(row.split(";"))
    return results


@pytest.mark.long
def test_the_sources_of_numbers_that_a_change_is_taken_from_are_listed():
    # 2023 of provinces prints the mean of 2022 and values of the units known in both years, but not those known in
    # 2022 alone; and the mean of SIPAS
    table = read("published/par_index.csv")
    rows = table[(table["level"] == "province") & table["index"].notna()]
    now, then = (rows[rows["year"] == year].set_index("key")["source_ids"] for year in (2023, 2022))
    pages = pages_of(2023, "province")
    for unit in set(now.index) & set(then.index):
        assert set(then[unit].split(";")) <= pages
    statistics = read("published/par_statistics.csv")
    (mean,) = statistics.loc[
        (statistics["year"] == 2022) & (statistics["level"] == "province") & (statistics["statistic"] == "mean"),
        "source_ids",
    ]
    assert set(mean.split(";")) <= pages
    sipas = read("published/sipas_statistics.csv")
    assert set(";".join(sipas.loc[sipas["year"] == 2023, "source_ids"]).split(";")) <= pages


def test_the_sources_of_ranks_of_earlier_years_are_listed_where_the_ranks_are_printed():
    # Da Nang was the first of 2013 by S002 (and others), which nothing but the history of ranks rests on
    results = open_results(2023, "province")
    years = open_years(results)
    history = series(years)
    pages = source_pages(results, "vi", None, years, history).set_index("source_id")["used_for"]
    assert pages["S002"] == "thứ hạng 2012, 2013"
    table = read("published/par_index.csv")
    ranked = table[(table["level"] == "province") & (table["year"] < 2023) & table["rank"].notna()]
    units = set(results.units["unit"])
    for row in ranked[ranked["key"].isin(units)].itertuples():
        for source_id in row.source_ids.split(";"):
            assert str(row.year) in pages[source_id], (row.year, row.key)
    assert "S002" not in set(source_pages(results, "vi", None, years)["source_id"])  # they are not printed
    one = history[history["year"] == 2013]
    assert "S002" not in set(source_pages(results, "vi", None, years, one)["source_id"])  # one year is no history


def test_the_mean_of_a_year_of_which_no_number_is_printed_has_no_source_in_the_list():
    # par_statistics.csv: the mean of provinces 2018 is from S019, of which 2023 prints ranks only
    results = open_results(2023, "province")
    years = open_years(results)
    assert "S019" not in set(source_pages(results, "vi", open_before(results), years)["source_id"])


def test_the_sources_of_the_set_of_criteria_before_are_listed_where_it_is_printed():
    results = open_results(2023, "province")
    areas = read("schemes/components.csv")
    of_2021 = areas[(areas["level"] == "province") & areas["years"].str.contains("2021", na=False)]["source_ids"]
    wanted = {source_id for text in of_2021 for source_id in text.split(";")}
    assert wanted
    stated = source_pages(results, "en", set_before=2021).set_index("source_id")["used_for"]
    assert all("criteria and groups" in stated[source_id] and "2021" in stated[source_id] for source_id in wanted)
    assert not wanted <= set(source_pages(results, "en")["source_id"])
