"""How many years in a row the units of a year have been at the head, in the best group, or rising, up to that year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib.analysis.mobility import in_band, in_top
from parlib.scoring.ranking import breaks_between, compares, known_changes
from parlib.scoring.results import Results
from parlib.scoring.settled import Level

__all__ = ["runs"]

CONDITIONS = ("top", "band", "rising")


@dataclass
class _Runs:
    """The runs that go on: the years so far by unit, and those that ended, with whether they may be longer."""

    going: dict[str, int] = field(default_factory=dict)
    ended: dict[str, tuple[int, bool]] = field(default_factory=dict)
    all_known: bool = True

    def go_on(self, state: pd.Series, first: bool) -> None:
        """One more year back: ``state`` by unit is 1 (met), 0 (not met) or NaN (not known)."""
        if first:
            self.going = {str(unit): 1 for unit in state.index[state == 1]}
            self.all_known = not bool(state.isna().any())
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
    not known: the run may be longer), ``break_mark`` (the scale, or for "band" the bounds of the groups, changed
    within it), ``all_known`` (whether it is known of every ranked unit if it meets the condition in the latest year).
    A year in which a unit's rank or value is not known ends its run. Sorted by
    condition, the longest first.
    """
    years = iter(back)
    latest = next(years)
    found = {name: _Runs() for name in CONDITIONS}
    _look(found, latest, n, first=True)
    newer, first = latest, True
    changed: dict[str, set[int]] = {name: set() for name in CONDITIONS}  # first years of a new scale
    for results in _in_a_row(years, latest):
        if breaks_between(results, newer):
            changed["top"].add(newer.year)
        if breaks_between(results, newer) or dict(results.bands) != dict(newer.bands):
            changed["band"].add(newer.year)
        found["rising"].go_on(_rising(results, newer), first)
        _look(found, results, n, first=False)
        newer, first = results, False
        if not any(run.going for run in found.values()):
            break
    for run in found.values():
        run.stop()
    order = {str(unit): place for place, unit in enumerate(latest.units["unit"])}
    rows = [
        (
            *(name, unit, length, latest.year - length + 1, at_least),
            any(latest.year - length + 1 < year for year in changed[name]),
            found[name].all_known,
        )
        for name, run in found.items()
        for unit, (length, at_least) in sorted(run.ended.items(), key=lambda item: (-item[1][0], order[item[0]]))
        if length > 1
    ]
    return pd.DataFrame(rows, columns=["condition", "unit", "years", "since", "at_least", "break_mark", "all_known"])


def _in_a_row(years: Iterator[Results], latest: Results) -> Iterator[Results]:
    """The years as long as none is left out."""
    for place, results in enumerate(years, 1):
        latest.check_after(results)
        if results.year != latest.year - place:
            return
        yield results


def _look(found: dict[str, _Runs], results: Results, n: int, first: bool) -> None:
    ranked = results.ranked_units
    found["top"].go_on(in_top(results, n).reindex(ranked), first)
    if results.bands:
        found["band"].go_on(in_band(results).reindex(ranked), first)
    else:
        found["band"].stop()


def _rising(results: Results, newer: Results) -> pd.Series:
    """Whether the value of each unit rose from ``results`` to ``newer``."""
    level = Level(newer)
    if not compares(results, newer) or breaks_between(results, newer):
        return pd.Series(np.nan, index=level.ranked)
    changes = known_changes(level, Level(results))
    return (changes > 0).astype("float64").mask(changes.isna())
