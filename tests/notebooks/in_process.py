"""A notebook run cell by cell in the process of the test: what its cells show, as objects."""

from __future__ import annotations

import ast
from typing import Any

import nbformat

from parlib import places


def run(stem: str, **parameters: Any) -> tuple[list[Any], dict[str, Any]]:
    """What the code cells of a notebook show, in order, and the names that they leave."""
    names: dict[str, Any] = {}
    shown: list[Any] = []
    for cell in nbformat.read(places.notebooks() / f"{stem}.ipynb", as_version=4).cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), names)
        if "parameters" in cell.metadata.get("tags", ()):
            names.update(parameters)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), cell.id, "eval"), names))
    return shown, names
