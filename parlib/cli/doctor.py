"""``parlib doctor``: is this machine fit, is everything in its place, and what to do where it is not."""

from __future__ import annotations

import importlib.metadata as installed
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import typer

from parlib import places
from parlib.cli.words import LANGUAGE, echo, say
from parlib.errors import as_problem
from parlib.words import Joined, Message, Words

OLDEST, NEWEST_RUN, NEWEST = (3, 11), (3, 13), (3, 14)
ROOM = {"error": 200 << 20, "warning": 2 << 30}  # bytes on the disk of the reports: one batch takes some hundred MB


class State(Enum):
    """How serious a finding is."""

    OK = Message("OK")
    WARNING = Message("WARNING")
    ERROR = Message("ERROR")


class Line(NamedTuple):
    """What was found, and what to do about it."""

    state: State
    what: Words
    advice: Words | str = ""


alone = typer.Typer()


@alone.command(help=say("Check this machine: Python, packages, libraries, disk, data, rounds; and say what to do."))
def doctor() -> None:
    """One line for each finding; exit code 1 where one of them is an error."""
    worst = False
    for check in (_python, _packages, _pdf, _programs, _kernels, _disk, _data, _rounds, _locks, _leftovers):
        try:
            lines = list(check())
        except Exception as error:  # a check that cannot be made is a finding
            lines = [Line(State.ERROR, problem) for problem in as_problem(error).problems]
        for state, what, advice in lines:
            told = advice if isinstance(advice, str) else advice.text(LANGUAGE)
            echo(f"{state.value.text(LANGUAGE):<9} {what.text(LANGUAGE)}" + (f"\n{'':<9} → {told}" if told else ""))
            worst |= state is State.ERROR
    if worst:
        raise typer.Exit(1)


# --- the machine ----------------------------------------------------------------------------------


def _python() -> Iterator[Line]:
    version = sys.version_info[:2]
    what = Message("Python {version} ({path})", {"version": sys.version.split()[0], "path": sys.executable})
    if not OLDEST <= version <= NEWEST:
        yield Line(State.ERROR, what, Message("parlib needs Python 3.11 to 3.14"))
    elif version > NEWEST_RUN:
        yield Line(State.WARNING, what, Message("the tests were never run on this one; 3.11 to 3.13 are safe"))
    else:
        yield Line(State.OK, what)


