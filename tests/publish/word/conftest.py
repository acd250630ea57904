from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from parlib.publish import word
from parlib.publish.document import Document, Numbering
from parlib.report import blocks as b

#: A picture of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="


def document_of(*shown: b.Block, title: b.Title | None = None, language: str = "vi") -> Document:
    numbering = Numbering()
    return Document(language, title or b.Title("Báo cáo thử"), tuple(map(numbering.placed, shown)))


def number(text: str, mark: str = "") -> b.Number:
    return b.Number(float(text.replace(",", ".").replace("−", "-")), text, mark=mark)


def table(n_rows: int = 3, n_columns: int = 2, caption: str = "Xếp hạng", **more: object) -> b.Table:
    """A table of ``n_columns`` numbers; the cell of row r and column c prints r,0c."""
    columns = (b.Column("u", "Đơn vị"), *(b.Column(f"c{c}", f"Cột {c}", "number") for c in range(n_columns)))
    rows = [
        {"u": f"Tỉnh {r}", **{f"c{c}": number(f"{r},{c:02}") for c in range(n_columns)}} for r in range(1, n_rows + 1)
    ]
    return b.Table(columns, tuple(rows), caption, **more)  # type: ignore[arg-type]


def _rich() -> tuple[b.Block, ...]:
    """Blocks of every kind, with what is hard in them."""
    grouped = b.Table(
        (
            b.Column("rank", "Hạng", "rank"),
            b.Column("unit", "Đơn vị"),
            b.Column("now", "Chỉ số", "number", unit="%"),
            b.Column("before", "2022", "number", group="So với năm trước"),
            b.Column("change", "Tăng/giảm", "change", group="So với năm trước"),
        ),
        (
            {
                "rank": number("1"),
                "unit": "Đắk Lắk & <Kon Tum>",
                "now": number("84,38", "a"),
                "before": number("85,00"),
            },
            {"rank": number("2"), "unit": "Thừa Thiên Huế", "now": number("80,10"), "change": number("−1,20")},
            {"unit": "Trung bình", "now": b.Number(None, "…")},
        ),
        'Xếp "hạng"',
        source="Nguồn: thử",
        notes=("a: số ước tính.", "…: chưa có số liệu."),
        row_styles=("highlight", "muted", "total"),
        name="ranking",
    )
    tiles = (
        b.Tile("Chỉ số", number("84,38", "a"), "%", ("tăng ", number("0,50"))),
        b.Tile("Nhóm", "B"),
        b.Tile("Điểm", number("43,43"), "điểm"),
    )
    return (
        b.Heading("Kết quả chung"),
        b.Tiles(tiles, "Tóm tắt"),
        b.Paragraph(("Trung bình đạt ", number("84,38"), "%."), role="lead"),
        b.Paragraph(("Ý một: ", number("−1,20", "b"), "."), role="item"),
        b.Paragraph(("Ý hai: ", b.Number(None, "…"), "."), role="item"),
        b.Heading("Xếp hạng", 2),
        b.Paragraph(("Câu dẫn.",)),
        grouped,
        b.Heading("Hình", 2),
        b.Figure(PIXEL, "Phân bố", 'Một điểm ảnh "đỏ" & nhỏ', "Nguồn: thử", ("Ghi chú hình.",), name="spread"),
        b.Heading("Chi tiết", 3),
        b.Paragraph(("Dự thảo để biên tập.",), role="draft"),
        *(
            b.Note(f"Ghi chú {role}", role)  # type: ignore[arg-type]
            for role in ("missing", "assumption", "break", "warning", "method", "passed")
        ),
        table(),
    )


@pytest.fixture(scope="session")
def rich() -> tuple[b.Block, ...]:
    return _rich()


@pytest.fixture(scope="session")
def a_table() -> Callable[..., b.Table]:
    return table


@pytest.fixture(scope="session")
def as_document() -> Callable[..., Document]:
    """Blocks as the document of a report."""
    return document_of


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Any]:
    """Write blocks as a Word document and open it."""

    def written(*shown: b.Block, template: Path = word.templates.PACKAGED, **given: Any) -> Any:
        path = tmp_path / "thu.docx"
        word.write_document(document_of(*shown, **given), path, template)
        return docx.Document(str(path))

    return written
