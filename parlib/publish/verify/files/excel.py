"""An Excel file read back from its XML: the values of cells, how their formats show them, formulas, charts with the
values that they keep.

A number must be the one of its block and be shown as the report prints it. Cells right of a figure's data help its
chart: each must follow from the data of its figure.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations, pairwise
from math import fsum
from pathlib import Path
from typing import Any

from parlib.errors import ParlibError
from parlib.publish.cells import column_titles, exact, figure_columns, plain_value
from parlib.publish.document import Document, Item
from parlib.publish.verify.files.pieces import Finding, Piece, Place, compare, finding, plain, said
from parlib.publish.workbook.plan import plan, rows_of
from parlib.publish.workbook.words import WORDS
from parlib.report.blocks import Column, Figure, Number, Table, Tiles
from parlib.report.columns import words_of_columns
from parlib.report.wording import MINUS, UNKNOWN
from parlib.scoring import units
from parlib.words import SOURCE, number_signs, texts

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_CELL = re.compile(r"([A-Z]+)(\d+)")
_FORMULA = re.compile(r"(SUM|AVERAGE)\(([A-Z]+)(\d+):\2(\d+)\)")
_RANGE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?$")
_DIGIT = re.compile(r"\d")
_NOISE = 1e-8


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its value, how its format shows it, and its formula."""

    value: float | str | bool
    format: str = ""
    formula: str = ""


@dataclass
class Sheet:
    """A sheet: its cells by row and column from 1, what its head and foot say, what its drawings are."""

    name: str
    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    margins: list[str] = field(default_factory=list)
    drawn: list[tuple[int, str, Any]] = field(default_factory=list)  # row, what is said of it, the chart

    def text(self, row: int, column: int) -> str:
        """The text of a cell; "" where it is empty."""
        cell = self.cells.get(row, {}).get(column)
        return "" if cell is None else plain(str(cell.value))

    def pieces(self, back: str) -> Iterator[Sheet]:
        """What stands on it one below another, each as a sheet of its own: every one begins with the way ``back``."""
        first, *more = [row for row in sorted(self.cells) if self.text(row, 1) == back] or [1]
        for start, end in pairwise((1, *more, max(self.cells, default=first) + 1)):
            cells = {row - start + 1: self.cells[row] for row in self.cells if start <= row < end}
            yield Sheet(self.name, cells, drawn=[one for one in self.drawn if start <= one[0] < end])


def inspect(document: Document, path: Path, name: str) -> list[Finding]:
    """The differences between the workbook ``path`` and the blocks of its report."""
    with zipfile.ZipFile(path) as package:
        sheets = {sheet.name: sheet for sheet in _sheets(package)}
    words = texts(WORDS, document.language)
    pieces = [piece for sheet in sheets.values() for piece in sheet.pieces(plain(words["back"]))]
    books = [[item for sheet in sheets for item in sheet.items] for sheets in plan(document)]
    own = books[-1 if words["codebook"] not in sheets else 0]  # the code book is not in an annex
    of_items: dict[tuple[str, int], Sheet] = {}
    for piece in pieces:
        for item in own:
            if piece.text(2, 1) == plain(document.caption(item)):
                of_items.setdefault((item.block.kind, item.number), piece)
    findings = []
    for item in own:
        sheet_of = of_items.get((item.block.kind, item.number))
        if sheet_of is None:
            findings.append(finding(name, Place(item.block.kind, item.number), document.caption(item), ""))
        elif isinstance(item.block, Table):
            findings += _table(document, item, sheet_of, name)
        else:
            findings += _figure(document, item, sheet_of, name)
    rest = [piece for piece in pieces if not any(piece is one for one in of_items.values())]
    findings += _front(document, rest, books, of_items, name)
    for piece in pieces:
        findings += _charts(piece, sheets, name)
    for sheet in sheets.values():
        findings += _formulas(sheet, name)
        findings += _margins(document, sheet, name)
    return findings


# --- the file -------------------------------------------------------------------------------------


