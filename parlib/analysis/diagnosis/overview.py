"""What a round shows beyond its results: where points were lost, what was claimed, how explaining ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from parlib.analysis.diagnosis.divisions import loss_divisions, loss_grid, not_applicable, policy_effect
from parlib.analysis.diagnosis.items import items
from parlib.analysis.diagnosis.losses import pareto
from parlib.analysis.diagnosis.measured import measured_points, measured_summary
from parlib.analysis.diagnosis.self_assessment import appeals, gap_means, over_claiming, self_gap
from parlib.scoring.scorecard import Scorecard

_EMPTY = pd.DataFrame()


@dataclass(frozen=True)
class Overview:
    """Frames of one round; all are empty without one.

    ``nodes``    one row for every area, criterion and scored node, as ``pareto``, plus ``kind`` and
                 ``n_full`` (units that lost no point).
    ``leaves``   as ``pareto`` of the scored nodes.
    ``items``    as ``items``.
    ``claims``   as ``over_claiming``; ``gap`` as ``self_gap`` for the whole index and the areas, ``gaps`` as
                 ``gap_means`` of it.
    ``appeals``  as ``appeals``.
    ``units``    the units that the frames are over.
    ``divisions``, ``grid``  as ``loss_divisions`` and ``loss_grid``.
    ``exempt``, ``effect``   as ``not_applicable`` and ``policy_effect``, of all units, ranked or not.
    ``measured``, ``measures``  as ``measured_points`` of all units, and ``measured_summary`` of the ranked ones.
    """

    nodes: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    leaves: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    items: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    claims: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    gap: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    gaps: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    appeals: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    units: tuple[str, ...] = ()
    divisions: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    grid: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    exempt: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    effect: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    measured: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    measures: pd.DataFrame = field(default_factory=lambda: _EMPTY)


def overview(
    cards: Mapping[str, Scorecard], explained: pd.DataFrame, units: list[str], measured: pd.DataFrame = _EMPTY
) -> Overview:
    """The overview of a round from its cards by stage ("self", "appraisal", "final"), over the ranked ``units``.

    ``explained`` has the columns ``unit``, ``code``; ``measured`` as ``measured_points`` takes it. Without cards
    everything is empty.
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
    gap = gap[gap["node"].isin(areas) & gap["unit"].isin(units)].reset_index(drop=True)
    return Overview(
        nodes=nodes,
        leaves=pareto(final, units),
        items=items(final, units),
        claims=claims[claims["unit"].isin(units)].reset_index(drop=True),
        gap=gap,
        gaps=gap_means(gap),
        appeals=appeals(claimed, cards["appraisal"], final, explained),
        units=tuple(units),
        divisions=loss_divisions(final, units),
        grid=loss_grid(final, units),
        exempt=not_applicable(final),
        effect=policy_effect(final),
        measured=measured_points(final, measured),
        measures=measured_summary(measured_points(final, measured, units)),
    )
