"""The tables of ``data/``: read strictly, set against the list of what there is, and against each other."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, TypedDict

import numpy as np
import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from parlib import places
from parlib.errors import DataError, ParameterError, Problem, SchemeError
from parlib.layouts import LAYOUT_OF_UNITS, LAYOUTS
from parlib.places import stamp
from parlib.tables import (
    LISTED,
    Column,
    Layout,
    Row,
    Table,
    content_of,
    decoded,
    delimited,
    limited,
    number,
    read_table,
    shown,
    table_of,
    write_rows,
)
from parlib.words import SOURCE, Joined, Keyed, Message, Name, Words, near

# --- contents -------------------------------------------------------------------------------------
# The list of what ``data/`` holds, ``contents.csv`` beside it: a value or a row that is not as it was is no accident.
#
# For every file: how many rows, and its SHA-256; for a table the same for each year and level. Whoever reads a file of
# ``data/`` asks here whether it is the one on the list (``read``, ``differences``). An edit that is meant is put on the
# list by ``accept``. Line endings and a byte-order mark do not count, for git and editors change them.

FILE = "contents.csv"
_APART = ("rounds", "templates")
_KINDS = (".csv", ".yaml", ".geojson", ".md")
_LAYOUT = Layout(
    (
        Column("file", required=True),
        Column("year", pattern="[0-9;]+"),
        Column("level"),
        Column("rows", "whole", low=0, required=True),
        Column("sha256", pattern="[0-9a-f]{16}|[0-9a-f]{64}", required=True),
    ),
    key=("file", "year", "level"),
    exact=True,
)

Group = tuple[str, str]  # year, level; both empty: the whole file
_WHOLE: Group = ("", "")
ADVICE = Message(  # what to do about it
    "if the edit is meant: 'parlib data check' looks at everything, 'parlib data accept' puts it on the list; if not:"
    " take the old file back"
)


@dataclass(frozen=True)
class Entry:
    """What the list says of a file, or of one year and level in it: the number of its rows and a hash of them."""

    rows: int
    sha256: str


# --- reading ------------------------------------------------------------------------------------

#: Whether the list is asked about files that are read.
asked: ContextVar[bool] = ContextVar("list_is_asked", default=True)


@contextmanager
def unasked() -> Iterator[None]:
    """Files are read without the list while the block runs: to see whether they are sound in themselves."""
    token = asked.set(False)
    try:
        yield
    finally:
        asked.reset(token)


def read(path: Path) -> bytes:
    """The content of a file; ``DataError`` where it lies in ``data/`` and is not the one on the list."""
    content = content_of(path)
    folder, path = places.data().absolute(), path.absolute()
    within = folder in path.parents and _belongs(folder, path)
    result = content_problems(folder, path.relative_to(folder).as_posix(), content) if within else []
    DataError.raise_for(result)
    return content


def content_problems(folder: Path, name: str, content: bytes) -> list[Problem]:
    """How the file ``name`` of a data folder differs from what its list says of it, and what to do then."""
    if not asked.get():
        return []
    if not (folder / FILE).is_file():
        return [_no_list(folder)]
    result = _differences(folder, name, content)
    return [*result, Problem(ADVICE, file=name)] if result else []


def _no_list(folder: Path) -> Problem:
    return Problem(
        "the data folder has no such list yet; check it and make the list: 'parlib data accept'",
        file=str(folder / FILE),
    )


def listed(folder: Path) -> dict[str, dict[Group, Entry]]:
    """What the list beside ``folder``'s data says, by file; nothing where there is no list."""
    path = folder / FILE
    return _listed(path, path.stat().st_mtime_ns, path.stat().st_size) if path.is_file() else {}


@lru_cache(maxsize=8)
def _listed(path: Path, _changed: int, _size: int) -> dict[str, dict[Group, Entry]]:
    results: dict[str, dict[Group, Entry]] = {}
    for row in read_table(path, _LAYOUT, separator=",").checked().rows():
        results.setdefault(row["file"], {})[row["year"], row["level"]] = Entry(row["rows"], row["sha256"])
    return results


def differences(folder: Path) -> list[Problem]:
    """How all files of ``folder`` differ from its list: values and rows changed, files gone and new."""
    if not (folder / FILE).is_file():
        return [_no_list(folder)]
    names = dict.fromkeys([*listed(folder), *names_in(folder)])
    contents = {name: content_of(folder / name) if (folder / name).is_file() else None for name in names}
    return [problem for name, content in contents.items() for problem in _differences(folder, name, content)]


