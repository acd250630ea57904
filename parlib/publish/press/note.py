"""The one-page note: findings, first five, method, what is not known; as PDF, and as Word for those who edit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from parlib.publish.press.card import plain
from parlib.publish.press.facts import Facts, known, text_of
from parlib.report.blocks import Note, Number, Paragraph
from parlib.report.wording import Parts

FINDINGS = 7
_SECTIONS = ("unit", "overall", "change", "regions", "areas", "losses", "claims", "round")
_FIRST = {"overall": 4, "unit": 3}  # how many a section gives before the next has its turn
_LONGEST = 420  # letters: a finding that is longer is a list, and stands in the report
_SIZES = (10.5, 10.0, 9.5, 9.0, 8.5, 8.0)
_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Text:
    """What the note says, in order. ``rows``: rank, name, value."""

    language: str
    title: str
    label: str
    embargo: str
    heads: tuple[str, str, str, str]  # of the findings, the table, the method, what is not known
    findings: tuple[Parts, ...]
    columns: tuple[str, str, str]
    rows: tuple[tuple[str | Number, str, str | Number], ...]
    method: str
    unknown: tuple[str, ...]
    contact: str
    source: str
    marks: tuple[str, ...]

    def numbers(self) -> Iterable[Number]:
        """Every number that the note prints."""
        for parts in (*self.findings, *self.rows):
            yield from (part for part in parts if isinstance(part, Number))


def content(facts: Facts) -> Text:
    """The note of a document."""
    words = facts.words
    method = words.text("method_par" if words.index_name == "par" else "method_other")
    unit = f" ({facts.index_unit})" if facts.index_unit else ""
    return Text(
        facts.document.language,
        facts.title.text,
        words.text("note"),
        words.text("embargo"),
        (words.text("findings"), words.text("top_five"), words.text("method"), words.text("unknown")),
        tuple(_findings(facts)),
        (words.text("rank"), words.text("unit"), f"{words.index}{unit}"),
        tuple(
            (row["rank"], text_of(row, "unit"), row.get("index", "…")) for rank, row, _ in facts.ranked() if rank <= 5
        )[:6],
        f"{method} {words.text('method_ranks')}",
        tuple(_unknown(facts)),
        words.text("contact"),
        facts.source,
        facts.marks,
    )


def _findings(facts: Facts) -> list[Parts]:
    """The report's leads and items that hold numbers, of its main sections first."""
    found: list[Parts] = []
    leads = [block for block in facts.blocks if isinstance(block, Paragraph) and block.role == "lead"]
    sections = [[block for block in facts.paragraphs(anchor) if block.role != "lead"] for anchor in _SECTIONS]
    first = [
        block for anchor, blocks in zip(_SECTIONS, sections, strict=True) for block in blocks[: _FIRST.get(anchor, 1)]
    ]
    for block in (*leads, *first, *(block for blocks in sections for block in blocks)):
        bound = any(isinstance(part, Number) for part in block.parts)
        if bound and block.parts not in found and len(block.plain_text()) <= _LONGEST and not _is_list(block):
            found.append(block.parts)
    return found[:FINDINGS]


def _is_list(block: Paragraph) -> bool:
    """Whether a paragraph names units with their ranks, as the table of the note does."""
    return sum(isinstance(part, Number) and part.made == "rank" for part in block.parts) > 2


def _unknown(facts: Facts) -> list[str]:
    """What the report says is not known or not comparable; that all is known, where nothing is missing."""
    said: list[str] = []
    if facts.is_partial:
        said.append(facts.partial_note)
    elif facts.coverage:
        said.append(facts.words.text("all_known"))
    for block in facts.blocks:
        if isinstance(block, Note) and block.role in ("break", "warning") and block.text not in said:
            said.append(block.text)
    changes = facts.table("change", "change")
    moved = sum(1 for row in changes.rows if known(row, "change")) if changes else 0
    if changes and (facts.n_ranked is None or moved != facts.n_ranked.value):
        said.append(facts.words.text("known_only_note"))
    for block in facts.paragraphs("overall"):
        if block.role == "body" and not any(isinstance(part, Number) for part in block.parts):
            said.append(block.plain_text())
    return said[:5]


# As PDF

_PAGE = """<html lang="{{ note.language }}"><head><title>{{ note.title }}</title><style>
@page { size: A4; margin: 14mm 18mm 13mm }
body { font: {{ size }}pt/1.32 "Tinos", "DejaVu Serif", serif; color: #1d2733; margin: 0 }
header { border-bottom: 2pt solid #123a5e; padding-bottom: 4pt }
.label { font-weight: bold; color: #123a5e; text-transform: uppercase; letter-spacing: .06em }
h1 { font-size: 1.55em; line-height: 1.2; margin: 2pt 0 4pt }
h2 { font-size: 1.08em; color: #123a5e; margin: 9pt 0 3pt }
p, ul { margin: 0 0 4pt } ul { padding-left: 14pt } li { margin-bottom: 2.5pt }
table { border-collapse: collapse; width: 100% }
th { text-align: left; border-bottom: 1pt solid #123a5e }
td, th { padding: 1.5pt 6pt 1.5pt 0 } td { border-bottom: .5pt solid #c3c9cf }
.n { text-align: right }
.mark { background: #8a1c1c; color: white; font-weight: bold; padding: 3pt 6pt; margin: 0 0 3pt }
.across { position: fixed; top: 105mm; left: -10mm; width: 190mm; text-align: center; transform: rotate(-28deg);
  font: bold 40pt "DejaVu Sans"; color: rgba(138, 28, 28, .13) }
footer { border-top: .5pt solid #c3c9cf; margin-top: 8pt; padding-top: 4pt }
</style></head><body>
{% macro marks() %}{% for mark in note.marks %}<p class="mark">{{ mark }}</p>{% endfor %}{% endmacro %}
{% macro listed(lines) %}<ul>{% for line in lines %}<li>{{ line | plain }}</li>{% endfor %}</ul>{% endmacro %}
{% macro row(tag, cells) %}<tr>
{% for cell in cells %}{% set class = "" if loop.index0 == 1 else "n" %}
<{{ tag }} class="{{ class }}">{{ cell | plain }}</{{ tag }}>{% endfor %}</tr>{% endmacro %}
{% if note.marks %}<div class="across">{{ note.marks[0].partition(":")[0].upper() }}</div>{% endif %}
{{ marks() }}
<header><p class="label">{{ note.label }}</p><h1>{{ note.title }}</h1><p>{{ note.embargo }}</p></header>
<h2>{{ note.heads[0] }}</h2>{{ listed(note.findings) }}
{% if note.rows %}<h2>{{ note.heads[1] }}</h2>
<table>{{ row("th", note.columns) }}{% for cells in note.rows %}{{ row("td", cells) }}{% endfor %}</table>{% endif %}
<h2>{{ note.heads[2] }}</h2><p>{{ note.method }}</p>
<h2>{{ note.heads[3] }}</h2>{{ listed(note.unknown) }}
<footer><p>{{ note.contact }}</p><p>{{ note.source }}</p></footer>{{ marks() }}</body></html>
"""


