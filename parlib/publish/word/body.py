"""The blocks of a report as pieces of a Word document, and the pages that they stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count

from docx.document import Document as WordDocument

from parlib.publish.column_widths import lines
from parlib.publish.document import Document, Item
from parlib.publish.word import tables
from parlib.publish.word.template import Section, Template
from parlib.publish.word.xml import (
    EMU,
    KEEP,
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
_LEAST_SCALE = 0.78  # a picture is made no smaller than this for the sake of the sentences before it
_LONG = 45.0  # mm of sentences that go onto the page of what they introduce; more of them may be left behind
_SPARE = 8.0  # mm of a page left free: another program breaks lines elsewhere
_LINE = 1.25 * 25.4 / 72  # mm of a line for each point of its letters
_SPACE = {"Heading 1": 10.0, "Heading 2": 7.0, "Heading 3": 5.0, "Caption": 6.0, "Source": 3.0}  # mm around them
_SMALL_SPACE = 2.2  # mm around other paragraphs


@dataclass(frozen=True)
class Piece:
    """A block as text of Word. ``kind``: heading and prose go with what they introduce, solid stands by itself."""

    xml: str
    kind: str = "prose"
    wide: bool = False  # on a turned page
    height: float = 0.0  # of a heading or prose, about, in mm


class Writer:
    """Writes the blocks of one document. ``word`` is the opened document that takes the pictures."""

    def __init__(self, document: Document, template: Template, section: Section, word: WordDocument) -> None:
        self._document, self._template, self._section, self._part = document, template, section, word.part
        self._bookmarks, self._pictures = count(10_000), count(10_000)
        self._names: set[str] = set()
        self._before = 0.0  # mm of what introduces the block being written
        self.contents: list[tuple[int, str, str]] = []  # level, text, bookmark of each heading

    def pieces(self) -> list[Piece]:
        """All blocks in order; a heading and short sentences stay on the page of the table or picture behind them."""
        found: list[Piece] = []
        for item in self._document.items:
            before = _introduction(found)
            self._before = sum(piece.height for piece in before)
            piece = _WRITERS[type(item.block)](self, item)
            if piece.kind == "solid":
                found[len(found) - len(before) :] = [replace(one, xml=_kept(one.xml)) for one in before]
            found.append(piece)
        return found

    def _prose(self, style: str, content: str, text: str, more: str = "", kind: str = "prose") -> Piece:
        """A heading or a paragraph, with about the height it takes."""
        return Piece(paragraph(self._template[style], content, more), kind, height=self._height(style, text))

    def _height(self, style: str, text: str) -> float:
        size = self._template.size(style)
        return lines(text, self._section.width * 0.95, size) * size * _LINE + _SPACE.get(style, _SMALL_SPACE)

    def heading(self, item: Item) -> Piece:
        """A heading; that of a new page breaks before it."""
        block = item.block
        assert isinstance(block, Heading)
        name = f"_Toc{len(self.contents) + 1:09}"  # as Word names those it lists
        self.contents.append((block.level, block.text, name))
        page = "<w:pageBreakBefore/>" if block.new_page else ""
        content = bookmark(name, next(self._bookmarks), run(block.text))
        return self._prose(f"Heading {block.level}", content, block.text, KEEP + page, "heading")

    def paragraph(self, item: Item) -> Piece:
        """Prose, a point of a list, or a draft."""
        block = item.block
        assert isinstance(block, Paragraph)
        style = _PARAGRAPHS.get(block.role, "Body Text")
        return self._prose(style, parts(block.parts), block.plain_text())

    def note(self, item: Item) -> Piece:
        """A note in its frame."""
        block = item.block
        assert isinstance(block, Note)
        return self._prose(_NOTES.get(block.role, "Note"), run(block.text), block.text)

    def table(self, item: Item) -> Piece:
        """A table under its caption, notes and source below."""
        block = item.block
        assert isinstance(block, Table)
        xml, wide = "", False
        for n, (part, planned) in enumerate(tables.parts_of(block, self._section, self._template)):
            name, more = self._document.words["table"], CONTINUED.text(self._document.language)
            again = f"{name} {item.number} ({more}). {block.caption}"
            xml += (
                paragraph(self._template["Caption"], run(again), KEEP)
                if n
                else self._caption(item, block.caption, KEEP)
            )
            xml += tables.table_xml(part, planned, self._template)
            wide = wide or planned.wide
        return Piece(xml + self._below(block), "solid", wide)

    def tiles(self, item: Item) -> Piece:
        """Key figures, and an empty line: tables that touch become one."""
        block = item.block
        assert isinstance(block, Tiles)
        xml = tables.tiles_xml(block, self._section, self._template)
        return Piece(xml + paragraph(self._template["Source"], ""), "solid")

    def figure(self, item: Item) -> Piece:
        """A picture above its caption, notes and source below."""
        block = item.block
        assert isinstance(block, Figure)
        below = self._below(block)
        lines = [("Caption", self._document.caption(item)), ("Source", _told_below(block))]
        room = self._section.height - _SPARE - sum(self._height(style, text) for style, text in lines)
        room = max(room, self._section.height / 3)  # whatever notes it has, a picture is no stamp
        picture = paragraph(self._template["Figure"], self._picture(block, room), KEEP)
        return Piece(picture + self._caption(item, block.caption, KEEP if below else NO_KEEP) + below, "solid")

    def _caption(self, item: Item, text: str, keep: str) -> str:
        """ "Bảng 3. Xếp hạng": the number is a field that counts, under a bookmark for references."""
        word = self._document.words[item.block.kind]
        number = run(f"{word} ") + field(rf"SEQ {word} \* ARABIC", str(item.number))
        marked = bookmark(self._bookmark_name(item.anchor), next(self._bookmarks), number)
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

    def _picture(self, figure: Figure, room: float) -> str:
        """A picture as wide as it was drawn, or as the page lets it be, with what stands before it where it can."""
        relation, image = self._part.get_or_add_image(BytesIO(figure.png_bytes))
        ratio = image.px_height / image.px_width
        width = min(figure.width_mm, self._section.width, room / ratio)
        beside = (room - self._before) / ratio
        if _LEAST_SCALE * width <= beside < width:
            width = beside
        size = f'cx="{round(width * EMU)}" cy="{round(width * ratio * EMU)}"'
        number = next(self._pictures)
        name = attribute(figure.name or f"figure-{number}")
        said = attribute(figure.alternative)
        return (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
            f'<wp:effectExtent l="0" t="0" r="0" b="0"/><wp:docPr id="{number}" name={name} descr={said}/>'
            '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic>'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{number}" name={name} descr={said}/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
            "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )


def _told_below(block: Table | Figure) -> str:
    """Notes and source as one text."""
    return " ".join([*block.notes, block.source]).strip()


def _introduction(pieces: Sequence[Piece]) -> list[Piece]:
    """The last pieces, where they introduce what follows: headings, with short sentences below them."""
    found: list[Piece] = []
    height = 0.0
    for piece in reversed(pieces):
        if piece.kind == "solid" or (piece.kind == "prose" and found and found[0].kind == "heading"):
            break
        height += piece.height if piece.kind == "prose" else 0.0
        if height > _LONG:
            break
        found.insert(0, piece)
    return found if found and found[0].kind == "heading" else []


def _kept(xml: str) -> str:
    """A paragraph that stays on the page of the next one."""
    return xml if KEEP in xml else xml.replace("/>", f"/>{KEEP}", 1)


_WRITERS: dict[type[Block], Callable[[Writer, Item], Piece]] = {
    Heading: Writer.heading,
    Paragraph: Writer.paragraph,
    Note: Writer.note,
    Table: Writer.table,
    Tiles: Writer.tiles,
    Figure: Writer.figure,
}


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
