"""A report as PDF: what stands on its pages, that nothing is cut, and that it is the same every time."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import matplotlib
import nbformat
import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from parlib.publish import document, pdf
from parlib.publish.formats import Shown
from parlib.publish.own import PARTLY
from parlib.publish.parameters import ReportParameters
from parlib.publish.render import Rendered, render
from parlib.report.blocks import Block, Column, Figure, Heading, Note, Number, Paragraph, Table, Tile, Tiles, Title

from . import handmade
from .conftest import fills

MARKS = ("Bộ tiêu chí minh họa: đây không phải kết quả chính thức.", "SỐ LIỆU MÔ PHỎNG: không phải kết quả thật.")
LETTERS = "ĂẮẰẲẴẶăắằẳẵặÂẤẦẨẪẬâấầẩẫậĐđÊẾỀỂỄỆêếềểễệÔỐỒỔỖỘôốồổỗộƠỚỜỞỠỢơớờởỡợƯỨỪỬỮỰưứừửữựỴỵỶỷỸỹ"
LONG = "Tiếp nhận, xử lý phản ánh, kiến nghị của cá nhân, tổ chức đối với quy định hành chính của tỉnh. "


def _number(value: float) -> Number:
    return Number(value, f"{value:.2f}".replace(".", ","))


def _picture(height_mm: int) -> str:
    """A blue picture of 170 mm x ``height_mm`` with a red line along its lower edge, in base64."""
    picture = Image.new("P", (680, height_mm * 4), 0)
    picture.putpalette([40, 90, 160, 220, 0, 0])
    picture.paste(1, (0, picture.height - 8, 680, picture.height))
    stream = io.BytesIO()
    picture.save(stream, "png")
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _table(n_columns: int, n_rows: int, name: str, text: str = "") -> Table:
    """Rows that begin with "<name>-<row>-đầu" and end with "<name>-<row>-cuối"."""
    numbers = tuple(Column(f"c{j}", f"Điểm của lĩnh vực thứ {j}", "number", group="Nhóm") for j in range(n_columns))
    return Table(
        (Column("first", "Đơn vị"), Column("text", "Nội dung"), *numbers, Column("last", "Ghi chú")),
        tuple(
            {"first": f"{name}-{i}-đầu", "text": text * (i % 4), "last": f"{name}-{i}-cuối"}
            | {f"c{j}": _number(i + j / 100) for j in range(n_columns)}
            for i in range(n_rows)
        ),
        f"Bảng {name}",
        source=f"Nguồn của bảng {name}",
        name=name,
    )


BLOCKS: tuple[Block, ...] = (
    Title("Báo cáo thử về Chỉ số cải cách hành chính", "Báo cáo", ("Dòng một",), MARKS),
    Heading("Kết quả chung"),
    Tiles((Tile("Trung bình", _number(87.02), "%", ("tăng ", _number(0.51))), Tile("Nhóm", "B")), "Tóm tắt"),
    Paragraph((LETTERS, " trung bình là ", _number(84.38), "%. ▲ ↓ ≥"), role="lead"),
    Note("Đã qua các phép kiểm tra.", "passed"),
    Heading("Nhận định", 2),
    Paragraph((LONG * 3,), role="draft"),
    Heading("Bảng dài", 1),
    _table(1, 63, "dài", LONG),
    Heading("Phụ lục"),
    Paragraph(("Bảng sau đây rất rộng.",)),
    _table(16, 30, "rộng"),
    Heading("Hình", 1),
    Paragraph((LONG,)),
    Figure(_picture(220), "Hình cao", "Một hình", "Nguồn của hình", MARKS),
    *(block for i in range(12) for block in (Paragraph((LONG * 4,)), Heading(f"Mục {i}", 2))),
    Paragraph(("Hết.",)),
)


def _page(blocks: tuple[Block, ...], language: str = "vi") -> str:
    return handmade.shown(*blocks, language=language).html


@pytest.fixture(scope="module")
def html() -> str:
    return _page(BLOCKS)


@pytest.fixture(scope="module")
def made(html: str) -> bytes:
    return pdf.pdf(html)


@pytest.fixture(scope="module")
def reader(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


@pytest.fixture(scope="module")
def texts(made: bytes, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The text of every page."""
    if shutil.which("pdftotext") is None:
        pytest.skip("needs poppler-utils (make system)")
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(made)
    run = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return run.stdout.split("\f")[:-1]


def _words(text: str) -> str:
    return " ".join(text.split())


