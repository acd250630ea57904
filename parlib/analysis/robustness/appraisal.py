"""Contested points: what the ranking would be if the units had been right on some of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from parlib.analysis.robustness.packed import DECIMALS
from parlib.analysis.robustness.products import product
from parlib.analysis.robustness.rank_study import RankCounter, RankStudy, check_coverage
from parlib.analysis.robustness.reading import point_tree
from parlib.analysis.robustness.tree import Bools, Floats, Ints, PointTree, counted_points, named
from parlib.errors import DataError, ParameterError, Problem

OUTCOMES = ("either", "between")
BLOCK = 500


def contested_points(claimed: Any, decided: Any) -> pd.DataFrame:
    """The points on which two stages differ: ``unit``, ``code``, ``claimed``, ``decided``, ``difference``.

    ``claimed`` is the scorecard of the self-assessment (or of the explanation), ``decided`` that of the council. Points
    unknown in either, and criteria that do not apply in the decided one, are not contested.
    """
    before, after = point_tree(claimed), point_tree(decided)
    if before.units != after.units or _codes(before) != _codes(after):
        raise DataError(Problem("the two scorecards do not have the same units and criteria"))
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
    source: Any,
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
    standing = tree.need_standing()
    check_coverage(coverage)
    named(outcome, OUTCOMES, "cách xử lý điểm chưa thống nhất", "outcome of contested points")
    unit, leaf = _cells(tree, contested)
    chances = _chances(contested, chance)
    gap = contested["claimed"].to_numpy(np.float64) - contested["decided"].to_numpy(np.float64)
    points, applying = counted_points(tree)
    whole = applying.sum(axis=1)
    stand = np.round(points.sum(axis=1), DECIMALS)
    effect = np.zeros((len(contested), len(standing)))
    column = np.full(len(tree.units), -1)
    column[standing] = np.arange(len(standing))
    counted = (column[unit] >= 0) & (tree.applicable[unit, leaf] > 0)
    effect[np.flatnonzero(counted), column[unit[counted]]] = gap[counted]
    random = np.random.default_rng(seed)
    counter = RankCounter(len(standing), n_draws)
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
    units = named(list(contested["unit"]), tree.units, "đơn vị", "unit")
    codes = named(list(contested["code"]), _codes(tree), "tiêu chí", "criterion")
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
        raise ParameterError(Problem("a chance lies from 0 to 1", column="chance", value=float(chances[wrong][0])))
    return chances


def _granted(drawn: Floats, chances: Floats, outcome: str) -> Floats:
    """Draws x contested points: the part of the difference that is granted."""
    if outcome == "either":
        return (drawn < chances).astype(np.float64)
    return np.minimum(2 * chances * drawn, 1.0)
