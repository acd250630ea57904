"""The data that a report rests on, as datasets: what the gate checks its numbers against, and open data is made of."""

from __future__ import annotations

import pandas as pd

from parlib.presentation.blocks import Dataset
from parlib.presentation.views import View
from parlib.presentation.wording import message

#: The columns of the dataset "index": name, type, meaning.
_COLUMNS = (
    ("index_name", "string", message("The index: par, papi, pci, dti, sipas, grdp")),
    ("year", "integer", message("Year of the results")),
    ("level", "string", message("province or ministry")),
    ("unit", "string", message("Key of the unit")),
    ("name", "string", message("Name of the unit")),
    ("node", "string", message("Code of the criterion; empty: the whole index; component: a part of it")),
    ("node_name", "string", message("Name of the criterion")),
    ("points", "number", message("Points reached")),
    ("maximum", "number", message("Maximum of the points that applies to the unit")),
    ("index", "number", message("Points reached in percent of the maximum")),
    ("standard_error", "number", message("Standard error of the index from the survey; empty: not known")),
    ("stage", "string", message("Stage of the assessment: self, appraisal, final, published")),
    ("ranked", "boolean", message("Whether the unit is ranked")),
    ("rank", "integer", message("Rank among the ranked units; empty: not known or not ranked")),
    ("band", "string", message("Group by the whole index")),
    ("basis", "string", message("What the number rests on: published, computed, derived, rounded, secondary")),
    ("marks", "string", message("What the numbers of the year rest on, such as simulated or illustrative_scheme")),
)


def index_data(view: View, tables: pd.DataFrame) -> Dataset:
    """The index tables behind a report as a dataset. ``tables`` is the frame of ``ranking.index_tables``."""
    names = {unit: view.unit(str(unit)) for unit in tables["unit"].unique()}
    known = set(view.results.nodes["node"])
    node_names = {node: view.node_name(str(node)) for node in tables["node"].unique() if node in known}
    frame = tables.assign(name=tables["unit"].map(names), node_name=tables["node"].map(node_names).fillna(""))
    if view.simulated:
        frame = frame.assign(marks=[";".join(dict.fromkeys([*filter(None, m.split(";")), "simulated"]))
                                    for m in frame["marks"]])  # fmt: skip
    numbers = ["points", "maximum", "index", "standard_error"]
    frame[numbers] = frame[numbers].round(9)
    columns = [name for name, _, _ in _COLUMNS]
    text = frame[columns].to_csv(index=False, lineterminator="\n")
    described = tuple((name, kind, view.wording.say(meaning)) for name, kind, meaning in _COLUMNS)
    return Dataset.of("index", view.say("Index table of {index}, {year} and earlier years"), described, text)
