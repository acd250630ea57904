"""How far it is: to the next ranks, the best of the region, the next band, the top ten."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks


def gaps(
    index: pd.Series,
    regions: Mapping[str, str] | None = None,
    bands: Mapping[str, float] | None = None,
    top: int = 10,
) -> pd.DataFrame:
    """Distances of every ranked unit, in points of the index (percentage points).

    ``index`` holds the index by unit, complete (a unit that is not known is not ranked, and no distance is given past
    it: raises ``ValueError`` on NaN). ``to_next_rank`` is what is missing to share the next better rank (0 units above:
    NaN), ``above_next`` the lead over the next worse one, ``to_first``, ``to_top`` (to share rank ``top``; 0 when
    there), ``to_region_best``, ``to_next_band`` with its name ``next_band`` ("" in the best).
    """
    if index.isna().any():
        raise ValueError("distances need the index of every ranked unit")
    values = exact(index)
    ranks = competition_ranks(values)
    levels = np.unique(values)  # rising
    place = np.searchsorted(levels, values)
    higher = np.where(place + 1 < len(levels), levels[np.minimum(place + 1, len(levels) - 1)], np.nan)
    lower = np.where(place > 0, levels[np.maximum(place - 1, 0)], np.nan)
    falling = np.sort(values)[::-1]
    top_value = falling[min(top, len(falling)) - 1] if len(falling) else np.nan
    frame = pd.DataFrame(
        {
            "unit": index.index.to_list(),
            "index": index.to_numpy(float),
            "rank": pd.array(ranks.astype(int), dtype="Int64"),
            "to_next_rank": exact(higher - values),
            "above_next": exact(values - lower),
            "to_first": exact(falling[0] - values) if len(falling) else [],
            "to_top": exact(np.maximum(top_value - values, 0.0)),
        }
    )
    if regions is not None:
        region = frame["unit"].map(regions)
        best = frame["index"].groupby(region).transform("max")
        frame["to_region_best"] = exact(best - frame["index"])
    if bands:
        rising = sorted(bands.items(), key=lambda band: band[1])
        nearest = [next(((name, low) for name, low in rising if low > value), ("", np.nan)) for value in values]
        frame["next_band"] = [name for name, _ in nearest]
        frame["to_next_band"] = exact(np.array([low for _, low in nearest]) - values)
    return frame
