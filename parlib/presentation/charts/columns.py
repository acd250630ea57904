"""What figures of many units share: the finished block, and the line that says how many units are known."""

from __future__ import annotations

from typing import Any

from parlib.presentation.blocks import Figure
from parlib.presentation.style import Sheet
from parlib.presentation.views import View


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
    if "simulated" in view.results.marks:
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


def known_of_all(view: View) -> tuple[str, ...]:
    """The line "Data for 18/63 provinces", where not all ranked units are known."""
    n, of = view.coverage
    if n.value == of.value:
        return ()
    return (view.say("Data for {known}/{all} {units}; the others are not drawn.", known=n, all=of),)
