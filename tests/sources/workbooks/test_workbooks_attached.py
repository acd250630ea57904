"""What hangs on the cells of a returned form, stands around its table or on other sheets is announced."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from typer.testing import CliRunner

from parlib.cli import app
from parlib.errors import DataError, Problem
from parlib.scoring.scheme import load_scheme
from parlib.sources import rounds, workbooks
from parlib.sources.workbooks.form_layout import FORM_KINDS, SHEETS

from .conftest import Form

_, _, MAIN, _, _ = (name.text() for name in SHEETS)

_XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PIC = "<xdr:pic/>"
_BOX = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>Đã thống nhất với Sở</a:t></a:r></a:p></xdr:txBody></xdr:sp>"


def _drawn(path: Path, row: int, column: int, content: str, sheet: str = "sheet3") -> Path:
    """Puts a drawing of one anchor, at a row and column counted from 1, on a sheet of a saved form."""
    anchor = (
        f"<xdr:from><xdr:col>{column - 1}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{row - 1}</xdr:row>"
        "<xdr:rowOff>0</xdr:rowOff></xdr:from>"
    )
    drawing = (
        f'<xdr:wsDr xmlns:xdr="{_XDR}" xmlns:a="{_A}"><xdr:oneCellAnchor>{anchor}'
        f'<xdr:ext cx="1" cy="1"/>{content}<xdr:clientData/></xdr:oneCellAnchor></xdr:wsDr>'
    )
    relation = f'<Relationship Id="rId1" Type="{_KINDS}/drawing" Target="/xl/drawings/drawing1.xml"/>'
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/drawings/drawing1.xml", drawing)
        archive.writestr(
            f"xl/worksheets/_rels/{sheet}.xml.rels",
            f'<Relationships xmlns="{_RELATIONS}">{relation}</Relationships>',
        )
    return path


def _embedded(path: Path, row: int) -> Path:
    """Embeds a PDF in the main sheet of a saved form, over column C of ``row``, as Excel writes it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    place = f"<from><xdr:col>2</xdr:col><xdr:row>{row - 1}</xdr:row></from>"
    ole = (
        f'<oleObjects xmlns:xdr="{_XDR}" xmlns:r="{_KINDS}"><oleObject progId="AcroExch.Document" shapeId="1025" '
        f'r:id="rId9"><objectPr><anchor>{place}</anchor></objectPr></oleObject></oleObjects></worksheet>'
    )
    main = "xl/worksheets/sheet3.xml"
    parts[main] = parts[main].replace(b"</worksheet>", ole.encode())
    relation = f'<Relationship Id="rId9" Type="{_KINDS}/oleObject" Target="../embeddings/oleObject1.bin"/>'
    parts["xl/worksheets/_rels/sheet3.xml.rels"] = (
        f'<Relationships xmlns="{_RELATIONS}">{relation}</Relationships>'.encode()
    )
    parts["xl/embeddings/oleObject1.bin"] = b"PDF"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _warnings(path: Path, round_: rounds.Round) -> list[Problem]:
    return list(workbooks.examine_form(path, round_).warnings)


def _evidence(path: Path, round_: rounds.Round, code: str) -> str:
    rows = workbooks.examine_form(path, round_).rows.set_index("code")
    return str(rows.loc[code, "evidence"])


LINKS = {
    "text with a link": ("QĐ 12", "https://hanoi.gov.vn/qd12.pdf", "QĐ 12 (https://hanoi.gov.vn/qd12.pdf)"),
    "an address typed": ("https://hanoi.gov.vn", "https://hanoi.gov.vn/", "https://hanoi.gov.vn"),
    "an address of mail": ("vp@hanoi.gov.vn", "mailto:vp@hanoi.gov.vn", "vp@hanoi.gov.vn"),
    "a link alone": (None, "https://hanoi.gov.vn/qd12.pdf", "https://hanoi.gov.vn/qd12.pdf"),
    "Vietnamese escaped": ("QĐ 12", "https://x.vn/qu%E1%BA%ADn", "QĐ 12 (https://x.vn/quận)"),
}


