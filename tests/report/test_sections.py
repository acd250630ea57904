"""Sections: a heading and what is known under it, or a heading and one line."""

import pytest

from parlib import years
from parlib.report import tables
from parlib.report.blocks import Figure, Heading, Note, Sequel, Table

SECTIONS = ("unit_in_focus", "ranking", "parts", "change", "regions", "areas", "grounds")


def sections(report):
    """The sections of the yearly report, by anchor; those that have no sense for the index are left out."""
    results = [getattr(report, name)() for name in SECTIONS]
    return {section.blocks[0].anchor: section for section in results if section.blocks}


#: The years that are looked at in every run, those of the reports that all tests share among them; the others where
#: there is time.
QUICK = [(2012, "ministry", "par"), (2023, "ministry", "par"), (2024, "ministry", "par"), (2023, "province", "sipas")]
YEARS = [(row.year, row.level, "par") for row in years.available("par").itertuples()]
YEARS += [(2017, "province", "papi"), (2024, "province", "papi"), (2008, "province", "pci"), (2020, "province", "dti")]
YEARS += [(2023, "province", "sipas"), (2015, "province", "sipas"), (2017, "province", "grdp")]


ANCHORS = ["ranking", "parts", "change", "regions", "areas", "grounds"]
ABSENT = {"province": set(), "ministry": {"regions"}, "papi": {"parts"}}
ABSENT |= {index_name: {"parts", "areas"} for index_name in ("pci", "dti", "sipas", "grdp")}


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("number", "level", "index_name"),
    [pytest.param(*case, marks=[] if case in QUICK else [pytest.mark.long]) for case in YEARS],
)
def test_every_real_year_makes_a_whole_report(number, level, index_name, report_of):
    report = report_of(number, level, index_name)
    result = sections(report)
    absent = ABSENT.get(index_name, set()) | ABSENT[level]
    absent |= set() if tables.parts_complete(report.view, report.year.parts()) else {"parts"}  # a few: in an annex
    assert list(result) == [name for name in ANCHORS if name not in absent]
    names = set()
    for anchor, section in result.items():
        heading, *rest = section
        assert isinstance(heading, Heading)
        assert rest, anchor
        missing = [block for block in rest if isinstance(block, Note) and block.role == "missing"]
        assert len(missing) <= 1, anchor
        if missing:
            assert rest[-1] == missing[0], anchor
            assert not any(isinstance(block, Figure | Table) for block in rest), anchor
        for block in rest:
            assert not isinstance(block, Sequel)
            if isinstance(block, Figure | Table):
                assert (block.kind, block.name) not in names, "two tables of one name"
                names.add((block.kind, block.name))
            for text in (block.plain_text(), *getattr(block, "notes", ())):
                assert text.strip(), anchor
                assert "nan" not in text.lower().split(), text
                assert "{" not in text, text


@pytest.mark.long
def test_a_unit_in_focus_has_a_section_of_its_own(report_of):
    result = sections(report_of(2023, "ministry", unit="bo-y-te"))
    assert result["unit"].blocks[0].text == "Bộ Y tế"
    assert len(result["unit"].blocks) > 2


def test_a_year_without_data_is_lines(report_of):
    result = sections(report_of(2024, "ministry"))
    assert [block.kind for block in result["ranking"]] == ["heading", "note"]
    assert [block.kind for block in result["change"]] == ["heading", "note"]
    assert result["ranking"].blocks[1].role == "missing"
    assert "2024" in result["ranking"].blocks[1].text
