from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import nbformat
import pypdfium2
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARAMETERS = """year: int = 2023  # year of the results
level: str = "ministry"  # province or ministry
language: str = "vi"  # vi or en
index_name: str = "par"  # par, papi, ...
"""

#: A picture of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="

BLOCKS = (
    """import sys
import warnings
from parlib.report.blocks import *
from parlib.report.blocks import Wording

def number(value):
    return Wording(language).number(value, 2, Ref("par", year, level, f"u{value}", "", "index"))

# The data that the numbers below are worked out again from: each stands for a unit of its own.
Dataset.of(
    "printed",
    "Số liệu thử",
    (("index_name", "string", ""), ("year", "integer", ""), ("level", "string", ""), ("unit", "string", ""),
     ("node", "string", ""), ("what", "string", ""), ("value", "number", "")),
    "index_name,year,level,unit,node,what,value\\n"
    + "".join(f"par,{year},{level},u{v},,index,{v}\\n" for v in [84.38, 0.5, *range(28, 91)]),
)""",
    'Title("Báo cáo thử", subtitle=f"{level} {year}", lines=("Dòng một",))',
    'sequel(Heading("Kết quả chung"), Paragraph(("Trung bình là ", number(84.38), "%."), role="lead"))',
    """Table(
    (Column("unit", "Tỉnh"), Column("index", "Chỉ số", "number", unit="%")),
    tuple({"unit": f"Tỉnh {i}", "index": number(90 - i)} for i in range(63)),
    "Xếp hạng",
    source="Nguồn: thử",
)""",
    f'Figure("{PIXEL}", "Phân bố", "Một điểm ảnh", "Nguồn: thử")',
    """sequel(
    Heading("Kết quả chung", 2),
    Table((Column("a", "A"),), ({"a": "x"},), "Bảng nhỏ"),
    Note("Không có số liệu.", "missing"),
)""",
    """sequel(
    Tiles(
        (Tile("Trung bình", number(84.38), "%", ("tăng ", number(0.5))), Tile("Nhóm", "B")),
        "Tóm tắt",
    ),
    Paragraph(("Dự thảo để biên tập.",), role="draft"),
    Note("Đã qua các phép kiểm tra.", "passed"),
    Dataset.of(
        "thu",
        "Bảng chỉ số",
        (("unit", "string", "đơn vị"), ("index", "number", "chỉ số")),
        "unit,index\\nA,1.5\\n",
    ),
)""",
)


def fills(content: bytes) -> list[float]:
    """How far down the last ink of each page of a PDF stands, between the margins of its text: 0 to 1."""
    return list(map(_fill, pypdfium2.PdfDocument(content)))


def _fill(sheet: pypdfium2.PdfPage) -> float:
    """How far down the last ink stands on a page, between the margins of its text: 0 to 1."""
    picture = sheet.render(scale=0.5, grayscale=True).to_pil()
    mm = picture.height / (sheet.get_height() / 72 * 25.4)
    text = picture.crop((0, round(20 * mm), picture.width, picture.height - round(18 * mm)))
    ink = text.point(lambda grey: 255 if grey < 200 else 0).getbbox()
    return ink[3] / text.height if ink else 0.0


@pytest.fixture(scope="session")
def blocks() -> tuple[str, ...]:
    """Cells that show one block of every kind."""
    return BLOCKS


@pytest.fixture(scope="session")
def write_notebook_in() -> Callable[..., Path]:
    """Write a notebook with a parameters cell and the given code cells, below a folder."""

    def write(folder: Path, *cells: str, name: str = "thu", parameters: str = PARAMETERS) -> Path:
        head = new_code_cell(parameters, metadata={"tags": ["parameters"]})
        notebook = new_notebook(
            cells=[new_markdown_cell("Một đoạn **văn**."), head, *map(new_code_cell, cells)],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        path = folder / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return write


@pytest.fixture
def write_notebook(tmp_path: Path, write_notebook_in: Callable[..., Path]) -> Callable[..., Path]:
    """Write a notebook with a parameters cell and the given code cells."""
    return partial(write_notebook_in, tmp_path)
