"""The index tables behind the profile of one unit: its own rows whole, and of all units what it is compared on."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from parlib.analysis.profile.unit import Profile
from parlib.scoring.ranking import index_tables as tables
from parlib.scoring.results import WHOLE, Results


def index_tables(found: Profile, *of: Results | None, whole: Iterable[Results] = ()) -> pd.DataFrame:
    """As ``ranking.index_tables``, of the unit at every node and of the others at the whole, the areas and the
    components: a profile gives away what it rests on, not the criteria of everybody."""
    frame = tables(*of, whole=whole)
    shared = ~frame["node"].str.contains(".", regex=False) | (frame["node"] == WHOLE)
    return frame[shared | (frame["unit"] == found.unit)].reset_index(drop=True)
