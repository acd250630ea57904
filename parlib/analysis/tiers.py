"""Units whose ranks cannot be told apart: by a survey's own errors, or by one that is assumed and said to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Any

from parlib.results import Results

__all__ = ["Tiers", "tiers"]

#: Indices that are samples from top to bottom: one error may stand for all of their units, where none is published.
SAMPLED = ("papi",)


@dataclass(frozen=True)
class Tiers:
    """``by_unit``: the tier of each ranked unit, 1 the best; empty where no error is known. ``basis``: "survey" (this
    year's own errors), "assumed" (``error``, one for all units, in percent of the maximum) or ""."""

    by_unit: Mapping[str, int] = field(default_factory=dict)
    basis: str = ""
    error: float = nan


def tiers(results: Results, sampling: Any) -> Tiers:
    """The tiers of an audit of sampling (``robustness.audit.audit_sampling``), where they may be printed with ranks.

    The PAR INDEX is mostly appraised, not sampled: without errors of its own survey its published ranks get no tiers.
    """
    allowed = sampling.basis == "survey" or (sampling.basis == "assumed" and results.index_name in SAMPLED)
    if not allowed or sampling.tiers.empty:
        return Tiers()
    known = sampling.tiers.dropna(subset=["tier"])
    by_unit = {str(unit): int(tier) for unit, tier in zip(known["unit"], known["tier"], strict=True)}
    return Tiers(by_unit, sampling.basis, sampling.error)
