"""The warm process: imports everything a report needs once, and turns copies of itself into kernels and into processes
that each make one report, in milliseconds.

``warm`` starts it as ``python -m parlib.publish.nursery FD`` and talks to it over the socket FD, one JSON
message a line::

    -> {"launch": {"argv": [...], "env": {...}, "cwd": "..."}}    <- {"pid": [123]}
    -> {"report": {"folder": "...", "env": {...}, "cwd": "...", "whole": false}}  <- {"pid": [124]}
    -> {"signal": [123, 15]}
    -> {"open": ["papi", "province"]}
                                                                  <- {"ready": [threads]}, once
                                                                  <- {"exit": [123, 0]}, when a process has ended

A report's process (see ``own_process``) has such a line of its own, over which it asks for its kernel.

It is ready when kernels can be; what writes documents is loaded while the first notebook runs, and the first report is
published by a second copy that has it. It has one thread, because a process with more cannot be copied safely. It alone
signals its copies, and only those that it has not yet buried, so a signal never reaches a stranger that took over a
number. When a line closes, because who asked closed it or died, it ends what was started over that line; and with the
first line, everything and itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypedDict

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked: it closes the socket
    gc.set_threshold(200_000)  # nothing of what is imported is garbage, and a report is soon made

from parlib.publish import manifest


class Request(TypedDict, total=False):
    """What a copy is to be: the environment and folder of a process, the command line of a kernel, the folder of a
    report's work, and whether it is to be ``whole``: with all that writes documents."""

    env: dict[str, str]
    cwd: str
    argv: list[str]
    folder: str
    whole: bool


class Asked(TypedDict, total=False):
    """A line that comes over a socket: it has one of these."""

    launch: Request
    report: Request
    signal: list[int]
    open: list[str]


#: What is imported ahead: the kernel itself, what notebooks and parlib draw and compute with, what runs them.
MODULES = """
    ipykernel.kernelapp ipykernel.ipkernel ipykernel.zmqshell ipykernel.debugger
    IPython.core.completerlib IPython.core.debugger IPython.core.magics.ast_mod IPython.core.magics.execution
    IPython.core.oinspect IPython.extensions.storemagic
    faulthandler psutil sqlite3 tornado.platform.asyncio matplotlib_inline.backend_inline
    numpy pandas yaml pydantic babel matplotlib.pyplot
    parlib.analysis.robustness.audit
    parlib.report.annual parlib.report.audit parlib.report.profile parlib.report.trend
    parlib.sources.rounds.reporting
    papermill.engines nbclient.exceptions parlib.publish.kernels parlib.publish.own_process
"""
#: What documents are written with: imported while the first notebook runs, in small portions.
WRITERS = """
    lxml.html pypdfium2
    parlib.publish.word parlib.publish.workbook parlib.publish.press parlib.publish.open_data
    parlib.publish.verify.files.data parlib.publish.verify.files.excel parlib.publish.verify.files.html
    parlib.publish.verify.files.pdf parlib.publish.verify.files.press parlib.publish.verify.files.word
    xlsxwriter nbconvert fontTools.subset weasyprint.text.ffi weasyprint parlib.publish.pdf
"""
#: What nobody uses in a report, and every kernel would take a tenth of a second to load: the debugger, completion.
UNUSED = ("debugpy", "jedi")

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # of linux/prctl.h


def main() -> None:
    """Serve the socket named on the command line; in a copy, become what was asked for. With ``kernel`` as its first
    argument, be an ordinary kernel."""
    manifest.watch()
    if sys.argv[1] == "kernel":
        signal.signal(signal.SIGINT, signal.default_int_handler)
        manifest.tell(os.environ[manifest.VARIABLE])
        from ipykernel.kernelapp import IPKernelApp

        IPKernelApp.launch_instance(sys.argv[2:])
        return
    line = socket.socket(fileno=int(sys.argv[1]))
    warm_up()
    become = Nursery(line).serve()
    if become is None:
        os._exit(0)  # what it started has ended; to take apart what it loaded takes a third of a second
    become()


