"""The key figures of a profile: index, rank, rank in the region, group, change and tier."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from parlib.analysis.profile import Profile
from parlib.report.blocks import Tile, Tiles
from parlib.report.tables.ranking import places as places_number
from parlib.report.views import View
from parlib.report.wording import Parts, is_known

MOST_TILES = 4


def tiles(view: View, profile: Profile) -> Tiles:
    """Index, rank, rank in the region, group, change, tier: as far as they are known."""
    makers = (_index_tile, _rank_tile, _region_tile, _group_tile, _change_tile, _tier_tile)
    found = [tile for make in makers if (tile := make(view, profile)) is not None]
    if len(found) > MOST_TILES and profile.standing.tier is not None:  # one row: the tier goes with the rank
        tier = found.pop()
        rank = replace(found[1], detail=(f"{tier.label} ", tier.number, f"{tier.unit}; ", *tier.detail))
        found[1] = rank
    return Tiles(tuple(found), view.say("Key figures of {unit}, {index} {year}", unit=view.unit(view.focus)), "key")


def _index_tile(view: View, profile: Profile) -> Tile | None:
    row = profile.standing.row
    whole = profile.areas.iloc[0]
    unit = view.unit_of_value if view.unit_of_value == "%" else f" {view.unit_of_value}"
    mean: Parts = ()
    if is_known(whole["mean"]):
        mean = view.phrase("mean {value}", value=view.number(whole["mean"], view.ref(), made="mean"))
    if is_known(row["index"]):
        number = view.value(view.focus, row["index"], mark=view.footnote(row["basis"]))
        return Tile(view.index, number, unit, mean)
    bounds = view.results.bounds
    own = bounds[bounds["unit"] == view.focus]
    if own.empty:
        return Tile(view.index, view.say("not known"))
    low, high = (view.scaled(own[name].iloc[0]) for name in ("index_min", "index_max"))
    number = view.wording.range(low, high, view.ref(view.focus), decimals=view.measure.decimals)
    return Tile(view.index, number, unit)


def _rank_tile(view: View, profile: Profile) -> Tile:
    row, n = profile.standing.row, view.n_ranked
    label = view.say("Rank")
    if not profile.standing.ranked:
        return Tile(label, view.say("not ranked"), detail=(view.say("assessed, not ranked"),))
    of = f"/{n.text}" if n.value else ""
    if is_known(row["rank"]):
        moved: Parts = ()
        if is_known(profile.change.get("places")):
            number = places_number(view, view.focus, profile.change["places"])
            moved = view.phrase("{places} places on {before}", places=number, before=view.results.year - 1)
        return Tile(label, view.rank(view.focus, row["rank"], view.footnote(row["rank_basis"])), of, moved)
    if is_known(row["rank_min"]):
        ref = view.ref(view.focus, column="rank")
        return Tile(label, view.wording.range(float(row["rank_min"]), float(row["rank_max"]), ref), of)
    return Tile(label, view.say("not known"))


def _region_tile(view: View, profile: Profile) -> Tile | None:
    place, n = place_in(view, profile.standing.in_region)
    if place is None:
        return None
    return Tile(view.say("Rank in the region"), place, f"/{n}", (view.region_names[profile.standing.region],))


def place_in(view: View, among: pd.DataFrame, column: str = "rank") -> tuple[Any, int]:
    """The unit's place among some units, and their number; ``None`` where it is not settled."""
    if among.empty:
        return None, 0
    own = among[among["is_own"]].iloc[0]
    if not is_known(own["place"]):
        return None, 0
    ref = view.ref(view.focus, column=column)
    ranked = int(among["place_min"].notna().sum())
    return view.wording.number(float(own["place"]), 0, ref, made="rank_among"), ranked


def _group_tile(view: View, profile: Profile) -> Tile | None:
    band = profile.standing.row["band"]
    return Tile(view.say("Group"), str(band), detail=(view.bounds(str(band)),)) if band else None


def _change_tile(view: View, profile: Profile) -> Tile | None:
    moved, before = profile.change, view.results.year - 1
    if not is_known(moved.get("change")):
        return None
    number = view.change_of(view.focus, moved["change"], before)
    unit = view.unit_of_change
    detail: Parts = ()
    if is_known(moved["previous"]):
        then = view.number(moved["previous"], view.ref(view.focus, year=before))
        detail = view.phrase("{value} in {before}", value=then, before=before)
    return Tile(view.say("Change on {before}", before=before), number, unit if unit == "%" else f" {unit}", detail)


def _tier_tile(view: View, profile: Profile) -> Tile | None:
    where = profile.standing
    if where.tier is None:
        return None
    ref = view.ref(view.focus, column="tier")
    ranks = view.wording.range(where.rank_low, where.rank_high, view.ref(view.focus, column="sets"))
    detail = view.phrase("survey error leaves ranks {ranks}", ranks=ranks)
    if where.ranks_open:  # other draws may move an end
        detail = view.phrase("survey error leaves about ranks {ranks}", ranks=ranks)
    return Tile(view.say("Tier"), view.wording.count(where.tier, ref, made="tier"), f"/{where.n_tiers}", detail)
