"""A change by area and component: it adds up, also under other maxima; hand-worked cases, random tables, real data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.analysis import comparison
from parlib.errors import ParameterError
from parlib.scoring.results import Results, index_table
from parlib.scoring.scheme import load_scheme
from parlib.scoring.scorecard import Scorecard
from parlib.sources import published

Cells = Mapping[str, Mapping[str, tuple[float | None, float | None]]]


def scored(cells: Cells, year: int, names: Mapping[str, str] | None = None, **more: object) -> Results:
    """Results from points and maxima by unit and node; the whole is their sum. Nodes "component:..." do not count."""
    rows, nodes = [], {}
    for unit, of in cells.items():
        tree = {node: cell for node, cell in of.items() if not node.startswith("component:") and "." not in node}
        points = None if None in [cell[0] for cell in tree.values()] else sum(cell[0] or 0 for cell in tree.values())
        whole = (points, sum(cell[1] or 0 for cell in tree.values()))
        for node, (got, maximum) in {"": whole, **of}.items():
            rows.append((year, "ministry", unit, node, got, maximum, "published"))
            nodes[node] = maximum
    table = pd.DataFrame(rows, columns=["year", "level", "unit", "node", "points", "maximum", "stage"])

    def kind(node: str) -> str:
        if node == "":
            return "whole"
        return "component" if node.startswith("component:") else "criterion" if "." in node else "area"

    frame = pd.DataFrame(
        {
            "node": list(nodes),
            "name": [(names or {}).get(node, f"Lĩnh vực {node}") for node in nodes],
            "name_en": list(nodes),
            "maximum": [np.nan if maximum is None else maximum for maximum in nodes.values()],
            "parent": pd.Series([None if n == "" else n.rpartition(".")[0] for n in nodes], dtype="object"),
            "kind": [kind(node) for node in nodes],
        }
    )
    units = pd.DataFrame({"unit": list(cells), "ranked": True})
    return Results("par", year, "ministry", index_table(table), units, frame, **more)  # type: ignore[arg-type]


@cache
def opened(index_name: str, year: int, level: str = "province") -> Results:
    return published.results(index_name, year, level)


def rows(frame: pd.DataFrame, unit: str) -> pd.DataFrame:
    return frame[frame["unit"] == unit].set_index("node")


# --- hand-worked ----------------------------------------------------------------------------------


def test_without_new_maxima_a_contribution_is_the_change_of_points_over_the_maximum():
    # 30/40 + 30/60 = 60 of 100; 34/40 + 27/60 = 61 of 100: +4 - 3 = +1
    before = scored({"a": {"1": (30, 40), "2": (30, 60)}}, 2022)
    now = scored({"a": {"1": (34, 40), "2": (27, 60)}}, 2023)
    frame = rows(comparison.change_parts(now, before), "a")
    assert frame["contribution"].tolist() == [4.0, -3.0]
    assert frame["reweighting"].tolist() == [0.0, 0.0]
    assert frame["performance"].tolist() == [4.0, -3.0]
    assert frame["share"].tolist() == [40.0, 60.0]
    assert set(frame["total"]) == {1.0}
    assert frame["kind"].tolist() == ["part", "part"]


def test_under_new_maxima_performance_and_reweighting_add_up():
    # before: area 1 30/40 = 75%, area 2 30/60 = 50%, whole 60.  now: 1 48/60 = 80%, 2 20/40 = 50%, whole 68: +8.
    # mean shares 0.5 and 0.5; the whole in the mean of both years 64.
    # area 1: performance 0.5 x 5 = 2.5, reweighting (77.5 - 64) x 0.2 = 2.7
    # area 2: performance 0,             reweighting (50 - 64) x -0.2 = 2.8.   2.5 + 2.7 + 2.8 = 8
    before = scored({"a": {"1": (30, 40), "2": (30, 60)}}, 2023)
    now = scored({"a": {"1": (48, 60), "2": (20, 40)}}, 2024)
    frame = rows(comparison.change_parts(now, before), "a")
    assert frame["performance"].tolist() == [2.5, 0.0]
    assert frame["reweighting"].tolist() == pytest.approx([2.7, 2.8])
    assert frame["contribution"].sum() == pytest.approx(8.0)
    assert frame["break_mark"].all()  # 2024: another set of criteria


def test_in_points_nothing_is_measured_against_the_whole():
    # area 1: 30 -> 48: performance mean maximum 50 x 5% = 2.5, reweighting 77.5% x 20 = 15.5; 18 points
    before = scored({"a": {"1": (30, 40), "2": (30, 60)}}, 2023)
    now = scored({"a": {"1": (48, 60), "2": (20, 40)}}, 2024)
    frame = rows(comparison.change_parts(now, before, column="points"), "a")
    assert frame.loc["1", ["performance", "reweighting", "contribution"]].tolist() == [2.5, 15.5, 18.0]
    assert frame.loc["2", "contribution"] == -10.0
    assert set(frame["total"]) == {8.0}


def test_nodes_that_enter_or_leave_add_no_performance():
    # before 1: 40/50, 2: 30/50 = 70; now 1: 45/50, 3: 25/50 = 70: 0.
    # 1: 0.5 x 10 = 5.  3 enters at 50% when the whole is at 70: (50 - 70) x 0.5 = -10.  2 leaves at 60%: +5.
    before = scored({"a": {"1": (40, 50), "2": (30, 50)}}, 2023)
    now = scored({"a": {"1": (45, 50), "3": (25, 50)}}, 2024)
    frame = rows(comparison.change_parts(now, before), "a")
    assert frame["kind"].to_dict() == {"1": "part", "3": "entering", "2": "leaving"}
    assert frame["contribution"].to_dict() == {"1": 5.0, "3": -10.0, "2": 5.0}
    assert frame["performance"].to_dict() == {"1": 5.0, "3": 0.0, "2": 0.0}


def test_across_a_break_nodes_match_by_name_or_by_the_mapping_given():
    before = scored({"a": {"1": (40, 50), "2": (30, 50)}}, 2023, {"1": "Thể chế", "2": "Thủ tục"})
    now = scored({"a": {"1": (30, 50), "2": (45, 50)}}, 2024, {"1": "Thủ tục", "2": "Thể chế"})
    frame = rows(comparison.change_parts(now, before), "a")
    assert sorted(frame["kind"]) == ["entering", "entering", "leaving", "leaving"]  # the codes mean other things
    mapped = rows(comparison.change_parts(now, before, mapping={"1": "2", "2": "1"}), "a")
    assert mapped["performance"].to_dict() == {"1": 0.0, "2": 5.0}  # procedures 60%; institutions 80 to 90%
    assert mapped["kind"].tolist() == ["part", "part"]


def test_a_mapping_that_names_nothing_is_refused_in_all_its_faults():
    before = scored({"a": {"1": (40, 50), "2": (30, 50)}}, 2022)
    now = scored({"a": {"1": (30, 50), "2": (45, 50)}}, 2023)
    with pytest.raises(ParameterError) as refused:
        comparison.change_parts(now, before, mapping={"7": "1", "1": "2", "2": "2"})
    assert len(refused.value.problems) == 2


def test_what_is_not_known_stands_in_the_remainder():
    # area 2 is not known before: of +1 area 1 makes +4, the rest -3
    before = scored({"a": {"1": (30, 40), "2": (None, 60)}}, 2022)
    whole = before.table["node"] == ""
    before.table.loc[whole, ["points", "index"]] = 60.0
    now = scored({"a": {"1": (34, 40), "2": (27, 60)}}, 2023)
    frame = comparison.change_parts(now, before)
    assert frame["kind"].tolist() == ["part", "part", "remainder"]
    assert frame["contribution"].tolist()[0] == 4.0
    assert np.isnan(frame["contribution"].tolist()[1])
    assert frame["contribution"].tolist()[2] == -3.0


def test_a_criterion_that_does_not_apply_to_a_unit_is_no_performance():
    # before: 8/10 + 10/10 = 90%; now the second does not apply: 8/10 = 80%: all of -10 is reweighting
    before = scored({"a": {"1": (8, 10), "2": (10, 10)}}, 2022)
    now = scored({"a": {"1": (8, 10), "2": (0, 0)}}, 2023)
    frame = rows(comparison.change_parts(now, before), "a")
    assert frame["performance"].tolist() == [0.0, 0.0]
    assert frame["contribution"].sum() == pytest.approx(-10)


def test_a_criterion_that_applies_in_neither_year_adds_nothing():
    before = scored({"a": {"1": (8, 10), "2": (0, 0)}}, 2022)
    now = scored({"a": {"1": (9, 10), "2": (0, 0)}}, 2023)
    frame = rows(comparison.change_parts(now, before), "a")
    assert frame["performance"].tolist() == [10.0, 0.0]
    assert frame["reweighting"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("column", "worth"), [("points", 1.0), ("index", 1.25)])  # of 80 points one is 1.25 %
def test_a_node_whose_maximum_was_never_printed_adds_what_its_points_are_worth(column, worth):
    years = []
    for year, points in ((2022, 6), (2023, 7)):
        results = scored({"a": {"1": (points, None), "2": (30, None)}}, year)
        whole = results.table["node"] == ""
        results.table.loc[whole, ["maximum", "index"]] = [80.0, (points + 30) / 0.8]
        years.append(results)
    frame = rows(comparison.change_parts(years[1], years[0], column=column), "a")
    assert frame["performance"].tolist() == pytest.approx([worth, 0.0])
    assert frame["reweighting"].tolist() == [0.0, 0.0]


def test_the_mean_moves_by_the_means_of_the_contributions():
    before = scored({"a": {"1": (30, 40), "2": (30, 60)}, "b": {"1": (20, 40), "2": (40, 60)}}, 2022)
    now = scored({"a": {"1": (34, 40), "2": (27, 60)}, "b": {"1": (26, 40), "2": (41, 60)}}, 2023)
    means = comparison.change_of_mean_by_part(comparison.change_parts(now, before), now, before)
    assert means["contribution"].tolist() == [5.0, -1.0]  # (4 + 6) / 2, (-3 + 1) / 2
    assert set(means["total"]) == {4.0}  # (+1, +7)
    assert means["n"].tolist() == [2, 2]


def test_what_the_mean_of_a_node_leaves_unknown_is_in_one_remainder():
    # a: +4, -3. b: +6 in area 1, area 2 not known before, whole 60 -> 67. Means: area 1 +5, whole (1 + 7) / 2
    before = scored({"a": {"1": (30, 40), "2": (30, 60)}, "b": {"1": (20, 40), "2": (None, 60)}}, 2022)
    whole = (before.table["node"] == "") & (before.table["unit"] == "b")
    before.table.loc[whole, ["points", "index"]] = 60.0
    now = scored({"a": {"1": (34, 40), "2": (27, 60)}, "b": {"1": (26, 40), "2": (41, 60)}}, 2023)
    means = comparison.change_of_mean_by_part(comparison.change_parts(now, before), now, before)
    assert means["kind"].tolist() == ["part", "part", "remainder"]
    assert means["contribution"].tolist()[0] == 5.0
    assert np.isnan(means["contribution"].tolist()[1])
    assert means["contribution"].tolist()[2] == -1.0


def test_what_printed_wholes_have_beyond_their_parts_is_in_the_remainder_of_the_mean():
    # areas +4 and -3; the whole was printed half a point higher than their sum in the year now: +1.5
    before, now = (scored({"a": {"1": (a, 40), "2": (b, 60)}}, year) for year, a, b in ((2022, 30, 30), (2023, 34, 27)))
    now.table.loc[now.table["node"] == "", ["points", "index"]] = 61.5
    means = comparison.change_of_mean_by_part(comparison.change_parts(now, before), now, before)
    assert means["contribution"].tolist() == [4.0, -3.0, 0.5]
    assert means["kind"].tolist() == ["part", "part", "remainder"]


def test_components_are_split_too_and_only_the_whole_has_them():
    cells = {"1": (30, 40), "2": (30, 60), "component:survey": (20, 30), "component:appraisal": (40, 70)}
    other = {"1": (34, 40), "2": (27, 60), "component:survey": (24, 30), "component:appraisal": (37, 70)}
    before, now = scored({"a": cells}, 2022), scored({"a": other}, 2023)
    frame = rows(comparison.change_parts(now, before, by="component"), "a")
    assert frame["contribution"].to_dict() == {"component:survey": 4.0, "component:appraisal": -3.0}
    with pytest.raises(ParameterError):
        comparison.change_parts(now, before, by="component", within="1")
    with pytest.raises(ParameterError):
        comparison.change_parts(now, before, within="9")
    with pytest.raises(ParameterError):
        comparison.change_parts(before, now)  # the wrong way round


# --- random tables --------------------------------------------------------------------------------

share = st.floats(0, 1, allow_subnormal=False)
maximum = st.floats(0.5, 50)


@st.composite
def two_years(draw: st.DrawFn) -> tuple[Results, Results]:
    nodes = [str(n) for n in range(1, draw(st.integers(2, 6)))]
    sides = []
    for year in (2023, 2024):
        own = draw(st.lists(st.sampled_from(nodes), min_size=1, unique=True))
        maxima = {node: draw(maximum) for node in own}
        cells = {
            unit: {node: (round(draw(share) * maxima[node], 6), maxima[node]) for node in own} for unit in ("a", "b")
        }
        sides.append(scored(cells, year))
    return sides[0], sides[1]


@settings(max_examples=10)
@given(two_years(), st.sampled_from(["index", "points"]))
def test_contributions_always_add_up_to_the_change(years, column):
    before, now = years
    frame = comparison.change_parts(now, before, column=column)
    assert "remainder" not in set(frame["kind"])  # everything is known: the parts alone make it up
    for _, of in frame.groupby("unit"):
        assert of["contribution"].sum() == pytest.approx(of["total"].iloc[0], abs=1e-7)
        assert (of["performance"] + of["reweighting"]).tolist() == pytest.approx(of["contribution"].tolist(), abs=1e-8)
    means = comparison.change_of_mean_by_part(frame, now, before)
    assert means["contribution"].sum() == pytest.approx(means["total"].iloc[0], abs=1e-7)


def test_scorecards_add_up_down_to_the_criteria_with_some_that_do_not_apply():
    scheme = load_scheme("876-ministry")
    units = ("bo-tu-phap", "bo-y-te", "bo-noi-vu")
    rng = np.random.default_rng(3)
    years = []
    for year in (2022, 2023):
        points = np.round(rng.uniform(size=(3, len(scheme.leaves))) * scheme.leaf_maxima, 2)
        applies = rng.uniform(size=points.shape) > 0.1
        card = Scorecard(scheme, year, "ministry", units, points, applies, np.zeros_like(points))
        listed = pd.DataFrame({"unit": units, "ranked": True})
        table = card.index_table().assign(stage="published")
        years.append(Results("par", year, "ministry", table, listed, scheme.node_frame()))
    before, now = years
    for how in ({}, {"by": "component"}, {"within": "3"}, {"column": "points"}):
        frame = comparison.change_parts(now, before, **how)
        assert "remainder" not in set(frame["kind"])
        sums = frame.groupby("unit")["contribution"].sum()
        totals = frame.drop_duplicates("unit").set_index("unit")["total"]
        assert totals.notna().all()
        assert np.abs(sums - totals.reindex(sums.index)).max() < 1e-7


# --- real data ------------------------------------------------------------------------------------


def test_papi_2024_of_ha_noi_by_dimension():
    # data/external/papi.csv, points of 2023 and 2024: dimension 6 fell 7.84858 -> 7.56898, total 43.96031 -> 43.77472
    frame = rows(comparison.change_parts(opened("papi", 2024), opened("papi", 2023), column="points"), "ha-noi")
    assert frame.loc["6", "contribution"] == pytest.approx(-0.2796, abs=2e-5)
    assert frame["contribution"].sum() == pytest.approx(43.77472 - 43.96031, abs=1e-8)
    assert (frame["reweighting"] == 0).all()
    assert frame["contribution"].idxmin() == "6"


def test_papi_2024_every_known_unit_adds_up_and_unknown_ones_stay():
    frame = comparison.change_parts(opened("papi", 2024), opened("papi", 2023))
    assert frame["unit"].nunique() == 63
    sums = frame.groupby("unit")[["contribution"]].sum(min_count=8)["contribution"]
    totals = frame.drop_duplicates("unit").set_index("unit")["total"]
    assert int(totals.notna().sum()) == 59  # four provinces lack a total in one of the years
    known = totals.index[totals.notna()]
    assert np.abs(sums[known] - totals[known]).max() < 1e-8
    # the parts of dimension 5 have no maximum of their own: they keep it while the scale lasts
    five = comparison.change_parts(opened("papi", 2024), opened("papi", 2023), within="5", column="points")
    sums, totals = five.groupby("unit")["contribution"].sum(), five.drop_duplicates("unit").set_index("unit")["total"]
    assert np.abs(sums["ha-noi"] - totals["ha-noi"]) < 1e-8


def test_papi_2021_does_not_compare_with_2020():
    frame = comparison.change_parts(opened("papi", 2021), opened("papi", 2020))
    assert frame["contribution"].isna().all()
    assert frame["total"].isna().all()
    assert frame["break_mark"].all()


def test_quang_nam_2023_as_far_as_its_areas_were_printed():
    # change printed +3.69; areas 1-7 rose by 0.98 + 0.56 + 1.0192 + 0.41055 + 0.83 + 1.21 + 0.51 = 5.51975 points,
    # so area 8, which was not printed, took 1.82975 away
    frame = comparison.change_parts(opened("par", 2023), opened("par", 2022))
    own = frame[frame["unit"] == "quang-nam"]
    assert own.loc[own["kind"] == "remainder", "contribution"].tolist() == [-1.82975]
    assert own.loc[own["node"] == "2", "contribution"].tolist() == [0.56]  # 88.20 -> 93.80 percent of 10
    assert own["contribution"].sum() == pytest.approx(3.69)
