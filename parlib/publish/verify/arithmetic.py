"""Every way in which a printed number may follow from its cells, worked out anew: one small function a way.

A way is a word of ``Number.made``; what a count or a statistic is of, its ``Ref.column`` says. ``value`` gives what a
number must be, ``None`` where its cells are not known here, and raises ``UnknownWay`` where nothing here says how such
a number is made: that is a finding, never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from parlib.data_tables import State, units_as_they_are
from parlib.publish.verify import ranks
from parlib.publish.verify.data import NUMBERS, SAME, Data, Sheet, known
from parlib.publish.verify.ranks import Way, by_rank, in_band, moves, n_ranked, size, statistic
from parlib.publish.verify.reading import scale
from parlib.report.blocks import Number, Ref
from parlib.scoring import units
from parlib.tables import rounded


class UnknownWay(LookupError):
    """Nothing here says how such a number is made."""


def value(data: Data, number: Number) -> float | None:
    """What ``number`` must be by its cells; ``None`` where they are not known. Raises ``UnknownWay``."""
    way = WAYS.get(number.made)
    if way is None:
        raise UnknownWay(number.made)
    return way(data, number.refs)


def bounds(data: Data, ref: Ref) -> tuple[float | None, float | None]:
    """The two ends of what is known only to lie between bounds."""
    if ref.column == "removal":
        return ranks.removal(data, ref, "min"), ranks.removal(data, ref, "max")
    low, high = (data.beside(ref, f"{ref.column}_{end}") for end in ("min", "max"))
    return low, high


def _is_home(unit: str) -> bool:
    """Whether the unit of a cell is a region or a group."""
    return unit.startswith(("region:", "group:"))


def _is_one(unit: str) -> bool:
    """Whether the unit of a cell is one unit."""
    return unit not in ("*", "") and ":" not in unit


# --- cells, means and extremes --------------------------------------------------------------------


def over(data: Data, refs: Sequence[Ref]) -> np.ndarray | None:
    """The values that a mean or an extreme is over: of all ranked units ("*"), of a region, or of the cells given. What
    does not apply to a unit (a maximum of 0) is no value of it."""
    first = refs[0]
    if len(refs) > 1 and not any(ref.unit.startswith("region:") or ref.unit == "*" for ref in refs):
        return np.array([np.nan if (result := data.cell(ref)) is None else result for ref in refs])
    sheet = data.sheet(first)
    if sheet is None:
        return None
    values = sheet.column(first.node, first.column)
    if first.column == "points":
        values = np.where(sheet.column(first.node, "maximum") == 0, np.nan, values)
    if _is_home(first.unit):
        return values[[data.names.at_home(unit, first.unit) for unit in sheet.ranked]]
    return values if first.unit == "*" else None


def _known_over(data: Data, refs: Sequence[Ref]) -> np.ndarray:
    """Those values as far as they are known."""
    values = over(data, refs)
    return np.array(()) if values is None else known(values)


def _aggregate(how: Callable[[np.ndarray], float], word: str) -> Way:
    """A mean or an extreme: of published results only where every ranked unit is known, else as printed figures and
    ranks settle it; of a region or a group, and of a round (where a criterion may not apply), over what is known."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        ref, values = refs[0], over(data, refs)
        if ref.column not in NUMBERS and (units := data.by_unit(ref, ref.column)):
            return float(how(np.array(list(units.values()))))
        if values is None or (ref.column == "maximum" and np.isnan(values).all()):
            return data.cell(ref)
        whole = bool(np.isfinite(values).all())
        if ref.unit == "*" and ref.stage == "published" and not whole:
            return statistic(data, ref, word, ref.column)
        printed = data.beside(ref, "mean") if word == "mean" else None
        if printed is not None and not whole:
            return printed
        return float(how(known(values))) if len(known(values)) else None

    return way


