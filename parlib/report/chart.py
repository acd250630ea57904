"""What an analyst draws of a year: ``parlib.chart.ranking(year)``. Each answers a figure that shows itself, knows its
numbers (``.frame``) and saves itself (``.save("x.svg")``); or one line that says why there is none.

Hình của một năm: xếp hạng, thay đổi, các lĩnh vực, bản đồ, so sánh, hai chỉ số cạnh nhau, và hình của riêng mình.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from parlib.analysis import links
from parlib.errors import ParameterError, named
from parlib.report import charts, maps, style, vector
from parlib.report.blocks import Figure, Note, Wording
from parlib.report.charts import robustness, trends
from parlib.report.charts.areas import names_beside
from parlib.report.style import LINES, MUTED, SMALL, Rows, Sheet, row_figure
from parlib.report.views import View
from parlib.words import Message
from parlib.years import Year, open_results

__all__ = ["change", "compare", "figure", "heat_map", "history", "map", "ranking", "regions", "scatter", "sure"]

_MARKERS = ("o", "s", "D", "^", "v")


def _view(year: Year) -> View:
    return View(year.results, Wording(year.language))


def ranking(year: Year) -> Figure | Note:
    """The ranked units, best first, with index and group · Xếp hạng.

    >>> parlib.chart.ranking(bo)"""
    return charts.ranking_bars(_view(year), year.rank(), year.change(), year.statistics(column="index"))


def change(year: Year) -> Figure | Note:
    """The change of every unit on the year before · Thay đổi so với năm trước.

    >>> parlib.chart.change(papi)"""
    return charts.change_bars(_view(year), year.change())


def heat_map(year: Year) -> Figure | Note:
    """Every unit in every area · Bảng màu các lĩnh vực.

    >>> parlib.chart.heat_map(papi)"""
    return charts.area_heat_map(_view(year), year.rank())


def regions(year: Year) -> Figure | Note:
    """The units of each region as dots, with its mean · Các vùng.

    >>> parlib.chart.regions(papi)"""
    return charts.region_strips(_view(year), year.regions())


def history(year: Year, *names: str) -> Figure | Note:
    """The ranks of units over the years, with the breaks of the scale · Thứ hạng qua các năm.

    >>> parlib.chart.history(papi, "Quảng Ninh", "Hà Nội")"""
    drawn = trends.rank_history(_view(year), year.series(), [year.unit(name) for name in names])
    return replace(drawn, finding=()) if names and isinstance(drawn, Figure) else drawn  # it is told of the leaders


def sure(year: Year) -> Figure | Note:
    """The ranks that chance in the survey leaves to every unit · Thứ hạng chắc chắn đến đâu.

    >>> parlib.chart.sure(ky)"""
    found = year.sampling()
    return robustness.rank_sets(
        _view(year), found.simultaneous, found.marginal, found.basis == "assumed", found.without
    )


def map(year: Year, of: str = "value") -> Figure | Note:  # noqa: A001 - what it is
    """The provinces by value, or by ``of`` "change" or "band"; those not known are hatched · Bản đồ. Raises
    ``ParameterError`` for units that are no provinces.

    >>> parlib.chart.map(papi)"""
    view = _view(year)
    if not year.results.system:
        raise ParameterError("there is a map of provinces only", value=year.results.level)
    named(of, ("value", "change", "band"), Message("picture of the map"))
    if of == "change":
        return maps.change_map(view, year.change())
    return maps.band_map(view, year.rank()) if of == "band" else maps.value_map(view)


def compare(year: Year, *names: str) -> Figure | Note:
    """Two to five units in every area, in percent of its maximum · So sánh các đơn vị theo lĩnh vực. Raises
    ``ParameterError`` for fewer or more.

    >>> parlib.chart.compare(ky, "Y tế", "Tư pháp")"""
    view, keys = _view(year), list(dict.fromkeys(year.unit(name) for name in names))
    if not 2 <= len(keys) <= len(_MARKERS):
        raise ParameterError("two to five units are compared in a figure", value=", ".join(names))
    table = pd.DataFrame({node: year.results.values(node).reindex(keys) for node in view.nodes("area")}).T.dropna()
    if table.empty:
        return view.missing("No {area} of {year} is known for all of these units.")
    units = [view.unit(key, short=True) for key in keys]
    looks = list(zip(units, _MARKERS, LINES, strict=False))
    texts = [(name, [view.wording.format(x, 1) for x in table[key]]) for name, key in zip(units, keys, strict=True)]

    def draw(_: Sheet, axes: Axes, y: np.ndarray) -> None:
        axes.hlines(y, table.min(axis=1), table.max(axis=1), color=style.PALE, linewidth=2.4, zorder=1)
        for key, (_name, marker, colour) in zip(keys, looks, strict=True):
            axes.scatter(table[key], y, s=26, marker=marker, color=colour, edgecolors="white", linewidths=0.4, zorder=3)

    rows = Rows(
        names=[view.node_name(str(node)) for node in table.index],
        limits=(float(table.to_numpy().min()), float(table.to_numpy().max())),
        numbers=texts if len(keys) <= 3 else (),
        key=[(name, marker, colour, "") for name, marker, colour in looks],
        axis=view.say("percent of the maximum of each {area}"),
        widest=60.0,
        pitch=7.0,
    )
    long = table.rename_axis("node").reset_index().melt("node", var_name="unit")
    return row_figure(
        view, rows, draw, name="compare", chart="compare",
        caption=view.say("{list} by {area}, {index} {year}", list=", ".join(units)),
        alternative=view.say("Marks of {list} in every {area}.", list=", ".join(units)),
        data={str(column): long[column] for column in long},
    )  # fmt: skip


def scatter(year: Year, other: Year | str | pd.Series, node: str = "", other_node: str = "") -> Figure | Note:
    """This index against an ``other`` of the same units, or an area (``node``) of each in percent of its maximum, or
    numbers of one's own by unit, with names and the rank correlation · Hai chỉ số, hai lĩnh vực, số liệu của mình.

    >>> parlib.chart.scatter(papi, "pci")"""
    view, at = _view(year), year.node(node)
    if isinstance(other, pd.Series):
        own = other.rename("other").rename_axis("unit").reset_index()
        own["unit"] = [year.unit(str(key)) for key in own["unit"]]
        values = year.results.values(at).rename("value").rename_axis("unit").reset_index()
        pairs, beside = values.merge(own, on="unit").dropna(), None
        x, labels = pairs["other"].to_numpy(dtype=float), [str(other.name)]
    else:
        there = _other(year, other)
        of = there.node(other_node)
        pairs, beside = links.pairs(year.results, there.results, node=at, other_node=of), _view(there)
        x, labels = _scaled(beside, pairs["other"], of), [_said(beside, of)]
    if len(pairs) < links.LEAST_PAIRS:
        return view.missing("Too few units are known in both indices to be drawn.")
    y, labels = _scaled(view, pairs["value"], at), [*labels, _said(view, at)]
    names = [view.unit(str(key), short=True) for key in pairs["unit"]]

    def draw(sheet: Sheet) -> None:
        axes = sheet.axes(12, 4, 7, 12)
        axes.grid(axis="both")
        axes.scatter(x, y, s=16, color=LINES[0], edgecolors="white", linewidths=0.4, zorder=3)
        for values, limit in ((x, axes.set_xlim), (y, axes.set_ylim)):
            room = 0.07 * (float(np.ptp(values)) or 1.0)
            limit(values.min() - room, values.max() + room)
        axes.xaxis.set_major_formatter(lambda value, _: view.tick(value))
        style.value_axis(sheet, axes, view, labels[1])
        names_beside(sheet, axes, x, y, names)
        sheet.write(sheet.width - 2, sheet.height - 2.6, labels[0], align="right", size=SMALL, colour=MUTED)

    count = view.wording.format(len(pairs), 0)
    coefficient = links.spearman(pairs["value"].to_numpy(dtype=float), pairs["other"].to_numpy(dtype=float))
    told = {"n": count, "value": view.wording.format(coefficient, 2)}
    return style.drawn(
        view, 120.0, draw, name="scatter", chart="scatter",
        caption=view.say("{index} and {other}", index=labels[1], other=labels[0]),
        alternative=view.say("Dots of {n} units; Spearman rank correlation {value}.", **told),
        notes=(view.say("Dots of {n} units; Spearman rank correlation {value}.", **told), *(beside or view).marks),
        source=view.sources((view.source, beside.source)) if beside else view.source,
        data={"unit": pairs["unit"], "value": y, "other": x},
    )  # fmt: skip


def _other(year: Year, other: Year | str) -> Year:
    """The year of an ``other`` index beside this one: of the same year, or of the last one before."""
    if isinstance(other, Year):
        return other
    there = next((of for of in year.related if of.index_name == other), None)
    opened = there or open_results(year.results.year, year.results.level, other)  # says what there is
    return Year(opened, language=year.language)


def _scaled(view: View, values: pd.Series, node: str) -> np.ndarray:
    """Values of an index as it is printed, of an area in percent of its maximum."""
    return values.to_numpy(dtype=float) if node else np.array([view.scaled(value) for value in values])


def _said(view: View, node: str) -> str:
    """What an axis shows."""
    unit = "%" if node else view.unit_of_value
    return f"{view.index} {view.results.year}{f', {node}. {view.node_name(node)}' if node else ''} ({unit})"


def figure(
    drawn: object,
    caption: str,
    *,
    year: Year | None = None,
    alternative: str = "",
    notes: Sequence[str] = (),
    source: str = "",
    data: Mapping[str, Sequence[object]] | pd.DataFrame | None = None,
    name: str = "figure",
) -> Figure:
    """A block of a figure of one's own, of matplotlib or seaborn (figure, axes or grid), as every document takes it.

    With the ``year`` that it was drawn of it carries the marks and the source of the results.
    """
    sheet = getattr(drawn, "figure", drawn)
    if not isinstance(sheet, Drawing):
        raise ParameterError("this is no figure of matplotlib or seaborn", value=type(drawn).__name__)
    view = _view(year) if year is not None else None
    if view is not None and view.is_simulated:
        sheet.text(0.5, 0.5, view.say("SIMULATED"), ha="center", va="center", rotation=24, size=30, weight="bold",
                   color="#8a1c1c", alpha=0.16)  # fmt: skip
    stream, lines = io.BytesIO(), ""
    try:
        lines = vector.svg(sheet)
    except NotImplementedError:  # a picture of points, such as imshow
        sheet.savefig(stream, format="png", dpi=style.DPI)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(sheet)  # else the notebook shows it a second time
    return Figure(
        svg=lines,
        png=base64.b64encode(stream.getvalue()).decode("ascii"),
        caption=caption,
        alternative=alternative or caption,
        source=source or (view.source if view is not None else ""),
        notes=(*notes, *(view.marks if view is not None else ())),
        width_mm=min(float(sheet.get_size_inches()[0]) * 25.4, style.WIDTH),
        data={str(key): list(values) for key, values in (data if data is not None else {}).items()},
        name=name,
    )
