"""A round on disk: made and opened."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from time import sleep
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from parlib import places
from parlib.errors import DataError, ParameterError, ParlibError, Problem
from parlib.scoring.scheme import Scheme
from parlib.scoring.units import near_units
from parlib.sources.rounds import intake, ledger
from parlib.sources.rounds import plan as plans
from parlib.sources.rounds.intake import Incoming
from parlib.sources.rounds.ledger import deciding, typed_by
from parlib.sources.rounds.wording import stage_words
from parlib.tables import number
from parlib.words import Message, as_day, near, near_codes

SURVEY = "survey.parquet"
_LOOKS = 500  # at a round that others write to, until it holds still for the millisecond of a copy


@dataclass(frozen=True, eq=False)
class Round:
    """One assessment round as it stands on disk when opened.

    ``ledger``     every row stated or decided that stands, in order (see ``ledger.read_ledger``).
    ``undone``     the rows of imports that were undone; ``undone`` in them is the number of the record that did it.
    ``imports``    where the rows came from: ``at``, ``by``, ``source``, ``sha256``, ``first_row``, ``last_row``, ...
    ``questions``  questions and proposals of units with the replies (see ``questions.read_questions``).
    ``external``   other indices that the scheme counts: ``unit``, ``index``, ``value``, ``source``.
    ``book``       what the round allows: units, leaves, maxima.
    """

    plan: plans.RoundPlan
    path: Path
    ledger: pd.DataFrame
    undone: pd.DataFrame
    imports: pd.DataFrame
    questions: pd.DataFrame
    external: pd.DataFrame
    book: plans.Rulebook

    @property
    def scheme(self) -> Scheme:
        """The set of criteria of the round."""
        return self.book.scheme

    @property
    def last_row(self) -> int:
        """The number of the last row of the ledger, undone or not."""
        return len(self.ledger) + len(self.undone)

    @property
    def survey_path(self) -> Path | None:
        """The respondents' answers, where the round has them."""
        path = self.path / SURVEY
        return path if path.exists() else None

    @property
    def marks(self) -> tuple[str, ...]:
        """What the numbers of the round rest on: printed on everything made from it."""
        illustrative = ("illustrative_scheme",) if self.scheme.status == "illustrative" else ()
        return (*illustrative, *(("simulated",) if self.plan.simulated else ()))


def round_ids() -> tuple[str, ...]:
    """The ids of all rounds on disk."""
    return tuple(sorted(path.parent.name for path in places.rounds().glob(f"*/{plans.FILE}")))


def round_folder(round_id: str) -> Path:
    """The folder of a round; ``ParameterError`` with near matches."""
    known = round_ids()
    if round_id not in known:
        if not known:
            raise ParameterError(
                "no such round; there is none. One for practice: parlib simulate --year 2023 --level ministry "
                "--seed 4; one in earnest: parlib round new",
                value=round_id,
            )
        there = ", ".join(known)
        raise ParameterError(
            "no such round; there are: {there}{near}", value=round_id, there=there, near=near(round_id, known)
        )
    return places.rounds() / round_id


State = tuple[tuple[str, int, int, int], ...]


def folder_state(folder: Path) -> State:
    """Path, number, size and time of change of the files of a round: what tells whether it is as it was when last
    read."""
    return _states(
        part for path in folder.iterdir() for part in (survey_files(path) if path.name == SURVEY else [path])
    )


def survey_state(folder: Path) -> State:
    """The same of the survey alone."""
    return _states(survey_files(folder / SURVEY))


def _states(paths: Iterable[Path]) -> State:
    result = []
    for path in sorted(paths):
        if not path.name.startswith("."):
            with contextlib.suppress(FileNotFoundError):  # a draft that took its name just now
                about = path.stat()
                if stat.S_ISREG(about.st_mode):
                    result.append((str(path), about.st_ino, about.st_size, about.st_mtime_ns))
    return tuple(result)


def survey_files(path: Path) -> list[Path]:
    """The files of survey answers: one, or those of the folder that stands in its place."""
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


def create_round(plan: plans.RoundPlan, by: str = "parlib", at: datetime | None = None) -> Path:
    """Make the folder of a new round from its plan, made ``at`` (now); gives the folder."""
    plans.check_plan(plan)
    folder = places.rounds() / plan.id
    if (folder / plans.FILE).exists():
        raise ParameterError("the round exists", value=plan.id)
    folder.mkdir(parents=True, exist_ok=True)
    created = plans.Event(
        at=at or plans.now(),
        by=by,
        typed_by=typed_by(),
        action="created",
        plan=plan.sha256,
        for_real=not plan.simulated,
    )
    begun = plan.model_copy(update={"history": (*plan.history, created)})
    with ledger.locked(folder):
        if not (folder / ledger.ANSWERS).exists():
            ledger.write_text(folder / ledger.ANSWERS, ",".join((*plans.STATED, "source")) + "\n")
        ledger.write_text(folder / plans.FILE, plans.plan_text(begun))
    return folder


