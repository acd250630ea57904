"""A sample of the faults that ``make faults`` puts in: what is published stays old or is new."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "faults.py"


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="forks, and sends signals")
def test_a_sample_of_the_faults_leaves_nothing_mixed() -> None:
    line = [sys.executable, "-W", "ignore", str(SCRIPT), "--sample", "12", "--jobs", "2"]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=1200)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-3000:]
    assert re.match(r"12 faults of \d{3}: 0 mixed, 0 with a traceback, 0 not as they should\.", ended.stdout)
