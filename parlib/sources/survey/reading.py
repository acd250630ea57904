"""Opens survey files (Parquet or CSV) and counts the answers in one pass over them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import unicodedata
import warnings
import weakref
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import ibis
import ibis.expr.types as ibis_types
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from ibis.backends import BaseBackend

from parlib import tables
from parlib.errors import DataError, ParameterError, Problem
from parlib.sources.questions import COLUMNS, missing_columns, named, wrong_types
from parlib.words import Message, usual_letters

# --- engine ---------------------------------------------------------------------------------------
# Where survey expressions run: DuckDB inside this process, or a Spark session for data beyond one machine.

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
            'there is no such engine; choose "duckdb", "spark" or an address "spark://..."',
            column="engine",
            value=chosen.name,
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
    connection = ibis.duckdb.connect(**settings, **engine.options)
    # in a notebook DuckDB shows how far a query is, once it takes seconds: among a report's blocks that is a stranger
    connection.raw_sql("SET enable_progress_bar = false")
    return connection


def _spark(engine: Engine) -> BaseBackend:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ParameterError(
            'Spark is not installed; install it with: pip install "parlib[spark]"', column="engine", value=engine.name
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


# --- csv answers ----------------------------------------------------------------------------------
# Survey answers typed or exported as CSV, turned into Parquet: any separator, byte-order mark, decimal comma, NFD.

BLOCK = 16 << 20  # bytes turned at once: a file of any size passes through the same memory
LISTED = 20  # problems shown for one column; the rest is counted
_SEPARATORS = (";", "\t", ",", "|")
#: A whole number that a program kept as a decimal; "1.000" may be one thousand.
DECIMAL = r"^(-?[0-9]+)\.(?:0{1,2}|0{4,})$"
_WHOLE = re.compile(DECIMAL)
_NUMBER = re.compile(r"(-?)0*([0-9 ]*[0-9])(?:[.,]([0-9]+))?")
_LOST = re.compile(r"-?[0-9](?:[.,][0-9]+)?E[-+][0-9]+", re.IGNORECASE)  # a key that a program shortened
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))


def composed(text: str) -> str:
    """``text`` in NFC, without invisible letters and blanks around it."""
    return unicodedata.normalize("NFC", text).translate(_INVISIBLE).strip()


def key(text: str) -> str:
    """``text`` as a key: composed, and a whole number that a program kept as a decimal ("1.0") without its zeros."""
    return _WHOLE.sub(r"\1", composed(text))


def readings(text: str) -> set[str]:
    """What a key may stand for: two keys that share a reading look like one that was written in two ways. Case, kinds
    of D and of digits, blanks, and zeros around a number do not count; "1.000" is 1 or 1000."""
    usual = "".join(str(unicodedata.decimal(sign, sign)) for sign in usual_letters(composed(text)))
    plain = " ".join(usual.casefold().split())
    result = _NUMBER.fullmatch(plain)
    if not result:
        return {plain}
    sign, whole, part = result[1], result[2].replace(" ", ""), result[3] or ""
    read = {f"{sign}{whole}.{part}" if part.strip("0") else f"{sign}{whole}"}
    return read | {f"{sign}{whole}{part}"} if len(part) == 3 and len(whole) <= 3 else read


def to_parquet(path: Path, target: Path, renames: Mapping[str, str]) -> None:
    """Writes the answers of the CSV file ``path`` to the Parquet file ``target``.

    Raises ``DataError`` with every row that cannot be read (the first of each column, and how many more).
    """
    encoding = encoding_of(path)
    try:
        opening = _opening(path, encoding, renames)
        names = [named(composed(head), renames) for head in opening.heads]
        missing = list(missing_columns(names, path.name))
        DataError.raise_for(missing)
        reading = Reading(path.name, names, opening.row, opening.lines)
        with pq.ParquetWriter(target, reading.schema) as writer:
            for batch in text_batches(path, encoding, opening.separator, reading):
                writer.write_table(reading.typed(batch.to_pandas()))
    except (UnicodeDecodeError, pa.ArrowInvalid) as error:
        if isinstance(error, pa.ArrowInvalid) and "UTF8" not in str(error):
            raise
        row = re.search(r"Row #(\d+)", str(error))
        raise DataError(
            'the file is not UTF-8; in Excel save it as "CSV UTF-8"',
            file=path.name,
            row=int(row.group(1)) if row else None,
        ) from error
    DataError.raise_for(reading.problems())


def heads(path: Path) -> list[str]:
    """The heads of the columns of a CSV file."""
    return [composed(head) for head in _opening(path, encoding_of(path), {}).heads]


def _opening(path: Path, encoding: str, renames: Mapping[str, str]) -> tables.Opening:
    return tables.opening_of(path, lambda head: named(composed(head), renames) in COLUMNS, encoding, _SEPARATORS)


def text_batches(path: Path, encoding: str, separator: str, reading: Reading) -> Iterator[pa.RecordBatch]:
    """The rows under the head, a block at a time, all as text; ragged rows are noted and left out."""
    try:
        batches = pa_csv.open_csv(
            path,
            read_options=pa_csv.ReadOptions(
                column_names=reading.places,
                skip_rows=reading.lines,
                encoding=encoding,
                use_threads=False,
                block_size=BLOCK,
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=separator,
                invalid_row_handler=reading.ragged,
                ignore_empty_lines=False,
                newlines_in_values=True,  # a cell with a line break may stand at the end of a block
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(reading.places, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "too short" in str(error):  # a head without rows: an empty survey, which the checks report
            return
        raise
    yield from batches


def encoding_of(path: Path) -> str:
    """The encoding of a file; ``DataError`` where its first bytes are those of no text, or of text that is unmarked."""
    with path.open("rb") as file:
        start = file.read(400)
    kind = tables.kind_of(start)
    if kind == "UTF-16" and start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if kind:
        raise DataError(tables.not_utf8(kind, path.name))
    return "utf-8-sig"


@dataclass
class Reading:
    """What has been read of one file: its columns, how far it is, and what was wrong with it so far. ``head`` is the
    row of the heads as a spreadsheet counts, ``lines`` the lines of text down to them."""

    file: str
    names: list[str]
    head: int
    lines: int
    read: int = 0
    skipped: list[int] = field(default_factory=list)
    seen: dict[tuple[str, str], list[tuple[int, str]]] = field(default_factory=dict)  # by column and what is wrong
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    marks: dict[str, tables.Marks] = field(default_factory=dict)
    unheaded: list[Problem] = field(default_factory=list)

    @property
    def places(self) -> list[str]:
        """A name for each column of the file that no other has, whatever its head says."""
        return [f"{place} {name}" for place, name in enumerate(self.names)]

    @property
    def schema(self) -> pa.Schema:
        types = {"text": pa.string(), "number": pa.float64(), "date": pa.date32()}
        return pa.schema([(name, types[COLUMNS[name].kind]) for name in COLUMNS if name in self.names])

    def ragged(self, row: pa_csv.InvalidRow) -> str:
        self.skipped.append(row.number - self.lines)  # counted from 1 below the head
        self.note("", [row.number - self.lines + self.head], [row.text[:80]])
        return "skip"

    def numbers_of(self, size: int) -> npt.NDArray[np.int64]:
        """The row numbers of the next ``size`` rows: ragged rows took a number too."""
        order = np.arange(self.read, self.read + size)
        before = np.array(self.skipped, dtype=np.int64) - 1 - np.arange(len(self.skipped))
        self.read += size
        return order + self.head + 1 + np.searchsorted(before, order, side="right")

    def typed(self, chunk: pd.DataFrame) -> pa.Table:
        chunk.index = pd.Index(self.numbers_of(len(chunk)))
        self._headless(chunk)
        chunk.columns = pd.Index(self.names)
        chunk = chunk[(chunk != "").any(axis=1)]
        arrays: list[pa.Array] = []
        for name in self.schema.names:
            texts = chunk[name].astype(object)
            texts = texts.map({text: composed(text) for text in texts.unique()})
            convert = {"text": self._texts, "number": self.numbers, "date": self._dates}[COLUMNS[name].kind]
            arrays.append(convert(name, texts))
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _headless(self, chunk: pd.DataFrame) -> None:
        """Values under a blank head: such a column is not dropped in silence."""
        for place, name in enumerate(self.names):
            if not name and not self.unheaded:
                texts = chunk.iloc[:, place]
                used = texts.index[texts.str.strip() != ""]
                if len(used):
                    at = {"row": int(used[0]), "column": tables.column_letter(place + 1), "value": texts[used[0]]}
                    self.unheaded = [tables.WITHOUT_HEAD.at(file=self.file, **at)]

    def _texts(self, name: str, texts: pd.Series[str]) -> pa.Array:
        lost = texts.map({text: bool(_LOST.fullmatch(text)) for text in texts.unique()}).astype(bool)
        self.note(name, list(texts.index[lost]), list(texts[lost]), "shortened")
        texts = texts.map({text: _WHOLE.sub(r"\1", text) for text in texts.unique()})
        empty = texts == ""
        if COLUMNS[name].required:
            self.note(name, list(texts.index[empty]), list(texts[empty]))
        return pa.array(texts.mask(empty, None), pa.string())

    def numbers(self, name: str, texts: pd.Series[str]) -> pa.Array:
        unique = [text for text in texts.unique() if text]
        read = {
            text: numeral
            for text in unique
            if isinstance(numeral := tables.read_numeral(text, exponent=True), tables.Numeral)
        }
        good = {text: numeral.value for text, numeral in read.items()}
        marks = self.marks.setdefault(name, tables.Marks())
        for row, text in texts[~texts.duplicated()].items():
            if text in read and read[text].mark:
                marks.note(read[text], int(str(row)), text)
        bad = (texts != "") & ~texts.isin(good)
        self.note(name, list(texts.index[bad]), list(texts[bad]))
        return pa.array(texts.map(good).astype("float64").to_numpy(), pa.float64(), from_pandas=True)

    def _dates(self, name: str, texts: pd.Series[str]) -> pa.Array:
        unique = pd.Series([text for text in texts.unique() if text], dtype=object)
        days = pd.Series(pd.NaT, index=unique.index, dtype="datetime64[s]")
        for form in _DATES:
            days = days.fillna(pd.to_datetime(unique, format=form, errors="coerce").astype("datetime64[s]"))
        read = dict(zip(unique, days, strict=True))
        values = texts.map(read).astype("datetime64[s]")
        bad = (texts != "") & values.isna()
        self.note(name, list(texts.index[bad]), list(texts[bad]))
        return pa.array(values.to_numpy().astype("datetime64[D]"), pa.date32(), from_pandas=True)

    def note(self, name: str, rows: Sequence[int], values: Sequence[str], what: str = "") -> None:
        fault = name, what or (COLUMNS[name].kind if name else "")
        kept = self.seen.setdefault(fault, [])
        room = max(LISTED - len(kept), 0)
        kept += [(int(row), str(value)) for row, value in zip(rows[:room], values[:room], strict=True)]
        self.counts[fault] = self.counts.get(fault, 0) + len(rows)

    def problems(self) -> Iterator[Problem]:
        yield from self.unheaded
        for (name, what), kept in self.seen.items():
            for row, value in kept:
                yield Problem(_WORDS[what], file=self.file, row=row, column=name, value=value or None)
            more = self.counts[name, what] - len(kept)
            if more:
                yield Problem("{more} more rows like this", file=self.file, column=name, more=more)
        for name in sorted(self.marks):
            yield from (problem.at(file=self.file, column=name) for problem in self.marks[name].problems())


_WORDS = {
    "": Message(
        "the row has not as many cells as the head (a separator too many, a cut file, an open quotation mark?)"
    ),
    "shortened": Message(
        "a shortened number (E), which lost digits; format the column as number or text and save it again"
    ),
    "text": Message("a required cell is empty"),
    "number": Message("not a number; a number is needed, or an empty cell where there is none"),
    "date": Message("not a date; write 2023-12-31 or 31/12/2023"),
}


Source = str | Path | pd.DataFrame | Iterable[str | Path]

KEYS = ("unit", "group", "item", "stratum", "cluster")
_BLANKS = "\\s\u00a0\u2000-\u200a\u3000"
#: A text that may not be as ``composed`` leaves it: marks that stand alone, letters that nobody sees, blanks around it.
_UNTIDY = f"[\u0300-\u036f\ufeff\u200b-\u200d\u2060]|^[{_BLANKS}]|[{_BLANKS}]$|{DECIMAL}"
#: A whole number with zeros before it: "01" is 1 to a program that reads numbers, another text to one that does not.
_PADDED = "^0+[0-9]+$"


@dataclass(frozen=True)
class Survey:
    """The answers of a survey, on an engine; nothing is read before it is needed.

    ``table``   the columns of the layout that the files have, as they are.
    ``name``    the files, for messages.
    """

    table: Table
    name: str
    connection: BaseBackend = field(repr=False)

    def has(self, column: str) -> bool:
        """Whether the files have ``column``."""
        return column in self.table.columns

    @cached_property
    def rows(self) -> Table:
        """Every answer with all columns of the layout and one type each: what a column lacks is filled with nothing."""
        table = self._alone_emptied
        return self._compose(table.select(**{name: _typed(table, name) for name in COLUMNS}))

    @cached_property
    def counts(self) -> Table:
        """The answers counted: one row for each unit, group, item, stratum, cluster and answer that occurs.

        ``n`` answers; ``weighted`` those of them whose weight is above 0; ``weight`` and ``squares`` the sums of the
        weights and of their squares. Everything else is computed from this table: the files are read once for it.
        Answers of respondents who are their own cluster (cluster empty, or the respondent in every row of the files)
        share a row with an empty cluster.
        """
        counted = keep(self._compose(self._counted)) if self._recomposed else self._counted
        _refuse_two_spellings(counted, self.name)
        return counted

    @cached_property
    def _keyed(self) -> Table:
        """The table with respondents, and clusters beside them, by the rule of all keys: a number kept as a decimal is
        the whole number."""
        table = self.table
        floating = [name for name in ("respondent", "cluster") if self.has(name) and table[name].type().is_floating()]
        if floating:
            table = table.mutate(**{name: _typed(table, name) for name in floating})
        column = table["respondent"]
        if not column.type().is_string():
            return table
        seen = fetch(table.aggregate(decimal=column.endswith(".0").any(), padded=column.startswith("0").any())).iloc[0]
        if seen["decimal"]:
            texts = [name for name in ("respondent", "cluster") if self.has(name) and table[name].type().is_string()]
            table = table.mutate(**{name: table[name].re_replace(DECIMAL, r"\1") for name in texts})
        if seen["padded"]:
            _refuse_padded(table, self.name)
        return table

    @cached_property
    def _alone_emptied(self) -> Table:
        """The table; where every cluster is named as its respondent, an empty cluster says the same."""
        table = self._keyed
        if not self.has("cluster") or table["cluster"].type() != table["respondent"].type():
            return table
        # all rows decide: one cluster that bears the number of a respondent by chance says nothing
        cluster = table["cluster"].nullif("") if table["cluster"].type().is_string() else table["cluster"]
        if not fetch(table.filter(cluster != table["respondent"]).limit(1)).empty:
            return table
        return table.mutate(cluster=ibis.null(table["cluster"].type()))

    @cached_property
    def _counted(self) -> Table:
        table = self._alone_emptied
        groups = table.group_by([name for name in (*KEYS, "answer") if name in table.columns])
        if not self.has("weight"):
            counted = groups.agg(n=table.count())
            ones = counted["n"].cast("float64")
            counted = counted.mutate(weighted=counted["n"], weight=ones, squares=ones)
        elif self._weights_usable:
            weight = table["weight"].cast("float64")
            counted = groups.agg(n=table.count(), weight=weight.sum(), squares=(weight * weight).sum())
            counted = counted.mutate(weighted=counted["n"])
        else:
            weight = number(table["weight"])
            usable = (weight > 0).fill_null(False)
            weight = usable.ifelse(weight, 0.0)
            counted = groups.agg(
                n=table.count(),
                weighted=usable.cast("int64").sum(),
                weight=weight.sum(),
                squares=(weight * weight).sum(),
            )
        measures = {name: counted[name] for name in ("n", "weighted", "weight", "squares")}
        typed = {name: _typed(counted, name) for name in (*KEYS, "answer")}
        return keep(counted.select(**typed, **measures))

    @cached_property
    def _weights_usable(self) -> bool:
        """Whether every row has a weight above 0: a glance at one column, which spares the pass a test of each row."""
        weight = number(self.table["weight"])
        seen = fetch(self.table.aggregate(lowest=weight.min(), missing=empty(weight).cast("int64").sum())).iloc[0]
        return bool(seen["missing"] == 0 and seen["lowest"] > 0)

    @cached_property
    def _recomposed(self) -> Mapping[str, Mapping[str, str]]:
        """The texts that are not in NFC or not trimmed, by column, each with its composed form."""
        texts = [
            self._counted.select(column=ibis.literal(name), text=self._counted[name])
            .filter(lambda table: table["text"].re_search(_UNTIDY))
            .distinct()
            for name in KEYS
        ]
        results: dict[str, dict[str, str]] = {}
        for column, text in fetch(ibis.union(*texts)).itertuples(index=False):
            if key(text) != text:
                results.setdefault(column, {})[text] = key(text)
        return results

    def _compose(self, table: Table) -> Table:
        for name, forms in self._recomposed.items():
            pairs = pd.DataFrame({"as_read": list(forms), "composed": list(forms.values())})
            pairs = lookup(self.connection, pairs)
            joined = table.left_join(pairs, table[name] == pairs["as_read"])
            known = ibis.coalesce(joined["composed"], joined[name])
            if name == "cluster":  # a blank is no cluster
                known = known.nullif("")
            table = joined.mutate(**{name: known}).drop("as_read", "composed")
        return table

    @cached_property
    def alone(self) -> bool:
        """Whether some respondents are their own cluster."""
        few = self.counts.filter(empty(self.counts["cluster"])).limit(1)
        return not fetch(few).empty


def _refuse_two_spellings(table: Table, file: str) -> None:
    """Raise ``DataError`` where a stratum or cluster seems to be written in two ways within its unit ("Đông", "ĐÔNG";
    "1", "01", "1,0"): taken for two, the error would be too small; taken for one, perhaps too large."""
    problems: list[Problem] = []
    for name, within in {"stratum": ["unit"], "cluster": ["unit", "stratum"]}.items():
        pairs = fetch(table.select(*within, name).distinct())
        pairs = pairs[pairs[name].fillna("") != ""]
        forms = {text: sorted(readings(text)) for text in pairs[name].unique()}
        read = pairs.assign(reading=pairs[name].map(forms)).explode("reading")
        read = read[read.duplicated([*within, "reading"], keep=False)]
        written = read.groupby([*within, "reading"])[name].agg(["min", "max"]).reset_index()
        problems += [_two_spellings(file, name, row, within) for row in written.head(LISTED).to_dict("records")]
    DataError.raise_for(problems)


def _refuse_padded(table: Table, file: str) -> None:
    """Raise ``DataError`` where a respondent is a number with zeros before it in one row and without them in another
    ("01" and "1"): they may be one or two."""
    texts = table["respondent"]
    if fetch(table.filter(texts.re_search(_PADDED)).limit(1)).empty:
        return
    numbers = table.filter(texts.re_search("^[0-9]+$"))
    pairs = numbers.select(
        "unit", written=numbers["respondent"], plain=numbers["respondent"].re_replace("^0+([0-9])", r"\1")
    )
    spelled = (
        pairs.distinct()
        .group_by(["unit", "plain"])
        .agg(
            n=lambda rows: rows.count(), min=lambda rows: rows["written"].min(), max=lambda rows: rows["written"].max()
        )
    )
    twice = fetch(spelled.filter(spelled["n"] > 1).order_by(["unit", "plain"]).limit(LISTED))
    DataError.raise_for(_two_spellings(file, "respondent", row, ["unit"]) for row in twice.to_dict("records"))


def _two_spellings(file: str, column: str, row: Mapping[Hashable, object], within: Sequence[str]) -> Problem:
    return Problem(
        "one key written in two ways, which may be one or two; write it alike in all rows",
        file=file,
        column=column,
        value=", ".join(str(row[part]) for part in (*within, "min", "max") if row[part]),
    )


def _typed(table: Table, name: str) -> Column:
    """The column ``name`` of ``table`` in the type of the layout; one that is missing holds nothing."""
    keys = name in ("unit", "group", "item", "stratum")  # empty rather than null: they are joined on
    if name not in table.columns or table[name].type().is_null():
        missing = {"date": ibis.null("date"), "weight": ibis.literal(1.0, "float64")}
        texts = ibis.literal("", "string") if keys else ibis.null("string")
        return missing.get(name, texts if COLUMNS[name].kind == "text" else ibis.null("float64"))
    column = table[name]
    if column.type().is_floating():  # NaN is nothing too: as text it would be a cluster of that name
        column = number(column)
    if COLUMNS[name].kind == "text":
        text = column.cast("string")
        if column.type().is_floating():  # 1.0 in one file and 1 in another are one cluster
            text = (column == column.floor()).fill_null(False).ifelse(column.cast("int64").cast("string"), text)
        return text.fill_null("") if keys else text.nullif("")
    return column.cast("date" if name == "date" else "float64")


def open_survey(
    source: Source,
    engine: str | Engine = "duckdb",
    columns: Mapping[str, str] | None = None,
) -> Survey:
    """The survey answers in ``source``: Parquet or CSV files, a folder of Parquet files, or a data frame.

    ``columns`` maps names of the files to names of the layout ({"Mã phiếu": "respondent"}). Raises ``DataError`` with
    everything that is wrong with the files: missing columns, wrong types, cells of a CSV that cannot be read.
    """
    chosen = engine_of(engine)
    renames = dict(columns or {})
    scratch = Path(tempfile.mkdtemp(prefix="parlib-survey-", dir=chosen.temporary or None))
    try:
        names, files = _as_parquet(source, scratch, renames)
        survey = _opened(names, files, connect(chosen), renames)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    # what a CSV was turned into lives as long as the survey that reads it
    weakref.finalize(survey, shutil.rmtree, scratch, ignore_errors=True)
    return survey


def _as_parquet(source: Source, scratch: Path, renames: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The names of the files, for messages, and the Parquet files to read for them."""
    if isinstance(source, pd.DataFrame):
        return ["DataFrame"], [str(_stored(source, scratch / "frame.parquet"))]
    given = [source] if isinstance(source, (str, Path)) else list(source)
    names: list[str] = []
    files: list[str] = []
    problems: list[Problem] = [] if given else [Problem("there is no survey file")]
    for place, one in enumerate(given):
        try:
            result = _files_of(one, scratch / f"{place}.parquet", renames)
        except DataError as error:
            problems += error.problems
        else:
            names += [Path(str(one)).name] * len(result)
            files += result
    DataError.raise_for(problems)
    return names, files


