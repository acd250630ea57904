"""The page for exploring, driven by its widgets in this process: what each view shows is what its code gives."""

import io
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import matplotlib as mpl
import nbformat
import pandas as pd
import pytest
from openpyxl import load_workbook

import parlib
from parlib import places
from parlib.explorer.desk import round_desk
from parlib.explorer.page import explore
from parlib.explorer.views import VIEWS
from parlib.explorer.what_if import what_if
from parlib.report import clickable

ROUND = "2023-ministry"


@pytest.fixture(scope="module", autouse=True)
def _drawn_nowhere():
    mpl.use("Agg")


@pytest.fixture(scope="module")
def opened():
    return explore(2024, "tỉnh", "papi")


@pytest.fixture
def papi(opened):
    """PAPI 2024 of the 63 provinces, however the test before left it."""
    opened.choosers["merged"].value = ""
    return opened


@pytest.fixture(scope="module")
def of_a_round(shared_rounds):
    with places.rounds_at(shared_rounds):
        yield explore(2023, "bộ", round=ROUND)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A workbench of one's own."""
    monkeypatch.setenv("PARLIB_DATA", str(places.data()))
    monkeypatch.setenv("PARLIB_HOME", str(tmp_path))
    return tmp_path / "workbench"


class Rows(HTMLParser):
    """The cells of the tables of a page, a row a list."""

    def __init__(self, html):
        super().__init__()
        self.rows = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def rows(page):
    return Rows(page.table.data["html"]).rows


def column(page, place=0):
    return [row[place] for row in rows(page)[1:] if len(row) > place]


def show(page, key, **values):
    """Open a view and set its controls."""
    page._open(key)
    for name, value in values.items():
        page.controls[name].value = value
    return page


def options(chooser):
    return {value: known for value, _, known in chooser.data["options"]}


@pytest.mark.few(1)
@pytest.mark.parametrize("open_page", [explore, what_if, round_desk])
def test_a_round_that_cannot_be_read_is_listed_with_its_reason_and_the_rest_works(open_page, shared_rounds, tmp_path):
    shutil.copytree(shared_rounds / ROUND, tmp_path / ROUND)
    (tmp_path / "hong").mkdir()
    (tmp_path / "hong" / "round.yaml").write_text("year: [2023", "utf-8")
    with places.rounds_at(tmp_path):
        page = open_page()
        page.choosers["round"].value = ROUND
        assert page.message.value == "" and page.answers
        assert options(page.choosers["round"])["hong"] is False
        assert options(page.choosers["round"])[ROUND] is True
        assert "SỐ LIỆU MÔ PHỎNG" in page.status.value
        assert "Kỳ hong không đọc được" in page.status.value and "round.yaml" in page.status.value


# --- choosers and marks ---------------------------------------------------------------------------------


def test_the_first_page_is_the_last_year_that_is_wholly_known():
    page = explore()
    assert (page.year.results.year, page.year.results.level) == (2023, "ministry")
    assert "có số liệu 17/17" in page.status.value
    # the decision on 2023: Bộ Tư pháp stands first with 89.95
    assert rows(page)[1][:4] == ["Bộ Tư pháp", "1", "B", "89,95"]


@pytest.mark.long
def test_choosers_grey_out_what_is_not_known_and_go_to_what_is():
    page = explore(2023, "bộ")
    assert options(page.choosers["level"]) == {"province": True, "ministry": True}
    assert options(page.choosers["year"])["2024"] is False  # no ministry's index of 2024 is published
    assert options(page.choosers["year"])["2005"] is False  # PCI alone
    page.choosers["index"].value = "papi"  # of provinces only
    assert (page.year.results.index_name, page.year.results.level) == ("papi", "province")
    assert options(page.choosers["level"])["ministry"] is False
    assert "có số liệu 61/63" in page.status.value
    page.choosers["index"].value = "dti"
    page.choosers["year"].value = "2022"
    assert "có số liệu 63/63" in page.status.value


@pytest.mark.long
def test_views_that_need_a_round_say_so(papi):
    lacking = {key: why for key, _, why in papi.tabs.data["options"] if why}
    assert set(lacking) == {"what_if", "losses", "self", "survey"}
    assert all("kỳ đánh giá" in why for why in lacking.values())


@pytest.mark.few(3)
@pytest.mark.parametrize("view", [view.key for view in VIEWS if view.key not in ("map", "own")])
def test_what_is_made_up_says_so_in_every_view(of_a_round, view):
    show(of_a_round, view)
    assert "MÔ PHỎNG" in of_a_round.status.value
    assert "pe-marked" in of_a_round.status.value
    assert "MÔ PHỎNG" in of_a_round.table.data["html"] + of_a_round.picture.value


