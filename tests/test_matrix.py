"""Every report that there can be is made: all indices, levels, years, languages and notebooks, and simulated rounds.

Takes the better part of an hour: ``make test-all``. What fails is listed by its cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from parlib import places
from parlib.publish.batch import batch, named, of_units, plan, units_of
from parlib.publish.parameters import ReportParameters
from parlib.sources.published import par
from parlib.sources.simulation import simulate
from parlib.words import languages

pytestmark = pytest.mark.heavy

NOTEBOOKS = ("annual_report", "trend_report", "robustness_audit", "unit_profile")
SUBJECTS = [(name, level) for name in par.INDEX_NAMES for level in par.levels(name)]


def first_middle_last(report: ReportParameters) -> list[ReportParameters]:
    """The profiles of three units that the results list."""
    keys = units_of(report)
    return of_units([report], dict.fromkeys(keys[place] for place in (0, len(keys) // 2, -1))) if keys else []


def refusals(reports: Iterable[ReportParameters], notebook: str) -> str:
    """The reports that are not made, by what kept them back; "" where all are."""
    results: dict[str, list[str]] = defaultdict(list)
    for outcome in batch(list(reports), notebook, force=True):
        if outcome.error:
            named_so = f"{outcome.parameters.name} {outcome.parameters.language} {notebook}"
            results[outcome.error.problems[0].text("en")].append(named_so)
    return "\n".join(f"{cause}: {', '.join(names)}" for cause, names in results.items())


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("notebook", NOTEBOOKS)
@pytest.mark.parametrize(("index_name", "level"), SUBJECTS, ids=["-".join(subject) for subject in SUBJECTS])
def test_every_year_is_made(index_name: str, level: str, notebook: str, language: str, tmp_path: Path):
    reports = plan(par.years(index_name, level), [level], [language], index_name, str(tmp_path))
    if notebook == "unit_profile":
        reports = [profile for report in reports for profile in first_middle_last(report)]
    refused = refusals(reports, notebook)
    assert not refused, refused


@pytest.mark.parametrize("language", languages())
def test_every_year_at_a_glance_is_made(language: str, tmp_path: Path):
    refused = refusals(
        plan(par.years("par", "province"), ["province"], [language], output_dir=str(tmp_path)), "year_overview"
    )
    assert not refused, refused


@pytest.fixture(scope="module", params=["2023-ministry", "2023-province"])
def round_id(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A simulated round; the environment tells the kernels where it is."""
    folder = tmp_path_factory.mktemp("rounds")
    with pytest.MonkeyPatch.context() as patch, places.rounds_at(folder):
        patch.setenv("PARLIB_ROUNDS", str(folder))
        year, level = request.param.split("-")
        simulate(int(year), level, seed=1)
        yield request.param


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_report_of_a_round_is_made(round_id: str, notebook: str, language: str, tmp_path: Path):
    year = round_id.partition("-")[0]
    reports = named([f"{year}/{round_id}"], [language], str(tmp_path))
    if notebook == "unit_profile":
        reports = of_units(reports, ["all"])
    refused = refusals(reports, notebook)
    assert not refused, refused