def warm_up() -> None:
    """Import ``MODULES``, draw a figure and open a year: fonts, metrics and the data's own files are read then too."""
    sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]
    for name in MODULES.split():
        _load(name)
    for name in UNUSED:
        del sys.modules[name]
    import io

    import matplotlib as mpl
    import nbformat
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context():
        figure = Figure()
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.barh(["Đồng Tháp", "Thừa Thiên Huế"], [88.1, 87.2])
        axes.set_title("Chỉ số cải cách hành chính", fontweight="bold")
        figure.savefig(io.BytesIO(), format="png")
    nbformat.validate(nbformat.v4.new_notebook())
    with contextlib.suppress(Exception):  # whatever is wrong with the data, the report that meets it will say
        _open_a_year()
    _share()


def what_is_left() -> Iterator[Callable[[], None]]:
    """What makes this process whole, in portions: ``WRITERS``, and what every report needs once a process."""
    for name in WRITERS.split():
        yield partial(_load, name)
    yield _make_a_page
    yield _share


def _load(name: str) -> None:
    with contextlib.suppress(Exception):  # libraries of the system may be missing: the writer says so
        importlib.import_module(name)


def _share() -> None:
    gc.collect()
    gc.freeze()  # what is here now is shared by all copies: do not touch it when collecting


def _open_a_year() -> None:
    from parlib import data_tables, years
    from parlib.report import maps
    from parlib.scoring import ranking
    from parlib.sources.published import par

    for level in data_tables.levels():
        ranking.rank(years.open_results(max(par.years("par", level)), level))
    for system in data_tables.systems():
        maps.provinces(system)


def _open_years(index_name: str, level: str) -> None:
    """Open all published years of an index, for the many reports on it that are to come."""
    from parlib import opened
    from parlib.sources.published import par

    with contextlib.suppress(Exception):
        opened.open_years(opened.open_results(max(par.years(index_name, level)), level, index_name))


def _make_a_page() -> None:
    """What every report needs once a process: the page's templates and patterns, the gate's catalogues."""
    import nbformat

    from parlib.publish import verify
    from parlib.publish.document import document
    from parlib.publish.page import html_page
    from parlib.report.blocks import Heading, Table, Wording

    shown = [Heading("Chỉ số", 1), Table((), (), "Bảng")]
    outputs = [nbformat.v4.new_output("display_data", data=block._repr_mimebundle_()) for block in shown]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=outputs)])
    with contextlib.suppress(Exception):
        html_page(notebook, "vi")
        verify.inspect(document(notebook, "vi"), Wording())


