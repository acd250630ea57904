"""Faults put in on purpose: ``make faults``.

A command publishes state B over state A while a fault is put in just before one of the things that it does with files:
a kill -9, a stop (SIGTERM, SIGHUP, Ctrl-C), a full disk, a name that may not be changed; or after a random time; or a
file or folder stands where it may not. Afterwards what is published must be A or B, never a mixture; no traceback may
have been shown; and the plain command, run once more, must end in B and leave no draft. Prints a table by command and
fault; exit code 1 where anything is not so.

usage: python benchmarks/faults.py [points of each command and fault, default 8]
"""

from __future__ import annotations

import errno
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

HOME = Path(__file__).resolve().parent.parent
WORK = Path(tempfile.mkdtemp(prefix="parlib-faults-")).resolve()
os.environ |= {"PARLIB_HOME": str(WORK / "home"), "PARLIB_ROUNDS": str(WORK / "home" / "rounds")}
os.environ["PARLIB_LANGUAGE"] = "vi"

from parlib import cli, places  # noqa: E402
from parlib.publish.parameters import ReportParameters  # noqa: E402
from parlib.publish.render import render  # noqa: E402
from parlib.sources import rounds, workbooks  # noqa: E402, F401 - imported before it forks

ROUND = "2023-thu"
UNITS = ["bo-noi-vu", "bo-y-te", "bo-tu-phap"]
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.listdir", "os.scandir"}
EVENTS |= {"shutil.copyfile", "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp", "fcntl.flock"}
NOTEBOOK = """import parlib
from parlib.report import annual
report = annual.Report(parlib.year({year}, "ministry"), language="vi")
report.opening()
"""

Fault = Callable[[], None]


def signalled(number: int) -> Fault:
    return lambda: os.kill(os.getpid(), number)


def refused(code: int) -> Fault:
    def fault() -> None:
        raise OSError(code, os.strerror(code), str(WORK))

    return fault


FAULTS: dict[str, Fault] = {
    "kill -9": signalled(signal.SIGKILL),
    "SIGTERM": signalled(signal.SIGTERM),
    "SIGHUP": signalled(signal.SIGHUP),
    "Ctrl-C": signalled(signal.SIGINT),
    "disk full": refused(errno.ENOSPC),
    "may not be written": refused(errno.EACCES),
}


def command(*words: str) -> Callable[[], None]:
    def run() -> None:
        sys.argv = ["parlib", *words]
        cli.main()

    return run


def report() -> None:
    """The writing of a report, with its kernel apart, as ``batch`` has it done in a process of its own."""
    path = WORK / "home" / "notebooks" / "thu.ipynb"
    render(ReportParameters(year=2023, level="ministry"), path, ("html", "xlsx"))


COMMANDS: dict[str, tuple[Callable[[], None], str]] = {  # and where it publishes
    "score": (command("score", ROUND), f"reports/{ROUND}"),
    "form --all": (command("form", "--round", ROUND, "--all"), f"rounds/{ROUND}/forms"),
    "round import": (command("round", "import", ROUND, str(WORK / "more.csv")), f"rounds/{ROUND}/answers.csv"),
}


def prepare() -> None:
    """The workbook in state A: published, and then something is new."""
    home = WORK / "home"
    for name in ("notebooks", "rounds", "reports"):
        (home / name).mkdir(parents=True)
    (home / "data").symlink_to(HOME / "data")
    plan = {"id": ROUND, "year": 2023, "level": "ministry", "scheme": "876-ministry", "units": UNITS}
    rounds.create_round(rounds.RoundPlan.model_validate(plan), by="thử")
    head = "unit,code,stage,answer,evidence,by,at\n"
    rows = [f"{unit},1.1.2,appraisal,{n + 6}0,BC {n},Vụ,2024-01-0{n}T08:00:00+07:00\n" for n, unit in enumerate(UNITS, 1)]
    (WORK / "first.csv").write_text(head + "".join(rows))
    (WORK / "more.csv").write_text(head + "".join(row.replace("2024-01", "2024-02").replace("0,BC", "5,BC") for row in rows))
    for words in (("round", "import", ROUND, str(WORK / "first.csv")), ("score", ROUND), ("form", "--round", ROUND, "--all")):
        assert forked(command(*words))[0] == 0, words
    shutil.copytree(home, WORK / "before", symlinks=True)  # the import is new
    assert forked(COMMANDS["round import"][0])[0] == 0
    shutil.copytree(home, WORK / "after", symlinks=True)


def begin(name: str) -> None:
    """Put the workbook back into the state in which ``name`` has something to publish."""
    shutil.rmtree(WORK / "home")
    shutil.copytree(WORK / ("before" if name == "round import" else "after"), WORK / "home", symlinks=True)


