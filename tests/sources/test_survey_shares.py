"""Shares and their errors: by hand, against published figures, and against independent implementations."""

import math
import warnings
from importlib import resources

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from parlib.errors import DataError, ParameterError
from parlib.scoring.scheme import load_scheme
from parlib.sources.survey import (
    Design,
    Question,
    cluster_totals,
    node_points,
    open_survey,
    questionnaire,
    questions,
    tabulate,
)

SCALE = {5: 1.0, 4: 0.8, 3: 0.5, 2: 0.2, 1: 0.0}


def answers(rows, columns="group stratum cluster answer", **fixed):
    """A survey frame from tuples: one respondent a row, one item, unless stated otherwise."""
    frame = pd.DataFrame(rows, columns=columns.split())
    filled = {"respondent": np.arange(len(frame)), "unit": "ha-noi", "group": "huyen", "item": "Q1", **fixed}
    for name, value in filled.items():
        if name not in frame:
            frame[name] = value
    return frame


def one(groups=("huyen",), item="Q1", **more):
    return Question(item, SCALE, tuple(groups), **more)


# Scores 1, .8 | .5, .5 in stratum A and 1 | 0, .2, 0 in stratum B: mean 4/8 = 0.5.
# Linearised cluster totals z = sum(score - 0.5)/8: A: .1, 0; B: .0625, -.1625.
# A: mean .05, squares 2 x .05^2 = .005, times 2/1 = .01. B: mean -.05, squares 2 x .1125^2 = .0253125, times 2 =
# .050625. Variance .060625.
TWO_STRATA = [
    ("A", "a", 5),
    ("A", "a", 4),
    ("A", "b", 3),
    ("A", "b", 3),
    ("B", "c", 5),
    ("B", "d", 1),
    ("B", "d", 2),
    ("B", "d", 1),
]


def test_two_strata_by_hand():
    table = tabulate(open_survey(answers(TWO_STRATA, "stratum cluster answer")), [one()])
    row = table.groups.iloc[0]
    assert row["n"] == 8
    assert row["share"] == 0.5
    assert row["standard_error"] == pytest.approx(math.sqrt(0.060625), abs=1e-12)
    assert (row["clusters"], row["strata"], row["degrees_of_freedom"]) == (4, 2, 2)
    # a simple sample of 8: s^2 = (.25 + .09 + .25 + .25 + .09 + .25)/7 = 1.18/7, variance 1.18/56
    assert row["design_effect"] == pytest.approx(0.060625 / (1.18 / 56), abs=1e-9)
    # Student's t of 2 degrees of freedom: 4.302653 (tables); 0.5 -+ 1.06 leaves the scale, so 0 and 1
    # n = .25 / .060625 x (1.959964 / 4.302653)^2 = .8557 (t of 2 degrees of freedom); beta quantiles by scipy.stats
    n = 0.25 / 0.060625 * (1.959963985 / 4.302652730) ** 2
    assert row["lower"] == pytest.approx(beta.ppf(0.025, n / 2, n / 2 + 1), abs=1e-7)
    assert row["upper"] == pytest.approx(beta.ppf(0.975, n / 2 + 1, n / 2), abs=1e-7)
    distribution = table.distribution.set_index("answer")
    assert distribution["n"].to_dict() == {5: 2, 4: 1, 3: 2, 2: 1, 1: 2}
    assert distribution["share"].to_dict() == {5: 0.25, 4: 0.125, 3: 0.25, 2: 0.125, 1: 0.25}


