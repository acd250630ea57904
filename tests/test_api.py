"""docs/api.md says what the docstrings say, and its examples run."""

import importlib.util
from pathlib import Path

import matplotlib as mpl
import pytest

import parlib

TOP = Path(__file__).resolve().parent.parent
PAGE = (TOP / "docs" / "api.md").read_text("utf-8")
ANEW = "out of date: .venv/bin/python .ci/api.py"


@pytest.fixture(scope="module")
def api():
    spec = importlib.util.spec_from_file_location("api", TOP / ".ci" / "api.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_docstrings_say(api):
    told = [line for line in PAGE.splitlines() if line and not line.startswith(api.RUN)]
    assert [line for line in api.page().splitlines() if line] == told, ANEW


def test_the_page_has_every_name_and_an_example_of_every_question(api):
    for name in parlib.__all__:
        assert f"\n## parlib.{name}" in PAGE, name
    asked = [name for name, member in vars(parlib.Year).items() if callable(member) and not name.startswith("_")]
    assert len(asked) > 40
    for name in asked:
        assert f"\n### Year.{name}(" in PAGE, name
    for section in PAGE.split("\n### Year.")[1:]:
        assert "```python" in section, section.splitlines()[0]


@pytest.mark.long
def test_the_examples_answer_what_the_page_says(api, shared_rounds):
    mpl.use("Agg")
    assert api.page(shared_rounds).splitlines() == PAGE.splitlines(), ANEW
