"""Units whose ranks cannot be told apart, given the errors that the survey of the year measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Tiers", "tiers"]


@dataclass(frozen=True)
class Tiers:
    """``by_unit``: the tier of each ranked unit, 1 the best; empty where no error was measured. ``between``: the two
    tiers of a unit that other random draws would put into another one: it is in none of them for sure. ``without``:
    indices within the index whose own error is not known and in no tier."""

    by_unit: Mapping[str, int] = field(default_factory=dict)
    between: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def tiers(sampling: Any) -> Tiers:
    """The tiers of an audit of sampling (``robustness.audit.audit_sampling``), where they may be printed with ranks:
    only errors that a survey of the year measured part units in a ranking; an assumed one never does."""
    if sampling.basis != "survey" or sampling.tiers.empty:
        return Tiers()
    known = sampling.tiers.dropna(subset=["tier"])
    sure = known[known["tier_low"] == known["tier_high"]]
    open_ = known[known["tier_low"] != known["tier_high"]]
    return Tiers(
        {str(unit): int(tier) for unit, tier in zip(sure["unit"], sure["tier"], strict=True)},
        {str(row.unit): (int(row.tier_low), int(row.tier_high)) for row in open_.itertuples()},
        sampling.without,
    )
