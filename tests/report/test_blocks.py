"""Blocks carry their data: through JSON and back, and as HTML that a browser and a screen reader understand."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest

from parlib.report import markup
from parlib.report.blocks import (
    MIME,
    Column,
    Dataset,
    Figure,
    Heading,
    Note,
    Number,
    Paragraph,
    Ref,
    Sequel,
    Table,
    Tile,
    Tiles,
    Title,
    from_data,
    sequel,
)

CELL = Ref("par", 2023, "ministry", "bo-tu-phap", "", "index")
INDEX = Number(89.95, "89,95", (CELL,))
TABLE = Table(
    columns=(
        Column("rank", "Hạng", "rank", decimals=0),
        Column("unit", "Đơn vị"),
        Column("index", "Chỉ số", "number", "%"),
        Column("then", "Chỉ số", "number", "%", group="Năm trước"),
        Column("change", "Tăng/giảm", "change", group="Năm trước"),
    ),
    rows=(
        {"rank": Number(1, "1"), "unit": "Bộ <Tư pháp>", "index": Number(89.95, "89,95", (CELL,), "value", "a")},
        {"unit": "Bộ Y tế", "index": Number(None, "62,58–67,68", (CELL,), "range")},
    ),
    caption="Xếp hạng & nhóm",
    source="Nguồn: thử",
    notes=("…: chưa có số liệu.",),
    row_styles=("highlight", ""),
    name="ranking",
)
BLOCKS = [
    Title("Chỉ số", "Báo cáo", ("Có số liệu 17/17 bộ.",), ("Bộ tiêu chí minh họa",)),
    Heading("Kết quả", 2, "ket-qua"),
    Paragraph(("Đạt ", INDEX, "%."), "lead"),
    Paragraph(("một ý",), "item"),
    TABLE,
    Figure("iVBORw0KGgo=", "Hình", "Cao nhất: Bộ Tư pháp", notes=("ghi chú",), data={"unit": ["a"], "value": [1.5]}),
    Note("Chưa có số liệu.", "missing"),
    Tiles((Tile("Chỉ số", INDEX, "%", ("hạng ", Number(1, "1"))), Tile("Nhóm", "A")), "Kết quả chính", "main"),
    Dataset.of("index", "Bảng chỉ số", (("unit", "string", "đơn vị"),), "unit\nbo-y-te\n"),
]


class Outline(HTMLParser):
    """Checks that every tag is closed in its turn, and collects tags, attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data

    def all(self, tag):
        return [attributes for match, attributes in self.tags if match == tag]


@pytest.mark.parametrize("block", [*BLOCKS, Sequel(tuple(BLOCKS))], ids=lambda block: block.kind)
def test_a_block_survives_json(block):
    assert from_data(json.loads(json.dumps(block.to_data(), allow_nan=False))) == block


def test_numbers_of_numpy_and_unknown_ones_become_plain_data():
    figure = Figure("", "", "", data={"n": [np.int64(3), np.float64("nan"), None, float("nan")]})
    assert json.loads(json.dumps(figure.to_data()))["data"] == {"n": [3, None, None, None]}


def test_an_unknown_kind_of_block_is_refused():
    with pytest.raises(ValueError, match="unknown kind"):
        from_data({"kind": "film"})


def test_a_sequel_is_flat_and_knows_no_gaps():
    nested = sequel(BLOCKS[0], None, [BLOCKS[1], Sequel((BLOCKS[2], Sequel((BLOCKS[3],))))])
    assert list(nested) == BLOCKS[:4]


@pytest.mark.parametrize("block", [*BLOCKS, Sequel(tuple(BLOCKS))], ids=lambda block: block.kind)
def test_a_block_shows_itself_in_a_notebook_with_its_data(block):
    shown = block._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain", MIME}
    assert shown[MIME] == block.to_data()
    assert Outline(shown["text/html"]).words.endswith(Outline(block.to_html()).words)
    styled = any(sign in block.to_html() for sign in ("<table", "<figure", "parlib-tiles"))
    assert ("<style>" in shown["text/html"]) == styled
    assert "<script" not in shown["text/html"]


def test_everything_from_outside_is_escaped():
    bad = '<b onmouseover="x">&'
    blocks = [
        Title(bad, bad, (bad,), (bad,)),
        Heading(bad, 1, '"><i>'),
        Paragraph((bad, Number(1.0, bad, mark=bad))),
        Table(
            (Column("a", bad, unit=bad, group=bad),), ({"a": bad}, {"a": Number(1.0, bad)}), bad, bad, (bad,), (bad, "")
        ),
        Figure("", bad, bad, bad, (bad,), name=bad),
        Note(bad),
    ]
    for block in blocks:
        outline = Outline(block.to_html())
        assert not outline.all("b"), block.kind
        assert not outline.all("i"), block.kind
        assert bad in outline.words


