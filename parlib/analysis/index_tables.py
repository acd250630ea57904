"""The index table with ranks and bands, for people, and of several years one below the other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from parlib.scoring.ranking import rank
from parlib.scoring.results import INDEX_COLUMNS, WHOLE, Results
from parlib.scoring.scorecard import competition_ranks
from parlib.tables import records


def with_ranks(results: Results) -> pd.DataFrame:
    """The index table with ``rank`` and ``band``, for people: units in order of rank, then those without one.

    Every unit has its row of the whole index, empty where nothing is known. Parts of the index have the printed rank,
    or a computed one where every ranked unit has its value; only the whole index has a group.
    """
    ranked = rank(results)
    table = results.table[results.table["stage"] == results.stage]
    missing = ranked.loc[~ranked["unit"].isin(table.loc[table["node"] == WHOLE, "unit"]), "unit"]
    if len(missing):
        keys = {"year": results.year, "level": results.level, "node": WHOLE, "stage": results.stage}
        empty = pd.DataFrame({"unit": missing, **keys}).reindex(columns=list(INDEX_COLUMNS))
        table = pd.concat([table, empty.astype(dict(table.dtypes))], ignore_index=True)
    order = ranked.assign(place=np.arange(len(ranked))).sort_values(["rank", "place"], na_position="last")
    by_unit = {unit: place for place, unit in enumerate(order["unit"])}
    by_node = {node: place for place, node in enumerate(results.nodes["node"])}
    places = table["unit"].map(by_unit), table["node"].map(by_node)
    table = table.iloc[np.lexsort([place.fillna(len(table)).to_numpy() for place in reversed(places)])]
    ranks = _part_ranks(results)
    ranks |= {(row.unit, WHOLE): int(row.rank) for row in records(ranked) if row.rank is not pd.NA}
    groups = dict(zip(ranked["unit"], ranked["band"], strict=True))
    keys_of: list[tuple[str, str]] = list(zip(table["unit"], table["node"], strict=True))
    bands_of = [groups.get(unit, "") if node == WHOLE else "" for unit, node in keys_of]
    return table.assign(
        rank=pd.Series([ranks.get(key) for key in keys_of], index=table.index, dtype="Int64"),
        band=pd.Series(bands_of, index=table.index, dtype="str"),
    ).reset_index(drop=True)


def index_tables(*of: Results | None, whole: Iterable[Results] = ()) -> pd.DataFrame:
    """The index tables of several years, one below the other, each year once: the columns of ``with_ranks``,
    ``index_name``, ``ranked``, ``basis`` (what the value of the node rests on), and of the year ``marks`` (";" between
    them) and ``decision`` ("" = not known). ``None`` stands for a year of which there is nothing; of ``whole`` only the
    whole index is there."""
    years = {(results.index_name, results.year, results.level): results for results in of if results is not None}
    tables = [_told(results) for results in years.values()]
    for results in whole:
        if (results.index_name, results.year, results.level) not in years:
            table = _told(results)
            tables.append(table[table["node"] == WHOLE])
    return pd.concat(tables, ignore_index=True)


def _told(results: Results) -> pd.DataFrame:
    table = with_ranks(results)
    ranked = set(results.ranked_units)
    rests = {(row.unit, row.node): str(row.basis) for row in records(results.bases)}
    computed = np.where(table["index"].fillna(table["points"]).notna(), "computed", "")
    keys = zip(table["unit"], table["node"], strict=True)
    return table.assign(
        index_name=results.index_name,
        ranked=[unit in ranked for unit in table["unit"]],
        basis=[rests.get(key, usual) for key, usual in zip(keys, computed, strict=True)],
        marks=";".join(results.marks),
        decision=results.decision,
    )


def _part_ranks(results: Results) -> dict[tuple[str, str], int]:
    """Ranks by unit and node of areas and what is below them: printed, or computed where the column is whole."""
    printed = results.node_ranks
    found: dict[tuple[str, str], int] = {(row.unit, row.node): int(row.rank) for row in records(printed)}
    said, keys = set(printed["node"]), results.ranked_units
    parts = results.nodes.loc[results.nodes["kind"].isin(["area", "criterion", "subcriterion"]), "node"]
    nodes = [str(node) for node in parts if node not in said]
    if results.n_ranked != len(keys) or not nodes or not keys:
        return found
    table = results.table[(results.table["stage"] == results.stage) & results.table["node"].isin(nodes)]
    by_unit = table.set_index(["node", "unit"]).reindex(pd.MultiIndex.from_product([nodes, keys]))
    index, points = (by_unit[name].to_numpy().reshape(len(nodes), len(keys)) for name in ("index", "points"))
    values = np.where(np.isnan(index).any(axis=1, keepdims=True), points, index)  # without a maximum: points alone
    for node, values_of, ranks in zip(nodes, values, competition_ranks(values), strict=True):
        if not np.isnan(values_of).any():
            found |= {(unit, node): int(place) for unit, place in zip(keys, ranks, strict=True)}
    return found