@pytest.mark.few(2)
@pytest.mark.parametrize("what", LINKS)
def test_the_address_of_a_link_joins_the_evidence(what: str, filled: Form, opened: rounds.Round) -> None:
    text, target, expected = LINKS[what]
    filled.put("1.1.2", "evidence", text)
    filled.cell("1.1.2", "evidence").hyperlink = target
    filled.cell("1.1.2", "evidence").value = text
    path = filled.save()
    assert _evidence(path, opened, "1.1.2") == expected
    assert not [p for p in _warnings(path, opened) if "liên kết" in p.vi]


def test_a_link_to_a_file_of_the_sender_and_a_link_on_an_answer_are_pointed_at(
    filled: Form, opened: rounds.Round
) -> None:
    filled.cell("1.1.2", "evidence").hyperlink = "file:///D:/CCHC/QD12.pdf"
    filled.cell("1.1.2", "answer").hyperlink = "https://hanoi.gov.vn"
    filled.cell("1.1.2", "name").hyperlink = "https://hanoi.gov.vn/kh"
    path = filled.save()
    assert _evidence(path, opened, "1.1.2").endswith("(file:///D:/CCHC/QD12.pdf)")
    results = {(p.row, p.column[0], p.value) for p in _warnings(path, opened) if "liên kết" in p.vi}
    row = filled.rows["1.1.2"]
    assert results == {
        (row, "M", "file:///D:/CCHC/QD12.pdf"),
        (row, "E", "https://hanoi.gov.vn"),
        (row, "B", "https://hanoi.gov.vn/kh"),
    }


def _thread(form: Form) -> Path:
    words = (
        "[Threaded comment]\n\nYour version of Excel allows you to read this; go to https://x\n\nComment:\n    tạm tính"
    )
    form.cell("1.1.2", "answer").comment = Comment(words, "tc={0}")
    return form.save()


def _struck_in_part(form: Form) -> Path:
    form.cell("1.1.2", "evidence").value = CellRichText("QĐ 12, ", TextBlock(InlineFont(strike=True), "QĐ 13"))
    return form.save()


HANGING: dict[str, tuple[Callable[[Form], Path], str, object, str]] = {
    "a thread of comments": (_thread, "E", "tạm tính", "ghi chú gắn với ô"),
    "a text struck out in part": (_struck_in_part, "M", "QĐ 12, QĐ 13", "bị gạch ngang"),
    "a picture": (lambda f: _drawn(f.save(), f.rows["1.1.2"], 11, _PIC), "K", None, "hình ảnh"),
    "a text box": (lambda f: _drawn(f.save(), f.rows["1.1.2"], 5, _BOX), "E", "Đã thống nhất với Sở", "hộp chữ"),
    "an embedded file": (lambda f: _embedded(f.save(), f.rows["1.1.2"]), "C", "AcroExch.Document", "tệp nhúng"),
}


@pytest.mark.few(2)
@pytest.mark.parametrize("what", HANGING)
def test_what_hangs_on_a_cell_is_announced_with_it(
    what: str, filled: Form, filled_path: Path, opened: rounds.Round
) -> None:
    spoil, column, value, words = HANGING[what]
    path = spoil(filled)
    assert len(workbooks.read_form(path, opened)) == len(workbooks.read_form(filled_path, opened))
    (problem,) = [p for p in _warnings(path, opened) if words in p.vi]
    assert problem.en
    assert (problem.file, problem.sheet, problem.row) == (path.name, MAIN, filled.rows["1.1.2"])
    assert (problem.column, problem.value) == (column, value)


@pytest.mark.few(1)
@pytest.mark.parametrize("kind", FORM_KINDS)
def test_every_kind_of_form_is_looked_at(kind: str, fresh: rounds.Round, filled_path: Path, tmp_path: Path) -> None:
    rows = workbooks.read_form(filled_path, fresh)
    rounds.append(fresh.plan.id, rows, source="phiếu.xlsx", by="ha-noi")
    round_ = rounds.open_round(fresh.plan.id)
    form = Form(workbooks.write_form(round_, "ha-noi", tmp_path / "phiếu.xlsx", kind), kind, round_)
    form.cell("1.1.2", "name").comment = Comment("xem lại", "CCHC")
    form.sheet.cell(form.sheet.max_row + 3, 2).value = "Người lập"
    results = [(p.row, p.column, p.value) for p in _warnings(form.save(), round_)]
    assert (form.rows["1.1.2"], "B", "xem lại") in results
    assert (max(form.rows.values()) + 3, "B", "Người lập") in results


