"""``parlib verify`` on reports that are good, edited, stale and lost: what it says, and its exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parlib.publishing.parameters import ReportParameters
from parlib.publishing.render import render


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of reports with one in it: the ministries of 2023 as a page and as open data."""
    folder = tmp_path_factory.mktemp("reports")
    parameters = ReportParameters(year=2023, level="ministry", output_dir=str(folder))
    render(parameters, to=("html", "data"))
    return folder


@pytest.fixture
def reports(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "reports"))


def verify(reports: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "parlib.cli", "verify", *arguments, "--output-dir", str(reports)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})
    return done.returncode, done.stdout + done.stderr


def the(reports: Path, ending: str) -> Path:
    return next(path for path in reports.rglob(f"*.{ending}") if "locks" not in path.parts)


@pytest.mark.report
def test_a_report_as_published_is_good(reports: Path) -> None:
    for names in ((), ("2023/ministry",), (str(reports / "2023"),), (str(the(reports, "html")),)):
        code, told = verify(reports, *names)
        assert (code, "1 đúng, 0 có chỗ khác" in told) == (0, True), told
    assert "as published" in verify(reports, "2023/ministry", "--language", "en")[1]


@pytest.mark.report
def test_an_edited_page_is_named_number_by_number(reports: Path) -> None:
    page = the(reports, "html")
    page.write_text(page.read_text("utf-8").replace(">89,95<", ">98,95<"), "utf-8")
    code, told = verify(reports, "2023/ministry")
    assert code == 1
    assert page.name in told
    assert "98,95" in told


@pytest.mark.report
def test_a_mailed_file_is_known_by_its_title(reports: Path, tmp_path: Path) -> None:
    mailed = tmp_path / "bao cao.html"
    mailed.write_text(the(reports, "html").read_text("utf-8").replace(">89,95<", ">98,95<"), "utf-8")
    code, told = verify(reports, str(mailed))
    assert code == 1
    assert "98,95" in told


@pytest.mark.report
def test_data_that_changed_since_are_named(reports: Path) -> None:
    record = the(reports, "json")
    content = json.loads(record.read_text("utf-8"))
    assert "data/published/par_index.csv" in content["read"]
    content["read"]["data/published/par_index.csv"] = "0" * 64
    record.write_text(json.dumps(content), "utf-8")
    code, told = verify(reports, "2023/ministry")
    assert code == 1
    assert "data/published/par_index.csv: số liệu đầu vào đã thay đổi" in told


@pytest.mark.report
def test_a_lost_file_and_a_lost_notebook_are_named(reports: Path) -> None:
    the(reports, "data.zip").unlink()
    code, told = verify(reports)
    assert (code, "tệp đã mất" in told) == (1, True)
    the(reports, "ipynb").unlink()
    code, told = verify(reports)
    assert (code, "không đọc được sổ tính đã chạy" in told) == (1, True)


@pytest.mark.report
def test_an_unknown_name_is_refused_with_what_was_meant(reports: Path, tmp_path: Path) -> None:
    code, told = verify(reports, "2023/ministri")
    assert code == 2
    assert "2023/ministry" in told
    (tmp_path / "empty").mkdir()
    assert verify(reports, str(tmp_path / "empty"))[0] == 2
