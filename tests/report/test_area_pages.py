"""A page for each area: whole where every value is known, a few lines where few are, one line for the unknown."""

import numpy as np
import pandas as pd
import pytest

from parlib import years
from parlib.analysis import statistics
from parlib.publish import document
from parlib.report.annual import area_pages
from parlib.report.blocks import Figure, Heading, Note, Paragraph, Table, Tiles

NO_NODES = pd.DataFrame()


def pages(frames, view):
    facts = statistics.by_area(frames.results, frames.previous)
    return area_pages(view, facts, NO_NODES).blocks


def by_page(blocks):
    """The blocks under each heading, by its anchor."""
    results = {}
    for block in blocks:
        if isinstance(block, Heading):
            results[block.anchor] = []
        else:
            results[next(reversed(results))].append(block)
    return results


@pytest.mark.long
def test_papi_has_a_whole_page_for_each_of_its_eight_dimensions(year, view_of):
    frames = year(2024, "province", "papi")
    blocks = pages(frames, view_of(frames))
    assert all(block.level == 2 for block in blocks if isinstance(block, Heading))
    result = by_page(blocks)
    assert list(result) == [f"area-{n}" for n in range(1, 9)]
    for anchor, own in result.items():
        area = anchor.removeprefix("area-")
        kinds = [type(block) for block in own]
        assert Tiles not in kinds  # the table of the areas has their numbers
        assert kinds.count(Figure) == 1
        names = [block.name for block in own if isinstance(block, Table)]
        assert names == [f"ends_{area}", f"criteria_{area}"]
        values = frames.results.values(area, "points").loc[frames.results.ranked_units]
        ends = next(block for block in own if isinstance(block, Table))
        shown = [row["first_value"].value for row in ends.rows]
        assert shown == pytest.approx(sorted(values, reverse=True)[:5])
        assert [row["last_value"].value for row in ends.rows] == pytest.approx(sorted(values)[:5][::-1])


@pytest.mark.long
def test_movers_are_those_of_the_two_years(year, view_of):
    frames = year(2024, "province", "papi")
    own = by_page(pages(frames, view_of(frames)))["area-2"]
    sentences = [block for block in own if isinstance(block, Paragraph)]
    rises, falls = ([part.value for part in block.parts if hasattr(part, "value")] for block in sentences)
    now, then = (r.values("2", "points").loc[frames.results.ranked_units] for r in (frames.results, frames.previous))
    moves = (now - then).dropna().sort_values()
    assert rises == pytest.approx(moves.tail(3)[::-1].to_list())
    assert falls == pytest.approx(moves.head(3).to_list())
    assert "Tăng nhiều nhất" in sentences[0].plain_text()
    assert "Giảm nhiều nhất" in sentences[1].plain_text()


def test_an_area_of_which_little_is_known_is_a_sentence_and_the_unknown_share_a_line(year, view_of):
    frames = year(2023, "ministry")  # Ngân hàng Nhà nước in area 1 (97.02) and first in area 3; nothing else
    blocks = pages(frames, view_of(frames))
    assert not any(isinstance(block, Heading | Figure | Table | Tiles) for block in blocks)
    first, third = (block.plain_text() for block in blocks if isinstance(block, Paragraph))
    assert first.startswith("1. ")
    assert "Ngân hàng Nhà nước Việt Nam (97,02%" in first
    assert third.startswith("3. ")
    last = blocks[-1]
    assert isinstance(last, Note)
    assert last.role == "missing"
    for node in "24567":
        assert view_of(frames).node_name(node) in last.text


def test_printed_figures_of_an_area_are_told(year, view_of):
    frames = year(2017, "ministry")  # mean and number above the mean of area 3 are published
    (text,) = (block.plain_text() for block in pages(frames, view_of(frames)) if block.plain_text().startswith("3. "))
    printed = frames.results.printed_statistics
    value = printed.loc[(printed["node"] == "3") & (printed["statistic"] == "mean"), "value"].iloc[0]
    assert f"{value:.2f}".replace(".", ",") in text


def test_by_hand_ties_share_a_place_and_the_mean_moves(make_results, analysed, view_of):
    four = {"bo-y-te": 80.0, "bo-noi-vu": 90.0, "bo-tu-phap": 80.0, "bo-tai-chinh": 70.0}
    now = make_results(four, areas={"1": four})
    then = make_results(four, areas={"1": {**four, "bo-y-te": 75.0}}, year=2022)
    frames = analysed(now, then)
    own = by_page(pages(frames, view_of(frames, "en")))["area-1"]
    (moved,) = (block.plain_text() for block in own if block.plain_text().startswith("Mean of the "))
    assert "80.00%, up 1.25 percentage points " in moved
    assert moved.endswith(" 2022.")
    ends = next(block for block in own if isinstance(block, Table))
    assert [row["first_rank"].value for row in ends.rows if row["first_rank"]] == [1, 2, 2]
    assert not any("NaN" in str(row) for row in ends.rows)


@pytest.mark.parametrize("number", [2017, pytest.param(2023, marks=pytest.mark.long), 2024])
@pytest.mark.long
def test_both_languages_print_the_same_numbers(number, year, view_of):
    level, index = ("ministry", "par") if number == 2017 else ("province", "papi" if number == 2024 else "par")
    frames = year(number, level, index)
    vi, en = (
        [n.value for block in pages(frames, view_of(frames, language)) for n in document.numbers(block)]
        for language in ("vi", "en")
    )
    assert vi == en
    assert len(vi) > 3
    assert np.isfinite([value for value in vi if value is not None]).all()


def test_an_index_without_areas_has_no_pages(view_of, analysed):
    results = years.open_results(2023, "province", "sipas")
    frames = analysed(results)
    assert not area_pages(view_of(frames), (), NO_NODES).blocks
