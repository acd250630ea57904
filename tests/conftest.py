"""What tests of many rooms share: a copy of ``data/`` to be changed, and whole reports, each made once."""

import gc
import os
import shutil
import sys

import pytest
from filelock import FileLock
from hypothesis import settings

from parlib import places

# Speed is measured in benchmarks: no example fails because the machine is busy.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

#: The whole reports that tests look at: the notebook, and what it is given.
REPORTS = {
    "ministry": ("annual_report", {"year": 2023, "level": "ministry"}),
    "ministry-en": ("annual_report", {"year": 2023, "level": "ministry", "language": "en"}),
    "province": ("annual_report", {"year": 2023, "level": "province"}),
    "papi": ("annual_report", {"year": 2024, "level": "province", "index_name": "papi"}),
    "empty": ("annual_report", {"year": 2024, "level": "ministry"}),
    "unit": ("annual_report", {"year": 2023, "level": "ministry", "unit": "bo-y-te"}),
    "round": ("annual_report", {"year": 2023, "level": "ministry", "round_id": "2023-ministry"}),
    "profile": ("unit_profile", {"year": 2023, "level": "ministry", "unit": "bo-tu-phap"}),
    "round-profile": (
        "unit_profile",
        {"year": 2023, "level": "ministry", "unit": "bo-cong-thuong", "round_id": "2023-ministry"},
    ),
    "audit": ("robustness_audit", {"year": 2024, "level": "province", "index_name": "papi"}),
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """``few(n)``: of the cases of a function n, spread evenly, are quick; the others are long."""
    cases = {}
    for item in items:
        if item.get_closest_marker("few"):
            cases.setdefault((item.path, item.originalname), []).append(item)
    for those in cases.values():
        n = those[0].get_closest_marker("few").args[0]
        quick = {round(place * (len(those) - 1) / max(n - 1, 1)) for place in range(n)}
        for place, item in enumerate(those):
            if place not in quick:
                item.add_marker(pytest.mark.long)


def pytest_collection_finish():
    """What all tests stand on stays to the end: it is not looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture
def own_data(tmp_path, monkeypatch):
    """A copy of ``data/``, without rounds, that parlib reads for the time of the test. Whoever changes it and means it
    calls ``contents.accept``."""
    folder = shutil.copytree(places.data(), tmp_path / "own_data", ignore=shutil.ignore_patterns("rounds"))
    monkeypatch.setenv("PARLIB_DATA", str(folder))
    return folder


@pytest.fixture
def type_in(monkeypatch, capsys):
    """Run a command; gives the exit code, what it printed, and what it said beside it."""
    from parlib import cli

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["parlib", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A folder that all workers of a run of the tests share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def shared_rounds(shared):
    """Where a simulated round of the ministries lies. Tests read it and leave it as it is."""
    from parlib.sources.simulation import simulate

    folder = shared / "rounds"
    with FileLock(shared / "rounds.lock"), places.rounds_at(folder):
        if not (folder / "2023-ministry").exists():
            simulate(2023, "ministry", seed=4)
    return folder


@pytest.fixture(scope="session")
def whole_report(shared, request):
    """A report of ``REPORTS`` as a page and an executed notebook, made by whoever asks first. Tests leave it as it
    is."""
    from parlib.publish.parameters import ReportParameters
    from parlib.publish.render import render

    def made(name):
        notebook, given = REPORTS[name]
        folder = request.getfixturevalue("shared_rounds") if "round_id" in given else shared / "no-rounds"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PARLIB_ROUNDS", str(folder))
            return render(ReportParameters(**given, output_dir=str(shared / "reports")), notebook, force=False)

    return made
