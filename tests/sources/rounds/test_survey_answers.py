"""The survey of a round: names of units are understood, and what the checks find is said at every door."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from parlib import cli, places
from parlib.scoring.rules import Survey
from parlib.sources import rounds
from parlib.sources.rounds import reporting, surveyed
from parlib.sources.survey import questions


def answers_of(plan: rounds.RoundPlan, unit: str = "ha-noi") -> pd.DataFrame:
    """Ten answers of each group to each item, no two forms alike."""
    rng = np.random.default_rng(5)
    rows = [
        (f"{group}{n}", unit, group, question.item, int(rng.integers(1, max(question.scale) + 1)))
        for question in questions(plan.load_scheme())
        for group in question.groups
        for n in range(10)
    ]
    return pd.DataFrame(rows, columns=["respondent", "unit", "group", "item", "answer"])


@pytest.fixture
def put(small_plan):
    """Make the round with these answers, in a file of that name."""
    rounds.create_round(small_plan, by="test")

    def write(frame: pd.DataFrame, name: str = "survey.parquet") -> rounds.Round:
        path = rounds.round_folder(small_plan.id) / name
        if path.suffix == ".csv":
            frame.to_csv(path, index=False)
        else:
            frame.to_parquet(path, index=False)
        return rounds.open_round(small_plan.id)

    return write


def surveyed_points(opened: rounds.Round) -> pd.Series:
    codes = [leaf.code for leaf in opened.scheme.leaves if isinstance(leaf.rule, Survey)]
    return rounds.results(opened).table.query("unit == 'ha-noi'").set_index("node")["points"][codes]


def said(opened: rounds.Round, language: str = "vi") -> str:
    return "\n".join(problem.text(language) for problem in rounds.survey_problems(opened))


@pytest.mark.long
@pytest.mark.parametrize("name", ["Hà Nội", "HA-NOI", "TP Hà Nội", "ha noi"])
def test_units_of_a_survey_may_be_written_by_name(small_plan, put, name):
    expected = surveyed_points(put(answers_of(small_plan)))
    assert expected.notna().all()
    opened = put(answers_of(small_plan).assign(unit=name))
    pd.testing.assert_series_equal(surveyed_points(opened), expected)
    assert "Đơn vị không có trong danh sách" not in said(opened)
    assert len(reporting.facts(small_plan.id).shares)


@pytest.mark.long
def test_rows_that_count_nowhere_are_said(small_plan, put):
    frame = answers_of(small_plan)
    item = frame["item"].iloc[0]
    opened = put(frame.assign(unit="Gotham", item=frame["item"].replace(item, "q_1")))
    vi = said(opened)
    assert "Đơn vị không có trong danh sách: 1 trường hợp" in vi
    assert "Gotham" in vi
    assert "không có câu trả lời nào được tính cho đơn vị này" in vi
    assert "không có câu trả lời nào được tính cho câu hỏi này" in vi
    assert "no answer counts for this unit" in said(opened, "en")


@pytest.mark.long
def test_an_export_pasted_four_times_is_said_by_score_status_and_report(small_plan, put):
    frame = answers_of(small_plan)
    opened = put(pd.concat([frame] * 4))
    assert f"Một phiếu trả lời một câu nhiều lần: {len(frame)} trường hợp" in said(opened)
    for command in (["score", small_plan.id], ["round", "status", small_plan.id]):
        result = CliRunner().invoke(cli.app, command)
        assert f"Một phiếu trả lời một câu nhiều lần: {len(frame)} trường hợp" in result.output, command
    for language, words in {"vi": "một phiếu trả lời một câu nhiều lần", "en": "item answered twice"}.items():
        assert any(words in note for note in reporting.facts(small_plan.id, language).assumptions)


@pytest.mark.long
def test_columns_and_files_that_nobody_reads_are_named(small_plan, put):
    put(answers_of(small_plan), "survey.csv")
    opened = put(answers_of(small_plan).assign(phone="0912345678"))
    vi = said(opened)
    assert "survey.csv" in vi
    assert "phone" in vi
    assert "0912345678" not in vi


@pytest.mark.long
def test_columns_that_nobody_reads_are_named_and_not_kept(small_plan, put):
    frame = answers_of(small_plan)
    opened = put(frame.assign(phone="0912345678", Họ_tên="Nguyễn Văn A"))
    result = CliRunner().invoke(cli.app, ["score", small_plan.id])
    assert result.exit_code == 0, result.output
    assert "cột phone" in result.output
    assert "cột Họ_tên" in result.output
    kept = opened.survey_path.read_bytes()
    assert b"0912345678" not in kept
    assert b"phone" not in kept
    assert "Nguyễn".encode() not in kept
    pd.testing.assert_frame_equal(pd.read_parquet(opened.survey_path), frame, check_dtype=False)
    assert "phone" not in CliRunner().invoke(cli.app, ["score", small_plan.id]).output


def test_a_survey_is_taken_in_from_csv_with_its_columns_alone(small_plan, put, tmp_path):
    opened = put(answers_of(small_plan))
    expected = surveyed_points(opened)
    opened.survey_path.unlink()
    source = tmp_path / "khao sat.csv"
    answers_of(small_plan).assign(phone="0912345678").to_csv(source, sep=";", index=False)
    result = CliRunner().invoke(cli.app, ["round", "survey", small_plan.id, str(source), "--by", "Nguyễn An"])
    assert result.exit_code == 0, result.output
    assert "cột phone" in result.output
    (taken,) = pd.read_csv(opened.path / "taken.csv", keep_default_na=False).to_dict("records")
    assert (taken["by"], taken["file"], taken["answers"]) == ("Nguyễn An", source.name, len(answers_of(small_plan)))
    assert f"{len(answers_of(small_plan))} câu trả lời" in result.output
    assert b"0912345678" not in opened.survey_path.read_bytes()
    pd.testing.assert_series_equal(surveyed_points(rounds.open_round(small_plan.id)), expected)


@pytest.mark.long
def test_a_survey_in_a_workbook_is_told_how_to_come_in(small_plan, put, tmp_path):
    opened = put(answers_of(small_plan))
    before = opened.survey_path.read_bytes()
    (opened.path / "survey.xlsx").write_bytes(b"PK")
    assert "CSV UTF-8" in said(opened)
    result = CliRunner().invoke(cli.app, ["round", "survey", small_plan.id, str(opened.path / "survey.xlsx")])
    assert result.exit_code == 1
    assert "parlib round survey" in str(result.exception)
    assert opened.survey_path.read_bytes() == before


def test_a_sound_survey_says_nothing_of_the_unit(small_plan, put):
    opened = put(pd.concat([answers_of(small_plan, str(unit)) for unit in small_plan.unit_frame()["unit"]]))
    assert [problem.vi for problem in rounds.survey_problems(opened) if "giống nhau" not in problem.vi] == []


@pytest.mark.long
def test_a_unit_whose_survey_is_too_thin_is_named_in_the_report(small_plan, put):
    frame = answers_of(small_plan)
    put(frame)
    assert not [note for note in reporting.facts(small_plan.id).assumptions if "quá ít câu trả lời nên" in note]
    put(frame[~frame["respondent"].str.fullmatch(r".*\D[1-9]")])
    notes = [note for note in reporting.facts(small_plan.id).assumptions if "quá ít câu trả lời nên" in note]
    assert any("Hà Nội" in note for note in notes)
    assert not any(mark.isdigit() for note in notes for mark in note)


def test_what_scoring_would_refuse_is_refused_before_it_is_stored(small_plan, put, tmp_path):
    opened = put(answers_of(small_plan))
    before = opened.survey_path.read_bytes()
    source = tmp_path / "a.csv"
    frame = answers_of(small_plan)
    frame.assign(cluster=["1", "01"] * (len(frame) // 2)).to_csv(source, index=False)
    result = CliRunner().invoke(cli.app, ["round", "survey", small_plan.id, str(source)])
    assert "viết theo hai cách" in result.exception.text("vi")
    assert opened.survey_path.read_bytes() == before


@pytest.mark.long
def test_what_the_checks_found_is_kept_until_the_answers_change(small_plan, put, tmp_path, monkeypatch):
    monkeypatch.setenv("PARLIB_DATA", str(places.data()))
    monkeypatch.setenv("PARLIB_HOME", str(tmp_path))
    frame = answers_of(small_plan)
    opened = put(frame.assign(unit="Gotham"))
    first = said(opened)
    kept = list(places.cache().glob("checks-*.json"))
    assert len(kept) == 1
    kept[0].write_text(kept[0].read_text(encoding="utf-8").replace("Gotham", "Metropolis"), encoding="utf-8")
    surveyed._checked.cache_clear()  # as in the next process
    assert said(opened) == first.replace("Gotham", "Metropolis")  # read, not looked for again
    kept[0].write_text("[]", encoding="utf-8")
    surveyed._checked.cache_clear()
    assert said(opened) == first  # damaged: looked for again
    assert "Gotham" not in said(put(frame))  # other answers
