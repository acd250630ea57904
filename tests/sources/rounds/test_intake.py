"""Files from outside: CSV as officials save it, and exports of other systems with a mapping of their columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from parlib.errors import DataError
from parlib.sources import rounds

EXPORT = """\
HỆ THỐNG CHẤM ĐIỂM CCHC;;;;;;
STT;Mã ĐV;Mã TC;Điểm tự chấm;Điểm thẩm định;Lý do điều chỉnh;TLKC
1;01;1.1.1;0,5;0,25;Ban hành chậm;QĐ 12
2;01;1.1.2;1;1;Đúng hồ sơ;
3;02;1.1.1;0,5;;;QĐ 7
;;;;;;
"""
MAPPING = """\
columns:
  Mã ĐV: unit
  Mã TC: code
  Điểm tự chấm: self.points
  Điểm thẩm định: appraisal.points
  Lý do điều chỉnh: appraisal.remark
  TLKC: self.evidence
constants: {by: Hệ thống cũ, at: 2024-03-01}
ignore: [STT]
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "xuat.csv"
    path.write_text(EXPORT, encoding="utf-8-sig")
    return path


def mapping(tmp_path: Path, text: str = MAPPING) -> rounds.ColumnMapping:
    path = tmp_path / "anh xa.yaml"
    path.write_text(text, encoding="utf-8")
    return rounds.read_column_mapping(path)


def test_an_export_of_another_system_with_two_stages_in_a_row(small, export, tmp_path):
    rounds.append_incoming(small, rounds.read_answers(export, mapping(tmp_path)))
    ledger = rounds.open_round(small).ledger
    assert ledger[["unit", "code", "stage", "points", "evidence", "remark", "by", "source"]].to_numpy().tolist() == [
        ["ha-noi", "1.1.1", "self", 0.5, "QĐ 12", "", "Hệ thống cũ", "xuat.csv | 3"],  # 01 is Hà Nội's code
        ["ha-noi", "1.1.1", "appraisal", 0.25, "", "Ban hành chậm", "Hệ thống cũ", "xuat.csv | 3"],
        ["ha-noi", "1.1.2", "self", 1.0, "", "", "Hệ thống cũ", "xuat.csv | 4"],
        ["ha-noi", "1.1.2", "appraisal", 1.0, "", "Đúng hồ sơ", "Hệ thống cũ", "xuat.csv | 4"],
        ["ha-giang", "1.1.1", "self", 0.5, "QĐ 7", "", "Hệ thống cũ", "xuat.csv | 5"],
    ]