def open_plan(round_id: str) -> tuple[plans.RoundPlan, Path]:
    """The plan of a round and its folder."""
    folder = round_folder(round_id)
    return _checked_plan(folder, folder), folder


def _checked_plan(folder: Path, tables: Path) -> plans.RoundPlan:
    plan = plans.read_plan(tables / plans.FILE)
    if plan.id != folder.name:
        raise DataError(
            "the id differs from the folder '{folder_name}'",
            file=plans.FILE,
            column="id",
            value=plan.id,
            folder_name=folder.name,
        )
    return plan


def open_round(round_id: str, accept_changes: bool = False) -> Round:
    """The round as it stands: everything on it is read and checked.

    Raises ``ParameterError`` when there is none, ``DataError`` with all problems when its files are wrong, or when
    the ledger was changed by hand (unless ``accept_changes``).

    >>> parlib.open_round("2023-ministry").plan.level
    'ministry'
    """
    folder = round_folder(round_id)
    before = folder_state(folder)
    try:
        opened = _opened(folder, folder, accept_changes)
    except (ParlibError, OSError):
        if folder_state(folder) == before:
            raise
    else:
        if folder_state(folder) == before:
            return opened
    with _held_still(folder) as tables:  # somebody is writing to it: what was read may be of two moments
        return _opened(folder, tables, accept_changes)


def _opened(folder: Path, tables: Path, accept_changes: bool) -> Round:
    """The round of ``folder`` by its ``tables``, which may be copies."""
    plan = _checked_plan(folder, tables)
    book = plans.Rulebook(plan, plan.load_scheme())
    rows, imports, sha256 = ledger.read_ledger(tables / ledger.ANSWERS, book)
    if not accept_changes:
        ledger.check_untouched(imports, len(rows), sha256)
        if len(rows):
            check_answered_for(plan)
        if plan.final:
            ledger.check_as_locked(plan, beside(folder))
    stands = (rows["undone"] == 0).to_numpy()
    return Round(
        plan=plan,
        path=folder,
        ledger=rows[stands].reset_index(drop=True),
        undone=rows[~stands].reset_index(drop=True),
        imports=imports,
        questions=ledger.read_questions(tables, book),
        external=intake.read_external(tables, book),
        book=book,
    )


def check_answered_for(plan: plans.RoundPlan) -> None:
    """Raise ``DataError`` where the plan was changed since somebody answered for it. Until the first answer comes in,
    a plan is written as people like."""
    if not plan.untouched:
        raise DataError(
            "the plan was changed after answers came in (units, weights, dates, people, mark of a simulation); "
            "put it back, or answer for the change with 'parlib round accept' and a reason",
            file=plans.FILE,
        )


def beside(folder: Path) -> dict[str, str]:
    """The hashes of what a round rests on beside its ledger: the values of other indices and the survey."""
    return ledger.hashes({intake.EXTERNAL: [folder / intake.EXTERNAL], SURVEY: survey_files(folder / SURVEY)})


@contextmanager
def _held_still(folder: Path) -> Iterator[Path]:
    """Copies of the tables of a round as they stood together at one moment. Readers take no lock: who may only read
    can, and keeps no writer waiting."""
    for _ in range(_LOOKS):
        with tempfile.TemporaryDirectory(prefix="parlib-") as copies:
            before = folder_state(folder)
            for name in (plans.FILE, ledger.ANSWERS, ledger.IMPORTS, ledger.QUESTIONS, intake.EXTERNAL):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copyfile(folder / name, Path(copies) / name)
            if folder_state(folder) == before:
                yield Path(copies)
                return
        sleep(0.02)
    raise DataError("someone else is writing to this round; try again later", file=str(folder))


def open_for_reading(round_id: str) -> Round:
    """As ``open_round``, but what this process has read already is not read again while the files stay as they are."""
    return _read_once(round_id, folder_state(round_folder(round_id)))


@lru_cache(maxsize=2)
def _read_once(round_id: str, _state: object) -> Round:
    return open_round(round_id)


