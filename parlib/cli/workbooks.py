"""Commands on workbooks: ``parlib scheme export|import|list|check`` and ``parlib form``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parlib import places
from parlib.cli.words import (
    LANGUAGE,
    Anew,
    Language,
    Later,
    Level,
    argument,
    as_book,
    as_folder,
    echo,
    group,
    keep_what_is_there,
    level_name,
    note,
    option,
    say,
)
from parlib.errors import ParameterError, ParlibError, Problem, SchemeError
from parlib.tables import limited

if TYPE_CHECKING:
    from parlib import data_tables
    from parlib.scoring import scheme as schemes
    from parlib.sources import annex, rounds, workbooks
else:
    data_tables, schemes = Later("parlib.data_tables"), Later("parlib.scoring.scheme")
    annex, rounds = Later("parlib.sources.annex"), Later("parlib.sources.rounds")
    workbooks = Later("parlib.sources.workbooks")

app, alone = group("Sets of criteria: to Excel and from Excel."), typer.Typer()


@app.command("list", help=say("List the sets of criteria."))
def list_schemes() -> None:
    """List the sets of criteria there are."""
    for scheme_id in schemes.scheme_ids():
        try:
            scheme = schemes.load_scheme(scheme_id)
        except ParlibError as error:
            echo(f"{scheme_id}: {error.problems[0].text(LANGUAGE)}")
            continue
        years = ", ".join(map(str, scheme.years))
        status = {"official": say("official"), "illustrative": say("illustrative")}
        leaves = say("{n} scored criteria", n=len(scheme.leaves))
        echo(f"{scheme_id}: {scheme.decision}, {level_name(scheme.level)}, {years}, {leaves}, {status[scheme.status]}")


@app.command(help=say("Check a set of criteria."))
def check(scheme: Annotated[str, argument("Its id, or a .yaml or .xlsx file.")]) -> None:
    """Check a set of criteria: everything that is wrong, or that nothing is; last, whether its file is on the list."""
    path = Path(scheme)
    if path.suffix.lower() == ".xlsx":
        imported = workbooks.read_scheme_book(path)
        result = imported.scheme
        note(imported.warnings)
    else:
        path = path if path.suffix else places.data() / "schemes" / f"{scheme}.yaml"
        if not path.is_file():
            schemes.load_scheme(scheme)  # which says what there is
        with data_tables.unasked():
            result = schemes.parse_scheme(data_tables.read_yaml(path), file=path.name, stem=path.stem)
    n = len(result.leaves)
    echo(say("{scheme}: sound ({n} scored criteria)", scheme=result.id, n=n))
    if path.suffix.lower() == ".xlsx":
        echo(say("next: parlib scheme import {file}", file=path), error=True)
    else:
        data_tables.read(path)  # which refuses what is not as the list has it


@app.command(help=say("Write a set of criteria to Excel."))
def export(
    scheme: Annotated[str, argument("Id of the set of criteria.")],
    out: Annotated[Path | None, option("The Excel file.", "--out", "--to")] = None,
    language: Language = LANGUAGE,
    force: Anew = False,
) -> None:
    """Write a set of criteria as a workbook that people edit."""
    path = as_book(out or Path(f"{Path(scheme).stem}.xlsx"))
    keep_what_is_there([path], force)
    workbooks.export_scheme(schemes.load_scheme(scheme), path, language)
    echo(str(path))


@app.command("import", help=say("Take a set of criteria from Excel."))
def import_(
    file: Annotated[Path, argument("The Excel file.")],
    force: Annotated[bool, option("Replace one that exists.", "--force")] = False,
) -> None:
    """Check a workbook and write ``data/schemes/<id>.yaml``; an existing one is kept unless --force."""
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
    note(imported.warnings)
    echo(str(path))
    of = imported.scheme
    years = {"year": of.years[-1], "level": of.level}
    echo(say("next: parlib round new --year {year} --level {level} --units legal", **years), error=True)


@app.command(help=say("Write a blank workbook of a set of criteria, with guidance."))
def template(
    out: Annotated[Path, option("The Excel file.")],
    level: Level = "province",
    force: Anew = False,
    language: Language = LANGUAGE,
) -> None:
    """Write a blank workbook, which ``parlib scheme import`` takes once it is filled in."""
    keep_what_is_there([out], force)
    workbooks.write_template(data_tables.check_level(level), as_book(out), language)
    echo(str(out))


@app.command(help=say("Read the annex of a decision (Excel, Word) as a draft of a set of criteria."))
def read(
    file: Annotated[Path, argument("The annex: .xlsx or .docx.")],
    out: Annotated[
        Path | None,
        option("The draft: .xlsx, where a person confirms what is marked; .yaml, where nothing is left to confirm."),
    ] = None,
    level: Level = "",
    years: Annotated[str, option("The years of the results, with commas between; an annex seldom says them.")] = "",
    part: Annotated[int, option("Which annex, where the file holds several: 1, 2, ...")] = 0,
    force: Anew = False,
    language: Language = LANGUAGE,
) -> None:
    """Read an annex; name all that disagrees; write the draft, or the set where nothing is left to confirm."""
    path = out or file.parent / f"{file.stem}-draft.xlsx"
    keep_what_is_there([path], force)
    result = annex.read_annex(file, part)
    facts = annex.facts_of(result, level, _years(years))
    if path.suffix.lower() in (".yaml", ".yml"):
        workbooks.write_scheme_yaml(annex.scheme_of(result, facts), path)
    else:
        annex.write_draft(result, facts, as_book(path), language)
    note(limited(result.problems + result.notes))
    n, leaves = len(result.nodes), [node for node in result.nodes if not node.children]
    known = sum(node.rule.rule is not None and not node.rule.asks for node in leaves)
    read = say("{n} rows, {leaves} of them scored; rules read: {known}", n=n, leaves=len(leaves), known=known)
    echo(f"{path}: {read}; " + say("left to a person: {n}", n=len(annex.asked(result, facts))))
    if path.suffix.lower() == ".xlsx":
        echo(say("next: settle each red cell in Excel, then: parlib scheme check {file}", file=path), error=True)


@app.command(help=say("Compare two sets of criteria."))
def compare(
    old: Annotated[str, argument("Its id, or a .yaml or .xlsx file.")],
    new: Annotated[str, argument("Its id, or a .yaml or .xlsx file.")],
    out: Annotated[Path | None, option("Write it as an Excel file as well.")] = None,
    round_id: Annotated[str, option("The last round: how many of its answers can be shown again.", "--round")] = "",
    language: Language = LANGUAGE,
) -> None:
    """Compare two sets: what is kept, changed, moved, new, gone; what a trend may compare; which answers still hold."""
    compared = annex.compare_schemes(_scheme(old), _scheme(new))
    answers = annex.shown_again(compared, rounds.open_for_reading(round_id)) if round_id else None
    for line in annex.comparison_lines(compared, answers, language):
        echo(line)
    if out:
        annex.write_comparison(compared, as_book(out), answers, language)
        echo(str(out))


def _scheme(named: str) -> schemes.Scheme:
    """The set of this id, or in this YAML or Excel file."""
    is_book = Path(named).suffix.lower() == ".xlsx"
    return workbooks.import_scheme(Path(named)) if is_book else schemes.load_scheme(named)


def _years(typed: str) -> list[int]:
    years = [year.strip() for year in typed.split(",") if year.strip()]
    if wrong := [year for year in years if not (year.isascii() and year.isdigit() and len(year) == 4)]:
        raise ParameterError("expected years of four digits", value=wrong[0])
    return [int(year) for year in years]


@alone.command(help=say("Write the forms of units."))
def form(
    round_id: Annotated[str, option("The round.", "--round")],
    unit: Annotated[str, option("The unit: key or name.")] = "",
    everyone: Annotated[bool, option("All units.", "--all")] = False,
    stage: Annotated[str, option("The form: self, appraisal, appeal or conclusion.")] = "self",
    out: Annotated[Path | None, option("Folder (default: forms/ of the round).")] = None,
    language: Language = LANGUAGE,
    force: Anew = False,
) -> None:
    """Write the forms of one unit or of all units of a round."""
    if bool(unit) == everyone:
        raise ParameterError("give either --unit KEY or --all", value=unit or None)
    opened = rounds.open_round(round_id)
    folder = as_folder(out or opened.path / "forms")
    units = None if everyone else [unit]
    written = workbooks.write_forms(opened, folder, rounds.stage_named(stage), units, language, force=force)
    for path in written:
        echo(str(path))
    if everyone:
        echo(say("{n} forms", n=len(written)), error=True)
