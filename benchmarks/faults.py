"""Faults put in on purpose: ``make faults``.

A command publishes state B over state A while a fault is put in just before one of the things that it does with files:
a kill -9, a stop (SIGTERM, SIGHUP, Ctrl-C), a full disk, a name that may not be changed; or after a random time; or a
file or folder stands where it may not. Afterwards what is published must be A or B, never a mixture; no traceback may
have been shown; and the plain command, run once more, must end in B and leave no draft. Prints a table by command and
fault; exit code 1 where anything is not so.

usage: python benchmarks/faults.py [points of each command and fault, default 8; of slow commands a third]
"""

from __future__ import annotations

import errno
import hashlib
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
WORK = Path(tempfile.mkdtemp(prefix="parlib-faults-")).resolve()
os.environ |= {"PARLIB_HOME": str(WORK / "home"), "PARLIB_ROUNDS": str(WORK / "home" / "rounds")}
os.environ["PARLIB_LANGUAGE"] = "vi"

import nbformat  # noqa: E402

from parlib import cli  # noqa: E402
from parlib.errors import as_problem  # noqa: E402
from parlib.publish import kernels  # noqa: E402
from parlib.publish import render as rendering  # noqa: E402
from parlib.publish.parameters import ReportParameters, for_notebook  # noqa: E402
from parlib.sources import rounds, simulation, workbooks  # noqa: E402, F401 - imported before it forks

ROUND = "2023-thu"
UNITS = ["bo-noi-vu", "bo-y-te", "bo-tu-phap"]
SIMULATED = ("--year", "2012", "--level", "ministry")
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.listdir", "os.scandir"}
EVENTS |= {"shutil.copyfile", "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp", "fcntl.flock"}
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


def report(decimal: str, formats: tuple[str, ...] = ("html", "xlsx")) -> Callable[[], None]:
    """A report as the process of a batch makes it, but for its kernel, which has run before."""

    def run() -> None:
        executed = nbformat.read(WORK / f"{decimal}.ipynb", as_version=4)
        rendering.execute = lambda *_: executed  # type: ignore[assignment]
        kernels._broken = True  # no warm process is started either
        try:
            rendering.render(ReportParameters(**SUBJECT, decimal=decimal), SOURCE, formats)
        except KeyboardInterrupt:
            sys.exit(130)
        except Exception as error:
            sys.stdout.write(as_problem(error).text("vi") + "\n")
            sys.exit(1)

    return run


def executed() -> None:
    """Run the notebook of the report once for each state."""
    for decimal in ("comma", "dot"):
        values = for_notebook(
            ReportParameters(**SUBJECT, decimal=decimal), nbformat.read(SOURCE, as_version=4), SOURCE.name
        )
        nbformat.write(rendering.execute(SOURCE, values), WORK / f"{decimal}.ipynb")


