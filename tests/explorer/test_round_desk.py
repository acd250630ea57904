"""The operator's desk, driven by its widgets on a copy of a round: nothing is written before it was seen, what is
written is what the commands write, and who may do it is what the plan says."""

import shutil

import pandas as pd
import pytest

from parlib import places
from parlib.explorer.desk import DESK, round_desk
from parlib.sources import rounds

ROUND = "2023-ministry"
_NOW = pd.Timestamp("2026-01-01", tz="UTC").to_pydatetime()
HEADS = "Đơn vị;Mã;Giai đoạn;Kết quả;Ghi chú\n"
GOOD = HEADS + "Bộ Y tế;1.1.2;appraisal;70;đã kiểm tra\n"
WRONG = HEADS + "Bộ Y tếe;1.1.2;appraisal;95;x\nBộ Y tế;1.1.2;appraisal;abc;x\n"


@pytest.fixture(scope="module")
def opened(shared_rounds, tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(shared_rounds / ROUND, folder / ROUND)
    with places.rounds_at(folder):
        yield round_desk()


@pytest.fixture
def desk(opened):
    opened.leave_files()
    opened._open("to_do")
    return opened


def drop(desk, **files):
    given = [(f"{name}.csv", text.encode()) for name, text in files.items()]
    desk._open("import")
    desk.controls["files"].value = tuple(
        {"name": name, "type": "", "size": len(text), "content": memoryview(text), "last_modified": _NOW}
        for name, text in given
    )


def ledger():
    return (rounds.round_folder(ROUND) / "answers.csv").read_bytes()


def frame(desk):
    return next(answer for answer in desk.answers if isinstance(answer, pd.DataFrame))


@pytest.mark.few(3)
@pytest.mark.parametrize("view", [view.key for view in DESK])
def test_every_part_opens_and_says_that_it_is_made_up(desk, view):
    desk._open(view)
    assert desk.message.value == ""
    assert "SỐ LIỆU MÔ PHỎNG" in desk.status.value
    assert desk.table.data["html"]


def test_what_is_missing_or_wrong_stands_first(desk):
    told = frame(desk)
    assert told.iloc[0].tolist() == ["PHẢI LÀM", "1/19 đơn vị còn thiếu nội dung: xem mục Nội dung còn thiếu"]
    assert any("kỳ mô phỏng" in text for text in told.iloc[:, 1])
    desk._open("missing")
    n = len(rounds.missing(rounds.open_round(ROUND)).query("lacks == 'late'"))
    desk.controls["lacks"].value = "late"
    assert len(frame(desk)) == n > 0
    desk.controls["lacks"].value = "no answer"
    assert "Chưa có số liệu" in desk.table.data["html"]


def test_what_would_be_entered_is_seen_before_anything_is_written(desk):
    before = ledger()
    drop(desk, sai=WRONG, dung=GOOD)
    html = desk.table.data["html"]
    assert "tệp sai.csv, dòng 2, cột Đơn vị" in html and "gần giống: Bộ Y tế" in html
    assert "tệp sai.csv, dòng 3, cột Kết quả" in html
    assert "dung.csv: sẽ nhập 1 dòng" in html
    (row,) = desk.preview.rows.to_dict("records")
    # 1.1.2 by its steps: 88.5 % is 0.75 points, 70 % is 0.5
    assert (row["name"], row["before"], row["after"]) == ("Bộ Y tế", "88,5% = 0,75", "70% = 0,5")
    desk._guarded(desk.enter)  # all or nothing
    assert "pe-error" in desk.message.value and "dòng 3" in desk.message.value
    assert ledger() == before


def test_sound_files_are_entered_and_can_be_taken_back(desk):
    before = ledger()
    drop(desk, sai=WRONG, dung=GOOD)
    desk.controls["keep_good"].value = "yes"
    desk.controls["by"].value = "Tổ thẩm định 2"
    desk._guarded(desk.enter)
    assert "dung.csv: thêm 1 dòng" in desk.message.value and "1 tệp" in desk.message.value
    assert [path.name for path in desk.files] == ["sai.csv"]
    last = rounds.open_round(ROUND).ledger.iloc[-1]
    assert (last["unit"], last["code"], last["by"], last["earned"]) == ("bo-y-te", "1.1.2", "Tổ thẩm định 2", 0.5)
    imports = rounds.imports_table(rounds.open_round(ROUND))
    assert imports["typed_by"].iloc[-1] == rounds.account()
    assert len(list(rounds.round_folder(ROUND).glob("received/*-dung.csv"))) == 1  # as it came
    desk._open("disagreements")  # 88.5 by one, 70 by another, and nobody decided
    assert len(frame(desk)) == 2
    desk._open("imports")
    desk.controls["number"].value = str(imports["number"].iloc[-1])
    desk._guarded(desk.undo)
    assert "pe-error" in desk.message.value  # without a reason
    desk.controls["reason"].value = "nhập nhầm"
    desk._guarded(desk.undo)
    assert "1 dòng" in desk.message.value
    assert rounds.undecided_disagreements(rounds.open_round(ROUND)) == 0
    assert ledger().startswith(before)  # rows stay, and hold no more


def test_only_operators_of_the_plan_may(desk):
    plan = rounds.open_round(ROUND).plan
    rounds.replace_plan(ROUND, plan.model_copy(update={"operators": ("Vụ CCHC",)}), "Vụ CCHC", "phân công")
    try:
        before = ledger()
        drop(desk, dung=GOOD)
        desk.controls["by"].value = "Người lạ"
        desk._guarded(desk.enter)
        assert "pe-error" in desk.message.value and "Vụ CCHC" in desk.message.value
        assert ledger() == before
        number = rounds.ask(ROUND, "bo-y-te", "Có tính tài liệu bổ sung?", by="Bộ Y tế", code="1.1.2")
        desk._open("questions")
        desk.controls["by"].value = "Người lạ"
        desk.controls["number"].value, desk.controls["reply"].value = number, "Có"
        desk._guarded(desk.reply)
        assert "pe-error" in desk.message.value and "Vụ CCHC" in desk.message.value
        assert not rounds.open_round(ROUND).questions.set_index("id").loc[number, "reply"]
        rounds.reply(ROUND, number, "Có", by="Vụ CCHC")  # no other test finds it open
    finally:
        rounds.replace_plan(ROUND, plan, "Vụ CCHC", "như trước")


def test_a_question_is_replied_to(desk):
    number = rounds.ask(ROUND, "bo-y-te", "Tính tỷ lệ thế nào?", by="Bộ Y tế", code="1.1.2")
    desk._open("to_do")
    assert any("1 câu hỏi chưa được trả lời" in text for text in frame(desk).iloc[:, 1])
    desk._open("questions")
    assert frame(desk).iloc[0].tolist()[3] == "Tính tỷ lệ thế nào?"  # the open one stands first
    desk.controls["number"].value, desk.controls["reply"].value = f"#{number}", "Theo hướng dẫn"
    desk._guarded(desk.reply)
    asked = rounds.open_round(ROUND).questions.set_index("id")
    assert asked.loc[number, "reply"] == "Theo hướng dẫn"


def test_the_report_is_that_of_the_command(desk):
    desk._open("report")
    desk.controls["notebook"].value = "unit_profile"
    desk.controls["unit"].value = "Bộ Y tế"
    desk.controls["to"].value = "html,pdf"
    assert desk.command() == [
        "report", "--year", "2023", "--level", "ministry", "--index", "par", "--round", ROUND, "--language", "vi",
        "--notebook", "unit_profile", "--to", "html,pdf", "--unit", "bo-y-te",
    ]  # fmt: skip


def test_without_a_round_it_says_what_to_do(tmp_path):
    with places.rounds_at(tmp_path):
        assert "parlib round new" in round_desk().value
        assert "There is no round" in round_desk(language="en").value
