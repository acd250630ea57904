"""Small groups are hidden, and cannot be worked out from what is shown."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.sources.survey import Question, open_survey, suppress, suppressed, tabulate
from parlib.sources.survey.suppress import follows

SCALE = {5: 1.0, 4: 0.8, 3: 0.5, 2: 0.2, 1: 0.0}


def cells(n, unit="u", item="Q"):
    return pd.DataFrame({"unit": unit, "group": list("abcdefgh")[: len(n)], "item": item, "n": n, "share": 0.5})


@pytest.mark.parametrize(
    ("n", "hidden"),
    [
        ([10, 20, 30], ["", "", ""]),
        ([4, 20, 30], ["primary", "complementary", ""]),  # the total would give 4 away: the next smallest goes too
        ([4, 4, 30], ["primary", "primary", ""]),  # 8 between them: enough
        ([1, 2, 30], ["primary", "primary", "complementary"]),  # 3 between them would still be a small group
        ([4, 0, 30], ["primary", "", "complementary"]),  # nobody is no cover for somebody
        ([4, 0, 0], ["primary", "", ""]),
        ([5, 5, 5], ["", "", ""]),
    ],
)
def test_what_is_hidden(n, hidden):
    shown = suppress(cells(n))
    assert shown["suppressed"].tolist() == hidden
    assert shown["n"].isna().tolist() == [bool(reason) for reason in hidden]
    assert shown["share"].isna().tolist() == [bool(reason) for reason in hidden]


def test_the_minimum_is_a_setting():
    assert (suppress(cells([5, 8, 12]), minimum=1)["suppressed"] == "").all()
    assert suppress(cells([5, 8, 12]), minimum=10)["suppressed"].tolist() == ["primary", "primary", ""]


def test_totals_over_units_too():
    frame = pd.concat([cells([4, 20, 30], unit="u"), cells([10, 11, 12], unit="v"), cells([9, 14, 15], unit="w")])
    shown = suppress(frame, totals=[("unit", "item"), ("group", "item")])
    grid = shown.set_index(["unit", "group"])["suppressed"].unstack()  # noqa: PD010
    # a of u is small, so b of u goes; both columns then need another unit, and these rows another group
    assert grid.loc["u"].tolist() == ["primary", "complementary", ""]
    hidden = grid != ""
    assert (hidden.sum() != 1).all()
    assert (hidden.sum(axis=1) != 1).all()


@settings(max_examples=60)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=7), st.integers(2, 8))
def test_no_small_group_follows_from_the_total(n, minimum):
    shown = suppress(cells(n), minimum=minimum)
    hidden = shown["suppressed"].ne("").to_numpy()
    sizes = np.array(n)
    assert not ((sizes > 0) & (sizes < minimum) & ~hidden).any()
    answering = (sizes > 0).sum()
    if hidden.any() and sizes.sum() >= minimum and sizes.sum() > answering > 1:  # else the total is hidden itself
        assert hidden.sum() >= 2
        assert sizes[hidden].sum() >= minimum
        # any table of positive groups with the shown numbers and total is possible: none of the hidden is determined
        if hidden.sum() <= 3:
            left = sizes[hidden].sum()
            fits = [c for c in itertools.product(range(1, left), repeat=hidden.sum()) if sum(c) == left]
            for place in range(hidden.sum()):
                assert len({fit[place] for fit in fits}) > 1


def test_a_tabulation_that_leaves_the_workbook():
    many = [5] * 10 + [4] * 10 + [3] * 10 + [2] * 10 + [1] * 10  # share (1 + 0.8 + 0.5 + 0.2 + 0) / 5 = 0.5
    rows = [("big", g, "Q1", answer) for g in ("x", "y", "z") for answer in many]
    rows += [("small", "x", "Q1", 5)] * 3 + [("small", "y", "Q1", answer) for answer in many[::2]]
    rows += [("small", "z", "Q1", answer) for answer in many]
    rows += [("tiny", "x", "Q1", 5)] * 2
    frame = pd.DataFrame(rows, columns=["unit", "group", "item", "answer"])
    frame["respondent"] = frame.index
    table = tabulate(open_survey(frame), [Question("Q1", SCALE, ("x", "y", "z"))])
    shown = suppressed(table)
    groups = shown.groups.set_index(["unit", "group"])
    assert groups.loc["small", "suppressed"].tolist() == ["primary", "complementary", ""]
    keys = {"unit", "group", "item", "suppressed"}
    assert groups.loc[("small", "x")].drop(list(keys & set(groups.columns))).isna().all()
    assert groups.loc[("big", "x"), "share"] == pytest.approx(0.5)
    # the distribution hides the same groups, answer by answer, and keeps the answers' names
    answers = shown.distribution.set_index(["unit", "group"])
    assert answers.loc[("small", "y"), "n"].isna().all()
    assert answers.loc[("small", "y"), "answer"].tolist() == [5, 4, 3, 2, 1]
    assert answers.loc[("small", "z"), "n"].tolist() == [10] * 5
    # over all groups: only the unit of two answers is too small
    units = shown.units.set_index("unit")
    assert units["suppressed"].to_dict() == {"big": "", "small": "", "tiny": "primary"}
    assert "fewer than 5" in shown.assumptions[-1].text("en")
    # five answers of one group each: the total would give every one of them away
    five = pd.DataFrame({"respondent": range(5), "unit": "u", "group": list("abcde"), "item": "Q1", "answer": 3})
    alone = tabulate(open_survey(five), [Question("Q1", SCALE, tuple("abcde"))])
    assert suppressed(alone).units["suppressed"].tolist() == ["primary"]
    # what was tabulated is not touched, and what left knows no answers
    assert (table.groups["n"].sum(), shown.sample) == (150 + 3 + 25 + 50 + 2, None)


def published(answers, scale=SCALE, groups=("x", "y", "z")):
    """What leaves the workbook of a unit: ``answers`` of each group to one item, as numbers of each code."""
    rows = [(group, code) for group, n in answers.items() for code, count in n.items() for _ in range(count)]
    frame = pd.DataFrame(rows, columns=["group", "answer"]).assign(unit="u", item="Q")
    frame["respondent"] = frame.index
    return suppressed(tabulate(open_survey(frame), [Question("Q", scale, tuple(answers))]))


WIDE = {5: 40, 4: 40, 3: 40, 2: 40, 1: 40}


def test_a_count_of_few_inside_a_distribution_is_hidden_with_its_complements():
    shown = published({"x": {5: 40, 4: 40, 3: 3, 2: 40, 1: 40}, "y": WIDE})
    answers = shown.distribution.set_index("group")
    assert answers.loc["x", ["n", "share"]].isna().all(axis=None)
    assert answers.loc["y", "n"].tolist() == [40] * 5
    # the mean stays: (40 + 32 + 1.5 + 8) / 163; 3 does not follow from it, for one 5 and one 1 weigh as two 3
    assert shown.groups.set_index("group").loc["x", "share"] == pytest.approx(81.5 / 163)


@pytest.mark.long
def test_what_follows_from_mean_and_error_is_hidden_too():
    # one 5 and one 1 weigh as two 3, one 4 and one 2 as well: the mean of twelve settles nothing. Their variance does:
    # sums and sums of squares stay the same only for changes such as 9, -20, 16, -5
    shown = published({"x": {5: 3, 4: 4, 3: 3, 2: 1, 1: 1}, "y": WIDE, "z": WIDE})
    groups = shown.groups.set_index("group")
    assert groups.loc["x", ["standard_error", "lower", "upper", "design_effect"]].isna().all()
    assert groups.loc["x", "share"] == pytest.approx((3 + 3.2 + 1.5 + 0.2) / 12)
    assert groups.loc["y", ["standard_error", "lower", "upper"]].notna().all()
    # of two answers the mean alone says how many gave each: 3 of 40
    yes_no = published({"x": {2: 37, 1: 3}, "y": {2: 20, 1: 20}, "z": {2: 30, 1: 30}}, scale={2: 1.0, 1: 0.0})
    groups = yes_no.groups.set_index("group")
    assert groups["suppressed"].to_dict() == {"x": "primary", "y": "complementary", "z": ""}
    assert groups.loc["x", "share"] != groups.loc["x", "share"]


@pytest.mark.few(1)
@pytest.mark.parametrize("code", [5, 4, 1])
def test_a_group_that_is_all_alike_is_hidden_with_what_would_give_it_away(code):
    shown = published({"x": {code: 30}, "y": {code: 20}, "z": WIDE, "w": {c: 2 * n for c, n in WIDE.items()}})
    assert shown.groups["suppressed"].tolist() == ["primary", "primary", "complementary", ""]
    assert shown.distribution.query("group == 'x'")["n"].isna().all()


def test_a_unit_that_is_all_alike_or_is_one_hidden_group_is_hidden():
    alike = published({"x": {5: 30}, "y": {5: 30}})
    assert alike.units["share"].isna().all()
    alone = published({"x": {5: 1, 4: 3, 3: 1, 2: 1, 1: 0}})
    assert alone.units["share"].isna().all()  # the only six that have this mean
    alone = published({"x": {5: 3, 4: 4, 3: 3, 2: 1, 1: 1}})
    assert alone.units["share"].notna().all()
    assert alone.units[["standard_error", "lower", "upper"]].isna().all(axis=None)


def test_a_frame_of_shares_alone_hides_zero_and_one():
    frame = cells([30, 40, 50]).assign(share=[1.0, 0.5, 0.4])
    assert suppress(frame)["suppressed"].tolist() == ["primary", "complementary", ""]


@settings(max_examples=60)
@given(st.lists(st.integers(0, 6), min_size=3, max_size=4), st.integers(2, 3))
def test_what_is_left_never_settles_a_hidden_count(counts, known):
    scale = dict(zip((5, 4, 3, 2), (1.0, 0.8, 0.5, 0.2), strict=True))
    given_counts = dict(zip(scale, counts, strict=False))
    scores = np.array([round(10 * scale[code]) for code in given_counts])
    own = np.array(list(given_counts.values()))
    every = np.array(list(itertools.product(range(sum(own) + 1), repeat=len(own))))
    same = every.sum(axis=1) == own.sum()
    for power in range(1, known):
        same &= every @ scores**power == own @ scores**power
    for place, code in enumerate(given_counts):
        if not follows(given_counts, scale, code, known):
            assert len(set(every[same][:, place])) > 1
