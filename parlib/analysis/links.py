"""Does one index go with another: rank correlations with intervals, and the units on which two indices disagree.

Only pairs known on both sides count, and every figure says how many they are. Formulas: docs/comparison.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import atanh, isfinite, sqrt, tanh
from statistics import NormalDist
from typing import Literal

import numpy as np
import pandas as pd

from parlib.analysis.statistics import Floats, not_a_node
from parlib.errors import ParameterError, named
from parlib.scoring.ranking import Level, rank
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks
from parlib.words import Message

#: Below this many pairs there is no figure.
LEAST_PAIRS = 4

On = Literal["index", "rank"]
METHODS = ("spearman", "kendall")


# --- pairs ----------------------------------------------------------------------------------------


def pairs(
    results: Results, other: Results, *, on: On = "index", node: str = WHOLE, other_node: str = WHOLE
) -> pd.DataFrame:
    """The units known in both: ``unit``, ``value`` and ``other`` (as they are), ``rank_among`` and
    ``other_rank_among`` (competition ranks among these units only), ``difference`` (other_rank_among - rank_among:
    positive where the unit stands better in ``results``). In official order.

    ``on`` "index" takes the values known exactly, "rank" the ranks (of partly published results more are known).
    Units that are not ranked are left out.
    """
    results.check_beside(other)
    named(on, ("index", "rank"), Message("measure"))
    sides = [_side(of, on, at) for of, at in ((results, node), (other, other_node))]
    both = [unit for unit in sides[0].index if unit in sides[1].index]
    values = [side[both].to_numpy(dtype=np.float64) for side in sides]
    best_first = [-column if on == "rank" else column for column in values]
    ranks = [competition_ranks(column).astype(np.int64) for column in best_first]
    frame = pd.DataFrame({"unit": pd.Series(both, dtype="str"), "value": values[0], "other": values[1]})
    return frame.assign(rank_among=ranks[0], other_rank_among=ranks[1], difference=ranks[1] - ranks[0])


def _side(results: Results, on: On, node: str) -> pd.Series:
    if node not in set(results.nodes["node"]):
        raise ParameterError(not_a_node(results, node))
    if on == "rank":
        frame = rank(results, node)
        return frame[frame["ranked"]].set_index("unit")["rank"].astype("float64").dropna()
    return Level(results, node).exact_values.dropna()


def discordant(results: Results, other: Results, n: int = 10, *, on: On = "index") -> pd.DataFrame:
    """The ``n`` units (and those that tie with the last) that stand furthest apart in the two rankings: ``pairs``,
    the largest difference first."""
    frame = pairs(results, other, on=on)
    apart = frame["difference"].abs()
    least = apart.nlargest(n).min() if len(frame) and n > 0 else np.inf
    chosen = frame[(apart >= least) & (apart > 0)]
    return chosen.sort_values("difference", key=abs, ascending=False, kind="stable").reset_index(drop=True)


# --- correlations ---------------------------------------------------------------------------------


def spearman(x: Floats, y: Floats) -> float:
    """Spearman's rank correlation of the pairs known on both sides (not NaN), tied values at the mean of their ranks;
    NaN where a side does not vary."""
    table = _table(x, y)
    return float(_spearman_draws(table, np.ones((1, len(table))))[0]) if len(table) else float("nan")


def kendall(x: Floats, y: Floats) -> float:
    """Kendall's tau-b of the pairs known on both sides (not NaN); NaN where a side does not vary."""
    table = _table(x, y)
    return float(_kendall_draws(table, np.ones((1, len(table))))[0]) if len(table) else float("nan")


