"""Damaged input: every kind is named by file, row, column and value, in words, and the ledger stays as it was."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from parlib.errors import DataError, ParlibError
from parlib.sources import rounds

HEAD = "Đơn vị;Mã tiêu chí;Giai đoạn;Kết quả;Điểm;Không áp dụng;Tài liệu kiểm chứng;Ghi chú"
GOOD = "Hà Nội;1.1.1;Tự đánh giá;Ban hành kịp thời;;;QĐ 12;"


@dataclass(frozen=True)
class Damage:
    """What is written below the head (or the whole file), and what must be said about it."""

    name: str
    said: str  # part of the Vietnamese message
    rows: str = ""
    row: int | None = 2
    column: str = ""
    value: object = None
    head: str = HEAD
    whole: bytes | None = None

    def content(self) -> bytes:
        return self.whole if self.whole is not None else f"{self.head}\n{self.rows}\n".encode("utf-8-sig")


def windows_1258(text: str) -> bytes:
    """``text`` as old Vietnamese Windows saved it: some letters in two, the tone mark after."""
    parts = []
    for letter in text:
        try:
            parts.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            *base, tone = unicodedata.normalize("NFD", letter)
            parts.append((unicodedata.normalize("NFC", "".join(base)) + tone).encode("cp1258"))
    return b"".join(parts)


DAMAGES = [
    # the file as a whole
    Damage("UTF-16", "UTF-16", whole=f"{HEAD}\n{GOOD}\n".encode("utf-16"), row=None),
    Damage(
        "Windows-1258",
        "không ở mã UTF-8 (có thể là Windows-1258)",
        whole=windows_1258("Đơn vị;Mã tiêu chí;Kết quả\nHòa Bình;1.1.1;Có\n"),
        row=1,
        value="Đơn vị;Mã tiêu chí;Kết quả",
    ),
    Damage("Excel file called .csv", "Excel (.xlsx)", whole=b"PK\x03\x04\x14\x00", row=None),
    Damage("PDF", "PDF", whole=b"%PDF-1.7", row=None),
    Damage("empty", "tệp rỗng", whole=b"\n", row=None),
    Damage("head only", "không có dòng dữ liệu", row=None),
    Damage("cut inside a quote", "bị cắt ngang", rows=f'{GOOD}\nHà Nội;1.2;self;"đủ', row=3),
    Damage(
        "cut inside a row",
        "dòng có 3 ô, dòng tiêu đề có 8 ô; dòng bị cắt?",
        rows="Hà Nội;1.1.1;self",
        value="Hà Nội;1.1.1;self",
    ),
    Damage(
        "a comma too many",
        "dòng có 4 ô, dòng tiêu đề có 3 ô",
        head="unit,code,answer",
        rows="ha-noi,1.1.2,95,5",
        value="ha-noi,1.1.2,95,5",
    ),
    Damage("quote in the wrong place", "dấu nháy kép đặt sai chỗ", rows='Hà Nội;1.1.1;self;"x"y;;;;', row=2),
    # columns
    Damage(
        "missing column",
        "thiếu cột: mã tiêu chí (code)",
        head="Đơn vị;Giai đoạn;Kết quả",
        rows="Hà Nội;self;x",
        row=1,
        value="Đơn vị;Giai đoạn;Kết quả",
    ),
    Damage(
        "no stage",
        "thiếu cột: giai đoạn (stage)",
        head="unit;code;answer",
        rows="ha-noi;1.1.1;timely",
        row=1,
        value="unit;code;answer",
    ),
    Damage(
        "extra column",
        "không nhận ra cột này; gần giống: ",
        head=HEAD + ";Số điểm ư",
        rows=GOOD + ";1",
        row=1,
        column="Số điểm ư",
    ),
    Damage(
        "two columns of one kind",
        "hai cột cùng là 'points'",
        head=HEAD + ";Số điểm",
        rows=GOOD + ";1",
        row=1,
        column="Số điểm",
    ),
    # units and codes
    Damage(
        "unknown unit",
        "không có tỉnh, thành phố này trong hệ thống 63 tỉnh; gần giống: Hà Nội, Hà Nam",
        rows="Hà Nộii;1.1.1;self;timely;;;;",
        column="Đơn vị",
        value="Hà Nộii",
    ),
    Damage(
        "unit of another round",
        "Lào Cai không thuộc kỳ đánh giá",
        rows="Lào Cai;1.1.1;self;timely;;;;",
        column="Đơn vị",
        value="Lào Cai",
    ),
    Damage("no unit", "thiếu đơn vị", rows=";1.1.1;self;timely;;;;", column="Đơn vị", value=""),
    Damage(
        "unknown code",
        "bộ tiêu chí không có mã này; gần giống: 1.1.1, 1.1.2",
        rows="ha-noi;1.1.9;self;timely;;;;",
        column="Mã tiêu chí",
        value="1.1.9",
    ),
    Damage(
        "code of a sum",
        "gồm nhiều tiêu chí thành phần",
        rows="ha-noi;1.1;self;timely;;;;",
        column="Mã tiêu chí",
        value="1.1",
    ),
    Damage(
        "twice in one file",
        "đã có ở dòng 2 của cùng tệp",
        rows=f"{GOOD}\nha-noi;1.1.1;self;late;;;;",
        row=3,
        column="Đơn vị",
        value="ha-noi",
    ),
    # numbers
    Damage(
        "points over the maximum",
        "điểm phải từ 0 đến điểm tối đa 0,5",
        rows="ha-noi;1.1.1;self;;0,75;;;",
        column="Điểm",
        value="0,75",
    ),
    Damage(
        "negative points",
        "điểm phải từ 0 đến điểm tối đa 0,5",
        rows="ha-noi;1.1.1;self;;-1;;;",
        column="Điểm",
        value="-1",
    ),
    Damage("text for points", "không đọc được thành số", rows="ha-noi;1.1.1;self;;nửa;;;", column="Điểm", value="nửa"),
    Damage(
        "text for a number",
        "không đọc được thành số; cần một số từ 0 đến 100",
        rows="ha-noi;1.1.2;self;gần hết;;;;",
        column="Kết quả",
        value="gần hết",
    ),
    Damage(
        "over 100 percent",
        "ngoài khoảng cho phép; cần một số từ 0 đến 100",
        rows="ha-noi;1.1.2;self;101;;;;",
        column="Kết quả",
        value="101",
    ),
    Damage("half a case", "cần một số nguyên không âm", rows="ha-noi;1.5;self;2,5;;;;", column="Kết quả", value="2,5"),
    Damage(
        "decimal marks mixed",
        "tệp dùng lẫn dấu thập phân",
        rows="ha-noi;1.1.2;self;95,5;;;;\nha-giang;1.1.2;self;90,5;;;;\ncao-bang;1.1.2;self;80.5;;;;",
        row=4,
        column="Kết quả",
        value="80.5",
    ),
    Damage(
        "thousand or one and a bit",
        "không rõ '.' là dấu thập phân hay dấu hàng nghìn",
        rows="ha-noi;8.2.1;self;1.234/1000;;;;",
        column="Kết quả",
        value="1.234/1000",
    ),
    Damage(
        "grouped thousands",
        "dấu phân cách hàng nghìn '.'; hãy ghi 1234,5",
        rows="ha-noi;8.2.1;self;1.234,5/1000;;;;",
        column="Kết quả",
        value="1.234,5/1000",
    ),
    Damage("no target", "cần kết quả/mục tiêu", rows="ha-noi;8.2.1;self;105;;;;", column="Kết quả", value="105"),
    Damage(
        "target of 0", "mục tiêu phải lớn hơn 0", rows="ha-noi;8.2.1;self;105/0;;;;", column="Kết quả", value="105/0"
    ),
    Damage(
        "option that is none",
        "không có phương án này; các phương án: Ban hành kịp thời",
        rows="ha-noi;1.1.1;self;kịp;;;;",
        column="Kết quả",
        value="kịp",
    ),
    Damage(
        "a number that Excel shortened",
        "số bị viết tắt (E), có thể đã mất chữ số",
        rows="ha-noi;1.5;self;1,2E+02;;;;",
        column="Kết quả",
        value="1,2E+02",
    ),
    Damage(
        "the half of a number as evidence",
        "nửa sau của số 95,5",
        head="unit,code,stage,answer,evidence,by",
        rows="ha-noi,1.1.2,self,95,5,x",
        column="evidence",
        value="5",
    ),
    # words
    Damage(
        "unknown stage",
        "tự đánh giá (self), thẩm định (appraisal), giải trình (appeal), kết luận (conclusion)",
        rows="ha-noi;1.1.1;tự chấn;timely;;;;",
        column="Giai đoạn",
        value="tự chấn",
    ),
    Damage(
        "neither yes nor no",
        "phải để trống, 'x', 'có' hoặc 'không'",
        rows="ha-noi;1.1.1;self;;;có lẽ;;",
        column="Không áp dụng",
        value="có lẽ",
    ),
    Damage(
        "not a date",
        "không phải là ngày giờ",
        head=HEAD + ";Ngày",
        rows=GOOD + ";31/02/2024",
        column="Ngày",
        value="31/02/2024",
    ),
    Damage(
        "American date",
        "không phải là ngày giờ",
        head=HEAD + ";Ngày",
        rows=GOOD + ";01/31/2024",
        column="Ngày",
        value="01/31/2024",
    ),
    Damage(
        "tomorrow's answer",
        "thời điểm ở tương lai",
        head=HEAD + ";Ngày",
        rows=GOOD + ";01/01/2999",
        column="Ngày",
        value="01/01/2999",
    ),
    Damage(
        "nobody said it", "thiếu người ghi", head=HEAD + ";Người nhập", rows=GOOD + ";", column="Người nhập", value=""
    ),
    # what must not be in a cell
    Damage("formula for a number", "ô chứa công thức", rows="ha-noi;1.1.2;self;=95+5;;;;", column="D", value="=95+5"),
    Damage(
        "formula in a text",
        "ô chứa công thức",
        rows='ha-noi;1.1.2;self;95;;;"=HYPERLINK(""http://x"")";',
        column="G",
        value='=HYPERLINK("http://x")',
    ),
    Damage(
        "command in a text",
        "ô chứa công thức",
        rows="ha-noi;1.1.2;self;95;;;;@SUM(1)|x!A1",
        column="H",
        value="@SUM(1)|x!A1",
    ),
    Damage("control character", "ký tự điều khiển", rows="ha-noi;1.1.2;self;95;;;a\x07b;", column="G", value="a\x07b"),
    Damage(
        "garbled letters",
        "chữ Việt bị hỏng",
        rows="ha-noi;1.1.2;self;95;;;Báo cáo Há»™i Ä‘á»“ng;",
        column="G",
        value="Báo cáo Há»™i Ä‘á»“ng",
    ),
    Damage(
        "TCVN3 of old fonts",
        "bảng mã cũ TCVN3",
        rows="ha-noi;1.1.2;self;95;;;QuyÕt ®Þnh cña UBND;",
        column="G",
        value="QuyÕt ®Þnh cña UBND",
    ),
    Damage(
        "VNI of old fonts",
        "bảng mã cũ VNI",
        rows="ha-noi;1.1.2;self;95;;;Quyeát ñònh cuûa UBND;",
        column="G",
        value="Quyeát ñònh cuûa UBND",
    ),
    # cells that do not go together
    Damage(
        "answer where nothing applies",
        "đã ghi không áp dụng thì không ghi kết quả",
        rows="ha-noi;1.1.2;self;95;;x;;",
        column="Không áp dụng",
        value="x",
    ),
    Damage(
        "points against the answer",
        "điểm ghi khác điểm tính theo câu trả lời",
        rows="ha-noi;1.1.1;self;late;0,5;;;",
        column="Điểm",
        value="0,5",
    ),
    Damage(
        "points without a reason", "phải kèm lý do", rows="ha-noi;1.1.1;thẩm định;;0,5;;;", column="Ghi chú", value=""
    ),
    Damage("answer to a survey", "không nhận câu trả lời", rows="ha-noi;1.7.1;self;5;;;;", column="Kết quả", value="5"),
    Damage(
        "own points of a survey", "không do đơn vị tự chấm", rows="ha-noi;1.7.1;self;;1;;;", column="Điểm", value="1"
    ),
    Damage("nothing said", "dòng không có kết quả", rows="ha-noi;1.1.1;self;;;;QĐ 1;", column="Kết quả", value=""),
    Damage(
        "a unit as its own judge",
        "đơn vị không tự thẩm định, kết luận về mình",
        head=HEAD + ";Người nhập",
        rows="Hà Nội;1.1.1;appraisal;timely;;;;;ha-noi",
        column="Người nhập",
        value="ha-noi",
    ),
]


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


@pytest.mark.few(12)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_damaged_csv_is_named_and_leaves_the_ledger_alone(damage, small, tmp_path):
    path = tmp_path / "biểu mẫu.csv"
    path.write_bytes(damage.content())
    folder = rounds.round_folder(small)
    before = everything(folder)
    by = "" if damage.name == "nobody said it" else "Sở Nội vụ"
    with pytest.raises(DataError) as refused:
        rounds.append_incoming(small, rounds.read_answers(path, by=by))
    sentences = [problem for problem in refused.value.problems if damage.said in problem.vi]
    assert sentences, refused.value.text("vi")
    problem = sentences[0]
    assert (problem.file, problem.row) == (path.name, damage.row)
    if damage.column:
        assert problem.column == damage.column
    if damage.value is not None:
        assert problem.value == damage.value
    assert problem.en and problem.en != problem.vi
    assert everything(folder) == before


def test_all_problems_are_told_at_once(small, tmp_path):
    path = tmp_path / "nhiều lỗi.csv"
    rows = [
        "Hà Nộii;1.1.1;self;timely;;;;",
        "ha-noi;1.1.9;self;timely;;;;",
        "ha-noi;1.1.2;self;101;;;;",
        GOOD,
        "ha-noi;1.1.3;self",  # cut off: told once, not again for the answer that is missing
        "ha-noi;1.3.1;self;1.234,5;;;;",
    ]
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        rounds.append_incoming(small, rounds.read_answers(path, by="x"))
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [
        (2, "Đơn vị"),
        (3, "Mã tiêu chí"),
        (4, "Kết quả"),
        (6, ""),
        (7, "Kết quả"),
    ]


def test_one_bad_file_of_many_keeps_all_out(small, tmp_path):
    good, bad = tmp_path / "tốt.csv", tmp_path / "hỏng.csv"
    good.write_text(f"{HEAD}\n{GOOD}\n", encoding="utf-8")
    bad.write_text(f"{HEAD}\nha-giang;1.1.2;self;101;;;;\n", encoding="utf-8")
    read = [rounds.read_answers(path, by="x") for path in (good, bad)]
    with pytest.raises(DataError, match=r"hỏng\.csv, row 2"):
        rounds.append_incoming(small, *read)
    assert rounds.open_round(small).ledger.empty


def test_decomposed_letters_and_a_byte_order_mark_are_no_damage(small, tmp_path):
    path = tmp_path / "nfd.csv"
    path.write_text(unicodedata.normalize("NFD", f"{HEAD}\n{GOOD}\n"), encoding="utf-8-sig")
    rounds.append_incoming(small, rounds.read_answers(path, by="Sở Nội vụ"))
    row = rounds.open_round(small).ledger.iloc[0]
    assert (row["unit"], row["answer"], row["evidence"], row["by"]) == ("ha-noi", "timely", "QĐ 12", "Sở Nội vụ")


def test_a_final_round_takes_nothing(small, tmp_path):
    rounds.finish(small, by="Vụ CCHC", reason="thử khóa")
    folder = rounds.round_folder(small)
    before = everything(folder)
    row = pd.DataFrame([{"unit": "ha-noi", "code": "1.1.1", "stage": "self", "answer": "timely"}])
    for attempt in (
        lambda: rounds.append(small, row, source="x.csv", by="x"),
        lambda: rounds.ask(small, "ha-noi", "Hỏi?", by="x"),
        lambda: rounds.append_external(small, pd.DataFrame({"unit": ["ha-noi"], "index": ["sipas"], "value": [80]})),
        lambda: rounds.finish(small, by="x"),
    ):
        with pytest.raises(DataError, match=r"round\.yaml, column status, value 'final'") as refused:
            attempt()
        assert "đã khóa" in refused.value.text("vi") and "Vụ CCHC" in refused.value.text("vi")
    assert everything(folder) == before


@pytest.mark.parametrize(
    ("damage", "stated", "row", "column"),
    [
        (lambda text: text.replace("timely", "late"), "đã bị sửa ngoài parlib", None, ""),
        (lambda text: text.replace("timely", "tinely"), "không có phương án này", 2, "answer"),
        (lambda text: text + "ha-noi,1.1.2,self\n", "dòng có 3 ô, cần 11", 3, ""),
        (lambda text: text.replace("stage", "stages"), "thiếu cột này", None, "stage"),
        (lambda text: text.replace("ha-noi", "ha-noii"), "không có tỉnh, thành phố này", 2, "unit"),
        (lambda text: text[:-40], "dòng có 10 ô, cần 11", 2, ""),
    ],
    ids=["changed", "wrong option", "row added", "column renamed", "unit misspelt", "cut off"],
)
def test_a_ledger_damaged_by_hand_is_refused(damage, stated, row, column, small, say):
    say("1.1.1", "timely")
    path = rounds.round_folder(small) / "answers.csv"
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        rounds.open_round(small)
    sentences = [problem for problem in refused.value.problems if stated in problem.vi]
    assert sentences, refused.value.text("vi")
    assert (sentences[0].file, sentences[0].row, sentences[0].column) == ("answers.csv", row, column)


def test_a_ledger_put_back_to_an_older_copy_is_refused(small, say):
    say("1.1.1", "timely")
    path = rounds.round_folder(small) / "answers.csv"
    older = path.read_bytes()
    row = pd.DataFrame([{"unit": "ha-noi", "code": "1.5", "stage": "self", "answer": "2"}])
    rounds.append(small, row, source="tay", by="Sở Nội vụ", sha256="f" * 64)
    path.write_bytes(older)
    with pytest.raises(DataError, match="changed outside parlib"):
        rounds.open_round(small)
    rounds.accept_changes(small, reason="khôi phục từ bản sao hôm qua", by="Vụ CCHC")
    say("1.6.2", "3")
    again = rounds.append(small, row, source="tay", by="Sở Nội vụ", sha256="f" * 64)
    assert again.added == 1  # the file whose rows were lost may come again
    assert rounds.open_round(small).ledger["answer"].tolist() == ["timely", "3", "2"]


def test_a_ledger_whose_record_of_imports_is_lost_is_refused(small, say):
    say("1.1.1", "timely")
    (rounds.round_folder(small) / "imports.csv").unlink()
    for read in (lambda: rounds.open_round(small), lambda: say("1.1.2", "90")):
        with pytest.raises(DataError, match=r"imports\.csv: .*changed outside parlib"):
            read()
    rounds.accept_changes(small, reason="mất tệp", by="Vụ CCHC")
    say("1.1.2", "90")


def test_somebody_can_answer_for_a_ledger_changed_by_hand(small, say):
    say("1.1.1", "timely")
    path = rounds.round_folder(small) / "answers.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("timely", "late"), encoding="utf-8")
    with pytest.raises(DataError, match="changed outside parlib"):
        say("1.1.2", "90")
    with pytest.raises(ParlibError, match="reason"):
        rounds.accept_changes(small, reason=" ", by="Vụ CCHC")
    rounds.accept_changes(small, reason="sửa lỗi chính tả trong sổ", by="Vụ CCHC")
    say("1.1.2", "90")
    opened = rounds.open_round(small)
    assert list(opened.ledger["answer"]) == ["late", "90"]
    event = opened.plan.history[-1]
    assert (event.action, event.by, event.reason) == ("accepted", "Vụ CCHC", "sửa lỗi chính tả trong sổ")
