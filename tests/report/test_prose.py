"""Sentences: as the Ministry writes them, every number bound, nothing said that is not known."""

import re
from datetime import date

import pytest

from parlib import years
from parlib.report import front, prose
from parlib.report.blocks import Number, Paragraph, plain


def finding(frames, view):
    return front.finding(view, frames.statistics, frames.ranking, frames.bands)


THREE = {"bo-tu-phap": 90.0, "bo-y-te": 80.0, "bo-noi-vu": 70.0}


def text(block):
    return block.plain_text() if block is not None else None


def everything(frames, view):
    """All sentences of a report."""
    blocks = [
        front.finding(view, frames.statistics, frames.ranking, frames.bands),
        prose.bands(view, frames.bands),
        prose.change_counts(view, frames.counts),
        *prose.movers(view, frames.change),
        prose.incomplete(view),
        prose.areas(view, frames.areas),
        prose.regions(view, frames.regions),
        prose.parts(view, frames.parts),
        prose.coverage(view),
    ]
    return [block for block in blocks if block is not None]


REAL = [(row.year, row.level, "par") for row in years.available("par").itertuples()]
REAL += [(2024, "province", "papi"), (2018, "province", "papi"), (2022, "province", "pci"), (2022, "province", "grdp")]


@pytest.mark.parametrize(
    ("number", "level", "index_name"),
    [pytest.param(*case, marks=[] if case[0] in (2012, 2023, 2024) else [pytest.mark.long]) for case in REAL],
)
def test_numbers_of_every_year_are_bound_and_the_same_in_both_languages(number, level, index_name, year, view_of):
    """Digits stand only in numbers, in years and in the bounds of groups; values and cells agree in both."""
    frames = year(number, level, index_name)
    results = {}
    for language in ("vi", "en"):
        view = view_of(frames, language)
        results[language] = []
        for block in everything(frames, view):
            for part in block.parts:
                if isinstance(part, Number):
                    assert part.refs
                    assert part.value is not None or part.made == "range"
                    results[language].append((part.value, part.refs))
                else:
                    loose = re.sub(r"\b(20\d\d)\b|\d+([.,]\d+)?%", "", part)
                    assert not re.search(r"\d", loose), part
            assert "…" not in text(block)
            assert "  " not in text(block)
    assert sorted(map(repr, results["vi"])) == sorted(map(repr, results["en"]))


def printed(block):
    """The numbers of a paragraph as they are printed, in order."""
    return [part.text for part in block.parts if isinstance(part, Number)]


def test_the_finding_of_the_ministries_2023(year, view_of):
    frames = year(2023, "ministry")
    lead = finding(frames, view_of(frames))
    assert lead.role == "lead"
    # 14 of the 17 published values lie from 80 to under 90, none above
    assert text(lead) == (
        "Bộ Tư pháp dẫn đầu với 89,95%; 14/17 bộ, cơ quan ngang bộ đạt từ 80% đến dưới 90%; "
        "bình quân 84,38%, tăng 0,33 điểm % so với năm 2022."
    )
    assert text(finding(frames, view_of(frames, "en"))) == (
        "Ministry of Justice leads with 89.95%; 14/17 ministries reached 80% to under 90%; "
        "the mean is 84.38%, up 0.33 percentage points compared with 2022."
    )
    mean = [part for part in lead.parts if isinstance(part, Number)][3]
    assert mean.value == pytest.approx(1434.43 / 17)  # the sum of the 17 published values over 17
    assert mean.refs[0].unit == "*"


