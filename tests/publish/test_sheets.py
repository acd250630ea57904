"""The tables that leave as CSV or Excel: never a comparison of what must not be compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from parlib import places, years
from parlib.publish import sheets

ROUND = "2023-ministry"


def test_statistics_of_a_simulated_year_are_not_set_against_published_ones(shared_rounds: Path):
    def statistics(round_id: str) -> tuple[object, ...]:
        result = sheets.statistics_sheet(2023, "ministry", round_id=round_id).set_index("statistic")["value"]
        return tuple(result[name] for name in ("mean", "mean_change", "mean_change_vs_2012"))

    with places.rounds_at(shared_rounds):
        results = years.open_results(2023, "ministry", round_id=ROUND)
        assert [of.year for of in years.open_years(results)] == [2023]
        assert years.open_other_year(results, 2012) is None
        mean, *changes = statistics(ROUND)
    assert mean
    assert changes == ["", ""]
    assert "" not in statistics("")  # both are known of the published year


def test_the_other_indices_of_a_province_are_not_set_beside_a_simulated_one():
    results = years.open_results(2023, "province")
    assert {of.index_name for of in years.open_related(results)} > {"papi", "pci"}
    assert years.open_related(replace(results, marks=(*results.marks, "simulated"))) == []
