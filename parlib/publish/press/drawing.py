"""Cards as pictures: 1080 x 1350 pixels as PNG, the same as SVG with its letters as outlines.

A card is a sheet in millimetres (``style.sheet``): a dark head with index and year, the finding in large letters, its
picture, and a foot with the source. Marks stand in bands above and below the picture and across it. Letters shrink
before they collide, down to a size that still reads on a telephone.
"""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.patches import Rectangle
from PIL import Image

from parlib.publish.press.kinds import Card, Facts, Line, Lines, Picture, plain
from parlib.report import style
from parlib.report.blocks import Parts
from parlib.report.style import ACCENT, DOWN, INK, MUTED, ORDERED, PALE, RULE, UP, Sheet, text_width, wrapped

WIDTH, HEIGHT = 1080, 1350  # pixels
WIDE, HIGH = (pixels / style.DPI / style.MM for pixels in (WIDTH, HEIGHT))  # mm
EDGE = 9.0
WARNING = "#8a1c1c"
PANEL = "#f1f5f8"
ACCENT_DARK = "#9a4309"  # the accent, dark enough for letters on white
LINE = 1.25 / 72 * 25.4  # mm of height a line needs for each point of its letters

_HEAD = 15.0
_BAND = 9.0


@dataclass(frozen=True)
class Frame:
    """The part of a card in which its picture is drawn: a box in mm from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Its width in mm."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its height in mm."""
        return self.bottom - self.top


def pictures(card: Card, facts: Facts) -> tuple[bytes, bytes]:
    """The card as PNG and as SVG. Equal cards give equal bytes."""
    with style.new_sheet(HIGH, WIDE) as sheet:
        _draw(sheet, card, facts)
        png = base64.b64decode(sheet.png())
        return png, _svg(sheet, card)


def _svg(sheet: Sheet, card: Card) -> bytes:
    stream = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": card.name}):
        sheet.figure.savefig(stream, format="svg", dpi=style.DPI, metadata={"Date": None, "Creator": None})
    head, start, rest = stream.getvalue().decode("utf-8").partition("<svg ")
    tag, _, body = rest.partition(">")
    title, text = escape(plain(card.headline)), escape(card.alternative)
    named = f'{tag} role="img" aria-labelledby="title desc">'
    words = f'\n <title id="title">{title}</title>\n <desc id="desc">{text}</desc>'
    return f"{head}{start}{named}{words}{body}".encode()


def _draw(sheet: Sheet, card: Card, facts: Facts) -> None:
    top = _head(sheet, facts)
    if facts.stamps:
        _band(sheet, top, "  ·  ".join(facts.stamps))
        top += _BAND
    top = _headline(sheet, plain(card.headline), top + 7)
    bottom = _foot(sheet, card, facts)
    _content(sheet, card.content, Frame(EDGE, top + 3, WIDE - EDGE, bottom - 2))
    if facts.stamps:
        # Three times across the picture: what is cut out of it still carries the mark.
        sheet.watermark(facts.stamps[0], (HIGH * 0.3, HIGH * 0.55, HIGH * 0.8))


def _head(sheet: Sheet, facts: Facts) -> float:
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


def _band(sheet: Sheet, top: float, text: str) -> None:
    """A band of the marks from edge to edge."""
    _rectangle(sheet, 0, top, WIDE, _BAND, WARNING)
    size = min(13.0, 13.0 * (WIDE - 2 * EDGE) / text_width(text, 13, "bold"))
    sheet.write(WIDE / 2, top + _BAND / 2, text, size=size, weight="bold", align="center", colour="white")


def _headline(sheet: Sheet, text: str, top: float) -> float:
    """The finding in the largest letters that need no more than four lines. Returns where it ends."""
    text = text.rstrip(".")
    for size in (24.0, 21.0, 18.5, 16.5, 14.5):
        lines = wrapped(text, WIDE - 2 * EDGE, size, "bold")
        if lines.count("\n") < 3 + (size < 18):
            break
    lines = _balanced(text, lines, size)
    high = _high(lines, size)
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


def _foot(sheet: Sheet, card: Card, facts: Facts) -> float:
    """Notes, marks and source from the lower edge up. Returns where the picture must end."""
    y = HIGH
    if facts.marks:
        text = "\n".join(wrapped(mark, WIDE - 2 * EDGE, 10, "bold") for mark in facts.marks)
        high = _high(text, 10) + 4
        y -= high
        _rectangle(sheet, 0, y, WIDE, high, WARNING)
        sheet.write(EDGE, y + high / 2, text, size=10, weight="bold", colour="white")
    source = wrapped(card.source, WIDE - 2 * EDGE, 9.5)
    high = _high(source, 9.5)
    y -= high + 3.5
    sheet.write(EDGE, y + high / 2, source, size=9.5, colour=MUTED)
    sheet.page.plot([EDGE, WIDE - EDGE], [y - 2, y - 2], color=RULE, linewidth=0.8)
    y -= 4
    for note in reversed(_notes(card.notes, facts)):
        text = wrapped(note, WIDE - 2 * EDGE, 10)
        high = _high(text, 10)
        y -= high + 1.2
        sheet.write(EDGE, y + high / 2, text, size=10, colour=INK)
    return y


