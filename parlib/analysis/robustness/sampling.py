"""Survey error carried to the index: by linearisation, and by a bootstrap of clusters.

Both start from cluster totals: for every unit, stratum, cluster and item (and group of respondents), the sum of
weight x share and the sum of weights. That is all a design-based variance needs, and it is small however many people
answered. Clusters (the first stage of sampling) are taken as drawn with replacement within strata (ultimate clusters),
which errs on the safe side. The answers of one cluster to many items go together: both methods carry that, whereas
errors of single items added up do not. A stratum with one cluster adds its squared distance from the mean of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from parlib.analysis.robustness.draws import product, spread_out
from parlib.analysis.robustness.tree import Floats, Ints, PointTree, Source, counted_points, point_tree
from parlib.errors import DataError, Problem, named
from parlib.scoring.results import WHOLE
from parlib.scoring.rules import Survey
from parlib.scoring.scorecard import Scorecard
from parlib.words import Message

METHODS = ("linearised", "bootstrap")
TOTALS = ("unit", "stratum", "cluster", "item", "group", "weighted_share", "weight")


def cluster_totals(answers: pd.DataFrame) -> pd.DataFrame:
    """Answers of respondents (``unit``, ``item``, ``share``, and where they exist ``group``, ``stratum``, ``cluster``,
    ``respondent``, ``weight``) as cluster totals: ``unit``, ``stratum``, ``cluster``, ``item``, ``group``,
    ``weighted_share``, ``weight``. Who has no cluster is one; without weights all weigh alike."""
    table = answers.dropna(subset=["share"])
    alone = "respondent " + (table["respondent"].astype("str") if "respondent" in table else _numbered(table))
    cluster = "cluster " + table["cluster"].astype("str") if "cluster" in table else alone
    named_ = table.assign(
        group=table.get("group", ""),
        stratum=table.get("stratum", ""),
        cluster=cluster.where(table["cluster"].notna(), alone) if "cluster" in table else alone,
        weight=table["weight"].astype(float) if "weight" in table else 1.0,
    )
    named_["weighted_share"] = named_["weight"] * named_["share"]
    keys = ["unit", "stratum", "cluster", "item", "group"]
    sums = named_.groupby(keys, sort=True, observed=True, dropna=False)[["weighted_share", "weight"]].sum()
    return sums.reset_index()[list(TOTALS)]


def _numbered(table: pd.DataFrame) -> pd.Series:
    return pd.Series(np.arange(len(table)), index=table.index).astype("str")


@dataclass(frozen=True, eq=False)
class SurveyError:
    """The sampling error of the index.

    ``table``  one row for every unit: ``unit``, ``index``, ``standard_error``, ``n_clusters``, ``n_strata``,
    ``n_lonely`` (strata with one cluster), ``method``, ``source`` = "sampling". The error is unknown where a survey
    item that counts for the unit has no answers, and where no stratum has two clusters.
    ``replicates``  replicates x units (bootstrap; NaN where unknown): what ``rank_confidence_sets`` takes.
    """

    table: pd.DataFrame
    replicates: Floats | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class _UnitSurvey:
    """One unit's survey: clusters x cells sums; a cell is an item answered by a group."""

    share: Floats  # clusters x cells: sum of weight x share
    weight: Floats  # clusters x cells: sum of weights
    slope: Floats  # cells: index points for a full share
    strata: tuple[Ints, ...]  # the clusters of each stratum

    @cached_property
    def estimate(self) -> Floats:
        """The share of each cell."""
        return np.asarray(self.share.sum(axis=0) / self.weight.sum(axis=0))

    @cached_property
    def linearised(self) -> Floats:
        """What each cluster adds to the error of the index; sums to zero."""
        return np.asarray(((self.share - self.estimate * self.weight) / self.weight.sum(axis=0)) @ self.slope)

    @property
    def lonely(self) -> list[int]:
        """The clusters that are alone in their stratum."""
        return [int(clusters[0]) for clusters in self.strata if len(clusters) == 1]

    @property
    def judged(self) -> bool:
        """Whether the sample says anything about its error."""
        return not len(self.slope) or len(self.share) > len(self.strata)

    def variance(self) -> float:
        """Ultimate cluster variance of the linearised index."""
        if not self.judged:
            return float("nan")
        z = self.linearised
        within = sum(len(clusters) * z[clusters].var(ddof=1) for clusters in self.strata if len(clusters) > 1)
        return float(within + (z[self.lonely] ** 2).sum())

    def deviations(self, n_replicates: int, random: np.random.Generator) -> Floats:
        """Replicates of the index less its estimate: n - 1 of n clusters drawn anew in each stratum (Rao, Wu 1988)."""
        if not self.judged:
            return np.full(n_replicates, np.nan)
        times = np.ones((n_replicates, len(self.share)))
        for clusters in self.strata:
            n = len(clusters)
            if n > 1:
                drawn = random.multinomial(n - 1, np.full(n, 1 / n), size=n_replicates)
                times[:, clusters] = drawn * (n / (n - 1))
        answered = product(times, self.weight)
        # A replicate without any answer in a cell says nothing about it: it keeps the estimate.
        shares = product(times, self.share) / np.where(answered > 0, answered, 1.0)
        shares = np.where(answered > 0, shares, self.estimate)
        alone = np.sqrt((self.linearised[self.lonely] ** 2).sum())
        return np.asarray((shares - self.estimate) @ self.slope + alone * random.standard_normal(n_replicates))


