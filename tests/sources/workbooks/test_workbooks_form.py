"""Forms: what is sent out, what officials type into them, and what the ledger gets."""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from parlib import cli
from parlib.errors import DataError, ParameterError
from parlib.scoring.rules import Choice
from parlib.scoring.scheme import load_scheme, parse_scheme
from parlib.sources import rounds, workbooks
from parlib.sources.rounds.plan import Rulebook
from parlib.sources.workbooks.form_layout import FORM_KINDS, FORMS, HEAD_ROW, SHEETS, asked, form_lines

from .conftest import EXEMPT, Form, new_round

COVER, GUIDE, MAIN, LISTS, IDENTITY = (name.text() for name in SHEETS)


def _said(path: Path, round_: rounds.Round) -> dict[str, dict[str, Any]]:
    rows = workbooks.read_form(path, round_)
    return {row["code"]: row for row in rows.to_dict("records")}


# --- what is sent out --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORM_KINDS)
def test_a_form_keeps_to_the_limits_of_excel(kind: str, opened: rounds.Round, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(workbooks.write_form(opened, "ha-noi", tmp_path / "x.xlsx", kind))
    assert book.sheetnames == [COVER, GUIDE, MAIN, LISTS, IDENTITY]
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert len(str(cell.value)) < 8192
                    assert _depth(str(cell.value)) <= 64
                    assert all(len(text) <= 255 for text in re.findall(r'"([^"]*)"', str(cell.value)))
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.formula1 or "") <= 255
            assert len(rule.error or "") <= 255 and len(rule.prompt or "") <= 255
            assert rule.type == "list" or rule.formula1 is not None
            assert rule.error, "every refusal says why"


def _depth(formula: str) -> int:
    depth = deepest = 0
    for sign in formula:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest


@pytest.mark.parametrize("kind", FORM_KINDS)
def test_only_the_inputs_are_unlocked(kind: str, opened: rounds.Round, tmp_path: Path) -> None:
    form = Form(workbooks.write_form(opened, "ha-noi", tmp_path / "x.xlsx", kind), kind, opened)
    inputs = {column.key for column in FORMS[kind].columns if column.typed}
    assert all(form.book[name].protection.sheet for name in form.book.sheetnames)
    for leaf in opened.scheme.leaves:
        for key in form.places:
            cell = form.cell(leaf.code, key)
            open_ = key in inputs and asked(leaf) and leaf.code != EXEMPT
            if key in ("target", "numerator", "denominator") and cell.protection.locked:
                continue  # only rules with a target, or a percentage, open it
            assert cell.protection.locked != open_, (leaf.code, key)
    for line in form_lines(opened.scheme):
        if line.look:
            assert all(form.sheet.cell(line.row, place).protection.locked for place in form.places.values())


def test_the_form_says_what_it_must(blank_path: Path, opened: rounds.Round) -> None:
    form = Form(blank_path, "self", opened)
    texts = {str(cell.value) for row in form.book[COVER].iter_rows() for cell in row if cell.value}
    assert {"Thành phố Hà Nội", "15/1/2024", "Vụ CCHC"} <= texts
    assert "UBND các tỉnh" not in texts  # who fills a form in does not receive it
    assert any("MINH HỌA" in text for text in texts)
    assert form.cell("1.1.2", "rule").value == (
        "Tỷ lệ hoàn thành kế hoạch: đạt 100%: 1 điểm; từ 85% đến dưới 100%: 0,75 điểm; từ 70% đến dưới 85%: 0,5 điểm; "
        "dưới 70%: 0 điểm"
    )
    assert form.cell("1.7.1", "answer").value == "Điều tra xã hội học – Bộ Nội vụ tính"
    assert form.cell(EXEMPT, "answer").value == "Không áp dụng theo kế hoạch: không thuộc diện rà soát"
    assert form.sheet.freeze_panes == f"C{HEAD_ROW + 2}"
    assert (form.sheet.page_setup.paperSize, form.sheet.page_setup.orientation) == (9, "landscape")
    assert (
        form.sheet.sheet_properties.pageSetUpPr.fitToPage and form.sheet.print_title_rows == f"${HEAD_ROW}:${HEAD_ROW}"
    )
    assert form.book[IDENTITY].sheet_state == "veryHidden" and form.book[LISTS].sheet_state == "hidden"


