"""Schemes as workbooks: nothing is lost on the way out and in, and whatever is wrong is named by its cell."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from parlib import places
from parlib.cli import workbooks as cli_workbooks
from parlib.data_tables import read_yaml
from parlib.errors import DataError, SchemeError
from parlib.scoring.scheme import load_scheme, parse_scheme, scheme_ids
from parlib.sources import workbooks
from parlib.sources.workbooks import scheme_book as layout

FACTS, COMPONENTS, BANDS, TREE = (name.text() for name in layout.declared_tables())
COLUMNS = layout.declared_tables()[layout.TREE][0]
SHIPPED = scheme_ids()


# --- out and in --------------------------------------------------------------------------------


@pytest.mark.few(2)
@pytest.mark.parametrize("scheme_id", SHIPPED)
def test_shipped_schemes_come_back_as_they_were(scheme_id: str, tmp_path: Path) -> None:
    scheme = load_scheme(scheme_id)
    workbooks.export_scheme(scheme, tmp_path / "x.xlsx")
    again = workbooks.import_scheme(tmp_path / "x.xlsx")
    assert again == scheme
    assert workbooks.scheme_yaml(again.document()) == workbooks.scheme_yaml(scheme.document())


@pytest.mark.parametrize("scheme_id", SHIPPED)
def test_the_yaml_is_laid_out_as_the_shipped_files_are(scheme_id: str) -> None:
    shipped = (places.data() / "schemes" / f"{scheme_id}.yaml").read_text(encoding="utf-8")
    ours = workbooks.scheme_yaml(load_scheme(scheme_id).document())
    # Only two things differ: the shipped scales write 1 as 1.0, and one note is folded by hand.
    expected = shipped.replace("5: 1.0", "5: 1").split("bands:", 1)
    assert ours.split("bands:", 1)[1] == expected[1]
    assert " ".join(ours.split("bands:", 1)[0].split()) == " ".join(expected[0].split())


def _valid(text: str) -> bool:
    """Texts as the checks of a scheme allow them."""
    return (
        bool(text.strip())
        and text == text.strip()
        and "  " not in text
        and text == unicodedata.normalize("NFC", text)
        and not any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn", "Cs") for sign in text)
    )


_NASTY = [
    "=1+1",
    "@x",
    "-5",
    "+84",
    "a → 0",
    "b -> 1",
    "[id] c",
    "d: 5",
    "_x0041_",
    "'",
    "no",
    "1.10",
    "# x",
    "ý: {",
    "~*?",
]
_TEXT = (
    st.one_of(
        st.sampled_from(_NASTY),
        st.text(st.characters(exclude_categories=["Cc", "Cf", "Co", "Cn", "Cs"]), min_size=1, max_size=24),
    )
    .map(lambda text: unicodedata.normalize("NFC", text).strip())
    .filter(_valid)
)
_IDENTIFIER = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
_GRID = Decimal("0.0001")


@st.composite
def _falling(draw: st.DrawFn, top: int, n: int, lowest: int = 1) -> list[Decimal]:
    """``n`` falling numbers on the grid, the first one ``top`` (in steps of the grid)."""
    below = draw(st.lists(st.integers(lowest, top - 1), min_size=n - 1, max_size=n - 1, unique=True))
    return [step * _GRID for step in sorted([top, *below], reverse=True)]


@st.composite
def _rule(draw: st.DrawFn, kind: str, maximum: Decimal, item: str) -> dict[str, Any]:
    steps = int(maximum / _GRID)
    n = draw(st.integers(2, 4))
    if kind == "choice":
        ids = draw(st.lists(_IDENTIFIER, min_size=n, max_size=n, unique=True))
        labels = draw(st.lists(_TEXT, min_size=n, max_size=n, unique=True))
        points = draw(_falling(steps, n, 0))
        return {
            "kind": kind,
            "options": dict(zip(ids, points, strict=False)),
            "label": dict(zip(ids, labels, strict=False)),
        }
    if kind == "steps":
        pairs = zip(draw(_falling(1_000_000, n)), draw(_falling(steps, n)), strict=False)
        return {
            "kind": kind,
            "input": draw(_TEXT),
            "unit": draw(_TEXT | st.just("%")),
            "steps": [list(p) for p in pairs],
        }
    if kind == "target":
        pairs = zip(draw(_falling(20_000, n, 1_000)), draw(_falling(steps, n)), strict=False)
        return {"kind": kind, "input": draw(_TEXT), "target_input": draw(_TEXT), "tiers": [list(p) for p in pairs]}
    if kind == "proportional":
        full, zero = draw(_falling(draw(st.integers(2, 1_000_000)), 2, 0))
        return {"kind": kind, "input": draw(_TEXT), "unit": draw(_TEXT), "full_at": full, "zero_below": zero}
    if kind in ("deduction", "tally"):
        return {"kind": kind, "input": draw(_TEXT), "per": draw(st.integers(1, steps)) * _GRID}
    if kind == "survey":
        shares = draw(_falling(10_000, n, 0))
        groups = draw(st.lists(_IDENTIFIER, min_size=1, max_size=3, unique=True))
        return {
            "kind": kind,
            "item": item,
            "respondents": groups,
            "scale": dict(zip(range(n, 0, -1), shares, strict=False)),
        }
    if kind == "external":
        return {"kind": kind, "index": draw(_IDENTIFIER), "full_at": draw(st.integers(1, 10**6)) * _GRID}
    return {"kind": "given"}


@st.composite
def _leaf(draw: st.DrawFn, code: str, name: str) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            ["choice", "steps", "target", "proportional", "deduction", "tally", "survey", "external", "given"]
        )
    )
    maximum = draw(st.sampled_from([5, 100, 2_500, 10_000, 33_333]) | st.integers(5, 50_000)) * _GRID
    node: dict[str, Any] = {"code": code, "name": name, "name_en": draw(_TEXT), "max": maximum}
    node["component"] = "survey" if kind == "survey" else draw(st.sampled_from(["appraisal", "ngoai"]))
    if draw(st.booleans()):
        node["evidence"] = draw(_TEXT)
    return {**node, "rule": draw(_rule(kind, maximum, "Q" + code.replace(".", "_")))}


@st.composite
def _inner(draw: st.DrawFn, code: str, name: str, depth: int) -> dict[str, Any]:
    names = draw(st.lists(_TEXT, min_size=2, max_size=3, unique=True))
    children = [
        draw(
            _inner(f"{code}.{n}", text, depth + 1) if depth < 2 and draw(st.booleans()) else _leaf(f"{code}.{n}", text)
        )
        for n, text in enumerate(names, 1)
    ]
    most = sum(child["max"] for child in children)
    return {"code": code, "name": name, "name_en": draw(_TEXT), "max": most, "children": children}


def _leaves(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [leaf for node in nodes for leaf in (_leaves(node["children"]) if "children" in node else [node])]


@st.composite
def schemes(draw: st.DrawFn) -> dict[str, Any]:
    """Documents of valid schemes: any tree, any rules, any texts."""
    tree = [draw(_inner(str(n), draw(_TEXT), 1)) for n in range(1, draw(st.integers(1, 3)) + 1)]
    used = dict.fromkeys(leaf["component"] for leaf in _leaves(tree))
    parts = {key: sum(leaf["max"] for leaf in _leaves(tree) if leaf["component"] == key) for key in used}
    illustrative = False  # our own conventions (quarter points) hold for illustrative schemes only
    paragraphs = draw(
        st.lists(st.just("") | _TEXT | _TEXT.map(lambda text: f"  {text}  {text}"), min_size=1, max_size=4)
    )
    note = "\n".join(paragraphs).replace("ILLUSTRATIVE", "") + draw(st.sampled_from(["", "\n"]))
    bands = dict(zip(draw(st.lists(_TEXT, min_size=2, max_size=4, unique=True)), (90, 80.5, 70, 60), strict=False))
    bands = {**bands, "cuối cùng": 0} if draw(st.booleans()) else {}
    document = {
        "id": "thu-nghiem",
        "decision": draw(_TEXT),
        "level": draw(st.sampled_from(["province", "ministry"])),
        "years": sorted(draw(st.sets(st.integers(2030, 2060), min_size=1, max_size=4))),
        "status": "illustrative" if illustrative else "official",
        "note": note if note.strip() else "ghi chú",
        "bands": bands,
        "components": {key: {"name": draw(_TEXT), "name_en": draw(_TEXT), "max": most} for key, most in parts.items()},
        "tree": tree,
    }
    policy = draw(st.sampled_from(["rescale", "full", "zero"]))
    return document if policy == "rescale" else {**document, "not_applicable": policy}


def _differences(one: Any, two: Any, place: str = "") -> list[str]:
    if isinstance(one, dict) and isinstance(two, dict) and list(one) == list(two):
        return [text for key in one for text in _differences(one[key], two[key], f"{place}.{key}")]
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)) and len(one) == len(two):
        return [text for n in range(len(one)) for text in _differences(one[n], two[n], f"{place}[{n}]")]
    return [] if one == two else [f"{place}: {one!r} != {two!r}"]


@pytest.mark.long
@given(schemes())
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_any_valid_scheme_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    scheme = parse_scheme(document)
    path = tmp_path_factory.mktemp("s") / "x.xlsx"
    workbooks.export_scheme(scheme, path)
    again = workbooks.import_scheme(path)
    assert _differences(again.document(), scheme.document()) == []
    assert again == scheme
    target = path.with_name("thu-nghiem.yaml")
    workbooks.write_scheme_yaml(scheme, target)
    assert load_scheme(target) == scheme
    assert parse_scheme(read_yaml(target)) == scheme


# --- what officials type -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scheme") / "tỉnh.xlsx"
    workbooks.export_scheme(load_scheme("876-province"), path)
    return path


def _column(key: str) -> int:
    return [part.column for part in COLUMNS].index(key) + 1


def _row(sheet: Any, code: str) -> int:
    return next(cell.row for cell in sheet["A"] if cell.value == code)


def _edited(source: Path, folder: Path, change: Callable[[Any], None]) -> Path:
    book = openpyxl.load_workbook(source)
    change(book)
    path = folder / "sửa.xlsx"
    book.save(path)
    return path


def test_ids_of_options_and_typographic_arrows_may_be_left_out(province: Path, tmp_path: Path) -> None:
    def retype(book: Any) -> None:
        sheet = book[TREE]
        sheet.cell(
            _row(sheet, "1.1.1"), _column("scale")
        ).value = "Ban hành kịp thời -> 0.5\nBan hành không kịp thời: 0,25 điểm\n\nKhông ban hành => 0"
        sheet.cell(_row(sheet, "1.1.2"), _column("scale")).value = "≥ 100% → 1\ntừ 85: 0,75\n70 = 0,5 điểm"
        sheet.cell(_row(sheet, "1.1.2"), _column("kind")).value = " theo NGƯỠNG "
        sheet.cell(_row(sheet, "1.1"), _column("max")).value = "1,5"

    scheme = workbooks.import_scheme(_edited(province, tmp_path, retype))
    first, second = scheme.node("1.1.1").rule, scheme.node("1.1.2").rule
    assert first is not None and second is not None
    assert first.options == {"ban_hanh_kip_thoi": 0.5, "ban_hanh_khong_kip_thoi": 0.25, "khong_ban_hanh": 0}
    assert list(first.label.values()) == ["Ban hành kịp thời", "Ban hành không kịp thời", "Không ban hành"]
    assert second.steps == ((100, 1), (85, 0.75), (70, 0.5))


def test_names_pasted_from_word_and_a_missing_translation_are_taken_with_a_warning(
    province: Path, tmp_path: Path
) -> None:
    def retype(book: Any) -> None:
        sheet = book[TREE]
        row = _row(sheet, "1.2")
        sheet.cell(row, 2).value = unicodedata.normalize("NFD", " Thực hiện chế độ \n báo cáo  CCHC định kỳ")
        sheet.cell(row, 3).value = None

    imported = workbooks.read_scheme_book(_edited(province, tmp_path, retype))
    assert imported.scheme.node("1.2").name == "Thực hiện chế độ báo cáo CCHC định kỳ"
    assert imported.scheme.node("1.2").name_en == imported.scheme.node("1.2").name
    (warning,) = imported.warnings
    assert "tên tiếng Anh" in warning.vi and warning.sheet == TREE and warning.node == "1.2"


DAMAGE: dict[str, tuple[str, str, Any, str, str]] = {
    # what: the code of the row, the column, what is typed there, the heading that is named, words of the message
    "the code became a number": ("1.1", "code", 1.1, "Mã", "dạng chữ"),
    "the code became a day": ("1.1.1", "code", __import__("datetime").datetime(2001, 1, 1), "Mã", "ngày tháng"),
    "the code is given twice": ("1.1.2", "code", "1.1.1", "Mã", "trùng với dòng"),
    "the code is out of order": ("1.1.2", "code", "1.1.7", "Mã", "đúng thứ tự"),
    "the parent is missing": ("2.1.1", "code", "2.9.1", "Mã", "2.9"),
    "no maximum": ("1.1.1", "max", None, "Điểm tối đa", "điểm tối đa"),
    "a maximum in words": ("1.1.1", "max", "nửa điểm", "Điểm tối đa", "không đọc được thành số"),
    "a maximum that may mean two things": ("1.1.1", "max", "1.500", "Điểm tối đa", "1500 hoặc 1,500"),
    "children that do not add up": ("1.1.1", "max", 0.75, "Thang điểm (mỗi dòng một mức)", "0,5"),
    "a formula": ("1.1.1", "max", "=0.25+0.25", "Điểm tối đa", "công thức"),
    "an unknown kind": ("1.1.2", "kind", "Theo bậc", "Cách tính điểm", "các cách"),
    "a field of another kind": ("1.1.2", "per", 0.5, "Điểm mỗi trường hợp", "không dùng cột này"),
    "a missing field": ("1.1.2", "unit", None, "Đơn vị tính", "cần cột này"),
    "a line that cannot be read": (
        "1.1.2",
        "scale",
        "100 → 1\ntám lăm → 0,75",
        "Thang điểm (mỗi dòng một mức)",
        "tám lăm",
    ),
    "thresholds that rise": ("1.1.2", "scale", "70 → 1\n85 → 0,75", "Thang điểm (mỗi dòng một mức)", "giảm dần"),
    "points over the maximum": ("1.1.2", "scale", "100 → 2\n85 → 0,75", "Thang điểm (mỗi dòng một mức)", "2"),
    "an unknown component": ("1.1.1", "component", "tham_dinh", "Nhóm điểm", "tham_dinh"),
    "no name": ("1.1.1", "name", None, "Lĩnh vực / Tiêu chí / Tiêu chí thành phần", "thiếu tên"),
    "a survey item used twice": ("1.7.2", "item", "Q1_7_1", "Câu hỏi khảo sát", "Q1_7_1"),
    "an error value": ("1.1.1", "max", "#REF!", "Điểm tối đa", "#REF!"),
}


@pytest.mark.few(6)
@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_named_by_sheet_row_column_and_value(what: str, province: Path, tmp_path: Path) -> None:
    code, key, value, heading, words = DAMAGE[what]
    rows: list[int] = []

    def spoil(book: Any) -> None:
        sheet = book[TREE]
        rows.append(_row(sheet, code))
        sheet.cell(rows[0], _column(key)).value = value

    with pytest.raises(SchemeError) as refused:
        workbooks.import_scheme(_edited(province, tmp_path, spoil))
    named = [p for p in refused.value.problems if p.row == rows[0] and p.column == heading and words in p.vi]
    assert named, refused.value.text()
    assert named[0].file == "sửa.xlsx" and named[0].sheet == TREE
    if value is not None and key == named[0].column:
        assert named[0].value is not None


def test_a_number_that_excel_shows_as_a_percentage_is_refused(province: Path, tmp_path: Path) -> None:
    """Somebody types 50% for "0 points below 50": the cell holds 0.5, and a unit with 1 % would have points."""

    def spoil(book: Any) -> None:
        tree, bands = book[TREE], book[BANDS]
        for cell in (tree.cell(_row(tree, "1.3.2"), _column("zero_below")), bands.cell(2, 2)):
            cell.value, cell.number_format = cell.value / 100, "0%"

    with pytest.raises(SchemeError) as refused:
        workbooks.import_scheme(_edited(province, tmp_path, spoil))
    named = {(p.sheet, p.node or p.row, p.value) for p in refused.value.problems if "định dạng phần trăm" in p.vi}
    assert named == {(TREE, "1.3.2", 0.7), (BANDS, 2, 0.9)}


def test_a_name_in_an_old_encoding_is_read_and_named(province: Path, tmp_path: Path) -> None:
    def old(book: Any) -> None:
        book[TREE].cell(5, _column("name")).value = "Møc ®é hoµn thµnh"

    (problem,) = [p for p in workbooks.read_scheme_book(_edited(province, tmp_path, old)).warnings if "TCVN3" in p.vi]
    assert (problem.sheet, problem.row, problem.value) == (TREE, 5, "Møc ®é hoµn thµnh")


def test_hidden_rows_and_columns_are_read_and_named(province: Path, tmp_path: Path) -> None:
    def hide(book: Any) -> None:
        book[TREE].row_dimensions[5].hidden = True
        book[TREE].column_dimensions["D"].hidden = True

    match = workbooks.read_scheme_book(_edited(province, tmp_path, hide))
    assert match.scheme == load_scheme("876-province")
    assert [(p.sheet, p.row, p.column) for p in match.warnings if "bị ẩn" in p.vi] == [
        (TREE, 5, ""),
        (TREE, None, "D"),
    ]


def test_all_problems_are_named_at_once(province: Path, tmp_path: Path) -> None:
    def spoil(book: Any) -> None:
        tree = book[TREE]
        tree.cell(_row(tree, "1.1.1"), _column("max")).value = "nửa điểm"
        tree.cell(_row(tree, "2.1.1"), _column("kind")).value = "?"
        tree.cell(_row(tree, "3.1.2"), _column("scale")).value = "x"
        tree.cell(5, 20).value = "ghi chú của tôi"
        tree.merge_cells("B60:C60")
        book[FACTS].cell(4, 2).value = "huyện"
        book[BANDS].cell(2, 2).value = "chín mươi"
        book[COMPONENTS].cell(2, 4).value = None

    with pytest.raises(SchemeError) as refused:
        workbooks.import_scheme(_edited(province, tmp_path, spoil))
    results = {(p.sheet, p.row, p.column) for p in refused.value.problems}
    for wanted in (
        (FACTS, 4, "Nội dung"),
        (BANDS, 2, "Từ (%)"),
        (COMPONENTS, 2, "Điểm tối đa"),
        (TREE, 5, "T"),
        (TREE, 60, "B60:C60"),
    ):
        assert wanted in results, refused.value.text()
    assert {"1.1.1", "2.1.1", "3.1.2"} <= {p.node for p in refused.value.problems}


def test_a_missing_sheet_and_a_missing_column_are_named(province: Path, tmp_path: Path) -> None:
    def spoil(book: Any) -> None:
        del book[BANDS]
        book[TREE].cell(1, _column("component")).value = "Cột khác"

    with pytest.raises(SchemeError) as refused:
        workbooks.import_scheme(_edited(province, tmp_path, spoil))
    assert any(p.sheet == BANDS for p in refused.value.problems)


def test_a_file_that_is_no_workbook_is_refused_as_a_broken_scheme(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("mã;tên\n1;Một\n", encoding="utf-8")
    with pytest.raises(SchemeError, match="CSV"):
        workbooks.import_scheme(tmp_path / "x.xlsx")


def test_a_text_too_long_for_a_cell_is_refused_on_the_way_out(tmp_path: Path) -> None:
    document = load_scheme("papi-2011").document()
    document["tree"][0]["name"] = "dài " * 9000 + "dài"
    with pytest.raises(DataError, match="32767"):
        workbooks.export_scheme(parse_scheme(document), tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_note_longer_than_a_cell_is_written_over_several_rows(tmp_path: Path) -> None:
    document = load_scheme("papi-2011").document()
    document["note"] = "dài " * 20_000 + "hết\n"
    scheme = parse_scheme(document)
    workbooks.export_scheme(scheme, tmp_path / "x.xlsx")
    assert workbooks.import_scheme(tmp_path / "x.xlsx") == scheme


# --- the command line --------------------------------------------------------------------------


@pytest.fixture
def data(own_data: Path) -> Path:
    """A data folder of its own."""
    return own_data


def _run(*arguments: str) -> Any:
    return CliRunner().invoke(cli_workbooks.app, list(arguments))


def test_import_writes_the_yaml_and_never_replaces_one_unasked(data: Path, tmp_path: Path) -> None:
    book = tmp_path / "x.xlsx"
    assert _run("export", "papi-2011", "--to", str(book)).exit_code == 0
    target = data / "schemes" / "papi-2011.yaml"
    before = target.read_bytes()
    refused = _run("import", str(book))
    assert isinstance(refused.exception, SchemeError) and "--force" in refused.exception.text()
    assert target.read_bytes() == before
    assert _run("import", str(book), "--force").exit_code == 0
    assert load_scheme(target) == load_scheme("papi-2011")
    target.unlink()
    assert _run("import", str(book)).stdout.strip() == str(target)
    assert sorted(path.name for path in (data / "schemes").iterdir() if path.name.startswith(".")) == []


def test_a_refused_import_writes_nothing(data: Path, province: Path, tmp_path: Path) -> None:
    def spoil(book: Any) -> None:
        book[FACTS].cell(2, 2).value = "moi-2030"
        book[TREE].cell(3, 4).value = "x"

    before = sorted(path.name for path in (data / "schemes").iterdir())
    assert isinstance(_run("import", str(_edited(province, tmp_path, spoil))).exception, SchemeError)
    assert sorted(path.name for path in (data / "schemes").iterdir()) == before


def test_list_and_check(data: Path, province: Path) -> None:
    listed = _run("list").output
    assert all(scheme_id in listed for scheme_id in SHIPPED)
    assert "95" in _run("check", str(province)).output
    assert "876-ministry" in _run("check", "876-ministry").output


@pytest.mark.few(1)
@pytest.mark.parametrize("scheme_id", SHIPPED)
def test_an_english_workbook_is_read_back(scheme_id: str, tmp_path: Path) -> None:
    scheme, path = load_scheme(scheme_id), tmp_path / "x.xlsx"
    workbooks.export_scheme(scheme, path, "en")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Guide", "General information", "Groups of points", "Bands", "Criteria", "Lists"]
    assert workbooks.import_scheme(path) == scheme
    book["Bands"]["B2"].value = "ninety"
    book.save(path)
    with pytest.raises(SchemeError, match=r"sheet Bands, row 2, column From \(%\), value 'ninety'"):
        workbooks.import_scheme(path)
