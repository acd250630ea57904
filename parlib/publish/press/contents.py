"""What stands in the middle of a card: bars, large numbers, groups, the table of all, dots, a figure, sentences.

All is drawn in mm of the card. Letters shrink before they collide, down to a size that still reads on a telephone.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Rectangle
from PIL import Image

from parlib.publish.press.card import (
    Bar,
    Bars,
    Content,
    Dots,
    Figure,
    Figures,
    Groups,
    Picture,
    Roster,
    Sentences,
    plain,
)
from parlib.publish.press.frame import Frame
from parlib.report import style
from parlib.report.style import ACCENT, DOWN, INK, MUTED, ORDERED, PALE, RULE, UP, Sheet, text_width, wrapped
from parlib.report.wording import Parts

LINE = 1.25 / 72 * 25.4  # mm of height a line needs for each point of its letters


def draw(sheet: Sheet, content: Content, frame: Frame) -> None:
    """Draw ``content`` inside ``frame``."""
    match content:
        case Bars():
            _bars(sheet, content, frame)
        case Figures(figures):
            _figures(sheet, figures, frame)
        case Groups():
            _groups(sheet, content, frame)
        case Roster():
            _roster(sheet, content, frame)
        case Dots():
            _dots(sheet, content, frame)
        case Picture(png):
            _picture(sheet, png, frame)
        case Sentences(sentences):
            _sentences(sheet, sentences, frame)


# Bars


def _bars(sheet: Sheet, content: Bars, frame: Frame) -> None:
    """Each bar under its name, its number to the right. Falls run left of the axis, in another colour, hatched."""
    bars, top = content.bars, frame.top + 1
    for _, title in content.titles:
        sheet.write(frame.left, top + 2, title, size=11, colour=MUTED)
        top += 7
    step = min(30.0 if len(bars) > 3 else 44.0, (frame.bottom - top) / len(bars))
    values = [bar.value for bar in bars if bar.value is not None]
    low = min([0.0, *values])
    reach = max(content.longest, *values, 0.0) - low if values else 1.0
    scale = frame.width / (reach or 1.0)
    axis = frame.left - low * scale
    thick, gap = min(9.0, step * 0.24), min(5.0, step * 0.16)
    high = step - thick - gap - min(1.4, step * 0.06)
    names = [_Name.of(bar, frame, high) for bar in bars]
    common = max(13.0, min(name.size for name in names))  # one size for all that fit in it
    for n, (bar, name) in enumerate(zip(bars, names, strict=True)):
        base = top + (n + 1) * step - thick - gap
        _Name.of(bar, frame, high, min(common, name.size)).write(sheet, base - min(1.4, step * 0.06))
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


@dataclass(frozen=True)
class _Name:
    """What stands above a bar, as large as there is room: rank, name and small letters left, the number right."""

    bar: Bar
    start: float
    left: float
    right: float
    big: float  # points, of rank and number
    size: float  # points, of the name
    name: str
    below: str  # small letters on a line of their own, where they do not fit beside the name

    @classmethod
    def of(cls, bar: Bar, frame: Frame, high: float, largest: float = 16.0) -> _Name:
        """Laid out in ``high`` mm with letters no larger than ``largest``."""
        number, lead, detail = plain(bar.number), plain(bar.lead), plain(bar.detail)
        big = min(20.0, high / LINE * 1.05)
        left = frame.left + (max(9.5, text_width(lead, big, "bold") + 3) if lead else 0)
        room = frame.right - left - (text_width(number, big, "bold") + 4 if number else 0)
        weight: style.Weight = "bold" if bar.strong else "normal"
        name, below, size = bar.label, "", 8.0
        for size in (16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0):
            if size > largest:
                continue
            beside = text_width(bar.label, size, weight) + text_width(detail, _small(size)) + 4 <= room
            name = wrapped(bar.label, room, size, weight)
            below = "" if beside or not detail else wrapped(detail, room, _small(size))
            needed = _high(name, size) + (_high(below, _small(size)) if below else 0)
            if needed <= high and text_width(name, size, weight) <= room:
                break
        return cls(bar, frame.left, left, frame.right, big, size, name, below)

    def write(self, sheet: Sheet, bottom: float) -> None:
        """Write it down to ``bottom``."""
        bar, middle, small = self.bar, bottom - self.big * LINE / 2, _small(self.size)
        weight: style.Weight = "bold" if bar.strong else "normal"
        sheet.write(self.right, middle, plain(bar.number), size=self.big, weight="bold", align="right")
        if bar.lead:
            sheet.write(self.start, middle, plain(bar.lead), size=self.big, weight="bold", colour=MUTED)
        end = bottom - (_high(self.below, small) if self.below else 0)
        sheet.write(self.left, end - _high(self.name, self.size) / 2, self.name, size=self.size, weight=weight)
        if self.below:
            sheet.write(self.left, bottom - _high(self.below, small) / 2, self.below, size=small, colour=MUTED)
        elif bar.detail:
            at = self.left + text_width(self.name, self.size, weight) + 4
            sheet.write(at, end - _high(self.name, self.size) / 2, plain(bar.detail), size=small, colour=MUTED)


def _small(size: float) -> float:
    return size - 2 if size > 10 else size


# Large numbers


def _figures(sheet: Sheet, figures: tuple[Figure, ...], frame: Frame) -> None:
    """The first across the whole width, the others two in a row."""
    rest = figures[1:]
    rows = 1 + math.ceil(len(rest) / 2)
    high = min(44.0, (frame.height - 4 * (rows - 1)) / rows)
    _figure(sheet, figures[0], Frame(frame.left, frame.top + 2, frame.right, frame.top + high), 44)
    for n, figure in enumerate(rest):
        row, place = 1 + n // 2, n % 2
        alone = place == 0 and n == len(rest) - 1
        wide = frame.width if alone else (frame.width - 5) / 2
        left = frame.left + place * (wide + 5)
        top = frame.top + 2 + row * (high + 4) - 2
        _figure(sheet, figure, Frame(left, top, left + wide, top + high - 2), 30)


def _figure(sheet: Sheet, figure: Figure, frame: Frame, size: float) -> None:
    _rectangle(sheet, frame.left, frame.top, frame.width, frame.height, "#f1f5f8")
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


# Groups


def _groups(sheet: Sheet, content: Groups, frame: Frame) -> None:
    """A row for each group: its number large, its bounds, and who is known to be in it; high where names are many."""
    groups = content.groups
    weights = [1.9 + min(len(group.members), 600) / 180 if group.members else 0.9 for group in groups]
    unit = frame.height / sum(weights)
    y = frame.top
    for place, (group, weight) in enumerate(zip(groups, weights, strict=True)):
        high = min(unit * weight, 78.0 if group.members else 24.0) - 3
        colour = ORDERED[min(place, len(ORDERED) - 2)]
        _rectangle(sheet, frame.left, y, 31, high, colour)
        size = min(30.0, 30.0 * 25 / text_width(group.n.text, 30, "bold"), high * 2)
        sheet.write(
            frame.left + 15.5, y + high / 2, group.n.text, size=size, weight="bold", align="center",
            colour=style.readable_on(colour),
        )  # fmt: skip
        _rectangle(sheet, frame.left + 31, y, frame.width - 31, high, "#f1f5f8")
        left, room = frame.left + 35, frame.width - 39
        name, name_size = _fitting(group.name, room, (14.0, 13.0, 12.0, 11.0), 1)
        members, size = "", 0.0
        for size in (11.5, 10.5, 9.5, 8.5, 7.5, 6.5):
            members = wrapped(group.members, room, size) if group.members else ""
            if _high(members, size) + _high(name, name_size) <= high - 3:
                break
        needed = _high(name, name_size) + (_high(members, size) if members else 0)
        at = y + (high - needed) / 2
        sheet.write(left, at + _high(name, name_size) / 2, name, size=name_size, weight="bold")
        if members:
            sheet.write(left, at + _high(name, name_size) + _high(members, size) / 2, members, size=size)
        y += high + 3


# The table of all


def _roster(sheet: Sheet, content: Roster, frame: Frame) -> None:
    """Rank, name and value in one to three columns."""
    entries = content.entries
    columns = 1 if len(entries) <= 20 else 2 if len(entries) <= 36 else 3
    rows = math.ceil(len(entries) / columns)
    gap = 6.0
    wide = (frame.width - gap * (columns - 1)) / columns
    step = min(8.5, frame.height / rows)
    size = min(13.0, step * 2.0)
    texts = [(plain((entry.rank,)), entry.name, plain((entry.value,))) for entry in entries]
    ranks = max(text_width(rank, size) for rank, _, _ in texts) + 2.5
    values = max(text_width(value, size, "bold") for _, _, value in texts) + 2
    for n, (entry, (rank, name, value)) in enumerate(zip(entries, texts, strict=True)):
        left = frame.left + (n // rows) * (wide + gap)
        y = frame.top + (n % rows + 0.5) * step
        if n % rows % 2 == 0:
            _rectangle(sheet, left - 1, y - step / 2, wide + 2, step, "#f1f5f8")
        colour = ACCENT if entry.strong else INK
        sheet.write(left + ranks - 2.5, y, rank, size=size, align="right", colour=MUTED)
        room = wide - ranks - values
        own = min(size, size * room / text_width(name, size))
        sheet.write(left + ranks, y, name, size=own, colour=colour)
        sheet.write(left + wide, y, value, size=size, weight="bold", align="right", colour=colour)


# Dots


def _dots(sheet: Sheet, content: Dots, frame: Frame) -> None:
    """Every unit on one scale; dots that would cover each other are stacked."""
    values = np.array([number.value for number in content.values], dtype=float)
    low, high = float(values.min()), float(values.max())
    left, right = frame.left + 4, frame.right - 4
    scale = (right - left) / ((high - low) or 1.0)
    x = left + (values - low) * scale
    across = 4.6 if len(values) > 30 else 6.4
    floor = frame.top + frame.height * 0.66
    heights = _stacked(x, across)
    shrink = min(1.0, (frame.height * 0.42) / ((max(heights) + 1) * across))
    y = floor - (np.array(heights) + 0.5) * across * shrink
    above = values >= (content.mean_value if content.mean_value is not None else low)
    sheet.page.scatter(
        x, y, s=(across * 0.88 * shrink / 25.4 * 72) ** 2, c=[UP if yes else "#93bfdd" for yes in above],
        edgecolors="white", linewidths=0.6, zorder=3,
    )  # fmt: skip
    sheet.page.plot([left - 4, right + 4], [floor, floor], color=INK, linewidth=1.0)
    for (name, parts), at, align in ((content.lowest, left - 4, "left"), (content.highest, right + 4, "right")):
        sheet.write(at, floor + 6, plain(parts), size=17, weight="bold", align=align)  # type: ignore[arg-type]
        label, size = _fitting(name, frame.width * 0.46, (12.5, 11.5, 10.5), 2)
        sheet.write(at, floor + 11 + _high(label, size) / 2, label, size=size, align=align)  # type: ignore[arg-type]
    if content.mean and content.mean_value is not None:
        at = left + (content.mean_value - low) * scale
        top = frame.top + frame.height * 0.16
        sheet.page.plot([at, at], [top, floor], color=ACCENT, linewidth=1.6, linestyle=(0, (4, 2)), zorder=2)
        words = f"{content.mean[0]}: {plain(content.mean[1])}"
        half = text_width(words, 14, "bold") / 2
        at = min(max(at, frame.left + half), frame.right - half)
        sheet.write(at, top - 4, words, size=14, weight="bold", align="center", colour=ACCENT)


def _stacked(x: np.ndarray, across: float) -> list[int]:
    """For each dot the row, from 0, in which it covers no other."""
    rows: list[list[float]] = []
    places = [0] * len(x)
    for n in np.argsort(x, kind="stable"):
        row = next((r for r, taken in enumerate(rows) if x[n] - taken[-1] >= across), len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(float(x[n]))
        places[n] = row
    return places


# A figure of the report, and sentences


def _picture(sheet: Sheet, png: bytes, frame: Frame) -> None:
    """The figure whole, as large as it fits."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    scale = min(frame.width / picture.width, frame.height / picture.height)
    wide, high = picture.width * scale, picture.height * scale
    left, top = frame.left + (frame.width - wide) / 2, frame.top + (frame.height - high) / 2
    box = (left, left + wide, top + high, top)
    sheet.page.imshow(np.asarray(picture), extent=box, aspect="auto", interpolation="lanczos", zorder=2)


def _sentences(sheet: Sheet, sentences: tuple[Parts, ...], frame: Frame) -> None:
    texts = [plain(parts) for parts in sentences]
    size, lines = 9.0, texts
    for size in (16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0):
        lines = [wrapped(text, frame.width - 7, size) for text in texts]
        if sum(_high(text, size) + 6 for text in lines) <= frame.height:
            break
    y = frame.top + 2
    for text in lines:
        high = _high(text, size)
        _rectangle(sheet, frame.left, y, 1.4, high, UP)
        sheet.write(frame.left + 6, y + high / 2, text, size=size)
        y += high + 6


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
