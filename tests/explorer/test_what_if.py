"""The page of what would be, driven by its widgets: a choice changes points by the step of the rule, index and rank
follow; scenarios are kept, compared and taken along in Excel."""

import io
import itertools
import json

import matplotlib as mpl
import pytest
from openpyxl import load_workbook

from parlib import places
from parlib.explorer.what_if import WHAT_IF, what_if

ROUND = "2023-ministry"


@pytest.fixture(scope="module")
def opened(shared_rounds, tmp_path_factory):
    """The page on a unit of the simulated round; what it keeps goes into a workbench of its own."""
    mpl.use("Agg")
    with places.rounds_at(shared_rounds), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARLIB_DATA", str(places.data()))
        patch.setenv("PARLIB_HOME", str(tmp_path_factory.mktemp("what-if")))
        yield what_if("Bộ Y tế", 2023, "bộ", round=ROUND)


@pytest.fixture
def page(opened):
    opened.controls["unit"].value = "Bộ Y tế"
    opened._open("what_if")
    for name in opened.scenarios("Bộ Y tế"):
        opened.values["scenario"] = name
        opened.remove()
    opened.controls["others"].value = opened.controls["rank"].value = ""
    opened.forget_answers()
    return opened


CLICKS = itertools.count()


def choose(page, code, answer):
    page.table.value = {"what": "answer", "code": code, "answer": answer, "n": next(CLICKS)}


def keep(page, name):
    page.controls["name"].value = name
    page._guarded(page.keep)


def own(page):
    """Points, index and rank of the unit then, as the page has them."""
    row = page.answers[1].iloc[1]
    return row["points"], row["index"], int(row["rank"])


def test_a_choice_changes_points_by_the_step_of_the_rule_and_index_and_rank_follow(page):
    # 1.1.2: from 88.5 % (0.75 points) to 100 % (1 point); of a hundred points, so a point is a percent of the index
    before = own(page)
    offered = page.year.choices("Bộ Y tế").query('node == "1.1.2"').set_index("choice")
    assert offered["points"].iloc[0] == 0.75 and offered["choice_points"]["100"] == 1.0
    choose(page, "1.1.2", "100")
    after = own(page)
    assert after[0] - before[0] == pytest.approx(0.25)
    assert after[1] - before[1] == pytest.approx(0.25)
    others = [value for unit, value in page.year.results.values().items() if unit in page.year.results.ranked_units]
    assert after[2] == 1 + sum(value > after[1] + 1e-9 for value in others if value != pytest.approx(before[1]))
    assert "SỐ LIỆU MÔ PHỎNG" in page.table.data["html"]
    assert "giả định các đơn vị khác giữ nguyên" in page.table.data["html"]
    page.controls["others"].value = "0,5"
    assert own(page)[2] >= after[2]
    assert "giả định các đơn vị khác tăng thêm 0,5 điểm phần trăm" in page.table.data["html"]
    page.controls["others"].value = "một"
    assert "pe-error" in page.message.value


def test_scenarios_are_kept_compared_and_removed(page):
    keep(page, "Trống")
    assert "pe-error" in page.message.value  # nothing was changed
    choose(page, "1.1.2", "100")
    keep(page, "Phương án A")
    choose(page, "1.1.1", "timely")  # from 0.25 points to 0.5
    keep(page, "Phương án B")
    assert set(json.loads((places.workbench() / "phuong-an.json").read_text("utf-8"))[ROUND]["bo-y-te"]) == {
        "Phương án A", "Phương án B",
    }  # fmt: skip
    page._open("beside")
    summary, beside, plan = page.answers
    assert summary["scenario"].tolist() == ["như hiện nay", "Phương án A", "Phương án B"]
    assert summary["gain"].tolist() == pytest.approx([0, 0.25, 0.5])
    assert beside["Phương án A"].tolist() == ["", "100%"]
    assert beside["Phương án B"].tolist() == ["Ban hành kịp thời", "100%"]
    assert plan["node"].tolist() == ["1.1.2"]  # the first scenario is chosen
    page.controls["scenario"].value = "Phương án B"
    assert page.answers[2]["node"].tolist() == ["1.1.1", "1.1.2"]
    page.take_up()
    assert json.loads(page.values["answers"]) == {"1.1.2": "100", "1.1.1": "timely"}
    page._open("beside")
    page._guarded(page.remove)
    assert page.answers[0]["scenario"].tolist() == ["như hiện nay", "Phương án B"]


def test_a_plan_is_excel_with_its_marks_and_room_for_who_and_when(page):
    choose(page, "1.1.2", "100")
    keep(page, "=Phương án")
    page._open("beside")
    sent = []
    page.tabs.send = lambda content, buffers: sent.append((content["name"], buffers[0]))
    page.save_plan()
    ((name, content),) = sent
    assert name == "MO-PHONG-ke-hoach-2023-bo-y-te-phuong-an.xlsx"
    book = load_workbook(io.BytesIO(content))
    lines = [[cell for cell in row if cell is not None] for row in book.worksheets[0].values]
    assert "Bộ Y tế" in lines[0][0]
    assert "SỐ LIỆU MÔ PHỎNG" in lines[2][0] and "minh họa" in lines[2][0]
    heads = [cell.value for cell in book.worksheets[0][5]]
    assert heads[-2:] == ["Người thực hiện", "Thời hạn hoàn thành"]
    row = dict(zip(heads, (cell.value for cell in book.worksheets[0][6]), strict=True))
    assert (row["Mã"], row["Từ"], row["Đến"]) == ("1.1.2", "88,5%", "100%")
    assert (row["Điểm"], row["Điểm khi đó"], row["Số điểm tăng thêm"]) == (0.75, 1, 0.25)
    assert row["Người thực hiện"] is None and row["Thời hạn hoàn thành"] is None
    (rank,) = (line for line in lines if line[:1] == ["Hạng"])
    page.controls["others"].value = ""
    assert rank[1:] == page.answers[0]["rank"].tolist()


def test_published_results_take_points_of_parts_or_say_why_not(page):
    try:
        page.choosers["round"].value = ""
        choose(page, "component:survey", "30")
        assert page.answers[1]["gain"].iloc[1] == pytest.approx(
            30 - float(page.year.choices("Bộ Y tế")["points"].iloc[1])
        )
        assert 'type="number"' in page.table.data["html"]
        page.choosers["level"].value = "province"
        page.controls["unit"].value = "Hà Giang"
        assert "pe-error" in page.message.value or page.answers
    finally:
        page.choosers["round"].value = ROUND


@pytest.mark.few(1)
@pytest.mark.parametrize("view", [view.key for view in WHAT_IF])
def test_the_code_shown_gives_what_is_shown(page, view):
    choose(page, "1.1.2", "100")
    keep(page, "A")
    page._open(view)
    names, given = {}, []
    for line in page.lines():
        try:
            given.append(eval(line, names))
        except SyntaxError:
            exec(line, names)
    assert len(given) == len(page.answers)
    assert all(one.equals(other) for one, other in zip(given, page.answers, strict=True))
