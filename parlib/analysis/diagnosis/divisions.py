"""How the points lost divide: over areas, over components, and over the kinds of grounds that points are given on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import numpy as np
import pandas as pd

from parlib.scoring.rules import Ground
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scheme import Policy
from parlib.scoring.scorecard import Scorecard

DIVISIONS = ("area", "component", "ground")


def loss_divisions(card: Scorecard, units: Iterable[str] | None = None) -> pd.DataFrame:
    """The points that the units lost, divided in three ways that each add up to the whole.

    ``division`` ("area", "component", "ground"), ``key``, ``n_leaves``, ``maximum`` (mean of what applies to a unit),
    ``mean_lost`` (points a unit), ``share`` of all points lost (0-1) and ``lost_share`` = lost / maximum (0-1). Means
    are over ``units``; where the points of one are not known on a leaf, nothing is said: the frame is empty.
    """
    lost, maxima = _lost(card, units)
    if not len(lost) or np.isnan(lost).any() or np.isnan(maxima).any():
        return pd.DataFrame(columns=["division", "key", "n_leaves", "maximum", "mean_lost", "share", "lost_share"])
    whole = lost.sum()
    rows = []
    for division in DIVISIONS:
        keys = _keys(card, division)
        for key in dict.fromkeys(keys):
            inside = np.array([own == key for own in keys])
            gone, most = lost[:, inside].sum(), maxima[:, inside].sum()
            rows.append(
                (
                    division,
                    key,
                    int(inside.sum()),
                    float(exact(most / len(lost))),
                    float(exact(gone / len(lost))),
                    float(gone / whole) if whole > 0 else np.nan,
                    float(gone / most) if most > 0 else np.nan,
                )
            )
    return pd.DataFrame(rows, columns=["division", "key", "n_leaves", "maximum", "mean_lost", "share", "lost_share"])


def loss_grid(card: Scorecard, units: Iterable[str] | None = None) -> pd.DataFrame:
    """Mean points lost a unit by area (rows) and ground (columns, as ``Ground``); empty where not all are known."""
    lost, maxima = _lost(card, units)
    if not len(lost) or np.isnan(lost).any() or np.isnan(maxima).any():
        return pd.DataFrame()
    frame = pd.DataFrame(
        {"area": _keys(card, "area"), "ground": _keys(card, "ground"), "lost": exact(lost.mean(axis=0))}
    )
    grid = frame.pivot_table(index="area", columns="ground", values="lost", aggfunc="sum", sort=False)
    return grid.reindex(columns=[key for key in get_args(Ground) if key in grid.columns])


def not_applicable(card: Scorecard) -> pd.DataFrame:
    """Which scored criteria do not apply to whom: ``unit``, ``code``, ``maximum`` of the criterion; in order."""
    unit, leaf = np.nonzero(~card.applicable)
    frame = pd.DataFrame(
        {
            "unit": np.array(card.units, dtype=object)[unit],
            "code": np.array(card.leaves, dtype=object)[leaf],
            "maximum": card.scheme.leaf_maxima[leaf],
        }
    )
    return frame.astype({"unit": "str", "code": "str"})


def policy_effect(card: Scorecard) -> pd.DataFrame:
    """What each policy for criteria that do not apply does to the index of each unit.

    ``unit``, ``n_not_applicable`` (leaves), ``maximum_not_applicable`` (their points), and the whole index under
    ``rescale``, ``full`` and ``zero``.
    """
    spared = ~card.applicable
    effect = pd.DataFrame({"unit": pd.array(card.units, dtype="str"), "n_not_applicable": spared.sum(axis=1)})
    effect["maximum_not_applicable"] = exact(np.where(spared, card.scheme.leaf_maxima, 0.0).sum(axis=1))
    for policy in get_args(Policy):
        effect[policy] = card.with_policy(policy).node_index()[:, 0]
    return effect


def _lost(card: Scorecard, units: Iterable[str] | None) -> tuple[np.ndarray, np.ndarray]:
    """Points lost and maxima, units x leaves; both 0 where a leaf does not apply."""
    chosen = list(card.ranked_units if units is None else units)
    rows = [card.units.index(unit) for unit in chosen]
    applies = card.applicable[rows]
    maxima = np.where(applies, card.scheme.leaf_maxima, 0.0)
    return np.where(applies, exact(maxima - card.points[rows]), 0.0), maxima


def _keys(card: Scorecard, division: str) -> list[str]:
    if division == "area":
        return [leaf.code.split(".")[0] for leaf in card.scheme.leaves]
    if division == "component":
        return [leaf.component for leaf in card.scheme.leaves]
    return [leaf.rule.ground if leaf.rule else "documents" for leaf in card.scheme.leaves]
