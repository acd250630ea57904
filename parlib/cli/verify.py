"""The command line of verification: what is published, looked at again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parlib.cli.words import LANGUAGE, echo, option, say

_MOST = 50  # findings of one report that are listed


def mount(main: typer.Typer) -> None:
    """Put the command of this module on the command line."""
    words = say(
        "Kiểm tra báo cáo đã phát hành: từng tệp, từng con số, và số liệu hôm nay.",
        "Check what is published: file by file, number by number, against today's data.",
    )
    main.command("verify", help=words)(verify_published)


def verify_published(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help=say(
                "Tên báo cáo (2023/ministry), thư mục hoặc tệp; không nêu: tất cả.",
                "Reports by name (2023/ministry), folders or files; none: all.",
            )
        ),
    ] = None,
    language: Annotated[
        str, option("Ngôn ngữ của kết quả: vi hoặc en.", "Language of the answer: vi or en.")
    ] = LANGUAGE,
    output_dir: Annotated[str, option("Thư mục thay cho reports/.", "Folder instead of reports/.")] = "",
) -> None:
    """Say of each report what is not as it was published; exit code 1 where anything is not."""
    from parlib import places
    from parlib.publish.verify import published

    english = language == "en"
    reports = published.find(names or (), Path(output_dir) if output_dir else places.reports())
    wrong = 0
    for report in reports:
        verdict = published.verify(report)
        n = len(verdict.findings)
        if n:
            echo(f"{report.name}: " + (f"{n} differences" if english else f"{n} chỗ khác"))
        else:
            echo(f"{report.name}: " + (f"as published, {verdict.numbers} numbers" if english
                                       else f"đúng như khi phát hành, {verdict.numbers} con số"))  # fmt: skip
        wrong += bool(n)
        for remark in verdict.remarks:
            echo(f"  {remark.text(language)}")
        for finding in verdict.findings[:_MOST]:
            echo(f"  - {finding.text(language)}")
        if n > _MOST:
            echo(f"  … +{n - _MOST}")
    summary = f"Đã kiểm tra {len(reports)} báo cáo: {len(reports) - wrong} đúng, {wrong} có chỗ khác."
    echo(f"Checked {len(reports)} reports: {len(reports) - wrong} as published, {wrong} not." if english else summary)
    if wrong:
        raise typer.Exit(1)
