"""The files of published numbers as they are, and where each number was read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from parlib import places
from parlib.data_tables import stamp, table
from parlib.tables import Row
from parlib.words import Message

Group = tuple[int, str]
Record = Row


@lru_cache(maxsize=32)
def _read(path: Path, name: str, _changed: tuple[int, int]) -> dict[Group, pd.DataFrame]:
    frame = table(name, path).frame()
    level = frame["level"] if "level" in frame else pd.Series("", index=frame.index)
    groups = frame.groupby([frame["year"], level], sort=True)
    return {(int(str(year)), str(of)): part for (year, of), part in groups}


@lru_cache(maxsize=32)
def _records(path: Path, name: str, changed: tuple[int, int]) -> dict[Group, list[Record]]:
    return {
        key: [{str(name): cell for name, cell in row.items()} for row in part.to_dict("records")]
        for key, part in _read(path, name, changed).items()
    }


def _groups(name: str) -> dict[Group, pd.DataFrame]:
    return _read(places.data(), name, stamp(places.data() / name))


def rows_of(name: str, year: int, level: str = "") -> pd.DataFrame:
    """The rows of one year (and level, where the file has levels) of a CSV file below ``data/``, as a copy."""
    groups = _groups(name)
    found = groups.get((year, level))
    if found is None:
        found = next(iter(groups.values())).iloc[:0]
    return found.reset_index(drop=True)


def records_of(name: str, year: int, level: str = "") -> list[Record]:
    """The same rows as plain records, for files of which a year has few: numbers are floats, NaN where empty."""
    found = _records(places.data(), name, stamp(places.data() / name))
    return [dict(row) for row in found.get((year, level), ())]


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
def _sources(folder: Path, _changed: tuple[int, int]) -> dict[str, Row]:
    return {row["source_id"]: row for row in table("published/sources.csv", folder).rows()}


_EVIDENCE = {
    "official_site": Message("site of a state body"),
    "legal_portal": Message("legal portal"),
    "law_as_quoted": Message("legal text as quoted"),
    "press": Message("press"),
    "copy": Message("copy of a press text"),
    "dataset": Message("third-party data set"),
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
    row = _sources(places.data(), stamp(places.data() / "published" / "sources.csv")).get(source_id)
    if row is None:
        return source_id, "", "", ""
    evidence = _EVIDENCE[row["evidence"]].text(language) if row["evidence"] in _EVIDENCE else row["evidence"]
    return row["title"], evidence, printed_day(row["date"]), row["url"]


def printed_day(text: str) -> str:
    """A day, a month or a year of the data as it is printed: "2024-04-17" is 17/04/2024, "2024-04" is 04/2024."""
    return "/".join(reversed(text.split("-")))


def conflicts(year: int, level: str) -> pd.DataFrame:
    """Disagreements between sources on a year: ``unit``, ``what``, ``kept``, ``other``, their sources, ``comment``.

    ``level`` is province or ministry, or "sipas", "scheme" or "national" as in the file.
    """
    return rows_of("published/conflicts.csv", year, level).rename(columns={"key": "unit"}).drop(columns="level")
