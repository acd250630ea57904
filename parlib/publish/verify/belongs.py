"""What may stand in the data of a chart where no exact rule says what must: numbers of its own unit, criterion, year.

A figure carries what it draws as columns. One says whose a row is (``unit``, ``node``, ``code``, ``year``, ``factor``).
What the datasets hold of just that, or what follows from it by one step (a statistic over the ranked units, a
difference of two years, the points lost, the parts of a unit that was merged), may stand there; nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from parlib.publish.verify.data import Data, Sheet
from parlib.publish.verify.values import lost_by_all
from parlib.report.blocks import Figure
from parlib.scoring import units

SAME = 1e-6  # the datasets have nine decimals; differences and means of them fewer
_KEYS = ("unit", "node", "code", "year", "factor")
_OF_NODE = re.compile(r"_(\d+(?:\.\d+)*)$")  # the chart of one area ends in its code


def whose(figure: Figure) -> str:
    """The column that says whose the rows of a figure are; "" where none does."""
    return next((name for name in _KEYS if name in figure.data), "")


def _is_sum(figure: Figure, column: str, whose: object, cell: float) -> bool:
    """Whether a cell is the sum of those above it: the whole that the data of a bridge ends with."""
    if whose != "":
        return False
    parts = [float(other) for other in figure.data[column] if _is_number(other)]
    return abs(sum(parts) - 2 * cell) < SAME * len(parts)


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell)


def _has(values: Iterable[float] | np.ndarray, wanted: float) -> bool:
    """Whether ``wanted`` is one of ``values``, as it is or as a share of one in percent."""
    if isinstance(values, np.ndarray):
        return bool((np.abs(values[:, None] * (1.0, 1.0, 100.0) - wanted * np.array((1.0, 100.0, 1.0))) < SAME).any())
    return any(
        abs(value - wanted) < SAME or abs(value - 100 * wanted) < SAME or abs(100 * value - wanted) < SAME
        for value in values
    )


def _parts() -> Mapping[str, list[str]]:
    """The units that each unit since 2025 was made of."""
    found: dict[str, list[str]] = {}
    for level in units.levels():
        merged = units.merges(level)
        for old, new in zip(merged["old"], merged["new"], strict=True):
            found.setdefault(str(new), []).append(str(old))
    return found


@dataclass
class Belongings:
    """The datasets of a document, asked for what may stand in a cell of a figure's data."""

    data: Data
    beside: dict[tuple[str, str], list[float]] = field(default_factory=dict)  # by unit or node
    asked: dict[str, np.ndarray] = field(default_factory=dict)
    parts: Mapping[str, Sequence[str]] = field(default_factory=_parts)
    nodes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        index = self.data.frames.get("index")
        if index is not None:
            self.nodes = dict(zip(index["node_name"], index["node"], strict=True))
        own = next(iter(self._own_sheets()), None)
        whole = [own.cell("", unit, "maximum") for unit in own.ranked] if own else []
        scale = next((value for value in whole if value), 100.0) / 100  # of what is kept in percent and drawn in points
        for (_, year, _, unit, node, _), value in self.data.cells.items():
            keys = (("unit", unit), ("node", node), ("code", node), ("year", str(year)), ("factor", node[7:]))
            for key in keys:
                self.beside.setdefault(key, []).extend((value, value * scale))

    def accounts(self, figure: Figure, column: str, row: int) -> bool:
        """Whether the datasets hold the number of a column and row, or it follows from what they hold."""
        key, wanted = whose(figure), float(figure.data[column][row])
        if not key:
            return self._belongs_to_all(figure, column, wanted)
        if column in (key, "region") or _is_sum(figure, column, figure.data[key][row], wanted):
            return True
        return self._belongs(figure, key, str(figure.data[key][row]), column, wanted)

    def _belongs_to_all(self, figure: Figure, column: str, wanted: float) -> bool:
        """Of a chart whose rows belong to nobody: classes of values, moves between groups, several indices."""
        cells = figure.data
        if "from" in cells:
            return self._is_histogram(figure)
        if {"before", "now"} <= set(cells):
            return self._is_transition(cells)
        if column == "rank":
            return any(self._has_ranks(unit, cells["rank"]) for unit in self.data.names.names)
        counts = [value for key, value in self.data.cells.items() if key[5].startswith("band:")]
        for sheet in self.data.sheets.values():
            whole = sheet.column("", "index"), sheet.column("", "points"), sheet.column("", "rank")
            counts += [float(np.isfinite(values).sum()) for values in whole]
            counts += [float(list(sheet.bands.values()).count(band)) for band in set(sheet.bands.values())]
            counts.append(float(len(sheet.ranked)))
        counts += [float(value) for key, value in self.data.cells.items() if key[5] in ("ranked", "n_units")]
        return _has(counts, wanted)

    def _is_transition(self, cells: Mapping[str, list[float]]) -> bool:
        """Whether the moves are those of the units ranked in two years, and their shares those of each first group."""
        groups: dict[object, float] = {}
        for before, n in zip(cells["before"], cells["n"], strict=True):
            groups[before] = groups.get(before, 0.0) + n
        shares = [n / groups[before] if groups[before] else math.nan
                  for before, n in zip(cells["before"], cells["n"], strict=True)]  # fmt: skip
        drawn = [math.nan if share is None else float(share) for share in cells["share"]]
        ranked = [set(sheet.ranked) - {unit for unit in sheet.ranked if sheet.cell("", unit, "rank") is None}
                  for sheet in self._own_sheets()[:2]]  # fmt: skip
        total = len(set.intersection(*ranked)) if len(ranked) == 2 else -1
        return sum(groups.values()) == total and bool(np.allclose(shares, drawn, atol=SAME, equal_nan=True))

    def _has_ranks(self, unit: str, ranks: Sequence[float]) -> bool:
        """Whether a unit has all these ranks, each in some index and year."""
        own = {sheet.cell("", unit, "rank") for sheet in self.data.sheets.values()}
        return all(rank is None or float(rank) in own for rank in ranks)

    def _belongs(self, figure: Figure, key: str, whose: str, column: str, wanted: float) -> bool:
        if key == "unit" and (column.isdecimal() or column == "share_at_rank"):
            return self._at_rank(figure, whose, column, wanted)
        if _has(self.beside.get((key, whose), ()), wanted):
            return True
        if key == "unit":
            return _has(self._of_unit(figure, whose, column), wanted)
        if key == "year":
            return _has(self._once(f"{whose} {column}", lambda: self._of_year(int(whose), column)), wanted)
        if column in ("n_full", "n_part", "n_none"):
            return any(self._n_of(sheet, whose, column) == wanted for sheet in self._own_sheets()[:1])
        if column == "cumulative":
            return self._is_cumulative(figure, whose, wanted)
        return _has(self._once(f"node {whose}", lambda: self._of_node(whose)), wanted)

    def _once(self, question: str, answer: Callable[[], Iterable[float]]) -> np.ndarray:
        """What may stand somewhere, worked out once."""
        if question not in self.asked:
            self.asked[question] = np.array(list(answer()), dtype=float)
        return self.asked[question]

    def _n_of(self, sheet: Sheet, node: str, column: str) -> int:
        """How many ranked units have all, some or none of the points of a criterion."""
        points, maximum = sheet.column(node, "points"), sheet.column(node, "maximum")
        known = np.isfinite(points) & (maximum > 0)
        full, none = points >= maximum - SAME, points <= SAME
        return int((known & {"n_full": full, "n_none": none, "n_part": ~full & ~none}[column]).sum())

    def _is_cumulative(self, figure: Figure, node: str, wanted: float) -> bool:
        """The share of all points lost that is lost in the rows down to this one."""
        sheet = next(iter(self._own_sheets()), None)
        if sheet is None:
            return False
        drawn = [str(one) for one in figure.data["node"]]
        total = lost_by_all(sheet)
        so_far = sum(_sum_lost(sheet, one) for one in drawn[: drawn.index(node) + 1])
        return total > 0 and abs(100 * so_far / total - wanted) < SAME * 100

    def _is_histogram(self, figure: Figure) -> bool:
        """Whether the bars hold each known unit once, in its class."""
        edges, sheets = figure.data.get("from", []), self._own_sheets()
        if len(edges) < 2 or not sheets:
            return False
        step = edges[1] - edges[0]
        for column in ("index", "points"):
            values = sheets[0].column("", column)
            values = values[np.isfinite(values)]
            counted = [int(((values >= edge - SAME) & (values < edge + step - SAME)).sum()) for edge in edges]
            if counted == list(figure.data["n"]):
                return True
        return False

    def _at_rank(self, figure: Figure, unit: str, column: str, wanted: float) -> bool:
        """In how many of the draws a unit had a rank: what is not kept never came about."""
        rank = column
        if not rank.isdecimal():
            place = list(figure.data["unit"]).index(unit)
            rank = str(int(figure.data["rank"][place]))
        own = self.data.own
        kept = self.data.cells.get((*own, unit, "", f"at_rank:{rank}"), 0.0) if own else math.nan
        return abs(kept - wanted) < SAME

    def _own_sheets(self) -> list[Sheet]:
        """The tables of what the report is about: its own year, the years before, the newest first, then later ones."""
        own = self.data.own
        years = sorted((key for key in self.data.sheets if own and key[0] == own[0] and key[2] == own[2]),
                       key=lambda key: (own is not None and key[1] > own[1], -key[1]))  # fmt: skip
        return [self.data.sheets[key] for key in years]

    def _of_unit(self, figure: Figure, unit: str, column: str) -> Iterator[float]:
        sheets = self._own_sheets()
        if not sheets:
            return
        of_node = _OF_NODE.search(figure.name)
        node = of_node.group(1) if of_node else ""
        now = sheets[0]
        if column in ("worst", "mean", "best"):
            yield from _of_parts(now, self.parts.get(unit, ()), column)
        elif column == "value":
            yield from _values(now, node, unit)
        else:
            yield from _values(now, self.nodes.get(column, f"component:{column}"), unit)

    def _of_year(self, year: int, column: str) -> Iterator[float]:
        told = {
            what: value for (_, one, _, unit, _, what), value in self.data.cells.items() if one == year and not unit
        }
        if {"max", "range"} <= set(told):
            yield told["max"] - told["range"]
        for key, sheet in self.data.sheets.items():
            if key[1] != year:
                continue
            if column in sheet.units:
                yield from (*_values(sheet, "", column), *_values(sheet, "", column, "rank"))
            else:
                yield from (*_statistics(sheet, ""), *_all(sheet, ""))

    def _of_node(self, node: str) -> Iterator[float]:
        means: list[tuple[float, float]] = []
        maxima = [sheet.cell(node, unit, "maximum") for sheet in self._own_sheets() for unit in sheet.units]
        for maximum in {value for value in maxima if value}:
            yield from (maximum - lost for lost in self.beside.get(("node", node), ()))
        sheets = self._own_sheets()
        for sheet in sheets[:1]:
            yield from _regional(self.data, sheet, node)
        for sheet in sheets:
            yield from _all(sheet, node)
            yield from _statistics(sheet, node)
            means.append((_mean(sheet, node, "points"), _mean(sheet, node, "index")))
        for one, other in combinations(means, 2):
            yield from (one[0] - other[0], one[1] - other[1])