def _maximum(data: Data, refs: Sequence[Ref]) -> float | None:
    """The largest value; named by the unit that has it, it is the largest of those known, and that unit's own."""
    if len(refs) > 1 or not _is_one(refs[0].unit):
        return _aggregate(np.max, "max")(data, refs)
    largest, own = _known_over(data, (replace(refs[0], unit="*"),)), data.cell(refs[0])
    if not len(largest) or own is None:
        return None
    return own if abs(own - largest.max()) <= SAME else float(largest.max())


def _cell(data: Data, refs: Sequence[Ref]) -> float | None:
    ref = refs[0]
    if len(refs) > 1:
        cells = {data.cell(ref) for ref in refs}
        return cells.pop() if len(cells) == 1 else None
    if ref.unit != "*":
        own = data.cell(ref)
        return _at_the_end(data, ref) if own is None else own
    if (result := data.beside(ref, ref.column)) is not None:
        return result
    values = _known_over(data, refs)
    return float(values[0]) if len(values) and np.ptp(values) <= SAME else None


def _at_the_end(data: Data, ref: Ref) -> float | None:
    """The value of a unit of which only the rank is known, where it is the first or the last: the extreme that was
    published."""
    sheet = data.sheet(ref)
    place = None if sheet is None else sheet.cell(ref.node, ref.unit, "rank")
    if sheet is None or place is None or ref.column != scale(ref.index_name):
        return None
    words = {1.0: "max", n_ranked(data, ref, sheet): "min"}
    return by_rank(data, ref, words[place], sheet) if place in words else None


def _printed(data: Data, refs: Sequence[Ref]) -> float | None:
    ref = refs[0]
    if ref.column in ("rose", "fell", "same", "not_compared"):
        return _printed_count(data, refs)
    word = "mean" if ref.unit == "*" and ref.column in ("index", "points") else ref.column
    for unit in (ref.unit, ""):
        if (result := data.printed(ref, word, unit=unit)) is not None:
            return result
    return data.beside(ref, "mean") if ref.unit.startswith("region:") else None


def _printed_count(data: Data, refs: Sequence[Ref]) -> float | None:
    """Rises and falls as published; what was not is that of the known units, or what is left of all."""

    def one(column: str) -> float | None:
        result = data.printed(refs[0], f"n_{column}")
        return COUNTS[column](data, refs) if result is None else result

    if refs[0].column != "not_compared":
        return one(refs[0].column)
    units = size(data, refs[0])
    return None if units is None else units - sum(one(way) or 0.0 for way in ("rose", "fell", "same"))


# --- differences ----------------------------------------------------------------------------------


def _difference(data: Data, refs: Sequence[Ref]) -> float | None:
    if len(refs) != 2:
        return None
    first = refs[0]
    if first.column == "rank" and first.unit == refs[1].unit and first.year != refs[1].year:
        return ranks.places(data, refs)
    points = all(ref.column == "points" and _is_one(ref.unit) for ref in refs)
    carried = points and first.year != refs[1].year and _scale_changed(data, refs)
    one, other = (_carried(data, (ref,)) if carried else _one(data, ref) for ref in refs)
    printed = _printed_change(data, refs)
    if one is None or other is None or (printed is not None and first.unit.startswith("region:")):
        return printed
    return other - one if first.column == "rank" else one - other


def _shared_change(data: Data, refs: Sequence[Ref]) -> float | None:
    """The mean change of the units whose values are known in both years."""
    changes = moves(data, refs)
    held = np.array(()) if changes is None else known(changes)
    return float(held.mean()) if len(held) else None


def _one(data: Data, ref: Ref) -> float | None:
    """A cell; of all ranked units or of a region the mean."""
    if ref.unit == "*" and ref.column != "maximum":
        return statistic(data, ref, "mean", ref.column)
    if _is_home(ref.unit):
        mean = WAYS["mean"](data, (ref,))
        return data.beside(ref, "mean") if mean is None else mean
    return _cell(data, (ref,))