def names_in(folder: Path) -> list[str]:
    """The files of ``folder`` that belong on its list, in order; rounds have a ledger of their own."""
    tops = [path for path in folder.iterdir() if path.is_dir() and path.name not in _APART]
    files = [path for top in tops for path in top.rglob("*") if _belongs(folder, path) and path.is_file()]
    return sorted(path.relative_to(folder).as_posix() for path in files)


def _belongs(folder: Path, path: Path) -> bool:
    """Whether a file of ``folder`` is one for the list: no draft, no round, no document."""
    parts = path.relative_to(folder).parts
    apart = parts[0] in _APART or len(parts) == 1 or places.rounds() in path.parents
    return path.suffix in _KINDS and not apart and not any(part.startswith((".", "~$")) for part in parts)


# --- writing ------------------------------------------------------------------------------------


def accept(folder: Path | None = None) -> None:
    """Write the list of what ``folder`` (``data/`` of the workbook) holds now, whole or not at all."""
    folder = folder or places.data()
    _write(folder, {name: _entries(content_of(folder / name), name) for name in names_in(folder)})


def accept_file(path: Path) -> None:
    """Put one file of ``data/``, which parlib itself has written, on the list; the others stay as they are there."""
    folder = places.data()
    if (folder / FILE).is_file():
        name = path.relative_to(folder).as_posix()
        _write(folder, {**listed(folder), name: _entries(content_of(path), name)})


def _write(folder: Path, files: dict[str, dict[Group, Entry]]) -> None:
    rows = [
        {"file": name, "year": year, "level": level, "rows": str(entry.rows), "sha256": entry.sha256}
        for name, groups in sorted(files.items())
        for (year, level), entry in groups.items()
    ]
    with places.whole_file(folder / FILE) as draft:
        write_rows(draft, _LAYOUT, rows)


# --- what a file is and was ---------------------------------------------------------------------


def _plain(content: bytes) -> bytes:
    return content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(_plain(content)).hexdigest()


def _entries(content: bytes, name: str) -> dict[Group, Entry]:
    """A file as the list tells it. The hash of a group is that of its rows whatever their order, shortened."""
    if not name.endswith(".csv"):
        return {_WHOLE: Entry(content.count(b"\n"), _sha256(content))}
    rows = _rows(content)
    groups: dict[Group, list[str]] = {}
    for row in rows:
        group = (row.get("year", row.get("years", "")), row.get("level", ""))
        if group != _WHOLE:
            groups.setdefault(group, []).append("\x1f".join(row.values()))
    return {_WHOLE: Entry(len(rows), _sha256(content))} | {
        group: Entry(len(lines), hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16])
        for group, lines in sorted(groups.items())
    }


