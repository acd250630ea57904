"""What a report tells of the criteria of a round: code book and measured values, against the ledger."""

import csv

import numpy as np
import pandas as pd
import pytest

from parlib import places
from parlib.scoring.scheme import load_scheme
from parlib.sources import rounds
from parlib.sources.rounds.reporting import citizens, code_book, measured_values
from parlib.sources.simulation import simulate
from parlib.sources.survey import open_survey


@pytest.fixture(scope="module")
def opened(shared_rounds):
    with places.rounds_at(shared_rounds):
        yield rounds.open_round("2023-ministry")


def test_measured_values_are_the_last_answers_and_the_values_of_other_indices(opened):
    table = measured_values(opened).set_index(["unit", "code"])
    assert sorted(set(table.index.get_level_values("code"))) == ["2.8", "3.4.3"]  # a target, and another index
    with (opened.path / "external.csv").open(encoding="utf-8-sig") as file:
        other = {row["unit"]: float(row["value"]) for row in csv.DictReader(file)}
    for unit, value in other.items():
        assert table.loc[(unit, "3.4.3"), "value"] == value
        assert np.isnan(table.loc[(unit, "3.4.3"), "target"])
    with (opened.path / "answers.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["code"] == "2.8" and "/" in row["answer"]]
    for unit, answer in {row["unit"]: row["answer"] for row in rows}.items():
        value, target = answer.split("/")
        assert table.loc[(unit, "2.8"), ["value", "target"]].tolist() == [float(value), float(target)]
    assert set(table["full_from"]) == {100.0}


@pytest.mark.parametrize(("language", "word"), [("vi", "điểm"), ("en", "points")])
def test_the_code_book_has_every_node_and_rules_in_the_language(language, word):
    scheme = load_scheme("876-province")
    book = code_book(scheme, language)
    assert book["code"].tolist() == [node.code for node in scheme.nodes]
    leaves = book[book["rule"] != ""]
    assert len(leaves) == len(scheme.leaves)
    assert leaves["rule"].str.contains(word).mean() > 0.95
    assert (book.loc[book["code"] == "1.7.1", "item"] == "Q1_7_1").all()
    assert book["maximum"].notna().all()
    assert set(book.loc[book["rule"] == "", "component"]) == {""}


@pytest.mark.long
def test_the_satisfaction_of_a_unit_is_the_mean_of_its_five_questions(tmp_path):
    with places.rounds_at(tmp_path):
        simulate(2023, "province", seed=3)
        opened = rounds.open_round("2023-province")
        result = citizens(opened, open_survey(opened.survey_path)).set_index("unit")
        answers = pd.read_parquet(opened.survey_path)
    own = answers[(answers["unit"] == "hue") & answers["item"].astype("str").str.startswith("SIPAS_")]
    own = own[own["answer"].between(1, 5)]
    satisfied = own["weight"] * (own["answer"] >= 4)  # sipas.yaml: answers 4 and 5
    shares = satisfied.groupby(own["item"], observed=True).sum() / own.groupby("item", observed=True)["weight"].sum()
    assert len(shares) == 5
    row = result.loc["hue"]
    assert row["share"] == pytest.approx(100 * shares.mean(), abs=1e-6)
    assert row["n"] == own.groupby("item", observed=True).size().max()
    external = opened.external
    scored = external[(external["unit"] == "hue") & (external["index"] == "sipas")]["value"].iloc[-1]
    assert row["value"] == scored
    # Away from 0 and 100 the interval is centred on the share.
    assert row["lower"] < row["share"] < row["upper"]
    assert (result["lower"] < result["share"]).all()
    assert len(result) == 63
