"""How many years in a row the units of a year have been at the head, in the best group, or rising, up to that year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib.analysis.settling import Level
from parlib.analysis.statistics import breaks_between, compares, known_changes
from parlib.results import Results

__all__ = ["runs"]

CONDITIONS = ("top", "band", "rising")


@dataclass
class _Runs:
    """The runs that go on: the years so far by unit, and those that ended, with whether they may be longer."""

    going: dict[str, int] = field(default_factory=dict)
    ended: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def go_on(self, state: pd.Series, first: bool) -> None:
        """One more year back: ``state`` by unit is 1 (met), 0 (not met) or NaN (not known)."""
        if first:
            self.going = {str(unit): 1 for unit in state.index[state == 1]}
            return
        for unit in list(self.going):
            met = float(state.get(unit, np.nan))
            if met == 1:
                self.going[unit] += 1
            else:
                self.ended[unit] = (self.going.pop(unit), bool(np.isnan(met)))

    def stop(self) -> None:
        """No year further back is known: what goes on may be longer."""
        self.ended |= {unit: (years, True) for unit, years in self.going.items()}
        self.going = {}


def runs(back: Iterable[Results], n: int = 5) -> pd.DataFrame:
    """The years in a row of every unit that met a condition in the last two years at least.

    ``back`` are the results of a year, then those of each year before, the latest first; they are read only as far as
    some run goes on. ``condition``: "top" (rank 1 to ``n``), "band" (in the best group), "rising" (above the value of
    the year before, on one scale); ``unit``; ``years``; ``since`` (the first of them); ``at_least`` (what was before is
    not known: the run may be longer). A year in which a unit's rank or value is not known ends its run. Sorted by
    condition, the longest first.
    """
    years = iter(back)
    latest = next(years)
    found = {name: _Runs() for name in CONDITIONS}
    _look(found, latest, n, first=True)
    newer, first = latest, True
    for results in _in_a_row(years, latest):
        found["rising"].go_on(_rising(results, newer), first)
        _look(found, results, n, first=False)
        newer, first = results, False
        if not any(run.going for run in found.values()):
            break
    for run in found.values():
        run.stop()
    order = {str(unit): place for place, unit in enumerate(latest.units["unit"])}
    rows = [
        (name, unit, length, latest.year - length + 1, at_least)
        for name, run in found.items()
        for unit, (length, at_least) in sorted(run.ended.items(), key=lambda item: (-item[1][0], order[item[0]]))
        if length > 1
    ]
    return pd.DataFrame(rows, columns=["condition", "unit", "years", "since", "at_least"])


def _in_a_row(years: Iterator[Results], latest: Results) -> Iterator[Results]:
    """The years as long as none is left out."""
    for place, results in enumerate(years, 1):
        latest.check_after(results)
        if results.year != latest.year - place:
            return
        yield results


def _look(found: dict[str, _Runs], results: Results, n: int, first: bool) -> None:
    level = Level(results)
    found["top"].go_on(_top(level, n), first)
    if results.bands:
        found["band"].go_on(_best_group(level), first)
    else:
        found["band"].stop()


def _top(level: Level, n: int) -> pd.Series:
    """Also from bounds of a rank: one between 2 and 4 is among the first five."""
    best, worst = (level.ranks[name].astype("float64") for name in ("rank_min", "rank_max"))
    return pd.Series(np.where(worst <= n, 1.0, np.where(best > n, 0.0, np.nan)), index=level.ranks.index)


def _best_group(level: Level) -> pd.Series:
    bound = max(level.results.bands.values())
    spans = {unit: level.span(unit) for unit in level.ranked}
    states = {
        unit: 1.0 if low >= (bound, 0) else 0.0 if high <= (bound, 0) else np.nan for unit, (low, high) in spans.items()
    }
    return pd.Series(states, dtype="float64")


def _rising(results: Results, newer: Results) -> pd.Series:
    """Whether the value of each unit rose from ``results`` to ``newer``."""
    level = Level(newer)
    if not compares(results, newer) or breaks_between(results, newer):
        return pd.Series(np.nan, index=level.ranked)
    changes = known_changes(level, Level(results))
    return (changes > 0).astype("float64").mask(changes.isna())
