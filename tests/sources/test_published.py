"""Published results: what is in the files is in the Results, nothing else is, and what is unknown stays unknown.

Values are those of the data package; its README says what is printed, derived or missing.
"""

from functools import cache
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parlib import data_tables, places, years
from parlib.errors import ParameterError
from parlib.scoring import scheme, units
from parlib.scoring.results import INDEX_COLUMNS, Results
from parlib.sources import published
from parlib.sources.published import par
from parlib.sources.published.par import deduced_means

LEVELS = sorted(set(years.available("par")["level"]))
YEARS = sorted(set(years.available("par")["year"]))
PAPI = sorted(set(years.available("papi")["year"]))


@cache
def opened(index_name: str, year: int, level: str) -> Results:
    """Results that several tests look at and none changes."""
    return published.results(index_name, year, level)


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(places.data() / name, dtype={"code": str, "area_code": str})


# --- the PAR INDEX ------------------------------------------------------------------------------


def test_every_printed_index_rank_and_part_arrives_and_no_other():
    index = read("published/par_index.csv")
    for year in YEARS:
        for level in LEVELS:
            rows = index[(index["year"] == year) & (index["level"] == level)].set_index("key")
            results = opened("par", year, level)
            values = results.values().dropna()
            pd.testing.assert_series_equal(values, rows["index"].dropna()[values.index], check_names=False)
            assert len(values) == rows["index"].notna().sum()
            known = results.ranks.dropna(subset=["rank"]).set_index("unit")["rank"].astype("float64")
            assert dict(known) == dict(rows["rank"].dropna())
            for name in ("appraisal", "survey"):
                node = f"component:{name}"
                points = results.values(node, "points").dropna() if node in set(results.table["node"]) else pd.Series()
                if level == "ministry" or year == 2012:
                    assert dict(points) == dict(rows[f"{name}_points"].dropna())


def test_ministries_2023_are_17_ranked_with_index_rank_and_parts_and_two_apart():
    results = opened("par", 2023, "ministry")
    assert (len(results.units), len(results.ranked_units), results.n_ranked, results.n_known) == (19, 17, 17, 17)
    assert list(results.units.loc[~results.units["ranked"], "unit"]) == ["thanh-tra-chinh-phu", "uy-ban-dan-toc"]
    assert list(results.units["unit"]) == [
        unit.key for unit in units.units_of_year(2023, "ministry") if unit.key in set(results.units["unit"])
    ]
    values = results.values()
    assert values["bo-tu-phap"] == 89.95
    assert values["bo-cong-thuong"] == 78.03
    assert isnan(values["uy-ban-dan-toc"])
    # scale 100 of 876/QĐ-BNV = 68.5 appraised + 31.5 surveyed (schemes/components.csv), so the index is also the points
    assert results.values(column="points")["bo-tu-phap"] == 89.95
    assert results.values("component:appraisal", "points")["bo-tu-phap"] == 61.86
    assert results.values("component:appraisal", "maximum")["bo-tu-phap"] == 68.5
    assert results.values("component:survey", "maximum")["bo-y-te"] == 31.5
    assert results.marks == ()
    assert results.decision == "876/QĐ-BNV"
    assert not results.break_before


@pytest.mark.parametrize(("year", "number", "named"), [(2012, 19, 10), (2013, 19, 7), (2015, 19, 7), (2019, 17, 8)])
def test_where_the_list_of_ministries_is_not_settled_the_number_is_known_and_the_names_are_those_of_the_data(
    year: int, number: int, named: int
):
    results = opened("par", year, "ministry")
    assert results.n_ranked == number
    assert len(results.units) == named < number
    assert "partial" in results.marks


def test_no_result_for_ministries_in_2024_opens_empty_and_says_so():
    results = opened("par", 2024, "ministry")
    assert len(results.units) == len(results.table) == 0
    assert results.n_ranked is None
    assert results.marks == ("partial",)
    assert list(results.table.columns) == list(INDEX_COLUMNS)


def test_provinces_are_63_whatever_is_known_of_them():
    for year in YEARS:
        results = opened("par", year, "province")
        assert len(results.units) == results.n_ranked == 63
        assert results.system == "63"
        assert results.n_known < 63


