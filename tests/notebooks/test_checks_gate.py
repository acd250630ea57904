"""A report whose numbers contradict each other is not published; known slips of the sources are printed as such."""

import io
import json
import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from parlib import data_tables, places
from parlib.errors import ParlibError
from parlib.publish import warm
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import render
from parlib.report.blocks import MIME, from_data
from parlib.sources import published


def command(folder, data, *arguments, code=None):
    """``parlib report`` in a process of its own, with other data, or with the package that stands in ``code``."""
    typed = [sys.executable, "-m", "parlib.cli", "report", *arguments, "--output-dir", str(folder)]
    environment = {**os.environ, "PARLIB_DATA": str(data), "PARLIB_HOME": str(places.home())}
    if code is not None:
        environment["PYTHONPATH"] = str(code)
    return subprocess.run(
        typed, cwd=folder.parent, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


def blocks(notebook):
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            block = output.get("data", {}).get(MIME)
            if block:
                yield from block["blocks"] if block["kind"] == "sequel" else [block]


@pytest.mark.report
@pytest.mark.long
@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("89.95,1,,,,,61.86,28.1", "89.95,1,,,,,60.86,28.1", "bo-tu-phap"),  # the parts miss the total by a point
        # first place with less than the second
        pytest.param("89.95,1,,,,,61.86,28.1", "79.95,1,,,,,51.86,28.1", "bo-tu-phap", marks=pytest.mark.long),
    ],
)
def test_a_planted_slip_stops_the_report_and_is_named(tmp_path, monkeypatch, own_data, right, wrong, named):
    monkeypatch.setattr(warm, "POSSIBLE", False)  # a warm process would serve these data only
    about = ReportParameters(year=2023, level="ministry", output_dir=str(tmp_path / "reports"))
    file = own_data / "published" / "par_index.csv"
    text = file.read_text(encoding="utf-8")
    assert text.count(right) == 1
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    data_tables.accept()
    with pytest.raises(ParlibError) as stopped:
        render(about)
    said = stopped.value.text("vi")
    assert named in said
    year = tmp_path / "reports" / "2023"
    assert [path.name for path in year.iterdir()] == ["failed"]  # nothing is published
    failed = year / "failed" / "ministry.vi"
    assert named in (failed / "disagreements.txt").read_text(encoding="utf-8-sig")
    assert str(failed) in said
    assert list(blocks(failed / "notebook.ipynb")) == []  # it stopped before anything was shown

    # once the slip is mended the report comes out, and the list goes
    file.write_text(text, encoding="utf-8")
    data_tables.accept()
    render(about)
    assert not (year / "failed").exists()
    assert (year / "ministry" / "vi" / "PAR-INDEX-2023-bo.vi.html").is_file()


@pytest.mark.report
@pytest.mark.long
def test_a_planted_slip_stops_a_profile_too(tmp_path):
    data = tmp_path / "data"
    shutil.copytree(places.data(), data)
    file = data / "published" / "par_index.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("89.95,1,,,,,61.86,28.1", "89.95,1,,,,,60.86,28.1"), encoding="utf-8")
    data_tables.accept(data)
    about = ("--year", "2023", "--level", "ministry", "--unit", "bo-y-te", "--notebook", "unit_profile")
    done = command(tmp_path / "reports", data, *about)  # of another unit: it is set against the wrong one all the same
    assert done.returncode == 1
    assert "bo-tu-phap" in done.stderr
    assert not list((tmp_path / "reports").rglob("*.html"))[1:]  # the list of reports alone
    assert list((tmp_path / "reports").rglob("disagreements.txt"))


@pytest.mark.report
@pytest.mark.long
@pytest.mark.parametrize(
    ("right", "wrong", "check"),
    [
        # who leads is called the last
        ('msgstr "{first} dẫn đầu với {best}"', 'msgstr "{first} xếp cuối với {best}"', "extremes"),
        ("{index} của {unit} năm {year} đạt {value}.", "{index} của {unit} năm 2022 đạt {value}.", "templates"),
        ("tăng {size} so với năm {year}", "giảm {size} so với năm {year}", "directions"),
    ],
)
def test_a_planted_slip_in_a_template_stops_the_report_and_is_named(tmp_path, right, wrong, check):
    package = tmp_path / "code"
    shutil.copytree(places.home() / "parlib", package / "parlib", ignore=shutil.ignore_patterns("__pycache__"))
    catalogue = package / "parlib" / "locale" / "vi" / "LC_MESSAGES" / "parlib.po"
    text = catalogue.read_text(encoding="utf-8")
    assert text.count(right) == 1
    catalogue.write_text(text.replace(right, wrong), encoding="utf-8")
    done = command(tmp_path / "out", places.data(), "--year", "2023", "--level", "ministry", code=package)
    assert done.returncode == 1
    assert check in done.stderr
    assert [path.name for path in (tmp_path / "out" / "2023").iterdir()] == ["failed"]
    failed = tmp_path / "out" / "2023" / "failed" / "ministry.vi"
    assert "KHÔNG PHÁT HÀNH" in (failed / "report.html").read_text(encoding="utf-8")
    assert check in (failed / "disagreements.txt").read_text(encoding="utf-8-sig")


@pytest.mark.report
@pytest.mark.long
def test_the_slips_of_2024_are_printed_with_their_explanations(tmp_path):
    done = command(tmp_path, places.data(), "--year", "2024", "--level", "province", "--language", "en")
    assert done.returncode == 0, done.stderr
    results = list(blocks(tmp_path / "2024" / "province" / "en" / "PAR-INDEX-2024-tinh.en.ipynb"))
    (note,) = (block["text"] for block in results if block["kind"] == "note" and block["role"] == "warning")
    explained = published.check_explanations("en")  # of 2024, all four
    assert len(explained) == 4 and all(reason in note for reason in explained["explanation"])
    data = next(from_data(block) for block in results if block["kind"] == "dataset" and block["name"] == "round")
    counted = pd.read_csv(io.StringIO(data.text))
    assert counted.loc[counted["what"] == "explained", "value"].sum() == 4
