"""The commands on rounds, as people type them."""

from __future__ import annotations

import openpyxl
import pytest

from parlib.sources import rounds
from parlib.sources.simulation import simulate


@pytest.mark.long
def test_a_round_from_the_plan_to_the_scores(type_in, tmp_path):
    plan = tmp_path / "ke-hoach.yaml"
    plan.write_text(
        "id: 2023-thu\nyear: 2023\nlevel: province\nscheme: 876-province\nunits: [ha-noi, ha-giang]\n"
        "steps:\n  - {key: self, from: 2024-01-01, to: 2024-01-31, responsible: UBND các tỉnh}\n",
        encoding="utf-8",
    )
    assert "parlib round new" in type_in("round", "list")[1]  # there is none
    code, out, _ = type_in("round", "new", "--plan", plan, "--by", "Vụ CCHC")
    assert code == 0 and out.strip().endswith("2023-thu/round.yaml")
    assert type_in("round", "list")[1] == "2023-thu: tỉnh (province) 2023, 876-province, đang mở\n"

    answers = tmp_path / "ha-noi.csv"
    answers.write_text("Đơn vị;Mã;Kết quả;TLKC\nHà Nội;1.1.2;95,5;QĐ 1\nHà Nội;1.5;2;QĐ 2\n", encoding="utf-8-sig")
    command = ("round", "import", "2023-thu", answers, "--stage", "self", "--by", "Sở Nội vụ")
    assert type_in(*command)[:2] == (0, "ha-noi.csv: thêm 2 dòng (dòng 1-2), 0 dòng không đổi\n")
    assert "đã nhập lúc" in type_in(*command)[1]

    code, out, _ = type_in("round", "status", "2023-thu")
    assert "Tự đánh giá, chấm điểm: 1/1/2024 - 31/1/2024 · đã qua · UBND các tỉnh" in out
    assert "Hà Nội: quá hạn: thiếu 69/71 tiêu chí, chậm " in out
    assert type_in("round", "status", "2023-thu", "--csv")[1].splitlines()[1].startswith("ha-noi,Hà Nội,late,71,2,")

    code, out, _ = type_in("round", "trace", "2023-thu", "Hà Nội", "1.1.2")
    assert "95,5% = 0,75 điểm <- tự đánh giá" in out and "ha-noi.csv | 2" in out
    assert type_in("round", "state", "2023-thu", "--stage", "self")[1].splitlines()[1] == (
        "ha-noi,1.1.2,95.5,,False,1,self"
    )

    sipas = tmp_path / "sipas.csv"
    sipas.write_text("Đơn vị;Chỉ số;Giá trị;Nguồn\nHà Nội;sipas;84,5;QĐ 5\n", encoding="utf-8-sig")
    assert type_in("round", "external", "2023-thu", sipas)[1] == "sipas.csv: thêm 1 dòng, 0 dòng không đổi\n"

    code, out, err = type_in("score", "2023-thu", "--out", tmp_path / "ra")
    assert code == 0 and "Có chỉ số của 0/2 đơn vị xếp hạng." in out
    assert "bộ tiêu chí minh họa" in err
    assert {path.name for path in (tmp_path / "ra").iterdir()} >= {"index_table.parquet", "scores.xlsx", "trace.csv"}

    assert type_in("round", "finish", "2023-thu", "--by", "Vụ trưởng")[0] == 1
    assert type_in("round", "finish", "2023-thu", "--by", "Vụ trưởng", "--reason", "thử")[1] == "2023-thu: đã khóa\n"
    code, _, err = type_in(*command, "--again")
    assert code == 1 and "đã khóa từ" in err and "parlib round reopen" in err
    assert type_in("round", "reopen", "2023-thu", "--reason", "đính chính")[1] == "2023-thu: đã mở lại\n"
    assert type_in(*command, "--again")[0] == 0


def test_what_is_wrong_is_listed_and_nothing_is_written(type_in, small, tmp_path):
    bad, good = tmp_path / "hỏng.csv", tmp_path / "tốt.csv"
    bad.write_text("Đơn vị;Mã;Kết quả\nHà Nội;1.1.2;101\nHà Nộii;1.5;2\n", encoding="utf-8")
    good.write_text("Đơn vị;Mã;Kết quả\nHà Nội;1.5;2\n", encoding="utf-8")
    code, out, err = type_in("round", "import", small, bad, good, "--stage", "self")
    assert (code, out) == (1, "")
    first, second = err.splitlines()
    assert first == (
        "tệp hỏng.csv, dòng 2, cột Kết quả, tiêu chí 1.1.2, giá trị '101': ngoài khoảng cho phép; "
        "cần một số từ 0 đến 100"
    )
    assert second.startswith(
        "tệp hỏng.csv, dòng 3, cột Đơn vị, tiêu chí 1.5, giá trị 'Hà Nộii': không có tỉnh, thành phố này"
    )
    assert second.endswith("; gần giống: Hà Nội, Hà Nam")
    assert rounds.open_round(small).ledger.empty


def test_questions_on_the_command_line(type_in, small):
    assert type_in("round", "ask", small, "Hà Nội", "Tính theo quý?", "--code", "1.1.2")[1] == "câu hỏi #1\n"
    assert type_in("round", "reply", small, "#1", "Theo năm.")[1] == "đã trả lời #1\n"
    out = type_in("round", "questions", small)[1].splitlines()
    assert out[0].endswith("Hà Nội 1.1.2: Tính theo quý?") and out[1].endswith("Theo năm.")


