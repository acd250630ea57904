"""Where points were lost, and what the scored criteria tell apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.rows import Rows, figure, row_figure
from parlib.report.style import ACCENT, DPI, EDGE, INK, MUTED, ORDERED, RULE, SIZE, SMALL
from parlib.report.views import View
from parlib.report.wording import message

MOST_BARS = 20
_WIDEST, _HEAD = 76.0, 8.0  # mm

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
            [_short(name, _WIDEST) for name in names],
            (0.0, 1.04 * float(values.max())),
            [(view.say("points"), lost), (view.say("sum, %"), sums)],
            pitch=7.4,
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
    with style.sheet(110) as sheet:
        axes = sheet.axes(14, 6, _HEAD, 22)
        low = min(-0.05, float(y.min()) - 0.05)
        axes.set(xlim=(10 * np.floor(x.min() / 10) - 1, 102), ylim=(low, max(float(y.max()) + 0.08, 0.3)))
        axes.grid(axis="both")
        axes.axhline(0, color=RULE, linewidth=0.8)
        used = []
        for remark, (words, marker, colour) in _REMARKS.items():
            chosen = (known["remark"] == remark).to_numpy()
            if chosen.any():
                axes.scatter(
                    x[chosen], y[chosen], s=24, marker=marker, color=colour, edgecolors="white", linewidths=0.4
                )
                used.append((view.say(words), marker, colour))
        _names(sheet, axes, x, y, [str(node) for node in known["node"]])
        axes.set_xlabel(view.say("mean share of the maximum reached (%)"), labelpad=2)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        ticks = [tick for tick in np.arange(-1, 1.01, 0.2).round(1) if axes.get_ylim()[0] <= tick <= axes.get_ylim()[1]]
        axes.set_yticks(ticks)
        sheet.write(
            np.full(len(ticks), axes.get_xlim()[0] - 0.4), ticks, [view.tick(t) for t in ticks], axes, align="right"
        )
        sheet.write(EDGE, 2.6, view.say("correlation with the rest of the index"), size=SMALL, colour=MUTED)
        at = EDGE
        for words, marker, colour in used:
            sheet.page.scatter([at + 1.5], [sheet.height - 3], s=24, marker=marker, color=colour, linewidths=0)
            sheet.write(at + 4, sheet.height - 3, words, size=SIZE)
            at += 9 + style.text_width(words)
        _, weakest = view.ends_of([str(node) for node in known["node"]], y, view.say("criteria"))
        left_out = len(items) - len(known)
        return figure(
            sheet,
            view,
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


def _names(sheet: style.Sheet, axes: Axes, x: np.ndarray, y: np.ndarray, codes: list[str]) -> None:
    """Codes beside the dots, the most remarkable first, wherever there is room."""
    places = axes.transData.transform(np.column_stack([x, y])) / DPI / style.MM
    taken: list[tuple[float, float, float, float]] = [(px - 1, py - 1, px + 1, py + 1) for px, py in places]
    for place in np.argsort(y):
        width = style.text_width(codes[place], SMALL)
        px, py = places[place]
        for left in (px + 1.3, px - 1.3 - width):
            box = (left, py - 1.2, left + width, py + 1.2)
            if all(box[2] <= a or box[0] >= c or box[3] <= b or box[1] >= d for a, b, c, d in taken):
                sheet.write(left, sheet.height - py, codes[place], size=SMALL, colour=INK)
                taken.append(box)
                break


def _short(text: str, width: float) -> str:
    """A text on at most two lines of ``width`` mm; what does not fit is cut off with an ellipsis."""
    lines = style.wrapped(text, width, SMALL).split("\n")
    if len(lines) <= 2:
        return "\n".join(lines)
    second = lines[1]
    while style.text_width(f"{second}…", SMALL) > width:
        second = second.rpartition(" ")[0]
    return f"{lines[0]}\n{second}…"
