"""Tables: the published numbers in their places, each bound to its cell; what is not known is shown as such."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from parlib import years
from parlib.analysis.profile import components
from parlib.analysis.robustness.audit import Tiers
from parlib.report import annexes, charts, prose, tables
from parlib.report.blocks import Note, Number, Table, Wording
from parlib.report.profile.tables import components_table
from parlib.report.views import View

REAL = [
    (2023, "ministry", "par"),
    (2023, "province", "par"),
    (2012, "province", "par"),
    (2012, "ministry", "par"),
    (2024, "ministry", "par"),
    (2024, "province", "papi"),
    (2021, "province", "dti"),
]


def all_tables(frames, view):
    return [
        tables.ranking_table(view, frames.ranking, frames.change, frames.parts),
        tables.parts_table(view, frames.parts, frames.ranking),
        tables.statistics_table(view, frames.statistics),
        tables.regions_table(view, frames.regions),
        tables.areas_table(view, frames.areas),
        tables.units_by_area_table(view, frames.ranking),
        tables.area_ranks_table(view, frames.ranking),
        tables.assumptions_table(view),
    ]


def texts(table, *keys):
    """The printed cells of the columns ``keys``, row by row."""
    return [tuple(getattr(row.get(key, "-"), "text", row.get(key, "-")) for key in keys) for row in table.rows]


@pytest.mark.few(5)
@pytest.mark.parametrize(("number", "level", "index_name"), REAL)
def test_every_number_is_bound_to_the_cells_it_came_from(number, level, index_name, language, year, view_of):
    frames = year(number, level, index_name)
    for table in all_tables(frames, view_of(frames, language)):
        if not isinstance(table, Table):
            assert table is None or (isinstance(table, Note) and table.role == "missing")
            continue
        assert str(number) in table.caption
        assert len({column.key for column in table.columns}) == len(table.columns)
        for row in table.rows:
            assert set(row) <= {column.key for column in table.columns}
            for column in table.columns:
                cell = row.get(column.key)
                assert (column.format == "text") == (not isinstance(cell, Number)) or cell is None
                if isinstance(cell, Number):
                    assert cell.refs, (table.name, column.key)
                    assert all(ref.index_name == index_name for ref in cell.refs)
                    assert cell.value is None or cell.text not in ("", "…")


@pytest.mark.few(2)
@pytest.mark.parametrize(("number", "level", "index_name"), REAL)
def test_vietnamese_and_english_tables_hold_the_same_numbers(number, level, index_name, year, view_of):
    frames = year(number, level, index_name)
    both = [all_tables(frames, view_of(frames, language)) for language in ("vi", "en")]
    for vietnamese, english in zip(*both, strict=True):
        if not isinstance(vietnamese, Table):
            assert type(vietnamese) is type(english)
            continue
        for one, other in zip(vietnamese.rows, english.rows, strict=True):
            numbers = [{k: (c.value, c.refs) for k, c in row.items() if isinstance(c, Number)} for row in (one, other)]
            assert numbers[0] == numbers[1]


def test_ministries_2023_with_their_two_parts(year, view_of):
    frames = year(2023, "ministry")
    table = tables.ranking_table(view_of(frames), frames.ranking, frames.change, frames.parts)
    assert len(table.rows) == 17
    keys = ("rank", "unit", "index", "band", "appraisal", "survey")
    assert texts(table, *keys)[0] == ("1", "Bộ Tư pháp", "89,95", "B", "61,86", "28,10")
    assert texts(table, *keys)[-1] == ("17", "Bộ Công Thương", "78,03", "C", "54,21", "23,82")
    assert "previous" not in {column.key for column in table.columns}  # of 5 of 17: less than half
    cell = table.rows[0]["index"]
    assert cell.value == 89.95
    assert (cell.refs[0].unit, cell.refs[0].column, cell.refs[0].year) == ("bo-tu-phap", "index", 2023)
    assert not any("làm tròn" in note for note in table.notes)  # a report tells that once


def test_a_year_known_in_part_names_all_its_units_and_ranks_none_of_its_own(year, view_of):
    frames = year(2023, "province")
    table = tables.ranking_table(view_of(frames), frames.ranking, frames.change, frames.parts)
    ranks = [row["rank"].value for row in table.rows if "rank" in row]
    assert len(ranks) == 30  # as many as are published or follow from what is
    assert ranks == sorted(ranks)
    assert texts(table, "rank", "unit", "index")[6] == ("7", "Lào Cai", "-")  # rank printed, index not seen
    (unknown,) = (note.removesuffix(".") for note in table.notes if note.startswith("Chưa có số liệu: "))
    names = {name.strip() for name in unknown.removeprefix("Chưa có số liệu: ").replace(" và ", ", ").split(", ")}
    assert len(names) == 33
    assert not names & {str(row["unit"]) for row in table.rows}
    assert any("20/63" in note for note in table.notes)
    assert "…: chưa có số liệu." in table.notes
    assert "sipas" not in {column.key for column in table.columns}  # parts of one province only


def test_derived_numbers_carry_a_letter_that_is_explained(year, view_of):
    frames = year(2023, "province")
    table = tables.ranking_table(view_of(frames), frames.ranking)
    binh_thuan = next(row for row in table.rows if row["unit"] == "Bình Thuận")
    assert binh_thuan["rank"].mark == "a"
    assert "a: tính toán từ số liệu đã công bố." in table.notes
    ranked = year(2012, "province")
    table = tables.ranking_table(view_of(ranked, "en"), ranked.ranking)
    assert any(note.startswith("a: derived") and "c: from a third-party data set" in note for note in table.notes)


def test_bounds_are_printed_as_bounds(year, view_of):
    frames = year(2012, "province")
    table = tables.ranking_table(view_of(frames), frames.ranking)
    bac_kan = next(row for row in table.rows if row["unit"] == "Bắc Kạn")
    assert bac_kan["index"].text == "62,58–67,68"
    assert bac_kan["index"].value is None
    ministries = year(2012, "ministry")
    table = tables.ranking_table(view_of(ministries), ministries.ranking)
    transport = next(row for row in table.rows if row["unit"] == "Bộ Giao thông vận tải")
    assert transport["rank"].text == "2–4"
    assert transport["index"].text == "80,58–81,18"


def test_rows_in_order_of_rank_then_of_what_is_known(make_results, analysed, view_of):
    results = make_results({"bo-y-te": None, "bo-tu-phap": 80.0, "bo-noi-vu": 90.0, "bo-tai-chinh": 80.0})
    frames = analysed(results)
    table = tables.ranking_table(view_of(frames), frames.ranking)
    assert [row["unit"] for row in table.rows] == ["Bộ Nội vụ", "Bộ Tư pháp", "Bộ Tài chính"]
    assert "Chưa có số liệu: Bộ Y tế." in table.notes
    assert not any("rank" in row for row in table.rows)  # one of four is not known: nobody is ranked
    complete = analysed(make_results({"bo-tu-phap": 80.0, "bo-noi-vu": 90.0, "bo-tai-chinh": 80.0}))
    table = tables.ranking_table(view_of(complete), complete.ranking)
    assert texts(table, "rank", "unit") == [("1", "Bộ Nội vụ"), ("2", "Bộ Tư pháp"), ("2", "Bộ Tài chính")]


def test_changes_with_their_sign_and_break(make_results, analysed, view_of):
    before = make_results({"bo-y-te": 80.0, "bo-tu-phap": 85.0}, year=2022)
    now = make_results({"bo-y-te": 86.125, "bo-tu-phap": 85.0}, year=2023, break_before=True)
    frames = analysed(now, before)
    table = tables.ranking_table(view_of(frames), frames.ranking, frames.change)
    keys = ("unit", "previous", "index", "change", "previous_rank", "rank", "places")
    assert texts(table, *keys) == [
        ("Bộ Y tế", "80,00", "86,13", "+6,13", "2", "1", "+1"),
        ("Bộ Tư pháp", "85,00", "85,00", "0,00", "1", "2", "−1"),
    ]
    assert [ref.year for ref in table.rows[0]["change"].refs] == [2023, 2022]
    assert table.rows[0]["change"].value == pytest.approx(6.125)
    assert prose.scale_break(view_of(frames)).text.startswith("Bộ tiêu chí năm 2023 đã thay đổi so với năm 2022")


def test_statistics_in_words_with_what_they_rest_on(year, view_of):
    frames = year(2023, "ministry")
    rows = texts(tables.statistics_table(view_of(frames), frames.statistics), "statistic", "value", "counted", "unit")
    assert ("Trung bình", "84,38", "%", "") in rows
    assert ("Giá trị cao nhất", "89,95", "%", "Bộ Tư pháp") in rows
    assert ("Khoảng cách giữa đơn vị cao nhất và thấp nhất", "11,92", "điểm %", "") in rows
    assert ("Số đơn vị từ 80% đến dưới 90%", "14", "đơn vị", "") in rows
    surveyed = "Số phiếu điều tra xã hội học của cả nước, gồm các bộ và các tỉnh"
    assert (surveyed, "89.000", "phiếu", "") in rows
    table = tables.statistics_table(view_of(frames), frames.statistics)
    assert (surveyed, "theo công bố là trên số này") in texts(table, "statistic", "basis")
    partial = year(2023, "province")  # 20 of 63 known: the highest is the one that is printed as the first
    known = texts(tables.statistics_table(view_of(partial), partial.statistics), "statistic", "value", "basis")
    assert ("Giá trị cao nhất", "92,18", "tính từ số liệu của các đơn vị") in known
    assert not any("67,68" in row[0] for row in rows)  # bounds of another year
    english = texts(tables.statistics_table(view_of(frames, "en"), frames.statistics), "statistic", "value")
    assert ("Units with 80% to less than 90%", "14") in english


def test_papi_in_points_of_its_own_scale(year, view_of):
    frames = year(2024, "province", "papi")
    view = view_of(frames)
    table = tables.units_by_area_table(view, frames.ranking)
    assert len(table.rows) == 61  # of Vĩnh Phúc and Tiền Giang nothing is known
    ha_noi = next(row for row in table.rows if row["unit"] == "Hà Nội")
    assert (ha_noi["1"].text, ha_noi["index"].text) == ("5,39", "43,77")  # 5.39227 and 43.77472 in papi_totals.csv
    assert ha_noi["index"].refs[0].column == "points"
    statistics = texts(tables.statistics_table(view, frames.statistics), "statistic", "value", "counted")
    assert statistics[0] == ("Trung bình", "43,43", "điểm")
    assert not any("2012" in row[0] for row in statistics)  # another scale
    before = year(2018, "province", "papi")
    table = tables.units_by_area_table(view_of(before), before.ranking)
    quang_ninh = next(row for row in table.rows if row["unit"] == "Quảng Ninh")
    assert {"1", "3", "5"} <= set(quang_ninh)
    assert not {"2", "4", "index", "rank"} & set(quang_ninh)  # two dimensions are missing: no total, no rank


def test_dti_with_four_decimals_and_a_derived_value(year, view_of):
    frames = year(2021, "province", "dti")
    table = tables.ranking_table(view_of(frames), frames.ranking)
    assert texts(table, "unit", "index")[0] == ("Ninh Bình", "0,5064")
    tra_vinh = next(row for row in table.rows if row["unit"] == "Trà Vinh")
    assert (tra_vinh["index"].text, tra_vinh["index"].mark) == ("0,4294", "a")


def test_regions_as_published_with_what_else_was_published(year, view_of):
    frames = year(2023, "province")
    table = tables.regions_table(view_of(frames), frames.regions)
    assert texts(table, "region", "n", "known", "mean")[1] == ("Đồng bằng sông Hồng", "11", "5", "88,33")
    assert any("Đông Nam Bộ 87,45 (S072)" in note for note in table.notes)


def test_printed_ranks_by_area(year, view_of):
    frames = year(2023, "province")
    table = tables.area_ranks_table(view_of(frames), frames.ranking)
    assert texts(table, "unit", "4", "7") == [
        ("Bắc Giang", "-", "1"),
        ("Sơn La", "1", "-"),
        ("TP. Hồ Chí Minh", "-", "-"),
        ("Kon Tum", "22", "32"),
        ("Quảng Nam", "11", "22"),
    ]
    papi = year(2024, "province", "papi")
    assert tables.area_ranks_table(view_of(papi), papi.ranking) is None


def test_disagreements_of_sources(year, view_of):
    from parlib.sources.published import source_conflicts, source_pages

    frames = year(2023, "province")
    view = view_of(frames)
    table = tables.conflicts_table(view, source_conflicts(frames.results))
    assert table.columns[0].title == "Chỉ tiêu"  # what it is of: no quantity
    rows = texts(table, "what", "kept", "other")
    assert ("Trung bình vùng Đông Nam Bộ", "87,79", "87,45") in rows
    assert ("Hải Phòng: giá trị chỉ số", "91,87", "91,81") in rows
    assert ("Hòa Bình: giá trị chỉ số", "86,76 đến 86,89 (khoảng)", "tổng các thành phần bằng 87,89") in rows
    papi = year(2024, "province", "papi")
    assert tables.conflicts_table(view_of(papi), source_conflicts(papi.results)) is None
    pages = tables.sources_table(view, source_pages(frames.results))
    assert len(pages.rows) > 10
    cited = {part for row in table.rows for part in row["other_source_ids"].split(", ") if part}
    assert "S072" in cited
    assert cited <= {row["source_id"] for row in pages.rows}
    stated = {row["source_id"]: row["page"] for row in pages.rows}
    for said in ("TTXVN", "báo chí, 18/4/2024", "https://nvsk.vnanet.vn/"):  # who, of what kind and when, where
        assert said in stated["S054"]
    cited = {part for row in table.rows for part in row["other_source_ids"].split(", ") if part}
    assert "S072" in cited
    assert cited <= stated.keys()


@pytest.mark.long
def test_what_sources_say_is_said_in_vietnamese():
    from parlib.sources.published import source_conflicts

    english = {
        "and",
        "the",
        "of",
        "up",
        "down",
        "last",
        "sum",
        "total",
        "rank",
        "ranks",
        "index",
        "mean",
        "provinces",
        "to",
    }
    result = 0
    for of in years.available("par").itertuples():
        results = years.open_results(of.year, of.level)
        table = tables.conflicts_table(View(results, Wording("vi")), source_conflicts(results))
        for row in table.rows if table else ():
            result += 1
            for cell in row.values():
                assert not english & set(cell.replace(":", " ").split()), cell
    assert result == 31  # rows of conflicts.csv on provinces and ministries


def test_what_is_known_is_counted(year, view_of):
    frames = year(2023, "province")
    sentence = prose.known(view_of(frames), frames.ranking)
    counted = {part.refs[0].column: part.value for part in sentence if isinstance(part, Number)}
    assert counted == {
        "listed": 63,
        "known": 20,
        "rank_only": 9,
        "rank_and_range": 1,
        "nothing": 33,
    }  # Hòa Bình: a range
    ministries = year(2023, "ministry")
    whole = ministries.ranking[ministries.ranking["ranked"]]
    assert prose.known(view_of(ministries), whole) is None  # who is known whole needs no line


def test_marks_stand_on_every_table(make_results, analysed, view_of):
    frames = analysed(make_results({"bo-y-te": 80.0, "bo-tu-phap": 85.0}, marks=("illustrative_scheme",)))
    for table in all_tables(frames, view_of(frames)):
        if isinstance(table, Table):
            assert "Bộ tiêu chí minh họa: đây không phải kết quả chính thức." in table.notes
    simulated = tables.ranking_table(view_of(frames, simulated=True), frames.ranking)
    assert "mô phỏng" in simulated.source  # where a table goes, its source goes
    assert "SỐ LIỆU MÔ PHỎNG: không phải kết quả thật." in simulated.notes


def test_the_unit_in_focus_is_highlighted(year, view_of):
    frames = year(2023, "ministry")
    table = tables.ranking_table(view_of(frames, focus="bo-y-te"), frames.ranking)
    assert [row["unit"] for row, style in zip(table.rows, table.row_styles, strict=True) if style == "highlight"] == [
        "Bộ Y tế"
    ]


def test_a_ranking_with_tiers_says_which_error_they_do_not_hold(year, view_of):
    frames = year(2023, "ministry")
    first = str(frames.ranking["unit"].iloc[0])
    for without in (("sipas",), ()):
        table = tables.ranking_table(view_of(frames), frames.ranking, tiers=Tiers({first: 1}, {}, without))
        notes = [note for note in table.notes if note.startswith("Chưa gồm sai số")]
        assert ["SIPAS" in note for note in notes] == [True] * bool(without)


def _with_maxima(results, maxima):
    """The results where criteria that do not apply leave the maximum of some units, each with one component."""
    table = results.table.assign(maximum=results.table["unit"].map(maxima))
    table["points"] = table["index"] * table["maximum"] / 100
    part = table.assign(node="component:appraisal")
    node = {"node": "component:appraisal", "name": "Thẩm định", "name_en": "Appraisal", "maximum": 100.0}
    node |= {"parent": "", "kind": "component"}
    nodes = pd.concat([results.nodes, pd.DataFrame([node])], ignore_index=True)
    return replace(results, table=pd.concat([table, part], ignore_index=True), nodes=nodes)


def test_parts_stand_beside_the_maximum_that_applies_and_are_not_called_rounded(make_results, analysed, view_of):
    # 80 % of 96 points that apply are 76.80 points: they are not the index, and no rounding is to blame
    made = make_results({"bo-y-te": 80.0, "bo-tu-phap": 85.0, "bo-noi-vu": 99.0}, ranked={"bo-y-te", "bo-tu-phap"})
    frames = analysed(_with_maxima(made, {"bo-y-te": 96.0, "bo-tu-phap": 100.0, "bo-noi-vu": 100.0}))
    for table in (
        tables.ranking_table(view_of(frames), frames.ranking, None, frames.parts),
        tables.parts_table(view_of(frames), frames.parts, frames.ranking[frames.ranking["ranked"]]),
    ):
        assert texts(table, "unit", "appraisal", "maximum", "index") == [
            ("Bộ Tư pháp", "85,00", "100,00", "85,00"),
            ("Bộ Y tế", "76,80", "96,00", "80,00"),
        ]
        assert any("Tiêu chí không áp dụng được trừ khỏi điểm tối đa" in note for note in table.notes)
        assert not any("làm tròn" in note for note in table.notes)
    stacked = charts.parts_stacked(view_of(frames), frames.parts, frames.ranking)
    assert stacked.data["unit"] == ["bo-tu-phap", "bo-y-te"]  # who is not ranked is no third of two
    assert any("Không thể hiện trên hình do không xếp hạng: Bộ Nội vụ." in note for note in stacked.notes)
    assert not any("làm tròn" in note for note in stacked.notes)


def _two_ministries(make_results, analysed):
    """Bộ Y tế with 80 % of the 96 points that apply (76.80), Bộ Tư pháp with 85 % of 100; both ranked."""
    made = make_results({"bo-y-te": 80.0, "bo-tu-phap": 85.0})
    return analysed(_with_maxima(made, {"bo-y-te": 96.0, "bo-tu-phap": 100.0}))


def test_the_mean_of_a_part_stands_beside_the_mean_of_the_maxima_that_apply(make_results, analysed, view_of):
    # means of 76.80 and 85.00, and of 96 and 100: no unit has 98 points to reach, the largest maximum is not the mean
    frames = _two_ministries(make_results, analysed)
    sentence = prose.parts(view_of(frames), frames.parts)
    assert "80,90 điểm trên 98,00 điểm tối đa áp dụng bình quân" in sentence.plain_text()
    made = [(number.made, number.refs[0].column) for number in sentence.parts if isinstance(number, Number)]
    assert made == [("mean", "points"), ("mean", "maximum")]


def test_parts_in_a_profile_are_compared_in_percent_of_what_applies(make_results, analysed, view_of):
    frames = _two_ministries(make_results, analysed)
    view = view_of(frames, focus="bo-y-te")
    result = SimpleNamespace(components=components(view.results, "bo-y-te"))
    table = components_table(view, result)
    # in points Bộ Y tế would lie 4.10 below the mean: of 96 points it cannot reach 85 as easily as of 100
    assert texts(table, "points", "maximum", "index", "mean", "gap", "best") == [
        ("76,80", "96,00", "80,00", "82,50", "−2,50", "85,00")
    ]
    assert {column.key: column.unit for column in table.columns}["mean"] == "%"


def test_points_by_criterion_stand_beside_the_maximum_of_the_unit(make_results, analysed, view_of):
    results = _two_ministries(make_results, analysed).results
    rows = [
        ("bo-y-te", "1", 12.0, 16.0), ("bo-y-te", "1.1", 4.0, 6.0), ("bo-y-te", "1.2", 8.0, 10.0),
        ("bo-tu-phap", "1", 15.0, 17.0), ("bo-tu-phap", "1.1", 6.0, 7.0), ("bo-tu-phap", "1.2", 9.0, 10.0),
    ]  # fmt: skip
    more = pd.DataFrame(rows, columns=["unit", "node", "points", "maximum"])
    more = more.assign(year=2023, level="ministry", index=100 * more["points"] / more["maximum"],
                       stage=results.stage, standard_error=float("nan"))  # fmt: skip
    nodes = pd.DataFrame(
        [
            ("1", "A", "A", 17.0, "", "area"),
            ("1.1", "B", "B", 7.0, "1", "criterion"),
            ("1.2", "C", "C", 10.0, "1", "criterion"),
        ],
        columns=["node", "name", "name_en", "maximum", "parent", "kind"],
    )
    table, nodes = pd.concat([results.table, more]), pd.concat([results.nodes, nodes])
    results = replace(results, table=table.reset_index(drop=True), nodes=nodes.reset_index(drop=True))
    result = annexes.criteria_table(View(results, Wording("vi")), "1")
    heads = {column.key: (column.title, column.unit) for column in result.columns}
    # of 17 and of 7 points not everything applies to Bộ Y tế; of 10 everything to both
    assert (heads["1"][1], heads["1.1"][1], heads["1.2"][1]) == ("", "", "/10")
    assert dict(zip(*zip(*texts(result, "unit", "1 maximum"), strict=True), strict=True)) == {
        "Bộ Y tế": "16,00",
        "Bộ Tư pháp": "17,00",
    }
    assert "1.2 maximum" not in heads


def test_places_between_two_sets_of_units_say_who_came_and_went(year, view_of):
    # PAPI 2023 ranks neither Quảng Ninh nor Bình Dương, PAPI 2024 neither Vĩnh Phúc nor Tiền Giang
    frames = year(2024, "province", "papi")
    view = view_of(frames)
    table = tables.ranking_table(view, frames.ranking, frames.change)
    (sentence,) = (note for note in table.notes if "xếp hạng ở cả hai năm" in note)
    assert " 59 " in sentence
    came, went = ("2024", "Quảng Ninh", "Bình Dương"), ("2023", "Vĩnh Phúc", "Tiền Giang")
    assert re.search(".*".join((*came, *went)), sentence)


def test_places_within_one_set_of_units_need_no_note(make_results, analysed, view_of):
    before = make_results({"bo-y-te": 80.0, "bo-tu-phap": 85.0}, year=2022)
    frames = analysed(make_results({"bo-y-te": 86.0, "bo-tu-phap": 85.0}), before)
    table = tables.ranking_table(view_of(frames), frames.ranking, frames.change)
    assert not any("ở cả hai năm" in note for note in table.notes)


@pytest.mark.few(1)
@pytest.mark.parametrize("number", [2013, 2016, 2019, 2020])
def test_ministries_that_are_not_listed_are_not_said_to_be_unranked(number, year, view_of):
    # of 19 (17 in 2019) ranked ministries 7 to 10 are listed in one of the two years
    frames = year(number, "ministry")
    assert (frames.change.attrs["came"], frames.change.attrs["went"]) == ("", "")
    table = tables.ranking_table(view_of(frames), frames.ranking, frames.change)
    assert not any("Chỉ được xếp hạng năm" in note for note in table.notes)
    # 18 were ranked in 2018 and 17 in 2019, of which 8 are known: whose ranks are to be compared is not known
    assert any("Chưa xác định được những" in note for note in table.notes) == (number == 2019)
    # "places" is known of less than half of the units in each of these years
    assert "places" not in {column.key for column in table.columns}
