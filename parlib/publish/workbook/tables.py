"""One sheet for a table: heads that stay, real numbers, marks beside them, notes and source below."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from parlib.publish.cells import (
    Cell,
    column_cells,
    decimals_of,
    is_unknown,
    text_of,
    value_of,
)
from parlib.publish.document import Item
from parlib.publish.workbook import totals
from parlib.publish.workbook.book import CELL, HEAD, SMALL, TEXT, UNKNOWN, Book, Look, line_height, text_lines
from parlib.report.blocks import Column, Number, Table
from parlib.report.wording import UNKNOWN as UNKNOWN_SIGN
from parlib.tables import column_letter

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDEST, _NARROWEST = 58.0, 8.0
_STYLES: dict[str, Look] = {
    "total": {"bold": True, "top": 2, "bg_color": "#F1F5FA"},
    "muted": {"font_color": "#6B7680"},
    "highlight": {"bg_color": "#FFF3CD"},
}


@dataclass(frozen=True)
class Place:
    """A column of a table on its sheet: where it stands, how wide, and whether a column of marks follows it."""

    column: Column
    at: int
    width: float
    marked: bool


def number_format(kind: str, decimals: int) -> str:
    """The number format of Excel for a column of a kind."""
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    if kind == "rank":
        return "0"
    return f"+{digits};-{digits};{digits}" if kind == "change" else digits


def table_widths(table: Table) -> list[float]:
    """How wide the columns of a table want to be, in characters; those of marks among them."""
    return [width for place in _places(table) for width in ([place.width, 3.5] if place.marked else [place.width])]


def write_table(
    book: Book, sheet: Worksheet, top: int, item: Item, room: list[float], *, alone: bool
) -> tuple[int, int]:
    """Write the table of ``item`` from the row ``top`` of a sheet whose columns are as wide as ``room`` says. Where it
    stands ``alone`` on it, its heads stay in sight and it can be filtered. Returns the next row and the last column."""
    table = item.block
    assert isinstance(table, Table)
    places = _places(table)
    row = book.head(sheet, top, book.document.caption(item), room)
    first_head = row
    row = _heads(book, sheet, places, row)
    if alone and table.columns:
        sheet.freeze_panes(row, _frozen(places))
    if alone and table.sortable and len(table.rows) > 1:
        tail = [place for place in totals.total_rows(table) if place == len(table.rows) - 1]
        last = places[-1].at + places[-1].marked
        sheet.autofilter(row - 1, 0, row - 1 + len(table.rows) - len(tail), last)
    for place in places:
        _column(book, sheet, table, place, row)
    _heights(sheet, table, places, row)
    row += len(table.rows) + 1
    for text in (*table.notes, table.source):
        told = book.words["read_unknown"] if text.startswith(UNKNOWN_SIGN) else text
        if told and told not in book.marks:
            row = book.line(sheet, row, len(room) - 1, told, SMALL, room)
    book.page(sheet, room, (first_head, first_head + _n_heads(places) - 1) if alone else None)
    return row, len(room) - 1


def _places(table: Table) -> list[Place]:
    found, at = [], 0
    for column in table.columns:
        cells = column_cells(table, column)
        marked = any(isinstance(cell, Number) and cell.mark for cell in cells)
        found.append(Place(column, at, _width(column, cells), marked))
        at += 1 + marked
    return found


def _width(column: Column, cells: list[Cell]) -> float:
    """Wide enough for the cells, up to where text is wrapped, and for the words of the head."""
    texts = [cell.text if isinstance(cell, Number) else str(cell or "") for cell in cells]
    longest = max((len(text) for text in texts), default=0) * 1.02
    word = max((len(part) for part in column.title.split()), default=0) * 1.15
    head = min(len(column.title), max(word, 13.0))
    return min(_WIDEST, max(_NARROWEST, longest + 3, word + 3, head + 3, len(column.unit) + 2))


def _n_heads(places: list[Place]) -> int:
    columns = [place.column for place in places]
    return 1 + any(column.group for column in columns) + any(column.unit for column in columns)


def _frozen(places: list[Place]) -> int:
    """How many columns stay in sight: up to the first that names the rows, where that is not too wide."""
    for place in places[:3]:
        if place.column.format == "text":
            return place.at + 1 if sum(p.width for p in places[: places.index(place) + 1]) < 55 else 0
    return 0


def _heads(book: Book, sheet: Worksheet, places: list[Place], row: int) -> int:
    """Groups over columns, titles, units. Returns the first row of data."""
    if any(place.column.group for place in places):
        high = 1
        for group, run in groupby(places, key=lambda place: place.column.group):
            members = list(run)
            first, last = members[0].at, members[-1].at + members[-1].marked
            if last > first:
                sheet.merge_range(row, first, row, last, "", book.look(HEAD))
            book.put(sheet, row, first, group, HEAD)
            high = max(high, -(-len(group) // int(sum(member.width for member in members) * 0.85)))
        sheet.set_row(row, 15.5 * high + 2)
        row += 1
    units = any(place.column.unit for place in places)
    lines = 1
    for place in places:
        book.put(sheet, row, place.at, place.column.title, HEAD)
        lines = max(lines, -(-len(place.column.title) // int(place.width * 0.85)))
        if place.marked:
            book.put(sheet, row, place.at + 1, "†", HEAD)
    sheet.set_row(row, 15.5 * lines + 4)
    if units:
        row += 1
        for place in places:
            book.put(sheet, row, place.at, place.column.unit, HEAD, font_size=9, bold=False)
            if place.marked:
                book.put(sheet, row, place.at + 1, "", HEAD, font_size=9)
    return row + 1


def _column(book: Book, sheet: Worksheet, table: Table, place: Place, first: int) -> None:
    """The cells of a column, with its marks beside them."""
    cells = column_cells(table, place.column)
    for n, cell in enumerate(cells):
        style = _STYLES.get(table.row_styles[n] if n < len(table.row_styles) else "", {})
        _cell(book, sheet, first, n, place, cells, table, style)
        if place.marked:
            mark = cell.mark if isinstance(cell, Number) else ""
            book.put(sheet, first + n, place.at + 1, mark, CELL, **style)


def _cell(
    book: Book,
    sheet: Worksheet,
    first: int,
    n: int,
    place: Place,
    cells: list[Cell],
    table: Table,
    style: Look,
) -> None:
    cell, row, column = cells[n], first + n, place.column
    value = value_of(cell)
    if value is not None and isinstance(cell, Number):
        centred = {"align": "center"} if column.format == "rank" else {}
        kind = "change" if cell.text.startswith("+") else column.format  # a statistic that is a change among others
        shown = number_format(kind, decimals_of(cell, column.decimals))
        look = book.look(CELL, **style, **centred, num_format=shown)
        made = totals.formula(table, cells, n) if style.get("top") else None
        if made:
            letter = column_letter(place.at + 1)
            text = f"={made[0]}({letter}{first + made[1] + 1}:{letter}{row})"
            sheet.write_formula(row, place.at, text, look, value)
        else:
            sheet.write_number(row, place.at, value, look)
    elif is_unknown(cell, column):
        sheet.write_blank(row, place.at, None, book.look(UNKNOWN, **{**style, "bg_color": UNKNOWN["bg_color"]}))
    else:
        aligned = (
            {"indent": 1} if column.format == "text" else {"align": "center" if column.format == "rank" else "right"}
        )
        book.put(sheet, row, place.at, text_of(cell), TEXT, **style, **aligned)


def _heights(sheet: Worksheet, table: Table, places: list[Place], first: int) -> None:
    """Rows as high as their wrapped text needs: not every program finds that out by itself."""
    texts = [place for place in places if place.column.format == "text"]
    for n, row in enumerate(table.rows):
        lines = max((text_lines(text_of(row.get(place.column.key)), place.width) for place in texts), default=1)
        if lines > 1:
            sheet.set_row(first + n, line_height(lines))