def test_areas_carry_index_points_maximum_and_rank_of_the_year():
    results = opened("par", 2022, "province")
    assert results.values("2", "points")["quang-nam"] == 8.82
    assert results.values("2", "maximum")["quang-nam"] == 10
    assert results.values("2")["quang-nam"] == 88.2
    # points without a maximum: the index is not known
    assert results.values("1", "points")["quang-nam"] == 8.46
    assert isnan(results.values("1")["quang-nam"])
    ranks = results.node_ranks.set_index(["unit", "node"])["rank"]
    assert ranks["quang-nam", "3"] == 63
    assert ranks["kon-tum", "4"] == 36  # only its rank is printed: no row of the index table
    assert isnan(results.values("4")["kon-tum"])


def test_the_appraised_part_of_an_area_is_never_mixed_with_the_area():
    results = opened("par", 2017, "ministry")
    assert isnan(results.values("1")["bo-tai-nguyen-va-moi-truong"])
    assert isnan(dict(zip(results.nodes["node"], results.nodes["maximum"], strict=True))["1"])
    part = published.appraised_parts(2017, "ministry")
    assert list(part["node"]) == ["1", "2", "3", "4", "5", "6", "7"]
    assert part["points"].iloc[0] == 10.48  # of 12, printed without the survey
    assert part["maximum"].iloc[0] == 12
    assert published.appraised_parts(2023, "province").empty


def test_a_surveyed_block_is_no_area():
    nodes = opened("par", 2016, "ministry").nodes.set_index("node")["kind"]
    assert nodes["component:impact"] == "component"
    assert "impact" not in nodes.index


def test_components_of_provinces_have_their_maxima():
    results = opened("par", 2020, "province")
    parts = {
        name: results.values(f"component:{name}", "points")["quang-ninh"]
        for name in ("appraisal", "sipas", "leaders", "impact")
    }
    assert parts == {"appraisal": 57.66, "sipas": 9.56, "leaders": 18.83, "impact": 5}
    maxima = results.nodes.set_index("node")["maximum"]
    # 60.5 + 10 + 23.5 + 6 = 100 (1149/QĐ-BNV)
    assert [maxima[f"component:{name}"] for name in parts] == [60.5, 10, 23.5, 6]
    assert isnan(results.values("component:appraisal", "points")["ha-tinh"])  # only its SIPAS points were seen


def test_the_points_of_2012_are_those_of_a_third_party_even_where_the_press_gave_the_index():
    results = opened("par", 2012, "province")
    bases = results.bases.set_index(["unit", "node"])["basis"]
    assert bases["quang-ninh", ""] == "published"
    assert bases["quang-ninh", "component:survey"] == "secondary"
    assert isnan(results.values(column="points")["da-nang"])  # the maximum of 1294/QĐ-BNV was not seen
    assert "secondary" in results.marks


def test_known_ranges_and_how_far_a_derived_index_can_be_off():
    bounds = opened("par", 2012, "province").bounds.set_index("unit")
    assert tuple(bounds.loc["bac-kan"]) == (62.58, 67.68)
    rounded = opened("par", 2018, "ministry").bounds.set_index("unit")
    assert tuple(rounded.loc["bo-tu-phap"]) == (86.5, 87.5)
    derived = opened("par", 2022, "province").bounds.set_index("unit")
    assert tuple(derived.loc["hue"]) == (86.55, 86.57)  # 86.56: two decimals less two decimals
    assert tuple(derived.loc["thai-nguyen"]) == (87.31, 87.41)  # "good to 0.05"
    # one decimal, sometimes rounded, sometimes cut: 84.6 is between 84.55 and 84.70
    assert tuple(opened("par", 2023, "province").bounds.set_index("unit").loc["quang-nam"]) == (84.55, 84.7)


def test_years_whose_scale_differs_are_marked():
    for level in LEVELS:
        marked = {year for year in YEARS if opened("par", year, level).break_before}
        assert marked == {2014, 2017, 2018, 2019, 2020, 2022, 2024}  # trap 1 of the data package


def test_bands_follow_the_year():
    assert opened("par", 2018, "province").bands == {"A": 80, "B": 75, "C": 70, "D": 0}
    assert opened("par", 2012, "province").bands == {"A": 80, "B": 70, "C": 67.68, "D": 62.58}
    assert opened("par", 2018, "ministry").bands["A"] == 90


def test_region_means_tell_what_else_was_printed():
    regions = opened("par", 2023, "province").printed_regions.set_index("region")
    assert regions.loc["dong-nam-bo", "mean"] == 87.79
    assert regions.loc["dong-nam-bo", "conflict"] == "87.45 (S072)"
    assert regions.loc["tay-nguyen", "conflict"] == ""
    assert opened("par", 2023, "ministry").printed_regions.empty


