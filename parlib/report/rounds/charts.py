"""Figures of what a round adds: claimed against granted, and the survey by group with its intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import figure, name_colours
from parlib.report.style import ACCENT, INK, MUTED, ORDERED, SIZE, SMALL
from parlib.report.views import View, ends
from parlib.report.wording import Parts

_HEAD, _FOOT = 7.0, 13.0
_NOTES = 14.0  # mm: what the notes on who answered take below a figure, beyond those of any other
_MARKERS = (("o", ORDERED[0]), ("s", ORDERED[2]), ("^", ACCENT), ("D", "#ffffff"), ("v", ORDERED[1]))


def claims_dots(view: View, claims: pd.DataFrame) -> Figure | Note:
    """Points claimed (hollow) and granted (full) by each unit, the largest difference first."""
    rows = claims[claims["claimed"].notna() & claims["granted"].notna()] if not claims.empty else claims
    if rows.empty:
        return view.missing("No self-assessment is known for {year}.")
    rows = rows.sort_values("over", ascending=False, kind="stable")
    pitch = min(5.6, (style.TALLEST - _HEAD - _FOOT) / len(rows))
    size = SIZE if pitch > 4 else SMALL
    names = [view.unit(str(unit)) for unit in rows["unit"]]
    left = 4 + max(style.text_width(name, size) for name in names)
    with style.sheet(_HEAD + pitch * len(rows) + _FOOT) as sheet:
        axes = sheet.axes(left, 17, _HEAD, _FOOT)
        y = np.arange(len(rows))
        claimed, granted = rows["claimed"].to_numpy(float), rows["granted"].to_numpy(float)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.hlines(y, granted, claimed, color=MUTED, linewidth=1.2)
        axes.scatter(claimed, y, s=20, color="white", edgecolors=INK, linewidths=0.8, zorder=3)
        axes.scatter(granted, y, s=24, color=ORDERED[0], edgecolors=INK, linewidths=0.5, zorder=4)
        low, high = float(min(claimed.min(), granted.min())), float(max(claimed.max(), granted.max()))
        margin = (high - low) * 0.06 or 1.0
        axes.set_xlim(low - margin, high + margin)
        axes.grid(axis="x")
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        at = _HEAD + pitch * (y + 0.5)
        sheet.write(0, at, names, size=size, colour=name_colours(view, rows["unit"]))
        texts = [view.wording.format(value, 2) for value in rows["over"]]
        sheet.write(sheet.width, at, texts, align="right", size=size)
        sheet.write(sheet.width, 2.2, view.say("not granted"), align="right", size=SMALL, colour=MUTED)
        x, foot = left, sheet.height - 3
        for words, colour in ((view.say("granted"), ORDERED[0]), (view.say("self-assessed"), "white")):
            sheet.page.scatter([x + 1.5], [foot], s=24, c=[colour], edgecolors=INK, linewidths=0.8)
            sheet.write(x + 4.5, foot, words)
            x += 12 + style.text_width(words)
        sheet.write(sheet.width, foot, view.say("points"), align="right", size=SMALL, colour=MUTED)
        most, _ = ends(rows["unit"], rows["over"])
        return figure(
            sheet,
            view,
            name="claims",
            chart="dots",
            caption=view.say("Points self-assessed and granted on the criteria that units answer themselves, {year}"),
            alternative=view.say(
                "Points self-assessed and granted; the largest difference is that of {unit}, {points} points.",
                unit=view.shared_units(most.keys),
                points=view.wording.number(most.value, 2, view.ref(most.keys[0], column="points")),
            ),
            data={
                "unit": list(rows["unit"]),
                "name": names,
                "claimed": claimed.tolist(),
                "granted": granted.tolist(),
                "over": rows["over"].tolist(),
            },
        )


def survey_dots(view: View, shares: pd.DataFrame) -> Figure | Note:
    """The mean share of every item by group of respondents, each with its 95 percent interval."""
    known = shares[shares["share"].notna()] if not shares.empty else shares
    if known.empty:
        return view.missing("No survey answers are known for {year}.")
    items = list(dict.fromkeys(known["item"]))
    groups = list(dict.fromkeys(known["group"]))
    names = dict(zip(known["group"], known["group_name"], strict=True))
    heads = known.drop_duplicates("item").set_index("item")
    labels = [style.wrapped(f"{heads['code'][item]} {heads['name'][item]}", 76, SMALL) for item in items]
    pitch = min(7.6, (style.TALLEST - _NOTES - _HEAD - _FOOT - 5) / len(items))
    with style.sheet(_HEAD + pitch * len(items) + _FOOT + 5) as sheet:
        axes = sheet.axes(80, 4, _HEAD, _FOOT + 5)
        axes.set_ylim(len(items) - 0.5, -0.5)
        offsets = np.linspace(-0.24, 0.24, len(groups)) if len(groups) > 1 else np.zeros(1)
        for place, group in enumerate(groups):
            some = known[known["group"] == group]
            y = np.array([items.index(item) for item in some["item"]]) + offsets[place]
            marker, colour = _MARKERS[place % len(_MARKERS)]
            share, low, high = (100 * some[name].to_numpy(float) for name in ("share", "lower", "upper"))
            axes.hlines(y, low, high, color=INK, linewidth=1.0, zorder=2)
            axes.scatter(share, y, s=16, marker=marker, color=colour, edgecolors=INK, linewidths=0.6, zorder=3)
        axes.grid(axis="x")
        axes.hlines(np.arange(1, len(items)) - 0.5, *axes.get_xlim(), color=style.PALE, linewidth=0.6, zorder=1)
        axes.set_xlabel(view.say("mean share of the maximum (%)"), labelpad=2)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        sheet.write(0, _HEAD + pitch * (np.arange(len(items)) + 0.5), labels, size=SMALL)
        x, foot = 0.0, sheet.height - 2.6
        for place, group in enumerate(groups):
            marker, colour = _MARKERS[place % len(_MARKERS)]
            sheet.page.scatter([x + 1.5], [foot], s=20, marker=marker, c=[colour], edgecolors=INK, linewidths=0.6)
            sheet.write(x + 4, foot, names[group], size=SMALL)
            x += 9 + style.text_width(names[group], SMALL)
        best, worst = ends(range(len(known)), known["share"])

        def at(keys: tuple[str, ...]) -> Parts:
            rows = known.iloc[[int(key) for key in keys]]
            told = (f"{code}, {names[group]}" for code, group in zip(rows["code"], rows["group"], strict=True))
            return view.shared(told, noun=view.say("results"))

        return figure(
            sheet,
            view,
            name="survey",
            chart="dots",
            caption=view.say("Survey of officials by group of respondents, with intervals of sampling, {year}"),
            alternative=view.say(
                "Mean shares by item and group. Highest: {best}, {high}%; lowest: {worst}, {low}%.",
                best=at(best.keys),
                high=view.wording.number(100 * best.value, 2),
                worst=at(worst.keys),
                low=view.wording.number(100 * worst.value, 2),
            ),
            notes=(
                view.say(
                    "Lines: intervals of sampling alone at {level}%, not of the choice of method.",
                    level=view.wording.count(95),
                ),
                *view.of_all_surveyed(),
            ),
            data=_data(known, names),
        )


def _data(known: pd.DataFrame, names: dict[Any, Any]) -> dict[str, list[Any]]:
    columns = ("item", "code", "group", "n", "share", "lower", "upper")
    return {**{name: known[name].tolist() for name in columns}, "name": [names[group] for group in known["group"]]}
