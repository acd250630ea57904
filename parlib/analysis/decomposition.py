"""Where a change of the index comes from: by area, by criterion or by component, of a unit and of the mean.

Every split adds up: the parts of a frame, its remainder included, sum to the change that they explain.
Formulas: docs/comparison.md. Changes of rank: ``rank_change``; of the mean by unit: ``contributions``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from parlib.analysis.comparison import change
from parlib.analysis.pairing import Floats, check_choice, node_cells
from parlib.errors import ParameterError, Problem
from parlib.scoring.ranking import breaks_between, compares
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.settled import Column, Level
from parlib.words import fold, near

__all__ = ["change_of_mean_by_part", "change_parts"]

By = Literal["tree", "component"]

_TINY = 1e-8  # indices are computed to 9 decimals


# --- a unit's change by area or component ---------------------------------------------------------


def change_parts(
    results: Results,
    previous: Results,
    *,
    by: By = "tree",
    within: str = WHOLE,
    column: Column = "index",
    mapping: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The change of every unit, split over the children of ``within`` (``by`` "tree": of the whole, its areas) or over
    the components.

    ``unit``, ``node``, ``kind`` ("part", "entering", "leaving", "remainder"), ``index``, ``previous``, ``share`` and
    ``previous_share`` (of the maximum, in percent), ``performance`` (the node did better or worse, at the mean of both
    shares), ``reweighting`` (its share grew or shrank while it lay above or below the whole), ``contribution`` (both
    together), ``total`` (the change of ``within``), ``break_mark``.

    With ``column`` "index" all are percentage points of ``within``, with "points" points. For every unit whose total
    is known, the contributions add up to it: what no part accounts for (parts that are not known, printed values that
    were rounded one by one) stands in a row of its own, "remainder". Where no maximum changed, reweighting is 0 and a
    contribution is the change of points over the maximum.

    Nodes are matched by code; where the scale changed in between, by code and name, or by ``mapping`` (code now to
    code before). A node of one year only enters or leaves: nothing of it is performance. Where values of the two
    years do not compare (see ``change``) nothing is known.
    """
    results.check_after(previous)
    check_choice(by, ("tree", "component"), "cách chia", "division")
    pairs = _matched(results, previous, by, within, mapping)
    keys = [str(unit) for unit in results.units["unit"]]
    total = _total(results, previous, within, column, keys)
    broken = breaks_between(previous, results)
    now = _Side.of(results, keys, [pair[0] for pair in pairs], within)
    then = _Side.of(previous, keys, [pair[1] for pair in pairs], within)
    performance, reweighting = _split(now, then, column, broken)
    if not compares(previous, results):
        performance[:], reweighting[:] = np.nan, np.nan
    contribution = performance + reweighting
    kinds = ["entering" if not old else "leaving" if not new else "part" for new, old in pairs]
    n_units, n_nodes = contribution.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.array(keys, dtype=object), n_nodes),
            "node": [new or old for new, old in pairs] * n_units,
            "kind": kinds * n_units,
            "index": now.index.ravel(),
            "previous": then.index.ravel(),
            "share": 100 * now.share.ravel(),
            "previous_share": 100 * then.share.ravel(),
            "performance": performance.ravel(),
            "reweighting": reweighting.ravel(),
            "contribution": contribution.ravel(),
            "total": np.repeat(total, n_nodes),
        }
    )
    frame = _with_remainders(frame, keys, total, contribution)
    numbers = frame.columns[3:]
    frame[numbers] = exact(frame[numbers].to_numpy())
    return frame.assign(break_mark=broken).astype({"unit": "str", "node": "str", "kind": "str", "break_mark": "bool"})


