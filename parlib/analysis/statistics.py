"""Statistics of a level in a year, in the words of data/published/par_statistics.csv; only what is settled.

A figure is computed where the units settle it, else taken as printed, else deduced from print and units together;
where neither does, it stays empty. See docs/published-data.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite, nan

import numpy as np
import pandas as pd

from parlib.analysis.settling import Both, Column, Level, Settling, Statistic
from parlib.framework.scheme import breaks
from parlib.results import WHOLE, Results
from parlib.scoring import exact

#: The words, in the order in which they are listed.
WORDS = (
    *("mean", "max", "min", "range", "n_units", "n_assessed", "n_above_mean"),
    *("n_ge_90", "n_80_90", "n_70_80", "n_lt_70", "n_ge_80", "n_lt_80", "n_lt_60"),
    *("n_75_80", "n_70_75", "n_67.68_70", "n_62.58_67.68"),
    *("mean_change", "mean_change_vs_2012", "n_rose", "n_fell", "n_rank_up", "n_rank_down", "n_rise_ge_10"),
    *("largest_rise", "smallest_rise", "largest_fall", "smallest_fall"),
    *("first_minus_second", "max_minus_mean", "lowest_group_bound"),
    *("survey_total", "survey_citizens", "survey_officials"),
)


def statistics(
    results: Results,
    previous: Results | None = None,
    before_in_2012: Results | None = None,
    *,
    node: str = WHOLE,
    column: Column = "index",
) -> pd.DataFrame:
    """``statistic``, ``value`` (unrounded, NaN = not settled), ``unit`` (the one concerned), ``basis``, ``source_ids``.

    ``basis``: "computed" from the units, "printed", "deduced" from both, "" where nothing settles it. ``previous`` are
    the results of the year before, ``before_in_2012`` those of 2012: changes need them. All ``WORDS`` are listed, then
    other words printed for the year. ``node`` may be an area; ``column`` "points" compares points instead.
    """
    results.check_after(previous)
    level = Level(results, node, column)
    since = before_in_2012 if before_in_2012 is not None and before_in_2012.year < results.year else None
    results.check_after(since)
    if since is not None and not compares(since, results):
        since = None
    earlier = {"mean of the year before": previous, "mean of 2012": since}
    outside = {
        word: mean for word, other in earlier.items() if other is not None and (mean := _mean(other, node, column))
    }
    comparable = previous is None or compares(previous, results)
    if not comparable or (previous is not None and _other_units(level, Level(previous, node, column))):
        outside.pop("mean of the year before", None)
    found = Settling(level).settle(outside)
    found |= _assessed(level) if "n_assessed" not in found else {}
    if previous is not None and comparable:
        found = {**found, **_changes(level, Level(previous, node, column), found)}
    rows = [(word, found.get(word)) for word in (*WORDS, *(word for word in level.printed if word not in WORDS))]
    frame = pd.DataFrame(
        {
            "statistic": pd.Series([word for word, _ in rows], dtype="str"),
            "value": [one.value if one else nan for _, one in rows],
            "unit": pd.Series([one.unit if one else "" for _, one in rows], dtype="str"),
            "basis": pd.Series([one.basis if one else "" for _, one in rows], dtype="str"),
            "source_ids": pd.Series([one.source_ids if one else "" for _, one in rows], dtype="str"),
        }
    )
    frame.attrs = results.about(node) | ({"unit_of_value": "percent"} if column == "index" else {})
    return frame


def statistics_table(
    results: Results, previous: Results | None = None, before_in_2012: Results | None = None
) -> pd.DataFrame:
    """``statistic`` and ``value`` as text, as printed: two decimals, half up; counts whole; "" = not settled.

    Statistics are on the scale of their index (``Results.scale``): those of PAPI and DTI are points, not percent.
    """
    scale = results.scale
    frame = statistics(results, previous, before_in_2012, column=scale.column)
    texts = [_text(word, value, scale.decimals) for word, value in zip(frame["statistic"], frame["value"], strict=True)]
    return pd.DataFrame({"statistic": frame["statistic"], "value": pd.Series(texts, dtype="str")})


def _text(word: str, value: float, decimals: int) -> str:
    if not isfinite(value):
        return ""
    step = Decimal("1") if word.startswith(("n_", "survey_", "sample")) else Decimal(1).scaleb(-decimals)
    return str(Decimal(repr(value)).quantize(step, ROUND_HALF_UP))


def mean_of(results: Results, node: str = WHOLE, column: Column = "index") -> Statistic | None:
    """The mean over the ranked units where the year itself settles it, else ``None``."""
    return _mean(results, node, column)


def _mean(results: Results, node: str, column: Column) -> Statistic | None:
    return Settling(Level(results, node, column)).mean()


def breaks_between(previous: Results, results: Results) -> bool:
    """Whether the scale of the index changed after the year of ``previous``, up to that of ``results``."""
    known = breaks(results.level, results.index_name)
    after_last = results.break_before and previous.year < results.year
    return after_last or any(previous.year < year <= results.year for year in known)


def compares(previous: Results, results: Results) -> bool:
    """Whether values of the two years may be subtracted: the Ministry does so with its index whatever its scale, the
    publishers of the other indices only inside one series."""
    return results.index_name == "par" or not breaks_between(previous, results)


def _other_units(level: Level, before: Level) -> bool:
    """Whether the means are of other units only because some have no value: then they do not compare."""
    return bool(level.incomplete | before.incomplete) and set(level.ranked) != set(before.ranked)


def _assessed(level: Level) -> dict[str, Statistic]:
    """The number assessed, where the list is known to hold all: of provinces, of a round, or with unranked units."""
    results = level.results
    listed_all = level.n_units == len(level.ranked)
    others = len(results.units) > len(level.ranked)
    if listed_all and (results.level == "province" or results.ranks is None or others):
        return {"n_assessed": Statistic(float(len(results.units)), basis="computed")}
    return {}


# --- changes on the year before -----------------------------------------------------------------


def _changes(level: Level, before: Level, found: Mapping[str, Statistic]) -> dict[str, Statistic]:
    """Statistics of the changes: computed where every ranked unit has one, else what the known ones still settle."""
    changes = known_changes(level, before)
    if level.n_units != len(level.ranked) or changes.isna().any():
        return _sign_counts(changes, level.n_units, found)
    more = {word: Statistic(float(number), basis="computed") for word, number in _signs(changes).items()}
    more["n_rise_ge_10"] = Statistic(float((changes >= 10).sum()), basis="computed")
    rises, falls = changes[changes > 0], changes[changes < 0]
    for word, some, last in (
        ("largest_rise", rises, rises.max()),
        ("smallest_rise", rises, rises.min()),
        ("largest_fall", falls, falls.min()),
        ("smallest_fall", falls, falls.max()),
    ):
        units = list(some.index[some == last])
        if units:
            more[word] = Statistic(float(last), units[0] if len(units) == 1 else "", "computed")
    return more | _rank_moves(level, before)


def known_changes(level: Level, before: Level) -> pd.Series:
    """The change of each listed ranked unit from exact values of both years, else as printed; NaN = not known.

    A unit that was not ranked the year before changed in an area all the same, where that was known of it.
    """
    now, then = level.exact_values, before.exact_values if level.node == WHOLE else before.values
    changes = pd.Series(exact((now - then.reindex(now.index)).to_numpy()), index=now.index)
    if level.node == WHOLE and level.column == "index" and before.results.year == level.results.year - 1:
        printed = level.results.printed_changes.set_index("unit")["change"].astype("float64")
        changes = changes.fillna(printed.reindex(now.index))
    return changes


def _signs(changes: pd.Series) -> dict[str, int]:
    return {"n_rose": int((changes > 0).sum()), "n_fell": int((changes < 0).sum())}


def _sign_counts(changes: pd.Series, n_units: int | None, found: Mapping[str, Statistic]) -> dict[str, Statistic]:
    """Numbers of rises and falls that a printed one of them and the known changes settle."""
    known = _signs(changes)
    settled: dict[str, Statistic] = {}
    for word, other in (("n_rose", "n_fell"), ("n_fell", "n_rose")):
        if word in found or other not in found or n_units is None:
            continue
        most = n_units - int(found[other].value) - int((changes == 0).sum())
        if most == known[word]:
            settled[word] = Statistic(float(most), basis="deduced", source_ids=found[other].source_ids)
    return settled


def _rank_moves(level: Level, before: Level) -> dict[str, Statistic]:
    """How many units rose and fell in rank, among those ranked in both years."""
    sides = (level.ranks, before.ranks)
    exactly = [side["rank_min"].where(side["rank_min"] == side["rank_max"]).astype("float64") for side in sides]
    now, then = Both.of(level.results, before.results).ranks(*exactly)
    moves = then - now
    if moves.isna().any() or not len(moves):
        return {}
    counts = {"n_rank_up": int(np.sum(moves > 0)), "n_rank_down": int(np.sum(moves < 0))}
    return {word: Statistic(float(number), basis="computed") for word, number in counts.items()}