def test_every_choice_has_its_labels_in_a_drop_down(blank_path: Path, opened: rounds.Round) -> None:
    form = Form(blank_path, "self", opened)
    lists = form.book[LISTS]
    sources = {str(rule.sqref): rule.formula1 for rule in form.sheet.data_validations.dataValidation}
    for leaf in form.leaves:
        if isinstance(leaf.rule, Choice):
            where = sources[form.cell(leaf.code, "answer").coordinate]
            first, last = map(int, re.findall(r"\$A\$(\d+)", where))
            assert [lists.cell(row, 1).value for row in range(first, last + 1)] == list(leaf.rule.label.values())


def test_the_same_form_is_the_same_bytes(opened: rounds.Round, blank_path: Path, tmp_path: Path) -> None:
    again = workbooks.write_form(opened, "Hà Nội", tmp_path)
    assert again.name == "2023-province.ha-noi.self.xlsx"
    assert again.read_bytes() == blank_path.read_bytes()


def test_unknown_units_and_kinds_are_refused(opened: rounds.Round, tmp_path: Path) -> None:
    with pytest.raises(ParameterError):
        workbooks.write_form(opened, "ha-nom", tmp_path)
    with pytest.raises(ParameterError, match="appraisal"):
        workbooks.write_form(opened, "ha-noi", tmp_path, "apraisal")
    assert list(tmp_path.iterdir()) == []


def test_forms_of_several_units_and_of_a_ministry(opened: rounds.Round, tmp_path: Path) -> None:
    written = workbooks.write_forms(opened, tmp_path, "self", ["ha-giang", "Cao Bằng"])
    assert [path.name.split(".")[1] for path in written] == ["ha-giang", "cao-bang"]
    assert workbooks.examine_form(written[1], opened).unit == "cao-bang"


# --- what comes back ---------------------------------------------------------------------------


def test_a_blank_form_is_incomplete_and_says_nothing(blank_path: Path, opened: rounds.Round) -> None:
    form = workbooks.examine_form(blank_path, opened)
    assert form.status == "incomplete" and form.rows.empty and not form.warnings
    # 95 leaves, less 22 surveyed, 2 of other indices and 1 that the plan exempts
    assert len(form.missing) == 95 - 22 - 2 - 1


def test_a_filled_form_becomes_rows_of_the_ledger(filled_path: Path, opened: rounds.Round) -> None:
    form = workbooks.examine_form(filled_path, opened)
    assert (form.status, form.unit, form.kind, len(form.rows)) == ("complete", "ha-noi", "self", 70)
    rows = {row["code"]: row for row in form.rows.to_dict("records")}
    assert rows["1.1.1"]["answer"] == "late" and rows["1.1.2"]["answer"] == "85.5"
    assert rows["1.5"]["answer"] == "2" and rows["8.2.1"]["answer"] == "95/100"
    assert rows["1.1.1"]["evidence"] == "- QĐ số 12/QĐ-UBND ngày 05/01/2023"
    assert set(form.rows["by"]) == {"ha-noi"} and set(form.rows["stage"]) == {"self"}
    assert not form.warnings


TYPED: dict[str, tuple[str, Any, str]] = {
    "decimal comma": ("1.1.2", "95,5", "95.5"),
    "decimal point": ("1.1.2", "95.5", "95.5"),
    "a percent sign": ("1.1.2", "95%", "95"),
    "a comma and a percent sign": ("1.1.2", " 95,5 % ", "95.5"),
    "a number as text": ("1.5", "3", "3"),
    "blanks around": ("1.5", " 2 \u00a0", "2"),
    "a label in another Unicode form": ("1.1.1", unicodedata.normalize("NFD", "Ban hành kịp thời"), "timely"),
    "a label with stray blanks and case": ("1.1.1", "  ban hành KỊP thời ", "timely"),
    "the id of an option": ("1.1.1", "none", "none"),
    "a target in decimals": ("8.2.1", "105,5", "105.5/100"),
    "the threshold itself": ("1.1.2", 85, "85"),
    "zero": ("1.5", 0, "0"),
}