def _rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a table by head, as far as it has any: what is wrong with it is found by the strict reader."""
    text = _plain(content).decode("utf-8", "replace").replace("\0", "")
    head, *rows = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    return [dict(zip(head, row, strict=False)) for row in rows if row]


def _differences(folder: Path, name: str, content: bytes | None) -> list[Problem]:
    was = listed(folder).get(name)
    if content is None:
        assert was is not None
        rows = was[_WHOLE].rows
        return [Problem("no such file; {listing} lists it with {rows} rows", file=name, listing=FILE, rows=rows)]
    if was is None:
        return [Problem("the file is not on the list {listing}", file=name, listing=FILE)]
    if was[_WHOLE].sha256 == _sha256(content):
        return []
    now = _entries(content, name)
    groups = [group for group in dict.fromkeys([*was, *now]) if was.get(group) != now.get(group)]
    results = [
        _unlike(folder, name, group, was.get(group), now.get(group)) for group in groups if group != _WHOLE or name
    ]
    if len(groups) > 1:  # the years say it all
        results = results[1:]
    return [*results[:LISTED], *_more(results, name), *_changed_rows(folder, name, was[_WHOLE], content)]


def _more(problems: list[Problem], name: str) -> list[Problem]:
    more = len(problems) - LISTED
    return [Problem("and {more} more", file=name, more=more)] if more > 0 else []


def _unlike(folder: Path, name: str, group: Group, was: Entry | None, now: Entry | None) -> Problem:
    """How one year and level (or the whole file) differs from the list."""
    before, after = was.rows if was else 0, now.rows if now else 0
    what = _label(folder, group)
    if before == after:
        return Problem(
            "{what}values differ from the list {listing} (still {after} rows)",
            file=name,
            what=what,
            listing=FILE,
            after=after,
        )
    return Problem(
        "{what}there are {after} rows, the list {listing} says {before}",
        file=name,
        what=what,
        after=after,
        listing=FILE,
        before=before,
    )


def _label(folder: Path, group: Group) -> Words | str:
    """The year and level that a problem is with, as the words before it."""
    file = folder / "units" / "levels.csv"
    levels = _rows(content_of(file)) if group[1] and file.is_file() else []
    words = {row.get("level"): Name(row.get("short_vi", ""), row.get("plural_en", "")) for row in levels}
    year = Message("year {year}", {"year": group[0].replace(";", ", ")}) if group[0] else ""
    parts = [part for part in (year, words.get(group[1], group[1])) if part]
    return Message("{what}: ", {"what": Joined(parts)}) if parts else ""


def _changed_rows(folder: Path, name: str, was: Entry, content: bytes) -> list[Problem]:
    """The rows and values that changed, where git has the file that the list means; else nothing."""
    layout = LAYOUTS.get(name)
    before = _from_git(folder, name) if layout else None
    if before is None or layout is None or _sha256(before) != was.sha256:
        return []
    old, new = (_by_key(_rows(text), layout.key) for text in (before, content))
    numbers = {key: number for number, key in enumerate(new, start=2)}
    problems = [_row(name, key, Message("this row is gone")) for key in old if key not in new]
    problems += [_row(name, key, Message("this row is new"), numbers[key]) for key in new if key not in old]
    for key, row in new.items():
        for column, value in row.items():
            if old.get(key, row).get(column) != value:
                sentence = old[key].get(column, "")
                problems.append(
                    Problem("was '{told}'", file=name, row=numbers[key], column=column, value=value, told=sentence)
                )  # fmt: skip
    return [*problems[:LISTED], *_more(problems, name)]


def _row(name: str, key: tuple[str, ...], what: Message, number: int | None = None) -> Problem:
    return Problem(what, file=name, row=number, value=", ".join(cell for cell in key[:-1] if cell))


def _by_key(rows: list[dict[str, str]], key: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, str]]:
    """Rows by their key, and by how often it stood above: a row that is given twice is two rows."""
    times: Counter[tuple[str, ...]] = Counter()
    results = {}
    for row in rows:
        cells = tuple(row.get(name, "") for name in key)
        results[(*cells, str(times[cells]))] = row
        times[cells] += 1
    return results


def _from_git(folder: Path, name: str) -> bytes | None:
    import subprocess

    command = ["git", "-C", str(folder), "show", f"HEAD:./{name}"]
    try:
        return subprocess.run(command, capture_output=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None


# --- levels and systems of units ----------------------------------------------------------------


State = tuple[Path, tuple[int, int], tuple[int, int]]


def units_as_they_are() -> State:
    """The folder of the data, and what changes when a level or a list of assessed units is added."""
    folder = places.data()
    inside = places.inside
    return folder, stamp(inside(folder, "units/levels.csv")), stamp(inside(folder, "units/assessed.csv"))


def levels(folder: Path | None = None) -> dict[str, dict[str, str]]:
    """The levels of units as ``units/levels.csv`` has them: the ``file`` of their units, and what these are called:
    ``name_vi``, ``name_en`` (by a number), ``plural_en``, ``short_vi`` (in cells, errors), ``all_*`` (in titles)."""
    return table("units/levels.csv", folder).by_key


def issuer(level: str) -> Name:
    """Who assesses the units of a level of one's own, such as "UBND tỉnh Đồng Tháp"; no words: the ministry."""
    return Name((of := levels()[level])["issuer_vi"], of["issuer_en"] or of["issuer_vi"])


def check_level(level: str) -> str:
    """``level`` as it is, or a ``ParameterError`` naming those that exist."""
    there = levels()
    if level not in there:
        named = {"levels": level_words(), "near": near(level, there)}
        raise ParameterError(Problem(Message("no such level; the levels are {levels}{near}", named), value=level))
    return level


def level_words(keys: Container[str] = ()) -> Joined:
    """The levels, all or those of some ``keys``, as people call them: "tỉnh (province), bộ (ministry)"."""
    of = levels().items()
    return Joined(Keyed(key, Name(row["short_vi"], row["name_en"])) for key, row in of if not keys or key in keys)


def systems(level: str = "", folder: Path | None = None) -> dict[str, int]:
    """The systems of units of a level ("" = of any), each with the first year whose results are on it; 0: the first."""
    rows = table("units/systems.csv", folder).rows()
    return {row["system"]: int(row["first_year"] or 0) for row in rows if level in ("", row["level"])}


