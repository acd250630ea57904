"""The code book: every column of every table and data set, and the criteria with their maxima."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from parlib.publish.cells import Cell, column_cells, decimals_of, exact, value_of
from parlib.publish.document import Document
from parlib.publish.workbook.book import CAPTION, CELL, HEAD, TEXT, Book, Spot, line_height, text_lines
from parlib.publish.workbook.words import FORMATS
from parlib.report.blocks import Column, Dataset, Number, Table
from parlib.report.columns import words_of_ways

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = [30.0, 28.0, 24.0, 12.0, 26.0, 34.0, 34.0, 16.0]
_MOST_SOURCES = 4  # of the tables of an index that a column came from: more would not be read


def made_words(cells: Iterable[Cell], language: str) -> str:
    """How the numbers of a column are made, in words."""
    made = dict.fromkeys(cell.made for cell in cells if isinstance(cell, Number))
    return "; ".join(words_of_ways(language).get(word, word) for word in made)


def sources_of(cells: Iterable[Cell]) -> str:
    """Where the numbers of a column come from: index, year, level and column of its index tables."""
    found = dict.fromkeys(
        f"{ref.index_name} {ref.year} {ref.level}: {ref.column}"
        for cell in cells
        if isinstance(cell, Number)
        for ref in cell.refs
    )
    listed = list(found)[:_MOST_SOURCES]
    return "; ".join(listed) + ("; …" if len(found) > _MOST_SOURCES else "")


def format_words(column: Column, cells: Iterable[Cell], language: str) -> str:
    """The format of a column in words; the most decimals that any of its numbers has."""
    decimals = [decimals_of(cell, column.decimals) for cell in cells if isinstance(cell, Number)]
    template = FORMATS[column.format].template(language) if column.format in FORMATS else column.format
    return template.replace("{n}", str(max(decimals, default=column.decimals)))


def write_codebook(book: Book, spots: Mapping[str, Spot]) -> Spot:
    """Write the code book; ``spots`` say where the tables stand, by their anchors. Returns where it stands itself."""
    words, language = book.words, book.document.language
    sheet = book.book.add_worksheet(words["codebook"])
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    row = book.head(sheet, 0, words["codebook"], _WIDTHS)
    keys = ("sheet", "column", "group", "unit", "format", "made", "from", "key")
    row = _block(book, sheet, row, words["columns_of"], keys)
    first = row
    for item in book.document.items:
        if not isinstance(item.block, Table):
            continue
        for column in item.block.columns:
            cells = column_cells(item.block, column)
            book.link(sheet, row, spots[item.anchor])
            texts = [column.title, column.group, column.unit, format_words(column, cells, language)]
            texts += [made_words(cells, language), sources_of(cells), column.key]
            row = _row(book, sheet, row, texts, 1)
    if row > first:
        sheet.autofilter(first - 1, 0, row - 1, len(keys) - 1)
    sheet.freeze_panes(first, 2)
    row = _datasets(book, sheet, row)
    _nodes(book, sheet, row)
    book.page(sheet, _WIDTHS, (first - 1, first - 1))
    return Spot(book.file, words["codebook"])


def _datasets(book: Book, sheet: Worksheet, row: int) -> int:
    if not book.document.datasets:
        return row
    keys = ("dataset", "column", "format", "meaning")
    row = _block(book, sheet, row + 1, book.words["data_columns"], keys)
    for dataset in book.document.datasets:
        for column, kind, meaning in dataset.columns:
            row = _row(book, sheet, row, [dataset.name, column, kind, meaning])
    return row


def _nodes(book: Book, sheet: Worksheet, row: int) -> None:
    nodes = list(nodes_of(book.document))
    if not nodes:
        return
    row = _block(book, sheet, row + 1, book.words["scheme_nodes"], ("code", "name", "maximum"))
    for code, name, maximum in nodes:
        if maximum is not None:
            sheet.write_number(row, 2, maximum, book.look(CELL, num_format="#,##0.00##"))
        row = _row(book, sheet, row, [code, name])


def nodes_of(document: Document) -> Iterator[tuple[str, str, float | None]]:
    """Code, name and maximum of every node that a data set or a table of criteria names, each once.

    The maximum of a data set is left out where units differ in it (criteria that do not apply to all).
    """
    found: dict[str, tuple[str, set[float]]] = {}
    for dataset in document.datasets:
        if {"node", "node_name", "maximum"} <= {name for name, _, _ in dataset.columns}:
            _read_nodes(dataset, found)
    for item in document.items:
        if isinstance(item.block, Table) and {"code", "name", "maximum"} <= {c.key for c in item.block.columns}:
            for cells in item.block.rows:
                code, name, maximum = (cells.get(key) for key in ("code", "name", "maximum"))
                if isinstance(code, str) and isinstance(name, str) and code and code not in found:
                    value = value_of(maximum)
                    found[code] = (name, set() if value is None else {value})
    for code, (name, maxima) in found.items():
        yield code, name, next(iter(maxima)) if len(maxima) == 1 else None


def _read_nodes(dataset: Dataset, found: dict[str, tuple[str, set[float]]]) -> None:
    for row in csv.DictReader(io.StringIO(dataset.text)):
        maxima = found.setdefault(row["node"], (row["node_name"], set()))[1]
        if row["maximum"]:
            maxima.add(exact(float(row["maximum"])))


def _block(book: Book, sheet: Worksheet, row: int, title: str, keys: tuple[str, ...]) -> int:
    book.put(sheet, row, 0, title, CAPTION, text_wrap=False, font_size=12)
    for at, key in enumerate(keys):
        book.put(sheet, row + 1, at, book.words[key], HEAD)
    return row + 2


def _row(book: Book, sheet: Worksheet, row: int, texts: list[str], first: int = 0) -> int:
    """A row of texts from the column ``first``, as high as it needs. Returns the next row."""
    for at, text in enumerate(texts, first):
        book.put(sheet, row, at, text, TEXT)
    sheet.set_row(row, line_height(max(text_lines(text, _WIDTHS[at]) for at, text in enumerate(texts, first))))
    return row + 1
