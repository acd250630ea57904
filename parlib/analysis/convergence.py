"""Do the units draw closer together: spread by year (sigma), and growth against the level at the start (beta).

Formulas and their traps: docs/comparison.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log

import numpy as np
import pandas as pd

from parlib.analysis.pairing import Floats, check_choice
from parlib.analysis.series import break_years
from parlib.errors import ParameterError, Problem
from parlib.scoring.ranking import breaks_between, compares
from parlib.scoring.results import WHOLE, Results, in_years
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.settled import Column, Level

__all__ = ["beta_convergence", "growth", "spread"]


def spread(
    of: Iterable[Results], node: str = WHOLE, column: Column = "index", *, balanced: bool = False
) -> pd.DataFrame:
    """How far apart the ranked units are, one row for each year.

    ``year``, ``n`` (units used), ``n_known``, ``n_units`` (ranked), ``mean``, ``minimum``, ``maximum``, ``range``,
    ``sd`` (over all units: divisor n), ``coefficient`` of variation (sd / mean, in percent), ``quartile_range``,
    ``break_mark``. Nothing is known of a year in which the value of a ranked unit is not: the spread of a few is not
    the spread of all. ``balanced`` takes in every year the same units, those with a value in all years, and asks no
    more.
    """
    ordered = in_years(of)
    broken = break_years(ordered)
    levels = [Level(results, node, column) for results in ordered]
    known = [level.exact_values.dropna() for level in levels]
    shared = set.intersection(*(set(values.index) for values in known))
    rows = []
    for level, values in zip(levels, known, strict=True):
        used = values[values.index.isin(shared)] if balanced else values if level.complete else values.iloc[:0]
        year = level.results.year
        rows.append((year, len(used), len(values), level.n_units, *_spread(used.to_numpy()), year in broken))
    columns = ["year", "n", "n_known", "n_units", "mean", "minimum", "maximum", "range", "sd", "coefficient"]
    columns += ["quartile_range", "break_mark"]
    return pd.DataFrame(rows, columns=columns).astype({"n_units": "Int64", "break_mark": "bool"})


def _spread(values: Floats) -> tuple[float, ...]:
    if not len(values):
        return (np.nan,) * 7
    mean, low, high, sd = values.mean(), values.min(), values.max(), values.std()
    lower, upper = np.quantile(values, [0.25, 0.75])
    coefficient = 100 * sd / mean if mean > 0 else np.nan
    return tuple(float(exact(one)) for one in (mean, low, high, high - low, sd, coefficient, upper - lower))


def growth(
    first: Results, last: Results, node: str = WHOLE, column: Column = "index", *, form: str = "log"
) -> pd.DataFrame:
    """The growth of every unit a year against where it began: the points that ``beta_convergence`` fits.

    ``unit``, ``first`` and ``last`` (values), ``initial`` and ``growth``: with ``form`` "log" the logarithm of the
    first value and the mean yearly change of the logarithm, with "difference" the first value and the mean yearly
    change. Units ranked in both years whose values are known; none where values of the two years do not compare.
    """
    check_choice(form, ("log", "difference"), "dạng", "form")
    last.check_after(first)
    then, now = (Level(of, node, column).exact_values.dropna() for of in (first, last))
    both = [unit for unit in now.index if unit in then.index] if compares(first, last) else []
    frame = pd.DataFrame({"unit": both, "first": then[both].to_numpy(), "last": now[both].to_numpy()})
    years = last.year - first.year
    if form == "difference":
        return frame.assign(initial=frame["first"], growth=(frame["last"] - frame["first"]) / years)
    if (frame[["first", "last"]] <= 0).any(axis=None):
        raise ParameterError(Problem("the form log needs positive values; use the form difference"))
    return frame.assign(initial=np.log(frame["first"]), growth=np.log(frame["last"] / frame["first"]) / years)


def beta_convergence(
    first: Results,
    last: Results,
    node: str = WHOLE,
    column: Column = "index",
    *,
    form: str = "log",
    level: float = 0.95,
) -> pd.DataFrame:
    """Growth regressed on the level at the start (least squares): did those behind grow faster? One row.

    ``first_year``, ``last_year``, ``form``, ``n``, ``n_units`` (ranked in the last year), ``slope``,
    ``standard_error``, ``low`` and ``high`` (t interval), ``p_value`` (of no slope, two-sided), ``robust_error``
    (HC3), ``intercept``, ``r_squared``, ``speed`` (a year, form "log": -log(1 + years x slope) / years) and
    ``half_life`` in years (missing where the slope is not negative), ``reason`` (why there is no figure:
    "too_few_units" below 4, "constant", "not_comparable"), ``break_mark``.

    A negative slope is also what chance alone gives when values are measured with error (regression to the mean): read
    it beside ``spread``.
    """
    points = growth(first, last, node, column, form=form)
    years, n = last.year - first.year, len(points)
    row: dict[str, object] = {"first_year": first.year, "last_year": last.year, "form": form, "n": n}
    row |= {"n_units": last.n_ranked, **dict.fromkeys(_ESTIMATES, np.nan), "reason": ""}
    x, y = points["initial"].to_numpy(dtype=np.float64), points["growth"].to_numpy(dtype=np.float64)
    if not compares(first, last):
        row["reason"] = "not_comparable"
    elif n < 4:
        row["reason"] = "too_few_units"
    elif np.ptp(x) <= 1e-12:
        row["reason"] = "constant"
    else:
        row |= _regression(x, y, level)
        slope = row["slope"]
        assert isinstance(slope, float)
        if form == "log" and 0 < 1 + years * slope < 1:
            row["speed"] = -log(1 + years * slope) / years
            row["half_life"] = log(2) * years / -log(1 + years * slope)
    return pd.DataFrame([{**row, "break_mark": breaks_between(first, last)}]).astype({"n_units": "Int64"})


_ESTIMATES = (
    *("slope", "standard_error", "low", "high", "p_value", "robust_error", "intercept", "r_squared"),
    *("speed", "half_life"),
)


def _regression(x: Floats, y: Floats, level: float) -> dict[str, float]:
    """Least squares of y on x with a constant."""
    from scipy.stats import t as student  # only this function needs it

    n, deviation = len(x), x - x.mean()
    square = float(deviation @ deviation)
    slope = float(deviation @ y) / square
    intercept = float(y.mean() - slope * x.mean())
    residual = y - intercept - slope * x
    rest, whole = float(residual @ residual), float(((y - y.mean()) ** 2).sum())
    error = float(np.sqrt(rest / (n - 2) / square))
    leverage = 1 / n + deviation**2 / square
    with np.errstate(divide="ignore", invalid="ignore"):  # a unit that alone fixes the line has leverage 1
        robust = float(np.sqrt(((deviation * residual / (1 - leverage)) ** 2).sum()) / square)
    reach = float(student.ppf((1 + level) / 2, n - 2)) * error
    p_value = float(2 * student.sf(abs(slope) / error, n - 2)) if error > 0 else 0.0
    return {
        "slope": slope,
        "standard_error": error,
        "low": slope - reach,
        "high": slope + reach,
        "p_value": p_value,
        "robust_error": robust if np.isfinite(robust) else np.nan,
        "intercept": intercept,
        "r_squared": 1 - rest / whole if whole > 0 else np.nan,
    }
