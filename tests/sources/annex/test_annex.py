"""An annex as decisions print it is read as it stands: tree, maxima, usual sentences; what is unclear is left."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook

from parlib.errors import DataError, ParameterError, SchemeError
from parlib.publish.word.template import Template
from parlib.report.tables import ranking
from parlib.scoring.rules import Choice
from parlib.scoring.scheme import OTHER_COLUMNS, Scheme, load_scheme
from parlib.sources import annex, workbooks
from parlib.sources.annex.rules import Said, understood
from parlib.sources.questions import groups_meant
from parlib.sources.workbooks.scheme_book import COMPONENTS, GROUPS, TREE
from parlib.tables import number

INPUTS = Path(__file__).parents[2] / "inputs"
HEAD = ["STT", "Lĩnh vực/Tiêu chí/Tiêu chí thành phần", "Điểm tối đa", "Ghi chú"]
DECISION = "(Ban hành kèm theo Quyết định số 1234/QĐ-BNV ngày 01/10/2025 của Bộ trưởng Bộ Nội vụ)"
TITLE = "BỘ TIÊU CHÍ XÁC ĐỊNH CHỈ SỐ CẢI CÁCH HÀNH CHÍNH CẤP TỈNH"
Rows = Sequence[Sequence[object]]


def sheet(path: Path, rows: Rows, merged: Sequence[str] = ()) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    for area in merged:
        book.active.merge_cells(area)
    book.save(path)
    return path


def document(path: Path, tables: Sequence[Rows]) -> Path:
    paper = Document()
    paper.add_paragraph(TITLE)
    for rows in tables:
        paper.add_paragraph("I. Các tiêu chí")
        table = paper.add_table(0, 4)
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=False):
                cell.text = unicodedata.normalize("NFD", str(text or ""))
    paper.save(path)
    return path


SMALL = [
    [TITLE],
    [DECISION],
    HEAD,
    ["1", "CHỈ ĐẠO, ĐIỀU HÀNH", "2,50"],
    ["1.1", "Ban hành kế hoạch", 0.5],
    [None, "- Kịp thời: 0,5đ"],
    [None, "- Không\u00a0kịp thời (0,25 điểm)"],
    [None, "- Không ban hành", 0],
    ["1.2.", "Hoàn thành kế hoạch", "1,0", "(Tỷ lệ % hoàn thành x điểm tối đa)/100%, dưới 70%: 0 điểm"],
    HEAD,
    ["1.3", "Báo cáo", "1.0", "Cứ 01 báo cáo chậm trừ 0,25 điểm"],
    ["TỔNG CỘNG", None, 2.5],
    [None, "Ghi chú: tài liệu là bản chụp"],
]

# --- sentences ----------------------------------------------------------------------------------------------------

SENTENCES = [
    ("Đạt 100%: 1\nTừ 85% - dưới 100%: 0,75\nDưới 85%: 0", 1, {"kind": "steps", "steps": ((100, 1), (85, 0.75))}),
    ("≥100%: 1\n85-<100%: 0,75\n70% - dưới 85%: 0,5\n<70%: 0", 1, {"steps": ((100, 1), (85, 0.75), (70, 0.5))}),
    ("Từ 80% số sở trở lên: 0,5; dưới 80%: 0 điểm", 0.5, {"steps": ((80, 0.5),)}),
    (
        "Nếu tỷ lệ hoàn thành từ 70% - dưới 100% thì điểm đánh giá được tính theo công thức: (Tỷ lệ % hoàn thành x"
        " 1.00)/100%. Dưới 70% thì điểm đánh giá là 0.",
        1,
        {"kind": "proportional", "full_at": 100, "zero_below": 70},
    ),
    ("(Tỷ lệ % xử lý x điểm tối đa)/100%, dưới 80%: 0 điểm", 1, {"kind": "proportional", "zero_below": 80}),
    ("(Tỷ lệ % số xã đã được xếp loại x 1,0)/100%", 1, {"kind": "proportional", "zero_below": 0}),
    ("Điểm = (Số nhiệm vụ hoàn thành/Tổng số nhiệm vụ) x điểm tối đa", 1, {"full_at": 100, "zero_below": 0}),
    ("Kịp thời được 0,5 điểm. Chậm được 0,25 điểm. Không làm không tính điểm.", 0.5, {"kind": "choice"}),
    ("100% văn bản đúng quy định: 1; có văn bản sai: 0", 1, {"kind": "choice"}),
    ("Mới ban hành kế hoạch: 0,5 điểm\nChưa ban hành: 0", 0.5, {"kind": "choice"}),  # "mới" is not "mỗi"
    ("Cứ 01 văn bản chậm thì bị trừ 0,25", 1, {"kind": "deduction", "per": 0.25, "input": "số văn bản chậm"}),
    ("Không có văn bản sai: 1\nMỗi văn bản sai trừ 0,5 điểm", 1, {"kind": "deduction", "per": 0.5}),
    ("Mỗi sáng kiến được cộng 0,5 điểm, tối đa không quá 1,5 điểm", 1.5, {"kind": "tally", "per": 0.5}),
    ("Chỉ số SIPAS: (Kết quả x 10)/100%", 10, {"kind": "external", "index": "sipas", "full_at": 100}),
    # What is only nearly one of these is left to a person.
    ("(Tỷ lệ % hoàn thành x 2)/100%, dưới 70%: 0 điểm", 1, None),  # more than the maximum
    ("(Tỷ lệ % xử lý x hệ số x 1)/100%", 1, None),  # times what?
    ("(Tỷ lệ % đúng hạn x 1)/100%; nếu trên 95% cộng 0,5", 1, None),
    ("Trên 90%: 1; từ 80% đến 90%: 0,5; dưới 80%: 0", 1, None),  # 90% itself?
    ("Từ 90% trở lên: 1; từ 50% đến dưới 60%: 0,5; dưới 50%: 0", 1, None),  # a gap
    ("Đạt 100%: 1\nTừ 85% - dưới 100%: 0,75", 1, None),  # below 85%?
    ("Từ 85% trở lên và báo cáo đúng hạn: 1; dưới 85%: 0", 1, None),  # a second condition
    ("Từ 85% trở lên, có kế hoạch: 1; dưới 85%: 0", 1, None),
    ("Nếu có kế hoạch thì điểm = (Tỷ lệ % x 1)/100%", 1, None),
    ("Tỷ lệ người dân hài lòng từ 90% trở lên: 1; dưới 90%: 0", 1, None),  # not the unit's own figure
    ("Cứ 05 ngày chậm trừ 0,2 điểm", 1, None),
    ("Cứ chậm 1% trừ 0,1 điểm", 1, None),
    ("Mỗi nhiệm vụ chậm trừ 0,1 điểm, trừ nhiệm vụ được gia hạn", 1, None),
    ("Kịp thời: 0,5; chậm: 0,25", 0.5, None),  # nothing?
    ("Kịp thời: 1; không: 0; chậm mỗi tháng trừ 0,1", 1, None),
    ("Hội đồng xem xét, tối đa 1 điểm", 1, None),
    ("Đạt từ 100% kế hoạch trở lên: 1; đạt dưới 100% kế hoạch: 0", 1, None),  # 105% is no share
    ("Chỉ số hài lòng: (Kết quả x 10)/100%", 10, None),  # which index?
    ("Điều tra xã hội học", 1, None),  # who is asked?
    ("...", 1, None),
]


@pytest.mark.parametrize(("text", "maximum", "expected"), SENTENCES)
def test_sentences_are_read_wholly_or_left(text: str, maximum: float, expected: dict[str, object] | None) -> None:
    lines = [Said(line) for line in text.split("\n")]
    found = understood(lines, "Tiêu chí", "1.1", Decimal(str(maximum)))
    if expected is None:
        assert found.asks
    else:
        assert found.rule is not None
        assert not found.asks
        assert expected.items() <= found.rule.model_dump().items()


# --- the tree -----------------------------------------------------------------------------------------------------


def test_a_small_annex_is_read_whole(tmp_path: Path) -> None:
    found = annex.read_annex(sheet(tmp_path / "phu-luc.xlsx", SMALL))
    assert [(node.code, node.name, float(node.points["max"])) for node in found.nodes] == [
        ("1", "CHỈ ĐẠO, ĐIỀU HÀNH", 2.5),
        ("1.1", "Ban hành kế hoạch", 0.5),
        ("1.2", "Hoàn thành kế hoạch", 1),
        ("1.3", "Báo cáo", 1),
    ]
    assert [node.rule.rule.kind for node in found.nodes if node.rule.rule] == ["choice", "proportional", "deduction"]
    assert not found.problems
    assert [note.row for note in found.notes] == [13]  # the remark below the total is announced


def test_the_level_is_that_of_the_annex_where_the_command_names_none(type_in, tmp_path: Path) -> None:
    rows = [["BỘ TIÊU CHÍ XÁC ĐỊNH CHỈ SỐ CẢI CÁCH HÀNH CHÍNH CỦA CÁC BỘ"], *SMALL[1:]]
    out = tmp_path / "du-thao.xlsx"
    code, _, then = type_in("scheme", "read", sheet(tmp_path / "phu-luc.xlsx", rows), "--out", out)
    assert (code, f"parlib scheme check {out}" in then) == (0, True)
    facts = dict(row[:2] for row in load_workbook(out)["Thông tin chung"].iter_rows(values_only=True))
    assert (facts["Cấp"], facts["Mã bộ tiêu chí"]) == ("bộ", "1234-ministry")


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("Đại biểu HĐND tỉnh, Người dân", ["hdnd", "nguoi_dan"]),
        ("Lãnh đạo vụ, cục, đơn vị thuộc bộ, Hiệp hội", ["vu_cuc", "hiep_hoi"]),  # a name with commas of its own
        ("nguoi dan\nhdnd; doanh_nghiep", ["nguoi_dan", "hdnd", "doanh_nghiep"]),
    ],
)
def test_groups_of_respondents_are_written_by_name_or_key(written: str, keys: list[str]) -> None:
    assert groups_meant(written) == (keys, [])


def test_a_group_that_is_none_is_told_with_those_there_are(tmp_path: Path) -> None:
    workbooks.export_scheme(load_scheme("876-province"), tmp_path / "bo.xlsx")
    book = load_workbook(tmp_path / "bo.xlsx")
    page = book[TREE.text()]
    column = next(cell.column for cell in page[1] if cell.value == "Đối tượng khảo sát")
    cell = next(page.cell(row, column) for row in range(2, 200) if page.cell(row, column).value)
    assert str(cell.value).startswith("Đại biểu HĐND tỉnh; Lãnh đạo sở ngành")
    cell.value = "Nông dân"
    book.save(tmp_path / "sai.xlsx")
    with pytest.raises(SchemeError) as error:
        workbooks.import_scheme(tmp_path / "sai.xlsx")
    problem = error.value.problems[0]
    assert (problem.row, problem.column) == (cell.row, "Đối tượng khảo sát")
    assert "“Nông dân” không phải" in problem.vi and "Hiệp hội" in problem.vi


def test_sums_and_numbers_that_disagree_are_named(tmp_path: Path) -> None:
    rows = [list(row) for row in SMALL]
    rows[3][2], rows[10][0], rows[10][2], rows[11][2] = 9.5, "1.4", "1.250", 100
    problems = annex.read_annex(sheet(tmp_path / "a.xlsx", rows)).problems
    # the area prints 9,5 and has 1,5 below it that is known; 1.4 follows 1.2; 1.250 may be a thousand; 100 is not 9,5
    assert {(problem.row, problem.node) for problem in problems} == {(4, "1"), (11, "1.4"), (12, "tong cong")}
    assert {problem.value for problem in problems if problem.row == 11} >= {"1.4", "1.250"}


def test_phuluc_of_the_department_is_read() -> None:
    found = annex.read_annex(INPUTS / "phuluc.xlsx")
    assert [node.code for node in found.nodes] == ["1", "1.1", "1.1.1", "1.1.2", "1.2"]
    assert [node.rule.rule.kind for node in found.nodes if node.rule.rule] == ["choice", "proportional"]
    assert annex.facts_of(found)["id"] == "1234-province"
    # two of the 9,5 points of area 1 are there, and one area of the 100 points
    assert [problem.row for problem in found.problems] == [7, 7, 20]


@pytest.mark.parametrize("scheme_id", ["876-province", "876-ministry"])
def test_our_own_sets_printed_as_an_annex_read_back(scheme_id: str, tmp_path: Path) -> None:
    scheme = load_scheme(scheme_id)
    rows: list[list[object]] = [[TITLE], HEAD]
    for node in scheme.nodes:
        is_survey = node.rule is not None and node.rule.kind == "survey"
        rows.append([node.code, node.name, number(node.maximum or 0, "vi"), "Điều tra XHH" if is_survey else None])
        for key, points in getattr(node.rule, "options", {}).items():
            rows.append([None, node.rule.label[key], points])  # type: ignore[union-attr]
    found = annex.read_annex(sheet(tmp_path / "a.xlsx", [*rows, [None, "Tổng cộng", 100]]))
    assert [(node.code, node.name, float(node.points["max"])) for node in found.nodes] == [
        (node.code, node.name, node.maximum) for node in scheme.nodes
    ]
    assert not found.problems
    for node, leaf in zip(found.nodes, scheme.nodes, strict=True):
        read = node.rule.rule.kind if node.rule.rule else node.rule.part.get("kind")
        assert read in {None, leaf.rule.kind if leaf.rule else None, "steps"}  # options by thresholds are steps too


def test_word_with_several_tables_roman_numbers_and_letters(tmp_path: Path) -> None:
    first = [
        ["TT", "Nội dung", "Điểm chuẩn", "Phương pháp tính điểm"],
        ["I", "CHỈ ĐẠO (2 điểm)", "", ""],
        ["1", "Kế hoạch", "2", ""],
        ["a)", "Ban hành", "1,5", "- Kịp thời: 1,5đ\n- Không: 0đ"],
        ["b)", "Công khai", "0.50", "- Có: 0,5đ\n- Không: 0đ"],
    ]
    second = [
        ["II", "THỂ CHẾ", "", ""],
        ["1", "Rà soát", "1", "Cứ 01 văn bản sai trừ 0,5đ"],
        ["2", "Kiểm tra", "1", ""],
    ]
    signed = [["Nơi nhận:", "", "", "BỘ TRƯỞNG"]]
    found = annex.read_annex(document(tmp_path / "a.docx", [first, second, signed]))
    assert [(node.code, node.printed, float(node.points["max"])) for node in found.nodes] == [
        ("1", "I", 2),
        ("1.1", "1", 2),
        ("1.1.1", "a)", 1.5),
        ("1.1.2", "b)", 0.5),
        ("2", "II", 2),  # the sum of what is below it
        ("2.1", "1", 1),
        ("2.2", "2", 1),
    ]
    assert found.nodes[0].name == "CHỈ ĐẠO"


def test_heads_over_two_rows_and_merged_areas(tmp_path: Path) -> None:
    rows = [
        ["STT", "Tiêu chí", "Thang điểm", None, None],
        [None, None, "Tổng điểm", "Thẩm định", "Điều tra XHH"],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        ["Lĩnh vực 1: CHỈ ĐẠO"],
        ["1.1", "Kế hoạch", 1, 1, "-"],
        ["1.2", "Tác động", 2, None, 2],
    ]
    found = annex.read_annex(sheet(tmp_path / "a.xlsx", rows, ("A4:E4", "C1:E1")))
    area, plan, impact = found.nodes
    assert (area.name, area.points["max"], area.points["survey"]) == ("CHỈ ĐẠO", 3, 2)
    assert not plan.points.get("survey")
    assert impact.rule.part["kind"] == "survey"


def test_lettered_options_and_points_line_by_line(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ["I", "CHỈ ĐẠO", 2],
        ["1", "Kế hoạch", 1],
        ["a", "Kịp thời", 1],
        ["b", "Chậm", 0.5],
        ["c", "Không", 0],
        ["2", "Báo cáo\nĐủ\nThiếu", "1\n1\n0"],
    ]
    found = annex.read_annex(sheet(tmp_path / "a.xlsx", rows))
    assert [(node.code, node.name) for node in found.nodes] == [
        ("1", "CHỈ ĐẠO"),
        ("1.1", "Kế hoạch"),
        ("1.2", "Báo cáo"),
    ]
    options = [node.rule.rule.options.values() for node in found.nodes if isinstance(node.rule.rule, Choice)]
    assert [list(points) for points in options] == [[1, 0.5, 0], [1, 0]]
    assert not found.problems


def test_numbers_that_word_makes_itself_are_named(tmp_path: Path) -> None:
    path = document(tmp_path / "a.docx", [[HEAD, ["1", "A", "1", ""], ["", "x", "1", ""]]])
    paper = Document(str(path))
    paper.tables[0].rows[2].cells[0].paragraphs[0].style = paper.styles["List Number"]
    paper.save(str(path))
    assert [problem.row for problem in annex.read_annex(path).problems] == [3]


def test_word_saved_as_strict_open_xml_says_how_to_save_it(tmp_path: Path) -> None:
    usual, strict = document(tmp_path / "a.docx", [SMALL]), tmp_path / "b.docx"
    with zipfile.ZipFile(usual) as parts, zipfile.ZipFile(strict, "w") as written:
        for name in parts.namelist():
            part = parts.read(name).replace(b"schemas.openxmlformats.org/officeDocument/2006", b"purl.oclc.org/ooxml")
            written.writestr(name, part)
    with pytest.raises(DataError, match=r"Strict Open XML Document.*\(\.docx\)"):
        annex.read_annex(strict)
    with pytest.raises(DataError, match=r"Strict Open XML Document.*\(\.docx\)"):
        Template(strict)


def test_of_several_annexes_one_is_chosen(tmp_path: Path) -> None:
    other = [HEAD, ["1", "BỘ", "1"], ["1.1", "x", "0.5"], ["1.2", "y", "0.5"], ["", "Tổng cộng", "1"]]
    path = document(tmp_path / "a.docx", [[*SMALL[2:9], ["", "TỔNG CỘNG", "2,5", ""]], other])
    with pytest.raises(ParameterError, match="1: bảng 1 – CHỈ ĐẠO, ĐIỀU HÀNH; 2: bảng 2 – BỘ"):
        annex.read_annex(path)
    found = annex.read_annex(path, part=2)
    assert [node.code for node in found.nodes] == ["1", "1.1", "1.2"]
    assert not found.problems
    assert [problem.row for problem in annex.read_annex(path, part=1).problems] == [2]  # 1.3 was left out


# --- what becomes of it -------------------------------------------------------------------------------------------


def test_an_annex_that_says_all_becomes_a_set_and_one_that_does_not_waits(tmp_path: Path) -> None:
    found = annex.read_annex(sheet(tmp_path / "a.xlsx", SMALL))
    scheme = annex.scheme_of(found, annex.facts_of(found, years=[2026]))
    assert (scheme.id, scheme.status, scheme.maximum) == ("1234-province", "official", 2.5)
    with pytest.raises(SchemeError, match="Years"):
        annex.scheme_of(found, annex.facts_of(found))

    rows = [list(row) for row in SMALL]
    rows[10][3] = "Hội đồng xem xét cho điểm"
    open_ = annex.read_annex(sheet(tmp_path / "b.xlsx", rows))
    draft = tmp_path / "draft.xlsx"
    annex.write_draft(open_, annex.facts_of(open_, years=[2026]), draft)
    with pytest.raises(SchemeError, match="left to a person"):
        workbooks.import_scheme(draft)

    book = load_workbook(draft)  # a person does: the rule by choice of kind, the mark cleared
    tree = book[TREE.text("vi")]
    column = {cell.value: cell.column for cell in tree[1]}
    for head, value in {
        "Nhóm điểm": "appraisal",
        "Cách tính điểm": "Trừ điểm",
        "Số liệu cần nhập": "số báo cáo chậm",
        "Điểm mỗi trường hợp": 0.25,
        "Cần người xác nhận": None,
    }.items():
        tree.cell(5, column[head]).value = value
    groups = book["Nhóm điểm"]
    assert [cell.value for cell in groups[2]] == ["appraisal", "Điểm thẩm định", "Appraised points", 1.5]
    groups.cell(2, 4).value = 2.5
    book.save(draft)
    assert workbooks.import_scheme(draft).nodes[3].rule == scheme.nodes[3].rule


def test_thresholds_written_as_ranges_are_taken(tmp_path: Path) -> None:
    source = INPUTS / "scheme_range_ladder.xlsx"
    rule = workbooks.import_scheme(source).node("1.1.2").rule
    assert rule == load_scheme("876-province").node("1.1.2").rule  # 100, 85 and 70%
    book = load_workbook(source)
    book[TREE.text("vi")]["K5"] = "100 → 1\n85 - dưới 95 → 0,75\n70 - dưới 85 → 0,5"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(SchemeError, match="does not end where"):
        workbooks.import_scheme(tmp_path / "a.xlsx")


def test_the_blank_workbook_has_drop_downs_and_nothing_typed(tmp_path: Path) -> None:
    path = tmp_path / "mau.xlsx"
    workbooks.write_template("province", path)
    tree = load_workbook(path)[TREE.text("vi")]
    assert tree.max_row == 1
    assert len(tree.data_validations.dataValidation) == 2


# --- two sets -----------------------------------------------------------------------------------------------------


def _set(*areas: tuple[str, list[tuple[str, float, str]]]) -> Scheme:
    tree = []
    for place, (name, leaves) in enumerate(areas, 1):
        below = [
            {"code": f"{place}.{n}", "name": leaf, "max": most, "rule": {"kind": "tally", "input": asked, "per": 0.5}}
            for n, (leaf, most, asked) in enumerate(leaves, 1)
        ]
        tree.append({"code": str(place), "name": name, "max": sum(leaf[1] for leaf in leaves), "children": below})
    return Scheme.model_validate({"id": "x", "tree": tree})


def test_two_sets_side_by_side(tmp_path: Path) -> None:
    old = _set(("Chỉ đạo", [("Kế hoạch", 1, "số a"), ("Báo cáo", 1, "số b")]), ("Thể chế", [("Rà soát", 1, "số c")]))
    new = _set(("Chỉ đạo", [("BÁO CÁO", 2, "số b"), ("Sáng kiến", 1, "số d")]), ("Thể chế", [("Rà soát", 1, "số c")]))
    found = annex.compare_schemes(old, new)
    told = [(p.what.id, p.old and p.old.code, p.new and p.new.code, p.comparable, p.answers) for p in found.pairs]
    assert told == [
        ("changed", "1", "1", False, None),
        ("moved", "1.2", "1.1", False, True),  # its maximum rose; what it asks is the same
        ("new", None, "1.2", False, None),
        ("kept", "2", "2", True, None),
        ("kept", "2.1", "2.1", True, True),
        ("gone", "1.1", None, False, None),
    ]
    assert found.again == {"1.1": "1.2", "2.1": "2.1"}
    assert [points for _, points in found.areas()] == [0, 1]
    annex.write_comparison(found, tmp_path / "so-sanh.xlsx", {"Bộ Y tế": (3, 2)})
    book = load_workbook(tmp_path / "so-sanh.xlsx")
    assert [sheet.max_row for sheet in book] == [3, 7, 2]


def test_a_group_of_points_has_a_column_of_its_own_in_reports(tmp_path: Path) -> None:
    """A group called "index" stood in the column of the index: the report of a round by a real annex was refused."""
    others = {column.key for column in (*ranking.FIRST, *ranking.AGAINST)}
    assert others <= OTHER_COLUMNS and not others & set(GROUPS)
    workbooks.write_template("province", tmp_path / "mau.xlsx")
    book = load_workbook(tmp_path / "mau.xlsx")
    book[COMPONENTS.text()].cell(2, 1).value = "rank"
    book.save(tmp_path / "sai.xlsx")
    with pytest.raises(SchemeError, match="or the key of another column") as refused:
        workbooks.import_scheme(tmp_path / "sai.xlsx")
    (fault,) = (of for of in refused.value.problems if "another column" in str(of))
    assert (fault.row, fault.column) == (2, "Mã nhóm điểm")