# Strata of four respondents who are in no cluster: 1, .8, .5, .5 (s^2 = .18/3 = .06) and 1, .2, 0, 0 (s^2 = .68/3).
# V = (1/2)^2 (.06/4 + .68/12) = .25 x .0716667, its root .1338531; 8 respondents in 2 strata: 6 degrees of freedom.
@pytest.mark.few(3)
@pytest.mark.parametrize("nothing", ["", " ", "\u00a0", "\u200b", "half"])
@pytest.mark.parametrize("kind", ["frame", "parquet", "csv"])
def test_an_empty_cluster_is_no_cluster_in_any_file(nothing, kind, tmp_path):
    rows = [(stratum, answer) for stratum, codes in (("A", "5433"), ("B", "5211")) for answer in map(int, codes)]
    frame = answers(rows, "stratum answer", cluster=nothing)
    frame["respondent"] = [f"r{n}" for n in range(8)]
    if nothing == "half":
        frame["cluster"] = ["", *frame["respondent"][1:4], " ", *frame["respondent"][5:]]
    source = frame
    if kind != "frame":
        source = tmp_path / f"answers.{kind}"
        frame.to_parquet(source) if kind == "parquet" else frame.to_csv(source, index=False)
    row = tabulate(open_survey(source), [one()]).groups.iloc[0]
    assert row["standard_error"] == pytest.approx(math.sqrt(0.25 * (0.06 / 4 + 0.68 / 12)), abs=1e-12)
    assert row["degrees_of_freedom"] == pytest.approx(6)


def test_blanks_around_a_key_make_no_second_unit():
    frame = answers(TWO_STRATA, "stratum cluster answer")
    frame["unit"] = ["ha-noi ", *frame["unit"][1:]]
    frame["group"] = ["huyen", "\u00a0huyen", *frame["group"][2:]]
    frame["cluster"] = ["a", "a ", *frame["cluster"][2:]]
    row = tabulate(open_survey(frame), [one()]).groups.iloc[0]
    assert row["standard_error"] == pytest.approx(math.sqrt(0.060625), abs=1e-12)


def test_simple_random_sample_is_s_over_root_n():
    # 40 respondents without clusters: scores 1 (25 times) and 0 (15 times); p = .625, s^2 = 40/39 p(1-p)
    frame = answers([(5,)] * 25 + [(1,)] * 15, "answer")
    expected = math.sqrt(0.625 * 0.375 / 39)
    for clusters in (None, frame["respondent"]):  # no cluster column, or each respondent named as a cluster
        given = frame if clusters is None else frame.assign(cluster=clusters, stratum="s", weight=7.5)
        row = tabulate(open_survey(given), [one()]).groups.iloc[0]
        assert row["standard_error"] == pytest.approx(expected, abs=1e-12)
        assert row["design_effect"] == pytest.approx(1, abs=1e-12)
        assert row["degrees_of_freedom"] == 39
        # p (1 - p) / V = 39, t(39, 97.5%) = 2.022691 (tables): 36.6192 answers; beta quantiles by scipy.stats
        n = 39 * (1.959963985 / 2.022690901) ** 2
        assert row["lower"] == pytest.approx(beta.ppf(0.025, 0.625 * n, 0.375 * n + 1), abs=1e-7)
        assert row["upper"] == pytest.approx(beta.ppf(0.975, 0.625 * n + 1, 0.375 * n), abs=1e-7)


def test_weights_make_a_ratio_mean():
    # scores 1 and 0 with weights 3 and 1: p = 3/4; z = 3(1/4)/4 = 3/16 and -3/16; variance 2 x (2 x 9/256) = 9/64
    frame = answers([("a", 5, 3.0), ("b", 1, 1.0)], "cluster answer weight")
    row = tabulate(open_survey(frame), [one()]).groups.iloc[0]
    assert row["share"] == 0.75
    assert row["standard_error"] == pytest.approx(3 / 8, abs=1e-12)
    assert row["weight_sum"] == 4


