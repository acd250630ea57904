"""Every way in which a printed number may follow from its cells, worked out anew: one small function a way.

A way is a word of ``Number.made``; what a count or a statistic is of, its ``Ref.column`` says. ``value`` gives what a
number must be, ``None`` where its cells are not known here, and raises ``UnknownWay`` where nothing here says how such
a number is made: that is a finding, never a pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from parlib.numerals import rounded as to_decimals
from parlib.publish.verify import doubt, standing
from parlib.publish.verify.data import NUMBERS, SAME, Data, Sheet
from parlib.publish.verify.ranked import among_both, n_ranked
from parlib.publish.verify.values import UnknownWay, Way, known, lost_by_all, scale
from parlib.report.blocks import Number, Ref
from parlib.scoring.results import base_year, since_base


def value(data: Data, number: Number) -> float | None:
    """What ``number`` must be by its cells; ``None`` where they are not known. Raises ``UnknownWay``."""
    way = WAYS.get(number.made)
    if way is None:
        raise UnknownWay(number.made)
    return way(data, number.refs)


# --- the values that a way is over ----------------------------------------------------------------


def over(data: Data, refs: Sequence[Ref]) -> np.ndarray | None:
    """The values that a mean or an extreme is over: of all ranked units ("*"), of a region, or of the cells given."""
    first = refs[0]
    if len(refs) > 1 and not any(ref.unit.startswith("region:") or ref.unit == "*" for ref in refs):
        return np.array([np.nan if (found := data.cell(ref)) is None else found for ref in refs])
    sheet = data.sheet(first)
    if sheet is None:
        return None
    values = sheet.column(first.node, first.column)
    if first.unit.startswith(("region:", "group:")):
        return values[[data.names.at_home(unit, first.unit) for unit in sheet.ranked]]
    return values if first.unit == "*" else None


def _aggregate(how: Callable[[np.ndarray], float], word: str) -> Way:
    """A mean or an extreme: of published results only where every ranked unit is known, else as printed figures and
    ranks settle it; of a region or a group, and of a round (where a criterion may not apply), over what is known."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        values = over(data, refs)
        if refs[0].column not in NUMBERS and (units := data.by_unit(refs[0], refs[0].column)):
            return float(how(np.array(list(units.values()))))
        if values is None or (refs[0].column == "maximum" and np.isnan(values).all()):
            return data.cell(refs[0])
        whole = refs[0].unit == "*" and refs[0].stage == "published"
        if whole and not np.isfinite(values).all():
            return statistic(data, refs[0], word, refs[0].column)
        printed = data.beside(refs[0], "mean") if word == "mean" else None
        if printed is not None and not np.isfinite(values).all():
            return printed
        values = known(values)
        return float(how(values)) if len(values) else None

    return way


def _maximum(data: Data, refs: Sequence[Ref]) -> float | None:
    """The largest value; named by the unit that has it, it is the largest of those known, and that unit's own."""
    first = refs[0]
    if len(refs) > 1 or first.unit in ("*", "") or ":" in first.unit:
        return _aggregate(np.max, "max")(data, refs)
    largest = over(data, (_over_all(first),))
    own = data.cell(first)
    if largest is None or not len(known(largest)) or own is None:
        return None
    best = float(known(largest).max())
    return own if abs(own - best) <= SAME else best


# --- ways -----------------------------------------------------------------------------------------


def _cell(data: Data, refs: Sequence[Ref]) -> float | None:
    if len(refs) > 1:
        cells = {data.cell(ref) for ref in refs}
        return cells.pop() if len(cells) == 1 else None
    ref = refs[0]
    if ref.unit == "*" and (found := data.beside(ref, ref.column)) is None:
        values = over(data, refs)
        values = None if values is None else known(values)
        return float(values[0]) if values is not None and len(values) and np.ptp(values) <= SAME else None
    if ref.unit == "*":
        return found
    own = data.cell(ref)
    return _at_the_end(data, ref) if own is None else own


def _at_the_end(data: Data, ref: Ref) -> float | None:
    """The value of a unit of which only the rank is known, where it is the first or the last: the extreme that was
    published."""
    sheet = data.sheet(ref)
    place = None if sheet is None else sheet.cell(ref.node, ref.unit, "rank")
    if sheet is None or place is None or ref.column != scale(ref.index_name):
        return None
    words = {1.0: "max", n_ranked(data, ref, sheet): "min"}
    return _by_rank(data, ref, words[place], sheet) if place in words else None


def _printed(data: Data, refs: Sequence[Ref]) -> float | None:
    ref = refs[0]
    if ref.column in ("rose", "fell", "same", "not_compared"):
        return _printed_count(data, refs)
    word = ref.column
    if ref.unit == "*" and word in ("index", "points"):
        word = "mean"
    for unit in (ref.unit, ""):
        if (found := data.cells.get((ref.index_name, ref.year, ref.level, unit, ref.node, word))) is not None:
            return found
    if ref.unit.startswith("region:"):
        return data.beside(ref, "mean")
    return None