def test_other_sheets_with_content_are_announced_and_empty_ones_are_not(filled: Form, opened: rounds.Round) -> None:
    filled.book.copy_worksheet(filled.sheet)
    filled.book.create_sheet("Phụ lục")["B3"] = "số liệu chi tiết"
    filled.book.create_sheet("Sheet9")
    results = {p.sheet: p for p in _warnings(filled.save(), opened) if "trang tính này" in p.vi}
    assert set(results) == {f"{MAIN} Copy", "Phụ lục"}
    assert (results["Phụ lục"].row, results["Phụ lục"].column) == (3, "B")
    assert results["Phụ lục"].value == "số liệu chi tiết"


def test_notes_signatures_and_merges_below_the_table_do_not_refuse_the_form(filled: Form, opened: rounds.Round) -> None:
    last = max(filled.rows.values())
    filled.sheet.cell(last + 2, 1).value = "Ghi chú: số liệu tính đến 31/12"
    filled.sheet.cell(last + 3, 2).value = "Người lập"
    filled.sheet.merge_cells(start_row=last + 5, end_row=last + 5, start_column=1, end_column=4)
    results = [(p.row, p.column, p.value) for p in _warnings(filled.save(), opened) if "nằm ngoài bảng" in p.vi]
    assert results == [(last + 2, "A", "Ghi chú: số liệu tính đến 31/12"), (last + 3, "B", "Người lập")]


def test_a_criterion_added_below_the_table_is_refused(filled: Form, opened: rounds.Round) -> None:
    row = max(filled.rows.values()) + 1
    filled.sheet.cell(row, 1).value = "9.1"
    with pytest.raises(DataError, match="no such code"):
        workbooks.read_form(filled.save(), opened)


@pytest.mark.parametrize("cell", ["A1048576", "XFD60"])
def test_a_stray_cell_far_away_is_bounded_and_announced(cell: str, filled: Form, opened: rounds.Round) -> None:
    filled.sheet[cell] = "x"
    (problem,) = [p for p in _warnings(filled.save(), opened) if "nằm ngoài bảng" in p.vi]
    assert f"{problem.column}{problem.row}" == cell and problem.value == "x"


@pytest.mark.few(1)
@pytest.mark.parametrize("stage", ["appraisal", "thẩm định", "xyz"])
def test_a_form_of_another_stage_than_the_one_asked_for_is_refused(
    stage: str, fresh: rounds.Round, filled_path: Path
) -> None:
    words = ["round", "import", fresh.plan.id, str(filled_path), "--stage"]
    result = CliRunner().invoke(app, [*words, stage])
    assert isinstance(result.exception, DataError) and "phiếu tự đánh giá" in result.exception.problems[0].vi
    assert rounds.open_round(fresh.plan.id).ledger.empty
    assert CliRunner().invoke(app, [*words, "tự đánh giá"]).exit_code == 0


def test_a_set_of_criteria_says_what_hangs_on_its_cells(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    workbooks.export_scheme(load_scheme("876-province"), path)
    assert not [p for p in workbooks.read_scheme_book(path).warnings if "được đọc" in p.vi]
    book = openpyxl.load_workbook(path)
    tree = book["Tiêu chí"]
    tree["B5"].comment = Comment("tên mới", "CCHC")
    tree["B6"].font = Font(strike=True)
    tree["B7"].hyperlink = "https://x.vn"
    book.create_sheet("Nháp")["A1"] = "x"
    book.save(path)
    results = {(p.sheet, p.row, p.column) for p in workbooks.read_scheme_book(path).warnings}
    assert results >= {("Tiêu chí", 5, "B"), ("Tiêu chí", 6, "B"), ("Tiêu chí", 7, "B"), ("Nháp", 1, "A")}


@pytest.mark.parametrize("cell", ["A1048576", "XFD1048576"])
def test_a_stray_cell_far_away_in_a_set_of_criteria_is_named(cell: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    workbooks.export_scheme(load_scheme("876-province"), path)
    book = openpyxl.load_workbook(path)
    book["Tiêu chí"][cell] = "x"
    book.save(path)
    with pytest.raises(Exception, match="1048576") as refused:
        workbooks.import_scheme(path)
    assert refused.value.problems  # type: ignore[attr-defined]
