"""The files of published numbers as they are, and where each number was read."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from parlib import places
from parlib.errors import DataError, Problem
from parlib.sources.published.layouts import LAYOUTS
from parlib.tables import read_table

# columns that hold text even where they look like numbers, or are empty
_TEXT = {
    *("key", "code", "level", "basis", "rank_basis", "index_basis", "source_ids", "note"),
    *("area", "area_code", "unit_key", "flag", "kept", "other"),
}

Group = tuple[int, str]
Record = dict[str, Any]


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> dict[Group, pd.DataFrame]:
    if path.name in LAYOUTS:
        frame = read_table(path, LAYOUTS[path.name], separator=",").checked().frame()
    else:
        columns = pd.read_csv(path, nrows=0, encoding="utf-8").columns
        frame = pd.read_csv(path, dtype={name: str for name in columns if name in _TEXT}, encoding="utf-8")
        text = [name for name in columns if not pd.api.types.is_numeric_dtype(frame[name])]
        frame[text] = frame[text].fillna("")
    level = frame["level"] if "level" in frame else pd.Series("", index=frame.index)
    groups = frame.groupby([frame["year"], level], sort=True)
    return {(int(str(year)), str(of)): part for (year, of), part in groups}


@lru_cache(maxsize=32)
def _records(path: Path, changed: int) -> dict[Group, list[Record]]:
    return {
        key: [{str(name): cell for name, cell in row.items()} for row in part.to_dict("records")]
        for key, part in _read(path, changed).items()
    }


def _stamp(path: Path) -> int:
    """What changes when a file does; a file that is not there is an error that names it."""
    if not path.is_file():
        raise DataError(Problem(vi="không có tệp này", en="no such file", file=str(path)))
    return path.stat().st_mtime_ns


def _groups(name: str) -> dict[Group, pd.DataFrame]:
    path = places.data() / name
    return _read(path, _stamp(path))


def rows_of(name: str, year: int, level: str = "") -> pd.DataFrame:
    """The rows of one year (and level, where the file has levels) of a CSV file below ``data/``, as a copy."""
    groups = _groups(name)
    found = groups.get((year, level))
    if found is None:
        found = next(iter(groups.values())).iloc[:0]
    return found.reset_index(drop=True)


def records_of(name: str, year: int, level: str = "") -> list[Record]:
    """The same rows as plain records, for files of which a year has few: numbers are floats, NaN where empty."""
    path = places.data() / name
    return [dict(row) for row in _records(path, _stamp(path)).get((year, level), ())]


def years_of(name: str, level: str = "") -> list[int]:
    """The years that a file has rows of, ascending."""
    return sorted(year for year, of in _groups(name) if of == level)


def whole_numbers(values: pd.Series) -> pd.Series:
    """Numbers of a column with gaps as nullable integers."""
    return values.astype("float64").astype("Int64")


def known(values: pd.Series) -> pd.Series:
    """Where a column of numbers holds one."""
    return pd.Series(np.isfinite(values.to_numpy(dtype="float64")), index=values.index)


# --- sources and conflicts --------------------------------------------------------------------


@lru_cache(maxsize=4)
def _sources(path: Path, _changed: int) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["source_id"]: row for row in csv.DictReader(file)}


_EVIDENCE = {
    "official_site": ("trang của cơ quan nhà nước", "site of a state body"),
    "legal_portal": ("cổng văn bản pháp luật", "legal portal"),
    "law_as_quoted": ("văn bản pháp luật theo trích dẫn", "legal text as quoted"),
    "press": ("báo chí", "press"),
    "copy": ("bản sao của báo chí", "copy of a press text"),
    "dataset": ("bộ dữ liệu của bên thứ ba", "third-party data set"),
}


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


def source_cells(source_id: str, language: str = "vi") -> tuple[str, str, str, str]:
    """Title, evidence (in words), date and address of a source; the identifier where nothing more is known of it."""
    path = places.data() / "published" / "sources.csv"
    row = _sources(path, path.stat().st_mtime_ns).get(source_id)
    if row is None:
        return source_id, "", "", ""
    evidence = _EVIDENCE.get(row["evidence"], (row["evidence"], row["evidence"]))[language == "en"]
    return row["title"], evidence, printed_day(row["date"]), row["url"]


def printed_day(text: str) -> str:
    """A day, a month or a year of the data as it is printed: "2024-04-17" is 17/04/2024, "2024-04" is 04/2024."""
    return "/".join(reversed(text.split("-")))


def conflicts(year: int, level: str) -> pd.DataFrame:
    """Disagreements between sources on a year: ``unit``, ``what``, ``kept``, ``other``, their sources, ``comment``.

    ``level`` is province or ministry, or "sipas", "scheme" or "national" as in the file.
    """
    return rows_of("published/conflicts.csv", year, level).rename(columns={"key": "unit"}).drop(columns="level")
