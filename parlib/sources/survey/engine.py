"""Where survey expressions run: DuckDB inside this process, or a Spark session for data beyond one machine."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import ibis
import ibis.expr.types as ibis_types
import pandas as pd
from ibis.backends import BaseBackend

from parlib.errors import ParameterError, Problem

Table: TypeAlias = ibis_types.Table
Column: TypeAlias = ibis_types.Column

_SPARK_MASTERS = ("spark://", "local", "yarn", "k8s://")

# Ibis and Spark call parts of pandas 3 and DuckDB 2 that are deprecated there, and PySpark leaves it to the garbage
# collector to close the sockets it reads results from: a reader can do nothing about either.
_NOISE = (
    "The copy keyword is deprecated",
    "The 'future.infer_string' option is deprecated",
    "fetch_arrow_table.. is deprecated",
    "unclosed <socket",
)


@dataclass(frozen=True, slots=True)
class Engine:
    """Where to compute, and within which limits.

    ``name``       "duckdb" (default), "spark" (this machine), or the address of a Spark master: "spark://host:7077",
                   "yarn", "k8s://...", "local[2]".
    ``memory``     most memory: of DuckDB, or of the Spark driver.
    ``threads``    cores to use; 0 means all (on a remote Spark master: the cluster decides).
    ``temporary``  folder for what does not fit in memory; "" means the engine's own choice.
    ``options``    further settings in the engine's own words ({"spark.executor.memory": "8g"}).
    """

    name: str = "duckdb"
    memory: str = "3GB"
    threads: int = 0
    temporary: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_spark(self) -> bool:
        """Whether the engine is a Spark session."""
        return self.name == "spark" or self.name.startswith(_SPARK_MASTERS)


def engine_of(engine: str | Engine) -> Engine:
    """``engine`` as an :class:`Engine`; a name nobody knows is refused."""
    chosen = Engine(engine) if isinstance(engine, str) else engine
    if chosen.name != "duckdb" and not chosen.is_spark:
        raise ParameterError(
            Problem(
                'there is no such engine; choose "duckdb", "spark" or an address "spark://..."',
                column="engine",
                value=chosen.name,
            )
        )
    return chosen


def connect(engine: str | Engine = "duckdb") -> BaseBackend:
    """An Ibis connection: a DuckDB of its own for each call, the one Spark session of this process otherwise."""
    chosen = engine_of(engine)
    return _spark(chosen) if chosen.is_spark else _duckdb(chosen)


def _duckdb(engine: Engine) -> BaseBackend:
    settings: dict[str, object] = {
        "memory_limit": engine.memory,
        # the order of rows never matters here, and keeping it costs memory
        "preserve_insertion_order": False,
    }
    if engine.threads:
        settings["threads"] = engine.threads
    if engine.temporary:
        settings["temp_directory"] = engine.temporary
    return ibis.duckdb.connect(**settings, **engine.options)


def _spark(engine: Engine) -> BaseBackend:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ParameterError(
            Problem(
                'Spark is not installed; install it with: pip install "parlib[spark]"',
                column="engine",
                value=engine.name,
            )
        ) from error
    threads = engine.threads or os.cpu_count() or 1
    master = f"local[{threads}]" if engine.name == "spark" else engine.name
    builder = (
        SparkSession.builder.master(master)
        .appName("parlib survey")
        .config("spark.driver.memory", engine.memory.lower().removesuffix("b"))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
    )
    if master.startswith("local"):
        # 200 partitions, the default, are for a cluster: here each costs more to start than to fill
        builder = builder.config("spark.sql.shuffle.partitions", str(2 * threads))
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    if engine.temporary:
        builder = builder.config("spark.local.dir", engine.temporary)
    builder = builder.config(map=dict(engine.options))
    with quiet():
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        return ibis.pyspark.connect(session)


def fetch(table: Table) -> pd.DataFrame:
    """The rows of an Ibis table as a data frame."""
    with quiet():
        frame: pd.DataFrame = table.execute()
    return frame


def keep(table: Table) -> Table:
    """``table`` computed once and kept by the engine, as long as the result is in use."""
    with quiet():
        kept: Table = table.cache()
    return kept


def empty(column: Column) -> Column:
    """Whether a cell holds nothing."""
    return column.isnull()  # noqa: PD003 (Ibis, not pandas)


def given(column: Column) -> Column:
    """Whether a cell holds something."""
    return column.notnull()  # noqa: PD004 (Ibis, not pandas)


def number(column: Column) -> Column:
    """A numeric column as doubles, with nothing in place of NaN and infinity.

    They are told by arithmetic (0 x NaN is not 0): DuckDB folds comparisons, and even isnan, into what the statistics
    of a Parquet file promise, and these leave NaN out.
    """
    double = column.cast("float64")
    if not column.type().is_floating():
        return double
    real = (double * 0.0 == 0.0).fill_null(False)
    return real.ifelse(double, ibis.null("float64"))


def lookup(connection: BaseBackend, frame: pd.DataFrame) -> Table:
    """A small data frame as a table of ``connection``, to be joined with."""
    with quiet():
        table = ibis.memtable(frame)
        # Ibis brings such a table to the engine with the first query that it runs itself, not with one that is kept
        connection.execute(table.limit(1))
    return table


def read_parquet(connection: BaseBackend, file: str) -> Table:
    """A Parquet file as a table of ``connection``."""
    with quiet():
        table: Table = connection.read_parquet(file)
    return table


class quiet(warnings.catch_warnings):  # noqa: N801 (reads as what it does: with quiet())
    """Hides the noise that Ibis and Spark make, and nothing else."""

    def __enter__(self) -> None:
        super().__enter__()
        for message in _NOISE:
            warnings.filterwarnings("ignore", message=message)
