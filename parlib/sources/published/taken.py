"""A published table of a year as officials have it (Excel or CSV), taken into ``data/published``.

Rows are set against the units of the year, against each other and against what is known. Nothing known is overwritten
unasked: a value that says the same gains a source, one that says more (a rank only, a rounded index) gives way, one
that says something else is a conflict. What is replaced by the word of the user goes to conflicts.csv.
"""

from __future__ import annotations

import math
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from parlib import data_tables, places, tables
from parlib.errors import DataError, ParameterError, ParlibError, Problem
from parlib.layouts import LAYOUTS
from parlib.scoring import units
from parlib.scoring.scorecard import competition_ranks
from parlib.sources.heads import called, index_words, meant
from parlib.words import Message, fold

_FILES = {"par": "published/par_index.csv", "sipas": "published/sipas.csv"}
_VALUE = {"par": "index", "sipas": "value"}  # the column of the value in each file
_AREAS, _SOURCES = "published/par_area_index.csv", "published/sources.csv"
_CONFLICTS, _ASSESSED = "published/conflicts.csv", "units/assessed.csv"
_GOOD = 0.011  # printed parts add up to the printed whole within this


@dataclass(frozen=True)
class Source:
    """Where a table comes from: its ``title``, and its address and day (2024-04-17) where it has them."""

    title: str
    evidence: str = "document"
    url: str = ""
    day: str = ""


@dataclass(frozen=True)
class Taken:
    """A table as it would stand in ``data/``: the new content of each ``file``, and what should be said of it."""

    files: Mapping[str, list[dict[str, str]]]
    n_units: int
    n_new: int
    notes: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()

    @contextmanager
    def as_data(self) -> Iterator[None]:
        """``data/`` as it would be, in a folder of its own, while the block runs: to try what follows from it."""
        with tempfile.TemporaryDirectory() as holder:
            folder = Path(holder) / "data"
            shutil.copytree(places.data(), folder, ignore=shutil.ignore_patterns("rounds", "templates"))
            for name, rows in self.files.items():
                tables.write_rows(folder / name, LAYOUTS[name], rows)
            data_tables.accept(folder)
            with places.data_at(folder):
                yield

    def keep(self) -> list[Path]:
        """Write the files to ``data/`` and put them on its list: all of those in published/ or none."""
        folder = places.data()
        with places.whole_folder(folder / "published", keep=True) as draft:
            for name, rows in self.files.items():
                if name.startswith("published/"):
                    tables.write_rows(draft / Path(name).name, LAYOUTS[name], rows)
        for name, rows in self.files.items():
            if not name.startswith("published/"):
                with places.whole_file(folder / name) as one:
                    tables.write_rows(one, LAYOUTS[name], rows)
        for name in self.files:
            data_tables.accept_file(folder / name)
        return [folder / name for name in self.files]


def take(
    path: Path,
    index_name: str,
    year: int,
    level: str,
    source: Source,
    *,
    areas: str = "",
    sheet: str = "",
    decimal: str = "",
    whole: bool = False,
    overwrite: bool = False,
    keep_good: bool = False,
) -> Taken:
    """The table in ``path`` as part of ``data/``; nothing is written yet.

    ``areas``  what the columns of areas hold: "index" (percent) or "points"; needed where the table has any.
    ``whole``  the table lists every unit assessed in the year; a rank says which of them are ranked.
    ``overwrite``  take the table's word where a source says otherwise; ``keep_good``: leave rows with errors out.

    Raises ``DataError`` with everything that is wrong, each with its row and column, unless ``keep_good``.
    """
    if index_name not in _FILES:
        there = index_words(_FILES)
        raise ParameterError(
            "tables of these indices are taken: {there}", column="--index", value=index_name, there=there
        )
    table = _read(path, _layout(index_name, year, level), sheet, decimal)
    rows, summary, problems, notes = _rows(table, year, level)
    problems += [*_against_each_other(table, rows), *_of_areas(table, areas)]
    held = [dict(row) for row in data_tables.records(_FILES[index_name])]
    missing = _missing(rows, year, level)
    if whole:
        problems += missing
    else:
        notes += missing
    wrong = {problem.row for problem in problems if problem.row is not None}
    if problems and not (keep_good and all(problem.row is not None for problem in problems)):
        raise DataError(tables.limited(problems))
    rows = [row for row in rows if row.number not in wrong]
    if not rows:
        raise DataError(tables.limited([*problems, Problem("the table has no row to take", file=table.file)]))
    made = _Merge(index_name, year, level, _new_source(source), areas, overwrite)
    files = made.files(held, rows, table)
    if made.conflicts:
        advice = Problem(
            "{n} values differ from what is known; to take the table's (the others go to conflicts.csv): --replace",
            file=table.file,
            n=len(made.conflicts),
        )
        raise DataError([*tables.limited(made.conflicts), advice])
    if whole and index_name == "par" and not len(units.assessed(year, level)):
        files[_ASSESSED] = [*map(dict, data_tables.records(_ASSESSED)), *_listed(rows, year, level, made.source)]
    notes += _of_summary(table, summary, rows) if not wrong else []
    return Taken(files, len(rows), made.n_new, tuple(notes), tuple(tables.limited(problems)))