@pytest.mark.long
def test_grade_points_of_lohr():
    # Lohr, Sampling: Design and Analysis, Example 5.2: 5 suites drawn from 100, the 4 persons of each asked; the
    # printed mean is 2.826 (2.83) and its standard error 0.164 = sqrt(1 - 5/100) sqrt(2.256/5)/4. Ours has no finite
    # population correction, so it is larger by 1/sqrt(0.95).
    points = [
        (3.08, 2.60, 3.44, 3.04),
        (2.36, 3.04, 3.28, 2.68),
        (2.00, 2.56, 2.52, 1.88),
        (3.00, 2.88, 3.44, 3.64),
        (2.68, 1.92, 3.28, 3.20),
    ]
    frame = answers([(suite, round(100 * p)) for suite, four in enumerate(points) for p in four], "cluster answer")
    question = Question("Q1", {code: code / 100 for code in range(100, 401)}, ("huyen",))
    row = tabulate(open_survey(frame), [question]).groups.iloc[0]
    assert row["share"] == pytest.approx(2.826, abs=1e-9)
    assert row["standard_error"] * math.sqrt(0.95) == pytest.approx(0.164, abs=5e-4)
    assert row["standard_error"] == pytest.approx(math.sqrt(2.256 / 5) / 4, abs=2e-5)


def samplics():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="samplics is archived", category=FutureWarning)
        import samplics as package
    return package


@pytest.mark.long
def test_zinc_of_the_second_health_survey():
    # Stata's manual on survey estimation, svy: mean zinc on NHANES II (31 strata of two clusters, weights finalwgt):
    # mean 87.18207, linearised standard error .4944827, design df 31, 9,189 persons.
    samplics()
    with resources.files("samplics.datasets").joinpath("data/nhanes2.csv").open() as file:
        sample = pd.read_csv(file)
    frame = pd.DataFrame(
        {
            "respondent": sample.index,
            "unit": "us",
            "group": "persons",
            "item": "zinc",
            "answer": sample["zinc"],
            "stratum": sample["stratid"],
            "cluster": sample["psuid"],
            "weight": sample["finalwgt"],
        }
    )
    codes = sample["zinc"].dropna().astype(int).unique()
    question = Question("zinc", {int(code): float(code) for code in codes}, ("persons",))
    row = tabulate(open_survey(frame), [question], no_answer=()).groups.iloc[0]
    assert row["n"] == sample["zinc"].notna().sum() == 9188 + 1
    assert row["share"] == pytest.approx(87.18207, abs=5e-6)
    assert row["standard_error"] == pytest.approx(0.4944827, abs=5e-8)
    assert row["degrees_of_freedom"] == 31
    # far from both ends of the scale the interval is near that of Student, t(31, 97.5%) = 2.039513 (tables)
    assert row["upper"] - row["share"] == pytest.approx(2.039513 * 0.4944827, rel=0.02)
    assert row["share"] - row["lower"] == pytest.approx(2.039513 * 0.4944827, rel=0.02)
    assert row["n_no_answer"] == sample["zinc"].isna().sum()


