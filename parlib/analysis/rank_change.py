"""A unit's change of rank: what its own change did, what that of the others did, and whom it passed.

Formulas: docs/comparison.md.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from parlib.analysis.pairing import Floats
from parlib.errors import ParameterError, Problem
from parlib.scoring.ranking import breaks_between, compares
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.rules import exact_values as exact
from parlib.scoring.scorecard import competition_ranks
from parlib.scoring.settled import Column, Level
from parlib.words import near

__all__ = ["change_of_rank", "crossings"]


def change_of_rank(results: Results, previous: Results, node: str = WHOLE, column: Column = "index") -> pd.DataFrame:
    """The places that every unit won or lost, split into what its own change did and what that of the others did.

    ``unit``, ``previous_rank``, ``rank`` (each among the units ranked in its year), ``places`` (moved up: positive,
    among the units ranked in both years), ``own``, ``others``, ``rank_if_own`` (its new value among the old values of
    the others), ``rank_if_others`` (its old value among their new ones), ``break_mark``. ``own + others = places``.

    ``own`` is the mean of what its change does when it moves first and when it moves last, ``others`` likewise, so
    halves occur. The ranks are computed, so everything is missing unless the value of every unit that is ranked in
    either year is known, and where values of the two years do not compare.
    """
    results.check_after(previous)
    now, then = Level(results, node, column), Level(previous, node, column)
    frame = pd.DataFrame({"unit": [str(unit) for unit in results.units["unit"]]})
    split = _rank_split(now, then) if now.complete and then.complete and compares(previous, results) else None
    names = ("previous_rank", "rank", "places", "own", "others", "rank_if_own", "rank_if_others")
    for name in names:
        frame[name] = np.nan if split is None else frame["unit"].map(split[name]).astype("float64")
    whole = dict.fromkeys(("previous_rank", "rank", "places", "rank_if_own", "rank_if_others"), "Int64")
    return frame.assign(break_mark=breaks_between(previous, results)).astype({"unit": "str", **whole})


def _rank_split(now: Level, then: Level) -> pd.DataFrame:
    """The columns of ``change_of_rank`` for the units that are ranked in both years, and their ranks in one."""
    new, old = now.exact_values, then.exact_values
    ranks = [pd.Series(competition_ranks(values.to_numpy()), index=values.index) for values in (old, new)]
    both = [unit for unit in new.index if unit in set(old.index)]
    x0, x1 = old.loc[both].to_numpy(), new.loc[both].to_numpy()
    first, last = _places_among(x0, x0), _places_among(x1, x1)
    if_own, if_others = _places_among(x1, x0), _places_among(x0, x1)
    split = pd.DataFrame(
        {
            "previous_rank": ranks[0].loc[both],
            "rank": ranks[1].loc[both],
            "own": ((first - if_own) + (if_others - last)) / 2,
            "others": ((first - if_others) + (if_own - last)) / 2,
            "rank_if_own": if_own,
            "rank_if_others": if_others,
        },
        index=pd.Index(both, dtype="object"),
    )
    split["places"] = first - last
    one_year = pd.DataFrame({"previous_rank": ranks[0].drop(both), "rank": ranks[1].drop(both)})
    return pd.concat([split, one_year.reindex(columns=split.columns)]) if len(one_year) else split


def _places_among(values: Floats, others: Floats) -> Floats:
    """The place of each value when all other units have the values in ``others``: 1 + the number above it."""
    above = others[None, :] > values[:, None]
    np.fill_diagonal(above, False)
    return np.asarray(1.0 + above.sum(axis=1))


def crossings(
    results: Results, previous: Results, unit: str, node: str = WHOLE, column: Column = "index"
) -> pd.DataFrame:
    """Whom a unit passed and who passed it, among the units ranked in both years with a known value.

    ``unit`` (the other), ``relation`` ("passed", "caught_up" with it, "pulled_ahead" of a tie, "passed_by",
    "caught_up_by", "fell_behind" from a tie), ``places`` (+1, 0, -1 for the rank of ``unit``), ``previous_difference``
    and ``difference`` (own value less the other's), in the order of the differences. The places add up to those won
    among these units.
    """
    results.check_after(previous)
    now, then = (Level(of, node, column).exact_values for of in (results, previous))
    if unit not in set(results.units["unit"]):
        listed = [str(key) for key in results.units["unit"]]
        raise ParameterError(Problem("no such unit{near}", value=unit, near=near(unit, listed)))
    both = now.dropna().index.intersection(then.dropna().index)
    columns = ["unit", "relation", "places", "previous_difference", "difference"]
    if unit not in both or not compares(previous, results):
        return _crossing_types(pd.DataFrame(columns=columns))
    after, before = exact(now[unit] - now[both].to_numpy()), exact(then[unit] - then[both].to_numpy())
    frame = pd.DataFrame({"unit": both, "previous_difference": before, "difference": after})
    signs = list(zip(np.sign(before), np.sign(after), strict=True))
    frame["relation"] = [_RELATIONS.get(pair, ("", 0))[0] for pair in signs]
    frame["places"] = [_RELATIONS.get(pair, ("", 0))[1] for pair in signs]
    frame = frame[frame["relation"] != ""].sort_values("difference", ascending=False, kind="stable")
    return _crossing_types(frame[columns].reset_index(drop=True))


#: The signs of the difference before and after, what it is called and the places it is worth.
_RELATIONS: Mapping[tuple[float, float], tuple[str, int]] = {
    (-1, 1): ("passed", 1),
    (-1, 0): ("caught_up", 1),
    (0, 1): ("pulled_ahead", 0),
    (1, -1): ("passed_by", -1),
    (0, -1): ("fell_behind", -1),
    (1, 0): ("caught_up_by", 0),
}


def _crossing_types(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {"previous_difference": "float64", "difference": "float64"}
    return frame.astype({"unit": "str", "relation": "str", "places": "int64", **numbers})
