"""Province maps, 63 or 34 units: groups, quarters, change; Hoàng Sa and Trường Sa on every one. A report shows what is
known of nearly all provinces on the map, of a part of them as tiles."""

from __future__ import annotations

import pandas as pd

from parlib.report import maps
from parlib.report.blocks import Figure, Note
from parlib.report.maps.drawing import Classes, by_band, by_change, by_quarter, province_map, tile_map
from parlib.report.views import View

__all__ = ["band_map", "change_map", "quarter_map"]


def band_map(view: View, ranking: pd.DataFrame, small: bool = False) -> Figure | Note:
    """The provinces by group of the year, their ranks on them. ``small``: as tiles."""
    if ranking.empty or not (ranking["band"] != "").any():
        return view.missing("No group of any province is known for {year}: there is no map.")
    classes = by_band(view, ranking)
    caption = view.say("Provinces by group of the {index}, {year}")
    return _draw(view, classes, "map_bands", caption, _ranks(ranking), small)


def quarter_map(view: View, ranking: pd.DataFrame, small: bool = False) -> Figure | Note:
    """The provinces in four equal groups, for an index without groups of its own. ``ranking`` gives the labels."""
    if len(view.values().dropna()) < 4 or view.results.n_known < len(view.results.ranked_units):
        return view.missing("Quarters need the value of every ranked unit: there is no map for {year}.")
    caption = view.say("Provinces by quarter of the {index}, {year}")
    return _draw(view, by_quarter(view), "map_quarters", caption, _ranks(ranking), small)


def change_map(view: View, change: pd.DataFrame, small: bool = False) -> Figure | Note:
    """The provinces by change of the index on the year before, the change on them."""
    if change.empty or not change["change"].notna().any():
        return view.missing("No change of any province is known for {year}: there is no map.")
    texts = [view.wording.format(view.scaled(x), 1, signed=True) if x == x else "" for x in change["change"]]
    labels = pd.Series(texts, index=change["unit"])
    caption = view.say("Change of the {index} by province, {year} against {before}", before=view.results.year - 1)
    notes: tuple[str, ...] = ()
    if change["break_mark"].any():
        notes = (view.say("The set of criteria changed between {before} and {year}: the change is not like for like.",
                          before=view.results.year - 1),)  # fmt: skip
    return _draw(view, by_change(view, change), "map_change", caption, labels, small, notes)


def _ranks(ranking: pd.DataFrame) -> pd.Series:
    texts = ["" if pd.isna(rank) else str(int(rank)) for rank in ranking["rank"]]
    return pd.Series(texts, index=ranking["unit"])


def _draw(
    view: View,
    classes: Classes,
    name: str,
    caption: str,
    labels: pd.Series,
    small: bool,
    notes: tuple[str, ...] = (),
) -> Figure:
    entries = [words for words, _, _ in classes.counted(view)]
    alternative = view.say("Map of the provinces. Number of provinces by class: {counts}.", counts="; ".join(entries))
    notes = (*notes, *_partly(view, classes))
    draw = tile_map if small else province_map
    return draw(view, classes, name=f"{name}{'_tiles' if small else ''}", caption=caption, alternative=alternative,
                labels=labels, notes=notes)  # fmt: skip


def _partly(view: View, classes: Classes) -> tuple[str, ...]:
    """How many provinces are known, where not all are: land without colour is not land with a low value."""
    units = [str(unit) for unit in view.results.units["unit"]]
    known = sum(int(classes.of.get(unit, -1)) >= 0 for unit in units)
    if known == len(units):
        return ()
    return (
        view.say(
            "Known for {known}/{all} provinces; hatched ones are not known, which does not mean low.",
            known=view.wording.count(known, view.ref()),
            all=view.wording.count(len(units), view.ref()),
        ),
    )


WHOLE_MAP = 0.9  # at least this part of the provinces is known: the map
TILES = 0.25  # at least this part: tiles of equal size, so that hatched land does not fill the page


def country(view: View, ranking: pd.DataFrame, change: pd.DataFrame | None = None) -> list[Figure]:
    """The provinces by group (by quarter where the index has no groups) and by change on the year before.

    A map of few known provinces would show little but hatches, so none is drawn; of some the tiles are. Frames as
    ``rank`` and ``change`` give them.
    """
    found: list[Figure | Note] = []
    if view.has("groups"):
        share = _known_share(view, ranking["band"] != "", ranking)
        if share >= TILES:
            found.append(maps.band_map(view, ranking, small=share < WHOLE_MAP))
    else:
        found.append(maps.quarter_map(view, ranking))
    if change is not None and _known_share(view, change["change"].notna(), change) >= WHOLE_MAP:
        found.append(maps.change_map(view, change, small=True))
    return [block for block in found if isinstance(block, Figure)]


def _known_share(view: View, known: pd.Series, frame: pd.DataFrame) -> float:
    """The part of all provinces of the year of which something is known."""
    return float((known & frame["unit"].isin(view.results.units["unit"])).sum()) / max(len(view.results.units), 1)
