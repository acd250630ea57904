"""What people really sent, brought in by the command that they type: the right result, or an error that says where.

Each file of ``tests/inputs`` was once misread, lost in silence or refused without cause. A test here is named after
what happens to it, and uses it under its own name; what others of its kind do is tested where the reader is.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from parlib import cli
from parlib.errors import ParlibError, Problem
from parlib.sources import rounds
from parlib.sources.workbooks.form_layout import SHEETS, scheme_hash

_, _, MAIN, _, IDENTITY = (name.text() for name in SHEETS)

INPUTS = Path(__file__).parent / "inputs"
PROVINCES, MINISTRIES = "2023-province", "2023-ministry"
COUNCIL = "Hội đồng thẩm định"


@pytest.fixture(autouse=True)
def rounds_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))


def run(*words: object) -> Result:
    """What a command did."""
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def done(*words: object) -> str:
    """What a command that does its work says."""
    result = run(*words)
    assert result.exit_code == 0, result.exception
    return result.output


def refused(*words: object) -> list[Problem]:
    """Why a command refuses, in both languages."""
    error = run(*words).exception
    assert isinstance(error, ParlibError)
    assert all(problem.vi and problem.en and problem.vi != problem.en for problem in error.problems)
    return list(error.problems)


def places(problems: Sequence[Problem]) -> list[tuple[int | None, str, object]]:
    return [(problem.row, problem.column, problem.value) for problem in problems]


@pytest.fixture
def provinces() -> str:
    return opened(PROVINCES, "--units", "Hà Nội, Hà Giang, Cao Bằng, Đà Nẵng")


@pytest.fixture
def ministries() -> str:
    return opened(MINISTRIES)


def opened(round_id: str, *more: str) -> str:
    """An empty round, made as its operator makes it."""
    year, level = round_id.split("-")
    done(
        "round", "new", "--year", year, "--level", level, "--scheme", f"876-{level}", "--by", "Vụ CCHC", "--yes", *more
    )
    return round_id


def answers(round_id: str) -> dict[tuple[str, str], str]:
    """What the ledger holds, by unit and criterion."""
    ledger = rounds.open_round(round_id).ledger
    return {(row.unit, row.code): row.answer for row in ledger.itertuples()}


# --- answers as CSV ----------------------------------------------------------------------------


def test_values_under_a_head_that_is_blank_are_refused_and_not_dropped(provinces: str, tmp_path: Path) -> None:
    path = INPUTS / "blankhead.csv"
    problems = refused("round", "import", provinces, path)
    assert places(problems) == [(2, "E", "97"), (2, "F", "ghi chú")]
    assert {problem.file for problem in problems} == {path.name}
    assert not answers(provinces)
    blank = tmp_path / "a.csv"
    blank.write_text(path.read_text(encoding="utf-8").replace("97;ghi chú", ";"), encoding="utf-8")
    done("round", "import", provinces, blank)
    assert answers(provinces) == {("ha-giang", "1.1.2"): "95"}


def test_a_fraction_where_percent_is_asked_is_taken_as_written_and_warned_of(provinces: str, tmp_path: Path) -> None:
    stated = done("round", "import", provinces, INPUTS / "fraction.csv")
    assert (
        "dòng 2, cột Kết quả, tiêu chí 1.1.2, giá trị '0,955'" in stated
        and "đọc là 0,955%; nếu là 95,5% hãy sửa lại" in stated
    )
    assert "dòng 3, cột Kết quả, tiêu chí 1.1.2" in stated and "đọc là 0,8%; nếu là 80% hãy sửa lại" in stated
    assert "0,955% = 0 điểm" in done("round", "trace", provinces, "Hà Giang", "1.1.2")
    mended = tmp_path / "a.csv"
    mended.write_text((INPUTS / "fraction.csv").read_text(encoding="utf-8").replace("0,955", "95,5"), encoding="utf-8")
    done("round", "import", provinces, mended)  # from 85 to below 100 %: 0.75 points
    assert "95,5% = 0,75 điểm" in done("round", "trace", provinces, "Hà Giang", "1.1.2")


def test_a_count_that_is_a_day_and_an_answer_without_evidence_are_warned_of(provinces: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Đơn vị;Mã;Kết quả;Tài liệu kiểm chứng\nCao Bằng;1.5;45000;\n", encoding="utf-8")
    stated = done("round", "import", provinces, path, "--stage", "self").splitlines()
    assert "cột Kết quả" in stated[0] and "ngày tháng" in stated[0]
    assert "cột Tài liệu kiểm chứng" in stated[1] and "thiếu tài liệu kiểm chứng" in stated[1]


def test_a_unit_written_with_an_icelandic_d_is_the_unit_it_looks_like(provinces: str) -> None:
    done("round", "import", provinces, INPUTS / "eth.csv")
    assert answers(provinces) == {("da-nang", "1.1.2"): "95"}


def test_good_vietnamese_with_a_no_break_blank_is_kept_as_written(provinces: str) -> None:
    done("round", "import", provinces, INPUTS / "nbsp_xa.csv")
    assert rounds.open_round(provinces).ledger["evidence"].tolist() == ["BÁO CÁO CỦA XÃ\u00a0HỘI"]


def test_codes_that_became_days_are_named_with_the_way_out(provinces: str) -> None:
    problems = refused("round", "import", provinces, INPUTS / "datecode.csv")
    codes = ("01/01/2002", "1-Jan-02", "2002-01-01 00:00:00", "01.01.2002")
    assert places(problems) == [(row, "Mã tiêu chí", code) for row, code in enumerate(codes, 2)]
    assert all("Text" in problem.vi and "text" in problem.en for problem in problems)


def test_other_minus_signs_are_not_numbers_of_another_size(provinces: str) -> None:
    negative, dash = refused("round", "import", provinces, INPUTS / "minus.csv")
    assert (negative.row, negative.column, negative.value) == (2, "Kết quả", "−95")
    assert "một số từ 0 đến 100" in negative.vi
    assert (dash.row, dash.column, dash.value) == (3, "Kết quả", "–2") and "dấu trừ" in dash.vi


def test_a_file_in_an_old_vietnamese_encoding_is_told_which(provinces: str) -> None:
    problems = refused("round", "import", provinces, INPUTS / "tcvn3.csv")
    assert {problem.row for problem in problems if "TCVN3" in problem.vi} == {1, 2}
    assert all("TCVN3" in problem.en for problem in problems if "TCVN3" in problem.vi)


def test_a_decimal_comma_without_quotes_in_a_comma_file_is_refused(ministries: str) -> None:
    (problem,) = refused("round", "import", ministries, INPUTS / "comma-decimal-unquoted.csv")
    assert (problem.row, problem.value) == (2, "Bộ Y tế,1.1.2,Tự đánh giá,100,0,,,QĐ 1,")
    assert "dòng có 9 ô, dòng tiêu đề có 8 ô" in problem.vi and "95,5" in problem.vi
    assert not answers(ministries)


def test_a_request_of_a_unit_is_no_decision_of_the_council(ministries: str, tmp_path: Path) -> None:
    request = INPUTS / "appeal-of-a-unit.csv"
    (problem,) = refused("round", "import", ministries, request)
    assert places([problem]) == [(2, "stage", "appeal")] and "chưa có tự đánh giá, thẩm định nào" in problem.vi
    before = tmp_path / "a.csv"
    before.write_text("unit,code,answer,evidence\nbo-y-te,1.1.2,70,QĐ 1\n", encoding="utf-8")
    for stage, by in (("self", "Bộ Y tế"), ("appraisal", COUNCIL)):
        done("round", "import", ministries, before, "--stage", stage, "--by", by, "--again")
    assert "quyết định" not in done("round", "import", ministries, request)
    final = done("round", "state", ministries, "--stage", "final").splitlines()
    assert [line.split(",")[:3] for line in final[1:]] == [["bo-y-te", "1.1.2", "70"]]
    assert rounds.requests_of_others(rounds.open_round(ministries)) == 1  # which ``parlib score`` says


# --- values of other indices -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["external_pct.csv", "external_upper.csv"])
def test_a_sign_of_percent_and_an_index_in_capitals_are_read(name: str, provinces: str) -> None:
    done("round", "external", provinces, INPUTS / name)
    held = rounds.open_round(provinces).external
    assert held[["unit", "index", "value", "source"]].to_numpy().tolist() == [["ha-giang", "sipas", 82.5, "BC"]]


@pytest.mark.parametrize(
    ("name", "column", "value", "words"),
    [
        ("external-arabic-digits.csv", "value", "٩٠", "chỉ nhận chữ số 0-9"),
        ("external-comma-decimal.csv", "source", "5", "nửa sau của số 90,5 viết dấu phẩy thập phân"),
    ],
)
def test_a_value_that_may_be_another_is_refused_and_the_round_still_opens(
    name: str, column: str, value: str, words: str, ministries: str
) -> None:
    problem, *others = refused("round", "external", ministries, INPUTS / name)
    assert [(other.column, other.value) for other in others] in ([], [("unit", "bo-quoc-phong")])  # is not in the round
    assert (problem.file, *places([problem])[0]) == (name, 2, column, value) and words in problem.vi
    assert rounds.open_round(ministries).external.empty


def test_what_is_wrong_with_other_indices_is_told_in_the_words_of_the_file(provinces: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Đơn vị;Chỉ số;Giá trị\nHÀ GIANG;SIPASS;80\nHà Giangg;sipas;80\nGhi chú: tạm tính;;\n", encoding="utf-8"
    )
    problems = refused("round", "external", provinces, path)
    assert {(p.row, p.column, p.value) for p in problems} >= {
        (2, "Chỉ số", "SIPASS"),
        (3, "Đơn vị", "Hà Giangg"),
        (4, "Đơn vị", "Ghi chú: tạm tính"),
    }
    assert {problem.file for problem in problems} == {"a.csv"}


@pytest.mark.parametrize(
    ("head", "row", "column"),
    [
        ("unit,index,value,standard_error", "ha-giang,sipas,84,5", "standard_error"),
        ("unit,index,value,by", "ha-giang,sipas,84,5%", "by"),
    ],
)
def test_the_second_half_of_a_value_is_no_error_and_no_name(
    head: str, row: str, column: str, provinces: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8")
    (problem,) = refused("round", "external", provinces, path)
    assert (problem.row, problem.column) == (2, column) and "nửa sau của số 84,5" in problem.vi
    path.write_text(f"{head}\n{row}\n".replace(",", ";"), encoding="utf-8")  # here the cells are what they are
    assert "thêm 1 dòng" in done("round", "external", provinces, path)


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1.234", "có thể hiểu là 1234 hoặc 1,234"),
        ("0,905", "là tỷ lệ thập phân? Nếu là 90,5% hãy ghi 90,5"),
        ("905", "phải từ 0 đến 100"),
        ("90,5 điểm", "không đọc được thành số"),
        ("#REF!", "không đọc được thành số"),
        ("01/05/2023", "không đọc được thành số"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(cell: str, words: str, provinces: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"Đơn vị;Chỉ số;Giá trị;Nguồn\nHà Giang;sipas;{cell};BC\n", encoding="utf-8")
    (problem,) = refused("round", "external", provinces, path)
    assert places([problem]) == [(2, "Giá trị", cell)] and words in problem.vi
    assert rounds.open_round(provinces).external.empty


def test_titles_running_numbers_and_low_values_of_other_indices(provinces: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "KẾT QUẢ SIPAS;;;;\nSTT;Đơn vị;Chỉ số;Giá trị;Nguồn\n1;Hà Giang;SIPAS;82,5%;BC\n2;Cao Bằng;Sipas;9,05;BC\n"
    path.write_text(text, encoding="utf-8")
    stated = done("round", "external", provinces, path)
    assert "dòng 4, cột Giá trị, giá trị '9,05'" in stated and "thấp bất thường trên thang 100" in stated
    assert rounds.open_round(provinces).external["value"].tolist() == [82.5, 9.05]


def test_a_value_that_would_never_hold_is_refused(provinces: str, tmp_path: Path) -> None:
    def dated(value: str, day: str) -> Path:
        path = tmp_path / "a.csv"
        path.write_text(f"Đơn vị;Chỉ số;Giá trị;Thời điểm\nHà Giang;sipas;{value};{day}\n", encoding="utf-8")
        return path

    (future,) = refused("round", "external", provinces, dated("80", "2099-01-01"))
    assert "thời điểm ở tương lai" in future.vi
    done("round", "external", provinces, dated("80", "01/03/2024"))
    (earlier,) = refused("round", "external", provinces, dated("81", "01/02/2024"))
    assert "sẽ không có hiệu lực" in earlier.vi


# --- the survey --------------------------------------------------------------------------------

SCALE = {5: 1.0, 4: 0.8, 3: 0.5, 2: 0.2, 1: 0.0}  # what an answer to item Q1_7_1 earns


def error_by_hand(frame: pd.DataFrame) -> float:
    """The standard error of 1.7.1 (1 point), in percent, by the formula of docs/survey.md, in plain loops.

    Of each respondent group: p = sum(w s) / sum(w); z of a cluster = the sum of w (s - p) / sum(w) of its answers; V
    adds over the strata n / (n - 1) x sum (z - mean z)^2, and z^2 where a stratum has one cluster (the mean over all
    clusters is 0, for the z of a group add up to 0). The index is the mean of three groups: sqrt(sum V) / 3.
    """
    total = 0.0
    frame = frame.assign(cluster=frame["cluster"].astype("object").fillna(frame["respondent"]))  # none: alone
    for _, group in frame.groupby("group"):
        share = group["answer"].map(SCALE)
        weight = group["weight"] / group["weight"].sum()
        z = (weight * (share - (weight * share).sum())).groupby([group["stratum"], group["cluster"]]).sum()
        for _, clusters in z.groupby(level=0):
            n = len(clusters)
            total += n / (n - 1) * ((clusters - clusters.mean()) ** 2).sum() if n > 1 else clusters.iloc[0] ** 2
    return 100 * float(np.sqrt(total)) / 3


def scored(round_id: str, *names: str) -> tuple[float, float]:
    """The index of 1.7.1 of Hà Nội and its standard error, as ``parlib score`` writes them, for survey files."""
    done("round", "survey", round_id, *(INPUTS / name for name in names))
    table = rounds.results(rounds.open_round(round_id)).table
    row = table.query("unit == 'ha-noi' and node == '1.7.1'").iloc[0]
    return float(row["index"]), float(row["standard_error"])


INTEGERS, DECIMALS = "survey_clusters_int.parquet", "survey_clusters_float.parquet"


@pytest.mark.parametrize("names", [(INTEGERS,), (DECIMALS,), (INTEGERS, DECIMALS)], ids=["1", "1.0", "both"])
@pytest.mark.long
def test_clusters_written_1_and_1_0_are_the_same_clusters(names: tuple[str, ...], provinces: str) -> None:
    """The two files hold the same answers, of other people, in the same clusters: as whole numbers, and as decimals
    because one respondent has none. Kept as 0 and 0.0 the error of both together would be a quarter of what it is."""
    index, error = scored(provinces, *names)
    rows = pd.concat([pd.read_parquet(INPUTS / name) for name in names])
    # hdnd: s = .5 .5 .8 1, w = 1 2 3 1, p = 4.9/7; so_nganh: 0 0 1 1, 4/7; huyen: .2 .2 1 .5, 4.1/7
    assert index == pytest.approx((4.9 + 4 + 4.1) / 7 / 3 * 100)
    assert error == pytest.approx(error_by_hand(rows), abs=1e-9)
    assert error == pytest.approx(12.341, abs=1e-3) if len(names) == 2 else error == pytest.approx(12.316, abs=1e-3)


def test_weights_as_vietnamese_excel_shows_thousands_are_refused(provinces: str) -> None:
    name = "survey_weights_987_and_1.234.csv"
    (problem,) = refused("round", "survey", provinces, INPUTS / name)
    assert (problem.file, *places([problem])[0]) == (name, 3, "weight", "1.234")
    assert "có thể hiểu là 1234 hoặc 1,234" in problem.vi
    assert rounds.open_round(provinces).survey_path is None


@pytest.mark.few(1)
@pytest.mark.parametrize("name", ["survey_title.csv", "survey_head_sep.csv"])
def test_a_title_above_the_head_and_a_separator_in_a_head_are_read_over(name: str, provinces: str) -> None:
    """The right share and error come out only where every column is found under its head."""
    index, error = scored(provinces, name)
    rows = pd.read_csv(INPUTS / name, sep=";", skiprows=int(name == "survey_title.csv"))
    assert index == pytest.approx((4.9 + 4 + 4.1) / 7 / 3 * 100)
    assert error == pytest.approx(error_by_hand(rows), abs=1e-9)
    assert "Câu hỏi; mức độ" not in pq.read_schema(rounds.open_round(provinces).survey_path).names


# --- forms -------------------------------------------------------------------------------------


@pytest.fixture
def form(tmp_path: Path) -> Callable[[str, str], Path]:
    """A form as it was sent, as if it were issued of the set of criteria as it is today."""

    def today(name: str, round_id: str) -> Path:
        book = openpyxl.load_workbook(INPUTS / name)
        issued = next(row[1].value for row in book[IDENTITY].iter_rows() if row[0].value == "scheme_sha256")
        now = scheme_hash(rounds.open_round(round_id).scheme)
        with zipfile.ZipFile(INPUTS / name) as sent, zipfile.ZipFile(tmp_path / name, "w") as target:
            for part in sent.namelist():
                target.writestr(part, sent.read(part).replace(issued.encode(), now.encode()))
        return tmp_path / name

    return today


def taken(path: Path, round_id: str) -> list[str]:
    """The notes that are said when a form is taken in, but for that on what it still owes."""
    stated = done("round", "import", round_id, path, "--by", "Vụ CCHC")
    assert f"{path.name}: thêm " in stated
    return [line for line in stated.splitlines() if line.startswith("lưu ý: ") and "còn thiếu" not in line]


def place(path: Path, row: int, column: str, value: object, sheet: str = MAIN) -> str:
    shown = repr(value).replace(".", ",") if isinstance(value, float) else repr(value)
    return f"lưu ý: tệp {path.name}, trang tính {sheet}, dòng {row}, cột {column}, giá trị {shown}: "


def test_the_address_behind_a_link_joins_the_evidence(provinces: str, form: Callable[[str, str], Path]) -> None:
    assert taken(form("form_hyperlink.xlsx", provinces), provinces) == []
    trace = done("round", "trace", provinces, "Hà Nội", "1.1.2")
    assert "95,5% = 0,75 điểm" in trace and "QĐ 12 (https://" in trace


def test_an_answer_that_is_struck_out_is_read_and_pointed_at(provinces: str, form: Callable[[str, str], Path]) -> None:
    path = form("form_struck_out.xlsx", provinces)
    (note,) = taken(path, provinces)
    assert note.startswith(place(path, 9, "E", 95.5)) and "bị gạch ngang nhưng vẫn được đọc" in note
    assert answers(provinces)["ha-noi", "1.1.2"] == "95.5"


def test_a_copy_of_the_main_sheet_is_not_read_and_pointed_at(provinces: str, form: Callable[[str, str], Path]) -> None:
    path = form("form_copied_sheet.xlsx", provinces)
    (note,) = taken(path, provinces)
    assert f"trang tính {MAIN} Copy, dòng 1, cột A" in note and "không được đọc" in note
    assert answers(provinces) == {("ha-noi", "1.1.1"): "timely", ("ha-noi", "1.1.2"): "95.5", ("ha-noi", "1.5"): "2"}


def test_a_form_saved_as_strict_open_xml_is_told_how_to_save_it(provinces: str) -> None:
    (problem,) = refused("round", "import", provinces, INPUTS / "form_strict_ooxml.xlsx")
    assert problem.file == "form_strict_ooxml.xlsx" and "lưu lại dạng Excel Workbook (.xlsx)" in problem.vi
    assert "save it as Excel Workbook (.xlsx)" in problem.en


BESIDE: dict[str, list[tuple[int, str, str, str]]] = {
    "form-cell-note.xlsx": [(15, "E", "Số này do Sở tạm tính", "ghi chú gắn với ô không được đọc")],
    "form-note-below-table.xlsx": [
        (149, "A", "Ghi chú: số liệu tính đến 31/12", "ô nằm ngoài bảng, không được đọc"),
        (150, "B", "Người lập", "ô nằm ngoài bảng, không được đọc"),
    ],
    "far-cell.xlsx": [(1048576, "XFD", "x", "ô nằm ngoài bảng, không được đọc")],
}


@pytest.mark.few(1)
@pytest.mark.parametrize("name", BESIDE)
def test_notes_on_cells_below_the_table_and_far_away_do_not_stop_a_form(
    name: str, form: Callable[[str, str], Path]
) -> None:
    round_id = opened("2025-ministry", "--units", "Bộ Nội vụ, Bộ Tài chính")
    path = form(name, round_id)
    notes = taken(path, round_id)
    for note, (row, column, value, words) in zip(notes, BESIDE[name], strict=True):
        assert note.startswith(place(path, row, column, value)) and words in note
    held = answers(round_id)
    assert len(held) == 78  # every criterion that the unit answers
    assert held["bo-noi-vu-2025", "1.3.1"] == "30"


# --- sets of criteria --------------------------------------------------------------------------


def test_an_annex_as_printed_is_told_which_sheets_a_set_of_criteria_has() -> None:
    problems = refused("scheme", "check", INPUTS / "phuluc.xlsx")
    assert [problem.sheet for problem in problems] == ["Thông tin chung", "Nhóm điểm", "Xếp loại", "Tiêu chí", ""]
    assert all("tệp có: Phụ lục I" in problem.vi for problem in problems[:4])
    assert problems[4].vi.endswith("parlib scheme read phuluc.xlsx")


def test_steps_in_the_words_of_an_annex_are_taken() -> None:
    assert "876-province" in done("scheme", "check", INPUTS / "scheme_range_ladder.xlsx")


# --- folders, patterns, and what programs leave beside files -------------------------------------


@pytest.mark.long
def test_folders_and_patterns_are_expanded_as_no_shell_of_windows_does(provinces: str, tmp_path: Path) -> None:
    folder = tmp_path / "phiếu nhận"
    folder.mkdir()
    head = "Đơn vị;Mã;Giai đoạn;Kết quả;Tài liệu kiểm chứng\n"
    (folder / "a.csv").write_text(f"{head}Hà Nội;1.1.2;self;100;QĐ 1\n", encoding="utf-8")
    (folder / "b.CSV").write_text(f"{head}Cao Bằng;1.1.2;self;90;QĐ 2\n", encoding="utf-8")
    for name in ("~$a.xlsx", ".~lock.a.csv#", "._a.csv", "Thumbs.db", "ghi chú.docx"):
        (folder / name).write_text("x", encoding="utf-8")
    (folder / "cũ").mkdir()
    stated = done("round", "import", provinces, folder)
    assert answers(provinces) == {("ha-noi", "1.1.2"): "100", ("cao-bang", "1.1.2"): "90"}
    assert "~$a.xlsx: bỏ qua" in stated and "ghi chú.docx: bỏ qua" in stated
    assert "a.csv: thêm 0 dòng" in done("round", "import", provinces, folder / "a.*", "--again")
    assert "không có tệp nào có đuôi .xlsx" in refused("round", "import", provinces, folder / "*.xls?")[0].text("vi")


# --- texts and numbers without measure --------------------------------------------------------------


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"1.5;{'9' * 300};x;V;", "hơn 15 chữ số"),
        ("1.5;1;x;V;1600-01-01", "không phải là ngày giờ"),
        (f"1.5;1;x;{'A' * 201};", "dài nhất 200 ký tự"),
        ('1.5;1;x;"A\nB";', "dài nhất 200 ký tự"),
        ("1.5;1;a\u202eb;V;", "ký tự điều khiển"),
        (f"1.5;1;{'A' * 140000};V;", "131072"),
    ],
)
def test_texts_and_numbers_that_nobody_means_are_refused(row: str, words: str, provinces: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "Đơn vị;Giai đoạn;Mã;Kết quả;Tài liệu kiểm chứng;Người nhập;Thời điểm\n"
    path.write_text(f"{head}Hà Nội;self;{row}\n", encoding="utf-8")
    problems = refused("round", "import", provinces, path)
    stated = [problem.text("vi") for problem in problems]
    assert any(words in one for one in stated) and max(map(len, stated)) < 500
    assert not answers(provinces)


def test_small_slips_of_spreadsheets_are_no_reason_to_refuse(provinces: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "Đơn vị;Mã;Giai đoạn;Kết quả;Tài liệu kiểm chứng\n"
    path.write_text(f"{head}Hà Nội;1.1.2;self;100,0000000001;- Quyết định 12|ABC!\n", encoding="utf-8")
    done("round", "import", provinces, path)
    assert "= 1 điểm" in done("round", "trace", provinces, "Hà Nội", "1.1.2 ")
    path.write_text(f"{head}Hà Nội;1.5;self;1000000000;QĐ\n", encoding="utf-8")
    assert "thừa chữ số" in done("round", "import", provinces, path)


@pytest.mark.long
def test_ten_thousand_strange_columns_are_a_few_lines_and_unseen_signs_are_named(
    provinces: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    heads = ";".join(f"cột {n}" for n in range(10_000))
    path.write_text(f"Đơn vị;Mã;Giai đoạn;Kết quả;{heads}\nHà Nội;1.5;self;1{';1' * 10_000}\n", encoding="utf-8")
    assert len(refused("round", "import", provinces, path)) < 30
    path.write_text("Đơn vị;Mã;Giai đoạn;Kết quả\nHà\u00a0No\u200by;1.5;self;1\n", encoding="utf-8")
    assert "'Hà<U+00A0>No<U+200B>y'" in refused("round", "import", provinces, path)[0].text("vi")


def _without_survey(plan: Path) -> str:
    """The text of a plan without the survey that was drafted for it."""
    return re.sub(r"(?m)^survey:\n([ -].*\n)*", "", plan.read_text("utf-8"))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("survey:\n  groups:\n  - key: khong_co\n", "không hỏi nhóm này"),
        ("survey:\n  groups:\n  - key: nguoi_dan\n    weight: 0\n", "trọng số của mọi nhóm đều bằng 0"),
        ("seed: 1\n", "simulated phải là true"),
    ],
)
def test_a_plan_that_means_nothing_or_hides_a_simulation_is_refused(lines: str, words: str, provinces: str) -> None:
    plan = rounds.round_folder(provinces) / "round.yaml"
    plan.write_text(_without_survey(plan) + lines, encoding="utf-8")
    assert words in refused("round", "status", provinces)[0].text("vi")


def test_the_survey_of_citizens_may_stand_in_the_plan_of_a_round_of_provinces(provinces: str) -> None:
    """It scores a criterion as an index of its own: no rule of the set names the group."""
    plan = rounds.round_folder(provinces) / "round.yaml"
    plan.write_text(_without_survey(plan) + "survey:\n  groups:\n  - key: nguoi_dan\n", encoding="utf-8")
    assert "Hà Nội" in done("round", "status", provinces)


def test_every_file_of_the_inputs_is_used() -> None:
    words = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in INPUTS.iterdir() if path.name not in words] == []
