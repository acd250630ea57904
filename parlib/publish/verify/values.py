"""What the ways of verification have in common: what a way is, the known values, ranks, the column that is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from parlib.data_tables import indices
from parlib.publish.verify.data import Data, Sheet
from parlib.report.blocks import Ref

Way = Callable[[Data, Sequence[Ref]], float | None]


class UnknownWay(LookupError):
    """Nothing here says how such a number is made."""


def known(values: np.ndarray) -> np.ndarray:
    """The known ones of ``values``."""
    found: np.ndarray = values[np.isfinite(values)]
    return found


def ranks(values: np.ndarray) -> np.ndarray:
    """Competition ranks, 1 the largest; equal values (to nine decimals) share one."""
    rounded = np.round(values, 9)
    better: np.ndarray = (rounded[None, :] > rounded[:, None]).sum(axis=1)
    return 1.0 + better


def lost_by_all(sheet: Sheet) -> float:
    """The points that the ranked units lost: each on the whole, or where that is not known on what is known below."""

    def lost(node: str) -> np.ndarray:
        points, maxima = (sheet.column(node, column) for column in ("points", "maximum"))
        found: np.ndarray = np.where(maxima > 0, maxima - points, 0.0)
        return found

    whole, leaves = lost(""), np.nansum([lost(leaf) for leaf in sheet.leaves], axis=0)
    return float(np.where(np.isfinite(whole), whole, leaves).sum())


def scale(index_name: str) -> str:
    """The column that an index is printed from."""
    listed = indices().get(index_name)
    return "index" if listed is None else str(listed["column"])
