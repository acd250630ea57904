"""The widths of columns on paper: everything that must fit does, and the first way that holds it is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from parlib import places
from parlib.publish.document import MM_OF_POINT, CellText, Setting, fitted, lines, needs, squeezed, text_width
from parlib.publish.pdf import SETTINGS

PAPER = Setting("", 9.5, 175, 3.0)


def _table(*rows: tuple[str, ...], heads: tuple[str, ...]) -> list[CellText]:
    cells = [CellText(head, j, is_head=True, is_bold=True) for j, head in enumerate(heads)]
    return cells + [CellText(text, j, is_whole=j > 0) for row in rows for j, text in enumerate(row)]


def _style(cells: list[CellText], n_columns: int) -> str | None:
    """The first way of a PDF that holds the columns; ``None`` where none does."""
    asked = needs(cells, n_columns)
    return next((setting.style for setting in SETTINGS if fitted(asked, setting)), None)


def test_an_accent_above_or_below_adds_no_width() -> None:
    assert text_width("Hạng ế") == text_width("Hang e") == pytest.approx(0.72 + 0.44 + 2 * 0.5 + 0.25 + 0.44)
    assert text_width("84,38") == pytest.approx(4 * 0.5 + 0.25)  # four digits and a comma
    assert text_width("đ") == 0.5


def test_bold_letters_have_widths_of_their_own() -> None:
    """Of Tinos Bold: R 0.72, a 0.50, n and k 0.56. Eight percent on the regular ones broke "Rank" over two lines."""
    assert text_width("Rank", bold=True) == pytest.approx(0.72 + 0.50 + 2 * 0.56)
    assert text_width("84,38", bold=True) == text_width("84,38")
    rows = [(f"{n}. {'a dimension of a long name ' * 3}", f"{n}", "5,39", "+0,41", "Quảng Ninh") for n in range(9)]
    cells = _table(*rows, heads=("Whole", "Rank", "Against the mean (points)", "Against the best (points)", "Best is"))
    widths = fitted(needs(cells, 5), PAPER)
    assert widths is not None
    assert widths[1] >= 2.34 * 9.5 * MM_OF_POINT + 3


@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_those_of_the_real_letters(bold: bool) -> None:
    """Letter by letter: "ứ" is wider than "u" by its horn. Widths are kept in hundredths of the size."""
    font = ImageFont.truetype(places.font(f"Tinos-{'Bold' if bold else 'Regular'}"), 1000)
    for letter in "aăằâậeêếiìoôộơờớợuưứừựyýđĐƯỪƠ0,5−–%":
        assert text_width(letter, bold) == pytest.approx(font.getlength(letter) / 1000, abs=0.006), letter
    sentence = "Xây dựng và phát triển chính quyền điện tử, chính quyền số; ở ĐBSCL: ưỡn ẹo, Ủy ban"
    for text in (sentence, "84,38", "+12,05", "Bà Rịa - Vũng Tàu", "Thừa Thiên Huế"):
        assert text_width(text, bold) == pytest.approx(font.getlength(text) / 1000, rel=0.02), text


def test_lines_are_counted_as_they_break() -> None:
    """At 10 points "aa" takes 3.10 mm, a space 0.88: two words fit 8 mm, three do not."""
    assert [lines(" ".join(["aa"] * n), 8, 10) for n in (1, 2, 3, 4, 5)] == [1, 1, 2, 2, 3]
    assert lines("a" * 20, 8, 10) == 4  # 31.0 mm without a space


def test_widths_fill_the_page_and_hold_every_number() -> None:
    asked = needs(_table(("Đà Nẵng", "1234567890,12"), ("Hà Nội", "1,00"), heads=("Đơn vị", "Điểm")), 2)
    widths = fitted(asked, PAPER)
    assert widths is not None
    assert sum(widths) == pytest.approx(175)
    # 12 digits and a comma of 9.5 points, and 3 mm around them
    assert widths[1] >= (12 * 0.5 + 0.25) * 9.5 * MM_OF_POINT + 3


@pytest.mark.parametrize(("n_columns", "style"), [(6, ""), (16, "small"), (24, "wide"), (36, "wide small"), (40, None)])
def test_more_columns_ask_for_smaller_letters_then_for_a_page_on_its_side(n_columns: int, style: str | None) -> None:
    # a number of 2.25 letters is 7.7 + 3 mm wide at 9.5 points (16 on 175 mm), 6.5 + 2 at 8 points (20),
    # 7.3 + 2.4 at 9 points on the long side (27), 5.7 + 1.6 at 7 points (36): then words and numbers are squeezed
    cells = _table(("A", *["84,38"] * n_columns), heads=("", *["B"] * n_columns))
    assert _style(cells, n_columns + 1) == style
    assert sum(squeezed(needs(cells, n_columns + 1), SETTINGS[-1])) == pytest.approx(267)


def test_a_long_text_gets_what_numbers_do_not_need() -> None:
    text = "một văn bản rất dài " * 20
    widths = fitted(needs(_table((text, "1,00", "2,00"), heads=("Nội dung", "Số", "Số")), 3), PAPER)
    assert widths is not None
    assert widths[0] > 0.8 * 175


def test_an_address_does_not_turn_the_page() -> None:
    assert _style(_table(("https://" + "a" * 300, "1"), heads=("Địa chỉ", "Số")), 2) == ""


def test_a_head_over_columns_makes_room_for_itself_in_all_of_them() -> None:
    spanning = CellText("Nghiêng " * 3, 0, span=3, is_head=True, is_bold=True)
    cells = [spanning, *(CellText("1", j, is_whole=True) for j in range(3))]
    assert fitted(needs(cells, 3), PAPER) == pytest.approx([175 / 3] * 3)


@given(
    st.lists(st.tuples(st.text("aế −5,", max_size=30), st.text("aế 5", max_size=80), st.booleans()), min_size=1),
    st.floats(40, 260),
)
def test_what_fits_fills_the_room_exactly(drawn: list[tuple[str, str, bool]], room: float) -> None:
    cells = [
        cell
        for n, (head, text, is_number) in enumerate(drawn)
        for cell in (CellText(head, n, is_head=True, is_bold=True), CellText(text, n, is_whole=is_number))
    ]
    widths = fitted(needs(cells, len(drawn)), Setting("", 9, room, 2.7))
    if widths is not None:
        assert sum(widths) == pytest.approx(room)
        for (_, text, is_number), width in zip(drawn, widths, strict=True):
            assert not is_number or width >= text_width(text) * 9 * MM_OF_POINT
