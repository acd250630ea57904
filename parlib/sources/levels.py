"""A level of units of one's own: the communes of a province, its departments. Its index runs through the same chain."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from parlib import data_tables, places
from parlib.errors import DataError, ParameterError, Problem
from parlib.layouts import LAYOUT_OF_UNITS, LAYOUTS
from parlib.scoring import units
from parlib.tables import write_rows
from parlib.words import Message, alphabetical, fold

COMMUNES = "units/communes_2025.csv"
_LEVELS = "units/levels.csv"
_SINCE = "2025-07-01"  # when the communes of today began
_WORDS = {"communes": ("xã, phường, đặc khu", "xã", "commune", "communes")}  # of a row of levels.csv


def communes(province: str) -> list[dict[str, str]]:
    """The communes of a province of the 34, as rows of a table of units."""
    key = units.find(province, "province", "34").key
    rows = [row for row in data_tables.records(COMMUNES) if row["province"] == key]
    return [_unit(row["name_vi"], row["kind"], row["code"], _SINCE) for row in rows]


def listed(names: Iterable[tuple[int | None, str]], kind: str, file: str = "") -> list[dict[str, str]]:
    """Units by their ``names`` (with their rows in ``file``), as rows of a table of units. Raises ``DataError`` with
    every name that stands twice or is none."""
    rows: dict[object, dict[str, str]] = {}
    problems = []
    for number, name in names:
        row, written = _unit(" ".join(name.split()), kind), alphabetical(name)
        if not row["key"] or written in rows:
            words = Message("given twice") if row["key"] else Message("this name has no letters")
            problems.append(Problem(words, file=file, row=number, value=name))
        if row["key"] in (other["key"] for other in rows.values()):  # "Tân Thành" and "Tân Thạnh"
            row["key"] += f"-{len(rows) + 1}"
        rows.setdefault(written, row)
    DataError.raise_for(problems)
    return list(rows.values())


def _unit(name: str, kind: str, code: str = "", since: str = "") -> dict[str, str]:
    slug = re.sub("^[^a-z]+", "", "-".join(part for part in (*fold(name).split(), code) if part))
    cells = {"key": slug, "name_vi": name, "name_en": _plain(name), "kind": kind, "valid_from": since}
    return {column.name: cells.get(column.name, "") for column in LAYOUT_OF_UNITS.columns}


def _plain(name: str) -> str:
    """A name without its marks, as English papers write it."""
    letters = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    return "".join(sign for sign in letters if not unicodedata.combining(sign))


def new_level(province: str, rows: list[dict[str, str]], words: Mapping[str, str] | None = None) -> tuple[str, Path]:
    """Make the level of these units of ``province``: a table of units and a row of levels.csv, both on the list.

    ``words``: what its units are called: ``name_vi`` ("sở, ban, ngành"), ``short_vi`` ("sở"), ``name_en``,
    ``plural_en``; without them they are communes. Gives the name of the level and its table. A level that is there
    already is refused: its results would lose their units.
    """
    of = units.find(province, "province", "34")
    name_vi, short_vi, name_en, plural_en = (
        (words["name_vi"], words["short_vi"], words["name_en"], words["plural_en"]) if words else _WORDS["communes"]
    )
    level = "_".join([*re.sub("-2025$", "", of.key).split("-"), *fold(name_en).split()])
    held = [dict(row) for row in data_tables.records(_LEVELS)]
    if level in (row["level"] for row in held):
        raise ParameterError(
            "there is such a level already; its units are in {file}", value=level, file=f"units/{level}.csv"
        )
    if not rows:
        raise ParameterError("no unit is listed", value=province)
    plain = Counter(row["name_en"] for row in rows)  # where the marks alone tell units apart, English keeps them
    rows = [row | {"name_en": row["name_vi"]} if plain[row["name_en"]] > 1 else row for row in rows]
    kind_of, article = ("thành phố" if of.kind.startswith("thành phố") else "tỉnh"), ""
    own = of.name_vi.removeprefix("TP. ")
    row = {
        "level": level, "file": f"units/{level}.csv", "name_vi": name_vi, "name_en": name_en, "plural_en": plural_en,
        "short_vi": short_vi, "all_vi": f"các {name_vi} của {kind_of} {own}",
        "all_en": f"the {plural_en} of {of.name_en}", "article_en": article,
        "issuer_vi": f"UBND {kind_of} {own}", "issuer_en": f"People's Committee of {of.name_en}",
    }  # fmt: skip
    folder = places.data()
    path = folder / row["file"]
    with places.whole_file(path) as draft:
        write_rows(draft, LAYOUT_OF_UNITS, rows)
    with places.whole_file(folder / _LEVELS) as draft:
        write_rows(draft, LAYOUTS[_LEVELS], [*held, row])
    for file in (path, folder / _LEVELS):
        data_tables.accept_file(file)
    return level, path
