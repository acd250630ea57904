"""Do the tests notice? ``python benchmarks/mutations.py [--number 200] [--seed 1] [--workers 2] [--tests ...]``

Changes scoring/ and analysis/ at random, one comparison, operator, constant or condition at a time, in copies of the
project, and runs the tests of these rooms until one fails, those first that name the changed module. Prints each change
that no test noticed, and the share that was noticed: at least 95 % is asked. ``--modules parlib/scoring/rules`` changes
only what begins so. What can change nothing is left alone: messages and what is raised with them, types, assertions,
options that only check or show (``strict``, ``repr``). Needs minutes, not seconds.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

TOP = Path(__file__).resolve().parent.parent
ROOMS = ("scoring", "analysis")
#: Cheap and near first: the run ends with the first that fails.
TESTS = (
    "tests/scoring",
    "tests/test_situations.py",
    "tests/analysis",
    "tests/reference",
    "tests/test_years.py",
    "tests/golden",
    "tests/report",
    "tests/sources",
    "tests/publish",
    "tests/notebooks",
)
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
    """One change of one module: the module as changed, and what was changed in words."""

    path: str  # from the top of the project
    line: int
    what: str
    text: str


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module that compute something: no types, no messages, no docstrings."""
    yield node
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
            yield from _code(child)


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
    for room in ROOMS:
        for file in sorted((TOP / "parlib" / room).rglob("*.py")):
            path = file.relative_to(TOP).as_posix()
            if not path.startswith(modules):
                continue
            trees[path] = ast.parse(file.read_text("utf-8"))
            nodes = list(_code(trees[path]))
            places += [(path, at) for at, node in enumerate(nodes) if _altered(copy.deepcopy(node)) is not None]
    drawn = random.Random(seed).sample(places, min(number, len(places)))
    made = []
    for path, at in drawn:
        tree = copy.deepcopy(trees[path])
        node = list(_code(tree))[at]
        what = _altered(node)
        made.append(Change(path, getattr(node, "lineno", 0), str(what), ast.unparse(ast.fix_missing_locations(tree))))
    return made


def _copy_of_the_project(folder: Path) -> Path:
    skipped = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "reports", ".hypothesis")
    shutil.copytree(TOP, folder, ignore=skipped)
    return folder


def _near(change: Change, tests: list[str]) -> list[str]:
    """The files among the ``tests`` that name the changed module: they will notice first, if any does."""
    parts = Path(change.path).with_suffix("").parts
    room, name = parts[-2], parts[-1]
    pattern = re.compile(rf"\b{room}(\.{name}\b|(\.\w+)* import .*\b{name}\b)")
    files = [file for test in tests for file in sorted((TOP / test).rglob("test_*.py")) if (TOP / test).is_dir()]
    near = [file for file in files if file.parent.name == room not in ROOMS or pattern.search(file.read_text("utf-8"))]
    near.sort(key=lambda file: name not in file.stem)
    return [file.relative_to(TOP).as_posix() for file in near]


def noticed(change: Change, project: Path, tests: list[str]) -> bool:
    """Whether a test fails in a copy of the project that has the change; the copy is put back."""
    file = project / change.path
    before = file.read_bytes()
    file.write_text(change.text, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(project), "CI": "true", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "--no-header", "-p", "no:cacheprovider"]
    there = [test for test in tests if (TOP / test).exists()]
    near = _near(change, there)
    rest = [*there, *(f"--deselect={test}" for test in near)]
    try:
        for chosen in [near, rest] if near else [rest]:
            done = subprocess.run([*command, *chosen], cwd=project, env=environment, capture_output=True, timeout=3600)
            if done.returncode not in (0, 5):  # 5: no test was left
                return True
    except subprocess.TimeoutExpired:
        return True  # a loop that does not end is noticed
    finally:
        file.write_bytes(before)
    return False


def main() -> None:
    """Draw the changes, try each, print what was not noticed and the share that was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--modules", default="", help="only modules whose path begins so")
    parser.add_argument("--tests", nargs="*", default=list(TESTS))
    asked = parser.parse_args()
    drawn = changes(asked.number, asked.seed, asked.modules)
    with tempfile.TemporaryDirectory() as folder:
        free: Queue[Path] = Queue()
        for worker in range(asked.workers):
            free.put(_copy_of_the_project(Path(folder) / str(worker)))

        def one(change: Change) -> bool:
            project = free.get()
            try:
                seen = noticed(change, project, asked.tests)
            finally:
                free.put(project)
            if not seen:
                print(f"not noticed: {change.path}:{change.line}: {change.what}", flush=True)
            return seen

        with ThreadPoolExecutor(asked.workers) as pool:
            seen = list(pool.map(one, drawn))
    print(f"noticed {sum(seen)} of {len(seen)} ({sum(seen) / len(seen):.1%})")


if __name__ == "__main__":
    main()
