"""The points of units on a tree of criteria, as plain arrays: what every method of this package works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from parlib.errors import DataError, ParameterError, Problem
from parlib.scoring.results import WHOLE
from parlib.words import Bilingual, near

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
    n_parents: int
    leaves: Ints  # which of the nodes are leaves
    columns: Ints  # and their numbers among all leaves

    @cached_property
    def siblings(self) -> Floats:
        """Parents x nodes, 1 where the node is a child: sums over siblings are one matrix product."""
        matrix = np.zeros((self.n_parents, len(self.nodes)))
        matrix[self.parents, np.arange(len(self.nodes))] = 1.0
        return matrix


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
    def standing(self) -> Ints:
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
        found = []
        n_parents = 1
        for depth in range(1, int(self.depths.max()) + 1):
            nodes = np.flatnonzero(self.depths == depth)
            number[nodes] = np.arange(len(nodes))
            parents = number[self.parents[nodes]] if depth > 1 else np.zeros(len(nodes), dtype=np.intp)
            sums = np.bincount(parents, weights=self.maximum[nodes], minlength=n_parents)
            shares = self.maximum[nodes] / sums[parents]
            leaves = np.flatnonzero(column[nodes] >= 0)
            found.append(Level(nodes, parents, shares, n_parents, leaves, column[nodes[leaves]]))
            n_parents = len(nodes)
        return tuple(found)

    @property
    def level_names(self) -> tuple[str, ...]:
        """The names of the levels of this tree: area, criterion, subcriterion."""
        deepest = len(self.levels)
        return LEVEL_NAMES[:deepest] + tuple(f"level{depth}" for depth in range(len(LEVEL_NAMES) + 1, deepest + 1))

    def need_standing(self, minimum: int = 2) -> Ints:
        """``standing``, or a :class:`DataError` where fewer than ``minimum`` units can be ranked."""
        if len(self.standing) < minimum:
            raise DataError(
                Problem(
                    "at least {minimum} units with points on every criterion are needed; there are "
                    "{n_standing} of {n_units}",
                    minimum=minimum,
                    n_standing=len(self.standing),
                    n_units=len(self.units),
                )
            )
        return self.standing


def named(names: str | Iterable[str], allowed: Sequence[str], what_vi: str, what_en: str) -> tuple[str, ...]:
    """``names`` as a tuple, each one of ``allowed``; every name that is not is reported with its near matches."""
    asked = (names,) if isinstance(names, str) else tuple(names)
    problems = [
        Problem(
            "unknown {what}; allowed: {allowed}{near}",
            value=name,
            what=Bilingual(what_vi, what_en),
            near=near(name, allowed),
            allowed=", ".join(allowed),
        )
        for name in asked
        if name not in allowed
    ]
    if problems:
        raise ParameterError(problems)
    return asked


def counted_points(tree: PointTree) -> tuple[Floats, Floats]:
    """Standing units x leaves: the points and the maximum that count under the tree's policy."""
    applying = tree.applicable[tree.standing] * tree.leaf_maximum
    points = np.where(applying > 0, tree.points[tree.standing], 0.0)
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
    codes = named(what, allowed, "tiêu chí", "node")
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
        policy=named(policy, POLICIES, "cách tính tiêu chí không áp dụng", "policy for criteria that do not apply")[0],
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
