"""Small results to analyse, made by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from parlib.scoring.results import Results, index_table

MakeResults = Callable[..., Results]


def _ranks(ranks: Mapping[str, Any]) -> pd.DataFrame:
    rows = []
    for unit, rank in ranks.items():
        best, worst = rank if isinstance(rank, tuple) else (rank, rank)
        rows.append((unit, best if best == worst else None, best, worst, "published"))
    frame = pd.DataFrame(rows, columns=["unit", "rank", "rank_min", "rank_max", "rank_basis"])
    return frame.astype({"rank": "Int64", "rank_min": "Int64", "rank_max": "Int64"})


def make(
    values: Mapping[str, float | None],
    *,
    ranks: Mapping[str, Any] | None = None,
    apart: tuple[str, ...] = (),
    bounds: Mapping[str, tuple[float, float]] | None = None,
    printed: Mapping[str, float] | None = None,
    changes: Mapping[str, float] | None = None,
    bands: Mapping[str, float] | None = None,
    areas: Mapping[str, Mapping[str, float | None]] | None = None,
    area_ranks: Mapping[tuple[str, str], int] | None = None,
    year: int = 2023,
    level: str = "ministry",
    **more: Any,
) -> Results:
    """Results of the units in ``values`` (``None`` = not known); units in ``apart`` are not ranked."""
    columns = {"": dict(values), **{node: dict(of) for node, of in (areas or {}).items()}}
    rows = [
        (year, level, unit, node, value, "published")
        for node, of in columns.items()
        for unit, value in of.items()
        if value is not None
    ]
    table = pd.DataFrame(rows, columns=["year", "level", "unit", "node", "index", "stage"])
    nodes = [("", "Chỉ số", "Index", 100.0, None, "whole")]
    nodes += [(node, f"Lĩnh vực {node}", f"Area {node}", np.nan, "", "area") for node in areas or {}]
    statistics = [(word, value, "", "", False, "S1") for word, value in (printed or {}).items()]
    sentences = [(unit, *ends) for unit, ends in (bounds or {}).items()]
    area_rows = [(unit, node, rank, "") for (unit, node), rank in (area_ranks or {}).items()]
    return Results(
        **{
            "index_name": "par",
            "year": year,
            "level": level,
            "table": index_table(table),
            "units": pd.DataFrame({"unit": list(values), "ranked": [unit not in apart for unit in values]}),
            "nodes": pd.DataFrame(nodes, columns=["node", "name", "name_en", "maximum", "parent", "kind"]),
            "bands": {"A": 90, "B": 80, "C": 70, "D": 0} if bands is None else bands,
            "ranks": None if ranks is None else _ranks(ranks),
            "bounds": pd.DataFrame(sentences, columns=["unit", "index_min", "index_max"]),
            "node_ranks": pd.DataFrame(area_rows, columns=["unit", "node", "rank", "source_ids"]),
            "printed_statistics": pd.DataFrame(
                statistics, columns=["statistic", "value", "node", "unit", "derived", "source_ids"]
            ),
            "printed_changes": pd.DataFrame(
                [(unit, value, "S1") for unit, value in (changes or {}).items()],
                columns=["unit", "change", "source_ids"],
            ),
            **more,
        }
    )


@pytest.fixture(scope="session")
def make_results() -> MakeResults:
    return make
