"""The Excel workbook of a report: every number in its cell, charts from cells, nothing a formula that should not be."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from parlib.publish import verify, workbook
from parlib.publish.document import Document, decimals_of
from parlib.publish.workbook import charts
from parlib.publish.workbook.around import nodes_of
from parlib.publish.workbook.book import formula, heads, number_format, unique
from parlib.report.blocks import Column, Dataset, Figure, Heading, Note, Number, Paragraph, Table, Tile, Tiles, Title

from . import handmade

MANY = 99  # sheets: one for every block


def write(path: Path, *blocks: Any, **given: Any) -> Any:
    workbook.write(handmade.shown(*blocks, **given), path, MANY)
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workbook") / "thu.xlsx"
    workbook.write(handmade.shown(*handmade.blocks(handmade.ILLUSTRATIVE, handmade.SIMULATED)), path, MANY)
    return path


@pytest.fixture(scope="module")
def book(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def table_cells(sheet: Any, table: Table) -> Iterator[tuple[Any, Any, Column]]:
    """Every cell of a table on its sheet, with what the block has there."""
    names = [head.name for head in heads(table)]
    first = next(r for r in range(1, 60) if [sheet.cell(r, n + 1).value for n in range(len(names))] == names) + 1
    for at, head in enumerate(heads(table), 1):
        if not head.marks:
            for n, row in enumerate(table.rows):
                yield sheet.cell(first + n, at), row.get(head.column.key), head.column


def sheet_of(book: Any, caption: str) -> Any:
    """The sheet that a table or figure has for itself."""
    return next(sheet for sheet in book if str(sheet.cell(2, 1).value).startswith(f"{caption}. "))


def test_the_sheets_are_named_linked_and_legal(book: Any) -> None:
    names = book.sheetnames
    assert names[:3] == ["Tổng quan", "Kết quả", "Kết quả 2"]  # called by their sections
    assert names[-1] == "Ghi chú"
    assert len({name.lower() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and re.fullmatch(r"[\w -]+", name) for name in names)
    links = [cell.hyperlink.location for (cell,) in book["Ghi chú"]["A1":"A40"] if cell.hyperlink]
    assert links[0] == "'Tổng quan'!A1"
    tables = [sheet.tables.values() for sheet in book]
    assert links[1].startswith("'Ghi chú'!")  # the code book
    assert {link.partition("!")[0].strip("'") for link in links[2:]} == {*names} - {"Ghi chú"}
    assert all(sheet.cell(1, 1).hyperlink.location == "'Tổng quan'!A1" for sheet in book.worksheets[1:])
    called = [table.name for some in tables for table in some]
    assert len(called) == len(set(called)) and all(re.fullmatch(r"[A-Za-z]+_\d+", name) for name in called)


def test_every_table_is_an_excel_table_with_one_row_of_heads(book: Any) -> None:
    """A name for every column, none twice, and the cell of the head says it: else Excel mends the file."""
    n = 0
    for sheet in book:
        for table in sheet.tables.values():
            (first, *_), *_ = sheet[table.ref]
            names = [column.name for column in table.tableColumns]
            assert [cell.value for cell in sheet[first.row][first.column - 1 :][: len(names)]] == names
            assert len({name.lower() for name in names}) == len(names)
            n += 1
    assert n == 3 + len(handmade.FIGURES) + 1  # the empty table is none; the code book is one


def test_names_of_columns() -> None:
    """What stands above goes before, the unit behind; a long group lends its code; what is twice gets a number."""
    wide = "2.8 Cắt giảm, đơn giản hóa quy định liên quan đến kinh doanh"
    columns = (Column("a", "Giá trị", unit="%", group="Cao nhất"), Column("b", "Giá trị", group=wide), Column("c", ""))
    assert [head.name for head in heads(Table(columns, (), "T"))] == ["Cao nhất: Giá trị (%)", "2.8: Giá trị", "c"]
    assert unique(["Hạng", "hạng", "Hạng"]) == ["Hạng", "hạng 2", "Hạng 3"]


def test_numbers_are_exact_and_shown_as_printed(book: Any) -> None:
    first = min(cell.row for cell, _, _ in table_cells(book.worksheets[0], handmade.RANKING))
    assert book.worksheets[0].cell(first, 3).value == 2.675
    assert book.worksheets[0].cell(first, 3).number_format == "#,##0.00"
    assert book.worksheets[0].cell(first, 4).value == "a"  # the mark, in the narrow column beside
    assert book.worksheets[0].cell(first, 5).value == 0.3
    assert book.worksheets[0].cell(first, 6).value == -0.004
    assert book.worksheets[0].cell(first, 6).number_format == "+#,##0.00;-#,##0.00;#,##0.00"
    assert book.worksheets[0].cell(first + 1, 6).value == 0
    assert book.worksheets[0].cell(first + 1, 1).value == "2–3"  # a range stays text
    assert book.worksheets[0].cell(first + 1, 3).value == 1234.5
    for n, column in ((1, 5), (2, 3), (2, 1)):  # a missing cell, "…", and a missing rank
        unknown = book.worksheets[0].cell(first + n, column)
        assert unknown.value is None
        assert unknown.fill.fgColor.rgb == "FFEDEFF1"


def test_a_change_among_other_numbers_keeps_its_sign(tmp_path: Path) -> None:
    columns = (Column("what", "Nội dung"), Column("value", "Giá trị", "number"))
    rows = tuple(
        {"what": text, "value": Number(value, text)} for value, text in ((17.0, "17"), (9.39, "+9,39"), (0.5, "0,50"))
    )
    sheet = write(tmp_path / "x.xlsx", Title("T"), Table(columns, rows, "T")).worksheets[0]
    shown = [
        cell.number_format for cell, _, column in table_cells(sheet, Table(columns, rows, "T")) if column.key == "value"
    ]
    assert shown == ["#,##0", "+#,##0.00;-#,##0.00;#,##0.00", "#,##0.00"]


def test_text_from_outside_stays_text(book: Any, path: Path) -> None:
    texts = [cell for cell, _, column in table_cells(book.worksheets[0], handmade.RANKING) if column.key == "remark"]
    assert [cell.value for cell in texts] == ["=1+1", "- Đã hoàn thành", "https://vi.du/x"]
    assert [cell.data_type for cell in texts] == ["s", "s", "s"]
    assert [cell.quotePrefix for cell in texts] == [True, True, False]
    assert not any(cell.hyperlink for cell in texts)
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "externalLink" in name]
        formulas = [re.findall(r"<f>(.*?)</f>", archive.read(n).decode()) for n in archive.namelist() if "/sheet" in n]
    assert [match for some in formulas for match in some] == ["SUM(B6:B8)", "AVERAGE(C6:C8)"]


def test_a_total_is_a_formula_only_where_it_says_the_truth(path: Path) -> None:
    shown, kept = (sheet_of(openpyxl.load_workbook(path, data_only=only), "Bảng 2") for only in (False, True))
    row = next(r for r in range(1, 30) if shown.cell(r, 1).value == "Tổng cộng")
    assert [shown.cell(row, at).value for at in (2, 3, 4, 5)] == [
        f"=SUM(B{row - 3}:B{row - 1})",
        f"=AVERAGE(C{row - 3}:C{row - 1})",
        5,
        3,
    ]
    assert [kept.cell(row, at).value for at in (2, 3)] == [6.6, pytest.approx(70 / 3, abs=1e-9)]
    (table,) = shown.tables.values()
    assert table.ref == table.autoFilter.ref == f"A{row - 4}:E{row - 1}"  # sorting leaves the total where it is


@pytest.mark.parametrize(
    ("values", "styles", "expected"),
    [
        ([1, 2, 3], ["", "", "total"], ("SUM", 0)),
        ([1, 3, 2], ["", "", "total"], None),  # 2 is the mean, but nothing says that a mean is meant
        ([1, 2, 4], ["", "", "total"], None),
        ([5, 5], ["", "total"], None),  # one row: what would it be, a sum or a mean?
        ([1, 2, 3, 4, 5, 9], ["", "", "total", "", "", "total"], ("SUM", 3)),  # a second total begins after the first
        ([1, None, 1], ["", "", "total"], None),
    ],
)
def test_which_formula_makes_a_total(values: list[Any], styles: list[str], expected: Any) -> None:
    cells = [Number(value, str(value)) for value in values]
    table = Table((Column("v", "V", "number"),), tuple({"v": cell} for cell in cells), "T", row_styles=tuple(styles))
    assert formula(table, cells, len(values) - 1) == expected


def test_a_mean_may_be_an_average_and_a_share_is_no_formula() -> None:
    columns = (Column("v", "V", "number"),)
    for made, expected in (("mean", ("AVERAGE", 0)), ("mean_lost", ("AVERAGE", 0)), ("share", None)):
        cells = [*(Number(value, str(value)) for value in (1, 3)), Number(2, "2", (), made)]
        table = Table(columns, tuple({"v": cell} for cell in cells), "T", row_styles=("", "", "total"))
        assert formula(table, cells, 2) == expected


@pytest.mark.parametrize(
    ("value", "text", "default", "expected"),
    [
        (17.0, "17", 2, 0),
        (84.38, "84,38", 2, 2),
        (1234.0, "1.234", 2, 0),
        (1.234, "1,234", 2, 3),
        (0.0, "0,00", 0, 2),
        (-0.004, "0,00", 2, 2),
        (2.675, "2.68", 2, 2),
        (0.1234, "0,1234", 2, 4),
        (12.0, "mười hai", 1, 1),
    ],
)
def test_the_decimals_are_those_of_the_printed_text(value: float, text: str, default: int, expected: int) -> None:
    assert decimals_of(Number(value, text), default) == expected


def test_formats() -> None:
    assert number_format("number", 2) == "#,##0.00"
    assert number_format("integer", 0) == "#,##0"
    assert number_format("rank", 0) == "0"
    assert number_format("change", 1) == "+#,##0.0;-#,##0.0;#,##0.0"


def test_heads_stay_and_repeat(book: Any) -> None:
    front, sheet = book.worksheets[0], sheet_of(book, "Bảng 2")
    top = next(row for row in range(1, 40) if front.cell(row, 1).value == "Hạng")
    assert front.print_title_rows == f"${top}:${top}"
    names = ["Hạng", "Đơn vị", "Chỉ số (%)", "†", "So với năm 2022: Chỉ số (%)"]
    assert [front.cell(top, at).value for at in (1, 2, 3, 4, 5)] == names
    assert front.tables["Bang_1"].ref == f"A{top}:G{top + 3}"
    below = [front.cell(row, 1).value for row in range(top + 4, top + 10)]
    assert "Nguồn: thử" in below
    assert "Ô trống nền xám: chưa có số liệu. Không phải số không, và Excel không cộng ô đó." in below
    assert not [text for text in below if text and text.startswith("…")]
    assert sheet.freeze_panes == "B6"  # way back, caption, two marks, heads above; the names to the left
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_a_long_group_stands_in_a_row_above_the_heads(tmp_path: Path) -> None:
    wide = "2.8 Cắt giảm, đơn giản hóa quy định liên quan đến kinh doanh"
    columns = (Column("unit", "Đơn vị"), Column("a", "Giá trị", "number", group=wide), Column("b", "Điểm", group=wide))
    tables = [Table(columns, ({"unit": "A", "a": Number(1.0, "1,00")},), f"T{n}") for n in (1, 2)]
    sheet = write(tmp_path / "x.xlsx", Title("T"), *tables).worksheets[1]
    assert [sheet.cell(3, at).value for at in (1, 2)] == [None, wide]
    assert [sheet.cell(4, at).value for at in (1, 2, 3)] == ["Đơn vị", "2.8: Giá trị", "2.8: Điểm"]
    assert "B3:C3" in {str(merged) for merged in sheet.merged_cells.ranges}
    assert sheet.print_title_rows == "$3:$4"


def test_marks_stand_on_every_sheet_and_page_and_chart(book: Any, path: Path) -> None:
    for sheet in book:
        texts = [sheet.cell(row, 1) for row in range(1, 7)]
        for mark in (handmade.ILLUSTRATIVE, handmade.SIMULATED):
            result = next(cell for cell in texts if cell.value == mark)
            assert result.font.color.rgb == "FFB42318"
            assert mark in sheet.oddHeader.center.text
        assert "Báo cáo && thử" in (sheet.oddFooter.left.text or "") or "Báo cáo & thử" in sheet.oddFooter.left.text
        assert "&P/&N" in sheet.oddFooter.right.text.replace("&[Page]", "&P").replace("&[Pages]", "&N")
    with zipfile.ZipFile(path) as archive:
        drawn = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/")]
    assert len(drawn) == len([kind for kind, name, _ in handmade.FIGURES if kind in charts.CHARTS and name != "broken"])
    assert all(handmade.SIMULATED in xml for xml in drawn)


def test_a_report_tells_its_marks_on_its_title_and_a_table_alone_its_own() -> None:
    shown = handmade.shown(*handmade.blocks(handmade.SIMULATED))
    of_tables = [note for item in shown.document.items for note in getattr(item.block, "notes", ())]
    assert "a: suy ra." in of_tables
    assert handmade.SIMULATED not in of_tables
    body = shown.html.partition("<body")[2]
    assert body.count(handmade.SIMULATED) == 1  # in its head
    assert handmade.SIMULATED in handmade.RANKING.to_html()
    unmarked = handmade.shown(*handmade.blocks())  # nothing else tells it there
    assert handmade.SIMULATED in unmarked.html.partition("<body")[2]


def test_a_title_that_names_a_unit_alone_says_what_is_told_of_it() -> None:
    profile = Title("Tỉnh Lai Châu", "Hồ sơ đơn vị: PAPI, năm 2024", marks=(handmade.SIMULATED,))
    assert handmade.shown(profile).document.full_title == (
        f"Tỉnh Lai Châu – Hồ sơ đơn vị: PAPI, năm 2024 – {handmade.SIMULATED}"
    )
    assert handmade.shown(Title("PAPI năm 2024", "Báo cáo thường niên")).document.full_title == "PAPI năm 2024"


def test_no_marks_no_words_of_them(tmp_path: Path) -> None:
    result = write(tmp_path / "x.xlsx", *handmade.blocks())
    assert not [sheet for sheet in result if sheet.oddHeader.center.text]


def test_every_figure_has_its_data_and_every_known_kind_its_chart(book: Any, path: Path) -> None:
    figures = [book.worksheets[0], *(sheet for sheet in book if str(sheet.cell(2, 1).value).startswith("Hình"))]
    assert len(figures) == len(handmade.FIGURES)
    for sheet, (_kind, _name, data) in zip(figures, handmade.FIGURES, strict=True):
        written = {cell.value for row in sheet.iter_rows() for cell in row}
        for key, values in data.items():
            for value in values:
                if isinstance(value, int | float | str) and value != "":
                    is_said = key not in ("unit", "factor", "group", "region") or "name" not in data  # they read names
                    assert (value in written) is is_said, (sheet.title, value)


def test_charts_read_their_numbers_from_cells(path: Path, book: Any) -> None:
    """Every range that a series reads is on a sheet of this workbook and holds its numbers or names."""
    n = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/charts/"):
                continue
            xml = archive.read(name).decode()
            assert "<c:title>" in xml
            assert "<c:autoTitleDeleted" not in xml or 'autoTitleDeleted val="1"' not in xml
            for sheet, cells in re.findall(r"<c:f>'?(.*?)'?!(.*?)</c:f>", xml):
                block = book[sheet.replace("''", "'")][cells.replace("$", "")]
                values = [cell.value for row in block for cell in row] if isinstance(block, tuple) else [block.value]
                assert any(value is not None for value in values), (name, sheet, cells)
                n += 1
    assert n > 60


def test_error_bars_reach_from_low_to_high(book: Any) -> None:
    sheet = sheet_of(book, "Hình 8")  # ranks 1, 2, 3 between 1-2, 1-3 and 2-3
    named = {sheet.cell(5, at).value: at for at in range(1, 60) if sheet.cell(5, at).value}
    helper = [at for at in range(12, 60) if sheet.cell(5, at).value in ("Cận trên", "Cận dưới")]
    assert [[sheet.cell(row, at).value for row in (6, 7, 8)] for at in helper] == [[1, 1, 0], [0, 1, 1]]
    assert named["Hạng"] == 1


def test_a_bridge_floats_and_crosses_nought(book: Any) -> None:
    """0.5 up from 0; 0.75 down from 0.5 to -0.25; the whole is -0.25: hidden and seen above zero, then below."""
    sheet = sheet_of(book, "Hình 16")
    first = next(at for at in range(6, 60) if sheet.cell(5, at).value == "Từ")
    rows = [[sheet.cell(row, first + n).value for n in range(6)] for row in (6, 7, 8)]
    assert rows == [[0, 0.5, 0, 0, 0, 0], [0, 0, 0.5, 0, 0, -0.25], [0, 0, 0, 0, 0, -0.25]]


def test_a_heat_map_is_coloured_cells(book: Any) -> None:
    """Every column by itself: one scale for different areas would say only that these differ."""
    sheet = sheet_of(book, "Hình 17")
    rules = [rule for match in sheet.conditional_formatting for rule in match.rules]
    assert len(rules) == 2
    for rule in rules:
        assert [colour.rgb for colour in rule.colorScale.color] == ["FFFBF6EC", "FFCFE0EC", "FF8AB6D6"]


def test_a_heat_map_of_many_columns_is_printed_in_parts_that_say_whose_row_it_is(tmp_path: Path) -> None:
    """61 columns of 6.5 characters, with the names more than 340: two pages side by side, names on both."""
    units = [f"Tỉnh {n}" for n in range(1, 62)]
    data = {"rank": [*range(1, 62)], "name": units, **{str(n): [0.5] * 61 for n in range(1, 62)}}
    figure = Figure(handmade.PIXEL, "Hình", "x", data=data, chart="heatmap", name="ranks")
    sheet = write(tmp_path / "x.xlsx", Title("T"), handmade.RANKING, figure)["Hình 1"]
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (2, 0)
    assert sheet.print_title_cols == "$A:$B"


@pytest.mark.parametrize(("rows", "pages", "way"), [(50, 0, "portrait"), (20, 0, "landscape"), (150, 2, "portrait")])
def test_a_long_table_is_printed_upright_where_that_needs_fewer_pages(
    tmp_path: Path, rows: int, pages: int, way: str
) -> None:
    """8 columns of 16 characters and a name, about 1,000 px: upright 0.64 of the size, where a page holds 73 rows of
    20 px, turned 0.95, where it holds 32. Caption and heads are 150 px. Few rows are turned: they are larger. Of 150
    rows ten would be on a third page: they are fitted on two."""
    columns = (Column("u", "Tỉnh"), *(Column(f"c{n}", "Cải cách hành chính", "number") for n in range(8)))
    table = Table(columns, ({"u": "Hà Nội"},) * rows, "Bảng dài", name="long")
    page = write(tmp_path / "x.xlsx", Title("T"), handmade.RANKING, table)["Bảng 2"].page_setup
    assert (page.fitToHeight, page.orientation) == (pages, way)


def test_an_axis_has_both_ends_near_the_data(tmp_path: Path) -> None:
    """78 to 90: dots between 76 and 92, where a program that chooses an end of its own would cut the highest."""
    data = {"name": ["a", "b", "c"], "value": [89.95, 83.0, 78.03]}
    for name in ("ranking", "other"):
        figure = Figure(handmade.PIXEL, "Hình", "x", data=data, chart="bars", name=name)
        write(tmp_path / f"{name}.xlsx", Title("T"), figure)
        with zipfile.ZipFile(tmp_path / f"{name}.xlsx") as archive:
            xml = archive.read("xl/charts/chart1.xml").decode()
        assert re.findall(r'<c:(min|max) val="(.*?)"/>', xml) == [("max", "92.0"), ("min", "76.0")]
        assert 'errValType val="fixedVal"' in xml  # the dots; the bars under them are not filled
        assert "<a:noFill/>" in xml


def drawn(path: Path, kind: str, data: dict[str, list[Any]], name: str = "") -> tuple[str, list[list[Any]]]:
    """The chart that a workbook with one figure has: its XML, and the values of its series."""
    book = write(path, Title("T"), Figure(handmade.PIXEL, "Hình", "x", data=data, chart=kind, name=name))
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/charts/chart1.xml").decode()
    series = []
    for cells in re.findall(r"<c:(?:val|yVal)>.*?<c:f>(.*?)</c:f>", xml):
        sheet, _, place = cells.rpartition("!")
        series.append([row[0].value for row in book[sheet.strip("'")][place.replace("$", "")]])
    return xml, series


def test_a_line_is_broken_where_the_scale_changed(tmp_path: Path) -> None:
    """2021 and 2022 are on one scale, 2023 on another: a line in two pieces, each blank where the other stands."""
    data = {"year": [2021, 2022, 2023], "mean": [42.5, 42.25, 80.5], "break": [False, False, True]}
    assert drawn(tmp_path / "x.xlsx", "lines", data)[1] == [[42.5, 42.25, None], [None, None, 80.5]]


def test_ranks_of_a_unit_are_drawn_as_ranks_and_not_across_years_left_out(tmp_path: Path) -> None:
    """The title tells a rank; the index went up while the rank fell, and nothing is known of 2013 to 2015."""
    data = {"year": [2012, 2016, 2017], "rank": [1.0, 6.0, 4.0], "value": [82.5, 85.0, 83.9], "break": [False] * 3}
    xml, series = drawn(tmp_path / "x.xlsx", "lines", data, "history")
    assert series == [[1, None, None], [None, 6, 4]]
    assert 'c:orientation val="maxMin"' in xml  # the first is on top


def test_the_unit_of_a_profile_is_marked_among_the_others(tmp_path: Path) -> None:
    data = {"unit": ["bo-y-te", "bo-noi-vu"], "value": [79.8, 87.04], "focus": [True, False]}
    xml, series = drawn(tmp_path / "x.xlsx", "strip", data)
    assert series == [[None, 1], [1, None]]
    assert re.findall(r'<c:symbol val="(\w+)"', xml) == ["circle", "diamond"]


def test_lowest_and_highest_are_drawn_where_no_mean_is_known(tmp_path: Path) -> None:
    """ "The parts of Lâm Đồng differ most" over a chart in which Lâm Đồng has nothing."""
    data = {"name": ["Đà Nẵng", "Lâm Đồng"], "lowest": [84.6, 81.87], "mean": [86.64, None], "highest": [88.68, 86.02]}
    assert drawn(tmp_path / "x.xlsx", "ranges", data)[1] == [[86.64, None], [None, 81.87], [None, 86.02]]


def test_numbers_of_an_axis_have_the_decimals_of_its_steps(tmp_path: Path) -> None:
    """LibreOffice adds up steps of 0.2 from -0.6 and writes 1.11022302462516E-16 where zero is, without a format."""
    data = {"name": ["a", "b"], "x": [60.0, 98.0], "y": [-0.47, 0.76]}
    assert re.findall(r'<c:numFmt formatCode="(.*?)"', drawn(tmp_path / "x.xlsx", "scatter", data)[0]) == [
        "#,##0",
        "#,##0.0",
    ]


@pytest.mark.parametrize(
    ("kind", "way", "short", "long"),
    [
        ("stacked", "row", "Cải cách", "Mức độ hài lòng của người dân đối với sự phục vụ của cơ quan hành chính"),
        ("dots", "col", "Civil service", "Administrative procedures"),
        ("bridge", "col", "Civil service", "Administrative procedures"),
    ],
)
def test_charts_have_room_for_names(kind: str, way: str, short: str, long: str, tmp_path: Path) -> None:
    """Programs leave every other name out where one does not fit on the lines of its bar, and break words below a
    chart where they are too wide."""
    sizes = []
    for name in (short, long):
        rows = {key: [1.0] * 8 for key in ("contribution", "other")}
        drawn(tmp_path / "x.xlsx", kind, {"name": [name] * 8, **rows})
        with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
            frame = archive.read("xl/drawings/drawing1.xml").decode()
        first, last = (int(at) for at in re.findall(rf"<xdr:{way}>(\d+)", frame))
        sizes.append(last - first)
    assert sizes[1] > sizes[0]


def test_bars_of_points_lost_begin_at_zero(tmp_path: Path) -> None:
    data = {"name": ["a", "b"], "maximum": [3.0, 3.0], "mean": [2.5, 2.6], "lost": [1.5, 1.2]}
    write(tmp_path / "x.xlsx", Title("T"), Figure(handmade.PIXEL, "Hình", "x", data=data, chart="bars", name="losses"))
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        xml = archive.read("xl/charts/chart1.xml").decode()
    assert re.findall(r'<c:(min|max) val="(.*?)"/>', xml) == [("max", "2.0"), ("min", "0.0")]
    assert [float(v) for v in re.findall(r"<c:v>([\d.]+)</c:v>", xml)] == [1.5, 1.2]


@pytest.mark.parametrize(
    ("kind", "key", "values", "ends"),
    [
        ("strips", "value", [78.03, 89.95], (76, 92)),
        ("strips", "value", [0.1, 0.9], (0, 1)),
        ("strips", "value", [5.0, 5.0], (4.9, 5.1)),
        ("bars", "lost", [3.0, 12.5], (0, 14)),  # bars begin at zero
        ("bars", "lost", [-0.4, 1.1], (-0.5, 1.5)),
    ],
)
def test_the_ends_of_an_axis(
    kind: str, key: str, values: list[float], ends: tuple[float, float], tmp_path: Path
) -> None:
    figure = Figure(handmade.PIXEL, "Hình", "x", data={"name": ["a", "b"], key: values}, chart=kind)
    write(tmp_path / "x.xlsx", Title("T"), figure)
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    low, high = (re.findall(rf'<c:{end} val="([^"]+)"', drawn)[0] for end in ("min", "max"))
    assert (float(low), float(high)) == ends


def test_dots_that_would_lie_on_one_another_stand_one_above_another(tmp_path: Path) -> None:
    data = {"name": ["a", "b", "c"], "value": [80.0, 80.01, 89.0]}
    figures = [Figure(handmade.PIXEL, f"Hình {n}", "x", data=data, chart="strips") for n in (1, 2)]
    sheet = write(tmp_path / "x.xlsx", Title("T"), *figures).worksheets[1]
    at = next(at for at in range(4, 60) if sheet.cell(3, at).value == "Số liệu phụ để vẽ hình")
    assert [sheet.cell(row, at).value for row in (4, 5, 6)] == [1, 2, 1]


@pytest.mark.parametrize("kind", charts.CHARTS)
def test_data_that_a_kind_cannot_draw_stand_alone(kind: str, tmp_path: Path) -> None:
    """Whatever a figure of a known kind brings, it is written; without a known number there is no chart."""
    keys = (
        "name",
        "region",
        "year",
        "value",
        "change",
        "contribution",
        "mean",
        "lowest",
        "highest",
        "low",
        "high",
        "rank",
    )
    for n, values in enumerate(([None, None], ["a", "b"])):
        figure = Figure(handmade.PIXEL, "Hình", "x", data=dict.fromkeys(keys, values), chart=kind)
        write(tmp_path / f"{n}.xlsx", Title("T"), figure)
        with zipfile.ZipFile(tmp_path / f"{n}.xlsx") as archive:
            assert not [name for name in archive.namelist() if name.startswith("xl/charts/")]


def test_the_first_sheet_has_the_key_figures(book: Any) -> None:
    rows = [[cell.value for cell in row][:5] for row in book["Tổng quan"].iter_rows()]
    assert ["Trung bình", None, 84.384, "%", "tăng 0,50"] in rows
    assert ["Nhóm", None, "=B", None, None] in rows


def test_the_code_book_explains_every_column(book: Any) -> None:
    rows = [[cell.value for cell in row][:8] for row in book["Ghi chú"].iter_rows()]
    for table in (handmade.RANKING, handmade.TOTALS, handmade.SCHEME):
        for column in table.columns:
            names = [head.name for head in heads(table) if head.column is column and not head.marks]
            assert [row for row in rows if row[1:2] == names and row[7] == column.key], column
    change = next(row for row in rows if row[7] == "change")
    assert change[2:7] == [
        "So với năm 2022",
        "điểm %",
        "tăng (+) hoặc giảm (−), 2 chữ số thập phân",
        "hiệu của hai giá trị",
        "par 2023 ministry: index; par 2022 ministry: index",
    ]
    assert ["index", "điểm tối đa", "maximum", "number"] in [row[:4] for row in rows]
    assert [row[:3] for row in rows if row[0] in ("1.1", "1.10", "2")] == [
        ["1.10", "Kế hoạch", 1.5],
        ["2", "Thể chế", None],  # units differ in it
        ["1.1", "Kế hoạch", 1.5],
    ]


def test_nodes_come_from_tables_where_there_is_no_data_set() -> None:
    document = handmade.shown(Title("T"), handmade.SCHEME).document
    assert list(nodes_of(document)) == [("1.1", "Kế hoạch", 1.5), ("1.10", "Báo cáo", 2.0)]


def test_the_same_report_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write(tmp_path / "again.xlsx", *handmade.blocks(handmade.ILLUSTRATIVE, handmade.SIMULATED))
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_names_of_sheets_are_unique_whatever_their_case(tmp_path: Path) -> None:
    tables = [
        Table((Column("a", "A"),), ({"a": "x"},), caption) for caption in ("History", "ĐIỂM " * 20, "điểm " * 20, "'")
    ]
    result = write(tmp_path / "x.xlsx", Title("T"), *tables)
    assert len(result.sheetnames) == 2 + 3  # the first is on the first sheet
    assert all(len(name) <= 31 for name in result.sheetnames)


def test_a_report_of_words_alone_has_its_first_sheet(tmp_path: Path) -> None:
    assert write(tmp_path / "x.xlsx", Title("T"), language="en").sheetnames == ["Overview", "Notes"]


def test_a_figure_without_data_has_no_sheet(tmp_path: Path) -> None:
    figure = Figure(handmade.PIXEL, "Bản đồ", "x", data={"unit": []}, chart="map")
    assert write(tmp_path / "x.xlsx", Title("T"), figure).sheetnames == ["Tổng quan", "Ghi chú"]


@pytest.mark.long
def test_language_changes_words_and_no_number(tmp_path: Path) -> None:
    books = [write(tmp_path / f"{lang}.xlsx", *handmade.blocks(), language=lang) for lang in ("vi", "en")]
    numbers = [
        [
            cell.value
            for sheet in match.worksheets[1:4]
            for row in sheet
            for cell in row
            if isinstance(cell.value, float)
        ]
        for match in books
    ]
    assert numbers[0] == numbers[1]
    assert books[1].sheetnames[0] == "Overview"


def same_numbers(book: Any, document: Document) -> int:
    """Assert that every cell of every table is on its sheet. Returns how many numbers that were."""
    captions = {sheet.cell(2, 1).value: sheet for sheet in book}
    tables = [item for item in document.items if isinstance(item.block, Table) and item.block.rows]
    n = 0
    for item in tables:
        table = item.block
        assert isinstance(table, Table)
        sheet = captions.get(document.caption(item), book.worksheets[0])
        for cell, given, column in table_cells(sheet, table):
            if isinstance(given, Number) and given.value is not None:
                assert cell.value == pytest.approx(given.value, abs=1e-8, rel=0), (table.name, column.key)
                n += 1
            elif isinstance(given, Number):
                assert cell.value in (None, given.text), (table.name, column.key)
            else:
                assert (cell.value or "") in (given or "", ""), (table.name, column.key)
    return n


def test_every_number_of_the_handmade_report_is_in_its_cell(path: Path) -> None:
    document = handmade.shown(*handmade.blocks()).document
    assert same_numbers(openpyxl.load_workbook(path, data_only=True), document) == 6 + 15 + 2


def test_the_key_figures_are_the_first_tiles(tmp_path: Path) -> None:
    groups = [
        Tiles((Tile("Trung bình", Number(value, f"{value}")),), caption)
        for value, caption in ((80.5, "Cả nước"), (70.5, "Lĩnh vực 1"))
    ]
    lead = Paragraph(("Đứng đầu là Bộ A với ", Number(90.0, "90,00"), "%."), "lead")
    notes = [Note("Giả định thử.", "assumption"), Note("Đã kiểm tra.", "passed")]
    book = write(tmp_path / "thu.xlsx", Title("Thử"), lead, *groups, *notes)
    texts = [[cell.value for row in sheet.iter_rows() for cell in row if cell.value] for sheet in book]
    assert 80.5 in texts[0] and 70.5 not in texts[0]
    assert "Đứng đầu là Bộ A với 90,00%." in texts[0]  # the finding
    assert "– Giả định thử." in texts[1] and "– Đã kiểm tra." not in texts[1]


#: Of one unit and two years: a number with nine decimals, codes that are no numbers, what is not known, marks.
FLAT = Dataset.of(
    "index",
    "Bảng chỉ số",
    tuple((name, "string", name) for name in (*workbook.flat.COLUMNS, "decision")),
    "year,index_name,level,unit,name,node,node_name,points,maximum,index,rank,stage,basis,marks,decision\n"
    "2023,par,ministry,bo-y-te,Bộ Y tế,,Chỉ số CCHC,79.803456789,100,79.803456789,15,published,published,,876\n"
    "2023,par,ministry,bo-y-te,Bộ Y tế,1.10,Kế hoạch,1.5,2,75,,published,derived,partial;simulated,876\n"
    "2022,par,ministry,bo-y-te,Bộ Y tế,,Chỉ số CCHC,,100,,,final,,,876\n",
)


@pytest.mark.parametrize(("n", "last"), [(120, 121), (121, 61)])
def test_of_long_data_the_first_page_is_printed_and_says_so(tmp_path: Path, n: int, last: int) -> None:
    head, row, *_ = FLAT.text.splitlines(keepends=True)
    data = Dataset.of(FLAT.name, FLAT.title, FLAT.columns, head + row * n)
    sheet = write(tmp_path / "x.xlsx", Title("T"), handmade.RANKING, data)["Dữ liệu"]
    assert sheet.tables["DuLieu"].ref == f"A1:N{n + 1}" and sheet.max_row == n + 1
    assert sheet.print_area == f"'Dữ liệu'!$A$1:$M${last}", "without the keys of units"
    assert ("Bản in chỉ gồm các dòng đầu" in str(sheet.oddHeader.center.text)) is (n > 120)


def test_the_key_of_a_component_is_no_code_that_people_read(tmp_path: Path) -> None:
    part = "2023,par,ministry,bo-y-te,Bộ Y tế,component:survey,Điều tra,30.5,40,76.25,,published,published,,876\n"
    nameless = "2022,par,ministry,bo-y-te,Bộ Y tế,component:sipas,,,10,,,published,published,,876\n"
    data = Dataset.of(FLAT.name, FLAT.title, FLAT.columns, FLAT.text + part + nameless)
    book = write(tmp_path / "x.xlsx", Title("T"), handmade.RANKING, data)
    assert [cell.value for cell in book["Dữ liệu"][5]][4:7] == [None, "Điều tra", 30.5]
    assert [None, None, 10] not in [list(row[:3]) for row in book["Ghi chú"].values], "neither code nor name"
    listed = {row[1]: row[0] for row in book["Ghi chú"].values if row[1] in ("Điều tra", "Kế hoạch")}
    assert listed == {"Điều tra": None, "Kế hoạch": "1.10"}


def test_the_data_are_one_table_that_pandas_reads(tmp_path: Path) -> None:
    book = write(tmp_path / "x.xlsx", Title("T"), handmade.RANKING, FLAT)
    assert book.sheetnames == ["Tổng quan", "Dữ liệu", "Ghi chú"]
    sheet = book["Dữ liệu"]
    assert sheet.tables["DuLieu"].ref == "A1:N4"
    assert sheet.freeze_panes == "A2" and sheet.print_title_rows == "$1:$1"
    assert sheet["G2"].number_format == "#,##0.00"
    frame = pd.read_excel(tmp_path / "x.xlsx", sheet_name="Dữ liệu", dtype={"Mã thành phần": str})
    assert [str(kind) for kind in frame.dtypes[["Năm", "Điểm", "Điểm tối đa"]]] == ["int64", "float64", "int64"]
    assert frame["Điểm"].tolist()[:2] == [79.803456789, 1.5] and frame["Điểm"].isna()[2]
    assert frame["Mã thành phần"].tolist()[1] == "1.10"
    assert frame.loc[1, ["Tên chỉ số", "Cấp", "Căn cứ"]].tolist() == [
        *("Chỉ số CCHC", "bộ, cơ quan ngang bộ", "Suy ra từ số liệu đã công bố"),
    ]
    assert "MÔ PHỎNG" in frame.loc[1, "Lưu ý"].upper()
    wide = frame.pivot_table(index="Đơn vị", columns="Năm", values="Điểm", aggfunc="sum")
    assert wide.loc["Bộ Y tế", 2023] == pytest.approx(81.303456789, abs=1e-12)


@pytest.mark.parametrize(
    ("cell", "value", "stated"),
    [
        ("G2", 79.81, "79.803456789"),  # points
        ("J2", 14, "15"),  # a rank
        ("G4", 0, "2022"),  # zero where nothing is known
        ("D3", "Bộ Tư pháp", "Bộ Y tế"),
        ("L3", "Đã công bố", "Suy ra từ số liệu đã công bố"),
        ("A5", 2021, "2021"),  # a row more
    ],
)
def test_a_slip_in_the_data_is_found(cell: str, value: Any, stated: str, tmp_path: Path) -> None:
    shown = handmade.shown(Title("T"), handmade.RANKING, FLAT)
    (path,) = workbook.write(shown, tmp_path / "x.xlsx")
    assert verify.read_back(shown, {"xlsx": path}) == []
    book = openpyxl.load_workbook(path)
    book["Dữ liệu"][cell] = value
    book.save(path)
    (slip,) = verify.read_back(shown, {"xlsx": path})
    assert stated in slip.text("vi") and "Dữ liệu" in slip.text("vi")


@pytest.mark.few(1)
@pytest.mark.parametrize(("old", "new"), [(84.384, 84.394), (2.675, 2.685), (89, 88), ("tăng 0,50", "tăng 0,60")])
def test_a_slip_on_the_first_sheet_is_found(old: Any, new: Any, tmp_path: Path) -> None:
    """A key figure, a cell of the ranking, of what its chart is drawn from, and what a key figure says beside it."""
    shown = handmade.shown(*handmade.blocks())
    paths = workbook.write(shown, tmp_path / "x.xlsx")
    assert verify.read_back(shown, {"xlsx": paths[0]}) == []
    book = openpyxl.load_workbook(paths[0])
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == old]
    assert len(cells) == 1
    cells[0].value = new
    book.save(paths[0])
    assert verify.read_back(shown, {"xlsx": paths[0]})


def test_what_has_no_room_goes_into_an_annex(tmp_path: Path) -> None:
    """20 tables and a chart before the annexes, 14 tables in them: twelve sheets each, everything once, listed in both;
    what shares a sheet stands one below another, with its marks, and the chart reads the cells of its own figure."""

    def some(first: int, n: int) -> list[Table]:
        rows = tuple({"a": f"dòng {k}", "b": Number(k / 3, f"{k / 3:.2f}".replace(".", ","))} for k in range(4))
        columns = (Column("a", "A"), Column("b", "B", "number"))
        return [Table(columns, rows, f"Thử {k}") for k in range(first, first + n)]

    kind, _, data = next(figure for figure in handmade.FIGURES if figure[0] == "bars")
    chart = Figure(handmade.PIXEL, "Cột", "cột", data=data, chart=kind)
    shown = handmade.shown(
        Title("Báo cáo", marks=(handmade.SIMULATED,)),
        *(Heading("Xếp hạng"), *some(1, 12), chart, Heading("Lĩnh vực"), *some(13, 8)),
        *(Heading("Phụ lục", anchor="annexes"), Heading("Phụ lục 1", 2), *some(21, 14)),
    )
    paths = workbook.write(shown, tmp_path / "thu.xlsx")
    assert [path.name for path in paths] == ["thu.xlsx", "thu-phu-luc.xlsx"]
    books = [openpyxl.load_workbook(path) for path in paths]
    assert [len(book.sheetnames) for book in books] == [12, 12]
    captions = [shown.document.caption(item) for item in shown.document.items if item.number]
    texts = [cell.value for book in books for sheet in book for (cell,) in sheet["A1":"A200"]]
    texts += [cell.value for row in books[0].worksheets[0]["B1":"BZ30"] for cell in row]
    assert sorted(text for text in texts if text in captions) == sorted(captions)
    lists = books[0].worksheets[-1], books[1].worksheets[0]
    for book, listed, name in zip(books, lists, ("thu-phu-luc.xlsx", "thu.xlsx"), strict=True):
        front = [row for row in listed.iter_rows() if row[1].value in captions]
        assert sorted(row[1].value for row in front) == sorted(captions)
        beside = [row[0].hyperlink.target for row in front if row[0].hyperlink.target]
        assert len(beside) in (21, 14) and set(beside) == {name}
        for row in front:  # each link leads to the way back over its caption
            if row[0].hyperlink.target is None:
                sheet, _, cell = row[0].hyperlink.location.rpartition("!")
                at = book[sheet.strip("'")][cell]
                if sheet == "'Tổng quan'":
                    assert row[1].value in [one.value for one in book.worksheets[0][at.row]]
                    continue
                assert at.offset(1, 0).value == row[1].value
                assert at.offset(2, 0).value == handmade.SIMULATED
    assert verify.read_back(shown, {"xlsx": paths[0]}) == []
    with zipfile.ZipFile(paths[0]) as archive:
        (drawn,) = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/")]
    for sheet, cells in re.findall(r"<c:f>'?(.*?)'?!(.*?)</c:f>", drawn):
        block = books[0][sheet][cells.replace("$", "")]
        values = [cell.value for row in block for cell in row] if isinstance(block, tuple) else [block.value]
        assert any(value is not None for value in values)


def test_no_page_cuts_a_chart_of_a_sheet_that_several_share(tmp_path: Path) -> None:
    """Charts of bars 201 and 830 px high and a table between them. On A4 and within the margins of the sheet, at its
    scale, every chart and the short table end on the page that they begin on; two low charts stand on one page."""

    def bars(n: int) -> Figure:
        data = {"name": [f"đơn vị {k}" for k in range(n)], "value": [k / 7 for k in range(n)]}
        return Figure(handmade.PIXEL, f"Cột {n}", "cột", data=data, chart="bars")

    table = Table((Column("a", "A", "number"),), tuple({"a": Number(k / 4, f"{k / 4:.2f}")} for k in range(30)), "Bảng")
    figures = [bars(n) for n in (3, 3, 3, 40, 3, 40)]
    shown = handmade.shown(Title("T"), Heading("Phần"), handmade.RANKING, *figures[:4], table, *figures[4:])
    (path,) = workbook.write(shown, tmp_path / "x.xlsx", 3)
    sheet = openpyxl.load_workbook(path).worksheets[1]
    wide, high = (8.27, 11.69) if sheet.page_setup.orientation == "portrait" else (11.69, 8.27)
    margins, scale = sheet.page_margins, sheet.page_setup.scale / 100
    room = (high - margins.top - margins.bottom) * 72 / scale
    assert (wide - margins.left - margins.right) * 96 / scale >= max(
        chart.anchor.to.col * 64 for chart in sheet._charts
    )
    tops = [0.0]
    for row in range(1, sheet.max_row + 60):
        tops.append(tops[-1] + (sheet.row_dimensions[row].height or 15.0))
    begins = [0.0]
    for row in [one.id for one in sheet.row_breaks.brk] + [len(tops) - 1]:
        while tops[row] > begins[-1] + room:
            begins.append(begins[-1] + room)
        begins.append(tops[row])
    assert len(sheet._charts) == 5  # the first chart stands on the first sheet
    spans = [(chart.anchor._from.row, chart.anchor.to.row) for chart in sheet._charts]
    first = next(row for row in range(1, sheet.max_row) if sheet.cell(row, 1).value == "A")
    pages = [
        [sum(begin <= tops[row] + 0.01 for begin in begins) for row in span] for span in [*spans, (first, first + 30)]
    ]
    assert all(one == other for one, other in pages)
    assert pages[0] == pages[1]


def test_a_slip_in_an_annex_is_found(tmp_path: Path) -> None:
    tables = [Table((Column("a", "A", "number"),), ({"a": Number(k + 0.5, f"{k},50")},), f"Thử {k}") for k in range(24)]
    heading = Heading("Phụ lục", anchor="annexes")
    shown = handmade.shown(Title("Báo cáo"), *tables[:12], heading, *tables[12:])
    path, annex = workbook.write(shown, tmp_path / "thu.xlsx")
    assert verify.read_back(shown, {"xlsx": path}) == []
    book = openpyxl.load_workbook(annex)
    sheet = next(sheet for sheet in book.worksheets[1:] if sheet["A4"].value == 15.5)
    sheet["A4"].value = 16.5
    book.save(annex)
    assert any("15,50" in finding.text("vi") for finding in verify.read_back(shown, {"xlsx": path}))
