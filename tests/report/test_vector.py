"""Drawings as SVG: their letters are text, their clips and hatches are worked out, and nothing refers to anything."""

import io
import re
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
from PIL import Image

from parlib.publish import pdf
from parlib.publish.pdf import Drawing
from parlib.report import points, style
from parlib.report.blocks import Figure

pdfium = pytest.importorskip("pypdfium2")
HARD = "Đắk Nông, Ðà Nẵng: ễ ử ượ ẫ − ▲ ▼ ● ✓"


def drawn(draw, high=40.0, wide=100.0):
    with style.new_sheet(high, wide) as sheet:
        draw(sheet)
        return sheet.svg()


def in_mm(sheet):
    """Axes without lines of their own over the whole sheet, in mm from its top left corner."""
    axes = sheet.figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0))
    return axes


def points_of(way):
    """The points of a path of lines: the first absolute, each other told from the one before."""
    points, at = [], (0, 0)
    for sign, x, y in re.findall(r"([MmlcqzZ]?)(-?\d+) ?(-?\d+)", way):
        at = (int(x), int(y)) if sign == "M" else (at[0] + int(x), at[1] + int(y))
        points.append(at)
    return points


def in_pdf(svg):
    """The only page of a PDF that has the drawing, 100 mm wide."""
    figure = Figure("", "", "Hình", svg=svg, width_mm=100)
    page = f'<html lang="vi"><head><title>x</title></head><body><main>{figure.to_html()}</main></body></html>'
    return pdfium.PdfDocument(pdf.pdf(page))[0]


def test_lines_of_one_look_are_one_path_and_each_stands_where_it_was_drawn():
    svg = drawn(lambda sheet: in_mm(sheet).hlines([10, 20, 30], 5, 50, color="#123456"))
    (way,) = re.findall(r'stroke="#123456"[^>]* d="([^"]*)"', svg)
    wanted = [(x, y) for y in (10, 20, 30) for x in (5, 50)]
    assert np.allclose(np.array(points_of(way)) / 720 * 25.4, wanted, atol=0.05)
    paths = in_pdf(svg).get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_PATH])
    (left, _, _, top), (x0, y0, x1, y1) = (path.get_bounds() for path in paths)  # the sheet, and the lines
    middle = ((x0 + x1) / 2 - left, top - (y0 + y1) / 2)
    assert np.array(middle) / 72 * 25.4 == pytest.approx((27.5, 20), abs=0.05)
    assert np.array([x1 - x0, y1 - y0]) / 72 * 25.4 == pytest.approx((45, 20), abs=1.2)  # with the ends of the stroke


def test_letters_are_text_and_stand_where_they_are_written():
    root = fromstring(drawn(lambda sheet: sheet.write(100, 10, "Thừa Thiên Huế\n45,10", align="right")))
    first, second = root.iter("{http://www.w3.org/2000/svg}text")
    assert (first.text, second.text) == ("Thừa Thiên Huế", "45,10")
    assert float(first.get("x")) == pytest.approx(100 / 25.4 * 720, abs=1)  # tenths of a point
    # two lines of eight points around 10 mm: 1.25 sizes apart
    assert float(second.get("y")) - float(first.get("y")) == pytest.approx(100, abs=1)


def test_no_drawing_has_a_name_that_another_on_the_page_may_have():
    def draw(sheet):
        axes = sheet.axes(10, 10, 5, 10)
        axes.set(xlim=(0, 10), ylim=(0, 3))
        axes.grid(axis="x")
        style.bars(axes, np.array([1.0]), np.array([5.0]), colour="#123456", hatch="xxxx", edge="#000000")
        axes.scatter([1, 2, 3], [1, 2, 3])

    svg = drawn(draw)
    assert not re.search(r"\sid=|url\(|<style|<use|href", svg)
    assert svg == drawn(draw)


def test_hatches_end_at_the_edge_of_what_they_fill():
    def draw(sheet):
        style.bars(in_mm(sheet), np.array([10.0]), np.array([20.0]), 30.0, colour="#ffffff", height=10, hatch="////")

    lines = re.findall(r'd="([^"]*)"', drawn(draw))[-1]
    points = [(x / 720 * 25.4, y / 720 * 25.4) for x, y in points_of(lines)]
    assert len(points) > 20
    low, high = np.min(points, axis=0), np.max(points, axis=0)
    assert low == pytest.approx((30, 5), abs=0.2)
    assert high == pytest.approx((50, 15), abs=0.2)


def test_what_is_hatched_and_has_no_extent_is_left_out():
    def draw(sheet):
        style.bars(in_mm(sheet), np.array([10.0]), np.array([20.0]), 30.0, colour="#ffffff", height=0, hatch="////")
        in_mm(sheet).fill([], [], hatch="...", facecolor="#ffffff", edgecolor="#000000")

    assert "nan" not in drawn(draw)


