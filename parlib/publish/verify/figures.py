"""The data that charts draw, worked out again like the numbers of tables: a bar too long is a wrong number.

What a column of a chart holds follows from the names of chart and column (``_UNITS``, ``_NODES``, ``_YEARS``); the row
says of which unit, criterion or year. Names in the data are those of the keys beside them. Where no exact rule says
what must stand in a cell, it holds what the datasets have of just that unit, criterion or year, or what follows from it
by one step (a statistic over the ranked units, a difference of two years, the points lost, the parts of a unit that was
merged), and nothing else (``Belongings``).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from itertools import combinations, permutations
from typing import NamedTuple, TypeGuard

import numpy as np

from parlib.analysis.checks import Finding
from parlib.errors import ParameterError
from parlib.publish.verify import arithmetic
from parlib.publish.verify.data import Data, Key, Sheet, known
from parlib.publish.verify.reading import WRITTEN, in_percent, joined, scale, written, wrong
from parlib.report.blocks import Figure, Number, Ref
from parlib.scoring import units
from parlib.words import Message

SAME = 1e-6  # the datasets have nine decimals; differences and means of them fewer
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
        year, node = (self.year or year) - back, self.node if node is None else node
        return Ref(index_name, year, level, unit or self.unit, node, column or scale(index_name), self.stage)


Way = Callable[[Drawn], Made]


def _value(column: str = "", back: int = 0) -> Way:
    return lambda of: ("rank" if column == "rank" else "value", (of.ref(column, back=back),))


def _all(made: str, column: str = "") -> Way:
    return lambda of: (made, (of.ref(column, unit="*"),))


def _of_round(made: str) -> Way:
    return lambda of: (made, (of.ref("points", node="*"),))


def _beside(made: str, column: str) -> Way:
    return lambda of: (made, (of.ref(column),))


#: What the columns of charts by unit hold, where the chart has no meaning of its own for them.
_UNITS: Mapping[str, Way] = {
    "rank": lambda of: ("rank", (of.ref("rank"),)),
    "previous_rank": _value("rank", back=1),
    "value": _value(),
    "previous": lambda of: ("value" if in_percent(of.own[0]) else "carried", (of.ref(back=1),)),
    "change": lambda of: ("difference", (of.ref(), of.ref(back=1))),
    "claimed": _of_round("claimed"),
    "granted": _of_round("granted"),
    "over": _of_round("claimed_not_granted"),
    "label": _value("rank"),
}
#: Charts by unit whose columns mean something of their own.
_OF_CHART: Mapping[tuple[str, str], Way] = {
    ("sipas", "value"): _value("sipas"),
    ("sipas", "low"): _value("sipas_low"),
    ("sipas", "high"): _value("sipas_high"),
    **{
        (chart, f"{end}_{place}"): _beside("interval", f"{name}_{bound}")
        for chart, names in (("rank-sets", ("sets", "alone")), ("rank-weights", ("weights",)))
        for place, name in enumerate(names, start=1)
        for end, bound in (("low", "min"), ("high", "max"))
    },
    ("ranking", "rank_low"): _beside("interval", "sets_min"),
    ("ranking", "rank_high"): _beside("interval", "sets_max"),
    ("ranking", "tier"): _beside("tier", ""),
    ("map_change", "label"): _UNITS["change"],
    ("map_change_tiles", "label"): _UNITS["change"],
    ("rank-removal", "low_1"): _beside("rank_otherwise", "removal_min"),
    ("rank-removal", "high_1"): _beside("rank_otherwise", "removal_max"),
}
#: What the columns of charts by criterion hold.
_NODES: Mapping[tuple[str, str], Way] = {
    ("area-ranges", "lowest"): _all("minimum"),
    ("area-ranges", "mean"): _all("mean"),
    ("area-ranges", "highest"): _all("maximum"),
    ("losses", "mean_lost"): _all("mean_lost", "points"),
    ("impact", "n_full"): _all("count", "full"),
    ("impact", "n_part"): _all("count", "partly"),
    ("impact", "n_none"): _all("count", "none"),
}
#: What the columns of charts by year hold.
_YEARS: Mapping[tuple[str, str], Way] = {
    ("years", "mean"): _all("mean"),
    ("years", "minimum"): _all("minimum"),
    ("years", "maximum"): _all("maximum"),
    ("spread", "sd"): _all("standard deviation"),
}
#: What the columns of the chart of merged units hold of their parts, in the year before the mergers that it names.
_PARTS = {"worst": "minimum", "mean": "mean_of_parts", "best": "maximum"}


def _of_made(made: str) -> Way:
    return lambda of: (made, tuple(of.ref(unit=part) for part in arithmetic.made_of().get(of.unit, ())))


#: Charts whose units are not those of the index tables: what was merged, and intervals of single units.
_OWN_UNITS = ("mergers", "caterpillar")


def inspect(figure: Figure, data: Data, belongings: Belongings | None = None) -> tuple[int, int, list[Finding]]:
    """How many values a chart draws, how many could be worked out again, and what is wrong with them: what no rule
    here works out must be a number of its own unit, criterion or year (``belongings``)."""
    if data.own is None:
        return 0, 0, []
    belongings = belongings or Belongings(data)
    drawn = worked_out = 0
    results = [*_names(figure, data), *_told(figure, data)]
    for column, cells in figure.data.items():
        for row, cell in enumerate(cells):
            value, near = _read(column, cell)
            if math.isnan(value):
                continue
            drawn += 1
            wanted, where = _wanted(figure, column, row, data), f"{figure.name}: {_label(figure, row)}, {column}"
            worked_out += wanted is not None
            if wanted is not None and abs(wanted - value) > near:
                message = Message("a value drawn equals the one worked out again")
                results.append(wrong("drawn_numbers", where, message, printed=value, cell=wanted))
            elif wanted is None and (column == "label" or not belongings.accounts(figure, column, row)):
                message = Message("a value drawn is a number of its own unit, criterion or year")
                results.append(wrong("drawn_numbers", where, message, printed=value))
    return drawn, worked_out, results


def is_number(cell: object) -> TypeGuard[float]:
    """Whether a cell of a figure's data is a number that is known."""
    return isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell)


