"""All frames of the profile of one unit, assembled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pandas as pd

from parlib.analysis.comparison import change
from parlib.analysis.decomposition import change_parts
from parlib.analysis.profile import standing as places
from parlib.analysis.profile.losses import Losses, losses
from parlib.analysis.profile.standing import Related, Standing
from parlib.analysis.profile.ways import Ladder, ways_up
from parlib.analysis.rank_change import change_of_rank
from parlib.errors import ParameterError, Problem
from parlib.scoring.results import Results
from parlib.scoring.scorecard import Scorecard
from parlib.scoring.settled import Column
from parlib.words import near


@dataclass(frozen=True)
class Profile:
    """The profile of one unit.

    ``standing``  where it stands. ``change``  its row of ``comparison.change``. ``moves``  its row of
    ``change_of_rank`` (empty without results of the year before). ``parts``  its rows of ``change_parts``.
    ``areas``, ``components``  as in ``standing``. ``losses``, ``ladder``  of a round, empty without one.
    ``history``  its rows of ``series``. ``related``  the unit in other indices. ``has_round``  whether there are cards.
    """

    unit: str
    standing: Standing
    change: pd.Series
    moves: pd.Series
    parts: pd.DataFrame
    areas: pd.DataFrame
    components: pd.DataFrame
    losses: Losses = field(default_factory=Losses)
    ladder: Ladder = field(default_factory=Ladder)
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    related: tuple[Related, ...] = ()
    has_round: bool = False


def profile(
    results: Results,
    unit: str,
    previous: Results | None = None,
    *,
    cards: Mapping[str, Scorecard] | None = None,
    decisions: pd.DataFrame | None = None,
    years: Collection[Results] = (),
    others: Collection[Results] = (),
    column: Column = "index",
) -> Profile:
    """The profile of ``unit``.

    ``cards`` (by stage) and ``decisions`` (unit, code, stage, answer, decided, remark) are those of a round; ``years``
    the results whose line the history is, ``others`` the results of related indices. ``column`` is what the history
    and the parts of the change are in: "points" for an index that is published in points.
    Raises ``ParameterError`` where no unit is named, the results do not list it, or others do not compare with them.
    """
    results.check_after(previous)
    results.check_beside(*others, *years)
    _check(results, unit)
    cards, decisions = cards or {}, pd.DataFrame() if decisions is None else decisions
    where = places.standing(results, unit)
    parts = pd.DataFrame() if previous is None else change_parts(results, previous, column=column)
    moves = pd.DataFrame() if previous is None else change_of_rank(results, previous)
    lines = list(years)
    return Profile(
        unit=unit,
        standing=where,
        change=_own(change(results, previous), unit),
        moves=_own(moves, unit),
        parts=parts[parts["unit"] == unit].reset_index(drop=True) if len(parts) else parts,
        areas=places.areas(results, previous, unit, where.region_units),
        components=places.components(results, unit),
        losses=losses(cards, decisions, unit, results.ranked_units),
        ladder=ways_up(results, cards, decisions, where.row),
        history=places.history(lines, unit, column) if lines else pd.DataFrame(),
        related=places.related(results, where.row, others),
        has_round=bool(cards),
    )


def _own(frame: pd.DataFrame, unit: str) -> pd.Series:
    rows = frame[frame["unit"] == unit] if len(frame) else frame
    return rows.iloc[0] if len(rows) else pd.Series(dtype="object")


def _check(results: Results, unit: str) -> None:
    """Refuse no unit, and one that the results do not list, in both languages."""
    if not unit:
        raise ParameterError(
            Problem("a profile is of one unit: give the parameter unit (key, name or code), such as --unit bo-y-te")
        )
    listed = [str(key) for key in results.units["unit"]]
    if unit not in listed:
        raise ParameterError(
            Problem(
                "the results of {year} do not list this unit{near}",
                value=unit,
                near=near(unit, listed),
                year=results.year,
            )
        )
