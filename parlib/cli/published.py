"""``parlib published import``: a table of a year as officials have it becomes part of what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from parlib.cli.words import Decimal, Level, argument, echo, group, note, option, say
from parlib.errors import DataError

app = group("Published results of past years.")


@app.callback()
def _group() -> None:
    """One command now, and a place for others."""


@app.command("import", help=say("Take in the published table of a year (Excel or CSV)."))
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
    from parlib import data_tables, places, years
    from parlib.sources import data_check, published

    level = data_tables.check_level(level)
    with places.alone(places.data() / "published"):
        data_check.require_listed()
        taken = published.take(
            file,
            index,
            year,
            level,
            published.Source(source.strip(), url=url, day=date),
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
