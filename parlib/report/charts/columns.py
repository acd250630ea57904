"""What figures of many units share: the finished block, and the line that says how many units are known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from parlib.report.blocks import Figure
from parlib.report.style import ACCENT, INK, Sheet
from parlib.report.views import View


def figure(
    sheet: Sheet,
    view: View,
    *,
    name: str,
    chart: str,
    caption: str,
    alternative: str,
    notes: tuple[str, ...] = (),
    data: dict[str, list[Any]],
) -> Figure:
    """The finished figure: the sheet's picture with the marks of the results across it and below it."""
    if view.is_simulated:
        sheet.watermark(view.say("SIMULATED"))
    return Figure(
        png=sheet.png(),
        caption=caption,
        alternative=alternative,
        source=view.source,
        notes=(*notes, *view.marks),
        width_mm=sheet.width,
        data=data,
        chart=chart,
        name=name,
    )


def name_colours(view: View, units: Iterable[str]) -> list[str]:
    """The colours of unit names: the unit in focus stands out."""
    return [ACCENT if view.focus and unit == view.focus else INK for unit in units]


def known_of_all(view: View) -> tuple[str, ...]:
    """The line "Data for 18/63 provinces", where not all ranked units are known."""
    n, of = view.coverage
    if n.value == of.value:
        return ()
    return (view.say("Data for {known}/{all} {units}; the others are not drawn.", known=n, all=of),)
