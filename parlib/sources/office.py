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

from parlib.errors import DataError, Problem
from parlib.sources.excel import forbidden, open_workbook, plain_value, rows_of, shown_as_percent
from parlib.tables import Delimited, column_letter, written
from parlib.words import fold

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
        words = "a workbook of this kind needs LibreOffice, which is not found; open it, save it as .xlsx and give that"
        raise DataError(Problem(words, file=path.name))
    with tempfile.TemporaryDirectory(prefix="parlib-") as folder:
        profile = (Path(folder) / "profile").as_uri()
        command = [office, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx", "--outdir", folder]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run([*command, str(path)], capture_output=True, check=False, timeout=_PATIENCE)
        made = Path(folder) / f"{path.stem}.xlsx"
        if not made.is_file():
            raise DataError(Problem("LibreOffice cannot convert it; save it as .xlsx and give that", file=path.name))
        yield made


_COMMA_NUMBER = re.compile(r"-?\d+,\d+ ?%?", re.ASCII)


def cells_of(path: Path, sheet: str = "") -> Delimited:
    """The cells of the sheet called so (the first that holds something), as those of a delimited file: what the readers
    of CSV read. ``DataError`` where there is no such sheet."""
    with as_xlsx(path) as plain:
        book = open_workbook(plain)
    chosen = [one for one in book.worksheets if fold(one.title) == fold(sheet)] if sheet else book.worksheets
    rows = next((found for one in chosen if (found := list(rows_of(one)))), [])
    if not rows:
        raise DataError(Problem("the sheet is missing or empty", file=path.name, sheet=sheet))
    width = max(cells[-1].column for cells in rows)
    typed = any(isinstance(cell.value, str) and _COMMA_NUMBER.fullmatch(cell.value) for row in rows for cell in row)
    lines, numbers, problems = [], [], []
    for cells in rows:
        line = [""] * width
        for cell in cells:
            if not isinstance(cell.value, date) and (problem := forbidden(cell)):
                at = {"row": cell.row, "column": column_letter(cell.column)}
                problems.append(problem.at(file=path.name, sheet=cell.parent.title, **at))
            line[cell.column - 1] = _as_text(cell, "," if typed else ".")
        if any(line):
            lines.append(line)
            numbers.append(cells[0].row)
    return Delimited(lines, numbers, problems, ";")


def _as_text(cell: Cell, mark: str) -> str:
    """A cell as a delimited file would hold it. A number has no three decimals, which could be thousands."""
    value = plain_value(cell.value)
    if isinstance(value, datetime):
        return value.isoformat() if value.time() != time() else f"{value:%d/%m/%Y}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    shown = shown_as_percent(cell)
    text = written(round(value * 100, 9) if shown else value).text("en")
    whole, point, part = text.partition(".")
    part = f"{part}0" if len(part) == 3 else part
    return f"{whole}{mark if point else ''}{part}{'%' if shown else ''}"
