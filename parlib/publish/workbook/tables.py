"""A table on its sheet: one row of heads that stay, real numbers, marks beside them, notes and source below."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from parlib.publish.document import Cell, Item, column_cells, decimals_of, is_unknown, text_of, value_of
from parlib.publish.workbook.book import (
    CAPTION,
    CELL,
    HEAD,
    SMALL,
    TEXT,
    UNKNOWN,
    Book,
    Look,
    Written,
    formula,
    has_groups,
    heads,
    line_height,
    text_lines,
    total_rows,
)
from parlib.report.blocks import UNKNOWN as UNKNOWN_SIGN
from parlib.report.blocks import Column, Number, Table
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
    """A column of a table on its sheet: where it stands, its name there, how wide, and the name of the column of marks
    that follows it."""

    column: Column
    at: int
    name: str
    width: float
    marks: str = ""


def number_format(kind: str, decimals: int) -> str:
    """The number format of Excel for a column of a kind."""
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    if kind == "rank":
        return "0"
    return f"+{digits};-{digits};{digits}" if kind == "change" else digits


def table_widths(table: Table) -> list[float]:
    """How wide the columns of a table want to be, in characters; those of marks among them."""
    return [width for place in _places(table) for width in ([place.width, 3.5] if place.marks else [place.width])]


def write_table(
    book: Book, sheet: Worksheet, top: int, item: Item, room: list[float], *, alone: bool, front: bool = False
) -> Written:
    """Write the table of ``item`` from the row ``top`` of a sheet whose columns are as wide as ``room`` says. Where it
    stands ``alone`` on it, its heads stay in sight; on the ``front`` way back and marks stand further up."""
    table = item.block
    assert isinstance(table, Table)
    places = [replace(place, width=room[place.at]) for place in _places(table)]
    caption = book.document.caption(item)
    if front:
        row = book.line(sheet, top, len(room) - 1, caption, CAPTION, room)
    else:
        row = book.head(sheet, top, caption, room)
    first_head = row
    row = _heads(book, sheet, places, row, groups=has_groups(table))
    if alone and table.columns:
        sheet.freeze_panes(row, _frozen(places))
    tail = [place for place in total_rows(table) if place == len(table.rows) - 1]
    if places:
        area = (row - 1, 0, row - 1 + len(table.rows) - len(tail), places[-1].at + bool(places[-1].marks))
        names = [name for place in places for name in (place.name, place.marks) if name]
        filtered = table.sortable and len(table.rows) > 1
        book.as_table(sheet, area, book.table_name(Table.kind, item.number), names, filtered=filtered)
    for place in places:
        _column(book, sheet, table, place, row)
    _heights(sheet, table, places, row)
    written = first_head, row - 1
    row += len(table.rows) + 1
    for text in (*table.notes, table.source):
        sentence = book.words["read_unknown"] if text.startswith(UNKNOWN_SIGN) else text
        if sentence:
            row = book.line(sheet, row, len(room) - 1, sentence, SMALL, room)
    return Written(row, len(room) - 1, written)


def _places(table: Table) -> list[Place]:
    results: list[Place] = []
    for at, head in enumerate(heads(table)):
        if head.marks:
            results[-1] = replace(results[-1], marks=head.name)
        else:
            width = _width(head.name, column_cells(table, head.column))
            results.append(Place(head.column, at, head.name, width))
    return results


def _width(head: str, cells: list[Cell]) -> float:
    """Wide enough for the cells, up to where text is wrapped, and for the words of the head."""
    texts = [cell.text if isinstance(cell, Number) else str(cell or "") for cell in cells]
    longest = max((len(text) for text in texts), default=0) * 1.02
    word = max((len(part) for part in head.split()), default=0) * 1.15
    wanted = min(len(head), max(word, 13.0))
    return min(_WIDEST, max(_NARROWEST, longest + 3, word + 3, wanted + 3))


def _frozen(places: list[Place]) -> int:
    """How many columns stay in sight: up to the first that names the rows, where that is not too wide."""
    for place in places[:3]:
        if place.column.format == "text":
            return place.at + 1 if sum(p.width for p in places[: places.index(place) + 1]) < 55 else 0
    return 0


def _heads(book: Book, sheet: Worksheet, places: list[Place], row: int, *, groups: bool) -> int:
    """The names of the columns, under their groups where these have a row of their own. Returns the first row of
    data."""
    if groups:
        high = 1
        for group, run in groupby(places, key=lambda place: place.column.group):
            members = list(run)
            first, last = members[0].at, members[-1].at + bool(members[-1].marks)
            if last > first:
                sheet.merge_range(row, first, row, last, "", book.look(HEAD))
            book.put(sheet, row, first, group, HEAD)
            high = max(high, -(-len(group) // int(sum(member.width for member in members) * 0.85)))
        sheet.set_row(row, 15.5 * high + 2)
        row += 1
    lines = 1
    for place in places:
        book.put(sheet, row, place.at, place.name, HEAD)
        lines = max(lines, head_lines(place.name, place.width))
        if place.marks:
            book.put(sheet, row, place.at + 1, place.marks, HEAD)
    sheet.set_row(row, 15.5 * lines + 4)
    return row + 1


def head_lines(text: str, width: float) -> int:
    """On how many lines a bold head stands in a column ``width`` characters wide, word by word."""
    lines, here = 1, 0.0
    for word in text.split():
        wide = len(word) * 1.15 + 1
        lines, here = (lines + 1, wide) if here and here + wide > width - 2 else (lines, here + wide)
    return lines


def _column(book: Book, sheet: Worksheet, table: Table, place: Place, first: int) -> None:
    """The cells of a column, with its marks beside them."""
    cells = column_cells(table, place.column)
    for n, cell in enumerate(cells):
        style = _STYLES.get(table.row_styles[n] if n < len(table.row_styles) else "", {})
        _cell(book, sheet, first, n, place, cells, table, style)
        if place.marks:
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
        whole = cell.text.partition("/")[2]  # "1/2": the cell holds the 1 and shows of how many
        shown = f'0"/{whole}"' if whole else number_format(kind, decimals_of(cell, column.decimals))
        look = book.look(CELL, **style, **centred, num_format=shown)
        made = formula(table, cells, n) if style.get("top") else None
        if made:
            letter = column_letter(place.at + 1)
            text = f"={made[0]}({letter}{first + made[1] + 1}:{letter}{row})"
            sheet.write_formula(row, place.at, text, look, value)
        else:
            sheet.write_number(row, place.at, value, look)
    elif is_unknown(cell, column):
        sheet.write_blank(row, place.at, None, book.look(UNKNOWN, **{**style, "bg_color": UNKNOWN["bg_color"]}))
    else:
        aligned = {} if column.format == "text" else {"align": "center" if column.format == "rank" else "right"}
        book.put(sheet, row, place.at, text_of(cell), TEXT, **style, **aligned)


def _heights(sheet: Worksheet, table: Table, places: list[Place], first: int) -> None:
    """Rows as high as their wrapped text needs: not every program finds that out by itself."""
    texts = [place for place in places if place.column.format == "text"]
    for n, row in enumerate(table.rows):
        lines = max((text_lines(text_of(row.get(place.column.key)), place.width) for place in texts), default=1)
        if lines > 1:
            sheet.set_row(first + n, line_height(lines))