def _read(column: str, cell: object) -> tuple[float, float]:
    """The value of a cell, not a number where it has none, and how near it must be: labels of maps are rounded."""
    if isinstance(cell, str) and column == "label":
        return next(((value, 0.5 * 10.0**-n + SAME) for value, n in written(cell)), (math.nan, SAME))
    return (float(cell) if is_number(cell) else math.nan), SAME


def _wanted(figure: Figure, column: str, row: int, data: Data) -> float | None:
    """What a value of a chart must be; ``None`` where nothing here says it."""
    way, of = _way(figure, column, row, data)
    if way is None:
        return None
    made, refs = way(of)
    try:
        return arithmetic.value(data, Number(0.0, "", refs, made))
    except arithmetic.UnknownWay:
        return None


def _way(figure: Figure, column: str, row: int, data: Data) -> tuple[Way | None, Drawn]:
    assert data.own is not None
    cells = figure.data
    own = (*data.own[:2], level) if (level := _key(cells, "level", row)) else data.own
    stage = next((key[3] for key in data.sheets if key[:3] == own), "published")
    sheet = data.sheets.get((*own, stage))
    if figure.name == "beside-parts" and column in _PARTS:
        return _of_made(_PARTS[column]), Drawn(own, _key(cells, "unit", row), "", int(_key(cells, "then", row)))
    if unit := _key(cells, "unit", row):
        node = figure.name.removeprefix("distribution_") if figure.name.startswith("distribution_") else ""
        way = _OF_CHART.get((figure.name, column)) or _UNITS.get(column)
        if way is None and sheet is not None and (f"component:{column}", unit) in sheet.rows:
            in_percent_of_own = figure.name.startswith("inside-outside")
            way, node = _value("index" if in_percent_of_own else "points"), f"component:{column}"
        elif figure.name in _OWN_UNITS:
            way = None
        return way, Drawn(own, unit, node, stage=stage)
    if node := _key(cells, "node", row) or _key(cells, "code", row):
        return _NODES.get((figure.name, column)), Drawn(own, "*", node, stage=stage)
    year = cells["year"][row] if row < len(cells.get("year", ())) else None
    if not isinstance(year, int | float):
        return None, Drawn(own)
    if figure.name == "rank-history" and column in data.names.names:
        return _value("rank"), Drawn(own, column, "", int(year), stage)
    if figure.name == "level-means" and column in units.levels():
        return _all("mean"), Drawn((*own[:2], column), "*", "", int(year), stage)
    return _YEARS.get((figure.name, column)), Drawn(own, "*", "", int(year), stage)


