"""Ranks over many draws: sorted, counted, and what follows: acceptability, intervals, who is before whom.

A row of index values becomes a row of whole numbers: the value in units of the ninth decimal (equal points tie there),
shifted left, with the number of the unit in the lowest bits. Sorting these in place sorts the units along, without an
index array; at 10,000 draws of 63 units it takes 2 ms.

Matrix products go in pieces, each small enough that the BLAS does it on one thread. They are small and many: spread
over threads they wait for each other, which on a busy machine costs ten times what it gains; and on one thread the
bytes of a result do not depend on the number of cores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray

from parlib.analysis.robustness.tree import Bools, Floats, Ints, PointTree, Source, counted_points, point_tree
from parlib.errors import DataError, ParameterError, named
from parlib.scoring.results import WHOLE
from parlib.scoring.rules import Survey
from parlib.scoring.scorecard import Scorecard
from parlib.words import Message

Ranks = npt.NDArray[np.uint8 | np.uint16]
Column = Floats | ExtensionArray  # of a frame

DECIMALS = 9
_SCALE = 10.0**DECIMALS
_FIRST = np.iinfo(np.int64).max  # sorts last: the key of an unknown value


@dataclass(frozen=True)
class SortedRows:
    """Each row's units from best to worst: ``units`` and ``positions`` (rows x units); ``positions`` are competition
    ranks minus 1. Unknown values stand at the end of their row, at the position -1."""

    units: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]

    def ranks(self) -> Ranks:
        """Rows x units: competition ranks in the units' own order; 0 = unknown. The smallest whole-number type."""
        n_rows, n_units = self.units.shape
        ranks = np.empty(n_rows * n_units, dtype=np.min_scalar_type(n_units))
        cells = self.units + np.arange(0, n_rows * n_units, n_units)[:, None]
        ranks[cells.ravel()] = (self.positions + 1).astype(ranks.dtype).ravel()
        return ranks.reshape(n_rows, n_units)

    def counts(self) -> Ints:
        """Units x ranks: in how many rows each unit took each rank."""
        n_units = self.units.shape[1]
        cells = self.units * n_units + self.positions
        if (self.positions < 0).any():
            cells = cells[self.positions >= 0]
        return np.bincount(cells.ravel(), minlength=n_units * n_units).reshape(n_units, n_units)


def sort_rows(values: Floats) -> SortedRows:
    """Sort each row of ``values`` from best (largest) to worst, ties at the ninth decimal."""
    n_units = values.shape[1]
    bits = max(int(n_units - 1).bit_length(), 1)
    scaled = np.rint(np.multiply(values, -_SCALE))
    unknown = np.isnan(scaled)
    some_unknown = bool(unknown.any())
    if some_unknown:
        scaled[unknown] = 0.0
    if scaled.size and np.abs(scaled).max() >= 2.0 ** (62 - bits):
        raise ValueError(
            f"index values beyond {2.0 ** (62 - bits) / _SCALE:.0f} cannot be ranked to {DECIMALS} decimals"
        )
    keys = scaled.astype(np.int64)
    keys <<= bits
    keys |= np.arange(n_units)
    if some_unknown:
        last = (_FIRST >> bits) << bits
        keys[unknown] = (last | np.broadcast_to(np.arange(n_units), keys.shape))[unknown]
    keys.sort(axis=1)
    units = keys & ((1 << bits) - 1)
    keys >>= bits
    positions = np.broadcast_to(np.arange(n_units), keys.shape)
    tied = keys[:, 1:] == keys[:, :-1]
    if tied.any():
        first = np.zeros(keys.shape, dtype=np.int64)
        first[:, 1:] = np.where(tied, 0, positions[:, 1:])
        positions = np.maximum.accumulate(first, axis=1)
    if some_unknown:
        positions = np.where(keys == _FIRST >> bits, -1, positions)
    return SortedRows(units, positions)


def competition_ranks(values: npt.ArrayLike) -> Floats:
    """Competition ranks (1, 2, 2, 4) of one row or of many; NaN for unknown values."""
    rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
    ranks = sort_rows(rows).ranks().astype(np.float64)
    ranks[ranks == 0] = np.nan
    return ranks.reshape(np.shape(values))


def beats(ranks: Ranks) -> Floats:
    """Units x units: the part of the rows of ``ranks`` in which the first is ranked before the second."""
    columns = np.ascontiguousarray(ranks.T)
    n_units, n_rows = columns.shape
    before = np.empty((n_units, n_units))
    for unit in range(n_units):
        before[unit] = np.count_nonzero(columns[unit] < columns, axis=1)
    before /= max(n_rows, 1)
    return before


def whole_numbers(values: Floats) -> Column:
    """``values`` as a column of whole numbers in which NaN is unknown (``Int64``)."""
    return pd.Series(values).astype("Int64").array


# --- matrix products ------------------------------------------------------------------------------