def survey_error(
    source: Source,
    totals: pd.DataFrame,
    items: Mapping[str, str] | None = None,
    *,
    group_weights: Mapping[str, float] | None = None,
    pooled: bool = False,
    method: str = "linearised",
    n_replicates: int = 1000,
    seed: int = 0,
) -> SurveyError:
    """The standard error of the index that comes from the survey.

    ``totals`` as from :func:`cluster_totals`; ``items`` names the leaf that each item scores (default: the leaves whose
    rule is of kind "survey", of a Scorecard). ``group_weights``: how much each group of respondents counts (over the
    groups that answered an item), as in the plan of a round; without it all groups count the same, as they do where
    nothing says how they count. ``pooled`` puts all respondents of an item together instead: that is the error of
    another number than the points beside it. Leaves that carry a standard error
    of their own and have no items (an outside index) add it as independent. ``method``: "linearised" or "bootstrap",
    which also gives ``replicates`` of the index. The same seed gives the same bytes.
    """
    named(method, METHODS, Message("method"))
    if not pooled and group_weights is None and "group" in totals:
        group_weights = dict.fromkeys(sorted(set(totals["group"])), 1.0)
    tree = point_tree(source)
    leaf_of = _leaves_of_items(tree, items if items is not None else survey_items(source))
    points, applying = counted_points(tree)
    whole = applying.sum(axis=1)
    index = 100 * points.sum(axis=1) / whole
    covered = np.zeros(len(tree.leaves), dtype=bool)
    covered[list(leaf_of.values())] = True
    outside = np.where((applying > 0) & ~covered, tree.standard_error[tree.standing], 0.0) * 100 / whole[:, None]
    variances = (outside**2).sum(axis=1)
    by_unit = dict(iter(_needed_rows(totals, leaf_of, group_weights).groupby("unit", sort=False)))
    random = np.random.default_rng(seed)
    replicates = np.full((n_replicates, len(tree.units)), np.nan) if method == "bootstrap" else None
    counts = np.full((3, len(tree.standing)), np.nan)
    for row, unit in enumerate(tree.standing):
        slopes = 100 * applying[row] * (tree.applicable[unit] > 0) / whole[row]
        survey = _unit_survey(by_unit.get(tree.units[unit]), leaf_of, slopes, group_weights)
        if survey is None:
            variances[row] = np.nan
            continue
        counts[:, row] = len(survey.share), len(survey.strata), len(survey.lonely)
        if replicates is None:
            variances[row] += survey.variance()
            continue
        noise = random.standard_normal(n_replicates) * np.sqrt(variances[row])
        replicates[:, unit] = index[row] + survey.deviations(n_replicates, random) + noise
        variances[row] = replicates[:, unit].var(ddof=1)
    n_units = len(tree.units)
    table = _error_table(tree, index, np.sqrt(variances))
    for name, column in zip(("n_clusters", "n_strata", "n_lonely"), counts, strict=True):
        table[name] = spread_out(column, tree.standing, n_units, whole=True)
    return SurveyError(table.assign(method=method, source="sampling"), replicates)