def _printed_count(data: Data, refs: Sequence[Ref]) -> float | None:
    """Rises and falls as published; what was not is that of the known units, or what is left of all."""
    ref = refs[0]

    def one(column: str) -> float | None:
        found = data.cells.get((ref.index_name, ref.year, ref.level, "", ref.node, f"n_{column}"))
        return COUNTS[column](data, refs) if found is None else found

    if ref.column != "not_compared":
        return one(ref.column)
    units, known_ones = _sizes(data, ref, "n_units", data.sheet(ref)), [one(way) for way in ("rose", "fell", "same")]
    return None if units is None else units - sum(way or 0.0 for way in known_ones)


def _difference(data: Data, refs: Sequence[Ref]) -> float | None:
    if len(refs) != 2:
        return None
    if refs[0].column == "rank" and refs[0].unit == refs[1].unit and refs[0].year != refs[1].year:
        return _places(data, refs)
    points = all(ref.column == "points" and ref.unit not in ("*", "") and ":" not in ref.unit for ref in refs)
    way = _carried_one if points and refs[0].year != refs[1].year and _scale_changed(data, refs) else _one
    one, other = (way(data, ref) for ref in refs)
    printed = _printed_change(data, refs)
    if one is None or other is None or (printed is not None and refs[0].unit.startswith("region:")):
        return printed
    return other - one if refs[0].column == "rank" else one - other


def _places(data: Data, refs: Sequence[Ref]) -> float | None:
    """The places a unit moved up since another year, among the units ranked in both."""
    pair = among_both(data, refs)
    if pair is None:
        now, then = (_cell(data, (ref,)) for ref in refs)
        return None if now is None or then is None else then - now
    now, then = (ranks.get(refs[0].unit) for ranks in pair)
    return None if now is None or then is None else then - now


def _one(data: Data, ref: Ref) -> float | None:
    """A cell; of all ranked units or of a region the mean."""
    if ref.unit == "*" and ref.column != "maximum":
        return statistic(data, ref, "mean", ref.column)
    if ref.unit.startswith(("region:", "group:")):
        mean = WAYS["mean"](data, (ref,))
        return data.beside(ref, "mean") if mean is None else mean
    return _cell(data, (ref,))


def _printed_change(data: Data, refs: Sequence[Ref]) -> float | None:
    one, other = refs
    if one.unit != other.unit or one.year != other.year + 1:
        return None
    if one.unit == "*":
        return data.cells.get((one.index_name, one.year, one.level, "", one.node, "mean_change"))
    return data.beside(one, "change")


def _carried(data: Data, refs: Sequence[Ref]) -> float | None:
    """A value of another year on the scale of the report's: its share of the maximum then, times the maximum now."""
    ref = refs[0]
    index = data.cell(ref, "index")
    most = data.cells.get((ref.index_name, data.own[1], ref.level, "*", ref.node, "maximum")) if data.own else None
    return data.cell(ref) if index is None or most is None else index * most / 100


def _carried_one(data: Data, ref: Ref) -> float | None:
    return _carried(data, (ref,))


def _scale_changed(data: Data, refs: Sequence[Ref]) -> bool:
    """Whether the maximum of what is subtracted differs between the two years."""
    keys = [(ref.index_name, ref.year, ref.level, "*", ref.node, "maximum") for ref in refs]
    one, other = (data.cells.get(key) for key in keys)
    return one is not None and other is not None and abs(one - other) > SAME


def _distance(data: Data, refs: Sequence[Ref]) -> float | None:
    if len(refs) == 2:
        found = _difference(data, refs)
        return None if found is None else abs(found)
    values = over(data, refs)
    return None if values is None or not len(known(values)) else float(np.ptp(known(values)))


def _lost(data: Data, refs: Sequence[Ref]) -> float | None:
    maximum, points = (data.cell(refs[0], column) for column in ("maximum", "points"))
    return None if maximum is None or points is None else maximum - points


def _losses(data: Data, ref: Ref) -> np.ndarray | None:
    """The points that each ranked unit lost on a node, where it applies."""
    sheet = data.sheet(ref)
    if sheet is None:
        return None
    points, maxima = (sheet.column(ref.node, column) for column in ("points", "maximum"))
    applies = np.isfinite(points) & (maxima > 0)
    return (maxima - points)[applies] if applies.any() else None


def _mean_lost(data: Data, refs: Sequence[Ref]) -> float | None:
    if (ground := data.beside(refs[0], "mean_lost")) is not None:
        return ground
    lost = _losses(data, refs[0])
    return None if lost is None else float(lost.mean())