def test_every_page_says_what_it_is_and_which_it_is(reader: PdfReader, texts: list[str]) -> None:
    assert len(texts) == len(reader.pages) > 6
    for n, (text, sheet) in enumerate(zip(texts, reader.pages, strict=True), 1):
        words = _words(sheet.extract_text())
        for mark in MARKS:
            assert mark.rstrip(".") in words, n
        assert "Báo cáo thử về Chỉ số cải cách hành chính" in words
        if n > 1:
            assert text.split()[-3:] == [str(n), "/", str(len(texts))]


def test_the_contents_name_the_pages_that_the_headings_stand_on(texts: list[str]) -> None:
    """On paper the sections alone are listed: what stands below them has no line."""
    result = dict(re.findall(r"(Bảng dài|Phụ lục)[ .]+ (\d+)", texts[0]))
    assert len(result) == 2
    for heading, n in result.items():
        assert re.search(rf"^ *\w+\. {heading} *$", texts[int(n) - 1], re.MULTILINE), heading


def test_no_row_is_split_and_the_heads_are_repeated(texts: list[str]) -> None:
    for name, n_rows in (("dài", 63), ("rộng", 30)):
        with_rows = [text for text in texts if f"{name}-" in text]
        assert len(with_rows) >= 2
        assert all("Đơn vị" in text for text in with_rows)
        for i in range(n_rows):
            first, last = (
                [n for n, text in enumerate(texts) if f"{name}-{i}-{end}" in text] for end in ("đầu", "cuối")
            )
            assert first == last, f"{name}-{i}"
            assert len(first) == 1


def test_a_wide_table_lies_on_its_side_with_its_heading(reader: PdfReader, texts: list[str]) -> None:
    wide = [float(sheet.mediabox.width) > float(sheet.mediabox.height) for sheet in reader.pages]
    assert wide == ["rộng-" in text for text in texts]
    first = texts[wide.index(True)]
    assert "Phụ lục" in first
    assert "Bảng sau đây rất rộng." in first
    assert all(words.strip() for words in texts)


def test_no_heading_stays_at_the_foot_of_a_page(texts: list[str]) -> None:
    headings = {
        item.block.plain_text() for item in map(document.Numbering().placed, BLOCKS) if isinstance(item.block, Heading)
    }
    for text in texts:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        body = [line for line in lines if not re.fullmatch(r"\d+ / \d+", line)]
        assert body[-1] not in headings


def test_no_row_that_heads_others_stays_at_the_foot_of_a_page() -> None:
    columns = (Column("name", "Thành phần"), Column("n", "Số tiêu chí", "number"))
    pair = ({"name": "Theo căn cứ", "n": ""}, {"name": "Văn bản", "n": _number(1)})
    for n in range(2):  # of one row more above, every head stands a row lower
        rows = (pair[1],) * n + pair * 60
        styles = tuple("" if row["n"] else "total" for row in rows)
        pages = pypdfium2.PdfDocument(pdf.pdf(_page((Table(columns, rows, "Bảng", row_styles=styles),))))
        ends = [re.findall("Theo căn cứ|Văn bản", page.get_textpage().get_text_range())[-1] for page in pages]
        assert ends == ["Văn bản"] * len(ends) and len(ends) > 2


def test_nothing_is_drawn_outside_the_margins(made: bytes, tmp_path: Path) -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("needs poppler-utils (make system)")
    (tmp_path / "report.pdf").write_bytes(made)
    subprocess.run(["pdftoppm", "-r", "36", "-gray", tmp_path / "report.pdf", tmp_path / "page"], check=True)
    sheets = sorted(tmp_path.glob("page*.pgm"))
    assert len(sheets) > 6
    for sheet in sheets:
        with Image.open(sheet) as picture:
            dark = picture.point(lambda grey: 255 if grey < 200 else 0).getbbox()
            assert dark is not None
            left, _, right, _ = dark
            point = 36 / 25.4  # of a page, in a millimetre
            assert left >= 14 * point
            assert right <= picture.width - 14 * point


