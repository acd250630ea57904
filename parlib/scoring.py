"""From answers to points to indices: the scorecard of one stage of one round, and what follows from it.

Points of leaves are rounded to 9 decimals when they are earned, so every sum of them lies on one grid: equal sums are
equal after ``exact`` whatever the order of adding, and units with equal points share a rank. Every node is a sum of
leaves, so one matrix product scores all nodes of all units, and of all draws where there are draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import ParameterError, Problem
from parlib.framework.ladders import exact_values as exact
from parlib.framework.scheme import Policy, Scheme
from parlib.framework.units import assessed
from parlib.marking import mark
from parlib.results import INDEX_COLUMNS, STAGES, index_table

__all__ = [
    "Scorecard",
    "competition_ranks",
    "exact",
    "leaf_points",
    "policy_effect",
    "score",
    "sum_nodes",
]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


# --- exact numbers and ranks --------------------------------------------------------------------


def competition_ranks(values: npt.ArrayLike) -> Array:
    """Standard competition ranks (1, 2, 2, 4) along the last axis, the largest value first; unknown stays NaN.

    Values are compared after ``exact``. A table of draws x units is ranked row by row.
    """
    known = exact(values)
    unknown = np.isnan(known)
    fall = np.where(unknown, np.inf, -known)
    order = np.argsort(fall, axis=-1)
    falling = np.take_along_axis(fall, order, axis=-1)
    places = np.broadcast_to(np.arange(1.0, fall.shape[-1] + 1), fall.shape).copy()
    tied = falling[..., 1:] == falling[..., :-1]
    places[..., 1:][tied] = 0.0
    np.maximum.accumulate(places, axis=-1, out=places)
    ranks = np.empty_like(fall)
    np.put_along_axis(ranks, order, places, axis=-1)
    ranks[unknown] = np.nan
    return ranks


# --- sums ---------------------------------------------------------------------------------------


def sum_nodes(
    scheme: Scheme,
    points: npt.ArrayLike,
    applicable: npt.NDArray[np.bool_] | None = None,
    policy: Policy = "rescale",
    absent: frozenset[str] = frozenset(),
) -> tuple[Array, Array]:
    """Points and maxima of all nodes (last axis, as ``scheme.node_codes``) from the points of leaves (last axis).

    ``points`` may have any leading axes: units, or draws x units. A node with an unknown leaf is unknown. Leaves that
    do not apply follow ``policy``. Leaves that are ``absent`` this year add nothing and make nothing unknown: the
    maximum of their parent stands. A leaf without a maximum counts in its parent; its own maximum is NaN.
    """
    leaves = np.asarray(points, dtype=np.float64)
    member = scheme.membership
    gone = np.array([leaf.code in absent for leaf in scheme.leaves])
    maxima = np.broadcast_to(scheme.node_maxima, (*leaves.shape[:-1], len(member)))
    if applicable is not None and not applicable.all():
        spared = ~np.broadcast_to(applicable, leaves.shape)
        leaves = np.where(spared, scheme.leaf_maxima if policy == "full" else 0.0, leaves)
        if policy == "rescale":  # NaN where the maximum of the leaf is unknown: so is what remains
            maxima = maxima - _sums(np.where(spared, scheme.leaf_maxima, 0.0), member)
    if gone.any():
        leaves = np.where(gone, 0.0, leaves)
    totals = exact(_sums(leaves, member))
    if gone.any():
        totals[..., [scheme.node_codes.index(code) for code in absent]] = np.nan
    return totals, exact(maxima)


def _sums(leaves: Array, member: Array) -> Array:
    """Each node's sum of leaves, NaN where one of them is NaN."""
    unknown = np.isnan(leaves)
    if not unknown.any():
        return np.asarray(leaves @ member.T)
    totals = np.where(unknown, 0.0, leaves) @ member.T
    return np.where(unknown.astype(np.float64) @ member.T > 0, np.nan, totals)