class Nursery:
    """The lines that are open, and what was started over each and has not ended yet."""

    def __init__(self, line: socket.socket) -> None:
        self._first = line
        self._alive: dict[socket.socket, set[int]] = {line: set()}
        self._unread: dict[socket.socket, bytes] = {line: b""}
        self._selector = selectors.DefaultSelector()
        self._selector.register(line, selectors.EVENT_READ)
        self._left = deque(what_is_left())

    def serve(self) -> Callable[[], None] | None:
        """Answer requests until the first line closes. Returns ``None`` then, and in a copy what it is to become."""
        deaths, wake = os.pipe()
        os.set_blocking(deaths, False)
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._selector.register(deaths, selectors.EVENT_READ)
        # What a cell starts in a session of its own becomes a child of this process when its kernel ends.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
        _tell(self._first, ready=[_count_threads()])
        while self._first in self._alive:
            asked = self._selector.select(0 if self._left else None)
            if not asked:
                self._left.popleft()()
            for key, _ in asked:
                if key.fileobj == deaths:
                    with contextlib.suppress(BlockingIOError):
                        os.read(deaths, 4096)
                    self._bury()
                    self._end_orphans()
                elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._alive:
                    become = self._answer(key.fileobj)
                    if become is not None:
                        os.close(deaths)
                        os.close(wake)
                        return become
        for line in list(self._alive):
            self._close(line)
        ends = time.monotonic() + 1.0
        while self._end_orphans() and time.monotonic() < ends:
            time.sleep(0.01)
            self._bury()
        return None

    def _end_orphans(self) -> bool:
        """End what outlives the process that started it; whether there was anything."""
        task = Path(f"/proc/self/task/{os.getpid()}/children")
        children = set(map(int, task.read_text("ascii").split())) if task.exists() else set()
        orphans = children - set().union(*self._alive.values())
        for pid in orphans:
            _kill(pid, signal.SIGKILL)
        return bool(orphans)

    def _answer(self, line: socket.socket) -> Callable[[], None] | None:
        """Do what came over ``line``."""
        try:
            received = line.recv(1 << 16)
        except ConnectionError:
            received = b""
        if not received:
            self._close(line)
            return None
        *messages, self._unread[line] = (self._unread[line] + received).split(b"\n")
        for text in messages:
            message: Asked = json.loads(text)
            if "signal" in message:
                pid, number = message["signal"]
                if pid in self._alive[line]:
                    _kill(pid, number)
                continue
            if "open" in message:
                _open_years(*message["open"])
                _share()
                continue
            become = self._copy(line, message)
            if become is not None:
                return become
        return None

    def _copy(self, line: socket.socket, message: Asked) -> Callable[[], None] | None:
        """Copy this process; in the copy, returns what it is to become."""
        while self._left and message.get("report", {}).get("whole"):
            self._left.popleft()()
        here, there = socket.socketpair() if "report" in message else (None, None)
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            self._selector.close()
            for other in (*self._alive, here):
                if other is not None:
                    other.close()
            if there is not None:
                return partial(become_report, message["report"], there, whole=not self._left)
            return partial(become_kernel, message["launch"])
        if here is not None and there is not None:
            there.close()
            self._alive[here], self._unread[here] = set(), b""
            self._selector.register(here, selectors.EVENT_READ)
        self._alive[line].add(pid)
        _tell(line, pid=[pid])
        return None

    def _close(self, line: socket.socket) -> None:
        """End what was started over ``line``."""
        for pid in self._alive.pop(line):
            _kill(pid, signal.SIGKILL)
        self._selector.unregister(line)
        line.close()

    def _bury(self) -> None:
        """Take note of what has ended, and tell who started it: (pid, exit code, negative for a signal)."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                for line, alive in self._alive.items():
                    if pid in alive:
                        alive.discard(pid)
                        _tell(line, exit=[pid, os.waitstatus_to_exitcode(status)])


def become_report(request: Request, line: socket.socket, *, whole: bool) -> None:
    """Be the process of one report: make it, and end. Its kernel is asked for over ``line``; where this copy is not
    ``whole``, so is one that is."""
    _be_a_process(request)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # without the warm process nobody could end this one
    from parlib.publish import own_process, warm

    warm.adopt(line)
    own_process.work(Path(request["folder"]), whole=whole)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # spares taking apart what the copy shares with the others


def become_kernel(request: Request) -> None:
    """Be the kernel of ``request``: its session, folder, environment and command line, then serve until shut down."""
    _be_a_process(request)
    if manifest.VARIABLE in os.environ:
        manifest.tell(os.environ[manifest.VARIABLE])
    from ipykernel.kernelapp import IPKernelApp

    # The figure drawn ahead has fixed a backend, so the one of notebooks has to be asked for.
    ours = ["--IPKernelApp.matplotlib=inline", f"--IPKernelApp.parent_handle={os.getppid()}"]
    sys.argv = ["ipykernel_launcher", *request["argv"]]
    app = IPKernelApp.instance()
    app.initialize([*request["argv"], *ours])
    app.start()


def _be_a_process(request: Request) -> None:
    """A session, folder and environment of its own, and another stream of random numbers than the other copies."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    tempfile.tempdir = None  # it may be another
    random.seed()
    import numpy as np

    np.random.seed()  # noqa: NPY002 - as in a new process: the copies must not share one stream


def _tell(line: socket.socket, **message: list[int]) -> None:
    with contextlib.suppress(ConnectionError):  # who has gone needs no answer; the closed line says so next
        line.sendall(json.dumps(message).encode() + b"\n")


def _kill(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # so young that it does not lead its group yet
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _count_threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


if __name__ == "__main__":
    main()
