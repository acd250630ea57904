"""Faults put in on purpose: ``make faults``.

A command publishes state B over state A while a fault is put in: a kill -9, a stop (SIGTERM, SIGHUP, Ctrl-C), a full
disk or a name that may not be changed just before one of the things that it does with files, or after some time; a
damaged file of data/, of a round, of what was published; a file that cannot be replaced; a hostile environment or
value. Afterwards what is published must be A or B, never a mixture; no traceback may have been shown; the exit code is
one of ours, with a line of ours; and the plain command, run once more on mended inputs, must end in B and leave no
draft (of a single file: an hour later). The faults are the products of the tables below. Exit code 1 where anything is
not so.

usage: python benchmarks/faults.py [--only WORD] [--sample N] [--jobs N] [--minutes N] [--write]

``--write`` puts the table of results into docs/reliability.md, ``--only`` takes the faults whose name has the word;
``--minutes`` stops after some time, and what is told then is of the faults that were put in (they come shuffled).
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import product
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
WORK = Path(tempfile.mkdtemp(prefix="parlib-faults-")).resolve()
os.environ |= {"PARLIB_HOME": str(WORK / "home"), "PARLIB_LANGUAGE": "vi"}

import nbformat  # noqa: E402
import psutil  # noqa: E402

from parlib import cli  # noqa: E402
from parlib.errors import as_problem  # noqa: E402
from parlib.publish import render as rendering  # noqa: E402
from parlib.publish import warm  # noqa: E402
from parlib.publish.parameters import ReportParameters, for_notebook  # noqa: E402
from parlib.sources import data_check, rounds, simulation, workbooks  # noqa: E402, F401 - imported before it forks

Run = Callable[[], None]


# --- the commands, each with the place where it publishes -------------------------------------

ROUND = "2023-thu"
UNITS = ["bo-noi-vu", "bo-y-te", "bo-tu-phap"]
SIMULATED = ("--year", "2012", "--level", "ministry")
SMALL = """from parlib.report.blocks import *
Title("Báo cáo thử", subtitle="Bộ 2012", lines=("{}",))
sequel(Heading("Kết quả chung"), Paragraph(("Không có số liệu.",)))
Table((Column("a", "A"),), ({{"a": "x"}},), "Bảng nhỏ")"""


def command(*words: str) -> Run:
    def run() -> None:
        sys.argv = ["parlib", *(word.replace("@", str(WORK)) for word in words)]
        cli.main()

    return run


def report() -> None:
    """A report as the process of a batch makes it, but for its kernel, which has run before."""
    rendering.execute = lambda *_: EXECUTED
    warm._broken = True  # no warm process is started either
    try:
        data_check.require_listed()  # as every batch does first
        source = WORK / "home" / "notebooks" / "small.ipynb"
        rendering.render(ReportParameters(year=2012, level="ministry"), source, ("html", "xlsx"))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.stdout.write(as_problem(error).text("vi") + "\n")
        sys.exit(1)


EXECUTED = nbformat.v4.new_notebook()


def executed() -> None:
    """Run the notebook of the report once, before anything stands in its way."""
    source = WORK / "home" / "notebooks" / "small.ipynb"
    values = for_notebook(
        ReportParameters(year=2012, level="ministry"), nbformat.read(source, as_version=4), source.name
    )
    nbformat.write(rendering.execute(source, values), WORK / "executed.ipynb")


COMMANDS: dict[str, tuple[Run, str]] = {
    "score": (command("score", ROUND), f"reports/{ROUND}"),
    "form --all": (command("form", "--round", ROUND, "--all", "--force"), f"data/rounds/{ROUND}/forms"),
    "round import": (command("round", "import", ROUND, "@/more.csv"), f"data/rounds/{ROUND}/answers.csv"),
    "table --out": (command("table", *SIMULATED, "--out", "@/home/reports/table.csv"), "reports/table.csv"),
    "report": (report, "reports/2012/small-ministry/vi"),
    "simulate --force": (command("simulate", *SIMULATED, "--seed", "2", "--force"), "data/rounds/2012-ministry"),
}
BATCH = ("batch", "2012/ministry", "--notebook", "@/home/notebooks/small.ipynb")  # in processes of its own
PLACES = {name: place for name, (_, place) in COMMANDS.items()} | {"batch": "reports/2012/small-ministry/vi"}
SLOW = ("report", "simulate --force")


def small_notebook(line: str) -> None:
    cells = [nbformat.v4.new_code_cell('year: int = 2012\nlevel: str = "ministry"\nlanguage: str = "vi"\n')]
    cells[0].metadata["tags"] = ["parameters"]
    texts = SMALL.format(line).split("\n")
    cells += [nbformat.v4.new_code_cell("\n".join(texts[:2])), *map(nbformat.v4.new_code_cell, texts[2:])]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"small-{number}"
    nbformat.write(notebook, WORK / "home" / "notebooks" / "small.ipynb")


# --- the tables of faults ---------------------------------------------------------------------


def signalled(number: int) -> Run:
    return lambda: os.kill(os.getpid(), number)


def refused(code: int) -> Run:
    def fault() -> None:
        raise OSError(code, os.strerror(code), str(WORK))

    return fault


SIGNALS = {"kill -9": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "SIGHUP": signal.SIGHUP, "Ctrl-C": signal.SIGINT}
#: Just before the command does something with a file.
AT_FILES: dict[str, Run] = {name: signalled(number) for name, number in SIGNALS.items()}
AT_FILES |= {"disk full": refused(errno.ENOSPC), "may not be written": refused(errno.EACCES)}
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.listdir", "os.scandir"}
EVENTS |= {"shutil.copyfile", "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp", "fcntl.flock"}


def limited(kind: int, most: int) -> Run:
    return lambda: resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def another_user() -> None:
    """The folders belong to somebody else."""
    os.environ["HOME"] = "/nonexistent"
    if os.getuid() == 0:
        os.setuid(65534)
    else:
        for folder in (WORK / "home").rglob("*"):
            if folder.is_dir() and not folder.is_symlink():
                folder.chmod(0o555)


#: What the system gives the command from its beginning.
FROM_THE_START: dict[str, Run] = {
    "no file may grow beyond 100 bytes": limited(resource.RLIMIT_FSIZE, 100),
    "no file may grow beyond 1,500 bytes": limited(resource.RLIMIT_FSIZE, 1500),
    "no file may grow beyond 8,000 bytes": limited(resource.RLIMIT_FSIZE, 8000),
    "at most 12 open files": limited(resource.RLIMIT_NOFILE, 12),
    "the folders are another user's": another_user,
}

Change = Callable[[bytes], bytes | None]  # None: the file is gone


def row(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    lines = content.splitlines(keepends=True)
    middle = (len(lines) + 1) // 2
    return b"".join([*lines[:middle], *(change(line) for line in lines[middle : middle + 1]), *lines[middle + 1 :]])


DAMAGES: dict[str, Change] = {
    "gone": lambda _: None,
    "empty": lambda _: b"",
    "cut at two thirds": lambda content: content[: len(content) * 2 // 3],
    "4 KB of NUL at the end": lambda content: content + bytes(4096),
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "semicolons for commas": lambda content: content.replace(b",", b";"),
    "not a text at all": lambda _: bytes(range(128, 256)) * 8,
    "a row twice": lambda content: row(content, lambda line: line * 2),
    "a row gone": lambda content: row(content, lambda _: b""),
    "digits ten times too large": lambda content: row(content, lambda line: line.replace(b".", b"")),
}
DATA: tuple[str, ...] = (
    "published/par_index.csv",
    "units/ministries.csv",
    "units/levels.csv",
    "schemes/876-ministry.yaml",
)
DATA += ("schemes/bands.csv", "published/indices.csv", "published/sources.csv", "contents.csv")
#: The inputs of each command that are damaged; of data/ each damage takes two files, of what else there is every file.
OF_ROUND = tuple(f"data/rounds/{ROUND}/{name}" for name in ("round.yaml", "answers.csv", "imports.csv"))
INPUTS: dict[str, tuple[str, ...]] = {
    "score": OF_ROUND,
    "round import": OF_ROUND,
    "report": ("notebooks/small.ipynb", "reports/2012/small-ministry/vi/*.json", "reports/SHA256SUMS"),
}

#: How the command is called in a process of its own, for sh; "$@" is the command.
CALLED = {
    "standard output closed": '"$@" >&-',
    "standard output full": '"$@" >/dev/full',
    "both outputs closed": '"$@" >&- 2>&-',
    "input closed": '"$@" <&-',
    "reader of the output gone": '"$@" | true',
    "TMPDIR is not there": 'TMPDIR=/nonexistent "$@"',
    "HOME is not there": 'HOME=/nonexistent "$@"',
    "relative PARLIB_HOME": 'cd "$PARLIB_HOME/.." && PARLIB_HOME=home "$@"',
    "PARLIB_HOME is not there": 'PARLIB_HOME=/nonexistent "$@"',
    "PARLIB_HOME is empty": 'PARLIB_HOME= "$@"',
    "PARLIB_DATA is a file": 'PARLIB_DATA=/dev/null "$@"',
    "PARLIB_LANGUAGE of no language": 'PARLIB_LANGUAGE=xx "$@"',
    "LC_ALL=C, no UTF-8": 'LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 "$@"',
    "another time zone, hash seed": 'TZ=Pacific/Kiritimati PYTHONHASHSEED=4242 "$@"',
    "stopped after a second": 'timeout -s TERM 1 "$@"',
    "IPython startup file that spoils pandas": '"$@"',
}

#: Values that no option means; each is given to an option of a command in turn.
HOSTILE = (
    "",
    " ",
    "0",
    "-1",
    "99999999999999999999",
    "0-999999999",
    "nan",
    "../../etc/passwd",
    "/dev/zero",
    "a" * 5000,
)
HOSTILE += ("\x0bx", "{{7*7}}", "=cmd|' /C calc'!A0", "Hà Nội;rm -rf /")
OPTIONS: dict[str, tuple[str, ...]] = {
    "score": ("score", "?"),
    "form --all": ("form", "--round", ROUND, "--unit", "?"),
    "round import": ("round", "import", ROUND, "?"),
    "table --out": ("table", "--year", "?", "--level", "ministry", "--out", "@/home/reports/table.csv"),
    "simulate --force": ("simulate", "--year", "?", "--level", "ministry", "--force"),
}


@dataclass(frozen=True)
class Case:
    """One fault: what is put in, into which command, when; the way it is put in is one of the fields that follow."""

    command: str
    fault: str
    detail: str = ""
    at: float = 0.0  # the part of the file events, or of the time, that has gone by
    before: Run | None = None  # in the process
    signal: int = 0  # after a time
    file: str = ""  # below the workbook, a pattern; ``damage``: what becomes of it
    damage: Change | None = None
    shell: str = ""
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.command}: {self.fault} {self.detail}".strip()


def cases() -> Iterator[Case]:
    dice = random.Random(1)
    for name in COMMANDS:
        n = 3 if name in SLOW else 4
        for (fault, put), k in product(AT_FILES.items(), range(n)):
            yield Case(name, f"{fault} at a file", before=put, at=(k + dice.random()) / n)
        for k in range(3):
            yield Case(name, "kill -9 at any time", signal=signal.SIGKILL, at=(k + dice.random()) / 3)
        for fault, put in FROM_THE_START.items():
            yield Case(name, fault, before=put)
        if name != "round import":
            yield Case(name, "a folder where a file is to be replaced", file=f"{PLACES[name]}*", damage=None)
    for number, (damage, change) in enumerate(DAMAGES.items()):
        for turn, name in enumerate(("table --out", "score", "report", "form --all")):
            file = DATA[(2 * number + turn) % len(DATA)]
            yield Case(name, f"file of data/: {damage}", file, file=f"data/{file}", damage=change)
    for name, files in INPUTS.items():
        for file, (damage, change) in product(files, list(DAMAGES.items())[:7]):
            yield Case(name, f"{file.replace(ROUND, '<round>')}: {damage}", file=file, damage=change)
    for (fault, shell), name in product(CALLED.items(), ("table --out", "batch")):
        yield Case(name, fault, shell=shell)
    for (fault, number), k in product(SIGNALS.items(), range(6)):
        yield Case("batch", f"{fault} at any time", signal=number, at=(k + dice.random()) / 6)
    for number, value in enumerate(HOSTILE):
        name = list(OPTIONS)[number % len(OPTIONS)]
        words = tuple(value if word == "?" else word for word in OPTIONS[name])
        yield Case(name, "hostile value", value[:30], words=words)


# --- one fault --------------------------------------------------------------------------------


def real(words: tuple[str, ...], shell: str = '"$@"', kill: tuple[int, float] | None = None) -> tuple[int, str]:
    """Run in a process of its own with all its children; the exit code and what it told."""
    line = ["sh", "-c", shell, "sh", sys.executable, "-m", "parlib.cli"]
    if kill:
        line = line[4:]
    line += [word.replace("@", str(WORK)) for word in words]
    environment = os.environ | {"PYTHONPATH": str(HOME), "HOME": str(WORK / "home"), "PYTHONUTF8": "1"}
    with (WORK / "told.txt").open("wb") as told:
        process = subprocess.Popen(line, env=environment, stdout=told, stderr=told, start_new_session=True)
        if kill:
            time.sleep(kill[1])
            process.send_signal(kill[0])
        code = process.wait()
    until = time.monotonic() + 20
    while (left := [one for one in psutil.process_iter() if ours(one)]) and time.monotonic() < until:
        time.sleep(0.2)
    for one in left:
        one.kill()
    end = f"\nTraceback: {len(left)} processes stayed" if left else ""
    return code, (WORK / "told.txt").read_text("utf-8", "replace") + end


def ours(process: psutil.Process) -> bool:
    try:
        there = process.pid != os.getpid() and process.environ().get("PARLIB_HOME") == os.environ["PARLIB_HOME"]
        return there and process.status() != psutil.STATUS_ZOMBIE and "parlib.cli" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def forked(run: Run, before: Run | None = None, kill: tuple[int, float] | None = None) -> tuple[int, str]:
    """Run in a copy of this process; its exit code (negative: the signal) and what it told."""
    told = WORK / "told.txt"
    told.unlink(missing_ok=True)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            handle = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
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
    if kill:
        time.sleep(kill[1])
        os.kill(pid, kill[0])
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), told.read_text("utf-8", "replace") if told.exists() else ""


def at_event(number: int, fault: Run, count: Path | None = None) -> Run:
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
    """What is published, as one hash; of a ledger without the times, for each import has its own."""
    if place.name == "answers.csv":
        lines = (place.read_bytes() if place.is_file() else b"").split(b"\n")  # a damaged one is no text, or gone
        rows = [line.rpartition(b",")[0] if line.count(b",") > 6 else line for line in lines]
        return hashlib.sha256(b"\n".join(rows)).hexdigest()
    whole = hashlib.sha256()
    for path in sorted(place.iterdir()) if place.is_dir() else [place] if place.is_file() else ():
        if path.suffix == ".json":  # the record of a report tells the hour
            continue
        whole.update(path.name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b"folder"))
    return whole.hexdigest()


def drafts() -> list[str]:
    return [str(path.relative_to(WORK / "home")) for path in (WORK / "home").rglob(".*-new-*")]


def begin(name: str) -> None:
    """Put the workbook back into the state in which ``name`` has something to publish."""
    shutil.rmtree(WORK / "home", ignore_errors=True)
    shutil.copytree(WORK / ("before" if name == "round import" else "after"), WORK / "home", symlinks=True)


def plain(name: str) -> tuple[int, str]:
    return real(BATCH) if name == "batch" else forked(COMMANDS[name][0])


@dataclass(frozen=True)
class Known:
    """Of an undisturbed run: the states before and after, seconds, how many things it does with files."""

    ends: tuple[str, str]
    seconds: float
    events: int


def undisturbed(name: str) -> Known:
    begin(name)
    place, count = WORK / "home" / PLACES[name], WORK / "count"
    count.touch()
    old, began = state(place), time.perf_counter()
    code, told = real(BATCH) if name == "batch" else forked(COMMANDS[name][0], at_event(0, lambda: None, count))
    known = Known((old, state(place)), time.perf_counter() - began, count.stat().st_size)
    assert code == 0 and old != known.ends[1], f"{name} publishes nothing new: {told}"
    return known


def damaged(case: Case) -> Callable[[], None]:
    """Damage a file; gives back what mends it."""
    home = WORK / "home"
    if case.file.startswith("data/") and (home / "data" / "units").is_symlink():
        for link in [path for path in (home / "data").iterdir() if path.is_symlink()]:
            link.unlink()
            (shutil.copytree if (HOME / "data" / link.name).is_dir() else shutil.copy)(HOME / "data" / link.name, link)
    path = max(home.glob(case.file))
    if case.damage is None and path.is_dir():  # the last file of a set
        path = max(one for one in path.iterdir() if one.is_file())
    content = path.read_bytes()
    path.unlink()
    now = case.damage(content) if case.damage else None
    if case.damage is None:
        path.mkdir()
    elif now is not None:
        path.write_bytes(now)

    def mend() -> None:
        if path.is_dir():
            shutil.rmtree(path)
        if path.parent.is_dir() and case.damage and (path.read_bytes() if path.is_file() else None) == now:
            path.write_bytes(content)  # else the command has made it anew

    return mend


@dataclass(frozen=True)
class Came:
    """What came of a fault."""

    code: int
    said: str
    ended: str  # old, new, MIXED
    left: int  # drafts, before the plain run
    wrong: str = ""


GOOD = {0, 1, 2, 124, 129, 130, 143}  # 124: timeout says that it stopped something


def inject(case: Case) -> Came:
    name, known = case.command, KNOWN[case.command]
    begin(name)
    place = WORK / "home" / PLACES[name]
    mend = damaged(case) if case.file else lambda: None
    before = case.before
    if before is not None and case.fault.endswith("at a file"):
        before = at_event(max(1, round(known.events * case.at)), before)
    kill = (case.signal, known.seconds * case.at) if case.signal else None
    start = state(place)
    if "IPython" in case.fault:
        startup = WORK / "home" / ".ipython" / "profile_default" / "startup" / "00.py"
        startup.parent.mkdir(parents=True)
        startup.write_text("import pandas\npandas.DataFrame = None\nprint('hello')\n")
    if case.shell or name == "batch":
        words = BATCH if name == "batch" else ("table", *SIMULATED, "--out", "@/home/reports/table.csv")
        code, told = real(words, case.shell or '"$@"', kill)
    else:
        code, told = forked(command(*case.words) if case.words else COMMANDS[name][0], before, kill)
    now = state(place)
    ended = "old" if now in (known.ends[0], start) else "new" if now == known.ends[1] else "MIXED"
    if case.words and ended == "MIXED" and code == 0:
        ended = "new"  # something else was asked for, and made
    left = len(drafts())
    wrong = ["MIXED"] if ended == "MIXED" else []
    wrong += ["traceback"] if "Traceback" in told else []
    killed = bool(case.signal or case.fault.startswith(tuple(SIGNALS)))
    wrong += [f"exit {code}"] if code not in GOOD and not (killed and code < 0) else []
    wrong += ["no word"] if code in (1, 2) and not told.strip() and not case.shell else []
    mend()
    again, after = plain(name)
    single = [path for path in (WORK / "home").rglob(".*-new-*") if path.is_file()]
    if single and not again:  # of a single file: its draft goes an hour later, for nobody knows who writes it
        for path in single:
            os.utime(path, (time.time() - 7200,) * 2)
        again, after = plain(name)
    if again or state(place) != known.ends[1] or drafts():
        wrong.append(f"run again: exit {again}, {state(place) == known.ends[1]}, {drafts()}, {after[-1500:]}")
    told = re.sub(r"\S*(?=/site-packages/)", "...", told.replace(str(WORK), "..."))
    lines = [line for line in told.splitlines() if line.strip()]
    said = lines[-1].strip() if lines else ""
    return Came(code, said, ended, left, "; ".join(wrong) + (f"\n{told[-1500:]}" if wrong else ""))


# --- all of them ------------------------------------------------------------------------------


def prepare() -> None:
    """The workbook in state A: published, and then something is new."""
    home = WORK / "home"
    for name in ("notebooks", "data/rounds", "reports"):
        (home / name).mkdir(parents=True)
    for path in (HOME / "data").iterdir():
        if path.name != "rounds":
            (home / "data" / path.name).symlink_to(path)
    shutil.copy(HOME / "requirements.lock", home)
    head = "unit,code,stage,answer,evidence,by,at\n"
    rows = [
        f"{unit},1.1.2,appraisal,{n + 6}0,BC {n},Vụ,2024-01-0{n}T08:00:00+07:00\n" for n, unit in enumerate(UNITS, 1)
    ]
    (WORK / "first.csv").write_text(head + "".join(rows))
    more = "".join(row.replace("2024-01", "2024-02").replace("0,BC", "5,BC") for row in rows)
    (WORK / "more.csv").write_text(head + more)

    def new_round() -> None:
        plan = {"id": ROUND, "year": 2023, "level": "ministry", "scheme": "876-ministry", "units": UNITS}
        rounds.create_round(rounds.RoundPlan.model_validate(plan), by="thử")

    steps = [new_round, command("round", "import", ROUND, "@/first.csv"), command("score", ROUND)]
    steps += [command("form", "--round", ROUND, "--all", "--force"), command("simulate", *SIMULATED)]
    for run in steps:
        code, told = forked(run)
        assert code == 0, told
    (home / "reports" / "table.csv").write_text("cũ\n")
    small_notebook("Lần một")
    code, told = real(BATCH)
    assert code == 0, told
    small_notebook("Lần hai")
    code, told = forked(executed)
    assert code == 0, told
    EXECUTED.update(nbformat.read(WORK / "executed.ipynb", as_version=4))
    shutil.copytree(home, WORK / "before", symlinks=True)  # the import is new
    assert forked(COMMANDS["round import"][0])[0] == 0
    shutil.copytree(home, WORK / "after", symlinks=True)


CASES: list[Case] = []
KNOWN: dict[str, Known] = {}


def settle(base: Path) -> None:
    """In each process that injects: a workbook of its own."""
    global WORK
    WORK = Path(tempfile.mkdtemp(prefix="worker-", dir=base))
    WORK.chmod(0o777)
    for name in ("before", "after", "first.csv", "more.csv"):
        path = base / name
        (shutil.copytree(path, WORK / name, symlinks=True) if path.is_dir() else shutil.copy(path, WORK))
    os.environ["PARLIB_HOME"] = str(WORK / "home")


def inject_number(number: int) -> Came:
    return inject(CASES[number])


def table(results: list[tuple[Case, Came]]) -> list[str]:
    """A row for each command and fault."""
    lines = [
        "| fault | command | times | exit | published after: old / new | drafts left | run again | what it says |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows: dict[tuple[str, str], list[Came]] = {}
    for case, result in results:
        rows.setdefault((case.fault, case.command), []).append(result)
    for (fault, name), of_row in rows.items():
        ended = [result.ended for result in of_row]
        codes = ", ".join(map(str, sorted({result.code for result in of_row})))
        mixed = f" / {ended.count('MIXED')} MIXED" if "MIXED" in ended else ""
        again = "as undisturbed" if not any(result.wrong for result in of_row) else "WRONG, see below"
        said = max((result.said for result in of_row), key=len)[:110].replace("|", "/")
        lines.append(
            f"| {fault} | {name} | {len(of_row)} | {codes} | {ended.count('old')} / {ended.count('new')}{mixed} "
            f"| {sum(result.left for result in of_row)} | {again} | {said} |"
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--sample", type=int, default=0, metavar="N")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--minutes", type=float, default=24 * 60, metavar="N")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup a closed terminal would stop nothing
    every = [case for case in cases() if given.only in str(case)]
    CASES[:] = random.Random(2).sample(every, min(given.sample or len(every), len(every)))
    CASES.sort(key=lambda case: (case.command == "batch", bool(case.shell)))  # what takes long comes last
    WORK.chmod(0o755)
    prepare()
    KNOWN.update((name, undisturbed(name)) for name in PLACES if any(case.command == name for case in CASES))
    results: dict[int, Came] = {}
    until = time.monotonic() + 60 * given.minutes
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(given.jobs, mp_context=fork, initializer=settle, initargs=(WORK,)) as pool:
        futures = {pool.submit(inject_number, number): number for number in range(len(CASES))}
        for future in as_completed(futures):
            if future.cancelled():
                continue
            result = results[futures[future]] = future.result()
            if time.monotonic() > until:
                for other in futures:
                    other.cancel()
            case = CASES[futures[future]]
            line = f"[{len(results)}/{len(CASES)}] {case}: {result.code}, {result.ended}"
            sys.stderr.write(line + (f" WRONG: {result.wrong}\n" if result.wrong else "\n"))
    inorder = [(CASES[number], results[number]) for number in results]
    inorder.sort(key=lambda one: every.index(one[0]))
    wrong = [(case, result) for case, result in inorder if result.wrong]
    mixed = sum(result.ended == "MIXED" for _, result in inorder)
    told = sum("traceback" in result.wrong for _, result in inorder)
    summary = f"{len(inorder)} faults of {len(every)}: {mixed} mixed, {told} with a traceback, "
    lines = [summary + f"{len(wrong)} not as they should.", "", *table(inorder)]
    sys.stdout.write("\n".join(lines) + "\n")
    for case, result in wrong:
        sys.stdout.write(f"\n{case}: {result.wrong}\n")
    if given.write:
        write(lines, wrong)
    return bool(wrong)


BEGIN, END = "<!-- faults: written by make faults -->", "<!-- end of faults -->"


def write(lines: list[str], wrong: list[tuple[Case, Came]]) -> None:
    """Put the table between the marks of the document."""
    path = HOME / "docs" / "reliability.md"
    head, _, rest = path.read_text("utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    more = [f"- {case}: {result.wrong.splitlines()[0]}" for case, result in wrong]
    body = "\n".join([*lines, *(["", "Not as it should be:", "", *more] if more else [])])
    path.write_text(f"{head}{BEGIN}\n{body}\n{END}{tail}", "utf-8")


if __name__ == "__main__":
    with_parent = os.getpid()
    try:
        code = main()
    finally:
        if os.getpid() == with_parent:
            shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(code)
