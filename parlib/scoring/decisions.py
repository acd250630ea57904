"""What is known of each year's set of criteria without its tree: decision, areas, components, bands, breaks, facts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from parlib import places
from parlib.data_tables import records
from parlib.errors import Problem, SchemeError
from parlib.scoring.units import check_level
from parlib.words import Bilingual
from parlib.yaml_files import read_yaml


def _folder() -> Path:
    return places.data() / "schemes"


def _of_year(name: str, year: int, level: str) -> list[dict[str, str]]:
    check_level(level)
    return [
        row
        for row in records(f"schemes/{name}")
        if row["level"] == level and str(year) in row.get("years", row.get("year", "")).split(";")
    ]


def decision_of(year: int, level: str) -> str:
    """The decision whose criteria ``year`` was scored by ("876/QĐ-BNV"); "" where its number was not seen."""
    numbers = (row["decision"] for row in _of_year("areas.csv", year, level) if "/QĐ-" in row["decision"])
    return next(numbers, "")


def decision_basis(year: int, level: str) -> str:
    """Whether ``decision_of`` is "printed" for that year or "inferred" from the years around; "" when not known."""
    return next((row["years_basis"] for row in _of_year("areas.csv", year, level)), "")


def areas_of(year: int, level: str) -> pd.DataFrame:
    """The areas of a year as far as seen: ``node``, ``name``, ``scope``, ``maximum``, ``n_criteria``,
    ``n_subcriteria``, ``basis``, ``source_ids``, ``note``; numbers not seen are NaN, and no rows where none was.

    ``scope`` is "total", or "appraised_part" where the maximum is that of the points without the survey.
    """
    rows = [row for row in _of_year("areas.csv", year, level) if row["area_code"] != "TOTAL"]
    frame = pd.DataFrame(rows, columns=list(records("schemes/areas.csv")[0]), dtype="str")
    frame = frame.rename(columns={"area_code": "node", "name_vi": "name", "max_points": "maximum"})
    for name in ("maximum", "n_criteria", "n_subcriteria"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype("float64")
    columns = ["node", "name", "scope", "maximum", "n_criteria", "n_subcriteria", "basis", "source_ids", "note"]
    return frame[columns]


def total_of(year: int, level: str) -> float:
    """The maximum of the whole index as printed for the set of criteria of a year; NaN where it was not seen."""
    rows = [row for row in _of_year("areas.csv", year, level) if row["area_code"] == "TOTAL"]
    return next((float(row["max_points"]) for row in rows if row["max_points"]), math.nan)


def total_counts_of(year: int, level: str) -> tuple[float, float]:
    """The numbers of criteria and sub-criteria printed for the set of a year; NaN where they were not seen."""
    for row in _of_year("areas.csv", year, level):
        if row["area_code"] == "TOTAL":
            criteria, sub = (float(row[name]) if row[name] else math.nan for name in ("n_criteria", "n_subcriteria"))
            return criteria, sub
    return math.nan, math.nan


def components_of(year: int, level: str) -> pd.DataFrame:
    """The components of a year as far as seen: ``component``, ``name``, ``kind`` (part, subtotal), ``group``
    (appraised, survey), ``maximum``, ``basis``, ``source_ids``, ``note``."""
    rows = _of_year("components.csv", year, level)
    frame = pd.DataFrame(rows, columns=list(records("schemes/components.csv")[0]), dtype="str")
    frame = frame.rename(columns={"name_vi": "name", "max_points": "maximum"})
    frame["maximum"] = pd.to_numeric(frame["maximum"], errors="coerce").astype("float64")
    return frame[["component", "name", "kind", "group", "maximum", "basis", "source_ids", "note"]]


def bands_of(year: int, level: str) -> dict[str, float]:
    """Lower bounds of the bands of a year by name, best first; empty where there are none. See ``band_table``."""
    return {row["band"]: float(row["lower"]) for row in _of_year("bands.csv", year, level)}


def band_table(year: int, level: str) -> pd.DataFrame:
    """The bands of a year with what each bound rests on: ``band``, ``lower``, ``basis``, ``source_ids``, ``note``.

    ``basis`` is "printed" where sources of that year and level group by this bound, else "inferred" from other years.
    """
    columns = ["band", "lower", "basis", "source_ids", "note"]
    frame = pd.DataFrame(_of_year("bands.csv", year, level), columns=columns, dtype="str")
    return frame.astype({"lower": "float64"})


def breaks(level: str, index_name: str = "par") -> frozenset[int]:
    """The years whose scale differs from that of the year before."""
    check_level(level)
    return frozenset(
        int(row["year"])
        for row in records("schemes/breaks.csv")
        if row["level"] == level and row["index_name"] == index_name
    )


# --- published facts that a scheme must agree with ----------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What is published about one set of criteria; ``None`` or empty where nothing is. See data/schemes/facts.yaml."""

    level: str
    years: tuple[int, ...]
    total: Decimal | None = None
    areas: int | None = None
    criteria: int | None = None
    subcriteria: int | None = None
    area_maxima: tuple[Decimal | None, ...] = ()
    area_maxima_assumed: tuple[Decimal, ...] = ()
    area_counts: tuple[tuple[int, int] | None, ...] = ()
    components: dict[str, Decimal] = field(default_factory=dict)
    only_in_area: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    absent: dict[str, tuple[int, ...]] = field(default_factory=dict)


