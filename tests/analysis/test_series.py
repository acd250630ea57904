"""Series with breaks: what the common core and the links are, by hand; chained is plain where nothing breaks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.analysis.series import break_years, chain, core_series, series, splices
from parlib.errors import ParameterError
from parlib.scoring.results import Results, index_table
from parlib.sources import published

CORE = {"first": "1"}


@cache
def papi(year: int) -> Results:
    return published.results("papi", year, "province")


def areas(year: int, cells: Mapping[str, Mapping[str, tuple[float | None, float]]], names: str = "") -> Results:
    """Results of areas with points and maxima; the whole is their sum."""
    rows = []
    for unit, of in cells.items():
        got = [cell[0] for cell in of.values()]
        whole = (None if None in got else sum(point or 0 for point in got), sum(cell[1] for cell in of.values()))
        rows += [(year, "ministry", unit, node, *cell, "published") for node, cell in {"": whole, **of}.items()]
    table = pd.DataFrame(rows, columns=["year", "level", "unit", "node", "points", "maximum", "stage"])
    first = next(iter(cells.values()))
    nodes = [("", "Chỉ số", "Index", 100.0, None, "whole")]
    nodes += [(node, f"Lĩnh vực {node}", f"Area {node}", cell[1], "", "area") for node, cell in first.items()]
    frame = pd.DataFrame(nodes, columns=["node", "name", "name_en", "maximum", "parent", "kind"])
    units = pd.DataFrame({"unit": list(cells), "ranked": True})
    return Results("par", year, "ministry", index_table(table), units, frame)


def two(year: int, a: tuple[float, float], b: tuple[float, float], maxima: tuple[float, float]) -> Results:
    cells = {key: {"1": (of[0], maxima[0]), "2": (of[1], maxima[1])} for key, of in (("a", a), ("b", b))}
    return areas(year, cells)


# 2023 and 2024 are on two sets of criteria (a break). Whole: a 60, b 80 -> a 66, b 88: means 70 and 77.
# Area 1 is the core: a 20/40 = 50%, b 30/40 = 75% -> a 30/50 = 60%, b 40/50 = 80%: means 62.5 and 70.
BEFORE = two(2023, (20, 40), (30, 50), (40, 60))
AFTER = two(2024, (30, 36), (40, 48), (50, 50))


def test_the_link_is_what_the_core_leaves_of_the_jump():
    link = splices([AFTER, BEFORE], {2024: CORE}).iloc[0]  # in any order
    assert link[["year", "previous_year", "n", "n_units"]].tolist() == [2024, 2023, 2, 2]
    assert link[["previous", "value", "previous_core", "core"]].tolist() == [70, 77, 62.5, 70]
    assert link[["previous_coverage", "coverage"]].tolist() == [40, 50]
    # the core grew by 70 / 62.5 = 1.12, the whole by 1.1: 1.1 / 1.12
    assert link["factor"] == pytest.approx(1.1 / 1.12)
    assert link["difference"] == pytest.approx(7 - 7.5)


def test_chained_values_move_as_the_core_did_over_a_break():
    frame = chain([BEFORE, AFTER], {2024: CORE}).set_index(["year", "unit"])
    assert frame.loc[(2024, "a"), "chained"] == 66  # the last year keeps its scale
    assert frame.loc[(2023, "a"), "chained"] == pytest.approx(60 * 1.1 / 1.12)
    means = frame.groupby("year")["chained"].mean()
    assert means[2024] / means[2023] == pytest.approx(1.12)
    assert frame.loc[2024, "break_mark"].all()
    assert not frame.loc[2023, "break_mark"].any()
    assert frame["segment"].groupby("year").first().to_dict() == {2023: 1, 2024: 2}
    apart = chain([BEFORE, AFTER], {2024: CORE}, method="difference", base="first").set_index(["year", "unit"])
    assert apart.loc[(2023, "a"), "chained"] == 60
    assert apart.loc[(2024, "a"), "chained"] == 66.5  # 66 - (-0.5): the mean moves by 7.5, as the core's does
    back = chain([BEFORE, AFTER], {2024: CORE}, base="first").set_index(["year", "unit"])
    assert back.loc[(2024, "a"), "chained"] == pytest.approx(66 * 1.12 / 1.1)


def test_a_break_without_a_core_is_refused_and_one_with_few_known_units_not_linked():
    with pytest.raises(ParameterError, match="2024"):
        chain([BEFORE, AFTER], {})
    before = areas(2023, {"a": {"1": (20, 40), "2": (40, 60)}, "b": {"1": (None, 40), "2": (50, 60)}})
    link = splices([before, AFTER], {2024: CORE}).iloc[0]
    assert link[["n", "n_units"]].tolist() == [1, 2]
    assert np.isnan(link["factor"])
    frame = chain([before, AFTER], {2024: CORE}).set_index(["year", "unit"])
    assert np.isnan(frame.loc[(2023, "a"), "chained"])  # beyond the link nothing is known
    assert frame.loc[(2024, "a"), "chained"] == 66
    assert splices([before, AFTER], {2024: CORE}, least=0.5)["factor"].notna().all()
    nobody = areas(2023, {key: {"1": (None, 40), "2": (40, 60)} for key in "ab"})
    link = splices([nobody, AFTER], {2024: CORE}, least=0).iloc[0]
    assert (link["n"], link["n_units"]) == (0, 2)
    assert link[["previous", "value", "factor", "difference"]].isna().all()


def test_several_breaks_multiply():
    # break in 2022 (876), 2024 (892): three scales
    first = two(2021, (10, 20), (20, 30), (40, 60))
    frame = chain([first, BEFORE, AFTER], {2022: CORE, 2023: CORE, 2024: CORE})
    links = splices([first, BEFORE, AFTER], {2023: CORE, 2024: CORE}).set_index("year")["factor"]
    assert links.index.tolist() == [2023, 2024]  # a break lies between the listed years 2021 and 2023
    factors = frame.drop_duplicates("year").set_index("year")["factor"]
    assert factors[2021] == pytest.approx(links[2023] * links[2024])
    assert factors[2023] == pytest.approx(links[2024])
    assert factors[2024] == 1


values = st.lists(st.floats(1, 100), min_size=2, max_size=2)


@settings(max_examples=15)
@given(
    st.lists(values, min_size=1, max_size=2),
    st.sampled_from(["ratio", "difference"]),
    st.sampled_from(["first", "last"]),
)
def test_without_a_break_a_chained_series_is_the_plain_one(years, method, base):
    of = [two(2022 + i, (a, 10), (b, 10), (100, 20)) for i, (a, b) in enumerate(years)]
    frame = chain(of, {}, method=method, base=base)
    assert frame["chained"].tolist() == pytest.approx(frame["value"].tolist(), abs=1e-8)
    assert (frame["segment"] == 1).all()


# --- the core -------------------------------------------------------------------------------------


def test_the_core_is_rescaled_to_what_it_can_give():
    frame = core_series([BEFORE, AFTER], {"first": {2023: "1", 2024: "2"}})
    assert frame["value"].tolist() == [50, 75, 72, 96]  # 20/40, 30/40; 36/50, 48/50
    assert frame["coverage"].tolist() == [40, 40, 50, 50]
    both = core_series([BEFORE], {"x": "1", "y": "2"})
    assert both["value"].tolist() == [60, 80]  # all nodes: the index itself
    fixed = core_series([BEFORE], {"x": "1", "y": "2"}, weights={"x": 3, "y": 1})
    assert fixed["value"].tolist() == pytest.approx([(3 * 50 + 200 / 3) / 4, (3 * 75 + 250 / 3) / 4])


def test_a_broken_core_is_refused_with_every_fault():
    with pytest.raises(ParameterError) as refused:
        core_series([BEFORE, AFTER], {"x": {2023: "1"}, "y": "9"})
    assert len(refused.value.problems) == 3  # no code for 2024; no node 9 in either year
    for core in ({}, {"x": "1", "y": "1"}, {"x": "", "y": "1"}):  # nothing; a node twice; a node inside another
        with pytest.raises(ParameterError):
            core_series([BEFORE], core)
    with pytest.raises(ParameterError):
        core_series([BEFORE], {"x": "1"}, weights={"x": 0})


# --- plain series and real data -------------------------------------------------------------------


def test_series_keep_units_ranks_and_marks():
    frame = series([papi(2024), papi(2023)])
    own = frame[frame["unit"] == "ha-noi"].set_index("year")
    assert own["rank"].to_dict() == {2023: 15, 2024: 29}
    assert own.loc[2024, "value"] == pytest.approx(43.77472 / 80 * 100)
    assert len(frame) == 126  # provinces without a total stay, unranked
    assert frame["rank"].isna().sum() == 4
    assert set(frame["marks"]) == {"partial"}
    assert break_years([papi(year) for year in range(2017, 2025)]) == {2018, 2019, 2021}
    with pytest.raises(ParameterError):
        series([papi(2024), papi(2024)])
    with pytest.raises(ParameterError):
        series([papi(2024), published.results("dti", 2023, "province")])


def test_papi_over_its_breaks_by_the_dimensions_that_kept_their_parts():
    # dimensions 1, 4 and 6 have the same sub-dimensions in 2018-2024
    core = {"participation": "1", "corruption": "4", "services": "6"}
    of = [papi(year) for year in range(2018, 2025)]
    links = splices(of, {2019: core, 2021: core}).set_index("year")
    assert links["n"].to_dict() == {2019: 61, 2021: 60}
    assert set(links["coverage"]) == {37.5}  # 30 of 80 points
    frame = chain(of, {2019: core, 2021: core})
    plain = frame["year"] >= 2021
    assert frame.loc[plain, "chained"].equals(exact_values(frame.loc[plain, "value"]))
    order = frame[frame["year"] == 2018].dropna()
    assert order["value"].rank().equals(order["chained"].rank())  # one factor for all: ranks stay


def exact_values(of: pd.Series) -> pd.Series:
    return of.rename("chained")
