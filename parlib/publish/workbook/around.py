"""The sheets around tables and figures: the first one, the notes with the list of sheets and the code book."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from parlib.publish.document import Cell, Document, Item, column_cells, decimals_of, exact, value_of
from parlib.publish.workbook.book import (
    CAPTION,
    CELL,
    FORMATS,
    HEAD,
    MARK,
    SMALL,
    TEXT,
    Book,
    Spot,
    heads,
    line_height,
    number_format,
    table_widths,
    text_lines,
    turn,
    with_room,
    write_table,
)
from parlib.publish.workbook.charts import has_chart, write_figure
from parlib.publish.workbook.flat import index_data
from parlib.publish.workbook.plan import rows_of
from parlib.report.blocks import Column, Dataset, Figure, Note, Number, Paragraph, Table, Tile, Tiles
from parlib.report.columns import words_of_ways
from parlib.scoring.scheme import code_of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


# --- front ----------------------------------------------------------------------------------------
# The first sheet: title, marks, what is covered, key figures; the ranking with its chart beside it. The cells that the
# chart is drawn from stand further to the right, outside of what is printed.

_ON_ITS_SIDE = 50  # rows: a sheet of fewer is printed on its side
_LEAST_WIDTHS = [9.0, 30.0, 12.0, 12.0, 12.0]
_TITLE = {"font_size": 17, "bold": True, "font_color": "#1F3A5F", "text_wrap": True, "valign": "vcenter"}
_SECTION = {"font_size": 12, "bold": True, "font_color": "#1F3A5F", "bottom": 1, "bottom_color": "#1F3A5F"}
_PLAIN = {"text_wrap": True, "valign": "top"}


def leads(document: Document) -> list[str]:
    """The sentences that a report opens with."""
    blocks = (item.block for item in document.items)
    return [block.plain_text() for block in blocks if isinstance(block, Paragraph) and block.role == "lead"]


def key_figures(document: Document) -> tuple[Tile, ...]:
    """The key figures of a report: its first tiles. Those further down repeat what tables of areas say."""
    return next((item.block.tiles for item in document.items if isinstance(item.block, Tiles)), ())


def remarks(document: Document) -> list[str]:
    """What a report says of its data and methods, each once."""
    blocks = (item.block for item in document.items)
    said = [b.text for b in blocks if isinstance(b, Note) and b.role in ("assumption", "break", "warning", "method")]
    return list(dict.fromkeys(said))


def write_front(book: Book, items: Sequence[Item]) -> dict[str, Spot]:
    """Write the first sheet, the table and the chart of ``items`` on it. Returns where these stand, by their
    anchors."""
    sheet = book.front
    table = next((item for item in items if isinstance(item.block, Table)), None)
    figure = next((item for item in items if isinstance(item.block, Figure)), None)
    wanted = table_widths(table.block) if table and isinstance(table.block, Table) else []
    widths = with_room([*wanted, *_LEAST_WIDTHS[len(wanted) :]])
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    row = _top(book, sheet, widths)
    row = _tiles(book, sheet, row, widths) + 1
    spots, across, repeated = {}, len(widths) - 1, None
    bottom = row
    if table:
        written = write_table(book, sheet, row, table, widths, alone=False, front=True)
        spots[table.anchor] = Spot(book.file, sheet.name, row)
        bottom, repeated = written.row, written.heads
    if figure:
        chart = write_figure(book, sheet, row, figure, [], alone=False, beside=len(widths))
        spots[figure.anchor] = Spot(book.file, sheet.name, row)
        bottom, across = max(bottom, chart.row), chart.across
    book.page(sheet, widths, repeated)
    sheet.print_area(0, 0, bottom, across)
    if figure:  # on one page, so that the chart is not cut in two
        sheet.fit_to_pages(1, 1)
        if bottom < _ON_ITS_SIDE:
            sheet.set_landscape()
        else:
            sheet.set_portrait()
    sheet.activate()
    return spots


def _top(book: Book, sheet: Worksheet, widths: list[float]) -> int:
    """Title, marks, what is covered, the finding, and the way to data and notes."""
    title, last = book.document.title, len(widths) - 1
    row = book.line(sheet, 0, last, title.text, _TITLE, widths)
    if title.subtitle:
        row = book.line(sheet, row, last, title.subtitle, _PLAIN, widths)
    for mark in book.marks:
        row = book.line(sheet, row, last, mark, {**MARK, "font_size": 12}, widths)
    for text in title.lines:
        row = book.line(sheet, row, last, text, _PLAIN, widths)
    for text in leads(book.document):
        row = book.line(sheet, row, last, text, {**_PLAIN, "bold": True}, widths)
    return book.line(sheet, row, last, way(book.words), SMALL, widths)


def way(words: Mapping[str, str]) -> str:
    """Where data, contents and sources are found."""
    return words["way"].replace("{data}", words["data"]).replace("{notes}", words["notes"])


def _section(book: Book, sheet: Worksheet, row: int, key: str, widths: list[float]) -> int:
    return book.line(sheet, row + 1, len(widths) - 1, book.words[key], _SECTION, widths)


def _tiles(book: Book, sheet: Worksheet, row: int, widths: list[float]) -> int:
    """The key figures: name, number with its unit, and what is said of it."""
    tiles = key_figures(book.document)
    if tiles:
        row = _section(book, sheet, row, "key_figures", widths)
    for tile in tiles:
        _tile(book, sheet, row, tile, widths)
        row += 1
    return row


def _tile(book: Book, sheet: Worksheet, row: int, tile: Tile, widths: list[float]) -> None:
    detail = "".join(part.text if isinstance(part, Number) else part for part in tile.detail)
    last = len(widths) - 1
    sheet.merge_range(row, 0, row, 1, "", book.look(TEXT))
    book.put(sheet, row, 0, tile.label, TEXT)
    book.put(sheet, row, 3, tile.unit, CELL)
    if last > 4:
        sheet.merge_range(row, 4, row, last, "", book.look(TEXT))
    book.put(sheet, row, 4, detail, TEXT)
    lines = max(text_lines(tile.label, sum(widths[:2])), text_lines(detail, sum(widths[4:])))
    sheet.set_row(row, line_height(lines))
    value = value_of(tile.number)
    if value is None or not isinstance(tile.number, Number):
        text = tile.number.text if isinstance(tile.number, Number) else tile.number
        book.put(sheet, row, 2, text, TEXT, bold=True, align="right")
        return
    signed = "change" if tile.number.text.startswith("+") or value < 0 else "number"
    shown = number_format(signed, decimals_of(tile.number, 2))
    sheet.write_number(row, 2, value, book.look(CELL, bold=True, num_format=shown))


# --- notes ----------------------------------------------------------------------------------------
# The last sheet: what stands where, how to read it, what the report says of its data, what it rests on, and the code
# book: every column of every table and data set, and the criteria with their maxima. The first sheet of an annex lists
# what stands where, too.

_WIDTHS = [26.0, 64.0, 20.0, 12.0, 24.0, 32.0, 32.0, 16.0]
_PRINTED = 4  # columns, down to the code book: that one is for the screen
_MOST_SOURCES = 4  # of the tables of an index that a column came from: more would not be read
READING = ("read_exact", "read_unknown", "read_range", "read_mark", "read_total", "read_chart")


def write_annex_front(book: Book, books: Mapping[str, Sequence[Item]], spots: Mapping[str, Spot]) -> None:
    """Write the first sheet of an annex: what stands where in the workbook and in the annex, by file."""
    sheet, widths = book.front, _WIDTHS[:4]
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    row = book.line(sheet, 0, 3, book.document.title.text, _TITLE, widths)
    for mark in book.marks:
        row = book.line(sheet, row, 3, mark, {**MARK, "font_size": 12}, widths)
    row = book.line(sheet, row, 3, book.words["about"], _PLAIN, widths)
    _contents(book, sheet, row, books, spots)
    book.page(sheet, widths)
    sheet.activate()


def write_notes(
    book: Book,
    sheet: Worksheet,
    items: Sequence[Item],
    books: Mapping[str, Sequence[Item]],
    placed: Mapping[str, Spot],
) -> dict[str, Spot]:
    """Write the notes, ``items`` among them. ``books`` is what stands in the workbook and in its annex, by file,
    ``placed`` says where. Returns where everything stands, the notes too."""
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    tables = [item.block for item in items if isinstance(item.block, Table)]
    across = max(_PRINTED, *(len(table_widths(table)) for table in tables), 0)
    top = book.head(sheet, 0, book.words["notes"], _WIDTHS[:across]) - 1
    row = top + 4 + len(lines_beside(book.document)) + sum(map(len, books.values())) + len(books) * (len(books) > 1)
    said = {"reading": [book.words["about"], *(book.words[key] for key in READING)], "remarks": remarks(book.document)}
    for key, sentences in said.items():
        if sentences:
            row = _section(book, sheet, row, key, _WIDTHS[:across])
        for text in sentences:
            row = book.line(sheet, row, across - 1, f"– {text}", {**SMALL, "font_size": 10}, _WIDTHS[:across])
    spots = dict(placed)
    for item in items:
        spots[item.anchor] = Spot(book.file, sheet.name, row + 1)
        row = write_table(book, sheet, row + 1, item, _WIDTHS[:across], alone=False).row
    spots["codebook"] = Spot(book.file, sheet.name, row + 1)
    _codebook(book, sheet, row + 1, spots)
    _contents(book, sheet, top, books, spots)
    book.page(sheet, _WIDTHS[:across])
    sheet.print_area(0, 0, row, across - 1)
    turn(sheet, row, across - 1)
    return spots


def lines_beside(document: Document) -> dict[str, tuple[str, str, int]]:
    """What the contents list beside tables and figures, by its place: content, kind, rows."""
    columns = sum(len(item.block.columns) for item in document.items if isinstance(item.block, Table))
    data = index_data(document)
    beside = {"data": ("data_of", "table", data.text.count("\n") - 1)} if data else {}
    return {**beside, "codebook": ("columns_of", "codebook", columns)}


def _contents(
    book: Book, sheet: Worksheet, row: int, books: Mapping[str, Sequence[Item]], spots: Mapping[str, Spot]
) -> None:
    """What stands where: the tables and figures of every file, with data and code book first."""
    words = book.words
    row = _section(book, sheet, row, "contents", _WIDTHS[:4])
    for at, key in enumerate(("sheet", "content", "kind", "rows")):
        book.put(sheet, row, at, words[key], HEAD)
    beside = [(spots[key], words[what], words[kind], n) for key, (what, kind, n) in lines_beside(book.document).items()]
    row += 1
    for file, items in books.items():
        if len(books) > 1:
            row = book.line(sheet, row, 3, file, {**_PLAIN, "bold": True}, _WIDTHS[:4])
        listed = [(spots[i.anchor], book.document.caption(i), _kind(book, i), rows_of(i.block)) for i in items]
        for spot, content, kind, n in (*beside, *listed):
            book.link(sheet, row, spot)
            book.put(sheet, row, 1, content, TEXT)
            sheet.set_row(row, line_height(text_lines(content, _WIDTHS[1])))
            book.put(sheet, row, 2, kind, CELL)
            sheet.write_number(row, 3, n, book.look(CELL, num_format="0"))
            row += 1
        beside = []


def _kind(book: Book, item: Item) -> str:
    if isinstance(item.block, Figure):
        return book.words["chart_and_data" if has_chart(item.block) else "data_only"]
    return book.words["table"]


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


def _codebook(book: Book, sheet: Worksheet, row: int, spots: Mapping[str, Spot]) -> None:
    words, language = book.words, book.document.language
    row = book.head(sheet, row, words["codebook"], _WIDTHS)
    keys = ("sheet", "column", "group", "unit", "format", "made", "from", "key")
    row = _block(book, sheet, row, words["columns_of"], keys)
    first = row
    for item in book.document.items:
        if not isinstance(item.block, Table):
            continue
        for head in (head for head in heads(item.block) if not head.marks):
            column, cells = head.column, column_cells(item.block, head.column)
            book.link(sheet, row, spots[item.anchor])
            texts = [head.name, column.group, column.unit, format_words(column, cells, language)]
            texts += [made_words(cells, language), sources_of(cells), column.key]
            row = _row(book, sheet, row, texts, 1)
    area = (first - 1, 0, row - 1, len(keys) - 1)
    book.as_table(sheet, area, book.table_name(Table.kind, 0), [words[key] for key in keys])
    row = _datasets(book, sheet, row)
    _nodes(book, sheet, row)


def _datasets(book: Book, sheet: Worksheet, row: int) -> int:
    if not book.document.datasets:
        return row
    keys = ("dataset", "meaning", "column", "format")
    row = _block(book, sheet, row + 1, book.words["data_columns"], keys)
    for dataset in book.document.datasets:
        for column, kind, meaning in dataset.columns:
            row = _row(book, sheet, row, [dataset.name, meaning, column, kind])
    return row


def _nodes(book: Book, sheet: Worksheet, row: int) -> None:
    nodes = [(code_of(key), name, maximum) for key, name, maximum in nodes_of(book.document)]
    nodes = [node for node in nodes if node[0] or node[1]]  # components of years whose decision names them nowhere
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
    reader = csv.reader(io.StringIO(dataset.text))
    names = next(reader)
    taken = itemgetter(*(names.index(name) for name in ("level", "node", "node_name", "maximum") if name in names))
    called: dict[tuple[str, ...], str] = {}  # by level and node; other years may have no name for it
    for *place, node_name, maximum in dict.fromkeys(map(taken, reader)):
        maxima = results.setdefault((place[-1], called.setdefault(tuple(place), node_name)), set())
        if maximum:
            maxima.add(exact(float(maximum)))


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
