"""The data that charts draw, worked out again like the numbers of tables: a bar too long is a wrong number.

What a column of a chart holds follows from the names of chart and column (``_UNITS``, ``_NODES``, ``_YEARS``); the row
says of which unit, criterion or year. Names in the data are those of the keys beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from parlib.analysis.checks import Finding
from parlib.errors import ParameterError
from parlib.publish.verify import arithmetic, values
from parlib.publish.verify.belongs import Belongings
from parlib.publish.verify.data import Data, Key, in_percent
from parlib.report.blocks import Figure, Number, Ref
from parlib.scoring import units
from parlib.words import Message

_NOISE = 1e-6
Made = tuple[str, tuple[Ref, ...]]


@dataclass(frozen=True)
class Drawn:
    """One value of a chart: whose it is. ``unit`` "*": of all; ``column`` "": what the index is printed from."""

    own: Key
    unit: str = "*"
    node: str = ""
    year: int = 0
    stage: str = "published"

    def ref(self, column: str = "", *, back: int = 0, unit: str = "", node: str | None = None) -> Ref:
        """A cell: of the unit, node and year of the row, or of others."""
        index_name, year, level = self.own
        column = column or values.scale(index_name)
        year, node = (self.year or year) - back, self.node if node is None else node
        return Ref(index_name, year, level, unit or self.unit, node, column, self.stage)


def _value(column: str = "", back: int = 0) -> Callable[[Drawn], Made]:
    return lambda of: ("rank" if column == "rank" else "value", (of.ref(column, back=back),))


def _all(made: str, column: str = "") -> Callable[[Drawn], Made]:
    return lambda of: (made, (of.ref(column, unit="*"),))


def _beside(made: str, column: str) -> Callable[[Drawn], Made]:
    return lambda of: (made, (of.ref(column),))


#: What the columns of charts by unit hold, where the chart has no meaning of its own for them.
_UNITS: Mapping[str, Callable[[Drawn], Made]] = {
    "rank": lambda of: ("rank", (of.ref("rank"),)),
    "previous_rank": _value("rank", back=1),
    "value": _value(),
    "previous": lambda of: ("value" if in_percent(of.own[0]) else "carried", (of.ref(back=1),)),
    "change": lambda of: ("difference", (of.ref(), of.ref(back=1))),
    "claimed": lambda of: ("claimed", (of.ref("points", node="*"),)),
    "granted": lambda of: ("granted", (of.ref("points", node="*"),)),
    "over": lambda of: ("claimed_not_granted", (of.ref("points", node="*"),)),
}
#: Charts by unit whose columns mean something of their own.
_OF_CHART: Mapping[tuple[str, str], Callable[[Drawn], Made]] = {
    ("sipas", "value"): _value("sipas"),
    ("sipas", "low"): _value("sipas_low"),
    ("sipas", "high"): _value("sipas_high"),
    **{
        (chart, f"{end}_{place}"): _beside("interval", f"{name}_{bound}")
        for chart, names in (("rank-sets", ("sets", "alone")), ("rank-weights", ("weights",)))
        for place, name in enumerate(names, start=1)
        for end, bound in (("low", "min"), ("high", "max"))
    },
    ("rank-removal", "low_1"): _beside("rank_otherwise", "removal_min"),
    ("rank-removal", "high_1"): _beside("rank_otherwise", "removal_max"),
}
#: What the columns of charts by criterion hold.
_NODES: Mapping[tuple[str, str], Callable[[Drawn], Made]] = {
    ("area-ranges", "lowest"): _all("minimum"),
    ("area-ranges", "mean"): _all("mean"),
    ("area-ranges", "highest"): _all("maximum"),
    ("losses", "mean_lost"): _all("mean_lost", "points"),
    ("impact", "n_full"): _all("count", "full"),
    ("impact", "n_part"): _all("count", "partly"),
    ("impact", "n_none"): _all("count", "none"),
}
#: What the columns of charts by year hold.
_YEARS: Mapping[tuple[str, str], Callable[[Drawn], Made]] = {
    ("years", "mean"): _all("mean"),
    ("years", "minimum"): _all("minimum"),
    ("years", "maximum"): _all("maximum"),
    ("spread", "sd"): _all("standard deviation"),
}


def inspect(figure: Figure, data: Data, belongings: Belongings | None = None) -> tuple[int, int, list[Finding]]:
    """How many values a chart draws, how many could be worked out again, and what is wrong with them: what no rule
    here works out must be a number of its own unit, criterion or year (``belongings``)."""
    if data.own is None:
        return 0, 0, []
    belongings = belongings or Belongings(data)
    drawn = known = 0
    found: list[Finding] = []
    stage = next((key[3] for key in data.sheets if key[:3] == data.own), "published")
    found += [*_names(figure, data), *_told(figure, data)]
    for column, cells in figure.data.items():
        for row, cell in enumerate(cells):
            if isinstance(cell, bool) or not isinstance(cell, int | float) or not np.isfinite(cell):
                continue
            drawn += 1
            wanted = _wanted(figure, column, row, data, stage)
            known += wanted is not None
            if wanted is not None and abs(wanted - cell) > _NOISE:
                found.append(_differs(figure, column, row, cell, wanted))
            elif wanted is None and not belongings.accounts(figure, column, row):
                found.append(_strange(figure, column, row, cell))
    return drawn, known, found


def _wanted(figure: Figure, column: str, row: int, data: Data, stage: str) -> float | None:
    """What a value of a chart must be; ``None`` where nothing here says it."""
    assert data.own is not None
    way, of = _way(figure, column, row, data.own, stage, data)
    if way is None:
        return None
    made, refs = way(of)
    try:
        return arithmetic.value(data, Number(0.0, "", refs, made))
    except values.UnknownWay:
        return None


def _way(
    figure: Figure, column: str, row: int, own: Key, stage: str, data: Data
) -> tuple[Callable[[Drawn], Made] | None, Drawn]:
    cells = figure.data
    unit = _key(cells, "unit", row)
    if unit:
        node = figure.name.removeprefix("distribution_") if figure.name.startswith("distribution_") else ""
        of = Drawn(own, unit, node, stage=stage)
        if (way := _OF_CHART.get((figure.name, column)) or _UNITS.get(column)) is not None:
            return (None if figure.name in _OWN_UNITS else way), of
        if (f"component:{column}", unit) in _sheet(data, own, stage):
            return _value("points"), Drawn(own, unit, f"component:{column}", stage=stage)
        return None, of
    node = _key(cells, "node", row) or _key(cells, "code", row)
    if node:
        return _NODES.get((figure.name, column)), Drawn(own, "*", node, stage=stage)
    year = cells.get("year", [None] * (row + 1))[row]
    if isinstance(year, int | float):
        of = Drawn(own, "*", "", int(year), stage)
        if figure.name == "rank-history" and column in data.names.names:
            return _value("rank"), Drawn(own, column, "", int(year), stage)
        return _YEARS.get((figure.name, column)), of
    return None, Drawn(own)


#: Charts whose units are not those of the index tables: what was merged, and intervals of single units.
_OWN_UNITS = ("mergers", "caterpillar")


def _sheet(data: Data, own: Key, stage: str) -> Mapping[tuple[str, str], int]:
    sheet = data.sheets.get((*own, stage))
    return {} if sheet is None else sheet.rows


def _key(cells: Mapping[str, list[Any]], name: str, row: int) -> str:
    held = cells.get(name, [])
    return str(held[row]) if row < len(held) and isinstance(held[row], str) else ""


def _names(figure: Figure, data: Data) -> Iterator[Finding]:
    """The name beside a key is that of the unit."""
    pairs = zip(figure.data.get("unit", ()), figure.data.get("name", ()), strict=False)
    for unit, name in pairs:
        called = data.names.names.get(str(unit)) or _called(str(unit))
        if called and str(name) not in called:
            yield Finding(
                "row_names",
                False,
                f"{figure.name}: {name}",
                (),
                Message("a name in a chart's data is that of its unit"),
            )


def _called(key: str) -> frozenset[str]:
    """What a unit that no table ranks is called: one that others were merged into."""
    try:
        unit = units.get(key)
    except ParameterError:
        return frozenset()
    return frozenset((unit.name_vi, unit.name_en, unit.short_vi)) - {""}


def _told(figure: Figure, data: Data) -> Iterator[Finding]:
    """A unit named in the alternative text is one of those drawn."""
    drawn = {str(cell) for cells in figure.data.values() for cell in cells if isinstance(cell, str)}
    if not {"unit", "name"} <= set(figure.data):
        return
    told = data.names.told_in(figure.alternative)
    for name in told:
        if not any(name in text for text in drawn):
            yield Finding(
                "row_names",
                False,
                f"{figure.name}: {name}",
                (),
                Message("a unit told of in the text is in the figure"),
            )


def _strange(figure: Figure, column: str, row: int, cell: float) -> Finding:
    return Finding(
        "drawn_numbers",
        False,
        f"{figure.name}: {_label(figure, row)}, {column}",
        (("printed", float(cell)),),
        Message("a value drawn is a number of its own unit, criterion or year"),
    )


def _label(figure: Figure, row: int) -> str:
    return next((str(figure.data[name][row]) for name in ("name", "year", "node") if name in figure.data), str(row))


def _differs(figure: Figure, column: str, row: int, cell: float, wanted: float) -> Finding:
    where = f"{figure.name}: {_label(figure, row)}, {column}"
    return Finding(
        "drawn_numbers",
        False,
        where,
        (("printed", float(cell)), ("cell", wanted)),
        Message("a value drawn equals the one worked out again"),
    )
