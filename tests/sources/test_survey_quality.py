"""Every check of survey answers finds what was planted, and nothing in a clean survey."""

import datetime

import numpy as np
import pandas as pd
import pytest

from parlib.sources.survey import Limits, Question, open_survey, quality, tabulate
from parlib.sources.survey.quality import CHECKS

ITEMS = [f"Q{number}" for number in range(1, 24)]  # 23 items: three words of ten
SCALE = {5: 1.0, 4: 0.8, 3: 0.5, 2: 0.2, 1: 0.0}
ASKED = [Question(item, SCALE, ("hdnd", "huyen")) for item in ITEMS]
LIMITS = Limits(
    fewest_answers=4, first_day=datetime.date(2023, 11, 1), last_day=datetime.date(2023, 12, 15), shortest=60
)


def clean(units=("ha-noi", "hue"), people=8):
    """A survey without faults: every form differs from every other."""
    draw = np.random.default_rng(5)
    rows = []
    for unit in units:
        for group in ("hdnd", "huyen"):
            for person in range(people):
                form = draw.integers(1, 6, len(ITEMS))
                form[:2] = 1, 5
                for item, answer in zip(ITEMS, form, strict=True):
                    rows.append((f"{group}{person}", unit, group, item, int(answer), "s", f"{group}-{person % 4}"))
    frame = pd.DataFrame(rows, columns=["respondent", "unit", "group", "item", "answer", "stratum", "cluster"])
    frame["weight"] = 1.5
    frame["date"] = pd.Timestamp("2023-11-20")
    frame["duration"] = 420
    return frame


def check(frame, **limits):
    settings = {name: getattr(LIMITS, name) for name in Limits.__slots__} | limits
    table = tabulate(open_survey(frame), ASKED, units=["ha-noi", "hue"])
    return quality(table, Limits(**settings))


def found(result):
    return {check: count for check, count, _ in result.summary.itertuples(index=False) if count}


def only(result, name):
    assert set(found(result)) == {name}
    return result.findings.drop(columns="check")


def test_a_clean_survey():
    result = check(clean())
    assert found(result) == {}
    assert list(result.summary["check"]) == list(CHECKS)
    assert result.problems() == ()


@pytest.mark.long
def test_straight_lining():
    frame = clean()
    line = (frame["unit"] == "hue") & (frame["respondent"] == "hdnd3")
    frame.loc[line, "answer"] = 4
    frame.loc[line & (frame["item"] == "Q2"), "answer"] = 99  # not known: neither equal nor different
    result = check(frame)
    row = only(result, "same_answers").iloc[0]
    assert (row["unit"], row["group"], row["respondent"], row["value"], row["n"]) == ("hue", "hdnd", "hdnd3", "4.0", 22)
    assert result.problems()[0].text("vi").endswith("đơn vị hue, nhóm hdnd, phiếu hdnd3: cả 22 câu cùng một mã trả lời")
    # a short form of equal answers is not straight-lining
    assert found(check(frame, same_answers=23)) == {}


@pytest.mark.long
def test_items_answered_twice():
    # the first and the last item of a word, and of the form; 16 and 40 are where digits of base 16 overflow
    frame = clean()
    planted = [
        (f"{group}{person}", item, times)
        for (group, times), items in {("hdnd", 2): "Q1 Q10 Q11 Q23", ("huyen", 16): "Q1 Q10 Q11 Q23"}.items()
        for person, item in enumerate(items.split())
    ] + [("huyen7", "Q11", 40)]
    again = [
        frame[(frame["unit"] == "hue") & (frame["respondent"] == who) & (frame["item"] == item)]
        for who, item, times in planted
        for _ in range(times - 1)
    ]
    rows = only(check(pd.concat([frame, *again])), "repeated_answer")
    assert rows["unit"].eq("hue").all()
    assert sorted(rows[["respondent", "item", "n"]].itertuples(index=False, name=None)) == sorted(planted)


@pytest.mark.long
def test_copied_forms():
    frame = clean()
    of = (frame["unit"] == "hue") & (frame["respondent"] == "hdnd0")
    to = (frame["unit"] == "hue") & (frame["respondent"] == "hdnd4")  # the same cluster hdnd-0
    frame.loc[to, "answer"] = frame.loc[of, "answer"].to_numpy()
    row = only(check(frame), "same_forms").iloc[0]
    assert (row["unit"], row["group"], row["cluster"], row["respondent"], row["n"]) == (
        "hue",
        "hdnd",
        "hdnd-0",
        "hdnd0",
        2,
    )
    # the last item differs: no copy
    last = frame["item"] == "Q23"
    frame.loc[to & last, "answer"] = frame.loc[of & last, "answer"].iloc[0] % 5 + 1
    assert found(check(frame)) == {}
    # another cluster: no copy
    frame.loc[to, "answer"] = frame.loc[of, "answer"].to_numpy()
    frame.loc[to, "cluster"] = "hdnd-1"
    assert found(check(frame)) == {}


