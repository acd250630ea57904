"""The template of a report in Word, which staff edit: where it is, what it must hold, how its head is filled in."""

from __future__ import annotations

import functools
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zipfile import BadZipFile

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docxtpl import DocxTemplate
from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from parlib import places
from parlib.errors import DataError, Problem
from parlib.publish import open_data
from parlib.publish.document import MM_OF_POINT, Properties
from parlib.report.blocks import Number
from parlib.sources.excel import check_word, word_refusal
from parlib.words import near

PACKAGED = Path(__file__).resolve().parent.parent / "template" / "report.docx"

#: The styles that a report uses, by kind.
STYLES: Mapping[str, Sequence[str]] = {
    "paragraph": (
        *("Heading 1", "Heading 2", "Heading 3", "TOC Heading", "TOC 1", "TOC 2", "Body Text", "Lead", "List Bullet"),
        *("Draft", "Note", "Note Warning", "Note Missing", "Note Passed", "Caption", "Figure", "Source"),
        *("Table Text", "Table Number", "Table Head", "Table Text Small", "Table Number Small", "Table Head Small"),
        *("Tile Label", "Tile Number", "Tile Detail"),
    ),
    "character": ("Table Total", "Table Muted"),
    "table": ("Report Table", "Key Figures"),
}
_EDGES = ("top", "bottom")
_LINE = 1.15  # of the letters: from line to line, as Times New Roman and Tinos have it

#: What a template may name between {{ and }}; without ``body`` there would be no report.
NAMES = ("title", "subtitle", "lines", "marks", "author", "language", "contents", "body")


@dataclass(frozen=True)
class Section:
    """The page that the text of a report stands on; lengths in mm."""

    width: float  # of the text
    height: float  # of the text
    wide: float | None  # width of the text on the same page turned; None where it is turned already


