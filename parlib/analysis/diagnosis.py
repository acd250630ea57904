"""Where a round's units lost points, what its criteria tell apart, what was claimed: a round beyond its results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.scoring.rules import Ground
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scheme import Policy
from parlib.scoring.scorecard import Scorecard

_SAME = 1e-9
Floats = npt.NDArray[np.float64]

# --- points lost ----------------------------------------------------------------------------------

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
    total = exact(whole["maximum"] - whole["points"])[whole.index.get_indexer(pd.Index(rows["unit"]))]
    rows["share"] = rows["lost"] / np.where(total > 0, total, np.nan)
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
    frame["n_losing"] = groups["lost"].apply(lambda x: int((x > _SAME).sum())).to_numpy()
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
    lost = lost[lost["lost"] > _SAME]
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


# --- how the points lost divide -------------------------------------------------------------------

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
    not_applicable = ~card.applicable
    effect = pd.DataFrame({"unit": pd.array(card.units, dtype="str"), "n_not_applicable": not_applicable.sum(axis=1)})
    effect["maximum_not_applicable"] = exact(np.where(not_applicable, card.scheme.leaf_maxima, 0.0).sum(axis=1))
    for policy in get_args(Policy):
        effect[policy] = replace(card, policy=policy).node_index()[:, 0]
    return effect


def _lost(card: Scorecard, units: Iterable[str] | None) -> tuple[Floats, Floats]:
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


# --- what the criteria tell apart -----------------------------------------------------------------

CEILING_HEAVY, FLOOR_HEAVY, WEAK = 0.9, 0.5, 0.2


def items(card: Scorecard, units: Iterable[str] | None = None) -> pd.DataFrame:
    """Item statistics of every leaf, over the ``units`` (without them, those that are ranked) to which it
    applies and whose points are known.

    ``node``, ``n``, ``difficulty`` (mean share of the maximum reached, 0-1: low = hard, as in test theory), ``sd`` of
    the share, ``ceiling`` and ``zero`` (shares of units at the maximum and at 0), ``discrimination`` (Pearson
    correlation of the leaf with the index of all other leaves; NaN where either does not vary), ``remark``: "" or
    "ceiling" (at least 90 % at the maximum), "zero" (at least half at 0), "weak" (discrimination surely under 0.2: the
    upper end of its 95 % interval by Fisher's z, which few units leave wide, is below).
    """
    keep = list(card.ranked_units if units is None else units)
    rows = [place for place, unit in enumerate(card.units) if unit in set(keep)]
    points = np.where(card.applicable, card.points, np.nan)[rows]
    maxima = card.scheme.leaf_maxima
    share = exact(points / maxima)
    rest = _rest(points, maxima)
    results = []
    for place, code in enumerate(card.leaves):
        known = np.isfinite(share[:, place])
        own = share[known, place]
        n = int(known.sum())
        results.append(
            {
                "node": code,
                "n": n,
                "difficulty": float(own.mean()) if n else np.nan,
                "sd": float(own.std(ddof=1)) if n > 1 else np.nan,
                "ceiling": float((own >= 1).mean()) if n else np.nan,
                "zero": float((own <= 0).mean()) if n else np.nan,
                "discrimination": _correlation(own, rest[known, place]),
            }
        )
    frame = pd.DataFrame(results)
    frame["remark"] = np.select(
        [
            frame["ceiling"] >= CEILING_HEAVY,
            frame["zero"] >= FLOOR_HEAVY,
            upper_end(frame["discrimination"], frame["n"]) < WEAK,
        ],
        ["ceiling", "zero", "weak"],
        "",
    )
    return frame


def _rest(points: Floats, maxima: Floats) -> Floats:
    """For each unit and leaf: the share reached on all other known leaves."""
    known = np.isfinite(points)
    reached = np.where(known, points, 0.0)
    possible = np.where(known, maxima, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        others = possible.sum(axis=1, keepdims=True) - possible
        return np.where(others > 0, (reached.sum(axis=1, keepdims=True) - reached) / others, np.nan)


def upper_end(correlation: pd.Series, n: pd.Series) -> Floats:
    """The upper end of the 95 % interval of a correlation of ``n`` pairs; 1 where four or more are not there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        end = np.tanh(np.arctanh(correlation) + 1.96 / np.sqrt((n - 3).clip(lower=0)))
    return np.where(n > 3, end, 1.0)


def _correlation(a: Floats, b: Floats) -> float:
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    if len(a) < 3 or np.ptp(a) < 1e-12 or np.ptp(b) < 1e-12:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


# --- points that follow from a measured value -----------------------------------------------------


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


# --- what was claimed, what was granted -----------------------------------------------------------


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


# --- all of it ------------------------------------------------------------------------------------

_EMPTY = pd.DataFrame()


@dataclass(frozen=True)
class Overview:
    """Frames of one round; all are empty without one.

    ``nodes``    one row for every area, criterion and scored node, as ``pareto``, plus ``kind`` and
                 ``n_full`` (units that lost no point).
    ``leaves``   as ``pareto`` of the scored nodes.
    ``items``    as ``items``.
    ``claims``   as ``over_claiming``; ``gap`` as ``self_gap`` for the whole index and the areas, ``gaps`` as
                 ``gap_means`` of it.
    ``appeals``  as ``appeals``.
    ``units``    the units that the frames are over.
    ``divisions``, ``grid``  as ``loss_divisions`` and ``loss_grid``.
    ``exempt``, ``effect``   as ``not_applicable`` and ``policy_effect``, of all units, ranked or not.
    ``measured``, ``measures``  as ``measured_points`` of all units, and ``measured_summary`` of the ranked ones.
    ``struck``   whether criteria that a unit answered itself apply to it no longer at the end.
    """

    nodes: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    leaves: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    items: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    claims: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    gap: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    gaps: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    appeals: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    units: tuple[str, ...] = ()
    divisions: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    grid: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    exempt: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    effect: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    measured: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    measures: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    struck: bool = False


def overview(
    cards: Mapping[str, Scorecard], explained: pd.DataFrame, units: list[str], measured: pd.DataFrame = _EMPTY
) -> Overview:
    """The overview of a round from its cards by stage ("self", "appraisal", "final"), over the ranked ``units``.

    ``explained`` has the columns ``unit``, ``code``; ``measured`` as ``measured_points`` takes it. Without cards
    everything is empty.
    """
    if not cards:
        return Overview()
    final, claimed = cards["final"], cards["self"]
    kinds = ("area", "criterion", "subcriterion")
    nodes = pd.concat([pareto(final, units, kind).assign(kind=kind) for kind in kinds], ignore_index=True)
    nodes["n_full"] = nodes["n"] - nodes["n_losing"]
    claims = over_claiming(claimed, final)
    gap = self_gap(claimed, final)
    areas = {"", *final.scheme.node_frame().query("kind == 'area'")["node"]}
    gap = gap[gap["node"].isin(areas) & gap["unit"].isin(units)].reset_index(drop=True)
    return Overview(
        nodes=nodes,
        leaves=pareto(final, units),
        items=items(final, units),
        claims=claims[claims["unit"].isin(units)].reset_index(drop=True),
        gap=gap,
        gaps=gap_means(gap),
        appeals=appeals(claimed, cards["appraisal"], final, explained),
        units=tuple(units),
        divisions=loss_divisions(final, units),
        grid=loss_grid(final, units),
        exempt=not_applicable(final),
        effect=policy_effect(final),
        measured=measured_points(final, measured),
        measures=measured_summary(measured_points(final, measured, units)),
        struck=bool((_applicable(claimed, units) & ~_applicable(final, units)).any()),
    )


def _applicable(card: Scorecard, units: list[str]) -> npt.NDArray[np.bool_]:
    """Which criteria apply to which of the ``units``, in their order."""
    return card.applicable[[card.units.index(unit) for unit in units]]
