"""How the units spread: a dot a unit on one line, with the mean; or how many units each group has, in one bar."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from parlib.report import style
from parlib.report.blocks import Figure, Note, Number
from parlib.report.charts.columns import figure
from parlib.report.style import ACCENT, INK, MUTED, ORDERED, PALE, RULE, SMALL, Sheet
from parlib.report.views import View, ends
from parlib.report.wording import is_known
from parlib.scoring.results import WHOLE, records

_DOT = 2.5  # mm: the breadth of a dot
_HEAD, _FOOT = 9.0, 8.5


def strip(view: View, standing: pd.DataFrame, mean: Number | None, node: str = WHOLE) -> Figure | Note:
    """Every ranked unit as a dot at its value, stacked where they crowd; the mean as a line; first and last named.

    ``standing`` has ``unit``, ``ranked``, ``index`` (and ``band`` for the whole index: its colours). All ranked units
    must be known: the spread of some of them says nothing of all.
    """
    rows = standing[standing["ranked"].astype(bool)]
    if rows.empty or rows["index"].isna().any() or len(rows) != view.results.n_ranked:
        return view.missing("The spread of the {units} is not drawn: some values of {year} are not known.")
    values = np.array([view.scaled(value, node) for value in rows["index"]])
    order = np.argsort(values, kind="stable")
    rows, values = rows.iloc[order], values[order]
    room = (float(values[-1]) - float(values[0])) * 0.05 or 1.0
    scale = _Scale(float(values[0]) - room, float(values[-1]) + room)
    at = scale.mm(values)
    levels = _stacked(at)
    foot = _HEAD + (levels.max() + 1) * _DOT + 1  # mm: where the axis runs
    name = f"distribution_{node}" if node else "distribution"
    with style.sheet(foot + _FOOT) as sheet:
        _ground(sheet, view, node, scale, foot)
        y = foot - 0.4 - (levels + 0.5) * _DOT
        sheet.page.scatter(at, y, s=34, c=_colours(view, rows, node), edgecolors=INK, linewidths=0.5, zorder=3)
        _ends(sheet, view, rows, values)
        if mean is not None and mean.value is not None:
            x = float(scale.mm(mean.value))
            sheet.page.vlines([x], _HEAD - 0.8, foot, color=ACCENT, linewidth=1.5, zorder=2.5)
            _say_mean(sheet, view, mean, x)
        return figure(
            sheet,
            view,
            name=name,
            chart="strips",
            caption=view.say("Spread of the units: {subject}, {year}", subject=_subject(view, node)),
            alternative=_finding(view, rows, node, mean),
            notes=(view.say("Broken lines: bounds of the groups."),) if _bounds(view, node, scale) else (),
            data={
                "unit": list(rows["unit"]),
                "name": [view.unit(unit) for unit in rows["unit"]],
                "value": values.tolist(),
            },
        )


def _subject(view: View, node: str) -> str:
    return view.node_name(node) if node else view.index


def _stacked(x: np.ndarray) -> np.ndarray:
    """The level of every dot at the rising places ``x`` (mm): the lowest one where it hides none before it."""
    levels = np.zeros(len(x), dtype=int)
    last: list[float] = []
    for place, at in enumerate(x):
        level = next((n for n, taken in enumerate(last) if at - taken >= _DOT), len(last))
        if level == len(last):
            last.append(at)
        last[level], levels[place] = at, level
    return levels


def _colours(view: View, rows: pd.DataFrame, node: str) -> list[str]:
    names = list(view.results.bands)
    shades = [ORDERED[2]] * len(rows)
    if not node and "band" in rows:
        shades = [ORDERED[min(names.index(b), len(ORDERED) - 1)] if b in names else ORDERED[2] for b in rows["band"]]
    focused = [bool(view.focus) and unit == view.focus for unit in rows["unit"]]
    return [ACCENT if own else shade for own, shade in zip(focused, shades, strict=True)]


@dataclass(frozen=True)
class _Scale:
    """The values from ``low`` to ``high`` across the sheet. All is drawn on the page itself: axes cost 40 ms."""

    low: float
    high: float

    def mm(self, values: Any) -> Any:
        return (values - self.low) * style.WIDTH / (self.high - self.low)


def _ground(sheet: Sheet, view: View, node: str, scale: _Scale, foot: float) -> None:
    """The axis with its steps, and the bounds of the groups where the whole index is drawn."""
    ticks = _ticks(view, scale)
    at = scale.mm(np.array(list(ticks)))
    sheet.page.vlines(at, _HEAD, foot, color=PALE, linewidth=0.6, zorder=1)
    sheet.page.hlines([foot], 0, sheet.width, color=RULE, linewidth=0.7, zorder=1)
    sheet.write(at, foot + 2.6, list(ticks.values()), align="center", size=SMALL, colour=MUTED)
    sheet.page.vlines(
        [float(scale.mm(bound)) for bound in _bounds(view, node, scale)],
        _HEAD,
        foot,
        color=MUTED,
        linewidth=0.9,
        linestyle=(0, (3, 2)),
        zorder=1.5,
    )
    words = f"{_subject(view, node)} ({view.unit_of_value})"
    sheet.write(sheet.width / 2, sheet.height - 2.4, words, align="center", size=SMALL, colour=MUTED)


def _ticks(view: View, scale: _Scale) -> dict[float, str]:
    """The steps of the axis with their labels; none of which the label would be cut by an edge of the sheet."""
    ticks = {}
    found = MaxNLocator(9, steps=[1, 2, 5, 10]).tick_values(scale.low, scale.high)
    for step in map(float, found):
        label = view.tick(step)
        half = style.text_width(label, SMALL) / 2
        if half <= scale.mm(step) <= style.WIDTH - half:
            ticks[step] = label
    return ticks


def _bounds(view: View, node: str, scale: _Scale) -> list[float]:
    """The bounds of the groups that lie on the sheet; an area has no groups."""
    bounds = [view.scaled(bound) for bound in view.results.bands.values()] if not node else []
    return [bound for bound in bounds if scale.low < bound < scale.high]


def _ends(sheet: Sheet, view: View, rows: pd.DataFrame, values: np.ndarray) -> None:
    """The first and the last by name, at the two ends of the head line."""
    for place, align, x in ((0, "left", 1.0), (-1, "right", sheet.width - 1)):
        tied = int((values == values[place]).sum())
        name = view.unit(rows["unit"].iloc[place], short=True)
        shown = view.wording.format(float(values[place]), view.measure.decimals)
        words = f"{name} {shown}" if tied == 1 else shown
        sheet.write(x, 2.6, words, align=align, size=SMALL)  # type: ignore[arg-type]


def _say_mean(sheet: Sheet, view: View, mean: Number, x: float) -> None:
    """The mean in words over its line, inside the sheet."""
    words = view.say("mean {value}", value=view.amount(mean))
    half = style.text_width(words, SMALL, "bold") / 2
    at = min(max(x, half + 1), sheet.width - half - 1)
    sheet.write(at, 6.2, words, align="center", size=SMALL, colour=ACCENT, weight="bold")


def _finding(view: View, rows: pd.DataFrame, node: str, mean: Number | None) -> str:
    first, last = ends(rows["unit"], rows["index"])
    contents: dict[str, Any] = {
        "n": view.wording.count(len(rows), view.ref(node=node)),
        "first": view.shared_units(first.keys, node),
        "high": view.amount(view.value(first.keys[0], first.value, node)),
        "last": view.shared_units(last.keys, node),
        "low": view.amount(view.value(last.keys[0], last.value, node)),
    }
    if mean is None:
        return view.say("Dots of {n} units from {last}, {low}, to {first}, {high}.", **contents)
    return view.say(
        "Dots of {n} units from {last}, {low}, to {first}, {high}; the mean is {mean}.",
        mean=view.amount(mean),
        **contents,
    )


def groups_bar(view: View, bands: pd.DataFrame) -> Figure | Note:
    """How many units each group has, in one bar. ``bands`` is the frame of ``bands``; every number must be settled."""
    if bands.empty or bands["n"].isna().any() or not bands["n"].sum():
        return view.missing("The numbers of the groups of {year} are not all known.")
    rows = [row for row in records(bands) if row.n]
    names = list(view.results.bands)
    total = float(bands["n"].sum())
    with style.sheet(21.0) as sheet:
        x, entries = 0.0, []
        axes = sheet.axes(0, 0, 1, 10)
        axes.set(xlim=(0, total), ylim=(-0.5, 0.5))
        axes.set_axis_off()
        for row in rows:
            place = min(names.index(str(row.band)), len(ORDERED) - 1)
            colour, n = ORDERED[place], float(row.n)
            style.bars(axes, np.zeros(1), np.array([n]), x, colour=colour, height=0.9, edge=INK)
            text = view.wording.format(n, 0)
            sheet.write(x + n / 2, 0.0, text, axes, align="center", weight="bold", colour=style.readable_on(colour))
            entries.append((view.band(str(row.band)), colour, ""))
            x += n
        sheet.key(0.6, 14.2, entries)
        listed = [f"{view.band(str(row.band))}: {view.wording.format(float(row.n), 0)}" for row in records(bands)]
        return figure(
            sheet,
            view,
            name="groups",
            chart="stacked_bars",
            caption=view.say("Number of {units} by group of the {index}, {year}"),
            alternative=view.say("One bar in parts, units by group. {counts}.", counts="; ".join(listed)),
            data={
                "band": [str(row.band) for row in rows],
                "name": [view.band(str(row.band)) for row in rows],
                "n": [int(row.n) for row in rows],
            },
        )


def histogram(view: View, ranking: pd.DataFrame, mean: Number | None, fewest: int = 30) -> Figure | None:
    """How many units lie in each class of values; ``None`` for few units (dots show them better) or unknown values."""
    rows = ranking[ranking["ranked"].astype(bool)]
    values = np.array([view.scaled(value) for value in rows["index"]])
    if len(values) < fewest or np.isnan(values).any() or len(values) != view.results.n_ranked:
        return None
    step = _step(float(values.max() - values.min()))
    edges = np.arange(np.floor(values.min() / step), np.floor(values.max() / step) + 2) * step
    counts = [int(((values.round(9) >= low) & (values.round(9) < low + step)).sum()) for low in edges[:-1].round(9)]
    bounds = [view.scaled(bound) for bound in view.results.bands.values()]
    shades = [_shade(low, bounds) for low in edges[:-1]]
    with style.sheet(52.0) as sheet:
        axes = sheet.axes(5, 5, 8, 11)
        axes.bar(edges[:-1] + step / 2, counts, width=step * 0.96, color=shades, edgecolor=INK, linewidth=0.4)
        axes.set(xlim=(edges[0], edges[-1]), ylim=(0, max(counts) * 1.12))
        axes.set_xticks(edges)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(round(value, 6)))
        axes.spines["bottom"].set_color(RULE)
        texts = [view.wording.format(count, 0) if count else "" for count in counts]
        middle = edges[:-1] + step / 2
        sheet.write(middle, np.array(counts) + max(counts) * 0.05, texts, axes, align="center", weight="bold")
        if mean is not None and mean.value is not None:
            axes.axvline(mean.value, color=ACCENT, linewidth=1.5)
            _say_mean(sheet, view, mean, 5 + (mean.value - edges[0]) * (sheet.width - 10) / (edges[-1] - edges[0]))
        words = f"{view.index} {view.results.year} ({view.unit_of_value})"
        sheet.write(sheet.width / 2, sheet.height - 2.4, words, align="center", size=SMALL, colour=MUTED)
        return figure(
            sheet,
            view,
            name="histogram",
            chart="columns",
            caption=view.say("Number of {units} by value of the {index}, {year}"),
            alternative=_fullest(view, edges, counts),
            data={
                "from": [round(float(edge), 6) for edge in edges[:-1]],
                "name": [f"{view.tick(round(float(edge), 6))}{_TO}{view.tick(round(float(edge + step), 6))}"
                         for edge in edges[:-1]],
                "n": counts,
            },
        )  # fmt: skip


def _fullest(view: View, edges: np.ndarray, counts: list[int]) -> str:
    """The class that holds most units; all that hold as many."""
    ticks = [view.tick(round(float(edge), 6)) for edge in edges]
    classes = [view.say("{low} to under {high}", low=low, high=high) for low, high in pairwise(ticks)]
    most, _ = view.ends_of(classes, counts, view.say("classes"))
    n = view.wording.count(counts[most.place], view.ref())
    if len(most.places) > 1:
        return view.say("Columns of the number of units by value. As full as no other, with {n} each: {classes}.",
                        n=n, classes=most.named)  # fmt: skip
    return view.say(
        "Columns of the number of units by value. The fullest class holds {n}, from {low} to under {high}.",
        n=n,
        low=ticks[most.place],
        high=ticks[most.place + 1],
    )


_TO = "\N{EN DASH}"


def _step(width: float) -> float:
    """A round breadth of classes, so that there are some eight to sixteen of them."""
    return next((step for step in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0) if width / step <= 16), 10.0)


def _shade(low: float, bounds: list[float]) -> str:
    """The colour of the group that a class lies in; the middle shade without groups."""
    if not bounds:
        return ORDERED[1]
    place = next((n for n, bound in enumerate(bounds) if is_known(low) and low >= bound - 1e-9), len(bounds) - 1)
    return ORDERED[min(place, len(ORDERED) - 1)]


__all__ = ["groups_bar", "histogram", "strip"]
