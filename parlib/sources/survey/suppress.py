"""Hides small groups in what leaves the workbook, so that nobody's answer can be read or worked out from totals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd

from parlib.sources.survey.tabulate import CELL, Tabulation, require_sample
from parlib.words import Message

MINIMUM = 5  # answers that a shown group has at least
_KEYS = ("unit", "group", "item", "answer", "node", "code", "year", "level")
_GROUP_TOTALS = (("unit", "item"),)
_ERRORS = ("standard_error", "lower", "upper", "design_effect")


def suppress(
    frame: pd.DataFrame, minimum: int = MINIMUM, totals: Sequence[Sequence[str]] = _GROUP_TOTALS
) -> pd.DataFrame:
    """``frame`` (unit, group, item, n, ...) with small groups hidden, and a column ``suppressed`` that says why.

    A group of 1 to ``minimum`` - 1 answers is hidden ("primary"), and one whose share (0 or 1) or whose answers say
    that all gave the same one. Where a total over it is shown, its numbers would follow by subtraction: so in each of
    ``totals`` (the columns that a published total is over; each unit and item by default) further groups are hidden
    ("complementary"), the smallest first, until at least two are hidden, they hold ``minimum`` answers between them,
    and not all of them are alike. Hidden: every number but the keys. Groups without any answer say nothing of anybody
    and stay. A frame with a row for each ``answer`` (a distribution) is hidden group by group; where one answer was
    given by fewer than ``minimum``, all answers of the group are hidden, for the others would give it away.
    """
    sizes = _sizes(frame)
    keys = [name for name in CELL if name in frame]
    margins = [[name for name in total if name in keys] for total in totals]
    sizes["suppressed"] = _reasons(sizes, minimum, margins, sizes["alike"].to_numpy(bool))
    if "answer" in frame:
        few = _few(frame, keys, minimum) & (sizes["suppressed"] == "").to_numpy()
        sizes["suppressed"] = np.where(few, "primary", sizes["suppressed"])
    return _hidden(frame, sizes[[*keys, "suppressed"]])


def _sizes(frame: pd.DataFrame) -> pd.DataFrame:
    """Each group once: its answers (n), and whether all of them are alike."""
    keys = [name for name in CELL if name in frame]
    by = frame.groupby(keys, sort=False, dropna=False)
    sizes = by["n"].sum().reset_index()
    if "answer" in frame:
        given = frame.assign(given=frame["n"] > 0).groupby(keys, sort=False, dropna=False)["given"].sum()
        sizes["alike"] = (given == 1).to_numpy()
    elif "share" in frame:
        share = by["share"].first().to_numpy(dtype="float64", na_value=math.nan)
        sizes["alike"] = np.isclose(share, 0, atol=1e-9) | np.isclose(share, 1, atol=1e-9)
    else:
        sizes["alike"] = False
    return sizes


def _few(frame: pd.DataFrame, keys: list[str], minimum: int) -> np.ndarray:
    """Whether some answer of each group was given by 1 to ``minimum`` - 1."""
    few = (frame["n"] > 0) & (frame["n"] < minimum)
    result = frame.assign(few=few).groupby(keys, sort=False, dropna=False)["few"].any()
    return result.to_numpy(bool)


def _hidden(frame: pd.DataFrame, reasons: pd.DataFrame, columns: Sequence[str] = ()) -> pd.DataFrame:
    """``frame`` without the numbers of the cells that ``reasons`` (keys, suppressed) hides; with ``columns`` without
    these numbers alone."""
    keys = [name for name in reasons if name != "suppressed"]
    marked = frame.merge(reasons, on=keys, how="left", sort=False)
    hidden = (marked["suppressed"] != "").to_numpy()
    for name in columns or frame.columns:
        if name not in frame or name in _KEYS or not pd.api.types.is_numeric_dtype(frame[name]):
            continue
        if pd.api.types.is_integer_dtype(frame[name]):
            marked[name] = marked[name].astype("Int64").mask(hidden)
        else:
            marked[name] = marked[name].mask(hidden)
    return marked.drop(columns="suppressed") if columns else marked


def suppressed(tabulation: Tabulation, minimum: int = MINIMUM) -> Tabulation:
    """A tabulation that may leave the workbook: what says how few, or all, answered is hidden in all its frames.

    Where the answers of a group are hidden because few gave one of them, its share is hidden too if their number
    follows from it, and its errors if it follows from share and error together (``follows``).
    """
    note = Message(
        "Groups of fewer than {minimum} answers, or of which all answered alike, are not shown; some other groups are "
        "hidden too, so that they cannot be worked out from totals.",
        {"minimum": minimum},
    )
    sentence = _told(tabulation, minimum)
    sizes = _sizes(tabulation.distribution).merge(sentence, on=CELL, how="left", sort=False)
    alike = (sizes["alike"] | sizes["by_share"]).to_numpy(bool)
    sizes["suppressed"] = _reasons(sizes, minimum, [["unit", "item"]], alike)
    reasons = sizes[[*CELL, "suppressed"]]
    answers = reasons.assign(
        suppressed=np.where((reasons["suppressed"] == "") & sizes["few"], "primary", reasons["suppressed"])
    )
    errors = reasons.assign(suppressed=np.where(sizes["by_error"], "primary", ""))
    units, unit_errors = _units(tabulation, minimum, sizes)
    return replace(
        tabulation,
        groups=_hidden(_hidden(tabulation.groups, errors, _ERRORS), reasons),
        distribution=_hidden(tabulation.distribution, answers),
        units=_hidden(_hidden(tabulation.units, unit_errors, _ERRORS), units),
        assumptions=(*tabulation.assumptions, note),
        sample=None,
        floors=tabulation.floors.iloc[:0],
    )


def _told(tabulation: Tabulation, minimum: int) -> pd.DataFrame:
    """Of each group: whether ``few`` gave some answer, and whether its number follows from the share alone
    (``by_share``; so it does where the share is the lowest or highest of the scale) or from share and error."""
    asked = require_sample(tabulation).asked
    rows = []
    for key, cells in tabulation.distribution.groupby(CELL, sort=False):
        unit, group, item = map(str, key)
        counts = dict(zip(cells["answer"], cells["n"].fillna(0).astype(int), strict=True))
        scale = asked[item].scale
        small = [code for code, n in counts.items() if 0 < n < minimum]
        given = {scale[code] for code, n in counts.items() if n}
        ends = given in ({min(scale.values())}, {max(scale.values())})
        by_share = ends or any(follows(counts, scale, code, 2) for code in small)
        by_error = any(follows(counts, scale, code, 3) for code in small)
        rows.append((unit, group, item, bool(small), by_share, by_error))
    return pd.DataFrame(rows, columns=[*CELL, "few", "by_share", "by_error"])


def follows(counts: Mapping[int, int], scale: Mapping[int, float], code: int, known: int) -> bool:
    """Whether the number of answers ``code`` follows from their sum and mean (``known`` = 2) and variance (3).

    It does not where other whole numbers of answers have the same sums. Of these the primitive ones are tried: two
    answers that earn the same, and for ``known`` + 1 different scores s the weights 1 / product of (s_i - s_j), under
    which every sum of powers below ``known`` is zero. So a number may be hidden that would not follow, never the
    other way round, as far as answers weigh alike; with other weights less follows.
    """
    scores = {each: Fraction(str(scale[each])) for each in counts}
    if any(each != code and scores[each] == scores[code] for each in counts):
        return False
    for others in combinations([each for each in counts if each != code], known):
        chosen = (code, *others)
        if len({scores[each] for each in chosen}) < len(chosen):
            continue
        weights = [_weight(scores[one], [scores[two] for two in chosen if two != one]) for one in chosen]
        whole = math.lcm(*(weight.denominator for weight in weights))
        steps = [int(weight * whole) for weight in weights]
        common = math.gcd(*steps)
        for sign in (1, -1):
            if all(counts[one] + sign * step // common >= 0 for one, step in zip(chosen, steps, strict=True)):
                return False
    return True


def _weight(score: Fraction, others: Sequence[Fraction]) -> Fraction:
    product = Fraction(1)
    for other in others:
        product *= score - other
    return 1 / product


def _units(tabulation: Tabulation, minimum: int, sizes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The units and items that are hidden over all groups, and those of which the errors are: too few answers (under
    the minimum, or one single answer of each group), all alike, or one group that is hidden itself."""
    keys = ["unit", "item"]
    given = tabulation.distribution[tabulation.distribution["n"] > 0]
    codes = given.groupby(keys, as_index=False)["answer"].nunique()
    some = sizes[sizes["n"] > 0].assign(gone=sizes["suppressed"] != "")
    by = some.groupby(keys, as_index=False).agg(
        groups=("group", "count"), gone=("gone", "sum"), by_error=("by_error", "any")
    )
    table = tabulation.units[[*keys, "n"]]
    for match in (codes, by):
        table = table.merge(match, on=keys, how="left", sort=False)
    table = table.fillna({"answer": 0, "groups": 0, "gone": 0, "by_error": False})
    n, groups = table["n"], table["groups"]
    alike = (table["answer"] == 1) | ((groups == 1) & (table["gone"] == 1))
    hidden = (n > 0) & ((n < minimum) | ((groups > 1) & (n <= groups)) | alike)
    errors = (groups == 1) & table["by_error"].astype(bool)
    return (
        table[keys].assign(suppressed=np.where(hidden, "primary", "")),
        table[keys].assign(suppressed=np.where(errors, "primary", "")),
    )