def _values(sheet: Sheet | None, node: str, unit: str, column: str = "") -> list[float]:
    """The cell of a unit, in points and in percent, or another column of it."""
    if sheet is None:
        return []
    found = [sheet.cell(node, unit, name) for name in ([column] if column else ["index", "points"])]
    return [math.nan if value is None else value for value in found]


def _of_parts(sheet: Sheet, parts: Sequence[str], column: str) -> Iterator[float]:
    """Of a unit that was merged: the lowest, mean and highest of its parts."""
    for name in ("index", "points"):
        known = [value for part in parts if (value := sheet.cell("", part, name)) is not None]
        if known:
            yield {"worst": min(known), "best": max(known), "mean": float(np.mean(known))}[column]


def _all(sheet: Sheet, node: str) -> Iterator[float]:
    """The cells of all units, ranked or not, and the points they lost."""
    for unit in sheet.units:
        yield from _values(sheet, node, unit)
        yield from _values(sheet, node, unit, "rank")
        points, maximum = (sheet.cell(node, unit, name) for name in ("points", "maximum"))
        if points is not None and maximum is not None:
            yield maximum - points


def _regional(data: Data, sheet: Sheet, node: str) -> Iterator[float]:
    """The means of the regions, over the ranked units that are known."""
    for column in ("points", "index"):
        values = dict(zip(sheet.ranked, sheet.column(node, column), strict=True))
        for region in set(data.names.regions.values()) - {""}:
            own = [value for unit, value in values.items() if data.names.regions.get(unit) == region]
            known = [value for value in own if math.isfinite(value)]
            if known:
                yield float(np.mean(known))


