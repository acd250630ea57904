"""Sets of criteria side by side: maxima and numbers as data/schemes prints them, unknown where it does not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from parlib.analysis.mobility import criteria_change
from parlib.data_tables import total_of
from parlib.sources import published


def sets(index_name, year, level="province"):
    change = criteria_change(published.results(index_name, year, level))
    parts = change.parts.set_index("node") if len(change.parts) else change.parts
    return change, parts


def test_the_components_of_2021_and_2023_are_those_printed():
    change, parts = sets("par", 2023)
    assert (change.since, change.last) == (2022, 2021)  # breaks.csv: 876/QĐ-BNV from 2022
    assert (change.decision, change.before, change.inferred) == ("876/QĐ-BNV", "1149/QĐ-BNV", False)
    printed = {"appraisal": (61.5, 60.5), "leaders": (22, 23.5), "sipas": (10, 10), "impact": (6.5, 6)}
    for component, (now, before) in printed.items():  # components.csv
        row = parts.loc[f"component:{component}"]
        assert (row["maximum"], row["maximum_before"], row["maximum_change"]) == (now, before, now - before)
    whole = parts.loc[""]
    assert (whole["n_criteria"], whole["n_criteria_before"]) == (37, 43)  # areas.csv, TOTAL
    assert (whole["n_subcriteria"], whole["n_subcriteria_before"]) == (88, 102)


def test_maxima_of_areas_are_known_only_where_they_were_seen():
    _, parts = sets("par", 2023, "ministry")
    assert parts.loc["1", "maximum_before"] == 9  # 1149/QĐ-BNV, printed
    assert np.isnan(parts.loc["1", "maximum"])  # 876/QĐ-BNV: not seen for ministries
    assert (parts.loc["1", "n_criteria"], parts.loc["1", "n_subcriteria"]) == (7, 6)
    assert np.isnan(parts.loc["1", "n_criteria_before"])


def test_the_maximum_of_the_appraised_part_is_not_that_of_the_area():
    _, parts = sets("par", 2018, "ministry")  # the set before is that of 2017, of which only appraised parts were seen
    assert parts["maximum_before"].reindex(["1", "2", "3"]).isna().all()
    assert parts.loc["component:appraisal", "maximum_before"] == 63.5


def test_a_decision_that_is_inferred_for_its_year_says_so():
    change, _ = sets("par", 2024)
    assert (change.since, change.decision, change.before, change.inferred) == (2024, "892/QĐ-BNV", "876/QĐ-BNV", True)


def test_papi_counts_only_what_had_values():
    change, parts = sets("papi", 2024)
    assert (change.since, change.last) == (2021, 2020)
    assert (parts.loc["5", "n_criteria"], parts.loc["5", "n_criteria_before"]) == (3, 4)  # 5.2 ended
    assert (parts.loc["", "n_criteria"], parts.loc["", "n_criteria_before"]) == (28, 29)
    assert parts["n_subcriteria"].isna().all()  # PAPI has two levels
    named = published.results("papi", 2024, "province").nodes.set_index("node")
    assert parts.loc["5", ["name", "name_en"]].tolist() == named.loc["5", ["name", "name_en"]].tolist()


def test_a_set_with_its_criteria_is_counted_by_itself():
    published_ = published.results("par", 2023, "ministry")
    kinds = {"1": "area", "1.1": "criterion", "1.1.1": "subcriterion", "1.1.2": "subcriterion", "1.2": "criterion"}
    rows = [(node, "", "", np.nan, node.rpartition(".")[0], kind) for node, kind in kinds.items()]
    whole = published_.nodes[published_.nodes["kind"] == "whole"]
    nodes = pd.concat([whole, pd.DataFrame(rows, columns=["node", "name", "name_en", "maximum", "parent", "kind"])])
    parts = criteria_change(replace(published_, nodes=nodes)).parts.set_index("node")
    assert parts.loc[["", "1"], ["n_criteria", "n_subcriteria"]].to_numpy().tolist() == [[2, 2], [2, 2]]


@pytest.mark.parametrize(("index_name", "year"), [("sipas", 2023), ("pci", 2022), ("par", 2012)])
def test_without_a_set_before_there_is_nothing_to_compare(index_name, year):
    change, _ = sets(index_name, year)
    assert (change.since, len(change.parts)) == (0, 0)


def test_totals_are_those_of_the_table():
    assert total_of(2019, "province")[1:] == (43, 95)
    assert np.isnan(total_of(2013, "province")).all()
