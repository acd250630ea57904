"""Who decides: a unit asks and explains, the council of the plan appraises and concludes."""

from __future__ import annotations

import pandas as pd
import pytest

from parlib.errors import DataError
from parlib.sources import rounds


@pytest.mark.few(2)
@pytest.mark.parametrize("by", ["", "Hà Giang", "HA-GIANG", "Sở Nội vụ"])
def test_a_request_of_a_unit_decides_nothing_whoever_writes_it_down(by, small, say):
    say("1.1.2", "70", unit="ha-giang")
    say("1.1.2", "70", unit="ha-giang", stage="appraisal", by="Hội đồng")
    receipt = say("1.1.2", "100", unit="ha-giang", stage="appeal", by=by or "operator", remark="đề nghị 100%")
    assert receipt.deciding == 0
    assert rounds.state(rounds.open_round(small), "final")["answer"].tolist() == ["70"]
    decided = say("1.1.2", "90", unit="ha-giang", stage="conclusion", by="Hội đồng", remark="chấp nhận một phần")
    assert "1 rows decide" in decided.text("en")
    assert rounds.state(rounds.open_round(small), "final")["answer"].tolist() == ["90"]


@pytest.mark.parametrize("stage", ["appraisal", "conclusion"])
def test_a_unit_does_not_decide_on_itself_by_writing_its_name(stage, small, say):
    say("1.1.2", "70", unit="ha-giang")
    with pytest.raises(DataError, match="does not appraise itself"):
        say("1.1.2", "90", unit="ha-giang", stage=stage, by="Tỉnh Hà Giang", remark="x")


@pytest.mark.parametrize("stage", ["appeal", "conclusion"])
def test_nothing_is_explained_or_concluded_on_before_it_was_assessed(stage, small, say):
    with pytest.raises(DataError, match="nothing was assessed"):
        say("1.1.2", "90", stage=stage, by="Hội đồng", remark="x")


def test_only_the_council_of_the_plan_decides(small_plan):
    rounds.create_round(small_plan.model_copy(update={"council": ("Hội đồng thẩm định",)}))
    row = {"unit": "ha-noi", "code": "1.1.2", "stage": "appraisal", "answer": "70"}
    both = pd.DataFrame([row, {**row, "code": "1.5", "answer": "2"}])
    with pytest.raises(DataError, match="only members of the council") as refused:
        rounds.append(small_plan.id, both, source="x", by="nguyenvana")
    assert [problem.row for problem in refused.value.problems] == [None]  # of the whole file, not once a row
    assert rounds.append(small_plan.id, pd.DataFrame([row]), source="x", by="hội đồng  thẩm định").added == 1
