"""One door to all results: published ones, or those of a round."""

from __future__ import annotations

from pathlib import Path

import pytest

from parlib import years
from parlib.errors import ParameterError
from parlib.sources import rounds


@pytest.fixture
def round_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "rounds").mkdir()
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))
    plan = {
        "id": "2023-test",
        "year": 2023,
        "level": "province",
        "scheme": "876-province",
        "units": ["ha-noi", "ha-giang"],
        "steps": [{"key": "self", "from": "2024-01-01", "to": "2024-01-31", "responsible": "UBND các tỉnh"}],
    }
    rounds.create_round(rounds.RoundPlan.model_validate(plan), by="test")
    return "2023-test"


def test_a_round_is_opened_by_its_id(round_id: str):
    results = years.open_results(2023, "province", round_id=round_id)
    assert results.stage == "final"
    assert list(results.units["unit"]) == ["ha-noi", "ha-giang"]
    assert results.n_known == 0  # nothing was answered yet


def test_a_round_of_another_year_or_level_is_refused(round_id: str):
    with pytest.raises(ParameterError, match="par 2023 province, not of par 2022 province"):
        years.open_results(2022, "province", round_id=round_id)
    with pytest.raises(ParameterError, match="not of papi 2023 province"):
        years.open_results(2023, "province", "papi", round_id=round_id)


def test_an_unknown_round_names_those_there_are(round_id: str):
    with pytest.raises(ParameterError, match="2023-test"):
        years.open_results(2023, "province", round_id="2023-tset")


def test_without_a_round_the_published_results_are_opened():
    results = years.open_results(2023, "ministry")
    assert results.stage == "published"
    earlier = years.open_other_year(results, 2022)
    assert earlier is not None
    assert (earlier.year, earlier.level, earlier.index_name) == (2022, "ministry", "par")
    assert years.open_other_year(results, 2011) is None
    assert set(years.available("dti")["year"]) == set(range(2020, 2025))
