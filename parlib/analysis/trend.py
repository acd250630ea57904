"""An index over the years in one go: level, spread, moves, and where the last change came from.

What is published only in part stays in part: a mean, a maximum or a minimum of such a year is the printed or deduced
one, a spread is not known. Values compare only between breaks of the scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib.analysis.convergence import spread
from parlib.analysis.decomposition import change_of_mean_by_part, change_parts
from parlib.analysis.mobility import mobility, transitions
from parlib.analysis.series import series
from parlib.errors import ParlibError
from parlib.scoring.ranking import statistics
from parlib.scoring.results import Results
from parlib.scoring.settled import Column

__all__ = ["Trend", "trend", "yearly"]

_EMPTY = pd.DataFrame()


@dataclass(frozen=True)
class Trend:
    """Frames of a series of years; those about two years are empty where there is no year before the last.

    ``series``   as ``series``. ``yearly``  as ``yearly``. ``mobility``  as ``mobility``.
    ``transitions``  as ``transitions``, by quarter, from the year before to the last year.
    ``parts``    as ``change_parts``; ``mean_parts``  as ``change_of_mean_by_part``, of the last change.
    """

    series: pd.DataFrame
    yearly: pd.DataFrame
    mobility: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    transitions: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    parts: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    mean_parts: pd.DataFrame = field(default_factory=lambda: _EMPTY)


def trend(years: Sequence[Results], column: Column = "index") -> Trend:
    """All frames over ``years``. ``column`` "points" for an index that is published in points."""
    levels = Trend(series(years, column=column), yearly(years, column))
    if len(years) < 2:
        return levels
    previous, last = years[-2:]
    if previous.year != last.year - 1:
        return Trend(levels.series, levels.yearly, mobility(years, column=column))
    parts = _parts(last, previous, column)
    return Trend(
        levels.series,
        levels.yearly,
        mobility(years, column=column),
        transitions(last, previous, column=column),
        parts,
        change_of_mean_by_part(parts, last, previous) if len(parts) else parts,
    )


def _parts(results: Results, previous: Results, column: Column) -> pd.DataFrame:
    """The parts of the last change where any is known."""
    try:
        parts = change_parts(results, previous, column=column)
    except ParlibError:  # an index without parts
        return _EMPTY
    return parts if parts.loc[parts["kind"] != "remainder", "contribution"].notna().any() else _EMPTY


def yearly(years: Sequence[Results], column: Column = "index") -> pd.DataFrame:
    """Level and spread, one row a year: the columns of ``spread``, and ``mean_basis``, ``minimum_basis``,
    ``maximum_basis`` ("computed", "printed", "deduced", ""), and ``marks`` of the year.

    Where not every value is known, mean, minimum and maximum are those of ``statistics`` (in percent, so only with
    ``column`` "index").
    """
    frame = spread(years, column=column)
    for name, statistic in (("mean", "mean"), ("minimum", "min"), ("maximum", "max")):
        values = frame[name].to_numpy(dtype=np.float64, copy=True)
        bases = ["computed" if np.isfinite(value) else "" for value in values]
        for place, results in enumerate(years):
            if column == "index" and not bases[place]:
                found = statistics(results).set_index("statistic")
                values[place] = found["value"].astype("float64")[statistic]
                bases[place] = str(found["basis"][statistic])
        frame[name], frame[f"{name}_basis"] = values, bases
    frame["n_known"] = [results.n_known for results in years]  # as everywhere: also those known only as rounded
    return frame.assign(marks=[";".join(results.marks) for results in years])
