"""What a round adds to a report: its numbers are those of the ledger, bound to cells, and equal in both languages."""

import io

import numpy as np
import pytest
from PIL import Image

from parlib import places
from parlib.report import rounds, style, trend
from parlib.report.annual import Report
from parlib.report.blocks import Figure, Heading, Note, Number, Paragraph, Sequel, Table, Wording
from parlib.report.tables.areas import criteria_table
from parlib.report.views import View
from parlib.years import year


@pytest.fixture(scope="module")
def made(shared_rounds):
    """The sections of a simulated round of ministries, with its facts; in English without the pages of the areas."""
    with places.rounds_at(shared_rounds):
        matches = {}
        for language in ("vi", "en"):
            report = Report(year(2023, "ministry", round="2023-ministry", language=language))
            sections = [report.how_it_was_run, report.losses, report.claims, report.survey]
            sections[1:1] = [report.area_pages] if language == "vi" else []
            blocks = [block for section in sections for block in section()]
            matches[language] = (blocks, report.year.facts, report.year.overview())
        yield report.year.results, matches


def test_a_simulated_round_has_no_years_to_be_a_trend_of(shared_rounds):
    """It is not set against published years: a table of one year, "2023–2023", would be none of years."""
    with places.rounds_at(shared_rounds):
        report = trend.Report(year(2023, "ministry", round="2023-ministry"))
        (said,) = report.level()
        assert isinstance(said, Note) and said.role == "missing"
        sections = (report.ranks, report.change, report.mobility, report.spread, report.grounds)
        assert not [block for section in sections for block in section()]


def numbers(blocks):
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from (part for part in block.parts if isinstance(part, Number))
        if isinstance(block, Table):
            for row in block.rows:
                yield from (row[c.key] for c in block.columns if isinstance(row.get(c.key), Number))


def table(blocks, name):
    return next(block for block in blocks if isinstance(block, Table) and block.name == name)


@pytest.mark.long
def test_every_section_is_there_with_figures_and_captions(made):
    blocks = made[1]["vi"][0]
    assert not [block for block in blocks if isinstance(block, Note) and block.role == "missing"]
    headings = [block.text for block in blocks if isinstance(block, Heading) and block.level == 1]
    assert headings == [
        "Tổ chức kỳ đánh giá",
        "Các tiêu chí bị trừ nhiều điểm",
        "Tự đánh giá và thẩm định",
        "Điều tra xã hội học",
    ]
    figures = [block for block in blocks if isinstance(block, Figure)]
    spreads = [f"distribution_{area}" for area in "1234567"]
    assert [figure.name for figure in figures] == [*spreads, "loss-grounds", "losses", "claims", "survey"]
    for block in blocks:
        if isinstance(block, Table | Figure):
            assert block.caption
            assert any("MÔ PHỎNG" in note for note in block.notes)


@pytest.mark.long
def test_vietnamese_and_english_print_the_same_numbers_in_the_same_order(made):
    blocks, english = (made[1][language][0] for language in ("vi", "en"))
    start = next(n for n, b in enumerate(blocks) if isinstance(b, Heading) and b.anchor.startswith("area-"))
    end = next(n for n, b in enumerate(blocks) if isinstance(b, Heading) and b.anchor == "losses")
    vi, en = list(numbers(blocks[:start] + blocks[end:])), list(numbers(english))
    assert len(vi) == len(en) > 100
    assert [n.value for n in vi] == [n.value for n in en]
    assert all(number.refs for number in vi)


def test_the_numbers_of_the_criteria_are_those_of_the_scorecard(made):
    blocks, facts, overview = made[1]["vi"]
    card = facts.cards["final"]
    rows = [card.units.index(unit) for unit in overview.units]
    points, maxima = (values[rows] for values in card.node_points())
    view = View(made[0], Wording("vi"))
    in_annex = [row for area in "1234567" for row in criteria_table(view, area, overview.nodes).rows]
    whole = {row["name"].partition(". ")[0]: row for row in in_annex}
    assert len(whole) == 38 + 97  # criteria and sub-criteria of 876/QĐ-BNV
    on_pages = [row for area in "1234567" for row in table(blocks, f"criteria_{area}").rows]
    assert on_pages == [row for row in in_annex if row["name"].partition(". ")[0].count(".") == 1]  # the criteria alone
    for code, row in whole.items():
        place = card.nodes.index(code)
        applies = maxima[:, place] > 0
        lost = (maxima - points)[applies, place]
        assert row["lost"].value == pytest.approx(lost.mean(), abs=1e-9)
        assert row["losing"].value == (lost > 1e-9).sum()
        assert row["full"].value == (lost <= 1e-9).sum()


