"""How fast the house is: ``make bench`` prints work, target, measured, ratio, and the library call it rests on.

    python benchmarks/speed.py [--older FOLDER] [--turns 5] [works ...]

Machines differ, and one machine differs from hour to hour, so what is compared is run in turn: this checkout, the
older one in FOLDER (with a .venv of its own), the peer, the library call; each in a process of its own that is prepared
once. The shortest run of each counts: other work on a machine only ever makes a run longer. Without FOLDER the
targets are parts of what the older one took in November 2026 on a machine with two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve()
HOME = HERE.parent.parent
LINE = "{:<52}{:>9}{:>10}{:>14} {:<7}{:>16}{:>8}  {}"
FOLDER = Path(os.environ.get("PARLIB_BENCH_DIR", Path(tempfile.gettempdir()) / "parlib-bench"))


# --- in the process of one work -----------------------------------------------------------------


def serve(name: str, role: str) -> None:
    """Prepare a work, and run it whenever a line comes; print the seconds, those to hold them against, the memory."""
    sys.path.insert(0, str(HERE.parent))
    from works import WORKS, by_former_names

    by_former_names()
    work = WORKS[name]
    prepare = {"work": work.prepare, "peer": work.peer, "floor": work.floor}[role]
    output, sys.stdout = sys.stdout, sys.stderr
    run = prepare()
    for _ in sys.stdin:
        seconds, against = min(timed(run) for _ in range(work.runs))
        peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
        output.write(json.dumps([seconds, against, int(peak[1]) / 1e3 if peak else 0.0]) + "\n")
        output.flush()


def timed(run: Callable[[], object]) -> tuple[float, float]:
    began = time.perf_counter()
    found = run()
    seconds = time.perf_counter() - began
    if isinstance(found, float):  # it has measured itself
        return found, 0.0
    return found if isinstance(found, tuple) and all(isinstance(part, float) for part in found) else (seconds, 0.0)


# --- in turn ------------------------------------------------------------------------------------


@dataclass
class Runner:
    """A process that does one work: of this checkout or of another."""

    checkout: Path
    name: str
    role: str = "work"
    seconds: list[tuple[float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        own = self.checkout / ".venv" / "bin" / "python"
        python = str(own) if self.checkout != HOME and own.exists() else sys.executable
        command = [python, str(HERE), "--serve", self.name, "--role", self.role]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARLIB_", "PYTHON"))}
        environment = kept | {"PYTHONPATH": str(self.checkout), "PARLIB_BENCH_DIR": str(FOLDER)}
        self._process = subprocess.Popen(
            command, cwd=self.checkout, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def turn(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ({self.role}) in {self.checkout} failed")
        self.seconds.append(tuple(json.loads(line)))

    @property
    def best(self) -> tuple[float, float, float]:
        """Seconds, those to hold them against, and the peak of memory, of the shortest run."""
        return min(self.seconds, key=lambda each: each[0] / (each[1] or 1.0))

    def end(self) -> None:
        self._process.communicate()


def measure(name: str, older: Path | None, turns: int) -> str:
    """A row of the table."""
    from works import WORKS

    work = WORKS[name]
    runners = {"work": Runner(HOME, name)}
    if older is not None and work.against != "limit":
        runners["older"] = Runner(older, name)
    runners |= {role: Runner(HOME, name, role) for role in ("peer", "floor") if getattr(work, role)}
    for turn in range(turns):
        for role, runner in runners.items():
            if turn == 0 or role != "peer":  # which takes minutes
                runner.turn()
    for runner in runners.values():
        runner.end()
    best = {role: runner.best for role, runner in runners.items()}
    seconds, against, peak = best["work"]
    other = best["older"][0] if "older" in best else None
    limit = {"peer": best.get("peer", (0.0,))[0], "itself": against}.get(work.against) or other or work.seconds
    if work.against == "limit":
        limit = work.seconds
    ratio = seconds / limit
    before = f"{clock(other)} x {seconds / other:.2f}" if other else ""
    below = best["floor"][0] if "floor" in best else 0.0
    rests_on = f"{work.rests_on}: {clock(below)} x {seconds / below:.1f}" if below else work.rests_on
    return LINE.format(
        work.name,
        clock(limit * work.part),
        clock(seconds),
        f"{ratio:.2f} of {work.part:.2f}",
        "met" if ratio <= work.part else "MISSED",
        before,
        f"{peak:.0f} MB",
        rests_on,
    )


def clock(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("works", nargs="*")
    options.add_argument("--older", type=Path)
    options.add_argument("--turns", type=int, default=5)
    options.add_argument("--serve", default="", help=argparse.SUPPRESS)
    options.add_argument("--role", default="work", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        serve(given.serve, given.role)
        return
    from works import WORKS

    print(LINE.format("work", "target", "measured", "ratio", "", "older, to it", "peak", "rests on, times that"))
    for name in given.works or WORKS:
        print(measure(name, given.older and given.older.resolve(), given.turns), flush=True)


if __name__ == "__main__":
    main()
