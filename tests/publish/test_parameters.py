from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from parlib.errors import ParameterError, ParlibError
from parlib.publish.batch import named
from parlib.publish.parameters import ReportParameters, declared, for_notebook, notebook_path, own_values
from parlib.sources import rounds


def test_a_report_is_named_by_what_it_is_about() -> None:
    assert ReportParameters(year=2023, level="ministry").name == "2023/ministry"
    assert ReportParameters(year=2024, index_name="papi").name == "2024/papi"
    assert ReportParameters(year=2024, index_name="papi", unit="hue").name == "2024/papi-hue"


@pytest.mark.parametrize(
    ("given", "notebook", "stem"),
    [
        ({"level": "ministry"}, "annual_report", "PAR-INDEX-2023-bo"),
        ({"level": "province"}, "annual_report", "PAR-INDEX-2023-tinh"),
        ({"index_name": "papi"}, "annual_report", "PAPI-2023"),
        ({"unit": "Đắk Lắk"}, "unit_profile", "PAR-INDEX-2023-tinh_ho-so_dak-lak"),
        ({"level": "ministry"}, "year_overview", "PAR-INDEX-2023_tong-quan"),
        ({"level": "ministry"}, "my_own", "PAR-INDEX-2023-bo_my-own"),
    ],
)
def test_files_say_what_they_hold(given: dict[str, Any], notebook: str, stem: str) -> None:
    assert ReportParameters(year=2023, **given).file_stem(notebook) == stem


def test_files_of_a_simulated_round_say_so(shared_rounds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLIB_ROUNDS", str(shared_rounds))
    about = ReportParameters(year=2023, level="ministry", round_id="2023-ministry")
    assert about.file_stem() == "MO-PHONG_PAR-INDEX-2023-bo_2023-ministry"


@pytest.mark.parametrize("spelling", ["ha-noi", "Hà Nội", "TP Ha Noi", "01", "hanoi"])
def test_a_unit_is_kept_as_its_key(spelling: str) -> None:
    assert ReportParameters(year=2023, unit=spelling).unit == "ha-noi"


@pytest.mark.parametrize("year", [2012, 2023, 2024])
@pytest.mark.parametrize("level", ["province", "ministry"])
def test_every_year_of_the_index_can_be_reported(year: int, level: str) -> None:
    assert ReportParameters(year=year, level=level).year == year


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"year": 1999}, ["1999", "2012-2024", "2012"]),
        ({"year": 2026}, ["2026", "2024"]),
        ({"year": 2010, "index_name": "papi"}, ["2011-2024"]),
        ({"year": 2023, "level": "minstry"}, ["'minstry'", "ministry"]),
        ({"year": 2023, "language": "vn"}, ["'vn'", "vi, en"]),
        ({"year": 2023, "index_name": "papy"}, ["'papy'", "papi"]),
        ({"year": 2023, "index_name": "papi", "level": "ministry"}, ["ministry", "province"]),
        ({"year": 2023, "unit": "Hà Nọii"}, ["Hà Nọii"]),
        ({"year": 2023, "unit": "ha-noi", "level": "ministry"}, ["ha-noi"]),
        ({"year": 2023, "round_id": "2023-provinse"}, ["2023-provinse"]),
        ({"year": "2023"}, ["2023", "year"]),
        ({"level": "province"}, ["year"]),
        ({"year": 2023, "lvel": "province"}, ["lvel", "level"]),
    ],
)
def test_wrong_parameters_are_named_with_what_is_allowed(given: dict[str, object], names: list[str]) -> None:
    with pytest.raises(ParameterError) as caught:
        ReportParameters(**given)  # type: ignore[arg-type]
    for language in ("vi", "en"):
        text = caught.value.text(language)
        assert len(text.splitlines()) == 1
        assert all(word in text for word in names), text


def test_all_wrong_parameters_are_named_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        ReportParameters(year=1999, level="minstry", language="fr", index_name="papy")
    assert len(caught.value.problems) == 3  # the year means nothing without an index and a level


def test_a_round_is_taken_for_its_own_year_and_level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path))
    rounds.create_round(rounds.RoundPlan(id="2023-province", year=2023, level="province", scheme="876-province"))
    assert ReportParameters(year=2023, round_id="2023-province").name == "2023/2023-province"
    with pytest.raises(ParameterError, match="near matches: 2023-province"):
        ReportParameters(year=2023, round_id="2023-provinces")
    with pytest.raises(ParameterError, match="this round is the PAR INDEX of 2023, province"):
        ReportParameters(year=2023, level="ministry", round_id="2023-province")
    assert [about.round_id for about in named(["2023/2023-province"])] == ["2023-province"]