def system_of(year: int, level: str = "", folder: Path | None = None) -> str:
    """The system of units that results of ``year`` are on ("63" to 2024, "34" from 2025, for the provinces); "" for a
    level without systems."""
    begun = {system: first for system, first in systems(level, folder).items() if first <= year}
    return max(begun, key=begun.__getitem__, default="")


def indices() -> dict[str, Row]:
    """The indices by name as ``published/indices.csv`` has them: the ``levels`` that each is of (none named: all), its
    names, how it is printed (``column`` of the index table, ``decimals``, ``unit``), the ``base_year`` that changes are
    also taken from, whether its sources group the units by their scores (``grouped``), the body that issues the report
    on it (``issuer_*``; none: the report analyses what others publish), who publishes it, and whether people are asked
    for it (``surveyed``): then it has an error of sampling."""
    return table("published/indices.csv").by_key


@dataclass(frozen=True, slots=True)
class Scale:
    """How an index is printed: the ``column`` of the index table, ``decimals``, and the ``unit`` of its values."""

    column: Literal["index", "points"] = "index"
    decimals: int = 2
    unit: str = "percent"


def scale(index_name: str) -> Scale:
    """How an index is printed: PAPI 2024 is 47.82 points of 80, not 59.78. One that is not listed: in percent."""
    listed = indices().get(index_name)
    return Scale(listed["column"], int(listed["decimals"]), listed["unit"]) if listed else Scale()


def base_year(index_name: str = "par") -> int:
    """The year that changes of an index are also taken from; 0 where there is none."""
    return int(indices().get(index_name, {}).get("base_year") or 0)


def since_base() -> str:
    """The word of the change of the mean since the base year."""
    return f"mean_change_vs_{base_year()}"


def count_words() -> dict[str, tuple[float, float]]:
    """The words for numbers of units by score: from the first bound (included) to the second; not to be changed."""
    return _count_words(places.data(), stamp(places.data() / "published/score_ranges.csv"))


@lru_cache(maxsize=4)
def _count_words(folder: Path, _changed: tuple[int, int]) -> dict[str, tuple[float, float]]:
    frame = table("published/score_ranges.csv", folder).frame()
    ends = zip(frame["low"].fillna(-math.inf), frame["high"].fillna(math.inf), strict=True)
    return dict(zip(frame["statistic"], ends, strict=True))


# --- the tables ---------------------------------------------------------------------------------


def table(name: str, folder: Path | None = None) -> Table:
    """The table ``name`` ("published/par_index.csv") of ``data/``, or of ``folder``; read again when it has changed.

    Raises ``DataError`` with everything that is wrong: what the strict reader finds, units, regions and sources that
    are not known, and rows and values that are not those on the list (``data/contents.csv``).
    """
    folder = folder or places.data()
    return _table(folder, name, stamp(places.inside(folder, name)))


def records(name: str) -> tuple[dict[str, str], ...]:
    """The cells of ``table`` as written, row by row; not to be changed."""
    return _records(places.data(), name, stamp(places.data() / name))


@lru_cache(maxsize=32)
def _records(folder: Path, name: str, _changed: tuple[int, int]) -> tuple[dict[str, str], ...]:
    return tuple(table(name, folder).records())


@lru_cache(maxsize=128)
def _table(folder: Path, name: str, _changed: tuple[int, int]) -> Table:
    content = content_of(folder / name)
    result = table_of(delimited(content, name, ","), LAYOUTS.get(name, LAYOUT_OF_UNITS), name)
    problems = [*result.problems, *_strangers(folder, result)]
    if not len(result):
        problems.append(Problem("the file has no rows", file=name))
    problems += content_problems(folder, name, content)
    if not problems and "successor_keys" in result.texts:
        problems += _ended(result)
    if problems:
        raise DataError(limited(problems))
    return result


# --- what the tables name in each other ---------------------------------------------------------


def _strangers(folder: Path, problems: Table) -> Iterator[Problem]:
    """The cells that name a unit, a region or a source that is not known, in that year."""
    for column in problems.layout.columns:
        if not column.refers:
            continue
        cells = list(zip(problems.texts[column.name], *_places(problems, column.refers), strict=True))
        known: dict[tuple[str, ...], frozenset[str]] = {}
        wrong: dict[tuple[str, ...], str] = {}
        for cell in set(cells):
            text, *group = cell
            if tuple(group) not in known:
                known[tuple(group)] = _known(folder, problems, column.refers, *group)
            for part in text.split(column.many) if column.many else (text,):
                if part and part not in known[tuple(group)] and part not in column.also:
                    wrong[cell] = part
        for place, cell in enumerate(cells if wrong else ()):
            if cell in wrong:
                yield _stranger(problems, place, column, wrong[cell], known[cell[1:]])


