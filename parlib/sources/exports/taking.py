"""The answers in exports by a confirmed mapping: batch by batch into one long Parquet, each line that is lost counted.

A form (a row of a wide file) gives one answer for each item of its columns; an item that was asked of the form's group
and not answered is kept as no answer, so that a missing value, a blank and 99 come to the same. Columns that the
mapping does not name are never read: free text, names and telephone numbers stay in the export.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from parlib import places
from parlib.errors import DataError, Problem
from parlib.sources.exports.formats import Batch, Export, open_export, spelled
from parlib.sources.exports.mapping import Asked, Meanings
from parlib.sources.questions import COLUMNS
from parlib.sources.survey.reading import Reading
from parlib.tables import limited
from parlib.words import Message

#: What became of the rows and of the answers, in the order they are told. Rows that give nothing come first.
FATES: Mapping[str, Message] = {
    "no_unit": Message("rows lost: no unit"),
    "no_group": Message("rows lost: no group of respondents"),
    "no_item": Message("rows lost: no item"),
    "unit_left_out": Message("rows lost: the mapping leaves this unit out"),
    "group_left_out": Message("rows lost: the mapping leaves this group out"),
    "item_left_out": Message("rows lost: the mapping leaves this item out"),
    "answered": Message("answers kept"),
    "no_answer": Message("kept as no answer: a code or words of no answer"),
    "blank": Message("kept as no answer: blank"),
    "several": Message("kept as no answer: several answers to an item that has one"),
    "not_asked": Message("blank, of a group that is not asked the item: not kept"),
    "no_date": Message("day or time not understood: left blank, the answers are kept"),
}
_TYPES = {"text": pa.string(), "number": pa.float64(), "date": pa.date32()}
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %I:%M:%S %p")
_DAY_FIRST = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%H:%M:%S %d/%m/%Y")
_MONTH_FIRST = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%m/%d/%y %H:%M:%S")
_IN_WORDS = ("%b %d, %Y %I:%M:%S %p", "%b %d, %Y")  # of SurveyCTO and ODK
#: Times as the forms have them: without T, fractions of a second and zone; SA and CH for AM and PM.
_USUAL = (
    (r"([0-9])T([0-9])", r"\1 \2"),
    (r"(:[0-9]{2})(\.[0-9]+)?( AM| PM| SA| CH)?\s*(Z|(?:GMT)?[+-][0-9:]{1,5})?$", r"\1\3"),
    (" SA$", " AM"),
    (" CH$", " PM"),
)
_NONE, _BLANK, _SEVERAL, _STRANGE = -1, -2, -3, -4  # places of answers that are none

Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Taken:
    """What was taken in. ``files``: name, hash, rows; ``fates``: how often each of ``FATES``; ``notes``: columns that
    are not kept, sheets that are not read, items that a file lacks."""

    files: tuple[tuple[str, str, int], ...]
    fates: Mapping[str, int]
    notes: tuple[Problem, ...]

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(rows for _, _, rows in self.files)

    def lines(self, language: str) -> Iterator[str]:
        """The receipt, a line each."""
        for name, digest, rows in self.files:
            yield Message(
                "{name}: {rows} rows (SHA-256 {digest})", {"name": name, "rows": rows, "digest": digest}
            ).text(language)
        for fate, message in FATES.items():
            if fate == "answered" or self.fates.get(fate):
                yield f"{message.text(language)}: {self.fates.get(fate, 0)}"


def take(files: Sequence[Path], meanings: Meanings, asked: Asked, target: Path, before: Path | None = None) -> Taken:
    """Write the answers in ``files`` to the Parquet file ``target``, after those of ``before``. Raises ``DataError``
    with everything that the mapping does not settle; ``target`` is worth nothing then."""
    taking = _Taking(meanings, asked)
    digests: dict[str, str] = {}
    sizes: list[tuple[str, str, int]] = []
    schema = taking.schema
    with pq.ParquetWriter(target, schema) as writer:
        if before is not None:
            for batch in _stored(before, schema):
                writer.write_table(batch)
        for path in files:
            export = open_export(path, frozenset(meanings.columns))
            digest = places.sha256(path)
            if digest in digests:
                taking.problems.append(Problem("the same content as {other}", file=path.name, other=digests[digest]))
                continue
            digests[digest] = path.name
            reader = taking.reader(export, digest)
            rows = 0
            for batch in export.batches() if reader else ():
                rows += len(batch.numbers)
                for table in reader(batch):  # type: ignore[misc]
                    writer.write_table(table)
            sizes.append((path.name, digest, rows))
            taking.finish()
    if taking.problems:
        raise DataError(limited(taking.problems))
    return Taken(tuple(sizes), dict(taking.fates), tuple(taking.notes))


def _stored(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """The answers that are there already, with the columns of ``schema``."""
    parts = pq.ParquetFile(path)
    names = parts.schema_arrow.names
    if ("weight" in names) != ("weight" in schema.names):
        raise DataError("the answers that are there have weights and the new ones have none, or the reverse")
    if set(names) - set(schema.names):
        lacking = ", ".join(sorted(set(names) - set(schema.names)))
        raise DataError("the answers that are there have columns that the new ones lack: {lacking}", lacking=lacking)
    for batch in parts.iter_batches():
        size = len(batch)
        columns = [
            batch.column(field.name).cast(field.type) if field.name in names else pa.nulls(size, field.type)
            for field in schema
        ]
        yield pa.Table.from_arrays(columns, schema=schema)


@dataclass
class _Taking:
    meanings: Meanings
    asked: Asked
    fates: Counter[str] = field(default_factory=Counter)
    notes: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    reading: Reading | None = None
    strange: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # head, text: first row, how many
    file: str = ""

    @property
    def schema(self) -> pa.Schema:
        roles = {role for role, _ in self.meanings.columns.values()}
        there = (
            roles | ({"date"} if "start" in roles else set()) | ({"duration"} if {"start", "end"} <= roles else set())
        )
        names = [name for name, column in COLUMNS.items() if column.required or name in there]
        return pa.schema([(name, _TYPES[COLUMNS[name].kind]) for name in names])

    def reader(self, export: Export, digest: str) -> Callable[[Batch], Iterable[pa.Table]] | None:
        """What reads the batches of a file; ``None`` where it lacks a column that all rows need."""
        self.file, self.strange, heads = export.file, {}, {spelled(head): head for head in export.heads}
        self.reading = Reading(export.file, ["weight"], 1, 1)
        self.notes += export.notes
        lacks = [head for head in self.meanings.columns if head not in heads]
        for head in lacks:
            role, _ = self.meanings.columns[head]
            problem = Problem(
                "the file has no such column ({role})", file=export.file, column=self.meanings.heads[head], role=role
            )
            (self.notes if role in self.asked.questions else self.problems).append(problem)
        unused = [head for head in export.heads if spelled(head) not in self.meanings.columns]
        if unused:
            words = Message("columns that are not kept: {unused}", {"unused": ", ".join(unused)})
            self.notes.append(Problem(words, file=export.file))
        if any(self.meanings.columns[head][0] not in self.asked.questions for head in lacks):
            return None
        columns = {head: of for head, of in self.meanings.columns.items() if head in heads}
        return lambda batch: self._tables(batch, columns, heads, digest)

    def finish(self) -> None:
        """What was found wrong in the file that was read."""
        for (head, text), (row, n) in self.strange.items():
            problem = Problem(
                "the mapping does not say what this means ({n} rows)", file=self.file, row=row, column=head, n=n
            )
            self.problems.append(problem.at(value=text))
        self.problems += self.reading.problems() if self.reading else ()

    def _tables(
        self, batch: Batch, columns: Mapping[str, tuple[str, int | None]], heads: Mapping[str, str], digest: str
    ) -> Iterator[pa.Table]:
        place = {role: heads[head] for head, (role, _) in columns.items() if role not in self.asked.questions}
        keep = np.ones(len(batch.numbers), dtype=bool)
        keys: dict[str, Objects] = {}
        for kind in ("unit", "group", "item"):
            if kind in place:
                keys[kind] = self._keys(batch, place[kind], kind)
                for fate, lost in ((f"no_{kind}", keys[kind] == ""), (f"{kind}_left_out", keys[kind] == None)):  # noqa: E711
                    self.fates[fate] += int((lost & keep).sum())
                    keep &= ~lost
            elif kind in self.meanings.constants:
                keys[kind] = np.full(len(keep), self.meanings.constants[kind], dtype=object)
        arrays = {name: pa.array(keys[name], pa.string(), from_pandas=True) for name in ("unit", "group")}
        arrays |= self._others(batch, place, digest)
        asked = self.asked.questions
        answers: list[tuple[str, npt.NDArray[np.bool_], list[tuple[str, int | None]]]]
        if "item" in place:
            answers = [
                (item, keep & (keys["item"] == item), [(place["answer"], None)])
                for item in dict.fromkeys(keys["item"][keep])
            ]
        else:
            of: dict[str, list[tuple[str, int | None]]] = {}
            for head, (role, code) in columns.items():
                if role in asked:
                    of.setdefault(role, []).append((heads[head], code))
            answers = [(item, keep, of[item]) for item in asked if item in of]
        tables = [self._item(batch, item, rows, sources, keys["group"], arrays) for item, rows, sources in answers]
        if tables:
            yield pa.concat_tables(tables)

    def _item(
        self,
        batch: Batch,
        item: str,
        rows: npt.NDArray[np.bool_],
        sources: Sequence[tuple[str, int | None]],
        groups: Objects,
        arrays: Mapping[str, pa.Array],
    ) -> pa.Table:
        """The answers to one item in the rows that count."""
        codes = self._answers(batch, item, sources, rows)
        unasked = rows & (codes == _BLANK) & ~np.isin(groups, self.asked.questions[item].groups)
        kept = rows & ~unasked
        self.fates["not_asked"] += int(unasked.sum())
        for fate, code in (("no_answer", _NONE), ("blank", _BLANK), ("several", _SEVERAL)):
            self.fates[fate] += int((kept & (codes == code)).sum())
        self.fates["answered"] += int((kept & (codes >= 0)).sum())
        some = None if kept.all() else pa.array(kept)
        answers = pa.array(codes.astype(float), mask=codes < 0)
        own = {
            **arrays,
            "item": pa.array([item]).take(pa.array(np.zeros(len(codes), dtype=np.int32))),
            "answer": answers,
        }
        table = pa.table([own[name] for name in self.schema.names], schema=self.schema)
        return table if some is None else table.filter(some)

    def _coded(self, batch: Batch, head: str) -> tuple[list[str], Ints]:
        """The different texts of a column, and which of them each row has."""
        column = pc.dictionary_encode(batch.table[head].combine_chunks())
        return [text or "" for text in column.dictionary.to_pylist()], column.indices.to_numpy(zero_copy_only=False)

    def _keys(self, batch: Batch, head: str, kind: str) -> Objects:
        """The keys in a column: "" where it is blank, ``None`` where the mapping leaves the name out."""
        texts, places = self._coded(batch, head)
        names = self.meanings.names[kind]
        keys = [names[spelled(text)] or None if spelled(text) in names else "" for text in texts]
        for place, text in enumerate(texts):
            if text.strip() and spelled(text) not in names:
                self._note(head, text, batch.numbers[places == place])
        return np.array([*keys, ""], dtype=object)[places]

    def _note(self, head: str, text: str, rows: Ints) -> None:
        first, n = self.strange.get((head, text), (int(rows[0]) if len(rows) else 0, 0))
        if len(rows):
            self.strange[head, text] = first or int(rows[0]), n + len(rows)

    def _answers(
        self, batch: Batch, item: str, sources: Sequence[tuple[str, int | None]], rows: npt.NDArray[np.bool_]
    ) -> Ints:
        """The code that each row gives: of one column of answers, or of columns of 0 and 1, one for each answer."""
        results = np.full(len(rows), _BLANK, dtype=np.int64)
        for head, code in sources:
            texts, places = self._coded(batch, head)
            meant = np.array([self._meant(item, text, code) for text in texts], dtype=np.int64)[places]
            strange = rows & (meant == _STRANGE)
            if strange.any():
                for place in np.unique(places[strange]):
                    self._note(head, texts[place], batch.numbers[strange & (places == place)])
            both = (results != _BLANK) & (meant != _BLANK)
            results = np.where(both, _SEVERAL, np.where(meant == _BLANK, results, meant))
        return results

    def _meant(self, item: str, text: str, code: int | None) -> int:
        word = spelled(text)
        if not word:
            return _BLANK
        if code is not None:
            return {"1": code, "true": code, "0": _BLANK, "false": _BLANK}.get(word, _STRANGE)
        for key in ((item, word), ("", word)):
            if key in self.meanings.answers:
                meant = self.meanings.answers[key]
                known = meant is None or meant in self.asked.questions[item].scale
                return _NONE if meant is None else meant if known else _STRANGE
        parts = word.split()
        codes = len(parts) > 1 and all(part.isdigit() for part in parts)  # words apart may be one answer
        several = codes and all(self._meant(item, part, None) != _STRANGE for part in parts)
        return _SEVERAL if several else _STRANGE

    def _others(self, batch: Batch, place: Mapping[str, str], digest: str) -> dict[str, pa.Array]:
        """The columns that say who, when, how: with an invented respondent for each row where the file has none."""
        rows = pa.array(batch.numbers).cast(pa.string())
        invented = pc.binary_join_element_wise(pa.scalar(digest[:8]), rows, pa.scalar(":"))
        results: dict[str, pa.Array] = {"respondent": invented}
        for role, head in place.items():
            texts = pc.utf8_trim_whitespace(batch.table[head].combine_chunks())
            if role == "respondent":
                results[role] = pc.if_else(pc.equal(texts, ""), invented, texts)
            elif role in ("stratum", "cluster", "interviewer"):
                results[role] = texts
            elif role in ("weight", "duration") and self.reading is not None:
                cells = pd.Series(texts.to_pylist(), index=batch.numbers, dtype=object)
                results[role] = self.reading.numbers(role, cells)
        times = {role: self._times(batch, place[role]) for role in ("date", "start", "end") if role in place}
        day = times.get("date", times.get("start"))
        if day is not None:
            results["date"] = pa.array(day.to_numpy().astype("datetime64[D]"), pa.date32(), from_pandas=True)
        if {"start", "end"} <= times.keys() and "duration" not in results:
            results["duration"] = pa.array((times["end"] - times["start"]).dt.total_seconds(), from_pandas=True)
        return {name: array for name, array in results.items() if name in self.schema.names}

    def _times(self, batch: Batch, head: str) -> pd.Series[pd.Timestamp]:
        cells = pc.utf8_trim_whitespace(batch.table[head].combine_chunks())
        for pattern, usual in _USUAL:
            cells = pc.replace_substring_regex(cells, pattern, usual)
        plain = pd.Series(cells.to_pylist(), dtype=object)
        forms = (*_FORMS, *(_MONTH_FIRST if self.meanings.month_first else _DAY_FIRST), *_IN_WORDS)
        times = pd.Series(pd.NaT, index=plain.index, dtype="datetime64[s]")
        for form in forms:
            open_ = times.isna() & (plain != "")
            if not open_.any():
                break
            times[open_] = pd.to_datetime(plain[open_], format=form, errors="coerce").astype("datetime64[s]")
        self.fates["no_date"] += int((times.isna() & (plain != "")).sum())
        return times