def _percent(points: Array, maxima: Array) -> Array:
    """100 x points / maximum; NaN where either is unknown or nothing applies."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(maxima > 0, 100.0 * points / maxima, np.nan)


# --- the scorecard ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Scorecard:
    """The points of every unit on every leaf of a scheme, at one stage.

    ``points`` (units x leaves) are NaN where not known; ``applicable`` says which leaves apply to which unit;
    ``standard_error`` is that of the points: of the surveyed leaves as measured (NaN = not known), of others 0;
    ``degrees_of_freedom`` those of that error (NaN = not known, and where nothing was sampled). ``ranked`` are the
    units that are ranked; ``None`` leaves it to the year's list (see ``ranked_units``). ``withheld`` (units x nodes):
    the points that leaves which may not be shown add to each node (NaN: the node may not be shown either); such leaves
    have no points, but the sums over them are known.
    """

    scheme: Scheme
    year: int
    level: str
    units: tuple[str, ...]
    points: Array
    applicable: Mask
    standard_error: Array
    stage: str = "final"
    policy: Policy = "rescale"
    ranked: tuple[str, ...] | None = None
    degrees_of_freedom: Array | None = None
    withheld: Array | None = None

    @property
    def ranked_units(self) -> tuple[str, ...]:
        """The units that take part in the ranking, in the order of ``units``: those of ``ranked``, or without it all
        but those that the year's list names as assessed and not ranked."""
        if self.ranked is not None:
            return tuple(unit for unit in self.units if unit in self.ranked)
        listed = assessed(self.year, self.level)
        apart = set(listed["unit"][~listed["ranked"].astype(bool)])
        return tuple(unit for unit in self.units if unit not in apart)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The codes of all nodes, in the order of ``scheme.node_frame()``."""
        return self.scheme.node_codes

    @property
    def leaves(self) -> tuple[str, ...]:
        """The codes of the leaves, in the order of the columns of ``points``."""
        return tuple(leaf.code for leaf in self.scheme.leaves)

    def node_points(self) -> tuple[Array, Array]:
        """Points and maxima, units x nodes."""
        absent = self.scheme.absent_in(self.year)
        if self.withheld is None:
            return sum_nodes(self.scheme, self.points, self.applicable, self.policy, absent)
        unseen = np.isnan(self.withheld[:, [self.nodes.index(code) for code in self.leaves]])
        shown = np.where(unseen, 0.0, self.points)
        totals, maxima = sum_nodes(self.scheme, shown, self.applicable, self.policy, absent)
        return exact(totals + self.withheld), maxima

    def node_index(self) -> Array:
        """The index of every unit at every node, units x nodes, in percent."""
        return _percent(*self.node_points())

    def node_standard_errors(self, covariance: npt.ArrayLike | None = None) -> Array:
        """The standard error of the index at every node, units x nodes; NaN where one of its leaves' is not known.

        Errors of leaves are taken as independent: the error of a sum is the root of the sum of squares. Items that
        the same people answer move together, so this understates the error of their sum; where it is known, give the
        ``covariance`` of the points of the leaves (leaves x leaves, or units x leaves x leaves) instead.
        """
        _, maxima = self.node_points()
        gone = np.isin(self.leaves, sorted(self.scheme.absent_in(self.year)))
        sure = ~self.applicable | gone
        member = self.scheme.membership
        if covariance is None:
            variance = _sums(np.where(sure, 0.0, self.standard_error) ** 2, member)
        else:
            shape = (len(self.units), len(self.leaves), len(self.leaves))
            matrix = np.broadcast_to(np.asarray(covariance, dtype=np.float64), shape)
            matrix = np.where(sure[:, :, None] | sure[:, None, :], 0.0, matrix)
            known = np.einsum("nl,ulk,nk->un", member, np.nan_to_num(matrix), member, optimize=True)
            unknown = np.einsum("nl,ulk,nk->un", member, np.isnan(matrix).astype(float), member, optimize=True)
            variance = np.where(unknown > 0, np.nan, known)
        return _percent(np.sqrt(variance), maxima)

    def index_table(self) -> pd.DataFrame:
        """The index table (see ``parlib.results``): each unit's nodes, in order."""
        points, maxima = self.node_points()
        n_units, n_nodes = points.shape
        frame = pd.DataFrame(
            {
                "year": np.full(n_units * n_nodes, self.year, dtype=np.int64),
                "level": pd.array([self.level] * (n_units * n_nodes), dtype="str"),
                "unit": pd.array(np.repeat(np.array(self.units, dtype=object), n_nodes), dtype="str"),
                "node": pd.array(np.tile(np.array(self.nodes, dtype=object), n_units), dtype="str"),
                "points": points.ravel(),
                "maximum": maxima.ravel(),
                "index": _percent(points, maxima).ravel(),
                "stage": pd.array([self.stage] * (n_units * n_nodes), dtype="str"),
                "standard_error": self.node_standard_errors().ravel(),
            },
            columns=list(INDEX_COLUMNS),
        )
        return index_table(frame)

    def with_policy(self, policy: Policy) -> Scorecard:
        """The same points under another policy for criteria that do not apply."""
        _check_policy(policy)
        return replace(self, policy=policy)

    def with_points(self, changes: Mapping[tuple[str, str], float]) -> Scorecard:
        """The scorecard with other points of some (unit, code): what if?"""
        changed = self.points.copy()
        leaves = {code: place for place, code in enumerate(self.leaves)}
        units = {unit: place for place, unit in enumerate(self.units)}
        for (unit, code), points in changes.items():
            if unit not in units or code not in leaves:
                raise ParameterError(
                    Problem(vi="không có đơn vị hoặc tiêu chí này", en="no such unit or leaf", value=(unit, code))
                )
            changed[units[unit], leaves[code]] = exact(points)
        return replace(self, points=changed)