def _notes(notes: tuple[Parts, ...], facts: Facts) -> list[str]:
    return [text for note in notes if (text := plain(note)) and text not in facts.marks][:3]


# --- what stands in the middle --------------------------------------------------------------------


def _content(sheet: Sheet, content: Lines | Picture, frame: Frame) -> None:
    if isinstance(content, Picture):
        _picture(sheet, content.png, frame)
    else:
        draw = {"bars": _bars, "figures": _figures, "table": _table}[content.drawn]
        draw(sheet, content, frame)


def _bars(sheet: Sheet, content: Lines, frame: Frame) -> None:
    """Each bar under its name, its number to the right. Falls run left of the axis, in another colour, hatched."""
    bars, top = content.lines, frame.top + 1
    step = min(30.0 if len(bars) > 3 else 44.0, (frame.bottom - top) / len(bars))
    values = [bar.value for bar in bars if bar.value is not None]
    low = min([0.0, *values])
    reach = max(content.longest, *values, 0.0) - low if values else 1.0
    scale = frame.width / (reach or 1.0)
    axis = frame.left - low * scale
    thick, gap = min(9.0, step * 0.24), min(5.0, step * 0.16)
    space = min(1.4, step * 0.06)
    high = step - thick - gap - space
    names = [_named(bar, frame, high) for bar in bars]
    common = max(13.0, min(size for _, size in names))  # one size for all that fit in it
    for n, (bar, (_, size)) in enumerate(zip(bars, names, strict=True)):
        base = top + (n + 1) * step - thick - gap
        _write_name(sheet, bar, frame, base - space, high, min(common, size))
        if bar.value is None:
            sheet.page.plot([frame.left, frame.right], [base + 1, base + 1], color=PALE, linewidth=0.8)
            continue
        if low == 0:
            _rectangle(sheet, frame.left, base, frame.width, thick, PALE)
        start, wide = axis + min(bar.value, 0) * scale, abs(bar.value) * scale
        colour = ACCENT if bar.strong else (UP if bar.value >= 0 else DOWN)
        _rectangle(sheet, start, base, wide, thick, colour, "////" if bar.value < 0 else "")
        if low < 0:
            sheet.page.plot([axis, axis], [base - 0.8, base + thick + 0.8], color=INK, linewidth=0.8)


def _big(high: float) -> float:
    """The points of rank and number above a bar, where there are ``high`` mm."""
    return min(20.0, high / LINE * 1.05)


def _start(bar: Line, frame: Frame, big: float) -> float:
    """Where the name of a bar begins: behind its rank."""
    lead = plain(bar.lead)
    return frame.left + (max(9.5, text_width(lead, big, "bold") + 3) if lead else 0)


def _named(bar: Line, frame: Frame, high: float, largest: float = 16.0) -> tuple[str, float]:
    """The name of a bar broken into the lines that fit in ``high`` mm beside its rank and number, and its points."""
    big, number = _big(high), plain(bar.number)
    room = frame.right - _start(bar, frame, big) - (text_width(number, big, "bold") + 4 if number else 0)
    weight, name, size = _weight(bar), bar.label, 8.0
    for size in (16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0):
        name = wrapped(bar.label, room, size, weight)
        if size <= largest and _high(name, size) <= high and text_width(name, size, weight) <= room:
            break
    return name, size


def _write_name(sheet: Sheet, bar: Line, frame: Frame, bottom: float, high: float, largest: float) -> None:
    """What stands above a bar, down to ``bottom``: its rank and name on the left, its number on the right."""
    name, size = _named(bar, frame, high, largest)
    big = _big(high)
    middle = bottom - big * LINE / 2
    sheet.write(frame.right, middle, plain(bar.number), size=big, weight="bold", align="right")
    if bar.lead:
        sheet.write(frame.left, middle, plain(bar.lead), size=big, weight="bold", colour=MUTED)
    sheet.write(_start(bar, frame, big), bottom - _high(name, size) / 2, name, size=size, weight=_weight(bar))


def _weight(bar: Line) -> style.Weight:
    return "bold" if bar.strong else "normal"


def _figures(sheet: Sheet, content: Lines, frame: Frame) -> None:
    """The first across the whole width, the others two in a row."""
    first, *rest = content.lines
    rows = 1 + math.ceil(len(rest) / 2)
    high = min(44.0, (frame.height - 4 * (rows - 1)) / rows)
    _figure(sheet, first, Frame(frame.left, frame.top + 2, frame.right, frame.top + high), 44)
    for n, figure in enumerate(rest):
        row, place = 1 + n // 2, n % 2
        alone = place == 0 and n == len(rest) - 1
        wide = frame.width if alone else (frame.width - 5) / 2
        left = frame.left + place * (wide + 5)
        top = frame.top + 2 + row * (high + 4) - 2
        _figure(sheet, figure, Frame(left, top, left + wide, top + high - 2), 30)


