"""The annex of a decision as tables of texts, from Excel or Word: what is merged stands in its first cell; what cannot
be read as it stands (formulas without a value, dates, automatic numbers, changes not yet accepted) is named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from parlib.errors import DataError, Problem
from parlib.sources.excel import (
    attached,
    check_word,
    forbidden,
    loaded,
    open_workbook,
    plain_value,
    rows_of,
    word_refusal,
)
from parlib.tables import encoding_problem, number
from parlib.words import Message, Words, usual_letters

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement
    from openpyxl.cell.cell import Cell

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass
class Line:
    """A row of a table: its number, the texts of its columns (those that are blank left out), and how many columns the
    first of them spans."""

    number: int
    cells: dict[int, str]
    span: int = 1


@dataclass
class Grid:
    """A table of a document, where it stands, and the texts that stand above it."""

    where: str | Words
    lines: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Where it stands, as it is told."""
        return self.where if isinstance(self.where, str) else self.where.text()


@dataclass
class Sheets:
    """A document: its tables, the texts outside them, and what of it could not be read or should be looked at."""

    file: str
    grids: list[Grid]
    texts: list[str]
    problems: list[Problem]
    notes: list[Problem]


def tidy(text: str) -> str:
    """A text in NFC with the usual letters and blanks, its lines without outer blanks; blank lines left out."""
    usual = usual_letters(unicodedata.normalize("NFC", text))
    usual = re.sub(r"[\u200b-\u200f\u2060\ufeff\u00ad]", "", usual.replace("\u2028", "\n").replace("\v", "\n"))
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in usual.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def read_cells(path: Path) -> Sheets:
    """The tables of an annex in .xlsx or .docx. ``DataError`` where the file is neither."""
    if path.suffix.lower() == ".docx":
        return _word(path)
    if path.suffix.lower() != ".xlsx":
        raise DataError("an annex is read from .xlsx or .docx; save it as one of them", file=path.name)
    return _excel(path)


# --- Excel ------------------------------------------------------------------------------------


def _excel(path: Path) -> Sheets:
    book, values = open_workbook(path), loaded(path, data_only=True)
    result = Sheets(path.name, [], [], [], attached(path, book, book.sheetnames))
    for sheet in book.worksheets:
        grid = Grid(sheet.title)
        spans = {(area.min_row, area.min_col): area.size["columns"] for area in sheet.merged_cells.ranges}
        for cells in rows_of(sheet):
            row = cells[0].row
            line = Line(row, {}, spans.get((row, cells[0].column), 1))
            for cell in cells:
                shown = values[sheet.title].cell(row, cell.column) if cell.data_type == "f" else cell
                wrong = forbidden(shown, percent=False) if shown.value is not None else forbidden(cell)
                if wrong:
                    result.problems.append(
                        wrong.at(file=path.name, sheet=sheet.title, row=row, column=cell.column_letter)
                    )
                elif text := _cell_text(shown):
                    line.cells[cell.column] = text
            if sheet.row_dimensions[row].hidden:
                result.notes.append(Problem("a hidden row; it is read", file=path.name, sheet=sheet.title, row=row))
            grid.lines += [line] if line.cells else []
        result.grids.append(grid)
    result.texts = [text for grid in result.grids for line in grid.lines[:12] for text in line.cells.values()]
    return _checked(result)


def _cell_text(cell: Cell) -> str:
    value = plain_value(cell.value)
    if isinstance(value, (int, float)):
        decimals = re.fullmatch(r"0\.(0+)(_.*)?", cell.number_format or "")  # 1.1 shown as 1.10
        return f"{value:.{max(len(decimals[1]), 0)}f}" if decimals and "." in repr(value) else number(value, "en")
    return tidy(str(value)) if value is not None else ""


# --- Word -------------------------------------------------------------------------------------


