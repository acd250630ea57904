"""Old units carried over to the new ones: every rule by hand, unknown parts, bounds, and real back-casts."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.analysis.comparison import best_and_worst, change, regions
from parlib.analysis.mergers import RULES, merge, parts_of, spread, wording
from parlib.errors import ParameterError
from parlib.scoring import units
from parlib.scoring.ranking import rank
from parlib.scoring.results import WHOLE, Results, index_table
from parlib.sources import published

OLD = [unit.key for unit in units.units("province", "63")]


@cache
def opened(index_name: str, year: int, level: str = "province") -> Results:
    return published.results(index_name, year, level)


@cache
def population() -> pd.Series:
    return opened("grdp", 2022).values("component:population", "points")


def provinces(values: dict[str, float | None]) -> Results:
    """Results of 2024 of all 63, unknown where not given."""
    rows = [(2024, "province", key, WHOLE, value, "published") for key, value in values.items() if value is not None]
    table = pd.DataFrame(rows, columns=["year", "level", "unit", "node", "index", "stage"])
    nodes = pd.DataFrame([(WHOLE, "", "", np.nan, None, "whole")])
    nodes.columns = ["node", "name", "name_en", "maximum", "parent", "kind"]
    listed = pd.DataFrame({"unit": OLD, "ranked": True})
    return Results("par", 2024, "province", index_table(table), listed, nodes, system="63")


# --- DTI 2024 -------------------------------------------------------------------------------------


def test_dti_2024_of_the_new_tuyen_quang_and_ho_chi_minh_by_hand():
    # data/external/dti.csv, 2024: Hà Giang 0.7292, Tuyên Quang 0.6432: mean 0.6862, spread 0.0860.
    # Hồ Chí Minh 0.8373, Bình Dương 0.7161, Bà Rịa - Vũng Tàu 0.7774: sum 2.3308, mean 0.776933...
    # data/external/grdp.csv, 2022, thousands: Hà Giang 892.7, Tuyên Quang 805.8; 9389.7, 2763.1, 1178.7 (13331.5)
    frame = spread(opened("dti", 2024), population()).set_index("unit")
    north = frame.loc["tuyen-quang-2025"]
    assert north[["mean", "best", "worst", "spread"]].tolist() == [68.62, 72.92, 64.32, 8.6]
    assert north[["best_part", "worst_part", "n_parts", "n_known"]].tolist() == ["ha-giang", "tuyen-quang", 2, 2]
    assert north["weighted"] == pytest.approx((892.7 * 72.92 + 805.8 * 64.32) / 1698.5)
    south = frame.loc["ho-chi-minh-2025"]
    assert south["mean"] == pytest.approx(233.08 / 3)
    assert south["weighted"] == pytest.approx((9389.7 * 83.73 + 2763.1 * 71.61 + 1178.7 * 77.74) / 13331.5)
    assert south[["best_part", "worst_part"]].tolist() == ["ho-chi-minh", "binh-duong"]
    assert frame.loc["ha-noi", ["change", "mean", "spread"]].tolist() == ["unchanged", 82.41, 0]


def test_dti_2024_is_ranked_among_34():
    merged = merge(opened("dti", 2024))
    assert (merged.system, merged.n_known, merged.n_ranked, merged.marks) == ("34", 34, 34, ("derived",))
    assert list(merged.units["unit"]) == [unit.key for unit in units.units("province", "34")]
    frame = rank(merged).set_index("unit")
    # means: Hải Phòng (82.53 + 74.61) / 2 = 78.57 behind Huế 79.51, before Hồ Chí Minh 77.69
    assert frame.loc[["ha-noi", "hue", "hai-phong-2025", "ho-chi-minh-2025"], "rank"].tolist() == [1, 2, 3, 4]
    assert frame.loc["hai-phong-2025", "index"] == 78.57
    assert frame.loc[["ha-noi", "hai-phong-2025"], "basis"].tolist() == ["published", "derived"]
    assert set(frame["rank_basis"]) == {"computed"}
    # by the best part three central cities pass Hà Nội
    best = rank(merge(opened("dti", 2024), "best")).set_index("unit")["rank"]
    assert best[["ho-chi-minh-2025", "da-nang-2025", "hai-phong-2025", "ha-noi"]].tolist() == [1, 2, 3, 4]


def test_merged_results_go_through_every_analysis():
    merged, before = merge(opened("dti", 2024)), merge(opened("dti", 2023))
    changes = change(merged, before).set_index("unit")
    assert changes["change"].notna().all()
    assert changes.loc["hai-phong-2025", "basis"] == "derived"
    assert changes.loc["ha-noi", "basis"] == "computed"
    table = regions(merged, before)
    assert table["n"].sum() == 34
    assert table["mean"].notna().all()
    assert best_and_worst(merged).loc[0, "best_unit"] == "ha-noi"


# --- what is not known ----------------------------------------------------------------------------


def test_an_unknown_part_makes_the_value_unknown_and_is_named():
    papi = opened("papi", 2024)  # Vĩnh Phúc and Tiền Giang have no total
    frame = spread(papi).set_index("unit")
    assert frame.loc["phu-tho-2025", ["unknown", "n_known", "n_parts"]].tolist() == ["vinh-phuc", 2, 3]
    assert frame.loc["phu-tho-2025", ["mean", "best", "worst", "spread"]].isna().all()
    merged = merge(papi)
    assert merged.n_known == 32
    assert merged.n_ranked == 34
    assert "partial" in merged.marks
    assert rank(merged)["rank"].isna().all()  # never computed among 32


def test_nodes_of_which_all_parts_are_known_stay_where_the_whole_is_not():
    # 2018: Đồng Tháp has no dimensions 2 and 4
    merged = merge(opened("papi", 2018))
    nodes = set(merged.table.loc[merged.table["unit"] == "dong-thap-2025", "node"])
    assert not nodes & {WHOLE, "2", "4"}
    assert nodes >= {"1", "3", "5", "6", "7", "8"}


def test_ranks_still_tell_the_best_or_the_worst_part():
    # 2023: Cần Thơ 42nd, Sóc Trăng 62nd with 81.70, Hậu Giang 19th without a printed index
    frame = spread(opened("par", 2023)).set_index("unit")
    assert frame.loc["can-tho-2025", ["best_part", "worst_part", "worst"]].tolist() == ["hau-giang", "soc-trang", 81.7]
    assert np.isnan(frame.loc["can-tho-2025", "best"])
    assert np.isnan(frame.loc["can-tho-2025", "mean"])
    merged = merge(opened("par", 2023), "worst")
    assert merged.values()["can-tho-2025"] == 81.7
    assert np.isnan(merged.values()["ca-mau-2025"])  # Bạc Liêu 59th is worse than Cà Mau 34th, its index unknown


def test_bounds_of_rounded_parts_are_carried_over():
    # 2018: Bộ Xây dựng "80", in the group below 80: 79.5 to 80; Bộ Giao thông vận tải 75.13
    merged = merge(opened("par", 2018, "ministry"))
    bounds = merged.bounds.set_index("unit")
    assert bounds.loc["bo-xay-dung-2025"].tolist() == pytest.approx([(79.5 + 75.13) / 2, (80 + 75.13) / 2])
    assert bounds.loc["bo-tu-phap"].tolist() == [86.5, 87.5]  # not merged: as it was


# --- ministries -----------------------------------------------------------------------------------


def test_ministries_of_2023_as_they_stand_since_march_2025():
    merged = merge(opened("par", 2023, "ministry"))
    values = merged.values()
    # 87.04 and 85.81; 89.18 and 80.07: data/published/par_index.csv
    assert values["bo-noi-vu-2025"] == pytest.approx((87.04 + 85.81) / 2)
    assert values["bo-tai-chinh-2025"] == pytest.approx((89.18 + 80.07) / 2)
    assert merged.n_ranked == merged.n_known == 12  # 17 ranked, five pairs of them merged
    apart = merged.units.loc[~merged.units["ranked"], "unit"].tolist()
    assert apart == ["thanh-tra-chinh-phu", "bo-dan-toc-va-ton-giao"]  # assessed, not ranked, as their parts were
    frame = spread(opened("par", 2023, "ministry")).set_index("unit")
    assert frame.loc["bo-dan-toc-va-ton-giao", "change"] == "reorganised"
    parts = merged.table[merged.table["node"] == "component:appraisal"].set_index("unit")
    old = opened("par", 2023, "ministry").values("component:appraisal", "points")
    mean = old[["bo-noi-vu", "bo-lao-dong-thuong-binh-va-xa-hoi"]].mean()
    assert parts.loc["bo-noi-vu-2025", "points"] == pytest.approx(mean)
    assert parts.loc["bo-noi-vu-2025", "maximum"] == 68.5


# --- nodes and totals -----------------------------------------------------------------------------


def test_parts_and_whole_stay_one_when_a_rule_is_linear():
    papi = opened("papi", 2024)
    for rule in ("mean", "weighted", "best"):  # the best part is one province: so are its dimensions
        merged = merge(papi, rule, population())
        dimensions = sum(merged.values(str(n), "points") for n in range(1, 9))
        whole = merged.values(column="points")
        known = whole.notna()
        assert np.abs(dimensions[known] - whole[known]).max() < 1e-7


def test_totals_are_added_up_and_a_ratio_of_totals_is_their_weighted_mean():
    grdp = opened("grdp", 2022)
    totals = ("component:grdp", "component:population")
    merged = merge(grdp, "weighted", population(), totals=totals)
    added = merged.values("component:population", "points")
    assert added["ho-chi-minh-2025"] == pytest.approx(9389.7 + 2763.1 + 1178.7)
    # per head = total / people; the source rounds the values per head to 0.1
    ratio = merged.values("component:grdp", "points") / added
    both = ratio.notna() & merged.values().notna()
    assert both.sum() >= 33
    assert np.abs(ratio[both] - merged.values()[both]).max() < 0.06


def test_where_the_maxima_of_the_parts_differ_only_the_index_is_known():
    results = provinces(dict.fromkeys(OLD, 50.0))
    table = results.table.assign(points=50.0, maximum=100.0)
    table.loc[table["unit"] == "yen-bai", ["points", "maximum"]] = [45.0, 90.0]
    merged = merge(Results("par", 2024, "province", table, results.units, results.nodes, system="63"))
    assert merged.values()["lao-cai-2025"] == 50
    assert np.isnan(merged.values(column="points")["lao-cai-2025"])
    assert merged.values(column="points")["tuyen-quang-2025"] == 50


# --- properties and refusals ----------------------------------------------------------------------


@settings(max_examples=4)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 1000).map(lambda n: n / 10)), min_size=63, max_size=63),
    st.integers(0, 10**6),
)
def test_every_rule_lies_between_worst_and_best(values, seed):
    results = provinces(dict(zip(OLD, values, strict=True)))
    weights = pd.Series(np.random.default_rng(seed).uniform(0.1, 9, 63), index=OLD)
    frame = spread(results, weights).set_index("unit")
    assert len(frame) == 34
    known = frame["n_known"] == frame["n_parts"]
    assert frame.loc[known, list(RULES)].notna().all(axis=None)
    assert frame.loc[~known, list(RULES)].isna().all(axis=None)  # no ranks are printed: nothing else tells
    for rule in ("mean", "weighted"):
        assert (frame.loc[known, rule] <= frame.loc[known, "best"] + 1e-9).all()
        assert (frame.loc[known, rule] >= frame.loc[known, "worst"] - 1e-9).all()
    assert (frame.loc[known, "spread"] >= 0).all()
    for rule in RULES:
        sentence = merge(results, rule, weights).values().reindex(frame.index)
        pd.testing.assert_series_equal(sentence, frame[rule], check_names=False)
    alike = pd.Series(1.0, index=OLD)
    pd.testing.assert_series_equal(spread(results, alike)["weighted"], spread(results)["mean"], check_names=False)


def test_a_weight_that_is_not_known_makes_the_weighted_mean_unknown():
    results = provinces(dict.fromkeys(OLD, 50.0))
    weights = pd.Series(1.0, index=OLD).drop("yen-bai")
    weights["ha-giang"] = 0.0
    result = merge(results, "weighted", weights).values()
    assert np.isnan(result["lao-cai-2025"])
    assert np.isnan(result["tuyen-quang-2025"])  # nobody lives there: no weight either
    assert result["ha-noi"] == 50  # what is alone needs no weight


def test_the_best_of_equals_is_the_first_in_official_order():
    results = provinces(dict.fromkeys(OLD, 50.0))
    parts = {part.unit: part.old for part in parts_of(results)}
    frame = spread(results).set_index("unit")
    for unit, old in parts.items():
        assert frame.loc[unit, ["best_part", "worst_part"]].tolist() == [old[0], old[0]]


def test_refusals():
    dti = opened("dti", 2024)
    with pytest.raises(ParameterError, match="weights"):
        merge(dti, "weighted")
    with pytest.raises(ParameterError, match="no such rule"):
        merge(dti, "median")
    with pytest.raises(ParameterError, match="nothing to merge"):
        merge(merge(dti))


def test_the_wording_names_the_rule():
    assert wording("mean") == (
        "Giá trị của tỉnh mới là trung bình cộng đơn giản của các tỉnh, thành phố cũ; không phải kết quả chính thức."
    )
    assert "dân số năm 2022;" in wording("weighted", weights_year=2022)
    assert "population (2022);" in wording("weighted", "en", weights_year=2022)
    texts = {wording(rule, language, level) for rule in RULES for language in ("vi", "en") for level in units.levels()}
    assert len(texts) == 16
    assert all("không phải kết quả chính thức" in text or "not an official result" in text for text in texts)


def test_only_the_last_two_years_before_the_mergers_are_carried_over_in_reports():
    from parlib.analysis.mergers import recent_spread

    assert recent_spread(opened("par", 2022, "ministry")).empty
    assert recent_spread(opened("sipas", 2023)).empty
    assert recent_spread(opened("par", 2024, "ministry")).empty  # who was assessed is not known
    result = recent_spread(opened("par", 2023, "ministry")).set_index("unit")
    # Bộ Nội vụ 2025 = Bộ Nội vụ and Bộ Lao động - Thương binh và Xã hội: published indices of 2023
    parts = opened("par", 2023, "ministry").values()[["bo-noi-vu", "bo-lao-dong-thuong-binh-va-xa-hoi"]]
    assert result.loc["bo-noi-vu-2025", "mean"] == pytest.approx(parts.mean())
    assert result.loc["bo-noi-vu-2025", "spread"] == pytest.approx(parts.max() - parts.min())
