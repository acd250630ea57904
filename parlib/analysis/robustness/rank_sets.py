"""Rank confidence sets: what sampling error leaves open of a ranking. Pairwise intervals, and tiers.

After Mogstad, Romano, Shaikh and Wilhelm (2024), "Inference for Ranks with Applications to Mobility across
Neighbourhoods and Academic Achievement across Countries", Review of Economic Studies 91.

The rank of unit j is 1 + the number of units truly better. Whoever knows, with confidence, that B units are better than
j and W units are worse, knows that its rank lies from 1 + B to n - W. So for every ordered pair (i, j) the hypothesis
"i is not better than j" is tested by the studentised difference; the error of all tests together is held by the
distribution of the largest studentised difference (a bootstrap), and step by step: hypotheses already rejected leave
the maximum, which lowers the bar for the rest (Romano and Wolf 2005). True ties are allowed: nothing assumes that the
values differ. Simultaneous sets hold the whole true ranking with the stated confidence, a marginal set one unit's rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.analysis.robustness.draws import (
    DECIMALS,
    Column,
    check_coverage,
    competition_ranks,
    product,
    spread_out,
    whole_numbers,
)
from parlib.analysis.robustness.tree import Bools, Floats, Ints
from parlib.errors import DataError

KINDS = ("simultaneous", "marginal")
#: How far the quantile of another run may lie from one that was drawn, in standard errors (99 percent): both waver.
BAND = 2.6 * 2**0.5
BLOCK = 1000  # draws looked at together
CAUTION = 1 + 1e-12  # a bound is never below what it bounds by a rounding


@dataclass(frozen=True, eq=False)
class RankSets:
    """Confidence sets for ranks.

    ``table``  one row for every unit: ``unit``, ``estimate``, ``standard_error``, ``rank``, ``rank_low``,
    ``rank_high``, ``n_better``, ``n_worse`` (units that are surely better or worse), ``kind``, ``coverage``,
    ``source`` = "sampling", ``low_open`` and ``high_open`` (other draws could give another end of the set; only of
    simultaneous sets with ``bounds``, else false). A unit without an estimate has no rank and no set.
    ``better``  units x units (those with an estimate), of simultaneous sets: the row's unit is surely better than the
    column's, all statements holding together with the stated confidence; ``None`` for marginal sets.
    ``n_unknown``  units without an estimate. ``n_errorless``  units with an estimate but without a known standard
    error: they are told apart from nobody.
    ``critical``  the bar of each step (simultaneous); ``draws``  draws x units, when asked for.
    ``bounds``  of simultaneous sets when asked for: ``better`` with the bar at the upper and the lower end of what the
    number of draws leaves open of it (99 percent): where both agree, other draws say the same.
    """

    table: pd.DataFrame
    better: pd.DataFrame | None
    n_unknown: int
    n_errorless: int
    critical: tuple[float, ...] = ()
    draws: Floats | None = field(default=None, repr=False)
    bounds: tuple[pd.DataFrame, ...] = field(default=(), repr=False)

    def tau_best(self, tau: int) -> list[str]:
        """Units that may be among the ``tau`` best. Of simultaneous sets: with their confidence, every one of the true
        ``tau`` best is in the list (projection)."""
        return self._where(self.table["rank_low"] <= tau)

    def tau_worst(self, tau: int) -> list[str]:
        """Units that may be among the ``tau`` last, with the same guarantee."""
        return self._where(self.table["rank_high"] > int(self.table["rank"].count()) - tau)

    def _where(self, holds: pd.Series) -> list[str]:
        return list(self.table.loc[holds.fillna(False).astype(bool), "unit"])


def rank_confidence_sets(
    estimates: npt.ArrayLike,
    standard_errors: npt.ArrayLike | None = None,
    *,
    degrees_of_freedom: npt.ArrayLike | None = None,
    units: Sequence[str] | None = None,
    covariance: npt.ArrayLike | None = None,
    replicates: npt.ArrayLike | None = None,
    coverage: float = 0.95,
    kind: str = "simultaneous",
    step_down: bool = True,
    n_draws: int = 1000,
    seed: int = 0,
    draws: bool = False,
    bounds: bool = False,
) -> RankSets:
    """Confidence sets for the ranks of ``estimates`` (larger is better; NaN = unknown).

    The error comes from exactly one of: ``standard_errors`` (units independent of each other), their ``covariance``, or
    bootstrap ``replicates`` of the estimates (replicates x units; these then are the draws, and ``n_draws`` and
    ``seed`` are not used). Two units without any error are told apart by their values alone. The same seed gives the
    same bytes.

    Standard errors are estimates themselves. Where their ``degrees_of_freedom`` are given (one for each unit; NaN or
    infinity: the error is taken as known), every draw has errors of its own, s x root of chi-square(df) / df, and the
    bar is that of differences studentised by them, as Student's t is: without it too many units that are alike would be
    told apart.
    """
    values = np.asarray(estimates, dtype=np.float64)
    check_coverage(coverage)
    if kind not in KINDS:
        raise ValueError(f"kind is one of {KINDS}, not {kind!r}")
    if sum(given is not None for given in (standard_errors, covariance, replicates)) != 1:
        raise ValueError("give exactly one of standard_errors, covariance, replicates")
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2:
        raise DataError("at least 2 units with a value are needed; there are {n_known}", n_known=len(known))
    centred, spread, errors = _error(standard_errors, covariance, replicates, known, n_draws, seed)
    drawn = _drawn_variances(errors, degrees_of_freedom, known, len(centred), seed)
    own = errors if standard_errors is not None else None
    family = _Family(values[known], spread, np.ascontiguousarray(centred.T), coverage, step_down, drawn, own)
    better, steps = family.all_pairs() if kind == "simultaneous" else (None, [])
    ends = [family.all_pairs(shift)[0] for shift in (BAND, -BAND)] if bounds and better is not None else []
    n_better, n_worse = family.one_by_one() if better is None else (better.sum(axis=0), better.sum(axis=1))
    keys = list(units) if units is not None else [f"u{i + 1}" for i in range(len(values))]
    names = pd.Index([keys[number] for number in known], name="unit")
    table = pd.DataFrame({"unit": keys, "estimate": values, "standard_error": spread_out(errors, known, len(values))})
    table["rank"] = whole_numbers(competition_ranks(values))
    table = table.assign(**_columns(n_better, n_worse, ends, known, len(values)))
    return RankSets(
        table=table.assign(kind=kind, coverage=coverage, source="sampling"),
        better=pd.DataFrame(better, index=names, columns=names.rename("other")) if better is not None else None,
        n_unknown=len(values) - len(known),
        n_errorless=int(np.isnan(errors).sum()),
        critical=tuple(steps),
        draws=centred if draws else None,
        bounds=tuple(pd.DataFrame(end, index=names, columns=names.rename("other")) for end in ends),
    )


def _columns(n_better: Ints, n_worse: Ints, ends: list[Bools], known: Ints, n: int) -> dict[str, Bools | Column]:
    """What the table says of each set: its two ends, how many are surely better or worse, and whether other draws could
    give another end."""
    counts = {"rank_low": 1 + n_better, "rank_high": len(known) - n_worse, "n_better": n_better, "n_worse": n_worse}
    results: dict[str, Bools | Column] = {
        name: spread_out(column.astype(float), known, n, whole=True) for name, column in counts.items()
    }
    for name, axis in (("low_open", 0), ("high_open", 1)):
        opened = np.zeros(n, dtype=bool)
        if ends:
            opened[known] = ends[0].sum(axis=axis) != ends[1].sum(axis=axis)
        results[name] = opened
    return results


def _drawn_variances(
    errors: Floats, freedom: npt.ArrayLike | None, known: Ints, n_draws: int, seed: int
) -> Floats | None:
    """Squared errors as another sample would estimate them, units x draws; ``None`` where they are taken as known."""
    if freedom is None:
        return None
    degrees = np.asarray(freedom, dtype=np.float64)[known]
    estimated = np.isfinite(degrees)
    if not estimated.any():
        return None
    if (degrees[estimated] <= 0).any():
        raise ValueError("degrees of freedom are above 0")
    factors = np.ones((len(known), n_draws))
    random = np.random.default_rng((seed, 1))  # a stream of its own: the draws of the values stay what they are
    factors[estimated] = random.chisquare(degrees[estimated], size=(n_draws, int(estimated.sum()))).T
    factors[estimated] /= degrees[estimated][:, None]
    return np.asarray(factors * np.nan_to_num(errors)[:, None] ** 2)


def _error(
    standard_errors: npt.ArrayLike | None,
    covariance: npt.ArrayLike | None,
    replicates: npt.ArrayLike | None,
    known: Ints,
    n_draws: int,
    seed: int,
) -> tuple[Floats, Floats, Floats]:
    """Centred draws (draws x known units), standard errors of all differences (NaN = unknown), standard errors."""
    if replicates is not None:
        drawn = np.asarray(replicates, dtype=np.float64)[:, known]
        centred = drawn - drawn.mean(axis=0)
        matrix = np.atleast_2d(np.cov(centred, rowvar=False))
    elif covariance is not None:
        matrix = np.asarray(covariance, dtype=np.float64)[np.ix_(known, known)]
        centred = _normal_draws(matrix, n_draws, seed)
    else:
        errors = np.asarray(standard_errors, dtype=np.float64)[known]
        if (errors < 0).any():
            raise ValueError("a standard error is never negative")
        centred = np.random.default_rng(seed).standard_normal((n_draws, len(known))) * np.nan_to_num(errors)
        return centred, np.sqrt(np.add.outer(errors**2, errors**2)), errors
    variances = np.diag(matrix)
    spread = np.sqrt(np.maximum(np.add.outer(variances, variances) - 2 * matrix, 0.0))
    return np.nan_to_num(centred), spread, np.sqrt(variances)


def _normal_draws(covariance: Floats, n_draws: int, seed: int) -> Floats:
    """Normal draws with mean 0 and the ``covariance``; unknown entries count as 0."""
    values, vectors = np.linalg.eigh(np.nan_to_num(covariance))
    if values.min(initial=0.0) < -1e-8 * max(values.max(initial=0.0), 1e-300):
        raise ValueError("the covariance matrix is not positive semidefinite")
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(product(np.random.default_rng(seed).standard_normal((n_draws, len(values))), root.T))


@dataclass(frozen=True, eq=False)
class _Maxima:
    """By draw: the largest studentised difference where ``known``, else a bound that it cannot exceed."""

    most: Floats
    known: Bools


class _Family:
    """The hypotheses "the first unit is not better than the second" and the draws that judge them."""

    def __init__(
        self,
        values: Floats,
        spread: Floats,
        draws: Floats,
        coverage: float,
        step_down: bool,
        variances: Floats | None = None,
        own: Floats | None = None,
    ) -> None:
        n = len(values)
        self.own = own  # the errors of the units where those are independent; None: they may go together
        self.draws = draws  # units x draws
        self.variances = variances  # units x draws: squared errors as drawn; None: as estimated
        self.step_down = step_down
        difference = np.round(np.subtract.outer(values, values), DECIMALS)
        self.judged: Bools = np.nan_to_num(spread) > 0
        self.judged[np.diag_indices(n)] = False
        self.inverse = np.divide(1.0, spread, out=np.zeros_like(spread), where=self.judged)
        self.statistic = difference * self.inverse
        #: pairs without any error are decided by their values
        self.certain: Bools = (spread == 0) & (difference > 0)
        #: the number of draws that the bar must not be below, so that coverage holds for any number of draws
        self.place = int(np.ceil(coverage * (draws.shape[1] + 1) - 1e-9))
        self.seen: dict[tuple[int, bytes], _Maxima] = {}  # the first steps are those of every bar
        self.ends = self._ends()
        self.wavering = np.sqrt(draws.shape[1] * coverage * (1 - coverage))

    def all_pairs(self, shift: float = 0.0) -> tuple[Bools, list[float]]:
        """Which unit is surely better than which, all statements together, and the bar of each step; ``shift`` moves
        the bar by so many standard errors of its place among the draws."""
        aim = self.place
        self.place = int(np.clip(aim + round(shift * self.wavering), 1, self.draws.shape[1]))
        try:
            return self._all_pairs()
        finally:
            self.place = aim

    def _all_pairs(self) -> tuple[Bools, list[float]]:
        everyone = np.arange(len(self.judged))
        rows = [(unit, everyone[unit + 1 :]) for unit in everyone[:-1]]
        rejected, steps = self._reject(rows, self.judged.copy())
        return rejected | self.certain, steps

    def one_by_one(self) -> tuple[Ints, Ints]:
        """For each unit, judged alone: how many are surely better and how many surely worse."""
        n = len(self.judged)
        n_better, n_worse = np.zeros(n, dtype=np.intp), np.zeros(n, dtype=np.intp)
        for unit in range(n):
            self.seen.clear()
            own = np.zeros((n, n), dtype=bool)
            own[unit], own[:, unit] = self.judged[unit], self.judged[:, unit]
            rejected, _ = self._reject([(unit, np.flatnonzero(own[unit]))], own)
            rejected |= self.certain
            n_better[unit], n_worse[unit] = rejected[:, unit].sum(), rejected[unit].sum()
        return n_better, n_worse

    def _reject(self, rows: list[tuple[int, Ints]], open_: Bools) -> tuple[Bools, list[float]]:
        """Step down: reject what exceeds the bar of the hypotheses still open, until a step rejects nothing."""
        rejected = np.zeros_like(open_)
        steps: list[float] = []
        above = self._bound(rows)
        while open_.any():
            key = (len(rows), open_.tobytes())
            if key not in self.seen:
                self.seen[key] = _Maxima(above.copy(), np.zeros(len(above), dtype=bool))
            maxima = self.seen[key]
            steps.append(self._bar(maxima, rows, open_))
            above = maxima.most  # with fewer hypotheses open no maximum is larger
            result = open_ & (self.statistic > steps[-1])
            rejected |= result
            open_ = open_ & ~result
            if not (self.step_down and result.any()):
                break
        return rejected, steps

    def _bar(self, maxima: _Maxima, rows: list[tuple[int, Ints]], open_: Bools) -> float:
        """The maximum at ``place`` among the draws. Only maxima that may lie at or above it are worked out: where all
        these are known, the others, which are below it, need not be."""
        n = len(maxima.most)
        if self.place > n:
            return float("inf")
        ahead = max(self.place - (n - self.place) // 4 - 20, 0)  # some more than needed at once
        while True:
            ordered = np.partition(maxima.most, (ahead, self.place - 1))
            needed = np.flatnonzero(~maxima.known & (maxima.most >= ordered[self.place - 1]))
            if not len(needed):
                return max(float(ordered[self.place - 1]), 0.0)
            needed = np.flatnonzero(~maxima.known & (maxima.most >= ordered[ahead]))
            maxima.most[needed] = self._largest(rows, open_, needed)
            maxima.known[needed] = True

    def _ends(self) -> tuple[Floats, Floats, Floats, Floats, Floats] | None:
        """By draw, among the units that are judged: the largest draw and the smallest, the same of draw / error (0 at
        least), and the least variance. ``None`` where errors may go together."""
        judged = self.judged.any(axis=1)
        if self.own is None or not judged.any():
            return None
        draws, variances = self.draws[judged], np.nan_to_num(self.own[judged])[:, None] ** 2
        if self.variances is not None:
            variances = self.variances[judged]
        with np.errstate(divide="ignore"):
            ratio = draws * np.where(variances > 0, 1 / np.sqrt(variances), 0.0)
        up, down = np.maximum(ratio.max(axis=0), 0.0), np.maximum(-ratio.min(axis=0), 0.0)
        return draws.max(axis=0), draws.min(axis=0), up, down, variances.min(axis=0)

    def _bound(self, rows: list[tuple[int, Ints]]) -> Floats:
        """By draw: what no studentised difference of these rows can exceed.

        For all pairs: with a = draw / error of each unit, |d - e| / root of (s^2 + t^2) is at most root of (a^2 + b^2)
        where the two draws differ in sign, and the larger of |a|, |b| where they do not (Cauchy, Schwarz). For one unit
        also: the gap to the farthest over the least error that a difference with this unit can have. Where errors go
        together neither holds, and every maximum is worked out.
        """
        if self.ends is None:
            return np.full(self.draws.shape[1], np.inf)
        highest, lowest, up, down, least = self.ends
        if len(rows) > 1:
            return np.asarray(np.hypot(up, down) * CAUTION)
        unit, own = rows[0][0], self.own
        assert own is not None
        draw = self.draws[unit]
        variance = np.square(own[unit]) if self.variances is None else self.variances[unit]
        with np.errstate(divide="ignore", invalid="ignore"):
            by_gap = np.maximum(highest - draw, draw - lowest) / np.sqrt(variance + least)
        return np.asarray(np.fmin(by_gap, np.hypot(up, down)) * CAUTION)

    def _largest(self, rows: list[tuple[int, Ints]], open_: Bools, chosen: Ints) -> Floats:
        """Of the ``chosen`` draws: the largest studentised difference over the open hypotheses, row by row and some
        draws at a time to stay in cache."""
        largest = np.full(len(chosen), -np.inf)
        for start in range(0, len(largest), BLOCK):
            block = chosen[start : start + BLOCK]
            draws = self.draws[:, block]
            variances = None if self.variances is None else self.variances[:, block]
            most = largest[start : start + BLOCK]
            for unit, others in rows:
                ahead, behind = open_[unit, others], open_[others, unit]
                both, one = others[ahead & behind], others[ahead ^ behind]
                if len(both):
                    gaps = draws[unit] - draws[both]
                    self._studentise(gaps, unit, both, variances)
                    np.maximum(most, np.abs(gaps, out=gaps).max(axis=0), out=most)
                if len(one):
                    gaps = draws[unit] - draws[one]
                    gaps *= np.where(open_[unit, one], 1.0, -1.0)[:, None]
                    self._studentise(gaps, unit, one, variances)
                    np.maximum(most, gaps.max(axis=0), out=most)
        return largest

    def _studentise(self, gaps: Floats, unit: int, others: Ints, variances: Floats | None) -> None:
        """``gaps`` of a unit to others (others x draws) over the errors of their differences, in place."""
        if variances is None:
            gaps *= self.inverse[unit, others][:, None]
        else:
            spread = variances[unit] + variances[others]
            gaps /= np.sqrt(spread, out=spread)


# --- intervals and tiers --------------------------------------------------------------------------


def pairwise_factor(standard_errors: npt.ArrayLike, level: float = 0.05) -> float:
    """How many standard errors to draw on either side so that two intervals just touch when their difference is
    significant at ``level``, on the average over all pairs (Goldstein and Healy 1995).

    Two intervals z s_i and z s_j fail to overlap by chance with probability 2 (1 - Phi(z (s_i + s_j) / sqrt(s_i^2 +
    s_j^2))). With equal errors z = 1.96 / sqrt 2 = 1.39; unequal errors need a little more, up to 1.96.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr, ndtri

    errors = np.asarray(standard_errors, dtype=np.float64)
    errors = errors[np.isfinite(errors) & (errors > 0)]
    if not 0 < level < 1:
        raise ValueError(f"the level lies between 0 and 1, not {level}")
    if len(errors) < 2:
        return float(ndtri(1 - level / 2) / np.sqrt(2))
    first, second = np.triu_indices(len(errors), k=1)
    ratio = (errors[first] + errors[second]) / np.hypot(errors[first], errors[second])  # from 1 to sqrt 2
    single = float(ndtri(1 - level / 2))
    return float(brentq(lambda z: 2 * ndtr(-z * ratio).mean() - level, single / np.sqrt(2) - 1e-9, single + 1e-9))


