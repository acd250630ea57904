"""Opening survey files: the same numbers from every form of the same answers, and every fault named at once."""

import subprocess
import sys
import unicodedata

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parlib.errors import DataError, ParameterError
from parlib.sources.survey import Engine, Question, open_survey, reading, tabulate
from parlib.sources.survey.reading import fetch

ASKED = [Question("Câu_1", {5: 1.0, 4: 0.8, 3: 0.5, 2: 0.2, 1: 0.0}, ("cán_bộ",))]
FRAME = pd.DataFrame(
    {
        "respondent": ["p1", "p2", "p3", "p4"],
        "unit": "hà-nội",
        "group": "cán_bộ",
        "item": "Câu_1",
        "answer": [5, 3, 4, None],
        "stratum": ["Đông", "Đông", "Tây", "Tây"],
        "cluster": ["Ba Vì", "Hoà An", "Mỹ Đức", "Mê Linh"],
        "weight": [0.5, 1.25, 2.0, 1.0],
        "date": pd.to_datetime(["2023-11-02", "2023-11-03", "2023-11-03", "2023-11-04"]),
        "duration": [300, 410, 275, 600],
    }
)


@pytest.fixture(scope="module")
def expected():
    table = tabulate(open_survey(FRAME), ASKED)
    # (.5 + 1.25 x .5 + 2 x .8) / 3.75
    assert table.groups["share"].iloc[0] == pytest.approx(2.725 / 3.75, abs=1e-12)
    return table


def same(survey, expected):
    result = tabulate(survey, ASKED)
    pd.testing.assert_frame_equal(result.groups, expected.groups)
    pd.testing.assert_frame_equal(result.accounted, expected.accounted)


@pytest.mark.long
def test_parquet_of_several_types(tmp_path, expected):
    FRAME.astype({"unit": "category", "group": "category", "item": "category", "cluster": "category"}).to_parquet(
        tmp_path / "a.parquet"
    )
    same(open_survey(tmp_path / "a.parquet"), expected)
    FRAME.assign(respondent=[1, 2, 3, 4], stratum=[1, 1, 2, 2], cluster=[7, 8, 9, 10]).to_parquet(
        tmp_path / "b.parquet"
    )
    same(open_survey(str(tmp_path / "b.parquet")), expected)


@pytest.mark.long
def test_files_in_parts(tmp_path, expected):
    (tmp_path / "parts").mkdir()
    FRAME.iloc[:3].to_parquet(tmp_path / "parts" / "1.parquet")
    FRAME.iloc[3:].to_parquet(tmp_path / "parts" / "2.parquet")
    same(open_survey(tmp_path / "parts"), expected)
    # one part as CSV, the other as Parquet, with columns in another order
    FRAME.iloc[:3].to_csv(tmp_path / "1.csv", index=False)
    FRAME.iloc[3:, ::-1].to_parquet(tmp_path / "2.parquet")
    same(open_survey([tmp_path / "1.csv", tmp_path / "2.parquet"]), expected)


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("separator", "encoding"),
    [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), (";", "utf-16"), (",", "utf-8-sig")],
)
def test_csv_as_officials_save_it(tmp_path, expected, separator, encoding):
    path = tmp_path / "khảo sát.csv"
    decimal = "," if separator == ";" else "."
    text = FRAME.to_csv(index=False, sep=separator, decimal=decimal)
    text = unicodedata.normalize("NFD", text).replace("2023-11-02", "02/11/2023").replace("p1", "\u200bp1 ")
    path.write_text(text + "\n" + separator * 9 + "\n", encoding=encoding)
    same(open_survey(path), expected)


def test_csv_with_heads_of_their_own(tmp_path, expected):
    path = tmp_path / "a.csv"
    FRAME.rename(columns={"respondent": "Mã phiếu", "answer": "Trả lời", "unit": " UNIT"}).to_csv(path, index=False)
    same(open_survey(path, columns={"Mã phiếu": "respondent", "Trả lời": "answer"}), expected)


def test_quoted_decimal_comma(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        'respondent,unit,group,item,answer,weight\n1,u,cán_bộ,Câu_1,5,"0,75"\n2,u,cán_bộ,Câu_1,1,"0,25"\n',
        encoding="utf-8",
    )
    assert tabulate(open_survey(path), ASKED).groups["share"].iloc[0] == 0.75


