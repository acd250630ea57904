"""``parlib level``: the levels of units, and those of one's own (communes, departments of a province)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from parlib.cli.words import LANGUAGE, argument, echo, group, option, say

app = group("Levels of units: provinces, ministries, those of a province.")


@app.command("list", help=say("List the levels with the number of their units today."))
def list_levels() -> None:
    """List the levels."""
    from datetime import date

    from parlib import data_tables
    from parlib.scoring import units
    from parlib.words import FIRST

    for level, of in data_tables.levels().items():
        n = len({unit.name_vi for unit in units.units(level, on=date.today())})
        echo(f"{level}: {of['all_vi' if LANGUAGE == FIRST else 'all_en']}, {n}")


@app.command("new", help=say("Make a level for the units of a province: its communes, or a list of one's own."))
def new(
    province: Annotated[str, argument("The province (of the 34).")],
    units: Annotated[
        Path | None, option("A list of units, one a line (text, CSV); else the communes of the province.")
    ] = None,
    kind: Annotated[str, option("What the units are called, such as “sở, ban, ngành”.")] = "",
    short: Annotated[str, option("One of them in short, such as “sở”.")] = "",
    english: Annotated[str, option("One and many of them in English, such as department,departments.")] = "unit,units",
) -> None:
    """Make a level of units. Rounds, reports and rankings of it are made as those of provinces are."""
    from parlib.errors import ParameterError
    from parlib.sources import levels
    from parlib.tables import content_of, decoded

    if units is None:
        level, path = levels.new_level(province, levels.communes(province))
    else:
        one, _, many = english.partition(",")
        if not kind or not many:
            raise ParameterError("a list of units needs --kind and --english (one,many)", file=units.name)
        lines = decoded(content_of(units), units.name).splitlines()
        names = [(n, line.strip(" ;,\t")) for n, line in enumerate(lines, start=1) if line.strip(" ;,\t")]
        rows = levels.listed(names, short or kind.partition(",")[0], units.name)
        words = {
            "name_vi": kind,
            "short_vi": short or kind.partition(",")[0],
            "name_en": one.strip(),
            "plural_en": many.strip(),
        }
        level, path = levels.new_level(province, rows, words)
    echo(f"{level}: {path}")
