"""The design-based variance of a weighted mean, as Ibis expressions: the same on every engine.

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

from parlib.sources.survey.engine import Table, empty

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
