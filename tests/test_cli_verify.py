"""``parlib verify`` on reports that are good, edited, stale and lost: what it says, and its exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parlib import places
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import render
from parlib.report.blocks import Block, Figure, Number, Paragraph


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


def run(*arguments: str, **variables: str) -> tuple[int, str]:
    command, around = [sys.executable, "-m", "parlib.cli", *arguments], {**os.environ, "COLUMNS": "200", **variables}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=around)
    return done.returncode, done.stdout + done.stderr


def verify(reports: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    return run("verify", *arguments, "--output-dir", str(reports), **variables)


def the(reports: Path, ending: str) -> Path:
    return next(path for path in reports.rglob(f"*.{ending}") if "locks" not in path.parts)


@pytest.mark.report
@pytest.mark.long
def test_a_report_as_published_is_good(reports: Path) -> None:
    for names in ((), ("2023/ministry",), (str(reports / "2023"),), (str(the(reports, "html")),)):
        code, sentence = verify(reports, *names)
        assert (code, "1 đúng, 0 có chỗ khác" in sentence) == (0, True), sentence
    assert "as published" in verify(reports, "2023/ministry", "--language", "en")[1]


@pytest.mark.report
def test_an_edited_page_is_named_number_by_number(reports: Path) -> None:
    page = the(reports, "html")
    page.write_text(page.read_text("utf-8").replace(">89,95<", ">98,95<"), "utf-8")
    code, sentence = verify(reports, "2023/ministry")
    assert code == 1
    assert page.name in sentence
    assert "98,95" in sentence


@pytest.mark.report
@pytest.mark.long
def test_a_mailed_file_is_known_by_its_title(reports: Path, tmp_path: Path) -> None:
    mailed = tmp_path / "bao cao.html"
    mailed.write_text(the(reports, "html").read_text("utf-8").replace(">89,95<", ">98,95<"), "utf-8")
    code, sentence = verify(reports, str(mailed))
    assert code == 1
    assert "98,95" in sentence


@pytest.mark.report
@pytest.mark.long
def test_data_that_changed_since_are_named(reports: Path) -> None:
    record = the(reports, "json")
    content = json.loads(record.read_text("utf-8"))
    assert "data/published/par_index.csv" in content["read"]
    content["read"]["data/published/par_index.csv"] = "0" * 64
    record.write_text(json.dumps(content), "utf-8")
    code, sentence = verify(reports, "2023/ministry")
    assert code == 1
    assert "data/published/par_index.csv: số liệu đầu vào đã thay đổi" in sentence


@pytest.mark.report
@pytest.mark.long
def test_what_changed_in_the_data_is_named_with_both_numbers(reports: Path, tmp_path: Path) -> None:
    """A corrected index, a corrected printed mean: the file, the old number and the new one."""
    data = Path(shutil.copytree(places.data(), tmp_path / "data"))
    for name, old, new in (("par_index", "89.95", "89.59"), ("par_statistics", "mean_change,0.33", "mean_change,0.34")):
        table = data / "published" / f"{name}.csv"
        lines = table.read_text("utf-8").splitlines(keepends=True)
        there = [n for n, line in enumerate(lines) if "2023" in line and "ministry" in line and old in line]
        assert there, f"{name} holds no {old}"
        for n in there:
            lines[n] = lines[n].replace(old, new)
        table.write_text("".join(lines), "utf-8")
    there_now = {"PARLIB_DATA": str(data)}
    assert verify(reports, "2023/ministry", **there_now)[0] == 1  # not on the list of the data yet
    run("data", "accept", **there_now)
    code, sentence = verify(reports, "2023/ministry", **there_now)
    assert code == 1
    assert "data/published/par_index.csv: số liệu đầu vào đã thay đổi" in sentence
    assert "Bộ Tư pháp, index: trong báo cáo 89,95, số liệu hôm nay 89,59" in sentence
    assert "mean_change: trong báo cáo 0,33, số liệu hôm nay 0,34" in sentence


@pytest.mark.report
@pytest.mark.long
def test_other_code_is_said_and_makes_nothing_wrong(reports: Path) -> None:
    record = the(reports, "json")
    content = json.loads(record.read_text("utf-8"))
    content["inputs"] |= {"code": "0" * 64, "requirements": "0" * 64}
    content["commit"] = "abc123"
    record.write_text(json.dumps(content), "utf-8")
    (reports / places.SUMS).unlink()  # which tells that the record was edited
    code, sentence = verify(reports, "2023/ministry")
    assert code == 0
    assert "khi đó abc123, nay " in sentence
    assert "requirements.lock: danh sách thư viện đã thay đổi" in sentence


@pytest.mark.report
@pytest.mark.long
def test_a_lost_file_and_a_lost_notebook_are_named(reports: Path) -> None:
    the(reports, "data.zip").unlink()
    code, sentence = verify(reports)
    assert (code, "tệp đã mất" in sentence) == (1, True)
    the(reports, "ipynb").unlink()
    code, sentence = verify(reports)
    assert (code, "không đọc được sổ tính đã chạy" in sentence) == (1, True)


@pytest.mark.long
@pytest.mark.report
def test_an_unknown_name_is_refused_with_what_was_meant(reports: Path, tmp_path: Path) -> None:
    code, sentence = verify(reports, "2023/ministri")
    assert code == 2
    assert "2023/ministry" in sentence
    (tmp_path / "empty").mkdir()
    assert verify(reports, str(tmp_path / "empty"))[0] == 2


@pytest.mark.report
@pytest.mark.long
def test_the_list_says_what_was_changed_taken_away_and_added(reports: Path) -> None:
    the(reports, "json").write_text(the(reports, "json").read_text("utf-8") + " ", "utf-8")
    code, sentence = verify(reports)
    assert (code, "SHA256SUMS: 2023/ministry/vi/" in sentence) == (1, True), sentence
    assert "Danh sách SHA256SUMS có 4 tệp: 1 tệp bị sửa hoặc mất." in sentence
    (reports / "2023" / "them.pdf").write_text("x", "utf-8")
    the(reports, "data.zip").unlink()
    code, sentence = verify(reports, "2023")
    assert "2023/them.pdf: không do parlib công bố" in sentence
    assert "2 tệp bị sửa hoặc mất." in sentence


@pytest.mark.report
@pytest.mark.long
def test_a_report_made_again_is_the_same_and_what_is_not_as_it_was_is_named(reports: Path, tmp_path: Path) -> None:
    code, sentence = run("remake", "2023/ministry", "--output-dir", str(reports), "--out", str(tmp_path / "again"))
    assert code == 0, sentence
    assert "hình đều như cũ" in sentence
    assert "3/3 tệp giống nhau đến từng byte" in sentence
    assert "không còn như khi đó" not in sentence
    assert list((tmp_path / "again").rglob("*.html"))


def test_numbers_pictures_and_words_that_came_out_otherwise_are_named() -> None:
    from parlib.publish.remake import _differences

    def paragraph(value: float) -> Paragraph:
        return Paragraph(("Trung bình là ", Number(value, f"{value:g}"), "%."))

    def figure(png: str) -> Figure:
        return Figure(png, "Phân bố", "")

    def texts(old: list[Block], new: list[Block]) -> list[str]:
        return [finding.text("vi") for finding in _differences(old, new)]

    assert texts([paragraph(1), figure("a")], [paragraph(1), figure("a")]) == []
    assert texts([paragraph(1), figure("a")], [paragraph(2), figure("b")]) == [
        "Trung bình là 2%.: khi đó 1, nay 2",
        "Phân bố: hình vẽ khác",
    ]
    assert texts([Paragraph(("Có.",))], [Paragraph(("Không.",))]) == ["Không.: lời văn khác"]
    assert texts([paragraph(1)], [figure("a")]) == ["Trung bình là 1%.: từ đây trở đi là các phần khác"]


def test_a_profile_holds_parts_of_its_own_unit_and_the_others_are_no_change() -> None:
    from parlib.publish.verify.published import _changed
    from parlib.sources import published

    now = published.results("par", 2023, "ministry")
    bank = now.table["unit"] == "ngan-hang-nha-nuoc-viet-nam"
    then = now.table[bank | (now.table["node"] == "")].assign(name="")
    assert not list(_changed(then, now, "par 2023"))
    then = then.assign(points=then["points"].where(then["node"] != "3", 1.5))
    told = [finding.text("en") for finding in _changed(then[then["unit"] != "bo-y-te"], now, "par 2023")]
    assert len(told) >= 2 and all(("bo-y-te" in one) or (", 3, points" in one) for one in told)  # a new unit is told
