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
        *prose.movers(view, frames.change, frames.statistics),
        prose.incomplete(view),
        prose.areas(view, frames.areas),
        prose.regions(view, frames.regions),
        prose.parts(view, frames.parts),
        prose.coverage(view),
    ]
    return [block for block in blocks if block is not None]


REAL = [(row.year, row.level, "par") for row in years.available("par").itertuples()]
REAL += [(2024, "province", "papi"), (2018, "province", "papi"), (2022, "province", "pci"), (2022, "province", "grdp")]


@pytest.mark.few(3)
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


def cells(block):
    """The numbers of a paragraph as they are printed, each with the units of its cells."""
    return [(part.text, [ref.unit for ref in part.refs]) for part in block.parts if isinstance(part, Number)]


def test_the_finding_of_the_ministries_2023(year, view_of):
    frames = year(2023, "ministry")
    lead = finding(frames, view_of(frames))
    assert lead.role == "lead"
    # 14 of the 17 published values lie from 80 to under 90, none above
    assert printed(lead) == ["89,95", "14", "17", "84,38", "0,33"]
    assert printed(finding(frames, view_of(frames, "en"))) == ["89.95", "14", "17", "84.38", "0.33"]
    first, in_group, _, mean, change = [part for part in lead.parts if isinstance(part, Number)]
    assert (first.refs[0].unit, in_group.refs[0].column) == ("bo-tu-phap", "band:B")
    assert mean.value == pytest.approx(1434.43 / 17)  # the sum of the 17 published values over 17
    assert (mean.refs[0].unit, change.refs[0].column) == ("*", "mean_change")


def test_a_partial_year_tells_only_what_it_knows(year, view_of):
    frames = year(2023, "province")
    view = view_of(frames)
    # the mean, its change and the number of group A were printed, though few values are known
    assert printed(finding(frames, view)) == ["92,18", "7", "63", "86,98", "2,19"]
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
        tile, falls = front.rose_tile(view, frames.counts), prose.movers(view, frames.change, frames.statistics)
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
    assert "tăng 1,00% so" in text(finding(frames, view))


def test_ties_at_the_head_are_all_named(make_results, analysed, view_of):
    frames = analysed(make_results({**THREE, "bo-tai-chinh": 90.0}))
    assert text(finding(frames, view_of(frames))).startswith("Bộ Tư pháp và Bộ Tài chính cùng dẫn đầu với 90,00%; ")


def test_units_that_lack_a_value_are_named(year, view_of):
    assert prose.incomplete(view_of(year(2023, "ministry"))) is None
    papi = year(2024, "province", "papi")
    assert text(prose.incomplete(view_of(papi))).endswith(": Vĩnh Phúc và Tiền Giang.")
    assert printed(prose.coverage(view_of(papi))) == ["61", "63"]
    assert prose.partial(view_of(papi)) is None  # every ranked province is known


def test_groups_regions_and_areas(year, view_of):
    frames = year(2023, "province")
    assert cells(prose.regions(view_of(frames), frames.regions)) == [
        ("88,33", ["region:dong-bang-song-hong"]),
        ("85,42", ["region:tay-nguyen", "region:dong-bang-song-cuu-long"]),  # both were printed with 85.42
    ]
    papi = year(2024, "province", "papi")
    highest, _ = [part for part in prose.areas(view_of(papi), papi.areas).parts if isinstance(part, Number)]
    assert highest.refs[0].node == "6"  # public services: 7.60 of 10
    ministries = year(2023, "ministry")
    assert "nhóm B (từ 80% đến dưới 90%): 14 đơn vị" in text(prose.bands(view_of(ministries), ministries.bands))


def test_the_mean_of_the_parts_is_told_where_all_are_known(year, view_of):
    """The 17 appraised points of 2023 sum to 997.84 and the survey points to 436.48."""
    frames = year(2023, "ministry")
    assert printed(prose.parts(view_of(frames), frames.parts)) == ["58,70", "68,50", "25,68", "31,50"]
    assert prose.parts(view_of(year(2023, "province")), year(2023, "province").parts) is None


def test_one_unit(year, view_of):
    frames = year(2023, "ministry")
    lead, *items = prose.unit(view_of(frames, focus="bo-noi-vu"), frames.ranking, frames.change)
    assert printed(lead) == ["87,04", "4", "17"]
    assert text(lead).endswith("thuộc nhóm B (từ 80% đến dưới 90%).")
    assert [pair for item in items for pair in cells(item)] == [
        ("2,14", ["bo-noi-vu", "bo-tai-chinh"]),  # the place above, 89.18
        ("0,03", ["bo-noi-vu", "bo-tai-nguyen-va-moi-truong"]),  # the place below, 87.01
        ("2,91", ["bo-noi-vu", "bo-tu-phap"]),  # the first, 89.95
    ]
    frames = year(2023, "province")
    (unknown,) = prose.unit(view_of(frames, focus="yen-bai"), frames.ranking, frames.change)
    assert "Yên Bái" in text(unknown)
    assert printed(unknown) == []


def test_a_year_without_data_says_so_once(year, view_of):
    frames = year(2024, "ministry")
    assert len({text(block) for block in everything(frames, view_of(frames))}) == 1


def test_the_title_says_what_it_rests_on(make_results, analysed, view_of):
    frames = analysed(make_results(THREE, marks=("illustrative_scheme", "simulated"), decision="876/QĐ-BNV"))
    title = prose.title(view_of(frames), date(2024, 4, 17))
    for line, said in zip(title.lines, ("3/3", "876/QĐ-BNV", "17/4/2024"), strict=True):  # known, criteria, made when
        assert said in line
    assert len(title.marks) == 2


def test_a_break_is_noted(make_results, analysed, view_of):
    frames = analysed(make_results(THREE, break_before=True))
    assert prose.scale_break(view_of(frames)).role == "break"
    assert prose.scale_break(view_of(analysed(make_results(THREE)))) is None
    assert "làm tròn" in text(prose.rounding(view_of(frames)))
    assert isinstance(prose.coverage(view_of(frames)), Paragraph)
