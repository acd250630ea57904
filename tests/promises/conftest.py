"""What the tests of promises share: the commands as an official types them, in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

TypeIn = Callable[..., tuple[int, str, str]]


@pytest.fixture
def type_in(type_in: TypeIn, monkeypatch: pytest.MonkeyPatch, own_data: Path, tmp_path: Path) -> TypeIn:
    """As ``type_in`` of all tests, on data and rounds of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))
    return type_in