def forked(run: Callable[[], None], before: Callable[[], None] | None = None, kill_after: float = 0.0) -> tuple[int, str]:
    """Run in a copy of this process; its exit code (negative: the signal) and what it told."""
    told = WORK / "told.txt"
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            handle = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            if before:
                before()
            run()
            code = 0
        except SystemExit as error:
            code = int(error.code or 0)
        finally:
            sys.stdout.flush()
            os._exit(code)
    if kill_after:
        time.sleep(kill_after)
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), told.read_text("utf-8", "replace") if told.exists() else ""


def at_event(number: int, fault: Fault, count: Path | None = None) -> Callable[[], None]:
    """Put ``fault`` in just before the thing ``number`` that the process does with files of the workbook."""

    def install() -> None:
        seen = 0

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            if event not in EVENTS or (event != "fcntl.flock" and str(WORK / "home") not in str(arguments)):
                return
            seen += 1
            if count is not None:
                os.truncate(count, seen)
            elif seen == number:
                fault()

        sys.addaudithook(watch)

    return install


def state(place: Path) -> str:
    """What is published, as one hash; of a ledger the rows, for each import has its own time."""
    if place.name == "answers.csv":
        rows = rounds.open_round(ROUND).ledger  # refuses what is half of something
        return hashlib.sha256(rows.drop(columns="at").to_csv().encode()).hexdigest()
    whole = hashlib.sha256()
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        whole.update(path.name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b"folder"))
    return whole.hexdigest()


def drafts() -> list[str]:
    return [str(path.relative_to(WORK / "home")) for path in (WORK / "home").rglob(".*-new-*")]


class Tally:
    """What came of the injections of one command and fault."""

    def __init__(self) -> None:
        self.ends: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.told = ""


def inject(name: str, fault: str, ends: tuple[str, str], tally: Tally, **how: object) -> None:
    run, where = COMMANDS[name]
    place = WORK / "home" / where
    code, told = forked(run, **how)  # type: ignore[arg-type]
    now = state(place)
    end = {ends[0]: "old", ends[1]: "new"}.get(now, "MIXED")
    tally.ends[end] += 1
    tally.told = tally.told or (told.strip().splitlines() or [""])[-1].replace(str(WORK), "...")
    if end == "MIXED" or "Traceback" in told:
        tally.wrong.append(f"{name}, {fault}: {end}, exit {code}, {told[-2000:]}")
    again, told = forked(run)
    if again or state(place) != ends[1] or drafts():
        tally.wrong.append(f"{name}, {fault}: run again: exit {again}, {drafts()}, {told[-2000:]}")


def blocked(name: str) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """Real obstacles: how each is put there, and taken away."""
    place = WORK / "home" / COMMANDS[name][1]
    small = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1500, resource.RLIM_INFINITY))  # noqa: E731
    yield "files of at most 1,500 bytes", small, lambda: None


def main() -> int:
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    prepare()
    dice, tallies, done = random.Random(1), {}, 0
    for name, (run, where) in COMMANDS.items():
        begin(name)
        old, count = state(WORK / "home" / where), WORK / "count"
        count.touch()
        began = time.perf_counter()
        told = forked(run, at_event(0, lambda: None, count))
        seconds, n = time.perf_counter() - began, count.stat().st_size
        ends = old, state(WORK / "home" / where)
        assert ends[0] != ends[1], f"{name} publishes nothing new: {told}"
        for fault, put in FAULTS.items():
            tally = tallies[name, fault] = Tally()
            for number in sorted({max(1, round(n * (k + dice.random()) / points)) for k in range(points)}):
                begin(name)
                inject(name, fault, ends, tally, before=at_event(number, put))
        tally = tallies[name, "kill -9 at any time"] = Tally()
        for _ in range(2 * points):
            begin(name)
            inject(name, "kill -9 at any time", ends, tally, kill_after=seconds * dice.random())
        for fault, put, _ in blocked(name):
            tally = tallies[name, fault] = Tally()
            begin(name)
            inject(name, fault, ends, tally, before=put)
    wrong = [text for tally in tallies.values() for text in tally.wrong]
    sys.stdout.write("| command | fault | times | ended old / new | what it says |\n|---|---|---|---|---|\n")
    for (name, fault), tally in tallies.items():
        done += (n := sum(tally.ends.values()))
        ended = f"{tally.ends['old']} / {tally.ends['new']}"
        sys.stdout.write(f"| {name} | {fault} | {n} | {ended} | {tally.told[:160]} |\n")
    sys.stdout.write(f"\n{done} faults, {len(wrong)} wrong\n" + "\n".join(wrong) + "\n")
    return bool(wrong)


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