def pairwise_intervals(
    estimates: npt.ArrayLike,
    standard_errors: npt.ArrayLike,
    *,
    units: Sequence[str] | None = None,
    level: float = 0.05,
) -> pd.DataFrame:
    """Goldstein-Healy intervals: two units whose intervals do not overlap differ at ``level``, pair by pair on average.

    Not intervals for the value of a unit (those are wider), and not for all pairs at once (see
    ``rank_confidence_sets``). One row for every unit: ``unit``, ``estimate``, ``standard_error``, ``low``, ``high``,
    ``rank``, ``factor`` (1.39 for equal errors), ``level``, ``source`` = "sampling". Unknown stays unknown.
    """
    values = np.asarray(estimates, dtype=np.float64)
    errors = np.asarray(standard_errors, dtype=np.float64)
    if (errors < 0).any():
        raise ValueError("a standard error is never negative")
    factor = pairwise_factor(errors[np.isfinite(values)], level)
    return pd.DataFrame(
        {
            "unit": list(units) if units is not None else [f"u{i + 1}" for i in range(len(values))],
            "estimate": values,
            "standard_error": errors,
            "low": values - factor * errors,
            "high": values + factor * errors,
            "rank": whole_numbers(competition_ranks(values)),
            "factor": factor,
            "level": level,
            "source": "sampling",
        }
    )


