"""Where one unit of a round lost points, what it had claimed, and what its respondents said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib.analysis.diagnosis import over_claiming, unit_losses
from parlib.scoring.rules import Survey
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import Scorecard


@dataclass(frozen=True)
class Losses:
    """Frames of one unit of a round; all are empty without one.

    ``leaves``  as ``unit_losses`` plus ``claimed`` (points), ``mean_lost`` (points, over the ranked units to which the
                leaf applies and whose points are known), ``n`` of them, ``n_losing`` of these, and ``stage``.
    ``total``   all points that the unit lost (NaN: not known).
    ``claims``  ``node`` (whole, areas), ``claimed``, ``appraised``, ``granted`` (points), of the criteria that units
                answer themselves; ``n_over`` criteria where more was claimed than granted.
    ``over_claiming``, ``mean_over_claiming``  percent of the points claimed that were not granted, the mean over the
                ranked units.
    ``survey``  ``node``, ``index``, ``half`` (of a 95 percent interval of sampling; NaN = not known), ``mean`` of the
                ranked units (known only where all are).
    ``hidden``  surveyed criteria whose points are not shown, because few answered or because another would follow.
    """

    leaves: pd.DataFrame = field(default_factory=pd.DataFrame)
    total: float = float("nan")
    claims: pd.DataFrame = field(default_factory=pd.DataFrame)
    over_claiming: float = float("nan")
    mean_over_claiming: float = float("nan")
    survey: pd.DataFrame = field(default_factory=pd.DataFrame)
    hidden: tuple[str, ...] = ()


def losses(cards: Mapping[str, Scorecard], decisions: pd.DataFrame, unit: str, ranked: list[str]) -> Losses:
    """The losses, claims and survey of ``unit``; nothing without cards, or where they do not hold the unit."""
    if not cards or unit not in cards["final"].units:
        return Losses()
    final = cards["final"]
    claims = over_claiming(cards["self"], final).set_index("unit")["over_claiming"]
    points, maximum = final.node_points()
    row = final.units.index(unit)
    return Losses(
        leaves=_leaves(cards, decisions, unit, ranked),
        total=float(exact(maximum[row, 0] - points[row, 0])),
        claims=_claims(cards, unit),
        over_claiming=float(claims[unit]),
        mean_over_claiming=float(exact(claims.reindex(ranked).mean(skipna=False))),
        survey=_survey(final, unit, ranked),
        hidden=_hidden(final, row),
    )


def _leaves(cards: Mapping[str, Scorecard], decisions: pd.DataFrame, unit: str, ranked: list[str]) -> pd.DataFrame:
    final, claimed = cards["final"], cards["self"]
    found = unit_losses(final, unit, decisions)
    place = [final.leaves.index(str(node)) for node in found["node"]]
    rows = [final.units.index(key) for key in ranked]
    maxima = np.array([np.nan if leaf.maximum is None else float(leaf.maximum) for leaf in final.scheme.leaves])
    lost = np.where(final.applicable, exact(maxima - final.points), np.nan)[rows][:, place]
    known = np.isfinite(lost)
    n = known.sum(axis=0)
    sums = np.where(known, lost, 0.0).sum(axis=0)
    stages = decisions[decisions["unit"] == unit].set_index("code")["stage"]
    answered = [final.scheme.leaves[at].rule for at in place]
    own = claimed.points[claimed.units.index(unit)][place]
    return found.assign(
        claimed=[x if rule is not None and rule.answered else np.nan for x, rule in zip(own, answered, strict=True)],
        mean_lost=exact(np.divide(sums, n, out=np.full(len(place), np.nan), where=n > 0)),
        n=n,
        n_losing=(known & (lost > 1e-9)).sum(axis=0),
        stage=[str(stages.get(str(node), "")) for node in found["node"]],
    )


def _claims(cards: Mapping[str, Scorecard], unit: str) -> pd.DataFrame:
    """Points claimed, appraised and granted on the unit's own criteria, whole and by area."""
    final = cards["final"]
    own = np.array([leaf.rule is not None and leaf.rule.answered for leaf in final.scheme.leaves])
    stages = [cards[stage] for stage in ("self", "appraisal", "final")]
    cells = np.stack([card.points[card.units.index(unit)] for card in stages])
    applies = np.logical_and.reduce([card.applicable[card.units.index(unit)] for card in stages])
    own &= applies & np.isfinite(cells).all(axis=0)
    codes = np.array(final.leaves)
    nodes = ["", *(str(node) for node in final.scheme.node_frame().query("kind == 'area'")["node"])]
    rows = []
    for node in nodes:
        inside = own & np.array([node == "" or code == node or code.startswith(f"{node}.") for code in codes])
        if inside.any():
            over = int((cells[0, inside] - cells[2, inside] > 1e-9).sum())
            rows.append((node, *exact(cells[:, inside].sum(axis=1)), int(inside.sum()), over))
    return pd.DataFrame(rows, columns=["node", "claimed", "appraised", "granted", "n", "n_over"])


def _hidden(card: Scorecard, row: int) -> tuple[str, ...]:
    if card.withheld is None:
        return ()
    places = [card.nodes.index(code) for code in card.leaves]
    gone = np.isnan(card.withheld[row, places]) & card.applicable[row]
    return tuple(code for code, hidden in zip(card.leaves, gone, strict=True) if hidden)


def _survey(card: Scorecard, unit: str, ranked: list[str]) -> pd.DataFrame:
    from scipy.special import stdtrit

    row = card.units.index(unit)
    rows = []
    for place, leaf in enumerate(card.scheme.leaves):
        if not isinstance(leaf.rule, Survey) or not leaf.maximum or not card.applicable[row, place]:
            continue
        scale = 100 / float(leaf.maximum)
        others = [card.points[card.units.index(key), place] for key in ranked]
        index, error = card.points[row, place] * scale, card.standard_error[row, place] * scale
        freedom = np.nan if card.degrees_of_freedom is None else card.degrees_of_freedom[row, place]
        half = float(stdtrit(freedom, 0.975)) * error if error > 0 and freedom > 0 else np.nan
        rows.append((leaf.code, exact(index), half, exact(np.mean(others) * scale) if others else np.nan))
    frame = pd.DataFrame(rows, columns=["node", "index", "half", "mean"])
    return frame.astype({"node": "str", "index": "float64", "half": "float64", "mean": "float64"})