def carry_errors(source: Source, correlation: float = 0.0, *, survey: pd.DataFrame | None = None) -> pd.DataFrame:
    """The standard error of the index from those of its leaves, when the answers themselves are not at hand.

    ``correlation`` is that between the errors of any two leaves of a unit. The same people answer many items, so their
    errors go together: 0 (errors independent) is a lower bound of the error of the index, 1 an upper bound.
    ``survey`` (``unit``, ``node``, ``standard_error`` of points, as a tabulated survey gives it by node, "" = all
    surveyed points together) replaces the errors of the leaves in it by their joint error, which knows of the shared
    respondents. Columns: ``unit``, ``index``, ``standard_error``, ``correlation``, ``method``, ``source``.
    """
    if not 0 <= correlation <= 1:
        raise ValueError(f"the correlation lies from 0 to 1, not {correlation}")
    tree = point_tree(source)
    points, applying = counted_points(tree)
    whole = applying.sum(axis=1)
    errors = np.where(applying > 0, tree.standard_error[tree.standing], 0.0)
    joint = np.zeros(len(whole))
    if survey is not None:
        codes = [tree.nodes[leaf] for leaf in tree.leaves]
        errors = np.where(np.isin(codes, survey["node"].unique()), 0.0, errors)
        together = survey[survey["node"] == WHOLE].set_index("unit")["standard_error"]
        joint = together.reindex([tree.units[unit] for unit in tree.standing]).to_numpy(np.float64)
    variance = joint**2 + (1 - correlation) * (errors**2).sum(axis=1) + correlation * errors.sum(axis=1) ** 2
    table = _error_table(tree, 100 * points.sum(axis=1) / whole, 100 * np.sqrt(variance) / whole)
    return table.assign(correlation=correlation, method="carried", source="sampling")


def survey_items(card: Source) -> dict[str, str]:
    """Which leaf each survey item scores, from the rules of a Scorecard's scheme."""
    if not isinstance(card, Scorecard):
        raise ValueError("items must be named where the source is no Scorecard")
    return {leaf.rule.item: leaf.code for leaf in card.scheme.leaves if isinstance(leaf.rule, Survey)}


def _error_table(tree: PointTree, index: Floats, errors: Floats) -> pd.DataFrame:
    table = pd.DataFrame({"unit": list(tree.units)})
    table["index"] = spread_out(index, tree.standing, len(tree.units))
    table["standard_error"] = spread_out(errors, tree.standing, len(tree.units))
    return table


def _leaves_of_items(tree: PointTree, items: Mapping[str, str]) -> dict[str, int]:
    codes = [tree.nodes[leaf] for leaf in tree.leaves]
    named(list(items.values()), codes, Message("criterion"))
    return {item: codes.index(code) for item, code in items.items()}


def _needed_rows(
    totals: pd.DataFrame, leaf_of: Mapping[str, int], group_weights: Mapping[str, float] | None
) -> pd.DataFrame:
    missing = [name for name in TOTALS if name not in totals and name != "group"]
    if missing:
        raise DataError(Problem("columns missing: {missing}", column=missing[0], missing=", ".join(missing)))
    table = totals[totals["item"].isin(list(leaf_of))]
    if group_weights is None:
        return table.assign(group="")
    named(sorted(set(table["group"])), tuple(group_weights), Message("group of respondents"))
    return table


def _unit_survey(
    rows: pd.DataFrame | None, leaf_of: Mapping[str, int], slopes: Floats, group_weights: Mapping[str, float] | None
) -> _UnitSurvey | None:
    """One unit's survey, or None where an item that counts for it has no answers."""
    needed = {item for item, leaf in leaf_of.items() if slopes[leaf] > 0}
    if not needed:
        return _UnitSurvey(np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0), ())
    if rows is None or not needed <= set(rows["item"][rows["weight"] > 0]):
        return None
    sums = rows[rows["item"].isin(needed)].groupby(["item", "group"], sort=True, as_index=False)["weight"].sum()
    answered = sums[sums["weight"] > 0]
    cells = list(zip(answered["item"], answered["group"], strict=True))
    place = {cell: number for number, cell in enumerate(cells)}
    number = np.array([place.get(cell, -1) for cell in zip(rows["item"], rows["group"], strict=True)])
    cluster = rows.groupby(["stratum", "cluster"], sort=True).ngroup().to_numpy()
    share = np.zeros((cluster.max() + 1, len(cells)))
    weight = np.zeros_like(share)
    held = number >= 0
    np.add.at(share, (cluster[held], number[held]), rows["weighted_share"].to_numpy(float)[held])
    np.add.at(weight, (cluster[held], number[held]), rows["weight"].to_numpy(float)[held])
    parts = np.array([1.0 if group_weights is None else float(group_weights[group]) for _, group in cells])
    of_item = {item: sum(p for (i, _), p in zip(cells, parts, strict=True) if i == item) for item in needed}
    per_item = np.array([slopes[leaf_of[item]] / of_item[item] for item, _ in cells])
    stratum = rows["stratum"].groupby(cluster).first().to_numpy()
    strata = tuple(np.flatnonzero(stratum == name) for name in pd.unique(stratum))
    return _UnitSurvey(share, weight, per_item * parts, strata)
