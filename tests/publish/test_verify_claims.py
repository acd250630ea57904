"""What a sentence claims - up, down, highest, lowest, all - is held against the datasets, in both languages."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from parlib.analysis.statistics import index_tables
from parlib.publish.document import Document, Item, flat
from parlib.publish.verify import blocks as gate
from parlib.publish.verify.data import Data, Names
from parlib.report import datasets
from parlib.report.blocks import (
    Block,
    Column,
    Dataset,
    Figure,
    Number,
    Paragraph,
    Ref,
    Table,
    Tile,
    Tiles,
    Title,
    Wording,
)
from parlib.report.tables.areas import assumptions_table
from parlib.report.views import View
from parlib.scoring import units
from parlib.years import open_other_year, open_results

Language = Literal["vi", "en"]
# Ministries 2023 as published: Justice first with 89.95; 10 rose and 7 fell on 2022.
# PAPI 2024: Tay Ninh rose most of the provinces known in both years, Bac Lieu fell most.


@cache
def view(index_name: str, language: Language) -> View:
    year, level = (2023, "ministry") if index_name == "par" else (2024, "province")
    return View(open_results(year, level, index_name), Wording(language))


@cache
def behind(index_name: str, language: Language) -> tuple[Dataset, ...]:
    shown = view(index_name, language)
    years = shown.results, open_other_year(shown.results, shown.results.year - 1)
    result = datasets.behind(shown, index_tables(*years), years)
    return tuple(block for block in flat(result) if isinstance(block, Dataset))


def checks(block: Block, language: Language, index_name: str = "par") -> set[str]:
    document = Document(language, Title("Thử"), (Item(block),), behind(index_name, language))
    return {finding.check for finding in gate.inspect(document, Wording(language))[1]}


def value(language: Language, unit: str, index: float) -> Number:
    return view("par", language).value(unit, index)


def counted(language: Language, way: str, n: int) -> Number:
    shown = view("par", language)
    return shown.wording.count(n, shown.ref(column=way), shown.ref(column=way, year=2022), made="printed")


def change(language: Language, unit: str) -> Number:
    """The change of a province in PAPI 2024, worked out here from the two published values."""
    shown = view("papi", language)
    then = open_other_year(shown.results, 2023)
    assert then is not None
    size = shown.results.values(column="points")[unit] - then.values(column="points")[unit]
    refs = shown.ref(unit), shown.ref(unit, year=2023)
    return shown.wording.number(size, 2, *refs, made="difference", signed=True)


WORDS: dict[Language, dict[str, tuple[str, str]]] = {
    "vi": {
        "highest": ("Cao nhất", "Thấp nhất"),
        "first": ("Đứng đầu là", "Xếp cuối là"),
        "rose": ("tăng", "giảm"),
        "rise": ("Tăng nhiều nhất", "Giảm nhiều nhất"),
        "unit": ("Bộ Tư pháp", "Tây Ninh"),
    },
    "en": {
        "highest": ("Highest", "Lowest"),
        "first": ("First place:", "Last place:"),
        "rose": ("rose", "fell"),
        "rise": ("Largest rise", "Largest fall"),
        "unit": ("Ministry of Justice", "Tay Ninh"),
    },
}
BOTH = pytest.mark.parametrize("language", WORDS)


@pytest.mark.long
@BOTH
@pytest.mark.parametrize("word", ["highest", "first"])
def test_the_highest_is_not_called_the_lowest(word: str, language: Language) -> None:
    right, wrong = WORDS[language][word]
    unit, number = WORDS[language]["unit"][0], value(language, "bo-tu-phap", 89.95)
    assert checks(Paragraph((f"{right} {unit}, ", number, ".")), language) == set()
    assert "extremes" in checks(Paragraph((f"{wrong} {unit}, ", number, ".")), language)
    assert checks(Tiles((Tile(right, number, "%", (unit,)),), ""), language) == set()
    assert checks(Tiles((Tile(wrong, number, "%", (unit,)),), ""), language) == {"extremes"}


@BOTH
def test_units_that_rose_are_not_said_to_have_fallen(language: Language) -> None:
    rose, fell = WORDS[language]["rose"]
    up, down = counted(language, "rose", 10), counted(language, "fell", 7)
    assert checks(Paragraph((up, f" {rose}, ", down, f" {fell}.")), language) == set()
    assert "directions" in checks(Paragraph((up, f" {fell}, ", down, f" {rose}.")), language)
    of = view("par", language).wording.count(17, view("par", language).ref(column="ranked"))
    assert checks(Paragraph((up, "/", of, f" {rose}.")), language) == set()
    assert checks(Paragraph((up, "/", of, f" {fell}.")), language) == {"directions"}
    assert checks(Tiles((Tile(f"{rose} 2022", up),), ""), language) == set()
    assert checks(Tiles((Tile(f"{fell} 2022", up),), ""), language) == {"directions"}


@pytest.mark.few(1)
@BOTH
def test_the_largest_rise_is_a_rise_and_the_largest(language: Language) -> None:
    rise, fall = WORDS[language]["rise"]
    unit, most, other = WORDS[language]["unit"][1], change(language, "tay-ninh"), change(language, "ca-mau")
    assert checks(Paragraph((f"{rise}: {unit} (", most, ").")), language, "papi") == set()
    assert {"directions", "extremes"} <= checks(Paragraph((f"{fall}: {unit} (", most, ").")), language, "papi")
    assert checks(Paragraph((f"{rise}: Cà Mau (", other, ").")), language, "papi") == {"extremes"}


@pytest.mark.parametrize(("language", "stated"), [("vi", "Tất cả đều tăng: "), ("en", "All rose: ")])
def test_all_is_every_unit(language: Language, stated: str) -> None:
    # sixteen provinces fell on 2023, and of two the value is not known
    assert checks(Paragraph((stated, change(language, "tay-ninh"))), language, "papi") == {"all"}


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi", ("Vùng cao nhất: ", "thấp nhất: ")), ("en", ("Highest regional mean: ", "lowest: "))],
)
def test_the_region_with_the_highest_mean_is_called_so(language: Language, words: tuple[str, str]) -> None:
    shown = view("papi", language)
    values = shown.results.values(column="points").loc[shown.results.ranked_units].dropna()
    means = values.groupby([units.region_of(unit, shown.results.system) for unit in values.index]).mean().sort_values()
    numbers = [shown.number(None, shown.ref(f"region:{home}"), made="mean") for home in means.index[[-1, 0]]]
    matches = [Number(size, shown.wording.format(size, 2), number.refs, "mean")
             for size, number in zip(means.iloc[[-1, 0]], numbers, strict=True)]  # fmt: skip
    assert checks(Paragraph((words[0], matches[0], "; ", words[1], matches[1], ".")), language, "papi") == set()
    assert checks(Paragraph((words[0], matches[1], "; ", words[1], matches[0], ".")), language, "papi") == {"extremes"}


def test_a_year_of_which_only_totals_were_published_has_no_known_unit() -> None:
    # of the ministries in 2024 only the numbers of respondents were published
    shown = View(open_results(2024, "ministry"), Wording("vi"))
    result = datasets.behind(shown, index_tables(shown.results), (shown.results,))
    known = Number(0.0, "0", (Ref("par", 2024, "ministry", "*", "", "known"),), "count")
    data = tuple(block for block in flat(result) if isinstance(block, Dataset))
    passed, _ = gate.inspect(Document("vi", Title("Thử"), (Item(Paragraph((known,))),), data), Wording("vi"))
    assert passed.recomputed == 1


def among(rank: float) -> set[str]:
    """What is found where Da Nang is said to be ``rank`` in its region by GRDP a head, 2017."""
    shown = View(open_results(2017, "province", "grdp"), Wording("vi"))
    result = datasets.behind(shown, index_tables(shown.results), (shown.results,))
    data = tuple(block for block in flat(result) if isinstance(block, Dataset))
    number = shown.wording.number(rank, 0, shown.ref("da-nang", column="rank"), made="rank_among")
    document = Document("vi", Title("Thử"), (Item(Paragraph((number,))),), data)
    return {finding.check for finding in gate.inspect(document, Wording("vi"))[1]}


def test_a_place_in_a_region_follows_from_values_where_ranks_are_not_known() -> None:
    # not every province has a value, so none has a rank among all; on the coast Da Nang has the largest of all eight
    assert among(1) == set()
    assert among(2) == {"bound_numbers"}


@pytest.mark.parametrize(("sentence", "matches"), [("1 tỉnh", set()), ("2 tỉnh", {"bound_numbers"})])
def test_how_many_share_an_end_is_counted_in_a_cell(sentence: str, matches: set[str]) -> None:
    """PAPI 2024: Quảng Ninh alone has the highest total, so one province and not two stands there."""
    shown = view("papi", "vi")
    totals = shown.results.values(column="points")
    assert list(totals.index[totals == totals.max()]) == ["quang-ninh"]
    held = Number(None, sentence, (shown.ref(column="at_best"),), "count")
    table = Table((Column("best_unit", "Đơn vị"),), ({"best_unit": held},), "Thử")
    assert checks(table, "vi", "papi") == matches


@pytest.mark.parametrize("day", ["2 October 2025", "2 October 2035"])
def test_a_day_in_the_head_is_one_on_which_a_source_was_printed(day: str) -> None:
    """No results here are of these years; a source was printed on the first day, none on the second."""
    shown = view("par", "en")
    behind_it = datasets.behind(shown, index_tables(shown.results), (shown.results,))
    document = Document(
        "en",
        Title("A trial", lines=(f"Read from: press, of {day}.",)),
        (),
        tuple(block for block in flat(behind_it) if isinstance(block, Dataset)),
    )
    matches = {finding.check for finding in gate.inspect(document, Wording("en"))[1]}
    assert matches == (set() if day.endswith("2025") else {"digits_in_text"})


@pytest.mark.parametrize(
    ("printed", "matches"),
    [("1234/QĐ-UBND", set()), ("1243/QĐ-UBND", {"digits_in_text", "row_names"}), ("876/QĐ-BNV", {"row_names"})],
)
def test_a_decision_is_that_of_the_results_whether_it_is_published_or_not(printed: str, matches: set[str]) -> None:
    """A set of criteria that a department made for itself, in no file of published facts."""
    results = replace(view("par", "vi").results, decision="1234/QĐ-UBND")
    shown = View(results, Wording("vi"))
    behind_it = datasets.behind(shown, index_tables(results), (results,))
    sentence = View(replace(results, decision=printed), Wording("vi"))
    document = Document(
        "vi",
        Title("Thử", lines=(sentence.decision,)),
        (Item(assumptions_table(sentence)),),
        tuple(block for block in flat(behind_it) if isinstance(block, Dataset)),
    )
    assert {finding.check for finding in gate.inspect(document, Wording("vi"))[1]} == matches


# --- what titles of figures find --------------------------------------------------------------------


def titled(*finding: str | Number, **data: list[str]) -> Figure:
    return Figure(png="", caption="Hình", alternative="", finding=finding, name="thử", data=data)


def deviation(year: int, size: float) -> Number:
    shown = view("papi", "vi")
    return shown.wording.number(size, 2, shown.ref(year=year), made="standard deviation")


@pytest.mark.parametrize(("way", "matches"), [("giảm", set()), ("tăng", {"directions"})])
def test_what_fell_from_one_number_to_another_fell(way: str, matches: set[str]) -> None:
    # PAPI: standard deviations 1.880345 in 2023 and 1.814643 in 2024
    then, now = deviation(2023, 1.88034458), deviation(2024, 1.81464315)
    figure = titled(f"Độ lệch chuẩn {way} từ ", then, " năm 2023 còn ", now, " điểm năm 2024")
    assert checks(figure, "vi", "papi") - {"bound_numbers"} == matches


@pytest.mark.parametrize(("change", "matches"), [("ít hơn mức", set()), ("nhiều hơn mức", {"directions"})])
def test_what_is_less_than_another_number_is_less(change: str, matches: set[str]) -> None:
    # ministries 2023, in percent of their maxima: survey 13.59 from first to last, appraisal 15.40
    shown = view("par", "vi")
    one, other = (
        shown.wording.number(size, 2, shown.ref(node=f"component:{part}", column="index"), made="distance")
        for part, size in (("survey", 13.587301587), ("appraisal", 15.401459854))
    )
    assert checks(titled("Điều tra: chênh lệch ", one, f" điểm %, {change} ", other, " điểm %"), "vi") == matches


def test_a_comparison_behind_a_semicolon_is_another_one() -> None:
    """The Ministry of Justice has 28.10 in the survey, the largest; the Ministry of Information and Communications has
    25.33, which is 0.35 below the mean: 28.10 is not said to be less than 0.35."""
    best, own, mean = (
        Ref("par", 2023, "ministry", unit, "component:survey", "points")
        for unit in ("bo-tu-phap", "bo-thong-tin-va-truyen-thong", "*")
    )
    high, gap = Number(28.10, "28,10", (best,)), Number(0.35, "0,35", (own, mean), "distance")
    told = Paragraph(("So với mức cao nhất ", high, " điểm; thấp hơn mức trung bình chung ", gap, " điểm."))
    assert "directions" not in checks(told, "vi")


@pytest.mark.parametrize(("way", "matches"), [(1, set()), (-1, {"extremes"})])
def test_a_node_called_the_largest_is_the_largest_drawn(way: int, matches: set[str]) -> None:
    shown = view("papi", "vi")
    spans = {str(code): float(np.ptp(shown.values(str(code)).loc[shown.results.ranked_units])) for code in range(1, 9)}
    node = max(spans, key=lambda code: way * spans[code])
    span = shown.wording.number(spans[node], 2, shown.ref(node=node), made="distance")
    assert checks(titled("Chênh lệch nhiều nhất: ", span, " điểm", node=list(spans)), "vi", "papi") == matches


def test_a_name_stands_for_a_component_of_the_set_before_too():
    """A criterion of a new annex is called as a component of the decision before, of which no table is there."""
    called = "Tác động của CCHC đến phát triển kinh tế - xã hội"
    frame = pd.DataFrame({"node_name": ["Cải cách thể chế", called], "node": ["2", "8.5"]})
    found = Data({}, {}, Names({}, {}, {}), None, {"index": frame}).nodes
    assert {"8.5", "component:impact"} <= found[called]
    assert "2" in found["Cải cách thể chế"] and set(found) == {"Cải cách thể chế", called}