@pytest.mark.long
def test_parquet_out_of_nfc_is_composed(expected, tmp_path):
    # one file composed, one not (as two computers may write them): the clusters and strata are the same
    loose = FRAME.copy()
    for name in ("unit", "group", "item", "stratum", "cluster"):
        loose[name] = loose[name].map(lambda text: unicodedata.normalize("NFD", text))
    same(open_survey(pd.concat([FRAME.iloc[:2], loose.iloc[2:]])), expected)
    same(open_survey(loose), expected)


def test_respondents_that_bear_the_number_of_a_cluster():
    # respondents 0..3 in clusters 0, 0, 1, 1: respondent 0 in cluster 0 is chance, not a cluster of one
    frame = FRAME.assign(respondent=range(4), cluster=[0, 0, 1, 1], stratum="x", answer=[5, 3, 4, 1])
    assert tabulate(open_survey(frame), ASKED).groups["clusters"].iloc[0] == 2


def test_numbered_clusters_with_gaps(tmp_path):
    # respondents 3 and 4 have no cluster: they are clusters of their own, not one of the name NaN
    frame = FRAME.assign(respondent=range(4), cluster=[7, 7, None, None], stratum=[1, 1, 1, 1], answer=[5, 3, 4, 1])
    for gaps in (frame, frame.assign(cluster=frame["cluster"].astype("float32"), stratum=1.0)):
        assert tabulate(open_survey(gaps), ASKED).groups["clusters"].iloc[0] == 3
    table = pa.Table.from_pandas(frame).set_column(6, "cluster", pa.array([7.0, 7.0, float("nan"), float("nan")]))
    pq.write_table(table, tmp_path / "nan.parquet")
    assert tabulate(open_survey(tmp_path / "nan.parquet"), ASKED).groups["clusters"].iloc[0] == 3


def test_not_a_number_is_nothing(tmp_path):
    # written as NaN, which the statistics of a Parquet file leave out: an engine that trusts them sees numbers only
    nan = float("nan")
    table = pa.Table.from_pandas(FRAME.assign(answer=[5.0, 3.0, 4.0, 4.0]))
    for name, values in {"weight": [0.5, nan, 2.0, 1.0], "answer": [5.0, 3.0, 4.0, nan]}.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    pq.write_table(table, tmp_path / "nan.parquet")
    row = tabulate(open_survey(tmp_path / "nan.parquet"), ASKED).groups.iloc[0]
    assert (row["n"], row["n_no_weight"], row["n_no_answer"]) == (2, 1, 1)
    assert row["share"] == pytest.approx((0.5 * 1 + 2 * 0.8) / 2.5)


def test_a_frame_of_mixed_types():
    with pytest.raises(DataError, match="mixes several types"):
        open_survey(FRAME.assign(answer=[5, "tốt", 4, 3]))


def test_everything_wrong_with_a_csv_at_once(tmp_path):
    path = tmp_path / "sai.csv"
    path.write_text(
        "respondent;unit;group;item;answer;weight;date\n"
        "1;u;g;Q;5;1,5;2023-11-02\n"
        "2;;g;Q;tốt;1;31/02/2023\n"
        "3;u;g;Q;4;1.5;02.11.2023\n"
        "4;u;g;;5 điểm;một;\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as failure:
        open_survey(path)
    results = {(problem.row, problem.column, problem.value) for problem in failure.value.problems}
    assert results == {
        (3, "unit", None),
        (5, "item", None),
        (3, "answer", "tốt"),
        (5, "answer", "5 điểm"),
        (5, "weight", "một"),
        (3, "date", "31/02/2023"),
        (4, "date", "02.11.2023"),
        (None, "weight", None),  # decimal comma in row 2, dot in row 4
    }
    text = failure.value.text("vi")
    assert "tệp sai.csv, dòng 3, cột answer, giá trị 'tốt': không phải là số" in text
    assert "dấu phẩy (dòng 2: 1,5) và dấu chấm (dòng 4: 1.5)" in text


def test_many_faults_are_counted_not_listed(tmp_path):
    path = tmp_path / "a.csv"
    FRAME.loc[[0] * 100].assign(answer="x").to_csv(path, index=False)
    with pytest.raises(DataError) as failure:
        open_survey(path)
    assert len(failure.value.problems) == 21
    assert "80 more rows like this" in failure.value.text("en")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "respondent,unit,group,item,answer\n1,u,g,Q,5\n2,u,g,Q,5,9\n",
            "row 3, value '2,u,g,Q,5,9': the row has not as many cells",
        ),
        (
            "respondent,unit,group,item,answer\n1,u,g,Q,5\n2,u,g\n",
            "row 3, value '2,u,g': the row has not as many cells",
        ),
        ("respondent,unit,group\n1,u,g\n", 'the column "item" (key of the item) is missing'),
        ("respondent,unit,group,item,answer,unit\n1,u,g,Q,5,u\n", "column unit: the column is given twice"),
        ("", "is missing"),
        ('respondent,unit,group,item,answer\n1,u,g,Q,5\n"2,u,g,Q,5\n3,u,g,Q,5\n', "row 3"),
        # a blank row and a ragged one do not shift the numbers of the rows after them
        ("respondent,unit,group,item,answer\n\n1,u\n1,u,g,Q,x\n2\n,u,g,Q,5\n", "row 6, column respondent: a required"),
        ("respondent,unit,group,item,answer\n\n1,u\n1,u,g,Q,x\n2\n,u,g,Q,5\n", "row 4, column answer, value 'x'"),
    ],
)
def test_broken_csv(tmp_path, text, words):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as failure:
        open_survey(path)
    assert words in failure.value.text("en")


