"""English names of areas and components, by their Vietnamese names of the year."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from parlib import places


@cache
def _names(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["name_vi"]: row["name_en"] for row in csv.DictReader(file)}


def english(name: str) -> str:
    """The English name; the Vietnamese one where none was written yet (data/schemes/names_en.csv)."""
    return _names(places.data() / "schemes" / "names_en.csv").get(name, name)
