"""How wide text and columns are: by hand from the widths of the letters, and against the real letters."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlib.publish.word.widths import BOLD, PADDING, Column, fitted, lines, longest_word, narrowest, width

POINT = 25.4 / 72
TINOS = Path("/usr/share/fonts/truetype/croscore")
SENTENCE = "Xây dựng và phát triển chính quyền điện tử, chính quyền số; mức độ hài lòng ở ĐBSCL: ưỡn ẹo, Ủy ban"


def test_the_width_of_a_number_is_that_of_its_signs() -> None:
    """Four digits of half a size and a comma of a quarter: 2.25 sizes."""
    assert width("84,38", 10) == pytest.approx(2.25 * 10 * POINT)
    assert width("−1,20", 10) == pytest.approx((0.564 + 1.75) * 10 * POINT)


def test_marks_on_letters_take_no_room() -> None:
    assert width("ếộẵ", 12) == width("eoa", 12)


@pytest.mark.skipif(not TINOS.is_dir(), reason="needs the fonts of the documents (make system)")
def test_widths_are_those_of_the_real_letters() -> None:
    from PIL import ImageFont

    for name, factor in (("Regular", 1.0), ("Bold", BOLD)):
        font = ImageFont.truetype(str(TINOS / f"Tinos-{name}.ttf"), 1000)
        for text in (SENTENCE, "84,38", "+12,05", "Bà Rịa - Vũng Tàu", "Thừa Thiên Huế"):
            real = font.getlength(text) / 1000 * 11 * POINT
            assert 0.97 * real < width(text, 11) * factor < 1.12 * real, (name, text)


def test_lines_are_counted_as_they_break() -> None:
    """At 10 points "aa" takes 3.13 mm, a space 0.88: two words fit 8 mm, three do not."""
    assert [lines(" ".join(["aa"] * n), 8, 10) for n in (1, 2, 3, 4, 5)] == [1, 1, 2, 2, 3]
    assert lines("a" * 20, 8, 10) == 4  # 31.3 mm without a space


def test_the_narrowest_room_breaks_no_word() -> None:
    assert narrowest("aa aa aa", 10, 3) == pytest.approx(longest_word("aa aa aa", 10))
    assert narrowest("aa aa aa", 10, 2) == pytest.approx(width("aa aa", 10))
    assert narrowest("aa aa aa", 10, 1) == pytest.approx(width("aa aa aa", 10))


def _columns(n: int, number: str = "84,38") -> list[Column]:
    return [Column("Đơn vị", ["Hà Nội", "Thừa Thiên Huế"], False), *[Column("Số", [number], True)] * n]


def test_columns_fill_the_room_and_numbers_stay_whole() -> None:
    found = fitted(_columns(5), 165, 11)
    assert found is not None
    assert sum(found) == pytest.approx(165)
    assert min(found[1:]) >= width("84,38", 11) + PADDING
    assert found[0] >= width("Thừa Thiên Huế", 11) + PADDING


def test_too_many_columns_do_not_fit() -> None:
    """A number takes 7.14 + 2.7 mm at 9 points, the names about 23.5 + 2.7: 14 of them fit 165 mm, 15 do not."""
    assert fitted(_columns(14), 165, 9) is not None
    assert fitted(_columns(15), 165, 9) is None


@given(
    st.lists(st.tuples(st.text("aế −5,", max_size=30), st.text("aế 5", max_size=80), st.booleans()), min_size=1),
    st.floats(40, 260),
)
def test_what_fits_fills_the_room_exactly(drawn: list[tuple[str, str, bool]], room: float) -> None:
    columns = [Column(head, [cell], is_number) for head, cell, is_number in drawn]
    found = fitted(columns, room, 9)
    if found is not None:
        assert sum(found) == pytest.approx(room)
        for column, given_width in zip(columns, found, strict=True):
            if column.is_number:
                assert given_width >= width(column.cells[0], 9)
