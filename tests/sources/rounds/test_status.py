"""Where units stand against the plan; their questions."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from parlib.errors import DataError
from parlib.scoring.rules import Choice, Deduction, Proportional, Steps, Tally, Target
from parlib.scoring.scheme import load_scheme
from parlib.sources import rounds

COUNCIL = "Hội đồng thẩm định"


def answers(unit: str, stage: str, at: str, leave_out: int = 0, by: str = "x", **cells: object) -> pd.DataFrame:
    """The best answer to every criterion that a unit answers, but for the first few."""
    best = {Choice: None, Steps: "100", Proportional: "100", Tally: "9", Deduction: "0", Target: "2/1"}
    rows = [
        (leaf.code, best[type(leaf.rule)] or next(iter(leaf.rule.options)))
        for leaf in load_scheme("876-province").leaves
        if type(leaf.rule) in best
    ]
    frame = pd.DataFrame(rows[leave_out:], columns=["code", "answer"])
    return frame.assign(unit=unit, stage=stage, at=at, by=by, **{"evidence": "QĐ", **cells})


def of(round_id: str, unit: str, today: date) -> pd.Series:
    table = rounds.status(rounds.open_round(round_id), today)
    return table[table["unit"] == unit].iloc[0]


def test_each_word_of_the_way(small):
    unit, early, late = "ha-noi", date(2024, 1, 15), date(2024, 2, 3)  # the plan: returned by 31/01/2024
    assert of(small, unit, early)["status"] == "waiting"
    assert rounds.describe_status(of(small, unit, early)) == "chưa gửi: thiếu 71/71 tiêu chí"
    assert rounds.describe_status(of(small, unit, late)) == "quá hạn: thiếu 71/71 tiêu chí, chậm 3 ngày"

    rounds.append(small, answers(unit, "self", "2024-01-20", leave_out=2), source="1")
    row = of(small, unit, early)
    assert (row["status"], row["answered"], row["expected"]) == ("incomplete", 69, 71)
    assert of(small, unit, late)["status"] == "late"

    rounds.append(
        small, answers(unit, "self", "2024-02-02"), source="2"
    )  # the two that were missing; the rest is known
    row = of(small, unit, late)
    assert (row["status"], row["late"], row["days_late"]) == ("returned", True, 2)  # against the day it came in
    assert row["returned_at"].date() == date(2024, 2, 2)

    rounds.append(small, answers(unit, "appraisal", "2024-02-10", leave_out=1, by=COUNCIL), source="3")
    assert of(small, unit, late)["status"] == "returned"
    decided = pd.DataFrame(
        [{"unit": unit, "code": "1.1.1", "stage": "appraisal", "answer": "late", "at": "2024-02-11", "by": COUNCIL}]
    )
    rounds.append(small, decided, source="4")
    row = of(small, unit, late)
    assert (row["status"], row["appraised"], row["adjusted"], row["without_reason"]) == ("appraised", 71, 1, 1)

    appeal = decided.assign(stage="appeal", answer="timely", at="2024-02-20", by=unit, remark="ban hành 02/01")
    rounds.append(small, appeal, source="5")
    row = of(small, unit, late)
    assert (row["status"], row["explained"], row["open_appeals"]) == ("explained", 1, 1)
    assert rounds.describe_status(row, "en") == (
        "explained: 2 days late, 1 explanations undecided, 1 adjustments without a reason"
    )
    rounds.append(
        small,
        appeal.assign(stage="conclusion", answer="late", by=COUNCIL, at="2024-02-25", remark="giữ nguyên"),
        source="6",
    )
    assert of(small, unit, late)["open_appeals"] == 0

    rounds.finish(small, by="x", reason="hai tỉnh kia không gửi")
    assert of(small, unit, late)["status"] == "final"


def test_what_does_not_apply_is_not_expected_and_needs_no_evidence(small):
    rounds.append(small, answers("ha-giang", "self", "2024-01-20", leave_out=1, evidence=""), source="1")
    spared = pd.DataFrame([{"unit": "ha-giang", "code": "1.1.1", "stage": "self", "not_applicable": True, "by": "x"}])
    rounds.append(small, spared, source="2")
    row = of(small, "ha-giang", date(2024, 1, 25))
    assert (row["status"], row["without_evidence"]) == ("returned", 70)


def test_the_timetable_knows_the_day(small):
    table = rounds.timetable(rounds.open_round(small), date(2024, 2, 1))
    assert table[["key", "state", "responsible"]].to_numpy().tolist() == [
        ["self", "over", "UBND các tỉnh"],
        ["appraisal", "running", "Hội đồng thẩm định"],
    ]
    english = rounds.timetable(rounds.open_round(small), date(2024, 2, 1), "en")["responsible"]
    assert english.tolist() == ["UBND các tỉnh", "Appraisal council"], "a name that is the round's own stays"
    assert list(rounds.timetable(rounds.open_round(small), date(2023, 12, 1))["state"]) == ["upcoming", "upcoming"]


def test_questions_and_replies_are_kept(small):
    first = rounds.ask(small, "ha-noi", "Tính tỷ lệ theo năm\nhay theo quý?", by="ha-noi", code="1.1.2")
    second = rounds.ask(small, "ha-giang", "Đề nghị lùi hạn gửi", by="Sở Nội vụ")
    assert (first, second) == ("1", "2")
    rounds.reply(small, first, "Theo năm.", by="Vụ CCHC")
    rounds.reply(small, first, "Theo năm, tính đến 31/12.", by="Vụ CCHC")  # the last reply counts
    opened = rounds.open_round(small)
    assert opened.questions[["id", "unit", "code", "question", "by", "reply", "replied_by"]].to_numpy().tolist() == [
        [
            "1",
            "ha-noi",
            "1.1.2",
            "Tính tỷ lệ theo năm\nhay theo quý?",
            "ha-noi",
            "Theo năm, tính đến 31/12.",
            "Vụ CCHC",
        ],
        ["2", "ha-giang", "", "Đề nghị lùi hạn gửi", "Sở Nội vụ", "", ""],
    ]
    assert opened.questions["replied_at"].isna().tolist() == [False, True]
    assert rounds.status(opened)["open_questions"].tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("attempt", "stated"),
    [
        (lambda r: rounds.ask(r, "ha-nam", "?", by="x"), "không có đơn vị này"),
        (lambda r: rounds.ask(r, "ha-noi", "  ", by="x"), "không có nội dung"),
        (lambda r: rounds.ask(r, "ha-noi", "?", by="x", code="9.9"), "bộ tiêu chí không có mã này"),
        (lambda r: rounds.reply(r, "7", "!", by="x"), "không có câu hỏi này"),
    ],
)
def test_questions_that_make_no_sense_are_refused(attempt, stated, small):
    with pytest.raises(DataError) as refused:
        attempt(small)
    assert stated in refused.value.text("vi")
    assert rounds.open_round(small).questions.empty


def test_an_answer_changed_after_the_deadline_is_marked(small):
    """All was in by 20/01, the deadline is 31/01: two answers of 05/02 are told, one of 25/01 is not."""
    rounds.append(small, answers("ha-noi", "self", "2024-01-20"), source="1")
    for day, codes in (("2024-01-25", ["1.2"]), ("2024-02-05", ["1.1.1", "1.4"])):
        again = answers("ha-noi", "self", day, evidence="QĐ 2")
        rounds.append(small, again[again["code"].isin(codes)], source=day)
    row = of(small, "ha-noi", date(2024, 2, 6))
    assert (row["status"], row["days_late"], row["changed_late"]) == ("returned", 0, 2)
    assert rounds.describe_status(row) == "đã gửi đủ: 2 câu trả lời sửa sau hạn"
