"""Contested points."""

import numpy as np
import pandas as pd
import pytest

from parlib.analysis.robustness import contested_points, from_arrays, vary_appraisal
from parlib.errors import DataError, ParameterError

DECIDED = from_arrays([[5.0, 3], [5, 2], [1, np.nan]], {"1": 6, "2": 4}, units=["a", "b", "c"])
CLAIMED = from_arrays([[5.0, 3], [6, 3], [1, 4]], {"1": 6, "2": 4}, units=["a", "b", "c"])


def test_points_on_which_the_stages_differ():
    table = contested_points(CLAIMED, DECIDED)
    assert table.to_dict("records") == [
        {"unit": "b", "code": "1", "claimed": 6, "decided": 5, "difference": 1},
        {"unit": "b", "code": "2", "claimed": 3, "decided": 2, "difference": 1},
    ]


def test_either_side_may_be_right():
    # a has 8; b has 7 and gains 0, 1 or 2 with chances 1/4, 1/2, 1/4: second, tied first, first alone.
    study = vary_appraisal(DECIDED, contested_points(CLAIMED, DECIDED), n_draws=20_000, seed=1, draws=True)
    np.testing.assert_allclose(study.acceptability.loc["a"], [0.75, 0.25], atol=0.012)
    np.testing.assert_allclose(study.acceptability.loc["b"], [0.75, 0.25], atol=0.012)
    assert study.beats.loc["b", "a"] == pytest.approx(0.25, abs=0.012)
    assert set(study.table["source"]) == {"appraisal"}
    assert study.counts.sum(axis=1).tolist() == [20_000, 20_000]  # every draw, the first too
    assert study.n_unknown == 1
    assert study.table["rank"].tolist()[:2] == [1, 2]
    assert study.input_names == ("b 1", "b 2")
    np.testing.assert_allclose(study.index[:, 1], 70 + 10 * study.inputs.sum(axis=0))


def test_the_truth_may_lie_between():
    contested = contested_points(CLAIMED, DECIDED)
    study = vary_appraisal(DECIDED, contested, outcome="between", n_draws=20_000)
    assert study.table["index_mean"][1] == pytest.approx(80, abs=0.2)
    assert study.table[["index_low", "index_high"]].to_numpy()[1] == pytest.approx([73.16, 86.84], abs=0.4)
    # The sum of two even draws: the 5% point is sqrt(2 x 0.05) = 0.316.


def test_chances_may_differ_by_point():
    contested = contested_points(CLAIMED, DECIDED).assign(chance=[0.0, 1.0])
    study = vary_appraisal(DECIDED, contested, n_draws=100)
    assert (study.ranks == 1).all()  # b gains exactly one point and ties, in every draw
    assert study.table["index_low"][1] == study.table["index_high"][1] == 80


def test_nothing_contested_changes_nothing():
    study = vary_appraisal(DECIDED, contested_points(DECIDED, DECIDED), n_draws=10)
    assert (study.ranks == [1, 2]).all()


def test_wrong_inputs_are_named():
    wrong = pd.DataFrame({"unit": ["z"], "code": ["1"], "claimed": [1.0], "decided": [0.0]})
    with pytest.raises(ParameterError, match="no such unit"):
        vary_appraisal(DECIDED, wrong)
    with pytest.raises(ParameterError, match="a chance lies from 0 to 1"):
        vary_appraisal(DECIDED, contested_points(CLAIMED, DECIDED), chance=1.2)
    with pytest.raises(DataError, match="same units"):
        contested_points(from_arrays([[1.0]], [1]), DECIDED)
