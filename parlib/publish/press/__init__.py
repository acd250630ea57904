"""The press kit of a report: up to six cards as PNG and SVG, a one-page note as PDF and Word, and the texts to post.

Everything comes from the blocks of the executed notebook. ``kinds`` declares which cards a document gives, ``drawing``
makes them pictures, ``note`` and ``readme`` the texts; equal blocks give equal bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from parlib.publish import open_data
from parlib.publish.press.kinds import Card, Facts, cards

if TYPE_CHECKING:
    from parlib.publish.formats import Shown

__all__ = ["Card", "Facts", "cards", "write"]


def write(shown: Shown, path: Path) -> None:
    """Write the press kit of ``shown`` (a ``formats.Shown``) to ``path``, a zip."""
    from parlib.publish.press import drawing
    from parlib.publish.press import note as notes
    from parlib.publish.press.note import text

    facts = Facts.of(shown)
    made = cards(facts)
    files: dict[str, bytes] = {}
    for n, card in enumerate(made, 1):
        png, svg = drawing.pictures(card, facts)
        files[f"cards/{n:02d}-{card.name}.png"] = png
        files[f"cards/{n:02d}-{card.name}.svg"] = svg
    note = notes.note(facts)
    files["note.pdf"] = notes.pdf(note)
    files["note.docx"] = notes.docx(note)
    files["README.txt"] = text(facts, made).encode("utf-8-sig")  # the mark: Notepad of Windows needs it
    open_data.write_packed(path, files, (".png", ".docx"))