# --- reading ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """A row of the table: the ``number`` that it has in the file, its place among the rows, unit and values."""

    number: int
    place: int
    unit: str
    values: dict[str, float]


def _layout(index_name: str, year: int, level: str) -> tables.Layout:
    """The columns of a table of the index: areas by name or number, where it has any."""
    words = called("published")
    columns = [
        tables.Column("ordinal", optional=True, heads=tables.ORDINAL),
        tables.Column("unit", required=True, heads=words["unit"]),
        tables.Column("value", "number", low=0, high=100, required=True, heads=words["value"]),
        tables.Column("rank", "whole", low=1, high=999, optional=True, heads=words["rank"]),
    ]
    for name in ("appraisal_points", "survey_points"):
        columns.append(tables.Column(name, "number", low=0, high=100, optional=True, heads=words[name]))
    if index_name == "par":
        frame = data_tables.areas_of(year, level)
        named = dict(zip(frame["node"].astype(str), frame["name"].astype(str), strict=True))
        for code in dict.fromkeys([*named, *map(str, range(1, 10))]):
            own = (f"{code}. {named[code]}", named[code]) if code in named else ()
            heads = (f"lĩnh vực {code}", *own)
            columns.append(tables.Column(code, "number", low=0, high=100, optional=True, heads=heads))
    return tables.Layout(tuple(columns))


def _read(path: Path, layout: tables.Layout, sheet: str, decimal: str) -> tables.Table:
    from parlib.sources.office import cells_of

    declared = {"comma": ",", "point": ".", "": ""}[decimal]
    is_text = path.suffix.lower() in (".csv", ".txt", ".tsv")
    cells = tables.read_delimited(path) if is_text else cells_of(path, sheet)
    return tables.table_of(cells, layout, path.name, lambda text: tables.as_number(text, declared, percent=True))


def _rows(
    table: tables.Table, year: int, level: str
) -> tuple[list[_Row], dict[str, tuple[int, float]], list[Problem], list[Problem]]:
    """The rows by unit, those of means and extremes, and what is wrong or should be said."""
    problems, notes = list(table.problems), []
    rows: list[_Row] = []
    summary: dict[str, tuple[int, float]] = {}
    seen: dict[str, int] = {}
    finer = 0
    for place, text in enumerate(table.texts["unit"]):
        number = table.numbers[place]
        values = {
            name: float(cells[place])  # type: ignore[arg-type]
            for name, cells in table.values.items()
            if name not in ("unit", "ordinal") and cells[place] is not None
        }
        values = {name: value for name, value in values.items() if not math.isnan(value)}
        if (word := meant("means").get(fold(text))) and "value" in values:
            summary[word] = (place, values["value"])
            problems = [problem for problem in problems if problem.row != number]
            continue
        try:
            unit = units.find(text, level, year=year).key if text else ""
        except ParlibError as error:
            problems += [replace(p, file=table.file, row=number, column=table.heads["unit"]) for p in error.problems]
            unit = ""
        if unit in seen and unit:
            again = Message("given twice, see row {the_row}", {"the_row": seen[unit]})
            problems.append(table.problem(place, "unit", again))
        elif unit:
            seen[unit] = number
            two = {name: float(tables.rounded(value, 2)) for name, value in values.items()}
            finer += two != values
            rows.append(_Row(number, place, unit, two))
    if finer:
        notes.append(Problem("{n} rows have more than two decimals; they are rounded as they are printed",
                             file=table.file, n=finer))  # fmt: skip
    return rows, summary, problems, notes


