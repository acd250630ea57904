"""The datasets of a document as verification reads them: index tables, and numbers that stand beside them.

Read once a document, and with nothing of ``parlib.analysis``: what is worked out from them is worked out anew.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from parlib import data_tables
from parlib.publish.document import Document
from parlib.publish.verify.reading import in_percent
from parlib.report.blocks import Dataset, Ref

NUMBERS = ("points", "maximum", "index", "standard_error", "rank")
SAME = 1e-9  # values are compared after rounding to nine decimals
Key = tuple[str, int, str]  # index, year, level


def known(values: np.ndarray) -> np.ndarray:
    """The known ones of ``values``."""
    result: np.ndarray = values[np.isfinite(values)]
    return result


@dataclass(frozen=True)
class Sheet:
    """One index table: the numbers by row, and where each unit and node has its row."""

    columns: Mapping[str, np.ndarray]
    rows: Mapping[tuple[str, str], int]  # by node and unit
    ranked: tuple[str, ...]
    units: tuple[str, ...]
    marks: str
    bands: Mapping[str, str]  # the group of each unit whose group is known
    rounded: frozenset[tuple[str, str]]  # node and unit of values published as rounded numbers
    _taken: dict[tuple[str, str], np.ndarray] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Sheet:
        """The sheet of the rows of one index, year, level and stage."""
        nodes, units = list(frame["node"]), list(frame["unit"])
        whole = frame[frame["node"] == ""]
        return cls(
            {name: frame[name].to_numpy(float) for name in NUMBERS},
            {key: row for row, key in enumerate(zip(nodes, units, strict=True))},
            tuple(dict.fromkeys(frame.loc[frame["ranked"].astype(bool), "unit"])),
            tuple(dict.fromkeys(units)),
            str(frame["marks"].iloc[0]),
            {unit: band for unit, band in zip(whole["unit"], whole["band"], strict=True) if band},
            frozenset(
                key
                for key, basis in zip(zip(nodes, units, strict=True), frame["basis"], strict=True)
                if basis == "rounded"
            ),
        )

    def cell(self, node: str, unit: str, column: str) -> float | None:
        """The number of one unit; ``None`` where it is not there or not known."""
        row = self.rows.get((node, unit))
        if row is None or column not in self.columns:
            return None
        value = float(self.columns[column][row])
        return value if np.isfinite(value) else None

    def column(self, node: str, column: str) -> np.ndarray:
        """The numbers of all ranked units, in their order; NaN = not known."""
        if (node, column) not in self._taken:
            rows = [self.rows.get((node, unit), -1) for unit in self.ranked]
            result = self.columns[column][rows] if rows and column in self.columns else np.full(len(rows), np.nan)
            self._taken[node, column] = np.where(np.array(rows, dtype=int) < 0, np.nan, result)
        return self._taken[node, column]

    def applying(self, node: str) -> tuple[np.ndarray, np.ndarray]:
        """The points and the maxima of the ranked units to which a node applies, as far as they are known."""
        points, maxima = self.column(node, "points"), self.column(node, "maximum")
        applies = np.isfinite(points) & (maxima > 0)
        return points[applies], maxima[applies]

    def lost(self, node: str) -> np.ndarray:
        """The points that ranked units lost on a node, where it applies and they are known."""
        points, maxima = self.applying(node)
        result: np.ndarray = maxima - points
        return result

    def lost_by_all(self) -> float:
        """The points that the ranked units lost: each on the whole, or where that is not known on what is known
        below."""
        lost = []
        for node in ("", *self.leaves):
            points, maxima = self.column(node, "points"), self.column(node, "maximum")
            lost.append(np.where(maxima > 0, maxima - points, 0.0))
        return float(np.where(np.isfinite(lost[0]), lost[0], np.nansum(lost[1:], axis=0)).sum())

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """All nodes, in order."""
        return tuple(dict.fromkeys(node for node, _ in self.rows))

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The nodes with nothing below them, without components and the whole."""
        inner = {node.rpartition(".")[0] for node in self.nodes if node}
        return tuple(node for node in self.nodes if node and ":" not in node and node not in inner)


