"""Ways of doubt and of rounds: a part left out, ranges of ranks, forms returned, claims, appeals, sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from parlib.publish.verify.data import SAME, Data
from parlib.publish.verify.values import Way, ranks
from parlib.report.blocks import Ref

# --- a part left out, ranges of ranks --------------------------------------------------------------


def without(data: Data, ref: Ref, node: str) -> np.ndarray | None:
    """The ranks of the ranked units if ``node`` did not count."""
    sheet = data.sheet(ref)
    if sheet is None:
        return None
    points, most = (sheet.column("", column) - sheet.column(node, column) for column in ("points", "maximum"))
    if not np.isfinite(points).all():
        return None
    return ranks(100 * points / most if np.isfinite(most).all() else points)


def _shifts(data: Data, ref: Ref) -> np.ndarray | None:
    sheet, moved = data.sheet(ref), without(data, ref, ref.node)
    return None if sheet is None or moved is None else moved - sheet.column("", "rank")


def of_shifts(how: Callable[[np.ndarray], float]) -> Way:
    """What leaving a part out moves, over all ranked units."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        shifts = _shifts(data, refs[0])
        return None if shifts is None else float(how(np.abs(shifts)))

    return way


def _removals(data: Data, ref: Ref) -> np.ndarray | None:
    """The ranks of the ranked units with one area after another left out, an area a row."""
    found = [without(data, ref, node) for node in data.areas(ref)]
    known_rows = [row for row in found if row is not None]
    return np.array(known_rows) if known_rows and len(known_rows) == len(found) else None


def unmoved(data: Data, refs: Sequence[Ref]) -> float | None:
    """How many units keep their rank whichever part is left out."""
    sheet, moved = data.sheet(refs[0]), _removals(data, refs[0])
    return None if sheet is None or moved is None else float((moved == sheet.column("", "rank")).all(axis=0).sum())


def removal(data: Data, ref: Ref, end: str) -> float | None:
    """The best ("min") or worst rank of a unit with one area after another left out."""
    sheet, moved = data.sheet(ref), _removals(data, ref)
    if sheet is None or moved is None or ref.unit not in sheet.ranked:
        return None
    own = moved[:, sheet.ranked.index(ref.unit)]
    return float(own.min() if end == "min" else own.max())


def _widths(data: Data, ref: Ref, name: str) -> np.ndarray | None:
    """How many ranks the interval of each unit holds."""
    low, high = (data.by_unit(ref, f"{name}_{end}") for end in ("min", "max"))
    return np.array([high[unit] - low[unit] + 1 for unit in low if unit in high]) if low and high else None


def median_width(data: Data, refs: Sequence[Ref]) -> float | None:
    """The number of ranks that half of the units have in their range, or exceed."""
    ref = refs[0]
    if ref.column in ("sets", "weights"):
        widths = _widths(data, ref, ref.column)
        return None if widths is None else float(np.sort(widths)[len(widths) // 2])
    sheet = data.sheet(ref)
    for what in ("ratio", "value"):
        values = data.by_unit(ref, what)
        known_values = [value for unit, value in values.items() if sheet is not None and unit in sheet.ranked]
        if known_values:
            return float(np.median(known_values))
    return None


def sure_of_rank(data: Data, refs: Sequence[Ref]) -> float | None:
    """How many units hold one and the same rank in enough of the draws."""
    often, level = data.by_unit(refs[0], "one_rank"), data.beside(refs[0], "level")
    return None if level is None or not often else float(sum(share >= level / 100 - SAME for share in often.values()))


# --- rounds ---------------------------------------------------------------------------------------


def returns(test: Callable[[Mapping[str, np.ndarray]], float]) -> Way:
    """What was returned in a round, by unit."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        names = ("expected", "answered", "late", "adjusted", "appraised", "explained")
        columns = {name: data.by_unit(refs[0], f"returns:{name}") for name in names}
        if not columns["expected"]:
            return None
        units = list(columns["expected"])
        return float(test({name: np.array([found.get(unit, 0.0) for unit in units])
                           for name, found in columns.items()}))  # fmt: skip

    return way


def sum_of_groups(what: str) -> Way:
    """A number of a round, summed over groups of respondents."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        found = data.by_unit(refs[0], what)
        return float(sum(found.values())) if found else None

    return way


def _gaps(data: Data, ref: Ref) -> tuple[np.ndarray, np.ndarray] | None:
    """Points self-assessed and granted of the units of which both are known."""
    claimed, granted = (data.by_unit(ref, what) for what in ("self_points", "granted_points"))
    units = [unit for unit in claimed if unit in granted]
    if not units:
        return None
    return np.array([claimed[unit] for unit in units]), np.array([granted[unit] for unit in units])


def of_gaps(how: Callable[[np.ndarray, np.ndarray], float]) -> Way:
    """The differences of claimed and granted points, over the ranked units."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        beside = data.beside(refs[0], refs[0].column)
        pair = _gaps(data, refs[0]) if beside is None else None
        return beside if pair is None else float(how(*pair))

    return way


def appeals(how: Callable[[list[float]], float]) -> Way:
    """What became of appeals of one outcome."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        found = [data.cells[key] for key in data.of_kind(refs[0].node)]
        return float(how(found)) if data.of_kind("returns:explained") else None

    return way


def sum_of_parts(data: Data, refs: Sequence[Ref]) -> float | None:
    """A sum: of what the cells name."""
    if refs[0].node.startswith("outcome:"):
        return appeals(sum)(data, refs)
    return data.beside(refs[0], "sum")