def _sheets(package: zipfile.ZipFile) -> Iterator[Sheet]:
    from lxml import etree

    def read(part: str) -> Any:
        return etree.fromstring(package.read(part))

    def relations(part: str) -> dict[str, tuple[str, str]]:
        folder, file = posixpath.split(part)
        where = f"{folder}/_rels/{file}.rels"
        if where not in package.namelist():
            return {}
        found = {}
        for one in read(where):
            target = one.get("Target")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[one.get("Id")] = (one.get("Type").rpartition("/")[2], whole)
        return found

    shared = _strings(read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in package.namelist() else []
    formats = _formats(read("xl/styles.xml"))
    places = relations("xl/workbook.xml")
    for entry in read("xl/workbook.xml").iter(f"{_MAIN}sheet"):
        part = places[entry.get(f"{_R}id")][1]
        sheet = _sheet(entry.get("name"), read(part), shared, formats)
        for kind, drawing in relations(part).values():
            if kind == "drawing":
                charts = {key: read(part) for key, (kind, part) in relations(drawing).items() if kind == "chart"}
                for anchor in read(drawing):
                    row = int(anchor.findtext(f"{_XDR}from/{_XDR}row") or 0) + 1
                    text = "".join(one.get("descr") or "" for one in anchor.iter(f"{_XDR}cNvPr"))
                    chart = next((charts.get(one.get(f"{_R}id")) for one in anchor.iter(f"{_C}chart")), None)
                    sheet.drawn.append((row, plain(text), chart))
        yield sheet


def _strings(root: Any) -> list[str]:
    return ["".join(text.text or "" for text in entry.iter(f"{_MAIN}t")) for entry in root.iter(f"{_MAIN}si")]


def _formats(root: Any) -> list[str]:
    """The number format of every look of cells."""
    known = {"0": "", "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "49": "@"}
    known |= {one.get("numFmtId"): one.get("formatCode") for one in root.iter(f"{_MAIN}numFmt")}
    looks = root.find(f"{_MAIN}cellXfs")
    return [known.get(look.get("numFmtId", "0"), "") for look in looks] if looks is not None else []


def _sheet(name: str, root: Any, shared: Sequence[str], formats: Sequence[str]) -> Sheet:
    sheet = Sheet(name)
    for element in root.iter(f"{_MAIN}c"):
        value, kind = element.find(f"{_MAIN}v"), element.get("t")
        if kind == "inlineStr":
            text = "".join(part.text or "" for part in element.iter(f"{_MAIN}t"))
        elif value is None or value.text is None:
            continue
        else:
            text = value.text
        content: float | str | bool
        if kind in (None, "n"):
            content = float(text)
        elif kind == "b":
            content = text == "1"
        else:
            content = plain(shared[int(text)] if kind == "s" else text)
        match = _CELL.match(element.get("r"))
        assert match
        formula = element.findtext(f"{_MAIN}f") or ""
        shown = formats[int(element.get("s", "0"))] if formats else ""
        sheet.cells.setdefault(int(match[2]), {})[_column(match[1])] = Cell(content, shown, formula)
    for part in ("oddHeader", "oddFooter"):
        sheet.margins += [one.text or "" for one in root.iter(f"{_MAIN}{part}")]
    return sheet


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


def _is_comma(document: Document) -> bool:
    """Whether the report writes decimals with a comma."""
    texts = (number for item in document.items if isinstance(item.block, Table) for row in item.block.rows
             for number in row.values() if isinstance(number, Number) and number.value is not None)  # fmt: skip
    return next(("," in number.text for number in texts if re.search(r"\d[.,]\d{2}$", number.text)), True)


def _expected(cell: str | Number | None) -> tuple[str, str]:
    """What a cell shows and which value it holds: "" for what is not known."""
    if isinstance(cell, Number):
        if cell.value is not None:
            return cell.text, repr(exact(cell.value))
        return ("", "") if cell.text == UNKNOWN else (plain(cell.text), "")
    return ("", "") if cell in (None, UNKNOWN) else (plain(str(cell)), "")


def _found(cell: Cell | None, wanted: str, language: str, comma: bool) -> tuple[str, str]:
    """What a cell of the file shows and holds. ``wanted`` is what is printed: a pair such as 3/17 shows its first."""
    if cell is None:
        return "", ""
    if isinstance(cell.value, bool | str):
        return str(cell.value), ""
    text = shown(cell.value, cell.format, language, comma)
    before, slash, after = wanted.partition("/")
    return (wanted if slash and after and text == before else text), repr(exact(cell.value))


# --- tables and figures ---------------------------------------------------------------------------


def _table(document: Document, item: Item, sheet: Sheet, name: str) -> list[Finding]:
    """The sheet of a table: its head, its rows, its notes."""
    table = item.block
    assert isinstance(table, Table)
    words, language, comma = texts(WORDS, document.language), document.language, _is_comma(document)
    expected = [*_top(document, item)]
    at: list[tuple[Column, bool]] = []  # the columns of the sheet, and whether one holds the letters of notes
    for column in table.columns:
        at.append((column, False))
        if any(isinstance(cell := row.get(column.key), Number) and cell.mark for row in table.rows):
            at.append((column, True))
    place = Place("table", item.number, "head", section="")
    expected += [Piece("row", heads, place=place) for heads in _heads(table.columns, at)]
    first = len(expected) + 1
    columns = tuple(column.title for column, _ in at)
    found = [_line(sheet, row) for row in range(1, first)]
    for n, row in enumerate(table.rows):
        pairs = [_marked(row.get(column.key)) if marked else _expected(row.get(column.key)) for column, marked in at]
        where = Place("table", item.number, "row", n + 1, columns=columns)
        expected.append(Piece("row", tuple(t for t, _ in pairs), tuple(v for _, v in pairs), where))
        cells = sheet.cells.get(first + n, {})
        given = [_found(cells.get(c + 1), pair[0], language, comma) for c, pair in enumerate(pairs)]
        given += [_found(cells[c], "", language, comma) for c in sorted(cells) if c > len(at)]
        found.append(Piece("row", tuple(t for t, _ in given), tuple(v for _, v in given)))
    below = [words["read_unknown"] if note.startswith(UNKNOWN) else note for note in (*table.notes, table.source)]
    expected += _foot(document, item, below)
    found += [_line(sheet, row) for row in sorted(sheet.cells) if row >= first + len(table.rows)]
    return compare(expected, found, name)


def _marked(cell: str | Number | None) -> tuple[str, str]:
    return (cell.mark if isinstance(cell, Number) else ""), ""


def _top(document: Document, item: Item) -> Iterator[Piece]:
    """What stands over every sheet: the way back, the caption, the marks."""
    place = Place(item.block.kind, item.number, "caption")
    for text in (texts(WORDS, document.language)["back"], document.caption(item), *document.title.marks):
        yield Piece("row", (plain(text),), place=place)


def _foot(document: Document, item: Item, texts: Sequence[str]) -> Iterator[Piece]:
    for text in texts:
        if text and text not in document.title.marks:
            yield Piece("row", (plain(text),), place=Place(item.block.kind, item.number, "below"))


def _heads(columns: Sequence[Column], at: Sequence[tuple[Column, bool]]) -> Iterator[tuple[str, ...]]:
    """The rows of heads, without empty cells: groups, titles, units."""
    if any(column.group for column in columns):
        groups: list[str] = []
        last: str | None = None
        for column in columns:
            if column.group != last:
                groups.append(plain(column.group))
            last = column.group
        yield tuple(filter(None, groups))
    yield tuple("†" if marked else plain(column.title) for column, marked in at if marked or column.title)
    if any(column.unit for column in columns):
        yield tuple(plain(column.unit) for column in columns if column.unit)


def _line(sheet: Sheet, row: int) -> Piece:
    """What a row of a sheet says, without empty cells."""
    cells = sheet.cells.get(row, {})
    return Piece("row", tuple(plain(str(cells[column].value)) for column in sorted(cells)))


def _figure(document: Document, item: Item, sheet: Sheet, name: str) -> list[Finding]:
    """The sheet of a figure: its data, the cells that help its chart, its notes and what is said of it."""
    figure = item.block
    assert isinstance(figure, Figure)
    head = len(list(_top(document, item))) + 1
    keys, strange = _keys(document, figure, sheet, head)
    if strange:
        return [finding(name, Place("figure", item.number, "head"), *strange)]
    longest = max(len(values) for values in figure.data.values())
    expected = list(_top(document, item))
    found = [_line(sheet, row) for row in range(1, head)]
    titles = tuple(sheet.text(head, n) for n in range(1, len(keys) + 1))
    data: list[Piece] = []
    given: list[Piece] = []
    for n in range(longest):
        values = [plain_value(figure.data[key][n]) if n < len(figure.data[key]) else None for key in keys]
        where = Place("figure", item.number, "row", n + 1, columns=titles)
        data.append(Piece("row", tuple(map(_said, values)), place=where))
        cells = sheet.cells.get(head + 1 + n, {})
        given.append(Piece("row", tuple(_held(cells.get(column)) for column in range(1, len(keys) + 1))))
    findings = compare(
        [*expected, *data], [*_first_cells(found, texts(WORDS, document.language)["helper"]), *given], name
    )
    foot = [p for row in sorted(sheet.cells) if row > head + longest and (p := _own(sheet, row, len(keys))).texts]
    findings += compare(list(_foot(document, item, (*figure.notes, figure.source))), foot, name)
    findings += _helpers(item, sheet, head, len(keys), name)
    wanted = plain(figure.alternative)
    for _, text, _ in sheet.drawn:
        if text and text != wanted:
            findings.append(finding(name, Place("figure", item.number, "alternative"), wanted, text))
    return findings


def _keys(document: Document, figure: Figure, sheet: Sheet, head: int) -> tuple[list[str], tuple[str, str] | None]:
    """The keys of a figure's data in the order of the sheet's columns, by their heads; else the heads that differ."""
    titles = {key: plain(_field_title(document, key)) for key in figure.data}
    heads = [sheet.text(head, column) for column in range(1, len(titles) + 1)]
    if sorted(heads) != sorted(titles.values()):
        return [], (" | ".join(titles.values()), " | ".join(heads))
    left, keys = list(figure_columns(document, figure.data)), []
    for text in heads:
        key = next(key for key in left if titles[key] == text)
        left.remove(key)
        keys.append(key)
    return keys, None


def _field_title(document: Document, key: str) -> str:
    """What a column of a figure's data is called: in our words, as a table calls it, or the name of a unit."""
    known = words_of_columns(document.language).get(key) or column_titles(document).get(key)
    if known or " " in key:
        return known or key
    try:
        return units.name(key, document.language)
    except ParlibError:
        return key


def _first_cells(rows: Sequence[Piece], helper: str) -> list[Piece]:
    return [Piece(row.kind, tuple(text for text in row.texts if text != plain(helper))) for row in rows]


def _own(sheet: Sheet, row: int, columns: int) -> Piece:
    cells = sheet.cells[row]
    return Piece("row", tuple(plain(str(cells[c].value)) for c in sorted(cells) if c <= max(columns, 1)))


def _said(value: Any) -> str:
    if value is None or value == "":
        return ""
    return str(value) if isinstance(value, bool) else plain(value) if isinstance(value, str) else repr(exact(value))


def _held(cell: Cell | None) -> str:
    return "" if cell is None else _said(cell.value)


def _helpers(item: Item, sheet: Sheet, head: int, columns: int, name: str) -> Iterator[Finding]:
    """Numbers that help a chart are those of its figure, in percent, as distances in a row, or summed up."""
    figure = item.block
    assert isinstance(figure, Figure)
    rows = [[exact(values[n]) for values in figure.data.values() if n < len(values) and _is_number(values[n])]
            for n in range(max(len(values) for values in figure.data.values()))]  # fmt: skip
    known = {0.0}
    for values in rows:
        known.update(round(v * by, 7) for v in values for by in (1, 100))
        known.update(round(abs(a - b) * by, 7) for a, b in combinations(values, 2) for by in (1, 100))
    steps = [value for value in figure.data.get("contribution", ()) if _is_number(value)]
    known.update(round(abs(fsum(steps[a:b])), 7) for a in range(len(steps)) for b in range(a, len(steps) + 1))
    known.update(round(-value, 7) for value in list(known))
    texts = {plain(str(value)) for values in figure.data.values() for value in values}
    for row in sorted(sheet.cells):
        for column, cell in sheet.cells[row].items():
            if row <= head or column <= columns:
                continue
            strange = (
                cell.value not in texts and _DIGIT.search(cell.value) is not None
                if isinstance(cell.value, str)
                else not any(round(float(cell.value) + by, 7) in known for by in (0.0, -1e-7, 1e-7))
            )
            if strange:
                yield finding(name, Place("figure", item.number, "row", row - head), "", str(cell.value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


# --- formulas, charts, margins --------------------------------------------------------------------


def _formulas(sheet: Sheet, name: str) -> Iterator[Finding]:
    """A formula is a sum or mean of the cells above it, and the value that it keeps is what it gives."""
    for row, cells in sheet.cells.items():
        for column, cell in cells.items():
            if not cell.formula:
                continue
            match = _FORMULA.fullmatch(cell.formula)
            values: list[float] = []
            if match and _column(match[2]) == column and int(match[4]) == row - 1:
                above = (sheet.cells.get(r, {}).get(column) for r in range(int(match[3]), row))
                values = [float(one.value) for one in above if one is not None and not isinstance(one.value, str)]
            given = fsum(values) / (len(values) if match and match[1] == "AVERAGE" else 1) if values else None
            if given is None or isinstance(cell.value, str) or abs(given - cell.value) > _NOISE:
                place = Place("sheet", section=sheet.name, part="row", n=row)
                yield finding(name, place, str(cell.value), f"={cell.formula} = {given}")


def _charts(sheet: Sheet, sheets: Mapping[str, Sheet], name: str) -> Iterator[Finding]:
    """What a chart keeps of its cells is what they hold; its title is the caption."""
    for _, _, chart in sheet.drawn:
        if chart is None:
            continue
        title = chart.find(f"{_C}chart/{_C}title")
        text = "".join(t.text or "" for t in title.iter(f"{_A}t")) if title is not None else ""
        caption = sheet.text(2, 1)
        if not plain(text).startswith(caption):
            yield finding(name, Place("sheet", section=sheet.name), caption, text)
        for kept in chart.iter(f"{_C}numRef", f"{_C}strRef"):
            yield from _kept(kept, sheets[sheet.name], sheets, name)


def _kept(kept: Any, sheet: Sheet, sheets: Mapping[str, Sheet], name: str) -> Iterator[Finding]:
    formula = kept.findtext(f"{_C}f") or ""
    match = _RANGE.match(formula)
    of = sheets.get((match[1] or match[2]).replace("''", "'")) if match else None
    place = Place("sheet", section=sheet.name)
    if match is None or of is not sheet:
        yield finding(name, place, sheet.name, formula)
        return
    first, last = (_column(match[3]), int(match[4])), (_column(match[5] or match[3]), int(match[6] or match[4]))
    cells = [of.cells.get(r, {}).get(c) for r in range(first[1], last[1] + 1) for c in range(first[0], last[0] + 1)]
    cache = next((part for part in kept if part.tag in (f"{_C}numCache", f"{_C}strCache")), None)
    points = {int(p.get("idx")): p.findtext(f"{_C}v") or "" for p in cache.iter(f"{_C}pt")} if cache is not None else {}
    if not points:
        return  # it keeps nothing: the lengths of whiskers
    for n, cell in enumerate(cells):
        held, shown_in = _held(cell), points.pop(n, "")
        if not held and shown_in == "0":
            continue  # what the writer keeps for an empty cell; Excel draws the cell
        same = plain(shown_in) == held or (
            _as_number(shown_in) is not None and _as_number(shown_in) == _as_number(held)
        )
        if not same:
            yield finding(name, place, held or "(–)", f"{shown_in or '(–)'} ({formula}, {n + 1})")
    yield from (finding(name, place, "", f"{text} ({formula})") for text in points.values() if text)


def _as_number(text: str) -> float | None:
    try:
        return exact(float(text))
    except ValueError:
        return None


def _margins(document: Document, sheet: Sheet, name: str) -> Iterator[Finding]:
    """The head and foot of printed pages hold the marks and the title, cut where they are long."""
    known = plain(" ".join((document.title.text, *document.title.marks))).replace("&", "&&")
    for text in sheet.margins:
        for part in re.split(r"&[LCR]", text):
            words = plain(re.sub(r"^&\d+(&K[0-9A-F]{6})?", "", part)).rstrip("…")
            if _DIGIT.search(words.replace("&P", "").replace("&N", "")) and words.rstrip() not in known:
                yield finding(name, Place("sheet", section=sheet.name), known, words)


# --- the sheets around ----------------------------------------------------------------------------


def _front(
    document: Document,
    sheets: Sequence[Sheet],
    books: Sequence[Sequence[Item]],
    of_items: Mapping[tuple[str, int], Sheet],
    name: str,
) -> Iterator[Finding]:
    """The first sheet and the code book: key figures, the list of sheets, columns and maxima. An annex has no code
    book; the first sheet of each workbook lists the sheets of both."""
    words = texts(WORDS, document.language)
    names = [sheet.name for sheet in sheets]
    front = next((sheet for sheet in sheets if sheet.name == words["contents"]), None)
    codebook = next((sheet for sheet in sheets if sheet.name == words["codebook"]), None)
    for sheet in sheets:
        if sheet not in (front, codebook):
            yield finding(name, Place("sheet", section=sheet.name), "", sheet.text(2, 1) or sheet.name)
    if front is None or (codebook is None and len(books) == 1):
        yield finding(name, Place("file", section=", ".join(names)), f"{words['contents']}, {words['codebook']}", "")
        return
    yield from _first_sheet(document, front, books, of_items, name)
    if codebook is not None:
        yield from _code_book(document, codebook, name)


def _first_sheet(
    document: Document,
    front: Sheet,
    books: Sequence[Sequence[Item]],
    of_items: Mapping[tuple[str, int], Sheet],
    name: str,
) -> list[Finding]:
    words, head = texts(WORDS, document.language), document.title
    place = Place("sheet", section=front.name)
    language, comma = document.language, _is_comma(document)
    expected = [
        Piece("row", (plain(text),), place=place)
        for text in (head.text, head.subtitle, *head.marks, *head.lines, words["about"])
        if text
    ]
    groups = [item.block for item in document.items if isinstance(item.block, Tiles)]
    if groups:
        expected.append(Piece("row", (plain(words["key_figures"]),), place=place))
    for group in groups:
        if len(groups) > 1:
            expected.append(Piece("row", (plain(group.caption),), place=Place("tiles")))
        for n, tile in enumerate(group.tiles, 1):
            number, value = _expected(tile.number)
            lines = (plain(tile.label), plain(_bare(tile.detail)), number, plain(tile.unit))
            expected.append(Piece("row", lines, ("", "", value, ""), Place("tiles", part="tile", n=n)))
    for key in ("read_exact", "read_unknown", "read_range", "read_mark", "read_total", "read_chart"):
        expected.append(Piece("row", (plain(f"– {words[key]}"),), place=place))
    columns = sum(len(item.block.columns) for item in document.items if isinstance(item.block, Table))
    code_book = (words["codebook"], words["columns_of"], "", str(columns))
    elsewhere = set()
    for n, book in enumerate(books):
        for item in book:
            sheet, rows, caption = (
                of_items.get((item.block.kind, item.number)),
                rows_of(item.block),
                document.caption(item),
            )
            lines = (sheet.name if sheet else "", plain(caption), "", str(rows))
            expected.append(Piece("row", lines, ("", "", "", repr(float(rows))), place))
            elsewhere |= {lines[1]} if sheet is None else set()
        if n == 0:
            expected.append(Piece("row", code_book, ("", "", "", repr(float(columns))), place))
    skipped = {words["reading"], words["contents"]}
    kinds = {words[key] for key in ("table", "chart_and_data", "data_only", "codebook")}
    found = []
    for row in sorted(front.cells):
        cells = front.cells[row]
        line = _line(front, row)
        if line.texts[0] in skipped or line.texts == tuple(words[key] for key in ("sheet", "content", "kind", "rows")):
            continue
        if set(cells) == {1}:
            if len(books) == 1 or not line.texts[0].endswith(".xlsx"):  # the name of a workbook, over its sheets
                found.append(line)
            continue
        pairs = [_found(cells.get(n), "", language, comma) for n in range(1, 5)]
        if pairs[2][0] in kinds and pairs[3][1]:
            pairs[2] = "", ""
            pairs[0] = ("" if pairs[1][0] in elsewhere else pairs[0][0]), ""  # how the other file calls its sheets
        found.append(Piece("row", tuple(t for t, _ in pairs), tuple(v for _, v in pairs)))
    return compare(expected, [_as_pair(piece, expected) for piece in found], name)


def _as_pair(piece: Piece, expected: Sequence[Piece]) -> Piece:
    """A key figure such as 3/17 shows the first of the two: it is the one that is printed so."""
    if len(piece.texts) != 4:
        return piece
    for one in expected:
        if (
            len(one.texts) == 4
            and one.texts[:2] == piece.texts[:2]
            and one.texts[2].partition("/")[0] == piece.texts[2]
        ):
            return Piece(piece.kind, (*piece.texts[:2], one.texts[2], piece.texts[3]), piece.beside)
    return piece


def _bare(parts: Sequence[str | Number]) -> str:
    """Parts as the first sheet has them: without the letters of notes."""
    return said(part if isinstance(part, str) else part.text for part in parts)


def _code_book(document: Document, sheet: Sheet, name: str) -> Iterator[Finding]:
    """The code book: every column by its title, group, unit and key; every node with its one maximum."""
    place = Place("sheet", section=sheet.name)
    expected = [
        Piece("row", tuple(map(plain, (column.title, column.group, column.unit, column.key))), place=place)
        for item in document.items
        if isinstance(item.block, Table)
        for column in item.block.columns
    ]
    found = [
        Piece("row", tuple(sheet.text(row, n) for n in (2, 3, 4, 8)))
        for row in sorted(sheet.cells)
        if sheet.text(row, 8) and sheet.text(row, 8) != texts(WORDS, document.language)["key"]
    ]
    yield from compare(expected, found, name)
    maxima = _maxima(document)
    for row, cells in sheet.cells.items():
        cell = cells.get(3)
        if cell is not None and not isinstance(cell.value, str):
            known = maxima.get((sheet.text(row, 1), sheet.text(row, 2)), set())
            if known != {exact(float(cell.value))}:
                wanted = ", ".join(map(str, sorted(known))) or "(–)"
                yield finding(name, Place("sheet", section=sheet.name, part="row", n=row), wanted, str(cell.value))


def _maxima(document: Document) -> dict[tuple[str, str], set[float]]:
    """The maxima of every node by its code and name, in the data sets and in the tables of criteria."""
    import csv
    import io

    found: dict[tuple[str, str], set[float]] = {}
    for dataset in document.datasets:
        if {"node", "node_name", "maximum"} <= {name for name, _, _ in dataset.columns}:
            for row in csv.DictReader(io.StringIO(dataset.text)):
                if row["maximum"]:
                    found.setdefault((plain(row["node"]), plain(row["node_name"])), set()).add(
                        exact(float(row["maximum"]))
                    )
    for item in document.items:
        if isinstance(item.block, Table):
            for cells in item.block.rows:
                code, title, maximum = (cells.get(key) for key in ("code", "name", "maximum"))
                if not (isinstance(code, str) and isinstance(title, str) and isinstance(maximum, Number)):
                    continue
                if maximum.value is not None:
                    found.setdefault((plain(code), plain(title)), {exact(maximum.value)})
    return found
