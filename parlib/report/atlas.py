"""Which maps a report shows: what is known of nearly all provinces on the map, of a part of them as tiles."""

from __future__ import annotations

import pandas as pd

from parlib.report import maps
from parlib.report.blocks import Figure, Note
from parlib.report.views import View

WHOLE_MAP = 0.9  # at least this part of the provinces is known: the map
TILES = 0.25  # at least this part: tiles of equal size, so that hatched land does not fill the page


def country(view: View, ranking: pd.DataFrame, change: pd.DataFrame | None = None) -> list[Figure]:
    """The provinces by group (by quarter where the index has no groups) and by change on the year before.

    A map of few known provinces would show little but hatches, so none is drawn; of some the tiles are. Frames as
    ``rank`` and ``change`` give them.
    """
    found: list[Figure | Note] = []
    if view.has("groups"):
        share = _share(view, ranking["band"] != "", ranking)
        if share >= TILES:
            found.append(maps.band_map(view, ranking, small=share < WHOLE_MAP))
    else:
        found.append(maps.quarter_map(view, ranking))
    if change is not None and _share(view, change["change"].notna(), change) >= WHOLE_MAP:
        found.append(maps.change_map(view, change, small=True))
    return [block for block in found if isinstance(block, Figure)]


def _share(view: View, known: pd.Series, frame: pd.DataFrame) -> float:
    """The part of all provinces of the year of which something is known."""
    return float((known & frame["unit"].isin(view.results.units["unit"])).sum()) / max(len(view.results.units), 1)
