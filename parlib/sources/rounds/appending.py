"""Adding rows to a ledger: checked as a whole, written under the lock, confirmed by a receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from parlib.errors import DataError, Problem
from parlib.numerals import number
from parlib.sources.rounds import external, ledger, questions
from parlib.sources.rounds.intake import Incoming
from parlib.sources.rounds.opening import open_plan, refuse_final, round_folder
from parlib.sources.rounds.plan import Origin, Rulebook
from parlib.sources.rounds.texts import FIELDS, VIET_NAM, as_texts, now, read_numbers
from parlib.sources.rounds.validation import TOLERANCE, deciding, read_rows, unlikely
from parlib.words import Message, near

T = TypeVar("T")

_PLACES = ("source_row", "sheet")
_SAME = ("answer", "points", "not_applicable", "evidence", "remark", "by")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an import did. Once it is handed out, its rows are on the disk.

    ``added`` rows have the numbers ``first_row`` to ``last_row`` (0 when none was added); ``unchanged`` said what the
    ledger said already. ``already`` is when the same file was imported before, and then nothing was added.
    ``deciding``: how many of the added rows decide (appraisal and conclusion), and do not merely state or ask.
    ``warnings`` are what was taken as it stands but should be looked at.
    """

    round_id: str
    source: str
    at: datetime
    added: int
    unchanged: int
    first_row: int = 0
    last_row: int = 0
    already: str = ""
    deciding: int = 0
    warnings: tuple[Problem, ...] = ()

    def text(self, language: str = "vi") -> str:
        """The receipt as a line for people."""
        told = {name: getattr(self, name) for name in ("source", "already", "added", "unchanged", "deciding")}
        if self.already:
            return Message("{source}: imported before, at {already}; nothing was added", told).text(language)
        rows = Message(" (rows {first}-{last})", {"first": self.first_row, "last": self.last_row})
        told["rows"] = rows if self.first_row else ""
        told["decide"] = Message("; {deciding} rows decide", told) if self.deciding else ""
        return Message("{source}: {added} rows added{rows}, {unchanged} unchanged{decide}", told).text(language)


@dataclass(frozen=True)
class Batch:
    """Rows to be added, and what is known of where they come from.

    ``rows``      ``unit``, ``code``, ``stage`` and what is stated (``answer``, ``points``, ``not_applicable``,
                  ``evidence``, ``remark``), optionally ``by`` and ``at`` of each row, and where it stands in the
                  source: ``source_row``, ``sheet``.
    ``source``    the name of the file.
    ``by``        who states it, for the rows that do not say so.
    ``sha256``    of the file: the same file is not added twice unless asked to.
    ``headings``  what the file calls the fields ("points", or "appraisal.points"), for the words of problems.
    ``problems``  found when the file was read: with any, the batch is refused, and told what else is wrong with it.
    ``looked_at`` the reader has warned of what is allowed and often a slip, as that of forms does.
    """

    rows: pd.DataFrame
    source: str
    by: str = ""
    sha256: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    looked_at: bool = False


def append(
    round_id: str,
    rows: pd.DataFrame,
    *,
    source: str,
    by: str = "",
    at: datetime | None = None,
    sha256: str = "",
    headings: Mapping[str, str] | None = None,
    again: bool = False,
    decimal: str = "",
) -> Receipt:
    """Add ``rows`` to the ledger of a round: all of them, or none and a ``DataError`` with every problem.

    Numbers in texts are read as those of a CSV file: what may mean two things ("1.234") is refused unless ``decimal``
    ("comma" or "point") says how they are written; the texts of ``read_form`` and ``state`` have points. See ``Batch``
    for the other arguments; ``at`` (now) holds for rows that do not say when; ``again`` adds rows from a file that was
    imported before. Rows that say what the ledger says already add nothing. Returns when the rows are on the disk.
    """
    rows, unclear = read_numbers(rows.reset_index(drop=True), decimal, headings or {}, source)
    batch = Batch(rows, source, by, sha256, headings or {}, tuple(unclear))
    return append_all(round_id, [batch], at=at, again=again)[0]


