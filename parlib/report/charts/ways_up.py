"""What lies above a unit: the distances to the next ranks, and the cheapest steps that lift it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from parlib.report.blocks import Figure, Note
from parlib.report.charts.columns import name_colours
from parlib.report.charts.lines import Lines, lines_figure
from parlib.report.style import INK, ORDERED, bars
from parlib.report.views import View


class Step(Protocol):
    """What this figure needs of a step of ``diagnosis.ladder``."""

    @property
    def code(self) -> str:
        """The criterion."""

    @property
    def gain(self) -> float:
        """Points gained."""


class Way(Protocol):
    """What this figure needs of a way of ``diagnosis.ladder``."""

    @property
    def rungs(self) -> Sequence[Step]:
        """The steps."""

    @property
    def rank(self) -> int:
        """The rank reached."""


def gap_bars(view: View, gaps: pd.DataFrame) -> Figure | Note:
    """What is missing to share the next better rank, by unit, in order of rank. ``gaps`` is the frame of ``gaps``."""
    rows = gaps[gaps["to_next_rank"].notna()] if not gaps.empty else gaps
    if rows.empty:
        return view.missing("Distances need the value of every ranked unit of {year}.")
    rows = rows.sort_values("rank", kind="stable")
    values = np.array([view.scaled(value) for value in rows["to_next_rank"]])
    names = [f"{rank}. {view.unit(str(unit))}" for unit, rank in zip(rows["unit"], rows["rank"], strict=True)]

    def draw(axes: Axes, y: np.ndarray) -> None:
        bars(axes, y, values, colour=ORDERED[1])

    texts = [view.wording.format(value, view.measure.decimals) for value in values]
    _, least = view.ends_of(names, values)
    return lines_figure(
        view,
        Lines(names, texts, view.unit_of_change, name_colours(view, rows["unit"])),
        draw,
        (0.0, float(values.max())),
        name="gaps",
        chart="bars",
        caption=view.say("What each unit lacks to share the next better rank, {index} {year}"),
        alternative=view.say("Distances to the next rank. Smallest: {first}, {value}.", first=least.named,
                             value=texts[least.place]),
        data={"unit": list(rows["unit"]), "name": names, "to_next_rank": values.tolist()},
    )  # fmt: skip


def ladder_bars(view: View, unit: str, ways: Sequence[Way]) -> Figure | Note:
    """The cheapest ways up of ``unit``: a line for each step, the points it gains, one way after another."""
    steps = [(number, way.rank, step) for number, way in enumerate(ways, start=1) for step in way.rungs]
    if not steps:
        return view.missing("No way up of {unit} is known for {year}.", unit=view.unit(unit))
    names = [
        view.say("Way {number}, to rank {rank}: {step}", number=number, rank=rank,
                 step=f"{step.code} {view.node_name(step.code)}")
        for number, rank, step in steps
    ]  # fmt: skip
    values = np.array([step.gain for _, _, step in steps])
    colours = [ORDERED[(number - 1) % 3] for number, _, _ in steps]

    def draw(axes: Axes, y: np.ndarray) -> None:
        bars(axes, y, values, colour=colours, edge=INK)

    texts = [view.wording.format(value, 2, signed=True) for value in values]
    return lines_figure(
        view,
        Lines(names, texts, view.say("points"), widest=96.0),
        draw,
        (0.0, float(values.max())),
        name="ladder",
        chart="bars",
        caption=view.say("The cheapest ways up of {unit}, {index} {year}", unit=view.unit(unit)),
        alternative=view.say("Steps of the cheapest ways up. First: {first}, {value} points.", first=names[0],
                             value=texts[0]),
        data={"way": [number for number, _, _ in steps], "code": [step.code for _, _, step in steps], "name": names,
              "gain": values.tolist()},
        notes=(view.say("Computed with the other units standing still unless said otherwise; a step is the next better "
                        "answer that the rule of the criterion allows."),),
    )  # fmt: skip
