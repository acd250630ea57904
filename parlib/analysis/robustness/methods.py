"""What if it had been done otherwise: another mean, rule or normalisation; other weights; criteria left out; contested
points decided anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from parlib.analysis.robustness.draws import (
    DECIMALS,
    RankCounter,
    RankStudy,
    check_coverage,
    competition_ranks,
    product,
    sort_rows,
    whole_numbers,
)
from parlib.analysis.robustness.tree import (
    POLICIES,
    Bools,
    Floats,
    Ints,
    PointTree,
    Source,
    chosen_nodes,
    counted_points,
    point_tree,
)
from parlib.errors import DataError, ParameterError, named
from parlib.words import Message

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
            named(getattr(self, field.name), SWITCHES[field.name], field.name)


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
    chosen = tree.rankable if units is None else units
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


def method_index(source: Source, method: Method | None = None) -> Floats:
    """The index of every unit under ``method`` and the nominal weights; NaN for units that cannot be ranked."""
    tree = point_tree(source)
    index = np.full(len(tree.units), np.nan)
    if len(tree.rankable):
        index[tree.rankable] = scorer(tree, method).index(tree.weights[:, None])[0]
    return index


def compare_methods(source: Source, methods: Mapping[str, Method] | None = None) -> pd.DataFrame:
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


# --- other weights --------------------------------------------------------------------------------


#: Draws are made in blocks of this size, which stay in the cache; it is part of what a seed means.
BLOCK = 500

Spread = float | Mapping[str, float]


@dataclass(frozen=True)
class WeightRange:
    """Each weight within its parent times a factor drawn evenly from 1 - spread to 1 + spread, then renormalised.

    ``spread`` for all levels, or by level name (area, criterion, subcriterion); a level not named keeps its weights.
    """

    spread: Spread = 0.25


@dataclass(frozen=True)
class WeightDirichlet:
    """The weights within each parent drawn from a Dirichlet distribution, as in stochastic multicriteria acceptability
    analysis (SMAA).

    ``concentration`` = 0: every set of weights is as likely as any other (the flat Dirichlet: no weight is preferred).
    Above 0 the mean is the nominal weight and the draws lie the closer to it the larger the number: with share s of the
    parent the variance is s (1 - s) / (concentration + 1). By level name or for all; a level not named keeps its
    weights.
    """

    concentration: Spread = 0.0


Variation = WeightRange | WeightDirichlet


def by_level(tree: PointTree, values: Spread) -> dict[int, float]:
    """``values`` by the number of the level, from a number for all or a mapping by level name."""
    if not isinstance(values, Mapping):
        return dict.fromkeys(range(len(tree.levels)), float(values))
    names = named(list(values), tree.level_names, Message("level of criteria"))
    return {tree.level_names.index(name): float(values[name]) for name in names}


def leaf_weights(tree: PointTree, multipliers: Mapping[int, Floats], n_draws: int) -> Floats:
    """Leaves x draws: leaf weights (columns sum to 1) when each node's nominal share of its parent is multiplied by
    ``multipliers[level]`` (nodes of the level x draws) and renormalised among its siblings."""
    weights = np.empty((len(tree.leaves), n_draws))
    above = np.ones((1, n_draws))
    for number, level in enumerate(tree.levels):
        if number in multipliers:
            parts = multipliers[number] * level.shares[:, None]
            scale = above[level.parents[level.firsts]] / np.add.reduceat(parts, level.firsts, axis=0)
            parts *= np.repeat(scale, level.n_siblings, axis=0)
        else:
            parts = above[level.parents]
            parts *= level.shares[:, None]
        weights[level.columns] = parts[level.leaves]
        above = parts
    return weights


def draw_multipliers(
    tree: PointTree, variation: Variation, n_draws: int, random: np.random.Generator
) -> dict[int, Floats]:
    """Random multipliers of the nominal shares, by level: nodes of the level x draws."""
    results: dict[int, Floats] = {}
    if isinstance(variation, WeightRange):
        for number, spread in by_level(tree, variation.spread).items():
            if not 0 <= spread < 1:
                raise ParameterError("the range of the weights lies from 0 to below 1 (0.25 = +-25%)", value=spread)
            if spread > 0:
                drawn = random.random((len(tree.levels[number].nodes), n_draws))
                drawn *= 2 * spread
                drawn += 1 - spread
                results[number] = drawn
        return results
    for number, concentration in by_level(tree, variation.concentration).items():
        if concentration < 0:
            raise ParameterError("the concentration of the Dirichlet distribution is 0 or more", value=concentration)
        level = tree.levels[number]
        shape = (len(level.nodes), n_draws)
        if concentration == 0:
            drawn = random.standard_exponential(shape)
        else:
            drawn = random.standard_gamma(concentration * level.shares[:, None], shape)
        # A gamma draw can underflow to 0 in a whole family; the smallest number keeps the sum above zero.
        np.maximum(drawn, np.finfo(float).tiny * 1e10, out=drawn)
        drawn /= level.shares[:, None]
        results[number] = drawn
    return results


def _down_to_the_varied(tree: PointTree, variation: Variation, method: Method) -> PointTree:
    """``tree`` without the levels below the deepest one that is varied: their points are summed before they are
    weighted, so that units with equal sums tie in every draw."""
    spread = variation.spread if isinstance(variation, WeightRange) else variation.concentration
    still = 0.0 if isinstance(variation, WeightRange) else None
    varied = [number for number, value in by_level(tree, spread).items() if value != still]
    depth = max(varied, default=0) + 1
    if method.normalisation != "maximum" or depth >= len(tree.levels):
        return tree  # other normalisations compare the units leaf by leaf
    return point_tree(tree, depth=depth)


def vary_weights(
    source: Source,
    variation: Variation | None = None,
    *,
    n_draws: int = 10_000,
    seed: int = 0,
    coverage: float = 0.9,
    method: Method | None = None,
    draws: bool = False,
) -> RankStudy:
    """Draw all weights ``n_draws`` times and rank the units each time.

    ``source`` is a Scorecard, a :class:`~parlib.scoring.results.Results` or a :class:`PointTree`; ``variation`` a
    :class:`WeightRange` (default: +-25% at every level) or a :class:`WeightDirichlet`. The intervals hold at least
    ``coverage`` of the draws. ``draws=True`` keeps the weights and index values of every draw. The same seed gives
    the same bytes. This is uncertainty of method: it never enters the same interval as sampling error.
    """
    tree = point_tree(source)
    tree.need_standing()
    check_coverage(coverage)
    variation = variation or WeightRange()
    method = method or official(tree)
    scored = _down_to_the_varied(tree, variation, method)
    score = scorer(scored, method)
    random = np.random.default_rng(seed)
    counter = RankCounter(len(tree.rankable), n_draws)
    kept = np.empty((len(tree.leaves), n_draws)) if draws else None
    for start in range(0, n_draws, BLOCK):
        block = slice(start, min(start + BLOCK, n_draws))
        size = block.stop - block.start
        multipliers = draw_multipliers(tree, variation, size, random)
        counter.add(block, score.index(leaf_weights(scored, multipliers, size)))
        if kept is not None:
            kept[:, block] = leaf_weights(tree, multipliers, size)
    return counter.study(
        tree,
        score.index(scored.weights[:, None])[0],
        coverage=coverage,
        source="method",
        inputs=kept,
        input_names=tuple(tree.nodes[number] for number in tree.leaves),
    )


# --- criteria left out ----------------------------------------------------------------------------


def removed_index(tree: PointTree, nodes: Ints | None = None, parent_keeps: bool = False) -> Floats:
    """Nodes x standing units: the index without each of ``nodes`` (numbers; default: every leaf).

    The same as scoring the remaining leaves anew: points left / maximum left. With ``parent_keeps`` the rest of the
    parent keeps the parent's weight: its points are carried to the parent's maximum; where nothing of the parent is
    left, its own parent keeps its weight. NaN where nothing is left for a unit.
    """
    chosen = tree.leaves if nodes is None else nodes
    return _index_of_kept(tree, chosen) if parent_keeps else _index_without(tree, tree.below[chosen])


def _index_of_kept(tree: PointTree, nodes: Ints) -> Floats:
    """The index without each of ``nodes``, the rest of whose parent takes its weight."""
    points, applying = counted_points(tree)
    index: Floats = np.full((len(nodes), len(points)), np.nan)
    for row, node in enumerate(nodes):
        parent, gone = int(node), tree.below[node]
        while parent >= 0:
            parent = int(tree.parents[parent])
            inside = tree.below[parent] if parent >= 0 else np.ones(len(tree.leaves))
            most = applying @ inside
            left = np.round(most - applying @ gone, DECIMALS)
            fits = np.isnan(index[row]) & (left > 0)
            kept = np.round((points @ inside - points @ gone)[fits], DECIMALS) * most[fits] / left[fits]
            whole = points[fits].sum(axis=1) - (points @ inside)[fits] + kept
            index[row, fits] = np.round(100 * whole / applying[fits].sum(axis=1), DECIMALS)
    return index


def _index_without(tree: PointTree, below: Floats) -> Floats:
    """The index without the leaves marked in each row of ``below``."""
    points, applying = counted_points(tree)
    # Sums are rounded as points are, so that equal points stay equal whichever leaf was taken away.
    points_left = np.round(points.sum(axis=1) - below @ points.T, DECIMALS)
    maximum_left = np.round(applying.sum(axis=1) - below @ applying.T, DECIMALS)
    index: Floats = np.full_like(points_left, np.nan)
    np.divide(100 * points_left, maximum_left, out=index, where=maximum_left > 0)
    return index


def removed_ranks(tree: PointTree, nodes: Ints | None = None, parent_keeps: bool = False) -> tuple[Floats, Floats]:
    """The index and the competition ranks without each of ``nodes``: nodes x standing units; NaN = unknown."""
    index = removed_index(tree, nodes, parent_keeps)
    ranks = sort_rows(index).ranks().astype(np.float64)
    ranks[ranks == 0] = np.nan
    return index, ranks


def leave_out(
    source: Source, what: str | Sequence[str] = "leaf", *, by: str = "tree", parent_keeps: bool = False
) -> pd.DataFrame:
    """The index and rank of every unit without each node, one node at a time.

    What is left out leaves the maximum too; with ``parent_keeps`` its parent keeps its weight instead, and the other
    parts of the parent share it (see :func:`removed_index`).
    ``what``: "leaf", the name of a level, "all", or codes of nodes. ``by="component"`` takes components
    away instead. One row per node and unit: ``node``, ``unit``, ``index``, ``rank``, ``rank_before``, ``places``
    (moved up against the whole), ``change`` of the index, ``source`` = "method". The units ranked are the same in
    every row: those known on every criterion.
    """
    tree = point_tree(source, by=by)
    current = tree.need_standing()
    nodes = chosen_nodes(tree, what)
    index, ranks = removed_ranks(tree, nodes, parent_keeps)
    whole = _index_without(tree, np.zeros((1, len(tree.leaves))))[0]
    before = competition_ranks(whole)
    n_units = len(tree.units)

    def spread(values: Floats) -> Floats:
        wide = np.full((len(nodes), n_units), np.nan)
        wide[:, current] = values
        return wide.ravel()

    return pd.DataFrame(
        {
            "node": np.repeat(np.asarray(tree.nodes, dtype=object)[nodes], n_units),
            "unit": np.tile(np.asarray(tree.units, dtype=object), len(nodes)),
            "index": spread(index),
            "rank": whole_numbers(spread(ranks)),
            "rank_before": whole_numbers(spread(np.broadcast_to(before, ranks.shape))),
            "places": whole_numbers(spread(before - ranks)),
            "change": spread(index - whole),
            "source": "method",
        }
    )


def removal_effects(removed: pd.DataFrame) -> pd.DataFrame:
    """How much each node matters to the ranking, from :func:`leave_out`: ``node``, ``n_ranked``, ``n_moved``,
    ``mean_shift`` and ``largest_shift`` in places, ``units_up`` and ``units_down`` (all who moved most),
    ``changed`` (whether anything moved), ``source``. In the order of the nodes."""
    nodes, node_keys = pd.factorize(removed["node"])
    units, unit_keys = pd.factorize(removed["unit"])
    places = np.full((len(node_keys), len(unit_keys)), np.nan)
    places[nodes, units] = removed["places"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(places)
    moves = np.where(known, places, 0.0)
    shifts = np.abs(moves)
    names = np.asarray(unit_keys, dtype=object)
    return pd.DataFrame(
        {
            "node": node_keys,
            "n_ranked": known.sum(axis=1),
            "n_moved": (shifts > 0).sum(axis=1),
            "mean_shift": shifts.sum(axis=1) / np.maximum(known.sum(axis=1), 1),
            "largest_shift": shifts.max(axis=1).astype(np.int64),
            "units_up": [tuple(names[row == row.max()]) if row.max() > 0 else () for row in moves],
            "units_down": [tuple(names[row == row.min()]) if row.min() < 0 else () for row in moves],
            "changed": shifts.any(axis=1),
            "source": "method",
        }
    )


# --- contested points -----------------------------------------------------------------------------


OUTCOMES = ("either", "between")


def contested_points(claimed: Source, decided: Source) -> pd.DataFrame:
    """The points on which two stages differ: ``unit``, ``code``, ``claimed``, ``decided``, ``difference``.

    ``claimed`` is the scorecard of the self-assessment (or of the explanation), ``decided`` that of the council. Points
    unknown in either, and criteria that do not apply in the decided one, are not contested.
    """
    before, after = point_tree(claimed), point_tree(decided)
    if before.units != after.units or _codes(before) != _codes(after):
        raise DataError("the two scorecards do not have the same units and criteria")
    gap = np.round(before.points - after.points, DECIMALS)
    rows, columns = np.nonzero(np.isfinite(gap) & (gap != 0) & (after.applicable > 0))
    codes = np.asarray(_codes(after), dtype=object)
    return pd.DataFrame(
        {
            "unit": np.asarray(after.units, dtype=object)[rows],
            "code": codes[columns],
            "claimed": before.points[rows, columns],
            "decided": after.points[rows, columns],
            "difference": gap[rows, columns],
        }
    )


def vary_appraisal(
    source: Source,
    contested: pd.DataFrame,
    *,
    chance: float = 0.5,
    outcome: str = "either",
    n_draws: int = 5_000,
    seed: int = 0,
    coverage: float = 0.9,
    draws: bool = False,
) -> RankStudy:
    """Decide every contested point anew, many times, and rank the units each time.

    ``contested`` as from :func:`contested_points` (``unit``, ``code``, ``claimed``, ``decided``; ``chance`` as a column
    if it differs). ``outcome``: "either" gives the claimed points with probability ``chance`` and the decided points
    otherwise; "between" draws evenly from decided to decided + 2 x ``chance`` x (claimed - decided), at most claimed.
    This is uncertainty of judgement, ``source`` = "appraisal": neither sampling error nor choice of method.
    """
    tree = point_tree(source)
    current = tree.need_standing()
    check_coverage(coverage)
    named(outcome, OUTCOMES, Message("outcome of contested points"))
    unit, leaf = _cells(tree, contested)
    chances = _chances(contested, chance)
    gap = contested["claimed"].to_numpy(np.float64) - contested["decided"].to_numpy(np.float64)
    points, applying = counted_points(tree)
    whole = applying.sum(axis=1)
    stand = np.round(points.sum(axis=1), DECIMALS)
    effect = np.zeros((len(contested), len(current)))
    column = np.empty(len(tree.units), dtype=np.intp)
    column[current] = np.arange(len(current))
    counted = np.isin(unit, current) & (tree.applicable[unit, leaf] > 0)
    effect[np.flatnonzero(counted), column[unit[counted]]] = gap[counted]
    random = np.random.default_rng(seed)
    counter = RankCounter(len(current), n_draws)
    kept = np.empty((len(contested), n_draws)) if draws else None
    for start in range(0, n_draws, BLOCK):
        block = slice(start, min(start + BLOCK, n_draws))
        granted = _granted(random.random((block.stop - block.start, len(contested))), chances, outcome)
        # Rounded as points are, so that units that end on equal points tie.
        counter.add(block, 100 * np.round(stand + product(granted, effect), DECIMALS) / whole)
        if kept is not None:
            kept[:, block] = granted.T
    return counter.study(
        tree,
        100 * stand / whole,
        coverage=coverage,
        source="appraisal",
        inputs=kept,
        input_names=tuple(f"{u} {c}" for u, c in zip(contested["unit"], contested["code"], strict=True)),
    )


def _codes(tree: PointTree) -> tuple[str, ...]:
    return tuple(tree.nodes[leaf] for leaf in tree.leaves)


def _cells(tree: PointTree, contested: pd.DataFrame) -> tuple[Ints, Ints]:
    units = named(list(contested["unit"]), tree.units, Message("unit"))
    codes = named(list(contested["code"]), _codes(tree), Message("criterion"))
    places = {code: number for number, code in enumerate(_codes(tree))}
    rows = {unit: number for number, unit in enumerate(tree.units)}
    return (
        np.array([rows[unit] for unit in units], dtype=np.intp),
        np.array([places[code] for code in codes], dtype=np.intp),
    )


def _chances(contested: pd.DataFrame, chance: float) -> Floats:
    chances = contested["chance"].to_numpy(np.float64) if "chance" in contested else np.full(len(contested), chance)
    wrong: Bools = ~((chances >= 0) & (chances <= 1))
    if wrong.any():
        raise ParameterError("a chance lies from 0 to 1", column="chance", value=float(chances[wrong][0]))
    return chances


def _granted(drawn: Floats, chances: Floats, outcome: str) -> Floats:
    """Draws x contested points: the part of the difference that is granted."""
    if outcome == "either":
        return (drawn < chances).astype(np.float64)
    return np.minimum(2 * chances * drawn, 1.0)
