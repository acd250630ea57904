"""Every report of a batch is made in a process of its own.

What draws, parses and writes (matplotlib and its fonts, Pango, lxml, in Python 3.11 also ``ast``) goes wrong beside
other threads: digits printed over digits, or a crash of the whole process. So the threads of a batch only wait; each
report, from the reading of its notebook to the last file, is made by one process with one thread: a copy of the warm
process where there is one (``warm``), else a new Python. What is to be done, and what came of it, lie as pickles in
a private folder. A process that crashes is one failed report.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TypedDict

import psutil

from parlib.errors import ParlibError, as_problem
from parlib.publish import manifest, warm
from parlib.publish.formats import FORMATS
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import Executed, Rendered, RenderError, published, render_once, with_steady_inputs
from parlib.words import Message

log = logging.getLogger(__name__)

Process = subprocess.Popen[bytes] | warm.Forked


class Job(TypedDict):
    """What a process is asked for: the arguments of ``render.render_once``."""

    parameters: ReportParameters
    source: Path
    to: tuple[str, ...]
    inputs: manifest.Inputs
    force: bool
    fewer: bool


_PREFIX = "parlib-report-"  # of the private folders; the process that made one follows
_OLD = 6 * 3600  # seconds: no report takes so long
_JOB, _ANSWER, _STAGE = "job.pickle", "answer.pickle", "stage.txt"


class Processes:
    """The processes of a batch, each with one report. Safe to use from many threads."""

    def __init__(self) -> None:
        self._alive: dict[int, Process] = {}
        self._guard = threading.Lock()
        self._stopping = threading.Event()

    def render(
        self, parameters: ReportParameters, notebook: Path, to: tuple[str, ...], *, force: bool, fewer: bool = False
    ) -> Rendered:
        """``render.render`` in a process of its own."""

        def once(inputs: manifest.Inputs) -> Rendered:
            job = Job(parameters=parameters, source=notebook, to=to, inputs=inputs, force=force, fewer=fewer)
            return self._run(job)

        return with_steady_inputs(parameters, notebook, once)

    def stop(self) -> None:
        """End all processes now and start no more."""
        with self._guard:
            self._stopping.set()
            alive = list(self._alive.values())
        for process in alive:
            process.kill()

    def _run(self, job: Job) -> Rendered:
        with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            (folder / _JOB).write_bytes(pickle.dumps(job))
            nursery = warm.open_nursery(job["inputs"].stamp)
            process = self._started(folder, nursery)
            try:
                code = process.wait()
            finally:
                with self._guard:
                    self._alive.pop(process.pid, None)
            return _answered(folder, code)

    def _started(self, folder: Path, nursery: warm.Line | None) -> Process:
        """A process that does the work in ``folder``: a copy of the warm one, else a new one."""
        with self._guard:
            if self._stopping.is_set():
                raise RenderError("stopped")
        process: Process | None = None
        environment = os.environ | {"TMPDIR": str(folder)}  # whatever it and its kernel leave goes with the folder
        if nursery is not None:
            try:
                process = nursery.report(folder, environment, str(Path.cwd()))
            except warm.NurseryError as error:
                if not self._stopping.is_set():
                    log.info("no warm process, starting an ordinary one: %s", error)
                    warm.close_nursery(broken=True)
        with self._guard:  # Ctrl-C may have come meanwhile
            if process is None and not self._stopping.is_set():
                process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "parlib.publish.own_process", str(folder)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=environment,
                )
            if process is not None:
                self._alive[process.pid] = process
                if not self._stopping.is_set():
                    return process
        if process is not None:
            process.kill()
        raise RenderError("stopped")


def sweep() -> None:
    """Remove the private folders of runs that were killed and could not do it themselves. A folder of the last hours
    stays: where computers or containers share it, processes of the others are not seen."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        with contextlib.suppress(OSError):
            is_old = time.time() - folder.stat().st_mtime > _OLD
            if is_old and owner.isdecimal() and not psutil.pid_exists(int(owner)):
                shutil.rmtree(folder, ignore_errors=True)


def work(folder: Path, *, whole: bool = True) -> None:
    """In the process itself: do what ``folder`` asks for, make a report or publish what was executed for one, and leave
    there what came of it. Where it is not ``whole``, a copy that has loaded what writes documents publishes the report.
    """
    answer: Rendered | ParlibError
    try:
        job: Job | Executed = pickle.loads((folder / _JOB).read_bytes())
        here = partial(published, tell_stage=lambda kind: (folder / _STAGE).write_text(kind, "utf-8"))
        if isinstance(job, Executed):
            answer = here(job)
        else:
            answer = render_once(**job, publish=here if whole else partial(_published_by_another, folder))
    except Exception as error:
        answer = as_problem(error)
    draft = folder / f"{_ANSWER}.draft"
    draft.write_bytes(pickle.dumps(answer))
    draft.replace(folder / _ANSWER)


def _published_by_another(folder: Path, executed: Executed) -> Rendered:
    """``render.published`` in another copy of the warm process, by when what writes documents is loaded."""
    nursery = warm.open_nursery()
    assert nursery is not None  # this is a copy of it
    place = folder / "publishing"
    place.mkdir()
    (place / _JOB).write_bytes(pickle.dumps(executed))
    process = nursery.report(place, dict(os.environ), str(Path.cwd()), whole=True)
    return _answered(place, process.wait())


def _answered(folder: Path, code: int) -> Rendered:
    """What the process of ``folder`` left there before it ended; raised where it is an error, or nothing."""
    try:
        answer = pickle.loads((folder / _ANSWER).read_bytes())
    except (OSError, EOFError, pickle.UnpicklingError):
        answer = _crashed(code, folder)
    if isinstance(answer, ParlibError):
        raise answer
    assert isinstance(answer, Rendered)
    return answer


def _crashed(code: int, folder: Path) -> RenderError:
    """What is said of a process that ended without an answer."""
    how = Message("code {code}", {"code": code})
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        how = Message("signal {name}", {"name": name})
    stage = folder / _STAGE
    kind = stage.read_text("utf-8") if stage.is_file() else ""
    when = Message(" while it wrote the format {kind}", {"kind": kind}) if kind in FORMATS else ""
    # The libraries below these end the process where the system has no font at all.
    hint = Message("; does the system have fonts?") if kind in ("pdf", "press") else ""
    return RenderError("the process of the report ended abruptly{when} ({how}){hint}", when=when, how=how, hint=hint)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
