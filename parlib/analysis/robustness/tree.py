"""The points of units on a tree of criteria, as plain arrays: what every method of this package works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import DataError, named
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.scorecard import Scorecard
from parlib.words import Message

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

LEVEL_NAMES = ("area", "criterion", "subcriterion")
POLICIES = ("rescale", "full", "zero")


@dataclass(frozen=True)
class Level:
    """The nodes of one depth: their numbers, the number of each one's parent among the nodes of the depth above (0 for
    areas: the whole), and their nominal share of the parent."""

    nodes: Ints
    parents: Ints
    shares: Floats
    leaves: Ints  # which of the nodes are leaves
    columns: Ints  # and their numbers among all leaves

    @cached_property
    def firsts(self) -> Ints:
        """The first child of each parent that has children: in tree order siblings stand side by side."""
        return np.flatnonzero(np.diff(self.parents, prepend=-1))

    @cached_property
    def n_siblings(self) -> Ints:
        """How many children each of these parents has."""
        return np.diff(self.firsts, append=len(self.nodes))


@dataclass(frozen=True, eq=False)
class PointTree:
    """Points of units on the leaves of a tree of criteria.

    ``nodes`` stand in tree order, parents before children, without the whole; ``parents`` holds the number of each
    node's parent (-1 = the whole), ``maximum`` its nominal maximum. ``leaves`` are the numbers of the scored nodes.
    ``points`` and ``standard_error`` are units x leaves (NaN = unknown); ``applicable`` is the part of a leaf's maximum
    that applies to the unit: 1, or 0 where the criterion does not apply, or between where the leaf stands for several.
    ``ranked`` marks the units that take part in the ranking, ``policy`` the rule for criteria that do not apply.
    """

    units: tuple[str, ...]
    nodes: tuple[str, ...]
    parents: Ints
    maximum: Floats
    leaves: Ints
    points: Floats
    applicable: Floats
    standard_error: Floats
    ranked: Bools
    policy: str = "rescale"

    @cached_property
    def leaf_maximum(self) -> Floats:
        """The nominal maximum of each leaf."""
        return self.maximum[self.leaves]

    @cached_property
    def weights(self) -> Floats:
        """The nominal weight of each leaf; they sum to 1."""
        return np.asarray(self.leaf_maximum / self.leaf_maximum.sum())

    @cached_property
    def known(self) -> Bools:
        """Units with points on every leaf that applies to them."""
        return np.asarray(
            ~(np.isnan(self.points) & (self.applicable > 0)).any(axis=1) & (self.applicable > 0).any(axis=1)
        )

    @cached_property
    def rankable(self) -> Ints:
        """Numbers of the units that can be ranked: ranked this year, and known."""
        return np.flatnonzero(self.known & self.ranked)

    @cached_property
    def shares(self) -> Floats:
        """Units x leaves: points as a share of the maximum that applies; 0 where the leaf does not apply."""
        applying = self.applicable * self.leaf_maximum
        shares: Floats = np.divide(self.points, applying, out=np.zeros_like(self.points), where=applying > 0)
        return shares

    @cached_property
    def depths(self) -> Ints:
        """The depth of each node: 1 for an area, 2 for a criterion, 3 for a sub-criterion."""
        depths = np.ones(len(self.nodes), dtype=np.intp)
        for node, parent in enumerate(self.parents):
            if parent >= 0:
                depths[node] = depths[parent] + 1
        return depths

    @cached_property
    def below(self) -> Floats:
        """Nodes x leaves, 1 where the leaf is the node or stands below it."""
        matrix = np.zeros((len(self.nodes), len(self.leaves)))
        for column, leaf in enumerate(self.leaves):
            node = int(leaf)
            while node >= 0:
                matrix[node, column] = 1.0
                node = int(self.parents[node])
        return matrix

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The tree by depth, areas first."""
        number = np.zeros(len(self.nodes), dtype=np.intp)
        column = np.full(len(self.nodes), -1, dtype=np.intp)
        column[self.leaves] = np.arange(len(self.leaves))
        results = []
        for depth in range(1, int(self.depths.max()) + 1):
            nodes = np.flatnonzero(self.depths == depth)
            number[nodes] = np.arange(len(nodes))
            parents = number[self.parents[nodes]] if depth > 1 else np.zeros(len(nodes), dtype=np.intp)
            sums = np.bincount(parents, weights=self.maximum[nodes])
            shares = self.maximum[nodes] / sums[parents]
            leaves = np.flatnonzero(column[nodes] >= 0)
            results.append(Level(nodes, parents, shares, leaves, column[nodes[leaves]]))
        return tuple(results)

    @property
    def level_names(self) -> tuple[str, ...]:
        """The names of the levels of this tree: area, criterion, subcriterion."""
        deepest = len(self.levels)
        return LEVEL_NAMES[:deepest] + tuple(f"level{depth}" for depth in range(len(LEVEL_NAMES) + 1, deepest + 1))

    def need_standing(self, minimum: int = 2) -> Ints:
        """``rankable``, or a :class:`DataError` where fewer than ``minimum`` units can be ranked."""
        if len(self.rankable) < minimum:
            raise DataError(
                "at least {minimum} units with points on every criterion are needed; there are "
                "{n_rankable} of {n_units}",
                minimum=minimum,
                n_rankable=len(self.rankable),
                n_units=len(self.units),
            )
        return self.rankable


def counted_points(tree: PointTree) -> tuple[Floats, Floats]:
    """Units that can be ranked x leaves: the points and the maximum that count under the tree's policy."""
    applying = tree.applicable[tree.rankable] * tree.leaf_maximum
    points = tree.points[tree.rankable]  # 0 where nothing applies
    if tree.policy == "full":
        points = points + (tree.leaf_maximum - applying)
    if tree.policy != "rescale":
        applying = np.broadcast_to(tree.leaf_maximum, applying.shape)
    return points, applying


