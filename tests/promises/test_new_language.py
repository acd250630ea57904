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
_PLACE = re.compile(r"(\{(?:[^{}]|\{[^{}]*\})*\})")


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


@pytest.mark.long
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
    page = (folder / f"PAR-INDEX-2023-bo.{TOY}.html").read_text("utf-8")
    assert f'lang="{TOY}"' in page and "Bảngʼ 1." in page and "89,95" in page and "Ministry of Justice" in page
    book = load_workbook(folder / f"PAR-INDEX-2023-bo.{TOY}.xlsx")
    assert "Tổngʼ quanʼ" in book.sheetnames
    record = json.loads((folder / f"PAR-INDEX-2023-bo.{TOY}.json").read_text("utf-8"))
    assert record["parameters"]["language"] == TOY
    assert record["numbers"]["worked_out_again"] > 0 and not record["numbers"]["claims_read"]
    assert f"parlib/locale/{TOY}/reading.yaml" in command(house, "verify", str(folder))


@pytest.mark.long
def test_a_form_and_a_workbook_of_a_scheme_speak_it_and_are_read(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))
    path = tmp_path / "scheme.xlsx"
    command(house, "scheme", "export", "876-ministry", "--to", str(path))
    book = load_workbook(path)
    tree = book["Tiêuʼ chíʼ"]
    heads = {cell.value: cell.column for cell in tree[1]}
    assert {"Mãʼ", "Điểmʼ tốiʼ đaʼ", "Cáchʼ tínhʼ điểmʼ"} <= set(heads)
    assert "Quyʼ ướcʼ" in {cell.value for cell in book["Hướngʼ dẫnʼ"]["A"]}
    assert "876-ministry" in command(house, "scheme", "check", str(path))
    tree.cell(4, heads["Cáchʼ tínhʼ điểmʼ"]).value = "Cáchʼ"
    book.save(path)
    assert "thiếuʼ" in command(house, "scheme", "check", str(path), code=1)

    command(house, "round", "new", "--id", "r", "--year", "2023", "--level", "ministry", "--scheme", "876-ministry")
    command(house, "form", "--round", "r", "--unit", "bo-y-te", "--out", str(tmp_path))
    form = tmp_path / "r.bo-y-te.self.xlsx"
    book = load_workbook(form)
    sheet = book["Phiếuʼ chấmʼ điểmʼ"]
    heads = {cell.value: cell.column for cell in sheet[4]}
    answer, check = heads["Kếtʼ quảʼ"], heads["Kiểmʼ traʼ"]
    row = next(row for row in range(6, 99) if sheet.cell(row, answer).number_format.startswith('#,##0.######"%"'))
    assert "Chưaʼ nhậpʼ" in sheet.cell(row, check).value and "Thiếuʼ tàiʼ liệuʼ" in sheet.cell(row, check).value
    assert "CỘNGʼ HÒAʼ" in str(book["Bìaʼ"]["D1"].value) and "Ministry of Health".upper() in book["Bìaʼ"]["A1"].value
    sheet.cell(row, answer).value = 85.5
    sheet.cell(row + 1, heads["Khôngʼ ápʼ dụngʼ"]).value = "Khôngʼ ápʼ dụngʼ"
    book.save(form)
    command(house, "round", "import", "r", str(form))
    assert "85.5" in (tmp_path / "rounds" / "r" / "answers.csv").read_text("utf-8")
