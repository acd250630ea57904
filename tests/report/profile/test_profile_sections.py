"""The sections of a profile: page one stands alone, cells to fill in are empty, and both languages print one number."""

from dataclasses import replace
from functools import cache

import pytest

from parlib import places
from parlib.publish.document import Document, numbers
from parlib.publish.verify.arithmetic import value
from parlib.publish.verify.data import Data
from parlib.report.blocks import Figure, Heading, Note, Paragraph, Table, Tiles
from parlib.report.profile import Report, page
from parlib.years import year

SECTIONS = (
    "one_page",
    "areas",
    "alike",
    "change",
    "losses",
    "claims",
    "survey",
    "ways",
    "history",
    "related",
    "tasks",
    "grounds",
)


def _shown(of, unit, language="vi", sections=SECTIONS):
    report = Report(replace(of, language=language), unit)
    return {name: list(getattr(report, name)()) for name in sections}, report.title()


@pytest.fixture(scope="module")
def round_(shared_rounds):
    with places.rounds_at(shared_rounds):
        yield year(2023, "ministry", round="2023-ministry")


@pytest.fixture(scope="module")
def shown(round_):
    """The sections and the title of a unit's profile on the round, made once."""
    return cache(lambda unit, language="vi": _shown(round_, unit, language))


def _text(blocks):
    return " ".join(block.plain_text() for block in blocks)


def test_page_one_has_key_figures_a_place_and_three_ways(shown):
    blocks, head = shown("bo-y-te")
    page = blocks["one_page"]
    kinds = [type(block) for block in page]
    assert kinds[:3] == [Tiles, Paragraph, Figure]
    assert page[1].role == "lead"
    items = [block.plain_text() for block in page if isinstance(block, Paragraph) and block.role == "item"]
    below = "Thấp hơn mức trung bình chung"  # in every area: nothing of it is strong
    assert [items[0].startswith(f"{below} ít nhất ở"), items[1].startswith(f"{below} nhiều nhất ở")] == [True, True]
    assert len(items) == 2 + 3  # and three ways up, each with what it brings and who is there already
    assert all("đơn vị khác đã đạt" in way and "Tổng cộng" in way for way in items[2:])
    assert not head.contents
    assert len(head.marks) == 2  # illustrative and simulated


@pytest.mark.few(1)
@pytest.mark.parametrize("unit", ["bo-y-te", "bo-cong-thuong", "bo-noi-vu"])
def test_a_way_to_a_group_does_not_promise_a_better_rank(round_, unit):
    result = round_.profile(unit)
    heading, *blocks = page.ways(Report(round_, unit).view, result)
    places = {
        "band": f"Phương án cải thiện khả thi để đạt nhóm {result.ladder.band}",
        "places": "Phương án cải thiện khả thi",
    }
    assert heading.text == places[result.ladder.kind]
    lines = [block.plain_text() for block in blocks if block.role == "item"]
    own = result.position.row["rank"]
    for way, line in zip(result.ladder.ways, lines, strict=True):
        assert line.endswith(f"vẫn hạng {way.rank}." if way.rank == own else f", hạng {way.rank}.")


def test_everything_made_from_a_simulated_round_says_so(shown):
    blocks, _ = shown("bo-y-te")
    made = [block for some in blocks.values() for block in some if isinstance(block, Figure | Table)]
    assert len(made) > 5
    assert [block.caption for block in made if "MÔ PHỎNG" not in " ".join(block.notes)] == []


def test_cells_to_fill_in_are_empty_and_not_unknown(shown):
    blocks, _ = shown("bo-y-te")
    table = next(block for block in blocks["tasks"] if isinstance(block, Table))
    assert {row[key] for row in table.rows for key in ("who", "when", "indicator")} == {""}
    assert not any("chưa có số liệu" in note for note in table.notes)


@pytest.mark.long
def test_a_unit_that_is_not_ranked_says_so_and_has_no_rank(round_, shown):
    units = round_.results.units
    apart = next(str(unit) for unit in units.loc[~units["ranked"], "unit"])
    blocks, _ = shown(apart)
    tiles = blocks["one_page"][0].tiles
    assert tiles[1].number == "không xếp hạng"
    assert "không xếp hạng" in _text(blocks["one_page"][1:2])
    assert not [n for some in blocks.values() for b in some for n in numbers(b) if n.made == "rank"]


@pytest.mark.parametrize(
    "unit", ["bo-y-te", *(pytest.param(unit, marks=pytest.mark.long) for unit in ("bo-tu-phap", "thanh-tra-chinh-phu"))]
)
@pytest.mark.long
def test_both_languages_print_the_same_numbers_in_the_same_order(shown, unit):
    places = {}
    for language in ("vi", "en"):
        blocks, _ = shown(unit, language)
        places[language] = [(n.value, n.made) for name in SECTIONS for block in blocks[name] for n in numbers(block)]
    assert len(places["vi"]) > 100
    assert places["vi"] == places["en"]


def test_the_council_s_reason_stands_beside_the_loss(round_, shown):
    blocks, _ = shown("bo-y-te")
    table = next(block for block in blocks["losses"] if isinstance(block, Table))
    decisions = round_.scored.decisions.query("unit == 'bo-y-te'").set_index("code")["remark"]
    assert table.rows
    for row in table.rows:
        if decisions.get(row["code"], ""):
            assert row["reason"].startswith(f"“{decisions[row['code']]}”")
        else:
            assert row["reason"]


