"""The report on a survey is counted twice: both counts agree on answers full of faults, and a number that is another
keeps the report back."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parlib import places
from parlib.publish.document import numbers
from parlib.publish.verify.fieldwork import inspect, recount
from parlib.report.blocks import Table, Wording
from parlib.report.fieldwork import quality_blocks
from parlib.scoring.scheme import load_scheme
from parlib.sources import rounds
from parlib.sources.rounds import exported

DAYS = {"from": "2024-01-10", "to": "2024-01-20"}


def faulty() -> pd.DataFrame:
    """Forms of three units, a third of them each with a fault of its own."""
    draw = np.random.default_rng(5)
    asked = [question for question in exported.questions(load_scheme("876-province")) if "hdnd" in question.groups]
    rows = []
    for form in range(240):
        unit = ("ha-noi", "hue", "cao-bang")[form % 3]
        of = {"unit": unit, "group": "hdnd", "respondent": f"P{form}", "stratum": f"t{form % 2}", "weight": 1.0}
        of |= {"cluster": f"c{form % 3}{form % 5}", "interviewer": f"D{form % 4}", "duration": 60.0 + form}
        of |= {"date": datetime.date(2024, 1, 10 + form % 10)}
        answers = draw.integers(1, 6, len(asked)).tolist()
        fault = form % 36
        if fault == 1:
            of["respondent"] = None
        if fault == 2:
            of["unit"] = "sao-hoa"
        if fault == 3:
            answers[0] = 9
        if fault == 4:
            of["weight"] = 0.0
        if fault == 5:
            of["stratum"] = None
        if fault == 6:
            answers = [4] * len(asked)
        if fault in (7, 8):  # two forms of one cluster that are the same
            of["cluster"], answers = f"bản sao {form // 36}", [1 + n % 5 for n in range(len(asked))]
            of |= {"unit": "hue", "stratum": "t1"}
        if fault == 9:
            of["date"] = datetime.date(2023, 12, 1)
        if fault == 10:
            of["duration"] = 0.0
        if fault == 11:
            of |= {"stratum": f"một mình {form}", "cluster": None, "unit": "hue"}
        if fault == 12:
            answers[2] = 99
        lines = [{**of, "item": one.item, "answer": float(code)} for one, code in zip(asked, answers, strict=True)]
        if fault == 13:
            lines[1] = {**lines[1], "item": "Q9_9_9"}
        if fault == 14:
            lines += [lines[3]]
        if fault == 15:
            lines[4] = {**lines[4], "group": "huyen"}
        if fault == 16:
            lines[5] = {**lines[5], "group": "nguoi_la"}
        rows += lines
    return pd.DataFrame(rows)


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> rounds.Round:
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path))
    plan = {"id": "r", "year": 2023, "level": "province", "scheme": "876-province", "survey": DAYS}
    rounds.create_round(rounds.make_plan(**plan, units=("ha-noi", "hue", "cao-bang")))
    faulty().to_parquet(places.rounds() / "r" / "survey.parquet", index=False)
    return rounds.open_round("r")


@pytest.mark.long
def test_two_counts_of_a_survey_full_of_faults_agree(opened):
    found, again = exported.fieldwork(opened), recount(opened)
    assert found is not None
    for row in found.quality.summary.itertuples():
        assert row.found > 0, row.check
        assert again["", f"check:{row.check}"] == row.found, row.check
    blocks = list(quality_blocks(opened, "vi"))
    flat = [block for one in blocks for block in getattr(one, "blocks", (one,))]
    assert [*inspect(flat, opened, Wording("vi"))] == []
    assert sum(len(list(numbers(block))) for block in flat) > 60

    tables = {block.name: block for block in flat if isinstance(block, Table)}
    for name, key in (("checks", "n"), ("response", "empty"), ("cases", "same_forms"), ("interviewers", "minutes")):
        row = next(n for n, row in enumerate(tables[name].rows) if row.get(key))
        number = tables[name].rows[row][key]
        slip = replace(number, value=number.value + 1)
        cells = [dict(cells) | ({key: slip} if n == row else {}) for n, cells in enumerate(tables[name].rows)]
        other = [replace(block, rows=tuple(cells)) if block is tables[name] else block for block in flat]
        (finding,) = inspect(other, opened, Wording("vi"))
        assert dict(finding.numbers)["printed"] == number.value + 1
    left = list(inspect([b for b in flat if b is not tables["cases"]], opened, Wording("vi")))
    assert left and all("bỏ sót" in finding.text("vi") for finding in left)