@pytest.mark.long
def test_dates_and_durations():
    frame = clean()
    frame.loc[frame["respondent"] == "hdnd1", "date"] = pd.Timestamp("2023-10-31")
    frame.loc[frame["respondent"] == "huyen1", "date"] = pd.Timestamp("2023-12-16")
    frame.loc[frame["respondent"] == "huyen2", ["date", "duration"]] = [pd.NaT, 59]
    result = check(frame)
    assert found(result) == {"impossible_date": 4, "impossible_duration": 2}
    assert result.findings["value"].tolist() == ["2023-10-31", "2023-12-16"] * 2 + ["59.0", "59.0"]
    text = result.problems()[0].text("vi")
    assert "ngày trả lời ngoài thời gian khảo sát (1/11/2023 đến 15/12/2023)" in text
    assert found(check(frame, first_day=None, last_day=None, shortest=0)) == {}


def test_what_does_not_belong():
    frame = clean()
    extra = [
        {"unit": "nowhere"},
        {"item": "Q99"},
        {"group": "citizens"},
        {"answer": 7},
        {"answer": 2.5},
        {"weight": 0.0},
        {"weight": np.nan},
        {"stratum": None},
        {"respondent": None},
    ]
    base = {**frame.iloc[0].to_dict(), "unit": "hue", "cluster": "alone"}
    rows = pd.DataFrame([{**base, "respondent": f"x{number}"} | one for number, one in enumerate(extra)])
    result = check(pd.concat([frame, rows]))
    assert found(result) == {
        "missing_respondent": 1,
        "unknown_unit": 1,
        "unknown_item": 1,
        "not_asked": 1,
        "off_scale": 2,
        "bad_weight": 1,
        "missing_stratum": 1,
        # "alone" is the one cluster of three strata: of nowhere, of the citizens, and of the missing stratum
        "lonely_stratum": 3,
        "shared_cluster": 1,
    }
    values = result.findings.set_index("check")["value"]
    assert values["unknown_unit"] == "nowhere"
    assert values["unknown_item"] == "Q99"
    assert values["not_asked"] == "citizens"
    assert values["off_scale"].tolist() == ["2.5", "7.0"]
    assert result.findings.set_index("check").loc["bad_weight", "n"] == 2
    for problem in result.problems():
        assert problem.text("vi") != problem.text("en")
        assert problem.column


def test_too_few_answers_and_units_without_any():
    frame = clean(units=("ha-noi",))
    frame = frame[~((frame["item"] == "Q3") & (frame["group"] == "hdnd") & (frame["respondent"] > "hdnd2"))]
    result = check(frame)
    few = only(result, "few_answers")
    assert few.iloc[0][["unit", "group", "item", "n"]].tolist() == ["ha-noi", "hdnd", "Q3", 3]
    assert len(few) == 1 + 2 * 23  # hue is in the list and has none
    assert few["n"].iloc[1:].eq(0).all()


@pytest.mark.long
def test_respondents_that_contradict_themselves():
    frame = clean()
    who = (frame["unit"] == "hue") & (frame["respondent"] == "hdnd3")
    frame.loc[who & (frame["item"] == "Q5"), ["group", "cluster", "weight"]] = ["huyen", "huyen-3", 2.0]
    result = check(frame)
    rows = only(result, "contradictory")
    assert set(rows["respondent"]) == {"hdnd3"}
    assert sorted(rows["value"]) == ["cluster: hdnd-3 / huyen-3", "group: hdnd / huyen", "weight: 1.5 / 2.0"]


@pytest.mark.long
def test_findings_are_counted_beyond_those_listed():
    frame = clean()
    frame["answer"] = frame["answer"].where(frame["item"] != "Q7", 8)
    frame["date"] = pd.Timestamp("2020-01-01")
    result = check(frame, listed=5, fewest_answers=0)
    assert found(result) == {"off_scale": 4, "impossible_date": 32}
    assert len(result.findings) == 4 + 5
    assert result.problems()[-1].text("en") == "file DataFrame: Date outside the fieldwork: 27 more cases"


def test_a_tabulation_without_its_answers_is_refused():
    from parlib.sources.survey import suppressed

    with pytest.raises(ValueError, match="leave the workbook"):
        quality(suppressed(tabulate(open_survey(clean()), ASKED)))
