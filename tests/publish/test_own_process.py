"""Reports are made in processes of their own: whole beside others, and alone in their failures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from parlib import places
from parlib.errors import ProgramError
from parlib.publish import own_process, warm
from parlib.publish.batch import batch, plan
from parlib.publish.formats import FORMATS
from parlib.publish.parameters import notebook_path
from parlib.publish.render import InputsChanged, RenderError, render

Write = Callable[..., Path]
Cells = tuple[str, ...]

YEARS = range(2018, 2023)


def _published(folder: Path) -> dict[str, bytes]:
    """Every published file but the record, which tells the time."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if any(path.name.endswith(f".vi.{ending}") for ending, _ in FORMATS.values())
    }


def _batch(folder: Path, workers: int, to: tuple[str, ...]) -> dict[str, bytes]:
    outcomes = batch(plan(YEARS, ["province"], output_dir=str(folder)), to=to, workers=workers, force=True)
    assert [outcome.error for outcome in outcomes] == [None] * len(YEARS)
    return _published(folder)


@pytest.mark.report
@pytest.mark.long
def test_several_workers_draw_what_one_draws(tmp_path: Path) -> None:
    """With threads that drew beside each other 14 of 16 such batches crashed, and published cards were garbled."""
    alone = _batch(tmp_path / "alone", 1, ("press",))
    assert len(alone) == len(YEARS)
    for n, workers in enumerate((2, 4)):
        assert _batch(tmp_path / str(n), workers, ("press",)) == alone


@pytest.mark.report
@pytest.mark.heavy
def test_a_hundred_batches_publish_the_same_bytes(tmp_path: Path) -> None:
    alone = _batch(tmp_path / "alone", 1, tuple(FORMATS))
    assert len(alone) == len(YEARS) * len(FORMATS)
    for n in range(100):
        assert _batch(tmp_path / "again", (2, 4)[n % 2], tuple(FORMATS)) == alone


#: The year in which a thing happens, in a report's own process, while it writes.
WRECK = """
import os, signal
from parlib.publish import page
def wreck(shown, path, write=page.write):
    if shown.parameters.year == 2021:
        {what}
    write(shown, path)
page.write = wreck
"""


@pytest.fixture
def wrecked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Processes start with code of ours: what a broken library does to them."""

    def prepare(what: str) -> None:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "wreck_for_test.py").write_text(WRECK.format(what=what), "utf-8")
        start = f"import runpy, sys; sys.path.append({str(tmp_path / 'site')!r}); import wreck_for_test; "
        popen = subprocess.Popen

        def started(command: list[str], **how: object) -> subprocess.Popen[bytes]:
            if command[:3] == [sys.executable, "-P", "-m"]:
                code = f"{start}sys.argv = {command[3:]!r}; runpy.run_module({command[3]!r}, run_name='__main__')"
                command = [sys.executable, "-P", "-W", "ignore", "-c", code]
            return popen(command, **how)  # type: ignore[call-overload, no-any-return]

        monkeypatch.setattr(subprocess, "Popen", started)
        warm.close_nursery()

    yield prepare
    warm.close_nursery()


@pytest.mark.report
@pytest.mark.parametrize(
    "is_warm",
    [
        pytest.param(True, marks=pytest.mark.skipif(not warm.POSSIBLE, reason="")),
        pytest.param(False, marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", ["SIGSEGV", "format html"]),
        pytest.param(
            "raise SystemError('AST constructor recursion depth mismatch')",
            ["SystemError: AST constructor", ".py:"],
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_report_that_crashes_is_one_failed_report(
    wrecked: Callable[[str], None],
    write_notebook: Write,
    blocks: Cells,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    names: list[str],
    is_warm: bool,
) -> None:
    wrecked(what)
    monkeypatch.setattr(warm, "POSSIBLE", is_warm)
    reports = plan(range(2020, 2024), ["ministry"], output_dir=str(tmp_path / "out"))
    outcomes = batch(reports, write_notebook(*blocks), workers=2)
    assert [outcome.error is not None for outcome in outcomes] == [False, True, False, False]
    error = outcomes[1].error
    assert isinstance(error, RenderError | ProgramError)
    assert all(word in error.text("en") for word in names), error.text("en")
    assert not list((tmp_path / "out" / "2021").rglob("*.html"))


@pytest.fixture
def value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file of published data that a notebook may read and change."""
    data = tmp_path / "data"
    (data / "published").mkdir(parents=True)
    for path in places.data().iterdir():
        if path.name not in ("published", "rounds"):
            (data / path.name).symlink_to(path)
    for path in (places.data() / "published").iterdir():
        (data / "published" / path.name).symlink_to(path)
    file = data / "published" / "value.txt"
    file.write_text("before", "utf-8")
    monkeypatch.setenv("PARLIB_DATA", str(data))
    # a warm process that has read other data serves no longer: each of these few would take longer than what it saves
    monkeypatch.setattr(warm, "POSSIBLE", False)
    return file


