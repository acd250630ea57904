"""The page that a minister reads: the published numbers of 2023, nothing guessed in a year that is partly known."""

import re

import pandas as pd
import pytest

from parlib import years
from parlib.analysis import comparison
from parlib.publish import document
from parlib.report import annual, charts, front
from parlib.report.blocks import Figure, Heading, Note, Table, Tiles, Wording
from parlib.report.charts.spread import stacked_levels
from parlib.report.views import View

CHECKS = pd.DataFrame(
    [("band_counts", 1, 1, 0, 0), ("changes", 9, 7, 2, 0)],
    columns=["check", "compared", "held", "explained", "failed"],
)
AGREE = CHECKS.assign(held=CHECKS["compared"], explained=0)


def page(report):
    return front.result(report.view, report.year).blocks


def told(blocks):
    return " ".join(block.plain_text() for block in blocks)


def one(blocks, kind):
    (result,) = (block for block in blocks if isinstance(block, kind))
    return result


def test_ministries_of_2023_as_published(report_of):
    blocks = page(report_of(2023, "ministry"))
    assert blocks[0].anchor == "result"  # below the title, on page one
    values = [(tile.label, tile.number.text) for tile in one(blocks, Tiles).tiles]
    # par_index.csv: the mean of 17 values is 84.38, ten of them are above it; 89.95 - 78.03 = 11.92
    assert values == [
        ("Trung bình", "84,38"),
        ("Cao nhất", "89,95"),
        ("Thấp nhất", "78,03"),
        ("Khoảng cách", "11,92"),
        ("Tăng so với năm 2022", "10"),  # printed: ten rose, seven fell
    ]
    assert [row["first_rank"].text for row in one(blocks, Table).rows] == [
        "1",
        "2",
        "3",
        "4",
        "5",
    ]  # both ends
    assert len(one(blocks, Figure).data["unit"]) == 17
    text = told(blocks)
    assert "Không có đơn vị nào thuộc nhóm A và D." in text
    assert not [block for block in blocks if isinstance(block, Note) and block.role == "missing"]


def test_of_a_year_partly_known_only_what_is_published_is_shown(report_of):
    blocks = page(report_of(2023, "province"))
    tiles = {tile.label: tile.number.text for tile in one(blocks, Tiles).tiles}
    assert (tiles["Trung bình"], tiles["Cao nhất"]) == ("86,98", "92,18")  # the mean as printed
    # of 63: twenty values, ten ranks alone, nothing of 33
    assert re.search(r"\b20 \D*\b9 \D*\b1 \D*\b33 ", told(blocks))
    # no figure of twenty provinces may stand for sixty-three
    assert not [block for block in blocks if isinstance(block, Figure) and block.chart == "strips"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("number", "level", "index"),
    [
        (2023, "ministry", "par"),
        pytest.param(2023, "province", "par", marks=pytest.mark.long),
        pytest.param(2024, "province", "papi", marks=pytest.mark.long),
    ],
)
def test_both_languages_print_the_same_numbers_in_the_same_order(number, level, index, report_of):
    vi, en = (
        [n.value for block in page(report_of(number, level, index, language)) for n in document.numbers(block)]
        for language in ("vi", "en")
    )
    assert vi == en
    assert len(vi) > 10


def test_every_number_of_the_page_is_bound_to_its_cell(report_of):
    numbers = [number for block in page(report_of(2023, "ministry")) for number in document.numbers(block)]
    assert len(numbers) > 15
    assert [number for number in numbers if not number.refs] == []


def test_the_stamp_counts_what_the_checks_counted(report_of):
    view = report_of(2023, "ministry").view
    stamp = annual.passed(view, CHECKS)
    assert re.findall(r"\d+", stamp.text) == ["10", "2", "2"]  # comparisons, kinds, explained
    assert "giải thích" in stamp.text
    agree = annual.passed(view, AGREE)
    assert "10" in agree.text
    assert "giải thích" not in agree.text
    assert annual.passed(view, CHECKS.assign(failed=[1, 0])) is None
    assert annual.passed(view, CHECKS.iloc[:0]) is None


def test_a_change_of_the_criteria_is_said_on_the_page(report_of):
    for number, broken in ((2024, True), (2023, False)):  # 892/QĐ-BNV replaced 876/QĐ-BNV in 2024: breaks.csv
        blocks = page(report_of(number, "province"))
        assert any(isinstance(b, Note) and b.role == "break" for b in blocks) is broken


def test_a_year_without_data_has_a_page_of_lines(report_of):
    blocks = page(report_of(2024, "ministry"))
    assert isinstance(blocks[0], Heading)
    assert not [block for block in blocks if isinstance(block, Figure | Table | Tiles)]
    assert len(blocks) > 1


def test_dots_are_stacked_and_none_hides_another(make_results, analysed, view_of):
    values = {"bo-y-te": 80.0, "bo-noi-vu": 80.0, "bo-tu-phap": 80.0, "bo-tai-chinh": 70.0}
    frames = analysed(make_results(values))
    figure = charts.strip(view_of(frames), frames.ranking, None)
    assert isinstance(figure, Figure)
    assert figure.data["value"] == [70.0, 80.0, 80.0, 80.0]
    assert stacked_levels(pd.Series([0.0, 0.0, 1.0, 30.0]).to_numpy(), 2.5).tolist() == [0, 1, 2, 0]


def test_a_lowest_value_of_nobody_is_called_a_lowest_value():
    # SIPAS of 2019: the lowest index was published, 73.81, and not whose it is
    results = years.open_results(2019, "province", "sipas")
    view = View(results, Wording("vi"))
    ends = comparison.best_and_worst(results)
    lowest = front.end_tiles(view, ends[ends["node"] == ""].iloc[0])[1]
    assert (lowest.number.text, lowest.number.made, lowest.detail) == ("73,81", "minimum", ())
    assert [ref.unit for ref in lowest.number.refs] == ["*"]


def test_the_head_says_whose_it_is_and_what_it_was_read_from(report_of):
    # indices.csv: the Department issues the PAR INDEX; PAPI is published by others and was read from a data set
    own = report_of(2023, "ministry").title()
    assert own.subtitle == "Bộ Nội vụ, Vụ Cải cách hành chính. Báo cáo thường niên"
    assert own.lines[0].startswith("Kết quả do Bộ Nội vụ công bố, dẫn theo ")
    assert "17/4/2024" in own.lines[0]  # the day of its dated pages, sources.csv
    papi = report_of(2024, "province", "papi", "en").title()
    assert papi.subtitle == "Analysis of the PAPI index results published by CECODES, RTA and UNDP"
    assert papi.lines[0] == "Published results, read from a third-party copy: github.com/hnks-gh/ml-mcdm."


def test_how_sure_it_is_stands_on_the_page(report_of):
    assert "Chưa công bố sai số điều tra" in told(page(report_of(2023, "ministry")))
    assert "cả 60 cặp đơn vị liền kề trên bảng xếp hạng đều chưa phân biệt được về thống kê" in told(
        page(report_of(2024, "province", "papi"))
    )
