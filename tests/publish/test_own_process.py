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
from parlib.publish import kernels, own_process
from parlib.publish.batch import batch, plan
from parlib.publish.formats import FORMATS
from parlib.publish.parameters import notebook_path
from parlib.publish.render import RenderError

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
        kernels.close_nursery()

    yield prepare
    kernels.close_nursery()


@pytest.mark.report
@pytest.mark.parametrize(
    "warm",
    [
        pytest.param(True, marks=pytest.mark.skipif(not kernels.POSSIBLE, reason="")),
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
    warm: bool,
) -> None:
    wrecked(what)
    monkeypatch.setattr(kernels, "_broken", not warm)
    reports = plan(range(2020, 2024), ["ministry"], output_dir=str(tmp_path / "out"))
    outcomes = batch(reports, write_notebook(*blocks), workers=2)
    assert [outcome.error is not None for outcome in outcomes] == [False, True, False, False]
    error = outcomes[1].error
    assert isinstance(error, RenderError)
    assert all(word in error.text("en") for word in names), error.text("en")
    assert not list((tmp_path / "out" / "2021").rglob("*.html"))


@pytest.mark.report
def test_an_edit_while_a_report_is_made_is_not_published_under_the_old_hash(
    write_notebook: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run sees the edit after it has read: it is made again, from what is there now. The second only touches
    the file: what a file holds decides then. What a
    file held for a while and no more is not published."""
    data = tmp_path / "data"
    (data / "published").mkdir(parents=True)
    for path in places.data().iterdir():
        if path.name not in ("published", "rounds"):
            (data / path.name).symlink_to(path)
    for path in (places.data() / "published").iterdir():
        (data / "published" / path.name).symlink_to(path)
    value = data / "published" / "value.txt"
    value.write_text("before", "utf-8")
    monkeypatch.setenv("PARLIB_DATA", str(data))
    runs = tmp_path / "runs.txt"
    cell = f"""
from pathlib import Path
from parlib.report.blocks import Paragraph
value = Path({str(value)!r})
said = value.read_text()
with Path({str(runs)!r}).open("a") as file:
    file.write(said + "\\n")
if said == "before":
    value.write_text("after")
elif {{always}}:
    value.write_text(said + "wards")
elif {{touch}}:
    value.write_text(said)
Paragraph((said,))
"""
    once = write_notebook("title = 1", cell.format(always=False, touch=True))
    outcome = batch(plan([2023], ["ministry"], output_dir=str(tmp_path / "out")), once)[0]
    assert outcome.error is None, outcome.error
    assert outcome.rendered is not None
    assert runs.read_text("utf-8").split() == ["before", "after"]
    page = outcome.rendered.files["html"].read_text("utf-8")
    assert "after" in page
    assert not batch([outcome.parameters], once)[0].rendered.fresh  # type: ignore[union-attr]

    always = write_notebook("title = 1", cell.format(always=True, touch=False))
    error = batch([outcome.parameters], always)[0].error
    assert error is not None
    assert "số liệu thay đổi trong khi lập báo cáo" in error.text("vi")
    assert "data/published/value.txt" in error.text("vi")
    assert outcome.rendered.files["html"].read_text("utf-8") == page

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
    outcome = batch([outcome.parameters], write_notebook("title = 1", cell))[0]
    assert outcome.rendered is not None, outcome.error
    page = outcome.rendered.files["html"].read_text("utf-8")
    assert "wrong" not in page
    assert value.read_text("utf-8") in page


@pytest.mark.long
@pytest.mark.report
def test_who_stops_a_batch_gets_no_report_any_more(write_notebook: Write, tmp_path: Path) -> None:
    """Ctrl-C in the first seconds: processes that wait for the warm one are not started some other way."""
    kernels.close_nursery()
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
    kernels.close_nursery()
    for thread in threads:
        thread.join(30)
    assert len(errors) == 2
    assert not list(tmp_path.rglob("*.html"))
    assert isinstance(errors[0], RenderError)


@pytest.mark.skipif(not kernels.POSSIBLE, reason="warm processes need Linux")
@pytest.mark.report
def test_a_report_ends_with_the_batch_that_asked_for_it(write_notebook: Write, tmp_path: Path) -> None:
    path = write_notebook("title = 1", f"import time; open({str(tmp_path / 'began')!r}, 'w').close(); time.sleep(5)")
    script = (
        "import sys\nfrom pathlib import Path\nfrom parlib.publish.batch import batch, plan\n"
        "batch(plan([2023], ['ministry'], output_dir=sys.argv[1]), Path(sys.argv[2]))\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "out"), str(path)])
    ends = time.monotonic() + 60
    while not (tmp_path / "began").exists() and time.monotonic() < ends:
        time.sleep(0.05)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    time.sleep(6)
    assert not list((tmp_path / "out").rglob("*.html"))
