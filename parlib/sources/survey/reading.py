"""Opens survey files (Parquet or CSV) and counts the answers in one pass over them."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend

from parlib.errors import DataError, Problem
from parlib.sources.survey import csv_answers
from parlib.sources.survey.engine import (
    Column,
    Engine,
    Table,
    connect,
    empty,
    engine_of,
    fetch,
    keep,
    lookup,
    number,
    read_parquet,
)
from parlib.sources.survey.layout import COLUMNS, missing_columns, named, wrong_types

Source = str | Path | pd.DataFrame | Iterable[str | Path]

KEYS = ("unit", "group", "item", "stratum", "cluster")
_BLANKS = "\\s\u00a0\u2000-\u200a\u3000"
#: A text that may not be as ``composed`` leaves it: marks that stand alone, letters that nobody sees, blanks around it.
_UNTIDY = f"[\u0300-\u036f\ufeff\u200b-\u200d\u2060]|^[{_BLANKS}]|[{_BLANKS}]$|{csv_answers.DECIMAL}"
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
            table = table.mutate(**{name: table[name].re_replace(csv_answers.DECIMAL, r"\1") for name in texts})
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
        found: dict[str, dict[str, str]] = {}
        for column, text in fetch(ibis.union(*texts)).itertuples(index=False):
            if csv_answers.key(text) != text:
                found.setdefault(column, {})[text] = csv_answers.key(text)
        return found

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
        forms = {text: sorted(csv_answers.readings(text)) for text in pairs[name].unique()}
        read = pairs.assign(reading=pairs[name].map(forms)).explode("reading")
        read = read[read.duplicated([*within, "reading"], keep=False)]
        written = read.groupby([*within, "reading"])[name].agg(["min", "max"]).reset_index()
        problems += [
            _two_spellings(file, name, row, within) for row in written.head(csv_answers.LISTED).to_dict("records")
        ]
    if problems:
        raise DataError(problems)


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
    twice = fetch(spelled.filter(spelled["n"] > 1).order_by(["unit", "plain"]).limit(csv_answers.LISTED))
    if len(twice):
        raise DataError(_two_spellings(file, "respondent", row, ["unit"]) for row in twice.to_dict("records"))


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
            found = _files_of(one, scratch / f"{place}.parquet", renames)
        except DataError as error:
            problems += error.problems
        else:
            names += [Path(str(one)).name] * len(found)
            files += found
    if problems:
        raise DataError(problems)
    return names, files


def _stored(frame: pd.DataFrame, target: Path) -> Path:
    try:
        frame.to_parquet(target, index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(
            Problem("a column of the table mixes several types", file="DataFrame", value=str(error.args[0])[:200])
        ) from error
    return target


def _files_of(source: str | Path, target: Path, renames: Mapping[str, str]) -> list[str]:
    if "://" in str(source):  # a store that only the engine can reach
        return [str(source)]
    path = Path(source)
    kind = path.suffix.lower()
    if path.is_dir():
        parts = sorted(str(part) for part in path.glob("*.parquet"))
        if not parts:
            raise DataError(Problem("the folder holds no .parquet file", file=path.name))
        return parts
    if not path.is_file():
        raise DataError(Problem("there is no such file", file=str(path)))
    if kind in (".csv", ".tsv", ".txt"):
        csv_answers.to_parquet(path, target, renames)
        return [str(target)]
    if kind in (".parquet", ".pq"):
        return [str(path)]
    raise DataError(Problem("only .parquet and .csv files can be read", file=path.name, value=kind))


def _opened(names: Sequence[str], files: Sequence[str], connection: BaseBackend, renames: Mapping[str, str]) -> Survey:
    problems: list[Problem] = []
    tables: list[Table] = []
    for name, file in zip(names, files, strict=True):
        try:
            table = _layout(_parquet(connection, name, file), name, renames)
        except DataError as error:
            problems += error.problems
        else:
            tables.append(table)
    if problems:
        raise DataError(problems)
    weightless = [name for name, table in zip(names, tables, strict=True) if "weight" not in table.columns]
    if 0 < len(weightless) < len(tables):
        raise DataError(
            Problem("the file has no column weight while others have one", file=name, column="weight")
            for name in weightless
        )
    return Survey(_stacked(tables), ", ".join(dict.fromkeys(names)), connection)


def _stacked(tables: Sequence[Table]) -> Table:
    if all(table.schema() == tables[0].schema() for table in tables):
        return tables[0] if len(tables) == 1 else ibis.union(*tables)
    shared = {name for table in tables for name in table.columns}
    aligned = [table.select(**{name: _typed(table, name) for name in COLUMNS if name in shared}) for table in tables]
    return ibis.union(*aligned)


def _parquet(connection: BaseBackend, name: str, file: str) -> Table:
    """One Parquet file as a table; a damaged one is refused here, not in the middle of a computation."""
    try:
        if "://" not in file:
            pq.read_schema(file)
        return read_parquet(connection, file)
    except Exception as error:  # each engine and file system has exceptions of its own
        raise DataError(
            Problem(
                "the Parquet file cannot be read (damaged or cut)",
                file=name,
                value=str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
            )
        ) from error


def _layout(table: Table, file: str, renames: Mapping[str, str]) -> Table:
    layout = {name: named(name, renames) for name in table.columns}
    problems = list(missing_columns(layout.values(), file))
    if not problems:
        table = table.select(**{new: table[old] for old, new in layout.items() if new in COLUMNS})
        problems = list(wrong_types(table.schema(), file))
    if problems:
        raise DataError(problems)
    return table
