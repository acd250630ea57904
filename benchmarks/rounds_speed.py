"""Rounds: a full ledger loaded, checked and scored; a form added to it."""

import itertools

import numpy as np
import pandas as pd
import pytest

from parlib.scoring.rules import Choice, Target
from parlib.scoring.scheme import load_scheme
from parlib.sources import rounds

ROWS = 63 * 95 * 3


def answers(leaves, units, stage, seed):
    """An answer that the rule allows to each of ``leaves`` from each unit."""
    rng = np.random.default_rng(seed)
    rows = []
    for leaf in leaves:
        if isinstance(leaf.rule, Choice):
            names = rng.choice(list(leaf.rule.options), len(units)).tolist()
        elif isinstance(leaf.rule, Target):
            names = [f"{value:g}/100" for value in np.round(rng.uniform(70, 120, len(units)), 2)]
        elif leaf.rule.limits().whole:
            names = [str(value) for value in rng.integers(0, 9, len(units))]
        else:
            names = [f"{value:g}" for value in np.round(rng.uniform(40, 100, len(units)), 2)]
        rows += [(unit, leaf.code, stage, answer) for unit, answer in zip(units, names, strict=True)]
    frame = pd.DataFrame(rows, columns=["unit", "code", "stage", "answer"])
    return frame.assign(by=f"người ghi {stage}", evidence="Báo cáo số 123/BC-UBND ngày 15/12/2023", remark="")


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """63 units x 95 leaves x 3 stages: answers at every stage, points for what is surveyed, and corrections."""
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path))
    plan = rounds.make_plan(id="2023-province", year=2023, level="province", scheme="876-province")
    rounds.create_round(plan)
    units = list(plan.unit_frame()["unit"])
    leaves = load_scheme("876-province").leaves
    asked = [leaf for leaf in leaves if leaf.rule.answered]
    measured = [leaf.code for leaf in leaves if not leaf.rule.answered]
    for seed, stage in enumerate(("self", "appraisal", "appeal")):
        rounds.append(plan.id, answers(asked, units, stage, seed), source=f"{stage}.csv")
        if stage == "appraisal":  # a unit neither states nor appeals what is surveyed
            pairs = pd.DataFrame(itertools.product(units, measured), columns=["unit", "code"])
            given = pairs.assign(stage=stage, points=0.2, remark="kết quả điều tra", by="người ghi")
            rounds.append(plan.id, given, source=f"{stage} điều tra.csv")
    for stage in ("self", "appeal"):
        corrected = answers(asked[: len(measured)], units, stage, 9)
        rounds.append(plan.id, corrected.assign(remark="sửa lại"), source=f"{stage} sửa.csv")
    return plan.id


def test_load_check_and_score_a_full_ledger(measure, ledger):
    def work():
        opened = rounds.open_round(ledger)
        return opened, rounds.scorecards(opened)

    opened, cards = measure("ledger 63 x 95 x 3: load, check, score 3 stages", 1.0, work, rounds=5)
    assert len(opened.ledger) == ROWS
    assert np.isfinite(cards["final"].points).all()


def test_score_a_full_ledger(measure, ledger):
    opened = rounds.open_round(ledger)
    cards = measure("ledger 63 x 95 x 3: the three scorecards alone", 0.5, lambda: rounds.scorecards(opened), rounds=5)
    assert len(cards) == 3


def test_add_a_form_to_a_full_ledger(measure, ledger):
    scheme = load_scheme("876-province")
    asked = [leaf for leaf in scheme.leaves if leaf.rule.answered]
    seeds = itertools.count(100)
    receipt = measure(
        "add a form of 71 answers to it, on the disk",
        0.5,
        lambda: rounds.append(ledger, answers(asked, ["ha-noi"], "self", next(seeds)), source="ha-noi.xlsx"),
        rounds=5,
    )
    assert receipt.added > 0
