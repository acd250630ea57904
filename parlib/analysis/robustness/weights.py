"""What if the weights were others: thousands of draws of all weights, and the ranks that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from parlib.analysis.robustness.methods import Method, official, scorer
from parlib.analysis.robustness.products import product
from parlib.analysis.robustness.rank_study import RankCounter, RankStudy, check_coverage
from parlib.analysis.robustness.reading import point_tree
from parlib.analysis.robustness.tree import Floats, PointTree, named
from parlib.errors import ParameterError, Problem

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
    names = named(list(values), tree.level_names, "cấp tiêu chí", "level of criteria")
    return {tree.level_names.index(name): float(values[name]) for name in names}


def leaf_weights(tree: PointTree, multipliers: Mapping[int, Floats], n_draws: int) -> Floats:
    """Leaves x draws: leaf weights (columns sum to 1) when each node's nominal share of its parent is multiplied by
    ``multipliers[level]`` (nodes of the level x draws) and renormalised among its siblings."""
    weights = np.empty((len(tree.leaves), n_draws))
    above = np.ones((1, n_draws))
    for number, level in enumerate(tree.levels):
        if number in multipliers:
            parts = multipliers[number] * level.shares[:, None]
            with np.errstate(divide="ignore"):  # a node without children has no sum, and is never taken
                scale = above / product(level.siblings, parts)
            parts *= scale[level.parents]
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
    found: dict[int, Floats] = {}
    if isinstance(variation, WeightRange):
        for number, spread in by_level(tree, variation.spread).items():
            if not 0 <= spread < 1:
                raise ParameterError(
                    Problem("the range of the weights lies from 0 to below 1 (0.25 = +-25%)", value=spread)
                )
            if spread > 0:
                drawn = random.random((len(tree.levels[number].nodes), n_draws))
                drawn *= 2 * spread
                drawn += 1 - spread
                found[number] = drawn
        return found
    for number, concentration in by_level(tree, variation.concentration).items():
        if concentration < 0:
            raise ParameterError(
                Problem("the concentration of the Dirichlet distribution is 0 or more", value=concentration)
            )
        level = tree.levels[number]
        shape = (len(level.nodes), n_draws)
        if concentration == 0:
            drawn = random.standard_exponential(shape)
        else:
            drawn = random.standard_gamma(concentration * level.shares[:, None], shape)
        # A gamma draw can underflow to 0 in a whole family; the smallest number keeps the sum above zero.
        np.maximum(drawn, np.finfo(float).tiny * 1e10, out=drawn)
        drawn /= level.shares[:, None]
        found[number] = drawn
    return found


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
    source: Any,
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
    counter = RankCounter(len(tree.standing), n_draws)
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
