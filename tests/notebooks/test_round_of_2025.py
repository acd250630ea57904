"""A round of the 34 provinces as a real one is: the year before is on 63, and is not compared with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from parlib import places, years
from parlib.publish.batch import batch, named, of_units
from parlib.sources import rounds
from parlib.sources.simulation import simulate

pytestmark = pytest.mark.report

ROUND = "2025-province"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rounds side by side."""
    made = tmp_path_factory.mktemp("rounds")
    with places.rounds_at(made):
        simulate(2024, "province", seed=1)
        simulate(2025, "province", seed=1)
    return made


@pytest.fixture(
    params=[pytest.param("simulated", marks=pytest.mark.heavy), pytest.param("real", marks=pytest.mark.long)]
)
def real(simulated: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the round of 2025 is without the mark of simulated results, as a stand-in for a real one."""
    monkeypatch.setenv("PARLIB_ROUNDS", str(simulated))
    if request.param == "real":
        unmarked(simulated)
    return bool(request.param == "real")


def unmarked(folder: Path) -> None:
    plan = folder / ROUND / "round.yaml"
    text = re.sub("^seed: .*\n", "", plan.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = text.replace("simulated: true", "simulated: false").replace("for_real: false", "for_real: true")
    plan.write_text(text, encoding="utf-8")
    with places.rounds_at(folder):
        rounds.accept_changes(ROUND, "stands in for a real one", "test")


def test_its_reports_are_made_and_compare_nothing(tmp_path: Path, real: bool):
    results = years.open_results(2025, "province", round_id=ROUND)
    assert results.simulated is not real
    assert years.open_before(results, ROUND) is None
    assert [of.year for of in years.open_years(results)] == [2025]
    assert years.open_related(results) == []

    report = named([f"2025/{ROUND}"], output_dir=str(tmp_path))
    profiles = of_units(report, ["an-giang", "Tuyên Quang"])
    assert [profile.unit for profile in profiles] == ["an-giang-2025", "tuyen-quang-2025"]
    made = [*batch(report, "annual_report"), *batch(profiles, "unit_profile"), *batch(report, "robustness_audit")]
    assert [outcome.error.text() for outcome in made if outcome.error] == []
    stated = "trước khi sắp xếp nên không nêu mức thay đổi so với năm 2024"
    for outcome in made[:3]:
        assert outcome.rendered is not None
        assert outcome.rendered.files["html"].read_text(encoding="utf-8").count(stated) == 1