class Template:
    """A template opened for one report. Raises ``DataError`` naming its file and everything that it lacks."""

    def __init__(self, path: Path, scale: float = 1.0) -> None:
        self.path = path
        self._jinja = SandboxedEnvironment(loader=DictLoader({}), autoescape=True, undefined=StrictUndefined)
        try:
            check_word(path)
            self.word = DocxTemplate(str(path))
            self.word.init_docx()
        except (OSError, BadZipFile, PackageNotFoundError, KeyError, ValueError, SyntaxError) as error:
            raise DataError(word_refusal(path, error)) from error
        self._ids = self._style_ids()
        problems = [*self._lacking_styles(), *(self._open_signs() or self._wrong_names())]
        DataError.raise_for(problems, file=path.name)
        if scale != 1.0:
            self._scale(scale)

    def _scale(self, scale: float) -> None:
        """Make all letters larger or smaller, and the space between paragraphs with them."""
        for tag, names in (("sz", ("val",)), ("szCs", ("val",)), ("spacing", ("before", "after"))):
            for element in self.word.docx.styles.element.iter(qn(f"w:{tag}")):
                for name in names:
                    if value := element.get(qn(f"w:{name}")):
                        element.set(qn(f"w:{name}"), str(round(int(value) * scale)))

    def __getitem__(self, style: str) -> str:
        """The id of a style: Word writes it in its own language, only the name is the same everywhere."""
        return self._ids[style.lower()]

    @functools.cache  # noqa: B019 - a template lives as long as one report
    def size(self, style: str) -> float:
        """The size of the letters of a paragraph style, in points."""
        if size := self._stated(style, "w:rPr/w:sz/@w:val"):
            return float(size) / 2
        default = self.word.docx.styles.element.xpath("./w:docDefaults/w:rPrDefault/w:rPr/w:sz/@w:val")
        return float(default[0]) / 2 if default else 10.0

    @functools.cache  # noqa: B019
    def pitch(self, style: str) -> float:
        """From line to line of a paragraph style, in mm."""
        lines = float(self._stated(style, "w:pPr/w:spacing/@w:line") or 240) / 240
        return self.size(style) * _LINE * max(1.0, lines) * MM_OF_POINT

    @functools.cache  # noqa: B019
    def space(self, style: str) -> tuple[float, float]:
        """What a paragraph style leaves free above and below, in mm; between two the larger counts."""
        above, below = (self._stated(style, f"w:pPr/w:spacing/@w:{end}") or 0 for end in ("before", "after"))
        return float(above) / TWIPS, float(below) / TWIPS

    @functools.cache  # noqa: B019
    def indents(self, style: str) -> tuple[float, float]:
        """By how much the lines of a paragraph style are shorter than those of its page, and the first one more."""
        left, right, first = (
            float(self._stated(style, f"w:pPr/w:ind/@w:{end}") or 0) / TWIPS for end in ("left", "right", "firstLine")
        )
        parts = [part for part in self.word.docx.part.rels.values() if part.reltype == RELATIONSHIP_TYPE.NUMBERING]
        path = f".//w:lvl[w:pStyle/@w:val='{self[style]}']/w:pPr/w:ind/@w:left"  # of a list its numbers say it
        listed = [float(own) / TWIPS for part in parts for own in part.target_part.element.xpath(path)]
        return max([left, *listed]) + right, first

    @functools.cache  # noqa: B019
    def is_bold(self, style: str) -> bool:
        """Whether the letters of a paragraph style are bold: they are wider."""
        return bool(self._stated(style, "w:rPr/w:b"))

    @functools.cache  # noqa: B019
    def is_whole(self, style: str) -> bool:
        """Whether a paragraph of a style stays on one page."""
        return bool(self._stated(style, "w:pPr/w:keepLines"))

    @functools.cache  # noqa: B019
    def edges(self, style: str) -> float:
        """What the lines around a paragraph style take above and below it, in mm."""
        sides = [
            (self._stated(style, f"w:pPr/w:pBdr/w:{side}/@w:{name}") for name in ("space", "sz")) for side in _EDGES
        ]
        return sum(float(space or 0) + float(wide or 0) / 8 for space, wide in sides) * MM_OF_POINT

    def _stated(self, style: str, path: str) -> str:
        """What a style says, or the nearest one that it is based on; "" where none does."""
        element = self.word.docx.styles.element.get_by_id(self[style])
        while element is not None:
            if found := element.xpath(f"./{path}"):
                return str(found[0])
            element = element.base_style
        return ""

    def style_of(self, element: BaseOxmlElement) -> str:
        """The name of the style of a paragraph, in small letters."""
        own = element.xpath("./w:pPr/w:pStyle/@w:val")
        return next((name for name, style in self._ids.items() if own and style == own[0]), "body text")

    def filled(self, values: Mapping[str, object]) -> WordDocument:
        """The document with ``values`` put in, head and foot of its pages included."""
        try:
            self.word.render(dict(values), self._jinja, autoescape=True)
        except Exception as error:  # what stands in a template may fail in any way
            raise DataError(self._jinja_problem(error).at(file=self.path.name)) from error
        word: WordDocument = self.word.docx
        return word

    def _style_ids(self) -> dict[str, str]:
        listed = self.word.docx.styles.element.style_lst
        return {
            style.name_val.lower(): style.styleId
            for kind in STYLES
            for style in listed
            if style.get(qn("w:type")) == kind and style.name_val
        }

    def _lacking_styles(self) -> list[Problem]:
        lacking = [style for styles in STYLES.values() for style in styles if style.lower() not in self._ids]
        if not lacking:
            return []
        names = ", ".join(lacking)
        return [
            Problem(
                "the Word template lacks styles: {names}; start from a copy of the template {packaged_name} of parlib",
                names=names,
                packaged_name=PACKAGED.name,
            )
        ]

    def _open_signs(self) -> list[Problem]:
        """Paragraphs with a {{ or {% that is not closed in them: it would swallow what follows in silence."""
        parts = [self.word.docx.element, *heads_and_feet(self.word.docx)]
        problems = []
        for paragraph in (paragraph for part in parts for paragraph in part.iter(qn("w:p"))):
            text = "".join(piece.text or "" for piece in paragraph.iter(qn("w:t")))
            if any(text.count(sign) != text.count(end) for sign, end in (("{{", "}}"), ("{%", "%}"))):
                problems.append(Problem("a {{{{ }}}} or {{% %}} without its other half", value=text))
        return problems

    def _wrong_names(self) -> list[Problem]:
        """Names that are not known, a body that is not there, and signs that are no template."""
        try:
            named = self.word.get_undeclared_template_variables(self._jinja)
        except TemplateError as error:
            return [self._jinja_problem(error)]
        known = ", ".join(NAMES)
        problems = [
            Problem(
                "a Word template has no such name; there are: {known}{near}",
                value=name,
                near=near(name, NAMES),
                known=known,
            )
            for name in sorted(named - set(NAMES))
        ]
        if "body" not in named:
            problems.append(Problem("the Word template lacks the paragraph {{{{ body }}}}"))
        return problems

    @staticmethod
    def _jinja_problem(error: Exception) -> Problem:
        return Problem(
            "cannot read what stands between {{{{ }}}} or {{% %}} in the Word template ({error})", error=error
        )


def path() -> Path:
    """The house's own template, ``data/templates/report.docx``, where there is one, else the one of parlib."""
    own = places.data() / "templates" / "report.docx"
    return own if own.is_file() else PACKAGED


# --- xml ------------------------------------------------------------------------------------------
# Pieces of WordprocessingML as text: runs, paragraphs, fields, bookmarks. A report is one text, parsed once.

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
RAISED = '<w:vertAlign w:val="superscript"/>'
KEEP = "<w:keepNext/>"

