"""The first sheet: what the workbook is, its marks, key figures, how to read it, and the way to every sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parlib.publish.cells import decimals_of, value_of
from parlib.publish.workbook.book import CELL, HEAD, MARK, SMALL, TEXT, Book, Spot, line_height, text_lines
from parlib.publish.workbook.tables import number_format
from parlib.report.blocks import Number, Tile, Tiles

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = [34.0, 60.0, 18.0, 9.0]
_TITLE = {"font_size": 17, "bold": True, "font_color": "#1F3A5F", "text_wrap": True, "valign": "vcenter"}
_SECTION = {"font_size": 12, "bold": True, "font_color": "#1F3A5F", "bottom": 1, "bottom_color": "#1F3A5F"}
_PLAIN = {"text_wrap": True, "valign": "top"}


@dataclass(frozen=True)
class Line:
    """A line of the contents: where it leads, what is there, of what kind it is, with how many rows."""

    spot: Spot
    content: str
    kind: str
    rows: int


def write_front(book: Book, lists: Mapping[str, Sequence[Line]]) -> None:
    """Write the first sheet; ``lists`` are the contents of this workbook and of one beside it, by file."""
    sheet, title, last = book.front, book.document.title, len(_WIDTHS) - 1
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    row = book.line(sheet, 0, last, title.text, _TITLE, _WIDTHS)
    if title.subtitle:
        row = book.line(sheet, row, last, title.subtitle, _PLAIN, _WIDTHS)
    for mark in book.marks:
        row = book.line(sheet, row, last, mark, {**MARK, "font_size": 12}, _WIDTHS)
    for text in (*title.lines, book.words["about"]):
        row = book.line(sheet, row, last, text, _PLAIN, _WIDTHS)
    row = _tiles(book, sheet, row)
    row = _section(book, sheet, row, "reading")
    for key in ("read_exact", "read_unknown", "read_range", "read_mark", "read_total", "read_chart"):
        row = book.line(sheet, row, last, f"– {book.words[key]}", {**SMALL, "font_size": 10}, _WIDTHS)
    row = _section(book, sheet, row, "contents")
    for at, key in enumerate(("sheet", "content", "kind", "rows")):
        book.put(sheet, row, at, book.words[key], HEAD)
    row += 1
    for file, lines in lists.items():
        if len(lists) > 1:
            row = book.line(sheet, row, last, file, {**_PLAIN, "bold": True}, _WIDTHS)
        for line in lines:
            book.link(sheet, row, line.spot)
            book.put(sheet, row, 1, line.content, TEXT)
            sheet.set_row(row, line_height(text_lines(line.content, _WIDTHS[1])))
            book.put(sheet, row, 2, line.kind, CELL)
            sheet.write_number(row, 3, line.rows, book.look(CELL, num_format="0"))
            row += 1
    book.page(sheet, [60.0])
    sheet.activate()


def _section(book: Book, sheet: Worksheet, row: int, key: str) -> int:
    return book.line(sheet, row + 1, len(_WIDTHS) - 1, book.words[key], _SECTION, _WIDTHS)


def _tiles(book: Book, sheet: Worksheet, row: int) -> int:
    """The key figures: name, number with its unit, and the line below it; where there are several groups of them,
    each under what it is about."""
    groups = [item.block for item in book.document.items if isinstance(item.block, Tiles)]
    if not groups:
        return row
    row = _section(book, sheet, row, "key_figures")
    for group in groups:
        if len(groups) > 1:
            row = book.line(sheet, row, len(_WIDTHS) - 1, group.caption, {**_PLAIN, "bold": True}, _WIDTHS)
        row = _group(book, sheet, row, group)
    return row


def _group(book: Book, sheet: Worksheet, row: int, group: Tiles) -> int:
    for tile in group.tiles:
        book.put(sheet, row, 0, tile.label, TEXT)
        detail = "".join(part.text if isinstance(part, Number) else part for part in tile.detail)
        book.put(sheet, row, 1, detail, TEXT)
        lines = max(text_lines(tile.label, _WIDTHS[0]), text_lines(detail, _WIDTHS[1]))
        sheet.set_row(row, line_height(lines))
        _tile_number(book, sheet, row, tile)
        book.put(sheet, row, 3, tile.unit, CELL)
        row += 1
    return row


def _tile_number(book: Book, sheet: Worksheet, row: int, tile: Tile) -> None:
    value = value_of(tile.number)
    if value is None or not isinstance(tile.number, Number):
        text = tile.number.text if isinstance(tile.number, Number) else tile.number
        book.put(sheet, row, 2, text, TEXT, bold=True, align="right")
        return
    signed = "change" if tile.number.text.startswith("+") or value < 0 else "number"
    shown = number_format(signed, decimals_of(tile.number, 2))
    sheet.write_number(row, 2, value, book.look(CELL, bold=True, num_format=shown))
