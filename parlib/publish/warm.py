"""The warm process from outside: it is started, asked for copies of itself, and ended; see ``nursery``.

Nothing here is slow to import, so that a command that will make a report starts it before anything else: it gets ready
while the command line looks at what was asked.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from parlib import places

log = logging.getLogger(__name__)

START_SECONDS = 60.0  # how long the warm process may take to import everything
POSSIBLE = sys.platform == "linux"  # elsewhere a process with loaded libraries cannot be forked safely
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
PACKAGE = Path(__file__).resolve().parent.parent
LOCK = "requirements.lock"


def shared_files() -> dict[str, tuple[Path, list[str]]]:
    """The files that every report follows from, by kind, each kind with the folder that it lies in."""
    data, lock = places.data(), places.home() / LOCK
    return {
        "data": (data, places.files_below(data, places.rounds())),
        "code": (PACKAGE, places.files_below(PACKAGE, PACKAGE / "cli")),
        "requirements": (places.home(), [str(lock)] if lock.is_file() else []),
    }


def stamp(states: Mapping[str, tuple[int, int, int, int]]) -> str:
    """One word for the ``states`` of the shared files: a warm process serves only those of its stamp."""
    told = "\n".join(f"{path}\0{state}" for path, state in sorted(states.items()))
    return hashlib.sha256(told.encode()).hexdigest()


def start() -> Line | None:
    """The warm process of the files as they are now, started if need be; ``None`` where there can be none."""
    with contextlib.suppress(OSError):  # a file that comes or goes: whoever makes the report will say so
        states = {path: places.state_of(path) for _, paths in shared_files().values() for path in paths}
        return open_nursery(stamp(states))
    return None


class NurseryError(Exception):
    """The warm process did not start, or is gone."""


class Line:
    """A line to the warm process (see ``parlib.publish.nursery``). Safe to use from many threads."""

    def __init__(self, line: socket.socket, ready: bool = False) -> None:
        self._line = line
        self._unread = b""
        self._ready = ready
        self.threads = 0  # of the warm process, once it is ready: with more than one a copy may stall
        self._exits: dict[int, int] = {}
        self._lock = threading.Lock()
        self.owner = os.getpid()
        self.gone = False

    def launch(self, argv: list[str], env: dict[str, str], cwd: str) -> Forked:
        """A new kernel with these arguments. Raises ``NurseryError`` when the warm process cannot give one."""
        return self._start(launch={"argv": argv, "env": env, "cwd": cwd})

    def report(self, folder: Path, env: dict[str, str], cwd: str, *, whole: bool = False) -> Forked:
        """A new process that does the work in ``folder`` (see ``own_process``); ``whole``: when the warm process has
        loaded everything. Raises ``NurseryError``."""
        return self._start(report={"folder": str(folder), "env": env, "cwd": cwd, "whole": whole})

    def _start(self, **request: object) -> Forked:
        with self._lock:
            if not self._ready:
                (self.threads,) = self._receive(START_SECONDS, until="ready")
                self._ready = True
            self._send(**request)
            (pid,) = self._receive(START_SECONDS, until="pid")
            self._exits.pop(pid, None)  # of an earlier one with this number
            return Forked(self, pid)

    def open(self, index_name: str, level: str) -> None:
        """Let all copies to come have the published years of an index open."""
        with self._lock, contextlib.suppress(NurseryError):
            self._send(open=[index_name, level])

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to a copy and the processes it started, unless it has ended."""
        with self._lock, contextlib.suppress(NurseryError):
            self._send(signal=[pid, number])

    def exit_code(self, pid: int, wait: float = 0.0) -> int | None:
        """The exit code of a copy, waiting up to ``wait`` seconds for its end; ``None`` while it lives."""
        ends = time.monotonic() + wait
        while True:
            with self._lock:
                if pid not in self._exits:
                    with contextlib.suppress(NurseryError):
                        self._receive(0.0)
                if pid in self._exits:
                    return self._exits[pid]
                if self.gone:
                    return -signal.SIGKILL
            left = ends - time.monotonic()
            if left <= 0:
                return None
            with contextlib.suppress(OSError, ValueError):  # hung up meanwhile
                select.select([self._line], [], [], min(left, 0.05))  # others may read our message: look again soon

    def close(self) -> None:
        """Hang up: what was started over this line ends."""
        self.gone = True
        if self.owner == os.getpid():
            self._line.close()

    def _send(self, **message: object) -> None:
        try:
            self._line.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            self.gone = True
            raise NurseryError(str(error)) from error

    def _receive(self, seconds: float, until: str = "") -> list[int]:
        """Read messages, noting exits, until one says ``until`` (its numbers are returned) or none is left."""
        ends = time.monotonic() + seconds
        while True:
            line, result, rest = self._unread.partition(b"\n")
            if result:
                self._unread = rest
                message: dict[str, list[int]] = json.loads(line)
                if "exit" in message:
                    pid, code = message["exit"]
                    self._exits[pid] = code
                elif until in message:
                    return message[until]
                continue
            try:
                if not select.select([self._line], [], [], max(0.0, ends - time.monotonic()))[0]:
                    if not until:
                        return []
                    raise NurseryError(f"no answer in {seconds:g} s")
                received = self._line.recv(1 << 16)
            except (OSError, ValueError) as error:
                self.gone = True
                raise NurseryError(str(error)) from error
            if not received:
                self.gone = True
                raise NurseryError("the warm process ended")
            self._unread += received


