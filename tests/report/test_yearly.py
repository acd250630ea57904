"""The second half of the yearly report on published results: printed numbers only, short where little is known."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from parlib import years
from parlib.analysis import comparison
from parlib.analysis import statistics as figures
from parlib.analysis.checks import Findings, findings
from parlib.analysis.mobility import CriteriaChange, criteria_change
from parlib.analysis.robustness import audit
from parlib.publish.document import numbers
from parlib.publish.verify import arithmetic
from parlib.publish.verify.data import Data, Names
from parlib.report import assessment, certainty, satisfaction, scope
from parlib.report.blocks import Figure, Heading, Note, Paragraph, Sequel, Table, Wording
from parlib.report.views import View
from parlib.sources import published
from parlib.sources.published import par

EMPTY = pd.DataFrame()


def view_of(year, level="province", index_name="par", language="vi"):
    return View(years.open_results(year, level, index_name), Wording(language))


def tables(blocks):
    return {block.name: block for block in blocks if isinstance(block, Table)}


def text(blocks):
    return " ".join(block.plain_text() for block in blocks)


def test_scope_tells_the_maxima_before_and_after_as_printed():
    view = view_of(2023)
    blocks = scope.scope(view, criteria_change(view.results))
    assert "giữ nguyên so với năm 2022 (áp dụng từ năm 2022)" in text(blocks)
    rows = {str(row["name"]): row for row in tables(blocks)["criteria_change"].rows}
    leaders = rows["Khảo sát lãnh đạo, quản lý"]  # components.csv: 23.5 until 2021, 22 since
    assert [leaders[key].text for key in ("maximum_before", "maximum", "maximum_change")] == ["23,50", "22,00", "−1,50"]
    assert rows["2. Cải cách thể chế"]["maximum_before"].value is None
    assert "maximum_change" not in rows["2. Cải cách thể chế"] or (
        rows["2. Cải cách thể chế"]["maximum_change"].value is None
    )
    assert not any(name.startswith("1. ") for name in rows)  # nothing of it is known in either set


@pytest.mark.long
def test_the_set_before_is_named_only_where_a_column_of_it_is_printed():
    held = {True: 0, False: 0}
    for year, level in [(year, of) for of in par.levels("par") for year in par.years("par", of)]:
        view = view_of(year, level)
        table = tables(scope.scope(view, criteria_change(view.results))).get("criteria_change")
        if table is not None:
            both = any(column.key.endswith("_before") for column in table.columns)
            assert ("liền trước" in f"{table.caption} {' '.join(table.notes)}") is both, (year, level)
            assert len(table.columns) > 1, (year, level)
            held[both] += 1
    assert min(held.values()) > 1


def test_the_set_of_criteria_has_no_row_without_a_number_and_no_change_to_a_set_that_is_not_named():
    view = view_of(2023, "ministry")
    table = tables(scope.scope(view, criteria_change(view.results)))["criteria_change"]
    assert {"Điểm thẩm định", "Điểm điều tra xã hội học"}.isdisjoint(str(row["name"]) for row in table.rows)
    provinces = view_of(2023).results  # of both sets maxima are known
    illustrative = View(replace(provinces, marks=("illustrative_scheme",)), Wording("vi"))
    table = tables(scope.scope(illustrative, criteria_change(provinces)))["criteria_change"]
    assert not [column.key for column in table.columns if column.key.endswith(("_before", "_change"))]


def test_scope_of_a_new_set_names_both_decisions_and_that_a_year_is_inferred():
    view = view_of(2024)
    sentence = text(scope.scope(view, criteria_change(view.results)))
    assert re.search("892/QĐ-BNV .* 876/QĐ-BNV", sentence)
    assert "suy ra" in sentence


def test_scope_counts_the_ranked_and_names_those_apart():
    sentence = text(scope.scope(view_of(2023, "ministry"), CriteriaChange()))
    assert "17 bộ" in sentence
    assert re.search("2 đơn vị [^.]*Thanh tra Chính phủ[^.]*Ủy ban Dân tộc", sentence)


def test_published_sipas_is_told_and_never_ranked_among_the_known(language):
    view = view_of(2023, language=language)
    blocks = satisfaction.satisfaction(view, EMPTY, EMPTY, published.satisfaction(view.results))
    annex = Sequel(tuple(filter(None, satisfaction.annex(view, published.satisfaction(view.results)))))
    national = {row["what"]: row["value"].value for row in tables(annex)["sipas_national"].rows}
    assert set(national.values()) >= {82.66, 90.61, 75.03, 2.58}  # sipas_statistics.csv, 2023
    line = next(block for block in blocks if isinstance(block, Figure))
    assert line.data["year"] == list(range(2017, 2025))[:7]
    assert line.data["mean"] == [80.9, 82.99, 84.45, 85.48, 87.16, 80.08, 82.66]
    known = published.satisfaction(view.results).units
    assert len(known) < 63
    for row, unit in zip(
        sorted(tables(annex)["sipas_units"].rows, key=lambda row: row["unit"]),
        sorted(known.to_dict("records"), key=lambda unit: view.unit(unit["unit"])),
        strict=True,
    ):
        assert ("rank" in row) == pd.notna(unit["rank"])


def test_units_apart_from_the_mean_of_sipas_are_counted_where_the_survey_s_own_values_are_scored():
    """Mean 80. With 5 on either side 90 and 88 lie above it, 72 and 70 below; at 88 with 9 on either side one is left
    above, and nothing is said. Of values that another survey found its intervals say nothing."""
    view, values = view_of(2023), np.array([90.0, 88, 80, 72, 70])
    citizens = pd.DataFrame({"unit": ["ha-noi", "hue", "da-nang", "can-tho", "hai-phong"], "n": 500.0, "value": values})
    citizens = citizens.assign(share=values, lower=values - 5, upper=values + 5)
    none = published.satisfaction(view_of(2012).results)

    def counts(of):
        blocks = satisfaction.satisfaction(view, of, EMPTY, none)
        return {
            n.refs[0].column: n
            for block in blocks
            for n in numbers(block)
            if n.refs[0].column in ("sipas_above", "sipas_below")
        }

    found = counts(citizens)
    assert {key: n.value for key, n in found.items()} == {"sipas_above": 2, "sipas_below": 2}
    assert counts(citizens.assign(lower=values - 9)) == counts(citizens.assign(share=values + 1)) == {}
    cells = {("par", 2023, "province", row.unit, "", what): getattr(row, name) for row in citizens.itertuples()
             for what, name in (("sipas", "value"), ("sipas_low", "lower"), ("sipas_high", "upper"))}  # fmt: skip
    cells["par", 2023, "province", "hue", "", "sipas_low"] = 79.0
    again = [arithmetic.value(Data({}, cells, Names({}, {}, {}), None), n) for n in found.values()]
    assert again == [1, 2]  # counted by the verification for itself
    unasked = citizens.assign(value=np.nan, share=np.nan)  # a framework without satisfaction
    assert satisfaction.satisfaction(view, unasked, EMPTY, none) == Sequel(())


@pytest.mark.parametrize(("year", "level", "index_name"), [(2023, "ministry", "par"), (2024, "province", "papi")])
def test_sipas_has_no_sense_elsewhere(year, level, index_name):
    view = view_of(year, level, index_name)
    assert satisfaction.satisfaction(view, EMPTY, EMPTY, published.satisfaction(view.results)) == Sequel(())


def test_how_sure_the_ranks_are_is_not_asked_of_an_incomplete_table():
    view = view_of(2023)
    previous = years.open_other_year(view.results, 2022)
    result = audit.audit_complete(view.results, previous)
    method = audit.audit_method(view.results, base=0)
    assert certainty.certainty(view, result, method, audit.neighbours(result.intervals)) == Sequel(())


@pytest.mark.few(1)
def test_how_sure_the_ranks_of_papi_are_keeps_chance_and_method_apart(language):
    view = view_of(2024, index_name="papi", language=language)
    result = audit.audit_complete(view.results, years.open_other_year(view.results, 2023))
    method = audit.audit_method(view.results, n_draws=500, base=0)
    pairs = audit.neighbours(result.intervals)
    blocks = certainty.certainty(view, result, method, pairs)
    assert not any(isinstance(block, Figure) for block in blocks)  # a row for each of 61 units: in the audit
    assert any(isinstance(block, Note) and block.role == "assumption" for block in blocks)  # the error is assumed
    chance = next(block for block in blocks if isinstance(block, Paragraph))
    # the condition comes first: 0.9593 percent of 80 points; all 60 pairs; the largest gap is 0.778 points: / 2.77
    assert [number.value for number in numbers(chance)][:3] == [pytest.approx(0.76744, abs=1e-5), 60, 95]
    assert list(numbers(chance))[3].value == pytest.approx(0.2807, abs=1e-4)
    assert chance.plain_text().startswith(("Nếu sai số", "If the standard error"))
    cases = next(block for block in blocks if isinstance(block, Table) and block.name == "error-cases")
    assert [row["error"].text for row in cases.rows] == (
        ["0,50", "0,77", "1,01"] if language == "vi" else ["0.50", "0.77", "1.01"]
    )
    sentence = " ".join(block.plain_text() for block in blocks if isinstance(block, (Note, Paragraph)))
    assert "cận trên" not in sentence and "upper bound" not in sentence and "tăng hoặc giảm đến" not in sentence
    kept = (method.acceptability >= 0.9).any(axis=1).sum()  # one rank in nine of ten draws: by the draws themselves
    assert kept in [number.value for block in blocks if isinstance(block, Paragraph) for number in numbers(block)]
    assert "robustness_audit" not in blocks.blocks[-1].plain_text()  # the report by its name, not by that of its code


def drafts_of(view, previous=None):
    change = comparison.change(view.results, previous)
    result = findings(view.results, change, EMPTY, EMPTY, EMPTY)
    return assessment.assessment(view, figures.statistics(view.results, previous), result), result


def test_a_draft_says_that_it_is_one_and_leaves_the_causes_open():
    view = view_of(2024, index_name="papi")
    blocks, result = drafts_of(view, years.open_other_year(view.results, 2023))
    drafts = [block for block in blocks if isinstance(block, Paragraph)]
    assert all(block.role == "draft" for block in drafts)
    assert "DỰ THẢO" in text(blocks)
    assert [block.text for block in blocks if isinstance(block, Heading)] == [
        "Đánh giá và kiến nghị", "Kết quả đạt được", "Tồn tại, hạn chế", "Nguyên nhân", "Kiến nghị",
    ]  # fmt: skip
    assert sum(block.plain_text().startswith("[") for block in drafts) >= 2
    assert "chủ trì" not in text(blocks)  # ministries lead areas of the PAR INDEX, not dimensions of PAPI
    assert len(result.areas) == 8
    assert all(number.refs for block in drafts for number in numbers(block))


def test_the_draft_of_a_partly_known_year_is_short_and_says_of_whom_it_speaks():
    view = view_of(2023)
    blocks, result = drafts_of(view, years.open_other_year(view.results, 2022))
    assert not result.whole_change
    sentence = text(blocks)
    assert "Tăng nhiều nhất" not in sentence  # a change known of 11 of 63 makes no draft
    assert "Giảm nhiều nhất" not in sentence
    assert "lĩnh vực chưa đủ để dự thảo" in sentence
    assert result.areas.empty


def test_nothing_known_needs_no_assessment():
    assert assessment.assessment(view_of(2024, "ministry"), figures.statistics(view_of(2024, "ministry").results),
                             Findings()) == Sequel(())  # fmt: skip


def test_special_agencies_are_told_apart_only_where_their_results_are_known(make_results):
    assert scope.apart(view_of(2023, "ministry")) == Sequel(())  # published: their values are not known
    values = {"bo-noi-vu": 90.0, "thanh-tra-chinh-phu": 80.0}
    results = make_results(values, ranked=["bo-noi-vu"], areas={"1": values})
    table = tables(scope.apart(View(results, Wording("vi"))))["apart"]
    assert [column.title for column in table.columns[1:]] == ["Thanh tra Chính phủ"]
    assert [row["thanh-tra-chinh-phu"].value for row in table.rows] == [80.0, 80.0]  # the whole, and the area
    assert table.rows[0]["name"] == "Chỉ số chung"  # a criterion may be called as the index is


@pytest.mark.long
def test_annexes_are_numbered_as_far_as_there_are_any(report_of):
    blocks = report_of(2023, "ministry").annexes()
    titles = [block.text for block in blocks if isinstance(block, Heading) and block.level == 2]
    assert [title.split(".")[0] for title in titles] == [f"Phụ lục {n}" for n in range(1, len(titles) + 1)]
    assert report_of(2022, "province", "pci").annexes().blocks[0].anchor == "annexes"
    assert "annex-codes" not in [block.anchor for block in blocks if isinstance(block, Heading)]  # none is known


def test_the_mergers_of_ministries_are_means_of_published_values_and_not_official(report_of):
    report = report_of(2023, "ministry")
    result = tables(report.annexes())["mergers"]
    rows = {row["unit"]: row for row in result.rows}
    values = report.year.results.values()
    mean = (values["bo-tai-chinh"] + values["bo-ke-hoach-va-dau-tu"]) / 2
    assert rows["Bộ Tài chính"]["mean"].value == pytest.approx(mean)
    assert "Bộ Kế hoạch và Đầu tư" in rows["Bộ Tài chính"]["parts"]
    assert any("không phải kết quả chính thức" in note for note in result.notes)


def test_ranks_over_the_years_are_those_printed_and_mark_new_scales(report_of):
    history = tables(report_of(2023, "ministry").annexes())["rank_history"]
    rows = {row["unit"]: row for row in history.rows}
    assert rows["Bộ Tư pháp"]["2023"].value == 1
    assert "2022\u00a0*" in [column.title for column in history.columns]  # 876/QĐ-BNV
    known = {key for row in history.rows for key in row} - {"unit"}
    assert known == {column.key for column in history.columns} - {"unit"}


@pytest.mark.long
def test_papi_has_its_criteria_and_code_book_in_the_annexes(report_of):
    result = tables(report_of(2024, index_name="papi").annexes())
    assert {f"points_{n}" for n in range(1, 9)} <= result.keys()
    assert len(result["points_1"].rows) == 63
    assert len(result["code_book"].rows) == 8 + 28  # 5.2 had no values in 2024
    assert result["code_book"].rows[1]["maximum"].value == 2.5


@pytest.mark.long
def test_restated_numbers_come_with_their_reason(report_of):
    result = tables(report_of(2024).annexes())
    reasons = " ".join(str(row["text"]) for row in result["explanations"].rows)
    assert "87,45" in reasons
    assert len(result["explanations"].rows) == 4  # explanations.csv, 2024
    assert "conflicts" in result


@pytest.mark.long
@pytest.mark.parametrize(
    ("year", "level", "index_name"),
    [
        (2023, "ministry", "par"),
        pytest.param(2024, "province", "par", marks=pytest.mark.long),
        pytest.param(2024, "province", "papi", marks=pytest.mark.long),
    ],
)
def test_both_languages_print_the_same_numbers_in_order(year, level, index_name, report_of):
    printed = {}
    for language in ("vi", "en"):
        report = report_of(year, level, index_name, language)
        blocks = [*report.scope(), *report.satisfaction(), *report.assessment(), *report.annexes()]
        printed[language] = [number.value for block in blocks for number in numbers(block)]
    assert printed["vi"] == printed["en"]
    assert len(printed["vi"]) > 50