def _check_policy(policy: str) -> None:
    if policy not in get_args(Policy):
        raise ParameterError(
            Problem(
                vi=f"cách xử lý tiêu chí không áp dụng là một trong {', '.join(get_args(Policy))}",
                en=f"the policy for criteria that do not apply is one of {', '.join(get_args(Policy))}",
                value=policy,
            )
        )


def policy_effect(card: Scorecard) -> pd.DataFrame:
    """What each policy for criteria that do not apply does to the index of each unit.

    ``unit``, ``n_not_applicable`` (leaves), ``maximum_not_applicable`` (their points), and the whole index under
    ``rescale``, ``full`` and ``zero``.
    """
    spared = ~card.applicable
    effect = pd.DataFrame({"unit": pd.array(card.units, dtype="str"), "n_not_applicable": spared.sum(axis=1)})
    effect["maximum_not_applicable"] = exact(np.where(spared, card.scheme.leaf_maxima, 0.0).sum(axis=1))
    for policy in get_args(Policy):
        effect[policy] = card.with_policy(policy).node_index()[:, 0]
    return effect


def leaf_points(scheme: Scheme, values: npt.ArrayLike) -> Array:
    """Points of leaves (last axis) from encoded answers (see ``parlib.framework.rules.encode``) of the same shape."""
    answers = np.asarray(values, dtype=np.float64)
    points = np.empty_like(answers)
    for place, leaf in enumerate(scheme.leaves):
        assert leaf.rule is not None
        points[..., place] = leaf.rule.points(answers[..., place], leaf.maximum or np.nan)
    return points


# --- from answers -------------------------------------------------------------------------------


def score(
    scheme: Scheme,
    answers: pd.DataFrame,
    *,
    year: int,
    stage: str = "final",
    survey: pd.DataFrame | None = None,
    external: pd.DataFrame | None = None,
    units: Sequence[str] | None = None,
    policy: Policy | None = None,
    ranked: Sequence[str] | None = None,
) -> Scorecard:
    """The scorecard of one stage from its effective answers.

    ``answers``  ``unit``, ``code``, ``answer`` (as the ledger keeps it), and where there are any ``not_applicable``,
                 ``points`` (decided by the council: they count instead of those of the answer) and ``row`` (its line,
                 named in errors). One row for a unit and code; what has no row, or an empty one, is not known.
    ``survey``   ``unit``, ``item``, ``share`` (0-1), ``standard_error`` of the share, and where they are known its
                 ``degrees_of_freedom``; other items are left out.
    ``external`` ``unit``, ``index``, ``value``, and where they are known ``standard_error`` of the value and
                 ``degrees_of_freedom``.
    ``units``    the units wanted, in this order: rows of others are left out. Without it, the units of ``answers``
                 in official order, and a unit that is none is an error.
    ``ranked``   those that are ranked; without it, all but those that the year's list names as assessed apart.

    Raises ``DataError`` with everything that is wrong.
    """
    if stage not in STAGES:
        raise ParameterError(
            Problem(
                vi=f"giai đoạn là một trong {', '.join(STAGES)}", en=f"stage is one of {', '.join(STAGES)}", value=stage
            )
        )
    _check_policy(policy or scheme.not_applicable)
    marks = mark(scheme, answers, year, survey, external, units)
    chosen = policy or scheme.not_applicable
    given = (marks.units, marks.points, marks.applicable, marks.standard_error)
    standing = None if ranked is None else tuple(ranked)
    return Scorecard(scheme, year, scheme.level, *given, stage, chosen, standing, marks.degrees_of_freedom)
