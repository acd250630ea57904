"""Sheets: every Vietnamese letter, true colours, lines that fit, colours that hold without colour."""

import io
import unicodedata
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from parlib.report import points, style
from parlib.scoring import units

VOWELS = "aăâeêioôơuưy"
TONES = "\u0300\u0309\u0303\u0301\u0323"  # grave, hook above, tilde, acute, dot below


def picture(sheet):
    return np.asarray(Image.open(io.BytesIO(points.png(sheet.svg()))).convert("RGB"))


def luminance(colour):
    """The relative luminance of WCAG 2: a third linear, two thirds of a power, weighed red, green, blue."""
    channels = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def lightness(colour):
    """CIE L*: how light a colour is to the eye, and on a black-and-white printer."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_the_font_has_every_vietnamese_letter_and_sign(weight):
    letters = {unicodedata.normalize("NFC", v + t) for v in VOWELS for t in ["", *TONES]}
    letters |= {letter.upper() for letter in letters} | set("đĐ" + "0123456789.,%()/:;–−+…▲▼=\"'&ᵃᵇᶜᵈᵉᶠ")
    assert len(letters) > 150
    with style.new_sheet(10) as sheet:  # a letter that the font lacks is an error in tests
        sheet.write(5, 5, sorted(letters), weight=weight)
        with pytest.raises(UserWarning, match="missing"):
            sheet.write(5, 5, "\ue123", weight=weight)  # of no font


def test_decomposed_letters_are_drawn_as_composed_ones():
    composed = "Đồng Tháp"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert style.text_width(composed) == style.text_width(decomposed)


def test_a_sheet_has_the_size_it_was_asked_for_and_true_colours():
    with style.new_sheet(50, 100) as sheet:
        axes = sheet.axes(20, 10, 5, 5)
        axes.barh([0], [1], color=style.UP)
        axes.set_axis_off()
        drawn = picture(sheet)
    assert drawn.shape == (int(50 * style.MM * style.DPI), int(100 * style.MM * style.DPI), 3)
    assert tuple(drawn[2, 2]) == (255, 255, 255)
    wanted = np.array(mpl.colors.to_rgb(style.UP)) * 255
    middle = drawn[drawn.shape[0] // 2, drawn.shape[1] // 2]
    assert np.abs(middle - wanted).max() <= 1


def test_settings_of_the_session_neither_reach_the_sheet_nor_are_changed():
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        with style.new_sheet(20) as sheet:
            assert mpl.rcParams["axes.facecolor"] == "white"
            loud = points.png(sheet.svg())
        assert mpl.rcParams["font.size"] == 30
    with style.new_sheet(20) as sheet:
        assert points.png(sheet.svg()) == loud


def test_lines_are_broken_where_words_and_hyphens_allow():
    text = style.wrapped("Xây dựng và phát triển chính quyền điện tử, chính quyền số", 25)
    assert text.count("\n") >= 3
    assert text.replace("\n", " ") == "Xây dựng và phát triển chính quyền điện tử, chính quyền số"
    assert all(style.text_width(line) <= 25 for line in text.split("\n"))
    assert style.wrapped("Transparency of decision-making", 20) == "Transparency\nof decision-\nmaking"


def test_every_province_fits_beside_its_bar():
    assert max(style.text_width(unit.name_vi, style.SMALL) for unit in units.units("province", "63")) < 30


def test_ordered_colours_are_ordered_without_colour():
    ladder = [lightness(colour) for colour in style.ORDERED]
    assert all(lighter - darker > 6 for darker, lighter in pairwise(ladder))
    scale = [lightness(style.SCALE(x)[:3]) for x in np.linspace(0, 1, 20)]
    assert all(lighter > darker for lighter, darker in pairwise(scale))


def test_parts_and_directions_are_told_apart_without_colour():
    shades = [lightness(colour) for colour, hatch in style.PARTS if not hatch]
    assert all(lighter - darker > 15 for darker, lighter in pairwise(shades))
    assert lightness(style.DOWN) - lightness(style.UP) > 25


@pytest.mark.parametrize("place", np.linspace(0, 1, 9))
def test_words_on_a_colour_can_be_read(place):
    ground = style.SCALE(place)[:3]
    words = style.readable_on(ground)
    high, low = sorted((luminance(ground), luminance(words)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.0


@pytest.mark.parametrize("scale", [style.CELLS, style.AROUND])
def test_numbers_in_coloured_cells_have_contrast(scale):
    for shade in scale(np.linspace(0, 1, 256))[:, :3]:
        low, high = sorted((luminance(shade), luminance(style.readable_on(shade))))
        assert (high + 0.05) / (low + 0.05) >= 4.5