def _stored(frame: pd.DataFrame, target: Path) -> Path:
    try:
        frame.to_parquet(target, index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(
            "a column of the table mixes several types", file="DataFrame", value=str(error.args[0])[:200]
        ) from error
    return target


def _files_of(source: str | Path, target: Path, renames: Mapping[str, str]) -> list[str]:
    if "://" in str(source):  # a store that only the engine can reach
        return [str(source)]
    path = Path(source)
    kind = path.suffix.lower()
    if path.is_dir():
        # what Spark has not finished (_temporary), or parted by a column that then is in no file (unit=...)
        deeper = sorted({part.relative_to(path).parts[0] for part in path.glob("*/**/*.parquet")})
        if deeper:
            raise DataError(
                "the folder has Parquet files in a folder of its own; write all parts side by side "
                "(Spark: without partitionBy), and wait until that is done",
                file=path.name,
                value=deeper[0],
            )
        parts = sorted(str(part) for part in path.glob("*.parquet"))
        if not parts:
            raise DataError("the folder holds no .parquet file", file=path.name)
        return parts
    if not path.is_file():
        raise DataError("there is no such file", file=str(path))
    if kind in (".csv", ".tsv", ".txt"):
        to_parquet(path, target, renames)
        return [str(target)]
    if kind in (".parquet", ".pq"):
        return [str(path)]
    raise DataError("only .parquet and .csv files can be read", file=path.name, value=kind)


def _opened(names: Sequence[str], files: Sequence[str], connection: BaseBackend, renames: Mapping[str, str]) -> Survey:
    problems: list[Problem] = []
    read: list[Table] = []
    for name, file in zip(names, files, strict=True):
        try:
            table = _layout(_parquet(connection, name, file), name, renames)
        except DataError as error:
            problems += error.problems
        else:
            read.append(table)
    DataError.raise_for(problems)
    weightless = [name for name, table in zip(names, read, strict=True) if "weight" not in table.columns]
    if 0 < len(weightless) < len(read):
        raise DataError(
            Problem("the file has no column weight while others have one", file=name, column="weight")
            for name in weightless
        )
    return Survey(_stacked(read), ", ".join(dict.fromkeys(names)), connection)


def _stacked(read: Sequence[Table]) -> Table:
    if all(table.schema() == read[0].schema() for table in read):
        return read[0] if len(read) == 1 else ibis.union(*read)
    shared = {name for table in read for name in table.columns}
    aligned = [table.select(**{name: _typed(table, name) for name in COLUMNS if name in shared}) for table in read]
    return ibis.union(*aligned)


def _parquet(connection: BaseBackend, name: str, file: str) -> Table:
    """One Parquet file as a table; a damaged one is refused here, not in the middle of a computation."""
    try:
        if "://" not in file:
            pq.read_schema(file)
        return read_parquet(connection, file)
    except Exception as error:  # each engine and file system has exceptions of its own
        raise DataError(
            "the Parquet file cannot be read (damaged or cut)",
            file=name,
            value=str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
        ) from error


def _layout(table: Table, file: str, renames: Mapping[str, str]) -> Table:
    layout = {name: named(name, renames) for name in table.columns}
    problems = list(missing_columns(layout.values(), file))
    if not problems:
        table = table.select(**{new: table[old] for old, new in layout.items() if new in COLUMNS})
        problems = list(wrong_types(table.schema(), file))
    DataError.raise_for(problems)
    return table