def _ended(problems: Table) -> Iterator[Problem]:
    """Units that ended, and nothing says what became of them."""
    rows = list(problems.rows())
    current = {row["key"] for row in rows if row["valid_to"] is None}
    lacking = Problem("the unit ended: say what it became", file=problems.file, column="successor_keys")
    for row in rows:
        if row["valid_to"] and not row["successor_keys"] and row["key"] not in current:
            yield lacking.at(value=row["key"])


def _stranger(problems: Table, place: int, column: Column, part: str, known: frozenset[str]) -> Problem:
    what = {
        "source": Message("no such source in published/sources.csv"),
        "region": Message("no such region in units/regions.csv"),
        "level": Message("no such level in units/levels.csv"),
        "index": Message("no such index in published/indices.csv"),
        "system": Message("no such system in units/systems.csv"),
    }.get(column.refers, Message("no such unit in that year or system"))
    places = {"what": what, "part": part, "near": near(part, sorted(known))}
    return problems.problem(place, column.name, Message("{what}: '{part}'{near}", places))


def _places(result: Table, refers: str) -> list[list[str]]:
    """For each row the cells that say which names are known there: its level, system and year."""
    if refers not in ("unit", "region", "place"):
        return []
    return [result.texts.get(name, [""] * len(result)) for name in ("level", "system", "year")]


def _known(
    folder: Path, result: Table, refers: str, level: str = "", system: str = "", year: str = ""
) -> frozenset[str]:
    """The names that may stand in a column that ``refers`` to them, in rows of a level, system and year."""
    if refers in _LISTS:
        return _texts(folder, *_LISTS[refers])
    if refers == "name":
        return _of_units(folder, "name_vi")
    if refers == "any":
        return _of_units(folder, "key") | _texts(folder, "units/regions.csv", "slug")
    if refers == "own":  # its own table: each may become another of it
        return frozenset(result.texts["key"])
    if refers in systems(folder=folder):
        return _units(folder, "", refers)
    level = level if level in levels(folder) else next(iter(levels(folder)))
    system = system or (system_of(int(year), level, folder) if year.isdigit() else "")
    if refers == "region":
        return _regions(folder, system)
    known = _units(folder, level, system, "" if system else year)
    return known | (_texts(folder, "geo/labels.csv", "id") if refers == "place" else frozenset())


#: What a column may refer to that is one column of one table.
_LISTS = {
    "source": ("published/sources.csv", "source_id"),
    "level": ("units/levels.csv", "level"),
    "system": ("units/systems.csv", "system"),
    "index": ("published/indices.csv", "index_name"),
}


def _texts(folder: Path, name: str, column: str) -> frozenset[str]:
    return _column(folder, name, column, stamp(folder / name))


@lru_cache(maxsize=32)
def _column(folder: Path, name: str, column: str, _changed: tuple[int, int]) -> frozenset[str]:
    return frozenset(table(name, folder).texts[column])


def _of_units(folder: Path, column: str) -> frozenset[str]:
    return frozenset().union(*(_texts(folder, level["file"], column) for level in levels(folder).values()))


def _regions(folder: Path, system: str) -> frozenset[str]:
    rows = table("units/regions.csv", folder).rows()
    return frozenset(row["slug"] for row in rows if row["system"] == system)


def _units(folder: Path, level: str, system: str, year: str = "") -> frozenset[str]:
    """The units of a system, or those of a level that stand at the end of a year."""
    files = [of["file"] for key, of in levels(folder).items() if level in ("", key)]
    return _keys(folder, system, year, *((file, stamp(folder / file)) for file in files))


@lru_cache(maxsize=256)
def _keys(folder: Path, system: str, year: str, *files: tuple[str, tuple[int, int]]) -> frozenset[str]:
    rows = [row for file, _ in files for row in table(file, folder).rows()]
    if system:
        return frozenset(row["key"] for row in rows if row.get("system") == system)
    day = date(int(year), 12, 31) if year.isdigit() else date.max
    return frozenset(row["key"] for row in rows if (row["valid_from"] or day) <= day <= (row["valid_to"] or day))


# --- the outlines of the provinces --------------------------------------------------------------


class Geometry(TypedDict):
    """What GeoJSON says of an outline."""

    type: str
    coordinates: list[list[list[object]]]