def tiers(sets: RankSets) -> pd.DataFrame:
    """Tiers of units that cannot be told apart, from simultaneous rank sets.

    From the best down: a unit joins the tier of its predecessor unless some unit of that tier is surely better; then it
    opens the next tier. So within a tier no two units can be told apart. Units of neighbouring tiers may be hard to
    tell apart too: a border only says that somebody above it is surely better than the first unit below it. Equal
    values always share a tier. One row for every unit: ``unit``, ``tier`` (1 = best; unknown without an estimate),
    ``rank``, ``estimate``, ``coverage``, ``source`` = "sampling", and ``tier_low``, ``tier_high``: the tiers that other
    draws could give it (of sets with ``bounds``; elsewhere both are ``tier``). Where they differ the unit is between
    two tiers, and no tier should be printed for it.
    """
    if sets.better is None:
        raise ValueError("tiers need simultaneous rank sets")
    table = sets.table[["unit", "estimate", "rank", "coverage", "source"]].copy()
    results = [_tier_of(table, better) for better in (sets.better, *sets.bounds)]
    columns = np.array([[one.get(unit, np.nan) for unit in table["unit"]] for one in results])
    table["tier"] = whole_numbers(columns[0])
    table["tier_low"], table["tier_high"] = whole_numbers(columns.min(axis=0)), whole_numbers(columns.max(axis=0))
    return table[["unit", "tier", "rank", "estimate", "coverage", "source", "tier_low", "tier_high"]]