def test_a_partial_year_tells_only_what_it_knows(year, view_of):
    frames = year(2023, "province")
    view = view_of(frames)
    # the mean, its change and the number of group A were printed, though few values are known
    assert text(finding(frames, view)) == (
        "Tỉnh Quảng Ninh dẫn đầu với 92,18%; 7/63 tỉnh, thành phố đạt từ 90% trở lên; "
        "bình quân 86,98%, tăng 2,19 điểm % so với năm 2022."
    )
    # 57 rises and 6 falls were printed: of all, so they stand among the key figures
    tile = front.rose_tile(view, frames.counts)
    assert (tile.number.text, plain(tile.detail)) == ("57", "trong 63 tỉnh, thành phố; 6 đơn vị giảm")
    assert prose.change_counts(view, frames.counts) is None
    assert "không có nghĩa là đơn vị có kết quả thấp" in text(prose.partial(view))
    # 7 printed with 90 or more, so 63 - 7
    groups = [part.text for part in prose.bands(view, frames.bands).parts if isinstance(part, Number)]
    assert groups == ["7", "56"]
    assert text(prose.bands(view, frames.bands)).endswith("Không có đơn vị nào thuộc nhóm C và D.")


def test_rises_and_falls_that_leave_one_open(year, view_of):
    frames = year(2024, "province")
    tile = front.rose_tile(view_of(frames), frames.counts)
    assert [part.text for part in (tile.number, *tile.detail) if isinstance(part, Number)] == ["53", "63", "9", "1"]


def test_of_most_units_known_in_both_years_a_sentence_tells_how_many_these_are(year, view_of):
    frames = year(2024, "province", "papi")
    assert printed(prose.change_counts(view_of(frames), frames.counts)) == ["59", "61", "43", "16"]
    assert front.rose_tile(view_of(frames), frames.counts) is None


def test_words_follow_the_numbers(make_results, analysed, view_of):
    before = make_results(THREE, year=2022)
    for shift, word in ((1.25, "tăng 1,25 điểm %"), (-0.5, "giảm 0,50 điểm %"), (0.0, "không thay đổi")):
        frames = analysed(make_results({unit: value + shift for unit, value in THREE.items()}), before)
        view = view_of(frames)
        sentence = text(finding(frames, view))
        assert f", {word} so với năm 2022." in sentence
        tile, falls = front.rose_tile(view, frames.counts), prose.movers(view, frames.change)
        assert len(falls) == (shift != 0)
        assert tile.number.value == (3 if shift > 0 else 0)
        assert ("3 đơn vị giảm" in plain(tile.detail)) == (shift < 0)
        assert ("3 đơn vị giữ nguyên" in plain(tile.detail)) == (shift == 0)


def test_house_wording_counts_differences_in_percent(make_results, analysed):
    from parlib.report.blocks import Wording
    from parlib.report.views import View

    before = make_results(THREE, year=2022)
    frames = analysed(make_results({unit: value + 1 for unit, value in THREE.items()}), before)
    view = View(frames.results, Wording("vi", strict=False))
    assert text(finding(frames, view)).endswith("tăng 1,00% so với năm 2022.")


def test_ties_at_the_head_are_all_named(make_results, analysed, view_of):
    frames = analysed(make_results({**THREE, "bo-tai-chinh": 90.0}))
    assert text(finding(frames, view_of(frames))).startswith("Bộ Tư pháp và Bộ Tài chính dẫn đầu với 90,00%; ")


def test_units_that_lack_a_value_are_named(year, view_of):
    assert prose.incomplete(view_of(year(2023, "ministry"))) is None
    papi = year(2024, "province", "papi")
    assert text(prose.incomplete(view_of(papi))) == "Không xếp hạng do thiếu số liệu: Vĩnh Phúc và Tiền Giang."
    assert text(prose.coverage(view_of(papi))) == "Có số liệu của 61/63 tỉnh, thành phố."
    assert prose.partial(view_of(papi)) is None  # every ranked province is known


