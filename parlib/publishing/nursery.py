"""The warm process: imports everything a report needs once, and turns copies of itself into kernels in milliseconds.

``kernels`` starts it as ``python -m parlib.publishing.nursery FD`` and talks to it over the socket FD, one JSON
message a line::

    -> {"launch": {"argv": [...], "env": {...}, "cwd": "..."}}    <- {"pid": 123}
    -> {"signal": [123, 15]}
                                                                  <- {"ready": threads}, once
                                                                  <- {"exit": [123, 0]}, when a kernel has ended

It has one thread, because a process with more cannot be copied safely. It alone signals its kernels, and only those
that it has not yet buried, so a signal never reaches a stranger that took over a number. When the socket closes, or
the process that asked for it dies, it ends its kernels and itself.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

#: What is imported ahead: the kernel itself, then what notebooks and parlib draw and compute with.
MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.magics.ast_mod",
    "IPython.core.magics.execution",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "faulthandler",
    "jedi",
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
    "matplotlib_inline.backend_inline",
    "numpy",
    "pandas",
    "yaml",
    "pydantic",
    "babel",
    "matplotlib.pyplot",
    "parlib.scoring",
    "parlib.sources.catalog",
    "parlib.analysis.comparison",
    "parlib.analysis.ranking",
    "parlib.analysis.robustness.audit",
    "parlib.analysis.runs",
    "parlib.analysis.areas",
    "parlib.presentation.sections",
    "parlib.presentation.area_pages",
    "parlib.analysis.profile",
    "parlib.presentation.profile",
    "parlib.sources.rounds.reporting",
)


def main() -> None:
    """Serve the socket named on the command line; in a copy, become the kernel that was asked for."""
    with socket.socket(fileno=int(sys.argv[1])) as line:
        warm_up()
        request = serve(line)
    if request is not None:
        become_kernel(request)


def warm_up() -> None:
    """Import ``MODULES``, draw a figure and open a year: fonts, metrics and the data's own files are read then too."""
    # Nobody steps through a report: spare the 60 ms that the debugger takes in every kernel.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    for name in MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    del sys.modules["debugpy"]
    import io

    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context():
        figure = Figure()
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.barh(["Đồng Tháp", "Thừa Thiên Huế"], [88.1, 87.2])
        axes.set_title("Chỉ số cải cách hành chính", fontweight="bold")
        figure.savefig(io.BytesIO(), format="png")
    with contextlib.suppress(Exception):  # whatever is wrong with the data, the report that meets it will say
        _open_a_year()
    gc.collect()
    gc.freeze()  # what is here now is shared by all copies: do not touch it when collecting


def _open_a_year() -> None:
    from parlib.analysis import ranking
    from parlib.framework.units import LEVELS
    from parlib.presentation.maps import outlines
    from parlib.sources import catalog
    from parlib.sources.published import indices

    for level in LEVELS:
        ranking.rank(catalog.open_results(max(indices.years("par", level)), level))
    for system in ("63", "34"):
        outlines.provinces(system)


def serve(line: socket.socket) -> dict[str, Any] | None:
    """Answer requests until the socket closes. Returns ``None`` then, and a kernel's request in a copy."""
    alive: set[int] = set()
    deaths, wake = os.pipe()
    os.set_blocking(deaths, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked: it closes the socket
    selector = selectors.DefaultSelector()
    selector.register(line, selectors.EVENT_READ)
    selector.register(deaths, selectors.EVENT_READ)
    unread = b""
    with contextlib.suppress(ConnectionError):
        _tell(line, ready=_count_threads())
        while True:
            sources = {key.fileobj for key, _ in selector.select()}
            if deaths in sources:
                with contextlib.suppress(BlockingIOError):
                    os.read(deaths, 4096)
                for pid, code in _bury(alive):
                    _tell(line, exit=[pid, code])
            if line in sources:
                received = line.recv(1 << 16)
                if not received:
                    break
                *messages, unread = (unread + received).split(b"\n")
                for message in map(json.loads, messages):
                    if "signal" in message:
                        _signal(alive, *message["signal"])
                        continue
                    pid = os.fork()
                    if pid == 0:
                        signal.set_wakeup_fd(-1)
                        selector.close()
                        os.close(deaths)
                        os.close(wake)
                        request: dict[str, Any] = message["launch"]
                        return request
                    alive.add(pid)
                    _tell(line, pid=pid)
    for pid in alive:
        _signal(alive, pid, signal.SIGKILL)
    return None


def become_kernel(request: dict[str, Any]) -> None:
    """Be the kernel of ``request``: its session, folder, environment and command line, then serve until shut down."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    random.seed()
    import numpy as np

    np.random.seed()  # noqa: NPY002 - as in a new process: the copies must not share one stream
    from ipykernel.kernelapp import IPKernelApp

    # The figure drawn ahead has fixed a backend, so the one of notebooks has to be asked for.
    ours = ["--IPKernelApp.matplotlib=inline", f"--IPKernelApp.parent_handle={os.getppid()}"]
    sys.argv = ["ipykernel_launcher", *request["argv"]]
    app = IPKernelApp.instance()
    app.initialize([*request["argv"], *ours])
    app.start()


def _tell(line: socket.socket, **message: Any) -> None:
    line.sendall(json.dumps(message).encode() + b"\n")


def _bury(alive: set[int]) -> list[tuple[int, int]]:
    """Take note of the kernels that have ended: (pid, exit code, negative for a signal)."""
    ended = []
    while alive:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            break
        alive.discard(pid)
        ended.append((pid, os.waitstatus_to_exitcode(status)))
    return ended


def _signal(alive: set[int], pid: int, number: int) -> None:
    if pid not in alive:
        return
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # so young that it does not lead its group yet
        os.kill(pid, number)


def _count_threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


if __name__ == "__main__":
    main()