@dataclass(frozen=True)
class Names:
    """What units are called, and where they lie."""

    names: Mapping[str, frozenset[str]]  # by unit: long and short, in both languages
    regions: Mapping[str, str]
    groups: Mapping[str, str]  # "cities", "others"
    _told: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def at_home(self, unit: str, home: str) -> bool:
        """Whether a unit lies in a region ("region:...") or belongs to a group ("group:...")."""
        kind, _, key = home.partition(":")
        return (self.regions if kind == "region" else self.groups).get(unit) == key

    @cached_property
    def all_regions(self) -> tuple[str, ...]:
        """Every region as the unit of a cell."""
        return tuple(f"region:{region}" for region in sorted(set(self.regions.values()) - {""}))

    @cached_property
    def units(self) -> Mapping[str, frozenset[str]]:
        """The units that have a name (one, but for a province before and after a merger)."""
        results: dict[str, set[str]] = {}
        for unit, names in self.names.items():
            for name in names:
                results.setdefault(name, set()).add(unit)
        return {name: frozenset(keys) for name, keys in results.items()}

    @cached_property
    def longest_first(self) -> tuple[str, ...]:
        """All names, the longest first."""
        return tuple(sorted(self.units, key=len, reverse=True))

    @cached_property
    def with_digits(self) -> tuple[str, ...]:
        """The names that hold digits, such as those of wards."""
        return tuple(name for name in self.longest_first if any(map(str.isdigit, name)))

    def named_in(self, text: str) -> tuple[str, ...]:
        """The names in a piece of text; one inside a longer one is not told by itself."""
        if text not in self._told:
            results, rest = [], text
            for name in self.longest_first:
                if name and name in rest:
                    results.append(name)
                    rest = rest.replace(name, "\0")
            self._told[text] = tuple(results)
        return self._told[text]


