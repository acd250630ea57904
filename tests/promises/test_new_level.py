"""A new level of units is a table of its units and its row in units/levels.csv: here the communes of a province that
there is not."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from parlib.errors import ParlibError
from parlib.report.blocks import Wording
from parlib.report.press_words import PressWords
from parlib.scoring import units
from tests.promises.conftest import TypeIn

ROW = (
    'commune,units/communes.csv,"xã, phường",commune,communes,xã,"các xã, phường của tỉnh Mẫu",'
    "the communes of the province of Mau,\n"
)
NAMES = ("An Bình", "Phường 12", "Hòa Lạc", "Phường 3", "Phường 15", "Tân Lập 2", "Phường 7", "Phường 21")
SCHEME = Path(__file__).parents[1] / "situations" / "schemes" / "nine-kinds.yaml"
ROUND = "2024-commune"


@pytest.fixture
def communes(own_data: Path) -> Path:
    """The change itself: eight communes, and a set of criteria for them."""
    with (own_data / "units" / "levels.csv").open("a", encoding="utf-8") as file:
        file.write(ROW)
    rows = [f"xa-{number},{name},Commune {number},,xã,,,,\n" for number, name in enumerate(NAMES, start=1)]
    head = "key,name_vi,name_en,short_vi,kind,valid_from,valid_to,successor_keys,note\n"
    (own_data / "units" / "communes.csv").write_text(head + "".join(rows), encoding="utf-8")
    scheme = SCHEME.read_text(encoding="utf-8").replace("nine-kinds", "nine-communes")
    scheme = scheme.replace("level: province", "level: commune").replace("years: [2023]", "years: [2024]")
    scheme = scheme.replace(
        "{kind: given}", "{kind: deduction, input: số lỗi, per: 1}"
    )  # no form asks for given points
    (own_data / "schemes" / "nine-communes.yaml").write_text(scheme, encoding="utf-8")
    return own_data


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.long
def test_the_communes_of_a_province_are_scored_and_reported(communes: Path, type_in: TypeIn, tmp_path: Path) -> None:
    code, _, err = type_in("data", "check")
    assert code == 1 and "units/communes.csv" in err
    assert type_in("data", "accept")[0] == 0
    assert type_in("data", "check")[0] == 0
    of_year = ("--year", 2024, "--level", "commune")

    assert rows_of(type_in("table", *of_year)[1]) == []  # nothing was published of them
    new = ("round", "new", *of_year, "--units")
    assert "8 đơn vị: 8 được xếp hạng" in type_in(*new, "all", "--id", "all")[2]
    code, _, err = type_in(*new, "An Bình; xã Hòa Lạc; Hòa Lac; Hà Nội", "--id", "some")
    assert code != 0 and "ghi hai lần: Hòa Lạc" in err and "'Hà Nội': không có xã, phường này" in err
    assert type_in("form", "--round", "all", "--unit", "xã Hòa Lạc", "--out", tmp_path / "forms")[0] == 0
    assert [path.suffix for path in (tmp_path / "forms").iterdir()] == [".xlsx"]

    assert "MÔ PHỎNG, 8 đơn vị" in type_in("simulate", *of_year, "--seed", 1)[1]
    assert "Có chỉ số của 8/8 đơn vị xếp hạng." in type_in("score", ROUND, "--out", tmp_path / "scores")[1]
    table = [row for row in rows_of(type_in("table", *of_year, "--round", ROUND)[1]) if not row["node"]]
    assert sorted(row["name"] for row in table) == sorted(NAMES)
    values = [float(row["value"]) for row in table]
    assert [int(row["rank"]) for row in table] == [1 + sum(other > value for other in values) for value in values]
    stats = {row["statistic"]: row["value"] for row in rows_of(type_in("stats", *of_year, "--round", ROUND)[1])}
    assert (stats["n_units"], stats["max"]) == ("8", f"{max(values):.2f}")

    code, _, err = type_in("report", *of_year, "--round", ROUND, "--output-dir", tmp_path / "out")
    assert code == 0, err
    (page,) = (tmp_path / "out").rglob("*.vi.html")
    sentence = page.read_text(encoding="utf-8")
    assert "của các xã, phường của tỉnh Mẫu năm 2024" in sentence
    assert "8/8 xã, phường" in sentence and "tỉnh, thành phố" not in sentence


def test_a_level_that_is_not_there_is_named_with_those_that_are(communes: Path, type_in: TypeIn) -> None:
    type_in("data", "accept")
    for command in ("table", "stats", "report"):
        code, _, err = type_in(command, "--year", 2024, "--level", "comune")
        assert code == 2 and "gần giống: commune" in err
    code, _, err = type_in("table", "--year", 2024, "--level", "commune", "--index", "papi")
    assert code == 2 and "province" in err
    code, _, err = type_in("table", "--year", 2024, "--level", "commune", "--system", "34")
    assert code == 2 and "--system" in err


def test_a_table_of_units_that_is_wrong_is_refused(communes: Path, type_in: TypeIn) -> None:
    with (communes / "units" / "communes.csv").open("a", encoding="utf-8") as file:
        file.write("xa-9,Xã Mới,New,,xã,,2025-01-01,xa-10,\n")
    code, out, err = type_in("data", "check")
    assert code == 1 and "xa-10" in out + err


def test_a_province_has_a_level_of_its_communes_or_departments(own_data: Path, type_in: TypeIn, tmp_path: Path) -> None:
    """3,321 communes since 1/7/2025: 2,621 xã, 687 phường and 13 đặc khu; 54 of them in Quảng Ninh."""
    kinds = Counter(row["kind"] for row in rows_of((own_data / "units" / "communes_2025.csv").read_text("utf-8")))
    assert kinds == {"xã": 2621, "phường": 687, "đặc khu": 13}
    assert type_in("level", "new", "quang ninh")[0] == 0
    assert "quang_ninh_commune: các xã, phường, đặc khu của tỉnh Quảng Ninh, 54" in type_in("level", "list")[1]
    assert type_in("data", "check")[0] == 0
    code, _, err = type_in("level", "new", "Quảng Ninh")
    assert code != 0 and "quang_ninh_commune.csv" in err
    new = ("round", "new", "--year", 2025, "--level", "quang_ninh_commune", "--scheme", "876-province")
    assert "876-province" in type_in(*new)[2]  # a set of criteria of provinces is none of communes

    listed = tmp_path / "so.txt"
    listed.write_text("Sở Nội vụ\nSở Tài chính\n\nSở nội vụ\n", encoding="utf-8")
    of = ("--units", listed, "--kind", "sở, ban, ngành", "--english", "department,departments")
    code, _, err = type_in("level", "new", "Hải Phòng", *of)
    assert code != 0 and "dòng 4, giá trị 'Sở nội vụ'" in err
    listed.write_text("Sở Nội vụ\nSở Tài chính\n", encoding="utf-8")
    assert type_in("level", "new", "Hải Phòng", *of)[0] == 0
    assert "các sở, ban, ngành của thành phố Hải Phòng, 2" in type_in("level", "list")[1]


def test_communes_that_differ_by_a_tone_are_told_apart(own_data: Path, type_in: TypeIn) -> None:
    """Đồng Tháp has Xã Tân Thành and Xã Tân Thạnh, Phường Mỹ Tho and Xã Mỹ Thọ: the plan that was written with their
    names was not taken back."""
    assert type_in("level", "new", "Đồng Tháp")[0] == 0
    of = ("dong_thap_commune", "", 2025)
    for text, key in (
        ("Xã Tân Thành", "xa-tan-thanh-29938"), ("xã Tân Thạnh", "xa-tan-thanh-30157"),
        ("TÂN THẠNH", "xa-tan-thanh-30157"), ("Phường Mỹ Tho", "phuong-my-tho-28261"), ("Mỹ Thọ", "xa-my-tho-30076"),
    ):  # fmt: skip
        assert units.find(text, *of).key == key
    for text in ("Xa Tan Thanh", "My Tho", "Xã Mỹ Tho"):  # no name is written so
        with pytest.raises(ParlibError, match="several units"):
            units.find(text, *of)


def test_a_word_of_several_levels_names_none_of_them(own_data: Path, type_in: TypeIn, tmp_path: Path) -> None:
    """Two provinces have communes: the workbook of criteria of the second was taken as one of the first."""
    assert type_in("level", "new", "An Giang")[0] == 0
    assert type_in("level", "new", "Đồng Tháp")[0] == 0
    blank = tmp_path / "blank.xlsx"
    assert type_in("scheme", "template", "--level", "dong_thap_commune", "--out", blank)[0] == 0
    book = load_workbook(blank)
    facts = {row[0].value: row[1] for row in book["Thông tin chung"].iter_rows()}
    assert facts["Cấp"].value == "dong_thap_commune"
    told = type_in("scheme", "check", blank)[2]
    assert told.count("cột Nội dung") == 5 and "thiếu mục “Ghi chú”" in told and "note:" not in told  # each once
    facts["Cấp"].value = "xã"
    book.save(blank)
    told = type_in("round", "new", "--year", 2025, "--level", "xã", "--units", "all")[2]
    assert "an_giang_commune" in told and "dong_thap_commune" in told
    assert "giá trị 'xã': phải là một trong" in type_in("scheme", "check", blank)[2]


def test_a_level_of_a_province_is_assessed_by_the_province(own_data: Path, type_in: TypeIn, tmp_path: Path) -> None:
    """Forms, letters and reports of communes named the ministry and Hà Nội; units that differ by a tone were one."""
    listed = tmp_path / "xa.txt"
    listed.write_text("Xã Tân Thành\nXã Tân Thạnh\nXã Tân Hòa\n", encoding="utf-8")
    of = ("--units", listed, "--kind", "xã", "--english", "commune,communes")
    code, _, err = type_in("level", "new", "Đồng Tháp", *of)
    assert code == 0 and "tiếp theo: parlib scheme template --level dong_thap_commune" in err
    made = units.units("dong_thap_commune")
    assert [unit.key for unit in made] == ["xa-tan-thanh", "xa-tan-thanh-2", "xa-tan-hoa"]
    assert [unit.name_en for unit in made] == ["Xã Tân Thành", "Xã Tân Thạnh", "Xa Tan Hoa"]
    scheme = SCHEME.read_text(encoding="utf-8").replace("nine-kinds", "nine-communes")
    scheme = scheme.replace("level: province", "level: dong_thap_commune").replace("years: [2023]", "years: [2025]")
    scheme = scheme.replace("{kind: given}", "{kind: deduction, input: số lỗi, per: 1}")
    (own_data / "schemes" / "nine-communes.yaml").write_text(scheme, encoding="utf-8")
    assert type_in("data", "accept")[0] == 0
    year = ("--year", 2025, "--level", "dong_thap_commune")
    dates = ("--from", "05/01/2026", "--to", "30/06/2026")
    assert type_in("round", "new", *year, "--units", "all", "--id", "xa", *dates)[0] == 0
    for stage in ("self", "appraisal"):
        assert type_in("form", "--round", "xa", "--unit", "xa-tan-hoa", "--stage", stage, "--out", tmp_path)[0] == 0
        book = load_workbook(tmp_path / f"xa.xa-tan-hoa.{stage}.xlsx")
        cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
        assert not [cell for cell in cells if "bộ nội vụ" in cell.lower()]
        assert any("UBND tỉnh Đồng Tháp tính" in cell for cell in cells)
    assert type_in("round", "import", "xa", tmp_path / "xa.xa-tan-hoa.self.xlsx")[0] == 0  # its grey cells are known
    sheet = book["Phiếu chấm điểm"]  # of the appraisal
    (decision,) = (cell for row in sheet.iter_rows() for cell in row if cell.value == "Ý kiến thẩm định")
    code = next(cell for cell in sheet["A"] if cell.value == "1.2")
    (reason,) = (cell for cell in sheet[decision.row] if cell.value == "Lý do")
    above = next(cell for cell in sheet["A"] if cell.value == "1.1")  # the sum of 1.1.1 and 1.1.2 is not decided
    sheet.cell(above.row, decision.column, "Chấp nhận")
    book.save(tmp_path / "own.xlsx")
    told = type_in("round", "import", "xa", tmp_path / "own.xlsx", "--by", "Tổ thẩm định")[2]
    assert "tiêu chí 1.1, giá trị 'Chấp nhận'" in told
    sheet.cell(above.row, decision.column).value = None
    sheet.cell(code.row, decision.column, "Không áp dụng")
    sheet.cell(code.row, reason.column, "Không có")
    book.save(tmp_path / "own.xlsx")
    told = type_in("round", "import", "xa", tmp_path / "own.xlsx", "--by", "Xã Tân Hòa")[2]
    assert "cột --by" in told and "cần người khác thẩm định" in told
    assert type_in("round", "missing", "xa", "--out", tmp_path / "owed")[0] == 0
    letter = Document(str(tmp_path / "owed" / "xa.xa-tan-hoa.docx"))
    head = "\n".join(cell.text for table in letter.tables for row in table.rows for cell in row.cells)
    assert "UBND TỈNH ĐỒNG THÁP" in head
    assert not [word for word in ("BỘ NỘI VỤ", "Hà Nội", "VỤ TRƯỞNG") if word in head]
    round_id = "2025-dong_thap_commune"
    assert type_in("simulate", *year, "--seed", 1)[0] == 0
    code, _, err = type_in("report", *year, "--round", round_id, "--output-dir", tmp_path / "out")
    assert code == 0, err
    (page,) = (tmp_path / "out").rglob("*.vi.html")
    text = page.read_text(encoding="utf-8")
    assert '<meta content="UBND tỉnh Đồng Tháp" name="author"/>' in text
    assert "hai năm không hoàn toàn so sánh" not in text  # there was no set of criteria before
    assert "điều tra cán bộ, công chức" not in text.lower()


def test_who_organises_is_told_before_forms_go_out_that_it_cannot_appraise_itself(
    own_data: Path, type_in: TypeIn, tmp_path: Path
) -> None:
    """The department that runs the assessment is assessed as well: its own form was refused when it came back."""
    listed = tmp_path / "so.txt"
    listed.write_text("Sở Nội vụ\nSở Tài chính\nSở Văn hóa, Thể thao và Du lịch\n", encoding="utf-8")
    of = ("--units", listed, "--kind", "sở, ban, ngành", "--english", "department,departments")
    assert type_in("level", "new", "Đồng Tháp", *of)[0] == 0
    scheme = SCHEME.read_text(encoding="utf-8").replace("nine-kinds", "nine-departments")
    scheme = scheme.replace("level: province", "level: dong_thap_department").replace("years: [2023]", "years: [2025]")
    (own_data / "schemes" / "nine-departments.yaml").write_text(scheme, encoding="utf-8")
    assert type_in("data", "accept")[0] == 0
    new = ("round", "new", "--year", 2025, "--level", "dong_thap_department", "--units", "all")
    some = (*new[:-1], "Sở Nội vụ, sở văn hóa, Thể thao và Du lịch", "--id", "some")
    assert "2 đơn vị" in type_in(*some)[2]  # the comma in the name of a unit parts no units
    assert "3 đơn vị" in type_in(*new[:-1], listed, "--id", "file")[2]
    told = "cần người thẩm định khác cho Sở Nội vụ"
    assert type_in(*new, "--id", "one", "--appraiser", "Sở Nội vụ")[0] == 0
    assert told in "".join(type_in("round", "check", "one")[1:])
    assert type_in(*new, "--id", "other", "--appraiser", "Tổ thẩm định")[0] == 0
    assert told not in "".join(type_in("round", "check", "other")[1:])


def test_a_card_for_the_press_names_the_province_of_the_communes(own_data: Path, type_in: TypeIn) -> None:
    assert type_in("level", "new", "Đồng Tháp")[0] == 0
    words = PressWords(Wording("vi"), "par", 2025, "dong_thap_commune")
    assert words.whose == "các xã, phường, đặc khu của tỉnh Đồng Tháp"
    assert PressWords(Wording("vi"), "par", 2025, "province").whose == "tỉnh, thành phố"