def _word(path: Path) -> Sheets:
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        check_word(path)
        paper = Document(str(path))
        body, numbered = paper.element.body, _numbered_styles(paper.styles.element)
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, OSError) as error:
        raise DataError(word_refusal(path, error)) from None
    result = Sheets(path.name, [], [], [], [])
    if body.find(f".//{_W}ins") is not None or body.find(f".//{_W}del") is not None:
        words = Message("has tracked changes; they are read as accepted; accept or refuse them in Word first")
        result.problems.append(Problem(words, file=path.name))
    if body.find(f".//{_W}strike") is not None:
        result.notes.append(Problem("has text that is struck out; it is read as the rest", file=path.name))
    tables = [part for part in body.iter(f"{_W}tbl") if next(part.iterancestors(f"{_W}tbl"), None) is None]
    result.texts = [tidy(_text(part)) for part in body.iterchildren(f"{_W}p")]
    for place, table in enumerate(tables, 1):
        where = Message("table {n}", {"n": place})
        if table.find(f".//{_W}tbl//{_W}tbl") is not None or table.find(f".//{_W}tc//{_W}tbl") is not None:
            result.notes.append(
                Problem("has a table inside a cell; its text is read as lines", file=path.name, sheet=where.text())
            )
        result.grids.append(Grid(where, list(_word_lines(table, path.name, where, numbered, result.problems))))
    return _checked(result)


def _numbered_styles(styles: BaseOxmlElement) -> set[str]:
    """The styles whose paragraphs Word numbers by itself, those too that rest on such a one."""
    of = {style.get(f"{_W}styleId"): style for style in styles.iter(f"{_W}style")}
    numbered = {key for key, style in of.items() if style.find(f".//{_W}numPr") is not None}
    for _ in range(3):
        below = ((key, style.find(f"{_W}basedOn")) for key, style in of.items())
        numbered |= {key for key, on in below if on is not None and on.get(f"{_W}val") in numbered}
    return numbered


def _is_numbered(cell: BaseOxmlElement, numbered: set[str]) -> bool:
    styles = {style.get(f"{_W}val") for style in cell.iter(f"{_W}pStyle")}
    return cell.find(f".//{_W}numPr") is not None or bool(styles & numbered)


def _word_lines(
    table: BaseOxmlElement, file: str, where: Message, numbered: set[str], problems: list[Problem]
) -> Iterator[Line]:
    for row_number, row in enumerate(table.iterchildren(f"{_W}tr"), 1):
        line, column = Line(row_number, {}), 1
        for cell in row.iter(f"{_W}tc"):
            if next(cell.iterancestors(f"{_W}tr")) is not row:
                continue  # of a table inside a cell: its text is that of the cell
            span = next((int(of.get(f"{_W}val")) for of in cell.iter(f"{_W}gridSpan")), 1)
            merged = next((of.get(f"{_W}val") or "continue" for of in cell.iter(f"{_W}vMerge")), "")
            text = "" if merged == "continue" else tidy("\n".join(_text(part) for part in cell.iter(f"{_W}p")))
            if text:
                line.span = line.span if line.cells else span
                line.cells[column] = text
            elif column == 1 and merged != "continue" and _is_numbered(cell, numbered):
                words = Message("the number of this row is an automatic one of Word, which is no text; {remedy}")
                remedy = Message(
                    "type the numbers, or turn them to text (in Word: ActiveDocument.ConvertNumbersToText)"
                )
                problems.append(Problem(words.filled(remedy=remedy), file=file, sheet=where.text(), row=row_number))
            column += span
        if line.cells:
            yield line


def _text(paragraph: BaseOxmlElement) -> str:
    """The text of a paragraph with line breaks, tabs as blanks, without what is marked as deleted."""
    signs = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
    return "".join(part.text or "" if part.tag == f"{_W}t" else signs.get(part.tag, "") for part in paragraph.iter())


def _checked(result: Sheets) -> Sheets:
    """With a problem for a text in an old encoding, of which nothing can be read."""
    for grid in result.grids:
        for line in grid.lines:
            for text in line.cells.values():
                if old := encoding_problem(text):
                    result.problems.append(old.at(file=result.file, sheet=grid.text, row=line.number))
    return result