@pytest.mark.few(4)
@pytest.mark.parametrize("what", TYPED)
def test_what_officials_type_is_understood(what: str, filled: Form, opened: rounds.Round) -> None:
    code, value, expected = TYPED[what]
    filled.put(code, "answer", value)
    assert _said(filled.save(), opened)[code]["answer"] == expected


def test_a_percentage_that_excel_keeps_as_a_fraction_is_read_as_shown(filled: Form, opened: rounds.Round) -> None:
    filled.put("1.1.2", "answer", 0.955)
    filled.cell("1.1.2", "answer").number_format = "0.0%"
    form = workbooks.examine_form(filled.save(), opened)
    assert form.rows.set_index("code")["answer"]["1.1.2"] == "95.5"
    (warning,) = form.warnings
    assert warning.node == "1.1.2" and "95,5%" in warning.vi and warning.value == 0.955


def test_what_looks_like_a_slip_is_taken_and_pointed_at(filled: Form, opened: rounds.Round) -> None:
    filled.put("1.1.2", "answer", 0.95)  # 0.95%, or 95%?
    filled.put("1.6.2", "answer", 45306)  # 15/01/2024, as Excel keeps it
    filled.put("1.5", "evidence", None)
    filled.put("1.4", "answer", None)
    filled.put("1.4", "not_applicable", "không áp dụng ")
    filled.sheet.row_dimensions[filled.rows["2.1.1"]].hidden = True
    filled.sheet.cell(30, 20).value = "sổ tay"
    form = workbooks.examine_form(filled.save(), opened)
    results = {(w.node, w.column.partition(" ")[0]) for w in form.warnings}
    assert results == {("1.1.2", "E"), ("1.6.2", "E"), ("1.5", "M"), ("1.4", "N"), ("2.1.1", "A"), ("", "T")}
    rows = form.rows.set_index("code")
    assert rows["answer"]["1.1.2"] == "0.95" and bool(rows["not_applicable"]["1.4"]) and rows["answer"]["1.4"] == ""
    assert rows["answer"]["2.1.1"] == "late", "hidden rows are read"


def test_words_are_kept_as_they_were_written(filled: Form, opened: rounds.Round) -> None:
    filled.put("1.1.1", "remark", "- Đã hoàn thành\n+ đúng hạn")
    filled.put("1.1.2", "remark", "@Sở Nội vụ")
    filled.put("1.2", "evidence", 123)
    filled.put("1.4", "evidence", datetime.datetime(2023, 1, 5))
    filled.put("1.5", "remark", " \u00a0 ")
    filled.put("1.6.2", "remark", "Dòng một_x000B_dòng hai")
    rows = _said(filled.save(), opened)
    assert rows["1.1.1"]["remark"] == "- Đã hoàn thành\n+ đúng hạn" and rows["1.1.2"]["remark"] == "@Sở Nội vụ"
    assert rows["1.2"]["evidence"] == "123" and rows["1.4"]["evidence"] == "5/1/2023"
    assert rows["1.5"]["remark"] == "" and rows["1.6.2"]["remark"] == "Dòng một\ndòng hai"


def test_blank_answers_are_open_and_never_zero(filled: Form, opened: rounds.Round) -> None:
    filled.put("1.1.1", "answer", None)
    filled.put("1.1.2", "answer", "  ")
    filled.put("8.2.1", "answer", None)
    filled.put("8.2.1", "target", None)
    form = workbooks.examine_form(filled.save(), opened)
    assert form.missing == ("1.1.1", "1.1.2", "8.2.1") and form.status == "incomplete"
    assert len(form.rows) == 67 and {w.node for w in form.warnings} == {"1.1.1", "1.1.2", "8.2.1"}


