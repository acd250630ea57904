"""The blocks of a report as pieces of a Word document, and the pages that they stand on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count, pairwise, takewhile
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
    Document,
    Item,
    lines,
    text_width,
)
from parlib.publish.word.tables import (
    BOLD,
    ENDS,
    KEPT_WHOLE,
    PADDING,
    ROW,
    RULES,
    head_height,
    height,
    parts_of,
    table_xml,
    text_of,
    tiles_across,
    tiles_xml,
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
)
from parlib.report.blocks import Block, Figure, Heading, Note, Paragraph, Table, Tiles
from parlib.words import Message

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
_LEAST_ROOM = 12.0  # mm of a page in which a list does not begin
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
        self.contents_apart = False  # whether the contents begin a page
        self.captions: list[tuple[str, str, str]] = []  # kind, text, bookmark of each table and figure

    def pieces(self, above: float = 0.0, contents: bool = False) -> list[Piece]:
        """All blocks in order; a heading and short sentences stay on the page of the table or picture behind them.
        ``above`` mm of the first page are taken. ``contents`` asks for a place for them: below the result, with which a
        report begins."""
        results: list[Piece] = []
        self._used = above
        items = list(self._document.items)
        chapters = [place for place, item in enumerate(items) if _is_chapter(item.block)]
        below = chapters[1] if len(chapters) > 1 and items[chapters[0]].anchor == _RESULT else 0
        for place, item in enumerate(items):
            if contents and place == below:
                results.append(self._contents_place())
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

    def _contents_place(self) -> Piece:
        """Where the contents are put in."""
        style, height = _CONTENTS[0], contents_height(self._document, self._template)
        xml, space = paragraph(self._template[style], run(CONTENTS)), self._template.space(style)
        piece = Piece(xml, "solid", height=height, together=height, space=space)
        self._before, room = 0.0, self._section.height - self._used - self._free
        self.contents_apart = is_parted(room, height + space[0])
        self._used, self._free, self._style = self._used_after(piece), 0.0, ""
        return piece

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
        across = tiles_across(block, self._section, self._template)
        texts = [
            [("Tile Label", tile.label), ("Tile Number", ""), ("Tile Detail", "".join(map(text_of, tile.detail)))]
            for tile in block.tiles
        ]
        width = self._section.width / across - PADDING
        heights = [paragraphs_height(self._template, one, width) for one in texts]
        return sum(max(heights[start : start + across]) + 2 * ROW for start in range(0, len(heights), across))

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
        high, together = self._height(*around) + self._template.space("Source")[0] + RULES, 0.0
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
            rows, heads = (measure(part, planned, self._template) for measure in (height, head_height))
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
        size = template.size(style) * (BOLD if template.is_bold(style) else 1.0)
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
            stack.append((contents_height(document, template), (0.0, 0.0)))
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


def contents_height(document: Document, template: Template) -> float:
    """About how high the contents are, in mm: nothing where a report has none."""
    blocks = (item.block for item in document.items if document.title.contents)
    levels = [block.level for block in blocks if isinstance(block, Heading)]
    listed = [0, *(level for level in levels if level <= _deepest(levels))] if levels else []
    return paragraphs_height(template, [(_CONTENTS[level], "") for level in listed], math.inf)


def _is_chapter(block: Block) -> bool:
    return isinstance(block, Heading) and block.level == 1


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
_MOST = 8  # lines of contents; where there are more, the chapters alone are listed
_RESULT = "result"  # the section that says what a reader came for


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


def contents_xml(headings: Sequence[tuple[int, str, str]], word: str, template: Template, new_page: bool) -> str:
    """The contents as Word keeps them: a field that lists the headings already, on one page."""
    levels = _deepest([level for level, _, _ in headings])
    listed = [(_CONTENTS[level], text, name) for level, text, name in headings if level <= levels]
    return _list_xml(listed, word, rf'TOC \o "1-{levels}" \h \z', template, True, new_page)


def _deepest(levels: Sequence[int]) -> int:
    """The lowest level of headings that the contents list: of many the chapters alone."""
    return _LISTED if sum(level <= _LISTED for level in levels) <= _MOST else 1


def lists_xml(writer: Writer, document: Document, template: Template, section: Section, signed: float) -> str:
    """The lists of tables and of figures where a report with contents has many of both. They stand at the end, behind
    the signature, ``signed`` mm high: a report begins with its result. Where that is not far down its page they go on
    there."""
    by_kind = {kind: [line for own, *line in writer.captions if own == kind] for kind in ("table", "figure")}
    if min(map(len, by_kind.values())) < _ENOUGH or not document.title.contents:
        return ""
    used, new_page, xml = writer.used + signed, writer.used > _FULL * section.height, ""
    for kind, listed in by_kind.items():
        title, code = document.words[f"{kind}s"], rf'TOC \h \z \c "{document.words[kind]}"'
        entries = [("TOC 2", text, name) for text, name in listed]
        texts = [("TOC Heading", title), *((style, text) for style, text, _ in entries)]
        if kind == "figure":
            new_page = is_parted(section.height - used, 2 * paragraphs_height(template, texts[:2], section.width))
        xml += _list_xml(entries, title, code, template, new_page=new_page)
        used = ((0.0 if new_page else used) + paragraphs_height(template, texts, section.width)) % section.height
    return xml


def is_parted(room: float, height: float) -> bool:
    """Whether of a list, ``height`` mm of which should stand together, the heading alone might stay on a page with
    ``room`` mm left: LibreOffice does not keep it with its lines. Where less is left the list goes on by itself."""
    return _LEAST_ROOM < room < height + _LEAST_ROOM / 2


def _list_xml(
    listed: Sequence[tuple[str, str, str]],
    title: str,
    code: str,
    template: Template,
    contents: bool = False,
    new_page: bool = False,
) -> str:
    """A field with lines (style, text, bookmark), each a link with the place for its page; the whole contents stay on
    one page.

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
        lines.append(paragraph(template[style], content, KEEP if contents and n < len(listed) - 1 else ""))
    content = paragraph(template["TOC Heading"], run(title), KEEP + "<w:pageBreakBefore/>" * new_page) + "".join(lines)
    part = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>' * contents
    return f"<w:sdt><w:sdtPr>{part}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"
