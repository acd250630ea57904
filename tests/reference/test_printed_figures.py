"""The backtest: every printed figure that the data settles without it is worked out again and compared.

What disagrees must stand in explained_differences.csv with its reason, and nothing may stand there that agrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parlib import places, years
from parlib.analysis import comparison
from parlib.analysis.statistics import statistics
from parlib.scoring.ranking import Level, counts_of
from parlib.scoring.results import Results
from parlib.sources import published

YEARS = sorted(set(years.available("par")["year"]))
LEVELS = sorted(set(years.available("par")["level"]))
EXPLAINED = Path(__file__).with_name("explained_differences.csv")

#: What was compared, which year, level and unit or region, what is printed, what the rest of the print gives.
Difference = tuple[str, int, str, str, float, float]


@cache
def opened(year: int, level: str, index_name: str = "par") -> Results:
    return published.results(index_name, year, level)


def differs(printed: float, result: float, slack: float = 1e-9) -> bool:
    return abs(printed - result) > slack


# --- what is compared -----------------------------------------------------------------------------


def printed_statistics() -> Iterator[Difference | None]:
    """Each printed statistic, hidden in turn, against what the units and the other printed ones of the year settle."""
    for year in YEARS:
        for level in LEVELS:
            results = opened(year, level)
            rows = results.printed_statistics
            for place, row in rows[~rows["derived"]].iterrows():
                rest = replace(results, printed_statistics=rows.drop(index=place))
                result = statistics(rest, node=row["node"]).set_index("statistic")
                if row["statistic"] in result.index and result.loc[row["statistic"], "basis"]:
                    value = float(result.loc[row["statistic"], "value"])
                    same = not differs(row["value"], value)
                    yield None if same else (row["statistic"], year, level, row["node"], row["value"], value)


def printed_changes() -> Iterator[Difference | None]:
    """Each printed change against the difference of the two printed values, where both are."""
    for year in YEARS[1:]:
        for level in LEVELS:
            now, then = Level(opened(year, level)).exact_values, Level(opened(year - 1, level)).exact_values
            for row in opened(year, level).printed_changes.itertuples():
                result = round(now.get(row.unit, np.nan) - then.get(row.unit, np.nan), 9)
                if np.isfinite(result):
                    yield ("change", year, level, row.unit, row.change, result) if differs(row.change, result) else None


def printed_regions() -> Iterator[Difference | None]:
    """Printed changes of regions against both printed means, and the means against the national one."""
    for year in YEARS[1:]:
        now = comparison.regions(opened(year, "province")).set_index("region")
        then = comparison.regions(opened(year - 1, "province")).set_index("region")
        for region, row in now.iterrows():
            result = round(row["mean"] - then.loc[region, "mean"], 9)
            if np.isfinite(result) and np.isfinite(row["change"]):
                same = not differs(row["change"], result)
                yield None if same else ("region change", year, "province", str(region), row["change"], result)
        mean = statistics(opened(year, "province")).set_index("statistic").loc["mean", "value"]
        together = float((now["mean"] * now["n"]).sum(skipna=False)) / 63
        if np.isfinite(mean) and np.isfinite(together):
            # six means good to 0.005 each, weighted: together good to 0.005; the national mean to 0.005 again
            same = not differs(mean, together, 0.01)
            yield None if same else ("mean of the regions", year, "province", "", mean, round(together, 4))


def printed_parts() -> Iterator[Difference | None]:
    """Sums of printed parts against the printed total: each part is good to 0.005."""
    for year in YEARS:
        for level in LEVELS:
            frame = comparison.parts(opened(year, level))
            whole = opened(year, level).values()
            expected = {"ministry": 2, "province": 2 if year == 2012 else 4}[level]
            for unit, rows in frame.groupby("unit"):
                if len(rows) == expected and np.isfinite(whole[unit]):
                    result, slack = round(rows["points"].sum(), 9), 0.005 * (expected + 1) + 1e-9
                    same = not differs(whole[unit], result, slack)
                    yield None if same else ("sum of parts", year, level, str(unit), whole[unit], result)


def printed_areas() -> Iterator[Difference | None]:
    """Printed percentages of areas against printed points and maxima."""
    for year in YEARS:
        for level in LEVELS:
            table = opened(year, level).table
            areas = table[table["node"].str.fullmatch("[1-8]")].dropna(subset=["index", "points", "maximum"])
            for row in areas.itertuples():
                result = 100 * row.points / row.maximum
                slack = 0.005 * 100 / row.maximum + 0.005 + 1e-9
                index = float(areas.loc[row.Index, "index"])
                same = not differs(index, result, slack)
                where = f"{row.unit} {row.node}"
                yield None if same else ("area", year, level, where, index, round(result, 4))


def printed_totals_of_rises() -> Iterator[Difference | None]:
    """Printed numbers of rises and falls against the number of units."""
    for year in YEARS:
        for level in LEVELS:
            printed = opened(year, level).printed_statistics.set_index("statistic")["value"]
            if {"n_rose", "n_fell"} <= set(printed.index):
                result, number = float(printed["n_rose"] + printed["n_fell"]), float(opened(year, level).n_ranked or 0)
                yield None if result == number else ("rises and falls", year, level, "", number, result)


def printed_sipas() -> Iterator[Difference | None]:
    """Printed statistics of SIPAS against its printed values and the printed means of both years."""
    for year in range(2017, 2025):
        results = opened(year, "province", "sipas")
        rows = results.printed_statistics
        previous = opened(year - 1, "province", "sipas") if year > 2017 else None
        for place, row in rows.iterrows():
            rest = replace(results, printed_statistics=rows.drop(index=place))
            result = statistics(rest, previous).set_index("statistic")
            if row["statistic"] in result.index and result.loc[row["statistic"], "basis"]:
                value = float(result.loc[row["statistic"], "value"])
                same = not differs(row["value"], value)
                yield None if same else (f"sipas {row['statistic']}", year, "province", "", row["value"], value)


_SOURCES = {
    "statistics": (printed_statistics, 45),
    "changes": (printed_changes, 6),
    "regions": (printed_regions, 4),
    "parts": (printed_parts, 40),
    "areas": (printed_areas, 25),
    "rises": (printed_totals_of_rises, 2),
    "sipas": (printed_sipas, 10),
}


@cache
def compared(name: str) -> tuple[Difference | None, ...]:
    return tuple(_SOURCES[name][0]())


@pytest.mark.long
@pytest.mark.parametrize("name", _SOURCES)
def test_enough_printed_figures_can_be_worked_out_again(name: str):
    assert len(compared(name)) >= _SOURCES[name][1]


def test_printed_figures_agree_but_for_the_explained_differences():
    results = {difference for name in _SOURCES for difference in compared(name) if difference is not None}
    explained = pd.read_csv(EXPLAINED, keep_default_na=False)
    listed = {tuple(row) for row in explained.drop(columns="reason").itertuples(index=False)}
    assert results == listed
    assert explained["reason"].str.len().gt(20).all()


def test_nothing_that_is_known_of_a_year_contradicts_the_rest():
    """Values, ranks, groups and printed counts of each year and level can all be true together."""
    for year in YEARS:
        for level in LEVELS:
            one = Level(opened(year, level))
            if one.n_units:
                assert counts_of(one, one.printed) is not None, (year, level)


def test_printed_differences_are_differences_of_printed_values():
    """Why a value that follows from a printed difference is taken as the printed one (no pair disagrees)."""
    index = pd.read_csv(places.data() / "published/par_index.csv")
    index = index[index["basis"] == "published"].set_index(["year", "level", "key"])["index"]
    changes = pd.read_csv(places.data() / "published/par_changes.csv")
    pairs = [
        (row.change, round(index[row.year, row.level, row.key] - index[row.year - 1, row.level, row.key], 2))
        for row in changes.itertuples()
        if (row.year, row.level, row.key) in index.index and (row.year - 1, row.level, row.key) in index.index
    ]
    assert len(pairs) >= 6
    assert all(printed == match for printed, match in pairs)