def _count(data: Data, refs: Sequence[Ref]) -> float | None:
    first = refs[0]
    if all(ref.unit not in ("*", "") and ":" not in ref.unit and ref.node != "*" for ref in refs) and (
        len(refs) > 1 or first.column in ("points", "index")
    ):
        return float(len(refs))  # units or years that are named one by one
    if (found := data.beside(first, first.column)) is not None:
        return found
    if first.column.startswith("band:"):
        return _in_band(data, first)
    way = COUNTS.get(first.column)
    if way is None:
        raise UnknownWay(f"count {first.column}")
    return way(data, refs)


def _in_band(data: Data, ref: Ref) -> float | None:
    """The ranked units in a group: counted where the group of each is known, else as the bounds of the count meet."""
    sheet, band = data.sheet(ref), ref.column.removeprefix("band:")
    if sheet is None:
        return None
    groups = [sheet.bands.get(unit) for unit in sheet.ranked]
    if all(groups) and len(groups) == n_ranked(data, ref, sheet):
        return float(groups.count(band))
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
    counts = [_in_band(data, replace(ref, unit="*", column=f"band:{band}")) for band in inside]
    return None if any(count is None for count in counts) else float(sum(count or 0.0 for count in counts))


# --- counts ---------------------------------------------------------------------------------------


