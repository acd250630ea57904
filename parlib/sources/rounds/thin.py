"""Which points of a round rest on too few answers of the survey to be shown, and which would give those away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from parlib.scoring.rules import Survey
from parlib.scoring.scorecard import Scorecard
from parlib.sources.rounds.survey_errors import MINIMUM, surveyed

if TYPE_CHECKING:
    from parlib.sources.rounds.opening import Round

Bools = npt.NDArray[np.bool_]
SAME = 1e-9  # points are compared after rounding to nine decimals


def hidden(round_: Round, card: Scorecard) -> Bools:
    """Units x nodes that are not shown: surveyed leaves of 1 to 4 answers; a second leaf of the unit where the first
    could be worked out from a sum; the sum itself where there is no second.

    The choice is the same at every stage, so that two stages say no more than one: units do not assess surveyed leaves,
    and what is measured or was written down for them holds at all stages (``stages.effective_rows``)."""
    mask = np.zeros((len(card.units), len(card.nodes)), dtype=bool)
    found = surveyed(round_)
    if found is None:
        return mask
    counts = found.shares.set_index(["unit", "item"])["n"].to_dict()
    asked = np.array([isinstance(leaf.rule, Survey) for leaf in card.scheme.leaves])
    items = [leaf.rule.item if isinstance(leaf.rule, Survey) else "" for leaf in card.scheme.leaves]
    places = [card.nodes.index(code) for code in card.leaves]
    member = np.asarray(card.scheme.membership) > 0
    for row, unit in enumerate(card.units):
        n = np.array([counts.get((unit, item), 0) for item in items])
        known = np.isfinite(card.points[row]) & card.applicable[row]
        thin = asked & known & (n > 0) & (n < MINIMUM)
        if thin.any():
            ends = _at_ends(card.points[row], card.scheme.leaf_maxima)
            mask[row] = _with_what_gives_away(thin, asked & known, known, member, np.array(places), ends)
    return mask


def shown(round_: Round, card: Scorecard) -> Scorecard:
    """The scorecard as it may be read by others: hidden leaves have no points and no error, sums that may be shown
    stay known."""
    mask = hidden(round_, card)
    if not mask.any():
        return card
    places = [card.nodes.index(code) for code in card.leaves]
    leaves = mask[:, places]
    member = np.asarray(card.scheme.membership, dtype=np.float64)
    kept = np.where(leaves, np.nan_to_num(card.points), 0.0) @ member.T
    return replace(
        card,
        points=np.where(leaves, np.nan, card.points),
        standard_error=np.where(leaves, np.nan, card.standard_error),
        withheld=np.where(mask, np.nan, kept),
    )


def thin_units(round_: Round, card: Scorecard) -> list[str]:
    """The units of which some surveyed points are not shown."""
    some = np.flatnonzero(np.any(hidden(round_, card), axis=1)).tolist()
    return [card.units[row] for row in some]


def hidden_leaves(round_: Round, card: Scorecard) -> list[str]:
    """The codes of the leaves that are hidden of some unit."""
    some = np.any(hidden(round_, card), axis=0)
    return [code for code in card.leaves if some[card.nodes.index(code)]]


def _at_ends(points: npt.NDArray[np.float64], maxima: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """1 where all of a leaf was reached, -1 where nothing was, else 0."""
    full = np.abs(points - maxima) < SAME
    return np.where(full, 1, np.where(np.abs(points) < SAME, -1, 0)).astype(np.int8)


def _with_what_gives_away(
    thin: Bools,
    asked: Bools,
    known: Bools,
    member: Bools,
    places: npt.NDArray[np.intp],
    ends: npt.NDArray[np.int8],
) -> Bools:
    """The hidden nodes of one unit: its ``thin`` leaves, and what keeps them from being worked out. ``ends`` as
    ``_at_ends`` gives it."""
    leaves, sums = thin.copy(), np.zeros(len(member), dtype=bool)
    sizes = member.sum(axis=1)
    aggregates = sizes > 1
    while True:
        shown = np.flatnonzero(aggregates & ~sums)
        gone = leaves & known
        open_leaf = next(
            (leaf for leaf in np.flatnonzero(thin).tolist() if _follows(member[shown], gone, leaf, ends)), None
        )
        if open_leaf is None:
            break
        holding = shown[member[shown, open_leaf]]
        smallest = holding[np.argmin(sizes[holding])]
        others = np.flatnonzero(member[smallest] & asked & ~leaves)
        if not len(others):
            others = np.flatnonzero(member[holding].any(axis=0) & asked & ~leaves & ~thin)
            others = others[[_covers(member[shown], leaves, open_leaf, other, ends) for other in others.tolist()]]
        if len(others):
            leaves[others[0]] = True
        else:
            sums[smallest] = True
    sums[places[leaves]] = True
    return sums


def _follows(shown: Bools, unknown: Bools, leaf: int, ends: npt.NDArray[np.int8]) -> bool:
    """Whether the points of a leaf follow from the sums that are shown: by subtraction, or because what is hidden in
    one of them was reached in full or not at all."""
    columns = np.flatnonzero(unknown)
    matrix = shown[:, columns].astype(float)
    one = (columns == leaf).astype(float)
    if np.linalg.matrix_rank(np.vstack([matrix, one])) == np.linalg.matrix_rank(matrix):
        return True
    inside = shown[shown[:, leaf]] & unknown
    return bool(ends[leaf] and any((ends[of] == ends[leaf]).all() for of in inside))


def _covers(shown: Bools, leaves: Bools, leaf: int, other: int, ends: npt.NDArray[np.int8]) -> bool:
    more = leaves.copy()
    more[other] = True
    return not _follows(shown, more, leaf, ends)
