"""The command line of one's own work: JupyterLab on the workbench, a new notebook, an executed one as documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parlib.cli.words import LANGUAGE, Language, argument, as_folder, echo, group, note, option, say

app, alone = group("Notebooks of one's own."), typer.Typer()


@app.command(help=say("Make a notebook in workbench/ that is a report already: run it, then change it."))
def new(
    name: Annotated[str, argument("Its name, in letters without tones: chu_de.")],
    language: Language = LANGUAGE,
) -> None:
    """Make a notebook of one's own and say how it becomes a report."""
    from parlib.publish import workbench

    path = workbench.new(name, language)
    echo(str(path))
    echo(say("As a report: parlib report --year 2023 --notebook {name} --to html,docx", language, name=path.stem))


@alone.command(
    help=say("Open JupyterLab: your own work in workbench/, everything else to read."),
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def lab(context: typer.Context) -> None:
    """Open JupyterLab with start_here of the workbench; what follows on the line is handed on to it."""
    from parlib.publish import lab as served

    served.open_lab(context.args)


@alone.command(help=say("Make documents of an executed notebook, edited or one's own."))
def convert(
    notebook: Annotated[Path, argument("The executed notebook (.ipynb).")],
    to: Annotated[str, option("Formats: html,pdf,docx,xlsx,data.", "--to")] = "docx",
    out: Annotated[Path | None, option("Folder instead of that of the notebook.", "--out")] = None,
) -> None:
    """Make documents of what an executed notebook shows, marked as not checked, and say where they are."""
    from parlib.publish import workbench

    files, notes = workbench.convert(notebook, tuple(part.strip() for part in to.split(",")), out and as_folder(out))
    for path in files:
        echo(str(path))
    note(notes)
