"""What units claimed against what the council granted, and what explaining changed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import Scorecard

_SAME = 1e-9


def self_gap(claimed: Scorecard, granted: Scorecard) -> pd.DataFrame:
    """Claimed less granted, for every unit and node where both are known: ``unit``, ``node``, ``claimed``, ``granted``
    (points), ``gap`` (positive: claimed more)."""
    keys = ["unit", "node"]
    ours = claimed.index_table()[[*keys, "points"]].rename(columns={"points": "claimed"})
    theirs = granted.index_table()[[*keys, "points"]].rename(columns={"points": "granted"})
    frame = ours.merge(theirs, on=keys, how="inner", validate="one_to_one").dropna()
    frame["gap"] = exact(frame["claimed"] - frame["granted"])
    return frame.reset_index(drop=True)


def gap_means(gap: pd.DataFrame) -> pd.DataFrame:
    """The means of ``self_gap`` over its units: ``node``, ``n`` (units known at both stages), ``claimed``, ``granted``,
    ``gap`` (points), ``n_over`` (units that claimed more than they were granted); in order of the nodes."""
    if gap.empty:
        return pd.DataFrame(columns=["node", "n", "claimed", "granted", "gap", "n_over"])
    groups = gap.groupby("node", sort=False)
    frame = groups[["claimed", "granted", "gap"]].mean().reset_index()
    frame.insert(1, "n", groups.size().to_numpy())
    frame["n_over"] = groups["gap"].apply(lambda own: int((own > _SAME).sum())).to_numpy()
    return frame


def over_claiming(claimed: Scorecard, granted: Scorecard) -> pd.DataFrame:
    """How far each unit claimed too much, over the leaves that it answers itself and that both stages know.

    ``unit``, ``n`` leaves compared, ``claimed``, ``granted`` (points), ``over`` (points claimed and not granted),
    ``under`` (granted beyond the claim), ``n_over``, ``n_under``, ``over_claiming`` = 100 x over / claimed (percent of
    the points claimed that were not granted; NaN where nothing was claimed).
    """
    own = np.array([leaf.rule is not None and leaf.rule.answered for leaf in claimed.scheme.leaves])
    order = [granted.units.index(unit) for unit in claimed.units]
    ours, theirs = claimed.points[:, own], granted.points[order][:, own]
    both = np.isfinite(ours) & np.isfinite(theirs) & claimed.applicable[:, own] & granted.applicable[order][:, own]
    gap = np.where(both, ours - theirs, 0.0)
    total = np.where(both, ours, 0.0).sum(axis=1)
    frame = pd.DataFrame(
        {
            "unit": list(claimed.units),
            "n": both.sum(axis=1),
            "claimed": exact(total),
            "granted": exact(np.where(both, theirs, 0.0).sum(axis=1)),
            "over": exact(np.clip(gap, 0, None).sum(axis=1)),
            "under": exact(np.clip(-gap, 0, None).sum(axis=1)),
            "n_over": (gap > _SAME).sum(axis=1),
            "n_under": (gap < -_SAME).sum(axis=1),
        }
    )
    frame["over_claiming"] = 100 * frame["over"] / frame["claimed"].where(frame["claimed"] > 0)
    return frame


def appeals(claimed: Scorecard, appraised: Scorecard, final: Scorecard, explained: pd.DataFrame) -> pd.DataFrame:
    """The outcome of every explanation. ``explained`` has the columns ``unit``, ``code``.

    ``unit``, ``code``, ``claimed``, ``appraised``, ``final`` (points), ``regained`` = final less appraised, and
    ``outcome``: "accepted" (the claim or more), "partly", "refused" (unchanged), "lowered", or "" where not known.
    """
    rows = []
    for unit, code in zip(explained["unit"], explained["code"], strict=True):
        stages = [_points(card, str(unit), str(code)) for card in (claimed, appraised, final)]
        rows.append((unit, code, *stages, stages[2] - stages[1], _outcome(*stages)))
    columns = ["unit", "code", "claimed", "appraised", "final", "regained", "outcome"]
    return pd.DataFrame(rows, columns=columns)


def _points(card: Scorecard, unit: str, code: str) -> float:
    return float(card.points[card.units.index(unit), card.leaves.index(code)])


def _outcome(claimed: float, appraised: float, final: float) -> str:
    if not np.isfinite([claimed, appraised, final]).all():
        return ""
    regained = final - appraised
    if regained < -_SAME:
        return "lowered"
    if regained <= _SAME:
        return "refused"
    return "accepted" if final >= claimed - _SAME else "partly"
