"""The kinds of units that changed: a province that became a city keeps its key, and is a city from a day on."""

from __future__ import annotations

from typing import Any

from parlib.data_tables import records


def of_year(key: str, system: str, year: int) -> dict[str, Any]:
    """What a unit had become by the end of a year, as fields of a ``Unit``; empty where its kind never changed."""
    fields: dict[str, Any] = {}
    for row in records("units/kinds.csv"):
        if (row["key"], row["system"]) == (key, system) and row["effective"] <= f"{year}-12-31":
            fields = {"kind": row["kind"], "full_name_vi": row["full_name_vi"]}
    return fields
