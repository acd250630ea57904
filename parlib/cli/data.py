"""``parlib data``: are the files of ``data/`` sound and as listed; an edit that is meant is put on the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from parlib import places
from parlib.cli.words import LANGUAGE, Language, Later, echo, group, say
from parlib.errors import DataError, Problem

if TYPE_CHECKING:
    from parlib import data_tables
    from parlib.sources import data_check
else:
    data_tables, data_check = Later("parlib.data_tables"), Later("parlib.sources.data_check")

app = group("Check the data in data/ and accept edits.")


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
