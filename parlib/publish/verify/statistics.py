"""Statistics of a year and counts of changes: worked out over the ranked units where all of them are known, else as
printed, or as printed figures settle them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from parlib.data_tables import base_year, since_base
from parlib.publish.verify.data import SAME, Data, Sheet
from parlib.publish.verify.ranks import n_ranked, places
from parlib.publish.verify.reading import scale
from parlib.report.blocks import Ref
from parlib.tables import rounded

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
