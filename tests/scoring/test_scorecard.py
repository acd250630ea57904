"""Scoring: sums, criteria that do not apply, unknown values, standard errors, ties; on small cases made by hand."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.analysis.diagnosis import policy_effect
from parlib.analysis.ladder import with_points
from parlib.errors import DataError, ParameterError
from parlib.places import data
from parlib.scoring import rules, units
from parlib.scoring import scorecard as scoring
from parlib.scoring.scheme import load_scheme, parse_scheme

nan = float("nan")


@cache
def small():
    """Two areas of 100 points: 1.1 (20, counted), 1.2 = 1.2.1 (10, steps) + 1.2.2 (10, survey); 2.1 (40), 2.2 (20)."""

    def node(code, maximum, **content):
        return {"code": code, "name": f"Mục {code}", "name_en": f"Node {code}", "max": maximum, **content}

    def leaf(code, maximum, component, **rule):
        return node(code, maximum, component=component, rule=rule)

    steps = {"kind": "steps", "input": "x (%)", "unit": "%", "steps": [[90, 10], [50, 5]]}
    scale = {3: 1, 2: 0.5, 1: 0}
    survey = {"kind": "survey", "item": "S1", "respondents": ["a"], "scale": scale}
    tree = [
        node(
            "1",
            40,
            children=[
                leaf("1.1", 20, "own", kind="deduction", input="n", per=5),
                node("1.2", 20, children=[leaf("1.2.1", 10, "own", **steps), leaf("1.2.2", 10, "survey", **survey)]),
            ],
        ),
        node(
            "2",
            60,
            children=[
                leaf("2.1", 40, "own", kind="proportional", input="y (%)", unit="%", full_at=80, zero_below=20),
                leaf("2.2", 20, "own", kind="external", index="sipas", full_at=100),
            ],
        ),
    ]
    parts = {key: {"name": key, "name_en": key, "max": most} for key, most in (("own", 90), ("survey", 10))}
    return parse_scheme(
        {
            "id": "small",
            "decision": "01/QĐ-UBND",
            "level": "province",
            "years": [2030],
            "status": "official",
            "note": "a test",
            "bands": {},
            "components": parts,
            "tree": tree,
        }
    )


def answers(*rows, columns=("unit", "code", "answer")):
    return pd.DataFrame(rows, columns=list(columns))


ROWS = (
    ("a", "1.1", "1"),
    ("a", "1.2.1", "60"),
    ("a", "2.1", "40"),
    ("b", "1.1", "0"),
    ("b", "1.2.1", "95"),
    ("b", "2.1", "80"),
)
SURVEY = pd.DataFrame({"unit": ["a", "b"], "item": "S1", "share": [0.8, 0.5], "standard_error": [0.03, 0.04]})
EXTERNAL = pd.DataFrame({"unit": ["a", "b"], "index": "sipas", "value": [90.0, 85.0]})


def card(rows=ROWS, survey=SURVEY, external=EXTERNAL, columns=("unit", "code", "answer"), **options):
    return scoring.score(
        small(),
        answers(*rows, columns=columns),
        year=2030,
        survey=survey,
        external=external,
        units=["a", "b"],
        **options,
    )


def at(scorecard, node, matrix):
    return matrix[:, scorecard.nodes.index(node)].tolist()


def test_points_and_maxima_of_every_node_by_hand():
    scored = card()
    points, maxima = scored.node_points()
    # a: 20 - 5 = 15; 60 % -> 5; 10 x 0.8 = 8; 40 x 40 / 80 = 20; 20 x 90 / 100 = 18.  b: 20, 10, 5, 40, 17.
    assert at(scored, "1.1", points) == [15, 20]
    assert at(scored, "1.2.1", points) == [5, 10]
    assert at(scored, "1.2.2", points) == [8, 5]
    assert at(scored, "1.2", points) == [13, 15]
    assert at(scored, "1", points) == [28, 35]
    assert at(scored, "2", points) == [38, 57]
    assert at(scored, "", points) == [66, 92]
    assert at(scored, "component:survey", points) == [8, 5]
    assert at(scored, "component:own", points) == [58, 87]
    assert maxima[0].tolist() == small().node_frame()["maximum"].tolist()
    assert at(scored, "1", scored.node_index()) == [70, 87.5]


def test_an_unknown_leaf_makes_its_ancestors_unknown_and_nothing_else():
    scored = card([row for row in ROWS if row[:2] != ("a", "1.2.1")])
    points, maxima = scored.node_points()
    for node in ("1.2.1", "1.2", "1", "", "component:own"):
        assert np.isnan(at(scored, node, points)[0]) and np.isfinite(at(scored, node, points)[1])
    for node in ("1.1", "1.2.2", "2", "component:survey"):
        assert np.isfinite(at(scored, node, points)[0])
    assert np.isfinite(maxima).all()


NA = ("unit", "code", "answer", "not_applicable")


@pytest.mark.parametrize(
    ("policy", "points", "maximum", "index"),
    [
        ("rescale", 51, 80, 63.75),  # 66 less the 15 of 1.1; 100 less its 20
        ("full", 71, 100, 71),  # 51 and all 20 of it
        ("zero", 51, 100, 51),
    ],
)
def test_what_does_not_apply_follows_the_policy(policy, points, maximum, index):
    rows = [(*row, row[:2] == ("a", "1.1")) for row in ROWS]
    scored = card(rows, columns=NA, policy=policy)
    got, most = scored.node_points()
    assert (at(scored, "", got)[0], at(scored, "", most)[0]) == (points, maximum)
    assert at(scored, "", scored.node_index()) == [index, 92]
    assert at(scored, "component:survey", most) == [10, 10]


def test_the_effect_of_the_policies_is_shown():
    rows = [(*row, row[:2] == ("a", "1.1")) for row in ROWS]
    effect = policy_effect(card(rows, columns=NA)).set_index("unit")
    assert effect.loc["a"].tolist() == [1, 20, 63.75, 71, 51]
    assert effect.loc["b"].tolist() == [0, 0, 92, 92, 92]
    assert list(effect.columns) == ["n_not_applicable", "maximum_not_applicable", "rescale", "full", "zero"]


def test_a_node_of_which_nothing_applies_has_no_index():
    rows = [(*row, False) for row in ROWS if row[1] != "1.2.1"]
    rows += [("a", "1.2.1", None, True), ("a", "1.2.2", None, True), ("b", "1.2.1", "95", False)]
    scored = card(rows, columns=NA)
    _, maxima = scored.node_points()
    assert at(scored, "1.2", maxima) == [0, 20]
    assert np.isnan(at(scored, "1.2", scored.node_index())[0])
    assert at(scored, "1", scored.node_index())[0] == 75  # 15 of the 20 that are left


def test_the_policy_of_the_scheme_is_the_default():
    document = small().document() | {"id": "full", "not_applicable": "full"}
    rows = answers(*[(*row, row[1] == "1.1") for row in ROWS], columns=NA)
    scored = scoring.score(parse_scheme(document), rows, year=2030, units=["a", "b"])
    assert scored.policy == "full"
    assert card().policy == "rescale"


def test_points_of_the_council_count_instead_of_those_of_the_answer():
    rows = [(*row, nan) for row in ROWS[1:]] + [("a", "1.1", "0", 12.5), ("a", "1.2.2", None, 9.0)]
    scored = card(rows, columns=("unit", "code", "answer", "points"))
    points, _ = scored.node_points()
    assert at(scored, "1.1", points)[0] == 12.5  # the answer alone would give 20
    assert at(scored, "1.2.2", points)[0] == 9  # also over the survey
    assert at(scored, "1.2.2", scored.node_standard_errors())[0] == 0  # and then there is no sampling error


# --- standard errors ----------------------------------------------------------------------------


def test_sampling_error_reaches_the_nodes():
    errors = card().node_standard_errors()
    # the leaf of 10 points: 10 x 0.03 = 0.3 points, 3 % of its maximum; 0.3 of 20, 40 and 100 points above it
    assert np.allclose([at(card(), node, errors)[0] for node in ("1.2.2", "1.2", "1", "")], [3, 1.5, 0.75, 0.3])
    assert at(card(), "2", errors) == [0, 0]


def test_errors_of_several_leaves_add_as_squares_or_by_their_covariance():
    external = EXTERNAL.assign(standard_error=[2.0, nan])
    scored = card(external=external)
    errors = scored.node_standard_errors()
    # a: 0.3 points of the survey, 20 x 2 / 100 = 0.4 of the index: root of 0.09 + 0.16 = 0.5 of 100 points
    assert np.isclose(at(scored, "", errors)[0], 0.5)
    assert np.isnan(at(scored, "", errors)[1]) and np.isclose(at(scored, "1", errors)[1], 1)  # 0.4 of 40 points
    covariance = np.zeros((5, 5))
    covariance[2, 2], covariance[4, 4], covariance[2, 4], covariance[4, 2] = 0.09, 0.16, 0.12, 0.12
    correlated = scored.node_standard_errors(covariance)  # moving together: 0.3 + 0.4
    assert np.allclose(at(scored, "", correlated), 0.7)


def test_a_covariance_that_is_not_known_leaves_only_its_own_nodes_unknown():
    scored = card(external=EXTERNAL.assign(standard_error=[2.0, 3.0]))
    covariance = np.zeros((5, 5))
    covariance[2, 2] = 0.09
    covariance[4, :] = covariance[:, 4] = nan
    errors = scored.node_standard_errors(covariance)
    assert np.isclose(at(scored, "1", errors)[0], 0.75)  # 0.3 of 40 points
    assert np.isnan(at(scored, "", errors)).all()


def test_an_error_not_measured_is_unknown_not_zero():
    errors = card(survey=SURVEY.drop(columns="standard_error")).node_standard_errors()
    assert np.isnan(at(card(), "", errors)).all() and at(card(), "2", errors) == [0, 0]


def test_what_does_not_apply_has_no_error():
    rows = [(*row, False) for row in ROWS] + [("a", "1.2.2", None, True)]
    scored = card(rows, columns=NA)
    assert at(scored, "", scored.node_standard_errors())[0] == 0


# --- the index table ----------------------------------------------------------------------------


def test_the_index_table():
    table = card(stage="appraisal").index_table()
    assert len(table) == 2 * len(small().node_codes)
    assert set(table["stage"]) == {"appraisal"} and set(table["year"]) == {2030}
    row = table[(table["unit"] == "a") & (table["node"] == "1")].iloc[0]
    assert (row["points"], row["maximum"], row["index"]) == (28, 40, 70)
    assert np.isclose(row["standard_error"], 0.75)
    assert list(table.loc[table["unit"] == "a", "node"]) == list(small().node_codes)


def test_what_if():
    scored = card()
    changed = with_points(scored, {("a", "1.1"): 20})
    assert at(changed, "", changed.node_index()) == [71, 92]
    assert at(scored, "", scored.node_index()) == [66, 92]  # the first is as it was
    with pytest.raises(ParameterError):
        with_points(scored, {("a", "1"): 20})


# --- real data ----------------------------------------------------------------------------------


def papi(year):
    values = pd.read_csv(data() / "external" / "papi.csv", dtype={"code": "str"})
    rows = values.loc[values["year"] == year, ["key", "code", "value"]]
    return rows.set_axis(["unit", "code", "answer"], axis=1)


def test_a_leaf_that_does_not_exist_in_a_year_leaves_its_parent_whole():
    scheme = load_scheme("papi-2018")
    scored = scoring.score(scheme, papi(2021), year=2021, stage="published")
    points, maxima = scored.node_points()
    hanoi = scored.units.index("ha-noi")
    parts = [points[hanoi, scored.nodes.index(code)] for code in ("5.1", "5.3", "5.4")]
    assert np.isclose(points[hanoi, scored.nodes.index("5")], sum(parts), atol=1e-9)
    assert np.isnan(points[hanoi, scored.nodes.index("5.2")]) and maxima[hanoi, scored.nodes.index("5")] == 10
    assert np.isnan(scored.node_index()[hanoi, scored.nodes.index("5.1")])  # no maximum of its own
    assert len(scored.units) == 60  # three provinces have no values in 2021


def test_an_unknown_part_of_one_unit_is_not_a_part_that_does_not_exist():
    scored = scoring.score(load_scheme("papi-2018"), papi(2022), year=2022, units=["bac-giang", "ha-noi"])
    points, _ = scored.node_points()
    assert np.isnan(points[0, 0]) and np.isfinite(points[1, 0])


def test_all_869_complete_province_years_of_papi_meet_the_published_totals():
    totals = pd.read_csv(data() / "external" / "papi_totals.csv").set_index(["year", "key"])
    provinces = [unit.key for unit in units.units("province", "63")]
    complete = 0
    for year in range(2011, 2025):
        scheme = load_scheme("papi-2011" if year < 2018 else "papi-2018")
        scored = scoring.score(scheme, papi(year), year=year, stage="published", units=provinces)
        points, _ = scored.node_points()
        published = totals.loc[year].reindex(provinces)
        for node, column in (("", "total"), *((area.code, f"dim{area.code}") for area in scheme.tree)):
            got, want = points[:, scored.nodes.index(node)], published[column].to_numpy()
            assert (np.isnan(got) == np.isnan(want)).all()
            assert np.nanmax(np.abs(got - want)) < 0.0005
        complete += int(np.isfinite(points[:, 0]).sum())
    assert complete == 869


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "columns", "english", "vietnamese"),
    [
        (
            [("a", "1.3", "1")],
            None,
            "node 1.3: unit a: no such code; near matches: 1.1",
            "không có mã này; gần giống: 1.1",
        ),
        ([("a", "1.2", "1")], None, "is the sum of its children", "không chấm trực tiếp"),
        ([("a", "1.1", "1")] * 2, None, "node 1.1: unit a: given twice", "ghi hai lần"),
        ([("a", "1.1", "1,5")], None, "expected a whole number not below 0", "cần một số nguyên không âm"),
        ([("a", "1.2.2", "0.5")], None, "scored by a survey or another index", "không tự chấm"),
        ([("a", "1.1", "1", 21.0)], ("points",), "points are between 0 and 20", "điểm phải từ 0 đến 20"),
        ([("a", "1.1", "1", -0.25)], ("points",), "points are between 0 and 20", "điểm phải từ 0 đến 20"),
        ([("a", "1.1", "1", "mười")], ("points",), "column points, value 'mười': not a number", "không phải là số"),
        ([("a", "1.1", "1", "có")], ("not_applicable",), "must be true or false", "phải là true hoặc false"),
        ([("a", "1.1", "x", 17)], ("row",), "row 17, column answer, node 1.1, value 'x'", "dòng 17, cột answer"),
    ],
)
def test_a_wrong_row_is_named(rows, columns, english, vietnamese):
    with pytest.raises(DataError) as error:
        card(rows, columns=("unit", "code", "answer", *(columns or ())))
    assert english in error.value.text("en") and vietnamese in error.value.text("vi")


def test_all_wrong_rows_are_named_at_once():
    with pytest.raises(DataError) as error:
        card(
            [("a", "9", "1"), ("b", "1.1", "x"), ("b", "2.1", "101")],
            survey=SURVEY.assign(share=[1.2, 0.5]),
            external=EXTERNAL.assign(value=[-1.0, 0]),
        )
    assert [problem.node for problem in error.value.problems] == ["9", "1.1", "2.1", "1.2.2", "2.2"]


def test_a_value_of_a_survey_or_another_index_given_twice_is_named():
    twice = pd.concat([SURVEY, SURVEY.iloc[[1]]])
    with pytest.raises(DataError) as error:
        card(survey=twice, external=pd.concat([EXTERNAL, EXTERNAL.iloc[[0]]]))
    assert [(problem.column, problem.text("en")) for problem in error.value.problems] == [
        ("item", "column item: unit b, S1: given twice"),
        ("index", "column index: unit a, sipas: given twice"),
    ]


def test_a_unit_that_is_none_is_told_its_near_matches():
    with pytest.raises(DataError, match=r"value 'ha-noy': no such unit in 2023; near matches: Ha Noi \(ha-noi\)"):
        scoring.score(load_scheme("876-province"), answers(("ha-noy", "1.1.1", "timely")), year=2023)


def test_units_stand_in_official_order_and_rows_of_others_are_left_out():
    scheme = load_scheme("876-province")
    rows = answers(("ca-mau", "1.1.1", "late"), ("ha-noi", "1.1.1", "timely"))
    assert scoring.score(scheme, rows, year=2023).units == ("ha-noi", "ca-mau")
    assert scoring.score(scheme, rows, year=2023, units=["ca-mau"]).units == ("ca-mau",)


@pytest.mark.parametrize(("options", "stage"), [({}, "final"), ({"stage": "appraisal"}, "appraisal")])
def test_an_index_table_says_its_stage(options, stage):
    assert set(card(**options).index_table()["stage"]) == {stage}


@pytest.mark.parametrize("options", [{"stage": "draft"}, {"policy": "drop"}])
def test_unknown_stages_and_policies_are_refused(options):
    with pytest.raises(ParameterError, match="is one of"):
        card(**options)


def test_a_leaf_without_a_maximum_cannot_be_left_out():
    rows = papi(2022).assign(not_applicable=lambda frame: (frame["unit"] == "ha-noi") & (frame["code"] == "5.1"))
    with pytest.raises(DataError, match="cannot be left out"):
        scoring.score(load_scheme("papi-2018"), rows, year=2022)


# --- ties and ranks -----------------------------------------------------------------------------


def test_competition_ranks():
    assert scoring.competition_ranks([80, 90, 80, 70]).tolist() == [2, 1, 2, 4]
    assert scoring.competition_ranks([0.1 + 0.2, 0.3, 0.2]).tolist() == [1, 1, 3]
    ranks = scoring.competition_ranks([[nan, 5, 5], [3, 2, 1]])
    assert np.isnan(ranks[0, 0]) and ranks[0, 1:].tolist() == [1, 1] and ranks[1].tolist() == [1, 2, 3]
    assert scoring.competition_ranks([]).size == 0 and np.isnan(scoring.competition_ranks([nan])).all()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_a_rank_is_one_more_than_the_number_of_those_above(quarters):
    values = np.array(quarters) / 4
    above = (values[None, :] > values[:, None]).sum(axis=1)
    assert scoring.competition_ranks(values).tolist() == (above + 1).tolist()


@pytest.mark.parametrize("step", [0.25, 0.1], ids=["quarter points", "tenths, which floats cannot hold"])
def test_equal_points_share_a_rank_in_100_000_random_tables_whatever_the_order_of_adding(step):
    """In whole steps the sums, and so the ranks, are exact: the floats must give the same, in any order of adding."""
    generator = np.random.default_rng(20231117)
    tables, n_units, n_leaves = 100_000, 6, 10
    steps = generator.integers(0, 5, size=(tables, n_units, n_leaves), dtype=np.int64)
    truth = steps.sum(axis=2)
    above = (truth[:, None, :] > truth[:, :, None]).sum(axis=2)
    points = steps * step
    for order in (range(n_leaves), range(n_leaves)[::-1], generator.permutation(n_leaves)):
        total = np.zeros((tables, n_units))
        for leaf in order:  # one after another, so that the noise of the order is really there
            total += points[:, :, leaf]
        assert (scoring.competition_ranks(total) == above + 1).all()
    ties = sum(len(set(row)) < n_units for row in truth[:1000].tolist())
    assert ties > 500  # most tables do hold ties


# --- properties ---------------------------------------------------------------------------------


@cache
def provinces_2023():
    return load_scheme("876-province")


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["rescale", "full", "zero"]))
def test_a_node_is_the_sum_of_its_children_and_an_index_lies_between_0_and_100(seed, policy):
    scheme = provinces_2023()
    generator = np.random.default_rng(seed)
    points = rules.exact_values(generator.random((4, 95)) * scheme.leaf_maxima)
    applicable = generator.random((4, 95)) > 0.2
    scored = scoring.Scorecard(
        scheme, 2023, "province", tuple("abcd"), points, applicable, np.zeros((4, 95)), policy=policy
    )
    got, maxima = scored.node_points()
    places = {code: place for place, code in enumerate(scored.nodes)}
    frame = scheme.node_frame()
    for parent, rows in frame.groupby("parent", sort=False):
        for kinds in ({"area", "criterion", "subcriterion"}, {"component"}):
            children = [places[code] for code in rows.loc[rows["kind"].isin(kinds), "node"]]
            if children:
                assert np.allclose(got[:, children].sum(axis=1), got[:, places[parent]], atol=1e-8)
                assert np.allclose(maxima[:, children].sum(axis=1), maxima[:, places[parent]], atol=1e-8)
    index = scored.node_index()
    assert np.nanmin(index) >= 0 and np.nanmax(index) <= 100
    zero, full = (replace(scored, policy=other).node_index()[:, 0] for other in ("zero", "full"))
    rescaled = replace(scored, policy="rescale").node_index()[:, 0]
    assert (zero <= rescaled + 1e-9).all() and (rescaled <= full + 1e-9).all()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_units_and_rows_changes_nothing(seed):
    generator = np.random.default_rng(seed)
    rows = answers(*ROWS).sample(frac=1, random_state=int(seed % 1000))
    keys = list(generator.permutation(["a", "b"]))
    scored = scoring.score(small(), rows, year=2030, survey=SURVEY, external=EXTERNAL, units=keys)
    assert dict(zip(keys, scored.node_index()[:, 0].tolist(), strict=True)) == {"a": 66, "b": 92}


def test_draws_of_units_are_scored_together():
    scored = card()
    draws = np.stack([scored.points, scored.points / 2])
    points, maxima = scoring.sum_nodes(small(), draws)
    assert points.shape == (2, 2, len(scored.nodes)) and maxima.shape == points.shape
    assert points[:, :, 0].tolist() == [[66, 92], [33, 46]]


def test_an_index_at_its_full_mark_carries_no_error_into_the_points():
    # b: 99.5 of 100, points 20 x 99.5 / 100 = 19.9 with the error 20 x 2 / 100 = 0.4, 2 % of 20. a: all points, and
    # from there on the index may rise as it likes.
    scored = card(external=EXTERNAL.assign(value=[100.0, 99.5], standard_error=[2.0, 2.0]))
    points, _ = scored.node_points()
    assert at(scored, "2.2", points) == [20, 19.9]
    assert np.allclose(at(scored, "2.2", scored.node_standard_errors()), [0, 2])
