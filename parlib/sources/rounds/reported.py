"""What a report tells of the criteria of a round: the code book, and the values behind measured points."""

from __future__ import annotations

import math

import pandas as pd

from parlib.scoring.rules import External, Survey, Target, describe
from parlib.scoring.scheme import Node, Scheme
from parlib.sources.rounds.external import values_at
from parlib.sources.rounds.opening import Round
from parlib.sources.rounds.stages import state

IMPACT = "impact"  # the component of socio-economic impact


def code_book(scheme: Scheme, language: str = "vi") -> pd.DataFrame:
    """Every area, criterion and sub-criterion in the order of the tree: ``code``, ``name``, ``maximum`` (NaN = not
    known), ``component`` (its name; "" above the scored nodes), ``rule`` in words, ``item`` of the survey or ""."""
    vietnamese = language == "vi"
    parts = {key: part.name if vietnamese else part.name_en for key, part in scheme.components.items()}
    rows = [
        (
            node.code,
            node.name if vietnamese else node.name_en,
            math.nan if node.maximum is None else float(node.maximum),
            parts.get(node.component, ""),
            describe(node.rule, node.maximum, language) if node.rule else "",
            node.rule.item if isinstance(node.rule, Survey) else "",
        )
        for node in scheme.nodes
    ]
    return pd.DataFrame(rows, columns=["code", "name", "maximum", "component", "rule", "item"])


def measured_values(round_: Round) -> pd.DataFrame:
    """The values behind the points of criteria that take another index, a target, or measure the impact.

    ``unit``, ``code``, ``kind`` ("external", "target", "result"), ``value``, ``target`` (the unit's own; NaN where the
    rule has none) and ``full_from``: from which value, or percent of the target, all points are given (NaN where the
    rule does not say). A value that is not known, or written down as points only, is NaN.
    """
    leaves = [leaf for leaf in round_.scheme.leaves if _is_measured(leaf)]
    held = state(round_, "final").set_index(["unit", "code"])["answer"]
    external = values_at(round_.external).set_index(["unit", "index"])["value"]
    rows = []
    for leaf in leaves:
        full_from = leaf.rule.full_from() if leaf.rule else math.nan
        for unit in round_.book.units:
            value = target = math.nan
            if isinstance(leaf.rule, External):
                value = float(external.get((unit, leaf.rule.index), math.nan))
            else:
                value, target = _answered(leaf, held.get((unit, leaf.code)))
            rows.append((str(unit), leaf.code, _kind(leaf), value, target, full_from))
    return pd.DataFrame(rows, columns=["unit", "code", "kind", "value", "target", "full_from"]).astype(
        {"unit": "str", "code": "str", "kind": "str"}
    )


def _is_measured(leaf: Node) -> bool:
    return isinstance(leaf.rule, External | Target) or leaf.component == IMPACT


def _kind(leaf: Node) -> str:
    if isinstance(leaf.rule, External):
        return "external"
    return "target" if isinstance(leaf.rule, Target) else "result"


def _answered(leaf: Node, cell: object) -> tuple[float, float]:
    """The result and its target as the ledger keeps them ("105/100"), NaN where there is no answer."""
    if not isinstance(cell, str) or not cell.strip():
        return math.nan, math.nan
    value, _, target = cell.partition("/")
    return float(value), float(target) if target and isinstance(leaf.rule, Target) else math.nan