def test_the_contact_is_read_from_the_cover(filled: Form, opened: rounds.Round) -> None:
    cover = filled.book[COVER]
    row = next(cell.row for cell in cover["A"] if cell.value == "Điện thoại")
    cover.cell(row, 3).value = "024 3825 3536"
    assert workbooks.examine_form(filled.save(), opened).contact == {"phone": "024 3825 3536"}


def test_a_cover_that_names_another_unit_is_refused(filled: Form, opened: rounds.Round) -> None:
    cover = filled.book[COVER]
    row = next(cell.row for cell in cover["A"] if cell.value == "Đơn vị được đánh giá")
    cover.cell(row, 3).value = "Hà Giang"  # what is signed is not what the file was issued for
    with pytest.raises(DataError) as told:
        workbooks.examine_form(filled.save(), opened)
    assert [(one.sheet, one.row, one.value) for one in told.value.problems] == [("Bìa", row, "Hà Giang")]
    assert "bìa phải ghi đơn vị “Thành phố Hà Nội”" in told.value.problems[0].vi


# --- through the stages ------------------------------------------------------------------------


def _append(round_: rounds.Round, path: Path, by: str = "") -> rounds.Round:
    form = workbooks.examine_form(path, round_, by)
    rounds.append(round_.plan.id, form.rows, source=path.name, sha256=form.sha256, headings=form.headings)
    return rounds.open_round(round_.plan.id)


def test_two_forms_of_a_unit_that_say_different_things_are_both_left_out(
    fresh: rounds.Round, filled_path: Path, filled: Form, tmp_path: Path
) -> None:
    copy, other = tmp_path / "phiếu.xlsx", tmp_path / "phiếu (1).xlsx"
    copy.write_bytes(filled_path.read_bytes())
    filled.put("1.1.2", "answer", 71.5)
    filled.save(other)
    alike = workbooks.read_returned([copy, copy], fresh, "Sở Nội vụ")
    assert (len(alike.batches), alike.problems) == (2, ())  # the same twice says nothing new
    read = workbooks.read_returned([copy, other], fresh, "Sở Nội vụ")
    assert read.batches == ()
    assert {(problem.file, problem.node) for problem in read.problems} == {(copy.name, "1.1.2"), (other.name, "1.1.2")}
    assert "phiếu (1).xlsx của cùng đơn vị ghi khác" in read.problems[0].vi


@pytest.mark.long
def test_a_form_written_again_holds_what_was_returned(fresh: rounds.Round, filled_path: Path, tmp_path: Path) -> None:
    after = _append(fresh, filled_path)
    path = workbooks.write_form(after, "ha-noi", tmp_path / "lại.xlsx")
    first, second = (workbooks.read_form(p, after) for p in (filled_path, path))
    assert first.equals(second)
    receipt = rounds.append(fresh.plan.id, second, source="lại.xlsx")
    assert (receipt.added, receipt.unchanged) == (0, 70)


@pytest.mark.long
def test_a_partial_form_does_not_take_back_what_was_returned(
    fresh: rounds.Round, filled_path: Path, filled: Form
) -> None:
    after = _append(fresh, filled_path)
    filled.put("1.1.1", "answer", None)
    form = workbooks.examine_form(filled.save(), after)
    (kept, newer) = form.warnings
    assert "vẫn giữ (Ban hành không kịp thời)" in kept.vi and "70 dòng" in newer.vi
    assert "1.1.1" not in set(form.rows["code"]) and form.status == "complete"


