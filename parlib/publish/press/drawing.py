"""Cards as pictures: 1080 x 1350 pixels as PNG, the same as SVG with its letters as outlines.

A card is a sheet in millimetres (``style.sheet``): a dark head with index and year, the finding in large letters, its
picture, and a foot with the source. Marks stand in bands above and below the picture and across it.
"""

from __future__ import annotations

import base64
import io
from html import escape

import matplotlib as mpl
from matplotlib.patches import Rectangle

from parlib.publish.press import contents
from parlib.publish.press.card import Card, plain
from parlib.publish.press.facts import Facts
from parlib.publish.press.frame import Frame
from parlib.report import style
from parlib.report.style import ACCENT, INK, MUTED, ORDERED, RULE, text_width, wrapped
from parlib.report.wording import Parts

WIDTH, HEIGHT = 1080, 1350  # pixels
WIDE, HIGH = (pixels / style.DPI / style.MM for pixels in (WIDTH, HEIGHT))  # mm
EDGE = 9.0
WARNING = "#8a1c1c"

_HEAD = 15.0
_BAND = 9.0
_FOOT = 13.0


def pictures(card: Card, facts: Facts) -> tuple[bytes, bytes]:
    """The card as PNG and as SVG. Equal cards give equal bytes."""
    with style.sheet(HIGH, WIDE) as sheet:
        _draw(sheet, card, facts)
        png = base64.b64decode(sheet.png())
        return png, _svg(sheet, card)


def _svg(sheet: style.Sheet, card: Card) -> bytes:
    stream = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": card.name}):
        sheet.figure.savefig(stream, format="svg", dpi=style.DPI, metadata={"Date": None, "Creator": None})
    head, start, rest = stream.getvalue().decode("utf-8").partition("<svg ")
    tag, _, body = rest.partition(">")
    title, text = escape(plain(card.headline)), escape(card.alternative)
    named = f'{tag} role="img" aria-labelledby="title desc">'
    words = f'\n <title id="title">{title}</title>\n <desc id="desc">{text}</desc>'
    return f"{head}{start}{named}{words}{body}".encode()


def _draw(sheet: style.Sheet, card: Card, facts: Facts) -> None:
    top = _head(sheet, facts)
    if facts.stamps:
        _band(sheet, top, "  ·  ".join(facts.stamps))
        top += _BAND
    top = _headline(sheet, plain(card.headline), top + 7)
    bottom = _foot(sheet, card, facts)
    contents.draw(sheet, card.content, Frame(EDGE, top + 3, WIDE - EDGE, bottom - 2))
    if facts.stamps:
        # Three times across the picture: what is cut out of it still carries the mark.
        sheet.watermark(facts.stamps[0], (HIGH * 0.3, HIGH * 0.55, HIGH * 0.8))


def _head(sheet: style.Sheet, facts: Facts) -> float:
    """The dark head: index and year, and of how many units the index is known. Returns where it ends."""
    _rectangle(sheet, 0, 0, WIDE, _HEAD, ORDERED[0])
    name = f"{facts.words.index} {facts.words.year}"
    sheet.write(EDGE, _HEAD / 2, name, size=17, weight="bold", colour="white")
    right = WIDE - EDGE
    if facts.is_partial and facts.coverage:
        known, total = facts.coverage
        badge = f"{known.text}/{total.text}"
        wide = text_width(badge, 14, "bold") + 7
        _rectangle(sheet, right - wide, 3.2, wide, _HEAD - 6.4, "white")
        sheet.write(right - wide / 2, _HEAD / 2, badge, size=14, weight="bold", align="center", colour=ACCENT_DARK)
        right -= wide + 3
    units = facts.words.units
    size = 11.5
    if EDGE + text_width(name, 17, "bold") + 6 + text_width(units, size) < right:
        sheet.write(right, _HEAD / 2, units, size=size, align="right", colour="white")
    return _HEAD


ACCENT_DARK = "#9a4309"  # the accent, dark enough for letters on white


def _band(sheet: style.Sheet, top: float, text: str) -> None:
    """A band of the marks from edge to edge."""
    _rectangle(sheet, 0, top, WIDE, _BAND, WARNING)
    size = min(13.0, 13.0 * (WIDE - 2 * EDGE) / text_width(text, 13, "bold"))
    sheet.write(WIDE / 2, top + _BAND / 2, text, size=size, weight="bold", align="center", colour="white")


def _headline(sheet: style.Sheet, text: str, top: float) -> float:
    """The finding in the largest letters that need no more than four lines. Returns where it ends."""
    text = text.rstrip(".")
    for size in (24.0, 21.0, 18.5, 16.5, 14.5):
        lines = wrapped(text, WIDE - 2 * EDGE, size, "bold")
        if lines.count("\n") < 3 + (size < 18):
            break
    lines = _balanced(text, lines, size)
    high = _height(lines, size)
    sheet.write(EDGE, top + high / 2, lines, size=size, weight="bold")
    end = top + high + 2.5
    _rectangle(sheet, EDGE, end, 22, 1.1, ACCENT)
    return end + 1.1


def _balanced(text: str, lines: str, size: float) -> str:
    """``lines`` broken anew so that none is much shorter than the others: no number alone on the last."""
    width = WIDE - 2 * EDGE
    while width > 60:
        width -= 4
        narrower = wrapped(text, width, size, "bold")
        if narrower.count("\n") > lines.count("\n") or text_width(narrower, size, "bold") > width:
            return lines
        lines = narrower
    return lines


def _foot(sheet: style.Sheet, card: Card, facts: Facts) -> float:
    """Notes, marks and source from the lower edge up. Returns where the picture must end."""
    y = HIGH
    if facts.marks:
        text = "\n".join(wrapped(mark, WIDE - 2 * EDGE, 10, "bold") for mark in facts.marks)
        high = _height(text, 10) + 4
        y -= high
        _rectangle(sheet, 0, y, WIDE, high, WARNING)
        sheet.write(EDGE, y + high / 2, text, size=10, weight="bold", colour="white")
    source = wrapped(card.source, WIDE - 2 * EDGE, 9.5)
    high = _height(source, 9.5)
    y -= high + 3.5
    sheet.write(EDGE, y + high / 2, source, size=9.5, colour=MUTED)
    sheet.page.plot([EDGE, WIDE - EDGE], [y - 2, y - 2], color=RULE, linewidth=0.8)
    y -= 4
    for note in reversed(_notes(card.notes, facts)):
        text = wrapped(note, WIDE - 2 * EDGE, 10)
        high = _height(text, 10)
        y -= high + 1.2
        sheet.write(EDGE, y + high / 2, text, size=10, colour=INK)
    return y


def _notes(notes: tuple[Parts, ...], facts: Facts) -> list[str]:
    return [text for note in notes if (text := plain(note)) and text not in facts.marks][:3]


def _height(text: str, size: float) -> float:
    return (text.count("\n") + 1) * size * 1.25 / 72 * 25.4


def _rectangle(sheet: style.Sheet, x: float, y: float, wide: float, high: float, colour: str) -> None:
    sheet.page.add_patch(Rectangle((x, y), wide, high, facecolor=colour, linewidth=0))
