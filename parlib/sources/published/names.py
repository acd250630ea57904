"""English names of areas and components, by their Vietnamese names of the year."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from parlib import places
from parlib.data_tables import table


@cache
def _names(folder: Path) -> dict[str, str]:
    return {row["name_vi"]: row["name_en"] for row in table("schemes/names_en.csv", folder).rows()}


def english(name: str) -> str:
    """The English name; the Vietnamese one where none was written yet (data/schemes/names_en.csv)."""
    return _names(places.data()).get(name, name)