def refuse_final(plan: plans.RoundPlan) -> None:
    """Raise a ``DataError`` where the round is locked."""
    if not plan.final:
        return
    locks = [event for event in plan.history if event.action == "finished"]
    since = {"day": locks[-1].at.date(), "by": locks[-1].by} if locks else {}
    raise DataError(
        "the round {plan_id} is final{when}; to change it, reopen it with a reason: parlib round reopen",
        file=plans.FILE,
        column="status",
        value=plan.status,
        when=Message(" since {day} ({by})", since) if since else "",
        plan_id=plan.id,
    )


# --- appending ------------------------------------------------------------------------------------
# Adding rows to a ledger: checked as a whole, written under the lock, confirmed by a receipt.

T = TypeVar("T")

_PLACES = ("source_row", "sheet")
_NUMERIC = ("points", *plans.PARTS)
_SAME = ("answer", "not_applicable", "evidence", "remark", "by", *_NUMERIC)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an import did. Once it is handed out, its rows are on the disk.

    ``added`` rows have the numbers ``first_row`` to ``last_row`` (0 when none was added); ``unchanged`` said what the
    ledger said already. ``already`` is when the same file was imported before, and then nothing was added.
    ``deciding``: how many of the added rows decide (appraisal and conclusion), and do not merely state or ask.
    ``warnings`` are what was taken as it stands but should be looked at. ``refused``: what is wrong with a file that
    was left out, where the good ones were to be kept.
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
    refused: tuple[Problem, ...] = ()

    def text(self, language: str = "vi") -> str:
        """The receipt as a line for people."""
        places = {name: getattr(self, name) for name in ("source", "already", "added", "unchanged", "deciding")}
        if self.already:
            then = plans.parse_time(self.already)
            places["already"] = as_day(then, clock=True) if then else self.already
            return Message("{source}: imported before, at {already}; nothing was added", places).text(language)
        rows = Message(" (rows {first}-{last})", {"first": self.first_row, "last": self.last_row})
        places["rows"] = rows if self.first_row else ""
        places["decide"] = Message("; {deciding} rows decide", places) if self.deciding else ""
        return Message("{source}: {added} rows added{rows}, {unchanged} unchanged{decide}", places).text(language)


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
    rows, unclear = plans.read_numbers(rows.reset_index(drop=True), decimal, headings or {}, source)
    batch = Batch(rows, source, by, sha256, headings or {}, tuple(unclear))
    return append_all(round_id, [batch], at=at, again=again)[0]


def append_all(
    round_id: str,
    batches: Sequence[Batch],
    *,
    at: datetime | None = None,
    again: bool = False,
    keep_good: bool = False,
    received: date | None = None,
) -> tuple[Receipt, ...]:
    """Add several batches (the forms of many units): all of all of them, or nothing and every problem; with
    ``keep_good`` those that are sound, the others are ``refused``. ``received``: the day on which they came in, where
    that was before today: rows that do not say when are of that day's noon."""
    moment = at or plans.now()
    came = moment if received in (None, moment.date()) else datetime.combine(received, time(12), plans.VIET_NAM)
    folder = round_folder(round_id)
    with ledger.locked(folder):
        draft, receipts = _drafted(folder, batches, again, moment, came)
        plan = draft.book.plan
        problems = [problem for receipt in receipts for problem in receipt.refused]
        if problems and not keep_good:
            raise DataError(problems)
        if not plan.untouched:  # it was written until now, and holds from here
            record(plan, folder, "planned", str(batches[0].by) or typed_by() or "parlib", settled=True)
        draft.write(folder)
    return tuple(receipts)


def try_all(
    round_id: str, batches: Sequence[Batch], *, again: bool = False
) -> tuple[tuple[Receipt, ...], pd.DataFrame]:
    """What ``append_all`` would do, without doing it: the receipts, and the rows that would be added, as those of a
    ledger."""
    folder = round_folder(round_id)
    with ledger.locked(folder):
        draft, receipts = _drafted(folder, batches, again, plans.now(), plans.now())
    texts = draft.held.iloc[draft.n_held :].assign(source_row=0, sheet="").reset_index(drop=True)
    return tuple(receipts), ledger.read_rows(texts, draft.book, plans.Origin(""))[0].assign(source=texts["source"])


def _drafted(
    folder: Path, batches: Sequence[Batch], again: bool, moment: datetime, came: datetime
) -> tuple[_Draft, list[Receipt]]:
    """The ledger as it would be with these batches. The caller holds the lock."""
    plan, _ = open_plan(folder.name)
    refuse_final(plan)
    held = ledger.read_texts(folder / ledger.ANSWERS, ledger.COLUMNS, optional=ledger.MAY_LACK)
    imports = ledger.read_imports(folder / ledger.IMPORTS, len(held.frame))
    ledger.check_untouched(imports, len(held.frame), held.sha256)
    if len(held.frame):
        check_answered_for(plan)
    draft = _Draft(plans.Rulebook(plan, plan.load_scheme()), held.frame, imports, moment, came)
    return draft, [draft.take(folder.name, batch, again) for batch in batches]


