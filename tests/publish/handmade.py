"""A report made by hand, as its notebook would show it: blocks of every kind, with all that is hard to write."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell, new_notebook, new_output

from parlib.publish.formats import Shown
from parlib.publish.parameters import ReportParameters
from parlib.report.blocks import (
    MIME,
    Block,
    Column,
    Dataset,
    Figure,
    Heading,
    Number,
    Paragraph,
    Ref,
    Table,
    Tile,
    Tiles,
    Title,
)

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
ILLUSTRATIVE = "Bộ tiêu chí minh họa: đây không phải kết quả chính thức."
SIMULATED = "SỐ LIỆU MÔ PHỎNG: không phải kết quả thật."


def cell(unit: str, column: str = "index", node: str = "", year: int = 2023) -> Ref:
    return Ref("par", year, "ministry", unit, node, column)


RANKING = Table(
    (
        Column("rank", "Hạng", "rank", decimals=0),
        Column("unit", "Đơn vị"),
        Column("index", "Chỉ số", "number", "%"),
        Column("previous", "Chỉ số", "number", "%", group="So với năm 2022"),
        Column("change", "Tăng/giảm", "change", "điểm %", group="So với năm 2022"),
        Column("remark", "Ghi chú của đơn vị"),
    ),
    (
        {
            "rank": Number(1, "1", (cell("a", "rank"),), "rank"),
            "unit": "Đơn vị A",
            # exact to nine decimals, and printed half up: 2.675 is 2,68
            "index": Number(2.675, "2,68", (cell("a"),), mark="a"),
            "previous": Number(0.1 + 0.2, "0,30", (cell("a", year=2022),)),
            "change": Number(-0.004, "0,00", (cell("a"), cell("a", year=2022)), "difference"),
            "remark": "=1+1",
        },
        {
            "rank": Number(None, "2–3", (cell("b", "rank"),), "range"),
            "unit": "Đơn vị B",
            "index": Number(1234.5, "1.234,50", (cell("b"),)),
            "change": Number(-1e-12, "0,00", (cell("b"),), "difference"),
            "remark": "- Đã hoàn thành",
        },
        {"unit": "Đơn vị C", "index": Number(None, "…", (cell("c"),)), "remark": "https://vi.du/x"},
    ),
    "Xếp hạng: [thử] / * ?",
    source="Nguồn: thử",
    notes=("a: suy ra.", "…: chưa có số liệu.", SIMULATED),
    row_styles=("", "highlight", "muted"),
    name="ranking",
)

#: 1.1 + 2.2 + 3.3 = 6.6; the mean of 10, 20 and 40 is 70/3; 5 is neither the sum nor the mean of 1, 2 and 3; and a sum
#: of which a part is not known is no sum of cells.
TOTALS = Table(
    (
        Column("name", "Nhóm"),
        Column("sum", "Tổng", "number"),
        Column("mean", "Trung bình", "number"),
        Column("other", "Khác", "integer", decimals=0),
        Column("part", "Thiếu", "number"),
    ),
    tuple(
        {
            "name": name,
            "sum": Number(a, str(a).replace(".", ",")),
            "mean": Number(b, f"{b:.2f}".replace(".", ","), (), "mean"),
            "other": Number(c, str(c)),
            "part": Number(d, "…" if d is None else str(d)),
        }
        for name, a, b, c, d in (
            ("x", 1.1, 10.0, 1, 1),
            ("y", 2.2, 20.0, 2, None),
            ("z", 3.3, 40.0, 3, 2),
            ("Tổng cộng", 6.6, 70 / 3, 5, 3),
        )
    ),
    "Tổng",
    row_styles=("", "", "", "total"),
    name="totals",
)

SCHEME = Table(
    (Column("code", "Mã"), Column("name", "Tiêu chí"), Column("maximum", "Điểm tối đa", "number", "điểm")),
    (
        {"code": "1.1", "name": "Kế hoạch", "maximum": Number(1.5, "1,50", (cell("*", "maximum", "1.1"),))},
        {"code": "1.10", "name": "Báo cáo", "maximum": Number(2.0, "2,00", (cell("*", "maximum", "1.10"),))},
    ),
    "Tiêu chí",
    name="criteria",
)

_NAMES = ["Bộ Tư pháp", "Bộ Y tế", "Bộ Nội vụ"]
_UNITS = ["bo-tu-phap", "bo-y-te", "bo-noi-vu"]
#: Data of every kind of figure, and a kind that nobody knows.
FIGURES: tuple[tuple[str, str, dict[str, list[Any]]], ...] = (
    (
        "bars",
        "ranking",
        {"unit": _UNITS, "name": _NAMES, "rank": [1, 2, 3], "value": [89.0, 80.0, None], "band": ["B", "B", "C"]},
    ),
    ("bars", "losses", {"node": ["1.1", "2"], "name": _NAMES[:2], "mean_lost": [2.0, 1.0], "cumulative": [60.0, 90.0]}),
    ("bars", "sobol", {"factor": ["a", "b"], "name": _NAMES[:2], "total": [0.7, 0.4], "first_order": [0.3, 0.1]}),
    ("change", "change", {"unit": _UNITS, "name": _NAMES, "change": [1.5, 0.0, -0.5], "value": [3.0, 2.0, 1.0]}),
    ("stacked", "parts", {"unit": _UNITS, "name": _NAMES, "appraisal": [50.0, 51.0, 52.0], "survey": [9.0, 8.0, 7.0]}),
    (
        "stacked_bars",
        "moves",
        {"name": _NAMES, "places": [1, 0, -1], "own": [1.0, 0.0, -2.0], "others": [0.0, 0.0, 1.0]},
    ),
    ("ranges", "area-ranges", {"name": _NAMES, "lowest": [1, 2, 3.0], "mean": [2.0, None, 4.0], "highest": [3, 4, 5]}),
    (
        "intervals",
        "rank-sets",
        {"name": _NAMES, "rank": [1.0, 2.0, 3.0], "low_1": [1.0, 1.0, 2.0], "high_1": [2.0, 3.0, 3]},
    ),
    (
        "dots",
        "claims",
        {"name": _NAMES, "claimed": [9.0, 8.0, 7.0], "granted": [8.0, 8.0, 6.0], "over": [1.0, 0.0, 1.0]},
    ),
    (
        "dots",
        "survey",
        {
            "item": ["q1", "q1", "q2"],
            "code": ["1.7.1", "1.7.1", "1.10"],
            "group": ["g", "h", "g"],
            "share": [0.8, 0.7, 0.9],
            "lower": [0.75, 0.65, 0.85],
            "upper": [0.85, 0.75, 0.95],
            "n": [10, 20, 30],
            "name": ["Sở", "Huyện", "Sở"],
        },
    ),
    ("dumbbells", "weights", {"node": ["1", "2"], "name": _NAMES[:2], "nominal": [9.0, 16.5], "share": [12.0, 14.5]}),
    (
        "strips",
        "regions",
        {
            "region": ["dong-nam-bo", "dong-nam-bo", "tay-nguyen"],
            "unit": ["a", "b", "c"],
            "name": ["A", "B", "C"],
            "value": [88.0, 85.5, 84.25],
        },
    ),
    ("lines", "years", {"year": [2021, 2022, 2023], "mean": [80.0, None, 82.0], "minimum": [70.0, 71.0, 72.0]}),
    ("lines", "rank-history", {"year": [2021, 2022, 2023], "bo-y-te": [3.0, None, 1.0]}),
    (
        "scatter",
        "items",
        {
            "node": ["1.1", "1.2", "2"],
            "name": _NAMES,
            "difficulty": [90.0, 80.0, 70.0],
            "discrimination": [0.1, 0.2, -0.1],
            "remark": ["weak", "", "weak"],
        },
    ),
    ("bridge", "bridge", {"node": ["1", "2", ""], "name": _NAMES, "contribution": [0.5, -0.75, -0.25]}),
    (
        "heatmap",
        "areas",
        {"unit": _UNITS, "name": _NAMES, "Chỉ đạo": [90.0, None, 70.0], "Thể chế": [80.0, 75.0, 60.0]},
    ),
    ("map", "map", {"unit": _UNITS, "name": _NAMES, "class": ["cao", "cao", "thấp"], "label": ["1", "=2", None]}),
    ("never-seen", "odd", {"x": [1, 2], "y": [True, False], "z": [[1], None], "short": [1.5]}),
    ("change", "broken", {"other": [1.0, 2.0]}),
)

INDEX = Dataset.of(
    "index",
    "Bảng chỉ số",
    (
        ("unit", "string", "khóa đơn vị"),
        ("node", "string", "mã"),
        ("node_name", "string", "tên"),
        ("maximum", "number", "điểm tối đa"),
        ("rank", "integer", "hạng"),
        ("ranked", "boolean", "được xếp hạng"),
    ),
    "unit,node,node_name,maximum,rank,ranked\na,1.10,Kế hoạch,1.5,1,true\nb,1.10,Kế hoạch,1.5,,false\n"
    "a,2,Thể chế,3,,true\nb,2,Thể chế,2.5,2,true\n",
)


def figures() -> list[Figure]:
    return [
        Figure(PIXEL, f"Hình {kind} {name} (%)", f"Hình nói {name}", "Nguồn: thử", data=data, chart=kind, name=name)
        for kind, name, data in FIGURES
    ]


def blocks(*marks: str) -> list[Block]:
    tiles = Tiles(
        (
            Tile("Trung bình", Number(84.384, "84,38", (cell("*"),), "mean"), "%", ("tăng ", Number(0.5, "0,50"))),
            Tile("Nhóm", "=B"),
        ),
        "Tóm tắt",
    )
    return [
        Title("Báo cáo & thử", "2023", ("Có số liệu.",), marks),
        Heading("Kết quả"),
        tiles,
        Paragraph(("Một đoạn ", Number(1.0, "1"))),
        RANKING,
        TOTALS,
        SCHEME,
        Table((Column("a", "A"),), (), "Bảng trống", name="empty"),
        *figures(),
        INDEX,
    ]


def shown(*given: Block, language: str = "vi", stem: str = "ministry.vi") -> Shown:
    """What a report of these blocks shows."""
    outputs = [new_output("display_data", data={MIME: block.to_data()}) for block in given]
    parameters = ReportParameters(year=2023, level="ministry", language=language)
    return Shown(parameters, new_notebook(cells=[new_code_cell(outputs=outputs)]), stem)
