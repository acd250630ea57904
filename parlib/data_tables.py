"""The tables of ``data/``: read strictly, set against the list of what there is, and against each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from parlib import contents, places
from parlib.errors import DataError, Problem
from parlib.layouts import LAYOUTS
from parlib.tables import Column, Table, content_of, decoded, delimited, limited, table_of
from parlib.words import Bilingual, Message, near

FIRST_YEAR_OF_34 = 2025
SYSTEMS = ("63", "34")


def system_of(year: int) -> str:
    """The system of provinces that results of ``year`` are on: "63" to 2024, "34" from 2025."""
    return "34" if year >= FIRST_YEAR_OF_34 else "63"


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
    found = table_of(delimited(content, name, ","), LAYOUTS[name], name)
    problems = [*found.problems, *_strangers(folder, found)]
    if not len(found):
        problems.append(Problem("the file has no rows", file=name))
    problems += contents.problems(folder, name, content)
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
                if part and part not in known[tuple(group)]:
                    wrong[cell] = part
        for place, cell in enumerate(cells if wrong else ()):
            if cell in wrong:
                yield _stranger(found, place, column, wrong[cell], known[cell[1:]])


def _stranger(found: Table, place: int, column: Column, part: str, known: frozenset[str]) -> Problem:
    vi, en = {
        "source": ("không có nguồn này trong published/sources.csv", "no such source in published/sources.csv"),
        "region": ("không có vùng này trong units/regions.csv", "no such region in units/regions.csv"),
    }.get(column.refers, ("không có đơn vị này trong năm hoặc hệ thống đó", "no such unit in that year or system"))
    places = {"what": Bilingual(vi, en), "part": part, "near": near(part, sorted(known))}
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
    if refers == "source":
        return _texts(folder, "published/sources.csv", "source_id")
    if refers == "name":
        return _of_units(folder, "name_vi")
    if refers == "any":
        return _of_units(folder, "key") | _texts(folder, "units/regions.csv", "slug")
    if refers == "ministry":  # its own table: each may become another of it
        return frozenset(found.texts["key"])
    if refers in SYSTEMS:
        return _units(folder, refers)
    if level == "ministry":
        return _units(folder, f"ministry {year}")
    system = system or (system_of(int(year)) if year.isdigit() else "")
    if refers == "region":
        return _regions(folder, system)
    return _units(folder, system) | (_texts(folder, "geo/labels.csv", "id") if refers == "place" else frozenset())


def _texts(folder: Path, name: str, column: str) -> frozenset[str]:
    return _column(folder, name, column, stamp(folder / name))


@lru_cache(maxsize=32)
def _column(folder: Path, name: str, column: str, _changed: tuple[int, int]) -> frozenset[str]:
    return frozenset(table(name, folder).texts[column])


def _of_units(folder: Path, column: str) -> frozenset[str]:
    return _texts(folder, "units/provinces.csv", column) | _texts(folder, "units/ministries.csv", column)


def _regions(folder: Path, system: str) -> frozenset[str]:
    rows = table("units/regions.csv", folder).rows()
    return frozenset(row["slug"] for row in rows if row["system"] == system)


def _units(folder: Path, group: str) -> frozenset[str]:
    return _keys(folder, group, *(stamp(folder / "units" / name) for name in ("provinces.csv", "ministries.csv")))


@lru_cache(maxsize=256)
def _keys(folder: Path, group: str, *_changed: tuple[int, int]) -> frozenset[str]:
    level, _, year = group.partition(" ")
    if level != "ministry":
        return frozenset(row["key"] for row in table("units/provinces.csv", folder).rows() if row["system"] == group)
    day = date(int(year), 12, 31) if year.isdigit() else date.max
    return frozenset(
        row["key"]
        for row in table("units/ministries.csv", folder).rows()
        if (row["valid_from"] or day) <= day <= (row["valid_to"] or day)
    )


# --- the outlines of the provinces --------------------------------------------------------------


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
    expected = _units(places.data(), system)
    keys = [key for key, _ in drawn]
    lacking = Problem("the map lacks this province", file=name)
    problems += [lacking.at(value=key) for key in sorted(expected - set(keys))]
    for key in sorted({key for key in keys if key not in expected or keys.count(key) > 1}):
        problems.append(Problem("no such province in that system, or given twice", file=name, value=key))
    problems += contents.problems(places.data(), name, content)
    if problems:
        raise DataError(limited(problems))
    return drawn


def _features(text: str, name: str) -> tuple[list[tuple[str, Any]], list[Problem]]:
    try:
        features = json.loads(text)["features"]
        return [(str(feature["properties"]["key"]), feature["geometry"]) for feature in features], []
    except json.JSONDecodeError as error:
        row, vi, en = error.lineno, "không phải JSON; tệp bị cắt hoặc sửa hỏng?", "not JSON; is the file cut or spoilt?"
    except (KeyError, TypeError):
        row, vi, en = None, "không phải bản đồ GeoJSON của các tỉnh", "not a GeoJSON map of the provinces"
    raise DataError(Problem(Bilingual(vi, en), file=name, row=row))


def _parts(geometry: dict[str, Any]) -> list[list[np.ndarray]]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[_ring(ring) for ring in rings] for rings in parts]


def _ring(ring: list[list[float]]) -> np.ndarray:
    points = np.array(ring)
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)  # ValueError where these are no pairs
    if points.dtype.kind not in "fi" or not (west >= 102 and east <= 118 and south >= 6 and north <= 24):
        raise ValueError
    return points
