"""What holds a unit back, and what would lift it: lost points, items, claims, distances, ladders, what-if."""

from parlib.analysis.diagnosis.divisions import loss_divisions, loss_grid, not_applicable, policy_effect
from parlib.analysis.diagnosis.gaps import gaps
from parlib.analysis.diagnosis.items import items
from parlib.analysis.diagnosis.ladder import Rung, Way, best_by_size, ladder, rungs, ways_to_index, what_if
from parlib.analysis.diagnosis.losses import lost_points, pareto, unit_losses
from parlib.analysis.diagnosis.measured import measured_points, measured_summary
from parlib.analysis.diagnosis.overview import Overview, overview
from parlib.analysis.diagnosis.self_assessment import appeals, gap_means, over_claiming, self_gap

__all__ = [
    "Overview",
    "Rung",
    "Way",
    "appeals",
    "best_by_size",
    "gap_means",
    "gaps",
    "items",
    "ladder",
    "loss_divisions",
    "loss_grid",
    "lost_points",
    "measured_points",
    "measured_summary",
    "not_applicable",
    "over_claiming",
    "overview",
    "pareto",
    "policy_effect",
    "rungs",
    "self_gap",
    "unit_losses",
    "ways_to_index",
    "what_if",
]
