"""``parlib data``: are the files of ``data/`` sound and as listed; an edit that is meant is put on the list.
``parlib published``: a table of a year as officials have it becomes part of what is known. ``parlib level``: the levels
of units, and those of one's own (communes, departments of a province)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parlib import places
from parlib.cli.words import LANGUAGE, Decimal, Language, Later, Level, argument, echo, group, note, option, say
from parlib.errors import DataError, ParameterError, Problem

if TYPE_CHECKING:
    from parlib import data_tables
    from parlib.sources import data_check
else:
    data_tables, data_check = Later("parlib.data_tables"), Later("parlib.sources.data_check")

app = group("Check the data in data/ and accept edits.")
published = group("Published results of past years.")
levels = group("Levels of units: provinces, ministries, those of a province.")


@app.command(
    help=say("Read every file of data/ and set it against the list contents.csv; say everything that is wrong.")
)
def check(language: Language = LANGUAGE) -> None:
    """Say everything that is wrong with the data; exit code 1 where anything is."""
    wrong, changed = data_check.broken(), data_check.changed()
    _list(say("Wrong:", language), wrong, language)
    _list(say("Not as listed:", language), changed, language)
    if wrong or changed:
        echo(
            say("Mend what is wrong; accept an edit that is meant with: parlib data accept", language),
            error=True,
        )
        raise typer.Exit(1)
    n = len(data_tables.names_in(places.data()))
    echo(say("{n} files, all as listed.", language, n=n))


@app.command(help=say("Put the data as it is on the list contents.csv, after saying what changed."))
def accept(language: Language = LANGUAGE) -> None:
    """Say what changed and write the list; nothing is written where a file is broken."""
    wrong = data_check.broken()
    DataError.raise_for(wrong)
    changed = data_check.changed()
    _list(say("Changes:", language), changed, language)
    if not changed:
        echo(say("Nothing changed.", language))
        return
    data_tables.accept()
    path = places.data() / data_tables.FILE
    echo(say("The list is written: {path}", language, path=path))


def _list(head: str, problems: Iterable[Problem], language: str) -> None:
    lines = [f"  - {problem.text(language)}" for problem in problems]
    if lines:
        echo("\n".join([head, *lines]), error=True)


@published.callback()
def _group() -> None:
    """One command now, and a place for others."""


@published.command("import", help=say("Take in the published table of a year (Excel or CSV)."))
def import_table(
    file: Annotated[Path, argument("The table: a row a unit, with its index, rank, points and areas.")],
    year: Annotated[int, option("The year that the results are of.")],
    level: Level,
    source: Annotated[str, option("Where the table comes from: decision or document, number and day.")],
    index: Annotated[str, option("The index: par or sipas.")] = "par",
    areas: Annotated[str, option("What columns of areas hold: index (percent) or points.")] = "",
    url: Annotated[str, option("The address of the source.")] = "",
    date: Annotated[str, option("The day of the source (2024-04-17).")] = "",
    sheet: Annotated[str, option("The sheet of the workbook.")] = "",
    decimal: Decimal = "",
    whole: Annotated[bool, option("The table has every unit assessed in the year.", "--whole")] = False,
    replace: Annotated[bool, option("Take the table's word where a source says otherwise.", "--replace")] = False,
    keep_good: Annotated[bool, option("Leave rows with errors out.", "--keep-good")] = False,
    dry_run: Annotated[bool, option("Only say what would change.", "--dry-run")] = False,
) -> None:
    """Check a table against the units, itself, what is known and the printed totals; write it where all agrees."""
    from parlib import years
    from parlib.sources import published as sources

    level = data_tables.check_level(level)
    with places.alone(places.data() / "published"):
        data_check.require_listed()
        taken = sources.take(
            file,
            index,
            year,
            level,
            sources.Source(source.strip(), url=url, day=date),
            areas=areas,
            sheet=sheet,
            decimal=decimal,
            whole=whole,
            overwrite=replace,
            keep_good=keep_good,
        )
        with taken.as_data():
            years.year(year, level, index).checks()
            results = years.open_results(year, level, index)
        note(taken.notes, say("note: "))
        echo(say("{n} units: {new} new rows; the index of {known} of {of} units is known then.",
                 n=taken.n_units, new=taken.n_new, known=results.n_known, of=results.n_ranked))  # fmt: skip
        for path in [] if dry_run else taken.keep():
            echo(str(path))
    if taken.left_out:
        raise DataError(taken.left_out)


@levels.command("list", help=say("List the levels with the number of their units today."))
def list_levels() -> None:
    """List the levels."""
    from datetime import date

    from parlib.scoring import units
    from parlib.words import FIRST

    for level, of in data_tables.levels().items():
        n = len({unit.name_vi for unit in units.units(level, on=date.today())})
        echo(f"{level}: {of['all_vi' if LANGUAGE == FIRST else 'all_en']}, {n}")


@levels.command("new", help=say("Make a level for the units of a province: its communes, or a list of one's own."))
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
    from parlib.sources import levels as sources
    from parlib.tables import content_of, decoded

    if units is None:
        level, path = sources.new_level(province, sources.communes(province))
    else:
        one, _, many = english.partition(",")
        if not kind or not many:
            raise ParameterError("a list of units needs --kind and --english (one,many)", file=units.name)
        lines = decoded(content_of(units), units.name).splitlines()
        names = [(n, line.strip(" ;,\t")) for n, line in enumerate(lines, start=1) if line.strip(" ;,\t")]
        short = short or kind.partition(",")[0]
        words = {"name_vi": kind, "short_vi": short, "name_en": one.strip(), "plural_en": many.strip()}
        level, path = sources.new_level(province, sources.listed(names, short, units.name), words)
    echo(f"{level}: {path}")
    echo(say("next: parlib scheme template --level {level} --out criteria.xlsx", level=level), error=True)