def outlines(system: str) -> list[tuple[str, list[list[np.ndarray]]]]:
    """The provinces of a system ("63", "34") as ``geo/provinces<system>.geojson`` draws them: key, and its parts, each
    with its rings (the first outside, the others holes), which are n x 2: longitude, latitude in degrees."""
    name = f"geo/provinces{system}.geojson"
    content = content_of(places.data() / name)
    features, problems = _features(decoded(content, name), name)
    drawn = []
    for key, geometry in features:
        try:
            drawn.append((key, _parts(geometry)))
        except (TypeError, ValueError, KeyError, IndexError):
            problems.append(Problem("the outline cannot be read", file=name, value=key))
    expected = _units(places.data(), "", system)
    keys = [key for key, _ in drawn]
    lacking = Problem("the map lacks this province", file=name)
    problems += [lacking.at(value=key) for key in sorted(expected - set(keys))]
    for key in sorted({key for key in keys if key not in expected or keys.count(key) > 1}):
        problems.append(Problem("no such province in that system, or given twice", file=name, value=key))
    problems += content_problems(places.data(), name, content)
    if problems:
        raise DataError(limited(problems))
    return drawn


def _features(text: str, name: str) -> tuple[list[tuple[str, Geometry]], list[Problem]]:
    try:
        features = json.loads(text)["features"]
        return [(str(feature["properties"]["key"]), feature["geometry"]) for feature in features], []
    except json.JSONDecodeError as error:
        problem = Problem("not JSON; is the file cut or spoilt?", file=name, row=error.lineno)
    except (KeyError, TypeError):
        problem = Problem("not a GeoJSON map of the provinces", file=name)
    raise DataError(problem)


def _parts(geometry: Geometry) -> list[list[np.ndarray]]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[_ring(ring) for ring in rings] for rings in parts]


def _ring(ring: object) -> np.ndarray:
    points = np.array(ring)
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)  # ValueError where these are no pairs
    if points.dtype.kind not in "fi" or not (west >= 102 and east <= 118 and south >= 6 and north <= 24):
        raise ValueError
    return points


# --- yaml files -----------------------------------------------------------------------------------
# The one reader and writer of YAML: decimals exact, no key twice, problems with their line.

Content = Any  # what a YAML file holds is known once it was checked
_SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C where it was built, five times as fast


class _Fault(yaml.constructor.ConstructorError):
    """What we refuse and YAML would take."""

    def __init__(self, message: Message, mark: yaml.Mark) -> None:
        super().__init__(None, None, message.text(SOURCE), mark)
        self.message = message


