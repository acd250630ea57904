"""The promise: a new kind of rule is one class and its Excel formula. Here a test brings one and walks it through.

``shortfall``: all points from a goal on; each unit of the figure that is lacking takes off ``per`` points, not below 0.
It stands at the criterion 3.4.4 (0.5 points) of the set of criteria of the ministries: goal 90, 0.05 points each.
"""

import shutil
from typing import Annotated, Literal

import numpy as np
import openpyxl
import pytest
from typer.testing import CliRunner

from parlib import cli, data_tables, places
from parlib.analysis import ladder as ladders
from parlib.analysis.diagnosis import loss_divisions, loss_grid
from parlib.analysis.profile import profile
from parlib.data_tables import read_yaml
from parlib.errors import DataError, SchemeError
from parlib.scoring import rules
from parlib.scoring.rules import parse_answer
from parlib.scoring.scheme import load_scheme, parse_scheme
from parlib.sources import rounds, workbooks
from parlib.sources.rounds import reporting
from parlib.sources.rounds.opening import state
from parlib.sources.rounds.reporting import code_book
from parlib.sources.simulation import simulate
from parlib.sources.workbooks import form_layout
from parlib.sources.workbooks.form_layout import FORMS, SHEETS, form_lines
from parlib.sources.workbooks.scheme_book import TREE
from parlib.tables import number
from parlib.words import Name

_, GUIDE, MAIN, _, _ = (name.text() for name in SHEETS)

CODE, SCHEME, ROUND, UNIT = "3.4.4", "876-ministry", "2023-ministry", "bo-y-te"
GOAL = rules.Part("goal", Name("Mức phải đạt", "goal"))
RULE = {"kind": "shortfall", "input": "tỷ lệ hồ sơ được đồng bộ (%)", "unit": "%", "goal": 90, "per": 0.05}


class Shortfall(rules.Kind):
    """Loses ``per`` points for each unit of the figure under ``goal``."""

    kind: Literal["shortfall"]
    input: rules.Text
    unit: rules.Text
    goal: Annotated[rules.Number, GOAL]
    per: rules.Number

    name = Name("Trừ theo mức thiếu hụt", "shortfall")
    in_form = Name("nhập số liệu; mỗi đơn vị thiếu hụt bị trừ điểm.", "enter the figure; what lacks takes off.")
    in_scheme = Name("đủ “Mức phải đạt” được điểm tối đa.", "all points from the goal on.")

    def earned(self, answers, maximum):
        return np.maximum(maximum - self.per * np.maximum(self.goal - answers, 0.0), 0.0)

    def better(self, value, maximum, stride):
        return [float(x) for x in np.arange(np.floor(value) + 1, self.goal)] + [self.goal]

    def outcomes(self, maximum):
        wholes = range(int(self.goal - maximum / self.per), int(self.goal) + 1)
        return [rules.Outcome(float(self.points(x, maximum)), x, x) for x in wholes]

    def full_from(self):
        return self.goal

    def words(self, maximum, language):
        figures = [number(x, language) for x in (self.goal, self.per)]
        return "từ {}: điểm tối đa; thiếu 1 đơn vị trừ {}".format(*figures)

    def flaws(self, maximum, code, strict):
        if not 0 < self.goal <= 100:
            yield rules.Problem(Name("mức phải đạt từ 0 đến 100", "the goal is from 0 to 100"), about="goal")


