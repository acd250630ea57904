"""Ranks and statistics worked out anew: who is ranked in a year and in two, places among those of both or of a region,
ranks with a part left out; the statistics of a year and the counts of its changes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import floor

import numpy as np

from parlib.data_tables import base_year, since_base
from parlib.publish.verify.data import SAME, Data, Sheet
from parlib.publish.verify.reading import scale
from parlib.report.blocks import Ref
from parlib.tables import rounded

Way = Callable[[Data, Sequence[Ref]], float | None]
Ranked = tuple[float | None, float, float]  # a value, the best and the worst rank


def n_ranked(data: Data, ref: Ref, sheet: Sheet | None) -> float:
    """How many units are ranked in the year of a cell: as published, else those of its table."""
    number = data.cells.get((ref.index_name, ref.year, ref.level, "*", "", "ranked"))
    return float(len(sheet.ranked)) if number is None and sheet is not None else float(number or 0)


# --- two years ------------------------------------------------------------------------------------


def among_both(data: Data, refs: Sequence[Ref]) -> tuple[Mapping[str, float], Mapping[str, float]] | None:
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
    results = []
    for ref, sheet, units, whole in zip(refs, (now, then), listed, full, strict=True):
        ranks = {unit: sheet.cell(ref.node, unit, "rank") for unit in units}
        if sizes[0] == sizes[1] and not strangers:
            results.append({unit: rank for unit in both if (rank := ranks[unit]) is not None})
        else:
            results.append(_anew(ranks, both, whole) if settled else {})
    return results[0], results[1]


def _anew(ranks: Mapping[str, float | None], both: set[str], whole: bool) -> dict[str, float]:
    """The ranks among the units ``both``: one more than those of them ahead; or, where a rank of theirs is not known
    but those of all others are (``whole``: no unit is missing), the rank less the others ahead."""
    outside = [rank for unit, rank in ranks.items() if unit not in both]
    known = {unit: rank for unit in both if (rank := ranks[unit]) is not None}
    if len(known) == len(both):
        ahead = sorted(known.values())
        return {unit: 1.0 + bisect_left(ahead, own) for unit, own in known.items()}
    if not whole or None in outside:
        return {}
    ahead = sorted(one for one in outside if one is not None)
    return {unit: own - bisect_left(ahead, own) for unit, own in known.items()}


def places(data: Data, refs: Sequence[Ref]) -> float | None:
    """The places a unit moved up since another year, among the units ranked in both."""
    pair = among_both(data, refs)
    now, then = (data.cell(ref) for ref in refs) if pair is None else (ranks.get(refs[0].unit) for ranks in pair)
    return None if now is None or then is None else then - now


def mean_places(data: Data, refs: Sequence[Ref]) -> float | None:
    """The mean of the places that units moved: since another year, or where a part is left out."""
    if refs[0].node:
        return of_shifts(np.mean)(data, refs)
    pair = among_both(data, refs) if len(refs) == 2 else None
    moved = [abs(pair[1][unit] - rank) for unit, rank in pair[0].items() if unit in pair[1]] if pair else []
    return float(np.mean(moved)) if moved else None


def correlation(data: Data, refs: Sequence[Ref]) -> float | None:
    """The correlation of the ranks in two years, over the units ranked in both."""
    now, then = (data.sheet(ref) for ref in refs) if len(refs) == 2 else (None, None)
    if now is None or then is None:
        return None
    pairs = [(now.cell("", unit, "rank"), then.cell("", unit, "rank")) for unit in now.ranked if unit in then.ranked]
    known = np.array([pair for pair in pairs if None not in pair], dtype=float)
    if len(known) < 2:
        return None
    smaller, equal = ((op(known[None], known[:, None])).sum(axis=1) for op in (np.less, np.equal))
    return float(np.corrcoef((smaller + (equal + 1) / 2).T)[0, 1])  # equal ranks share the middle one


def quarters(data: Data, refs: Sequence[Ref]) -> list[tuple[int, int]] | None:
    """The quarter of the ranking, 1 to 4, of each unit whose ranks in two years are known: now and then."""
    sheets = [data.sheet(ref) for ref in refs]
    if len(sheets) != 2 or sheets[0] is None or sheets[1] is None:
        return None
    now, then = sheets[0], sheets[1]
    sizes = [n_ranked(data, ref, sheet) for ref, sheet in zip(refs, sheets, strict=True)]
    results = []
    for unit in now.ranked:
        ranks = now.cell("", unit, "rank"), then.cell("", unit, "rank") if unit in then.ranked else None
        if ranks[0] is not None and ranks[1] is not None:
            results.append((1 + floor(4 * (ranks[0] - 1) / sizes[0]), 1 + floor(4 * (ranks[1] - 1) / sizes[1])))
    return results


# --- a region or group ----------------------------------------------------------------------------


def likeness(data: Data, refs: Sequence[Ref]) -> float | None:
    """How near a unit is to another by the measures that the cell names, its place by that, or how many are compared:
    by measure the mean of the differences over their ranges, then the mean of the measures."""
    what, own, *measures = refs[0].column.split(":")
    now, before = data.sheet(refs[0]), data.table(replace(refs[0], year=refs[0].year - 1))
    if now is None or ("previous" in measures and before is None):
        return None
    of: dict[str, list[float]] = {}
    groups: list[int] = []
    for unit in now.ranked:
        cells: list[tuple[int, float | None]] = []
        if "home" in measures:
            homes = ((home.get(unit) != home.get(own)) for home in (data.names.regions, data.names.groups))
            cells += [(0, float(one)) for one in homes]
        if "previous" in measures and before is not None:
            cells.append((1, _to_the_decimal(data, before, replace(refs[0], year=refs[0].year - 1), unit)))
        if "areas" in measures:
            whole = _to_the_decimal(data, now, refs[0], unit)
            areas = (_to_the_decimal(data, now, replace(refs[0], node=node), unit) for node in data.areas(refs[0]))
            cells += [(2, None if whole is None or area is None else area - whole) for area in areas]
        groups = [group for group, _ in cells]
        if None not in (value for _, value in cells):
            of[unit] = [float(value or 0.0) for _, value in cells]
    if own not in of:
        return None
    table = np.array(list(of.values()))
    span = np.ptp(table, axis=0)
    apart = np.abs(table - np.array(of[own])) / np.where(span > 0, span, 1.0)
    far = np.mean([apart[:, np.array(groups) == group].mean(axis=1) for group in sorted(set(groups))], axis=0).round(9)
    distances = dict(zip(of, far, strict=True))
    if what == "compared":
        return float(len(of) - 1)
    if refs[0].unit not in of:
        return None
    here = float(distances[refs[0].unit])
    nearer = sum(unit != own and other < here for unit, other in distances.items())
    return here if what == "distance" else 1.0 + nearer


def _to_the_decimal(data: Data, sheet: Sheet, ref: Ref, unit: str) -> float | None:
    """The index of a unit where it is known to its last printed decimal."""
    rough = (ref.node, unit) in sheet.rounded or data.beside(replace(ref, unit=unit), "index_min") is not None
    return None if rough else sheet.cell(ref.node, unit, "index")


def rank_among(data: Data, refs: Sequence[Ref]) -> float | None:
    """The rank of a unit among those of its region or group: how many of these are better, where that is certain of
    each of them, or of as many as the rank among all leaves room for."""
    ref = refs[0]
    homes = data.names.groups if ref.column == "rank_in_cities" else data.names.regions
    sheet, home = data.sheet(ref), homes.get(ref.unit)
    if sheet is None or not home or ref.unit not in sheet.ranked:
        return None
    own = _ranked(data, sheet, ref, ref.unit)
    inside, outside = [0, 0], [0, 0]  # how many are better surely, and maybe
    for unit in sheet.ranked:
        if unit == ref.unit:
            continue
        surely, maybe = _is_better(_ranked(data, sheet, ref, unit), own)
        counted = inside if homes.get(unit) == home else outside
        counted[0] += surely
        counted[1] += maybe
    unlisted = (data.beside(replace(ref, unit="*", node=""), "ranked") or len(sheet.ranked)) - len(sheet.ranked)
    low = max(inside[0], own[1] - 1 - outside[1] - unlisted)
    high = min(inside[1], own[2] - 1 - outside[0])
    return 1.0 + low if low == high else None


def _ranked(data: Data, sheet: Sheet, ref: Ref, unit: str) -> Ranked:
    """The value of a unit, where it is no rounded number, and the best and the worst rank that it can have."""
    rank, at = sheet.cell(ref.node, unit, "rank"), replace(ref, unit=unit)
    value = None if (ref.node, unit) in sheet.rounded else sheet.cell(ref.node, unit, scale(ref.index_name))
    ends = (data.beside(at, f"rank_{end}") if rank is None else rank for end in ("min", "max"))
    best, worst = (usual if end is None else end for end, usual in zip(ends, (1.0, np.inf), strict=True))
    return value, best, worst


def _is_better(other: Ranked, own: Ranked) -> tuple[bool, bool]:
    """Whether another unit is better surely, and whether it may be: by ranks where both are known, else by values."""
    ranked = other[1] == other[2] and own[1] == own[2]
    if not ranked and other[0] is not None and own[0] is not None:
        return (other[0] > own[0] + SAME,) * 2
    return other[2] < own[1], other[1] < own[2]


# --- a part left out, ranges of ranks --------------------------------------------------------------


def without(data: Data, ref: Ref, node: str) -> np.ndarray | None:
    """The ranks of the ranked units if ``node`` did not count: 1 the largest, equal values share one."""
    sheet = data.sheet(ref)
    if sheet is None:
        return None
    points, most = (sheet.column("", column) - sheet.column(node, column) for column in ("points", "maximum"))
    if not np.isfinite(points).all():
        return None
    values = np.round(100 * points / most if np.isfinite(most).all() else points, 9)
    better: np.ndarray = (values[None, :] > values[:, None]).sum(axis=1)
    return 1.0 + better


def of_shifts(how: Callable[[np.ndarray], float]) -> Way:
    """What leaving a part out moves, over all ranked units."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        sheet, moved = data.sheet(refs[0]), without(data, refs[0], refs[0].node)
        return None if sheet is None or moved is None else float(how(np.abs(moved - sheet.column("", "rank"))))

    return way


