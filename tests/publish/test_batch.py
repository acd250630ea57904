from __future__ import annotations

import io
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import docx
import pytest

from parlib.errors import ParameterError
from parlib.publish import site
from parlib.publish.batch import Outcome, batch, named, parse_years, plan
from parlib.publish.word.template import PACKAGED

Write = Callable[..., Path]
Cells = tuple[str, ...]

#: Fails in one year only, as data does.
SOMETIMES = "year / (year - 2021)"


@pytest.mark.report
def test_failures_are_gathered_and_the_rest_goes_on(write_notebook: Write, blocks: Cells, tmp_path: Path) -> None:
    path = write_notebook(*blocks, SOMETIMES)
    reports = plan(range(2020, 2024), ["ministry"], output_dir=str(tmp_path / "out"))
    sentences: list[Outcome] = []
    outcomes = batch(reports, path, workers=2, tell=sentences.append)

    assert [outcome.parameters.year for outcome in outcomes] == [2020, 2021, 2022, 2023]
    assert [outcome.error is not None for outcome in outcomes] == [False, True, False, False]
    assert "ZeroDivisionError" in str(outcomes[1].error)
    assert sorted(map(repr, sentences)) == sorted(map(repr, outcomes))
    assert not (tmp_path / "out" / "2021").exists()

    # the next run mends only what is missing
    again = batch(reports, path, workers=2)
    assert [outcome.rendered.fresh if outcome.rendered else None for outcome in again] == [False, None, False, False]