def test_a_tall_figure_is_whole(made: bytes, tmp_path: Path) -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("needs poppler-utils (make system)")
    (tmp_path / "report.pdf").write_bytes(made)
    subprocess.run(["pdftoppm", "-r", "50", tmp_path / "report.pdf", tmp_path / "page"], check=True)
    blue, red = (40, 90, 160), (220, 0, 0)
    heights = []
    for sheet in sorted(tmp_path.glob("page*.ppm")):
        with Image.open(sheet) as picture:
            column = [picture.getpixel((picture.width // 2, y)) for y in range(picture.height)]
        if blue in column:
            # from its upper edge to the line along its lower one, which is 2 mm
            heights.append((column.index(red) - column.index(blue)) * 25.4 / 50)
    assert heights == [pytest.approx(199, abs=1.5)]


def test_every_number_of_the_blocks_is_in_the_text(texts: list[str]) -> None:
    whole = "".join("".join(texts).split())
    for block in BLOCKS:
        for number in document.numbers(block):
            assert number.text in whole
    assert LETTERS in whole
    assert "Dựthảođểbiêntập" in whole


def test_what_is_reached_of_what_can_be_is_broken_over_no_line() -> None:
    """Behind 60 to 189 letters: at six of these lengths the line would end between the two numbers."""
    numbers = (_number(6.48), "/", _number(7.2))
    html = _page(tuple(Paragraph(("i" * n + " nâng lên ", *numbers)) for n in range(60, 190)))
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf.pdf(html)))
    assert text.count("6,48/7,20") == 130


def test_it_has_bookmarks_a_title_a_language_and_tags(reader: PdfReader) -> None:
    def titles(outline: list[Any]) -> list[Any]:
        return [titles(entry) if isinstance(entry, list) else entry.title for entry in outline]

    assert titles(reader.outline)[:5] == [
        "I. Kết quả chung",
        ["1. Nhận định"],
        "II. Bảng dài",
        "III. Phụ lục",
        "IV. Hình",
    ]
    assert reader.metadata is not None
    marks = " – ".join(str(mark) for block in BLOCKS if isinstance(block, Title) for mark in block.marks)
    titled = "Báo cáo thử về Chỉ số cải cách hành chính – Báo cáo"
    assert reader.metadata.title == f"{titled} – {marks} – {PARTLY.text('vi')}"
    assert reader.metadata.author == "Vụ Cải cách hành chính, Bộ Nội vụ"
    assert reader.metadata.creation_date is None
    root = reader.root_object
    assert root["/Lang"] == "vi"
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_data()


def _elements(reader: PdfReader) -> list[Any]:
    """The elements of the tree of tags."""
    results, waiting = [], [reader.root_object["/StructTreeRoot"]["/K"]]
    while waiting:
        here = waiting.pop().get_object()
        if isinstance(here, list):
            waiting.extend(here)
        elif isinstance(here, dict):
            results.append(here)
            waiting.extend([here["/K"]] if "/K" in here else [])
    return results


def test_figures_say_what_they_show_and_cells_name_their_heads(reader: PdfReader) -> None:
    elements = _elements(reader)
    alternatives = [element.get("/Alt") for element in elements if element.get("/S") == "/Figure"]
    assert set(alternatives) == {block.alternative for block in BLOCKS if isinstance(block, Figure)}
    heads = {str(element["/ID"]) for element in elements if element.get("/S") == "/TH"}
    cells = [element for element in elements if element.get("/S") == "/TD"]
    assert heads
    assert cells
    assert all({str(head) for head in cell["/A"]["/Headers"]} & heads for cell in cells)
    assert all(page["/Tabs"] == "/S" for page in reader.pages)  # the keyboard follows the tags


def test_its_fonts_are_ours_and_embedded(reader: PdfReader) -> None:
    names = set()
    for sheet in reader.pages:
        for font in sheet["/Resources"]["/Font"].values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(below["/FontDescriptor"].get_object())
            names.add(str(below["/BaseFont"]).split("+")[1])
    assert names
    assert all(name.startswith(("Tinos", "DejaVu-Serif", "DejaVuSerif")) for name in names), names


@pytest.mark.long
def test_a_machine_that_has_other_fonts_sets_the_letters_of_parlib(tmp_path: Path) -> None:
    """In a process of its own: what fonts there are is read once. DejaVu comes with matplotlib."""
    others = f"<dir>{matplotlib.get_data_path()}/fonts/ttf</dir><cachedir>{tmp_path}</cachedir>"
    (tmp_path / "others.conf").write_text(
        f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>{others}</fontconfig>'
    )
    page = (
        '<html lang="vi"><head><title>Chữ</title></head><body style="font-family:Tinos"><main><p>thường <i>nghiêng</i>'
        ' <b>đậm <i>cả hai</i></b> <span style="font-family:Arimo">hình</span></p></main></body></html>'
    )
    script = f"import sys; from parlib.publish import pdf; sys.stdout.buffer.write(pdf.pdf({page!r}))"
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True,
                          env={**os.environ, "FONTCONFIG_FILE": str(tmp_path / "others.conf")}).stdout  # fmt: skip
    fonts = PdfReader(io.BytesIO(made)).pages[0]["/Resources"]["/Font"].values()
    names = [str(font.get_object()["/DescendantFonts"][0].get_object()["/BaseFont"]) for font in fonts]
    letters = {name.partition("+")[2] for name in names}
    assert letters == {"Tinos", "Tinos-Italic", "Tinos-Bold", "Tinos-Bold-Italic", "Arimo"}