def record(
    plan: plans.RoundPlan,
    folder: Path,
    action: Literal["planned", "finished", "reopened", "accepted"],
    by: str,
    reason: str = "",
    status: Literal["open", "final", ""] = "",
    settled: bool = False,
) -> plans.RoundPlan:
    """Write an event into the history of a plan; ``settled``: the plan as it stands is answered for."""
    answered_for = plan.sha256 if settled else ""
    files = beside(folder) if action == "finished" else {}
    event = plans.Event(
        at=plans.now(), by=by, typed_by=typed_by(), action=action, reason=reason, plan=answered_for, files=files
    )
    changed = plan.model_copy(update={"status": status or plan.status, "history": (*plan.history, event)})
    path = folder / plans.FILE
    ledger.write_text(path, plans.edited_text(path.read_text(encoding="utf-8-sig"), changed))
    return changed


class _Draft:
    """The ledger as it will be: batches are taken one by one, each checked against those before, then all written."""

    def __init__(
        self,
        book: plans.Rulebook,
        held: pd.DataFrame,
        imports: pd.DataFrame,
        moment: datetime,
        came: datetime,
    ) -> None:
        self.book, self.imports, self.moment = book, imports, moment
        self.came = came  # when the rows came in that do not say it
        self.held = held[ledger.undone_by(imports, len(held)) == 0]  # what was taken back was not said
        self.n_rows, self.n_held = len(held), len(self.held)
        self._added: list[pd.DataFrame] = []

    def take(self, round_id: str, batch: Batch, again: bool) -> Receipt:
        origin = plans.Origin(batch.source, batch.headings)
        try:
            texts = _completed(batch.rows, batch.by, self.came, origin)
            sha256 = batch.sha256 or _own_hash(batch.rows, texts)
            before = ledger.imports_in_force(self.imports)
            # The same file from another appraiser is their own word, not the file a second time.
            theirs = texts["stage"].isin(plans.DECIDING) & (texts["by"] == batch.by.strip())
            same = (before["by"] == batch.by.strip()) | (not theirs.all())
            before = before[(before["sha256"] == sha256) & (sha256 != "") & same]
            if len(before) and not again:
                already = str(before["at"].iloc[-1])
                return Receipt(round_id, batch.source, self.moment, 0, len(texts), already=already)
            of_units = self.held[self.held["unit"].isin(self.book.resolved(texts["unit"])[0].values())]
            fresh = _checked(texts, of_units, self.book, origin)
        except DataError as error:
            refused = _merged(batch.problems, _as_written(error.problems, batch.rows))
            return Receipt(round_id, batch.source, self.moment, 0, 0, refused=tuple(refused))
        if batch.problems:
            return Receipt(round_id, batch.source, self.moment, 0, 0, refused=batch.problems)
        new = fresh[_news(fresh, of_units)]
        n, unchanged = self.n_rows, len(fresh) - len(new)
        if not len(new):
            return Receipt(round_id, batch.source, self.moment, 0, unchanged)
        self._add(new, batch, sha256, unchanged)
        warnings = [] if batch.looked_at else _as_written(ledger.unlikely(new, self.book, origin), batch.rows)
        warnings += _late(new, self.book.plan, batch.source)
        last = n + len(new)
        return Receipt(
            round_id, batch.source, self.moment, len(new), unchanged, n + 1, last, "", deciding(new), tuple(warnings)
        )

    def _add(self, new: pd.DataFrame, batch: Batch, sha256: str, unchanged: int) -> None:
        self.imports = ledger.with_record(
            self.imports,
            self.moment,
            by=batch.by or ", ".join(pd.unique(new["by"])[:3]),
            source=batch.source,
            sha256=sha256,
            first_row=self.n_rows + 1,
            last_row=self.n_rows + len(new),
            unchanged=unchanged,
        )
        self.held = pd.concat([self.held, new[list(ledger.COLUMNS)]], ignore_index=True)
        self.n_rows += len(new)
        self._added.append(new)

    def write(self, folder: Path) -> None:
        """The records first, then the rows, then that it is done: a record without rows is void unless it was done,
        and rows without a record cannot be."""
        if not self._added:
            return
        path = folder / ledger.ANSWERS
        content = ledger.grown(path, pd.concat(self._added))
        hashed = hashlib.sha256(content).hexdigest()
        self.imports.loc[self.imports.index[-len(self._added) :], "ledger_sha256"] = hashed
        ledger.write_imports(folder / ledger.IMPORTS, self.imports)
        ledger.write_bytes(path, content)
        ledger.write_imports(folder / ledger.IMPORTS, self.imports.assign(done=ledger.DONE))


