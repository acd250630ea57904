"""Starting: the import of parlib, and a report where everything is warm."""

import json
import subprocess
import sys
import time

import pytest

from parlib import places

IMPORT = """
import time
import pandas
start = time.perf_counter()
import parlib
for name in parlib.__all__:
    getattr(parlib, name)
print(time.perf_counter() - start)
"""


def test_import(record):
    seconds = []
    for _ in range(7):
        done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"a name that parlib hands out has no room yet: {done.stderr.strip().splitlines()[-1]}")
        seconds.append(float(done.stdout))
    record("import parlib with all names it hands out, after pandas", 0.3, seconds)


def test_warm_report(record, tmp_path):
    source = places.notebooks() / "annual_report.ipynb"
    if not source.is_file():
        pytest.skip("notebooks/annual_report.ipynb does not stand yet")
    import nbformat

    from parlib.publish import page, render
    from parlib.publish.parameters import ReportParameters

    parameters = ReportParameters(year=2023, level="ministry", output_dir=str(tmp_path))
    render.render(parameters)  # warms up
    best = None
    for _ in range(5):
        began = time.perf_counter()
        rendered = render.render(parameters)
        whole = time.perf_counter() - began
        executed = nbformat.read(rendered.files["ipynb"], as_version=4)
        began = time.perf_counter()
        page.html_page(executed, "vi")
        export = time.perf_counter() - began
        cells = sum(json.loads(rendered.files["json"].read_text("utf-8"))["cell_seconds"])
        if best is None or whole / (cells + export) < best[0] / best[1]:
            best = (whole, cells + export)
    record("a warm report (target: its own cells + HTML export)", best[1], [best[0]])
