"""One sheet for the data of a figure, with the chart that Excel draws from these cells beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parlib.errors import ParlibError
from parlib.publish.cells import Value, column_titles, figure_columns
from parlib.publish.document import Item
from parlib.publish.workbook.book import CELL, HEAD, SMALL, TEXT, UNKNOWN, Book, line_height, text_lines
from parlib.publish.workbook.canvas import Canvas
from parlib.publish.workbook.charts import CHARTS, shade
from parlib.report.blocks import Figure
from parlib.report.columns import words_of_columns
from parlib.scoring import units

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDEST, _NARROWEST = 46.0, 9.0
_ON_A_PAGE = 66  # rows that can be read on one page


def has_chart(figure: Figure) -> bool:
    """Whether the workbook draws a chart of ``figure``: its kind is known and so is what that kind needs."""
    chart = CHARTS.get(figure.chart)
    return chart is not None and chart.fits(figure.data)


def figure_widths(book: Book, item: Item) -> list[float]:
    """How wide the columns of a figure's data want to be, in characters."""
    assert isinstance(item.block, Figure)
    columns = figure_columns(book.document, item.block.data)
    return [_width(field_title(book, key), values) for key, values in columns.items()]


def write_figure(
    book: Book, sheet: Worksheet, top: int, item: Item, room: list[float], *, alone: bool
) -> tuple[int, int]:
    """Write the data of the figure of ``item`` from the row ``top`` of a sheet whose columns are as wide as ``room``
    says, and its chart where there is one of its kind. Where it stands ``alone`` on it, its heads stay in sight and it
    can be filtered. Returns the next row and the last column."""
    figure = item.block
    assert isinstance(figure, Figure)
    columns = figure_columns(book.document, figure.data)
    titles = {key: field_title(book, key) for key in columns}
    widths, across = room[: len(columns)], len(room) - 1  # the texts may run on under the chart
    row = book.head(sheet, top, book.document.caption(item), room)
    for at, key in enumerate(columns):
        book.put(sheet, row, at, titles[key], HEAD)
    sheet.set_row(row, 34)
    first, n = row + 1, max(len(values) for values in columns.values())
    for at, values in enumerate(columns.values()):
        _column(book, sheet, first, at, values)
    for place in range(n):
        cells = ((values[place], width) for values, width in zip(columns.values(), widths, strict=True))
        lines = max((text_lines(value, width) for value, width in cells if isinstance(value, str)), default=1)
        if lines > 1:
            sheet.set_row(first + place, line_height(lines))
    if alone:
        sheet.freeze_panes(first, 0)
        if n > 1:
            sheet.autofilter(row, 0, row + n, len(columns) - 1)
    canvas = Canvas(book, sheet, item, columns, titles, first, len(columns) + 1)
    last_column = _draw(canvas, figure, row, len(columns))
    foot = max(first + n, canvas.bottom) + 1
    for text in (*figure.notes, figure.source):
        if text and text not in book.marks:
            foot = book.line(sheet, foot, across, text, SMALL, room)
    book.page(sheet, room, (row, row) if alone else None)
    if not alone:
        return foot, last_column
    if canvas.chart is not None and n <= _ON_A_PAGE:  # so that no chart is cut in two
        sheet.fit_to_pages(1, 1)
        if canvas.height < canvas.width + 7 * sum(widths):
            sheet.set_landscape()
    sheet.print_area(0, 0, foot, max(last_column, across))
    return foot, last_column


def _draw(canvas: Canvas, figure: Figure, row: int, last: int) -> int:
    """The chart, or the colours of a heat map. Returns the last column that it covers."""
    if figure.chart == "heatmap":
        shade(canvas)
        return last
    if not has_chart(figure):
        return last
    CHARTS[figure.chart].draw(canvas)
    return canvas.finish(row)


def field_title(book: Book, key: str) -> str:
    """What a column of a figure's data is called: in our words, as a table calls it, or the name of a unit."""
    language = book.document.language
    known = words_of_columns(language).get(key) or column_titles(book.document).get(key)
    if known or " " in key:
        return known or key
    try:
        return units.name(key, language)
    except ParlibError:
        return key


def _width(title: str, values: list[Value]) -> float:
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    word = max((len(part) for part in title.split()), default=0)
    return min(_WIDEST, max(_NARROWEST, longest + 2.0, word + 3.5, len(title) / 2 + 4))


def figure_format(values: list[Value]) -> str:
    """The number format of a column of a figure's data."""
    numbers = [abs(value) for value in values if isinstance(value, int | float)]
    if all(float(number).is_integer() for number in numbers):
        return "0"
    return "0.000" if max(numbers) <= 1 else "#,##0.00"


def _column(book: Book, sheet: Worksheet, first: int, at: int, values: list[Value]) -> None:
    look = book.look(CELL, num_format=figure_format(values))
    numeric = any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    for row, value in enumerate(values, first):
        if isinstance(value, bool):
            sheet.write_boolean(row, at, value, book.look(CELL))
        elif isinstance(value, int | float):
            sheet.write_number(row, at, value, look)
        elif value is None and numeric:
            sheet.write_blank(row, at, None, book.look(UNKNOWN))
        else:
            book.put(sheet, row, at, value or "", TEXT)
