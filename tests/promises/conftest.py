"""What the tests of promises share: the commands as an official types them, in a folder of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from parlib import cli

TypeIn = Callable[..., tuple[int, str, str]]


@pytest.fixture
def type_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], own_data: Path, tmp_path: Path
) -> TypeIn:
    """Run a command on data and rounds of the test's own; gives the exit code, what it printed, and what it said
    beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["parlib", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run
