"""Points that follow from a measured value: another index, or a result against its target."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import Scorecard

_SAME = 1e-9


def measured_points(card: Scorecard, measured: pd.DataFrame, units: Iterable[str] | None = None) -> pd.DataFrame:
    """The values with the points that they gave, for each unit to which the criterion applies.

    ``measured`` has ``unit``, ``code``, ``kind``, ``value``, ``target``, ``full_from``; added are ``ratio`` (value in
    percent of the target; NaN without one), ``points`` and ``maximum``. Empty where ``measured`` is.
    """
    if measured.empty:
        return measured
    chosen = list(card.units if units is None else units)
    rows = measured[measured["unit"].isin(chosen)].reset_index(drop=True)
    unit = rows["unit"].map({key: place for place, key in enumerate(card.units)}).to_numpy(int)
    leaf = rows["code"].map({code: place for place, code in enumerate(card.leaves)}).to_numpy(int)
    target = rows["target"].where(rows["target"] > 0)
    rows["ratio"] = exact((100 * rows["value"] / target).to_numpy(float))
    rows["points"] = card.points[unit, leaf]
    rows["maximum"] = card.scheme.leaf_maxima[leaf]
    return rows[card.applicable[unit, leaf]].reset_index(drop=True)


def measured_summary(points: pd.DataFrame) -> pd.DataFrame:
    """How the units did on each of those criteria, in order: ``code``, ``kind``, ``full_from``, ``n`` (units whose
    points are known), ``n_full``, ``n_part``, ``n_none``, ``mean_points``, ``maximum``, ``median`` (of the percent of
    the target where there is one, else of the value) and ``n_values`` known."""
    rows = []
    for code, some in points.groupby("code", sort=False) if len(points) else ():
        known = some[np.isfinite(some["points"].to_numpy(float))]
        most = float(some["maximum"].iloc[0])
        full = known["points"] >= most - _SAME
        none = known["points"] <= _SAME
        value = some["ratio" if str(some["kind"].iloc[0]) == "target" else "value"].dropna()
        rows.append(
            (
                str(code),
                str(some["kind"].iloc[0]),
                float(some["full_from"].iloc[0]),
                len(known),
                int(full.sum()),
                int((~full & ~none).sum()),
                int((none & ~full).sum()),
                float(known["points"].mean()) if len(known) else np.nan,
                most,
                float(value.median()) if len(value) else np.nan,
                len(value),
            )
        )
    columns = ["code", "kind", "full_from", "n", "n_full", "n_part", "n_none", "mean_points", "maximum", "median"]
    return pd.DataFrame(rows, columns=[*columns, "n_values"])
