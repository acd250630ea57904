"""What an operator looks after: disagreements, undo, the log, what is missing, evidence, the plan."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from parlib.cli import review
from parlib.errors import DataError, ParameterError
from parlib.sources import rounds


def _appraise(round_id, by, answer, **cells):
    row = {"unit": "ha-noi", "code": "1.1.2", "stage": "appraisal", "answer": answer, **cells}
    return rounds.append(round_id, pd.DataFrame([row]), source=f"{by}.csv", by=by)


def _final(round_id):
    return rounds.state(rounds.open_round(round_id), "final")["answer"].tolist()


def test_the_last_of_two_appraisers_does_not_win_in_silence(type_in, small, say, tmp_path):
    say("1.1.2", "95")
    _appraise(small, "Vụ A", "70")
    assert rounds.disagreements(rounds.open_round(small)).empty
    _appraise(small, "Vụ B", "85")
    table = rounds.disagreements(rounds.open_round(small))
    assert table[["by", "answer", "points", "holds", "decided"]].to_numpy().tolist() == [
        ["Vụ A", "70%", 0.5, False, ""],
        ["Vụ B", "85%", 0.75, True, ""],
    ]
    code, out, _ = type_in("round", "disagreements", small)
    assert code == 0 and "Hà Nội 1.1.2: CHƯA QUYẾT ĐỊNH" in out
    assert "Vụ B: 85% = 0,75 <- đang có hiệu lực\n" in out
    for command in (("round", "status", small), ("score", small, "--out", tmp_path)):
        assert "1 tiêu chí có kết quả thẩm định khác nhau mà chưa ai quyết định" in type_in(*command)[2]
    say("1.1.2", "85", stage="conclusion", by="Hội đồng", remark="theo báo cáo")
    assert set(rounds.disagreements(rounds.open_round(small))["decided"]) == {"conclusion"}
    assert "khác nhau" not in type_in("round", "status", small)[2]


def test_who_is_not_assigned_does_not_appraise(small_plan, say):
    people = ({"name": "Vụ A", "criteria": ["1.1"]}, {"name": "Vụ B", "units": ["ha-giang"]})
    plan = rounds.make_plan(**{**small_plan.model_dump(by_alias=True), "id": "giao", "appraisers": people})
    rounds.create_round(plan)
    assert _appraise("giao", "vụ a", "70").added == 1
    with pytest.raises(DataError, match=r"does not assign .* to whom: Vụ A"):
        _appraise("giao", "Vụ B", "70")
    with pytest.raises(DataError, match="only members"):
        _appraise("giao", "Vụ C", "70")


def test_several_imports_are_undone_all_or_none(type_in, small):
    for who, share in (("Vụ A", "70"), ("Vụ B", "85"), ("Vụ C", "100")):
        _appraise(small, who, share)
    assert "7-12" in type_in("round", "import", small, "--undo", "2,3", "--reason", "nhầm")[2]
    code, out, _ = type_in("round", "import", small, "--undo", "2-3", "--reason", "nhầm thư mục")
    assert (code, out) == (0, "đã hoàn tác lần nhập 2-3: 2 dòng, trong đó 1 dòng đang có hiệu lực\n")
    assert _final(small) == ["70"]
    before = rounds.open_round(small).imports
    code, _, told = type_in("round", "import", small, "--undo", "1-4", "--reason", "nhầm")
    assert (code, told) == (
        2,
        "giá trị 2: lần nhập này đã được hoàn tác\n"
        "giá trị 3: lần nhập này đã được hoàn tác\n"
        "giá trị 4: lần ghi này không thêm dòng nào để hoàn tác\n",  # it took 3 back
    )
    assert rounds.open_round(small).imports.equals(before) and _final(small) == ["70"]


@pytest.mark.long
def test_an_import_is_undone_and_what_it_replaced_holds_again(type_in, small, say, tmp_path):
    _appraise(small, "Vụ A", "70")
    b = _appraise(small, "Vụ B", "85")
    before = rounds.open_round(small).imports["at"].iloc[-1]
    assert _final(small) == ["85"]
    assert type_in("round", "import", small, "--undo", "2")[0] == 2  # a reason is needed
    code, out, _ = type_in("round", "import", small, "--undo", "2", "--reason", "nhập nhầm tệp")
    assert (code, out) == (0, "đã hoàn tác lần nhập 2: 1 dòng, trong đó 1 dòng đang có hiệu lực\n")
    opened = rounds.open_round(small)
    assert _final(small) == ["70"] and rounds.disagreements(opened).empty
    assert rounds.state(opened, "final", at=before)["answer"].tolist() == ["85"]  # what held then
    assert rounds.trace(opened, "ha-noi", "1.1.2")["holds"].tolist() == ["appraisal; final", "undone"]
    with pytest.raises(ParameterError, match="undone already"):
        rounds.undo(small, 2, "lại", "x")
    assert _appraise(small, "Vụ B", "85").added == b.added  # said again, it is new
    assert _final(small) == ["85"]
    log = rounds.changes(rounds.open_round(small))
    assert log[log["code"] != ""][["by", "action", "before", "after"]].to_numpy().tolist() == [
        ["Vụ A", "stated", "", "70% = 0,5"],
        ["Vụ B", "changed", "70% = 0,5", "85% = 0,75"],
        [log["by"].iloc[3], "undone", "85% = 0,75", ""],
        ["Vụ B", "changed", "70% = 0,5", "85% = 0,75"],
    ]
    out = type_in("round", "imports", small)[1].splitlines()
    assert len(out) == 4 and "đã hoàn tác" in out[1] and "nhập nhầm tệp" in out[2]
    assert rounds.changes(rounds.open_round(small), start="2024-01-01", end="2024-12-31").empty


def test_an_explanation_and_a_conclusion_are_undone_too(small, say):
    say("1.5", "3")
    say("1.5", "1", stage="appraisal", by="HĐ", remark="x")
    say("1.5", "3", stage="appeal", by="ha-noi", remark="đã có quyết định")
    say("1.5", "2", stage="conclusion", by="HĐ", remark="x")
    rounds.undo(small, 4, "sai", "x")
    assert rounds.status(rounds.open_round(small))["open_appeals"].tolist()[0] == 1
    rounds.undo(small, 3, "sai", "x")
    assert rounds.status(rounds.open_round(small))["explained"].tolist()[0] == 0
    assert _final(small) == ["1"]


def test_good_files_are_kept_and_the_others_listed(type_in, small, tmp_path):
    head = "Đơn vị;Mã;Kết quả\n"
    for name, lines in (
        ("a", "Hà Nội;1.5;2\n"),
        ("b", "Hà Nội;1.1.2;101\nHà Giang;1.5;-1\n"),
        ("c", "Hà Giang;1.5;1\n"),
    ):
        (tmp_path / f"{name}.csv").write_text(head + lines, encoding="utf-8")
    book = tmp_path / "sua" / "can-sua.xlsx"
    book.parent.mkdir()
    code, out, err = type_in("round", "import", small, tmp_path, "--stage", "self", "--keep-good", "--out", book)
    rows = list(openpyxl.load_workbook(book).active.iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[2], row[5]) for row in rows] == [("b.csv", "2", "101"), ("b.csv", "3", "-1")]
    assert "từ 0 đến 100" in rows[0][6]
    assert code == 3 and out.count("thêm 1 dòng") == 2
    assert "tệp b.csv, dòng 2" in err and "tệp b.csv, dòng 3" in err and "còn 1 tệp chưa nhập" in err
    assert "nộp muộn" in err and "hạn là 31/1/2024" in err
    opened = rounds.open_round(small)
    assert len(opened.ledger) == 2
    assert sorted(path.name[17:] for path in (opened.path / "received").iterdir()) == ["a.csv", "c.csv"]


def test_what_is_missing_is_a_list_and_letters(type_in, small, say, tmp_path):
    from docx import Document

    say("1.5", "2")
    code, _, _ = type_in("round", "missing", small, "--out", tmp_path / "thu")
    assert code == 0
    table = rounds.missing(rounds.open_round(small))
    assert table[(table["unit"] == "ha-noi") & (table["code"] == "1.5")]["lacks"].tolist() == ["no evidence", "late"]
    word = Document(str(tmp_path / "thu" / f"{small}.ha-noi.docx"))
    texts = [cell.text for cell in word.tables[0].rows[0].cells]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in texts[1] and "V/v bổ sung" in texts[0]
    assert any("Kính gửi: Ủy ban nhân dân thành phố Hà Nội" in one.text for one in word.paragraphs)
    assert len(word.tables[1].rows) == 1 + (table["unit"] == "ha-noi").sum()
    letter = tmp_path / "thu" / f"{small}.ha-noi.docx"
    letter.write_bytes(b"so 12, ngay 3")
    code, _, told = type_in("round", "missing", small, "--out", tmp_path / "thu")
    assert code == 2 and letter.name in told and letter.read_bytes() == b"so 12, ngay 3"  # numbered and dated by hand
    assert type_in("round", "missing", small, "--out", tmp_path / "thu", "--force")[0] == 0
    assert len(Document(str(letter)).tables) == len(word.tables)
    only_late = table[table["lacks"] == "late"]  # nothing is to be sent any more: no letter asks for it
    made = review._letters(rounds.open_round(small), only_late, tmp_path / "muộn")
    assert [path.name for path in made] == [f"{small}.xlsx"]


def test_evidence_is_known_by_its_hash(type_in, small, say, tmp_path):
    say("1.5", "2", evidence="QĐ 1 (https://hanoi.gov.vn/qd1)")
    (tmp_path / "Hà Nội" / "1.1.2").mkdir(parents=True)
    first, second = tmp_path / "Hà Nội" / "1.1.2" / "a.pdf", tmp_path / "Hà Nội" / "1.5 b.pdf"
    first.write_text("a"), second.write_text("b")
    assert type_in("round", "evidence", small, tmp_path)[0] == 0
    assert type_in("round", "evidence", small, tmp_path)[1].startswith("đã ghi nhận 0 tệp")
    first.write_text("khác"), second.unlink()
    assert type_in("round", "evidence", small)[0] == 1
    table = rounds.checked_evidence(rounds.open_round(small)).sort_values("code")
    assert table[["code", "state"]].to_numpy().tolist() == [["1.1.2", "altered"], ["1.5", "missing"], ["1.5", "link"]]


@pytest.mark.long
def test_whatever_is_written_says_who_did_it_and_who_typed_it(small, say, tmp_path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "may-an")  # the account, as this computer knows it
    say("1.5", "2", by="ha-noi")
    say("1.5", "1", stage="appraisal", by="Vụ A", remark="x")
    say("1.5", "2", stage="appeal", by="ha-noi", remark="đã có quyết định")
    rounds.undo(small, 3, "sai", "Vụ B")
    rounds.reply(small, rounds.ask(small, "ha-noi", "Tính theo quý?", by="ha-noi"), "Theo năm.", by="Vụ C")
    values = pd.DataFrame([{"unit": "ha-noi", "index": "sipas", "value": "84.5", "source": "QĐ 1"}])
    rounds.append_external(small, values, by="Viện", decimal="point")
    (tmp_path / "Hà Nội").mkdir()
    (tmp_path / "Hà Nội" / "1.5 b.pdf").write_text("b")
    rounds.store_evidence(rounds.open_round(small), tmp_path, "Vụ D")
    rows = [{"respondent": "1", "unit": "ha-noi", "group": "to_chuc", "item": "q1_6_1", "answer": 5}]
    pd.DataFrame(rows).to_parquet(tmp_path / "dieu-tra.parquet")
    rounds.store_survey(small, [tmp_path / "dieu-tra.parquet"], "Vụ E")
    new = rounds.make_plan(**rounds.open_round(small).plan.model_dump() | {"note": "theo QĐ 5"})
    rounds.replace_plan(small, new, "Vụ F", "theo QĐ 5")
    rounds.finish(small, "Vụ G", "để thử")
    rounds.reopen(small, "để thử", "Vụ H")
    monkeypatch.setenv("LOGNAME", "may-binh")
    rounds.reply(small, "1", "Theo quý.", by="Vụ C")
    log = rounds.changes(rounds.open_round(small))
    log = log[log["action"] != "created"]
    assert log[["stage", "action", "by", "typed_by"]].to_numpy().tolist() == [
        *([stage, "stated", by, "may-an"] for stage, by in WHO_STATED),
        *([*done, "may-an"] for done in WHO_DID),
        ["question", "replied", "Vụ C", "may-binh"],
    ]
    assert log["after"].tolist()[-1] == "Theo quý."


WHO_STATED = (("self", "Hà Nội"), ("appraisal", "Vụ A"), ("appeal", "Hà Nội"))
WHO_DID = (
    ("appeal", "undone", "Vụ B"), ("question", "asked", "Hà Nội"), ("question", "replied", "Vụ C"),
    ("external", "stated", "Viện"), ("evidence", "recorded", "Vụ D"), ("survey", "survey replaced", "Vụ E"),
    ("plan", "accepted", "Vụ F"), ("plan", "finished", "Vụ G"), ("plan", "reopened", "Vụ H"),
)  # fmt: skip


def test_records_of_before_accounts_were_kept_are_read_and_written_on(small, say, tmp_path):
    rounds.ask(small, "ha-noi", "Tính theo quý?", by="ha-noi")
    values = pd.DataFrame([{"unit": "ha-noi", "index": "sipas", "value": "84.5"}])
    rounds.append_external(small, values, by="Viện", decimal="point")
    say("1.5", "2")
    folder = rounds.round_folder(small)
    for name in ("questions.csv", "external.csv", "imports.csv"):
        table = pd.read_csv(folder / name, dtype=str, keep_default_na=False)
        assert table.pop("typed_by").tolist() == [rounds.account()]
        table.to_csv(folder / name, index=False)
    rounds.reply(small, "1", "Theo năm.", by="Vụ C")
    rounds.append_external(small, values.assign(value="85"), by="Viện", decimal="point")
    say("1.5", "1")
    log = rounds.changes(rounds.open_round(small))
    log = log[log["stage"] != "plan"]
    assert log["typed_by"].tolist() == [*[""] * 3, *[rounds.account()] * 3]
    assert log["by"].tolist()[:2] == ["Hà Nội", "Viện"]


def _edit(round_id, old, new):
    path = rounds.round_folder(round_id) / "round.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_a_plan_is_edited_freely_until_answers_come_in(small, say):
    _edit(small, "title", "title")
    _edit(small, "id: 2023-test", "id: 2023-test\nunappraised: self")
    say("1.5", "2")
    assert rounds.open_round(small).plan.history[-1].action == "planned"
    _edit(small, "unappraised: self", "unappraised: unknown")
    for read in (lambda: rounds.open_round(small), lambda: say("1.5", "3")):
        with pytest.raises(DataError, match="plan was changed"):
            read()
    assert rounds.accept_changes(small, "theo QĐ 5", "x") == ("round.yaml",)
    with pytest.raises(ParameterError, match="nothing to accept"):
        rounds.accept_changes(small, "theo QĐ 5", "x")
    say("1.5", "3")


def test_a_simulated_round_never_becomes_a_real_one(small_plan):
    rounds.create_round(small_plan.model_copy(update={"simulated": True}))
    _edit(small_plan.id, "simulated: true", "simulated: false")  # wherever it stands
    with pytest.raises(DataError, match="never becomes a real one"):
        rounds.open_round(small_plan.id)


def test_a_plan_goes_out_as_a_workbook_and_comes_back(small_plan, say, tmp_path):
    import openpyxl

    people = ({"name": "Vụ A", "criteria": ["1.1"], "units": ["ha-noi"]},)
    more = {"id": "bang", "appraisers": people, "council": ["HĐ", "Chủ tịch"], "unranked": ["ha-giang"]}
    more["not_applicable"] = [{"unit": "ha-noi", "code": "2.1", "reason": "QĐ 1"}]
    more["survey"] = {"from": "2024-01-15", "groups": [{"key": "huyen", "planned": 100, "weight": 0.5}]}
    plan = rounds.make_plan(**{**small_plan.model_dump(by_alias=True), **more})
    rounds.create_round(plan)
    book = tmp_path / "ke-hoach.xlsx"
    rounds.write_plan_book(plan, book)
    assert rounds.read_plan_book(book, plan) == plan
    assert rounds.read_plan_book(book).sha256 == plan.sha256
    assert not rounds.replace_plan("bang", rounds.read_plan_book(book, plan), "x")
    sheets = openpyxl.load_workbook(book)
    units, steps, people, groups, exempt = (sheets[name] for name in sheets.sheetnames[1:])
    for row in (["Kiên Gang", "x"], ["Hà Nội", "x"]):  # no unit; one that stands there already
        units.append(row)
    people["C2"], groups["C2"], exempt["C2"] = "Hà Nội; Hà Giangg", "12.000", None
    groups["D2"] = "mười"
    steps.append(["self", None, "31/02/2024", "1/3/2024"])
    sheets.save(book)
    with pytest.raises(DataError) as told:
        rounds.read_plan_book(book, plan)
    places = {(one.file, one.sheet, one.row, one.column.split(" (")[0]): one.vi for one in told.value.problems}
    last, step = units.max_row, steps.max_row
    assert places == {  # each where it stands in the workbook, all at once
        (book.name, "Đơn vị", last - 1, "Đơn vị"): "không có tỉnh, thành phố này trong hệ thống 63 tỉnh; "
        "gần giống: Kiên Giang, Tiền Giang, An Giang",
        (book.name, "Đơn vị", last, "Đơn vị"): "đơn vị ghi hai lần: Hà Nội",
        (book.name, "Người thẩm định", 2, "Đơn vị"): "không có tỉnh, thành phố này trong hệ thống 63 tỉnh; "
        "gần giống: Hà Giang, Hậu Giang, An Giang",
        (book.name, "Các bước", step, "Từ"): "phải là ngày, ví dụ 31/01/2024 (trong tệp YAML: 2024-01-31)",
        (book.name, "Nhóm điều tra", 2, "Số phiếu dự kiến"): "có thể hiểu là 12000 hoặc 12,000: không rõ '.' là dấu "
        "thập phân hay dấu hàng nghìn; hãy ghi 12000 hoặc 12,0000",
        (book.name, "Nhóm điều tra", 2, "Trọng số"): "không đọc được thành số",
        (book.name, "Không áp dụng", 2, "Lý do"): "thiếu mục này",
    }


def test_a_code_that_is_none_is_told_by_its_cell(tmp_path):
    plan = rounds.RoundPlan(id="bang", year=2023, level="province", scheme="876-province", units=("ha-noi",))
    book = tmp_path / "ke-hoach.xlsx"
    rounds.write_plan_book(plan, book)
    sheets = openpyxl.load_workbook(book)
    sheets["Không áp dụng"].append(["Hà Nội", "9.9", "thử"])
    sheets["Người thẩm định"].append(["Vụ A", "1; 77"])
    sheets.save(book)
    with pytest.raises(DataError) as told:
        rounds.read_plan_book(book, plan)
    at = {(one.sheet, one.row, one.column.split(" (")[0], one.value) for one in told.value.problems}
    assert at == {("Không áp dụng", 2, "Tiêu chí", "9.9"), ("Người thẩm định", 2, "Tiêu chí", "77")}


def test_values_and_replies_go_out_and_come_back_by_name(type_in, small, tmp_path):
    import openpyxl

    book = tmp_path / "chi-so.xlsx"
    assert type_in("round", "external", small, "--out", book)[0] == 0
    filled = openpyxl.load_workbook(book)
    page = filled.active
    rows = {(row[0].value, row[1].value): row[0].row for row in page.iter_rows(min_row=2)}
    page.cell(rows["Hà Giang", "SIPAS"], 3).value = 82.125
    page.cell(rows["Hà Nội", "SIPAS"], 3).value = "84,5"
    filled.save(book)
    told = type_in("round", "external", small, book)
    assert told[0] == 0, told
    assert told[1].endswith("thêm 2 dòng, 0 dòng không đổi\n")
    values = rounds.open_round(small).external.set_index("unit")["value"]
    assert values.to_dict() == {"ha-noi": 84.5, "ha-giang": 82.125}

    rounds.ask(small, "ha-noi", "Tính theo quý?", by="x", code="1.1.2")
    questions = tmp_path / "hoi.xlsx"
    assert type_in("round", "questions", small, "--out", questions)[0] == 0
    filled = openpyxl.load_workbook(questions)
    filled.active.cell(2, 6).value = "Theo năm."
    filled.active.cell(3, 3).value = "Hà Giang"
    filled.active.cell(3, 5).value = "Gia hạn được không?"
    filled.save(questions)
    assert type_in("round", "questions", small, questions)[1] == "đã thêm 1 câu hỏi và 1 trả lời\n"
    table = rounds.open_round(small).questions
    assert table["reply"].tolist() == ["Theo năm.", ""] and table["unit"].tolist() == ["ha-noi", "ha-giang"]
    filled.active.cell(3, 5).value, filled.active.cell(3, 6).value = (
        "Nộp bản giấy được không?",
        "Không.",
    )  # both at once
    filled.active.cell(4, 6).value = "Có."
    filled.save(questions)
    assert "trả lời mà không có câu hỏi" in type_in("round", "questions", small, questions)[2]
    filled.active.cell(4, 6).value = None
    filled.save(questions)
    assert type_in("round", "questions", small, questions)[1] == "đã thêm 1 câu hỏi và 1 trả lời\n"
    assert rounds.open_round(small).questions["reply"].tolist() == ["Theo năm.", "", "Không."]
    filled.active.cell(4, 2).value, filled.active.cell(4, 3).value = "31/02/2026", "Hà Giang"
    filled.active.cell(4, 5).value, filled.active.cell(4, 7).value = "Hạn?", "1/1/2999"
    filled.active.cell(4, 6).value = "31/3."
    filled.save(questions)
    told = type_in("round", "questions", small, questions)[2]
    assert "cột Ngày hỏi, giá trị '31/02/2026': phải là ngày" in told and "ở tương lai" in told
    filled.active.cell(4, 2).value, filled.active.cell(4, 7).value = "15/2/2026", pd.Timestamp("2026-02-20")
    filled.save(questions)
    assert type_in("round", "questions", small, questions)[1] == "đã thêm 1 câu hỏi và 1 trả lời\n"
    assert type_in("round", "questions", small, questions)[1] == "đã thêm 0 câu hỏi và 0 trả lời\n"  # once is enough
    last = rounds.open_round(small).questions.iloc[-1]
    days = [last[name].tz_convert("Asia/Ho_Chi_Minh").date().isoformat() for name in ("asked_at", "replied_at")]
    assert days == ["2026-02-15", "2026-02-20"]


def test_all_that_is_wrong_with_values_of_other_indices_is_told_at_once(small, tmp_path, type_in):
    book = tmp_path / "chi-so.xlsx"
    type_in("round", "external", small, "--out", book)
    filled = openpyxl.load_workbook(book)
    page = filled.active
    for row, (column, value) in enumerate(((3, "=80+1"), (1, "Hà Nộii"), (3, 0.83)), start=2):
        page.cell(row, 3).value, page.cell(row, 5).value = 80, "QĐ 5"
        page.cell(row, column).value = value
    filled.save(book)
    code, _, err = type_in("round", "external", small, book)
    formula, name, share = err.splitlines()  # a formula is no empty cell as well
    assert (code, "dòng 2" in formula, "'Hà Nộii'" in name, "là tỷ lệ thập phân" in share) == (1, True, True, True)
    assert rounds.open_round(small).external.empty


def test_a_round_says_what_it_lacks_before_it_begins(type_in, small):
    new = ("round", "new", "--year", "2025", "--scheme", "876-province", "--units", "legal", "--from", "05/01/2026")
    code, _, err = type_in(*new, "--to", "30/06/2026")
    assert code == 2 and "dùng cho năm 2022, 2023, không phải 2025" in err
    appraiser = ("--council", "HĐ", "--appraiser", "Vụ A: 1, 2")
    assert type_in(*new, "--to", "30/06/2026", *appraiser, "--yes")[0] == 0
    plan = rounds.open_round("2025-province").plan
    assert (len(plan.unit_frame()), plan.appraisers[0].criteria, len(plan.steps)) == (34, ("1", "2"), 5)
    code, out, _ = type_in("round", "check", "2025-province")
    assert code == 1 and "chưa nêu ai chịu trách nhiệm" in out and "không còn cấp huyện" in out


def test_what_a_locked_round_rests_on_is_not_changed_by_hand(type_in, small, say):
    rounds.append_external(
        small, pd.DataFrame([{"unit": "ha-noi", "index": "sipas", "value": 84.5, "source": "QĐ 1"}]), by="x"
    )
    rounds.finish(small, "x", reason="thử")
    path = rounds.open_round(small).path / "external.csv"
    kept = path.read_text("utf-8")
    path.write_text(kept.replace("84.5", "94.5"), "utf-8")
    code, _, told = type_in("score", small)
    assert code == 1 and told.startswith(
        "tệp external.csv: tệp đã bị sửa sau khi khóa kỳ; lấy lại bản sao, hoặc mở lại"
    )
    path.write_text(kept, "utf-8")
    assert rounds.open_round(small).plan.final
    (path.parent / "survey.parquet").write_bytes(b"")
    with pytest.raises(DataError, match=r"survey\.parquet"):
        rounds.open_round(small)
    rounds.reopen(small, "điều tra bổ sung", "x")
    assert rounds.open_round(small).plan.status == "open"


def test_what_somebody_may_have_filled_in_is_not_written_over(type_in, small, tmp_path):
    for command in ("plan", "external", "questions"):
        book = tmp_path / f"{command}.xlsx"
        book.write_text("đã điền")
        code, _, told = type_in("round", command, small, "--out", book)
        assert code == 2 and "thêm --force" in told and book.read_text() == "đã điền"
        assert type_in("round", command, small, "--out", book, "--force")[0] == 0
    form = ("form", "--round", small, "--all", "--out", tmp_path / "phieu")
    assert type_in(*form)[0] == 0
    code, _, told = type_in(*form)
    assert code == 2 and "3 phiếu đã có trong thư mục" in told
    assert type_in(*form, "--force")[0] == 0
