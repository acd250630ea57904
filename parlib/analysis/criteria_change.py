"""What a year's set of criteria has, and what the set before it had: maxima and numbers of criteria by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib import decisions
from parlib.scoring import scheme
from parlib.scoring.results import WHOLE, Results
from parlib.tables import records

__all__ = ["CriteriaChange", "criteria_change"]

COLUMNS = ("maximum", "n_criteria", "n_subcriteria")
Facts = Mapping[str, tuple[float, float, float, str, str]]  # maximum, criteria, sub-criteria, name, English name
_UNKNOWN = (np.nan, np.nan, np.nan, "", "")


@dataclass(frozen=True)
class CriteriaChange:
    """The set of criteria of a year beside the one before it.

    ``since``     the first year of this set of criteria (0: not known), ``last`` the last year of the one before.
    ``decision``, ``before``  their decisions ("" where not known). ``inferred``  whether either is known to hold for
                  its year by inference only.
    ``parts``     ``node`` ("" the whole, an area, "component:..."), ``kind``, ``name``, ``name_en``, ``name_before``,
                  and ``maximum``, ``n_criteria``, ``n_subcriteria`` and the same of the set before (``..._before``);
                  ``maximum_change`` (now less before); NaN = not known. Empty where there is nothing to compare with.
    """

    since: int = 0
    last: int = 0
    decision: str = ""
    before: str = ""
    inferred: bool = False
    parts: pd.DataFrame = field(default_factory=pd.DataFrame)


def criteria_change(results: Results) -> CriteriaChange:
    """The set of criteria of ``results`` beside the one that its last change replaced.

    The sets of the PAR INDEX are those of data/schemes, as far as they were seen; a round takes its own scheme. PAPI
    takes its two trees. Other indices have no set of criteria.
    """
    if results.index_name not in ("par", "papi"):
        return CriteriaChange()
    changed = [year for year in decisions.breaks(results.level, results.index_name) if year <= results.year]
    if not changed:
        return CriteriaChange(decision=results.decision)
    since = max(changed)
    now = _own(results)
    if results.index_name == "papi":
        then = _of_tree(since - 1)
        before, inferred = "", False
    else:
        then = _of_year(since - 1, results.level)
        before = decisions.decision_of(since - 1, results.level)
        bases = [decisions.decision_basis(year, results.level) for year in (results.year, since - 1)]
        inferred = "inferred" in bases
    parts = _side_by_side(results, now, then)
    return CriteriaChange(since, since - 1, results.decision, before, inferred, parts)


def _own(results: Results) -> Facts:
    """What is known of the set of the results: their maxima; numbers from their own tree or else as published."""
    nodes = results.nodes
    kinds = set(nodes["kind"])
    published = _of_year(results.year, results.level) if results.index_name == "par" else _of_tree(results.year)
    facts = {}
    for row in records(nodes[nodes["kind"].isin(["whole", "area", "component"])]):
        node, seen = str(row.node), published.get(str(row.node), _UNKNOWN)
        counts = (np.nan, np.nan) if row.kind == "component" else (seen[1], seen[2])
        if "criterion" in kinds and row.kind != "component" and results.index_name == "par":
            counts = _counted(nodes, node)
        facts[node] = (float(row.maximum), *counts, str(row.name), str(row.name_en or row.name))
    return facts


def _counted(nodes: pd.DataFrame, node: str) -> tuple[float, float]:
    inside = nodes if node == WHOLE else nodes[nodes["node"].str.startswith(f"{node}.")]
    return float((inside["kind"] == "criterion").sum()), float((inside["kind"] == "subcriterion").sum())


def _of_year(year: int, level: str) -> Facts:
    """The set of the PAR INDEX of a year as far as published."""
    facts: dict[str, tuple[float, float, float, str, str]] = {}
    facts[WHOLE] = (*decisions.total_of(year, level), "", "")
    areas = decisions.areas_of(year, level)
    for row in records(areas):
        maximum = float(row.maximum) if row.scope == "total" else np.nan  # that of a part is not the area's
        counts = float(row.n_criteria), float(row.n_subcriteria)
        facts[str(row.node)] = (maximum, *counts, str(row.name), "")
    components = decisions.components_of(year, level)
    for row in records(components[components["kind"] == "part"]):
        facts[f"component:{row.component}"] = (float(row.maximum), np.nan, np.nan, str(row.name), "")
    return facts


def _of_tree(year: int) -> Facts:
    """The tree of PAPI in a year, without the leaves that had no values then."""
    tree = scheme.scheme_for(year, "province", "papi")
    if tree is None:
        return {}
    gone = tree.absent_in(year)
    counted = [node for node in tree.nodes if node.kind == "criterion" and node.code not in gone]
    facts: dict[str, tuple[float, float, float, str, str]] = {
        WHOLE: (tree.maximum, float(len(counted)), np.nan, "", "")
    }
    for area in tree.tree:
        n = float(sum(node.parent == area.code for node in counted))
        facts[area.code] = (float(area.maximum or np.nan), n, np.nan, area.name, area.name_en)
    return facts


def _side_by_side(results: Results, now: Facts, then: Facts) -> pd.DataFrame:
    """Both sets by part, in the order of the results; empty where nothing of the set before is known."""
    if not any(np.isfinite(facts[:3]).any() for facts in then.values()):
        return pd.DataFrame()
    kinds = dict(zip(results.nodes["node"], results.nodes["kind"], strict=True))
    order = [*now, *(node for node in then if node not in now)]
    rows = []
    for node in order:
        own, other = now.get(node, _UNKNOWN), then.get(node, _UNKNOWN)
        kind = str(kinds.get(node, "component" if node.startswith("component:") else "area"))
        names = (own[3] or other[3], own[4] or own[3] or other[4] or other[3], other[3])
        rows.append((node, kind, *names, *own[:3], *other[:3]))
    columns = ["node", "kind", "name", "name_en", "name_before", *COLUMNS, *(f"{name}_before" for name in COLUMNS)]
    frame = pd.DataFrame(rows, columns=columns).astype({"node": "str", "kind": "str"})
    return frame.assign(maximum_change=frame["maximum"].astype(float) - frame["maximum_before"].astype(float))
