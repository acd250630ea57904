"""All that is asked of one ranking in one go: what the choices of method leave of it, and what chance in the survey.

What cannot be asked of the data is empty and never guessed: without the points of the parts no weight can be varied,
without a standard error, or a comparable year before to guess one from, there is no confidence set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib.analysis.robustness.methods import WeightRange, leave_out, removal_effects, vary_weights
from parlib.analysis.robustness.rank_sets import (
    RankSets,
    error_range_from_change,
    errors_from_change,
    pairwise_intervals,
    rank_confidence_sets,
    tiers,
)
from parlib.analysis.robustness.sensitivity import index_sensitivity
from parlib.analysis.robustness.tree import Floats, Ints, PointTree, Source, chosen_nodes, point_tree, summed
from parlib.errors import DataError
from parlib.scoring.results import WHOLE, Results, breaks_between
from parlib.scoring.rules import exact_values as exact

# --- consistency ----------------------------------------------------------------------------------
# Do the criteria pull in one direction, and do the weights weigh what they say.


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
    return summed(tree.points, tree.below.T), tree.applicable * tree.leaf_maximum @ tree.below.T


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
    current = tree.need_standing(3)
    nodes = chosen_nodes(tree, level)
    points, applying = node_points(tree)
    total = applying[current][:, tree.parents < 0].sum(axis=1)
    parts = 100 * points[np.ix_(current, nodes)] / total[:, None]
    index = 100 * points[current][:, tree.parents < 0].sum(axis=1) / total
    variance = index.var()
    share = np.divide(
        points[current],
        applying[current],
        out=np.full((len(current), len(tree.nodes)), np.nan),
        where=applying[current] > 0,
    )
    covariance = (parts - parts.mean(axis=0)).T @ index / len(current)
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
    table["n"] = len(current)
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
    results = [(WHOLE, np.flatnonzero(tree.parents < 0))]
    for number, code in enumerate(tree.nodes):
        children = np.flatnonzero(tree.parents == number)
        if len(children):
            results.append((code, children))
    return results


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


#: Sets of ranks are drawn with this part of the draws first.
FEW = 4
#: Of more units than ``MANY`` sets of ranks take fewer draws, down to ``ENOUGH``: the work grows with their square.
MANY, ENOUGH = 100, 2000
_EMPTY = pd.DataFrame()


@dataclass(frozen=True)
class MethodAudit:
    """What choices of method do to a ranking; all frames are empty where the points of the parts are not known.

    ``ranks``  the table of ``vary_weights``; ``acceptability`` units x ranks. ``removals``, ``effects``  as
    ``leave_out`` and ``removal_effects``, by area. ``sensitivity``  the table of ``index_sensitivity``. ``weights``  as
    ``effective_weights``. ``n_draws``  draws of the weights; ``spread``  each is multiplied by a factor from 1 -
    ``spread`` to 1 + ``spread``, and all are scaled back to their sum: in the end a weight may move further.
    """

    ranks: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    acceptability: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    removals: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    effects: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    sensitivity: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    weights: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    n_draws: int = 0
    spread: float = np.nan


@dataclass(frozen=True)
class SamplingAudit:
    """What chance in the survey does to a ranking; all frames are empty where no standard error can be had.

    ``simultaneous``, ``marginal``  tables of ``rank_confidence_sets``. ``intervals``, ``tiers``  as
    ``pairwise_intervals`` and ``tiers``. ``basis``  where the errors come from: "survey" (this year's own), "assumed"
    (from the changes since the year before), "" (none).

    Where it is assumed: ``error``, its rough size, ``error_low`` and ``error_high``, what chance alone leaves open of
    it (95 percent), all in percent of the maximum; ``cases``, what would follow from each of the three: ``error``,
    ``n_pairs``, ``n_alike`` (neighbours that could not be told apart), ``places`` (half of the units have ranges of
    so many or more), ``n_tiers``; ``holds_from``, the smallest error with which as many neighbours are alike as with
    ``error``.
    ``without``  indices within this one whose own error is not known and in none of these numbers.
    """

    simultaneous: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    marginal: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    intervals: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    tiers: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    basis: str = ""
    error: float = np.nan
    error_low: float = np.nan
    error_high: float = np.nan
    cases: pd.DataFrame = field(default_factory=lambda: _EMPTY)
    holds_from: float = np.nan
    without: tuple[str, ...] = ()


def audit_method(
    results: Results, *, spread: float = 0.25, n_draws: int = 10_000, base: int = 2048, seed: int = 0
) -> MethodAudit:
    """Vary what could have been chosen otherwise: weights, method, the areas that count. ``base`` is the size of the
    sample of ``index_sensitivity`` (0 leaves it out); ``spread`` the range of the weights (0.25 = +-25%), one of both.
    """
    if results.n_known != results.n_ranked:
        return MethodAudit()  # a rank among some of the units is no rank
    try:
        tree = point_tree(results)
        tree.need_standing()
    except DataError:
        return MethodAudit()
    study = vary_weights(tree, WeightRange(spread), n_draws=n_draws, seed=seed)
    removals = leave_out(tree, "area")
    return MethodAudit(
        ranks=study.table,
        acceptability=study.acceptability,
        removals=removals,
        effects=removal_effects(removals),
        sensitivity=index_sensitivity(tree, spread=spread, base=base, seed=seed).table if base else _EMPTY,
        weights=effective_weights(tree),
        n_draws=n_draws,
        spread=spread,
    )


def audit_sampling(
    results: Results, previous: Results | None = None, *, coverage: float = 0.95, n_draws: int = 40_000, seed: int = 0
) -> SamplingAudit:
    """The ranks that survey error leaves open, among the ranked units, all of whose values must be known.

    ``n_draws`` are taken where a ``FEW``-th of them does not settle all ends of the sets, of at most ``MANY`` units;
    ends that they leave open are marked in ``simultaneous`` (``low_open``, ``high_open``).

    The errors are those of the results, with their degrees of freedom. Where they have none, the rough size of one for
    all units is taken from the changes since ``previous``, a year on the same scale; never for a round of our own,
    whose survey says how sure it is, nor for values that were merged, whose errors differ from unit to unit.
    """
    results.check_after(previous)
    units = [str(unit) for unit in results.ranked_units]
    values = results.values().reindex(units).to_numpy(dtype=np.float64)
    if len(units) < 2 or np.isnan(values).any() or results.n_ranked != len(units):
        return SamplingAudit()  # a rank among some of the units is no rank
    errors, basis, assumed = _errors(results, previous, units, values)
    if not basis:
        return SamplingAudit()
    freedom = np.array([results.degrees_of_freedom.get(unit, np.nan) for unit in units])
    few = n_draws // FEW if len(units) <= MANY else max(n_draws // FEW * MANY // len(units), ENOUGH)
    how = {"units": units, "coverage": coverage, "n_draws": few, "seed": seed, "degrees_of_freedom": freedom}
    sets = rank_confidence_sets(values, errors, kind="simultaneous", bounds=True, **how)  # type: ignore[arg-type]
    opened = (sets.table["low_open"] | sets.table["high_open"]).any()
    if opened and len(units) <= MANY:  # few draws leave ends open: more leave fewer
        how["n_draws"] = n_draws
        sets = rank_confidence_sets(values, errors, kind="simultaneous", bounds=True, **how)  # type: ignore[arg-type]
    alone = rank_confidence_sets(values, errors, kind="marginal", **how)  # type: ignore[arg-type]
    low, error, high = assumed
    cases = _cases(values, assumed, sets, n_draws=n_draws, seed=seed) if basis == "assumed" else _EMPTY
    return SamplingAudit(
        simultaneous=sets.table,
        marginal=alone.table,
        intervals=pairwise_intervals(values, errors, units=units),
        tiers=tiers(sets),
        basis=basis,
        error=error,
        error_low=low,
        error_high=high,
        cases=cases,
        holds_from=_holds_from(values, error) if basis == "assumed" else np.nan,
        without=results.errors_without if basis == "survey" else (),
    )


def middle_width(sets: pd.DataFrame) -> float:
    """The number of ranks that at least half of the units have in their set, or exceed: best and worst rank counted."""
    widths = (sets["rank_high"].astype("float64") - sets["rank_low"].astype("float64") + 1).dropna().sort_values()
    return float(widths.iloc[len(widths) // 2]) if len(widths) else np.nan


def surely_wide(sets: RankSets) -> float:
    """``middle_width``, of the narrowest sets that other draws could give: at least so wide are those of any draws."""
    widths = [middle_width(sets.table)]
    for better in sets.bounds:
        best, worst = 1 + better.to_numpy().sum(axis=0), len(better) - better.to_numpy().sum(axis=1)
        widths.append(middle_width(pd.DataFrame({"rank_low": best, "rank_high": worst})))
    return min(widths)


def _cases(
    values: np.ndarray, sizes: tuple[float, float, float], middle: RankSets, *, n_draws: int, seed: int
) -> pd.DataFrame:
    """What follows from each size of the error, the same for all units; ``middle`` are the sets of the second size."""
    coverage = float(middle.table["coverage"].iloc[0])
    rows = []
    for size, error in enumerate(sizes):
        errors = np.full(len(values), error)
        sets = middle
        if size != 1:
            sets = rank_confidence_sets(values, errors, coverage=coverage, n_draws=n_draws, seed=seed, bounds=True)
        pairs = neighbours(pairwise_intervals(values, errors))
        assert pairs is not None
        rows.append((error, pairs.n_pairs, pairs.n_alike, surely_wide(sets), float(tiers(sets)["tier"].max())))
    return pd.DataFrame(rows, columns=["error", "n_pairs", "n_alike", "places", "n_tiers"])


def _holds_from(values: np.ndarray, error: float, level: float = 0.05) -> float:
    """The smallest error, the same for all, with which as many neighbours cannot be told apart as with ``error``."""
    from scipy.special import ndtri

    reach = float(ndtri(1 - level / 2)) * np.sqrt(2)
    gaps = -np.diff(np.sort(values)[::-1])
    alike = gaps[gaps <= reach * error]
    return float(alike.max() / reach) if len(alike) else np.nan


def audit_complete(results: Results, previous: Results | None = None) -> SamplingAudit:
    """``audit_sampling`` for a report that does not go into assumptions: an error is taken from the changes since
    ``previous`` only where those of all units are known, never from a few."""
    results.check_after(previous)
    whole = previous is not None and previous.n_known == previous.n_ranked
    return audit_sampling(results, previous if whole else None)


def _errors(
    results: Results, previous: Results | None, units: list[str], values: np.ndarray
) -> tuple[np.ndarray, str, tuple[float, float, float]]:
    """The standard errors of the units (NaN: not known), what they rest on, and the assumed one with its range."""
    rows = results.table[(results.table["stage"] == results.stage) & (results.table["node"] == WHOLE)]
    own = rows.set_index("unit")["standard_error"].reindex(units).to_numpy(dtype=np.float64)
    # Tables carry 0 where nothing was published: unknown is not zero, and no sample is without error.
    own = np.where(own > 0, own, np.nan)
    none = (np.nan, np.nan, np.nan)
    if np.isfinite(own).any():
        return own, "survey", none
    if previous is None or results.stage != "published" or not _same_scale(previous, results):
        return own, "", none
    if _derived(results) or _derived(previous):
        return own, "", none
    before = previous.values().reindex(units).to_numpy(dtype=np.float64)
    try:
        assumed = errors_from_change(before, values)
    except DataError:
        return own, "", none
    if not assumed > 0:
        return own, "", none
    low, high = error_range_from_change(before, values)
    return np.full(len(units), assumed), "assumed", (low, assumed, high)


def _derived(results: Results) -> bool:
    """Whether values of the whole were carried over from other units: one error does not fit all of them."""
    return bool(((results.bases["node"] == WHOLE) & (results.bases["basis"] == "derived")).any())


def _same_scale(previous: Results, results: Results) -> bool:
    return not breaks_between(previous, results)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Pairs of units of neighbouring ranks: ``n_pairs``, of which ``n_alike`` cannot be told apart at ``level``."""

    n_pairs: int
    n_alike: int
    level: float


def neighbours(intervals: pd.DataFrame) -> Neighbours | None:
    """How many pairs of neighbours in the ranking chance alone could have put the other way round.

    ``intervals`` is the frame of ``pairwise_intervals``. Each pair is looked at for itself: the difference against the
    root of the sum of the squared errors. ``None`` where fewer than two units have a value and an error.
    """
    if intervals.empty:
        return None
    known = intervals.dropna(subset=["estimate", "standard_error"])
    known = known.sort_values("estimate", ascending=False, kind="stable")
    if len(known) < 2:
        return None
    values, errors = (known[name].to_numpy(dtype=np.float64) for name in ("estimate", "standard_error"))
    level = float(known["level"].iloc[0])
    apart = -np.diff(values) > _reach(errors[1:], errors[:-1], level)
    return Neighbours(len(known) - 1, int((~apart).sum()), level)


def _reach(errors: npt.ArrayLike, others: npt.ArrayLike, level: float) -> npt.NDArray[np.float64]:
    """How far two values may lie apart by chance alone."""
    from scipy.special import ndtri

    return np.asarray(ndtri(1 - level / 2) * np.hypot(errors, others))


@dataclass(frozen=True, slots=True)
class Apart:
    """Two units beside each other: the ``difference`` of their values and what chance alone could make of it
    (``reach``, at ``level``), in percent of the maximum; ``apart``: whether the difference is larger. ``basis`` says
    where the errors come from, as in ``SamplingAudit``. ``None`` and NaN: not known. A notebook shows ``told``: the
    answer in words, and in the next line what must be said beside it.
    """

    difference: float = np.nan
    reach: float = np.nan
    apart: bool | None = None
    level: float = np.nan
    basis: str = ""
    told: str = ""

    def _repr_html_(self) -> str:
        said, _, beside = self.told.partition("\n")
        return f"<p>{escape(said)}</p><p><small>{escape(beside)}</small></p>"


def apart(sampling: SamplingAudit, a: str, b: str) -> Apart:
    """Whether the values of the units ``a`` and ``b`` can be told apart, looked at for themselves (see ``neighbours``).

    Not known where one of them has no value or no error.
    """
    if sampling.intervals.empty:
        return Apart()
    rows = sampling.intervals.set_index("unit").reindex([a, b])
    values, errors = (rows[name].to_numpy(dtype=np.float64) for name in ("estimate", "standard_error"))
    if not np.isfinite([*values, *errors]).all():
        return Apart(basis=sampling.basis)
    level = float(rows["level"].iloc[0])
    gap, reach = float(exact(values[0] - values[1])), float(_reach(errors[0], errors[1], level))
    return Apart(gap, reach, abs(gap) > reach, level, sampling.basis)


# --- tiers that may be printed --------------------------------------------------------------------


@dataclass(frozen=True)
class Tiers:
    """``by_unit``: the tier of each ranked unit, 1 the best; empty where no error was measured. ``between``: the two
    tiers of a unit that other random draws would put into another one: it is in none of them for sure. ``without``:
    indices within the index whose own error is not known and in no tier."""

    by_unit: Mapping[str, int] = field(default_factory=dict)
    between: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def printed_tiers(sampling: SamplingAudit) -> Tiers:
    """The tiers of an audit of sampling (``robustness.audit.audit_sampling``), where they may be printed with ranks:
    only errors that a survey of the year measured part units in a ranking; an assumed one never does."""
    if sampling.basis != "survey" or sampling.tiers.empty:
        return Tiers()
    known = sampling.tiers.dropna(subset=["tier"])
    low, high = (dict(zip(known["unit"], known[name].astype(int), strict=True)) for name in ("tier_low", "tier_high"))
    return Tiers(
        {unit: low[unit] for unit in low if low[unit] == high[unit]},
        {unit: (low[unit], high[unit]) for unit in low if low[unit] != high[unit]},
        sampling.without,
    )
