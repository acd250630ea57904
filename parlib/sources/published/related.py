"""The related indices of the provinces: SIPAS, PCI, DTI and GRDP per head, one ``Results`` a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from parlib import data_tables, decisions
from parlib.scoring import scheme, units
from parlib.scoring.results import WHOLE, Results, index_table
from parlib.sources.published.files import known, rows_of, whole_numbers
from parlib.words import FIRST, SOURCE, Message

LEVEL = "province"
COMPONENT = scheme.COMPONENT


@dataclass(frozen=True)
class Values:
    """One value for each unit of a year, on one scale.

    ``rows`` has ``unit``, ``value`` (NaN = not known), ``basis``, ``source_ids``; ``listed`` the units of the year in
    official order. ``maximum`` is NaN for a quantity that has none: its ``index`` is then the value itself.
    ``n_ranked`` says how many units were ranked where that is more than ``listed``.
    """

    index_name: str
    year: int
    name: Message
    maximum: float
    rows: pd.DataFrame
    listed: list[str]
    ranks: pd.DataFrame | None = None
    statistics: pd.DataFrame | None = None
    n_ranked: int | None = None
    parts: pd.DataFrame | None = None
    part_names: Mapping[str, Message] = field(default_factory=dict)
    method: str = ""


def provinces(year: int) -> list[str]:
    """The keys of the provinces that results of a year are on, in official order."""
    return [unit.key for unit in units.units_of_year(year, LEVEL)]


def _results(of: Values) -> Results:
    rows = of.rows[known(of.rows["value"])]
    whole = pd.DataFrame({"unit": rows["unit"], "node": WHOLE, "maximum": of.maximum})
    if np.isnan(of.maximum):
        whole = whole.assign(index=rows["value"])
    else:  # nine decimals, so that 100 x 0.8373 is 83.73 again
        whole = whole.assign(points=rows["value"], index=(rows["value"] * (100 / of.maximum)).round(9))
    frames = [whole] if of.parts is None else [whole, of.parts]
    table = pd.concat(frames, ignore_index=True).assign(year=of.year, level=LEVEL, stage="published")
    statistics = _statistics(of)
    number = max(len(of.listed), of.n_ranked or 0)
    rests_on = set(of.rows["basis"]) | (set() if of.ranks is None else set(of.ranks["rank_basis"]))
    marks = {
        "partial": len(rows) < number,
        "secondary": "secondary" in rests_on,
        "derived": "derived" in rests_on,
    }
    nodes: list[tuple[object, ...]] = [(WHOLE, *_both(of.name), of.maximum, None, "whole")]
    nodes += [(COMPONENT + key, *_both(name), np.nan, "", "component") for key, name in of.part_names.items()]
    frame = pd.DataFrame(nodes, columns=["node", "name", "name_en", "maximum", "parent", "kind"])
    frame["parent"] = pd.Series([row[4] for row in nodes], dtype="object")
    return Results(
        index_name=of.index_name,
        year=of.year,
        level=LEVEL,
        table=index_table(table),
        units=pd.DataFrame({"unit": pd.Series(of.listed, dtype="str"), "ranked": True}),
        nodes=frame.astype({"maximum": "float64"}),
        ranks=of.ranks,
        bases=of.rows.assign(node=WHOLE)[["unit", "node", "basis", "source_ids", "note"]].reset_index(drop=True),
        printed_statistics=statistics,
        marks=tuple(mark for mark, applies in marks.items() if applies),
        decision=of.method,
        break_before=of.year in decisions.breaks(LEVEL, of.index_name),
        system=data_tables.system_of(of.year, LEVEL),
    )


def _both(name: Message) -> tuple[str, str]:
    """A name as the columns ``name`` and ``name_en`` have it."""
    return name.text(FIRST), name.text(SOURCE)


def _statistics(of: Values) -> pd.DataFrame:
    """Printed statistics, and the number ranked where some ranked unit is not listed."""
    rows: list[tuple[object, ...]] = []
    if of.statistics is not None:
        printed = of.statistics[["statistic", "value", "source_ids"]].itertuples(index=False)
        rows += [(word, value, "", "", False, source_ids, "") for word, value, source_ids in printed]
    if (of.n_ranked or 0) > len(of.listed):
        note = "a province that no longer exists keeps its place in the ranks"
        rows.append(("n_units", of.n_ranked, "", "", True, str(of.rows["source_ids"].iloc[0]), note))
    columns = ["statistic", "value", "node", "unit", "derived", "source_ids", "note"]
    return pd.DataFrame(rows, columns=columns).astype({"value": "float64", "derived": bool})


def _printed_ranks(rows: pd.DataFrame) -> pd.DataFrame:
    ranked = rows[known(rows["rank"]) | known(rows["rank_min"])]
    ranks = pd.DataFrame({"unit": ranked["unit"], "rank": whole_numbers(ranked["rank"])})
    for end in ("rank_min", "rank_max"):
        ranks[end] = whole_numbers(ranked[end].fillna(ranked["rank"]))
    basis = ranked["rank_basis"].where(ranked["rank_basis"] != "", "published")
    return ranks.assign(rank_basis=basis).reset_index(drop=True)


def sipas(year: int) -> Results:
    """SIPAS, the satisfaction index (percent): partial in every year but the pilot of ten provinces in 2015."""
    rows = rows_of("published/sipas.csv", year).rename(columns={"key": "unit"})
    pilot = set(rows["unit"]) if rows["note"].str.startswith("pilot").all() else None
    listed = [key for key in provinces(year) if pilot is None or key in pilot]
    return _results(
        Values(
            index_name="sipas",
            year=year,
            name=Message("Satisfaction index (SIPAS)"),
            maximum=100,
            rows=rows,
            listed=listed,
            ranks=_printed_ranks(rows),
            statistics=rows_of("published/sipas_statistics.csv", year),
        )
    )


def pci(year: int) -> Results:
    """PCI, the provincial competitiveness index (0 to 100).

    To 2008 a province that no longer exists is left out of the values but keeps its place in the ranks.
    """
    rows = rows_of("external/pci.csv", year).rename(columns={"key": "unit"}).assign(basis="published", note="")
    number, complete = int(rows["n_units"].iloc[0]), set(rows["unit"]) == set(provinces(year))
    gap = number > len(rows)
    ranked = rows.assign(rank_min=np.nan, rank_max=np.nan, rank_basis="derived")
    return _results(
        Values(
            index_name="pci",
            year=year,
            name=Message("Provincial Competitiveness Index (PCI)"),
            maximum=100,
            rows=rows,
            listed=[key for key in provinces(year) if complete or key in set(rows["unit"])],
            ranks=_printed_ranks(ranked) if gap else None,
            n_ranked=number,
            method="PCI (VCCI, USAID)",
        )
    )


def dti(year: int) -> Results:
    """DTI, the digital transformation index (0 to 1): whole from 2022, a few provinces in 2020 and 2021."""
    rows = rows_of("external/dti.csv", year).rename(columns={"key": "unit"}).assign(note="")
    complete = bool((rows["complete_year"] == 1).all())
    ranked = rows.assign(rank_min=np.nan, rank_max=np.nan, rank_basis="published")
    return _results(
        Values(
            index_name="dti",
            year=year,
            name=Message("Provincial digital transformation index (DTI)"),
            maximum=1,
            rows=rows,
            listed=provinces(year),
            ranks=None if complete else _printed_ranks(ranked),
            method="DTI",
        )
    )


def grdp(year: int) -> Results:
    """GRDP per head in million dong, second-hand; values flagged as suspect are left out and counted as unknown.

    The components carry its two terms as points: the total in billion dong, the population in thousands.
    """
    rows = rows_of("external/grdp.csv", year).rename(columns={"key": "unit"}).assign(note="")
    suspect = rows["flag"] == "suspect"
    rows["basis"] = np.where(suspect, "suspect", "secondary")
    rows["value"] = rows["grdp_pc_mil_vnd"].mask(suspect)
    parts = []
    for key, column in (("grdp", "grdp_bil_vnd"), ("population", "pop_thousand")):
        points = rows[column].mask(suspect) if key == "grdp" else rows[column]
        part = pd.DataFrame({"unit": rows["unit"], "node": COMPONENT + key, "points": points})
        parts.append(part[known(part["points"])])
    return _results(
        Values(
            index_name="grdp",
            year=year,
            name=Message("GRDP per head (million dong)"),
            maximum=np.nan,
            rows=rows,
            listed=provinces(year),
            parts=pd.concat(parts, ignore_index=True),
            part_names={"grdp": Message("GRDP (billion dong)"), "population": Message("Population (thousands)")},
        )
    )
