"""A survey of 100 million answers: shares and design-based errors, in a process of its own, with its peak memory.

``PARLIB_BENCH_ANSWERS`` takes fewer answers against the same target. The answers are generated once, into
``PARLIB_BENCH_DIR`` (default: a folder of the system's temporary one), and kept for the next run.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ANSWERS = int(os.environ.get("PARLIB_BENCH_ANSWERS", "100_000_000"))
FOLDER = Path(os.environ.get("PARLIB_BENCH_DIR", Path(tempfile.gettempdir()) / "parlib-bench"))

WORK = """
import sys, time
from parlib.scoring.scheme import load_scheme
from parlib.sources.survey import open_survey, questions, tabulate
asked = questions(load_scheme("876-province"))
start = time.perf_counter()
found = tabulate(open_survey(sys.argv[1]), asked)
table = found.handover()
seconds = time.perf_counter() - start
assert table["standard_error"].notna().all() and table["share"].between(0, 1).all()
assert int(found.accounted["n"].sum()) == int(sys.argv[2])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(seconds, int(peak) / 1e3)
"""


def generated() -> Path:
    """Answers to the survey items of the province scheme: 63 units, 3 strata of 20 clusters in each, weights."""
    import duckdb
    import pandas as pd

    from parlib.scoring.scheme import load_scheme
    from parlib.scoring.units import units
    from parlib.sources.survey import questions

    path = FOLDER / f"answers-{ANSWERS}.parquet"
    if path.is_file():
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    pairs = [(group, q.item) for q in questions(load_scheme("876-province")) for group in q.groups]
    asked = pd.DataFrame(pairs, columns=["group", "item"])
    asked["of_group"] = pd.factorize(asked["group"])[0]
    n_groups = asked["group"].nunique()
    provinces = pd.DataFrame({"unit": [unit.key for unit in units("province", "63")]}).reset_index(names="number")
    draft = path.with_suffix(".part")
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        connection.register("asked", asked)
        connection.register("provinces", provinces)
        connection.execute(
            f"""
            COPY (
                SELECT unit, item, "group", r AS respondent,
                       'stratum ' || (hash(r) % 60 % 3) AS stratum, (hash(r) % 60)::INT AS cluster,
                       (1 + hash(r * 64 + of_group + length(item) + ascii(item[-1])) % 5)::TINYINT AS answer,
                       0.5 + (hash(r + 7) % 1000) / 500.0 AS weight
                FROM range({ANSWERS * n_groups // len(asked)}) AS respondents(r)
                JOIN provinces ON number = r % {len(provinces)}
                JOIN asked ON of_group = r // {len(provinces)} % {n_groups}
            ) TO '{draft}' (FORMAT parquet, COMPRESSION zstd)
            """
        )
    draft.rename(path)
    return path


def test_survey(record):
    pytest.importorskip("parlib.sources.survey", reason="the survey room does not stand yet")
    import pyarrow.parquet

    path = generated()
    n_answers = pyarrow.parquet.ParquetFile(path).metadata.num_rows
    seconds, peaks = [], []
    for _ in range(2):
        command = [sys.executable, "-c", WORK, str(path), str(n_answers)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(done.stderr.strip()[-2000:])
        taken, peak = map(float, done.stdout.split()[-2:])
        seconds.append(taken)
        peaks.append(peak)
    work = f"survey of {n_answers / 1e6:.1f} million answers to shares and errors"
    record(work, 15, seconds, megabytes=4000, peak=min(peaks))
