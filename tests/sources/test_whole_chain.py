"""From simulated answers through Excel forms into a ledger and to the index: as scoring the ledger directly."""

import shutil

import numpy as np
import pandas as pd
import pytest

from parlib import places
from parlib.sources import rounds, workbooks
from parlib.sources.simulation import simulate

SOME = {"ministry": 1, "province": 3}  # of the units, in official order with those not ranked: forms take their time


def smaller(source, target, units):
    """A copy of a round with some of its units."""
    plan = source.plan.model_copy(
        update={"units": units, "unranked": tuple(u for u in source.plan.unranked if u in units)}
    )
    with places.rounds_at(target):
        folder = rounds.create_round(plan)
        shutil.copy(source.path / "survey.parquet", folder)
        external = source.external[source.external["unit"].isin(units)]
        rounds.append_external(plan.id, external[["unit", "index", "value", "source"]])
        return rounds.open_round(plan.id)


@pytest.mark.long
@pytest.mark.parametrize("level", ["ministry", "province"])
def test_forms_filled_in_and_returned_give_the_same_index_table(tmp_path, level):
    with places.rounds_at(tmp_path / "simulated"):
        made = simulate(2023, level, seed=11)
        whole = rounds.open_round(made.round_id)
    apart = set(whole.plan.unranked)
    units = tuple(dict.fromkeys([*list(whole.book.units)[: SOME[level]], *(u for u in whole.book.units if u in apart)]))
    original = smaller(whole, tmp_path / "original", units)
    answers = whole.ledger[whole.ledger["unit"].isin(units)]
    columns = ["unit", "code", "stage", "answer", "points", "not_applicable", "evidence", "remark", "by", "at"]
    with places.rounds_at(tmp_path / "original"):
        for stage in ("self", "appraisal", "conclusion"):
            rounds.append(original.plan.id, answers.loc[answers["stage"] == stage, columns], source=stage)
        original = rounds.open_round(original.plan.id)
        direct = rounds.results(original)

    smaller(whole, tmp_path / "returned", units)
    for stage in ("self", "appraisal", "conclusion"):
        folder = tmp_path / stage
        folder.mkdir()
        with places.rounds_at(tmp_path / "original"):
            forms = workbooks.write_forms(original, folder, stage=stage)
        assert len(forms) == len(units)
        with places.rounds_at(tmp_path / "returned"):
            for form in forms:
                rows = workbooks.read_form(form, rounds.open_round(original.plan.id), by="hoi-dong-tham-dinh")
                if len(rows):
                    rounds.append(original.plan.id, rows, source=form.name)
    with places.rounds_at(tmp_path / "returned"):
        returned = rounds.open_round(original.plan.id)
        through_forms = rounds.results(returned)
    keys = ["unit", "node"]
    expected = direct.table.set_index(keys)[["points", "maximum", "index", "standard_error"]]
    result = through_forms.table.set_index(keys)[["points", "maximum", "index", "standard_error"]].reindex(
        expected.index
    )
    pd.testing.assert_frame_equal(result, expected, check_exact=False, rtol=0, atol=1e-9)
    assert np.isfinite(expected.loc[(list(units), ""), "index"]).all()
