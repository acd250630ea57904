"""Confidence intervals of shares that keep within the scale, and what equal answers still leave open.

An interval p +- t x error fails where nearly all give the best answer: it is too short, and of no length at all where
all do. So the interval is that of Korn and Graubard (1998, "Confidence intervals for proportions with small expected
number of positive counts estimated from survey data", Survey Methodology 24): Clopper and Pearson's, for the number of
answers with which a simple random sample would have the error found, n = p (1 - p) / V, made smaller by (z / t)^2 for
the degrees of freedom of V. A mean over a scale of several steps is taken in the same way: V is its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.sources.survey.questions import Question

Floats = npt.NDArray[np.float64]


def share_interval(
    share: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    freedom: npt.ArrayLike,
    *,
    worst: npt.ArrayLike = 0.0,
    best: npt.ArrayLike = 1.0,
    confidence: float = 0.95,
) -> tuple[Floats, Floats]:
    """The lower and upper end; NaN where share, error or degrees of freedom are not known.

    Where all answers are the worst or the best one, n is the degrees of freedom + 1: the clusters in one stratum.
    """
    from scipy.special import betaincinv, ndtri, stdtrit

    low, high = np.asarray(worst, dtype=np.float64), np.asarray(best, dtype=np.float64)
    degrees = np.asarray(freedom, dtype=np.float64)
    degrees = np.where(degrees > 0, degrees, np.nan)
    reach = high - low
    p = np.clip((np.asarray(share, dtype=np.float64) - low) / reach, 0.0, 1.0)
    variance = (np.asarray(standard_error, dtype=np.float64) / reach) ** 2
    tail = (1 - confidence) / 2
    inside = (p > 1e-12) & (p < 1 - 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.where(inside, p * (1 - p) / variance, np.where(np.isnan(variance), np.nan, degrees + 1))
        n = n * (ndtri(1 - tail) / stdtrit(degrees, 1 - tail)) ** 2
        exact = np.isinf(n) & np.isfinite(p)
        n = np.where(exact, np.nan, n)
        lower = np.where(p > 1e-12, betaincinv(n * p, n * (1 - p) + 1, tail), np.where(np.isnan(n), np.nan, 0.0))
        upper = np.where(
            p < 1 - 1e-12, betaincinv(n * p + 1, n * (1 - p), 1 - tail), np.where(np.isnan(n), np.nan, 1.0)
        )
    return low + reach * lower, low + reach * upper


def single_step(question: Question, share: float) -> float:
    """How far the next answer below ``share`` on the scale of ``question`` is; the next above where none is below."""
    codes = sorted(set(question.scale.values()))
    below = [value for value in codes if value < share - 1e-9]
    above = [value for value in codes if value > share + 1e-9]
    return float(share - below[-1]) if below else float(above[0] - share) if above else np.nan


def floors(asked: dict[str, Question], groups: pd.DataFrame) -> pd.Series[float]:
    """The variance of cells in which all answers are equal: as if one answer of the n were one step lower, (step/n)^2.

    A sample without differences does not say that there are none. Other cells: 0. ``groups`` has item, n, share,
    variance.
    """
    equal = (groups["variance"] == 0) & (groups["n"] > 1)
    steps = [
        single_step(asked[item], share) if flat else 0.0
        for item, share, flat in zip(groups["item"], groups["share"], equal, strict=True)
    ]
    return (pd.Series(steps, index=groups.index, dtype="float64") / groups["n"].where(equal, 1)) ** 2
