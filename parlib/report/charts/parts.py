"""What an index is made of: the points of each component, one on top of the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from parlib.report import style
from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import figure, name_colours
from parlib.report.style import EDGE, INK, MUTED, PARTS, SIZE
from parlib.report.views import View

_HEAD, _FOOT = 9.0, 8.0


def parts_stacked(view: View, parts: pd.DataFrame, ranking: pd.DataFrame) -> Figure | Note:
    """The points of each component for the ranked units whose components are all known, in order of rank.

    ``parts`` is the frame of ``parts`` (unit, component, points, maximum), ``ranking`` the frame of ``rank``.
    """
    table = complete_parts(parts, ranking[ranking["ranked"].astype(bool)])
    if table.empty:
        return view.missing("No unit is known with all parts of its {index} of {year}.")
    components = list(table.columns)
    totals = table.sum(axis=1)
    names = [view.unit(unit) for unit in table.index]
    pitch = min(5.6, (style.TALLEST - _HEAD - _FOOT) / len(table))
    size = SIZE if pitch > 4 else style.SMALL
    left = 4 + max(style.text_width(name, size) for name in names)
    key = _key(view, components)
    head = _HEAD + 4.2 * _lines(key)
    y = np.arange(len(table))
    with style.sheet(head + pitch * len(table) + _FOOT) as sheet:
        axes = sheet.axes(left, 14, head, _FOOT)
        axes.set(xlim=(0, _top(view, totals)), ylim=(len(table) - 0.5, -0.5))
        axes.grid(axis="x")
        start = np.zeros(len(table))
        per_mm = axes.get_xlim()[1] / (sheet.width - left - 14)
        for component, (colour, hatch) in zip(components, PARTS, strict=False):
            points = table[component].to_numpy()
            edge = MUTED if hatch else "white"
            style.bars(axes, y, points, start, colour=colour, hatch=hatch, edge=edge)
            if pitch > 4 and points.min() / per_mm > 9 and not hatch:
                texts = [view.wording.format(value, view.measure.decimals) for value in points]
                sheet.write(start + points / 2, y, texts, axes, align="center", colour=style.readable_on(colour))
            start = start + points
        rows = head + pitch * (y + 0.5)
        sheet.write(EDGE, rows, names, size=size, colour=name_colours(view, table.index))
        whole = view.values().reindex(table.index).fillna(totals)
        texts = [view.wording.format(value, view.measure.decimals) for value in whole]
        sheet.write(sheet.width - EDGE, rows, texts, align="right", size=size, weight="bold")
        sheet.write(sheet.width - EDGE, head - 2, view.say("Total"), align="right", size=style.SMALL, colour=MUTED)
        sheet.key(EDGE, 2.4, key)
        axes.set_xlabel(view.say("points"), labelpad=2, color=INK)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        return figure(
            sheet,
            view,
            name="parts",
            chart="stacked",
            caption=view.say("Parts of the {index}, {year}"),
            alternative=_finding(view, table),
            notes=_notes(view),
            data=_data(view, table),
        )


def complete_parts(parts: pd.DataFrame, ranking: pd.DataFrame) -> pd.DataFrame:
    """Points by unit and component, only units with every component, in order of rank; components in their order."""
    if parts.empty:
        return pd.DataFrame()
    known = parts[parts["points"].notna() & parts["unit"].isin(ranking["unit"])]
    components = list(dict.fromkeys(parts["component"]))
    table = known.pivot(index="unit", columns="component", values="points")  # noqa: PD010 - a pivot without sums
    table = table.reindex(columns=components).dropna(axis=1, how="all").dropna()
    ranks = ranking.set_index("unit")[["rank", "index"]].reindex(table.index)
    order = ranks.sort_values(["rank", "index"], ascending=[True, False], na_position="last", kind="stable").index
    return table.loc[order]


def _notes(view: View) -> tuple[str, ...]:
    """Why the parts drawn may not add up to the total beside them, and who is not drawn."""
    apart = view.apart
    left_out = (view.say("Not drawn, because not ranked: {list}.", list=view.unit_list(apart)),) if apart else ()
    if not len(view.maxima_that_apply):
        rounding = view.say(
            "Printed parts may miss a printed total by one unit of the last decimal, because of rounding."
        )
        return (rounding, *left_out)
    applies = view.say(
        "Bars are points; the total is the index, points in percent of the maximum that applies to the unit, so parts "
        "of units with criteria that do not apply do not add up to it."
    )
    return (applies, *left_out)


def _top(view: View, totals: pd.Series) -> float:
    top = view.maximum()
    return top if np.isfinite(top) else float(totals.max()) * 1.03


def _key(view: View, components: list[str]) -> list[tuple[str, str, str]]:
    """The colour, hatch and maximum of each component."""
    entries = []
    for component, (colour, hatch) in zip(components, PARTS, strict=False):
        entries.append((view.part_name(component), colour, hatch))
    return entries


def _lines(entries: list[tuple[str, str, str]]) -> int:
    """How many lines more than one the key takes."""
    used = sum(9 + style.text_width(words) for words, _, _ in entries)
    return int(used // style.WIDTH) + (1 if used % style.WIDTH > 0.9 * style.WIDTH else 0)


def _finding(view: View, table: pd.DataFrame) -> str:
    first = table.index[0]
    items = []
    for component in table.columns:
        n = view.wording.number(table.loc[first, component], view.measure.decimals)
        items.append((f"{view.part_name(component)}: ", n))
    n = view.wording.count(len(table), view.ref())
    return view.say(
        "Stacked bars of the parts of the {index} of {n} {units}. {first}: {parts}.",
        n=n,
        units=view.units_of(n),
        first=view.unit(first),
        parts=view.wording.join(items),
    )


def _data(view: View, table: pd.DataFrame) -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = {"unit": list(table.index), "name": [view.unit(unit) for unit in table.index]}
    for component in table.columns:
        data[str(component)] = [float(value) for value in table[component]]
    return data