def facts_of(scheme_id: str, decision: str, level: str, years: tuple[int, ...]) -> Facts | None:
    """The facts about the scheme of this id, or else of this decision, level and (if several) years."""
    listed: dict[str, dict[str, Any]] = _listed(_folder() / "facts.yaml")
    if scheme_id in listed:
        entry = listed[scheme_id]
        return _facts(entry["decision"], entry["level"], tuple(entry["years"]), entry)
    same = [entry for entry in listed.values() if (entry["decision"], entry["level"]) == (decision, level)]
    near = [entry for entry in same if set(entry["years"]) & set(years)] or (same if len(same) == 1 else [])
    if near:
        return _facts(decision, level, tuple(near[0]["years"]), near[0])
    rows = [row for row in records("schemes/areas.csv") if (row["decision"], row["level"]) == (decision, level)]
    if not rows:
        return None
    known = rows[0]["years"] if rows[0]["years_basis"] == "printed" else ""
    return _facts(decision, level, tuple(int(year) for year in known.split(";") if year), {})


@cache
def _listed(path: Path) -> dict[str, dict[str, Any]]:
    content = read_yaml(path)
    try:
        TypeAdapter(dict[str, _Entry]).validate_python(content)
        for entry in content.values():
            check_level(entry["level"])
    except ValidationError as error:
        raise SchemeError(_wrong_fact(one["loc"], one["msg"], one["input"]) for one in error.errors()) from None
    listed: dict[str, dict[str, Any]] = content
    return listed


class _Entry(BaseModel):
    """What facts.yaml may say of a set of criteria."""

    model_config = ConfigDict(extra="forbid")

    decision: str
    level: str
    years: list[int]
    total: Decimal | None = None
    criteria: int | None = None
    subcriteria: int | None = None
    area_maxima: list[Decimal | None] = []
    area_maxima_assumed: list[Decimal] = []
    area_counts: list[tuple[int, int] | None] = []
    components: dict[str, Decimal] = {}
    only_in_area: dict[str, dict[str, Decimal]] = {}
    absent: dict[str, list[int]] = {}


def _wrong_fact(place: tuple[int | str, ...], reason: str, value: object) -> Problem:
    where = ".".join(map(str, place))
    return Problem(
        Bilingual("không đúng dạng của mục này (xem đầu tệp)", reason), file="facts.yaml", column=where, value=value
    )


def check_facts() -> None:
    """Raise ``SchemeError`` with what is wrong with facts.yaml, whether any scheme is there or not."""
    _listed(_folder() / "facts.yaml")


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _facts(decision: str, level: str, years: tuple[int, ...], entry: dict[str, Any]) -> Facts:
    """Facts of areas.csv and components.csv, with those of an entry of facts.yaml over them."""
    rows = [row for row in records("schemes/areas.csv") if (row["decision"], row["level"]) == (decision, level)]
    total = next((row for row in rows if row["area_code"] == "TOTAL"), None)
    areas = [row for row in rows if row["area_code"] != "TOTAL" and row["scope"] == "total"]
    pairs = [(row["n_criteria"], row["n_subcriteria"]) for row in areas]
    counts = tuple((int(criteria), int(sub)) if criteria and sub else None for criteria, sub in pairs)
    criteria, sub = (int(total[key]) if total and total[key] else None for key in ("n_criteria", "n_subcriteria"))
    if counts and None not in counts:  # where the counts of the areas miss the printed total, neither total is sure
        sums = [sum(pair[place] for pair in counts if pair) for place in (0, 1)]
        criteria, sub = (n if n == added else None for n, added in zip((criteria, sub), sums, strict=True))
    parts = {
        row["component"]: Decimal(row["max_points"])
        for row in records("schemes/components.csv")
        if (row["decision"], row["level"], row["kind"]) == (decision, level, "part") and row["max_points"]
    }
    maxima = entry.get("area_maxima", [_number(row["max_points"]) for row in areas])
    return Facts(
        level=level,
        years=years,
        total=Decimal(entry["total"]) if "total" in entry else _number(total["max_points"]) if total else None,
        areas=len(maxima) or None,
        criteria=entry.get("criteria", criteria),
        subcriteria=entry.get("subcriteria", sub),
        area_maxima=tuple(maxima),
        area_maxima_assumed=tuple(entry.get("area_maxima_assumed", ())),
        area_counts=tuple(tuple(pair) for pair in entry["area_counts"]) if "area_counts" in entry else counts,
        components={key: Decimal(value) for key, value in entry.get("components", parts).items()},
        only_in_area=entry.get("only_in_area", {}),
        absent={code: tuple(years) for code, years in entry.get("absent", {}).items()},
    )
