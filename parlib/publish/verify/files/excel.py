"""An Excel file read back from its XML: the values of cells, how their formats show them, formulas, charts with the
values that they keep.

A number must be the one of its block and be shown as the report prints it. Cells right of a figure's data help its
chart: each must follow from the data of its figure.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from html import unescape
from itertools import combinations, groupby, pairwise
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers.expat import ParserCreate

from parlib.publish.document import Document, Item, exact, plain_value
from parlib.publish.formats import ANNEX, annex_path
from parlib.publish.verify.figures import is_number
from parlib.publish.verify.files.pieces import DIGIT, Finding, Piece, Place, compare, finding, plain, spelled
from parlib.publish.verify.reading import joined
from parlib.publish.workbook.around import READING, key_figures, leads, lines_beside, remarks, way
from parlib.publish.workbook.book import WORDS, Head, has_groups, heads
from parlib.publish.workbook.charts import field_titles, told_columns
from parlib.publish.workbook.flat import COLUMNS, flat_rows, index_data
from parlib.publish.workbook.plan import Plan, plan, rows_of
from parlib.report.blocks import MINUS, UNKNOWN, Dataset, Figure, Number, Table
from parlib.scoring.scheme import code_of
from parlib.words import SOURCE, number_signs, texts

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_FORMULA = re.compile(r"(SUM|AVERAGE)\(([A-Z]+)(\d+):\2(\d+)\)")
_RANGE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?$")
_CELL = re.compile(r'<c r="([A-Z]+)([0-9]+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)  # where, what kind, content
_ANY_CELL = re.compile(r"<(?:\w+:)?c[\s/>]")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_PART = re.compile(r"<([vtf])(?: [^>]*)?>([^<]*)</")  # value, text, formula
_NOISE = 1e-8
Pair = tuple[str, str]  # what a cell shows, and the value that it holds


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its value, how its format shows it, and its formula."""

    value: float | str | bool
    format: str = ""
    formula: str = ""


@dataclass
class Sheet:
    """A sheet, or what stands together on it: its cells by row and column from 1, what its head and foot say, what its
    drawings are, and the row of its caption."""

    name: str
    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    margins: list[str] = field(default_factory=list)
    drawn: list[tuple[int, str, Element | None]] = field(default_factory=list)  # row, what is said of it, the chart
    top: int = 2

    @property
    def caption(self) -> str:
        """The caption of what stands here."""
        return self.text(self.top, 1)

    def text(self, row: int, column: int) -> str:
        """The text of a cell; "" where it is empty."""
        cell = self.cells.get(row, {}).get(column)
        return "" if cell is None else _said(cell)

    def line(self, row: int, columns: int = 0, without: str = "") -> Piece:
        """What a row says, without empty cells: all of it, or its first ``columns``."""
        cells = self.cells.get(row, {})
        stated = (_said(cells[column]) for column in sorted(cells) if not columns or column <= columns)
        return Piece("row", tuple(text for text in stated if not without or text != without))

    def pieces(self, back: str) -> Iterator[Sheet]:
        """What stands on it one below another, each as a sheet of its own: every one begins with the way ``back``."""
        _, *more = [row for row in sorted(self.cells) if self.text(row, 1) == back] or [1]
        for start, end in pairwise((1, *more, 1 << 21)):  # drawings may stand below all cells
            cells = {row - start + 1: self.cells[row] for row in self.cells if start <= row < end}
            yield Sheet(self.name, cells, drawn=[one for one in self.drawn if start <= one[0] < end])

    def beside(self, captions: Sequence[str]) -> Iterator[Sheet]:
        """Of a first sheet: what stands above, then what has one of these captions, the last with all drawings."""
        at = [(row, n) for row in self.cells for n in self.cells[row] if self.text(row, n) in captions]
        top = min((row for row, _ in at), default=max(self.cells, default=0) + 1)
        yield Sheet(self.name, {row: cells for row, cells in self.cells.items() if row < top}, top=1)
        columns = sorted(n for row, n in at if row == top)
        for first, end in pairwise((*columns, 1 << 14)):
            cells = {row - top + 1: {n - first + 1: cells[n] for n in cells if first <= n < end}
                     for row, cells in self.cells.items() if row >= top}  # fmt: skip
            drawn = self.drawn if first == columns[-1] else []
            yield Sheet(self.name, {row: held for row, held in cells.items() if held}, drawn=drawn, top=1)


