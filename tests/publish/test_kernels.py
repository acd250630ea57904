from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from parlib.publish import kernels, warm

pytestmark = pytest.mark.skipif(not warm.POSSIBLE, reason="warm kernels need Linux")


async def _run(code: str, cwd: Path, **start: Any) -> tuple[dict[str, Any], list[str], warm.Forked]:
    """Run ``code`` in a warm kernel: the reply, what it printed, and the process."""
    manager = kernels.WarmKernelManager()
    await manager.start_kernel(cwd=str(cwd), **start)
    process = manager.provisioner.process
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=30)
        printed: list[str] = []

        def hook(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = await client.execute_interactive(code, timeout=30, output_hook=hook)
        return reply["content"], printed, process
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def _ended(pid: int) -> bool:
    """Whether the process is gone, not even a zombie."""
    return not Path(f"/proc/{pid}").exists()


def _soon(condition: Any, seconds: float = 10.0) -> bool:
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def test_a_warm_kernel_is_a_session_of_its_own_where_it_was_asked_to_be(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "print(os.getcwd(), os.getsid(0) == os.getpid() == os.getpgid(0), os.environ['SAID'],\n"
        "      'pandas' in sys.modules, sys.stdin.closed or os.readlink('/proc/self/fd/0'))"
    )
    reply, printed, process = asyncio.run(_run(code, tmp_path, env={**os.environ, "SAID": "yes"}))
    assert reply["status"] == "ok"
    assert "".join(printed).split() == [str(tmp_path), "True", "yes", "True", "/dev/null"]
    assert isinstance(process, warm.Forked)
    assert process.wait(5) == -signal.SIGKILL
    assert _soon(lambda: _ended(process.pid))


def test_kernels_share_nothing_but_the_imports(tmp_path: Path) -> None:
    code = "import random, numpy; print(random.random(), numpy.random.random()); pandas_was = 1"
    (_, first, one), (_, second, two) = (asyncio.run(_run(code, tmp_path)) for _ in range(2))
    assert one.pid != two.pid
    assert first != second


def test_errors_are_those_of_an_ordinary_kernel(tmp_path: Path) -> None:
    reply, _, _ = asyncio.run(_run("1 / 0", tmp_path))
    assert (reply["status"], reply["ename"], reply["evalue"]) == ("error", "ZeroDivisionError", "division by zero")


def test_figures_show_as_in_any_notebook(tmp_path: Path) -> None:
    async def run() -> list[str]:
        manager = kernels.WarmKernelManager()
        await manager.start_kernel(cwd=str(tmp_path))
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=30)
            shown: list[str] = []

            def hook(message: dict[str, Any]) -> None:
                shown.extend(message["content"].get("data", {}))

            await client.execute_interactive(
                "import matplotlib.pyplot as plt; plt.plot([1, 2]);", timeout=30, output_hook=hook
            )
            return shown
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    assert "image/png" in asyncio.run(run())


def test_a_long_name_of_the_temporary_folder_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("x" * 90)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    reply, _, process = asyncio.run(_run("1", tmp_path))
    assert reply["status"] == "ok"
    assert isinstance(process, warm.Forked)


def test_the_kernel_takes_what_it_started_along(tmp_path: Path) -> None:
    code = "import subprocess; p = subprocess.Popen(['sleep', '600']); print(p.pid)"
    _, printed, process = asyncio.run(_run(code, tmp_path))
    assert _soon(lambda: _ended(int(printed[0])) and _ended(process.pid))


def test_the_kernel_takes_along_what_left_its_session(tmp_path: Path) -> None:
    """A daemon that a cell started: in a session of its own, as a copy or as another program, and what it started."""
    code = (
        "import os, subprocess, sys, time, warnings\n"
        "warnings.simplefilter('ignore')  # Python 3.12 warns of a fork beside threads\n"
        'script = \'import subprocess, time; p = subprocess.Popen(["sleep", "600"], start_new_session=True);\'\n'
        "script += 'print(p.pid, flush=True); time.sleep(600)'\n"
        "other = subprocess.Popen([sys.executable, '-c', script], start_new_session=True, stdout=subprocess.PIPE)\n"
        "below = int(other.stdout.readline())\n"
        "copy = os.fork()\n"
        "if copy == 0:\n"
        "    os.setsid(); time.sleep(600); os._exit(0)\n"
        "print(other.pid, below, copy)"
    )
    _, printed, process = asyncio.run(_run(code, tmp_path))
    started = [int(pid) for pid in "".join(printed).split()]
    assert len(started) == 3
    assert _soon(lambda: all(map(_ended, (*started, process.pid))))


@pytest.mark.long
def test_the_warm_process_has_one_thread_and_ends_with_this_one(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from parlib.publish import warm\n"
        "nursery = warm.open_nursery()\n"
        "kernel = nursery.launch(['-f', 'none.json'], dict(os.environ), '.')\n"
        "print(nursery.pid, kernel.pid, nursery.threads, flush=True)\n"
        "sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, text=True
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    nursery, kernel, threads = map(int, holder.stdout.readline().split())
    assert threads == 1
    holder.send_signal(signal.SIGKILL)  # no chance to say goodbye
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    assert _soon(lambda: _ended(nursery) and _ended(kernel))


@pytest.mark.long
def test_an_ordinary_kernel_serves_where_there_is_no_warm_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "POSSIBLE", False)
    reply, printed, process = asyncio.run(_run("print(1 + 1)", tmp_path))
    assert (reply["status"], printed) == ("ok", ["2\n"])
    assert not isinstance(process, warm.Forked)


@pytest.mark.long
def test_a_warm_process_that_has_read_other_data_serves_no_longer(tmp_path: Path) -> None:
    first, same, other = (warm.open_nursery(stamp) for stamp in ("yesterday", "yesterday", "today"))
    assert first is same
    assert other is not None
    assert other is not first
    _, printed, _ = asyncio.run(_run("import os; print(os.getppid())", tmp_path))
    assert printed == [f"{other.pid}\n"]
    warm.close_nursery()
    assert first is not None
    assert _soon(lambda: _ended(first.pid) and _ended(other.pid))


@pytest.mark.long
def test_another_warm_process_comes_when_the_first_was_killed(tmp_path: Path) -> None:
    nursery = warm.open_nursery()
    assert nursery is not None
    asyncio.run(_run("1", tmp_path))
    os.kill(nursery.pid, signal.SIGKILL)
    assert _soon(lambda: nursery.exit_code(0) is not None)  # it notices that the line is cut
    reply, _, process = asyncio.run(_run("1", tmp_path))
    assert reply["status"] == "ok"
    assert isinstance(process, warm.Forked)