def _key(cells: Mapping[str, Sequence[object]], name: str, row: int) -> str:
    held = cells.get(name, ())
    result = held[row] if row < len(held) else ""
    return result if isinstance(result, str) else ""


def _names(figure: Figure, data: Data) -> Iterator[Finding]:
    """The name beside a key is that of the unit."""
    for unit, name in zip(figure.data.get("unit", ()), figure.data.get("name", ()), strict=False):
        called = data.names.names.get(str(unit)) or _called(str(unit))
        if called and str(name) not in called:
            yield wrong("row_names", f"{figure.name}: {name}", Message("a name in a chart's data is that of its unit"))


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
    for name in data.names.named_in(figure.alternative) if {"unit", "name"} <= set(figure.data) else ():
        if not any(name in text for text in drawn):
            yield wrong("row_names", f"{figure.name}: {name}", Message("a unit told of in the text is in the figure"))


def _label(figure: Figure, row: int) -> str:
    return next((str(figure.data[name][row]) for name in ("name", "year", "node") if name in figure.data), str(row))


# --- what may stand in a cell ---------------------------------------------------------------------

_KEYS = ("unit", "node", "code", "year", "factor")
_OF_NODE = re.compile(r"_(\d+(?:\.\d+)*)$")  # the chart of one area ends in its code


def node_of(figure: Figure) -> str:
    """The area that a chart is of; "" for the whole."""
    of_node = _OF_NODE.search(figure.name)
    return of_node[1] if of_node else ""


def _has(values: Iterable[float] | np.ndarray, wanted: float) -> bool:
    """Whether ``wanted`` is one of ``values``, as it is or as a share of one in percent."""
    held = values if isinstance(values, np.ndarray) else np.array(list(values), dtype=float)
    return bool((np.abs(held[:, None] * (1.0, 1.0, 100.0) - wanted * np.array((1.0, 100.0, 1.0))) < SAME).any())


