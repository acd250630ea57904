"""What drives a ranking: choices of method by their Sobol indices, and weights as set against weights in effect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import figure
from parlib.report.style import ACCENT, EDGE, INK, ORDERED, PALE, RULE, SIZE, SMALL
from parlib.report.views import View
from parlib.report.wording import message

_PITCH, _LEFT, _FOOT = 10.0, 62.0, 18.0

#: The choices of method as readers know them.
FACTORS = {
    "weights:area": message("weights of the {areas}"),
    "weights:criterion": message("weights of the criteria"),
    "weights:subcriterion": message("weights of the sub-criteria"),
    "aggregation": message("arithmetic or geometric mean"),
    "not_applicable": message("rule for criteria that do not apply"),
    "normalisation": message("normalisation of the points"),
}


def factor_name(view: View, factor: object) -> str:
    """A factor of ``index_sensitivity`` in words."""
    if str(factor) not in FACTORS:
        return str(factor)
    template = FACTORS[str(factor)]
    return view.say(template, areas=view.areas) if "{areas}" in template else view.say(template)


def sobol_bars(view: View, table: pd.DataFrame) -> Figure | Note:
    """First-order and total Sobol index of every choice of method, with intervals, for the first output.

    ``table`` is that of a ``Sensitivity`` (output, factor, first_order, first_low, first_high, total, ...).
    """
    rows = table[table["output"] == table["output"].iloc[0]] if len(table) else table
    rows = rows[rows["total"].notna()].sort_values("total", ascending=False, kind="stable") if len(rows) else rows
    if rows.empty:
        return view.missing("The points of the parts of {year} are not known: no choice of method can be varied.")
    labels = [factor_name(view, factor) for factor in rows["factor"]]
    with style.sheet(2 + _PITCH * len(rows) + _FOOT) as sheet:
        axes = sheet.axes(_LEFT, 4, 2, _FOOT)
        y = np.arange(len(rows))
        low = min(0.0, float(rows[["first_low", "total_low"]].min().min()))
        high = max(1.0, float(rows[["first_high", "total_high"]].max().max()))
        axes.set(xlim=(low - 0.01, high + 0.02), ylim=(len(rows) - 0.5, -0.5))
        axes.grid(axis="x")
        for name, shift, colour, hatch in (("first_order", -0.19, ORDERED[0], ""), ("total", 0.19, ORDERED[3], "////")):
            values = rows[name].to_numpy(dtype=float)
            axes.barh(y + shift, values, height=0.34, color=colour, hatch=hatch, edgecolor=INK, linewidth=0.4)
            start, end = (rows[f"{name.split('_')[0]}_{side}"].to_numpy(dtype=float) for side in ("low", "high"))
            axes.hlines(y + shift, start, end, color=ACCENT, linewidth=1.6, zorder=3)
            caps = np.concatenate([start, end]), np.tile(y + shift, 2)
            axes.vlines(caps[0], caps[1] - 0.08, caps[1] + 0.08, color=ACCENT, linewidth=1.2, zorder=3)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        axes.set_xlabel(view.say("share of the variance of the places moved"), labelpad=2)
        sheet.write(EDGE, 2 + _PITCH * (y + 0.5), [style.wrapped(text, _LEFT - 4, SIZE) for text in labels])
        words = [(view.say("alone"), ORDERED[0], ""), (view.say("with all interactions"), ORDERED[3], "////")]
        sheet.key(EDGE, sheet.height - 3, words)
        coverage = view.wording.format(100 * float(rows["coverage"].iloc[0]), 0)
        first, _ = view.ends_of(labels, rows["total"], view.say("choices"))
        return figure(
            sheet,
            view,
            name="sobol",
            chart="bars",
            caption=view.say("Which choice of method moves the ranking, {index} {year}"),
            alternative=view.say(
                "Bars of Sobol indices. The choice with the largest total index is: {first}, {total}.",
                first=first.named,
                total=view.wording.format(float(rows["total"].iloc[0]), 2),
            ),
            notes=(
                view.say(
                    "Lines: {coverage}% intervals of the simulation. An estimate may lie slightly below nought.",
                    coverage=coverage,
                ),
                *_idle(view, rows),
            ),
            data={
                "factor": list(rows["factor"]),
                "name": labels,
                **{
                    column: rows[column].astype(float).tolist()
                    for column in ("first_order", "first_low", "first_high", "total", "total_low", "total_high")
                },
            },
        )


def _idle(view: View, rows: pd.DataFrame) -> tuple[str, ...]:
    idle = [factor_name(view, factor) for factor in rows.loc[~rows["changed"].astype(bool), "factor"]]
    return (view.say("Changed nothing in any run: {list}.", list="; ".join(idle)),) if idle else ()


def weights_dumbbells(view: View, weights: pd.DataFrame) -> Figure | Note:
    """The weight of every part as set, and its share in the variance of the index.

    ``weights`` is the frame of ``effective_weights`` (node, nominal, covariance_share, n, ...).
    """
    rows = weights[weights["covariance_share"].notna()] if len(weights) else weights
    if rows.empty:
        return view.missing("The points of the parts of {year} are not known: effective weights cannot be worked out.")
    nominal, actual = (100 * rows[name].to_numpy(dtype=float) for name in ("nominal", "covariance_share"))
    labels = [style.wrapped(view.node_name(str(node)), _LEFT - 4, SIZE) for node in rows["node"]]
    with style.sheet(2 + 7.6 * len(rows) + _FOOT) as sheet:
        axes = sheet.axes(_LEFT, 22, 2, _FOOT)
        y = np.arange(len(rows))
        low, high = min(0.0, nominal.min(), actual.min()), max(nominal.max(), actual.max())
        axes.set(xlim=(low - 0.04 * (high - low), high * 1.05), ylim=(len(rows) - 0.5, -0.5))
        axes.grid(axis="x")
        axes.hlines(y, nominal, actual, color=ORDERED[2], linewidth=2.6)
        axes.vlines(nominal, y - 0.3, y + 0.3, color=INK, linewidth=1.8, zorder=3)
        axes.scatter(actual, y, s=30, color=ORDERED[0], edgecolors="white", linewidths=0.5, zorder=4)
        axes.axvline(0, color=RULE, linewidth=0.8)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        axes.set_xlabel("%", labelpad=2)
        heights = 2 + 7.6 * (y + 0.5)
        sheet.write(EDGE, heights, labels)
        for x, values, weight in ((sheet.width - 12, nominal, "normal"), (sheet.width - EDGE, actual, "bold")):
            texts = [view.wording.format(value, 1) for value in values]
            sheet.write(x, heights, texts, align="right", size=SMALL, weight=weight)  # type: ignore[arg-type]
        _weights_key(sheet, view)
        parts = [view.node_name(str(node)) for node in rows["node"]]
        most, least = view.ends_of(parts, actual, view.areas)
        return figure(
            sheet,
            view,
            name="weights",
            chart="dumbbells",
            caption=view.say("Weights as set and share in the variance of the index, {index} {year}"),
            alternative=view.say(
                "Largest share in the variance: {most}, {high}%; smallest: {least}, {low}%.",
                most=most.named,
                high=view.wording.format(actual[most.place], 1),
                least=least.named,
                low=view.wording.format(actual[least.place], 1),
            ),
            notes=(view.say("On the right: weight as set, then share in the variance (bold), both in %."),),
            data={
                "node": list(rows["node"]),
                "name": parts,
                "nominal": nominal.tolist(),
                "share": actual.tolist(),
            },
        )


def _weights_key(sheet: style.Sheet, view: View) -> None:
    y, first = sheet.height - 3, view.say("weight as set")
    sheet.page.vlines([_LEFT + 1.5], y - 1.6, y + 1.6, color=INK, linewidth=1.8)
    sheet.write(_LEFT + 4, y, first)
    x = _LEFT + 10 + style.text_width(first)
    sheet.page.scatter([x + 1.5], [y], s=30, color=ORDERED[0], edgecolors=PALE, linewidths=0.5)
    sheet.write(x + 4.5, y, view.say("share in the variance of the index"))
