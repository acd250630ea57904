"""The Excel workbook of a report: every table with real numbers, native charts of its figures, and a code book.

It is written from the blocks of the document alone. Numbers are those of the blocks, to nine decimals; text stays text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from parlib.publish.document import Item
from parlib.publish.formats import annex_path
from parlib.publish.workbook.book import MOST_SHEETS, Book, Planned, Spot, plan, rows_of, with_room
from parlib.publish.workbook.charts import figure_widths, has_chart, write_figure
from parlib.publish.workbook.tables import Line, table_widths, write_codebook, write_front, write_table
from parlib.report.blocks import Figure, Table
from parlib.sources.excel import CREATED

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

__all__ = ["write"]


def write(shown: Shown, path: Path, most: int = MOST_SHEETS) -> list[Path]:
    """Write the workbook of ``shown`` to ``path``, of at most so many sheets, and the annex that it needs beside it.
    Returns the files. The same report gives the same bytes."""
    document = shown.document
    paths = [path, annex_path(path, document.language)]
    books: list[Book] = []
    lines: dict[str, list[Line]] = {}
    spots: dict[str, Spot] = {}
    for file, sheets in zip(paths, plan(document, most), strict=False):
        book = Book(file, document, shown.stem)
        about = shown.properties
        book.book.set_properties(
            {
                "title": about.title,
                "author": about.author,
                "subject": about.subject,
                "keywords": "; ".join(about.keywords),
                "created": CREATED,
            }
        )
        books.append(book)
        placed = dict(_write_sheets(book, sheets))
        lines[file.name] = [_line(book, item, placed[item.anchor]) for sheet in sheets for item in sheet.items]
        spots |= placed
    first = books[0]
    n_columns = sum(len(item.block.columns) for item in document.items if isinstance(item.block, Table))
    spot = write_codebook(first, spots)
    lines[path.name].append(Line(spot, first.words["columns_of"], first.words["codebook"], n_columns))
    for book in books:
        write_front(book, lines)
        book.close()
    return paths[: len(books)]


def _write_sheets(book: Book, sheets: list[Planned]) -> Iterator[tuple[str, Spot]]:
    """Write the sheets; gives where each of their items stands, by its anchor.

    The name of a sheet is the number and the first words of the caption, or of the heading where several captions begin
    alike; one that several share has the name of their sections.
    """
    starts = [sheet.caption[:16] for sheet in sheets if len(sheet.items) == 1]
    for planned in sheets:
        item, name = planned.items[0], "; ".join(planned.sections)
        if len(planned.items) == 1:
            alike = starts.count(planned.caption[:16]) > 2
            about = planned.heading if alike and planned.heading else planned.caption
            name = f"{book.words[item.block.kind]} {item.number} {about}"
        sheet = book.sheet(name)
        wanted = [
            table_widths(item.block) if isinstance(item.block, Table) else figure_widths(book, item)
            for item in planned.items
        ]
        widths = [max(column) for column in zip_longest(*wanted, fillvalue=0.0)]
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        room = with_room(widths)
        alone, row, across = len(planned.items) == 1, 0, len(room) - 1
        for item in planned.items:
            yield item.anchor, Spot(book.file, sheet.name, row)
            write = write_table if isinstance(item.block, Table) else write_figure
            row, last = write(book, sheet, row, item, room, alone=alone)
            row, across = row + 1, max(across, last)
        if not alone:
            sheet.print_area(0, 0, row, across)


def _line(book: Book, item: Item, spot: Spot) -> Line:
    words = book.words
    kind = words["table"]
    if isinstance(item.block, Figure):
        kind = words["chart_and_data"] if has_chart(item.block) else words["data_only"]
    return Line(spot, book.document.caption(item), kind, rows_of(item.block))
