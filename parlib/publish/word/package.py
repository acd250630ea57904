"""A Word file on disk: its language and properties, no names of people, no dates, equal bytes for equal reports."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from parlib.publish import packed
from parlib.publish.word.xml import clean

LANGUAGES = {"vi": "vi-VN", "en": "en-US"}  # with the country whose spelling Word checks
_PERSONAL = ("docProps/app.xml", "docProps/custom.xml", "docProps/thumbnail")


def set_language(document: WordDocument, language: str) -> None:
    """The language that the spelling of the whole document is checked in."""
    roots = [document.styles.element, document.element]
    roots += [
        relation.target_part.element
        for relation in document.part.rels.values()
        if relation.reltype in (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER)
    ]
    for root in roots:
        for element in list(root.iter(qn("w:lang"))):
            element.getparent().remove(element)
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    lang = defaults.makeelement(
        qn("w:lang"), {qn("w:val"): LANGUAGES.get(language, language), qn("w:eastAsia"): "en-US"}
    )
    defaults.append(lang)


def set_properties(document: WordDocument, title: str, language: str) -> None:
    """What the file says of itself: its title and language. Who wrote the template and when is left out."""
    root = document.core_properties._element
    for element in list(root):
        root.remove(element)
    document.core_properties.title = clean(title)[:255]
    document.core_properties.language = LANGUAGES.get(language, language)
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if not relation.is_external and any(name in str(relation.target_part.partname) for name in _PERSONAL):
            del package.rels[key]


def save(document: WordDocument, path: Path | BytesIO) -> None:
    """Write the document; the same content gives the same bytes."""
    whole = BytesIO()
    document.save(whole)
    with zipfile.ZipFile(whole) as given:
        packed.write(path, {name: given.read(name) for name in given.namelist()}, (".png",))