def _printed_change(data: Data, refs: Sequence[Ref]) -> float | None:
    one, other = refs
    if one.unit != other.unit or one.year != other.year + 1:
        return None
    return data.printed(one, "mean_change") if one.unit == "*" else data.beside(one, "change")


def _carried(data: Data, refs: Sequence[Ref]) -> float | None:
    """A value of another year on the scale of the report's: its share of the maximum then, times the maximum now."""
    ref, index = refs[0], data.cell(refs[0], "index")
    most = data.printed(ref, "maximum", unit="*", year=data.own[1]) if data.own else None
    return data.cell(ref) if index is None or most is None else index * most / 100


def _scale_changed(data: Data, refs: Sequence[Ref]) -> bool:
    """Whether the maximum of what is subtracted differs between the two years."""
    one, other = (data.printed(ref, "maximum", unit="*") for ref in refs)
    return one is not None and other is not None and abs(one - other) > SAME


def _distance(data: Data, refs: Sequence[Ref]) -> float | None:
    if len(refs) == 2:
        result = _difference(data, refs)
        return None if result is None else abs(result)
    values = _known_over(data, refs)
    return float(np.ptp(values)) if len(values) else None


def _limit(data: Data, refs: Sequence[Ref]) -> float | None:
    """A bound as it is known; of a change that rounds to nothing ("less than 0.01") the smallest printed size."""
    if len(refs) != 2 and not refs[0].column.startswith("mean_change"):
        return _beside()(data, refs)
    change = _difference(data, refs) if len(refs) == 2 else statistic(data, refs[0], refs[0].column)
    return 0.01 if change and not rounded(change, 2) else None


# --- points lost ----------------------------------------------------------------------------------


def _lost(data: Data, refs: Sequence[Ref]) -> float | None:
    maximum, points = (data.cell(refs[0], column) for column in ("maximum", "points"))
    return None if maximum is None or points is None else maximum - points


def _losses(data: Data, ref: Ref) -> np.ndarray:
    """The points that each ranked unit lost on a node, where it applies."""
    sheet = data.sheet(ref)
    return np.array(()) if sheet is None else sheet.lost(ref.node)


def _mean_lost(data: Data, refs: Sequence[Ref]) -> float | None:
    if (ground := data.beside(refs[0], "mean_lost")) is not None:
        return ground
    lost = _losses(data, refs[0])
    return float(lost.mean()) if len(lost) else None


def _share(data: Data, refs: Sequence[Ref]) -> float | None:
    """A share in percent: of what was lost by all (two cells), or of what could be had (one)."""
    ref, sheet = refs[0], data.sheet(refs[-1])
    if ref.column in ("share_of_variance", "nominal_weight"):
        part = data.beside(ref, ref.column)
        return None if part is None else 100 * part
    if len(refs) == 1 and (result := data.beside(ref, "share")) is not None:
        return result
    if ref.column == "forms":
        forms, planned = (_count(data, (replace(ref, column=column),)) for column in ("forms", "planned"))
        return 100 * forms / planned if forms is not None and planned else None
    if ref.node == "*":
        own = [sum(data.by_unit(ref, what).values()) if ref.unit == "*" else data.beside(ref, what)
               for what in ("claimed_not_granted", "claimed")]  # fmt: skip
        return 100 * own[0] / own[1] if own[0] is not None and own[1] else None
    if len(refs) == 2 and (result := data.beside(ref, "share_of_all")) is not None:
        return result
    if ref.unit not in ("*", ""):
        lost, whole = _lost(data, refs), _lost(data, (replace(ref, node=""),))
        return None if lost is None or not whole else 100 * lost / whole
    losses = _losses(data, ref)
    if not len(losses) or sheet is None:
        return None
    return 100 * float(losses.sum()) / (sheet.lost_by_all() if len(refs) == 2 else sheet.applying(ref.node)[1].sum())


