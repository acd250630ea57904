"""What came in wrong, or was refused without cause, at the doors of a round; each input as people sent it."""

from __future__ import annotations

import pandas as pd
import pytest

from parlib.errors import DataError
from parlib.sources import rounds

HEAD = "Đơn vị;Mã tiêu chí;Giai đoạn;Kết quả;Tài liệu kiểm chứng\n"


def import_csv(small, tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return rounds.append_incoming(small, rounds.read_answers(path), by="test")[0]


def external_csv(small, tmp_path, text):
    path = tmp_path / "sipas.csv"
    path.write_text(text, encoding="utf-8")
    return rounds.append_external(small, rounds.read_external_csv(path), by="test", decimal="point")


def test_a_fraction_where_percent_is_asked_is_warned_of(small, tmp_path):
    receipt = import_csv(small, tmp_path, HEAD + "Hà Giang;1.1.2;self;0,955;QĐ\nCao Bằng;1.5;self;45000;\n")
    assert [(problem.row, problem.column) for problem in receipt.warnings] == [
        (2, "Kết quả"),
        (3, "Kết quả"),
        (3, "Tài liệu kiểm chứng"),
    ]
    assert "nếu là 95,5% hãy sửa lại" in receipt.warnings[0].vi
    assert "ngày tháng" in receipt.warnings[1].vi


def test_good_vietnamese_is_not_called_garbled(small, tmp_path):
    texts = ("BÁO CÁO CỦA XÃ\u00a0HỘI", "ĐÃ\u00a0BAN HÀNH", "«về việc đánh giá»", "“BÁO CÁO XÃ”", "XÃ\u00a0NAM")
    rows = "".join(f"Hà Giang;{code};self;1;{text}\n" for code, text in zip(
        ("1.5", "1.6.2", "2.1.2", "1.1.2", "2.4"), texts, strict=True))  # fmt: skip
    path = tmp_path / "a.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    assert rounds.read_answers(path).problems == ()
    path.write_text(HEAD + "HÃ\u00a0 Giang;1.1.2;self;95;Báo cáo Há»™i\n", encoding="utf-8")
    assert [problem.column for problem in rounds.read_answers(path).problems] == ["A", "E"]


def test_a_column_without_a_head_that_has_values_is_refused(small, tmp_path):
    text = "Đơn vị;Mã tiêu chí;Giai đoạn;Kết quả;;\nHà Giang;1.1.2;self;95;97;ghi chú\n"
    with pytest.raises(DataError, match=r"column E, value '97'(.|\n)*column F"):
        import_csv(small, tmp_path, text)
    assert import_csv(small, tmp_path, text.replace("97;ghi chú", ";")).added == 1


def test_a_decimal_comma_without_quotes_in_a_comma_file_is_refused(small, tmp_path):
    head = "Đơn vị,Mã tiêu chí,Giai đoạn,Kết quả,Điểm,Không áp dụng,Tài liệu kiểm chứng,Ghi chú\n"
    with pytest.raises(DataError, match="9 cells, the head has 8"):
        import_csv(small, tmp_path, head + "Hà Giang,1.1.2,Tự đánh giá,100,0,,,QĐ 1,\n")
    with pytest.raises(DataError, match="the source is a number"):
        external_csv(small, tmp_path, "unit,index,value,source\nha-giang,sipas,90,5\n")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("٩٠", "the digits are 0-9"),
        ("1.234", "may mean"),
        ("0,825", "is 0.825 a fraction"),
        ("900", "from 0 to 100"),
    ],
)
def test_values_of_other_indices_that_cannot_be_meant(cell, words, small, tmp_path):
    with pytest.raises(DataError, match=words):
        external_csv(small, tmp_path, f"Đơn vị;Chỉ số;Giá trị;Nguồn\nHà Giang;sipas;{cell};BC\n")
    assert rounds.open_round(small).external.empty  # and the round still opens


def test_values_of_other_indices_as_people_write_them(small, tmp_path):
    text = "KẾT QUẢ SIPAS;;;;\nSTT;Đơn vị;Chỉ số;Giá trị;Nguồn\n1;Hà Giang;SIPAS;82,5%;BC\n2;Cao Bằng;Sipas;9,05;BC\n"
    receipt = external_csv(small, tmp_path, text)
    assert [problem.row for problem in receipt.warnings] == [4]
    assert rounds.open_round(small).external["value"].tolist() == [82.5, 9.05]


def test_a_value_that_would_never_hold_is_refused(small):
    row = {"unit": ["ha-giang"], "index": ["sipas"], "value": [80.0]}
    with pytest.raises(DataError, match="future"):
        rounds.append_external(small, pd.DataFrame({**row, "at": ["2099-01-01"]}))
    rounds.append_external(small, pd.DataFrame({**row, "at": ["2024-03-01"]}))
    with pytest.raises(DataError, match="earlier than the value that holds"):
        rounds.append_external(small, pd.DataFrame({**row, "value": [81.0], "at": ["2024-02-01"]}))


@pytest.mark.parametrize("by", ["", "Hà Giang", "HA-GIANG", "Sở Nội vụ"])
def test_a_request_of_a_unit_decides_nothing_whoever_writes_it_down(by, small, say):
    say("1.1.2", "70", unit="ha-giang")
    say("1.1.2", "70", unit="ha-giang", stage="appraisal", by="Hội đồng")
    receipt = say("1.1.2", "100", unit="ha-giang", stage="appeal", by=by or "operator", remark="đề nghị 100%")
    assert receipt.deciding == 0
    assert rounds.state(rounds.open_round(small), "final")["answer"].tolist() == ["70"]
    decided = say("1.1.2", "90", unit="ha-giang", stage="conclusion", by="Hội đồng", remark="chấp nhận một phần")
    assert "1 rows decide" in decided.text("en")
    assert rounds.state(rounds.open_round(small), "final")["answer"].tolist() == ["90"]


@pytest.mark.parametrize("stage", ["appraisal", "conclusion"])
def test_a_unit_does_not_decide_on_itself_by_writing_its_name(stage, small, say):
    say("1.1.2", "70", unit="ha-giang")
    with pytest.raises(DataError, match="does not appraise itself"):
        say("1.1.2", "90", unit="ha-giang", stage=stage, by="Tỉnh Hà Giang", remark="x")


@pytest.mark.parametrize("stage", ["appeal", "conclusion"])
def test_nothing_is_explained_or_concluded_on_before_it_was_assessed(stage, small, say):
    with pytest.raises(DataError, match="nothing was assessed"):
        say("1.1.2", "90", stage=stage, by="Hội đồng", remark="x")


def test_only_the_council_of_the_plan_decides(small_plan):
    rounds.create_round(small_plan.model_copy(update={"council": ("Hội đồng thẩm định",)}))
    row = {"unit": "ha-noi", "code": "1.1.2", "stage": "appraisal", "answer": "70"}
    with pytest.raises(DataError, match="only members of the council"):
        rounds.append(small_plan.id, pd.DataFrame([row]), source="x", by="nguyenvana")
    assert rounds.append(small_plan.id, pd.DataFrame([row]), source="x", by="hội đồng  thẩm định").added == 1


def test_a_program_is_asked_what_its_texts_mean(small, say):
    with pytest.raises(DataError, match="may mean"):
        say("1.1.2", "1.234")
    assert say("1.1.2", 1.234).added == 1