def test_a_problem_names_the_column_of_its_stage(small, export, tmp_path):
    export.write_text(EXPORT.replace(";0,25;", ";0,75;"), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        rounds.append_incoming(small, rounds.read_answers(export, mapping(tmp_path)))
    problem = refused.value.problems[0]
    assert (problem.row, problem.column, problem.value) == (3, "Điểm thẩm định", "0,75")


@pytest.mark.parametrize(
    ("old", "new", "stated", "column"),
    [
        ("self.points", "self.point", "không có trường này; gần giống: points", "columns.Điểm tự chấm"),
        ("Mã TC: code", "Mã TC: selff.code", "không có trường này", "columns.Mã TC"),
        ("ignore:", "ignored:", "không có mục này; gần giống: ignore", "ignored"),
        ("constants: {by:", "constants: {who:", "phải là một trong", "constants.who"),
    ],
)
def test_a_broken_mapping_is_refused(old, new, stated, column, tmp_path):
    with pytest.raises(DataError) as refused:
        mapping(tmp_path, MAPPING.replace(old, new))
    problem = refused.value.problems[0]
    assert stated in problem.vi and problem.file == "anh xa.yaml"
    assert problem.column.startswith(column)


def test_columns_of_the_mapping_that_the_file_lacks_are_named(small, export, tmp_path):
    wanted = mapping(tmp_path, MAPPING.replace("TLKC:", "Tài liệu:"))
    with pytest.raises(DataError) as refused:
        rounds.append_incoming(small, rounds.read_answers(export, wanted))
    places = {(problem.column, problem.vi.split(";")[0]) for problem in refused.value.problems}
    assert ("Tài liệu", "tệp không có cột này của bảng ánh xạ") in places
    assert ("TLKC", "không nhận ra cột này") in places


def test_words_of_another_system_are_translated(small, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Đơn vị,Mã,GĐ,Kết quả,KAD\nHa Noi,1.1.1,TĐG,Đạt,\nHA NOI,1.2,HĐ,,Có\n", encoding="utf-8")
    wanted = mapping(
        tmp_path,
        "columns: {Đơn vị: unit, Mã: code, GĐ: stage, Kết quả: answer, KAD: not_applicable}\n"
        "values: {stage: {TĐG: self, HĐ: appraisal}, answer: {Đạt: timely}}\n",
    )
    rounds.append_incoming(small, rounds.read_answers(path, wanted), by="x")
    assert rounds.open_round(small).ledger[["unit", "stage", "answer", "not_applicable"]].to_numpy().tolist() == [
        ["ha-noi", "self", "timely", False],
        ["ha-noi", "appraisal", "", True],
    ]


@pytest.mark.few(4)
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [".", ","])
def test_separators_line_ends_and_decimal_marks(separator, end, mark, small, tmp_path):
    cells = [["Đơn vị", "Mã tiêu chí", "Kết quả"], ["Hà Nội", "1.1.2", f'"95{mark}5"'], ["Hà Nội", "1.5", "2"]]
    path = tmp_path / "x.csv"
    path.write_bytes(end.join(separator.join(row) for row in cells).encode())
    rounds.append_incoming(small, rounds.read_answers(path, stage="self"), by="x")
    assert rounds.open_round(small).ledger["answer"].tolist() == ["95.5", "2"]


@pytest.mark.parametrize(("decimal", "answer"), [("comma", None), ("point", "97.125")])
def test_a_declared_decimal_mark_settles_what_could_mean_two_things(decimal, answer, small, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("unit;code;answer\nha-noi;1.1.2;97.125\n", encoding="utf-8")
    incoming = rounds.read_answers(path, rounds.ColumnMapping(decimal=decimal), stage="self")
    if answer is None:
        with pytest.raises(DataError, match="decimal marks are mixed"):
            rounds.append_incoming(small, incoming, by="x")
    else:
        rounds.append_incoming(small, incoming, by="x")
        assert rounds.open_round(small).ledger["answer"].tolist() == [answer]


def test_our_own_csv_comes_back_as_it_left(small, say, tmp_path):
    say("1.1.2", "95,5", evidence="- QĐ 1", remark="=1+1")
    stated = rounds.open_round(small).ledger[["unit", "code", "stage", "answer", "evidence", "by"]]
    path = tmp_path / "ra.csv"
    path.write_text(rounds.csv_text(stated), encoding="utf-8-sig")
    assert "'- QĐ 1" in path.read_text(encoding="utf-8-sig")
    receipt = rounds.append_incoming(small, rounds.read_answers(path), by="x")[0]
    again = rounds.open_round(small).ledger
    assert (receipt.added, again["evidence"].tolist()) == (1, ["- QĐ 1", "- QĐ 1"])  # without the remark: news


def test_good_vietnamese_is_not_called_garbled(small, tmp_path):
    head = "Đơn vị;Mã tiêu chí;Giai đoạn;Kết quả;Tài liệu kiểm chứng\n"
    texts = (
        "BÁO CÁO CỦA XÃ\u00a0HỘI",
        "ĐÃ\u00a0BAN HÀNH",
        "«về việc đánh giá»",
        "“BÁO CÁO XÃ”",
        "XÃ\u00a0NAM",
        "Noël, 12 m², §5",
    )
    rows = "".join(f"Hà Giang;{code};self;1;{text}\n" for code, text in zip(
        ("1.5", "1.6.2", "2.1.2", "1.1.2", "2.4", "2.5"), texts, strict=True))  # fmt: skip
    path = tmp_path / "a.csv"
    path.write_text(head + rows, encoding="utf-8")
    assert rounds.read_answers(path).problems == ()
    path.write_text(head + "HÃ\u00a0 Giang;1.1.2;self;95;Báo cáo Há»™i\n", encoding="utf-8")
    assert [problem.column for problem in rounds.read_answers(path).problems] == ["A", "E"]


def test_a_program_is_asked_what_its_texts_mean(small, say):
    with pytest.raises(DataError, match="may mean"):
        say("1.1.2", "1.234")
    assert say("1.1.2", 1.234).added == 1


def test_minus_nothing_is_nothing(small, say):
    say("1.1.2", "-0")
    assert rounds.open_round(small).ledger["answer"].tolist() == ["0"]