@pytest.mark.parametrize(
    ("words", "stated"),
    [
        (("score", "2023-tets"), "không có kỳ đánh giá này; có: 2023-test; gần giống: 2023-test"),
        (("round", "trace", "2023-test", "Hà Nộii", "1.5"), "không có tỉnh, thành phố này"),
        (("round", "state", "2023-test", "--stage", "finall"), "gần giống: final"),
        (("round", "state", "2023-test", "--at", "mai"), "không phải là ngày hoặc thời điểm"),
        (("round", "trace", "2023-test", "Hà Nội", "99.1"), "kỳ đánh giá không có tiêu chí chấm điểm này\n"),
        (("round", "new", "--year", "2023", "--from", "30/6/2024", "--to", "5/1/2024"), "kết thúc (5/1/2024) trước"),
        (("round", "reopen", "2023-test"), "mở lại phải có lý do (--reason)"),
        (("round", "new", "--level", "province"), "hãy ghi --year"),
        (("round", "new", "--year", "2030"), "chưa có bộ tiêu chí nào cho năm này"),
        (("form", "--round", "2023-test", "--unit", "Hà Nội", "--out", "phieu.xlsx"), "hãy ghi tên thư mục"),
        (("score", "2023-test", "--out", "ra.csv"), "hãy ghi tên thư mục"),
        (("survey", "report", "2023-test", "--out", "a.pdf"), "hãy ghi tên thư mục"),
        (("round", "plan", "2023-test", "--out", "."), "đây là thư mục"),
    ],
)
def test_wrong_parameters_end_in_one_clear_line(words, stated, type_in, small):
    code, out, err = type_in(*words)
    assert (code, out) == (2, "")
    assert stated in err and len(err.splitlines()) == 1


def test_a_round_of_a_year_without_a_list_is_made_from_its_units(type_in, tmp_path):
    new = ("round", "new", "--scheme", "876-province", "--by", "x", "--yes")
    code, _, err = type_in(*new, "--year", "2025")
    assert code == 1 and "--units" in err

    assert type_in(*new, "--year", "2025", "--units", "all")[0] == 0
    plan = rounds.read_plan(rounds.round_folder("2025-province") / "round.yaml")
    assert (plan.system, len(plan.unit_frame())) == ("34", 34)

    names = tmp_path / "don-vi.txt"
    names.write_text("An Giang\nlao-cai\nHuế\n", encoding="utf-8-sig")
    assert type_in(*new, "--year", "2026", "--units", names, "--id", "thu")[0] == 0
    plan = rounds.read_plan(rounds.round_folder("thu") / "round.yaml")
    assert list(plan.unit_frame()["unit"]) == ["lao-cai-2025", "hue", "an-giang-2025"]

    code, _, err = type_in(*new, "--year", "2025", "--units", "Hà Giang, Hue, Kiên Gang", "--id", "b")
    assert code == 2 and "Hà Giang" in err and "Kiên Gang" in err


@pytest.mark.long
def test_who_was_assessed_apart_is_not_ranked_in_silence(type_in):
    command = (
        "round",
        "new",
        "--year",
        "2025",
        "--level",
        "ministry",
        "--scheme",
        "876-ministry",
        "--units",
        "all",
        "--yes",
    )
    code, _, err = type_in(*command, "--by", "x")
    # 17 stand in 2025; of them Quốc phòng, Công an and Văn phòng Chính phủ were never assessed
    assert code == 0 and "14 đơn vị: 13 được xếp hạng, 1 không xếp hạng (Thanh tra Chính phủ)" in err
    plan = rounds.read_plan(rounds.round_folder("2025-ministry") / "round.yaml")
    assert plan.unranked == ("thanh-tra-chinh-phu",)  # as in the list of 2023, the last there is
    simulate(2025, "ministry", seed=1, round_id="drawn")
    drawn = rounds.read_plan(rounds.round_folder("drawn") / "round.yaml")
    assert drawn.unit_frame().equals(plan.unit_frame())


def test_a_workbook_that_is_another_is_told_by_what_the_command_can_do(type_in, small, tmp_path):
    """An error names the options that its command has: only other indices are read from a sheet that is named."""
    forms = tmp_path / "phieu"
    type_in("form", "--round", small, "--unit", "Hà Nội", "--out", forms)
    form = next(forms.glob("*.xlsx"))
    for command, sheet in (("questions", "Câu hỏi"), ("plan", "Kế hoạch")):
        code, _, err = type_in("round", command, small, form)
        assert code == 1 and f"không có trang tính “{sheet}”; tệp có: “Bìa”" in err and "--" not in err
    assert "(--sheet)" in type_in("round", "external", small, form)[2]
    assert "“Không có”" in type_in("round", "external", small, form, "--sheet", "Không có")[2]
    blank = tmp_path / "trong.xlsx"
    openpyxl.Workbook().save(blank)
    assert "tệp rỗng" in type_in("round", "questions", small, blank)[2]
    assert "--force" in type_in("scheme", "template", "--out", blank)[2]
    assert type_in("scheme", "template", "--out", blank, "--force")[0] == 0
    assert "--unit " not in type_in("batch", "2023/ministry", "--notebook", "unit_profile")[2]


def test_a_sheet_of_the_plan_that_was_emptied_holds_nothing(type_in, small, tmp_path):
    book = tmp_path / "ke-hoach.xlsx"
    type_in("round", "plan", small, "--out", book)
    emptied = openpyxl.load_workbook(book)
    emptied["Các bước"].delete_rows(1, 20)
    emptied.save(book)
    assert type_in("round", "plan", small, book)[0] == 0
    assert rounds.open_round(small).plan.steps == ()