def chosen_nodes(tree: PointTree, what: str | Sequence[str]) -> Ints:
    """Numbers of nodes: "leaf", the name of a level, "all", or codes."""
    if isinstance(what, str):
        if what == "leaf":
            return tree.leaves
        if what == "all":
            return np.arange(len(tree.nodes))
        if what in tree.level_names:
            return tree.levels[tree.level_names.index(what)].nodes
    allowed = tree.nodes if not isinstance(what, str) else ("leaf", *tree.level_names, "all", *tree.nodes)
    codes = named(what, allowed, Message("node"))
    return np.array([tree.nodes.index(code) for code in codes], dtype=np.intp)


def from_arrays(
    points: npt.ArrayLike,
    maximum: Mapping[str, float] | Sequence[float],
    *,
    parents: Mapping[str, str] | None = None,
    units: Sequence[str] | None = None,
    applicable: npt.ArrayLike | None = None,
    standard_error: npt.ArrayLike | None = None,
    ranked: npt.ArrayLike | None = None,
    policy: str = "rescale",
) -> PointTree:
    """A tree from units x leaves ``points`` and the maximum of each leaf, by code or in order.

    ``parents`` names the parent of each leaf and of each inner node ("" or absent = the whole); without it all leaves
    are areas.
    """
    table = np.atleast_2d(np.asarray(points, dtype=np.float64))
    n_units, n_leaves = table.shape
    if not isinstance(maximum, Mapping):
        maximum = {str(number): float(value) for number, value in enumerate(maximum, start=1)}
    if len(maximum) != n_leaves:
        raise ValueError(f"{n_leaves} leaves but {len(maximum)} maxima")
    parents = dict(parents or {})
    above = [code for code in dict.fromkeys(parents.values()) if code]
    order = _tree_order([*parents, *above, *maximum], parents)
    number = {code: place for place, code in enumerate(order)}
    leaves = np.array([number[code] for code in maximum], dtype=np.intp)
    parent_numbers = np.array([number[parents[code]] if parents.get(code) else -1 for code in order], dtype=np.intp)
    applies = np.ones(table.shape) if applicable is None else np.asarray(applicable, dtype=np.float64)
    errors = np.zeros(table.shape) if standard_error is None else np.asarray(standard_error, dtype=np.float64)
    return PointTree(
        units=tuple(units) if units is not None else tuple(f"u{i + 1}" for i in range(n_units)),
        nodes=tuple(order),
        parents=parent_numbers,
        maximum=_sums_of_leaves(parent_numbers, leaves, np.array(list(maximum.values()), dtype=np.float64)),
        leaves=leaves,
        points=np.where(applies > 0, table, 0.0),
        applicable=applies,
        standard_error=errors,
        ranked=np.ones(n_units, dtype=bool) if ranked is None else np.asarray(ranked, dtype=bool),
        policy=named(policy, POLICIES, Message("policy for criteria that do not apply"))[0],
    )


def _tree_order(codes: Iterable[str], parents: Mapping[str, str]) -> list[str]:
    children: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes):
        children.setdefault(parents.get(code, WHOLE), []).append(code)
    order: list[str] = []
    waiting = list(reversed(children.get(WHOLE, [])))
    while waiting:
        code = waiting.pop()
        order.append(code)
        waiting.extend(reversed(children.get(code, [])))
    return order


def _sums_of_leaves(parents: Ints, leaves: Ints, values: Floats) -> Floats:
    """Each node's sum over the leaves below it."""
    sums = np.zeros(len(parents))
    sums[leaves] = values
    for node in range(len(parents) - 1, -1, -1):
        if parents[node] >= 0:
            sums[parents[node]] += sums[node]
    return sums


# --- from a Scorecard or Results ------------------------------------------------------------------


COMPONENT = "component:"


#: What every method takes.
Source = Scorecard | Results | PointTree


def point_tree(source: Source, *, depth: int | None = None, by: str = "tree") -> PointTree:
    """The points of a ``Scorecard``, a :class:`Results` or a :class:`PointTree` as a :class:`PointTree`.

    A node below which a maximum is not known (PAPI prints none for some sub-dimensions) is taken as a leaf; so is one
    of a round below which points of a unit may not be shown, so that all units are ranked.
    ``depth`` cuts the tree: 1 takes the areas as leaves. ``by="component"`` takes the components as leaves instead.
    """
    named(by, ("tree", "component"), Message("division"))
    if isinstance(source, PointTree):
        return _cut(source, depth) if depth else source
    if isinstance(source, Results):
        return _from_results(source, depth, by)
    if not isinstance(source, Scorecard):
        raise TypeError(f"a Scorecard, Results or PointTree is needed, not {type(source).__name__}")
    return _from_scorecard(source, depth, by)


def summed(values: Floats, member: Floats) -> Floats:
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
        raise DataError("the maximum is not known, so weights cannot be varied", node=", ".join(without))
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


def _from_scorecard(card: Scorecard, depth: int | None, by: str) -> PointTree:
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
        at = component[code] if by == "component" else code
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
        summed(np.where(counted, card.points, 0.0), member),
        leaves,
        parents=parents,
        units=card.units,
        applicable=applying / nominal,
        standard_error=np.sqrt(summed(np.where(counted, card.standard_error, 0.0) ** 2, member)),
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
        summed(tree.points, member),
        leaves,
        parents=parents,
        units=tree.units,
        applicable=(tree.applicable * tree.leaf_maximum) @ member / nominal,
        standard_error=np.sqrt(summed(tree.standard_error**2, member)),
        ranked=tree.ranked,
        policy=tree.policy,
    )