def change_of_mean_by_part(parts: pd.DataFrame, results: Results, previous: Results) -> pd.DataFrame:
    """The contribution of each node to the change of the mean, over the units that are ranked in both years.

    ``node``, ``kind``, ``n``, ``n_known``, ``performance``, ``reweighting``, ``contribution``, ``total``: means over
    the units of a ``change_parts`` frame. ``total`` is the mean of the units' totals. A mean is known only where every
    one of its units is; what the known ones leave of the total stands in the row "remainder".
    """
    both = set(results.ranked_units) & set(previous.ranked_units)
    rows = parts[parts["unit"].isin(both)]
    totals = rows.drop_duplicates("unit")["total"]
    total = float(exact(totals.mean(skipna=False))) if len(totals) else np.nan
    found = []
    for (node, kind), group in rows[rows["kind"] != "remainder"].groupby(["node", "kind"], sort=False):
        means = group[["performance", "reweighting", "contribution"]].mean(skipna=False)
        n_known = int(group["contribution"].notna().sum())
        found.append((node, kind, len(both), n_known, *exact(means.to_numpy(dtype=np.float64)), total))
    names = ["node", "kind", "n", "n_known", "performance", "reweighting", "contribution", "total"]
    frame = pd.DataFrame(found, columns=names)
    rest = float(exact(total - frame["contribution"].sum()))
    if np.isfinite(rest) and (frame["contribution"].isna().any() or abs(rest) > _TINY):
        row = ("", "remainder", len(both), int(totals.notna().sum()), np.nan, np.nan, rest, total)
        frame = pd.concat([frame, pd.DataFrame([row], columns=names)], ignore_index=True)
    return frame


@dataclass(frozen=True, eq=False)
class _Side:
    """One year: index, points and maximum of the nodes (units x nodes) and of the node they are within (units x 1)."""

    index: Floats
    points: Floats
    maximum: Floats
    whole_index: Floats
    whole_maximum: Floats

    @property
    def share(self) -> Floats:
        """The part of each node in the maximum."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.whole_maximum > 0, self.maximum / self.whole_maximum, np.nan)

    @classmethod
    def of(cls, results: Results, keys: list[str], nodes: list[str], within: str) -> _Side:
        """``nodes`` with "" where the year has no such node: it has the maximum 0 then."""
        index, points, maximum = node_cells(results, keys, nodes)
        gone = np.array([node == "" for node in nodes], dtype=bool)
        index[:, gone], points[:, gone], maximum[:, gone] = np.nan, 0.0, 0.0
        whole_index, _, whole_maximum = node_cells(results, keys, [within])
        return cls(index, points, maximum, whole_index, whole_maximum)


def _split(now: _Side, then: _Side, column: Column, broken: bool) -> tuple[Floats, Floats]:
    """Performance and reweighting of every node: the product of share and index, split at the mean of both years."""
    new, old = now.index, then.index
    # A node that has no points to reach in one year has no index there: nothing of its contribution is performance.
    new, old = np.where(now.maximum == 0, old, new), np.where(then.maximum == 0, new, old)
    if column == "points":
        weights, base = (now.maximum / 100, then.maximum / 100), np.zeros_like(now.whole_index)
    else:
        # Shares sum to 1 in both years, so what grows is measured against the whole at the expense of which it grows.
        weights, base = (now.share, then.share), (now.whole_index + then.whole_index) / 2
    performance = (weights[0] + weights[1]) / 2 * (new - old)
    reweighting = np.where(weights[0] == weights[1], 0.0, ((new + old) / 2 - base) * (weights[0] - weights[1]))
    nowhere = (now.maximum == 0) & (then.maximum == 0)
    performance[nowhere], reweighting[nowhere] = 0.0, 0.0
    if not broken:
        # A node whose maximum was never printed keeps it as long as the scale does.
        unstated = np.isnan(now.maximum) & np.isnan(then.maximum) & (now.whole_maximum == then.whole_maximum)
        unit = np.ones_like(now.whole_maximum) if column == "points" else 100 / now.whole_maximum
        performance = np.where(unstated, unit * (now.points - then.points), performance)
        reweighting = np.where(unstated & ~np.isnan(performance), 0.0, reweighting)
    return performance, reweighting


def _total(results: Results, previous: Results, within: str, column: Column, keys: list[str]) -> Floats:
    """The change of ``within`` as ``change`` has it; of units that are not ranked, from the values of both years."""
    total = change(results, previous, within, column).set_index("unit")["change"].reindex(keys)
    if compares(previous, results):
        now, then = Level(results, within, column), Level(previous, within, column)
        own = (now.values - then.values.reindex(now.values.index)).reindex(keys)
        total = total.fillna(own[~own.index.isin([*now.ranges, *then.ranges])])
    return np.asarray(exact(total.to_numpy(dtype=np.float64)))


def _with_remainders(frame: pd.DataFrame, keys: list[str], total: Floats, contribution: Floats) -> pd.DataFrame:
    """``frame`` with a row for every unit whose known contributions do not make up its change."""
    rest = total - np.where(np.isnan(contribution), 0.0, contribution).sum(axis=1)
    needed = np.isfinite(rest) & (np.isnan(contribution).any(axis=1) | (np.abs(rest) > _TINY))
    if not needed.any():
        return frame
    rows = pd.DataFrame(
        {
            "unit": np.array(keys, dtype=object)[needed],
            "node": "",
            "kind": "remainder",
            "contribution": rest[needed],
            "total": total[needed],
        }
    ).reindex(columns=frame.columns)
    numbers = dict.fromkeys(frame.columns[3:], "float64")
    both = pd.concat([frame, rows.astype(numbers)], ignore_index=True)
    places = {unit: place for place, unit in enumerate(keys)}
    return both.sort_values("unit", key=lambda units: units.map(places), kind="stable").reset_index(drop=True)


def _matched(
    results: Results, previous: Results, by: By, within: str, mapping: Mapping[str, str] | None
) -> list[tuple[str, str]]:
    """Pairs of a code now and its code before, in the order of this year's nodes; "" where a year has none."""
    now, then = _children(results, by, within), _children(previous, by, (mapping or {}).get(within, within))
    if mapping is not None:
        _check_mapping(mapping, results, previous)
        matched = {new: old for new, old in mapping.items() if new in now and old in then}
    elif breaks_between(previous, results):
        matched = {code: code for code, name in now.items() if fold(then.get(code, "")) == fold(name)}
    else:
        matched = {code: code for code in now if code in then}
    pairs = [(code, matched.get(code, "")) for code in now]
    return pairs + [("", code) for code in then if code not in set(matched.values())]


