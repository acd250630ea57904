"""Shares of answers with design-based standard errors, by unit, respondent group and item."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeVar, get_args, get_type_hints

import ibis
import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.errors import DataError, Problem
from parlib.sources.questions import Question, by_item, check_questions
from parlib.sources.survey.reading import Column, Survey, Table, empty, fetch, given, keep, lookup
from parlib.words import Message

# --- variance -------------------------------------------------------------------------------------
# The design-based variance of a weighted mean, as Ibis expressions: the same on every engine; and its interval.
#
# A weighted mean p = sum(w s) / sum(w) is linearised (Taylor): each answer contributes u = w (s - p) / sum(w), and the
# variance of p is that of the total of u. With the totals z of the primary sampling units (clusters) within strata,
#
#     V = sum over strata of  n/(n-1) * sum over clusters of (z - mean z)^2,
#
# n being all clusters of the stratum in the sample, those without an answer included (their z is 0: the cell is a
# domain
# of the design). This is the ultimate cluster variance with replacement at the first stage: no finite population
# correction, so the error is not too small where few clusters exist. R's survey package and Stata compute the same.
#
# A respondent who is a cluster alone needs no row: the squares of such clusters sum to sum(w^2) (s-p)^2 / sum(w)^2 over
# the answers, which a count of the answers gives.

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


# --- design ---------------------------------------------------------------------------------------
# How a sample was drawn, and the Ibis tables that its estimates come from.

_LISTED = 100

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Design:
    """How the sample was drawn, and what to do where it says too little.

    ``groups``      "apart": each respondent group was sampled on its own, so groups are strata (default);
                    "together": one sample of clusters holds all groups, so groups are domains that share clusters.
    ``lonely``      a stratum with one single cluster: "adjust" (its distance from the mean of all clusters counts: errs
                    on the safe side; default), "remove" (adds nothing), "fail" (refused). As R's survey package does.
    ``incomplete``  a unit without answers of one of the groups of an item: "unknown" (its share over all groups is
                    unknown; default) or "rescale" (over the groups that answered).
    """

    groups: Literal["apart", "together"] = "apart"
    lonely: Literal["adjust", "remove", "fail"] = "adjust"
    incomplete: Literal["unknown", "rescale"] = "unknown"

    def __post_init__(self) -> None:
        for name, kind in get_type_hints(Design).items():
            if getattr(self, name) not in (allowed := get_args(kind)):
                raise ValueError(f"{name} is one of {allowed}, not {getattr(self, name)!r}")

    @property
    def strata(self) -> tuple[str, ...]:
        """The columns that make a stratum: strata are drawn within units, and within groups sampled on their own."""
        return ("unit", "group", "stratum") if self.groups == "apart" else ("unit", "stratum")


@dataclass(frozen=True)
class Sample:
    """A survey under a design: the tables that shares and errors are computed from, each computed once.

    ``asked`` has one question for each item. ``units`` are the units to report on (None: all that occur).
    ``together`` puts all units in one cell, each unit a stratum of the whole.
    """

    survey: Survey
    asked: Mapping[str, Question]
    design: Design
    units: tuple[str, ...] | None
    no_answer: tuple[int, ...]
    together: bool = False

    @property
    def cell(self) -> tuple[str, ...]:
        """The columns of one estimate of a group."""
        return ("group", "item") if self.together else ("unit", "group", "item")

    @cached_property
    def classified(self) -> Table:
        """The counted answers with their ``score`` and ``fate``: "used", or why they are left out."""
        return self.classify(self.survey.counts)

    def classify(self, answers: Table) -> Table:
        """``answers`` with their ``score`` on the scale and their ``fate``."""
        score = score_of(self.asked.values(), answers["item"], answers["answer"])
        unknown_unit = answers["unit"] == "" if self.units is None else ~answers["unit"].isin(self.units)
        fate = ibis.cases(
            (unknown_unit, "unknown_unit"),
            (~answers["item"].isin(list(self.asked)), "unknown_item"),
            (~asked_of(self.asked.values(), answers["item"], answers["group"]), "not_asked"),
            (empty(answers["answer"]) | answers["answer"].isin(list(self.no_answer)), "no_answer"),
            (empty(score), "off_scale"),
            else_="used",
        )
        return answers.mutate(score=score, fate=fate)

    @cached_property
    def used(self) -> Table:
        """The counted answers that count: asked, on the scale and of a positive weight."""
        return self.classified.filter((self.classified["fate"] == "used") & (self.classified["weighted"] > 0))

    @cached_property
    def means(self) -> Table:
        """The weighted mean score (``share``) and the ``weight_sum`` of each cell."""
        sums = self.used.group_by(list(self.cell)).agg(
            weight_sum=self.used["weight"].sum(), score_sum=(self.used["weight"] * self.used["score"]).sum()
        )
        return keep(sums.mutate(share=sums["score_sum"] / sums["weight_sum"]))

    @cached_property
    def clusters(self) -> Table:
        """What each cluster contributes to each cell."""
        return keep(contributions(self.used, self.means, self.cell, self.design.strata))

    @cached_property
    def sizes(self) -> Table:
        """The clusters of each stratum in the sample, whether they answered an item or not."""
        strata = list(self.design.strata)
        counts = self.survey.counts
        named = counts.filter(given(counts["cluster"])).select(*strata, "cluster").distinct()
        sizes = named.group_by(strata).agg(clusters_in_sample=named.count())
        if self.survey.alone:
            rows = self.survey.rows
            alone = rows.filter(empty(rows["cluster"]))
            single = alone.group_by(strata).agg(clusters_in_sample=alone["respondent"].nunique())
            both = ibis.union(sizes, single)
            sizes = both.group_by(strata).agg(clusters_in_sample=both["clusters_in_sample"].sum())
        return keep(sizes)

    @cached_property
    def group_weights(self) -> Table:
        """The ``part`` of each group in the share over all groups; the parts of those that answered add to 1."""
        stated = self.means.mutate(part=part_of(self.asked.values(), self.means["item"], self.means["group"]))
        keys = [name for name in self.cell if name != "group"]
        whole = stated.group_by(keys).agg(answering=stated["part"].sum())
        joined = stated.join(whole, keys)
        some = joined["answering"] > 0
        return joined.select(*self.cell, part=some.ifelse(joined["part"] / some.ifelse(joined["answering"], 1.0), 0.0))

    def fetched(self, table: Table) -> pd.DataFrame:
        """The rows of a table of cells, of which all have their ``unit``."""
        frame = fetch(table)
        if self.together:
            frame.insert(0, "unit", "")
        return frame

    def variances(self, clusters: Table, keys: Sequence[str]) -> pd.DataFrame:
        """The variance of each cell ``keys`` by what ``clusters`` contribute."""
        return self.fetched(variances(clusters, self.sizes, keys, self.design.strata, self.design.lonely))

    def group_parts(self) -> pd.DataFrame:
        """``item``, ``group``, ``part``: what each group counts in its item."""
        shares = [(item, group, part) for item, of in self.asked.items() for group, part in of.group_shares().items()]
        return pd.DataFrame(shares, columns=["item", "group", "part"]).astype({"item": "str", "group": "str"})

    def refuse_lonely(self) -> None:
        """Raises ``DataError`` naming every stratum with one single cluster, where the design says so."""
        if self.design.lonely != "fail":
            return
        strata = list(self.design.strata)
        used = self.used.select(*strata).distinct()
        single = self.sizes.filter(self.sizes["clusters_in_sample"] == 1).join(used, strata)
        result = fetch(single).sort_values(strata)
        problems = [
            Problem(
                "the stratum has one single cluster, so its error cannot be computed: {place}",
                file=self.survey.name,
                column="cluster",
                place=place,
            )
            for place in (", ".join(map(str, row)) for row in result[strata].itertuples(index=False))
        ]
        if len(problems) > _LISTED:
            more = len(problems) - _LISTED
            problems = [*problems[:_LISTED], Problem("{more} more strata like this", more=more)]
        DataError.raise_for(problems)


def score_of(asked: Iterable[Question], item: Column, answer: Column) -> Column:
    """What an answer earns on the scale of its item; nothing where it is not on the scale."""
    by_scale: dict[tuple[tuple[int, float], ...], list[str]] = {}
    for question in asked:
        by_scale.setdefault(tuple(sorted(question.scale.items())), []).append(question.item)
    branches = []
    for scale, items in by_scale.items():
        codes: dict[float, list[int]] = {}
        for code, share in scale:
            codes.setdefault(float(share), []).append(code)
        branches += [(item.isin(items) & answer.isin(same), _double(share)) for share, same in codes.items()]
    return ibis.cases(*branches, else_=ibis.null("float64"))


def asked_of(asked: Iterable[Question], item: Column, group: Column) -> Column:
    """Whether an item is asked of a group."""
    result = ibis.literal(False)
    for groups, items in _grouped((question.groups, question.item) for question in asked).items():
        result |= item.isin(items) & group.isin(list(groups))
    return result


def part_of(asked: Iterable[Question], item: Column, group: Column) -> Column:
    """The part that a group has in the share of an item over all its groups."""
    parts = _grouped((tuple(question.group_shares().items()), question.item) for question in asked)
    branches = [
        (item.isin(items) & (group == name), _double(part)) for shares, items in parts.items() for name, part in shares
    ]
    return ibis.cases(*branches, else_=_double(0.0))


def _grouped(pairs: Iterable[tuple[K, str]]) -> dict[K, list[str]]:
    results: dict[K, list[str]] = {}
    for key, item in pairs:
        results.setdefault(key, []).append(item)
    return results


def _double(number: float) -> Column:
    """A literal as a double on every engine: a plain 0.8 in SQL is a decimal, of few digits."""
    return ibis.literal(repr(float(number))).cast("float64")


NO_ANSWER = (0, 99)
CELL = ["unit", "group", "item"]
FATES = ("used", "no_weight", "no_answer", "off_scale", "not_asked", "unknown_item", "unknown_unit")
DECIMALS = 12  # kept of a share: threads add in any order, so the last bits of a sum differ from run to run


@dataclass(frozen=True)
class Tabulation:
    """What a survey says. Unknown is NaN, never zero; every unit, group and item asked has its row.

    ``groups``        unit, group, item, n, share, standard_error, lower, upper, degrees_of_freedom, design_effect,
                      clusters, strata, lonely_strata, weight_sum, n_no_answer, n_off_scale, n_no_weight.
    ``distribution``  unit, group, item, answer, n, share: of each answer on the scale, weighted.
    ``units``         over all groups: unit, item, n, share, standard_error, lower, upper, degrees_of_freedom,
                      groups_missing.
    ``accounted``     fate, n: every row of the files once, those that count and why the others do not.
    ``assumptions``   what the numbers rest on, to print with them.

    ``n`` counts the answers that count. ``lower`` and ``upper`` bound the confidence interval, within the scale (see
    ``share_interval``). Where all answers of a group are equal, its error is that of one answer one step lower
    (``floors``: unit, group, item, variance, freedom): a sample without differences does not say that there are none.
    """

    groups: pd.DataFrame
    distribution: pd.DataFrame
    units: pd.DataFrame
    accounted: pd.DataFrame
    assumptions: tuple[Message, ...] = ()
    sample: Sample | None = field(default=None, repr=False, compare=False)
    floors: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)

    def handover(self) -> pd.DataFrame:
        """What scoring takes: unit, item, share, standard_error, degrees_of_freedom."""
        return self.units[["unit", "item", "share", "standard_error", "degrees_of_freedom"]].copy()


def tabulate(
    survey: Survey,
    asked: Iterable[Question],
    *,
    units: Sequence[str] | None = None,
    design: Design | None = None,
    no_answer: Iterable[int] = NO_ANSWER,
    confidence: float = 0.95,
    together: bool = False,
) -> Tabulation:
    """Shares and their errors for each unit, respondent group and item, and over the groups.

    ``units`` are the units to report on, those without answers too (None: the units of the file). ``no_answer`` are
    the codes for "not known" and "no answer" (an empty answer is one always): they are counted and left out.
    ``together`` puts all units in one, named "": each unit is a part of the whole by the weights of its answers.
    """
    listed, codes = tuple(asked), tuple(no_answer)
    check_questions(listed, codes)
    reported = None if units is None else tuple(units)
    sample = Sample(survey, by_item(listed), design or Design(), reported, codes, together)
    sample.refuse_lonely()
    tallies = _tallies(sample)
    cells = _grid(sample, tallies)
    distribution = _distribution(sample, cells, tallies)
    groups = _groups(sample, cells, tallies, confidence)
    flat = groups[groups["floor"] > 0]
    floored = flat[[*CELL, "floor", "degrees_of_freedom"]].set_axis([*CELL, "variance", "freedom"], axis=1)
    groups = groups.drop(columns="floor")
    return Tabulation(
        groups=groups,
        distribution=distribution,
        units=_units(sample, groups, floored, confidence),
        accounted=_accounted(tallies),
        assumptions=tuple(_assumptions(sample, groups, len(floored) > 0)),
        sample=sample,
        floors=floored.reset_index(drop=True),
    )


def require_sample(tabulation: Tabulation) -> Sample:
    """The sample behind a tabulation; one that was made to leave the workbook has none."""
    if tabulation.sample is None:
        raise ValueError("this tabulation was made to leave the workbook: it no longer knows its answers")
    return tabulation.sample


def _tallies(sample: Sample) -> pd.DataFrame:
    """The answers of every cell by code and fate: the few rows from which all but the errors follow."""
    table = sample.classified
    tallies = sample.fetched(
        table.group_by([*sample.cell, "answer", "score", "fate"]).agg(
            n=table["n"].sum(), weighted=table["weighted"].sum(), weight=table["weight"].sum()
        )
    )
    return tallies.sort_values([*CELL, "answer"], ignore_index=True)


def _grid(sample: Sample, tallies: pd.DataFrame) -> pd.DataFrame:
    """One row for each unit, item and group that belongs in the result, answered or not, in order."""
    known = tallies[~tallies["fate"].isin(["unknown_unit", "unknown_item", "not_asked"])]
    units = [""] if sample.together else sample.units if sample.units is not None else sorted(known["unit"].unique())
    return pd.DataFrame(
        [
            (unit, group, item)
            for unit in dict.fromkeys(units)
            for item, question in sample.asked.items()
            for group in question.groups
        ],
        columns=CELL,
        dtype=object,
    ).astype("str")


def _distribution(sample: Sample, cells: pd.DataFrame, tallies: pd.DataFrame) -> pd.DataFrame:
    scales = pd.DataFrame(
        [(item, code) for item, question in sample.asked.items() for code in sorted(question.scale, reverse=True)],
        columns=["item", "answer"],
    )
    used = tallies[tallies["fate"] == "used"].astype({"answer": "int64"})
    table = cells.merge(scales, on="item").merge(
        used[[*CELL, "answer", "weighted", "weight"]], on=[*CELL, "answer"], how="left", sort=False
    )
    whole = table.groupby(CELL, sort=False)["weight"].transform("sum")
    share = table["weight"].fillna(0.0) / whole.where(whole > 0)
    return table[[*CELL, "answer"]].assign(n=table["weighted"].fillna(0).astype("int64"), share=share.round(DECIMALS))


def _groups(sample: Sample, cells: pd.DataFrame, tallies: pd.DataFrame, confidence: float) -> pd.DataFrame:
    used = tallies[tallies["fate"] == "used"]
    used = used.assign(n_no_weight=used["n"] - used["weighted"], scored=used["weight"] * used["score"])
    sums = used.groupby(CELL, as_index=False)[["weighted", "n_no_weight", "weight", "scored"]].sum()
    table = cells.merge(sums, on=CELL, how="left", sort=False)
    weight = table["weight"].where(table["weight"] > 0)
    share = table["scored"] / weight
    srs = _simple_variance(table.assign(share=share), used)
    errors = sample.variances(sample.clusters, sample.cell)
    table = table.merge(errors, on=CELL, how="left", sort=False)
    floor = floors(dict(sample.asked), table.assign(n=table["weighted"], share=share))
    frame = table[CELL].assign(
        n=_whole(table["weighted"]),
        share=share.round(DECIMALS),
        standard_error=np.sqrt(table["variance"] + floor).round(DECIMALS),
        degrees_of_freedom=table["freedom"].fillna(0.0).round(6),
        design_effect=(table["variance"] / srs.where(srs > 0)).round(DECIMALS),
        clusters=_whole(table["clusters"]),
        strata=_whole(table["strata"]),
        lonely_strata=_whole(table["lonely_strata"]),
        weight_sum=weight.round(6),
        n_no_answer=_counted(cells, tallies, "no_answer"),
        n_off_scale=_counted(cells, tallies, "off_scale"),
        n_no_weight=_whole(table["n_no_weight"]),
        floor=floor,
    )
    return _with_interval(sample, frame, confidence)


def _whole(numbers: pd.Series[float]) -> pd.Series[int]:
    return numbers.fillna(0).astype("int64")


def _counted(cells: pd.DataFrame, tallies: pd.DataFrame, fate: str) -> pd.Series[int]:
    counted = tallies[tallies["fate"] == fate].groupby(CELL, as_index=False)["n"].sum()
    return _whole(cells.merge(counted, on=CELL, how="left", sort=False)["n"])


def _simple_variance(table: pd.DataFrame, used: pd.DataFrame) -> pd.Series[float]:
    """The variance that a simple random sample of as many answers would have: s^2 / n, s^2 weighted."""
    scores = used.merge(table[[*CELL, "share"]], on=CELL)
    squares = scores["weight"] * (scores["score"] - scores["share"]) ** 2
    summed = squares.groupby([scores[name] for name in CELL]).sum().rename("squares").reset_index()
    spread = table[CELL].merge(summed, on=CELL, how="left", sort=False)["squares"] / table["weight"]
    return spread / (table["weighted"] - 1).where(table["weighted"] > 1)


def _units(sample: Sample, groups: pd.DataFrame, floors: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Shares over the groups of each item, by their weights."""
    table = groups.merge(sample.group_parts(), on=["item", "group"], how="left", sort=False)
    counts = table["part"] > 0
    answered = table["share"].notna()
    table["missing"] = table["group"].where(counts & ~answered, "")
    table["vague"] = counts & answered & table["standard_error"].isna()
    table["present"] = table["part"].where(answered, 0.0)
    table["scored"] = table["part"] * table["share"].fillna(0.0)
    keys = ["unit", "item"]
    sums = table.groupby(keys, sort=False).agg(
        n=("n", "sum"), present=("present", "sum"), scored=("scored", "sum"), vague=("vague", "any")
    )
    missing = table.groupby(keys, sort=False)["missing"].agg(lambda names: ",".join(name for name in names if name))
    frame = sums.assign(groups_missing=missing).reset_index()
    unknown = frame["present"] <= 0
    if sample.design.incomplete == "unknown":
        unknown |= frame["groups_missing"] != ""
    present = table[[*CELL, "present"]].merge(sums["present"].rename("whole").reset_index(), on=keys)
    present["part"] = present["present"] / present["whole"].where(present["whole"] > 0)
    frame = with_floors(frame.merge(_unit_errors(sample), on=keys, how="left", sort=False), floors, present, keys)
    error = np.sqrt(frame["variance"]).mask(unknown | frame["vague"])
    frame = frame.assign(
        share=(frame["scored"] / frame["present"].where(~unknown)).round(DECIMALS),
        standard_error=error.round(DECIMALS),
        degrees_of_freedom=frame["freedom"].fillna(0.0).round(6),
    )
    shown = ["unit", "item", "n", "share", "standard_error", "degrees_of_freedom", "groups_missing"]
    return _with_interval(sample, frame[shown], confidence)


