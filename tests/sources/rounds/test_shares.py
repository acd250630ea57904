"""What stands behind a share: numerator and denominator, from a form or a CSV to the ledger, the appraiser, the trace.
1.1.2 gives 1 point at 100%, 0.75 from 85%, 0.5 from 70%."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from parlib.errors import DataError
from parlib.scoring.rules import Choice
from parlib.sources import rounds, workbooks
from parlib.sources.workbooks.form_layout import FORMS
from tests.sources.workbooks.conftest import Form

HEAD = "unit,code,stage,answer,points,not_applicable,evidence,remark,by,at,source"
PARTS = ["numerator", "denominator"]


def test_a_ledger_without_shares_is_as_it_always_was(small, say):
    say("1.1.2", "90", evidence="QĐ 1")
    path = rounds.round_folder(small) / "answers.csv"
    before = path.read_bytes()
    assert before.decode().splitlines()[0] == HEAD
    assert rounds.open_round(small).imports["ledger_sha256"].iloc[-1] == hashlib.sha256(before).hexdigest()
    say("1.1.2", "90", evidence="QĐ 1", numerator="45", denominator="50")  # the same answer, and what is behind it
    head, first, second = path.read_text(encoding="utf-8").splitlines()
    assert head == f"{HEAD},numerator,denominator"
    assert first == f"{before.decode().splitlines()[1]},," and second.endswith(",45,50")
    opened = rounds.open_round(small)
    assert opened.imports["ledger_sha256"].iloc[-1] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert opened.ledger[PARTS].fillna(-1).to_numpy().tolist() == [[-1, -1], [45, 50]]
    assert opened.ledger["earned"].tolist() == [0.75, 0.75]
    assert say("1.1.2", "90", evidence="QĐ 1", numerator="45.0", denominator=50).unchanged == 1
    rounds.undo(small, 2, "nhầm", "x")
    assert rounds.open_round(small).ledger[PARTS].isna().all(axis=None)


@pytest.mark.parametrize(
    ("answer", "above", "below", "column", "said"),
    [
        ("90", "44", "50", "answer", "44 / 50 là 88%, kết quả ghi 90%"),
        ("66.6", "2", "3", "answer", "2 / 3 là 66,666666667%"),  # two decimals or more
        ("70", "17499", "25000", "answer", "là 69,996%"),  # rounds to 70.00, and is below the step of 70
        ("90", "45", "", "denominator", "tử số và mẫu số đi cùng nhau"),
        ("90", "", "50", "numerator", "tử số và mẫu số đi cùng nhau"),
        ("", "45", "50", "answer", "tỷ lệ"),
        ("90", "45", "0", "denominator", "lớn hơn 0"),
        ("90", "bốn lăm", "50", "numerator", "không đọc được thành số"),
    ],
)
def test_a_share_and_what_is_behind_it_agree(answer, above, below, column, said, small, say):
    with pytest.raises(DataError) as refused:
        say("1.1.2", answer, numerator=above, denominator=below, remark="x")
    (problem,) = refused.value.problems
    assert problem.column == column and said in problem.text("vi")


def test_only_percentages_have_a_numerator(small, say):
    with pytest.raises(DataError, match="only an answer in percent"):
        say("1.1.1", "timely", numerator="1", denominator="2")
    say("1.1.2", "66.67", numerator="2", denominator="3")
    assert say("1.1.2", "66.666667", numerator="2", denominator="3").added == 1


def test_numerators_come_by_csv_and_are_traced(small, tmp_path, type_in):
    path = tmp_path / "a.csv"
    lines = ["Đơn vị;Mã;Giai đoạn;Kết quả;Tử số;Mẫu số", "Hà Nội;1.1.2;self;94,5;189;200"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert type_in("round", "import", small, path, "--by", "x")[0] == 0
    assert "94,5% (189/200) = 0,75 điểm" in type_in("round", "trace", small, "Hà Nội", "1.1.2")[1]
    table = rounds.trace_table(rounds.open_round(small), "self").set_index(["unit", "code"])
    assert table.loc[("ha-noi", "1.1.2"), PARTS].tolist() == [189, 200]
    path.write_text("\n".join([*lines, "Hà Giang;1.1.2;self;94,5;180;200", "Hà Giang;1.5;self;2;1;2"]), "utf-8")
    code, _, said = type_in("round", "import", small, path, "--by", "x")
    assert code == 1 and "dòng 3, cột Kết quả" in said and "180 / 200 là 90%" in said
    assert "dòng 4, cột Tử số" in said


def test_numerators_go_out_in_the_form_and_come_back_to_the_appraiser(small, tmp_path):
    opened = rounds.open_round(small)
    form = Form(workbooks.write_form(opened, "ha-noi", tmp_path / "a.xlsx"), "self", opened)
    choice = next(leaf.code for leaf in form.leaves if isinstance(leaf.rule, Choice))
    assert form.cell("1.1.2", "numerator").protection.locked is False
    assert form.cell(choice, "numerator").protection.locked is True
    for key, value in {"answer": 85.5, "numerator": 171, "denominator": "200", "evidence": "QĐ 1"}.items():
        form.put("1.1.2", key, value)
    rows = workbooks.read_form(form.save(), opened)
    rounds.append(small, rows, source="a.xlsx")
    opened = rounds.open_round(small)
    assert opened.ledger[PARTS].to_numpy().tolist() == [[171, 200]]
    again = Form(workbooks.write_form(opened, "ha-noi", tmp_path / "b.xlsx"), "self", opened)
    assert [again.cell("1.1.2", key).value for key in PARTS] == [171, 200]
    appraisal = Form(workbooks.write_form(opened, "ha-noi", tmp_path / "c.xlsx", "appraisal"), "appraisal", opened)
    assert appraisal.cell("1.1.2", "self_answer").value == "85,5% (171/200)"
    appraisal.put("1.1.2", "decision", "Chấp nhận")
    rounds.append(small, workbooks.read_form(appraisal.save(), opened, "Hội đồng"), source="c.xlsx")
    assert rounds.open_round(small).ledger.iloc[-1][["stage", *PARTS]].tolist() == ["appraisal", 171, 200]

    again.put("1.1.2", "numerator", 170)
    again.put("1.4", "answer", "fewer")
    again.put("1.4", "denominator", 5)
    rows = workbooks.examine_form(again.save(), opened)
    with pytest.raises(DataError) as refused:
        rounds.append(small, rows.rows, source="b.xlsx", headings=rows.headings)
    told = [(p.sheet, p.row, p.column.partition(" ")[0]) for p in refused.value.problems]
    assert told == [("Phiếu chấm điểm", again.rows["1.1.2"], "E"), ("Phiếu chấm điểm", again.rows["1.4"], "H")]


def test_a_form_that_was_sent_out_before_is_still_read(small, tmp_path, monkeypatch):
    opened = rounds.open_round(small)
    with monkeypatch.context() as before:
        before.setattr("parlib.sources.workbooks.form_layout.VERSION", "1")
        before.setattr("parlib.sources.workbooks.form_layout.form_of.__defaults__", ("vi", "1"))
        path = workbooks.write_form(opened, "ha-noi", tmp_path / "a.xlsx")
    names = [column.key for column in FORMS["self"].columns if column.since == 1]
    form = Form(path, "self", opened)
    form.places = {key: place for place, key in enumerate(names, 1)}
    form.put("1.1.2", "answer", 85.5)
    rows = workbooks.read_form(form.save(), opened)
    assert rows[["code", "answer"]].to_numpy().tolist() == [["1.1.2", "85.5"]] and rows[PARTS].isna().all(axis=None)


def test_each_of_two_appraisers_decides_without_the_others_word(small_plan, tmp_path):
    """Vụ A appraises area 1, Vụ B everything: of 1.1.2 both must have spoken before a form shows what they said."""
    people = ({"name": "Vụ A", "criteria": ["1"]}, {"name": "Vụ B"})
    plan = rounds.make_plan(**{**small_plan.model_dump(), "id": "r", "appraisers": people, "council": ("Hội đồng",)})
    rounds.create_round(plan)

    def shown(by: str, stage: str, answers: dict[str, str]) -> list[object]:
        told = [{"unit": "ha-noi", "code": code, "stage": stage, "answer": text} for code, text in answers.items()]
        rounds.append("r", pd.DataFrame(told), source=by, by=by)
        opened = rounds.open_round("r")
        form = Form(workbooks.write_form(opened, "ha-noi", tmp_path / "a.xlsx", "appraisal"), "appraisal", opened)
        return [form.cell(code, "decision").value for code in ("1.1.2", "1.5", "2.1.3")]

    assert shown("Hà Nội", "self", {"1.1.2": "90", "1.5": "2", "2.1.3": "90"}) == [None, None, None]
    assert shown("Vụ A", "appraisal", {"1.1.2": "90", "1.5": "2"}) == [None, None, None]
    assert shown("Vụ B", "appraisal", {"1.1.2": "90", "2.1.3": "90"}) == ["Chấp nhận", None, "Chấp nhận"]
    assert shown("Hội đồng", "appraisal", {"1.5": "2"}) == ["Chấp nhận", "Chấp nhận", "Chấp nhận"]


def test_two_appraisers_may_hand_in_the_very_same_file(small_plan, type_in, tmp_path):
    """Who agrees sends the other's file on: it is a word of their own, and the other's rows are no news to warn of."""
    people = ({"name": "Vụ A"}, {"name": "Vụ B"})
    plan = rounds.make_plan(**{**small_plan.model_dump(), "id": "r", "appraisers": people, "council": ("Hội đồng",)})
    rounds.create_round(plan)

    def stated(answer: str) -> None:
        row = {"unit": "ha-noi", "code": "1.5", "stage": "self", "answer": answer}
        rounds.append("r", pd.DataFrame([row]), source="tay", by="Hà Nội")

    stated("2")
    opened = rounds.open_round("r")
    form = Form(workbooks.write_form(opened, "ha-noi", tmp_path / "a.xlsx", "appraisal"), "appraisal", opened)
    form.put("1.5", "decision", "Chấp nhận")
    path = form.save()
    for by in ("Vụ A", "Vụ B"):
        code, out, err = type_in("round", "import", "r", path, "--by", by, "--received", "20/02/2024")
        assert code == 0 and "thêm 1 dòng" in out and "phát hành" not in err
    assert "không thêm dòng nào" in type_in("round", "import", "r", path, "--by", "Vụ B")[1]
    assert rounds.open_round("r").ledger["by"].tolist()[1:] == ["Vụ A", "Vụ B"]
    stated("3")
    assert "phát hành" in type_in("round", "import", "r", path, "--by", "Vụ A")[2]  # what the unit says is news
