"""Lost points, items, claims, distances and ladders, on cards small enough to work out by hand."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlib.analysis import diagnosis
from parlib.analysis import ladder as ladders
from parlib.analysis.diagnosis import upper_end
from parlib.analysis.ladder import Offer, with_points
from parlib.analysis.statistics import by_area
from parlib.errors import ParameterError
from parlib.scoring.results import Results
from parlib.scoring.scheme import parse_scheme
from parlib.scoring.scorecard import competition_ranks, score


def leaf(code, maximum, rule):
    return {"code": code, "name": f"N{code}", "name_en": f"E{code}", "max": maximum, "component": "c", "rule": rule}


STEPS = {"kind": "steps", "input": "tỷ lệ (%)", "unit": "%", "steps": [[100, 2], [80, 1], [60, 0.5]]}
CHOICE = {"kind": "choice", "options": {"good": 3, "fair": 1.5, "none": 0},
          "label": {"good": "Tốt", "fair": "Khá", "none": "Không"}}  # fmt: skip
COUNT = {"kind": "deduction", "input": "số vi phạm", "per": 0.5}
TALLY = {"kind": "tally", "input": "số sáng kiến", "per": 1}


@pytest.fixture(scope="module")
def scheme():
    return parse_scheme(
        {
            "id": "toy", "decision": "toy", "level": "province", "years": [2023], "status": "official", "note": "toy",
            "bands": {"A": 80, "B": 50, "C": 0}, "components": {"c": {"name": "C", "name_en": "C", "max": 10}},
            "tree": [
                {"code": "1", "name": "A1", "name_en": "A1", "max": 5,
                 "children": [leaf("1.1", 2, STEPS), leaf("1.2", 3, CHOICE)]},
                {"code": "2", "name": "A2", "name_en": "A2", "max": 5,
                 "children": [leaf("2.1", 3, COUNT), leaf("2.2", 2, TALLY)]},
            ],
        }
    )  # fmt: skip


ANSWERS = {
    # points: 1.1, 1.2, 2.1, 2.2 -> whole
    "ha-noi": ("100", "good", "0", "2"),  # 2, 3, 3, 2 -> 10
    "hai-phong": ("80", "fair", "2", "1"),  # 1, 1.5, 2, 1 -> 5.5
    "da-nang": ("60", "good", "6", "0"),  # 0.5, 3, 0, 0 -> 3.5
    "hue": ("10", "fair", "0", "2"),  # 0, 1.5, 3, 2 -> 6.5
}


def frame_of(answers):
    rows = [(u, c, a) for u, cells in answers.items() for c, a in zip(("1.1", "1.2", "2.1", "2.2"), cells, strict=True)]
    return pd.DataFrame(rows, columns=["unit", "code", "answer"])


@pytest.fixture(scope="module")
def card(scheme):
    return score(scheme, frame_of(ANSWERS), year=2023, units=list(ANSWERS))


def test_lost_points_are_maximum_less_points(card):
    lost = diagnosis.lost_points(card, "leaf", ["hai-phong"]).set_index("node")["lost"]
    assert dict(lost) == {"1.1": 1.0, "1.2": 1.5, "2.1": 1.0, "2.2": 1.0}
    areas = diagnosis.lost_points(card, "area")
    assert areas[areas["unit"] == "da-nang"].set_index("node")["lost"].to_dict() == {"1": 1.5, "2": 5.0}
    shares = diagnosis.lost_points(card, "leaf", ["da-nang"])["share"]
    assert shares.sum() == pytest.approx(1.0)


def test_pareto_orders_by_mean_loss(card):
    table = diagnosis.pareto(card)
    # mean losses: 1.1 (0+1+1.5+2)/4 = 1.125; 1.2 (0+1.5+0+1.5)/4 = 0.75; 2.1 (0+1+3+0)/4 = 1; 2.2 (0+1+2+0)/4 = 0.75
    assert list(table["node"]) == ["1.1", "2.1", "1.2", "2.2"]
    assert list(table["mean_lost"]) == [1.125, 1.0, 0.75, 0.75]
    assert list(table["n_losing"]) == [3, 2, 2, 2]
    assert table["cumulative"].iloc[-1] == pytest.approx(1.0)
    little = with_points(card, {("ha-noi", "1.1"): 1.9})  # a tenth of a point is a loss
    assert diagnosis.pareto(little).set_index("node").loc["1.1", "n_losing"] == 4


def test_shares_are_of_all_that_is_known_to_be_lost(card):
    lacking = card.points.copy()
    lacking[card.units.index("hai-phong"), card.leaves.index("1.2")] = np.nan  # 1.5 points lost there
    unknown = replace(card, points=lacking)
    # all lost (1.125 + 1 + 0.75 + 0.75) * 4 = 14.5; on 1.1 it was 4.5 of the 13 that are known without that leaf
    assert diagnosis.pareto(unknown).set_index("node").loc["1.1", "share"] == pytest.approx(4.5 / 13)
    # area 2 (7 points) has the same whole, though hai-phong is not known on area 1
    assert diagnosis.pareto(unknown, kind="area").set_index("node").loc["2", "share"] == pytest.approx(7 / 13)
    # a leaf that may not be shown keeps its points in the whole
    kept = np.zeros((len(card.units), len(card.nodes)))
    kept[card.units.index("hai-phong")] = [1.5 if node in ("", "1") else 0.0 for node in card.nodes]
    kept[card.units.index("hai-phong"), card.nodes.index("1.2")] = np.nan
    hidden = replace(unknown, withheld=kept)
    assert diagnosis.pareto(hidden).set_index("node").loc["1.1", "share"] == pytest.approx(4.5 / 14.5)


def test_a_mean_index_is_the_mean_of_the_units_indices_where_maxima_differ(scheme):
    rows = frame_of(ANSWERS)
    rows["not_applicable"] = (rows["unit"] == "hue") & (rows["code"] == "1.1")
    spared = score(scheme, rows, year=2023, units=list(ANSWERS))
    table = diagnosis.pareto(spared, kind="area").set_index("node")
    # area 1: 5/5, 2.5/5, 3.5/5 and, of the 3 points that are left to hue, 1.5/3: (100 + 50 + 70 + 50) / 4
    assert table.loc["1", "mean_index"] == pytest.approx(67.5)
    assert table.loc["1", "mean_lost"] == pytest.approx((0 + 2.5 + 1.5 + 1.5) / 4)
    leaves = diagnosis.pareto(spared).set_index("node")
    assert leaves.loc["1.1", "n"] == 3  # it does not apply to hue
    assert leaves.loc["1.1", "mean_lost"] == pytest.approx((0 + 1 + 1.5) / 3)


def test_a_units_losses_carry_the_councils_reason(card):
    decisions = pd.DataFrame({"unit": ["da-nang", "hue"], "code": ["2.1", "1.2"], "remark": ["6 vi phạm", "x"]})
    table = diagnosis.unit_losses(card, "da-nang", decisions)
    assert list(table["node"]) == ["2.1", "2.2", "1.1"]
    assert list(table["reason"]) == ["6 vi phạm", "", ""]


def test_items_by_hand(card):
    table = diagnosis.items(card).set_index("node")
    assert table.loc["1.1", "difficulty"] == pytest.approx((1 + 0.5 + 0.25 + 0) / 4)
    assert table.loc["1.2", "ceiling"] == 0.5
    assert table.loc["2.2", "zero"] == 0.25
    # 2.2: shares 1, .5, 0, 1 against the rest 8/8, 4.5/8, 3.5/8, 4.5/8
    expected = np.corrcoef([1, 0.5, 0, 1], [1, 4.5 / 8, 3.5 / 8, 4.5 / 8])[0, 1]
    assert table.loc["2.2", "discrimination"] == pytest.approx(expected)


def test_units_at_the_maximum_of_a_criterion_are_counted(card):
    units = pd.DataFrame({"unit": list(card.units), "ranked": True})
    results = Results("par", 2023, "province", card.index_table(), units, card.scheme.node_frame(), stage="final")
    parts = pd.concat(area.parts for area in by_area(results)).set_index("node")
    assert parts["n_full"].to_dict() == {"1.1": 1, "1.2": 2, "2.1": 2, "2.2": 2}
    stages = dict.fromkeys(("self", "appraisal", "final"), card)
    whole = diagnosis.overview(stages, pd.DataFrame({"unit": ["hue"], "code": ["1.1"]}), ["ha-noi", "hue"])
    assert set(zip(whole.gap["unit"], whole.gap["node"], strict=True)) == {
        (unit, node) for unit in ("ha-noi", "hue") for node in ("", "1", "2")
    }  # of the ranked units, and of areas alone
    nodes = diagnosis.overview(stages, pd.DataFrame({"unit": ["hue"], "code": ["1.1"]}), list(ANSWERS)).nodes
    assert nodes.set_index("node")["n_full"].to_dict() == {"1": 1, "2": 2, "1.1": 1, "1.2": 2, "2.1": 2, "2.2": 2}
    assert parts["best"].to_dict() == {"1.1": 2.0, "1.2": 3.0, "2.1": 3.0, "2.2": 2.0}


def test_claims_and_appeals_by_hand(scheme, card):
    claims = {**ANSWERS, "hai-phong": ("100", "good", "2", "1"), "hue": ("10", "none", "0", "2")}
    claimed = score(scheme, frame_of(claims), year=2023, stage="self", units=list(ANSWERS))
    over = diagnosis.over_claiming(claimed, card).set_index("unit")
    # hai-phong claims 2+3+2+1 = 8 and is granted 5.5: 2.5 over, 31.25 %
    assert over.loc["hai-phong", ["claimed", "granted", "over", "n_over"]].tolist() == [8.0, 5.5, 2.5, 2]
    assert over.loc["hai-phong", "over_claiming"] == 31.25
    assert over.loc["hue", ["over", "under", "n_under"]].tolist() == [0.0, 1.5, 1]
    nothing = score(scheme, frame_of(dict.fromkeys(ANSWERS, ("0", "none", "9", "0"))), year=2023, stage="self")
    of_nothing = diagnosis.over_claiming(nothing, card).set_index("unit")
    assert (of_nothing["claimed"] == 0).all() and of_nothing["over_claiming"].isna().all()
    gap = diagnosis.self_gap(claimed, card)
    assert gap.loc[(gap["unit"] == "hai-phong") & (gap["node"] == "1"), "gap"].item() == 2.5
    before = {**ANSWERS, "hai-phong": ("60", "fair", "2", "1")}
    appraised = score(scheme, frame_of(before), year=2023, stage="appraisal", units=list(ANSWERS))
    explained = pd.DataFrame({"unit": ["hai-phong"] * 2, "code": ["1.1", "1.2"]})
    outcome = diagnosis.appeals(claimed, appraised, card, explained)
    assert list(outcome["outcome"]) == ["partly", "refused"]
    assert list(outcome["regained"]) == [0.5, 0.0]


# --- ladders -----------------------------------------------------------------------------------------------------


def test_the_ladder_is_what_a_person_would_find(card):
    # da-nang has 3.5 of 10; rank 3 needs 5.5 (hai-phong): 2 points. One criterion: 2.2 with two initiatives (+2), or
    # 2.1 with 2 violations or fewer (+2). Costs: 2.2 at 2 points: one of three others short: (1+1)/(3+2) = 0.4;
    # 2.1 at 2 points: none short: 1/5 = 0.2. Cheapest: 2.1.
    ways = ladders.ladder(card, frame_of(ANSWERS), "da-nang", 3)
    assert [(offer.code, offer.answer) for offer in ways[0].offers] == [("2.1", "2")]
    assert ways[0].cost == pytest.approx(0.2)
    assert ways[0].rank == 3
    assert ways[0].index == 55.0
    assert all(way.rank <= 3 for way in ways)


def test_no_way_asks_for_all_criteria_of_a_cheaper_one(card):
    for unit, rank in (("da-nang", 3), ("da-nang", 2), ("hai-phong", 2), ("hue", 1)):
        sets = [
            {offer.code for offer in way.offers} for way in ladders.ladder(card, frame_of(ANSWERS), unit, rank, ways=9)
        ]
        assert not [(one, other) for n, other in enumerate(sets) for one in sets[:n] if one <= other]


def test_who_stands_there_already_needs_nothing(card):
    (way,) = ladders.ladder(card, frame_of(ANSWERS), "hue", 2)
    assert way.offers == ()
    assert way.rank == 2


def test_rivals_that_move_ask_for_more(card):
    still = ladders.ladder(card, frame_of(ANSWERS), "da-nang", 3)
    moving = ladders.ladder(card, frame_of(ANSWERS), "da-nang", 3, competitors={"hai-phong": 5.0})
    assert moving[0].gain > still[0].gain
    assert moving[0].index >= 60.0


def test_out_of_reach_is_said_by_an_empty_ladder(card):
    assert ladders.ladder(card, frame_of(ANSWERS), "da-nang", 1, most=2) == ()


def test_a_rank_or_unit_that_is_not_there_is_refused(card):
    for unit, rank in (("da-nang", 0), ("da-nang", 5), ("can-tho", 1)):
        with pytest.raises(ParameterError):
            ladders.ladder(card, frame_of(ANSWERS), unit, rank)


offer_lists = st.lists(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 9)), min_size=1, max_size=3), min_size=1, max_size=5
)


@settings(max_examples=150)
@given(offer_lists, st.integers(1, 24), st.integers(1, 4))
def test_no_cheaper_set_of_the_same_size_exists(lists, needed, most):
    offers = {
        str(i): tuple(Offer(str(i), str(j), 0.0, gain / 4, float(cost)) for j, (gain, cost) in enumerate(steps))
        for i, steps in enumerate(lists)
    }
    result = ladders.best_by_size(offers, needed / 4, most)
    for size in range(1, most + 1):
        costs = [
            sum(offer.cost for offer in chosen)
            for codes in itertools.combinations(offers, size)
            for chosen in itertools.product(*(offers[code] for code in codes))
            if sum(offer.gain for offer in chosen) >= needed / 4 - 1e-12
        ]
        assert (size in result) == bool(costs)
        if costs:
            assert result[size][0] == pytest.approx(min(costs))
            assert len({offer.code for offer in result[size][1]}) == size


@settings(max_examples=40)
@given(st.data())
def test_a_promised_rank_is_the_rank_of_re_scoring(scheme, data):
    cells = st.tuples(
        st.sampled_from(["0", "60", "80", "100"]), st.sampled_from(["good", "fair", "none"]),
        st.sampled_from(["0", "1", "3", "6"]), st.sampled_from(["0", "1", "2"]),
    )  # fmt: skip
    answers = {unit: data.draw(cells) for unit in ANSWERS}
    own = score(scheme, frame_of(answers), year=2023, units=list(ANSWERS))
    target = data.draw(st.integers(1, 4))
    for way in ladders.ladder(own, frame_of(answers), "hue", target):
        changes = {("hue", offer.code): offer.answer for offer in way.offers}
        table = ladders.what_if(own, changes).set_index("unit")
        assert int(table.loc["hue", "new_rank"]) == way.rank <= target
        assert table.loc["hue", "new_index"] == pytest.approx(way.index)


def test_what_if_names_every_wrong_change(card):
    with pytest.raises(ParameterError) as error:
        ladders.what_if(card, {("hue", "1.1"): "abc", ("hue", "1.2"): "best", ("nowhere", "1.1"): "5"})
    assert len(error.value.problems) == 3
    table = ladders.what_if(card, {("hue", "1.2"): "Tốt"})
    assert table.set_index("unit").loc["hue", "new_index"] == 80.0
    assert list(table["new_rank"]) == list(competition_ranks(table["new_index"]).astype(int))


def test_points_lost_divide_in_three_ways_that_add_up(card):
    # losses: 1.1: 0, 1, 1.5, 2; 1.2: 0, 1.5, 0, 1.5; 2.1: 0, 1, 3, 0; 2.2: 0, 1, 2, 0 -> 14.5 in all
    frame = diagnosis.loss_divisions(card)
    rows = {(row.division, row.key): row for row in frame.itertuples(index=False)}
    assert rows["area", "1"].mean_lost == pytest.approx(7.5 / 4)
    assert rows["area", "2"].share == pytest.approx(7 / 14.5)
    assert rows["ground", "documents"].mean_lost == pytest.approx(3 / 4)  # the choice of 1.2
    assert rows["ground", "results"].lost_share == pytest.approx(11.5 / 28)  # of (2 + 3 + 2) points x 4 units
    for _, some in frame.groupby("division"):
        assert some["share"].sum() == pytest.approx(1)
        assert some["n_leaves"].sum() == 4
    grid = diagnosis.loss_grid(card)
    assert grid.loc["1", "documents"] == pytest.approx(3 / 4)
    assert grid.sum().sum() == pytest.approx(14.5 / 4)


def test_losses_of_a_unit_that_is_not_known_divide_nothing(card):
    holed = with_points(card, {("hue", "1.1"): np.nan})
    assert diagnosis.loss_divisions(holed).empty
    assert diagnosis.loss_grid(holed).empty
    assert len(diagnosis.loss_divisions(holed, ["ha-noi"]))


def test_means_of_claims_are_those_of_the_units_known_at_both_stages(card):
    granted = with_points(card, {("ha-noi", "1.2"): 1.5, ("hue", "2.1"): np.nan})
    means = diagnosis.gap_means(diagnosis.self_gap(card, granted)).set_index("node")
    # area 1: claimed 5, 2.5, 3.5, 1.5; granted 3.5, 2.5, 3.5, 1.5; area 2 of Huế is not known
    assert means.loc["1", ["n", "claimed", "granted", "gap", "n_over"]].tolist() == [4, 3.125, 2.75, 0.375, 1]
    assert means.loc["2", ["n", "gap", "n_over"]].tolist() == [3, 0, 0]
    assert means.loc["", "n"] == 3
    assert diagnosis.gap_means(pd.DataFrame()).empty


def test_points_claimed_where_a_criterion_was_found_not_to_apply_are_told(card):
    """They are in the difference of the areas, and not among the points that were not granted: each reads as wrong."""
    applies = card.applicable.copy()
    applies[card.units.index("hue"), card.leaves.index("1.2")] = False
    stages = {"self": card, "appraisal": card, "final": replace(card, applicable=applies)}
    explained = pd.DataFrame({"unit": [], "code": []})
    assert diagnosis.overview(stages, explained, list(ANSWERS)).struck
    assert not diagnosis.overview(stages, explained, ["ha-noi"]).struck
    assert not diagnosis.overview(dict.fromkeys(stages, stages["final"]), explained, list(ANSWERS)).struck


@pytest.mark.parametrize(("points", "remark"), [((2, 1, 0, 0.5), ""), ((2, 1, 0, 0), "weak")])
def test_a_criterion_is_weak_where_it_surely_tells_little(card, points, remark):
    # 1.2 and 2.1 are alike for all, so 1.1 (0, 1, 1.5, 2) goes with 2.2 alone: r = -1.9375 / 2.1875 = -0.886, of four
    # at most tanh(-1.402 + 1.96) = 0.51; and r = -2.375 / root of (2.1875 x 2.75) = -0.968, at most -0.10: under 0.2
    first = {(unit, "1.1"): value for unit, value in zip(ANSWERS, (0, 1, 1.5, 2), strict=True)}
    other = {(unit, "2.2"): value for unit, value in zip(ANSWERS, points, strict=True)}
    alike = {(unit, code): 3 for unit in ANSWERS for code in ("1.2", "2.1")}
    assert diagnosis.items(with_points(card, first | other | alike)).set_index("node").loc["1.1", "remark"] == remark


def test_few_units_do_not_make_a_criterion_weak():
    # z = atanh(r) + 1.96 / root of (n - 3): 0.1 of 17 units may be 0.554, -0.4 at most 0.100, 0 of 400 at most 0.098.
    # Of four, -0.95 may be tanh(-1.832 + 1.96).
    upper = upper_end(pd.Series([0.1, -0.4, 0.0, 0.1, np.nan, -0.95]), pd.Series([17, 17, 400, 3, 17, 4]))
    np.testing.assert_allclose(upper, [0.554, 0.100, 0.098, 1.0, np.nan, 0.128], atol=5e-4)