def test_a_mean_that_follows_from_printed_means_and_changes_is_marked_as_derived():
    # ministries: 2022 mean 84.05, change 0.33: 2023 84.38, which is the mean of the 17 printed values too
    means = {year: mean.value for year, mean in deduced_means("ministry").items()}
    assert means == {2023: 84.38}
    printed = opened("par", 2023, "ministry").printed_statistics
    row = printed[printed["statistic"] == "mean"].iloc[0]
    assert row["derived"]
    assert "S053" in row["source_ids"]


@pytest.mark.parametrize(
    ("year", "mean", "derived"), [(2020, 83.72, True), (2021, 86.37, False), (2022, 84.79, True), (2023, 86.98, False)]
)
def test_means_of_provinces_are_as_printed_or_marked_as_calculated(year, mean, derived):
    printed = opened("par", year, "province").printed_statistics
    row = printed[(printed["statistic"] == "mean") & (printed["node"] == "")].iloc[0]
    assert (row["value"], bool(row["derived"])) == (mean, derived)


def test_a_mean_that_no_source_prints_is_not_given():
    printed = opened("par", 2017, "province").printed_statistics
    assert not ((printed["statistic"] == "mean") & (printed["node"] == "")).any()


def test_printed_ranks_win_where_equal_values_are_printed():
    # 2024: Cần Thơ and Bình Dương both print 89.13, at ranks 22 and 23
    result = opened("par", 2024, "province")
    assert result.values().loc[["can-tho", "binh-duong"]].tolist() == [89.13, 89.13]
    assert result.ranks.set_index("unit").loc[["can-tho", "binh-duong"], "rank"].tolist() == [22, 23]


def test_two_printed_totals_give_bounds_and_no_value():
    result = opened("par", 2023, "province")
    assert np.isnan(result.values().loc["hoa-binh"])
    assert result.bounds.set_index("unit").loc["hoa-binh"].tolist() == [86.76, 86.89]
    assert result.ranks.set_index("unit").loc["hoa-binh", "rank"] == 35
    assert opened("sipas", 2023, "province").values().loc["hai-phong"] == 88.09  # the printed number, not the derived


def test_ways_that_disagree_give_no_mean(own_data: Path):
    # 2015 = 80 - 1 = 79 from 2016, but 70 + 10 = 80 from 2014: nothing is settled
    head = "year,level,area,statistic,value,unit_key,derived,source_ids,note\n"
    rows = ["2014,province,,mean,70", "2015,province,,mean_change,10", "2016,province,,mean,80"]
    rows += ["2016,province,,mean_change,1"]
    text = head + "".join(f"{row},,0,S001,\n" for row in rows)
    (own_data / "published" / "par_statistics.csv").write_text(text, encoding="utf-8")
    data_tables.accept()
    assert deduced_means("province") == {}


# --- the related indices ------------------------------------------------------------------------


def test_papi_equals_its_published_dimensions_and_totals_in_all_869_complete_province_years():
    totals = read("external/papi_totals.csv")
    compared = 0
    for year in PAPI:
        results = opened("papi", year, "province")
        printed = totals[totals["year"] == year].set_index("key")
        points = results.values(column="points")
        printed = printed.reindex(points.index)
        assert (points.notna() == printed["total"].notna()).all()  # what is incomplete stays unknown
        assert (points - printed["total"]).abs().max() < 0.0005
        compared += int(points.notna().sum())
        for dimension in range(1, 9):
            if str(dimension) in set(results.nodes["node"]):
                values = results.values(str(dimension), "points")
                assert (values.notna() == printed[f"dim{dimension}"].notna()).all()
                assert (values - printed[f"dim{dimension}"]).abs().max() < 0.0005
            else:
                assert printed[f"dim{dimension}"].isna().all()
    assert compared == 869


def test_incomplete_provinces_of_papi_stay_in_the_list_unranked():
    results = opened("papi", 2024, "province")
    left = results.units.loc[~results.units["ranked"], "unit"]
    assert list(left) == ["vinh-phuc", "tien-giang"]
    assert len(results.units) == 63
    assert results.ranks is None  # computed among the complete: the publisher ranks no other
    bases = results.bases.set_index("unit")["basis"]
    assert bases["vinh-phuc"] == "incomplete"
    assert "partial" in results.marks
    partly = opened("papi", 2022, "province")
    assert partly.values("7", "points")["bac-giang"] == pytest.approx(4.2021, abs=0.0005)


