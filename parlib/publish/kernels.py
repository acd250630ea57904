"""Warm kernels: a notebook's kernel is forked from a process that has imported everything already.

``papermill.execute_notebook(..., kernel_manager_class=kernels.manager(set()))`` is all a caller needs. Messages,
papermill's metadata and errors are those of an ordinary kernel, and an ordinary kernel is what one gets wherever a
warm one cannot be had: outside Linux, or when the warm process does not start.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode
from traitlets import DottedObjectName, Type

from parlib.publish import manifest, warm

log = logging.getLogger(__name__)

LONGEST_FOLDER = 80  # of the 107 letters that a socket's name may have
_LAUNCHER = ("-P", "-m", "parlib.publish.nursery", "kernel")
_SHOWN = "parlib.report.shown"  # what cells show is kept so that documents can take it


class WarmProvisioner(LocalProvisioner):
    """Launches kernels by forking the warm process (entry point ``parlib-warm`` of jupyter_client)."""

    process: Any = None  # a process of ours, where the library knows its own alone

    async def launch_kernel(
        self, cmd: list[str], *, env: dict[str, str] | None = None, cwd: str | None = None, **how: object
    ) -> KernelConnectionInfo:
        """A warm kernel where one can be had, else an ordinary one."""
        nursery = warm.open_nursery() if tuple(cmd[1 : 1 + len(_LAUNCHER)]) == _LAUNCHER else None
        if nursery is None:
            return await super().launch_kernel(cmd, env=env, cwd=cwd, **how)
        here = str(cwd or Path.cwd())
        try:
            self.process = nursery.launch(cmd[1 + len(_LAUNCHER) :], dict(env or os.environ), here)
        except warm.NurseryError as error:
            log.info("no warm kernel, starting an ordinary one: %s", error)
            warm.close_nursery(broken=True)
            return await super().launch_kernel(cmd, env=env, cwd=cwd, **how)
        self.pid = self.pgid = self.process.pid
        self.cwd = here
        await self._until_bound()
        return self.connection_info

    async def _until_bound(self) -> None:
        """Wait until the kernel listens: who connects earlier tries again only after a tenth of a second."""
        info = self.connection_info
        last = Path(f"{info['ip']}-{info['hb_port']}")
        ends = time.monotonic() + warm.START_SECONDS
        while info["transport"] == "ipc" and not last.exists() and self.process.poll() is None:
            if time.monotonic() > ends:
                break
            await asyncio.sleep(0.004)

    async def send_signal(self, signum: int) -> None:
        """Signals of warm kernels go through the warm process, which knows whether the number is still theirs."""
        if isinstance(self.process, warm.Forked):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel; a warm one is gone within milliseconds, so wait for it and spare the caller's polling."""
        await super().kill(restart)
        if isinstance(self.process, warm.Forked):
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
        if warm.POSSIBLE and len(tempfile.gettempdir()) < LONGEST_FOLDER:
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
