"""The place of a unit among those of its region or group, by ranks, values and bounds of ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from parlib.publish.verify.data import SAME, Data, Sheet
from parlib.publish.verify.values import scale
from parlib.report.blocks import Ref

Standing = tuple[float | None, float, float]  # a value, the best and the worst rank


def rank_among(data: Data, refs: Sequence[Ref]) -> float | None:
    """The rank of a unit among those of its region or group: how many of these are better, where that is certain of
    each of them, or of as many as the rank among all leaves room for."""
    ref = refs[0]
    homes = data.names.groups if ref.column == "rank_in_cities" else data.names.regions
    sheet, home = data.sheet(ref), homes.get(ref.unit)
    if sheet is None or not home or ref.unit not in sheet.ranked:
        return None
    own = _standing(data, sheet, ref, ref.unit)
    inside, outside = [0, 0], [0, 0]  # how many are better surely, and maybe
    for unit in sheet.ranked:
        if unit == ref.unit:
            continue
        surely, maybe = _is_better(_standing(data, sheet, ref, unit), own)
        counted = inside if homes.get(unit) == home else outside
        counted[0] += surely
        counted[1] += maybe
    unlisted = (data.beside(replace(ref, unit="*", node=""), "ranked") or len(sheet.ranked)) - len(sheet.ranked)
    low = max(inside[0], own[1] - 1 - outside[1] - unlisted)
    high = min(inside[1], own[2] - 1 - outside[0])
    return 1.0 + low if low == high else None


def _standing(data: Data, sheet: Sheet, ref: Ref, unit: str) -> Standing:
    """The value of a unit, where it is no rounded number, and the best and the worst rank that it can have."""
    rank, at = sheet.cell(ref.node, unit, "rank"), replace(ref, unit=unit)
    value = None if (ref.node, unit) in sheet.rounded else sheet.cell(ref.node, unit, scale(ref.index_name))
    ends = (data.beside(at, f"rank_{end}") if rank is None else rank for end in ("min", "max"))
    best, worst = (usual if end is None else end for end, usual in zip(ends, (1.0, np.inf), strict=True))
    return value, best, worst


def _is_better(other: Standing, own: Standing) -> tuple[bool, bool]:
    """Whether another unit is better surely, and whether it may be: by ranks where both are known, else by values."""
    ranked = other[1] == other[2] and own[1] == own[2]
    if not ranked and other[0] is not None and own[0] is not None:
        return (other[0] > own[0] + SAME,) * 2
    return other[2] < own[1], other[1] < own[2]
