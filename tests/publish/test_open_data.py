"""The open data of a report: every number of every block, described, checked, and marked where it is not official."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from parlib.publish import open_data
from parlib.report.blocks import Column, Dataset, Number, Table, Title

from . import handmade

MARKS = (handmade.ILLUSTRATIVE, handmade.SIMULATED)
TYPES = {"string": "string", "integer": "Int64", "number": "float64", "boolean": "boolean"}


def packed(path: Path, *blocks: Any, **given: Any) -> Path:
    open_data.write(handmade.shown(*blocks, **given), path)
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory.mktemp("data") / "ministry.vi.data.zip", *handmade.blocks())


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory.mktemp("marked") / "ministry.vi.data.zip", *handmade.blocks(*MARKS))


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def descriptor(path: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads(read(path)["datapackage.json"])
    return results


def frame(path: Path, name: str) -> pd.DataFrame:
    """A resource as pandas reads it by its declared types; nothing but an empty cell is missing."""
    resource = next(resource for resource in descriptor(path)["resources"] if resource["name"] == name)
    types = {field["name"]: TYPES[field["type"]] for field in resource["schema"]["fields"]}
    content = io.BytesIO(read(path)[resource["path"]])
    return pd.read_csv(content, dtype=types, keep_default_na=False, na_values=resource["schema"]["missingValues"])


def check_descriptor(results: dict[str, Any], files: dict[str, bytes]) -> None:
    """The rules of the Data Package standard, version 2, that concern us."""
    assert results["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert re.fullmatch(r"[-a-z0-9._/]+", results["name"])
    assert all(isinstance(results[key], str) and results[key] for key in ("title", "description") if key in results)
    assert all(licence.get("name") or licence.get("path") for licence in results["licenses"])
    assert all(source["title"] for source in results["sources"])
    assert all(re.match(r"https?://", source["path"]) for source in results["sources"] if "path" in source)
    assert results["resources"]
    names = [resource["name"] for resource in results["resources"]]
    assert len(set(names)) == len(names)
    for resource in results["resources"]:
        assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])
        assert re.fullmatch(r"(?!/)(?!.*\.\.)[^\\]+", resource["path"])
        assert resource["type"] == "table"
        assert (resource["format"], resource["mediatype"], resource["encoding"]) == ("csv", "text/csv", "utf-8")
        content = files[resource["path"]]
        assert resource["bytes"] == len(content)
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", resource["hash"])
        fields = resource["schema"]["fields"]
        assert resource["schema"]["missingValues"] == [""]
        assert {field["type"] for field in fields} <= TYPES.keys()
        assert all(field["title"] for field in fields)
        head = next(csv.reader(io.StringIO(content.decode("utf-8"))))
        assert head == [field["name"] for field in fields]
        assert len(set(head)) == len(head)
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in head)


@pytest.mark.parametrize("which", ["archive", "marked"])
def test_the_descriptor_keeps_the_standard(which: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(which)
    files = read(path)
    check_descriptor(json.loads(files["datapackage.json"]), files)
    described = {resource["path"] for resource in descriptor(path)["resources"]}
    assert {name for name in files if name.endswith(".csv")} == described


@pytest.mark.parametrize("which", ["archive", "marked"])
def test_every_file_reads_back_by_its_declared_types(which: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(which)
    for resource in descriptor(path)["resources"]:
        result = frame(path, resource["name"])
        assert len(result) > 0, resource["path"]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_the_checksums_are_checked_for_real(marked: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(marked) as result:
        result.extractall(tmp_path)
    check = ["sha256sum", "--strict", "--quiet", "-c", "CHECKSUMS.sha256"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    listed = {line.split("  ", 1)[1] for line in (tmp_path / "CHECKSUMS.sha256").read_text("utf-8").splitlines()}
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert listed == files - {"CHECKSUMS.sha256"}
    (tmp_path / "README.md").write_text("khác", "utf-8")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_a_number_that_names_the_best_beside_its_unit_leaves_its_row_the_key() -> None:
    columns = (Column("unit", "Đơn vị"), Column("index", "Chỉ số", "number"), Column("gap", "Cách", "number"))
    rows = tuple(
        {
            "unit": key,
            "index": Number(value, f"{value}", (handmade.cell(key),)),
            "gap": Number(value - 9.0, f"{value - 9.0}", (handmade.cell(key), handmade.cell("a")), "difference"),
        }
        for key, value in (("a", 9.0), ("b", 8.0))
    )
    file = open_data.table_file(Table(columns, rows, "Bảng"), "tables/x", "Bảng", (), "vi")
    assert [line.split(",")[0] for line in file.text.splitlines()] == ["unit_key", "a", "b"]


def test_a_table_is_wide_exact_and_keyed(archive: Path) -> None:
    text = read(archive)["tables/ranking.csv"].decode("utf-8")
    assert text.splitlines() == [
        "unit_key,rank,rank_text,unit,index,index_mark,previous,change,remark",
        "a,1,,Đơn vị A,2.675,a,0.3,-0.004,'=1+1",
        "b,,2–3,Đơn vị B,1234.5,,,0,'- Đã hoàn thành",
        "c,,,Đơn vị C,,,,,https://vi.du/x",
    ]
    fields = next(r for r in descriptor(archive)["resources"] if r["name"] == "ranking")["schema"]["fields"]
    types = {field["name"]: field["type"] for field in fields}
    assert (types["rank"], types["index"], types["rank_text"], types["unit_key"]) == (
        "integer",
        "number",
        "string",
        "string",
    )
    change = next(field for field in fields if field["name"] == "change")
    assert change["title"] == "So với năm 2022: Tăng/giảm"
    assert change["description"] == "điểm %; hiệu của hai giá trị"


def test_a_code_stays_a_code(archive: Path) -> None:
    assert list(frame(archive, "criteria")["node_key"]) == ["1.1", "1.10"]
    assert list(frame(archive, "criteria")["code"]) == ["1.1", "1.10"]
    assert list(frame(archive, "figure-survey")["code"]) == ["1.7.1", "1.7.1", "1.10"]


def test_totals_are_told_from_rows(archive: Path) -> None:
    result = frame(archive, "totals")
    assert list(result["row_type"]) == ["row", "row", "row", "total"]
    assert result["mean"].iloc[3] == 23.333333333  # 70/3 to nine decimals


def test_every_number_is_listed_with_its_source(archive: Path) -> None:
    result = frame(archive, "numbers")
    numbers = [
        cell
        for table in (handmade.RANKING, handmade.TOTALS, handmade.SCHEME)
        for row in table.rows
        for column in table.columns
        if isinstance(cell := row.get(column.key), Number)
    ]
    assert len(result) == len(numbers)
    assert list(result["printed"]) == [number.text for number in numbers]
    known = [None if number.value is None else round(number.value, 9) for number in numbers]
    assert [None if pd.isna(value) else value for value in result["value"]] == known
    change = result[(result["table"] == "ranking") & (result["column"] == "change")].iloc[0]
    assert change["refs"] == "par/2023/ministry/a//index/published;par/2022/ministry/a//index/published"
    assert change["made"] == "difference"


def test_a_data_set_is_given_as_it_is(archive: Path) -> None:
    assert read(archive)["data/index.csv"].decode("utf-8") == handmade.INDEX.text
    result = frame(archive, "index")
    assert list(result["node"]) == ["1.10", "1.10", "2", "2"]
    assert result["rank"].isna().sum() == 2


def test_what_is_not_official_says_so_everywhere(marked: Path) -> None:
    files, result = read(marked), descriptor(marked)
    for name, content in files.items():
        if not name.endswith(".csv"):
            continue
        assert Path(name).name.startswith("simulated-illustrative-")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
        assert all(row["marks"] == "illustrative;simulated" for row in rows), name
    assert result["name"].startswith("simulated-illustrative-")
    for mark in MARKS:
        assert mark in result["title"]
        assert mark in result["description"]
        assert f"**{mark}**" in files["README.md"].decode("utf-8")
    assert {"simulated", "illustrative"} <= set(result["keywords"])


def test_what_is_official_has_no_marks(archive: Path) -> None:
    files = read(archive)
    assert not [name for name in files if "simulated" in name or "illustrative" in name]
    assert all(b"marks" not in content.splitlines()[0] for name, content in files.items() if name.endswith(".csv"))
    assert "CẢNH BÁO" not in files["README.md"].decode("utf-8")


def test_marks_of_a_data_set_are_kept(tmp_path: Path) -> None:
    own = Dataset.of("index", "I", (("a", "string", "A"), ("marks", "string", "M")), "a,marks\n1,x;y\n")
    path = packed(tmp_path / "x.zip", Title("T", marks=MARKS), own)
    assert read(path)["data/simulated-illustrative-index.csv"] == b"a,marks\n1,x;y\n"


def test_the_read_me_and_the_notice_are_there_in_the_language(archive: Path, tmp_path: Path) -> None:
    files = read(archive)
    assert "chưa có số liệu, không phải số không" in files["README.md"].decode("utf-8")
    assert "`tables/ranking.csv`: Bảng 1. Xếp hạng: [thử] / * ?" in files["README.md"].decode("utf-8")
    notice = files["NOTICE.txt"].decode("utf-8")
    assert "Cite the Ministry and the page." in notice
    assert "PAPI: CECODES, RTA, UNDP" in notice
    english = read(packed(tmp_path / "x.zip", *handmade.blocks(), language="en"))
    assert "not known, which is not zero" in english["README.md"].decode("utf-8")
    assert english["tables/ranking.csv"] == files["tables/ranking.csv"]


def test_sources_name_their_pages(tmp_path: Path) -> None:
    columns = (Column("page", "Trang"),)
    rows = ({"page": "Báo A (báo chí): kết quả 2023. https://vi.du/a"}, {"page": "Công văn B: thứ hạng 2022."})
    path = packed(tmp_path / "x.zip", Title("T"), Table(columns, rows, "Nguồn", name="sources"))
    assert descriptor(path)["sources"] == [
        {"title": "Báo A (báo chí): kết quả 2023.", "path": "https://vi.du/a"},
        {"title": "Công văn B: thứ hạng 2022."},
    ]


def test_names_never_meet(tmp_path: Path) -> None:
    """A table may be called as a data set or as another table; columns may fold into one name."""
    columns = (Column("1.1", "A", "number"), Column("1-1", "B", "number"), Column("Điểm số", "C", "number"))
    table = Table(columns, ({"1.1": Number(1.5, "1,50"), "1-1": Number(2.5, "2,50")},), "T", name="index")
    path = packed(tmp_path / "x.zip", Title("T"), handmade.INDEX, table, table)
    result = descriptor(path)
    assert [r["name"] for r in result["resources"]] == ["index", "table-index", "table-index-2", "numbers"]
    assert read(path)["tables/table-index.csv"] == b"node_1_1,node_1_1_2,diem_so\n1.5,2.5,\n"


def test_the_same_report_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    assert packed(tmp_path / "again.zip", *handmade.blocks()).read_bytes() == archive.read_bytes()
