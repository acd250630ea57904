"""Rounds to test on: a small one by hand, and a full one of 63 units x 95 leaves x 3 stages from a seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parlib.scoring.rules import Choice, Deduction, Proportional, Steps, Tally, Target
from parlib.scoring.scheme import Scheme, load_scheme
from parlib.sources import rounds

UNITS = ("ha-noi", "ha-giang", "cao-bang")


@pytest.fixture(autouse=True)
def rounds_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "rounds"
    folder.mkdir()
    monkeypatch.setenv("PARLIB_ROUNDS", str(folder))
    return folder


@pytest.fixture
def small_plan() -> rounds.RoundPlan:
    return rounds.RoundPlan.model_validate(
        {
            "id": "2023-test",
            "year": 2023,
            "level": "province",
            "scheme": "876-province",
            "units": list(UNITS),
            "steps": [
                {"key": "self", "from": "2024-01-01", "to": "2024-01-31", "responsible": "UBND các tỉnh"},
                {"key": "appraisal", "from": "2024-02-01", "to": "2024-02-29", "responsible": "Hội đồng thẩm định"},
            ],
        }
    )


@pytest.fixture
def small(small_plan: rounds.RoundPlan) -> str:
    """The id of an open round of three provinces with nothing in it."""
    rounds.create_round(small_plan, by="test")
    return small_plan.id


@pytest.fixture
def say(small: str) -> Callable[..., rounds.Receipt]:
    """Add one row to the small round: say("1.1.1", "timely", stage="self", ...)."""

    def add(code: str, answer: object = "", **cells: object) -> rounds.Receipt:
        row = {"unit": "ha-noi", "code": code, "stage": "self", "answer": answer, "by": "Sở Nội vụ", **cells}
        return rounds.append(small, pd.DataFrame([row]), source="tay")

    return add


def some_answers(scheme: Scheme, units: list[str], stage: str, seed: int) -> pd.DataFrame:
    """An answer that the rule allows, for every unit and every leaf that units answer."""
    rng = np.random.default_rng(seed)
    rows = []
    for leaf in scheme.leaves:
        rule, n = leaf.rule, len(units)
        if isinstance(rule, Choice):
            answers = rng.choice(list(rule.options), n).tolist()
        elif isinstance(rule, Steps | Proportional):
            answers = [f"{value:g}" for value in np.round(rng.uniform(40, 100, n), 1)]
        elif isinstance(rule, Tally | Deduction):
            answers = [str(value) for value in rng.integers(0, 6, n)]
        elif isinstance(rule, Target):
            answers = [f"{value:g}/100" for value in np.round(rng.uniform(70, 120, n), 1)]
        else:
            continue
        rows += [(unit, leaf.code, answer) for unit, answer in zip(units, answers, strict=True)]
    frame = pd.DataFrame(rows, columns=["unit", "code", "answer"])
    return frame.assign(stage=stage, by=f"Người ghi {stage}", evidence="Báo cáo số 12/BC-UBND", remark="")


@pytest.fixture
def full() -> str:
    """The id of a round of 63 provinces with every answer at every stage."""
    plan = rounds.RoundPlan(id="2023-province", year=2023, level="province", scheme="876-province")
    rounds.create_round(plan, by="test")
    scheme = load_scheme("876-province")
    units = list(plan.unit_frame()["unit"])
    for n, stage in enumerate(("self", "appraisal", "conclusion")):
        rounds.append(plan.id, some_answers(scheme, units, stage, seed=n), source=f"{stage}.csv")
    indices = [(unit, index, 80.0 + n / 10) for n, unit in enumerate(units) for index in ("sipas", "phuc_vu_tthc")]
    rounds.append_external(plan.id, pd.DataFrame(indices, columns=["unit", "index", "value"]), by="test")
    return plan.id