def _leaves_lost(data: Data, refs: Sequence[Ref]) -> np.ndarray:
    """What a unit lost on each scored criterion, the largest first."""
    sheet = data.sheet(refs[0])
    lost = [_lost(data, (replace(refs[0], node=leaf),)) for leaf in (sheet.leaves if sheet else ())]
    return np.sort([one for one in lost if one is not None and one > SAME])[::-1]


def _half(data: Data, refs: Sequence[Ref]) -> float | None:
    lost, whole = _leaves_lost(data, refs), _lost(data, (replace(refs[0], node=""),))
    return float((np.cumsum(lost) / whole < 0.5).sum() + 1) if len(lost) and whole else None


def _gain(data: Data, refs: Sequence[Ref]) -> float | None:
    """Points to gain on a criterion: of a step of a way; of a task the largest such gain, else all that was lost."""
    if refs[0].column != "task_gain":
        return data.beside(refs[0], refs[0].column)
    steps = (data.beside(refs[0], f"way_{number}:gain") for number in range(1, 10))
    known_steps = [step for step in steps if step is not None]
    return max(known_steps) if known_steps else _lost(data, refs)


# --- counts ---------------------------------------------------------------------------------------


def _count(data: Data, refs: Sequence[Ref]) -> float | None:
    first = refs[0]
    if all(_is_one(ref.unit) and ref.node != "*" for ref in refs) and (
        len(refs) > 1 or first.column in ("points", "index")
    ):
        return float(len(refs))  # units or years that are named one by one
    if len({ref.node for ref in refs if ref.unit == "*"}) == len(refs) > 1:
        return _sharing(data, refs)
    if (result := data.beside(first, first.column)) is not None:
        return result
    if first.column.startswith("band:"):
        return in_band(data, first)
    way = COUNTS.get(first.column)
    if way is None:
        raise UnknownWay(f"count {first.column}")
    return way(data, refs)


def _sharing(data: Data, refs: Sequence[Ref]) -> float | None:
    """How many areas or criteria, named one by one, share a value: the part of the units that have all points, or the
    mean."""

    def shared(ref: Ref) -> float | None:
        if ref.column != "full":
            return _one(data, ref)
        full, applies = (COUNTS[name](data, (ref,)) for name in ("full", "applies"))
        return full / applies if full is not None and applies else None

    values = [shared(ref) for ref in refs]
    known_values = [value for value in values if value is not None]
    same = len(known_values) == len(refs) and max(known_values) - min(known_values) <= SAME
    return float(len(refs)) if same else None


def _of_sheet(count: Callable[[Data, Ref, Sheet], float]) -> Way:
    """A count over the index table of a cell."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        sheet = data.sheet(refs[0])
        return None if sheet is None else float(count(data, refs[0], sheet))

    return way


def _n(test: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Way:
    """A count over points and maxima of the units to which a node applies."""
    return _of_sheet(lambda _, ref, sheet: test(*sheet.applying(ref.node)).sum())


def _moved(test: Callable[[np.ndarray], np.ndarray]) -> Way:
    """A count over the changes of units."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        changes = moves(data, refs)
        return None if changes is None else float(test(changes).sum())

    return way


def _n_known(data: Data, refs: Sequence[Ref]) -> float | None:
    ref, sheet = refs[0], data.sheet(refs[0])
    if sheet is None:  # a year of which only totals were published
        sentence = (data.beside(replace(ref, unit="*"), word) for word in ("ranked", "assessed", "expected"))
        return 0.0 if any(number is not None for number in sentence) else None
    there = np.isfinite(sheet.column(ref.node, "index")) | np.isfinite(sheet.column(ref.node, "points"))
    if _is_home(ref.unit):
        there = there & np.array([data.names.at_home(unit, ref.unit) for unit in sheet.ranked])
    return float(there.sum())


def _n_units(data: Data, ref: Ref, sheet: Sheet) -> float:
    if _is_home(ref.unit):
        return sum(data.names.at_home(unit, ref.unit) for unit in sheet.units)
    return len(sheet.ranked)