def _n(test: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Way:
    """A count over points and maxima of the units to which a node applies."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        sheet = data.sheet(refs[0])
        if sheet is None:
            return None
        points, maxima = (sheet.column(refs[0].node, column) for column in ("points", "maximum"))
        applies = np.isfinite(points) & (maxima > 0)
        return float(test(points[applies], maxima[applies]).sum())

    return way


def _n_known(data: Data, refs: Sequence[Ref]) -> float | None:
    sheet = data.sheet(refs[0])
    if sheet is None:  # a year of which only totals were published
        told = (data.beside(_over_all(refs[0]), word) for word in ("ranked", "assessed", "expected"))
        return 0.0 if any(number is not None for number in told) else None
    values = sheet.column(refs[0].node, "index")
    points = sheet.column(refs[0].node, "points")
    there = np.isfinite(values) | np.isfinite(points)
    if refs[0].unit.startswith(("region:", "group:")):
        there = there & np.array(_at_home(data, sheet.ranked, refs[0]))
    return float(there.sum())


def _at_home(data: Data, units: Sequence[str], ref: Ref) -> list[bool]:
    return [data.names.at_home(unit, ref.unit) for unit in units]


def _n_units(data: Data, refs: Sequence[Ref]) -> float | None:
    sheet = data.sheet(refs[0])
    if refs[0].unit.startswith(("region:", "group:")):
        return None if sheet is None else float(sum(_at_home(data, sheet.units, refs[0])))
    return None if sheet is None else float(len(sheet.ranked))


def _moves(data: Data, refs: Sequence[Ref]) -> np.ndarray | None:
    """The change of every ranked unit since the year of the second cell: of exact values, else as published."""
    now, then = data.sheet(refs[0]), data.sheet(refs[1]) if len(refs) > 1 else None
    if now is None:
        return None
    column = scale(refs[0].index_name) if refs[0].column not in ("points", "index") else refs[0].column
    found = []
    for unit in now.ranked:
        one = now.cell(refs[0].node, unit, column)
        other = then.cell(refs[0].node, unit, column) if then is not None else None
        at = (refs[0].node, unit)
        rough = at in now.rounded or (then is not None and at in then.rounded)
        rough = rough or any(data.beside(replace(ref, unit=unit), "index_min") is not None for ref in refs[:2])
        if one is None or other is None or rough:
            key = (refs[0].index_name, refs[0].year, refs[0].level, unit, refs[0].node, "change")
            found.append(data.cells.get(key, np.nan))
        else:
            found.append(round(one - other, 9))
    return np.array(found)


def _moved(test: Callable[[np.ndarray], np.ndarray]) -> Way:
    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        changes = _moves(data, refs)
        return None if changes is None else float(test(changes).sum())

    return way


def _not_ranked(data: Data, refs: Sequence[Ref]) -> float | None:
    sheet = data.sheet(refs[0])
    return None if sheet is None else float(len(sheet.units) - len(sheet.ranked))


def _only(what: str) -> Way:
    """Ranked units without a value: with a rank, with bounds of a rank or of the index, with neither."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        sheet, counted = data.sheet(refs[0]), dict.fromkeys(("known", "rank", "bounds", "nothing"), 0)
        if sheet is None:
            return None
        for unit in sheet.ranked:
            ref = Ref(refs[0].index_name, refs[0].year, refs[0].level, unit, "", "rank", refs[0].stage)
            limits = (data.beside(ref, f"{name}_{end}") for name in ("rank", "index") for end in ("min", "max"))
            if sheet.cell("", unit, "index") is not None or sheet.cell("", unit, "points") is not None:
                counted["known"] += 1
            elif data.cell(ref) is not None:
                counted["rank"] += 1
            else:
                counted["bounds" if any(limit is not None for limit in limits) else "nothing"] += 1
        return float(counted[what])

    return way


def _criteria(test: Callable[[np.ndarray], bool]) -> Way:
    """Scored criteria of an area of which a test holds for the points that were lost on them."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        sheet, ref = data.sheet(refs[0]), refs[0]
        if sheet is None:
            return None
        inside = [leaf for leaf in sheet.leaves if leaf.startswith(f"{ref.node}.")]
        lost = [_losses(data, Ref(ref.index_name, ref.year, ref.level, "*", leaf, "points", ref.stage))
                for leaf in inside]  # fmt: skip
        return float(sum(test(one) for one in lost if one is not None))

    return way


def _exempt(data: Data, refs: Sequence[Ref]) -> float | None:
    """Criteria that do not apply to a unit, or units to which a criterion does not apply."""
    ref = refs[0]
    place, wanted = (3, ref.unit) if ref.unit != "*" else (4, ref.node)
    keys = data.of_kind("not_applicable")
    return float(sum(key[place] == wanted for key in keys)) if keys else None


def _at_end(largest: bool) -> Way:
    """How many units share the highest or the lowest value."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        ref = refs[0]
        values = over(data, (_in_scale(ref),))
        values = None if values is None else known(values)
        if values is None or not len(values):
            return None
        end = values.max() if largest else values.min()
        return float((np.abs(values - end) <= SAME).sum())

    return way


def _in_scale(ref: Ref) -> Ref:
    return Ref(ref.index_name, ref.year, ref.level, ref.unit, ref.node, scale(ref.index_name), ref.stage)


def _areas_known(data: Data, refs: Sequence[Ref]) -> float | None:
    sheet, ref = data.sheet(refs[0]), refs[0]
    if sheet is None:
        return None
    column = scale(ref.index_name)
    areas = [Ref(ref.index_name, ref.year, ref.level, "*", node, column, ref.stage) for node in data.areas(ref)]
    return float(sum(statistic(data, area, "mean", column) is not None for area in areas))


def _regions_known(data: Data, refs: Sequence[Ref]) -> float | None:
    ref, column, found = refs[0], scale(refs[0].index_name), 0
    for region in sorted(set(data.names.regions.values()) - {""}):
        one = Ref(ref.index_name, ref.year, ref.level, f"region:{region}", "", column, ref.stage)
        values = over(data, (one,))
        whole = values is not None and len(values) > 0 and bool(np.isfinite(values).all())
        whole = whole and _n_units(data, (one,)) == len(values)  # type: ignore[arg-type]
        found += whole or data.beside(one, "mean") is not None
    return float(found)


def _pairs(data: Data, refs: Sequence[Ref]) -> float | None:
    known_units = _n_known(data, refs)
    return None if known_units is None else known_units - 1


COUNTS: dict[str, Way] = {
    "known": _n_known,
    "not_ranked": _not_ranked,
    "rank_only": _only("rank"),
    "bounds_only": _only("bounds"),
    "nothing": _only("nothing"),
    "criteria": _criteria(lambda _: True),
    "criteria_full": _criteria(lambda lost: bool((lost <= SAME).all())),
    "criteria_none": _criteria(lambda lost: bool((lost > SAME).all())),
    "not_applicable": _exempt,
    "at_best": _at_end(True),
    "at_worst": _at_end(False),
    "areas": lambda data, refs: float(len(data.areas(refs[0]))) or None,
    "areas_known": _areas_known,
    "regions": lambda data, _: float(len(set(data.names.regions.values()) - {""})) or None,
    "regions_known": _regions_known,
    "moved": doubt.of_shifts(lambda shifts: float((shifts > 0).sum())),
    "removal_unmoved": doubt.unmoved,
    "weights_sure": doubt.sure_of_rank,
    "pairs": _pairs,
    "returned": doubt.returns(lambda of: float((of["answered"] >= of["expected"]).sum())),
    "asked": doubt.returns(lambda of: float(len(of["expected"]))),
    "late": doubt.returns(lambda of: float(of["late"].sum())),
    "adjusted": doubt.returns(lambda of: float(of["adjusted"].sum())),
    "appraised": doubt.returns(lambda of: float(of["appraised"].sum())),
    "explained": doubt.returns(lambda of: float(of["explained"].sum())),
    "forms": doubt.sum_of_groups("forms"),
    "planned": doubt.sum_of_groups("planned"),
    "n_over": doubt.of_gaps(lambda claimed, granted: float((claimed - granted > SAME).sum())),
    "both_stages": doubt.of_gaps(lambda claimed, _: float(len(claimed))),
    "appeals": doubt.appeals(len),
    "units": _n_units,
    "listed": _n_units,
    "full": _n(lambda points, maxima: maxima - points <= SAME),
    "losing": _n(lambda points, maxima: maxima - points > SAME),
    "partly": _n(lambda points, maxima: (maxima - points > SAME) & (points > SAME)),
    "none": _n(lambda points, _: points <= SAME),
    "applies": _n(lambda points, _: np.isfinite(points)),
    "rose": _moved(lambda changes: changes > SAME),
    "fell": _moved(lambda changes: changes < -SAME),
    "same": _moved(lambda changes: np.abs(changes) <= SAME),
    "compared": _moved(np.isfinite),
    "not_compared": _moved(np.isnan),
}


# --- statistics -----------------------------------------------------------------------------------


def _statistic(data: Data, refs: Sequence[Ref]) -> float | None:
    return statistic(data, refs[0], refs[0].column)


def statistic(data: Data, ref: Ref, word: str, column: str = "") -> float | None:
    """A statistic of a year: worked out over the ranked units, all of whose values are known, else as printed, or as
    printed figures settle it."""
    sheet = data.sheet(ref)
    printed = data.cells.get((ref.index_name, ref.year, ref.level, "", ref.node, word))
    values = None if sheet is None else sheet.column(ref.node, column or scale(ref.index_name))
    whole = values is not None and len(values) > 0 and bool(np.isfinite(values).all())
    whole = whole and len(values) == n_ranked(data, ref, sheet)  # type: ignore[arg-type]
    if ref.unit == "" and printed is not None:
        return printed
    if whole and word in _STATISTICS:
        assert values is not None
        return float(_STATISTICS[word](values))
    if word in ("n_units", "n_assessed"):
        return _sizes(data, ref, word, sheet)
    if word in _ENDS and sheet is not None:
        return _by_rank(data, ref, word, sheet)
    if (counted := _BOUNDS.match(word)) and not counted["rise"] and sheet is not None and values is not None:
        return _between(values, counted) if whole else _between_ends(data, ref, sheet, counted)
    if (found := _changes(data, ref, word)) is not None:
        return found
    return _deduced_mean(data, ref, sheet) if word == "mean" and printed is None else printed


def _deduced_mean(data: Data, ref: Ref, sheet: Sheet | None) -> float | None:
    """A mean that other published figures settle: the highest value less its distance to the mean, or a mean of the
    year before or after with the change between them."""

    def figure(word: str, year: int = ref.year) -> float | None:
        return data.cells.get((ref.index_name, year, ref.level, "", ref.node, word))

    highest = _by_rank(data, ref, "max", sheet) if sheet is not None else figure("max")
    for one, other, sign in (
        (highest, figure("max_minus_mean"), -1.0),
        (figure("mean", ref.year - 1), figure("mean_change"), 1.0),
        (figure("mean", ref.year + 1), figure("mean_change", ref.year + 1), -1.0),
    ):
        if one is not None and other is not None:
            return one + sign * other
    return None


def _by_rank(data: Data, ref: Ref, word: str, sheet: Sheet) -> float | None:
    """The extremes that ranks settle: the value of the first, and that of the last of all that are ranked."""
    if (printed := data.cells.get((ref.index_name, ref.year, ref.level, "", ref.node, word))) is not None:
        return printed
    if word in ("range", "first_minus_second"):
        ends = [_by_rank(data, ref, end, sheet) for end in ("max", "min" if word == "range" else "second")]
        return None if ends[0] is None or ends[1] is None else ends[0] - ends[1]
    if word == "max_minus_mean":
        most, mean = _by_rank(data, ref, "max", sheet), statistic(data, ref, "mean")
        return None if most is None or mean is None else most - mean
    wanted = {"max": 1.0, "second": 2.0, "min": n_ranked(data, ref, sheet)}[word]
    at = [unit for unit in sheet.ranked if sheet.cell(ref.node, unit, "rank") == wanted]
    found = sheet.cell(ref.node, at[0], scale(ref.index_name)) if at else None
    if found is None and word == "min":  # the highest less the distance between the two, as published
        spread = data.cells.get((ref.index_name, ref.year, ref.level, "", ref.node, "range"))
        highest = _by_rank(data, ref, "max", sheet)
        return None if spread is None or highest is None else highest - spread
    return found


def _between_ends(data: Data, ref: Ref, sheet: Sheet, found: re.Match[str]) -> float | None:
    """A count by bounds that the highest and the lowest value settle: all of the units, or none."""
    low, high = float(found["low"]), float(found["high"] or "inf")
    least, most = (_by_rank(data, ref, end, sheet) for end in ("min", "max"))
    everybody = n_ranked(data, ref, sheet)
    if found["lt"]:
        low, high = 0.0, low
    if least is not None and least >= low and ((most is not None and most < high) or high == float("inf")):
        return everybody
    if (most is not None and most < low) or (least is not None and least >= high):
        return 0.0
    return _by_bands(data, ref, low, high)


def _sizes(data: Data, ref: Ref, word: str, sheet: Sheet | None) -> float | None:
    what = "ranked" if word == "n_units" else "assessed"
    found = data.cells.get((ref.index_name, ref.year, ref.level, "*", "", what))
    return float(len(sheet.ranked)) if found is None and sheet is not None and word == "n_units" else found


_STATISTICS: Mapping[str, Callable[[np.ndarray], float]] = {
    "mean": lambda values: float(np.mean(values)),
    "max": lambda values: float(np.max(values)),
    "min": lambda values: float(np.min(values)),
    "range": lambda values: float(np.ptp(values)),
    "first_minus_second": lambda values: float(np.sort(values)[-1] - np.sort(values)[-2]) if len(values) > 1 else 0.0,
    "max_minus_mean": lambda values: float(values.max() - values.mean()),
    "n_above_mean": lambda values: float((values > values.mean() + SAME).sum()),
}
_ENDS = ("max", "min", "range", "first_minus_second", "max_minus_mean")
_BOUNDS = re.compile(r"n_(?:(?P<rise>rise_ge)_|(?P<ge>ge)_|(?P<lt>lt)_)?(?P<low>[\d.]+)(?:_(?P<high>[\d.]+))?$")


def _between(values: np.ndarray, found: re.Match[str]) -> float | None:
    low, exact = float(found["low"]), np.round(values, 9)
    if found["rise"]:
        return None
    if found["ge"]:
        return float((exact >= low).sum())
    if found["lt"]:
        return float((exact < low).sum())
    return float(((exact >= low) & (exact < float(found["high"]))).sum()) if found["high"] else None


def _changes(data: Data, ref: Ref, word: str) -> float | None:
    """Statistics of the change since another year."""
    years = {"mean_change": ref.year - 1, since_base(): base_year()}
    if word in years:
        then = Ref(ref.index_name, years[word], ref.level, "*", ref.node, "mean", ref.stage)
        then = replace(then, unit=ref.unit)
        one, other = statistic(data, ref, "mean"), statistic(data, then, "mean")
        if ref.unit == "" and one is not None and other is not None:  # deduced from means as they are printed
            one, other = (float(to_decimals(mean, 2)) for mean in (one, other))
        return None if one is None or other is None else round(one - other, 9)
    before = Ref(ref.index_name, ref.year - 1, ref.level, "*", ref.node, ref.column, ref.stage)
    if word in ("n_rank_up", "n_rank_down"):
        return _rank_moves(data, ref, before, 1.0 if word == "n_rank_up" else -1.0)
    if word not in _OF_CHANGES and not word.startswith("n_rise_ge_"):
        return None
    changes = _moves(data, (ref, before))
    if changes is None or not len(changes) or not np.isfinite(changes).all():
        return _settled(data, ref, word, changes)
    if word.startswith("n_rise_ge_"):
        return float((changes >= float(word.removeprefix("n_rise_ge_")) - SAME).sum())
    some = _OF_CHANGES[word](changes)
    return None if some is None else float(some)


def _over_all(ref: Ref) -> Ref:
    return Ref(ref.index_name, ref.year, ref.level, "*", ref.node, ref.column, ref.stage)


_OF_CHANGES: Mapping[str, Callable[[np.ndarray], float | None]] = {
    "n_rose": lambda changes: float((changes > SAME).sum()),
    "n_fell": lambda changes: float((changes < -SAME).sum()),
    "largest_rise": lambda changes: changes.max() if changes.max() > SAME else None,
    "smallest_rise": lambda changes: changes[changes > SAME].min() if (changes > SAME).any() else None,
    "largest_fall": lambda changes: changes.min() if changes.min() < -SAME else None,
    "smallest_fall": lambda changes: changes[changes < -SAME].max() if (changes < -SAME).any() else None,
}


def _settled(data: Data, ref: Ref, word: str, changes: np.ndarray | None) -> float | None:
    """Rises that printed falls settle, and falls that printed rises settle."""
    other = {"n_rose": "n_fell", "n_fell": "n_rose"}.get(word)
    printed = data.cells.get((ref.index_name, ref.year, ref.level, "", ref.node, other)) if other else None
    units = _sizes(data, ref, "n_units", data.sheet(ref))
    if printed is None or units is None or changes is None:
        return None
    return units - printed - float((np.abs(changes) <= SAME).sum())


def _rank_moves(data: Data, ref: Ref, before: Ref, sign: float) -> float | None:
    now, then = data.sheet(ref), data.sheet(before)
    if now is None or then is None:
        return None
    moved = [_places(data, (replace(ref, unit=unit, column="rank"), replace(before, unit=unit, column="rank")))
             for unit in now.ranked if unit in then.ranked]  # fmt: skip
    if not moved or None in moved:
        return None
    return float(sum(places * sign > 0 for places in moved if places is not None))


# --- shares, correlations, moves ------------------------------------------------------------------


def _share(data: Data, refs: Sequence[Ref]) -> float | None:
    """A share in percent: of what was lost by all (two cells), or of what could be had (one)."""
    if (found := data.beside(refs[0], "share")) is not None and len(refs) == 1:
        return found
    if refs[0].column == "forms":
        forms, planned = (_count(data, (replace(refs[0], column=column),)) for column in ("forms", "planned"))
        return 100 * forms / planned if forms is not None and planned else None
    if refs[0].node == "*":
        over_all = refs[0].unit == "*"
        own = [sum(data.by_unit(refs[0], what).values()) if over_all else data.beside(refs[0], what)
               for what in ("claimed_not_granted", "claimed")]  # fmt: skip
        return 100 * own[0] / own[1] if own[0] is not None and own[1] else None
    if len(refs) == 2 and (found := data.beside(refs[0], "share_of_all")) is not None:
        return found
    if refs[0].unit not in ("*", ""):
        lost, whole = _lost(data, refs), _lost(data, (_whole(refs[0]),))
        return None if lost is None or not whole else 100 * lost / whole
    lost_here = _losses(data, refs[0])
    if lost_here is None:
        return None
    if len(refs) == 2:
        sheet = data.sheet(refs[1])
        return None if sheet is None else 100 * float(lost_here.sum()) / lost_by_all(sheet)
    sheet = data.sheet(refs[0])
    assert sheet is not None
    points, maxima = (sheet.column(refs[0].node, column) for column in ("points", "maximum"))
    applies = np.isfinite(points) & (maxima > 0)
    return 100 * float(lost_here.sum()) / float(maxima[applies].sum())


def _whole(ref: Ref) -> Ref:
    return Ref(ref.index_name, ref.year, ref.level, ref.unit, "", ref.column, ref.stage)


def _both(data: Data, refs: Sequence[Ref]) -> tuple[np.ndarray, np.ndarray] | None:
    """The ranks of the units ranked in both years, those of this year first."""
    if len(refs) != 2:
        return None
    now, then = data.sheet(refs[0]), data.sheet(refs[1])
    if now is None or then is None:
        return None
    pairs = [(now.cell("", unit, "rank"), then.cell("", unit, "rank")) for unit in now.ranked if unit in then.ranked]
    found = [(one, other) for one, other in pairs if one is not None and other is not None]
    return (np.array([one for one, _ in found]), np.array([other for _, other in found])) if found else None


def _mean_places(data: Data, refs: Sequence[Ref]) -> float | None:
    if refs[0].node:
        return doubt.of_shifts(np.mean)(data, refs)
    pair = among_both(data, refs) if len(refs) == 2 else None
    if pair is None:
        return None
    moved = [abs(pair[1][unit] - rank) for unit, rank in pair[0].items() if unit in pair[1]]
    return float(np.mean(moved)) if moved else None


def _correlation(data: Data, refs: Sequence[Ref]) -> float | None:
    pair = _both(data, refs)
    if pair is None or len(pair[0]) < 2:
        return None
    one, other = (_middle_ranks(values) for values in pair)
    return float(np.corrcoef(one, other)[0, 1])


def _middle_ranks(values: np.ndarray) -> np.ndarray:
    smaller: np.ndarray = (values[None, :] < values[:, None]).sum(axis=1)
    equal: np.ndarray = (values[None, :] == values[:, None]).sum(axis=1)
    return smaller + (equal + 1) / 2


def _mean_of_parts(data: Data, refs: Sequence[Ref]) -> float | None:
    values = over(data, refs) if len(refs) > 1 else np.array([np.nan if (v := data.cell(refs[0])) is None else v])
    return None if values is None or np.isnan(values).any() else float(values.mean())


def _beside(*words: str) -> Way:
    """A result of a method or of a round, looked up in the dataset of such results."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        if not refs:
            return None
        found = (data.beside(refs[0], word) for word in (refs[0].column, *words))
        return next((one for one in found if one is not None), None)

    return way


def _limit(data: Data, refs: Sequence[Ref]) -> float | None:
    """A bound as it is known; of a change that rounds to nothing ("less than 0.01") the smallest printed size."""
    if len(refs) != 2 and not refs[0].column.startswith("mean_change"):
        return _beside()(data, refs)
    change = _difference(data, refs) if len(refs) == 2 else _statistic(data, refs)
    return 0.01 if change and not to_decimals(change, 2) else None


def _interval(data: Data, refs: Sequence[Ref]) -> float | None:
    if refs[0].column == "half":
        low, high = (data.beside(refs[0], end) for end in ("low", "high"))
        return None if low is None or high is None else (high - low) / 2
    return data.beside(refs[0], refs[0].column)


def _level(data: Data, refs: Sequence[Ref]) -> float | None:
    return data.beside(refs[0], "pairs_level" if refs[0].column == "pairs" else "level")


def _mean_not_granted(data: Data, refs: Sequence[Ref]) -> float | None:
    found = data.by_unit(refs[0], "claimed_not_granted")
    return float(np.mean(list(found.values()))) if found else None


def _gain(data: Data, refs: Sequence[Ref]) -> float | None:
    """Points to gain on a criterion: of a step of a way; of a task the largest such gain, else all that was lost."""
    ref = refs[0]
    if ref.column != "task_gain":
        return data.beside(ref, ref.column)
    steps = [data.beside(ref, f"way_{number}:gain") for number in range(1, 10)]
    known_steps = [step for step in steps if step is not None]
    return max(known_steps) if known_steps else _lost(data, refs)


def _leaves_lost(data: Data, refs: Sequence[Ref]) -> np.ndarray:
    """What a unit lost on each scored criterion, the largest first."""
    sheet, ref = data.sheet(refs[0]), refs[0]
    leaves = () if sheet is None else sheet.leaves
    lost = [_lost(data, (replace(ref, node=leaf),)) for leaf in leaves]
    return np.sort([one for one in lost if one is not None and one > SAME])[::-1]


def _half(data: Data, refs: Sequence[Ref]) -> float | None:
    lost, whole = _leaves_lost(data, refs), _lost(data, (_whole(refs[0]),))
    return float((np.cumsum(lost) / whole < 0.5).sum() + 1) if len(lost) and whole else None


def _areas_above(data: Data, refs: Sequence[Ref]) -> float | None:
    return _in_areas(data, refs[0], lambda own, mean: own > mean)


def _areas_compared(data: Data, refs: Sequence[Ref]) -> float | None:
    return _in_areas(data, refs[0], lambda _own, _mean: True)


def _in_areas(data: Data, ref: Ref, test: Callable[[float, float], bool]) -> float:
    column, found = scale(ref.index_name), 0
    for node in data.areas(ref):
        own = data.cell(replace(ref, node=node), column)
        mean = statistic(data, replace(ref, unit="*", node=node), "mean", column)
        found += own is not None and mean is not None and test(own, mean)
    return float(found)


COUNTS |= {
    "leaves_lost": lambda data, refs: float(len(_leaves_lost(data, refs))),
    "leaves_half": _half,
    "areas_above_mean": _areas_above,
    "areas_compared": _areas_compared,
}

#: How a number is made, by its word: the registry. A new way is a line here, and words in ``report.columns.WAYS``.
WAYS: Mapping[str, Way] = {
    "value": _cell,
    "rank": _cell,
    "printed": _printed,
    "difference": _difference,
    "carried": _carried,
    "distance": _distance,
    "mean": _aggregate(np.mean, "mean"),
    "maximum": _maximum,
    "minimum": _aggregate(np.min, "min"),
    "median": doubt.median_width,
    "standard deviation": _aggregate(lambda values: float(np.std(values)), ""),
    "statistic": _statistic,
    "lost": _lost,
    "mean_lost": _mean_lost,
    "count": _count,
    "share": _share,
    "mean_places": _mean_places,
    "most_places": doubt.of_shifts(np.max),
    "correlation": _correlation,
    "mean_of_parts": _mean_of_parts,
    "rank_among": standing.rank_among,
    "interval": _interval,
    "tier": _beside("tier"),
    "contribution": _beside("contribution"),
    "rank_otherwise": lambda data, refs: doubt.removal(data, refs[0], refs[0].column.removeprefix("removal_")),
    "level": _level,
    "assumption": _beside("assumed_error"),
    "bound": _limit,
    "target": _beside("target"),
    "setting": _beside("setting"),
    "what_if": _beside("what_if"),
    "rule": _beside("rule"),
    "sum": doubt.sum_of_parts,
    "out_of": _beside("out_of"),
    "claimed": _beside("claimed"),
    "granted": _beside("granted"),
    "appraised": _beside("appraised"),
    "claimed_not_granted": _beside("claimed_not_granted"),
    "mean_claimed": doubt.of_gaps(lambda claimed, _: float(claimed.mean())),
    "mean_granted": doubt.of_gaps(lambda _, granted: float(granted.mean())),
    "mean_gap": doubt.of_gaps(lambda claimed, granted: float((claimed - granted).mean())),
    "mean_share": _beside("mean_share"),
    "mean_not_granted": _mean_not_granted,
    "range": _beside(),
    "gain": _gain,
}


def bounds(data: Data, ref: Ref) -> tuple[float | None, float | None]:
    """The two ends of what is known only to lie between bounds."""
    if ref.column == "removal":
        return doubt.removal(data, ref, "min"), doubt.removal(data, ref, "max")
    low, high = (data.beside(ref, f"{ref.column}_{end}") for end in ("min", "max"))
    return low, high
