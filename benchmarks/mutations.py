"""Do the tests notice? ``python benchmarks/mutations.py [--number 200] [--seed 1] [--workers 2] [--resume FILE]``

Changes scoring/ and analysis/ at random, one comparison, operator, constant or condition at a time, in copies of the
project, and runs the tests until one fails. Prints each change that no test noticed, and the share that was noticed: at
least 95 % is asked. ``--modules parlib/scoring/rules`` changes only what begins so. Needs minutes, not seconds.

First every test file is run once as the project is, and which functions of the two rooms each test calls, and how long
it takes, is written down: a change is then tried with the tests that call the changed function, the short ones first,
and with the others of their files. ``--resume FILE`` keeps that list (``FILE.calls``) and every result as it comes, and
goes on from there; equal seeds draw equal changes from equal code.

What can change nothing is left alone, by kind: messages and what is raised with them, types, assertions, options that
only check or show (``_OPTIONS``).
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from types import CodeType, FrameType

import pytest

TOP = Path(__file__).resolve().parent.parent
ROOMS = ("parlib/scoring", "parlib/analysis")
#: Tests that call the two rooms in their own process.
TESTS = (
    "tests/scoring",
    "tests/test_situations.py",
    "tests/analysis",
    "tests/reference",
    "tests/test_years.py",
    "tests/golden",
    "tests/report",
    "tests/sources",
)
#: As many seconds of tests as are tried first, and at all; a run is ended after ``_PATIENCE`` times as many.
_FIRST, _ALL, _PATIENCE = 15.0, 90.0, 5
_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_FIELDS_OF_TYPES = ("annotation", "returns", "decorator_list")
_MESSAGES = ("Problem", "Message", "message", "say", "field", "lru_cache")
_OPTIONS = ("strict", "repr", "copy", "observed", "encoding")  # of a call: they check or show, and compute nothing


@dataclass(frozen=True)
class Change:
    """One change of one module: where, what was changed in words, and the module as changed."""

    path: str  # from the top of the project
    line: int
    function: str  # "rank", "Scheme.node"; "" outside of functions
    what: str
    text: str

    def words(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def _code(node: ast.AST, inside: tuple[str, ...] = ()) -> Iterator[tuple[ast.AST, tuple[str, ...]]]:
    """The nodes of a module that compute something, with the names of the classes and functions around them."""
    yield node, inside
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        inside = (*inside, node.name)
    for name, value in ast.iter_fields(node):
        if name in _FIELDS_OF_TYPES:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST):
                continue
            if isinstance(child, ast.Call) and getattr(child.func, "id", getattr(child.func, "attr", "")) in _MESSAGES:
                continue
            if isinstance(child, ast.Raise | ast.Assert) or (isinstance(child, ast.keyword) and child.arg in _OPTIONS):
                continue
            if isinstance(child, ast.Subscript) and isinstance(node, ast.Assign) and "Literal" in ast.dump(child):
                continue
            yield from _code(child, inside)


def _joins(node: ast.BinOp) -> bool:
    """Whether an operator joins texts or lists, which have no less."""
    kinds = (ast.JoinedStr, ast.List, ast.ListComp, ast.Tuple)
    sides = (node.left, node.right)
    return any(
        isinstance(side, kinds) or (isinstance(side, ast.Constant) and isinstance(side.value, str)) for side in sides
    )


def _altered(node: ast.AST) -> str | None:
    """Alter a node in its place; what was done in words, ``None`` where there is nothing to alter."""
    before = ast.unparse(node) if isinstance(node, ast.expr) else ""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS:
        node.ops[0] = _SWAPS[type(node.ops[0])]()  # type: ignore[call-overload]
    elif isinstance(node, ast.BoolOp) or (isinstance(node, ast.BinOp) and type(node.op) in _SWAPS and not _joins(node)):
        node.op = _SWAPS[type(node.op)]()  # type: ignore[assignment]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        node.value = not node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        node.value = node.value + 1 if isinstance(node.value, int) else node.value * 1.5 + 0.25
    else:
        return None
    return f"{before}  ->  {ast.unparse(node)}"


def changes(number: int, seed: int, modules: str = "") -> list[Change]:
    """As many changes as asked for, drawn from all that can be made; the same seed draws the same."""
    places: list[tuple[str, int]] = []
    trees: dict[str, ast.Module] = {}
    for file in sorted(file for room in ROOMS for file in (TOP / room).rglob("*.py")):
        path = file.relative_to(TOP).as_posix()
        if path.startswith(modules):
            trees[path] = ast.parse(file.read_text("utf-8"))
            nodes = [node for node, _ in _code(trees[path])]
            places += [(path, at) for at, node in enumerate(nodes) if _altered(copy.deepcopy(node)) is not None]
    made = []
    for path, at in random.Random(seed).sample(places, min(number, len(places))):
        tree = copy.deepcopy(trees[path])
        node, inside = list(_code(tree))[at]
        what = _altered(node)
        text = ast.unparse(ast.fix_missing_locations(tree))
        made.append(Change(path, getattr(node, "lineno", 0), ".".join(inside), str(what), text))
    return made


# --- running tests: each run in a copy of this process, which has imported the slow libraries already -----------------


@dataclass(eq=False)
class Run:
    """What a run of tests showed: how long each test took, what it called, and which failed. A plugin of pytest."""

    tracing: bool
    seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, list[str]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        test = item.nodeid.partition("[")[0]
        called: set[CodeType] = set()

        def note(frame: FrameType, *_: object) -> None:
            called.add(frame.f_code)

        before = time.process_time()
        if self.tracing:
            sys.settrace(note)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.seconds[test] = self.seconds.get(test, 0.0) + time.process_time() - before
            names = {_called(code) for code in called} - {""}
            self.calls[test] = sorted(names.union(self.calls.get(test, ())))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid.partition("[")[0])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


def _called(code: CodeType) -> str:
    """The name of a function of the two rooms, that of the outermost function for one inside another."""
    path = Path(code.co_filename)
    if not path.is_relative_to(Path.cwd()):
        return ""
    place = path.relative_to(Path.cwd()).as_posix()
    return f"{place}::{code.co_qualname.partition('.<')[0]}" if place.startswith(ROOMS) else ""


def _in_copy(project: Path, tests: list[str], tracing: bool, answer: Connection) -> None:
    os.setsid()
    os.chdir(project)
    sys.path.insert(0, str(project))
    os.environ |= {"PYTHONPATH": str(project), "CI": "true"}
    with Path(os.devnull).open("w") as silent:
        os.dup2(silent.fileno(), 1)
        os.dup2(silent.fileno(), 2)
    run = Run(tracing)
    code = pytest.main([*([] if tracing else ["-x"]), *tests], plugins=[run])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) and not run.failed:
        run.failed.append(f"exit status {int(code)}")
    answer.send((run.seconds, run.calls, run.failed))


def tried(project: Path, tests: list[str], limit: float, tracing: bool = False) -> Run:
    """Run tests in a copy of the project and of this process; one that does not end within ``limit`` s has failed."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_in_copy, args=(project, tests, tracing, there))
    process.start()
    there.close()
    run = Run(tracing)
    try:
        if here.poll(limit):
            run.seconds, run.calls, run.failed = here.recv()
        else:
            run.failed = [f"no end in {limit:.0f} s"]
    except EOFError:
        run.failed = ["the process crashed"]
    if process.is_alive() and run.failed and not run.seconds:
        os.killpg(process.pid, signal.SIGKILL)
    process.join()
    return run


