"""Small groups are hidden, and cannot be worked out from what is shown."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.sources.survey import Question, open_survey, suppress, suppressed, tabulate

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


@settings(max_examples=60, deadline=None)
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
    rows = [("big", g, "Q1", 4) for g in ("x", "y", "z") for _ in range(9)]
    rows += [("small", "x", "Q1", 5)] * 3 + [("small", "y", "Q1", 1)] * 8 + [("small", "z", "Q1", 1)] * 20
    rows += [("tiny", "x", "Q1", 5)] * 2
    frame = pd.DataFrame(rows, columns=["unit", "group", "item", "answer"])
    frame["respondent"] = frame.index
    table = tabulate(open_survey(frame), [Question("Q1", SCALE, ("x", "y", "z"))])
    shown = suppressed(table)
    groups = shown.groups.set_index(["unit", "group"])
    assert groups.loc["small", "suppressed"].tolist() == ["primary", "complementary", ""]
    keys = {"unit", "group", "item", "suppressed"}
    assert groups.loc[("small", "x")].drop(list(keys & set(groups.columns))).isna().all()
    assert groups.loc[("big", "x"), "share"] == pytest.approx(0.8)
    # the distribution hides the same groups, answer by answer, and keeps the answers' names
    answers = shown.distribution.set_index(["unit", "group"])
    assert answers.loc[("small", "y"), "n"].isna().all()
    assert answers.loc[("small", "y"), "answer"].tolist() == [5, 4, 3, 2, 1]
    assert answers.loc[("small", "z"), "n"].tolist() == [0, 0, 0, 0, 20]
    # over all groups: only the unit of two answers is too small
    units = shown.units.set_index("unit")
    assert units["suppressed"].to_dict() == {"big": "", "small": "", "tiny": "primary"}
    assert "fewer than 5" in shown.assumptions[-1].text("en")
    # five answers of one group each: the total would give every one of them away
    five = pd.DataFrame({"respondent": range(5), "unit": "u", "group": list("abcde"), "item": "Q1", "answer": 3})
    alone = tabulate(open_survey(five), [Question("Q1", SCALE, tuple("abcde"))])
    assert suppressed(alone).units["suppressed"].tolist() == ["primary"]
    # what was tabulated is not touched, and what left knows no answers
    assert (table.groups["n"].sum(), shown.sample) == (60, None)