TWIPS = 1440 / 25.4  # of a millimetre: lengths of Word
EMU = 36000  # of a millimetre: lengths of drawings

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # in XML: nothing anybody can see
_BREAKS = re.compile("([\n\t])")


def clean(text: str) -> str:
    """``text`` without the signs that no XML may hold."""
    return _FORBIDDEN.sub("", text)


def attribute(text: str) -> str:
    """``text`` quoted as the value of an attribute."""
    return quoteattr(clean(text))


def run(text: str, look: str = "") -> str:
    """``text`` as one run; ``look`` is the content of its w:rPr. Lines and tabs stay lines and tabs."""
    if not text:
        return ""
    pieces = []
    for part in _BREAKS.split(clean(text)):
        if part == "\n":
            pieces.append("<w:br/>")
        elif part == "\t":
            pieces.append("<w:tab/>")
        elif part:
            pieces.append(f'<w:t xml:space="preserve">{escape(part)}</w:t>')
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f"<w:r>{properties}{''.join(pieces)}</w:r>"


def run_of(content: str | Number, look: str = "") -> str:
    """A piece of text or a number as printed, with its mark raised behind it."""
    if isinstance(content, str):
        return run(content, look)
    return run(content.text, look) + (run(content.mark, look + RAISED) if content.mark else "")


def parts(content: Sequence[str | Number], look: str = "") -> str:
    """Text and numbers in turn."""
    return "".join(run_of(piece, look) for piece in content)


def paragraph(style: str, content: str, more: str = "") -> str:
    """A paragraph of a style (its id). ``more`` goes into w:pPr behind the style, in the order of the standard."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>{content}</w:p>'


def field(code: str, result: str) -> str:
    """A field with the result that it shows until it is updated."""
    return f"<w:fldSimple w:instr={quoteattr(f' {code} ')}>{run(result)}</w:fldSimple>"


def bookmark(name: str, number: int, content: str) -> str:
    """``content`` between the two ends of a bookmark. ``number`` is unique in the document."""
    start = f'<w:bookmarkStart w:id="{number}" w:name={quoteattr(name)}/>'
    return f'{start}{content}<w:bookmarkEnd w:id="{number}"/>'


def bookmark_name(anchor: str) -> str:
    """An anchor as Word takes it for a bookmark: letters, digits and _, a letter first, at most 40."""
    name = re.sub(r"\W", "_", anchor)
    return (name if name[:1].isalpha() else f"b_{name}")[:40]


def twips(mm: float) -> int:
    """Millimetres in twentieths of a point."""
    return round(mm * TWIPS)


# --- package --------------------------------------------------------------------------------------
# A Word file on disk: its language and properties, no names of people, no dates, equal bytes for equal reports.

LANGUAGES = {"vi": "vi-VN", "en": "en-US"}  # with the country whose spelling Word checks
_PERSONAL = ("docProps/app.xml", "docProps/custom.xml", "docProps/thumbnail")


def heads_and_feet(document: WordDocument) -> list[BaseOxmlElement]:
    """What stands at the top and at the bottom of the pages."""
    kinds = (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER)
    return [part.target_part.element for part in document.part.rels.values() if part.reltype in kinds]


def set_language(document: WordDocument, language: str) -> None:
    """The language that the spelling of the whole document is checked in."""
    for root in (document.styles.element, document.element, *heads_and_feet(document)):
        for element in root.xpath(".//w:lang"):
            element.getparent().remove(element)
    (defaults,) = document.styles.element.xpath("./w:docDefaults/w:rPrDefault/w:rPr")
    lang = OxmlElement("w:lang", {qn("w:val"): LANGUAGES.get(language, language), qn("w:eastAsia"): "en-US"})
    defaults.append(lang)


def set_properties(document: WordDocument, given: Properties) -> None:
    """What the file says of itself. Who wrote the template and when is left out."""
    root = document.core_properties._element
    for element in list(root):
        root.remove(element)
    values = {
        "title": given.title,
        "subject": given.subject,
        "author": given.author,
        "last_modified_by": given.author,
        "keywords": "; ".join(given.keywords),
        "language": LANGUAGES.get(given.language, given.language),
    }
    for name, value in values.items():
        if value:
            setattr(document.core_properties, name, clean(value)[:255])
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if not relation.is_external and any(name in str(relation.target_part.partname) for name in _PERSONAL):
            del package.rels[key]


def save(document: WordDocument, path: Path | BytesIO) -> None:
    """Write the document; the same content gives the same bytes."""
    whole = BytesIO()
    document.save(whole)
    with zipfile.ZipFile(whole) as given:
        open_data.write_packed(path, {name: given.read(name) for name in given.namelist()}, (".png",))