def record(project: Path, tests: list[str], workers: int) -> Run:
    """What each test calls and how long it takes, each file in a process of its own; without those that fail."""
    files = [file for test in tests for file in ([Path(test)] if test.endswith(".py") else _files(project, test))]
    whole = Run(True)
    with ThreadPoolExecutor(workers) as pool:
        for run in pool.map(lambda file: tried(project, [str(file)], 1800, tracing=True), files):
            bad = set(run.failed)
            whole.seconds |= {test: seconds for test, seconds in run.seconds.items() if test not in bad}
            whole.calls |= {test: names for test, names in run.calls.items() if test not in bad}
            whole.failed += run.failed
    return whole


def _files(project: Path, folder: str) -> list[Path]:
    return [file.relative_to(project) for file in sorted((project / folder).rglob("test_*.py"))]


def chosen(change: Change, known: Run) -> list[list[str]]:
    """The tests that a change is tried with: those that call the function, then the others of their files."""
    place = f"{change.path}::{change.function}"
    near = [
        test
        for test, names in known.calls.items()
        if any(name == place if change.function else name.startswith(place) for name in names)
    ]
    near = near or [test for test, names in known.calls.items() if any(n.startswith(change.path) for n in names)]
    files = {test.partition("::")[0] for test in near}
    others = [test for test in known.calls if test.partition("::")[0] in files and test not in near]
    ordered = [*sorted(near, key=known.seconds.__getitem__), *sorted(others, key=known.seconds.__getitem__)]
    first, rest, spent = [], [], 0.0
    for test in ordered:
        spent += known.seconds[test]
        if spent <= _FIRST or not first:
            first.append(test)
        elif spent <= _ALL:
            rest.append(test)
    return [tests for tests in (first, rest) if tests]