def _against_each_other(table: tables.Table, rows: list[_Row]) -> Iterator[Problem]:
    """Ranks that do not follow from the values, and parts that do not add up to them."""
    ranked = [row for row in rows if "rank" in row.values and "value" in row.values]
    if len(ranked) > 1:
        due = competition_ranks([row.values["value"] for row in ranked])
        complete = sorted(row.values["rank"] for row in ranked)[-1] <= len(ranked)
        ordered = sorted(ranked, key=lambda row: row.values["rank"])
        for above, below in pairwise(ordered):
            same = above.values["rank"] == below.values["rank"] and above.values["value"] != below.values["value"]
            if not complete and (same or below.values["value"] > above.values["value"]):
                yield table.problem(below.place, "rank", _out_of_order(above))
        for row, rank in zip(ranked, due, strict=True):
            ties = sum(other.values["value"] == row.values["value"] for other in ranked)
            if complete and not rank <= row.values["rank"] < rank + ties:
                words = Message("by the values of the table the rank is {rank}", {"rank": int(rank)})
                yield table.problem(row.place, "rank", words)
    for row in rows:
        parts = [row.values.get(name) for name in ("appraisal_points", "survey_points")]
        if "value" in row.values and None not in parts:
            total = sum(part for part in parts if part is not None)
            if abs(total - row.values["value"]) > _GOOD:
                words = Message("the parts add up to {total}", {"total": tables.written(round(total, 9))})
                yield table.problem(row.place, "value", words)


def _out_of_order(above: _Row) -> Message:
    named = {"row": above.number, "value": tables.written(above.values["value"]), "rank": int(above.values["rank"])}
    return Message("does not go with the row {row}: rank {rank}, value {value}", named)


def _of_areas(table: tables.Table, areas: str) -> Iterator[Problem]:
    """Whether it was said what the columns of areas hold."""
    given = [name for name in table.heads if name.isdigit()]
    if given and areas not in ("index", "points"):
        heads = ", ".join(f"“{table.heads[name]}”" for name in given)
        yield Problem(
            "columns of areas: {heads}; say what they hold: --areas index (percent) or points",
            file=table.file,
            heads=heads,
        )


def _missing(rows: list[_Row], year: int, level: str) -> list[Problem]:
    """The units of the year that the table does not have."""
    listed = units.assessed(year, level)
    keys = list(listed["unit"]) if len(listed) else [unit.key for unit in units.units_of_year(year, level)]
    there = {row.unit for row in rows}
    system = data_tables.system_of(year, level)
    gone = [units.name(key, system=system) for key in keys if key not in there]
    if not gone or (not len(listed) and level == "ministry"):
        return []  # which ministries were assessed is not known
    names = ", ".join(gone[:8]) + (", ..." if len(gone) > 8 else "")
    return [Problem("{n} units of the year are not in the table: {names}", n=len(gone), names=names)]


def _of_summary(table: tables.Table, summary: Mapping[str, tuple[int, float]], rows: list[_Row]) -> list[Problem]:
    """Means and extremes that the table states and its rows do not give."""
    values = [row.values["value"] for row in rows if "rank" in row.values or "rank" not in table.heads]
    if not values:
        return []
    due = {"mean": float(tables.rounded(math.fsum(values) / len(values), 2)), "max": max(values), "min": min(values)}
    return [
        table.problem(place, "value", Message("the rows give {value}", {"value": tables.written(due[word])}))
        for word, (place, stated) in summary.items()
        if abs(due[word] - stated) > 0.0051
    ]


# --- what is known and what is new ------------------------------------------------------------


