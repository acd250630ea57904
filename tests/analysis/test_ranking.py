"""Ranks, groups, gaps and coverage: computed where all is known, printed or bounded elsewhere, never guessed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib import years
from parlib.analysis import comparison
from parlib.analysis import statistics as figures
from parlib.analysis.statistics import with_ranks
from parlib.scoring import ranking
from parlib.scoring.results import INDEX_COLUMNS
from parlib.sources import published

# --- complete tables ------------------------------------------------------------------------------


def test_equal_values_share_a_rank_and_the_next_is_left_out(make_results):
    frame = ranking.rank(make_results({"a": 80.0, "b": 0.1 + 0.2, "c": 80.0, "d": 0.3})).set_index("unit")
    assert list(frame["rank"]) == [1, 3, 1, 3]  # 0.1 + 0.2 ties with 0.3
    assert set(frame["rank_basis"]) == {"computed"}


def test_gaps_go_to_the_next_better_and_worse_rank_and_to_the_first(make_results):
    frame = ranking.rank(make_results({"a": 89.95, "b": 89.89, "c": 89.89, "d": 80.0})).set_index("unit")
    assert frame.loc["b", "gap_above"] == 0.06  # exactly, in spite of binary numbers
    assert list(frame["gap_below"])[:3] == [0.06, 9.89, 9.89]
    assert frame.loc["d", "gap_above"] == 9.89  # to the tied units above it
    assert list(frame["gap_to_first"]) == [0, 0.06, 0.06, 9.95]
    assert np.isnan(frame.loc["a", "gap_above"])
    assert np.isnan(frame.loc["d", "gap_below"])


def test_the_gap_to_the_next_is_open_where_a_unit_of_the_same_value_may_share_the_rank(make_results):
    # b is printed as 90 like a, its rank is not: before rounding it may be equal, or less
    results = make_results({"a": 90.0, "b": 90.0, "c": 80.0}, ranks={"a": 1, "b": None, "c": 3})
    frame = ranking.rank(results).set_index("unit")
    assert frame.loc["b", ["rank_min", "rank_max"]].tolist() == [1, 2]
    assert np.isnan(frame.loc["a", "gap_below"])
    assert frame.loc["c", "gap_above"] == 10
    tied = make_results({"a": 90.0, "b": 90.0, "c": 80.0}, ranks={"a": 1, "b": 2, "c": 3})
    assert ranking.rank(tied).set_index("unit").loc["a", "gap_below"] == 0  # separated by what was rounded away


def test_bands_include_their_lower_bound_and_not_the_upper(make_results):
    frame = ranking.rank(make_results({"a": 90.0, "b": 89.99, "c": 80.0, "d": 79.99, "e": 0.0})).set_index("unit")
    assert list(frame["band"]) == ["A", "B", "B", "C", "D"]
    assert frame["above_mean"].tolist() == [True, True, True, True, False]  # mean 67.996


def test_units_apart_are_listed_without_rank(make_results):
    frame = ranking.rank(make_results({"a": 80.0, "x": None, "b": 81.0}, apart=("x",))).set_index("unit")
    assert list(frame["ranked"]) == [True, False, True]
    assert list(frame["rank"].dropna()) == [2, 1]
    assert frame.loc["x", "rank"] is pd.NA


def test_ministries_2023_in_full():
    results = published.results("par", 2023, "ministry")
    frame = ranking.rank(results).set_index("unit")
    assert frame.loc["bo-tu-phap", ["rank", "gap_below", "band"]].tolist() == [1, 0.06, "B"]
    assert frame.loc["bo-cong-thuong", ["rank", "gap_above", "gap_to_first", "band"]].tolist() == [17, 0.45, 11.92, "C"]
    computed = ranking.rank(replace(results, ranks=None)).set_index("unit")
    assert (computed["rank"].dropna() == frame["rank"].dropna()).all()  # printed ranks are those of the printed values
    assert frame["above_mean"].sum() == 10  # mean 84.378; the tenth has 85.81, the eleventh 83.56
    bands = figures.bands(results).set_index("band")
    assert bands["n"].to_dict() == {"A": 0, "B": 14, "C": 3, "D": 0}
    assert results.known() == "17/17"


# --- partial tables -------------------------------------------------------------------------------


def test_known_units_are_never_ranked_among_themselves(make_results):
    frame = ranking.rank(make_results({"a": 90.0, "b": 80.0, "c": None})).set_index("unit")
    assert frame["rank"].isna().all()  # c may be anywhere
    assert list(frame["rank_min"].dropna()) == [1, 2]
    assert list(frame["rank_max"].dropna()) == [2, 3]
    assert frame.loc["c", "rank_min"] is pd.NA
    assert set(frame.loc[["a", "b"], "rank_basis"]) == {"derived"}


def test_printed_ranks_and_values_bound_the_others(make_results):
    values = {"a": 95.0, "b": None, "c": 85.0, "d": 82.0, "e": None, "f": 70.0}
    frame = ranking.rank(make_results(values, ranks={"a": 1, "b": 2, "c": 3, "f": 6})).set_index("unit")
    assert frame.loc["b", ["rank", "index_min", "index_max"]].tolist() == [2, 85, 95]
    assert frame.loc["b", "band"] == ""  # 85 to 95 is on both sides of 90
    assert frame.loc["d", ["rank_min", "rank_max"]].tolist() == [4, 5]
    assert frame.loc["c", "gap_above"] is not None
    assert np.isnan(frame.loc["c", "gap_above"])  # the value of the second place is not known
    assert frame.loc["c", "gap_to_first"] == 10
    assert np.isnan(frame.loc["c", "gap_below"])


def test_a_rank_whose_bounds_meet_is_derived(make_results):
    frame = ranking.rank(
        make_results({"a": 95.0, "b": 90.0, "c": 85.0}, ranks={"a": 1, "c": 3}),
    ).set_index("unit")
    assert frame.loc["b", ["rank", "rank_basis"]].tolist() == [2, "derived"]


def test_a_printed_number_of_units_in_a_group_gives_ranks_their_group(make_results):
    units = {f"u{place}": None for place in range(1, 11)}
    results = make_results(units, ranks={"u3": 3, "u4": 4, "u9": 9}, printed={"n_ge_90": 3, "n_80_90": 5})
    frame = ranking.rank(results).set_index("unit")
    assert frame.loc[["u3", "u4", "u9"], "band"].tolist() == ["A", "B", ""]
    bands = figures.bands(results).set_index("band")
    assert bands.loc["A", ["n", "basis"]].tolist() == [3, "deduced"]
    assert bands.loc["C", ["n_min", "n_max"]].tolist() == [0, 2]
    assert bands.loc["C", "n"] is pd.NA


def test_the_number_above_the_mean_says_who_is_above_it(make_results):
    values = {"a": 95.0, "b": None, "c": None, "d": 70.0}
    results = make_results(values, ranks={"a": 1, "b": 2, "c": 3, "d": 4}, printed={"n_above_mean": 2})
    assert ranking.rank(results)["above_mean"].tolist() == [True, True, False, False]


def test_a_value_equal_to_a_printed_mean_may_be_on_either_side(make_results):
    results = make_results({"a": 80.01, "b": 80.0, "c": None}, ranks={"a": 1}, printed={"mean": 80.0})
    above = ranking.rank(results)["above_mean"]
    assert above[0]
    assert above[1:].isna().all()


def test_a_value_at_the_lower_end_of_a_printed_mean_is_not_above_it(make_results):
    # 84.38 is printed of a mean from 84.375 up, so 84.375 is not above it and 84.376 may be
    results = make_results({"a": 95.0, "b": 84.375, "c": 84.376, "d": None}, printed={"mean": 84.38})
    above = ranking.rank(results).set_index("unit")["above_mean"]
    assert above["a"] and not above["b"]
    assert above["c"] is pd.NA


def test_only_the_whole_index_has_groups():
    results = years.open_results(2023, "ministry")
    assert set(ranking.rank(results)["band"]) - {""}
    area = ranking.rank(results, "1")
    assert area["index"].notna().any()
    assert set(area["band"]) == {""}


def test_a_rounded_index_has_no_gap_and_only_a_sure_band(make_results):
    results = make_results(
        {"a": 90.5, "b": 90.0, "c": 80.0}, ranks={"a": 1, "b": 2, "c": 3}, bounds={"b": (89.5, 90.5)}
    )
    frame = ranking.rank(results).set_index("unit")
    assert frame.loc["b", "band"] == ""
    assert frame[["gap_above", "gap_below"]].isna().loc["b"].all()
    assert np.isnan(frame.loc["a", "gap_below"])


def test_known_places_of_the_real_panel():
    later = ranking.rank(published.results("par", 2024, "province")).set_index("unit")
    # 88.26 lies between rank 26 (89.03) and rank 37 (88.18)
    assert later.loc["binh-thuan", ["rank_min", "rank_max"]].tolist() == [27, 36]
    earlier = ranking.rank(published.results("par", 2022, "province")).set_index("unit")
    # two at 90 or above and 56 between 80 and 90 are printed: rank 16 is in group B
    assert earlier.loc["nghe-an", ["rank", "band"]].tolist() == [16, "B"]
    ministry = ranking.rank(published.results("par", 2017, "ministry")).set_index("unit")
    assert ministry.loc["bo-lao-dong-thuong-binh-va-xa-hoi", "band"] == "B"  # exactly 80.00
    assert ministry.loc["bo-xay-dung", ["rank_min", "rank_max", "band"]].tolist() == [13, 16, "C"]


def test_every_published_year_can_be_ranked_and_its_printed_ranks_are_kept():
    for row in published.available("par").itertuples():
        results = published.results("par", row.year, row.level)
        frame = ranking.rank(results).set_index("unit")
        printed = results.ranks.dropna(subset=["rank"]).set_index("unit")["rank"]
        assert (frame.loc[printed.index, "rank"] == printed).all()
        known = frame.dropna(subset=["rank_min"])
        assert (known["rank_min"] <= known["rank_max"]).all()
        assert (known["rank_max"] <= results.n_ranked).all()
        values = frame.dropna(subset=["index"])
        assert (values["index_min"] <= values["index"] + 1e-9).all()
        assert (values["index"] <= values["index_max"] + 1e-9).all()
        groups = figures.bands(results)
        if results.n_ranked and results.bands:
            assert groups["n_min"].sum() <= results.n_ranked <= groups["n_max"].sum()


def test_nothing_known_gives_empty_frames():
    results = published.results("par", 2024, "ministry")
    assert ranking.rank(results).empty
    assert figures.bands(results).empty
    assert with_ranks(results).empty
    assert results.known() == "0/?"


def test_coverage_counts_incomplete_units_and_not_those_apart():
    papi = published.results("papi", 2024, "province")
    assert (papi.n_known, papi.n_expected, papi.n_ranked) == (61, 63, 61)
    province = published.results("par", 2012, "province")
    assert (province.n_known, province.n_expected) == (20, 63)
    assert published.results("par", 2012, "ministry").n_expected == 19


def test_papi_is_ranked_among_its_complete_provinces():
    frame = ranking.rank(published.results("papi", 2024, "province"))
    assert sorted(frame["rank"].dropna()) == list(range(1, 62))
    assert set(frame.loc[frame["rank"].notna(), "rank_basis"]) == {"computed"}
    assert frame.set_index("unit").loc["vinh-phuc", "rank"] is pd.NA


def test_ranks_computed_by_others_equal_ours():
    for year in (2022, 2023, 2024):
        printed = pd.read_csv(published.par.places.data() / "external/dti.csv")
        printed = printed[printed["year"] == year].set_index("key")["rank"]
        frame = ranking.rank(published.results("dti", year, "province")).set_index("unit")
        assert (frame["rank"] == printed.reindex(frame.index)).all()


# --- with_ranks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "year", "level"),
    [("par", 2023, "ministry"), ("par", 2024, "province"), ("papi", 2024, "province"), ("papi", 2020, "province"),
     ("pci", 2022, "province")],
)  # fmt: skip
def test_the_short_way_to_ranks_and_the_mean_ends_where_the_long_one_does(name, year, level):
    results = published.results(name, year, level)
    ranks = figures.known_ranks(results)
    assert ranks.tolist() == pytest.approx(ranking.rank(results)["rank"].astype("float64").tolist(), nan_ok=True)
    assert ranks.index.tolist() == results.units["unit"].tolist()
    for node in ("", "1"):
        level = ranking.Level(results, node)
        found, settled = ranking.Settling(level).around_mean(), ranking.Settling(level).settle()
        assert [found.get(word) == settled.get(word) for word in ("mean", "n_above_mean")] == [True, True]
        if level.complete:  # against the table itself
            values = [Decimal(str(round(value, 9))) for value in results.values(node)[results.ranked_units]]
            mean = sum(values) / len(values)
            assert found["mean"].value == pytest.approx(float(mean), abs=1e-8)
            assert found["n_above_mean"].value == sum(value > mean for value in values)


def test_the_index_table_with_ranks_is_in_order_of_rank_and_leaves_nobody_out():
    results = published.results("par", 2023, "ministry")
    table = with_ranks(results)
    assert list(table.columns) == [*INDEX_COLUMNS, "rank", "band"]
    whole = table[table["node"] == ""]
    assert list(whole["rank"].dropna()) == list(range(1, 18))
    assert list(whole["unit"])[-2:] == ["thanh-tra-chinh-phu", "uy-ban-dan-toc"]
    assert whole["index"].isna().sum() == 2
    assert (table.loc[table["node"] != "", "band"] == "").all()
    bank = table[table["unit"] == "ngan-hang-nha-nuoc-viet-nam"].set_index("node")
    assert bank.loc["3", "rank"] == 1  # printed rank of the area
    assert bank.loc["1", "rank"] is pd.NA


def test_parts_are_ranked_where_every_ranked_unit_has_its_value(make_results):
    results = make_results(
        {"a": 90.0, "b": 80.0, "x": None},
        apart=("x",),
        areas={"1": {"a": 50.0, "b": 70.0, "x": 60.0}, "2": {"a": 50.0, "b": None}},
    )
    table = with_ranks(results).set_index(["unit", "node"])["rank"]
    assert table["a", "1"] == 2
    assert table["b", "1"] == 1
    assert table["x", "1"] is pd.NA
    assert table["a", "2"] is pd.NA


def test_what_does_not_apply_to_a_unit_has_no_rank(make_results):
    results = make_results({"a": 90.0, "b": 80.0}, areas={"1": {"a": 0.0, "b": 70.0}})
    table = results.table.copy()
    at = (table["unit"] == "b") & (table["node"] == "1")
    table.loc[at, ["points", "maximum", "index"]] = [0.0, 0.0, np.nan]  # nothing of it applies to b
    table.loc[(table["unit"] == "a") & (table["node"] == "1"), ["points", "maximum"]] = [0.0, 2.0]
    ranks = with_ranks(replace(results, table=table)).set_index(["unit", "node"])["rank"]
    assert ranks["b", "1"] is pd.NA  # not the first, with the 0 points of a


def test_parts_without_a_maximum_are_ranked_by_points():
    results = published.results("papi", 2024, "province")
    table = with_ranks(results)
    part = table[(table["node"] == "8.1") & table["rank"].notna()]
    assert part["index"].isna().all()  # the scheme gives no maximum
    assert len(part) == 61
    best = part.loc[part["points"].idxmax()]
    assert best["rank"] == 1


# --- properties -----------------------------------------------------------------------------------


@settings(max_examples=15)
@given(st.data())
def test_hidden_units_never_make_a_wrong_rank_band_or_gap(make_results, data: st.DataObject):
    n = data.draw(st.integers(2, 9))
    true = [data.draw(st.integers(6000, 10000)) / 100 for _ in range(n)]
    units = [f"u{place}" for place in range(n)]
    ranks = {unit: 1 + sum(other > value for other in true) for unit, value in zip(units, true, strict=True)}
    complete = ranking.rank(make_results(dict(zip(units, true, strict=True)))).set_index("unit")
    shown = {unit: value if data.draw(st.booleans()) else None for unit, value in zip(units, true, strict=True)}
    places = {unit: rank for unit, rank in ranks.items() if data.draw(st.booleans())}
    partial = ranking.rank(make_results(shown, ranks=places)).set_index("unit")
    known = partial["rank"].notna()
    assert (partial.loc[known, "rank"] == complete.loc[known, "rank"]).all()
    bounded = partial["rank_min"].notna()
    assert (partial.loc[bounded, "rank_min"] <= complete.loc[bounded, "rank"]).all()
    assert (complete.loc[bounded, "rank"] <= partial.loc[bounded, "rank_max"]).all()
    for column in ("gap_above", "gap_below", "gap_to_first"):
        both = partial[column].notna()
        assert np.allclose(partial.loc[both, column], complete.loc[both, column])
    banded = partial["band"] != ""
    assert (partial.loc[banded, "band"] == complete.loc[banded, "band"]).all()
    sided = partial["above_mean"].notna()
    assert (partial.loc[sided, "above_mean"] == complete.loc[sided, "above_mean"]).all()


@pytest.mark.parametrize("language", ["points"])
def test_a_column_of_points_ranks_like_the_index(language: str):
    results = published.results("papi", 2023, "province")
    by_index, by_points = ranking.rank(results), ranking.rank(results, column="points")
    assert (by_index["rank"].dropna() == by_points["rank"].dropna()).all()
    assert by_points["gap_to_first"].max() < by_index["gap_to_first"].max()  # 80 points are 100 percent


def test_frames_carry_what_is_printed_and_what_they_are_of():
    papi = years.open_results(2024, "province", "papi")
    frame = ranking.rank(papi)
    own = frame.set_index("unit").loc["quang-ninh"]
    assert (round(own["value"], 2), round(own["index"], 2)) == (47.82, 59.78)  # PAPI is 47.82 points of 80
    assert {name: frame.attrs[name] for name in ("index_name", "year", "unit_of_value", "known", "marks")} == {
        "index_name": "papi", "year": "2024", "unit_of_value": "points", "known": "61/63", "marks": "partial",
    }  # fmt: skip
    for name, year, unit, value, of in (
        ("dti", 2023, "da-nang", 0.834, "points"),
        ("grdp", 2022, "ha-noi", 141.6, "million dong"),
        ("par", 2023, "quang-ninh", 92.18, "percent"),
    ):
        sentence = ranking.rank(years.open_results(year, "province", name))
        assert sentence.set_index("unit").loc[unit, "value"] == value and sentence.attrs["unit_of_value"] == of
    statistics = figures.statistics(papi, column="points")
    assert statistics.attrs["known"] == "61/63" and statistics.attrs["unit_of_value"] == "points"


def test_a_change_says_of_how_many_it_is_known():
    now, then = (years.open_results(year, "province") for year in (2023, 2022))
    frame = comparison.change(now, then)
    assert frame.attrs["known"] == f"{int(frame['change'].notna().sum())}/63"
    assert frame.attrs["previous_year"] == "2022" and frame.attrs["break"] in ("", "1")
    now, then = (years.open_results(year, "province", "papi") for year in (2024, 2023))
    own = comparison.change(now, then).set_index("unit").loc["ha-noi"]
    assert own["value_change"] == pytest.approx(own["value"] - own["previous_value"])


def test_what_a_value_of_an_area_rests_on_is_said_of_the_area_and_not_of_the_whole():
    results = years.open_results(2023, "ministry")
    of_area = ranking.rank(results, node="1").set_index("unit")["basis"]
    assert of_area[of_area != ""].to_dict() == {"ngan-hang-nha-nuoc-viet-nam": "published"}
    assert ranking.rank(results)["basis"].value_counts().to_dict() == {"published": 17, "not_ranked": 2}
