"""A series of years: values with break marks, common cores, chained series, convergence, and all of it in one go.

A chained series is a construction, never a published one: what it assumes is in docs/comparison.md, as are the formulas
and their traps, and in its frames. What is published only in part stays in part: a mean, a maximum or a minimum of such
a year is the printed or deduced one, a spread is not known. Values compare only between breaks of the scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log
from typing import Literal

import numpy as np
import pandas as pd

from parlib.analysis.comparison import change_of_mean_by_part, change_parts
from parlib.analysis.mobility import mobility, transitions
from parlib.analysis.statistics import Floats, compares, in_years, known_ranks, node_cells, not_a_node, statistics
from parlib.errors import ParameterError, ParlibError, Problem, named
from parlib.scoring.ranking import Column, Level, basis_of
from parlib.scoring.results import WHOLE, Results, breaks_between
from parlib.scoring.rules import exact_values as exact
from parlib.words import Message

#: A common core: what each of its parts is called, with its code, or its code in each year.
Core = Mapping[str, str | Mapping[int, str]]
Method = Literal["ratio", "difference"]


def series(of: Iterable[Results], node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
    """The values and ranks of all units over the years, in order of year and unit.

    ``year``, ``unit``, ``value`` (NaN = not known), ``rank``, ``n_ranked``, ``basis`` (what the value rests on),
    ``break_mark`` (the scale changed after the listed year before), ``marks`` of the year ("derived;partial"). A unit
    that a year does not list has no row in it.
    """
    ordered = in_years(of)
    broken = break_years(ordered)
    frames = []
    for results in ordered:
        frame = pd.DataFrame({"unit": [str(unit) for unit in results.units["unit"]]})
        listed = node in set(results.nodes["node"])
        values = Level(results, node, column).values.to_numpy() if listed else np.full(len(frame), np.nan)
        frame["value"] = values
        frame["rank"] = known_ranks(results, node, column).to_numpy() if listed else np.nan
        frame["basis"] = basis_of(results, node, frame["unit"], values)
        frame = frame.assign(year=results.year, n_ranked=results.n_ranked, marks=";".join(results.marks))
        frames.append(frame.assign(break_mark=results.year in broken))
    columns = ["year", "unit", "value", "rank", "n_ranked", "basis", "break_mark", "marks"]
    types = {"unit": "str", "basis": "str", "marks": "str", "rank": "Int64", "n_ranked": "Int64"}
    return pd.concat(frames, ignore_index=True)[columns].astype(types)


def break_years(of: Iterable[Results]) -> frozenset[int]:
    """The listed years whose scale differs from that of the listed year before."""
    ordered = in_years(of)
    return frozenset(results.year for before, results in pairwise(ordered) if breaks_between(before, results))


# --- the common core ------------------------------------------------------------------------------


def core_series(of: Iterable[Results], core: Core, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """The index over the nodes that keep their meaning, on a scale of its own: 0 to 100 of what they can give.

    ``core`` names the parts and their codes, which are the user's judgement: ``{"one-stop": {2021: "3.2", 2022:
    "3.1"}}``; a code alone holds in all years. ``year``, ``unit``, ``value``, ``n_nodes``, ``coverage`` (the part of
    the whole's maximum that the core makes up, in percent), ``weighting``.

    Without ``weights`` the value is 100 x points / maximum of the core by each year's own maxima ("maximum"): it also
    moves where they change. With ``weights`` by part it is the mean of the parts' indices by weights that stay
    ("fixed"). A unit with an unknown part has no value.
    """
    ordered = in_years(of)
    codes = _codes(core, ordered)
    if weights is not None:
        _check_weights(weights, core)
    frames = []
    for results in ordered:
        keys = [str(unit) for unit in results.units["unit"]]
        value, coverage = _core_values(results, keys, codes[results.year], weights)
        frame = pd.DataFrame({"year": results.year, "unit": keys, "value": exact(value), "n_nodes": len(core)})
        frames.append(frame.assign(coverage=exact(coverage), weighting="maximum" if weights is None else "fixed"))
    return pd.concat(frames, ignore_index=True).astype({"unit": "str", "weighting": "str"})


def _core_values(
    results: Results, keys: list[str], codes: Mapping[str, str], weights: Mapping[str, float] | None
) -> tuple[Floats, Floats]:
    """The value of the core for each unit, and how much of the whole's maximum it covers."""
    index, points, maximum = node_cells(results, keys, list(codes.values()))
    _, _, whole = node_cells(results, keys, [WHOLE])
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = 100 * maximum.sum(axis=1) / whole[:, 0]
        if weights is None:
            return 100 * points.sum(axis=1) / maximum.sum(axis=1), coverage
    share = np.array([float(weights[name]) for name in codes])
    return index @ (share / share.sum()), coverage


def _codes(core: Core, ordered: list[Results]) -> dict[int, dict[str, str]]:
    """The code of each part in each year. Raises all that is wrong: no code, no such node, one node inside another."""
    problems: list[Problem] = []
    if not core:
        problems.append(Problem("the common core has no part"))
    codes: dict[int, dict[str, str]] = {}
    for results in ordered:
        of_year: dict[str, str] = {}
        for name, code in core.items():
            own = code if isinstance(code, str) else code.get(results.year)
            if own is None:
                problems.append(Problem("the core has no code for {year}", value=name, year=results.year))
            else:
                of_year[name] = own
        problems += _code_problems(results, list(of_year.values()))
        codes[results.year] = of_year
    ParameterError.raise_for(problems)
    return codes


def _code_problems(results: Results, codes: list[str]) -> Iterator[Problem]:
    parents = dict(zip(results.nodes["node"], results.nodes["parent"], strict=True))
    for code in dict.fromkeys(codes):
        if code not in parents:
            yield not_a_node(results, code)
            continue
        above, at = [], parents[code]
        while isinstance(at, str) and code != WHOLE:
            above.append(at)
            at = parents.get(at)
        if codes.count(code) > 1 or set(above) & set(codes):
            yield Problem("{year}: this node counts twice in the core", value=code, year=results.year)


def _check_weights(weights: Mapping[str, float], core: Core) -> None:
    if set(weights) != set(core) or not all(np.isfinite(weight) and weight > 0 for weight in weights.values()):
        raise ParameterError(
            "weights must be positive, one for each part of the core: {parts}",
            value=dict(weights),
            parts=", ".join(core),
        )


# --- chained series -------------------------------------------------------------------------------


def splices(of: Iterable[Results], cores: Mapping[int, Core], *, least: float = 0.8) -> pd.DataFrame:
    """The links at the breaks of a series, one row for each: what carries values before it over to the scale after it.

    ``cores`` gives for each break (its year) the core that both sides share. ``year``, ``previous_year``, ``n`` (units
    whose whole and core are known on both sides), ``n_units`` (ranked on both), ``previous`` and ``value`` (means of
    the whole), ``previous_core`` and ``core`` (means of the core), ``previous_coverage`` and ``coverage`` of the core,
    ``factor`` and ``difference``: assumed is that on one scale the whole would have moved as the core did, in
    proportion (value / previous = factor x core / previous_core) or by as much (value - previous = difference + core -
    previous_core). Both are missing where ``n`` is less than the part ``least`` of ``n_units``.
    """
    ordered = in_years(of)
    broken = [(before, after) for before, after in pairwise(ordered) if breaks_between(before, after)]
    lacking = [str(after.year) for _, after in broken if after.year not in cores]
    if lacking:
        years = ", ".join(lacking)
        raise ParameterError("a common core is needed at: {years}", years=years)
    columns = ["year", "previous_year", "n", "n_units", "previous", "value", "previous_core", "core"]
    columns += ["previous_coverage", "coverage", "factor", "difference"]
    rows = [_splice(before, after, cores[after.year], least) for before, after in broken]
    whole = dict.fromkeys(columns[:4], "int64")
    return pd.DataFrame(rows, columns=columns).astype({**whole, **dict.fromkeys(columns[4:], "float64")})


def _splice(before: Results, after: Results, core: Core, least: float) -> tuple[object, ...]:
    codes = _codes(core, [before, after])
    shared = [unit for unit in after.ranked_units if unit in set(before.ranked_units)]
    columns: list[Floats] = []
    coverages: list[float] = []
    for results in (before, after):
        value, coverage = _core_values(results, shared, codes[results.year], None)
        columns += [Level(results).exact_values.reindex(shared).to_numpy(dtype=np.float64), value]
        coverages.append(float(coverage.mean()) if len(shared) else np.nan)
    table = np.column_stack(columns)
    table = table[np.isfinite(table).all(axis=1)]
    n = len(table)
    previous, previous_core, value_now, core_now = exact(table.mean(axis=0)) if n else np.full(4, np.nan)
    enough = n > 0 and n >= least * len(shared)
    factor = value_now * previous_core / (previous * core_now) if enough and previous * core_now > 0 else np.nan
    difference = (value_now - previous) - (core_now - previous_core) if enough else np.nan
    means = (previous, value_now, previous_core, core_now)
    return after.year, before.year, n, len(shared), *means, *coverages, factor, difference


def chain(
    of: Iterable[Results],
    cores: Mapping[int, Core],
    *,
    method: Method = "ratio",
    base: Literal["first", "last"] = "last",
    least: float = 0.8,
) -> pd.DataFrame:
    """The whole index over the years on the scale of the ``base`` year: values are carried over each break by its
    link (see ``splices``), one for all units, so ranks and order within a year stay.

    ``year``, ``unit``, ``value`` (as published), ``chained`` (NaN beyond a link that is not known), ``factor`` and
    ``difference`` (what carried it: chained = factor x value + difference), ``segment`` (1, 2, ... between breaks),
    ``break_mark``. Without a break chained values are the values. They may leave 0 to 100: no scale is behind them.
    """
    named(method, ("ratio", "difference"), Message("method of linking"))
    named(base, ("first", "last"), Message("base"))
    ordered = in_years(of)
    links = splices(ordered, cores, least=least).set_index("year")
    frame = series(ordered)[["year", "unit", "value", "break_mark"]]
    years = [results.year for results in ordered]
    segment = np.cumsum([1, *(year in links.index for year in years[1:])])
    scale, shift = _carried([year for year in years if year in links.index], links, method, base)
    place = frame["year"].map(dict(zip(years, segment, strict=True)))
    frame = frame.assign(segment=place.astype("int64"))
    frame["factor"] = frame["segment"].map(dict(enumerate(scale, start=1))).astype("float64")
    frame["difference"] = frame["segment"].map(dict(enumerate(shift, start=1))).astype("float64")
    frame["chained"] = exact((frame["factor"] * frame["value"] + frame["difference"]).to_numpy())
    return frame[["year", "unit", "value", "chained", "factor", "difference", "segment", "break_mark"]]


def _carried(years: list[int], links: pd.DataFrame, method: Method, base: str) -> tuple[Floats, Floats]:
    """For each segment, the factor and the difference that carry its values to the scale of the base."""
    n = len(years) + 1
    factors = links.loc[years, "factor"].to_numpy(dtype=np.float64)
    steps = links.loc[years, "difference"].to_numpy(dtype=np.float64)
    if base == "last":  # through every link after the segment
        scale = np.array([np.prod(factors[i:]) for i in range(n)])
        shift = np.array([np.sum(steps[i:]) for i in range(n)])
    else:  # back through every link before it
        scale = np.array([1 / np.prod(factors[:i]) for i in range(n)])
        shift = np.array([0.0 - np.sum(steps[:i]) for i in range(n)])
    return (scale, np.zeros(n)) if method == "ratio" else (np.ones(n), shift)


# --- convergence: spread by year (sigma), growth against the level at the start (beta) ------------


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
    named(form, ("log", "difference"), Message("form"))
    last.check_after(first)
    then, now = (Level(of, node, column).exact_values.dropna() for of in (first, last))
    both = [unit for unit in now.index if unit in then.index] if compares(first, last) else []
    frame = pd.DataFrame({"unit": both, "first": then[both].to_numpy(), "last": now[both].to_numpy()})
    years = last.year - first.year
    if form == "difference":
        return frame.assign(initial=frame["first"], growth=(frame["last"] - frame["first"]) / years)
    if (frame[["first", "last"]] <= 0).any(axis=None):
        raise ParameterError("the form log needs positive values; use the form difference")
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


# --- all of it in one go --------------------------------------------------------------------------


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
    ``maximum_basis`` ("computed", "printed", "deduced", ""), ``marks`` of the year, ``change`` of the mean since the
    year before on the same scale, and ``n_both``: over how many units it is, missing where it is that of the two means.

    Where both years are known in full, the change is that of the units ranked in both: a mean of other units says
    nothing of it. Where not every value is known, mean, minimum and maximum are those of ``statistics`` (in percent,
    so only with ``column`` "index").
    """
    frame = spread(years, column=column)
    for name, statistic in (("mean", "mean"), ("minimum", "min"), ("maximum", "max")):
        values = frame[name].to_numpy(dtype=np.float64, copy=True)
        bases = ["computed" if np.isfinite(value) else "" for value in values]
        for place, results in enumerate(years):
            if column == "index" and not bases[place]:
                result = statistics(results).set_index("statistic")
                values[place] = result["value"].astype("float64")[statistic]
                bases[place] = str(result["basis"][statistic])
        frame[name], frame[f"{name}_basis"] = values, bases
    frame["n_known"] = [results.n_known for results in years]  # as everywhere: also those known only as rounded
    changes = [(np.nan, None), *(_change(frame, place, *pair, column) for place, pair in enumerate(pairwise(years)))]
    frame["change"] = [moved for moved, _ in changes][: len(frame)]
    frame["n_both"] = pd.array([n for _, n in changes][: len(frame)], dtype="Int64")
    return frame.assign(marks=[";".join(results.marks) for results in years])


def _change(
    frame: pd.DataFrame, place: int, before: Results, results: Results, column: Column
) -> tuple[float, int | None]:
    """The change of the mean between two years, the first of them at a ``place`` of the frame, and of how many units it
    is."""
    if before.year != results.year - 1 or breaks_between(before, results):
        return np.nan, None
    then, now = (Level(of, column=column).exact_values.dropna() for of in (before, results))
    if len(then) == before.n_ranked and len(now) == results.n_ranked:
        moved = (now - then).dropna()
        return float(exact(moved.mean())), len(moved)
    return float(exact(np.diff(frame["mean"].to_numpy(dtype=np.float64)[place : place + 2])[0])), None