def _only(what: str) -> Way:
    """Ranked units without a value: with a rank, with a range of the index beside it or not, with bounds of a rank or
    of the index, with neither."""

    def kind(data: Data, ref: Ref, sheet: Sheet) -> str:
        rank, index = (
            any(data.beside(ref, f"{name}_{end}") is not None for end in ("min", "max")) for name in ("rank", "index")
        )
        if any(sheet.cell("", ref.unit, column) is not None for column in ("index", "points")):
            return "known"
        if data.cell(ref) is not None:
            return "range" if index else "rank"
        return "bounds" if rank or index else "nothing"

    return _of_sheet(
        lambda data, ref, sheet: sum(
            kind(data, replace(ref, unit=unit, node="", column="rank"), sheet) == what for unit in sheet.ranked
        )
    )


def _criteria(test: Callable[[np.ndarray], bool]) -> Way:
    """Scored criteria of an area of which a test holds for the points that were lost on them."""

    def count(_: Data, ref: Ref, sheet: Sheet) -> float:
        lost = [sheet.lost(leaf) for leaf in sheet.leaves if leaf.startswith(f"{ref.node}.")]
        return sum(test(one) for one in lost if len(one))

    return _of_sheet(count)


def _exempt(data: Data, refs: Sequence[Ref]) -> float | None:
    """Criteria that do not apply to a unit, or units to which a criterion does not apply."""
    place, wanted = (3, refs[0].unit) if refs[0].unit != "*" else (4, refs[0].node)
    keys = data.of_kind("not_applicable")
    return float(sum(key[place] == wanted for key in keys)) if keys else None


def _quarters(test: Callable[[int, int], bool]) -> Way:
    """Units ranked in two years of whose quarters of the ranking, now and then, a test holds."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        held = ranks.quarters(data, refs)
        return None if held is None else float(sum(test(now, then) for now, then in held))

    return way


def _parts(way: int) -> Way:
    """Parts of the change of the mean that go one way as printed: what is printed as zero went none."""

    def count(data: Data, _: Sequence[Ref]) -> float | None:
        cells = [data.cells[key] for key in data.of_kind("contribution") if key[3] == "*"]
        return float(sum(rounded(cell, 2) * way > 0 for cell in cells)) if cells else None

    return count


def _top_quarter(data: Data, refs: Sequence[Ref]) -> float | None:
    """The ranked units, of all or of a region, of which less than a quarter of all have a higher value."""
    values = _known_over(data, (replace(refs[0], unit="*", column=scale(refs[0].index_name)),))
    inside = _known_over(data, (replace(refs[0], column=scale(refs[0].index_name)),))
    return float(sum(4 * (values > value + SAME).sum() < len(values) for value in inside)) if len(inside) else None


def _at_end(end: Callable[[np.ndarray], float]) -> Way:
    """How many units share the highest or the lowest value."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        values = _known_over(data, (replace(refs[0], column=scale(refs[0].index_name)),))
        return float((np.abs(values - end(values)) <= SAME).sum()) if len(values) else None

    return way


def _in_areas(test: Callable[[float | None, float | None], bool], unit: str = "") -> Way:
    """Areas of which a test holds for the value of a unit and the mean of all."""

    def count(data: Data, ref: Ref, _: Sheet) -> float:
        column = scale(ref.index_name)
        cells = [replace(ref, node=node, unit=unit or ref.unit) for node in data.areas(ref)]
        means = (statistic(data, replace(cell, unit="*", column=column), "mean", column) for cell in cells)
        return sum(test(data.cell(cell, column), mean) for cell, mean in zip(cells, means, strict=True))

    return _of_sheet(count)


