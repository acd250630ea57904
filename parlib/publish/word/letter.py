"""A letter in the form of Vietnamese administrative papers (Decree 30/2020/NĐ-CP): what a unit still owes of a round.

Number, day, signature and recipients are left to be filled in; the words are Vietnamese, whatever the program speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from parlib import places
from parlib.publish.word.template import clean, save, set_language
from parlib.words import FIRST, Message

_FONT = "Times New Roman"
_MIDDLE, _LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT


@dataclass(frozen=True)
class Letter:
    """What a letter says: who sends it, to whom, about what; paragraphs before and after a table."""

    sender: tuple[str, str]
    place: str
    about: str
    to: str
    before: Sequence[str]
    heads: Sequence[str]
    widths: Sequence[float]  # of the columns, in mm
    rows: Sequence[Sequence[str]]
    after: Sequence[str]
    signed: str


def write_letter(letter: Letter, path: Path) -> Path:
    """Write the letter: all of it, or nothing."""
    word = _page()
    _head(word, letter)
    for text in letter.before:
        _body(word, text)
    _table(word, letter)
    for text in letter.after:
        _body(word, text)
    _foot(word, letter)
    set_language(word, FIRST)
    with places.whole_file(path) as draft:
        save(word, draft)
    return path


def _page() -> WordDocument:
    """An A4 page with the margins of the decree; Times New Roman 13."""
    word = Document()
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(13)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    normal.paragraph_format.space_after = Pt(0)
    return word


def _say(
    into: Paragraph,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    size: float = 13,
    align: WD_ALIGN_PARAGRAPH = _MIDDLE,
) -> None:
    run = into.add_run(clean(text))
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    into.alignment = align


def _rule(cell: _Cell, indent: float) -> None:
    """The short rule below the name of an office or the motto, ``indent`` mm in from both sides."""
    paragraph = cell.add_paragraph()
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(indent)
    paragraph.paragraph_format.line_spacing = Pt(4)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "auto")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().append(borders)


def _halves(word: WordDocument, widths: tuple[float, float]) -> tuple[_Cell, _Cell]:
    table = word.add_table(1, 2)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    left, right = table.rows[0].cells
    for column, cell, width in zip(table.columns, (left, right), widths, strict=True):
        column.width = cell.width = Mm(width)
    return left, right


def _head(word: WordDocument, letter: Letter) -> None:
    left, right = _halves(word, (70, 100))
    _say(left.paragraphs[0], letter.sender[0], size=12)
    _say(left.add_paragraph(), letter.sender[1], bold=True, size=12)
    _rule(left, 22)
    _say(left.add_paragraph(), Message("No.: ......./.......").text(), size=13)
    _say(left.add_paragraph(), Message("Re: {about}", {"about": letter.about}).text(), size=12)
    _say(right.paragraphs[0], Message("SOCIALIST REPUBLIC OF VIET NAM").text(), bold=True, size=11.5)
    _say(right.add_paragraph(), Message("Independence - Freedom - Happiness").text(), bold=True, size=13)
    _rule(right, 20)
    day = Message("{place}, day ..... month ..... year .......", {"place": letter.place}).text()
    _say(right.add_paragraph(), day, italic=True)
    to = word.add_paragraph()
    to.paragraph_format.space_before = to.paragraph_format.space_after = Pt(12)
    _say(to, Message("To: {to}", {"to": letter.to}).text(), size=14)


def _body(word: WordDocument, text: str) -> None:
    paragraph = word.add_paragraph()
    _say(paragraph, text, size=14, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
    paragraph.paragraph_format.first_line_indent = Mm(10)
    paragraph.paragraph_format.space_after = Pt(6)


def _table(word: WordDocument, letter: Letter) -> None:
    table = word.add_table(1, len(letter.heads))
    table.style, table.autofit = "Table Grid", False
    for column, width in zip(table.columns, letter.widths, strict=True):
        column.width = Mm(width)
    for cells, texts in [(table.rows[0].cells, letter.heads), *((None, row) for row in letter.rows)]:
        is_head = cells is not None
        for place, (cell, text) in enumerate(zip(cells or table.add_row().cells, texts, strict=True)):
            cell.width = Mm(letter.widths[place])
            middle = is_head or letter.widths[place] < 20
            _say(cell.paragraphs[0], text, bold=is_head, size=11, align=_MIDDLE if middle else _LEFT)
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    word.add_paragraph().paragraph_format.space_after = Pt(0)


def _foot(word: WordDocument, letter: Letter) -> None:
    left, right = _halves(word, (80, 87))
    _say(left.paragraphs[0], Message("Recipients:").text(), bold=True, italic=True, size=12, align=_LEFT)
    for text in (Message("- As above;"), Message("- ................;"), Message("- Filed: .........")):
        _say(left.add_paragraph(), text.text(), size=11, align=_LEFT)
    _say(right.paragraphs[0], letter.signed, bold=True, size=13)
    for _ in range(4):
        right.add_paragraph()
    _say(right.add_paragraph(), ".............................")
