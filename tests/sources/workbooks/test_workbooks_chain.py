"""A ledger written out as forms, and the forms read into an empty round: the index table is the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from parlib.scoring.rules import Choice, Target
from parlib.scoring.scheme import Node, load_scheme
from parlib.sources import rounds, workbooks
from parlib.sources.workbooks.form_layout import FORM_KINDS, asked

COUNCIL = "Hội đồng thẩm định"
LEVELS = {"province": ("ha-noi", "ca-mau"), "ministry": ("bo-noi-vu", "bo-y-te")}


def _any_answer(leaf: Node, chance: np.random.Generator) -> str:
    if isinstance(leaf.rule, Choice):
        return str(chance.choice(list(leaf.rule.options)))
    if isinstance(leaf.rule, Target):
        return f"{chance.integers(-50, 2000) / 10}/{chance.integers(1, 2000) / 10}"
    assert leaf.rule is not None
    if leaf.rule.limits(leaf.maximum).whole:
        return str(chance.integers(0, 6))
    return str(np.round(chance.uniform(0, 100), int(chance.integers(0, 6))))


def _decision(leaf: Node, answer: str, chance: np.random.Generator) -> dict[str, Any]:
    """The council accepts mostly; it adjusts, sets points or spares the unit now and then."""
    turn = chance.uniform()
    if turn < 0.6:
        return {"answer": answer}
    reason = {"remark": "- Lý do của Hội đồng"}
    if turn < 0.8:
        return {"answer": _any_answer(leaf, chance), **reason}
    if turn < 0.9:
        assert leaf.maximum is not None
        return {"points": round(leaf.maximum * chance.uniform(), 3), **reason}
    return {"not_applicable": True, **reason}


def _said(level: str, chance: np.random.Generator) -> Iterator[dict[str, Any]]:
    leaves = [leaf for leaf in load_scheme(f"876-{level}").leaves if asked(leaf)]
    for unit in LEVELS[level]:
        for leaf in leaves:
            row = {"unit": unit, "code": leaf.code}
            answer = _any_answer(leaf, chance)
            if chance.uniform() < 0.05:
                continue  # left open by the unit: nobody decides on it
            if chance.uniform() < 0.05:
                yield {**row, "stage": "self", "not_applicable": True, "remark": "Không có TTHC", "by": unit}
                yield {**row, "stage": "appraisal", "not_applicable": True, "by": COUNCIL}
                continue
            yield {**row, "stage": "self", "answer": answer, "evidence": "- QĐ 12", "by": unit}
            yield {**row, "stage": "appraisal", **_decision(leaf, answer, chance), "by": COUNCIL}
            if chance.uniform() < 0.1:
                claim = {"answer": _any_answer(leaf, chance), "remark": "+ Giải trình", "evidence": "CV 1"}
                yield {**row, "stage": "appeal", **claim, "by": unit}
                final = {"answer": _any_answer(leaf, chance), "remark": "Kết luận"}
                yield {**row, "stage": "conclusion", **final, "by": COUNCIL}


@pytest.mark.parametrize("level", ["province", pytest.param("ministry", marks=pytest.mark.long)])
@pytest.mark.long
def test_forms_carry_the_whole_ledger(level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = rounds.RoundPlan(id="r", year=2023, level=level, scheme=f"876-{level}", units=LEVELS[level])
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "first"))
    rounds.create_round(plan)
    rows = pd.DataFrame(_said(level, np.random.default_rng(2023)))
    rounds.append("r", rows, source="sổ", decimal="point")
    first = rounds.open_round("r")
    for kind in FORM_KINDS:
        workbooks.write_forms(first, tmp_path / kind, kind)

    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "second"))
    rounds.create_round(plan)
    for kind in FORM_KINDS:
        second = rounds.open_round("r")
        forms = [workbooks.examine_form(path, second, COUNCIL) for path in sorted((tmp_path / kind).iterdir())]
        rounds.append("r", pd.concat([form.rows for form in forms]), source=kind, decimal="point")
    second = rounds.open_round("r")
    for stage in ("self", "appraisal", "final"):
        sentence, again = (rounds.state(round_, stage).drop(columns="row") for round_ in (first, second))
        pd.testing.assert_frame_equal(again, sentence)
        tables = [rounds.scorecard(round_, stage).index_table() for round_ in (first, second)]
        pd.testing.assert_frame_equal(*tables, check_exact=True)
    claims = [round_.ledger[round_.ledger["by"] == round_.ledger["unit"]] for round_ in (first, second)]
    columns = ["unit", "code", "stage", "answer", "evidence", "remark"]
    pd.testing.assert_frame_equal(*(frame[columns].sort_values(columns).reset_index(drop=True) for frame in claims))