def test_what_lies_outside_the_axes_is_not_drawn():
    def draw(sheet):
        axes = sheet.axes(10, 10, 5, 5)
        axes.set(xlim=(0, 10), ylim=(0, 10))
        axes.set_axis_off()
        axes.fill([-100, 100, 100, -100], [2, 2, 4, 4], color="#abcdef")

    (way,) = re.findall(r'fill="#abcdef"[^>]* d="([^"]*)"', drawn(draw))
    assert min(points_of(way))[0] == pytest.approx(10 / 25.4 * 720, abs=1)


def test_a_pdf_has_the_letters_of_a_drawing_those_too_that_arimo_lacks(tmp_path):
    text = in_pdf(drawn(lambda sheet: [sheet.write(5, 10, HARD), sheet.watermark("MÔ PHỎNG")]))
    text = text.get_textpage().get_text_range()
    assert set(HARD.replace(" ", "")) <= set(text)
    assert "Nông" in text


def test_a_drawing_is_as_large_in_a_pdf_as_on_paper():
    drawing = Drawing.of(drawn(lambda sheet: None, high=25.4, wide=50.8), None)
    assert drawing.get_intrinsic_size(1, 16) == pytest.approx((192, 96, 2))


@pytest.mark.parametrize("high", [14.0, 22.0, 45.0, 90.0])
def test_a_watermark_is_whole_on_the_lowest_sheet(high):
    with style.new_sheet(high, 170.0) as sheet:
        sheet.watermark("SỐ LIỆU MÔ PHỎNG")
        picture = Image.open(io.BytesIO(points.png(sheet.svg()))).convert("L")
    pixels = np.asarray(picture)
    assert (pixels < 250).any()
    assert (pixels[[0, -1]] > 250).all() and (pixels[:, [0, -1]] > 250).all()  # nothing runs over an edge


def painted(svg):
    """The drawing in points, red, green and blue, and how many of them are a millimetre."""
    return np.asarray(Image.open(io.BytesIO(points.png(svg))).convert("RGB")).astype(int), points.DPI / 25.4


def test_points_are_painted_where_the_lines_are():
    """Two lines of one look are one path, whose second begins at a place of its own; 0.5 mm are 3.5 points."""
    svg = drawn(
        lambda sheet: sheet.page.lines([((20, y), (60, y)) for y in (10, 30)], colour="#123456", width=0.5 * 72 / 25.4)
    )
    pixels, mm = painted(svg)
    inked = np.argwhere(pixels.sum(axis=2) < 460) / mm  # half of the line's colour and half of the paper's
    for height in (10, 30):
        line = inked[np.abs(inked[:, 0] - height) < 5]
        assert line[:, 1].min() == pytest.approx(20, abs=0.2)
        assert line[:, 1].max() == pytest.approx(60, abs=0.2)
        assert np.ptp(line[:, 0]) == pytest.approx(0.5, abs=0.25)
    assert (np.abs(inked[:, 0] - 10) < 1).sum() + (np.abs(inked[:, 0] - 30) < 1).sum() == len(inked)


def test_letters_are_painted_as_wide_as_they_are_measured_on_their_side_of_a_place():
    for align, left, right in (("left", 50, None), ("right", None, 50)):
        pixels, mm = painted(drawn(lambda sheet, align=align: sheet.write(50, 20, "Thừa Thiên Huế", align=align)))
        across = np.flatnonzero((pixels.sum(axis=2) < 500).any(axis=0)) / mm
        width = style.text_width("Thừa Thiên Huế")
        assert across.min() == pytest.approx(left if left else right - width, abs=0.5)
        assert across.max() == pytest.approx(right if right else left + width, abs=0.5)


def test_a_picture_of_many_colours_has_256_of_them_near_its_own():
    shades = np.array([(r, 255 - r, b) for r in range(0, 256, 6) for b in range(0, 256, 6)])

    def draw(sheet):
        across = np.linspace(0, 100, 44)
        in_mm(sheet).pcolormesh(across, across * 0.4, shades.reshape(43, 43, 3) / 255)

    pixels, _ = painted(drawn(draw))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) <= 256
    high, wide = np.array(pixels.shape[:2]) / 43
    middles = [pixels[int((y + 0.5) * high), int((x + 0.5) * wide)] for y in range(43) for x in range(43)]
    assert np.abs(np.array(middles) - shades).mean() < 12


def test_what_is_no_drawing_of_ours_is_not_painted_in_part():
    with pytest.raises(ValueError, match="image"):
        points.png('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><image/></svg>')