class Nursery(Line):
    """The warm process, started from here."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "parlib.publish.nursery", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=sys.__stderr__ if _has_descriptor(sys.__stderr__) else subprocess.DEVNULL,
                # One thread: a process with more cannot be copied safely, and the workers share the cores anyway.
                env={**os.environ, **_ONE_THREAD},
            )
        super().__init__(ours)

    @property
    def pid(self) -> int:
        """The process number of the warm process."""
        return self._process.pid

    def close(self) -> None:
        """End the warm process and all its copies."""
        super().close()
        if self.owner != os.getpid():
            return
        if not self._ready:  # nothing was asked of it
            self._process.kill()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Forked:
    """A process forked by the warm process, with the manners of ``subprocess.Popen``."""

    stdin = stdout = stderr = None

    def __init__(self, nursery: Line, pid: int) -> None:
        self.pid = pid
        self._nursery = nursery

    def poll(self) -> int | None:
        """The exit code, or ``None`` while it lives."""
        return self._nursery.exit_code(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code."""
        code = self._nursery.exit_code(self.pid, wait=timeout if timeout is not None else float("inf"))
        if code is None:
            raise subprocess.TimeoutExpired("copy", timeout or 0.0)
        return code

    def send_signal(self, signum: int) -> None:
        """Send a signal to it and to the processes it started."""
        self._nursery.signal(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


_guard = threading.Lock()
_nursery: Line | None = None
_retired: list[Line] = []  # their copies may be at work still: they end with this process
_stamp = ""
_broken = False


def adopt(line: socket.socket) -> None:
    """In a copy of the warm process: kernels are asked for over ``line``, and no other warm process is started."""
    global _nursery
    _nursery = Line(line, ready=True)


def open_nursery(stamp: str | None = None) -> Line | None:
    """The warm process, started if need be (it gets ready by itself); ``None`` where there can be none.

    ``stamp`` stands for the code and data that it has read: with another one than before, a new process is started.
    """
    global _nursery, _stamp
    if not POSSIBLE or _broken:
        return None
    with _guard:
        if _nursery is not None and not isinstance(_nursery, Nursery):
            return _nursery  # this is a copy: it was made for its stamp
        if _nursery is not None and (_nursery.gone or _nursery.owner != os.getpid()):
            _nursery.close()
            _nursery = None
        if stamp is not None and stamp != _stamp:
            if _nursery is not None:
                _retired.append(_nursery)
                _nursery = None
            _stamp = stamp
        if _nursery is None:
            try:
                _nursery = Nursery()
            except OSError as error:
                log.info("no warm kernels: %s", error)
        return _nursery


def close_nursery(broken: bool = False) -> None:
    """End the warm process and its kernels; ``broken``: do not start another."""
    global _nursery, _broken
    with _guard:
        leaving = [*_retired, *([_nursery] if _nursery is not None else [])]
        _nursery, _broken = None, broken
        _retired.clear()
    for nursery in leaving:
        nursery.close()


atexit.register(close_nursery)


def _has_descriptor(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.fileno() >= 0
    except (OSError, ValueError):
        return False
