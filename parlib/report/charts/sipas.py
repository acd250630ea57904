"""The national mean of SIPAS over the years."""

from __future__ import annotations

import numpy as np
import pandas as pd

from parlib.report import style
from parlib.report.blocks import Figure
from parlib.report.style import INK, MUTED, ORDERED, RULE, SMALL
from parlib.report.views import View

_HEAD, _FOOT = 8.0, 9.0


def mean_line(view: View, means: pd.DataFrame) -> Figure:
    """The printed national means, joined only where the scale stayed. ``means``: ``year``, ``mean``, ``break_mark``."""
    years, values = means["year"].to_numpy(int), means["mean"].to_numpy(float)
    breaks = set(means.loc[means["break_mark"].astype(bool), "year"])
    with style.sheet(62) as sheet:
        axes = sheet.axes(12, 6, _HEAD, _FOOT)
        low, high = float(values.min()), float(values.max())
        margin = max((high - low) * 0.2, 0.5)
        axes.set(xlim=(years[0] - 0.5, years[-1] + 0.5), ylim=(low - margin, high + margin))
        axes.grid(axis="y")
        for place in range(1, len(years)):
            if years[place] not in breaks and years[place] == years[place - 1] + 1:
                axes.plot(years[place - 1 : place + 1], values[place - 1 : place + 1], color=ORDERED[1], linewidth=1.4)
        for year in breaks & set(years[1:]):
            axes.axvline(year - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (3, 3)))
        axes.scatter(years, values, s=26, color=ORDERED[0], edgecolors="white", linewidths=0.5, zorder=3)
        axes.set_xticks(years)
        axes.xaxis.set_major_formatter(lambda year, _: f"{year:.0f}")
        axes.spines["bottom"].set_color(RULE)
        texts = [view.wording.format(value, 2) for value in values]
        sheet.write(years, values + margin * 0.42, texts, axes, align="center", size=SMALL, colour=INK)
        sheet.write(0.6, 2.6, view.say("national mean of SIPAS (%)"), size=SMALL, colour=MUTED)
        notes = (view.say("Broken line: the questionnaire changed; values on its two sides do not compare."),)
        return Figure(
            png=sheet.png(),
            caption=view.say("National mean of SIPAS, {first}–{year}", first=int(years[0])),
            alternative=view.say(
                "Means by year, from {first}% in {start} to {last}% in {end}.",
                first=texts[0],
                start=int(years[0]),
                last=texts[-1],
                end=int(years[-1]),
            ),
            source=view.say("Source: SIPAS results published by the Ministry of Home Affairs."),
            notes=notes if breaks & set(years[1:]) else (),
            width_mm=sheet.width,
            data={"year": years.tolist(), "mean": np.round(values, 9).tolist()},
            chart="lines",
            name="sipas-means",
        )
