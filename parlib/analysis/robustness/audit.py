"""All that is asked of one ranking in one go: what the choices of method leave of it, and what chance in the survey.

What cannot be asked of the data is empty and never guessed: without the points of the parts no weight can be varied,
without a standard error, or a comparable year before to guess one from, there is no confidence set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.analysis.robustness.consistency import effective_weights
from parlib.analysis.robustness.methods import WeightRange, leave_out, removal_effects, vary_weights
from parlib.analysis.robustness.rank_sets import (
    RankSets,
    error_range_from_change,
    errors_from_change,
    pairwise_intervals,
    rank_confidence_sets,
    tiers,
)
from parlib.analysis.robustness.sensitivity import index_sensitivity
from parlib.analysis.robustness.tree import point_tree
from parlib.errors import DataError
from parlib.scoring.results import WHOLE, Results, breaks_between
from parlib.scoring.rules import exact_values as exact

__all__ = [
    "Apart",
    "MethodAudit",
    "Neighbours",
    "SamplingAudit",
    "Tiers",
    "apart",
    "audit_complete",
    "audit_method",
    "audit_sampling",
    "middle_width",
    "neighbours",
    "printed_tiers",
]

#: Sets of ranks are drawn with this part of the draws first.
FEW = 4
_EMPTY = pd.DataFrame()


@dataclass(frozen=True)
class MethodAudit:
    """What choices of method do to a ranking; all frames are empty where the points of the parts are not known.

    ``ranks``  the table of ``vary_weights``; ``acceptability`` units x ranks. ``removals``, ``effects``  as
    ``leave_out`` and ``removal_effects``, by area. ``sensitivity``  the table of ``index_sensitivity``. ``weights``  as
    ``effective_weights``. ``n_draws``  draws of the weights; ``spread``  each is multiplied by a factor from 1 -
    ``spread`` to 1 + ``spread``, and all are scaled back to their sum: in the end a weight may move further.
    """

    ranks: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    acceptability: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    removals: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    effects: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    sensitivity: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    weights: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    n_draws: int = 0
    spread: float = np.nan


@dataclass(frozen=True)
class SamplingAudit:
    """What chance in the survey does to a ranking; all frames are empty where no standard error can be had.

    ``simultaneous``, ``marginal``  tables of ``rank_confidence_sets``. ``intervals``, ``tiers``  as
    ``pairwise_intervals`` and ``tiers``. ``basis``  where the errors come from: "survey" (this year's own), "assumed"
    (from the changes since the year before), "" (none).

    Where it is assumed: ``error``, its rough size, ``error_low`` and ``error_high``, what chance alone leaves open of
    it (95 percent), all in percent of the maximum; ``cases``, what would follow from each of the three: ``error``,
    ``n_pairs``, ``n_alike`` (neighbours that could not be told apart), ``places`` (half of the units have ranges of
    so many or more), ``n_tiers``; ``holds_from``, the smallest error with which as many neighbours are alike as with
    ``error``.
    ``without``  indices within this one whose own error is not known and in none of these numbers.
    """

    simultaneous: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    marginal: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    intervals: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    tiers: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    basis: str = ""
    error: float = np.nan
    error_low: float = np.nan
    error_high: float = np.nan
    cases: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    holds_from: float = np.nan
    without: tuple[str, ...] = ()


def audit_method(
    results: Results, *, spread: float = 0.25, n_draws: int = 10_000, base: int = 2048, seed: int = 0
) -> MethodAudit:
    """Vary what could have been chosen otherwise: weights, method, the areas that count. ``base`` is the size of the
    sample of ``index_sensitivity`` (0 leaves it out); ``spread`` the range of the weights (0.25 = +-25%), one of both.
    """
    if results.n_known != results.n_ranked:
        return MethodAudit()  # a rank among some of the units is no rank
    try:
        tree = point_tree(results)
        tree.need_standing()
    except DataError:
        return MethodAudit()
    study = vary_weights(tree, WeightRange(spread), n_draws=n_draws, seed=seed)
    removals = leave_out(tree, "area")
    return MethodAudit(
        ranks=study.table,
        acceptability=study.acceptability,
        removals=removals,
        effects=removal_effects(removals),
        sensitivity=index_sensitivity(tree, spread=spread, base=base, seed=seed).table if base else _EMPTY,
        weights=effective_weights(tree),
        n_draws=n_draws,
        spread=spread,
    )


def audit_sampling(
    results: Results, previous: Results | None = None, *, coverage: float = 0.95, n_draws: int = 40_000, seed: int = 0
) -> SamplingAudit:
    """The ranks that survey error leaves open, among the ranked units, all of whose values must be known.

    ``n_draws`` are taken where a ``FEW``-th of them does not settle all ends of the sets; ends that they leave open
    are marked in ``simultaneous`` (``low_open``, ``high_open``).

    The errors are those of the results, with their degrees of freedom. Where they have none, the rough size of one for
    all units is taken from the changes since ``previous``, a year on the same scale; never for a round of our own,
    whose survey says how sure it is, nor for values that were merged, whose errors differ from unit to unit.
    """
    results.check_after(previous)
    units = [str(unit) for unit in results.ranked_units]
    values = results.values().reindex(units).to_numpy(dtype=np.float64)
    if len(units) < 2 or np.isnan(values).any() or results.n_ranked != len(units):
        return SamplingAudit()  # a rank among some of the units is no rank
    errors, basis, assumed = _errors(results, previous, units, values)
    if not basis:
        return SamplingAudit()
    freedom = np.array([results.degrees_of_freedom.get(unit, np.nan) for unit in units])
    how = {"units": units, "coverage": coverage, "n_draws": n_draws // FEW, "seed": seed, "degrees_of_freedom": freedom}
    sets = rank_confidence_sets(values, errors, kind="simultaneous", bounds=True, **how)  # type: ignore[arg-type]
    if (sets.table["low_open"] | sets.table["high_open"]).any():  # few draws leave ends open: more leave fewer
        how["n_draws"] = n_draws
        sets = rank_confidence_sets(values, errors, kind="simultaneous", bounds=True, **how)  # type: ignore[arg-type]
    alone = rank_confidence_sets(values, errors, kind="marginal", **how)  # type: ignore[arg-type]
    low, error, high = assumed
    cases = _cases(values, assumed, sets, n_draws=n_draws, seed=seed) if basis == "assumed" else _EMPTY
    return SamplingAudit(
        simultaneous=sets.table,
        marginal=alone.table,
        intervals=pairwise_intervals(values, errors, units=units),
        tiers=tiers(sets),
        basis=basis,
        error=error,
        error_low=low,
        error_high=high,
        cases=cases,
        holds_from=_holds_from(values, error) if basis == "assumed" else np.nan,
        without=results.errors_without if basis == "survey" else (),
    )


def middle_width(sets: pd.DataFrame) -> float:
    """The number of ranks that at least half of the units have in their set, or exceed: best and worst rank counted."""
    widths = (sets["rank_high"].astype("float64") - sets["rank_low"].astype("float64") + 1).dropna().sort_values()
    return float(widths.iloc[len(widths) // 2]) if len(widths) else np.nan


def surely_wide(sets: RankSets) -> float:
    """``middle_width``, of the narrowest sets that other draws could give: at least so wide are those of any draws."""
    widths = [middle_width(sets.table)]
    for better in sets.bounds:
        best, worst = 1 + better.to_numpy().sum(axis=0), len(better) - better.to_numpy().sum(axis=1)
        widths.append(middle_width(pd.DataFrame({"rank_low": best, "rank_high": worst})))
    return min(widths)


def _cases(
    values: np.ndarray, sizes: tuple[float, float, float], middle: RankSets, *, n_draws: int, seed: int
) -> pd.DataFrame:
    """What follows from each size of the error, the same for all units; ``middle`` are the sets of the second size."""
    coverage = float(middle.table["coverage"].iloc[0])
    rows = []
    for size, error in enumerate(sizes):
        errors = np.full(len(values), error)
        sets = middle
        if size != 1:
            sets = rank_confidence_sets(values, errors, coverage=coverage, n_draws=n_draws, seed=seed, bounds=True)
        pairs = neighbours(pairwise_intervals(values, errors))
        assert pairs is not None
        rows.append((error, pairs.n_pairs, pairs.n_alike, surely_wide(sets), float(tiers(sets)["tier"].max())))
    return pd.DataFrame(rows, columns=["error", "n_pairs", "n_alike", "places", "n_tiers"])


def _holds_from(values: np.ndarray, error: float, level: float = 0.05) -> float:
    """The smallest error, the same for all, with which as many neighbours cannot be told apart as with ``error``."""
    from scipy.special import ndtri

    reach = float(ndtri(1 - level / 2)) * np.sqrt(2)
    gaps = -np.diff(np.sort(values)[::-1])
    alike = gaps[gaps <= reach * error]
    return float(alike.max() / reach) if len(alike) else np.nan


def audit_complete(results: Results, previous: Results | None = None) -> SamplingAudit:
    """``audit_sampling`` for a report that does not go into assumptions: an error is taken from the changes since
    ``previous`` only where those of all units are known, never from a few."""
    results.check_after(previous)
    whole = previous is not None and previous.n_known == previous.n_ranked
    return audit_sampling(results, previous if whole else None)


def _errors(
    results: Results, previous: Results | None, units: list[str], values: np.ndarray
) -> tuple[np.ndarray, str, tuple[float, float, float]]:
    """The standard errors of the units (NaN: not known), what they rest on, and the assumed one with its range."""
    rows = results.table[(results.table["stage"] == results.stage) & (results.table["node"] == WHOLE)]
    own = rows.set_index("unit")["standard_error"].reindex(units).to_numpy(dtype=np.float64)
    # Tables carry 0 where nothing was published: unknown is not zero, and no sample is without error.
    own = np.where(own > 0, own, np.nan)
    none = (np.nan, np.nan, np.nan)
    if np.isfinite(own).any():
        return own, "survey", none
    if previous is None or results.stage != "published" or not _same_scale(previous, results):
        return own, "", none
    if _derived(results) or _derived(previous):
        return own, "", none
    before = previous.values().reindex(units).to_numpy(dtype=np.float64)
    try:
        assumed = errors_from_change(before, values)
    except DataError:
        return own, "", none
    if not assumed > 0:
        return own, "", none
    low, high = error_range_from_change(before, values)
    return np.full(len(units), assumed), "assumed", (low, assumed, high)


def _derived(results: Results) -> bool:
    """Whether values of the whole were carried over from other units: one error does not fit all of them."""
    return bool(((results.bases["node"] == WHOLE) & (results.bases["basis"] == "derived")).any())


def _same_scale(previous: Results, results: Results) -> bool:
    return not breaks_between(previous, results)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Pairs of units of neighbouring ranks: ``n_pairs``, of which ``n_alike`` cannot be told apart at ``level``."""

    n_pairs: int
    n_alike: int
    level: float


def neighbours(intervals: pd.DataFrame) -> Neighbours | None:
    """How many pairs of neighbours in the ranking chance alone could have put the other way round.

    ``intervals`` is the frame of ``pairwise_intervals``. Each pair is looked at for itself: the difference against the
    root of the sum of the squared errors. ``None`` where fewer than two units have a value and an error.
    """
    if intervals.empty:
        return None
    known = intervals.dropna(subset=["estimate", "standard_error"])
    known = known.sort_values("estimate", ascending=False, kind="stable")
    if len(known) < 2:
        return None
    values, errors = (known[name].to_numpy(dtype=np.float64) for name in ("estimate", "standard_error"))
    level = float(known["level"].iloc[0])
    apart = -np.diff(values) > _reach(errors[1:], errors[:-1], level)
    return Neighbours(len(known) - 1, int((~apart).sum()), level)


def _reach(errors: npt.ArrayLike, others: npt.ArrayLike, level: float) -> npt.NDArray[np.float64]:
    """How far two values may lie apart by chance alone."""
    from scipy.special import ndtri

    return np.asarray(ndtri(1 - level / 2) * np.hypot(errors, others))


@dataclass(frozen=True, slots=True)
class Apart:
    """Two units beside each other: the ``difference`` of their values and what chance alone could make of it
    (``reach``, at ``level``), in percent of the maximum; ``apart``: whether the difference is larger. ``basis`` says
    where the errors come from, as in ``SamplingAudit``. ``None`` and NaN: not known.
    """

    difference: float = np.nan
    reach: float = np.nan
    apart: bool | None = None
    level: float = np.nan
    basis: str = ""


def apart(sampling: SamplingAudit, a: str, b: str) -> Apart:
    """Whether the values of the units ``a`` and ``b`` can be told apart, looked at for themselves (see ``neighbours``).

    Not known where one of them has no value or no error.
    """
    if sampling.intervals.empty:
        return Apart()
    rows = sampling.intervals.set_index("unit").reindex([a, b])
    values, errors = (rows[name].to_numpy(dtype=np.float64) for name in ("estimate", "standard_error"))
    if not np.isfinite([*values, *errors]).all():
        return Apart(basis=sampling.basis)
    level = float(rows["level"].iloc[0])
    gap, reach = float(exact(values[0] - values[1])), float(_reach(errors[0], errors[1], level))
    return Apart(gap, reach, abs(gap) > reach, level, sampling.basis)


# --- tiers that may be printed --------------------------------------------------------------------


@dataclass(frozen=True)
class Tiers:
    """``by_unit``: the tier of each ranked unit, 1 the best; empty where no error was measured. ``between``: the two
    tiers of a unit that other random draws would put into another one: it is in none of them for sure. ``without``:
    indices within the index whose own error is not known and in no tier."""

    by_unit: Mapping[str, int] = field(default_factory=dict)
    between: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def printed_tiers(sampling: SamplingAudit) -> Tiers:
    """The tiers of an audit of sampling (``robustness.audit.audit_sampling``), where they may be printed with ranks:
    only errors that a survey of the year measured part units in a ranking; an assumed one never does."""
    if sampling.basis != "survey" or sampling.tiers.empty:
        return Tiers()
    known = sampling.tiers.dropna(subset=["tier"])
    low, high = (dict(zip(known["unit"], known[name].astype(int), strict=True)) for name in ("tier_low", "tier_high"))
    return Tiers(
        {unit: low[unit] for unit in low if low[unit] == high[unit]},
        {unit: (low[unit], high[unit]) for unit in low if low[unit] != high[unit]},
        sampling.without,
    )
