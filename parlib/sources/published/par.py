"""The published PAR INDEX of a year: what was printed, as one ``Results``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import pandas as pd

from parlib import data_tables, decisions
from parlib.scoring import scheme, units
from parlib.scoring.results import WHOLE, Results, index_table
from parlib.sources.published.files import Record, records_of
from parlib.sources.published.names import english
from parlib.sources.published.statistics import deduced_means
from parlib.words import Message

COMPONENT = scheme.COMPONENT
WHOLE_NAMES = scheme.WHOLE_NAMES["par"]

# Two numbers printed to two decimals give a third that is good to 0.01; where less was printed, the note says so.
_DERIVED_TO = 0.01
_GOOD_TO = re.compile(r"good to (0\.\d+)")
_ONE_DECIMAL = "printed with one decimal"


@dataclass(frozen=True)
class _Year:
    """The rows of one year and level of each file, and the maxima printed for its set of criteria."""

    year: int
    level: str
    index: list[Record]
    areas: list[Record]
    parts: list[Record]
    changes: list[Record]
    area_table: pd.DataFrame
    component_table: pd.DataFrame
    maximum: float

    @classmethod
    def read(cls, year: int, level: str) -> _Year:
        areas = records_of("published/par_area_index.csv", year, level)
        return cls(
            year=year,
            level=level,
            index=records_of("published/par_index.csv", year, level),
            areas=[{**row, "node": _area_node(row["area_code"])} for row in areas if row["scope"] == "total"],
            parts=records_of("published/par_components.csv", year, level),
            changes=records_of("published/par_changes.csv", year, level),
            area_table=decisions.areas_of(year, level),
            component_table=decisions.components_of(year, level),
            maximum=decisions.total_of(year, level)[0],
        )

    @property
    def maxima(self) -> dict[str, float]:
        """Printed maxima by node; the maximum of a part of an area (scope) is another thing and left out."""
        whole = self.area_table[self.area_table["scope"] == "total"]
        maxima = dict(zip(whole["node"], whole["maximum"], strict=True))
        components = zip(self.component_table["component"], self.component_table["maximum"], strict=True)
        return {**maxima, **{COMPONENT + key: maximum for key, maximum in components}}


def _area_node(code: str) -> str:
    """The node of an area code; the surveyed block "impact" is not one of the areas."""
    return code if code.isdigit() else COMPONENT + code


def _frame(rows: Sequence[tuple[object, ...]], columns: str, **types: str) -> pd.DataFrame:
    """A table of ``rows``; columns are text where ``types`` says nothing else."""
    names = columns.split()
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    typed = {name: pd.Series(column, dtype=types.get(name, "str")) for name, column in zip(names, cells, strict=True)}
    return pd.DataFrame(typed)


def par_results(year: int, level: str) -> Results:
    """The printed results of the PAR INDEX of a year: partial in most years, and empty where nothing was found."""
    of = _Year.read(year, level)
    listed = _units(of)
    table = index_table(_frame(list(_table_rows(of)), _TABLE, **_TABLE_TYPES))
    ranked = {unit for unit, counts in listed if counts}
    statistics = list(_printed_statistics(of, len(ranked)))
    number = max([len(ranked), *(int(row[1]) for row in statistics if row[0] == "n_units")])
    n_known = sum(row["key"] in ranked and not isnan(row["index"]) for row in of.index)
    rests_on = {row["basis"] for row in of.index} | {row["rank_basis"] for row in of.index}
    marks = {
        "partial": n_known < number or not number,
        "secondary": "secondary" in rests_on,
        "derived": bool(rests_on & {"derived", "rounded"}),
    }
    return Results(
        index_name="par",
        year=year,
        level=level,
        table=table,
        units=_frame(listed, "unit ranked", ranked="bool"),
        nodes=_nodes(of, table),
        bands=decisions.bands_of(year, level),
        ranks=_ranks(of),
        bases=_frame(list(_bases(of)), "unit node basis source_ids note"),
        bounds=_frame(list(_bounds(of)), "unit index_min index_max", index_min="float64", index_max="float64"),
        node_ranks=_node_ranks(of),
        printed_statistics=_frame(
            statistics, "statistic value node unit derived source_ids note", value="float64", derived="bool"
        ),
        printed_regions=_printed_regions(year, level),
        printed_changes=_frame(
            [tuple(row[name] for name in ("key", "change", "source_ids", "note")) for row in of.changes],
            "unit change source_ids note",
            change="float64",
        ),
        marks=tuple(mark for mark, applies in marks.items() if applies),
        decision=decisions.decision_of(year, level),
        break_before=year in decisions.breaks(level),
        system=data_tables.system_of(year, level),
    )


def _units(of: _Year) -> list[tuple[str, bool]]:
    """The assessed units; where no source settles the list, those that some source names."""
    listed = units.assessed(of.year, of.level)
    if len(listed):
        return list(zip(listed["unit"], listed["ranked"], strict=True))
    named = {row["key"] for rows in (of.index, of.areas, of.changes) for row in rows}
    apart = {row["key"] for row in of.index if row["basis"] == "not_ranked"}
    order = [unit.key for unit in units.units_of_year(of.year, of.level)]
    return [(key, key not in apart) for key in order if key in named]


# --- the index table --------------------------------------------------------------------------


_TABLE = "year level unit node points maximum index stage"
_TABLE_TYPES = {"year": "int64", "points": "float64", "maximum": "float64", "index": "float64"}


def _table_rows(of: _Year) -> Iterator[tuple[object, ...]]:
    """Rows of the index table: the whole index, areas, components; what no source has is left out.

    The whole index is a percentage; it is the points too where the maximum was printed, which is 100 wherever it was.
    """
    maxima = of.maxima

    def row(unit: str, node: str, points: float, maximum: float, index: float = nan) -> tuple[object, ...]:
        return of.year, of.level, unit, node, points, maximum, index, "published"

    for source in of.index:
        if not isnan(source["index"]):
            points = source["index"] if of.maximum == 100 else nan
            yield row(source["key"], WHOLE, points, of.maximum, source["index"])
    for source in of.areas:
        if not (isnan(source["index"]) and isnan(source["points"])):
            printed = source["max_points"]
            maximum = maxima.get(source["node"], nan) if isnan(printed) else printed
            yield row(source["key"], source["node"], source["points"], maximum, source["index"])
    for node, points, source, _ in _component_sources(of):
        yield row(source["key"], node, points, maxima.get(node, nan))


def _component_sources(of: _Year) -> Iterator[tuple[str, float, Record, str]]:
    """Points of components: the node, the points, the row that has them and what they rest on."""
    for name in ("appraisal", "sipas", "leaders", "impact"):
        for source in of.parts:
            if not isnan(points := source[f"{name}_points"]):
                yield COMPONENT + name, points, source, "published"
    for name in ("appraisal", "survey"):
        for source in of.index:
            if not isnan(points := source[f"{name}_points"]):
                # where the press gave the index, its parts may still be from a third-party data set: the note says so
                lent = source["basis"] == "secondary" or "third-party" in source["note"]
                yield COMPONENT + name, points, source, "secondary" if lent else "published"


def appraised_parts(year: int, level: str) -> pd.DataFrame:
    """Areas printed without their surveyed part: an index table of its own, never to be mixed with that of the areas.

    Columns as the index table (stage "published"), and ``source_ids``. Empty in most years.
    """
    areas = records_of("published/par_area_index.csv", year, level)
    rows = [row for row in areas if row["scope"] == "appraised_part"]
    cells = [
        (year, level, row["key"], row["area_code"], row["points"], row["max_points"], row["index"], "published")
        for row in rows
    ]
    table = index_table(_frame(cells, _TABLE, **_TABLE_TYPES))
    return table.assign(source_ids=pd.Series([row["source_ids"] for row in rows], dtype="str"))


# --- nodes ------------------------------------------------------------------------------------

_COMPONENT_NAMES = {
    "appraisal": Message("Appraised points"),
    "sipas": Message("Satisfaction index (SIPAS)"),
    "leaders": Message("Survey of leaders and managers"),
    "impact": Message("Impact of the reform on socio-economic development"),
    "survey": Message("Points of the sociological survey"),
}


def _nodes(of: _Year, table: pd.DataFrame) -> pd.DataFrame:
    """The whole, then the areas and components that are known of the year, with the names of that year."""
    maxima, components = of.maxima, of.component_table
    seen = {row["node"]: row["area_name_vi"] for row in of.areas}
    names = {COMPONENT + key: name.text() for key, name in _COMPONENT_NAMES.items()}
    names |= {COMPONENT + key: name for key, name in zip(components["component"], components["name"], strict=True)}
    names |= {**dict(zip(of.area_table["node"], of.area_table["name"], strict=True)), **seen}
    areas = sorted((code for code in names if not code.startswith(COMPONENT)), key=int)
    listed = [COMPONENT + key for key in components.loc[components["kind"] == "part", "component"]]
    found = [node for node in table["node"].unique() if node.startswith(COMPONENT)]
    rows: list[tuple[object, ...]] = [(WHOLE, *WHOLE_NAMES, of.maximum, None, "whole")]
    for nodes, kind in ((areas, "area"), (dict.fromkeys([*listed, *found]), "component")):
        rows += [(node, names[node], english(names[node]), maxima.get(node, nan), "", kind) for node in nodes]
    return _frame(rows, "node name name_en maximum parent kind", maximum="float64", parent="object")


# --- ranks, bounds, what numbers rest on ------------------------------------------------------


def _ranks(of: _Year) -> pd.DataFrame:
    rows = []
    for row in of.index:
        lowest, highest = (row["rank"] if isnan(row[name]) else row[name] for name in ("rank_min", "rank_max"))
        if not isnan(lowest):
            rows.append((row["key"], row["rank"], lowest, highest, row["rank_basis"] or "published"))
    whole = dict.fromkeys(("rank", "rank_min", "rank_max"), "Int64")
    return _frame(rows, "unit rank rank_min rank_max rank_basis", **whole)


def _node_ranks(of: _Year) -> pd.DataFrame:
    rows = [
        (row["key"], row["node"], row["area_rank"], row["source_ids"])
        for row in of.areas
        if not isnan(row["area_rank"])
    ]
    return _frame(rows, "unit node rank source_ids", rank="Int64")


def _bases(of: _Year) -> Iterator[tuple[str, str, str, str, str]]:
    """What each number rests on, with its sources; also those of units of which only a rank or a range is known."""
    for row in of.index:
        yield row["key"], WHOLE, row["basis"], row["source_ids"], row["note"]
    for row in of.areas:
        basis = row["index_basis"] or ("rank_only" if isnan(row["points"]) else "published")
        yield row["key"], row["node"], "published" if basis == "printed" else basis, row["source_ids"], row["note"]
    for node, _, row, basis in _component_sources(of):
        yield row["key"], node, basis, row["source_ids"], row["note"]


def _bounds(of: _Year) -> Iterator[tuple[str, float, float]]:
    """Printed ranges, and how far off a derived or roughly printed index can be."""
    for row in of.index:
        index, good = row["index"], _GOOD_TO.search(row["note"])
        if not isnan(row["index_min"]):
            yield row["key"], row["index_min"], row["index_max"]
        elif row["basis"] == "derived":
            off = float(good[1]) if good else _DERIVED_TO
            yield row["key"], round(index - off, 9), round(index + off, 9)
        elif _ONE_DECIMAL in row["note"] and row["basis"] == "published":
            # one decimal was sometimes rounded and sometimes cut: 83.98 was also printed as 83.9
            yield row["key"], round(index - 0.05, 9), round(index + 0.1, 9)


# --- printed figures on the year as a whole ---------------------------------------------------


def _printed_statistics(of: _Year, n_listed: int) -> Iterator[tuple[str, float, str, str, bool, str, str]]:
    """The statistics printed for the level and for the country, with the number ranked and means that follow."""
    printed = set()
    for level in (of.level, "national"):
        for row in records_of("published/par_statistics.csv", of.year, level):
            printed.add((row["statistic"], row["area"]))
            of_whom = row["area"], row["unit_key"]
            yield row["statistic"], row["value"], *of_whom, row["derived"], row["source_ids"], row["note"]
    if ("n_units", WHOLE) not in printed and not len(units.assessed(of.year, of.level)):
        rows = data_tables.table("units/numbers_ranked.csv").rows()
        number = next((row["n_ranked"] for row in rows if (row["year"], row["level"]) == (of.year, of.level)), None)
        if number is not None and number > n_listed:
            yield "n_units", number, WHOLE, "", True, "", "names of the ranked units not settled"
    mean = deduced_means(of.level).get(of.year)
    if ("mean", WHOLE) not in printed and mean is not None:
        yield "mean", mean.value, WHOLE, "", True, mean.source_ids, mean.note


def _printed_regions(year: int, level: str) -> pd.DataFrame:
    """Printed means of the regions; ``conflict`` says what else was printed for a region, and where."""
    conflicts: Mapping[str, str] = {
        row["what"].removeprefix("mean of the region "): f"{row['other']} ({row['other_source_ids']})"
        for row in records_of("published/conflicts.csv", year, level)
    }
    rows = records_of("published/par_regions.csv", year, level)
    cells = [
        (*(row[name] for name in ("region", "mean", "change", "source_ids", "note")), conflicts.get(row["region"], ""))
        for row in rows
    ]
    numbers = {"mean": "float64", "change": "float64"}
    return _frame(cells, "region mean change source_ids note conflict", **numbers)
