"""Every kind of rule at, just under and just over each threshold; words; the next better answers."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlib.analysis.ladder import next_steps
from parlib.errors import Problem
from parlib.scoring import rules
from parlib.scoring.rules import answer_text, encode, parse_answer, read_answers
from parlib.scoring.scheme import load_scheme, scheme_ids
from parlib.sources.workbooks.form_layout import FORMULAS


def rule(**content):
    return rules.rule_from(content)


LABELS = {"timely": "Ban hành kịp thời", "late": "Ban hành chậm", "none": "Không ban hành"}
CHOICE = rule(kind="choice", options={"timely": 0.5, "late": 0.25, "none": 0}, label=LABELS)
STEPS = rule(kind="steps", input="tỷ lệ hoàn thành (%)", unit="%", steps=[[100, 1], [85, 0.75], [70, 0.5]])
COUNTED = rule(kind="steps", input="số TTHC", unit="TTHC", steps=[[30, 0.5], [15, 0.25]])
SHARE = rule(kind="proportional", input="tỷ lệ giải ngân (%)", unit="%", full_at=95, zero_below=70)
SHARE_OFF_GRID = rule(kind="proportional", input="tỷ lệ (%)", unit="%", full_at=96, zero_below=72)
SHARE_FROM_0 = rule(kind="proportional", input="tỷ lệ (%)", unit="%", full_at=80, zero_below=0)
DEDUCTION = rule(kind="deduction", input="số vi phạm", per=0.25)
TALLY = rule(kind="tally", input="số sáng kiến", per=0.5)
TARGET = rule(kind="target", input="thu", target_input="dự toán", tiers=[[1.1, 1.5], [1, 1], [0.95, 0.5]])
SURVEY = rule(kind="survey", item="Q1", respondents=["hdnd"], scale={5: 1, 4: 0.8, 3: 0.5, 2: 0.2, 1: 0})
EXTERNAL = rule(kind="external", index="sipas", full_at=80)
GIVEN = rule(kind="given")

nan = float("nan")
BOUNDARIES = [  # rule, maximum, answer as the ledger keeps it, points; each derived by hand from the rule
    (CHOICE, 0.5, "timely", 0.5),
    (CHOICE, 0.5, "late", 0.25),
    (CHOICE, 0.5, "none", 0),
    (STEPS, 1, "100", 1),
    (STEPS, 1, "99.99", 0.75),  # just under the threshold of 100: the next step down
    (STEPS, 1, "85.01", 0.75),
    (STEPS, 1, "85", 0.75),  # the bound belongs to the step
    (STEPS, 1, "84.99", 0.5),
    (STEPS, 1, "70", 0.5),
    (STEPS, 1, "69.99", 0),  # below the lowest: nothing
    (STEPS, 1, "0", 0),
    (COUNTED, 0.5, "31", 0.5),
    (COUNTED, 0.5, "30", 0.5),
    (COUNTED, 0.5, "29", 0.25),
    (COUNTED, 0.5, "15", 0.25),
    (COUNTED, 0.5, "14", 0),
    (SHARE, 1, "100", 1),
    (SHARE, 1, "95.01", 1),
    (SHARE, 1, "95", 1),
    (SHARE, 1, "94.05", 0.99),  # 94.05 / 95
    (SHARE, 1, "76", 0.8),  # 76 / 95
    (SHARE, 1, "70", 0.736842105),  # 70 / 95, to 9 decimals
    (SHARE, 1, "69.99", 0),  # jumps to nothing below the bound
    (SHARE_FROM_0, 2, "80", 2),
    (SHARE_FROM_0, 2, "20", 0.5),  # 2 x 20 / 80
    (SHARE_FROM_0, 2, "0", 0),
    (DEDUCTION, 1, "0", 1),
    (DEDUCTION, 1, "1", 0.75),
    (DEDUCTION, 1, "3", 0.25),
    (DEDUCTION, 1, "4", 0),  # 1 - 4 x 0.25
    (DEDUCTION, 1, "5", 0),  # never below 0
    (TALLY, 1.5, "0", 0),
    (TALLY, 1.5, "2", 1),
    (TALLY, 1.5, "3", 1.5),
    (TALLY, 1.5, "4", 1.5),  # never above the maximum
    (TARGET, 1.5, "110.1/100", 1.5),
    (TARGET, 1.5, "110/100", 1.5),
    (TARGET, 1.5, "109.99/100", 1),
    (TARGET, 1.5, "7/7", 1),
    (TARGET, 1.5, "6.99/7", 0.5),  # 0.9986
    (TARGET, 1.5, "95/100", 0.5),
    (TARGET, 1.5, "94.99/100", 0),
    (TARGET, 1.5, "-3/7", 0),  # the economy shrank: less than any tier
    (SURVEY, 2, "1", 2),
    (SURVEY, 2, "0.735", 1.47),
    (SURVEY, 2, "0", 0),
    (EXTERNAL, 10, "80", 10),
    (EXTERNAL, 10, "80.1", 10),  # never above the maximum
    (EXTERNAL, 10, "79.2", 9.9),
    (EXTERNAL, 10, "0", 0),
    (GIVEN, 2.5, "1.23456", 1.23456),
    (GIVEN, None, "3.2", 3.2),
]


@pytest.mark.parametrize(("kind", "maximum", "answer", "points"), BOUNDARIES, ids=lambda value: str(value)[:12])
def test_points_at_just_under_and_just_over_each_threshold(kind, maximum, answer, points):
    values, problems = read_answers(kind, [answer], maximum)
    assert not problems
    assert kind.points(values, maximum or nan).tolist() == [points]


def test_every_kind_is_in_the_table():
    assert {kind.kind for kind, *_ in BOUNDARIES} == set(rules.KINDS)


@pytest.mark.parametrize("kind", [CHOICE, STEPS, SHARE, DEDUCTION, TALLY, TARGET, SURVEY, EXTERNAL, GIVEN])
def test_unknown_stays_unknown_and_is_not_zero(kind):
    values, problems = read_answers(kind, [None, "", nan, "  "], 1.0)
    assert not problems
    assert np.isnan(values).all()
    assert np.isnan(kind.points(values, 1.0)).all()


def test_noise_of_arithmetic_misses_no_threshold():
    third = rule(kind="steps", input="x", unit="điểm", steps=[[0.3, 1]])
    assert third.points([0.1 + 0.2, 0.3, 0.3 - 1e-12], 1).tolist() == [1, 1, 1]
    assert third.points([0.3 - 1e-8], 1).tolist() == [0]
    dime = rule(kind="deduction", input="x", per=0.1)
    assert dime.points([3, 10], 1).tolist() == [0.7, 0]  # 1 - 3 x 0.1 is 0.7 here, though not in floats
    # 1.1 x 3 = 3.3000000000000003 in floats: result 3.3 against target 3 still reaches the tier of 1.1
    values, _ = read_answers(TARGET, ["3.3/3"], 1.5)
    stored, none = read_answers(TARGET, ["1.234/1000"], 1.5)  # as the ledger keeps it: no doubt about the point
    assert (stored.tolist(), none) == ([0.001234], {})
    assert TARGET.points(values, 1.5).tolist() == [1.5]


def test_points_keep_the_shape_of_the_answers():
    draws = np.array([[100.0, 85], [70, nan]])
    assert STEPS.points(draws, 1).shape == (2, 2)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=20), st.sampled_from([STEPS, SHARE, SHARE_FROM_0, EXTERNAL]))
def test_a_better_answer_never_earns_less(answers, kind):
    points = kind.points(sorted(answers), 1.0)
    assert (np.diff(points) >= 0).all()


@given(st.lists(st.integers(0, 50), min_size=2), st.sampled_from([0.1, 0.25, 0.3, 0.5]))
def test_counts_move_points_one_way_within_0_and_the_maximum(counts, per):
    ordered = sorted(counts)
    fewer = rule(kind="deduction", input="x", per=per).points(ordered, 1.0)
    more = rule(kind="tally", input="x", per=per).points(ordered, 1.0)
    assert (np.diff(fewer) <= 0).all() and (np.diff(more) >= 0).all()
    for points in (fewer, more):
        assert points.min() >= 0 and points.max() <= 1


# --- what people type ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "cell", "answer"),
    [
        (STEPS, "85,5", 85.5),
        (STEPS, "85.5", 85.5),
        (STEPS, " 85 % ", 85.0),
        (STEPS, "95%", 95.0),
        (STEPS, 95, 95.0),
        (STEPS, np.float64(95.5), 95.5),
        (STEPS, "33,333", 33.333),  # a comma is always the decimal sign
        (STEPS, "0.125", 0.125),  # nobody groups thousands after a zero
        (DEDUCTION, "3", 3.0),
        (DEDUCTION, "3,0", 3.0),
        (CHOICE, "late", "late"),
        (CHOICE, "Ban hành kịp thời", "timely"),
        (CHOICE, "ban hanh kip thoi", "timely"),
        (CHOICE, "Ban ha\u0300nh ki\u0323p tho\u031b\u0300i", "timely"),  # decomposed Unicode
        (TARGET, "105/100", (105.0, 100.0)),
        (TARGET, "7,5 / 8", (7.5, 8.0)),
        (TARGET, (3, 4), (3.0, 4.0)),
        (SHARE, None, None),
        (SHARE, "  ", None),
    ],
)
def test_an_answer_is_read_as_people_write_it(kind, cell, answer):
    assert parse_answer(kind, cell, 1.0) == answer


@pytest.mark.parametrize(
    ("kind", "cell", "english", "vietnamese"),
    [
        (STEPS, "1.234,5", "thousands separators '.'; write 1234.5", "hàng nghìn '.'; hãy ghi 1234,5"),
        (STEPS, "1,234.5", "thousands separators ','; write 1234.5", "hàng nghìn ','; hãy ghi 1234,5"),
        (COUNTED, "1.234", "may mean 1234 or 1.234", "có thể hiểu là 1234 hoặc 1,234"),
        (COUNTED, "1.234.567", "cannot be read", "không đọc được"),
        (STEPS, "=B2", "formulas are refused", "không nhận công thức"),
        (CHOICE, "@late", "formulas are refused", "không nhận công thức"),
        (STEPS, "khoảng 80", "cannot be read as a number; expected a number from 0 to 100", "cần một số từ 0 đến 100"),
        (STEPS, "100,01", "out of range; expected a number from 0 to 100", "ngoài khoảng cho phép"),
        (STEPS, -0.5, "out of range", "ngoài khoảng"),
        (COUNTED, "30%", "cannot be read", "không đọc được"),
        (STEPS, True, "not a number", "không phải là số"),
        (STEPS, float("inf"), "not a number", "không phải là số"),
        (STEPS, "inf", "cannot be read", "không đọc được"),
        (STEPS, "٨٥", "cannot be read", "không đọc được"),
        (DEDUCTION, "-1", "a whole number not below 0", "một số nguyên không âm"),
        (DEDUCTION, "2,5", "a whole number not below 0", "một số nguyên không âm"),
        (TALLY, 1.5, "a whole number", "một số nguyên"),
        (CHOICE, "muộn", "no such option", "không có phương án này"),
        (CHOICE, 1, "no such option", "Ban hành kịp thời; Ban hành chậm"),
        (TARGET, "105", "expected result/target", "kết quả/mục tiêu"),
        (TARGET, "3/0", "the target must be above 0", "mục tiêu phải lớn hơn 0"),
        (TARGET, "3/-2", "the target must be above 0", "mục tiêu phải lớn hơn 0"),
        (TARGET, "a/2", "the result: cannot be read", "kết quả không đọc được"),
        (TARGET, "1/2/3", "expected result/target", "kết quả/mục tiêu"),
        (GIVEN, "2.6", "from 0 to 2.5", "từ 0 đến 2,5"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_with_the_reason(kind, cell, english, vietnamese):
    problem = parse_answer(kind, cell, 2.5)
    assert isinstance(problem, Problem)
    assert english in problem.text("en") and vietnamese in problem.text("vi")
    assert problem.value == cell


@pytest.mark.parametrize(
    ("cell", "told"), [("x", True), ("-", True), ("Không áp dụng", True), ("chừng 80", False), ("101", False)]
)
def test_what_people_type_where_nothing_applies_is_told_its_column(cell, told):
    problem = parse_answer(STEPS, cell, 1.0)
    assert isinstance(problem, Problem)
    assert ("has a column of its own" in problem.text("en")) is told


def test_the_ledger_keeps_numbers_with_a_point():
    values, problems = read_answers(COUNTED, ["1.234", "33.333", "1e3"])
    assert values.tolist() == [1.234, 33.333, 1000.0] and not problems


def test_a_column_names_each_bad_cell_and_keeps_the_good():
    values, problems = read_answers(DEDUCTION, ["1", "2.5", "x", None, 3, -1])
    assert list(problems) == [1, 2, 5]
    assert np.isnan(values[[1, 2, 3, 5]]).all() and values[[0, 4]].tolist() == [1, 3]


def test_the_maximum_of_given_points_is_printed_with_four_decimals():
    _, problems = read_answers(GIVEN, ["3.33335", "3.3340"], 3.3333)
    assert list(problems) == [1]


@pytest.mark.parametrize(
    ("kind", "cell"), [(CHOICE, "late"), (STEPS, "85.5"), (TALLY, "3"), (TARGET, "7.5/8"), (STEPS, "33.33")]
)
def test_an_answer_survives_the_ledger(kind, cell):
    assert answer_text(parse_answer(kind, cell)) == cell
    assert answer_text(None) == ""


# --- words and next steps -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "maximum", "vietnamese", "english"),
    [
        (
            CHOICE,
            0.5,
            "Ban hành kịp thời: 0,5 điểm; Ban hành chậm: 0,25 điểm; Không ban hành: 0 điểm",
            "Ban hành kịp thời: 0.5 points; Ban hành chậm: 0.25 points; Không ban hành: 0 points",
        ),
        (
            STEPS,
            1,
            "Tỷ lệ hoàn thành: đạt 100%: 1 điểm; từ 85% đến dưới 100%: 0,75 điểm; từ 70% đến dưới 85%: 0,5 điểm; "
            "dưới 70%: 0 điểm",
            "Tỷ lệ hoàn thành: 100%: 1 point; 85% to under 100%: 0.75 points; 70% to under 85%: 0.5 points; "
            "under 70%: 0 points",
        ),
        (
            COUNTED,
            0.5,
            "Số TTHC: từ 30 TTHC trở lên: 0,5 điểm; từ 15 TTHC đến dưới 30 TTHC: 0,25 điểm; dưới 15 TTHC: 0 điểm",
            "Số TTHC: 30 TTHC or more: 0.5 points; 15 TTHC to under 30 TTHC: 0.25 points; under 15 TTHC: 0 points",
        ),
        (
            SHARE,
            1,
            "Tỷ lệ giải ngân: từ 95% trở lên: 1 điểm; từ 70% đến dưới 95%: điểm = 1 × kết quả / 95; dưới 70%: 0 điểm",
            "Tỷ lệ giải ngân: 95% or more: 1 point; 70% to under 95%: points = 1 × result / 95; under 70%: 0 points",
        ),
        (
            DEDUCTION,
            1,
            "Số vi phạm: không có: 1 điểm; mỗi trường hợp trừ 0,25 điểm; từ 4 trở lên: 0 điểm",
            "Số vi phạm: none: 1 point; each one takes off 0.25 points; 4 or more: 0 points",
        ),
        (
            TALLY,
            1.5,
            "Số sáng kiến: mỗi trường hợp được 0,5 điểm, tối đa 1,5 điểm (từ 3 trở lên)",
            "Số sáng kiến: 0.5 points for each one, at most 1.5 points (3 or more)",
        ),
        (
            TARGET,
            1.5,
            "Thu so với dự toán: từ 110% trở lên: 1,5 điểm; từ 100% đến dưới 110%: 1 điểm; "
            "từ 95% đến dưới 100%: 0,5 điểm; dưới 95%: 0 điểm",
            "Thu against dự toán: 110% or more: 1.5 points; 100% to under 110%: 1 point; "
            "95% to under 100%: 0.5 points; under 95%: 0 points",
        ),
        (
            SURVEY,
            2,
            "Điều tra xã hội học, câu Q1: điểm = 2 × mức đạt trung bình (trả lời 5: 100%; 4: 80%; 3: 50%; 2: 20%; "
            "1: 0%)",
            "Survey item Q1: points = 2 × mean share (answer 5: 100%; 4: 80%; 3: 50%; 2: 20%; 1: 0%)",
        ),
        (
            EXTERNAL,
            10,
            "Chỉ số sipas: điểm = 10 × giá trị / 80, tối đa 10 điểm",
            "Index sipas: points = 10 × value / 80, at most 10 points",
        ),
        (GIVEN, None, "Lấy theo giá trị công bố", "Taken as published"),
    ],
)
def test_the_rule_in_words(kind, maximum, vietnamese, english):
    assert kind.words(maximum, "vi") == vietnamese
    assert kind.words(maximum, "en") == english


def test_every_rule_of_every_scheme_has_words():
    for scheme_id in scheme_ids():
        for leaf in load_scheme(scheme_id).leaves:
            for language in ("vi", "en"):
                assert leaf.rule.words(leaf.maximum, language)


@pytest.mark.parametrize(
    ("kind", "answer", "maximum", "steps"),
    [
        (CHOICE, "none", 0.5, [("late", 0.25, 0.25), ("timely", 0.5, 0.5)]),
        (CHOICE, "timely", 0.5, []),
        (STEPS, 72.0, 1, [("85", 0.75, 0.25), ("100", 1, 0.5)]),
        (STEPS, 100.0, 1, []),
        (SHARE, 60.0, 9.5, [(str(x), x / 10, x / 10) for x in (70, 75, 80, 85, 90, 95)]),  # 9.5 x 70 / 95 = 7
        (SHARE, 92.0, 9.5, [("95", 9.5, 0.3)]),  # 9.5 - 9.2
        (SHARE_OFF_GRID, 81.0, 9.6, [("85", 8.5, 0.4), ("90", 9, 0.9), ("95", 9.5, 1.4), ("96", 9.6, 1.5)]),
        (SHARE_OFF_GRID, 60.0, 9.6, [(str(x), x / 10, x / 10) for x in (72, 77, 82, 87, 92, 96)]),  # 5 on from 72
        (DEDUCTION, 2.0, 1, [("1", 0.75, 0.25), ("0", 1, 0.5)]),
        (DEDUCTION, 9.0, 1, [("3", 0.25, 0.25), ("2", 0.5, 0.5), ("1", 0.75, 0.75), ("0", 1, 1)]),  # 4 to 8: still 0
        (TALLY, 1.0, 1.5, [("2", 1, 0.5), ("3", 1.5, 1)]),
        (TARGET, (9.0, 10.0), 1.5, [("9.5/10", 0.5, 0.5), ("10/10", 1, 1), ("11/10", 1.5, 1.5)]),
        (TARGET, (6.9, 7.0), 1.5, [("7/7", 1, 0.5), ("7.7/7", 1.5, 1)]),
        (SURVEY, 0.5, 2, []),
        (EXTERNAL, 50.0, 10, []),
        (GIVEN, 1.0, 2.5, []),
        (STEPS, None, 1, []),
    ],
)
def test_the_next_better_answers(kind, answer, maximum, steps):
    assert [(step.answer, step.points, step.gain) for step in next_steps(kind, answer, maximum)] == steps


def test_another_index_moves_the_points_only_below_its_full_mark():
    slopes = EXTERNAL.slope(np.array([0.0, 79.9, 80.0, 80.1]), 10)
    assert slopes.tolist() == [0.125, 0.125, 0, 0]  # 10 points / 80


def test_a_threshold_that_is_reached_is_no_better_answer():
    assert STEPS.better(85.0, 1, 5) == [100]
    assert STEPS.better(84.99, 1, 5) == [85, 100]


def test_a_ladder_without_an_end_is_drawn_to_a_seventh_above_its_best():
    assert [(level.points, level.low, level.high) for level in COUNTED.outcomes(0.5)] == [
        (0, 12, 14.99),  # 0.8 x 15, up to just under 15
        (0.25, 15, 29.99),
        (0.5, 30, pytest.approx(34.5)),  # 1.15 x 30
    ]


def test_a_scale_must_fall_down_to_its_last_answer():
    for wrong in ({3: 1, 2: 0.5, 1: 0.5}, {3: 1, 2: 0.5, 1: -0.25}, {3: 1, 2: 1, 1: 0}, {3: 0.9, 2: 0.5, 1: 0}):
        flaws = rule(kind="survey", item="Q1", respondents=["hdnd"], scale=wrong).flaws(1, "1", False)
        assert [flaw.text("en") for flaw in flaws] == ["scale must fall from 1 (best answer) to 0 or more"]
    assert list(SURVEY.flaws(1, "1", False)) == []


def test_a_target_below_one_is_a_target():
    values, problems = read_answers(TARGET, ["0.5/0.5", "1/0.8"])
    assert (values.tolist(), problems) == ([1, 1.25], {})


@given(st.data())
def test_a_next_step_taken_earns_what_it_promised(data):
    leaf = data.draw(st.sampled_from([leaf for leaf in load_scheme("876-province").leaves if leaf.rule.answered]))
    if isinstance(leaf.rule, rules.Choice):
        answer = data.draw(st.sampled_from(list(leaf.rule.options)))
    elif isinstance(leaf.rule, rules.Target):
        answer = (float(data.draw(st.integers(0, 2000))), float(data.draw(st.integers(1, 1000))))
    elif leaf.rule.limits().whole:
        answer = float(data.draw(st.integers(0, 12)))
    else:
        answer = data.draw(st.integers(0, 1000)) / 10
    now = leaf.rule.points([encode(leaf.rule, answer)], leaf.maximum)[0]
    promised = next_steps(leaf.rule, answer, leaf.maximum)
    assert (now == leaf.maximum) == (not promised)
    for step in promised:
        values, problems = read_answers(leaf.rule, [step.answer], leaf.maximum)
        assert not problems
        assert leaf.rule.points(values, leaf.maximum)[0] == step.points
        assert step.gain > 0 and abs(now + step.gain - step.points) < 1e-9
    assert not promised or promised[-1].points == leaf.maximum


def test_the_table_of_the_docs_names_every_kind_and_each_that_is_answered_has_its_formula():
    text = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text("utf-8")
    named = re.findall(r"^\| `(\w+)` \| .* \| .* \|$", text.partition("## ")[2], flags=re.MULTILINE)
    assert named[: len(rules.KINDS)] == list(rules.KINDS)
    assert set(FORMULAS) == {key for key, kind in rules.KINDS.items() if kind.answered}


def test_what_kinds_of_rules_differ_in():
    assert {name for name, kind in rules.KINDS.items() if not kind.answered} == {"survey", "external"}
    assert {name for name, kind in rules.KINDS.items() if not kind.needs_maximum} == {"given"}
    assert {level.digits for level in CHOICE.outcomes(0.5)} == {0}  # options are counted, not measured
    assert (STEPS.full_from(), COUNTED.full_from()) == (100, 30)
    assert TARGET.full_from() == 110  # percent of the target: the highest tier is 1.1


def test_a_share_of_more_than_all_is_no_full_mark():
    flaws = [list(SHARE.model_copy(update={"full_at": at}).flaws(1, "1", False)) for at in (100, 100.5)]
    assert [[flaw.text("en") for flaw in of] for of in flaws] == [[], ["full_at lies above 100%"]]
