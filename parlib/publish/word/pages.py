"""The pages of a report: the one the template gives, upright and turned; contents; where the blocks go in."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from parlib.errors import DataError, Problem
from parlib.publish.word.body import SECTION_END, SECTION_END_WIDE
from parlib.publish.word.template import Section, Template
from parlib.publish.word.xml import NAMESPACES, TWIPS, attribute, paragraph, run

#: What stands for the blocks and the contents until they are put in: signs that no report holds.
BODY, CONTENTS = "\ue000body\ue001", "\ue000contents\ue001"
_LISTED = 2  # levels of headings in the contents
_MOST = 36  # lines of contents on the first page; where there are more, the chapters alone are listed


def place_of(document: WordDocument, sign: str) -> BaseOxmlElement | None:
    """The paragraph of the document that holds ``sign``."""
    element: BaseOxmlElement
    for element in document.element.body.iterchildren(qn("w:p")):
        if sign in "".join(text.text or "" for text in element.iter(qn("w:t"))):
            return element
    return None


def body_place(document: WordDocument, file: str) -> BaseOxmlElement:
    """The paragraph for the blocks. Raises ``DataError`` where it stands in a table or frame: no section fits there."""
    place = place_of(document, BODY)
    if place is None:
        raise DataError(
            Problem("{{{{ body }}}} stands in a paragraph of its own, outside tables and frames", file=file)
        )
    return place


def section_behind(place: BaseOxmlElement) -> BaseOxmlElement:
    """The w:sectPr of the page that ``place`` stands on."""
    found: BaseOxmlElement | None
    for element in place.itersiblings():
        found = element if element.tag == qn("w:sectPr") else element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")
        if found is not None:
            return found
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
    root = parse_xml(f"<w:body {NAMESPACES}>{xml}</w:body>")
    elements = list(root)
    for element in elements:
        place.addprevious(element)
    place.getparent().remove(place)
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
    """The contents as Word keeps them: a field that lists the headings already and is updated by a click on it.

    The page numbers of a document are known to the program that lays it out and to nobody before: they come with the
    first update. To ask for one at the opening would greet every reader with a question.
    """
    levels = _LISTED if sum(heading[0] <= _LISTED for heading in headings) <= _MOST else 1
    listed = [heading for heading in headings if heading[0] <= levels]
    if not listed:
        return ""
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> '
        f'TOC \\o "1-{levels}" \\h \\z </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    lines = []
    for n, (level, text, name) in enumerate(listed):
        link = f'<w:hyperlink w:anchor={attribute(name)} w:history="1">{run(text)}</w:hyperlink>'
        content = (begin if n == 0 else "") + link + (end if n == len(listed) - 1 else "")
        lines.append(paragraph(template[f"TOC {level}"], content))
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
    content = paragraph(template["TOC Heading"], run(word)) + "".join(lines)
    return f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"
