"""A report in Word as the library of another reads it: styles, captions, tables, pictures, pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from PIL import Image

from parlib.publish import word
from parlib.publish.document import Document, Properties
from parlib.publish.verify.files.word import inspect_document
from parlib.report import blocks as b
from tests.publish.word.conftest import document_of

Make = Callable[..., Any]
Blocks = tuple[b.Block, ...]


def _text(element: Any) -> str:
    return "".join(match.text or "" for match in element.iter(qn("w:t")))


def _styles(document: Any) -> list[tuple[str, str]]:
    """Style and text of the paragraphs outside tables, in order, from the first heading on."""
    lines = [(p.style.name, _text(p._element)) for p in document.paragraphs]
    start = next(n for n, (style, _) in enumerate(lines) if style.startswith("Heading"))
    return lines[start:]


def _grid(table: Any) -> list[list[str]]:
    return [[_text(cell) for cell in row.iter(qn("w:tc"))] for row in table._element.iter(qn("w:tr"))]


def test_every_block_has_the_style_of_its_kind(make: Make, rich: Blocks) -> None:
    assert [line for line in _styles(make(*rich)) if line[1] or line[0] == "Figure"] == [
        ("Heading 1", "I. Kết quả chung"),
        ("Lead", "Trung bình đạt 84,38%."),
        ("List Bullet", "Ý một: −1,20b."),
        ("List Bullet", "Ý hai: …."),
        ("Heading 2", "1. Xếp hạng"),
        ("Body Text", "Câu dẫn."),
        ("Caption", 'Bảng 1. Xếp "hạng"'),
        ("Source", "a: số ước tính. …: chưa có số liệu. Nguồn: thử"),
        ("Heading 2", "2. Hình"),
        ("Figure", ""),
        ("Caption", "Hình 1. Phân bố"),
        ("Source", "Ghi chú hình. Nguồn: thử"),
        ("Heading 3", "a) Chi tiết"),
        ("Draft", "Dự thảo để biên tập."),
        ("Note Missing", "Ghi chú missing"),
        ("Note Warning", "Ghi chú assumption"),
        ("Note Warning", "Ghi chú break"),
        ("Note Warning", "Ghi chú warning"),
        ("Note", "Ghi chú method"),
        ("Note Passed", "Ghi chú passed"),
        ("Caption", "Bảng 2. Xếp hạng"),
    ]


def test_a_table_is_a_table_of_word(make: Make, rich: Blocks) -> None:
    table = make(*rich).tables[1]
    assert _grid(table) == [
        ["Hạng", "Đơn vị", "Chỉ số (%)", "So với năm trước"],
        ["", "", "", "2022", "Tăng/giảm"],
        ["1", "Đắk Lắk & <Kon Tum>", "84,38a", "85,00", "…"],
        ["2", "Thừa Thiên Huế", "80,10", "…", "−1,20"],
        ["…", "Trung bình", "…", "…", "…"],
    ]
    assert [cell.text for cell in table.rows[0].cells] == [
        *("Hạng", "Đơn vị", "Chỉ số (%)", "So với năm trước", "So với năm trước")
    ]
    assert table.rows[1].cells[0].text == "Hạng", "one cell over both rows of heads"
    rows = table._element.findall(qn("w:tr"))
    heads = [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]
    assert heads == [True, True, False, False, False]
    assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
    assert table.style.name == "Report Table"
    assert [p.style.name for cell in table.rows[2].cells for p in cell.paragraphs] == [
        *("Table Number", "Table Text", "Table Number", "Table Number", "Table Number")
    ]
    raised = [run.text for run in table.rows[2].cells[2].paragraphs[0].runs if run.font.superscript]
    assert raised == ["a"]


def test_rows_look_like_what_they_are(make: Make, rich: Blocks) -> None:
    table = make(*rich).tables[1]
    fills = [[shade.get(qn("w:fill")) for shade in row._tr.iter(qn("w:shd"))] for row in table.rows]
    assert fills[2] == ["FFF3CD"] * 5
    assert fills[3] == fills[4] == []
    letters = [{run.style.name for cell in row.cells for run in cell.paragraphs[0].runs} for row in table.rows[2:]]
    assert letters == [{"Default Paragraph Font"}, {"Table Muted"}, {"Table Total"}]


def test_captions_count_themselves_and_can_be_referred_to(make: Make, rich: Blocks) -> None:
    document = make(*rich)
    results = []
    for start in document.element.iter(qn("w:bookmarkStart")):
        field = start.getnext().getnext()
        if field is not None and field.tag == qn("w:fldSimple"):
            number = (field.get(qn("w:instr")), _text(field))
            results.append((start.get(qn("w:name")), *number))
    assert results == [
        ("table_ranking", " SEQ Bảng \\* ARABIC ", "1"),
        ("figure_spread", " SEQ Hình \\* ARABIC ", "1"),
        ("table_2", " SEQ Bảng \\* ARABIC ", "2"),
    ]
    ids = [start.get(qn("w:id")) for start in document.element.iter(qn("w:bookmarkStart"))]
    assert len(ids) == len(set(ids)) == 3 + 4  # and the four headings
    assert sorted(ids) == sorted(end.get(qn("w:id")) for end in document.element.iter(qn("w:bookmarkEnd")))


def test_captions_stay_with_what_they_name(make: Make, rich: Blocks) -> None:
    lines = {_text(p._element): p for p in make(*rich).paragraphs}
    assert lines['Bảng 1. Xếp "hạng"'].paragraph_format.keep_with_next
    assert lines["Hình 1. Phân bố"].paragraph_format.keep_with_next  # to its notes and source
    assert not lines["Ghi chú hình. Nguồn: thử"].paragraph_format.keep_with_next
    picture = next(p for p in make(*rich).paragraphs if p.style.name == "Figure")
    assert picture.paragraph_format.keep_with_next
    assert lines["Câu dẫn."].paragraph_format.keep_with_next, "a sentence goes with the table it introduces"
    assert not any(line.paragraph_format.page_break_before for line in lines.values()), "pages flow"


def test_a_picture_says_what_it_shows(make: Make, rich: Blocks) -> None:
    document = make(*rich)
    shown = next(document.element.iter(qn("wp:docPr")))
    assert shown.get("descr") == 'Một điểm ảnh "đỏ" & nhỏ'
    assert document.inline_shapes[0].width == document.inline_shapes[0].height
    assert document.inline_shapes[0].width.mm == pytest.approx(165, abs=0.1)  # 170 drawn, 165 there


def _tall(n_pixels: int = 150) -> b.Figure:
    """A picture of 100 x 150 pixels, drawn 170 mm wide: 247 mm high on a page that holds 257 with all else."""
    whole = BytesIO()
    Image.new("L", (100, n_pixels)).save(whole, "png")
    return b.Figure(base64.b64encode(whole.getvalue()).decode(), "Phân bố", "Cao", "Nguồn: thử")


def test_a_tall_picture_leaves_room_for_its_heading_where_it_can(make: Make) -> None:
    sentence = b.Paragraph(("Một câu dẫn.",))
    sizes = []
    for before in ([], [b.Heading("Đầu"), sentence], [b.Heading("Đầu"), *[sentence] * 20]):
        document = make(*before, _tall())
        (shape,) = document.inline_shapes
        assert shape.height / shape.width == pytest.approx(1.5, abs=0.01)
        kept = [p.paragraph_format.keep_with_next for p in document.paragraphs if p.text == "Một câu dẫn."]
        sizes.append((shape.height.mm, set(kept)))
    (alone, _), (headed, kept), (crowded, not_kept) = sizes
    assert 200 < alone < 257 - 20
    assert 0.78 * alone <= headed < alone
    assert kept == {True}
    assert crowded > alone, "a page of sentences is left behind, and that of the title"
    assert not_kept == {None}


def test_a_picture_is_made_smaller_where_it_then_fits_on_the_page_that_was_begun(make: Make) -> None:
    """A picture of 165 x 99 mm behind 4 to 20 sentences of one line (5.8 mm, 2.1 mm between them): of 257 mm at first
    enough is left; each sentence more takes 8 mm, so two or three times it is made up to 22 % smaller; then it has to
    go to the next page, as large as it was."""
    sentence = b.Paragraph(("Một câu dẫn.",))
    documents = [make(*[sentence] * n, _tall(60)) for n in range(4, 21)]
    heights = [document.inline_shapes[0].height.mm for document in documents]
    whole = [n for n, height in enumerate(heights) if height > 98.5]
    assert whole[0] == 0
    assert whole[-1] == len(heights) - 1
    smaller = [height for height in heights if height <= 98.5]
    assert smaller == sorted(smaller, reverse=True)
    assert 1 <= len(smaller) <= 3
    assert min(smaller) > 0.78 * 99


def test_a_table_goes_before_a_picture_that_would_leave_half_a_page_empty(
    tmp_path: Path, a_table: Callable[..., b.Table]
) -> None:
    """A page that is a quarter written on has no room for a picture of 232 mm, but for one of 50 mm. What is read back
    is the report either way; that another picture is shown is found."""
    before, path = [b.Heading("Đầu"), b.Paragraph(("Dài " * 120,))], tmp_path / "thu.docx"
    for figure, first in ((_tall(), "Bảng"), (_tall(30), "Hình")):
        document = document_of(*before, figure, a_table(60, 2))
        word.write_document(document, path)
        captions = [p.text for p in docx.Document(str(path)).paragraphs if p.style and p.style.name == "Caption"]
        assert len(captions) == 2
        assert captions[0].startswith(first)
        assert [str(one) for one in inspect_document(document, path, "thu.docx")] == []
        other = document_of(*before, replace(figure, alternative="Khác"), a_table(60, 2))
        assert inspect_document(other, path, "thu.docx")


def test_a_picture_that_fills_its_page_leaves_what_introduces_it_on_the_one_before(make: Make) -> None:
    """A chain longer than a page is broken anywhere: the picture stood without its caption. Of 42 mm of sentences the
    heading goes along; with 8 mm the picture is made smaller."""
    for words, is_kept in (("ngắn " * 10, True), ("dài " * 120, None)):
        paragraphs = make(b.Heading("Phần"), b.Paragraph((words,)), _tall()).paragraphs
        kept = {p.text.split(" ")[0]: p.paragraph_format.keep_with_next for p in paragraphs if p.text}
        assert kept[words.split(" ")[0]] is is_kept
        assert next(p for p in paragraphs if p.text.endswith("Phần")).style.paragraph_format.keep_with_next


def test_a_picture_of_many_notes_is_no_stamp(make: Make) -> None:
    figure = replace(_tall(), notes=("Một ghi chú.",) * 60)
    (shape,) = make(b.Heading("Đầu"), figure).inline_shapes
    assert shape.height.mm > 60


def test_key_figures_stand_side_by_side(make: Make, rich: Blocks) -> None:
    table = make(*rich).tables[0]
    lines = [[_text(p._element) for p in cell.paragraphs] for cell in table.rows[0].cells]
    assert lines == [["Chỉ số", "84,38a%", "tăng 0,50"], ["Nhóm", "B"], ["Điểm", "43,43\u00a0điểm"]]
    assert table._tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "Tóm tắt"


@pytest.mark.parametrize(("n", "across", "down"), [(2, 2, 1), (4, 4, 1), (5, 5, 1), (6, 3, 2)])
def test_many_key_figures_take_two_rows(make: Make, n: int, across: int, down: int) -> None:
    table = make(b.Tiles(tuple(b.Tile(f"T{i}", "x") for i in range(n)), "Tóm tắt")).tables[0]
    assert [len(list(row)) for row in _grid(table)] == [across] * down


def test_a_row_that_heads_others_stays_on_their_page(make: Make) -> None:
    """In the middle of a table that is longer than a page; a sum, which has its number, heads none."""
    rows: list[dict[str, str | b.Number]] = [{"name": f"Dòng {i}", "n": b.Number(1.0, "1")} for i in range(60)]
    rows[30] = {"name": "Theo căn cứ", "n": ""}
    columns = (b.Column("name", "Thành phần"), b.Column("n", "Số tiêu chí", "number"))
    styles = tuple("total" if i in (30, 40) else "" for i in range(60))
    table = make(b.Table(columns, tuple(rows), "Bảng", row_styles=styles)).tables[0]
    kept = [row.cells[0].paragraphs[0]._element.pPr.keepNext is not None for row in table.rows[1:]]
    assert [n for n, is_kept in enumerate(kept) if is_kept and 10 < n < 50] == [30]


def test_no_key_figure_is_broken_over_lines(make: Make) -> None:
    """Letters of 16 points are about 3 mm wide: of four, one of fifteen would take two lines on a page of 165 mm."""
    tiles = tuple(b.Tile(f"T{i}", "1") for i in range(3))
    table = make(b.Tiles((*tiles, b.Tile("So với năm trước", "−1.234.567,6851", "điểm %")), "Tóm tắt")).tables[0]
    assert [len(list(row)) for row in _grid(table)] == [2, 2]
    assert "−1.234.567,6851\u00a0điểm\u00a0%" in [_text(p._element) for p in table.cell(1, 1).paragraphs]


def test_the_contents_stand_below_the_result(make: Make) -> None:
    chapters = (b.Heading("Tóm tắt", anchor="result"), b.Paragraph(("Kết quả.",)), b.Heading("Xếp hạng"))
    body = [_text(element) for element in make(*chapters).element.body]
    below = body.index("Mục lụcI. Tóm tắtII. Xếp hạng")
    assert body[below - 2 : below + 2] == ["I. Tóm tắt", "Kết quả.", body[below], "II. Xếp hạng"]


def test_the_contents_list_the_headings_before_any_update(make: Make, rich: Blocks) -> None:
    document = make(*rich)
    names = {start.get(qn("w:name")): start.getparent() for start in document.element.iter(qn("w:bookmarkStart"))}
    links = [(_text(link), _text(names[link.get(qn("w:anchor"))])) for link in document.element.iter(qn("w:hyperlink"))]
    assert links == [("I. Kết quả chung",) * 2, ("1. Xếp hạng",) * 2, ("2. Hình",) * 2]  # two levels
    code = "".join(text.text for text in document.element.iter(qn("w:instrText")))
    names = [link.get(qn("w:anchor")) for link in document.element.iter(qn("w:hyperlink"))]
    pages = [word for name in names for word in ("PAGEREF", name, "\\h")]  # each page is asked for where it is printed
    assert code.split() == ["TOC", "\\o", '"1-2"', "\\h", "\\z", *pages]
    kinds = [sign.get(qn("w:fldCharType")) for sign in document.element.iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", *["begin", "separate", "end"] * 3, "end"]
    assert document.settings.element.find(qn("w:updateFields")) is None, "no question when the document is opened"


@pytest.mark.parametrize(("n", "lists"), [(4, 0), (5, 2)])
def test_many_tables_and_figures_are_listed_behind_the_report(
    make: Make, a_table: Callable[..., b.Table], tmp_path: Path, n: int, lists: int
) -> None:
    figures = [replace(_tall(), name=f"f{i}") for i in range(n)]
    shown = (b.Heading("Đầu"), *(a_table(caption=f"Bảng & {i}", name=f"t{i}") for i in range(5)), *figures)
    document = make(*shown)
    end = list(document.element.body.iter(qn("w:sdt")))[1:]
    assert len(end) == lists
    names = {start.get(qn("w:name")): start for start in document.element.iter(qn("w:bookmarkStart"))}
    for part, kind, title in zip(end, ("Bảng", "Hình"), ("bảng", "hình"), strict=False):
        first, *lines = [_text(line) for line in part.iter(qn("w:p"))]
        assert first == f"Danh mục {title}"
        assert next(part.iter(qn("w:p"))).pPr.keepNext is not None  # it ends no page
        captions = [text for style, text in _styles(document) if style == "Caption" and text.startswith(kind)]
        assert lines == captions
        assert [link.get(qn("w:anchor")) in names for link in part.iter(qn("w:hyperlink"))] == [True] * 5
        code = next(part.iter(qn("w:instrText"))).text
        assert code.strip() == rf'TOC \h \z \c "{kind}"'
    path, report = tmp_path / "read.docx", document_of(*shown)
    word.write_document(report, path)
    assert [str(one) for one in inspect_document(report, path, "read.docx")] == []
    renamed = replace(report, items=report.items[:-1])  # one picture less than is listed
    assert lists == 0 or inspect_document(renamed, path, "read.docx")


def test_the_head_and_the_pages_bear_title_and_marks(make: Make, rich: Blocks) -> None:
    title = b.Title("Báo cáo <A> & B", "Phụ đề", ("Dòng một", "Dòng hai"), ("SỐ LIỆU MÔ PHỎNG.", "Minh họa."))
    document = make(*rich, title=title)
    assert [(p.style.name, p.text) for p in document.paragraphs[:6]] == [
        ("Title", "Báo cáo <A> & B"),
        ("Subtitle", "Phụ đề"),
        ("Mark", "SỐ LIỆU MÔ PHỎNG."),
        ("Mark", "Minh họa."),
        ("Title Line", "Dòng một"),
        ("Title Line", "Dòng hai"),
    ]
    section = document.sections[0]
    assert [p.text for p in section.header.paragraphs] == ["Báo cáo <A> & B", "SỐ LIỆU MÔ PHỎNG. Minh họa.", ""]
    codes = [field.get(qn("w:instr")).strip() for field in section.footer._element.iter(qn("w:fldSimple"))]
    assert codes == ["PAGE", "NUMPAGES"]
    assert [p.text for p in make(*rich).sections[0].header.paragraphs] == ["Báo cáo thử", ""]


def test_a_marked_report_is_read_back_without_a_finding(rich: Blocks, tmp_path: Path) -> None:
    """The marks travel with the title in the properties of the file; a title without them is a finding."""
    title = b.Title("Báo cáo thử", "", (), ("SỐ LIỆU MÔ PHỎNG.",))
    document, path = document_of(*rich, title=title), tmp_path / "thu.docx"
    word.write_document(document, path)
    assert [str(one) for one in inspect_document(document, path, "thu.docx")] == []
    word.write_document(document, path, properties=Properties("Báo cáo thử"))
    assert len(inspect_document(document, path, "thu.docx")) == 1


def test_pages_follow_the_decree(make: Make, rich: Blocks) -> None:
    """Decree 30/2020/NĐ-CP: A4, 30-35 mm left, 15-20 right, 20-25 above and below, Times New Roman 13-14."""
    document = make(*rich)
    section = document.sections[0]
    edges = [section.page_width, section.page_height, section.left_margin, section.right_margin]
    edges += [section.top_margin, section.bottom_margin]
    assert [round(edge.mm) for edge in edges] == [210, 297, 30, 15, 20, 20]
    fonts = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:rFonts')}")
    assert set(fonts.attrib.values()) == {"Times New Roman"}
    sizes = document.styles.element.findall(f".//{qn('w:rPrDefault')}//{qn('w:sz')}")
    assert [size.get(qn("w:val")) for size in sizes] == ["26"]


@pytest.mark.parametrize(("language", "code", "table"), [("vi", "vi-VN", "Bảng"), ("en", "en-US", "Table")])
def test_spelling_is_checked_in_the_language_of_the_report(
    make: Make, a_table: Callable[..., b.Table], language: str, code: str, table: str
) -> None:
    document = make(b.Heading("Kết quả"), a_table(), language=language)
    langs = [lang.get(qn("w:val")) for lang in document.styles.element.iter(qn("w:lang"))]
    assert langs == [code]
    assert not list(document.element.iter(qn("w:lang")))
    assert document.core_properties.language == code
    assert (("Caption", f"{table} 1. Xếp hạng")) in _styles(document)


def test_equal_reports_are_equal_bytes_without_names_and_dates(
    as_document: Callable[..., Document], rich: Blocks, tmp_path: Path
) -> None:
    written = []
    for name in ("a.docx", "b.docx"):
        word.write_document(as_document(*rich), tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    with ZipFile(tmp_path / "a.docx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r"<(dc\w*:\w+|cp:\w+)[ >]", core) == ["cp:coreProperties", "dc:title", "dc:language"]


def test_a_wide_table_turns_its_page_and_takes_its_company_along(make: Make, a_table: Callable[..., b.Table]) -> None:
    """20 numbers of four signs, 5.6 mm in small letters, and 2.7 mm around each: 166 mm without the names, of 165."""
    heads = tuple(b.Column(f"c{c}", "Cải cách", "number") for c in range(20))
    wide = a_table(4, 20, "Rộng", source="Nguồn: x")
    wide = b.Table((wide.columns[0], *heads), wide.rows, wide.caption, "Nguồn: x")
    document = make(
        *(b.Heading("Một"), b.Paragraph(("Trước.",)), a_table(), b.Heading("Hai"), b.Paragraph(("Dẫn.",))),
        *(wide, b.Paragraph(("Sau.",)), b.Heading("Ba"), b.Paragraph(("Hết.",))),
    )
    turned = [section.orientation == WD_ORIENT.LANDSCAPE for section in document.sections]
    assert turned == [False, True, False]
    pages: list[list[str]] = [[]]
    for element in document.element.body.iterchildren(qn("w:p")):
        pages[-1].append(_text(element))
        if element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
            pages.append([])
    assert pages[1] == ["II. Hai", "Dẫn.", "Bảng 2. Rộng", "Nguồn: x", "Sau."]
    assert pages[2] == ["III. Ba", "Hết."]
    middle = document.sections[1]
    assert (round(middle.page_width.mm), round(middle.page_height.mm)) == (297, 210)
    assert round(middle.top_margin.mm) == 30, "bound at the same edge of the paper"
    assert [section.different_first_page_header_footer for section in document.sections] == [True, False, False]
    for section in document.sections:
        assert section.header.paragraphs[0].text == "Báo cáo thử"


@pytest.mark.parametrize("marks", [(), ("SỐ LIỆU MÔ PHỎNG",)])
def test_the_first_page_has_head_and_number_only_where_they_hold_a_mark(make: Make, marks: tuple[str, ...]) -> None:
    document = make(b.Heading("x"), title=b.Title("Tổng quan", marks=marks, contents=False))
    assert [section.different_first_page_header_footer for section in document.sections] == [not marks]


def test_a_table_of_too_many_columns_goes_on_in_parts(make: Make, a_table: Callable[..., b.Table]) -> None:
    document = make(b.Heading("Phụ lục"), a_table(5, 60, "Theo tiêu chí", source="Nguồn: x"))
    captions = [text for style, text in _styles(document) if style == "Caption"]
    assert captions[0] == "Bảng 1. Theo tiêu chí"
    assert len(captions) == len(document.tables) > 1
    assert set(captions[1:]) == {"Bảng 1 (tiếp theo). Theo tiêu chí"}
    parts = [_grid(table)[1:] for table in document.tables]
    for r in range(5):
        assert {part[r][0] for part in parts} == {f"Tỉnh {r + 1}"}
        assert [cell for part in parts for cell in part[r][1:]] == [f"{r + 1},{c:02}" for c in range(60)]


def test_tables_never_touch(make: Make, a_table: Callable[..., b.Table]) -> None:
    body = make(b.Heading("x"), a_table(), a_table(), b.Tiles((b.Tile("a", "b"),) * 2, "c"), a_table()).element.body
    tags = [element.tag for element in body]
    assert not any(pair == (qn("w:tbl"),) * 2 for pair in pairwise(tags))
    assert tags[-2] == qn("w:p"), "Word asks for a paragraph at the end"


def test_what_no_file_of_word_may_hold_is_left_out(make: Make) -> None:
    document = make(b.Heading("Đầu"), b.Paragraph(("một\x0bhai\nba\tbốn ]]> <w:p/> {{ body }}",)))
    assert document.paragraphs[-1].text == "mộthai\nba\tbốn ]]> <w:p/> {{ body }}"


def test_an_empty_report_is_still_a_document(make: Make) -> None:
    document = make()
    assert [p.text for p in document.paragraphs] == ["Báo cáo thử"]
