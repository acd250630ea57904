"""What every unit and every region adds to the change of the national mean; units that enter or leave stand apart.

Formulas: docs/comparison.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from parlib.analysis.pairing import aligned, region_slug
from parlib.scoring.ranking import breaks_between, compares, known_changes, statistics
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.settled import Column, Level
from parlib.scoring.units import regions

__all__ = ["contributions", "region_contributions"]

_TINY = 1e-8


def contributions(
    results: Results,
    previous: Results,
    *,
    node: str = WHOLE,
    column: Column = "index",
    weights: pd.Series | None = None,
) -> pd.DataFrame:
    """What each unit adds to the change of the mean over the ranked units.

    ``unit``, ``region`` ("" for ministries), ``kind``, ``weight`` (its part in the mean; of "leaving" units that of
    the year before), ``value``, ``previous``, ``change``, ``contribution``, ``mean_change`` (the total) and
    ``break_mark``.

    ``kind``: "unit" is ranked in both years and adds its weight times its change; "entering" is ranked this year only
    and adds its weight times its distance from this year's mean of the units of both years; "leaving" was ranked the
    year before only and takes away likewise. These add up to the change of the mean. Where some changes are not known
    but the change of the mean is (printed, or deduced from print), the row "remainder" holds what the others add.
    ``weights`` by unit (population) make it a weighted mean; they are the same in both years.
    """
    results.check_after(previous)
    now, then = Level(results, node, column), Level(previous, node, column)
    rows = _Rows.of(now, then, weights)
    total = _mean_change(now, then, rows, weights)
    frame = pd.concat([rows.both(), rows.entering(), rows.leaving()], ignore_index=True)
    if not compares(previous, results) or not rows.settled:
        frame["contribution"] = np.nan
    if np.isfinite(total):
        rest = total - frame["contribution"].sum()
        if frame["contribution"].isna().any() or abs(rest) > _TINY:
            remainder = pd.DataFrame({"unit": [""], "kind": ["remainder"], "contribution": [rest]})
            frame = pd.concat([frame, remainder.reindex(columns=frame.columns).astype(dict(frame.dtypes))])
    numbers = ["weight", "value", "previous", "change", "contribution"]
    frame[numbers] = exact(frame[numbers].to_numpy(dtype=np.float64))
    region = region_slug(results)
    frame = frame.reset_index(drop=True).assign(
        region=[region(unit) if unit else "" for unit in frame["unit"]],
        mean_change=total,
        break_mark=breaks_between(previous, results),
    )
    columns = ["unit", "region", "kind", *numbers, "mean_change", "break_mark"]
    return frame[columns].astype({"unit": "str", "region": "str", "kind": "str", "break_mark": "bool"})


def region_contributions(frame: pd.DataFrame, system: str) -> pd.DataFrame:
    """What each region adds to the change of the mean: the sums of a ``contributions`` frame.

    ``region``, ``kind`` ("region", "remainder"), ``n`` (units ranked in both years), ``n_known`` of them, ``entering``
    and ``leaving`` (numbers of units), ``mean_change_inside`` (of the region's own units of both years, weighted as in
    the frame), ``contribution``. A sum is known only where every one of its terms is; the known ones add up with the
    remainder to the change of the mean.
    """
    rows: list[tuple[object, ...]] = []
    for region in regions(system):
        inside = frame[frame["region"] == region.slug]
        own = inside[inside["kind"] == "unit"]
        weight, added = own["weight"].sum(), own["contribution"].sum(skipna=False)
        entering, leaving = (int((inside["kind"] == kind).sum()) for kind in ("entering", "leaving"))
        mean_inside = added / weight * frame.loc[frame["kind"] == "unit", "weight"].sum() if weight else np.nan
        rows.append(
            (
                *(region.slug, "region", len(own), int(own["contribution"].notna().sum()), entering, leaving),
                *(mean_inside, inside["contribution"].sum(skipna=False) if len(inside) else 0.0),
            )
        )
    names = ["region", "kind", "n", "n_known", "entering", "leaving", "mean_change_inside", "contribution"]
    table = pd.DataFrame(rows, columns=names)
    total = frame["mean_change"].iloc[0] if len(frame) else np.nan
    rest = total - table["contribution"].sum()
    if np.isfinite(rest) and (table["contribution"].isna().any() or abs(rest) > _TINY):
        table.loc[len(table)] = ["", "remainder", 0, 0, 0, 0, np.nan, rest]
    numbers = ["mean_change_inside", "contribution"]
    table[numbers] = exact(table[numbers].to_numpy(dtype=np.float64))
    return table.astype({"region": "str", "kind": "str", "n": "int64", "n_known": "int64"})


@dataclass(frozen=True, eq=False)
class _Rows:
    """The units of both years, of this year only and of the year before only, with their values and weights."""

    new: pd.Series
    old: pd.Series
    changes: pd.Series
    weights: pd.Series
    listed: bool
    settled: bool

    @classmethod
    def of(cls, now: Level, then: Level, weights: pd.Series | None) -> _Rows:
        new, old = now.exact_values, then.exact_values
        keys = list(dict.fromkeys([*new.index, *old.index]))
        weight = aligned(weights, keys)
        # A mean over units that are not all listed has no known weights.
        listed = now.n_units == len(now.ranked) and then.n_units == len(then.ranked)
        settled = listed and bool(weight.notna().all()) and bool((weight > 0).all())
        return cls(new, old, known_changes(now, then), weight, listed, settled)

    @property
    def shared(self) -> list[str]:
        return [unit for unit in self.new.index if unit in self.old.index]

    def both(self) -> pd.DataFrame:
        keys = self.shared
        weight = self.weights[keys] / self.weights[keys].sum(skipna=False) if keys else self.weights[keys]
        changes = self.changes.reindex(keys)
        return self._frame(keys, "unit", weight, weight * changes).assign(change=changes.to_numpy())

    def entering(self) -> pd.DataFrame:
        return self._apart(self.new, "entering", 1.0)

    def leaving(self) -> pd.DataFrame:
        return self._apart(self.old, "leaving", -1.0)

    def mean(self, values: pd.Series) -> float:
        """The weighted mean; NaN where a value or a weight is not known."""
        weight = self.weights[values.index]
        return float((values * weight).sum(skipna=False) / weight.sum(skipna=False)) if len(values) else np.nan

    def _apart(self, values: pd.Series, kind: str, sign: float) -> pd.DataFrame:
        keys = [unit for unit in values.index if unit not in set(self.shared)]
        weight = self.weights[keys] / self.weights[values.index].sum(skipna=False)
        return self._frame(keys, kind, weight, sign * weight * (values[keys] - self.mean(values[self.shared])))

    def _frame(self, keys: list[str], kind: str, weight: pd.Series, added: pd.Series) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "unit": np.array(keys, dtype=object),
                "kind": np.array([kind] * len(keys), dtype=object),
                "weight": weight.to_numpy(dtype=np.float64),
                "value": self.new.reindex(keys).to_numpy(dtype=np.float64),
                "previous": self.old.reindex(keys).to_numpy(dtype=np.float64),
                "change": np.full(len(keys), np.nan),
                "contribution": added.to_numpy(dtype=np.float64),
            }
        )


def _mean_change(now: Level, then: Level, rows: _Rows, weights: pd.Series | None) -> float:
    """The change of the mean: from all units, else as printed or deduced; NaN where nothing settles it."""
    if not compares(then.results, now.results) or not rows.listed:
        return np.nan
    if now.complete and then.complete:
        return float(exact(rows.mean(rows.new) - rows.mean(rows.old)))
    if weights is not None or set(rows.new.index) != set(rows.old.index):
        return np.nan
    found = statistics(now.results, then.results, node=now.node, column=now.column).set_index("statistic")["value"]
    return float(found["mean_change"])