class _StrictLoader(_SafeLoader):  # type: ignore[valid-type,misc]
    """Reads decimals exactly and refuses a key given twice, which YAML would pass in silence."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[object, object]:
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        try:
            twice = key in seen
        except TypeError:
            raise yaml.constructor.ConstructorError(None, None, "a key must be plain", key_node.start_mark) from None
        if twice:
            raise _Fault(Message("key given twice: {key!r}", {"key": key}), key_node.start_mark)
        seen.add(key)
    mapping: dict[object, object] = loader.construct_mapping(node, deep=True)
    return mapping


def _decimal(_: _StrictLoader, node: yaml.ScalarNode) -> Decimal:
    try:
        number = Decimal(node.value)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise _Fault(Message("not a plain number: {value!r}", {"value": node.value}), node.start_mark)
    return number


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
_StrictLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def read_yaml(path: Path) -> Content:
    """The content of a YAML file, decimals as ``Decimal``; ``SchemeError`` with the line where it cannot be read."""
    try:
        return yaml.load(decoded(read(path), path.name), _StrictLoader)
    except DataError as error:
        raise SchemeError(error.problems) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        what = error.message if isinstance(error, _Fault) else " ".join(str(error.problem or error).split())
        problem = Problem("YAML cannot be read: {what}", row=line, what=what)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: an impossible day, such as 2024-01-32
        reason = " ".join(str(error).split())
        problem = Problem("file cannot be read: {reason}", reason=reason)
    raise SchemeError(problem.at(file=path.name))


def plain(value: object) -> object:
    """What a file holds with its decimals as floats."""
    if isinstance(value, dict):
        return {key: plain(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [plain(content) for content in value]
    return float(value) if isinstance(value, Decimal) else value


# --- what is known of each decision without its tree: areas, components, bands, facts -------------
# What is known of each year's set of criteria without its tree: decision, areas, components, bands, breaks, facts.

TOTAL = "TOTAL"  # the row of a whole set of criteria in areas.csv
_NAMES = {"area_code": "node", "name_vi": "name", "max_points": "maximum"}


def _published(name: str, year: int, level: str) -> list[dict[str, str]]:
    check_level(level)
    rows = [row for row in records(f"schemes/{name}") if row["level"] == level]
    return [row for row in rows if str(year) in row.get("years", row.get("year", "")).split(";")]


def _frame(name: str, year: int, level: str, columns: str) -> pd.DataFrame:
    """Some columns of the rows of a year: numbers as ``float64``, NaN where they were not seen; the others as text."""
    rows = [{_NAMES.get(key, key): cell for key, cell in row.items()} for row in _published(name, year, level)]
    frame = pd.DataFrame(rows, columns=columns.split(), dtype="str")
    numbers = [column for column in frame if column in ("maximum", "n_criteria", "n_subcriteria", "lower")]
    return frame.assign(**{key: frame[key].replace("", "nan").astype("float64") for key in numbers})


def decision_of(year: int, level: str) -> str:
    """The decision whose criteria ``year`` was scored by ("876/QĐ-BNV"); "" where its number was not seen."""
    numbers = (row["decision"] for row in _published("areas.csv", year, level) if "/QĐ-" in row["decision"])
    return next(numbers, "")


def decision_basis(year: int, level: str) -> str:
    """Whether ``decision_of`` is "printed" for that year or "inferred" from the years around; "" when not known."""
    return next((row["years_basis"] for row in _published("areas.csv", year, level)), "")


def areas_of(year: int, level: str) -> pd.DataFrame:
    """The areas of a year as far as seen: ``node``, ``name``, ``scope``, ``maximum``, ``n_criteria``,
    ``n_subcriteria``, ``basis``, ``source_ids``, ``note``; numbers not seen are NaN, and no rows where none was.

    ``scope`` is "total", or "appraised_part" where the maximum is that of the points without the survey.
    """
    columns = "node name scope maximum n_criteria n_subcriteria basis source_ids note"
    frame = _frame("areas.csv", year, level, columns)
    return frame[frame["node"] != TOTAL].reset_index(drop=True)


def total_of(year: int, level: str) -> tuple[float, float, float]:
    """The maximum of the whole index and the numbers of criteria and sub-criteria, as printed for the set of criteria
    of a year; NaN where they were not seen."""
    frame = _frame("areas.csv", year, level, "node maximum n_criteria n_subcriteria").set_index("node")
    maximum, criteria, sub = frame.reindex([TOTAL]).to_numpy()[0].tolist()
    return maximum, criteria, sub


def components_of(year: int, level: str) -> pd.DataFrame:
    """The components of a year as far as seen: ``component``, ``name``, ``kind`` (part, subtotal), ``group``
    (appraised, survey), ``maximum``, ``basis``, ``source_ids``, ``note``."""
    return _frame("components.csv", year, level, "component name kind group maximum basis source_ids note")


def bands_of(year: int, level: str) -> dict[str, float]:
    """Lower bounds of the bands of a year by name, best first; empty where there are none. See ``band_table``."""
    return {row["band"]: float(row["lower"]) for row in _published("bands.csv", year, level)}


def band_table(year: int, level: str) -> pd.DataFrame:
    """The bands of a year with what each bound rests on: ``band``, ``lower``, ``basis``, ``source_ids``, ``note``.

    ``basis`` is "printed" where sources of that year and level group by this bound, else "inferred" from other years.
    """
    return _frame("bands.csv", year, level, "band lower basis source_ids note")


def breaks(level: str, index_name: str = "par") -> frozenset[int]:
    """The years whose scale differs from that of the year before."""
    of = (index_name, check_level(level))
    return frozenset(int(r["year"]) for r in records("schemes/breaks.csv") if (r["index_name"], r["level"]) == of)


# --- published facts that a scheme must agree with ----------------------------------------------


class Facts(BaseModel):
    """What is published about one set of criteria; ``None`` or empty where nothing is. See data/schemes/facts.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: str
    level: str
    years: tuple[int, ...]
    total: Decimal | None = None
    criteria: int | None = None
    subcriteria: int | None = None
    area_maxima: tuple[Decimal | None, ...] = ()
    area_maxima_assumed: tuple[Decimal, ...] = ()
    area_counts: tuple[tuple[int, int] | None, ...] = ()
    components: dict[str, Decimal] = {}
    only_in_area: dict[str, dict[str, Decimal]] = {}
    absent: dict[str, tuple[int, ...]] = {}

    def against(self, own: Facts, assumed: bool) -> Iterator[Problem]:
        """Where what a set of criteria says of itself contradicts this; ``assumed``: it is held to the maxima that we
        assumed as well."""
        rows: list[tuple[str, Message, object, object]] = [
            ("", Message("level"), own.level, self.level),
            ("", Message("years of this decision"), own.years, self.years),
            ("", Message("total"), own.total, self.total),
            ("", Message("number of areas"), len(own.area_maxima), len(self.area_maxima) or None),
            ("", Message("number of criteria"), own.criteria, self.criteria),
            ("", Message("number of sub-criteria"), own.subcriteria, self.subcriteria),
            ("", Message("components"), _pairs(own.components), _pairs(self.components)),
        ]
        maxima = (assumed and self.area_maxima_assumed) or self.area_maxima
        for place, (code, points) in enumerate(own.only_in_area.items()):
            rows += [(code, Message("max"), own.area_maxima[place], want) for want in maxima[place : place + 1]]
            shape, counts = Message("criteria and sub-criteria"), self.area_counts[place : place + 1]
            rows += [(code, shape, own.area_counts[place], want) for want in counts]
            for home, alone in self.only_in_area.items():  # components that stand in one area alone
                for key, most in alone.items():
                    of, zero = Message("points of {key}", {"key": key}), Decimal(0)
                    rows.append((code, of, points.get(key, zero), most if code == home else zero))
        for node, what, got, want in rows:
            if want not in (None, (), []) and got != want:
                words = {"word": what, "given": shown(got), "published": shown(want)}
                differs = Message("{word}: is {given}, published {published}", words)
                yield Problem(differs, node=node, about=what.text("en"))


