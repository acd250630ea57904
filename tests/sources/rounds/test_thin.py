"""Points that rest on fewer than five answers are not shown, nor what would give them away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from parlib.framework.rules import Survey
from parlib.sources import rounds
from parlib.sources.survey import questions


def surveyed_round(plan: rounds.RoundPlan, answers: dict[str, int]) -> rounds.Round:
    """A round in which each group of ha-noi gave each item 10 answers, but for those of ``answers``."""
    rounds.create_round(plan, by="test")
    rows = [
        (f"{group}{n}", "ha-noi", group, question.item, max(question.scale) - n % 2)
        for question in questions(plan.load_scheme())
        for group in question.groups
        for n in range(answers.get(question.code, 10))
    ]
    frame = pd.DataFrame(rows, columns=["respondent", "unit", "group", "item", "answer"])
    frame.to_parquet(rounds.round_folder(plan.id) / "survey.parquet", index=False)
    return rounds.open_round(plan.id)


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


def test_a_survey_of_enough_answers_is_shown_whole(small_plan):
    opened = surveyed_round(small_plan, {})
    table = rounds.results(opened).table.query("unit == 'ha-noi'").set_index("node")["points"]
    assert table[[question.code for question in questions(opened.scheme)]].notna().all()


def test_names_of_appraisers_stay_in_the_ledger(small, say, tmp_path):
    say("1.1.1", "timely", by="Nguyễn Văn Bí Mật")
    for path in rounds.write_scores(rounds.open_round(small), tmp_path / "out"):
        if path.suffix == ".csv":
            assert "Bí Mật" not in path.read_text(encoding="utf-8-sig")
