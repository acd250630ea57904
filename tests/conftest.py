"""What tests of many rooms share: a copy of ``data/`` to be changed."""

import shutil

import pytest

from parlib import places


@pytest.fixture
def own_data(tmp_path, monkeypatch):
    """A copy of ``data/``, without rounds, that parlib reads for the time of the test. Whoever changes it and means it
    calls ``contents.accept``."""
    folder = shutil.copytree(places.data(), tmp_path / "own_data", ignore=shutil.ignore_patterns("rounds"))
    monkeypatch.setenv("PARLIB_DATA", str(folder))
    return folder