def _removals(data: Data, ref: Ref) -> np.ndarray | None:
    """The ranks of the ranked units with one area after another left out, an area a row."""
    results = [without(data, ref, node) for node in data.areas(ref)]
    known = [row for row in results if row is not None]
    return np.array(known) if known and len(known) == len(results) else None


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


def median_width(data: Data, refs: Sequence[Ref]) -> float | None:
    """The number of ranks that half of the units have in their range, or exceed."""
    ref = refs[0]
    if ref.column in ("sets", "weights"):
        low, high = (data.by_unit(ref, f"{ref.column}_{end}") for end in ("min", "max"))
        widths = sorted(high[unit] - low[unit] + 1 for unit in low if unit in high)
        return widths[len(widths) // 2] if widths else None
    sheet = data.sheet(ref)
    ranked = sheet.ranked if sheet else ()
    for what in ("ratio", "value"):
        values = [value for unit, value in data.by_unit(ref, what).items() if unit in ranked]
        if values:
            return float(np.median(values))
    return None


def sure_of_rank(data: Data, refs: Sequence[Ref]) -> float | None:
    """How many units hold one and the same rank in enough of the draws."""
    often, level = data.by_unit(refs[0], "one_rank"), data.beside(refs[0], "level")
    return None if level is None or not often else float(sum(share >= level / 100 - SAME for share in often.values()))


# --- statistics of a year and counts of changes ---------------------------------------------------
# Worked out over the ranked units where all of them are known, else as printed, or as printed figures settle them.


_OF_VALUES: Mapping[str, Callable[[np.ndarray], float]] = {
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "range": np.ptp,
    "first_minus_second": lambda values: np.sort(values)[-1] - np.sort(values)[-2] if len(values) > 1 else 0.0,
    "max_minus_mean": lambda values: values.max() - values.mean(),
    "n_above_mean": lambda values: (values > values.mean() + SAME).sum(),
}
_SIZES = {"n_units": "ranked", "n_assessed": "assessed"}
_ENDS = ("max", "min", "range", "first_minus_second", "max_minus_mean")
_BOUNDS = re.compile(r"n_(?:(?P<rise>rise_ge)_|(?P<ge>ge)_|(?P<lt>lt)_)?(?P<low>[\d.]+)(?:_(?P<high>[\d.]+))?$")


def statistic(data: Data, ref: Ref, word: str, column: str = "") -> float | None:
    """A statistic of a year: worked out over the ranked units, all of whose values are known, else as printed, or as
    printed figures settle it."""
    sheet, printed = data.sheet(ref), data.printed(ref, word)
    if ref.unit == "" and printed is not None:
        return printed
    values = np.array(()) if sheet is None else sheet.column(ref.node, column or scale(ref.index_name))
    whole = 0 < len(values) == n_ranked(data, ref, sheet) and bool(np.isfinite(values).all())
    if whole and word in _OF_VALUES:
        return float(_OF_VALUES[word](values))
    if word in _SIZES:
        return size(data, ref, word)
    if word in _ENDS and sheet is not None:
        return by_rank(data, ref, word, sheet)
    if (counted := _BOUNDS.match(word)) and not counted["rise"] and sheet is not None:
        return _between(values, counted) if whole else _between_ends(data, ref, sheet, counted)
    if (result := _changes(data, ref, word)) is not None:
        return result
    return _deduced_mean(data, ref, sheet) if word == "mean" and printed is None else printed


def size(data: Data, ref: Ref, word: str = "n_units") -> float | None:
    """How many units are ranked in a year, or assessed."""
    result, sheet = data.printed(replace(ref, node=""), _SIZES[word], unit="*"), data.sheet(ref)
    return float(len(sheet.ranked)) if result is None and sheet is not None and word == "n_units" else result


# --- what printed figures settle --------------------------------------------------------------------


def _deduced_mean(data: Data, ref: Ref, sheet: Sheet | None) -> float | None:
    """A mean that other published figures settle: the highest value less its distance to the mean, or a mean of the
    year before or after with the change between them."""
    highest = by_rank(data, ref, "max", sheet) if sheet is not None else data.printed(ref, "max")
    for one, other, sign in (
        (highest, data.printed(ref, "max_minus_mean"), -1.0),
        (data.printed(ref, "mean", year=ref.year - 1), data.printed(ref, "mean_change"), 1.0),
        (data.printed(ref, "mean", year=ref.year + 1), data.printed(ref, "mean_change", year=ref.year + 1), -1.0),
    ):
        if one is not None and other is not None:
            return one + sign * other
    return None


def by_rank(data: Data, ref: Ref, word: str, sheet: Sheet) -> float | None:
    """The extremes that ranks settle: the value of the first, and that of the last of all that are ranked."""
    if (printed := data.printed(ref, word)) is not None:
        return printed
    highest = by_rank(data, ref, "max", sheet) if word != "max" else None
    if word in ("range", "first_minus_second", "max_minus_mean"):
        lower = {"range": "min", "first_minus_second": "second"}.get(word)
        other = by_rank(data, ref, lower, sheet) if lower else statistic(data, ref, "mean")
        return None if highest is None or other is None else highest - other
    wanted = {"max": 1.0, "second": 2.0, "min": n_ranked(data, ref, sheet)}[word]
    at = [unit for unit in sheet.ranked if sheet.cell(ref.node, unit, "rank") == wanted]
    result = sheet.cell(ref.node, at[0], scale(ref.index_name)) if at else None
    spread = data.printed(ref, "range") if result is None and word == "min" else None  # between the two, as published
    return result if spread is None or highest is None else highest - spread


def _between(values: np.ndarray, result: re.Match[str]) -> float | None:
    """A count by bounds: at least, less than, or from the one up to the other."""
    low, exact = float(result["low"]), np.round(values, 9)
    if result["lt"]:
        return float((exact < low).sum())
    inside = (exact >= low) & (exact < float(result["high"] or "inf"))
    return float(inside.sum()) if result["ge"] or result["high"] else None


def _between_ends(data: Data, ref: Ref, sheet: Sheet, result: re.Match[str]) -> float | None:
    """A count by bounds that the highest and the lowest value settle: all of the units, or none."""
    low, high = float(result["low"]), float(result["high"] or "inf")
    least, most = (by_rank(data, ref, end, sheet) for end in ("min", "max"))
    if result["lt"]:
        low, high = 0.0, low
    if least is not None and least >= low and ((most is not None and most < high) or high == float("inf")):
        return n_ranked(data, ref, sheet)
    if (most is not None and most < low) or (least is not None and least >= high):
        return 0.0
    return _by_bands(data, ref, low, high)


def in_band(data: Data, ref: Ref) -> float | None:
    """The ranked units in a group, of all or of a region: counted where the group of each is known; of all else as the
    bounds of the count meet."""
    sheet, band = data.sheet(ref), ref.column.removeprefix("band:")
    if sheet is None:
        return None
    groups = {unit: sheet.bands.get(unit) for unit in sheet.ranked}
    if all(groups.values()) and len(groups) == n_ranked(data, ref, sheet):
        return float(sum(group == band for unit, group in groups.items() if ref.unit in ("*", "") or
                         data.names.at_home(unit, ref.unit)))  # fmt: skip
    if ref.unit.startswith("region:"):
        return None
    low, high = (data.beside(ref, f"{ref.column}_{end}") for end in ("min", "max"))
    return low if low == high else None


def _by_bands(data: Data, ref: Ref, low: float, high: float) -> float | None:
    """A count by bounds that are those of groups: the sum of theirs."""
    wanted = (ref.index_name, ref.year, ref.level)
    bounds = {key[5].removeprefix("bound:"): value for key, value in data.cells.items()
              if key[:3] == wanted and key[5].startswith("bound:")}  # fmt: skip
    ordered = sorted(bounds.items(), key=lambda item: item[1])
    tops = [value for _, value in ordered[1:]] + [float("inf")]
    if low not in (0.0, *bounds.values()) or high not in tops:
        return None
    inside = [band for (band, bound), top in zip(ordered, tops, strict=True) if bound >= low and top <= high]
    counts = [in_band(data, replace(ref, unit="*", column=f"band:{band}")) for band in inside]
    return None if None in counts else float(sum(count or 0.0 for count in counts))


# --- changes --------------------------------------------------------------------------------------


def moves(data: Data, refs: Sequence[Ref]) -> np.ndarray | None:
    """The change of every ranked unit since the year of the second cell: of exact values, else as published."""
    ref, now, then = refs[0], data.sheet(refs[0]), data.sheet(refs[1]) if len(refs) > 1 else None
    if now is None:
        return None
    column = ref.column if ref.column in ("points", "index") else scale(ref.index_name)
    results = []
    for unit in now.ranked:
        one = now.cell(ref.node, unit, column)
        other = then.cell(ref.node, unit, column) if then is not None else None
        rough = any(sheet is not None and (ref.node, unit) in sheet.rounded for sheet in (now, then))
        rough = rough or any(data.beside(replace(at, unit=unit), "index_min") is not None for at in refs[:2])
        if one is None or other is None or rough:
            sentence = data.beside(replace(ref, unit=unit), "change")
            results.append(np.nan if sentence is None else sentence)
        else:
            results.append(round(one - other, 9))
    return np.array(results)


_OF_CHANGES: Mapping[str, Callable[[np.ndarray], float | None]] = {
    "n_rose": lambda changes: (changes > SAME).sum(),
    "n_fell": lambda changes: (changes < -SAME).sum(),
    "largest_rise": lambda changes: max(changes[changes > SAME], default=None),
    "smallest_rise": lambda changes: min(changes[changes > SAME], default=None),
    "largest_fall": lambda changes: min(changes[changes < -SAME], default=None),
    "smallest_fall": lambda changes: max(changes[changes < -SAME], default=None),
}


def _changes(data: Data, ref: Ref, word: str) -> float | None:
    """Statistics of the change since another year."""
    years = {"mean_change": ref.year - 1, since_base(): base_year()}
    if word in years:
        then = replace(ref, year=years[word], column="mean")
        one, other = statistic(data, ref, "mean"), statistic(data, then, "mean")
        if ref.unit == "" and one is not None and other is not None:  # deduced from means as they are printed
            one, other = (float(rounded(mean, 2)) for mean in (one, other))
        return None if one is None or other is None else round(one - other, 9)
    before = replace(ref, unit="*", year=ref.year - 1)
    if word in ("n_rank_up", "n_rank_down"):
        return _rank_moves(data, ref, before, 1.0 if word == "n_rank_up" else -1.0)
    if word not in _OF_CHANGES and not word.startswith("n_rise_ge_"):
        return None
    changes = moves(data, (ref, before))
    if changes is None or not len(changes) or not np.isfinite(changes).all():
        return _settled(data, ref, word, changes)
    if word.startswith("n_rise_ge_"):
        return float((changes >= float(word.removeprefix("n_rise_ge_")) - SAME).sum())
    some = _OF_CHANGES[word](changes)
    return None if some is None else float(some)


def _settled(data: Data, ref: Ref, word: str, changes: np.ndarray | None) -> float | None:
    """Rises that printed falls settle, and falls that printed rises settle."""
    other = {"n_rose": "n_fell", "n_fell": "n_rose"}.get(word)
    printed, units = data.printed(ref, other) if other else None, size(data, ref)
    if printed is None or units is None or changes is None:
        return None
    return units - printed - float((np.abs(changes) <= SAME).sum())


def _rank_moves(data: Data, ref: Ref, before: Ref, sign: float) -> float | None:
    now, then = data.sheet(ref), data.sheet(before)
    if now is None or then is None:
        return None
    moved = [places(data, (replace(ref, unit=unit, column="rank"), replace(before, unit=unit, column="rank")))
             for unit in now.ranked if unit in then.ranked]  # fmt: skip
    return None if not moved or None in moved else float(sum((n or 0.0) * sign > 0 for n in moved))
