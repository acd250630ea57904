"""A digit that stands in a text by itself is a year, a code, a decision, a name, or a number that the block holds."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest

from parlib.publish.document import Document, Item
from parlib.publish.verify import texts
from parlib.report.blocks import (
    Block,
    Column,
    Figure,
    Heading,
    Note,
    Number,
    Paragraph,
    Ref,
    Table,
    Tile,
    Tiles,
    Wording,
)
from parlib.report.blocks import Title as Head

REF = Ref("par", 2023, "ministry", "bo-y-te", "", "index")
# Three ministries in 2023, two of them known in 2022 as well; the set of criteria of both years is 876/QĐ-BNV.
INDEX = pd.DataFrame(
    [
        ("par", year, "ministry", "published", unit, name, node, node_name, points, 100.0, points, rank, True)
        for year, unit, name, node, node_name, points, rank in [
            (2023, "bo-y-te", "Bộ Y tế", "", "", 79.8, 2.0),
            (2023, "bo-tu-phap", "Bộ Tư pháp", "", "", 89.95, 1.0),
            (2023, "bo-xay-dung", "Bộ Xây dựng", "", "", 78.03, 3.0),
            (2023, "bo-y-te", "Bộ Y tế", "3.1", "Cơ chế 1 cửa", 4.5, float("nan")),
            (2022, "bo-y-te", "Bộ Y tế", "", "", 77.0, 2.0),
            (2022, "bo-tu-phap", "Bộ Tư pháp", "", "", 90.63, 1.0),
        ]
    ],
    columns=["index_name", "year", "level", "stage", "unit", "name", "node", "node_name", "points", "maximum", "index",
             "rank", "ranked"],
)  # fmt: skip
CHART = Figure(
    "",
    "Xếp hạng Chỉ số CCHC, năm 2023",
    "Biểu đồ 3 bộ. Cao nhất trong biểu đồ: Bộ Tư pháp, 89,95%; thấp nhất: Bộ Xây dựng, 78,03%. Trung bình 82,59%.",
    name="ranking",
    notes=("Khoảng tin cậy 95%; có số liệu 3/3 bộ.",),
    data={
        "unit": ["bo-tu-phap", "bo-y-te", "bo-xay-dung"],
        "name": ["Bộ Tư pháp", "Bộ Y tế", "Bộ Xây dựng"],
        "value": [89.95, 79.8, 78.03],  # mean 82.593
    },
)
TABLE = Table(
    (Column("unit", "Bộ"), Column("index", "Chỉ số 2023", "number")),
    ({"unit": "Bộ Y tế", "index": Number(79.8, "79,80", (REF,))},),
    "Bảng điểm năm 2023",
    notes=("Bộ tiêu chí theo 876/QĐ-BNV; nhóm C từ 70%; mục 3.1 Cơ chế 1 cửa: 79,80.",),
    name="scores",
)


def found(*blocks: Block, language: str = "vi") -> list[str]:
    document = Document(language, Head("Báo cáo năm 2023"), tuple(Item(block) for block in blocks))
    reader = texts.Texts.of(document, Wording(language), {"index": INDEX})  # type: ignore[arg-type]
    findings = [*reader.head(document.title), *(finding for block in blocks for finding in reader.block(block))]
    return [finding.check for finding in findings]


@pytest.mark.parametrize(
    "block",
    [
        CHART,
        TABLE,
        Heading("Phụ lục 2. Các bộ sau sắp xếp năm 2025"),
        Paragraph(("Có số liệu 3/3 bộ, so với năm 2022 là 2 bộ; ", Number(79.8, "79,80", (REF,)))),
        Note("Mới có số liệu của 3/3 bộ.", "missing"),
        Note("Lấy từ bản sao: github.com/Tuan04-D/opendx.", "method"),  # an address of data/published/sources.csv
        Tiles((Tile("Năm 2023", Number(79.8, "79,80", (REF,))),), "Số liệu chính năm 2023"),
    ],
    ids=lambda block: block.kind,
)
def test_what_accounts_for_a_digit_passes(block: Block) -> None:
    assert found(block) == []


def chart(**change: object) -> Figure:
    return dataclasses.replace(CHART, **change)  # type: ignore[arg-type]


SLIPS = {
    "a year that no number has, in a caption": chart(caption="Xếp hạng Chỉ số CCHC, năm 2019"),
    "a year in a heading": Heading("Kết quả năm 2032"),
    "a value in an alternative text": chart(alternative="Trung bình 82,95%."),
    "the number of another unit beside a name": chart(alternative="Cao nhất: Bộ Tư pháp, 79,80%."),
    "a lowest that is none": chart(alternative="Thấp nhất trong biểu đồ: Bộ Y tế, 79,80%."),
    "a highest that is none": chart(alternative="Cao nhất trong biểu đồ: Bộ Y tế, 79,80%."),
    "a count in a note": chart(notes=("Có số liệu 7/3 bộ.",)),
    "a coverage in a note of its own": Note("Mới có số liệu của 16/17 bộ.", "missing"),
    "a decision that is not known": dataclasses.replace(TABLE, notes=("Theo 867/QĐ-BNV.",)),
    "a code that is no criterion": dataclasses.replace(TABLE, notes=("Mục 9.9.9.",)),
    "a year over a column": dataclasses.replace(
        TABLE, columns=(TABLE.columns[0], Column("index", "Chỉ số 2033", "number"))
    ),
    "a number typed into a sentence": Paragraph(("Chỉ số đạt 88,88%.",)),
    "a label of a key figure": Tiles((Tile("Trên 85%", "B"),), "Số liệu chính"),
    "the data of a chart": chart(data={**CHART.data, "value": [89.95, 79.8, 77.03]}),
}


@pytest.mark.parametrize("block", SLIPS.values(), ids=SLIPS)
def test_a_slip_is_found(block: Block) -> None:
    assert found(block)


def test_a_dot_is_a_decimal_sign_in_english() -> None:
    english = chart(caption="Ranking, 2023", alternative="Highest: Bộ Tư pháp, 89.95%.", notes=())
    assert found(english, language="en") == []
    assert found(chart(caption="", alternative="Highest: Bộ Y tế, 79.80%.", notes=()), language="en")


def test_a_date_is_read_as_the_language_writes_it() -> None:
    """The day of a date is no result; a year that is not of the report, and a number beside no month, are found."""
    assert not found(Note("Read from: press, of 17 April 2022 to 28 April 2023.", "method"), language="en")
    assert found(Note("Read from: press, of 28 April 1987.", "method"), language="en")
    assert found(Note("Read from: press, of 37 April 2023.", "method"), language="en")
    assert found(Note("Read from: 28 pages of 2023.", "method"), language="en")


@pytest.mark.parametrize("told", ["89,95% (hạng 2)", "89,95% (giá trị: 89,95; hạng: 0)", "(hạng 2)"])
def test_every_number_in_brackets_after_a_name_is_of_its_row(told: str) -> None:
    data = {**CHART.data, "rank": [1, 2, 3]}
    right = re.sub(r"(hạng:?) .", r"\1 1", told)
    assert "named_numbers" not in found(chart(alternative=f"Bộ Tư pháp {right}.", data=data))
    assert "named_numbers" in found(chart(alternative=f"Bộ Tư pháp {told}.", data=data))


def test_names_that_tie_may_begin_with_codes() -> None:
    names = ["5.3.2 Tỷ lệ đơn vị", "6.1.1 Quản lý tài chính", "1.2 Kế hoạch"]
    tied = chart(
        alternative="Mất nhiều nhất ở 5.3.2 Tỷ lệ đơn vị, 6.1.1 Quản lý tài chính: 1,50 điểm.",
        data={"node": ["5.3.2", "6.1.1", "1.2"], "name": names, "lost": [1.5, 1.5, 0.25]},
    )
    wrong = dataclasses.replace(tied, alternative=tied.alternative.replace("1,50", "0,25"))
    assert "named_numbers" not in found(tied)
    assert "named_numbers" in found(wrong)
