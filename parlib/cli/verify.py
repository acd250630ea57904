"""The command line of verification: what is published, looked at again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parlib.cli.words import LANGUAGE, Language, echo, option, say

_MOST = 50  # findings of one report that are listed


def mount(main: typer.Typer) -> None:
    """Put the command of this module on the command line."""
    words = say("Check what is published: file by file, number by number, against today's data.")
    main.command("verify", help=words)(verify_published)


def verify_published(
    names: Annotated[
        list[str] | None,
        typer.Argument(help=say("Reports by name (2023/ministry), folders or files; none: all.")),
    ] = None,
    language: Language = LANGUAGE,
    output_dir: Annotated[str, option("Folder instead of reports/.")] = "",
) -> None:
    """Say of each report what is not as it was published; exit code 1 where anything is not."""
    from parlib import places
    from parlib.publish.verify import published

    reports = published.find(names or (), Path(output_dir) if output_dir else places.reports())
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
    right = len(reports) - wrong
    echo(
        say(
            "Checked {n} reports: {n_right} as published, {n_wrong} not.",
            language,
            n=len(reports),
            n_right=right,
            n_wrong=wrong,
        )
    )
    if wrong:
        raise typer.Exit(1)