def _above_in_all(data: Data, refs: Sequence[Ref]) -> float | None:
    """The ranked units that are above the mean in every area."""
    column = scale(refs[0].index_name)
    above: set[str] | None = None
    for node in data.areas(refs[0]):
        cell = replace(refs[0], node=node, unit="*", column=column)
        sheet, mean = data.sheet(cell), statistic(data, cell, "mean", column)
        if sheet is None or mean is None:
            return None
        own = {unit: data.cell(replace(cell, unit=unit), column) for unit in sheet.ranked}
        higher = {unit for unit, value in own.items() if value is not None and value > mean + SAME}
        above = higher if above is None else above & higher
    return None if above is None else float(len(above))


def _regions_known(data: Data, refs: Sequence[Ref]) -> float | None:
    result = 0
    for region in data.names.all_regions:
        one = replace(refs[0], unit=region, node="", column=scale(refs[0].index_name))
        values = over(data, (one,))
        values = np.array(()) if values is None else values
        whole = 0 < len(values) == COUNTS["units"](data, (one,)) and bool(np.isfinite(values).all())
        result += whole or data.beside(one, "mean") is not None
    return float(result)


# --- rounds and methods ---------------------------------------------------------------------------


def _returns(test: Callable[[Mapping[str, np.ndarray]], float]) -> Way:
    """What was returned in a round, by unit."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        names = ("expected", "answered", "late", "adjusted", "appraised", "explained")
        columns = {name: data.by_unit(refs[0], f"returns:{name}") for name in names}
        units = list(columns["expected"])
        held = {name: np.array([match.get(unit, 0.0) for unit in units]) for name, match in columns.items()}
        return float(test(held)) if units else None

    return way


def _by_unit(what: str, how: Callable[[list[float]], float]) -> Way:
    """What a round or a method gave for each unit or group, summed up."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        result = data.by_unit(refs[0], what)
        return float(how(list(result.values()))) if result else None

    return way


def _satisfied(end: str, test: Callable[[np.ndarray, float], np.ndarray]) -> Way:
    """Of how many units an end of the interval of SIPAS passes ``test`` against the mean of the units."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        values, ends = (data.by_unit(refs[0], what) for what in ("sipas", end))
        if not values or values.keys() != ends.keys():
            return None
        return float(test(np.array(list(ends.values())), float(np.mean(list(values.values())))).sum())

    return way


def _gaps(how: Callable[[np.ndarray, np.ndarray], float]) -> Way:
    """Points self-assessed and granted, over the ranked units of which both are known."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        beside = data.beside(refs[0], refs[0].column)
        claimed, granted = (data.by_unit(refs[0], what) for what in ("self_points", "granted_points"))
        units = [unit for unit in claimed if unit in granted]
        if beside is not None or not units:
            return beside
        return float(how(*(np.array([held[unit] for unit in units]) for held in (claimed, granted))))

    return way


