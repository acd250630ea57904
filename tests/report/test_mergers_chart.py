"""The figure of merged units: what it draws is what the frame says; one line where there is nothing."""

import numpy as np
import pandas as pd
import pytest

from parlib.analysis import mergers
from parlib.report.blocks import Figure, Note, Wording
from parlib.report.mergers import merger_ranges
from parlib.report.views import View
from parlib.sources import published


@pytest.fixture(scope="module")
def view():
    return View(published.results("dti", 2024, "province"), Wording("vi"))


def test_merged_units_are_drawn_from_worst_to_best(view):
    rule = mergers.wording("mean", "vi", "province", None)
    figure = merger_ranges(view, mergers.spread(view.results), rule)
    assert isinstance(figure, Figure)
    assert len(figure.data["unit"]) == 23  # 23 of the 34 were merged
    assert (np.array(figure.data["worst"]) <= np.array(figure.data["mean"])).all()
    assert rule in figure.notes


def test_one_line_where_there_is_nothing(view):
    assert isinstance(merger_ranges(view, pd.DataFrame()), Note)
