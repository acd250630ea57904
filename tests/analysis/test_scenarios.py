"""Scenarios of a unit, worked out by hand on a card of three units; of published results by the parts that add up."""

from dataclasses import replace

import pandas as pd
import pytest

from parlib.analysis import ladder, scenarios
from parlib.errors import ParameterError
from parlib.scoring.scheme import parse_scheme
from parlib.scoring.scorecard import score
from parlib.sources import published


def leaf(code, maximum, rule):
    return {"code": code, "name": f"N{code}", "name_en": f"E{code}", "max": maximum, "component": "c", "rule": rule}


STEPS = {"kind": "steps", "input": "tỷ lệ (%)", "unit": "%", "steps": [[100, 2], [80, 1], [60, 0.5]]}
CHOICE = {"kind": "choice", "options": {"good": 8, "fair": 4, "none": 0},
          "label": {"good": "Tốt", "fair": "Khá", "none": "Không"}}  # fmt: skip
ANSWERS = {"ha-noi": ("100", "good"), "hai-phong": ("80", "fair"), "hue": ("62.5", "fair")}  # 10, 5 and 4.5 of 10


@pytest.fixture(scope="module")
def of_round():
    children = [leaf("1.1", 2, STEPS), leaf("1.2", 8, CHOICE)]
    scheme = parse_scheme(
        {
            "id": "toy", "decision": "toy", "level": "province", "years": [2023], "status": "official", "note": "toy",
            "bands": {"A": 80, "C": 0}, "components": {"c": {"name": "C", "name_en": "C", "max": 10}},
            "tree": [{"code": "1", "name": "A1", "name_en": "A1", "max": 10, "children": children}],
        }
    )  # fmt: skip
    rows = [(u, c, a) for u, cells in ANSWERS.items() for c, a in zip(("1.1", "1.2"), cells, strict=True)]
    answers = pd.DataFrame(rows, columns=["unit", "code", "answer"])
    return scenarios.of_round(score(scheme, answers, year=2023, units=list(ANSWERS)), answers, "hue")


def by_unit(frame, column):
    return dict(zip(frame["unit"], frame[column], strict=True))


def test_another_step_gives_its_points_and_index_and_rank_follow(of_round):
    # 80 % earns 1 instead of 0.5: 5 of 10 points, as Hải Phòng has
    after = of_round.what_if({"1.1": "80"})
    assert by_unit(after, "new_index") == {"ha-noi": 100.0, "hai-phong": 50.0, "hue": 50.0}
    assert by_unit(after, "new_rank") == {"ha-noi": 1, "hai-phong": 2, "hue": 2}
    assert by_unit(after, "places")["hue"] == 1
    plan = of_round.plan({"1.1": "80", "1.2": "fair"})  # "fair" is what it has
    assert plan.to_dict("records") == [
        {"node": "1.1", "before_label": "62.5%", "after_label": "≥ 80%", "points": 0.5, "new_points": 1.0, "gain": 0.5}
    ]


def test_others_may_rise_meanwhile_and_no_further_than_the_top(of_round):
    after = of_round.what_if({"1.1": "80"}, others=2)
    assert by_unit(after, "new_index") == {"ha-noi": 100.0, "hai-phong": 52.0, "hue": 50.0}
    assert by_unit(after, "new_rank")["hue"] == 3
    assert by_unit(after, "index")["hai-phong"] == 50.0
    with pytest.raises(ParameterError, match="0 to 100"):
        of_round.what_if({}, others=-1)


def test_a_way_up_past_others_that_rise_needs_more(of_round):
    answers = pd.DataFrame([("hue", "1.1", "62.5"), ("hue", "1.2", "fair")], columns=["unit", "code", "answer"])
    still = ladder.ladder(of_round.card, answers, "hue", 2)
    risen = ladder.ladder(of_round.card, answers, "hue", 2, competitors={"hai-phong": 2.0})
    assert {(offer.code, offer.points) for way in still for offer in way.offers} >= {("1.1", 1.0)}  # 50 is enough
    assert ("1.1", 1.0) not in {(offer.code, offer.points) for way in risen for offer in way.offers}  # 52 are needed


def test_scenarios_stand_below_what_is(of_round):
    table = of_round.scenarios({"A": {"1.1": "80"}, "B": {"1.1": "100", "1.2": "good"}})
    assert table["scenario"].tolist() == ["", "A", "B"]
    assert table["n_changed"].tolist() == [0, 1, 2]
    assert table["points"].tolist() == [4.5, 5.0, 10.0]
    assert table["gain"].tolist() == [0.0, 0.5, 5.5]
    assert table["rank"].tolist() == [3, 2, 1]
    assert table.attrs["others"] == "0"
    beside = of_round.beside({"A": {"1.1": "80"}, "B": {"1.1": "100", "1.2": "good"}})
    assert beside.set_index("node")["A"].to_dict() == {"1.1": "≥ 80%", "1.2": ""}
    assert beside.set_index("node")["B"].to_dict() == {"1.1": "100%", "1.2": "Tốt"}


def test_every_wrong_answer_is_named(of_round):
    with pytest.raises(ParameterError) as caught:
        of_round.plan({"1.1": "abc", "1.2": "best", "9": "1"})
    assert [problem.node for problem in caught.value.problems] == ["1.1", "1.2", "9"]


def test_published_parts_that_add_up_can_be_other_ones():
    results = published.results("par", 2023, "ministry")
    case = scenarios.of_published(results, "bo-ngoai-giao")
    # the decision on 2023: 52.12 of appraisal and 26.35 of the survey are 78.48, printed with a rounding of 0.01
    assert case.choices.set_index("node")["points"].to_dict() == {
        "component:appraisal": 52.12,
        "component:survey": 26.35,
    }
    table = case.scenarios({"A": {"component:survey": "27.35"}})
    assert table["points"].tolist() == [78.48, 79.48]
    with pytest.raises(ParameterError, match="0 to"):
        case.plan({"component:survey": "31.51"})  # of 31.5


def test_nodes_below_are_taken_where_they_add_up():
    nodes = scenarios.of_published(published.results("papi", 2024, "province"), "ha-noi").choices["node"].tolist()
    assert nodes[:4] == ["1.1", "1.2", "1.3", "1.4"]
    assert "5" in nodes and "5.1" not in nodes  # of four parts of dimension 5 three are published


@pytest.mark.parametrize(("index", "year"), [("pci", 2022), ("sipas", 2023)])
def test_without_parts_it_says_why_it_cannot(index, year):
    results = published.results(index, year, "province")
    with pytest.raises(ParameterError, match="no parts are published that add up"):
        scenarios.of_published(results, results.ranked_units[0])


def test_nobody_is_ranked_among_those_that_happen_to_be_known(of_round):
    lacking = replace(of_round, field=of_round.field.where(of_round.field.index != "ha-noi"))
    after = lacking.what_if({"1.1": "80"})
    assert after[["rank", "new_rank", "places"]].isna().all(axis=None)
    assert lacking.scenarios({})["rank"].isna().all()