def _reasons(sizes: pd.DataFrame, minimum: int, totals: Sequence[Sequence[str]], alike: np.ndarray) -> np.ndarray:
    n = sizes["n"].fillna(0).to_numpy()
    alike = alike & (n > 0)
    reasons = np.where(((n > 0) & (n < minimum)) | alike, "primary", "").astype(object)
    # the smallest group that has answers is hidden first; equal ones in the order of their keys
    order = np.lexsort(
        (*[sizes[name].astype("str").to_numpy() for name in ("item", "group", "unit") if name in sizes], n)
    )
    margins = [sizes.groupby(list(total), sort=False).indices.values() for total in totals if total]
    changed = True
    while changed:  # a group hidden for one total can leave another total with a single hidden group
        changed = False
        for members in (cells for margin in margins for cells in margin):
            inside = np.zeros(len(n), dtype=bool)
            inside[members] = n[members] > 0
            changed |= _cover(reasons, n, inside, order, minimum, alike)
    return reasons


def _cover(
    reasons: np.ndarray, n: np.ndarray, inside: np.ndarray, order: np.ndarray, minimum: int, alike: np.ndarray
) -> bool:
    """Hides more of the cells ``inside`` one total until no hidden one can be worked out; whether it hid any."""
    hidden = inside & (reasons != "")
    if not hidden.any():
        return False
    changed = False
    for cell in order[inside[order] & (reasons[order] == "")]:
        # groups of one each, known not to be empty, would follow from their number; so would groups that are all alike
        enough = hidden.sum() > 1 and n[hidden].sum() >= max(minimum, hidden.sum() + 1)
        if enough and not alike[hidden].all():
            break
        reasons[cell], hidden[cell], changed = "complementary", True, True
    return changed
