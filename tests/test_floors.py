"""The floors of the house: imports run downwards, never sideways between the rooms of floor 2, never in a circle.

Nor do two folders import one another: what both need stands below both.

Imports inside functions count like any other: a lazy import is still a dependency.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

import parlib

PACKAGE = Path(parlib.__file__).parent

FLOOR_OF_ROOM = {
    "errors": 0,
    "places": 0,
    "tables": 0,
    "layouts": 0,
    "kinds": 0,
    "contents": 0,
    "data_tables": 0,
    "yaml_files": 0,
    "decisions": 0,
    "words": 0,
    "numerals": 0,
    "scoring": 1,
    "sources": 2,
    "analysis": 2,
    "answers": 3,
    "opened": 3,
    "years": 3,
    "report": 4,
    "explorer": 5,
    "publish": 5,
    "cli": 6,
}

#: Folders that import a folder of their own and are imported by it, and why: what the parts share stands beside what
#: puts the parts together. Circles of modules are refused there as everywhere.
NESTED = {
    ("parlib.publish", "parlib.publish.verify"): "verify reads documents, render and the warm process call verify",
    ("parlib.publish.verify", "parlib.publish.verify.files"): "cards are read by the gate, published reports by files",
    ("parlib.report", "parlib.report.charts"): "blocks, views and style; the sections call charts",
    ("parlib.report", "parlib.report.tables"): "blocks and views; the sections call tables",
}


def sources():
    """Every module of parlib by its dotted name, with its text. The door itself, parlib/__init__.py, has no floor."""
    results = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name != "parlib":
            results[name] = path.read_text(encoding="utf-8")
    return results


@cache
def import_nodes(text):
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom | ast.Call)]


def imports(name, text, modules):
    """The modules of parlib that a module imports, wherever in it the import stands."""
    is_package = any(other.startswith(f"{name}.") for other in modules)
    results = set()
    for node in import_nodes(text):
        named = []
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                here = name.split(".")
                base = here[: len(here) - node.level + is_package]
                origin = ".".join([*base, *([node.module] if node.module else [])])
            named = [f"{origin}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and "import_module" in ast.dump(node.func):
            named = [word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
        for full in named:
            while full and full not in modules:  # a name inside a module: the module itself
                full = full.rpartition(".")[0]
            if full and full != name:
                results.add(full)
    return results


def room(name):
    """The room of a module; the command line is one, however many files it has."""
    return "cli" if name.startswith("parlib.cli") else name.split(".")[1]


def faults(modules):
    """What breaks the floors, in words."""
    graph = {name: imports(name, text, modules) for name, text in modules.items()}
    results = [f"{name} stands on no floor" for name in modules if room(name) not in FLOOR_OF_ROOM]
    for name, targets in graph.items():
        for target in targets:
            here, there = FLOOR_OF_ROOM.get(room(name), 0), FLOOR_OF_ROOM.get(room(target), 0)
            if there > here:
                results.append(f"{name} (floor {here}) imports {target} (floor {there})")
            elif here == there == 2 and room(name) != room(target):
                results.append(f"{name} imports {target}, its neighbour on floor 2")
    results += [f"{' and '.join(pair)} import one another" for pair in both_ways(graph) if pair not in NESTED]
    return results + [" -> ".join(circle) for circle in circles(graph)]


def both_ways(graph):
    """The pairs of folders that import one another, each with an import of either way. A module that stands in
    parlib itself is a room."""
    alone = {name.rpartition(".")[0] for name in graph} | {name for name in graph if name.count(".") == 1}
    folder = {name: name if name in alone else name.rpartition(".")[0] for name in graph}
    between = {(folder[name], folder[target]): (name, target) for name in graph for target in graph[name]}
    return {
        (here, there): (" -> ".join(match), " -> ".join(between[there, here]))
        for (here, there), match in sorted(between.items())
        if here < there and (there, here) in between
    }


def circles(graph):
    """A circle of imports for every module that lies in one (found once)."""
    done, results = set(), []

    def walk(name, path):
        if name in path:
            results.append([*path[path.index(name) :], name])
        elif name not in done:
            for target in sorted(graph.get(name, ())):
                walk(target, [*path, name])
            done.add(name)

    for name in sorted(graph):
        walk(name, [])
    return results


def test_imports_run_downwards_never_sideways_never_in_a_circle():
    assert faults(sources()) == []


def test_folders_that_import_one_another_are_nested_and_no_more_than_those_that_are_excepted():
    modules = sources()
    result = both_ways({name: imports(name, text, modules) for name, text in modules.items()})
    assert sorted(result) == sorted(NESTED)
    assert all(inner.startswith(f"{outer}.") for outer, inner in result)


@pytest.mark.parametrize(
    ("modules", "fault"),
    [
        ({"parlib.words": "from parlib.scoring import score", "parlib.scoring": ""}, "(floor 0) imports"),
        (
            {"parlib.analysis.a": "def f():\n    import parlib.sources.b", "parlib.sources.b": ""},
            "neighbour on floor 2",
        ),
        (
            {"parlib.sources.a": "from parlib.sources import b", "parlib.sources.b": "from . import a"},
            "a -> parlib.sources.b",
        ),
        (
            {"parlib.words": "from importlib import import_module\nimport_module('parlib.cli')", "parlib.cli": ""},
            "floor 6",
        ),
        (
            {
                "parlib.sources.a.one": "from parlib.sources.b import two",
                "parlib.sources.a.three": "",
                "parlib.sources.b.two": "from parlib.sources.a.three import it",
            },
            "parlib.sources.a and parlib.sources.b import one another",
        ),
        ({"parlib.helpers": ""}, "stands on no floor"),
    ],
    ids=["upwards", "sideways, lazily", "in a circle", "by name", "folders in a circle", "a room of its own"],
)
def test_a_planted_fault_is_found(modules, fault):
    assert any(fault in match for match in faults(modules))