@pytest.mark.report
def test_a_report_whose_inputs_cannot_be_looked_at_holds_up_no_other(
    write_notebook: Write, blocks: Cells, tmp_path: Path, shared_rounds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan of its round was spoilt after the batch was planned."""
    path, out = write_notebook(*blocks), str(tmp_path / "out")
    shutil.copytree(shared_rounds / "2023-ministry", tmp_path / "rounds" / "2023-ministry")
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))
    reports = named(["2023/2023-ministry", "2023/ministry"], ["vi"], output_dir=out)
    (tmp_path / "rounds" / "2023-ministry" / "round.yaml").write_text("id: [", "utf-8")
    outcomes = batch(reports, path, workers=1)
    assert [outcome.error is not None for outcome in outcomes] == [True, False]
    assert "round.yaml" in str(outcomes[0].error)


@pytest.mark.report
@pytest.mark.long
def test_what_the_house_puts_beside_the_data_makes_reports_anew(tmp_path: Path, own_data: Path) -> None:
    """The contact of the press, and the house's Word template: they are in the files, and no row of a table is."""
    reports = plan([2023], ["ministry"], output_dir=str(tmp_path / "out"))
    templates = own_data / "templates"
    templates.mkdir(exist_ok=True)

    def made() -> tuple[bool, str]:
        (outcome,) = batch(reports, "annual_report", to=("press",), workers=1)
        assert outcome.rendered is not None, outcome.error
        with zipfile.ZipFile(outcome.rendered.files["press"]) as kit:
            note = docx.Document(io.BytesIO(kit.read("note.docx")))
        return outcome.rendered.fresh, "\n".join(paragraph.text for paragraph in note.paragraphs)

    assert made()[0]
    assert not made()[0]
    (templates / "press.yaml").write_text("contact: Nguyễn Văn A\n", "utf-8")
    house = docx.Document(str(PACKAGED))
    house.paragraphs[0].insert_paragraph_before("Lời của nhà")
    house.save(str(templates / "report.docx"))
    fresh, text = made()
    assert fresh
    assert "Nguyễn Văn A" in text
    assert "Lời của nhà" in text
    (templates / "press.yaml").write_text("contact: Nguyễn Văn B\n", "utf-8")
    assert "Nguyễn Văn B" in made()[1]
    assert not made()[0]


@pytest.mark.report
def test_the_index_page_lists_what_is_rendered(write_notebook: Write, blocks: Cells, tmp_path: Path) -> None:
    out = tmp_path / "out"
    reports = plan([2022, 2023], ["ministry"], ["vi", "en"], output_dir=str(out))
    batch(reports, write_notebook(*blocks), workers=2)
    broken = out / "2022" / "hong" / "vi"
    broken.mkdir(parents=True)
    (broken / "hong.vi.json").write_text("{")
    listed = site.reports(out)
    assert [(report.year, report.language) for report in listed] == [
        (2023, "vi"),
        (2023, "en"),
        (2022, "vi"),
        (2022, "en"),
    ]
    html = site.write_index(out).read_text("utf-8")
    for report in listed:
        folder = f"{report.year}/thu-ministry/{report.language}"
        link = f'href="{folder}/PAR-INDEX-{report.year}-bo_thu.{report.language}.html"'
        assert link in html
        assert f'href="{folder}/PAR-INDEX-{report.year}-bo_thu.{report.language}.ipynb"' in html
    assert html.count("Báo cáo thử") == 4

    record = out / "2023" / "thu-ministry" / "vi" / "PAR-INDEX-2023-bo_thu.vi.json"
    written = json.loads(record.read_text("utf-8"))
    record.write_text(json.dumps({**written, "title": "<b>&", "marks": ["SỐ LIỆU MÔ PHỎNG"]}), "utf-8")
    html = site.write_index(out).read_text("utf-8")
    assert "&lt;b&gt;&amp;" in html
    assert html.count("SỐ LIỆU MÔ PHỎNG") == 1  # a simulated report may have the title of a real one


@pytest.mark.report
def test_the_annex_of_a_workbook_is_published_with_it(write_notebook: Write, blocks: Cells, tmp_path: Path) -> None:
    out = tmp_path / "out"
    many = 'sequel(*(Table((Column("a", "A"),), ({"a": "x"},), f"Bảng {word}") for word in "abcdefghijk"))'
    cells = (*blocks, 'Heading("Phụ lục", anchor="annexes")', many)
    reports, notebook = plan([2023], ["ministry"], output_dir=str(out)), write_notebook(*cells)
    (made,) = batch(reports, notebook, ("html", "xlsx"))
    assert made.error is None, made.error
    annex = out / "2023" / "thu-ministry" / "vi" / "PAR-INDEX-2023-bo_thu.vi-phu-luc.xlsx"
    (record,) = annex.parent.glob("*.json")
    assert annex.name in json.loads(record.read_text("utf-8"))["outputs"]
    assert f'href="2023/thu-ministry/vi/{annex.name}">Phụ lục (Excel)</a>' in site.write_index(out).read_text("utf-8")
    assert not batch(reports, notebook, ("html", "xlsx"))[0].rendered.fresh  # type: ignore[union-attr]
    annex.unlink()
    assert batch(reports, notebook, ("html", "xlsx"))[0].rendered.fresh  # type: ignore[union-attr]
    assert annex.is_file()


def test_an_empty_shelf_says_so(tmp_path: Path) -> None:
    assert "make reports" in site.write_index(tmp_path).read_text("utf-8")


def processes_of_a_cluster(folder: Path, stack: ExitStack) -> tuple[str, list[subprocess.Popen[bytes]]]:
    """A scheduler and two workers, each a process as an administrator starts it; the address."""

    def started(*words: str) -> subprocess.Popen[bytes]:
        line = [sys.executable, "-m", "distributed.cli." + words[0], *words[1:], "--no-dashboard"]
        process = subprocess.Popen(line, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.kill)
        return process

    about = folder / "scheduler.json"
    started("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(about))
    until = time.monotonic() + 120
    while not about.is_file() or not about.read_text():
        assert time.monotonic() < until
        time.sleep(0.1)
    address: str = json.loads(about.read_text())["address"]
    one = ("--nworkers", "1", "--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
    return address, [started("dask_worker", address, *one) for _ in range(2)]


@pytest.mark.heavy
@pytest.mark.report
def test_a_worker_of_a_cluster_that_is_killed_loses_no_report(
    tmp_path: Path, write_notebook: Write, blocks: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers; one is killed while it has a report. Every report is there, with the bytes of a run without."""
    distributed = pytest.importorskip("distributed")
    mark = tmp_path / "begun"
    monkeypatch.setenv("MARK", str(mark))
    wait = "import os, pathlib, time\nwith open(os.environ['MARK'], 'a') as file:\n    file.write('x')\ntime.sleep(2)"
    path = write_notebook(*blocks, SOMETIMES, wait)
    years = [2019, 2020, 2021, 2022, 2023]
    alone = batch(plan(years, ["ministry"], output_dir=str(tmp_path / "alone")), path)
    mark.unlink()
    with ExitStack() as stack:
        address, workers = processes_of_a_cluster(tmp_path, stack)
        with distributed.Client(address) as client:
            client.wait_for_workers(2, timeout=120)

        def kill() -> None:
            while not mark.is_file():
                time.sleep(0.05)
            workers[0].kill()

        killer = threading.Thread(target=kill)
        killer.start()
        together = batch(plan(years, ["ministry"], output_dir=str(tmp_path / "cluster")), path, cluster=address)
        killer.join()
        assert workers[0].wait() == -signal.SIGKILL
    assert [outcome.error is None for outcome in together] == [outcome.error is None for outcome in alone]
    assert sum(outcome.error is not None for outcome in alone) == 1, "2021 has a mistake of its own"

    def published(folder: Path) -> dict[str, bytes]:
        files = [one for one in folder.rglob("20*/**/*.*") if one.suffix in (".html", ".ipynb")]
        return {str(one.relative_to(folder)): one.read_bytes() for one in files if "failed" not in one.parts}

    assert len(published(tmp_path / "alone")) == 8
    assert published(tmp_path / "cluster") == published(tmp_path / "alone")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2023", [2023]),
        ("2012-2014", [2012, 2013, 2014]),
        ("2020, 2012-2013,2020", [2020, 2012, 2013]),
    ],
)
def test_years_are_read(text: str, years: list[int]) -> None:
    assert parse_years(text) == years


@pytest.mark.parametrize("text", ["", "2023-", "-2023", "2024-2012", "nay", "2012–2014"])
def test_what_is_no_year_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="years look like"):
        parse_years(text)


def test_reports_are_read_by_name() -> None:
    about = named(["2023/ministry", "2024/papi"], ["vi", "en"])
    assert [(report.name, report.language) for report in about] == [
        ("2023/ministry", "vi"),
        ("2023/ministry", "en"),
        ("2024/papi", "vi"),
        ("2024/papi", "en"),
    ]


def test_everything_wrong_with_a_batch_is_said_once_and_first() -> None:
    with pytest.raises(ParameterError) as caught:
        named(["2023/minstry", "ministry", "2023/province"])
    assert len(caught.value.problems) == 2
    assert "near matches: ministry" in caught.value.text("en")
    with pytest.raises(ParameterError) as caught:
        plan([1999, 2023], ["province", "provnce"])
    assert len(caught.value.problems) == 2
    with pytest.raises(ParameterError, match="no such notebook"):
        batch(plan([2023], ["province"]), "anual_report")