def test_a_loss_says_what_the_unit_itself_reported_or_claimed(round_, shown):
    blocks, _ = shown("bo-y-te")
    table = next(block for block in blocks["losses"] if isinstance(block, Table))
    leaves = round_.profile("bo-y-te").losses.leaves.set_index("node")
    for row in table.rows:
        leaf = leaves.loc[row["code"]]
        if "không tự đánh giá đạt số điểm này" in row["reason"] or "tự báo cáo" in row["reason"]:
            assert leaf["claimed"] <= leaf["points"] + 1e-9
        assert "không tự chấm" not in row["reason"]


@pytest.mark.long
def test_what_the_council_wrote_in_vietnamese_is_marked_in_english(shown):
    blocks, _ = shown("bo-y-te", "en")
    table = next(block for block in blocks["losses"] if isinstance(block, Table))
    quoted = [row["reason"] for row in table.rows if "“" in row["reason"]]
    assert quoted and all("” (in Vietnamese)" in reason for reason in quoted)


def test_the_table_to_fill_in_is_not_in_pdf_and_html(shown):
    blocks, _ = shown("bo-y-te")
    heads = [block for name in ("tasks", "ways") for block in blocks[name] if isinstance(block, Heading)]
    assert [head.formats for head in heads] == [("docx", "xlsx", "data")] * 2


@pytest.mark.long
def test_units_that_are_alike_are_named_with_their_number_and_what_they_do_better():
    blocks, _ = _shown(year(2024, "province", "papi"), "lai-chau", sections=["alike"])
    said, *better = [block.plain_text() for block in blocks["alike"] if isinstance(block, Paragraph)]
    # 61 ranked in 2024, of which Quảng Ninh and Bình Dương have no total of 2023, and Lai Châu itself: 58
    assert "trong số 58 tỉnh, thành phố khác" in said
    assert better and all("có kết quả cao hơn ở" in text and "(−" not in text for text in better)
    tiles = next(block for block in blocks["alike"] if isinstance(block, Figure))
    assert tiles.data["class"].count("đơn vị này") == 1
    few, _ = _shown(year(2023, "province"), "da-nang", sections=["alike"])
    assert not few["alike"]  # index known of 20 of 63 only


def test_published_results_give_no_ways_but_the_distance_to_the_best():
    blocks, _ = _shown(year(2024, "province", "papi"), "ha-noi", sections=["one_page", "ways", "tasks", "change"])
    assert "Đồng Tháp" in _text(blocks["one_page"])  # the best of area 7, where Hà Nội is furthest behind: 4.41
    assert not blocks["ways"]
    assert not blocks["tasks"]
    assert any(isinstance(block, Figure) and block.chart == "bridge" for block in blocks["change"])


@pytest.mark.long
def test_the_sources_of_several_indices_stand_in_one_line():
    blocks, _ = _shown(year(2023, "province", "papi"), "ha-noi", sections=["related"])
    (figure,) = [block for block in blocks["related"] if isinstance(block, Figure)]
    assert figure.notes[0].count("Nguồn: ") == 1
    assert figure.notes[0].index("PAPI") < figure.notes[0].index("Bộ Nội vụ") < figure.notes[0].index("PCI")


def test_a_unit_of_which_nothing_is_known_has_a_short_honest_page():
    blocks, _ = _shown(year(2024, "province", "papi"), "tien-giang", sections=["one_page"])
    first = blocks["one_page"][0]
    assert isinstance(first, Note)
    assert first.role == "missing"
    assert not any(isinstance(block, Tiles | Figure) for block in blocks["one_page"])


@pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.long)])
@pytest.mark.long
def test_no_head_of_a_column_says_the_same_twice(language):
    """Of Quảng Nam 2023 points of areas were printed without their maximum: "Điểm (điểm)"."""
    blocks, _ = _shown(year(2023, "province"), "quang-nam", language)
    tables = [block for some in blocks.values() for block in some if isinstance(block, Table)]
    columns = [column for table in tables for column in table.columns]
    assert {"vi": "Điểm", "en": "Points"}[language] in [column.title for column in columns]
    assert [column for column in columns if column.unit and column.unit.lower() == column.title.lower()] == []


@pytest.mark.long
def test_distances_and_places_by_likeness_are_worked_out_a_second_time():
    report = Report(year(2024, "province", "papi"), "lai-chau")
    data = Data.of(Document("vi", report.title(), (), tuple(report.datasets())))
    told = [n for block in report.alike() for n in numbers(block) if n.made == "likeness"]
    assert len(told) == 1 + 2 * 5  # how many are compared; place and distance of five
    assert [value(data, n) == pytest.approx(n.value) for n in told] == [True] * len(told)
    column = told[-1].refs[0].column.replace("lai-chau", "ha-noi")  # nearness to another is another number
    assert value(data, replace(told[-1], refs=(replace(told[-1].refs[0], column=column),))) != told[-1].value


def test_a_change_of_scale_between_years_left_out_is_marked():
    """Of Đắk Lắk 2016, 2017 and 2023 are known; the scale changed in 2017, 2018, 2019, 2020 and 2022."""
    (table,) = [block for block in Report(year(2023, "province"), "dak-lak").history() if isinstance(block, Table)]
    assert [row["year"] for row in table.rows] == ["2023*", "2017*", "2016"]


@pytest.mark.parametrize(("unit", "told"), [("quang-ninh", 0), ("tay-ninh", 1)])
def test_that_nobody_stands_higher_is_no_news_of_the_first(unit, told):
    blocks = list(Report(year(2024, "province", "papi"), unit).alike())
    higher = [block for block in blocks if isinstance(block, Paragraph) and "đạt kết quả cao hơn" in block.plain_text()]
    assert len(higher) == told
