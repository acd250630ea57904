"""What is known of each year without a tree, and that the facts agree with the tables they go beyond."""

import csv
from decimal import Decimal

import pytest

from parlib import data_tables
from parlib.data_tables import read_yaml
from parlib.places import data
from parlib.scoring.scheme import load_scheme


def rows(*path):
    with data().joinpath(*path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("year", "level", "decision", "basis"),
    [
        (2012, "province", "1294/QĐ-BNV", "inferred"),
        (2015, "ministry", "4361/QĐ-BNV", "inferred"),
        (2016, "province", "", ""),  # no decision was found for 2016
        (2017, "ministry", "2948/QĐ-BNV", "printed"),
        (2018, "province", "", "printed"),  # a set of its own, its number not seen
        (2019, "province", "1150/QĐ-BNV", "printed"),
        (2021, "ministry", "1149/QĐ-BNV", "printed"),
        (2023, "province", "876/QĐ-BNV", "printed"),
        (2024, "province", "892/QĐ-BNV", "inferred"),
    ],
)
def test_the_decision_of_a_year(year, level, decision, basis):
    assert data_tables.decision_of(year, level) == decision
    assert data_tables.decision_basis(year, level) == basis


def test_areas_and_components_as_far_as_seen():
    areas = data_tables.areas_of(2023, "province")
    assert list(areas["node"]) == list("12345678")
    known = areas.set_index("node")["maximum"].dropna()
    assert known.to_dict() == {"2": 10, "3": 13, "4": 10.5, "8": 16.5}
    parts = data_tables.components_of(2023, "province")
    assert parts.loc[parts["kind"] == "part", "maximum"].sum() == 100
    assert data_tables.areas_of(2016, "province").empty and data_tables.components_of(2018, "province").empty
    assert set(data_tables.areas_of(2017, "ministry")["scope"]) == {"appraised_part"}


def test_the_bands_of_a_year():
    assert data_tables.bands_of(2022, "province") == {"A": 90, "B": 80, "C": 70, "D": 0}
    assert data_tables.bands_of(2018, "province") == {"A": 80, "B": 75, "C": 70, "D": 0}  # data package, trap 2
    assert data_tables.bands_of(2012, "province") == {"A": 80, "B": 70, "C": 67.68, "D": 62.58}
    assert data_tables.bands_of(2025, "province") == {}


@pytest.mark.parametrize("scheme_id", ["876-province", "876-ministry"])
def test_the_bands_of_the_schemes_are_those_of_their_years(scheme_id):
    scheme = load_scheme(scheme_id)
    for year in scheme.years:
        assert data_tables.bands_of(year, scheme.level) == scheme.bands


def test_a_printed_bound_is_one_that_a_statistic_of_that_year_is_cut_at():
    """The bounds in the words of par_statistics ("n_70_80", "n_ge_90") and in the ranges of par_index."""
    cut = {}
    for row in rows("published", "par_statistics.csv"):
        word = row["statistic"]
        if word.startswith(("n_ge_", "n_lt_")) or word[:3] in ("n_6", "n_7", "n_8"):
            bounds = [float(part) for part in word.split("_")[1:] if part[0].isdigit()]
            cut.setdefault((row["year"], row["level"]), set()).update(bounds)
            if word.startswith("n_lt_"):
                cut[row["year"], row["level"]].add(("under", bounds[0]))
        elif word == "lowest_group_bound":
            cut.setdefault((row["year"], row["level"]), set()).add(float(row["value"]))
    for row in rows("published", "par_index.csv"):
        if row["basis"] == "band_only" and row["index_min"]:
            cut.setdefault((row["year"], row["level"]), set()).update(
                {float(row["index_min"]), float(row["index_max"])}
            )
    table = rows("schemes", "bands.csv")
    for row in table:
        same = [other for other in table if (other["year"], other["level"]) == (row["year"], row["level"])]
        seen = cut.get((row["year"], row["level"]), set())
        if row["basis"] == "printed" and not row["note"].startswith("only grouped"):
            above = float(same[same.index(row) - 1]["lower"])
            assert float(row["lower"]) in seen or ("under", above) in seen, row
        assert row["basis"] in ("printed", "inferred")


def test_the_years_whose_scale_moved():
    moved = {2014, 2017, 2018, 2019, 2020, 2022, 2024}  # data package, trap 1
    assert data_tables.breaks("province") == data_tables.breaks("ministry") == moved
    assert data_tables.breaks("province", "papi") == {2018, 2019, 2021}  # trap 8: totals compare only inside these
    assert data_tables.breaks("province", "grdp") == frozenset()


def test_the_facts_of_a_scheme_hold_what_the_tables_print():
    facts = data_tables.facts_of("876-province", "", "", ())
    assert (len(facts.area_maxima), facts.criteria, facts.subcriteria, facts.total) == (8, 37, 88, 100)
    assert facts.area_maxima == (None, 10, 13, Decimal("10.5"), None, None, None, Decimal("16.5"))
    assert facts.components == {"appraisal": Decimal("61.5"), "sipas": 10, "leaders": 22, "impact": Decimal("6.5")}
    facts = data_tables.facts_of("876-ministry", "", "", ())
    assert facts.area_counts == ((7, 6), (9, 15), (6, 19), (4, 14), (6, 16), (3, 13), (3, 14))
    assert facts.components == {"appraisal": Decimal("68.5"), "survey": Decimal("31.5")}


def test_the_maxima_we_assume_keep_to_those_printed_and_add_up():
    for scheme_id, entry in read_yaml(data() / "schemes" / "facts.yaml").items():
        facts = data_tables.facts_of(scheme_id, entry["decision"], entry["level"], tuple(entry["years"]))
        assumed = facts.area_maxima_assumed or facts.area_maxima
        assert all(known in (None, maximum) for known, maximum in zip(facts.area_maxima, assumed, strict=True))
        assert sum(assumed) == facts.total == sum(facts.components.values())


def test_facts_of_a_decision_without_an_entry_come_from_the_tables():
    facts = data_tables.facts_of("1150-province", "1150/QĐ-BNV", "province", (2019,))
    assert (facts.criteria, facts.subcriteria) == (43, 95)
    # 2948 prints 38 criteria but its areas add to 39: the total is not held against a scheme, the areas are
    facts = data_tables.facts_of("2948-province", "2948/QĐ-BNV", "province", (2017,))
    assert facts.criteria is None and facts.subcriteria == 81
    # inferred years are not held against a scheme
    assert data_tables.facts_of("x", "4361/QĐ-BNV", "province", (2014,)).years == ()
    assert data_tables.facts_of("x", "01/QĐ-UBND", "province", (2030,)) is None


def test_a_leaf_is_absent_exactly_in_the_years_without_any_value():
    values = rows("external", "papi.csv")
    seen = {(int(row["year"]), row["code"]) for row in values if row["value"]}
    for scheme_id in ("papi-2011", "papi-2018"):
        scheme = load_scheme(scheme_id)
        for year in scheme.years:
            assert {leaf.code for leaf in scheme.leaves if (year, leaf.code) not in seen} == scheme.absent_in(year)
