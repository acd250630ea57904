"""A simulated round meets what is published, is allowed by every rule, and comes out the same from the same seed."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest

from parlib import data_tables, places
from parlib.analysis.mobility import criteria_change
from parlib.errors import ParameterError
from parlib.scoring.scheme import load_scheme
from parlib.sources import published, rounds
from parlib.sources.questions import Question
from parlib.sources.simulation import practice_round, simulate
from parlib.sources.simulation.answers import Group, answers_of_unit, levels, points_of, reach
from parlib.sources.simulation.recipe import targets

LEVELS = ("ministry", "province")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rounds")


@pytest.fixture(scope="module", params=["ministry", pytest.param("province", marks=pytest.mark.long)])
def simulated(request, folder):
    """A simulated round and its results: of the ministries the one that all tests share."""
    shared = request.param == "ministry"
    with places.rounds_at(request.getfixturevalue("shared_rounds") if shared else folder):
        round_id = "2023-ministry" if shared else simulate(2023, request.param, seed=1).round_id
        yield rounds.open_round(round_id), rounds.results(round_id)


def test_published_indices_are_met_to_the_last_printed_place(simulated):
    _, results = simulated
    known = published.results("par", 2023, results.level).values().dropna()
    assert len(known) == {"ministry": 17, "province": 20}[results.level]
    assert (results.values().reindex(known.index).round(2) - known).abs().max() == 0


def test_printed_ranks_hold(simulated):
    _, results = simulated
    printed = published.results("par", 2023, results.level).ranks.dropna(subset=["rank"])
    ranked = results.values().loc[results.ranked_units]
    rank = ranked.rank(ascending=False, method="min").astype(int)
    assert (rank.reindex(printed["unit"]).to_numpy() == printed["rank"].to_numpy(int)).all()


@pytest.mark.long
def test_printed_mean_and_range_are_met(folder):
    # 2024, provinces: mean 88.37 and maximum 96.17 are printed; 8 of 63 indices are known
    with places.rounds_at(folder):
        made = simulate(2024, "province", seed=3, round_id="other")
        values = rounds.results(made.round_id).values()
    assert round(values.mean(), 2) == 88.37
    assert round(values.max(), 2) == 96.17
    assert values.notna().all()


def test_the_published_parts_of_ministries_are_met(simulated):
    round_, results = simulated
    if results.level == "province":
        pytest.skip("the parts of 2023 are published for ministries")
    exempt = set(round_.ledger.loc[round_.ledger["not_applicable"], "unit"])
    printed = published.results("par", 2023, "ministry").values("component:appraisal", "points").dropna()
    printed = printed[~printed.index.isin(exempt)]
    reached = results.values("component:appraisal", "points").reindex(printed.index)
    assert len(printed) == 17 - 3  # three ranked ministries have criteria that do not apply
    assert (reached - printed).abs().max() < 0.011


def test_everything_says_that_it_is_simulated(simulated):
    round_, results = simulated
    assert round_.plan.simulated
    assert "MÔ PHỎNG" in round_.plan.note
    assert {"simulated", "illustrative_scheme"} <= set(results.marks)
    words = round_.ledger["evidence"].astype(str)
    assert words[words != ""].str.contains("mô phỏng").all()
    assert (round_.external["source"] == "mô phỏng").all()


def test_the_round_is_complete(simulated):
    round_, results = simulated
    assert set(round_.ledger["stage"]) == {"self", "appraisal", "conclusion"}
    assert not len(rounds.undecided(round_))
    remarks = round_.ledger.loc[round_.ledger["stage"] == "appraisal", "remark"].astype(str)
    assert (remarks != "").any()
    assert len(round_.questions)
    survey = pd.read_parquet(round_.survey_path)
    forms = survey.drop_duplicates(["unit", "respondent"]).groupby("group", observed=True).size()
    officials = forms.drop("nguoi_dan", errors="ignore").sum()
    assert officials == pytest.approx(49_000, rel=0.02)
    if results.level == "province":
        assert forms["nguoi_dan"] == pytest.approx(40_000, rel=0.02)
    assert (survey.groupby(["unit", "group", "stratum"], observed=True)["cluster"].nunique() >= 2).all()
    assert len(round_.book.units) == {"ministry": 19, "province": 63}[results.level]


def test_self_assessments_lean_to_optimism(simulated):
    round_, _ = simulated
    cards = rounds.scorecards(round_)
    claimed, granted = cards["self"].node_points()[0][:, 0], cards["final"].node_points()[0][:, 0]
    own = [place for place, leaf in enumerate(cards["final"].scheme.leaves) if leaf.rule.answered]
    claimed = np.nansum(cards["self"].points[:, own], axis=1)
    granted = np.nansum(cards["final"].points[:, own], axis=1)
    assert (claimed >= granted - 1e-9).all()
    assert (claimed - granted).mean() > 0.5


def test_ministries_have_criteria_that_do_not_apply(simulated):
    _, results = simulated
    if results.level == "province":
        pytest.skip("ministries only")
    assert results.table.loc[results.table["node"] == "", "maximum"].lt(100).sum() == 5


@pytest.mark.long
def test_the_same_seed_gives_the_same_bytes_and_a_round_is_not_replaced_unasked(tmp_path, shared_rounds):
    folder = shutil.copytree(shared_rounds / "2023-ministry", tmp_path / "2023-ministry")
    answers = folder / "answers.csv"
    other = b"".join(answers.read_bytes().splitlines(keepends=True)[:-1])
    answers.write_bytes(other)
    with places.rounds_at(tmp_path):
        with pytest.raises(ParameterError, match="--force"):
            simulate(2023, "ministry", seed=4)
        assert answers.read_bytes() == other
        made = simulate(2023, "ministry", seed=4, force=True)
        assert (made.n_known, made.n_units) == (17, 19)
    contents = []
    for folder in (shared_rounds / made.round_id, made.folder):
        files = sorted(path for path in folder.iterdir() if path.name != ".lock")
        contents.append({path.name: path.read_bytes() for path in files})
    assert set(contents[0]) == {
        "answers.csv", "external.csv", "imports.csv", "questions.csv", "round.yaml", "survey.parquet",
    }  # fmt: skip
    assert contents[0] == contents[1]


@pytest.mark.long
def test_another_seed_gives_another_round(tmp_path, shared_rounds):
    with places.rounds_at(tmp_path):
        made = simulate(2023, "ministry", seed=5)
    assert (made.folder / "answers.csv").read_bytes() != (shared_rounds / made.round_id / "answers.csv").read_bytes()


def test_a_real_round_is_never_replaced(tmp_path, shared_rounds):
    folder = shutil.copytree(shared_rounds / "2023-ministry", tmp_path / "2023-ministry")
    plan = folder / "round.yaml"
    text = plan.read_text(encoding="utf-8").replace("simulated: true", "simulated: false")
    text = text.replace("seed: 4\n", "").replace("for_real: false", "for_real: true")
    plan.write_text(text, encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with places.rounds_at(tmp_path), pytest.raises(ParameterError, match="not simulated"):
        simulate(2023, "ministry", seed=2, force=True)
    with places.rounds_at(tmp_path), pytest.raises(ParameterError, match="not simulated"):
        practice_round()  # nobody practises on a real one
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name in before} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2023-ministry"]  # no drafts left behind


@pytest.mark.long
def test_the_round_for_practice_is_made_once(tmp_path, shared_rounds):
    with places.rounds_at(tmp_path):
        answers = tmp_path / practice_round() / "answers.csv"
        made = answers.stat().st_mtime_ns
        assert practice_round() == "2023-ministry"
    assert answers.stat().st_mtime_ns == made
    assert answers.read_bytes() == (shared_rounds / "2023-ministry" / "answers.csv").read_bytes()


@pytest.mark.parametrize("arguments", [(2023, "district", 1), (1999, "province", 1), (2023, "province", -1)])
def test_wrong_parameters_write_nothing(tmp_path, arguments):
    with places.rounds_at(tmp_path), pytest.raises(ParameterError):
        simulate(*arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("share", [0.35, 0.6, 0.85, 0.97])
def test_answers_reach_the_points_wanted_by_the_rules_own_count(level, share):
    leaves = [leaf for leaf in load_scheme(f"876-{level}").leaves if leaf.rule.answered]
    wanted = share * sum(leaf.maximum for leaf in leaves)
    draft = reach(leaves, wanted, np.random.default_rng(5))
    counted = sum(points_of(leaf, value) for leaf, value in zip(leaves, draft.value, strict=True))
    assert counted == pytest.approx(wanted, abs=1e-3)


def test_levels_are_what_the_rule_gives():
    for leaf in load_scheme("876-province").leaves:
        if leaf.rule.answered:
            for level in levels(leaf):
                ends = {points_of(leaf, level.low), points_of(leaf, level.high)}
                assert level.points in ends or leaf.rule.kind == "proportional"


def test_respondents_answers_add_up_to_the_points_wanted():
    questions = [
        Question("Q1", {1: 0, 2: 0.2, 3: 0.5, 4: 0.8, 5: 1.0}, ("a", "b"), maximum=1.0),
        Question("Q2", {1: 0, 2: 0.5, 3: 1.0}, ("a",), maximum=2.0),
    ]
    groups = [Group("a", 80, (("s1", 1, 4), ("s2", 1, 4))), Group("b", 40, (("s", 1, 5),))]
    frame = answers_of_unit("u", questions, groups, 2.25, np.random.default_rng(3))
    sentence = frame.dropna(subset=["answer"])
    total = 0.0
    for question in questions:
        means = []
        for key in question.groups:
            rows = sentence[(sentence["item"] == question.item) & (sentence["group"] == key)]
            share = rows["answer"].astype(int).map(question.scale)
            means.append(np.average(share, weights=rows["weight"]))
        total += question.maximum * np.mean(means)
    assert total == pytest.approx(2.25, abs=2e-3)
    assert frame["answer"].isna().mean() < 0.05
    assert len(frame[["respondent", "cluster"]].drop_duplicates()) == frame["respondent"].nunique()


def test_targets_fall_along_the_places():
    units = pd.DataFrame({"unit": [f"u{i}" for i in range(20)], "ranked": True})
    goals = targets(None, units, np.random.default_rng(0))
    assert goals.index.is_unique
    assert goals.index.notna().all()
    assert len(set(goals.index.round(4))) == 20
    assert goals.known == frozenset()


def test_a_set_of_criteria_that_asks_nobody_is_simulated_too(own_data, tmp_path):
    path = own_data / "schemes" / "876-ministry.yaml"
    text, n = re.subn(
        r"component: survey\n( +rule: ).*",
        r"component: appraisal\n\1{kind: tally, input: số việc, per: 0.1}",
        path.read_text("utf-8"),
    )
    assert n
    text = re.sub(r"( appraisal: .*)max: 68.5(.*)\n  survey: .*\n", r"\1max: 100\2\n", text)
    text = text.replace("years: [2022, 2023]", "years: [2025]").replace("876/QĐ-BNV", "1/QĐ-BNV")
    text = text.replace("id: 876-ministry", "id: moi-ministry")
    path.with_stem("moi-ministry").write_text(text, "utf-8")
    data_tables.accept()
    with places.rounds_at(tmp_path):
        made = simulate(2025, "ministry", seed=1)
        assert (made.n_answers, made.n_respondents) == (0, 0)
        results, opened = rounds.results(made.round_id), rounds.open_round(made.round_id)
        assert any("schemes/breaks.csv" in what for what in rounds.to_do(opened)["what"])
    assert results.values().loc[results.ranked_units].between(0, 100).all()
    assert results.break_before  # the first year of its set, which schemes/breaks.csv does not name
    change = criteria_change(results)
    assert (change.since, change.decision) == (2025, "1/QĐ-BNV")


def test_a_path_is_no_id_of_a_round(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLIB_ROUNDS", str(tmp_path / "rounds"))
    with pytest.raises(ParameterError, match="small letters"):
        simulate(2023, "ministry", round_id=str(tmp_path / "elsewhere"), force=True)
    assert not list(tmp_path.iterdir())
