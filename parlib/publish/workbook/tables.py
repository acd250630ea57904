"""One sheet for a table: heads that stay, real numbers, marks beside them, notes and source below."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from parlib.publish.document import (
    Cell,
    Document,
    Item,
    column_cells,
    decimals_of,
    exact,
    is_unknown,
    text_of,
    value_of,
)
from parlib.publish.workbook.book import (
    CAPTION,
    CELL,
    FORMATS,
    HEAD,
    MARK,
    SMALL,
    TEXT,
    UNKNOWN,
    Book,
    Look,
    Spot,
    formula,
    line_height,
    text_lines,
    total_rows,
)
from parlib.report.blocks import UNKNOWN as UNKNOWN_SIGN
from parlib.report.blocks import Column, Dataset, Number, Table, Tile, Tiles
from parlib.report.columns import words_of_ways
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
        tail = [place for place in total_rows(table) if place == len(table.rows) - 1]
        last = places[-1].at + places[-1].marked
        sheet.autofilter(row - 1, 0, row - 1 + len(table.rows) - len(tail), last)
    for place in places:
        _column(book, sheet, table, place, row)
    _heights(sheet, table, places, row)
    row += len(table.rows) + 1
    for text in (*table.notes, table.source):
        sentence = book.words["read_unknown"] if text.startswith(UNKNOWN_SIGN) else text
        if sentence and sentence not in book.marks:
            row = book.line(sheet, row, len(room) - 1, sentence, SMALL, room)
    book.page(sheet, room, (first_head, first_head + _n_heads(places) - 1) if alone else None)
    return row, len(room) - 1


def _places(table: Table) -> list[Place]:
    results, at = [], 0
    for column in table.columns:
        cells = column_cells(table, column)
        marked = any(isinstance(cell, Number) and cell.mark for cell in cells)
        results.append(Place(column, at, _width(column, cells), marked))
        at += 1 + marked
    return results


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


# --- codebook -------------------------------------------------------------------------------------
# The code book: every column of every table and data set, and the criteria with their maxima.

_WIDTHS = [30.0, 28.0, 24.0, 12.0, 26.0, 34.0, 34.0, 16.0]
_MOST_SOURCES = 4  # of the tables of an index that a column came from: more would not be read


def made_words(cells: Iterable[Cell], language: str) -> str:
    """How the numbers of a column are made, in words."""
    made = dict.fromkeys(cell.made for cell in cells if isinstance(cell, Number))
    return "; ".join(words_of_ways(language).get(word, word) for word in made)


def sources_of(cells: Iterable[Cell]) -> str:
    """Where the numbers of a column come from: index, year, level and column of its index tables."""
    result = dict.fromkeys(
        f"{ref.index_name} {ref.year} {ref.level}: {ref.column}"
        for cell in cells
        if isinstance(cell, Number)
        for ref in cell.refs
    )
    listed = list(result)[:_MOST_SOURCES]
    return "; ".join(listed) + ("; …" if len(result) > _MOST_SOURCES else "")


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
    results: dict[tuple[str, str], set[float]] = {}
    for dataset in document.datasets:
        if {"node", "node_name", "maximum"} <= {name for name, _, _ in dataset.columns}:
            _read_nodes(dataset, results)
    for item in document.items:
        if isinstance(item.block, Table) and {"code", "name", "maximum"} <= {c.key for c in item.block.columns}:
            for cells in item.block.rows:
                code, name, maximum = (cells.get(key) for key in ("code", "name", "maximum"))
                if (
                    isinstance(code, str)
                    and isinstance(name, str)
                    and code
                    and all(code != other for other, _ in results)
                ):
                    value = value_of(maximum)
                    results[code, name] = set() if value is None else {value}
    for (code, name), maxima in results.items():
        yield code, name, next(iter(maxima)) if len(maxima) == 1 else None


def _read_nodes(dataset: Dataset, results: dict[tuple[str, str], set[float]]) -> None:
    called: dict[tuple[str, str], str] = {}  # by level and node; other years may have no name for it
    for row in csv.DictReader(io.StringIO(dataset.text)):
        name = called.setdefault((row.get("level", ""), row["node"]), row["node_name"])
        maxima = results.setdefault((row["node"], name), set())
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


# --- front ----------------------------------------------------------------------------------------
# The first sheet: what the workbook is, its marks, key figures, how to read it, and the way to every sheet.

_FRONT_WIDTHS = [34.0, 60.0, 18.0, 9.0]
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
    sheet, title, last = book.front, book.document.title, len(_FRONT_WIDTHS) - 1
    for at, width in enumerate(_FRONT_WIDTHS):
        sheet.set_column(at, at, width)
    row = book.line(sheet, 0, last, title.text, _TITLE, _FRONT_WIDTHS)
    if title.subtitle:
        row = book.line(sheet, row, last, title.subtitle, _PLAIN, _FRONT_WIDTHS)
    for mark in book.marks:
        row = book.line(sheet, row, last, mark, {**MARK, "font_size": 12}, _FRONT_WIDTHS)
    for text in (*title.lines, book.words["about"]):
        row = book.line(sheet, row, last, text, _PLAIN, _FRONT_WIDTHS)
    row = _tiles(book, sheet, row)
    row = _section(book, sheet, row, "reading")
    for key in ("read_exact", "read_unknown", "read_range", "read_mark", "read_total", "read_chart"):
        row = book.line(sheet, row, last, f"– {book.words[key]}", {**SMALL, "font_size": 10}, _FRONT_WIDTHS)
    row = _section(book, sheet, row, "contents")
    for at, key in enumerate(("sheet", "content", "kind", "rows")):
        book.put(sheet, row, at, book.words[key], HEAD)
    row += 1
    for file, lines in lists.items():
        if len(lists) > 1:
            row = book.line(sheet, row, last, file, {**_PLAIN, "bold": True}, _FRONT_WIDTHS)
        for line in lines:
            book.link(sheet, row, line.spot)
            book.put(sheet, row, 1, line.content, TEXT)
            sheet.set_row(row, line_height(text_lines(line.content, _FRONT_WIDTHS[1])))
            book.put(sheet, row, 2, line.kind, CELL)
            sheet.write_number(row, 3, line.rows, book.look(CELL, num_format="0"))
            row += 1
    book.page(sheet, [60.0])
    sheet.activate()


def _section(book: Book, sheet: Worksheet, row: int, key: str) -> int:
    return book.line(sheet, row + 1, len(_FRONT_WIDTHS) - 1, book.words[key], _SECTION, _FRONT_WIDTHS)


def _tiles(book: Book, sheet: Worksheet, row: int) -> int:
    """The key figures: name, number with its unit, and the line below it; where there are several groups of them,
    each under what it is about."""
    groups = [item.block for item in book.document.items if isinstance(item.block, Tiles)]
    if not groups:
        return row
    row = _section(book, sheet, row, "key_figures")
    for group in groups:
        if len(groups) > 1:
            row = book.line(sheet, row, len(_FRONT_WIDTHS) - 1, group.caption, {**_PLAIN, "bold": True}, _FRONT_WIDTHS)
        row = _group(book, sheet, row, group)
    return row


def _group(book: Book, sheet: Worksheet, row: int, group: Tiles) -> int:
    for tile in group.tiles:
        book.put(sheet, row, 0, tile.label, TEXT)
        detail = "".join(part.text if isinstance(part, Number) else part for part in tile.detail)
        book.put(sheet, row, 1, detail, TEXT)
        lines = max(text_lines(tile.label, _FRONT_WIDTHS[0]), text_lines(detail, _FRONT_WIDTHS[1]))
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
