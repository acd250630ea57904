"""Who stands where: the ranking of a year with its bands and the rank of the year before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import figure, known_of_all, name_colours
from parlib.report.statistic_words import known_statistic
from parlib.report.style import ACCENT, EDGE, INK, MUTED, ORDERED, RULE, SIZE, Sheet
from parlib.report.views import View, ends
from parlib.report.wording import is_known
from parlib.scoring.results import records

MOST_DOTS = 25  # beyond, dots with room around them would not fit on a page: thin bars

_HEAD, _FOOT = 7.0, 8.0


def ranking_bars(
    view: View, ranking: pd.DataFrame, change: pd.DataFrame | None = None, statistics: pd.DataFrame | None = None
) -> Figure | Note:
    """The ranked units whose index is known, best first: index, band, and the rank of the year before.

    ``ranking``, ``change`` and ``statistics`` are the frames of ``rank``, ``change`` and ``statistics``; the last gives
    the line of the mean. Few units are drawn as dots on an axis that begins near the lowest; many as bars from nought.
    Units without an index are left out and counted.
    """
    rows = ranking[ranking["ranked"].astype(bool) & ranking["index"].notna()]
    if rows.empty:
        return view.missing("No value of the {index} of {year} is known for any of the ranked {units}.")
    rows = rows.sort_values(["rank", "index"], ascending=[True, False], na_position="last", kind="stable")
    rows = rows.assign(value=view.values().reindex(rows["unit"]).to_numpy())
    rows["before"] = _previous_ranks(rows, change)
    dots = len(rows) <= MOST_DOTS
    pitch = 5.6 if dots else min(3.5, (style.TALLEST - _HEAD - _FOOT - 9) / len(rows))
    bands = _bands(view, rows)
    height = _HEAD + pitch * len(rows) + _FOOT + (7 if bands or statistics is not None else 2)
    with style.sheet(height) as sheet:
        axes = _columns(sheet, view, rows, pitch)
        (_dots if dots else _bars)(axes, view, rows)
        entries = [(view.band(band), colour, "") for band, colour in bands.items()]
        _mean(sheet, axes, view, statistics, sheet.key(2, height - 3, entries) if bands else height - 3)
        return figure(
            sheet,
            view,
            name="ranking",
            chart="bars",
            caption=view.say("Ranking by the {index}, {year}"),
            alternative=_finding(view, rows),
            notes=known_of_all(view),
            data=_data(view, rows),
        )


def _previous_ranks(rows: pd.DataFrame, change: pd.DataFrame | None) -> Any:
    if change is None or change.empty:
        return np.full(len(rows), np.nan)
    before = change.set_index("unit")["previous_rank"].astype("Float64")
    return before.reindex(rows["unit"]).to_numpy(dtype=float, na_value=np.nan)


def _bands(view: View, rows: pd.DataFrame) -> dict[str, str]:
    """The colour of every band that has a unit, best first."""
    present = set(rows["band"])
    order = [band for band in view.results.bands if band in present]
    names = list(view.results.bands)
    return {band: ORDERED[min(names.index(band), len(ORDERED) - 1)] for band in order}


def _columns(sheet: Sheet, view: View, rows: pd.DataFrame, pitch: float) -> Axes:
    """Everything but the marks: ranks, names and values beside the axes, and the heads above."""
    wording = view.wording
    names = [view.unit(unit) for unit in rows["unit"]]
    size = SIZE if pitch > 4 else style.SMALL
    left = 11 + max(style.text_width(name, size) for name in names)
    has_before = bool(np.isfinite(rows["before"]).any())
    right = 31.0 if has_before else 17.0
    axes = sheet.axes(left + 3, right, _HEAD, sheet.height - _HEAD - pitch * len(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    y = _HEAD + pitch * (np.arange(len(rows)) + 0.5)
    sheet.write(6, y, [wording.format(rank, 0) for rank in rows["rank"]], align="right", size=size, weight="bold")
    sheet.write(9, y, names, size=size, colour=name_colours(view, rows["unit"]))
    values = [wording.format(value, view.measure.decimals) for value in rows["value"]]
    x = sheet.width - right + 14
    sheet.write(x, y, values, align="right", size=size)
    heads: list[tuple[float, str, style.Align]] = [
        (EDGE, view.say("Rank"), "left"),
        (x, view.unit_of_value, "right"),
    ]
    if has_before:
        sheet.write(sheet.width - 2, y, [_before(view, row) for row in records(rows)], align="right", size=size)
        heads.append((sheet.width - EDGE, view.say("Rank {before}", before=view.results.year - 1), "right"))
    for place, text, align in heads:
        sheet.write(place, 2.2, text, align=align, size=style.SMALL, colour=MUTED)
    return axes


def _before(view: View, row: Any) -> str:
    """The rank of the year before, with the way since."""
    if not is_known(row.before):
        return ""
    way = "" if not is_known(row.rank) or row.rank == row.before else " ▲" if row.rank < row.before else " ▼"
    return f"{view.wording.format(row.before, 0)}{way or '  ='}"


def _bars(axes: Axes, view: View, rows: pd.DataFrame) -> None:
    """Bars from nought, with a line at the bound of each band."""
    colours = _bands(view, rows)
    shades = [colours.get(band, ORDERED[1]) for band in rows["band"]]
    style.bars(axes, np.arange(len(rows)), rows["value"].to_numpy(dtype=float), colour=shades)
    top = view.maximum()
    axes.set_xlim(0, np.nanmin([top, float(rows["value"].max()) * 1.06]))
    axes.grid(axis="x")
    for bound in view.results.bands.values():
        if bound > 0:
            axes.axvline(view.scaled(bound), color="white", linewidth=1.2)
            axes.axvline(view.scaled(bound), color=MUTED, linewidth=0.7, linestyle=(0, (3, 2)))
    _finish(axes, view)


def _dots(axes: Axes, view: View, rows: pd.DataFrame) -> None:
    """Dots on a line for each unit, on an axis that begins near the lowest value."""
    low, high = float(rows["value"].min()), float(rows["value"].max())
    margin = max((high - low) * 0.12, 10.0**-view.measure.decimals * 40)
    axes.set_xlim(low - margin, min(high + margin, view.maximum()) if np.isfinite(view.maximum()) else high + margin)
    axes.hlines(np.arange(len(rows)), *axes.get_xlim(), color=RULE, linewidth=0.5)
    colours = _bands(view, rows)
    shades = [colours.get(band, ORDERED[0]) for band in rows["band"]]
    for bound in view.results.bands.values():
        if axes.get_xlim()[0] < view.scaled(bound) < axes.get_xlim()[1]:
            axes.axvline(view.scaled(bound), color=MUTED, linewidth=0.7, linestyle=(0, (3, 2)))
    axes.scatter(rows["value"], np.arange(len(rows)), s=34, c=shades, edgecolors=INK, linewidths=0.6, zorder=3)
    _finish(axes, view)


def _mean(sheet: Sheet, axes: Axes, view: View, statistics: pd.DataFrame | None, y: float) -> None:
    """The line of the mean where it is known, and its words at the right end of the key."""
    known = known_statistic(view, statistics, "mean") if statistics is not None else None
    if known is None or known.value is None:
        return
    axes.axvline(known.value, color=ACCENT, linewidth=1.3, zorder=2.5)
    words = view.say("mean {value}", value=view.amount(known))
    x = sheet.width - style.text_width(words) - 1
    sheet.write(x, y, words)
    sheet.page.hlines([y], x - 7, x - 2, color=ACCENT, linewidth=1.3)


def _finish(axes: Axes, view: View) -> None:
    axes.set_xlabel(f"{view.index} {view.results.year} ({view.unit_of_value})", labelpad=2)
    axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))


def _finding(view: View, rows: pd.DataFrame) -> str:
    first, last = ends(rows["unit"], rows["index"])
    n = view.wording.count(len(rows), view.ref())
    return view.say(
        "Chart of {n} {units} in order of the {index} of {year}. "
        "Highest drawn: {first}, {best}; lowest drawn: {last}, {worst}.",
        n=n,
        units=view.units_of(n),
        first=view.shared_units(first.keys),
        best=view.amount(view.value(first.keys[0], first.value)),
        last=view.shared_units(last.keys),
        worst=view.amount(view.value(last.keys[0], last.value)),
    )


def _data(view: View, rows: pd.DataFrame) -> dict[str, list[Any]]:
    return {
        "unit": list(rows["unit"]),
        "name": [view.unit(unit) for unit in rows["unit"]],
        "rank": [None if pd.isna(rank) else int(rank) for rank in rows["rank"]],
        "value": [float(value) for value in rows["value"]],
        "band": list(rows["band"]),
        "previous_rank": [None if np.isnan(rank) else int(rank) for rank in rows["before"]],
    }
