"""The areas of an index: every unit in every area, and how far apart the units are in each."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.rows import figure, name_colours
from parlib.report.style import EDGE, INK, MUTED, ORDERED, RULE, SCALE, SIZE, SMALL, Sheet
from parlib.report.views import View
from parlib.report.wording import plain
from parlib.scoring.results import WHOLE

FEWEST_ROWS = 3  # colours of one or two units compare nothing

_FOOT = 14.0
_UNKNOWN = "#ffffff"


def area_heat_map(view: View, ranking: pd.DataFrame) -> Figure | Note:
    """The units with at least one known area, in order of rank, in each area: darker is higher, hatched is not known.

    ``ranking`` is the frame of ``rank``. Values are written into the cells wherever they can be read.
    """
    table = area_values(view, ranking)
    if len(table) < FEWEST_ROWS:
        return view.missing("Too few values of any {area} are known for {year} to be drawn.", area=view.area)
    names = [view.unit(unit) for unit in table.index]
    left = 4 + max(style.text_width(name, SMALL) for name in names)
    wide = min((style.WIDTH - left) / table.shape[1], 24.0)
    heads = [style.wrapped(view.node_name(area), wide - 1.2, SMALL) for area in table.columns]
    top = 4 + max(text.count("\n") + 1 for text in heads) * 3.1
    pitch = min(5.4, (style.TALLEST - top - _FOOT) / len(table))
    with style.sheet(top + pitch * len(table) + _FOOT) as sheet:
        axes = sheet.axes(left, style.WIDTH - left - wide * table.shape[1], top, _FOOT)
        low, high = _limits(table)
        _cells(axes, table, low, high)
        rows = np.arange(len(table)) + 0.5
        sheet.write(EDGE, top + pitch * rows, names, size=SMALL, colour=name_colours(view, table.index))
        columns = left + wide * (np.arange(table.shape[1]) + 0.5)
        for x, text in zip(columns, heads, strict=True):
            sheet.write(x, top - 2 - (text.count("\n") + 1) * 1.55, text, align="center", size=SMALL)
        _values(sheet, axes, view, table, low, high)
        _scale(sheet, view, left, low, high, bool(table.isna().any(axis=None)))
        return figure(
            sheet,
            view,
            name="areas",
            chart="heatmap",
            caption=view.say(
                "{units} by {area} of the {index}, {year} ({unit})",
                units=_capital(view.units),
                area=view.area,
                unit=view.unit_of_value,
            ),
            alternative=_finding(view, table),
            data={"unit": table.index, **{view.node_name(str(area)): table[area] for area in table}},
        )


def area_values(view: View, ranking: pd.DataFrame) -> pd.DataFrame:
    """Units (by rank, then as listed) x areas: the values known, without units and areas of which nothing is known."""
    areas = view.nodes("area")
    table = pd.DataFrame({area: view.values(area) for area in areas}, dtype=float)
    table = table.dropna(axis=0, how="all").dropna(axis=1, how="all")
    ranks = ranking.set_index("unit")["rank"].astype("Float64").reindex(table.index)
    return table.loc[ranks.sort_values(na_position="last", kind="stable").index]


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    low, high = float(np.nanmin(table.to_numpy())), float(np.nanmax(table.to_numpy()))
    return (low, high) if high > low else (low - 1, high + 1)


def _cells(axes: Axes, table: pd.DataFrame, low: float, high: float) -> None:
    values = np.ma.masked_invalid(table.to_numpy())
    axes.pcolormesh(values, cmap=SCALE, vmin=low, vmax=high, edgecolors="white", linewidth=0.5)
    axes.set(xlim=(0, table.shape[1]), ylim=(len(table), 0))
    axes.set_axis_off()
    rows, columns = np.nonzero(values.mask if values.mask is not np.ma.nomask else np.zeros(values.shape, bool))
    if len(rows):
        style.bars(
            axes,
            rows + 0.5,
            np.full(len(rows), 0.94),
            columns + 0.03,
            colour=_UNKNOWN,
            height=0.9,
            hatch="////",
            edge=RULE,
        )


def _values(sheet: Sheet, axes: Axes, view: View, table: pd.DataFrame, low: float, high: float) -> None:
    rows, columns = np.nonzero(table.notna().to_numpy())
    values = table.to_numpy()[rows, columns]
    shades = SCALE(Normalize(low, high)(values))
    texts = [view.wording.format(value, view.measure.decimals) for value in values]
    colours = [style.readable_on(shade[:3]) for shade in shades]
    sheet.write(columns + 0.5, rows + 0.5, texts, axes, align="center", size=SMALL, colour=colours)


def _scale(sheet: Sheet, view: View, left: float, low: float, high: float, unknown: bool) -> None:
    """The key to the colours, below the cells."""
    width = 46.0
    bar = sheet.axes(left, style.WIDTH - left - width, sheet.height - 7.5, 4.5)
    bar.imshow(np.linspace(0, 1, 64)[None, :], aspect="auto", cmap=SCALE)
    bar.set_axis_off()
    y = sheet.height - 2.4
    lowest, highest = (view.wording.format(value, view.measure.decimals) for value in (low, high))
    sheet.write(left, y, lowest, size=SMALL, colour=MUTED)
    sheet.write(left + width, y, highest, align="right", size=SMALL, colour=MUTED)
    if unknown:
        sheet.key(left + width + 6, sheet.height - 6, [(view.say("not known"), _UNKNOWN, "//////")])


def area_ranges(view: View, areas: pd.DataFrame) -> Figure | Note:
    """From the lowest to the highest known unit in every area, with the mean.

    ``areas`` is the frame of ``best_and_worst`` (node, best_unit, best, worst_unit, worst, mean, settled, ...). Areas
    whose best and worst unit are not settled are left out.
    """
    settled = areas["settled"].astype(bool) & areas["best"].notna() & areas["worst"].notna()
    rows = areas[settled & (areas["node"] != WHOLE)]
    if rows.empty:
        return view.missing("In no {area} are the highest and the lowest value of {year} settled.", area=view.area)
    labels = [style.wrapped(view.node_name(node), 60, SIZE) for node in rows["node"]]
    pitch, left = 7.6, 64.0
    low, high, mean = (
        np.array([view.scaled(value, node) for value, node in zip(rows[name], rows["node"], strict=True)])
        for name in ("worst", "best", "mean")
    )
    with style.sheet(2 + pitch * len(rows) + 14) as sheet:
        axes = sheet.axes(left, 0, 2, 14)
        y = np.arange(len(rows))
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(axis="x")
        axes.hlines(y, low, high, color=ORDERED[2], linewidth=5)
        axes.scatter(low, y, s=26, color="white", edgecolors=INK, linewidths=0.8, zorder=3)
        axes.scatter(high, y, s=26, color=ORDERED[0], edgecolors=INK, linewidths=0.8, zorder=3)
        axes.vlines(mean, y - 0.28, y + 0.28, color=style.ACCENT, linewidth=1.8, zorder=4)
        sheet.write(EDGE, 2 + pitch * (y + 0.5), labels)
        _ends(sheet, axes, view, rows, low, high, style.WIDTH - left)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        _ranges_key(sheet, view)
        return figure(
            sheet,
            view,
            name="area-ranges",
            chart="ranges",
            caption=view.say(
                "Lowest, mean and highest value in each {area} of the {index}, {year} ({unit})",
                area=view.area,
                unit=view.unit_of_value,
            ),
            alternative=_widest(view, rows, low, high),
            data={
                "node": rows["node"],
                "name": map(view.node_name, rows["node"]),
                "lowest": low,
                "mean": mean,
                "highest": high,
            },
        )


def _ends(
    sheet: Sheet, axes: Axes, view: View, rows: pd.DataFrame, low: np.ndarray, high: np.ndarray, width: float
) -> None:
    """The unit and its value beside either end, and an axis with room for them within ``width`` mm."""
    before, after = (
        [
            f"{plain([view.holders(keys, view.ref(), best=best, short=True)])}  {_text(view, value)}"
            for keys, value in zip(rows["best_units" if best else "worst_units"], values, strict=True)
        ]
        for best, values in ((False, low), (True, high))
    )
    left, right = (4 + max(style.text_width(text, SMALL) for text in texts) for texts in (before, after))
    per_mm = (float(high.max() - low.min()) or 1.0) / (width - left - right)
    axes.set_xlim(low.min() - left * per_mm, high.max() + right * per_mm)
    steps = MaxNLocator(6).tick_values(float(low.min()), float(high.max()))
    tops = [top for top in (view.maximum(str(node)) for node in rows["node"]) if np.isfinite(top)]
    axes.set_xticks([step for step in steps if axes.get_xlim()[0] <= step <= min([axes.get_xlim()[1], *tops])])
    y = np.arange(len(rows))
    sheet.write(low - 2 * per_mm, y, before, axes, align="right", size=SMALL)
    sheet.write(high + 2 * per_mm, y, after, axes, size=SMALL)


def _text(view: View, value: float) -> str:
    return view.wording.format(value, view.measure.decimals)


def _ranges_key(sheet: Sheet, view: View) -> None:
    y, x = sheet.height - 2.4, 64.0
    for words, colour in ((view.say("lowest"), "white"), (view.say("mean"), ""), (view.say("highest"), ORDERED[0])):
        if colour:
            sheet.page.scatter([x + 1.5], [y], s=26, c=[colour], edgecolors=INK, linewidths=0.8)
        else:
            sheet.page.vlines([x + 1.5], y - 1.5, y + 1.5, color=style.ACCENT, linewidth=1.8)
        sheet.write(x + 4.5, y, words)
        x += 12 + style.text_width(words)


def _finding(view: View, table: pd.DataFrame) -> str:
    n = view.wording.count(len(table), view.ref())
    told = view.say("Table of colours: {n} {units} in {k} {areas}.", n=n, units=view.units_of(n),
                    k=view.wording.count(table.shape[1]), areas=view.areas)  # fmt: skip
    whole = table[
        table.index.isin(view.results.ranked_units)
    ].dropna()  # means over other units for each area would not compare
    if table.shape[1] < 2 or not view.results.mostly_known(len(whole)):
        return told
    best, worst = view.ends_of([view.node_name(node) for node in table.columns], whole.mean(), view.areas)
    among = view.say(
        "Mean of the {n}/{all} {units} known in all of them: highest in {best}, lowest in {worst}.",
        n=view.wording.count(len(whole), view.ref()),
        all=view.n_ranked,
        units=view.units,
        best=best.named,
        worst=worst.named,
    )
    return f"{told} {among}"


def _widest(view: View, rows: pd.DataFrame, low: np.ndarray, high: np.ndarray) -> str:
    names = [view.node_name(node) for node in rows["node"]]
    widest, _ = view.ends_of(names, high - low, view.areas)
    if len(widest.places) > 1:
        return view.say(
            "Lines from the lowest to the highest value in each {area}. As wide as no other: {names}, {width}.",
            area=view.area,
            names=widest.named,
            width=_text(view, float((high - low)[widest.place])),
        )
    row = rows.iloc[widest.place]
    return view.say(
        "Lines from the lowest to the highest value in each {area}. The widest is {name}: from {low} to {high}.",
        area=view.area,
        name=view.node_name(row["node"]),
        low=view.amount(view.value(row["worst_unit"], row["worst"], row["node"])),
        high=view.amount(view.value(row["best_unit"], row["best"], row["node"])),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
