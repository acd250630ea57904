"""A small part of the golden store lies beside the tests: what it records must not change unless somebody means it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.golden.compare import Meant, compare
from tests.golden.record import HERE, cases, record

SAMPLE = HERE / "sample"


@pytest.mark.long
def test_the_sample_is_what_is_said_today(tmp_path: Path) -> None:
    """After a change that is meant: ``python -m tests.golden.record tests/golden/sample --sample``."""
    record(tmp_path, HERE.parents[1], cases()["sample"])
    assert compare(SAMPLE, tmp_path, []) == {}


def test_a_digit_that_changes_is_seen_and_may_be_meant(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "new")
    table = tmp_path / "new" / "tables" / "par-ministry-2023.vi.table.csv"
    table.write_text(table.read_text("utf-8").replace("89.95", "89.96"), "utf-8")
    result = compare(SAMPLE, tmp_path / "new", [])
    assert list(result) == ["tables/par-ministry-2023.vi.table.csv"]
    assert all("89.9" in line for line in result.popitem()[1])
    assert compare(SAMPLE, tmp_path / "new", [Meant("tables/par-*", "a test", "89.9")]) == {}
