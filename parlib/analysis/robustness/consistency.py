"""Do the criteria pull in one direction, and do the weights weigh what they say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.analysis.robustness.tree import Floats, Ints, PointTree, Source, chosen_nodes, point_tree
from parlib.scoring.results import WHOLE


def cronbach_alpha(items: npt.ArrayLike) -> float:
    """Cronbach's alpha of units x items: k / (k - 1) x (1 - sum of the items' variances / variance of their sum).

    Units with an unknown item are left out: give NaN, not 0, where an item does not apply. NaN with fewer than two
    items or units, or when the sum does not vary.
    """
    table = np.asarray(items, dtype=np.float64)
    table = table[np.isfinite(table).all(axis=1)]
    n_units, n_items = table.shape
    if n_units < 2 or n_items < 2:
        return float("nan")
    total = table.sum(axis=1).var(ddof=1)
    if total <= 1e-18:
        return float("nan")
    return float(n_items / (n_items - 1) * (1 - table.var(axis=0, ddof=1).sum() / total))


def node_points(tree: PointTree) -> tuple[Floats, Floats]:
    """Points and applying maximum of every node for every unit (units x nodes); points are NaN where unknown."""
    applying = tree.applicable * tree.leaf_maximum
    unknown = np.isnan(tree.points) & (applying > 0)
    points = np.where(np.isnan(tree.points) | (applying <= 0), 0.0, tree.points) @ tree.below.T
    points[(unknown @ tree.below.T) > 0] = np.nan
    return points, applying @ tree.below.T


def parent_correlations(source: Source) -> pd.DataFrame:
    """How each node goes with its parent. One row for every node, in tree order:

    ``node``, ``parent`` ("" = the whole), ``n`` units used, ``correlation`` of the node's index with its parent's;
    ``rest_correlation`` with its parent less the node itself (a part always goes with the whole it is in);
    ``alpha_without``: Cronbach's alpha of its siblings; ``deviation`` (standard deviation of the node's index, in
    percentage points), ``ceiling`` and ``floor`` (parts of the units at full points and at none).
    NaN where something does not vary: a criterion on which all units are equal goes with nothing.
    """
    tree = point_tree(source)
    points, applying = node_points(tree)
    share = np.divide(points, applying, out=np.full_like(points, np.nan), where=applying > 0)
    whole_items = _applying_whole(points, applying)
    rows = []
    for parent, children in families(tree):
        family_points, family_maximum = points[:, children].sum(axis=1), applying[:, children].sum(axis=1)
        whole = _ratio(family_points, family_maximum)
        for child in children:
            rest = _ratio(family_points - points[:, child], family_maximum - applying[:, child])
            known = np.isfinite(share[:, child]) & np.isfinite(whole)
            own = share[known, child]
            rows.append(
                {
                    "number": child,
                    "node": tree.nodes[child],
                    "parent": parent,
                    "n": int(known.sum()),
                    "correlation": correlation(share[:, child], whole),
                    "rest_correlation": correlation(share[:, child], rest),
                    "alpha_without": cronbach_alpha(whole_items[:, children[children != child]]),
                    "deviation": 100 * float(own.std(ddof=1)) if len(own) > 1 else float("nan"),
                    "ceiling": float(np.mean(own >= 1 - 1e-9)) if len(own) else float("nan"),
                    "floor": float(np.mean(own <= 1e-9)) if len(own) else float("nan"),
                }
            )
    return pd.DataFrame(rows).sort_values("number").drop(columns="number").reset_index(drop=True)


def alphas(source: Source) -> pd.DataFrame:
    """Cronbach's alpha of every node that has parts, the whole first: ``node``, ``n_items``, ``n`` units to which all
    parts apply in full and all are known, ``alpha`` (of points: what the index adds up), ``alpha_standardised`` (of the
    mean correlation, all parts counting alike), ``mean_correlation``."""
    tree = point_tree(source)
    points = _applying_whole(*node_points(tree))
    rows = []
    for parent, children in families(tree):
        items = points[:, children]
        items = items[np.isfinite(items).all(axis=1)]
        varying = items[:, items.std(axis=0) > 1e-9] if len(items) else items
        k = varying.shape[1]
        mean = float("nan")
        if k > 1 and len(varying) > 2:
            matrix = np.atleast_2d(np.corrcoef(varying, rowvar=False))
            mean = float(matrix[np.triu_indices(k, 1)].mean())
        rows.append(
            {
                "node": parent,
                "n_items": len(children),
                "n": len(items),
                "alpha": cronbach_alpha(items),
                "alpha_standardised": k * mean / (1 + (k - 1) * mean) if k > 1 else float("nan"),
                "mean_correlation": mean,
            }
        )
    return pd.DataFrame(rows)


def effective_weights(source: Source, level: str = "area") -> pd.DataFrame:
    """What the nodes of a level really weigh, beside their nominal weight. One row for every node:

    ``node``, ``nominal`` (share of the maximum), ``covariance_share`` (covariance of the node's contribution with the
    index over the variance of the index: the shares sum to 1, and one below 0 pulls against the index),
    ``linear`` (squared correlation of node and index), ``main_effect`` (correlation ratio, Var E[index | node] / Var
    index, by local linear smoothing: Paruolo, Saisana and Saltelli 2013), ``main_effect_share`` (the same over its
    sum, to lay beside the nominal weights), ``n`` units. ``level``: "area", "criterion", "subcriterion" or "leaf".
    """
    tree = point_tree(source)
    standing = tree.need_standing(3)
    nodes = chosen_nodes(tree, level)
    points, applying = node_points(tree)
    total = applying[standing][:, tree.parents < 0].sum(axis=1)
    parts = 100 * points[np.ix_(standing, nodes)] / total[:, None]
    index = 100 * points[standing][:, tree.parents < 0].sum(axis=1) / total
    variance = index.var()
    centred = index - index.mean()
    share = np.divide(
        points[standing],
        applying[standing],
        out=np.full((len(standing), len(tree.nodes)), np.nan),
        where=applying[standing] > 0,
    )
    covariance = (parts - parts.mean(axis=0)).T @ centred / len(standing)
    table = pd.DataFrame(
        {
            "node": [tree.nodes[node] for node in nodes],
            "nominal": tree.maximum[nodes] / tree.leaf_maximum.sum(),
            "covariance_share": covariance / variance if variance > 1e-18 else np.nan,
            "linear": [correlation(share[:, node], index) ** 2 for node in nodes],
            "main_effect": [correlation_ratio(share[:, node], index) for node in nodes],
        }
    )
    table["main_effect_share"] = table["main_effect"] / table["main_effect"].sum()
    table["n"] = len(standing)
    return table


def correlation(first: Floats, second: Floats) -> float:
    """Pearson's correlation over the units known in both; NaN when one does not vary."""
    known = np.isfinite(first) & np.isfinite(second)
    x, y = first[known] - first[known].mean() if known.any() else first[known], second[known]
    if len(y) < 3:
        return float("nan")
    y = y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    if scale <= 1e-15 * len(y):
        return float("nan")
    return float(np.clip(x @ y / scale, -1.0, 1.0))


