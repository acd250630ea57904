"""The index table and the results: what is allowed in, what is filled, what is refused."""

import numpy as np
import pandas as pd
import pytest

from parlib.data_tables import scale
from parlib.publish.verify import reading
from parlib.scoring.results import INDEX_COLUMNS, Results, index_table

ROW = {"year": 2023, "level": "ministry", "unit": "bo-y-te", "node": "", "stage": "published"}


def table(*rows):
    return index_table(pd.DataFrame(list(rows)))


def test_an_index_table_has_exactly_its_columns_and_types():
    made = table(ROW | {"points": 40, "maximum": 80, "extra": "x"})
    assert tuple(made.columns) == INDEX_COLUMNS
    assert made["year"].dtype == np.int64 and made["index"].dtype == np.float64
    assert made["index"].tolist() == [50]


def test_a_printed_index_is_kept_and_an_unknown_one_stays_unknown():
    made = table(ROW | {"points": 40.0, "maximum": 80.0, "index": 50.01}, ROW | {"unit": "bo-tu-phap"})
    assert made["index"].tolist()[0] == 50.01 and np.isnan(made["index"][1])


def test_nothing_is_divided_by_a_maximum_of_0():
    assert np.isnan(table(ROW | {"points": 0.0, "maximum": 0.0})["index"][0])


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([ROW, ROW], "given twice"),
        ([ROW | {"level": "district"}], "level is one of"),
        ([ROW | {"stage": "draft"}], "stage is one of"),
        ([{key: value for key, value in ROW.items() if key != "node"}], "needs the columns"),
    ],
)
def test_a_broken_table_is_refused(rows, reason):
    with pytest.raises(ValueError, match=reason):
        table(*rows)


def results(**content):
    made = table(
        ROW | {"unit": "bo-y-te", "index": 80.0},
        ROW | {"unit": "bo-y-te", "node": "1", "index": 70.0},
        ROW | {"unit": "uy-ban-dan-toc", "index": 75.0},
    )
    listed = pd.DataFrame({"unit": ["bo-tu-phap", "bo-y-te", "uy-ban-dan-toc"], "ranked": [True, True, False]})
    nodes = pd.DataFrame({"node": ["", "1"], "parent": [None, ""]})
    return Results("par", 2023, "ministry", made, listed, nodes, **content)


def test_made_up_numbers_are_those_that_bear_the_mark():
    assert results(marks=("simulated",)).simulated and not results(marks=("illustrative",)).simulated


def test_values_follow_the_list_of_units_and_unknown_is_not_zero():
    values = results().values()
    assert list(values.index) == ["bo-tu-phap", "bo-y-te", "uy-ban-dan-toc"]
    assert np.isnan(values["bo-tu-phap"]) and values["bo-y-te"] == 80
    assert results().values("1").dropna().to_dict() == {"bo-y-te": 70}
    assert results().values("9").isna().all()


def test_only_ranked_units_are_counted_as_known():
    assert results().ranked_units == ["bo-tu-phap", "bo-y-te"]
    assert results().n_known == 1


def test_verification_reads_each_index_on_the_scale_that_it_is_printed_on():
    for name in ("par", "sipas", "papi", "pci", "dti", "grdp"):
        assert reading.scale(name) == scale(name).column
