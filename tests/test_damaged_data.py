"""Every table of ``data/`` damaged in every way, through the command line: a clear error, and nothing else changes.

All tables with all damages are tried by ``make test-all``; each damage with some tables, and once in a process of its
own, by ``make test``.
"""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys

import pytest

from parlib import cli, data_tables, places
from parlib.data_tables import FILE, differences, listed, names_in, read
from parlib.errors import DataError
from parlib.layouts import LAYOUTS

FILES = names_in(places.data())
TABLES = [name for name in FILES if name in LAYOUTS]


def test_every_table_of_data_has_a_layout_and_every_layout_a_table():
    assert sorted(LAYOUTS) == TABLES == [name for name in FILES if name.endswith(".csv")]


# --- damages: the content of a file -> its damaged content, and the row that the error must name ----------------


def lines(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def written(rows):
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode("utf-8")


def columns(name, kinds=(), refers=()):
    results = [c.name for c in LAYOUTS[name].columns if c.kind in kinds or (c.refers and c.refers in refers)]
    return [column for column in results if column != "year"]


def a_cell(rows, names, number=False):
    """The place of a cell with content in one of the columns, about the middle of the table."""
    for row in [*range(len(rows) // 2, len(rows)), *range(1, len(rows) // 2)]:
        for name in names:
            place = rows[0].index(name)
            if rows[row][place] and (not number or float(rows[row][place])):
                return row, place
    return None


def on_a_cell(names, change, number=False):
    def damage(name, content):
        rows = lines(content)
        result = a_cell(rows, names(name), number) if name in LAYOUTS else None
        if result is None:
            return None
        row, place = result
        rows[row][place] = change(rows[row][place])
        return written(rows), row + 1

    return damage


def numbers(name):
    return columns(name, kinds=("number", "whole"))


def units(name):
    return columns(name, refers=("unit", "63", "34", "ministry", "place", "any"))


def unit_twice(name, content):
    rows = lines(content)
    return (written([*rows, rows[len(rows) // 2]]), len(rows) + 1) if name in LAYOUTS else None


def row_missing(name, content):
    rows = lines(content)
    return (written(rows[: len(rows) // 2] + rows[len(rows) // 2 + 1 :]), None) if name in LAYOUTS else None


def cut(name, content):
    return content[: content[: len(content) * 2 // 3].rfind(b"\n") + 4], None


def cut_between_rows(name, content):
    rows = lines(content)
    return (written(rows[: len(rows) * 2 // 3]), None) if name in LAYOUTS and len(rows) > 3 else None


DAMAGES = {
    "missing": lambda name, content: (None, None),
    "empty": lambda name, content: (b"", None),
    "cut inside a row": cut,
    "cut between rows": cut_between_rows,
    "NUL at the end": lambda name, content: (content + bytes(4096), None),
    "UTF-16": lambda name, content: (content.decode().encode("utf-16"), None),
    "semicolons": lambda name, content: (content.replace(b",", b";"), None) if name in LAYOUTS else None,
    "decimal comma": on_a_cell(numbers, lambda cell: f"{cell},5"),
    "a word for a number": on_a_cell(numbers, lambda cell: "chín mươi"),
    "ten times too large": on_a_cell(numbers, lambda cell: f"{float(cell) * 10:g}", number=True),
    "unit twice": unit_twice,
    "unknown unit": on_a_cell(units, lambda cell: "xa-la"),
    "row missing": row_missing,
}
# within its range a number that is ten times too large is seen by the list alone: it knows the year, not the row
WITH_ROW = {"decimal comma", "a word for a number", "unit twice", "unknown unit"}


def cases():
    for name in FILES:
        for damage, make in DAMAGES.items():
            content = (places.data() / name).read_bytes()
            if make(name, content) is not None and not name.endswith(".md"):
                yield name, damage


ALL = list(cases())
SPREAD = [case for number, case in enumerate(ALL) if number % 20 == 3]


def spoil(folder, name, damage):
    """Damage a file of the copy; the row that the error must name."""
    content, row = DAMAGES[damage](name, (folder / name).read_bytes())
    if content is None:
        (folder / name).unlink()
    else:
        assert content != (folder / name).read_bytes()
        (folder / name).write_bytes(content)
    return row


@pytest.fixture
def published(tmp_path):
    """A folder with a published report."""
    folder = tmp_path / "reports"
    report = folder / "2023" / "ministry" / "vi"
    report.mkdir(parents=True)
    (report / "ministry.vi.html").write_text("<title>Đã phát hành</title>", "utf-8")
    (report / "ministry.vi.json").write_text("{}", "utf-8")
    (folder / "index.html").write_text("<title>Danh mục</title>", "utf-8")
    return folder


def tree(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def report(folder, *more):
    return ["report", "--year", "2023", "--level", "ministry", "--output-dir", str(folder), *more]


@pytest.fixture
def parlib(monkeypatch, capsys):
    """The command line in this process: exit code and what it says on the error output."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["parlib", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, capsys.readouterr().err

    return run


def check_message(value, name, row, english=False):
    assert "Traceback" not in value
    assert "pydantic" not in value
    of_file = [line for line in value.splitlines() if name.rpartition("/")[2] in line]
    assert of_file, value
    assert all((" file " in f" {line}") if english else ("tệp" in line) for line in of_file), value
    if row is not None:
        assert any(re.search(rf"\b{'row' if english else 'dòng'} {row}\b", line) for line in of_file), value


def refuse(parlib, own_data, published, name, damage, *languages):
    before = tree(published)
    row = spoil(own_data, name, damage)
    for language in languages:
        code, stated = parlib(*report(published, "--language", language))
        assert code == 1, stated
        check_message(stated, name, row if damage in WITH_ROW else None, language == "en")
        assert tree(published) == before


@pytest.mark.few(4)
@pytest.mark.parametrize(("name", "damage"), SPREAD)
def test_a_damaged_file_is_a_clear_error_and_changes_nothing_published(parlib, own_data, published, name, damage):
    refuse(parlib, own_data, published, name, damage, "en" if len(damage) % 2 else "vi")


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "damage"), ALL)
def test_every_damage_of_every_file_is_a_clear_error(parlib, own_data, published, name, damage):
    refuse(parlib, own_data, published, name, damage, "vi", "en")


@pytest.mark.long
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_a_clear_error_in_a_process_of_its_own(own_data, published, damage):
    before = tree(published)
    row = spoil(own_data, "published/par_index.csv", damage)
    command = [sys.executable, "-m", "parlib.cli", *report(published)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=dict(os.environ), check=False)
    assert done.returncode == 1, done.stderr
    check_message(done.stderr, "published/par_index.csv", row if damage in WITH_ROW else None)
    assert tree(published) == before


@pytest.mark.parametrize("year", ["2012", "2016", "2019", "2022", "2024"])
def test_a_value_that_is_too_large_is_refused_in_any_year(own_data, year):
    path = own_data / "published" / "par_index.csv"
    rows = lines(path.read_bytes())
    row = next(place for place, cells in enumerate(rows) if cells[0] == year and cells[3])
    rows[row][3] = value = f"{float(rows[row][3]) * 10:g}"
    path.write_bytes(written(rows))
    with pytest.raises(DataError) as refused:
        data_tables.table("published/par_index.csv")
    assert (row + 1, "index", value) in [(p.row, p.column, p.value) for p in refused.value.problems]


# --- the list and its commands ------------------------------------------------------------------


def test_the_list_is_that_of_the_data():
    assert differences(places.data()) == []


def test_an_edited_value_is_refused_until_it_is_accepted(parlib, own_data):
    # Bộ Tư pháp 2023 has 89.95; a wrong value within the range is seen by nothing but the list
    path = own_data / "published" / "par_index.csv"
    path.write_bytes(path.read_bytes().replace(b",89.95,1,", b",89.94,1,"))
    code, stated = parlib("table", "--year", "2023", "--level", "ministry")
    assert code == 1
    assert "published/par_index.csv: năm 2023, bộ: có giá trị khác với danh mục" in stated
    assert "parlib data accept" in stated
    code, stated = parlib("data", "check")
    assert (code, stated.count("published/par_index.csv")) == (1, 1)
    code, stated = parlib("data", "accept")
    assert code == 0
    assert "năm 2023, bộ: có giá trị khác" in stated
    assert parlib("data", "check")[0] == 0
    assert parlib("table", "--year", "2023", "--level", "ministry")[0] == 0


def test_rows_gone_and_new_are_counted_by_year_and_level(own_data):
    # 2022 has 17 ministries in the file, 2021 of provinces gets one that it has not
    path = own_data / "published" / "par_changes.csv"
    rows = lines(path.read_bytes())
    (gone,) = [row for row in rows if row[:3] == ["2014", "province", "hue"]]
    path.write_bytes(written([row for row in rows if row is not gone] + [["2030", "province", "x", "1", "S001", ""]]))
    before = {group: entry.rows for group, entry in listed(own_data)["published/par_changes.csv"].items()}
    count = before["2014", "province"]
    sentences = [problem.vi for problem in differences(own_data)]
    assert f"năm 2014, tỉnh: có {count - 1} dòng, danh mục contents.csv ghi {count} dòng" in sentences
    assert "năm 2030, tỉnh: có 1 dòng, danh mục contents.csv ghi 0 dòng" in sentences


def test_what_changed_is_told_row_by_row_where_git_has_the_old_file(own_data):
    def git(*words):
        who = ["-c", "user.name=x", "-c", "user.email=x@x", "-c", "core.autocrlf=false"]
        subprocess.run(["git", "-C", str(own_data), *who, *words], check=True, capture_output=True)

    git("init")
    git("add", "-A")
    git("commit", "-m", "x")
    path = own_data / "schemes" / "bands.csv"
    rows = lines(path.read_bytes())
    rows[5][3], gone = "61", rows.pop(9)
    path.write_bytes(written([*rows, ["2030", "province", "A", "90", "inferred", "", ""]]))
    sentences = [problem.text("vi") for problem in differences(own_data)]
    assert any("dòng 6, cột lower, giá trị '61': trước đây là" in line for line in sentences)
    assert any(f"giá trị '{', '.join(gone[:3])}': dòng đã mất" in line for line in sentences)
    assert any(f"dòng {len(rows) + 1}, giá trị '2030, province, A': dòng mới" in line for line in sentences)


@pytest.mark.long
def test_a_broken_file_is_not_accepted(parlib, own_data):
    path, before = own_data / "published" / "sipas.csv", (own_data / FILE).read_bytes()
    path.write_bytes(path.read_bytes() + b"2024,xa-la,90,,,,published,,S001,\n")
    code, stated = parlib("data", "accept")
    assert code == 1
    assert "xa-la" in stated
    assert (own_data / FILE).read_bytes() == before


def test_all_problems_of_all_files_are_told_at_once(parlib, own_data):
    spoil(own_data, "external/dti.csv", "a word for a number")
    spoil(own_data, "units/aliases.csv", "row missing")
    spoil(own_data, "schemes/876-province.yaml", "missing")
    spoil(own_data, "geo/provinces34.geojson", "empty")
    code, stated = parlib("data", "check")
    assert code == 1
    for name in ("external/dti.csv", "units/aliases.csv", "876-province.yaml", "provinces34.geojson"):
        assert name in stated


def test_a_data_folder_of_ones_own_needs_a_list_of_its_own(parlib, own_data):
    (own_data / FILE).unlink()
    code, stated = parlib("table", "--year", "2023", "--level", "ministry")
    assert code == 1
    assert "chưa có danh mục" in stated
    assert "parlib data accept" in stated
    assert parlib("data", "accept")[0] == 0
    assert (own_data / FILE).read_bytes() == (places.home() / "data" / FILE).read_bytes()


def test_line_endings_and_the_mark_of_excel_are_no_change(own_data):
    for name in FILES:
        content = (own_data / name).read_bytes()
        (own_data / name).write_bytes(b"\xef\xbb\xbf" * name.endswith(".csv") + content.replace(b"\n", b"\r\n"))
    assert differences(own_data) == []
    assert len(data_tables.table("published/par_index.csv")) == 379


def test_a_new_file_is_named_and_drafts_and_rounds_are_not(own_data):
    (own_data / "schemes" / "new.yaml").write_text("id: new\n", "utf-8")
    (own_data / "schemes" / ".draft.yaml").write_text("x", "utf-8")
    (own_data / "schemes" / "~$x.csv").write_text("x", "utf-8")
    (own_data / "rounds" / "a").mkdir(parents=True)
    (own_data / "rounds" / "a" / "round.yaml").write_text("x", "utf-8")
    assert [(problem.file, problem.vi) for problem in differences(own_data)] == [
        ("schemes/new.yaml", "tệp chưa có trong danh mục contents.csv")
    ]
    with pytest.raises(DataError, match="not on the list"):
        read(own_data / "schemes" / "new.yaml")
