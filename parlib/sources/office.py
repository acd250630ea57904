"""Workbooks as other programs save them: .ods and old .xls converted by LibreOffice; a sheet read as the cells of a
delimited file, for the readers of CSV."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from parlib.errors import DataError
from parlib.sources.excel import forbidden, open_workbook, plain_value, rows_of, shown_as_percent
from parlib.tables import Delimited, column_letter, written
from parlib.words import Message, as_day, fold

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

_CONVERTED = (".ods", ".xls")
_OFFICE = ("soffice", "libreoffice", r"C:\Program Files\LibreOffice\program\soffice.exe")
_PATIENCE = 120  # seconds for LibreOffice to convert a workbook


@contextmanager
def as_xlsx(path: Path) -> Iterator[Path]:
    """``path`` itself; of an .ods or an old .xls a copy as .xlsx of the same name, where LibreOffice is there to make
    it. ``DataError`` says what to do where it is not."""
    if path.suffix.lower() not in _CONVERTED or not path.is_file():
        yield path
        return
    office = next((found for name in _OFFICE if (found := shutil.which(name))), None)
    if office is None:
        raise DataError(
            "a workbook of this kind needs LibreOffice, which is not found; open it, save it as .xlsx and give that",
            file=path.name,
        )
    with tempfile.TemporaryDirectory(prefix="parlib-") as folder:
        profile = (Path(folder) / "profile").as_uri()
        command = [office, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx", "--outdir", folder]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run([*command, str(path)], capture_output=True, check=False, timeout=_PATIENCE)
        made = Path(folder) / f"{path.stem}.xlsx"
        if not made.is_file():
            raise DataError("LibreOffice cannot convert it; save it as .xlsx and give that", file=path.name)
        yield made


_COMMA_NUMBER = re.compile(r"-?\d+,\d+ ?%?", re.ASCII)


def cells_of(path: Path, sheet: str = "", as_typed: bool = False, ours: str = "") -> Delimited:
    """The cells of a sheet as those of a delimited file, for tables whose heads people write; formulas and errors are
    noted as problems. ``sheet`` (what the option --sheet names) may be left out where one alone holds anything; of a
    workbook that we wrote it is the one called ``ours`` then. ``as_typed``: days and numbers shown as percent are taken
    as they are shown, and else are problems too."""
    with as_xlsx(path) as plain:
        book = open_workbook(plain)
    filled = {fold(one.title): one for one in book.worksheets if any(True for _ in rows_of(one))}
    named = sheet or (ours if len(filled) != 1 else "")
    chosen = [one for title, one in filled.items() if not named or title == fold(named)]
    if not filled:
        raise DataError("the file is empty", file=path.name)
    if len(chosen) != 1:
        there = ", ".join(f"“{one.title}”" for one in filled.values())
        words = Message("there is no sheet “{name}” in it; there are: {there}", {"name": named, "there": there})
        which = Message("say which sheet it is (--sheet); there are: {there}", {"there": there})
        raise DataError(words if named else which, file=path.name)
    rows = list(rows_of(chosen[0]))
    width = max(cells[-1].column for cells in rows)
    typed = any(isinstance(cell.value, str) and _COMMA_NUMBER.fullmatch(cell.value) for row in rows for cell in row)
    lines, problems = [], []
    for cells in rows:
        line = [""] * width
        for cell in cells:
            shown = as_typed and isinstance(cell.value, date)
            if not shown and (problem := forbidden(cell, percent=as_typed)):
                at = {"row": cell.row, "column": column_letter(cell.column)}
                problems.append(problem.at(file=path.name, sheet=chosen[0].title, **at))
            else:
                line[cell.column - 1] = _as_text(cell, "," if typed and as_typed else ".")
        lines.append(line)
    return Delimited(lines, [cells[0].row for cells in rows], problems, ";")


def _as_text(cell: Cell, mark: str) -> str:
    """A cell as a delimited file would hold it. A number has no three decimals, which could be thousands."""
    value = plain_value(cell.value)
    if isinstance(value, datetime):
        return value.isoformat() if value.time() != time() else as_day(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    shown = shown_as_percent(cell)
    text = written(round(value * 100 if shown else value, 9)).text("en")
    whole, point, part = text.partition(".")
    part = f"{part}0" if len(part) == 3 else part
    return f"{whole}{mark if point else ''}{part}{'%' if shown else ''}"
