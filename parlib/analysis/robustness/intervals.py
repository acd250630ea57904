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
    ``rank``, ``estimate``, ``coverage``, ``source`` = "sampling".
    """
    if sets.better is None:
        raise ValueError("tiers need simultaneous rank sets")
    table = sets.table[["unit", "estimate", "rank", "coverage", "source"]].copy()
    known = table[table["rank"].notna()].sort_values("rank", kind="stable")
    better = sets.better.to_numpy()
    place = {unit: number for number, unit in enumerate(sets.better.index)}
    tier_of: dict[str, int] = {}
    members: list[int] = []
    tier = 0
    for _, tied in known.groupby("rank", sort=True):
        places = [place[unit] for unit in tied["unit"]]
        if not members or better[np.ix_(members, places)].any():
            tier, members = tier + 1, []
        members += places
        tier_of.update(dict.fromkeys(tied["unit"], tier))
    table["tier"] = whole_numbers(np.array([tier_of.get(unit, np.nan) for unit in table["unit"]]))
    return table[["unit", "tier", "rank", "estimate", "coverage", "source"]]


def errors_from_change(previous: npt.ArrayLike, current: npt.ArrayLike) -> float:
    """A standard error for all units where none was published: the spread of the change between two years / sqrt 2.

    If no unit had really changed against the others, all of the spread of the changes would be error. Units do change,
    so this is an upper bound of the typical error; whatever rests on it must say that it is assumed. The spread is the
    median absolute deviation x 1.4826, which a few units that leapt or fell do not move.
    """
    change = np.asarray(current, dtype=np.float64) - np.asarray(previous, dtype=np.float64)
    change = change[np.isfinite(change)]
    if len(change) < 3:
        raise DataError(
            Problem(
                f"cần ít nhất 3 đơn vị có số liệu ở cả hai năm; có {len(change)}",
                f"at least 3 units known in both years are needed; there are {len(change)}",
            )
        )
    return float(1.482602218505602 * np.median(np.abs(change - np.median(change))) / np.sqrt(2))