def random_survey(seed, units=("ha-noi", "hue"), groups=("hdnd", "huyen"), items=("Q1", "Q2"), alone=False):
    """Answers of a stratified cluster sample with unequal weights, cluster effects and missing answers."""
    draw = np.random.default_rng(seed)
    rows = []
    for unit in units:
        for stratum in ("1", "2", "3"):
            for cluster in range(draw.integers(2, 6)):
                level = draw.normal(3.4, 0.7)
                for person in range(draw.integers(3, 9)):
                    weight = draw.uniform(0.2, 4)
                    for item in items:
                        answer = int(np.clip(round(level + draw.normal(0, 1)), 1, 5))
                        answer = draw.choice([answer, answer, answer, answer, answer, 99, 0])
                        who = f"{unit}-{stratum}-{cluster}-{person}"
                        group = groups[person % len(groups)]
                        rows.append((who, unit, group, item, answer, stratum, f"{stratum}.{cluster}", weight))
    names = ["respondent", "unit", "group", "item", "answer", "stratum", "cluster", "weight"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(cluster=frame["respondent"]) if alone else frame


def by_the_book(frame, coefficient, strata):
    """The linearised variance with plain loops: ``coefficient`` gives the influence of each row of the sample."""
    variance = 0.0
    for _, stratum in frame.assign(u=coefficient).groupby(strata):
        totals = stratum.groupby("cluster")["u"].sum()
        n = len(totals)
        variance += n / (n - 1) * ((totals - totals.mean()) ** 2).sum()
    return variance


def influence(frame, unit, group, item):
    """The influence of each row on the mean score of one cell, and the mean."""
    score = frame["answer"].map(SCALE)
    inside = (frame["unit"] == unit) & (frame["group"] == group) & (frame["item"] == item) & score.notna()
    weight = frame["weight"].where(inside, 0.0)
    mean = (weight * score.fillna(0)).sum() / weight.sum()
    return weight * (score.fillna(0) - mean) / weight.sum(), mean


@pytest.mark.few(2)
@pytest.mark.parametrize("alone", [False, True], ids=["clusters", "respondents alone"])
@pytest.mark.parametrize(
    ("groups", "strata"),
    [("apart", ["unit", "group", "stratum"]), ("together", ["unit", "stratum"])],
)
def test_errors_of_groups_units_and_sums_of_items(groups, strata, alone):
    frame = random_survey(7, alone=alone)
    asked = [
        Question(
            "Q1", SCALE, ("hdnd", "huyen"), {"hdnd": 1, "huyen": 3}, code="1.7.1", maximum=1.0, component="leaders"
        ),
        Question(
            "Q2", SCALE, ("hdnd", "huyen"), {"hdnd": 1, "huyen": 3}, code="1.7.2", maximum=1.5, component="leaders"
        ),
    ]
    table = tabulate(open_survey(frame), asked, design=Design(groups=groups))
    for row in table.groups.itertuples():
        u, mean = influence(frame, row.unit, row.group, row.item)
        assert row.share == pytest.approx(mean, abs=1e-12)
        assert row.standard_error**2 == pytest.approx(by_the_book(frame, u, strata), rel=1e-9)
    whole = dict.fromkeys(("ha-noi", "hue"), 0.0)
    points = dict.fromkeys(whole, 0.0)
    for row in table.units.itertuples():
        parts = [
            (0.25, influence(frame, row.unit, "hdnd", row.item)),
            (0.75, influence(frame, row.unit, "huyen", row.item)),
        ]
        u = sum(part * one for part, (one, _) in parts)
        share = sum(part * mean for part, (_, mean) in parts)
        assert row.share == pytest.approx(share, abs=1e-12)
        assert row.standard_error**2 == pytest.approx(by_the_book(frame, u, strata), rel=1e-9)
        maximum = {"Q1": 1.0, "Q2": 1.5}[row.item]
        whole[row.unit] = whole[row.unit] + maximum * u
        points[row.unit] += maximum * share
    nodes = node_points(table, asked).set_index(["unit", "node"])
    assert list(nodes.loc["hue"].index) == ["", "1", "1.7", "1.7.1", "1.7.2", "component:leaders"]
    for unit in whole:
        for node in ("", "1", "1.7", "component:leaders"):
            assert nodes.loc[(unit, node), "points"] == pytest.approx(points[unit], abs=1e-11)
            assert nodes.loc[(unit, node), "maximum"] == 2.5
            error = nodes.loc[(unit, node), "standard_error"]
            assert error**2 == pytest.approx(by_the_book(frame, whole[unit], strata), rel=1e-9)
    # the second criterion does not apply to hue
    without = node_points(table, asked, pd.DataFrame({"unit": ["hue"], "code": ["1.7.2"]})).set_index(["unit", "node"])
    assert ("hue", "1.7.2") not in without.index
    pd.testing.assert_series_equal(without.loc[("hue", "")], nodes.loc[("hue", "1.7.1")], check_names=False)
    pd.testing.assert_series_equal(without.loc[("ha-noi", "")], nodes.loc[("ha-noi", "")])
    # the totals of clusters give the same shares, and stand in the strata of the design
    totals = cluster_totals(table)
    sums = totals.groupby(["unit", "group", "item"])[["weighted_share", "weight"]].sum()
    shares = table.groups.set_index(["unit", "group", "item"])["share"]
    assert (sums["weighted_share"] / sums["weight"]).sub(shares).abs().max() < 1e-12
    strata_of = totals.drop_duplicates(["unit", "stratum"]).groupby("unit").size()
    assert strata_of.to_dict() == dict.fromkeys(("ha-noi", "hue"), 6 if groups == "apart" else 3)


@pytest.mark.few(1)
@pytest.mark.parametrize("seed", range(3))
def test_errors_agree_with_samplics(seed):
    # groups as domains of one sample, as samplics' domain argument takes them
    frame = random_survey(seed, units=("ha-noi",), items=("Q1",)).replace({"answer": [0, 99]}, np.nan)
    kept = frame.dropna(subset="answer")
    package = samplics()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # samplics uses what pandas deprecates
        theirs = package.TaylorEstimator(package.PopParam.mean)
        theirs.estimate(
            y=kept["answer"].map(SCALE),
            samp_weight=kept["weight"],
            stratum=kept["stratum"],
            psu=kept["cluster"],
            domain=kept["group"],
            remove_nan=True,
        )
    # their clusters are those that answered: so are ours when only these are in the file
    ours = tabulate(open_survey(kept), [one(("hdnd", "huyen"))], design=Design(groups="together")).groups
    for row in ours.itertuples():
        assert row.share == pytest.approx(theirs.point_est[row.group], abs=1e-12)
        assert row.standard_error == pytest.approx(theirs.stderror[row.group], rel=1e-9)


# Stratum A as above, stratum B with the one cluster d of answers 5 and 1: scores 1, .8, .5, .5, 1, 0; mean 3.8/6.
LONELY = [*TWO_STRATA[:4], ("B", "d", 5), ("B", "d", 1)]


def test_lonely_cluster():
    survey = open_survey(answers(LONELY, "stratum cluster answer"))
    mean = 3.8 / 6
    a, b, d = (1.8 - 2 * mean) / 6, (1 - 2 * mean) / 6, (1 - 2 * mean) / 6
    inside = 2 * ((a - (a + b) / 2) ** 2 + (b - (a + b) / 2) ** 2)
    adjusted = tabulate(survey, [one()])
    assert adjusted.groups["standard_error"].iloc[0] == pytest.approx(math.sqrt(inside + d**2), abs=1e-12)
    assert adjusted.groups["lonely_strata"].iloc[0] == 1
    assert any("one single cluster" in note.text("en") for note in adjusted.assumptions)
    removed = tabulate(survey, [one()], design=Design(lonely="remove"))
    assert removed.groups["standard_error"].iloc[0] == pytest.approx(math.sqrt(inside), abs=1e-12)
    with pytest.raises(DataError, match="one single cluster") as failure:
        tabulate(survey, [one()], design=Design(lonely="fail"))
    assert "ha-noi, huyen, B" in failure.value.text("vi")


def test_error_of_one_cluster_is_unknown():
    frame = answers([("a", 5), ("a", 1)], "cluster answer")
    for lonely in ("adjust", "remove"):
        row = tabulate(open_survey(frame), [one()], design=Design(lonely=lonely)).groups.iloc[0]
        assert row["share"] == 0.5
        assert math.isnan(row["standard_error"])
        assert math.isnan(row["lower"])
    # two strata of one cluster each: nothing left when lonely clusters are removed
    apart = frame.assign(stratum=["x", "y"], cluster=["a", "b"])
    assert math.isnan(
        tabulate(open_survey(apart), [one()], design=Design(lonely="remove")).groups["standard_error"].iloc[0]
    )


def test_equal_answers_are_no_certainty():
    # 7 answers of .8: as if one were a step lower (.5): .3 / 7
    frame = answers([(c, 4, 0.1 * c + 0.3) for c in range(7)], "cluster answer weight")
    row = tabulate(open_survey(frame), [one()]).groups.iloc[0]
    assert row["share"] == pytest.approx(0.8, abs=1e-12)
    assert row["standard_error"] == pytest.approx(0.3 / 7, abs=1e-12)
    assert math.isnan(row["design_effect"])


def test_full_marks_of_all_who_answered():
    # 15 answers at the best one; n = 15 x (1.959964 / 2.144787)^2 = 12.526 and Clopper-Pearson: .025^(1/n) = .74490
    row = tabulate(open_survey(answers([(5,)] * 15, "answer")), [one()]).groups.iloc[0]
    assert row["standard_error"] == pytest.approx(0.2 / 15, abs=1e-12)
    n = 15 * (1.959963985 / 2.144786688) ** 2
    assert (row["lower"], row["upper"]) == (pytest.approx(0.025 ** (1 / n), abs=1e-9), 1.0)


def test_degrees_of_freedom_over_groups_are_those_of_the_group_that_decides():
    # scores of hdnd 1, 0, 1, 0: V = (1/3) / 4 = 1/12, 3 df; of huyen fifty 1 and fifty 0: V = .25/99, 99 df. Halves:
    # (1/12 + .25/99)^2 / ((1/12)^2 / 3 + (.25/99)^2 / 99) = 3.1845
    rows = [("hdnd", code) for code in (5, 1, 5, 1)] + [("huyen", code) for code in (5, 1) * 50]
    frame = answers(rows, "group answer")
    asked = [one(("hdnd", "huyen"), code="1", maximum=4.0)]
    table = tabulate(open_survey(frame), asked)
    first, second = 1 / 12, 0.25 / 99
    expected = (first + second) ** 2 / (first**2 / 3 + second**2 / 99)
    assert expected == pytest.approx(3.1845, abs=1e-4)
    assert table.units["degrees_of_freedom"].tolist() == [pytest.approx(expected, abs=1e-6)]
    assert node_points(table, asked)["degrees_of_freedom"].tolist() == [pytest.approx(expected, abs=1e-6)] * 2
    assert table.groups["degrees_of_freedom"].tolist() == [3, 99]


def test_equal_answers_of_one_group_leave_the_unit_and_its_nodes_an_error():
    # hdnd: two answers of 1: (.2/2)^2 = .01, 1 df; huyen 1, .5: V = .0625, 1 df. Halves: (.01 + .0625) / 4; the point
    # of maximum 4 has 16 times that
    frame = answers([("hdnd", 5), ("hdnd", 5), ("huyen", 5), ("huyen", 3)], "group answer")
    asked = [one(("hdnd", "huyen"), code="1", maximum=4.0)]
    table = tabulate(open_survey(frame), asked)
    variance = (0.01 + 0.0625) / 4
    assert table.units["standard_error"].tolist() == [pytest.approx(math.sqrt(variance), abs=1e-12)]
    assert table.units["degrees_of_freedom"].tolist() == [pytest.approx(0.0725**2 / (0.01**2 + 0.0625**2), abs=1e-6)]
    whole = node_points(table, asked).iloc[0]
    assert whole["standard_error"] == pytest.approx(4 * math.sqrt(variance), abs=1e-12)


def test_every_row_is_accounted_for():
    frame = answers(
        [
            ("huyen", "Q1", 5, 1.0),
            ("huyen", "Q1", 3, 2.0),
            ("huyen", "Q1", 0, 1.0),  # no answer
            ("huyen", "Q1", 99, 1.0),  # not known
            ("huyen", "Q1", None, 1.0),  # empty
            ("huyen", "Q1", 7, 1.0),  # off the scale
            ("huyen", "Q1", 4.5, 1.0),  # off the scale
            ("huyen", "Q1", 5, 0.0),  # no weight
            ("huyen", "Q1", 5, -1.0),
            ("huyen", "Q1", 5, None),
            ("huyen", "Q1", 5, math.inf),
            ("hdnd", "Q1", 5, 1.0),  # not asked
            ("huyen", "Q9", 5, 1.0),  # unknown item
        ],
        "group item answer weight",
    )
    frame.loc[len(frame)] = ["huyen", "Q1", 5, 1.0, 99, "nowhere"]
    table = tabulate(open_survey(frame), [one()], units=["ha-noi", "hue"])
    assert table.accounted.set_index("fate")["n"].to_dict() == {
        "used": 2,
        "no_weight": 4,
        "no_answer": 3,
        "off_scale": 2,
        "not_asked": 1,
        "unknown_item": 1,
        "unknown_unit": 1,
    }
    row = table.groups.iloc[0]
    assert row["share"] == pytest.approx((1 + 2 * 0.5) / 3)
    assert (row["n"], row["n_no_answer"], row["n_off_scale"], row["n_no_weight"]) == (2, 3, 2, 4)
    # the unit without answers is there, and unknown
    silent = table.groups.iloc[1]
    assert (silent["unit"], silent["n"]) == ("hue", 0)
    assert silent[["share", "standard_error", "lower", "upper", "design_effect"]].isna().all()
    assert table.units.set_index("unit").loc["hue", ["share", "standard_error"]].isna().all()
    assert table.distribution.query("unit == 'hue'")["share"].isna().all()
    assert list(table.handover()) == ["unit", "item", "share", "standard_error", "degrees_of_freedom"]


def test_clusters_that_did_not_answer_still_count():
    # 4 clusters in the sample, 3 answered Q1 with scores 1, .5, 0: z = 1/6, 0, -1/6, and 0 of the fourth.
    # variance 4/3 x (2/36) = 2/27, with 3 - 1 degrees of freedom
    frame = answers([("a", 5, "Q1"), ("b", 3, "Q1"), ("c", 1, "Q1"), ("d", 99, "Q1")], "cluster answer item")
    row = tabulate(open_survey(frame), [one()]).groups.iloc[0]
    assert row["standard_error"] == pytest.approx(math.sqrt(2 / 27), abs=1e-12)
    assert row["degrees_of_freedom"] == 2


def test_a_group_without_answers_leaves_the_unit_unknown():
    frame = answers([("hdnd", "a", 5), ("hdnd", "b", 3)], "group cluster answer")
    asked = [one(("hdnd", "huyen"))]
    unknown = tabulate(open_survey(frame), asked).units.iloc[0]
    assert math.isnan(unknown["share"])
    assert unknown["groups_missing"] == "huyen"
    rescaled = tabulate(open_survey(frame), asked, design=Design(incomplete="rescale"))
    assert rescaled.units["share"].iloc[0] == 0.75
    assert rescaled.units["standard_error"].iloc[0] == pytest.approx(0.25, abs=1e-12)
    assert any("other groups" in note.text("en") for note in rescaled.assumptions)
    # a group that counts for nothing is not missed
    weighted = tabulate(open_survey(frame), [one(("hdnd", "huyen"), weights={"hdnd": 1, "huyen": 0})])
    assert weighted.units["share"].iloc[0] == 0.75
    assert weighted.units["groups_missing"].iloc[0] == ""


def test_the_error_of_a_unit_is_unknown_where_that_of_a_group_is():
    frame = answers([("hdnd", "a", 5), ("hdnd", "b", 3), ("huyen", "c", 4)], "group cluster answer")
    unit = tabulate(open_survey(frame), [one(("hdnd", "huyen"))]).units.iloc[0]
    assert unit["share"] == pytest.approx((0.75 + 0.8) / 2)
    assert math.isnan(unit["standard_error"])


@pytest.mark.long
def test_all_units_together():
    frame = random_survey(3, groups=("huyen",), items=("Q1",))
    table = tabulate(open_survey(frame), [one()], together=True)
    score = frame["answer"].map(SCALE)
    weight = frame["weight"].where(score.notna(), 0)
    mean = (weight * score.fillna(0)).sum() / weight.sum()
    u = weight * (score.fillna(0) - mean) / weight.sum()
    assert table.groups["unit"].tolist() == [""]
    assert table.units["share"].iloc[0] == pytest.approx(mean, abs=1e-12)
    expected = math.sqrt(by_the_book(frame, u, ["unit", "stratum"]))
    assert table.units["standard_error"].iloc[0] == pytest.approx(expected, rel=1e-9)
    asked = [one(code="1", maximum=2.0)]
    assert node_points(tabulate(open_survey(frame), asked, together=True), asked)["standard_error"].iloc[
        0
    ] == pytest.approx(2 * expected, rel=1e-9)


def test_runs_repeat_to_the_last_bit():
    frame = random_survey(11)
    first, second = (tabulate(open_survey(frame), [one(("hdnd", "huyen"))]) for _ in range(2))
    pd.testing.assert_frame_equal(first.groups, second.groups, check_exact=True)
    pd.testing.assert_frame_equal(first.units, second.units, check_exact=True)


def test_questions_of_a_scheme():
    asked = questions(load_scheme("876-province"))
    assert sum(question.maximum for question in asked) == 22  # the leaders' survey of 876/QĐ-BNV
    assert {question.component for question in asked} == {"leaders"}
    first = asked[0]
    assert (first.item, first.groups, first.scale) == ("Q1_7_1", ("hdnd", "so_nganh", "huyen"), SCALE)
    assert sum(question.maximum for question in questions(load_scheme("876-ministry"))) == 31.5
    with pytest.raises(ParameterError, match="no weight") as failure:
        questions(load_scheme("876-province"), {"hdnd": 1.0})
    assert len(failure.value.problems) == 22  # every item has a group without a weight


def test_the_satisfaction_survey():
    asked = questionnaire("sipas")
    assert [question.item for question in asked] == [f"SIPAS_{number}" for number in range(1, 6)]
    # two citizens in clusters of their own; satisfied (4, 5) with 5 and 2 of 5 items: index 70, clusters at 100 and 40,
    # whose mean has the error |100 - 40|/2 = 30; the two items on which both agree have one of 20 points x 1/2 each
    rows = [(who, f"SIPAS_{n}", 4 if n <= good else 3) for who, good in (("a", 5), ("b", 2)) for n in range(1, 6)]
    frame = answers(rows, "respondent item answer", group="nguoi_dan")
    index = node_points(tabulate(open_survey(frame), asked), asked).set_index("node").loc[""]
    assert (index["points"], index["maximum"]) == (pytest.approx(70), 100)
    assert index["standard_error"] == pytest.approx(math.sqrt(30**2 + 2 * 10**2))
    with pytest.raises(ParameterError, match="no such questionnaire"):
        questionnaire("sipass")


def test_questions_that_contradict_themselves():
    with pytest.raises(ParameterError) as failure:
        tabulate(
            open_survey(answers([(5,)], "answer")),
            [Question("A", {0: 0.0, 1: 1.0}, ("x",)), Question("B", {}, ()), one(), one(("x", "y"))],
        )
    text = failure.value.text("en")
    for words in ("codes for no answer at once", "scale is empty", "groups are empty", "stated twice"):
        assert words in text
    with pytest.raises(ParameterError, match="no survey question"):
        tabulate(open_survey(answers([(5,)], "answer")), [])
    with pytest.raises(ValueError, match="lonely"):
        Design(lonely="guess")


def test_a_yes_no_item_scores_zero_when_told_so():
    frame = answers([("a", 1), ("b", 0), ("c", 1), ("d", 99)], "cluster answer")
    table = tabulate(open_survey(frame), [Question("Q1", {1: 1.0, 0: 0.0}, ("huyen",))], no_answer=(99,))
    assert table.groups["share"].iloc[0] == pytest.approx(2 / 3)
