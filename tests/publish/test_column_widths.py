"""The widths of columns on paper: everything that must fit does, and the first way that holds it is taken."""

from __future__ import annotations

import pytest

from parlib.publish.column_widths import MM_OF_POINT, Cell, layout, text_width


def _table(*rows: tuple[str, ...], heads: tuple[str, ...]) -> list[Cell]:
    cells = [Cell(head, j, is_head=True, is_bold=True) for j, head in enumerate(heads)]
    return cells + [Cell(text, j, is_whole=j > 0) for row in rows for j, text in enumerate(row)]


def test_a_letter_with_accents_is_as_wide_as_without() -> None:
    assert text_width("Hạng ế") == text_width("Hang e") == pytest.approx(0.72 + 0.44 + 2 * 0.5 + 0.25 + 0.44)
    assert text_width("84,38") == pytest.approx(4 * 0.5 + 0.25)  # four digits and a comma
    assert text_width("đ") == 0.5


def test_bold_letters_have_widths_of_their_own() -> None:
    """Of Tinos Bold: R 0.72, a 0.50, n and k 0.56. Eight percent on the regular ones broke "Rank" over two lines."""
    assert text_width("Rank", bold=True) == pytest.approx(0.72 + 0.50 + 2 * 0.56)
    assert text_width("84,38", bold=True) == text_width("84,38")
    rows = [(f"{n}. {'a dimension of a long name ' * 3}", f"{n}", "5,39", "+0,41", "Quảng Ninh") for n in range(9)]
    cells = _table(*rows, heads=("Whole", "Rank", "Against the mean (points)", "Against the best (points)", "Best is"))
    assert layout(cells, 5).shares[1] * 175 >= 2.34 * 9.5 * MM_OF_POINT + 3


def test_shares_are_of_one_whole_and_hold_every_number() -> None:
    chosen = layout(_table(("Đà Nẵng", "1234567890,12"), ("Hà Nội", "1,00"), heads=("Đơn vị", "Điểm")), 2)
    assert chosen.style == ""
    assert sum(chosen.shares) == pytest.approx(1)
    # 12 digits and a comma of 9.5 points, and 3 mm around them, on a page 175 mm wide
    assert chosen.shares[1] * 175 >= (12 * 0.5 + 0.25) * 9.5 * MM_OF_POINT + 3


@pytest.mark.parametrize(("n_columns", "style"), [(6, ""), (16, "small"), (24, "wide"), (40, "wide small")])
def test_more_columns_ask_for_smaller_letters_then_for_a_page_on_its_side(n_columns: int, style: str) -> None:
    # a number of 2.25 letters is 7.7 + 3 mm wide at 9.5 points (16 on 175 mm), 6.5 + 2 at 8 points (20),
    # 7.3 + 2.4 at 9 points on the long side (27), 5.7 + 1.6 at 7 points (36): then words and numbers are squeezed
    chosen = layout(_table(("A", *["84,38"] * n_columns), heads=("", *["B"] * n_columns)), n_columns + 1)
    assert chosen.style == style
    assert sum(chosen.shares) == pytest.approx(1)


def test_a_long_text_gets_what_numbers_do_not_need() -> None:
    text = "một văn bản rất dài " * 20
    chosen = layout(_table((text, "1,00", "2,00"), heads=("Nội dung", "Số", "Số")), 3)
    assert chosen.style == ""
    assert chosen.shares[0] > 0.8


def test_an_address_does_not_turn_the_page() -> None:
    cells = _table(("https://" + "a" * 300, "1"), heads=("Địa chỉ", "Số"))
    assert layout(cells, 2).style == ""


def test_a_head_over_columns_makes_room_for_itself_in_all_of_them() -> None:
    spanning = Cell("Nghiêng " * 3, 0, span=3, is_head=True, is_bold=True)
    cells = [spanning, *(Cell("1", j, is_whole=True) for j in range(3))]
    assert layout(cells, 3).shares == pytest.approx([1 / 3] * 3)