def test_groups_regions_and_areas(year, view_of):
    frames = year(2023, "province")
    assert text(prose.regions(view_of(frames), frames.regions)) == (
        "Vùng có giá trị trung bình cao nhất là Đồng bằng sông Hồng, đạt 88,33%; "
        "thấp nhất là Tây Nguyên và Đồng bằng sông Cửu Long, đạt 85,42%."
    )
    papi = year(2024, "province", "papi")
    sentence = text(prose.areas(view_of(papi), papi.areas))
    assert sentence.startswith(
        "Trong các trục nội dung, giá trị trung bình cao nhất thuộc về Cung ứng dịch vụ công, đạt "
    )
    ministries = year(2023, "ministry")
    assert "nhóm B (từ 80% đến dưới 90%): 14 đơn vị" in text(prose.bands(view_of(ministries), ministries.bands))


def test_the_mean_of_the_parts_is_told_where_all_are_known(year, view_of):
    """The 17 appraised points of 2023 sum to 997.84 and the survey points to 436.48."""
    frames = year(2023, "ministry")
    sentence = prose.parts(view_of(frames), frames.parts)
    assert text(sentence) == (
        "Giá trị trung bình của các thành phần điểm: Điểm thẩm định đạt 58,70/68,50 điểm "
        "và Điểm điều tra xã hội học đạt 25,68/31,50 điểm."
    )
    assert prose.parts(view_of(year(2023, "province")), year(2023, "province").parts) is None


def test_one_unit(year, view_of):
    frames = year(2023, "ministry")
    lead, *items = prose.unit(view_of(frames, focus="bo-noi-vu"), frames.ranking, frames.change)
    assert text(lead) == (
        "Chỉ số CCHC của Bộ Nội vụ năm 2023 đạt 87,04%. Bộ Nội vụ xếp thứ 4 trong 17 bộ, cơ quan ngang bộ. "
        "Đơn vị thuộc nhóm B (từ 80% đến dưới 90%)."
    )
    assert [text(item) for item in items] == [
        "Khoảng cách đến hạng liền trên: 2,14 điểm %.",  # Bộ Tài chính 89.18
        "Khoảng cách đến hạng liền dưới: 0,03 điểm %.",  # Bộ Tài nguyên và Môi trường 87.01
        "Khoảng cách đến đơn vị đứng đầu: 2,91 điểm %.",  # Bộ Tư pháp 89.95
    ]
    unknown = prose.unit(view_of(year(2023, "province"), focus="yen-bai"), *year_frames(year))
    assert [text(one) for one in unknown] == ["Tỉnh Yên Bái: chưa có số liệu về giá trị và thứ hạng năm 2023."]


def year_frames(year):
    return year(2023, "province").ranking, year(2023, "province").change


def test_a_year_without_data_says_so_once(year, view_of):
    frames = year(2024, "ministry")
    blocks = everything(frames, view_of(frames))
    assert {text(block) for block in blocks} == {"Không có bộ, cơ quan ngang bộ nào có số liệu."}


def test_the_title_says_what_it_rests_on(make_results, analysed, view_of):
    frames = analysed(make_results(THREE, marks=("illustrative_scheme", "simulated"), decision="876/QĐ-BNV"))
    title = prose.title(view_of(frames), date(2024, 4, 17))
    assert title.text == "Chỉ số cải cách hành chính (PAR INDEX) của các bộ, cơ quan ngang bộ năm 2023"
    assert title.lines == (
        "Có số liệu của 3/3 bộ, cơ quan ngang bộ.",
        "Bộ tiêu chí: 876/QĐ-BNV.",
        "Báo cáo lập ngày 17/4/2024.",
    )
    assert len(title.marks) == 2
    assert [note.role for note in prose.marks(view_of(frames))] == ["assumption", "assumption"]


def test_a_break_is_noted(make_results, analysed, view_of):
    frames = analysed(make_results(THREE, break_before=True))
    assert prose.scale_break(view_of(frames)).role == "break"
    assert prose.scale_break(view_of(analysed(make_results(THREE)))) is None
    assert "làm tròn" in text(prose.rounding(view_of(frames)))
    assert isinstance(prose.coverage(view_of(frames)), Paragraph)