def _new_source(source: Source) -> dict[str, str]:
    """The row of the source, with its number; that of a source which is listed already."""
    rows = data_tables.records(_SOURCES)
    for row in rows:
        if (row["title"], row["url"], row["date"]) == (source.title, source.url, source.day):
            return dict(row)
    if source.day and not re.fullmatch("20[0-9]{2}(-[0-9]{2}){0,2}", source.day):
        raise ParameterError("not a date; dates are written 2024-01-31", column="--date", value=source.day)
    taken = [int(row["source_id"][1:]) for row in rows if re.fullmatch("S[0-9]+", row["source_id"])]
    return {
        "source_id": f"S{max(taken, default=0) + 1}",
        "evidence": source.evidence,
        "url": source.url,
        "url_complete": "yes" if source.url else "no",
        "title": source.title,
        "date": source.day,
    }


class _Merge:
    """The rows of a table put beside what is known of the year."""

    def __init__(
        self, index_name: str, year: int, level: str, source: dict[str, str], areas: str, overwrite: bool
    ) -> None:
        self.index_name, self.year, self.level = index_name, year, level
        self.listed, self.areas, self.overwrite = source, areas, overwrite
        self.source = source["source_id"]
        self.conflicts: list[Problem] = []
        self.replaced: list[dict[str, str]] = []
        self.n_new = 0

    def files(
        self, held: list[dict[str, str]], rows: list[_Row], table: tables.Table
    ) -> dict[str, list[dict[str, str]]]:
        """The files of ``data/`` with the rows in them."""
        name = _FILES[self.index_name]
        files = {name: self._into(name, held, [self._of_index(row) for row in rows], rows, table)}
        given = [head for head in table.heads if head.isdigit()]
        if given:
            area_rows = [(row, code) for row in rows for code in given if code in row.values]
            areas = [dict(row) for row in data_tables.records(_AREAS)]
            new = [self._of_area(row, code) for row, code in area_rows]
            files[_AREAS] = self._into(_AREAS, areas, new, [row for row, _ in area_rows], table)
        sources = [dict(row) for row in data_tables.records(_SOURCES)]
        if self.source not in (row["source_id"] for row in sources):
            files[_SOURCES] = [*sources, self.listed]
        if self.replaced:
            files[_CONFLICTS] = [*map(dict, data_tables.records(_CONFLICTS)), *self.replaced]
        return files

    def _of_index(self, row: _Row) -> dict[str, str]:
        cells = {_VALUE[self.index_name]: row.values["value"]} | {
            name: row.values[name] for name in ("rank", "appraisal_points", "survey_points") if name in row.values
        }
        known = {"year": str(self.year), "level": self.level, "key": row.unit, "basis": "published"}
        known["rank_basis"] = "published" if "rank" in cells else ""
        return {**known, **{name: _cell(value) for name, value in cells.items()}, "source_ids": self.source, "note": ""}

    def _of_area(self, row: _Row, code: str) -> dict[str, str]:
        frame = data_tables.areas_of(self.year, self.level)
        of = frame[(frame["node"].astype(str) == code) & (frame["scope"] == "total")]
        maximum = float(of["maximum"].iloc[0]) if len(of) else math.nan
        cells = {"area_code": code, "area_name_vi": str(of["name"].iloc[0]) if len(of) else "", "scope": "total"}
        cells |= {self.areas: _cell(row.values[code]), "max_points": "" if math.isnan(maximum) else _cell(maximum)}
        cells["index_basis"] = "printed" if self.areas == "index" else ""
        return {
            "year": str(self.year),
            "level": self.level,
            "key": row.unit,
            **cells,
            "source_ids": self.source,
            "note": "",
        }

    def _into(
        self, name: str, held: list[dict[str, str]], new: list[dict[str, str]], rows: list[_Row], table: tables.Table
    ) -> list[dict[str, str]]:
        """``held`` with ``new`` in it: in the place of the row of the same key, else after the rows of its year."""
        layout = LAYOUTS[name]
        columns = [column.name for column in layout.columns]
        result, added = list(held), list[dict[str, str]]()
        places_of = {tuple(row[key] for key in layout.key): place for place, row in enumerate(result)}
        for row, of in zip(new, rows, strict=True):
            row = {column: row.get(column, "") for column in columns}
            place = places_of.get(tuple(row[key] for key in layout.key))
            if place is None:
                self.n_new += 1
                added.append(row)
            else:
                result[place] = self._joined(result[place], row, of, table)
        group = [key for key in ("year", "level") if key in columns]
        mine = [place for place, row in enumerate(result) if added and all(row[key] == added[0][key] for key in group)]
        before = [place for place, row in enumerate(result) if int(row["year"]) <= self.year]
        at = 1 + max(mine or before, default=-1)
        return [*result[:at], *added, *result[at:]]

    def _joined(self, old: dict[str, str], new: dict[str, str], of: _Row, table: tables.Table) -> dict[str, str]:
        """A row that was known with what the table says of it."""
        settled = old.get("basis", "published") == "published"
        both = [column for column in _COMPARED if new.get(column) and old.get(column)]
        differing = [column for column in both if float(old[column]) != float(new[column])]
        if not settled and "index" in differing and _within(old, new):
            differing.remove("index")
        differing += [column for column in ("index", "rank") if column not in both and not _in_span(old, new, column)]
        if differing and not self.overwrite:
            self.conflicts += [self._conflict(old, new, column, of, table) for column in differing]
            return old
        self.replaced += [self._loser(old, new, column) for column in differing if settled and old[column]]
        own = {column: cell for column, cell in new.items() if cell and column not in ("source_ids", "note")}
        ids = dict.fromkeys([*old["source_ids"].split(";"), self.source]) if not differing else {self.source: None}
        if old.get("basis") == "not_ranked" and not new.get("rank"):
            own.pop("basis", None)  # assessed and not ranked: a value makes it no ranked unit
        spans = {f"{of}_{end}": "" for of in ("index", "rank") for end in ("min", "max") if new.get(of)}
        spans = {column: "" for column in spans if column in old}
        return {**old, **spans, **own, "source_ids": ";".join(filter(None, ids)),
                "note": old["note"] if settled and not differing else ""}  # fmt: skip

    def _conflict(
        self, old: dict[str, str], new: dict[str, str], column: str, of: _Row, table: tables.Table
    ) -> Problem:
        head = column if column not in _VALUE.values() or "area_code" in new else "value"
        head = new.get("area_code", head) if head in ("index", "points") else head
        span = " – ".join(dict.fromkeys(filter(None, (old.get(f"{column}_min"), old.get(f"{column}_max")))))
        words = Message("known is {known} ({sources})", {"known": old[column] or span, "sources": old["source_ids"]})
        return table.problem(of.place, head, words)

    def _loser(self, old: dict[str, str], new: dict[str, str], column: str) -> dict[str, str]:
        what = f"{column} of area {new['area_code']}" if "area_code" in new else column
        return {
            "year": str(self.year), "level": self.level if self.index_name == "par" else "sipas", "key": new["key"],
            "what": what, "kept": new[column], "kept_source_ids": self.source, "other": old[column],
            "other_source_ids": old["source_ids"], "comment": "replaced by a table that was taken in",
        }  # fmt: skip


_COMPARED = ("index", "value", "rank", "points", "appraisal_points", "survey_points")


def _cell(value: float) -> str:
    return tables.written(value).text("en")


def _in_span(old: dict[str, str], new: dict[str, str], column: str) -> bool:
    """Whether a value lies in the range that was printed, where one was."""
    ends = [old.get(f"{column}_{end}", "") for end in ("min", "max")]
    if not all(ends) or not new.get(column):
        return True
    return float(ends[0]) <= float(new[column]) <= float(ends[1])


def _within(old: dict[str, str], new: dict[str, str]) -> bool:
    """Whether a printed index is what was derived or rounded before."""
    low, high = (float(old[name] or old["index"]) for name in ("index_min", "index_max"))
    good = 0.5 if old["basis"] == "rounded" else _GOOD
    return low - good <= float(new["index"]) <= high + good


def _listed(rows: Iterable[_Row], year: int, level: str, source: str) -> Iterator[dict[str, str]]:
    for row in rows:
        ranked = "1" if "rank" in row.values else "0"
        yield {
            "year": str(year),
            "level": level,
            "key": row.unit,
            "ranked": ranked,
            "basis": "list",
            "source_ids": source,
        }
