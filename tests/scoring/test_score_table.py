"""The heart without the rest: a table of points of any index, its nodes and ranks."""

import numpy as np
import pandas as pd
import pytest

import parlib
from parlib.errors import ParameterError


def test_a_table_of_63_units_and_88_leaves_of_another_index():
    random = np.random.default_rng(7)
    codes = [f"{1 + leaf % 8}.{1 + leaf // 8}" for leaf in range(87)] + ["9.1"]  # area 9 has one criterion
    maximum = random.integers(1, 9, 88) / 4
    points = np.round(random.random((63, 88)) * maximum * 4) / 4  # quarter points: many units tie in an area
    units = [f"commune {n}" for n in range(63)]
    scored = parlib.score_table(pd.DataFrame(points, units, codes), dict(zip(codes, maximum, strict=True)))

    nodes = scored["node"].unique().tolist()
    assert len(nodes) == 1 + 9 + 88 and len(scored) == 63 * 98
    index, rank = (scored.set_index(["unit", "node"])[name].unstack()[nodes] for name in ("index", "rank"))  # noqa: PD010
    index, rank = index.loc[units], rank.loc[units]
    for node in nodes:
        inside = [not node or code == node or code.split(".")[0] == node for code in codes]
        plain = 100 * points[:, inside].sum(axis=1) / maximum[inside].sum()
        assert np.allclose(index[node], plain, atol=1e-9)
        whole_quarters = np.rint(4 * points[:, inside].sum(axis=1))  # exact: how many stand before a unit, plus 1
        assert rank[node].tolist() == [1 + int((whole_quarters > own).sum()) for own in whole_quarters]
    assert (index["9"] == index["9.1"]).all()


def test_what_is_not_known_is_no_zero_and_parents_may_be_named():
    table = pd.DataFrame({"roads": [2.0, 1.0, np.nan], "trees": [1.0, 3.0, 3.0]}, ["a", "b", "c"])
    parents = {"roads": "town", "trees": "green", "green": "town"}
    scored = parlib.score_table(table, {"roads": 2, "trees": 4}, parents).set_index(["unit", "node"])
    assert scored.loc["a"].index.tolist() == ["", "town", "roads", "green", "trees"]
    assert scored.loc[("a", "town"), ["points", "maximum", "index", "rank"]].tolist() == [3, 6, 50, 2]
    assert scored.loc[("b", ""), ["points", "rank"]].tolist() == [4, 1]
    assert np.isnan(scored["points"][("c", "")]) and scored["rank"][("c", "")] is pd.NA
    assert scored["rank"][("c", "green")] == 1


def test_what_is_wrong_with_a_table_is_said_all_at_once():
    table = pd.DataFrame([[3.0, -1.0, 1.0], [1.0, 1.0, 1.0]], ["a", "a"], ["1", "2", "3"])
    with pytest.raises(ParameterError) as error:
        parlib.score_table(table, {"1": 2, "2": 2}, {"3": "4", "4": "3"})
    assert [problem.text("en") for problem in error.value.problems] == [
        "value 'a': given twice",
        "node 3: max must be a number above 0",
        "node 1, value 3.0: unit a: points are between 0 and 2",
        "node 2, value -1.0: unit a: points are between 0 and 2",
        "node 3: lies below itself",
    ]


def test_a_maximum_of_nothing_is_no_maximum():
    with pytest.raises(ParameterError, match="node 1: max must be a number above 0"):
        parlib.score_table(pd.DataFrame({"1": [0.0]}, ["a"]), {"1": 0})