def with_floors(errors: pd.DataFrame, floors: pd.DataFrame, parts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """``errors`` (``keys``, variance, freedom) with what groups of equal answers still leave open.

    ``parts`` says for each unit, group and item the ``part`` with which it counts in each of ``keys``.
    """
    counted = floors.rename(columns={"freedom": "degrees"}).drop(columns="variance").assign(floor=floors["variance"])
    counted = counted.merge(parts, on=CELL, sort=False)
    counted["floor"] *= counted["part"] ** 2
    counted = counted[counted["floor"] > 0]
    counted["over"] = counted["floor"] ** 2 / counted["degrees"].clip(lower=1.0)
    added = counted.groupby(list(keys), as_index=False)[["floor", "over"]].sum()
    joined = errors.merge(added, on=list(keys), how="left", sort=False)
    floor, variance, freedom = joined["floor"].fillna(0.0), joined["variance"], joined["freedom"]
    over = joined["over"].fillna(0.0) + (variance**2 / freedom.where(freedom > 0)).fillna(0.0)
    combined = (variance + floor) ** 2 / over.where(over > 0)
    usable = (floor > 0) & (freedom > 0)
    return joined.assign(variance=variance + floor, freedom=combined.where(usable, freedom)).drop(
        columns=["floor", "over"]
    )


def _unit_errors(sample: Sample) -> pd.DataFrame:
    joined = sample.clusters.join(sample.group_weights, list(sample.cell))
    joined = joined.filter(joined["part"] > 0)
    parted = joined.mutate(total=joined["total"] * joined["part"], squares=joined["squares"] * joined["part"] ** 2)
    keys = [name for name in sample.cell if name != "group"]
    errors = sample.variances(merged(parted, keys, sample.design.strata), keys)
    return errors[["unit", "item", "variance", "freedom"]]


def _with_interval(sample: Sample, frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    worst = frame["item"].map({item: min(question.scale.values()) for item, question in sample.asked.items()})
    best = frame["item"].map({item: max(question.scale.values()) for item, question in sample.asked.items()})
    lower, upper = share_interval(
        frame["share"],
        frame["standard_error"],
        frame["degrees_of_freedom"],
        worst=worst.astype("float64"),
        best=best.astype("float64"),
        confidence=confidence,
    )
    place = list(frame.columns).index("standard_error") + 1
    framed = frame.copy()
    framed.insert(place, "lower", pd.Series(lower, index=frame.index).round(DECIMALS))
    framed.insert(place + 1, "upper", pd.Series(upper, index=frame.index).round(DECIMALS))
    return framed


def _accounted(tallies: pd.DataFrame) -> pd.DataFrame:
    counts = tallies.groupby("fate")["n"].sum().to_dict()
    used = tallies[tallies["fate"] == "used"]
    counts["no_weight"] = int((used["n"] - used["weighted"]).sum())
    counts["used"] = counts.get("used", 0) - counts["no_weight"]
    return pd.DataFrame({"fate": FATES, "n": [int(counts.get(fate, 0)) for fate in FATES]})


def _assumptions(sample: Sample, groups: pd.DataFrame, floored: bool) -> Iterable[Message]:
    questions = sample.asked.values()
    if any(question.weights is None and len(question.groups) > 1 for question in questions):
        yield Message(
            "All respondent groups count the same: how they are weighted against each other is not published."
        )
    if not sample.survey.has("weight"):
        yield Message("All forms have the same weight.")
    if not sample.survey.has("stratum"):
        yield Message("The sample is not stratified.")
    if sample.survey.alone:
        yield Message("Respondents without a cluster count as clusters of their own (drawn at random within strata).")
    if sample.design.groups == "apart":
        yield Message("Each respondent group is a sample of its own, independent of the others.")
    if sample.together:
        yield Message("The share of all units follows the weights of the forms: it is not the plain mean of the units.")
    lonely = int(groups["lonely_strata"].max()) if len(groups) else 0
    if lonely:
        yield _lonely(sample.design.lonely)
    if floored:
        yield Message("Where all answers of a group are equal, the error is that of one answer one step lower.")
    if sample.design.incomplete == "rescale" and (groups["n"] == 0).any():
        yield Message("Where a group gave no answers, the share rests on the other groups.")


def _lonely(policy: str) -> Message:
    if policy == "adjust":
        return Message("A stratum with one single cluster adds its distance from the overall mean to the error.")
    return Message("A stratum with one single cluster adds nothing to the error, which may be too small.")


# --- the points of nodes ------------------------------------------------------------------------
# The items of a criterion are answered by the same people, so their errors do not add up as if they were independent:
# the error of a sum is taken from the sum of what each cluster contributes to all items.


def node_points(tabulation: Tabulation, asked: Iterable[Question], exempt: pd.DataFrame | None = None) -> pd.DataFrame:
    """unit, node, points, maximum, standard_error, degrees_of_freedom: what the survey gives within each node.

    ``asked`` are the questions with their criterion (``code``), ``maximum`` and ``component``. The nodes are the
    criteria, all above them, the components and "" (all surveyed points). ``exempt`` (unit, code) lists criteria that
    do not apply to a unit: they are left out of its nodes. A node is unknown where one of its items is.
    """
    sample = require_sample(tabulation)
    units = list(dict.fromkeys(tabulation.units["unit"]))
    maxima = _maxima(list(asked), units, exempt)
    table = tabulation.units.merge(maxima, on=["unit", "item"], sort=False)
    points = table["share"] * table["maximum"]
    known = table.assign(points=points, unknown=points.isna(), vague=table["standard_error"].isna())
    sums = known.groupby(["unit", "node"], sort=False, as_index=False).agg(
        points=("points", "sum"), maximum=("maximum", "sum"), unknown=("unknown", "any"), vague=("vague", "any")
    )
    frame = sums.merge(_errors(sample, maxima), on=["unit", "node"], how="left", sort=False)
    parts = _parts(tabulation, sample).merge(maxima, on=["unit", "item"], sort=False)
    parts = parts.assign(part=parts["part"] * parts["maximum"])[["unit", "group", "item", "node", "part"]]
    frame = with_floors(frame, tabulation.floors, parts, ["unit", "node"])
    frame = frame.assign(
        points=frame["points"].mask(frame["unknown"]).round(DECIMALS),
        standard_error=np.sqrt(frame["variance"]).mask(frame["unknown"] | frame["vague"]).round(DECIMALS),
        degrees_of_freedom=frame["freedom"].fillna(0.0).round(6),
        by_unit=frame["unit"].map({unit: place for place, unit in enumerate(units)}),
        by_node=frame["node"].map({node: place for place, node in enumerate(_nodes(maxima))}),
    )
    shown = ["unit", "node", "points", "maximum", "standard_error", "degrees_of_freedom"]
    return frame.sort_values(["by_unit", "by_node"], ignore_index=True)[shown]


def cluster_totals(tabulation: Tabulation) -> pd.DataFrame:
    """unit, stratum, cluster, item, group, weighted_share, weight: the sums that a bootstrap of clusters draws from.

    The strata are those of the design: where groups were sampled apart, each group has its own. Respondents without a
    cluster have a row each, so the table is as long as their answers.
    """
    sample = require_sample(tabulation)
    columns = ["unit", "group", "stratum", "item"]
    used = sample.used.filter(given(sample.used["cluster"]))
    rows = used.select(*columns, "weight", "score", cluster=ibis.literal("cluster ") + used["cluster"])
    if sample.survey.alone:
        alone = _answers_alone(sample)
        named = ibis.literal("respondent ") + alone["respondent"]
        rows = ibis.union(rows, alone.select(*columns, "weight", "score", cluster=named))
    sums = rows.group_by(["unit", "group", "stratum", "cluster", "item"]).agg(
        weighted_share=(rows["weight"] * rows["score"]).sum(), weight=rows["weight"].sum()
    )
    frame = fetch(sums).sort_values(["unit", "group", "stratum", "cluster", "item"], ignore_index=True)
    if sample.design.groups == "apart":
        frame["stratum"] = frame["group"] + " " + frame["stratum"]
    return frame[["unit", "stratum", "cluster", "item", "group", "weighted_share", "weight"]]


def _maxima(asked: list[Question], units: list[str], exempt: pd.DataFrame | None) -> pd.DataFrame:
    """unit, node, item, maximum: the points of each item within each node that it belongs to, for each unit."""
    out = set() if exempt is None else set(zip(exempt["unit"], exempt["code"], strict=True))
    rows = [
        (unit, node, question.item, question.maximum)
        for unit in units
        for question in asked
        if question.code and np.isfinite(question.maximum) and not _left_out(unit, question.code, out)
        for node in _nodes_of(question)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "node", "item", "maximum"])
    frame = frame.astype({"unit": "str", "node": "str", "item": "str", "maximum": "float64"})
    return frame.groupby(["unit", "node", "item"], sort=False, as_index=False).agg(maximum=("maximum", "sum"))


def _left_out(unit: str, code: str, exempt: set[tuple[str, str]]) -> bool:
    """Whether a criterion, or one above it, does not apply to the unit."""
    steps = code.split(".")
    return bool(exempt) and any((unit, ".".join(steps[: depth + 1])) in exempt for depth in range(len(steps)))


def _nodes_of(question: Question) -> list[str]:
    steps = question.code.split(".")
    component = [f"component:{question.component}"] if question.component else []
    return ["", *(".".join(steps[: depth + 1]) for depth in range(len(steps))), *component]


def _nodes(maxima: pd.DataFrame) -> list[str]:
    """The nodes in the order of a report: the whole, the tree, the components."""

    def place(node: str) -> tuple[int, list[int], str]:
        if node.startswith("component:"):
            return 2, [], node
        return (1 if node else 0), [int(step) if step.isdigit() else 0 for step in node.split(".")], node

    return sorted(dict.fromkeys(maxima["node"]), key=place)


def _errors(sample: Sample, maxima: pd.DataFrame) -> pd.DataFrame:
    keys = ["node"] if sample.together else ["unit", "node"]
    weights = lookup(sample.survey.connection, maxima.drop(columns="unit") if sample.together else maxima)
    influence = _by_cluster(sample)
    joined = influence.join(weights, "item" if sample.together else ["unit", "item"])
    scaled = joined.mutate(total=joined["total"] * joined["maximum"])
    errors = sample.variances(merged(scaled, keys, sample.design.strata), keys)
    return errors[["unit", "node", "variance", "freedom"]]


def _parts(tabulation: Tabulation, sample: Sample) -> pd.DataFrame:
    """unit, group, item, part: what each group counts in its item, over the groups that answered."""
    answered = tabulation.groups.loc[tabulation.groups["share"].notna(), ["unit", "group", "item"]]
    table = answered.merge(sample.group_parts(), on=["item", "group"], sort=False)
    whole = table.groupby(["unit", "item"])["part"].transform("sum")
    return table.assign(part=table["part"] / whole.where(whole > 0))


def _by_cluster(sample: Sample) -> Table:
    """What each cluster contributes to each item over all groups; a respondent on their own is a cluster here."""
    columns = [*dict.fromkeys([*sample.cell, *sample.design.strata])]
    clusters = sample.clusters.filter(given(sample.clusters["cluster"]))
    joined = clusters.join(sample.group_weights, list(sample.cell))
    named = joined.select(
        *columns, cluster=ibis.literal("cluster ") + joined["cluster"], total=joined["total"] * joined["part"]
    )
    if sample.survey.alone:
        named = ibis.union(named, _single(sample, columns))
    return named.mutate(squares=ibis.literal(0.0), members=ibis.literal(0, "int64"))


def _single(sample: Sample, columns: list[str]) -> Table:
    answers = _answers_alone(sample)
    joined = answers.join(sample.means.select(*sample.cell, "share", "weight_sum"), list(sample.cell))
    joined = joined.join(sample.group_weights, list(sample.cell))
    influence = joined["weight"] * (joined["score"] - joined["share"]) / joined["weight_sum"] * joined["part"]
    return joined.select(*columns, cluster=ibis.literal("respondent ") + joined["respondent"], total=influence)


def _answers_alone(sample: Sample) -> Table:
    """The answers that count of respondents without a cluster, one by one."""
    rows = sample.survey.rows
    answers = sample.classify(rows.filter(empty(rows["cluster"])))
    return answers.filter((answers["fate"] == "used") & (answers["weight"] > 0))
