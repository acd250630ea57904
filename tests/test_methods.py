"""docs/methods.md names functions and tests that are there, and every kind of rule."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
PAGE = (TOP / "docs" / "methods.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
FORMULAS = [line for line in PAGE.splitlines() if line.startswith("|") and "::" in line]


@cache
def defined(path):
    """What a file defines."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        names |= {node.name} if isinstance(node, ast.FunctionDef | ast.ClassDef) else set()
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_what_is_named_is_there(file, name):
    assert name in defined(TOP / ("tests" if name.startswith("test_") else "parlib") / file)


def test_every_formula_names_its_function_and_its_proof():
    assert len(FORMULAS) > 70
    above = ""
    for line in FORMULAS:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        above = cells[-1] if "test_" in cells[-1] else above
        assert "test_" in cells[-1] or (cells[-1] == "the same" and above), line
        assert any(re.search(r"`[\w/]+\.py::(?!test_)\w+`", cell) for cell in cells[:-1]), line


def test_every_kind_of_rule_is_a_formula():
    rules = ast.parse((TOP / "parlib" / "scoring" / "rules.py").read_text("utf-8"))
    kinds = [
        node.name
        for node in rules.body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(mark, ast.Name) and mark.id == "kind_of_rule" for mark in node.decorator_list)
    ]
    assert len(kinds) > 8
    assert [kind for kind in kinds if f"`scoring/rules.py::{kind}`" not in PAGE] == []
