"""Units: look-up in any spelling, official order, systems, mergers, who is assessed. Expected values: data/units."""

from datetime import date

import pytest

from parlib import data_tables
from parlib.analysis.mergers import merges
from parlib.errors import DataError, ParameterError
from parlib.scoring import units

PLACES_63 = [unit.key for unit in units.units("province", "63")]


def test_both_systems_and_the_ministries_are_whole():
    assert len(units.units("province", "63")) == 63
    assert len(units.units("province", "34")) == 34
    assert len(units.units("province")) == 97
    assert len(units.units("ministry", on=date(2025, 2, 28))) == 22
    assert len(units.units("ministry", on=date(2025, 3, 1))) == 17
    assert len(units.units("province", on=date(2025, 6, 30))) == 63


def test_official_order_is_that_of_the_codes():
    codes = [unit.code for unit in units.units("province", "63")]
    assert codes == sorted(codes)
    assert (codes[0], codes[-1]) == ("01", "96")


def test_a_key_follows_the_territory():
    both = set(PLACES_63) & {unit.key for unit in units.units("province", "34")}
    assert len(both) == 11  # the provinces that were not merged
    assert units.get("lao-cai").name_vi == units.get("lao-cai-2025").name_vi == "Lào Cai"
    assert units.get("lao-cai").successors == ("lao-cai-2025",)
    assert units.get("hue").successors == ()


def test_a_province_that_became_a_city_is_one_from_that_year_on():
    # Nghị quyết 30/2026/QH16: Đồng Nai from 30/04/2026; with it seven centrally-run cities, six in 2025
    def cities(year):
        of = (units.get(unit.key, "province", "34", year) for unit in units.units("province", "34"))
        return {unit.full_name_vi for unit in of if unit.kind == "thành phố trực thuộc Trung ương"}

    assert cities(2026) - cities(2025) == {"Thành phố Đồng Nai"}
    assert len(cities(2025)) == 6
    assert units.get("dong-nai-2025", year=2025).full_name_vi == "Tỉnh Đồng Nai"


def test_only_hue_changed_its_name_and_not_its_key():
    assert units.name("hue") == units.name("hue", system="63") == "Thừa Thiên Huế"
    assert units.name("hue", system="34") == "Huế"
    for key in {unit.key for unit in units.units("province", "34")} & set(PLACES_63) - {"hue"}:
        assert units.name(key, system="34") == units.name(key, system="63")


def test_results_to_2024_are_on_the_63_and_later_ones_on_the_34():
    assert [data_tables.system_of(year, "province") for year in (2012, 2024, 2025, 2030)] == ["63", "63", "34", "34"]
    assert len(units.units_of_year(2025, "province")) == 34
    assert "bo-noi-vu" in [unit.key for unit in units.units_of_year(2024, "ministry")]
    assert "bo-noi-vu-2025" in [unit.key for unit in units.units_of_year(2025, "ministry")]