@pytest.mark.few(3)
@pytest.mark.parametrize("view", [view.key for view in VIEWS if view.key != "own"])
def test_the_code_shown_gives_what_is_shown(of_a_round, papi, view):
    """The lines are run anew, by themselves: their tables are those of the page."""
    page = show(papi if view == "map" else of_a_round, view)
    names = {}
    given = []
    for line in page.lines():
        try:
            given.append(eval(line, names))
        except SyntaxError:
            exec(line, names)
    frames = [answer for answer in given if isinstance(answer, pd.DataFrame)]
    on_page = [answer for answer in page.answers if isinstance(answer, pd.DataFrame)]
    assert len(frames) == len(on_page)
    for one, other in zip(frames, on_page, strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert len(page.lines()) <= 7
    assert page.message.value == ""


@pytest.mark.long
def test_every_word_is_said_in_english_too():
    page = explore(2023, "ministry", language="en")
    said = str([page.tabs.data, [chooser.data["label"] for chooser in page.choosers.values()]])
    said += str([button.description for button in page.actions]) + page.status.value
    said = re.sub("source: [^<]*", "", said)  # a title stands in the language of its paper
    assert not re.search("[ạảãăắằẳẵặâấầẩẫậđẹẻẽêếềểễệịỉĩọỏõôốồổỗộơớờởỡợụủũưứừửữự]", said)
    assert 'year = parlib.year(2023, "ministry", language="en")' in page.lines()


def test_importing_parlib_loads_no_widgets():
    code = "import sys, parlib; sys.exit(any(name in sys.modules for name in ('ipywidgets', 'anywidget')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- ranking, card, comparison, map ---------------------------------------------------------------------


def test_ranking_is_searched_without_tones_filtered_and_sorted(papi):
    show(papi, "ranking", containing="quang")
    assert set(column(papi)) == {
        "Quảng Ninh", "Quảng Trị", "Quảng Bình", "Quảng Nam", "Quảng Ngãi", "Tuyên Quang",
    }  # fmt: skip
    assert rows(papi)[1][2:4] == ["1", "47,82"]  # PAPI 2024: Quảng Ninh first with 47.82
    show(papi, "ranking", region="dong-nam-bo")
    assert len(column(papi)) == 6  # the Southeast has six of the 63
    papi.table.value = {"what": "sort", "column": "name"}
    assert column(papi)[0] == "TP. Hồ Chí Minh" and column(papi)[-1] == "Bà Rịa - Vũng Tàu"  # the last comes first
    assert column(papi).index("Đồng Nai") == 2  # after Tây Ninh, before Bình: Đ follows D, not Z
    assert '.sort_values("name", ascending=False)' in papi.lines()[2]


def test_a_row_leads_to_the_card_of_its_unit(papi):
    show(papi, "ranking")
    papi.table.value = {"what": "unit", "unit": "quang-ninh"}
    html = papi.table.data["html"]
    assert papi.view.key == "unit"
    assert papi.controls["unit"].value == "Quảng Ninh"
    assert "<b>1/61</b>" in html  # two of 63 were not published
    assert "<b>47,82</b>" in html
    assert html.count("<path") == 61  # the strip: a line a unit
    assert "Qua các năm" in html
    assert "<img" in papi.picture.value
    papi.controls["unit"].value = "ba ria"  # as it is typed: no tones, not whole
    assert "Bà Rịa - Vũng Tàu" in papi.table.data["html"]
    papi.controls["unit"].value = "nowhere"
    assert "pe-error" in papi.message.value


def test_two_to_five_units_are_compared(papi):
    names = "Hà Nội;Huế;Đà Nẵng;Cần Thơ;Quảng Ninh"
    show(papi, "compare", units=names)
    assert set(column(papi)) == {"Hà Nội", "Thừa Thiên Huế", "Đà Nẵng", "Cần Thơ", "Quảng Ninh"}
    assert "<img" in papi.picture.value
    papi.controls["units"].value = "Hà Nội"
    assert "pe-error" in papi.message.value


@pytest.mark.few(1)
@pytest.mark.parametrize("system", ["63", "34"])
def test_the_map_has_every_province_and_the_two_archipelagos(papi, system):
    papi.choosers["merged"].value = "" if system == "63" else "mean"
    show(papi, "map")
    outlines, looks = papi.map.data, papi.map.state["looks"]
    assert len(outlines["shapes"]) == len(looks) == int(system)
    assert [group["words"][0] for group in outlines["islands"]] == ["Quần đảo Hoàng Sa", "Quần đảo Trường Sa"]
    left, top, width, height = outlines["box"]
    for group in outlines["islands"]:
        x, y, w, h = group["box"]
        assert left <= x < x + w <= left + width
        assert top <= y < y + h <= top + height
        assert len(group["dots"]) > 20
    # two of the 63 are not known, and so are the two of the 34 that hold them
    assert sum(hatched for _, hatched, _ in looks.values()) == 2
    papi.map.value = {"what": "unit", "unit": "ha-noi", "n": system}
    assert papi.view.key == "unit"
    assert "Hà Nội" in papi.table.data["html"]


@pytest.mark.few(1)
@pytest.mark.parametrize("of", ["value", "change"])
def test_the_map_to_click_has_the_classes_of_the_map_that_is_saved(papi, of):
    show(papi, "map", of=of)
    drawn = parlib.chart.map(papi.year, of).frame
    colours = papi.map.state["looks"]
    classes = {}
    for unit, name in zip(drawn["unit"], drawn["class"], strict=True):
        classes.setdefault(name, set()).add(colours[unit][0] if not colours[unit][1] else "hatched")
    assert all(len(looks) == 1 for looks in classes.values())
    assert len({*map(str, classes.values())}) == len(classes)


def test_a_map_of_few_known_is_hatched_and_not_refused():
    page = show(explore(2023, "tỉnh"), "map", of="value")
    hatched = sum(hatched for _, hatched, _ in page.map.state["looks"].values())
    assert hatched == 63 - int(re.search(r"có số liệu (\d+)/63", page.status.value)[1])


# --- two indices, what if, how sure ---------------------------------------------------------------------


@pytest.mark.long
def test_two_indices_or_areas_stand_side_by_side(papi):
    show(papi, "scatter", other="pci")
    link = parlib.year(2024, "tỉnh", "papi").links().set_index("other_name").loc["pci"]
    (row,) = (row for row in rows(papi) if row[0] == "PCI" or "PCI" in row[0])
    assert row[2] == str(int(link["n"]))
    assert row[4] == f"{link['coefficient']:.2f}".replace(".", ",")
    papi.controls["node"].value = "1"
    assert 'parlib.chart.scatter(year, "pci", node="1")' in papi.lines()
    assert "<img" in papi.picture.value


def test_another_answer_gives_other_points_and_ranks_at_once(of_a_round):
    page = show(of_a_round, "what_if", unit="Bộ Y tế")
    choices = page.year.choices("Bộ Y tế")
    best = choices.sort_values("choice_points").groupby("node").tail(1)
    one = best[best["choice_points"] > best["points"]].iloc[0]  # a criterion that is not full
    assert f'data-code="{one["node"]}"' in page.table.data["html"]
    page.table.value = {"what": "answer", "code": one["node"], "answer": one["choice"]}
    gained = one["choice_points"] - one["points"]
    after, points = (answer for answer in page.answers if isinstance(answer, pd.DataFrame))
    assert points["points"].diff().iloc[-1] == pytest.approx(gained)
    own = after.set_index("name").loc["Bộ Y tế"]
    # all its criteria apply, out of 100 points: a point is a percent of the index
    whole = page.year.table().query('name == "Bộ Y tế" and node == ""').iloc[0]
    assert own["new_index"] - own["index"] == pytest.approx(100 * gained / whole["maximum"])
    assert "pe-own" in page.table.data["html"]
    page.table.value = {"what": "answer", "code": one["node"], "answer": ""}  # as it was
    assert page.values["answers"] == "{}"


def test_the_shortest_way_to_a_rank_is_shown_or_why_there_is_none(of_a_round):
    page = show(of_a_round, "what_if", unit="Bộ Y tế", rank="14")
    assert "Các cách ngắn nhất" in page.table.data["html"]
    page.table.value = {"what": "way", "way": "1"}
    first = page.year.ways("Bộ Y tế", rank=14).steps.query("way == 1")
    assert json.loads(page.values["answers"]) == dict(zip(first["code"], first["after"], strict=True))
    assert int(page.answers[1]["rank"].iloc[1]) <= 14
    page.controls["rank"].value = "1"
    assert "pe-error" in page.message.value


def test_two_units_are_told_apart_or_not(of_a_round):
    page = show(of_a_round, "sure", a="Bộ Tư pháp", b="Bộ Ngoại giao")
    assert "này, phân biệt được: " in page.table.data["html"]
    assert len(column(page)) == 17  # the tiers
    page.controls["b"].value = "Ngân hàng Nhà nước Việt Nam"  # 89.95 and 89.89
    assert "này, chưa phân biệt được: " in page.table.data["html"]


# --- a round --------------------------------------------------------------------------------------------


def test_lost_points_stand_with_the_names_of_criteria(of_a_round):
    page = show(of_a_round, "losses", unit="Bộ Y tế")
    lost = page.year.losses("Bộ Y tế").leaves
    assert column(page) == [f"{node}. {name}" for node, name in zip(lost["node"], lost["node_name"], strict=True)]
    assert "pe-bar" in page.table.data["html"]


def test_self_assessment_stands_beside_what_was_granted(of_a_round):
    page = show(of_a_round, "self")
    shown_ = dict(zip(column(page), (row[1:4] for row in rows(page)[1:]), strict=False))
    gap = page.year.self_gap().set_index("name").loc["Bộ Y tế"]
    assert shown_["Bộ Y tế"][0] == f"{gap['claimed']:.2f}".replace(".", ",")
    assert gap["claimed"] - gap["granted"] == pytest.approx(gap["gap"])


def test_the_survey_is_shown_by_group_with_intervals(of_a_round):
    page = show(of_a_round, "survey")
    groups = set(column(page))
    assert len(groups) > 1
    assert rows(page)[0][1] == "Câu hỏi"
    assert rows(page)[1][2].isdigit()  # people are counted
    page.controls["group"].value = sorted(groups - {""})[0]
    assert len(set(column(page))) == 1
    assert page.table.data["html"].count("pe-span") > 3


# --- one's own, saving, reports -------------------------------------------------------------------------


def upload(page, name, content):
    given = {"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": _NOW}
    page.controls["file"].value = (given,)


_NOW = pd.Timestamp("2026-01-01", tz="UTC").to_pydatetime()


def excel(frame):
    stream = io.BytesIO()
    frame.to_excel(stream, index=False)
    return stream.getvalue()


def test_an_excel_of_ones_own_is_joined_or_its_misses_listed(papi, bench):
    show(papi, "own")
    assert "Chọn một tệp" in papi.table.data["html"]
    mine = pd.DataFrame({"STT": [1, 2, 3, 4], "Tỉnh": ["TP.HCM", "Hà Nội", "Quảng Ninh", "Huế"], "Hồ sơ": [9, 8, 7, 6]})
    upload(papi, "cua toi.xlsx", excel(mine))
    assert papi.values["column"] == "Tỉnh"  # found by itself
    assert (bench / "cua toi.xlsx").is_file()
    joined = papi.answers[-1].set_index("unit")
    assert joined.loc["quang-ninh", ["rank", "Hồ sơ"]].tolist() == [1, 7]
    wrong = mine.assign(Tỉnh=["TP.HCM", "Hà Nộii", "Atlantis", "Huế"])
    upload(papi, "sai.xlsx", excel(wrong))
    assert "Hà Nộii" in papi.message.value
    assert "Atlantis" in papi.message.value
    show(papi, "ranking")


def test_a_table_is_saved_as_our_workbook(of_a_round):
    show(of_a_round, "ranking", containing="y te")
    sheet = load_workbook(io.BytesIO(of_a_round.saved("xlsx"))).active
    cells = list(sheet.values)
    assert cells[0][:3] == ("Tên đơn vị", "Hạng", "Nhóm") or cells[0][1] == "Hạng"
    assert cells[1][0] == "Bộ Y tế"
    assert sheet.freeze_panes == "A2"
    assert "MÔ PHỎNG" in str(cells[-1][0])


@pytest.mark.few(1)
@pytest.mark.parametrize(("kind", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_picture_is_saved(papi, kind, begins):
    assert show(papi, "compare").saved(kind).startswith(begins)


def test_what_has_no_picture_says_so(of_a_round):
    page = show(of_a_round, "losses")
    page._guarded(page.save, "png")
    assert "không có hình" in page.message.value


@pytest.mark.long
def test_a_view_is_put_into_a_report_of_ones_own(papi, bench):
    show(papi, "compare", units="Hà Nội;Huế")
    papi.notebook.value = "Báo cáo của tôi"
    papi.add_to_report()
    show(papi, "ranking")
    papi.add_to_report()
    book = nbformat.read(bench / "bao-cao-cua-toi.ipynb", as_version=4)
    nbformat.validate(book)
    assert [cell.cell_type for cell in book.cells] == [
        "code", "markdown", "markdown", "code", "code", "markdown", "code", "code",
    ]  # fmt: skip
    assert "parameters" in book.cells[0].metadata.tags
    assert 'year.wide("Hà Nội", "Thừa Thiên Huế")' in book.cells[3].source
    assert book.cells[4].source == 'parlib.chart.compare(year, "Hà Nội", "Thừa Thiên Huế")'
    assert "có số liệu 61/63" in book.cells[2].source
    names = {}
    for cell in book.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    shutil.rmtree(bench)


def test_outlines_are_paths_without_points_that_fall_together():
    first = clickable.outlines("34", "vi")["shapes"][0][1]
    assert re.fullmatch(r"(M[\d.e+ L-]+Z)+", first)
    assert sum(len(path) for _, path in clickable.outlines("63", "vi")["shapes"]) < 400_000
