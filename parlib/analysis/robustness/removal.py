"""What if a criterion were not there: the index and ranks without each leaf, criterion, area or component."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from parlib.analysis.robustness.packed import DECIMALS, competition_ranks, sort_rows, whole_numbers
from parlib.analysis.robustness.reading import point_tree
from parlib.analysis.robustness.tree import Floats, Ints, PointTree, chosen_nodes, counted_points


def removed_index(tree: PointTree, nodes: Ints | None = None) -> Floats:
    """Nodes x standing units: the index without each of ``nodes`` (numbers; default: every leaf).

    The same as scoring the remaining leaves anew: points left / maximum left. NaN where nothing is left for a unit.
    """
    return _index_without(tree, tree.below[tree.leaves if nodes is None else nodes])


def _index_without(tree: PointTree, below: Floats) -> Floats:
    """The index without the leaves marked in each row of ``below``."""
    points, applying = counted_points(tree)
    # Sums are rounded as points are, so that equal points stay equal whichever leaf was taken away.
    points_left = np.round(points.sum(axis=1) - below @ points.T, DECIMALS)
    maximum_left = np.round(applying.sum(axis=1) - below @ applying.T, DECIMALS)
    index: Floats = np.full_like(points_left, np.nan)
    np.divide(100 * points_left, maximum_left, out=index, where=maximum_left > 0)
    return index


def removed_ranks(tree: PointTree, nodes: Ints | None = None) -> tuple[Floats, Floats]:
    """The index and the competition ranks without each of ``nodes``: nodes x standing units; NaN = unknown."""
    index = removed_index(tree, nodes)
    ranks = sort_rows(index).ranks().astype(np.float64)
    ranks[ranks == 0] = np.nan
    return index, ranks


def leave_out(source: Any, what: str | Sequence[str] = "leaf", *, by: str = "tree") -> pd.DataFrame:
    """The index and rank of every unit without each node, one node at a time.

    ``what``: "leaf", the name of a level, "all", or codes of nodes. ``by="component"`` takes components
    away instead. One row per node and unit: ``node``, ``unit``, ``index``, ``rank``, ``rank_before``, ``places``
    (moved up against the whole), ``change`` of the index, ``source`` = "method". The units ranked are the same in
    every row: those known on every criterion.
    """
    tree = point_tree(source, by=by)
    standing = tree.need_standing()
    nodes = chosen_nodes(tree, what)
    index, ranks = removed_ranks(tree, nodes)
    whole = _index_without(tree, np.zeros((1, len(tree.leaves))))[0]
    before = competition_ranks(whole)
    n_units = len(tree.units)

    def spread(values: Floats) -> Floats:
        wide = np.full((len(nodes), n_units), np.nan)
        wide[:, standing] = values
        return wide.ravel()

    return pd.DataFrame(
        {
            "node": np.repeat(np.asarray(tree.nodes, dtype=object)[nodes], n_units),
            "unit": np.tile(np.asarray(tree.units, dtype=object), len(nodes)),
            "index": spread(index),
            "rank": whole_numbers(spread(ranks)),
            "rank_before": whole_numbers(spread(np.broadcast_to(before, ranks.shape))),
            "places": whole_numbers(spread(before - ranks)),
            "change": spread(index - whole),
            "source": "method",
        }
    )


def removal_effects(removed: pd.DataFrame) -> pd.DataFrame:
    """How much each node matters to the ranking, from :func:`leave_out`: ``node``, ``n_ranked``, ``n_moved``,
    ``mean_shift`` and ``largest_shift`` in places, ``units_up`` and ``units_down`` (all who moved most),
    ``changed`` (whether anything moved), ``source``. In the order of the nodes."""
    nodes, node_keys = pd.factorize(removed["node"])
    units, unit_keys = pd.factorize(removed["unit"])
    places = np.full((len(node_keys), len(unit_keys)), np.nan)
    places[nodes, units] = removed["places"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(places)
    moves = np.where(known, places, 0.0)
    shifts = np.abs(moves)
    names = np.asarray(unit_keys, dtype=object)
    return pd.DataFrame(
        {
            "node": node_keys,
            "n_ranked": known.sum(axis=1),
            "n_moved": (shifts > 0).sum(axis=1),
            "mean_shift": shifts.sum(axis=1) / np.maximum(known.sum(axis=1), 1),
            "largest_shift": shifts.max(axis=1).astype(np.int64),
            "units_up": [tuple(names[row == row.max()]) if row.max() > 0 else () for row in moves],
            "units_down": [tuple(names[row == row.min()]) if row.min() < 0 else () for row in moves],
            "changed": shifts.any(axis=1),
            "source": "method",
        }
    )
