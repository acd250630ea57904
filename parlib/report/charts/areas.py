"""The areas of an index: every unit in every area, and how far apart the units are in each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_hex
from matplotlib.ticker import MaxNLocator

from parlib.report import style
from parlib.report.blocks import Figure, Note, capital, message, plain
from parlib.report.style import (
    ACCENT,
    AROUND,
    DPI,
    EDGE,
    INK,
    MUTED,
    ORDERED,
    RULE,
    SIZE,
    SMALL,
    Rows,
    Sheet,
    figure,
    name_colours,
    row_figure,
)
from parlib.report.views import View
from parlib.scoring.results import WHOLE

_NAMES = 64.0  # mm, of areas beside their lines
FEWEST_ROWS = 3  # colours of one or two units compare nothing

_FOOT = 14.0
_UNKNOWN = "#ffffff"
_STEPS = 48  # of the key to the colours


def area_heat_map(view: View, ranking: pd.DataFrame) -> Figure | Note:
    """The units with at least one known area, in order of rank, in each area: below or above the mean of the area.

    ``ranking`` is the frame of ``rank``. Every area has its own scale of colours, from its lowest value over its
    mean to its highest; hatched is not known.
    """
    table = area_values(view, ranking)
    if len(table) < FEWEST_ROWS:
        return view.missing("Too few values of any {area} are known for {year} to be drawn.")
    if note := style.too_many_rows(view, len(table)):
        return note
    with _heat_sheet(view, table, style.NARROW) as sheet:
        narrow = style.for_telephones(sheet, view)
    with _heat_sheet(view, table, style.WIDTH) as sheet:
        return figure(
            sheet,
            view,
            narrow=narrow,
            name="areas",
            chart="heatmap",
            caption=view.say(
                "{units} by {area} of the {index}, {year} ({unit})", units=capital(view.units), unit=view.unit_of_value
            ),
            alternative=_finding(view, table),
            notes=view.not_drawn,
            data={"unit": table.index, **{view.node_name(str(area)): table[area] for area in table}},
        )


@contextmanager
def _heat_sheet(view: View, table: pd.DataFrame, width: float) -> Iterator[Sheet]:
    """The coloured table ``width`` mm wide; on a telephone the areas are numbered, and named below."""
    on_paper, n = width == style.WIDTH, table.shape[1]
    names = [view.unit(unit) for unit in table.index]
    names = names if on_paper else [style.wrapped(name, 26, SMALL) for name in names]
    left = (4 if on_paper else 2) + max(style.text_width(name, SMALL) for name in names)
    wide = min((width - left - (2 if on_paper else 0.6)) / n, 24.0)
    full = [view.node_name(area) for area in table.columns]
    heads = (
        [style.wrapped(name, wide - 1.2, SMALL) for name in full] if on_paper else [str(area) for area in table.columns]
    )
    listed = (
        []
        if on_paper
        else [style.wrapped(f"{area}. {name}", width - 2, SMALL) for area, name in zip(heads, full, strict=True)]
    )
    widest = max(style.text_width(line, SMALL) for text in heads for line in text.split("\n"))
    top = 4 + max(text.count("\n") + 1 for text in heads) * 3.1
    pitch = (
        min(5.4, (style.TALLEST - top - _FOOT) / len(table))
        if on_paper
        else 1.4 + 3.1 * (1 + max(name.count("\n") for name in names))
    )
    below = _FOOT + 3.4 * sum(1 + text.count("\n") for text in listed)
    with style.new_sheet(top + pitch * len(table) + below, width) as sheet:
        axes = sheet.axes(left, width - left - wide * n, top, below)
        shares = around_the_mean(table)
        _cells(axes, shares)
        rows = np.arange(len(table)) + 0.5
        sheet.write(EDGE, top + pitch * rows, names, size=SMALL, colour=name_colours(view, table.index))
        columns = left + wide * (np.arange(n) + 0.5)
        for x, text in zip(columns, heads, strict=True):
            y, size = top - 2 - (text.count("\n") + 1) * 1.55, SMALL * min(1.0, (wide - 0.8) / widest)
            sheet.write(x, y, text, align="center", size=size)
        _values(sheet, axes, view, table, shares)
        _scale(sheet, view, left if on_paper else EDGE, sheet.height - below + _FOOT, bool(table.isna().any(axis=None)))
        y = sheet.height - below + _FOOT
        for text in listed:
            lines = text.count("\n") + 1
            sheet.write(EDGE, y + 1.7 * lines, text, size=SMALL)
            y += 3.4 * lines
        yield sheet


def area_values(view: View, ranking: pd.DataFrame) -> pd.DataFrame:
    """Units (by rank, then as listed) x areas: the values known, without units and areas of which nothing is known, and
    without the bodies that are not ranked: they are not compared with the others."""
    areas = view.nodes("area")
    table = pd.DataFrame({area: view.values(area) for area in areas}, dtype=float).drop(view.apart, errors="ignore")
    table = table.dropna(axis=0, how="all").dropna(axis=1, how="all")
    ranks = ranking.set_index("unit")["rank"].astype("Float64").reindex(table.index)
    return table.loc[ranks.sort_values(na_position="last", kind="stable").index]


def around_the_mean(table: pd.DataFrame) -> np.ndarray:
    """Where each value lies in its column: -1 at the lowest, 0 at the mean, 1 at the highest; 0 where all are equal."""
    away = (table - table.mean()).to_numpy()
    ends = np.where(away < 0, -np.nanmin(away, axis=0), np.nanmax(away, axis=0))
    result: np.ndarray = np.divide(away, ends, out=np.where(np.isnan(away), np.nan, 0.0), where=ends > 1e-9)
    return result


def _cells(axes: Axes, shares: np.ndarray) -> None:
    values = np.ma.masked_invalid(shares)
    axes.pcolormesh(values, cmap=AROUND, vmin=-1, vmax=1, edgecolors="white", linewidth=0.5)
    axes.set(xlim=(0, shares.shape[1]), ylim=(len(shares), 0))
    axes.set_axis_off()
    rows, columns = np.nonzero(np.isnan(shares))
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


def _values(sheet: Sheet, axes: Axes, view: View, table: pd.DataFrame, shares: np.ndarray) -> None:
    rows, columns = np.nonzero(table.notna().to_numpy())
    shades = AROUND(Normalize(-1, 1)(shares[rows, columns]))
    texts = [_text(view, value) for value in table.to_numpy()[rows, columns]]
    colours = [style.readable_on(shade[:3]) for shade in shades]
    sheet.write(columns + 0.5, rows + 0.5, texts, axes, align="center", size=SMALL, colour=colours)


def _scale(sheet: Sheet, view: View, left: float, bottom: float, unknown: bool) -> None:
    """The key to the colours, below the cells, down to ``bottom``."""
    on_paper = sheet.width == style.WIDTH
    width = 76.0 if on_paper else sheet.width - 2 * left
    bar = sheet.axes(left, sheet.width - left - width, bottom - 7.5, sheet.height - bottom + 4.5)
    bar.set(xlim=(0, _STEPS), ylim=(-0.5, 0.5))
    bar.set_axis_off()
    shades = [to_hex(shade) for shade in AROUND(np.linspace(0, 1, _STEPS))]
    style.bars(bar, np.zeros(_STEPS), np.ones(_STEPS), np.arange(_STEPS), colour=shades, height=1)
    y = bottom - 2.4
    sheet.write(left, y, view.say("lowest of the column"), size=SMALL, colour=MUTED)
    sheet.write(left + width / 2, y, view.say("its mean"), align="center", size=SMALL, colour=MUTED)
    sheet.write(left + width, y, view.say("its highest"), align="right", size=SMALL, colour=MUTED)
    above = y if on_paper else bottom - 10
    unit = view.say("Numbers: {unit}", unit=view.unit_of_value)
    sheet.write(sheet.width - 2, above, unit, align="right", size=SMALL, colour=MUTED)
    if unknown:
        x, y = (left + width + 6, bottom - 6) if on_paper else (left, above)
        sheet.key(x, y, [(view.say("not known"), _UNKNOWN, "//////")])


def area_ranges(view: View, areas: pd.DataFrame) -> Figure | Note:
    """From the lowest to the highest known unit in every area, with the mean.

    ``areas`` is the frame of ``best_and_worst`` (node, best_unit, best, worst_unit, worst, mean, settled, ...). Areas
    whose best and worst unit are not settled are left out.
    """
    settled = areas["settled"].astype(bool) & areas["best"].notna() & areas["worst"].notna()
    rows = areas[settled & (areas["node"] != WHOLE)]
    if rows.empty:
        return view.missing("In no {area} are the highest and the lowest value of {year} settled.")
    names = [view.node_name(node) for node in rows["node"]]
    low, high, mean = (
        np.array([view.scaled(value, node) for value, node in zip(rows[name], rows["node"], strict=True)])
        for name in ("worst", "best", "mean")
    )

    def draw(sheet: Sheet) -> None:
        on_paper, y = sheet.width == style.WIDTH, np.arange(len(rows))
        left = _NAMES if on_paper else EDGE  # on a telephone the names stand over the lines
        foot = 14.0 if on_paper else 18.0
        axes = sheet.axes(left, style.RIGHT, 2, foot)
        pitch = (sheet.height - 2 - foot) / len(rows)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(axis="x")
        axes.hlines(y, low, high, color=ORDERED[2], linewidth=5)
        axes.scatter(low, y, s=26, color="white", edgecolors=INK, linewidths=0.8, zorder=3)
        axes.scatter(high, y, s=26, color=ORDERED[0], edgecolors=INK, linewidths=0.8, zorder=3)
        axes.vlines(mean, y - 0.28, y + 0.28, color=style.ACCENT, linewidth=1.8, zorder=4)
        _ends(sheet, axes, view, rows, low, high, sheet.width - left - style.RIGHT)
        if on_paper:
            sheet.write(EDGE, 2 + pitch * (y + 0.5), [style.wrapped(name, _NAMES - 4, SIZE) for name in names])
        else:
            fitting = [shortened(name, sheet.width - 4) for name in names]
            sheet.write(axes.get_xlim()[0], y - 0.38, fitting, axes, size=SMALL)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        _ranges_key(sheet, view, left)

    return style.drawn(
        view,
        16 + 7.6 * len(rows),
        draw,
        narrow_height=20 + 10.4 * len(rows),
        name="area-ranges",
        chart="ranges",
        caption=view.say(
            "Lowest, mean and highest value in each {area} of the {index}, {year} ({unit})", unit=view.unit_of_value
        ),
        alternative=_widest(view, rows, low, high),
        data={"node": rows["node"], "name": names, "lowest": low, "mean": mean, "highest": high},
    )


def _ends(
    sheet: Sheet, axes: Axes, view: View, rows: pd.DataFrame, low: np.ndarray, high: np.ndarray, width: float
) -> None:
    """The unit and its value beside either end, and an axis with room for them within ``width`` mm: the values alone
    where names would leave too little of it."""

    def beside(*, named: bool) -> list[list[str]]:
        return [
            [
                f"{plain([view.holders(keys, view.ref(), best=best, short=True)])}  {_text(view, value)}"
                if named
                else _text(view, value)
                for keys, value in zip(rows["best_units" if best else "worst_units"], values, strict=True)
            ]
            for best, values in ((False, low), (True, high))
        ]

    def room(texts: list[str]) -> float:
        return 4 + max(style.text_width(text, SMALL) for text in texts)

    before, after = beside(named=True)
    if room(before) + room(after) > 0.75 * width:
        before, after = beside(named=False)
    left, right = room(before), room(after)
    per_mm = (float(high.max() - low.min()) or 1.0) / (width - left - right)
    axes.set_xlim(low.min() - left * per_mm, high.max() + right * per_mm)
    most = 6 if sheet.width == style.WIDTH else 4
    steps = MaxNLocator(most, steps=[1, 2, 5, 10], min_n_ticks=3).tick_values(float(low.min()), float(high.max()))
    tops = [top for top in (view.maximum(str(node)) for node in rows["node"]) if np.isfinite(top)]
    axes.set_xticks([step for step in steps if axes.get_xlim()[0] <= step <= min([axes.get_xlim()[1], *tops])])
    y = np.arange(len(rows))
    sheet.write(low - 2 * per_mm, y, before, axes, align="right", size=SMALL)
    sheet.write(high + 2 * per_mm, y, after, axes, size=SMALL)


def _text(view: View, value: float) -> str:
    return view.wording.format(value, view.decimals)


def _ranges_key(sheet: Sheet, view: View, x: float) -> None:
    y = sheet.height - 2.4
    for words, colour in ((view.say("lowest"), "white"), (view.say("mean"), ""), (view.say("highest"), ORDERED[0])):
        if colour:
            sheet.page.dots([(x + 1.5, y)], size=26, colour=colour)
        else:
            sheet.page.lines([((x + 1.5, y - 1.5), (x + 1.5, y + 1.5))], colour=style.ACCENT, width=1.8)
        sheet.write(x + 4.5, y, words)
        x += 12 + style.text_width(words)


def _finding(view: View, table: pd.DataFrame) -> str:
    n = view.wording.count(len(table), view.ref())
    k = view.wording.count(table.shape[1])
    sentence = view.say("Table of colours: {n} {units} in {k} {areas}.", n=n, units=view.units_of(n), k=k)
    whole = table[
        table.index.isin(view.results.ranked_units)
    ].dropna()  # means over other units for each area would not compare
    if table.shape[1] < 2 or not view.results.mostly_known(len(whole)):
        return sentence
    best, worst = view.ends_of([view.node_name(node) for node in table.columns], whole.mean(), view.areas)
    among = view.say(
        "Mean of the {n}/{all} {units} known in all of them: highest in {best}, lowest in {worst}.",
        n=view.wording.count(len(whole), view.ref()),
        all=view.n_ranked,
        best=best.named,
        worst=worst.named,
    )
    return f"{sentence} {among}"


def _widest(view: View, rows: pd.DataFrame, low: np.ndarray, high: np.ndarray) -> str:
    names = [view.node_name(node) for node in rows["node"]]
    widest, _ = view.ends_of(names, high - low, view.areas)
    if len(widest.places) > 1:
        return view.say(
            "Lines from the lowest to the highest value in each {area}. As wide as no other: {names}, {width}.",
            names=widest.named,
            width=_text(view, float((high - low)[widest.place])),
        )
    row = rows.iloc[widest.place]
    return view.say(
        "Lines from the lowest to the highest value in each {area}. The widest is {name}: from {low} to {high}.",
        name=view.node_name(row["node"]),
        low=view.amount(view.value(row["worst_unit"], row["worst"], row["node"])),
        high=view.amount(view.value(row["best_unit"], row["best"], row["node"])),
    )


# --- losses ---------------------------------------------------------------------------------------
# Where points were lost, and what the scored criteria tell apart.

MOST_BARS = 20
_WIDEST, _HEAD = 84.0, 8.0  # mm

#: What is remarkable about a scored criterion: words, marker and colour.
_REMARKS = {
    "": (message("no remark"), "o", ORDERED[1]),
    "ceiling": (message("nearly all reach the maximum"), "^", ORDERED[0]),
    "zero": (message("half or more get nothing"), "v", ORDERED[0]),
    "weak": (message("hardly goes with the rest"), "X", ACCENT),
}


def pareto_bars(view: View, losses: pd.DataFrame, most: int = MOST_BARS) -> Figure | Note:
    """The nodes that cost the units most points on average, and their cumulative share of all losses.

    ``losses`` is the frame of ``pareto`` (node, mean_lost, share, cumulative, ...), largest first.
    """
    rows = losses[losses["mean_lost"] > 0].head(most) if len(losses) else losses
    if rows.empty:
        return view.missing("Where points were lost in {year} is not known.")
    values, shares = rows["mean_lost"].to_numpy(dtype=float), 100 * rows["cumulative"].to_numpy(dtype=float)
    names = [f"{node}. {view.node_name(str(node))}" for node in rows["node"]]
    lost, sums = ([view.wording.format(x, places) for x in some] for some, places in ((values, 2), (shares, 0)))
    return row_figure(
        view,
        Rows(
            names,
            (0.0, 1.04 * float(values.max())),
            [(view.say("points"), lost), (view.say("sum, %"), sums)],
            widest=_WIDEST,
            pitch=5.2,
            margin=0.0,
        ),
        lambda _, axes, y: style.bars(axes, y, values, colour=ORDERED[1], height=0.66),
        name="losses",
        chart="bars",
        caption=view.say("Where the {units} lost most points on average, {index} {year} (points)"),
        alternative=view.say(
            "Bars of mean points lost. Most: {first}, {value}. The {n} drawn make up {share}% of all losses.",
            first=view.ends_of(names, values, view.say("criteria"))[0].named,
            value=lost[0],
            n=len(rows),
            share=sums[-1],
        ),
        notes=(view.say("On the right: mean points lost, then the share of all losses down to this line."),),
        data={"node": rows["node"], "name": names, "mean_lost": values, "cumulative": shares},
    )


def item_scatter(view: View, items: pd.DataFrame) -> Figure | Note:
    """Every scored criterion: how easy it is against how well it goes with the rest of the index.

    ``items`` is the frame of ``items`` (node, difficulty, discrimination, remark, ...).
    """
    known = items[items["difficulty"].notna() & items["discrimination"].notna()] if len(items) else items
    if len(known) < 2:
        return view.missing("The points of single criteria of {year} are not known or do not vary.")
    x, y = 100 * known["difficulty"].to_numpy(dtype=float), known["discrimination"].to_numpy(dtype=float)
    codes = [str(node) for node in known["node"]]
    remarks = [remark for remark in _REMARKS if (known["remark"] == remark).any()]

    def draw(sheet: style.Sheet) -> None:
        signs = [(view.say(words), marker, colour, "") for words, marker, colour in map(_REMARKS.__getitem__, remarks)]
        axes = sheet.axes(14, 6, _HEAD, 22 + style.signs_at_foot(sheet, signs))
        low = min(-0.05, float(y.min()) - 0.05)
        axes.set(xlim=(10 * np.floor(x.min() / 10) - 1, 102), ylim=(low, max(float(y.max()) + 0.08, 0.3)))
        axes.grid(axis="both")
        axes.axhline(0, color=RULE, linewidth=0.8)
        for remark in remarks:
            chosen, (_, marker, colour) = (known["remark"] == remark).to_numpy(), _REMARKS[remark]
            axes.scatter(x[chosen], y[chosen], s=24, marker=marker, color=colour, edgecolors="white", linewidths=0.4)
        names_beside(sheet, axes, x, y, codes)
        axes.set_xlabel(view.say("mean share of the maximum reached (%)"), labelpad=2)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        style.value_axis(sheet, axes, view, view.say("correlation with the rest of the index"))

    _, weakest = view.ends_of(codes, y, view.say("criteria"))
    left_out = len(items) - len(known)
    return style.drawn(
        view,
        110,
        draw,
        name="items",
        chart="scatter",
        caption=view.say("Scored criteria: how easy, and how well they go with the rest, {index} {year}"),
        alternative=view.say(
            "Dots of {n} criteria. Weakest correlation with the rest: {node}, {value}.",
            n=len(known),
            node=weakest.named,
            value=view.wording.format(y[weakest.place], 2),
        ),
        notes=(view.say("Not drawn, because all units have the same share: {n}.", n=left_out),) if left_out else (),
        data={
            "node": known["node"],
            "name": map(view.node_name, known["node"]),
            "difficulty": x,
            "discrimination": y,
            "remark": known["remark"],
        },
    )


def names_beside(sheet: style.Sheet, axes: Axes, x: np.ndarray, y: np.ndarray, codes: list[str]) -> None:
    """Names or codes beside the dots, the most remarkable first, wherever there is room."""
    places = axes.transData.transform(np.column_stack([x, y])) / DPI / style.MM
    taken: list[tuple[float, float, float, float]] = [(px - 1, py - 1, px + 1, py + 1) for px, py in places]
    for place in np.argsort(y):
        width = style.text_width(codes[place], SMALL)
        px, py = places[place]
        for left in (px + 1.3, px - 1.3 - width):
            box = (left, py - 1.2, left + width, py + 1.2)
            inside = left > 0 and left + width < sheet.width
            if inside and all(box[2] <= a or box[0] >= c or box[3] <= b or box[1] >= d for a, b, c, d in taken):
                a, b = axes.transData.inverted().transform((left * DPI * style.MM, py * DPI * style.MM))
                # of the page the axes hide what is below
                sheet.write(float(a), float(b), codes[place], axes, size=SMALL, colour=INK)
                taken.append(box)
                break


def shortened(text: str, width: float) -> str:
    """A text on at most two lines of ``width`` mm; what does not fit is cut off with an ellipsis."""
    lines = style.wrapped(text, width, SMALL).split("\n")
    if len(lines) <= 2:
        return "\n".join(lines)
    second = lines[1]
    while style.text_width(f"{second}…", SMALL) > width:
        second = second.rpartition(" ")[0]
    return f"{lines[0]}\n{second}…"
