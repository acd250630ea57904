"""Damaged forms: each kind is named by file, sheet, row, column and value, all at once, and nothing of it is taken."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from parlib.errors import DataError
from parlib.sources import rounds, workbooks
from parlib.sources.excel import open_workbook
from parlib.sources.workbooks.form_layout import FORMS, HEAD_ROW, SHEETS

from .conftest import Form

_, _, MAIN, _, IDENTITY = (name.text() for name in SHEETS)

HEADS = FORMS["self"].headings

# 1.1.1 is a choice, 1.1.2 steps in %, 1.5 a tally, 1.6.2 a deduction, 8.2.1 a target, 1.7.1 surveyed, 1.1 a criterion.
Spoil = Callable[[Form], None]


def typed(code: str, key: str, value: Any, words: str, shown: Any = ...) -> tuple[Spoil, str, str, Any, str]:
    """Type ``value``; the problem is at that cell and quotes it."""
    return lambda form: form.put(code, key, value), code, key, value if shown is ... else shown, words


def changed(spoil: Spoil, code: str, key: str, shown: Any, words: str) -> tuple[Spoil, str, str, Any, str]:
    return spoil, code, key, shown, words


def _percent_of_count(form: Form) -> None:
    form.put("1.5", "answer", 0.5)
    form.cell("1.5", "answer").number_format = "0%"


def _percent_of_target(form: Form) -> None:
    form.put("8.2.1", "target", 1)
    form.cell("8.2.1", "target").number_format = "0%"


def _array(form: Form) -> None:
    cell = form.cell("1.1.2", "answer")
    form.sheet[cell.coordinate] = ArrayFormula(cell.coordinate, "=SUM(A1:A2)")


def _both(form: Form) -> None:
    form.put("1.1.2", "not_applicable", "Không áp dụng")


def _move(form: Form) -> None:
    row, other = form.rows["1.1.1"], form.rows["1.4"]
    cells = [[form.sheet.cell(at, n).value for n in range(1, 14)] for at in (row, other)]
    for at, values in zip((other, row), cells, strict=True):
        for n, value in enumerate(values, 1):
            form.sheet.cell(at, n).value = value


DAMAGE: dict[str, tuple[Spoil, str, str, Any, str]] = {
    "words for a number": typed("1.1.2", "answer", "khoảng chín mươi", "một số từ 0 đến 100"),
    "a number for a choice": typed("1.1.1", "answer", 7, "không có phương án này"),
    "an option that does not exist": typed("1.1.1", "answer", "Ban hành rất kịp thời", "Ban hành kịp thời"),
    "decimal comma and point": typed("1.1.2", "answer", "1.234,5", "hàng nghìn"),
    "a point that may be a thousands separator": typed("8.2.1", "answer", "1.234", "1234"),
    "two commas": typed("1.1.2", "answer", "9,5,5", "thập phân"),
    "more than 100%": typed("1.1.2", "answer", 120, "từ 0 đến 100"),
    "a negative number": typed("1.1.2", "answer", -1, "từ 0 đến 100"),
    "half a case": typed("1.5", "answer", 1.5, "số nguyên"),
    "a range": typed("1.1.2", "answer", "80-90", "một số"),
    "a percentage where a count is asked": changed(_percent_of_count, "1.5", "answer", 0.5, "phần trăm"),
    "a formula for an answer": typed("1.1.2", "answer", "=85+0.5", "công thức"),
    "an array formula": changed(_array, "1.1.2", "answer", "=SUM(A1:A2)", "công thức"),
    "a formula in a text cell": typed("1.1.2", "remark", '=HYPERLINK("http://x","y")', "công thức"),
    "an error value": typed("1.1.2", "answer", "#REF!", "#REF!"),
    "a day for a number": typed("1.1.2", "answer", datetime.datetime(2024, 1, 15), "ngày tháng"),
    "a time for a number": typed("1.5", "answer", datetime.time(3, 30), "ngày tháng", "03:30:00"),
    "true for a number": typed("1.5", "answer", True, "TRUE"),
    "a target without a result": typed("8.2.1", "answer", None, "tổng vốn đầu tư đăng ký trong năm", ""),
    "a result without a target": typed("8.2.1", "target", None, "năm trước", ""),
    "a target of nothing": typed("8.2.1", "target", 0, "lớn hơn 0"),
    "a target in words": typed("8.2.1", "target", "như năm trước", "không đọc được thành số"),
    "a target where none is asked": typed("1.1.2", "target", 100, "không có mục tiêu"),
    "does not apply, and an answer": changed(_both, "1.1.2", "not_applicable", "Không áp dụng", "xóa một trong hai"),
    "an unknown word for not applicable": typed("1.1.2", "not_applicable", "Có", "Không áp dụng"),
    "an answer for the survey": typed("1.7.1", "answer", 1, "không nhập"),
    "evidence for the survey": typed("1.7.1", "evidence", "Báo cáo", "không nhập"),
    "an answer where the plan exempts": typed("3.1.2", "answer", 25, "không nhập"),
    "a changed maximum": typed("1.1.2", "maximum", 3, "đúng ra là 1"),
    "a changed name": typed("1.1.2", "name", "Mức độ khác", "ô in sẵn"),
    "a changed rule": typed("1.1.2", "rule", "Luôn được 1 điểm", "ô in sẵn"),
    "points typed over the formula": typed("1.1.2", "points", 1, "công thức tính điểm"),
    "a total typed over the formula": typed("1.1", "points", 1.5, "công thức tính điểm"),
    "an unknown code": typed("1.1.2", "code", "1.1.9", "không có mã này"),
    "a code given twice": typed("1.1.2", "code", "1.1.1", "hai dòng"),
    "a code that became a number": typed("1.1", "code", 1.1, "không có mã này"),
    "a moved row": changed(_move, "1.4", "code", "1.4", "di chuyển"),
    "merged cells": changed(
        lambda f: f.sheet.merge_cells(f"E{f.rows['1.1.1']}:E{f.rows['1.1.2']}"),
        "1.1.1",
        "",
        "Ban hành không kịp thời",
        "gộp",
    ),
    "does not apply, where the result stands": typed(
        "1.1.2", "answer", "Không áp dụng", "ghi ở cột “I – Không áp dụng”"
    ),
    "a target shown as a percentage": changed(_percent_of_target, "8.2.1", "target", 1, "hiện 100%"),
    "a text in an old encoding": typed("1.1.2", "evidence", "QuyÕt ®Þnh sè 12", "TCVN3"),
    "a control character": typed("1.1.2", "remark", "a_x0007_b", "ký tự điều khiển", repr("a\x07b")),
}


def _problems(path: Path, round_: rounds.Round) -> DataError:
    with pytest.raises(DataError) as refused:
        workbooks.read_form(path, round_)
    return refused.value


@pytest.mark.few(9)
@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_named_by_file_sheet_row_column_and_value(what: str, filled: Form, opened: rounds.Round) -> None:
    spoil, code, key, shown, words = DAMAGE[what]
    row = filled.rows[code]
    if what == "a moved row":
        row = filled.rows["1.1.1"]
    spoil(filled)
    error = _problems(filled.save(), opened)
    named = [p for p in error.problems if p.row == row and words in p.vi]
    assert named, error.text()
    problem = named[0]
    assert (problem.file, problem.sheet) == ("trả lại.xlsx", MAIN)
    assert problem.column == (HEADS[key] if key else "E")
    assert problem.value == shown or (problem.value == "" and shown is None)
    assert problem.en and problem.en != problem.vi


def test_points_that_the_form_showed_and_the_rule_does_not_give(
    filled_path: Path, opened: rounds.Round, tmp_path: Path
) -> None:
    """The formula of one row is bent, and its value kept in the file as Excel would."""
    path = tmp_path / "trả lại.xlsx"
    with zipfile.ZipFile(filled_path) as source, zipfile.ZipFile(path, "w") as target:
        for item in source.infolist():
            content = source.read(item.filename)
            if item.filename == "xl/worksheets/sheet3.xml":
                row = Form(filled_path, "self", opened).rows["1.1.2"]
                place = f'<c r="J{row}"'.encode()
                start = content.index(place)
                end = content.index(b"</c>", start)
                cell = content[start:end]
                head = cell[: cell.index(b">")].replace(b' t="str"', b"")
                content = content[:start] + head + b"><f>1</f><v>1</v>" + content[end:]
            target.writestr(item, content)
    error = _problems(path, opened)
    (problem,) = error.problems
    assert problem.node == "1.1.2" and problem.value == 1 and "được 0,75 điểm" in problem.vi  # 85.5% is from 85%: 0.75


def test_inserted_and_deleted_rows_are_named(filled: Form, opened: rounds.Round) -> None:
    row = filled.rows["1.1.2"]
    filled.sheet.delete_rows(row)
    error = _problems(filled.save(), opened)
    (problem,) = [p for p in error.problems if "đã bị xóa" in p.vi]
    assert problem.node == "1.1.2" and problem.row == row and problem.value == "Mức độ hoàn thành kế hoạch CCHC năm"


def test_an_inserted_row_is_named(filled: Form, opened: rounds.Round) -> None:
    row = filled.rows["1.1.2"]
    filled.sheet.insert_rows(row)
    filled.sheet.cell(row, 2).value = "Tiêu chí của tỉnh"
    error = _problems(filled.save(), opened)
    (problem,) = [p for p in error.problems if p.row == row]
    assert "dòng chèn thêm" in problem.vi and problem.value == "Tiêu chí của tỉnh"


def test_an_inserted_blank_row_is_named(filled: Form, opened: rounds.Round) -> None:
    row = filled.rows["1.1.2"]
    filled.sheet.insert_rows(row)
    error = _problems(filled.save(), opened)
    assert [p.row for p in error.problems] == [row] and "dòng trống" in error.problems[0].vi


@pytest.mark.parametrize("change", ["insert", "delete"])
def test_inserted_and_deleted_columns_are_named(change: str, filled: Form, opened: rounds.Round) -> None:
    getattr(filled.sheet, f"{change}_cols")(5)
    error = _problems(filled.save(), opened)
    assert {(p.row, p.column) for p in error.problems} >= {(HEAD_ROW, "E"), (HEAD_ROW, "F")}


def test_a_renamed_and_a_missing_sheet_are_named(filled: Form, opened: rounds.Round) -> None:
    filled.sheet.title = "Sheet1"
    error = _problems(filled.save(), opened)
    assert error.problems[0].sheet == MAIN and "Sheet1" in str(error.problems[0].value)


def test_everything_is_named_at_once(filled: Form, opened: rounds.Round) -> None:
    filled.put("1.1.1", "answer", "?")
    filled.put("1.1.2", "answer", "=1")
    filled.put("1.5", "answer", "#DIV/0!")
    filled.put("1.6.2", "evidence", "=cmd|' /C calc'!A0")
    filled.put("1.1", "maximum", 99)
    filled.put("8.2.1", "target", "x")
    filled.put("1.7.1", "remark", "x")
    error = _problems(filled.save(), opened)
    assert {p.node for p in error.problems} == {"1.1.1", "1.1.2", "1.5", "1.6.2", "1.1", "8.2.1", "1.7.1"}
    rows = [p.row for p in error.problems]
    assert rows == sorted(rows, key=lambda row: row or 0)


# --- another form, another round ---------------------------------------------------------------

IDENTITIES = {
    "another round": ("round", "2022-province", "kỳ đánh giá khác"),
    "another scheme": ("scheme", "876-ministry", "bộ tiêu chí khác"),
    "a scheme that has changed": ("scheme_sha256", "0" * 64, "đã thay đổi"),
    "a unit that is not in the round": ("unit", "bo-noi-vu", "không thuộc kỳ"),
    "another version of the form": ("version", "0", "phiên bản"),
    "an unknown kind of form": ("kind", "khac", "loại phiếu"),
    "a mangled identity": ("ledger_rows", "x", "đã bị sửa"),
}


@pytest.mark.few(2)
@pytest.mark.parametrize("what", IDENTITIES)
def test_a_form_of_something_else_is_refused(what: str, filled: Form, opened: rounds.Round) -> None:
    key, value, words = IDENTITIES[what]
    sheet = filled.book[IDENTITY]
    cell = next(row for row in sheet.iter_rows(max_col=2) if row[0].value == key)
    cell[1].value = value
    problem = _problems(filled.save(), opened).problems[0]
    assert words in problem.vi and problem.value == value
    assert (problem.sheet, problem.row, problem.column) == (IDENTITY, cell[1].row, f"B – {key}")


def test_a_form_whose_identity_was_taken_from_another_unit_is_refused(filled: Form, opened: rounds.Round) -> None:
    for row in filled.book[IDENTITY].iter_rows(max_col=2):
        if row[0].value == "unit":
            row[1].value = "ha-giang"
    problem = _problems(filled.save(), opened).problems[0]
    assert problem.row == 2 and "đơn vị khác" in problem.vi and "Hà Nội" in str(problem.value)


def test_a_workbook_that_is_no_form_is_refused(opened: rounds.Round, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "khác.xlsx")
    problem = _problems(tmp_path / "khác.xlsx", opened).problems[0]
    assert "không phải phiếu" in problem.vi and problem.value == "Sheet"


# --- files that are not what they seem ---------------------------------------------------------


def _ole(name: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504 + name.encode("utf-16-le") + b"\x00" * 64


def _archive(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "truncated": (lambda whole: whole[: len(whole) // 2], "cắt cụt"),
    "truncated near its end": (lambda whole: whole[:-30], "cắt cụt"),
    "empty": (lambda _: b"", "rỗng"),
    "an .xls renamed": (lambda _: _ole("Workbook"), ".xls"),
    "with a password": (lambda _: _ole("EncryptedPackage"), "mật khẩu"),
    "an .xlsb renamed": (lambda _: _archive(xl__workbook_dot_bin=b"x"), ".xlsb"),
    "a PDF renamed": (lambda _: b"%PDF-1.7\n\x00\x01", "PDF"),
    "a CSV renamed": (lambda _: "mã;kết quả\n1.1.1;x\n".encode(), "CSV"),
    "an HTML table renamed": (lambda _: b"<html><table></table></html>", "HTML"),
    "an .ods renamed": (lambda _: _archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), ".ods"),
    "a Word file renamed": (lambda _: _archive(word__document_dot_xml=b"<x/>"), ".docx"),
    "with macros": (lambda _: _archive(xl__workbook_dot_xml=b"<x/>", xl__vbaProject_dot_bin=b"x"), "macro"),
    "broken inside": (lambda _: _archive(xl__workbook_dot_xml=b"<workbook"), "hỏng"),
    "noise": (lambda _: b"\x00\x01\x02" * 100, "không phải tệp Excel"),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_is_not_what_it_seems_is_named_for_what_it_is(
    what: str, filled_path: Path, opened: rounds.Round, tmp_path: Path
) -> None:
    make, words = FILES[what]
    path = tmp_path / "phiếu Hà Nội.xlsx"
    path.write_bytes(make(filled_path.read_bytes()))
    (problem,) = _problems(path, opened).problems
    assert words in problem.vi and problem.file == "phiếu Hà Nội.xlsx" and problem.en


def test_a_corrupt_part_is_found(filled_path: Path, opened: rounds.Round, tmp_path: Path) -> None:
    content = bytearray(filled_path.read_bytes())
    with zipfile.ZipFile(filled_path) as archive:
        item = archive.getinfo("xl/worksheets/sheet3.xml")
    content[item.header_offset + 200] ^= 0xFF
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    assert "hỏng" in _problems(path, opened).problems[0].vi


@pytest.mark.parametrize("n, refused", [(32_767, False), (40_000, True)])
def test_a_cell_that_would_take_all_memory_is_not_read(n: int, refused: bool, tmp_path: Path) -> None:
    """Excel's longest cell, every letter of it "&quot;", is read; no program of an office writes a longer one."""
    path = tmp_path / "dài.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"] = "MARK"
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"MARK", b"&quot;" * n)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    if refused:
        with pytest.raises(DataError, match=r"dài\.xlsx: a text of 24000\d bytes in part xl/worksheets/sheet1\.xml"):
            open_workbook(path)
    else:
        assert open_workbook(path).active["A1"].value == '"' * n


def test_a_missing_file_is_named(opened: rounds.Round, tmp_path: Path) -> None:
    assert _problems(tmp_path / "không có.xlsx", opened).problems[0].file == "không có.xlsx"


# --- nothing is taken --------------------------------------------------------------------------


def test_a_refused_form_leaves_the_ledger_and_the_form_as_they_were(
    fresh: rounds.Round, filled: Form, tmp_path: Path
) -> None:
    filled.put("1.1.2", "answer", "?")
    path = filled.save()
    before = {file: file.read_bytes() for file in [*fresh.path.iterdir(), path] if file.is_file()}
    with pytest.raises(DataError):
        rounds.append(fresh.plan.id, workbooks.read_form(path, fresh), source=path.name)
    assert {file: file.read_bytes() for file in before} == before
