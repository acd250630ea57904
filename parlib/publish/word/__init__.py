"""A report as a document of Word that an editor goes on with: real headings, captions, tables and pictures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from parlib.publish.document import Document
from parlib.publish.word import package, pages
from parlib.publish.word import template as templates
from parlib.publish.word.body import Writer, paged

if TYPE_CHECKING:
    from parlib.publish.formats import Shown


def write(shown: Shown, path: Path) -> None:
    """Write the document of ``shown`` (a ``formats.Shown``) to ``path``, on the house's template where it has one.

    Raises ``DataError`` where the template lacks something, naming everything it lacks.
    """
    write_document(shown.document, path, templates.path())


def write_document(
    document: Document, path: Path | BytesIO, template_path: Path = templates.PACKAGED, scale: float = 1.0
) -> None:
    """Write ``document`` to ``path`` on a template, with letters ``scale`` times as large as the template's.

    Raises ``DataError`` where the template lacks something.
    """
    template = templates.Template(template_path, scale)
    head = document.title
    word = template.filled(
        {
            "title": head.text,
            "subtitle": head.subtitle,
            "lines": head.lines,
            "marks": head.marks,
            "language": document.language,
            "contents": pages.CONTENTS,
            "body": pages.BODY,
        }
    )
    place = pages.body_place(word, template_path.name)
    section = pages.section_behind(place)
    if not head.contents:
        pages.continued(section)  # no title page: the marks stand in the head of the first page too
    writer = Writer(document, template, pages.measured(section), word)
    xml, last_wide = paged(writer.pieces())
    pages.set_sections(pages.put(place, xml), section, last_wide)
    listed = pages.place_of(word, pages.CONTENTS)
    if listed is not None:
        headings = writer.contents if head.contents else []
        pages.put(listed, pages.contents_xml(headings, document.words["contents"], template))
    package.set_language(word, document.language)
    package.set_properties(word, head.text, document.language)
    package.save(word, path)
