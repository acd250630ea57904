"""Commands on workbooks: ``parlib scheme export|import|list|check`` and ``parlib form``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parlib.cli.words import LANGUAGE, argument, echo, option, say
from parlib.errors import ParameterError, ParlibError, Problem, SchemeError

app = typer.Typer(
    help=say("Bộ tiêu chí: xuất ra Excel, nạp từ Excel.", "Sets of criteria: to Excel and from Excel."),
    no_args_is_help=True,
    rich_markup_mode=None,
)


def mount(main: typer.Typer) -> None:
    """Put the commands of this module on the command line."""
    main.add_typer(app, name="scheme")
    main.command("form", help=say("Lập phiếu chấm điểm Excel cho đơn vị.", "Write the forms of units."))(form)


@app.command("list", help=say("Liệt kê các bộ tiêu chí.", "List the sets of criteria."))
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
        status = {"official": say("chính thức", "official"), "illustrative": say("minh họa", "illustrative")}
        leaves = say(f"{len(scheme.leaves)} tiêu chí chấm điểm", f"{len(scheme.leaves)} scored criteria")
        echo(f"{scheme_id}: {scheme.decision}, {scheme.level}, {years}, {leaves}, {status[scheme.status]}")


@app.command(help=say("Kiểm tra một bộ tiêu chí (mã, tệp YAML hoặc Excel).", "Check a set of criteria."))
def check(scheme: Annotated[str, argument("Mã, tệp .yaml hoặc .xlsx.", "Its id, or a .yaml or .xlsx file.")]) -> None:
    """Check a set of criteria: everything that is wrong, or that nothing is."""
    from parlib.scoring.scheme import load_scheme

    if Path(scheme).suffix.lower() == ".xlsx":
        from parlib.sources import workbooks

        imported = workbooks.read_scheme_book(Path(scheme))
        found = imported.scheme
        for warning in imported.warnings:
            echo(warning.text(LANGUAGE), error=True)
    else:
        found = load_scheme(scheme)
    n = len(found.leaves)
    echo(say(f"{found.id}: đúng ({n} tiêu chí chấm điểm)", f"{found.id}: sound ({n} scored criteria)"))


@app.command(help=say("Xuất bộ tiêu chí ra Excel.", "Write a set of criteria to Excel."))
def export(
    scheme: Annotated[str, argument("Mã bộ tiêu chí.", "Its id.")],
    to: Annotated[Path | None, option("Tệp Excel.", "The Excel file.", "--to")] = None,
) -> None:
    """Write a set of criteria as a workbook that people edit."""
    from parlib.scoring.scheme import load_scheme
    from parlib.sources import workbooks

    path = to or Path(f"{Path(scheme).stem}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise ParameterError(Problem("the file must end in .xlsx", value=str(path)))
    workbooks.export_scheme(load_scheme(scheme), path)
    echo(str(path))


@app.command("import", help=say("Nạp bộ tiêu chí từ Excel.", "Take a set of criteria from Excel."))
def import_(
    file: Annotated[Path, argument("Tệp Excel.", "The Excel file.")],
    force: Annotated[bool, option("Ghi đè bộ tiêu chí đã có.", "Replace one that exists.", "--force")] = False,
) -> None:
    """Check a workbook and write ``data/schemes/<id>.yaml``; an existing one is kept unless --force."""
    from parlib import contents, places
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
    contents.accept_file(path)
    for warning in imported.warnings:
        echo(warning.text(LANGUAGE), error=True)
    echo(str(path))


def form(
    round_id: Annotated[str, option("Kỳ đánh giá.", "The round.", "--round")],
    unit: Annotated[str, option("Đơn vị: khóa hoặc tên.", "The unit: key or name.")] = "",
    everyone: Annotated[bool, option("Tất cả đơn vị.", "All units.", "--all")] = False,
    stage: Annotated[
        str,
        option(
            "Loại phiếu: self (tự đánh giá), appraisal (thẩm định), appeal (giải trình), conclusion (kết luận).",
            "The form: self, appraisal, appeal or conclusion.",
        ),
    ] = "self",
    out: Annotated[
        Path | None, option("Thư mục (mặc định: forms/ của kỳ).", "Folder (default: forms/ of the round).")
    ] = None,
) -> None:
    """Write the forms of one unit or of all units of a round."""
    from parlib.sources import rounds, workbooks

    if bool(unit) == everyone:
        raise ParameterError(Problem("give either --unit KEY or --all", value=unit or None))
    opened = rounds.open_round(round_id)
    folder = out or opened.path / "forms"
    units = None if everyone else [unit]
    written = workbooks.write_forms(opened, folder, stage, units, lambda path: echo(str(path)))
    if everyone:
        echo(say(f"{len(written)} phiếu", f"{len(written)} forms"), error=True)
