"""The blocks of a report as pieces of a Word document, and the pages that they stand on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count, groupby, pairwise, takewhile
from xml.sax.saxutils import escape

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from parlib.errors import DataError
from parlib.publish.document import (
    MM_OF_POINT,
    SHORT_HEAD,
    CellText,
    Document,
    Item,
    Needs,
    Setting,
    Taste,
    fitted,
    lines,
    needs,
    text_width,
)
from parlib.publish.word.template import (
    EMU,
    KEEP,
    NAMESPACES,
    TWIPS,
    Section,
    Template,
    attribute,
    bookmark,
    bookmark_name,
    field,
    paragraph,
    parts,
    run,
    run_of,
    twips,
)
from parlib.report.blocks import Column, Figure, Heading, Note, Number, Paragraph, Table, Tile, Tiles
from parlib.report.markup import UNKNOWN
from parlib.words import Message

# --- tables ---------------------------------------------------------------------------------------
# Tables of a report as tables of Word: heads repeated on every page, rows never split, wide ones smaller or turned.

KEPT_WHOLE = 80.0  # mm: a table that is no higher stays on one page
ENDS = 3  # rows of a longer one that stay with its head, and with its notes
_MUCH_LOWER = 0.65  # small letters where they save more than a third of a long table
_BORDER = 1.15 * 25.4 / 72  # mm of a line for each point of its letters
_ROW = 0.9  # mm between rows
_RULES = 0.7  # mm of the lines around a table
_BOLD = 1.08  # wider than other letters
_TASTE = Taste(head_lines=4, name=8.0, comfort=10.0)  # close: a page that stays upright is read more easily
PADDING = 2.7  # mm left and right in a cell, and a little to spare

HEAD_FILL = "F1F3F5"
HIGHLIGHT_FILL = "FFF3CD"
_MARGINS = (  # the widths reckon with them, so no template changes them
    '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
)
_RULE = '<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="1C2126"/>'


@dataclass(frozen=True)
class Plan:
    """How a table stands on paper: widths of its columns in mm, small letters or not, on a turned page or not."""

    widths: Sequence[float]
    small: bool
    wide: bool

    def style(self, name: str) -> str:
        """The style of its cells."""
        return f"{name} Small" if self.small else name


def parts_of(table: Table, section: Section, template: Template) -> list[tuple[Table, Plan]]:
    """The table as it fits on paper: one of too many columns in several parts of as many, each with its first columns.

    One that fits in no way (a single column wider than a page) is squeezed: its words are then broken, never cut.
    """
    whole = plan(table, section, template)
    if whole:
        return [(table, whole)]
    first = next((n for n, column in enumerate(table.columns[:3], 1) if column.format == "text"), 1)
    lead, rest = table.columns[:first], table.columns[first:]
    for several in range(2, len(rest) + 1):
        cuts = [round(len(rest) * n / several) for n in range(several + 1)]
        parts = [replace(table, columns=lead + rest[start:end]) for start, end in pairwise(cuts)]
        plans = [plan(part, section, template) for part in parts]
        if all(plans):
            return [(part, planned) for part, planned in zip(parts, plans, strict=True) if planned]
    room = section.wide or section.width
    return [(table, Plan([room / len(table.columns)] * len(table.columns), True, section.wide is not None))]


def plan(table: Table, section: Section, template: Template) -> Plan | None:
    """Upright in letters as usual where that fits, else in small ones, else on a turned page; ``None`` where not there.

    A long table whose sentences would fill narrow columns is set in small letters too.
    """
    asked = needs(_measured(table), len(table.columns), _TASTE)
    for room, wide in ((section.width, False), (section.wide, True)):
        results = [_planned(table, asked, room, small, wide, template) for small in (False, True)] if room else []
        usual, small = results or (None, None)
        if usual and small:
            high = height(table, usual, template)
            return small if high > section.height > 0 and height(table, small, template) < _MUCH_LOWER * high else usual
        if small:
            return small
    return None


def _planned(table: Table, asked: Needs, room: float, small: bool, wide: bool, template: Template) -> Plan | None:
    """What is left beyond comfort goes to long heads and texts, or to texts alone: the way that makes a lower table."""
    size = template.size("Table Number Small" if small else "Table Number")
    kept = zip(table.columns, asked.most, asked.comfort, strict=True)
    to_texts = replace(
        asked,
        most=tuple(most if column.format == "text" or most < SHORT_HEAD else enough for column, most, enough in kept),
    )
    fits = [fitted(needed, Setting("", size, room, PADDING)) for needed in (asked, to_texts)]
    plans = [Plan(widths, small, wide) for widths in fits if widths]
    return min(plans, key=lambda one: height(table, one, template) + _head_height(table, one, template), default=None)


def _measured(table: Table) -> Iterator[CellText]:
    for group, members in groupby(enumerate(table.columns), lambda pair: pair[1].group):
        if group:
            first, *others = [n for n, _ in members]
            yield CellText(group, first, span=1 + len(others), is_head=True, is_bold=True)
    for n, column in enumerate(table.columns):
        yield CellText(_head_text(column), n, is_head=True, is_bold=True)
        for text in {_text(row.get(column.key, UNKNOWN)) for row in table.rows}:
            yield CellText(text, n, is_whole=column.format != "text")


def table_xml(table: Table, planned: Plan, template: Template) -> str:
    """The table itself, without its caption and what stands below it."""
    styles = table.row_styles or ("",) * len(table.rows)
    whole = height(table, planned, template) <= KEPT_WHOLE
    last = len(table.rows) - 1
    heads = _heads(table.columns, planned, template)
    rows = [
        _row(table.columns, row, style, planned, template, keep=whole or n < ENDS - 1 or n > last - ENDS)
        for n, (row, style) in enumerate(zip(table.rows, styles, strict=True))
    ]
    return _frame(template["Report Table"], planned.widths, table.caption, [*heads, *rows])


def height(table: Table, planned: Plan, template: Template) -> float:
    """About how high the rows of a table are, in mm."""
    size = template.size(planned.style("Table Text"))
    total = 0.0
    for row, style in zip(table.rows, table.row_styles or ("",) * len(table.rows), strict=True):
        cells = [
            (row.get(column.key, UNKNOWN), width) for column, width in zip(table.columns, planned.widths, strict=True)
        ]
        wide = size * (_BOLD if style == "total" else 1.0)
        most = max(lines(_text(cell), width - PADDING, wide) for cell, width in cells)
        total += most * size * _BORDER + _ROW
    return total


def _head_height(table: Table, planned: Plan, template: Template) -> float:
    """About how high the heads of a table are, in mm."""
    size = template.size(planned.style("Table Head"))
    pairs = zip(table.columns, planned.widths, strict=True)
    most = max((lines(_head_text(column), width - PADDING, size) for column, width in pairs), default=0)
    grouped = any(column.group for column in table.columns)
    return (most + grouped) * size * _BORDER + (1 + grouped) * _ROW


def _text(cell: str | Number) -> str:
    return cell if isinstance(cell, str) else cell.text + cell.mark


def _frame(style: str, columns: Sequence[float], caption: str, rows: Sequence[str], first_row: int = 1) -> str:
    """A table of fixed widths; ``caption`` is read to those who cannot see it."""
    grid = "".join(f'<w:gridCol w:w="{twips(width)}"/>' for width in columns)
    total = sum(twips(width) for width in columns)
    margins, look = (_MARGINS, "0420") if first_row else ("", "0400")
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{total}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/>{margins}<w:tblLook w:val="{look}" w:firstRow="{first_row}"'
        ' w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>'
        f"<w:tblCaption w:val={attribute(caption)}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _heads(columns: Sequence[Column], planned: Plan, template: Template) -> list[str]:
    """The heads of the columns, under a row of group heads where some columns have one."""
    grouped = any(column.group for column in columns)
    lower = [
        _head_cell("", [width], planned, template, column, '<w:vMerge w:val="continue"/>')
        if grouped and not column.group
        else _head_cell(_head_text(column), [width], planned, template, column)
        for column, width in zip(columns, planned.widths, strict=True)
    ]
    if not grouped:
        return [_head_row(lower)]
    upper: list[str] = []
    pairs = zip(columns, planned.widths, strict=True)
    for group, members in groupby(pairs, lambda pair: pair[0].group):
        own = list(members)
        if group:
            spanned = [width for _, width in own]
            upper.append(_head_cell(group, spanned, planned, template, None))
        else:
            upper += [
                _head_cell(_head_text(column), [width], planned, template, column, '<w:vMerge w:val="restart"/>')
                for column, width in own
            ]
    return [_head_row(upper), _head_row(lower)]


def _head_text(column: Column) -> str:
    return f"{column.title} ({column.unit})" if column.unit else column.title


def _table_row(cells: Sequence[str], more: str = "") -> str:
    return f"<w:tr><w:trPr><w:cantSplit/>{more}</w:trPr>{''.join(cells)}</w:tr>"


def _head_row(cells: Sequence[str]) -> str:
    return _table_row(cells, "<w:tblHeader/>")


def _head_cell(
    text: str, spanned: Sequence[float], planned: Plan, template: Template, column: Column | None, merge: str = ""
) -> str:
    """A head over one column, or (``column`` is ``None``) over a group of neighbours."""
    span = f'<w:gridSpan w:val="{len(spanned)}"/>' if len(spanned) > 1 else ""
    side = "center" if column is None else "left" if column.format == "text" else "right"
    rule = "" if column is None or "restart" in merge else _RULE.format(side="bottom", size=8)
    borders = f"<w:tcBorders>{rule}</w:tcBorders>" if rule else ""
    content = paragraph(template[planned.style("Table Head")], run(text), f'{KEEP}<w:jc w:val="{side}"/>')
    more = f'{span}{merge}{borders}<w:shd w:val="clear" w:color="auto" w:fill="{HEAD_FILL}"/><w:vAlign w:val="bottom"/>'
    return _cell(content, sum(twips(width) for width in spanned), more)


def _row(
    columns: Sequence[Column],
    row: dict[str, str | Number],
    style: str,
    planned: Plan,
    template: Template,
    keep: bool,
) -> str:
    ids = {name: template[planned.style(name)] for name in ("Table Text", "Table Number")}
    look = {"total": "Table Total", "muted": "Table Muted"}.get(style)
    letters = f'<w:rStyle w:val="{template[look]}"/>' if look else ""
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{HIGHLIGHT_FILL}"/>' if style == "highlight" else ""
    rule = f"<w:tcBorders>{_RULE.format(side='top', size=6)}</w:tcBorders>" if style == "total" else ""
    kept = KEEP if keep else ""
    cells = []
    for column, width in zip(columns, planned.widths, strict=True):
        content = run_of(row.get(column.key, UNKNOWN), letters)
        style_id = ids["Table Text" if column.format == "text" else "Table Number"]
        cells.append(_cell(paragraph(style_id, content, kept), twips(width), rule + fill))
    return _table_row(cells)


def tiles_across(n: int) -> int:
    """How many of ``n`` key figures stand side by side."""
    return -(-n // -(-n // 4))


def tiles_xml(tiles: Tiles, section: Section, template: Template) -> str:
    """Key figures side by side, at most four in a row, rows as full as one another."""
    n = len(tiles.tiles)
    across = tiles_across(n)
    columns = [section.width / across] * across
    wide = twips(columns[0])
    rows = []
    for start in range(0, n, across):
        line = tiles.tiles[start : start + across]
        cells = [_cell(_tile(tile, template), wide) for tile in line]
        cells += [_cell("<w:p/>", wide, "<w:tcBorders><w:top w:val='nil'/></w:tcBorders>")] * (across - len(line))
        rows.append(_table_row(cells))
    return _frame(template["Key Figures"], columns, tiles.caption, rows, first_row=0)


def _tile(tile: Tile, template: Template) -> str:
    unit = f"\u00a0{tile.unit}" if tile.unit[:1].isalpha() else tile.unit
    content = paragraph(template["Tile Label"], run(tile.label), KEEP)
    content += paragraph(template["Tile Number"], run_of(tile.number) + run(unit), KEEP if tile.detail else "")
    if tile.detail:
        content += paragraph(template["Tile Detail"], parts(tile.detail))
    return content


def _cell(content: str, width: int, more: str = "") -> str:
    """A cell; ``width`` in twips, ``more`` of how it looks in the order of the standard."""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}</w:tcPr>{content}</w:tc>'


#: Where a section of pages ends: a mark that ``pages`` turns into the page of the template, upright or turned.
SECTION_END = '<w:sectPr w:rsidR="00000001"/>'
SECTION_END_WIDE = '<w:sectPr w:rsidR="00000002"/>'
CONTINUED = Message("continued")
NO_KEEP = '<w:keepNext w:val="0"/>'

_PARAGRAPHS = {"lead": "Lead", "item": "List Bullet", "draft": "Draft"}
_NOTES = {
    "missing": "Note Missing",
    "assumption": "Note Warning",
    "break": "Note Warning",
    "warning": "Note Warning",
    "passed": "Note Passed",
}
_LEAST_SCALE = 0.78  # a picture is made no smaller than this for the sake of the sentences before it: letters of 6 pt
_FULL = 0.6  # of a page that is written on at least, where something else can stand before a picture
_LONG = 45.0  # mm of sentences that go onto the page of what they introduce; more of them may be left behind
_SPARE = 2.0  # mm of a page left free: another program breaks lines elsewhere
_CONTENTS = ("TOC Heading", "TOC 1", "TOC 2")


@dataclass(frozen=True)
class Piece:
    """A block as text of Word. ``kind``: heading and prose go with what they introduce, solid stands by itself."""

    xml: str
    kind: str = "prose"
    wide: bool = False  # on a turned page
    alone: bool = False  # fills its page: what introduces it stands on the one before
    height: float = 0.0  # about, in mm, without the space around it
    together: float = 0.0  # so much of it stays on one page, with what introduces it; nothing of prose
    again: float = 0.0  # mm of it that every further page begins with
    space: tuple[float, float] = (0.0, 0.0)  # mm above and below, of which the larger counts between two


@dataclass(frozen=True)
class _Laid:
    """A picture on its page; lengths in mm."""

    width: float
    height: float
    below: float  # what caption, notes and source take
    here: bool  # on the page that was begun
    alone: bool  # and otherwise on one that it fills


class Writer:
    """Writes the blocks of one document. ``word`` is the opened document that takes the pictures."""

    def __init__(self, document: Document, template: Template, section: Section, word: WordDocument) -> None:
        self._document, self._template, self._section, self._part = document, template, section, word.part
        self._bookmarks, self._pictures = count(10_000), count(10_000)
        self._names: set[str] = set()
        self._before = 0.0  # mm of what introduces the block being written
        self._style = ""  # of the paragraph before
        self._is_told = False  # whether a sentence ends that, which may stay behind
        self._used = self._free = 0.0  # about so many mm of its page are written on, the space below them left free
        self.contents: list[tuple[int, str, str]] = []  # level, text, bookmark of each heading
        self.captions: list[tuple[str, str, str]] = []  # kind, text, bookmark of each table and figure

    def pieces(self, above: float = 0.0) -> list[Piece]:
        """All blocks in order; a heading and short sentences stay on the page of the table or picture behind them.
        ``above`` mm of the first page are taken."""
        results: list[Piece] = []
        self._used = above
        items = list(self._document.items)
        for place, item in enumerate(items):
            before = _introduction(results)
            self._before = stacked([(one.height, one.space) for one in before])
            self._is_told = bool(before) and before[-1].kind == "prose"
            if self._goes_behind(item) and place + 1 < len(items) and isinstance(items[place + 1].block, Table):
                items[place + 1], item = item, items[place + 1]
            piece = self._piece(item)
            if piece.kind != "solid":  # headings alone are held by it
                held = list(takewhile(lambda one: one.kind == "heading", reversed(results)))
                self._before = stacked([(one.height, one.space) for one in reversed(held)])
            self._used, self._free = self._used_after(piece), piece.space[1]
            self._style = "" if piece.kind == "solid" else self._style
            if piece.kind == "solid" and before:
                parted = [before.pop()] if piece.alone and before[-1].kind == "prose" else []
                kept = [replace(one, xml=_kept(one.xml)) for one in before]
                results[len(results) - len(kept) - len(parted) :] = [*kept, *parted]
            results.append(piece)
        if results and results[-1].kind == "prose":  # no signature stands alone on a page
            results[-1] = replace(results[-1], xml=_kept(results[-1].xml))
        return results

    @property
    def used(self) -> float:
        """About so many mm of the last page are written on, before its signature."""
        return self._used

    def _used_after(self, piece: Piece) -> float:
        """About so much of its last page is written on when ``piece`` is: what programs that lay it out will find."""
        page, between = self._section.height, max(self._free, piece.space[0])
        if piece.wide or page <= 0:
            return 0.0  # a page of its own
        used = self._used + between
        parted = self._used < self._before  # what introduces it would stand on two pages
        if used + piece.together > page or (parted and piece.kind == "solid"):
            used = self._before + between if self._before > 0 and not piece.alone else 0.0
        used += piece.height
        return used - (page - piece.again) * (used // page)

    def _prose(self, style: str, content: str, text: str, more: str = "", kind: str = "prose") -> Piece:
        """A heading or a paragraph, with about the height it takes; of a longer one two lines stay on a page."""
        high, space = self._height((style, text)), self._template.space(style)
        if style == self._style:  # the lines around one go on around the next
            high -= self._template.edges(style)
        self._style = style
        pitch = self._template.pitch(style)
        is_whole = self._template.is_whole(style) or high < 3.5 * pitch
        together = high if is_whole else 2 * pitch
        return Piece(paragraph(self._template[style], content, more), kind, height=high, together=together, space=space)

    def _height(self, *paragraphs: tuple[str, str]) -> float:
        """About how high paragraphs (style, text) are on one another."""
        return paragraphs_height(self._template, paragraphs, self._section.width)

    def _piece(self, item: Item) -> Piece:
        block = item.block
        match block:
            case Heading():
                return self._heading(block)
            case Paragraph():
                style = _PARAGRAPHS.get(block.role, "Body Text")
                return self._prose(style, parts(block.parts), block.plain_text())
            case Note():
                return self._prose(_NOTES.get(block.role, "Note"), run(block.text), block.text)
            case Tiles():  # and an empty line: tables that touch become one
                xml = tiles_xml(block, self._section, self._template)
                high = self._tiles_height(block) + self._height(("Source", ""))
                return Piece(xml + paragraph(self._template["Source"], ""), "solid", height=high, together=high)
            case Table():
                return self._table(item, block)
            case Figure():
                return self._figure(item, block)
        raise TypeError(f"no piece of Word for a {block.kind}")

    def _tiles_height(self, block: Tiles) -> float:
        """About how high key figures are, in mm."""
        across = tiles_across(len(block.tiles))
        texts = [
            [("Tile Label", tile.label), ("Tile Number", ""), ("Tile Detail", "".join(map(_text, tile.detail)))]
            for tile in block.tiles
        ]
        width = self._section.width / across - PADDING
        heights = [paragraphs_height(self._template, one, width) for one in texts]
        return sum(max(heights[start : start + across]) + 2 * _ROW for start in range(0, len(heights), across))

    def _heading(self, block: Heading) -> Piece:
        name = f"_Toc{len(self.contents) + 1:09}"  # as Word names those it lists
        text = block.plain_text()
        self.contents.append((block.level, text, name))
        content = bookmark(name, next(self._bookmarks), run(text))
        return self._prose(f"Heading {block.level}", content, text, KEEP, "heading")

    def _table(self, item: Item, block: Table) -> Piece:
        """A table under its caption, notes and source below."""
        xml, wide, repeated = "", False, 0.0
        around = self._around(item, block)
        high, together = self._height(*around) + self._template.space("Source")[0] + _RULES, 0.0
        for n, (part, planned) in enumerate(parts_of(block, self._section, self._template)):
            name, more = self._document.words["table"], CONTINUED.text(self._document.language)
            again = f"{name} {item.number} ({more}). {block.caption}"
            xml += (
                paragraph(self._template["Caption"], run(again), KEEP)
                if n
                else self._caption(item, block.caption, KEEP)
            )
            xml += table_xml(part, planned, self._template)
            wide = wide or planned.wide
            rows, heads = (measure(part, planned, self._template) for measure in (height, _head_height))
            high, repeated = high + rows + heads, heads + rows / max(1, len(part.rows))  # no row is parted
            if n == 0:  # all of it, or its head with some rows
                together = high if rows <= KEPT_WHOLE else high - rows * (1 - ENDS / len(part.rows))
                together -= self._height(around[-1]) if rows > KEPT_WHOLE else 0.0
        space = self._template.space("Caption")[0], self._template.space("Source")[1]
        xml += self._below(block)
        return Piece(xml, "solid", wide, height=high, together=together, again=repeated, space=space)

    def _figure(self, item: Item, block: Figure) -> Piece:
        """A picture above its caption, notes and source below."""
        laid, below = self._laid(item, block), self._below(block)
        xml = paragraph(self._template["Figure"], self._picture(block, laid.width, laid.height), KEEP)
        xml += self._caption(item, block.title, KEEP if below else NO_KEEP) + below
        high = laid.height + laid.below
        space = self._template.space("Figure")[0], self._template.space("Source" if below else "Caption")[1]
        together = high if laid.here else self._section.height  # with a little room to spare it goes to the next page
        return Piece(xml, "solid", alone=laid.alone, height=high, together=together, space=space)

    def _laid(self, item: Item, block: Figure) -> _Laid:
        """A picture as wide as it was drawn, or as the page lets it be: the rest of the page that was begun where that
        is enough, else the next one with what stands before it where it can."""
        below = self._template.space("Caption")[0] + self._height(*self._around(item, block))
        room = self._section.height - _SPARE - below
        room = max(room, self._section.height / 3)  # whatever notes it has, a picture is no stamp
        _, image = self._part.get_or_add_image(BytesIO(block.png_bytes))
        ratio = image.px_height / image.px_width
        width = min(block.width_mm, self._section.width, room / ratio)
        least, between = _LEAST_SCALE * width, max(self._template.space("Figure")[0], self._free)
        begun, beside = room - self._used - between, room - self._before - between * (self._before > 0)
        here = begun >= least * ratio
        alone = not here and (beside < least * ratio or (self._is_told and self._leaves_much()))
        width = width if alone else min(width, (begun if here else beside) / ratio)
        return _Laid(width, width * ratio, below, here, alone)

    def _goes_behind(self, item: Item) -> bool:
        """Whether much of the page that was begun stays empty before a picture: a table behind it goes first."""
        return isinstance(item.block, Figure) and self._leaves_much() and not self._laid(item, item.block).here

    def _leaves_much(self) -> bool:
        """Whether much of the page that was begun stays empty where a block goes to the next with its introduction."""
        return 0 < self._used - self._before < _FULL * self._section.height

    def _around(self, item: Item, block: Table | Figure) -> list[tuple[str, str]]:
        """Caption, and notes with the source, as paragraphs."""
        told = _told_below(block)
        source = [("Source", told)] if told or isinstance(block, Table) else []
        return [("Caption", self._document.caption(item)), *source]

    def _caption(self, item: Item, text: str, keep: str) -> str:
        """ "Bảng 3. Xếp hạng": the number is a field that counts, under a bookmark for references."""
        word = self._document.words[item.block.kind]
        number = run(f"{word} ") + field(rf"SEQ {word} \* ARABIC", str(item.number))
        name = self._bookmark_name(item.anchor)
        self.captions.append((item.block.kind, f"{word} {item.number}. {text}", name))
        marked = bookmark(name, next(self._bookmarks), number)
        return paragraph(self._template["Caption"], marked + run(f". {text}"), keep)

    def _bookmark_name(self, anchor: str) -> str:
        name, n = bookmark_name(anchor), 2
        while name.lower() in self._names:
            name, n = f"{bookmark_name(anchor)[:36]}_{n}", n + 1
        self._names.add(name.lower())
        return name

    def _below(self, block: Table | Figure) -> str:
        """Notes and source, one paragraph; without them an empty line under a table: tables that touch become one."""
        text = _told_below(block)
        return paragraph(self._template["Source"], run(text)) if text or isinstance(block, Table) else ""

    def _picture(self, figure: Figure, width: float, height: float) -> str:
        relation, _ = self._part.get_or_add_image(BytesIO(figure.png_bytes))
        size = f'cx="{round(width * EMU)}" cy="{round(height * EMU)}"'
        number = next(self._pictures)
        name = attribute(figure.name or f"figure-{number}")
        stated = attribute(figure.alternative)
        return (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
            f'<wp:effectExtent l="0" t="0" r="0" b="0"/><wp:docPr id="{number}" name={name} descr={stated}/>'
            '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic>'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{number}" name={name} descr={stated}/><pic:cNvPicPr/></pic:nvPicPr>'
            f"<pic:blipFill>{self._blip(relation, figure.svg)}<a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
            "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )

    def _blip(self, relation: str, svg: str) -> str:
        """The picture of ``relation``; Word, which knows SVG, shows the drawing instead."""
        if not svg:
            return f'<a:blip r:embed="{relation}"/>'
        name = self._part.package.next_partname("/word/media/drawing%d.svg")
        drawing = self._part.relate_to(
            Part(name, "image/svg+xml", svg.encode(), self._part.package), RELATIONSHIP_TYPE.IMAGE
        )
        return (
            f'<a:blip r:embed="{relation}"><a:extLst><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
            '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main"'
            f' r:embed="{drawing}"/></a:ext></a:extLst></a:blip>'
        )


def stacked(pieces: Sequence[tuple[float, tuple[float, float]]]) -> float:
    """How high pieces on one another are, in mm; each its height with the space above and below it."""
    between = sum(max(above[1], below[0]) for (_, above), (_, below) in pairwise(pieces))
    return sum(height for height, _ in pieces) + between


def paragraphs_height(template: Template, paragraphs: Iterable[tuple[str, str]], width: float) -> float:
    """About how high paragraphs (style, text) ``width`` mm wide are on one another."""
    pieces = []
    for style, text in paragraphs:
        size = template.size(style) * (_BOLD if template.is_bold(style) else 1.0)
        shorter, first = template.indents(style)
        begun = "\u00a0" * round(first / text_width("\u00a0") / size / MM_OF_POINT)
        n = lines(begun + text, (width - shorter) * 0.98, size)
        pieces.append((n * template.pitch(style) + template.edges(style), template.space(style)))
    return stacked(pieces)


def height_above(place: BaseOxmlElement, document: Document, template: Template, width: float) -> float:
    """About how much of the first page stands above ``place``, in mm: head, title, and the contents to come."""
    return _height_of(reversed(list(place.itersiblings(preceding=True))), document, template, width)


def height_below(place: BaseOxmlElement, document: Document, template: Template, width: float) -> float:
    """About how much stands below ``place``, in mm: the signature."""
    return _height_of(place.itersiblings(), document, template, width)


def _height_of(elements: Iterable[BaseOxmlElement], document: Document, template: Template, width: float) -> float:
    stack: list[tuple[float, tuple[float, float]]] = []
    for element in elements:
        if CONTENTS in _words_of(element):
            levels = _levels(document)
            listed = [0, *(level for level in levels if level <= _deepest(levels))] if levels else []
            stack += [
                (paragraphs_height(template, [(style, "")], width), template.space(style))
                for style in (_CONTENTS[level] for level in listed)
            ]
        elif element.tag == qn("w:p"):
            style = template.style_of(element)
            high = paragraphs_height(template, [(style, _words_of(element))], width)
            stack.append((high, template.space(style)))
        elif element.tag == qn("w:tbl"):
            for row in element.iter(qn("w:tr")):
                cells = [list(cell.iter(qn("w:p"))) for cell in row.iter(qn("w:tc"))]
                told = [[(template.style_of(one), _words_of(one)) for one in cell] for cell in cells]
                high = max(paragraphs_height(template, cell, width / len(cells)) for cell in told)
                stack.append((high, (0.0, 0.0)))
    return stacked(stack)


def _words_of(element: BaseOxmlElement) -> str:
    return "".join(text.text or "" for text in element.iter(qn("w:t")))


def _levels(document: Document) -> list[int]:
    """The levels of the headings, where a report has contents."""
    blocks = (item.block for item in document.items if document.title.contents)
    return [block.level for block in blocks if isinstance(block, Heading)]


def _told_below(block: Table | Figure) -> str:
    """Notes and source as one text."""
    return " ".join([*block.notes, block.source]).strip()


def _introduction(pieces: Sequence[Piece]) -> list[Piece]:
    """The last pieces, where they introduce what follows: headings, with short sentences below them."""
    results: list[Piece] = []
    height = 0.0
    for piece in reversed(pieces):
        if piece.kind == "solid" or (piece.kind == "prose" and results and results[0].kind == "heading"):
            break
        height += piece.height if piece.kind == "prose" else 0.0
        if height > _LONG:
            break
        results.insert(0, piece)
    return results if results and results[0].kind == "heading" else []


def _kept(xml: str) -> str:
    """A paragraph that stays on the page of the next one."""
    return xml if KEEP in xml else xml.replace("/>", f"/>{KEEP}", 1)


def paged(pieces: Sequence[Piece]) -> tuple[str, bool]:
    """The pieces one after another with the ends of sections between them, and whether the last page is turned.

    A wide table takes the heading and the sentences before it along, and those behind it up to the next heading, so
    that neither a heading nor a sentence stands alone on a page.
    """
    turned = _with_company(pieces)
    xml: list[str] = []
    for n, piece in enumerate(turned):
        if n + 1 < len(turned) and turned[n + 1].wide != piece.wide:
            xml.append(_ended(piece.xml, SECTION_END_WIDE if piece.wide else SECTION_END))
        else:
            xml.append(piece.xml)
    if turned and turned[0].wide:  # what the template has before is upright
        xml.insert(0, f"<w:p><w:pPr>{SECTION_END}</w:pPr></w:p>")
    return "".join(xml), bool(turned) and turned[-1].wide


def _with_company(pieces: Sequence[Piece]) -> list[Piece]:
    turned = list(pieces)
    for n, piece in enumerate(pieces):
        if not (piece.wide and piece.kind == "solid"):
            continue
        before = n - 1
        while before >= 0 and turned[before].kind != "solid":
            turned[before] = replace(turned[before], wide=True)
            if turned[before].kind == "heading" and (before == 0 or turned[before - 1].kind != "heading"):
                break
            before -= 1
        after = n + 1
        while after < len(turned) and turned[after].kind == "prose":
            turned[after] = replace(turned[after], wide=True)
            after += 1
    return turned


def _ended(xml: str, end: str) -> str:
    """``xml`` with the end of a section in its last paragraph."""
    place = xml.rindex("</w:pPr>")
    return xml[:place] + end + xml[place:]


# --- pages ----------------------------------------------------------------------------------------
# The pages of a report: the one the template gives, upright and turned; contents; where the blocks go in.

#: What stands for the blocks and the contents until they are put in: signs that no report holds.
BODY, CONTENTS = "\ue000body\ue001", "\ue000contents\ue001"
_ENOUGH = 5  # tables, and figures, from which on they are listed
_LISTED = 2  # levels of headings in the contents
_MOST = 14  # lines of contents; where there are more, the chapters alone are listed: the result begins on page one


def place_of(document: WordDocument, sign: str) -> BaseOxmlElement | None:
    """The paragraph of the document that holds ``sign``."""
    element: BaseOxmlElement
    for element in document.element.body.iterchildren(qn("w:p")):
        if sign in _words_of(element):
            return element
    return None


def body_place(document: WordDocument, file: str) -> BaseOxmlElement:
    """The paragraph for the blocks. Raises ``DataError`` where it stands in a table or frame: no section fits there."""
    place = place_of(document, BODY)
    if place is None:
        raise DataError("{{{{ body }}}} stands in a paragraph of its own, outside tables and frames", file=file)
    return place


def section_behind(place: BaseOxmlElement) -> BaseOxmlElement:
    """The w:sectPr of the page that ``place`` stands on."""
    result: BaseOxmlElement | None
    for element in place.itersiblings():
        result = element if element.tag == qn("w:sectPr") else element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")
        if result is not None:
            return result
    raise ValueError("a document without pages")


def measured(section: BaseOxmlElement) -> Section:
    """The room for text on a page."""
    size, margins = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
    width, height = (float(size.get(qn(f"w:{name}"))) for name in ("w", "h"))
    left, right, top, bottom = (float(margins.get(qn(f"w:{name}"))) for name in ("left", "right", "top", "bottom"))
    upright = height > width
    room = (width - left - right) / TWIPS, (height - abs(top) - abs(bottom)) / TWIPS
    return Section(*room, room[1] if upright else None)


def put(place: BaseOxmlElement, xml: str) -> list[BaseOxmlElement]:
    """Put ``xml`` where the paragraph ``place`` was. Returns the elements."""
    elements = put_before(place, xml)
    place.getparent().remove(place)
    return elements


def put_before(place: BaseOxmlElement, xml: str) -> list[BaseOxmlElement]:
    """Put ``xml`` before ``place``. Returns the elements."""
    elements = list(parse_xml(f"<w:body {NAMESPACES}>{xml}</w:body>"))
    for element in elements:
        place.addprevious(element)
    return elements


def set_sections(elements: Sequence[BaseOxmlElement], section: BaseOxmlElement, last_wide: bool) -> None:
    """Make pages of the ends of sections among ``elements``; the last ones stand on ``section`` of the template.

    The first page of a report may have a head of its own; no later section begins with it again.
    """
    marks = {end.split('"')[1]: wide for end, wide in ((SECTION_END, False), (SECTION_END_WIDE, True))}
    ends = [end for element in elements if (end := element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")) is not None]
    plain = deepcopy(section)
    for n, end in enumerate(ends):
        page = deepcopy(plain)
        if marks[end.get(qn("w:rsidR"))]:
            _turn(page)
        if n:
            continued(page)
        end.getparent().replace(end, page)
    if ends:
        continued(section)
    if last_wide:
        _turn(section)


def _turn(section: BaseOxmlElement) -> None:
    """Turn a page: what was its left edge, where it is bound, is now at the top."""
    size, margins = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
    width, height = size.get(qn("w:w")), size.get(qn("w:h"))
    size.set(qn("w:w"), height)
    size.set(qn("w:h"), width)
    size.set(qn("w:orient"), "landscape")
    edges = ("left", "top", "right", "bottom")
    values = [margins.get(qn(f"w:{edge}")) for edge in edges]
    for edge, value in zip(("top", "right", "bottom", "left"), values, strict=True):
        margins.set(qn(f"w:{edge}"), value)


def continued(section: BaseOxmlElement) -> None:
    """Make a section one without a first page of its own, on a new page, whose page numbers run on."""
    for name in ("titlePg", "pgNumType", "type"):
        for element in section.findall(qn(f"w:{name}")):
            section.remove(element)


def contents_xml(headings: Sequence[tuple[int, str, str]], word: str, template: Template) -> str:
    """The contents as Word keeps them: a field that lists the headings already."""
    levels = _deepest([level for level, _, _ in headings])
    listed = [(_CONTENTS[level], text, name) for level, text, name in headings if level <= levels]
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
    return _list_xml(listed, word, rf'TOC \o "1-{levels}" \h \z', template, gallery)


def _deepest(levels: Sequence[int]) -> int:
    """The lowest level of headings that the contents list: of many the chapters alone."""
    return _LISTED if sum(level <= _LISTED for level in levels) <= _MOST else 1


def lists_xml(writer: Writer, document: Document, template: Template, section: Section, signed: float) -> str:
    """The lists of tables and of figures where a report with contents has many of both. They stand at the end, behind
    the signature, ``signed`` mm high: a report begins with its result. Where that is not far down its page they go on
    there; the second one where some of its lines have room (LibreOffice does not keep its heading with them)."""
    by_kind = {kind: [line for own, *line in writer.captions if own == kind] for kind in ("table", "figure")}
    if min(map(len, by_kind.values())) < _ENOUGH or not document.title.contents:
        return ""
    used, most, xml = writer.used, _FULL * section.height, ""
    for kind, listed in by_kind.items():
        title, new_page = document.words[f"{kind}s"], used > most
        code = rf'TOC \h \z \c "{document.words[kind]}"'
        entries = [("TOC 2", text, name) for text, name in listed]
        xml += _list_xml(entries, title, code, template, new_page=new_page)
        texts = [("TOC Heading", title), *(entry[:2] for entry in entries)]
        used = (0.0 if new_page else used + signed) + paragraphs_height(template, texts, section.width)
        used, most = used % section.height, section.height - 2 * paragraphs_height(template, texts[:2], section.width)
    return xml


def _list_xml(
    listed: Sequence[tuple[str, str, str]],
    title: str,
    code: str,
    template: Template,
    gallery: str = "",
    new_page: bool = False,
) -> str:
    """A field with lines (style, text, bookmark), each a link with the place for its page.

    The page numbers of a document are known to the program that lays it out and to nobody before. Each is a field of
    its own, still empty, that Word fills in when it prints, saves as PDF, or updates the list. To ask for that at the
    opening, of the document or of a field, greets every reader with a question.
    """
    if not listed:
        return ""
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))

    def started(what: str) -> str:
        return f'{begin}<w:r><w:instrText xml:space="preserve"> {escape(what)} </w:instrText></w:r>{separate}'

    lines = []
    for n, (style, text, name) in enumerate(listed):
        page = run("\t") + started(rf"PAGEREF {name} \h") + end
        link = f'<w:hyperlink w:anchor={attribute(name)} w:history="1">{run(text)}{page}</w:hyperlink>'
        content = (started(code) if n == 0 else "") + link + (end if n == len(listed) - 1 else "")
        lines.append(paragraph(template[style], content))
    kept = "<w:keepNext/>" + "<w:pageBreakBefore/>" * new_page
    content = paragraph(template["TOC Heading"], run(title), kept) + "".join(lines)
    return f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"
