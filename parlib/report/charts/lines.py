"""A figure of lines: a name on the left, marks on a scale in the middle, a number on the right; one call a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from parlib.report import style
from parlib.report.blocks import Figure
from parlib.report.charts.columns import figure
from parlib.report.style import INK, MUTED, SIZE, SMALL
from parlib.report.views import View

_HEAD, _FOOT = 7.0, 13.0

#: A sign of the key: words, marker ("" = a patch), colour, hatch.
Sign = tuple[str, str, str, str]


@dataclass(frozen=True)
class Lines:
    """What stands on the lines: ``names``, the numbers on the right as text, the heading over them."""

    names: Sequence[str]
    numbers: Sequence[str]
    heading: str
    colours: Sequence[str] | str = INK
    widest: float = 76.0  # mm for the names


def lines_figure(
    view: View,
    lines: Lines,
    draw: Callable[[Axes, np.ndarray], None],
    limits: tuple[float, float],
    *,
    name: str,
    chart: str,
    caption: str,
    alternative: str,
    data: dict[str, list[Any]],
    key: Sequence[Sign] = (),
    axis: str = "",
    notes: tuple[str, ...] = (),
) -> Figure:
    """The figure: ``draw`` puts the marks of all lines on the axes, at the heights it is given."""
    count = len(lines.names)
    labels = [style.wrapped(text, lines.widest, SMALL) for text in lines.names]
    pitch = 7.0 if any("\n" in label for label in labels) else min(5.6, (style.TALLEST - _HEAD - _FOOT) / count)
    size = SIZE if pitch > 4 else SMALL
    left = 5 + max(style.text_width(label, size) for label in labels)
    right = 5 + max(style.text_width(text, size) for text in [*lines.numbers, lines.heading])
    with style.sheet(_HEAD + pitch * count + _FOOT) as sheet:
        axes = sheet.axes(left, right, _HEAD, _FOOT)
        margin = (limits[1] - limits[0]) * 0.05 or 1.0
        axes.set(xlim=(limits[0] - margin, limits[1] + margin), ylim=(count - 0.5, -0.5))
        axes.grid(axis="x")
        draw(axes, np.arange(count, dtype=float))
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        at = _HEAD + pitch * (np.arange(count) + 0.5)
        sheet.write(0, at, labels, size=size, colour=lines.colours)
        sheet.write(sheet.width, at, list(lines.numbers), align="right", size=size)
        sheet.write(sheet.width, 2.4, lines.heading, align="right", size=SMALL, colour=MUTED)
        x, foot = 0.0, sheet.height - 2.8
        for words, marker, colour, hatch in key:
            if marker:
                sheet.page.scatter([x + 1.5], [foot], s=22, marker=marker, c=[colour], edgecolors=INK, linewidths=0.7)
                sheet.write(x + 4.4, foot, words)
            else:
                sheet.key(x, foot, [(words, colour, hatch)])
            x += 10 + style.text_width(words)
        if axis:
            sheet.write(sheet.width, foot, axis, align="right", size=SMALL, colour=MUTED)
        return figure(
            sheet, view, name=name, chart=chart, caption=caption, alternative=alternative, notes=notes, data=data
        )