def append_all(
    round_id: str, batches: Sequence[Batch], *, at: datetime | None = None, again: bool = False
) -> tuple[Receipt, ...]:
    """Add several batches (the forms of many units): all of all of them, or nothing and every problem."""
    moment = at or now()
    folder = round_folder(round_id)
    with ledger.locked(folder):
        plan, _ = open_plan(round_id)
        refuse_final(plan)
        held = ledger.read_texts(folder / ledger.ANSWERS, ledger.COLUMNS, optional=("source",))
        imports = ledger.read_imports(folder / ledger.IMPORTS, len(held.frame))
        if not ledger.untouched(imports, held.sha256):
            raise ledger.refuse_touched()
        book = Rulebook(plan, plan.load_scheme())
        draft = _Draft(book, held.frame, imports, moment)
        receipts = [draft.take(round_id, batch, again) for batch in batches]
        if draft.problems:
            raise DataError(draft.problems)
        draft.write(folder)
    return tuple(receipts)


class _Draft:
    """The ledger as it will be: batches are taken one by one, each checked against those before, then all written."""

    def __init__(self, book: Rulebook, held: pd.DataFrame, imports: pd.DataFrame, moment: datetime) -> None:
        self.book, self.held, self.imports, self.moment = book, held, imports, moment
        self.problems: list[Problem] = []
        self._lines: list[str] = []

    def take(self, round_id: str, batch: Batch, again: bool) -> Receipt:
        origin = Origin(batch.source, batch.headings)
        try:
            texts = _completed(batch.rows, batch.by, self.moment, origin)
            sha256 = batch.sha256 or _own_hash(batch.rows, texts)
            before = ledger.standing(self.imports)
            before = before[(before["sha256"] == sha256) & (sha256 != "")]
            if len(before) and not again:
                already = str(before["at"].iloc[-1])
                return Receipt(round_id, batch.source, self.moment, 0, len(texts), already=already)
            fresh = _checked(texts, self.held, self.book, origin)
        except DataError as error:
            self.problems += _merged(batch.problems, _as_written(error.problems, batch.rows))
            return Receipt(round_id, batch.source, self.moment, 0, 0)
        self.problems += batch.problems
        new = fresh[_news(fresh, self.held)]
        n, unchanged = len(self.held), len(fresh) - len(new)
        if not len(new):
            return Receipt(round_id, batch.source, self.moment, 0, unchanged)
        self._add(new, batch, sha256, unchanged)
        warnings = () if batch.looked_at else tuple(_as_written(unlikely(new, self.book, origin), batch.rows))
        last = n + len(new)
        return Receipt(
            round_id, batch.source, self.moment, len(new), unchanged, n + 1, last, "", deciding(new), warnings
        )

    def _add(self, new: pd.DataFrame, batch: Batch, sha256: str, unchanged: int) -> None:
        record = {
            "at": self.moment.isoformat(timespec="milliseconds"),
            "by": batch.by or ", ".join(pd.unique(new["by"])[:3]),
            "source": batch.source,
            "sha256": sha256,
            "first_row": len(self.held) + 1,
            "last_row": len(self.held) + len(new),
            "unchanged": unchanged,
            "ledger_sha256": "",
            "reason": "",
            "done": "",
        }
        self.imports = pd.concat([self.imports.astype("object"), pd.DataFrame([record])], ignore_index=True)
        self.held = pd.concat([self.held, new[list(ledger.COLUMNS)]], ignore_index=True)
        self._lines.append(ledger.csv_lines(new, ledger.COLUMNS, header=False))

    def write(self, folder: Path) -> None:
        """The records first, then the rows, then that it is done: a record without rows is void unless it was done,
        and rows without a record cannot be."""
        if not self._lines:
            return
        path, lines = folder / ledger.ANSWERS, "".join(self._lines)
        self.imports.loc[self.imports.index[-len(self._lines) :], "ledger_sha256"] = ledger.sha256_after(path, lines)
        ledger.write_imports(folder / ledger.IMPORTS, self.imports)
        ledger.add_lines(path, lines)
        ledger.write_imports(folder / ledger.IMPORTS, self.imports.assign(done=ledger.DONE))


def append_incoming(round_id: str, *incoming: Incoming, by: str = "", again: bool = False) -> tuple[Receipt, ...]:
    """Add what ``intake.read_answers`` read from one or more files: all of them or nothing."""
    return append_all(round_id, [batch_of(each, by) for each in incoming], again=again)