def _appeals(how: Callable[[list[float]], float]) -> Way:
    """What became of appeals of one outcome."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        results = [data.cells[key] for key in data.of_kind(refs[0].node)]
        return float(how(results)) if data.of_kind("returns:explained") else None

    return way


def _sum(data: Data, refs: Sequence[Ref]) -> float | None:
    """A sum: of what the cells name."""
    return _appeals(sum)(data, refs) if refs[0].node.startswith("outcome:") else data.beside(refs[0], "sum")


def _mean_of_parts(data: Data, refs: Sequence[Ref]) -> float | None:
    values = over(data, refs) if len(refs) > 1 else np.array([np.nan if (v := data.cell(refs[0])) is None else v])
    return None if values is None or np.isnan(values).any() else float(values.mean())


def _known_parts(data: Data, refs: Sequence[Ref]) -> float:
    return float(sum(data.cell(ref) is not None for ref in refs))


def made_of() -> Mapping[str, tuple[str, ...]]:
    """The units that each unit since the mergers was made of, as the tables of units say what became of the old ones;
    one that stayed as it was is made of itself."""
    return _made_of(units_as_they_are())


@cache
def _made_of(_data: State) -> Mapping[str, tuple[str, ...]]:
    results: dict[str, tuple[str, ...]] = {}
    for unit in (unit for level in units.levels() for unit in units.units(level) if unit.valid_from is None):
        for new in unit.successors or (unit.key,):
            results[new] = (*results.get(new, ()), unit.key)
    return results


def _merged(place: str) -> Way:
    """How many units that were made of several are there, are known with all their parts, or stand above, within or
    below these; two cells: of now and of then."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        sheets, column = [data.sheet(ref) for ref in refs], scale(refs[0].index_name)
        now, then = sheets if len(sheets) == 2 else (None, None)
        if now is None or then is None:
            return None
        found = []
        for unit, parts in made_of().items():
            values = [then.cell("", part, column) for part in parts]
            own = now.cell("", unit, column)
            if len(parts) < 2 or unit not in now.units:
                continue
            held = [value for value in values if value is not None]
            whole = own is not None and len(held) == len(parts)
            side = 0 if own is None or not held else (own > max(held)) - (own < min(held))
            found.append({"all": True, "known": whole, "above": whole and side > 0, "below": whole and side < 0,
                          "within": whole and side == 0}[place])  # fmt: skip
        return float(sum(found))

    return way


