"""Points that rest on fewer than five answers are not shown, nor what would give them away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from parlib import places
from parlib.analysis.ladder import with_points
from parlib.analysis.robustness.tree import point_tree
from parlib.report.datasets import of_survey
from parlib.scoring.rules import Survey
from parlib.sources import rounds
from parlib.sources.questions import satisfaction_questions
from parlib.sources.rounds import reporting
from parlib.sources.rounds import surveyed as thin_points
from parlib.sources.survey import questions


def surveyed_round(
    plan: rounds.RoundPlan,
    answers: dict[str, int],
    others: tuple[str, ...] = (),
    citizens: dict[str, int] | None = None,
) -> rounds.Round:
    """A round in which each group of ha-noi gave each item 10 answers, but for those of ``answers``; each group of the
    ``others`` 10; and so many ``citizens`` of each unit answered the questions on their satisfaction."""
    rounds.create_round(plan, by="test")
    rows = [
        (f"{group}{n}", unit, group, question.item, max(question.scale) - n % 2)
        for unit in ("ha-noi", *others)
        for question in questions(plan.load_scheme())
        for group in question.groups
        for n in range(answers.get(question.code, 10) if unit == "ha-noi" else 10)
    ]
    rows += [
        (f"citizen{n}", unit, question.groups[0], question.item, 5 if n % 3 else 1)
        for unit, asked in (citizens or {}).items()
        for question in satisfaction_questions()
        for n in range(asked)
    ]
    frame = pd.DataFrame(rows, columns=["respondent", "unit", "group", "item", "answer"])
    frame.to_parquet(rounds.round_folder(plan.id) / "survey.parquet", index=False)
    return rounds.open_round(plan.id)


@pytest.mark.long
def test_a_thin_leaf_is_hidden_with_what_would_give_it_away(small_plan):
    scheme = small_plan.load_scheme()
    asked = {question.code: len(question.groups) for question in questions(scheme)}
    code = next(code for code, groups in asked.items() if groups == 1 or groups < 5)
    opened = surveyed_round(small_plan, {code: 1})
    card = rounds.scorecard(opened)
    row = card.units.index("ha-noi")
    assert np.isfinite(card.points[row][card.leaves.index(code)])  # it is scored

    table = rounds.results(opened).table.query("unit == 'ha-noi'").set_index("node")["points"]
    assert np.isnan(table[code])
    hidden = np.isnan(table.reindex(card.nodes).to_numpy())
    leaves = [card.nodes.index(leaf) for leaf in card.leaves]
    surveyed = np.array([isinstance(leaf.rule, Survey) for leaf in scheme.leaves])
    assert (hidden[leaves] & surveyed).sum() >= 2  # a second one, so that no sum of the surveyed gives it away
    # with everything that is shown, the leaf cannot be worked out
    member = np.asarray(scheme.membership, dtype=float)[~hidden]
    one = np.zeros(len(leaves))
    one[card.leaves.index(code)] = 1
    assert np.linalg.matrix_rank(np.vstack([member, one])) > np.linalg.matrix_rank(member)

    traced = rounds.trace_table(opened).query("unit == 'ha-noi'").set_index("code")["points"]
    assert np.isnan(traced[code])


def test_a_sum_that_is_full_gives_no_leaf_away():
    """Leaves a, b, c of a criterion, of one point each. a has few answers; a and b are full, c is not: hiding b beside
    a leaves 2 of 2 points to both, so c is hidden too."""
    member = np.array([[True, True, True], [True, False, False], [False, True, False], [False, False, True]])
    thin, all_three = np.array([True, False, False]), np.ones(3, dtype=bool)
    places = np.array([1, 2, 3])

    def hidden(points: list[float]) -> list[bool]:
        ends = thin_points.at_ends(np.array(points), np.ones(3))
        return list(thin_points.with_what_gives_away(thin, all_three, all_three, member, places, ends))

    assert hidden([1.0, 1.0, 0.5]) == [False, True, True, True]
    assert hidden([1.0, 0.5, 0.5]) == [False, True, True, False]
    assert hidden([0.0, 0.0, 0.0]) == [True, True, True, True]  # nothing covers it: the sum is hidden too


def test_a_survey_of_enough_answers_is_shown_whole(small_plan):
    opened = surveyed_round(small_plan, {})
    table = rounds.results(opened).table.query("unit == 'ha-noi'").set_index("node")["points"]
    assert table[[question.code for question in questions(opened.scheme)]].notna().all()


def test_names_of_appraisers_stay_in_the_ledger(small, say, tmp_path):
    say("1.1.1", "timely", by="Nguyễn Văn Bí Mật")
    for path in rounds.write_scores(rounds.open_round(small), tmp_path / "out"):
        if path.suffix == ".csv":
            assert "Bí Mật" not in path.read_text(encoding="utf-8-sig")


def thin_code(plan: rounds.RoundPlan) -> str:
    return next(question.code for question in questions(plan.load_scheme()) if len(question.groups) < 5)


@pytest.mark.long
def test_profiles_and_diagnosis_do_not_see_a_thin_leaf_but_its_sums(small_plan):
    code = thin_code(small_plan)
    opened = surveyed_round(small_plan, {code: 1})
    whole, seen = rounds.scorecard(opened), reporting.facts(small_plan.id).cards["final"]
    row, leaf = whole.units.index("ha-noi"), whole.leaves.index(code)
    assert np.isfinite(whole.points[row, leaf])
    assert np.isnan(seen.points[row, leaf])
    assert np.isnan(seen.standard_error[row, leaf])
    table = rounds.results(opened).table.query("unit == 'ha-noi'")["points"].to_numpy()
    np.testing.assert_array_equal(seen.node_points()[0][row], table)  # the sums that are shown are those of all leaves
    assert np.isfinite(table).sum() > 0
    again = reporting.scored(small_plan.id).cards["final"]
    assert np.isnan(again.points[row, leaf])
    better = next(at for at, node in enumerate(seen.scheme.leaves) if not isinstance(node.rule, Survey))
    raised = with_points(seen, {("ha-noi", seen.leaves[better]): 0.25})
    of_all = with_points(whole, {("ha-noi", whole.leaves[better]): 0.25})
    known = np.isfinite(raised.node_points()[0][row])
    np.testing.assert_allclose(raised.node_points()[0][row][known], of_all.node_points()[0][row][known], atol=1e-9)


@pytest.mark.long
def test_tables_that_tell_of_few_people_are_not_kept_on_disk(small_plan, tmp_path, monkeypatch):
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    opened = surveyed_round(small_plan, {thin_code(small_plan): 1})
    rounds.results(opened)
    assert not list((tmp_path / "cache").glob("survey-*"))


@pytest.mark.long
def test_a_survey_in_parts_is_scored_as_one(small_plan):
    opened = surveyed_round(small_plan, {})
    expected = rounds.results(opened).table
    answers = pd.read_parquet(opened.survey_path)
    opened.survey_path.unlink()
    parts = opened.path / "survey.parquet"
    parts.mkdir()
    for n in range(2):
        answers.iloc[n::2].to_parquet(parts / f"part-{n}.parquet", index=False)
    pd.testing.assert_frame_equal(rounds.results(rounds.open_round(small_plan.id)).table, expected)
    assert len(reporting.facts(small_plan.id).forms)


def test_robustness_ranks_a_unit_with_hidden_points(small_plan):
    opened = surveyed_round(small_plan, {})
    result = rounds.results(opened)
    table = result.table.assign(points=result.table["maximum"] / 2, index=50.0)
    leaf, above = thin_code(small_plan), ("unit == 'ha-noi' and node == @leaf")
    table.loc[table.eval(above, local_dict={"leaf": leaf}), ["points", "index"]] = np.nan
    tree = point_tree(replace(result, table=table))
    assert len(tree.rankable) == 3  # all are ranked, as in the table of ranks
    assert leaf not in tree.nodes


@pytest.mark.parametrize(
    ("stage", "what"),
    [("appraisal", {"points": 0.0}), ("conclusion", {"points": 0.0}), ("conclusion", {"not_applicable": True})],
)
@pytest.mark.long
def test_what_is_hidden_is_the_same_at_every_stage(stage, what, small_plan):
    """The council writes down points of the thin leaf, or of the one hidden with it, at one stage and not at another:
    two stages together say no more than one."""
    code = thin_code(small_plan)
    opened = surveyed_round(small_plan, {code: 1})
    covering = [leaf for leaf in thin_points.hidden_leaves(opened, rounds.scorecard(opened)) if leaf != code]
    assert len(covering) == 1
    row = {"unit": "ha-noi", "answer": "", "by": "HĐ", "remark": "Xem lại"}
    for leaf in (covering[0], code):
        names = [{**row, "code": leaf, "stage": "appraisal", "points": 0.2}] if stage == "conclusion" else []
        names += [{**row, "code": leaf, "stage": stage, **what}]
        rounds.append(small_plan.id, pd.DataFrame(names), source="tay")
        held = rounds.open_round(small_plan.id)
        masks = [thin_points.hidden(held, card) for card in rounds.scorecards(held).values()]
        assert len(masks) == 3
        assert all((mask == masks[0]).all() for mask in masks)
        assert masks[0].any() or leaf == code


@pytest.mark.long
def test_the_share_of_all_units_gives_no_hidden_unit_away(small_plan):
    """In each group 1 of ha-noi answers the item, 10 of each other unit: 21 x the share of all - 10 x those of the
    others is that answer, and fractions tell how many answered."""
    code = thin_code(small_plan)
    asked = {"ha-giang": 12, "cao-bang": 30}
    opened = surveyed_round(small_plan, {code: 1}, others=("ha-giang", "cao-bang"), citizens=asked)
    gone = thin_points.hidden_leaves(opened, rounds.scorecard(opened))
    assert code in gone
    assert len(gone) >= 2
    result = reporting.facts(small_plan.id)
    assert result.citizens.set_index("unit")["n"].dropna().to_dict() == asked  # nobody of ha-noi: nothing is hidden
    shares, hidden = result.shares, result.shares["code"].isin(gone)
    assert shares.loc[hidden, ["n", "share", "lower", "upper"]].isna().all(axis=None)
    assert shares.loc[~hidden, ["n", "share", "lower", "upper"]].notna().all(axis=None)
    given = {(unit, code): value for unit, code, what, value in of_survey(result) if what == "answers"}
    assert {code for (_, code), value in given.items() if np.isnan(value)} == set(gone)  # what a report hands over


@pytest.mark.long
def test_a_unit_of_few_citizens_does_not_follow_from_those_of_all(small_plan):
    """3, 12 and 30 citizens: the 3 are those of all less those of two units that are shown; so the 12 are hidden."""
    surveyed_round(small_plan, {}, citizens={"ha-noi": 3, "ha-giang": 12, "cao-bang": 30})
    result = reporting.facts(small_plan.id)
    assert result.satisfaction["n"].tolist() == [45] * 5
    shown = result.citizens.set_index("unit")[["n", "share", "lower", "upper"]]
    assert shown.loc[["ha-noi", "ha-giang"]].isna().all(axis=None)
    assert shown.loc["cao-bang", ["n", "share"]].tolist() == [30, pytest.approx(100 * 20 / 30)]
