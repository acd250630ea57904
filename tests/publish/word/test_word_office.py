"""The document as LibreOffice opens it: headings in its navigator, tables, pictures, and pages."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pypdf import PdfReader

from parlib.publish import word
from parlib.publish.document import Document
from parlib.publish.formats import Shown
from parlib.publish.render import Rendered
from parlib.report import blocks as b
from tests.publish.conftest import fills

pytestmark = [
    pytest.mark.office,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (make system)"),
]

ODF = "urn:oasis:names:tc:opendocument:xmlns:"
TEXT, TABLE, DRAW = f"{{{ODF}text:1.0}}", f"{{{ODF}table:1.0}}", f"{{{ODF}drawing:1.0}}"
SVG = f"{{{ODF}svg-compatible:1.0}}"


@pytest.fixture(scope="module")
def opened(
    tmp_path_factory: pytest.TempPathFactory,
    as_document: Callable[..., Document],
    rich: tuple[b.Block, ...],
    a_table: Callable[..., b.Table],
) -> tuple[ET.Element, PdfReader]:
    """A document of all kinds of blocks, with tables of many rows and columns: read by LibreOffice, and printed."""
    folder = tmp_path_factory.mktemp("office")
    title = b.Title("Báo cáo thử", marks=("SỐ LIỆU MÔ PHỎNG.",))
    heads = tuple(b.Column(f"c{c}", "Cải cách", "number") for c in range(20))
    wide = a_table(40, 20, "Rộng")
    wide = b.Table((wide.columns[0], *heads), wide.rows, wide.caption, "Nguồn: x")
    shown = (*rich, b.Heading("Phụ lục"), a_table(80, 3, "Dài"), b.Heading("Rộng", 2), wide)
    word.write_document(as_document(*shown, title=title), folder / "thu.docx")
    for kind in ("fodt", "pdf"):
        _convert(folder / "thu.docx", kind)
    return ET.parse(folder / "thu.fodt").getroot(), PdfReader(folder / "thu.pdf")


def _convert(path: Path, kind: str, *more: Path) -> Path:
    """The document as LibreOffice saves it beside it, and ``more`` of its folder."""
    command = ["soffice", f"-env:UserInstallation=file://{path.parent}/profile", "--headless", "--convert-to", kind]
    paths = map(str, (path, *more))
    subprocess.run([*command, "--outdir", str(path.parent), *paths], check=True, capture_output=True, timeout=180)
    return path.with_suffix(f".{kind}")


def _text(element: Any) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def test_headings_stand_in_the_navigator(opened: tuple[ET.Element, PdfReader]) -> None:
    headings = [(int(h.get(f"{TEXT}outline-level", "0")), _text(h)) for h in opened[0].iter(f"{TEXT}h")]
    assert headings == [
        (1, "I. Kết quả chung"),
        (2, "1. Xếp hạng"),
        (2, "2. Hình"),
        (3, "a) Chi tiết"),
        (1, "II. Phụ lục"),
        (2, "1. Rộng"),
    ]


def test_heads_of_tables_are_repeated(opened: tuple[ET.Element, PdfReader]) -> None:
    tables = list(opened[0].iter(f"{TABLE}table"))
    heads = [len(t.findall(f"{TABLE}table-header-rows/{TABLE}table-row")) for t in tables]
    assert heads == [0, 2, 1, 1, 1]  # key figures have none, groups have two
    pages = [page.extract_text() for page in opened[1].pages]
    long = [page for page in pages if re.search(r"Tỉnh \d+ +\d+,00 +\d+,01 +\d+,02\s*$", page, re.MULTILINE)]
    assert len(long) >= 2
    assert all("Cột 2" in page for page in long)


def test_pictures_are_described(opened: tuple[ET.Element, PdfReader]) -> None:
    frames = list(opened[0].iter(f"{DRAW}frame"))
    names = [_text(frame.find(f"{SVG}desc")) for frame in frames]
    assert names == ['Một điểm ảnh "đỏ" & nhỏ']


def test_fields_count_and_pages_are_numbered(opened: tuple[ET.Element, PdfReader]) -> None:
    root, pdf = opened
    counted = [(s.get(f"{TEXT}name"), _text(s)) for s in root.iter(f"{TEXT}sequence")]
    assert counted == [("Bảng", "1"), ("Hình", "1"), ("Bảng", "2"), ("Bảng", "3"), ("Bảng", "4")]
    pages = [page.extract_text() for page in pdf.pages]
    for n, text in enumerate(pages[1:], 2):
        assert f"{n}/{len(pages)}" in text
        assert "Báo cáo thử" in text
    assert all("SỐ LIỆU MÔ PHỎNG." in text for text in pages)


def test_a_wide_table_is_printed_whole_on_turned_pages(opened: tuple[ET.Element, PdfReader]) -> None:
    turned = [page for page in opened[1].pages if page.mediabox.width > page.mediabox.height]
    text = "\n".join(page.extract_text() for page in turned)
    assert "Bảng 4. Rộng" in text
    for r in range(1, 41):
        row = " ".join(f"{r},{c:02}" for c in range(20))
        assert f"Tỉnh {r} {row}" in re.sub(r"[ \n]+", " ", text), "no number of it is cut or broken"
    assert not [page for page in opened[1].pages if len(page.extract_text()) < 60], "no empty page"


def test_letters_are_those_of_times_new_roman(opened: tuple[ET.Element, PdfReader]) -> None:
    fonts = set()
    for page in opened[1].pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index, union-attr]
            fonts.add(re.sub(r"^[A-Z]{6}\+", "", font.get_object()["/BaseFont"].lstrip("/")))
    families = {font.partition("-")[0] for font in fonts}
    assert families <= {"Tinos", "TimesNewRoman", "TimesNewRomanPSMT", "TimesNewRomanPS"}


def test_the_heading_of_the_list_of_figures_ends_no_page(
    as_document: Callable[..., Document], a_table: Callable[..., b.Table], rich: tuple[b.Block, ...], tmp_path: Path
) -> None:
    """The list of tables is a line longer from one document to the next: somewhere the page ends behind it."""
    figures = [replace(block, name=f"f{n}") for n in range(5) for block in rich if isinstance(block, b.Figure)]
    paths = [tmp_path / f"{n}.docx" for n in range(36, 46)]
    for path in paths:
        tables = (a_table(caption=f"Bảng {n}", name=f"t{n}") for n in range(int(path.stem)))
        word.write_document(as_document(b.Heading("Đầu"), *tables, *figures), path)
    _convert(paths[0], "pdf", *paths[1:])
    pages = [page.extract_text().split("\n") for path in paths for page in PdfReader(path.with_suffix(".pdf")).pages]
    assert sum("Danh mục hình" in lines for lines in pages) == len(paths)
    assert [lines for lines in pages if lines[-2] == "Danh mục hình"] == []


@pytest.mark.report
@pytest.mark.parametrize("name", ["round", "papi", "audit"])
def test_no_page_but_the_last_is_under_half_full(
    whole_report: Callable[[str], Rendered], name: str, tmp_path: Path
) -> None:
    done = whole_report(name)
    word.write(Shown(done.parameters, nbformat.read(done.files["ipynb"], 4)).in_format("docx"), tmp_path / "thu.docx")
    filled = fills(_convert(tmp_path / "thu.docx", "pdf").read_bytes())
    assert [(n, fill) for n, fill in enumerate(filled[:-1], 1) if fill < 0.5] == []