def pdf(text: Text) -> bytes:
    """The note as a PDF of one page: the letters become smaller until it fits."""
    from weasyprint import HTML

    for size in _SIZES:
        page = HTML(string=html(text, size)).render()
        if len(page.pages) == 1:
            break
    return bytes(page.write_pdf())


def html(text: Text, size: float) -> str:
    """The note as HTML, with letters of ``size`` points."""
    from jinja2 import Environment

    jinja = Environment(autoescape=True)
    jinja.filters["plain"] = _said
    return jinja.from_string(_PAGE).render(note=text, size=size)


def _said(content: str | Number | Parts) -> str:
    return plain((content,) if isinstance(content, str | Number) else content)


# As Word


def docx(text: Text) -> bytes:
    """The note as a Word document with real headings, a list and a table; equal notes give equal bytes."""
    from docx import Document as WordDocument
    from docx.shared import Mm, Pt

    word = WordDocument()
    _settings(word, text)
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(16), Mm(14)
    section.header_distance = section.footer_distance = Mm(7)
    for part in (section.header, section.footer) if text.marks else ():
        _marked(part.paragraphs[0], "  ".join(text.marks))
    for mark in text.marks:
        _marked(word.add_paragraph(), mark)  # in the text too: what is copied carries it
    label = word.add_paragraph().add_run(text.label.upper())
    label.bold = True
    word.add_heading(text.title, 1)
    word.add_paragraph(text.embargo)
    word.add_heading(text.heads[0], 2)
    for parts in text.findings:
        word.add_paragraph(plain(parts), style="List Bullet")
    if text.rows:
        word.add_heading(text.heads[1], 2)
        _table(word, text)
    word.add_heading(text.heads[2], 2)
    word.add_paragraph(text.method)
    word.add_heading(text.heads[3], 2)
    for line in text.unknown:
        word.add_paragraph(line, style="List Bullet")
    word.add_paragraph(text.contact).paragraph_format.space_before = Pt(6)
    word.add_paragraph(text.source)
    stream = io.BytesIO()
    word.save(stream)
    return _undated(stream.getvalue())


def _settings(word: Any, text: Text) -> None:
    """Letters, distances, language and properties."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    small = 9.5 if sum(len(plain(parts)) for parts in text.findings) < 1500 else 9.0
    for name, size in (("Normal", small), ("List Bullet", small), ("Heading 1", 14.0), ("Heading 2", 10.5)):
        style = word.styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in list(fonts.attrib):
            if kind.endswith("Theme"):
                del fonts.attrib[kind]
        for kind in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(kind), "Times New Roman")
        style.paragraph_format.space_after = Pt(2)
        style.paragraph_format.space_before = Pt(5 if name == "Heading 2" else 0)
        if name.startswith("Heading"):
            style.font.color.rgb = RGBColor(0x12, 0x3A, 0x5E)
    language = word.styles["Normal"].element.get_or_add_rPr()
    tag = language.makeelement(qn("w:lang"), {qn("w:val"): {"vi": "vi-VN", "en": "en-GB"}[text.language]})
    language.append(tag)
    properties = word.core_properties
    properties.title, properties.author, properties.comments = text.title, "parlib", ""
    properties.language = text.language


def _marked(paragraph: Any, text: str) -> None:
    """A mark in white on red."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    run = paragraph.add_run(text)
    run.bold = True
    run.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
    shade = paragraph._p.get_or_add_pPr()
    shade.append(shade.makeelement(qn("w:shd"), {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): "8A1C1C"}))


_WIDTHS = (20, 105, 45)  # mm


def _table(word: Any, text: Text) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    table = word.add_table(rows=1, cols=3, style="Table Grid")
    table.autofit = False
    for column, wide in zip(table.columns, _WIDTHS, strict=True):
        column.width = Mm(wide)
    lines = [text.columns, *((plain((rank,)), name, plain((value,))) for rank, name, value in text.rows)]
    for n, line in enumerate(lines):
        cells = table.rows[0].cells if n == 0 else table.add_row().cells
        for place, (cell, content, wide) in enumerate(zip(cells, line, _WIDTHS, strict=True)):
            cell.width = Mm(wide)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.add_run(content).bold = n == 0
            if place != 1:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _undated(content: bytes) -> bytes:
    """A zip with every entry on the same day."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, before.read(name))
    return stream.getvalue()
