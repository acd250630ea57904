"""What was published of SIPAS in a year, for a report on another index of that year."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from parlib.decisions import breaks
from parlib.scoring.results import Results
from parlib.sources.published.files import known, rows_of, whole_numbers, years_of

_STATISTICS = "published/sipas_statistics.csv"
_UNITS = "published/sipas.csv"


@dataclass(frozen=True)
class Satisfaction:
    """SIPAS as published; every frame is empty where nothing was.

    ``statistics``  ``statistic``, ``value``: printed for the year. ``means``  ``year``, ``mean``, ``break_mark``: the
    printed national means to this year. ``units``  ``unit``, ``value``, ``rank`` (printed), ``basis``, ``rank_basis``:
    the provinces of which a value or a rank was.
    """

    statistics: pd.DataFrame = field(default_factory=pd.DataFrame)
    means: pd.DataFrame = field(default_factory=pd.DataFrame)
    units: pd.DataFrame = field(default_factory=pd.DataFrame)


def satisfaction(results: Results) -> Satisfaction:
    """SIPAS of the year of published results of the PAR INDEX of provinces; nothing for any others."""
    if (results.index_name, results.level, results.stage) != ("par", "province", "published"):
        return Satisfaction()
    rows = rows_of(_UNITS, results.year)
    units = pd.DataFrame(
        {
            "unit": rows["key"].astype("str"),
            "value": rows["value"].astype("float64"),
            "rank": whole_numbers(rows["rank"]),
            "basis": rows["basis"].astype("str"),
            "rank_basis": rows["rank_basis"].astype("str"),
        }
    )
    units = units[known(units["value"]) | units["rank"].notna()].reset_index(drop=True)
    broken = breaks("province", "sipas")
    means = []
    for year in years_of(_STATISTICS):
        printed = rows_of(_STATISTICS, year)
        values = printed.loc[printed["statistic"] == "mean", "value"]
        if year <= results.year and len(values):
            means.append((year, float(values.iloc[0]), year in broken))
    statistics = rows_of(_STATISTICS, results.year)[["statistic", "value"]]
    if not len(statistics) and not len(units):
        return Satisfaction()
    return Satisfaction(statistics, pd.DataFrame(means, columns=["year", "mean", "break_mark"]), units)


def satisfaction_sources(results: Results) -> list[tuple[int, str]]:
    """The year and the sources of each thing that ``satisfaction`` gives for the same results."""
    found = satisfaction(results)
    if found.statistics.empty and found.units.empty:
        return []
    lists = [(results.year, text) for text in rows_of(_UNITS, results.year)["source_ids"].astype("str")]
    if found.units.empty:
        lists = []
    for year in dict.fromkeys([results.year, *(int(year) for year in found.means["year"])]):
        rows = rows_of(_STATISTICS, year)
        chosen = rows.loc[(rows["statistic"] == "mean") | (year == results.year), "source_ids"]
        lists += [(year, text) for text in chosen.astype("str")]
    return lists
