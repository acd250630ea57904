"""Pieces of WordprocessingML as text: runs, paragraphs, fields, bookmarks. A report is one text, parsed once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from parlib.report.blocks import Number

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


def part(content: str | Number, look: str = "") -> str:
    """A piece of text or a number as printed, with its mark raised behind it."""
    if isinstance(content, str):
        return run(content, look)
    return run(content.text, look) + (run(content.mark, look + RAISED) if content.mark else "")


def parts(content: Sequence[str | Number], look: str = "") -> str:
    """Text and numbers in turn."""
    return "".join(part(piece, look) for piece in content)


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
