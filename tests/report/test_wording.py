"""Numbers and sentences: half up from exact values, bound to their cells, words that follow the numbers."""

import locale
from datetime import date
from decimal import ROUND_HALF_UP, localcontext

import numpy as np
import pandas as pd
import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from parlib.errors import DataError
from parlib.publish.verify.reading import printed
from parlib.report.blocks import Number, Paragraph, Ref, Wording, direction, is_known, paragraph, plain
from parlib.tables import rounded

VI, EN = Wording("vi"), Wording("en")
CELL = Ref("par", 2023, "ministry", "bo-tu-phap", "", "index")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (2.675, 2, "2,68"),  # the float lies under 2.675; the number meant is 2.675
        (0.125, 2, "0,13"),  # banker's rounding would give 0,12
        (1.005, 2, "1,01"),
        (84.3782352941, 2, "84,38"),
        (0.1 + 0.2, 1, "0,3"),
        (1234567.891, 2, "1.234.567,89"),
        (89000, 0, "89.000"),
        (999.995, 2, "1.000,00"),
        (-1.885, 2, "−1,89"),  # half up means away from zero on both sides
        (-0.004, 2, "0,00"),  # there is no minus zero
        (0.0, 2, "0,00"),
        (1e15, 0, "1.000.000.000.000.000"),
        (None, 2, "…"),
        (float("nan"), 2, "…"),
        (pd.NA, 2, "…"),
        (np.float64(80.2), 2, "80,20"),
        (np.int64(63), 0, "63"),
    ],
)
def test_numbers_are_printed_half_up_in_vietnamese(value, decimals, text):
    assert VI.format(value, decimals) == text


def test_the_decimal_dot_is_a_setting_and_english_always_has_it():
    assert Wording("vi", decimal="dot").format(1234.5) == "1,234.50"
    assert EN.format(1234.5) == "1,234.50"
    assert Wording("en", decimal="comma").format(1234.5) == "1,234.50"


def test_changes_carry_their_sign():
    assert [VI.format(x, signed=True) for x in (1.2, -1.2, 0.0, 0.001, None)] == ["+1,20", "−1,20", "0,00", "0,00", "…"]


def test_what_is_not_a_number_is_refused():
    with pytest.raises(ValueError, match="cannot be printed"):
        VI.format(float("inf"))


@pytest.mark.parametrize("field", [{"language": "fr"}, {"decimal": "point"}])
def test_settings_that_do_not_exist_are_refused(field):
    with pytest.raises(ValueError, match="is one of"):
        Wording(**field)


