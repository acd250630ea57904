"""A round scored: points derived by hand at, under and over each threshold, from the cell of a file to the index."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlib.errors import DataError
from parlib.scoring.results import INDEX_COLUMNS
from parlib.scoring.scheme import load_scheme
from parlib.sources import rounds
from parlib.sources.rounds.scores import index_table, new_scale
from parlib.sources.survey import node_points, open_survey, questions, tabulate

# code, what the unit types, points. The rules are those of 876-province:
CHAIN = [
    # choice: timely 0.5, late 0.25, none 0
    ("1.1.1", "Ban hành kịp thời", 0.5),
    ("1.1.1", "Ban hành không kịp thời", 0.25),
    ("1.1.1", "Không ban hành", 0.0),
    # steps: from 100: 1; from 85: 0.75; from 70: 0.5; below 0
    ("1.1.2", "100", 1.0),
    ("1.1.2", "99,99", 0.75),
    ("1.1.2", "85", 0.75),
    ("1.1.2", "84,99", 0.5),
    ("1.1.2", "70%", 0.5),
    ("1.1.2", "69,99", 0.0),
    # proportional: 1 x result / 100, nothing below 70
    ("1.3.2", "100", 1.0),
    ("1.3.2", "99,9", 0.999),
    ("1.3.2", "70", 0.7),
    ("1.3.2", "69,9", 0.0),
    # tally: 0.5 each, at most 1.5
    ("1.5", "0", 0.0),
    ("1.5", "2", 1.0),
    ("1.5", "3", 1.5),
    ("1.5", "4", 1.5),
    # deduction: 1 less 0.25 each
    ("1.6.2", "0", 1.0),
    ("1.6.2", "3", 0.25),
    ("1.6.2", "4", 0.0),
    ("1.6.2", "9", 0.0),
    # target: from 1.0: 1.5; from 0.9: 1; from 0.75: 0.5; below 0. 6.5 x 0.9 = 5.85; 6.5 x 0.75 = 4.875
    ("8.2.4", "6,5/6,5", 1.5),
    ("8.2.4", "6,49/6,5", 1.0),
    ("8.2.4", "5,85/6,5", 1.0),
    ("8.2.4", "5,84/6,5", 0.5),
    ("8.2.4", "4,8750/6,5", 0.5),
    ("8.2.4", "4,87/6,5", 0.0),
    ("8.2.4", "-1,2/6,5", 0.0),
]


def test_points_from_the_cell_of_a_file_to_the_index(small_plan, tmp_path):
    units = list(rounds.RoundPlan(id="a", year=2023, level="province", scheme="876-province").unit_frame()["unit"])
    plan = small_plan.model_copy(update={"units": tuple(units)})
    rounds.create_round(plan, by="thử")
    lines = [f"{unit};{code};{text}" for unit, (code, text, _) in zip(units, CHAIN, strict=False)]
    path = tmp_path / "tham dinh.csv"
    path.write_text("Đơn vị;Mã;Kết quả\n" + "\n".join(lines), encoding="utf-8-sig")
    rounds.append_incoming(plan.id, rounds.read_answers(path, stage="appraisal"), by="Hội đồng")
    opened = rounds.open_round(plan.id)
    table = rounds.results(opened).table.set_index(["unit", "node"])
    for unit, (code, text, points) in zip(units, CHAIN, strict=False):
        row = table.loc[(unit, code)]
        assert row["points"] == pytest.approx(points, abs=1e-12), (code, text)
        assert row["index"] == pytest.approx(100 * points / row["maximum"], abs=1e-9), (code, text)
        assert np.isnan(table.loc[(unit, ""), "points"])  # the rest is not known: neither is the whole
    assert (opened.ledger["earned"].to_numpy() == [points for _, _, points in CHAIN]).all()


@pytest.fixture
def filled(small, say):
    """The small round with an answer of ha-noi and values of SIPAS."""
    say("1.1.1", "timely", stage="appraisal", by="Hội đồng", evidence="QĐ 1", remark="=HYPERLINK(1)")
    values = pd.DataFrame({"unit": ["ha-noi", "Hà Giang"], "index": "sipas", "value": ["84.5", "90"]})
    rounds.append_external(small, values, by="Viện")
    return small


@pytest.fixture
def surveyed(filled):
    """The filled round with a survey on 1.7.1: six forms in three groups."""
    sentences = [("hdnd", 5), ("hdnd", 5), ("so_nganh", 4), ("so_nganh", 2), ("huyen", 3), ("huyen", 3)]
    answers = [(f"p{n}", "ha-noi", group, "Q1_7_1", answer, 1.0) for n, (group, answer) in enumerate(sentences)]
    columns = ["respondent", "unit", "group", "item", "answer", "weight"]
    pd.DataFrame(answers, columns=columns).to_parquet(rounds.round_folder(filled) / "survey.parquet")
    return filled


def test_survey_and_other_indices_are_scored(surveyed):
    opened = rounds.open_round(surveyed)
    table = rounds.results(opened).table.set_index(["unit", "node"])
    # shares by scale 5: 1, 4: 0.8, 3: 0.5, 2: 0.2; groups hdnd 1, so_nganh (0.8 + 0.2) / 2 = 0.5, huyen 0.5 count the
    # same: 2 / 3 of the one point of 1.7.1
    assert table.loc[("ha-noi", "1.7.1"), "points"] == pytest.approx(2 / 3)
    assert table.loc[("ha-noi", "8.1"), "points"] == pytest.approx(8.45)
    assert table.loc[("ha-giang", "8.1"), "points"] == pytest.approx(9.0)
    # standard error: so_nganh has variance s^2 / n = 0.18 / 2 = 0.09 of its mean; the others, of equal answers, that
    # of one answer one step lower: (0.2 / 2)^2 = 0.01 and (0.3 / 2)^2 = 0.0225; the mean of three groups has a ninth of
    # their sum 0.1225, its root 0.35 / 3 of the point
    assert table.loc[("ha-noi", "1.7.1"), "standard_error"] == pytest.approx(35 / 3)
    assert table.loc[("ha-noi", "1.1.1"), "standard_error"] == 0.0
    assert np.isnan(table.loc[("ha-noi", "8.1"), "standard_error"])  # SIPAS was given without its error: not known
    origins = rounds.trace_table(opened).set_index(["unit", "code"])["origin"]
    assert origins[("ha-noi", "1.7.1")] == "survey"
    assert origins[("ha-noi", "8.1")] == "external"
    assert origins[("ha-noi", "1.1.1")] == "rule"
    assert origins[("cao-bang", "8.1")] == ""


@pytest.fixture
def asked(filled):
    """The filled round with a survey on all surveyed criteria, and of citizens: all answers of one person alike."""
    scheme = rounds.open_round(filled).scheme
    draw = np.random.default_rng(4)
    rows = []
    for person in range(30):
        for unit in ("ha-noi", "ha-giang", "cao-bang"):
            for question in questions(scheme):
                group = question.groups[person % len(question.groups)]
                answer = 5 if draw.random() < 0.5 else 3
                rows.append((f"p{person}-{unit}-{group}", unit, group, question.item, answer, 1.0))
            satisfied = draw.random() < 0.8
            rows += [
                (f"c{person}-{unit}", unit, "nguoi_dan", f"SIPAS_{n}", 5 if satisfied else 2, 1.0) for n in range(1, 6)
            ]
    columns = ["respondent", "unit", "group", "item", "answer", "weight"]
    pd.DataFrame(rows, columns=columns).to_parquet(rounds.round_folder(filled) / "survey.parquet")
    return filled


def node_error(table, node, unit="ha-noi"):
    return table.set_index(["unit", "node"]).loc[(unit, node), "standard_error"]


@pytest.mark.long
def test_a_criterion_that_does_not_apply_leaves_the_joint_error_of_the_others(asked):
    opened = rounds.open_round(asked)
    card = rounds.scorecard(opened)
    surveyed = [leaf.code for leaf in opened.scheme.leaves if leaf.rule.kind == "survey"]
    applies = card.applicable.copy()
    applies[card.units.index("ha-noi"), card.leaves.index(surveyed[0])] = False
    without = replace(card, applicable=applies)
    answers = open_survey(opened.survey_path)
    listed = questions(opened.scheme)
    exempt = pd.DataFrame({"unit": ["ha-noi"], "code": [surveyed[0]]})
    joint = node_points(tabulate(answers, listed, units=list(card.units)), listed, exempt)
    joint = joint.set_index(["unit", "node"])["standard_error"]
    maxima = dict(zip(card.nodes, without.node_points()[1][card.units.index("ha-noi")], strict=True))
    result = index_table(opened, without)
    for node in ("1", "2", "component:survey"):
        if node in maxima and ("ha-noi", node) in joint:
            assert node_error(result, node) == pytest.approx(100 * joint["ha-noi", node] / maxima[node], rel=1e-9)
    satisfaction = card.standard_error[card.units.index("ha-noi"), card.leaves.index("8.1")]
    whole = 100 * np.hypot(joint["ha-noi", ""], satisfaction) / maxima[""]
    assert node_error(result, "") == pytest.approx(whole, rel=1e-9)
    assert node_error(result, "", "ha-giang") == pytest.approx(node_error(index_table(opened, card), "", "ha-giang"))


def test_points_that_were_written_down_leave_the_joint_error_of_the_others(asked, say):
    opened = rounds.open_round(asked)
    surveyed = [leaf.code for leaf in opened.scheme.leaves if leaf.rule.kind == "survey"]
    before = rounds.results(opened).table
    say(surveyed[0], "", points=0.5, stage="appraisal", by="Hội đồng", remark="Thanh tra", unit="ha-noi")
    opened = rounds.open_round(asked)
    after = rounds.results(opened).table
    listed = questions(opened.scheme)
    exempt = pd.DataFrame({"unit": ["ha-noi"], "code": [surveyed[0]]})
    joint = node_points(tabulate(open_survey(opened.survey_path), listed, units=["ha-noi"]), listed, exempt)
    card = rounds.scorecard(opened)
    satisfaction = card.standard_error[card.units.index("ha-noi"), card.leaves.index("8.1")]
    whole = np.hypot(joint.query("node == ''")["standard_error"].iloc[0], satisfaction)
    assert node_error(after, "") == pytest.approx(whole, rel=1e-9)
    assert node_error(after, "", "cao-bang") == pytest.approx(node_error(before, "", "cao-bang"), nan_ok=True)


def test_the_error_of_satisfaction_is_that_of_the_rounds_own_citizens(asked):
    opened = rounds.open_round(asked)
    result = rounds.results(opened)
    # every citizen answers all five questions alike: p of n = 30 satisfied, error sqrt(p (1 - p) / 29), in percent
    answers = pd.read_parquet(opened.survey_path).query("unit == 'ha-noi' and item == 'SIPAS_1'")["answer"]
    p = (answers >= 4).mean()
    own = 100 * np.sqrt(p * (1 - p) / 29)
    card = rounds.scorecard(opened)
    assert card.standard_error[0, card.leaves.index("8.1")] == pytest.approx(own / 10, rel=1e-9)  # 10 points of 100
    assert node_error(result.table, "8.1") == pytest.approx(own, rel=1e-9)
    maximum = card.node_points()[1][0, card.nodes.index("8")]
    assert node_error(result.table, "8") == pytest.approx(100 * own / 10 / maximum, rel=1e-9)
    assert result.errors_without == ()


def test_satisfaction_without_an_error_is_said(surveyed):
    result = rounds.results(rounds.open_round(surveyed))  # no citizens were asked, external.csv gives no error
    assert result.errors_without == ("sipas",)


def test_an_error_that_is_given_counts_before_the_rounds_own(asked):
    values = pd.DataFrame({"unit": ["ha-noi"], "index": "sipas", "value": 84.5, "standard_error": 2.0})
    rounds.append_external(asked, values, by="Viện")
    card = rounds.scorecard(rounds.open_round(asked))
    assert card.standard_error[0, card.leaves.index("8.1")] == pytest.approx(0.2)


def test_a_correction_of_another_index_is_a_later_row(filled):
    rounds.append_external(filled, pd.DataFrame({"unit": ["ha-noi"], "index": ["sipas"], "value": [85]}), by="Viện")
    assert (
        rounds.append_external(filled, pd.DataFrame({"unit": ["ha-noi"], "index": "sipas", "value": 85.0})).added == 0
    )
    opened = rounds.open_round(filled)
    assert opened.external["value"].tolist() == [84.5, 90.0, 85.0]
    card = rounds.scorecard(opened)
    assert card.points[0, card.leaves.index("8.1")] == pytest.approx(8.5)
    with pytest.raises(Exception, match="given twice for the same time"):
        rounds.append_external(
            filled, pd.DataFrame({"unit": ["ha-noi"] * 2, "index": "sipas", "value": [80, 81]}), by="Viện"
        )
    with pytest.raises(Exception, match="must be from 0 to 100"):
        rounds.append_external(filled, pd.DataFrame({"unit": ["ha-noi"], "index": "sipas", "value": 850}), by="Viện")


def test_the_error_of_another_index_is_kept_with_its_value(filled, tmp_path):
    sentence = tmp_path / "sipas.csv"
    sentence.write_text(
        "Đơn vị;Chỉ số;Giá trị;Sai số chuẩn\nHà Nội;sipas;84,5;1,2\nCao Bằng;sipas;80;\n", encoding="utf-8"
    )
    assert rounds.append_external(filled, rounds.read_external_csv(sentence), by="Viện").added == 2  # the error is news
    assert rounds.append_external(filled, rounds.read_external_csv(sentence), by="Viện").added == 0
    opened = rounds.open_round(filled)
    assert opened.external["standard_error"].fillna(-1).tolist() == [-1, -1, 1.2, -1]
    card = rounds.scorecard(opened)
    # 10 points x 1.2 / 100; nothing is known of the others: unknown, never exact
    assert card.standard_error[0, card.leaves.index("8.1")] == pytest.approx(0.12)
    cao_bang = card.units.index("cao-bang")
    assert np.isnan(card.standard_error[cao_bang, card.leaves.index("8.1")])
    wrong = pd.DataFrame({"unit": ["ha-noi"], "index": "sipas", "value": 84.5, "standard_error": -1})
    with pytest.raises(Exception, match="never negative"):
        rounds.append_external(filled, wrong, by="Viện")


def test_a_table_of_other_indices_without_errors_stays_whole_when_they_are_added(filled):
    path = rounds.round_folder(filled) / "external.csv"
    path.write_text("unit,value,index,source,by,at\nha-noi,84.5,sipas,,Viện,\n", encoding="utf-8")  # an older table
    sentence = pd.DataFrame({"unit": ["cao-bang"], "index": "sipas", "value": 90, "standard_error": 0.8})
    assert rounds.append_external(filled, sentence, by="Viện").added == 1
    external = rounds.open_round(filled).external
    assert external[["unit", "value"]].to_numpy().tolist() == [["ha-noi", 84.5], ["cao-bang", 90.0]]
    assert np.isnan(external["standard_error"][0]) and external["standard_error"][1] == 0.8


def test_scores_as_files(filled, tmp_path):
    opened = rounds.open_round(filled)
    paths = {path.name: path for path in rounds.write_scores(opened, tmp_path / "out")}
    table = pd.read_parquet(paths["index_table.parquet"])
    assert list(table.columns) == [*INDEX_COLUMNS, "marks"]
    assert set(table["stage"]) == {"self", "appraisal", "final"}
    assert set(table["marks"]) == {"illustrative_scheme"}
    same = pd.read_csv(paths["index_table.csv"], keep_default_na=False, na_values={"points": "", "index": ""})
    assert len(same) == len(table) == 3 * 3 * (1 + len(opened.scheme.nodes) + 4)
    assert paths["index_table.csv"].read_bytes().startswith(b"\xef\xbb\xbf")  # so that Excel reads the letters
    trace = pd.read_csv(paths["trace.csv"], dtype=str, keep_default_na=False)
    assert trace.loc[0, "Lý do, ghi chú"] == "'=HYPERLINK(1)"  # text that Excel would run
    book = pd.read_csv(paths["code_book.csv"])
    columns = {*table.columns, *pd.read_parquet(paths["trace.parquet"]).columns}
    assert columns <= set(book["column"]), "every column is in the code book"


def test_nothing_in_the_workbook_is_a_formula(filled, tmp_path):
    import openpyxl

    rounds.write_scores(rounds.open_round(filled), tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "scores.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds and "e" not in kinds
    sheet = book["Nguồn của điểm"]
    heads = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, heads.index("Lý do, ghi chú") + 1).value == "=HYPERLINK(1)"
    assert sheet.freeze_panes == "E2"
    summary = book["Tổng hợp"]
    assert any("bộ tiêu chí minh họa" in str(cell.value) for row in summary.iter_rows(max_row=6) for cell in row)


def test_people_read_codes_of_the_decision_and_names_of_components(filled, tmp_path):
    paths = {path.name: path for path in rounds.write_scores(rounds.open_round(filled), tmp_path / "out")}
    sheet = pd.read_excel(paths["scores.xlsx"], sheet_name="Bảng chỉ số", dtype=str, keep_default_na=False)
    data = pd.read_csv(paths["index_table.csv"], dtype=str, keep_default_na=False)
    parts = data["node"].str.startswith("component:")
    assert parts.sum() == 3 * 3 * 4  # units, stages, components
    assert (sheet.loc[parts, "Mã"] == "").all() and (sheet.loc[~parts, "Mã"] == data.loc[~parts, "node"]).all()
    assert "Chỉ số hài lòng về sự phục vụ hành chính (SIPAS)" in set(sheet.loc[parts, "Lĩnh vực, tiêu chí, thành phần"])


def test_half_of_a_number_goes_no_further_than_its_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("unit,index,value,source\nha-giang,sipas,82,5\n", encoding="utf-8")
    with pytest.raises(DataError, match="82"):
        rounds.read_external_csv(path)


CELLS = st.text(st.sampled_from('ab Đ,"\n;'), max_size=4).filter(lambda text: text.strip() == text)


@given(
    st.lists(
        st.tuples(CELLS | st.none(), st.none() | st.floats(allow_infinity=False).map(abs), st.booleans()), max_size=9
    )
)
def test_csv_is_that_of_pandas(rows):
    frame = pd.DataFrame(rows, columns=["a,b", "x", "yes"]).astype({"a,b": "str", "x": "float64"})
    frame["mixed"] = pd.Series([1, True, *frame["x"]][: len(frame)], dtype="object")
    for part in (frame, frame[["a,b"]]):
        assert rounds.csv_text(part) == part.to_csv(index=False, lineterminator="\n")


def test_the_same_round_gives_the_same_files(filled, tmp_path):
    opened = rounds.open_round(filled)
    one, two = (rounds.write_scores(opened, tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert not list(tmp_path.glob(".one-*"))


def test_a_full_round_loads_and_scores(full):
    opened = rounds.open_round(full)
    cards = rounds.scorecards(opened)
    assert len(opened.ledger) == 3 * 63 * 71
    assert set(cards) == {"self", "appraisal", "final"}
    known = np.isfinite(cards["final"].points)
    surveys = [leaf.rule.kind == "survey" for leaf in opened.scheme.leaves]
    assert known[:, ~np.array(surveys)].all() and not known[:, surveys].any()


def test_real_published_points_go_through_a_round_with_given_rules():
    """PAPI 2018, ha-noi: points are given as published; the index of a dimension is their sum."""
    scheme = load_scheme("papi-2018")
    plan = rounds.RoundPlan(id="2018-papi", year=2018, level="province", scheme="papi-2018", units=("ha-noi",))
    rounds.create_round(plan, by="thử")
    given = {"1.1": 0.9534, "1.2": 1.5067, "1.3": 1.4302, "1.4": 0.9}
    stated = pd.DataFrame({"unit": "ha-noi", "code": list(given), "stage": "appraisal", "answer": list(given.values())})
    rounds.append(plan.id, stated, source="papi.csv", by="thử")
    results = rounds.results("2018-papi")
    assert results.index_name == "papi"
    assert results.values("1", "points")["ha-noi"] == pytest.approx(sum(given.values()), abs=1e-9)
    assert scheme.node("1").maximum == 10


def test_scores_are_not_replaced_by_scores_without_their_survey(surveyed, tmp_path):
    """Complete scores were replaced at exit 0 when survey.parquet had gone."""
    out = tmp_path / "out"
    paths = rounds.write_scores(rounds.open_round(surveyed), out)
    kept = [path.read_bytes() for path in paths]
    (rounds.round_folder(surveyed) / "survey.parquet").unlink()
    with pytest.raises(DataError, match="points from the survey, the new ones have no survey") as caught:
        rounds.write_scores(rounds.open_round(surveyed), out)
    assert "chỉ thay khi có --force" in caught.value.text("vi")
    assert [path.read_bytes() for path in paths] == kept
    rounds.write_scores(rounds.open_round(surveyed), out, fewer=True)
    assert (pd.read_parquet(out / "trace.parquet")["origin"] != "survey").all()


@pytest.mark.long
def test_the_survey_of_a_round_may_be_a_folder_of_parts(surveyed, tmp_path):
    """As Spark writes it: parts with names of their own, _SUCCESS, hidden checksums; not one that is not finished."""
    whole = rounds.results(surveyed)
    path = rounds.round_folder(surveyed) / "survey.parquet"
    frame = pd.read_parquet(path)
    path.unlink()
    path.mkdir()
    for number in range(3):
        name = f"part-{number:05}-2f1c.c000.snappy.parquet"
        frame.iloc[number::3].to_parquet(path / name, index=False)
        (path / f".{name}.crc").write_bytes(b"crc\0\0\0\x02\0")
    (path / "_SUCCESS").touch()
    pd.testing.assert_frame_equal(rounds.results(surveyed).table, whole.table, rtol=0, atol=1e-12)

    parts = path.rename(tmp_path / "parts")
    unfinished = parts / "_temporary" / "0"
    unfinished.mkdir(parents=True)
    frame.to_parquet(unfinished / "part-00003.parquet", index=False)
    with pytest.raises(DataError, match="write all parts side by side"):
        rounds.store_survey(surveyed, [parts])
    shutil.rmtree(parts / "_temporary")
    assert rounds.store_survey(surveyed, [parts]).rows == len(frame)
    pd.testing.assert_frame_equal(rounds.results(surveyed).table, whole.table, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("decision", "first", "year", "begins"),
    [
        ("1/QĐ-BNV", 2023, 2023, True),  # 2022 had that of 876/QĐ-BNV, and no row of breaks.csv is of 2023
        ("876/QĐ-BNV", 2023, 2023, False),  # a file of its own for the same decision
        ("1/QĐ-BNV", 2022, 2023, False),  # its second year
        ("876/QĐ-BNV", 2022, 2022, True),  # breaks.csv has a row
    ],
)
def test_another_scale_begins_with_another_decision(decision, first, year, begins):
    scheme = load_scheme("876-ministry").model_copy(update={"decision": decision, "years": (first, first + 1)})
    assert new_scale(year, scheme) is begins
