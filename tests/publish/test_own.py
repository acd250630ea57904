"""A notebook of one's own as blocks: what each kind of output becomes, and how it is marked. No kernel runs here."""

from __future__ import annotations

import base64
import io

import pandas as pd
import pytest
from nbformat import v4
from PIL import Image

from parlib.answers import Answer
from parlib.errors import ParlibError
from parlib.publish.document import document, shown_blocks
from parlib.publish.formats import Shown
from parlib.publish.own import PARTLY, UNCHECKED, Reading, adopted
from parlib.publish.parameters import ReportParameters
from parlib.report import blocks as b
from parlib.report.shown import MIME, kept


def cell(**data):
    return v4.new_code_cell("x", outputs=[v4.new_output("display_data", data=data)], execution_count=1)


def of(*cells, language="vi", **more):
    notebook = v4.new_notebook(cells=list(cells))
    return adopted(notebook, language, "thử", **more)


def read(*cells, language="vi", **more):
    return list(shown_blocks(of(*cells, language=language, **more).notebook))


def frame_cell(frame, **more):
    return cell(**{MIME: kept(frame), "text/html": frame.to_html(), "text/plain": "x"}, **more)


def table(*cells, language="vi"):
    return next(block for block in read(*cells, language=language) if isinstance(block, b.Table))


def texts(block):
    return [[row.get(c.key, "–") for c in block.columns] for row in block.rows]


def printed(block):
    return [[one.text if isinstance(one, b.Number) else one for one in row] for row in texts(block)]


def pixel(dpi=100):
    stream = io.BytesIO()
    Image.new("RGB", (200, 100)).save(stream, format="PNG", dpi=(dpi, dpi))
    return base64.b64encode(stream.getvalue()).decode()


def test_markdown_is_a_title_headings_paragraphs_and_points():
    source = "# Tên\n\nMột **đoạn**.\n\n## Phần\n\n- a\n- b\n  - c\n\n1. d\n\n### Mục\n\n`mã`"
    title, *shown = read(v4.new_markdown_cell(source))
    assert (title.text, title.marks) == ("Tên", (UNCHECKED.text("vi"),))
    assert [(one.kind, one.plain_text(), getattr(one, "level", getattr(one, "role", ""))) for one in shown] == [
        ("paragraph", "Một đoạn.", "body"),
        ("heading", "Phần", 1),
        *(("paragraph", text, "item") for text in ("a", "b", "c", "1. d")),
        ("heading", "Mục", 2),
        ("paragraph", "mã", "body"),
    ]


def test_a_frame_is_whole_and_exact_and_a_year_is_not_grouped():
    frame = pd.DataFrame(
        {
            "Tỉnh": [f"T{n}" for n in range(70)],
            "Năm": 2023,
            "Dân": 8993082,
            "Điểm": 80.126,
            "p": [None, *[0.00012] * 69],
        }
    )
    shown = table(v4.new_markdown_cell("## Của tôi"), frame_cell(frame))
    assert len(shown.rows) == 70  # the HTML of pandas shows ten of them
    assert printed(shown)[:2] == [
        ["T0", "2023", "8.993.082", "80,13", "–"],
        ["T1", "2023", "8.993.082", "80,13", "0,0001"],
    ]
    assert shown.rows[0]["c3"].value == 80.126
    assert (shown.caption, shown.notes) == ("Của tôi", (UNCHECKED.text("vi"),))
    assert printed(table(frame_cell(frame), language="en"))[1] == ["T1", "2023", "8,993,082", "80.13", "0.0001"]


def test_an_index_that_says_something_stands_before_and_an_answer_tells_what_it_is_of():
    grouped = pd.DataFrame({("a", "x"): [1.5], ("a", "y"): [2.0]}, index=pd.Index([2022], name="năm"))
    shown = table(frame_cell(grouped))
    assert [c.title for c in shown.columns] == ["năm", "a – x", "a – y"]
    assert printed(shown) == [["2022", "1,50", "2"]]
    answer = Answer({"unit": ["ha-noi"], "name": ["Hà Nội"], "index": [91.4]}, index=[7])
    answer.attrs = {"index_name": "par", "year": 2023, "level": "province", "known": "20/63", "marks": "simulated"}
    title, shown = read(frame_cell(answer))
    assert [c.title for c in shown.columns] == ["Tên", "Chỉ số"]
    assert "20/63" in shown.notes[0]
    assert b.Wording("vi").say(b.MARKS["simulated"]) in title.marks


def test_a_frame_of_many_rows_is_cut_and_says_so():
    shown = table(frame_cell(pd.DataFrame({"a": range(30_000)})))
    assert len(shown.rows) == 20_000
    assert "20000" in shown.notes[0]
    assert "30000" in shown.notes[0]


def test_the_html_of_pandas_is_read_where_nothing_else_is_kept_and_a_cut_is_told():
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1.5, None], "c": [1234567, 2]})
    shown = table(cell(**{"text/html": frame._repr_html_()}))
    assert printed(shown) == [["x", "1,50", "1.234.567"], ["y", "–", "2"]]
    long = table(cell(**{"text/html": pd.DataFrame({"a": range(99)})._repr_html_()}))
    assert len(long.rows) == 10
    assert "bị cắt" in long.notes[0]