LIMIT = 250_000  # multiplications: OpenBLAS stays on one thread up to 262,144


def product(left: Floats, right: Floats) -> Floats:
    """``left @ right``."""
    n_rows, n_inner = left.shape
    n_columns = right.shape[1]
    result = np.empty((n_rows, n_columns))
    if n_rows * n_columns * n_inner <= LIMIT or not n_rows * n_columns:
        np.matmul(left, right, out=result)
    elif n_inner > max(n_rows, n_columns):
        result[:] = 0.0
        step = max(1, LIMIT // (n_rows * n_columns))
        for start in range(0, n_inner, step):
            result += left[:, start : start + step] @ right[start : start + step]
    elif n_rows >= n_columns:
        step = max(1, LIMIT // (n_columns * n_inner))
        for start in range(0, n_rows, step):
            np.matmul(left[start : start + step], right, out=result[start : start + step])
    else:
        step = max(1, LIMIT // (n_rows * n_inner))
        for start in range(0, n_columns, step):
            result[:, start : start + step] = left @ right[:, start : start + step]
    return result


# --- studies of ranks -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class RankStudy:
    """Ranks under many draws of something that could be otherwise.

    ``table``  one row for every unit: ``unit``, ``index`` and ``rank`` as they stand, ``rank_mean``, ``rank_low``,
    ``rank_high``, ``index_mean``, ``index_low``, ``index_high`` over the draws, ``coverage`` of the intervals,
    ``source``: "method" (choices) or "appraisal" (judgement), never mixed with "sampling". Units that are not known
    are in it, with nothing known about them; ``n_unknown`` counts them.
    ``ranks``  draws x ranked units: competition ranks; ``unit_keys`` names the columns.
    ``index``  (draws x units) and ``inputs`` (what was drawn, x draws; ``input_names``)  when draws were asked for.
    """

    table: pd.DataFrame
    unit_keys: tuple[str, ...]
    ranks: Ranks
    counts: npt.NDArray[np.intp] = field(repr=False)
    n_unknown: int = 0
    source: str = "method"
    index: Floats | None = field(default=None, repr=False)
    inputs: Floats | None = field(default=None, repr=False)
    input_names: tuple[str, ...] = ()

    @property
    def n_draws(self) -> int:
        """The number of draws."""
        return len(self.ranks)

    @cached_property
    def acceptability(self) -> pd.DataFrame:
        """Rank acceptability indices: units x ranks, the part of the draws in which the unit takes the rank.

        Every row sums to 1: in each draw each unit has exactly one competition rank. Units that tie in a draw take the
        same rank, so a column may sum to more or less than 1.
        """
        ranks = pd.RangeIndex(1, len(self.unit_keys) + 1, name="rank")
        return pd.DataFrame(self.counts / self.n_draws, index=pd.Index(self.unit_keys, name="unit"), columns=ranks)

    def acceptability_table(self) -> pd.DataFrame:
        """The same as rows: ``unit``, ``rank``, ``acceptability``, ``source``; only what is above 0."""
        rows, columns = np.nonzero(self.counts)
        return pd.DataFrame(
            {
                "unit": np.asarray(self.unit_keys, dtype=object)[rows],
                "rank": columns + 1,
                "acceptability": self.counts[rows, columns] / self.n_draws,
                "source": self.source,
            }
        )

    @cached_property
    def beats(self) -> pd.DataFrame:
        """Units x units: the part of the draws in which the row's unit is ranked before the column's. With the
        transpose it falls short of 1 by the part of the draws in which the two tie."""
        keys = pd.Index(self.unit_keys, name="unit")
        return pd.DataFrame(beats(self.ranks), index=keys, columns=keys.rename("other"))

    def top(self, k: int) -> pd.Series:
        """By unit: the part of the draws in which it is among the first ``k``."""
        inside = self.counts[:, : max(k, 0)].sum(axis=1) / self.n_draws
        return pd.Series(inside, index=pd.Index(self.unit_keys, name="unit"), name=f"top_{k}")


def check_coverage(coverage: float) -> None:
    """Refuse a confidence level outside 0.5 to 1."""
    if not 0.5 <= coverage < 1:
        raise ParameterError("the coverage lies from 0.5 to below 1", value=coverage)


def rank_quantiles(counts: Ints, coverage: float) -> tuple[Floats, Floats]:
    """The narrowest ranks that leave no more than half of 1 - ``coverage`` of the draws on either side."""
    total = counts.sum(axis=1, keepdims=True)
    tail = (1 - coverage) / 2
    running = np.cumsum(counts, axis=1)
    slack = 1e-9 * total  # so that a tail of exactly 5% is not missed by a rounding error
    low = (running > tail * total + slack).argmax(axis=1) + 1.0
    high = (running >= (1 - tail) * total - slack).argmax(axis=1) + 1.0
    return low, high


class RankCounter:
    """Gathers the draws of a study block by block."""

    def __init__(self, n_units: int, n_draws: int) -> None:
        self.index = np.empty((n_units, n_draws))
        self.ranks = np.empty((n_draws, n_units), dtype=np.min_scalar_type(n_units))
        self.counts = np.zeros((n_units, n_units), dtype=np.intp)

    def add(self, block: slice, values: Floats) -> None:
        """The index values of a block of draws (draws x units)."""
        self.index[:, block] = values.T
        ordered = sort_rows(values)
        self.ranks[block] = ordered.ranks()
        self.counts += ordered.counts()

    def study(
        self,
        tree: PointTree,
        nominal: Floats,
        *,
        coverage: float,
        source: str,
        inputs: Floats | None = None,
        input_names: tuple[str, ...] = (),
    ) -> RankStudy:
        """The study of all draws; ``nominal`` is the index of the standing units as it stands."""
        return RankStudy(
            table=self._table(tree, nominal, coverage, source),
            unit_keys=tuple(tree.units[number] for number in tree.rankable),
            ranks=self.ranks,
            counts=self.counts,
            n_unknown=int((~tree.known).sum()),
            source=source,
            index=self.index.T.copy() if inputs is not None else None,
            inputs=inputs,
            input_names=input_names if inputs is not None else (),
        )

    def _table(self, tree: PointTree, nominal: Floats, coverage: float, source: str) -> pd.DataFrame:
        low, high = rank_quantiles(self.counts, coverage)
        n_units, n_draws = self.index.shape
        cut = int(np.floor((1 - coverage) / 2 * n_draws + 1e-9))
        ordered = self.index.copy()
        ordered.partition(cut, axis=1)  # one place at a time: for two at once numpy takes ten times as long
        index_low = ordered[:, cut].copy()
        ordered.partition(n_draws - 1 - cut, axis=1)
        results = {
            "index": nominal,
            "rank": competition_ranks(nominal),
            "rank_mean": self.counts @ np.arange(1.0, n_units + 1) / n_draws,
            "rank_low": low,
            "rank_high": high,
            "index_mean": self.index.mean(axis=1),
            "index_low": index_low,
            "index_high": ordered[:, n_draws - 1 - cut],
        }
        whole = ("rank", "rank_low", "rank_high")
        columns = {
            name: spread_out(values, tree.rankable, len(tree.units), whole=name in whole)
            for name, values in results.items()
        }
        return pd.DataFrame({"unit": list(tree.units), **columns, "coverage": coverage, "source": source})


def spread_out(values: Floats | Bools, places: Ints, n: int, *, whole: bool = False) -> Column:
    """``values`` at their ``places`` among ``n``, unknown elsewhere; ``whole`` numbers as Int64."""
    column = np.full(n, np.nan)
    column[places] = values
    return whole_numbers(column) if whole else column


# --- sampling -------------------------------------------------------------------------------------
# Survey error carried to the index: by linearisation, and by a bootstrap of clusters.
#
# Both start from cluster totals: for every unit, stratum, cluster and item (and group of respondents), the sum of
# weight x share and the sum of weights. That is all a design-based variance needs, and it is small however many people
# answered. Clusters (the first stage of sampling) are taken as drawn with replacement within strata (ultimate
# clusters),
# which errs on the safe side. The answers of one cluster to many items go together: both methods carry that, whereas
# errors of single items added up do not. A stratum with one cluster adds its squared distance from the mean of all.

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
    outside = np.where((applying > 0) & ~covered, tree.standard_error[tree.rankable], 0.0) * 100 / whole[:, None]
    variances = (outside**2).sum(axis=1)
    by_unit = dict(iter(_needed_rows(totals, leaf_of, group_weights).groupby("unit", sort=False)))
    random = np.random.default_rng(seed)
    replicates = np.full((n_replicates, len(tree.units)), np.nan) if method == "bootstrap" else None
    counts = np.full((3, len(tree.rankable)), np.nan)
    for row, unit in enumerate(tree.rankable):
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
        table[name] = spread_out(column, tree.rankable, n_units, whole=True)
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
    errors = np.where(applying > 0, tree.standard_error[tree.rankable], 0.0)
    joint = np.zeros(len(whole))
    if survey is not None:
        codes = [tree.nodes[leaf] for leaf in tree.leaves]
        errors = np.where(np.isin(codes, survey["node"].unique()), 0.0, errors)
        together = survey[survey["node"] == WHOLE].set_index("unit")["standard_error"]
        joint = together.reindex([tree.units[unit] for unit in tree.rankable]).to_numpy(np.float64)
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
    table["index"] = spread_out(index, tree.rankable, len(tree.units))
    table["standard_error"] = spread_out(errors, tree.rankable, len(tree.units))
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
        raise DataError("columns missing: {missing}", column=missing[0], missing=", ".join(missing))
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
