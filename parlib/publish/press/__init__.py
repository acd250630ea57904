"""The press kit of a report: up to six cards in two sizes as PNG and SVG, a note of one page as PDF and Word, and the
texts to post.

Everything comes from the blocks of the executed notebook. ``kinds`` declares which cards a document gives, ``drawing``
makes them pictures, ``note`` the texts; equal blocks give equal bytes.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from parlib.publish import open_data
from parlib.publish.press.kinds import Card, Facts
from parlib.publish.press.kinds import cards as all_cards

if TYPE_CHECKING:
    from parlib.publish.formats import Shown
    from parlib.publish.press.drawing import Shape

__all__ = ["Card", "Facts", "cards", "drawn", "write"]

MOST = 6  # cards in a kit


def cards(facts: Facts) -> list[Card]:
    """The cards of a kit: the first six that a report gives whose words fit on them."""
    return [card for card, _ in drawn(facts, rendered=False)]


def drawn(facts: Facts, rendered: bool = True) -> list[tuple[Card, dict[Shape, tuple[bytes, bytes]]]]:
    """The cards of a kit with the pictures of each, as PNG and SVG in the shapes in which it can be read."""
    from parlib.publish.press import drawing

    made = ((card, drawing.drawn(card, facts, rendered)) for card in all_cards(facts))
    return list(islice(((card, pictures) for card, pictures in made if pictures), MOST))


def write(shown: Shown, path: Path) -> None:
    """Write the press kit of ``shown`` (a ``formats.Shown``) to ``path``, a zip."""
    from parlib.publish.press import note as notes

    facts = Facts.of(shown)
    made, files = drawn(facts), dict[str, bytes]()
    for n, (card, pictures) in enumerate(made, 1):
        for shape, (png, svg) in pictures.items():
            name = f"cards/{n:02d}-{card.name}-{shape.name}"
            files[f"{name}.png"], files[f"{name}.svg"] = png, svg
    files["note.pdf"] = notes.pdf(notes.note(facts))
    files["note.docx"] = notes.docx(notes.note(facts, draft=True))
    shown_cards = [card for card, _ in made]
    files["README.txt"] = notes.text(facts, shown_cards).encode("utf-8-sig")  # the mark: Notepad of Windows needs it
    files["alternative-texts.txt"] = notes.alternatives(facts, shown_cards).encode("utf-8-sig")
    open_data.write_packed(path, files, (".png", ".docx"))
