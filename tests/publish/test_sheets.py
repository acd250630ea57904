"""The tables that leave as CSV or Excel: never a comparison of what must not be compared."""

from __future__ import annotations

from pathlib import Path

from parlib import places
from parlib.publish import open_data
from parlib.sources import catalog
from parlib.sources.simulation import simulate


def test_statistics_of_a_simulated_year_are_not_set_against_published_ones(tmp_path: Path):
    with places.rounds_at(tmp_path):
        simulate(2022, "ministry", seed=1)
        found = open_data.statistics_sheet(2022, "ministry", round_id="2022-ministry").set_index("statistic")["value"]
        results = catalog.open_results(2022, "ministry", round_id="2022-ministry")
        assert [of.year for of in catalog.open_years(results)] == [2022]
        assert catalog.open_other_year(results, 2012) is None
    assert found["mean"]
    # against the published 2021 and 2012 they were -1.95 and 8.74
    assert (found["mean_change"], found["mean_change_vs_2012"]) == ("", "")


def test_the_other_indices_of_a_province_are_not_set_beside_a_simulated_one(tmp_path: Path):
    with places.rounds_at(tmp_path):
        simulate(2023, "province", seed=1)
        results = catalog.open_results(2023, "province", round_id="2023-province")
        assert catalog.open_related(results) == []
    assert {of.index_name for of in catalog.open_related(catalog.open_results(2023, "province"))} > {"papi", "pci"}
