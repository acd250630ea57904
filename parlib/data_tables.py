"""The tables of ``data/``: read strictly, set against the list of what there is, and against each other."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np

from parlib import contents, places
from parlib.errors import DataError, ParameterError, Problem
from parlib.layouts import LAYOUT_OF_UNITS, LAYOUTS
from parlib.tables import Column, Row, Table, content_of, decoded, delimited, limited, table_of
from parlib.words import Bilingual, Message, near

# --- levels and systems of units ----------------------------------------------------------------


def levels(folder: Path | None = None) -> dict[str, dict[str, str]]:
    """The levels of units ("province", "ministry") as ``units/levels.csv`` has them: the ``file`` of their units, and
    what these are called: ``name_vi`` and ``name_en`` (beside a number), ``plural_en``, ``short_vi`` (in cells and
    errors), ``all_vi`` and ``all_en`` (in titles)."""
    return {row["level"]: row for row in table("units/levels.csv", folder).rows()}


def check_level(level: str) -> str:
    """``level`` as it is, or a ``ParameterError`` naming those that exist."""
    there = levels()
    if level not in there:
        named = {"levels": Bilingual(" và ".join(there), " and ".join(there)), "near": near(level, there)}
        raise ParameterError(Problem(Message("no such level; the levels are {levels}{near}", named), value=level))
    return level


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
    also taken from, and whether its sources group the units by their scores (``grouped``)."""
    return {row["index_name"]: row for row in table("published/indices.csv").rows()}


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
    """The words for numbers of units by score: from the first bound (included) to the second (not included)."""
    frame = table("published/score_ranges.csv").frame()
    ends = zip(frame["low"].fillna(-math.inf), frame["high"].fillna(math.inf), strict=True)
    return dict(zip(frame["statistic"], ends, strict=True))


# --- the tables ---------------------------------------------------------------------------------


def table(name: str, folder: Path | None = None) -> Table:
    """The table ``name`` ("published/par_index.csv") of ``data/``, or of ``folder``; read again when it has changed.

    Raises ``DataError`` with everything that is wrong: what the strict reader finds, units, regions and sources that
    are not known, and rows and values that are not those on the list (``parlib.contents``).
    """
    folder = folder or places.data()
    return _table(folder, name, stamp(folder / name))


def records(name: str) -> tuple[dict[str, str], ...]:
    """The cells of ``table`` as written, row by row; not to be changed."""
    return _records(places.data(), name, stamp(places.data() / name))


@lru_cache(maxsize=32)
def _records(folder: Path, name: str, _changed: tuple[int, int]) -> tuple[dict[str, str], ...]:
    return tuple(table(name, folder).records())


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does; 0 where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=128)
def _table(folder: Path, name: str, _changed: tuple[int, int]) -> Table:
    content = content_of(folder / name)
    found = table_of(delimited(content, name, ","), LAYOUTS.get(name, LAYOUT_OF_UNITS), name)
    problems = [*found.problems, *_strangers(folder, found)]
    if not len(found):
        problems.append(Problem("the file has no rows", file=name))
    problems += contents.problems(folder, name, content)
    if not problems and "successor_keys" in found.texts:
        problems += _ended(found)
    if problems:
        raise DataError(limited(problems))
    return found


# --- what the tables name in each other ---------------------------------------------------------


def _strangers(folder: Path, found: Table) -> Iterator[Problem]:
    """The cells that name a unit, a region or a source that is not known, in that year."""
    for column in found.layout.columns:
        if not column.refers:
            continue
        cells = list(zip(found.texts[column.name], *_places(found, column.refers), strict=True))
        known: dict[tuple[str, ...], frozenset[str]] = {}
        wrong: dict[tuple[str, ...], str] = {}
        for cell in set(cells):
            text, *group = cell
            if tuple(group) not in known:
                known[tuple(group)] = _known(folder, found, column.refers, *group)
            for part in text.split(column.many) if column.many else (text,):
                if part and part not in known[tuple(group)] and part not in column.also:
                    wrong[cell] = part
        for place, cell in enumerate(cells if wrong else ()):
            if cell in wrong:
                yield _stranger(found, place, column, wrong[cell], known[cell[1:]])


def _ended(found: Table) -> Iterator[Problem]:
    """Units that ended, and nothing says what became of them."""
    rows = list(found.rows())
    standing = {row["key"] for row in rows if row["valid_to"] is None}
    lacking = Problem("the unit ended: say what it became", file=found.file, column="successor_keys")
    for row in rows:
        if row["valid_to"] and not row["successor_keys"] and row["key"] not in standing:
            yield lacking.at(value=row["key"])


def _stranger(found: Table, place: int, column: Column, part: str, known: frozenset[str]) -> Problem:
    what = {
        "source": Message("no such source in published/sources.csv"),
        "region": Message("no such region in units/regions.csv"),
        "level": Message("no such level in units/levels.csv"),
        "index": Message("no such index in published/indices.csv"),
        "system": Message("no such system in units/systems.csv"),
    }.get(column.refers, Message("no such unit in that year or system"))
    places = {"what": what, "part": part, "near": near(part, sorted(known))}
    return found.problem(place, column.name, Message("{what}: '{part}'{near}", places))


def _places(found: Table, refers: str) -> list[list[str]]:
    """For each row the cells that say which names are known there: its level, system and year."""
    if refers not in ("unit", "region", "place"):
        return []
    return [found.texts.get(name, [""] * len(found)) for name in ("level", "system", "year")]


def _known(
    folder: Path, found: Table, refers: str, level: str = "", system: str = "", year: str = ""
) -> frozenset[str]:
    """The names that may stand in a column that ``refers`` to them, in rows of a level, system and year."""
    if refers in _LISTS:
        return _texts(folder, *_LISTS[refers])
    if refers == "name":
        return _of_units(folder, "name_vi")
    if refers == "any":
        return _of_units(folder, "key") | _texts(folder, "units/regions.csv", "slug")
    if refers == "own":  # its own table: each may become another of it
        return frozenset(found.texts["key"])
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
    problems += contents.problems(places.data(), name, content)
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
