"""How the units of each region spread: a dot a unit, and the mean of the region."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import figure
from parlib.report.style import ACCENT, EDGE, INK, MUTED, ORDERED, RULE, SMALL, Sheet
from parlib.report.views import End, View, ends
from parlib.report.wording import Parts
from parlib.scoring import units
from parlib.scoring.results import records

_ROW, _HEAD, _FOOT = 13.0, 7.0, 14.0
_DOT = 2.3  # mm: the breadth of a dot


def region_strips(view: View, regions: pd.DataFrame) -> Figure | Note:
    """The known units of every region as dots, the mean of the region as a line where it is known.

    ``regions`` is the frame of ``regions`` (region, n, n_known, mean, ...).
    """
    rows = regions[(regions["n_known"] > 0) | regions["mean"].notna()] if not regions.empty else regions
    if rows.empty:
        return view.missing("Nothing is known of the regions in {year}.")
    values = _by_region(view)
    means = np.array([view.scaled(mean) for mean in rows["mean"]], dtype=float)
    labels = [style.wrapped(view.region_names[region], 44, style.SIZE) for region in rows["region"]]
    everything = np.concatenate([*(values[region].to_numpy() for region in rows["region"]), means])
    low, high = np.nanmin(everything), np.nanmax(everything)
    margin = (high - low) * 0.06 or 1.0
    with style.sheet(_HEAD + _ROW * len(rows) + _FOOT) as sheet:
        axes = sheet.axes(48, 30, _HEAD, _FOOT)
        axes.set(xlim=(low - margin, high + margin), ylim=(len(rows) - 0.5, -0.5))
        axes.grid(axis="x")
        axes.hlines(np.arange(1, len(rows)) - 0.5, *axes.get_xlim(), color=RULE, linewidth=0.5)
        per_mm = (high - low + 2 * margin) / (sheet.width - 78)
        for row, region in enumerate(rows["region"]):
            x = np.sort(values[region].to_numpy())
            axes.scatter(x, row + _spread(x / per_mm) / _ROW, s=30, color=ORDERED[2], edgecolors=INK, linewidths=0.5)
        known = np.isfinite(means)
        y = np.arange(len(rows))
        axes.vlines(means[known], y[known] - 0.38, y[known] + 0.38, color=ACCENT, linewidth=2.2, zorder=1.5)
        _beside(sheet, view, rows, labels, means)
        axes.set_xlabel(f"{view.index} {view.results.year} ({view.unit_of_value})", labelpad=2)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        _key(sheet, view, bool(known.any()))
        return figure(
            sheet,
            view,
            name="regions",
            chart="strips",
            caption=view.say("Distribution of the {index} by region, {year}"),
            alternative=_finding(view, rows),
            data=_data(view, values, rows),
        )


def _by_region(view: View) -> dict[str, pd.Series]:
    """The known values of the ranked units of each region."""
    known = view.values().loc[view.results.ranked_units].dropna()
    home = known.index.map(lambda unit: units.region_of(unit, view.results.system))
    return {region: known[home == region] for region in view.region_names}


def _spread(x: np.ndarray) -> np.ndarray:
    """How far dots at the sorted places ``x`` (mm) are moved sideways (mm) so that none hides another."""
    moved = np.zeros(len(x))
    steps = [0.0] + [sign * step * _DOT * 0.9 for step in range(1, 4) for sign in (1, -1)]
    for i in range(len(x)):
        near = [j for j in range(i) if x[i] - x[j] < _DOT]
        free = (s for s in steps if all((x[i] - x[j]) ** 2 + (s - moved[j]) ** 2 >= (0.95 * _DOT) ** 2 for j in near))
        moved[i] = next(free, 0.0)
    return np.clip(moved, -_ROW * 0.4, _ROW * 0.4)


def _beside(sheet: Sheet, view: View, rows: pd.DataFrame, labels: list[str], means: np.ndarray) -> None:
    """Names on the left, mean and number of units known on the right."""
    y = _HEAD + _ROW * (np.arange(len(rows)) + 0.5)
    sheet.write(EDGE, y, labels)
    decimals = view.measure.decimals
    sheet.write(sheet.width - 14, y, [view.wording.format(mean, decimals) for mean in means], align="right")
    counts = [f"{row.n_known}/{row.n}" for row in records(rows)]
    sheet.write(sheet.width - EDGE, y, counts, align="right")
    for x, text in ((sheet.width - 14, view.say("Mean")), (sheet.width - EDGE, view.say("Known"))):
        sheet.write(x, 2.2, text, align="right", size=SMALL, colour=MUTED)


def _key(sheet: Sheet, view: View, means: bool) -> None:
    y = sheet.height - 2.6
    one = view.wording.say("one province")
    sheet.page.scatter([49.5], [y], s=30, color=ORDERED[2], edgecolors=INK, linewidths=0.5)
    sheet.write(52.5, y, one)
    if not means:
        return
    x = 58 + style.text_width(one)
    sheet.page.vlines([x + 1.5], y - 1.6, y + 1.6, color=ACCENT, linewidth=2.2)
    sheet.write(x + 4, y, view.say("mean of the region"))


def _finding(view: View, rows: pd.DataFrame) -> str:
    known = rows[rows["mean"].notna()]
    if known.empty:
        return view.say("Dots of the known units by region; no mean of a region is known for {year}.")
    best, worst = ends(known["region"], known["mean"])

    def mean(end: End) -> Parts:
        refs = (view.ref(f"region:{region}") for region in end.keys)
        return view.amount(view.number(end.value, *refs, made="mean"))

    n, of = len(known), len(view.region_names)
    if n < of:
        return view.say(
            "Dots of the units by region; the mean is known for {n}/{all} regions.",
            n=view.wording.count(n, view.ref("region:*")),
            all=view.wording.count(of, view.ref("region:*", column="listed")),
        )
    return view.say(
        "Dots of the units by region. Highest regional mean: {best}, {high}; lowest: {worst}, {low}.",
        best=view.wording.join(view.region_names[region] for region in best.keys),
        high=mean(best),
        worst=view.wording.join(view.region_names[region] for region in worst.keys),
        low=mean(worst),
    )


def _data(view: View, values: dict[str, pd.Series], rows: pd.DataFrame) -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = {"region": [], "unit": [], "name": [], "value": []}
    for region in rows["region"]:
        for unit, value in values[region].items():
            data["region"].append(region)
            data["unit"].append(unit)
            data["name"].append(view.unit(str(unit)))
            data["value"].append(float(value))
    return data