def batch_of(incoming: Incoming, by: str = "") -> Batch:
    """A batch of what was read from a file."""
    return Batch(incoming.rows, incoming.source, by, incoming.sha256, incoming.headings, incoming.problems)


def _as_written(problems: Iterable[Problem], rows: pd.DataFrame) -> list[Problem]:
    """Problems with the cells as they stand in the file: "0,5", not the "0.5" of the ledger."""
    cells = rows.attrs.get("cells", {})
    return [problem.at(value=cells.get((problem.row, problem.column), problem.value)) for problem in problems]


def _merged(read: Sequence[Problem], checked: Sequence[Problem]) -> list[Problem]:
    """All problems with a file in the order of its rows; where a row or a cell could not be read, only that is told."""
    rows = {problem.row for problem in read if problem.column == ""}
    cells = {(problem.row, problem.column) for problem in read}
    rest = [each for each in checked if each.row not in rows and (each.row, each.column) not in cells]
    return sorted([*read, *rest], key=lambda problem: (problem.sheet, problem.row or 0))


def _completed(rows: pd.DataFrame, by: str, moment: datetime, origin: Origin) -> pd.DataFrame:
    """``rows`` as texts, with who and when filled in; ``DataError`` when the columns are not those of a ledger."""
    missing = [name for name in ("unit", "code", "stage") if name not in rows]
    unknown = [name for name in rows if name not in (*FIELDS, *_PLACES)]
    problems = [Problem("this column is missing", column=name) for name in missing] + [
        Problem("no such column in a ledger{near}", column=str(name), near=near(str(name), FIELDS)) for name in unknown
    ]
    if problems:
        raise DataError(problem.at(file=origin.file) for problem in problems)
    texts = as_texts(rows)
    texts["by"] = texts["by"].where(texts["by"] != "", by.strip())
    texts["at"] = texts["at"].where(texts["at"] != "", moment.isoformat(timespec="milliseconds"))
    return texts


def _checked(texts: pd.DataFrame, held: pd.DataFrame, book: Rulebook, origin: Origin) -> pd.DataFrame:
    """``texts`` in the ledger's spelling, or a ``DataError`` with every problem, in the order of the rows."""
    rows, problems = read_rows(texts, book, origin)
    problems += ledger.order_problems(rows, texts, origin, held)
    problems += _twice(rows, texts, origin)
    problems += _on_nothing(rows, texts, held, book, origin)
    if not book.plan.simulated:
        problems += _in_future(rows, texts, origin)
    if problems:
        raise DataError(sorted(dict.fromkeys(problems), key=lambda problem: (problem.sheet, problem.row or 0)))
    spelt = texts.assign(unit=rows["unit"], answer=rows["answer"])
    spelt["points"] = [number(value, "en") if value == value else "" for value in rows["points"]]
    spelt["not_applicable"] = np.where(rows["not_applicable"], "true", "")
    local = rows["at"].dt.tz_convert(VIET_NAM)
    spelt["at"] = [moment.isoformat(timespec="auto") for moment in local.dt.to_pydatetime()]
    place = (
        spelt["sheet"].where(spelt["sheet"] == "", " | " + spelt["sheet"]) + " | " + spelt["source_row"].astype("str")
    )
    spelt["source"] = origin.file + place
    return spelt


def _twice(rows: pd.DataFrame, texts: pd.DataFrame, origin: Origin) -> list[Problem]:
    """Rows of one import that speak of the same thing at the same time: which of them holds would be a guess."""
    told = rows[["unit", "code", "stage", "at"]]
    told = told[told.duplicated(keep=False) & (rows["unit"] != "") & (rows["code"] != "")]
    first = texts.loc[told.index, "source_row"].groupby([told[name] for name in told], sort=False).transform("first")
    return [
        origin.problem(
            texts,
            int(place),
            "unit",
            Message(
                "this unit and criterion stand in row {first} of the same file already, at the same stage",
                {"first": first[place]},
            ),
        )
        for place in first.index
        if texts.loc[place, "source_row"] != first[place]
    ]


