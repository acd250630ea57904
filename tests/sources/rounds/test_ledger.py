"""The ledger only grows: corrections, imports told twice, who and when, and what stood at any date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parlib.errors import DataError, ParameterError
from parlib.sources import rounds
from parlib.sources.rounds.plan import cell_text, parse_time

VN = timezone(timedelta(hours=7))


def rows(*cells: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([{"unit": "ha-noi", "stage": "self", "by": "Sở Nội vụ", **cell} for cell in cells])


def test_a_correction_is_a_later_row_and_the_first_bytes_stay(small, say):
    say("1.1.2", "90")
    path = rounds.round_folder(small) / "answers.csv"
    before = path.read_bytes()
    receipt = say("1.1.2", "95,5")
    assert (receipt.added, receipt.first_row, receipt.last_row) == (1, 2, 2)
    assert path.read_bytes().startswith(before)
    opened = rounds.open_round(small)
    assert list(opened.ledger["answer"]) == ["90", "95.5"]  # in one spelling, whatever the unit typed
    assert list(opened.ledger["earned"]) == [0.75, 0.75]  # steps: from 85 to under 100
    assert rounds.state(opened, "self")["row"].tolist() == [2]


def test_what_the_ledger_says_already_adds_nothing(small, say):
    say("1.1.1", "timely", evidence="QĐ 1")
    path = rounds.round_folder(small) / "answers.csv"
    before = path.read_bytes()
    again = say("1.1.1", "Ban hành kịp thời", evidence="QĐ 1")  # the label of the same option
    assert (again.added, again.unchanged, again.first_row) == (0, 1, 0)
    assert path.read_bytes() == before
    assert say("1.1.1", "timely", evidence="QĐ 2").added == 1  # other evidence is news
    assert say("1.1.1", "timely", evidence="QĐ 2", by="Người khác").added == 1  # so is another person's word


def test_the_same_file_twice_is_reported_and_adds_nothing(small, tmp_path):
    path = tmp_path / "ha-noi.csv"
    path.write_text("unit,code,stage,answer\nha-noi,1.1.2,self,90\nha-noi,1.5,self,2\n", encoding="utf-8")
    incoming = rounds.read_answers(path)
    first = rounds.append_incoming(small, incoming, by="x")[0]
    assert (first.added, first.text("vi")) == (2, "ha-noi.csv: thêm 2 dòng (dòng 1-2), 0 dòng không đổi")
    rounds.append(small, rows({"code": "1.1.2", "answer": "80"}), source="sửa")
    second = rounds.append_incoming(small, incoming, by="x")[0]
    assert second.added == 0 and second.already
    assert re.fullmatch(r"ha-noi.csv: đã nhập lúc \d+/\d+/\d{4} \d\d:\d\d, không .*", second.text("vi"))
    assert rounds.state(rounds.open_round(small), "self").set_index("code")["answer"]["1.1.2"] == "80"
    third = rounds.append_incoming(small, incoming, by="x", again=True)[0]  # somebody means it
    assert (third.added, third.unchanged) == (1, 1)
    assert rounds.state(rounds.open_round(small), "self").set_index("code")["answer"]["1.1.2"] == "90"


def test_two_equal_files_in_one_import_count_once(small, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("unit,code,stage,answer\nha-noi,1.5,self,2\n", encoding="utf-8")
    read = [rounds.read_answers(tmp_path / name) for name in ("a.csv", "b.csv")]
    first, second = rounds.append_incoming(small, *read, by="x")
    assert (first.added, second.added, bool(second.already)) == (1, 0, True)


def test_every_row_says_where_it_came_from(small, tmp_path):
    path = tmp_path / "báo cáo.csv"
    path.write_text("BẢNG TỰ CHẤM\n\nĐơn vị;Mã;Giai đoạn;Kết quả\nHà Nội;1.5;self;2\n", encoding="utf-8")
    rounds.append_incoming(small, rounds.read_answers(path), by="Nguyễn Thị Hoà")
    opened = rounds.open_round(small)
    row = opened.ledger.iloc[0]
    assert (row["source"], row["by"]) == ("báo cáo.csv | 4", "Nguyễn Thị Hoà")  # titles and blank rows are counted
    record = opened.imports.iloc[0]
    assert (record["source"], record["by"], record["first_row"], record["last_row"]) == (
        "báo cáo.csv",
        "Nguyễn Thị Hoà",
        1,
        1,
    )
    assert len(record["sha256"]) == 64


def test_a_sheet_is_named_too(small):
    rounds.append(small, rows({"code": "1.5", "answer": 2, "sheet": "Biểu 1", "source_row": 17}), source="hn.xlsx")
    assert rounds.open_round(small).ledger["source"].tolist() == ["hn.xlsx | Biểu 1 | 17"]
    with pytest.raises(DataError) as refused:
        rounds.append(small, rows({"code": "1.5", "answer": -2, "sheet": "Biểu 1", "source_row": 9}), source="hn.xlsx")
    problem = refused.value.problems[0]
    assert (problem.file, problem.sheet, problem.row, problem.column, problem.value) == (
        "hn.xlsx",
        "Biểu 1",
        9,
        "answer",
        "-2",
    )


def test_numbers_of_a_table_are_taken_as_they_are(small):
    stated = rows(
        {"code": "1.1.2", "answer": 95.125},
        {"code": "1.5", "answer": 3.0},
        {"code": "8.2.4", "answer": (6.5, 6.25)},
        {"code": "1.1.1", "points": 0.25},
        {"code": "1.2", "not_applicable": True},
    )
    rounds.append(small, stated, source="bảng")
    ledger = rounds.open_round(small).ledger.set_index("code")
    assert ledger["answer"].tolist() == ["95.125", "3", "6.5/6.25", "", ""]
    assert ledger["points"].fillna(-1).tolist() == [-1, -1, -1, 0.25, -1]
    assert ledger["not_applicable"].tolist() == [False, False, False, False, True]


def test_a_row_may_not_be_older_than_the_one_that_it_corrects(small, say):
    say("1.5", "2", at="2024-01-20")
    with pytest.raises(DataError) as refused:
        say("1.5", "3", at="19/01/2024")
    assert "sớm hơn dòng mà nó sửa (2024-01-20T00:00:00+07:00)" in refused.value.text("vi")
    say("1.5", "3", at="20/01/2024 08:30")
    say("1.2", "full_timely", at="2024-01-01")  # another criterion is another matter


def test_the_state_at_any_date_is_replayed(small, say):
    say("1.5", "1", at="2024-01-10T09:00:00+07:00")
    say("1.5", "2", at="2024-01-20T09:00:00+07:00")
    say("1.5", "3", stage="appraisal", by="Hội đồng", at="2024-02-10T09:00:00+07:00")
    opened = rounds.open_round(small)

    def answer(stage: str, at: object) -> list[str]:
        return rounds.state(opened, stage, at)["answer"].tolist()

    assert answer("self", "2024-01-09") == []
    assert answer("self", "2024-01-10") == ["1"]  # a day means its end
    assert answer("self", "2024-01-10T08:59") == []  # a time is Viet Nam's
    assert answer("self", datetime(2024, 1, 20, 2, 0, tzinfo=UTC)) == ["2"]  # 9:00 in Viet Nam
    assert answer("final", "2024-02-09") == []  # the council has not spoken
    assert answer("final", "2024-02-10") == ["3"]
    with pytest.raises(ParameterError, match="not a date"):
        answer("final", "hôm qua")


def test_wrong_columns_are_named_with_the_right_one(small):
    with pytest.raises(DataError) as refused:
        rounds.append(small, pd.DataFrame({"unit": ["ha-noi"], "codes": ["1.5"], "stage": ["self"]}), source="x")
    assert [(problem.column, problem.vi) for problem in refused.value.problems] == [
        ("code", "thiếu cột này"),
        ("codes", "cột không có trong sổ; gần giống: code"),
    ]


def test_text_from_outside_comes_back_as_it_was(small):
    texts = ['Nghị quyết "số 1", ngày 2/3', "- gạch đầu dòng", "hai\ndòng", "=1+1", "'nháy", "a;b,c\td", "Ünïcödé 🇻🇳"]
    codes = ["1.1.1", "1.1.2", "1.5", "1.2", "1.3.1", "1.3.2", "1.4"]
    stated = rows(*({"code": code, "points": 0, "evidence": text} for code, text in zip(codes, texts, strict=True)))
    rounds.append(small, stated, source="x")
    assert rounds.open_round(small).ledger["evidence"].tolist() == texts


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Cf")), max_size=40))
def test_any_text_survives_the_ledger(text, small):
    wanted = cell_text(text)
    rounds.append(small, rows({"code": "1.1.1", "points": 0, "remark": text}), source="x")
    assert rounds.open_round(small).ledger["remark"].iloc[-1] == wanted


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-31", datetime(2024, 1, 31, tzinfo=VN)),
        ("31/01/2024", datetime(2024, 1, 31, tzinfo=VN)),
        ("1-2-2024 09:05", datetime(2024, 2, 1, 9, 5, tzinfo=VN)),  # the first of February: days come first
        ("2024-01-31T09:00:00+00:00", datetime(2024, 1, 31, 16, tzinfo=VN)),
        ("31/01/24", None),
        ("hôm qua", None),
        ("2024-02-30", None),
    ],
)
def test_times_as_people_write_them(text, moment):
    assert parse_time(text) == moment


def test_an_unknown_round_is_told_with_those_there_are(small):
    with pytest.raises(ParameterError) as refused:
        rounds.open_round("2023-tests")
    assert refused.value.text("vi") == (
        "giá trị '2023-tests': không có kỳ đánh giá này; có: 2023-test; gần giống: 2023-test"
    )