def noticed(change: Change, project: Path, known: Run) -> str:
    """The test that fails in a copy of the project that has the change, "" for none; the copy is put back."""
    file = project / change.path
    before = file.read_bytes()
    try:
        _write(file, change.text.encode())
        for tests in chosen(change, known):
            failed = tried(project, tests, _ALL * _PATIENCE).failed
            if failed:
                return failed[0]
    finally:
        _write(file, before)
    return ""


def _write(file: Path, text: bytes) -> None:
    """Write a module, and forget what was compiled of it: two changes may come in one second."""
    file.write_bytes(text)
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
        compiled.unlink()


def _copy_of_the_project(folder: Path) -> Path:
    skipped = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "reports", ".hypothesis")
    shutil.copytree(TOP, folder, ignore=skipped)
    return folder


def _kept(results: Path) -> dict[str, str]:
    """Results of a run before: the changed modules' texts, each with the test that noticed it."""
    if not results.exists():
        return {}
    lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    return {line["text"]: line["noticed"] for line in lines}


def _calls(file: Path, project: Path, tests: list[str], workers: int) -> Run:
    """The list of calls, from its file where it is there."""
    if file.exists():
        kept = json.loads(file.read_text("utf-8"))
        return Run(True, kept["seconds"], kept["calls"], kept["failed"])
    known = record(project, tests, workers)
    file.write_text(json.dumps(vars(known), ensure_ascii=False, indent=0), "utf-8")
    return known


def main() -> None:
    """Draw the changes, try each, print what was not noticed and the share that was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--modules", default="", help="only modules whose path begins so")
    parser.add_argument("--tests", nargs="*", default=list(TESTS))
    parser.add_argument("--resume", type=Path, help="a file of results: what stands in it is not tried again")
    asked = parser.parse_args()
    for slow in ("pandas", "scipy.stats", "matplotlib.pyplot", "pydantic"):
        importlib.import_module(slow)  # once: each run is a copy of this process
    drawn = changes(asked.number, asked.seed, asked.modules)
    with tempfile.TemporaryDirectory() as folder:
        results = asked.resume or Path(folder) / "results.jsonl"
        free: Queue[Path] = Queue()
        for worker in range(asked.workers):
            free.put(_copy_of_the_project(Path(folder) / str(worker)))
        known = _calls(results.with_name(results.name + ".calls"), free.queue[0], asked.tests, asked.workers)
        if known.failed:
            print("left out, for they fail without a change:", *sorted(set(known.failed)), flush=True)
        kept = _kept(results)

        def one(change: Change) -> str:
            if change.text in kept:
                return kept[change.text]
            project = free.get()
            try:
                test = noticed(change, project, known)
            finally:
                free.put(project)
            with results.open("a", encoding="utf-8") as file:
                line = {"change": change.words(), "noticed": test, "text": change.text}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            if not test:
                print(f"not noticed: {change.words()}", flush=True)
            return test

        with ThreadPoolExecutor(asked.workers) as pool:
            seen = [bool(test) for test in pool.map(one, drawn)]
    print(f"noticed {sum(seen)} of {len(seen)} ({sum(seen) / len(seen):.1%})")


if __name__ == "__main__":
    main()