def test_csv_of_another_encoding(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("respondent,unit,group,item,answer\n1,Đà Nẵng,g,Q,5\n".encode("cp1258", errors="replace"))
    with pytest.raises(DataError, match="not UTF-8"):
        open_survey(path)


def test_a_head_without_answers(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("respondent,unit,group,item,answer\n", encoding="utf-8")
    table = tabulate(open_survey(path), ASKED, units=["hà-nội"])
    assert table.groups["n"].tolist() == [0]
    assert table.groups["share"].isna().all()


def test_parquet_faults_of_all_files_at_once(tmp_path):
    FRAME.drop(columns=["group", "item"]).to_parquet(tmp_path / "columns.parquet")
    FRAME.assign(answer="5", weight="1", unit=1.5, date="x").to_parquet(tmp_path / "types.parquet")
    whole = tmp_path / "whole.parquet"
    FRAME.to_parquet(whole)
    (tmp_path / "cut.parquet").write_bytes(whole.read_bytes()[:-20])
    (tmp_path / "book.xlsx").write_bytes(b"PK")
    names = ["columns.parquet", "types.parquet", "whole.parquet", "cut.parquet"]
    with pytest.raises(DataError) as failure:
        open_survey([tmp_path / name for name in names])
    results = [(problem.file, problem.column) for problem in failure.value.problems]
    assert results == [
        ("columns.parquet", "group"),
        ("columns.parquet", "item"),
        *[("types.parquet", name) for name in ("unit", "answer", "weight", "date")],
        ("cut.parquet", ""),
    ]
    with pytest.raises(DataError) as failure:
        open_survey([tmp_path / "nowhere.parquet", tmp_path / "book.xlsx"])
    assert len(failure.value.problems) == 2
    with pytest.raises(DataError, match="no survey file"):
        open_survey([])


def test_files_that_disagree_on_weights(tmp_path):
    FRAME.to_parquet(tmp_path / "a.parquet")
    FRAME.drop(columns="weight").to_parquet(tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"file b\.parquet, column weight"):
        open_survey([tmp_path / "a.parquet", tmp_path / "b.parquet"])


def test_columns_left_out_are_said(expected):
    bare = FRAME[["respondent", "unit", "group", "item", "answer"]]
    notes = " ".join(note.text("vi") for note in tabulate(open_survey(bare), ASKED).assumptions)
    assert "trọng số bằng nhau" in notes
    assert "không phân tầng" in notes
    assert "một cụm riêng" in notes
    assert expected.assumptions[0].text("en").startswith("Each respondent group is a sample of its own")


def test_engines_have_limits(tmp_path):
    survey = open_survey(FRAME, Engine(memory="500MB", threads=1, temporary=str(tmp_path)))
    settings = survey.connection.con.execute(
        "select current_setting('threads'), current_setting('memory_limit'), current_setting('temp_directory')"
    ).fetchone()
    assert settings == (1, "476.8 MiB", str(tmp_path))
    with pytest.raises(ParameterError, match="no such engine"):
        open_survey(FRAME, "postgres")


def test_what_a_csv_was_turned_into_goes_with_its_survey(tmp_path):
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    survey = open_survey(tmp_path / "a.csv", Engine(temporary=str(scratch)))
    assert list(scratch.glob("parlib-survey-*"))
    del survey
    assert not list(scratch.glob("parlib-survey-*"))


def test_a_cluster_is_one_whatever_type_a_file_keeps_it_in(tmp_path):
    rows = pd.DataFrame(
        {"respondent": [f"r{n}" for n in range(8)], "unit": "u", "group": "g", "item": "i", "answer": [1, 2, 3, 4] * 2}
    )
    rows["cluster"] = [1, 1, 2, 2, 1, 1, 2, 2]
    rows.iloc[:4].to_parquet(tmp_path / "a.parquet", index=False)
    rows.iloc[4:].astype({"cluster": "float64"}).to_csv(tmp_path / "b.csv", index=False)
    survey = open_survey([tmp_path / "a.parquet", tmp_path / "b.csv"])
    assert set(fetch(survey.counts)["cluster"]) == {"1", "2"}


@pytest.mark.parametrize("keys", [[1.0, 2.0, 3.0, 4.0], ["1.0", "2.0", "3.0", "4.0"]], ids=["decimals", "texts"])
def test_a_respondent_is_one_whatever_type_a_file_keeps_it_in(tmp_path, keys):
    """Four people answer two items alike, each item in a file of its own: they are four respondents, not eight."""
    one = pd.DataFrame({"respondent": [1, 2, 3, 4], "unit": "u", "group": "g", "item": "i", "answer": [1, 2, 3, 4]})
    one.to_parquet(tmp_path / "a.parquet", index=False)
    one.assign(item="j", respondent=keys).to_parquet(tmp_path / "b.parquet", index=False)
    survey = open_survey([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    assert sorted(set(fetch(survey.rows)["respondent"])) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("column", ["respondent", "cluster", "stratum"])
def test_a_key_with_zeros_before_it_is_not_guessed(tmp_path, column):
    frame = FRAME.assign(respondent=["7", "2", "3", "4"], cluster="9", stratum="1")
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    frame.assign(**{column: "007" if column == "respondent" else "0" + frame[column]}).to_csv(
        tmp_path / "b.csv", index=False
    )
    survey = open_survey([tmp_path / "a.parquet", tmp_path / "b.csv"])
    with pytest.raises(DataError, match="written in two ways") as failure:
        fetch(survey.counts)
    assert failure.value.problems[0].column == column
    padded = frame.assign(respondent="0" + frame["respondent"], cluster="09", stratum="01")
    survey = open_survey(padded)
    assert set(fetch(survey.rows)["cluster"]) == {"09"}  # one way of writing is no question


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1,0"),
        ("1", "1.000"),
        ("1000", "1.000"),
        ("1 000", "1000"),
        ("１", "1"),
        ("١", "1"),
        ("Xã Đông", "XÃ ÐÔNG"),
        ("A  B", "A\u00a0B"),
    ],
)
def test_keys_that_may_be_one_share_a_reading(one, other):
    assert reading.readings(one) & reading.readings(other)


@pytest.mark.parametrize("column", ["cluster", "stratum"])
def test_a_cluster_written_in_two_ways_is_not_taken_for_two(column):
    survey = open_survey(FRAME.assign(stratum="s", cluster="c").assign(**{column: ["1", "1", "1,0", "1,0"]}))
    with pytest.raises(DataError, match="written in two ways") as refused:
        fetch(survey.counts)
    (problem,) = refused.value.problems
    assert problem.column == column and "1, 1,0" in str(problem.value)


def test_keys_that_only_look_alike_to_a_careless_eye_are_two():
    frame = FRAME.assign(stratum=["1.1", "1.10", "Xã A", "Xa A"], cluster=["1", "1.5", "2", "02"])
    assert len(fetch(open_survey(frame).counts)) == 4


def test_keys_that_excel_shortened_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("respondent;unit;group;item;answer\n8,40123E+11;u;g;q;5\n8,40123E+11;u;g;q;4\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        open_survey(path)
    assert [(p.row, p.column, p.value) for p in refused.value.problems] == [
        (2, "respondent", "8,40123E+11"),
        (3, "respondent", "8,40123E+11"),
    ]
    assert "mất chữ số" in refused.value.problems[0].vi


@pytest.mark.parametrize(
    ("content", "kind"), [(b"PK\x03\x04...", "Excel (.xlsx)"), ("respondent;unit".encode("utf-16-le"), "UTF-16")]
)
def test_a_file_of_another_kind_is_named_for_what_it_is(tmp_path, content, kind):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as refused:
        open_survey(path)
    (problem,) = refused.value.problems
    assert kind in problem.vi and "CSV UTF-8" in problem.vi


BODY = "p1;u;g;q;5\np2;u;g;q;tốt\n"  # the second row is wrong, so that its number is seen
OPENINGS = {
    "a title above": ("KẾT QUẢ ĐIỀU TRA;;;;\n\nrespondent;unit;group;item;answer\n", 5),
    "a title of two lines in one cell": ('"KẾT QUẢ\nĐIỀU TRA";;;;\nrespondent;unit;group;item;answer\n', 4),
    "sep= as Excel writes it": ("sep=;\nrespondent;unit;group;item;answer\n", 4),
    "heads in capitals": ("RESPONDENT;UNIT;GROUP;ITEM;ANSWER\n", 3),
    "blank heads at the end": ("respondent;unit;group;item;answer;;\n", 3),
}


@pytest.mark.few(5)
@pytest.mark.parametrize("what", OPENINGS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_head_of_a_csv_is_found_and_its_rows_are_counted_from_it(tmp_path, what, encoding):
    head, row = OPENINGS[what]
    body = BODY.replace("\n", ";;\n") if head.endswith(";;\n") else BODY
    path = tmp_path / "a.csv"
    path.write_text(head + body, encoding=encoding)
    with pytest.raises(DataError) as refused:
        open_survey(path)
    (problem,) = refused.value.problems
    assert (problem.row, problem.column, problem.value) == (row, "answer", "tốt")
    path.write_text(head + body.replace("tốt", "4"), encoding=encoding)
    survey = open_survey(path)
    assert sorted(fetch(survey.rows)["answer"]) == [4, 5]


def test_heads_in_quotes_with_separators_and_line_breaks(tmp_path):
    path = tmp_path / "a.csv"
    head = '"Câu hỏi; mức độ";MÃ PHIẾU;unit;group;item;"TRẢ\nLỜI"\n'
    path.write_text(head + "1;p1;u;g;q;5\n2;p2;u;g;q;4\n", encoding="utf-8")
    survey = open_survey(path, columns={"Mã phiếu": "respondent", "Trả lời": "answer"})
    assert sorted(fetch(survey.rows)["answer"]) == [4, 5]


def test_a_column_without_a_head_is_refused_where_it_has_values(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("respondent;unit;group;item;answer;;\np1;u;g;q;5;;\np2;u;g;q;4;97;ghi chú\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        open_survey(path)
    (problem,) = refused.value.problems
    assert (problem.row, problem.column, problem.value) == (3, "F", "97") and "không có tiêu đề" in problem.vi


def test_line_breaks_in_cells_of_a_file_larger_than_a_block(tmp_path):
    path = tmp_path / "a.csv"
    text = '"' + "dòng một\ndòng hai " * 500 + '"'  # 8,500 letters in 501 lines, in one row
    rows = [f"p{n};u;g;q;{n % 5 + 1};{text}" for n in range(2_000)]
    rows[1_990] += ";thừa"
    rows[1_995] = f"p1995;u;g;q;tốt;{text}"
    path.write_text("respondent;unit;group;item;answer;ý kiến\n" + "\n".join(rows), encoding="utf-8")
    assert path.stat().st_size > reading.BLOCK
    with pytest.raises(DataError) as refused:
        open_survey(path)
    # p0 stands in row 2
    assert {(p.row, p.column) for p in refused.value.problems} == {(1_992, ""), (1_997, "answer")}


IN_A_NOTEBOOK = """
import IPython
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.config.IPKernelApp.connection_file = "by this DuckDB knows a kernel"
IPython.get_ipython = lambda: shell
import duckdb
from parlib.sources.survey.reading import connect
asked = "select current_setting('enable_progress_bar')"
print(duckdb.connect().execute(asked).fetchone()[0], connect().raw_sql(asked).fetchone()[0])
"""


def test_a_query_that_takes_seconds_shows_nothing_in_a_notebook():
    """DuckDB alone shows how far it is; ours does not: a report would have to print it, and could not check it."""
    run = subprocess.run([sys.executable, "-c", IN_A_NOTEBOOK], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "False"]
