"""A tree of points from what the house works with: a Scorecard, or the Results of a year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from parlib.analysis.robustness.tree import Floats, PointTree, from_arrays, named
from parlib.errors import DataError, Problem
from parlib.scoring.results import WHOLE, Results

COMPONENT = "component:"


def point_tree(source: Any, *, depth: int | None = None, by: str = "tree") -> PointTree:
    """The points of a ``Scorecard``, a :class:`Results` or a :class:`PointTree` as a :class:`PointTree`.

    A node below which a maximum is not known (PAPI prints none for some sub-dimensions) is taken as a leaf; so is one
    of a round below which points of a unit may not be shown, so that all units are ranked.
    ``depth`` cuts the tree: 1 takes the areas as leaves. ``by="component"`` takes the components as leaves instead.
    """
    named(by, ("tree", "component"), "cách chia", "division")
    if isinstance(source, PointTree):
        return _cut(source, depth) if depth else source
    if isinstance(source, Results):
        return _from_results(source, depth, by)
    if not hasattr(source, "scheme"):
        raise TypeError(f"a Scorecard, Results or PointTree is needed, not {type(source).__name__}")
    return _from_scorecard(source, depth, by)


def _summed(values: Floats, member: Floats) -> Floats:
    """``values @ member`` where an unknown value makes unknown only the sums that it belongs to."""
    unknown = np.isnan(values)
    sums: Floats = np.where(unknown, 0.0, values) @ member
    sums[(unknown @ member) > 0] = np.nan
    return sums


def _hidden_from_some(results: Results) -> frozenset[str]:
    """The nodes of a round that are not known of a unit whose whole is: points of few answers are not shown."""
    if results.stage == "published":
        return frozenset()
    table = results.table[results.table["stage"] == results.stage]
    whole = table[(table["node"] == WHOLE) & table["index"].notna()]
    rows = table[table["unit"].isin(whole["unit"]) & table["points"].isna() & (table["maximum"] > 0)]
    return frozenset(rows["node"])


def _scored_nodes(
    nodes: pd.DataFrame, depth: int | None, by: str, hidden: frozenset[str] = frozenset()
) -> tuple[dict[str, float], dict[str, str]]:
    """The leaves to work on with their maxima, and the parents of all nodes above them."""
    frame = nodes[nodes["node"] != WHOLE]
    is_component = frame["node"].str.startswith(COMPONENT)
    if by == "component":
        return dict(zip(frame["node"][is_component], frame["maximum"][is_component].astype(float), strict=True)), {}
    frame = frame[~is_component]
    maxima = dict(zip(frame["node"], frame["maximum"].astype(float), strict=True))
    parents = {
        node: (parent if isinstance(parent, str) else WHOLE)
        for node, parent in zip(frame["node"], frame["parent"], strict=True)
    }
    children: dict[str, list[str]] = {}
    for node, parent in parents.items():
        children.setdefault(parent, []).append(node)
    leaves: dict[str, float] = {}

    def walk(node: str, at: int) -> None:
        below = children.get(node, [])
        whole_below = below and all(np.isfinite(maxima[child]) and child not in hidden for child in below)
        if node == WHOLE or (whole_below and (depth is None or at < depth)):
            for child in below:
                walk(child, at + 1)
        else:
            leaves[node] = maxima[node]

    walk(WHOLE, 0)
    without = [node for node, maximum in leaves.items() if not np.isfinite(maximum)]
    if without:
        raise DataError(Problem("the maximum is not known, so weights cannot be varied", node=", ".join(without)))
    kept = set(leaves)
    for leaf in leaves:
        parent = parents[leaf]
        while parent:
            kept.add(parent)
            parent = parents[parent]
    return leaves, {node: parent for node, parent in parents.items() if node in kept}


def _from_results(results: Results, depth: int | None, by: str) -> PointTree:
    leaves, parents = _scored_nodes(results.nodes, depth, by, _hidden_from_some(results))
    rows = results.table[(results.table["stage"] == results.stage) & results.table["node"].isin(list(leaves))]
    units = list(results.units["unit"])

    def grid(column: str) -> Floats:
        wide = rows.set_index(["unit", "node"])[column].unstack("node")  # noqa: PD010 - a duplicate must raise
        return wide.reindex(index=units, columns=list(leaves)).to_numpy(np.float64)

    nominal = np.array(list(leaves.values()))
    points, applying, index, index_error = (grid(name) for name in ("points", "maximum", "index", "standard_error"))
    applying = np.where(np.isnan(applying), nominal, applying)
    points = np.where(np.isnan(points), index * applying / 100, points)
    return from_arrays(
        points,
        leaves,
        parents=parents,
        units=units,
        applicable=np.divide(applying, nominal, out=np.zeros_like(applying), where=nominal > 0),
        standard_error=index_error * applying / 100,
        ranked=results.units["ranked"].to_numpy(bool),
    )


def _from_scorecard(card: Any, depth: int | None, by: str) -> PointTree:
    """From a ``Scorecard``: ``scheme``, ``units``, ``points``, ``applicable``, ``standard_error``, ``policy``."""
    frame = card.scheme.node_frame()
    codes = [leaf.code for leaf in card.scheme.leaves]
    absent = np.isin(codes, sorted(card.scheme.absent_in(card.year)))
    # A leaf without values this year leaves its share to the others of its parent, which then is scored as one.
    frame.loc[frame["node"].isin(np.asarray(codes)[absent]), "maximum"] = np.nan
    leaves, parents = _scored_nodes(frame, depth, by)
    chain = dict(zip(frame["node"], frame["parent"], strict=True))
    component = {leaf.code: f"{COMPONENT}{leaf.component}" for leaf in card.scheme.leaves}
    maximum = np.where(absent, np.nan, card.scheme.leaf_maxima)
    member = np.zeros((len(codes), len(leaves)))
    for row, code in enumerate(codes):
        at: Any = component[code] if by == "component" else code
        while at not in leaves:
            at = chain[at]
        member[row, list(leaves).index(at)] = 1.0
    nominal = np.array(list(leaves.values()))
    applies = np.asarray(card.applicable, dtype=bool)
    counted = applies & ~absent
    # A leaf without a maximum stands inside a node that has one: it counts whole, as nothing can be taken from it.
    applying = np.where(np.isnan(maximum), 0.0, maximum) * applies @ member
    applying[:, np.isnan(maximum) @ member > 0] = nominal[np.isnan(maximum) @ member > 0]
    return from_arrays(
        _summed(np.where(counted, card.points, 0.0), member),
        leaves,
        parents=parents,
        units=card.units,
        applicable=applying / nominal,
        standard_error=np.sqrt(_summed(np.where(counted, card.standard_error, 0.0) ** 2, member)),
        ranked=[unit in card.ranked_units for unit in card.units],
        policy=card.policy,
    )


def _cut(tree: PointTree, depth: int) -> PointTree:
    """``tree`` with its nodes of ``depth`` as leaves."""
    nodes = pd.DataFrame(
        {
            "node": tree.nodes,
            "parent": [tree.nodes[parent] if parent >= 0 else WHOLE for parent in tree.parents],
            "maximum": tree.maximum,
        }
    )
    leaves, parents = _scored_nodes(nodes, depth, "tree")
    member = tree.below[[tree.nodes.index(code) for code in leaves]].T
    nominal = np.array(list(leaves.values()))
    return from_arrays(
        _summed(tree.points, member),
        leaves,
        parents=parents,
        units=tree.units,
        applicable=(tree.applicable * tree.leaf_maximum) @ member / nominal,
        standard_error=np.sqrt(_summed(tree.standard_error**2, member)),
        ranked=tree.ranked,
        policy=tree.policy,
    )