def test_papi_breaks_where_its_totals_stop_comparing():
    marked = {year for year in PAPI if opened("papi", year, "province").break_before}
    assert marked == {2018, 2019, 2021}  # comparable: 2011-2017, 2019-2020, 2021-2024


def test_papi_leaves_out_what_has_no_values_in_a_year():
    assert "5.2" not in set(opened("papi", 2021, "province").nodes["node"])
    assert "8.3" not in set(opened("papi", 2018, "province").table["node"])
    assert "5.2" in set(opened("papi", 2020, "province").nodes["node"])


def test_every_year_of_papi_has_its_structure():
    for year in sorted(read("external/papi.csv")["year"].unique()):
        assert scheme.scheme_for(int(year), "province", "papi") is not None
        assert par.papi_scorecard(int(year)).points.shape[0] == 63


def test_pci_keeps_the_place_of_the_province_that_is_left_out():
    results = opened("pci", 2006, "province")
    assert (len(results.units), results.n_ranked) == (63, 64)
    ranks = set(results.ranks["rank"])
    assert len(set(range(1, 65)) - ranks) >= 1
    assert 64 in ranks
    early = opened("pci", 2005, "province")
    assert (len(early.units), early.n_ranked) == (41, 42)
    late = opened("pci", 2022, "province")
    assert late.ranks is None
    assert late.n_known == late.n_ranked == 63


def test_dti_is_complete_from_2022_and_three_series():
    assert opened("dti", 2022, "province").ranks is None
    partial = opened("dti", 2020, "province")
    assert partial.n_known == 10
    assert dict(zip(partial.ranks["unit"], partial.ranks["rank"], strict=True))["ninh-thuan"] == 63
    assert partial.values()["da-nang"] == 48.74  # 100 x 0.4874, without binary noise
    assert partial.values(column="points")["da-nang"] == 0.4874
    breaks = {year for year in range(2020, 2025) if opened("dti", year, "province").break_before}
    assert breaks == {2021, 2022}


@pytest.mark.parametrize(("year", "unit"), [(2017, "ha-noi"), (2017, "lai-chau"), (2022, "kon-tum")])
def test_suspect_values_of_grdp_count_as_unknown(year: int, unit: str):
    results = opened("grdp", year, "province")
    assert isnan(results.values()[unit])
    assert dict(zip(results.bases["unit"], results.bases["basis"], strict=True))[unit] == "suspect"
    assert isnan(results.values("component:grdp", "points")[unit])
    assert results.values("component:population", "points")[unit] > 0
    assert "partial" in results.marks


def test_sipas_knows_its_pilot_its_breaks_and_its_printed_means():
    pilot = opened("sipas", 2015, "province")
    assert len(pilot.units) == pilot.n_known == 10
    later = opened("sipas", 2023, "province")
    assert len(later.units) == 63
    means = later.printed_statistics.set_index("statistic")["value"]
    assert means["mean"] == 82.66
    assert {year for year in (2015, *range(2017, 2025)) if opened("sipas", year, "province").break_before} == {
        2017,
        2022,
    }
    assert dict(zip(later.ranks["unit"], later.ranks["rank_basis"], strict=True))["cao-bang"] == "from_list"


@pytest.mark.few(3)
@pytest.mark.parametrize("index_name", published.INDEX_NAMES)
def test_results_of_every_index_and_year_hang_together(index_name: str):
    for row in published.available(index_name).itertuples():
        results = opened(index_name, row.year, row.level)
        assert (results.index_name, results.year, results.level) == (index_name, row.year, row.level)
        assert results.n_known == row.n_known
        listed = set(results.units["unit"])
        assert not results.units["unit"].duplicated().any()
        for frame in (results.table, results.bases, results.bounds, results.node_ranks, results.printed_changes):
            assert set(frame["unit"]) <= listed
        assert set(results.table["node"]) <= set(results.nodes["node"])
        assert set(results.node_ranks["node"]) <= set(results.nodes["node"])
        assert results.nodes["node"].iloc[0] == ""
        assert results.nodes["name"].str.len().gt(0).all()
        assert results.nodes["name_en"].str.len().gt(0).all()
        known = results.table.dropna(subset=["index", "points", "maximum"])
        if index_name == "par":  # printed to two decimals
            assert ((known["index"] - 100 * known["points"] / known["maximum"]).abs() <= 0.51).all()
            exact = known[known["node"] == ""]
            assert np.allclose(exact["index"], exact["points"])


