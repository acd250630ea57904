"""What holds at each stage, and how it is traced."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parlib import places
from parlib.errors import ParameterError
from parlib.sources import rounds
from parlib.sources.rounds import opening

COUNCIL = "Hội đồng thẩm định"


def holding(round_id: str, stage: str) -> dict[str, tuple[str, int]]:
    """The answer and the row that hold for each code of ha-noi."""
    table = rounds.state(rounds.open_round(round_id), stage)
    table = table[table["unit"] == "ha-noi"]
    return {code: (answer, row) for code, answer, row in zip(table["code"], table["answer"], table["row"], strict=True)}


@pytest.mark.long
def test_self_then_appraisal_then_appeal(small, say):
    say("1.5", "3")
    assert holding(small, "self") == {"1.5": ("3", 1)}
    assert holding(small, "final") == {}  # never the unit's own word in silence
    say("1.5", "1", stage="appraisal", by=COUNCIL, remark="chỉ một sáng kiến được công nhận")
    assert holding(small, "appraisal") == holding(small, "final") == {"1.5": ("1", 2)}
    say("1.5", "3", stage="appeal", by="ha-noi", remark="đã có quyết định công nhận")  # the unit explains itself
    assert holding(small, "final") == {"1.5": ("1", 2)}
    say("1.5", "2", stage="conclusion", by=COUNCIL, remark="công nhận thêm một")
    assert holding(small, "final") == {"1.5": ("2", 4)}
    assert holding(small, "appraisal") == {"1.5": ("1", 2)}
    assert holding(small, "self") == {"1.5": ("3", 1)}
    say("1.5", "0", stage="appraisal", by=COUNCIL)  # a late correction of the appraisal does not undo the appeal
    assert holding(small, "final") == {"1.5": ("2", 4)}


def test_remarks_on_an_appeal_decide_nothing(small, say):
    say("1.5", "1", stage="appraisal", by=COUNCIL)
    say("1.5", stage="appeal", by="Sở Nội vụ Hà Nội", evidence="QĐ 15")  # an explanation by whoever writes it
    say("1.5", stage="conclusion", by=COUNCIL, remark="đang xem xét")
    assert holding(small, "final") == {"1.5": ("1", 1)}


def test_an_empty_row_with_a_reason_withdraws(small, say):
    say("1.5", "3")
    say("1.5", remark="nhập nhầm đơn vị")
    assert holding(small, "self") == {}
    say("1.5", "1", stage="appraisal", by=COUNCIL)
    say("1.5", stage="appraisal", by=COUNCIL, remark="chờ xác minh")
    assert holding(small, "final") == {}


def test_the_plan_may_let_the_own_word_stand(small_plan, say):
    say("1.5", "3")
    say("1.1.2", "90")
    say("1.1.2", "80", stage="appraisal", by=COUNCIL)
    folder = rounds.round_folder(small_plan.id)
    text = (folder / "round.yaml").read_text(encoding="utf-8")
    (folder / "round.yaml").write_text("unappraised: self\n" + text, encoding="utf-8")
    assert rounds.accept_changes(small_plan.id, reason="Hội đồng chấp thuận", by="Vụ CCHC") == ("round.yaml",)
    assert holding(small_plan.id, "final") == {"1.5": ("3", 1), "1.1.2": ("80", 3)}
    stages = rounds.state(rounds.open_round(small_plan.id), "final").set_index("code")["stage"]
    assert stages.to_dict() == {"1.5": "self", "1.1.2": "appraisal"}  # it says so


def test_what_the_plan_exempts_applies_at_no_stage():
    plan = rounds.RoundPlan.model_validate(
        {
            "id": "2023-kad",
            "year": 2023,
            "level": "province",
            "scheme": "876-province",
            "units": ["ha-noi", "ha-giang"],
            "not_applicable": [{"unit": "ha-giang", "code": "1.3", "reason": "không tổ chức kiểm tra"}],
        }
    )
    rounds.create_round(plan, by="test")
    opened = rounds.open_round(plan.id)
    for stage in ("self", "appraisal", "final"):
        table = rounds.state(opened, stage)
        assert table[["unit", "code", "not_applicable", "row", "stage"]].to_numpy().tolist() == [
            ["ha-giang", "1.3.1", True, 0, "plan"],
            ["ha-giang", "1.3.2", True, 0, "plan"],
        ]
    stated = pd.DataFrame([{"unit": "ha-giang", "code": "1.3.1", "stage": "self", "answer": "40", "by": "x"}])
    with pytest.raises(Exception, match="does not apply to the unit"):
        rounds.append(plan.id, stated, source="x")
    card = rounds.scorecard(opened)
    maxima = card.node_points()[1]
    assert maxima[:, card.nodes.index("1.3")].tolist() == [pytest.approx(1.5), 0.0]  # 0.5 + 1 fall away


def test_points_entered_for_a_survey_hold_at_every_stage(small, say):
    say("1.7.1", points="0,8", stage="appraisal", by=COUNCIL, remark="kết quả điều tra chính thức")
    for stage in ("self", "appraisal", "final"):
        state = rounds.state(rounds.open_round(small), stage)
        assert state[["code", "points", "row"]].to_numpy().tolist() == [["1.7.1", 0.8, 1]]


def test_a_council_may_decide_points_against_the_rule_with_a_reason(small, say):
    say("1.1.1", "timely")
    say("1.1.1", "timely", points=0.25, stage="appraisal", by=COUNCIL, remark="thiếu tài liệu kiểm chứng")
    opened = rounds.open_round(small)
    assert rounds.state(opened, "final")["points"].tolist() == [0.25]
    trace = rounds.trace_table(opened).set_index(["unit", "code"]).loc[("ha-noi", "1.1.1")]
    assert (trace["points"], trace["origin"], trace["row"], trace["remark"]) == (
        0.25,
        "decided",
        2,
        "thiếu tài liệu kiểm chứng",
    )


def test_trace_tells_the_story_of_a_point(small, say):
    say("1.5", "3", evidence="3 quyết định")
    say("1.5", "1", stage="appraisal", by=COUNCIL, remark="hai quyết định ngoài năm")
    sentence = rounds.trace(rounds.open_round(small), "ha-noi", "1.5")
    assert sentence[["row", "stage", "answer", "earned", "maximum", "holds"]].to_numpy().tolist() == [
        [1, "self", "3", 1.5, 1.5, "self"],
        [2, "appraisal", "1", 0.5, 1.5, "appraisal; final"],
    ]
    assert sentence["rule"][0].startswith("Số sáng kiến, giải pháp mới được công nhận")
    with pytest.raises(ParameterError, match="near matches: Ha Noi"):
        rounds.trace(rounds.open_round(small), "hanoi", "1.5")
    with pytest.raises(ParameterError, match=r"no such scored criterion"):
        rounds.trace(rounds.open_round(small), "ha-noi", "1.1")


def test_an_empty_round_is_whole(small):
    opened = rounds.open_round(small)
    assert rounds.state(opened).empty
    card = rounds.scorecard(opened)
    assert math.isnan(card.node_index()[0, 0])
    assert (rounds.trace_table(opened)["origin"] == "").all()
    assert len(rounds.undecided(opened)) == 3 * 71
    with pytest.raises(ParameterError, match="near matches: final"):
        rounds.state(opened, "finall")


def naive_final(rows: list[dict[str, object]]) -> dict[str, int]:
    """The row that holds at the end for each code, told step by step as the documentation does."""
    holding = {}
    for code in {row["code"] for row in rows}:
        appraisal = conclusion = None
        for n, row in enumerate(rows, start=1):
            if row["code"] == code and row["stage"] == "appraisal":
                appraisal = n if row["answer"] else None
            if row["code"] == code and row["stage"] == "conclusion" and row["answer"]:
                conclusion = n
        if conclusion or appraisal:
            holding[code] = conclusion or appraisal
    return holding


said = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["1.5", "1.6.2"]),
        "stage": st.sampled_from(["self", "appraisal", "appeal", "conclusion"]),
        "answer": st.sampled_from(["", "0", "1", "2", "3"]),
        "by": st.sampled_from(["ha-noi", COUNCIL]),
    }
).filter(lambda row: not (row["stage"] in ("appraisal", "conclusion") and row["by"] == "ha-noi"))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(said, min_size=1, max_size=12), cut=st.integers(1, 12))
def test_what_holds_is_what_the_words_say_at_every_moment(rows, cut, small_plan, rounds_folder, tmp_path_factory):
    with places.rounds_at(tmp_path_factory.mktemp("rounds")):
        rounds.create_round(small_plan, by="test")
        stated = [{"code": code, "stage": "self", "answer": "4", "by": "ha-noi"} for code in ("1.5", "1.6.2")]
        rows = [*stated, *rows]  # what is explained or concluded on was stated before
        sentence = pd.DataFrame(rows).assign(unit="ha-noi", remark="lý do")
        sentence["at"] = [f"2024-01-{day:02}T12:00:00+07:00" for day in range(1, len(rows) + 1)]
        receipt = rounds.append(small_plan.id, sentence, source="x")
        opened = rounds.open_round(small_plan.id)
    kept = opened.ledger.to_dict("records")  # what said nothing new is not there
    assert len(kept) == receipt.added == len(rows) - receipt.unchanged
    until = [row for row in kept if row["at"].day <= cut]
    held = rounds.state(opened, "final", f"2024-01-{cut:02}")
    assert held.equals(rounds.state(opened, "final", f"{cut}/1/2024"))  # a day as it is written in Viet Nam
    assert dict(zip(held["code"], held["row"], strict=True)) == naive_final(until)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("31/1/2024", "2024-01-31T23:59:59.999999+07:00"), ("2024-01-31", "2024-01-31T23:59:59.999999+07:00"),
     ("1/1/2024 09:05", "2024-01-01T09:05+07:00"), ("2024-01-31T09", "2024-01-31T09:00+07:00")],
)  # fmt: skip
def test_a_day_means_its_end_and_an_hour_means_that_hour(written, meant):
    assert opening.moment(written) == pd.Timestamp(meant)
