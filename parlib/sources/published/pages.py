"""The pages that the numbers of a year were read on, and where they disagree, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from parlib.data_tables import table
from parlib.framework import decisions, units
from parlib.results import WHOLE, Results
from parlib.sources.published import files
from parlib.sources.published.satisfaction import satisfaction_sources

_COLUMNS = ("source_id", "title", "evidence", "date", "url")


def source_pages(
    results: Results, language: str = "vi", previous: Results | None = None, years: Iterable[Results | None] = ()
) -> pd.DataFrame:
    """Every page that a number of a report on ``results`` was read on, and no other.

    That is every number of the year; another one that disagrees; SIPAS and the set of criteria of the year; of
    ``previous`` the mean and the values of units and nodes that are known in both years, which a change is taken
    from; the means of other ``years``. Sorted by ``source_id``; empty for results of a round.

    ``source_id``, ``title``, ``evidence`` (in words of ``language``), ``date``, ``url``.
    """
    frames = (results.bases, results.node_ranks, results.printed_statistics, results.printed_regions)
    lists = [text for frame in (*frames, results.printed_changes) for text in frame["source_ids"].astype("str")]
    disagreeing = source_conflicts(results)
    lists += [text for name in ("kept_source_ids", "other_source_ids") for text in disagreeing[name].astype("str")]
    if results.stage == "published":
        lists += [*satisfaction_sources(results), *_of_the_set(results), *_of_other_years(results, previous, years)]
    ids = sorted({part for text in lists for part in text.split(";") if part})
    rows = [(source_id, *files.source_cells(source_id, language)) for source_id in ids]
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")


def _of_the_set(results: Results) -> list[str]:
    """The sources of maxima and bounds of groups."""
    if results.index_name != "par":
        return []
    about = (results.year, results.level)
    frames = (decisions.areas_of(*about), decisions.components_of(*about), decisions.band_table(*about))
    return [text for frame in frames for text in frame["source_ids"].astype("str")]


def _of_other_years(results: Results, previous: Results | None, years: Iterable[Results | None]) -> list[str]:
    """The sources of the numbers of other years that those of ``results`` are set against."""
    lists: list[str] = []
    others = [other for other in (previous, *years) if other is not None and other.year != results.year]
    for other in others:
        means = other.printed_statistics
        lists += (
            means.loc[(means["statistic"] == "mean") & (means["node"] == WHOLE), "source_ids"].astype("str").tolist()
        )
    if previous is not None:
        known = set(_values(results)) & set(_values(previous))
        rows = previous.bases
        lists += [
            text
            for unit, node, text in rows[["unit", "node", "source_ids"]].itertuples(index=False)
            if (unit, node) in known
        ]
    return lists


def _values(results: Results) -> Iterator[tuple[str, str]]:
    """The units and nodes with a value."""
    table = results.table[results.table["index"].notna()]
    yield from table[["unit", "node"]].astype("str").itertuples(index=False, name=None)


def source_conflicts(results: Results) -> pd.DataFrame:
    """The disagreements between sources on the index of ``results``, as ``conflicts`` gives them; empty for a round."""
    level = {"par": results.level, "sipas": "sipas"}.get(results.index_name, "")
    found = files.conflicts(results.year, level or results.level)
    return found if level and results.stage == "published" else found.iloc[:0]


def check_explanations(language: str = "vi") -> pd.DataFrame:
    """The reviewed explanations of numbers that the sources print and that disagree, for ``analysis.checks.run``:
    ``year``, ``level``, ``check``, ``subject``, ``numbers``, ``explanation`` (in ``language``)."""
    frame = table("published/explanations.csv").frame()
    if language == "en":
        frame["explanation"] = frame["explanation_en"]
    return frame.drop(columns="explanation_en")


def legal_units(results: Results) -> tuple[str, ...]:
    """The units that the year's decision assesses, where the sources settle the list; else nothing to check against."""
    if results.index_name != "par":
        return ()
    return tuple(units.assessed(results.year, results.level)["unit"].astype("str"))


def region_sizes(results: Results) -> dict[str, int]:
    """The number of ranked units of each region; empty for ministries."""
    if not results.system:
        return {}
    homes = [units.region_of(unit, results.system) for unit in results.ranked_units]
    return {region: homes.count(region) for region in dict.fromkeys(homes)}