SLOW = ("report", "simulate --force")
SUBJECT = {"year": 2012, "level": "ministry"}
SOURCE = HOME / "notebooks" / "annual_report.ipynb"
COMMANDS: dict[str, tuple[Callable[[], None], str]] = {  # and where it publishes
    "score": (command("score", ROUND), f"reports/{ROUND}"),
    "form --all": (command("form", "--round", ROUND, "--all"), f"rounds/{ROUND}/forms"),
    "report": (report("comma"), "reports/2012/ministry/vi"),
    "simulate --force": (command("simulate", *SIMULATED, "--seed", "2", "--force"), "rounds/2012-ministry"),
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
    rows = [
        f"{unit},1.1.2,appraisal,{n + 6}0,BC {n},Vụ,2024-01-0{n}T08:00:00+07:00\n" for n, unit in enumerate(UNITS, 1)
    ]
    (WORK / "first.csv").write_text(head + "".join(rows))
    (WORK / "more.csv").write_text(
        head + "".join(row.replace("2024-01", "2024-02").replace("0,BC", "5,BC") for row in rows)
    )
    for words in (
        ("round", "import", ROUND, str(WORK / "first.csv")),
        ("score", ROUND),
        ("form", "--round", ROUND, "--all"),
    ):
        code, told = forked(command(*words))
        assert code == 0, told
    for run in (executed, report("dot"), command("simulate", *SIMULATED)):
        code, told = forked(run)
        assert code == 0, told
    shutil.copytree(home, WORK / "before", symlinks=True)  # the import is new
    assert forked(COMMANDS["round import"][0])[0] == 0
    shutil.copytree(home, WORK / "after", symlinks=True)


def begin(name: str) -> None:
    """Put the workbook back into the state in which ``name`` has something to publish."""
    shutil.rmtree(WORK / "home")
    shutil.copytree(WORK / ("before" if name == "round import" else "after"), WORK / "home", symlinks=True)


def forked(
    run: Callable[[], None], before: Callable[[], None] | None = None, kill_after: float = 0.0
) -> tuple[int, str]:
    """Run in a copy of this process; its exit code (negative: the signal) and what it told."""
    told = WORK / "told.txt"
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            handle = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
            if before:
                before()
            run()
            code = 0
        except SystemExit as error:
            code = int(error.code or 0)
        except BaseException:
            traceback.print_exc()
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
        if path.suffix == ".json":  # the record of a report tells the hour
            continue
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

    def add(self, name: str, fault: str, end: str, code: int, told: str) -> None:
        self.ends[end] += 1
        self.told = self.told or (told.strip().splitlines() or [""])[-1].replace(str(WORK), "...")
        if end == "MIXED" or "Traceback" in told:
            self.wrong.append(f"{name}, {fault}: {end}, exit {code}, {told[-2000:]}")


def inject(name: str, fault: str, ends: tuple[str, str], tally: Tally, **how: object) -> None:
    run, where = COMMANDS[name]
    place = WORK / "home" / where
    code, told = forked(run, **how)  # type: ignore[arg-type]
    tally.add(name, fault, {ends[0]: "old", ends[1]: "new"}.get(state(place), "MIXED"), code, told)
    again, told = forked(run)
    if again or state(place) != ends[1] or drafts():
        tally.wrong.append(f"{name}, {fault}: run again: exit {again}, {drafts()}, {told[-2000:]}")


def small_files() -> None:
    """As on a full disk, but real: no file may grow beyond 1,500 bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, resource.RLIM_INFINITY))


def folder_in_the_way(name: str) -> None:
    """As with a file that is open in Excel on Windows: the last file of the set cannot be replaced."""
    last = max((WORK / "home" / COMMANDS[name][1]).iterdir())
    last.unlink()
    last.mkdir()


def main() -> int:
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    prepare()
    dice, tallies, done = random.Random(1), {}, 0
    for name, (run, where) in COMMANDS.items():
        n_points = points if name not in SLOW else -(-points // 3)
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
            for number in sorted({max(1, round(n * (k + dice.random()) / n_points)) for k in range(n_points)}):
                begin(name)
                inject(name, fault, ends, tally, before=at_event(number, put))
        tally = tallies[name, "kill -9 at any time"] = Tally()
        for _ in range(2 * n_points):
            begin(name)
            inject(name, "kill -9 at any time", ends, tally, kill_after=seconds * dice.random())
        begin(name)
        tally = tallies[name, "files of at most 1,500 bytes"] = Tally()
        inject(name, "files of at most 1,500 bytes", ends, tally, before=small_files)
        if name in ("score", "form --all"):
            begin(name)
            folder_in_the_way(name)
            tally = tallies[name, "a file that cannot be replaced"] = Tally()
            now = state(WORK / "home" / where)
            code, told = forked(run)
            tally.add(
                name,
                "a file that cannot be replaced",
                "old" if state(WORK / "home" / where) == now else "MIXED",
                code,
                told,
            )
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