def _beside(*words: str) -> Way:
    """A result of a method or of a round, looked up in the dataset of such results."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        result = (data.beside(refs[0], word) for word in (refs[0].column, *words)) if refs else ()
        return next((one for one in result if one is not None), None)

    return way


def _interval(data: Data, refs: Sequence[Ref]) -> float | None:
    if refs[0].column != "half":
        return data.beside(refs[0], refs[0].column)
    low, high = (data.beside(refs[0], end) for end in ("low", "high"))
    return None if low is None or high is None else (high - low) / 2


# --- the registries -------------------------------------------------------------------------------

#: What is counted, by its word.
COUNTS: Mapping[str, Way] = {
    "known": _n_known,
    "not_ranked": _of_sheet(lambda _, __, sheet: len(sheet.units) - len(sheet.ranked)),
    "rank_only": _only("rank"),
    "rank_and_range": _only("range"),
    "bounds_only": _only("bounds"),
    "nothing": _only("nothing"),
    "criteria": _criteria(lambda _: True),
    "criteria_full": _criteria(lambda lost: bool((lost <= SAME).all())),
    "criteria_none": _criteria(lambda lost: bool((lost > SAME).all())),
    "not_applicable": _exempt,
    "top_quarter": _top_quarter,
    "at_best": _at_end(np.max),
    "at_worst": _at_end(np.min),
    "areas": lambda data, refs: float(len(data.areas(refs[0]))) or None,
    "areas_known": _in_areas(lambda _, mean: mean is not None, "*"),
    "areas_above_mean": _in_areas(lambda own, mean: own is not None and mean is not None and own > mean),
    "above_in_all": _above_in_all,
    "areas_compared": _in_areas(lambda own, mean: own is not None and mean is not None),
    "regions": lambda data, _: float(len(data.names.all_regions)) or None,
    "regions_known": _regions_known,
    "quarter_up": _quarters(lambda now, then: now < then),
    "quarter_down": _quarters(lambda now, then: now > then),
    "parts_up": _parts(1),
    "parts_down": _parts(-1),
    "in_quarters": _quarters(lambda *_: True),
    "left_quarter": _quarters(lambda now, then: now != then),
    "moved": ranks.of_shifts(lambda shifts: float((shifts > 0).sum())),
    "removal_unmoved": ranks.unmoved,
    "weights_sure": ranks.sure_of_rank,
    "pairs": lambda data, refs: None if (n := _n_known(data, refs)) is None else n - 1,
    "returned": _returns(lambda of: (of["answered"] >= of["expected"]).sum()),
    "asked": _returns(lambda of: len(of["expected"])),
    "late": _returns(lambda of: of["late"].sum()),
    "adjusted": _returns(lambda of: of["adjusted"].sum()),
    "appraised": _returns(lambda of: of["appraised"].sum()),
    "explained": _returns(lambda of: of["explained"].sum()),
    "sipas_above": _satisfied("sipas_low", lambda low, mean: low > mean),
    "sipas_below": _satisfied("sipas_high", lambda high, mean: high < mean),
    "forms": _by_unit("forms", sum),
    "planned": _by_unit("planned", sum),
    "n_over": _gaps(lambda claimed, granted: (claimed - granted > SAME).sum()),
    "both_stages": _gaps(lambda claimed, _: len(claimed)),
    "appeals": _appeals(len),
    "units": _of_sheet(_n_units),
    "listed": _of_sheet(_n_units),
    "full": _n(lambda points, maxima: maxima - points <= SAME),
    "losing": _n(lambda points, maxima: maxima - points > SAME),
    "partly": _n(lambda points, maxima: (maxima - points > SAME) & (points > SAME)),
    "none": _n(lambda points, _: points <= SAME),
    "applies": _n(lambda points, _: np.isfinite(points)),
    "rose": _moved(lambda changes: changes > SAME),
    "fell": _moved(lambda changes: changes < -SAME),
    "same": _moved(lambda changes: np.abs(changes) <= SAME),
    **{f"merged_{place}": _merged(place) for place in ("all", "known", "above", "within", "below")},
    "compared": _moved(np.isfinite),
    "not_compared": _moved(np.isnan),
    "leaves_lost": lambda data, refs: float(len(_leaves_lost(data, refs))),
    "leaves_half": _half,
}

#: How a number is made, by its word: the registry. A new way is a line here, and words in ``report.columns.WAYS``.
WAYS: Mapping[str, Way] = {
    "value": _cell,
    "rank": _cell,
    "printed": _printed,
    "difference": _difference,
    "shared_change": _shared_change,
    "carried": _carried,
    "distance": _distance,
    "mean": _aggregate(np.mean, "mean"),
    "maximum": _maximum,
    "minimum": _aggregate(np.min, "min"),
    "median": ranks.median_width,
    "standard deviation": _aggregate(np.std, ""),
    "statistic": lambda data, refs: statistic(data, refs[0], refs[0].column),
    "lost": _lost,
    "mean_lost": _mean_lost,
    "count": _count,
    "share": _share,
    "mean_places": ranks.mean_places,
    "most_places": ranks.of_shifts(np.max),
    "correlation": ranks.correlation,
    "mean_of_parts": _mean_of_parts,
    "known_parts": _known_parts,
    "rank_among": ranks.rank_among,
    "likeness": ranks.likeness,
    "interval": _interval,
    "tier": _beside("tier"),
    "contribution": _beside("contribution"),
    "rank_otherwise": lambda data, refs: ranks.removal(data, refs[0], refs[0].column.removeprefix("removal_")),
    "level": lambda data, refs: data.beside(refs[0], "pairs_level" if refs[0].column == "pairs" else "level"),
    "assumption": _beside("assumed_error"),
    "bound": _limit,
    "target": _beside("target"),
    "setting": _beside("setting"),
    "what_if": _beside("what_if"),
    "rule": _beside("rule"),
    "sum": _sum,
    "out_of": _beside("out_of"),
    "claimed": _beside("claimed"),
    "granted": _beside("granted"),
    "appraised": _beside("appraised"),
    "claimed_not_granted": _beside("claimed_not_granted"),
    "mean_claimed": _gaps(lambda claimed, _: claimed.mean()),
    "mean_granted": _gaps(lambda _, granted: granted.mean()),
    "mean_gap": _gaps(lambda claimed, granted: (claimed - granted).mean()),
    "mean_share": _beside("mean_share"),
    "mean_not_granted": _by_unit("claimed_not_granted", lambda values: float(np.mean(values))),
    "range": _beside(),
    "gain": _gain,
}