@pytest.mark.parametrize(
    ("text", "year", "key"),
    [
        ("ha-noi", None, "ha-noi"),
        ("Thanh Hoá", 2023, "thanh-hoa"),  # tone mark on the other letter
        ("thanh hoa", 2023, "thanh-hoa"),
        ("THANH HÓA", 2023, "thanh-hoa"),
        ("Thanh Ho\u0301a", 2023, "thanh-hoa"),  # decomposed Unicode
        ("Tỉnh Hoà Bình", 2023, "hoa-binh"),
        ("  Đắk   Lắk ", 2023, "dak-lak"),
        ("Đắc Lắc", 2023, "dak-lak"),
        ("Daklak", 2023, "dak-lak"),
        ("TP. Hồ Chí Minh", 2023, "ho-chi-minh"),
        ("TPHCM", 2025, "ho-chi-minh-2025"),
        ("Hanoi", 2023, "ha-noi"),
        ("Ho Chi Minh City", 2023, "ho-chi-minh"),
        ("Bà Rịa – Vũng Tàu", 2023, "ba-ria-vung-tau"),
        ("Huế", 2025, "hue"),
        ("Lào Cai", 2024, "lao-cai"),
        ("Lào Cai", 2025, "lao-cai-2025"),
        ("lao-cai", 2025, "lao-cai-2025"),  # a key without a year means the unit of the year that is asked for
        ("an-giang", 2025, "an-giang-2025"),
        ("an-giang", 2024, "an-giang"),
        ("hue", 2025, "hue"),
        ("bo-noi-vu", 2025, "bo-noi-vu-2025"),
        ("24", 2024, "bac-giang"),  # one of the eight codes that were used again
        ("24", 2025, "bac-ninh-2025"),
        ("Bộ Nội vụ", 2023, "bo-noi-vu"),
        ("Bộ Nội vụ", 2025, "bo-noi-vu-2025"),
        ("Bộ GD&ĐT", 2023, "bo-giao-duc-va-dao-tao"),
        ("bộ gdđt", 2023, "bo-giao-duc-va-dao-tao"),
        ("NHNN", 2023, "ngan-hang-nha-nuoc-viet-nam"),
        ("Ministry of Health", 2023, "bo-y-te"),
        ("UBND tỉnh Hà Giang", 2023, "ha-giang"),
        ("UBND TP Hồ Chí Minh", 2025, "ho-chi-minh-2025"),
        ("Ủy ban nhân dân tỉnh Bắc Ninh", 2023, "bac-ninh"),
        ("Thủ đô Hà Nội", 2023, "ha-noi"),
        ("T.P Hồ Chí Minh", 2023, "ho-chi-minh"),
        ("T.Bình Dương", 2023, "binh-duong"),
        ("TTH", 2023, "hue"),
        ("HCM", 2025, "ho-chi-minh-2025"),
        ("1. Hà Nội", 2023, "ha-noi"),
        ("Hà Nội (1)", 2023, "ha-noi"),
        ("Thừa Thiên Huế (nay là TP Huế)", 2023, "hue"),
        ("BYT", 2023, "bo-y-te"),
        ("Bộ TC", 2025, "bo-tai-chinh-2025"),
        ("Bộ XD", 2023, "bo-xay-dung"),
        ("BLĐTBXH", 2023, "bo-lao-dong-thuong-binh-va-xa-hoi"),
        ("Bộ Nông nghiệp và PTNT", 2023, "bo-nong-nghiep-va-phat-trien-nong-thon"),
        ("NHNN Việt Nam", 2023, "ngan-hang-nha-nuoc-viet-nam"),
        ("Thanh tra CP", 2023, "thanh-tra-chinh-phu"),
    ],
)
def test_find_understands_the_common_spellings(text, year, key):
    assert units.find(text, year=year).key == key


def test_every_unit_is_found_by_its_own_names():
    for unit in (*units.units("province"), *units.units("ministry")):
        year = 2025 if unit.system == "34" or (unit.valid_from and unit.valid_from.year == 2025) else 2024
        for text in (unit.key, unit.name_vi, unit.name_en, unit.full_name_vi, unit.short_vi or unit.key):
            assert units.find(text, level=unit.level, year=year).key == unit.key


@pytest.mark.parametrize("text", ["01", "Lào Cai", "Bộ Nội vụ"])
def test_what_fits_several_units_is_refused_not_guessed(text):
    with pytest.raises(ParameterError, match="several units") as error:
        units.find(text)
    assert "nhiều đơn vị" in error.value.text("vi")


def test_an_unknown_unit_is_told_its_near_matches():
    with pytest.raises(ParameterError, match=r"near matches: Ha Noi, Ha Nam, Ha Tinh$") as error:
        units.find("ha noy", system="63")
    assert error.value.text("vi").endswith("; gần giống: Hà Nội, Hà Nam, Hà Tĩnh")
    with pytest.raises(ParameterError, match="system of 34"):
        units.get("ha-giang", system="34")


def test_a_code_that_lost_its_zero_is_not_guessed_and_a_merged_unit_says_what_it_became():
    with pytest.raises(ParameterError) as error:  # 1 may be a running number as well
        units.find("1", level="province", year=2023)
    assert error.value.text("vi").endswith("; gần giống: Hà Nội")
    with pytest.raises(ParameterError) as error:
        units.find("UBND tỉnh Hà Giang", level="province", year=2025)
    assert error.value.text("vi").endswith("đã nhập vào Tuyên Quang")


