"""Units since the mergers beside those that they were made of: the carried values by hand from what was published."""

from dataclasses import replace

import pytest

from parlib.analysis import mergers
from parlib.publish.document import Document, Item
from parlib.publish.verify import inspect
from parlib.report import annual, profile
from parlib.report.blocks import Dataset, Figure, Number, Table
from parlib.scoring import units
from parlib.sources import published
from parlib.years import Year

LANGUAGES = ("vi", "en")


@pytest.fixture
def of_2025(make_results):
    """A year 2025 made by hand, on the units since the mergers; ``values`` are points of the named units."""

    def made(level, values, language="vi", year=2025):
        listed = [unit.key for unit in units.units_of_year(year, level)]
        results = make_results({unit: values.get(unit) for unit in listed}, year=year, level=level)
        return Year(replace(results, system="34" if level == "province" else ""), language=language)

    return made


def cells(block, unit):
    """The numbers and texts of a unit's row."""
    row = next(row for row in block.rows if row["unit"] == unit)
    return {key: f"{cell.text}{cell.mark}" if isinstance(cell, Number) else cell for key, cell in row.items()}


def tables(blocks):
    return {block.name: block for block in blocks if isinstance(block, Table)}


def findings(report, blocks):
    """What verification finds in ``blocks`` of a report, its numbers worked out again from the datasets."""
    items = tuple(Item(block) for block in blocks)
    language = report.view.wording.language
    datasets = tuple(block for block in report.datasets() if isinstance(block, Dataset))
    passed, wrong = inspect(Document(language, report.title(), items, datasets), report.view.wording)
    assert passed.recomputed == passed.numbers > 10
    return [f"{finding.check}: {finding.subject}" for finding in wrong]


# data/published/par_index.csv, ministries of 2023: Bộ Tài chính 89.18, Bộ Kế hoạch và Đầu tư 80.07: mean 84.625; Bộ Nội
# vụ 87.04, Bộ Lao động - Thương binh và Xã hội 85.81: mean 86.425; Bộ Xây dựng 86.18 and Bộ Giao thông vận tải 86.28.
MINISTRIES = {"bo-tai-chinh-2025": 88.0, "bo-noi-vu-2025": 88.0, "bo-xay-dung-2025": 86.0, "bo-y-te": 85.0}


@pytest.mark.few(1)
@pytest.mark.parametrize("language", LANGUAGES)
def test_ministries_stand_beside_those_that_they_were_made_of(of_2025, language):
    report = annual.Report(of_2025("ministry", MINISTRIES, language))
    blocks = report.before_mergers()
    rows = {key: cells(tables(blocks)["beside_parts"], units.name(key, language)) for key in MINISTRIES}
    sign = "," if language == "vi" else "."
    values = {key: [row[name].replace(sign, ".") for name in ("value", "mean", "worst", "best")]
              for key, row in rows.items()}  # fmt: skip
    assert values["bo-tai-chinh-2025"] == ["88.00", "84.63e", "80.07", "89.18"]
    assert values["bo-noi-vu-2025"] == ["88.00", "86.43e", "85.81", "87.04"]
    assert values["bo-xay-dung-2025"] == ["86.00", "86.23e", "86.18", "86.28"]
    said = [rows[key]["place"] for key in MINISTRIES]
    wanted = {
        "vi": ["trong khoảng các đơn vị cũ", "cao hơn mọi đơn vị cũ", "thấp hơn mọi đơn vị cũ", "giữ nguyên"],
        "en": ["within their range", "above each", "below each", "not merged"],
    }
    assert said == wanted[language]
    assert not [block for block in blocks if isinstance(block, Table) and "change" in {c.key for c in block.columns}]
    assert findings(report, blocks) == []


def test_a_task_that_passed_on_is_no_merger(of_2025):
    report = annual.Report(of_2025("ministry", MINISTRIES))
    listed = tables(report.before_mergers())["transfers"]
    moved = {(row["old"], row["new"], row["task"]) for row in listed.rows}
    assert ("Bộ Tư pháp", "Bộ Công an", "lý lịch tư pháp") in moved
    parts = {part.unit: part.old for part in mergers.parts_of(published.results("par", 2023, "ministry"))}
    assert parts["bo-y-te"] == ("bo-y-te",)  # it took over tasks, and stayed what it was
    assert mergers.transfers("province").empty


# data/published/par_index.csv, provinces of 2023: Đà Nẵng 88.68, Quảng Nam 84.60: mean 86.64. Of Lâm Đồng (81.87 and
# 86.02, Đắk Nông by its rank alone between them) and Cần Thơ (Sóc Trăng 81.70, the last by rank) a part is not known.
def test_where_a_part_is_not_known_neither_is_what_is_carried_over(of_2025):
    report = annual.Report(of_2025("province", {"da-nang-2025": 90.0, "lam-dong-2025": 90.0, "can-tho-2025": 90.0}))
    blocks = report.before_mergers()
    block = tables(blocks)["beside_parts"]
    assert len(block.rows) == 34
    names = ("mean", "worst", "best", "n_known", "place")
    assert [cells(block, "Đà Nẵng")[name] for name in names] == [
        "86,64e",
        "84,60",
        "88,68",
        "2/2",
        "cao hơn mọi đơn vị cũ",
    ]
    assert [cells(block, "Lâm Đồng")[name] for name in names] == ["…", "81,87", "86,02", "2/3", ""]
    assert [cells(block, "Cần Thơ")[name] for name in names] == ["…", "81,70", "…", "2/3", ""]
    assert "Đắk Nông" in cells(block, "Lâm Đồng")["parts"]
    assert cells(block, "Hà Nội")["place"] == "giữ nguyên"
    assert not [block for block in blocks if isinstance(block, Figure)]  # known of one of 23
    assert findings(report, blocks) == []


