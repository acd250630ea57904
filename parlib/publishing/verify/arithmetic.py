"""Every way in which a printed number may follow from its cells, worked out anew: one small function a way.

A way is a word of ``Number.made``; what a count or a statistic is of, its ``Ref.column`` says. ``value`` gives what a
number must be, ``None`` where its cells are not known here, and raises ``UnknownWay`` where nothing here says how such a
number is made: that is a finding, never a pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from parlib.presentation.blocks import Number, Ref
from parlib.publishing.verify.data import IN_PERCENT, SAME, Data, Sheet

Way = Callable[[Data, Sequence[Ref]], float | None]


class UnknownWay(LookupError):
    """Nothing here says how such a number is made."""


def value(data: Data, number: Number) -> float | None:
    """What ``number`` must be by its cells; ``None`` where they are not known. Raises ``UnknownWay``."""
    way = WAYS.get(number.made)
    if way is None:
        raise UnknownWay(number.made)
    return way(data, number.refs)


def known(values: np.ndarray) -> np.ndarray:
    """The known ones of ``values``."""
    return values[np.isfinite(values)]


def ranks(values: np.ndarray) -> np.ndarray:
    """Competition ranks, 1 the largest; equal values (to nine decimals) share one."""
    rounded = np.round(values, 9)
    return 1.0 + (rounded[None, :] > rounded[:, None]).sum(axis=1)


def scale(index_name: str) -> str:
    """The column that an index is printed from."""
    return "index" if index_name in IN_PERCENT else "points"


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
    if first.unit.startswith("region:"):
        wanted = first.unit.removeprefix("region:")
        return values[[data.names.regions.get(unit) == wanted for unit in sheet.ranked]]
    return values if first.unit == "*" else None


def _all(values: np.ndarray | None, data: Data, ref: Ref) -> np.ndarray | None:
    """``values`` where all of them are known (of a region, and of an index without a printed rank: the known ones)."""
    if values is None or not len(values):
        return None
    return values if np.isfinite(values).all() else None


def _aggregate(how: Callable[[np.ndarray], float]) -> Way:
    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        values = over(data, refs)
        if values is None:
            return data.cell(refs[0])
        values = known(values)
        return float(how(values)) if len(values) else None

    return way


# --- ways -----------------------------------------------------------------------------------------


def _cell(data: Data, refs: Sequence[Ref]) -> float | None:
    if len(refs) > 1:
        found = {data.cell(ref) for ref in refs}
        return found.pop() if len(found) == 1 else None
    ref = refs[0]
    if ref.unit == "*" and (found := data.beside(ref, ref.column)) is None:
        values = over(data, refs)
        values = None if values is None else known(values)
        return float(values[0]) if values is not None and len(values) and np.ptp(values) <= SAME else None
    return data.cell(ref) if ref.unit != "*" else found


def _printed(data: Data, refs: Sequence[Ref]) -> float | None:
    ref = refs[0]
    word = _PRINTED_AS.get(ref.column, ref.column)
    if ref.unit == "*" and word == ref.column:
        word = "mean"
    for unit in (ref.unit, ""):
        if (found := data.cells.get((ref.index_name, ref.year, ref.level, unit, ref.node, word))) is not None:
            return found
    if ref.unit.startswith("region:"):
        return data.beside(ref, "mean")
    return None


_PRINTED_AS = {"rose": "n_rose", "fell": "n_fell"}


def _difference(data: Data, refs: Sequence[Ref]) -> float | None:
    if len(refs) != 2:
        return None
    one, other = (_one(data, ref) for ref in refs)
    if one is None or other is None:
        return _printed_change(data, refs)
    return other - one if refs[0].column == "rank" else one - other


def _one(data: Data, ref: Ref) -> float | None:
    """A cell; of all ranked units or of a region the mean."""
    if ref.unit == "*" and ref.column != "maximum":
        return statistic(data, ref, "mean", ref.column)
    if ref.unit.startswith("region:"):
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
    if len(refs) > 1 and first.column not in COUNTS:
        return float(len(refs))  # units that are named one by one
    if (found := data.beside(first, first.column)) is not None:
        return found
    if first.column.startswith("band:"):
        return _in_band(data, first)
    way = COUNTS.get(first.column)
    if way is None:
        raise UnknownWay(f"count {first.column}")
    return way(data, refs)


def _in_band(data: Data, ref: Ref) -> float | None:
    sheet, low = data.sheet(ref), data.beside(ref, ref.column)
    if sheet is None:
        return None
    del low
    counted = sum(band == ref.column.removeprefix("band:") for unit, band in sheet.bands.items() if unit in sheet.ranked)
    return float(counted)


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
    if sheet is None:
        return None
    values = sheet.column(refs[0].node, "index")
    points = sheet.column(refs[0].node, "points")
    there = np.isfinite(values) | np.isfinite(points)
    if refs[0].unit.startswith("region:"):
        there = there & np.array(_at_home(data, sheet, refs[0]))
    return float(there.sum())


def _at_home(data: Data, sheet: Sheet, ref: Ref) -> list[bool]:
    return [data.names.regions.get(unit) == ref.unit.removeprefix("region:") for unit in sheet.ranked]


def _n_units(data: Data, refs: Sequence[Ref]) -> float | None:
    sheet = data.sheet(refs[0])
    if refs[0].unit.startswith("region:"):
        return None if sheet is None else float(sum(_at_home(data, sheet, refs[0])))
    return None if sheet is None else float(len(sheet.ranked))


def _moves(data: Data, refs: Sequence[Ref]) -> np.ndarray | None:
    """The change of every ranked unit since the year of the second cell: of exact values, else as printed."""
    now, then = data.sheet(refs[0]), data.sheet(refs[1]) if len(refs) > 1 else None
    if now is None:
        return None
    column = scale(refs[0].index_name) if refs[0].column not in ("points", "index") else refs[0].column
    found = []
    for unit in now.ranked:
        one = now.cell(refs[0].node, unit, column)
        other = then.cell(refs[0].node, unit, column) if then is not None else None
        if one is None or other is None:
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


COUNTS: Mapping[str, Way] = {
    "known": _n_known,
    "units": _n_units,
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
    whole = whole and len(values) == _ranked(data, ref, sheet)  # type: ignore[arg-type]
    if ref.unit == "" and printed is not None:
        return printed
    if whole and word in _STATISTICS:
        assert values is not None
        return float(_STATISTICS[word](values))
    if word in ("n_units", "n_assessed"):
        return _sizes(data, ref, word, sheet)
    if (counted := _BOUNDS.match(word)) and whole:
        assert values is not None
        return _between(values, counted)
    if (found := _changes(data, ref, word)) is not None:
        return found
    return printed


def _ranked(data: Data, ref: Ref, sheet: Sheet | None) -> float:
    number = data.cells.get((ref.index_name, ref.year, ref.level, "*", "", "ranked"))
    return float(len(sheet.ranked)) if number is None and sheet is not None else float(number or 0)


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
    years = {"mean_change": ref.year - 1, "mean_change_vs_2012": 2012}
    if word in years:
        then = Ref(ref.index_name, years[word], ref.level, "*", ref.node, "mean", ref.stage)
        one, other = statistic(data, _over_all(ref), "mean"), statistic(data, then, "mean")
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
    pairs = [(now.cell(ref.node, unit, "rank"), then.cell(ref.node, unit, "rank")) for unit in now.ranked]
    if any(one is None or other is None for one, other in pairs):
        return None
    return float(sum((other - one) * sign > 0 for one, other in pairs))  # type: ignore[operator]


# --- shares, correlations, moves ------------------------------------------------------------------


def _share(data: Data, refs: Sequence[Ref]) -> float | None:
    """A share in percent: of what was lost by all (two cells), or of what could be had (one)."""
    if (found := data.beside(refs[0], "share")) is not None and len(refs) == 1:
        return found
    if len(refs) == 2 and (found := data.beside(refs[0], "share_of_all")) is not None:
        return found
    if refs[0].unit not in ("*", ""):
        lost, whole = _lost(data, refs), _lost(data, (_whole(refs[0]),))
        return None if lost is None or not whole else 100 * lost / whole
    lost_here = _losses(data, refs[0])
    if lost_here is None:
        return None
    if len(refs) == 2:
        lost_by_all = _losses(data, refs[1])
        return None if lost_by_all is None else 100 * float(lost_here.sum()) / float(lost_by_all.sum())
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
    if (found := data.beside(refs[0], "mean_places")) is not None:
        return found
    pair = _both(data, refs)
    return None if pair is None else float(np.abs(pair[0] - pair[1]).mean())


def _correlation(data: Data, refs: Sequence[Ref]) -> float | None:
    pair = _both(data, refs)
    if pair is None or len(pair[0]) < 2:
        return None
    one, other = (_middle_ranks(values) for values in pair)
    return float(np.corrcoef(one, other)[0, 1])


def _middle_ranks(values: np.ndarray) -> np.ndarray:
    smaller = (values[None, :] < values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    return smaller + (equal + 1) / 2


def _mean_of_parts(data: Data, refs: Sequence[Ref]) -> float | None:
    values = over(data, refs) if len(refs) > 1 else np.array([np.nan if (v := data.cell(refs[0])) is None else v])
    return None if values is None or np.isnan(values).any() else float(values.mean())


def _beside(*words: str) -> Way:
    """A result of a method or of a round, looked up in the dataset of such results."""

    def way(data: Data, refs: Sequence[Ref]) -> float | None:
        if not refs:
            return None
        found = (data.beside(refs[0], word) for word in (*words, refs[0].column))
        return next((one for one in found if one is not None), None)

    return way


def _rank_among(data: Data, refs: Sequence[Ref]) -> float | None:
    """The rank of a unit among those of its region, by the ranks of all or else by values."""
    ref = refs[0]
    sheet, region = data.sheet(ref), data.names.regions.get(ref.unit)
    if sheet is None or not region:
        return None
    at_home = [unit for unit in sheet.ranked if data.names.regions.get(unit) == region]
    own = sheet.cell(ref.node, ref.unit, "rank")
    others = [sheet.cell(ref.node, unit, "rank") for unit in at_home]
    return None if own is None else 1.0 + sum(other is not None and other < own for other in others)


#: How a number is made, by its word: the registry. A new way is a line here, and a word in ``field_words.MADE``.
WAYS: Mapping[str, Way] = {
    "value": _cell,
    "rank": _cell,
    "printed": _printed,
    "difference": _difference,
    "distance": _distance,
    "mean": _aggregate(np.mean),  # type: ignore[arg-type]
    "maximum": _aggregate(np.max),
    "minimum": _aggregate(np.min),
    "median": _beside("median"),
    "standard deviation": _aggregate(lambda values: float(np.std(values, ddof=1))),
    "statistic": _statistic,
    "lost": _lost,
    "mean_lost": _mean_lost,
    "count": _count,
    "share": _share,
    "mean_places": _mean_places,
    "most_places": _beside("most_places"),
    "correlation": _correlation,
    "mean_of_parts": _mean_of_parts,
    "rank_among": _rank_among,
    "interval": _beside(),
    "tier": _beside("tier"),
    "contribution": _beside("contribution"),
    "rank_otherwise": _beside(),
    "level": _beside("level"),
    "assumption": _beside("assumed_error"),
    "bound": _beside(),
    "target": _beside("target"),
    "setting": _beside(),
    "what_if": _beside("what_if"),
    "rule": _beside("rule"),
    "sum": _beside("sum"),
    "out_of": _beside("out_of"),
    "claimed": _beside("claimed"),
    "granted": _beside("granted"),
    "appraised": _beside("appraised"),
    "claimed_not_granted": _beside("claimed_not_granted"),
    "mean_claimed": _beside("mean_claimed"),
    "mean_granted": _beside("mean_granted"),
    "mean_gap": _beside("mean_gap"),
    "mean_share": _beside("mean_share"),
    "mean_not_granted": _beside("mean_not_granted"),
    "range": _beside(),
}


def bounds(data: Data, ref: Ref) -> tuple[float | None, float | None]:
    """The two ends of what is known only to lie between bounds."""
    low, high = (data.beside(ref, f"{ref.column}_{end}") for end in ("min", "max"))
    return low, high


def settled_extreme(values: np.ndarray, largest: bool) -> float | None:
    """The largest or smallest of ``values`` where all are known."""
    if not len(values) or np.isnan(values).any():
        return None
    return float(values.max() if largest else values.min())


__all__ = ["COUNTS", "WAYS", "UnknownWay", "bounds", "known", "over", "pairwise", "ranks", "scale", "statistic", "value"]