def correlation_ratio(x: Floats, y: Floats) -> float:
    """Var E[y | x] / Var y, the conditional mean by local linear smoothing with a bandwidth chosen by cross-validation
    (half a standard deviation or more: with some sixty units anything finer follows the noise).

    From 0 to 1; of pure noise some 0.04 with 63 units and 0.13 with 17: biased upward with few units. A function
    that is no straight line counts in full, where the squared correlation would miss it.
    """
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if len(y) < 5 or x.std() <= 1e-9 or y.std() <= 1e-12:
        return float("nan")
    x = (x - x.mean()) / x.std()
    best, chosen = np.inf, np.eye(len(y))
    for bandwidth in (0.5, 0.7, 1.0, 1.5, 2.5, 1e3):
        smoother = _local_linear(x, bandwidth)
        left_out = 1 - np.diag(smoother)
        if left_out.min() < 1e-6:
            continue  # a point on its own is fitted by itself: nothing to validate with
        error = float(np.mean(((y - smoother @ y) / left_out) ** 2))
        if error < best:
            best, chosen = error, smoother
    # What the smooth leaves over: less bent by its own flattening than the variance of the smooth itself.
    return float(np.clip(1 - np.mean((y - chosen @ y) ** 2) / y.var(), 0.0, 1.0))


def families(tree: PointTree) -> list[tuple[str, Ints]]:
    """Every node that has parts, the whole first, with the numbers of its parts."""
    found = [(WHOLE, np.flatnonzero(tree.parents < 0))]
    for number, code in enumerate(tree.nodes):
        children = np.flatnonzero(tree.parents == number)
        if len(children):
            found.append((code, children))
    return found


def _applying_whole(points: Floats, applying: Floats) -> Floats:
    """Points of the nodes that apply to a unit in full; NaN where a part of them does not: that is not 0 points."""
    full = applying.max(axis=0, initial=0.0)
    return np.where(applying >= full - 1e-9, points, np.nan)


def _ratio(points: Floats, maximum: Floats) -> Floats:
    positive = maximum > 1e-9
    return np.divide(points, maximum, out=np.full_like(points, np.nan), where=positive)


def _local_linear(x: Floats, bandwidth: float) -> Floats:
    """The matrix that smooths y over x: rows are the local linear weights at each point."""
    gaps = x[None, :] - x[:, None]
    kernel = np.exp(-0.5 * (gaps / bandwidth) ** 2)
    s0, s1, s2 = kernel.sum(axis=1), (kernel * gaps).sum(axis=1), (kernel * gaps**2).sum(axis=1)
    determinant = s0 * s2 - s1**2
    flat = determinant <= 1e-9 * s0**2
    safe = np.where(flat, 1.0, determinant)
    weights = kernel * (s2[:, None] - s1[:, None] * gaps) / safe[:, None]
    return np.asarray(np.where(flat[:, None], kernel / s0[:, None], weights))