def _figure(sheet: Sheet, figure: Line, frame: Frame, size: float) -> None:
    _rectangle(sheet, frame.left, frame.top, frame.width, frame.height, PANEL)
    _rectangle(sheet, frame.left, frame.top, 1.6, frame.height, UP)
    left, room = frame.left + 6, frame.width - 10
    number, detail = plain(figure.number), plain(figure.detail)
    number, _, unit = number.partition(" ")  # what it is counted in stands in smaller letters
    if unit and not detail and text_width(unit, 12) > room * 0.4:
        detail, unit = unit, ""
    wide = text_width(number, size, "bold") + (text_width(f" {unit}", size * 0.5, "bold") if unit else 0)
    size = min(size, size * room / wide)
    small = _fitting(detail, room, (13.0, 12.0, 11.0, 10.0, 9.5), 1)
    label = _fitting(figure.label, room, (12.5, 11.5, 10.5, 9.5), 2)
    needed = _high(label[0], label[1]) + size * LINE + (_high(*small) if detail else 0)
    spare = max(0.0, needed - frame.height + 2)  # a low box takes from the number
    size, needed = size - spare / LINE, needed - spare
    y = frame.top + max(1.0, (frame.height - needed) / 2)
    sheet.write(left, y + _high(*label) / 2, label[0], size=label[1], colour=MUTED)
    y += _high(*label)
    sheet.write(left, y + size * LINE / 2, number, size=size, weight="bold", colour=ORDERED[0])
    if unit:
        at = left + text_width(f"{number} ", size, "bold") * 0.99
        sheet.write(at, y + size * LINE * 0.59, unit, size=size * 0.5, weight="bold", colour=ORDERED[0])
    if detail:
        sheet.write(left, y + size * LINE + _high(*small) / 2, small[0], size=small[1])


def _table(sheet: Sheet, content: Lines, frame: Frame) -> None:
    """Rank, name and value in one to three columns."""
    lines = content.lines
    columns = 1 if len(lines) <= 20 else 2 if len(lines) <= 36 else 3
    rows = math.ceil(len(lines) / columns)
    gap = 6.0
    wide = (frame.width - gap * (columns - 1)) / columns
    step = min(8.5, frame.height / rows)
    size = min(13.0, step * 2.0)
    texts = [(plain(line.lead), line.label, plain(line.number)) for line in lines]
    ranks = max(text_width(rank, size) for rank, _, _ in texts) + 2.5
    values = max(text_width(value, size, "bold") for _, _, value in texts) + 2
    for n, (line, (rank, name, value)) in enumerate(zip(lines, texts, strict=True)):
        left = frame.left + (n // rows) * (wide + gap)
        y = frame.top + (n % rows + 0.5) * step
        if n % rows % 2 == 0:
            _rectangle(sheet, left - 1, y - step / 2, wide + 2, step, PANEL)
        colour = ACCENT if line.strong else INK
        sheet.write(left + ranks - 2.5, y, rank, size=size, align="right", colour=MUTED)
        room = wide - ranks - values
        own = min(size, size * room / text_width(name, size))
        sheet.write(left + ranks, y, name, size=own, colour=colour)
        sheet.write(left + wide, y, value, size=size, weight="bold", align="right", colour=colour)


def _picture(sheet: Sheet, png: bytes, frame: Frame) -> None:
    """The figure whole, as large as it fits."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    scale = min(frame.width / picture.width, frame.height / picture.height)
    wide, high = picture.width * scale, picture.height * scale
    left, top = frame.left + (frame.width - wide) / 2, frame.top + (frame.height - high) / 2
    box = (left, left + wide, top + high, top)
    sheet.page.imshow(np.asarray(picture), extent=box, aspect="auto", interpolation="lanczos", zorder=2)


def _fitting(text: str, room: float, sizes: tuple[float, ...], lines: int) -> tuple[str, float]:
    """``text`` wrapped, in the first of the sizes that needs no more than so many lines; else in the last."""
    broken, size = text, sizes[-1]
    for size in sizes:
        broken = wrapped(text, room, size)
        if broken.count("\n") < lines and text_width(broken, size) <= room:
            break
    return broken, size


def _high(text: str, size: float) -> float:
    return (text.count("\n") + 1) * size * LINE


def _rectangle(sheet: Sheet, x: float, y: float, wide: float, high: float, colour: str, hatch: str = "") -> None:
    sheet.page.add_patch(Rectangle((x, y), wide, high, facecolor=colour, linewidth=0, hatch=hatch, edgecolor=RULE))