def _packages() -> Iterator[Line]:
    """What is installed, against ``requirements.lock``; only what parlib itself needs has to be there."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    from parlib.publish import warm

    try:
        text = (places.home() / warm.LOCK).read_text("utf-8")
        wanted = [Requirement(line) for line in installed.requires("parlib") or ()]
    except (FileNotFoundError, installed.PackageNotFoundError):
        told = Message("packages: not compared, for parlib is not installed from its folder with requirements.lock")
        yield Line(State.WARNING, told)
        return
    locked = [Requirement(line) for line in re.findall(r"^[\w.-]+==[^\\\n]+", text, re.MULTILINE)]
    chosen = {one.name: one for one in locked if one.marker is None or one.marker.evaluate()}
    every: dict[str, str] = {canonicalize_name(one.name): one.version for one in installed.distributions()}
    there = {name: every[name] for name in chosen if name in every}
    needed = {canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})}
    missing = sorted(needed & chosen.keys() - there.keys())
    others = [f"{name} {there[name]}" for name in there if not chosen[name].specifier.contains(there[name])]
    advice = Message(
        "install what is listed: pip install -r requirements.lock (docs/windows.md: without a network too)"
    )
    if missing:
        yield Line(State.ERROR, Message("packages missing: {names}", {"names": ", ".join(missing)}), advice)
    if others:
        told = Message("packages of other versions than listed: {names}", {"names": ", ".join(others)})
        yield Line(State.WARNING, told, advice)
    if not missing and not others:
        yield Line(State.OK, Message("packages: {n}, as listed in requirements.lock", {"n": len(there)}))


def _pdf() -> Iterator[Line]:
    """One page of Vietnamese, set in a process of its own: without any font Pango ends the process that asks it."""
    code = "from parlib.publish.pdf import libraries as there; weasyprint, fonts = there(); "
    code += "weasyprint.HTML(string='<p lang=vi>Ổ ắ ỹ').write_pdf(font_config=fonts)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    if made.returncode == 0:
        yield Line(State.OK, Message("PDF: Pango and fonts are there"))
        return
    said = (made.stderr.strip().splitlines() or [str(made.returncode)])[-1][:300]
    advice = Message(
        "with conda: conda install -c conda-forge pango; on Debian: make system (Pango and fonts-croscore); the other "
        "formats can be made without"
    )
    yield Line(State.ERROR, Message("PDF: no page can be set ({said})", {"said": said}), advice)


def _programs() -> Iterator[Line]:
    for name, programs in {"LibreOffice": ("soffice",), "Chromium": ("chromium", "chromium-browser")}.items():
        path = next((path for one in programs if (path := shutil.which(one))), "")
        absent = Message("not here; only some tests need it")
        yield Line(State.OK, Joined((name, path or absent), ": "))


def _kernels() -> Iterator[Line]:
    from parlib.publish import warm

    kept = Message("kernels: warm, a report begins at once")
    anew = Message("kernels: started anew for every report (some seconds each), as always but on Linux")
    yield Line(State.OK, kept if warm.POSSIBLE else anew)


def _disk() -> Iterator[Line]:
    folder = places.reports()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):  # may one write there?
        pass
    free = shutil.disk_usage(folder).free
    state = State.ERROR if free < ROOM["error"] else State.WARNING if free < ROOM["warning"] else State.OK
    what = Message("disk: {mb} MB free in {folder}", {"mb": free >> 20, "folder": folder})
    yield Line(state, what, "" if state is State.OK else Message("make room: reports in all formats take 50 MB a year"))


# --- what lies on it ------------------------------------------------------------------------------


def _data() -> Iterator[Line]:
    from parlib import data_tables
    from parlib.sources import data_check

    wrong, changed = data_check.broken(), data_check.changed()
    if wrong or changed:
        numbers = {"wrong": len(wrong), "changed": len(changed)}
        what = Message("data: {wrong} things wrong, {changed} not as listed", numbers)
        yield Line(State.ERROR, what, Message("see them with: parlib data check"))
    else:
        yield Line(State.OK, Message("data: {n} files, as listed", {"n": len(data_tables.names_in(places.data()))}))


def _rounds() -> Iterator[Line]:
    from parlib.errors import ParlibError
    from parlib.sources import rounds

    sound = []
    for round_id in rounds.round_ids():
        try:
            rounds.open_for_reading(round_id)
            sound.append(round_id)
        except ParlibError as error:
            what = Message("round {id}: {problem}", {"id": round_id, "problem": error.problems[0]})
            yield Line(State.ERROR, what, Message("see docs/rounds.md; nothing was changed"))
    if sound:
        yield Line(State.OK, Message("rounds: {names}", {"names": ", ".join(sound)}))


def _locks() -> Iterator[Line]:
    """Whoever holds a lock is at work: the system frees those of processes that ended."""
    from filelock import FileLock, Timeout

    held = []
    for path in [*places.rounds().glob("*/.lock"), *places.cache().glob("locks/*.lock")]:
        try:
            FileLock(path, timeout=0).acquire().lock.release()
        except Timeout:
            held.append(path.parent.name if path.name == ".lock" else path.stem)
    if held:
        what = Message("at work now: {names}", {"names": ", ".join(held)})
        advice = Message("wait for it, or end the program that holds it; nothing need be deleted")
        yield Line(State.WARNING, what, advice)
    else:
        yield Line(State.OK, Message("locks: none is held"))


def _leftovers() -> Iterator[Line]:
    found = [*places.reports().rglob(".*-new-*"), *places.reports().rglob(".*-old-*")]
    found += list(Path(tempfile.gettempdir()).glob("parlib-*"))
    if found:
        what = Message("left by runs that were killed, or of runs at work: {n} folders", {"n": len(found)})
        yield Line(State.OK, Joined((what, Message("the next run takes them away"))))
    else:
        yield Line(State.OK, Message("temporary folders: none left"))
