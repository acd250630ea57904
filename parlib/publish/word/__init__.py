"""A report as a document of Word that an editor goes on with: real headings, captions, tables and pictures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from parlib.publish.document import Document, Properties
from parlib.publish.word import body
from parlib.publish.word import template as templates
from parlib.publish.word.body import Writer, paged
from parlib.publish.word.template import save, set_language, set_properties

if TYPE_CHECKING:
    from parlib.publish.formats import Shown


def write(shown: Shown, path: Path) -> None:
    """Write the document of ``shown`` (a ``formats.Shown``) to ``path``, on the house's template where it has one.

    Raises ``DataError`` where the template lacks something, naming everything it lacks.
    """
    write_document(shown.document, path, templates.path(), properties=shown.properties)


def write_document(
    document: Document,
    path: Path | BytesIO,
    template_path: Path = templates.PACKAGED,
    scale: float = 1.0,
    properties: Properties | None = None,
) -> None:
    """Write ``document`` to ``path`` on a template, with letters ``scale`` times as large as the template's.

    Raises ``DataError`` where the template lacks something.
    """
    template = templates.Template(template_path, scale)
    head, about = document.title, properties or Properties(document.full_title, language=document.language)
    word = template.filled(
        {
            "title": head.text,
            "subtitle": head.subtitle,
            "lines": head.lines,
            "marks": head.marks,
            "author": about.author,
            "language": document.language,
            "contents": body.CONTENTS,
            "body": body.BODY,
        }
    )
    place = body.body_place(word, template_path.name)
    section = body.section_behind(place)
    if not head.contents and head.marks:
        body.continued(section)  # no title page: the marks stand in the head of the first page too
    room = body.measured(section)
    writer = Writer(document, template, room, word)
    above = body.height_above(place, document, template, room.width)
    signed = body.height_below(place, document, template, room.width)
    below = head.contents and body.place_of(word, body.CONTENTS) is None
    xml, last_wide = paged(writer.pieces(above, contents=below))
    body.set_sections(body.put(place, xml), section, last_wide)
    body.put_before(word.element.body.sectPr, body.lists_xml(writer, document, template, room, signed))
    listed = body.place_of(word, body.CONTENTS)
    if listed is not None:
        headings = writer.contents if head.contents else []
        contents = body.contents_xml(headings, document.words["contents"], template, writer.contents_apart)
        body.put(listed, contents)
    set_language(word, document.language)
    set_properties(word, about)
    save(word, path)
