"""Levels of units side by side: all known values on one scale, means over the years, inside against outside judgement.

Each level has a strip, a line or a figure of its own; nothing ranks the units of one level among those of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from parlib.report import style
from parlib.report.blocks import Figure, Note, Number
from parlib.report.charts import trends
from parlib.report.charts.spread import stacked_levels
from parlib.report.style import ACCENT, INK, MUTED, ORDERED, PALE, RULE, SMALL, Rows, Sheet, row_figure
from parlib.report.views import View

_DOT = 2.3  # mm: the breadth of a dot
_STRIP, _HEAD, _FOOT = 21.0, 9.5, 8.0  # mm: a strip, the words at its head, what stands below all
_COLOURS, _MARKERS, _DASHES = (ORDERED[0], ACCENT, MUTED), ("o", "D", "s"), ("-", "--", ":")


def level_strips(views: Sequence[View], means: Sequence[Number | None]) -> Figure | None:
    """Every known value of every level as a dot on one scale: a strip a level, its mean a line, both ends named; a
    level without any value has none."""
    known_ones = [(view, mean) for view, mean in zip(views, means, strict=True) if view.values().notna().any()]
    if not known_ones:
        return None
    views, means = [view for view, _ in known_ones], [mean for _, mean in known_ones]
    shown = [view.values().dropna().sort_values(kind="stable") for view in views]
    low, high = min(values.min() for values in shown), max(values.max() for values in shown)
    room = (high - low) * 0.05 or 1.0
    first = views[0]

    def draw(sheet: Sheet) -> None:
        axes = sheet.axes(4, 4, 0, _FOOT)
        axes.patch.set_visible(False)
        axes.set(xlim=(low - room, high + room), ylim=(sheet.height - _FOOT, 0))
        most = 8 if sheet.width == style.WIDTH else 5
        axes.xaxis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10], prune="both", min_n_ticks=3))
        axes.xaxis.set_major_formatter(lambda value, _: first.tick(value))
        for place, (view, values, mean) in enumerate(zip(views, shown, means, strict=True)):
            foot = _STRIP * (place + 1) - 1.5
            at = 4 + (values.to_numpy() - low + room) / (high - low + 2 * room) * (sheet.width - 8)
            levels = stacked_levels(at, _DOT)
            squeeze = min(_DOT, 8.0 / (levels.max() + 1))
            y = foot - (levels + 0.5) * squeeze
            axes.scatter(values, y, s=30, color=_COLOURS[place], marker=_MARKERS[place], edgecolors=INK,
                         linewidths=0.5, zorder=3)  # fmt: skip
            axes.hlines([foot], low - room, high + room, color=RULE, linewidth=0.7)
            axes.vlines(axes.get_xticks(), _STRIP * place + _HEAD, foot, color=PALE, linewidth=0.6, zorder=1)
            head = _STRIP * place + 3
            sheet.write(1, head, view.wording.all_units(view.results.level), weight="bold")
            known, of = view.coverage
            share = view.say("data for {known}/{all}", known=known, all=of)
            sheet.write(sheet.width - 1, head, share, align="right", size=SMALL, colour=MUTED)
            _ends(sheet, view, values, at, head + 4.2)
            _mean(sheet, view, mean, place, (low - room, high + room))

    return style.drawn(
        first,
        _STRIP * len(views) + _FOOT,
        draw,
        name="levels",
        chart="strips",
        caption=first.say("Known values of both levels, {index} {year} ({unit})", unit=first.unit_of_value),
        alternative=" ".join(_told(view, values) for view, values in zip(views, shown, strict=True)),
        notes=(first.say("Units of one level are not ranked among those of the other."),),
        data={
            "level": [view.results.level for view, values in zip(views, shown, strict=True) for _ in values],
            "unit": [unit for values in shown for unit in values.index],
            "value": np.concatenate([values.to_numpy() for values in shown]),
        },
    )


def _ends(sheet: Sheet, view: View, values: pd.Series, at: np.ndarray, y: float) -> None:
    """The lowest and the highest known value by name."""
    for place in (0, -1):
        name = f"{view.unit(values.index[place], short=True)} {_text(view, values.iloc[place])}"
        half = style.text_width(name, SMALL) / 2
        x = float(np.clip(at[place], half + 1, sheet.width - half - 1))
        sheet.write(x, y, name, align="center", size=SMALL)


def _mean(sheet: Sheet, view: View, mean: Number | None, place: int, limits: tuple[float, float]) -> None:
    if mean is None or mean.value is None:
        return
    x = 4 + (mean.value - limits[0]) / (limits[1] - limits[0]) * (sheet.width - 8)
    top = _STRIP * place + _HEAD
    ends = (x, top), (x, _STRIP * (place + 1) - 1.5)
    sheet.page.lines([ends], colour=INK, width=1.3, dashes=(0, (3, 2)), zorder=5)
    words = view.say("mean {value}", value=view.amount(mean))
    sheet.write(x, top - 2.3, words, align="center", size=SMALL, weight="bold", halo="white")


def _text(view: View, value: float) -> str:
    return view.wording.format(float(value), view.decimals)


def _told(view: View, values: pd.Series) -> str:
    return view.say(
        "{level}: dots of {n} units from {low} to {high}.",
        level=view.wording.all_units(view.results.level),
        n=view.wording.count(len(values), view.ref(column="known")),
        low=_text(view, values.iloc[0]),
        high=_text(view, values.iloc[-1]),
    )


# --- over the years -------------------------------------------------------------------------------


def level_means(views: Sequence[View], yearly: Mapping[str, pd.DataFrame]) -> Figure | None:
    """The mean of each level in every year of which it is known, a line a level with a gap at its breaks. ``yearly``
    holds the frame of ``series.yearly`` by level; ``None`` where fewer than two years are known."""
    frame = pd.DataFrame({level: rows.set_index("year")["mean"] for level, rows in yearly.items()}).sort_index()
    if frame.notna().any(axis=1).sum() < 2:
        return None
    first, years = views[0], frame.index.to_numpy(int)
    low, high = float(frame.min().min()), float(frame.max().max())
    margin = (high - low) * 0.12 or 1.0
    levels = [(view, view.results.level) for view in views]
    broken = {int(year) for rows in yearly.values() for year in rows.loc[rows["break_mark"].astype(bool), "year"]}

    def draw(sheet: Sheet) -> None:
        key = [(view.wording.all_units(level), _COLOURS[place], _MARKERS[place], _DASHES[place])
               for place, (view, level) in enumerate(levels)]  # fmt: skip
        axes = trends.time_axes(sheet, first, years, [], key=key)
        axes.set_ylim(low - margin, high + margin)
        style.value_axis(sheet, axes, first)
        for place, (_, level) in enumerate(levels):
            rows = yearly[level]
            breaks = [int(year) for year in rows.loc[rows["break_mark"].astype(bool), "year"]]
            values = frame[level].to_numpy(float)
            trends.line(axes, years, values, breaks, _COLOURS[place], _MARKERS[place], _DASHES[place])
            other = frame.drop(columns=level).mean(axis=1).to_numpy(float)
            known = trends.told_years(sheet, values)
            lifts = [margin * (0.6 if _is_above(values, other, at) else -0.6) for at in known]
            texts = [first.wording.format(values[at], 1) for at in known]
            sheet.write(years[known], values[known] + lifts, texts, axes, align="center", size=SMALL,
                        colour=_COLOURS[place], halo="white")  # fmt: skip

    return style.drawn(
        first,
        80,
        draw,
        name="level-means",
        chart="lines",
        caption=first.say("Mean of each level, {first}–{year} ({unit})", first=int(years[0]), unit=first.unit_of_value),
        alternative=first.say("Lines of the means of both levels, {first}–{year}.", first=int(years[0])),
        notes=(first.say("A line ends where the set of criteria of its level changed or a mean is not known."),),
        data={
            "year": years,
            **{level: frame[level].to_numpy(float) for level in yearly},
            "break": [year in broken for year in years],
        },
    )


def _is_above(values: np.ndarray, other: np.ndarray, at: int) -> bool:
    """Whether the label of a year stands above its point: away from the line of the other level, else from its own."""
    if np.isfinite(other[at]):
        return bool(values[at] >= other[at])
    beside = [values[place] for place in (at - 1, at + 1) if 0 <= place < len(values) and np.isfinite(values[place])]
    return not beside or bool(values[at] >= np.mean(beside))


# --- inside and outside judgement -----------------------------------------------------------------


def inside_outside(view: View, parts: pd.DataFrame, inside: str) -> Figure | Note:
    """What the council's appraisal gave each unit against what was surveyed, both in percent of their maximum.

    ``parts``: a row a unit (the index), a column a component with its percent; ``inside`` is that of the appraisal."""
    outside = [str(name) for name in parts if name != inside]
    rows = parts.sort_values(inside, ascending=False, kind="stable")
    columns = {str(name): rows[name].to_numpy(float) for name in rows}

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        everything = np.array(list(columns.values()))
        axes.hlines(y, everything.min(axis=0), everything.max(axis=0), color=PALE, linewidth=3.0, zorder=1)
        axes.scatter(columns[inside], y, s=36, marker="D", color=ORDERED[0], edgecolors=INK, linewidths=0.6, zorder=4)
        for place, name in enumerate(outside):
            axes.scatter(columns[name], y, s=34, marker="ovs^"[place], color=ORDERED[2 + place % 2], edgecolors=INK,
                         linewidths=0.6, zorder=3)  # fmt: skip

    key = [(view.part_name(inside), "D", ORDERED[0], "")]
    key += [(view.part_name(name), "ovs^"[place], ORDERED[2 + place % 2], "") for place, name in enumerate(outside)]
    texts = {name: [view.wording.format(value, 1) for value in values] for name, values in columns.items()}
    numbers = [(_short(view, name, inside, outside), texts[name]) for name in columns]
    names, colours = style.of_units(view, rows.index)
    values = rows.to_numpy(float)
    return row_figure(
        view,
        Rows(names, (float(values.min()), float(values.max())), numbers, key, "%", colours, pitch=6.0),
        draw,
        name=f"inside-outside-{view.results.level}",
        chart="dots",
        caption=view.say("Appraised and surveyed points in percent of their maximum: {units}, {index} {year}"),
        alternative=view.say("Dots of the appraised and the surveyed points of {n} units.",
                             n=view.wording.count(len(rows), view.ref(column="known"))),
        data={"level": [view.results.level] * len(rows), "unit": rows.index, **columns},
    )  # fmt: skip


def _short(view: View, component: str, inside: str, outside: Sequence[str]) -> str:
    if component == inside:
        return view.say("Appraisal")
    return view.say("Survey") if len(outside) == 1 else style.wrapped(view.part_name(component), 26.0, SMALL)