def _children(results: Results, by: By, within: str) -> dict[str, str]:
    """The nodes that a whole is made of, with their names."""
    nodes = results.nodes
    if within not in set(nodes["node"]):
        listed = [str(node) for node in nodes["node"]]
        raise ParameterError(
            Problem(
                "no such node in the results of {year}{near}",
                value=within,
                near=near(within, listed),
                year=results.year,
            )
        )
    is_component = nodes["kind"] == "component"
    if by == "component":
        if within != WHOLE:
            raise ParameterError(Problem("only the whole splits into components"))
        chosen = nodes[is_component]
    else:
        chosen = nodes[~is_component & (nodes["parent"] == within) & (nodes["node"] != WHOLE)]
    return {str(node): str(name) for node, name in zip(chosen["node"], chosen["name"], strict=True)}


def _check_mapping(mapping: Mapping[str, str], results: Results, previous: Results) -> None:
    """Raise every code of ``mapping`` that its year does not have, and every code before that is meant twice."""
    problems = []
    for side, codes in ((results, list(mapping)), (previous, list(mapping.values()))):
        listed = [str(node) for node in side.nodes["node"]]
        problems += [
            Problem("no such node in the results of {year}{near}", value=code, near=near(code, listed), year=side.year)
            for code in codes
            if code not in listed
        ]
    old = list(mapping.values())
    problems += [
        Problem("two nodes map to one before", value=code) for code in dict.fromkeys(old) if old.count(code) > 1
    ]
    if problems:
        raise ParameterError(problems)
