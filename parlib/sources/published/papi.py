"""PAPI through the whole chain: published values of sub-dimensions, the scheme of the year, the scoring, the index."""

from __future__ import annotations

import pandas as pd

from parlib import data_tables, decisions
from parlib.scoring import scheme, units
from parlib.scoring.results import WHOLE, Results
from parlib.scoring.scorecard import Scorecard, score
from parlib.sources.published.files import known, rows_of

LEVEL = "province"
SOURCE = "papi_mlmcdm"


def papi_scorecard(year: int) -> Scorecard:
    """The scorecard of the 63 provinces: each sub-dimension counts as published, one without a value is unknown."""
    structure = scheme.scheme_for(year, "province", "papi")
    assert structure is not None, year  # every year of papi.csv has its structure: a test says so
    values = rows_of("external/papi.csv", year)
    answers = pd.DataFrame({"unit": values["key"], "code": values["code"], "answer": values["value"].to_numpy()})
    keys = [unit.key for unit in units.units_of_year(year, LEVEL)]
    return score(structure, answers, year=year, stage="published", units=keys)


def papi(year: int) -> Results:
    """PAPI of a year. A province without a sub-dimension has no total: it stays in the list and is not ranked."""
    card = papi_scorecard(year)
    absent = card.scheme.absent_in(year)
    table, nodes = card.index_table(), card.scheme.node_frame()
    table = table[~table["node"].isin(absent)].reset_index(drop=True)
    table["standard_error"] = float("nan")  # of a survey whose errors are not in the data: not known, not zero
    totals = table[table["node"] == WHOLE].set_index("unit")["points"]
    complete = known(totals)
    listed = pd.DataFrame({"unit": pd.Series(card.units, dtype="str"), "ranked": complete.to_numpy()})
    bases = listed[["unit"]].assign(node=WHOLE, source_ids=SOURCE, note="")
    bases["basis"] = ["computed" if whole else "incomplete" for whole in complete]
    return Results(
        index_name="papi",
        year=year,
        level=LEVEL,
        table=table,
        units=listed,
        nodes=nodes[~nodes["node"].isin(absent)].reset_index(drop=True),
        bands=card.scheme.bands,
        ranks=None,
        bases=bases[["unit", "node", "basis", "source_ids", "note"]],
        marks=() if complete.all() else ("partial",),
        decision=card.scheme.decision,
        break_before=year in decisions.breaks(LEVEL, "papi"),
        system=data_tables.system_of(year, LEVEL),
    )