def link(
    results: Results,
    other: Results,
    method: str = "spearman",
    *,
    on: On = "index",
    node: str = WHOLE,
    other_node: str = WHOLE,
    level: float = 0.95,
    interval: str = "fisher",
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """The rank correlation of two indices, one row.

    ``index_name``, ``year``, ``other_name``, ``other_year``, ``node``, ``other_node``, ``method`` ("spearman",
    "kendall"), ``on``, ``n`` (pairs known), ``n_units`` (the most there could be: ranked in either), ``complete``
    (n is that), ``coefficient``, ``low``, ``high``, ``z_error`` (the standard error of Fisher's z), ``interval``,
    ``reason`` (why a figure is missing: "too_few_pairs" below 4, "constant", "perfect" where a perfect order has no
    interval), ``marks`` of both.

    ``interval`` "fisher": by Fisher's z with the error of Bonett and Wright for Spearman and of Fieller, Hartley and
    Pearson for Kendall (from 5 pairs). "bootstrap": percentiles over units drawn with replacement (``draws``,
    ``seed``; see ``bootstrap_draws``). Both take the units as a sample of like ones; of a partial list that is not so:
    units that get printed are often the first and the last, and then the coefficient is too far from 0.
    """
    named(method, METHODS, Message("method of correlation"))
    named(interval, ("fisher", "bootstrap"), Message("interval"))
    frame = pairs(results, other, on=on, node=node, other_node=other_node)
    table = frame[["value", "other"]].to_numpy(dtype=np.float64)
    table = -table if on == "rank" else table
    n, possible = len(frame), max(len(results.ranked_units), len(other.ranked_units))
    coefficient = _METHODS[method](table, np.ones((1, n)))[0] if n >= LEAST_PAIRS else np.nan
    error, low, high = np.nan, np.nan, np.nan
    reason = "too_few_pairs" if n < LEAST_PAIRS else "" if isfinite(coefficient) else "constant"
    if not reason:
        if interval == "bootstrap":
            low, high = _percentiles(_draws(table, method, draws, seed), level)
        else:
            error, low, high = fisher_interval(float(coefficient), n, method, level)
        if not isfinite(low):
            reason = "perfect" if abs(coefficient) >= 1 - 1e-12 else "too_few_pairs"
    marks = ";".join(dict.fromkeys([*results.marks, *other.marks]))
    row = {
        **{"index_name": results.index_name, "year": results.year},
        **{"other_name": other.index_name, "other_year": other.year, "node": node, "other_node": other_node},
        **{"method": method, "on": on, "n": n, "n_units": possible, "complete": n == possible},
        **{"coefficient": float(coefficient), "low": low, "high": high, "z_error": error},
        **{"interval": interval, "reason": reason, "marks": marks},
    }
    return pd.DataFrame([row])


def links(results: Results, others: Iterable[Results], method: str = "spearman", **how: object) -> pd.DataFrame:
    """``link`` with each of ``others``, a row each in their order."""
    rows = [link(results, other, method, **how) for other in others]  # type: ignore[arg-type]
    if not rows:
        raise ParameterError("at least one other index is needed")
    return pd.concat(rows, ignore_index=True)


def fisher_interval(coefficient: float, n: int, method: str, level: float) -> tuple[float, float, float]:
    """The standard error of Fisher's z and the interval (lower, upper end) of a rank correlation over ``n`` pairs
    (see ``link``); NaN where there is none."""
    variance = np.nan
    if method == "spearman":
        variance = (1 + coefficient**2 / 2) / (n - 3)  # Bonett and Wright (2000)
    elif n > 4:
        variance = 0.437 / (n - 4)  # Fieller, Hartley and Pearson (1957)
    if not isfinite(variance) or abs(coefficient) >= 1 - 1e-12:
        return np.nan, np.nan, np.nan
    error = sqrt(variance)
    z, reach = atanh(coefficient), NormalDist().inv_cdf((1 + level) / 2) * error
    return error, tanh(z - reach), tanh(z + reach)


# --- bootstrap ------------------------------------------------------------------------------------


def bootstrap_draws(
    results: Results, other: Results, method: str = "spearman", *, on: On = "index", draws: int = 2000, seed: int = 0
) -> Floats:
    """The coefficients of ``draws`` samples of the units drawn with replacement; NaN where a sample does not vary.

    The same seed gives the same draws.
    """
    named(method, METHODS, Message("method of correlation"))
    table = pairs(results, other, on=on)[["value", "other"]].to_numpy(dtype=np.float64)
    return _draws(-table if on == "rank" else table, method, draws, seed)


def _draws(table: Floats, method: str, draws: int, seed: int) -> Floats:
    n = len(table)
    if n < LEAST_PAIRS:
        return np.full(draws, np.nan)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws).astype(np.float64)
    return _METHODS[method](table, counts)


def _percentiles(coefficients: Floats, level: float) -> tuple[float, float]:
    known = coefficients[np.isfinite(coefficients)]
    if len(known) < 2:
        return np.nan, np.nan
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _table(x: Floats, y: Floats) -> Floats:
    """The pairs of which both sides are known, a row each."""
    table = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    return table[~np.isnan(table).any(axis=1)]


def _spearman_draws(table: Floats, counts: Floats) -> Floats:
    """Spearman's correlation with every unit taken as often as ``counts`` (draws x units) say."""
    ranks = []
    for column in exact(table).T:
        below, equal = column[:, None] > column[None, :], column[:, None] == column[None, :]
        ranks.append(counts @ below.T + (counts @ equal.T + 1) / 2)  # tied units at the mean of their ranks
    size = counts.sum(axis=1, keepdims=True)
    centred = [rank_ - (counts * rank_).sum(axis=1, keepdims=True) / size for rank_ in ranks]
    return _cosine(*(((counts * a * b).sum(axis=1)) for a, b in _products(*centred)))


def _kendall_draws(table: Floats, counts: Floats) -> Floats:
    """Kendall's tau-b with every unit taken as often as ``counts`` (draws x units) say."""
    signs = [np.sign(column[:, None] - column[None, :]) for column in exact(table).T]
    return _cosine(*(np.einsum("di,ij,dj->d", counts, a * b, counts, optimize=True) for a, b in _products(*signs)))


def _products(a: Floats, b: Floats) -> list[tuple[Floats, Floats]]:
    return [(a, b), (a, a), (b, b)]


def _cosine(both: Floats, first: Floats, second: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        result = np.where((first > 1e-9) & (second > 1e-9), both / np.sqrt(first * second), np.nan)
    return np.clip(result, -1.0, 1.0)


_METHODS: dict[str, Callable[[Floats, Floats], Floats]] = {"spearman": _spearman_draws, "kendall": _kendall_draws}