@pytest.mark.long
def test_from_the_first_form_to_the_conclusion(fresh: rounds.Round, filled_path: Path, tmp_path: Path) -> None:
    """85.5% earns 0.75; the council takes it down to 80%, the unit explains, the council gives way."""
    after = _append(fresh, filled_path)
    form = Form(workbooks.write_form(after, "ha-noi", tmp_path / "a.xlsx", "appraisal"), "appraisal", after)
    assert form.cell("1.1.1", "self_answer").value == "Ban hành không kịp thời"
    assert form.cell("1.1.2", "self_points").value == 0.75 and form.cell("8.2.1", "self_answer").value == "95 / 100"
    for leaf in form.leaves:
        if leaf.code != EXEMPT:
            form.put(leaf.code, "decision", "Chấp nhận")
    form.put("1.1.2", "decision", "Điều chỉnh")
    form.put("1.1.2", "answer", 80)
    form.put("1.1.2", "remark", "Còn 4 nhiệm vụ chưa hoàn thành")
    form.put("1.5", "decision", "Điều chỉnh")
    form.put("1.5", "given", "0,25")
    form.put("1.5", "remark", "Sáng kiến áp dụng một phần")
    form.put("1.4", "decision", "không áp dụng")
    form.put("1.4", "remark", "Theo hướng dẫn")
    after = _append(after, form.save(), by="Hội đồng thẩm định 2023")
    held = rounds.state(after, "appraisal").set_index("code")
    assert held["answer"]["1.1.2"] == "80" and held["points"]["1.5"] == 0.25 and held["not_applicable"]["1.4"]
    assert held["answer"]["1.1.1"] == "late" and len(held) == 71

    claim = Form(workbooks.write_form(after, "ha-noi", tmp_path / "b.xlsx", "appeal"), "appeal", after)
    assert "Tối đa áp dụng" not in {cell.value for row in claim.book[COVER].rows for cell in row}  # proposals, no sum
    assert claim.cell("1.1.2", "council_remark").value == "Còn 4 nhiệm vụ chưa hoàn thành"
    claim.put("1.1.2", "decision", "Giải trình")
    claim.put("1.1.2", "answer", 100)
    claim.put("1.1.2", "remark", "Bốn nhiệm vụ được giao bổ sung sau ngày 31/12")
    claim.put("1.1.2", "evidence", "Công văn 99/UBND")
    claim.put("1.5", "decision", "Đồng ý")
    after = _append(after, claim.save())
    assert rounds.state(after, "final").set_index("code")["answer"]["1.1.2"] == "80", "an explanation decides nothing"

    end = Form(workbooks.write_form(after, "ha-noi", tmp_path / "c.xlsx", "conclusion"), "conclusion", after)
    assert end.cell("1.1.2", "claim_remark").value == "Bốn nhiệm vụ được giao bổ sung sau ngày 31/12"
    assert end.cell("1.1.2", "claim_answer").value == "100%"
    end.put("1.1.2", "decision", "Điều chỉnh")
    end.put("1.1.2", "answer", 100)
    end.put("1.1.2", "remark", "Chấp nhận giải trình")
    end.put("1.5", "decision", "Giữ nguyên")
    end.put("1.5", "remark", "Đã xem xét")
    after = _append(after, end.save(), by="Hội đồng thẩm định 2023")
    final = rounds.state(after, "final").set_index("code")
    assert final["answer"]["1.1.2"] == "100" and final["stage"]["1.1.2"] == "conclusion"
    assert final["points"]["1.5"] == 0.25 and final["stage"]["1.5"] == "conclusion"

    # Forms written again now hold all this, and say nothing new.
    for kind in FORM_KINDS:
        path = workbooks.write_form(after, "ha-noi", tmp_path / f"{kind}.xlsx", kind)
        rows = workbooks.read_form(path, after, "Hội đồng thẩm định 2023")
        assert len(rows) == {"self": 70, "appraisal": 70, "appeal": 0, "conclusion": 2}[kind]
        assert rounds.append(after.plan.id, rows, source=path.name).added == 0, kind


