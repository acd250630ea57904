"""Change on the year before: from then to now for few units, bars to either side of nought for many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import figure, name_colours
from parlib.report.charts.ranking import MOST_DOTS
from parlib.report.style import DOWN, EDGE, INK, MUTED, SIZE, SMALL, UP, Sheet
from parlib.report.views import View, ends
from parlib.report.wording import direction

_HEAD, _FOOT = 7.0, 13.0


def change_bars(view: View, change: pd.DataFrame) -> Figure | Note:
    """The change of every unit whose index is known in both years, from the largest rise to the largest fall.

    ``change`` is the frame of ``change``. Where the scale changed between the years the figure says so.
    """
    before = view.results.year - 1
    rows = change[change["change"].notna()] if not change.empty else change
    if rows.empty:
        return view.missing("No {index} is known for both {before} and {year}.", before=before)
    if not view.results.mostly_known(len(rows)):
        return view.missing("Too few values are known for both {before} and {year}: no chart is drawn.", before=before)
    rows = rows.sort_values("change", ascending=False, kind="stable")
    rows = rows.assign(value=[view.scaled(value) for value in rows["change"]])
    both = bool(rows["previous"].notna().all() and rows["index"].notna().all())
    few = len(rows) <= MOST_DOTS and both
    pitch = 5.6 if len(rows) <= MOST_DOTS else min(3.5, (style.TALLEST - _HEAD - _FOOT) / len(rows))
    size = SIZE if pitch > 4 else SMALL
    names = [view.unit(unit) for unit in rows["unit"]]
    left = 4 + max(style.text_width(name, size) for name in names)
    with style.sheet(_HEAD + pitch * len(rows) + _FOOT) as sheet:
        axes = sheet.axes(left, 17, _HEAD, _FOOT)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        _from_then_to_now(axes, view, rows) if few else _either_side(axes, rows)
        y = _HEAD + pitch * (np.arange(len(rows)) + 0.5)
        sheet.write(EDGE, y, names, size=size, colour=name_colours(view, rows["unit"]))
        texts = [view.wording.format(value, view.measure.decimals, signed=True) for value in rows["value"]]
        sheet.write(sheet.width - EDGE, y, texts, align="right", size=size)
        sheet.write(sheet.width - EDGE, 2.2, view.unit_of_change, align="right", size=SMALL, colour=MUTED)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        _key(sheet, view, few, left, {direction(value) for value in rows["change"]})
        notes = (
            view.say(
                "The set of criteria changed between {before} and {year}: the change is not like for like.",
                before=before,
            ),
        )
        return figure(
            sheet,
            view,
            name="change",
            chart="change",
            caption=view.say(
                "Change of the {index} from {before} to {year} ({unit})", before=before, unit=view.unit_of_change
            ),
            alternative=_finding(view, rows),
            notes=(*_known(view, rows), *(notes if rows["break_mark"].any() else ())),
            data=_data(view, rows),
        )


def _from_then_to_now(axes: Axes, view: View, rows: pd.DataFrame) -> None:
    """A hollow dot then, a full dot now, and the way between."""
    y = np.arange(len(rows))
    then = np.array([view.scaled(value) for value in rows["previous"]])
    now = np.array([view.scaled(value) for value in rows["index"]])
    colours = [UP if direction(change) >= 0 else DOWN for change in rows["change"]]
    axes.hlines(y, then, now, color=colours, linewidth=2.4)
    axes.scatter(then, y, s=26, color="white", edgecolors=INK, linewidths=0.8, zorder=3)
    axes.scatter(now, y, s=30, c=colours, edgecolors=INK, linewidths=0.6, zorder=4)
    low, high = min(then.min(), now.min()), max(then.max(), now.max())
    margin = (high - low) * 0.08 or 1.0
    axes.set_xlim(low - margin, high + margin)
    axes.grid(axis="both")
    axes.set_yticks(y)
    axes.tick_params(axis="y", length=0)


def _either_side(axes: Axes, rows: pd.DataFrame) -> None:
    """Bars to the right for rises, hatched bars to the left for falls."""
    y, values = np.arange(len(rows)), rows["value"].to_numpy(dtype=float)
    fell = values < 0
    style.bars(axes, y[~fell], values[~fell], colour=UP)
    style.bars(axes, y[fell], values[fell], colour=DOWN, hatch="////", edge=INK)
    axes.axvline(0, color=INK, linewidth=0.8)
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    margin = (high - low) * 0.03 or 1.0
    axes.set_xlim(low - margin, high + margin)
    axes.grid(axis="x")


def _key(sheet: Sheet, view: View, few: bool, left: float, ways: set[int]) -> None:
    """The colours that occur, and what they mean."""
    y, x = sheet.height - 3, left
    if not few:
        rose, fell = (view.say("rose"), UP, ""), (view.say("fell"), DOWN, "////")
        sheet.key(x, y, [entry for entry, way in ((rose, 1), (fell, -1)) if way in ways])
        return
    dots = [(str(view.results.year - 1), "white")]
    dots += [(view.say("{year}, rose"), UP)] if 1 in ways else []
    dots += [(view.say("{year}, unchanged"), UP)] if ways == {0} else []
    dots += [(view.say("{year}, fell"), DOWN)] if -1 in ways else []
    for words, colour in dots:
        sheet.page.scatter([x + 1.5], [y], s=26, c=[colour], edgecolors=INK, linewidths=0.8)
        sheet.write(x + 4.5, y, words)
        x += 12 + style.text_width(words)


def _known(view: View, rows: pd.DataFrame) -> tuple[str, ...]:
    n, of = view.wording.count(len(rows), view.ref()), view.coverage[1]
    if n.value == of.value:
        return ()
    return (view.say("Change known for {known}/{all} {units}.", known=n, all=of),)


def _finding(view: View, rows: pd.DataFrame) -> str:
    first, last = ends(rows["unit"], rows["change"])
    before = view.results.year - 1
    counts = [sum(1 for change in rows["change"] if direction(change) == way) for way in (1, -1, 0)]
    rose, fell, same = (view.wording.count(n, view.ref()) for n in counts)
    return view.say(
        "Of {n} {units} with both values, {rose} rose, {fell} fell and {same} stayed the same since {before}. "
        "Highest change: {first}, {up}; lowest: {last}, {down}.",
        n=view.wording.count(len(rows), view.ref()),
        units=view.units,
        rose=rose,
        fell=fell,
        same=same,
        before=before,
        first=view.shared_units(first.keys),
        up=view.change_of(first.keys[0], first.value, before),
        last=view.shared_units(last.keys),
        down=view.change_of(last.keys[0], last.value, before),
    )


def _data(view: View, rows: pd.DataFrame) -> dict[str, list[Any]]:
    def column(name: str) -> list[float | None]:
        scaled = [view.scaled(value) for value in rows[name]]
        return [None if np.isnan(value) else value for value in scaled]

    return {
        "unit": list(rows["unit"]),
        "name": [view.unit(unit) for unit in rows["unit"]],
        "previous": column("previous"),
        "value": column("index"),
        "change": column("change"),
    }