def test_on_a_screen_the_marks_stay_in_sight_and_stand_on_no_page_that_has_none(html: str) -> None:
    kept = re.search(r"@media screen \{ body::before \{ content: \"([^\"]*)\"; position: fixed", html)
    assert kept is not None and all(mark.rstrip(".") in kept[1] for mark in MARKS)
    assert "body::before" not in _page((Title("Báo cáo"), Paragraph(("Hết.",))))


@pytest.mark.long
def test_the_same_page_gives_the_same_bytes_also_from_several_threads(html: str, made: bytes) -> None:
    short = _page(BLOCKS[:7], "en")
    with ThreadPoolExecutor(3) as pool:
        again, one, two = pool.map(pdf.pdf, (html, short, short))
    assert again == made
    assert one == two != made


def test_a_picture_keeps_its_pixels(reader: PdfReader) -> None:
    pictures = {image.name: image.image for sheet in reader.pages for image in sheet.images}
    (picture,) = pictures.values()
    assert picture is not None
    expected = Image.open(io.BytesIO(base64.b64decode(_picture(220)))).convert("RGB")
    assert picture.convert("RGB").tobytes() == expected.tobytes()


def test_other_kinds_of_pictures_are_drawn_too() -> None:
    stream = io.BytesIO()
    Image.new("RGBA", (30, 30), (0, 0, 255, 128)).save(stream, "png")
    figure = Figure(base64.b64encode(stream.getvalue()).decode("ascii"), "Hình", "Một hình", width_mm=30)
    reader = PdfReader(io.BytesIO(pdf.pdf(_page((BLOCKS[0], figure)))))
    assert [image.image.size for sheet in reader.pages for image in sheet.images if image.image] == [(30, 30)]


LONG_REPORTS = ("province", "papi", "round", "profile", "round-profile", "audit")


@pytest.mark.long
@pytest.mark.report
@pytest.mark.parametrize("name", ["ministry", *(pytest.param(name, marks=pytest.mark.long) for name in LONG_REPORTS)])
def test_no_page_but_the_last_is_under_half_full(whole_report: Callable[[str], Rendered], name: str) -> None:
    done = whole_report(name)
    shown = Shown(done.parameters, nbformat.read(done.files["ipynb"], 4))
    filled = fills(pdf.pdf(shown.in_format("pdf").html))
    assert [(n, fill) for n, fill in enumerate(filled[:-1], 1) if fill < 0.5] == []


@pytest.mark.report
def test_a_report_is_written_as_pdf(
    write_notebook: Callable[..., Path], blocks: tuple[str, ...], tmp_path: Path
) -> None:
    about = ReportParameters(year=2023, level="ministry", output_dir=str(tmp_path / "out"))
    done = render(about, write_notebook(*blocks), to=("html", "pdf"))
    assert done.files["pdf"].name.endswith(".vi.pdf")
    text = _words("".join(sheet.extract_text() for sheet in PdfReader(done.files["pdf"]).pages))
    assert "84,38%" in text
    for block in document.shown_blocks(nbformat.read(done.files["ipynb"], 4)):
        assert all(number.text in text for number in document.numbers(block))


MISSING = """
import cffi.api
real = cffi.api.FFI.dlopen
def dlopen(self, name, flags=0):
    if name and "pango" in name:
        raise OSError(f"cannot load library {name!r}")
    return real(self, name, flags)
cffi.api.FFI.dlopen = dlopen
from parlib.publish import pdf
try:
    pdf.pdf("<html></html>")
except pdf.PdfError as error:
    print(error.text("vi")); print(error.text("en"))
"""


def test_where_pango_is_missing_the_error_names_the_packages() -> None:
    run = subprocess.run([sys.executable, "-c", MISSING], capture_output=True, text=True, check=True, encoding="utf-8")
    vietnamese, english = run.stdout.strip().splitlines()[-2:]
    for text in (vietnamese, english):
        assert "libpango-1.0-0" in text
        assert "libpangoft2-1.0-0" in text
        assert "make system" in text
    assert "thiếu thư viện" in vietnamese