def test_the_survey_table_counts_every_form_and_the_intervals_hold_the_shares(made):
    blocks, facts, _ = made[1]["vi"]
    forms = table(blocks, "forms")
    assert forms.rows[-1]["n"].value == sum(row["n"].value for row in forms.rows[:-1])
    shares = facts.shares.dropna(subset=["share"])
    assert (shares["lower"] < shares["share"]).all()
    assert (shares["share"] < shares["upper"]).all()
    printed = rounds.survey_table(View(made[0], Wording("vi")), facts.shares).rows
    assert len(printed) == len(shares)
    for row, answer in zip(printed, shares.itertuples(index=False), strict=True):
        assert row["group"] == answer.group_name
        assert row["share"].value == pytest.approx(100 * answer.share)
        assert row["half"].value == pytest.approx(50 * (answer.upper - answer.lower))
        assert row["n"].value == answer.n
    assert [row["code"] for row in printed if row["code"]] == list(dict.fromkeys(shares["code"]))


def test_survey_results_say_that_they_are_of_units_too_that_are_not_ranked(made):
    # 19 agencies are surveyed, 17 ranked: means of the answers are over all 19
    view, shares = View(made[0], Wording("vi")), made[1]["vi"][1].shares
    names = view.unit_list(view.apart)
    assert len(view.apart) == 2
    for block in (rounds.survey_table(view, shares), rounds.survey_dots(view, shares)):
        assert any(names in note and "gồm cả đơn vị không xếp hạng" in note for note in block.notes)


def test_the_figure_of_the_survey_leaves_its_heading_on_the_same_page(made):
    """26 items of 7.6 mm were 223 mm with head and foot, beside a caption of two lines and notes of three: the heading
    stood alone on a page. Figures are 170 mm wide."""
    figure = rounds.survey_dots(View(made[0], Wording("vi")), made[1]["vi"][1].shares)
    picture = Image.open(io.BytesIO(figure.png_bytes))
    assert len(set(figure.data["item"])) == 26
    assert 170 * picture.height / picture.width <= style.TALLEST - 14 + 0.5


def test_forms_tell_how_many_of_those_planned_came_back(made):
    blocks, facts, _ = made[1]["vi"]
    total = table(blocks, "forms").rows[-1]
    assert total["rate"].value == pytest.approx(100 * facts.forms["n"].sum() / facts.forms["planned"].sum())


def test_claims_add_up_to_the_sentence(made):
    blocks, _, overview = made[1]["vi"]
    stated = next(b for b in blocks if isinstance(b, Paragraph) and "không được công nhận" in b.plain_text())
    share, mean = (part.value for part in stated.parts if isinstance(part, Number))
    assert share == pytest.approx(100 * overview.claims["over"].sum() / overview.claims["claimed"].sum())
    assert mean == pytest.approx(overview.claims["over"].mean())
    rows = rounds.claims_table(View(made[0], Wording("vi")), overview.claims).rows
    assert np.isclose(sum(row["over"].value for row in rows), overview.claims["over"].sum())


def test_a_report_on_published_results_has_none_of_this(report_of):
    report = report_of(2023, "ministry")
    for section in (report.how_it_was_run, report.losses, report.claims, report.survey):
        assert section() == Sequel(())


def test_the_points_lost_divide_into_areas_components_and_grounds(made):
    blocks, facts, overview = made[1]["vi"]
    card = facts.cards["final"]
    rows = [card.units.index(unit) for unit in overview.units]
    points, maxima = (values[rows, 0] for values in card.node_points())
    lost = (maxima - points).mean()
    divided = overview.divisions.groupby("division")["mean_lost"].sum()
    assert divided.to_numpy() == pytest.approx([lost] * 3)
    printed = [row for row in table(blocks, "loss_divisions").rows if row["lost"] != ""]
    assert sum(row["share"].value for row in printed) == pytest.approx(300)
    shares = [row["share"].value for row in rounds.losses_table(View(made[0], Wording("vi")), overview.nodes).rows]
    figure = next(block for block in blocks if isinstance(block, Figure) and block.name == "losses")
    assert np.cumsum(shares) == pytest.approx(figure.data["cumulative"][: len(shares)])


def test_the_gap_of_the_whole_is_the_sum_of_the_gaps_of_the_areas(made):
    rows = table(made[1]["vi"][0], "gaps").rows
    assert rows[-1]["name"] == "Tổng điểm"  # of points; the index is another number
    assert sum(row["gap"].value for row in rows[:-1]) == pytest.approx(rows[-1]["gap"].value)
