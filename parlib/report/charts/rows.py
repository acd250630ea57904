"""What figures share: the finished block; and the one engine of figures of rows.

A row has a name on the left, marks on a scale in the middle, and numbers on the right; below stand the scale and the
key. What differs between figures is declared (``Rows``) or drawn by a function that is given the axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.report import style
from parlib.report.blocks import Figure
from parlib.report.style import ACCENT, EDGE, INK, MUTED, SIZE, SMALL, Sheet
from parlib.report.views import View

_HEAD, _FOOT, _LINE = 7.0, 13.0, 4.2

#: What a figure draws, by column.
Data = Mapping[str, Iterable[object]]
#: A sign of the key: words, marker ("" = a patch, "|" = a stroke), colour, hatch.
Sign = tuple[str, str, str, str]
#: Puts the marks of all rows on the axes, at the heights it is given.
Draw = Callable[[Sheet, Axes, np.ndarray], None]


class Told(TypedDict, total=False):
    """What a figure says of itself: ``chart`` is its kind, ``source`` where it is not that of the results."""

    name: str
    chart: str
    caption: str
    alternative: str
    notes: tuple[str, ...]
    data: Data
    source: str


def figure(sheet: Sheet, view: View, **sentence: Unpack[Told]) -> Figure:
    """The finished figure: the sheet's picture with the marks of the results across it and below it. In its data names
    of units are put beside their keys."""
    if view.is_simulated:
        sheet.watermark(view.say("SIMULATED"))
    data = {key: list(map(_plain, values)) for key, values in _named(view, sentence["data"])}
    notes = (*sentence.get("notes", ()), *view.marks)
    return Figure(
        png=sheet.png(),
        caption=sentence["caption"],
        alternative=sentence["alternative"],
        source=sentence.get("source", view.source),
        notes=notes,
        width_mm=sheet.width,
        data=data,
        chart=sentence["chart"],
        name=sentence["name"],
    )


def _named(view: View, data: Data) -> Iterator[tuple[str, Iterable[object]]]:
    for key, values in data.items():
        yield key, values
        if key == "unit" and "name" not in data:
            yield "name", [view.unit(str(unit)) for unit in values]


def _plain(value: object) -> object:
    """A value as a block keeps it: numbers of numpy as plain ones; ``None`` where one is not known."""
    plain = value.item() if isinstance(value, np.generic) else value
    return None if plain is pd.NA or plain != plain else plain


def name_colours(view: View, units: Iterable[str]) -> list[str]:
    """The colours of unit names: the unit in focus stands out."""
    return [ACCENT if view.focus and unit == view.focus else INK for unit in units]


def known_of_all(view: View) -> tuple[str, ...]:
    """The line "Data for 18/63 provinces", where not all ranked units are known."""
    n, of = view.coverage
    if n.value == of.value:
        return ()
    return (view.say("Data for {known}/{all} {units}; the others are not drawn.", known=n, all=of),)


@dataclass(frozen=True)
class Rows:
    """What stands on the rows.

    ``names``    on the left, behind ``ranks`` where there are any; broken into lines of at most ``widest`` mm.
    ``numbers``  columns of texts on the right, each with the heading over it.
    ``limits``   the ends of the scale; ``margin`` is what is left free beyond them, as a part of it.
    ``pitch``    mm: the height of a row, less where many would not fit on a page; ``below`` is what notes take there.
    ``axis``     what the scale is in. ``strong``: the last numbers are bold.
    """

    names: Sequence[str]
    limits: tuple[float, float]
    numbers: Sequence[tuple[str, Sequence[str]]] = ()
    key: Sequence[Sign] = ()
    axis: str = ""
    colours: Sequence[str] | str = INK
    widest: float = 76.0
    pitch: float = 5.6
    margin: float = 0.05
    below: float = 0.0
    ranks: Sequence[str] = ()
    strong: bool = False


def of_units(view: View, units: Iterable[str]) -> tuple[list[str], list[str]]:
    """The names of units with their colours, for ``Rows``."""
    keys = [str(unit) for unit in units]
    return [view.unit(key) for key in keys], name_colours(view, keys)


def row_figure(view: View, rows: Rows, draw: Draw, **sentence: Unpack[Told]) -> Figure:
    """The figure of ``rows``, with the marks that ``draw`` puts on them."""
    count = len(rows.names)
    labels = [style.wrapped(text, rows.widest, SMALL) for text in rows.names]
    signs = list(_placed(rows.key, style.WIDTH - (style.text_width(rows.axis) + 4 if rows.axis else 0)))
    foot = _FOOT + _LINE * max((line for _, line, _ in signs), default=0)
    room = (style.TALLEST - _HEAD - foot - rows.below) / count
    pitch = min(max(rows.pitch, 7.0) if any("\n" in label for label in labels) else rows.pitch, room)
    size = SIZE if pitch > 4 else SMALL
    before = 3 + max(style.text_width(rank, size, "bold") for rank in rows.ranks) if rows.ranks else 0.0
    left = before + 5 + max(style.text_width(label, size) for label in labels)
    widths = [5 + max(style.text_width(text, size) for text in [*texts, heading]) for heading, texts in rows.numbers]
    with style.sheet(_HEAD + pitch * count + foot) as sheet:
        axes = sheet.axes(left, sum(widths) or 4.0, _HEAD, foot)
        low, high = rows.limits
        margin = (high - low) * rows.margin if high > low else 1.0
        axes.set(xlim=(low - margin, high + margin), ylim=(count - 0.5, -0.5))
        axes.grid(axis="x")
        draw(sheet, axes, np.arange(count, dtype=float))
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        at = _HEAD + pitch * (np.arange(count) + 0.5)
        sheet.write(EDGE + before, at, labels, size=size, colour=rows.colours)
        sheet.write(EDGE + before - 3, at, rows.ranks, align="right", size=size, weight="bold")
        for place, (heading, texts) in enumerate(rows.numbers, 1):
            x = sheet.width - EDGE - sum(widths[place:])
            weight: style.Weight = "bold" if rows.strong and place == len(widths) else "normal"
            sheet.write(x, at, list(texts), align="right", size=size, weight=weight)
            sheet.write(x, 2.4, heading, align="right", size=SMALL, colour=MUTED)
        for x, line, sign in signs:
            _draw_sign(sheet, x, sheet.height - foot + _FOOT - 2.8 + _LINE * line, sign)
        sheet.write(sheet.width - EDGE, sheet.height - 2.8, rows.axis, align="right", size=SMALL, colour=MUTED)
        return figure(sheet, view, **sentence)


def _placed(key: Iterable[Sign], right: float) -> Iterator[tuple[float, int, Sign]]:
    """The signs of a key with their places: mm from the left, and the line, a new one where ``right`` is reached."""
    x, line = EDGE, 0
    for sign in key:
        width = 10 + style.text_width(sign[0])
        if x > EDGE and x + width - 5 > right:
            x, line = EDGE, line + 1
        yield x, line, sign
        x += width


def _draw_sign(sheet: Sheet, x: float, y: float, sign: Sign) -> None:
    words, marker, colour, hatch = sign
    if not marker:
        sheet.key(x, y, [(words, colour, hatch)])
        return
    if marker == "|":
        sheet.page.vlines([x + 1.5], y - 1.6, y + 1.6, color=colour, linewidth=1.8)
    else:
        sheet.page.scatter([x + 1.5], [y], s=22, marker=marker, c=[colour], edgecolors=INK, linewidths=0.7)
    sheet.write(x + 4.4, y, words)


def stacked(
    sheet: Sheet,
    axes: Axes,
    y: np.ndarray,
    parts: Iterable[tuple[np.ndarray, str, str]],
    texts: Callable[[float], str] | None = None,
    *,
    height: float = 0.66,
    least: float = 0.0,
) -> None:
    """Bars one after another on each row: the values, colour and hatch of each part. ``texts`` writes a value into its
    bar, where all of the part are longer than ``least`` and it has no hatch."""
    start = np.zeros(len(y))
    for values, colour, hatch in parts:
        style.bars(axes, y, values, start, colour=colour, height=height, hatch=hatch, edge=MUTED)
        shown = values > 0
        if texts and not hatch and shown.any() and values.min() >= least:
            words = [texts(value) for value in values[shown]]
            middle = (start + values / 2)[shown]
            sheet.write(middle, y[shown], words, axes, align="center", size=SMALL, colour=style.readable_on(colour))
        start = start + values
