"""The Excel workbook of a report: a first sheet with the ranking, the data in one table, every table with real numbers,
native charts of its figures, and notes.

It is written from the blocks of the document alone. Numbers are those of the blocks, to nine decimals; text stays text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from parlib.publish.document import Item
from parlib.publish.formats import annex_path
from parlib.publish.workbook.around import write_annex_front, write_front, write_notes
from parlib.publish.workbook.book import Book, Spot, onto_pages, table_widths, turn, with_room, write_table
from parlib.publish.workbook.charts import figure_widths, told_columns, write_figure
from parlib.publish.workbook.flat import index_data, write_data
from parlib.publish.workbook.plan import MOST_SHEETS, Planned, plan
from parlib.report.blocks import Block, Figure, Table
from parlib.sources.excel import CREATED

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from parlib.publish.formats import Shown

__all__ = ["write"]

_SHARED = 36.0  # characters: no column of a sheet that several share is wider, so that it prints in larger letters


def write(shown: Shown, path: Path, most: int = MOST_SHEETS) -> list[Path]:
    """Write the workbook of ``shown`` to ``path``, of at most so many sheets, and the annex that it needs beside it.
    Returns the files. The same report gives the same bytes."""
    document = shown.document
    planned = plan(document, most)
    paths = [path, annex_path(path, document.language)][: len(planned.books)]
    files = dict(zip((file.name for file in paths), planned.books, strict=True))
    books = [_opened(shown, file) for file in paths]
    own, data = books[0], index_data(document)
    spots = write_front(own, planned.front)
    if data:
        spots["data"] = Spot(own.file, write_data(own, data).name)
    for book, sheets in zip(books, (planned.sheets, planned.annex), strict=False):
        spots |= _write_sheets(book, sheets)
    spots = write_notes(own, own.kept(own.words["notes"]), planned.notes, files, spots)
    for annex in books[1:]:
        write_annex_front(annex, files, spots)
    for book in books:
        book.close()
    return paths


def _opened(shown: Shown, path: Path) -> Book:
    book, about = Book(path, shown.document, shown.stem), shown.properties
    properties = {"title": about.title, "author": about.author, "subject": about.subject, "created": CREATED}
    book.book.set_properties({**properties, "keywords": "; ".join(about.keywords)})
    return book


def _write_sheets(book: Book, sheets: Sequence[Planned]) -> Iterator[tuple[str, Spot]]:
    """Write the sheets; gives where each of their items stands, by its anchor."""
    for planned in sheets:
        sheet = book.sheet(planned.name)
        wanted = [
            table_widths(item.block) if isinstance(item.block, Table) else figure_widths(book, item)
            for item in planned.items
        ]
        most = _SHARED if len(planned.items) > 1 else math.inf
        widths = [min(most, max(column)) for column in zip_longest(*wanted, fillvalue=0.0)]
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        yield from _write_items(book, sheet, planned.items, with_room(widths))


def _last_lead(book: Book, block: Block) -> int:
    """The first column of a sheet that names its rows, where one of the first does."""
    texts: list[bool] = []
    if isinstance(block, Table):
        texts = [column.format == "text" for column in block.columns]
    elif isinstance(block, Figure):
        columns = told_columns(book.document, block.data).values()
        texts = [any(isinstance(value, str) for value in values) for values in columns]
    return texts.index(True) if True in texts[:3] else 0


def _write_items(book: Book, sheet: Worksheet, items: Sequence[Item], room: list[float]) -> Iterator[tuple[str, Spot]]:
    """Write tables and figures one below another, and set the page."""
    alone, row, across, tops = len(items) == 1, 0, len(room) - 1, list[int]()
    for item in items:
        yield item.anchor, Spot(book.file, sheet.name, row)
        tops.append(row)
        write = write_table if isinstance(item.block, Table) else write_figure
        written = write(book, sheet, row, item, room, alone=alone)
        row, across = written.row + 1, max(across, written.across)
    book.page(sheet, room, written.heads if alone else None, lead=_last_lead(book, items[0].block))
    sheet.print_area(0, 0, row, across)
    if sheet.charts or not alone:
        onto_pages(sheet, [*tops, row], across)
    else:
        turn(sheet, row, across)