def test_areas_are_named_in_english_too():
    named = read("schemes/areas.csv")["name_vi"].dropna()
    for name in {*named, *read("published/par_area_index.csv")["area_name_vi"]}:
        assert published.par.english(name) != name, name


# --- errors, availability, sources --------------------------------------------------------------


def test_a_year_without_results_names_the_years_there_are():
    with pytest.raises(ParameterError, match="2012-2024") as caught:
        years.open_results(1999, "province")
    assert "các năm có kết quả: 2012-2024" in caught.value.text("vi")
    with pytest.raises(ParameterError, match="2015, 2017-2024"):
        published.results("sipas", 2016, "province")
    with pytest.raises(ParameterError, match="2012-2024"):
        opened("par", 2025, "province")


def test_an_unknown_index_or_level_has_near_matches():
    with pytest.raises(ParameterError, match="near matches: papi"):
        opened("pappi", 2020, "province")
    with pytest.raises(ParameterError, match="near matches: ministry"):
        years.open_results(2023, "minister")
    with pytest.raises(ParameterError, match="only of province"):
        opened("papi", 2020, "ministry")


def test_what_is_available_says_of_how_many():
    frame = published.available("par").set_index(["level", "year"])
    # the rows of par_index.csv with an index, counted by hand
    known = [20, 5, 2, 5, 4, 4, 11, 12, 14, 18, 13, 20, 10]
    assert list(frame.loc["province", "n_known"]) == known
    assert list(frame.loc["ministry", "n_known"]) == [5, 5, 3, 3, 4, 15, 9, 6, 4, 5, 5, 17, 0]
    ranked = [19, 19, 19, 19, 19, 19, 18, 17, 17, 17, 17, 17]
    assert list(frame.loc["ministry", "n_units"])[:-1] == ranked
    assert frame.loc[("ministry", 2024), "n_units"] is pd.NA
    assert published.available("papi").set_index("year").loc[2024, ["n_known", "n_units"]].tolist() == [61, 63]


def test_sources_are_told_in_words():
    text = published.source_text("S001;S001;papi_mlmcdm", "en")
    assert text.count("vietnamplus") == 1
    assert "press" in text
    assert "PAPI 2011-2024" in text
    assert "(third-party data set, https://github.com/hnks-gh/ml-mcdm)" in text
    assert "báo chí" in published.source_text(["S001", "S003"], "vi")
    assert published.source_text("") == ""


def test_titles_of_sources_are_for_readers_and_days_are_printed_as_here():
    table = read("published/sources.csv").fillna("")
    notes = r"(?i)[\u3040-\u30ff\u4e00-\u9fff]|tag page|\balso\b|\bslug\b|copy|title read|not known|@[0-9a-f]{6}"
    assert list(table.loc[table["title"].str.contains(notes), "title"]) == []
    assert table["date"].str.fullmatch(r"(\d{4}(-\d\d(-\d\d)?)?)?").all()
    text = published.source_text("S053")
    assert "17/4/2024" in text
    assert "2024-04-17" not in text


def test_every_source_that_a_number_names_is_listed():
    listed = set(read("published/sources.csv")["source_id"])
    for path in [*(places.data() / "published").glob("*.csv"), *(places.data() / "external").glob("*.csv")]:
        frame = pd.read_csv(path)
        for column in frame.columns[frame.columns.str.endswith("source_ids")]:
            assert {part for ids in frame[column].dropna() for part in ids.split(";")} <= listed, path.name


def test_conflicts_are_told():
    frame = published.conflicts(2024, "province")
    assert "53 up, 9 down" in set(frame["kept"])
    assert list(published.conflicts(2013, "province").columns) == list(frame.columns)


def test_an_unchanged_file_is_read_once_and_results_do_not_share_tables():
    first, second = (published.results("par", 2023, "ministry") for _ in range(2))
    assert isinstance(first, Results)
    first.table.loc[0, "index"] = -1.0
    assert second.table.loc[0, "index"] != -1.0
    assert published.results("par", 2023, "ministry").table.loc[0, "index"] != -1.0


@pytest.mark.parametrize(
    ("year", "number"),
    [
        *((year, 19) for year in range(2012, 2018)),
        (2018, 18),
        *((year, 17) for year in range(2019, 2024)),
        (2024, None),
    ],
)
def test_the_number_of_ranked_ministries(year, number):  # data package, section 4, trap 3
    assert published.results("par", year, "ministry").n_ranked == number