def _tier_of(table: pd.DataFrame, sure: pd.DataFrame) -> dict[str, int]:
    """The tier of each ranked unit, where ``sure`` says which unit is surely better than which."""
    ranks = table["rank"].to_numpy(dtype=np.float64, na_value=np.nan)[table["unit"].isin(sure.index)]
    better = sure.to_numpy()
    tier_of: dict[str, int] = {}
    members: list[int] = []
    tier = 0
    for rank in np.unique(ranks[np.isfinite(ranks)]):
        tied = np.flatnonzero(ranks == rank).tolist()
        if not members or better[np.ix_(members, tied)].any():
            tier, members = tier + 1, []
        members += tied
        tier_of.update(dict.fromkeys((sure.index[place] for place in tied), tier))
    return tier_of


def errors_from_change(previous: npt.ArrayLike, current: npt.ArrayLike) -> float:
    """The rough size of a standard error for all units where none was published: the spread of the change between two
    years / sqrt 2.

    It is an estimate and no bound: real changes make it too large, errors of two years that go together (the same
    places asked again) too small, and chance both (``error_range_from_change``). Whatever rests on it says that it is
    assumed. The spread is the median absolute deviation x 1.4826, which a few units that leapt or fell do not move.
    """
    return float(_rough_error(_changes(previous, current)))


def error_range_from_change(
    previous: npt.ArrayLike,
    current: npt.ArrayLike,
    *,
    coverage: float = 0.95,
    n_resamples: int = 10_000,
    seed: int = 0,
) -> tuple[float, float]:
    """What chance alone leaves open of ``errors_from_change``: percentiles over bootstrap samples of the units."""
    change = _changes(previous, current)
    places = np.random.default_rng(seed).integers(0, len(change), size=(n_resamples, len(change)))
    low, high = np.quantile(_rough_error(change[places]), [(1 - coverage) / 2, (1 + coverage) / 2])
    return float(low), float(high)


def _rough_error(changes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    middle = np.median(changes, axis=-1, keepdims=True)
    spread = np.median(np.abs(changes - middle), axis=-1)
    return np.asarray(1.482602218505602 * spread / np.sqrt(2))


def _changes(previous: npt.ArrayLike, current: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The changes of the units known in both years, at least three."""
    change = np.asarray(current, dtype=np.float64) - np.asarray(previous, dtype=np.float64)
    change = change[np.isfinite(change)]
    if len(change) < 3:
        raise DataError("at least 3 units known in both years are needed; there are {n_change}", n_change=len(change))
    return np.asarray(change)
