"""What a year's numbers say for an assessment: what was reached, what fell short, who is concerned, by area.

Nothing here judges causes: the frames name numbers, and an editor goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib.scoring.results import Results
from parlib.scoring.rules import exact_values as exact

__all__ = ["Findings", "findings"]

_EMPTY = pd.DataFrame()
FEW = 5  # units named in a list
REACHED = 95.0  # percent of the maximum: a criterion that is well reached


@dataclass(frozen=True)
class Findings:
    """Frames for an assessment; each is empty where nothing of it is known.

    ``areas``     ``node``, ``mean`` (percent), ``n`` (units): areas known of all ranked units, best first.
    ``reached``   ``node``, ``mean_index``, ``n_losing``, ``n``: scored criteria with a mean of at least 95 percent.
    ``weakest``   the same columns: the scored criteria with the lowest means.
    ``in_area``   ``area`` and the same columns: the two weakest scored criteria of each area.
    ``lagging``   ``area``, ``unit``, ``value``: the units with the lowest index in each area, lowest first.
    ``risen``, ``fallen``  ``unit``, ``change``: the largest changes of the index, and ``whole_change``: whether those
                  of all ranked units are known.
    ``over``      ``unit``, ``over``, ``over_claiming``: who claimed most that was not granted.
    ``answers``   ``group``, ``group_name``, ``code``, ``name``, ``share`` (percent): the lowest survey results.
    """

    areas: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    reached: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    weakest: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    in_area: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    lagging: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    risen: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    fallen: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    whole_change: bool = False
    over: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    answers: pd.DataFrame = field(default_factory=lambda: _EMPTY)


def findings(
    results: Results, change: pd.DataFrame, leaves: pd.DataFrame, claims: pd.DataFrame, shares: pd.DataFrame
) -> Findings:
    """The findings of a year. ``change`` is the frame of ``comparison.change``, ``leaves`` that of ``pareto``,
    ``claims`` that of ``over_claiming``; ``shares`` has ``group``, ``group_name``, ``code``, ``name``, ``share``."""
    areas = [str(node) for node in results.nodes.loc[results.nodes["kind"] == "area", "node"]]
    values = {area: results.values(area).reindex(results.ranked_units).astype("float64") for area in areas}
    known = {area: of for area, of in values.items() if len(of) == results.n_ranked and of.notna().all() and len(of)}
    scored = leaves[leaves["n"] > 0] if len(leaves) else leaves
    moved = change[change["unit"].isin(results.ranked_units)] if len(change) else _EMPTY
    moved = moved[moved["change"].notna()] if len(moved) else moved
    if not results.mostly_known(len(moved)):
        moved = _EMPTY
    return Findings(
        areas=_areas(known),
        reached=_best(scored),
        weakest=_weakest(scored, FEW),
        in_area=_by_area(scored, areas),
        lagging=_lagging(known),
        risen=_moved(moved, 1),
        fallen=_moved(moved, -1),
        whole_change=len(moved) == results.n_ranked,
        over=_over(claims),
        answers=_answers(shares),
    )


def _areas(known: dict[str, pd.Series]) -> pd.DataFrame:
    rows = [(area, float(exact(of.mean())), len(of)) for area, of in known.items()]
    frame = pd.DataFrame(rows, columns=["node", "mean", "n"])
    return frame.sort_values("mean", ascending=False, kind="stable", ignore_index=True)


_LEAF = ["node", "mean_index", "n_losing", "n"]


def _best(scored: pd.DataFrame) -> pd.DataFrame:
    if scored.empty:
        return _EMPTY
    best = scored[scored["mean_index"] >= REACHED].sort_values("mean_index", ascending=False, kind="stable")
    return _first(best[_LEAF], "mean_index", FEW)


def _weakest(scored: pd.DataFrame, n: int) -> pd.DataFrame:
    if scored.empty:
        return _EMPTY
    return _first(scored.sort_values("mean_index", kind="stable")[_LEAF], "mean_index", n)


def _by_area(scored: pd.DataFrame, areas: list[str]) -> pd.DataFrame:
    if scored.empty:
        return _EMPTY
    frames = [
        _weakest(scored[scored["node"].str.split(".").str[0] == area], 2).assign(area=area)
        for area in areas
        if (scored["node"].str.split(".").str[0] == area).any()
    ]
    return pd.concat(frames, ignore_index=True)[["area", *_LEAF]] if frames else _EMPTY


def _lagging(known: dict[str, pd.Series]) -> pd.DataFrame:
    """The lowest units of each area; all that share the value of the last of them, unless these are too many."""
    rows = []
    for area, of in known.items():
        ordered = of.sort_values(kind="stable")
        if len(ordered) <= 2 * FEW:
            continue
        lowest = ordered[exact(ordered.to_numpy()) <= exact(ordered.iloc[FEW - 1])]
        if len(lowest) <= 2 * FEW and lowest.iloc[-1] < ordered.iloc[-1]:
            rows += [(area, str(unit), float(value)) for unit, value in lowest.items()]
    return pd.DataFrame(rows, columns=["area", "unit", "value"])


def _first(ordered: pd.DataFrame, column: str, n: int) -> pd.DataFrame:
    """The first ``n`` rows of an ordered frame and all that share the value of the last of them; where these are more
    than twice as many, none that shares it."""
    if len(ordered) <= n:
        return ordered.reset_index(drop=True)
    values = exact(ordered[column].to_numpy(dtype=np.float64))
    tied = values == values[n - 1]
    before = int(np.flatnonzero(tied)[0])
    last = before + int(tied.sum())
    return ordered.head(last if last <= 2 * n else before).reset_index(drop=True)


def _moved(moved: pd.DataFrame, way: int) -> pd.DataFrame:
    if moved.empty:
        return _EMPTY
    changes = exact(moved["change"].to_numpy(dtype=np.float64))
    chosen = moved[changes * way > 0].sort_values("change", ascending=way < 0, kind="stable")
    return _first(chosen[["unit", "change"]], "change", FEW)


def _over(claims: pd.DataFrame) -> pd.DataFrame:
    if claims.empty:
        return _EMPTY
    some = claims[claims["over_claiming"].notna() & (claims["over"] > 0)]
    some = some.sort_values("over_claiming", ascending=False, kind="stable")
    return _first(some[["unit", "over", "over_claiming"]], "over_claiming", FEW)


def _answers(shares: pd.DataFrame) -> pd.DataFrame:
    if shares.empty:
        return _EMPTY
    known = _first(shares[shares["share"].notna()].sort_values("share", kind="stable"), "share", 3)
    return known[["group", "group_name", "code", "name"]].assign(share=100 * known["share"]).reset_index(drop=True)
