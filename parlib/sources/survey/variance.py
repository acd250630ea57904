"""The design-based variance of a weighted mean, as Ibis expressions: the same on every engine; and its interval.

A weighted mean p = sum(w s) / sum(w) is linearised (Taylor): each answer contributes u = w (s - p) / sum(w), and the
variance of p is that of the total of u. With the totals z of the primary sampling units (clusters) within strata,

    V = sum over strata of  n/(n-1) * sum over clusters of (z - mean z)^2,

n being all clusters of the stratum in the sample, those without an answer included (their z is 0: the cell is a domain
of the design). This is the ultimate cluster variance with replacement at the first stage: no finite population
correction, so the error is not too small where few clusters exist. R's survey package and Stata compute the same.

A respondent who is a cluster alone needs no row: the squares of such clusters sum to sum(w^2) (s-p)^2 / sum(w)^2 over
the answers, which a count of the answers gives.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.sources.survey.engine import Table, empty
from parlib.sources.survey.questions import Question

LONELY = ("adjust", "remove", "fail")
_NOISE = 1e-13  # of the squares: a variance below this is what rounding leaves of zero


def contributions(answers: Table, means: Table, keys: Sequence[str], strata: Sequence[str]) -> Table:
    """The linearised total of each cluster in each cell ``keys``.

    ``answers`` has ``score``, ``weight``, ``squares`` and ``weighted`` for each answer of each cluster; ``means`` has
    ``share`` and ``weight_sum`` for each cell. Result: keys, strata, cluster, ``total`` (z), ``squares`` (of clusters
    that are one respondent each) and ``members`` (how many such respondents).
    """
    joined = answers.join(means.select(*keys, "share", "weight_sum"), list(keys))
    influence = (joined["score"] - joined["share"]) / joined["weight_sum"]
    return joined.group_by(_names(keys, strata)).agg(
        total=(joined["weight"] * influence).sum(),
        squares=(joined["squares"] * influence * influence).sum(),
        members=joined["weighted"].sum(),
    )


def merged(clusters: Table, keys: Sequence[str], strata: Sequence[str]) -> Table:
    """The contributions of ``clusters`` added up within the cells ``keys``."""
    return clusters.group_by(_names(keys, strata)).agg(
        total=clusters["total"].sum(), squares=clusters["squares"].sum(), members=clusters["members"].sum()
    )


def variances(clusters: Table, sizes: Table, keys: Sequence[str], strata: Sequence[str], lonely: str) -> Table:
    """The variance of each cell ``keys``, with the numbers of clusters and strata that hold its answers.

    ``sizes`` has ``clusters_in_sample`` for each stratum. ``lonely`` says what a stratum with one single cluster adds:
    "adjust" its squared distance from the mean of all clusters, "remove" nothing ("fail" is checked before). Result:
    keys, ``variance`` (null where the sample says nothing about it), ``freedom``, ``clusters``, ``strata``,
    ``lonely_strata``.

    ``freedom`` is that of the variance: clusters less strata within each unit and group, and over these (V of one may
    rest on 8 clusters, that of another on 300) Satterthwaite's (sum V)^2 / sum(V^2 / df).
    """
    alone = empty(clusters["cluster"])
    within = clusters.mutate(
        square=alone.ifelse(clusters["squares"], clusters["total"] * clusters["total"]),
        answering=alone.ifelse(clusters["members"], 1),
    )
    by_stratum = within.group_by(list(dict.fromkeys([*keys, *strata]))).agg(
        total=within["total"].sum(), square=within["square"].sum(), answering=within["answering"].sum()
    )
    joined = by_stratum.join(sizes, list(strata))
    n = ibis.greatest(joined["clusters_in_sample"], 1).cast("float64")
    several = joined["clusters_in_sample"] > 1
    spread = joined["square"] - joined["total"] * joined["total"] / n
    spread = (spread > _NOISE * joined["square"]).ifelse(spread, 0.0)
    single = joined["square"] if lonely == "adjust" else ibis.literal(0.0)
    added = several.ifelse(n / several.ifelse(n - 1, 1.0) * spread, single)
    added_up = joined.mutate(added=added, lonely=(~several).cast("int64"))
    apart = [name for name in strata if name != "stratum"]
    parts = added_up.group_by(list(dict.fromkeys([*keys, *apart]))).agg(
        added=added_up["added"].sum(),
        answering=added_up["answering"].sum(),
        strata_of_part=added_up.count(),
        lonely=added_up["lonely"].sum(),
    )
    degrees = ibis.greatest(parts["answering"] - parts["strata_of_part"], 1).cast("float64")
    parts = parts.mutate(over_degrees=parts["added"] * parts["added"] / degrees)
    cells = parts.group_by(list(keys)).agg(
        variance=parts["added"].sum(),
        over_degrees=parts["over_degrees"].sum(),
        clusters=parts["answering"].sum(),
        strata=parts["strata_of_part"].sum(),
        lonely_strata=parts["lonely"].sum(),
    )
    plain = (cells["clusters"] - cells["strata"]).cast("float64")
    squared = cells["over_degrees"] > 0
    combined = cells["variance"] * cells["variance"] / squared.ifelse(cells["over_degrees"], 1.0)
    cells = cells.mutate(freedom=squared.ifelse(ibis.least(combined, plain), plain)).drop("over_degrees")
    # one cluster says nothing about the variance between clusters; nor do strata that add nothing
    known = cells["clusters"] > 1
    if lonely != "adjust":
        known &= cells["lonely_strata"] < cells["strata"]
    return cells.mutate(variance=known.ifelse(cells["variance"], ibis.null("float64")))


def _names(keys: Sequence[str], strata: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*keys, *strata, "cluster"]))


# --- intervals --------------------------------------------------------------------------------

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
    """The lower and upper end of a confidence interval; NaN where share, error or degrees of freedom are not known.

    An interval p +- t x error fails where nearly all give the best answer: it is too short, and of no length at all
    where all do. So the interval is that of Korn and Graubard (1998, "Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data", Survey Methodology 24): Clopper and Pearson's, for
    the number of answers with which a simple random sample would have the error found, n = p (1 - p) / V, made smaller
    by (z / t)^2 for the degrees of freedom of V. A mean over a scale of several steps is taken in the same way: V is
    its own.

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