# The PAPI of 2024, sums of the sub-dimensions of data/external/papi.csv: Hà Giang 43.72891 and Tuyên Quang 42.54679; Đà
# Nẵng 43.21206 and Quảng Nam 41.00445; Hồ Chí Minh 42.81318, Bình Dương 45.39113 and Bà Rịa - Vũng Tàu 45.53211.
PAPI = {
    "Tuyên Quang": (43.13785, 42.54679, 43.72891),
    "Đà Nẵng": (42.108255, 41.00445, 43.21206),
    "TP. Hồ Chí Minh": (133.73642 / 3, 42.81318, 45.53211),
}


def test_provinces_stand_beside_the_sixty_three_on_the_scale_that_is_printed():
    carried = mergers.merge(published.results("papi", 2024, "province"))
    now = replace(carried, year=2025, marks=(), table=carried.table.assign(year=2025))
    report = annual.Report(Year(now))
    blocks = report.before_mergers()
    rows = {row["unit"]: row for row in tables(blocks)["beside_parts"].rows}
    for name, values in PAPI.items():
        assert [rows[name][key].value for key in ("mean", "worst", "best")] == pytest.approx(values)
        assert rows[name]["place"] == "trong khoảng các đơn vị cũ"  # the mean of the parts lies within them
    figure = next(block for block in blocks if isinstance(block, Figure))
    assert set(figure.data["then"]) == {"2024"}
    assert findings(report, blocks) == []


def test_a_slip_in_what_is_carried_over_is_found(of_2025):
    report = annual.Report(of_2025("ministry", MINISTRIES))
    blocks = list(report.before_mergers())
    figure = next(block for block in blocks if isinstance(block, Figure))
    drawn = {**figure.data, "best": [value + 1 for value in figure.data["best"]]}
    assert findings(report, [*blocks, replace(figure, data=drawn)])
    table = tables(blocks)["beside_parts"]
    rows = [dict(row) for row in table.rows]
    for row in rows:
        if row["unit"] == "Bộ Tài chính":
            row["mean"] = replace(row["mean"], value=85.625, text="85,63")
    assert findings(report, [*blocks, replace(table, rows=tuple(rows))])


def test_the_year_of_which_most_is_known_is_set_beside(of_2025):
    assert of_2025("ministry", MINISTRIES).set_beside.year == 2023  # nothing is known of 2024
    assert of_2025("province", {}).set_beside.year == 2023  # Đà Nẵng is whole then, no province in 2024
    assert of_2025("ministry", MINISTRIES, year=2026).set_beside.year == 2023
    assert Year(published.results("par", 2023, "ministry")).before_mergers == []
    assert Year(published.results("par", 2023, "ministry")).beside_parts().empty


@pytest.mark.long
def test_the_profile_of_a_merged_unit_has_its_parts_year_by_year(of_2025):
    # data/published/par_index.csv: Đà Nẵng 2012 rank 1; 2022 87.54, Quảng Nam 80.91; 2023 88.68 and 84.60
    values = {"da-nang-2025": 90.0, "ha-noi": 91.0}
    report = profile.Report(of_2025("province", values, "en"), unit="da-nang-2025")
    blocks = report.before_mergers()
    block = tables(blocks)["parts_before"]
    rows = {str(row["year"])[:4]: row for row in block.rows}
    assert rows["2022"]["value_0"].value == 87.54
    assert rows["2022"]["value_1"].value == 80.91
    assert rows["2022"]["mean"].value == pytest.approx((87.54 + 80.91) / 2)
    assert rows["2023"]["spread"].value == pytest.approx(88.68 - 84.60)
    assert rows["2012"]["rank_0"].value == 1
    titles = {column.group for column in block.columns}
    assert {"Da Nang", "Quang Nam"} <= titles
    assert findings(report, blocks) == []


@pytest.mark.long
def test_the_profile_of_a_unit_that_stayed_has_its_own_years(of_2025):
    report = profile.Report(of_2025("province", {"ha-noi": 91.0}), unit="ha-noi")
    block = tables(report.before_mergers())["parts_before"]
    assert "mean" not in {column.key for column in block.columns}
    assert profile.Report(of_2025("ministry", MINISTRIES), unit="bo-y-te").before_mergers().blocks == ()


@pytest.mark.long
def test_the_data_name_the_units_of_both_systems(of_2025):
    report = profile.Report(of_2025("province", {"da-nang-2025": 90.0}), unit="da-nang-2025")
    listed = next(block for block in report.datasets() if isinstance(block, Dataset) and block.name == "units")
    rows = {line.split(",")[0]: line for line in listed.text.splitlines()}
    assert len(rows) == 1 + 34 + 52  # heads, the 34, and the old units that were merged into 23 of them
    assert ",Huế," in rows["hue"]  # as it is called since the mergers
    assert "trung-du-mien-nui-phia-bac-2025" in rows["lang-son"]
    assert rows["ha-giang"].startswith("ha-giang,province,Hà Giang,")
