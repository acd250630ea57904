"""Cards as pictures, each in two sizes that are laid out for themselves: upright and on its side, as PNG and as SVG
with its letters as outlines.

A card is a sheet with coordinates in pixels: a dark head with index and year, the finding in large letters, what it
shows, and a foot with source, issuer and where the report is. Marks stand in bands above and below and across it. No
letter is smaller than ``LEAST``: what does not fit in such letters is no card (``NoRoom``).
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle

from parlib.publish.press.kinds import Card, Country, Facts, Line, Lines, plain
from parlib.report import maps, points, style
from parlib.report.blocks import Parts
from parlib.report.style import ACCENT, DOWN, INK, MUTED, ORDERED, RULE, UP, Align, Sheet, Weight

LEAST = 28.0  # pixels: the smallest letters, which a telephone still shows
WARNING = "#8a1c1c"
PANEL = "#f1f5f8"
LINE = 1.25  # height of a line in times its letters
GAP = 5.0  # pixels between squares

_POINT = style.DPI / 72  # pixels
_MM = style.DPI * style.MM  # pixels


@dataclass(frozen=True)
class Shape:
    """A size of card in pixels, and how its parts are laid out: the margin, the height of head and bands, the sizes of
    the headline with the most lines of each, and how many columns a list has."""

    width: int
    height: int
    edge: float
    head: float
    band: float
    headlines: tuple[tuple[float, int], ...]
    columns: int

    @property
    def name(self) -> str:
        """What its files are called by."""
        return f"{self.width}x{self.height}"


#: The feed of a social network, and the preview of a link.
SHAPES = (
    Shape(1080, 1350, 64, 108, 66, ((56, 3), (50, 4), (44, 4), (40, 5), (36, 6)), 1),
    Shape(1200, 630, 48, 64, 50, ((42, 1), (40, 2), (36, 2), (32, 2), (28, 3)), 2),
)


class NoRoom(Exception):
    """What a card says does not fit on it in letters that can be read."""


@dataclass(frozen=True)
class Frame:
    """The part of a card in which its picture is drawn: a box in pixels from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Its width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its height."""
        return self.bottom - self.top

    def split(self, rows: int, columns: int, between: float, below: float) -> Iterator[Frame]:
        """Equal boxes, column by column from the left, with what is free between and below them."""
        wide, high = (self.width - between * (columns - 1)) / columns, (self.height - below * (rows - 1)) / rows
        for column in range(columns):
            for row in range(rows):
                left, top = self.left + column * (wide + between), self.top + row * (high + below)
                yield Frame(left, top, left + wide, top + high)


def drawn(card: Card, facts: Facts, rendered: bool = True) -> dict[Shape, tuple[bytes, bytes]]:
    """The card as PNG and as SVG in each of ``SHAPES`` on which what it says can be read; nothing where it does not fit
    even on the upright one. Equal cards give equal bytes; not ``rendered``, there are none."""
    results: dict[Shape, tuple[bytes, bytes]] = {}
    for shape in SHAPES:
        try:
            with _sheet(shape) as sheet:
                _draw(sheet, card, facts, shape)
                results[shape] = (points.png(sheet.svg()), _svg(sheet, card)) if rendered else (b"", b"")
        except NoRoom:
            if shape == SHAPES[0]:
                break
    return results


@contextmanager
def _sheet(shape: Shape) -> Iterator[Sheet]:
    """A sheet whose coordinates are pixels."""
    with style.new_sheet(shape.height / _MM, shape.width / _MM) as sheet:
        page = style.Page(sheet.figure, shape.height, style.MM / _MM)
        yield replace(sheet, page=page, width=shape.width, height=shape.height)


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


def _draw(sheet: Sheet, card: Card, facts: Facts, shape: Shape) -> None:
    _head(sheet, facts, shape)
    top = shape.head
    if facts.stamps:
        _band(sheet, Frame(0, top, shape.width, top + shape.band), "  ·  ".join(facts.stamps))
        top += shape.band
    space = 26.0 if shape.columns == 1 else 14.0
    text = plain(card.headline).rstrip(".")
    for unit in (facts.change_unit, facts.index_unit):  # a number keeps what it is counted in
        text = text.replace(f" {unit}", f" {unit}".replace(" ", "\u00a0")) if unit else text
    top = _headline(sheet, text, top + space, shape)
    bottom = _foot(sheet, card, facts, shape)
    frame = Frame(shape.edge, top + space, shape.width - shape.edge, bottom - 0.6 * space)
    if isinstance(card.content, Country):
        _country(sheet, card.content, frame, shape)
    else:
        _DRAWN[card.content.drawn](sheet, card.content, frame, shape)
    if facts.stamps:
        # Three times across the picture: what is cut out of it still carries the mark.
        sheet.watermark(facts.stamps[0], [shape.height * part for part in (0.3, 0.55, 0.8)])


# --- letters --------------------------------------------------------------------------------------


def _wide(text: str, size: float, weight: Weight = "normal") -> float:
    """The width of a text in pixels."""
    return style.text_width(text, size / _POINT, weight) * _MM


def _wrapped(text: str, width: float, size: float, weight: Weight = "normal") -> str:
    return style.wrapped(text, width / _MM, size / _POINT, weight)


def _high(text: str, size: float) -> float:
    return (text.count("\n") + 1) * size * LINE


def _write(
    sheet: Sheet,
    x: float,
    y: float,
    text: str,
    size: float,
    weight: Weight = "normal",
    align: Align = "left",
    colour: str = INK,
) -> None:
    if size < LEAST - 1e-9:
        raise NoRoom(text)
    sheet.write(x, y, text, size=size / _POINT, weight=weight, align=align, colour=colour)


def _fitted(
    text: str, room: float, largest: float, lines: int, weight: Weight = "normal", high: float = math.inf
) -> tuple[str, float]:
    """``text`` wrapped in the largest letters that need no more than so many lines and so much height."""
    for size in np.arange(largest, LEAST - 0.5, -1.0):
        broken = _wrapped(text, room, size, weight)
        if broken.count("\n") < lines and _wide(broken, size, weight) <= room and _high(broken, size) <= high:
            return _balanced(text, broken, size, room, weight), float(size)
    raise NoRoom(text)


def _balanced(text: str, lines: str, size: float, room: float, weight: Weight = "normal") -> str:
    """``lines`` broken anew so that none is much shorter than the others: no word or number alone on the last."""
    while "\n" in lines:
        room -= size / 2
        narrower = _wrapped(text, room, size, weight)
        if narrower.count("\n") > lines.count("\n") or _wide(narrower, size, weight) > room:
            break
        lines = narrower
    return lines


def _rectangle(sheet: Sheet, frame: Frame, colour: str, hatch: str = "") -> None:
    box = (frame.left, frame.top), frame.width, frame.height
    sheet.page.add_artist(Rectangle(*box, facecolor=colour, linewidth=0, hatch=hatch or None, edgecolor=INK))


# --- head, headline, foot -------------------------------------------------------------------------


def _head(sheet: Sheet, facts: Facts, shape: Shape) -> None:
    """The dark head: index and year, and of how many units the index is known."""
    _rectangle(sheet, Frame(0, 0, shape.width, shape.head), ORDERED[0])
    name, size = f"{facts.words.index} {facts.words.year}", min(44.0, 0.55 * shape.head)
    _write(sheet, shape.edge, shape.head / 2, name, size, "bold", colour="white")
    about = facts.words.whose
    if facts.is_partial and facts.coverage:
        about = plain(facts.words.headline("known_of", n=facts.coverage[0], all=facts.coverage[1]))
    room = shape.width - 2 * shape.edge - _wide(name, size, "bold") - 24
    about, size = _fitted(about, room, LEAST + 2, 2 if shape.columns == 1 else 1)
    _write(sheet, shape.width - shape.edge, shape.head / 2, about, size, align="right", colour="white")


def _band(sheet: Sheet, frame: Frame, text: str) -> None:
    """A band of the marks from edge to edge."""
    _rectangle(sheet, frame, WARNING)
    text, size = _fitted(text, frame.width - 48, 0.72 * frame.height, 1, "bold")
    _write(sheet, (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2, text, size, "bold", "center", "white")


def _headline(sheet: Sheet, text: str, top: float, shape: Shape) -> float:
    """The finding in the largest letters that fit. Returns where it ends."""
    room = shape.width - 2 * shape.edge
    for size, most in shape.headlines:
        lines = _wrapped(text, room, size, "bold")
        if lines.count("\n") < most:
            break
    else:
        raise NoRoom(text)
    lines = _balanced(text, lines, size, room, "bold")
    high = _high(lines, size)
    _write(sheet, shape.edge, top + high / 2, lines, size, "bold")
    end = top + high + 6
    _rectangle(sheet, Frame(shape.edge, end, shape.edge + 150, end + 7), ACCENT)
    return end + 7


def _foot(sheet: Sheet, card: Card, facts: Facts, shape: Shape) -> float:
    """Notes, source, issuer and marks from the lower edge up. Returns where the picture must end."""
    y, room = float(shape.height), shape.width - 2 * shape.edge
    if facts.marks:
        text = "\n".join(_wrapped(mark, room, LEAST, "bold") for mark in facts.marks) if shape.columns == 1 else ""
        high = _high(text, LEAST) + 10 if text else 16.0
        y -= high
        _rectangle(sheet, Frame(0, y, shape.width, y + high), WARNING)
        if text:
            _write(sheet, shape.edge, y + high / 2, text, LEAST, "bold", colour="white")
    about = _flowed([card.source, *facts.about], room, whole=shape.columns == 1)
    y -= _high(about, LEAST) + 14
    _write(sheet, shape.edge, y + _high(about, LEAST) / 2, about, LEAST, colour=MUTED)
    sheet.page.lines([((shape.edge, y - 8), (shape.width - shape.edge, y - 8))], colour=RULE, width=0.8)
    y -= 14
    notes = _notes(card.notes, facts)
    if shape.columns == 2:  # that only some are known stands in the head
        notes = [note for note in notes if note != facts.partial_note]
    if notes:
        text = _flowed(notes, room)
        y -= _high(text, LEAST)
        _write(sheet, shape.edge, y + _high(text, LEAST) / 2, text, LEAST)
    return y


def _flowed(texts: Sequence[str], room: float, whole: bool = True) -> str:
    """Texts one after another on as few lines as they need; ``whole``: none is broken that fits on a line of its
    own."""
    if not whole:
        return _wrapped("\u00a0\u00a0· ".join(filter(None, texts)), room, LEAST)
    lines: list[str] = []
    for text in filter(None, texts):
        joined = f"{lines[-1]}  ·  {text}" if lines else text
        if lines and _wide(joined, LEAST) <= room:
            lines[-1] = joined
        else:
            lines += _wrapped(text, room, LEAST).split("\n")
    return "\n".join(lines)


def _notes(notes: tuple[Parts, ...], facts: Facts) -> list[str]:
    return [text for note in notes if (text := plain(note)) and text not in facts.marks][:3]


# --- what stands in the middle --------------------------------------------------------------------


def _figures(sheet: Sheet, content: Lines, frame: Frame, shape: Shape) -> None:
    """Upright: the first across the whole width, the others two in a row. On its side: the first on the left, the
    others one under another, each with its words beside it."""
    first, *rest = content.lines
    gap = 20.0 if shape.columns == 1 else 12.0
    if shape.columns == 2:
        head = replace(frame, right=frame.left + 0.3 * frame.width)
        _figure(sheet, first, head, 100)
        for line, box in zip(rest, replace(frame, left=head.right + gap).split(len(rest), 1, 0, gap), strict=True):
            _beside(sheet, line, box)
        return
    rows = math.ceil(len(rest) / 2)
    high = min(300.0, (frame.height - gap * rows) / (rows + 1.15))
    head = replace(frame, bottom=frame.top + 1.15 * high)
    body = replace(frame, top=head.bottom + gap, bottom=head.bottom + gap + rows * (high + gap) - gap)
    _figure(sheet, first, head, 150)
    boxes = list(body.split(rows, 2, gap, gap))
    for n, line in enumerate(rest):
        box = boxes[n // 2 + rows * (n % 2)]  # in rows
        if n == len(rest) - 1 and n % 2 == 0:
            box = replace(box, right=body.right)
        _figure(sheet, line, box, 88)


def _beside(sheet: Sheet, line: Line, frame: Frame) -> None:
    """A large number in a box, with what it is and whose on its right."""
    _rectangle(sheet, frame, PANEL)
    _rectangle(sheet, replace(frame, right=frame.left + 8), UP)
    room, middle = 0.36 * frame.width, (frame.top + frame.bottom) / 2
    number, size = _fitted(plain(line.number), room - 24, min(60.0, 0.7 * frame.height), 1, "bold")
    _write(sheet, frame.left + 28, middle, number, size, "bold", colour=ORDERED[0])
    detail = plain(line.detail)  # a name, or of what the number is
    text = f"{line.label}{':' if detail[0].isupper() else ','} {detail}" if detail else line.label
    words, size = _fitted(text, frame.width - room - 40, LEAST + 4, 3, high=frame.height - 4)
    _write(sheet, frame.left + room + 28, middle, words, size)


def _figure(sheet: Sheet, line: Line, frame: Frame, largest: float) -> None:
    """A large number in a box, under what it is and above whose."""
    _rectangle(sheet, frame, PANEL)
    _rectangle(sheet, replace(frame, right=frame.left + 10), UP)
    left, room, spare = frame.left + 34, frame.width - 54, frame.height - 16
    label = _fitted(line.label, room, LEAST + 4, 2)
    detail = _fitted(plain(line.detail), room, LEAST + 4, 2) if line.detail else ("", 0.0)
    spare -= _high(*label) + (_high(*detail) if line.detail else 0)
    number, size = _fitted(plain(line.number), room, min(largest, spare / LINE), 1, "bold")
    used = _high(*label) + size * LINE + (_high(*detail) if line.detail else 0)
    y = frame.top + (frame.height - used) / 2
    _write(sheet, left, y + _high(*label) / 2, *label, colour=MUTED)
    y += _high(*label)
    _write(sheet, left, y + size * LINE / 2, number, size, "bold", colour=ORDERED[0])
    if line.detail:
        _write(sheet, left, y + size * LINE + _high(*detail) / 2, *detail)


def _list(sheet: Sheet, content: Lines, frame: Frame, shape: Shape) -> None:
    """Rank, name and number one under another, the first in a coloured box."""
    lines = content.lines
    step = min(176.0, frame.height / len(lines))
    big = min(72.0 if shape.columns == 1 else 50.0, step * 0.66)
    before = max(_wide(plain(line.lead), big, "bold") for line in lines) + 44
    sizes = [big if any(map(str.isdecimal, plain(line.number))) else LEAST + 4 for line in lines]
    behind = max(_wide(plain(line.number), own, "bold") for line, own in zip(lines, sizes, strict=True)) + 40
    room = frame.width - before - behind
    for n, line in enumerate(lines):
        top, middle = frame.top + n * step, frame.top + (n + 0.5) * step
        ranked_first = plain(line.lead) == plain(lines[0].lead)
        box = Frame(frame.left, top + 3, frame.right, top + step - 3)
        _rectangle(sheet, box, ORDERED[0] if ranked_first else PANEL)
        ink = "white" if ranked_first else INK
        _write(sheet, frame.left + 20, middle, plain(line.lead), big, "bold", colour=ink)
        name, size = _fitted(line.label, room, min(big, 46.0), 3, _weight(line, ranked_first), step - 8)
        _write(sheet, frame.left + before, middle, name, size, _weight(line, ranked_first), colour=ink)
        _write(sheet, frame.right - 20, middle, plain(line.number), sizes[n], "bold", "right", ink)


def _weight(line: Line, also: bool = False) -> Weight:
    return "bold" if line.strong or also else "normal"


def _rows(lines: Sequence[Line], frame: Frame, shape: Shape, most: float) -> Iterator[tuple[Line, Frame]]:
    """Lines with their boxes, in the columns of the shape, none higher than ``most``."""
    rows = math.ceil(len(lines) / shape.columns)
    high = min(frame.height, most * rows)
    boxes = replace(frame, bottom=frame.top + high).split(rows, shape.columns, 56, 0)
    yield from zip(lines, boxes, strict=False)


def _track(sheet: Sheet, line: Line, box: Frame) -> Frame:
    """A line's name on the left of its box and its number on the right; returns the room for a track below them, of
    no height where their words take all."""
    thick = min(48.0, 0.17 * box.height) if box.height > 110 else 10.0 if box.height > 86 else 0.0
    high = box.height - thick - (0.08 * box.height if box.height > 110 else 4.0)
    number, big = plain(line.number), min(48.0 if box.width > 600 else 38.0, high / LINE)
    room = box.width - _wide(number, big, "bold") - 28
    name, size = _fitted(line.label, room, min(44.0, big), 3, _weight(line), high)
    bottom = box.top + high
    _write(sheet, box.left, bottom - _high(name, size) / 2, name, size, _weight(line))
    _write(sheet, box.right, bottom - big * LINE / 2, number, big, "bold", "right")
    return Frame(box.left, bottom + 2, box.right, bottom + 2 + thick)


def _dots(sheet: Sheet, content: Lines, frame: Frame, shape: Shape) -> None:
    """A dot on a line for each, between the lowest and the highest of them: bars from zero would all look alike."""
    values = [line.value for line in content.lines if line.value is not None]
    low, high = min(values), max(values)
    for line, box in _rows(content.lines, frame, shape, 150):
        track = _track(sheet, line, box)
        if not track.height:
            continue
        middle, radius = (track.top + track.bottom) / 2, min(13.0, max(track.height / 2.4, 7.0))
        left, right = track.left + radius, track.right - radius
        sheet.page.lines([((left, middle), (right, middle))], colour=RULE, width=2)
        if line.value is not None:
            x = left + (line.value - low) / ((high - low) or 1) * (right - left)
            end = line.value in (low, high)
            colour = ORDERED[0] if end else UP
            size = (radius * 2 / _POINT) ** 2
            sheet.page.dots([(x, middle)], size=size, colour=colour, edge=colour, zorder=3)


def _changes(sheet: Sheet, content: Lines, frame: Frame, shape: Shape) -> None:
    """Bars from a line of no change: rises to the right and dark, falls to the left, light and hatched. On its side
    the rises stand in the left column and the falls in the right one."""
    up = [line for line in content.lines if (line.value or 0) > 0]
    down = [line for line in content.lines if line not in up]
    reach = max(abs(line.value or 0) for line in content.lines) or 1
    rows = max(len(up), len(down)) if shape.columns == 2 else len(content.lines)
    step = min(260.0, frame.height / rows)
    gap = 56.0 if shape.columns == 2 else 0.0
    wide = (frame.width - gap) / shape.columns
    above = 0.4 * (frame.height - step * rows)  # few lines stand in the middle
    least = min([line.value or 0 for line in content.lines] + [0.0])
    for n, line in enumerate(content.lines):
        is_second = shape.columns == 2 and line in down
        left = frame.left + (wide + gap) * is_second
        top = frame.top + above + step * (n - len(up) if is_second else n)
        track = _track(sheet, line, Frame(left, top, left + wide, top + step * 0.94))
        if not track.height:
            continue
        if shape.columns == 2:
            axis, scale = (track.right, wide / reach) if is_second else (track.left, wide / reach)
        else:
            scale = wide / (max(line.value or 0 for line in content.lines) - least or 1)
            axis = track.left - least * scale
        long = abs(line.value or 0) * scale
        start = axis - long if (line.value or 0) < 0 else axis
        rises = (line.value or 0) > 0
        _rectangle(sheet, replace(track, left=start, right=start + long), UP if rises else DOWN, "" if rises else "///")
        sheet.page.lines([((axis, track.top), (axis, track.bottom + 4))], colour=INK, width=1.6)


def _squares(sheet: Sheet, content: Lines, frame: Frame, shape: Shape) -> None:
    """The groups one under another, each with a square for every unit, below its words or beside them: the largest
    squares with which all of them fit."""
    beside = shape.columns == 2
    wide = 0.5 * frame.width if beside else frame.width
    left = frame.left + wide + 30 if beside else frame.left
    words = [
        (
            _fitted(f"{line.label}: {plain(line.number)}", wide, 34 if beside else 44, 1, "bold"),
            _fitted(plain(line.detail), wide, LEAST + 4, 1) if line.detail else ("", 0.0),
        )
        for line in content.lines
    ]
    above = [_high(*name) + (_high(*detail) if detail[0] else 0.0) for name, detail in words]

    def heights(side: float) -> list[float]:
        across = int((frame.right - left + GAP) // (side + GAP))
        rooms = [math.ceil(int(line.value or 0) / across) * (side + GAP) for line in content.lines]
        return [max(pair) if beside else sum(pair) + 10 for pair in zip(above, rooms, strict=True)]

    between = (len(words) - 1) * (16.0 if beside else 30.0)
    side = next((s for s in np.arange(150.0, 6.0, -1.0) if sum(heights(s)) + between <= frame.height), None)
    if side is None:
        raise NoRoom(words[0][0][0])
    across, y = int((frame.right - left + GAP) // (side + GAP)), frame.top
    for n, (line, (name, detail), high) in enumerate(zip(content.lines, words, heights(side), strict=True)):
        _write(sheet, frame.left, y + _high(*name) / 2, *name, "bold")
        if detail[0]:
            _write(sheet, frame.left, y + _high(*name) + _high(*detail) / 2, *detail, colour=MUTED)
        top = y + 4 if beside else y + above[n] + 10
        for place in range(int(line.value or 0)):
            x, row = left + place % across * (side + GAP), top + place // across * (side + GAP)
            _rectangle(sheet, Frame(x, row, x + side, row + side), ORDERED[min(n, len(ORDERED) - 2)])
        y += high + (16.0 if beside else 30.0)


def _table(sheet: Sheet, content: Lines, frame: Frame, shape: Shape) -> None:
    """Rank, name and value, in as many columns as the shape has; a row is as high as its name."""
    lines = content.lines
    rows = math.ceil(len(lines) / shape.columns)
    step = min(56.0, frame.height / rows)
    size = min(36.0, step / 1.12)
    wide = (frame.width - 40 * (shape.columns - 1)) / shape.columns
    before = max(_wide(plain(line.lead), size) for line in lines) + 14
    behind = max(_wide(plain(line.number), size, "bold") for line in lines) + 16
    for n, line in enumerate(lines):
        left, middle = frame.left + n // rows * (wide + 40), frame.top + (n % rows + 0.5) * step
        if n % rows % 2 == 0:
            _rectangle(sheet, Frame(left - 8, middle - step / 2, left + wide + 8, middle + step / 2), PANEL)
        name, own = _fitted(line.label, wide - before - behind, size, 1, _weight(line))
        _write(sheet, left + before - 14, middle, plain(line.lead), size, align="right", colour=MUTED)
        _write(sheet, left + before, middle, name, own, _weight(line))
        _write(sheet, left + wide, middle, plain(line.number), size, "bold", "right")


_DRAWN: dict[str, Callable[[Sheet, Lines, Frame, Shape], None]] = {
    "figures": _figures,
    "list": _list,
    "dots": _dots,
    "changes": _changes,
    "squares": _squares,
    "table": _table,
}


# --- the map --------------------------------------------------------------------------------------

_MAINLAND = (102.1, 109.6, 8.3, 23.5)  # degrees: west, east, south, north


def _country(sheet: Sheet, content: Country, frame: Frame, shape: Shape) -> None:
    """The mainland on the left; beside it the key and, large, the two archipelagos with their names."""
    west, east, south, north = maps.project_box(*_MAINLAND)
    scale = min(frame.height / (north - south), 0.5 * frame.width / (east - west))
    land = Frame(frame.left, frame.top, frame.left + (east - west) * scale, frame.top + (north - south) * scale)
    looks = {unit: ORDERED[content.classes.index(words)] for unit, words in content.of.items()}
    _provinces(sheet, content.system, looks, land, (west, east, south, north))
    right = replace(frame, left=land.right + 24)
    upright = shape.columns == 1
    key = right if upright else replace(right, right=right.left + 0.57 * right.width)
    y = _key(sheet, content, key)
    room = replace(right, top=y + 14) if upright else replace(right, left=key.right + 20)
    boxes = room.split(2, 1, 0, 14) if upright else room.split(1, 2, 14, 0)
    for islands, box in zip(maps.archipelagos(content.system, content.language), boxes, strict=True):
        _archipelago(sheet, islands, box, content.system, looks)


def _key(sheet: Sheet, content: Country, frame: Frame) -> float:
    """The classes with their colours, one under another, and what is not known. Returns where they end."""
    y = frame.top
    signs = [(words, ORDERED[place], "") for place, words in enumerate(content.classes)]
    for name, colour, hatch in [*signs, *([(content.unknown, "white", "////")] if content.unknown else [])]:
        words, size = _fitted(name, frame.width - 52, LEAST + 2, 2)
        high = max(_high(words, size) + 2, 42)
        box = Rectangle((frame.left, y + 4), 38, 38, facecolor=colour, edgecolor=MUTED, linewidth=0.6, hatch=hatch)
        sheet.page.add_artist(box)
        _write(sheet, frame.left + 52, y + high / 2, words, size)
        y += high
    if y > frame.bottom:
        raise NoRoom(words)
    return y


def _provinces(
    sheet: Sheet, system: str, looks: dict[str, str], frame: Frame, box: tuple[float, float, float, float]
) -> None:
    """The provinces of a box of the map in their colours; white and hatched where nothing is known."""
    west, east, south, north = box
    right, bottom = sheet.width - frame.right, sheet.height - frame.bottom
    axes = sheet.axes(frame.left, right, frame.top, bottom)
    axes.set_axis_off()
    axes.set(xlim=(west, east), ylim=(south, north))
    of_colour: dict[str, list] = {}  # type: ignore[type-arg]
    for province in maps.provinces(system):
        of_colour.setdefault(looks.get(province.key, ""), []).append(province.outline)
    for colour, shapes in of_colour.items():
        look = {"facecolors": colour} if colour else {"facecolors": "white", "hatch": "////", "hatchcolor": RULE}
        axes.add_collection(PathCollection(shapes, edgecolors=MUTED, linewidths=0.5, **look), autolim=False)


def _archipelago(sheet: Sheet, islands: maps.Archipelago, box: Frame, system: str, looks: dict[str, str]) -> None:
    """An archipelago in a frame of its own: its islands large enough to be seen, its name and its province."""
    sheet.page.add_artist(
        Rectangle((box.left, box.top), box.width, box.height, facecolor="white", edgecolor=MUTED, linewidth=1.2)
    )
    unbroken = islands.words[0].replace(islands.short, islands.short.replace(" ", "\u00a0"))
    whole = f"{unbroken} ({islands.words[1]})"
    name, size = _fitted(whole, box.width - 24, LEAST + 4, 4, "bold")
    _write(sheet, (box.left + box.right) / 2, box.top + 10 + _high(name, size) / 2, name, size, "bold", "center")
    inner = Frame(box.left + 20, box.top + 18 + _high(name, size), box.right - 20, box.bottom - 18)
    if inner.height < 40:
        raise NoRoom(name)
    west, south, east, north = (side + more for side, more in zip(islands.box, (-0.3, -0.3, 0.3, 0.3), strict=True))
    scale = min(inner.width / (east - west), inner.height / (north - south))
    middle_x, middle_y = (inner.left + inner.right) / 2, (inner.top + inner.bottom) / 2
    points = np.concatenate([p.far_islands for p in maps.provinces(system) if p.key == islands.unit])
    inside = (points[:, 0] >= west) & (points[:, 0] <= east) & (points[:, 1] >= south) & (points[:, 1] <= north)
    x = middle_x + (points[inside, 0] - (west + east) / 2) * scale
    y = middle_y - (points[inside, 1] - (south + north) / 2) * scale
    colour = looks.get(islands.unit, "white")
    sheet.page.dots(np.column_stack([x, y]), size=42, colour=colour, zorder=3)
