"""The index under other methods: another mean, another rule for criteria that do not apply, another normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from parlib.analysis.robustness.packed import competition_ranks, whole_numbers
from parlib.analysis.robustness.products import product
from parlib.analysis.robustness.reading import point_tree
from parlib.analysis.robustness.tree import POLICIES, Floats, Ints, PointTree, named

AGGREGATIONS = ("arithmetic", "geometric")
NORMALISATIONS = ("maximum", "range", "rank", "standard")
SWITCHES: Mapping[str, tuple[str, ...]] = {
    "aggregation": AGGREGATIONS,
    "not_applicable": POLICIES,
    "normalisation": NORMALISATIONS,
}


@dataclass(frozen=True)
class Method:
    """How points become an index.

    ``aggregation``: "arithmetic" adds weighted shares (the official way); "geometric" takes the weighted geometric mean
    of the areas, each area being arithmetic inside, so that a weak area cannot be bought off; an area at zero then
    makes the index zero.
    ``not_applicable``: "rescale" drops the criterion from the maximum, "full" gives its full points, "zero" none.
    ``normalisation``: "maximum" divides points by their maximum (the official way); "range" puts the worst unit at 0
    and the best at 1; "rank" takes the part of the other units that the unit is not behind, ties halved; "standard"
    takes distances from the mean in standard deviations, shifted and scaled for all criteria alike into 0 to 1, which
    leaves the arithmetic ranks of plain standard scores as they are. A criterion on which all units are equal keeps
    points / maximum.
    """

    aggregation: str = "arithmetic"
    not_applicable: str = "rescale"
    normalisation: str = "maximum"

    def __post_init__(self) -> None:
        """Refuse a name that does not exist."""
        for field in fields(self):
            named(getattr(self, field.name), SWITCHES[field.name], f"{field.name}", f"{field.name}")


def official(tree: PointTree) -> Method:
    """The method of the set of criteria itself."""
    return Method(not_applicable=tree.policy)


def normalised(shares: Floats, applicable: Floats, normalisation: str) -> Floats:
    """Units x leaves: ``shares`` under another normalisation, over the units to which the leaf applies."""
    if normalisation == "maximum":
        return shares
    held = np.where(applicable > 0, shares, np.nan)
    spread = np.where(applicable > 0, shares, -np.inf).max(axis=0) - np.where(applicable > 0, shares, np.inf).min(
        axis=0
    )
    varies = spread > 1e-9
    changed = shares.copy()
    columns = held[:, varies]
    if normalisation == "range":
        changed[:, varies] = (columns - np.nanmin(columns, axis=0)) / spread[varies]
    elif normalisation == "rank":
        before = (np.round(columns, 9)[:, None, :] > np.round(columns, 9)[None, :, :]).sum(axis=1)
        tied = (np.round(columns, 9)[:, None, :] == np.round(columns, 9)[None, :, :]).sum(axis=1) - 1
        others = np.maximum((~np.isnan(columns)).sum(axis=0) - 1, 1)
        changed[:, varies] = (before + tied / 2) / others
    else:
        scores = (columns - np.nanmean(columns, axis=0)) / np.nanstd(columns, axis=0, ddof=1)
        widest = np.nanmax(np.abs(scores)) if scores.size else 1.0
        changed[:, varies] = 0.5 + scores / (2 * widest)
    return np.where(applicable > 0, changed, 0.0)


@dataclass(frozen=True, eq=False)
class Scorer:
    """The index of the standing units of a tree under one method, for any leaf weights.

    Units with equal shares on every leaf are computed once, so that no order of summation can ever split them.
    """

    method: Method
    shares: Floats  # leaves x distinct units
    applies: Floats  # leaves x distinct units
    partial: Ints  # those of them to which not everything applies
    copy: Ints  # the distinct unit that each standing unit equals
    areas: tuple[Ints, ...]  # the leaves of each area

    def index(self, weights: Floats) -> Floats:
        """Draws x units: the index, 0 to 100, under leaves x draws ``weights`` (each column sums to 1)."""
        mixed = self._geometric(weights) if self.method.aggregation == "geometric" else self._arithmetic(weights)
        mixed *= 100.0
        return mixed if len(self.copy) == mixed.shape[1] else mixed[:, self.copy]

    def _arithmetic(self, weights: Floats) -> Floats:
        total = product(weights.T, self.shares)
        if len(self.partial):
            total[:, self.partial] /= product(weights.T, self.applies[:, self.partial])
        return total

    def _geometric(self, weights: Floats) -> Floats:
        powers = np.zeros((weights.shape[1], self.shares.shape[1]))
        held = np.zeros((weights.shape[1], len(self.partial)))
        with np.errstate(divide="ignore", invalid="ignore"):  # log 0: a whole area at zero makes the index zero
            for leaves in self.areas:
                inside = weights[leaves].T
                whole = inside.sum(axis=1, keepdims=True)
                logs = product(inside, self.shares[leaves])
                some = logs[:, self.partial]
                logs /= whole
                np.log(logs, out=logs)
                logs *= whole
                if len(self.partial):
                    applying = product(inside, self.applies[np.ix_(leaves, self.partial)])
                    logs[:, self.partial] = np.where(applying > 0, applying * np.log(some / applying), 0.0)
                    held += applying
                powers += logs
        if len(self.partial):
            powers[:, self.partial] /= held
        return np.asarray(np.exp(powers, out=powers))


def scorer(tree: PointTree, method: Method | None = None, units: Ints | None = None) -> Scorer:
    """A :class:`Scorer` of ``units`` (numbers; default: those that can be ranked)."""
    method = method or official(tree)
    chosen = tree.standing if units is None else units
    applies = tree.applicable[chosen]
    shares = normalised(tree.shares[chosen], applies, method.normalisation)
    weighed = shares * applies
    if method.not_applicable == "full":
        weighed = weighed + (1 - applies)
    if method.not_applicable != "rescale":
        applies = np.ones_like(applies)
    both = np.round(np.hstack([weighed, applies]), 12)
    _, first, copy = np.unique(both, axis=0, return_index=True, return_inverse=True)
    if len(first) == len(chosen):
        first, copy = np.arange(len(chosen)), np.arange(len(chosen))
    weighed, applies = np.ascontiguousarray(weighed[first].T), np.ascontiguousarray(applies[first].T)
    tops = np.flatnonzero(tree.parents < 0)
    return Scorer(
        method=method,
        shares=weighed,
        applies=applies,
        partial=np.flatnonzero((applies < 1).any(axis=0)),
        copy=copy.ravel(),
        areas=tuple(np.flatnonzero(tree.below[top] > 0) for top in tops),
    )


def method_index(source: Any, method: Method | None = None) -> Floats:
    """The index of every unit under ``method`` and the nominal weights; NaN for units that cannot be ranked."""
    tree = point_tree(source)
    index = np.full(len(tree.units), np.nan)
    if len(tree.standing):
        index[tree.standing] = scorer(tree, method).index(tree.weights[:, None])[0]
    return index


def compare_methods(source: Any, methods: Mapping[str, Method] | None = None) -> pd.DataFrame:
    """The index and rank of every unit under each method, beside the official one.

    ``methods`` by name; default: every single switch away from the official method. One row per method and unit:
    ``method``, ``aggregation``, ``not_applicable``, ``normalisation``, ``unit``, ``index``, ``rank``, ``places`` (moved
    up against the official method), ``changed`` (whether the method changed any rank at all), ``source`` = "method".
    """
    tree = point_tree(source)
    tree.need_standing()
    base = official(tree)
    if methods is None:
        methods = {
            f"{switch}:{option}": replace(base, **{switch: option})
            for switch, options in SWITCHES.items()
            for option in options
            if option != getattr(base, switch)
        }
    reference = competition_ranks(method_index(tree, base))
    pieces = []
    for name, method in {"official": base, **methods}.items():
        index = method_index(tree, method)
        ranks = competition_ranks(index)
        places = reference - ranks
        pieces.append(
            pd.DataFrame(
                {
                    "method": name,
                    "aggregation": method.aggregation,
                    "not_applicable": method.not_applicable,
                    "normalisation": method.normalisation,
                    "unit": list(tree.units),
                    "index": index,
                    "rank": whole_numbers(ranks),
                    "places": whole_numbers(places),
                    "changed": bool(np.nanmax(np.abs(places)) > 0),
                    "source": "method",
                }
            )
        )
    return pd.concat(pieces, ignore_index=True)
