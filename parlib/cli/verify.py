"""The command line of verification: what is published, looked at again."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parlib import places
from parlib.cli.words import LANGUAGE, Language, Later, argument, as_folder, echo, option, say

if TYPE_CHECKING:
    from parlib.publish.verify import published
else:
    published = Later("parlib.publish.verify.published")

_MOST = 50  # findings of one report that are listed


alone = typer.Typer()


@alone.command("verify", help=say("Check what is published: file by file, number by number, against today's data."))
def verify_published(
    names: Annotated[
        list[str] | None, argument("Reports by name (2023/ministry), folders or files; none: all.")
    ] = None,
    language: Language = LANGUAGE,
    output_dir: Annotated[str, option("Folder instead of reports/.")] = "",
) -> None:
    """Say of each report, and of every file on the list of checksums, what is not as it was published; exit code 1
    where anything is not."""
    root = Path(output_dir) if output_dir else places.reports()
    reports = published.find(names or (), root)
    wrong = 0
    for report in reports:
        verdict = published.verify(report)
        n = len(verdict.findings)
        if n:
            echo(say("{report}: {n} differences", language, report=report.name, n=n))
        else:
            echo(say("{report}: as published, {n} numbers", language, report=report.name, n=verdict.numbers))
        wrong += bool(n)
        for remark in verdict.remarks:
            echo(f"  {remark.text(language)}")
        for finding in verdict.findings[:_MOST]:
            echo(f"  - {finding.text(language)}")
        if n > _MOST:
            echo(f"  … +{n - _MOST}")
    n_listed, changed, beside = published.against_list(names or (), root)
    for finding in (*changed, *beside):
        echo(f"{places.SUMS}: {finding.text(language)}")
    counts = {"n": len(reports), "n_right": len(reports) - wrong, "n_wrong": wrong}
    echo(say("Checked {n} reports: {n_right} as published, {n_wrong} not.", language, **counts))
    files = {"n": n_listed, "file": places.SUMS, "n_changed": len(changed)}
    echo(say("{n} files on the list {file}: {n_changed} changed or lost.", language, **files))
    if wrong or changed:
        raise typer.Exit(1)


@alone.command(help=say("Make published reports again from their records: is every number and picture the same?"))
def remake(
    names: Annotated[list[str], argument("Reports by name (2023/ministry), folders or records (.json).")],
    out: Annotated[Path | None, option("Keep what is made in this folder.", "--out")] = None,
    language: Language = LANGUAGE,
    output_dir: Annotated[str, option("Folder instead of reports/.")] = "",
) -> None:
    """Say of each report whether it comes out as it was published, and what is not as it was then; exit code 1 where a
    number or picture is another."""
    from parlib.publish import remake as again

    wrong, kept = 0, as_folder(out) if out else None
    for report in published.find(names, Path(output_dir) if output_dir else places.reports()):
        with tempfile.TemporaryDirectory(prefix="parlib-remake-", ignore_cleanup_errors=True) as folder:
            made = again.remake(report, kept or Path(folder))
        if made.findings:
            wrong += 1
            echo(say("{report}: made again, {n} differences", language, report=report.name, n=len(made.findings)))
        else:
            told = {"report": report.name, "n_numbers": made.n_numbers, "n_pictures": made.n_pictures}
            echo(
                say(
                    "{report}: made again, all {n_numbers} numbers and {n_pictures} pictures are the same",
                    language,
                    **told,
                )
            )
        equal = made.n_files - len(made.files)
        others = f" ({', '.join(made.files)})" if made.files else ""
        echo(say("  {n} of {of} files are equal in every byte", language, n=equal, of=made.n_files) + others)
        for finding in made.findings[:_MOST]:
            echo(f"  - {finding.text(language)}")
        for cause in made.causes:
            echo(say("  not as it was then: ", language) + cause.text(language))
    if wrong:
        raise typer.Exit(1)
