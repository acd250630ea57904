"""How sure a ranking is, a row a unit: ranks left open by chance, by the weights, by a part left out, and how often.

Chance in the survey and choices of method never share an interval, a bar or a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import figure, name_colours
from parlib.report.style import ACCENT, EDGE, INK, MUTED, ORDERED, PALE, SCALE, SIZE, SMALL, Sheet
from parlib.report.views import NAMED, Shared, View
from parlib.report.wording import Parts

_HEAD, _FOOT = 7.0, 14.0
FEWEST_UNITS = 2  # one unit has no ranking
_OFTEN = PowerNorm(0.5, 0, 1)  # a rank taken in one draw of twenty must still be seen


@dataclass(frozen=True)
class _Layer:
    """Bars of one kind: from ``low`` to ``high`` for every row, ``part`` of the height of the row."""

    low: np.ndarray
    high: np.ndarray
    words: str
    colour: str
    part: float


def rank_sets(
    view: View,
    simultaneous: pd.DataFrame,
    marginal: pd.DataFrame | None = None,
    assumed: bool = False,
    without: tuple[str, ...] = (),
) -> Figure | Note:
    """The ranks that chance in the survey leaves to every unit: for all units at once, and for each alone.

    Both are tables of ``rank_confidence_sets`` (unit, rank, rank_low, rank_high, coverage). ``assumed`` says that no
    standard error was published, and the one used is assumed.
    """
    rows = _ranked(simultaneous)
    if len(rows) < FEWEST_UNITS:
        return view.missing("Ranks cannot be given intervals for {year}: too few values or no error is known.")
    coverage = view.wording.format(100 * float(rows["coverage"].iloc[0]), 0)
    layers = [_layer(rows, view.say("all ranks at once ({n}%)", n=coverage), ORDERED[2], 0.8)]
    if marginal is not None and len(marginal):
        alone = marginal.set_index("unit").loc[list(rows["unit"])].reset_index()
        layers.append(_layer(alone, view.say("one unit looked at alone ({n}%)", n=coverage), ORDERED[1], 0.36))
    return _rank_rows(
        view,
        rows,
        layers,
        name="rank-sets",
        caption=view.say("Ranks that survey error leaves open, {index} {year}"),
        notes=(*_on_errors(view, assumed, without), *view.open_ends(simultaneous)),
    )


def rank_intervals(view: View, study: pd.DataFrame) -> Figure | Note:
    """The ranks that every unit takes in most draws of the weights. ``study`` is the table of a ``RankStudy``."""
    rows = _ranked(study)
    if len(rows) < FEWEST_UNITS:
        return view.missing("The points of the parts of {year} are not known: weights cannot be varied.")
    coverage = view.wording.format(100 * float(rows["coverage"].iloc[0]), 0)
    return _rank_rows(
        view,
        rows,
        [_layer(rows, view.say("ranks in {n}% of the draws", n=coverage), ORDERED[2], 0.8)],
        name="rank-weights",
        caption=view.say("Ranks when the weights vary, {index} {year}"),
    )


def removal_ranges(view: View, removals: pd.DataFrame) -> Figure | Note:
    """The best and the worst rank of every unit when one part at a time is left out.

    ``removals`` is the frame of ``leave_out`` (node, unit, rank, rank_before, ...).
    """
    known = removals[removals["rank"].notna()] if len(removals) else removals
    if known.empty or known["unit"].nunique() < FEWEST_UNITS:
        return view.missing("The points of the parts of {year} are not known: none can be left out.")
    ranges = known.groupby("unit", sort=False).agg(
        rank=("rank_before", "first"), rank_low=("rank", "min"), rank_high=("rank", "max")
    )
    rows = _ranked(ranges.reset_index())
    return _rank_rows(
        view,
        rows,
        [_layer(rows, view.say("ranks with one {area} left out", area=view.area), ORDERED[2], 0.8)],
        name="rank-removal",
        caption=view.say("Ranks with one {area} left out at a time, {index} {year}", area=view.area),
    )


def caterpillar(
    view: View, intervals: pd.DataFrame, assumed: bool = False, without: tuple[str, ...] = ()
) -> Figure | Note:
    """The value of every unit with the interval to compare it with one other unit.

    ``intervals`` is the frame of ``pairwise_intervals`` (unit, estimate, low, high, rank, level), in percent of the
    maximum.
    """
    rows = _ranked(intervals)
    if len(rows) < FEWEST_UNITS or not rows["low"].notna().any():
        return view.missing("Ranks cannot be given intervals for {year}: too few values or no error is known.")
    low, value, high = (np.array([view.scaled(x) for x in rows[name]]) for name in ("low", "estimate", "high"))
    names, pitch, left = _room(view, rows)
    with style.sheet(_HEAD + pitch * len(rows) + _FOOT) as sheet:
        axes = sheet.axes(left, 16, _HEAD, _FOOT)
        y = np.arange(len(rows))
        margin = float(np.nanmax(high) - np.nanmin(low)) * 0.03 or 1.0
        axes.set(xlim=(np.nanmin(low) - margin, np.nanmax(high) + margin), ylim=(len(rows) - 0.5, -0.5))
        axes.grid(axis="x")
        axes.hlines(y, low, high, color=ORDERED[1], linewidth=1.6)
        axes.scatter(value, y, s=13, color=INK, zorder=3, linewidths=0)
        axes.set_xlabel(f"{view.index} {view.results.year} ({view.unit_of_value})", labelpad=2)
        axes.xaxis.set_major_formatter(lambda tick, _: view.tick(tick))
        decimals = view.measure.decimals
        _beside(sheet, view, rows, names, pitch, [view.wording.format(x, decimals) for x in value], view.index)
        level = view.wording.format(100 * float(rows["level"].iloc[0]), 0)
        notes = [
            view.say(
                "Two units picked beforehand differ if their intervals do not overlap (at {level}%, on the average "
                "over pairs). These are not intervals for a value, nor for many units at once.",
                level=level,
            )
        ]
        best, last = view.ends_of(names, value)
        return figure(
            sheet,
            view,
            name="caterpillar",
            chart="intervals",
            caption=view.say("The {index} with intervals for comparing two units, {year}"),
            alternative=view.say(
                "Dots with intervals for {n} units, from {best} to {last}.",
                n=len(rows),
                best=best.named,
                last=last.named,
            ),
            notes=(*notes, *_on_errors(view, assumed, without)),
            data=_data(view, rows, value=value, low=low, high=high),
        )


def acceptability(view: View, study: pd.DataFrame, shares: pd.DataFrame) -> Figure | Note:
    """How often each unit takes each rank when the weights vary: darker is more often.

    ``study`` is the table of a ``RankStudy`` and ``shares`` its acceptability (units x ranks, 0-1).
    """
    rows = _ranked(study)
    if len(rows) < FEWEST_UNITS:
        return view.missing("The points of the parts of {year} are not known: weights cannot be varied.")
    grid = shares.loc[list(rows["unit"])].to_numpy(dtype=float)
    n = grid.shape[1]
    names, pitch, left = _room(view, rows)
    with style.sheet(_HEAD + pitch * len(rows) + _FOOT) as sheet:
        axes = sheet.axes(left, 16, _HEAD, _FOOT)
        axes.pcolormesh(
            np.arange(n + 1) + 0.5,
            np.arange(len(rows) + 1) - 0.5,
            np.ma.masked_less(grid, 0.005),
            cmap=SCALE,
            norm=_OFTEN,
        )
        axes.set(xlim=(0.5, n + 0.5), ylim=(len(rows) - 0.5, -0.5))
        _rank_ticks(axes, n)
        ranks = rows["rank"].to_numpy(dtype=float)
        axes.scatter(ranks, np.arange(len(rows)), s=9, facecolors="white", edgecolors=ACCENT, linewidths=0.9, zorder=3)
        at_rank = grid[np.arange(len(rows)), ranks.astype(int) - 1]
        texts = [view.wording.format(100 * share, 0) for share in at_rank]
        _beside(sheet, view, rows, names, pitch, texts, view.say("% own rank"))
        _acceptability_key(sheet, view, left)
        surest, least = view.ends_of(names, at_rank)
        return figure(
            sheet,
            view,
            name="acceptability",
            chart="heatmap",
            caption=view.say("How often each unit takes each rank when the weights vary, {index} {year}"),
            alternative=view.say(
                "Table of colours. {best} keeps its rank in {high}% of the draws, the most; {worst} in {low}%, the "
                "least.",
                best=surest.named,
                high=texts[surest.place],
                worst=least.named,
                low=texts[least.place],
            ),
            data=_data(view, rows, rank=ranks, share_at_rank=at_rank)
            | {str(place + 1): grid[:, place].tolist() for place in range(n)},
        )


def _acceptability_key(sheet: Sheet, view: View, left: float) -> None:
    """The scale of colours and the mark of the official rank."""
    y = sheet.height - 3.2
    sheet.write(left, y, "0%", size=SMALL, colour=MUTED)
    bar = sheet.axes(left + 6, sheet.width - left - 46, sheet.height - 4.7, 1.7)
    bar.imshow(np.linspace(0, 1, 64)[None, :], aspect="auto", cmap=SCALE, norm=_OFTEN)
    bar.set_axis_off()
    sheet.write(left + 47, y, "100%", size=SMALL, colour=MUTED)
    sheet.page.scatter([left + 62], [y], s=14, facecolors="white", edgecolors=ACCENT, linewidths=0.9)
    sheet.write(left + 65, y, view.say("rank as computed"))


# --- what the figures share -----------------------------------------------------------------------


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """The units that have a rank, best first; ties in the order given."""
    if not len(table):
        return table
    return table[table["rank"].notna()].sort_values("rank", kind="stable").reset_index(drop=True)


def _layer(rows: pd.DataFrame, words: str, colour: str, part: float) -> _Layer:
    low, high = (rows[name].to_numpy(dtype=float) for name in ("rank_low", "rank_high"))
    return _Layer(low, high, words, colour, part)


def _room(view: View, rows: pd.DataFrame) -> tuple[list[str], float, float]:
    """Names, height of a row and width of the names."""
    names = [view.unit(unit) for unit in rows["unit"]]
    pitch = min(5.2, (style.TALLEST - _HEAD - _FOOT) / len(rows))
    return names, pitch, 4 + max(style.text_width(name, SMALL) for name in names)


def _rank_rows(
    view: View, rows: pd.DataFrame, layers: Sequence[_Layer], *, name: str, caption: str, notes: tuple[str, ...] = ()
) -> Figure:
    """Bars of ranks and the rank as computed; on the right the outer bar in numbers."""
    names, pitch, left = _room(view, rows)
    with style.sheet(_HEAD + pitch * len(rows) + _FOOT) as sheet:
        axes = sheet.axes(left, 16, _HEAD, _FOOT)
        y, ranks = np.arange(len(rows)), rows["rank"].to_numpy(dtype=float)
        n = max([len(rows), *(int(layer.high.max()) for layer in layers)])
        axes.set(xlim=(0, n + 1), ylim=(len(rows) - 0.5, -0.5))
        _rank_ticks(axes, n)
        axes.grid(axis="x")
        axes.hlines(y, 0, n + 1, color=PALE, linewidth=0.4, zorder=0.5)
        for layer in layers:
            # A quarter of a place on either side shows a bar where the rank is certain.
            widths = layer.high - layer.low + 0.5
            style.bars(axes, y, widths, layer.low - 0.25, colour=layer.colour, height=layer.part)
        axes.scatter(ranks, y, s=9, color=ACCENT, edgecolors="white", linewidths=0.4, zorder=3)
        texts = [f"{low:.0f}–{high:.0f}" for low, high in zip(layers[0].low, layers[0].high, strict=True)]
        _beside(sheet, view, rows, names, pitch, texts, view.say("Ranks"))
        _rank_key(sheet, view, layers)
        return figure(
            sheet,
            view,
            name=name,
            chart="intervals",
            caption=caption,
            alternative=_finding(view, rows, layers[0]),
            notes=notes,
            data=_data(view, rows, rank=ranks)
            | {
                f"{end}_{place}": values.tolist()
                for place, layer in enumerate(layers, 1)
                for end, values in (("low", layer.low), ("high", layer.high))
            },
        )


def _rank_ticks(axes: Axes, n: int) -> None:
    axes.set_xticks([1, *range(10, n + 1, 10)] if n >= 15 else list(range(1, n + 1)))


def _beside(
    sheet: Sheet, view: View, rows: pd.DataFrame, names: list[str], pitch: float, texts: list[str], head: str
) -> None:
    """Names on the left, numbers and their head on the right."""
    y = _HEAD + pitch * (np.arange(len(rows)) + 0.5)
    sheet.write(EDGE, y, names, size=SMALL, colour=name_colours(view, rows["unit"]))
    sheet.write(sheet.width - EDGE, y, texts, align="right", size=SMALL)
    sheet.write(sheet.width - EDGE, 2.4, head, align="right", size=SMALL, colour=MUTED)


def _rank_key(sheet: Sheet, view: View, layers: Sequence[_Layer]) -> None:
    y, words = sheet.height - 3.2, view.say("rank as computed")
    sheet.page.scatter([EDGE + 1.5], [y], s=12, color=ACCENT)
    sheet.write(EDGE + 4, y, words, size=SIZE)
    sheet.key(EDGE + 9 + style.text_width(words), y, [(layer.words, layer.colour, "") for layer in layers])


def _finding(view: View, rows: pd.DataFrame, layer: _Layer) -> str:
    names = [view.unit(unit) for unit in rows["unit"]]
    widest, narrowest = (_ranks_of(view, names, layer, end) for end in view.ends_of(names, layer.high - layer.low))
    return view.say(
        "Bars of ranks for {n} units. Widest: {wide}; narrowest: {narrow}.", n=len(rows), wide=widest, narrow=narrowest
    )


def _ranks_of(view: View, names: list[str], layer: _Layer, end: Shared) -> Parts:
    """The units whose bars are as wide, each with its ranks; of many their number, and how wide the bars are."""
    if len(end.places) > NAMED:
        wide = int((layer.high - layer.low)[end.place])
        return view.phrase("{units} (best and worst rank {n} apart)", units=end.named, n=wide)
    return view.wording.join(
        view.phrase(
            "{unit} (ranks {low} to {high})", unit=names[place], low=int(layer.low[place]), high=int(layer.high[place])
        )
        for place in end.places
    )


def _on_errors(view: View, assumed: bool, without: tuple[str, ...]) -> tuple[str, ...]:
    """What the errors of a figure rest on, and which are not in it."""
    supposed = view.say(
        "Assumption: no standard error was published; what is shown would hold if the error of every unit had the size "
        "that is estimated from the changes since the year before. It is an estimate, not a bound."
    )
    return tuple(text for text in (supposed if assumed else "", view.without_errors(without)) if text)


def _data(view: View, rows: pd.DataFrame, **columns: np.ndarray) -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = {"unit": list(rows["unit"]), "name": [view.unit(unit) for unit in rows["unit"]]}
    for name, values in columns.items():
        data[name] = [None if np.isnan(value) else float(value) for value in values]
    return data