def formula(rule, cells):
    return f"ROUND(MAX({cells.most}-{rule.per}*MAX({rule.goal:g}-{cells.x},0),0),{rules.DECIMALS})"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The kind is registered, a copy of ``data/`` has it at one criterion, a round is simulated; then all is gone."""
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(rules.KINDS, "shortfall", Shortfall)
        patch.setitem(form_layout.FORMULAS, "shortfall", form_layout.Formula(formula))
        data = shutil.copytree(places.data(), folder / "data", ignore=shutil.ignore_patterns("rounds"))
        patch.setenv("PARLIB_DATA", str(data))
        patch.setenv("PARLIB_ROUNDS", str(folder / "rounds"))
        workbooks.write_scheme_yaml(parse_scheme(document()), data / "schemes" / f"{SCHEME}.yaml")
        data_tables.accept()
        simulate(2023, "ministry", seed=4)
        yield folder


def document(**changes):
    """The set of criteria as its file says it, with the rule of the criterion changed."""
    result = read_yaml(places.data() / "schemes" / f"{SCHEME}.yaml")
    leaf = next(n for n in result["tree"][2]["children"][3]["children"] if n["code"] == CODE)
    leaf["rule"] = {**RULE, **changes}
    return result


@pytest.fixture(scope="module")
def opened(world):
    return rounds.open_round(ROUND)


def test_its_points_are_those_derived_by_hand():
    rule = rules.rule_from(RULE) if "shortfall" in rules.KINDS else Shortfall(**RULE)
    assert rule.points([95, 90, 88, 80, 0, np.nan], 0.5).tolist()[:5] == [0.5, 0.5, 0.4, 0, 0]


@pytest.mark.usefixtures("world")
def test_the_scheme_is_checked_and_what_is_wrong_with_the_rule_is_said_in_words():
    sentence = CliRunner().invoke(cli.app, ["scheme", "check", SCHEME])
    assert sentence.exit_code == 0, sentence.output
    with pytest.raises(SchemeError, match=r"node 3\.4\.4: rule shortfall: the goal is from 0 to 100"):
        parse_scheme(document(goal=120))
    with pytest.raises(SchemeError, match=r"node 3\.4\.4: rule shortfall: goal must be a number"):
        parse_scheme(document(goal="90"))
    with pytest.raises(SchemeError, match=r"node 3\.4\.4: rule shortfall: steps is not a key of this rule"):
        parse_scheme(document(steps=[[1, 1]]))
    with pytest.raises(SchemeError, match=r"the kinds are choice, .*, given, shortfall"):
        parse_scheme(document(kind="short"))


def test_the_workbook_of_the_scheme_has_its_column_guide_and_word_and_is_read_back(world):
    path = world / "scheme.xlsx"
    workbooks.export_scheme(load_scheme(SCHEME), path)
    assert workbooks.import_scheme(path) == load_scheme(SCHEME)
    book = openpyxl.load_workbook(path)
    heads = [cell.value for cell in book[TREE.text()][1]]
    row = next(row for row in book[TREE.text()].iter_rows(values_only=True) if row[0] == CODE)
    cells = dict(zip(heads, row, strict=True))
    assert (cells["Cách tính điểm"], cells["Mức phải đạt"]) == ("Trừ theo mức thiếu hụt", 90)
    assert "10 cách tính điểm" in (guide := texts(book["Hướng dẫn"]))
    assert "Trừ theo mức thiếu hụt — đủ “Mức phải đạt” được điểm tối đa." in guide
    assert "Trừ theo mức thiếu hụt" in texts(book["Danh mục"])
    notes = {cell.value: cell.comment.text for cell in book[TREE.text()][1] if cell.comment}
    assert "Chọn một trong 10 cách tính điểm" in notes["Cách tính điểm"]
    assert "“Trừ theo mức thiếu hụt”" in notes["Mức phải đạt"] and "“Trừ theo mức thiếu hụt”" in notes["Đơn vị tính"]


def test_a_cell_of_the_workbook_that_it_needs_and_lacks_is_pointed_at(world):
    path = world / "spoilt.xlsx"
    workbooks.export_scheme(load_scheme(SCHEME), path)
    book = openpyxl.load_workbook(path)
    heads = [cell.value for cell in book[TREE.text()][1]]
    row = next(cells for cells in book[TREE.text()].iter_rows() if cells[0].value == CODE)
    row[heads.index("Mức phải đạt")].value = None
    book.save(path)
    with pytest.raises(SchemeError, match="a rule of kind shortfall needs this column"):
        workbooks.import_scheme(path)


def texts(sheet):
    return [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]


def test_a_form_is_written_filled_in_and_read(world, opened):
    path = workbooks.write_form(opened, UNIT, world / "form.xlsx")
    book = openpyxl.load_workbook(path)
    assert "Trừ theo mức thiếu hụt" in texts(book[GUIDE])
    row = next(line.row for line in form_lines(opened.scheme) if line.node is not None and line.node.code == CODE)
    at = FORMS["self"].places
    points = book[MAIN].cell(row, at["points"]).value
    answer = book[MAIN].cell(row, at["answer"])
    assert f"ROUND(MAX(0.5-0.05*MAX(90-ROUND({answer.coordinate},9),0),0),9)" in points.replace("$", "")
    answer.value = 88.5
    book.save(path)
    read = workbooks.read_form(path, opened)
    assert read.set_index("code").at[CODE, "answer"] == "88.5"
    answer.value = 120
    book.save(path)
    with pytest.raises(DataError, match="expected a number from 0 to 100"):
        workbooks.read_form(path, opened)


@pytest.mark.long
def test_a_simulated_round_answers_it_and_is_scored_by_it(opened):
    held = state(opened, "final").query("code == @CODE")
    figures = held["answer"].astype(float).to_numpy()
    assert len(held) == len(opened.book.units) and (figures == np.floor(figures)).all()
    card = rounds.scorecard(opened)
    scored = card.points[[card.units.index(unit) for unit in held["unit"]], card.leaves.index(CODE)]
    assert scored.tolist() == pytest.approx(np.clip(0.5 - 0.05 * (90 - figures), 0, 0.5).tolist(), abs=1e-12)
    book = code_book(opened.scheme).set_index("code")
    assert book.at[CODE, "rule"] == "từ 90: điểm tối đa; thiếu 1 đơn vị trừ 0,05"


def test_an_answer_that_it_does_not_allow_is_refused_in_both_languages(opened):
    leaf = opened.scheme.node(CODE)
    problem = parse_answer(leaf.rule, "101", leaf.maximum)
    assert problem.text("en") == "value '101': out of range; expected a number from 0 to 100"
    assert "một số từ 0 đến 100" in problem.text("vi")


def test_its_next_better_answers_are_steps_of_the_ways_up_and_of_a_profile(opened):
    leaf = opened.scheme.node(CODE)
    steps = ladders.next_steps(leaf.rule, 87.5, leaf.maximum)
    assert [(step.answer, step.points) for step in steps] == [("88", 0.4), ("89", 0.45), ("90", 0.5)]  # from 0.375
    card, held = rounds.scorecard(opened), state(opened, "final")
    lacking = next(u for u in card.units if card.points[card.units.index(u), card.leaves.index(CODE)] < 0.5)
    offered = [offer.answer for offer in ladders.open_offers(card, held, lacking) if offer.code == CODE]
    assert offered[-1] == "90"
    lifted = ladders.what_if(card, {(lacking, CODE): "90"}).set_index("unit")
    assert lifted.at[lacking, "new_index"] > lifted.at[lacking, "index"]
    facts = reporting.scored(ROUND)
    result = profile(rounds.results(ROUND), lacking, cards=facts.cards, decisions=facts.decisions)
    assert CODE in set(result.losses.leaves["node"])


def test_what_it_takes_off_is_divided_by_its_ground(opened):
    card = rounds.scorecard(opened)
    divided = loss_divisions(card).query("division == 'ground'").set_index("key")
    assert divided.at["results", "n_leaves"] == sum(leaf.rule.ground == "results" for leaf in opened.scheme.leaves)
    assert "results" in loss_grid(card).columns
