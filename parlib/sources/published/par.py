"""The published PAR INDEX of a year: what was printed, as one ``Results``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from math import isnan, nan
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib import data_tables, places
from parlib.data_tables import table
from parlib.errors import ParameterError
from parlib.scoring import scheme, units
from parlib.scoring.results import WHOLE, Results, index_table
from parlib.scoring.scorecard import Scorecard, score
from parlib.sources.heads import index_words
from parlib.tables import Row
from parlib.words import FIRST, SOURCE, Message, Name, near

# --- files ----------------------------------------------------------------------------------------
# The files of published numbers as they are, and where each number was read.

Group = tuple[int, str]
Record = Row


@lru_cache(maxsize=32)
def _read(path: Path, name: str, _changed: tuple[int, int]) -> tuple[pd.DataFrame, dict[Group, npt.NDArray[np.intp]]]:
    """The whole file, and where in it the rows of each year and level stand."""
    frame = table(name, path).frame()
    level = frame["level"] if "level" in frame else pd.Series("", index=frame.index)
    indices = cast("dict[tuple[object, object], npt.ArrayLike]", frame.groupby([frame["year"], level]).indices)
    return frame, {(int(str(year)), str(of)): np.asarray(rows) for (year, of), rows in indices.items()}


@lru_cache(maxsize=256)
def _records(path: Path, name: str, changed: tuple[int, int], group: Group) -> list[Record]:
    frame, groups = _read(path, name, changed)
    rows = frame.iloc[groups.get(group, [])].to_dict("records")
    return [{str(key): cell for key, cell in row.items()} for row in rows]


def rows_of(name: str, year: int, level: str = "") -> pd.DataFrame:
    """The rows of one year (and level, where the file has levels) of a CSV file below ``data/``, as a copy."""
    frame, groups = _read(places.data(), name, places.stamp(places.data() / name))
    return frame.iloc[groups.get((year, level), [])].reset_index(drop=True)


def records_of(name: str, year: int, level: str = "") -> list[Record]:
    """The same rows as plain records, for files of which a year has few: numbers are floats, NaN where empty."""
    result = _records(places.data(), name, places.stamp(places.data() / name), (year, level))
    return [dict(row) for row in result]


def years_of(name: str, level: str = "") -> list[int]:
    """The years that a file has rows of, ascending."""
    groups = _read(places.data(), name, places.stamp(places.data() / name))[1]
    return sorted(year for year, of in groups if of == level)


def whole_numbers(values: pd.Series) -> pd.Series:
    """Numbers of a column with gaps as nullable integers."""
    return values.astype("float64").astype("Int64")


def known(values: pd.Series) -> pd.Series:
    """Where a column of numbers holds one."""
    return pd.Series(np.isfinite(values.to_numpy(dtype="float64")), index=values.index)


# --- sources and conflicts --------------------------------------------------------------------


@lru_cache(maxsize=4)
def _sources(folder: Path, _changed: tuple[int, int]) -> dict[str, Row]:
    return {row["source_id"]: row for row in table("published/sources.csv", folder).rows()}


#: What a number was read on: one page of a kind, and several.
_EVIDENCE = {
    "official_site": (Message("website of a state body"), Message("websites of state bodies")),
    "legal_portal": (Message("legal portal"), Message("legal portals")),
    "law_as_quoted": (Message("legal text as quoted"), Message("legal texts as quoted")),
    "document": (Message("document of the issuer"), Message("documents of the issuer")),
    "press": (Message("the press"), Message("the press")),
    "copy": (Message("copy of a press article"), Message("copies of press articles")),
    "dataset": (Message("third-party data set"), Message("third-party data sets")),
}


def evidence_words(kind: str, language: str, *, many: bool = False) -> str:
    """A kind of source in words, of one page or of several: "third-party data sets"."""
    return _EVIDENCE[kind][many].text(language) if kind in _EVIDENCE else kind


def source_text(source_ids: str | Sequence[str], language: str = "vi") -> str:
    """Where numbers were read, for people: title, evidence, date and address of each source, one after another.

    ``source_ids`` is a ``;`` list as in the tables, or several of them; each source is named once.
    """
    lists = [source_ids] if isinstance(source_ids, str) else list(source_ids)
    ids = dict.fromkeys(part for text in lists for part in text.split(";") if part)
    return "; ".join(_source(source_id, language) for source_id in ids)


def _source(source_id: str, language: str) -> str:
    title, *place = source_cells(source_id, language)
    return f"{title} ({', '.join(filter(None, place))})" if any(place) else title


def source_row(source_id: str) -> Row | None:
    """A source as ``published/sources.csv`` has it; ``None`` where it has none."""
    return _sources(places.data(), places.stamp(places.data() / "published" / "sources.csv")).get(source_id)


def source_addresses() -> frozenset[str]:
    """The addresses of ``published/sources.csv`` as texts name them: without their scheme, and without the host."""
    rows = _sources(places.data(), places.stamp(places.data() / "published" / "sources.csv")).values()
    addresses = {row["url"].partition("://")[2] for row in rows}
    return frozenset(filter(None, addresses | {address.partition("/")[2] for address in addresses}))


def source_days() -> frozenset[date]:
    """The days on which the sources of ``published/sources.csv`` were printed, where the whole day is known."""
    rows = _sources(places.data(), places.stamp(places.data() / "published" / "sources.csv")).values()
    return frozenset(date.fromisoformat(row["date"]) for row in rows if len(row["date"]) == len("2024-04-17"))


def source_cells(source_id: str, language: str = "vi") -> tuple[str, str, str, str]:
    """Title, evidence (in words), date and address of a source; the identifier where nothing more is known of it."""
    row = source_row(source_id)
    if row is None:
        return source_id, "", "", ""
    return row["title"], evidence_words(row["evidence"], language), printed_day(row["date"]), row["url"]


def printed_day(text: str) -> str:
    """A day, a month or a year of the data as it is printed: "2024-04-17" is 17/4/2024, "2024-04" is 4/2024."""
    return "/".join(part.lstrip("0") for part in reversed(text.split("-")))


def conflicts(year: int, level: str) -> pd.DataFrame:
    """Disagreements between sources on a year: ``unit``, ``what``, ``kept``, ``other``, their sources, ``comment``.

    ``level`` is province or ministry, or "sipas", "scheme" or "national" as in the file.
    """
    return rows_of("published/conflicts.csv", year, level).rename(columns={"key": "unit"}).drop(columns="level")


# --- names ----------------------------------------------------------------------------------------
# English names of areas and components, by their Vietnamese names of the year.


@cache
def _names(folder: Path) -> dict[str, str]:
    return {row["name_vi"]: row["name_en"] for row in table("schemes/names_en.csv", folder).rows()}


def english(name: str) -> str:
    """The English name; the Vietnamese one where none was written yet (data/schemes/names_en.csv)."""
    return _names(places.data()).get(name, name)


# --- statistics -----------------------------------------------------------------------------------
# Means of years that were not printed but follow from the printed mean of another year and the printed change.
#
# The Ministry prints changes as differences of printed values (tests/reference shows it on every pair in the data), so
# the mean that follows is the one it printed; it is still marked as derived.

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
        results: dict[int, set[Decimal]] = {}
        for step in steps:
            for start, end, sign in ((step.earlier, step.later, 1), (step.later, step.earlier, -1)):
                if start in frontier and end not in printed:
                    new = {value + sign * step.change for value in frontier[start]} - reached.get(end, set())
                    if new and len(reached.get(end, set())) < 2:
                        results.setdefault(end, set()).update(new)
                        sources.setdefault(end, _joined(sources[start], step.source_ids))
        for year, values in results.items():
            reached.setdefault(year, set()).update(values)
        frontier = results
    note = "follows from the printed mean of another year and printed changes"
    return {year: Mean(float(*values), sources[year], note) for year, values in reached.items() if len(values) == 1}


def _printed(level: str) -> tuple[dict[int, tuple[Decimal, str]], list[_Step]]:
    means: dict[int, tuple[Decimal, str]] = {}
    steps = []
    for year in years_of(FILE, level):
        back_to = {"mean_change": year - 1, data_tables.since_base(): data_tables.base_year()}
        for row in records_of(FILE, year, level):
            value, ids = Decimal(str(row["value"])), row["source_ids"]
            if row["statistic"] == "mean" and not row["area"]:
                means[year] = (value, ids)
            elif row["statistic"] in back_to and not row["area"]:
                steps.append(_Step(year, back_to[row["statistic"]], value, ids))
    return means, steps


def _joined(*lists: str) -> str:
    return ";".join(dict.fromkeys(part for ids in lists for part in ids.split(";") if part))


COMPONENT = scheme.COMPONENT
WHOLE_NAMES = scheme.WHOLE_NAMES["par"]

# Two numbers printed to two decimals give a third that is good to 0.01; where less was printed, the note says so.
_DERIVED_TO = 0.01
_GOOD_TO = re.compile(r"good to (0\.\d+)")
_ONE_DECIMAL = "printed with one decimal"


class _Year:
    """The rows of one year and level of each file, and the maxima printed for its set of criteria."""

    def __init__(self, year: int, level: str) -> None:
        self.year, self.level = year, level
        self.index = records_of("published/par_index.csv", year, level)
        areas = records_of("published/par_area_index.csv", year, level)
        self.areas = [{**row, "node": _area_node(row["area_code"])} for row in areas if row["scope"] == "total"]
        self.parts = records_of("published/par_components.csv", year, level)
        self.changes = records_of("published/par_changes.csv", year, level)
        self.area_table = data_tables.areas_of(year, level)
        self.component_table = data_tables.components_of(year, level)
        self.maximum = data_tables.total_of(year, level)[0]

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
    of = _Year(year, level)
    listed = _units(of)
    table = index_table(_frame(list(_table_rows(of)), _TABLE, **_TABLE_TYPES))
    ranked = {unit for unit, counts in listed if counts}
    statistics = list(_printed_statistics(of, len(ranked)))
    number = max([len(ranked), *(int(row[1]) for row in statistics if row[0] == "n_units")])
    n_known = sum(row["key"] in ranked and not isnan(row["index"]) for row in of.index)
    rests_on = {row["basis"] for row in of.index} | {row["rank_basis"] for row in of.index}
    return Results(
        index_name="par",
        year=year,
        level=level,
        table=table,
        units=_frame(listed, "unit ranked", ranked="bool"),
        nodes=_nodes(of, table),
        bands=data_tables.bands_of(year, level),
        ranks=_ranks(of),
        bases=_frame(list(_bases(of)), "unit node basis source_ids note"),
        bounds=_frame(list(_bounds(of)), "unit index_min index_max", index_min="float64", index_max="float64"),
        node_ranks=_node_ranks(of),
        printed_statistics=_frame(statistics, _STATISTICS, **_STATISTICS_TYPES),
        printed_regions=_printed_regions(year, level),
        printed_changes=_frame(
            [tuple(row[name] for name in ("key", "change", "source_ids", "note")) for row in of.changes],
            "unit change source_ids note",
            change="float64",
        ),
        marks=_marks(n_known < number or not number, rests_on),
        decision=data_tables.decision_of(year, level),
        break_before=year in data_tables.breaks(level),
        system=data_tables.system_of(year, level),
    )


def _marks(is_partial: bool, rests_on: set[str]) -> tuple[str, ...]:
    """What is said of results: that some are not known, that some are second-hand, that some follow from others."""
    is_derived = bool(rests_on & {"derived", "rounded"})
    marks = {"partial": is_partial, "secondary": "secondary" in rests_on, "derived": is_derived}
    return tuple(mark for mark, applies in marks.items() if applies)


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
_STATISTICS = "statistic value node unit derived source_ids note"
_STATISTICS_TYPES = {"value": "float64", "derived": "bool"}
_NODES = "node name name_en maximum parent kind"
_NODES_TYPES = {"maximum": "float64", "parent": "object"}


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
    "survey": Message("Sociological survey points"),
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
    results = [node for node in table["node"].unique() if node.startswith(COMPONENT)]
    rows: list[tuple[object, ...]] = [(WHOLE, *WHOLE_NAMES, of.maximum, None, "whole")]
    for nodes, kind in ((areas, "area"), (dict.fromkeys([*listed, *results]), "component")):
        rows += [(node, names[node], english(names[node]), maxima.get(node, nan), "", kind) for node in nodes]
    return _frame(rows, _NODES, **_NODES_TYPES)


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


# --- papi -----------------------------------------------------------------------------------------
# PAPI through the whole chain: published values of sub-dimensions, the scheme of the year, the scoring, the index.

LEVEL = "province"
PAPI_SOURCE = "papi_mlmcdm"


def papi_scorecard(year: int) -> Scorecard:
    """The scorecard of the 63 provinces: each sub-dimension counts as published, one without a value is unknown."""
    structure = scheme.scheme_for(year, "province", "papi")
    assert structure is not None, year  # every year of papi.csv has its structure: a test says so
    values = rows_of("external/papi.csv", year)
    answers = pd.DataFrame({"unit": values["key"], "code": values["code"], "answer": values["value"].to_numpy()})
    keys = [unit.key for unit in units.units_of_year(year, LEVEL)]
    return score(structure, answers, year=year, stage="published", units=keys)


def papi(year: int) -> Results:
    """PAPI of a year. A province without a sub-dimension has no total: it stays in the list and is not ranked."""
    card = papi_scorecard(year)
    absent = card.scheme.absent_in(year)
    table, nodes = card.index_table(), card.scheme.node_frame()
    table = table[~table["node"].isin(absent)].reset_index(drop=True)
    table["standard_error"] = float("nan")  # of a survey whose errors are not in the data: not known, not zero
    totals = table[table["node"] == WHOLE].set_index("unit")["points"]
    complete = known(totals)
    listed = pd.DataFrame({"unit": pd.Series(card.units, dtype="str"), "ranked": complete.to_numpy()})
    bases = listed[["unit"]].assign(node=WHOLE, source_ids=PAPI_SOURCE, note="")
    bases["basis"] = ["computed" if whole else "incomplete" for whole in complete]
    return Results(
        index_name="papi",
        year=year,
        level=LEVEL,
        table=table,
        units=listed,
        nodes=nodes[~nodes["node"].isin(absent)].reset_index(drop=True),
        bands=card.scheme.bands,
        ranks=None,
        bases=bases[["unit", "node", "basis", "source_ids", "note"]],
        marks=() if complete.all() else ("partial",),
        decision=card.scheme.decision,
        break_before=year in data_tables.breaks(LEVEL, "papi"),
        system=data_tables.system_of(year, LEVEL),
    )


# --- related --------------------------------------------------------------------------------------
# The related indices of the provinces: SIPAS, PCI, DTI and GRDP per head, one ``Results`` a year.

RELATED_LEVEL = "province"
RELATED_COMPONENT = scheme.COMPONENT


def provinces(year: int) -> list[str]:
    """The keys of the provinces that results of a year are on, in official order."""
    return [unit.key for unit in units.units_of_year(year, RELATED_LEVEL)]


def _related(
    index_name: str,
    year: int,
    name: Message,
    maximum: float,
    rows: pd.DataFrame,
    listed: list[str],
    *,
    ranks: pd.DataFrame | None = None,
    statistics: pd.DataFrame | None = None,
    n_ranked: int = 0,
    parts: pd.DataFrame | None = None,
    part_names: Mapping[str, Message] = MappingProxyType({}),
    method: str = "",
) -> Results:
    """One value for each unit of a year, on one scale, as results.

    ``rows`` has ``unit``, ``value`` (NaN = not known), ``basis``, ``source_ids``; ``listed`` the units of the year in
    official order. ``maximum`` is NaN for a quantity that has none: its ``index`` is then the value itself.
    ``n_ranked`` says how many units were ranked where that is more than ``listed``.
    """
    valued = rows[known(rows["value"])]
    whole = pd.DataFrame({"unit": valued["unit"], "node": WHOLE, "maximum": maximum})
    if np.isnan(maximum):
        whole = whole.assign(index=valued["value"])
    else:  # nine decimals, so that 100 x 0.8373 is 83.73 again
        whole = whole.assign(points=valued["value"], index=(valued["value"] * (100 / maximum)).round(9))
    table = pd.concat([whole] if parts is None else [whole, parts], ignore_index=True)
    rests_on = set(rows["basis"]) | (set() if ranks is None else set(ranks["rank_basis"]))
    nodes: list[tuple[object, ...]] = [(WHOLE, *_both(name), maximum, None, "whole")]
    nodes += [(RELATED_COMPONENT + key, *_both(of), np.nan, "", "component") for key, of in part_names.items()]
    printed: list[tuple[object, ...]] = []
    if statistics is not None:
        cells = statistics[["statistic", "value", "source_ids"]].itertuples(index=False)
        printed += [(word, value, "", "", False, source_ids, "") for word, value, source_ids in cells]
    if n_ranked > len(listed):
        note = "a province that no longer exists keeps its place in the ranks"
        printed.append(("n_units", n_ranked, "", "", True, str(rows["source_ids"].iloc[0]), note))
    return Results(
        index_name=index_name,
        year=year,
        level=RELATED_LEVEL,
        table=index_table(table.assign(year=year, level=RELATED_LEVEL, stage="published")),
        units=pd.DataFrame({"unit": pd.Series(listed, dtype="str"), "ranked": True}),
        nodes=_frame(nodes, _NODES, **_NODES_TYPES),
        ranks=ranks,
        bases=rows.assign(node=WHOLE)[["unit", "node", "basis", "source_ids", "note"]].reset_index(drop=True),
        printed_statistics=_frame(printed, _STATISTICS, **_STATISTICS_TYPES),
        marks=_marks(len(valued) < max(len(listed), n_ranked), rests_on),
        decision=method,
        break_before=year in data_tables.breaks(RELATED_LEVEL, index_name),
        system=data_tables.system_of(year, RELATED_LEVEL),
    )


def _both(name: Message) -> tuple[str, str]:
    """A name as the columns ``name`` and ``name_en`` have it."""
    return name.text(FIRST), name.text(SOURCE)


def _printed_ranks(rows: pd.DataFrame) -> pd.DataFrame:
    lowest, highest = (rows.get(end, rows["rank"]) for end in ("rank_min", "rank_max"))
    ranks = pd.DataFrame({"unit": rows["unit"], "rank": whole_numbers(rows["rank"])}).assign(
        rank_min=whole_numbers(lowest.fillna(rows["rank"])),
        rank_max=whole_numbers(highest.fillna(rows["rank"])),
        rank_basis=rows["rank_basis"].where(rows["rank_basis"] != "", "published"),
    )
    return ranks[known(rows["rank"]) | known(lowest)].reset_index(drop=True)


def sipas(year: int) -> Results:
    """SIPAS, the satisfaction index (percent): partial in every year but the pilot of ten provinces in 2015."""
    rows = rows_of("published/sipas.csv", year).rename(columns={"key": "unit"})
    pilot = set(rows["unit"]) if rows["note"].str.startswith("pilot").all() else None
    listed = [key for key in provinces(year) if pilot is None or key in pilot]
    name, printed = Message("Satisfaction index (SIPAS)"), rows_of("published/sipas_statistics.csv", year)
    return _related("sipas", year, name, 100, rows, listed, ranks=_printed_ranks(rows), statistics=printed)


def pci(year: int) -> Results:
    """PCI, the provincial competitiveness index (0 to 100).

    To 2008 a province that no longer exists is left out of the values but keeps its place in the ranks.
    """
    rows = rows_of("external/pci.csv", year).rename(columns={"key": "unit"}).assign(basis="published", note="")
    number, complete = int(rows["n_units"].iloc[0]), set(rows["unit"]) == set(provinces(year))
    listed = [key for key in provinces(year) if complete or key in set(rows["unit"])]
    ranks = _printed_ranks(rows.assign(rank_basis="derived")) if number > len(rows) else None
    name = Message("Provincial Competitiveness Index (PCI)")
    return _related("pci", year, name, 100, rows, listed, ranks=ranks, n_ranked=number, method="PCI (VCCI, USAID)")


def dti(year: int) -> Results:
    """DTI, the digital transformation index (0 to 1): whole from 2022, a few provinces in 2020 and 2021."""
    rows = rows_of("external/dti.csv", year).rename(columns={"key": "unit"}).assign(note="")
    complete = bool((rows["complete_year"] == 1).all())
    ranks = None if complete else _printed_ranks(rows.assign(rank_basis="published"))
    name = Message("Provincial digital transformation index (DTI)")
    return _related("dti", year, name, 1, rows, provinces(year), ranks=ranks, method="DTI")


def grdp(year: int) -> Results:
    """GRDP per head in million dong, second-hand; values flagged as suspect are left out and counted as unknown.

    The components carry its two terms as points: the total in billion dong, the population in thousands.
    """
    rows = rows_of("external/grdp.csv", year).rename(columns={"key": "unit"}).assign(note="")
    suspect = rows["flag"] == "suspect"
    rows["basis"] = np.where(suspect, "suspect", "secondary")
    rows["value"] = rows["grdp_pc_mil_vnd"].mask(suspect)
    terms = {"grdp": rows["grdp_bil_vnd"].mask(suspect), "population": rows["pop_thousand"]}
    frames = [
        pd.DataFrame({"unit": rows["unit"], "node": RELATED_COMPONENT + key, "points": points})[known(points)]
        for key, points in terms.items()
    ]
    parts = pd.concat(frames, ignore_index=True)
    names = {"grdp": Message("GRDP (billion dong)"), "population": Message("Population (thousands)")}
    name, listed = Message("GRDP per head (million dong)"), provinces(year)
    return _related("grdp", year, name, np.nan, rows, listed, parts=parts, part_names=names)


# --- indices --------------------------------------------------------------------------------------
# Which published indices there are, for which levels and years, and how each is opened.

Years = Callable[[str], list[int]]
Opener = Callable[[int, str], Results]


def _par_years(_: str) -> list[int]:
    """From the first to the last year of any result: a level without results of its own in a year opens empty."""
    results = [year for level in units.levels() for year in years_of("published/par_index.csv", level)]
    return list(range(min(results), max(results) + 1))


def _provincial(file: str, opened: Callable[[int], Results]) -> tuple[Years, Opener]:
    return lambda _: years_of(file), lambda year, _: opened(year)


#: Where the years and results of each index come from; what it is called, and of which levels, is data.
_READERS: dict[str, tuple[Years, Opener]] = {
    "par": (_par_years, par_results),
    "papi": _provincial("external/papi.csv", papi),
    "sipas": _provincial("published/sipas.csv", sipas),
    "pci": _provincial("external/pci.csv", pci),
    "dti": _provincial("external/dti.csv", dti),
    "grdp": _provincial("external/grdp.csv", grdp),
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
            "no such index; there are {indices}{near}",
            value=index_name,
            near=near(index_name, listed),
            indices=index_words(listed),
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
            "{name} has no results of this level, only of {levels}",
            value=level,
            name=index_name_of(index_name),
            levels=data_tables.level_words(levels(index_name)),
        )
    return _READERS[index_name][0](level)


def spans(results: Iterable[int]) -> str:
    """Years in few words: "2011-2013, 2015"."""
    runs: list[list[int]] = []
    for year in sorted(results):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def results(index_name: str, year: int, level: str) -> Results:
    """The published results of an index in a year; ``ParameterError`` says which years, levels and indices there are.

    What no source printed stays unknown. A year of the PAR INDEX without results of a level opens empty.
    """
    result = years(index_name, level)
    if year not in result:
        raise ParameterError(
            "no results of {title} for this year; there are {spans}",
            value=year,
            title=index_name_of(index_name),
            spans=spans(result),
        )
    as_they_are = places.state(places.data(), "published", "external", "schemes", "units")
    held = _opened(index_name, year, level, data_tables.asked.get(), as_they_are)
    frames: dict[str, Any] = {
        name: value.copy(deep=False) for name, value in vars(held).items() if isinstance(value, pd.DataFrame)
    }
    return replace(held, **frames)  # whoever changes his frames changes those of nobody else


@lru_cache(maxsize=256)
def _opened(index_name: str, year: int, level: str, *_state: object) -> Results:
    return _READERS[index_name][1](year, level)


def available(index_name: str = "par") -> pd.DataFrame:
    """What there is: ``index_name``, ``level``, ``year``, ``n_known`` (units with an index), ``n_units`` (of how many).

    ``index_name`` "" gives all indices. ``n_units`` is missing where no source says how many units were ranked.

    >>> parlib.available("papi")"""
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