@dataclass
class Belongings:
    """The datasets of a document, asked for what may stand in a cell of a figure's data."""

    data: Data
    asked: dict[str, np.ndarray] = field(default_factory=dict)
    parts: Mapping[str, Sequence[str]] = field(default_factory=arithmetic.made_of)

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The tables of what the report is about: its own year, the years before, the newest first, then later ones."""
        own = self.data.own
        years = sorted((key for key in self.data.sheets if own and key[0] == own[0] and key[2] == own[2]),
                       key=lambda key: (own is not None and key[1] > own[1], -key[1]))  # fmt: skip
        return [self.data.sheets[key] for key in years]

    @cached_property
    def beside(self) -> Mapping[tuple[str, str], np.ndarray]:
        """What stands beside the index tables, by unit, node, year or factor."""
        now = next(iter(self.sheets), None)
        whole = [now.cell("", unit, "maximum") for unit in now.ranked] if now else []
        in_points = next((value for value in whole if value), 100.0) / 100  # of what is kept in percent
        results: dict[tuple[str, str], list[float]] = {}
        for (_, year, _, unit, node, _), value in self.data.cells.items():
            keys = (("unit", unit), ("node", node), ("code", node), ("year", str(year)), ("factor", node[7:]))
            for key in keys:
                results.setdefault(key, []).extend((value, value * in_points))
        return {key: np.array(values, dtype=float) for key, values in results.items()}

    def accounts(self, figure: Figure, column: str, row: int) -> bool:
        """Whether the datasets hold the number of a column and row, or it follows from what they hold."""
        key, wanted = next((name for name in _KEYS if name in figure.data), ""), float(figure.data[column][row])
        if not key:
            return self._belongs_to_all(figure, column, wanted)
        whose = str(figure.data[key][row])
        if column in (key, "region") or (whose == "" and _is_sum(figure.data[column], wanted)):
            return True
        return self._belongs(figure, key, whose, column, wanted)

    def _belongs_to_all(self, figure: Figure, column: str, wanted: float) -> bool:
        """Of a chart whose rows belong to nobody: classes of values, moves between groups, several indices."""
        cells = figure.data
        if "from" in cells:
            return self._is_histogram(cells)
        if {"before", "now"} <= set(cells):
            return self._is_transition(cells)
        if column == "rank":
            held = (
                {sheet.cell("", unit, "rank") for sheet in self.data.sheets.values()} for unit in self.data.names.names
            )
            ranks = {float(rank) for rank in cells["rank"] if rank is not None}
            return any(ranks <= own for own in held)
        return _has(self._once("counts", self._counts), wanted)

    def _counts(self) -> Iterator[float]:
        """How many units are known, ranked and in each group."""
        yield from (value for key, value in self.data.cells.items() if key[5].startswith("band:"))
        for sheet in self.data.sheets.values():
            yield from (np.isfinite(sheet.column("", name)).sum() for name in ("index", "points", "rank"))
            yield from (list(sheet.bands.values()).count(band) for band in set(sheet.bands.values()))
            yield len(sheet.ranked)
        yield from (value for key, value in self.data.cells.items() if key[5] in ("ranked", "n_units"))

    def _is_transition(self, cells: Mapping[str, list[float]]) -> bool:
        """Whether the moves are those of the units ranked in two years, and their shares those of each first group."""
        groups: dict[object, float] = {}
        for before, n in zip(cells["before"], cells["n"], strict=True):
            groups[before] = groups.get(before, 0.0) + n
        shares = [n / groups[before] if groups[before] else math.nan
                  for before, n in zip(cells["before"], cells["n"], strict=True)]  # fmt: skip
        drawn = [math.nan if share is None else float(share) for share in cells["share"]]
        ranked = [
            {unit for unit in sheet.ranked if sheet.cell("", unit, "rank") is not None} for sheet in self.sheets[:2]
        ]
        total = len(set.intersection(*ranked)) if len(ranked) == 2 else -1
        return sum(groups.values()) == total and bool(np.allclose(shares, drawn, atol=SAME, equal_nan=True))

    def _is_histogram(self, cells: Mapping[str, list[float]]) -> bool:
        """Whether the bars hold each known unit once, in its class."""
        edges, drawn = cells["from"], list(cells["n"])
        for column in ("index", "points") if len(edges) > 1 and self.sheets else ():
            values, step = known(self.sheets[0].column("", column)), edges[1] - edges[0]
            if drawn == [int(((values >= edge - SAME) & (values < edge + step - SAME)).sum()) for edge in edges]:
                return True
        return False

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
            return any(_n_of(sheet, whose, column) == wanted for sheet in self.sheets[:1])
        if column == "cumulative":
            return self._is_cumulative(figure, whose, wanted)
        return _has(self._once(f"node {whose}", lambda: self._of_node(whose)), wanted)

    def _once(self, question: str, answer: Callable[[], Iterable[float]]) -> np.ndarray:
        """What may stand somewhere, worked out once."""
        if question not in self.asked:
            self.asked[question] = np.array(list(answer()), dtype=float)
        return self.asked[question]

    def _is_cumulative(self, figure: Figure, node: str, wanted: float) -> bool:
        """The share of all points lost that is lost in the rows down to this one."""
        if not self.sheets:
            return False
        drawn, sheet = [str(one) for one in figure.data["node"]], self.sheets[0]
        total = sheet.lost_by_all()
        so_far = sum(sheet.lost(one).sum() for one in drawn[: drawn.index(node) + 1])
        return total > 0 and abs(100 * so_far / total - wanted) < SAME * 100

    def _at_rank(self, figure: Figure, unit: str, column: str, wanted: float) -> bool:
        """In how many of the draws a unit had a rank: what is not kept never came about."""
        own, at = self.data.own, list(figure.data["unit"]).index(unit)
        rank = column if column.isdecimal() else str(int(figure.data["rank"][at]))
        kept = self.data.cells.get((*own, unit, "", f"at_rank:{rank}"), 0.0) if own else math.nan
        return abs(kept - wanted) < SAME

    def _of_unit(self, figure: Figure, unit: str, column: str) -> Iterator[float]:
        for now in self.sheets[:1]:
            if column in ("worst", "mean", "best"):
                yield from _of_parts(now, self.parts.get(unit, ()), column)
                continue
            own = {node_of(figure)} if column == "value" else self.data.nodes.get(column)
            for node in own or {f"component:{column}"}:
                yield from _values(now, node, unit)

    def _of_year(self, year: int, column: str) -> Iterator[float]:
        places = {
            what: value for (_, one, _, unit, _, what), value in self.data.cells.items() if one == year and not unit
        }
        if {"max", "range"} <= set(places):
            yield places["max"] - places["range"]
        for sheet in (sheet for key, sheet in self.data.sheets.items() if key[1] == year):
            if column in sheet.units:
                yield from _values(sheet, "", column, "index", "points", "rank")
            else:
                yield from (*statistics(sheet, ""), *_all_of(sheet, ""))

    def _of_node(self, node: str) -> Iterator[float]:
        maxima = [sheet.cell(node, unit, "maximum") for sheet in self.sheets for unit in sheet.units]
        for maximum in {value for value in maxima if value}:
            yield from maximum - self.beside.get(("node", node), np.array(()))
        for sheet in self.sheets[:1]:
            yield from _regional(self.data, sheet, node)
        for sheet in self.sheets:
            yield from (*_all_of(sheet, node), *statistics(sheet, node))
        for column in ("points", "index"):
            means = (known(sheet.column(node, column)) for sheet in self.sheets)
            for one, other in combinations([values.mean() if len(values) else math.nan for values in means], 2):
                yield one - other


def _is_sum(cells: Sequence[object], cell: float) -> bool:
    """Whether a cell is the sum of those above it: the whole that the data of a bridge ends with."""
    parts = [float(other) for other in cells if is_number(other)]
    return abs(sum(parts) - 2 * cell) < SAME * len(parts)


def _n_of(sheet: Sheet, node: str, column: str) -> int:
    """How many ranked units have all, some or none of the points of a criterion."""
    points, maximum = sheet.applying(node)
    full, none = points >= maximum - SAME, points <= SAME
    return int({"n_full": full, "n_none": none, "n_part": ~full & ~none}[column].sum())


def _values(sheet: Sheet, node: str, unit: str, *columns: str) -> list[float]:
    """The cell of a unit, in points and in percent, or other columns of it."""
    result = (sheet.cell(node, unit, name) for name in columns or ("index", "points"))
    return [math.nan if value is None else value for value in result]


def _of_parts(sheet: Sheet, parts: Sequence[str], column: str) -> Iterator[float]:
    """Of a unit that was merged: the lowest, mean and highest of its parts."""
    for name in ("index", "points"):
        held = [value for part in parts if (value := sheet.cell("", part, name)) is not None]
        if held:
            yield {"worst": min(held), "best": max(held), "mean": float(np.mean(held))}[column]


def _all_of(sheet: Sheet, node: str) -> Iterator[float]:
    """The cells of all units, ranked or not, and the points they lost."""
    for unit in sheet.units:
        index, points, rank, maximum = _values(sheet, node, unit, "index", "points", "rank", "maximum")
        yield from (index, points, rank, maximum - points)


def _regional(data: Data, sheet: Sheet, node: str) -> Iterator[float]:
    """The means of the regions, over the ranked units that are known."""
    for region in data.names.all_regions:
        inside = [data.names.at_home(unit, region) for unit in sheet.ranked]
        for column in ("points", "index"):
            held = known(sheet.column(node, column)[inside])
            if len(held):
                yield float(held.mean())


def statistics(sheet: Sheet, node: str) -> Iterator[float]:
    """Over the ranked units: mean, extremes, median, spread, number, mean loss."""
    for column in ("points", "index"):
        values = known(sheet.column(node, column))
        if len(values):
            yield from (values.mean(), values.min(), values.max(), np.median(values), np.ptp(values), len(values))
            yield from (values.std(), values.std(ddof=1) if len(values) > 1 else 0.0)
    lost = sheet.lost(node)
    yield float(lost.mean()) if len(lost) else math.nan


# --- the numbers written in drawings --------------------------------------------------------------
# A figure draws what its data hold, so what its letters say has to follow from its data: a cell, the sum or a
# difference of a row, the mean or the number of a group of rows, the index of the unit of a row, or what its texts
# say. A column of numbers stands in the order of the rows. Labels of a scale lie on it: their places go up in step
# with their values.


_GROUP = re.compile(r"<g [^>]*>(.*?)</g>|(<text .*?</text>)", re.DOTALL)
_TEXT = re.compile(r'<text x="(-?\d+)" y="(-?\d+)"[^>]*>([^<]*)</text>')
_OF_WORDS = re.compile(r"\w*[05]%|(?:19|20)\d\d")  # limits of groups and levels of confidence; years
_KEY = ("0%", "5%", "25%", "50%", "100%")  # of a scale of colours: its ends, and shares between
_STEP = 2.5  # tenths of a point by which a label may miss its scale: places are rounded
_LEAST = 3  # numbers that are a column or a scale


class Written(NamedTuple):
    """A number of a drawing: its place, its value, its decimals, the text it stands in."""

    x: int
    y: int
    value: float
    decimals: int
    text: str

    def among(self, values: np.ndarray) -> bool:
        """Whether it is one of ``values`` as printed; what falls may be told without its sign."""
        near = 0.5 * 10.0**-self.decimals + 1e-9
        return bool((np.minimum(np.abs(values - self.value), np.abs(np.abs(values) - self.value)) <= near).any())


def inspect_drawings(figure: Figure, belongings: Belongings) -> Iterator[Finding]:
    """What the drawings of a figure say that does not follow from it."""
    drawings = {svg for svg in (figure.svg, figure.narrow) if svg}
    if not drawings:
        return
    told, columns = _words_of(figure), list(_columns(figure, belongings))
    held = np.concatenate([*columns, list(_of_all(figure, belongings)), [value for value, _ in written(told)]])
    for svg in sorted(drawings):
        groups = list(_groups(svg, told, belongings.data.names.with_digits))
        scales = [one for group in groups for one in group if _is_plain(one)]
        for group in groups:
            if all(_is_on_scale(one, scales) for one in group):
                continue
            strange = [one for one in group if not one.among(held)]
            if not strange and len(group) >= _LEAST and all(map(_is_plain, group)):
                parts = _parts(group, figure)
                strange = [one for part in parts for one in _out_of_order(part, columns, figure)]
            for one in strange:
                message = Message("a number written in a drawing is one of its figure, in its row")
                yield wrong("written_numbers", f"{figure.name}: {one.text}", message, printed=one.value)


def _groups(svg: str, told: str, names: Sequence[str]) -> Iterator[list[Written]]:
    """The numbers that were written at once, in order; those in ``names`` are none."""
    for found in _GROUP.finditer(svg):
        results: list[Written] = []
        for x, y, raw in _TEXT.findall(found[1] or found[2] or ""):
            text = unescape(raw)
            if (not WRITTEN.fullmatch(text) and text in told) or text in _KEY:
                continue
            for name in names:
                text = text.replace(name, "")
            numbers = written(_OF_WORDS.sub("", text) if re.search(r"[^\W\d]{2}", text) else text)
            results += [Written(int(x), int(y), *number, text) for number in numbers]
        if results:
            yield results


def _parts(group: Sequence[Written], figure: Figure) -> list[Sequence[Written]]:
    """What of a group has to be one column: of a heat map the numbers that stand below one another."""
    if figure.chart != "heatmap":
        return [group]
    return [[one for one in group if one.x == x] for x in sorted({one.x for one in group})]


def _is_plain(one: Written) -> bool:
    return WRITTEN.fullmatch(one.text) is not None


def _words_of(figure: Figure) -> str:
    """All that the figure says in words: its texts, and the words of its data."""
    words = [str(cell) for cells in figure.data.values() for cell in cells if isinstance(cell, str)]
    texts = [figure.caption, figure.alternative, figure.source, *figure.notes, joined(figure.finding)]
    return " ".join((*figure.data, *words, *texts))


def _columns(figure: Figure, belongings: Belongings) -> Iterator[np.ndarray]:
    """The columns of numbers that may stand beside the rows."""
    own = {
        name: np.array([float(cell) if is_number(cell) else np.nan for cell in cells])
        for name, cells in figure.data.items()
    }
    drawn = {name: column for name, column in own.items() if np.isfinite(column).any()}
    yield from drawn.values()
    yield from (100 * column for column in drawn.values() if np.nanmax(np.abs(column)) <= 1)
    yield from (one - other for one, other in permutations(drawn.values(), 2))
    if drawn:
        yield np.nansum(list(drawn.values()), axis=0)
    for texts in [cells for cells in figure.data.values() if any(isinstance(cell, str) for cell in cells)]:
        yield np.array([_number_of(cell) for cell in texts])
    for sheet in belongings.sheets[:1] if "unit" in figure.data else ():
        for name in ("index", "points", "rank"):
            cells = [sheet.cell("", str(unit), name) for unit in figure.data["unit"]]
            yield np.array([np.nan if cell is None else cell for cell in cells])
    yield from _of_groups(figure)
    yield np.arange(1.0, 1.0 + max(map(len, figure.data.values()), default=0))


def _number_of(text: object) -> float:
    return written(text)[0][0] if isinstance(text, str) and WRITTEN.fullmatch(text) else np.nan


def _of_groups(figure: Figure) -> Iterator[np.ndarray]:
    """Of each group of rows how many they are and their means, in the order of the groups."""
    numbers = [column for column in figure.data.values() if any(map(is_number, column))]
    for cells in figure.data.values():
        groups = Counter(cells)
        if cells in numbers or len(groups) == len(cells):
            continue
        yield np.array(list(groups.values()), dtype=float)
        for column in numbers:
            inside: dict[object, list[float]] = {group: [] for group in groups}
            for cell, group in zip(column, cells, strict=True):
                inside[group] += [float(cell)] if is_number(cell) else []
            yield np.array([np.mean(held) if held else np.nan for held in inside.values()])


def _of_all(figure: Figure, belongings: Belongings) -> Iterator[float]:
    """What may be written once: the statistics of the units of its year, as they are printed and worked out, and the
    number of those in each region."""
    data = belongings.data
    year, node = data.own[1] if data.own else 0, node_of(figure)
    for sheet in (sheet for key, sheet in data.sheets.items() if key[1] == year):
        yield from (*statistics(sheet, node), len(sheet.units), len(sheet.ranked))
    yield from (value for (_, one, _, unit, of, _), value in data.cells.items() if (one, unit, of) == (year, "", node))
    for sheet in belongings.sheets[:1]:
        yield from (sum(data.names.at_home(unit, home) for unit in sheet.ranked) for home in data.names.all_regions)


def _is_on_scale(one: Written, labels: Sequence[Written]) -> bool:
    """Whether a number is one of three labels on a line whose places go up in step with their values."""
    for along, across in (("x", "y"), ("y", "x")):
        line = [other for other in labels if abs(getattr(other, across) - getattr(one, across)) <= _STEP]
        line.sort(key=lambda other: getattr(other, along))
        for three in zip(line, line[1:], line[2:], strict=False):
            if one in three and _in_step(*((other.value, getattr(other, along)) for other in three)):
                return True
    return False


def _in_step(first: tuple[float, int], second: tuple[float, int], third: tuple[float, int]) -> bool:
    if len({first[0], second[0], third[0]}) < _LEAST:
        return False
    part = (second[0] - first[0]) / (third[0] - first[0])
    return abs(first[1] + part * (third[1] - first[1]) - second[1]) <= _STEP


def _out_of_order(group: Sequence[Written], columns: Sequence[np.ndarray], figure: Figure) -> list[Written]:
    """The first number of a group that is no column in the order of its rows. A map has its units in another order."""
    if figure.chart == "map":
        group = sorted(group, key=lambda one: one.value)
        columns = [np.sort(column) for column in columns]
    for column in columns:
        at = 0
        for value in column[np.isfinite(column)]:
            at += at < len(group) and group[at].among(np.array([value]))
        if at == len(group):
            return []
    return list(group[:1])
