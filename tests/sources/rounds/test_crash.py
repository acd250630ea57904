"""kill -9 at any moment of an import leaves a ledger that loads and holds all that was confirmed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("way", ["random", "moments", "together"])
def test_killed_and_concurrent_importers_lose_nothing(way, rounds_folder):
    script = Path(__file__).with_name("killed.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", script, way],
        env={**os.environ, "PARLIB_ROUNDS": str(rounds_folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
