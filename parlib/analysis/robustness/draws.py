"""Ranks over many draws: sorted, counted, and what follows: acceptability, intervals, who is before whom.

A row of index values becomes a row of whole numbers: the value in units of the ninth decimal (equal points tie there),
shifted left, with the number of the unit in the lowest bits. Sorting these in place sorts the units along, without an
index array; at 10,000 draws of 63 units it takes 2 ms.

Matrix products go in pieces, each small enough that the BLAS does it on one thread. They are small and many: spread
over threads they wait for each other, which on a busy machine costs ten times what it gains; and on one thread the
bytes of a result do not depend on the number of cores.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray

from parlib.analysis.robustness.tree import Bools, Floats, Ints, PointTree
from parlib.errors import ParameterError, Problem

Ranks = npt.NDArray[np.uint8 | np.uint16]
Column = Floats | ExtensionArray  # of a frame

DECIMALS = 9
_SCALE = 10.0**DECIMALS
_FIRST = np.iinfo(np.int64).max  # sorts last: the key of an unknown value


@dataclass(frozen=True)
class SortedRows:
    """Each row's units from best to worst: ``units`` and ``positions`` (rows x units); ``positions`` are competition
    ranks minus 1. Unknown values stand at the end of their row, at the position -1."""

    units: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]

    def ranks(self) -> Ranks:
        """Rows x units: competition ranks in the units' own order; 0 = unknown. The smallest whole-number type."""
        n_rows, n_units = self.units.shape
        ranks = np.empty((n_rows, n_units), dtype=np.uint8 if n_units < 256 else np.uint16)
        np.put_along_axis(ranks, self.units, (self.positions + 1).astype(ranks.dtype), axis=1)
        return ranks

    def counts(self) -> Ints:
        """Units x ranks: in how many rows each unit took each rank."""
        n_units = self.units.shape[1]
        cells = self.units * n_units + self.positions
        if (self.positions < 0).any():
            cells = cells[self.positions >= 0]
        return np.bincount(cells.ravel(), minlength=n_units * n_units).reshape(n_units, n_units)


def sort_rows(values: Floats) -> SortedRows:
    """Sort each row of ``values`` from best (largest) to worst, ties at the ninth decimal."""
    n_units = values.shape[1]
    bits = max(int(n_units - 1).bit_length(), 1)
    scaled = np.rint(np.multiply(values, -_SCALE))
    unknown = np.isnan(scaled)
    some_unknown = bool(unknown.any())
    if some_unknown:
        scaled[unknown] = 0.0
    if scaled.size and np.abs(scaled).max() >= 2.0 ** (62 - bits):
        raise ValueError(
            f"index values beyond {2.0 ** (62 - bits) / _SCALE:.0f} cannot be ranked to {DECIMALS} decimals"
        )
    keys = scaled.astype(np.int64)
    keys <<= bits
    keys |= np.arange(n_units)
    if some_unknown:
        last = (_FIRST >> bits) << bits
        keys[unknown] = (last | np.broadcast_to(np.arange(n_units), keys.shape))[unknown]
    keys.sort(axis=1)
    units = keys & ((1 << bits) - 1)
    keys >>= bits
    positions = np.broadcast_to(np.arange(n_units), keys.shape)
    tied = keys[:, 1:] == keys[:, :-1]
    if tied.any():
        first = np.zeros(keys.shape, dtype=np.int64)
        first[:, 1:] = np.where(tied, 0, positions[:, 1:])
        positions = np.maximum.accumulate(first, axis=1)
    if some_unknown:
        positions = np.where(keys == _FIRST >> bits, -1, positions)
    return SortedRows(units, positions)


def competition_ranks(values: npt.ArrayLike) -> Floats:
    """Competition ranks (1, 2, 2, 4) of one row or of many; NaN for unknown values."""
    rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
    ranks = sort_rows(rows).ranks().astype(np.float64)
    ranks[ranks == 0] = np.nan
    return ranks.reshape(np.shape(values))


