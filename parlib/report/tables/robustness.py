"""How sure a ranking is, in numbers: chance and method side by side, each in columns of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from parlib.report.blocks import Column, Note, Table
from parlib.report.tables.finish import Row, finished
from parlib.report.views import View
from parlib.report.wording import is_known
from parlib.scoring.results import records


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
    sampling, method = view.say("Survey error"), view.say("Choice of method")
    columns = [
        Column("unit", view.say("Unit")),
        Column("rank", view.say("Rank"), "rank", decimals=0),
        *([Column("sets", view.say("all ranks at once"), "rank", group=sampling)] if len(simultaneous) else []),
        *([Column("weights", view.say("weights vary"), "rank", group=method)] if len(weights) else []),
        *([Column("removal", view.say("one {area} left out", area=view.area), "rank", group=method)] * bool(len(out))),
    ]
    ordered = base[base["rank"].notna()].sort_values("rank", kind="stable")
    found = {
        name: frame.set_index("unit")[["rank_low", "rank_high"]]
        for name, frame in (("sets", simultaneous), ("weights", weights), ("removal", out))
        if len(frame)
    }
    cells, styles = [], []
    for unit, rank in zip(ordered["unit"].astype(str), ordered["rank"], strict=True):
        row: Row = {"unit": view.unit(unit), "rank": view.rank(unit, rank)}
        for name, frame in found.items():
            low, high = frame.loc[unit]
            row[name] = view.wording.range(_plain(low), _plain(high), view.ref(unit, column=name))
        cells.append(row)
        styles.append(view.row_style(unit))
    return finished(
        view,
        "rank-doubt",
        view.say("Ranks and how sure they are, {index} {year}"),
        columns,
        cells,
        notes=(
            view.say("Survey error and choice of method are different questions: never add their ranges."),
            *view.open_ends(simultaneous),
            *notes,
        ),
        styles=styles,
    )


def _removal_ranges(removals: pd.DataFrame) -> pd.DataFrame:
    if removals.empty:
        return removals
    known = removals[removals["rank"].notna()]
    ranges = known.groupby("unit", sort=False).agg(
        rank=("rank_before", "first"), rank_low=("rank", "min"), rank_high=("rank", "max")
    )
    return ranges.reset_index()


def _plain(value: Any) -> float | None:
    return float(value) if is_known(value) else None


def removal_table(view: View, effects: pd.DataFrame) -> Table | None:
    """What leaving out each part moves. ``effects`` is the frame of ``removal_effects``; ``None`` where it is empty."""
    if effects.empty:
        return None
    columns = [
        Column("node", view.say("Left out")),
        Column("moved", view.say("Units that change rank"), "integer", decimals=0),
        Column("mean", view.say("Mean places moved"), "number", decimals=1),
        Column("largest", view.say("Most places moved"), "integer", decimals=0),
        Column("up", view.say("Rises most")),
        Column("down", view.say("Falls most")),
    ]
    cells: list[Row] = []
    for row in records(effects):
        node = str(row.node)
        ref = view.ref(node=node, column="rank")
        cells.append(
            {
                "node": view.node_name(node),
                "moved": view.wording.count(float(row.n_moved), replace(ref, column="moved")),
                "mean": view.wording.number(float(row.mean_shift), 1, ref, made="mean_places"),
                "largest": view.wording.number(_plain(row.largest_shift), 0, ref, made="most_places"),
                "up": _most(view, row.units_up),
                "down": _most(view, row.units_down),
            }
        )
    caption = view.say("What leaving out one {area} moves, {index} {year}", area=view.area)
    return finished(view, "removal", caption, columns, cells)


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
    columns = [
        Column("tier", view.say("Tier"), "integer", decimals=0),
        Column("n", view.say("Units"), "integer", decimals=0),
        Column("units", view.say("Units of the tier, best first")),
    ]
    cells: list[Row] = []
    known = tiers[tiers["tier"].notna()].sort_values(["tier_low", "tier_high", "rank"], kind="stable")
    for _, group in known.groupby(["tier_low", "tier_high"], sort=True):
        low, high = (float(group[end].iloc[0]) for end in ("tier_low", "tier_high"))
        units = [str(unit) for unit in group["unit"]]
        refs = tuple(view.ref(unit) for unit in units)
        column = "tier" if low == high else "between"
        made = "tier" if low == high else "range"
        ends = [view.ref(unit, column=column) for unit in units]
        cells.append(
            {
                "tier": view.wording.range(low, high, *ends[: 1 if made == "range" else None], made=made),
                "n": view.wording.count(len(group), *refs),
                "units": view.unit_list(units),
            }
        )
    caption = view.say("Tiers of units that survey error cannot tell apart, {index} {year}")
    own = view.say("Units of neighbouring tiers may be hard to tell apart too.")
    return finished(view, "tiers", caption, columns, cells, notes=(own, *notes))
