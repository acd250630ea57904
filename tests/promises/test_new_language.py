"""A new language is one .po file: a toy language, made of the Vietnamese catalogue, speaks everywhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from parlib import places, words

TOY = "xx"
_PLACE = re.compile(r"(\{[^{}]*\})")


def toy(text: str) -> str:
    """A text in the toy language: a sign after every word of letters; places stay."""
    marked = [
        re.sub(r"([^\W\d_]+)", r"\1ʼ", piece) if n % 2 == 0 else piece for n, piece in enumerate(_PLACE.split(text))
    ]
    return "".join(marked)


def catalogue() -> str:
    """The .po file of the toy language: the translations of the Vietnamese one, each made toy."""
    entries = [
        f"msgctxt {json.dumps(context)}\nmsgid {json.dumps(msgid)}\nmsgstr {json.dumps(toy(forms[0]))}\n"
        for context in words.KEYWORDS
        for msgid, forms in words.messages("vi", context).items()
    ]
    return "\n".join(entries)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with one more file."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(Path(words.__file__).parent, folder / "parlib", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "parlib" / words.path(TOY).relative_to(Path(words.__file__).parent)
    path.parent.mkdir(parents=True)
    path.write_text(catalogue(), "utf-8")
    return folder


def command(house: Path, *arguments: str, code: int = 0) -> str:
    """What a command of the copy says."""
    own = {"PYTHONPATH": str(house), "PARLIB_HOME": str(places.home()), "PARLIB_LANGUAGE": TOY}
    done = subprocess.run(
        [sys.executable, "-m", "parlib.cli", *arguments],
        cwd=house,
        env=os.environ | own,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_help_output_and_errors_speak_it(house: Path) -> None:
    assert "Lậpʼ mộtʼ báoʼ cáoʼ." in command(house, "--help")
    assert "tiêuʼ chíʼ chấmʼ điểmʼ" in command(house, "scheme", "list")
    assert "khôngʼ" in command(house, "report", "--year", "1999", code=2)
    names = command(house, "table", "--year", "2023", "--level", "ministry")
    assert "Ministry of Justice" in names  # the data has two names: another language than Vietnamese reads English


@pytest.mark.heavy
def test_a_whole_report_speaks_it(house: Path, tmp_path: Path) -> None:
    asked = ("report", "--year", "2023", "--level", "ministry", "--to", "html,xlsx", "--language", TOY)
    command(house, *asked, "--output-dir", str(tmp_path))
    folder = tmp_path / "2023" / "ministry" / TOY
    page = (folder / f"ministry.{TOY}.html").read_text("utf-8")
    assert f'lang="{TOY}"' in page and "Bảngʼ 1." in page and "89,95" in page and "Ministry of Justice" in page
    book = load_workbook(folder / f"ministry.{TOY}.xlsx")
    assert "Mụcʼ lụcʼ" in book.sheetnames
    assert json.loads((folder / f"ministry.{TOY}.json").read_text("utf-8"))["parameters"]["language"] == TOY