def _notebook(*cells: str) -> nbformat.NotebookNode:
    tagged = [nbformat.v4.new_code_cell(cell, metadata={"tags": ["parameters"]}) for cell in cells]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("year = 1"), *tagged])


def test_the_parameters_of_a_notebook_are_read_from_its_tagged_cell() -> None:
    notebook = _notebook('year: int = 2023  # năm\nlevel: str = "province"\nsimulated: bool = False')
    assert declared(notebook, "x.ipynb") == {"year": 2023, "level": "province", "simulated": False}


@pytest.mark.parametrize(
    "cells", [(), ("year: int = 1", "year: int = 2"), ("year = list()",), ("year: int",), ("import os",)]
)
def test_a_parameters_cell_has_one_form(cells: tuple[str, ...]) -> None:
    with pytest.raises(ParlibError, match=r"exactly one cell|holds only lines"):
        declared(_notebook(*cells), "x.ipynb")


def test_a_parameter_needs_no_annotation_and_takes_values_of_its_kind() -> None:
    notebook = _notebook('year: int = 2023\nvung = "tay-nguyen"\nnguong = 80.0\nn = -1\nmoi = False')
    given = ["vung=Đông Nam Bộ", "nguong=82,5", "n=3", "moi=đúng"]
    values = own_values(given, notebook, "x.ipynb")
    assert dict(values) == {"vung": "Đông Nam Bộ", "nguong": 82.5, "n": 3, "moi": True}
    about = ReportParameters(year=2023, own=values)
    assert for_notebook(about, notebook, "x.ipynb") == {"year": 2023, **dict(values)}
    assert ReportParameters.model_validate({"year": 2023, "own": dict(values)}) == about  # as a record has it
    with pytest.raises(ParameterError) as wrong:
        own_values(["vungg=x", "n=ba", "year=2022", "moi"], notebook, "x.ipynb")
    assert len(wrong.value.problems) == 4
    assert "vung" in wrong.value.problems[0].text("vi")


def test_another_value_of_an_own_parameter_is_another_report() -> None:
    names = {ReportParameters(year=2023, own=(("vung", value),)).stem for value in ("Bắc", "Bác", "bac", "a/b", "ab")}
    assert len(names) == 5
    assert ReportParameters(year=2023, own=(("vung", "tay-nguyen"),)).file_stem("chu_de").endswith("chu-de_tay-nguyen")


def test_an_own_notebook_cannot_take_the_name_of_a_template(tmp_path: Path) -> None:
    path = tmp_path / "annual_report.ipynb"
    path.write_text("{}", "utf-8")
    with pytest.raises(ParameterError, match="a name of its own"):
        notebook_path(path)


def test_a_notebook_gets_what_it_declares_and_loses_nothing() -> None:
    notebook = _notebook('year: int = 2023\nlevel: str = "province"')
    about = ReportParameters(year=2022, level="ministry", language="en", output_dir="elsewhere")
    assert for_notebook(about, notebook, "x.ipynb") == {"year": 2022, "level": "ministry"}
    with pytest.raises(ParameterError, match="index_name"):
        for_notebook(ReportParameters(year=2022, index_name="papi"), notebook, "x.ipynb")


def test_an_unknown_notebook_is_named_with_those_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLIB_HOME", str(tmp_path))
    (tmp_path / "notebooks").mkdir()
    there = tmp_path / "notebooks" / "annual_report.ipynb"
    there.write_text("{}")
    assert notebook_path("annual_report") == notebook_path(str(there)) == there
    with pytest.raises(ParameterError, match="near matches: annual_report"):
        notebook_path("anual_report")


def test_a_unit_is_named_as_in_a_notebook():
    assert ReportParameters(year=2023, level="ministry", unit="Y tế").unit == "bo-y-te"
    assert ReportParameters(year=2023, level="ministry", unit="GTVT").unit == "bo-giao-thong-van-tai"
    with pytest.raises(ParameterError, match="Quảng"):  # five provinces
        ReportParameters(year=2024, index_name="papi", unit="Quảng")
