"""What is known of each year's set of criteria without its tree: decision, areas, components, bands, breaks, facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from parlib import places
from parlib.data_tables import check_level, read_yaml, records
from parlib.errors import Problem, SchemeError
from parlib.numerals import number, shown
from parlib.words import Message, Name

TOTAL = "TOTAL"  # the row of a whole set of criteria in areas.csv
_NAMES = {"area_code": "node", "name_vi": "name", "max_points": "maximum"}


def _rows(name: str, year: int, level: str) -> list[dict[str, str]]:
    check_level(level)
    rows = [row for row in records(f"schemes/{name}") if row["level"] == level]
    return [row for row in rows if str(year) in row.get("years", row.get("year", "")).split(";")]


def _frame(name: str, year: int, level: str, columns: str) -> pd.DataFrame:
    """Some columns of the rows of a year: numbers as ``float64``, NaN where they were not seen; the others as text."""
    rows = [{_NAMES.get(key, key): cell for key, cell in row.items()} for row in _rows(name, year, level)]
    frame = pd.DataFrame(rows, columns=columns.split(), dtype="str")
    numbers = [column for column in frame if column in ("maximum", "n_criteria", "n_subcriteria", "lower")]
    return frame.assign(**{key: frame[key].replace("", "nan").astype("float64") for key in numbers})


def decision_of(year: int, level: str) -> str:
    """The decision whose criteria ``year`` was scored by ("876/QĐ-BNV"); "" where its number was not seen."""
    numbers = (row["decision"] for row in _rows("areas.csv", year, level) if "/QĐ-" in row["decision"])
    return next(numbers, "")


def decision_basis(year: int, level: str) -> str:
    """Whether ``decision_of`` is "printed" for that year or "inferred" from the years around; "" when not known."""
    return next((row["years_basis"] for row in _rows("areas.csv", year, level)), "")


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
    return {row["band"]: float(row["lower"]) for row in _rows("bands.csv", year, level)}


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
            ("", Message("years"), own.years, self.years),
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
    return _listed(places.data() / "schemes" / "facts.yaml")


@cache
def _listed(path: Path) -> dict[str, Facts]:
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