def beats(ranks: Ranks) -> Floats:
    """Units x units: the part of the rows of ``ranks`` in which the first is ranked before the second."""
    columns = np.ascontiguousarray(ranks.T)
    n_units, n_rows = columns.shape
    before = np.empty((n_units, n_units))
    for unit in range(n_units):
        before[unit] = np.count_nonzero(columns[unit] < columns, axis=1)
    before /= max(n_rows, 1)
    return before


def whole_numbers(values: Floats) -> Column:
    """``values`` as a column of whole numbers in which NaN is unknown (``Int64``)."""
    return pd.Series(values).astype("Int64").array


# --- matrix products ------------------------------------------------------------------------------


LIMIT = 250_000  # multiplications: OpenBLAS stays on one thread up to 262,144


def product(left: Floats, right: Floats) -> Floats:
    """``left @ right``."""
    n_rows, n_inner = left.shape
    n_columns = right.shape[1]
    found = np.empty((n_rows, n_columns))
    if n_rows * n_columns * n_inner <= LIMIT or not n_rows * n_columns:
        np.matmul(left, right, out=found)
    elif n_inner > max(n_rows, n_columns):
        found[:] = 0.0
        step = max(1, LIMIT // (n_rows * n_columns))
        for start in range(0, n_inner, step):
            found += left[:, start : start + step] @ right[start : start + step]
    elif n_rows >= n_columns:
        step = max(1, LIMIT // (n_columns * n_inner))
        for start in range(0, n_rows, step):
            np.matmul(left[start : start + step], right, out=found[start : start + step])
    else:
        step = max(1, LIMIT // (n_rows * n_inner))
        for start in range(0, n_columns, step):
            found[:, start : start + step] = left @ right[:, start : start + step]
    return found


# --- studies of ranks -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class RankStudy:
    """Ranks under many draws of something that could be otherwise.

    ``table``  one row for every unit: ``unit``, ``index`` and ``rank`` as they stand, ``rank_mean``, ``rank_low``,
    ``rank_high``, ``index_mean``, ``index_low``, ``index_high`` over the draws, ``coverage`` of the intervals,
    ``source``: "method" (choices) or "appraisal" (judgement), never mixed with "sampling". Units that are not known
    are in it, with nothing known about them; ``n_unknown`` counts them.
    ``ranks``  draws x standing units: competition ranks; ``unit_keys`` names the columns.
    ``index``  (draws x units) and ``inputs`` (what was drawn, x draws; ``input_names``)  when draws were asked for.
    """

    table: pd.DataFrame
    unit_keys: tuple[str, ...]
    ranks: Ranks
    counts: npt.NDArray[np.intp] = field(repr=False)
    n_unknown: int = 0
    source: str = "method"
    index: Floats | None = field(default=None, repr=False)
    inputs: Floats | None = field(default=None, repr=False)
    input_names: tuple[str, ...] = ()

    @property
    def n_draws(self) -> int:
        """The number of draws."""
        return len(self.ranks)

    @cached_property
    def acceptability(self) -> pd.DataFrame:
        """Rank acceptability indices: units x ranks, the part of the draws in which the unit takes the rank.

        Every row sums to 1: in each draw each unit has exactly one competition rank. Units that tie in a draw take the
        same rank, so a column may sum to more or less than 1.
        """
        ranks = pd.RangeIndex(1, len(self.unit_keys) + 1, name="rank")
        return pd.DataFrame(self.counts / self.n_draws, index=pd.Index(self.unit_keys, name="unit"), columns=ranks)

    def acceptability_table(self) -> pd.DataFrame:
        """The same as rows: ``unit``, ``rank``, ``acceptability``, ``source``; only what is above 0."""
        rows, columns = np.nonzero(self.counts)
        return pd.DataFrame(
            {
                "unit": np.asarray(self.unit_keys, dtype=object)[rows],
                "rank": columns + 1,
                "acceptability": self.counts[rows, columns] / self.n_draws,
                "source": self.source,
            }
        )

    @cached_property
    def beats(self) -> pd.DataFrame:
        """Units x units: the part of the draws in which the row's unit is ranked before the column's. With the
        transpose it falls short of 1 by the part of the draws in which the two tie."""
        keys = pd.Index(self.unit_keys, name="unit")
        return pd.DataFrame(beats(self.ranks), index=keys, columns=keys.rename("other"))

    def top(self, k: int) -> pd.Series:
        """By unit: the part of the draws in which it is among the first ``k``."""
        inside = self.counts[:, : max(k, 0)].sum(axis=1) / self.n_draws
        return pd.Series(inside, index=pd.Index(self.unit_keys, name="unit"), name=f"top_{k}")


def check_coverage(coverage: float) -> None:
    """Refuse a confidence level outside 0.5 to 1."""
    if not 0.5 <= coverage < 1:
        raise ParameterError(Problem("the coverage lies from 0.5 to below 1", value=coverage))


def rank_quantiles(counts: Ints, coverage: float) -> tuple[Floats, Floats]:
    """The narrowest ranks that leave no more than half of 1 - ``coverage`` of the draws on either side."""
    total = counts.sum(axis=1, keepdims=True)
    tail = (1 - coverage) / 2
    running = np.cumsum(counts, axis=1)
    slack = 1e-9 * total  # so that a tail of exactly 5% is not missed by a rounding error
    low = (running > tail * total + slack).argmax(axis=1) + 1.0
    high = (running >= (1 - tail) * total - slack).argmax(axis=1) + 1.0
    return low, high


class RankCounter:
    """Gathers the draws of a study block by block."""

    def __init__(self, n_units: int, n_draws: int) -> None:
        self.index = np.empty((n_units, n_draws))
        self.ranks = np.empty((n_draws, n_units), dtype=np.uint8 if n_units < 256 else np.uint16)
        self.counts = np.zeros((n_units, n_units), dtype=np.intp)

    def add(self, block: slice, values: Floats) -> None:
        """The index values of a block of draws (draws x units)."""
        self.index[:, block] = values.T
        ordered = sort_rows(values)
        self.ranks[block] = ordered.ranks()
        self.counts += ordered.counts()

    def study(
        self,
        tree: PointTree,
        nominal: Floats,
        *,
        coverage: float,
        source: str,
        inputs: Floats | None = None,
        input_names: tuple[str, ...] = (),
    ) -> RankStudy:
        """The study of all draws; ``nominal`` is the index of the standing units as it stands."""
        return RankStudy(
            table=self._table(tree, nominal, coverage, source),
            unit_keys=tuple(tree.units[number] for number in tree.standing),
            ranks=self.ranks,
            counts=self.counts,
            n_unknown=int((~tree.known).sum()),
            source=source,
            index=self.index.T.copy() if inputs is not None else None,
            inputs=inputs,
            input_names=input_names if inputs is not None else (),
        )

    def _table(self, tree: PointTree, nominal: Floats, coverage: float, source: str) -> pd.DataFrame:
        low, high = rank_quantiles(self.counts, coverage)
        n_units, n_draws = self.index.shape
        cut = int(np.floor((1 - coverage) / 2 * n_draws + 1e-9))
        ordered = np.partition(self.index, [cut, n_draws - 1 - cut], axis=1)
        found = {
            "index": nominal,
            "rank": competition_ranks(nominal),
            "rank_mean": self.counts @ np.arange(1.0, n_units + 1) / n_draws,
            "rank_low": low,
            "rank_high": high,
            "index_mean": self.index.mean(axis=1),
            "index_low": ordered[:, cut],
            "index_high": ordered[:, n_draws - 1 - cut],
        }
        table = pd.DataFrame({"unit": list(tree.units)})
        for name, values in found.items():
            whole = name in ("rank", "rank_low", "rank_high")
            table[name] = spread_out(values, tree.standing, len(tree.units), whole=whole)
        table["coverage"] = coverage
        table["source"] = source
        return table


def spread_out(values: Floats | Bools, places: Ints, n: int, *, whole: bool = False) -> Column:
    """``values`` at their ``places`` among ``n``, unknown elsewhere; ``whole`` numbers as Int64."""
    column = np.full(n, np.nan)
    column[places] = values
    return whole_numbers(column) if whole else column
