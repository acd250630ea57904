"""What a round shows beyond its results: where points were lost, what was claimed, how explaining ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from parlib.analysis.diagnosis.items import items
from parlib.analysis.diagnosis.losses import pareto
from parlib.analysis.diagnosis.self_assessment import appeals, over_claiming, self_gap
from parlib.scoring import Scorecard

_EMPTY = pd.DataFrame()


@dataclass(frozen=True)
class Overview:
    """Frames of one round; all are empty without one.

    ``nodes``    one row for every area, criterion and scored node, as ``pareto``, plus ``kind`` and
                 ``n_full`` (units that lost no point).
    ``leaves``   as ``pareto`` of the scored nodes.
    ``items``    as ``items``.
    ``claims``   as ``over_claiming``; ``gap`` as ``self_gap`` for the whole index and the areas.
    ``appeals``  as ``appeals``.
    ``units``    the units that the frames are over.
    """

    nodes: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    leaves: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    items: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    claims: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    gap: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    appeals: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    units: tuple[str, ...] = ()


def overview(cards: Mapping[str, Scorecard], explained: pd.DataFrame, units: list[str]) -> Overview:
    """The overview of a round from its cards by stage ("self", "appraisal", "final"), over the ranked ``units``.

    ``explained`` has the columns ``unit``, ``code``. Without cards everything is empty.
    """
    if not cards:
        return Overview()
    final, claimed = cards["final"], cards["self"]
    kinds = ("area", "criterion", "subcriterion")
    nodes = pd.concat([pareto(final, units, kind).assign(kind=kind) for kind in kinds], ignore_index=True)
    nodes["n_full"] = nodes["n"] - nodes["n_losing"]
    claims = over_claiming(claimed, final)
    gap = self_gap(claimed, final)
    areas = {"", *final.scheme.node_frame().query("kind == 'area'")["node"]}
    return Overview(
        nodes=nodes,
        leaves=pareto(final, units),
        items=items(final, units),
        claims=claims[claims["unit"].isin(units)].reset_index(drop=True),
        gap=gap[gap["node"].isin(areas) & gap["unit"].isin(units)].reset_index(drop=True),
        appeals=appeals(claimed, cards["appraisal"], final, explained),
        units=tuple(units),
    )