COUNCIL: dict[str, tuple[dict[str, Any], str, str]] = {
    "an answer without a decision": ({"answer": 90}, "decision", "chưa chọn ý kiến"),
    "a reason without a decision": ({"remark": "x"}, "decision", "chưa chọn ý kiến"),
    "accepted, and adjusted": ({"decision": "Chấp nhận", "answer": 90}, "answer", "để trống"),
    "accepted, and points": ({"decision": "Chấp nhận", "given": 0.5}, "given", "để trống"),
    "adjusted to nothing": ({"decision": "Điều chỉnh", "remark": "x"}, "answer", "kết quả hoặc điểm"),
    "adjusted without a reason": ({"decision": "Điều chỉnh", "answer": 90}, "remark", "phải kèm lý do"),
    "points without a reason": ({"decision": "Điều chỉnh", "given": 0.5}, "remark", "phải kèm lý do"),
    "points over the maximum": ({"decision": "Điều chỉnh", "given": 1.5, "remark": "x"}, "given", "từ 0 đến 1"),
    "points in words": ({"decision": "Điều chỉnh", "given": "một", "remark": "x"}, "given", "không đọc được thành số"),
    "an unknown decision": ({"decision": "Bác bỏ"}, "decision", "Chấp nhận"),
    "does not apply, no reason": ({"decision": "Không áp dụng"}, "remark", "phải kèm lý do"),
    "another answer was accepted": ({"decision": "Chấp nhận", "self_answer": "100%"}, "self_answer", "85,5%"),
}


