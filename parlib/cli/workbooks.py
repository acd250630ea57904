"""Commands on workbooks: ``parlib scheme export|import|list|check`` and ``parlib form``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parlib.cli.words import LANGUAGE, Language, argument, echo, option, say
from parlib.errors import ParameterError, ParlibError, Problem, SchemeError

app = typer.Typer(
    help=say("Sets of criteria: to Excel and from Excel."),
    no_args_is_help=True,
    rich_markup_mode=None,
)


def mount(main: typer.Typer) -> None:
    """Put the commands of this module on the command line."""
    main.add_typer(app, name="scheme")
    main.command("form", help=say("Write the forms of units."))(form)


@app.command("list", help=say("List the sets of criteria."))
def list_schemes() -> None:
    """List the sets of criteria there are."""
    from parlib.scoring.scheme import load_scheme, scheme_ids

    for scheme_id in scheme_ids():
        try:
            scheme = load_scheme(scheme_id)
        except ParlibError as error:
            echo(f"{scheme_id}: {error.problems[0].text(LANGUAGE)}")
            continue
        years = ", ".join(map(str, scheme.years))
        status = {"official": say("official"), "illustrative": say("illustrative")}
        leaves = say("{n} scored criteria", n=len(scheme.leaves))
        echo(f"{scheme_id}: {scheme.decision}, {scheme.level}, {years}, {leaves}, {status[scheme.status]}")


@app.command(help=say("Check a set of criteria."))
def check(scheme: Annotated[str, argument("Its id, or a .yaml or .xlsx file.")]) -> None:
    """Check a set of criteria: everything that is wrong, or that nothing is."""
    from parlib.scoring.scheme import load_scheme

    if Path(scheme).suffix.lower() == ".xlsx":
        from parlib.sources import workbooks

        imported = workbooks.read_scheme_book(Path(scheme))
        result = imported.scheme
        for warning in imported.warnings:
            echo(warning.text(LANGUAGE), error=True)
    else:
        result = load_scheme(scheme)
    n = len(result.leaves)
    echo(say("{scheme}: sound ({n} scored criteria)", scheme=result.id, n=n))


@app.command(help=say("Write a set of criteria to Excel."))
def export(
    scheme: Annotated[str, argument("Id of the set of criteria.")],
    to: Annotated[Path | None, option("The Excel file.", "--to")] = None,
    language: Language = LANGUAGE,
) -> None:
    """Write a set of criteria as a workbook that people edit."""
    from parlib.scoring.scheme import load_scheme
    from parlib.sources import workbooks

    path = to or Path(f"{Path(scheme).stem}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise ParameterError(Problem("the file must end in .xlsx", value=str(path)))
    workbooks.export_scheme(load_scheme(scheme), path, language)
    echo(str(path))


@app.command("import", help=say("Take a set of criteria from Excel."))
def import_(
    file: Annotated[Path, argument("The Excel file.")],
    force: Annotated[bool, option("Replace one that exists.", "--force")] = False,
) -> None:
    """Check a workbook and write ``data/schemes/<id>.yaml``; an existing one is kept unless --force."""
    from parlib import data_tables, places
    from parlib.sources import workbooks

    imported = workbooks.read_scheme_book(file)
    path = places.data() / "schemes" / f"{imported.scheme.id}.yaml"
    if path.exists() and not force:
        raise SchemeError(
            Problem(
                "this scheme exists; give it another id, or add --force to replace it",
                file=path.name,
                value=imported.scheme.id,
            )
        )
    workbooks.write_scheme_yaml(imported.scheme, path)
    data_tables.accept_file(path)
    for warning in imported.warnings:
        echo(warning.text(LANGUAGE), error=True)
    echo(str(path))


def form(
    round_id: Annotated[str, option("The round.", "--round")],
    unit: Annotated[str, option("The unit: key or name.")] = "",
    everyone: Annotated[bool, option("All units.", "--all")] = False,
    stage: Annotated[
        str,
        option("The form: self, appraisal, appeal or conclusion."),
    ] = "self",
    out: Annotated[Path | None, option("Folder (default: forms/ of the round).")] = None,
    language: Language = LANGUAGE,
) -> None:
    """Write the forms of one unit or of all units of a round."""
    from parlib.sources import rounds, workbooks

    if bool(unit) == everyone:
        raise ParameterError(Problem("give either --unit KEY or --all", value=unit or None))
    opened = rounds.open_round(round_id)
    folder = out or opened.path / "forms"
    units = None if everyone else [unit]
    written = workbooks.write_forms(opened, folder, stage, units, language)
    for path in written:
        echo(str(path))
    if everyone:
        echo(say("{n} forms", n=len(written)), error=True)