EDITING = """
from pathlib import Path
from parlib.report.blocks import Paragraph
value = Path({value!r})
said = value.read_text()
with Path({runs!r}).open("a") as file:
    file.write(said + "\\n")
{then}
Paragraph((said,))
"""


@pytest.mark.long
@pytest.mark.long
@pytest.mark.report
def test_an_edit_while_a_report_is_made_is_not_published_under_the_old_hash(
    write_notebook: Write, tmp_path: Path, value: Path
) -> None:
    """The first run sees the edit after it has read: it is made again, from what is there now. The second only touches
    the file: what a file holds decides then."""
    runs = tmp_path / "runs.txt"
    then = 'value.write_text("after")'
    notebook = write_notebook("title = 1", EDITING.format(value=str(value), runs=str(runs), then=then))
    outcome = batch(plan([2023], ["ministry"], output_dir=str(tmp_path / "out")), notebook)[0]
    assert outcome.rendered is not None, outcome.error
    assert runs.read_text("utf-8").split() == ["before", "after"]
    assert "after" in outcome.rendered.files["html"].read_text("utf-8")
    assert not batch([outcome.parameters], notebook)[0].rendered.fresh  # type: ignore[union-attr]


@pytest.mark.long
@pytest.mark.report
def test_data_that_change_in_every_run_give_no_report(write_notebook: Write, tmp_path: Path, value: Path) -> None:
    then = 'value.write_text(said + "wards")'
    notebook = write_notebook("title = 1", EDITING.format(value=str(value), runs=str(tmp_path / "runs"), then=then))
    report = plan([2023], ["ministry"], output_dir=str(tmp_path / "out"))[0]
    with pytest.raises(InputsChanged) as refused:
        render(report, notebook)
    assert "data/published/value.txt" in refused.value.text("vi")
    assert (tmp_path / "runs").read_text("utf-8").split() == ["before", "beforewards"]
    assert not list((tmp_path / "out").rglob("*.vi.html"))


@pytest.mark.long
@pytest.mark.report
def test_what_a_file_held_for_a_while_and_no_more_is_not_published(
    write_notebook: Write, tmp_path: Path, value: Path
) -> None:
    ran = tmp_path / "ran.txt"
    cell = f"""
from pathlib import Path
from parlib.report.blocks import Paragraph
value, ran = Path({str(value)!r}), Path({str(ran)!r})
true = value.read_text()
if not ran.exists():
    value.write_text("wrong")
said = value.read_text()
value.write_text(true)
ran.write_text("once")
Paragraph((said,))
"""
    report = plan([2023], ["ministry"], output_dir=str(tmp_path / "out"))[0]
    page = render(report, write_notebook("title = 1", cell)).files["html"].read_text("utf-8")
    assert "wrong" not in page
    assert value.read_text("utf-8") in page


@pytest.mark.long
@pytest.mark.report
def test_who_stops_a_batch_gets_no_report_any_more(write_notebook: Write, tmp_path: Path) -> None:
    """Ctrl-C in the first seconds: processes that wait for the warm one are not started some other way."""
    warm.close_nursery()
    processes = own_process.Processes()
    path = write_notebook("title = 1", "import time; time.sleep(60)")
    report = plan([2023], ["ministry"], output_dir=str(tmp_path / "out"))[0]
    errors: list[Exception] = []

    def run() -> None:
        try:
            processes.render(report, notebook_path(path), ("html",), force=True)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    processes.stop()
    warm.close_nursery()
    for thread in threads:
        thread.join(30)
    assert len(errors) == 2
    assert not list(tmp_path.rglob("*.html"))
    assert isinstance(errors[0], RenderError)


def soon(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.02)
    return condition()


@pytest.mark.long
@pytest.mark.skipif(not warm.POSSIBLE, reason="warm processes need Linux")
@pytest.mark.report
def test_a_report_ends_with_the_batch_that_asked_for_it(write_notebook: Write, tmp_path: Path) -> None:
    began = tmp_path / "began"
    tell = f"import os, time; from pathlib import Path; Path({str(began)!r}).write_text(str(os.getpid()))"
    path = write_notebook("title = 1", f"{tell}; time.sleep(60)")
    script = (
        "import sys\nfrom pathlib import Path\nfrom parlib.publish.batch import batch, plan\n"
        "batch(plan([2023], ['ministry'], output_dir=sys.argv[1]), Path(sys.argv[2]))\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "out"), str(path)])
    assert soon(lambda: began.exists() and began.read_text("utf-8").isdigit())
    kernel = Path("/proc") / began.read_text("utf-8")
    assert kernel.exists()
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert soon(lambda: not kernel.exists())
    assert not list((tmp_path / "out").rglob("*.html"))
