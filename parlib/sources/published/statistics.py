"""Means of years that were not printed but follow from the printed mean of another year and the printed change.

The Ministry prints changes as differences of printed values (tests/reference shows it on every pair in the data), so
the mean that follows is the one it printed; it is still marked as derived.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from parlib.data_tables import base_year, since_base
from parlib.sources.published.files import records_of, years_of

FILE = "published/par_statistics.csv"


@dataclass(frozen=True)
class Mean:
    """A mean that follows from others, with the sources of all numbers it rests on."""

    value: float
    source_ids: str
    note: str = ""


@dataclass(frozen=True)
class _Step:
    """``mean(later) - mean(earlier) = change``, as printed."""

    later: int
    earlier: int
    change: Decimal
    source_ids: str


def deduced_means(level: str) -> dict[int, Mean]:
    """The means of the years that have none in print, where all ways of reaching them agree."""
    printed, steps = _printed(level)
    reached: dict[int, set[Decimal]] = {}
    sources = {year: ids for year, (_, ids) in printed.items()}
    frontier = {year: {value} for year, (value, _) in printed.items()}
    while frontier:
        found: dict[int, set[Decimal]] = {}
        for step in steps:
            for start, end, sign in ((step.earlier, step.later, 1), (step.later, step.earlier, -1)):
                if start in frontier and end not in printed:
                    new = {value + sign * step.change for value in frontier[start]} - reached.get(end, set())
                    if new and len(reached.get(end, set())) < 2:
                        found.setdefault(end, set()).update(new)
                        sources.setdefault(end, _joined(sources[start], step.source_ids))
        for year, values in found.items():
            reached.setdefault(year, set()).update(values)
        frontier = found
    note = "follows from the printed mean of another year and printed changes"
    return {year: Mean(float(*values), sources[year], note) for year, values in reached.items() if len(values) == 1}


def _printed(level: str) -> tuple[dict[int, tuple[Decimal, str]], list[_Step]]:
    means: dict[int, tuple[Decimal, str]] = {}
    steps = []
    for year in years_of(FILE, level):
        back_to = {"mean_change": year - 1, since_base(): base_year()}
        for row in records_of(FILE, year, level):
            value, ids = Decimal(str(row["value"])), row["source_ids"]
            if row["statistic"] == "mean" and not row["area"]:
                means[year] = (value, ids)
            elif row["statistic"] in back_to and not row["area"]:
                steps.append(_Step(year, back_to[row["statistic"]], value, ids))
    return means, steps


def _joined(*lists: str) -> str:
    return ";".join(dict.fromkeys(part for ids in lists for part in ids.split(";") if part))