def _pairs(values: Mapping[str, Decimal]) -> list[str]:
    return [f"{key} {number(value, 'en')}" for key, value in sorted(values.items())]


def facts_of(scheme_id: str, decision: str, level: str, years: tuple[int, ...]) -> Facts | None:
    """The facts about the scheme of this id, or else of this decision, level and (if several) years: those of the
    tables, with those of facts.yaml over them."""
    listed = check_facts()
    same = [entry for entry in listed.values() if (entry.decision, entry.level) == (decision, level)]
    near = [entry for entry in same if set(entry.years) & set(years)] or (same if len(same) == 1 else [])
    entry = listed.get(scheme_id, near[0] if near else None)
    if entry is not None:
        return Facts.model_validate(_printed(entry.decision, entry.level) | entry.model_dump(exclude_unset=True))
    printed = _printed(decision, level)
    return Facts.model_validate(printed) if printed else None


def check_facts() -> dict[str, Facts]:
    """What facts.yaml says, by scheme. ``SchemeError`` with what is wrong with it."""
    return _all_facts(places.data() / "schemes" / "facts.yaml")


@cache
def _all_facts(path: Path) -> dict[str, Facts]:
    try:
        listed = TypeAdapter(dict[str, Facts]).validate_python(read_yaml(path))
    except ValidationError as error:
        raise SchemeError(_wrong_fact(one["loc"], one["msg"], one["input"]) for one in error.errors()) from None
    for entry in listed.values():
        check_level(entry.level)
    return listed


def _wrong_fact(place: tuple[int | str, ...], reason: str, value: object) -> Problem:
    sentence = Name("không đúng dạng của mục này (xem đầu tệp)", reason)
    return Problem(sentence, file="facts.yaml", column=".".join(map(str, place)), value=value)


def _printed(decision: str, level: str) -> dict[str, object]:
    """The facts that areas.csv and components.csv have of a set of criteria; none where it is not in them."""
    rows, parts = (
        [row for row in records(f"schemes/{name}.csv") if (row["decision"], row["level"]) == (decision, level)]
        for name in ("areas", "components")
    )
    if not rows:
        return {}
    totals = [row for row in rows if row["area_code"] == TOTAL]
    areas = [row for row in rows if row["area_code"] != TOTAL and row["scope"] == "total"]
    printed: dict[str, object] = {
        "decision": decision,
        "level": level,
        "years": [year for year in rows[0]["years"].split(";") if rows[0]["years_basis"] == "printed"],
        "total": next((row["max_points"] for row in totals), "") or None,
        "area_maxima": [row["max_points"] or None for row in areas],
        "components": {row["component"]: row["max_points"] for row in parts if row["kind"] == "part"},
    }
    pairs = [(row["n_criteria"], row["n_subcriteria"]) for row in areas]
    printed["area_counts"] = [pair if all(pair) else None for pair in pairs]
    for place, key in enumerate(("criteria", "subcriteria")):
        total, sure = next((row[f"n_{key}"] for row in totals), ""), all(map(all, pairs))
        added = sum(int(pair[place]) for pair in pairs) if sure else 0
        if total and (not pairs or not sure or int(total) == added):  # else neither the total nor the sum is sure
            printed[key] = total
    return printed
