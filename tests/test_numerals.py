"""One grammar of numbers for every door."""

from __future__ import annotations

import pytest

from parlib.errors import Problem
from parlib.tables import MARKS, Marks, Numeral, as_number, read_numeral


@pytest.mark.parametrize(
    ("written", "value"),
    [("95", 95), ("95,5", 95.5), ("0.5", 0.5), ("-2", -2), ("\u22122", -2), ("1 234,5", 1234.5), ("0,123", 0.123)],
)
def test_what_can_mean_one_thing_only_is_read(written, value):
    assert as_number(written) == value


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("1.234", "1234 or 1.234"),
        ("12,345", "12345 or 12.345"),
        ("1.234,5", "thousands separators '.'; write 1234.5"),
        ("1,234,567", "thousands separators ','; write 1234567"),
        ("1.2.3", "several points or commas"),
        ("1 2", "cannot be read"),
        ("٩٠", "the digits are 0-9"),
        ("９０", "the digits are 0-9"),
        ("1e5", "cannot be read"),
        ("nan", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_what_may_mean_two_things_or_none_is_refused(written, words):
    problem = as_number(written)
    assert isinstance(problem, Problem)
    assert words in problem.en


def test_a_declared_mark_says_what_is_meant():
    assert as_number("1,234", MARKS["comma"]) == 1.234
    assert isinstance(as_number("1.234", MARKS["comma"]), Problem)
    assert as_number("82,5%", percent=True) == 82.5


def test_a_column_shows_its_mark_by_a_number_that_cannot_have_thousands():
    def noted(*texts: str, declared: str = "") -> list[str]:
        marks = Marks(declared)
        for row, text in enumerate(texts, start=2):
            numeral = read_numeral(text)
            assert isinstance(numeral, Numeral)
            marks.note(numeral, row, text)
        return [f"{problem.row}: {problem.en}" for problem in marks.problems()]

    assert noted("987", "0.912", "1.234") == []
    assert noted("987", "1.234", declared=".") == []
    assert "1234 or 1.234" in noted("987", "1.234")[0]
    assert "are mixed" in noted("0,5", "1.234")[0]
    assert "the declared mark" in noted("0,5", declared=".")[0]