@dataclass(frozen=True)
class Data:
    """The datasets behind a document."""

    sheets: Mapping[tuple[str, int, str, str], Sheet]  # by index, year, level, stage
    cells: Mapping[tuple[str, int, str, str, str, str], float]  # by index, year, level, unit, node, what
    names: Names
    own: Key | None  # what the report is about
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # the datasets themselves, by name

    @classmethod
    def of(cls, document: Document) -> Data:
        """The data of a document's datasets; those of which it has none are empty."""
        given = {dataset.name: _frame(dataset) for dataset in document.datasets}
        sheets: dict[tuple[str, int, str, str], Sheet] = {}
        index = given.get("index")
        if index is not None:
            for key, rows in index.groupby(["index_name", "year", "level", "stage"], sort=False):
                index_name, year, level, stage = (str(part) for part in key)
                if not in_percent(index_name):  # an index without a maximum is its own number of points
                    bare = rows["points"].isna() & rows["maximum"].isna()
                    rows = rows.assign(points=rows["points"].where(~bare, rows["index"]))
                sheets[index_name, int(year), level, stage] = Sheet.of(rows)
        frames = [given[name] for name in ("printed", "round", "methods") if name in given]
        cells = {key: value for frame in frames for key, value in _cells(frame)}
        own = next(iter(cells), None) or next(iter(sheets), None)  # what a report is about comes first
        return cls(sheets, cells, _names(given.get("units"), index), own[:3] if own else None, given)

    @cached_property
    def decision(self) -> str | None:
        """The decision or method behind what the report is about, "" where it is not known; ``None`` where the datasets
        do not tell of it: those of a report from before they did, and of a year of which nothing is known."""
        index = self.frames.get("index")
        if index is None or self.own is None or "decision" not in index:
            return None
        own = (index[["index_name", "year", "level"]] == list(self.own)).all(axis=1)
        if not own.any():
            index_name, year, level = self.own
            return data_tables.decision_of(year, level) if index_name == "par" else None
        return str(index.loc[own, "decision"].fillna("").iloc[0])

    @cached_property
    def own_sheets(self) -> tuple[Sheet, ...]:
        """The index tables of what the report is about, one for each stage."""
        return tuple(sheet for key, sheet in self.sheets.items() if key[:3] == self.own)

    @cached_property
    def several_levels(self) -> bool:
        """Whether the report sets units of several levels side by side."""
        own = self.own[:2] if self.own else ()
        return len({level for index_name, year, level, _ in self.sheets if (index_name, year) == own}) > 1

    @cached_property
    def nodes(self) -> Mapping[str, frozenset[str]]:
        """The codes that each name of a node stands for, in all years: those of the tables, and those of areas and
        components of sets of criteria without a table, such as the one before, that are called the same."""
        index = self.frames.get("index")
        results: dict[str, set[str]] = {}
        if index is not None:
            for name, node in set(zip(index["node_name"], index["node"], strict=True)):
                results.setdefault(str(name), set()).add(str(node))
        english = {row["name_vi"]: row["name_en"] for row in data_tables.records("schemes/names_en.csv")}
        for file, column, before in (("areas", "area_code", ""), ("components", "component", "component:")):
            for row in data_tables.records(f"schemes/{file}.csv"):
                for name in {row["name_vi"], english.get(row["name_vi"], "")} & results.keys():
                    results[name].add(before + row[column])
        return {name: frozenset(codes) for name, codes in results.items() if name}

    def sheet(self, ref: Ref) -> Sheet | None:
        """The index table that a cell lies in."""
        return self.sheets.get((ref.index_name, ref.year, ref.level, ref.stage)) or self.table(ref)

    def table(self, ref: Ref) -> Sheet | None:
        """The only index table of the index, year and level of a cell, whatever its stage."""
        results = [sheet for key, sheet in self.sheets.items() if key[:3] == (ref.index_name, ref.year, ref.level)]
        return results[0] if len(results) == 1 else None

    def cell(self, ref: Ref, column: str = "") -> float | None:
        """The number in a cell: of the index table, or of what stands beside it; ``None`` where it is not known."""
        column = column or ref.column
        sheet = self.sheet(ref)
        result = sheet.cell(ref.node, ref.unit, column) if sheet is not None else None
        return self.beside(ref, column) if result is None else result

    def areas(self, ref: Ref) -> tuple[str, ...]:
        """The areas of an index: the nodes right below the whole, without components."""
        sheet = self.sheet(ref)
        return () if sheet is None else tuple(n for n in sheet.nodes if n and "." not in n and ":" not in n)

    @cached_property
    def _kinds(self) -> Mapping[str, list[tuple[str, int, str, str, str, str]]]:
        results: dict[str, list[tuple[str, int, str, str, str, str]]] = {}
        for key in self.cells:
            results.setdefault(key[5], []).append(key)
        return results

    def of_kind(self, what: str) -> list[tuple[str, int, str, str, str, str]]:
        """The cells beside the index tables that are all the same: their keys."""
        return self._kinds.get(what, [])

    def by_unit(self, ref: Ref, what: str) -> dict[str, float]:
        """What stands beside the index tables of a node, by unit (or group)."""
        wanted = (ref.index_name, ref.year, ref.level)
        return {key[3]: self.cells[key] for key in self.of_kind(what) if key[:3] == wanted and key[4] == ref.node}

    def printed(self, ref: Ref, word: str, *, unit: str = "", year: int = 0) -> float | None:
        """A statistic of the level, of the year of a cell or another, as it is published."""
        return self.cells.get((ref.index_name, year or ref.year, ref.level, unit, ref.node, word))

    def beside(self, ref: Ref, what: str) -> float | None:
        """A number that stands beside the index tables."""
        return self.cells.get((ref.index_name, ref.year, ref.level, ref.unit, ref.node, what))


def _frame(dataset: Dataset) -> pd.DataFrame:
    texts = [name for name, kind, _ in dataset.columns if kind == "string"]
    return pd.read_csv(
        io.StringIO(dataset.text),
        dtype=dict.fromkeys(texts, object),
        keep_default_na=False,
        na_values={name: [""] for name, kind, _ in dataset.columns if kind in ("number", "integer")},
    )


def _cells(frame: pd.DataFrame) -> Iterator[tuple[tuple[str, int, str, str, str, str], float]]:
    keys = zip(*(frame[name] for name in ("index_name", "year", "level", "unit", "node", "what")), strict=True)
    yield from zip(keys, frame["value"].astype(float), strict=True)


def _names(units: pd.DataFrame | None, index: pd.DataFrame | None) -> Names:
    if units is not None:
        called = zip(*(units[name] for name in ("name_vi", "name_en", "short_vi", "short_en")), strict=True)
        names = {unit: frozenset(some) for unit, some in zip(units["unit"], called, strict=True)}
        regions, groups = (dict(zip(units["unit"], units[name], strict=True)) for name in ("region", "group"))
        return Names(names, regions, groups)
    if index is None:
        return Names({}, {}, {})
    pairs = index[["unit", "name"]].drop_duplicates()
    return Names({unit: frozenset((name,)) for unit, name in zip(pairs["unit"], pairs["name"], strict=True)}, {}, {})
