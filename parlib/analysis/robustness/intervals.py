"""Intervals for the caterpillar plot, and tiers of units that cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.analysis.robustness.packed import competition_ranks, whole_numbers
from parlib.analysis.robustness.rank_sets import RankSets
from parlib.errors import DataError, Problem


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
    found = [_tier_of(table, better) for better in (sets.better, *sets.bounds)]
    columns = np.array([[one.get(unit, np.nan) for unit in table["unit"]] for one in found])
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
        raise DataError(
            Problem("at least 3 units known in both years are needed; there are {n_change}", n_change=len(change))
        )
    return np.asarray(change)