def test_a_table_of_a_style_keeps_its_decimals_and_what_could_be_two_numbers_stays_text():
    style = pd.DataFrame({"a": [80.123, 81.0], "b": [1234.5, 1.0]}).style.format({"a": "{:.1f}", "b": "{:,.3f}"})
    shown = table(cell(**{"text/html": style.set_caption("Kiểu").to_html()}))
    assert shown.caption == "Kiểu"
    assert printed(shown) == [["80,1", "1,234.500"], ["81,0", "1.000"]]
    assert [isinstance(one, b.Number) for one in texts(shown)[0]] == [True, False]


def test_a_table_of_great_tables_is_read_with_its_title_groups_and_notes():
    html = (
        '<div id="x"><style>td {}</style><table class="gt_table"><thead><tr class="gt_heading"><td colspan="2" '
        'class="gt_heading gt_title">Tên bảng</td></tr><tr class="gt_col_headings"><th>Vùng</th><th>Điểm</th></tr>'
        '</thead><tbody><tr><td>Bắc</td><td>81,5</td></tr></tbody><tfoot><tr class="gt_sourcenotes"><td colspan="2">'
        "Nguồn: thử</td></tr></tfoot></table></div>"
    )
    shown = table(cell(**{"text/html": html}))
    assert (shown.caption, [c.title for c in shown.columns]) == ("Tên bảng", ["Vùng", "Điểm"])
    assert printed(shown) == [["Bắc", "81,5"]]
    assert shown.notes[0] == "Nguồn: thử"


def test_pictures_printed_text_and_what_python_calls_an_object():
    shown = read(
        v4.new_markdown_cell("## Hình"),
        cell(**{"image/png": pixel(), "text/plain": "<Figure size 640x480 with 1 Axes>"}),
        cell(**{"text/plain": "<Axes: xlabel='x'>"}),
        cell(**{"text/plain": "np.float64(85.5)"}),
        v4.new_code_cell("x", outputs=[v4.new_output("stream", name="stdout", text="a\n\x1b[1mb\x1b[0m\n")]),
        v4.new_code_cell("x", outputs=[v4.new_output("stream", name="stderr", text="cảnh báo")]),
    )
    assert [one.kind for one in shown] == ["title", "heading", "figure", "paragraph", "paragraph", "paragraph"]
    figure = shown[2]
    assert (figure.caption, round(figure.width_mm, 1)) == ("Hình", 50.8)  # 200 points at 100 an inch
    assert [one.plain_text() for one in shown[3:]] == ["85.5", "a", "b"]


def test_what_no_document_can_show_is_named_with_its_cell_and_an_error_stops():
    left = of(v4.new_markdown_cell("x"), cell(**{"application/x": "1"})).left_out
    assert left[0].text("vi") == "giá trị 'application/x': ô 2: không văn bản nào hiện được kết quả loại này"
    wrong = v4.new_output("error", ename="ValueError", evalue="hỏng", traceback=[])
    with pytest.raises(ParlibError, match="cell 1 stopped with ValueError"):
        of(v4.new_code_cell("x", outputs=[wrong]))


def test_pieces_are_counted_and_marked_and_blocks_of_ours_stay():
    ours = b.Table((b.Column("a", "A"),), ({"a": "x"},), "Bảng")
    block = cell(**{b.MIME: ours.to_data()})
    assert of(block).notebook.cells == [block]  # nothing to do: the notebook itself
    result = of(block, v4.new_markdown_cell("Có 3 số.\n\nKhông có số."), cell(**{"image/png": pixel()}))
    assert result.n_unchecked == 2  # the text with a number, the picture
    shown = document(result.notebook, "vi")
    assert shown.title.marks == (PARTLY.text("vi"),)
    first, *_, last = (item.block for item in shown.items)
    assert first == ours
    assert last.notes == (UNCHECKED.text("vi"),)
    everything = of(block, instead=UNCHECKED)
    assert everything.n_unchecked == 1


@pytest.mark.parametrize(("notebook", "n"), [("chu_de", 1), ("annual_report", 0)])
def test_an_own_notebook_that_hands_over_no_data_is_unchecked_whole(notebook, n):
    ours = b.Table((b.Column("a", "A"),), ({"a": b.Number(9.0, "9,00")},), "Bảng")
    metadata = {"papermill": {"input_path": f"{notebook}.ipynb"}}
    given = v4.new_notebook(cells=[cell(**{b.MIME: ours.to_data()})], metadata=metadata)
    shown = Shown(ReportParameters(year=2023, level="ministry"), given)
    assert shown.own.n_unchecked == n
    assert len(shown.checkable.items) == 1 - n
    assert shown.document.title.text == ("chu de – 2023/ministry" if n else "2023/ministry")
    data = b.Dataset.of("index", "Số liệu", [("unit", "string", "")], "unit\nx\n")
    given.cells.append(cell(**{b.MIME: data.to_data()}))
    assert Shown(ReportParameters(year=2023, level="ministry"), given).own.n_unchecked == 0


def test_a_picture_within_a_text_stands_between_its_parts():
    shown = Reading("vi").html(f'<div><p>chữ <img src="data:image/png;base64,{pixel()}" alt="ảnh"> sau</p></div>')
    assert [one.kind for one in shown] == ["paragraph", "figure", "paragraph"]
