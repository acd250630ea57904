"""Where points were lost: by node, over all units or for one, with the council's reasons."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import Scorecard

_KINDS = ("area", "criterion", "subcriterion", "leaf")


def lost_points(card: Scorecard, kind: str = "leaf", units: Iterable[str] | None = None) -> pd.DataFrame:
    """The points that each unit lost at each node: maximum that applies less points reached.

    ``kind`` is "area", "criterion", "subcriterion" or "leaf" (the scored nodes). Columns: ``unit``, ``node``,
    ``points``, ``maximum``, ``lost`` (NaN = not known), ``share`` (of all points that the unit lost, 0-1; NaN where
    not all are known). A node that does not apply to a unit has no row. Raises ``ValueError`` on an unknown kind.
    """
    if kind not in _KINDS:
        raise ValueError(f"kind is one of {_KINDS}, not {kind!r}")
    table = card.index_table()
    nodes = _nodes(card, kind)
    chosen = list(card.units if units is None else units)
    rows = table[table["node"].isin(nodes) & table["unit"].isin(chosen)]
    rows = rows[~(rows["maximum"] <= 0)][["unit", "node", "points", "maximum"]].reset_index(drop=True)
    rows["lost"] = exact(rows["maximum"] - rows["points"])
    whole = table[table["node"] == ""].set_index("unit")
    all_lost = exact(whole["maximum"] - whole["points"])
    total = rows["unit"].map(dict(zip(whole.index, all_lost, strict=True)))
    rows["share"] = rows["lost"] / total.where(total > 0)
    return rows


def pareto(card: Scorecard, units: Iterable[str] | None = None, kind: str = "leaf") -> pd.DataFrame:
    """Which nodes cost the units most, largest first.

    Columns: ``node``, ``n`` (units known), ``mean_lost`` (points), ``share`` of all points lost and ``cumulative``
    share (0-1), ``n_losing`` (units that lost any), ``mean_index`` (percent; the mean of the units' own indices, as
    everywhere, not the points of all over the maxima of all). Means are over the ``units`` (without them, those that
    are ranked) known to which a node applies. All points lost are those of each unit, or what is known of them.
    """
    chosen = list(card.ranked_units if units is None else units)
    lost = lost_points(card, kind, chosen)
    lost["index"] = 100 * lost["points"] / lost["maximum"]
    known = lost.dropna(subset=["lost"])
    groups = known.groupby("node", sort=False)
    frame = groups["lost"].agg(n="count", mean_lost="mean").reset_index()
    frame["n_losing"] = groups["lost"].apply(lambda x: int((x > 1e-9).sum())).to_numpy()
    frame["mean_index"] = groups["index"].mean().to_numpy()
    order = {node: place for place, node in enumerate(_nodes(card, kind))}
    frame = frame.iloc[np.lexsort((frame["node"].map(order).to_numpy(int), -exact(frame["mean_lost"])))]
    gone = frame["mean_lost"] * frame["n"]  # a criterion that applies to few units weighs as little as it costs
    of_all = _all_lost(card, chosen)
    frame["share"] = gone / of_all if of_all > 0 else np.nan
    frame["cumulative"] = frame["share"].cumsum()
    columns = ["node", "n", "mean_lost", "share", "cumulative", "n_losing", "mean_index"]
    return frame[columns].reset_index(drop=True)


def _all_lost(card: Scorecard, units: list[str]) -> float:
    """The points that ``units`` lost together; of one that is not known as a whole, on the leaves that are known."""
    leaves = lost_points(card, "leaf", units).groupby("unit")["lost"].sum()
    points, maxima = card.node_points()
    whole = pd.Series(maxima[:, 0] - points[:, 0], index=list(card.units))
    return float(whole.reindex(units).fillna(leaves.reindex(units)).sum())


def unit_losses(card: Scorecard, unit: str, decisions: pd.DataFrame | None = None) -> pd.DataFrame:
    """The leaves where ``unit`` lost points, largest loss first, with the council's words.

    ``decisions`` has ``unit``, ``code``, ``remark`` (the last word on each leaf). Columns as ``lost_points`` plus
    ``reason`` ("" where none was given).
    """
    lost = lost_points(card, "leaf", [unit])
    lost = lost[lost["lost"] > 1e-9]
    order = np.lexsort((np.arange(len(lost)), -lost["lost"].to_numpy(float)))
    lost = lost.iloc[order].reset_index(drop=True)
    words: dict[str, str] = {}
    if decisions is not None:
        own = decisions[decisions["unit"] == unit]
        words = dict(zip(own["code"].astype(str), own["remark"].fillna("").astype(str), strict=True))
    lost["reason"] = [words.get(str(node), "") for node in lost["node"]]
    return lost


def _nodes(card: Scorecard, kind: str) -> list[str]:
    if kind == "leaf":
        return list(card.leaves)
    frame = card.scheme.node_frame()
    return list(frame.loc[frame["kind"] == kind, "node"])
