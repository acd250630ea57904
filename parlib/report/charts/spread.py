"""How the units spread: a dot a unit, of all of them or region by region; how many each group has, in one bar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from parlib.report import prose, style
from parlib.report.blocks import Content, Figure, Note, Number, Parts, capital
from parlib.report.style import ACCENT, INK, MUTED, ORDERED, PALE, RULE, SMALL, Rows, Sheet, figure, row_figure
from parlib.report.views import End, View, ends
from parlib.scoring import units
from parlib.scoring.results import WHOLE
from parlib.tables import records

Values = TypeVar("Values", float, np.ndarray)
_STRIP_DOT = 2.5  # mm: the breadth of a dot
_STRIP_HEAD, _STRIP_FOOT = 9.0, 8.5


def strip(view: View, current: pd.DataFrame, mean: Number | None, node: str = WHOLE) -> Figure | Note:
    """Every ranked unit as a dot at its value, stacked where they crowd; the mean as a line; first and last named.

    ``current`` has ``unit``, ``ranked``, ``index`` (and ``band`` for the whole index: its colours). All ranked units
    must be known: the spread of some of them says nothing of all.
    """
    rows = current[current["ranked"].astype(bool)]
    if rows.empty or rows["index"].isna().any() or len(rows) != view.results.n_ranked:
        return view.missing("The spread of the {units} is not drawn: some values of {year} are not known.")
    values = np.array([view.scaled(value, node) for value in rows["index"]])
    order = np.argsort(values, kind="stable")
    rows, values = rows.iloc[order], values[order]
    with _drawn(view, rows, values, mean, node, style.NARROW) as sheet:
        narrow = style.for_telephones(sheet, view)
    with _drawn(view, rows, values, mean, node, style.WIDTH) as sheet:
        return figure(
            sheet,
            view,
            narrow=narrow,
            name=f"distribution_{node}" if node else "distribution",
            chart="strips",
            caption=view.say("Spread of the units: {subject}, {year}", subject=_subject(view, node)),
            alternative=_strip_alternative(view, rows, node, mean),
            notes=(view.say("Broken lines: bounds of the groups."),)
            if _bounds(view, node, _Scale.around(values, style.WIDTH))
            else (),
            data={"unit": rows["unit"], "value": values},
        )


@contextmanager
def _drawn(
    view: View, rows: pd.DataFrame, values: np.ndarray, mean: Number | None, node: str, width: float
) -> Iterator[Sheet]:
    """The sheet of a strip ``width`` mm wide."""
    scale = _Scale.around(values, width)
    at = scale.mm(values)
    levels = stacked_levels(at, _STRIP_DOT)
    foot = _STRIP_HEAD + (levels.max() + 1) * _STRIP_DOT + 1  # mm: where the axis runs
    with style.new_sheet(foot + _STRIP_FOOT, width) as sheet:
        _ground(sheet, view, node, scale, foot)
        y = foot - 0.4 - (levels + 0.5) * _STRIP_DOT
        sheet.page.dots(np.column_stack([at, y]), size=34, colour=_colours(view, rows, node), width=0.5, zorder=3)
        _ends(sheet, view, rows, values)
        if mean is not None and mean.value is not None:
            x = float(scale.mm(mean.value))
            sheet.page.lines([((x, _STRIP_HEAD - 0.8), (x, foot))], colour=ACCENT, width=1.5, zorder=2.5)
            _say_mean(sheet, view, mean, x)
        yield sheet


def _subject(view: View, node: str) -> str:
    return view.node_name(node) if node else view.index


def stacked_levels(x: np.ndarray, dot: float) -> np.ndarray:
    """The level of every dot, ``dot`` mm wide, at the rising places ``x`` (mm): the lowest where it hides none."""
    levels, last = np.zeros(len(x), dtype=int), list[float]()
    for place, at in enumerate(x):
        level = next((n for n, taken in enumerate(last) if at - taken >= dot), len(last))
        last[level:] = [at, *last[level + 1 :]]
        levels[place] = level
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
    """The values from ``low`` to ``high`` across a sheet. All is drawn on the page itself: axes cost 40 ms."""

    low: float
    high: float
    width: float

    @classmethod
    def around(cls, values: np.ndarray, width: float) -> _Scale:
        """A scale with some room around the rising ``values``."""
        room = (float(values[-1]) - float(values[0])) * 0.05 or 1.0
        return cls(float(values[0]) - room, float(values[-1]) + room, width)

    def mm(self, values: Values) -> Values:
        return (values - self.low) * self.width / (self.high - self.low)


def _ground(sheet: Sheet, view: View, node: str, scale: _Scale, foot: float) -> None:
    """The axis with its steps, and the bounds of the groups where the whole index is drawn."""
    ticks = _ticks(view, scale)
    at = scale.mm(np.array(list(ticks)))
    sheet.page.lines([((x, _STRIP_HEAD), (x, foot)) for x in at.tolist()], colour=PALE, width=0.6, zorder=1)
    sheet.page.lines([((0, foot), (sheet.width, foot))], colour=RULE, width=0.7, zorder=1)
    sheet.write(at, foot + 2.6, list(ticks.values()), align="center", size=SMALL, colour=MUTED)
    bounds = [((x, _STRIP_HEAD), (x, foot)) for x in (float(scale.mm(bound)) for bound in _bounds(view, node, scale))]
    sheet.page.lines(bounds, colour=MUTED, width=0.9, dashes=(0, (3, 2)), zorder=1.5)
    words = f"{_subject(view, node)} ({view.unit_of_value})"
    sheet.write(sheet.width / 2, sheet.height - 2.4, words, align="center", size=SMALL, colour=MUTED)


def _ticks(view: View, scale: _Scale) -> dict[float, str]:
    """The steps of the axis with their labels; none of which the label would be cut by an edge of the sheet."""
    ticks = {}
    locator = MaxNLocator(9 if scale.width > style.NARROW else 5, steps=[1, 2, 5, 10], min_n_ticks=5)
    for step in map(float, locator.tick_values(scale.low, scale.high)):
        label = view.tick(step)
        half = style.text_width(label, SMALL) / 2
        if half <= scale.mm(step) <= scale.width - half:
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
        shown = view.wording.format(float(values[place]), view.decimals)
        words = f"{name} {shown}" if tied == 1 else shown
        sheet.write(x, 2.6, words, align=align, size=SMALL)  # type: ignore[arg-type]


def _say_mean(sheet: Sheet, view: View, mean: Number, x: float) -> None:
    """The mean in words over its line, inside the sheet."""
    words = view.say("mean {value}", value=view.amount(mean))
    half = style.text_width(words, SMALL, "bold") / 2
    at = min(max(x, half + 1), sheet.width - half - 1)
    sheet.write(at, 6.2, words, align="center", size=SMALL, colour=ACCENT, weight="bold")


def _strip_alternative(view: View, rows: pd.DataFrame, node: str, mean: Number | None) -> str:
    first, last = ends(rows["unit"], rows["index"])
    contents: dict[str, Content] = {
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
    colours = [ORDERED[min(names.index(str(row.band)), len(ORDERED) - 1)] for row in rows]
    key = [(view.band(str(row.band)), "", colour, "") for row, colour in zip(rows, colours, strict=True)]

    def draw(sheet: Sheet) -> None:
        axes = sheet.axes(0, 0, 1, 10 + style.signs_at_foot(sheet, key))
        axes.set(xlim=(0, total), ylim=(-0.5, 0.5))
        axes.set_axis_off()
        x = 0.0
        for row, colour in zip(rows, colours, strict=True):
            n = float(row.n)
            style.bars(axes, np.zeros(1), np.array([n]), x, colour=colour, height=0.9, edge=INK)
            text = view.wording.format(n, 0)
            sheet.write(x + n / 2, 0.0, text, axes, align="center", weight="bold", colour=style.readable_on(colour))
            x += n

    first, *more = prose.in_groups(view, bands)
    listed = [f"{view.band(str(row.band))}: {view.wording.format(float(row.n), 0)}" for row in records(bands)]
    return style.drawn(
        view,
        18.0,
        draw,
        28.0,
        name="groups",
        chart="stacked_bars",
        caption=view.say("Number of {units} by group of the {index}, {year}"),
        finding=(capital(str(first)), *more),
        alternative=view.say("One bar in parts, units by group. {counts}.", counts="; ".join(listed)),
        data={
            "band": [str(row.band) for row in rows],
            "name": [view.band(str(row.band)) for row in rows],
            "n": [int(row.n) for row in rows],
        },
    )


_ROW = 13.0  # mm
_DOT = 2.3  # mm: the breadth of a dot


def region_strips(view: View, regions: pd.DataFrame) -> Figure | Note:
    """The known units of every region as dots, the mean of the region as a line where it is known.

    ``regions`` is the frame of ``regions`` (region, n, n_known, mean, ...).
    """
    rows = regions[(regions["n_known"] > 0) | regions["mean"].notna()] if not regions.empty else regions
    if rows.empty:
        return view.missing("Nothing is known of the regions in {year}.")
    values = _by_region(view)
    means = np.array([view.scaled(mean) for mean in rows["mean"]], dtype=float)
    known = np.isfinite(means)
    everything = np.concatenate([*(values[region].to_numpy() for region in rows["region"]), means])

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines((y[1:] + y[:-1]) / 2, *axes.get_xlim(), color=RULE, linewidth=0.5)
        per_mm = float(np.ptp(axes.get_xlim())) / (axes.get_window_extent().width / style.DPI / style.MM)
        for row, region in zip(y, rows["region"], strict=True):
            x = np.sort(values[region].to_numpy())
            axes.scatter(x, row + _spread(x / per_mm) / _ROW, s=30, color=ORDERED[2], edgecolors=INK, linewidths=0.5)
        axes.vlines(means[known], y[known] - 0.38, y[known] + 0.38, color=ACCENT, linewidth=2.2, zorder=1.5)

    key = [(view.wording.say("one province"), "o", ORDERED[2], "")]
    key += [(view.say("mean of the region"), "|", ACCENT, "")] if known.any() else []
    return row_figure(
        view,
        Rows(
            [view.region_names[region] for region in rows["region"]],
            (float(np.nanmin(everything)), float(np.nanmax(everything))),
            [
                (view.say("Mean"), [view.wording.format(mean, view.decimals) for mean in means]),
                (view.say("Known"), [f"{row.n_known}/{row.n}" for row in records(rows)]),
            ],
            key,
            f"{view.index} {view.results.year} ({view.unit_of_value})",
            widest=44.0,
            pitch=_ROW,
        ),
        draw,
        name="regions",
        chart="strips",
        caption=view.say("Distribution of the {index} by region, {year}"),
        alternative=_regions_alternative(view, rows),
        data={
            "region": [region for region in rows["region"] for _ in values[region]],
            "unit": [unit for region in rows["region"] for unit in values[region].index],
            "value": [value for region in rows["region"] for value in values[region]],
        },
    )


def _by_region(view: View) -> dict[str, pd.Series]:
    """The known values of the ranked units of each region."""
    known = view.values().loc[view.results.ranked_units].dropna()
    home = known.index.map(lambda unit: units.region_of(unit, view.results.system))
    return {region: known[home == region] for region in view.region_names}


def _spread(x: np.ndarray) -> np.ndarray:
    """How far dots at the sorted places ``x`` (mm) are moved sideways (mm) so that none hides another."""
    moved = np.zeros(len(x))
    steps = [0.0] + [sign * step * _DOT * 0.9 for step in range(1, 4) for sign in (1, -1)]
    for i in range(len(x)):
        near = [j for j in range(i) if x[i] - x[j] < _DOT]
        free = (s for s in steps if all((x[i] - x[j]) ** 2 + (s - moved[j]) ** 2 >= (0.95 * _DOT) ** 2 for j in near))
        moved[i] = next(free, 0.0)
    return np.clip(moved, -_ROW * 0.4, _ROW * 0.4)


def _regions_alternative(view: View, rows: pd.DataFrame) -> str:
    known = rows[rows["mean"].notna()]
    if known.empty:
        return view.say("Dots of the known units by region; no mean of a region is known for {year}.")
    best, worst = ends(known["region"], known["mean"])

    def mean(end: End) -> Parts:
        refs = (view.ref(f"region:{region}") for region in end.keys)
        return view.amount(view.number(end.value, *refs, made="mean"))

    n, of = len(known), len(view.region_names)
    if n < of:
        return view.say(
            "Dots of the units by region; the mean is known for {n}/{all} regions.",
            n=view.wording.count(n, view.ref("region:*")),
            all=view.wording.count(of, view.ref("region:*", column="listed")),
        )
    return view.say(
        "Dots of the units by region. Highest regional mean: {best}, {high}; lowest: {worst}, {low}.",
        best=view.wording.join(view.region_names[region] for region in best.keys),
        high=mean(best),
        worst=view.wording.join(view.region_names[region] for region in worst.keys),
        low=mean(worst),
    )
