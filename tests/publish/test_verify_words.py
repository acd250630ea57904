"""Words that no cell binds - names in captions, lists and cells, years, templates - are held against the datasets."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from parlib.publish.verify import vocabulary
from parlib.report.blocks import UNKNOWN, Column, Figure, Heading, Note, Number, Paragraph, Ref, Table, Tile, Tiles

from .test_verify_claims import BOTH, WORDS, Language, checks, value, view

# Ministries 2023 as published: Justice first with 89.95 (group B), Industry and Trade last with 78.03 (group C).
# PAPI 2024: ranked in 2024 only are Quang Ninh and Binh Duong, in 2023 only Vinh Phuc and Tien Giang.
LAST = {"vi": "Bộ Công Thương", "en": "Ministry of Industry and Trade"}


def table(columns: Sequence[Column], row: dict[str, str | Number], name: str = "", **more: Any) -> Table:
    """A table of one row."""
    return Table(tuple(columns), (row,), **({"caption": "", "name": name} | more))


def highest(language: Language) -> Number:
    """The highest of all, as a statistic."""
    shown = view("par", language)
    return Number(89.95, shown.wording.format(89.95, 2), (shown.ref(column="max"),), "statistic")


@BOTH
def test_beside_the_highest_stands_who_has_it(language: Language) -> None:
    name, tile = (
        WORDS[language]["unit"][0],
        Tile(WORDS[language]["highest"][0], value(language, "bo-tu-phap", 89.95), "%"),
    )
    assert checks(Tiles((Tile(tile.label, tile.number, "%", (name,)),), ""), language) == set()
    assert checks(Tiles((Tile(tile.label, tile.number, "%", (LAST[language],)),), ""), language) == {"row_names"}
    columns = (Column("what", ""), Column("value", "", "number"), Column("unit", ""))
    row = {"what": "x", "value": highest(language), "unit": name}
    assert checks(table(columns, row), language) == set()
    assert checks(table(columns, row | {"unit": LAST[language]}), language) == {"row_names"}


@BOTH
@pytest.mark.parametrize("way", [0, 1])
def test_a_head_over_columns_says_which_end_stands_there(way: int, language: Language) -> None:
    unit, size = (("bo-tu-phap", 89.95), ("bo-cong-thuong", 78.03))[way]
    right, wrong = WORDS[language]["highest"][way], WORDS[language]["highest"][1 - way]
    cell = {"value": value(language, unit, size)}
    assert checks(table([Column("value", "", "number", group=right)], cell), language) == set()
    assert checks(table([Column("value", "", "number", group=wrong)], cell), language) == {"extremes"}


def test_a_caption_names_what_stands_below() -> None:
    number = value("vi", "bo-tu-phap", 89.95)
    columns = (Column("unit", ""), Column("value", "", "number"))
    row = {"unit": "Bộ Tư pháp", "value": number}
    assert checks(table(columns, row, caption="Kết quả của Bộ Tư pháp"), "vi") == set()
    assert checks(table(columns, row, caption="Kết quả của Bộ Y tế"), "vi") == {"row_names"}


def test_a_source_is_named_as_the_catalogue_does() -> None:
    right = "Nguồn: Kết quả Chỉ số CCHC do Bộ Nội vụ công bố."
    columns, row = [Column("value", "", "number")], {"value": value("vi", "bo-tu-phap", 89.95)}
    assert checks(table(columns, row, notes=(right,)), "vi") == set()
    assert checks(table(columns, row, notes=(right.replace("Nội vụ", "Ngoại giao"),)), "vi") == {"row_names"}


@pytest.mark.parametrize(
    ("text", "results"),
    [
        ("Chỉ được xếp hạng năm 2024: Quảng Ninh và Bình Dương; chỉ được xếp hạng năm 2023: Vĩnh Phúc và Tiền Giang.",
         set()),
        ("Chỉ được xếp hạng năm 2024: Quảng Ninh và Hà Nội; chỉ được xếp hạng năm 2023: Vĩnh Phúc và Tiền Giang.",
         {"row_names"}),
        ("Chỉ được xếp hạng năm 2024: Quảng Ninh và Bình Dương; chỉ được xếp hạng năm 2023: Hà Nội và Tiền Giang.",
         {"row_names"}),
    ],
)  # fmt: skip
def test_who_was_ranked_in_one_year_only_was(text: str, results: set[str]) -> None:
    assert checks(Note(text), "vi", "papi") == results


def test_the_units_of_a_group_are_all_that_it_has() -> None:
    shown = view("par", "vi")
    names = ["Bộ Y tế", "Bộ Ngoại giao", "Bộ Công Thương"]  # 79.80, 78.48, 78.03
    count = shown.wording.count(len(names), shown.ref(column="band:C"))
    columns = (Column("band", ""), Column("n", "", "integer"), Column("units", ""))

    def told(some: list[str]) -> set[str]:
        row = {"band": "C: từ 70% đến dưới 80%", "n": count, "units": ", ".join(some)}
        return checks(table(columns, row, "bands"), "vi")

    assert told(names) == set()
    assert told([*names[1:], "Bộ Tư pháp"]) == {"row_names"}
    assert told(names[1:]) == {"row_names"}


def test_a_code_stands_beside_its_name_and_a_check_under_its_own() -> None:
    shown = view("papi", "vi")
    number = shown.wording.number(10.0, 2, shown.ref(node="1", column="maximum"))
    columns = (Column("code", ""), Column("name", ""), Column("maximum", "", "number"))
    row = {"code": "1", "name": shown.node_name("1"), "maximum": number}
    assert checks(table(columns, row), "vi", "papi") == set()
    assert checks(table(columns, row | {"code": "2"}), "vi", "papi") == {"row_names"}


def test_a_source_is_told_as_the_list_of_sources_has_it() -> None:
    from parlib.sources.published.par import source_cells

    columns = [Column("source_id", "Mã"), Column("page", "Trang")]
    title, evidence, day, url = source_cells("S002")

    def told(title: str, year: int, url: str) -> set[str]:
        page = f"{title} ({evidence}, {day}): thứ hạng {year}. {url}"
        return checks(table(columns, {"source_id": "S002", "page": page}, "sources"), "vi")

    assert told(title, 2022, url) == set()
    assert told(title, 1999, url) == told(source_cells("S009")[0], 2022, url) == told(title, 2022, "x") == {"row_names"}


def test_what_is_known_is_not_printed_as_unknown() -> None:
    shown = view("par", "vi")
    assert checks(Paragraph((Number(None, UNKNOWN, (shown.ref("bo-tu-phap"),), "value"),)), "vi") == {"unknown_numbers"}
    # the points of the institutions area are published of no ministry
    assert checks(Paragraph((Number(None, UNKNOWN, (shown.ref("bo-tu-phap", "2"),), "value"),)), "vi") == set()


# --- years ----------------------------------------------------------------------------------------


@BOTH
def test_a_streak_began_when_it_is_said_to(language: Language) -> None:
    refs = tuple(Ref("par", year, "ministry", "bo-tu-phap", "", "rank") for year in (2023, 2022, 2021))
    words = {"vi": (" năm, từ năm ", "Bộ Tư pháp: "), "en": (" years since ", "Ministry of Justice: ")}[language]
    streak = Number(2.0, "2", refs, "streak")
    # the first number is one that verification cannot work out: only what is found of years is asked for
    results = [checks(Paragraph((words[1], streak, f"{words[0]}{year}.")), language) for year in (2022, 2019)]
    assert ["years" in one for one in results] == [False, True]


def test_a_year_before_a_number_and_in_a_caption_is_that_of_the_numbers() -> None:
    number = value("vi", "bo-tu-phap", 89.95)
    assert checks(Tiles((Tile("Bộ Tư pháp", number, "%", ("năm 2023: ", number)),), ""), "vi") == set()
    assert "years" in checks(Tiles((Tile("Bộ Tư pháp", number, "%", ("năm 2020: ", number)),), ""), "vi")


# --- templates ------------------------------------------------------------------------------------


ROUNDED = "Figures are rounded half up from unrounded values, so components may differ from the total by"


@pytest.mark.parametrize(
    ("language", "text", "results"),
    [
        ("vi", "Đơn vị sau sáp nhập: từ đơn vị cũ thấp nhất đến đơn vị cũ cao nhất, Chỉ số CCHC", set()),
        ("vi", "Đơn vị sau sáp nhập: từ đơn vị cũ thấp nhất đến đơn vị cũ thấp nhất, Chỉ số CCHC", {"directions"}),
        ("vi", "Đơn vị sau sáp nhập: từ đơn vị cũ cao nhất đến đơn vị cũ cao nhất, Chỉ số CCHC", {"directions"}),
        ("en", f"{ROUNDED} one unit of the last decimal.", set()),
        ("en", f"{ROUNDED} one unit of the first decimal.", {"directions"}),
    ],
)  # fmt: skip
def test_the_opposite_of_what_a_template_says_is_found(language: Language, text: str, results: set[str]) -> None:
    assert checks(Heading(text, 2, "x"), language) == results


def test_each_word_has_its_opposite_in_the_same_place() -> None:
    for language in ("vi", "en"):
        opposites = vocabulary.opposites(language)
        assert all(opposites[other] in opposites for other in opposites.values())
        ways = {word: way for of in vocabulary.CLASSES for word, way in vocabulary.words(language, of).items()}
        assert all(ways[word] == -ways[other] for word, other in opposites.items() if word in ways and other in ways)


def test_a_language_without_words_is_not_read() -> None:
    assert [vocabulary.is_read(language) for language in ("vi", "en", "xx")] == [True, True, False]
    assert vocabulary.sign("ways", "xx", "rose, tăng") == 0 and vocabulary.opposites("xx") == {}
    assert vocabulary.pattern("xx", "compared").search("on 2022") is None
    assert vocabulary.twice("xx").search("highest and highest") is None


def test_a_map_tells_each_class_with_its_number() -> None:
    figure = Figure("", "", "Nhóm: Tăng: 2; Giảm: 1; Chưa có số liệu: 0.", data={"class": ["Tăng", "Tăng", "Giảm"]})
    assert "named_numbers" not in checks(figure, "vi")
    changed = dataclasses.replace(figure, alternative="Nhóm: Giảm: 2; Giảm: 1; Chưa có số liệu: 0.")
    assert "named_numbers" in checks(changed, "vi")


def test_none_before_a_word_of_direction_is_a_count_too() -> None:
    """PCI 2019: all rose. "không có đơn vị nào giảm và ..." stands where a template has "10 đơn vị giảm và ..."."""
    right = "Trong số \0 tỉnh, 63 đơn vị tăng, không có đơn vị nào giảm và không có đơn vị nào giữ nguyên."
    held = vocabulary.Phrases("vi", ())
    assert list(held.inspect(Paragraph((right,)))) == []
