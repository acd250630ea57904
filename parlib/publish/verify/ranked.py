"""Who is ranked in a year and in two, and the ranks that units have among those ranked in both."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from parlib.publish.verify.data import Data, Sheet
from parlib.report.blocks import Ref


def n_ranked(data: Data, ref: Ref, sheet: Sheet | None) -> float:
    """How many units are ranked in the year of a cell: as published, else those of its table."""
    number = data.cells.get((ref.index_name, ref.year, ref.level, "*", "", "ranked"))
    return float(len(sheet.ranked)) if number is None and sheet is not None else float(number or 0)


def among_both(data: Data, refs: Sequence[Ref]) -> tuple[dict[str, float], dict[str, float]] | None:
    """The ranks of the units ranked in the years of two cells, those of the first cell's year first, as far as they
    follow: as they are where both years rank the same units, else among the units ranked in both. ``None`` without both
    tables."""
    now, then = (data.sheet(ref) for ref in refs)
    if now is None or then is None:
        return None
    listed = [set(now.ranked), set(then.ranked)]
    sizes = [n_ranked(data, ref, sheet) for ref, sheet in zip(refs, (now, then), strict=True)]
    full = [len(units) == size for units, size in zip(listed, sizes, strict=True)]
    both = listed[0] & listed[1]
    strangers = (full[1] and listed[0] != both) or (full[0] and listed[1] != both)
    # who is ranked in both: both years list all, or one does and the other lists all of these
    settled = all(full) or (full[0] and listed[0] == both) or (full[1] and listed[1] == both)
    found = []
    for ref, sheet, units, whole in zip(refs, (now, then), listed, full, strict=True):
        ranks = {unit: sheet.cell(ref.node, unit, "rank") for unit in units}
        if sizes[0] == sizes[1] and not strangers:
            found.append({unit: rank for unit in both if (rank := ranks[unit]) is not None})
        else:
            found.append(_anew(ranks, both, whole) if settled else {})
    return found[0], found[1]


def _anew(ranks: dict[str, float | None], both: set[str], whole: bool) -> dict[str, float]:
    """The ranks among the units ``both``: one more than those of them ahead; or, where a rank of theirs is not known
    but those of all others are (``whole``: no unit is missing), the rank less the others ahead."""
    inside = [ranks[unit] for unit in both]
    outside = [rank for unit, rank in ranks.items() if unit not in both]
    known = {unit: rank for unit in both if (rank := ranks[unit]) is not None}
    if None not in inside:
        ahead = sorted(known.values())
        return {unit: 1.0 + bisect_left(ahead, own) for unit, own in known.items()}
    if not whole or None in outside:
        return {}
    ahead = sorted(one for one in outside if one is not None)
    return {unit: own - bisect_left(ahead, own) for unit, own in known.items()}