def test_a_table_has_heads_for_columns_groups_and_rows():
    outline = Outline(TABLE.to_html())
    heads = outline.all("th")
    assert [head["scope"] for head in heads].count("col") == len(TABLE.columns)
    assert [head for head in heads if head["scope"] == "colgroup"] == [
        {"scope": "colgroup", "colspan": "2", "class": "parlib-g"}
    ]
    assert [head["scope"] for head in heads].count("row") == 2  # the name of each unit heads its row
    assert sum("rowspan" in head for head in heads) == 3
    assert "<caption>Xếp hạng &amp; nhóm</caption>" in TABLE.to_html()
    assert outline.all("div")[0] == {
        "class": "parlib-scroll",
        "role": "region",
        "aria-label": "Xếp hạng & nhóm",
        "tabindex": "0",
    }


def test_columns_of_names_keep_room_on_a_telephone_and_codes_take_none():
    columns = Column("code", "Mã"), Column("name", "Đơn vị"), Column("also", "Đơn vị"), Column("n", "Số", "number")
    rows = (
        {"code": "3.1.12", "name": "Bộ Tư pháp", "also": "Bộ Y tế", "n": INDEX},
        {"code": "2", "also": "Bộ Tài chính"},
    )
    heads = Outline(Table(columns, rows, "Bảng").to_html()).all("th")[:4]
    assert [head.get("class") for head in heads] == [None, "parlib-names", "parlib-names", "parlib-n"]


def test_cells_carry_the_number_behind_them_for_sorting():
    cells = Outline(TABLE.to_html()).all("td")
    assert [cell.get("data-sort") for cell in cells] == ["1", "89.95", "", "", "", "", "", ""]
    assert all(cell["class"] == "parlib-n" for cell in cells)
    html = TABLE.to_html()
    assert "89,95<sup>a</sup>" in html
    assert "62,58–67,68" in html
    assert html.count(">…<") == 5  # not known, and never zero
    assert '<tr class="parlib-highlight">' in html


def test_numbers_in_prose_carry_theirs():
    html = Paragraph(("Đạt ", INDEX, "%; ", Number(None, "…"))).to_html()
    assert html == '<p>Đạt <data class="parlib-number" value="89.95">89,95</data>%; …</p>'


def test_neighbouring_items_are_one_list():
    item = Paragraph(("ý",), "item")
    html = sequel(item, item, Note("x"), item).to_html()
    assert html.count("<ul") == 2
    assert html.count("<li>") == 3
    assert item.to_html() == '<ul class="parlib-list"><li>ý</li></ul>'


def test_a_figure_has_a_text_for_those_who_cannot_see_it():
    outline = Outline(BLOCKS[5].to_html())
    assert outline.all("img")[0]["alt"] == "Cao nhất: Bộ Tư pháp"
    assert outline.all("img")[0]["src"] == "data:image/png;base64,iVBORw0KGgo="
    assert len(outline.all("figcaption")) == 1


def test_rows_and_their_styles_must_be_of_one_length():
    with pytest.raises(ValueError, match="zip"):
        markup.html({**TABLE.to_data(), "row_styles": ["muted"]})


def test_cells_that_come_back_from_a_file_stand_in_the_order_of_their_columns():
    """A notebook on disk holds its keys in alphabetical order."""
    table = Table((Column("name", "Tên"), Column("code", "Mã")), ({"name": "x", "code": "1", "a note": "y"},), "Bảng")
    back = from_data(json.loads(json.dumps(table.to_data(), sort_keys=True)))
    assert back == table
    assert [list(row) for row in back.rows] == [["name", "code", "a note"]]


def test_a_notebook_shows_the_first_rows_of_a_long_table():
    def table(n):
        return Table((Column("unit", "Xã"),), tuple({"unit": f"xã {k}."} for k in range(n)), "Bảng")

    bundle = table(103)._repr_mimebundle_()
    assert "xã 99." in bundle["text/html"] and "xã 100." not in bundle["text/html"] and "… (+3)" in bundle["text/html"]
    assert len(bundle[MIME]["rows"]) == 103 and "xã 102." in table(103).to_html()
    assert "xã 99." in (short := table(100)._repr_mimebundle_()["text/html"]) and "…" not in short
