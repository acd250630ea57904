"""The door of the package: a dozen names, each from its room, and nothing heavy behind them."""

import subprocess
import sys

import pytest

import parlib


def test_the_door_hands_out_its_names():
    assert parlib.__all__
    for name in parlib.__all__:
        assert getattr(parlib, name) is not None
        assert name in dir(parlib)


def test_an_unknown_name_is_told_what_there_is():
    with pytest.raises(AttributeError, match="it hands out"):
        parlib.load_schemes  # noqa: B018


def test_neither_the_door_nor_scoring_loads_what_is_heavy():
    heavy = ["matplotlib", "seaborn", "scipy", "ibis", "duckdb", "openpyxl", "xlsxwriter", "nbconvert"]
    program = (
        "import sys, parlib, parlib.scoring, parlib.scoring.results, parlib.scoring.scheme\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
