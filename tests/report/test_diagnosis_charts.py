"""Figures of lost points and of single criteria: they draw what the frames say."""

import pandas as pd
import pytest

from parlib.report.blocks import Figure, Note, Wording
from parlib.report.charts import areas
from parlib.report.views import View
from parlib.years import open_results

EMPTY = pd.DataFrame()

# Two units lost 3 and 1 points on node 1, 2 and 0 on node 2, nothing on node 3: means 2, 1, 0 of 3 points in all.
LOSSES = pd.DataFrame(
    {
        "node": ["1", "2", "3"],
        "n": [2, 2, 2],
        "mean_lost": [2.0, 1.0, 0.0],
        "share": [2 / 3, 1 / 3, 0.0],
        "cumulative": [2 / 3, 1.0, 1.0],
        "n_losing": [2, 1, 0],
        "mean_index": [80.0, 90.0, 100.0],
    }
)
ITEMS = pd.DataFrame(
    {
        "node": ["1", "2", "3", "4"],
        "difficulty": [0.8, 0.95, 0.4, 1.0],
        "discrimination": [0.5, 0.1, -0.2, float("nan")],
        "remark": ["", "ceiling", "weak", "ceiling"],
    }
)


@pytest.fixture
def view(language):
    return View(open_results(2024, "province", "papi"), Wording(language))


def test_losses_are_drawn_largest_first_without_those_of_nothing(view):
    figure = areas.pareto_bars(view, LOSSES)
    assert isinstance(figure, Figure)
    assert figure.data["node"] == ["1", "2"]
    assert figure.data["mean_lost"] == [2.0, 1.0]
    assert figure.data["cumulative"] == pytest.approx([200 / 3, 100])
    assert len(areas.pareto_bars(view, LOSSES, most=1).data["node"]) == 1
    assert view.node_name("1") in figure.alternative


def test_criteria_are_drawn_in_percent_and_those_that_do_not_vary_are_counted(view):
    figure = areas.item_scatter(view, ITEMS)
    assert isinstance(figure, Figure)
    assert figure.data["node"] == ["1", "2", "3"]
    assert figure.data["difficulty"] == pytest.approx([80, 95, 40])
    assert figure.data["discrimination"] == [0.5, 0.1, -0.2]
    assert len(figure.notes) == 1
    assert "1" in figure.notes[0]
    assert " 3, " in figure.alternative  # the weakest is node 3


def test_a_long_name_keeps_to_two_lines(view):
    name = "Mức độ hài lòng của người dân đối với sự phục vụ của cơ quan hành chính nhà nước " * 3
    short = areas.shortened(name, 77)
    assert short.count("\n") == 1
    assert short.endswith("…")


def test_one_line_where_nothing_is_known(view):
    for block in (
        areas.pareto_bars(view, EMPTY),
        areas.item_scatter(view, EMPTY),
        areas.item_scatter(view, ITEMS.tail(1)),
    ):
        assert isinstance(block, Note)
        assert block.role == "missing"


def test_simulated_figures_are_marked():
    view = View(open_results(2024, "province", "papi"), Wording("vi"), simulated=True)
    assert view.marks[0] in areas.pareto_bars(view, LOSSES).notes
    assert view.marks[0] in areas.item_scatter(view, ITEMS).notes