def _on_nothing(
    rows: pd.DataFrame, texts: pd.DataFrame, held: pd.DataFrame, book: Rulebook, origin: Origin
) -> Iterator[Problem]:
    """Explanations and conclusions on what was neither assessed, appraised nor explained before."""
    keys = ["unit", "code"]
    told = pd.concat([held[[*keys, "stage"]], rows[[*keys, "stage"]]], ignore_index=True)
    answered = set(book.codes[book.answered])
    needed = {"appeal": ("self", "appraisal"), "conclusion": ("self", "appraisal", "appeal")}
    for stage, before in needed.items():
        ground = pd.MultiIndex.from_frame(told.loc[told["stage"].isin(before), keys])
        mine = rows[(rows["stage"] == stage) & rows["code"].isin(answered)]
        for place in mine.index[~pd.MultiIndex.from_frame(mine[keys]).isin(ground)]:
            yield origin.problem(
                texts,
                int(place),
                "stage",
                Message("nothing was assessed or appraised on this criterion that could be explained or concluded on"),
            )


def _in_future(rows: pd.DataFrame, texts: pd.DataFrame, origin: Origin) -> list[Problem]:
    limit = pd.Timestamp(now()) + pd.Timedelta(days=1)  # clocks of two offices differ, not by days
    return [
        origin.problem(texts, int(place), "at", Message("the time lies in the future"))
        for place in rows.index[rows["at"] > limit]
    ]


def _own_hash(rows: pd.DataFrame, texts: pd.DataFrame) -> str:
    """A hash of rows that come from no file; "" when their time was not told, for they may be said again later."""
    if "at" not in rows or rows["at"].isna().any() or (rows["at"].astype("str") == "").any():
        return ""
    return hashlib.sha256(ledger.csv_lines(texts, FIELDS, header=False).encode()).hexdigest()


def _news(fresh: pd.DataFrame, held: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rows say something that the row before them on the same unit, code and stage does not."""
    keys = ["unit", "code", "stage"]
    both = pd.concat([held[[*keys, *_SAME]], fresh[[*keys, *_SAME]]], ignore_index=True)
    # a hand-written ledger may spell points otherwise ("0.50"): numbers are compared as numbers
    both["points"] = pd.to_numeric(both["points"].where(both["points"] != ""), errors="coerce").fillna(-1.0)
    before = both.groupby(keys, sort=False)[list(_SAME)].shift()
    same = pd.Series(True, index=both.index)
    for name in _SAME:
        if name == "points":
            same &= (both[name] - before[name].astype("float64")).abs() <= TOLERANCE
        else:
            same &= both[name] == before[name]
    return ~same.to_numpy(dtype=bool)[len(held) :]


# --- questions and other indices --------------------------------------------------------------


def ask(round_id: str, unit: str, question: str, *, by: str, code: str = "", at: datetime | None = None) -> str:
    """Write down a question or proposal of a unit, with the criterion it concerns; gives its id."""
    return _under_lock(
        round_id, lambda folder, book: questions.add_question(folder, book, unit, question, code, by, _iso(at))
    )


def reply(round_id: str, question_id: str, text: str, *, by: str, at: datetime | None = None) -> None:
    """Write down the department's reply to a question."""
    _under_lock(round_id, lambda folder, book: questions.add_reply(folder, book, question_id, text, by, _iso(at)))


def append_external(
    round_id: str, rows: pd.DataFrame, *, by: str = "", at: datetime | None = None, decimal: str = ""
) -> Receipt:
    """Add values of other indices (``unit``, ``index``, ``value``, ``source``, optionally ``by``, ``at``): all of them,
    or none and a ``DataError``. Values that are as they were add nothing. ``decimal`` as for ``append``."""
    moment = at or now()
    added, unchanged, warnings = _under_lock(
        round_id, lambda folder, book: external.add_external(folder, book, rows, by, _iso(moment), decimal)
    )
    source = str(rows["file"].iloc[0]) if "file" in rows and len(rows) else external.EXTERNAL
    return Receipt(round_id, source, moment, added, unchanged, warnings=tuple(warnings))


def _iso(at: datetime | None) -> str:
    return (at or now()).isoformat(timespec="milliseconds")


def _under_lock(round_id: str, write: Callable[[Path, Rulebook], T]) -> T:
    with ledger.locked(round_folder(round_id)):
        plan, folder = open_plan(round_id)
        refuse_final(plan)
        return write(folder, Rulebook(plan, plan.load_scheme()))
