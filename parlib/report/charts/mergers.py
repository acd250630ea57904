"""Merged units as ranges: from the worst to the best of their parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.report.blocks import Figure, Note
from parlib.report.charts.lines import Lines, lines_figure
from parlib.report.style import INK, ORDERED
from parlib.report.views import View
from parlib.scoring import units


def merger_ranges(view: View, spread: pd.DataFrame, rule: str = "") -> Figure | Note:
    """The merged units from their worst to their best part, with the mean. ``spread`` is the frame of
    ``mergers.spread``; ``rule`` is the sentence that says how values were combined, printed below."""
    rows = spread[(spread["change"] != "unchanged") & spread["spread"].notna()] if not spread.empty else spread
    if rows.empty:
        return view.missing("The values of the merged units' parts are not known for {year}.")
    rows = rows.sort_values("mean", ascending=False, kind="stable")
    low, mean, high = (np.array([view.scaled(v) for v in rows[name]]) for name in ("worst", "mean", "best"))
    names = [units.name(str(unit), view.wording.language) for unit in rows["unit"]]

    def draw(axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, low, high, color=ORDERED[2], linewidth=3.0)
        axes.scatter(mean, y, s=28, color=ORDERED[0], edgecolors=INK, linewidths=0.6, zorder=3)

    texts = [view.wording.format(value, view.measure.decimals) for value in high - low]
    widest, _ = view.ends_of(names, high - low)
    return lines_figure(
        view,
        Lines(names, texts, view.say("best less worst")),
        draw,
        (float(low.min()), float(high.max())),
        name="mergers",
        chart="intervals",
        caption=view.say("Merged units: from the worst to the best of their parts, {index} {year}"),
        alternative=view.say("The parts differ most in {first}: {value}.", first=widest.named,
                             value=texts[widest.place]),
        data={"unit": list(rows["unit"]), "name": names, "worst": low.tolist(), "mean": mean.tolist(),
              "best": high.tolist()},
        key=[
            (view.say("mean of the parts"), "o", ORDERED[0], ""),
            (view.say("worst to best part"), "", ORDERED[2], ""),
        ],
        notes=(rule,) if rule else (),
    )  # fmt: skip