def _statistics(sheet: Sheet, node: str) -> Iterator[float]:
    """Over the ranked units: mean, extremes, median, spread, number, mean loss."""
    for column in ("points", "index"):
        values = sheet.column(node, column)
        values = values[np.isfinite(values)]
        if len(values):
            yield from (values.mean(), values.min(), values.max(), np.median(values), np.ptp(values), len(values))
            yield from (values.std(), values.std(ddof=1) if len(values) > 1 else 0.0)
    yield _mean_lost(sheet, node)


def _sum_lost(sheet: Sheet, node: str) -> float:
    """The sum of the points lost, over the ranked units to which the node applies."""
    lost = (sheet.column(node, "maximum") - sheet.column(node, "points"))[sheet.column(node, "maximum") > 0]
    return float(np.nansum(lost))


def _mean_lost(sheet: Sheet, node: str) -> float:
    """The mean of the points lost, over the ranked units to which the node applies."""
    lost = (sheet.column(node, "maximum") - sheet.column(node, "points"))[sheet.column(node, "maximum") > 0]
    return float(np.nanmean(lost)) if np.isfinite(lost).any() else math.nan


def _mean(sheet: Sheet, node: str, column: str) -> float:
    values = sheet.column(node, column)
    return float(np.nanmean(values)) if np.isfinite(values).any() else math.nan