def days_late(at: pd.Series, stages: pd.Series, plan: plans.RoundPlan) -> npt.NDArray[np.int64]:
    """By how many days each moment is after the end of the plan's step of its stage; 0 where it is in time."""
    ends = {step.key: pd.Timestamp(step.end) for step in plan.steps if step.end}
    days = (
        pd.to_datetime(at, utc=True, format="ISO8601").dt.tz_convert(plans.VIET_NAM).dt.tz_localize(None).dt.normalize()
    )
    late = (days - pd.to_datetime(stages.map(ends))).dt.days
    return np.asarray(late.fillna(0).clip(lower=0), dtype=np.int64)


def _late(new: pd.DataFrame, plan: plans.RoundPlan, source: str) -> list[Problem]:
    """That rows came after the end of their step."""
    late = pd.Series(days_late(new["at"], new["stage"], plan), index=new.index)
    return [
        Problem(
            "handed in {n} days late: the step ended on {day}",
            file=source,
            n=int(days.max()),
            day=plan.step(str(stage)).end,  # type: ignore[union-attr]
        )
        for stage, days in late[late > 0].groupby(new["stage"], sort=False)
    ]


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


def _completed(rows: pd.DataFrame, by: str, moment: datetime, origin: plans.Origin) -> pd.DataFrame:
    """``rows`` as texts, with who and when filled in; ``DataError`` when the columns are not those of a ledger."""
    missing = [name for name in ("unit", "code", "stage") if name not in rows]
    unknown = [name for name in rows if name not in (*plans.FIELDS, *_PLACES)]
    problems = [Problem("this column is missing", column=name) for name in missing] + [
        Problem("no such column in a ledger{near}", column=str(name), near=near(str(name), plans.FIELDS))
        for name in unknown
    ]
    DataError.raise_for(problems, file=origin.file)
    texts = plans.as_texts(rows)
    texts["by"] = texts["by"].where(texts["by"] != "", by.strip())
    texts["at"] = texts["at"].where(texts["at"] != "", moment.isoformat(timespec="milliseconds"))
    return texts


def _checked(texts: pd.DataFrame, held: pd.DataFrame, book: plans.Rulebook, origin: plans.Origin) -> pd.DataFrame:
    """``texts`` in the ledger's spelling, or a ``DataError`` with every problem, in the order of the rows."""
    rows, problems = ledger.read_rows(texts, book, origin)
    problems += ledger.order_problems(rows, texts, origin, held)
    problems += _twice(rows, texts, origin)
    problems += _on_nothing(rows, texts, held, book, origin)
    problems += ledger.role_problems(rows, texts, book, origin)
    if not book.plan.simulated:
        problems += _in_future(rows, texts, origin)
    if problems:
        raise DataError(sorted(dict.fromkeys(problems), key=lambda problem: (problem.sheet, problem.row or 0)))
    spelt = texts.assign(unit=rows["unit"], answer=rows["answer"])
    for name in _NUMERIC:
        spelt[name] = [number(value, "en") if value == value else "" for value in rows[name]]
    spelt["not_applicable"] = np.where(rows["not_applicable"], "true", "")
    local = rows["at"].dt.tz_convert(plans.VIET_NAM)
    spelt["at"] = [moment.isoformat(timespec="auto") for moment in local.dt.to_pydatetime()]
    place = (
        spelt["sheet"].where(spelt["sheet"] == "", " | " + spelt["sheet"]) + " | " + spelt["source_row"].astype("str")
    )
    spelt["source"] = origin.file + place
    return spelt


def _twice(rows: pd.DataFrame, texts: pd.DataFrame, origin: plans.Origin) -> Iterator[Problem]:
    """Rows of one import that speak of the same thing at the same time: which of them holds would be a guess."""
    words = Message("this unit and criterion stand in row {first} of the same file already, at the same stage")
    seen: dict[tuple[object, ...], object] = {}
    cells = zip(*(rows[name] for name in ("unit", "code", "stage", "at")), strict=True)
    for place, row, cell in zip(rows.index, texts["source_row"], cells, strict=True):
        first = seen.setdefault(cell, row)
        if first != row and cell[0] and cell[1]:
            yield origin.problem(texts, int(place), "unit", words.filled(first=first))