def _said(cell: Cell) -> str:
    return cell.value if isinstance(cell.value, str) else str(cell.value)  # texts are plain ones


def inspect(shown: Shown, path: Path, name: str) -> list[Finding]:
    """The differences between the workbook ``path``, the annex beside it, and the blocks of their report; or only those
    of an annex, where ``path`` is one."""
    language, results = shown.document.language, list[Finding]()
    planned = plan(shown.document)
    files, several = {0: (path, name)}, len(planned.books) > 1
    if several and path.stem.endswith(ANNEX.text(language)):
        files = {1: (path, name)}
    elif several or annex_path(path, language).is_file():
        files[1] = annex_path(path, language), annex_path(path, language).name
    for n, (file, called) in files.items():
        if n == 1 and not file.is_file():
            results.append(finding(called, Place("file"), called, ""))
            continue
        with zipfile.ZipFile(file) as package:
            sheets = {sheet.name: sheet for sheet in _Package(package).sheets()}
        results += _Book(shown.document, sheets, called, planned, n).findings()
    return results


# --- the file -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Package:
    """The parts of a file."""

    package: zipfile.ZipFile

    def read(self, part: str) -> Element:
        """A part; an empty one where it is not there."""
        there = part in self.package.namelist()
        return ElementTree.fromstring(self.package.read(part)) if there else Element("none")

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to, by name: its kind and its part."""
        folder, file = posixpath.split(part)
        results = {}
        for one in self.read(f"{folder}/_rels/{file}.rels"):
            target = one.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            results[one.get("Id", "")] = (one.get("Type", "").rpartition("/")[2], whole)
        return results

    def of_kind(self, part: str, kind: str) -> list[str]:
        """The parts of a kind that a part refers to."""
        return [target for given, target in self.relations(part).values() if given == kind]

    def sheets(self) -> Iterator[Sheet]:
        """The sheets in their order."""
        shared = [plain(_letters(entry)) for entry in self.read("xl/sharedStrings.xml").iter(f"{_MAIN}si")]
        formats, parts = _formats(self.read("xl/styles.xml")), self.relations("xl/workbook.xml")
        for entry in self.read("xl/workbook.xml").iter(f"{_MAIN}sheet"):
            part = parts[entry.get(f"{_R}id", "")][1]
            sheet = _sheet(entry.get("name", ""), self.package.read(part), shared, formats)
            for drawing in self.of_kind(part, "drawing"):
                sheet.drawn += self._drawn(drawing)
            yield sheet

    def _drawn(self, drawing: str) -> Iterator[tuple[int, str, Element | None]]:
        """What stands over the cells: its first row, what is said of it, and its chart."""
        charts = {name: part for name, (kind, part) in self.relations(drawing).items() if kind == "chart"}
        for anchor in self.read(drawing):
            row = int(anchor.findtext(f"{_XDR}from/{_XDR}row") or 0) + 1
            stated = "".join(one.get("descr") or "" for one in anchor.iter(f"{_XDR}cNvPr"))
            chart = next((charts.get(one.get(f"{_R}id", "")) for one in anchor.iter(f"{_C}chart")), None)
            yield row, plain(stated), self.read(chart) if chart else None


def _letters(element: Element, tag: str = f"{_MAIN}t") -> str:
    return "".join(part.text or "" for part in element.iter(tag))


def _formats(root: Element) -> list[str]:
    """The number format of every look of cells."""
    known = {"0": "", "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "49": "@"}
    known |= {one.get("numFmtId", ""): one.get("formatCode", "") for one in root.iter(f"{_MAIN}numFmt")}
    return [known.get(look.get("numFmtId", "0"), "") for look in root.findall(f"{_MAIN}cellXfs/*")]


def _sheet(name: str, part: bytes, shared: Sequence[str], formats: Sequence[str]) -> Sheet:
    """A sheet out of its part. Most of a part are its cells, tens of thousands of them, many of them alike: they are
    read as text, each form of one once; the part as a whole has to be XML all the same."""
    ParserCreate().Parse(part, True)
    above, between, below = part.decode("utf-8").partition("<sheetData>")
    cells, closing, below = below.partition("</sheetData>")
    sheet, known = Sheet(name), dict[tuple[str, str], Cell | None]()
    found = _CELL.findall(cells)
    if len(found) != len(_ANY_CELL.findall(cells)) or _ANY_CELL.search(above if between else part.decode("utf-8")):
        raise ValueError(f"{name}: cells that say no place")
    for letters, row, about, content in found:
        if (about, content) not in known:
            known[about, content] = _cell(dict(_ATTRIBUTE.findall(about)), content, shared, formats)
        cell = known[about, content]
        if cell is not None:
            sheet.cells.setdefault(int(row), {})[_column(letters)] = cell
    root = ElementTree.fromstring(above + between + closing + below)
    sheet.margins = [one.text or "" for part in ("oddHeader", "oddFooter") for one in root.iter(f"{_MAIN}{part}")]
    return sheet


def _cell(about: Mapping[str, str], content: str, shared: Sequence[str], formats: Sequence[str]) -> Cell | None:
    """A cell out of its attributes and what stands in it; ``None`` where that is nothing."""
    kind, said = about.get("t", "n"), {"v": "", "t": "", "f": ""}
    for tag, text in _PART.findall(content):
        said[tag] += unescape(text)
    text = said["t"] if kind == "inlineStr" else said["v"]
    if not text:
        return None
    held: float | str | bool
    if kind == "n":
        held = float(text)
    else:
        held = text == "1" if kind == "b" else shared[int(text)] if kind == "s" else plain(text)
    return Cell(held, formats[int(about.get("s", "0"))] if formats else "", said["f"])


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


# --- numbers as they are shown --------------------------------------------------------------------


def shown(value: float, code: str, language: str, comma: bool) -> str:
    """A number as Excel shows it in a format of ours, with the signs of the report's language."""
    parts = code.split(";")
    if value < 0 and len(parts) > 1:
        part, sign = parts[1].lstrip("-"), MINUS
    else:
        part, sign = parts[-1] if value == 0 and len(parts) > 2 else parts[0], MINUS if value < 0 else ""
    if part.startswith("+"):
        part, sign = part[1:], "+"
    decimals = len(part.partition(".")[2].rstrip('%"'))
    least = len(part.partition(".")[2].rstrip('%"').rstrip("#"))
    amount = Decimal(repr(abs(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{amount:,f}" if "," in part else f"{amount:f}"
    while decimals > least and text.endswith("0"):
        text, decimals = text[:-1], decimals - 1
    if not amount:
        sign = ""
    thousands, point = number_signs(language if comma else SOURCE)
    return sign + text.translate({ord(","): thousands, ord("."): point})


# --- what it must hold ----------------------------------------------------------------------------


def _expected(cell: str | Number | None) -> Pair:
    """What a cell shows and which value it holds: "" for what is not known."""
    if isinstance(cell, Number) and cell.value is not None:
        return cell.text, repr(exact(cell.value))
    text = cell.text if isinstance(cell, Number) else cell or ""
    return ("", "") if text == UNKNOWN else (plain(text), "")


def _marked(cell: str | Number | None) -> Pair:
    return (cell.mark if isinstance(cell, Number) else ""), ""


def _row(pairs: Sequence[Pair], place: Place | None = None) -> Piece:
    return Piece("row", tuple(text for text, _ in pairs), tuple(value for _, value in pairs), place)


@dataclass(frozen=True)
class _Book:
    """The sheets of a file beside the blocks of its report.

    ``plan`` says which tables, and which figures that carry data, are in the workbook and which in its annex; the file
    is the ``n``-th of the two. The notes of the first and the first sheet of the second list what stands in both.
    """

    document: Document
    sheets: Mapping[str, Sheet]
    name: str
    plan: Plan
    n: int

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The words of a workbook in the language of the report."""
        return texts(WORDS, self.document.language)

    @cached_property
    def comma(self) -> bool:
        """Whether the report writes decimals with a comma."""
        printed = (number.text for item in self.document.items if isinstance(item.block, Table)
                   for row in item.block.rows for number in row.values()
                   if isinstance(number, Number) and number.value is not None)  # fmt: skip
        return next(("," in text for text in printed if re.search(r"\d[.,]\d{2}$", text)), True)

    @cached_property
    def books(self) -> Sequence[Sequence[Item]]:
        """What has its place in the workbook, and in the annex."""
        return self.plan.books

    @cached_property
    def front(self) -> Mapping[str, str]:
        """The captions of what stands on the first sheet, by anchor."""
        return {item.anchor: plain(self.document.caption(item)) for item in self.plan.front if self.n == 0}

    @property
    def items(self) -> Sequence[Item]:
        """What has its place in this file."""
        return self.books[self.n] if self.n < len(self.books) else ()

    @cached_property
    def columns(self) -> Sequence[Head]:
        """The columns of all tables of the report."""
        tables = (item.block for item in self.document.items if isinstance(item.block, Table))
        return [head for table in tables for head in heads(table) if not head.marks]

    @cached_property
    def pieces(self) -> Sequence[Sheet]:
        """What stands on the sheets, each as one of its own; the sheet of data is read apart."""
        back, results = plain(self.words["back"]), list[Sheet]()
        for sheet in self.sheets.values():
            if sheet.name == self.words["front"]:
                results += sheet.beside(list(self.front.values()))
            elif sheet.name != self.words["data"]:
                results += sheet.pieces(back)
        return results

    @cached_property
    def of_items(self) -> Mapping[str, Sheet]:
        """Where each table and figure stands, by its anchor."""
        captions = {piece.caption: piece for piece in reversed(self.pieces)}
        wanted = ((item.anchor, plain(self.document.caption(item))) for item in self.items)
        return {anchor: captions[caption] for anchor, caption in wanted if caption in captions}

    def findings(self) -> Iterator[Finding]:
        """Every difference."""
        for item in self.items:
            sheet = self.of_items.get(item.anchor)
            if sheet is None:
                yield finding(self.name, Place(item.block.kind, item.number), self.document.caption(item), "")
            elif isinstance(item.block, Table):
                yield from self._table(item, item.block, sheet)
            elif isinstance(item.block, Figure):
                yield from (self._picture if item.block.is_picture else self._figure)(item, item.block, sheet)
        yield from self._around()
        for piece in self.pieces:
            yield from _charts(piece, self.sheets[piece.name], self.name)
        for sheet in self.sheets.values():
            yield from _formulas(sheet, self.name)
            yield from self._margins(sheet)

    def _found(self, cell: Cell | None, wanted: str = "") -> Pair:
        """What a cell of the file shows and holds. ``wanted`` is what is printed: a pair such as 3/17 shows its
        first."""
        if cell is None or isinstance(cell.value, bool | str):
            return ("" if cell is None else str(cell.value)), ""
        text = shown(cell.value, cell.format, self.document.language, self.comma)
        before, slash, after = wanted.partition("/")
        return (wanted if slash and after and text == before else text), repr(exact(cell.value))

    # --- tables and figures

    def _table(self, item: Item, table: Table, sheet: Sheet) -> list[Finding]:
        """The sheet of a table: its head, its rows, its notes."""
        at, place = heads(table), Place("table", item.number, "head")
        expected = self._top(item)
        if has_groups(table):
            groups = (plain(group) for group, _ in groupby(table.columns, lambda column: column.group))
            expected.append(Piece("row", tuple(filter(None, groups)), place=place))
        expected.append(Piece("row", tuple(plain(head.name) for head in at), place=place))
        first, columns = len(expected) + 1, tuple(head.column.title for head in at)
        results = [sheet.line(row) for row in range(1, first)]
        for n, row in enumerate(table.rows):
            pairs = [(_marked if head.marks else _expected)(row.get(head.column.key)) for head in at]
            expected.append(_row(pairs, Place("table", item.number, "row", n + 1, columns=columns)))
            cells = sheet.cells.get(first + n, {})
            given = [self._found(cells.get(c), pair[0]) for c, pair in enumerate(pairs, 1)]
            results.append(_row([*given, *(self._found(cells[c]) for c in sorted(cells) if c > len(at))]))
        notes = [self.words["read_unknown"] if note.startswith(UNKNOWN) else note for note in table.notes]
        expected += self._foot(item, (*notes, table.source))
        results += [sheet.line(row) for row in sorted(sheet.cells) if row >= first + len(table.rows)]
        return compare(expected, results, self.name)

    def _top(self, item: Item) -> list[Piece]:
        """What stands over every table and figure: the way back, the caption, the marks; on the first sheet the
        caption."""
        place = Place(item.block.kind, item.number, "caption")
        lines: tuple[str, ...] = (self.document.caption(item),)
        if item.anchor not in self.front:
            lines = (self.words["back"], *lines, *self.document.title.marks)
        return [Piece("row", (plain(text),), place=place) for text in lines]

    def _foot(self, item: Item, lines: Iterable[str]) -> list[Piece]:
        place = Place(item.block.kind, item.number, "below")
        return [Piece("row", (plain(text),), place=place) for text in lines if text]

    def _figure(self, item: Item, figure: Figure, sheet: Sheet) -> Iterator[Finding]:
        """The sheet of a figure: its data, the cells that help its chart, its notes and what is said of it."""
        expected, data = self._top(item), told_columns(self.document, figure.data)
        head, place = len(expected) + 1, Place("figure", item.number)
        titles = {key: plain(title) for key, title in field_titles(self.document, data).items()}
        heads = [sheet.text(head, column) for column in range(1, len(titles) + 1)]
        if sorted(heads) != sorted(titles.values()):
            whole = " | ".join(titles.values()), " | ".join(heads)
            yield finding(self.name, Place("figure", item.number, "head"), *whole)
            return
        keys: list[str] = []  # in the order of the sheet's columns
        for text in heads:
            keys.append(next(key for key in data if titles[key] == text and key not in keys))
        results = [sheet.line(row, without=plain(self.words["helper"])) for row in range(1, head)]
        longest = max(map(len, data.values()))
        for n in range(longest):
            where = Place("figure", item.number, "row", n + 1, columns=tuple(heads))
            expected.append(Piece("row", tuple(spelled(data[key][n]) for key in keys), place=where))
            cells = sheet.cells.get(head + 1 + n, {})
            results.append(Piece("row", tuple(_held(cells.get(column)) for column in range(1, len(keys) + 1))))
        yield from compare(expected, results, self.name)
        below = (
            sheet.line(row, max(len(keys), 1))
            for row in sorted(sheet.cells)
            if row > head + longest - figure.is_picture
        )
        foot = self._foot(item, (*figure.notes, figure.source))
        yield from compare(foot, [piece for piece in below if piece.texts], self.name)
        yield from _helpers(place, figure, sheet, head, len(keys), self.name)
        for _, text, _ in sheet.drawn:
            if text and text != (wanted := plain(figure.alternative)):
                yield finding(self.name, Place("figure", item.number, "alternative"), wanted, text)

    def _picture(self, item: Item, figure: Figure, sheet: Sheet) -> Iterator[Finding]:
        """A figure without data: its picture, and what stands over and under it."""
        expected = [*self._top(item), *self._foot(item, (*figure.notes, figure.source))]
        yield from compare(expected, [sheet.line(row) for row in sorted(sheet.cells)], self.name)
        said = [text for _, text, _ in sheet.drawn]
        if plain(figure.alternative) not in said:
            place = Place("figure", item.number, "alternative")
            yield finding(self.name, place, plain(figure.alternative), " | ".join(said))

    # --- the sheets around

    def _margins(self, sheet: Sheet) -> Iterator[Finding]:
        """The head and foot of printed pages hold the marks and the title, cut where they are long."""
        known = plain(" ".join((self.document.title.text, *self.document.title.marks))).replace("&", "&&")
        for part in (part for text in sheet.margins for part in re.split(r"&[LCR]", text)):
            words = plain(re.sub(r"^&\d+(&K[0-9A-F]{6})?", "", part)).rstrip("…")
            if DIGIT.search(words.replace("&P", "").replace("&N", "")) and words.rstrip() not in known:
                yield finding(self.name, Place("sheet", section=sheet.name), known, words)

    def _around(self) -> Iterator[Finding]:
        """The first sheet, the data, the notes and the code book."""
        words, known = self.words, list(map(id, self.of_items.values()))
        rest = [piece for piece in self.pieces if id(piece) not in known]
        wanted = {"front": words["front"]}
        if self.n == 0:
            wanted |= {key: words[key] for key in ("notes", "codebook")}
        named: dict[str, Sheet] = {}
        for piece in rest:
            called = piece.name if piece.name == words["front"] else piece.caption
            key = next((key for key, name in wanted.items() if plain(name) == called and key not in named), "")
            if key:
                named[key] = piece
            else:
                yield finding(self.name, Place("sheet", section=piece.name), "", piece.caption or piece.name)
        if wanted.keys() != named.keys():
            there = ", ".join(piece.name for piece in rest)
            yield finding(self.name, Place("file", section=there), ", ".join(wanted.values()), "")
            return
        place = Place("sheet", section=words["front"])
        if self.n:
            expected = [*_lines(self._head_of_annex(), place), *self._contents(place)]
            yield from compare(expected, list(self._listed(named["front"])), self.name)
            return
        expected = list(self._first_sheet(place))
        yield from compare(expected, list(self._found_first(named["front"], expected)), self.name)
        place = Place("sheet", section=words["notes"])
        expected = [*_lines((words["back"], words["notes"], *self.document.title.marks), place), *self._contents(place)]
        said = (words["about"], *(words[key] for key in READING), *remarks(self.document))
        expected += _lines([f"– {text}" for text in said], place)
        yield from compare(expected, list(self._listed(named["notes"])), self.name)
        yield from self._code_book(named["codebook"])
        yield from self._data(index_data(self.document))

    def _head_of_annex(self) -> list[str]:
        return [self.document.title.text, *self.document.title.marks, self.words["about"]]

    def _data(self, data: Dataset | None) -> Iterator[Finding]:
        """The sheet of data: every cell of every row is the one of the dataset, and there is no other."""
        sheet = self.sheets.get(self.words["data"])
        if data is None or sheet is None:
            if (data is None) != (sheet is None):
                yield finding(self.name, Place("sheet", section=self.words["data"]), self.words["data"], "")
            return
        language = self.document.language
        names = tuple(title.text(language) for title, _, _ in COLUMNS.values())
        cached = dict[str, str]()
        n = 0
        for n, row in enumerate((names, *flat_rows(data, language)), 1):
            cells = sheet.cells.get(n, {})
            held = [cells[at].value if at in cells else None for at in range(1, max(len(row), *cells, 1) + 1)]
            wanted = [cached.setdefault(v, plain(v)) if isinstance(v, str) else v for v in row]
            if wanted != held:
                place = Place("sheet", section=sheet.name, part="row", n=n)
                yield finding(self.name, place, " | ".join(map(spelled, wanted)), " | ".join(map(spelled, held)))
        for more in (row for row in sheet.cells if row > n):
            yield finding(self.name, Place("sheet", section=sheet.name, part="row", n=more), "", str(sheet.line(more)))

    def _first_sheet(self, place: Place) -> Iterator[Piece]:
        head = self.document.title
        tiles = key_figures(self.document)
        top = [head.text, head.subtitle, *head.marks, *head.lines, *leads(self.document), way(self.words)]
        yield from _lines([*top, self.words["key_figures"] if tiles else ""], place)
        for n, tile in enumerate(tiles, 1):  # without the letters of notes
            cells = (plain(tile.label), ""), _expected(tile.number), (plain(tile.unit), "")
            yield _row((*cells, (plain(joined(tile.detail)), "")), Place("tiles", part="tile", n=n))

    def _found_first(self, front: Sheet, expected: Sequence[Piece]) -> Iterator[Piece]:
        figures = {(piece.texts[0], piece.texts[3]): piece.texts[1] for piece in expected if len(piece.texts) == 4}
        for row in sorted(front.cells):
            cells = front.cells[row]
            if set(cells) == {1}:
                yield front.line(row)
                continue
            label, number, unit, detail = (cells.get(n) for n in (1, 3, 4, 5))
            about = self._found(label), self._found(detail)
            wanted = figures.get((about[0][0], about[1][0]), "")
            more = [self._found(cells[n]) for n in sorted(cells) if n not in (1, 3, 4, 5)]
            yield _row((about[0], self._found(number, wanted), self._found(unit), about[1], *more))

    def _contents(self, place: Place) -> Iterator[Piece]:
        """What the list of contents says: where, what, of what kind, with how many rows; by file."""
        sheets = {"data": self.words["data"], "codebook": self.words["notes"]}
        beside = [
            (sheets[key], self.words[content], self.words[kind], rows)
            for key, (content, kind, rows) in lines_beside(self.document).items()
        ]
        for n, book in enumerate(self.books):
            listed = [(self._where(i), self.document.caption(i), "", rows_of(i.block)) for i in book]
            for sheet, content, kind, rows in (*([] if n else beside), *listed):
                cells = (sheet, ""), (plain(content), ""), (kind, ""), (str(rows), repr(float(rows)))
                yield _row(cells, place)

    def _where(self, item: Item) -> str:
        """The sheet that an item stands on; "" where that is one of the other file."""
        return self.of_items[item.anchor].name if item.anchor in self.of_items else ""

    def _listed(self, sheet: Sheet) -> Iterator[Piece]:
        """The rows of notes or of the first sheet of an annex, the headings of their parts left out."""
        words = self.words
        parts = {plain(words[key]) for key in ("contents", "reading", "remarks")}
        head = tuple(plain(words[key]) for key in ("sheet", "content", "kind", "rows"))
        known = {plain(self.document.caption(item)): self._where(item) for book in self.books for item in book}
        for row in sorted(sheet.cells):
            cells, line = sheet.cells[row], sheet.line(row)
            is_file = len(self.books) > 1 and line.texts[0].endswith(".xlsx")
            if line.texts == head or (set(cells) == {1} and (line.texts[0] in parts or is_file)):
                continue
            if set(cells) == {1}:
                yield line
                continue
            pairs = [self._found(cells.get(n)) for n in range(1, max(*cells, 4) + 1)]
            if pairs[1][0] in known:
                pairs[2] = "", ""  # the kind
                pairs[0] = ("" if not known[pairs[1][0]] else pairs[0][0]), ""  # how the other file calls it
            elif self.n:
                pairs[0] = pairs[0][0], ""
            yield _row(pairs)

    def _code_book(self, sheet: Sheet) -> Iterator[Finding]:
        """The code book: every column by its title, group, unit and key; every node with its one maximum."""
        sentences = [
            tuple(map(plain, (head.name, head.column.group, head.column.unit, head.column.key)))
            for head in self.columns
        ]
        expected = [Piece("row", line, place=Place("sheet", section=sheet.name)) for line in sentences]
        keyed = [row for row in sorted(sheet.cells) if sheet.text(row, 8) not in ("", self.words["key"])]
        results = [Piece("row", tuple(sheet.text(row, n) for n in (2, 3, 4, 8))) for row in keyed]
        yield from compare(expected, results, self.name)
        maxima = _maxima(self.document)
        for row, cells in sheet.cells.items():
            cell = cells.get(3)
            if cell is not None and not isinstance(cell.value, str):
                known = maxima.get((sheet.text(row, 1), sheet.text(row, 2)), set())
                if known != {exact(float(cell.value))}:
                    wanted = ", ".join(map(str, sorted(known))) or "(–)"
                    place = Place("sheet", section=sheet.name, part="row", n=row)
                    yield finding(self.name, place, wanted, str(cell.value))


def _lines(texts: Iterable[str], place: Place) -> list[Piece]:
    return [Piece("row", (plain(text),), place=place) for text in texts if text]


def _held(cell: Cell | None) -> str:
    return "" if cell is None else spelled(cell.value)


def _maxima(document: Document) -> dict[tuple[str, str], set[float]]:
    """The maxima of every node by its code and name, in the data sets and in the tables of criteria."""
    results: dict[tuple[str, str], set[float]] = {}
    for dataset in document.datasets:
        if {"node", "node_name", "maximum"} <= {name for name, _, _ in dataset.columns}:
            rows = csv.DictReader(io.StringIO(dataset.text))
            for node, name, maximum in {(row["node"], row["node_name"], row["maximum"]) for row in rows}:
                if maximum:
                    results.setdefault((plain(code_of(node)), plain(name)), set()).add(exact(float(maximum)))
    for cells in (cells for item in document.items if isinstance(item.block, Table) for cells in item.block.rows):
        code, title, maximum = (cells.get(key) for key in ("code", "name", "maximum"))
        value = maximum.value if isinstance(maximum, Number) else None
        if isinstance(code, str) and isinstance(title, str) and value is not None:
            results.setdefault((plain(code), plain(title)), {exact(value)})
    return results


def _helpers(place: Place, figure: Figure, sheet: Sheet, head: int, columns: int, name: str) -> Iterator[Finding]:
    """Numbers that help a chart are those of its figure, in percent, as distances in a row, or summed up."""
    data = [[plain_value(value) for value in values] for values in figure.data.values()]
    known = {0.0}
    for n in range(max(map(len, data))):
        values = [exact(value) for held in data for value in held[n : n + 1] if is_number(value)]
        known.update(round(v * by, 7) for v in values for by in (1, 100))
        known.update(round(abs(a - b) * by, 7) for a, b in combinations(values, 2) for by in (1, 100))
    if figure.chart in ("strip", "strips"):
        known.update(range(len(next(iter(data)))))  # how high dots stand that would lie on one another
    steps = [value for value in figure.data.get("contribution", ()) if is_number(value)]
    known.update(round(abs(fsum(steps[a:b])), 7) for a in range(len(steps)) for b in range(a, len(steps) + 1))
    known.update(round(-value, 7) for value in list(known))
    texts = {plain(str(value)) for values in figure.data.values() for value in values}
    for row, column, cell in ((row, n, cells[n]) for row, cells in sorted(sheet.cells.items()) for n in cells):
        if row <= head or column <= columns:
            continue
        if isinstance(cell.value, str):
            strange = cell.value not in texts and DIGIT.search(cell.value) is not None
        else:
            strange = not any(round(float(cell.value) + by, 7) in known for by in (0.0, -1e-7, 1e-7))
        if strange:
            yield finding(name, Place("figure", place.number, "row", row - head), "", str(cell.value))


# --- formulas and charts --------------------------------------------------------------------------


def _formulas(sheet: Sheet, name: str) -> Iterator[Finding]:
    """A formula is a sum or mean of the cells above it, and the value that it keeps is what it gives."""
    cells = ((row, n, cells[n]) for row, cells in sheet.cells.items() for n in cells if cells[n].formula)
    for row, column, cell in cells:
        match, values = _FORMULA.fullmatch(cell.formula), list[float]()
        if match and _column(match[2]) == column and int(match[4]) == row - 1:
            above = (sheet.cells.get(r, {}).get(column) for r in range(int(match[3]), row))
            values = [float(one.value) for one in above if one is not None and not isinstance(one.value, str)]
        given = fsum(values) / (len(values) if match and match[1] == "AVERAGE" else 1) if values else None
        if given is None or isinstance(cell.value, str) or abs(given - cell.value) > _NOISE:
            place = Place("sheet", section=sheet.name, part="row", n=row)
            yield finding(name, place, str(cell.value), f"={cell.formula} = {given}")


def _charts(piece: Sheet, sheet: Sheet, name: str) -> Iterator[Finding]:
    """What a chart keeps of the cells of its sheet is what they hold; its title is the caption above it."""
    for chart in (chart for _, _, chart in piece.drawn if chart is not None):
        title, caption = chart.find(f"{_C}chart/{_C}title"), piece.caption
        text = _letters(title, f"{_A}t") if title is not None else ""
        if not plain(text).startswith(caption):
            yield finding(name, Place("sheet", section=sheet.name), caption, text)
        for kind in ("num", "str"):
            for kept in chart.iter(f"{_C}{kind}Ref"):
                yield from _kept(kept, kept.find(f"{_C}{kind}Cache"), sheet, name)


def _kept(kept: Element, cache: Element | None, sheet: Sheet, name: str) -> Iterator[Finding]:
    formula, place = kept.findtext(f"{_C}f") or "", Place("sheet", section=sheet.name)
    match = _RANGE.match(formula)
    if match is None or (match[1] or match[2]).replace("''", "'") != sheet.name:
        yield finding(name, place, sheet.name, formula)
        return
    first, last = (_column(match[3]), int(match[4])), (_column(match[5] or match[3]), int(match[6] or match[4]))
    cells = [sheet.cells.get(r, {}).get(c) for r in range(first[1], last[1] + 1) for c in range(first[0], last[0] + 1)]
    points = {int(p.get("idx", "")): p.findtext(f"{_C}v") or "" for p in (cache if cache is not None else ())
              if p.tag == f"{_C}pt"}  # fmt: skip
    for n, cell in enumerate(cells if points else ()):  # a chart may keep nothing: the lengths of whiskers
        held, kept_there = _held(cell), points.pop(n, "")
        if not held and kept_there == "0":
            continue  # what the writer keeps for an empty cell; Excel draws the cell
        number = _as_number(kept_there)
        if plain(kept_there) != held and (number is None or number != _as_number(held)):
            yield finding(name, place, held or "(–)", f"{kept_there or '(–)'} ({formula}, {n + 1})")
    yield from (finding(name, place, "", f"{text} ({formula})") for text in points.values() if text)


def _as_number(text: str) -> float | None:
    try:
        return exact(float(text))
    except ValueError:
        return None
