"""How sure a ranking is, in numbers: chance and method side by side, each in columns of its own."""

from __future__ import annotations

import pandas as pd

from parlib.report.blocks import Note, Number, Ref, Table
from parlib.report.columns import Words
from parlib.report.tables.declared import Col, in_focus, table
from parlib.report.views import View
from parlib.report.wording import is_known, message
from parlib.scoring.results import Record


def _range(name: str, head: Words, frame: pd.DataFrame, group: str) -> tuple[Col, ...]:
    """The ranks that a method leaves open, by unit; no column where the frame is empty."""
    if frame.empty:
        return ()
    ranges = frame.set_index("unit")[["rank_low", "rank_high"]]

    def cell(view: View, row: Record) -> Number:
        low, high = ranges.loc[row.unit]
        return view.wording.range(_plain(low), _plain(high), view.ref(row.unit, column=name))

    return (Col(name, head, "rank", cell, group=group, decimals=2),)


def rank_doubt_table(
    view: View,
    simultaneous: pd.DataFrame,
    weights: pd.DataFrame,
    removals: pd.DataFrame,
    notes: tuple[str, ...] = (),
) -> Table | Note:
    """The rank of every unit and three answers to how sure it is: by survey error, weights, and a part left out.

    Frames as ``rank_confidence_sets``, ``vary_weights`` and ``leave_out`` give them; each may be empty.
    """
    out = _removal_ranges(removals)
    base = next((frame for frame in (weights, simultaneous, out) if len(frame)), None)
    if base is None:
        return view.missing("How sure the ranks of {year} are cannot be worked out from what is known.")
    sampling, method = message("Survey error"), message("Choice of method")
    columns = (
        Col("unit"),
        Col("rank"),
        *_range("sets", message("all ranks at once"), simultaneous, sampling),
        *_range("weights", message("weights vary"), weights, method),
        *_range("removal", message("one {area} left out"), out, method),
    )
    alone = view.say("Survey error and choice of method are different questions: never add their ranges.")
    return table(
        view,
        "rank-doubt",
        view.say("Ranks and how sure they are, {index} {year}"),
        base[base["rank"].notna()].sort_values("rank", kind="stable"),
        columns,
        notes=(alone, *view.open_ends(simultaneous), *notes),
        style=in_focus,
    )


def _removal_ranges(removals: pd.DataFrame) -> pd.DataFrame:
    if removals.empty:
        return removals
    known = removals[removals["rank"].notna()]
    ranges = known.groupby("unit", sort=False).agg(
        rank=("rank_before", "first"), rank_low=("rank", "min"), rank_high=("rank", "max")
    )
    return ranges.reset_index()


def _plain(value: object) -> float | None:
    return float(value) if is_known(value) else None


def _ranks_without(view: View, row: Record) -> Ref:
    return view.ref(node=str(row.node), column="rank")


REMOVAL = (
    Col("node", message("Left out")),
    Col("moved", message("Units that change rank"), "count", "n_moved", column="moved"),
    Col("mean", message("Mean places moved"), "number", "mean_shift", "mean_places", decimals=1, gap=True),
    Col("largest", message("Most places moved"), "count", "largest_shift", "most_places", gap=True),
    Col("up", message("Rises most"), of=lambda view, row: _most(view, row.units_up)),
    Col("down", message("Falls most"), of=lambda view, row: _most(view, row.units_down)),
)


def removal_table(view: View, effects: pd.DataFrame) -> Table | None:
    """What leaving out each part moves. ``effects`` is the frame of ``removal_effects``; ``None`` where it is empty."""
    if effects.empty:
        return None
    caption = view.say("What leaving out one {area} moves, {index} {year}")
    return table(view, "removal", caption, effects, REMOVAL, at=_ranks_without)


def _most(view: View, keys: tuple[str, ...]) -> str:
    """All that moved most; how many they are where they are more than three."""
    shared = view.shared(map(view.unit, keys), *(view.ref(key, column="rank") for key in keys))
    return "".join(part if isinstance(part, str) else part.text for part in shared) or "–"


def tiers_table(view: View, tiers: pd.DataFrame, notes: tuple[str, ...] = ()) -> Table | None:
    """The units in tiers that survey error cannot part. ``tiers`` is the frame of ``tiers``; ``None`` where empty.

    Units that other random draws would put into another tier stand between the two.
    """
    if tiers.empty:
        return None
    known = tiers[tiers["tier"].notna()].sort_values(["tier_low", "tier_high", "rank"], kind="stable")
    groups = known.groupby(["tier_low", "tier_high"], sort=True)["unit"].agg(list).reset_index()
    caption = view.say("Tiers of units that survey error cannot tell apart, {index} {year}")
    own = view.say("Units of neighbouring tiers may be hard to tell apart too.")
    return table(view, "tiers", caption, groups, TIERS, notes=(own, *notes))


def _tier(view: View, row: Record) -> Number:
    """A tier, or the two that its units stand between."""
    low, high = float(row.tier_low), float(row.tier_high)
    if low == high:
        return view.wording.range(low, high, *(view.ref(unit, column="tier") for unit in row.unit), made="tier")
    return view.wording.range(low, high, view.ref(row.unit[0], column="between"))


TIERS = (
    Col("tier", message("Tier"), "count", _tier),
    Col("n", message("Units"), of=lambda view, row: view.wording.count(len(row.unit), *map(view.ref, row.unit))),
    Col("units", message("Units of the tier, best first"), of=lambda view, row: view.unit_list(row.unit)),
)
