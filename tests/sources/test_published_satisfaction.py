"""What was published of SIPAS, beside the PAR INDEX of a year."""

import pytest

from parlib.sources import published


def test_a_year_has_its_printed_figures_and_the_means_so_far():
    result = published.satisfaction(published.results("par", 2022, "province"))
    statistics = dict(zip(result.statistics["statistic"], result.statistics["value"], strict=True))
    assert statistics == {"max": 87.59, "mean": 80.08}  # sipas_statistics.csv
    assert result.means["year"].tolist() == [2017, 2018, 2019, 2020, 2021, 2022]  # never of later years
    assert result.means.loc[result.means["break_mark"], "year"].tolist() == [2017, 2022]  # breaks.csv


def test_units_are_those_with_a_printed_value_or_rank_and_ranks_are_only_printed():
    result = published.satisfaction(published.results("par", 2024, "province")).units.set_index("unit")
    assert result.loc["hai-phong", "rank"] == 1
    assert (result["value"].notna() | result["rank"].notna()).all()
    assert len(result) < 63
    # Quảng Ngãi is printed as 59th of 63: were it counted among the 13 that are known, it would be 13th at most
    assert (result.loc["quang-ngai", "rank"], len(result)) == (59, 13)


@pytest.mark.parametrize(
    ("index_name", "year", "level"), [("par", 2023, "ministry"), ("papi", 2024, "province"), ("par", 2014, "province")]
)
def test_other_results_have_none_of_it(index_name, year, level):
    result = published.satisfaction(published.results(index_name, year, level))
    assert result.statistics.empty
    assert result.means.empty
    assert result.units.empty
