"""What the criteria tell apart: difficulty, discrimination, ceiling and floor of each scored node."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import Scorecard

CEILING_HEAVY, FLOOR_HEAVY, WEAK = 0.9, 0.5, 0.2


def items(card: Scorecard, units: Iterable[str] | None = None) -> pd.DataFrame:
    """Item statistics of every leaf, over the ``units`` (without them, those that are ranked) to which it
    applies and whose points are known.

    ``node``, ``n``, ``difficulty`` (mean share of the maximum reached, 0-1: low = hard, as in test theory), ``sd`` of
    the share, ``ceiling`` and ``zero`` (shares of units at the maximum and at 0), ``discrimination`` (Pearson
    correlation of the leaf with the index of all other leaves; NaN where either does not vary), ``remark``: "" or
    "ceiling" (at least 90 % at the maximum), "zero" (at least half at 0), "weak" (discrimination surely under 0.2: the
    upper end of its 95 % interval by Fisher's z, which few units leave wide, is below).
    """
    keep = list(card.ranked_units if units is None else units)
    rows = [place for place, unit in enumerate(card.units) if unit in set(keep)]
    points = np.where(card.applicable, card.points, np.nan)[rows]
    maxima = np.array([np.nan if leaf.maximum is None else float(leaf.maximum) for leaf in card.scheme.leaves])
    share = exact(points / maxima)
    rest = _rest(points, maxima)
    found = []
    for place, code in enumerate(card.leaves):
        known = np.isfinite(share[:, place])
        own = share[known, place]
        n = int(known.sum())
        found.append(
            {
                "node": code,
                "n": n,
                "difficulty": float(own.mean()) if n else np.nan,
                "sd": float(own.std(ddof=1)) if n > 1 else np.nan,
                "ceiling": float((own >= 1).mean()) if n else np.nan,
                "zero": float((own <= 0).mean()) if n else np.nan,
                "discrimination": _correlation(own, rest[known, place]),
            }
        )
    frame = pd.DataFrame(found)
    frame["remark"] = np.select(
        [
            frame["ceiling"] >= CEILING_HEAVY,
            frame["zero"] >= FLOOR_HEAVY,
            _upper(frame["discrimination"], frame["n"]) < WEAK,
        ],
        ["ceiling", "zero", "weak"],
        "",
    )
    return frame


def _rest(points: np.ndarray, maxima: np.ndarray) -> np.ndarray:
    """For each unit and leaf: the share reached on all other known leaves."""
    known = np.isfinite(points)
    reached = np.where(known, points, 0.0)
    possible = np.where(known, maxima, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        others = possible.sum(axis=1, keepdims=True) - possible
        return np.where(others > 0, (reached.sum(axis=1, keepdims=True) - reached) / others, np.nan)


def _upper(correlation: pd.Series, n: pd.Series) -> np.ndarray:
    """The upper end of the 95 % interval of a correlation of ``n`` pairs; 1 where four or more are not there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        end = np.tanh(np.arctanh(correlation) + 1.96 / np.sqrt((n - 3).clip(lower=0)))
    return np.where(n > 3, end, 1.0)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    if len(a) < 3 or np.ptp(a) < 1e-12 or np.ptp(b) < 1e-12:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])