def _on_nothing(
    rows: pd.DataFrame, texts: pd.DataFrame, held: pd.DataFrame, book: plans.Rulebook, origin: plans.Origin
) -> Iterator[Problem]:
    """Explanations and conclusions on what was neither assessed, appraised nor explained before."""
    keys = ["unit", "code"]
    sentence = pd.concat([held[[*keys, "stage"]], rows[[*keys, "stage"]]], ignore_index=True)
    answered = set(book.codes[book.answered])
    needed = {"appeal": ("self", "appraisal"), "conclusion": ("self", "appraisal", "appeal")}
    for stage, before in needed.items() if rows["stage"].isin(needed).any() else ():
        ground = pd.MultiIndex.from_frame(sentence.loc[sentence["stage"].isin(before), keys])
        mine = rows[(rows["stage"] == stage) & rows["code"].isin(answered)]
        for place in mine.index[~pd.MultiIndex.from_frame(mine[keys]).isin(ground)]:
            yield origin.problem(
                texts,
                int(place),
                "stage",
                Message("nothing was assessed or appraised on this criterion that could be explained or concluded on"),
            )


def _in_future(rows: pd.DataFrame, texts: pd.DataFrame, origin: plans.Origin) -> list[Problem]:
    limit = pd.Timestamp(plans.now()) + pd.Timedelta(days=1)  # clocks of two offices differ, not by days
    return [
        origin.problem(texts, int(place), "at", Message("the time lies in the future"))
        for place in rows.index[rows["at"] > limit]
    ]


def _own_hash(rows: pd.DataFrame, texts: pd.DataFrame) -> str:
    """A hash of rows that come from no file; "" when their time was not told, for they may be said again later."""
    if "at" not in rows or rows["at"].isna().any() or (rows["at"].astype("str") == "").any():
        return ""
    columns = plans.FIELDS if (texts[list(plans.PARTS)] != "").any(axis=None) else plans.STATED
    return hashlib.sha256(ledger.csv_lines(texts, columns, header=False).encode()).hexdigest()


