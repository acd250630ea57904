"""``parlib data``: are the files of ``data/`` sound and as listed; an edit that is meant is put on the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from parlib.cli.words import LANGUAGE, echo, option, say
from parlib.errors import DataError, Problem

app = typer.Typer(
    help=say("Kiểm tra số liệu trong data/ và ghi nhận sửa đổi.", "Check the data in data/ and accept edits."),
    no_args_is_help=True,
    rich_markup_mode=None,
)
Language = Annotated[str, option("Ngôn ngữ của kết quả: vi hoặc en.", "Language of the answer: vi or en.")]


def mount(main: typer.Typer) -> None:
    """Add the commands."""
    main.add_typer(app, name="data")


@app.command(
    help=say(
        "Đọc mọi tệp của data/ và so với danh mục contents.csv; nêu tất cả các lỗi.",
        "Read every file of data/ and set it against the list contents.csv; say everything that is wrong.",
    )
)
def check(language: Language = LANGUAGE) -> None:
    """Say everything that is wrong with the data; exit code 1 where anything is."""
    from parlib import contents, places
    from parlib.sources import data_check

    wrong, changed = data_check.broken(), data_check.changed()
    _list("Lỗi:" if language == "vi" else "Wrong:", wrong, language)
    _list("Khác với danh mục:" if language == "vi" else "Not as listed:", changed, language)
    if wrong or changed:
        echo(
            "Sửa các lỗi trên; thay đổi có chủ ý thì ghi nhận bằng: parlib data accept"
            if language == "vi"
            else "Mend what is wrong; accept an edit that is meant with: parlib data accept",
            error=True,
        )
        raise typer.Exit(1)
    n = len(contents.names_in(places.data()))
    echo(f"{n} tệp, tất cả đúng như danh mục." if language == "vi" else f"{n} files, all as listed.")


@app.command(
    help=say(
        "Ghi nhận số liệu hiện có vào danh mục contents.csv, sau khi nêu những gì đã thay đổi.",
        "Put the data as it is on the list contents.csv, after saying what changed.",
    )
)
def accept(language: Language = LANGUAGE) -> None:
    """Say what changed and write the list; nothing is written where a file is broken."""
    from parlib import contents, places
    from parlib.sources import data_check

    wrong = data_check.broken()
    if wrong:
        raise DataError(wrong)
    changed = data_check.changed()
    _list("Thay đổi:" if language == "vi" else "Changes:", changed, language)
    if not changed:
        echo("Không có gì thay đổi." if language == "vi" else "Nothing changed.")
        return
    contents.accept()
    path = places.data() / contents.FILE
    echo(f"Đã ghi danh mục: {path}" if language == "vi" else f"The list is written: {path}")


def _list(head: str, problems: Iterable[Problem], language: str) -> None:
    lines = [f"  - {problem.text(language)}" for problem in problems]
    if lines:
        echo("\n".join([head, *lines]), error=True)
