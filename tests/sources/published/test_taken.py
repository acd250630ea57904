"""A published table of a year as officials have it, taken into the data."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from parlib.scoring import units

TypeIn = Callable[..., tuple[int, str, str]]
KNOWN = {1: "da-nang", 2: "hai-phong", 19: "hue", 63: "bac-kan"}  # of 2014; 92.54 and 84.31 are printed
OF = ("--year", 2014, "--level", "tỉnh", "--source", "Quyết định công bố Chỉ số CCHC năm 2014", "--date", "2015-09-04")


def values() -> dict[str, tuple[int, float]]:
    """63 units in order: on a line from the first to the 19th, and on to 60 for the last."""
    free = [unit.key for unit in units.units_of_year(2014, "province") if unit.key not in KNOWN.values()]
    order = [KNOWN.get(rank) or free.pop(0) for rank in range(1, 64)]
    line = [92.54 - (92.54 - 84.31) * n / 18 if n <= 18 else 84.31 - 24.31 * (n - 18) / 44 for n in range(63)]
    return {key: (n + 1, round(value, 2)) for n, (key, value) in enumerate(zip(order, line, strict=True))}


def workbook(path: Path, rows: dict[str, tuple[int, float]], mean: float | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM 2014 CỦA CÁC TỈNH, THÀNH PHỐ"])
    sheet.merge_cells("A1:D1")
    sheet.append(["STT", "Tỉnh, thành phố", "Chỉ số CCHC (%)", "Xếp hạng"])
    for n, (key, (rank, value)) in enumerate(rows.items(), start=1):
        sheet.append([n, units.get(key, system="63").full_name_vi if key in _keys() else key, value, rank])
    if mean is not None:
        sheet.append([None, "Trung bình", mean, None])
    book.save(path)
    return path


def _keys() -> set[str]:
    return {unit.key for unit in units.units_of_year(2014, "province")}


def rows_of(folder: Path, name: str = "par_index", **where: str) -> dict[str, dict[str, str]]:
    with (folder / "published" / f"{name}.csv").open(encoding="utf-8") as file:
        chosen = [row for row in csv.DictReader(file) if all(row[key] == text for key, text in where.items())]
    return {row["key"]: row for row in chosen}


@pytest.fixture
def folder(own_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))
    return own_data


@pytest.mark.long
def test_a_whole_table_makes_the_year_whole(folder: Path, type_in: TypeIn, tmp_path: Path) -> None:
    rows = values()
    mean = round(sum(value for _, value in rows.values()) / 63, 2)
    path = workbook(tmp_path / "bang.xlsx", rows, mean)
    before = (folder / "published" / "par_index.csv").read_bytes()

    code, out, err = type_in("published", "import", path, *OF, "--whole", "--dry-run")
    assert (code, err) == (0, "") and "63 đơn vị" in out
    assert (folder / "published" / "par_index.csv").read_bytes() == before

    assert type_in("published", "import", path, *OF, "--whole")[0] == 0
    stored = rows_of(folder, year="2014", level="province")
    assert {key: (int(row["rank"]), float(row["index"])) for key, row in stored.items()} == rows
    (source,) = {row["source_ids"].split(";")[-1] for row in stored.values()}
    assert stored["da-nang"]["source_ids"].split(";")[:2] == ["S004", "S005"]  # and who printed it before
    assert stored["hai-phong"]["basis"] == stored["hai-phong"]["rank_basis"] == "published"
    with (folder / "published" / "sources.csv").open(encoding="utf-8") as file:
        (row,) = [row for row in csv.DictReader(file) if row["source_id"] == source]
    assert (row["title"], row["evidence"], row["date"]) == (OF[5], "document", "2015-09-04")
    others = [line for line in before.decode().splitlines() if not line.startswith("2014,province")]
    after = (folder / "published" / "par_index.csv").read_text(encoding="utf-8").splitlines()
    assert [line for line in after if not line.startswith("2014,province")] == others
    assert type_in("data", "check")[0] == 0
    assert "63/63" in type_in("table", "--year", 2014, "--level", "tỉnh")[1]

    stands = {file: file.read_bytes() for file in folder.rglob("*.csv")}
    assert type_in("published", "import", path, *OF, "--whole")[0] == 0  # once more: nothing is new
    assert {file: file.read_bytes() for file in folder.rglob("*.csv")} == stands


def test_three_errors_are_named_and_the_other_rows_may_be_taken(folder: Path, type_in: TypeIn, tmp_path: Path) -> None:
    rows = values()
    third, fifth, ninth = (list(rows)[n] for n in (2, 4, 8))
    rows[third], rows[fifth] = (3, 951.6), (4, rows[fifth][1])  # two digits changed over, a rank given twice
    named = {("Tỉnh Hà Đông" if key == ninth else key): cells for key, cells in rows.items()}
    path = workbook(tmp_path / "bang.xlsx", named)
    code, _, err = type_in("published", "import", path, *OF)
    assert code != 0
    for words in ("dòng 5, cột Chỉ số CCHC (%), giá trị '951.6'", "dòng 7, cột Xếp hạng", "giá trị 'Tỉnh Hà Đông'"):
        assert words in err
    assert rows_of(folder, year="2014", level="province").keys() == set(KNOWN.values())

    code, out, err = type_in("published", "import", path, *OF, "--keep-good")
    assert code != 0 and "60 đơn vị" in out and "'951.6'" in err
    assert len(rows_of(folder, year="2014", level="province")) == 60


def test_what_is_known_otherwise_is_a_conflict_and_is_kept_beside(
    folder: Path, type_in: TypeIn, tmp_path: Path
) -> None:
    rows = values()
    rows["hue"] = (19, 84.3)
    path = workbook(tmp_path / "bang.xlsx", rows)
    code, _, err = type_in("published", "import", path, *OF)
    assert code != 0 and "dòng 21, cột Chỉ số CCHC (%), giá trị '84.3'" in err and "84.31 (S006)" in err
    assert type_in("published", "import", path, *OF, "--replace")[0] == 0
    assert rows_of(folder, year="2014", level="province")["hue"]["index"] == "84.3"
    conflict = rows_of(folder, "conflicts", year="2014", what="index")["hue"]
    assert (conflict["kept"], conflict["other"], conflict["other_source_ids"]) == ("84.3", "84.31", "S006")


def test_what_the_printed_totals_contradict_is_refused(folder: Path, type_in: TypeIn, tmp_path: Path) -> None:
    rows = {key: (rank, round(value - 0.01 * (rank == 1), 2)) for key, (rank, value) in values().items()}
    path = workbook(tmp_path / "bang.xlsx", rows)
    code, _, err = type_in("published", "import", path, *OF, "--replace")
    assert code != 0 and "92,54" in err  # the printed maximum
    assert rows_of(folder, year="2014", level="province")["da-nang"]["index"] == "92.54"


def test_areas_need_to_be_said_what_they_are(folder: Path, type_in: TypeIn, tmp_path: Path) -> None:
    path = tmp_path / "bang.csv"
    path.write_text(
        "Bộ, cơ quan;Chỉ số CCHC;Xếp hạng;Lĩnh vực 1;2. Cải cách thể chế\nBYT;81,5;17;90;80,25\n", encoding="utf-8"
    )
    of = ("--year", 2022, "--level", "bộ", "--source", "Báo cáo")
    code, _, err = type_in("published", "import", path, *of)
    assert code != 0 and "--areas" in err
    assert type_in("published", "import", path, *of, "--areas", "index")[0] == 0
    areas = rows_of(folder, "par_area_index", year="2022", key="bo-y-te", area_code="2")
    assert (areas["bo-y-te"]["index"], areas["bo-y-te"]["index_basis"]) == ("80.25", "printed")


@pytest.mark.long
def test_what_a_table_does_not_say_stays_as_it_was(folder: Path, type_in: TypeIn, tmp_path: Path) -> None:
    """A range of ranks beside an index without a rank; and a unit that is assessed and not ranked."""
    path = tmp_path / "bang.csv"
    path.write_text("Tỉnh;Chỉ số CCHC\nCao Bằng;63,1\n", encoding="utf-8")
    assert type_in("published", "import", path, "--year", 2016, "--level", "tỉnh", "--source", "Báo cáo")[0] == 0
    row = rows_of(folder, year="2016", level="province")["cao-bang"]
    assert (row["index"], row["rank"], row["rank_min"], row["rank_max"]) == ("63.1", "", "61", "62")
    path.write_text("Bộ;Chỉ số CCHC\nThanh tra Chính phủ;80,5\n", encoding="utf-8")
    assert type_in("published", "import", path, "--year", 2022, "--level", "bộ", "--source", "Báo cáo")[0] == 0
    row = rows_of(folder, year="2022", level="ministry")["thanh-tra-chinh-phu"]
    assert (row["index"], row["basis"]) == ("80.5", "not_ranked")


@pytest.mark.long
def test_two_imports_at_once_are_one_after_the_other(folder: Path, type_in: TypeIn, tmp_path: Path) -> None:
    """Nothing of either is lost, and every byte is that of the one and then the other."""
    free = [value for key, (_, value) in values().items() if key not in KNOWN.values()]
    keys = [key for key in values() if key not in KNOWN.values()]
    some = {key: (n, value) for n, (key, value) in enumerate(zip(keys, free, strict=True), 1) if n <= 20}
    commands = [
        ["published", "import", str(workbook(tmp_path / "a.xlsx", values())), *map(str, OF), "--whole"],
        [
            "published",
            "import",
            str(workbook(tmp_path / "b.xlsx", some)),
            "--year",
            "2013",
            *map(str, OF[2:6]),
            "--replace",
        ],
    ]
    before = shutil.copytree(folder, tmp_path / "before")

    def content() -> dict[str, bytes]:
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    def afresh() -> None:
        shutil.rmtree(folder)
        shutil.copytree(before, folder)

    wanted = []
    for order in (commands, commands[::-1]):
        afresh()
        for words in order:
            code, _, err = type_in(*words)
            assert code == 0, err
        wanted.append(content())
    for pair in range(3):
        afresh()
        order = commands if pair % 2 else commands[::-1]
        both = [
            subprocess.Popen([sys.executable, "-m", "parlib.cli", *words], stdout=subprocess.PIPE) for words in order
        ]
        assert [(one.communicate(), one.returncode)[1] for one in both] == [0, 0]
        assert content() in wanted
