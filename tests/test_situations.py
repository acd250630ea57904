"""Situations that an official can write: answers in; points, maxima, indices, ranks out (tests/situations/*.yaml)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from parlib.errors import DataError
from parlib.scoring.scheme import load_scheme
from parlib.scoring.scorecard import Scorecard, competition_ranks, score

FOLDER = Path(__file__).parent / "situations"
SITUATIONS = [
    pytest.param(situation, id=f"{path.stem}: {situation['name']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for situation in yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
]


def _frame(held: dict[str, dict[str, Any]], *columns: str) -> pd.DataFrame:
    rows = [(unit, name, value) for unit, named in held.items() for name, value in named.items()]
    return pd.DataFrame(rows, columns=list(columns))


def _answers(situation: dict[str, Any]) -> pd.DataFrame:
    """The rows of a ledger: what the unit answered, what does not apply, what the council decided."""
    rows = _frame(situation.get("answers", {}), "unit", "code", "answer")
    gone = [(unit, code) for unit, codes in situation.get("not_applicable", {}).items() for code in codes]
    rows = pd.concat([rows, pd.DataFrame(gone, columns=["unit", "code"]).assign(answer="")], ignore_index=True)
    rows["not_applicable"] = [(row.unit, row.code) in gone for row in rows.itertuples()]
    decided = situation.get("decided", {})
    rows["points"] = [decided.get(row.unit, {}).get(row.code, "") for row in rows.itertuples()]
    return rows


def _scored(situation: dict[str, Any]) -> Scorecard:
    scheme = load_scheme(str(FOLDER / "schemes" / f"{situation.get('scheme', 'nine-kinds')}.yaml"))
    survey = _frame(situation.get("survey", {}), "unit", "item", "share").astype({"share": float})
    external = _frame(situation.get("external", {}), "unit", "index", "value").astype({"value": float})
    measured = [*situation.get("survey", ()), *situation.get("external", ())]
    answers = _answers(situation)
    units = None if len(answers) else list(dict.fromkeys(measured))
    return score(
        scheme, answers, year=2023, survey=survey, external=external, units=units, policy=situation.get("policy")
    )


def _number(text: str) -> float:
    return np.nan if text == "null" else float(text)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_a_situation_gives(situation: dict[str, Any]) -> None:
    if "refused" in situation:
        with pytest.raises(DataError) as refused:
            _scored(situation)
        assert situation["refused"] in refused.value.text("vi")
        return
    card = _scored(situation)
    points, maxima = card.node_points()
    results = {"points": points, "maxima": maxima, "index": card.node_index()}
    expected = {
        (what, unit, node): _number(value)
        for what in results
        for unit, named in situation.get(what, {}).items()
        for node, value in named.items()
    }
    got = {key: results[key[0]][card.units.index(key[1]), card.nodes.index(key[2])] for key in expected}
    assert got == pytest.approx(expected, abs=1e-9, nan_ok=True), situation["why"]
    if "ranks" in situation:
        ranks = competition_ranks(card.node_index()[:, card.nodes.index(situation["node"])])
        listed = {unit: _number(rank) for unit, rank in situation["ranks"].items()}
        assert dict(zip(card.units, ranks, strict=True)) == pytest.approx(listed, nan_ok=True), situation["why"]
    assert expected or "ranks" in situation


def test_there_are_enough_situations_of_every_kind() -> None:
    assert len(SITUATIONS) >= 60
