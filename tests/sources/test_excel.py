"""Text from outside stays text, and can be had back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parlib.sources.excel import (
    LONGEST_CELL,
    Looks,
    clean_text,
    is_dangerous,
    new_workbook,
    plain_text,
    put_text,
    safe_text,
    write_frame,
)

STARTERS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u200b=1", "\ufeff@x", "＝1", "−5"]


@pytest.mark.parametrize("text", STARTERS)
def test_what_could_run_is_quoted(text: str) -> None:
    assert is_dangerous(text) and safe_text(text).startswith("'")


@pytest.mark.parametrize("text", ["Ban hành", "1.1", "a=b", "'quoted'", "", "5-7", "Điều 5 + 6"])
def test_plain_text_is_left_alone(text: str) -> None:
    assert safe_text(text) == text and plain_text(text) == text


def test_numbers_are_left_alone() -> None:
    assert safe_text(-5) == -5 and safe_text(None) is None and safe_text(1.5) == 1.5


@example("\x08=")  # a control character that cells cannot hold, before a sign
@given(st.text() | st.sampled_from(STARTERS).map(lambda text: "'" * 3 + text))
def test_safe_text_is_safe_and_gives_the_text_back(text: str) -> None:
    safe = safe_text(text)
    assert not is_dangerous(safe)
    assert plain_text(safe) == clean_text(text) or is_dangerous(text)
    if clean_text(text) == text:
        assert plain_text(safe) == text


def test_a_text_longer_than_a_cell_says_that_it_was_cut() -> None:
    cut = clean_text("x" * (LONGEST_CELL + 1))
    assert len(cut) == LONGEST_CELL and cut.endswith("[đã cắt bớt]")


def test_text_cells_keep_what_they_are_given(tmp_path: Path) -> None:
    book = new_workbook(tmp_path / "x.xlsx", "x", "x")
    looks, sheet = Looks(book), book.add_worksheet("x")
    for row, text in enumerate(STARTERS):
        put_text(sheet, row, 0, text, looks["code"], looks["q_code"])
    book.close()
    cells = openpyxl.load_workbook(tmp_path / "x.xlsx")["x"]["A"]
    assert [cell.data_type for cell in cells] == ["s"] * len(STARTERS)
    assert [cell.value for cell in cells] == [clean_text(text) for text in STARTERS]
    assert all(cell.quotePrefix for cell in cells)


def test_a_row_of_a_table_is_as_high_as_its_longest_text(tmp_path: Path) -> None:
    """15 points a line of 60 letters, breaks of lines counted; Excel takes no row higher than 409."""
    frame = pd.DataFrame({"what": ["one line", "a\nb\nc", "x" * 130, "y\n" * 100], "n": [1, 2, 3, 4]})
    write_frame(frame, tmp_path / "a.xlsx", "A")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [sheet.row_dimensions[row].height for row in range(2, 6)] == [None, 45, 45, pytest.approx(409, abs=0.5)]
    assert [cell.value for cell in sheet["B"][1:]] == [1, 2, 3, 4]


def test_a_table_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bang.xlsx"
    write_frame(pd.DataFrame({"a": ["cũ"]}), path, "Bảng")
    before = path.read_bytes()
    with pytest.raises(Exception, match="sheetname"):
        write_frame(pd.DataFrame({"a": ["mới"]}), path, "Bảng [hỏng]")
    assert path.read_bytes() == before and [file.name for file in tmp_path.iterdir()] == [path.name]
