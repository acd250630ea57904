"""docs/vi: every command on its pages is one, the cheap ones run, and the pictures are there and small."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer
from babel.messages.pofile import read_po

from parlib import cli, places

TOP = Path(__file__).resolve().parent.parent
MANUAL = TOP / "docs" / "vi"
PAGES = [*sorted(MANUAL.glob("*.md")), TOP / "README.vi.md", TOP / "docs" / "windows.md"]
CHEAP = {"list", "stats", "table", "level"}


def commands(page):
    """The lines of code of a page that begin with ``parlib``, without what is said after them."""
    text = page.read_text("utf-8")
    for fenced in re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        text += re.sub("^", "    ", fenced, flags=re.MULTILINE)
    for line in re.findall(r"^ {4,}(parlib [a-z].*)", text, re.MULTILINE):
        yield re.split(r"\s+# ", line)[0]


TYPED = sorted({line for page in PAGES for line in commands(page)})


def parsed(line):
    """The command of a line with its options, as the command line reads them."""
    command, words = typer.main.get_command(cli.app), shlex.split(line)[1:]
    context = command.context_class(command, info_name="parlib")
    while hasattr(command, "resolve_command") and words != ["--help"]:
        name, command, words = command.resolve_command(context, words)
        context = command.context_class(command, info_name=name, parent=context)
    if "--help" not in words:  # which would print it
        command.parse_args(context, words)
    return context


@pytest.mark.few(30)
@pytest.mark.parametrize("line", TYPED)
def test_what_is_typed_is_a_command(line):
    assert parsed(line).command_path.startswith("parlib ")


def test_a_command_or_option_that_is_none_is_noticed():
    for line, told in {
        "parlib raport": "raport",
        "parlib table --yaer 1": "--yaer",
        "parlib stats --year a": "a",
    }.items():
        with pytest.raises(Exception, match=told):
            parsed(line)


def runs(line):
    words = shlex.split(line)[1:]
    return words[0] in CHEAP and not re.search(r"\bnew\b|--help", line)


@pytest.mark.few(3)
@pytest.mark.parametrize("line", [line for line in TYPED if runs(line)])
def test_what_is_cheap_runs_as_it_stands(line, type_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, printed, told = type_in(*shlex.split(line)[1:])
    assert code == 0, told
    named = re.search(r"--out (\S+)", line)
    assert (tmp_path / named[1]).stat().st_size > 1000 if named else printed.strip()


def test_the_index_leads_to_every_page():
    index = (MANUAL / "README.md").read_text("utf-8")
    for page in MANUAL.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index, page.name


def test_pictures_are_shown_small_and_made_by_the_script():
    script = (TOP / ".ci" / "pictures.py").read_text("utf-8")
    shown = "".join(page.read_text("utf-8") for page in MANUAL.glob("*.md"))
    for picture in MANUAL.glob("*.png"):
        assert picture.stat().st_size < 150_000, picture.name
        assert f"({picture.name})" in shown, picture.name
        assert f'"{picture.stem}"' in script, picture.name


def test_messages_are_quoted_as_they_are_said():
    """What stands in quotes in the first column of a table is said by parlib, in these words."""
    path = TOP / "parlib" / "locale" / "vi" / "LC_MESSAGES" / "parlib.po"
    with path.open("rb") as file:
        said = " ".join(str(message.string) for message in read_po(file))
    tables = re.findall(r'^\| ("[^|]*) \|', "\n".join(page.read_text("utf-8") for page in PAGES), re.MULTILINE)
    quoted = [part.strip() for row in tables for text in re.findall(r'"([^"]+)"', row) for part in text.split("…")]
    assert len(quoted) > 20
    assert [part for part in quoted if part not in said] == []


def test_the_first_day_finds_what_its_page_names(tmp_path, monkeypatch):
    """A workbook of its own has a workbench with start_here in it, which makes its round for practice."""
    shutil.copytree(places.notebooks(), tmp_path / "notebooks")
    monkeypatch.setenv("PARLIB_HOME", str(tmp_path))
    from parlib.publish import workbench

    copy = (workbench.folder() / "start_here.ipynb").read_text("utf-8")
    assert "round=parlib.practice_round()" in copy
