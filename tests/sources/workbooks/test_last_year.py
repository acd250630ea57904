"""What the year before found, on a sheet of the form; never of a simulation, nor of a criterion that changed."""

import openpyxl
import pandas as pd
import pytest

from parlib import data_tables
from parlib.sources import rounds, workbooks

UNITS = ("ha-noi", "cao-bang")


@pytest.fixture
def two_years(own_data):
    """A set of criteria for 2024 that is that of 2023 but for the steps of 1.1.2 and the code of 1.2, and a round each.

    In 2023 Hà Nội has 96 % at 1.1.2 (0.75 points) and all reports in time at 1.2 (0.5 points) in the end.
    """
    old = (own_data / "schemes" / "876-province.yaml").read_text(encoding="utf-8")
    new = old.replace("id: 876-province", "id: thu-2024").replace("decision: 876/QĐ-BNV", "decision: Dự thảo 2024")
    new = new.replace("years: [2022, 2023]", "years: [2024]").replace("[85, 0.75]", "[80, 0.75]", 1)
    (own_data / "schemes" / "thu-2024.yaml").write_text(new, encoding="utf-8")
    data_tables.accept(own_data)

    def made(simulated=False):
        for year, scheme in ((2023, "876-province"), (2024, "thu-2024")):
            common = {"id": str(year), "year": year, "level": "province", "scheme": scheme, "units": UNITS}
            rounds.create_round(rounds.make_plan(**common, simulated=simulated and year < 2024))
        rows = [("1.1.2", "96"), ("1.2", "full_timely"), ("1.6.2", "1")]
        frame = pd.DataFrame(rows, columns=["code", "answer"])
        rounds.append("2023", frame.assign(unit="ha-noi", stage="appraisal", by="Hội đồng"), source="a.csv")
        return rounds.open_round("2024")

    return made


def sheet_of(path):
    book = openpyxl.load_workbook(path)
    return (
        [row[:5] for row in book["Năm trước"].iter_rows(min_row=4, values_only=True)] if "Năm trước" in book else None
    )


def test_the_form_has_what_the_year_before_found(two_years, tmp_path):
    opened = two_years()
    path = workbooks.write_form(opened, "ha-noi", tmp_path)
    # 1.6.2: 1 task late costs 0.25 of 1 point; 1.1.2 has other steps now, and is not there
    assert [(code, answer, points, most) for code, _, answer, points, most in sheet_of(path)] == [
        ("1.2", "Đủ số lượng, nội dung báo cáo và đúng thời hạn", 0.5, 0.5),
        ("1.6.2", "1", 0.75, 1),
    ]
    assert openpyxl.load_workbook(path)["Năm trước"]["A1"].value.startswith("Kết quả năm 2023 hiện có, chưa phải")
    assert not workbooks.examine_form(path, opened).warnings
    assert sheet_of(workbooks.write_form(opened, "cao-bang", tmp_path)) is None
    assert sheet_of(workbooks.write_form(opened, "ha-noi", tmp_path, "appraisal")) is None


@pytest.mark.long
def test_a_real_form_shows_nothing_of_a_simulation(two_years, tmp_path):
    assert sheet_of(workbooks.write_form(two_years(simulated=True), "ha-noi", tmp_path)) is None