@pytest.fixture(scope="module")
def appraisal(filled_path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[rounds.Round, Path]:
    """A round to which Hà Nội has returned its form, and the council's form on it."""
    folder = tmp_path_factory.mktemp("appraisal")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARLIB_ROUNDS", str(folder / "rounds"))
        after = _append(new_round(), filled_path)
        return after, workbooks.write_form(after, "ha-noi", folder / "a.xlsx", "appraisal")


@pytest.mark.few(4)
@pytest.mark.parametrize("what", COUNCIL)
def test_decisions_whose_cells_do_not_go_together(
    what: str, appraisal: tuple[rounds.Round, Path], tmp_path: Path
) -> None:
    cells, key, words = COUNCIL[what]
    after, path = appraisal
    form = Form(path, "appraisal", after)
    for name, value in cells.items():
        form.put("1.1.2", name, value)
    with pytest.raises(DataError) as refused:
        workbooks.read_form(form.save(tmp_path / "a.xlsx"), after)
    (problem,) = refused.value.problems
    heading = next(column.heading.text() for column in FORMS["appraisal"].columns if column.key == key)
    assert problem.column.endswith(heading) and words in problem.vi and problem.row == form.rows["1.1.2"]


def test_nothing_to_accept_and_explanations_without_words(fresh: rounds.Round, tmp_path: Path) -> None:
    form = Form(workbooks.write_form(fresh, "ha-noi", tmp_path / "a.xlsx", "appraisal"), "appraisal", fresh)
    form.put("1.1.2", "decision", "Chấp nhận")
    with pytest.raises(DataError, match="nothing to accept"):
        workbooks.read_form(form.save(), fresh)
    claim = Form(workbooks.write_form(fresh, "ha-noi", tmp_path / "b.xlsx", "appeal"), "appeal", fresh)
    claim.put("1.1.2", "decision", "Giải trình")
    claim.put("1.5", "remark", "Không đồng ý")
    with pytest.raises(DataError) as refused:
        workbooks.read_form(claim.save(), fresh)
    assert [(p.node, p.column.split(" – ")[1]) for p in refused.value.problems] == [
        ("1.1.2", "Nội dung giải trình"),
        ("1.5", "Ý kiến của đơn vị"),
    ]


# --- the command line --------------------------------------------------------------------------


def test_the_command_writes_one_or_all(fresh: rounds.Round, tmp_path: Path) -> None:
    run = CliRunner().invoke
    one = run(cli.app, ["form", "--round", fresh.plan.id, "--unit", "Hà Nội"])
    assert one.exit_code == 0 and one.output.strip().endswith("2023-province.ha-noi.self.xlsx")
    assert (fresh.path / "forms" / "2023-province.ha-noi.self.xlsx").exists()
    for wrong in (["--unit", "ha-noi", "--all"], [], ["--unit", "Hà Nộm"]):
        result = run(cli.app, ["form", "--round", fresh.plan.id, *wrong])
        assert isinstance(result.exception, ParameterError)


def test_a_scheme_that_changed_makes_old_forms_void(filled_path: Path, opened: rounds.Round) -> None:
    document = load_scheme("876-province").document()
    document["tree"][0]["children"][0]["children"][0]["evidence"] = "Quyết định khác"
    changed = replace(opened, book=Rulebook(opened.plan, parse_scheme(document)))
    with pytest.raises(DataError, match="has changed"):
        workbooks.read_form(filled_path, changed)


# --- languages ---------------------------------------------------------------------------------


def test_a_form_from_before_languages_were_named_is_vietnamese(filled: Form, opened: rounds.Round) -> None:
    before = workbooks.examine_form(filled.save(), opened)
    identity = filled.book[IDENTITY]
    row = next(cells[0].row for cells in identity.iter_rows() if cells[0].value == "language")
    assert identity.cell(row, 2).value == "vi"
    identity.delete_rows(row)
    pd.testing.assert_frame_equal(workbooks.examine_form(filled.save(), opened).rows, before.rows)


def test_a_form_of_a_language_that_is_not_there_is_refused(filled: Form, opened: rounds.Round, tmp_path: Path) -> None:
    identity = filled.book[IDENTITY]
    identity.cell(next(cells[0].row for cells in identity.iter_rows() if cells[0].value == "language"), 2).value = "fr"
    with pytest.raises(DataError, match="column B – language, value 'fr': no such language; there are: vi, en"):
        workbooks.read_form(filled.save(), opened)
    with pytest.raises(ParameterError, match="no such language"):
        workbooks.write_form(opened, "ha-noi", tmp_path / "x.xlsx", language="fr")


@pytest.mark.long
def test_an_english_form_says_the_same_as_a_vietnamese_one(filled: Form, opened: rounds.Round, tmp_path: Path) -> None:
    path = workbooks.write_form(opened, "ha-noi", tmp_path / "en.xlsx", language="en")
    book = openpyxl.load_workbook(path)
    sheet = book["Scoring form"]
    assert [sheet.cell(HEAD_ROW, n).value for n in (1, 5, 9)] == ["Code", "Answer", "Not applicable"]
    assert "0.75 points" in sheet.cell(filled.rows["1.1.2"], filled.places["rule"]).value
    for leaf in filled.leaves:
        for key in ("answer", "target", "evidence") if leaf.code != EXEMPT else ():
            sheet.cell(filled.rows[leaf.code], filled.places[key]).value = filled.cell(leaf.code, key).value
    filled.put("1.5", "answer", None)
    filled.put("1.5", "not_applicable", "Không áp dụng")
    sheet.cell(filled.rows["1.5"], filled.places["answer"]).value = None
    sheet.cell(filled.rows["1.5"], filled.places["not_applicable"]).value = "Not applicable"
    book.save(path)
    english, other = (workbooks.read_form(at, opened) for at in (path, filled.save()))
    pd.testing.assert_frame_equal(english.drop(columns="sheet"), other.drop(columns="sheet"))
    sheet.cell(filled.rows["1.5"], filled.places["not_applicable"]).value = "Không áp dụng"
    book.save(path)
    with pytest.raises(DataError, match=r"column I – Not applicable, .*one of “Not applicable”, or empty"):
        workbooks.read_form(path, opened)


@pytest.mark.few(2)
@pytest.mark.parametrize("typed", ["x", "-", "Không áp dụng", "không có"])
def test_what_is_typed_for_no_result_is_told_where_it_belongs(typed: str, filled: Form, opened: rounds.Round) -> None:
    filled.put("1.1.2", "answer", typed)
    with pytest.raises(DataError) as refused:
        workbooks.examine_form(filled.save(), opened)
    (problem,) = refused.value.problems
    assert "để trống" in problem.vi and "Không áp dụng" in problem.vi
