"""Warm kernels: a notebook's kernel is forked from a process that has imported everything already.

``papermill.execute_notebook(..., kernel_manager_class=kernels.manager(set()))`` is all a caller needs. Messages,
papermill's metadata and errors are those of an ordinary kernel, and an ordinary kernel is what one gets wherever a
warm one cannot be had: outside Linux, or when the warm process does not start.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import contextvars
import json
import logging
import os
import queue
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode
from traitlets import DottedObjectName, Type

from parlib.publish import manifest

log = logging.getLogger(__name__)

START_SECONDS = 60.0  # how long the warm process may take to import everything
LONGEST_FOLDER = 80  # of the 107 letters that a socket's name may have
POSSIBLE = sys.platform == "linux"  # elsewhere a process with loaded libraries cannot be forked safely

_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
_LAUNCHER = ("-P", "-m", "parlib.publish.nursery", "kernel")
_SHOWN = "parlib.report.shown"  # what cells show is kept so that documents can take it


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

    def report(self, folder: Path, env: dict[str, str], cwd: str) -> Forked:
        """A new process that does the work in ``folder`` (see ``own_process``). Raises ``NurseryError``."""
        return self._start(report={"folder": str(folder), "env": env, "cwd": cwd})

    def _start(self, **request: object) -> Forked:
        with self._lock:
            if not self._ready:
                (self.threads,) = self._receive(START_SECONDS, until="ready")
                self._ready = True
            self._send(**request)
            (pid,) = self._receive(START_SECONDS, until="pid")
            self._exits.pop(pid, None)  # of an earlier one with this number
            return Forked(self, pid)

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
        try:
            self._process.wait(5 if self._ready else 0.05)  # while it imports it hears nothing, and has no copies
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


class WarmProvisioner(LocalProvisioner):
    """Launches kernels by forking the warm process (entry point ``parlib-warm`` of jupyter_client)."""

    process: Any = None  # a process of ours, where the library knows its own alone

    async def launch_kernel(
        self, cmd: list[str], *, env: dict[str, str] | None = None, cwd: str | None = None, **how: object
    ) -> KernelConnectionInfo:
        """A warm kernel where one can be had, else an ordinary one."""
        nursery = open_nursery() if tuple(cmd[1 : 1 + len(_LAUNCHER)]) == _LAUNCHER else None
        if nursery is None:
            return await super().launch_kernel(cmd, env=env, cwd=cwd, **how)
        here = str(cwd or Path.cwd())
        try:
            self.process = nursery.launch(cmd[1 + len(_LAUNCHER) :], dict(env or os.environ), here)
        except NurseryError as error:
            log.info("no warm kernel, starting an ordinary one: %s", error)
            close_nursery(broken=True)
            return await super().launch_kernel(cmd, env=env, cwd=cwd, **how)
        self.pid = self.pgid = self.process.pid
        self.cwd = here
        await self._until_bound()
        return self.connection_info

    async def _until_bound(self) -> None:
        """Wait until the kernel listens: who connects earlier tries again only after a tenth of a second."""
        info = self.connection_info
        last = Path(f"{info['ip']}-{info['hb_port']}")
        ends = time.monotonic() + START_SECONDS
        while info["transport"] == "ipc" and not last.exists() and self.process.poll() is None:
            if time.monotonic() > ends:
                break
            await asyncio.sleep(0.004)

    async def send_signal(self, signum: int) -> None:
        """Signals of warm kernels go through the warm process, which knows whether the number is still theirs."""
        if isinstance(self.process, Forked):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel; a warm one is gone within milliseconds, so wait for it and spare the caller's polling."""
        await super().kill(restart)
        if isinstance(self.process, Forked):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.5)


class PromptClient(AsyncKernelClient):
    """A client that begins when the kernel is ready, not a fifth of a second later."""

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for the answer to a first request and for the sign that it is dealt with, the last it sends for it."""
        ends = time.monotonic() + (timeout if timeout is not None else float("inf"))
        while time.monotonic() < ends:
            request = self.kernel_info()
            with contextlib.suppress(queue.Empty, TimeoutError):
                reply = await self._async_recv_reply(request, timeout=1)
                message: Mapping[str, Mapping[str, object]] = {"parent_header": {}, "content": {}}
                done = {"execution_state": "idle"}
                # where it is missed, because the kernel was faster than our subscription, ask again
                while message["parent_header"].get("msg_id") != request or message["content"] != done:
                    message = await self.iopub_channel.get_msg(timeout=0.1)
                self._handle_kernel_info_reply(reply)
                return
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    wait_for_ready = _async_wait_for_ready


class WarmKernelManager(AsyncKernelManager):
    """A manager whose kernels are warm, run this very Python, and are reached over sockets in a private folder."""

    client_class = DottedObjectName(f"{__name__}.PromptClient", config=True)
    client_factory = Type(klass=AsyncKernelClient, default_value=PromptClient, config=True)
    read: set[str] | None = None  # is given the files that the kernel has read, once it has ended

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._folder = Path(tempfile.mkdtemp(prefix="parlib-"))
        self._forget_folder = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        # No ports, where the system's limit on the length of a socket's name allows it: nobody else can reach the
        # kernel, and two runs never pick the same one.
        if POSSIBLE and len(tempfile.gettempdir()) < LONGEST_FOLDER:
            self.transport = "ipc"
            self.connection_file = f"{self._folder}/kernel.json"
            self.ip = f"{self._folder}/k"

    async def _async_pre_start_kernel(
        self, *, transport_encryption: str | None = None, env: Mapping[str, str] | None = None, **how: object
    ) -> tuple[list[str], dict[str, object]]:
        # A user's own start-up files of IPython would change a report and stand in no record.
        own = {"IPYTHONDIR": str(self._folder / "ipython"), manifest.VARIABLE: str(self._folder / "reads")}
        return await super()._async_pre_start_kernel(
            transport_encryption=transport_encryption, env={**(env or os.environ), **own}, **how
        )

    pre_start_kernel = _async_pre_start_kernel

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            if self.read is not None:
                self.read |= manifest.listed(self._folder / "reads")
            self._forget_folder()

    cleanup_resources = _async_cleanup_resources

    @property
    def kernel_spec(self) -> KernelSpec:
        """This Python's kernel, whatever kernels are installed for the user."""
        return KernelSpec(
            argv=[
                sys.executable,
                *_LAUNCHER,
                "-f",
                "{connection_file}",
                "--IPKernelApp.log_level=50",
                f"--IPKernelApp.extra_extensions={_SHOWN}",
            ],
            display_name="Python 3",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": "parlib-warm"}},
        )


def manager(read: set[str]) -> type[WarmKernelManager]:
    """The class of managers whose kernels add to ``read`` the files that they have read."""
    return type("ReportKernelManager", (WarmKernelManager,), {"read": read})


def with_own_loop(run: Callable[[], NotebookNode]) -> NotebookNode:
    """What ``run`` returns, with the event loop that it makes for its kernel closed again, and no other touched."""

    def in_fresh_context() -> NotebookNode:
        try:
            return run()
        finally:
            loop = ensure_event_loop()  # the one that was made here, or a running one, which is somebody else's
            if not loop.is_running():
                loop.close()
                asyncio.set_event_loop(None)

    return contextvars.Context().run(in_fresh_context)


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