def _news(fresh: pd.DataFrame, held: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rows say something that the row before them on the same unit, code and stage does not."""
    keys = ["unit", "code", "stage"]
    both = pd.concat([held[[*keys, *_SAME]], fresh[[*keys, *_SAME]]], ignore_index=True)
    # a hand-written ledger may spell points otherwise ("0.50"): numbers are compared as numbers
    for name in _NUMERIC:
        both[name] = pd.to_numeric(both[name].where(both[name] != ""), errors="coerce").fillna(-1.0)
    before = both.groupby(keys, sort=False)[list(_SAME)].shift()
    same = pd.Series(True, index=both.index)
    for name in _SAME:
        if name in _NUMERIC:
            same &= (both[name] - before[name].astype("float64")).abs() <= ledger.TOLERANCE
        else:
            same &= both[name] == before[name]
    return ~same.to_numpy(dtype=bool)[len(held) :]


# --- questions and other indices --------------------------------------------------------------


def ask(round_id: str, unit: str, question: str, *, by: str, code: str = "", at: datetime | None = None) -> str:
    """Write down a question or proposal of a unit, with the criterion it concerns; gives its id."""
    return _under_lock(
        round_id, lambda folder, book: ledger.add_question(folder, book, unit, question, code, by, _iso(at))
    )


def reply(round_id: str, question_id: str, text: str, *, by: str, at: datetime | None = None) -> None:
    """Write down the department's reply to a question."""
    _under_lock(round_id, lambda folder, book: ledger.add_reply(folder, book, question_id, text, by, _iso(at)))


def append_external(
    round_id: str, rows: pd.DataFrame, *, by: str = "", at: datetime | None = None, decimal: str = ""
) -> Receipt:
    """Add values of other indices (``unit``, ``index``, ``value``, ``source``, optionally ``by``, ``at``): all of them,
    or none and a ``DataError``. Values that are as they were add nothing. ``decimal`` as for ``append``."""
    moment = at or plans.now()
    added, unchanged, warnings = _under_lock(
        round_id, lambda folder, book: intake.add_external(folder, book, rows, by, _iso(moment), decimal)
    )
    source = str(rows["file"].iloc[0]) if "file" in rows and len(rows) else intake.EXTERNAL
    return Receipt(round_id, source, moment, added, unchanged, warnings=tuple(warnings))


def _iso(at: datetime | None) -> str:
    return (at or plans.now()).isoformat(timespec="milliseconds")


def _under_lock(round_id: str, write: Callable[[Path, plans.Rulebook], T]) -> T:
    with ledger.locked(round_folder(round_id)):
        plan, folder = open_plan(round_id)
        refuse_final(plan)
        return write(folder, plans.Rulebook(plan, plan.load_scheme()))


# --- stages ---------------------------------------------------------------------------------------
# What holds at a stage: the effective answer of each unit and criterion, at any date; and how it came about.
#
# - ``self``       the last self-assessment;
# - ``appraisal``  the council's last decision; what it did not decide is not known (never the unit's own word, unless
#                  the plan says ``unappraised: self``);
# - ``final``      the council's last decision on the unit's explanation (a row at the stage ``conclusion``), else
#                  ``appraisal``. A row at the stage ``appeal`` is the unit's explanation, whoever wrote it down: it
#                  asks,
#                  and decides nothing.
#
# What a plan exempts does not apply at any stage. Criteria that units do not assess themselves (survey, other indices)
# have one value for all stages: where points were entered for them, those that hold at the end.

STAGES = ("self", "appraisal", "final")
PLAN_ROW = 0  # the "row" of what the plan decided

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


def moment(at: datetime | date | str) -> pd.Timestamp:
    """A point in time: a day means its end, a time without a zone is Viet Nam's."""
    if isinstance(at, str):
        told = plans.parse_time(at)
        if told is None:
            raise ParameterError("not a date or time; write 31/01/2024 or 2024-01-31T09:00", value=at)
        at = told if len(at.strip()) > len("31/01/2024") else told.date()
    if not isinstance(at, datetime):
        at = datetime.combine(at, time.max)
    return pd.Timestamp(at if at.tzinfo else at.replace(tzinfo=plans.VIET_NAM))


def check_stage(stage: str) -> str:
    """``stage`` as it is, or a ``ParameterError`` naming those that exist."""
    if stage not in STAGES:
        raise ParameterError(
            "the stage is one of {stages}{near}", value=stage, near=near(stage, STAGES), stages=stage_words(STAGES)
        )
    return stage


def decides(ledger: pd.DataFrame) -> Mask:
    """Which rows say what the council or the unit holds to be so: all but explanations, and the council's remarks on
    them. The stage says it, never the name of who wrote the row."""
    conclusion = ledger["stage"] == "conclusion"
    return np.asarray((ledger["stage"] != "appeal") & (~conclusion | has_value(ledger)), dtype=bool)


def as_of(round_: Round, at: datetime | date | str) -> Round:
    """The round with the ledger as it stood at a date (its end) or a time: what was undone later stood then."""
    until = moment(at)
    undone_at = plans.times(round_.imports["at"])
    back = undone_at.reindex(round_.undone["undone"] - 1).to_numpy()
    rows = pd.concat([round_.ledger, round_.undone[np.asarray(pd.to_datetime(back, utc=True) > until)]])
    rows = rows[rows["at"] <= until].sort_values("row").reset_index(drop=True)
    return replace(round_, ledger=rows)


@lru_cache(maxsize=6)
def effective_rows(round_: Round, stage: str) -> Places:
    """The place in the ledger of the row that holds for each unit x leaf (-1: none), as an array units x leaves."""
    check_stage(stage)
    book, ledger = round_.book, round_.ledger
    counts, cell = decides(ledger), book.cells(ledger)
    kinds = ledger["stage"].to_numpy(dtype=object)
    valued = np.append(has_value(ledger), False)  # the last one is for place -1

    def last(kind: str) -> Places:
        """The last row of a kind for each cell; a last row without a value withdraws what was said before."""
        held = np.full(len(book.units) * len(book.codes), -1, dtype=np.intp)
        rows = np.flatnonzero(counts & (kinds == kind))
        held[cell[rows]] = rows  # of rows of one cell numpy keeps the last
        return np.where(valued[held], held, -1)

    own, appraised, concluded = last("self"), last("appraisal"), last("conclusion")
    judged = np.where((appraised < 0) & (round_.plan.unappraised == "self"), own, appraised)
    final = np.where(concluded >= 0, concluded, judged)
    chosen = {"self": own, "appraisal": judged, "final": final}[stage].reshape(len(book.units), len(book.codes))
    entered = np.where(concluded >= 0, concluded, appraised).reshape(chosen.shape)
    held = np.where(book.exempt, -1, np.where(book.answered, chosen, entered))
    held.flags.writeable = False  # it is kept for who asks next
    return held


def has_value(ledger: pd.DataFrame) -> Mask:
    """Which rows state something: an answer, points, that a criterion does not apply."""
    stated = (ledger["answer"] != "") | ledger["points"].notna() | ledger["not_applicable"]
    return np.asarray(stated, dtype=bool)


def requests_of_others(round_: Round) -> int:
    """How many rows at the stage of appeals state a result and were not written by the unit: they ask, though whoever
    wrote them may have meant to decide (the stage for that is ``conclusion``)."""
    asking = round_.ledger[(round_.ledger["stage"] == "appeal") & has_value(round_.ledger)]
    by = round_.book.resolved(asking["by"])[0]
    return int((plans.by_text(asking["by"], lambda text: by.get(text, text)) != asking["unit"].to_numpy()).sum())


def state(round_: Round, stage: str = "final", at: datetime | date | str | None = None) -> pd.DataFrame:
    """The effective answer of each unit and criterion at a stage, as it stood ``at`` a date (its end) or a time.

    ``unit``, ``code``, ``answer``, ``points`` (given directly; NaN = by the rule), ``not_applicable``, ``row`` (its row
    in the ledger; 0 = decided by the plan), ``stage`` (of that row: self, appraisal, conclusion; plan). What is not
    known has no row here.
    """
    round_ = round_ if at is None else as_of(round_, at)
    held = effective_rows(round_, stage)
    book, ledger = round_.book, round_.ledger
    unit, leaf = np.nonzero((held >= 0) | book.exempt)
    place = held[unit, leaf]
    planned = place < 0
    rows = ledger[["answer", "points", "not_applicable", "row", "stage"]].reindex(np.where(planned, -1, place))
    return pd.DataFrame(
        {
            "unit": book.units[unit],
            "code": book.codes[leaf],
            "answer": rows["answer"].fillna("").to_numpy(),
            "points": rows["points"].to_numpy(dtype="float64"),
            "not_applicable": np.where(planned, True, rows["not_applicable"].eq(True).to_numpy()),
            "row": np.where(planned, PLAN_ROW, rows["row"].fillna(0).to_numpy()).astype("int64"),
            "stage": rows["stage"].fillna("plan").to_numpy(),
        }
    ).astype({"answer": "str", "stage": "str"})


def undecided(round_: Round) -> pd.DataFrame:
    """The criteria that units answer themselves and that have no final answer: ``unit``, ``code``."""
    book = round_.book
    unit, leaf = np.nonzero((effective_rows(round_, "final") < 0) & ~book.exempt & book.answered)
    return pd.DataFrame({"unit": book.units[unit], "code": book.codes[leaf]})


def rule_words(round_: Round, code: str, language: str = "vi") -> str:
    """The rule of a leaf in words."""
    leaf = round_.scheme.node(code)
    return leaf.rule.words(leaf.maximum, language) if leaf.rule else ""


def trace(round_: Round, unit: str, code: str) -> pd.DataFrame:
    """Everything that was said on one criterion of one unit, in order: ``row``, ``stage``, ``answer``, ``points``,
    ``numerator``, ``denominator``, ``not_applicable``, ``earned``, ``maximum``, ``rule`` (in words), ``evidence``,
    ``remark``, ``by``, ``at``, ``source`` (file, sheet, row), ``holds`` (the stages at which this row is the one that
    holds; "undone").

    Raises ``ParameterError`` with near matches when the round has no such unit or the scheme no such leaf.
    """
    book = round_.book
    listed = (one for one in round_.plan.standing_units() if one.key in book.units)
    for wanted, known, words, close in (
        (unit, book.units, Message("unit"), near_units(unit, listed)),
        (code, book.codes, Message("scored criterion"), near_codes(code, book.codes)),
    ):
        if wanted not in known:
            raise ParameterError("the round has no such {words}{near}", value=wanted, words=words, near=close)
    place = (book.units.get_loc(unit), book.codes.get_loc(code))
    rows = np.append(round_.ledger["row"].to_numpy(), -1)
    holding = {stage: int(rows[effective_rows(round_, stage)[place]]) for stage in STAGES}
    every = pd.concat([round_.ledger, round_.undone]).sort_values("row")
    stated = every[(every["unit"] == unit) & (every["code"] == code)]
    holds = [
        "undone" if undone else "; ".join(stage for stage, held in holding.items() if held == row)
        for row, undone in zip(stated["row"], stated["undone"], strict=True)
    ]
    return stated.assign(maximum=book.maxima[place[1]], rule=rule_words(round_, code), holds=holds)[
        [
            *("row", "stage", "answer", "points", *plans.PARTS, "not_applicable", "earned", "maximum", "rule"),
            *("evidence", "remark", "by", "at", "source", "holds"),
        ]
    ].reset_index(drop=True)
