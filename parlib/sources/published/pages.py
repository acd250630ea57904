"""The pages that the numbers of a year were read on, and where they disagree, as tables."""

from __future__ import annotations

import pandas as pd

from parlib.results import Results
from parlib.sources.published import files

_COLUMNS = ("source_id", "title", "evidence", "date", "url")


def source_pages(results: Results, language: str = "vi") -> pd.DataFrame:
    """Every page that a number of ``results`` was read on, sorted by ``source_id``; empty for results of a round.

    ``source_id``, ``title``, ``evidence`` (in words of ``language``), ``date``, ``url``.
    """
    frames = (results.bases, results.node_ranks, results.printed_statistics, results.printed_regions)
    lists = [text for frame in (*frames, results.printed_changes) for text in frame["source_ids"].astype("str")]
    ids = sorted({part for text in lists for part in text.split(";") if part})
    rows = [(source_id, *files.source_cells(source_id, language)) for source_id in ids]
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")


def source_conflicts(results: Results) -> pd.DataFrame:
    """The disagreements between sources on the index of ``results``, as ``conflicts`` gives them; empty for a round."""
    level = {"par": results.level, "sipas": "sipas"}.get(results.index_name, "")
    found = files.conflicts(results.year, level or results.level)
    return found if level and results.stage == "published" else found.iloc[:0]