@pytest.mark.parametrize(
    ("text", "year", "vi", "en"),
    [
        ("Hà Nọii", 2023, "Hà Nội, Hà Nam", "Ha Noi, Ha Nam"),  # people read names,
        (
            "ha-noii",
            2023,
            "Hà Nội (ha-noi), Hà Nam (ha-nam)",
            "Ha Noi (ha-noi), Ha Nam (ha-nam)",
        ),  # who typed a key, keys
        ("ha-giang", 2025, "Tuyên Quang (tuyen-quang-2025)", "Tuyen Quang (tuyen-quang-2025)"),
        (
            "Bà Rịa",
            2023,
            "Bà Rịa - Vũng Tàu, Bắc Giang, Bắc Kạn",
            "Ba Ria - Vung Tau, Bac Giang, Bac Kan",
        ),  # it begins so
    ],
)
def test_what_is_near_is_said_as_it_was_asked(text, year, vi, en):
    with pytest.raises(ParameterError) as error:
        units.find(text, level="province", year=year)
    assert (error.value.text("vi").endswith(f" {vi}"), error.value.text("en").endswith(f" {en}")) == (True, True)
    with pytest.raises(ParameterError) as error:
        units.find("Bộ Kế hoạch và Đầu tư", level="ministry", year=2025)
    assert "đã nhập vào Bộ Tài chính" in error.value.text("vi")


@pytest.mark.parametrize("call", [lambda: units.units("city"), lambda: units.find("ha-noi", system="64")])
def test_unknown_levels_and_systems_are_refused(call):
    with pytest.raises(ParameterError):
        call()


def test_every_province_lies_in_a_region_of_its_system():
    for system, n in (("63", 63), ("34", 34)):
        slugs = [region.slug for region in units.regions(system)]
        assert len(slugs) == 6
        assert [region.order for region in units.regions(system)] == [1, 2, 3, 4, 5, 6]
        members = [units.region_of(unit.key, system) for unit in units.units("province", system)]
        assert len(members) == n and set(members) == set(slugs)
    assert units.region_of("bo-y-te", "") == ""


def test_who_is_assessed_and_who_is_ranked():
    ministries = units.assessed(2023, "ministry")
    assert list(ministries.columns) == ["unit", "ranked", "basis", "source_ids"]
    assert len(ministries) == 19 and ministries["ranked"].sum() == 17
    assert set(ministries.loc[~ministries["ranked"], "unit"]) == {"thanh-tra-chinh-phu", "uy-ban-dan-toc"}
    assert list(units.assessed(2012, "province")["unit"]) == PLACES_63
    for year in (2012, 2013, 2014, 2015, 2019):  # names not settled
        assert units.assessed(year, "ministry").empty


def test_mergers():
    provinces = merges("province")
    assert len(provinces) == 63 and provinces["new"].nunique() == 34
    assert (provinces["change"] == "unchanged").sum() == 11
    ministries = merges("ministry").set_index("old")
    assert len(ministries) == 22 and ministries["new"].nunique() == 17
    assert ministries.loc["bo-xay-dung", "new"] == ministries.loc["bo-giao-thong-van-tai", "new"] == "bo-xay-dung-2025"
    assert ministries.loc["uy-ban-dan-toc", "change"] == "reorganised"  # one body became one
    assert ministries.loc["bo-y-te", "change"] == "unchanged"


def test_a_changed_data_folder_is_read_afresh(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLIB_DATA", str(tmp_path))
    with pytest.raises(DataError):
        units.units("province")


@pytest.mark.parametrize("spelt", ["\u00d0à Nẵng", "\u0189à Nẵng", "\u00f0à nẵng", "ＤＡ ＮＡＮＧ"])
def test_letters_that_only_look_like_ours_are_matched(spelt):
    assert units.find(spelt, "province", "63").key == "da-nang"


def test_a_province_of_the_63_stands_to_its_last_day():
    old, new = units.get("ha-giang", system="63"), units.get("tuyen-quang-2025", system="34")
    assert [old.stands_on(date(2025, 6, 30)), old.stands_on(date(2025, 7, 1))] == [True, False]
    assert [new.stands_on(date(2025, 6, 30)), new.stands_on(date(2025, 7, 1))] == [False, True]
    for level, day in (("province", "2025-07-01"), ("ministry", "2025-03-01")):
        assert merges(level)["effective"].eq(day).all()  # of those too that stayed as they were
