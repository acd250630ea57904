"""The same expressions on a real Spark session give the same numbers as DuckDB."""

import shutil
import unicodedata

import numpy as np
import pandas as pd
import pytest

from parlib.errors import DataError
from parlib.sources.survey import (
    Design,
    Engine,
    Limits,
    Question,
    cluster_totals,
    node_points,
    open_survey,
    quality,
    tabulate,
)
from parlib.sources.survey.reading import connect

pytestmark = [
    pytest.mark.spark,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java runtime"),
]
# Few answers: most of the time goes into starting and compiling, of which these leave some out.
SPARK = Engine(
    "local[2]",
    memory="1GB",
    options={
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "2",
    },
)
SCALE = {5: 1.0, 4: 0.8, 3: 0.5, 2: 0.2, 1: 0.0}
ITEMS = [f"Q{number}" for number in range(1, 13)]
GROUPS = ("hdnd", "so_nganh")
ASKED = [
    Question(item, SCALE, GROUPS, {"hdnd": 1, "so_nganh": 2.5}, code=f"1.{n}", maximum=0.3 * n, component="leaders")
    for n, item in enumerate(ITEMS, 1)
]


def survey_frame():
    """Clusters and respondents on their own, no answers, codes off the scale, missing weights, accents in two forms."""
    draw = np.random.default_rng(17)
    rows = []
    for unit in ("hà-nội", "huế", "đà-nẵng"):
        for group in GROUPS:
            for person in range(40):
                stratum = "ABC"[person % 3]
                cluster = f"Xã Hoà {person % 7}" if stratum != "C" else None
                if person % 2 and cluster:
                    cluster = unicodedata.normalize("NFD", cluster)
                weight = draw.choice([0.3, 1.7, 2.0, 3.14159, np.nan], p=[0.3, 0.3, 0.2, 0.15, 0.05])
                for item in ITEMS:
                    answer = draw.choice(
                        [1, 2, 3, 4, 5, 0, 99, 7, None], p=[0.1, 0.1, 0.2, 0.3, 0.2, 0.03, 0.03, 0.02, 0.02]
                    )
                    rows.append((f"{group}-{person}", unit, group, item, answer, stratum, cluster, weight))
    columns = ["respondent", "unit", "group", "item", "answer", "stratum", "cluster", "weight"]
    frame = pd.DataFrame(rows, columns=columns).astype({"answer": "float64"})
    frame["date"] = pd.Timestamp("2023-11-20") + pd.to_timedelta(np.arange(len(frame)) % 30, unit="D")
    return pd.concat([frame, frame.iloc[:3]])  # three answers given twice


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey")
    frame = survey_frame()
    frame.iloc[:1500].to_parquet(folder / "1.parquet", index=False)
    frame.iloc[1500:].to_csv(folder / "2.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig")
    files = [folder / "1.parquet", folder / "2.csv"]
    return open_survey(files), open_survey(files, SPARK)


def equal(ours, theirs):
    pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=2e-12)


def test_spark_gives_equal_shares_and_errors(engines):
    duckdb, spark = (
        tabulate(survey, ASKED, units=["huế", "hà-nội", "đà-nẵng", "sơn-la"], design=Design(groups="together"))
        for survey in engines
    )
    assert spark.groups["standard_error"].notna().sum() == 3 * 2 * 12
    equal(duckdb.groups, spark.groups)
    equal(duckdb.units, spark.units)
    equal(duckdb.distribution, spark.distribution)
    equal(duckdb.accounted, spark.accounted)
    assert duckdb.assumptions == spark.assumptions
    equal(node_points(duckdb, ASKED), node_points(spark, ASKED))
    equal(cluster_totals(duckdb), cluster_totals(spark))
    limits = Limits(fewest_answers=20, same_answers=3, last_day=pd.Timestamp("2023-12-10").date())
    ours, theirs = quality(duckdb, limits), quality(spark, limits)
    assert ours.summary.query("found > 0")["check"].tolist() == [
        "off_scale",
        "bad_weight",
        "few_answers",
        "repeated_answer",
        "impossible_date",
    ]
    equal(ours.summary, theirs.summary)
    equal(ours.findings, theirs.findings)
    assert [p.text("vi") for p in ours.problems()] == [p.text("vi") for p in theirs.problems()]


def test_a_folder_as_spark_writes_it_is_read_by_both(tmp_path):
    """Part files with names of their own, _SUCCESS, and a hidden .crc beside each."""
    folder = tmp_path / "survey.parquet"
    session = connect(SPARK)._session
    frame = survey_frame().drop(columns="date")
    frame.to_parquet(tmp_path / "one.parquet", index=False)
    session.read.parquet(str(tmp_path / "one.parquet")).repartition(3).write.parquet(str(folder))
    names = sorted(path.name for path in folder.iterdir())
    assert "_SUCCESS" in names and sum(name.endswith(".crc") for name in names) == 4
    assert sum(name.endswith(".snappy.parquet") for name in names) == 3
    how = {"units": ["huế", "hà-nội", "đà-nẵng"], "design": Design(groups="together")}
    whole = tabulate(open_survey(tmp_path / "one.parquet"), ASKED, **how)
    for opened in (open_survey(folder), open_survey(folder, SPARK)):
        table = tabulate(opened, ASKED, **how)
        equal(whole.groups, table.groups)
        equal(whole.units, table.units)

    session.read.parquet(str(folder)).write.partitionBy("unit").parquet(str(tmp_path / "parted"))
    with pytest.raises(DataError, match="without partitionBy") as refused:
        open_survey(tmp_path / "parted")
    assert "unit=" in str(refused.value)
