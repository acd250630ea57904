"""Ranks, bands and gaps of a year, worked out or printed; only what the known data settle is given."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite, nan

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.scoring.printed import BOTTOM, TOP, Column, Level, Statistic, Threshold, above, at
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.settled import Counts, Settling, counts_of


def rank(results: Results, node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
    """One row for every unit of ``results.units``, in official order.

    ``unit``, ``ranked``, ``index`` (of ``column``), ``rank`` (missing = not known, or not ranked), ``rank_min``,
    ``rank_max``, ``rank_basis``, ``basis`` of the index, ``index_min``, ``index_max`` (what it can be), ``band`` (""
    = not known), ``gap_above`` and ``gap_below`` (to the next better and the next worse rank), ``gap_to_first``,
    ``above_mean`` (missing = not known). Ranks are computed only where the value of every ranked unit is known;
    where it is not, the known ranks and values still bound the others, and a rank whose bounds meet is "derived".
    ``value`` is the whole or the node as its publisher prints it (``Results.scale``: PAPI in points, not in percent of
    the maximum as ``index``). ``attrs`` say what the frame is of: see ``Results.about``.
    """
    key = ("rank", node, column)
    if key not in results.memo:
        results.memo[key] = _ranked(results, node, column)
    return results.memo[key].copy()


def _ranked(results: Results, node: str, column: Column) -> pd.DataFrame:
    level = Level(results, node, column)
    figures = Settling(level).settle()
    settled = level.complete and not level.ranks["rank_min"].isna().any()
    counts = None if settled else counts_of(level, figures)
    held = {str(unit): (float(least), float(most), str(basis)) for unit, least, most, basis in level.ranks.itertuples()}
    rows = [_row(level, counts, str(unit), held.get(str(unit))) for unit in results.units["unit"]]
    frame = pd.DataFrame(rows, columns=["unit", "ranked", "rank_min", "rank_max", "rank_basis", "low", "high"])
    frame["index"] = level.values.reindex(frame["unit"]).to_numpy()
    frame["value"] = Level(results, node, results.scale.column).values.reindex(frame["unit"]).to_numpy()
    frame["rank"] = frame["rank_min"].where(frame["rank_min"] == frame["rank_max"])
    frame["basis"] = basis_of(results, node, frame["unit"], frame["index"])
    spans = list(zip(frame["low"], frame["high"], strict=True))
    frame["band"] = [_band(results, *span) if node == WHOLE and column == "index" else "" for span in spans]
    for place, end in enumerate(("index_min", "index_max")):
        frame[end] = [span[place][0] if isfinite(span[place][0]) else nan for span in spans]
    number, mean = figures.get("n_above_mean"), figures.get("mean")
    ends = zip(frame["rank_min"], frame["rank_max"], spans, strict=True)
    frame["above_mean"] = pd.array([_above(number, best, worst, mean, *span) for best, worst, span in ends], "boolean")
    frame[list(_GAPS)] = _gaps(level, counts, frame)
    columns = ["unit", "ranked", "index", "rank", "rank_min", "rank_max", "rank_basis", "basis"]
    columns += ["index_min", "index_max", "band", *_GAPS, "above_mean", "value"]
    whole = dict.fromkeys(("rank", "rank_min", "rank_max"), "Int64")
    frame = frame[columns].astype({"unit": "str", "ranked": "bool", **whole})
    frame.attrs = results.about(node)
    return frame


def basis_of(results: Results, node: str, units: Iterable[str], values: Iterable[float]) -> list[str]:
    """What the values of ``units`` rest on: as their source says, else "computed"; "" where nothing is known."""
    bases = results.bases[results.bases["node"] == node].set_index("unit")["basis"]
    known = {unit: "computed" if isfinite(value) else "" for unit, value in zip(units, values, strict=True)}
    return [str(bases.get(unit, basis)) for unit, basis in known.items()]


def _row(level: Level, counts: Counts | None, unit: str, held: tuple[float, float, str] | None) -> tuple[object, ...]:
    """Rank bounds and the span of the value of one unit, from what is known of it (``held``; none where it is not
    ranked) and of all others."""
    low, high = level.span(unit)
    if held is None:
        return unit, False, nan, nan, "", low, high
    rank_min, rank_max, basis = held
    known, best, worst = isfinite(rank_min), rank_min, rank_max
    if counts is not None and (known or (low, high) != (BOTTOM, TOP)):
        best, worst = (int(rank_min), int(rank_max)) if known else (1, counts.n_units)
        bounded = counts.ranks(low, high)
        if best != worst:
            best, worst = max(best, bounded[0]), min(worst, bounded[1])
        low, high = max(low, counts.place(worst)[0]), min(high, counts.place(best)[1])
        known = known or (best, worst) != (1, counts.n_units)
    if not known:
        return unit, True, nan, nan, "", low, high
    printed = basis if (best, worst) == (rank_min, rank_max) else ""
    return unit, True, best, worst, printed or "derived", low, high


def _band(results: Results, low: Threshold, high: Threshold) -> str:
    """The group that a value surely lies in."""
    ceiling = TOP
    for name, bound in results.bands.items():
        if low >= at(bound) and high <= ceiling:
            return str(name)
        ceiling = at(bound)
    return ""


def _above(
    number: Statistic | None, best: float, worst: float, mean: Statistic | None, low: Threshold, high: Threshold
) -> bool | None:
    if number is not None and worst <= number.value:
        return True
    if number is not None and best > number.value:
        return False
    if mean is None:
        return None
    off = 0.0 if mean.basis == "computed" else 0.005  # a printed mean is good to half of its last decimal
    if low > at(float(exact(mean.value + off))):
        return True
    return False if high <= above(float(exact(mean.value - off))) else None


_GAPS = ("gap_above", "gap_below", "gap_to_first")


def _gaps(level: Level, counts: Counts | None, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """The distances to the next better rank, the next worse one and the first, where both values are settled."""
    size = frame.loc[frame["ranked"], "rank"].value_counts()
    settled = Counts.of(level) if level.complete else counts
    values = dict(enumerate(settled.values, start=1)) if settled else {}
    gaps = np.full((len(frame), len(_GAPS)), nan)
    for row, (unit, place) in enumerate(zip(frame["unit"], frame["rank"], strict=True)):
        own = float(level.exact_values.get(unit, nan))
        if isfinite(place) and isfinite(own):
            follower = int(place) + int(size[place])
            below = values.get(follower, nan)
            if below == own and follower not in size.index:
                below = nan  # the follower may share the rank: a unit of which the rank is not known
            gaps[row] = values.get(int(place) - 1, nan) - own, own - below, values.get(1, nan) - own
    return np.asarray(exact(gaps))