@given(
    st.floats(-1e12, 1e12, allow_nan=False, allow_subnormal=False),
    st.integers(0, 4),
    st.sampled_from(["vi", "en"]),
)
def test_numbers_are_those_of_babel(value, decimals, language):
    """Babel rounds as the decimal context says and writes a hyphen; from the same exact value it prints the same."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    with localcontext(rounding=ROUND_HALF_UP):
        expected = format_decimal(rounded(value, decimals), format=pattern, locale=language)
    assert Wording(language).format(value, decimals) == expected.replace("-", "−")


@given(st.decimals(-1000, 1000, places=3))
def test_thousandths_are_rounded_as_by_hand(value):
    """The last digit decides: 5 and over goes up, away from zero."""
    tenths = abs(int(value * 1000))
    expected = tenths // 10 + (tenths % 10 >= 5)
    assert rounded(float(value), 2) * 100 == (-expected if value < 0 else expected)


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_the_words_of_a_change_follow_its_sign(now, then):
    change = VI.number(now - then, 2, CELL)
    words = plain(VI.moved(change, "điểm %", year=2022))
    expected = {1: "tăng", -1: "giảm", 0: "không thay đổi"}[direction(now - then)]
    assert words.startswith(expected)
    assert "−" not in words
    assert not words.split()[1].startswith("0,00")


def test_a_change_too_small_to_print_is_not_said_to_be_nought():
    assert plain(VI.moved(VI.number(0.004), "điểm %", year=2022)) == "tăng chưa đến 0,01 điểm % so với năm 2022"
    assert plain(EN.moved(EN.number(-0.0001, 4), "points", year=2023)) == "down 0.0001 points compared with 2023"
    assert plain(EN.moved(EN.number(-0.00001, 4), "", year=2023)) == "down less than 0.0001 compared with 2023"


def test_a_change_that_is_not_known_cannot_be_told():
    with pytest.raises(ValueError, match="not known"):
        VI.moved(VI.number(None), year=2022)


def test_differences_of_percentages_are_points_of_percent_unless_the_house_says_otherwise():
    assert (VI.difference_unit, EN.difference_unit) == ("điểm %", "percentage points")
    assert Wording("vi", strict=False).difference_unit == "%"
    assert plain(VI.moved(VI.number(1.5), "%", year=2022)) == "tăng 1,50% so với năm 2022"


@pytest.mark.parametrize(
    ("rank", "vietnamese", "english"),
    [
        (1, "thứ 1", "1st"),
        (2, "thứ 2", "2nd"),
        (3, "thứ 3", "3rd"),
        (4, "thứ 4", "4th"),
        (11, "thứ 11", "11th"),
        (12, "thứ 12", "12th"),
        (13, "thứ 13", "13th"),
        (21, "thứ 21", "21st"),
        (62, "thứ 62", "62nd"),
        (63, "thứ 63", "63rd"),
        (111, "thứ 111", "111th"),
    ],
)
def test_ranks_in_prose(rank, vietnamese, english):
    assert plain(VI.rank(VI.count(rank))) == vietnamese
    assert plain(EN.rank(EN.count(rank))) == english


@pytest.mark.parametrize(
    ("items", "vietnamese", "english"),
    [
        ([], "", ""),
        (["A"], "A", "A"),
        (["A", "B"], "A và B", "A and B"),
        (["A", "B", "C"], "A, B và C", "A, B and C"),
    ],
)
def test_lists_in_prose(items, vietnamese, english):
    assert plain(VI.join(items)) == vietnamese
    assert plain(EN.join(items)) == english


def test_dates_in_prose():
    assert VI.date(date(2024, 4, 7)) == "7/4/2024"
    assert EN.date(date(2024, 4, 7)) == "7 April 2024"


def test_bounds_are_one_number_where_they_meet():
    assert VI.range(2, 4).text == "2–4"
    assert VI.range(62.58, 67.68, decimals=2).text == "62,58–67,68"
    assert VI.range(7, 7).value == 7
    assert VI.range(None, 4).value is None


def test_numbers_of_a_sentence_keep_their_cells_through_every_level():
    mean = VI.number(84.378, 2, CELL, made="mean")
    text = VI.sentence("To the next better rank: {gap}.", gap=(mean, " điểm %"))
    assert isinstance(text, Paragraph)
    assert text.plain_text().endswith(": 84,38 điểm %.")
    assert [part for part in text.parts if isinstance(part, Number)] == [mean]
    both = paragraph(text, None, VI.join([text.parts, (mean,)]), role="lead")
    assert [part for part in both.parts if isinstance(part, Number)] == [mean, mean, mean]
    assert not any(isinstance(a, str) and isinstance(b, str) for a, b in zip(both.parts, both.parts[1:], strict=False))


def test_a_place_must_be_filled_and_a_content_must_have_a_place():
    with pytest.raises(KeyError):
        VI.say("To the next better rank: {gap}.")
    with pytest.raises(ValueError, match="no place for"):
        VI.say("Rank", gap="1")
    with pytest.raises(DataError, match="A sentence that no catalogue has"):
        VI.say("A sentence that no catalogue has")


def test_english_nouns_follow_their_number():
    assert [EN.say_many("province", "provinces", EN.count(n)) for n in (0, 1, 2)] == [
        "provinces",
        "province",
        "provinces",
    ]
    assert VI.say_many("province", "provinces", VI.count(1)) == VI.say_many("province", "provinces", VI.count(63))


def test_unknown_is_told_apart_from_nought():
    assert is_known(0.0)
    assert not any(is_known(value) for value in (None, float("nan"), pd.NA, np.float64("nan"), ""))


def test_the_locale_of_the_computer_is_left_alone():
    before = locale.setlocale(locale.LC_ALL)
    VI.date(date(2024, 1, 1))
    VI.format(1234.5)
    assert locale.setlocale(locale.LC_ALL) == before


@pytest.mark.parametrize(
    ("wording", "n", "text"),
    [
        (VI, 10, "10 đơn vị tăng"),
        (VI, 0, "không có đơn vị nào tăng"),
        (EN, 10, "10 rose"),
        (EN, 0, "none rose"),
    ],
)
def test_none_is_said_in_words_and_stays_a_number(wording, n, text):
    said = wording.phrase("{n:none} rose", n=wording.count(n, CELL))
    assert plain(said) == text
    assert [part.value for part in said if isinstance(part, Number)] == [n]
    assert [printed(part.text, wording) for part in said if isinstance(part, Number)] == [n]


def test_none_takes_the_noun_that_is_counted_and_begins_a_sentence_with_a_capital():
    sentence = VI.phrase("{n} of {all} {units} rose on {before}.", n=VI.count(0), all="17", units="bộ", before="2022")
    assert plain(sentence) == "0/17 bộ tăng so với năm 2022."  # a part of a whole stays a number
    kept = {"area": "lĩnh vực", "unit": "Bộ Y tế", "n": VI.count(0), "units": "bộ"}
    msgid = (
        "Choices of method: with one {area} left out at a time, the rank of {unit} would move most; {n:{units}} would "
        "keep their rank whichever is left out."
    )
    assert "; không có bộ nào giữ nguyên thứ hạng" in plain(VI.phrase(msgid, **kept))
    assert "; no ministries would keep" in plain(EN.phrase(msgid, **{**kept, "units": "ministries"}))


def test_a_province_is_named_with_its_kind_in_sentences(view_of, year):
    view = view_of(year(2023, "province"))
    assert [view.named(key) for key in ("quang-ninh", "ha-noi", "ho-chi-minh", "hue")] == [
        "tỉnh Quảng Ninh",
        "thành phố Hà Nội",
        "TP. Hồ Chí Minh",
        "tỉnh Thừa Thiên Huế",
    ]
    assert view.unit_list(["quang-ninh"]) == "tỉnh Quảng Ninh"
    assert view.unit_list(["quang-ninh", "hai-phong"]) == "Quảng Ninh và Hải Phòng"
    said = view.phrase("{unit} has {value}.", unit=view.named("quang-ninh"), value="92,18%")
    assert plain(said) == "Tỉnh Quảng Ninh đạt 92,18%."


def test_the_source_line_says_where_the_values_were_read(view_of, year):
    ministries, provinces = (view_of(year(2023, level)) for level in ("ministry", "province"))
    assert ministries.source == "Nguồn: Kết quả Chỉ số CCHC do Bộ Nội vụ công bố."  # of the Government's own site
    assert provinces.source == "Nguồn: Bộ Nội vụ, dẫn theo báo chí."
    both = provinces.sources([ministries.source, provinces.source, ministries.source])
    assert both == "Nguồn: Kết quả Chỉ số CCHC do Bộ Nội vụ công bố; Bộ Nội vụ, dẫn theo báo chí."
