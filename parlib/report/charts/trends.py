"""An index over the years: level, spread and ranks; a line has a gap wherever the scale changed or nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import figure
from parlib.report.style import ACCENT, EDGE, INK, MUTED, ORDERED, RULE, SMALL, Sheet
from parlib.report.views import View

_LEFT, _RIGHT, _HEAD, _FOOT = 12.0, 8.0, 8.0, 15.0
MOST_LINES = 5  # more lines than these nobody can tell apart
MOST_PLACES = 70


def value_column(view: View) -> Any:
    """What a series of this index is made of: "points" where it is published in points, else "index"."""
    return "points" if view.measure.in_points else "index"


def yearly_lines(view: View, yearly: pd.DataFrame, series: pd.DataFrame | None = None) -> Figure | Note:
    """Mean, lowest and highest value of every year, and the unit in focus.

    ``yearly`` is the frame of ``yearly`` and ``series`` of ``series``, both made with ``value_column``.
    """
    if len(yearly) < 2 or yearly[["mean", "minimum", "maximum"]].notna().any(axis=1).sum() < 2:
        return view.missing("Too little is known of the years up to {year} to draw a line.")
    lines = [
        (view.say("highest"), "maximum", ORDERED[1], "^", "--"),
        (view.say("mean"), "mean", ORDERED[0], "o", "-"),
        (view.say("lowest"), "minimum", ORDERED[1], "v", ":"),
    ]
    years = yearly["year"].to_numpy(dtype=int)
    columns = {column: yearly[column].to_numpy(dtype=float) for _, column, *_ in lines}
    breaks = _breaks(yearly)
    if view.focus and series is not None and (series["unit"] == view.focus).any():
        own = series[series["unit"] == view.focus].set_index("year")["value"].reindex(years)
        columns["focus"] = own.to_numpy(dtype=float)
        lines.append((view.unit(view.focus), "focus", ACCENT, "s", "-"))
    with style.sheet(92) as sheet:
        axes = _time_axes(sheet, view, years, breaks)
        for _, column, colour, marker, dashes in lines:
            _line(axes, years, columns[column], breaks, colour, marker, dashes)
        everything = np.concatenate(list(columns.values()))
        low, high = np.nanmin(everything), np.nanmax(everything)
        margin = (high - low) * 0.1 or 1.0
        axes.set_ylim(low - margin, high + margin)
        _value_axis(sheet, axes, view)
        texts = [view.wording.format(value, 1) if np.isfinite(value) else "" for value in columns["mean"]]
        known = [place for place, text in enumerate(texts) if text]
        heights = columns["mean"][known] + margin * 0.45
        sheet.write(years[known], heights, [texts[place] for place in known], axes, align="center", size=SMALL)
        _line_key(sheet, [(words, colour, marker, dashes) for words, _, colour, marker, dashes in lines])
        return figure(
            sheet,
            view,
            name="years",
            chart="lines",
            caption=view.say(
                "The {index} over the years, {first}–{year} ({unit})", first=int(years[0]), unit=view.unit_of_value
            ),
            alternative=_told(view, yearly),
            notes=(*_break_note(view, years, breaks), *_partial_note(view, yearly)),
            data={
                "year": years.tolist(),
                **{name: [None if np.isnan(value) else float(value) for value in v] for name, v in columns.items()},
            },
        )


def spread_line(view: View, yearly: pd.DataFrame) -> Figure | Note:
    """The standard deviation of the units in every year of which all values are known: do they draw together?"""
    if yearly.empty or yearly["sd"].notna().sum() < 2:
        return view.missing("Fewer than two years are known in full: no spread can be drawn.")
    years, values, breaks = yearly["year"].to_numpy(dtype=int), yearly["sd"].to_numpy(dtype=float), _breaks(yearly)
    with style.sheet(66) as sheet:
        axes = _time_axes(sheet, view, years, breaks)
        _line(axes, years, values, breaks, ORDERED[0], "o", "-")
        axes.set_ylim(0, np.nanmax(values) * 1.25)
        _value_axis(sheet, axes, view)
        known = np.flatnonzero(np.isfinite(values))
        texts = [view.wording.format(values[place], 2) for place in known]
        heights = values[known] + np.nanmax(values) * 0.09
        sheet.write(years[known], heights, texts, axes, align="center", size=SMALL)
        first, last = known[0], known[-1]
        return figure(
            sheet,
            view,
            name="spread",
            chart="lines",
            caption=view.say(
                "How far apart the {units} are: standard deviation of the {index}, {first}–{year} ({unit})",
                first=int(years[0]),
                unit=view.unit_of_change,
            ),
            alternative=view.say(
                "Line of the standard deviation: {low} in {first}, {high} in {last}.",
                low=view.wording.format(values[first], 2),
                first=int(years[first]),
                high=view.wording.format(values[last], 2),
                last=int(years[last]),
            ),
            notes=_break_note(view, years, breaks),
            data={"year": years.tolist(), "sd": [None if np.isnan(value) else float(value) for value in values]},
        )


def rank_history(view: View, series: pd.DataFrame, units: Sequence[str] = ()) -> Figure | Note:
    """The ranks of some units over the years: ``units``, else the first of the last year and the unit in focus.

    ``series`` is the frame of ``series`` (year, unit, rank, break_mark, ...).
    """
    chosen = list(units) or _first(view, series)
    known = series[series["unit"].isin(chosen) & series["rank"].notna()]
    if known.groupby("unit").size().max() < 2 if len(known) else True:
        return view.missing("No rank is known in two of the years up to {year}.")
    grid = series.pivot(index="year", columns="unit", values="rank").astype("float64")[chosen]  # noqa: PD010 (unique)
    years = grid.index.to_numpy(dtype=int)
    breaks = _breaks(series.drop_duplicates("year"))
    deepest = float(np.nanmax(grid.to_numpy()))
    right = 6 + max(style.text_width(view.unit(unit, short=True), SMALL) for unit in chosen) + 8
    with style.sheet(min(style.TALLEST, 40 + 1.7 * min(deepest, MOST_PLACES))) as sheet:
        axes = _time_axes(sheet, view, years, breaks, right=right)
        axes.set_ylim(deepest + 1.5, -0.5)
        axes.yaxis.set_major_locator(MaxNLocator(10, integer=True))
        ticks = [1.0, *(tick for tick in axes.get_yticks() if 2 < tick <= deepest)]
        axes.set_yticks(ticks)
        sheet.write(np.full(len(ticks), years[0] - 0.75), ticks, [f"{t:.0f}" for t in ticks], axes, size=SMALL)
        sheet.write(EDGE, 2.4, view.say("Rank"), size=SMALL, colour=MUTED)
        ends = []
        for place, unit in enumerate(chosen):
            values = grid[unit].to_numpy(dtype=float)
            colour = ACCENT if unit == view.focus else ORDERED[place % 3]
            marker, dashes = ("o", "s", "^", "D")[place % 4], ("-", "--", ":")[place % 3]
            _line(axes, years, values, breaks, colour, marker, "-" if unit == view.focus else dashes)
            if np.isfinite(values[-1]):
                ends.append((values[-1], f"{values[-1]:.0f}  {view.unit(unit, short=True)}", colour))
        _end_labels(sheet, axes, years[-1], ends)
        return figure(
            sheet,
            view,
            name="rank-history",
            chart="lines",
            caption=view.say(
                "Ranks of {n} {units} over the years, {index}, {first}–{year}", n=len(chosen), first=int(years[0])
            ),
            alternative=view.say(
                "Lines of the ranks of: {list}.",
                list=view.unit_list(chosen),
            ),
            notes=(*_break_note(view, years, breaks), *_chosen_note(view, bool(units))),
            data={
                "year": years.tolist(),
                **{unit: [None if np.isnan(rank) else float(rank) for rank in grid[unit]] for unit in chosen},
            },
        )


def _first(view: View, series: pd.DataFrame) -> list[str]:
    """The units with the first ranks known of the last year, and the unit in focus."""
    last = series[(series["year"] == series["year"].max()) & series["rank"].notna()] if len(series) else series
    chosen = [str(unit) for unit in last.sort_values("rank", kind="stable")["unit"].head(MOST_LINES)]
    if view.focus and view.focus not in chosen:
        chosen.append(view.focus)
    return chosen


# --- what the lines share -------------------------------------------------------------------------


def _breaks(frame: pd.DataFrame) -> list[int]:
    return [int(year) for year in frame.loc[frame["break_mark"].astype(bool), "year"]]


def _time_axes(sheet: Sheet, view: View, years: np.ndarray, breaks: list[int], right: float = _RIGHT) -> Axes:
    axes = sheet.axes(_LEFT, right, _HEAD, _FOOT)
    axes.set_xlim(years[0] - 0.8, years[-1] + 0.5)
    axes.set_xticks([int(year) for year in years])
    axes.grid(axis="y")
    for year in breaks:
        axes.axvline(year - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0.8)
    if breaks:
        # The mark of the key stands at the left end of the foot, where no line has its entry.
        y, words = sheet.height - 3, view.say("the scale changed")
        x = sheet.width - EDGE - style.text_width(words)
        sheet.page.vlines([x - 3], y - 1.8, y + 1.8, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        sheet.write(x, y, words)
    return axes


def _line(
    axes: Axes, years: np.ndarray, values: np.ndarray, breaks: list[int], colour: str, marker: str, dashes: str
) -> None:
    """A line in pieces: one for each run of known years without a break in it."""
    start = 0
    for place in range(1, len(years) + 1):
        ended = place == len(years) or years[place] in breaks or years[place] != years[place - 1] + 1
        if ended:
            piece = slice(start, place)
            axes.plot(years[piece], values[piece], color=colour, linestyle=dashes, linewidth=1.5, zorder=2)
            start = place
    axes.scatter(years, values, s=18, color=colour, marker=marker, edgecolors="white", linewidths=0.4, zorder=3)


def _value_axis(sheet: Sheet, axes: Axes, view: View) -> None:
    low, high = axes.get_ylim()
    ticks = [tick for tick in MaxNLocator(6).tick_values(low, high) if low <= tick <= high]
    axes.set_yticks(ticks)
    sheet.write(
        np.full(len(ticks), axes.get_xlim()[0] - 0.1), ticks, [view.tick(t) for t in ticks], axes, align="right"
    )
    sheet.write(EDGE, 2.4, view.unit_of_value, size=SMALL, colour=MUTED)


def _line_key(sheet: Sheet, entries: Sequence[tuple[str, str, str, str]]) -> None:
    x, y = _LEFT, sheet.height - 3
    for words, colour, marker, dashes in entries:
        sheet.page.plot([x, x + 7], [y, y], color=colour, linestyle=dashes, linewidth=1.5)
        sheet.page.scatter([x + 3.5], [y], s=18, color=colour, marker=marker, edgecolors="white", linewidths=0.4)
        sheet.write(x + 9, y, words)
        x += 15 + style.text_width(words)


def _end_labels(sheet: Sheet, axes: Axes, year: int, ends: list[tuple[float, str, str]]) -> None:
    """Names at the right ends, moved apart where they would overlap."""
    span = abs(float(np.subtract(*axes.get_ylim())))
    step = span * 3.3 / (sheet.height - _HEAD - _FOOT)
    last = -np.inf
    for height, text, colour in sorted(ends):
        at = max(height, last + step)
        sheet.write(year + 0.35, at, text, axes, size=SMALL, colour=INK if colour != ACCENT else ACCENT)
        axes.plot([year + 0.05, year + 0.3], [height, at], color=RULE, linewidth=0.6, clip_on=False)
        last = at


def _break_note(view: View, years: np.ndarray, breaks: list[int]) -> tuple[str, ...]:
    if not breaks:
        return ()
    starts = [int(years[0]), *breaks]
    ends = [*(int(years[list(years).index(year) - 1]) for year in breaks), int(years[-1])]
    spans = [str(a) if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True)]
    return (view.say("Values compare only inside each of these spans: {list}.", list=", ".join(spans)),)


def _partial_note(view: View, yearly: pd.DataFrame) -> tuple[str, ...]:
    part = yearly[yearly["n_known"] < yearly["n_units"].fillna(0)]
    if part.empty:
        return ()
    spans = ", ".join(f"{row.year} ({row.n_known}/{row.n_units})" for row in part.itertuples())
    return (
        view.say(
            "Known only in part (values known of all): {list}. For these years a point is drawn only where it was "
            "published or follows from what was.",
            list=spans,
        ),
    )


def _chosen_note(view: View, given: bool) -> tuple[str, ...]:
    return () if given else (view.say("Drawn: the first of those whose rank is known in {year}."),)


def _told(view: View, yearly: pd.DataFrame) -> str:
    known = yearly[yearly["mean"].notna()]
    if known.empty:
        return view.say("Points of the lowest and highest values by year; no mean is known.")
    first, last = known.iloc[0], known.iloc[-1]
    return view.say(
        "Lines of mean, lowest and highest value. Mean in {first}: {low}; in {last}: {high}.",
        first=int(first["year"]),
        low=view.wording.format(float(first["mean"]), view.measure.decimals),
        last=int(last["year"]),
        high=view.wording.format(float(last["mean"]), view.measure.decimals),
    )
