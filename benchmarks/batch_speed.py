"""How long a year's worth of reports takes: in one process with warm kernels, with ordinary ones, by command lines.

    python benchmarks/batch_speed.py [--sample 4]

Each way renders into a folder of its own. The first renders all 26 reports (both levels, 2012-2024); the others, which
take minutes, render a sample of them and are scaled up, unless ``--sample 26`` asks for all.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from parlib.publish import kernels
from parlib.publish.batch import batch, plan
from parlib.publish.parameters import ReportParameters, notebook_path

THREAD_POOL_LINE = 44.0  # seconds: 26 lean reports of four figures, thread pool of two, ordinary kernels, two cores
WORKERS = os.cpu_count() or 1


def reports(folder: Path) -> list[ReportParameters]:
    return plan(range(2012, 2025), ("province", "ministry"), output_dir=str(folder))


def one_process(wanted: list[ReportParameters]) -> float:
    began = time.perf_counter()
    outcomes = batch(wanted, workers=WORKERS, force=True)
    seconds = time.perf_counter() - began
    for outcome in outcomes:
        if outcome.error:
            raise outcome.error
    return seconds


def command_lines(wanted: list[ReportParameters], folder: Path) -> float:
    """papermill and then nbconvert, as one would type them, one report after another."""
    run = [sys.executable, "-m"]
    began = time.perf_counter()
    for about in wanted:
        executed = folder / f"{about.year}-{about.stem}.ipynb"
        values = [word for key in ("year", "level") for word in ("-p", key, str(getattr(about, key)))]
        papermill = [
            *run,
            "papermill",
            "--no-progress-bar",
            str(notebook_path("annual_report")),
            str(executed),
            *values,
        ]
        for command in (papermill, [*run, "nbconvert", "--to", "html", "--no-input", str(executed)]):
            subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sample", type=int, default=4, help="reports for the slow ways (default 4)")
    sample = options.parse_args().sample
    with tempfile.TemporaryDirectory(prefix="parlib-bench-") as name:
        folder = Path(name)
        wanted = reports(folder / "warm")
        whole = len(wanted)
        spread = wanted[:: max(1, whole // sample)][:sample]  # both levels, early and late years

        measured = [("parlib batch, warm kernels", whole, one_process(wanted))]
        kernels.close_nursery(broken=True)
        ordinary = [about.model_copy(update={"output_dir": str(folder / "ordinary")}) for about in spread]
        measured.append(("parlib batch, ordinary kernels", len(spread), one_process(ordinary)))
        measured.append(("papermill and nbconvert command lines", len(spread), command_lines(spread, folder)))

    print(f"{whole} reports, {WORKERS} workers, {os.cpu_count()} cores")
    for way, n, seconds in measured:
        scaled = f"{seconds * whole / n:7.1f} s" + ("" if n == whole else f"  (from {n})")
        print(f"  {way:<40}{scaled}")
    ratio = measured[0][2] / THREAD_POOL_LINE
    print(f"  target 1.3 x {THREAD_POOL_LINE:g} s: measured {ratio:.2f} x {'- met' if ratio <= 1.3 else '- MISSED'}")


if __name__ == "__main__":
    main()
