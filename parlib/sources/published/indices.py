"""Which published indices there are, for which levels and years, and how each is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from parlib import data_tables
from parlib.errors import ParameterError, Problem
from parlib.scoring import units
from parlib.scoring.results import Results
from parlib.sources.published import papi, par, related
from parlib.sources.published.files import years_of
from parlib.tables import Row
from parlib.words import FIRST, Name, near

Years = Callable[[str], list[int]]
Opener = Callable[[int, str], Results]


def _par_years(_: str) -> list[int]:
    """From the first to the last year of any result: a level without results of its own in a year opens empty."""
    found = [year for level in units.levels() for year in years_of("published/par_index.csv", level)]
    return list(range(min(found), max(found) + 1))


def _provincial(file: str, opened: Callable[[int], Results]) -> tuple[Years, Opener]:
    return lambda _: years_of(file), lambda year, _: opened(year)


#: Where the years and results of each index come from; what it is called, and of which levels, is data.
_READERS: dict[str, tuple[Years, Opener]] = {
    "par": (_par_years, par.par_results),
    "papi": _provincial("external/papi.csv", papi.papi),
    "sipas": _provincial("published/sipas.csv", related.sipas),
    "pci": _provincial("external/pci.csv", related.pci),
    "dti": _provincial("external/dti.csv", related.dti),
    "grdp": _provincial("external/grdp.csv", related.grdp),
}
INDEX_NAMES = tuple(_READERS)

#: Nodes that are totals, not values: those of GRDP.
TOTALS = ("component:grdp", "component:population")


def index_title(index_name: str, language: str = FIRST) -> str:
    """The name of an index as it is printed: "Chỉ số CCHC", "PAR INDEX", "PAPI", ..."""
    return index_name_of(index_name).text(language)


def index_name_of(index_name: str) -> Name:
    """The name of an index for messages."""
    return Name(_index(index_name)["name_vi"], _index(index_name)["name_en"])


def _index(index_name: str) -> Row:
    listed = data_tables.indices()
    if index_name not in listed:
        raise ParameterError(
            Problem(
                "no such index; there are {indices}{near}",
                value=index_name,
                near=near(index_name, listed),
                indices=", ".join(listed),
            )
        )
    return listed[index_name]


def levels(index_name: str) -> tuple[str, ...]:
    """The levels that an index is of."""
    named = _index(index_name)["levels"]
    return tuple(named.split(";")) if named else units.levels()


def index_names(level: str) -> list[str]:
    """The indices of a level."""
    return [name for name in data_tables.indices() if level in levels(name)]


def years(index_name: str, level: str) -> list[int]:
    """The years of which results can be opened, ascending."""
    if data_tables.check_level(level) not in levels(index_name):
        raise ParameterError(
            Problem(
                "{name} has no results of this level, only of {levels}",
                value=level,
                name=index_name_of(index_name),
                levels=", ".join(levels(index_name)),
            )
        )
    return _READERS[index_name][0](level)


def spans(found: Iterable[int]) -> str:
    """Years in few words: "2011-2013, 2015"."""
    runs: list[list[int]] = []
    for year in sorted(found):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def results(index_name: str, year: int, level: str) -> Results:
    """The published results of an index in a year; ``ParameterError`` says which years, levels and indices there are.

    What no source printed stays unknown. A year of the PAR INDEX without results of a level opens empty.
    """
    found = years(index_name, level)
    if year not in found:
        raise ParameterError(
            Problem(
                "no results of {title} for this year; there are {spans}",
                value=year,
                title=index_name_of(index_name),
                spans=spans(found),
            )
        )
    return _READERS[index_name][1](year, level)


def available(index_name: str = "par") -> pd.DataFrame:
    """What there is: ``index_name``, ``level``, ``year``, ``n_known`` (units with an index), ``n_units`` (of how many).

    ``index_name`` "" gives all indices. ``n_units`` is missing where no source says how many units were ranked.
    """
    rows = []
    for name in (index_name,) if index_name else INDEX_NAMES:
        for level in levels(name):
            for year in years(name, level):
                opened = results(name, year, level)
                number = len(opened.units) if name == "papi" else opened.n_ranked
                rows.append((name, level, year, opened.n_known, number))
    frame = pd.DataFrame(rows, columns=["index_name", "level", "year", "n_known", "n_units"])
    return frame.astype({"n_units": "Int64"})


def population(year: int) -> tuple[pd.Series, int]:
    """The population of the 63 provinces (thousands) in ``year``, or in the nearest year there is, and that year."""
    nearest = min(years("grdp", "province"), key=lambda other: (abs(other - year), -other))
    return results("grdp", nearest, "province").values("component:population", "points"), nearest
