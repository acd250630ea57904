"""kill -9 at any moment of an import leaves a ledger that loads and holds all that was confirmed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parlib.errors import DataError
from parlib.sources import rounds
from parlib.sources.rounds import ledger


@pytest.mark.long
@pytest.mark.parametrize(
    "way",
    [
        pytest.param("random", marks=pytest.mark.long),
        pytest.param("moments", marks=pytest.mark.long),
        "together",
        pytest.param("crowd", marks=pytest.mark.heavy),  # a minute
    ],
)
def test_killed_and_concurrent_importers_lose_nothing(way, rounds_folder):
    script = Path(__file__).with_name("killed.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", script, way],
        env={**os.environ, "PARLIB_ROUNDS": str(rounds_folder)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_writer_who_waits_too_long_is_told_so(small):
    folder = rounds.round_folder(small)
    with ledger.locked(folder), pytest.raises(DataError) as refused, ledger.locked(folder, patience=0.2):
        pass
    assert "người khác đang ghi vào kỳ đánh giá này" in refused.value.text("vi")


def test_drafts_of_killed_writers_are_swept_away(small, say):
    folder = rounds.round_folder(small)
    (folder / ".answers-x1y2.csv").write_text("nửa chừng", encoding="utf-8")
    say("1.5", "2")
    assert not list(folder.glob(".answers-*"))


def test_a_reader_beside_a_writer_sees_one_moment(small, say, monkeypatch):
    """Rows that come between the reading of the ledger and of its record are no tampering."""
    say("1.5", "2")
    read, came = ledger.read_ledger, []

    def and_then_somebody_writes(path, book):
        result = read(path, book)
        if not came:
            came.append(say("1.5", "3"))
        return result

    monkeypatch.setattr(ledger, "read_ledger", and_then_somebody_writes)
    opened = rounds.open_round(small)
    assert len(opened.ledger) == len(opened.imports) == 2
