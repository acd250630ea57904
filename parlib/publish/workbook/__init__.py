"""The Excel workbook of a report: every table with real numbers, native charts of its figures, and a code book.

It is written from the blocks of the document alone. Numbers are those of the blocks, to nine decimals; text stays text.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from parlib.publish.document import Document
from parlib.publish.workbook.book import Book
from parlib.publish.workbook.codebook import write_codebook
from parlib.publish.workbook.figures import has_chart, write_figure
from parlib.publish.workbook.front import Line, write_front
from parlib.publish.workbook.tables import write_table
from parlib.report.blocks import Figure, Heading, Table

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

__all__ = ["write"]


def write(shown: Shown, path: Path) -> None:
    """Write the workbook of ``shown`` to ``path``. The same report gives the same bytes."""
    document = shown.document
    book = Book(path, document, shown.stem)
    contents, codebook = book.name(book.words["contents"]), book.name(book.words["codebook"])
    sheets = _sheet_names(book, document)
    lines = list(_lines(book, document, sheets))
    lines.append(Line(codebook, book.words["columns_of"], book.words["codebook"], _n_columns(document)))
    write_front(book, contents, lines)
    for place, name in sheets.items():
        item = document.items[place]
        (write_table if isinstance(item.block, Table) else write_figure)(book, name, item)
    write_codebook(book, codebook, sheets)
    book.close()


def _sheet_names(book: Book, document: Document) -> dict[int, str]:
    """The sheets of tables and of figures that carry data, by the place of their item.

    A name is the number and the first words of the caption; where several captions begin alike, those of the heading.
    """
    wanted: dict[int, tuple[str, str, str]] = {}
    heading = ""
    for place, item in enumerate(document.items):
        block = item.block
        if isinstance(block, Heading):
            heading = block.text
        elif isinstance(block, Table) or (isinstance(block, Figure) and any(block.data.values())):
            wanted[place] = (f"{book.words[block.kind]} {item.number}", block.caption, heading)
    starts = [caption[:16] for _, caption, _ in wanted.values()]
    return {
        place: book.name(f"{number} {heading if heading and starts.count(caption[:16]) > 2 else caption}")
        for place, (number, caption, heading) in wanted.items()
    }


def _lines(book: Book, document: Document, sheets: dict[int, str]) -> list[Line]:
    found = []
    for place, name in sheets.items():
        item, words = document.items[place], book.words
        block = item.block
        if isinstance(block, Table):
            found.append(Line(name, document.caption(item), words["table"], len(block.rows)))
        elif isinstance(block, Figure):
            kind = words["chart_and_data"] if has_chart(block) else words["data_only"]
            rows = max(len(values) for values in block.data.values())
            found.append(Line(name, document.caption(item), kind, rows))
    return found


def _n_columns(document: Document) -> int:
    return sum(len(item.block.columns) for item in document.items if isinstance(item.block, Table))
