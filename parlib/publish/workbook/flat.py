"""The sheet of data: one row for every unit, component and year of the index tables behind a report.

It is one Excel Table with its heads in the first row, and nothing else: pivot tables, formulas and
``pandas.read_excel`` take it as it is. Numbers are those of the dataset, at full precision; what the dataset says by
keys is said here in words, beside codes of components; the keys of units stand last.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from parlib.publish.document import Document
from parlib.publish.sheets import said_in_words
from parlib.publish.workbook.book import HEAD, Book, head_lines
from parlib.report.blocks import Dataset
from parlib.sources.long_sheet import LongSheet
from parlib.words import Message, fold

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_LONG, _PRINTED = 120, 60  # rows: a longer sheet is not for paper, and is printed as far as one page goes
_WHOLE, _POINTS, _TEXT = "0", "#,##0.00", ""

#: The columns by their names in the dataset: what they are called, the format of their numbers, their width.
COLUMNS: Mapping[str, tuple[Message, str, float]] = {
    "year": (Message("Year"), _WHOLE, 8.0),
    "index_name": (Message("Index name"), _TEXT, 14.0),
    "level": (Message("Level"), _TEXT, 22.0),
    "name": (Message("Unit name"), _TEXT, 38.0),
    "node": (Message("Component key"), _TEXT, 20.0),
    "node_name": (Message("Component"), _TEXT, 46.0),
    "points": (Message("Points"), _POINTS, 11.0),
    "maximum": (Message("Maximum"), _POINTS, 11.0),
    "index": (Message("Percent of maximum"), _POINTS, 13.0),
    "rank": (Message("Rank"), _WHOLE, 9.0),
    "stage": (Message("Stage"), _TEXT, 16.0),
    "basis": (Message("Basis"), _TEXT, 24.0),
    "marks": (Message("Marks"), _TEXT, 44.0),
    "unit": (Message("Unit key"), _TEXT, 36.0),
}
_KEYS = 1  # the last column, which nobody reads on paper


def index_data(document: Document) -> Dataset | None:
    """The dataset that the sheet is made of, where the notebook handed it over whole."""
    whole = (data for data in document.datasets if data.name == "index")
    return next((data for data in whole if {name for name, _, _ in data.columns} >= COLUMNS.keys()), None)


def flat_rows(data: Dataset, language: str) -> Iterator[tuple[float | str | None, ...]]:
    """The rows of the sheet: numbers, words, ``None`` for what is not known."""
    reader = csv.reader(io.StringIO(data.text))
    at = {name: place for place, name in enumerate(next(reader))}
    taken = [(at[name], bool(form), said_in_words(name, language)) for name, (_, form, _) in COLUMNS.items()]
    for row in reader:
        yield tuple(
            [(float(row[n]) if number else said(row[n]) or None) if row[n] else None for n, number, said in taken]
        )


def write_data(book: Book, data: Dataset) -> Worksheet:
    """Write the sheet of data."""
    sheet, language = book.kept(book.words["data"], LongSheet), book.document.language
    names = [title.text(language) for title, _, _ in COLUMNS.values()]
    text, number = {"font_size": 10, "align": "left", "indent": 1}, {"font_size": 10}
    plain, quoted = (book.look(text, **more) for more in ({}, {"quote_prefix": True}))
    looks = [book.look(number, num_format=form) if form else plain for _, form, _ in COLUMNS.values()]
    looks[list(COLUMNS).index("marks")] = book.look(text, shrink=True)  # of many, which would run on over the edge
    rows = list(flat_rows(data, language))
    last, columns = len(rows), zip(*rows, strict=True)
    sheet.put_table(1, [(cells, look, quoted) for cells, look in zip(columns, looks, strict=bool(rows))])
    widths = [width for _, _, width in COLUMNS.values()]
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width, plain)
    book.as_table(sheet, (0, 0, last, len(names) - 1), fold(book.words["data"]).title().replace(" ", ""), names)
    for at, name in enumerate(names):
        book.put(sheet, 0, at, name, HEAD)
    sheet.set_row(0, 15.5 * max(map(head_lines, names, widths)) + 4)
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:N{last + 1}"})
    is_long = last > _LONG
    sheet.print_area(0, 0, _PRINTED if is_long else last, len(names) - _KEYS - 1)
    book.page(sheet, widths[:-_KEYS], (0, 0), book.words["printed"] if is_long else "")
    return sheet
